// SPDX-License-Identifier: Apache-2.0
//
// A set of texts that must be unique, kept in two tables of fixed rows: buckets by hash, and entries in chains. It
// answers with positions of events whose text has the same 64-bit hash; the caller compares the texts themselves.
#pragma once

#include "rental/rows.hpp"

#include <carnet/projection.hpp>

#include <cstdint>
#include <string_view>

namespace carnet::rental {

/// Stable over machines and versions: it is part of stored rows.
[[nodiscard]] std::uint64_t text_hash(std::string_view first, std::string_view second = {}) noexcept;

class UniqueIndex {
 public:
  /// `buckets` is followed by the table of entries.
  explicit UniqueIndex(TableId buckets) : buckets_(buckets), entries_(table_at(buckets, 1)) {}

  void add(TableWriter& tables, std::uint64_t hash, std::uint64_t position) const;
  /// Takes the entry of the event at `position` out; no effect if there is none.
  void remove(TableWriter& tables, std::uint64_t hash, std::uint64_t position) const;

  /// Calls `visit(position)` for each living entry of `hash`, newest first, until it returns false.
  template <class Visit>
  void find(TableReader& tables, std::uint64_t hash, Visit&& visit) const {
    auto next = tables.get<BucketRow>(buckets_, hash % kBuckets).head;
    while (next != 0) {
      const auto entry = tables.get<EntryRow>(entries_, next - 1);
      if (entry.live != 0 && entry.hash == hash && !visit(entry.position)) {
        return;
      }
      next = entry.next;
    }
  }

  static constexpr std::uint64_t kBuckets = 1U << 16U;

 private:
  TableId buckets_;
  TableId entries_;
};

}  // namespace carnet::rental
