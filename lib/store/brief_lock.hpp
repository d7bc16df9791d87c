// SPDX-License-Identifier: Apache-2.0
//
// A lock for critical sections of well under a microsecond: the newest parts of the indexes and of the catalog, which
// one writer fills while callers look things up. Reader-writer locks of the C library prefer readers and may hold the
// writer up for as long as readers keep coming; this one costs one atomic exchange and never sleeps inside the kernel.
#pragma once

#include <atomic>
#include <thread>

namespace carnet::store {

/// Meets BasicLockable (std::lock_guard). Not recursive. Never hold it over I/O or an allocation of unbounded size.
class BriefLock {
 public:
  BriefLock() = default;
  BriefLock(const BriefLock&) = delete;
  BriefLock& operator=(const BriefLock&) = delete;

  void lock() noexcept {
    while (taken_.exchange(true, std::memory_order_acquire)) {
      wait_until_free();
    }
  }

  void unlock() noexcept { taken_.store(false, std::memory_order_release); }

 private:
  void wait_until_free() const noexcept {
    constexpr int kSpins = 64;
    for (int turn = 0; taken_.load(std::memory_order_relaxed); ++turn) {
      if (turn >= kSpins) {
        // The holder lost its processor: waiting on it burns time that it needs.
        std::this_thread::yield();
      }
    }
  }

  std::atomic<bool> taken_{false};
};

}  // namespace carnet::store
