// SPDX-License-Identifier: Apache-2.0
//
// Guards of custody: who has the vehicle, and what its odometer shows.
#include "rental/guards.hpp"
#include "rental/money.hpp"

#include <fmt/format.h>

namespace carnet::rental {

namespace {

std::uint32_t rental_of(Decision& d) {
  return find_tag(d.event(), d.book().known().rental)->member;
}

std::uint32_t vehicle_out(Decision& d) {
  return custody_vehicle(d.book(), d.event(), d.facts(), true)->member;
}

std::uint32_t vehicle_back(Decision& d) {
  return custody_vehicle(d.book(), d.event(), d.facts(), false)->member;
}

/// Number of the handover that this return closes; 0: none is known.
std::uint32_t handover_of_return(Decision& d) {
  const CustodyState state = d.custody();
  return state.open_handover(state.rental(rental_of(d)), vehicle_back(d));
}

Timestamp time_of(Decision& d) {
  return custody_time(d.event(), d.facts());
}

std::optional<Broken> vehicle_free(Decision& d) {
  const CustodyState state = d.custody();
  std::optional<CustodyRow> other;
  if (d.book().ends_custody(d.type())) {
    const std::uint32_t handover = handover_of_return(d);
    other = handover == 0 ? std::nullopt : state.taken_within(handover, time_of(d).ns);
  }
  if (!other && d.book().begins_custody(d.type())) {
    other = state.taken_at(vehicle_out(d), time_of(d).ns, rental_of(d));
  }
  if (!other) {
    return std::nullopt;
  }
  return Broken{
      .message = "the vehicle was in the custody of another contract",
      .values = {{"vehicle", std::string(d.facts().vehicle_id.empty() ? d.facts().to_vehicle : d.facts().vehicle_id)},
                 {"position", fmt::to_string(other->position)},
                 {"from", to_text(Timestamp{other->at_ns})}}};
}

std::optional<Broken> same_vehicle(Decision& d) {
  const std::uint32_t handover = handover_of_return(d);
  if (handover == 0 || d.custody().event(handover).vehicle == vehicle_back(d)) {
    return std::nullopt;
  }
  return Broken{
      .message = "another vehicle returns than the contract has out",
      .values = {{"vehicle", std::string(d.facts().vehicle_id.empty() ? d.facts().from_vehicle : d.facts().vehicle_id)},
                 {"position", fmt::to_string(d.custody().event(handover).position)}}};
}

std::optional<Broken> return_after_handover(Decision& d) {
  const std::uint32_t handover = handover_of_return(d);
  if (handover == 0) {
    return std::nullopt;
  }
  const std::int64_t out = d.custody().event(handover).at_ns;
  if (time_of(d).ns >= out) {
    return std::nullopt;
  }
  return Broken{.message = "the return lies before the handover",
                .values = {{"handedOverAt", to_text(Timestamp{out})}, {"returnedAt", to_text(time_of(d))}}};
}

std::optional<Broken> odometer_rises(Decision& d) {
  if (!d.facts().odometer) {
    return std::nullopt;
  }
  const CustodyState state = d.custody();
  const std::uint32_t handover = d.book().ends_custody(d.type()) ? handover_of_return(d) : 0;
  const std::uint32_t before =
      handover != 0 ? state.event(handover).max_odometer
                    : state.odometer_before(find_tag(d.event(), d.book().known().vehicle)->member, d.facts().at.ns);
  if (*d.facts().odometer >= before) {
    return std::nullopt;
  }
  return Broken{.message = "the odometer shows less than before",
                .values = {{"odometer", fmt::to_string(*d.facts().odometer)}, {"before", fmt::to_string(before)}}};
}

}  // namespace

namespace guard {

const GuardRow kVehicleFree{"I-C7", "VehicleInCustody", "data.at", &vehicle_free};
const GuardRow kSameVehicle{"§3.2", "IllegalTransition", "data.vehicleId", &same_vehicle};
const GuardRow kReturnAfterHandover{"I-H8", "ReturnBeforeHandover", "data.at", &return_after_handover};
const GuardRow kOdometer{"I-H4", "OdometerDecreased", "data.odometer", &odometer_rises};

}  // namespace guard

}  // namespace carnet::rental
