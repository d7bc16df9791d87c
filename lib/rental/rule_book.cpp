// SPDX-License-Identifier: Apache-2.0
#include "rental/rule_book.hpp"

#include "base/check.hpp"

#include <carnet/schema/violation.capnp.h>

#include <algorithm>
#include <utility>

namespace carnet::rental {

namespace {

constexpr std::string_view kFamilies[] = {"account", "external", "payment", "rental", "vehicle", "violation", "case"};

const LifecycleRow* find_row(std::span<const LifecycleRow* const> rows, State state, std::uint16_t variant) noexcept {
  for (const LifecycleRow* row : rows) {
    if (row->from == state && in_kinds(row->kinds, variant)) {
      return row;
    }
  }
  return nullptr;
}

}  // namespace

RuleBook::RuleBook(const RuleTables& tables) : tables_(tables) {
  index_events();
  index_symbols();
  index_rows();
}

void RuleBook::index_events() {
  for (const EventRow& row : tables_.events) {
    EventTypeSpec spec = row.spec();
    auto type = codec::PayloadType::create(spec.name, spec.schema);
    CARNET_ASSERT(type.has_value(), "schemas of registered events are supported");
    payload_types_.push_back(*std::move(type));
    specs_.push_back(std::move(spec));
  }
}

void RuleBook::index_symbols() {
  const auto add = [&](std::string_view text) {
    if (std::ranges::find(symbols_, text) == symbols_.end()) {
      symbols_.push_back(text);
    }
  };
  for (const ChartRow& row : tables_.chart) {
    add(row.code);
  }
  for (const PostingRow& row : tables_.postings) {
    add(row.rule);
  }
  for (const std::string_view family : kFamilies) {
    add(family);
  }
  known_ = {.account = symbol("account"),
            .external = symbol("external"),
            .payment = symbol("payment"),
            .rental = symbol("rental"),
            .vehicle = symbol("vehicle"),
            .violation = symbol("violation"),
            .case_family = symbol("case"),
            .receivable = symbol("A3"),
            .credit = symbol("L3")};
}

void RuleBook::index_rows() {
  for (std::size_t i = 0; i < kMachineCount; ++i) {
    by_machine_[i].resize(specs_.size());
    assumed_[i].resize(specs_.size());
  }
  const auto type_named = [&](std::string_view event) {
    const std::uint16_t type = type_of(event);
    CARNET_ASSERT(type != kForeignType, "rows name registered events");
    return type;
  };
  for (const LifecycleRow& row : tables_.lifecycles) {
    by_machine_[static_cast<std::size_t>(row.machine)][type_named(row.event)].push_back(&row);
  }
  for (const AssumedRow& row : tables_.assumed) {
    assumed_[static_cast<std::size_t>(row.machine)][type_named(row.event)].push_back(&row);
  }
  guard_uses_.resize(specs_.size());
  for (const GuardUse& use : tables_.guards) {
    guard_uses_[type_named(use.event)].push_back(&use);
  }
  for (const GuardRow& row : tables_.guard_names) {
    guards_[static_cast<std::size_t>(row.guard)] = &row;
  }
  CARNET_ASSERT(std::ranges::find(guards_, nullptr) == guards_.end(), "every guard has a name");
  postings_.resize(specs_.size());
  for (const PostingRow& row : tables_.postings) {
    if (row.event.empty()) {
      reversal_postings_.push_back(&row);
    } else {
      postings_[type_named(row.event)].push_back(&row);
    }
  }
  terms_.resize(symbols_.size());
  for (const TermRow& row : tables_.terms) {
    const Symbol rule = symbol(row.rule);
    CARNET_ASSERT(rule != kForeignSymbol, "terms name posting rules");
    terms_[rule].push_back(&row);
  }
}

Symbol RuleBook::symbol(std::string_view text) const noexcept {
  const auto found = std::ranges::find(symbols_, text);
  return found == symbols_.end() ? kForeignSymbol : static_cast<Symbol>(found - symbols_.begin());
}

std::uint16_t RuleBook::type_of(std::string_view event) const noexcept {
  const auto found = std::ranges::find(specs_, event, &EventTypeSpec::name);
  return found == specs_.end() ? kForeignType : static_cast<std::uint16_t>(found - specs_.begin());
}

Transition RuleBook::transition(Machine machine, State state, std::uint16_t type, std::uint16_t variant) const {
  const auto& rows = by_machine_[static_cast<std::size_t>(machine)][type];
  if (const LifecycleRow* row = find_row(rows, state, variant); row != nullptr) {
    return {.row = row, .assumed = nullptr, .from = state};
  }
  for (const AssumedRow* assumed : assumed_[static_cast<std::size_t>(machine)][type]) {
    if (in_kinds(assumed->kinds, variant)) {
      const LifecycleRow* row = find_row(rows, assumed->state, variant);
      CARNET_ASSERT(row != nullptr, "an assumed state has a row");
      return {.row = row, .assumed = assumed, .from = assumed->state};
    }
  }
  CARNET_ASSERT(false, "every event of a machine has an assumed state");
  return {};
}

State RuleBook::next_state(Machine machine, State state, std::uint16_t type, std::uint16_t variant, bool due) const {
  const Transition found = transition(machine, state, type, variant);
  if (found.assumed != nullptr && found.from == kNone) {
    return state;  // What begins a lifecycle cannot begin it again.
  }
  const State next = due ? found.row->next : found.row->clear;
  return next == kStay ? found.from : next;
}

bool RuleBook::replaces_fine(std::uint16_t type, std::uint16_t variant) const noexcept {
  // Those whose money is the fine itself: PR-60, and PR-62 of the kinds that count as charged, but for added expenses.
  return std::ranges::any_of(postings_[type], [&](const PostingRow* row) {
    if (row->amount == Amount::kFineAndExpense) {
      return true;
    }
    return row->amount == Amount::kIncrease && term(symbol(row->rule), variant) == Term::kCharged &&
           static_cast<schema::TrafficViolationAmended::Kind>(variant) !=
               schema::TrafficViolationAmended::Kind::EXPENSE;
  });
}

bool RuleBook::opens_custody(std::uint16_t type) const {
  return next_state(Machine::kContract, state::kSigned, type, 0, false) == state::kInUse;
}

bool RuleBook::may_assign_nothing(std::uint16_t type) const noexcept {
  return std::ranges::any_of(postings_[type], [](const PostingRow* row) { return row->amount == Amount::kAmountDue; });
}

std::span<const Guard> RuleBook::guards(std::uint16_t type, std::uint16_t variant) const noexcept {
  for (const GuardUse* use : guard_uses_[type]) {
    if (in_kinds(use->kinds, variant)) {
      return use->guards;
    }
  }
  return {};
}

Severity RuleBook::severity(std::string_view code) const noexcept {
  const auto found = std::ranges::find(tables_.findings, code, &FindingRow::code);
  return found == tables_.findings.end() ? Severity::kWarning : found->severity;
}

const ChartRow& RuleBook::chart(std::string_view code) const noexcept {
  const auto found = std::ranges::find(tables_.chart, code, &ChartRow::code);
  CARNET_ASSERT(found != tables_.chart.end(), "postings name rows of the chart");
  return *found;
}

Term RuleBook::term(Symbol rule, std::uint16_t variant) const noexcept {
  if (rule < terms_.size()) {
    for (const TermRow* row : terms_[rule]) {
      if (in_kinds(row->kinds, variant)) {
        return row->term;
      }
    }
  }
  return Term::kNothing;
}

const ChainRef* find_tag(const AppliedEvent& event, Symbol family) noexcept {
  for (const ChainRef& chain : event.chains) {
    if (chain.kind == ChainKind::kTag && chain.family_symbol == family) {
      return &chain;
    }
  }
  return nullptr;
}

const ChainRef* find_party(const AppliedEvent& event, const KnownSymbols& known) noexcept {
  for (const ChainRef& chain : event.chains) {
    if (chain.kind == ChainKind::kTag &&
        (chain.family_symbol == known.account || chain.family_symbol == known.external)) {
      return &chain;
    }
  }
  return nullptr;
}

std::uint32_t party_code(const ChainRef& chain, const KnownSymbols& known) noexcept {
  if (chain.kind != ChainKind::kTag) {
    return 0;
  }
  if (chain.family_symbol == known.account) {
    return chain.member + 1;
  }
  return chain.family_symbol == known.external ? (chain.member + 1) | kExternalParty : 0;
}

}  // namespace carnet::rental
