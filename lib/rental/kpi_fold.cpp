// SPDX-License-Identifier: Apache-2.0
#include "rental/kpi_fold.hpp"

#include "base/int128.hpp"
#include "rental/violation_fold.hpp"

#include <carnet/schema/account.capnp.h>
#include <carnet/schema/violation.capnp.h>
#include <carnet/typed.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace carnet::rental {

namespace {

SymbolSet symbols_of(const RuleBook& book, std::string_view alternatives) {
  SymbolSet set;
  for_each_word(alternatives, '|', [&](std::string_view code) { set.symbols[set.count++] = book.symbol(code); });
  return set;
}

bool is_known(const SymbolSet& set) noexcept {
  return std::none_of(set.symbols.begin(), set.symbols.begin() + set.count,
                      [](Symbol symbol) { return symbol == kForeignSymbol; });
}

/// +1: the transfer counts; -1: it is the mirror of one that does; 0: neither.
int counts(const KpiPlan::Sum& sum, const AppliedTransfer& transfer) noexcept {
  if (sum.rule != kForeignSymbol && sum.rule != transfer.rule) {
    return 0;
  }
  const bool forward = sum.debit.holds(transfer.debit_chart) && sum.credit.holds(transfer.credit_chart);
  if (sum.row->phase == Phase::kPosted) {
    if (transfer.phase != Phase::kPosted) {
      return 0;
    }
    const bool mirrored = sum.debit.holds(transfer.credit_chart) && sum.credit.holds(transfer.debit_chart);
    return (forward ? 1 : 0) - (mirrored ? 1 : 0);
  }
  if (!forward || transfer.phase == Phase::kPosted) {
    return 0;
  }
  return transfer.phase == sum.row->phase ? 1 : -1;
}

/// One event.
class KpiFold : public KpiTables {
 public:
  KpiFold(const RuleBook& book, const KpiPlan& plan, const AppliedEvent& event, const AppliedEvent* original,
          TableId first, TableWriter& tables)
      : KpiTables(tables, first), book_(book), plan_(plan), event_(event), original_(original), writer_(tables) {}

  void apply() {
    const auto rules = plan_.items(event_.type);
    if (rules.empty() && event_.transfers.empty()) {
      return;
    }
    book_.read(event_.type, event_.payload, facts_);
    if (event_.corrects.kind != CorrectionKind::kNone) {
      replace(rules);
    } else {
      for (const KpiItemRule* rule : rules) {
        add_item(*rule, event_.occurred_at.ns, rule == rules.front());
      }
    }
    add_sums();
    add_claims();
  }

 private:
  // ---- Items ----

  template <class Row>
  std::uint32_t append(KpiTable which, const Row& row) {
    const std::uint64_t index = count(which);
    writer_.put(table(which), index, row);
    return static_cast<std::uint32_t>(index + 1);
  }

  /// Makes `number` the head of a list; returns the one that was.
  std::uint32_t push(KpiList list, std::uint64_t a, std::uint64_t b, std::uint32_t number) {
    const std::uint64_t key = hash(list, a, b);
    std::uint32_t before = 0;
    bool found = false;
    lists().find(writer_, key, [&](std::uint32_t index, KpiListRow row) {
      before = std::exchange(row.head, number);
      writer_.put(table(KpiTable::kLists), index, row);
      found = true;
      return false;
    });
    if (!found) {
      lists().add(writer_, KpiListRow{.hash = key, .next = 0, .head = number});
    }
    return before;
  }

  /// The absorbed account of a merger, and the surviving one: the stream's own is the first tag.
  [[nodiscard]] std::pair<const ChainRef*, const ChainRef*> merged() const {
    const auto merger = payload_as<schema::AccountsMerged>(event_.payload);
    const ChainRef* own = nullptr;
    const ChainRef* other = nullptr;
    for (const ChainRef& chain : event_.chains) {
      if (chain.kind == ChainKind::kTag && chain.family_symbol == book_.known().account) {
        (own == nullptr ? own : other) = &chain;
        if (other != nullptr) {
          break;
        }
      }
    }
    return as_text(merger.getAccountId()) == as_text(merger.getAbsorbed()) ? std::pair(own, other)
                                                                           : std::pair(other, own);
  }

  [[nodiscard]] const ChainRef* subject_of(const KpiItemRule& rule) const {
    if (event_.type == plan_.merged()) {
      return merged().first;
    }
    if (rule.group == KpiGroup::kAccount) {
      const ChainRef* party = find_party(event_, book_.known());
      return party != nullptr && party->family_symbol == book_.known().account ? party : nullptr;
    }
    return find_tag(event_, plan_.family(rule.group));
  }

  void add_item(const KpiItemRule& rule, std::int64_t at_ns, bool is_first) {
    const ChainRef* subject = subject_of(rule);
    // The first one stays, whatever it is about: by it a later correction finds what it replaces.
    if (subject == nullptr && !is_first) {
      return;
    }
    const KpiReading reading = rule.read == nullptr ? KpiReading{} : rule.read(event_, facts_);
    KpiItemRow row;
    row.at_ns = at_ns;
    row.value = reading.value;
    row.key = reading.key;
    row.subject = subject == nullptr ? 0 : subject->member + 1;
    row.term = rule.term;
    row.group = static_cast<std::uint8_t>(rule.group);
    if (rule.term == KpiTerm::kMerged) {
      const ChainRef* survivor = merged().second;
      row.value = survivor == nullptr ? 0 : std::int64_t{survivor->member} + 1;
    } else if (rule.term == KpiTerm::kDepositMoved) {
      describe_move(row);
    } else if (rule.term == KpiTerm::kFined) {
      const ChainRef* violation = find_tag(event_, book_.known().violation);
      row.key = violation == nullptr ? 0 : std::uint64_t{violation->member} + 1;
    }
    store(row);
  }

  void store(KpiItemRow row) {
    row.position = event_.position;
    row.history = event_.basis == Basis::kHistory ? 1 : 0;
    if (const ChainRef* party = find_party(event_, book_.known()); party != nullptr) {
      row.party = party_code(*party, book_.known());
    }
    if (const ChainRef* order = find_tag(event_, book_.known().order); order != nullptr) {
      row.order = order->member + 1;
    }
    const std::uint32_t number = append(KpiTable::kItems, row);
    row.before_in_day = push(KpiList::kDay, static_cast<std::uint64_t>(row.term), day_number(row.at_ns), number);
    if (row.subject != 0) {
      row.before_of_same = push(KpiList::kSubject, row.group, row.subject, number);
    }
    writer_.put(table(KpiTable::kItems), number - 1, row);
    if ((row.term == KpiTerm::kBegun || row.term == KpiTerm::kEnded) && row.subject != 0) {
      spread(row);
    }
    follow(row);
  }

  /// By how much the deposit became more; and what its items need beside it.
  void describe_move(KpiItemRow& row) const {
    for (const AppliedTransfer& transfer : event_.transfers) {
      const std::int64_t signed_amount = transfer.phase == Phase::kVoided ? -transfer.amount : transfer.amount;
      row.value += plan_.is_deposit(transfer.credit_chart) ? signed_amount : 0;
      row.value -= plan_.is_deposit(transfer.debit_chart) ? signed_amount : 0;
      if (plan_.is_for_violations(transfer.credit_chart) || plan_.is_for_violations(transfer.debit_chart)) {
        row.key |= kKpiForViolations;
      }
    }
    if (const ChainRef* rental = find_tag(event_, book_.known().rental); rental != nullptr) {
      row.key |= (std::uint64_t{rental->member} + 1) << kKpiMoveBits;
    }
  }

  // ---- Corrections and reversals ----

  void replace(std::span<const KpiItemRule* const> rules) {
    if (rules.empty()) {
      return;
    }
    const bool of_correction = original_ != nullptr && original_->corrects.kind != CorrectionKind::kNone;
    std::uint64_t position = of_correction ? original_->corrects.position : event_.corrects.position;
    std::int64_t at_ns = event_.occurred_at.ns;
    std::vector<KpiItemRow> ended;
    // Its last correction stands for it.
    while (position != 0) {
      std::uint64_t next = 0;
      for (std::uint64_t index = first_item(position); index < count(KpiTable::kItems); ++index) {
        auto row = get<KpiItemRow>(KpiTable::kItems, index);
        if (row.position != position) {
          break;
        }
        if (row.term == KpiTerm::kClaimMoved) {
          continue;  // Money: its mirror takes it back.
        }
        at_ns = row.at_ns;
        if (row.ended == 0) {
          row.ended = event_.position;
          writer_.put(table(KpiTable::kItems), index, row);
          ended.push_back(row);
        } else {
          next = row.ended;
        }
      }
      position = next < event_.position ? next : 0;
    }
    if (event_.corrects.kind == CorrectionKind::kCorrection) {
      for (const KpiItemRule* rule : rules) {
        add_item(*rule, at_ns, rule == rules.front());
      }
    }
    for (const KpiItemRow& row : ended) {
      follow(row);
      if (row.term == KpiTerm::kDepositMoved && event_.corrects.kind == CorrectionKind::kReversal) {
        move_beyond(row);
      }
    }
  }

  /// What the reversal of a deposit's event does beside its mirror.
  void move_beyond(KpiItemRow row) {
    const std::int64_t taken_back = std::exchange(row.value, 0);
    row.ended = 0;
    row.key = 0;
    row.before_in_day = 0;
    row.before_of_same = 0;
    row.at_ns = event_.occurred_at.ns;
    describe_move(row);
    row.value += taken_back;
    if (row.value != 0) {
      store(row);
    }
  }

  // ---- Intervals ----

  /// Notes the subject in every month that its interval is now known to reach into.
  void spread(const KpiItemRow& moved) {
    const bool begins = moved.term == KpiTerm::kBegun;
    std::optional<std::int64_t> other;  // The earliest begin of an end, the latest end of a begin.
    for (std::uint32_t next = head(KpiList::kSubject, moved.group, moved.subject); next != 0;) {
      const KpiItemRow row = item(next);
      if (row.term == (begins ? KpiTerm::kEnded : KpiTerm::kBegun)) {
        other =
            begins ? std::max(other.value_or(row.value), row.value) : std::min(other.value_or(row.value), row.value);
      }
      next = row.before_of_same;
    }
    std::uint64_t month = month_number(moved.value);
    std::uint64_t until = month;
    if (begins) {
      until = std::max(month, month_number(other.value_or(moved.value)));
    } else if (other && *other <= moved.value) {
      month = month_number(*other) + 1;
    }
    for (; month <= until; ++month) {
      const std::uint32_t number = append(KpiTable::kMonths, KpiMonthRow{.subject = moved.subject, .before = 0});
      const std::uint32_t before = push(KpiList::kMonth, moved.group, month, number);
      writer_.put(table(KpiTable::kMonths), number - 1, KpiMonthRow{.subject = moved.subject, .before = before});
    }
  }

  /// Keeps the list of open intervals after an item began or ended.
  void follow(const KpiItemRow& moved) {
    if (moved.subject == 0 || (moved.term != KpiTerm::kBegun && moved.term != KpiTerm::kEnded)) {
      return;
    }
    // Open is what begins last; with history and without it that may be two answers.
    std::optional<KpiItemRow> latest;
    std::optional<KpiItemRow> latest_own;
    const auto take_later = [](std::optional<KpiItemRow>& into, const KpiItemRow& row) {
      const auto place = [](const KpiItemRow& each) { return std::tuple(each.value, each.term, each.position); };
      if (!into || place(row) > place(*into)) {
        into = row;
      }
    };
    for (std::uint32_t next = head(KpiList::kSubject, moved.group, moved.subject); next != 0;) {
      const KpiItemRow row = item(next);
      if (row.ended == 0 && (row.term == KpiTerm::kBegun || row.term == KpiTerm::kEnded)) {
        take_later(latest, row);
        if (row.history == 0) {
          take_later(latest_own, row);
        }
      }
      next = row.before_of_same;
    }
    const bool is_open =
        (latest && latest->term == KpiTerm::kBegun) || (latest_own && latest_own->term == KpiTerm::kBegun);
    const std::uint32_t last = head(KpiList::kOpen, moved.group, moved.subject);
    const bool was_open = last != 0 && get<KpiOpenRow>(KpiTable::kOpens, last - 1).left == 0;
    if (is_open && !was_open) {
      enter(moved);
    } else if (!is_open && was_open) {
      leave(last);
    }
  }

  void enter(const KpiItemRow& moved) {
    auto list = get<KpiHeadRow>(KpiTable::kHead, 0);
    const std::uint32_t number = append(KpiTable::kOpens, KpiOpenRow{.opened = event_.position,
                                                                     .subject = moved.subject,
                                                                     .group = moved.group,
                                                                     .before = 0,
                                                                     .after = list.open});
    if (list.open != 0) {
      auto neighbour = get<KpiOpenRow>(KpiTable::kOpens, list.open - 1);
      neighbour.before = number;
      writer_.put(table(KpiTable::kOpens), list.open - 1, neighbour);
    }
    list.open = number;
    writer_.put(table(KpiTable::kHead), 0, list);
    push(KpiList::kOpen, moved.group, moved.subject, number);
  }

  void leave(std::uint32_t number) {
    auto list = get<KpiHeadRow>(KpiTable::kHead, 0);
    auto row = get<KpiOpenRow>(KpiTable::kOpens, number - 1);
    if (row.before != 0) {
      auto neighbour = get<KpiOpenRow>(KpiTable::kOpens, row.before - 1);
      neighbour.after = row.after;
      writer_.put(table(KpiTable::kOpens), row.before - 1, neighbour);
    } else {
      list.open = row.after;
    }
    if (row.after != 0) {
      auto neighbour = get<KpiOpenRow>(KpiTable::kOpens, row.after - 1);
      neighbour.before = row.before;
      writer_.put(table(KpiTable::kOpens), row.after - 1, neighbour);
    }
    row.before = 0;
    row.after = 0;
    row.left = event_.position;
    row.left_before = std::exchange(list.left, number);
    writer_.put(table(KpiTable::kOpens), number - 1, row);
    writer_.put(table(KpiTable::kHead), 0, list);
  }

  // ---- Money ----

  void add_sums() {
    for (const AppliedTransfer& transfer : event_.transfers) {
      for (const KpiPlan::Sum& sum : plan_.sums()) {
        const int sign = counts(sum, transfer) * sum.row->sign;
        if (sign == 0) {
          continue;
        }
        std::uint32_t account = 0;
        if (sum.row->sum == KpiSum::kRevenue) {
          account = sum.credit.holds(transfer.credit_chart) ? transfer.credit : transfer.debit;
        }
        add_money(sum.row->sum, transfer.unit, account, sign * transfer.amount);
      }
    }
  }

  void add_money(KpiSum sum, Currency unit, std::uint32_t account, std::int64_t value) {
    const std::uint64_t day = day_number(event_.booked_at.ns);
    const std::uint32_t series = series_of(sum, unit, account, static_cast<std::int32_t>(day));
    KpiMoneyRow row;
    row.position = event_.position;
    row.at_ns = event_.booked_at.ns;
    row.value = value;
    row.series = series;
    row.before = head(KpiList::kMoneyDay, series, day);
    base::Int128 total = value;
    if (row.before != 0) {
      const auto before = get<KpiMoneyRow>(KpiTable::kMoney, row.before - 1);
      total += sum_of(before);
      row.count = before.count;
    }
    row.sum_low = static_cast<std::uint64_t>(total);
    row.sum_high = static_cast<std::int64_t>(total >> 64);
    ++row.count;
    push(KpiList::kMoneyDay, series, day, append(KpiTable::kMoney, row));
  }

  /// Number of the series, made where it is the first of its kind.
  std::uint32_t series_of(KpiSum sum, Currency unit, std::uint32_t account, std::int32_t day) {
    const std::uint16_t history = event_.basis == Basis::kHistory ? 1 : 0;
    const std::uint64_t kind = (static_cast<std::uint64_t>(sum) << 1U) | history;
    std::uint32_t number = head(KpiList::kSeries, kind, (std::uint64_t{account} << 24U) ^ unit.packed());
    if (number == 0) {
      number = append(KpiTable::kSeries, KpiSeriesRow{.first_day = day,
                                                      .last_day = day,
                                                      .currency = unit.packed(),
                                                      .account = account,
                                                      .sum = static_cast<std::uint16_t>(sum),
                                                      .history = history});
      push(KpiList::kSeries, kind, (std::uint64_t{account} << 24U) ^ unit.packed(), number);
      return number;
    }
    auto row = get<KpiSeriesRow>(KpiTable::kSeries, number - 1);
    if (day < row.first_day || day > row.last_day) {
      row.first_day = std::min(row.first_day, day);
      row.last_day = std::max(row.last_day, day);
      writer_.put(table(KpiTable::kSeries), number - 1, row);
    }
    return number;
  }

  // ---- Claims of violations ----

  void add_claims() {
    if (event_.type >= book_.event_count() || event_.corrects.kind == CorrectionKind::kCorrection) {
      return;
    }
    const Symbol merge = book_.known().merge;
    if (merge != kForeignSymbol && !event_.transfers.empty() && event_.transfers.front().rule == merge) {
      rehome_claims();
      return;
    }
    std::vector<ViolationSubject> named;
    if (book_.concerns(Machine::kViolation, event_.type)) {
      violation_subjects(book_, event_, facts_, named);
    }
    std::vector<std::uint32_t> violations;
    const auto note = [&](std::uint32_t violation) {
      if (violation != 0 && std::ranges::find(violations, violation) == violations.end()) {
        violations.push_back(violation);
      }
    };
    for (const ViolationSubject& subject : named) {
      learn(subject);
      note(subject.tag->member + 1);
    }
    for (const AppliedTransfer& transfer : event_.transfers) {
      for (const auto& [account, chart] :
           {std::pair(transfer.debit, transfer.debit_chart), std::pair(transfer.credit, transfer.credit_chart)}) {
        if (chart == book_.known().receivable || chart == book_.known().credit) {
          note(get<ClaimRow>(KpiTable::kClaims, account).violation);
        }
      }
    }
    for (const std::uint32_t violation : violations) {
      move_claim(violation);
    }
  }

  void learn(const ViolationSubject& subject) {
    if (event_.corrects.kind == CorrectionKind::kReversal) {
      return;
    }
    const std::uint32_t member = subject.tag->member;
    auto row = get<KpiViolationRow>(KpiTable::kViolations, member);
    ViolationRow accounts;
    accounts.receivable_account = row.receivable_account;
    accounts.credit_account = row.credit_account;
    learn_accounts(book_, event_, facts_, subject.id, accounts);
    row.receivable_account = accounts.receivable_account;
    row.credit_account = accounts.credit_account;
    if (const ChainRef* rental = find_tag(event_, book_.known().rental); row.rental == 0 && rental != nullptr) {
      row.rental = rental->member + 1;
    }
    writer_.put(table(KpiTable::kViolations), member, row);
    for (const std::uint32_t account : {row.receivable_account, row.credit_account}) {
      if (account != 0) {
        writer_.put(table(KpiTable::kClaims), account, ClaimRow{.violation = member + 1});
      }
    }
  }

  /// PR-31 and its mirror: claims lie on accounts of the other party now; nothing is charged or paid by that.
  void rehome_claims() {
    std::vector<std::pair<std::uint32_t, KpiViolationRow>> before;
    for (const AppliedTransfer& transfer : event_.transfers) {
      const auto of_debit = get<ClaimRow>(KpiTable::kClaims, transfer.debit);
      const ClaimRow claim = of_debit.violation != 0 ? of_debit : get<ClaimRow>(KpiTable::kClaims, transfer.credit);
      if (claim.violation == 0) {
        continue;
      }
      auto row = get<KpiViolationRow>(KpiTable::kViolations, claim.violation - 1);
      const auto known = std::ranges::find(before, claim.violation, &std::pair<std::uint32_t, KpiViolationRow>::first);
      const KpiViolationRow was = known == before.end() ? row : known->second;
      if (known == before.end()) {
        before.emplace_back(claim.violation, row);
        // What this event does not move is learned anew: nothing stands on it.
        row.receivable_account = 0;
        row.credit_account = 0;
      }
      const bool receivable = transfer.debit_chart == book_.known().receivable;
      const std::uint32_t from = receivable ? was.receivable_account : was.credit_account;
      const bool to_credit = from == transfer.debit || (from == 0 && of_debit.violation != 0);
      const std::uint32_t account = to_credit ? transfer.credit : transfer.debit;
      (receivable ? row.receivable_account : row.credit_account) = account;
      writer_.put(table(KpiTable::kClaims), account, claim);
      writer_.put(table(KpiTable::kViolations), claim.violation - 1, row);
    }
  }

  void move_claim(std::uint32_t violation) {
    const auto known = get<KpiViolationRow>(KpiTable::kViolations, violation - 1);
    ViolationRow accounts;
    accounts.receivable_account = known.receivable_account;
    accounts.credit_account = known.credit_account;
    const ViolationEffect effect = effect_on(book_, event_, facts_, accounts);
    if (!event_.transfers.empty()) {
      const Currency unit = event_.transfers.front().unit;
      const auto add = [&](KpiSum sum, std::int64_t value) {
        if (value != 0) {
          add_money(sum, unit, 0, value);
        }
      };
      add(KpiSum::kFinesCharged, effect.fine + effect.expenses);
      add(KpiSum::kFinesPaid, effect.paid);
      add(KpiSum::kFinesCancelled, effect.cancelled);
      add(KpiSum::kFinesAssigned, effect.assigned);
      add(KpiSum::kFinesWrittenOff, effect.written_off);
    }
    const bool borne =
        book_.concerns(Machine::kViolation, event_.type) &&
        book_.next_state(Machine::kViolation, state::kRecorded, event_.type, facts_.kind, false) == state::kBorne;
    // Only deposits ask when a violation was closed, and only through its contract.
    if (known.rental != 0 && (effect.receivable != 0 || borne)) {
      KpiItemRow row;
      row.at_ns = event_.occurred_at.ns;
      row.value = effect.receivable;
      row.key = borne && event_.corrects.kind == CorrectionKind::kNone ? 1 : 0;
      row.subject = violation;
      row.term = KpiTerm::kClaimMoved;
      row.group = static_cast<std::uint8_t>(KpiGroup::kViolation);
      store(row);
    }
  }

  const RuleBook& book_;
  const KpiPlan& plan_;
  const AppliedEvent& event_;
  const AppliedEvent* original_;
  TableWriter& writer_;
  EventFacts facts_;
};

template <class Row>
TableSpec table_of(std::string name) {
  return {.name = std::move(name), .row_bytes = sizeof(Row)};
}

class KpiProjection final : public Projection {
 public:
  explicit KpiProjection(const RuleBook& book)
      : book_(book), plan_(book), tables_{table_of<KpiItemRow>("kpi.items"),
                                          table_of<KpiMoneyRow>("kpi.money"),
                                          table_of<KpiSeriesRow>("kpi.series"),
                                          table_of<BucketRow>("kpi.buckets"),
                                          table_of<KpiListRow>("kpi.lists"),
                                          table_of<KpiOpenRow>("kpi.opens"),
                                          table_of<KpiMonthRow>("kpi.months"),
                                          table_of<KpiHeadRow>("kpi.head"),
                                          table_of<KpiViolationRow>("kpi.violations"),
                                          table_of<ClaimRow>("kpi.claims")} {}

  [[nodiscard]] std::string_view name() const override { return kKpiProjection; }

  [[nodiscard]] std::uint32_t version() const override { return 1; }

  [[nodiscard]] std::span<const TableSpec> tables() const override { return tables_; }

  [[nodiscard]] bool reads(std::uint16_t type) const override { return type < book_.event_count(); }

  void apply(const AppliedEvent& event, const AppliedEvent* original, TableId first,
             TableWriter& tables) const override {
    if (event.type < book_.event_count()) {
      KpiFold(book_, plan_, event, original, first, tables).apply();
    }
  }

 private:
  const RuleBook& book_;
  KpiPlan plan_;
  std::vector<TableSpec> tables_;
};

}  // namespace

KpiPlan::KpiPlan(const RuleBook& book) : items_(book.event_count()) {
  for (const KpiItemRule& rule : kpi_item_table()) {
    if (const std::uint16_t type = book.type_of(rule.event); type != kForeignType) {
      items_[type].push_back(&rule);
    }
  }
  for (const KpiSumRule& row : kpi_sum_table()) {
    const Symbol rule = book.symbol(row.rule);
    const SymbolSet debit = symbols_of(book, row.debit);
    const SymbolSet credit = symbols_of(book, row.credit);
    // A domain without the rule or a chart of the row has no such transfers.
    if ((row.rule.empty() || rule != kForeignSymbol) && is_known(debit) && is_known(credit)) {
      sums_.push_back(
          {.row = &row, .rule = row.rule.empty() ? kForeignSymbol : rule, .debit = debit, .credit = credit});
    }
  }
  for (std::uint8_t group = 0; group <= static_cast<std::uint8_t>(KpiGroup::kViolation); ++group) {
    families_.push_back(group == 0 ? kForeignSymbol : book.symbol(kpi_family(static_cast<KpiGroup>(group))));
  }
  security_ = book.symbol("L1");
  violations_ = book.symbol("L2");
  merged_ = book.type_of("AccountsMerged");
}

std::unique_ptr<Projection> make_kpi_projection(const RuleBook& book) {
  return std::make_unique<KpiProjection>(book);
}

}  // namespace carnet::rental
