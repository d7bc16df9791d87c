// SPDX-License-Identifier: Apache-2.0
//
// Guards of charges and settlements.
#include "rental/guards.hpp"
#include "rental/money.hpp"

#include <carnet/schema/payment.capnp.h>
#include <carnet/schema/settlement.capnp.h>

#include <fmt/format.h>

#include <algorithm>

namespace carnet::rental {

namespace {

std::int64_t amount_of(const Decision& d) {
  return d.facts().amount ? d.facts().amount->minor : 0;
}

const SubjectRow& charge_of(const Decision& d) {
  static const SubjectRow kNothing{};
  const Subject* charge = d.subject(Machine::kCharge);
  return charge == nullptr ? kNothing : charge->row;
}

std::optional<Broken> tax_within_amount(Decision& d) {
  if (!d.facts().tax || (d.facts().tax->minor >= 0 && d.facts().tax->minor <= amount_of(d))) {
    return std::nullopt;
  }
  return Broken{.message = "the tax is a part of the amount",
                .values = {{"amount", minor_text(amount_of(d))}, {"tax", minor_text(d.facts().tax->minor)}}};
}

std::optional<Broken> charge_payer(Decision& d) {
  const auto payer = static_cast<schema::ChargePosted::Payer>(d.facts().payer);
  if (payer == schema::ChargePosted::Payer::CUSTOMER || !d.facts().payer_id.empty()) {
    return std::nullopt;
  }
  return Broken{.message = "a platform or insurer that pays is named: state payerId"};
}

std::optional<Broken> charge_disclosed(Decision& d) {
  if (!d.facts().disclosed_ref.empty()) {
    return std::nullopt;
  }
  return Broken{.message = "every charge rests on something that was disclosed: state disclosedRef",
                .values = {{"kind", std::string(d.facts().kind_code)}}};
}

/// I-H7: a damage is charged once the customer acknowledged it, or the dispute about it was decided.
std::optional<Broken> damage_acknowledged(Decision& d) {
  if (d.facts().kind_code != "damage") {
    return std::nullopt;
  }
  const SubjectRow damage = d.row_by_key(Machine::kDamage, 0, d.facts().damage_id);
  if (damage.state == state::kAcknowledged || damage.state == state::kDecided) {
    return std::nullopt;
  }
  return Broken{.message = "a damage is charged once it is acknowledged, or the dispute about it decided",
                .values = {{"damageId", std::string(d.facts().damage_id)},
                           {"state", std::string(state_name(Machine::kDamage, damage.state))}}};
}

std::optional<Broken> reversal_within_charge(Decision& d) {
  const std::int64_t left = d.remains(Machine::kCharge, charge_of(d));
  if (amount_of(d) <= left) {
    return std::nullopt;
  }
  return Broken{.message = "more is reversed than is left of the charge",
                .values = {{"amount", minor_text(amount_of(d))}, {"left", minor_text(left)}}};
}

std::optional<Broken> discount_within_charge(Decision& d) {
  const SubjectRow& charge = charge_of(d);
  const std::int64_t left = d.remains(Machine::kCharge, charge) - d.sum(Machine::kCharge, charge, "discounted");
  if (amount_of(d) <= left) {
    return std::nullopt;
  }
  return Broken{.message = "the discount is more than is left of the charge",
                .values = {{"amount", minor_text(amount_of(d))}, {"left", minor_text(left)}}};
}

std::optional<Broken> credit_within_due(Decision& d) {
  std::int64_t due = 0;
  if (!d.violations().empty()) {
    due = std::max<std::int64_t>(0, d.violations().front().row.receivable);
  } else if (const Subject* charge = d.subject(Machine::kCharge); charge != nullptr && charge->exists()) {
    due = std::max<std::int64_t>(0, payable_of(d, charge->row));
  }
  if (amount_of(d) <= due) {
    return std::nullopt;
  }
  return Broken{.message = "more credit is applied than is due",
                .values = {{"amount", minor_text(amount_of(d))}, {"due", minor_text(due)}}};
}

/// I-M12: every charge that stands is a line with its amount, and the total follows.
std::optional<Broken> statement_matches(Decision& d) {
  const auto statement = d.payload<schema::SettlementStatementIssued>();
  const Subject* settlement = d.subject(Machine::kSettlement);
  std::int64_t lines = 0;
  for (const auto line : statement.getLines()) {
    const std::string_view id = as_text(line.getChargeId());
    const SubjectRow charge = d.row_by_key(Machine::kCharge, 0, id);
    const bool of_order = charge.first != 0 && settlement != nullptr && charge.links[0] == settlement->ref.number;
    const std::int64_t amount = line.getAmount().getMinor();
    if (!of_order || amount != d.remains(Machine::kCharge, charge)) {
      return Broken{.message = "a line repeats what is left of a charge of this order",
                    .values = {{"chargeId", std::string(id)},
                               {"line", minor_text(amount)},
                               {"charge", minor_text(d.remains(Machine::kCharge, charge))}},
                    .path = "data.lines"};
    }
    lines += amount;
  }
  const SubjectRow row = settlement == nullptr ? SubjectRow{} : settlement->row;
  const std::int64_t charged = d.sum(Machine::kSettlement, row, "charged");
  const std::int64_t discounted = d.sum(Machine::kSettlement, row, "discounted");
  const std::int64_t total = lines - statement.getDiscounts().getMinor() - statement.getPayments().getMinor() -
                             statement.getHoldsApplied().getMinor();
  const std::int64_t stated = statement.getTotalDue().getMinor();
  if (lines == charged && statement.getDiscounts().getMinor() == discounted && total == stated) {
    return std::nullopt;
  }
  return Broken{.message = "lines are the order's charges, discounts its discounts, and the total what follows",
                .values = {{"lines", minor_text(lines)},
                           {"charged", minor_text(charged)},
                           {"discounted", minor_text(discounted)},
                           {"totalDue", minor_text(stated)},
                           {"expected", minor_text(total)}}};
}

/// Three days after the statement silence counts as an answer.
std::optional<Broken> silence_long(Decision& d) {
  constexpr std::int64_t kThreeDays = 3 * 86'400;
  const Subject* settlement = d.subject(Machine::kSettlement);
  if (settlement == nullptr || settlement->row.state != state::kStated ||
      d.event().occurred_at.ns - settlement->row.since_ns >= kThreeDays * kNsPerSecond) {
    return std::nullopt;
  }
  return Broken{.message = "no answer is one only three days after the statement",
                .values = {{"statedAt", to_text(Timestamp{settlement->row.since_ns})}}};
}

}  // namespace

namespace guard {

const GuardRow kTaxWithinAmount{"PR-99", "TaxExceedsAmount", "data.tax", &tax_within_amount, true};
const GuardRow kChargePayer{"PR-10", "FieldMissing", "data.payerId", &charge_payer, true};
const GuardRow kChargeDisclosed{"I-C5", "ChargeNotDisclosed", "data.disclosedRef", &charge_disclosed};
const GuardRow kDamageAcknowledged{"I-H7", "DamageNotAcknowledged", "data.damageId", &damage_acknowledged};
const GuardRow kReversalWithinCharge{"§3.5", "ReversalExceedsCharge", "data.amount", &reversal_within_charge};
const GuardRow kDiscountWithinCharge{"§3.5", "DiscountExceedsCharge", "data.amount", &discount_within_charge};
const GuardRow kCreditWithinDue{"PR-03", "AmountExceedsBalance", "data.amount", &credit_within_due, true};
const GuardRow kStatementMatches{"I-M12", "StatementMismatch", "data.totalDue", &statement_matches};
const GuardRow kSilenceLong{"§3.5", "AnswerPending", "data.ground", &silence_long};

}  // namespace guard

}  // namespace carnet::rental
