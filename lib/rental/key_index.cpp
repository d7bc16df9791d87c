// SPDX-License-Identifier: Apache-2.0
#include "rental/key_index.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <optional>

namespace carnet::rental {

namespace {

std::string_view text_of(const KeyRow& key) noexcept {
  return {key.text.data(), static_cast<std::size_t>(key.size)};
}

std::uint64_t key_hash(std::uint32_t scope, std::string_view id) noexcept {
  const char bytes[] = {static_cast<char>(scope & 0xffU), static_cast<char>((scope >> 8U) & 0xffU),
                        static_cast<char>((scope >> 16U) & 0xffU), static_cast<char>((scope >> 24U) & 0xffU)};
  return text_hash({bytes, sizeof bytes}, id);
}

}  // namespace

std::uint64_t text_hash(std::string_view first, std::string_view second) noexcept {
  // FNV-1a with a separator, then a finalizer so that the low bits (the bucket) depend on every byte.
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto take = [&](unsigned char byte) { hash = (hash ^ byte) * 0x100000001b3U; };
  for (const char c : first) {
    take(static_cast<unsigned char>(c));
  }
  take(0);
  for (const char c : second) {
    take(static_cast<unsigned char>(c));
  }
  hash ^= hash >> 33U;
  hash *= 0xff51afd7ed558ccdU;
  return hash ^ (hash >> 33U);
}

void UniqueIndex::remove(TableWriter& tables, std::uint64_t hash, std::uint64_t position) const {
  std::optional<std::uint32_t> found;
  table_.find(tables, hash, [&](std::uint32_t index, const EntryRow& entry) {
    found = entry.position == position ? std::optional(index) : std::nullopt;
    return !found.has_value();
  });
  if (found) {
    auto entry = tables.get<EntryRow>(entries_, *found);
    entry.live = 0;
    tables.put(entries_, *found, entry);
  }
}

std::uint32_t KeyIndex::find(TableReader& tables, std::uint32_t scope, std::string_view id) const {
  std::uint32_t number = 0;
  table_.find(tables, key_hash(scope, id), [&](std::uint32_t index, const KeyRow& key) {
    number = key.scope == scope && text_of(key) == id ? index + 1 : 0;
    return number == 0;
  });
  return number;
}

std::uint32_t KeyIndex::add(TableWriter& tables, std::uint32_t scope, std::string_view id) const {
  KeyRow key;
  key.hash = key_hash(scope, id);
  key.scope = scope;
  key.size = id.size();
  CARNET_ASSERT(id.size() <= key.text.size(), "I-E12: ids have at most 64 bytes");
  std::ranges::copy(id, key.text.begin());
  return table_.add(tables, key) + 1;
}

}  // namespace carnet::rental
