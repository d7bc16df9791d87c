// SPDX-License-Identifier: Apache-2.0
//
// Quotes and reservations: DOMAIN §2.4, §3.2.
#include "rental/facts.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/reservation.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

const std::array kEvents{event_row<schema::ReservationCancelled>()};

constexpr std::string_view kNotes[] = {"ReservationCancelled"};

}  // namespace

FamilyTables reservation_family() {
  return {.events = kEvents, .notes = kNotes};
}

}  // namespace carnet::rental
