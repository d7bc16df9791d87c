// SPDX-License-Identifier: Apache-2.0
//
// Items and sums of projection `kpi` as they stood at a position.
#pragma once

#include "base/int128.hpp"
#include "rental/kpi_rows.hpp"
#include "rental/rule_book.hpp"

#include <carnet/projection.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace carnet::rental {

/// Instants [begin, end), in nanoseconds.
struct KpiSpan {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  [[nodiscard]] bool holds(std::int64_t at_ns) const noexcept { return begin <= at_ns && at_ns < end; }
};

/// Whether an item stands behind another: greatest (occurredAt, position).
[[nodiscard]] inline bool is_later(const KpiItemRow& one, const KpiItemRow& other) noexcept {
  return std::pair(one.at_ns, one.position) > std::pair(other.at_ns, other.position);
}

/// True for a customer that is known: an account.
[[nodiscard]] inline bool is_account(std::uint32_t party) noexcept {
  return party != 0 && (party & kExternalParty) == 0;
}

/// A sum of money and how many transfers it is of.
struct KpiMoney {
  base::Int128 sum = 0;
  std::uint64_t count = 0;
};

/// Threads: as the reader.
class KpiReader : public KpiTables {
 public:
  KpiReader(TableReader& tables, TableId first, std::uint64_t known_at, bool include_history)
      : KpiTables(tables, first), known_at_(known_at), include_history_(include_history) {}

  [[nodiscard]] std::uint64_t known_at() const noexcept { return known_at_; }

  [[nodiscard]] bool stands(const KpiItemRow& row) const noexcept {
    return row.position <= known_at_ && (row.ended == 0 || row.ended > known_at_) &&
           (row.history == 0 || include_history_);
  }

  /// Calls `visit(row)` for the items of a term that count within the span; newest of each day first.
  template <class Visit>
  void for_each_within(KpiTerm term, KpiSpan span, Visit&& visit) const {
    for (std::uint64_t day = day_number(span.begin); day <= day_number(span.end - 1); ++day) {
      for (std::uint32_t next = head(KpiList::kDay, static_cast<std::uint64_t>(term), day); next != 0;) {
        const KpiItemRow row = item(next);
        if (span.holds(row.at_ns) && stands(row)) {
          visit(row);
        }
        next = row.before_in_day;
      }
    }
  }

  /// Calls `visit(row)` for the items of a subject, newest first.
  template <class Visit>
  void for_each_of(KpiGroup group, std::uint32_t subject, Visit&& visit) const {
    for (std::uint32_t next = head(KpiList::kSubject, static_cast<std::uint64_t>(group), subject); next != 0;) {
      const KpiItemRow row = item(next);
      if (stands(row)) {
        visit(row);
      }
      next = row.before_of_same;
    }
  }

  /// The latest item of a term of a subject.
  [[nodiscard]] std::optional<KpiItemRow> last(KpiGroup group, std::uint32_t subject, KpiTerm term) const;

  [[nodiscard]] bool has(KpiGroup group, std::uint32_t subject, KpiTerm term) const {
    return last(group, subject, term).has_value();
  }

  /// The account that an account (member plus 1) went into, by mergers known.
  [[nodiscard]] std::uint32_t survivor(std::uint32_t account) const;
  /// Accounts whose custody or trip overlaps the span.
  [[nodiscard]] std::set<std::uint32_t> customers(KpiGroup group, KpiSpan span) const;

  [[nodiscard]] std::uint64_t series_count() const { return count(KpiTable::kSeries); }

  [[nodiscard]] KpiSeriesRow series(std::uint64_t index) const { return get<KpiSeriesRow>(KpiTable::kSeries, index); }

  /// What a series booked within the span.
  [[nodiscard]] KpiMoney money(std::uint64_t index, KpiSpan span) const;

  [[nodiscard]] bool counts(const KpiSeriesRow& row) const noexcept { return row.history == 0 || include_history_; }

 private:
  void candidates(KpiGroup group, KpiSpan span, std::set<std::uint32_t>& out) const;
  [[nodiscard]] std::uint32_t customer(KpiGroup group, std::uint32_t subject, KpiSpan span) const;

  std::uint64_t known_at_;
  bool include_history_;
};

}  // namespace carnet::rental
