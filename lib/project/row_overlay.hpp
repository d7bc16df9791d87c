// SPDX-License-Identifier: Apache-2.0
//
// The overlay: rows of the commits being made, over the published pages. It knows no pages: the slot and the place in
// it are kept for whoever publishes. One savepoint; clearing costs nothing, however much it holds.
// Threads: the writer's.
#pragma once

#include "project/state_page.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace carnet::project {

/// Bytes that stay where they are, taken from the end and given back from the end.
class RowArena {
 public:
  struct Mark {
    std::size_t chunk = 0;
    std::size_t used = 0;
  };

  [[nodiscard]] std::byte* take(std::size_t bytes);

  [[nodiscard]] Mark mark() const noexcept { return top_; }

  void give_back(const Mark& mark) noexcept { top_ = mark; }

  /// Gives memory beyond `keep_bytes` back. Requires: nothing is taken.
  void shrink(std::size_t keep_bytes);

 private:
  static constexpr std::size_t kChunkBytes = 64UL * 1024;

  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  Mark top_;
};

class RowOverlay {
 public:
  struct Row {
    std::uint64_t key = 0;
    Slot* slot = nullptr;
    std::byte* bytes = nullptr;
    std::uint32_t serial = 0;  ///< Savepoint under which it was added or saved last.
    std::uint16_t offset = 0;  ///< In the page.
    std::uint16_t size = 0;
  };

  RowOverlay();

  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

  /// In the order in which they were first touched.
  [[nodiscard]] std::span<const Row> rows() const noexcept { return rows_; }

  /// The number of the savepoint in force; rises with each and starts again with each group.
  [[nodiscard]] std::uint32_t serial() const noexcept { return serial_; }

  /// Null when the overlay does not hold the row. Valid until the next add().
  [[nodiscard]] Row* find(std::uint16_t table, std::uint64_t row) noexcept {
    const std::uint64_t key = key_of(table, row);
    for (std::size_t at = home(key);; at = (at + 1) & mask_) {
      const Cell& cell = cells_[at];
      if (cell.stamp != stamp_) {
        return nullptr;
      }
      if (cell.key == key) {
        return &rows_[cell.row];
      }
    }
  }

  /// Adds a row that find() does not know. The caller fills its bytes.
  Row& add(std::uint16_t table, std::uint64_t row, Slot& slot, std::uint32_t offset, std::uint32_t size);

  /// The row's bytes, to be written: saves them first when this savepoint has not seen the row.
  [[nodiscard]] std::byte* touch(Row& row) {
    if (row.serial != serial_) {
      save(row);
    }
    return row.bytes;
  }

  void savepoint();
  void rollback();
  /// Empties it and ends the savepoint.
  void clear();

 private:
  struct Cell {
    std::uint64_t key = 0;
    std::uint32_t stamp = 0;  ///< Free unless it is the overlay's.
    std::uint32_t row = 0;
  };

  struct Saved {
    std::uint32_t row;
    std::uint32_t serial;  ///< What the row had before.
    std::byte* bytes;
  };

  static std::uint64_t key_of(std::uint16_t table, std::uint64_t row) noexcept { return row << 16U | table; }

  [[nodiscard]] std::size_t home(std::uint64_t key) const noexcept {
    return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15ULL) >> shift_);
  }

  [[nodiscard]] std::size_t cell_of(std::uint64_t key) const noexcept;
  void save(Row& row);
  void resize(unsigned bits);

  std::vector<Cell> cells_;
  std::vector<Row> rows_;
  std::size_t mask_ = 0;
  unsigned shift_ = 0;
  std::uint32_t stamp_ = 1;
  std::uint32_t serial_ = 1;

  RowArena arena_;        // Rows.
  RowArena saved_arena_;  // Their bytes as of the savepoint.
  std::vector<Saved> saved_;
  std::size_t savepoint_rows_ = 0;
  RowArena::Mark savepoint_mark_;
};

}  // namespace carnet::project
