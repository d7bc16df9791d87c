// SPDX-License-Identifier: Apache-2.0
#include "verb_options.hpp"

#include <charconv>

namespace carnet::tool {

namespace {

std::optional<Moment> moment(std::string_view text) {
  if (const auto time = parse_timestamp(text)) {
    return *time;
  }
  const auto day = parse_local_date(text);
  return day && is_day_in_range(*day) ? std::optional<Moment>(*day) : std::nullopt;
}

}  // namespace

void refuse(std::string_view option, std::string_view why) {
  throw CLI::ValidationError(std::string(option), std::string(why));
}

std::optional<std::uint64_t> natural(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return !text.empty() && parsed.ec == std::errc() && parsed.ptr == end ? std::optional(value) : std::nullopt;
}

void parse_into(std::string_view option, const std::string& text, std::uint64_t& out) {
  const auto value = natural(text);
  if (!value) {
    refuse(option, "expected a whole number");
  }
  out = *value;
}

void parse_into(std::string_view option, const std::string& text, std::optional<Moment>& out) {
  out = moment(text);
  if (!out) {
    refuse(option, "expected a time (2024-01-31T08:00:00Z) or a day (2024-01-31) of the years 1678 to 2261");
  }
}

void parse_into(std::string_view option, const std::string& text, std::optional<KnownAt>& out) {
  if (const auto position = natural(text)) {
    out = KnownAt(*position);
  } else if (const auto time = moment(text)) {
    out = KnownAt(*time);
  } else {
    refuse(option, "expected a position, a time (2024-01-31T08:00:00Z) or a day (2024-01-31)");
  }
}

void parse_into(std::string_view option, const std::string& text, std::optional<Zone>& out) {
  auto zone = Zone::find(text);
  if (!zone) {
    refuse(option, zone.error().message());
  }
  out = *std::move(zone);
}

}  // namespace carnet::tool
