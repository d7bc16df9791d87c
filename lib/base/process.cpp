// SPDX-License-Identifier: Apache-2.0
#include "base/process.hpp"

#include "base/check.hpp"

#include <atomic>
#include <pthread.h>
#include <sys/mman.h>

namespace carnet::base {

namespace {

std::atomic<std::uint64_t> generation{1};

void on_fork_in_child() noexcept {
  generation.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

std::uint64_t process_generation() noexcept {
  static const int registered = ::pthread_atfork(nullptr, nullptr, on_fork_in_child);
  CARNET_ASSERT(registered == 0, "a handler of fork is registered");
  return generation.load(std::memory_order_relaxed);
}

void advise_huge_pages(void* begin, std::size_t bytes) noexcept {
  constexpr std::uintptr_t kHugePage = 2UL * 1024 * 1024;
  const auto from = (reinterpret_cast<std::uintptr_t>(begin) + kHugePage - 1) / kHugePage * kHugePage;
  const auto to = (reinterpret_cast<std::uintptr_t>(begin) + bytes) / kHugePage * kHugePage;
  if (from < to) {
    static_cast<void>(::madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE));
  }
}

}  // namespace carnet::base
