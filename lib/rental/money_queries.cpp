// SPDX-License-Identifier: Apache-2.0
#include "rental/rule_book.hpp"
#include "rental/subject_view.hpp"
#include "rental/view_lists.hpp"

#include <carnet/rental/money_queries.hpp>

#include <span>
#include <unordered_map>
#include <utility>

namespace carnet {

namespace {

using rental::Machine;
using rental::SubjectRow;
using namespace rental::lists;

constexpr std::string_view kPurposes[] = {"unspecified", "security", "violation", "combined"};
constexpr std::string_view kPayers[] = {"unspecified", "customer", "platform", "insurer"};
constexpr std::string_view kVoucherKinds[] = {"unspecified", "remedy", "coupon"};

std::string_view named(std::span<const std::string_view> names, std::uint8_t number) {
  return number < names.size() ? names[number] : names.front();
}

/// What every summary takes of a row.
template <class Summary>
void take(Machine machine, const SubjectRow& row, Summary& summary) {
  summary.state = rental::state_name(machine, row.state);
  summary.currency = Currency(row.currency);
  if constexpr (requires { summary.assumed; }) {
    summary.assumed = row.assumed != 0;
  }
}

std::int64_t left(Machine machine, const SubjectRow& row) {
  return rental::remaining(rental::rental_book().machine(machine), row);
}

/// Id of a member that a row is linked to; empty: none.
Result<std::string> linked(const StateView& view, std::string_view family, std::uint32_t link) {
  return link == 0 ? Result<std::string>(std::string()) : member_id(view, family, link - 1);
}

// ---- Keyed subjects: holds of deposits, charges of orders ----

std::string key_text(const StateView& view, Machine machine, std::uint32_t number) {
  const rental::KeyRow key = rental::subject_table(view, machine).key(view.tables(), number);
  return {key.text.data(), static_cast<std::size_t>(key.size)};
}

/// Numbers of keyed subjects by the parent that they belong to, as its member plus 1.
using Children = std::unordered_map<std::uint32_t, std::vector<std::uint32_t>>;

std::uint32_t parent_of(Machine machine, const SubjectRow& row) {
  return machine == Machine::kHold ? row.parent : row.links[0];
}

/// Of one parent, or of all (0).
Children children_of(const StateView& view, Machine machine, std::uint32_t parent) {
  const rental::SubjectTable table = rental::subject_table(view, machine);
  Children children;
  const std::uint64_t count = table.count(view.tables());
  for (std::uint32_t number = 1; number <= count; ++number) {
    const SubjectRow row = table.get(view.tables(), number);
    const std::uint32_t of = parent_of(machine, row);
    if (row.first != 0 && of != 0 && (parent == 0 || of == parent)) {
      children[of].push_back(number);
    }
  }
  return children;
}

Result<HoldSummary> hold_of(const StateView& view, std::uint32_t number) {
  const SubjectRow row = rental::subject_table(view, Machine::kHold).get(view.tables(), number);
  const auto sum = [&](std::string_view name) { return rental::subject_sum(Machine::kHold, row, name); };
  HoldSummary summary;
  take(Machine::kHold, row, summary);
  summary.hold = key_text(view, Machine::kHold, number);
  CARNET_TRY(summary.deposit, linked(view, "deposit", row.parent));
  summary.purpose = named(kPurposes, row.tag);
  summary.frozen = sum("frozen");
  summary.captured = sum("captured");
  // What a capture takes out of the hold is voided with it.
  summary.released = sum("released") + sum("voided") - summary.captured;
  summary.expired = sum("expired");
  summary.beyond = sum("late");
  summary.remaining = left(Machine::kHold, row);
  if (row.value != 0) {
    summary.expires_at = Timestamp{row.value};
  }
  return summary;
}

ChargeSummary charge_of(const StateView& view, std::uint32_t number) {
  const SubjectRow row = rental::subject_table(view, Machine::kCharge).get(view.tables(), number);
  const auto sum = [&](std::string_view name) { return rental::subject_sum(Machine::kCharge, row, name); };
  ChargeSummary summary;
  take(Machine::kCharge, row, summary);
  summary.charge = key_text(view, Machine::kCharge, number);
  summary.payer = named(kPayers, row.tag);
  summary.amount = sum("amount");
  summary.tax = sum("tax");
  summary.reversed = sum("reversed");
  summary.discounted = sum("discounted");
  summary.paid = sum("paid");
  summary.owed = summary.amount - summary.reversed - summary.discounted - summary.paid;
  return summary;
}

/// Nothing: no such deposit, neither of cash nor of holds.
Result<std::optional<DepositSummary>> deposit_of(const StateView& view, std::uint32_t member, const Children& holds) {
  const SubjectRow row = rental::subject_row(view, Machine::kDeposit, member);
  const auto found = holds.find(member + 1);
  if (row.first == 0 && found == holds.end()) {
    return std::optional<DepositSummary>();
  }
  const auto sum = [&](std::string_view name) { return rental::subject_sum(Machine::kDeposit, row, name); };
  DepositSummary summary;
  take(Machine::kDeposit, row, summary);
  CARNET_TRY(summary.deposit, member_id(view, "deposit", member));
  summary.instrument = row.first != 0 ? "cash" : "preAuthorization";
  summary.collected = sum("collected");
  summary.applied = sum("applied");
  summary.released = sum("released");
  summary.charged_back = sum("chargedBack");
  summary.remaining = row.first == 0 ? 0 : left(Machine::kDeposit, row);
  std::uint32_t of_rental = row.links[0];
  std::uint32_t of_order = row.links[1];
  std::uint32_t of_party = row.party;
  for (const std::uint32_t number : found == holds.end() ? std::vector<std::uint32_t>{} : found->second) {
    CARNET_TRY(HoldSummary hold, hold_of(view, number));
    const SubjectRow of = rental::subject_table(view, Machine::kHold).get(view.tables(), number);
    of_rental = of_rental == 0 ? of.links[1] : of_rental;
    of_order = of_order == 0 ? of.links[2] : of_order;
    of_party = of_party == 0 ? of.party : of_party;
    summary.remaining += hold.remaining;
    summary.currency = summary.currency.is_none() ? hold.currency : summary.currency;
    summary.assumed = summary.assumed || hold.assumed;
    summary.holds.push_back(std::move(hold));
  }
  CARNET_TRY(summary.rental, linked(view, "rental", of_rental));
  CARNET_TRY(summary.order, linked(view, "order", of_order));
  CARNET_TRY(summary.party, party_text(view, of_party));
  return std::optional(std::move(summary));
}

Result<std::optional<SettlementSummary>> settlement_of(const StateView& view, std::uint32_t member,
                                                       const Children& charges) {
  const SubjectRow row = rental::subject_row(view, Machine::kSettlement, member);
  if (row.first == 0) {
    return std::optional<SettlementSummary>();
  }
  SettlementSummary summary;
  take(Machine::kSettlement, row, summary);
  CARNET_TRY(summary.order, member_id(view, "order", member));
  summary.charged = rental::subject_sum(Machine::kSettlement, row, "charged");
  summary.discounted = rental::subject_sum(Machine::kSettlement, row, "discounted");
  summary.charged_back = rental::subject_sum(Machine::kSettlement, row, "chargedBack");
  CARNET_TRY(summary.rental, linked(view, "rental", row.links[0]));
  CARNET_TRY(summary.party, party_text(view, row.party));
  if (const auto found = charges.find(member + 1); found != charges.end()) {
    for (const std::uint32_t number : found->second) {
      summary.charges.push_back(charge_of(view, number));
    }
  }
  return std::optional(std::move(summary));
}

// ---- Subjects of `payment/` ----

Result<PaymentSummary> payment_of(const StateView& view, std::uint32_t member, const SubjectRow& row) {
  PaymentSummary summary;
  take(Machine::kPayment, row, summary);
  CARNET_TRY(summary.payment, member_id(view, "payment", member));
  summary.amount = rental::subject_sum(Machine::kPayment, row, "amount");
  summary.approved = rental::subject_sum(Machine::kPayment, row, "approved");
  summary.refunded = rental::subject_sum(Machine::kPayment, row, "refunded");
  summary.charged_back = rental::subject_sum(Machine::kPayment, row, "chargedBack");
  summary.remaining = left(Machine::kPayment, row);
  CARNET_TRY(summary.order, linked(view, "order", row.links[0]));
  CARNET_TRY(summary.party, party_text(view, row.party));
  return summary;
}

Result<RefundSummary> refund_of(const StateView& view, std::uint32_t member, const SubjectRow& row) {
  RefundSummary summary;
  take(Machine::kRefund, row, summary);
  CARNET_TRY(summary.refund, member_id(view, "payment", member));
  summary.approved = rental::subject_sum(Machine::kRefund, row, "approved");
  summary.paid = rental::subject_sum(Machine::kRefund, row, "paid");
  summary.remaining = left(Machine::kRefund, row);
  CARNET_TRY(summary.payment, linked(view, "payment", row.links[0]));
  CARNET_TRY(summary.order, linked(view, "order", row.links[1]));
  CARNET_TRY(summary.deposit, linked(view, "deposit", row.links[2]));
  CARNET_TRY(summary.party, party_text(view, row.party));
  return summary;
}

Result<ChargebackSummary> chargeback_of(const StateView& view, std::uint32_t member, const SubjectRow& row) {
  ChargebackSummary summary;
  take(Machine::kChargeback, row, summary);
  CARNET_TRY(summary.chargeback, member_id(view, "payment", member));
  summary.amount = rental::subject_sum(Machine::kChargeback, row, "amount");
  CARNET_TRY(summary.payment, linked(view, "payment", row.links[0]));
  CARNET_TRY(summary.order, linked(view, "order", row.links[1]));
  CARNET_TRY(summary.party, party_text(view, row.party));
  return summary;
}

Result<VoucherSummary> voucher_of(const StateView& view, std::uint32_t member, const SubjectRow& row) {
  VoucherSummary summary;
  take(Machine::kVoucher, row, summary);
  CARNET_TRY(summary.voucher, member_id(view, "payment", member));
  summary.kind = named(kVoucherKinds, row.tag);
  summary.value = rental::subject_sum(Machine::kVoucher, row, "value");
  summary.redeemed = rental::subject_sum(Machine::kVoucher, row, "redeemed");
  summary.expired = rental::subject_sum(Machine::kVoucher, row, "expired");
  summary.remaining = left(Machine::kVoucher, row);
  if (row.value != 0) {
    summary.expires_at = Timestamp{row.value};
  }
  CARNET_TRY(summary.party, party_text(view, row.party));
  return summary;
}

// ---- Looking up and listing ----

/// A subject that was there once keeps its state after a reversal: `reversed` is one too.
bool is_there(const SubjectRow& row) {
  return row.first != 0 || row.state != rental::kNone;
}

template <class Make>
auto find_member(const StateView& view, Machine machine, std::string_view id, Make&& make)
    -> Result<std::optional<typename decltype(make(view, 0, SubjectRow{}))::value_type>> {
  using Summary = typename decltype(make(view, 0, SubjectRow{}))::value_type;
  CARNET_TRY(const auto member, member_of(view, "payment", id));
  const SubjectRow row = member ? rental::subject_row(view, machine, *member) : SubjectRow{};
  if (!is_there(row)) {
    CARNET_TRY_VOID(view.status());
    return std::optional<Summary>();
  }
  CARNET_TRY(Summary summary, make(view, *member, row));
  CARNET_TRY_VOID(view.status());
  return std::optional(std::move(summary));
}

template <class Make, class Visitor>
Status list_subjects(const StateView& view, Machine machine, const Page& page, Make&& make, const Visitor& visit) {
  return list_members(view, "payment", page, [&](std::uint32_t member) -> Result<Visit> {
    const SubjectRow row = rental::subject_row(view, machine, member);
    if (!is_there(row)) {
      return Visit::kSkipped;
    }
    CARNET_TRY(const auto summary, make(view, member, row));
    return visit(summary) ? Visit::kGiven : Visit::kEnough;
  });
}

}  // namespace

Result<std::optional<HoldSummary>> find_hold(const StateView& view, std::string_view deposit, std::string_view hold) {
  CARNET_TRY(const auto member, member_of(view, "deposit", deposit));
  const rental::SubjectTable table = rental::subject_table(view, Machine::kHold);
  const std::uint32_t number = member ? table.find(view.tables(), *member + 1, hold) : 0;
  if (table.get(view.tables(), number).first == 0) {
    CARNET_TRY_VOID(view.status());
    return std::optional<HoldSummary>();
  }
  CARNET_TRY(HoldSummary summary, hold_of(view, number));
  CARNET_TRY_VOID(view.status());
  return std::optional(std::move(summary));
}

Result<std::optional<ChargeSummary>> find_charge(const StateView& view, std::string_view charge) {
  const rental::SubjectTable table = rental::subject_table(view, Machine::kCharge);
  const std::uint32_t number = table.find(view.tables(), 0, charge);
  const bool there = table.get(view.tables(), number).first != 0;
  std::optional<ChargeSummary> found = there ? std::optional(charge_of(view, number)) : std::nullopt;
  CARNET_TRY_VOID(view.status());
  return found;
}

Result<std::optional<DepositSummary>> find_deposit(const StateView& view, std::string_view id) {
  CARNET_TRY(const auto member, member_of(view, "deposit", id));
  if (!member) {
    return std::optional<DepositSummary>();
  }
  CARNET_TRY(auto summary, deposit_of(view, *member, children_of(view, Machine::kHold, *member + 1)));
  CARNET_TRY_VOID(view.status());
  return summary;
}

Result<std::optional<SettlementSummary>> find_settlement(const StateView& view, std::string_view order) {
  CARNET_TRY(const auto member, member_of(view, "order", order));
  if (!member) {
    return std::optional<SettlementSummary>();
  }
  CARNET_TRY(auto summary, settlement_of(view, *member, children_of(view, Machine::kCharge, *member + 1)));
  CARNET_TRY_VOID(view.status());
  return summary;
}

Status list_deposits(const StateView& view, const Page& page, const DepositVisitor& visit) {
  const Children holds = children_of(view, Machine::kHold, 0);
  return list_members(view, "deposit", page, [&](std::uint32_t member) -> Result<Visit> {
    CARNET_TRY(const auto summary, deposit_of(view, member, holds));
    if (!summary) {
      return Visit::kSkipped;
    }
    return visit(*summary) ? Visit::kGiven : Visit::kEnough;
  });
}

Status list_settlements(const StateView& view, const Page& page, const SettlementVisitor& visit) {
  const Children charges = children_of(view, Machine::kCharge, 0);
  return list_members(view, "order", page, [&](std::uint32_t member) -> Result<Visit> {
    CARNET_TRY(const auto summary, settlement_of(view, member, charges));
    if (!summary) {
      return Visit::kSkipped;
    }
    return visit(*summary) ? Visit::kGiven : Visit::kEnough;
  });
}

Result<std::optional<PaymentSummary>> find_payment(const StateView& view, std::string_view id) {
  return find_member(view, Machine::kPayment, id, payment_of);
}

Status list_payments(const StateView& view, const Page& page, const PaymentVisitor& visit) {
  return list_subjects(view, Machine::kPayment, page, payment_of, visit);
}

Result<std::optional<RefundSummary>> find_refund(const StateView& view, std::string_view id) {
  return find_member(view, Machine::kRefund, id, refund_of);
}

Status list_refunds(const StateView& view, const Page& page, const RefundVisitor& visit) {
  return list_subjects(view, Machine::kRefund, page, refund_of, visit);
}

Result<std::optional<ChargebackSummary>> find_chargeback(const StateView& view, std::string_view id) {
  return find_member(view, Machine::kChargeback, id, chargeback_of);
}

Status list_chargebacks(const StateView& view, const Page& page, const ChargebackVisitor& visit) {
  return list_subjects(view, Machine::kChargeback, page, chargeback_of, visit);
}

Result<std::optional<VoucherSummary>> find_voucher(const StateView& view, std::string_view id) {
  return find_member(view, Machine::kVoucher, id, voucher_of);
}

Status list_vouchers(const StateView& view, const Page& page, const VoucherVisitor& visit) {
  return list_subjects(view, Machine::kVoucher, page, voucher_of, visit);
}

}  // namespace carnet
