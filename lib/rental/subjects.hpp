// SPDX-License-Identifier: Apache-2.0
//
// Subjects of machines: the one fold and the one look-up for every lifecycle that is made of rows. A subject is a
// member of a tag family (a deposit, a payment) or an id within one (a hold of a deposit). Its row holds the state,
// what was summed up, and the head of its journal, by which a reversal in the middle leads to the state that the other
// events give.
#pragma once

#include "rental/key_index.hpp"
#include "rental/rows.hpp"
#include "rental/rule_book.hpp"

#include <carnet/projection.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace carnet::rental {

/// A subject that an event concerns.
struct SubjectRef {
  std::uint32_t number = 0;                    ///< Row plus 1; 0: keyed, and not there yet.
  std::uint32_t scope = 0;                     ///< Keyed: member of the parent, plus 1.
  std::string_view id{};                       ///< Keyed: its id.
  const AllocationFact* allocation = nullptr;  ///< The allocation that names it.
};

/// Tables of one machine. Threads: as the reader that is given.
class SubjectTable {
 public:
  /// `first` is the first table of the machine's projection.
  SubjectTable(const MachinePlan& plan, TableId first) : plan_(plan), first_(first) {}

  [[nodiscard]] SubjectRow get(TableReader& tables, std::uint32_t number) const {
    return number == 0 ? SubjectRow{} : tables.get<SubjectRow>(rows(), number - 1);
  }

  /// Number of the subject with this id (of the whole ledger, or within a parent); 0: none. Requires: keyed.
  [[nodiscard]] std::uint32_t find(TableReader& tables, std::uint32_t scope, std::string_view id) const {
    return index().find(tables, scope, id);
  }

  [[nodiscard]] KeyRow key(TableReader& tables, std::uint32_t number) const {
    return tables.get<KeyRow>(table_at(first_, plan_.keys), number - 1);
  }

  [[nodiscard]] std::uint64_t count(TableReader& tables) const { return tables.row_count(rows()); }

  [[nodiscard]] TableId rows() const { return table_at(first_, plan_.rows); }

  [[nodiscard]] TableId journal() const { return table_at(first_, plan_.journal); }

  [[nodiscard]] KeyIndex index() const { return {table_at(first_, plan_.keys), table_at(first_, plan_.buckets)}; }

 private:
  const MachinePlan& plan_;
  TableId first_;
};

/// Subjects of `concern` that the event names. `first`: of the projection of the machine that holds them.
void find_subjects(const RuleBook& book, const Concern& concern, const AppliedEvent& event, const EventFacts& facts,
                   TableReader& tables, TableId first, std::vector<SubjectRef>& out);

/// What remains of a subject by its sums (a hold's frozen money). 64 bits were checked when it was decided.
[[nodiscard]] std::int64_t remaining(const MachinePlan& plan, const SubjectRow& row) noexcept;
/// A sum by name. Requires: the machine has it.
[[nodiscard]] std::int64_t sum_of(const MachinePlan& plan, const SubjectRow& row, std::string_view name);

/// Adds what the event does to the sums. False: one left 64 bits.
[[nodiscard]] bool add_sums(const Concern& concern, const AppliedEvent& event, const EventFacts& facts,
                            const SubjectRef& subject, SubjectRow& row);

/// Applies an event to every subject of the machines of one projection.
void fold_subjects(const RuleBook& book, const RuleBook::ProjectionPlan& projection, const AppliedEvent& event,
                   const AppliedEvent* original, const EventFacts& facts, TableId first, TableWriter& tables);

}  // namespace carnet::rental
