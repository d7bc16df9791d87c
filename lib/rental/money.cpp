// SPDX-License-Identifier: Apache-2.0
#include "rental/money.hpp"

#include <carnet/schema/deposit.capnp.h>
#include <carnet/schema/payment.capnp.h>

#include <fmt/format.h>

#include <algorithm>

namespace carnet::rental {

namespace {

std::string_view text_of(const schema::PreAuthorizationFrozen::Reader& frozen, bool network) {
  return network ? as_text(frozen.getNetwork()) : as_text(frozen.getPsp());
}

/// psp or network of the hold's freezing; empty: it is not known.
std::string frozen_text(Decision& decision, const SubjectRow& hold, bool network) {
  const AppliedEvent* frozen = hold.marks[0] == 0 ? nullptr : decision.context().event_at(hold.marks[0]);
  return frozen == nullptr ? std::string{}
                           : std::string(text_of(payload_as<schema::PreAuthorizationFrozen>(frozen->payload), network));
}

}  // namespace

std::string minor_text(std::int64_t minor) {
  return fmt::to_string(minor);
}

std::int64_t owed_of(const MachinePlan& charges, const SubjectRow& charge) {
  return sum_of(charges, charge, "amount") - sum_of(charges, charge, "reversed") -
         sum_of(charges, charge, "discounted") - sum_of(charges, charge, "paid");
}

std::int64_t payable_of(Decision& decision, const SubjectRow& charge) {
  const MachinePlan& charges = decision.book().machine(Machine::kCharge);
  std::int64_t again = 0;
  if (charge.links[0] != 0) {
    const SubjectRow order = decision.table_of(Machine::kSettlement).get(decision.tables(), charge.links[0]);
    again = decision.sum(Machine::kSettlement, order, "chargedBack");
  }
  const std::int64_t whole =
      sum_of(charges, charge, "amount") - sum_of(charges, charge, "reversed") - sum_of(charges, charge, "discounted");
  return std::min(whole, owed_of(charges, charge) + again);
}

bool is_live(const SubjectRow& hold) noexcept {
  return hold.state == state::kFrozen || hold.state == state::kPartiallyCaptured;
}

bool is_expired_at(const SubjectRow& hold, Timestamp time) noexcept {
  return hold.value != 0 && time.ns >= hold.value;
}

bool is_within_hold(Decision& decision, const Subject& hold) {
  const std::int64_t amount = decision.facts().amount ? decision.facts().amount->minor : 0;
  return is_live(hold.row) && !is_expired_at(hold.row, decision.event().occurred_at) &&
         amount <= decision.remains(Machine::kHold, hold.row);
}

std::uint8_t deposit_purpose(Decision& decision) {
  if (const Subject* hold = decision.subject(Machine::kHold); hold != nullptr) {
    if (hold->row.tag != 0) {
      return hold->row.tag;
    }
    // A hold that takes the place of another is of the same deposit.
    const SubjectRow replaced = decision.row_by_key(Machine::kHold, hold->ref.scope, decision.facts().replaces);
    return replaced.tag;
  }
  const std::string_view id =
      decision.facts().deposit_id.empty() ? decision.facts().source_id : decision.facts().deposit_id;
  const SubjectRow deposit = decision.row_of(Machine::kDeposit, "deposit", id);
  if (deposit.tag != 0) {
    return deposit.tag;
  }
  // DepositCollected itself; other events have no purpose of a deposit.
  return decision.book().concerns(Machine::kDeposit, decision.type()) && decision.facts().source_id.empty()
             ? static_cast<std::uint8_t>(decision.facts().purpose)
             : std::uint8_t{0};
}

PspProfile psp_profile(Decision& decision) {
  const RuleSet* set = decision.rules(RuleFamily::kPspProfile);
  const auto* rules = set == nullptr ? nullptr : std::get_if<PspProfileRules>(&set->rules);
  if (rules == nullptr) {
    return {};
  }
  if (const Subject* hold = decision.subject(Machine::kHold); hold != nullptr && rules->networks.size() > 1) {
    if (const auto found = rules->networks.find(frozen_text(decision, hold->row, true));
        found != rules->networks.end()) {
      return found->second;
    }
  }
  const auto standard = rules->networks.find("default");
  return standard == rules->networks.end() ? PspProfile{} : standard->second;
}

SourceEvent source_of(Decision& decision) {
  const EventFacts& facts = decision.facts();
  const std::uint16_t source = facts.source;
  SourceEvent found;
  if (source == static_cast<std::uint16_t>(schema::RefundSource::CAPTURE)) {
    found = {.machine = Machine::kCapture, .row = decision.row_by_key(Machine::kCapture, 0, facts.source_id)};
  } else if (source == static_cast<std::uint16_t>(schema::RefundSource::DEPOSIT)) {
    found = {.machine = Machine::kDeposit, .row = decision.row_of(Machine::kDeposit, "deposit", facts.source_id)};
  } else if (source == static_cast<std::uint16_t>(schema::RefundSource::PAYMENT)) {
    found = {.machine = Machine::kPayment, .row = decision.row_of(Machine::kPayment, "payment", facts.source_id)};
  } else {
    return found;
  }
  found.position = found.row.marks[0];
  return found;
}

std::string psp_of_source(Decision& decision) {
  const EventFacts& facts = decision.facts();
  if (const Subject* hold = decision.subject(Machine::kHold); hold != nullptr) {
    return frozen_text(decision, hold->row, false);
  }
  const SourceEvent source = source_of(decision);
  const AppliedEvent* event = source.position == 0 ? nullptr : decision.context().event_at(source.position);
  if (event == nullptr) {
    return {};
  }
  EventFacts theirs;
  decision.book().read(event->type, event->payload, theirs);
  if (source.machine != Machine::kCapture || facts.source_id.empty()) {
    return std::string(theirs.psp);
  }
  const std::string hold_id(theirs.hold_id);
  const std::string deposit_id(theirs.deposit_id);
  const auto deposit = decision.context().chain(ChainKind::kTag, fmt::format("deposit/{}", deposit_id));
  return deposit ? frozen_text(decision, decision.row_by_key(Machine::kHold, deposit->member + 1, hold_id), false)
                 : std::string{};
}

std::string revenue_use(Decision& decision, std::string_view kind) {
  const RuleSet* set = decision.rules(RuleFamily::kPostingAccounts);
  const auto* postings = set == nullptr ? nullptr : std::get_if<PostingRules>(&set->rules);
  if (postings == nullptr) {
    return "other";
  }
  const auto found = postings->revenue.find(kind);
  return found == postings->revenue.end() ? "other" : found->second;
}

}  // namespace carnet::rental
