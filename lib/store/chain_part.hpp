// SPDX-License-Identifier: Apache-2.0
//
// Positions of chains in memory. Up to three positions of a chain stand in its slot of 16 bytes; more go into chunks of
// delta varints that grow up to 4 KiB. Chunks never move and are only appended to, so that a reader who learned under
// the index's lock how far a chain reached can decode it afterwards without any. Private to the chain index.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace carnet::store {

class ChainPart {
 public:
  /// How far one chain reached when it was looked up. Positions are relative to the part's base.
  struct Look {
    std::array<std::uint32_t, 3> words{};  ///< Up to three positions; or 0, the last chunk, the last position.
    std::uint32_t used = 0;                ///< Bytes of the last chunk.

    [[nodiscard]] bool is_empty() const noexcept { return words[0] == 0 && words[1] == 0; }

    [[nodiscard]] bool is_spilled() const noexcept { return words[0] == 0 && words[1] != 0; }
  };

  ChainPart();
  ~ChainPart();
  ChainPart(const ChainPart&) = delete;
  ChainPart& operator=(const ChainPart&) = delete;

  // Under the index's lock.

  void prefetch(std::uint32_t chain) const noexcept;
  /// Requires: `position` is above all of the chain's.
  void add(std::uint32_t chain, std::uint64_t position);
  [[nodiscard]] Look find(std::uint32_t chain) const noexcept;

  [[nodiscard]] bool is_empty() const noexcept { return entry_count_ == 0; }

  [[nodiscard]] std::uint64_t first() const noexcept { return base_ + 1; }

  [[nodiscard]] std::uint64_t last() const noexcept { return last_; }

  /// Positions above it belong to the next part.
  [[nodiscard]] std::uint64_t limit() const noexcept { return limit_; }

  void set_limit(std::uint64_t limit) noexcept { limit_ = limit; }

  [[nodiscard]] std::size_t entry_count() const noexcept { return entry_count_; }

  [[nodiscard]] std::size_t bytes() const noexcept { return slot_bytes_ + chunk_bytes_; }

  /// Adds to `other` what is above `position` (and within the limit); what `other` has of a chain must be below.
  void copy_beyond(std::uint64_t position, ChainPart& other) const;

  void copy_all(ChainPart& other) const { copy_beyond(0, other); }

  /// Chains, in no order. For a part that nobody adds to.
  [[nodiscard]] std::vector<std::uint32_t> chains() const;

 private:
  friend class PartPositions;

  struct Slot {
    std::uint32_t chain = 0;  ///< 0: free.
    std::array<std::uint32_t, 3> words{};
  };

  static_assert(sizeof(Slot) == 16);

  struct Shard {
    std::unique_ptr<Slot[]> slots;
    std::uint32_t capacity = 0;
    std::uint32_t used = 0;
    std::uint32_t used_max = 0;
  };

  /// Many, so that growing one moves little while the lock is held.
  static constexpr std::size_t kShards = 64;
  static constexpr std::size_t kSlabBytes = 1024UL * 1024;
  static constexpr std::size_t kSlabsMax = 4096;

  [[nodiscard]] Slot& slot_for(std::uint32_t chain);
  void grow(Shard& shard, std::size_t number);
  [[nodiscard]] std::uint32_t relative(std::uint64_t position) const;
  void spill(Slot& slot, std::uint32_t position);
  void append(Slot& slot, std::uint32_t position);
  /// A new chunk with `size` bytes of data; returns its reference.
  [[nodiscard]] std::uint32_t new_chunk(std::uint32_t before, std::uint32_t first, std::size_t size);
  [[nodiscard]] std::byte* chunk(std::uint32_t reference) const noexcept;

  std::array<Shard, kShards> shards_;
  std::unique_ptr<std::unique_ptr<std::byte[]>[]> slabs_;
  std::size_t slab_count_ = 0;
  std::size_t slab_used_ = kSlabBytes;
  std::uint64_t base_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t limit_ = std::numeric_limits<std::uint64_t>::max();
  std::size_t entry_count_ = 0;
  std::size_t slot_bytes_ = 0;
  std::size_t chunk_bytes_ = 0;
};

/// Walks the positions of one chain in one part, without a lock. Reusable.
class PartPositions {
 public:
  /// Positions in (after, up_to]. `part` outlives the walk.
  void start(const ChainPart& part, const ChainPart::Look& look, std::uint64_t after, std::uint64_t up_to,
             bool backwards);
  /// 0 at the end.
  [[nodiscard]] std::uint64_t next();

 private:
  void decode_inline(const ChainPart::Look& look);
  [[nodiscard]] bool decode_next_chunk();
  void decode(const std::byte* chunk, std::uint32_t used);

  const ChainPart* part_ = nullptr;
  std::uint64_t base_ = 0;
  std::uint64_t after_ = 0;
  std::uint64_t up_to_ = 0;
  bool backwards_ = false;
  std::uint32_t next_chunk_ = 0;        ///< Backwards: the chunk before.
  std::vector<std::uint32_t> to_come_;  ///< Forwards: chunks, the next one last.
  std::uint32_t last_chunk_ = 0;
  std::uint32_t last_used_ = 0;
  std::vector<std::uint64_t> positions_;  ///< Of the chunk, in the order of the walk, last one first to go.
};

}  // namespace carnet::store
