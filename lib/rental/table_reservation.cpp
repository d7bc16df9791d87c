// SPDX-License-Identifier: Apache-2.0
//
// Quotes and reservations: DOMAIN §2.4, §3.2.
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/reservation.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

constexpr Kinds kAny = 0;

using Result = schema::SpecialRequestResolved::Result;

constexpr Kinds kIfPrepared = kinds(Result::PREPARED);
constexpr Kinds kIfDeclined = kinds(Result::DECLINED);

const std::array kEvents{
    event_row<schema::QuoteIssued>(),
    event_row<schema::ReservationPlaced>(),
    event_row<schema::ReservationConfirmed>(),
    event_row<schema::ReservationAmended>(),
    event_row<schema::ReservationCancelled>(),
    event_row<schema::ReservationMarkedNoShow>(),
    event_row<schema::ReservationFulfilled>(),
    event_row<schema::SpecialRequestRecorded>(),
    event_row<schema::SpecialRequestResolved>(),
};

// clang-format off
constexpr auto kFields = std::to_array<FieldRow>({
    // event, stream family, one of, listed in Assumed on history, refused on every basis
    {"QuoteIssued", "", "accountId,party", false, false},
    {"ReservationPlaced", "", "orderId", true, false},
    {"ReservationPlaced", "", "accountId,party", false, false},
    {"ReservationConfirmed", "", "orderId", true, false},
    {"ReservationConfirmed", "", "accountId,party", false, false},
    {"ReservationAmended", "", "orderId", true, false},
    {"ReservationAmended", "", "accountId,party", false, false},
    {"ReservationCancelled", "", "orderId", true, false},
    {"ReservationCancelled", "", "accountId,party", false, false},
    {"ReservationMarkedNoShow", "", "orderId", true, false},
    {"ReservationMarkedNoShow", "", "accountId,party", false, false},
    {"ReservationFulfilled", "", "orderId", true, false},
    {"ReservationFulfilled", "", "accountId,party", false, false},
    {"SpecialRequestRecorded", "", "orderId", true, false},
    {"SpecialRequestRecorded", "", "accountId,party", false, false},
    {"SpecialRequestResolved", "", "orderId", true, false},
    {"SpecialRequestResolved", "", "accountId,party", false, false},
});

constexpr auto kMachines = std::to_array<MachineRow>({
    // machine, name, page, states, projection, family, key, sums, links, accounts
    {kReservation, "reservation", "§3.2", "quoted placed confirmed cancelled noShow fulfilled", "reservations",
     "reservation", "", "", "order"},
    {kSpecialRequest, "specialRequest", "§3.2", "open prepared declined", "reservations", "reservation", "requestId",
     "", "reservation"},
    // Which reservation and contract an order is about: each asks for the other by it.
    {kBooking, "booking", "§2.4", "booked", "reservations", "order", "", "", "reservation rental"},
});

constexpr auto kLifecycles = std::to_array<LifecycleRow>({
    // machine, state, event, kinds → next while something remains, next when nothing does; error on `decision`; finding
    {kReservation, kNone, "QuoteIssued", kAny, kQuoted, kQuoted},
    {kReservation, kNone, "ReservationPlaced", kAny, kPlaced, kPlaced},
    {kReservation, kQuoted, "QuoteIssued", kAny, kStay, kStay},
    {kReservation, kQuoted, "ReservationPlaced", kAny, kPlaced, kPlaced},
    {kReservation, kPlaced, "ReservationConfirmed", kAny, kConfirmed, kConfirmed},
    {kReservation, kPlaced, "ReservationCancelled", kAny, kReservationCancelled, kReservationCancelled},
    {kReservation, kPlaced, "ReservationAmended", kAny, kStay, kStay},
    {kReservation, kPlaced, "SpecialRequestRecorded", kAny, kStay, kStay},
    {kReservation, kConfirmed, "ReservationAmended", kAny, kStay, kStay},
    {kReservation, kConfirmed, "SpecialRequestRecorded", kAny, kStay, kStay},
    {kReservation, kConfirmed, "SpecialRequestResolved", kAny, kStay, kStay},
    {kReservation, kConfirmed, "ReservationCancelled", kAny, kReservationCancelled, kReservationCancelled},
    {kReservation, kConfirmed, "ReservationMarkedNoShow", kAny, kNoShow, kNoShow},
    {kReservation, kConfirmed, "ReservationFulfilled", kAny, kFulfilled, kFulfilled},

    {kSpecialRequest, kNone, "SpecialRequestRecorded", kAny, kRequestOpen, kRequestOpen},
    {kSpecialRequest, kRequestOpen, "SpecialRequestRecorded", kAny, kStay, kStay},
    {kSpecialRequest, kNone, "SpecialRequestResolved", kIfPrepared, kPrepared, kPrepared, "RequestUnknown"},
    {kSpecialRequest, kNone, "SpecialRequestResolved", kIfDeclined, kDeclined, kDeclined, "RequestUnknown"},
    {kSpecialRequest, kRequestOpen, "SpecialRequestResolved", kIfPrepared, kPrepared, kPrepared},
    {kSpecialRequest, kRequestOpen, "SpecialRequestResolved", kIfDeclined, kDeclined, kDeclined},

    {kBooking, kNone, "ReservationPlaced", kAny, kBooked, kBooked},
    {kBooking, kBooked, "ReservationPlaced", kAny, kStay, kStay},
    {kBooking, kNone, "RentalContractDrafted", kAny, kBooked, kBooked},
    {kBooking, kBooked, "RentalContractDrafted", kAny, kStay, kStay},
});

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kReservation, "QuoteIssued", kAny, kNone, ""},
    {kReservation, "ReservationPlaced", kAny, kNone, ""},
    {kReservation, "ReservationConfirmed", kAny, kPlaced, "ReservationPlaced"},
    {kReservation, "ReservationAmended", kAny, kPlaced, "ReservationPlaced"},
    {kReservation, "ReservationCancelled", kAny, kPlaced, "ReservationPlaced"},
    {kReservation, "SpecialRequestRecorded", kAny, kPlaced, "ReservationPlaced"},
    {kReservation, "SpecialRequestResolved", kAny, kConfirmed, "ReservationPlaced,ReservationConfirmed"},
    {kReservation, "ReservationMarkedNoShow", kAny, kConfirmed, "ReservationPlaced,ReservationConfirmed"},
    {kReservation, "ReservationFulfilled", kAny, kConfirmed, "ReservationPlaced,ReservationConfirmed"},
    {kSpecialRequest, "SpecialRequestRecorded", kAny, kNone, ""},
    {kSpecialRequest, "SpecialRequestResolved", kAny, kRequestOpen, "SpecialRequestRecorded"},
    {kBooking, "ReservationPlaced", kAny, kNone, ""},
    {kBooking, "RentalContractDrafted", kAny, kNone, ""},
});

constexpr auto kMarkRows = std::to_array<MarkRow>({
    {kReservation, "ReservationConfirmed", 0},
    {kReservation, "ReservationPlaced", 1},
    {kReservation, "QuoteIssued", 2},
    {kReservation, "SpecialRequestRecorded", 3},  // Journaled: a handover looks whether one is open.
});

constexpr Guard kOfQuote[] = {&guard::kPricePublished};
constexpr Guard kOfPlaced[] = {&guard::kAccountActive};
constexpr Guard kOfConfirmed[] = {&guard::kConfirmationComplete};
constexpr Guard kOfEnded[] = {&guard::kFeeChargeKnown, &guard::kFeeOfConfirmation};
constexpr Guard kOfFulfilled[] = {&guard::kContractKnown};

const std::array kGuards{
    GuardUse{"QuoteIssued", kAny, kOfQuote},
    GuardUse{"ReservationPlaced", kAny, kOfPlaced},
    GuardUse{"ReservationConfirmed", kAny, kOfConfirmed},
    GuardUse{"ReservationCancelled", kAny, kOfEnded},
    GuardUse{"ReservationMarkedNoShow", kAny, kOfEnded},
    GuardUse{"ReservationFulfilled", kAny, kOfFulfilled},
};
// clang-format on

}  // namespace

FamilyTables reservation_family() {
  return {.events = kEvents,
          .fields = kFields,
          .machines = kMachines,
          .lifecycles = kLifecycles,
          .assumed = kAssumed,
          .marks = kMarkRows,
          .guards = kGuards};
}

}  // namespace carnet::rental
