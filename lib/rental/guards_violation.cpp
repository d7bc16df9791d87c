// SPDX-License-Identifier: Apache-2.0
//
// Guards of traffic violations.
#include "rental/guards.hpp"
#include "rental/money.hpp"

#include <carnet/schema/violation.capnp.h>

#include <fmt/format.h>

#include <algorithm>

namespace carnet::rental {

namespace {

std::optional<Broken> fine_positive(Decision& d) {
  using Kind = schema::TrafficViolationAmended::Kind;
  const bool amends = d.facts().kind != 0;
  const bool wants_expense = amends && static_cast<Kind>(d.facts().kind) == Kind::EXPENSE;
  const bool wants_fine = amends && !wants_expense;
  if ((wants_expense && !d.facts().expense) || (wants_fine && !d.facts().new_fine)) {
    const std::string_view field = wants_expense ? "expense" : "newFine";
    return Broken{.message = fmt::format("this kind of amendment states {}", field),
                  .values = {{"field", std::string(field)}},
                  .path = wants_expense ? "data.expense" : "data.newFine",
                  .always_refused = true};
  }

  struct Stated {
    const std::optional<Money>& money;
    std::string_view path;
    bool zero_allowed;
  };

  std::int64_t sum = 0;
  if (d.facts().fine && d.facts().expense &&
      __builtin_add_overflow(d.facts().fine->minor, d.facts().expense->minor, &sum)) {
    return Broken{.message = "fine and expense sum to more than 64 bits hold", .always_refused = true};
  }
  // What was recorded with 0 has its finding already; it is charged with 0 without another.
  const bool recorded = !d.violations().empty() && d.violations().front().row.state == state::kRecorded;
  const Stated all[] = {{d.facts().fine, "data.fine", recorded && d.basis() != Basis::kDecision},
                        {d.facts().new_fine, "data.newFine", false},
                        {d.facts().expense, "data.expense", !wants_expense}};
  for (const Stated& each : all) {
    if (each.money && (each.money->minor < 0 || (each.money->minor == 0 && !each.zero_allowed))) {
      return Broken{.message = "the amount must be above 0",
                    .values = {{"amount", minor_text(each.money->minor)}},
                    .path = each.path,
                    .always_refused = each.money->minor < 0};
    }
  }
  return std::nullopt;
}

std::optional<Broken> cancels_down_to(Decision& d) {
  if (!d.facts().new_fine || d.violations().empty()) {
    return std::nullopt;
  }
  if (d.facts().new_fine->minor < 0) {
    return Broken{.message = "the amount must not be below 0",
                  .values = {{"newFine", minor_text(d.facts().new_fine->minor)}},
                  .always_refused = true};
  }
  const ViolationRow& row = d.violations().front().row;
  const std::int64_t claimed = row.charged() - row.cancelled;
  const bool charged = row.state != kNone && row.state != state::kRecorded;
  if (!charged || d.facts().new_fine->minor <= claimed) {
    return std::nullopt;
  }
  return Broken{.message = "a cancellation does not raise what is claimed: use kind penalty",
                .values = {{"newFine", minor_text(d.facts().new_fine->minor)}, {"claimed", minor_text(claimed)}}};
}

std::optional<Broken> within_custody(Decision& d) {
  if (d.facts().contract_id.empty()) {
    return std::nullopt;
  }
  const KnownSymbols& known = d.book().known();
  const CustodyState state = d.custody();
  const RentalRow rental = state.rental(find_tag(d.event(), known.rental)->member);
  const ChainRef* vehicle = find_tag(d.event(), known.vehicle);
  const auto wanted = vehicle == nullptr ? std::nullopt : std::optional(vehicle->member);
  if (state.had_custody(rental, wanted, d.facts().violation_at.ns)) {
    return std::nullopt;
  }
  return Broken{
      .message = "the vehicle was not in the contract's custody at that time",
      .values = {{"contract", std::string(d.facts().contract_id)}, {"violationAt", to_text(d.facts().violation_at)}}};
}

std::optional<Broken> amount_within_due(Decision& d) {
  // An order's debts are bounded by what its receivable holds.
  if (d.violations().empty()) {
    return std::nullopt;
  }
  const std::int64_t due = std::max<std::int64_t>(0, d.violations().front().row.receivable);
  const std::int64_t amount = d.facts().amount ? d.facts().amount->minor : 0;
  if (amount <= due) {
    return std::nullopt;
  }
  return Broken{.message = "more than is due: state what is due, or less",
                .values = {{"amount", minor_text(amount)}, {"due", minor_text(due)}}};
}

std::optional<Broken> lawful_basis(Decision& d) {
  if (!d.facts().party.starts_with("account/") || !d.facts().lawful_basis_ref.empty()) {
    return std::nullopt;
  }
  return Broken{.message = "the party is an account: state the lawful basis of recording this"};
}

}  // namespace

namespace guard {

const GuardRow kFinePositive{"I-M2", "AmountNotPositive", "data.fine", &fine_positive};
const GuardRow kAmountWithinDue{"I-V2", "AmountExceedsBalance", "data.amount", &amount_within_due};
const GuardRow kCancelsDownTo{"§2.8", "AmountExceedsBalance", "data.newFine", &cancels_down_to};
const GuardRow kWithinCustody{"§3.5", "ViolationOutsideCustody", "data.violationAt", &within_custody};
const GuardRow kLawfulBasis{"I-P1", "BasisMissing", "data.lawfulBasisRef", &lawful_basis, true};

}  // namespace guard

}  // namespace carnet::rental
