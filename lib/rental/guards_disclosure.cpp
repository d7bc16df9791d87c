// SPDX-License-Identifier: Apache-2.0
//
// Guards of deposits by what their contract disclosed, and by its query period. They bind where the contract is not
// known at all, or was drafted in this ledger; of one that history entered in the middle the terms are not known.
#include "rental/contract.hpp"
#include "rental/guards.hpp"
#include "rental/money.hpp"

#include <carnet/schema/deposit.capnp.h>
#include <carnet/schema/violation.capnp.h>

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace carnet::rental {

namespace {

using Instrument = schema::DepositReleased::Instrument;

bool is_cash(const Decision& d) {
  return d.subject(Machine::kHold) == nullptr;
}

/// The hold or cash deposit that the event concerns; zeros: none yet.
SubjectRow deposit_of(const Decision& d) {
  const Subject* found = d.subject(is_cash(d) ? Machine::kDeposit : Machine::kHold);
  return found == nullptr ? SubjectRow{} : found->row;
}

/// Sum of the disclosed items of the event's purpose and instrument; nothing: there is none.
std::optional<std::int64_t> disclosed_of(Decision& d, const SubjectRow& contract) {
  const auto instrument = static_cast<std::uint16_t>(is_cash(d) ? Instrument::CASH : Instrument::PRE_AUTHORIZATION);
  const std::uint16_t purpose = d.facts().purpose != 0 ? d.facts().purpose : deposit_purpose(d);
  std::optional<std::int64_t> sum;
  for (const DepositItem& item : disclosed_items(d, contract)) {
    const bool same_currency = d.facts().currency() == item.amount.currency;
    if (item.purpose == purpose && item.instrument == instrument && same_currency) {
      sum = sum.value_or(0) + item.amount.minor;
    }
  }
  return sum;
}

std::optional<Broken> terms_known(Decision& d) {
  const SubjectRow contract = contract_of_deposit(d).row;
  const bool unknown = contract.first == 0 && d.basis() != Basis::kHistory;
  const bool unsigned_here = has_terms(contract) && (contract.state == state::kDraft || contract.marks[0] == 0);
  if (!unknown && !unsigned_here) {
    return std::nullopt;
  }
  return Broken{.message = "a deposit is taken once its contract, with the deposit's terms, is signed",
                .values = {{"contractId", std::string(d.facts().contract_id)}}};
}

std::optional<Broken> purpose_disclosed(Decision& d) {
  const SubjectRow contract = contract_of_deposit(d).row;
  if (!has_terms(contract) || disclosed_of(d, contract)) {
    return std::nullopt;
  }
  return Broken{.message = "the contract discloses no deposit of this purpose, instrument and currency"};
}

std::optional<Broken> within_disclosed(Decision& d) {
  const SubjectRow contract = contract_of_deposit(d).row;
  const auto disclosed = has_terms(contract) ? disclosed_of(d, contract) : std::nullopt;
  if (!disclosed) {
    return std::nullopt;
  }
  const bool requested = d.book().event_name(d.type()) == "PreAuthorizationRequested";
  std::int64_t taken = d.facts().amount ? d.facts().amount->minor : 0;
  taken += d.facts().delta ? d.facts().delta->minor : 0;
  // A request does not say yet whether its hold takes the place of another.
  if (!requested) {
    const SubjectRow own = deposit_of(d);
    const SubjectRow replaced =
        is_cash(d) ? SubjectRow{} : d.row_by_key(Machine::kHold, own.parent, d.facts().replaces);
    const std::uint16_t purpose = d.facts().purpose != 0 ? d.facts().purpose : deposit_purpose(d);
    for (const DepositHeld& each : deposits_of(d, contract)) {
      const bool of_cash = each.instrument == static_cast<std::uint16_t>(Instrument::CASH);
      const bool counts = each.purpose == purpose && of_cash == is_cash(d) && !each.replaced &&
                          (replaced.first == 0 || each.first != replaced.first);
      taken += counts ? each.taken : 0;
    }
  }
  if (taken <= *disclosed) {
    return std::nullopt;
  }
  return Broken{.message = "more would be frozen or collected than the contract discloses",
                .values = {{"taken", minor_text(taken)}, {"disclosed", minor_text(*disclosed)}}};
}

std::optional<Broken> before_query_end(Decision& d) {
  const DepositContract contract = contract_of_deposit(d);
  if (!has_terms(contract.row)) {
    return std::nullopt;
  }
  const auto end = query_period_end(d, contract.row, contract.member);
  const bool voided = contract.row.state == state::kVoided;
  if (!voided && (!end || d.event().occurred_at < *end)) {
    return std::nullopt;
  }
  return Broken{.message = "the contract's query period has ended: nothing is frozen any more",
                .values = {{"end", end ? to_text(*end) : std::string("voided")}}};
}

// ---- I-M10 ----

/// A release that needs the end of the query period: of a deposit for violations, without an approver.
bool waits_for_query(Decision& d, const SubjectRow& contract) {
  if (deposit_purpose(d) != static_cast<std::uint8_t>(schema::DepositPurpose::VIOLATION) ||
      !d.facts().approver.empty() || !has_terms(contract)) {
    return false;
  }
  // Another hold has taken its place: the deposit stays.
  const std::uint64_t own = deposit_of(d).first;
  const auto all = deposits_of(d, contract);
  return std::ranges::none_of(all, [&](const DepositHeld& each) { return each.first == own && each.replaced; });
}

std::optional<Broken> query_over(Decision& d) {
  const DepositContract contract = contract_of_deposit(d);
  const State state = contract.row.state;
  const bool never_out = state == state::kDraft || state == state::kSigned || state == state::kVoided;
  if (never_out || !waits_for_query(d, contract.row)) {
    return std::nullopt;
  }
  const auto end = query_period_end(d, contract.row, contract.member);
  if (end && d.event().occurred_at >= *end) {
    return std::nullopt;
  }
  return Broken{.message = "before the query period has ended a violation deposit is released by an approver only",
                .values = {{"end", end ? to_text(*end) : std::string("out")}}};
}

std::optional<Broken> no_violation_open(Decision& d) {
  const SubjectRow contract = contract_of_deposit(d).row;
  if (!waits_for_query(d, contract)) {
    return std::nullopt;
  }
  const TableId table = d.context().table(kViolationProjection);
  for (const std::uint64_t position : d.standing(Machine::kContract, contract, "TrafficViolationRecorded")) {
    const auto recorded = d.payload_at<schema::TrafficViolationRecorded>(position);
    const std::string id(recorded ? as_text(recorded->getViolationId()) : std::string_view{});
    const auto chain = d.context().chain(ChainKind::kTag, fmt::format("violation/{}", id));
    const State state = chain ? d.tables().get<ViolationRow>(table, chain->member).state : kNone;
    if (state == state::kRecorded || state == state::kCharged) {
      return Broken{.message = "a violation of the contract is open: its deposit is released by an approver only",
                    .values = {{"violationId", id}}};
    }
  }
  return std::nullopt;
}

}  // namespace

namespace guard {

const GuardRow kTermsKnown{"§3.4", "DepositTermsNotDisclosed", "data.contractId", &terms_known};
const GuardRow kPurposeDisclosed{"I-C4", "PurposeNotDisclosed", "data.purpose", &purpose_disclosed};
const GuardRow kWithinDisclosed{"I-C4", "AmountExceedsDisclosed", "data.amount", &within_disclosed};
const GuardRow kBeforeQueryEnd{"§3.4", "QueryPeriodOver", "occurredAt", &before_query_end};
const GuardRow kQueryOver{"I-M10", "QueryPeriodOpen", "occurredAt", &query_over};
const GuardRow kNoViolationOpen{"I-M10", "ViolationOpen", "data", &no_violation_open};

}  // namespace guard

}  // namespace carnet::rental
