// SPDX-License-Identifier: Apache-2.0
//
// Posting rows become transfers. Balances are read after each transfer, so rows see what the rows before them did, in
// the order of DOMAIN §4.2.
#include "base/check.hpp"
#include "rental/money.hpp"

#include <carnet/schema/payment.capnp.h>
#include <carnet/schema/settlement.capnp.h>
#include <carnet/schema/violation.capnp.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace carnet::rental {

namespace {

using Payer = schema::PaymentReceived::Payer;
using Purpose = schema::PaymentReceived::Purpose;
using BorneBy = schema::FinePaidToAuthority::BorneBy;
using Kind = schema::TrafficViolationAmended::Kind;

bool replaces_fine(Kind kind) noexcept {
  return kind == Kind::PENALTY || kind == Kind::EARLY_DISCOUNT || kind == Kind::REDUCED;
}

bool cancels(Kind kind) noexcept {
  return kind == Kind::DISMISSED || kind == Kind::SETTLED_BY_CUSTOMER || kind == Kind::WITHDRAWN;
}

using Direction = schema::PspSettlementReceived::Direction;
using VoucherKind = schema::VoucherIssued::Kind;

bool is_partner_payer(std::uint16_t payer) noexcept {
  const auto which = static_cast<Payer>(payer);
  return which == Payer::PLATFORM || which == Payer::INSURER;
}

}  // namespace

Check Poster::post() {
  Plans rows = book_.postings(decision_.type_);
  while (!rows.empty()) {
    const Each each = rows.front().row->each;
    const auto end = std::ranges::find_if(rows, [&](const PostingPlan& plan) { return plan.row->each != each; });
    const auto count = static_cast<std::size_t>(end - rows.begin());
    if (Check no = post_each(each, rows.first(count))) {
      return no;
    }
    rows = rows.subspan(count);
  }
  return std::nullopt;
}

Check Poster::post_rows(Plans rows, const Scope& scope) {
  for (const PostingPlan& plan : rows) {
    if (!plan.row->reversal) {
      if (Check no = post_row(plan, scope)) {
        return no;
      }
    }
  }
  return std::nullopt;
}

Check Poster::post_each(Each each, Plans rows) {
  switch (each) {
    case Each::kOnce: {
      Scope scope;
      scope.violation =
          facts_.violation_id.empty() || decision_.violations_.empty() ? nullptr : &decision_.violations_.front();
      scope.charge = facts_.charge_id.empty() ? nullptr : decision_.subject(Machine::kCharge);
      return post_rows(rows, scope);
    }
    case Each::kAllocation:
      return post_allocations(rows);
    case Each::kDeduction:
      for (const DeductionFact& deduction : facts_.deductions) {
        Scope scope;
        scope.deduction = &deduction;
        if (Check no = post_rows(rows, scope)) {
          return no;
        }
      }
      return std::nullopt;
    case Each::kRefundPlace:
      return post_refund_places(rows);
    case Each::kChargedBack:
      return post_returned(rows);
    case Each::kWonBack:
      return post_won_back(rows);
    case Each::kPspLine:
      return post_psp_lines(rows);
    case Each::kMerged:
      return post_merged(rows);
    case Each::kUnclaimed:
      return post_unclaimed(rows);
  }
  return std::nullopt;
}

Check Poster::post_allocations(Plans rows) {
  for (const AllocationFact& allocation : facts_.allocations) {
    Scope scope;
    scope.allocation = &allocation;
    const auto violation = std::ranges::find_if(decision_.violations_, [&](const ViolationCase& each) {
      return !allocation.violation_id.empty() && each.subject.id == allocation.violation_id;
    });
    scope.violation = violation == decision_.violations_.end() ? nullptr : &*violation;
    const auto charge = std::ranges::find_if(decision_.subjects_, [&](const Subject& each) {
      return each.concern->machine == Machine::kCharge && each.ref.allocation == &allocation && each.exists();
    });
    scope.charge = charge == decision_.subjects_.end() ? nullptr : &*charge;
    if (scope.violation != nullptr) {
      scope.allocated_due = std::min(allocation.amount.minor, due_of(scope));
    } else if (scope.charge != nullptr) {
      scope.allocated_due =
          std::clamp<std::int64_t>(payable_of(decision_, scope.charge->row), 0, allocation.amount.minor);
    }
    if (Check no = post_rows(rows, scope)) {
      return no;
    }
  }
  return std::nullopt;
}

Check Poster::post_reversal(const AppliedEvent& original) {
  const std::vector<AppliedTransfer> transfers(original.transfers.begin(), original.transfers.end());
  for (auto transfer = transfers.rbegin(); transfer != transfers.rend(); ++transfer) {
    if (Check no = context_.mirror(*transfer)) {
      return no;
    }
  }
  for (const PostingPlan& plan : book_.postings(decision_.type_)) {
    if (plan.row->reversal) {
      if (Check no = post_row(plan, {})) {
        return no;
      }
    }
  }
  // A mirror of PR-03 itself gives credit back, beside which something may be due by now: they net here.
  const auto net_credit = [&](const Scope& scope) -> Check {
    for (const PostingPlan& plan : book_.reversal_postings()) {
      if (Check no = post_row(plan, scope)) {
        return no;
      }
    }
    return std::nullopt;
  };
  for (const ViolationCase& violation : decision_.violations_) {
    Scope scope;
    scope.violation = &violation;
    if (Check no = net_credit(scope)) {
      return no;
    }
  }
  const bool of_order = !facts_.order_id.empty() && !party_name({}, {}).empty() && !transfers.empty();
  return of_order ? net_credit({}) : std::nullopt;
}

Check Poster::move(std::uint32_t debit, std::uint32_t credit, std::int64_t amount, Phase phase, Symbol rule) {
  // The inverse of the mirror: accounts that are known by number need no names.
  AppliedTransfer of;
  of.amount = amount;
  of.debit = debit;
  of.credit = credit;
  of.rule = rule;
  of.phase = phase;
  if (phase == Phase::kPosted) {
    std::swap(of.debit, of.credit);
  } else {
    of.phase = phase == Phase::kPending ? Phase::kVoided : Phase::kPending;
  }
  return context_.mirror(of);
}

bool Poster::resolve_booked(const Side& side, const ChartRow* chart, std::uint32_t booked, const Scope& scope,
                            std::string& path, AccountSpec& account) {
  if (booked == 0) {
    return resolve(side, chart, scope, path, account);
  }
  const ChartRow& row = chart_of(side, chart);
  path = context_.ledger_account(booked).path;
  account = {.path = path, .chart = book_.symbol(row.code), .normal = row.normal, .limit = row.limit};
  return true;
}

Check Poster::post_row(const PostingPlan& plan, const Scope& scope) {
  const PostingRow& row = *plan.row;
  if (!in_kinds(row.kinds, facts_.kind)) {
    return std::nullopt;
  }
  // The credit's switch is a rule set: it is asked for only where there is something to apply.
  for (const When when : row.when) {
    if (when != When::kCreditAutomatic && !holds(when, scope)) {
      return std::nullopt;
    }
  }
  const std::int64_t amount = amount_of(row.amount, scope);
  if (amount <= 0) {
    return std::nullopt;
  }
  for (const When when : row.when) {
    if (when == When::kCreditAutomatic && !holds(when, scope)) {
      return std::nullopt;
    }
  }
  const std::uint32_t booked_debit = booked_account(row.debit, scope);
  const std::uint32_t booked_credit = booked_account(row.credit, scope);
  if (booked_debit != 0 && booked_credit != 0) {
    return move(booked_debit, booked_credit, amount, row.phase, plan.rule);
  }
  std::string debit_path;
  std::string credit_path;
  AccountSpec debit;
  AccountSpec credit;
  if (!resolve_booked(row.debit, plan.debit, booked_debit, scope, debit_path, debit) ||
      !resolve_booked(row.credit, plan.credit, booked_credit, scope, credit_path, credit)) {
    return decision_.refusal("§4.1", "FieldMissing", "data",
                             {.message = fmt::format("{} posts to an account that needs {}", row.rule, missing_),
                              .values = {{"field", std::string(missing_)}}});
  }
  return context_.transfer(debit, credit, Money{.minor = amount, .currency = currency()}, row.phase, plan.rule);
}

bool Poster::holds(When when, const Scope& scope) {
  switch (when) {
    case When::kAlways:
      return true;
    case When::kPayerIsCustomer:
      return pays_for_party(facts_);
    case When::kPayerIsPartner:
      return !pays_for_party(facts_);
    case When::kPrepayment:
      return static_cast<Purpose>(facts_.purpose) == Purpose::PREPAYMENT;
    case When::kNotPrepayment:
      return static_cast<Purpose>(facts_.purpose) != Purpose::PREPAYMENT;
    case When::kCommission:
      return scope.deduction->kind == "commission";
    case When::kTax:
      return scope.deduction->kind == "tax";
    case When::kFee:
      return scope.deduction->kind != "commission" && scope.deduction->kind != "tax";
    case When::kBorneByParty:
      return static_cast<BorneBy>(facts_.kind) == BorneBy::PARTY;
    case When::kBorneByCompany:
      return static_cast<BorneBy>(facts_.kind) == BorneBy::COMPANY;
    case When::kFineWasBorne:
      return scope.violation != nullptr && scope.violation->row.state == state::kBorne;
    case When::kFineNotBorne:
      return scope.violation == nullptr || scope.violation->row.state != state::kBorne;
    case When::kCreditAutomatic: {
      const RuleSet* set = decision_.rules(RuleFamily::kPostingAccounts);
      const auto* postings = set == nullptr ? nullptr : std::get_if<PostingRules>(&set->rules);
      return postings != nullptr && postings->apply_credit;
    }
    case When::kWithinHold:
    case When::kBeyondHold: {
      const Subject* hold = decision_.subject(Machine::kHold);
      const bool within = hold != nullptr && is_within_hold(decision_, *hold);
      return within == (when == When::kWithinHold);
    }
    case When::kFinal:
      return facts_.is_final;
    case When::kNotRestored:
      return !psp_profile(decision_).capture_reversal_restores_hold;
    case When::kChargeOfParty:
      return !is_partner_payer(charge_payer(scope));
    case When::kChargeOfPartner:
      return is_partner_payer(charge_payer(scope));
    case When::kAllocationOwed:
      return scope.violation != nullptr || scope.charge != nullptr;
    case When::kWithTax:
      return tax_part(scope) > 0;
    case When::kVoucherOfValue:
    case When::kVoucherOfService:
    case When::kVoucherCoupon: {
      const Subject* voucher = decision_.subject(Machine::kVoucher);
      const bool coupon = voucher != nullptr && static_cast<VoucherKind>(voucher->row.tag) == VoucherKind::COUPON;
      const bool of_value = voucher != nullptr && sum_of(book_.machine(Machine::kVoucher), voucher->row, "value") > 0;
      if (when == When::kVoucherCoupon) {
        return coupon;
      }
      return !coupon && of_value == (when == When::kVoucherOfValue);
    }
    case When::kLineFee:
      return line_is(scope, "fee");
    case When::kLineChargebackFee:
      return line_is(scope, "chargebackFee");
    case When::kLineReserveOut:
      return line_is(scope, "reserve") && scope.line_out;
    case When::kLineReserveIn:
      return line_is(scope, "reserve") && !scope.line_out;
  }
  return false;
}

const Subject* Poster::charge_of(const Scope& scope) const {
  return scope.charge != nullptr ? scope.charge : decision_.subject(Machine::kCharge);
}

std::uint16_t Poster::charge_payer(const Scope& scope) const {
  // The event that posts the charge states who pays it; the charge's row remembers.
  if (facts_.payer != 0) {
    return facts_.payer;
  }
  const Subject* charge = charge_of(scope);
  return charge == nullptr ? 0 : charge->row.tag;
}

std::int64_t Poster::tax_part(const Scope& scope) const {
  if (facts_.tax) {
    return facts_.tax->minor;
  }
  const Subject* charge = charge_of(scope);
  if (charge == nullptr || !charge->exists() || !facts_.amount) {
    return 0;
  }
  // PR-99: pro rata of the charge's own tax, half to even.
  const MachinePlan& plan = book_.machine(Machine::kCharge);
  return mul_div_half_even(facts_.amount->minor, sum_of(plan, charge->row, "tax"), sum_of(plan, charge->row, "amount"))
      .value_or(0);
}

std::int64_t Poster::remaining_now(Machine machine) {
  const Subject* subject = decision_.subject(machine);
  if (subject == nullptr) {
    return 0;
  }
  SubjectRow row = subject->row;
  return add_sums(*subject->concern, context_.event(), facts_, subject->ref, row)
             ? remaining(book_.machine(machine), row)
             : 0;
}

std::int64_t Poster::amount_of(Amount amount, const Scope& scope) {
  const auto minor = [](const std::optional<Money>& money) { return money ? money->minor : 0; };
  const auto kind = static_cast<Kind>(facts_.kind);
  // What is not charged yet owes nothing: amendments before the charge move no money.
  const bool claims = scope.violation != nullptr && scope.violation->transition.from != state::kRecorded &&
                      scope.violation->transition.from != state::kBorne;
  switch (amount) {
    case Amount::kAmount:
      return minor(facts_.amount);
    case Amount::kFineAndExpense:
      return minor(facts_.fine) + minor(facts_.expense);
    case Amount::kExpense:
      return claims && (kind == Kind::EXPENSE || replaces_fine(kind)) ? minor(facts_.expense) : 0;
    case Amount::kIncrease:
      return claims && replaces_fine(kind) ? minor(facts_.new_fine) - scope.violation->row.fine : 0;
    case Amount::kDecreasePayable:
      return claims ? std::min(decrease_of(scope), net("L5", "of", scope, NormalSide::kCredit)) : 0;
    case Amount::kDecreaseBeyond:
      // What the row before took off the payable is no longer claimed, so this is the rest.
      return claims ? decrease_of(scope) : 0;
    case Amount::kAllocatedDue:
      return scope.allocated_due;
    case Amount::kAllocatedRest:
      return scope.allocation->amount.minor - scope.allocated_due;
    case Amount::kUnallocated: {
      std::int64_t rest = minor(facts_.amount);
      for (const AllocationFact& each : facts_.allocations) {
        rest -= each.amount.minor;
      }
      return rest;
    }
    case Amount::kDeduction:
      return scope.deduction->amount.minor;
    case Amount::kAmountDue:
      return std::min(minor(facts_.amount), due_of(scope));
    case Amount::kCredit:
      return std::min(net("L3", "of", scope, NormalSide::kCredit), due_of(scope));
    case Amount::kAllocated:
      return scope.allocation->amount.minor;
    case Amount::kDelta:
      return minor(facts_.delta);
    case Amount::kValue:
      return minor(facts_.value);
    case Amount::kLessTax:
      return minor(facts_.amount) - tax_part(scope);
    case Amount::kTaxPart:
      return tax_part(scope);
    case Amount::kRemaining:
      return remaining_now(Machine::kHold);
    case Amount::kWithinRemaining:
      return std::min(minor(facts_.amount), remaining_now(Machine::kHold));
    case Amount::kGivenBack: {
      std::int64_t back = 0;
      for (const AppliedTransfer& transfer : context_.event().transfers) {
        back += transfer.phase == Phase::kPending ? transfer.amount : 0;
      }
      return back;
    }
    case Amount::kPlace:
    case Amount::kLine:
      return scope.line;
    case Amount::kNetIn:
      return static_cast<Direction>(facts_.direction) == Direction::IN ? minor(facts_.net) : 0;
    case Amount::kNetOut:
      return static_cast<Direction>(facts_.direction) == Direction::OUT ? minor(facts_.net) : 0;
  }
  return 0;
}

std::int64_t Poster::decrease_of(const Scope& scope) {
  const auto kind = static_cast<Kind>(facts_.kind);
  const ViolationRow& row = scope.violation->row;
  // Of what this event took off already.
  std::int64_t taken = 0;
  for (const AppliedTransfer& transfer : context_.event().transfers) {
    taken += transfer.credit_chart == book_.known().receivable ? transfer.amount : 0;
  }
  std::int64_t decrease = 0;
  if (replaces_fine(kind) && facts_.new_fine) {
    decrease = row.fine - facts_.new_fine->minor;
  } else if (cancels(kind)) {
    decrease = facts_.new_fine ? row.charged() - row.cancelled - facts_.new_fine->minor
                               : std::max<std::int64_t>(0, row.receivable);
  }
  return decrease - taken;
}

std::int64_t Poster::due_of(const Scope& scope) {
  return std::max<std::int64_t>(0, net("A3", "of", scope, NormalSide::kDebit));
}

std::int64_t Poster::net(std::string_view chart, std::string_view use, const Scope& scope, NormalSide side) {
  std::string path;
  AccountSpec account;
  if (currency().is_none()) {
    return 0;  // Nothing that concerned it had an amount yet.
  }
  const Side of{.chart = chart, .use = use};
  return resolve(of, &book_.chart(chart), scope, path, account) ? posted_net(context_.balance(path, currency()), side)
                                                                : 0;
}

Currency Poster::currency() const {
  const Currency stated = facts_.currency();
  if (!stated.is_none()) {
    return stated;
  }
  if (!decision_.violations_.empty()) {
    return Currency(decision_.violations_.front().row.currency);
  }
  for (const Subject& each : decision_.subjects_) {
    if (each.row.currency != 0) {
      return Currency(each.row.currency);
    }
  }
  return {};
}

}  // namespace carnet::rental
