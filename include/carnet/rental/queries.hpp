// SPDX-License-Identifier: Apache-2.0
//
// Questions about a rental ledger's head, or about it as of another time: violations with the terms of DOMAIN.md §10,
// rentals, vehicles. They read tables and balances, never the log; lists come in the order in which the things were
// first named. Stability: experimental until the domain is complete.
#pragma once

#include <carnet/ledger.hpp>
#include <carnet/money.hpp>
#include <carnet/rental/state_view.hpp>
#include <carnet/result.hpp>
#include <carnet/time.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carnet {

// Every function here: the view's ledger must be of rental_domain(). As of another time: the fold has the projections
// `violations` for violations, `contracts` and `custody` for rentals and vehicles. Errors: those of the view
// (kCorruption, kStorage, kExpired) and what is stated. Threads: as the view.

/// A violation in minor units of `currency`: charged + overpaid = paid + cancelled + assigned + written_off + due.
struct ViolationSummary {
  std::string violation;   ///< Its id; empty in sums.
  std::string_view state;  ///< As in DOMAIN.md §3.5 (`charged`); empty in sums. Static text.
  Currency currency;       ///< The ledger's own where no event of it had an amount yet.
  std::int64_t charged = 0;
  std::int64_t paid = 0;
  std::int64_t overpaid = 0;
  std::int64_t cancelled = 0;
  std::int64_t assigned = 0;
  std::int64_t written_off = 0;
  std::int64_t due = 0;
  std::string party;     ///< `external/A1`; empty in sums.
  bool assumed = false;  ///< Entered in the middle, on `history`.
};

/// A contract's custody of a vehicle.
struct RentalSummary {
  std::string rental;
  std::string_view state;        ///< DOMAIN.md §3.2 (`inUse`). Static text.
  std::string_view query_state;  ///< `none`, `querying`. Static text.
  std::string vehicle;
  std::optional<Timestamp> handed_over_at;  ///< Of the last handover.
  std::optional<Timestamp> returned_at;
  std::string party;  ///< Empty: none was given (history).
  bool assumed = false;
};

struct VehicleSummary {
  std::string vehicle;
  std::string_view state;  ///< `out`, `in`. Static text.
  std::string rental;      ///< It is out with this one; empty: it is in.
  std::optional<Timestamp> since;
  std::uint32_t handovers = 0;
};

/// Where a list begins and ends.
struct Page {
  std::string after;        ///< Id; the list begins behind it. Empty: at the first.
  std::uint64_t limit = 0;  ///< 0: all.
};

/// Called for each row; false ends the list.
using ViolationVisitor = std::function<bool(const ViolationSummary&)>;
using RentalVisitor = std::function<bool(const RentalSummary&)>;
using VehicleVisitor = std::function<bool(const VehicleSummary&)>;

/// One violation, or nothing.
[[nodiscard]] Result<std::optional<ViolationSummary>> find_violation(const StateView& view, std::string_view id);
/// Errors: kNotFound `AfterUnknown`: no violation of the id `page.after`.
[[nodiscard]] Status list_violations(const StateView& view, const Page& page, const ViolationVisitor& visit);
/// One row a currency, in order of the currency's letters.
[[nodiscard]] Result<std::vector<ViolationSummary>> sum_violations(const StateView& view);
/// I-V1 of a summary.
[[nodiscard]] bool identity_holds(const ViolationSummary& summary) noexcept;
/// I-V1 for every violation, from the ledger accounts' balances, and that the tables say the same as the books. Returns
/// the ids that break it (empty: all good), at most `limit`.
[[nodiscard]] Result<std::vector<std::string>> check_violation_identity(const StateView& view,
                                                                        std::uint64_t limit = 100);

[[nodiscard]] Result<std::optional<RentalSummary>> find_rental(const StateView& view, std::string_view id);
/// Errors: kNotFound `AfterUnknown`.
[[nodiscard]] Status list_rentals(const StateView& view, const Page& page, const RentalVisitor& visit);

[[nodiscard]] Result<std::optional<VehicleSummary>> find_vehicle(const StateView& view, std::string_view id);
/// Errors: kNotFound `AfterUnknown`.
[[nodiscard]] Status list_vehicles(const StateView& view, const Page& page, const VehicleVisitor& visit);

}  // namespace carnet
