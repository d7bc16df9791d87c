// SPDX-License-Identifier: Apache-2.0
//
// DOMAIN §4.1, the chart of accounts; §4.2, the posting rules of this release's events; §10, which term of a violation
// a posting rule counts into.
#include "rental/rules.hpp"

#include <carnet/schema/violation.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum NormalSide;
using enum AccountLimit;
using enum Each;
using enum When;

using Kind = schema::TrafficViolationAmended::Kind;
constexpr Kinds kFineKinds = kinds(Kind::EXPENSE, Kind::PENALTY, Kind::EARLY_DISCOUNT, Kind::REDUCED);
constexpr Kinds kCancelKinds = kinds(Kind::DISMISSED, Kind::SETTLED_BY_CUSTOMER, Kind::WITHDRAWN);

// clang-format off
constexpr auto kChart = std::to_array<ChartRow>({
    {"A1", "asset/cash", kDebit, kNone},
    {"A2", "asset/pspClearing/{psp}", kDebit, kNone},
    {"A3", "asset/receivable/customer/{party}/{of}", kDebit, kNone},
    {"A4", "asset/receivable/thirdParty/{partner}", kDebit, kNone},
    {"L1", "liability/deposit/security/{deposit}/{hold}", kCredit, kDebitsWithinCredits},
    {"L2", "liability/deposit/violation/{deposit}/{hold}", kCredit, kDebitsWithinCredits},
    {"L3", "liability/customerCredit/{party}/{of}", kCredit, kDebitsWithinCredits},
    {"L4", "liability/refundPayable/{party}", kCredit, kDebitsWithinCredits},
    {"L5", "liability/finesPayable/{authority}/{violation}", kCredit, kDebitsWithinCredits},
    {"L6", "liability/compensationPayable/{party}", kCredit, kDebitsWithinCredits},
    {"L7", "liability/voucher/{party}/{voucher}", kCredit, kDebitsWithinCredits},
    {"L8", "liability/taxPayable/{jurisdiction}", kCredit, kNone},
    {"L9", "liability/partnerPayable/{partner}", kCredit, kDebitsWithinCredits},
    {"L10", "liability/unclaimed/{jurisdiction}", kCredit, kDebitsWithinCredits},
    {"R", "revenue/{use}", kCredit, kNone},
    {"C1", "contraRevenue/discount", kDebit, kNone},
    {"E", "expense/{use}", kDebit, kNone},
    {"Q1", "equity/opening", kCredit, kNone},
    {"X1", "points/issuance", kDebit, kNone},
    {"X2", "points/customer/{account}", kCredit, kDebitsWithinCredits},
});

// `method`: A2 (A1 if cash, bankTransfer or notStated). `of`: what the event is about, a violation or an order. `allocated`:
// what the element of the list is about. `order`: the order, or `none`.
constexpr auto kPostings = std::to_array<PostingRow>({
    // rule, event, each, when, phase, debit, credit, amount
    {"PR-01", "PaymentReceived", kAllocation, {kPayerIsCustomer, kAlways}, Phase::kPosted, {"A2", "method"}, {"A3", "allocated"}, Amount::kAllocatedDue},
    {"PR-01", "PaymentReceived", kAllocation, {kPayerIsCustomer, kAlways}, Phase::kPosted, {"A2", "method"}, {"L3", "allocated"}, Amount::kAllocatedRest},
    {"PR-01", "PaymentReceived", kOnce, {kPayerIsCustomer, kNotPrepayment}, Phase::kPosted, {"A2", "method"}, {"L3", "order"}, Amount::kUnallocated},
    {"PR-02", "PaymentReceived", kOnce, {kPayerIsCustomer, kPrepayment}, Phase::kPosted, {"A2", "method"}, {"L3", "order"}, Amount::kUnallocated},
    {"PR-01", "PaymentReceived", kOnce, {kPayerIsPartner, kAlways}, Phase::kPosted, {"A2", "method"}, {"A4", "payer"}, Amount::kAmount},
    {"PR-01", "PaymentReceived", kDeduction, {kCommission, kPayerIsPartner}, Phase::kPosted, {"E", "platformFee"}, {"A4", "payer"}, Amount::kDeduction},
    {"PR-01", "PaymentReceived", kDeduction, {kFee, kPayerIsPartner}, Phase::kPosted, {"E", "pspFee"}, {"A4", "payer"}, Amount::kDeduction},
    {"PR-01", "PaymentReceived", kDeduction, {kTax, kPayerIsPartner}, Phase::kPosted, {"L8"}, {"A4", "payer"}, Amount::kDeduction},
    {"PR-01", "PaymentReceived", kDeduction, {kCommission, kPayerIsCustomer}, Phase::kPosted, {"E", "platformFee"}, {"A3", "order"}, Amount::kDeduction},
    {"PR-01", "PaymentReceived", kDeduction, {kFee, kPayerIsCustomer}, Phase::kPosted, {"E", "pspFee"}, {"A3", "order"}, Amount::kDeduction},
    {"PR-01", "PaymentReceived", kDeduction, {kTax, kPayerIsCustomer}, Phase::kPosted, {"L8"}, {"A3", "order"}, Amount::kDeduction},

    {"PR-60", "TrafficViolationCharged", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A3", "of"}, {"L5"}, Amount::kFineAndExpense},
    {"PR-03", "TrafficViolationCharged", kOnce, {kCreditAutomatic, kAlways}, Phase::kPosted, {"L3", "of"}, {"A3", "of"}, Amount::kCredit},

    {"PR-61", "FinePaidToAuthority", kOnce, {kBorneByParty, kAlways}, Phase::kPosted, {"L5"}, {"A1"}, Amount::kAmount},
    {"PR-61", "FinePaidToAuthority", kOnce, {kBorneByCompany, kAlways}, Phase::kPosted, {"E", "fine"}, {"A1"}, Amount::kAmount},

    {"PR-62", "TrafficViolationAmended", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A3", "of"}, {"L5"}, Amount::kExpense},
    {"PR-62", "TrafficViolationAmended", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A3", "of"}, {"L5"}, Amount::kIncrease},
    {"PR-62", "TrafficViolationAmended", kOnce, {kAlways, kAlways}, Phase::kPosted, {"L5"}, {"A3", "of"}, Amount::kDecreasePayable},
    {"PR-62", "TrafficViolationAmended", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A4", "authority"}, {"A3", "of"}, Amount::kDecreaseBeyond},
    {"PR-03", "TrafficViolationAmended", kOnce, {kCreditAutomatic, kAlways}, Phase::kPosted, {"L3", "of"}, {"A3", "of"}, Amount::kCredit},

    {"PR-63", "FineRefundedByAuthority", kOnce, {kFineNotBorne, kAlways}, Phase::kPosted, {"A1"}, {"A4", "authority"}, Amount::kAmount},
    {"PR-63", "FineRefundedByAuthority", kOnce, {kFineWasBorne, kAlways}, Phase::kPosted, {"A1"}, {"E", "fine"}, Amount::kAmount},

    {"PR-95", "ReceivableAssigned", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A4", "collector"}, {"A3", "of"}, Amount::kAmountDue},

    // Of a reversal, where it leaves something due beside credit.
    {"PR-03", "", kOnce, {kCreditAutomatic, kAlways}, Phase::kPosted, {"L3", "of"}, {"A3", "of"}, Amount::kCredit},
});

constexpr auto kTerms = std::to_array<TermRow>({
    {"PR-60", 0, Term::kCharged},
    {"PR-62", kFineKinds, Term::kCharged},
    {"PR-62", kCancelKinds, Term::kCancelled},
    {"PR-01", 0, Term::kPaid},
    {"PR-95", 0, Term::kAssigned},
    {"PR-03", 0, Term::kNothing},
});
// clang-format on

}  // namespace

std::span<const ChartRow> chart_table() {
  return kChart;
}

std::span<const PostingRow> posting_table() {
  return kPostings;
}

std::span<const TermRow> term_table() {
  return kTerms;
}

}  // namespace carnet::rental
