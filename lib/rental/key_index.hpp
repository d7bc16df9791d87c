// SPDX-License-Identifier: Apache-2.0
//
// Hash indexes in tables. The number of buckets grows with the number of entries, one at a time (linear hashing), so a
// look-up costs the same in a ledger of a hundred events and of a hundred million. Entries have members `hash` and
// `next` (entry, plus 1) and are only ever added.
#pragma once

#include "rental/rows.hpp"

#include <carnet/projection.hpp>

#include <bit>
#include <cstdint>
#include <string_view>

namespace carnet::rental {

/// Hash of one or two texts; the same on every machine.
[[nodiscard]] std::uint64_t text_hash(std::string_view first, std::string_view second = {}) noexcept;

template <class Entry>
class HashTable {
 public:
  HashTable(TableId buckets, TableId entries) : buckets_(buckets), entries_(entries) {}

  /// Calls `visit(index, entry)` for each entry of `hash`, newest first, until it returns false.
  template <class Visit>
  void find(TableReader& tables, std::uint64_t hash, Visit&& visit) const {
    const std::uint64_t count = tables.row_count(entries_);
    if (count == 0) {
      return;
    }
    auto next = tables.get<BucketRow>(buckets_, bucket_of(hash, count)).head;
    while (next != 0) {
      const std::uint32_t index = next - 1;
      const auto entry = tables.get<Entry>(entries_, index);
      if (entry.hash == hash && !visit(index, entry)) {
        return;
      }
      next = entry.next;
    }
  }

  /// Adds an entry (its `next` is set here) and returns its index.
  std::uint32_t add(TableWriter& tables, Entry entry) const {
    const std::uint64_t count = tables.row_count(entries_) + 1;
    split(tables, count);
    const std::uint64_t bucket = bucket_of(entry.hash, count);
    auto row = tables.get<BucketRow>(buckets_, bucket);
    entry.next = row.head;
    const auto index = static_cast<std::uint32_t>(count - 1);
    tables.put(entries_, index, entry);
    row.head = index + 1;
    tables.put(buckets_, bucket, row);
    return index;
  }

 private:
  static constexpr std::uint64_t kBucketsMin = 16;

  [[nodiscard]] static std::uint64_t buckets(std::uint64_t count) noexcept {
    return count < kBucketsMin ? kBucketsMin : count;
  }

  [[nodiscard]] static std::uint64_t bucket_of(std::uint64_t hash, std::uint64_t count) noexcept {
    const std::uint64_t all = buckets(count);
    const std::uint64_t wide = std::bit_ceil(all);
    const std::uint64_t bucket = hash & (wide - 1);
    return bucket < all ? bucket : hash & (wide / 2 - 1);
  }

  /// The bucket that the new count brings takes its entries from the one that held them so far.
  void split(TableWriter& tables, std::uint64_t count) const {
    if (buckets(count) == buckets(count - 1)) {
      return;
    }
    const std::uint64_t fresh = buckets(count) - 1;
    const std::uint64_t old = fresh & (std::bit_floor(fresh) - 1);
    std::uint32_t next = tables.get<BucketRow>(buckets_, old).head;
    std::uint32_t old_tail = 0;
    std::uint32_t fresh_tail = 0;
    const auto append = [&](std::uint64_t bucket, std::uint32_t& tail, std::uint32_t number) {
      if (tail == 0) {
        tables.put(buckets_, bucket, BucketRow{.head = number});
      } else {
        auto before = tables.get<Entry>(entries_, tail - 1);
        before.next = number;
        tables.put(entries_, tail - 1, before);
      }
      tail = number;
    };
    const std::uint32_t head = next;
    while (next != 0) {
      const auto entry = tables.get<Entry>(entries_, next - 1);
      const bool moves = bucket_of(entry.hash, count) == fresh;
      append(moves ? fresh : old, moves ? fresh_tail : old_tail, next);
      next = entry.next;
    }
    if (head != 0) {
      end(tables, old, old_tail);
      end(tables, fresh, fresh_tail);
    }
  }

  void end(TableWriter& tables, std::uint64_t bucket, std::uint32_t tail) const {
    if (tail == 0) {
      tables.put(buckets_, bucket, BucketRow{});
      return;
    }
    auto last = tables.get<Entry>(entries_, tail - 1);
    if (last.next != 0) {
      last.next = 0;
      tables.put(entries_, tail - 1, last);
    }
  }

  TableId buckets_;
  TableId entries_;
};

/// Texts that must be unique, by the events that bear them.
class UniqueIndex {
 public:
  /// `buckets` is the first of its two tables.
  explicit UniqueIndex(TableId buckets) : entries_(table_at(buckets, 1)), table_(buckets, entries_) {}

  void add(TableWriter& tables, std::uint64_t hash, std::uint64_t position) const {
    table_.add(tables, EntryRow{.hash = hash, .position = position, .live = 1});
  }

  /// Takes the entry of the event at `position` out; no effect if there is none.
  void remove(TableWriter& tables, std::uint64_t hash, std::uint64_t position) const;

  /// Calls `visit(position)` for each living entry of `hash`, newest first, until it returns false.
  template <class Visit>
  void find(TableReader& tables, std::uint64_t hash, Visit&& visit) const {
    table_.find(tables, hash,
                [&](std::uint32_t, const EntryRow& entry) { return entry.live == 0 || visit(entry.position); });
  }

 private:
  TableId entries_;
  HashTable<EntryRow> table_;
};

/// Subjects by their id within a scope.
class KeyIndex {
 public:
  KeyIndex(TableId keys, TableId buckets) : keys_(keys), table_(buckets, keys) {}

  /// Number of the subject's row plus 1; 0: there is none.
  [[nodiscard]] std::uint32_t find(TableReader& tables, std::uint32_t scope, std::string_view id) const;
  /// Adds a subject that is not there yet; its row's number plus 1.
  std::uint32_t add(TableWriter& tables, std::uint32_t scope, std::string_view id) const;

 private:
  TableId keys_;
  HashTable<KeyRow> table_;
};

}  // namespace carnet::rental
