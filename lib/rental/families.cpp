// SPDX-License-Identifier: Apache-2.0
//
// The families' tables put together: the domain of carnet/rental/domain.hpp.
#include "base/check.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <algorithm>
#include <vector>

namespace carnet::rental {

namespace {

template <class Row>
std::vector<Row> joined(std::span<const Row> FamilyTables::*part) {
  std::vector<Row> all;
  for (const FamilyTables& family : family_tables()) {
    const std::span<const Row> rows = family.*part;
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

const MachineRow* find_machine(Machine machine) noexcept {
  for (const FamilyTables& family : family_tables()) {
    for (const MachineRow& row : family.machines) {
      if (row.machine == machine) {
        return &row;
      }
    }
  }
  return nullptr;
}

}  // namespace

std::span<const FamilyTables> family_tables() {
  static const std::vector<FamilyTables> all{ledger_family(),     rental_family(),      violation_family(),
                                             payment_family(),    case_family(),        deposit_family(),
                                             settlement_family(), account_family(),     privacy_family(),
                                             price_family(),      reservation_family(), inspection_family()};
  return all;
}

const RuleTables& rental_tables() {
  static const auto events = joined(&FamilyTables::events);
  static const auto fields = joined(&FamilyTables::fields);
  static const auto notes = joined(&FamilyTables::notes);
  static const auto decided = joined(&FamilyTables::decided);
  static const auto machines = joined(&FamilyTables::machines);
  static const auto lifecycles = joined(&FamilyTables::lifecycles);
  static const auto assumed = joined(&FamilyTables::assumed);
  static const auto subjects = joined(&FamilyTables::subjects);
  static const auto sums = joined(&FamilyTables::sums);
  static const auto marks = joined(&FamilyTables::marks);
  static const auto keeps = joined(&FamilyTables::keeps);
  static const auto uniques = joined(&FamilyTables::uniques);
  static const auto guards = joined(&FamilyTables::guards);
  static const auto postings = joined(&FamilyTables::postings);
  static const auto terms = joined(&FamilyTables::terms);
  static const auto dues = joined(&FamilyTables::dues);
  static const RuleTables tables{.name = "rental",
                                 .events = events,
                                 .machines = machines,
                                 .lifecycles = lifecycles,
                                 .subjects = subjects,
                                 .sums = sums,
                                 .marks = marks,
                                 .keeps = keeps,
                                 .uniques = uniques,
                                 .guards = guards,
                                 .assumed = assumed,
                                 .fields = fields,
                                 .findings = finding_table(),
                                 .bases = basis_table(),
                                 .decided = decided,
                                 .chart = chart_table(),
                                 .postings = postings,
                                 .terms = terms,
                                 .dues = dues,
                                 .tags = tag_table(),
                                 .notes = notes};
  return tables;
}

std::string_view machine_name(Machine machine) noexcept {
  const MachineRow* row = find_machine(machine);
  return row == nullptr ? std::string_view{} : row->name;
}

std::string_view machine_rule(Machine machine) noexcept {
  const MachineRow* row = find_machine(machine);
  return row == nullptr ? std::string_view{} : row->rule;
}

std::string_view state_name(Machine machine, State state) noexcept {
  if (state == kNone) {
    return "none";
  }
  const MachineRow* row = find_machine(machine);
  std::string_view rest = row == nullptr ? std::string_view{} : row->states;
  for (State i = 1; !rest.empty(); ++i) {
    const std::size_t space = rest.find(' ');
    if (i == state) {
      return rest.substr(0, space);
    }
    rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
  }
  return {};
}

}  // namespace carnet::rental
