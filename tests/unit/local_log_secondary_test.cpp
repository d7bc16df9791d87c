// SPDX-License-Identifier: Apache-2.0
//
// Goal: another opening reads a log while its writer appends, flushes, seals and drops; it sees whole prefixes that
// only grow. Method: two openings of one folder in one process, as two processes would have them.
#undef BOOST_TEST_MODULE  // main() is in local_log_test.cpp
#include "store/local_log.hpp"
#include "support/test_log.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

namespace carnet::test {
namespace {

using store::LocalLog;

std::unique_ptr<LocalLog> secondary_of(const TestLog& log, const std::string& scratch = "scratch") {
  store::LogOptions options = log.options;
  options.env = nullptr;
  return must(LocalLog::open_secondary(log.folder(), log.scratch(scratch), options)).log;
}

BOOST_AUTO_TEST_SUITE(secondary)

BOOST_AUTO_TEST_CASE(it_sees_what_is_only_in_the_write_ahead_log) {
  TestLog log(16UL * 1024 * 1024);
  const auto second = secondary_of(log);
  BOOST_TEST((must(second->tail()) == LogTail{}));
  for (int i = 0; i < 20; ++i) {
    const LogTail tail = log.append(5);
    BOOST_TEST((must(second->tail()) != tail));
    must(second->catch_up());
    BOOST_TEST((must(second->tail()) == tail));
    BOOST_TEST((log.maker.check_log(*second) == tail));
  }
}

BOOST_AUTO_TEST_CASE(it_cannot_write) {
  TestLog log;
  const LogTail tail = log.fill(100);
  const auto second = secondary_of(log);
  const auto outcome = second->append(1, tail, log.maker.frame(tail), LogDurability::kBuffered);
  const auto* const none = std::get_if<LogNotWritten>(&outcome);
  BOOST_REQUIRE(none != nullptr);
  BOOST_TEST((none->cause.code() == ErrorCode::kInvalidArgument));
  BOOST_TEST(none->cause.name() == "ReadOnly");
  BOOST_TEST(second->seal(5, {}).error().name() == "ReadOnly");
  BOOST_TEST(second->sync().error().name() == "ReadOnly");
  must(second->close());
  BOOST_TEST((log.append().commits == tail.commits + 1));
}

BOOST_AUTO_TEST_CASE(a_cursor_goes_on_over_what_the_writer_sealed_and_dropped) {
  TestLog log;
  const LogTail tail = log.fill(4000);
  const auto second = secondary_of(log);
  const auto cursor = must(second->read(0));
  LogTail at = log.maker.check(must(cursor->next()), {});
  log.seal();
  log.fill(5000);
  log.seal();
  must(second->catch_up());
  for (auto frame = must(cursor->next()); !frame.empty(); frame = must(cursor->next())) {
    at = log.maker.check(frame, at);
  }
  BOOST_TEST((at == tail));
  BOOST_TEST(second->sealed_position() == log->sealed_position());
  BOOST_TEST((log.maker.check_log(*second) == must(log->tail())));
}

BOOST_AUTO_TEST_CASE(it_outlives_writers_that_close_and_are_killed) {
  TestLog log;
  log.fill(500);
  const auto second = secondary_of(log);
  for (int round = 0; round < 6; ++round) {
    const LogTail tail = log.append(20);
    if (round % 2 == 0) {
      log.close();
    } else {
      log.drop();
    }
    log.open();
    must(second->catch_up());
    BOOST_TEST((must(second->tail()) == tail));
    BOOST_TEST((log.maker.check_log(*second) == tail));
  }
}

BOOST_AUTO_TEST_CASE(several_read_with_their_own_scratch_folders) {
  TestLog log;
  const LogTail tail = log.fill(1000);
  const auto one = secondary_of(log, "one");
  const auto two = secondary_of(log, "two");
  BOOST_TEST((log.maker.check_log(*one) == tail));
  BOOST_TEST((log.maker.check_log(*two) == tail));
}

BOOST_AUTO_TEST_CASE(it_sees_growing_whole_prefixes_while_the_writer_works) {
  TestLog log(64UL * 1024);
  log.fill(100);
  std::atomic<bool> done = false;
  std::atomic<std::uint64_t> acknowledged = 0;
  std::string failure;
  std::uint64_t rounds = 0;
  std::thread reader([&] {
    FrameMaker checker;
    store::LogOptions options = log.options;
    options.env = nullptr;
    LogTail last;
    try {
      std::unique_ptr<LocalLog> second;
      while (!done || rounds < 4) {
        if (rounds % 25 == 0) {
          second.reset();
          auto opened = LocalLog::open_secondary(log.folder(), log.scratch("scratch"), options);
          if (!opened) {
            throw std::runtime_error("open: " + opened.error().to_line());
          }
          second = std::move(opened->log);
        }
        const std::uint64_t before = acknowledged;
        if (Status status = second->catch_up(); !status) {
          throw std::runtime_error("catch_up: " + status.error().to_line());
        }
        const LogTail seen = checker.check_log(*second);
        if (seen.position < last.position) {
          throw std::runtime_error("the log became shorter");
        }
        if (seen.position < before) {
          throw std::runtime_error("an acknowledged frame is not there");
        }
        last = seen;
        ++rounds;
      }
    } catch (const std::runtime_error& error) {
      failure = error.what();
      done = true;
    }
  });
  std::uint64_t appended = 0;
  while (!done && appended < 40'000) {
    appended = log.append(1 + static_cast<std::uint32_t>(appended % 40)).position;
    acknowledged = appended;
    if (appended % 50 == 0) {
      log.seal(appended - 30);
    }
  }
  done = true;
  reader.join();
  BOOST_TEST(failure == "");
  BOOST_TEST(rounds > 3U);
  BOOST_TEST(log->sealed_position() > 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::test
