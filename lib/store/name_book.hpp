// SPDX-License-Identifier: Apache-2.0
//
// Names that may be many (chains, ledger accounts) and their dense ordinals: parts in memory, a bounded cache, and
// views/chains below. Private to the catalog.
#pragma once

#include "store/arena.hpp"
#include "store/brief_lock.hpp"
#include "store/name_cache.hpp"
#include "store/part_list.hpp"
#include "store/view_keys.hpp"
#include "store/views_db.hpp"

#include <carnet/result.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::store {

/// Names with consecutive ordinals in memory. Never changes but by growing. About 36 bytes and the name.
class NamePart {
 public:
  struct Row {
    std::uint64_t payload = 0;
    const char* name = nullptr;
    std::uint32_t scope = 0;
    std::uint8_t size = 0;

    [[nodiscard]] std::string_view text() const noexcept { return {name, size}; }
  };

  /// Requires: a part's ordinals follow each other.
  void add(const NameEntry& entry, std::uint64_t hash, std::string_view name);
  [[nodiscard]] std::optional<NameEntry> find(std::uint64_t hash, std::uint32_t scope, std::string_view name) const;
  /// Null: not in this part. Stays where it is.
  [[nodiscard]] const Row* row(std::uint32_t ordinal) const noexcept;

  [[nodiscard]] std::uint32_t first() const noexcept { return first_; }

  [[nodiscard]] std::uint64_t last() const noexcept { return count_ == 0 ? 0 : first_ + count_ - 1; }

  [[nodiscard]] std::uint64_t limit() const noexcept { return std::numeric_limits<std::uint64_t>::max(); }

  /// A checkpoint takes all names: nothing is ever cut off.
  void set_limit(std::uint64_t /*limit*/) const noexcept {}

  [[nodiscard]] std::size_t entry_count() const noexcept { return count_; }

  [[nodiscard]] bool is_empty() const noexcept { return count_ == 0; }

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_ + names_.bytes(); }

  void copy_beyond(std::uint64_t ordinal, NamePart& other) const;

  void copy_all(NamePart& other) const { copy_beyond(0, other); }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = 0;  ///< Of the row, from 1; 0: free.
  };

  struct Shard {
    std::vector<Slot> slots;
    std::size_t used = 0;
  };

  static constexpr std::size_t kShards = 64;
  static constexpr std::size_t kBlockRows = 512;

  [[nodiscard]] const Row& row_at(std::uint32_t number) const noexcept {
    return blocks_[(number - 1) / kBlockRows][(number - 1) % kBlockRows];
  }

  void grow(Shard& shard);

  std::uint32_t first_ = 0;
  std::uint32_t count_ = 0;
  std::size_t bytes_ = 0;
  std::array<Shard, kShards> shards_;
  std::vector<std::unique_ptr<Row[]>> blocks_;
  Arena names_{16UL * 1024};
};

using FrozenParts = std::vector<std::shared_ptr<NamePart>>;

/// How a book's entries lie in views/chains.
struct NameBookKeys {
  View by_name;
  View by_ordinal;
  std::size_t scope_bytes = 1;  ///< Of the scope in a key by name: 1 or 4.
};

/// Threads: one writer (add, freeze, thaw), any number of readers.
class NameBook {
 public:
  NameBook(ViewsDb* views, std::uint32_t generation, const NameBookKeys& keys, std::size_t cache_bytes);

  [[nodiscard]] std::uint32_t count() const noexcept { return count_.load(std::memory_order_acquire); }

  /// After opening: ordinals up to `count` are published.
  void set_published(std::uint32_t count);

  [[nodiscard]] Result<std::optional<NameEntry>> find(std::uint32_t scope, std::string_view name);
  /// Parts in memory and cache only.
  [[nodiscard]] std::optional<NameEntry> find_newest(std::uint32_t scope, std::string_view name) const;
  /// Appends the name to `name`, if that is not null.
  /// Errors: kCorruption `IntroductionMissing` — no such ordinal; `ViewsDamaged`; kStorage.
  [[nodiscard]] Result<NameEntry> entry(std::uint32_t ordinal, std::string* name);

  /// Requires: the name is not there.
  void add(std::uint32_t scope, std::string_view name, std::uint64_t payload);

  void freeze();
  void write(std::vector<ViewRun>& runs);
  /// Raises `publish_count` in the moment in which the frozen names go from memory to the published part.
  void thaw(bool published, std::atomic<std::uint64_t>& publish_count);
  [[nodiscard]] std::size_t newest_bytes() const;

 private:
  [[nodiscard]] std::optional<NameEntry> find_in_parts(std::uint64_t hash, std::uint32_t scope,
                                                       std::string_view name) const;
  void cache(const FrozenParts& frozen);
  [[nodiscard]] std::string name_key(std::uint32_t scope, std::string_view name) const;
  [[nodiscard]] std::string ordinal_key(std::uint32_t ordinal) const;

  ViewsDb* views_;
  std::uint32_t generation_;
  NameBookKeys keys_;
  NameCache cache_;
  mutable BriefLock lock_;
  PartList<NamePart> parts_;
  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint32_t> published_count_{0};
  std::uint32_t frozen_count_ = 0;
};

}  // namespace carnet::store
