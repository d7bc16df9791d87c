// SPDX-License-Identifier: Apache-2.0
//
// The rental contract and custody of the vehicle: DOMAIN §2.5, §3.2.
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/inspection.capnp.h>
#include <carnet/schema/rental.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

constexpr Kinds kAny = 0;

using Side = schema::InspectionSide;

constexpr Kinds kOfReturn = kinds(Side::RETURN);

const std::array kEvents{
    event_row<schema::VehicleHandedOver>(),       event_row<schema::VehicleReturned>(),
    event_row<schema::RentalContractDrafted>(),   event_row<schema::AdditionalDriverAdded>(),
    event_row<schema::ContractTermsExplained>(),  event_row<schema::FeeScheduleDisclosed>(),
    event_row<schema::DepositTermsDisclosed>(),   event_row<schema::AddOnDecided>(),
    event_row<schema::RentalContractSigned>(),    event_row<schema::RentalContractAmended>(),
    event_row<schema::RentalContractVoided>(),    event_row<schema::RentalContractClosed>(),
    event_row<schema::VehicleAssigned>(),         event_row<schema::VehicleOperationExplained>(),
    event_row<schema::VehicleSwapped>(),          event_row<schema::VehicleLost>(),
    event_row<schema::ViolationQueryPerformed>(),
};

constexpr std::string_view kNotes[] = {"VehicleOperationExplained"};

// clang-format off
constexpr auto kFields = std::to_array<FieldRow>({
    // event, stream family, one of, listed in Assumed on history, refused on every basis
    {"VehicleHandedOver", "", "orderId", true, false},
    {"VehicleHandedOver", "", "accountId,party", true, false},
    {"VehicleReturned", "", "orderId", true, false},
    {"VehicleReturned", "", "accountId,party", true, false},
    {"RentalContractDrafted", "", "orderId", true, false},
    {"RentalContractDrafted", "", "accountId,party", true, false},
    {"AdditionalDriverAdded", "", "orderId", true, false},
    {"AdditionalDriverAdded", "", "accountId,party", true, false},
    {"ContractTermsExplained", "", "orderId", true, false},
    {"ContractTermsExplained", "", "accountId,party", true, false},
    {"FeeScheduleDisclosed", "", "orderId", true, false},
    {"FeeScheduleDisclosed", "", "accountId,party", true, false},
    {"DepositTermsDisclosed", "", "orderId", true, false},
    {"DepositTermsDisclosed", "", "accountId,party", true, false},
    {"AddOnDecided", "", "orderId", true, false},
    {"AddOnDecided", "", "accountId,party", true, false},
    {"RentalContractSigned", "", "orderId", true, false},
    {"RentalContractSigned", "", "accountId,party", true, false},
    {"RentalContractAmended", "", "orderId", true, false},
    {"RentalContractAmended", "", "accountId,party", true, false},
    {"RentalContractVoided", "", "orderId", true, false},
    {"RentalContractVoided", "", "accountId,party", true, false},
    {"RentalContractClosed", "", "orderId", true, false},
    {"RentalContractClosed", "", "accountId,party", true, false},
    {"VehicleAssigned", "", "orderId", true, false},
    {"VehicleAssigned", "", "accountId,party", true, false},
    {"VehicleOperationExplained", "", "orderId", true, false},
    {"VehicleOperationExplained", "", "accountId,party", true, false},
    {"VehicleSwapped", "", "orderId", true, false},
    {"VehicleSwapped", "", "accountId,party", true, false},
    {"VehicleLost", "", "orderId", true, false},
    {"VehicleLost", "", "accountId,party", true, false},
    {"ViolationQueryPerformed", "", "orderId", true, false},
    {"ViolationQueryPerformed", "", "accountId,party", true, false},
});

constexpr auto kMachines = std::to_array<MachineRow>({
    {kContract, "contract", "§3.2",
     "signed inUse returned draft inspecting inspected settled closed voided", "contracts", "rental", "", "", "order"},
    {kQuery, "query", "§3.2", "querying", "contracts", "rental"},
});

constexpr auto kLifecycles = std::to_array<LifecycleRow>({
    // machine, state, event, kinds → next while something remains, next when nothing does; error on `decision`; finding
    // §3.2 Contract
    {kContract, kNone, "RentalContractDrafted", kAny, kDraft, kDraft},
    {kContract, kDraft, "ContractTermsExplained", kAny, kStay, kStay},
    {kContract, kDraft, "FeeScheduleDisclosed", kAny, kStay, kStay},
    {kContract, kDraft, "DepositTermsDisclosed", kAny, kStay, kStay},
    {kContract, kDraft, "AddOnDecided", kAny, kStay, kStay},
    {kContract, kDraft, "AdditionalDriverAdded", kAny, kStay, kStay},
    {kContract, kDraft, "VehicleAssigned", kAny, kStay, kStay},
    {kContract, kDraft, "RentalContractSigned", kAny, kSigned, kSigned},
    {kContract, kDraft, "RentalContractVoided", kAny, kVoided, kVoided},
    {kContract, kSigned, "AddOnDecided", kAny, kStay, kStay},
    {kContract, kSigned, "RentalContractAmended", kAny, kStay, kStay},
    {kContract, kSigned, "VehicleAssigned", kAny, kStay, kStay},
    {kContract, kSigned, "AdditionalDriverAdded", kAny, kStay, kStay},
    {kContract, kSigned, "DepositTermsDisclosed", kAny, kStay, kStay},
    {kContract, kSigned, "VehicleHandedOver", kAny, kInUse, kInUse},
    {kContract, kSigned, "RentalContractVoided", kAny, kVoided, kVoided},
    {kContract, kInUse, "RentalContractAmended", kAny, kStay, kStay},
    {kContract, kInUse, "AddOnDecided", kAny, kStay, kStay},
    {kContract, kInUse, "AdditionalDriverAdded", kAny, kStay, kStay},
    {kContract, kInUse, "VehicleAssigned", kAny, kStay, kStay},
    {kContract, kInUse, "VehicleSwapped", kAny, kStay, kStay},
    {kContract, kInUse, "VehicleReturned", kAny, kReturned, kReturned},
    {kContract, kInUse, "VehicleLost", kAny, kInspected, kInspected, {}, "InspectionWaived"},
    {kContract, kReturned, "InspectionRecorded", kOfReturn, kInspecting, kInspecting, {}, {}, kFollows},
    {kContract, kReturned, "ReturnInspectionSigned", kAny, kInspected, kInspected, {}, {}, kFollows},
    {kContract, kInspecting, "ReturnInspectionSigned", kAny, kInspected, kInspected, {}, {}, kFollows},
    {kContract, kInspected, "SettlementFinalized", kAny, kContractSettled, kContractSettled, {}, {}, kFollows},
    {kContract, kContractSettled, "RentalContractClosed", kAny, kContractClosed, kContractClosed},
    // In whatever state: what rests on the contract is found from it.
    {kContract, kSigned, "PreAuthorizationRequested", kAny, kStay, kStay, {}, {}, kFollows},
    {kContract, kSigned, "DepositCollected", kAny, kStay, kStay, {}, {}, kFollows},
    {kContract, kInUse, "TrafficViolationRecorded", kAny, kStay, kStay, {}, {}, kFollows},
    // §3.2 Query
    {kQuery, kNone, "VehicleReturned", kAny, kQuerying, kQuerying},
    {kQuery, kNone, "VehicleLost", kAny, kQuerying, kQuerying},
    {kQuery, kQuerying, "VehicleReturned", kAny, kStay, kStay},
    {kQuery, kQuerying, "VehicleLost", kAny, kStay, kStay},
    {kQuery, kQuerying, "ViolationQueryPerformed", kAny, kStay, kStay},
});

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kContract, "RentalContractDrafted", kAny, kNone, ""},
    {kContract, "ContractTermsExplained", kAny, kDraft, "RentalContractDrafted"},
    {kContract, "FeeScheduleDisclosed", kAny, kDraft, "RentalContractDrafted"},
    {kContract, "DepositTermsDisclosed", kAny, kDraft, "RentalContractDrafted"},
    {kContract, "AddOnDecided", kAny, kDraft, "RentalContractDrafted"},
    {kContract, "AdditionalDriverAdded", kAny, kDraft, "RentalContractDrafted"},
    {kContract, "VehicleAssigned", kAny, kDraft, "RentalContractDrafted"},
    {kContract, "RentalContractSigned", kAny, kDraft, "RentalContractDrafted"},
    {kContract, "RentalContractVoided", kAny, kDraft, "RentalContractDrafted"},
    {kContract, "RentalContractAmended", kAny, kSigned, "RentalContractDrafted,RentalContractSigned"},
    {kContract, "VehicleHandedOver", kAny, kSigned, "RentalContractDrafted,RentalContractSigned"},
    {kContract, "VehicleSwapped", kAny, kInUse, "RentalContractDrafted,RentalContractSigned,VehicleHandedOver"},
    {kContract, "VehicleReturned", kAny, kInUse, "RentalContractDrafted,RentalContractSigned,VehicleHandedOver"},
    {kContract, "VehicleLost", kAny, kInUse, "RentalContractDrafted,RentalContractSigned,VehicleHandedOver"},
    {kContract, "RentalContractClosed", kAny, kContractSettled,
     "RentalContractDrafted,RentalContractSigned,VehicleHandedOver,VehicleReturned,SettlementFinalized"},
    {kQuery, "VehicleReturned", kAny, kNone, ""},
    {kQuery, "VehicleLost", kAny, kNone, ""},
    {kQuery, "ViolationQueryPerformed", kAny, kQuerying, "VehicleReturned"},
});

// Guards read these: the last one of a type by its mark, all of a type that stand by the journal.
constexpr auto kMarkRows = std::to_array<MarkRow>({
    {kContract, "DepositTermsDisclosed", 0},
    {kContract, "FeeScheduleDisclosed", 1},
    {kContract, "RentalContractDrafted", 2},
    {kContract, "ContractTermsExplained", 3},
    {kContract, "AddOnDecided", 3},
    {kContract, "VehicleAssigned", 3},
    {kContract, "RentalContractAmended", 3},
    {kContract, "PreAuthorizationRequested", 3},
    {kContract, "DepositCollected", 3},
    {kContract, "TrafficViolationRecorded", 3},
});

constexpr Guard kOfDrafted[] = {&guard::kAccountActive};
constexpr Guard kOfEvidence[] = {&guard::kNotOnReport, &guard::kDocumentDigest};
constexpr Guard kOfFees[] = {&guard::kNotOnReport, &guard::kDocumentDigest, &guard::kFeesSumUp};
constexpr Guard kOfAddOn[] = {&guard::kNotOnReport, &guard::kDocumentDigest, &guard::kAddOnChosen};
constexpr Guard kOfSigned[] = {&guard::kNotOnReport, &guard::kDocumentDigest, &guard::kSignatureThere,
                               &guard::kTermsExplained,
                               &guard::kFeesDisclosed, &guard::kDepositTermsDisclosed};
constexpr Guard kOfVoided[] = {&guard::kFeeChargeKnown, &guard::kFeeOfConfirmation};
constexpr Guard kOfClosed[] = {&guard::kBalanceZero};
constexpr Guard kOfHandover[] = {&guard::kHandoverSigned, &guard::kHandoverChecklist, &guard::kDepositsThere,
                                 &guard::kRequestsResolved, &guard::kVehicleFree, &guard::kOdometer};
constexpr Guard kOfVehicleReturn[] = {&guard::kSameVehicle, &guard::kReturnAfterHandover, &guard::kVehicleFree,
                                      &guard::kOdometer};
constexpr Guard kOfSwap[] = {&guard::kSwapInspected, &guard::kSameVehicle, &guard::kReturnAfterHandover,
                             &guard::kVehicleFree};
constexpr Guard kOfLost[] = {&guard::kSameVehicle, &guard::kReturnAfterHandover};

const std::array kGuards{
    GuardUse{"RentalContractDrafted", kAny, kOfDrafted},
    GuardUse{"ContractTermsExplained", kAny, kOfEvidence},
    GuardUse{"FeeScheduleDisclosed", kAny, kOfFees},
    GuardUse{"DepositTermsDisclosed", kAny, kOfEvidence},
    GuardUse{"AddOnDecided", kAny, kOfAddOn},
    GuardUse{"RentalContractSigned", kAny, kOfSigned},
    GuardUse{"RentalContractVoided", kAny, kOfVoided},
    GuardUse{"RentalContractClosed", kAny, kOfClosed},
    GuardUse{"VehicleHandedOver", kAny, kOfHandover},
    GuardUse{"VehicleReturned", kAny, kOfVehicleReturn},
    GuardUse{"VehicleSwapped", kAny, kOfSwap},
    GuardUse{"VehicleLost", kAny, kOfLost},
};
// clang-format on

}  // namespace

FamilyTables rental_family() {
  return {.events = kEvents,
          .fields = kFields,
          .notes = kNotes,
          .machines = kMachines,
          .lifecycles = kLifecycles,
          .assumed = kAssumed,
          .marks = kMarkRows,
          .guards = kGuards};
}

}  // namespace carnet::rental
