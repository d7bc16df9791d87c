// SPDX-License-Identifier: Apache-2.0
//
// The chart of accounts and the postings.
#include "rental/reference.hpp"

#include <fmt/format.h>

#include <iterator>

namespace carnet::rental {

namespace {

std::string_view words(Each each) {
  switch (each) {
    case Each::kOnce:
      return "";
    case Each::kAllocation:
      return "each allocation";
    case Each::kDeduction:
      return "each deduction";
    case Each::kRefundPlace:
      return "each place where the money lies";
    case Each::kChargedBack:
      return "what the source credited, as far as still there";
    case Each::kWonBack:
      return "what the chargeback took";
    case Each::kPspLine:
      return "each line";
    case Each::kMerged:
      return "each balance of the absorbed account";
    case Each::kUnclaimed:
      return "each place where it lies";
  }
  return {};
}

std::string_view words(When when) {
  switch (when) {
    case When::kAlways:
      return "";
    case When::kPayerIsCustomer:
      return "payer customer or other";
    case When::kPayerIsPartner:
      return "payer platform, insurer or collector";
    case When::kPrepayment:
      return "prepayment";
    case When::kNotPrepayment:
      return "no prepayment";
    case When::kCommission:
      return "commission";
    case When::kTax:
      return "tax";
    case When::kFee:
      return "any other deduction";
    case When::kBorneByParty:
      return "borne by the party";
    case When::kBorneByCompany:
      return "borne by the company";
    case When::kFineWasBorne:
      return "the company bore the fine";
    case When::kFineNotBorne:
      return "the party bore the fine";
    case When::kCreditAutomatic:
      return "rule set postingAccounts applies credit";
    case When::kWithinHold:
      return "within the live hold";
    case When::kBeyondHold:
      return "beyond the hold, or after its end";
    case When::kFinal:
      return "final";
    case When::kNotRestored:
      return "the profile does not restore holds";
    case When::kChargeOfParty:
      return "charge of the party";
    case When::kChargeOfPartner:
      return "charge of a platform or insurer";
    case When::kAllocationOwed:
      return "to a violation or a known charge";
    case When::kWithTax:
      return "with tax";
    case When::kVoucherOfValue:
      return "voucher of a value";
    case When::kVoucherOfService:
      return "voucher of a service code";
    case When::kVoucherCoupon:
      return "coupon";
    case When::kLineFee:
      return "fee";
    case When::kLineChargebackFee:
      return "chargeback fee";
    case When::kLineReserveOut:
      return "reserve held";
    case When::kLineReserveIn:
      return "reserve released";
  }
  return {};
}

std::string_view words(Amount amount) {
  switch (amount) {
    case Amount::kAmount:
      return "amount";
    case Amount::kFineAndExpense:
      return "fine + expense";
    case Amount::kExpense:
      return "expense";
    case Amount::kIncrease:
      return "increase of the fine";
    case Amount::kDecreasePayable:
      return "decrease, up to what the authority is owed";
    case Amount::kDecreaseBeyond:
      return "rest of the decrease";
    case Amount::kAllocatedDue:
      return "allocated, at most what is due";
    case Amount::kAllocatedRest:
      return "rest of the allocation";
    case Amount::kAllocated:
      return "allocated";
    case Amount::kUnallocated:
      return "not allocated";
    case Amount::kDeduction:
      return "deduction";
    case Amount::kAmountDue:
      return "amount, at most what is due";
    case Amount::kCredit:
      return "credit, at most what is due";
    case Amount::kDelta:
      return "delta";
    case Amount::kValue:
      return "value";
    case Amount::kLessTax:
      return "amount less tax";
    case Amount::kTaxPart:
      return "tax part";
    case Amount::kRemaining:
      return "what remains";
    case Amount::kWithinRemaining:
      return "amount, at most what remains";
    case Amount::kGivenBack:
      return "what the reversal gave back";
    case Amount::kPlace:
      return "what lies there";
    case Amount::kLine:
      return "line";
    case Amount::kNetIn:
      return "net, coming in";
    case Amount::kNetOut:
      return "net, going out";
  }
  return {};
}

std::string_view words(Phase phase) {
  switch (phase) {
    case Phase::kPosted:
      return "posted";
    case Phase::kPending:
      return "pending";
    case Phase::kVoided:
      return "voided";
  }
  return {};
}

std::string side_words(const Side& side) {
  return side.use.empty() ? std::string(side.chart) : fmt::format("{} ({})", side.chart, side.use);
}

std::string condition_words(const PostingRow& row) {
  std::vector<std::string> conditions;
  for (const std::string_view each : {words(row.each), words(row.when[0]), words(row.when[1])}) {
    if (!each.empty()) {
      conditions.emplace_back(each);
    }
  }
  return comma_list(conditions);
}

std::string_view limit_words(AccountLimit limit) {
  return limit == AccountLimit::kNone ? "none" : "Dr ≤ Cr";
}

}  // namespace

std::string postings_page(const RuleBook& book) {
  std::string page =
      "# Postings\n\nOne event is one balanced set of transfers; rows run in this order. *Dr ≤ Cr*: pending and posted "
      "debits never exceed the posted credits.\n\n## Chart of accounts\n\n| Code | Account | Normal side | Limit |\n"
      "|---|---|---|---|\n";
  auto out = std::back_inserter(page);
  for (const ChartRow& row : book.tables().chart) {
    fmt::format_to(out, "| {} | `{}` | {} | {} |\n", row.code, row.path, row.normal == NormalSide::kDebit ? "Dr" : "Cr",
                   limit_words(row.limit));
  }
  page += "\n## Rules\n\n| Rule | Event | When | Phase | Dr | Cr | Amount |\n|---|---|---|---|---|---|---|\n";
  for (const PostingRow& row : book.tables().postings) {
    fmt::format_to(out, "| {} | {}{} | {} | {} | {} | {} | {} |\n", row.rule, row.reversal ? "reversal of " : "",
                   event_words(book, row.event, row.kinds), condition_words(row), words(row.phase),
                   side_words(row.debit), side_words(row.credit), words(row.amount));
  }
  return page;
}

}  // namespace carnet::rental
