// SPDX-License-Identifier: Apache-2.0
//
// A bounded cache of names and their ordinals, found by either, with a clock hand for what goes. 64 bytes a name and
// about 12 for finding it. Private to the catalog.
#pragma once

#include "store/brief_lock.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace carnet::store {

/// What a name stands for. `payload` is the owner's business.
struct NameEntry {
  std::uint32_t ordinal = 0;
  std::uint32_t scope = 0;
  std::uint64_t payload = 0;
};

[[nodiscard]] std::uint64_t hash_name(std::uint32_t scope, std::string_view name) noexcept;

/// Threads: any.
class NameCache {
 public:
  explicit NameCache(std::size_t bytes);
  ~NameCache();
  NameCache(const NameCache&) = delete;
  NameCache& operator=(const NameCache&) = delete;

  [[nodiscard]] std::optional<NameEntry> find(std::uint64_t hash, std::uint32_t scope, std::string_view name) const;
  /// Appends the name to `name`, if that is not null.
  [[nodiscard]] std::optional<NameEntry> find(std::uint32_t ordinal, std::string* name) const;
  /// Adds it unless it is there.
  void put(const NameEntry& entry, std::uint64_t hash, std::string_view name);

  [[nodiscard]] std::size_t capacity() const noexcept { return slot_count_; }

 private:
  struct Slot;

  [[nodiscard]] std::string_view name_of(std::uint32_t number) const;
  [[nodiscard]] std::uint32_t find_by_ordinal(std::uint32_t ordinal) const;
  [[nodiscard]] std::uint32_t free_slot();
  void unlink(std::uint32_t number);

  mutable BriefLock lock_;
  std::size_t slot_count_;
  std::size_t used_ = 0;
  std::size_t hand_ = 0;
  std::uint32_t bucket_mask_;
  std::unique_ptr<Slot[]> slots_;
  // Chains of slots by number + 1; 0 ends one.
  std::vector<std::uint32_t> by_name_;
  std::vector<std::uint32_t> by_ordinal_;
  std::unordered_map<std::uint32_t, std::string> long_names_;  ///< By slot.
};

}  // namespace carnet::store
