// SPDX-License-Identifier: Apache-2.0
//
// Goal: the plan of an open says what the log will hold, and refuses what is not whole. Method: logs made with RocksDB,
// killed or closed, with pieces taken away; where a plan is made, it is carried out and RocksDB has to agree.
#include "store/wal_scan.hpp"

#include "base/bytes.hpp"
#include "support/log_fixture.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/write_batch.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace carnet::store {
namespace {

namespace fs = std::filesystem;

using test::log_files;
using test::LogDb;
using test::TempFolder;

/// A folder with a log that is open, and copies of it as a kill would leave them.
class Scene {
 public:
  explicit Scene(std::size_t write_buffer_bytes = 16UL * 1024 * 1024) {
    BOOST_REQUIRE(LogDb::open(live(), {.create = true, .write_buffer_bytes = write_buffer_bytes}, db_).ok());
  }

  [[nodiscard]] LogDb& db() { return *db_; }

  void close() { db_.reset(); }

  void append(int frames, std::size_t bytes = 500, std::uint32_t events = 2) {
    for (int i = 0; i < frames; ++i) {
      BOOST_REQUIRE(db_->append(events, bytes, false).ok());
    }
  }

  void flush() { BOOST_REQUIRE(db_->db().Flush(rocksdb::FlushOptions(), db_->tail()).ok()); }

  [[nodiscard]] std::string live() const { return folder_.at("live"); }

  /// A fresh copy of the folder as it is now.
  [[nodiscard]] std::string killed() const {
    test::copy_folder(live(), folder_.at("log"));
    return folder_.at("log");
  }

  [[nodiscard]] std::string at(std::string_view name) const { return folder_.at(name); }

 private:
  TempFolder folder_;
  std::unique_ptr<LogDb> db_;
};

Result<OpenPlan> plan(const std::string& log, std::uint64_t floor) {
  return plan_open(log_files(log), floor, test::fake_span);
}

/// Carries the plan out and opens: what is there has to be what the plan says.
void check_opens(const std::string& log, const OpenPlan& plan) {
  BOOST_REQUIRE(apply_plan(log_files(log), plan, log + ".dropped").has_value());
  std::unique_ptr<LogDb> db;
  const rocksdb::Status status = LogDb::open(log, {}, db);
  BOOST_REQUIRE_MESSAGE(status.ok(), status.ToString());
  BOOST_TEST(db->whole_head().value_or(UINT64_MAX) == plan.head);
}

void check_normal(const std::string& log, std::uint64_t floor, std::uint64_t head) {
  const auto made = plan(log, floor);
  BOOST_REQUIRE_MESSAGE(made.has_value(), test::line_of(made));
  BOOST_TEST(made->is_normal());
  BOOST_TEST(made->head == head);
  check_opens(log, *made);
}

void check_refused(const std::string& log, std::uint64_t floor, std::string_view name, std::string_view reason = {}) {
  const auto made = plan(log, floor);
  BOOST_REQUIRE(!made.has_value());
  BOOST_TEST((made.error().code() == ErrorCode::kCorruption));
  BOOST_TEST(made.error().name() == name);
  BOOST_TEST(made.error().fact("reason") == reason);
}

/// Cuts the file where its record number `index` begins; negative: counted from the end.
void cut_at_record(const std::string& path, int index) {
  const auto records = test::physical_records(test::read_bytes(path));
  const std::size_t at =
      index >= 0 ? static_cast<std::size_t>(index) : records.size() - static_cast<std::size_t>(-index);
  fs::resize_file(path, records.at(at).offset);
}

BOOST_AUTO_TEST_SUITE(wal_scan)

BOOST_AUTO_TEST_CASE(a_new_log_opens_empty) {
  Scene scene;
  check_normal(scene.killed(), 0, 0);
}

BOOST_AUTO_TEST_CASE(a_killed_log_opens_with_everything) {
  Scene scene;
  scene.append(50);
  check_normal(scene.killed(), 100, 100);
  scene.flush();
  check_normal(scene.killed(), 100, 100);
  scene.append(10, 90'000);
  check_normal(scene.killed(), 100, 120);
}

BOOST_AUTO_TEST_CASE(a_closed_log_opens_with_everything) {
  Scene scene;
  scene.append(50);
  scene.close();
  check_normal(scene.killed(), 100, 100);
}

BOOST_AUTO_TEST_CASE(planning_changes_nothing_in_the_folder) {
  Scene scene;
  scene.append(20);
  scene.flush();
  scene.append(20);
  const std::string log = scene.killed();
  const auto listing = [&] {
    std::string text;
    for (const auto& entry : fs::directory_iterator(log)) {
      text += entry.path().filename().string() + test::read_bytes(entry.path().string());
    }
    return text;
  };
  const std::string before = listing();
  BOOST_TEST(plan(log, 0).has_value());
  BOOST_TEST((listing() == before));
}

BOOST_AUTO_TEST_CASE(a_head_below_the_floor_is_truncated) {
  Scene scene;
  scene.append(50);
  const std::string log = scene.killed();
  check_refused(log, 101, "LogTruncated");
  BOOST_TEST(plan(log, 101).error().fact("floor") == "101");
  BOOST_TEST(plan(log, 101).error().fact("head") == "100");
  cut_at_record(test::wal_paths(log).back(), -1);
  check_refused(log, 99, "LogTruncated");
  check_normal(log, 98, 98);  // A cut exactly between records cannot be told from a crash.
}

BOOST_AUTO_TEST_CASE(a_log_without_its_only_wal_ends_with_its_tables) {
  Scene scene;
  scene.append(10);
  scene.flush();
  scene.append(10);
  for (const bool remove : {true, false}) {
    const std::string log = scene.killed();
    const std::string wal = test::wal_paths(log).back();
    remove ? static_cast<void>(fs::remove(wal)) : fs::resize_file(wal, 0);
    check_refused(log, 21, "LogTruncated");
    check_normal(log, 20, 20);
  }
}

BOOST_AUTO_TEST_CASE(a_torn_tail_above_the_floor_is_cut_and_kept_aside) {
  Scene scene;
  scene.append(50);
  scene.append(1, 100'000);  // positions 101 and 102, over four blocks
  const std::string whole = test::read_bytes(test::wal_paths(scene.killed()).back());
  for (const std::size_t missing : {1U, 50'000U, 90'000U}) {
    const std::string log = scene.killed();
    const std::string wal = test::wal_paths(log).back();
    fs::resize_file(wal, whole.size() - missing);
    const auto made = plan(log, 100);
    BOOST_REQUIRE_MESSAGE(made.has_value(), test::line_of(made));
    BOOST_TEST(made->head == 100U);
    BOOST_REQUIRE(made->cuts.size() == 1U);
    BOOST_TEST(made->dropped_bytes() == whole.size() - missing - made->cuts[0].keep_bytes);
    check_opens(log, *made);
    const std::string aside = log + ".dropped/" + made->cuts[0].name + "." + std::to_string(made->cuts[0].keep_bytes);
    BOOST_TEST((test::read_bytes(aside) ==
                whole.substr(made->cuts[0].keep_bytes, whole.size() - missing - made->cuts[0].keep_bytes)));
    fs::remove_all(log + ".dropped");
  }
}

BOOST_AUTO_TEST_CASE(a_torn_tail_below_the_floor_is_damage) {
  Scene scene;
  scene.append(50);
  const std::string log = scene.killed();
  const std::string wal = test::wal_paths(log).back();
  const auto last = test::physical_records(test::read_bytes(wal)).back();
  fs::resize_file(wal, last.end - 1);
  check_refused(log, 99, "LogDamaged", "record reaches beyond its block or the file");
  const Error error = plan(log, 99).error();
  BOOST_TEST(error.fact("firstBad") == std::to_string(last.offset));
  BOOST_TEST(error.fact("lastGood") == std::to_string(last.offset));
  BOOST_TEST(error.fact("file") == fs::path(wal).filename().string());
  BOOST_TEST(error.fact("head") == "98");
}

BOOST_AUTO_TEST_CASE(zeros_behind_the_last_record_are_dropped_and_reported) {
  Scene scene;
  scene.append(50);
  const std::string log = scene.killed();
  const std::string wal = test::wal_paths(log).back();
  fs::resize_file(wal, fs::file_size(wal) + 5000);
  const auto made = plan(log, 100);
  BOOST_REQUIRE(made.has_value());
  BOOST_TEST(made->dropped_bytes() == 5000U);
  BOOST_TEST(made->head == 100U);
  check_opens(log, *made);
}

BOOST_AUTO_TEST_CASE(a_plan_carried_out_leaves_a_normal_log) {
  Scene scene;
  scene.append(50);
  const std::string log = scene.killed();
  const std::string wal = test::wal_paths(log).back();
  fs::resize_file(wal, fs::file_size(wal) - 3);
  const auto made = plan(log, 10);
  BOOST_REQUIRE(made.has_value());
  BOOST_REQUIRE(apply_plan(log_files(log), *made, log + ".dropped").has_value());
  check_normal(log, 98, 98);
  std::unique_ptr<LogDb> db;
  BOOST_REQUIRE(LogDb::open(log, {}, db).ok());
  BOOST_TEST(db->append(3, 700, true).ok());  // and goes on
  db.reset();
  check_normal(log, 101, 101);
}

/// Three write-ahead logs that are all live: flushes wait.
struct ManyWals {
  ManyWals() : scene(64UL * 1024) {
    BOOST_REQUIRE(scene.db().db().PauseBackgroundWork().ok());
    scene.append(200, 700, 1);
    log = scene.killed();
    BOOST_REQUIRE(scene.db().db().ContinueBackgroundWork().ok());
    wals = test::wal_paths(log);
    BOOST_REQUIRE(wals.size() == 3U);
  }

  Scene scene;
  std::string log;
  std::vector<std::string> wals;
};

BOOST_FIXTURE_TEST_CASE(several_live_wals_are_one_stream, ManyWals) {
  check_normal(log, 200, 200);
}

BOOST_FIXTURE_TEST_CASE(a_wal_that_is_short_before_a_later_one_is_damage, ManyWals) {
  cut_at_record(wals[0], -5);
  check_refused(log, 0, "LogDamaged", "positions are missing before this record");
}

BOOST_FIXTURE_TEST_CASE(a_torn_wal_before_a_later_one_is_damage, ManyWals) {
  fs::resize_file(wals[1], fs::file_size(wals[1]) - 1);
  check_refused(log, 0, "LogDamaged", "record reaches beyond its block or the file");
}

BOOST_FIXTURE_TEST_CASE(bytes_behind_a_wal_that_is_not_the_last_are_damage, ManyWals) {
  fs::resize_file(wals[0], fs::file_size(wals[0]) + 100);  // nothing is missing, but nobody wrote that
  check_refused(log, 0, "LogDamaged", "zeros where a record should begin");
}

BOOST_FIXTURE_TEST_CASE(a_wal_missing_from_the_middle_is_damage, ManyWals) {
  fs::remove(wals[1]);
  check_refused(log, 0, "LogDamaged", "positions are missing before this record");
}

BOOST_FIXTURE_TEST_CASE(a_first_wal_missing_is_damage, ManyWals) {
  fs::remove(wals[0]);
  check_refused(log, 0, "LogDamaged", "positions are missing before this record");
}

BOOST_FIXTURE_TEST_CASE(a_torn_wal_before_empty_ones_is_a_torn_tail, ManyWals) {
  // As a power loss leaves files that were never synced; the third holds bytes that never became a record.
  cut_at_record(wals[0], 50);
  fs::resize_file(wals[0], fs::file_size(wals[0]) + 3);
  fs::resize_file(wals[1], 0);
  test::write_bytes(wals[2], "garbage");
  const auto made = plan(log, 40);
  BOOST_REQUIRE_MESSAGE(made.has_value(), test::line_of(made));
  BOOST_TEST(made->cuts.size() == 2U);
  BOOST_TEST(made->dropped_bytes() == 3U + 7U);
  check_opens(log, *made);
}

BOOST_FIXTURE_TEST_CASE(accepted_loss_keeps_the_whole_prefix, ManyWals) {
  std::string bytes = test::read_bytes(wals[1]);
  const auto records = test::physical_records(bytes);
  bytes[records[7].offset + 20] = static_cast<char>(bytes[records[7].offset + 20] ^ 1);
  test::write_bytes(wals[1], bytes);
  check_refused(log, 0, "LogDamaged", "record checksum differs");
  const auto made = plan_accepted_loss(log_files(log), test::fake_span);
  BOOST_REQUIRE(made.has_value());
  BOOST_TEST(made->cuts.size() == 2U);
  BOOST_TEST(made->cuts[0].keep_bytes == records[7].offset);
  BOOST_TEST(made->cuts[1].keep_bytes == 0U);
  check_opens(log, *made);
  check_normal(log, 0, made->head);
}

BOOST_AUTO_TEST_CASE(a_manifest_that_lost_a_flush_is_damage) {
  Scene scene;
  scene.append(10);
  const std::string before = test::read_bytes(test::manifest_path(scene.live()));
  scene.flush();
  for (const int frames_after : {10, 0}) {
    scene.append(frames_after);
    const std::string log = scene.killed();
    fs::resize_file(test::manifest_path(log), before.size());
    // With frames after the flush a gap shows; without, only the table that nobody names.
    check_refused(log, 0, "LogDamaged",
                  frames_after != 0 ? "positions are missing before this record"
                                    : "a table holds later positions and is not in the MANIFEST");
    scene.flush();
  }
}

BOOST_AUTO_TEST_CASE(a_manifest_with_an_edit_behind_its_first_bad_byte_is_damage) {
  Scene scene;
  scene.append(10);
  const std::string log = scene.killed();
  std::string manifest = test::read_bytes(test::manifest_path(log));
  const auto records = test::physical_records(manifest);
  BOOST_REQUIRE(records.size() > 3U);
  manifest[records[records.size() - 2].offset + 6] = 5;  // RocksDB would stop here, in silence
  test::write_bytes(test::manifest_path(log), manifest);
  check_refused(log, 0, "LogDamaged", "unexpected record type");
}

BOOST_AUTO_TEST_CASE(accepted_loss_saves_the_tables_that_opening_deletes) {
  Scene scene;
  scene.append(10);
  const std::string before = test::read_bytes(test::manifest_path(scene.live()));
  scene.flush();
  const std::string log = scene.killed();
  fs::resize_file(test::manifest_path(log), before.size());
  const auto made = plan_accepted_loss(log_files(log), test::fake_span);
  BOOST_REQUIRE(made.has_value());
  BOOST_REQUIRE(made->set_aside.size() == 1U);
  const std::string table = test::read_bytes(log + "/" + made->set_aside[0]);
  check_opens(log, *made);
  BOOST_TEST(!fs::exists(log + "/" + made->set_aside[0]));
  BOOST_TEST((test::read_bytes(log + ".dropped/" + made->set_aside[0]) == table));
}

BOOST_AUTO_TEST_CASE(a_leftover_table_is_no_damage) {
  Scene scene;
  scene.append(10);
  scene.flush();
  scene.append(10);
  const std::string log = scene.killed();
  for (const auto& entry : fs::directory_iterator(scene.live())) {
    if (entry.path().extension() == ".sst") {
      fs::copy_file(entry.path(), log + "/000999.sst");  // the output of a compaction that never finished
    }
  }
  test::write_bytes(log + "/000998.sst", "torn");
  check_normal(log, 40, 40);
}

BOOST_AUTO_TEST_CASE(sealed_frames_count_once) {
  Scene scene;
  scene.append(40);
  scene.db().seal(60, scene.at("run.sst"));
  check_normal(scene.killed(), 80, 80);
  scene.flush();
  check_normal(scene.killed(), 80, 80);
  scene.append(3);
  scene.db().seal(86, scene.at("run2.sst"));
  check_normal(scene.killed(), 86, 86);
  scene.close();
  check_normal(scene.killed(), 86, 86);
}

BOOST_AUTO_TEST_CASE(frames_removed_before_they_are_sealed_are_damage) {
  Scene scene;
  scene.append(40);
  const std::string before = test::read_bytes(test::manifest_path(scene.live()));
  scene.db().seal(60, scene.at("run.sst"));
  scene.append(1);
  const std::string log = scene.killed();
  fs::resize_file(test::manifest_path(log), before.size());  // the ingestion is forgotten, the removal is not
  check_refused(log, 0, "LogDamaged", "frames are removed that no sealed table holds");
}

BOOST_AUTO_TEST_CASE(writes_that_are_not_of_the_log_are_damage) {
  const auto check = [](std::string_view reason, const std::function<void(rocksdb::WriteBatch&, LogDb&)>& fill) {
    Scene scene;
    scene.append(3);
    rocksdb::WriteBatch batch;
    fill(batch, scene.db());
    BOOST_REQUIRE(scene.db().db().Write(rocksdb::WriteOptions(), &batch).ok());
    check_refused(scene.killed(), 0, "LogDamaged", reason);
  };
  check("write to another family than tail",
        [](auto& batch, auto& db) { BOOST_REQUIRE(batch.Put(db.sealed(), test::position_key(7), "x").ok()); });
  check("write to another family than tail",
        [](auto& batch, auto& /*db*/) { BOOST_REQUIRE(batch.Put("k", "v").ok()); });
  check("entry is not a frame",
        [](auto& batch, auto& db) { BOOST_REQUIRE(batch.Put(db.tail(), test::position_key(7), "x").ok()); });
  check("positions are missing before this record", [](auto& batch, auto& db) {
    BOOST_REQUIRE(batch.Put(db.tail(), test::position_key(8), test::fake_frame(8, 1, 50)).ok());
  });
  check("frames are removed that no sealed table holds",
        [](auto& batch, auto& db) { BOOST_REQUIRE(batch.Delete(db.tail(), test::position_key(1)).ok()); });
  check("removal that is not of frames in tail",
        [](auto& batch, auto& db) { BOOST_REQUIRE(batch.DeleteRange(db.tail(), "", "zz").ok()); });
}

BOOST_AUTO_TEST_CASE(a_missing_or_foreign_database_is_damage) {
  Scene scene;
  scene.append(3);
  for (const char* const victim : {"CURRENT", "MANIFEST"}) {
    const std::string log = scene.killed();
    fs::remove(victim == std::string_view("CURRENT") ? log + "/CURRENT" : test::manifest_path(log));
    const auto made = plan(log, 0);
    BOOST_REQUIRE(!made.has_value());
    BOOST_TEST(made.error().name() == "LogDamaged");
  }
  const std::string log = scene.killed();
  for (const char* const text : {"", "MANIFEST-\n", "MANIFEST-000005", "MANIFEST-00000x\n", "../MANIFEST-000005\n"}) {
    test::write_bytes(log + "/CURRENT", text);
    check_refused(log, 0, "LogDamaged", "CURRENT does not name a MANIFEST");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::store
