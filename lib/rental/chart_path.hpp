// SPDX-License-Identifier: Apache-2.0
//
// Paths of ledger accounts read by the chart: which row a path is of, and whose it is.
#pragma once

#include "rental/rules.hpp"

#include <span>
#include <string_view>

namespace carnet::rental {

/// The row of the chart that a path is of; null: none, or an id in it is malformed.
[[nodiscard]] const ChartRow* chart_of_path(std::span<const ChartRow> chart, std::string_view path);

/// `account/A1` or `external/X` in a path whose row has a party; empty: it has none. Requires: a path of `row`.
[[nodiscard]] std::string_view party_of_path(const ChartRow& row, std::string_view path);

}  // namespace carnet::rental
