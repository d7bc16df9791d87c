// SPDX-License-Identifier: Apache-2.0
//
// Guards of deposits and holds.
#include "rental/contract.hpp"
#include "rental/guards.hpp"
#include "rental/money.hpp"

#include <carnet/schema/deposit.capnp.h>
#include <carnet/schema/settlement.capnp.h>
#include <carnet/schema/violation.capnp.h>

#include <fmt/format.h>

#include <algorithm>

namespace carnet::rental {

namespace {

using Purpose = schema::DepositPurpose;

std::int64_t amount_of(const Decision& d) {
  return d.facts().amount ? d.facts().amount->minor : 0;
}

/// The hold's row; zeros: the event names none.
SubjectRow hold_of(const Decision& d) {
  const Subject* hold = d.subject(Machine::kHold);
  return hold == nullptr ? SubjectRow{} : hold->row;
}

Broken beyond(Decision& d, std::int64_t remaining, std::string_view message) {
  return {.message = std::string(message),
          .values = {{"amount", minor_text(amount_of(d))}, {"remaining", minor_text(remaining)}}};
}

std::optional<Broken> capture_within_hold(Decision& d) {
  const SubjectRow hold = hold_of(d);
  const std::int64_t left = d.remains(Machine::kHold, hold);
  // In an ended state the lifecycle has said it.
  if (!is_live(hold) || amount_of(d) <= left) {
    return std::nullopt;
  }
  if (d.basis() != Basis::kDecision) {
    const std::int64_t tolerance = psp_profile(d).tolerance_bp;
    if (amount_of(d) <= left + mul_div_half_even(left, tolerance, 10'000).value_or(0)) {
      return std::nullopt;
    }
    d.finding("OverCapture", "data.amount", {{"amount", minor_text(amount_of(d))}, {"remaining", minor_text(left)}});
    return std::nullopt;
  }
  return beyond(d, left, "more is captured than is left of the hold");
}

std::optional<Broken> release_within_hold(Decision& d) {
  const std::int64_t left = d.remains(Machine::kHold, hold_of(d));
  return amount_of(d) <= left ? std::nullopt
                              : std::optional(beyond(d, left, "more is released than is left of the hold"));
}

std::optional<Broken> release_names_hold(Decision& d) {
  return d.facts().hold_id.empty() ? std::optional(Broken{.message = "a hold is released by its holdId"})
                                   : std::nullopt;
}

std::optional<Broken> release_names_refund(Decision& d) {
  return d.facts().refund_id.empty() ? std::optional(Broken{.message = "cash goes back by a refund: state refundId"})
                                     : std::nullopt;
}

std::optional<Broken> hold_unexpired(Decision& d) {
  const SubjectRow hold = hold_of(d);
  if (!is_live(hold) || !is_expired_at(hold, d.event().occurred_at)) {
    return std::nullopt;
  }
  return Broken{.message = "the authorization has run out: freeze another that replaces it",
                .values = {{"expiresAt", to_text(Timestamp{hold.value})}}};
}

std::optional<Broken> hold_live(Decision& d) {
  const SubjectRow hold = hold_of(d);
  if (is_live(hold)) {
    return std::nullopt;
  }
  return Broken{.message = "the hold has ended: nothing can be added to it"};
}

std::optional<Broken> delta_not_negative(Decision& d) {
  if (d.facts().delta && d.facts().delta->minor >= 0) {
    return std::nullopt;
  }
  return Broken{.message = "a hold grows or stays: release a part of it instead"};
}

std::optional<Broken> increment_total(Decision& d) {
  const SubjectRow hold = hold_of(d);
  const std::int64_t delta = d.facts().delta ? d.facts().delta->minor : 0;
  const std::int64_t total = d.sum(Machine::kHold, hold, "frozen") - d.sum(Machine::kHold, hold, "released") + delta;
  const std::int64_t stated = d.facts().new_total ? d.facts().new_total->minor : 0;
  if (stated == total) {
    return std::nullopt;
  }
  return Broken{.message = "newTotal is what was frozen, less what was released, plus delta",
                .values = {{"newTotal", minor_text(stated)}, {"expected", minor_text(total)}}};
}

std::optional<Broken> increment_after_capture(Decision& d) {
  const bool grows = d.facts().delta && d.facts().delta->minor > 0;
  if (!grows || hold_of(d).state != state::kPartiallyCaptured || psp_profile(d).increment_after_capture) {
    return std::nullopt;
  }
  return Broken{.message = "the network takes no increase after the first capture: freeze another hold"};
}

std::optional<Broken> multi_capture(Decision& d) {
  if (hold_of(d).state != state::kPartiallyCaptured || psp_profile(d).multi_capture) {
    return std::nullopt;
  }
  return Broken{.message = "the network takes one capture of a hold"};
}

std::optional<Broken> expires_whole(Decision& d) {
  const std::int64_t left = d.remains(Machine::kHold, hold_of(d));
  return amount_of(d) == left ? std::nullopt
                              : std::optional(beyond(d, left, "what expires is all that is left of the hold"));
}

std::optional<Broken> hold_replaced(Decision& d) {
  const Subject* hold = d.subject(Machine::kHold);
  const std::string_view replaces = d.facts().replaces;
  if (replaces.empty() || hold == nullptr) {
    return std::nullopt;
  }
  const SubjectRow replaced = d.row_by_key(Machine::kHold, hold->ref.scope, replaces);
  if (replaced.first != 0 && replaces != d.facts().hold_id) {
    return std::nullopt;
  }
  return Broken{.message = "replaces names another hold of the same deposit",
                .values = {{"replaces", std::string(replaces)}}};
}

std::optional<Broken> within_deposit(Decision& d) {
  const Subject* deposit = d.subject(Machine::kDeposit);
  const std::int64_t left = deposit == nullptr ? 0 : d.remains(Machine::kDeposit, deposit->row);
  return amount_of(d) <= left ? std::nullopt
                              : std::optional(beyond(d, left, "more is taken than is left of the deposit"));
}

/// A violation or charge that is not of the deposit's own contract, where that is known here.
std::optional<Broken> foreign_to_contract(Decision& d) {
  const DepositContract contract = contract_of_deposit(d);
  if (!has_terms(contract.row)) {
    return std::nullopt;
  }
  const CustodyState custody = d.custody();
  for (const ViolationCase& each : d.violations()) {
    const AppliedEvent* event = each.row.recorded == 0 ? nullptr : d.context().event_at(each.row.recorded);
    if (event == nullptr || d.book().event_name(event->type) != "TrafficViolationRecorded") {
      continue;
    }
    const auto recorded = payload_as<schema::TrafficViolationRecorded>(event->payload);
    const std::int64_t at = recorded.getViolationAt();
    const ChainRef* named = find_tag(*event, d.book().known().rental);
    const ChainRef* vehicle = find_tag(*event, d.book().known().vehicle);
    const auto wanted = vehicle == nullptr ? std::nullopt : std::optional(vehicle->member);
    const bool of_contract = named != nullptr ? named->member == contract.member : wanted.has_value();
    if (!of_contract || !custody.had_custody(custody.rental(contract.member), wanted, at)) {
      return Broken{.message = "a deposit for violations pays those of its own contract, while it had the vehicle",
                    .values = {{"violationId", std::string(each.subject.id)}}};
    }
  }
  for (const Subject& each : d.subjects()) {
    const bool foreign = each.concern->machine == Machine::kCharge && each.exists() && each.row.links[0] != 0 &&
                         contract.row.links[0] != 0 && each.row.links[0] != contract.row.links[0];
    if (foreign) {
      return Broken{.message = "a deposit for violations pays the admin fee of its own contract",
                    .values = {{"chargeId", std::string(each.ref.id)}}};
    }
  }
  return std::nullopt;
}

/// I-M9: what a violation deposit pays is the fine and its admin fee, of its own contract.
std::optional<Broken> purpose_matches(Decision& d) {
  if (deposit_purpose(d) != static_cast<std::uint8_t>(Purpose::VIOLATION)) {
    return std::nullopt;
  }
  for (const Subject& each : d.subjects()) {
    if (each.concern->machine != Machine::kCharge || !each.exists()) {
      continue;
    }
    const AppliedEvent* posted = d.context().event_at(each.row.first);
    const auto kind =
        posted == nullptr ? std::string_view{} : as_text(payload_as<schema::ChargePosted>(posted->payload).getKind());
    if (kind != "violationAdminFee") {
      return Broken{.message = "a deposit for violations pays fines and their admin fee",
                    .values = {{"chargeId", std::string(each.ref.id)}}};
    }
  }
  return foreign_to_contract(d);
}

}  // namespace

namespace guard {

const GuardRow kCaptureWithinHold{"I-M5", "CaptureExceedsHold", "data.amount", &capture_within_hold};
const GuardRow kReleaseWithinHold{"I-M4", "ReleaseExceedsHold", "data.amount", &release_within_hold, true};
const GuardRow kReleaseNamesHold{"§2.7", "FieldMissing", "data.holdId", &release_names_hold, true};
const GuardRow kReleaseNamesRefund{"§2.7", "FieldMissing", "data.refundId", &release_names_refund};
const GuardRow kHoldUnexpired{"I-M6", "HoldExpired", "occurredAt", &hold_unexpired};
const GuardRow kHoldLive{"I-M7", "HoldTerminal", "data.holdId", &hold_live, true};
const GuardRow kDeltaNotNegative{"§3.4", "AmountNotPositive", "data.delta", &delta_not_negative, true};
const GuardRow kIncrementTotal{"I-M20", "IncrementTotalMismatch", "data.newTotal", &increment_total};
const GuardRow kIncrementAfterCapture{"I-M18", "IncrementAfterCapture", "data.delta", &increment_after_capture};
const GuardRow kMultiCapture{"§3.4", "MultiCaptureNotAllowed", "data.captureId", &multi_capture};
const GuardRow kExpiresWhole{"I-M7", "ExpiryNotWhole", "data.amount", &expires_whole};
const GuardRow kHoldReplaced{"A-26", "HoldUnknown", "data.replaces", &hold_replaced};
const GuardRow kWithinDeposit{"I-M8", "DepositInsufficient", "data.amount", &within_deposit, true};
const GuardRow kDepositPurpose{"I-M9", "PurposeMismatch", "data.appliedTo", &purpose_matches};

}  // namespace guard

}  // namespace carnet::rental
