// SPDX-License-Identifier: Apache-2.0
//
// Names that are few and kept whole: event types, units, codes, families. Private to the catalog.
#pragma once

#include "store/brief_lock.hpp"
#include "store/stable_table.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace carnet::store {

/// A code or a family: nothing but its text.
struct Symbol {
  std::string name;
};

/// `T` has a `name`. Threads: one writer, any number of readers. Rows stay as long as the table.
template <class T>
class SymbolTable {
 public:
  [[nodiscard]] std::uint32_t size() const noexcept { return rows_.size(); }

  /// By number from 0; null: no such row. Lock-free.
  [[nodiscard]] const T* at(std::uint32_t number) const noexcept { return rows_.at(number); }

  /// Number + 1; 0: none.
  [[nodiscard]] std::uint32_t find(std::string_view name) const {
    const std::lock_guard lock(lock_);
    const auto found = numbers_.find(name);
    return found == numbers_.end() ? 0 : found->second;
  }

  void push(T row) {
    const T* const kept = rows_.push(std::move(row));
    const std::lock_guard lock(lock_);
    numbers_.emplace(kept->name, rows_.size());
  }

  void replace(std::uint32_t number, T row) { rows_.replace(number, std::move(row)); }

 private:
  StableTable<T> rows_;
  mutable BriefLock lock_;
  std::unordered_map<std::string_view, std::uint32_t> numbers_;  ///< Its keys are the names of rows that stay.
};

}  // namespace carnet::store
