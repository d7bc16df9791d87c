// SPDX-License-Identifier: Apache-2.0
//
// A page, the slot that points to it, and a table's directory of slots. Layout only: who may touch what, and when, is
// said at each field; the rules are in state_pages.hpp.
#pragma once

#include "base/check.hpp"
#include "base/int128.hpp"
#include "project/row_sum.hpp"
#include "project/table_set.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace carnet::project {

inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::uint32_t kRowBytesMax = 2048;
inline constexpr std::uint64_t kRowsMax = 1ULL
                                          << 48U;  ///< A row number and a table id share a word as the overlay's key.

/// `bytes` are not initialised: whoever makes a page fills them.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): clearing 4 KiB that are overwritten at once costs a copy.
struct alignas(64) Page {
  // One cache line for all that a write looks at.
  std::atomic<std::uint64_t> epoch{0};     ///< Publication that changed it last; 0: as loaded. Any thread reads it.
  std::atomic<std::uint64_t> prepared{0};  ///< Epoch that it may be written for. Set under the mutex; writers read it.
  std::uint64_t write_group = 0;           ///< Group whose overlay holds rows of it. The writer's own.
  std::atomic<bool> referenced{false};     ///< Second chance. Any thread.

  // Under the mutex (the checkpoint's thread may read `base` of a page that its own pin sees).
  bool base_known = false;  ///< `base` is valid. A clean page may leave it open until it is first changed.
  std::uint16_t table = 0;
  std::uint32_t ring = 0;                ///< Where it stands in the sweep's ring; current versions only.
  std::uint64_t dirty = 0;               ///< Dirty list that it is on; 0: clean.
  std::uint64_t number = 0;              ///< Of the page within its table.
  Page* older = nullptr;                 ///< Next version back.
  Page* newer = nullptr;                 ///< Next version forward; null for the current one.
  Fingerprint base{};                    ///< What the table's base total holds for it (INV-1).
  Fingerprint sum{};                     ///< Of the bytes, if …
  std::uint64_t sum_epoch = UINT64_MAX;  ///< … it was made at this epoch.

  alignas(64) std::array<std::byte, kPageBytes> bytes;
};

/// A place for a page. Never moves, never goes before its table does.
struct Slot {
  std::atomic<Page*> page{nullptr};
  std::atomic<std::uint64_t> pin{0};  ///< Group in which the writer touched it last.
};

/// Slots by page number, in segments of doubling size. Finding is wait-free and needs no lock; growing needs the mutex.
class Directory {
 public:
  /// Null when no segment holds it yet.
  [[nodiscard]] Slot* find(std::uint64_t number) const noexcept {
    const Place place = locate(number);
    Slot* const segment = segments_[place.segment].load(std::memory_order_acquire);
    return segment == nullptr ? nullptr : segment + place.offset;
  }

  [[nodiscard]] Slot& ensure(std::uint64_t number) {
    const Place place = locate(number);
    Slot* segment = segments_[place.segment].load(std::memory_order_relaxed);
    if (segment == nullptr) {
      owned_[place.segment] = std::make_unique<Slot[]>(std::size_t{kFirst} << place.segment);
      segment = owned_[place.segment].get();
      segments_[place.segment].store(segment, std::memory_order_release);
    }
    return segment[place.offset];
  }

 private:
  static constexpr std::uint64_t kFirst = 64;
  static constexpr unsigned kFirstBits = 6;
  static constexpr std::size_t kSegments = 44;

  struct Place {
    unsigned segment;
    std::uint64_t offset;
  };

  static Place locate(std::uint64_t number) noexcept {
    const std::uint64_t shifted = number + kFirst;
    const unsigned top = 63U - static_cast<unsigned>(std::countl_zero(shifted));
    return {top - kFirstBits, shifted - (1ULL << top)};
  }

  std::array<std::atomic<Slot*>, kSegments> segments_{};
  std::array<std::unique_ptr<Slot[]>, kSegments> owned_;

  static_assert((kRowsMax / 2 + kFirst) >> (kSegments + kFirstBits) == 0, "the last page has a segment");
};

/// Where a row stands.
struct RowPlace {
  std::uint64_t number;  ///< Of the page.
  std::uint32_t offset;  ///< Of the row's bytes in it.
};

/// The page that the writer used last in a table.
struct WriterCache {
  std::uint64_t first = UINT64_MAX;  ///< Its first row.
  Page* page = nullptr;
  std::uint64_t group = 0;     ///< Valid in this group only.
  std::uint64_t writable = 0;  ///< Group in which it was prepared for direct writes.
};

struct Table {
  Table(const TableSpec& its_spec, std::uint16_t its_id)
      : spec(its_spec),
        row_bytes(spec.row_bytes),
        rows_per_page(static_cast<std::uint32_t>(kPageBytes / spec.row_bytes)),
        reciprocal(UINT64_MAX / rows_per_page + 1),
        id(its_id),
        seed(table_seed(spec.name, spec.row_bytes)) {}

  /// Division by a multiplication: exact while row × rows_per_page < 2^64, hence for all rows below kRowsMax.
  [[nodiscard]] RowPlace place(std::uint64_t row) const noexcept {
    const auto number = static_cast<std::uint64_t>((base::Int128{row} * reciprocal) >> 64U);
    return {number, static_cast<std::uint32_t>(row - number * rows_per_page) * row_bytes};
  }

  [[nodiscard]] std::uint64_t first_row(std::uint64_t number) const noexcept { return number * rows_per_page; }

  [[nodiscard]] std::uint64_t page_count(std::uint64_t rows) const noexcept {
    return (rows + rows_per_page - 1) / rows_per_page;
  }

  [[nodiscard]] Fingerprint sum(const Page& page) const noexcept {
    return sum_rows(seed, first_row(page.number), page.bytes.data(), rows_per_page, row_bytes);
  }

  const TableSpec spec;
  const std::uint32_t row_bytes;
  const std::uint32_t rows_per_page;
  const std::uint64_t reciprocal;
  const std::uint16_t id;
  const Fingerprint seed;
  bool retired = false;             ///< Under the mutex: no longer part of the state, kept for old pins.
  std::uint64_t retired_epoch = 0;  ///< Pins up to this epoch may read it.
  Directory directory;

  // The writer's own.
  WriterCache cache;
  std::uint64_t count = 0;         ///< Rows, the overlay's included.
  std::uint32_t count_serial = 0;  ///< Savepoint for which `count` was saved.

  // Changed by the writer under the mutex: the writer reads it without, others with.
  std::uint64_t published_count = 0;

  // Under the mutex.
  Fingerprint base_total{};
};

}  // namespace carnet::project
