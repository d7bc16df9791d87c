// SPDX-License-Identifier: Apache-2.0
#include "zone.hpp"

#include "base/calendar.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>

namespace carnet::tool {

namespace {

constexpr std::int64_t kMinutesPerHour = 60;
constexpr std::int64_t kSecondsPerMinute = 60;

}  // namespace

Result<Zone> Zone::find(std::string_view name) {
  // The library reports by exceptions; they end here.
  try {
    static_cast<void>(date::get_tzdb());
  } catch (const std::exception&) {
    return Error(ErrorCode::kStorage, "ZonesMissing",
                 "the time zone database cannot be read: install the package tzdata");
  }
  try {
    return Zone(std::string(name), date::locate_zone(std::string(name)));
  } catch (const std::exception&) {
    return Error(ErrorCode::kInvalidArgument, "ZoneUnknown",
                 "no time zone has this name: give an IANA name such as Europe/Rome", {{"zone", std::string(name)}});
  }
}

void Zone::look_up(std::int64_t seconds) {
  if (seconds >= begin_ && seconds < end_) {
    return;
  }
  const date::sys_info info = zone_->get_info(date::sys_seconds(std::chrono::seconds(seconds)));
  begin_ = info.begin.time_since_epoch().count();
  end_ = info.end.time_since_epoch().count();
  offset_ = info.offset.count();
}

std::string Zone::text(Timestamp time) {
  look_up(base::floor_div(time.ns, kNsPerSecond));
  if (offset_ == 0) {
    return to_text(time);
  }
  // Seconds of an offset (before zones were whole minutes) do not fit RFC 3339: such times stay in UTC.
  const std::int64_t local = time.ns / kNsPerSecond + offset_;
  if (offset_ % kSecondsPerMinute != 0 || local <= std::numeric_limits<std::int64_t>::min() / kNsPerSecond + 1 ||
      local >= std::numeric_limits<std::int64_t>::max() / kNsPerSecond - 1) {
    return to_text(time);
  }
  std::string out = to_text(Timestamp{time.ns + offset_ * kNsPerSecond});
  out.pop_back();  // Z
  const std::int64_t minutes = std::abs(offset_) / kSecondsPerMinute;
  out += fmt::format("{}{:02}:{:02}", offset_ < 0 ? '-' : '+', minutes / kMinutesPerHour, minutes % kMinutesPerHour);
  return out;
}

std::string Zone::month(Timestamp time) {
  const std::int64_t seconds = base::floor_div(time.ns, kNsPerSecond);
  look_up(seconds);
  const base::CivilDate date = base::civil_from_days(base::floor_div(seconds + offset_, base::kSecondsPerDay));
  return fmt::format("{:04}-{:02}", date.year, date.month);
}

Timestamp Zone::start_of(LocalDate day) const {
  const date::local_seconds midnight{std::chrono::seconds(std::int64_t{day.days} * base::kSecondsPerDay)};
  return {zone_->to_sys(midnight, date::choose::earliest).time_since_epoch().count() * kNsPerSecond};
}

Timestamp Zone::end_of(LocalDate day) const {
  return {start_of(LocalDate{day.days + 1}).ns - 1};
}

bool is_day_in_range(LocalDate day) noexcept {
  constexpr std::int64_t kDayNs = base::kSecondsPerDay * kNsPerSecond;
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min() / kDayNs + 3;
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max() / kDayNs - 3;
  return day.days >= kFirst && day.days <= kLast;
}

}  // namespace carnet::tool
