// SPDX-License-Identifier: Apache-2.0
//
// See chain_part.hpp. A chunk: u32 reference of the chunk before, u32 first position, u16 bytes used, u16 bytes of
// data, then the data: varints of the differences to the position before.
#include "store/chain_part.hpp"

#include "base/bytes.hpp"
#include "base/check.hpp"

#include <algorithm>
#include <cstring>

namespace carnet::store {

namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kUsedAt = 8;
constexpr std::size_t kSizeAt = 10;
constexpr std::size_t kFirstChunkBytes = 32;
constexpr std::size_t kChunkBytesMax = 4096;
constexpr std::size_t kVarintBytesMax = 5;
/// References count units of 4 bytes, so that 32 bits reach over all slabs.
constexpr std::size_t kUnitBytes = 4;

std::uint64_t mix(std::uint32_t chain) noexcept {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;
  return chain * kGolden;
}

std::size_t shard_of(std::uint64_t hash) noexcept {
  return hash >> 58U;
}

/// The place in a table of `capacity` that the bits after the shard's point to.
std::uint32_t place_of(std::uint64_t hash, std::uint32_t capacity) noexcept {
  const std::uint64_t bits = (hash << 6U) >> 32U;
  return static_cast<std::uint32_t>((bits * capacity) >> 32U);
}

std::size_t put_varint(std::byte* at, std::uint32_t value) noexcept {
  std::size_t size = 0;
  while (value >= 0x80U) {
    at[size++] = static_cast<std::byte>(value | 0x80U);
    value >>= 7U;
  }
  at[size++] = static_cast<std::byte>(value);
  return size;
}

std::size_t varint_bytes(std::uint32_t value) noexcept {
  std::size_t size = 1;
  for (; value >= 0x80U; value >>= 7U) {
    ++size;
  }
  return size;
}

}  // namespace

ChainPart::ChainPart() : slabs_(std::make_unique<std::unique_ptr<std::byte[]>[]>(kSlabsMax)) {}

ChainPart::~ChainPart() = default;

void ChainPart::prefetch(std::uint32_t chain) const noexcept {
  const std::uint64_t hash = mix(chain);
  const Shard& shard = shards_[shard_of(hash)];
  if (shard.capacity != 0) {
    __builtin_prefetch(&shard.slots[place_of(hash, shard.capacity)], 1);
  }
}

ChainPart::Slot& ChainPart::slot_for(std::uint32_t chain) {
  const std::uint64_t hash = mix(chain);
  const std::size_t number = shard_of(hash);
  Shard& shard = shards_[number];
  if (shard.used >= shard.used_max) {
    grow(shard, number);
  }
  std::uint32_t place = place_of(hash, shard.capacity);
  while (shard.slots[place].chain != chain) {
    if (shard.slots[place].chain == 0) {
      shard.slots[place].chain = chain;
      ++shard.used;
      break;
    }
    place = place + 1 == shard.capacity ? 0 : place + 1;
  }
  return shard.slots[place];
}

void ChainPart::grow(Shard& shard, std::size_t number) {
  constexpr std::uint32_t kFirstCapacity = 8;
  const std::uint32_t capacity = shard.capacity == 0 ? kFirstCapacity : shard.capacity + shard.capacity / 2;
  auto slots = std::make_unique<Slot[]>(capacity);
  for (std::uint32_t at = 0; at < shard.capacity; ++at) {
    const Slot& old = shard.slots[at];
    if (old.chain != 0) {
      std::uint32_t place = place_of(mix(old.chain), capacity);
      while (slots[place].chain != 0) {
        place = place + 1 == capacity ? 0 : place + 1;
      }
      slots[place] = old;
    }
  }
  slot_bytes_ += (capacity - shard.capacity) * sizeof(Slot);
  shard.slots = std::move(slots);
  shard.capacity = capacity;
  // Each shard fills up to another degree, so that they do not all grow at once: 70 to 85 of 100.
  constexpr std::size_t kFillMin = 70;
  constexpr std::size_t kFillRange = 15;
  const std::size_t fill = kFillMin + number * kFillRange / kShards;
  shard.used_max = static_cast<std::uint32_t>(capacity * fill / 100);
}

std::uint32_t ChainPart::relative(std::uint64_t position) const {
  CARNET_REQUIRE(position > base_ && position - base_ <= std::numeric_limits<std::uint32_t>::max(),
                 "positions rise, and a checkpoint is made long before four billion events");
  return static_cast<std::uint32_t>(position - base_);
}

void ChainPart::add(std::uint32_t chain, std::uint64_t position) {
  CARNET_REQUIRE(chain != 0, "chain ordinals count from 1");
  if (entry_count_ == 0) {
    CARNET_REQUIRE(position != 0, "positions count from 1");
    base_ = position - 1;
  }
  const std::uint32_t place = relative(position);
  Slot& slot = slot_for(chain);
  std::array<std::uint32_t, 3>& words = slot.words;
  if (words[0] != 0) {
    CARNET_REQUIRE(place > std::max({words[0], words[1], words[2]}), "positions of a chain rise");
    if (words[1] == 0) {
      words[1] = place;
    } else if (words[2] == 0) {
      words[2] = place;
    } else {
      spill(slot, place);
    }
  } else if (words[1] != 0) {
    append(slot, place);
  } else {
    words[0] = place;
  }
  ++entry_count_;
  last_ = std::max(last_, position);
}

void ChainPart::spill(Slot& slot, std::uint32_t position) {
  const std::array<std::uint32_t, 3> held = slot.words;
  static_assert(kHeaderBytes + 3 * kVarintBytesMax <= kFirstChunkBytes);
  slot.words = {0, new_chunk(0, held[0], kFirstChunkBytes - kHeaderBytes), held[0]};
  append(slot, held[1]);
  append(slot, held[2]);
  append(slot, position);
}

void ChainPart::append(Slot& slot, std::uint32_t position) {
  CARNET_REQUIRE(position > slot.words[2], "positions of a chain rise");
  const std::uint32_t difference = position - slot.words[2];
  slot.words[2] = position;
  std::byte* const last = chunk(slot.words[1]);
  const std::size_t used = base::load_le<std::uint16_t>(last + kUsedAt);
  const std::size_t size = base::load_le<std::uint16_t>(last + kSizeAt);
  if (used + varint_bytes(difference) <= size) {
    const std::size_t added = put_varint(last + kHeaderBytes + used, difference);
    base::store_le(last + kUsedAt, static_cast<std::uint16_t>(used + added));
    return;
  }
  const std::size_t whole = (kHeaderBytes + size) * 3 / 2 / kUnitBytes * kUnitBytes;
  slot.words[1] = new_chunk(slot.words[1], position, std::min(whole, kChunkBytesMax) - kHeaderBytes);
}

std::uint32_t ChainPart::new_chunk(std::uint32_t before, std::uint32_t first, std::size_t size) {
  const std::size_t whole = kHeaderBytes + size;
  if (slab_used_ + whole > kSlabBytes) {
    CARNET_REQUIRE(slab_count_ < kSlabsMax, "a checkpoint is made long before 4 GiB of positions");
    slabs_[slab_count_++] = std::make_unique_for_overwrite<std::byte[]>(kSlabBytes);
    slab_used_ = kUnitBytes;  // Reference 0 is none.
  }
  const std::size_t units = (slab_count_ - 1) * (kSlabBytes / kUnitBytes) + slab_used_ / kUnitBytes;
  const auto reference = static_cast<std::uint32_t>(units);
  slab_used_ += whole;
  chunk_bytes_ += whole;
  std::byte* const at = chunk(reference);
  base::store_le(at, before);
  base::store_le(at + 4, first);
  base::store_le(at + kUsedAt, std::uint16_t{0});
  base::store_le(at + kSizeAt, static_cast<std::uint16_t>(size));
  return reference;
}

std::byte* ChainPart::chunk(std::uint32_t reference) const noexcept {
  constexpr std::size_t kSlabUnits = kSlabBytes / kUnitBytes;
  return slabs_[reference / kSlabUnits].get() + reference % kSlabUnits * kUnitBytes;
}

ChainPart::Look ChainPart::find(std::uint32_t chain) const noexcept {
  const std::uint64_t hash = mix(chain);
  const Shard& shard = shards_[shard_of(hash)];
  if (shard.capacity == 0) {
    return {};
  }
  std::uint32_t place = place_of(hash, shard.capacity);
  while (shard.slots[place].chain != chain) {
    if (shard.slots[place].chain == 0) {
      return {};
    }
    place = place + 1 == shard.capacity ? 0 : place + 1;
  }
  Look look{shard.slots[place].words, 0};
  if (look.is_spilled()) {
    look.used = base::load_le<std::uint16_t>(chunk(look.words[1]) + kUsedAt);
  }
  return look;
}

void ChainPart::copy_beyond(std::uint64_t position, ChainPart& other) const {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> found;
  PartPositions walk;
  for (const Shard& shard : shards_) {
    for (std::uint32_t at = 0; at < shard.capacity; ++at) {
      const Slot& slot = shard.slots[at];
      const std::uint32_t last = *std::max_element(slot.words.begin(), slot.words.end());
      const bool is_spilled = slot.words[0] == 0;
      if (slot.chain == 0 || base_ + (is_spilled ? slot.words[2] : last) <= position) {
        continue;
      }
      walk.start(*this, find(slot.chain), position, limit_, false);
      while (const std::uint64_t next = walk.next()) {
        found.emplace_back(next, slot.chain);
      }
    }
  }
  // An empty part takes its base from the first position it is given.
  std::sort(found.begin(), found.end());
  for (const auto& [next, chain] : found) {
    other.add(chain, next);
  }
}

std::vector<std::uint32_t> ChainPart::chains() const {
  std::vector<std::uint32_t> all;
  for (const Shard& shard : shards_) {
    for (std::uint32_t at = 0; at < shard.capacity; ++at) {
      if (shard.slots[at].chain != 0) {
        all.push_back(shard.slots[at].chain);
      }
    }
  }
  return all;
}

void PartPositions::start(const ChainPart& part, const ChainPart::Look& look, std::uint64_t after, std::uint64_t up_to,
                          bool backwards) {
  part_ = &part;
  base_ = part.base_;
  after_ = after;
  up_to_ = up_to;
  backwards_ = backwards;
  positions_.clear();
  to_come_.clear();
  next_chunk_ = 0;
  last_chunk_ = 0;
  if (!look.is_spilled()) {
    decode_inline(look);
    return;
  }
  last_chunk_ = look.words[1];
  last_used_ = look.used;
  if (backwards) {
    next_chunk_ = last_chunk_;
    return;
  }
  for (std::uint32_t reference = last_chunk_; reference != 0;) {
    const std::byte* const chunk = part.chunk(reference);
    to_come_.push_back(reference);
    // What stands before this chunk is not wanted.
    if (base_ + base::load_le<std::uint32_t>(chunk + 4) <= after + 1) {
      break;
    }
    reference = base::load_le<std::uint32_t>(chunk);
  }
}

void PartPositions::decode_inline(const ChainPart::Look& look) {
  for (const std::uint32_t word : look.words) {
    const std::uint64_t position = base_ + word;
    if (word != 0 && position > after_ && position <= up_to_) {
      positions_.push_back(position);
    }
  }
  if (!backwards_) {
    std::reverse(positions_.begin(), positions_.end());
  }
}

bool PartPositions::decode_next_chunk() {
  std::uint32_t reference = 0;
  if (backwards_) {
    reference = next_chunk_;
  } else if (!to_come_.empty()) {
    reference = to_come_.back();
    to_come_.pop_back();
  }
  if (reference == 0) {
    return false;
  }
  const std::byte* const chunk = part_->chunk(reference);
  const std::uint64_t first = base_ + base::load_le<std::uint32_t>(chunk + 4);
  next_chunk_ = first <= after_ + 1 ? 0 : base::load_le<std::uint32_t>(chunk);
  if (first > up_to_) {
    to_come_.clear();
    return backwards_;
  }
  decode(chunk, reference == last_chunk_ ? last_used_ : base::load_le<std::uint16_t>(chunk + kUsedAt));
  return true;
}

void PartPositions::decode(const std::byte* chunk, std::uint32_t used) {
  std::uint64_t position = base_ + base::load_le<std::uint32_t>(chunk + 4);
  const std::byte* at = chunk + kHeaderBytes;
  const std::byte* const end = at + used;
  while (position <= up_to_) {
    if (position > after_) {
      positions_.push_back(position);
    }
    if (at == end) {
      break;
    }
    std::uint32_t difference = 0;
    unsigned shift = 0;
    std::uint32_t byte = 0;
    do {
      byte = static_cast<std::uint32_t>(*at++);
      difference |= (byte & 0x7FU) << shift;
      shift += 7;
    } while ((byte & 0x80U) != 0);
    position += difference;
  }
  if (!backwards_) {
    std::reverse(positions_.begin(), positions_.end());
  }
}

std::uint64_t PartPositions::next() {
  while (positions_.empty()) {
    if (!decode_next_chunk()) {
      return 0;
    }
  }
  const std::uint64_t position = positions_.back();
  positions_.pop_back();
  return position;
}

}  // namespace carnet::store
