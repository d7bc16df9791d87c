// SPDX-License-Identifier: Apache-2.0
//
// Commands in memory: a hash table whose entries stand in the order of their hashes (linear probing that keeps clusters
// sorted), so that a lookup that finds nothing ends at the first greater hash and a checkpoint reads it as a sorted run
// without sorting. 16 bytes an entry, filled to a half up to 80 of 100. Private to the command index.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace carnet::store {

class CommandPart {
 public:
  struct Entry {
    std::uint64_t hash = 0;
    std::uint64_t position = 0;  ///< 0: free.
  };

  void add(std::uint64_t hash, std::uint64_t position);
  /// Appends the positions (within the limit) of every entry with this hash.
  void find(std::uint64_t hash, std::vector<std::uint64_t>& out) const;

  [[nodiscard]] std::uint64_t last() const noexcept { return last_; }

  [[nodiscard]] std::uint64_t limit() const noexcept { return limit_; }

  void set_limit(std::uint64_t limit) noexcept { limit_ = limit; }

  [[nodiscard]] std::size_t entry_count() const noexcept { return entry_count_; }

  [[nodiscard]] bool is_empty() const noexcept { return entry_count_ == 0; }

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

  void copy_beyond(std::uint64_t position, CommandPart& other) const;

  void copy_all(CommandPart& other) const { copy_beyond(0, other); }

  /// Walks the entries within the limit, by hash.
  class Walk {
   public:
    explicit Walk(const CommandPart& part) : part_(&part) { advance(); }

    /// Null at the end.
    [[nodiscard]] const Entry* entry() const noexcept { return entry_; }

    void advance() noexcept;

   private:
    const CommandPart* part_;
    std::size_t shard_ = 0;
    std::size_t at_ = 0;
    const Entry* entry_ = nullptr;
  };

 private:
  struct Shard {
    std::unique_ptr<Entry[]> entries;
    std::size_t capacity = 0;  ///< Places.
    std::size_t end = 0;       ///< Places, and the room behind them for a cluster that ends there.
    std::size_t used = 0;
    std::size_t used_max = 0;
  };

  static constexpr std::size_t kShards = 64;

  /// False when the room behind the places is used up.
  [[nodiscard]] static bool insert(Shard& shard, const Entry& entry);
  void grow(Shard& shard, std::size_t number);

  std::array<Shard, kShards> shards_;
  std::uint64_t last_ = 0;
  std::uint64_t limit_ = std::numeric_limits<std::uint64_t>::max();
  std::size_t entry_count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace carnet::store
