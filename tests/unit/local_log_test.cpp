// SPDX-License-Identifier: Apache-2.0
//
// Goal: the local log keeps what it was given, says what it found when it is opened, and reads the same whatever was
// flushed or moved. Method: a log in a folder; every commit is checked byte by byte (log_frames.hpp).
#include "store/local_log.hpp"

#include "support/test_log.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fstream>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace carnet::test {
namespace {

using store::LocalLog;

template <class T>
void check_error(const Result<T>& result, ErrorCode code, std::string_view name) {
  BOOST_REQUIRE(!result.has_value());
  BOOST_TEST((result.error().code() == code));
  BOOST_TEST(result.error().name() == name);
}

/// Signal that ends a forked child that runs `body`; 0: it ended by itself.
int signal_of_child(const std::function<void()>& body) {
  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    ::close(STDERR_FILENO);
    body();
    ::_exit(0);
  }
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/// All positions of `bytes` in the file are turned around.
void flip(const std::string& path, std::uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const auto byte = static_cast<char>(file.get() ^ 0x40);
  file.seekp(static_cast<std::streamoff>(at));
  file.put(byte);
  BOOST_REQUIRE(file.good());
}

BOOST_AUTO_TEST_SUITE(opening)

BOOST_AUTO_TEST_CASE(create_refuses_a_folder_that_holds_anything) {
  TempFolder folder;
  std::ofstream(folder.at("something")) << "x";
  check_error(LocalLog::create(folder.path(), {}), ErrorCode::kInvalidArgument, "FolderNotEmpty");
  BOOST_TEST(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

BOOST_AUTO_TEST_CASE(opening_what_is_not_there_is_an_error) {
  TempFolder folder;
  check_error(LocalLog::open(folder.at("none"), {}, false, {}), ErrorCode::kNotFound, "FileNotFound");
  check_error(LocalLog::open_secondary(folder.at("none"), folder.at("scratch"), {}), ErrorCode::kNotFound,
              "FileNotFound");
}

BOOST_AUTO_TEST_CASE(a_second_writer_is_refused_in_this_process_and_in_another) {
  TestLog log;
  log.fill(10);
  check_error(LocalLog::open(log.folder(), {}, false, log.options), ErrorCode::kBusy, "LedgerBusy");
  const int signal = signal_of_child([&] {
    const auto second = LocalLog::open(log.folder(), {}, false, log.options);
    if (second.has_value() || second.error().name() != "LedgerBusy") {
      std::abort();
    }
  });
  BOOST_TEST(signal == 0);
  log.append();
  log.check();
}

BOOST_AUTO_TEST_CASE(a_close_is_clean_and_letting_go_is_not) {
  TestLog log;
  const LogTail tail = log.fill(500);
  log.close();
  BOOST_TEST(log.open().was_clean);
  BOOST_TEST((log.check() == tail));
  const LogTail more = log.append(3);
  log.drop();
  const store::LogOpenReport report = log.open();
  BOOST_TEST(!report.was_clean);
  BOOST_TEST(!report.tail_dropped_bytes.has_value());
  BOOST_TEST((log.check() == more));
}

BOOST_AUTO_TEST_CASE(a_clean_close_leaves_nothing_to_replay) {
  TestLog log(16UL * 1024 * 1024);
  log.fill(2000);
  BOOST_TEST(log.figure("writeAheadLogBytes") > 0U);
  log.close();
  log.open();
  BOOST_TEST(log.figure("writeAheadLogBytes") == 0U);
  BOOST_TEST(log.figure("tailTables") == 1U);
}

BOOST_AUTO_TEST_CASE(a_head_below_the_floor_is_truncated) {
  TestLog log;
  const LogTail tail = log.fill(100);
  log.close();
  const auto below = log.try_open({tail.position + 1, tail.commits + 1});
  check_error(below, ErrorCode::kCorruption, "LogTruncated");
  BOOST_TEST(below.error().fact("floor") == std::to_string(tail.position + 1));
  BOOST_TEST(below.error().fact("head") == std::to_string(tail.position));
  check_error(log.try_open({tail.position, tail.commits + 1}), ErrorCode::kCorruption, "LogTruncated");
  log.open({tail.position, tail.commits});
  BOOST_TEST((log.check() == tail));
}

BOOST_AUTO_TEST_CASE(accepted_loss_opens_below_the_floor) {
  TestLog log;
  const LogTail tail = log.fill(100);
  log.close();
  log.open({tail.position + 50, tail.commits + 50}, true);
  BOOST_TEST((log.check() == tail));
  log.append(2);
  log.close();
  log.open();
  log.check();
}

BOOST_AUTO_TEST_CASE(accepted_loss_keeps_the_dropped_bytes_beside_the_log) {
  TestLog log(16UL * 1024 * 1024);
  for (int i = 0; i < 200; ++i) {
    log.append(2);
  }
  log.drop();
  const std::set<std::string> wals = log.names(".log");
  const std::string wal = log.folder() + "/" + *wals.rbegin();
  const auto bytes = std::filesystem::file_size(wal);
  BOOST_REQUIRE(bytes > 20'000U);
  flip(wal, bytes / 2);
  check_error(log.try_open(), ErrorCode::kCorruption, "LogDamaged");
  const store::LogOpenReport report = log.open({}, true);
  BOOST_REQUIRE(report.tail_dropped_bytes.has_value());
  BOOST_TEST(*report.tail_dropped_bytes >= bytes / 2);
  const LogTail kept = log.check();
  BOOST_TEST(kept.position > 0U);
  BOOST_TEST(std::filesystem::exists(log.folder() + ".dropped"));
  log.append(3);
  log.drop();
  BOOST_TEST(!log.open().tail_dropped_bytes.has_value());
  BOOST_TEST(log.check().commits == kept.commits + 3);
}

BOOST_AUTO_TEST_CASE(a_torn_end_is_dropped_and_reported) {
  TestLog log(16UL * 1024 * 1024);
  const LogTail tail = log.fill(100);
  log.append(8);
  log.drop();
  const std::set<std::string> wals = log.names(".log");
  const std::string wal = log.folder() + "/" + *wals.rbegin();
  std::filesystem::resize_file(wal, std::filesystem::file_size(wal) - 5);
  const store::LogOpenReport report = log.open({tail.position, tail.commits});
  BOOST_TEST(report.tail_dropped_bytes.has_value());
  BOOST_TEST(!report.was_clean);
  BOOST_TEST((log.check() == tail));
}

BOOST_AUTO_TEST_CASE(after_closing_every_call_says_closed) {
  TestLog log;
  log.fill(10);
  log.close();
  check_error(log->read(0), ErrorCode::kClosed, "LogClosed");
  check_error(log->tail(), ErrorCode::kClosed, "LogClosed");
  check_error(log->sync(), ErrorCode::kClosed, "LogClosed");
  check_error(log->seal(5, {}), ErrorCode::kClosed, "LogClosed");
  check_error(log->close(), ErrorCode::kClosed, "LogClosed");
  std::vector<std::uint64_t> frame;
  check_error(log->frame_at(1, frame), ErrorCode::kClosed, "LogClosed");
  const auto outcome = log->append(1, {}, log.maker.frame({}), LogDurability::kBuffered);
  BOOST_TEST(std::holds_alternative<LogNotWritten>(outcome));
  BOOST_TEST(log->stats().empty());
}

BOOST_AUTO_TEST_CASE(a_forked_child_must_not_use_the_log) {
  TestLog log;
  log.fill(10);
  BOOST_TEST(signal_of_child([&] { ignore_error(log->tail(), "it does not return"); }) == SIGABRT);
  BOOST_TEST(signal_of_child([&] { log.try_append(); }) == SIGABRT);
  BOOST_TEST(signal_of_child([&] { log.drop(); }) == 0);  // letting go harms nobody
  log.append();
  log.check();
}

// ThreadSanitizer cannot follow a child of a program with threads that makes threads of its own.
#ifdef __SANITIZE_THREAD__
constexpr bool kFollowsForks = false;
#else
constexpr bool kFollowsForks = true;
#endif

BOOST_AUTO_TEST_CASE(closing_with_a_cursor_left_is_a_bug, *boost::unit_test::enable_if<kFollowsForks>()) {
  // In a child that made its own log, because the parent's must not be touched there.
  BOOST_TEST(signal_of_child([&] {
               TempFolder folder;
               auto made = LocalLog::create(folder.at("log"), {});
               auto cursor = made->log->read(0);
               ignore_error(made->log->close(), "it does not return");
             }) == SIGABRT);
}

BOOST_AUTO_TEST_CASE(the_folder_holds_no_message_files) {
  TestLog log;
  log.fill(500);
  for (const std::string& name : log.names()) {
    BOOST_TEST(!name.starts_with("LOG"), name);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(reading)

/// A log with a sealed part, a part that both families hold, tables and a memtable.
LogTail mixed(TestLog& log) {
  log.fill(3000);
  log.seal(2000);
  return log.fill(6000);
}

BOOST_AUTO_TEST_CASE(every_position_is_found_in_its_frame) {
  TestLog log;
  const LogTail tail = mixed(log);
  std::vector<std::uint64_t> words;
  for (std::uint64_t position = 1; position <= tail.position; ++position) {
    BOOST_REQUIRE(must(log->frame_at(position, words)));
    codec::FrameReader reader;
    must(reader.open(std::as_bytes(std::span(words))));
    BOOST_REQUIRE(reader.header().first_position <= position);
    BOOST_REQUIRE(position < reader.header().first_position + reader.header().event_count);
  }
  BOOST_TEST(!must(log->frame_at(0, words)));
  BOOST_TEST(!must(log->frame_at(tail.position + 1, words)));
}

BOOST_AUTO_TEST_CASE(reading_may_begin_anywhere) {
  TestLog log;
  const LogTail tail = mixed(log);
  for (std::uint64_t after = 0; after < tail.position; after += 7) {
    const auto cursor = must(log->read(after));
    const auto frame = must(cursor->next());
    const auto header = codec::peek_frame(frame);
    BOOST_REQUIRE(header.has_value());
    BOOST_REQUIRE(header->first_position <= after + 1);
    BOOST_REQUIRE(after + 1 < header->first_position + header->event_count);
    std::uint64_t next = header->first_position + header->event_count;
    while (true) {
      const auto more = must(cursor->next());
      if (more.empty()) {
        break;
      }
      const auto following = codec::peek_frame(more);
      BOOST_REQUIRE(following->first_position == next);
      next += following->event_count;
    }
    BOOST_REQUIRE(next == tail.position + 1);
  }
}

BOOST_AUTO_TEST_CASE(backwards_is_forwards_turned_around) {
  TestLog log;
  const LogTail tail = mixed(log);
  std::vector<std::uint64_t> firsts;
  const auto forwards = must(log->read(0));
  for (auto frame = must(forwards->next()); !frame.empty(); frame = must(forwards->next())) {
    firsts.push_back(codec::peek_frame(frame)->first_position);
  }
  const auto backwards = must(log->read_backwards(UINT64_MAX));
  for (auto expected = firsts.rbegin(); expected != firsts.rend(); ++expected) {
    const auto frame = must(backwards->next());
    BOOST_REQUIRE(codec::peek_frame(frame)->first_position == *expected);
    codec::FrameReader reader;
    must(reader.open(frame));
  }
  BOOST_TEST(must(backwards->next()).empty());
  BOOST_TEST(must(backwards->next()).empty());
  BOOST_TEST(must(must(log->read_backwards(0))->next()).empty());
  for (std::uint64_t from = 1; from <= tail.position; from += 13) {
    const auto cursor = must(log->read_backwards(from));
    const auto header = codec::peek_frame(must(cursor->next()));
    BOOST_REQUIRE(header->first_position <= from);
    BOOST_REQUIRE(from < header->first_position + header->event_count);
  }
}

BOOST_AUTO_TEST_CASE(a_frame_of_a_megabyte_comes_back) {
  TestLog log;
  const LogTail tail = log.append(3000, LogDurability::kSynced);
  log.append();
  BOOST_TEST(log.check().position > tail.position);
  log.seal();
  log.check();
  log.close();
  log.open();
  log.check();
}

BOOST_AUTO_TEST_CASE(flushed_tables_are_moved_and_never_rewritten) {
  TestLog log;
  std::set<std::string> seen;
  for (int round = 1; round <= 12; ++round) {
    log.fill(static_cast<std::uint64_t>(round) * 2500);
    must(log->wait_for_rest());
    const std::set<std::string> now = log.names(".sst");
    for (const std::string& name : seen) {
      BOOST_TEST(now.contains(name), name << " was rewritten");
    }
    seen = now;
  }
  BOOST_TEST(seen.size() > 5U);
  BOOST_TEST(log.figure("tailPendingCompactionBytes") == 0U);
}

BOOST_AUTO_TEST_CASE(durable_tail_follows_syncs_only) {
  TestLog log(16UL * 1024 * 1024);
  BOOST_TEST((log->durable_tail() == LogTail{}));
  log.append();
  BOOST_TEST((log->durable_tail() == LogTail{}));
  const LogTail synced = log.append(1, LogDurability::kSynced);
  BOOST_TEST((log->durable_tail() == synced));
  const LogTail buffered = log.append();
  BOOST_TEST((log->durable_tail() == synced));
  must(log->sync());
  BOOST_TEST((log->durable_tail() == buffered));
  log.drop();
  log.open();
  BOOST_TEST((log->durable_tail() == buffered));
}

BOOST_AUTO_TEST_CASE(a_flipped_byte_in_a_table_is_damage_and_never_a_frame) {
  TestLog log;
  log.fill(6000);
  log.seal(3000);
  log.close();
  std::uint64_t damaged = 0;
  for (const std::string& name : log.names(".sst")) {
    const std::string path = log.folder() + "/" + name;
    const auto bytes = std::filesystem::file_size(path);
    for (std::uint64_t at = 11; at < bytes; at += bytes / 5) {
      flip(path, at);
      auto opened = log.try_open();
      try {
        if (opened) {
          log.maker.check_log(*opened->log);
        } else {
          BOOST_TEST(opened.error().name() == "LogDamaged");
          ++damaged;
        }
      } catch (const std::runtime_error& error) {
        BOOST_TEST(std::string(error.what()).starts_with("LogDamaged"), error.what());
        ++damaged;
      }
      if (opened) {
        must(opened->log->close());
      }
      flip(path, at);
    }
  }
  BOOST_TEST(damaged > 0U);
  log.open();
  log.check();
}

BOOST_AUTO_TEST_CASE(stats_name_what_an_operator_asks_for) {
  TestLog log;
  const LogTail tail = mixed(log);
  BOOST_TEST(log.figure("position") == tail.position);
  BOOST_TEST(log.figure("commits") == tail.commits);
  BOOST_TEST(log.figure("sealedPosition") == log->sealed_position());
  BOOST_TEST(log.figure("sealedTables") == 1U);
  BOOST_TEST(log.figure("sealedTableBytes") > 0U);
  BOOST_TEST(log.figure("tailTables") > 0U);
  BOOST_TEST(log.figure("backgroundErrors") == 0U);
  BOOST_TEST(log.figure("cacheBytesMax") == log.options.cache_bytes);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::test
