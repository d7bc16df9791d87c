// SPDX-License-Identifier: Apache-2.0
//
// What the engine counts for metrics beside the figures of its parts: how long calls of append took.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>

namespace carnet::ledger {

/// Upper bounds of the buckets are 1, 2, 4, … 2^20 microseconds; the last bucket has none.
inline constexpr std::size_t kLatencyBuckets = 22;

/// Threads: any, without a lock; threads mostly count in places of their own.
class LatencyHistogram {
 public:
  using Clock = std::chrono::steady_clock;

  void add(std::chrono::nanoseconds taken) noexcept {
    Stripe& stripe = stripes_[std::hash<std::thread::id>{}(std::this_thread::get_id()) % kStripes];
    const auto ns = static_cast<std::uint64_t>(taken.count());
    const std::uint64_t us = (ns + 999) / 1000;
    const auto bucket = us <= 1 ? std::size_t{0} : static_cast<std::size_t>(std::bit_width(us - 1));
    stripe.counts[bucket < kLatencyBuckets ? bucket : kLatencyBuckets - 1].fetch_add(1, std::memory_order_relaxed);
    stripe.sum_ns.fetch_add(ns, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t sum_ns() const noexcept {
    std::uint64_t sum = 0;
    for (const Stripe& stripe : stripes_) {
      sum += stripe.sum_ns.load(std::memory_order_relaxed);
    }
    return sum;
  }

  /// Count of each bucket, not of those below it, separated by spaces.
  [[nodiscard]] std::string text() const {
    std::string out;
    for (std::size_t bucket = 0; bucket < kLatencyBuckets; ++bucket) {
      std::uint64_t count = 0;
      for (const Stripe& stripe : stripes_) {
        count += stripe.counts[bucket].load(std::memory_order_relaxed);
      }
      out += (bucket == 0 ? "" : " ") + std::to_string(count);
    }
    return out;
  }

 private:
  static constexpr std::size_t kStripes = 8;
  static constexpr std::size_t kLineBytes = 64;

  struct alignas(kLineBytes) Stripe {
    std::array<std::atomic<std::uint64_t>, kLatencyBuckets> counts{};
    std::atomic<std::uint64_t> sum_ns{0};
  };

  std::array<Stripe, kStripes> stripes_{};
};

/// Counts the time until it dies.
class LatencyProbe {
 public:
  explicit LatencyProbe(LatencyHistogram& histogram) noexcept
      : histogram_(histogram), begin_(LatencyHistogram::Clock::now()) {}

  ~LatencyProbe() { histogram_.add(LatencyHistogram::Clock::now() - begin_); }

  LatencyProbe(const LatencyProbe&) = delete;
  LatencyProbe& operator=(const LatencyProbe&) = delete;

 private:
  LatencyHistogram& histogram_;
  LatencyHistogram::Clock::time_point begin_;
};

}  // namespace carnet::ledger
