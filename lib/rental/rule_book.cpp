// SPDX-License-Identifier: Apache-2.0
#include "rental/rule_book.hpp"

#include "base/check.hpp"
#include "rental/rows.hpp"

#include <carnet/schema/violation.capnp.h>

#include <algorithm>

namespace carnet::rental {

namespace {

bool fulfils(const LifecycleRow& row, const Standing& standing) noexcept {
  switch (row.condition) {
    case If::kAlways:
      return true;
    case If::kDayLater:
      return standing.occurred_ns >= standing.since_ns + 86'400 * kNsPerSecond;
    case If::kNewly:
      return !in_kinds(row.kinds, static_cast<std::uint16_t>(standing.value));
  }
  return false;
}

const LifecycleRow* find_row(std::span<const LifecycleRow* const> rows, State state, std::uint16_t variant,
                             const Standing& standing) noexcept {
  for (const LifecycleRow* row : rows) {
    if (row->from == state && in_kinds(row->kinds, variant) && fulfils(*row, standing)) {
      return row;
    }
  }
  return nullptr;
}

template <class Rows>
const auto& slot(const Rows& rows, Machine machine) noexcept {
  return rows[static_cast<std::size_t>(machine)];
}

}  // namespace

Symbol RuleBook::symbol(std::string_view text) const noexcept {
  const auto found = std::ranges::find(symbols_, text);
  return found == symbols_.end() ? kForeignSymbol : static_cast<Symbol>(found - symbols_.begin());
}

std::uint16_t RuleBook::type_of(std::string_view event) const noexcept {
  const auto found = std::ranges::find(specs_, event, &EventTypeSpec::name);
  return found == specs_.end() ? kForeignType : static_cast<std::uint16_t>(found - specs_.begin());
}

const Concern* RuleBook::concern(Machine machine, std::uint16_t type) const noexcept {
  if (type >= concerns_.size()) {
    return nullptr;
  }
  const auto found = std::ranges::find(concerns_[type], machine, &Concern::machine);
  return found == concerns_[type].end() ? nullptr : &*found;
}

Transition RuleBook::transition(Machine machine, State state, std::uint16_t type, std::uint16_t variant,
                                const Standing& standing) const {
  const auto& rows = slot(by_machine_, machine)[type];
  if (const LifecycleRow* row = find_row(rows, state, variant, standing); row != nullptr) {
    return {.row = row, .assumed = nullptr, .from = state};
  }
  for (const AssumedRow* assumed : slot(assumed_, machine)[type]) {
    if (in_kinds(assumed->kinds, variant)) {
      const LifecycleRow* row = find_row(rows, assumed->state, variant, standing);
      CARNET_ASSERT(row != nullptr, "an assumed state has a row");
      return {.row = row, .assumed = assumed, .from = assumed->state};
    }
  }
  CARNET_ASSERT(concern(machine, type)->follows, "every event that a machine guards has an assumed state");
  return {.row = nullptr, .assumed = nullptr, .from = state};
}

State RuleBook::next_state(Machine machine, State state, std::uint16_t type, std::uint16_t variant, bool due,
                           const Standing& standing) const {
  const Transition found = transition(machine, state, type, variant, standing);
  if (found.row == nullptr || (found.assumed != nullptr && found.from == kNone)) {
    return state;  // What begins a lifecycle cannot begin it again.
  }
  const State next = due ? found.row->next : found.row->clear;
  return next == kStay ? found.from : next;
}

std::uint16_t RuleBook::journal_type(JournalCode code) const noexcept {
  const auto found = std::ranges::find(journal_names_, code.name());
  return found == journal_names_.end() ? kForeignType : static_cast<std::uint16_t>(found - journal_names_.begin());
}

State RuleBook::state_after_reversal(Machine machine, State state, bool due) const {
  const LifecycleRow* row = find_row(slot(after_reversal_, machine), state, 0, {});
  if (row == nullptr) {
    return state;
  }
  const State next = due ? row->next : row->clear;
  return next == kStay ? state : next;
}

bool RuleBook::replaces_fine(std::uint16_t type, std::uint16_t variant) const noexcept {
  // Those whose money is the fine itself: PR-60, and PR-62 of the kinds that count as charged, but for added expenses.
  return std::ranges::any_of(postings_[type], [&](const PostingPlan& plan) {
    if (plan.row->amount == Amount::kFineAndExpense) {
      return true;
    }
    return plan.row->amount == Amount::kIncrease && term(plan.rule, variant) == Term::kCharged &&
           static_cast<schema::TrafficViolationAmended::Kind>(variant) !=
               schema::TrafficViolationAmended::Kind::EXPENSE;
  });
}

bool RuleBook::may_assign_nothing(std::uint16_t type) const noexcept {
  return std::ranges::any_of(postings_[type],
                             [](const PostingPlan& plan) { return plan.row->amount == Amount::kAmountDue; });
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

std::span<const TextField> RuleBook::tag_fields(Symbol family) const noexcept {
  for (const auto& [symbol, fields] : tag_fields_) {
    if (symbol == family) {
      return fields;
    }
  }
  return {};
}

const ChainRef* find_tag(const AppliedEvent& event, Symbol family) noexcept {
  for (const ChainRef& chain : event.chains) {
    if (chain.kind == ChainKind::kTag && chain.family_symbol == family) {
      return &chain;
    }
  }
  return nullptr;
}

const ChainRef* find_tag_of(const RuleBook& book, const AppliedEvent& event, const EventFacts& facts, Symbol family,
                            std::string_view id) {
  // The stream's own name is the first tag; the others of a row of the tag table stand in the order of their names.
  const bool own_first = event.stream().family_symbol == family;
  const TextField stream_field = book.stream_field(event.type);
  const std::string_view own = own_first && stream_field != nullptr ? facts.*stream_field : std::string_view{};
  if (id.empty()) {
    return nullptr;
  }
  if (own == id) {
    return find_tag(event, family);
  }
  std::size_t rank = own_first ? 1 : 0;
  for (const TextField field : book.tag_fields(family)) {
    const std::string_view other = facts.*field;
    if (!other.empty() && other != own && other < id) {
      ++rank;
    }
  }
  for (const ChainRef& chain : event.chains) {
    if (chain.kind == ChainKind::kTag && chain.family_symbol == family && rank-- == 0) {
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
