// SPDX-License-Identifier: Apache-2.0
//
// Windows of KPIs on the local calendar (DOMAIN §5).
#include "rental/kpi_window.hpp"

#include "base/calendar.hpp"

#include <carnet/rental/kpi.hpp>

#include <date/tz.h>
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <exception>
#include <limits>

namespace carnet {

namespace {

using base::CivilDate;

constexpr int kMonthsPerYear = 12;
constexpr int kMonthsPerQuarter = 3;
constexpr int kMonthsPerHalf = 6;
constexpr int kDaysPerWeek = 7;
constexpr int kThursday = 3;  // After Monday: the day that tells whose year's week it is.
// Every instant of these days is a Timestamp, in every zone.
constexpr std::int64_t kFirstYear = 1678;
constexpr std::int64_t kLastYear = 2261;

Error bad_window() {
  return {ErrorCode::kInvalidArgument, "BadWindow",
          "a window is a year, half-year, quarter, month, ISO week or FROM..TO of the years 1678 to 2261: 2026, "
          "2026-H2, 2026-Q3, 2026-09, 2026-W40, 2026-09-01..2026-09-15"};
}

LocalDate date_of(std::int64_t year, std::int64_t month_from_0, int day = 1) {
  const std::int64_t months = year * kMonthsPerYear + month_from_0;
  return {static_cast<std::int32_t>(base::days_from_civil(
      {.year = base::floor_div(months, kMonthsPerYear),
       .month = static_cast<std::int32_t>(months - base::floor_div(months, kMonthsPerYear) * kMonthsPerYear) + 1,
       .day = day}))};
}

int weekday_from_monday(LocalDate day) {
  const std::int64_t shifted = std::int64_t{day.days} + kThursday;  // 1970-01-01 was a Thursday.
  return static_cast<int>(shifted - base::floor_div(shifted, kDaysPerWeek) * kDaysPerWeek);
}

CivilDate civil(LocalDate day) {
  return base::civil_from_days(day.days);
}

/// Monday of the week that holds the day.
LocalDate monday(LocalDate day) {
  return {day.days - weekday_from_monday(day)};
}

std::optional<int> number(std::string_view text, std::size_t digits) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return text.size() == digits && parsed.ec == std::errc() && parsed.ptr == end && value >= 0 ? std::optional(value)
                                                                                              : std::nullopt;
}

int months_of(WindowKind kind) {
  switch (kind) {
    case WindowKind::kMonth:
      return 1;
    case WindowKind::kQuarter:
      return kMonthsPerQuarter;
    case WindowKind::kHalfYear:
      return kMonthsPerHalf;
    default:
      return kMonthsPerYear;
  }
}

bool in_range(LocalDate day) {
  return day >= date_of(kFirstYear, 0) && day <= date_of(kLastYear + 1, 0);
}

Result<KpiWindow> checked(KpiWindow window) {
  if (window.end <= window.first || !in_range(window.first) || !in_range(window.end)) {
    return bad_window();
  }
  CARNET_TRY_VOID(rental::find_zone(window.zone));
  return window;
}

Result<KpiWindow> custom(std::string_view text, std::string_view zone) {
  const std::size_t dots = text.find("..");
  const auto first = parse_local_date(text.substr(0, dots));
  const auto end = parse_local_date(text.substr(dots + 2));
  if (!first || !end) {
    return bad_window();
  }
  return checked({.kind = WindowKind::kCustom, .first = *first, .end = *end, .zone = std::string(zone)});
}

}  // namespace

Result<KpiWindow> window_of(WindowKind kind, LocalDate day, std::string_view zone) {
  if (!in_range(day)) {
    return bad_window();
  }
  KpiWindow window{.kind = kind, .first = day, .end = {day.days + 1}, .zone = std::string(zone)};
  if (kind == WindowKind::kWeek) {
    window.first = monday(day);
    window.end = {window.first.days + kDaysPerWeek};
  } else if (kind != WindowKind::kCustom) {
    const CivilDate date = civil(day);
    const int months = months_of(kind);
    const int begin = (date.month - 1) / months * months;
    window.first = date_of(date.year, begin);
    window.end = date_of(date.year, begin + months);
  }
  return checked(std::move(window));
}

Result<KpiWindow> parse_window(std::string_view text, std::string_view zone) {
  constexpr std::size_t kYearDigits = 4;
  if (text.find("..") != std::string_view::npos) {
    return custom(text, zone);
  }
  const auto year = number(text.substr(0, kYearDigits), kYearDigits);
  if (!year || *year < kFirstYear || *year > kLastYear) {
    return bad_window();
  }
  if (text.size() == kYearDigits) {
    return window_of(WindowKind::kYear, date_of(*year, 0), zone);
  }
  const std::string_view rest = text.substr(kYearDigits);
  const char letter = rest.size() > 1 ? rest[1] : '\0';
  const auto of = [&](std::size_t from, std::size_t digits, int most) -> std::optional<int> {
    const auto value = number(rest.substr(from), digits);
    return value && *value >= 1 && *value <= most && rest[0] == '-' ? value : std::nullopt;
  };
  if (letter == 'Q' || letter == 'H') {
    const int months = letter == 'Q' ? kMonthsPerQuarter : kMonthsPerHalf;
    if (const auto part = of(2, 1, kMonthsPerYear / months)) {
      return window_of(letter == 'Q' ? WindowKind::kQuarter : WindowKind::kHalfYear,
                       date_of(*year, (*part - 1) * months), zone);
    }
  } else if (letter == 'W') {
    constexpr int kWeeksMost = 53;
    if (const auto week = of(2, 2, kWeeksMost)) {
      // The first week is that of the year's first Thursday, so it holds January 4.
      const LocalDate first{monday(date_of(*year, 0, kThursday + 1)).days + (*week - 1) * kDaysPerWeek};
      if (civil({first.days + kThursday}).year == *year) {
        return window_of(WindowKind::kWeek, first, zone);
      }
    }
  } else if (const auto month = rest.size() > 1 ? of(1, 2, kMonthsPerYear) : std::nullopt) {
    return window_of(WindowKind::kMonth, date_of(*year, *month - 1), zone);
  }
  return bad_window();
}

Result<KpiWindow> previous_window(const KpiWindow& window) {
  if (window.kind != WindowKind::kCustom) {
    return window_of(window.kind, {window.first.days - 1}, window.zone);
  }
  const std::int64_t first = std::int64_t{window.first.days} * 2 - window.end.days;
  if (first < date_of(kFirstYear, 0).days) {
    return bad_window();
  }
  KpiWindow before = window;
  before.end = window.first;
  before.first = {static_cast<std::int32_t>(first)};
  return checked(std::move(before));
}

std::string to_text(const KpiWindow& window) {
  const CivilDate first = civil(window.first);
  switch (window.kind) {
    case WindowKind::kWeek: {
      const LocalDate thursday{window.first.days + kThursday};
      const std::int64_t year = civil(thursday).year;
      return fmt::format("{:04}-W{:02}", year, (thursday.days - date_of(year, 0).days) / kDaysPerWeek + 1);
    }
    case WindowKind::kMonth:
      return fmt::format("{:04}-{:02}", first.year, first.month);
    case WindowKind::kQuarter:
      return fmt::format("{:04}-Q{}", first.year, (first.month - 1) / kMonthsPerQuarter + 1);
    case WindowKind::kHalfYear:
      return fmt::format("{:04}-H{}", first.year, (first.month - 1) / kMonthsPerHalf + 1);
    case WindowKind::kYear:
      return fmt::format("{:04}", first.year);
    case WindowKind::kCustom:
      break;
  }
  return fmt::format("{}..{}", to_text(window.first), to_text(window.end));
}

Result<LocalDate> local_day(Timestamp time, std::string_view zone) {
  CARNET_TRY(const date::time_zone* found, rental::find_zone(zone));
  return rental::local_date(time, *found);
}

namespace rental {

Result<const date::time_zone*> find_zone(std::string_view name) {
  // The library reports by exceptions; they end here.
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::exception&) {
    return Error(ErrorCode::kInvalidArgument, "ZoneUnknown", "the time zone is not a name of the IANA database");
  }
}

LocalDate local_date(Timestamp time, const date::time_zone& zone) {
  const std::int64_t seconds = base::floor_div(time.ns, kNsPerSecond);
  const auto offset = zone.get_info(date::sys_seconds(std::chrono::seconds(seconds))).offset.count();
  return {static_cast<std::int32_t>(base::floor_div(seconds + offset, base::kSecondsPerDay))};
}

std::int64_t start_of(LocalDate day, const date::time_zone& zone) {
  const date::local_seconds midnight{std::chrono::seconds(std::int64_t{day.days} * base::kSecondsPerDay)};
  return zone.to_sys(midnight, date::choose::earliest).time_since_epoch().count() * kNsPerSecond;
}

}  // namespace rental

}  // namespace carnet
