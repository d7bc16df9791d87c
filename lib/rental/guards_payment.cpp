// SPDX-License-Identifier: Apache-2.0
//
// Guards of refunds, chargebacks, compensation, vouchers and partner costs.
#include "rental/case_file.hpp"
#include "rental/guards.hpp"
#include "rental/money.hpp"

#include <carnet/schema/payment.capnp.h>

#include <fmt/format.h>

#include <algorithm>

namespace carnet::rental {

namespace {

std::int64_t amount_of(const Decision& d) {
  return d.facts().amount ? d.facts().amount->minor : 0;
}

Broken beyond(Decision& d, std::int64_t left, std::string_view message) {
  return {.message = std::string(message),
          .values = {{"amount", minor_text(amount_of(d))}, {"left", minor_text(left)}}};
}

/// What may still be given back of the source: I-M11.
std::optional<std::int64_t> returnable(Decision& d) {
  const SourceEvent source = source_of(d);
  if (source.row.first == 0) {
    return std::nullopt;
  }
  if (source.machine == Machine::kDeposit) {
    return d.remains(Machine::kDeposit, source.row);
  }
  return d.sum(source.machine, source.row, "amount") - d.sum(source.machine, source.row, "approved") -
         d.sum(source.machine, source.row, "chargedBack");
}

std::optional<Broken> within_source(Decision& d) {
  const std::optional<std::int64_t> left = returnable(d);
  if (left && amount_of(d) > *left) {
    return beyond(d, *left, "more goes back than came in");
  }
  const auto source = static_cast<schema::RefundSource>(d.facts().source);
  const bool known = left || source == schema::RefundSource::COMPENSATION || source == schema::RefundSource::OPENING;
  return known ? std::nullopt : std::optional(Broken{.message = "there is no such source", .path = "data.sourceId"});
}

std::optional<Broken> refund_within_approved(Decision& d) {
  const Subject* refund = d.subject(Machine::kRefund);
  const std::int64_t left = refund == nullptr ? 0 : d.remains(Machine::kRefund, refund->row);
  return amount_of(d) <= left ? std::nullopt : std::optional(beyond(d, left, "more is paid than was approved"));
}

/// I-M1 of a processor's settlement: its lines sum to its net.
std::optional<Broken> psp_net(Decision& d) {
  using Direction = schema::PspSettlementReceived::Direction;
  const auto settlement = d.payload<schema::PspSettlementReceived>();
  std::int64_t sum = 0;
  for (const auto line : settlement.getLines()) {
    const std::int64_t amount = line.getAmount().getMinor();
    if (amount <= 0) {
      return Broken{.message = "a line is above 0", .path = "data.lines"};
    }
    if (line.getAmount().getCurrency() != settlement.getNet().getCurrency()) {
      return Broken{.message = "the lines have the currency of the net", .path = "data.lines"};
    }
    const std::int64_t signed_amount = line.getDirection() == Direction::IN ? amount : -amount;
    if (__builtin_add_overflow(sum, signed_amount, &sum)) {
      return Broken{.message = "the lines sum to more than 64 bits hold", .path = "data.lines"};
    }
  }
  const std::int64_t stated = settlement.getNet().getMinor();
  const std::int64_t net = settlement.getDirection() == Direction::IN ? stated : -stated;
  if (sum == net && stated >= 0) {
    return std::nullopt;
  }
  return Broken{.message = "the lines sum to something else than the net",
                .values = {{"lines", minor_text(sum)}, {"net", minor_text(net)}}};
}

// ---- What is granted in a case (I-F9, I-M17) ----

SubjectRow case_of(Decision& d) {
  return d.row_of(Machine::kCase, "case", d.facts().case_id);
}

std::optional<Broken> case_missing(Decision& d) {
  return case_of(d).first != 0 ? std::nullopt
                               : std::optional(Broken{.message = "a remedy is granted in a case: state its caseId"});
}

std::optional<Broken> case_not_executing(Decision& d) {
  const SubjectRow row = case_of(d);
  if (row.first == 0 || row.state == state::kExecuting) {
    return std::nullopt;
  }
  const std::string_view name = state_name(Machine::kCase, row.state);
  return Broken{
      .message = fmt::format("a remedy is granted while the plan of its case is executed, not in state {}", name),
      .values = {{"stream", fmt::format("case/{}", d.facts().case_id)}, {"state", std::string(name)}}};
}

std::optional<Broken> not_round_of_case(Decision& d) {
  const SubjectRow row = case_of(d);
  const std::uint32_t expected = row.first == 0 ? 0 : case_file(d, row).round();
  const std::uint32_t stated = d.facts().round.value_or(0);
  if (expected == 0 || stated == expected) {
    return std::nullopt;
  }
  return Broken{.message = "that is not the round which the case is in",
                .values = {{"round", fmt::to_string(stated)}, {"expected", fmt::to_string(expected)}}};
}

std::optional<Broken> beyond_limit(Decision& d) {
  const RuleSet* set = d.rules(RuleFamily::kCompensationLimits);
  const auto* limits = set == nullptr ? nullptr : std::get_if<CompensationLimits>(&set->rules);
  if (limits == nullptr || !d.facts().amount) {
    return std::nullopt;
  }
  const auto limit = limits->limit(d.context().commit().actor->role, d.facts().amount->currency.code());
  return !limit || amount_of(d) <= *limit ? std::nullopt
                                          : std::optional(beyond(d, *limit, "that is more than the role may grant"));
}

std::optional<Broken> paid_within_grant(Decision& d) {
  const Subject* grant = d.subject(Machine::kCompensation);
  const std::int64_t left = grant == nullptr ? 0 : d.remains(Machine::kCompensation, grant->row);
  return amount_of(d) <= left ? std::nullopt : std::optional(beyond(d, left, "more is paid than was granted"));
}

std::optional<Broken> paid_within_cost(Decision& d) {
  const Subject* cost = d.subject(Machine::kCost);
  const std::int64_t left = cost == nullptr ? 0 : d.remains(Machine::kCost, cost->row);
  return amount_of(d) <= left ? std::nullopt : std::optional(beyond(d, left, "more is paid than is owed"));
}

bool has_value(const Decision& d, const Subject& voucher) {
  return d.sum(Machine::kVoucher, voucher.row, "value") > 0;
}

std::optional<Broken> voucher_form(Decision& d) {
  const auto voucher = d.payload<schema::VoucherIssued>();
  const bool of_service = voucher.getServiceCode().size() > 0;
  const bool positive = !d.facts().value || d.facts().value->minor > 0;
  if (d.facts().value.has_value() != of_service && positive) {
    return std::nullopt;
  }
  return Broken{.message = "a voucher states its value, above 0, or a service code"};
}

std::optional<Broken> remedy_approver(Decision& d) {
  const auto kind = static_cast<schema::VoucherIssued::Kind>(d.facts().kind);
  if (kind != schema::VoucherIssued::Kind::REMEDY || !d.facts().approver.empty()) {
    return std::nullopt;
  }
  return Broken{.message = "a remedy is approved by somebody: state approver"};
}

std::optional<Broken> voucher_unexpired(Decision& d) {
  const Subject* voucher = d.subject(Machine::kVoucher);
  if (voucher == nullptr || voucher->row.value == 0 || d.event().occurred_at.ns < voucher->row.value) {
    return std::nullopt;
  }
  return Broken{.message = "the voucher has run out",
                .values = {{"expiresAt", to_text(Timestamp{voucher->row.value})}}};
}

std::optional<Broken> voucher_within(Decision& d) {
  const Subject* voucher = d.subject(Machine::kVoucher);
  if (voucher == nullptr || !has_value(d, *voucher)) {
    return std::nullopt;
  }
  const std::int64_t left = d.remains(Machine::kVoucher, voucher->row);
  return amount_of(d) <= left ? std::nullopt : std::optional(beyond(d, left, "more is redeemed than is left"));
}

std::optional<Broken> voucher_within_charge(Decision& d) {
  const Subject* charge = d.subject(Machine::kCharge);
  const std::int64_t owed =
      charge == nullptr || !charge->exists() ? 0 : std::max<std::int64_t>(0, payable_of(d, charge->row));
  return amount_of(d) <= owed ? std::nullopt : std::optional(beyond(d, owed, "more is redeemed than is owed"));
}

std::optional<Broken> voucher_whole(Decision& d) {
  const Subject* voucher = d.subject(Machine::kVoucher);
  const std::int64_t left = voucher == nullptr ? 0 : d.remains(Machine::kVoucher, voucher->row);
  return amount_of(d) == left ? std::nullopt
                              : std::optional(beyond(d, left, "what expires is all that is left of the voucher"));
}

}  // namespace

namespace guard {

const GuardRow kRefundWithinSource{"I-M11", "RefundExceedsSource", "data.amount", &within_source};
const GuardRow kChargebackWithinSource{"I-M11", "RefundExceedsSource", "data.amount", &within_source};
const GuardRow kRefundWithinApproved{"§3.6", "RefundExceedsApproved", "data.amount", &refund_within_approved};
const GuardRow kPspNet{"§3.6", "SettlementNetMismatch", "data.net", &psp_net, true};
const GuardRow kRemedyCase{"I-M17", "CaseMissing", "data.caseId", &case_missing};
const GuardRow kRemedyExecuting{"§3.8", "IllegalTransition", "data.caseId", &case_not_executing};
const GuardRow kRemedyRound{"I-F9", "RoundMismatch", "data.round", &not_round_of_case};
const GuardRow kRemedyLimit{"I-M17", "LimitExceeded", "data.amount", &beyond_limit};
const GuardRow kPaidWithinGrant{"§3.6", "CompensationExceedsGrant", "data.amount", &paid_within_grant};
const GuardRow kPaidWithinCost{"§3.6", "PaymentExceedsCost", "data.amount", &paid_within_cost};
const GuardRow kVoucherForm{"§2.10", "FieldMissing", "data.value", &voucher_form, true};
const GuardRow kRemedyApprover{"§3.6", "ApproverMissing", "data.approver", &remedy_approver};
const GuardRow kVoucherUnexpired{"§3.6", "VoucherPastExpiry", "occurredAt", &voucher_unexpired};
const GuardRow kVoucherWithin{"§3.6", "VoucherExceedsRemaining", "data.amount", &voucher_within};
const GuardRow kVoucherWithinCharge{"PR-73", "AmountExceedsBalance", "data.amount", &voucher_within_charge};
const GuardRow kVoucherWhole{"I-M19", "VoucherExceedsRemaining", "data.amount", &voucher_whole, true};

}  // namespace guard

}  // namespace carnet::rental
