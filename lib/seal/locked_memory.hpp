// SPDX-License-Identifier: Apache-2.0
//
// LockedPool: fixed slots for secrets in pages that are kept out of swap and core files as far as the system allows.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace carnet::seal {

/// One slot: room for two keys of 32 bytes.
inline constexpr std::size_t kSecretBytes = 64;
using SecretBytes = std::array<std::byte, kSecretBytes>;

/// Hands out zeroed slots. The pages are locked (mlock) and excluded from core files; where the system refuses the lock
/// (RLIMIT_MEMLOCK) they are used unlocked, see is_locked().
/// Threads: any.
class LockedPool {
 public:
  LockedPool() = default;
  LockedPool(const LockedPool&) = delete;
  LockedPool& operator=(const LockedPool&) = delete;
  /// Requires: every slot was given back.
  ~LockedPool();

  /// Cost: a system call for every 1,024th slot. Never null: without memory the process stops.
  [[nodiscard]] SecretBytes* take();
  /// Overwrites the slot, then keeps it for the next take().
  void give_back(SecretBytes* slot) noexcept;

  /// False once a page could not be locked.
  [[nodiscard]] bool is_locked() const;

 private:
  void add_slab();

  mutable std::mutex mutex_;
  std::vector<void*> slabs_;
  std::vector<SecretBytes*> free_;
  bool locked_ = true;
};

/// Owns one slot of a pool, which it keeps alive.
class Secret {
 public:
  explicit Secret(std::shared_ptr<LockedPool> pool) : pool_(std::move(pool)), slot_(pool_->take()) {}

  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;

  ~Secret() { pool_->give_back(slot_); }

  [[nodiscard]] SecretBytes& bytes() noexcept { return *slot_; }

  [[nodiscard]] const SecretBytes& bytes() const noexcept { return *slot_; }

 private:
  std::shared_ptr<LockedPool> pool_;
  SecretBytes* slot_;
};

}  // namespace carnet::seal
