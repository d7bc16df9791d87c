// SPDX-License-Identifier: Apache-2.0
//
// Local times of a zone as instants: a time in the repeated hour has two, one in the skipped hour has none. Nothing is
// guessed here; the caller chooses and says so.
#pragma once

#include <carnet/time.hpp>

#include <date/tz.h>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace example {

/// Instants that a local time may mean.
struct LocalInstants {
  std::vector<carnet::Timestamp> candidates;  ///< In order of time: one, or two in the repeated hour.
  bool skipped = false;  ///< The clock never showed it: the one candidate continues the offset from before the gap.

  [[nodiscard]] bool ambiguous() const noexcept { return candidates.size() > 1; }
};

/// Reads `YYYY-MM-DDThh:mm:ss` or `YYYY-MM-DD`; anything behind the seconds is left to the caller in `rest`.
[[nodiscard]] inline std::optional<std::int64_t> parse_local_seconds(std::string_view text, std::string_view* rest) {
  // The ledger's own reader knows the calendar; a local time is read as if it were UTC.
  constexpr std::size_t kDate = 10;
  constexpr std::size_t kDateTime = 19;
  if (text.size() < kDate) {
    return std::nullopt;
  }
  const bool has_time = text.size() >= kDateTime;
  const std::string as_utc = has_time ? std::string(text.substr(0, kDateTime)) + "Z" : std::string(text) + "T00:00:00Z";
  *rest = has_time ? text.substr(kDateTime) : std::string_view{};
  const auto time = carnet::parse_timestamp(as_utc);
  return time ? std::optional(time->ns / carnet::kNsPerSecond) : std::nullopt;
}

class LocalZone {
 public:
  /// Requires: a name of the time zone database.
  explicit LocalZone(const std::string& name) : zone_(date::locate_zone(name)) {}

  [[nodiscard]] LocalInstants instants(std::int64_t local_seconds) const {
    const date::local_seconds local{std::chrono::seconds(local_seconds)};
    const date::local_info info = zone_->get_info(local);
    const auto at = [&](const date::sys_info& offset) {
      return carnet::Timestamp{(local_seconds - offset.offset.count()) * carnet::kNsPerSecond};
    };
    LocalInstants out;
    out.candidates.push_back(at(info.first));
    if (info.result == date::local_info::ambiguous) {
      out.candidates.push_back(at(info.second));
    }
    out.skipped = info.result == date::local_info::nonexistent;
    return out;
  }

 private:
  const date::time_zone* zone_;
};

}  // namespace example
