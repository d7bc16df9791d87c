// SPDX-License-Identifier: Apache-2.0
//
// Goal: small files are replaced whole or not at all, errors say what the caller should do, a folder has one owner.
// Method: each call against a real folder, with the obstacles that a file system can be made to show.
#undef BOOST_TEST_MODULE  // main() is in base_test.cpp
#include "base/files.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace carnet::base {
namespace {

using test::TempFolder;

constexpr std::size_t kBytesMax = 1 << 20;

std::string must_read(const std::string& path) {
  Result<std::string> bytes = read_file(path, kBytesMax);
  BOOST_REQUIRE_MESSAGE(bytes.has_value(), "cannot read " << path);
  return *std::move(bytes);
}

template <class T>
void check_error(const Result<T>& result, ErrorCode code, std::string_view name) {
  BOOST_REQUIRE(!result.has_value());
  BOOST_TEST((result.error().code() == code));
  BOOST_TEST(result.error().name() == name);
  BOOST_TEST(!result.error().message().empty());
}

BOOST_AUTO_TEST_SUITE(files)

BOOST_AUTO_TEST_CASE(a_written_file_reads_back_and_leaves_no_temporary) {
  const TempFolder folder;
  for (const std::size_t size : {0U, 1U, 4096U, 100'000U}) {
    const std::string bytes(size, '\x7f');
    BOOST_TEST(write_file_synced(folder.at("FLOOR"), bytes).has_value());
    BOOST_TEST((must_read(folder.at("FLOOR")) == bytes));
    BOOST_TEST(*file_size(folder.at("FLOOR")) == size);
  }
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

BOOST_AUTO_TEST_CASE(what_a_crash_left_is_written_over) {
  const TempFolder folder;
  BOOST_TEST(write_file_synced(folder.at("a.tmp"), "half of a file that never came to be").has_value());
  BOOST_TEST(write_file_synced(folder.at("a"), "new", FileMode::kPrivate).has_value());
  BOOST_TEST(must_read(folder.at("a")) == "new");

  struct stat about {};

  BOOST_TEST_REQUIRE(::stat(folder.at("a").c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 0777U) == 0600U);
}

BOOST_AUTO_TEST_CASE(a_file_over_the_limit_is_refused) {
  const TempFolder folder;
  BOOST_TEST(write_file_synced(folder.at("a"), "12345").has_value());
  BOOST_TEST(*read_file(folder.at("a"), 5) == "12345");
  check_error(read_file(folder.at("a"), 4), ErrorCode::kInvalidArgument, "FileTooLarge");
  check_error(read_file(folder.at("a"), 0), ErrorCode::kInvalidArgument, "FileTooLarge");
  // These tell no size, so that the limit is all that ends the reading.
  check_error(read_file("/dev/zero", 3 << 20), ErrorCode::kInvalidArgument, "FileTooLarge");
  BOOST_TEST(!must_read("/proc/self/status").empty());
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_not_found) {
  const TempFolder folder;
  const std::string missing = folder.at("missing");
  check_error(read_file(missing, kBytesMax), ErrorCode::kNotFound, "FileNotFound");
  check_error(file_size(missing), ErrorCode::kNotFound, "FileNotFound");
  check_error(is_empty_folder(missing), ErrorCode::kNotFound, "FileNotFound");
  check_error(sync_directory(missing), ErrorCode::kNotFound, "FileNotFound");
  check_error(write_file_synced(missing + "/file", "x"), ErrorCode::kNotFound, "FileNotFound");
  check_error(create_directory(missing + "/folder"), ErrorCode::kNotFound, "FileNotFound");
  check_error(FolderLock::acquire(missing + "/LOCK", "LedgerBusy"), ErrorCode::kNotFound, "FileNotFound");
  BOOST_TEST(read_file(missing, kBytesMax).error().fact("path") == missing);
  BOOST_TEST(read_file(missing, kBytesMax).error().fact("errno") == std::to_string(ENOENT));
}

BOOST_AUTO_TEST_CASE(reading_a_folder_is_an_error) {
  const TempFolder folder;
  check_error(read_file(folder.path(), kBytesMax), ErrorCode::kStorage, "FileFailed");
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_the_old_file) {
  // A limit on file size stands in for a full disk: the write fails in the middle.
  const TempFolder folder;
  BOOST_TEST(write_file_synced(folder.at("a"), "old").has_value());
  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    BOOST_VERIFY(std::signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    const rlimit limit{.rlim_cur = 4096, .rlim_max = 4096};
    const bool ready = ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
    const Status status = write_file_synced(folder.at("a"), std::string(10'000, 'x'));
    ::_exit(ready && !status && status.error().name() == "FileFailed" ? 0 : 1);
  }
  int status = -1;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_TEST(status == 0);
  BOOST_TEST(must_read(folder.at("a")) == "old");
  BOOST_TEST(!*path_exists(folder.at("a.tmp")));
}

BOOST_AUTO_TEST_CASE(a_rename_that_fails_leaves_no_temporary) {
  const TempFolder folder;
  BOOST_TEST(create_directory(folder.at("taken")).has_value());
  check_error(write_file_synced(folder.at("taken"), "x"), ErrorCode::kStorage, "FileFailed");
  BOOST_TEST(!*path_exists(folder.at("taken.tmp")));
}

BOOST_AUTO_TEST_CASE(system_errors_map_to_what_the_caller_should_do) {
  BOOST_TEST((file_error("write the file", "p", ENOSPC).code() == ErrorCode::kOutOfSpace));
  BOOST_TEST((file_error("write the file", "p", EDQUOT).code() == ErrorCode::kOutOfSpace));
  BOOST_TEST((file_error("open the file", "p", ENOTDIR).code() == ErrorCode::kNotFound));
  BOOST_TEST(file_error("open the file", "p", EROFS).name() == "FileAccessDenied");
  BOOST_TEST(file_error("read the file", "p", EIO).to_line() ==
             "FileFailed: cannot read the file: Input/output error (path=p, errno=5)");
  check_error(write_file_synced("/dev/full/x", ""), ErrorCode::kNotFound, "FileNotFound");
}

BOOST_AUTO_TEST_CASE(folders_are_made_once_and_known_as_empty) {
  const TempFolder folder;
  const std::string inner = folder.at("ledger");
  BOOST_TEST(create_directory(inner + "/", FileMode::kPrivate).has_value());

  struct stat about {};

  BOOST_TEST_REQUIRE(::stat(inner.c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 0777U) == 0700U);
  BOOST_TEST(create_directory(inner).has_value());
  BOOST_TEST(*is_empty_folder(inner));
  BOOST_TEST(write_file_synced(inner + "/.hidden", "").has_value());
  BOOST_TEST(!*is_empty_folder(inner));
  check_error(create_directory(inner + "/.hidden"), ErrorCode::kInvalidArgument, "NotAFolder");
  check_error(is_empty_folder(inner + "/.hidden"), ErrorCode::kInvalidArgument, "NotAFolder");
}

BOOST_AUTO_TEST_CASE(removing_is_repeatable) {
  const TempFolder folder;
  BOOST_TEST(write_file_synced(folder.at("a"), "x").has_value());
  BOOST_TEST(*path_exists(folder.at("a")));
  BOOST_TEST(remove_file(folder.at("a")).has_value());
  BOOST_TEST(!*path_exists(folder.at("a")));
  BOOST_TEST(remove_file(folder.at("a")).has_value());
  BOOST_TEST(!remove_file(folder.path()).has_value());
}

BOOST_AUTO_TEST_CASE(parent_folder_is_what_holds_the_entry) {
  BOOST_TEST(parent_folder("a/b/c") == "a/b");
  BOOST_TEST(parent_folder("a/b/c/") == "a/b");
  BOOST_TEST(parent_folder("/c") == "/");
  BOOST_TEST(parent_folder("c") == ".");
  BOOST_TEST(parent_folder("/") == "/");
}

BOOST_AUTO_TEST_CASE(the_seam_does_what_the_functions_do) {
  const TempFolder folder;
  const std::shared_ptr<FileSystem> files = real_file_system();
  BOOST_TEST(!*files->exists(folder.at("a")));
  BOOST_TEST(files->write_file_synced(folder.at("a"), "x", FileMode::kShared).has_value());
  BOOST_TEST(*files->exists(folder.at("a")));
  BOOST_TEST(*files->read_file(folder.at("a"), 1) == "x");
  BOOST_TEST(files->remove(folder.at("a")).has_value());
  BOOST_TEST(!*files->exists(folder.at("a")));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(folder_lock)

BOOST_AUTO_TEST_CASE(a_second_claim_in_this_process_is_busy_under_the_callers_name) {
  const TempFolder folder;
  const Result<FolderLock> first = FolderLock::acquire(folder.at("LOCK"), "LedgerBusy");
  BOOST_TEST_REQUIRE(first.has_value());
  const Result<FolderLock> second = FolderLock::acquire(folder.at("LOCK"), "LedgerBusy");
  check_error(second, ErrorCode::kBusy, "LedgerBusy");
  BOOST_TEST(second.error().fact("process") == std::to_string(::getpid()));
}

BOOST_AUTO_TEST_CASE(a_claim_ends_with_its_object) {
  const TempFolder folder;
  for (int i = 0; i < 2; ++i) {
    Result<FolderLock> lock = FolderLock::acquire(folder.at("LOCK"), "LedgerBusy");
    BOOST_TEST_REQUIRE(lock.has_value());
    const FolderLock moved = *std::move(lock);
    BOOST_TEST(!FolderLock::acquire(folder.at("LOCK"), "LedgerBusy").has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_claim_ends_with_a_killed_process) {
  const TempFolder folder;
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    const Result<FolderLock> lock = FolderLock::acquire(folder.at("LOCK"), "LedgerBusy");
    const char held = lock.has_value() ? 'y' : 'n';
    const bool told = ::write(ends[1], &held, 1) == 1;
    if (told) {
      ::pause();
    }
    ::_exit(1);
  }
  char held = '?';
  BOOST_REQUIRE(::read(ends[0], &held, 1) == 1);
  BOOST_TEST(held == 'y');
  const Result<FolderLock> busy = FolderLock::acquire(folder.at("LOCK"), "LedgerBusy");
  check_error(busy, ErrorCode::kBusy, "LedgerBusy");
  BOOST_TEST(busy.error().fact("process") == std::to_string(child));
  BOOST_REQUIRE(::kill(child, SIGKILL) == 0);
  BOOST_REQUIRE(::waitpid(child, nullptr, 0) == child);
  BOOST_TEST(FolderLock::acquire(folder.at("LOCK"), "LedgerBusy").has_value());
  ::close(ends[0]);
  ::close(ends[1]);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::base
