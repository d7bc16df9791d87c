// SPDX-License-Identifier: Apache-2.0
#include "rental/subject_history.hpp"

#include <algorithm>
#include <utility>

namespace carnet::rental {

SubjectHistory::SubjectHistory(const RuleBook& book, const SubjectTable& table, TableReader& tables,
                               const SubjectRow& row)
    : book_(book) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> corrected;  // What, by which event; the last one first.
  for (std::uint32_t next = row.journal; next != 0;) {
    const auto entry = tables.get<SubjectJournalRow>(table.journal(), next - 1);
    next = entry.previous;
    if (entry.code.foreign()) {
      if (!entry.code.live()) {
        corrected.emplace_back(static_cast<std::uint64_t>(entry.value), entry.position);
      }
      continue;
    }
    if (!entry.code.live()) {
      continue;
    }
    const auto found = std::ranges::find(corrected, entry.position, &std::pair<std::uint64_t, std::uint64_t>::first);
    entries_.push_back({.type = book.journal_type(entry.code),
                        .variant = entry.code.variant(),
                        .position = found == corrected.end() ? entry.position : found->second,
                        .occurred_ns = entry.occurred_ns,
                        .value = entry.value});
  }
  std::ranges::reverse(entries_);
}

const SubjectHistory::Entry* SubjectHistory::last(std::string_view event, Kinds kinds) const {
  const std::uint16_t type = book_.type_of(event);
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->type == type && in_kinds(kinds, entry->variant)) {
      return &*entry;
    }
  }
  return nullptr;
}

std::size_t SubjectHistory::count(std::string_view event) const {
  const std::uint16_t type = book_.type_of(event);
  return static_cast<std::size_t>(std::ranges::count(entries_, type, &Entry::type));
}

}  // namespace carnet::rental
