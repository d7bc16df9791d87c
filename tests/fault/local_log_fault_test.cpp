// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever call of the file system fails, and whenever the power goes, the log says the truth about each append:
// what was acknowledged is there (what was synced, after a loss of power), what was refused is not, and nothing in
// between. Method: one fixed workload of appends, syncs, flushes and seals; the Nth write, sync, … fails, for each N.
#include "store/local_log.hpp"
#include "support/test_log.hpp"
#include "support/test_seed.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <ostream>
#include <random>

namespace carnet::test {

// Boost.Test prints data by argument-dependent lookup.
std::ostream& operator<<(std::ostream& out, const Fault& fault) {
  return out << "op " << static_cast<int>(fault.op) << " effect " << static_cast<int>(fault.effect);
}

namespace {

using store::SealPoint;

Fault fault_of(FaultOp op, FaultEffect effect, std::string path_part = "") {
  return {.op = op, .nth = 1, .effect = effect, .stays = false, .path_part = std::move(path_part)};
}

Fault lasting(Fault fault) {
  fault.stays = true;
  return fault;
}

/// What the log has said so far.
struct Said {
  LogTail acknowledged;
  std::vector<std::uint64_t> possible;  ///< Positions where the log may end after `acknowledged`: of unknown outcomes.
  std::uint64_t not_written = 0;
  bool is_poisoned = false;
};

void append(TestLog& log, Said& said, std::uint32_t commits, LogDurability durability) {
  const LogTail before = must(log->tail());
  BOOST_REQUIRE((before == said.acknowledged));
  const LogAppendOutcome outcome = log.try_append(commits, durability);
  if (const auto* const appended = std::get_if<LogAppended>(&outcome)) {
    BOOST_REQUIRE(!said.is_poisoned);
    said.acknowledged = appended->tail;
  } else if (std::holds_alternative<LogNotWritten>(outcome)) {
    BOOST_REQUIRE(!said.is_poisoned);
    BOOST_TEST((std::get<LogNotWritten>(outcome).cause.code() == ErrorCode::kOutOfSpace));
    said.not_written += 1;
  } else {
    BOOST_REQUIRE(std::holds_alternative<LogUnknown>(outcome));
    if (!said.is_poisoned) {
      said.possible.push_back(FrameMaker::after(before, commits).position);
    }
    said.is_poisoned = true;
  }
}

/// Appends, syncs and seals; goes on after failures as a sequencer would not, to see more of them.
void work(TestLog& log, Said& said) {
  for (std::uint32_t i = 1; i <= 48; ++i) {
    append(log, said, 1 + i % 11, i % 6 == 0 ? LogDurability::kSynced : LogDurability::kBuffered);
    if (i % 10 == 0) {
      said.is_poisoned |= !log->sync() && std::holds_alternative<LogUnknown>(log.try_append());
      said.acknowledged = must(log->tail());
    }
    if (i % 16 == 0) {
      ignore_error(log->seal(said.acknowledged.position * 2 / 3, {}), "it may fail; what it left is checked");
    }
  }
}

/// The log holds what it said it holds.
void check(TestLog& log, const Said& said, std::uint64_t at_least) {
  const LogTail tail = log.check();
  BOOST_TEST(tail.position >= at_least);
  const bool is_known = tail.position <= said.acknowledged.position ||
                        std::find(said.possible.begin(), said.possible.end(), tail.position) != said.possible.end();
  BOOST_TEST(is_known, "the log ends at " << tail.position << ", acknowledged " << said.acknowledged.position);
}

constexpr std::size_t kSmallBuffer = 64UL * 1024;

BOOST_AUTO_TEST_SUITE(nth_call)

const std::vector<Fault> kFaults = {
    fault_of(FaultOp::kWrite, FaultEffect::kFail),  fault_of(FaultOp::kWrite, FaultEffect::kNoSpace),
    fault_of(FaultOp::kWrite, FaultEffect::kTorn),  fault_of(FaultOp::kWrite, FaultEffect::kLanded),
    fault_of(FaultOp::kSync, FaultEffect::kFail),   fault_of(FaultOp::kSync, FaultEffect::kNoSpace),
    fault_of(FaultOp::kSync, FaultEffect::kLanded), fault_of(FaultOp::kAllocate, FaultEffect::kNoSpace),
    fault_of(FaultOp::kCreate, FaultEffect::kFail), fault_of(FaultOp::kCreate, FaultEffect::kNoSpace),
    fault_of(FaultOp::kRename, FaultEffect::kFail), fault_of(FaultOp::kRemove, FaultEffect::kFail),
    fault_of(FaultOp::kRead, FaultEffect::kFail),
};

/// After the fault the process goes on and closes, or is killed.
BOOST_DATA_TEST_CASE(fails_and_the_log_says_the_truth, kFaults, fault) {
  std::uint64_t fired = 0;
  for (std::uint64_t nth = 1; nth < 2000; nth += 1 + nth / 6) {
    TestLog log(kSmallBuffer);
    Said said;
    Fault armed = fault;
    armed.nth = nth;
    log.files->arm(armed);
    work(log, said);
    const bool has_fired = log.files->has_fired();
    if (nth % 2 == 0) {
      ignore_error(log->close(), "a poisoned log says its cause");
    }
    log.drop();
    log.files->disarm();
    log.open();
    check(log, said, said.acknowledged.position);
    log.append(3, LogDurability::kSynced);
    log.seal();
    log.check();
    if (!has_fired) {
      break;
    }
    ++fired;
  }
  BOOST_TEST(fired > 0U);
}

/// The same, and then the power goes: only what was durable must be there.
BOOST_DATA_TEST_CASE(fails_and_then_power_is_lost, kFaults, fault) {
  for (std::uint64_t nth = 1; nth < 2000; nth += 2 + nth / 3) {
    TestLog log(kSmallBuffer);
    Said said;
    Fault armed = fault;
    armed.nth = nth;
    log.files->arm(armed);
    work(log, said);
    const bool has_fired = log.files->has_fired();
    const LogTail durable = log->durable_tail();
    log.lose_power({durable.position, durable.commits});
    check(log, said, durable.position);
    log.append(3, LogDurability::kSynced);
    log.seal();
    log.check();
    if (!has_fired) {
      break;
    }
  }
}

/// Opening meets the fault: it fails, or works; the next one works, and nothing is lost.
BOOST_DATA_TEST_CASE(fails_while_opening, kFaults, fault) {
  TestLog log(kSmallBuffer);
  Said said;
  work(log, said);
  const LogTail tail = said.acknowledged;
  for (std::uint64_t nth = 1; nth < 400; nth += 1 + nth / 8) {
    Fault armed = fault;
    armed.nth = nth;
    log.drop();
    log.files->arm(armed);
    const bool opened = log.try_open({tail.position, tail.commits}).has_value();
    const bool has_fired = log.files->has_fired();
    log.files->disarm();
    log.open({tail.position, tail.commits});
    BOOST_REQUIRE((log.check() == tail));
    if (!has_fired) {
      BOOST_TEST(opened);
      break;
    }
  }
}

/// RocksDB looks at the table again while it takes it in, and does not always ask whether that worked.
BOOST_AUTO_TEST_CASE(a_read_fails_while_a_sealed_table_is_taken_in) {
  for (std::uint64_t nth = 1; nth < 100; ++nth) {
    TestLog log;
    log.fill(600);
    log.seal(300);
    const LogTail tail = log.fill(1200);
    log.env.at_seal_point = [&](SealPoint point) -> Status {
      if (point == SealPoint::kFileChecked) {
        Fault fault = fault_of(FaultOp::kRead, FaultEffect::kFail, ".sst");
        fault.nth = nth;
        log.files->arm(fault);
      }
      return {};
    };
    ignore_error(log->seal(UINT64_MAX, {}), "it may fail; what it left is checked");
    const bool has_fired = log.files->has_fired();
    log.env.at_seal_point = {};
    log.files->disarm();
    BOOST_REQUIRE((log.check() == tail));
    log.drop();
    log.open({tail.position, tail.commits});
    BOOST_REQUIRE((log.check() == tail));
    BOOST_TEST(log.seal() == tail.position);
    BOOST_REQUIRE((log.check() == tail));
    if (!has_fired) {
      break;
    }
  }
}

/// RocksDB deletes the table that its MANIFEST may name by then.
BOOST_AUTO_TEST_CASE(a_sync_fails_while_a_sealed_table_is_taken_in) {
  for (const FaultEffect effect : {FaultEffect::kFail, FaultEffect::kLanded, FaultEffect::kNoSpace}) {
    for (std::uint64_t nth = 1; nth < 20; ++nth) {
      TestLog log;
      const LogTail tail = log.fill(600);
      log.env.at_seal_point = [&](SealPoint point) -> Status {
        if (point == SealPoint::kFileChecked) {
          Fault fault = fault_of(FaultOp::kSync, effect);
          fault.nth = nth;
          log.files->arm(fault);
        }
        return {};
      };
      ignore_error(log->seal(UINT64_MAX, {}), "it may fail; what it left is checked");
      const bool has_fired = log.files->has_fired();
      log.env.at_seal_point = {};
      log.files->disarm();
      log.drop();
      log.open({tail.position, tail.commits});
      BOOST_REQUIRE((log.check() == tail));
      BOOST_TEST(log.seal() == tail.position);
      BOOST_REQUIRE((log.check() == tail));
      if (!has_fired) {
        break;
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(full_disk)

/// A disk that says how much room it has.
class SmallDisk final : public rocksdb::FileSystemWrapper {
 public:
  SmallDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "carnet.small_disk"; }

  rocksdb::IOStatus GetFreeSpace(const std::string& /*path*/, const rocksdb::IOOptions& /*options*/,
                                 std::uint64_t* free_bytes, rocksdb::IODebugContext* /*debug*/) override {
    *free_bytes = free;
    return rocksdb::IOStatus::OK();
  }

  std::uint64_t free = UINT64_MAX / 2;
};

/// The usual case: it is seen before RocksDB meets it, so everything works again once there is room.
BOOST_AUTO_TEST_CASE(a_disk_that_fills_up_is_seen_before_anything_stops) {
  TempFolder folder;
  const auto disk = std::make_shared<SmallDisk>();
  const std::unique_ptr<rocksdb::Env> rocks_env = rocksdb::NewCompositeEnv(disk);
  store::StoreEnv env;
  env.env = rocks_env.get();
  store::LogOptions options;
  options.env = &env;
  auto opened = must(store::LocalLog::create(folder.at("log"), options));
  store::LocalLog& log = *opened.log;
  FrameMaker maker;
  LogTail tail;
  const auto append = [&] { return log.append(1, tail, maker.frame(tail, 500), LogDurability::kBuffered); };
  tail = std::get<LogAppended>(append()).tail;
  disk->free = 2 * options.write_buffer_bytes;  // not enough for a frame more
  std::uint64_t refused = 0;
  for (int i = 0; i < 50; ++i) {
    const LogAppendOutcome outcome = append();
    if (const auto* const appended = std::get_if<LogAppended>(&outcome)) {
      BOOST_TEST(refused == 0U);  // once it is full it stays full
      tail = appended->tail;
    } else {
      BOOST_REQUIRE(std::holds_alternative<LogNotWritten>(outcome));
      BOOST_TEST((std::get<LogNotWritten>(outcome).cause.code() == ErrorCode::kOutOfSpace));
      ++refused;
    }
  }
  BOOST_TEST(refused > 30U);
  BOOST_TEST((log.seal(UINT64_MAX, {}).error().code() == ErrorCode::kOutOfSpace));
  disk->free = UINT64_MAX / 2;
  tail = std::get<LogAppended>(append()).tail;
  BOOST_TEST(must(log.seal(UINT64_MAX, {})) == tail.position);
  BOOST_TEST((maker.check_log(log) == tail));
  must(log.close());
}

BOOST_AUTO_TEST_CASE(a_flush_without_room_makes_appends_wait_for_room) {
  TestLog log(kSmallBuffer);
  log.fill(100);
  log.files->arm(lasting(fault_of(FaultOp::kWrite, FaultEffect::kNoSpace, ".sst")));
  std::uint64_t refused = 0;
  for (int i = 0; i < 3000 && refused < 5; ++i) {
    const LogAppendOutcome outcome = log.try_append(20);
    BOOST_REQUIRE(!std::holds_alternative<LogUnknown>(outcome));
    refused += std::holds_alternative<LogNotWritten>(outcome) ? 1U : 0U;
  }
  BOOST_TEST(refused == 5U);
  const LogTail tail = log.check();
  log.files->disarm();
  log.append(5, LogDurability::kSynced);
  BOOST_TEST(log.check().commits == tail.commits + 5U);
  const auto sealed = log->seal(UINT64_MAX, {});
  BOOST_REQUIRE(!sealed.has_value());
  BOOST_TEST(sealed.error().name() == "SealingUnavailable");
  for (int i = 0; i < 400; ++i) {
    log.append(10);
  }
  const LogTail more = log.check();
  log.drop();
  log.open();
  BOOST_TEST((log.check() == more));
  BOOST_TEST(log.seal() == more.position);
  BOOST_TEST((log.check() == more));
}

/// Nothing can be written any more, not even with the reserve; closing needs no room for what was acknowledged.
BOOST_AUTO_TEST_CASE(a_full_disk_lets_the_log_close_cleanly) {
  for (const bool with_tables : {false, true}) {
    TestLog log(kSmallBuffer);
    if (with_tables) {
      log.fill(2000);
    }
    const LogTail tail = log.append(10);
    BOOST_TEST(std::filesystem::exists(log.folder() + "/RESERVE"));
    log.files->arm(lasting(fault_of(FaultOp::kWrite, FaultEffect::kNoSpace)));
    BOOST_TEST(std::holds_alternative<LogNotWritten>(log.try_append(4)));
    BOOST_TEST(std::holds_alternative<LogNotWritten>(log.try_append(4, LogDurability::kSynced)));
    log.close();
    BOOST_TEST(!std::filesystem::exists(log.folder() + "/RESERVE"));
    log.files->crash();
    BOOST_TEST(log.open({tail.position, tail.commits}).was_clean);
    BOOST_TEST((log.check() == tail));
    BOOST_TEST(std::filesystem::exists(log.folder() + "/RESERVE"));
  }
}

/// RocksDB would go on by itself a few seconds after it sees room.
BOOST_AUTO_TEST_CASE(nothing_resumes_but_by_an_append) {
  TestLog log;
  log.append(3);
  log.files->arm(fault_of(FaultOp::kWrite, FaultEffect::kNoSpace, ".log"));
  BOOST_TEST(std::holds_alternative<LogNotWritten>(log.try_append()));
  const std::set<std::string> wals = log.names(".log");
  BOOST_TEST((log.names(".log") == wals));
  BOOST_TEST(log.figure("backgroundErrors") == 1U);
  const LogTail tail = log.append();
  BOOST_TEST((log.names(".log") != wals));
  BOOST_TEST((log.check() == tail));
}

BOOST_AUTO_TEST_CASE(sealing_without_room_leaves_the_log_as_it_was) {
  TestLog log;
  const LogTail tail = log.fill(2000);
  must(log->sync());
  log.files->arm(lasting(fault_of(FaultOp::kWrite, FaultEffect::kNoSpace, "/sealing/")));
  const auto sealed = log->seal(UINT64_MAX, {});
  BOOST_REQUIRE(!sealed.has_value());
  BOOST_TEST((sealed.error().code() == ErrorCode::kOutOfSpace));
  BOOST_TEST(log.files_in_sealing() == 0U);
  BOOST_TEST((log.check() == tail));
  log.append();
  log.files->disarm();
  log.seal();  // RocksDB itself did not meet the full disk
  log.check();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(power_loss)

BOOST_AUTO_TEST_CASE(what_was_acknowledged_as_synced_is_there) {
  std::mt19937_64 random = seeded_engine();
  TestLog log(kSmallBuffer);
  for (int round = 0; round < 60; ++round) {
    Said said{.acknowledged = must(log->tail()), .possible = {}, .not_written = 0, .is_poisoned = false};
    const int steps = static_cast<int>(random() % 40);
    for (int step = 0; step < steps; ++step) {
      append(log, said, 1 + static_cast<std::uint32_t>(random() % 30),
             random() % 5 == 0 ? LogDurability::kSynced : LogDurability::kBuffered);
      if (random() % 12 == 0) {
        log.seal(random() % said.acknowledged.position);
      }
    }
    const LogTail durable = log->durable_tail();
    log.lose_power({durable.position, durable.commits});
    check(log, said, durable.position);
  }
}

BOOST_DATA_TEST_CASE(at_each_step_of_sealing, boost::unit_test::data::xrange(5), number) {
  const auto point = static_cast<SealPoint>(number);
  TestLog log(kSmallBuffer);
  log.fill(1000);
  log.seal(400);
  const LogTail tail = log.fill(2500);
  log.env.at_seal_point = [&](SealPoint at) -> Status {
    if (at == point) {
      log.files->power_off();
    }
    return {};
  };
  ignore_error(log->seal(UINT64_MAX, {}), "it may fail without power");
  log.env.at_seal_point = {};
  log.lose_power({tail.position, tail.commits});  // sealing has synced everything before it began
  BOOST_TEST((log.check() == tail));
  BOOST_TEST(log.files_in_sealing() == 0U);
  BOOST_TEST(log.seal() == tail.position);
  BOOST_TEST((log.check() == tail));
}

/// The old head and all that was sealed is durable, so a frame that is not cannot lie before it.
BOOST_AUTO_TEST_CASE(what_is_sealed_never_outlives_what_was_before_it) {
  TestLog log(16UL * 1024 * 1024);
  for (int i = 0; i < 50; ++i) {
    log.append(5);
  }
  const std::uint64_t sealed = log.seal(must(log->tail()).position / 2);
  BOOST_TEST(sealed > 0U);
  BOOST_TEST((log->durable_tail() == must(log->tail())));
  log.append(7);
  log.lose_power();
  BOOST_TEST(log.check().position >= sealed);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::test
