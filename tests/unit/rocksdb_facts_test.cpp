// SPDX-License-Identifier: Apache-2.0
//
// Goal: the facts about RocksDB on which docs/adr/0005-write-ahead-log-recovery.md stands. A test that fails after an
// upgrade of RocksDB means that the decision must be looked at again, not that something broke. Method: RocksDB alone,
// opened in its strictest mode over damage that it accepts.
#undef BOOST_TEST_MODULE  // main() is in wal_scan_test.cpp
#include "store/wal_scan.hpp"
#include "support/log_fixture.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace carnet::store {
namespace {

namespace fs = std::filesystem;

using test::LogDb;
using test::TempFolder;

/// A killed log of 200 frames, one position each, 32 records to a block.
class Facts {
 public:
  Facts() {
    std::unique_ptr<LogDb> db;
    BOOST_REQUIRE(LogDb::open(folder_.at("live"), {.create = true}, db).ok());
    // Header 7, batch header 12, tag, family and lengths 1 + 1 + 1 + 2, key 8.
    for (int i = 0; i < 200; ++i) {
      BOOST_REQUIRE(db->append(1, 1024 - 7 - 12 - 5 - 8, false).ok());
    }
    test::copy_folder(folder_.at("live"), log);
    bytes = test::read_bytes(test::wal_paths(log).at(0));
    records = test::physical_records(bytes);
    BOOST_REQUIRE(bytes.size() == 200U * 1024);
  }

  /// Entries that RocksDB finds without an error after the damage; nothing: it refuses.
  [[nodiscard]] std::optional<int> open(
      const std::function<void(std::string&)>& damage,
      rocksdb::WALRecoveryMode mode = rocksdb::WALRecoveryMode::kAbsoluteConsistency) {
    test::copy_folder(folder_.at("live"), log);
    std::string damaged = bytes;
    damage(damaged);
    test::write_bytes(test::wal_paths(log).at(0), damaged);
    plan_refuses = !plan_open(test::log_files(log), 200, test::fake_span).has_value();
    std::unique_ptr<LogDb> db;
    if (!LogDb::open(log, {.mode = mode}, db).ok()) {
      return std::nullopt;
    }
    int entries = 0;
    const std::unique_ptr<rocksdb::Iterator> all(db->db().NewIterator(rocksdb::ReadOptions(), db->tail()));
    for (all->SeekToFirst(); all->Valid(); all->Next()) {
      ++entries;
    }
    return entries;
  }

  std::string bytes;
  std::vector<test::PhysicalRecord> records;
  bool plan_refuses = false;

 private:
  TempFolder folder_;

 public:
  const std::string log = folder_.at("log");
};

BOOST_FIXTURE_TEST_SUITE(rocksdb_facts, Facts)

BOOST_AUTO_TEST_CASE(one_flipped_bit_of_a_type_hides_the_rest_of_the_log) {
  // Type 1 becomes 5, a recyclable type with a foreign log number: "a record of an earlier use of this file", so the
  // end.
  const auto found = open([&](std::string& wal) { wal[records[100].offset + 6] = 5; });
  BOOST_TEST((found == 100));
  BOOST_TEST(plan_refuses);
}

BOOST_AUTO_TEST_CASE(seven_zero_bytes_hide_the_rest_of_a_block) {
  const auto found = open([](std::string& wal) { wal.replace(kWalBlockBytes, 7, 7, '\0'); });
  BOOST_TEST((found == 168));  // a hole of 32 frames in the middle
  BOOST_TEST(plan_refuses);
}

BOOST_AUTO_TEST_CASE(zeros_over_the_last_records_are_accepted) {
  const auto found = open([&](std::string& wal) {
    const std::size_t from = records[150].offset;
    wal.replace(from, wal.size() - from, wal.size() - from, '\0');
  });
  BOOST_TEST((found == 150));
  BOOST_TEST(plan_refuses);
}

BOOST_AUTO_TEST_CASE(a_block_that_is_missing_is_not_noticed) {
  const auto found = open([](std::string& wal) { wal.erase(2 * kWalBlockBytes, kWalBlockBytes); });
  BOOST_TEST((found == 168));
  BOOST_TEST(plan_refuses);
}

BOOST_AUTO_TEST_CASE(a_torn_record_is_refused_by_absolute_consistency_only) {
  const auto tear = [](std::string& wal) { wal.resize(wal.size() - 1); };
  BOOST_TEST(!open(tear).has_value());
  BOOST_TEST((open(tear, rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords) == 199));
  BOOST_TEST((open(tear, rocksdb::WALRecoveryMode::kPointInTimeRecovery) == 199));
}

BOOST_AUTO_TEST_CASE(a_cut_wal_is_accepted_whatever_was_synced) {
  BOOST_TEST((open([](std::string& wal) { wal.clear(); }) == 0));
  BOOST_TEST((open([&](std::string& wal) { wal.resize(records[20].offset); }) == 20));
  BOOST_TEST(plan_refuses);
}

BOOST_AUTO_TEST_CASE(a_manifest_that_lost_its_end_is_accepted_and_its_tables_are_deleted) {
  TempFolder folder;
  std::string before;
  {
    std::unique_ptr<LogDb> db;
    BOOST_REQUIRE(LogDb::open(folder.at("live"), {.create = true}, db).ok());
    BOOST_REQUIRE(db->append(1, 100, true).ok());
    before = test::read_bytes(test::manifest_path(folder.at("live")));
    BOOST_REQUIRE(db->db().Flush(rocksdb::FlushOptions(), db->tail()).ok());
  }
  fs::resize_file(test::manifest_path(folder.at("live")), before.size());
  std::unique_ptr<LogDb> db;
  BOOST_TEST(LogDb::open(folder.at("live"), {}, db).ok());
  BOOST_TEST((db->whole_head() == 0U));
  for (const auto& entry : fs::directory_iterator(folder.at("live"))) {
    BOOST_TEST((entry.path().extension() != ".sst"));
  }
}

BOOST_AUTO_TEST_CASE(closing_does_not_flush_what_the_write_ahead_log_holds) {
  TempFolder folder;
  for (const int reopenings : {0, 1}) {
    std::unique_ptr<LogDb> db;
    BOOST_REQUIRE(LogDb::open(folder.at("live"), {.create = true}, db).ok());
    BOOST_TEST(db->head() == static_cast<std::uint64_t>(reopenings));
    BOOST_REQUIRE(db->append(1, 100, true).ok());
    db.reset();
    BOOST_TEST(fs::file_size(test::wal_paths(folder.at("live")).back()) > 100U);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::store
