// SPDX-License-Identifier: Apache-2.0
//
// The fold of projection `kpi`: events into items and money rows (kpi_rows.hpp), by the rows of table_kpi.cpp.
#pragma once

#include "rental/kpi_rows.hpp"
#include "rental/rule_book.hpp"

#include <carnet/projection.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace carnet::rental {

/// The KPI rows with their names looked up in a book. Threads: immutable.
class KpiPlan {
 public:
  struct Sum {
    const KpiSumRule* row = nullptr;
    Symbol rule = kForeignSymbol;  ///< kForeignSymbol: any.
    SymbolSet debit;
    SymbolSet credit;
  };

  explicit KpiPlan(const RuleBook& book);

  [[nodiscard]] std::span<const KpiItemRule* const> items(std::uint16_t type) const noexcept { return items_[type]; }

  [[nodiscard]] std::span<const Sum> sums() const noexcept { return sums_; }

  [[nodiscard]] Symbol family(KpiGroup group) const noexcept { return families_[static_cast<std::size_t>(group)]; }

  [[nodiscard]] bool is_deposit(Symbol chart) const noexcept { return chart == security_ || chart == violations_; }

  [[nodiscard]] bool is_for_violations(Symbol chart) const noexcept { return chart == violations_; }

  [[nodiscard]] std::uint16_t merged() const noexcept { return merged_; }

 private:
  std::vector<std::vector<const KpiItemRule*>> items_;
  std::vector<Sum> sums_;
  std::vector<Symbol> families_;
  Symbol security_ = kForeignSymbol;
  Symbol violations_ = kForeignSymbol;
  std::uint16_t merged_ = kForeignType;
};

[[nodiscard]] std::unique_ptr<Projection> make_kpi_projection(const RuleBook& book);

}  // namespace carnet::rental
