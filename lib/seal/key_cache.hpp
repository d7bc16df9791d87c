// SPDX-License-Identifier: Apache-2.0
//
// KeyCache: the unwrapped keys of a ring, bounded, with one object a key id as long as anybody holds a handle to it, so
// that a destroyed key is known to be so everywhere.
#pragma once

#include "seal/key.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace carnet::seal {

/// Two generations: what is used stays in the young one; when that is half the bound, the old one is dropped and the
/// young one takes its place. Threads: any.
class KeyCache {
 public:
  using SharedKey = std::shared_ptr<Key>;

  /// What a look-up found; `changes` counts the mutations so far.
  struct Found {
    SharedKey key;
    std::uint64_t changes = 0;
  };

  explicit KeyCache(std::size_t keys_max) : young_max_(keys_max / 2) {}

  [[nodiscard]] Found find(const KeyId& key_id);
  [[nodiscard]] Found find_live(std::string_view subject, std::string_view data_class);

  /// Adds a key that was read from the store, as the live one of its (subject, class) if `live`; returns the object
  /// that stands for its id from now on: `key`, or one that was there before. Null: a mutation came between (`changes`
  /// is not up to date), read the store again.
  [[nodiscard]] SharedKey add_loaded(SharedKey key, bool live, std::uint64_t changes);

  // -- Mutations, called after the store has them.

  /// Adds a key that was just made.
  [[nodiscard]] SharedKey add_new(SharedKey key);
  /// The key is now the live one of (subject, class).
  void make_live(const KeyId& key_id, std::string_view subject, std::string_view data_class);
  /// The key is gone: its handles are told, its object is dropped.
  void destroy(const KeyId& key_id);

 private:
  struct TextHash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  struct IdHash {
    std::size_t operator()(const KeyId& key_id) const noexcept {
      return std::hash<std::string_view>{}(base::as_text(key_id));
    }
  };

  // A key stands in `live` of a generation only while it stands in `by_id` of the same.
  struct Generation {
    std::unordered_map<KeyId, SharedKey, IdHash> by_id;
    std::unordered_map<std::string, SharedKey, TextHash, std::equal_to<>> live;  // by live_name()
  };

  [[nodiscard]] SharedKey known(const KeyId& key_id);
  [[nodiscard]] static bool is_live(const Generation& generation, const SharedKey& key);
  void keep(const SharedKey& key, bool live);
  void drop_live(std::string_view name);
  void turn();

  const std::size_t young_max_;
  std::shared_mutex mutex_;
  Generation young_;
  Generation old_;
  std::uint64_t changes_ = 0;
};

}  // namespace carnet::seal
