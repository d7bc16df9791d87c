// SPDX-License-Identifier: Apache-2.0
//
// See name_cache.hpp.
#include "store/name_cache.hpp"

#include "base/process.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>
#include <mutex>
#include <utility>

namespace carnet::store {

std::uint64_t hash_name(std::uint32_t scope, std::string_view name) noexcept {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;
  const std::uint64_t mixed = (std::hash<std::string_view>{}(name) ^ scope) * kGolden;
  return mixed ^ (mixed >> 32U);
}

namespace {

constexpr std::size_t kInlineBytes = 34;
constexpr std::uint32_t kNone = 0;

std::uint32_t hash_ordinal(std::uint32_t ordinal) noexcept {
  constexpr std::uint32_t kGolden = 0x9E3779B1U;
  const std::uint32_t mixed = ordinal * kGolden;
  return mixed ^ (mixed >> 15U);
}

}  // namespace

struct NameCache::Slot {
  std::uint64_t payload;
  std::uint32_t ordinal;
  std::uint32_t scope;
  std::uint32_t hash;
  std::uint32_t next_by_name;
  std::uint32_t next_by_ordinal;
  std::uint8_t size;
  mutable bool is_wanted;  ///< Since the hand came by.
  std::array<char, kInlineBytes> name;
};

NameCache::NameCache(std::size_t bytes) {
  static_assert(sizeof(Slot) == 64);
  constexpr std::size_t kBytesForOne = sizeof(Slot) + 12;
  constexpr std::size_t kSlotsMin = 16;
  slot_count_ = std::max(bytes / kBytesForOne, kSlotsMin);
  const std::size_t buckets = std::bit_ceil(slot_count_ / 2 + 1);
  bucket_mask_ = static_cast<std::uint32_t>(buckets - 1);
  // Pages that no name has reached yet take no memory.
  slots_ = std::make_unique_for_overwrite<Slot[]>(slot_count_);
  base::advise_huge_pages(slots_.get(), slot_count_ * sizeof(Slot));
  by_name_.resize(buckets, kNone);
  by_ordinal_.resize(buckets, kNone);
}

NameCache::~NameCache() = default;

std::string_view NameCache::name_of(std::uint32_t number) const {
  const Slot& slot = slots_[number];
  return slot.size <= kInlineBytes ? std::string_view(slot.name.data(), slot.size) : long_names_.at(number);
}

std::optional<NameEntry> NameCache::find(std::uint64_t hash, std::uint32_t scope, std::string_view name) const {
  const auto short_hash = static_cast<std::uint32_t>(hash);
  const std::lock_guard lock(lock_);
  for (std::uint32_t at = by_name_[short_hash & bucket_mask_]; at != kNone; at = slots_[at - 1].next_by_name) {
    const Slot& slot = slots_[at - 1];
    if (slot.hash == short_hash && slot.scope == scope && name_of(at - 1) == name) {
      slot.is_wanted = true;
      return NameEntry{slot.ordinal, slot.scope, slot.payload};
    }
  }
  return std::nullopt;
}

std::uint32_t NameCache::find_by_ordinal(std::uint32_t ordinal) const {
  std::uint32_t at = by_ordinal_[hash_ordinal(ordinal) & bucket_mask_];
  while (at != kNone && slots_[at - 1].ordinal != ordinal) {
    at = slots_[at - 1].next_by_ordinal;
  }
  return at;
}

std::optional<NameEntry> NameCache::find(std::uint32_t ordinal, std::string* name) const {
  const std::lock_guard lock(lock_);
  const std::uint32_t at = find_by_ordinal(ordinal);
  if (at == kNone) {
    return std::nullopt;
  }
  const Slot& slot = slots_[at - 1];
  slot.is_wanted = true;
  if (name != nullptr) {
    name->append(name_of(at - 1));
  }
  return NameEntry{slot.ordinal, slot.scope, slot.payload};
}

std::uint32_t NameCache::free_slot() {
  if (used_ < slot_count_) {
    return static_cast<std::uint32_t>(used_++);
  }
  while (slots_[hand_].is_wanted) {
    slots_[hand_].is_wanted = false;
    hand_ = hand_ + 1 == slot_count_ ? 0 : hand_ + 1;
  }
  const auto number = static_cast<std::uint32_t>(hand_);
  hand_ = hand_ + 1 == slot_count_ ? 0 : hand_ + 1;
  unlink(number);
  return number;
}

void NameCache::unlink(std::uint32_t number) {
  const Slot& slot = slots_[number];
  std::uint32_t* link = &by_name_[slot.hash & bucket_mask_];
  while (*link != number + 1) {
    link = &slots_[*link - 1].next_by_name;
  }
  *link = slot.next_by_name;
  link = &by_ordinal_[hash_ordinal(slot.ordinal) & bucket_mask_];
  while (*link != number + 1) {
    link = &slots_[*link - 1].next_by_ordinal;
  }
  *link = slot.next_by_ordinal;
  if (slot.size > kInlineBytes) {
    long_names_.erase(number);
  }
}

void NameCache::put(const NameEntry& entry, std::uint64_t hash, std::string_view name) {
  const std::lock_guard lock(lock_);
  if (find_by_ordinal(entry.ordinal) != kNone) {
    return;
  }
  const std::uint32_t number = free_slot();
  Slot& slot = slots_[number];
  slot.payload = entry.payload;
  slot.ordinal = entry.ordinal;
  slot.scope = entry.scope;
  slot.hash = static_cast<std::uint32_t>(hash);
  slot.size = static_cast<std::uint8_t>(name.size());
  slot.is_wanted = false;  // Until it is asked for again: a pass over many names once does not push out those in use.
  if (name.size() <= kInlineBytes) {
    std::memcpy(slot.name.data(), name.data(), name.size());
  } else {
    long_names_[number] = name;
  }
  std::uint32_t& first_by_name = by_name_[slot.hash & bucket_mask_];
  slot.next_by_name = std::exchange(first_by_name, number + 1);
  std::uint32_t& first_by_ordinal = by_ordinal_[hash_ordinal(entry.ordinal) & bucket_mask_];
  slot.next_by_ordinal = std::exchange(first_by_ordinal, number + 1);
}

}  // namespace carnet::store
