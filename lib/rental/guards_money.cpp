// SPDX-License-Identifier: Apache-2.0
//
// Guards that all money shares: amounts, currencies, allocations, references.
#include "rental/guards.hpp"
#include "rental/money.hpp"
#include "rental/unique.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace carnet::rental {

namespace {

std::optional<Broken> amount_positive(Decision& d) {
  const std::int64_t amount = d.facts().amount ? d.facts().amount->minor : 0;
  const bool nothing_due = !d.violations().empty() && d.violations().front().row.receivable <= 0;
  if (amount > 0 || (amount == 0 && d.book().may_assign_nothing(d.type()) && nothing_due)) {
    return std::nullopt;
  }
  return Broken{.message = "the amount must be above 0", .values = {{"amount", minor_text(amount)}}};
}

std::optional<Broken> one_currency(Decision& d) {
  std::optional<Currency> first;
  const auto differs = [&](Currency currency) {
    if (!first) {
      first = currency;
    }
    return currency != *first || !currency.is_known();
  };
  const auto bad = [](Currency currency, std::string_view path) {
    return Broken{.message = "what belongs together has one currency, and nothing is exchanged silently",
                  .values = {{"currency", currency.code()}},
                  .path = path};
  };
  for (const ViolationCase& each : d.violations()) {
    if (each.row.currency != 0 && differs(Currency(each.row.currency))) {
      return bad(Currency(each.row.currency), "data.allocatedTo");
    }
  }
  for (const Subject& each : d.subjects()) {
    if (each.row.currency != 0 && differs(Currency(each.row.currency))) {
      return bad(Currency(each.row.currency), "data");
    }
  }
  const EventFacts& f = d.facts();
  for (const std::optional<Money>* money : {&f.amount, &f.fine, &f.expense, &f.new_fine, &f.delta, &f.new_total, &f.tax,
                                            &f.net, &f.value, &f.total, &f.total_due}) {
    if (money->has_value() && differs((*money)->currency)) {
      return bad((*money)->currency, "data");
    }
  }
  for (const AllocationFact& each : d.facts().allocations) {
    if (differs(each.amount.currency)) {
      return bad(each.amount.currency, "data.allocatedTo");
    }
  }
  for (const DeductionFact& each : d.facts().deductions) {
    if (differs(each.amount.currency)) {
      return bad(each.amount.currency, "data.deductions");
    }
  }
  return std::nullopt;
}

std::optional<Broken> allocation_within(Decision& d) {
  std::int64_t rest = d.facts().amount ? d.facts().amount->minor : 0;
  for (const AllocationFact& each : d.facts().allocations) {
    if (each.charge_id.empty() == each.violation_id.empty()) {
      return Broken{.message = "an allocation names one charge or one violation"};
    }
    if (each.amount.minor <= 0) {
      return Broken{.message = "an allocation is above 0", .values = {{"allocated", minor_text(each.amount.minor)}}};
    }
    if (each.amount.minor > rest) {
      return Broken{.message = "the allocations sum to more than the amount",
                    .values = {{"amount", minor_text(d.facts().amount ? d.facts().amount->minor : 0)}}};
    }
    rest -= each.amount.minor;
  }
  for (const DeductionFact& each : d.facts().deductions) {
    if (each.amount.minor <= 0) {
      return Broken{.message = "a deduction is above 0",
                    .values = {{"deduction", minor_text(each.amount.minor)}},
                    .path = "data.deductions"};
    }
  }
  return std::nullopt;
}

std::optional<Broken> allocation_whole(Decision& d) {
  std::int64_t sum = 0;
  for (const AllocationFact& each : d.facts().allocations) {
    sum += each.amount.minor;
  }
  const std::int64_t amount = d.facts().amount ? d.facts().amount->minor : 0;
  if (sum == amount) {
    return std::nullopt;
  }
  return Broken{.message = "what is taken is applied in full: appliedTo sums to the amount",
                .values = {{"amount", minor_text(amount)}, {"applied", minor_text(sum)}}};
}

/// First allocation to a charge that takes more than is owed of it.
std::optional<Broken> allocation_known(Decision& d) {
  for (const AllocationFact& each : d.facts().allocations) {
    if (each.charge_id.empty()) {
      continue;
    }
    std::int64_t owed = 0;
    for (const Subject& subject : d.subjects()) {
      const bool names = subject.concern->machine == Machine::kCharge && subject.ref.allocation == &each;
      owed = names && subject.exists() ? std::max<std::int64_t>(0, payable_of(d, subject.row)) : owed;
    }
    if (each.amount.minor > owed) {
      return Broken{.message = "more is allocated to the charge than is owed of it",
                    .values = {{"chargeId", std::string(each.charge_id)},
                               {"allocated", minor_text(each.amount.minor)},
                               {"owed", minor_text(owed)}}};
    }
  }
  return std::nullopt;
}

/// As allocation_known, and for violations too: a deposit pays what is due and nothing more.
std::optional<Broken> capture_within_charge(Decision& d) {
  if (std::optional<Broken> what = allocation_known(d)) {
    return what;
  }
  for (const AllocationFact& each : d.facts().allocations) {
    const auto found = std::ranges::find_if(d.violations(), [&](const ViolationCase& violation) {
      return !each.violation_id.empty() && violation.subject.id == each.violation_id;
    });
    const std::int64_t due = found == d.violations().end() ? 0 : std::max<std::int64_t>(0, found->row.receivable);
    if (found != d.violations().end() && each.amount.minor > due) {
      return Broken{.message = "more is applied to the violation than is due of it",
                    .values = {{"violationId", std::string(each.violation_id)},
                               {"applied", minor_text(each.amount.minor)},
                               {"due", minor_text(due)}}};
    }
  }
  return std::nullopt;
}

std::optional<Broken> psp_ref_unique(Decision& d) {
  const std::uint64_t other = other_with(d, Unique::kPspRef);
  if (other == 0) {
    return std::nullopt;
  }
  return Broken{.message = "the processor's reference stands in another payment",
                .values = {{"position", fmt::to_string(other)}}};
}

}  // namespace

namespace guard {

const GuardRow kAmountPositive{"I-M2", "AmountNotPositive", "data.amount", &amount_positive, true};
const GuardRow kOneCurrency{"I-M3", "CurrencyMismatch", "data", &one_currency, true};
const GuardRow kAllocationKnown{"§3.6", "AllocationExceedsBalance", "data.allocatedTo", &allocation_known};
const GuardRow kAllocationWithin{"§3.6", "AllocationExceedsAmount", "data.allocatedTo", &allocation_within, true};
const GuardRow kAllocationWhole{"I-M5", "AllocationIncomplete", "data.appliedTo", &allocation_whole};
const GuardRow kCaptureWithinCharge{"I-M5", "CaptureExceedsCharge", "data.appliedTo", &capture_within_charge};
const GuardRow kPspRefUnique{"I-M21", "DuplicatePspRef", "data.pspRef", &psp_ref_unique};

}  // namespace guard

}  // namespace carnet::rental
