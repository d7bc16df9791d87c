// SPDX-License-Identifier: Apache-2.0
//
// import_rentals LEDGER FILE.csv[.gz]: the car-rental set as custody of vehicles and cancelled reservations, on basis
// history (DOMAIN.md §10). The file has no times: RentalClock gives them by a rule that the result states. What an
// option asks to invent carries the tag data/invented.
#include "rental_clock.hpp"
#include "support/import_host.hpp"

#include <carnet/schema/deposit.capnp.h>
#include <carnet/schema/rental.capnp.h>
#include <carnet/schema/reservation.capnp.h>
#include <carnet/schema/settlement.capnp.h>
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

using carnet::EventDraft;
using carnet::Money;
using carnet::Timestamp;
using example::ImportHost;
using example::Rejection;
using example::RentalClock;
using example::RentalTimes;

enum Column : std::size_t { kRental, kCar, kCheckin, kState, kDelay, kPrevious, kGap, kColumnCount };

constexpr std::array<std::string_view, kColumnCount> kColumns{"rental_id",
                                                              "car_id",
                                                              "checkin_type",
                                                              "state",
                                                              "delay_at_checkout_in_minutes",
                                                              "previous_ended_rental_id",
                                                              "time_delta_with_previous_rental_in_minutes"};
constexpr std::size_t kClockOnly = 2;

constexpr std::string_view kCurrency = "EUR";
constexpr std::string_view kDefaultBase = "2017-01-01T00:00:00Z";
constexpr std::string_view kInvented = "data/invented";
constexpr std::int64_t kHoldMinor = 500'00;
constexpr std::int64_t kHoldDays = 30;
constexpr std::int64_t kMinutesMax = std::int64_t{10} * 366 * 24 * 60;  // Ten years: far beyond any of the file.
constexpr std::int64_t kThousandths = 1000;

carnet::Currency currency() {
  return *carnet::Currency::parse(kCurrency);
}

bool is_rate(std::string_view text) {
  const auto rate = carnet::parse_decimal(text, currency());
  return rate.has_value() && rate->minor > 0;
}

constexpr example::FeedOption kOptions[] = {
    {"--base", "TIME", "when the first row starts (RFC 3339; default: 2017-01-01T00:00:00Z); the file has no times",
     [](std::string_view text) { return carnet::parse_timestamp(text).has_value(); }},
    {"--overtime-rate", "AMOUNT", "an amount in EUR a started hour late, as 12.50: charged, tagged data/invented",
     &is_rate},
    {"--invent-holds", "", "a hold of 500.00 EUR over every ended rental, tagged data/invented", nullptr},
};

constexpr example::Feed kFeed{.program = "import_rentals",
                              .what = "the car-rental set as custody of vehicles and cancelled reservations",
                              .source = "getaround",
                              .zone = "Europe/Paris",
                              .currency = kCurrency,
                              .jurisdiction = "FR",
                              .columns = kColumns,
                              .options = kOptions,
                              .guides = kClockOnly};

struct Options {
  std::optional<Money> overtime_rate;
  bool invent_holds = false;
};

struct Rental {
  std::string id;
  std::string car;
  bool attended = false;
  bool ended = false;
  std::optional<std::int64_t> delay;
  RentalTimes times;

  [[nodiscard]] Timestamp returned_at() const {
    return {times.planned_end.ns + delay.value_or(0) * RentalClock::kMinuteNs};
  }
};

/// False: not a whole number of minutes within ten years.
bool read_minutes(std::string_view text, std::optional<std::int64_t>& minutes) {
  if (text.empty()) {
    return true;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || std::abs(value) > kMinutesMax) {
    return false;
  }
  minutes = value;
  return true;
}

Rejection bad(Column column, std::string_view message) {
  return {.error = "BadValue", .column = std::string(kColumns[column]), .message = std::string(message)};
}

/// The row without its times.
std::variant<Rental, Rejection> read_rental(const ImportHost& host) {
  if (auto fault = host.row_fault()) {
    return *fault;
  }
  Rental rental{.id = std::string(host.field(kRental)),
                .car = std::string(host.field(kCar)),
                .attended = host.field(kCheckin) == "mobile",
                .ended = host.field(kState) == "ended",
                .delay = {},
                .times = {}};
  if (!rental.ended && host.field(kState) != "canceled") {
    return bad(kState, "neither ended nor canceled");
  }
  if (!rental.attended && host.field(kCheckin) != "connect") {
    return bad(kCheckin, "neither mobile nor connect");
  }
  std::optional<std::int64_t> gap;
  if (!read_minutes(host.field(kDelay), rental.delay)) {
    return bad(kDelay, "not a whole number of minutes within ten years");
  }
  if (!read_minutes(host.field(kGap), gap) || gap.value_or(0) < 0) {
    return bad(kGap, "not a whole number of minutes within ten years, 0 or more");
  }
  return rental;
}

// ---- The clock: a first reading of the file ----

RentalClock read_clock(const std::string& file, Timestamp base) {
  RentalClock clock(base);
  example::CsvReader reader;
  example::CsvRecord record;
  if (!reader.open(file) || !reader.next(record)) {
    return clock;
  }
  const example::CsvColumns header(record);
  std::array<std::size_t, kColumnCount> places{};
  for (std::size_t i = 0; i < kColumnCount; ++i) {
    places[i] = header.find(kColumns[i]).value_or(0);
  }
  while (reader.next(record)) {
    if (record.size() != header.names().size()) {
      continue;  // The second reading names it.
    }
    const auto field = [&](Column column) { return record.field(places[column]); };
    example::ClockRow row{.line = record.line(),
                          .rental = std::string(field(kRental)),
                          .car = std::string(field(kCar)),
                          .ended = field(kState) == "ended",
                          .delay_minutes = {},
                          .previous = std::string(field(kPrevious)),
                          .gap_minutes = {}};
    if (read_minutes(field(kDelay), row.delay_minutes) && read_minutes(field(kGap), row.gap_minutes)) {
      clock.add(std::move(row));
    }
  }
  clock.place();
  return clock;
}

// ---- Events ----

template <class Builder>
void set_rental(Builder event, const Rental& rental, const std::string& party) {
  event.setContractId(rental.id.c_str());
  event.setParty(party.c_str());
}

EventDraft cancellation_of(const Rental& rental, const std::string& party) {
  auto event = carnet::make_event<carnet::schema::ReservationCancelled>(
      "reservation/" + rental.id, rental.times.start, [&](auto cancelled) {
        cancelled.setReservationId(rental.id.c_str());
        cancelled.setParty(party.c_str());
        cancelled.setBy(carnet::schema::ReservationCancelled::By::CUSTOMER);
        cancelled.setReasonCode("notStated");
      });
  // "By the driver or the owner", says the set's description: one of them has to be written.
  event.findings.push_back({.code = "FieldMissing",
                            .severity = carnet::Severity::kWarning,
                            .path = "data.by",
                            .args = {{"taken", "customer"}}});
  if (rental.delay) {
    event.findings.push_back({.code = "ImplausibleValue",
                              .severity = carnet::Severity::kWarning,
                              .path = {},
                              .args = {{"delay", carnet::to_text(carnet::Duration{*rental.delay * 60})}}});
  }
  return event;
}

EventDraft handover_of(const Rental& rental, const std::string& party) {
  return carnet::make_event<carnet::schema::VehicleHandedOver>(
      "rental/" + rental.id, rental.times.start, [&](auto handover) {
        set_rental(handover, rental, party);
        handover.setVehicleId(rental.car.c_str());
        handover.setAt(rental.times.start.ns);
        carnet::set_box(handover.initPlannedReturn(), rental.times.planned_end);
        handover.setAttended(rental.attended);
      });
}

EventDraft return_of(const Rental& rental, const std::string& party) {
  const Timestamp at = rental.returned_at();
  auto event = carnet::make_event<carnet::schema::VehicleReturned>("rental/" + rental.id, at, [&](auto back) {
    set_rental(back, rental, party);
    back.setVehicleId(rental.car.c_str());
    back.setAt(at.ns);
    back.setAttended(rental.attended);
  });
  if (!rental.delay) {
    event.findings.push_back({.code = "TimeAssumed",
                              .severity = carnet::Severity::kInfo,
                              .path = "data.at",
                              .args = {{"taken", carnet::to_text(at)}}});
  } else if (std::abs(*rental.delay) > RentalClock::kLengthMinutes) {
    event.findings.push_back({.code = "ImplausibleValue",
                              .severity = carnet::Severity::kWarning,
                              .path = "data.at",
                              .args = {{"delay", carnet::to_text(carnet::Duration{*rental.delay * 60})}}});
  }
  return event;
}

EventDraft overtime_of(const Rental& rental, const std::string& party, Money rate) {
  const std::int64_t hours = (*rental.delay + 59) / 60;
  auto event = carnet::make_event<carnet::schema::ChargePosted>(
      "settlement/" + rental.id, rental.returned_at(), [&](auto charge) {
        set_rental(charge, rental, party);
        charge.setOrderId(rental.id.c_str());
        charge.setChargeId((rental.id + ".overtime").c_str());
        charge.setKind("overtime");
        charge.setPayer(carnet::schema::ChargePosted::Payer::CUSTOMER);
        charge.setQty(hours * kThousandths);
        carnet::set_money(charge.initUnitPrice(), rate);
        carnet::set_money(charge.initAmount(), {rate.minor * hours, rate.currency});
      });
  event.tags.emplace_back(kInvented);
  return event;
}

template <class Type, class Fill>
EventDraft hold_event(const Rental& rental, const std::string& party, Timestamp at, Fill&& fill) {
  auto event = carnet::make_event<Type>("deposit/" + rental.id, at, [&](auto hold) {
    set_rental(hold, rental, party);
    hold.setDepositId(rental.id.c_str());
    hold.setHoldId((rental.id + ".hold").c_str());
    carnet::set_money(hold.initAmount(), {kHoldMinor, currency()});
    fill(hold);
  });
  event.tags.emplace_back(kInvented);
  return event;
}

void add_hold(const Rental& rental, const std::string& party, std::vector<EventDraft>& events) {
  namespace schema = carnet::schema;
  const Timestamp from = rental.times.start;
  const Timestamp expires{from.ns + kHoldDays * 24 * 60 * RentalClock::kMinuteNs};
  events.push_back(hold_event<schema::PreAuthorizationRequested>(
      rental, party, from, [](auto hold) { hold.setPurpose(schema::DepositPurpose::SECURITY); }));
  events.push_back(hold_event<schema::PreAuthorizationFrozen>(rental, party, from, [&](auto hold) {
    hold.setPsp("invented");
    hold.setNetwork("invented");
    hold.setPspRef(rental.id.c_str());
    hold.setExpiresAt(expires.ns);
  }));
  if (rental.returned_at() >= expires) {
    events.push_back(hold_event<schema::PreAuthorizationExpired>(rental, party, expires, [](auto) {}));
    return;
  }
  events.push_back(hold_event<schema::DepositReleased>(rental, party, rental.returned_at(), [](auto release) {
    release.setInstrument(schema::DepositReleased::Instrument::PRE_AUTHORIZATION);
    release.setReason("settled");
  }));
}

void import_row(ImportHost& host, const RentalClock& clock, const Options& options) {
  auto read = read_rental(host);
  if (auto* rejection = std::get_if<Rejection>(&read); rejection != nullptr) {
    host.reject(std::move(*rejection));
    return;
  }
  Rental& rental = std::get<Rental>(read);
  rental.times = clock.at_line(host.line());
  const std::string party = "external/" + rental.id;
  carnet::Request request = host.new_request();
  if (!rental.ended) {
    request.events.push_back(cancellation_of(rental, party));
    host.submit(std::move(request));
    return;
  }
  request.events.push_back(handover_of(rental, party));
  request.events.push_back(return_of(rental, party));
  if (options.overtime_rate && rental.delay.value_or(0) > 0) {
    request.events.push_back(overtime_of(rental, party, *options.overtime_rate));
  }
  if (options.invent_holds) {
    add_hold(rental, party, request.events);
  }
  host.submit(std::move(request));
}

}  // namespace

int main(int argc, char** argv) {
  ImportHost host(kFeed);
  if (const auto ended = host.start(argc, argv)) {
    return *ended;
  }
  Options options;
  if (const auto rate = host.option("--overtime-rate")) {
    options.overtime_rate = *carnet::parse_decimal(*rate, currency());
    host.state("inventedOvertimeRate", example::json_string(carnet::to_text(*options.overtime_rate) + " an hour"));
  }
  options.invent_holds = host.option("--invent-holds").has_value();
  if (options.invent_holds) {
    host.state("inventedHold", example::json_string(carnet::to_text(Money{kHoldMinor, currency()})));
  }
  const std::string base = host.option("--base").value_or(std::string(kDefaultBase));
  const RentalClock clock = read_clock(host.file(), *carnet::parse_timestamp(base));
  host.state("clock", example::json_string(clock.rule()));
  while (host.next_row()) {
    import_row(host, clock, options);
  }
  return host.finish();
}
