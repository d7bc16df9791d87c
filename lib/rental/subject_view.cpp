// SPDX-License-Identifier: Apache-2.0
#include "rental/subject_view.hpp"

namespace carnet::rental {

const RuleBook& rental_book() {
  static const RuleBook book(rental_tables());
  return book;
}

SubjectTable subject_table(const StateView& view, Machine machine) {
  const MachinePlan& plan = rental_book().machine(machine);
  return {plan, view.table(plan.row->projection)};
}

SubjectRow subject_row(const StateView& view, Machine machine, std::uint32_t member) {
  return subject_table(view, machine).get(view.tables(), member + 1);
}

std::int64_t subject_sum(Machine machine, const SubjectRow& row, std::string_view name) {
  return sum_of(rental_book().machine(machine), row, name);
}

}  // namespace carnet::rental
