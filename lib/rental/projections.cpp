// SPDX-License-Identifier: Apache-2.0
#include "rental/projections.hpp"

#include "base/check.hpp"
#include "rental/custody_fold.hpp"
#include "rental/rows.hpp"
#include "rental/rule_sets.hpp"
#include "rental/unique_index.hpp"
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

  [[nodiscard]] std::uint32_t version() const override { return 1; }

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
                          {table_of<LedgerRow>("ledger.state"), table_of<RuleSetRow>("ledger.ruleSets")}) {}

  void apply(const AppliedEvent& event, const AppliedEvent* /*original*/, TableId first,
             TableWriter& tables) const override {
    const bool opens = book_.concerns(Machine::kLedger, event.type);
    if (!opens && !book_.concerns(Machine::kRuleSet, event.type)) {
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
    apply_rule_set(event, facts, table_at(first, 1), tables);
  }

 private:
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
};

class ViolationProjection final : public MachineProjection {
 public:
  explicit ViolationProjection(const RuleBook& book)
      : MachineProjection(book, kViolationProjection,
                          {table_of<ViolationRow>("violations.rows"), table_of<JournalRow>("violations.journal")}) {}

  void apply(const AppliedEvent& event, const AppliedEvent* original, TableId first,
             TableWriter& tables) const override {
    // A correction never moves state and never carries money.
    if (!book_.concerns(Machine::kViolation, event.type) || event.corrects.kind == CorrectionKind::kCorrection) {
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
                      .type = event.type,
                      .variant = static_cast<std::uint8_t>(facts.kind),
                      .live = 1});
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
        entry.live = 0;
        tables.put(journal, next - 1, entry);
        break;
      }
      next = entry.previous;
    }
    if (const std::int64_t beyond = effect.receivable + taken_back; beyond != 0) {
      note(row, journal, tables,
           JournalRow{.position = event.position, .receivable = beyond, .type = kForeignType, .live = 1});
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

class PaymentProjection final : public MachineProjection {
 public:
  explicit PaymentProjection(const RuleBook& book)
      : MachineProjection(book, kPaymentProjection,
                          {table_of<PaymentRow>("payments.rows"), table_of<BucketRow>("payments.pspRefBuckets"),
                           table_of<EntryRow>("payments.pspRefEntries")}) {}

  void apply(const AppliedEvent& event, const AppliedEvent* original, TableId first,
             TableWriter& tables) const override {
    if (!book_.concerns(Machine::kPayment, event.type) || event.corrects.kind == CorrectionKind::kCorrection) {
      return;
    }
    const ChainRef* tag = find_tag(event, book_.known().payment);
    CARNET_ASSERT(tag != nullptr, "I-E12: payments are tagged");
    EventFacts facts;
    book_.read(event.type, event.payload, facts);
    auto row = tables.get<PaymentRow>(first, tag->member);
    const UniqueIndex references(table_at(first, 1));
    const std::uint64_t hash = text_hash(facts.psp, facts.psp_ref);
    const std::int64_t amount = facts.amount ? facts.amount->minor : 0;
    if (event.corrects.kind == CorrectionKind::kReversal) {
      row.amount -= amount;
      --row.received;
      row.state = row.received == 0 ? state::kReversed : row.state;
      if (original != nullptr && !facts.psp_ref.empty()) {
        references.remove(tables, hash, original->position);
      }
    } else {
      row.position = row.position == 0 ? event.position : row.position;
      row.currency = facts.amount ? facts.amount->currency.packed() : row.currency;
      // A second report of one payment is kept and booked, with findings; the sum may then leave 64 bits only where the
      // books themselves refuse it.
      row.amount += amount;
      ++row.received;
      row.state = book_.next_state(Machine::kPayment, row.state, event.type, facts.kind, false);
      if (!facts.psp_ref.empty()) {
        references.add(tables, hash, event.position);
      }
    }
    tables.put(first, tag->member, row);
  }
};

class CustodyProjection final : public MachineProjection {
 public:
  explicit CustodyProjection(const RuleBook& book)
      : MachineProjection(book, kCustodyProjection,
                          {table_of<RentalRow>("custody.rentals"), table_of<VehicleRow>("custody.vehicles"),
                           table_of<CustodyRow>("custody.events")}) {}

  void apply(const AppliedEvent& event, const AppliedEvent* original, TableId first,
             TableWriter& tables) const override {
    if (!book_.concerns(Machine::kContract, event.type)) {
      return;
    }
    EventFacts facts;
    book_.read(event.type, event.payload, facts);
    CustodyFold(book_, tables, first).apply(event, original, facts);
  }
};

class CaseProjection final : public MachineProjection {
 public:
  explicit CaseProjection(const RuleBook& book)
      : MachineProjection(book, kCaseProjection,
                          {table_of<CaseRow>("cases.rows"), table_of<BucketRow>("cases.referenceBuckets"),
                           table_of<EntryRow>("cases.referenceEntries")}) {}

  void apply(const AppliedEvent& event, const AppliedEvent* original, TableId first,
             TableWriter& tables) const override {
    if (!book_.concerns(Machine::kCase, event.type) || event.corrects.kind == CorrectionKind::kCorrection) {
      return;
    }
    const ChainRef* tag = find_tag(event, book_.known().case_family);
    CARNET_ASSERT(tag != nullptr, "I-E12: case events are tagged");
    EventFacts facts;
    book_.read(event.type, event.payload, facts);
    auto row = tables.get<CaseRow>(first, tag->member);
    // Receiving begins a case, everything else moves it on.
    const bool receives =
        book_.next_state(Machine::kCase, kNone, event.type, facts.kind, false) == state::kCaseReceived;
    const bool reversal = event.corrects.kind == CorrectionKind::kReversal;
    std::uint32_t& count = receives ? row.received : row.referred;
    count = reversal ? count - 1 : count + 1;
    row.first = row.first == 0 ? event.position : row.first;
    if (row.state == kNone && !receives && event.basis == Basis::kHistory) {
      row.assumed = 1;
    }
    if (const ChainRef* violation = find_tag(event, book_.known().violation);
        violation != nullptr && row.violation == 0) {
      row.violation = violation->member + 1;
    }
    if (row.referred > 0) {
      row.state = state::kCloseCandidate;
    } else {
      row.state = row.received > 0 ? state::kCaseReceived : kNone;
    }
    if (!facts.reference_no.empty()) {
      const UniqueIndex references(table_at(first, 1));
      const std::uint64_t hash = text_hash(facts.reference_no);
      if (!reversal) {
        references.add(tables, hash, event.position);
      } else if (original != nullptr) {
        references.remove(tables, hash, original->position);
      }
    }
    tables.put(first, tag->member, row);
  }
};

}  // namespace

std::vector<std::unique_ptr<Projection>> make_projections(const RuleBook& book) {
  std::vector<std::unique_ptr<Projection>> all;
  all.push_back(std::make_unique<LedgerProjection>(book));
  all.push_back(std::make_unique<ViolationProjection>(book));
  all.push_back(std::make_unique<PaymentProjection>(book));
  all.push_back(std::make_unique<CustodyProjection>(book));
  all.push_back(std::make_unique<CaseProjection>(book));
  return all;
}

}  // namespace carnet::rental
