// SPDX-License-Identifier: Apache-2.0
//
// The rental contract and custody of the vehicle: DOMAIN §2.5, §3.2.
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/rental.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

constexpr Kinds kAny = 0;

const std::array kEvents{
    event_row<schema::VehicleHandedOver>(),
    event_row<schema::VehicleReturned>(),
};

// clang-format off
constexpr auto kFields = std::to_array<FieldRow>({
    // event, stream family, one of, listed in Assumed on history, refused on every basis
    {"VehicleHandedOver", "", "orderId", true, false},
    {"VehicleHandedOver", "", "accountId,party", true, false},
    {"VehicleReturned", "", "orderId", true, false},
    {"VehicleReturned", "", "accountId,party", true, false},
});

constexpr auto kMachines = std::to_array<MachineRow>({
    {kContract, "contract", "§3.2",
     "signed inUse returned draft inspecting inspected settled closed voided", "contracts", "rental"},
    {kQuery, "query", "§3.2", "querying", "contracts", "rental"},
});

constexpr auto kLifecycles = std::to_array<LifecycleRow>({
    // §3.2 Contract and query
    {kContract, kSigned, "VehicleHandedOver", kAny, kInUse, kInUse},
    {kContract, kInUse, "VehicleReturned", kAny, kReturned, kReturned},
    {kQuery, kNone, "VehicleReturned", kAny, kQuerying, kQuerying},
    {kQuery, kQuerying, "VehicleReturned", kAny, kStay, kStay},
});

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kContract, "VehicleHandedOver", kAny, kSigned, "RentalContractDrafted,RentalContractSigned"},
    {kContract, "VehicleReturned", kAny, kInUse, "RentalContractDrafted,RentalContractSigned,VehicleHandedOver"},
    {kQuery, "VehicleReturned", kAny, kNone, ""},
});

constexpr Guard kOfHandover[] = {&guard::kVehicleFree, &guard::kOdometer};
constexpr Guard kOfReturn[] = {&guard::kSameVehicle, &guard::kReturnAfterHandover, &guard::kVehicleFree,
                               &guard::kOdometer};

const std::array kGuards{
    GuardUse{"VehicleHandedOver", kAny, kOfHandover},
    GuardUse{"VehicleReturned", kAny, kOfReturn},
};
// clang-format on

}  // namespace

FamilyTables rental_family() {
  return {.events = kEvents,
          .fields = kFields,
          .machines = kMachines,
          .lifecycles = kLifecycles,
          .assumed = kAssumed,
          .guards = kGuards};
}

}  // namespace carnet::rental
