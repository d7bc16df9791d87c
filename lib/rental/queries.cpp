// SPDX-License-Identifier: Apache-2.0
#include "base/int128.hpp"
#include "rental/rows.hpp"
#include "rental/rule_book.hpp"
#include "rental/subject_view.hpp"
#include "rental/view_lists.hpp"

#include <carnet/rental/queries.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace carnet {

namespace {

using rental::Machine;
using rental::RentalRow;
using rental::VehicleRow;
using rental::ViolationRow;
using namespace rental::lists;

constexpr std::string_view kViolationFamily = "violation";
constexpr std::string_view kRentalFamily = "rental";
constexpr std::string_view kVehicleFamily = "vehicle";

/// Net of a ledger account in the books, debits less credits; 0 for number 0.
Result<std::int64_t> books_net(const StateView& view, std::uint32_t account, NormalSide side) {
  if (account == 0) {
    return std::int64_t{0};
  }
  CARNET_TRY(const Balance balance, view.balance(account));
  return posted_net(balance, side);
}

Result<ViolationSummary> amounts_of(const StateView& view, const ViolationRow& row) {
  CARNET_TRY(const std::int64_t receivable, books_net(view, row.receivable_account, NormalSide::kDebit));
  CARNET_TRY(const std::int64_t credit, books_net(view, row.credit_account, NormalSide::kCredit));
  ViolationSummary summary;
  summary.state = rental::state_name(Machine::kViolation, row.state);
  // Where nothing that moved it had an amount (history that begins with a note), the zeros are in the ledger's own
  // currency.
  // It never changes: as of a time before LedgerOpened it is the same.
  View& head = view.view();
  const auto ledger = head.tables().get<rental::LedgerRow>(head.table(rental::kLedgerProjection), 0);
  summary.currency = Currency(row.currency == 0 ? ledger.base_currency : row.currency);
  summary.charged = row.charged();
  summary.paid = row.paid;
  summary.overpaid = credit + row.refunding + std::max<std::int64_t>(0, -receivable);
  summary.cancelled = row.cancelled;
  summary.assigned = row.assigned;
  summary.written_off = row.written_off;
  summary.due = std::max<std::int64_t>(0, receivable);
  summary.assumed = row.assumed != 0;
  return summary;
}

ViolationRow violation_row(const StateView& view, std::uint32_t member) {
  return view.tables().get<ViolationRow>(view.table(rental::kViolationProjection), member);
}

Result<ViolationSummary> violation_of(const StateView& view, std::uint32_t member, const ViolationRow& row) {
  CARNET_TRY(ViolationSummary summary, amounts_of(view, row));
  CARNET_TRY(summary.violation, member_id(view, kViolationFamily, member));
  CARNET_TRY(summary.party, party_text(view, row.party));
  return summary;
}

RentalRow rental_row(const StateView& view, std::uint32_t member) {
  return view.tables().get<RentalRow>(view.table(rental::kCustodyProjection), member);
}

Result<RentalSummary> rental_of(const StateView& view, std::uint32_t member, const rental::SubjectRow& contract) {
  RentalSummary summary;
  const RentalRow row = rental_row(view, member);
  CARNET_TRY(summary.rental, member_id(view, kRentalFamily, member));
  summary.state = rental::state_name(Machine::kContract, contract.state);
  summary.query_state = rental::state_name(Machine::kQuery, rental::subject_row(view, Machine::kQuery, member).state);
  if (row.vehicle != 0) {
    CARNET_TRY(summary.vehicle, member_id(view, kVehicleFamily, row.vehicle - 1));
  }
  if (row.has_handover != 0) {
    summary.handed_over_at = Timestamp{row.handed_over_ns};
  }
  if (row.has_return != 0) {
    summary.returned_at = Timestamp{row.returned_ns};
  }
  CARNET_TRY(summary.party, party_text(view, contract.party));
  summary.assumed = contract.assumed != 0;
  return summary;
}

VehicleRow vehicle_row(const StateView& view, std::uint32_t member) {
  return view.tables().get<VehicleRow>(rental::table_at(view.table(rental::kCustodyProjection), 1), member);
}

Result<VehicleSummary> vehicle_of(const StateView& view, std::uint32_t member, const VehicleRow& row) {
  VehicleSummary summary;
  CARNET_TRY(summary.vehicle, member_id(view, kVehicleFamily, member));
  summary.state = row.out == 0 ? "in" : "out";
  summary.since = Timestamp{row.since_ns};
  summary.handovers = row.handovers;
  if (row.out != 0) {
    const TableId events = rental::table_at(view.table(rental::kCustodyProjection), 2);
    const auto handover = view.tables().get<rental::CustodyRow>(events, row.out - 1);
    CARNET_TRY(summary.rental, member_id(view, kRentalFamily, handover.rental));
  }
  return summary;
}

}  // namespace

// ---- Violations ----

Result<std::optional<ViolationSummary>> find_violation(const StateView& view, std::string_view id) {
  CARNET_TRY(const auto member, member_of(view, kViolationFamily, id));
  if (!member) {
    return std::optional<ViolationSummary>();
  }
  const ViolationRow row = violation_row(view, *member);
  if (row.recorded == 0) {
    return std::optional<ViolationSummary>();  // Named by other events, but none moved it.
  }
  CARNET_TRY(ViolationSummary summary, violation_of(view, *member, row));
  CARNET_TRY_VOID(view.status());
  return std::optional(std::move(summary));
}

Status list_violations(const StateView& view, const Page& page, const ViolationVisitor& visit) {
  return list_members(view, kViolationFamily, page, [&](std::uint32_t member) -> Result<Visit> {
    const ViolationRow row = violation_row(view, member);
    if (row.recorded == 0) {
      return Visit::kSkipped;
    }
    CARNET_TRY(const ViolationSummary summary, violation_of(view, member, row));
    return visit(summary) ? Visit::kGiven : Visit::kEnough;
  });
}

Result<std::vector<ViolationSummary>> sum_violations(const StateView& view) {
  using base::Int128;
  constexpr std::array kTerms{&ViolationSummary::charged,   &ViolationSummary::paid,     &ViolationSummary::overpaid,
                              &ViolationSummary::cancelled, &ViolationSummary::assigned, &ViolationSummary::written_off,
                              &ViolationSummary::due};
  std::map<std::string, std::array<Int128, kTerms.size()>> sums;
  CARNET_TRY_VOID(list_members(view, kViolationFamily, {}, [&](std::uint32_t member) -> Result<Visit> {
    const ViolationRow row = violation_row(view, member);
    if (row.recorded == 0) {
      return Visit::kSkipped;
    }
    CARNET_TRY(const ViolationSummary summary, amounts_of(view, row));
    auto& sum = sums[summary.currency.code()];
    for (std::size_t i = 0; i < kTerms.size(); ++i) {
      sum[i] += summary.*kTerms[i];
    }
    return Visit::kGiven;
  }));
  std::vector<ViolationSummary> out;
  for (const auto& [code, sum] : sums) {
    CARNET_TRY(const Currency currency, Currency::parse(code));
    ViolationSummary& summary = out.emplace_back();
    summary.currency = currency;
    for (std::size_t i = 0; i < kTerms.size(); ++i) {
      summary.*kTerms[i] = static_cast<std::int64_t>(sum[i]);
      if (Int128{summary.*kTerms[i]} != sum[i]) {
        return Error(ErrorCode::kInvalidArgument, "Overflow", "a sum over all violations leaves 64 bits: sum in parts");
      }
    }
  }
  return out;
}

bool identity_holds(const ViolationSummary& summary) noexcept {
  using base::Int128;
  return Int128{summary.charged} + summary.overpaid ==
         Int128{summary.paid} + summary.cancelled + summary.assigned + summary.written_off + summary.due;
}

Result<std::vector<std::string>> check_violation_identity(const StateView& view, std::uint64_t limit) {
  std::vector<std::string> broken;
  CARNET_TRY_VOID(list_members(view, kViolationFamily, {}, [&](std::uint32_t member) -> Result<Visit> {
    const ViolationRow row = violation_row(view, member);
    if (row.recorded == 0) {
      return Visit::kSkipped;
    }
    CARNET_TRY(const ViolationSummary summary, amounts_of(view, row));
    CARNET_TRY(const std::int64_t receivable, books_net(view, row.receivable_account, NormalSide::kDebit));
    CARNET_TRY(const std::int64_t credit, books_net(view, row.credit_account, NormalSide::kCredit));
    if (identity_holds(summary) && receivable == row.receivable && credit == row.credit) {
      return Visit::kGiven;
    }
    CARNET_TRY(std::string id, member_id(view, kViolationFamily, member));
    broken.push_back(std::move(id));
    return broken.size() < limit ? Visit::kGiven : Visit::kEnough;
  }));
  return broken;
}

// ---- Rentals and vehicles ----

Result<std::optional<RentalSummary>> find_rental(const StateView& view, std::string_view id) {
  CARNET_TRY(const auto member, member_of(view, kRentalFamily, id));
  if (!member) {
    return std::optional<RentalSummary>();
  }
  const rental::SubjectRow row = rental::subject_row(view, Machine::kContract, *member);
  if (row.first == 0) {
    return std::optional<RentalSummary>();
  }
  CARNET_TRY(RentalSummary summary, rental_of(view, *member, row));
  CARNET_TRY_VOID(view.status());
  return std::optional(std::move(summary));
}

Status list_rentals(const StateView& view, const Page& page, const RentalVisitor& visit) {
  return list_members(view, kRentalFamily, page, [&](std::uint32_t member) -> Result<Visit> {
    const rental::SubjectRow row = rental::subject_row(view, Machine::kContract, member);
    if (row.first == 0) {
      return Visit::kSkipped;
    }
    CARNET_TRY(const RentalSummary summary, rental_of(view, member, row));
    return visit(summary) ? Visit::kGiven : Visit::kEnough;
  });
}

Result<std::optional<VehicleSummary>> find_vehicle(const StateView& view, std::string_view id) {
  CARNET_TRY(const auto member, member_of(view, kVehicleFamily, id));
  if (!member) {
    return std::optional<VehicleSummary>();
  }
  const VehicleRow row = vehicle_row(view, *member);
  if (row.handovers == 0) {
    return std::optional<VehicleSummary>();
  }
  CARNET_TRY(VehicleSummary summary, vehicle_of(view, *member, row));
  CARNET_TRY_VOID(view.status());
  return std::optional(std::move(summary));
}

Status list_vehicles(const StateView& view, const Page& page, const VehicleVisitor& visit) {
  return list_members(view, kVehicleFamily, page, [&](std::uint32_t member) -> Result<Visit> {
    const VehicleRow row = vehicle_row(view, member);
    if (row.handovers == 0) {
      return Visit::kSkipped;
    }
    CARNET_TRY(const VehicleSummary summary, vehicle_of(view, member, row));
    return visit(summary) ? Visit::kGiven : Visit::kEnough;
  });
}

}  // namespace carnet
