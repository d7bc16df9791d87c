// SPDX-License-Identifier: Apache-2.0
#include "rental/unique_index.hpp"

namespace carnet::rental {

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

void UniqueIndex::add(TableWriter& tables, std::uint64_t hash, std::uint64_t position) const {
  auto bucket = tables.get<BucketRow>(buckets_, hash % kBuckets);
  const std::uint64_t index = tables.row_count(entries_);
  tables.put(entries_, index, EntryRow{.hash = hash, .position = position, .next = bucket.head, .live = 1});
  bucket.head = static_cast<std::uint32_t>(index + 1);
  tables.put(buckets_, hash % kBuckets, bucket);
}

void UniqueIndex::remove(TableWriter& tables, std::uint64_t hash, std::uint64_t position) const {
  auto next = tables.get<BucketRow>(buckets_, hash % kBuckets).head;
  while (next != 0) {
    auto entry = tables.get<EntryRow>(entries_, next - 1);
    if (entry.position == position) {
      entry.live = 0;
      tables.put(entries_, next - 1, entry);
      return;
    }
    next = entry.next;
  }
}

}  // namespace carnet::rental
