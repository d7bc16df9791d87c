// SPDX-License-Identifier: Apache-2.0
//
// Goal: a writer that is killed loses nothing that was acknowledged, in each durability mode, at any moment and at each
// step of sealing. Method: this program runs itself again as the writer (case `writer`, which is told by environment
// variables what to do) and kills it; the writer says each acknowledged position through a pipe.
#include "store/local_log.hpp"
#include "store/store_env.hpp"
#include "support/log_frames.hpp"
#include "support/must.hpp"
#include "support/temp_folder.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <random>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace carnet::test {
namespace {

using store::LocalLog;
using store::SealPoint;

constexpr const char* kFolder = "CARNET_KILL_FOLDER";
constexpr const char* kSeed = "CARNET_KILL_SEED";
constexpr const char* kMode = "CARNET_KILL_MODE";    // 0 buffered, 1 synced, 2 mixed
constexpr const char* kPoint = "CARNET_KILL_POINT";  // a SealPoint at which it kills itself
constexpr int kPipe = 3;

store::LogOptions options() {
  store::LogOptions options;
  options.write_buffer_bytes = 128UL * 1024;
  options.cache_bytes = 1024UL * 1024;
  options.reserve_bytes = 0;
  return options;
}

std::uint64_t number(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? UINT64_MAX : std::strtoull(text, nullptr, 10);
}

/// Runs until it is killed. Every failure ends it by a signal that the parent does not expect.
[[noreturn]] void write_until_killed() {
  std::mt19937_64 random(number(kSeed));
  store::StoreEnv env;
  env.at_seal_point = [](SealPoint point) -> Status {
    if (static_cast<std::uint64_t>(point) == number(kPoint)) {
      ::kill(::getpid(), SIGKILL);
    }
    return {};
  };
  store::LogOptions with = options();
  with.env = &env;
  auto opened = LocalLog::open(std::getenv(kFolder), {}, false, with);
  if (!opened) {
    std::abort();
  }
  FrameMaker maker;
  LogTail tail = *opened->log->tail();
  while (true) {
    const std::uint64_t mode = number(kMode) == 2 ? random() % 2 : number(kMode);
    const auto outcome = opened->log->append(1, tail, maker.frame(tail, 1 + static_cast<std::uint32_t>(random() % 50)),
                                             mode == 1 ? LogDurability::kSynced : LogDurability::kBuffered);
    const auto* const appended = std::get_if<LogAppended>(&outcome);
    if (appended == nullptr) {
      std::abort();
    }
    tail = appended->tail;
    if (::write(kPipe, &tail.position, sizeof tail.position) != sizeof tail.position) {
      std::abort();
    }
    if (random() % 30 == 0 && !opened->log->seal(tail.position - random() % 100, {})) {
      std::abort();
    }
  }
}

struct Killed {
  std::uint64_t acknowledged = 0;  ///< The last position that it said; 0: none.
  bool was_killed = false;
};

/// Last number that came through the pipe until it was closed.
std::uint64_t drain(int pipe) {
  std::array<std::uint64_t, 512> numbers{};
  auto* const bytes = reinterpret_cast<char*>(numbers.data());
  std::uint64_t last = 0;
  std::size_t held = 0;
  while (true) {
    const ssize_t got = ::read(pipe, bytes + held, sizeof numbers - held);
    if (got <= 0) {
      return last;
    }
    held += static_cast<std::size_t>(got);
    const std::size_t whole = held / sizeof(std::uint64_t);
    if (whole > 0) {
      last = numbers[whole - 1];
    }
    std::memmove(bytes, bytes + whole * sizeof(std::uint64_t), held % sizeof(std::uint64_t));
    held %= sizeof(std::uint64_t);
  }
}

/// Starts the writer; kills it after `life`, unless it does so itself.
Killed run_writer(const std::string& folder, std::uint64_t seed, std::uint64_t mode, std::optional<SealPoint> point,
                  std::chrono::microseconds life) {
  std::array<int, 2> pipe{};
  BOOST_REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  const std::string seed_text = std::to_string(seed);
  const std::string mode_text = std::to_string(mode);
  const std::string point_text = point ? std::to_string(static_cast<int>(*point)) : "99";
  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    ::setenv(kFolder, folder.c_str(), 1);
    ::setenv(kSeed, seed_text.c_str(), 1);
    ::setenv(kMode, mode_text.c_str(), 1);
    ::setenv(kPoint, point_text.c_str(), 1);
    ::dup2(pipe[1], kPipe);
    ::fcntl(kPipe, F_SETFD, 0);
    ::execl("/proc/self/exe", "writer", "--run_test=writer", "--log_level=nothing", "--report_level=no", nullptr);
    ::_exit(127);
  }
  ::close(pipe[1]);
  std::thread killer;
  if (!point) {
    killer = std::thread([child, life] {
      std::this_thread::sleep_for(life);
      ::kill(child, SIGKILL);
    });
  }
  Killed killed;
  killed.acknowledged = drain(pipe[0]);
  ::close(pipe[0]);
  if (killer.joinable()) {
    killer.join();
  }
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  killed.was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  return killed;
}

/// Opens what the killed writer left; returns the head.
std::uint64_t check(const std::string& folder, std::uint64_t acknowledged) {
  auto opened = must(LocalLog::open(folder, {}, false, options()));
  BOOST_TEST(!opened.report.was_clean);
  FrameMaker maker;
  const LogTail tail = maker.check_log(*opened.log);
  BOOST_TEST((tail == must(opened.log->tail())));
  BOOST_TEST(tail.position >= acknowledged);
  BOOST_TEST(std::filesystem::is_empty(folder + "/sealing"));
  return tail.position;  // and let go of it as a kill would
}

void create(const std::string& folder) {
  auto made = must(LocalLog::create(folder, options()));
  FrameMaker maker;
  const auto first = made.log->append(1, {}, maker.frame({}, 60), LogDurability::kSynced);
  BOOST_REQUIRE(std::holds_alternative<LogAppended>(first));
  BOOST_REQUIRE(made.log->seal(1000, {}).has_value());
}

BOOST_AUTO_TEST_CASE(writer, *boost::unit_test::disabled()) {
  if (std::getenv(kFolder) != nullptr) {
    write_until_killed();
  }
}

BOOST_AUTO_TEST_CASE(killed_at_random_moments_nothing_acknowledged_is_lost) {
  std::mt19937_64 random = seeded_engine();
  std::uint64_t worked = 0;
  for (std::uint64_t mode = 0; mode < 3; ++mode) {
    TempFolder folder;
    create(folder.at("log"));
    std::uint64_t head = 0;
    for (int round = 0; round < 40; ++round) {
      const std::chrono::microseconds life(20'000 + random() % 100'000);
      const Killed killed = run_writer(folder.at("log"), random(), mode, std::nullopt, life);
      BOOST_REQUIRE(killed.was_killed);
      worked += killed.acknowledged > 0 ? 1U : 0U;
      const std::uint64_t now = check(folder.at("log"), std::max(head, killed.acknowledged));
      head = now;
    }
    BOOST_TEST_MESSAGE("mode " << mode << " reached position " << head);
  }
  BOOST_TEST(worked > 10U);
}

BOOST_AUTO_TEST_CASE(killed_at_each_step_of_sealing_each_commit_is_there_once) {
  std::mt19937_64 random = seeded_engine();
  TempFolder folder;
  create(folder.at("log"));
  for (int round = 0; round < 5; ++round) {
    for (int point = 0; point <= static_cast<int>(SealPoint::kTailDropped); ++point) {
      const Killed killed = run_writer(folder.at("log"), random(), static_cast<std::uint64_t>(round % 3),
                                       static_cast<SealPoint>(point), std::chrono::seconds(0));
      BOOST_REQUIRE(killed.was_killed);
      BOOST_TEST(killed.acknowledged > 0U);
      check(folder.at("log"), killed.acknowledged);
    }
  }
}

}  // namespace
}  // namespace carnet::test
