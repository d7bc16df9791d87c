// SPDX-License-Identifier: Apache-2.0
//
// import_trips LEDGER FILE.csv[.gz]: trips of the bike-share set as custody of vehicles, on basis history (DOMAIN.md
// §10). A trip is a VehicleHandedOver and a VehicleReturned in one commit. Its times are local times of
// America/Los_Angeles although marked `Z`.
#include "support/import_host.hpp"
#include "support/local_time.hpp"

#include <carnet/schema/rental.capnp.h>
#include <carnet/typed.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace {

using carnet::StatedFinding;
using carnet::Timestamp;
using example::ImportHost;
using example::Rejection;

enum Column : std::size_t { kTrip, kDuration, kStart, kStartTerminal, kEnd, kEndTerminal, kBike, kColumnCount };

constexpr std::array<std::string_view, kColumnCount> kColumns{
    "trip_id", "duration", "start_date", "start_terminal", "end_date", "end_terminal", "bike_id"};

constexpr std::string_view kZone = "America/Los_Angeles";
constexpr std::int64_t kMinuteSeconds = 60;  // Start and end are given in whole minutes.

constexpr example::Feed kFeed{.program = "import_trips",
                              .what = "trips of the bike-share set as custody of vehicles",
                              .source = "bikeshare",
                              .zone = kZone,
                              .currency = "USD",
                              .jurisdiction = "US",
                              .columns = kColumns};

struct Trip {
  std::string id;
  std::string bike;
  std::string start_terminal;
  std::string end_terminal;
  std::string start_text;
  std::string end_text;
  std::int64_t duration = 0;
  example::LocalInstants start;
  example::LocalInstants end;
};

/// A place in the two candidate lists.
struct Choice {
  Timestamp start;
  Timestamp end;
};

std::variant<Trip, Rejection> read_trip(const ImportHost& host, const example::LocalZone& zone) {
  if (auto fault = host.row_fault()) {
    return *fault;
  }
  Trip trip{.id = std::string(host.field(kTrip)),
            .bike = std::string(host.field(kBike)),
            .start_terminal = std::string(host.field(kStartTerminal)),
            .end_terminal = std::string(host.field(kEndTerminal)),
            .start_text = std::string(host.field(kStart)),
            .end_text = std::string(host.field(kEnd)),
            .duration = 0,
            .start = {},
            .end = {}};
  const std::string_view duration = host.field(kDuration);
  const auto [end, error] = std::from_chars(duration.data(), duration.data() + duration.size(), trip.duration);
  if (error != std::errc() || end != duration.data() + duration.size() || trip.duration < 0) {
    return Rejection{.error = "BadValue", .column = "duration", .message = "not a count of seconds"};
  }
  for (const auto& [text, column, instants] :
       {std::tuple{&trip.start_text, "start_date", &trip.start}, std::tuple{&trip.end_text, "end_date", &trip.end}}) {
    std::string_view rest;
    const auto local = example::parse_local_seconds(*text, &rest);
    if (!local || (!rest.empty() && rest != "Z")) {
      return Rejection{.error = "BadTime", .column = column, .message = "not a time of the form YYYY-MM-DDThh:mm:ssZ"};
    }
    *instants = zone.instants(*local);
  }
  return trip;
}

/// Where the clock showed a time twice, the pair that the given duration fits best; the earlier one where it does not
/// tell.
std::optional<Choice> choose(const Trip& trip) {
  std::optional<Choice> best;
  std::int64_t best_distance = 0;
  for (const Timestamp start : trip.start.candidates) {
    for (const Timestamp end : trip.end.candidates) {
      if (end < start) {
        continue;
      }
      const std::int64_t distance = std::abs((end.ns - start.ns) / carnet::kNsPerSecond - trip.duration);
      if (!best || distance < best_distance) {
        best = Choice{start, end};
        best_distance = distance;
      }
    }
  }
  return best;
}

void state_clock_findings(const example::LocalInstants& instants, std::string_view local, Timestamp taken,
                          carnet::EventDraft& event) {
  if (!instants.ambiguous() && !instants.skipped) {
    return;
  }
  event.findings.push_back(
      {.code = instants.skipped ? "NonexistentLocalTime" : "AmbiguousLocalTime",
       .severity = instants.skipped ? carnet::Severity::kWarning : carnet::Severity::kInfo,
       .path = "data.at",
       .args = {{"local", std::string(local)}, {"zone", std::string(kZone)}, {"taken", carnet::to_text(taken)}}});
}

carnet::EventDraft handover_of(const Trip& trip, Timestamp at) {
  auto event = carnet::make_event<carnet::schema::VehicleHandedOver>("rental/" + trip.id, at, [&](auto handover) {
    handover.setContractId(trip.id.c_str());
    handover.setVehicleId(trip.bike.c_str());
    if (!trip.start_terminal.empty()) {
      handover.setBranchId(trip.start_terminal.c_str());
    }
    handover.setAt(at.ns);
    handover.setAttended(false);
  });
  state_clock_findings(trip.start, trip.start_text, at, event);
  return event;
}

carnet::EventDraft return_of(const Trip& trip, const Choice& times) {
  auto event = carnet::make_event<carnet::schema::VehicleReturned>("rental/" + trip.id, times.end, [&](auto back) {
    back.setContractId(trip.id.c_str());
    back.setVehicleId(trip.bike.c_str());
    if (!trip.end_terminal.empty()) {
      back.setBranchId(trip.end_terminal.c_str());
    }
    back.setAt(times.end.ns);
    back.setAttended(false);
    carnet::set_box(back.initDurationGiven(), carnet::Duration{trip.duration});
  });
  state_clock_findings(trip.end, trip.end_text, times.end, event);
  const std::int64_t between = (times.end.ns - times.start.ns) / carnet::kNsPerSecond;
  if (std::abs(between - trip.duration) >= kMinuteSeconds) {
    event.findings.push_back({.code = "DurationDisagrees",
                              .severity = carnet::Severity::kWarning,
                              .path = "data.durationGiven",
                              .args = {{"given", carnet::to_text(carnet::Duration{trip.duration})},
                                       {"between", carnet::to_text(carnet::Duration{between})}}});
  }
  return event;
}

void import_row(ImportHost& host, const example::LocalZone& zone) {
  auto read = read_trip(host, zone);
  if (auto* rejection = std::get_if<Rejection>(&read); rejection != nullptr) {
    host.reject(std::move(*rejection));
    return;
  }
  const Trip& trip = std::get<Trip>(read);
  const std::optional<Choice> times = choose(trip);
  if (!times) {
    host.reject({.error = "ReturnBeforeHandover", .column = "end_date", .message = "the trip ends before it starts"});
    return;
  }
  carnet::Request request = host.new_request();
  request.events.push_back(handover_of(trip, times->start));
  request.events.push_back(return_of(trip, *times));
  host.submit(std::move(request));
}

}  // namespace

int main(int argc, char** argv) {
  ImportHost host(kFeed);
  if (const auto ended = host.start(argc, argv)) {
    return *ended;
  }
  const example::LocalZone zone{std::string(kZone)};
  while (host.next_row()) {
    import_row(host, zone);
  }
  return host.finish();
}
