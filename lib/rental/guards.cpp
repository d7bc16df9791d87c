// SPDX-License-Identifier: Apache-2.0
//
// What must hold beside the state. Each test says what it compared; its name and gravity are rows (table_guards.cpp).
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/sha256.hpp"
#include "rental/decision.hpp"
#include "rental/unique_index.hpp"

#include <carnet/schema/case.capnp.h>
#include <carnet/schema/violation.capnp.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace carnet::rental {

namespace {

std::string minor_text(std::int64_t minor) {
  return fmt::to_string(minor);
}

}  // namespace

Check Decision::check_guards() {
  for (const Guard guard : book_.guards(type_, facts_.kind)) {
    std::optional<Broken> what = test(guard);
    if (!what) {
      continue;
    }
    const GuardRow& row = book_.guard(guard);
    if (Check no = broken(row.rule, row.error, row.path, *std::move(what), row.always_refused, row.only_finding)) {
      return no;
    }
  }
  return std::nullopt;
}

std::optional<Broken> Decision::test(Guard guard) {
  switch (guard) {
    case Guard::kFirstOfDomain:
      if (context_.commit().first_commit && context_.event_index() == 0) {
        return std::nullopt;
      }
      return Broken{.message = "LedgerOpened is the first event after the genesis, and stands once"};
    case Guard::kRuleSetKnown:
      return test_rule_set();
    case Guard::kRuleSetVersion:
      return test_rule_set_version();
    case Guard::kRuleSetNotPast:
      if (facts_.version < 2 || facts_.effective_from >= context_.commit().recorded_at) {
        return std::nullopt;
      }
      return Broken{.message = "effective before it is published",
                    .values = {{"effectiveFrom", to_text(facts_.effective_from)}}};
    case Guard::kFinePositive:
      return test_fine();
    case Guard::kAmountPositive:
      return test_amount();
    case Guard::kAmountWithinDue:
      return test_amount_within_due();
    case Guard::kCancelsDownTo:
      return test_cancels_down_to();
    case Guard::kWithinCustody:
      return test_within_custody();
    case Guard::kLawfulBasis:
      if (!facts_.party.starts_with("account/") || !facts_.lawful_basis_ref.empty()) {
        return std::nullopt;
      }
      return Broken{.message = "the party is an account: state the lawful basis of recording this"};
    case Guard::kOneCurrency:
      return test_currency();
    case Guard::kAllocationKnown: {
      // No event of this release posts a charge: nothing can be owed of one.
      const auto charge =
          std::ranges::find_if(facts_.allocations, [](const AllocationFact& each) { return !each.charge_id.empty(); });
      if (charge == facts_.allocations.end()) {
        return std::nullopt;
      }
      return Broken{.message = "more is allocated to the charge than is owed of it",
                    .values = {{"chargeId", std::string(charge->charge_id)},
                               {"allocated", minor_text(charge->amount.minor)},
                               {"owed", "0"}}};
    }
    case Guard::kAllocationWithin:
      return test_allocations();
    case Guard::kPspRefUnique:
      return test_psp_ref();
    case Guard::kReferenceUnique:
      return test_reference();
    case Guard::kFirstResponsible:
      if (!facts_.first_responsible.empty()) {
        return std::nullopt;
      }
      return Broken{.message = "somebody is responsible from receipt on: state firstResponsible"};
    case Guard::kIntakeFields:
      return test_intake();
    case Guard::kVehicleFree:
      return test_vehicle_free();
    case Guard::kSameVehicle:
      return test_same_vehicle();
    case Guard::kReturnAfterHandover:
      return test_return_order();
    case Guard::kOdometer:
      return test_odometer();
  }
  return std::nullopt;
}

// ---- Rule sets ----

std::optional<Broken> Decision::test_rule_set() const {
  const RuleFamily family = rule_family(facts_.family);
  if (family == RuleFamily::kUnknown) {
    return Broken{
        .message = fmt::format("rule set family {} is not one of this release: codes, postingAccounts", facts_.family),
        .values = {{"family", std::string(facts_.family)}},
        .path = "data.family"};
  }
  if (context_.stream_name() != fmt::format("document/ruleSet.{}", facts_.family)) {
    return Broken{.message = "the stream of a rule set is document/ruleSet.{family}",
                  .values = {{"stream", std::string(context_.stream_name())}},
                  .path = "stream"};
  }
  std::string fault;
  if (!parse_rule_set(family, facts_.parameters, fault)) {
    return Broken{.message = std::move(fault), .values = {{"family", std::string(facts_.family)}}};
  }
  const base::Hash digest = base::sha256(base::as_bytes(facts_.parameters));
  if (!std::ranges::equal(digest, facts_.digest)) {
    return Broken{.message = "the digest is not that of the parameters", .path = "data.digest"};
  }
  return std::nullopt;
}

std::optional<Broken> Decision::test_rule_set_version() {
  const TableId sets = table_at(context_.table(kLedgerProjection), 1);
  const auto family = static_cast<std::uint16_t>(rule_family(facts_.family));
  std::uint32_t highest = 0;
  const std::uint64_t count = tables().row_count(sets);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto row = tables().get<RuleSetRow>(sets, i);
    if (row.live != 0 && row.family == family) {
      highest = std::max(highest, row.version);
    }
  }
  if (facts_.version == highest + 1) {
    return std::nullopt;
  }
  return Broken{.message = fmt::format("the next version of {} is {}", facts_.family, highest + 1),
                .values = {{"version", fmt::to_string(facts_.version)}, {"published", fmt::to_string(highest)}}};
}

// ---- Money ----

std::optional<Broken> Decision::test_fine() const {
  using Kind = schema::TrafficViolationAmended::Kind;
  const bool amends = facts_.kind != 0;
  const bool wants_expense = amends && static_cast<Kind>(facts_.kind) == Kind::EXPENSE;
  const bool wants_fine = amends && !wants_expense;
  if ((wants_expense && !facts_.expense) || (wants_fine && !facts_.new_fine)) {
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
  if (facts_.fine && facts_.expense && __builtin_add_overflow(facts_.fine->minor, facts_.expense->minor, &sum)) {
    return Broken{.message = "fine and expense sum to more than 64 bits hold", .always_refused = true};
  }
  // What was recorded with 0 has its finding already; it is charged with 0 without another.
  const bool recorded = !violations_.empty() && violations_.front().row.state == state::kRecorded;
  const Stated all[] = {{facts_.fine, "data.fine", recorded && basis() != Basis::kDecision},
                        {facts_.new_fine, "data.newFine", false},
                        {facts_.expense, "data.expense", !wants_expense}};
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

std::optional<Broken> Decision::test_amount() const {
  const std::int64_t amount = facts_.amount ? facts_.amount->minor : 0;
  const bool nothing_due = !violations_.empty() && violations_.front().row.receivable <= 0;
  if (amount > 0 || (amount == 0 && book_.may_assign_nothing(type_) && nothing_due)) {
    return std::nullopt;
  }
  return Broken{.message = "the amount must be above 0", .values = {{"amount", minor_text(amount)}}};
}

std::optional<Broken> Decision::test_amount_within_due() const {
  const std::int64_t due = violations_.empty() ? 0 : std::max<std::int64_t>(0, violations_.front().row.receivable);
  const std::int64_t amount = facts_.amount ? facts_.amount->minor : 0;
  if (amount <= due) {
    return std::nullopt;
  }
  return Broken{.message = "more than is due: state what is due, or less",
                .values = {{"amount", minor_text(amount)}, {"due", minor_text(due)}}};
}

std::optional<Broken> Decision::test_cancels_down_to() const {
  if (!facts_.new_fine || violations_.empty()) {
    return std::nullopt;
  }
  if (facts_.new_fine->minor < 0) {
    return Broken{.message = "the amount must not be below 0",
                  .values = {{"newFine", minor_text(facts_.new_fine->minor)}},
                  .always_refused = true};
  }
  const ViolationRow& row = violations_.front().row;
  const std::int64_t claimed = row.charged() - row.cancelled;
  const bool charged = row.state != kNone && row.state != state::kRecorded;
  if (!charged || facts_.new_fine->minor <= claimed) {
    return std::nullopt;
  }
  return Broken{.message = "a cancellation does not raise what is claimed: use kind penalty",
                .values = {{"newFine", minor_text(facts_.new_fine->minor)}, {"claimed", minor_text(claimed)}}};
}

std::optional<Broken> Decision::test_currency() const {
  std::optional<Currency> first;
  const auto differs = [&](Currency currency) {
    if (!first) {
      first = currency;
    }
    return currency != *first || !currency.is_known();
  };
  const auto bad = [](Currency currency, std::string_view path) {
    return Broken{.message = "one violation and one payment have one currency, and nothing is exchanged silently",
                  .values = {{"currency", currency.code()}},
                  .path = path};
  };
  for (const ViolationCase& each : violations_) {
    if (each.row.currency != 0 && differs(Currency(each.row.currency))) {
      return bad(Currency(each.row.currency), "data.allocatedTo");
    }
  }
  for (const std::optional<Money>& money : {facts_.amount, facts_.fine, facts_.expense, facts_.new_fine}) {
    if (money && differs(money->currency)) {
      return bad(money->currency, "data");
    }
  }
  for (const AllocationFact& each : facts_.allocations) {
    if (differs(each.amount.currency)) {
      return bad(each.amount.currency, "data.allocatedTo");
    }
  }
  for (const DeductionFact& each : facts_.deductions) {
    if (differs(each.amount.currency)) {
      return bad(each.amount.currency, "data.deductions");
    }
  }
  return std::nullopt;
}

std::optional<Broken> Decision::test_allocations() const {
  std::int64_t rest = facts_.amount ? facts_.amount->minor : 0;
  for (const AllocationFact& each : facts_.allocations) {
    if (each.charge_id.empty() == each.violation_id.empty()) {
      return Broken{.message = "an allocation names one charge or one violation"};
    }
    if (each.amount.minor <= 0) {
      return Broken{.message = "an allocation is above 0", .values = {{"allocated", minor_text(each.amount.minor)}}};
    }
    if (each.amount.minor > rest) {
      return Broken{.message = "the allocations sum to more than the amount",
                    .values = {{"amount", minor_text(facts_.amount ? facts_.amount->minor : 0)}}};
    }
    rest -= each.amount.minor;
  }
  for (const DeductionFact& each : facts_.deductions) {
    if (each.amount.minor <= 0) {
      return Broken{.message = "a deduction is above 0",
                    .values = {{"deduction", minor_text(each.amount.minor)}},
                    .path = "data.deductions"};
    }
  }
  return std::nullopt;
}

// ---- Things that must be unique ----

std::optional<Broken> Decision::test_psp_ref() {
  if (facts_.psp_ref.empty()) {
    return std::nullopt;
  }
  const UniqueIndex references(table_at(context_.table(kPaymentProjection), 1));
  std::optional<Broken> what;
  references.find(tables(), text_hash(facts_.psp, facts_.psp_ref), [&](std::uint64_t position) {
    const AppliedEvent* other = context_.event_at(position);
    EventFacts theirs;
    if (other != nullptr) {
      book_.read(other->type, other->payload, theirs);
    }
    if (theirs.psp != facts_.psp || theirs.psp_ref != facts_.psp_ref) {
      return true;
    }
    what = Broken{.message = "the processor's reference stands in another payment",
                  .values = {{"position", fmt::to_string(position)}}};
    return false;
  });
  return what;
}

std::optional<Broken> Decision::test_reference() {
  const UniqueIndex references(table_at(context_.table(kCaseProjection), 1));
  std::optional<Broken> what;
  references.find(tables(), text_hash(facts_.reference_no), [&](std::uint64_t position) {
    const AppliedEvent* other = context_.event_at(position);
    EventFacts theirs;
    if (other != nullptr) {
      book_.read(other->type, other->payload, theirs);
    }
    if (theirs.reference_no != facts_.reference_no) {
      return true;
    }
    what = Broken{.message = "the reference number stands in another case",
                  .values = {{"position", fmt::to_string(position)}}};
    return false;
  });
  return what;
}

// ---- Intake ----

std::optional<Broken> Decision::test_intake() const {
  using OrderRef = schema::FeedbackReceived::OrderRef;
  for (const std::string_view name : facts_.field_mask) {
    const bool there = (name == "name" && facts_.has_name) || (name == "contact" && facts_.has_contact) ||
                       (name == "content" && facts_.has_content);
    if (!there) {
      return Broken{
          .message = "fieldMask says that the customer gave it: name, contact and content stand in their fields",
          .values = {{"field", std::string(name.substr(0, 16))}}};
    }
  }
  if (static_cast<OrderRef>(facts_.order_ref) == OrderRef::GIVEN && facts_.order_id.empty()) {
    return Broken{
        .message = "orderRef is given: state orderId", .values = {{"field", "orderId"}}, .path = "data.orderId"};
  }
  return std::nullopt;
}

// ---- Custody ----

std::optional<Broken> Decision::test_within_custody() {
  if (facts_.contract_id.empty()) {
    return std::nullopt;
  }
  const KnownSymbols& known = book_.known();
  const CustodyState state = custody();
  const RentalRow rental = state.rental(find_tag(event(), known.rental)->member);
  const ChainRef* vehicle = find_tag(event(), known.vehicle);
  const auto wanted = vehicle == nullptr ? std::nullopt : std::optional(vehicle->member);
  if (state.had_custody(rental, wanted, facts_.violation_at.ns)) {
    return std::nullopt;
  }
  return Broken{
      .message = "the vehicle was not in the contract's custody at that time",
      .values = {{"contract", std::string(facts_.contract_id)}, {"violationAt", to_text(facts_.violation_at)}}};
}

std::uint32_t Decision::handover_of_return() {
  const CustodyState state = custody();
  const RentalRow rental = state.rental(find_tag(event(), book_.known().rental)->member);
  return state.open_handover(rental, find_tag(event(), book_.known().vehicle)->member);
}

std::optional<Broken> Decision::test_vehicle_free() {
  const CustodyState state = custody();
  const std::uint32_t rental = find_tag(event(), book_.known().rental)->member;
  const ChainRef& vehicle = *find_tag(event(), book_.known().vehicle);
  std::optional<CustodyRow> other;
  if (book_.opens_custody(type_)) {
    other = state.taken_at(vehicle.member, facts_.at.ns, rental);
  } else if (const std::uint32_t handover = handover_of_return(); handover != 0) {
    other = state.taken_within(handover, facts_.at.ns);
  }
  if (!other) {
    return std::nullopt;
  }
  return Broken{.message = "the vehicle was in the custody of another contract",
                .values = {{"vehicle", std::string(facts_.vehicle_id)},
                           {"position", fmt::to_string(other->position)},
                           {"from", to_text(Timestamp{other->at_ns})}}};
}

std::optional<Broken> Decision::test_same_vehicle() {
  const std::uint32_t handover = handover_of_return();
  if (handover == 0 || custody().event(handover).vehicle == find_tag(event(), book_.known().vehicle)->member) {
    return std::nullopt;
  }
  return Broken{.message = "another vehicle returns than the contract has out",
                .values = {{"vehicle", std::string(facts_.vehicle_id)},
                           {"position", fmt::to_string(custody().event(handover).position)}}};
}

std::optional<Broken> Decision::test_return_order() {
  const std::uint32_t handover = handover_of_return();
  if (handover == 0) {
    return std::nullopt;
  }
  const std::int64_t out = custody().event(handover).at_ns;
  if (facts_.at.ns >= out) {
    return std::nullopt;
  }
  return Broken{.message = "the return lies before the handover",
                .values = {{"handedOverAt", to_text(Timestamp{out})}, {"returnedAt", to_text(facts_.at)}}};
}

std::optional<Broken> Decision::test_odometer() {
  if (!facts_.odometer) {
    return std::nullopt;
  }
  const CustodyState state = custody();
  const std::uint32_t handover = book_.opens_custody(type_) ? 0 : handover_of_return();
  const std::uint32_t before =
      handover != 0 ? state.event(handover).max_odometer
                    : state.odometer_before(find_tag(event(), book_.known().vehicle)->member, facts_.at.ns);
  if (*facts_.odometer >= before) {
    return std::nullopt;
  }
  return Broken{.message = "the odometer shows less than before",
                .values = {{"odometer", fmt::to_string(*facts_.odometer)}, {"before", fmt::to_string(before)}}};
}

}  // namespace carnet::rental
