// SPDX-License-Identifier: Apache-2.0
//
// A ledger whose domain takes every event that KPIs are made of as it comes: no lifecycle stands in the way of what a
// KPI has to tell apart. Money has the real domain (rental_money.hpp).
#pragma once

#include "support/rental_fixture.hpp"

#include <carnet/rental/kpi.hpp>
#include <carnet/schema/order.capnp.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::test {

[[nodiscard]] const Domain& kpi_test_domain();

[[nodiscard]] Timestamp at(std::string_view text);  ///< RFC 3339

using Step = schema::RatingReceived::Step;

// Parties: `account/A`, `external/X`; empty: none.
[[nodiscard]] EventDraft rated(const std::string& rating, const std::string& party, Step step, Timestamp when);
[[nodiscard]] EventDraft complained(const std::string& of_case, const std::string& party, const std::string& order,
                                    Timestamp when);
[[nodiscard]] EventDraft classified(const std::string& of_case, const std::string& party, const std::string& category,
                                    Timestamp when);
[[nodiscard]] EventDraft duplicate(const std::string& of_case, const std::string& primary, const std::string& party,
                                   Timestamp when);
[[nodiscard]] EventDraft resolved(const std::string& of_case, const std::string& party, bool satisfied, Timestamp when);
[[nodiscard]] EventDraft reworked(const std::string& of_case, const std::string& party, Timestamp when);
[[nodiscard]] EventDraft opined(const std::string& of_case, const std::string& party, const std::string& scale,
                                Timestamp when);
[[nodiscard]] EventDraft order_confirmed(const std::string& order, const std::string& party, Timestamp when);
/// A contract of the order; without a reservation that places the order.
[[nodiscard]] EventDraft contract_signed(const std::string& order, const std::string& party, Timestamp when);
[[nodiscard]] EventDraft order_voided(const std::string& order, const std::string& party, Timestamp when);
[[nodiscard]] EventDraft took(const std::string& contract, const std::string& party, Timestamp when,
                              std::optional<Timestamp> planned = {});
[[nodiscard]] EventDraft gave_back(const std::string& contract, const std::string& party, Timestamp when);
[[nodiscard]] EventDraft inspected(const std::string& contract, const std::string& party, Timestamp when);
[[nodiscard]] EventDraft merged_into(const std::string& stream_of, const std::string& surviving,
                                     const std::string& absorbed, Timestamp when);

/// `id[slice] numerator/denominator n=… aside=…`, joined by `; `; the currency behind a sum.
[[nodiscard]] std::string kpi_text(Ledger& ledger, std::string_view id, std::string_view window,
                                   std::string_view zone = "UTC", std::optional<std::uint64_t> known_at = {},
                                   bool include_history = false);

class KpiFixture : public RentalFixture {
 public:
  /// Its clock stands in 2025: what occurs in 2024 is no future event.
  KpiFixture() : RentalFixture(kpi_test_domain()) { clock->advance(Duration{500 * std::int64_t{86'400}}); }

  [[nodiscard]] std::string kpi(std::string_view id, std::string_view window, std::string_view zone = "UTC",
                                std::optional<std::uint64_t> known_at = {}, bool include_history = false) {
    return kpi_text(*ledger, id, window, zone, known_at, include_history);
  }

  [[nodiscard]] std::uint64_t here() { return ledger->head().position; }

  /// Tables rebuilt from the log are the same.
  void check_tables();
};

}  // namespace carnet::test
