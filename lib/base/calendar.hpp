// SPDX-License-Identifier: Apache-2.0
//
// Calendar arithmetic in whole numbers (proleptic Gregorian), and the texts of <carnet/time.hpp> appended to a buffer
// for paths that print many of them. No locale, no time zones.
#pragma once

#include <carnet/time.hpp>

#include <cstdint>
#include <string>

namespace carnet::base {

inline constexpr std::int64_t kSecondsPerDay = 86'400;

/// A day of the calendar; year 0 is 1 BC.
struct CivilDate {
  std::int64_t year = 1970;
  std::int32_t month = 1;  ///< 1 … 12
  std::int32_t day = 1;    ///< 1 … 31

  friend constexpr bool operator==(const CivilDate&, const CivilDate&) = default;
};

[[nodiscard]] constexpr bool is_leap_year(std::int64_t year) noexcept {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Requires: month in 1 … 12.
[[nodiscard]] constexpr std::int32_t days_of_month(std::int64_t year, std::int32_t month) noexcept {
  constexpr std::int32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : kDays[month - 1];
}

/// Days since 1970-01-01. Requires: a day of the calendar, |year| < 10^12.
[[nodiscard]] constexpr std::int64_t days_from_civil(CivilDate date) noexcept {
  // Years begin in March here, so that the leap day is their last; an era is 400 years, 146,097 days.
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month_from_march = date.month + (date.month > 2 ? -3 : 9);
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

/// The day that is `days` after 1970-01-01. Requires: |days| < 10^14.
[[nodiscard]] constexpr CivilDate civil_from_days(std::int64_t days) noexcept {
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
  const auto day_of_era = static_cast<std::uint32_t>(shifted - era * 146'097);
  const std::uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint32_t month_from_march = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<std::int32_t>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const auto month = static_cast<std::int32_t>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {
      .year = static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), .month = month, .day = day};
}

/// Whole units in `value`, rounded down (also below zero). Requires: unit > 0.
[[nodiscard]] constexpr std::int64_t floor_div(std::int64_t value, std::int64_t unit) noexcept {
  const std::int64_t quotient = value / unit;
  return value % unit < 0 ? quotient - 1 : quotient;
}

/// The UTC day of a time.
[[nodiscard]] constexpr LocalDate utc_date(Timestamp time) noexcept {
  return {static_cast<std::int32_t>(floor_div(time.ns, kSecondsPerDay * kNsPerSecond))};
}

/// As carnet::to_text, appended to `out`: no allocation while `out` has room for 32 more bytes.
void append_text(std::string& out, Timestamp time);
void append_text(std::string& out, Duration duration);
void append_text(std::string& out, LocalDate date);

}  // namespace carnet::base
