// SPDX-License-Identifier: Apache-2.0
//
// Posting rows become transfers. Balances are read after each transfer, so rows see what the rows before them did, in
// the order of DOMAIN §4.2.
#include "base/check.hpp"
#include "rental/decision.hpp"

#include <carnet/schema/ledger.capnp.h>
#include <carnet/schema/payment.capnp.h>
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

/// Settled money, not a processor's: DOMAIN PR-01.
bool is_settled_money(std::string_view method) noexcept {
  return method == "cash" || method == "bankTransfer" || method == "notStated";
}

std::string jurisdiction_of(const PayloadView& opened) {
  return std::string(as_text(payload_as<schema::LedgerOpened>(opened).getJurisdiction()));
}

}  // namespace

Check Poster::post() {
  const auto rows = decision_.book_.postings(decision_.type_);
  if (rows.empty()) {
    return std::nullopt;
  }
  for (const Each each : {Each::kAllocation, Each::kOnce, Each::kDeduction}) {
    if (Check no = post_each(each, rows)) {
      return no;
    }
  }
  return std::nullopt;
}

Check Poster::post_each(Each each, std::span<const PostingRow* const> rows) {
  const auto post_rows = [&](const Scope& scope) -> Check {
    for (const PostingRow* row : rows) {
      if (row->each == each) {
        if (Check no = post_row(*row, scope)) {
          return no;
        }
      }
    }
    return std::nullopt;
  };
  switch (each) {
    case Each::kOnce: {
      Scope scope;
      scope.violation =
          facts_.violation_id.empty() || decision_.violations_.empty() ? nullptr : &decision_.violations_.front();
      return post_rows(scope);
    }
    case Each::kAllocation:
      for (const AllocationFact& allocation : facts_.allocations) {
        Scope scope;
        scope.allocation = &allocation;
        const auto found = std::ranges::find_if(decision_.violations_, [&](const ViolationCase& violation) {
          return !allocation.violation_id.empty() && violation.subject.id == allocation.violation_id;
        });
        scope.violation = found == decision_.violations_.end() ? nullptr : &*found;
        scope.allocated_due = scope.violation == nullptr ? 0 : std::min(allocation.amount.minor, due_of(scope));
        if (Check no = post_rows(scope)) {
          return no;
        }
      }
      return std::nullopt;
    case Each::kDeduction:
      for (const DeductionFact& deduction : facts_.deductions) {
        Scope scope;
        scope.deduction = &deduction;
        if (Check no = post_rows(scope)) {
          return no;
        }
      }
      return std::nullopt;
  }
  return std::nullopt;
}

Check Poster::post_reversal(const AppliedEvent& original) {
  for (auto transfer = original.transfers.rbegin(); transfer != original.transfers.rend(); ++transfer) {
    if (Check no = context_.mirror(*transfer)) {
      return no;
    }
  }
  // A mirror of PR-03 itself gives credit back, beside which something may be due by now: they net here.
  for (const ViolationCase& violation : decision_.violations_) {
    Scope scope;
    scope.violation = &violation;
    for (const PostingRow* row : decision_.book_.reversal_postings()) {
      if (Check no = post_row(*row, scope)) {
        return no;
      }
    }
  }
  return std::nullopt;
}

Check Poster::post_row(const PostingRow& row, const Scope& scope) {
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
  std::string debit_path;
  std::string credit_path;
  AccountSpec debit;
  AccountSpec credit;
  if (!resolve(row.debit, scope, debit_path, debit) || !resolve(row.credit, scope, credit_path, credit)) {
    return decision_.refusal("§4.1", "FieldMissing", "data",
                             {.message = fmt::format("{} posts to an account that needs {}", row.rule, missing_),
                              .values = {{"field", std::string(missing_)}}});
  }
  return context_.transfer(debit, credit, Money{.minor = amount, .currency = currency()}, row.phase,
                           decision_.book_.symbol(row.rule));
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
  }
  return false;
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
      return claims ? std::min(decrease_of(scope), net("L5", scope, NormalSide::kCredit)) : 0;
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
      return std::min(net("L3", scope, NormalSide::kCredit), due_of(scope));
  }
  return 0;
}

std::int64_t Poster::decrease_of(const Scope& scope) {
  const auto kind = static_cast<Kind>(facts_.kind);
  const ViolationRow& row = scope.violation->row;
  // Of what this event took off already.
  std::int64_t taken = 0;
  for (const AppliedTransfer& transfer : context_.event().transfers) {
    taken += transfer.credit_chart == decision_.book_.known().receivable ? transfer.amount : 0;
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
  return std::max<std::int64_t>(0, net("A3", scope, NormalSide::kDebit));
}

std::int64_t Poster::net(std::string_view chart, const Scope& scope, NormalSide side) {
  std::string path;
  AccountSpec account;
  const Side of{.chart = chart, .use = "of"};
  if (currency().is_none()) {
    return 0;  // Nothing that concerned it had an amount yet.
  }
  return resolve(of, scope, path, account) ? posted_net(context_.balance(path, currency()), side) : 0;
}

Currency Poster::currency() const {
  for (const std::optional<Money>& money : {facts_.amount, facts_.fine, facts_.new_fine, facts_.expense}) {
    if (money) {
      return money->currency;
    }
  }
  return decision_.violations_.empty() ? Currency{} : Currency(decision_.violations_.front().row.currency);
}

// ---- Accounts ----

bool Poster::resolve(const Side& side, const Scope& scope, std::string& path, AccountSpec& account) {
  const std::string_view code = side.use == "method" && is_settled_money(facts_.method) ? "A1" : side.chart;
  const ChartRow& row = decision_.book_.chart(code);
  path.clear();
  std::string_view rest = row.path;
  while (!rest.empty()) {
    const std::size_t open = rest.find('{');
    path += rest.substr(0, open);
    if (open == std::string_view::npos) {
      break;
    }
    const std::size_t close = rest.find('}', open);
    if (!append_placeholder(rest.substr(open + 1, close - open - 1), side, scope, path)) {
      return false;
    }
    rest = rest.substr(close + 1);
  }
  account = {.path = path, .chart = decision_.book_.symbol(code), .normal = row.normal, .limit = row.limit};
  return true;
}

std::string Poster::of_name(const Side& side, const Scope& scope) const {
  const bool of_violation = side.use != "order" && scope.violation != nullptr;
  if (of_violation) {
    return fmt::format("violation/{}", scope.violation->subject.id);
  }
  return facts_.order_id.empty() ? std::string("none") : fmt::format("order/{}", facts_.order_id);
}

std::string_view Poster::party_name(const Side& side, const Scope& scope) const {
  if (side.use != "order" && scope.violation != nullptr) {
    return scope.violation->party;
  }
  // The payload's party: its first tag, since the account stands before every other party in the tag table.
  const ChainRef* party = find_party(context_.event(), decision_.book_.known());
  return party == nullptr || (facts_.account_id.empty() && facts_.party.empty()) ? std::string_view{} : party->name;
}

bool Poster::append_placeholder(std::string_view name, const Side& side, const Scope& scope, std::string& path) {
  std::string text;
  if (name == "party") {
    text = party_name(side, scope);
    missing_ = "accountId or party";
  } else if (name == "of") {
    text = of_name(side, scope);
  } else if (name == "psp") {
    text = facts_.psp.empty() ? std::string("none") : fmt::format("psp/{}", facts_.psp);
  } else if (name == "authority") {
    text = facts_.authority;
    missing_ = "authority";
  } else if (name == "violation") {
    text = facts_.violation_id;
    missing_ = "violationId";
  } else if (name == "use") {
    text = side.use;
  } else if (name == "jurisdiction") {
    const auto ledger = decision_.tables().get<LedgerRow>(context_.table(kLedgerProjection), 0);
    const AppliedEvent* opened = context_.event_at(ledger.opened);
    text = opened == nullptr ? std::string{} : jurisdiction_of(opened->payload);
    missing_ = "jurisdiction";
  } else if (name == "partner") {
    if (side.use == "authority") {
      text = facts_.authority.empty() ? std::string{} : fmt::format("authority/{}", facts_.authority);
      missing_ = "authority";
    } else if (side.use == "collector") {
      text = facts_.collector.empty() ? std::string{} : fmt::format("collector/{}", facts_.collector);
      missing_ = "collector";
    } else {
      const std::string_view id = facts_.payer_id.empty() ? facts_.partner_id : facts_.payer_id;
      const bool collector = static_cast<Payer>(facts_.payer) == Payer::COLLECTOR;
      text = id.empty() ? std::string{} : fmt::format("{}/{}", collector ? "collector" : "partner", id);
      missing_ = "payerId";
    }
  } else {
    CARNET_ASSERT(false, "posting rows of this release use no other placeholder");
  }
  path += text;
  return !text.empty();
}

}  // namespace carnet::rental
