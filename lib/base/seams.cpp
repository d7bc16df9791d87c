// SPDX-License-Identifier: Apache-2.0
//
// The operating system behind the seams for time and randomness, the seeded source for tests, and the silent log sink.
#include "base/bytes.hpp"
#include "base/check.hpp"

#include <carnet/clock.hpp>
#include <carnet/log_sink.hpp>
#include <carnet/random.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <string>
#include <sys/random.h>

namespace carnet {

namespace {

std::int64_t read_clock_ns(clockid_t id) {
  timespec time{};
  CARNET_ASSERT(::clock_gettime(id, &time) == 0, "the system has this clock");
  return static_cast<std::int64_t>(time.tv_sec) * kNsPerSecond + time.tv_nsec;
}

class SystemClock final : public Clock {
 public:
  Timestamp now() override { return {read_clock_ns(CLOCK_REALTIME)}; }

  std::int64_t boot_ns() override { return read_clock_ns(CLOCK_BOOTTIME); }
};

class OsRandom final : public RandomSource {
 public:
  Status fill(std::span<std::byte> out) override {
    // A request of at most 256 bytes is never cut short or interrupted.
    constexpr std::size_t kRequestBytesMax = 256;
    while (!out.empty()) {
      const ssize_t got = ::getrandom(out.data(), std::min(out.size(), kRequestBytesMax), 0);
      if (got > 0) {
        out = out.subspan(static_cast<std::size_t>(got));
      } else if (got == 0 || errno != EINTR) {
        return Error(ErrorCode::kStorage, "RandomUnavailable", "the operating system gives no random bytes",
                     {{"errno", std::to_string(errno)}});
      }
    }
    return {};
  }
};

class NullLogSink final : public LogSink {
 public:
  void log(LogLevel /*level*/, std::string_view /*line*/) override {}
};

/// SplitMix64: its state moves by a constant, so that a caller can claim a run of outputs with one addition.
constexpr std::uint64_t kSplitMixStep = 0x9e3779b97f4a7c15U;

constexpr std::uint64_t split_mix_output(std::uint64_t state) noexcept {
  state = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9U;
  state = (state ^ (state >> 27U)) * 0x94d049bb133111ebU;
  return state ^ (state >> 31U);
}

}  // namespace

std::shared_ptr<Clock> system_clock() {
  static const auto clock = std::make_shared<SystemClock>();
  return clock;
}

std::shared_ptr<RandomSource> os_random() {
  static const auto source = std::make_shared<OsRandom>();
  return source;
}

std::shared_ptr<LogSink> null_log_sink() {
  static const auto sink = std::make_shared<NullLogSink>();
  return sink;
}

std::string_view to_string(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "unknown";
}

Status SeededRandom::fill(std::span<std::byte> out) {
  const std::uint64_t words = (out.size() + 7) / 8;
  std::uint64_t state = state_.fetch_add(words * kSplitMixStep);
  while (!out.empty()) {
    state += kSplitMixStep;
    const std::uint64_t word = split_mix_output(state);
    const std::size_t bytes = std::min(out.size(), sizeof(word));
    std::memcpy(out.data(), &word, bytes);
    out = out.subspan(bytes);
  }
  return {};
}

}  // namespace carnet
