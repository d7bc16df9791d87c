// SPDX-License-Identifier: Apache-2.0
//
// Goal: a disk that fails while an open is planned or a torn tail is cut costs nothing but the call: the same call
// later does it. Method: the Nth call of each kind fails in each way, for N = 1, 2, … until the work passes untouched.
#include "store/wal_scan.hpp"
#include "support/faulty_env.hpp"
#include "support/log_fixture.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace carnet::store {
namespace {

namespace fs = std::filesystem;

using test::Fault;
using test::FaultEffect;
using test::FaultOp;
using test::FaultyFs;
using test::log_files;
using test::LogDb;
using test::TempFolder;

constexpr std::uint64_t kHead = 60;

/// A killed log whose last record is torn; 60 positions are whole.
class Torn {
 public:
  Torn() {
    std::unique_ptr<LogDb> db;
    BOOST_REQUIRE(LogDb::open(folder_.at("live"), {.create = true}, db).ok());
    for (int i = 0; i < 30; ++i) {
      BOOST_REQUIRE(db->append(2, 600, false).ok());
      if (i == 10) {
        BOOST_REQUIRE(db->db().Flush(rocksdb::FlushOptions(), db->tail()).ok());
      }
    }
    BOOST_REQUIRE(db->append(2, 70'000, false).ok());
    reset();
    wal_name = fs::path(test::wal_paths(log).at(0)).filename().string();
    whole_wal = test::read_bytes(folder_.at("live") + "/" + wal_name);
  }

  void reset() {
    test::copy_folder(folder_.at("live"), log);
    const std::string wal = test::wal_paths(log).at(0);
    fs::resize_file(wal, fs::file_size(wal) - 10);
    fs::remove_all(aside);
    files = std::make_shared<FaultyFs>();
  }

  [[nodiscard]] Result<OpenPlan> plan() const { return plan_open(log_files(log, files), kHead, test::fake_span); }

  /// What is left of the log and what was put aside make up the log as it was found, whatever happened in between.
  void check_nothing_lost() const {
    const std::string left = test::read_bytes(log + "/" + wal_name);
    const std::string found = whole_wal.substr(0, whole_wal.size() - 10);
    BOOST_TEST((found.starts_with(left)));
    if (left.size() < found.size()) {
      const std::string kept = test::read_bytes(aside + "/" + wal_name + "." + std::to_string(left.size()));
      BOOST_TEST((left + kept == found));
    }
  }

  void check_opens() {
    const auto made = plan();
    BOOST_REQUIRE_MESSAGE(made.has_value(), test::line_of(made));
    BOOST_TEST(made->head == kHead);
    BOOST_REQUIRE(apply_plan(log_files(log, files), *made, aside).has_value());
    check_nothing_lost();
    const auto again = plan();
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST(again->is_normal());
    BOOST_TEST(again->head == kHead);
  }

  std::shared_ptr<FaultyFs> files;
  std::string wal_name;
  std::string whole_wal;

 private:
  TempFolder folder_;

 public:
  const std::string log = folder_.at("log");
  const std::string aside = folder_.at("log.dropped");
};

BOOST_FIXTURE_TEST_SUITE(wal_fault, Torn)

BOOST_AUTO_TEST_CASE(a_read_that_fails_is_never_taken_for_damage) {
  for (std::uint64_t nth = 1;; ++nth) {
    files->arm({.op = FaultOp::kRead, .nth = nth, .path_part = {}});
    const auto made = plan();
    if (!files->has_fired()) {
      BOOST_TEST(nth > 5U);
      BOOST_TEST(made.has_value());
      break;
    }
    BOOST_TEST_CONTEXT("nth=" << nth) {
      if (made) {
        BOOST_TEST(made->head == kHead);
      } else {
        BOOST_TEST((made.error().code() == ErrorCode::kStorage), test::line_of(made));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_cut_can_fail_anywhere_and_be_done_again) {
  for (const FaultOp op : {FaultOp::kWrite, FaultOp::kSync, FaultOp::kCreate, FaultOp::kRead}) {
    for (const FaultEffect effect :
         {FaultEffect::kFail, FaultEffect::kNoSpace, FaultEffect::kTorn, FaultEffect::kLanded}) {
      for (std::uint64_t nth = 1;; ++nth) {
        reset();
        const auto made = plan();
        BOOST_REQUIRE(made.has_value());
        files->arm({.op = op, .nth = nth, .effect = effect, .path_part = {}});
        const Status applied = apply_plan(log_files(log, files), *made, aside);
        BOOST_TEST(applied.has_value() != files->has_fired());
        if (!files->has_fired()) {
          BOOST_TEST(nth > 1U);
          break;
        }
        files->disarm();
        BOOST_TEST_CONTEXT("op=" << static_cast<int>(op) << " effect=" << static_cast<int>(effect) << " nth=" << nth) {
          check_nothing_lost();
          check_opens();
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_full_disk_cuts_nothing) {
  const auto made = plan();
  BOOST_REQUIRE(made.has_value());
  files->arm({.effect = FaultEffect::kNoSpace, .path_part = "log.dropped"});
  const Status applied = apply_plan(log_files(log, files), *made, aside);
  BOOST_REQUIRE(!applied.has_value());
  BOOST_TEST((applied.error().code() == ErrorCode::kOutOfSpace));
  BOOST_TEST(fs::file_size(log + "/" + wal_name) == whole_wal.size() - 10);
}

BOOST_AUTO_TEST_CASE(the_cut_itself_is_synced) {
  const auto made = plan();
  BOOST_REQUIRE(made.has_value());
  files->arm({.op = FaultOp::kSync, .path_part = "/log/" + wal_name});
  BOOST_TEST(!apply_plan(log_files(log, files), *made, aside).has_value());
  BOOST_TEST(files->has_fired());
}

BOOST_AUTO_TEST_CASE(a_power_loss_at_any_step_of_the_cut_loses_nothing) {
  for (const FaultOp op : {FaultOp::kWrite, FaultOp::kSync, FaultOp::kCreate}) {
    for (std::uint64_t nth = 1;; ++nth) {
      reset();
      const auto made = plan();
      BOOST_REQUIRE(made.has_value());
      files->arm({.op = op, .nth = nth, .stays = true, .path_part = {}});
      ignore_error(apply_plan(log_files(log, files), *made, aside), "the power goes");
      const bool has_fired = files->has_fired();
      files->power_off();
      files->crash();
      BOOST_TEST_CONTEXT("op=" << static_cast<int>(op) << " nth=" << nth) {
        check_nothing_lost();
        check_opens();
      }
      if (!has_fired) {
        break;
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(faulty_env)

/// One file written through the file system under test.
std::unique_ptr<rocksdb::FSWritableFile> must_create(FaultyFs& files, const std::string& path) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  BOOST_REQUIRE(files.NewWritableFile(path, rocksdb::FileOptions(), &file, nullptr).ok());
  return file;
}

void sync_folder(FaultyFs& files, const std::string& path) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  BOOST_REQUIRE(files.NewDirectory(path, rocksdb::IOOptions(), &directory, nullptr).ok());
  BOOST_REQUIRE(directory->Fsync(rocksdb::IOOptions(), nullptr).ok());
}

BOOST_AUTO_TEST_CASE(a_crash_takes_unsynced_bytes_and_names) {
  const TempFolder folder;
  FaultyFs files;
  const rocksdb::IOOptions io;
  {
    const auto kept = must_create(files, folder.at("kept"));
    BOOST_REQUIRE(kept->Append("synced", io, nullptr).ok());
    BOOST_REQUIRE(kept->Sync(io, nullptr).ok());
    BOOST_REQUIRE(kept->Append(" and not", io, nullptr).ok());
    must_create(files, folder.at("removed"));
    sync_folder(files, folder.path());
    const auto nameless = must_create(files, folder.at("nameless"));
    BOOST_REQUIRE(nameless->Append("bytes", io, nullptr).ok());
    BOOST_REQUIRE(nameless->Sync(io, nullptr).ok());
    BOOST_REQUIRE(files.DeleteFile(folder.at("removed"), io, nullptr).ok());
    BOOST_REQUIRE(files.RenameFile(folder.at("nameless"), folder.at("kept"), io, nullptr).ok());
    BOOST_TEST(test::read_bytes(folder.at("kept")) == "bytes");
  }
  files.power_off();
  files.crash();
  BOOST_TEST(test::read_bytes(folder.at("kept")) == "synced");
  BOOST_TEST(!fs::exists(folder.at("nameless")));
  BOOST_TEST(fs::exists(folder.at("removed")));
}

BOOST_AUTO_TEST_CASE(a_synced_rename_stays) {
  const TempFolder folder;
  FaultyFs files;
  const rocksdb::IOOptions io;
  test::write_bytes(folder.at("old"), "old");
  {
    const auto file = must_create(files, folder.at("new.tmp"));
    BOOST_REQUIRE(file->Append("new", io, nullptr).ok());
    BOOST_REQUIRE(file->Fsync(io, nullptr).ok());
  }
  BOOST_REQUIRE(files.RenameFile(folder.at("new.tmp"), folder.at("old"), io, nullptr).ok());
  sync_folder(files, folder.path() + "/");
  files.power_off();
  files.crash();
  BOOST_TEST(test::read_bytes(folder.at("old")) == "new");
  BOOST_TEST(!fs::exists(folder.at("new.tmp")));
}

BOOST_AUTO_TEST_CASE(each_effect_does_what_it_says) {
  const rocksdb::IOOptions io;
  const auto after = [&](FaultOp op, FaultEffect effect) {
    const TempFolder folder;
    FaultyFs files;
    const auto file = must_create(files, folder.at("f"));
    sync_folder(files, folder.path());
    files.arm({.op = op, .effect = effect, .path_part = {}});
    const bool written = file->Append("12345678", io, nullptr).ok();
    const bool synced = file->Sync(io, nullptr).ok();
    BOOST_TEST(files.has_fired());
    BOOST_TEST((written && synced) == (effect == FaultEffect::kLie));
    files.power_off();
    BOOST_TEST(!file->Append("more", io, nullptr).ok());
    files.crash();
    return test::read_bytes(folder.at("f"));
  };
  BOOST_TEST(after(FaultOp::kWrite, FaultEffect::kFail).empty());
  BOOST_TEST(after(FaultOp::kWrite, FaultEffect::kNoSpace).empty());
  BOOST_TEST(after(FaultOp::kWrite, FaultEffect::kTorn) == "1234");
  BOOST_TEST(after(FaultOp::kWrite, FaultEffect::kLanded) == "12345678");
  BOOST_TEST(after(FaultOp::kSync, FaultEffect::kFail).empty());
  BOOST_TEST(after(FaultOp::kSync, FaultEffect::kLanded) == "12345678");
  BOOST_TEST(after(FaultOp::kSync, FaultEffect::kLie).empty());
}

BOOST_AUTO_TEST_CASE(allocation_is_counted_and_rocksdb_goes_on_without) {
  const TempFolder folder;
  const auto files = std::make_shared<FaultyFs>();
  const auto env = test::make_faulty_env(files);
  files->arm({.op = FaultOp::kAllocate, .effect = FaultEffect::kNoSpace, .stays = true, .path_part = ".log"});
  std::unique_ptr<LogDb> db;
  BOOST_REQUIRE(LogDb::open(folder.at("log"), {.create = true, .env = env.get()}, db).ok());
  BOOST_TEST(db->append(1, 1000, true).ok());
  BOOST_TEST(files->has_fired());
  BOOST_TEST(files->count(FaultOp::kAllocate) > 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::store
