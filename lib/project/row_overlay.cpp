// SPDX-License-Identifier: Apache-2.0
//
// The overlay's map, arena and undo (see row_overlay.hpp).
#include "project/row_overlay.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <cstring>

namespace carnet::project {

namespace {

constexpr unsigned kCellBitsMin = 10;
// What a group leaves behind for the next one; a larger one gives its memory back.
constexpr unsigned kCellBitsKept = 17;
constexpr std::size_t kArenaBytesKept = 4UL * 1024 * 1024;
constexpr std::size_t kSavedRowsKept = 1UL << 15U;

}  // namespace

std::byte* RowArena::take(std::size_t bytes) {
  CARNET_ASSERT(bytes <= kChunkBytes, "a row fits a chunk of the arena");
  if (top_.used + bytes > kChunkBytes) {
    ++top_.chunk;
    top_.used = 0;
  }
  while (top_.chunk >= chunks_.size()) {
    chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(kChunkBytes));
  }
  std::byte* const taken = chunks_[top_.chunk].get() + top_.used;
  top_.used += bytes;
  return taken;
}

void RowArena::shrink(std::size_t keep_bytes) {
  const std::size_t keep = keep_bytes / kChunkBytes;
  if (chunks_.size() > keep) {
    chunks_.resize(keep);
  }
}

RowOverlay::RowOverlay() {
  resize(kCellBitsMin);
}

RowOverlay::Row& RowOverlay::add(std::uint16_t table, std::uint64_t row, Slot& slot, std::uint32_t offset,
                                 std::uint32_t size) {
  if ((rows_.size() + 1) * 2 > cells_.size()) {
    resize(64 - shift_ + 1);
  }
  const std::uint64_t key = key_of(table, row);
  std::size_t at = home(key);
  while (cells_[at].stamp == stamp_) {
    at = (at + 1) & mask_;
  }
  cells_[at] = {key, stamp_, static_cast<std::uint32_t>(rows_.size())};
  rows_.push_back({.key = key,
                   .slot = &slot,
                   .bytes = arena_.take(size),
                   .serial = serial_,
                   .offset = static_cast<std::uint16_t>(offset),
                   .size = static_cast<std::uint16_t>(size)});
  return rows_.back();
}

void RowOverlay::savepoint() {
  ++serial_;
  CARNET_ASSERT(serial_ != 0, "a group has fewer than 2^32 savepoints");
  saved_.clear();
  saved_arena_.give_back({});
  savepoint_rows_ = rows_.size();
  savepoint_mark_ = arena_.mark();
}

void RowOverlay::rollback() {
  for (std::size_t i = saved_.size(); i-- > 0;) {
    Row& row = rows_[saved_[i].row];
    std::memcpy(row.bytes, saved_[i].bytes, row.size);
    row.serial = saved_[i].serial;
  }
  saved_.clear();
  saved_arena_.give_back({});
  // Rows that were added last can be taken out without marks: no chain of probes of an earlier row runs over them.
  while (rows_.size() > savepoint_rows_) {
    cells_[cell_of(rows_.back().key)].stamp = 0;
    rows_.pop_back();
  }
  arena_.give_back(savepoint_mark_);
}

void RowOverlay::clear() {
  if (cells_.size() > (std::size_t{1} << kCellBitsKept)) {
    rows_ = {};
    resize(kCellBitsKept);
  }
  rows_.clear();
  saved_.clear();
  if (saved_.capacity() > kSavedRowsKept) {
    saved_ = {};
  }
  ++stamp_;
  if (stamp_ == 0) {
    std::fill(cells_.begin(), cells_.end(), Cell{});
    stamp_ = 1;
  }
  serial_ = 1;
  savepoint_rows_ = 0;
  savepoint_mark_ = {};
  arena_.give_back({});
  arena_.shrink(kArenaBytesKept);
  saved_arena_.give_back({});
  saved_arena_.shrink(kArenaBytesKept);
}

std::size_t RowOverlay::cell_of(std::uint64_t key) const noexcept {
  std::size_t at = home(key);
  while (cells_[at].key != key || cells_[at].stamp != stamp_) {
    at = (at + 1) & mask_;
  }
  return at;
}

void RowOverlay::save(Row& row) {
  std::byte* const bytes = saved_arena_.take(row.size);
  std::memcpy(bytes, row.bytes, row.size);
  saved_.push_back({static_cast<std::uint32_t>(&row - rows_.data()), row.serial, bytes});
  row.serial = serial_;
}

void RowOverlay::resize(unsigned bits) {
  cells_.assign(std::size_t{1} << bits, Cell{});
  mask_ = cells_.size() - 1;
  shift_ = 64 - bits;
  // In the order of their adding, on which rollback() depends.
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    std::size_t at = home(rows_[i].key);
    while (cells_[at].stamp == stamp_) {
      at = (at + 1) & mask_;
    }
    cells_[at] = {rows_[i].key, stamp_, static_cast<std::uint32_t>(i)};
  }
}

}  // namespace carnet::project
