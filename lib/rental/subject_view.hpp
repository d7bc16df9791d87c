// SPDX-License-Identifier: Apache-2.0
//
// Subjects of machines made of rows, read from a View.
#pragma once

#include "rental/rule_book.hpp"
#include "rental/subjects.hpp"

#include <carnet/rental/state_view.hpp>

#include <cstdint>
#include <string_view>

namespace carnet::rental {

/// The book of rental_domain(): one for the process.
[[nodiscard]] const RuleBook& rental_book();

/// The machine's tables in a view.
[[nodiscard]] SubjectTable subject_table(const StateView& view, Machine machine);
/// Row of a member of the machine's tag family. Zeros: there is no such subject.
[[nodiscard]] SubjectRow subject_row(const StateView& view, Machine machine, std::uint32_t member);
/// A sum of a row, by its machine's name for it.
[[nodiscard]] std::int64_t subject_sum(Machine machine, const SubjectRow& row, std::string_view name);

}  // namespace carnet::rental
