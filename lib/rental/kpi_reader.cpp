// SPDX-License-Identifier: Apache-2.0
#include "rental/kpi_reader.hpp"

#include <algorithm>
#include <tuple>

namespace carnet::rental {

std::optional<KpiItemRow> KpiReader::last(KpiGroup group, std::uint32_t subject, KpiTerm term) const {
  std::optional<KpiItemRow> found;
  for_each_of(group, subject, [&](const KpiItemRow& row) {
    if (row.term == term && (!found || is_later(row, *found))) {
      found = row;
    }
  });
  return found;
}

std::uint32_t KpiReader::survivor(std::uint32_t account) const {
  // A chain of mergers ends; a circle, which no ledger should hold, is left at its second round.
  std::set<std::uint32_t> seen;
  while (seen.insert(account).second) {
    std::uint32_t next = 0;
    for (std::uint32_t number = head(KpiList::kSubject, static_cast<std::uint64_t>(KpiGroup::kAccount), account);
         number != 0 && next == 0;) {
      const KpiItemRow row = item(number);
      const bool known = row.position <= known_at_ && (row.ended == 0 || row.ended > known_at_);
      next = known && row.term == KpiTerm::kMerged ? static_cast<std::uint32_t>(row.value) : 0;
      number = row.before_of_same;
    }
    if (next == 0) {
      break;
    }
    account = next;
  }
  return account;
}

void KpiReader::candidates(KpiGroup group, KpiSpan span, std::set<std::uint32_t>& out) const {
  const auto number = static_cast<std::uint64_t>(group);
  for (std::uint64_t month = month_number(span.begin); month <= month_number(span.end - 1); ++month) {
    for (std::uint32_t next = head(KpiList::kMonth, number, month); next != 0;) {
      const auto row = get<KpiMonthRow>(KpiTable::kMonths, next - 1);
      out.insert(row.subject);
      next = row.before;
    }
  }
  const auto lists = get<KpiHeadRow>(KpiTable::kHead, 0);
  for (std::uint32_t next = lists.open; next != 0;) {
    const auto row = get<KpiOpenRow>(KpiTable::kOpens, next - 1);
    if (row.group == number) {
      out.insert(row.subject);
    }
    next = row.after;
  }
  for (std::uint32_t next = lists.left; next != 0;) {
    const auto row = get<KpiOpenRow>(KpiTable::kOpens, next - 1);
    if (row.left <= known_at_) {
      break;
    }
    if (row.group == number) {
      out.insert(row.subject);
    }
    next = row.left_before;
  }
}

std::uint32_t KpiReader::customer(KpiGroup group, std::uint32_t subject, KpiSpan span) const {
  std::vector<KpiItemRow> moves;
  for_each_of(group, subject, [&](const KpiItemRow& row) {
    if (row.term == KpiTerm::kBegun || row.term == KpiTerm::kEnded) {
      moves.push_back(row);
    }
  });
  const auto place = [](const KpiItemRow& row) { return std::tuple(row.value, row.term, row.position); };
  std::ranges::sort(moves, [&](const KpiItemRow& a, const KpiItemRow& b) { return place(a) < place(b); });
  const KpiItemRow* begun = nullptr;
  const auto party_within = [&](const KpiItemRow& begin, std::optional<std::int64_t> end) -> std::uint32_t {
    const bool is_point = end && *end == begin.value;
    const bool overlaps = is_point ? span.holds(begin.value) : begin.value < span.end && (!end || *end > span.begin);
    return overlaps && is_account(begin.party) ? begin.party : 0;
  };
  for (const KpiItemRow& row : moves) {
    if (row.term == KpiTerm::kBegun) {
      begun = begun == nullptr ? &row : begun;
      continue;
    }
    // An end without a beginning is all that is known of it.
    const std::uint32_t party = party_within(begun == nullptr ? row : *begun, row.value);
    if (party != 0) {
      return party;
    }
    begun = nullptr;
  }
  return begun == nullptr ? 0 : party_within(*begun, std::nullopt);
}

std::set<std::uint32_t> KpiReader::customers(KpiGroup group, KpiSpan span) const {
  std::set<std::uint32_t> subjects;
  candidates(group, span, subjects);
  std::set<std::uint32_t> out;
  for (const std::uint32_t subject : subjects) {
    if (const std::uint32_t account = customer(group, subject, span); account != 0) {
      out.insert(survivor(account));
    }
  }
  return out;
}

KpiMoney KpiReader::money(std::uint64_t index, KpiSpan span) const {
  const KpiSeriesRow row = series(index);
  const auto first = std::max(day_number(span.begin), static_cast<std::uint64_t>(row.first_day));
  const auto last = std::min(day_number(span.end - 1), static_cast<std::uint64_t>(row.last_day));
  KpiMoney money;
  for (std::uint64_t day = first; day <= last; ++day) {
    // Only the days at the edges hold bookings of both sides.
    const bool is_whole = day != day_number(span.begin) && day != day_number(span.end - 1);
    for (std::uint32_t next = head(KpiList::kMoneyDay, index + 1, day); next != 0;) {
      const auto booked = get<KpiMoneyRow>(KpiTable::kMoney, next - 1);
      next = booked.before;
      if (booked.position > known_at_) {
        continue;
      }
      if (is_whole) {
        money.sum += sum_of(booked);
        money.count += booked.count;
        break;
      }
      if (span.holds(booked.at_ns)) {
        money.sum += booked.value;
        ++money.count;
      }
    }
  }
  return money;
}

}  // namespace carnet::rental
