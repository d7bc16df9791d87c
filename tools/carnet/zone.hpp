// SPDX-License-Identifier: Apache-2.0
//
// Time zones of the IANA database, for what people read: tables, months, and days that were given without a time.
#pragma once

#include <carnet/result.hpp>
#include <carnet/time.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace date {
class time_zone;
}  // namespace date

namespace carnet::tool {

/// A zone and the offset that was looked up last. One thread at a time.
class Zone {
 public:
  /// Errors: kInvalidArgument `ZoneUnknown`; kStorage `ZonesMissing` when the machine has no time zone database.
  [[nodiscard]] static Result<Zone> find(std::string_view name);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// RFC 3339 with the zone's offset (`Z` for UTC): what every TIME option takes back.
  [[nodiscard]] std::string text(Timestamp time);
  /// `2024-01`
  [[nodiscard]] std::string month(Timestamp time);
  /// First instant of a day; where clocks skip midnight, the first one there is. Requires: is_day_in_range(day).
  [[nodiscard]] Timestamp start_of(LocalDate day) const;
  /// Last nanosecond of a day. Requires: is_day_in_range(day).
  [[nodiscard]] Timestamp end_of(LocalDate day) const;

 private:
  Zone(std::string name, const date::time_zone* zone) : name_(std::move(name)), zone_(zone) {}

  void look_up(std::int64_t seconds);

  std::string name_;
  const date::time_zone* zone_;  // the database lives as long as the process
  std::int64_t begin_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t end_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t offset_ = 0;
};

/// True when the day and its neighbours lie in the range of Timestamp, in every zone.
[[nodiscard]] bool is_day_in_range(LocalDate day) noexcept;

}  // namespace carnet::tool
