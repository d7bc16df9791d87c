// SPDX-License-Identifier: Apache-2.0
#include "rental/projections.hpp"

#include "base/check.hpp"
#include "rental/custody_fold.hpp"
#include "rental/kpi_fold.hpp"
#include "rental/party_index.hpp"
#include "rental/rows.hpp"
#include "rental/rule_sets.hpp"
#include "rental/subjects.hpp"
#include "rental/violation_fold.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace carnet::rental {

namespace {

/// What all of them share: a name, a version, tables, and the events of one or two machines.
class MachineProjection : public Projection {
 public:
  MachineProjection(const RuleBook& book, std::string_view name, std::vector<TableSpec> tables)
      : book_(book), name_(name), tables_(std::move(tables)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }

  [[nodiscard]] std::uint32_t version() const override { return 3; }

  [[nodiscard]] std::span<const TableSpec> tables() const override { return tables_; }

 protected:
  const RuleBook& book_;

 private:
  std::string_view name_;
  std::vector<TableSpec> tables_;
};

template <class Row>
TableSpec table_of(std::string name) {
  return {.name = std::move(name), .row_bytes = sizeof(Row)};
}

class LedgerProjection final : public MachineProjection {
 public:
  explicit LedgerProjection(const RuleBook& book)
      : MachineProjection(book, kLedgerProjection,
                          {table_of<LedgerRow>("ledger.state"), table_of<RuleSetRow>("ledger.ruleSets"),
                           table_of<PeriodRow>("ledger.periods")}),
        opened_(book.type_of("LedgerOpened")),
        closed_(book.type_of("PeriodClosed")) {}

  void apply(const AppliedEvent& event, const AppliedEvent* /*original*/, TableId first,
             TableWriter& tables) const override {
    const bool opens = event.type == opened_;
    const bool closes = event.type == closed_ && closed_ != kForeignType;
    if (!opens && !closes && !book_.concerns(Machine::kRuleSet, event.type)) {
      return;
    }
    EventFacts facts;
    book_.read(event.type, event.payload, facts);
    if (opens) {
      const auto row = tables.get<LedgerRow>(first, 0);
      tables.put(first, 0,
                 LedgerRow{.opened = row.opened == 0 ? event.position : row.opened,
                           .go_live_ns = facts.go_live_at.ns,
                           .base_currency = facts.base_currency.packed()});
      return;
    }
    if (closes) {
      apply_period(event, facts, table_at(first, 2), tables);
      return;
    }
    apply_rule_set(event, facts, table_at(first, 1), tables);
  }

 private:
  static void apply_period(const AppliedEvent& event, const EventFacts& facts, TableId periods, TableWriter& tables) {
    const std::uint64_t count = tables.row_count(periods);
    if (event.corrects.kind == CorrectionKind::kNone) {
      tables.put(periods, count, PeriodRow{.position = event.position, .through_ns = facts.through.ns, .live = 1});
      return;
    }
    for (std::uint64_t i = count; i-- > 0;) {
      auto row = tables.get<PeriodRow>(periods, i);
      if (row.position == event.corrects.position && event.corrects.kind == CorrectionKind::kReversal) {
        row.live = 0;
        tables.put(periods, i, row);
        return;
      }
    }
  }

  static void apply_rule_set(const AppliedEvent& event, const EventFacts& facts, TableId sets, TableWriter& tables) {
    RuleSetRow row;
    row.position = event.position;
    row.published = event.position;
    row.effective_from_ns = facts.effective_from.ns;
    row.version = facts.version;
    row.family = static_cast<std::uint16_t>(rule_family(facts.family));
    row.live = 1;
    std::copy_n(facts.digest.begin(), std::min(facts.digest.size(), row.digest.size()), row.digest.begin());
    const std::uint64_t count = tables.row_count(sets);
    if (event.corrects.kind == CorrectionKind::kNone) {
      tables.put(sets, count, row);
      return;
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      auto stored = tables.get<RuleSetRow>(sets, i);
      if (stored.family == row.family && stored.version == row.version && stored.live != 0) {
        row.published = stored.published;
        row.live = event.corrects.kind == CorrectionKind::kReversal ? 0 : 1;
        tables.put(sets, i, row);
        return;
      }
    }
  }

  std::uint16_t opened_ = kForeignType;
  std::uint16_t closed_ = kForeignType;
};

class ViolationProjection final : public MachineProjection {
 public:
  explicit ViolationProjection(const RuleBook& book)
      : MachineProjection(
            book, kViolationProjection,
            {table_of<ViolationRow>("violations.rows"), table_of<JournalRow>("violations.journal"),
             table_of<ClaimRow>("violations.claims"), table_of<ViolationRefundRow>("violations.refunds")}) {}

  void apply(const AppliedEvent& event, const AppliedEvent* original, TableId first,
             TableWriter& tables) const override {
    // A correction never moves state and never carries money.
    if (event.type >= book_.event_count() || event.corrects.kind == CorrectionKind::kCorrection) {
      return;
    }
    if (!book_.concerns(Machine::kViolation, event.type)) {
      apply_claims(event, original, first, tables);
      return;
    }
    EventFacts facts;
    book_.read(event.type, event.payload, facts);
    std::vector<ViolationSubject> subjects;
    violation_subjects(book_, event, facts, subjects);
    for (const ViolationSubject& subject : subjects) {
      apply_to(subject, event, original, facts, first, tables);
    }
  }

 private:
  void apply_to(const ViolationSubject& subject, const AppliedEvent& event, const AppliedEvent* original,
                const EventFacts& facts, TableId first, TableWriter& tables) const {
    const TableId journal = table_at(first, 1);
    auto row = tables.get<ViolationRow>(first, subject.tag->member);
    if (row.party == 0) {
      const ChainRef* party = find_party(event, book_.known());
      row.party = party == nullptr ? 0 : party_code(*party, book_.known());
    }
    if (row.currency == 0) {
      row.currency = currency_of(facts, subject).packed();
    }
    const bool reversal = event.corrects.kind == CorrectionKind::kReversal;
    if (!reversal) {
      learn_accounts(book_, event, facts, subject.id, row);
    }
    const ViolationEffect effect = effect_on(book_, event, facts, row);
    if (reversal) {
      reverse(event, original, facts, effect, row, journal, tables);
    } else {
      forward(event, facts, effect, row, journal, tables);
    }
    CARNET_ASSERT(identity_holds(row), "I-V1");
    tables.put(first, subject.tag->member, row);
    for (const std::uint32_t account : {row.receivable_account, row.credit_account}) {
      if (account != 0) {
        tables.put(table_at(first, 2), account, ClaimRow{.violation = subject.tag->member + 1});
      }
    }
  }

  /// Events that name no violation but move money of one: refunds and chargebacks of what paid it. Whose money it is,
  /// the ledger account says.
  void apply_claims(const AppliedEvent& event, const AppliedEvent* original, TableId first, TableWriter& tables) const {
    if (event.transfers.empty()) {
      return;
    }
    const KnownSymbols& known = book_.known();
    if (known.merge != kForeignSymbol && event.transfers.front().rule == known.merge) {
      rehome(event, first, tables);
      return;
    }
    std::vector<std::uint32_t> touched;
    const auto touch = [&](std::uint32_t account, Symbol chart) {
      if (chart == known.receivable || chart == known.credit) {
        const std::uint32_t violation = tables.get<ClaimRow>(table_at(first, 2), account).violation;
        if (violation != 0 && std::ranges::find(touched, violation) == touched.end()) {
          touched.push_back(violation);
        }
      }
    };
    for (const AppliedTransfer& transfer : event.transfers) {
      touch(transfer.debit, transfer.debit_chart);
      touch(transfer.credit, transfer.credit_chart);
    }
    const ChainRef* payment = find_tag(event, known.payment);
    if (touched.empty() && (payment == nullptr || event.transfers.front().rule != known.pay_refund)) {
      return;
    }
    EventFacts facts;
    book_.read(event.type, event.payload, facts);
    for (const std::uint32_t violation : touched) {
      auto row = tables.get<ViolationRow>(first, violation - 1);
      const ViolationEffect effect = effect_on(book_, event, facts, row);
      if (event.corrects.kind == CorrectionKind::kReversal) {
        reverse(event, original, facts, effect, row, table_at(first, 1), tables);
      } else {
        claim(event, effect, row, table_at(first, 1), tables);
      }
      if (effect.refunding != 0 && payment != nullptr) {
        auto refund = tables.get<ViolationRefundRow>(table_at(first, 3), payment->member);
        refund.approved += effect.refunding;
        refund.violation = violation;
        tables.put(table_at(first, 3), payment->member, refund);
      }
      CARNET_ASSERT(identity_holds(row), "I-V1");
      tables.put(first, violation - 1, row);
    }
    if (payment != nullptr) {
      pay_refund(event, payment->member, first, tables);
    }
  }

  /// PR-31 and its mirror: what is due of a violation, and its credit, lie on accounts of the other party now.
  void rehome(const AppliedEvent& event, TableId first, TableWriter& tables) const {
    const TableId claims = table_at(first, 2);
    std::vector<std::pair<std::uint32_t, ViolationRow>> before;
    const auto other_party = [&](std::uint32_t party) {
      for (const ChainRef& chain : event.chains) {
        const std::uint32_t code = party_code(chain, book_.known());
        if (code != 0 && code != party) {
          return code;
        }
      }
      return party;
    };
    for (const AppliedTransfer& transfer : event.transfers) {
      const auto of_debit = tables.get<ClaimRow>(claims, transfer.debit);
      const ClaimRow claim = of_debit.violation != 0 ? of_debit : tables.get<ClaimRow>(claims, transfer.credit);
      if (claim.violation == 0) {
        continue;
      }
      auto row = tables.get<ViolationRow>(first, claim.violation - 1);
      const auto known = std::ranges::find(before, claim.violation, &std::pair<std::uint32_t, ViolationRow>::first);
      const ViolationRow was = known == before.end() ? row : known->second;
      if (known == before.end()) {
        before.emplace_back(claim.violation, row);
        row.party = other_party(row.party);
        // What this event does not move is learned anew: nothing stands on it.
        row.receivable_account = 0;
        row.credit_account = 0;
      }
      const bool receivable = transfer.debit_chart == book_.known().receivable;
      const std::uint32_t from = receivable ? was.receivable_account : was.credit_account;
      const bool to_credit = from == transfer.debit || (from == 0 && of_debit.violation != 0);
      const std::uint32_t account = to_credit ? transfer.credit : transfer.debit;
      (receivable ? row.receivable_account : row.credit_account) = account;
      tables.put(claims, account, claim);
      tables.put(first, claim.violation - 1, row);
    }
  }

  void claim(const AppliedEvent& event, const ViolationEffect& effect, ViolationRow& row, TableId journal,
             TableWriter& tables) const {
    const bool fits = add_effect(effect, row);
    CARNET_ASSERT(fits, "I-M13: the books have checked the sums");
    if (effect.receivable == 0) {
      return;
    }
    note(row, journal, tables,
         JournalRow{.position = event.position,
                    .receivable = effect.receivable,
                    .code = journal_code(JournalCode::kForeign, 0)});
    if (row.receivable > 0) {
      row.state = state::kCharged;
    } else if (row.state == state::kCharged) {
      row.state = state::kSettled;
    }
  }

  /// PR-21 of a refund that took from a violation's credit: what was paid for it goes back.
  void pay_refund(const AppliedEvent& event, std::uint32_t refund_member, TableId first, TableWriter& tables) const {
    const auto refund = tables.get<ViolationRefundRow>(table_at(first, 3), refund_member);
    if (refund.violation == 0) {
      return;
    }
    std::int64_t paid = 0;
    for (const AppliedTransfer& transfer : event.transfers) {
      paid += transfer.rule == book_.known().pay_refund ? transfer.amount : 0;
    }
    if (paid == 0) {
      return;
    }
    paid = event.corrects.kind == CorrectionKind::kReversal ? -paid : paid;
    auto row = tables.get<ViolationRow>(first, refund.violation - 1);
    row.paid -= paid;
    row.refunding -= paid;
    CARNET_ASSERT(identity_holds(row), "I-V1");
    tables.put(first, refund.violation - 1, row);
  }

  void forward(const AppliedEvent& event, const EventFacts& facts, const ViolationEffect& effect, ViolationRow& row,
               TableId journal, TableWriter& tables) const {
    const State before = row.state;
    if (before == kNone && event.basis == Basis::kHistory &&
        book_.transition(Machine::kViolation, before, event.type, facts.kind).assumed != nullptr) {
      row.assumed = 1;
    }
    const bool fits = advance(book_, event, facts, effect, row);
    CARNET_ASSERT(fits, "I-M13: deciding has checked the sums");
    if (row.state == state::kBorne || is_borne(facts, event)) {
      row.borne = static_cast<std::uint16_t>(row.borne + (is_borne(facts, event) ? 1 : 0));
    }
    if (row.state != before || effect.receivable != 0) {
      note(row, journal, tables,
           JournalRow{.position = event.position,
                      .receivable = effect.receivable,
                      .code = journal_code(book_.journal_name(event.type), facts.kind)});
    }
  }

  void reverse(const AppliedEvent& event, const AppliedEvent* original, const EventFacts& facts,
               const ViolationEffect& effect, ViolationRow& row, TableId journal, TableWriter& tables) const {
    const bool fits = add_effect(effect, row);
    CARNET_ASSERT(fits, "I-M13: deciding has checked the sums");
    if (is_borne(facts, event) && row.borne > 0) {
      row.borne = static_cast<std::uint16_t>(row.borne - 1);
    }
    std::int64_t taken_back = 0;
    for (std::uint32_t next = row.journal; next != 0;) {
      auto entry = tables.get<JournalRow>(journal, next - 1);
      if (original != nullptr && entry.position == original->position) {
        taken_back = entry.receivable;
        entry.code.end();
        tables.put(journal, next - 1, entry);
        break;
      }
      next = entry.previous;
    }
    if (const std::int64_t beyond = effect.receivable + taken_back; beyond != 0) {
      note(
          row, journal, tables,
          JournalRow{.position = event.position, .receivable = beyond, .code = journal_code(JournalCode::kForeign, 0)});
    }
    row.state = replay_journal(book_, tables, journal, row);
  }

  static void note(ViolationRow& row, TableId journal, TableWriter& tables, JournalRow entry) {
    entry.previous = row.journal;
    const std::uint64_t index = tables.row_count(journal);
    tables.put(journal, index, entry);
    row.journal = static_cast<std::uint32_t>(index + 1);
  }

  /// FinePaidToAuthority by the company: the only event whose `borneBy` the violation's rows tell apart.
  [[nodiscard]] bool is_borne(const EventFacts& facts, const AppliedEvent& event) const {
    return book_.next_state(Machine::kViolation, state::kRecorded, event.type, facts.kind, false) == state::kBorne;
  }

  static Currency currency_of(const EventFacts& facts, const ViolationSubject& subject) {
    for (const AllocationFact& each : facts.allocations) {
      if (each.violation_id == subject.id) {
        return each.amount.currency;
      }
    }
    for (const std::optional<Money>& money : {facts.fine, facts.new_fine, facts.expense, facts.amount}) {
      if (money) {
        return money->currency;
      }
    }
    return {};
  }
};

class CustodyProjection final : public MachineProjection {
 public:
  explicit CustodyProjection(const RuleBook& book)
      : MachineProjection(book, kCustodyProjection,
                          {table_of<RentalRow>("custody.rentals"), table_of<VehicleRow>("custody.vehicles"),
                           table_of<CustodyRow>("custody.events")}) {}

  [[nodiscard]] std::uint32_t version() const override { return 3; }

  void apply(const AppliedEvent& event, const AppliedEvent* original, TableId first,
             TableWriter& tables) const override {
    if (!book_.is_custody(event.type)) {
      return;
    }
    EventFacts facts;
    book_.read(event.type, event.payload, facts);
    CustodyFold(book_, tables, first).apply(event, original, facts);
  }
};

class PartyProjection final : public MachineProjection {
 public:
  explicit PartyProjection(const RuleBook& book)
      : MachineProjection(
            book, kPartyProjection,
            {table_of<PartyRow>("parties.rows"), table_of<PartyNodeRow>("parties.nodes"),
             table_of<PartyOwnerRow>("parties.ledgerAccounts"), table_of<PartyOwnerRow>("parties.streams")}),
        index_(book) {}

  void apply(const AppliedEvent& event, const AppliedEvent* /*original*/, TableId first,
             TableWriter& tables) const override {
    index_.apply(event, first, tables);
  }

 private:
  PartyIndex index_;
};

/// Machines made of rows: one projection holds those that its plan names.
class SubjectProjection final : public Projection {
 public:
  SubjectProjection(const RuleBook& book, const RuleBook::ProjectionPlan& plan) : book_(book), plan_(plan) {
    reads_.resize(book.event_count());
    for (std::uint16_t type = 0; type < book.event_count(); ++type) {
      const auto holds = [&](const Concern& concern) {
        return book.machine(concern.machine).row->projection == plan.name;
      };
      reads_[type] = std::ranges::any_of(book.concerns_of(type), holds) ||
                     std::ranges::any_of(plan.uniques, [&](Unique unique) { return book.bears(unique, type); });
    }
  }

  [[nodiscard]] std::string_view name() const override { return plan_.name; }

  [[nodiscard]] std::uint32_t version() const override { return kSubjectsVersion; }

  [[nodiscard]] std::span<const TableSpec> tables() const override { return plan_.tables; }

  void apply(const AppliedEvent& event, const AppliedEvent* original, TableId first,
             TableWriter& tables) const override {
    if (event.type >= reads_.size() || !reads_[event.type]) {
      return;
    }
    EventFacts facts;
    book_.read(event.type, event.payload, facts);
    fold_subjects(book_, plan_, event, original, facts, first, tables);
  }

 private:
  static constexpr std::uint32_t kSubjectsVersion = 3;

  const RuleBook& book_;
  const RuleBook::ProjectionPlan& plan_;
  std::vector<bool> reads_;
};

}  // namespace

std::vector<std::unique_ptr<Projection>> make_projections(const RuleBook& book) {
  std::vector<std::unique_ptr<Projection>> all;
  all.push_back(std::make_unique<LedgerProjection>(book));
  all.push_back(std::make_unique<ViolationProjection>(book));
  all.push_back(std::make_unique<CustodyProjection>(book));
  all.push_back(std::make_unique<PartyProjection>(book));
  for (const RuleBook::ProjectionPlan& plan : book.projections()) {
    all.push_back(std::make_unique<SubjectProjection>(book, plan));
  }
  all.push_back(make_kpi_projection(book));
  return all;
}

}  // namespace carnet::rental
