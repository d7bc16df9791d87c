// SPDX-License-Identifier: Apache-2.0
//
// What projection `kpi` keeps (ADR 0013). An item is what one event says for one KPI term about one subject; a money
// row is one transfer that counts into a sum. Both are only ever added; an item ends when it is corrected or reversed,
// and both positions stand in it: what was known at an earlier position is read from the same rows.
#pragma once

#include "base/int128.hpp"
#include "rental/key_index.hpp"
#include "rental/kpi_rules.hpp"

#include <carnet/projection.hpp>

#include <cstdint>

namespace carnet::rental {

inline constexpr std::string_view kKpiProjection = "kpi";

/// Its tables, in this order.
enum class KpiTable : std::uint16_t {
  kItems,
  kMoney,
  kSeries,
  kBuckets,
  kLists,
  kOpens,
  kMonths,
  kHead,
  kViolations,
  kClaims
};

struct KpiItemRow {
  std::uint64_t position = 0;  ///< Of the event. Rows stand in this order.
  std::uint64_t ended = 0;     ///< Position of the correction or reversal that took it away; 0: it stands.
  std::int64_t at_ns = 0;      ///< When it counts: occurredAt of the event, or of the one that it corrects.
  std::int64_t value = 0;
  std::uint64_t key = 0;             ///< By term: what tells it apart, or another member plus 1.
  std::uint32_t before_in_day = 0;   ///< Item of the same term and day, plus 1.
  std::uint32_t before_of_same = 0;  ///< Item of the same subject, plus 1.
  std::uint32_t subject = 0;         ///< Member of the group's family, plus 1.
  std::uint32_t party = 0;           ///< As party_code() gives it.
  std::uint32_t order = 0;           ///< Member of family `order`, plus 1.
  KpiTerm term = KpiTerm::kNoTerm;
  std::uint8_t group = 0;
  std::uint8_t history = 0;
};

struct KpiMoneyRow {
  std::uint64_t position = 0;
  std::int64_t at_ns = 0;  ///< bookedAt
  std::int64_t value = 0;
  std::uint64_t sum_low = 0;  ///< Of this row and those before it of its series and day, in 128 bits.
  std::int64_t sum_high = 0;
  std::uint64_t count = 0;   ///< Of those rows.
  std::uint32_t before = 0;  ///< Of the same series and day, plus 1.
  std::uint32_t series = 0;
};

/// A sum in one currency, on one basis; of revenue also one ledger account.
struct KpiSeriesRow {
  std::int32_t first_day = 0;
  std::int32_t last_day = 0;
  std::uint32_t currency = 0;
  std::uint32_t account = 0;
  std::uint16_t sum = 0;  ///< KpiSum
  std::uint16_t history = 0;
  std::uint32_t reserved = 0;
};

/// Where a list begins, by what it is a list of (`hash` is one to one).
struct KpiListRow {
  std::uint64_t hash = 0;
  std::uint32_t next = 0;
  std::uint32_t head = 0;  ///< Row, plus 1.
};

/// A subject whose interval was open from one position to another.
struct KpiOpenRow {
  std::uint64_t opened = 0;
  std::uint64_t left = 0;  ///< 0: it is open.
  std::uint32_t subject = 0;
  std::uint32_t group = 0;
  std::uint32_t before = 0;  ///< Neighbours among the open ones, plus 1.
  std::uint32_t after = 0;
  std::uint32_t left_before = 0;  ///< The one that was left before it, plus 1.
  std::uint32_t reserved = 0;
};

/// A subject whose interval reaches into a month.
struct KpiMonthRow {
  std::uint32_t subject = 0;
  std::uint32_t before = 0;
};

struct KpiHeadRow {
  std::uint32_t open = 0;  ///< First of the open ones, plus 1.
  std::uint32_t left = 0;  ///< The one that was left last, plus 1.
};

/// By member of family `violation`.
struct KpiViolationRow {
  std::uint32_t receivable_account = 0;
  std::uint32_t credit_account = 0;
  std::uint32_t rental = 0;  ///< Member, plus 1.
  std::uint32_t reserved = 0;
};

static_assert(rows_are_plain<KpiItemRow, KpiMoneyRow, KpiSeriesRow, KpiListRow, KpiOpenRow, KpiMonthRow, KpiHeadRow,
                             KpiViolationRow>(),
              "rows are compared as bytes");

/// What a list is of.
enum class KpiList : std::uint8_t { kDay = 1, kSubject, kMoneyDay, kSeries, kOpen, kMonth };

/// Tables of the projection as folds and queries read them. Threads: as the reader.
class KpiTables {
 public:
  KpiTables(TableReader& tables, TableId first) : tables_(tables), first_(first) {}

  [[nodiscard]] TableId table(KpiTable which) const { return table_at(first_, static_cast<std::uint16_t>(which)); }

  template <class Row>
  [[nodiscard]] Row get(KpiTable which, std::uint64_t index) const {
    return tables_.get<Row>(table(which), index);
  }

  [[nodiscard]] KpiItemRow item(std::uint32_t number) const { return get<KpiItemRow>(KpiTable::kItems, number - 1); }

  [[nodiscard]] std::uint64_t count(KpiTable which) const { return tables_.row_count(table(which)); }

  /// Row plus 1 that the list begins with; 0: it is empty. `a` below 2^20, `b` below 2^40.
  [[nodiscard]] std::uint32_t head(KpiList list, std::uint64_t a, std::uint64_t b) const;
  /// First item of the event at `position`; the count of items if it has none.
  [[nodiscard]] std::uint64_t first_item(std::uint64_t position) const;

  /// What a money row sums up.
  [[nodiscard]] static base::Int128 sum_of(const KpiMoneyRow& row) noexcept {
    return (base::Int128{row.sum_high} * (base::Int128{1} << 64)) + row.sum_low;
  }

  [[nodiscard]] static std::uint64_t hash(KpiList list, std::uint64_t a, std::uint64_t b) noexcept;
  /// A UTC day or month as a list names it.
  [[nodiscard]] static std::uint64_t day_number(std::int64_t at_ns) noexcept;
  [[nodiscard]] static std::uint64_t month_number(std::int64_t at_ns) noexcept;

 protected:
  [[nodiscard]] HashTable<KpiListRow> lists() const { return {table(KpiTable::kBuckets), table(KpiTable::kLists)}; }

  TableReader& tables_;
  TableId first_;
};

}  // namespace carnet::rental
