// SPDX-License-Identifier: Apache-2.0
#include "rental/kpi_rows.hpp"

#include "base/calendar.hpp"

namespace carnet::rental {

namespace {

constexpr std::int64_t kDayNs = base::kSecondsPerDay * kNsPerSecond;
constexpr std::int64_t kDayShift = 1 << 20;  // Days of every Timestamp, from 1677 to 2262, are positive behind it.
constexpr std::int64_t kMonthsPerYear = 12;

}  // namespace

std::uint64_t KpiTables::hash(KpiList list, std::uint64_t a, std::uint64_t b) noexcept {
  // Each step can be taken back, so two lists never share a hash; the last ones spread it over the buckets.
  std::uint64_t mixed = (static_cast<std::uint64_t>(list) << 60U) | (a << 40U) | b;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31U);
}

std::uint64_t KpiTables::day_number(std::int64_t at_ns) noexcept {
  return static_cast<std::uint64_t>(base::floor_div(at_ns, kDayNs) + kDayShift);
}

std::uint64_t KpiTables::month_number(std::int64_t at_ns) noexcept {
  const base::CivilDate date = base::civil_from_days(base::floor_div(at_ns, kDayNs));
  return static_cast<std::uint64_t>(date.year * kMonthsPerYear + date.month - 1);
}

std::uint32_t KpiTables::head(KpiList list, std::uint64_t a, std::uint64_t b) const {
  std::uint32_t found = 0;
  lists().find(tables_, hash(list, a, b), [&](std::uint32_t /*index*/, const KpiListRow& row) {
    found = row.head;
    return false;
  });
  return found;
}

std::uint64_t KpiTables::first_item(std::uint64_t position) const {
  const std::uint64_t count = this->count(KpiTable::kItems);
  std::uint64_t low = 0;
  std::uint64_t high = count;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (get<KpiItemRow>(KpiTable::kItems, middle).position < position) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < count && get<KpiItemRow>(KpiTable::kItems, low).position == position ? low : count;
}

}  // namespace carnet::rental
