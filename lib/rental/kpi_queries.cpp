// SPDX-License-Identifier: Apache-2.0
//
// KPIs out of items: one method of KpiMethod after the other (DOMAIN §5).
#include "base/calendar.hpp"
#include "rental/kpi_reader.hpp"
#include "rental/kpi_window.hpp"
#include "rental/view_lists.hpp"

#include <carnet/rental/kpi.hpp>
#include <carnet/schema/ledger.capnp.h>
#include <carnet/typed.hpp>

#include <date/tz.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace carnet {

namespace {

using base::Int128;
using rental::KpiDefinition;
using rental::KpiGroup;
using rental::KpiItemRow;
using rental::KpiMethod;
using rental::KpiMoney;
using rental::KpiMove;
using rental::KpiReader;
using rental::KpiSeriesRow;
using rental::KpiSpan;
using rental::KpiSum;
using rental::KpiTerm;

/// Whole seconds from one instant to another; never negative.
std::int64_t seconds_between(std::int64_t from_ns, std::int64_t to_ns) noexcept {
  return to_ns <= from_ns ? 0 : static_cast<std::int64_t>((Int128{to_ns} - from_ns) / kNsPerSecond);
}

/// When an item happened: custody says so itself.
std::int64_t time_of(const KpiItemRow& row) noexcept {
  const bool is_own = row.term == KpiTerm::kBegun || row.term == KpiTerm::kEnded || row.term == KpiTerm::kReturned;
  return is_own ? row.value : row.at_ns;
}

/// A value being made.
struct Draft {
  Int128 numerator = 0;
  Int128 denominator = 0;
  std::uint64_t n = 0;
  std::uint64_t aside = 0;

  void add_seconds(std::int64_t seconds) {
    numerator += seconds;
    ++denominator;
    ++n;
  }
};

/// All KPIs of one query.
class Computation {
 public:
  Computation(View& view, const KpiQuery& query, const date::time_zone& zone, KpiSpan span, KpiSpan before)
      : view_(view),
        zone_(zone),
        reader_(view.tables(), view.table(rental::kKpiProjection),
                std::min(query.known_at.value_or(view.position()), view.position()), query.include_history),
        span_(span),
        before_(before) {}

  Status add(const KpiDefinition& definition) {
    switch (definition.method) {
      case KpiMethod::kSatisfiedShare:
        return put(definition, satisfied_share());
      case KpiMethod::kResolutionTime:
        return put(definition, resolution_time(definition.variant));
      case KpiMethod::kComplaintRate:
        return put(definition, complaint_rate(definition.variant != 0));
      case KpiMethod::kRetention:
        return retention(definition);
      case KpiMethod::kReleaseTime:
        return put(definition, release_time());
      case KpiMethod::kElapsed:
        return put(definition, elapsed(definition));
      case KpiMethod::kLateness:
        return put(definition, lateness(definition));
      case KpiMethod::kBalance:
        return money(definition, {std::numeric_limits<std::int64_t>::min(), span_.end});
      case KpiMethod::kSumWithin:
        return money(definition, span_);
    }
    return {};
  }

  [[nodiscard]] std::vector<KpiValue> take() { return std::move(values_); }

 private:
  Status put(const KpiDefinition& definition, const Draft& draft, std::string slice = {}, Currency currency = {}) {
    KpiValue value;
    value.id = definition.id;
    value.slice = std::move(slice);
    value.currency = currency;
    value.numerator = static_cast<std::int64_t>(draft.numerator);
    value.denominator = static_cast<std::int64_t>(draft.denominator);
    value.n = draft.n;
    value.aside = draft.aside;
    if (Int128{value.numerator} != draft.numerator || Int128{value.denominator} != draft.denominator) {
      return Error(ErrorCode::kInvalidArgument, "Overflow", "a sum over the window leaves 64 bits: ask for parts of it",
                   {{"kpi", std::string(definition.id)}});
    }
    values_.push_back(std::move(value));
    return {};
  }

  // ---- K-02 ----

  [[nodiscard]] Draft satisfied_share() const {
    constexpr std::int64_t kSatisfied = 2;
    std::map<std::pair<bool, std::uint64_t>, KpiItemRow> latest;
    reader_.for_each_within(KpiTerm::kRated, span_, [&](const KpiItemRow& row) {
      const bool anonymous = row.party == 0 && row.key != 0;
      if (row.value == 0 || (!anonymous && !rental::is_account(row.party))) {
        return;
      }
      const std::pair customer(anonymous, anonymous ? row.key : std::uint64_t{reader_.survivor(row.party)});
      const auto [known, is_new] = latest.try_emplace(customer, row);
      if (!is_new && rental::is_later(row, known->second)) {
        known->second = row;
      }
    });
    Draft draft;
    draft.n = latest.size();
    draft.denominator = latest.size();
    for (const auto& [customer, row] : latest) {
      draft.numerator += row.value <= kSatisfied ? 1 : 0;
    }
    return draft;
  }

  // ---- K-05, K-07 ----

  [[nodiscard]] bool is_duplicate(std::uint32_t of_case) const {
    return reader_.has(KpiGroup::kCase, of_case, KpiTerm::kDuplicate);
  }

  [[nodiscard]] Draft resolution_time(int percentile) const {
    Draft draft;
    std::vector<std::int64_t> durations;
    reader_.for_each_within(KpiTerm::kResolved, span_, [&](const KpiItemRow& row) {
      const auto last = reader_.last(KpiGroup::kCase, row.subject, KpiTerm::kResolved);
      const auto rework = reader_.last(KpiGroup::kCase, row.subject, KpiTerm::kReworked);
      const auto received = reader_.last(KpiGroup::kCase, row.subject, KpiTerm::kReceived);
      const bool is_final = last && last->position == row.position && (!rework || !rental::is_later(*rework, row));
      if (!is_final || !received || is_duplicate(row.subject)) {
        return;
      }
      if (row.value == 0) {
        ++draft.aside;
        return;
      }
      durations.push_back(seconds_between(received->value, row.at_ns));
      draft.add_seconds(durations.back());
    });
    if (percentile != 0 && !durations.empty()) {
      // The smallest duration that at least so many of a hundred do not exceed.
      constexpr std::size_t kHundred = 100;
      std::ranges::sort(durations);
      const std::size_t rank = (durations.size() * static_cast<std::size_t>(percentile) + kHundred - 1) / kHundred;
      draft.numerator = durations[rank - 1];
      draft.denominator = 1;
    }
    return draft;
  }

  /// Order of a case, as its latest event that names one says; 0: none.
  [[nodiscard]] std::uint32_t order_of(std::uint32_t of_case) const {
    std::optional<KpiItemRow> named;
    reader_.for_each_of(KpiGroup::kCase, of_case, [&](const KpiItemRow& row) {
      if (row.order != 0 && (!named || rental::is_later(row, *named))) {
        named = row;
      }
    });
    return named ? named->order : 0;
  }

  [[nodiscard]] Draft complaint_rate(bool per_hundred) const {
    constexpr int kHundred = 100;
    Draft draft;
    std::set<std::uint32_t> orders;
    std::uint64_t complaints = 0;
    reader_.for_each_within(KpiTerm::kReceived, span_, [&](const KpiItemRow& row) {
      const auto classified = reader_.last(KpiGroup::kCase, row.subject, KpiTerm::kClassified);
      if (!rental::is_account(row.party) || !classified || classified->value == 0 || is_duplicate(row.subject)) {
        return;
      }
      if (const std::uint32_t order = order_of(row.subject); order != 0) {
        orders.insert(order);
        ++complaints;
      } else {
        ++draft.aside;
      }
    });
    draft.n = orders_placed();
    draft.numerator = per_hundred ? Int128{complaints} * kHundred : Int128{orders.size()};
    draft.denominator = draft.n;
    return draft;
  }

  [[nodiscard]] std::uint64_t orders_placed() const {
    std::set<std::uint32_t> placed;
    reader_.for_each_within(KpiTerm::kPlaced, span_, [&](const KpiItemRow& row) {
      if (!rental::is_account(row.party) || row.subject == 0) {
        return;
      }
      // An order counts once, where it was placed first; a contract after a reservation places nothing.
      bool is_first = true;
      reader_.for_each_of(KpiGroup::kOrder, row.subject, [&](const KpiItemRow& other) {
        is_first = is_first && (other.term != KpiTerm::kPlaced || !rental::is_later(row, other));
        is_first = is_first && other.term != KpiTerm::kVoided;
      });
      if (is_first) {
        placed.insert(row.subject);
      }
    });
    return placed.size();
  }

  // ---- K-08 ----

  Status retention(const KpiDefinition& definition) {
    for (const auto& [group, line] :
         {std::pair(KpiGroup::kRental, "rental"), std::pair(KpiGroup::kOrder, "designatedDriver")}) {
      const std::set<std::uint32_t> now = reader_.customers(group, span_);
      const std::set<std::uint32_t> then = reader_.customers(group, before_);
      if (group != KpiGroup::kRental && now.empty() && then.empty()) {
        continue;  // The business does not have the line.
      }
      Draft draft;
      draft.n = then.size();
      draft.denominator = then.size();
      draft.numerator = std::ranges::count_if(then, [&](std::uint32_t account) { return now.contains(account); });
      CARNET_TRY_VOID(put(definition, draft, line));
    }
    return {};
  }

  // ---- K-11 ----

  struct Release {
    std::int64_t at_ns = 0;
    std::uint32_t order = 0;
    std::uint32_t rental = 0;
    bool for_violations = false;
  };

  /// When a deposit was given back in full; nothing: it was not, or not by a release.
  [[nodiscard]] std::optional<Release> release_of(std::uint32_t deposit) const {
    std::vector<KpiItemRow> moves;
    std::vector<KpiItemRow> refunds;
    reader_.for_each_of(KpiGroup::kDeposit, deposit, [&](const KpiItemRow& row) {
      (row.term == KpiTerm::kRefunded ? refunds : moves).push_back(row);
    });
    Int128 left = 0;
    Int128 to_refund = 0;
    Release release;
    const KpiItemRow* final_move = nullptr;
    std::ranges::sort(moves, {}, &KpiItemRow::position);
    for (const KpiItemRow& row : moves) {
      left += row.value;
      final_move = row.value != 0 ? &row : final_move;
      to_refund -= kind_of(row) == KpiMove::kReleasedCash ? row.value : 0;
      release.order = row.order != 0 ? row.order : release.order;
      const std::uint64_t rental = (row.key & ~rental::kKpiForViolations) >> rental::kKpiMoveBits;
      release.rental = rental != 0 ? static_cast<std::uint32_t>(rental) : release.rental;
      release.for_violations = release.for_violations || (row.key & rental::kKpiForViolations) != 0;
    }
    if (final_move == nullptr || left != 0) {
      return std::nullopt;
    }
    release.at_ns = final_move->at_ns;
    if (kind_of(*final_move) == KpiMove::kReleased) {
      return release;
    }
    if (kind_of(*final_move) != KpiMove::kReleasedCash) {
      return std::nullopt;
    }
    std::ranges::sort(refunds, {}, &KpiItemRow::position);
    for (const KpiItemRow& row : refunds) {
      to_refund -= row.value;
      release.at_ns = row.at_ns;
      if (to_refund <= 0) {
        return release;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] static KpiMove kind_of(const KpiItemRow& row) noexcept {
    return static_cast<KpiMove>(row.key & ((std::uint64_t{1} << rental::kKpiMoveBits) - 1));
  }

  [[nodiscard]] Draft release_time() const {
    std::set<std::uint32_t> deposits;
    for (const KpiTerm term : {KpiTerm::kDepositMoved, KpiTerm::kRefunded}) {
      reader_.for_each_within(term, span_, [&](const KpiItemRow& row) {
        if (row.subject != 0) {
          deposits.insert(row.subject);
        }
      });
    }
    Draft draft;
    for (const std::uint32_t deposit : deposits) {
      const auto release = release_of(deposit);
      if (!release || !span_.holds(release->at_ns)) {
        continue;
      }
      const auto eligible = release->for_violations ? eligible_of_violations(*release) : eligible_of_order(*release);
      if (!eligible || release->at_ns < *eligible) {
        ++draft.aside;
        draft.add_seconds(0);
      } else {
        draft.add_seconds(seconds_between(*eligible, release->at_ns));
      }
    }
    return draft;
  }

  /// §6: what comes first of the settlement's end, a void contract, a reservation called off.
  [[nodiscard]] std::optional<std::int64_t> eligible_of_order(const Release& release) const {
    std::optional<std::int64_t> earliest;
    const auto look = [&](const KpiItemRow& row) {
      if (row.term == KpiTerm::kFinalized || row.term == KpiTerm::kVoided || row.term == KpiTerm::kCalledOff) {
        earliest = std::min(earliest.value_or(row.at_ns), row.at_ns);
      }
    };
    if (release.order != 0) {
      reader_.for_each_of(KpiGroup::kOrder, release.order, look);
    }
    if (release.rental != 0) {
      reader_.for_each_of(KpiGroup::kRental, release.rental, look);
    }
    return earliest;
  }

  /// §6: the later of the disclosed end of the query period and the last violation's end, or a void contract.
  [[nodiscard]] std::optional<std::int64_t> eligible_of_violations(const Release& release) const {
    if (release.rental == 0) {
      return std::nullopt;
    }
    if (const auto voided = reader_.last(KpiGroup::kRental, release.rental, KpiTerm::kVoided)) {
      return voided->at_ns;
    }
    const auto returned = reader_.last(KpiGroup::kRental, release.rental, KpiTerm::kEnded);
    if (!returned) {
      return std::nullopt;
    }
    std::optional<std::int64_t> latest = returned->value;
    if (const auto period = reader_.last(KpiGroup::kRental, release.rental, KpiTerm::kQueryPeriod)) {
      const LocalDate day = rental::local_date({returned->value}, zone_);
      latest = rental::start_of({static_cast<std::int32_t>(day.days + period->value + 1)}, zone_);
    }
    std::set<std::uint32_t> violations;
    reader_.for_each_of(KpiGroup::kRental, release.rental, [&](const KpiItemRow& row) {
      // One that came up when the deposit had gone back could not hold it.
      if (row.term == KpiTerm::kFined && row.key != 0 && row.at_ns <= release.at_ns) {
        violations.insert(static_cast<std::uint32_t>(row.key));
      }
    });
    for (const std::uint32_t violation : violations) {
      const auto closed = closed_at(violation);
      latest = closed && latest ? std::optional(std::max(*latest, *closed)) : std::nullopt;
    }
    return latest;
  }

  /// When the claim of a violation ended for the last time; nothing: it is open, or was never made.
  [[nodiscard]] std::optional<std::int64_t> closed_at(std::uint32_t violation) const {
    std::vector<KpiItemRow> moves;
    reader_.for_each_of(KpiGroup::kViolation, violation, [&](const KpiItemRow& row) { moves.push_back(row); });
    std::ranges::sort(moves, {}, &KpiItemRow::position);
    std::optional<std::int64_t> closed;
    Int128 due = 0;
    for (const KpiItemRow& row : moves) {
      const bool was_due = due > 0;
      due += row.value;
      if (due > 0) {
        closed.reset();
      } else if (was_due || row.key != 0) {
        closed = row.at_ns;
      }
    }
    return closed;
  }

  // ---- K-15 ----

  [[nodiscard]] bool is_last(const KpiDefinition& definition, const KpiItemRow& row) const {
    const auto last = reader_.last(definition.group, row.subject, definition.to);
    return last && last->position == row.position;
  }

  /// The item of a subject that ends the time: the last one; of those that are counted by a value, the first.
  [[nodiscard]] bool ends(const KpiDefinition& definition, const KpiItemRow& row) const {
    if (definition.to != KpiTerm::kDispatched) {
      return is_last(definition, row);
    }
    bool is_first = row.value != 0;
    reader_.for_each_of(definition.group, row.subject, [&](const KpiItemRow& other) {
      is_first = is_first && (other.term != row.term || other.value == 0 || !rental::is_later(row, other));
    });
    return is_first;
  }

  [[nodiscard]] Draft elapsed(const KpiDefinition& definition) const {
    Draft draft;
    reader_.for_each_within(definition.to, span_, [&](const KpiItemRow& row) {
      if (row.group != static_cast<std::uint8_t>(definition.group) || row.subject == 0 || !ends(definition, row)) {
        return;
      }
      std::optional<std::int64_t> from;
      reader_.for_each_of(definition.group, row.subject, [&](const KpiItemRow& other) {
        if (other.term == definition.from && time_of(other) <= time_of(row)) {
          from = std::max(from.value_or(time_of(other)), time_of(other));
        }
      });
      if (from) {
        draft.add_seconds(seconds_between(*from, time_of(row)));
      }
    });
    return draft;
  }

  [[nodiscard]] Draft lateness(const KpiDefinition& definition) const {
    Draft draft;
    reader_.for_each_within(definition.to, span_, [&](const KpiItemRow& row) {
      if (row.group != static_cast<std::uint8_t>(definition.group) || row.subject == 0 || !is_last(definition, row)) {
        return;
      }
      std::optional<KpiItemRow> planned;
      reader_.for_each_of(definition.group, row.subject, [&](const KpiItemRow& other) {
        if (other.term == definition.from && other.value != 0 && (!planned || rental::is_later(other, *planned))) {
          planned = other;
        }
      });
      if (planned) {
        draft.add_seconds(seconds_between(planned->value, row.value));
      }
    });
    return draft;
  }

  // ---- K-16 ----

  Status money(const KpiDefinition& definition, KpiSpan span) {
    std::map<std::pair<std::string, std::string>, KpiMoney> sums;
    for (std::uint64_t i = 0; i < reader_.series_count(); ++i) {
      const KpiSeriesRow row = reader_.series(i);
      if (row.sum != static_cast<std::uint16_t>(definition.sum) || !reader_.counts(row)) {
        continue;
      }
      const KpiMoney booked = reader_.money(i, span);
      if (booked.count == 0) {
        continue;
      }
      std::string slice;
      if (row.account != 0) {
        CARNET_TRY(const AccountState account, view_.account(row.account));
        slice = account.path.substr(account.path.rfind('/') + 1);
      }
      KpiMoney& sum = sums[{std::move(slice), Currency(row.currency).code()}];
      sum.sum += booked.sum;
      sum.count += booked.count;
    }
    if (sums.empty() && definition.sum != KpiSum::kRevenue) {
      const auto ledger = view_.tables().get<rental::LedgerRow>(view_.table(rental::kLedgerProjection), 0);
      return put(definition, Draft{.denominator = 1}, {}, Currency(ledger.base_currency));
    }
    for (const auto& [kind, sum] : sums) {
      CARNET_TRY(const Currency currency, Currency::parse(kind.second));
      CARNET_TRY_VOID(
          put(definition, Draft{.numerator = sum.sum, .denominator = 1, .n = sum.count}, kind.first, currency));
    }
    return {};
  }

  View& view_;
  const date::time_zone& zone_;
  KpiReader reader_;
  KpiSpan span_;
  KpiSpan before_;
  std::vector<KpiValue> values_;
};

/// `K-05` asks for `K-05.p50` too, not for a K-051.
bool is_asked(std::string_view asked, std::string_view id) {
  return id.starts_with(asked) && (id.size() == asked.size() || id[asked.size()] < '0' || id[asked.size()] > '9');
}

Result<KpiSpan> span_of(const KpiWindow& window) {
  // Once more through the reader of windows: a host may have made one by hand.
  CARNET_TRY(const KpiWindow checked, parse_window(to_text(window), window.zone));
  CARNET_TRY(const date::time_zone* zone, rental::find_zone(checked.zone));
  return KpiSpan{rental::start_of(checked.first, *zone), rental::start_of(checked.end, *zone)};
}

}  // namespace

std::span<const KpiInfo> kpi_catalogue() {
  static const std::vector<KpiInfo> infos = [] {
    std::vector<KpiInfo> out;
    for (const KpiDefinition& each : rental::kpi_table()) {
      out.push_back({.id = each.id, .name = each.name, .name_zh = each.name_zh, .unit = each.unit});
    }
    return out;
  }();
  return infos;
}

Result<std::vector<KpiValue>> compute_kpis(View& view, const KpiQuery& query) {
  for (const std::string& id : query.ids) {
    if (std::ranges::none_of(rental::kpi_table(), [&](const KpiDefinition& each) { return is_asked(id, each.id); })) {
      return Error(ErrorCode::kInvalidArgument, "KpiUnknown", "no KPI has this id", {{"kpi", id}});
    }
  }
  CARNET_TRY(const date::time_zone* zone, rental::find_zone(query.window.zone));
  CARNET_TRY(const KpiSpan span, span_of(query.window));
  CARNET_TRY(const KpiWindow before, previous_window(query.window));
  CARNET_TRY(const KpiSpan span_before, span_of(before));
  Computation computation(view, query, *zone, span, span_before);
  for (const KpiDefinition& each : rental::kpi_table()) {
    if (query.ids.empty() ||
        std::ranges::any_of(query.ids, [&](const std::string& id) { return is_asked(id, each.id); })) {
      CARNET_TRY_VOID(computation.add(each));
    }
  }
  CARNET_TRY_VOID(view.status());
  return computation.take();
}

Result<std::string> business_zone(View& view) {
  const auto row = view.tables().get<rental::LedgerRow>(view.table(rental::kLedgerProjection), 0);
  if (row.opened == 0) {
    return std::string("UTC");
  }
  CARNET_TRY(const AppliedEvent* opened, view.applied(row.opened));
  return opened == nullptr ? std::string("UTC")
                           : std::string(as_text(payload_as<schema::LedgerOpened>(opened->payload).getBusinessTz()));
}

}  // namespace carnet
