// SPDX-License-Identifier: Apache-2.0
//
// SubjectHistory: the events that stand in a subject's journal. For guards and queries that ask for one of a few events
// of a subject with a short life (a case): it costs a pass over the journal, and no place in the row.
#pragma once

#include "rental/subjects.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace carnet::rental {

class SubjectHistory {
 public:
  struct Entry {
    std::uint16_t type = kForeignType;
    std::uint16_t variant = 0;
    std::uint64_t position = 0;  ///< Of the event, or of its last correction.
    std::int64_t occurred_ns = 0;
    std::int64_t value = 0;  ///< KeepRow.
  };

  SubjectHistory(const RuleBook& book, const SubjectTable& table, TableReader& tables, const SubjectRow& row);

  /// In the order in which they were appended.
  [[nodiscard]] std::span<const Entry> entries() const noexcept { return entries_; }

  /// Null: none stands. Requires: the event is registered.
  [[nodiscard]] const Entry* last(std::string_view event, Kinds kinds = 0) const;
  [[nodiscard]] std::size_t count(std::string_view event) const;

 private:
  const RuleBook& book_;
  std::vector<Entry> entries_;
};

}  // namespace carnet::rental
