// SPDX-License-Identifier: Apache-2.0
//
// Guards of custody: who has the vehicle, and what its odometer shows.
#include "rental/guards.hpp"
#include "rental/money.hpp"

#include <fmt/format.h>

namespace carnet::rental {

namespace {

/// Number of the handover that this return closes; 0: none is known.
std::uint32_t handover_of_return(Decision& d) {
  const CustodyState state = d.custody();
  const RentalRow rental = state.rental(find_tag(d.event(), d.book().known().rental)->member);
  return state.open_handover(rental, find_tag(d.event(), d.book().known().vehicle)->member);
}

std::optional<Broken> vehicle_free(Decision& d) {
  const CustodyState state = d.custody();
  const std::uint32_t rental = find_tag(d.event(), d.book().known().rental)->member;
  const ChainRef& vehicle = *find_tag(d.event(), d.book().known().vehicle);
  std::optional<CustodyRow> other;
  if (d.book().opens_custody(d.type())) {
    other = state.taken_at(vehicle.member, d.facts().at.ns, rental);
  } else if (const std::uint32_t handover = handover_of_return(d); handover != 0) {
    other = state.taken_within(handover, d.facts().at.ns);
  }
  if (!other) {
    return std::nullopt;
  }
  return Broken{.message = "the vehicle was in the custody of another contract",
                .values = {{"vehicle", std::string(d.facts().vehicle_id)},
                           {"position", fmt::to_string(other->position)},
                           {"from", to_text(Timestamp{other->at_ns})}}};
}

std::optional<Broken> same_vehicle(Decision& d) {
  const std::uint32_t handover = handover_of_return(d);
  if (handover == 0 || d.custody().event(handover).vehicle == find_tag(d.event(), d.book().known().vehicle)->member) {
    return std::nullopt;
  }
  return Broken{.message = "another vehicle returns than the contract has out",
                .values = {{"vehicle", std::string(d.facts().vehicle_id)},
                           {"position", fmt::to_string(d.custody().event(handover).position)}}};
}

std::optional<Broken> return_after_handover(Decision& d) {
  const std::uint32_t handover = handover_of_return(d);
  if (handover == 0) {
    return std::nullopt;
  }
  const std::int64_t out = d.custody().event(handover).at_ns;
  if (d.facts().at.ns >= out) {
    return std::nullopt;
  }
  return Broken{.message = "the return lies before the handover",
                .values = {{"handedOverAt", to_text(Timestamp{out})}, {"returnedAt", to_text(d.facts().at)}}};
}

std::optional<Broken> odometer_rises(Decision& d) {
  if (!d.facts().odometer) {
    return std::nullopt;
  }
  const CustodyState state = d.custody();
  const std::uint32_t handover = d.book().opens_custody(d.type()) ? 0 : handover_of_return(d);
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
