// SPDX-License-Identifier: Apache-2.0
//
// Goal: after a power loss at any moment the log opens with everything that was synced, as a whole prefix. Method: a
// log on a file system that forgets what was not synced; it dies at random calls, is opened by the plan, and goes on,
// many times.
#undef BOOST_TEST_MODULE  // main() is in wal_fault_test.cpp
#include "store/wal_scan.hpp"
#include "support/faulty_env.hpp"
#include "support/log_fixture.hpp"
#include "support/temp_folder.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>
#include <random>
#include <string>

namespace carnet::store {
namespace {

using test::FaultEffect;
using test::FaultOp;
using test::FaultyFs;
using test::LogDb;
using test::TempFolder;

/// One log that loses power again and again.
class Life {
 public:
  explicit Life(bool syncs_each) : syncs_each_(syncs_each) {
    BOOST_REQUIRE(LogDb::open(log_, {.create = true, .write_buffer_bytes = kWriteBuffer, .env = env_.get()}, db_).ok());
  }

  /// Appends, flushes and seals until the disk dies or the round is over.
  void live() {
    files_->arm({.op = engine_() % 2 == 0 ? FaultOp::kWrite : FaultOp::kSync,
                 .nth = 1 + engine_() % 120,
                 .effect = engine_() % 2 == 0 ? FaultEffect::kFail : FaultEffect::kTorn,
                 .stays = true,
                 .path_part = {}});
    for (int i = 0; i < 80 && !files_->has_fired(); ++i) {
      const std::size_t bytes = 100 + engine_() % (engine_() % 8 == 0 ? 70'000 : 900);
      if (!db_->append(1 + static_cast<std::uint32_t>(engine_() % 4), bytes, syncs_each_).ok()) {
        break;
      }
      if (syncs_each_ || (engine_() % 10 == 0 && db_->db().SyncWAL().ok())) {
        floor_ = db_->head();
      }
      if (engine_() % 40 == 0) {
        const rocksdb::Status flushed = db_->db().Flush(rocksdb::FlushOptions(), db_->tail());
        flushed.PermitUncheckedError();
      }
    }
  }

  void lose_power() {
    files_->power_off();
    db_.reset();
    files_->crash(engine_() % 2 == 0 ? &engine_ : nullptr);
  }

  void open_again() {
    const LogFiles log{files_, log_};
    auto plan = plan_open(log, floor_, test::fake_span);
    if (!plan && !syncs_each_ && test::wal_paths(log_).size() > 1) {
      // Two files that were not synced may come back in the wrong order: a part of the later one without all of the
      // earlier. That cannot be told from damage; what was synced is in the prefix that an accepted loss keeps.
      BOOST_TEST(plan.error().name() == "LogDamaged");
      plan = plan_accepted_loss(log, test::fake_span);
    }
    BOOST_REQUIRE_MESSAGE(plan.has_value(), test::line_of(plan));
    BOOST_REQUIRE(apply_plan(log, *plan, log_ + ".dropped").has_value());
    const rocksdb::Status status = LogDb::open(log_, {.write_buffer_bytes = kWriteBuffer, .env = env_.get()}, db_);
    BOOST_REQUIRE_MESSAGE(status.ok(), status.ToString());
    BOOST_TEST(db_->whole_head().value_or(UINT64_MAX) == plan->head);
    BOOST_TEST(plan->head >= floor_);
    torn_ += plan->is_normal() ? 0 : 1;
    floor_ = plan->head;
  }

  [[nodiscard]] int torn() const noexcept { return torn_; }

  [[nodiscard]] std::uint64_t head() const noexcept { return floor_; }

 private:
  static constexpr std::size_t kWriteBuffer = 256UL * 1024;

  TempFolder folder_;
  const std::string log_ = folder_.at("log");
  std::shared_ptr<FaultyFs> files_ = std::make_shared<FaultyFs>();
  std::unique_ptr<rocksdb::Env> env_ = test::make_faulty_env(files_);
  std::unique_ptr<LogDb> db_;
  std::mt19937_64 engine_ = test::seeded_engine();
  const bool syncs_each_;
  std::uint64_t floor_ = 0;
  int torn_ = 0;
};

BOOST_AUTO_TEST_SUITE(wal_power_loss)

BOOST_AUTO_TEST_CASE(what_was_synced_is_there_and_whole) {
  for (const bool syncs_each : {true, false}) {
    Life life(syncs_each);
    for (int round = 0; round < 40; ++round) {
      BOOST_TEST_CONTEXT("syncs_each=" << syncs_each << " round=" << round) {
        life.live();
        life.lose_power();
        life.open_again();
      }
    }
    BOOST_TEST(life.head() > 300U);
    BOOST_TEST(life.torn() > 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::store
