// SPDX-License-Identifier: Apache-2.0
//
// Points in time and durations as the ledger stores them. Text forms follow RFC 3339 and ISO 8601.
// Stability: stable.
#pragma once

#include <carnet/result.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace carnet {

/// Nanoseconds since the Unix epoch, UTC. Leap seconds do not exist. Range: that of 64 bits, the years 1678 … 2261
/// whole (1677-09-21T00:12:43.145224192Z … 2262-04-11T23:47:16.854775807Z); every value has a text that reads back.
struct Timestamp {
  std::int64_t ns = 0;

  friend constexpr auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

/// Whole seconds.
struct Duration {
  std::int64_t seconds = 0;

  friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
};

/// Days since 1970-01-01 of the proleptic Gregorian calendar. Only the years 0000 … 9999 have a text that reads back.
struct LocalDate {
  std::int32_t days = 0;

  friend constexpr auto operator<=>(const LocalDate&, const LocalDate&) = default;
};

inline constexpr std::int64_t kNsPerSecond = 1'000'000'000;
inline constexpr LocalDate kLocalDateMin{-719'528};   ///< 0000-01-01
inline constexpr LocalDate kLocalDateMax{2'932'896};  ///< 9999-12-31

// Every function here: threads any; no locale, no clock, no time zone database.

/// Reads RFC 3339 (`2024-01-01T08:00:00Z`, `…+02:00`, up to nine digits of a fraction; `t` and `z` as the standard
/// allows; no leap second). Errors: kInvalidArgument `BadTime`, also for a time outside the range; the text is not
/// quoted in the message.
[[nodiscard]] Result<Timestamp> parse_timestamp(std::string_view text);
/// RFC 3339 in UTC with `Z`; the fraction has no trailing zeros and is absent when it is zero.
[[nodiscard]] std::string to_text(Timestamp time);

/// Reads ISO 8601 durations of weeks, days, hours, minutes, seconds (`PT15M`, `P7D`, `-PT1S`); no months or years,
/// weeks stand alone (`P2W`), no fractions. Errors: kInvalidArgument `BadDuration`, also for more seconds than 64 bits
/// hold; the text is not quoted.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);
/// Canonical ISO 8601: `P1DT2H3M4S` with absent zero parts; zero is `PT0S`.
[[nodiscard]] std::string to_text(Duration duration);

/// Reads `YYYY-MM-DD`, which must be a day of the calendar.
/// Errors: kInvalidArgument `BadDate`; the text is not quoted in the message.
[[nodiscard]] Result<LocalDate> parse_local_date(std::string_view text);
/// `YYYY-MM-DD`; a year outside 0000 … 9999 is printed with a sign and at least four digits.
[[nodiscard]] std::string to_text(LocalDate date);

}  // namespace carnet
