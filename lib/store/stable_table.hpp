// SPDX-License-Identifier: Apache-2.0
//
// A table that only grows and is read without a lock: types, units, codes, families by their numbers.
#pragma once

#include "base/check.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

namespace carnet::store {

/// Rows are numbered from 0 and never move or die before the table. Threads: one writer, any number of readers.
template <class T>
class StableTable {
 public:
  StableTable() = default;
  StableTable(const StableTable&) = delete;
  StableTable& operator=(const StableTable&) = delete;

  [[nodiscard]] std::uint32_t size() const noexcept { return size_.load(std::memory_order_acquire); }

  /// Null: no such row.
  [[nodiscard]] const T* at(std::uint32_t row) const noexcept {
    if (row >= size()) {
      return nullptr;
    }
    const Place place = place_of(row);
    return blocks_[place.block][place.slot].load(std::memory_order_acquire);
  }

  /// Returns the row as it stays.
  const T* push(T value) {
    const std::uint32_t row = size_.load(std::memory_order_relaxed);
    const Place place = place_of(row);
    CARNET_REQUIRE(place.block < kBlocks, "types, units, codes and families are few");
    if (blocks_[place.block] == nullptr) {
      blocks_[place.block] = std::make_unique<std::atomic<const T*>[]>(kFirstBlock << place.block);
    }
    const T* const kept = keep(std::move(value));
    blocks_[place.block][place.slot].store(kept, std::memory_order_release);
    size_.store(row + 1, std::memory_order_release);
    return kept;
  }

  /// Puts another value in the row's place; whoever has the old one may keep it.
  const T* replace(std::uint32_t row, T value) {
    CARNET_REQUIRE(row < size(), "a row is replaced after it was added");
    const Place place = place_of(row);
    const T* const kept = keep(std::move(value));
    blocks_[place.block][place.slot].store(kept, std::memory_order_release);
    return kept;
  }

 private:
  struct Place {
    std::size_t block;
    std::size_t slot;
  };

  static constexpr std::size_t kFirstBlock = 64;
  static constexpr std::size_t kBlocks = 24;

  /// Block b has 64 << b rows, so that none ever moves.
  [[nodiscard]] static Place place_of(std::uint32_t row) noexcept {
    const std::size_t shifted = std::size_t{row} + kFirstBlock;
    const auto width = static_cast<std::size_t>(std::bit_width(shifted));
    const auto first_width = static_cast<std::size_t>(std::bit_width(kFirstBlock));
    return {width - first_width, shifted - (std::size_t{1} << (width - 1))};
  }

  [[nodiscard]] const T* keep(T value) { return &kept_.emplace_back(std::move(value)); }

  std::array<std::unique_ptr<std::atomic<const T*>[]>, kBlocks> blocks_;
  std::atomic<std::uint32_t> size_{0};
  std::deque<T> kept_;
};

}  // namespace carnet::store
