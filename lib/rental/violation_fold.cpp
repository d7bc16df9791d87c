// SPDX-License-Identifier: Apache-2.0
#include "rental/violation_fold.hpp"

#include "base/check.hpp"
#include "base/int128.hpp"

#include <carnet/schema/payment.capnp.h>

#include <algorithm>

namespace carnet::rental {

namespace {

using Payer = schema::PaymentReceived::Payer;

}  // namespace

bool pays_for_party(const EventFacts& facts) noexcept {
  switch (static_cast<Payer>(facts.payer)) {
    case Payer::PLATFORM:
    case Payer::INSURER:
    case Payer::COLLECTOR:
      return false;
    default:
      return true;
  }
}

void violation_subjects(const RuleBook& book, const AppliedEvent& event, const EventFacts& facts,
                        std::vector<ViolationSubject>& out) {
  out.clear();
  if (!facts.violation_id.empty()) {
    if (const ChainRef* tag = find_tag(event, book.known().violation); tag != nullptr) {
      out.push_back({.tag = tag, .id = facts.violation_id});
    }
    return;
  }
  if (facts.allocations.empty() || !pays_for_party(facts)) {
    return;
  }
  std::vector<std::string_view> ids;
  for (const AllocationFact& each : facts.allocations) {
    if (!each.violation_id.empty()) {
      ids.push_back(each.violation_id);
    }
  }
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  // Tags of one row of the tag table stand in the order of their names, before the host's own: the n-th id is the n-th
  // tag.
  auto id = ids.begin();
  for (const ChainRef& chain : event.chains) {
    if (id != ids.end() && chain.kind == ChainKind::kTag && chain.family_symbol == book.known().violation) {
      out.push_back({.tag = &chain, .id = *id++});
    }
  }
  CARNET_ASSERT(id == ids.end(), "I-E12: every violation paid for is a tag");
}

void learn_accounts(const RuleBook& book, const AppliedEvent& event, const EventFacts& facts,
                    std::string_view violation, ViolationRow& row) {
  const auto learn = [&](const AppliedTransfer& transfer) {
    const auto note = [&](std::uint32_t account, Symbol chart) {
      if (chart == book.known().receivable && row.receivable_account == 0) {
        row.receivable_account = account;
      } else if (chart == book.known().credit && row.credit_account == 0) {
        row.credit_account = account;
      }
    };
    // Credit applied from elsewhere is not the violation's own.
    if (transfer.rule != book.known().apply_credit) {
      note(transfer.debit, transfer.debit_chart);
    }
    note(transfer.credit, transfer.credit_chart);
  };
  if (facts.allocations.empty()) {
    std::ranges::for_each(event.transfers, learn);
    return;
  }
  // Transfers of allocations stand in their order, and those of one sum to its amount.
  std::size_t next = 0;
  for (const AllocationFact& each : facts.allocations) {
    std::int64_t open = each.amount.minor;
    while (open > 0 && next < event.transfers.size()) {
      const AppliedTransfer& transfer = event.transfers[next++];
      if (transfer.phase != Phase::kPosted ||
          (transfer.credit_chart != book.known().receivable && transfer.credit_chart != book.known().credit)) {
        continue;  // Between the processor and the deposit.
      }
      open -= transfer.amount;
      if (each.violation_id == violation) {
        learn(transfer);
      }
    }
  }
}

ViolationEffect effect_on(const RuleBook& book, const AppliedEvent& event, const EventFacts& facts,
                          const ViolationRow& row) {
  ViolationEffect effect;
  std::int64_t charged = 0;
  bool charges = false;
  for (const AppliedTransfer& transfer : event.transfers) {
    std::int64_t to_receivable = 0;
    std::int64_t to_credit = 0;
    if (row.receivable_account != 0) {
      to_receivable += transfer.debit == row.receivable_account ? transfer.amount : 0;
      to_receivable -= transfer.credit == row.receivable_account ? transfer.amount : 0;
    }
    if (row.credit_account != 0) {
      to_credit += transfer.credit == row.credit_account ? transfer.amount : 0;
      to_credit -= transfer.debit == row.credit_account ? transfer.amount : 0;
    }
    if (to_receivable == 0 && to_credit == 0) {
      continue;
    }
    effect.receivable += to_receivable;
    effect.credit += to_credit;
    const std::int64_t taken_off = to_credit - to_receivable;
    switch (book.term(transfer.rule, facts.kind)) {
      case Term::kCharged:
        charged -= taken_off;
        charges = true;
        break;
      case Term::kPaid:
        effect.paid += taken_off;
        break;
      case Term::kCancelled:
        effect.cancelled += taken_off;
        break;
      case Term::kAssigned:
        effect.assigned += taken_off;
        break;
      case Term::kWrittenOff:
        effect.written_off += taken_off;
        break;
      case Term::kRefunding:
        effect.refunding -= taken_off;
        break;
      case Term::kNothing:
        CARNET_ASSERT(taken_off == 0, "I-V1: what changes a claim counts into a term");
        break;
    }
  }
  if (charges) {
    // What of it is expense, the payload says; a reversal repeats the payload and takes it back.
    const std::int64_t stated = facts.expense ? facts.expense->minor : 0;
    effect.expenses = event.corrects.kind == CorrectionKind::kReversal ? -stated : stated;
    effect.fine = charged - effect.expenses;
  }
  return effect;
}

bool add_effect(const ViolationEffect& effect, ViolationRow& row) noexcept {
  const auto add = [](std::int64_t& sum, std::int64_t amount) { return !__builtin_add_overflow(sum, amount, &sum); };
  return add(row.fine, effect.fine) && add(row.expenses, effect.expenses) && add(row.paid, effect.paid) &&
         add(row.cancelled, effect.cancelled) && add(row.assigned, effect.assigned) &&
         add(row.written_off, effect.written_off) && add(row.refunding, effect.refunding) &&
         add(row.receivable, effect.receivable) && add(row.credit, effect.credit);
}

bool advance(const RuleBook& book, const AppliedEvent& event, const EventFacts& facts, const ViolationEffect& effect,
             ViolationRow& row) {
  if (row.recorded == 0) {
    row.recorded = event.position;
  }
  const bool fits = add_effect(effect, row);
  row.state = book.next_state(Machine::kViolation, row.state, event.type, facts.kind, row.receivable > 0);
  return fits;
}

State replay_journal(const RuleBook& book, TableReader& tables, TableId journal, const ViolationRow& row) {
  std::vector<JournalRow> events;
  for (std::uint32_t next = row.journal; next != 0;) {
    const auto entry = tables.get<JournalRow>(journal, next - 1);
    if (entry.code.live()) {
      events.push_back(entry);
    }
    next = entry.previous;
  }
  State state = kNone;
  std::int64_t receivable = 0;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    receivable += event->receivable;
    if (!event->code.foreign()) {
      state = book.next_state(Machine::kViolation, state, book.journal_type(event->code), event->code.variant(),
                              receivable > 0);
    }
  }
  // Transfers stay as they were written, also those of events that would have moved nothing without what is reversed
  // now; and credit that a reversal applied may have paid what it raised. So the balance has the last word.
  if (receivable > 0) {
    return state::kCharged;
  }
  return state == state::kCharged ? state::kSettled : state;
}

bool identity_holds(const ViolationRow& row) noexcept {
  using base::Int128;
  const Int128 receivable = row.receivable;
  const Int128 overpaid = Int128{row.credit} + row.refunding + (receivable < 0 ? -receivable : Int128{0});
  const Int128 due = receivable > 0 ? receivable : Int128{0};
  return Int128{row.fine} + row.expenses + overpaid ==
         Int128{row.paid} + row.cancelled + row.assigned + row.written_off + due;
}

}  // namespace carnet::rental
