// SPDX-License-Identifier: Apache-2.0
//
// Key: one unwrapped data key in locked memory, as the two working keys derived from it.
#pragma once

#include "seal/key_store.hpp"
#include "seal/locked_memory.hpp"

#include <carnet/keys.hpp>

#include <atomic>
#include <memory>
#include <span>
#include <string>

namespace carnet::seal {

/// An unwrapped key. Its secrets are overwritten when the last handle goes.
/// Threads: any.
class Key {
 public:
  /// Derives the two working keys of `data_key`: HKDF-SHA-256 with the key id as salt and the info texts
  /// `carnet/seal/1` (for AES-256-GCM) and `carnet/digest/1` (for HMAC-SHA-256). Both enter leaf bytes: final.
  Key(const KeyRecord& record, std::span<const std::byte, kDataKeyBytes> data_key, std::shared_ptr<LockedPool> pool);

  [[nodiscard]] const KeyId& id() const noexcept { return id_; }

  [[nodiscard]] const std::string& subject() const noexcept { return subject_; }

  [[nodiscard]] const std::string& data_class() const noexcept { return data_class_; }

  /// True as soon as the ring destroyed or discarded the key, also through handles taken before.
  [[nodiscard]] bool is_destroyed() const noexcept { return destroyed_.load(std::memory_order_acquire); }

  void mark_destroyed() noexcept { destroyed_.store(true, std::memory_order_release); }

  [[nodiscard]] std::span<const std::byte, 32> sealing_key() const noexcept {
    return std::span(secret_.bytes()).first<32>();
  }

  [[nodiscard]] std::span<const std::byte, 32> digest_key() const noexcept {
    return std::span(secret_.bytes()).last<32>();
  }

 private:
  KeyId id_;
  std::string subject_;
  std::string data_class_;
  Secret secret_;
  std::atomic<bool> destroyed_{false};
};

/// Keep it for one request, not longer: an evicted or destroyed key stays in memory as long as its handles.
using KeyHandle = std::shared_ptr<const Key>;

}  // namespace carnet::seal
