// SPDX-License-Identifier: Apache-2.0
//
// Times, durations and dates as text, both ways, by integer arithmetic alone.
#include "base/calendar.hpp"
#include "base/int128.hpp"

#include <carnet/time.hpp>

#include <charconv>
#include <cstring>
#include <limits>
#include <optional>

namespace carnet {

namespace {

using base::CivilDate;

constexpr std::size_t kTextBytesMax = 40;  ///< Longest: a duration of 64 bits, 33.

Error bad_time() {
  return {ErrorCode::kInvalidArgument, "BadTime",
          "not an RFC 3339 time such as 2024-01-01T08:00:00Z, from 1677-09-21 to 2262-04-11"};
}

Error bad_duration() {
  return {ErrorCode::kInvalidArgument, "BadDuration",
          "not an ISO 8601 duration of weeks, or of days, hours, minutes and seconds, such as P1DT12H"};
}

Error bad_date() {
  return {ErrorCode::kInvalidArgument, "BadDate", "not a day of the calendar in the form 2024-01-31"};
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// The number that `count` digits at `at` form; -1 when one of them is no digit. Requires: they are inside `text`.
std::int32_t digits_at(std::string_view text, std::size_t at, std::size_t count) noexcept {
  std::int32_t value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!is_digit(text[i])) {
      return -1;
    }
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/// Days since 1970-01-01 of the `YYYY-MM-DD` that `text` starts with.
std::optional<std::int64_t> days_at_front(std::string_view text) noexcept {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') {
    return std::nullopt;
  }
  const std::int32_t year = digits_at(text, 0, 4);
  const std::int32_t month = digits_at(text, 5, 2);
  const std::int32_t day = digits_at(text, 8, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > base::days_of_month(year, month)) {
    return std::nullopt;
  }
  return base::days_from_civil({.year = year, .month = month, .day = day});
}

/// Seconds of the day of the `HH:MM:SS` at `at`. Requires: eight bytes there.
std::optional<std::int64_t> seconds_of_day_at(std::string_view text, std::size_t at) noexcept {
  const std::int32_t hour = digits_at(text, at, 2);
  const std::int32_t minute = digits_at(text, at + 3, 2);
  const std::int32_t second = digits_at(text, at + 6, 2);
  if (text[at + 2] != ':' || text[at + 5] != ':' || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59) {
    return std::nullopt;
  }
  return hour * 3600 + minute * 60 + second;
}

/// Seconds that a `Z` or `±HH:MM` is east of UTC.
std::optional<std::int64_t> offset_seconds(std::string_view text) noexcept {
  if (text == "Z" || text == "z") {
    return 0;
  }
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
    return std::nullopt;
  }
  const std::int32_t hour = digits_at(text, 1, 2);
  const std::int32_t minute = digits_at(text, 4, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) {
    return std::nullopt;
  }
  const std::int64_t seconds = hour * 3600 + minute * 60;
  return text[0] == '-' ? -seconds : seconds;
}

/// Takes `.` and one to nine digits off the front, if there is a `.`; nanoseconds.
std::optional<std::int64_t> take_fraction(std::string_view& text) noexcept {
  if (text.empty() || text[0] != '.') {
    return 0;
  }
  std::int64_t ns = 0;
  std::int64_t unit = kNsPerSecond;
  std::size_t at = 1;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    unit /= 10;
    if (unit == 0) {
      return std::nullopt;
    }
    ns += unit * (text[at] - '0');
  }
  if (at == 1) {
    return std::nullopt;
  }
  text.remove_prefix(at);
  return ns;
}

/// Digits and one letter of `units` off the front of `text`; `units` loses what stands up to that letter.
struct DurationPart {
  std::uint64_t count = 0;
  char unit = '\0';
};

std::optional<DurationPart> take_duration_part(std::string_view& text, std::string_view& units) noexcept {
  DurationPart part;
  const char* const end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, part.count);
  if (error != std::errc() || after == end) {
    return std::nullopt;
  }
  part.unit = *after;
  const std::size_t place = units.find(part.unit);
  if (place == std::string_view::npos) {
    return std::nullopt;
  }
  units.remove_prefix(place + 1);
  text.remove_prefix(static_cast<std::size_t>(after - text.data()) + 1);
  return part;
}

/// Requires: one of `WDHMS`.
std::uint64_t seconds_of_unit(char unit) noexcept {
  switch (unit) {
    case 'W':
      return 7 * base::kSecondsPerDay;
    case 'D':
      return base::kSecondsPerDay;
    case 'H':
      return 3600;
    case 'M':
      return 60;
    default:
      return 1;
  }
}

/// Parts in `text`, each at most once and in the order of `units`, added to `total`; false when the text is not that.
bool add_duration_parts(std::string_view text, std::string_view units, std::uint64_t& total) noexcept {
  while (!text.empty()) {
    const std::optional<DurationPart> part = take_duration_part(text, units);
    std::uint64_t seconds = 0;
    if (!part || __builtin_mul_overflow(part->count, seconds_of_unit(part->unit), &seconds) ||
        __builtin_add_overflow(total, seconds, &total)) {
      return false;
    }
  }
  return true;
}

// Writers: each writes at `to` and returns the place after what it wrote.

/// Requires: value in 0 … 99.
char* put_two(char* to, std::int64_t value) noexcept {
  const auto small = static_cast<std::uint32_t>(value);
  to[0] = static_cast<char>('0' + small / 10);
  to[1] = static_cast<char>('0' + small % 10);
  return to + 2;
}

char* put_number(char* to, std::uint64_t value) noexcept {
  return std::to_chars(to, to + 20, value).ptr;
}

char* put_date(char* to, std::int64_t days) noexcept {
  const CivilDate date = base::civil_from_days(days);
  if (date.year >= 0 && date.year <= 9999) {
    to = put_two(to, date.year / 100);
    to = put_two(to, date.year % 100);
  } else {
    *to++ = date.year < 0 ? '-' : '+';
    const auto year = static_cast<std::uint64_t>(date.year < 0 ? -date.year : date.year);
    for (std::uint64_t unit = 1000; unit > 1 && year < unit; unit /= 10) {
      *to++ = '0';
    }
    to = put_number(to, year);
  }
  *to++ = '-';
  to = put_two(to, date.month);
  *to++ = '-';
  return put_two(to, date.day);
}

char* put_fraction(char* to, std::int64_t ns) noexcept {
  if (ns == 0) {
    return to;
  }
  *to = '.';
  char* last = to + 9;
  for (char* at = last; at != to; --at) {
    *at = static_cast<char>('0' + ns % 10);
    ns /= 10;
  }
  while (*last == '0') {
    --last;
  }
  return last + 1;
}

char* put(char* to, Timestamp time) noexcept {
  const std::int64_t seconds = base::floor_div(time.ns, kNsPerSecond);
  // `time.ns - seconds * kNsPerSecond` would overflow at the lower end of the range.
  const std::int64_t remainder = time.ns % kNsPerSecond;
  const std::int64_t ns = remainder < 0 ? remainder + kNsPerSecond : remainder;
  const std::int64_t days = base::floor_div(seconds, base::kSecondsPerDay);
  const std::int64_t of_day = seconds - days * base::kSecondsPerDay;
  to = put_date(to, days);
  *to++ = 'T';
  to = put_two(to, of_day / 3600);
  *to++ = ':';
  to = put_two(to, of_day / 60 % 60);
  *to++ = ':';
  to = put_two(to, of_day % 60);
  to = put_fraction(to, ns);
  *to++ = 'Z';
  return to;
}

char* put(char* to, Duration duration) noexcept {
  // Unsigned, because the lowest value has no positive counterpart.
  auto left = static_cast<std::uint64_t>(duration.seconds);
  if (duration.seconds < 0) {
    *to++ = '-';
    left = 0 - left;
  }
  *to++ = 'P';
  constexpr std::uint64_t kDay = base::kSecondsPerDay;
  if (left >= kDay) {
    to = put_number(to, left / kDay);
    *to++ = 'D';
    left %= kDay;
    if (left == 0) {
      return to;
    }
  }
  *to++ = 'T';
  if (left >= 3600) {
    to = put_number(to, left / 3600);
    *to++ = 'H';
  }
  if (left / 60 % 60 != 0) {
    to = put_number(to, left / 60 % 60);
    *to++ = 'M';
  }
  if (left % 60 != 0 || duration.seconds == 0) {
    to = put_number(to, left % 60);
    *to++ = 'S';
  }
  return to;
}

char* put(char* to, LocalDate date) noexcept {
  return put_date(to, date.days);
}

template <class T>
std::string text_of(T value) {
  char buffer[kTextBytesMax];
  return {buffer, put(buffer, value)};
}

template <class T>
void append_text_of(std::string& out, T value) {
  char buffer[kTextBytesMax];
  out.append(buffer, put(buffer, value));
}

}  // namespace

Result<Timestamp> parse_timestamp(std::string_view text) {
  constexpr std::size_t kTimeAt = 11;
  constexpr std::size_t kAfterSeconds = 19;
  if (text.size() <= kAfterSeconds || (text[kTimeAt - 1] != 'T' && text[kTimeAt - 1] != 't')) {
    return bad_time();
  }
  const std::optional<std::int64_t> days = days_at_front(text);
  const std::optional<std::int64_t> of_day = seconds_of_day_at(text, kTimeAt);
  std::string_view rest = text.substr(kAfterSeconds);
  const std::optional<std::int64_t> fraction = take_fraction(rest);
  const std::optional<std::int64_t> offset = offset_seconds(rest);
  if (!days || !of_day || !fraction || !offset) {
    return bad_time();
  }
  const std::int64_t seconds = *days * base::kSecondsPerDay + *of_day - *offset;
  const base::Int128 ns = static_cast<base::Int128>(seconds) * kNsPerSecond + *fraction;
  if (ns < std::numeric_limits<std::int64_t>::min() || ns > std::numeric_limits<std::int64_t>::max()) {
    return bad_time();
  }
  return Timestamp{static_cast<std::int64_t>(ns)};
}

Result<Duration> parse_duration(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) {
    text.remove_prefix(1);
  }
  if (text.size() < 3 || text[0] != 'P') {
    return bad_duration();
  }
  text.remove_prefix(1);
  std::uint64_t total = 0;
  const std::size_t time_at = text.find('T');
  if (text.back() == 'W') {
    if (!add_duration_parts(text, "W", total)) {
      return bad_duration();
    }
  } else {
    const bool has_time = time_at != std::string_view::npos;
    if (!add_duration_parts(text.substr(0, time_at), "D", total) ||
        (has_time && (time_at + 1 == text.size() || !add_duration_parts(text.substr(time_at + 1), "HMS", total)))) {
      return bad_duration();
    }
  }
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (total > kMax + (negative ? 1 : 0)) {
    return bad_duration();
  }
  // Well defined since C++20, also for the lowest value.
  return Duration{static_cast<std::int64_t>(negative ? 0 - total : total)};
}

Result<LocalDate> parse_local_date(std::string_view text) {
  const std::optional<std::int64_t> days = days_at_front(text);
  if (text.size() != 10 || !days) {
    return bad_date();
  }
  return LocalDate{static_cast<std::int32_t>(*days)};
}

std::string to_text(Timestamp time) {
  return text_of(time);
}

std::string to_text(Duration duration) {
  return text_of(duration);
}

std::string to_text(LocalDate date) {
  return text_of(date);
}

namespace base {

void append_text(std::string& out, Timestamp time) {
  append_text_of(out, time);
}

void append_text(std::string& out, Duration duration) {
  append_text_of(out, duration);
}

void append_text(std::string& out, LocalDate date) {
  append_text_of(out, date);
}

}  // namespace base

}  // namespace carnet
