// SPDX-License-Identifier: Apache-2.0
//
// The seam through which Carnet reads time. Nothing in the library asks the operating system for it in another way.
// Stability: stable.
#pragma once

#include <carnet/time.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

namespace carnet {

/// Two clocks: the wall clock, which an operator can set, and the boot-time clock, which nobody can. A wall clock that
/// runs away from the boot-time clock is how Carnet notices a jump.
/// Threads: implementations are safe from any thread and do not throw.
class Clock {
 public:
  virtual ~Clock() = default;

  /// Wall clock, UTC. May step in both directions.
  [[nodiscard]] virtual Timestamp now() = 0;
  /// Nanoseconds since an unspecified start; never decreases; goes on while the machine sleeps.
  [[nodiscard]] virtual std::int64_t boot_ns() = 0;
};

/// The clocks of the operating system (CLOCK_REALTIME, CLOCK_BOOTTIME). One instance, shared. Threads: any.
[[nodiscard]] std::shared_ptr<Clock> system_clock();

/// A clock for tests: it moves when it is told to. Threads: any.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp now = {}, std::int64_t boot_ns = 0) noexcept : now_ns_(now.ns), boot_ns_(boot_ns) {}

  [[nodiscard]] Timestamp now() override { return {now_ns_.load()}; }

  [[nodiscard]] std::int64_t boot_ns() override { return boot_ns_.load(); }

  /// Sets the wall clock alone, as an operator would: a jump.
  void set(Timestamp now) noexcept { now_ns_.store(now.ns); }

  /// Time passes: both clocks move on.
  void advance(Duration by) noexcept { advance_ns(by.seconds * kNsPerSecond); }

  void advance_ns(std::int64_t by_ns) noexcept {
    now_ns_.fetch_add(by_ns);
    boot_ns_.fetch_add(by_ns);
  }

 private:
  std::atomic<std::int64_t> now_ns_;
  std::atomic<std::int64_t> boot_ns_;
};

}  // namespace carnet
