// SPDX-License-Identifier: Apache-2.0
//
// Goal: one flipped byte or one cut in the write-ahead log or the MANIFEST is never met with silence: a log that was
// closed cleanly (floor at its head) opens with everything or refuses; a killed one never opens below its floor and
// reports what it drops above. Method: flips and cuts at every byte of each record header in the last block and at
// every 1,000th offset, compared with an oracle that knows where the records stand; every now and then the plan is
// carried out and RocksDB asked.
#undef BOOST_TEST_MODULE  // main() is in wal_scan_test.cpp
#include "base/bytes.hpp"
#include "store/wal_scan.hpp"
#include "support/log_fixture.hpp"
#include "support/temp_folder.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace carnet::store {
namespace {

namespace fs = std::filesystem;

using test::log_files;
using test::LogDb;
using test::TempFolder;

constexpr std::size_t kOpenEvery = 41;  ///< RocksDB's own open costs ten plans.

/// A complete record of the undamaged file.
struct LogicalRecord {
  std::size_t end = 0;
  std::uint64_t head = 0;  ///< Last position after it.
};

/// A killed log of frames of 100 bytes to 40 KB, many of which run over several blocks.
class Subject {
 public:
  Subject() {
    std::unique_ptr<LogDb> db;
    BOOST_REQUIRE(LogDb::open(folder_.at("live"), {.create = true}, db).ok());
    std::mt19937_64 engine = test::seeded_engine();
    std::vector<std::uint64_t> heads;
    for (int i = 0; i < 110; ++i) {
      // Small ones last, so that the last block holds many headers.
      const bool is_large = i < 90 && engine() % 10 == 0;
      const std::size_t frame_bytes = 100 + engine() % (is_large ? 40'000 : 900);
      BOOST_REQUIRE(db->append(1 + static_cast<std::uint32_t>(engine() % 5), frame_bytes, false).ok());
      heads.push_back(db->head());
    }
    head = db->head();
    test::copy_folder(folder_.at("live"), folder_.at("killed"));
    wal_name = fs::path(test::wal_paths(folder_.at("killed")).at(0)).filename().string();
    bytes = test::read_bytes(folder_.at("killed") + "/" + wal_name);
    physical = test::physical_records(bytes);
    for (const auto& record : physical) {
      if (record.type == 1 || record.type == 4) {
        logical.push_back({record.end, heads.at(logical.size())});
      }
    }
    BOOST_REQUIRE(logical.size() == heads.size());
    reset();
  }

  /// The killed log again, as it was.
  void reset() { test::copy_folder(folder_.at("killed"), log()); }

  [[nodiscard]] std::string log() const { return folder_.at("log"); }

  [[nodiscard]] std::string wal() const { return log() + "/" + wal_name; }

  std::uint64_t head = 0;
  std::string wal_name;
  std::string bytes;
  std::vector<test::PhysicalRecord> physical;
  std::vector<LogicalRecord> logical;

 private:
  TempFolder folder_;
};

/// What must come of it: a refusal, or the head that is kept and the bytes that are dropped.
struct Expected {
  bool refuses = false;
  std::uint64_t head = 0;
  std::uint64_t dropped = 0;
};

/// Keeps the records that end at or before `good_until` of a file of `file_bytes` bytes.
Expected keep_until(const Subject& subject, std::size_t good_until, std::size_t file_bytes, std::uint64_t floor) {
  const auto next = std::upper_bound(subject.logical.begin(), subject.logical.end(), good_until,
                                     [](std::size_t at, const LogicalRecord& record) { return at < record.end; });
  const LogicalRecord last = next == subject.logical.begin() ? LogicalRecord{} : *std::prev(next);
  // Padding of a whole block is no loss.
  const bool is_padding = file_bytes % kWalBlockBytes == 0 && file_bytes - last.end < kWalHeaderBytes;
  return {last.head < floor, last.head, is_padding ? 0 : file_bytes - last.end};
}

Expected expect_cut(const Subject& subject, std::size_t at, std::uint64_t floor) {
  return keep_until(subject, at, at, floor);
}

Expected expect_flip(const Subject& subject, std::size_t at, std::uint64_t floor) {
  const auto hit = std::find_if(subject.physical.begin(), subject.physical.end(),
                                [&](const auto& record) { return record.offset <= at && at < record.end; });
  if (hit == subject.physical.end()) {
    return {false, subject.head, 0};  // padding
  }
  Expected expected = keep_until(subject, hit->offset, subject.bytes.size(), floor);
  expected.refuses = expected.refuses || std::next(hit) != subject.physical.end();
  return expected;
}

void check(const Subject& subject, std::uint64_t floor, const Expected& expected, bool opens) {
  const auto plan = plan_open(log_files(subject.log()), floor, test::fake_span);
  BOOST_REQUIRE_MESSAGE(plan.has_value() != expected.refuses, test::line_of(plan));
  if (!plan) {
    BOOST_TEST((plan.error().code() == ErrorCode::kCorruption));
    return;
  }
  BOOST_TEST(plan->head == expected.head);
  BOOST_TEST(plan->head >= floor);
  BOOST_TEST(plan->dropped_bytes() == expected.dropped);
  if (!opens) {
    return;
  }
  BOOST_REQUIRE(apply_plan(log_files(subject.log()), *plan, subject.log() + ".dropped").has_value());
  std::unique_ptr<LogDb> db;
  const rocksdb::Status status = LogDb::open(subject.log(), {}, db);
  BOOST_REQUIRE_MESSAGE(status.ok(), status.ToString());
  BOOST_TEST(db->whole_head().value_or(UINT64_MAX) == expected.head);
}

/// Damages the log in all places, one at a time, and gives each a floor: none, one in the middle, the head.
class Campaign {
 public:
  void flip(std::size_t at, unsigned mask) {
    std::string damaged = subject_.bytes;
    damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ mask);
    BOOST_TEST_CONTEXT("flip at=" << at << " mask=" << mask) {
      run(damaged, [&](std::uint64_t floor) { return expect_flip(subject_, at, floor); });
    }
  }

  void cut(std::size_t at) {
    BOOST_TEST_CONTEXT("cut at=" << at) {
      run(subject_.bytes.substr(0, at), [&](std::uint64_t floor) { return expect_cut(subject_, at, floor); });
    }
  }

  [[nodiscard]] const Subject& subject() const noexcept { return subject_; }

 private:
  template <class Expect>
  void run(const std::string& damaged, Expect expect) {
    const bool opens = ++trials_ % kOpenEvery == 0;
    test::write_bytes(subject_.wal(), damaged);
    const std::uint64_t floors[] = {0, subject_.head / 2, subject_.head};
    const std::uint64_t floor = floors[trials_ % 3];
    check(subject_, floor, expect(floor), opens);
    if (opens) {
      subject_.reset();
    }
  }

  Subject subject_;
  std::size_t trials_ = 0;
};

BOOST_AUTO_TEST_SUITE(wal_damage)

BOOST_FIXTURE_TEST_CASE(each_byte_of_a_header_in_the_last_block, Campaign) {
  const std::size_t last_block = subject().bytes.size() / kWalBlockBytes * kWalBlockBytes;
  BOOST_REQUIRE(subject().bytes.size() - last_block > 5'000);
  for (const auto& record : subject().physical) {
    for (std::size_t at = record.offset; record.offset >= last_block && at < record.offset + kWalHeaderBytes; ++at) {
      flip(at, 0x04);  // type 1 becomes 5, which RocksDB takes for the end of the log
      flip(at, 0x80);
      cut(at);
    }
  }
}

BOOST_FIXTURE_TEST_CASE(every_thousandth_offset, Campaign) {
  for (std::size_t at = 0; at < subject().bytes.size(); at += 1000) {
    flip(at, 0x01);
    cut(at);
  }
}

BOOST_AUTO_TEST_CASE(a_closed_log_opens_with_everything_or_refuses_whatever_happens_to_its_manifest) {
  const TempFolder folder;
  std::uint64_t head = 0;
  {
    std::unique_ptr<LogDb> db;
    BOOST_REQUIRE(LogDb::open(folder.at("live"), {.create = true}, db).ok());
    for (int i = 0; i < 90; ++i) {
      BOOST_REQUIRE(db->append(2, 300, true).ok());
      if (i == 30 || i == 60) {
        BOOST_REQUIRE(db->db().Flush(rocksdb::FlushOptions(), db->tail()).ok());
      }
    }
    db->seal(40, folder.at("run.sst"));
    head = db->head();
  }
  const std::string log = folder.at("log");
  test::copy_folder(folder.at("live"), log);
  const std::string manifest = test::manifest_path(log);
  const std::string whole = test::read_bytes(manifest);
  std::size_t trials = 0;
  std::size_t opened = 0;
  const auto run = [&](const std::string& damaged, std::uint64_t floor) {
    test::write_bytes(manifest, damaged);
    const auto plan = plan_open(log_files(log), floor, test::fake_span);
    if (!plan) {
      BOOST_TEST((plan.error().code() == ErrorCode::kCorruption));
      return;
    }
    BOOST_TEST(plan->is_normal());
    BOOST_TEST(plan->head == head);
    if (++opened % 5 == 0) {
      std::unique_ptr<LogDb> db;
      const rocksdb::Status status = LogDb::open(log, {}, db);
      BOOST_TEST((!status.ok() || db->whole_head().value_or(0) == head));
      db.reset();
      test::copy_folder(folder.at("live"), log);
    }
  };
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const unsigned mask : {0x04U, 0x80U}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ mask);
      BOOST_TEST_CONTEXT("flip at=" << at << " mask=" << mask) {
        run(damaged, head);
      }
    }
    // A lower floor, as after a kill: still nothing may be missing.
    BOOST_TEST_CONTEXT("cut at=" << at) {
      run(whole.substr(0, at), trials++ % 2 == 0 ? head : 0);
    }
  }
  BOOST_TEST(opened < whole.size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::store
