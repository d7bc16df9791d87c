// SPDX-License-Identifier: Apache-2.0
//
// Verb kpi: KPIs of a window beside those of the window before.
#include "base/int128.hpp"
#include "json.hpp"
#include "table.hpp"
#include "verbs.hpp"

#include <carnet/rental/kpi.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace carnet::tool {

namespace {

using base::Int128;
using Values = std::vector<KpiValue>;

/// numerator * scale / denominator to a whole number, half to even. Requires: there is a value; scale is small.
std::int64_t rounded(const KpiValue& value, std::int64_t scale) {
  const Int128 dividend = Int128{value.numerator} * scale;
  const Int128 divisor = value.denominator;
  Int128 quotient = dividend / divisor;
  Int128 rest = dividend % divisor;
  if (rest < 0) {
    --quotient;
    rest += divisor;
  }
  const Int128 twice = rest * 2;
  if (twice > divisor || (twice == divisor && quotient % 2 != 0)) {
    ++quotient;
  }
  return static_cast<std::int64_t>(quotient);
}

/// How many of the last digit that a unit shows make one.
std::int64_t scale_of(std::string_view unit) {
  if (unit == "share") {
    return 1000;  // Tenths of a percent.
  }
  return unit == "per100" ? 100 : 1;
}

std::string duration_text(std::int64_t seconds) {
  constexpr std::int64_t kHour = 3600;
  constexpr std::int64_t kMinute = 60;
  return fmt::format("{}:{:02}:{:02}", seconds / kHour, seconds % kHour / kMinute, seconds % kMinute);
}

/// `shown` counts last digits of the unit.
std::string shown_text(std::int64_t shown, const KpiInfo& info, Currency currency) {
  if (info.unit == "minor") {
    return number_text({shown, currency});
  }
  const std::string sign = shown < 0 ? "-" : "";
  const std::int64_t size = shown < 0 ? -shown : shown;
  if (info.unit == "s") {
    return sign + duration_text(size);
  }
  if (info.unit == "share") {
    return fmt::format("{}{}.{} %", sign, size / 10, size % 10);
  }
  return fmt::format("{}{}.{:02}", sign, size / 100, size % 100);
}

std::string value_text(const KpiValue& value, const KpiInfo& info) {
  return value.is_null() ? "-" : shown_text(rounded(value, scale_of(info.unit)), info, value.currency);
}

/// What changed since the window before; empty where one of them has no value.
std::string change_text(const KpiValue& value, const KpiValue& before, const KpiInfo& info) {
  if (value.is_null() || before.is_null()) {
    return {};
  }
  const std::int64_t scale = scale_of(info.unit);
  const std::int64_t now = rounded(value, scale);
  const std::int64_t then = rounded(before, scale);
  std::int64_t change = 0;
  if (__builtin_sub_overflow(now, then, &change) || change == 0) {
    return change == 0 ? "0" : std::string();
  }
  return (change > 0 ? "+" : "") + shown_text(change, info, value.currency);
}

const KpiInfo& info_of(const KpiValue& value) {
  return *std::ranges::find(kpi_catalogue(), value.id, &KpiInfo::id);
}

/// A value of this window and of the one before.
struct Pair {
  KpiValue now;
  KpiValue before;
};

/// A sum that nothing was booked on in one of the windows is 0 there; any other value is missing.
KpiValue nothing_of(const KpiValue& other) {
  KpiValue value;
  value.id = other.id;
  value.slice = other.slice;
  value.currency = other.currency;
  value.denominator = info_of(other).unit == "minor" ? 1 : 0;
  return value;
}

/// Of both windows, in the order of the catalogue.
std::vector<Pair> pairs_of(const Values& now, const Values& before) {
  std::vector<Pair> out;
  for (const KpiInfo& info : kpi_catalogue()) {
    std::map<std::pair<std::string, std::string>, Pair> pairs;
    for (const auto& [values, is_now] : {std::pair(&now, true), std::pair(&before, false)}) {
      for (const KpiValue& value : *values) {
        if (value.id == info.id) {
          Pair& pair =
              pairs.try_emplace({value.slice, value.currency.code()}, Pair{nothing_of(value), nothing_of(value)})
                  .first->second;
          if (is_now) {
            pair.now = value;
          } else {
            pair.before = value;
          }
        }
      }
    }
    for (auto& [key, pair] : pairs) {
      out.push_back(std::move(pair));
    }
  }
  return out;
}

std::string json_of(const KpiValue& value) {
  std::string json;
  JsonObject(json).number("numerator", value.numerator).number("denominator", value.denominator).end();
  return json;
}

void print_json(const Session& session, const std::vector<Pair>& pairs, const KpiWindow& window,
                const KpiWindow& before) {
  std::string json;
  for (const Pair& pair : pairs) {
    json.clear();
    const KpiInfo& info = info_of(pair.now);
    JsonObject object(json);
    object.text("kpi", info.id)
        .text("name", info.name)
        .text("nameZh", info.name_zh)
        .text_if_any("slice", pair.now.slice)
        .text("window", to_text(window))
        .text("zone", window.zone)
        .text("unit", info.unit)
        .text_if_any("currency", pair.now.currency.code());
    if (pair.now.is_null()) {
      object.null("value");
    } else {
      object.raw("value", json_of(pair.now));
    }
    object.number("n", pair.now.n).number("aside", pair.now.aside).text("previousWindow", to_text(before));
    if (!pair.before.is_null()) {
      object.raw("previous", json_of(pair.before));
    } else {
      object.null("previous");
    }
    object.end();
    session.out.json_line(json);
  }
}

void print_table(const Session& session, const std::vector<Pair>& pairs, const KpiWindow& window,
                 const KpiWindow& before) {
  Table table(session.out, {{"KPI"},
                            {"name", base::Align::kLeft, true},
                            {"of", base::Align::kLeft, true},
                            {to_text(window), base::Align::kRight},
                            {"from", base::Align::kRight},
                            {"aside", base::Align::kRight},
                            {to_text(before), base::Align::kRight},
                            {"change", base::Align::kRight},
                            {"currency"}});
  for (const Pair& pair : pairs) {
    const KpiInfo& info = info_of(pair.now);
    const bool is_money = info.unit == "minor";
    table.row({std::string(info.id), std::string(info.name), pair.now.slice, value_text(pair.now, info),
               is_money ? count_text(pair.now.n) : fmt::format("{}/{}", pair.now.numerator, pair.now.denominator),
               pair.now.aside == 0 ? std::string() : count_text(pair.now.aside), value_text(pair.before, info),
               change_text(pair.now, pair.before, info), pair.now.currency.code()});
  }
  table.finish();
}

Result<KpiWindow> window_asked(View& view, const KpiCommand& command, std::string_view zone) {
  if (!command.window.empty()) {
    return parse_window(command.window, zone);
  }
  CARNET_TRY(const LocalDate day, local_day(view.head().recorded_at, zone));
  return window_of(WindowKind::kMonth, day, zone);
}

}  // namespace

Result<Exit> run(const Session& session, const KpiCommand& command) {
  CARNET_TRY(const Ledger::Opened opened, open_for_reading(session));
  CARNET_TRY(const std::unique_ptr<View> view, opened.ledger->view());
  CARNET_TRY(const Zone zone, zone_for(session, *view, command.zone));
  KpiQuery query;
  CARNET_TRY(query.window, window_asked(*view, command, zone.name()));
  query.include_history = command.include_history;
  if (!command.kpi.empty()) {
    query.ids.push_back(command.kpi);
  }
  if (command.known_at) {
    CARNET_TRY(query.known_at, position_known_at(*view, *command.known_at, zone));
  }
  KpiQuery earlier = query;
  CARNET_TRY(earlier.window, previous_window(query.window));
  CARNET_TRY(const Values now, compute_kpis(*view, query));
  CARNET_TRY(const Values before, compute_kpis(*view, earlier));
  const std::vector<Pair> pairs = pairs_of(now, before);
  if (session.json()) {
    print_json(session, pairs, query.window, earlier.window);
  } else {
    print_table(session, pairs, query.window, earlier.window);
  }
  return Exit::kDone;
}

}  // namespace carnet::tool
