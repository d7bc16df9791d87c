// SPDX-License-Identifier: Apache-2.0
#include "rental/subjects.hpp"

#include "base/check.hpp"

#include <algorithm>

namespace carnet::rental {

namespace {

/// +1: the transfer is of the row; -1: the mirror of one that is; 0: neither.
int matches(const SumPlan& plan, const AppliedTransfer& transfer) noexcept {
  if (transfer.rule != plan.rule) {
    return 0;
  }
  const Phase phase = plan.row->phase;
  const bool forward = plan.debit.holds(transfer.debit_chart) && plan.credit.holds(transfer.credit_chart);
  if (phase == Phase::kPosted) {
    if (transfer.phase != Phase::kPosted) {
      return 0;
    }
    if (forward) {
      return 1;
    }
    return plan.debit.holds(transfer.credit_chart) && plan.credit.holds(transfer.debit_chart) ? -1 : 0;
  }
  if (!forward || transfer.phase == Phase::kPosted) {
    return 0;
  }
  return transfer.phase == phase ? 1 : -1;
}

std::int64_t taken(const SumPlan& plan, const AppliedEvent& event, const EventFacts& facts, const SubjectRef& subject) {
  std::int64_t amount = 0;
  switch (plan.row->take) {
    case Take::kTransfers:
      for (const AppliedTransfer& transfer : event.transfers) {
        amount += matches(plan, transfer) * transfer.amount;
      }
      return amount;
    case Take::kAmount:
      amount = facts.amount ? facts.amount->minor : 0;
      break;
    case Take::kTax:
      amount = facts.tax ? facts.tax->minor : 0;
      break;
    case Take::kAllocation:
      amount = subject.allocation == nullptr ? 0 : subject.allocation->amount.minor;
      break;
  }
  return event.corrects.kind == CorrectionKind::kReversal ? -amount : amount;
}

std::int64_t kept(Keep keep, const AppliedEvent& event, const EventFacts& facts) noexcept {
  switch (keep) {
    case Keep::kExpiresAt:
      return facts.expires_at.ns;
    case Keep::kAt:
      return facts.at.ns;
    case Keep::kPurpose:
      return facts.purpose;
    case Keep::kKind:
      return facts.kind;
    case Keep::kVersion:
      return facts.version;
    case Keep::kPayer:
      return facts.payer;
    case Keep::kOccurred:
      return event.occurred_at.ns;
    case Keep::kProfile:
      return facts.profile;
    case Keep::kValidUntil:
      return facts.valid_until;
    case Keep::kEffectiveFrom:
      return facts.effective_from.ns;
  }
  return 0;
}

/// The fold of one machine over one event.
class SubjectFold {
 public:
  SubjectFold(const RuleBook& book, const Concern& concern, const AppliedEvent& event, const AppliedEvent* original,
              const EventFacts& facts, TableId first, TableWriter& tables)
      : book_(book),
        concern_(concern),
        plan_(book.machine(concern.machine)),
        table_(plan_, first),
        event_(event),
        original_(original),
        facts_(facts),
        tables_(tables) {}

  void apply(const SubjectRef& subject) {
    const bool reversal = event_.corrects.kind == CorrectionKind::kReversal;
    std::uint32_t number = subject.number;
    if (number == 0) {
      if (event_.corrects.kind != CorrectionKind::kNone || concern_.follows) {
        return;
      }
      number = table_.index().add(tables_, subject.scope, subject.id);
    }
    auto row = table_.get(tables_, number);
    if (concern_.follows && row.first == 0) {
      return;
    }
    if (event_.corrects.kind == CorrectionKind::kCorrection) {
      correct(row);
    } else if (reversal) {
      reverse(subject, row);
    } else {
      forward(subject, row);
    }
    tables_.put(table_.rows(), number - 1, row);
  }

 private:
  void forward(const SubjectRef& subject, SubjectRow& row) {
    learn(subject, row);
    const State before = row.state;
    if (before == kNone && event_.basis == Basis::kHistory) {
      const Transition found = book_.transition(concern_.machine, before, event_.type, facts_.kind);
      row.assumed = found.assumed != nullptr && found.from != kNone ? 1 : row.assumed;
    }
    const std::int64_t remained = remaining(plan_, row);
    const bool fits = add_sums(concern_, event_, facts_, subject, row);
    CARNET_ASSERT(fits, "I-M13: deciding has checked the sums");
    const std::int64_t remains = remaining(plan_, row);
    SubjectJournalRow entry{.position = event_.position,
                            .occurred_ns = event_.occurred_at.ns,
                            .remains = remains - remained,
                            .code = journal_code(book_.journal_name(event_.type), facts_.kind)};
    if (const KeepRow* keep = last_kept(); keep != nullptr) {
      entry.value = kept(keep->keep, event_, facts_);
    }
    if (row.first == 0 || concern_.may_move) {
      note(row, entry);
    }
    take(row, entry, remains);
  }

  /// What a living journal entry does to the row, `remains` after it.
  void take(SubjectRow& row, const SubjectJournalRow& entry, std::int64_t remains) {
    if (row.first == 0) {
      row.first = entry.position;
    }
    const Standing standing{row.value, row.since_ns, entry.occurred_ns};
    row.value = entry.value != 0 ? entry.value : row.value;
    const std::uint16_t type = book_.journal_type(entry.code);
    const Concern* concern = book_.concern(concern_.machine, type);
    if (concern == nullptr) {
      return;  // Of a machine's event that is no longer registered.
    }
    const State next = book_.next_state(concern_.machine, row.state, type, entry.code.variant(), remains > 0, standing);
    if (next != row.state || row.moved == 0) {
      row.moved = entry.position;
      row.since_ns = entry.occurred_ns;
      row.state = next;
    }
    for (const MarkRow* mark : concern->marks) {
      row.marks[mark->mark] = entry.position;
    }
  }

  void learn(const SubjectRef& subject, SubjectRow& row) {
    row.parent = row.parent == 0 ? subject.scope : row.parent;
    if (row.currency == 0) {
      const Currency currency = subject.allocation != nullptr ? subject.allocation->amount.currency : facts_.currency();
      row.currency = currency.packed();
    }
    if (row.party == 0) {
      const ChainRef* party = find_party(event_, book_.known());
      row.party = party == nullptr ? 0 : party_code(*party, book_.known());
    }
    if (row.tag == 0) {
      for (const KeepRow* keep : concern_.keeps) {
        row.tag = keep->as_tag ? static_cast<std::uint8_t>(kept(keep->keep, event_, facts_)) : row.tag;
      }
    }
    for (std::size_t i = 0; i < plan_.links.size(); ++i) {
      if (row.links[i] == 0) {
        const LinkPlan& link = plan_.links[i];
        const ChainRef* chain = link.field == nullptr
                                    ? find_tag(event_, link.family)
                                    : find_tag_of(book_, event_, facts_, link.family, facts_.*link.field);
        row.links[i] = chain == nullptr ? 0 : chain->member + 1;
      }
    }
    for (std::size_t i = 0; i < plan_.accounts.size(); ++i) {
      for (auto transfer = event_.transfers.begin(); row.accounts[i] == 0 && transfer != event_.transfers.end();
           ++transfer) {
        if (plan_.accounts[i].holds(transfer->debit_chart)) {
          row.accounts[i] = transfer->debit;
        } else if (plan_.accounts[i].holds(transfer->credit_chart)) {
          row.accounts[i] = transfer->credit;
        }
      }
    }
  }

  /// A correction restates fields: what reads the event by its mark, or finds it in the journal, reads the restated
  /// payload. It moves no state.
  void correct(SubjectRow& row) {
    const std::uint64_t root = event_.corrects.position;
    for (std::uint64_t& mark : row.marks) {
      mark =
          mark != 0 && (mark == root || (original_ != nullptr && mark == original_->position)) ? event_.position : mark;
    }
    restate(row);
  }

  void restate(SubjectRow& row) {
    const bool again = original_ != nullptr && original_->corrects.kind == CorrectionKind::kCorrection;
    const std::uint64_t root = again ? original_->corrects.position : event_.corrects.position;
    bool found = false;
    for (std::uint32_t next = row.journal; next != 0 && !found;) {
      auto entry = tables_.get<SubjectJournalRow>(table_.journal(), next - 1);
      found = entry.position == root && entry.code.live() && !entry.code.foreign();
      const KeepRow* keep = last_kept();
      if (found && keep != nullptr) {
        entry.value = kept(keep->keep, event_, facts_);
        tables_.put(table_.journal(), next - 1, entry);
      }
      next = entry.previous;
    }
    if (!found) {
      return;
    }
    SubjectJournalRow entry{.position = event_.position,
                            .occurred_ns = event_.occurred_at.ns,
                            .value = static_cast<std::int64_t>(root),
                            .code = journal_code(JournalCode::kForeign, 0)};
    entry.code.end();
    note(row, entry);
    row.value = 0;
    for (std::uint32_t next = row.journal; next != 0 && row.value == 0;) {
      entry = tables_.get<SubjectJournalRow>(table_.journal(), next - 1);
      row.value = entry.code.live() ? entry.value : 0;
      next = entry.previous;
    }
  }

  /// What the event gives to the row's value; null: nothing.
  [[nodiscard]] const KeepRow* last_kept() const {
    const KeepRow* last = nullptr;
    for (const KeepRow* keep : concern_.keeps) {
      last = keep->as_tag ? last : keep;
    }
    return last;
  }

  void reverse(const SubjectRef& subject, SubjectRow& row) {
    const std::int64_t remained = remaining(plan_, row);
    const bool fits = add_sums(concern_, event_, facts_, subject, row);
    CARNET_ASSERT(fits, "I-M13: deciding has checked the sums");
    std::int64_t beyond = remaining(plan_, row) - remained;
    for (std::uint32_t next = row.journal; next != 0;) {
      auto entry = tables_.get<SubjectJournalRow>(table_.journal(), next - 1);
      if (original_ != nullptr && entry.position == original_->position && entry.code.live()) {
        beyond += entry.remains;
        entry.code.end();
        tables_.put(table_.journal(), next - 1, entry);
        break;
      }
      next = entry.previous;
    }
    if (beyond != 0) {
      note(row, {.position = event_.position,
                 .occurred_ns = event_.occurred_at.ns,
                 .remains = beyond,
                 .code = journal_code(JournalCode::kForeign, 0)});
    }
    replay(row);
  }

  void replay(SubjectRow& row) {
    std::vector<SubjectJournalRow> entries;
    for (std::uint32_t next = row.journal; next != 0;) {
      const auto entry = tables_.get<SubjectJournalRow>(table_.journal(), next - 1);
      if (entry.code.live()) {
        entries.push_back(entry);
      }
      next = entry.previous;
    }
    row.first = 0;
    row.moved = 0;
    row.since_ns = 0;
    row.value = 0;
    row.marks = {};
    row.state = kNone;
    std::int64_t remains = 0;
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      remains += entry->remains;
      if (!entry->code.foreign()) {
        take(row, *entry, remains);
      }
    }
    const State last = book_.state_after_reversal(concern_.machine, row.state, remains > 0);
    if (last != row.state) {
      row.state = last;
      row.moved = event_.position;
      row.since_ns = event_.occurred_at.ns;
    }
  }

  void note(SubjectRow& row, SubjectJournalRow entry) {
    entry.previous = row.journal;
    const std::uint64_t index = tables_.row_count(table_.journal());
    tables_.put(table_.journal(), index, entry);
    row.journal = static_cast<std::uint32_t>(index + 1);
  }

  const RuleBook& book_;
  const Concern& concern_;
  const MachinePlan& plan_;
  SubjectTable table_;
  const AppliedEvent& event_;
  const AppliedEvent* original_;
  const EventFacts& facts_;
  TableWriter& tables_;
};

void fold_unique(const RuleBook& book, Unique unique, const AppliedEvent& event, const AppliedEvent* original,
                 const EventFacts& facts, TableId first, TableWriter& tables) {
  const UniquePlan& plan = book.unique(unique);
  const std::string_view text = facts.*plan.field;
  if (text.empty() || event.corrects.kind == CorrectionKind::kCorrection) {
    return;
  }
  const UniqueIndex index(table_at(first, plan.buckets));
  const std::uint64_t hash =
      text_hash(plan.scope == nullptr ? text : facts.*plan.scope, plan.scope == nullptr ? std::string_view{} : text);
  if (event.corrects.kind == CorrectionKind::kNone) {
    index.add(tables, hash, event.position);
  } else if (original != nullptr) {
    index.remove(tables, hash, original->position);
  }
}

}  // namespace

std::int64_t remaining(const MachinePlan& plan, const SubjectRow& row) noexcept {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < plan.sums.size(); ++i) {
    sum += plan.weights[i] * row.sums[i];
  }
  return sum;
}

std::int64_t sum_of(const MachinePlan& plan, const SubjectRow& row, std::string_view name) {
  const auto found = std::ranges::find(plan.sums, name);
  CARNET_ASSERT(found != plan.sums.end(), "sums are asked for by their machine's names");
  return row.sums[static_cast<std::size_t>(found - plan.sums.begin())];
}

bool add_sums(const Concern& concern, const AppliedEvent& event, const EventFacts& facts, const SubjectRef& subject,
              SubjectRow& row) {
  for (const SumPlan& plan : concern.sums) {
    if (!in_kinds(plan.row->kinds, facts.kind)) {
      continue;
    }
    const std::int64_t amount = plan.row->sign * taken(plan, event, facts, subject);
    std::int64_t& sum = row.sums[plan.sum];
    if (__builtin_add_overflow(sum, amount, &sum)) {
      return false;
    }
  }
  return true;
}

void find_subjects(const RuleBook& book, const Concern& concern, const AppliedEvent& event, const EventFacts& facts,
                   TableReader& tables, TableId first, std::vector<SubjectRef>& out) {
  out.clear();
  if (!in_kinds(concern.kinds, facts.kind)) {
    return;
  }
  const MachinePlan& plan = book.machine(concern.machine);
  const auto add_tag = [&](const ChainRef* chain) {
    if (chain != nullptr) {
      out.push_back({.number = chain->member + 1});
    }
  };
  const auto add_key = [&](std::string_view id, const AllocationFact* allocation) {
    const ChainRef* parent = plan.family == kForeignSymbol ? nullptr : find_tag(event, plan.family);
    const std::uint32_t scope = parent == nullptr ? 0 : parent->member + 1;
    const bool homeless = plan.family != kForeignSymbol && parent == nullptr;  // An external party has no account.
    if (!id.empty() && !homeless) {
      out.push_back({.number = SubjectTable(plan, first).find(tables, scope, id),
                     .scope = scope,
                     .id = id,
                     .allocation = allocation});
    }
  };
  switch (concern.finding) {
    case Finding::kFirstTag:
      add_tag(find_tag(event, plan.family));
      break;
    case Finding::kOwnStream:
      add_tag(event.stream().family_symbol == plan.family ? find_tag(event, plan.family) : nullptr);
      break;
    case Finding::kTagOfField:
      add_tag(find_tag_of(book, event, facts, plan.family, facts.*concern.field));
      break;
    case Finding::kKey:
      add_key(facts.*concern.field, nullptr);
      break;
    case Finding::kAllocations:
      for (const AllocationFact& each : facts.allocations) {
        add_key(each.charge_id, &each);
      }
      break;
    case Finding::kLink: {
      // Both machines are of one projection.
      const MachinePlan& via = book.machine(concern.via);
      const ChainRef* chain = find_tag(event, via.family);
      const SubjectRow row = chain == nullptr ? SubjectRow{} : SubjectTable(via, first).get(tables, chain->member + 1);
      if (row.links[concern.link] != 0) {
        out.push_back({.number = row.links[concern.link]});
      }
      break;
    }
  }
}

void fold_subjects(const RuleBook& book, const RuleBook::ProjectionPlan& projection, const AppliedEvent& event,
                   const AppliedEvent* original, const EventFacts& facts, TableId first, TableWriter& tables) {
  std::vector<SubjectRef> subjects;
  for (const Concern& concern : book.concerns_of(event.type)) {
    if (book.machine(concern.machine).row->projection != projection.name) {
      continue;
    }
    find_subjects(book, concern, event, facts, tables, first, subjects);
    for (const SubjectRef& subject : subjects) {
      SubjectFold(book, concern, event, original, facts, first, tables).apply(subject);
    }
  }
  for (const Unique unique : projection.uniques) {
    if (book.bears(unique, event.type)) {
      fold_unique(book, unique, event, original, facts, first, tables);
    }
  }
}

}  // namespace carnet::rental
