// SPDX-License-Identifier: Apache-2.0
//
// Inspections and damage: DOMAIN §2.6, §3.3.
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/inspection.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

constexpr Kinds kAny = 0;

using Side = schema::InspectionSide;
using Position = schema::DamagePositionRecorded::Position;

constexpr Kinds kOfHandover = kinds(Side::HANDOVER);
constexpr Kinds kOfReturn = kinds(Side::RETURN);
constexpr Kinds kIfAcknowledged = kinds(Position::ACKNOWLEDGED);
constexpr Kinds kIfDisputed = kinds(Position::DISPUTED);
constexpr Kinds kIfWithdrawn = kinds(Position::WITHDRAWN);
constexpr Kinds kIfDecided = kinds(Position::DECIDED);

const std::array kEvents{
    event_row<schema::InspectionRecorded>(),       event_row<schema::InspectionMediaAttached>(),
    event_row<schema::HandoverInspectionSigned>(), event_row<schema::ReturnInspectionSigned>(),
    event_row<schema::NewDamageIdentified>(),      event_row<schema::DamagePositionRecorded>(),
    event_row<schema::DamageAssessed>(),
};

// clang-format off
constexpr auto kFields = std::to_array<FieldRow>({
    // event, stream family, one of, listed in Assumed on history, refused on every basis
    {"InspectionRecorded", "", "accountId,party", true, false},
    {"InspectionMediaAttached", "", "accountId,party", true, false},
    {"HandoverInspectionSigned", "", "accountId,party", true, false},
    {"ReturnInspectionSigned", "", "accountId,party", true, false},
    {"NewDamageIdentified", "", "accountId,party", true, false},
    {"DamagePositionRecorded", "", "accountId,party", true, false},
    {"DamageAssessed", "", "accountId,party", true, false},
});

constexpr auto kMachines = std::to_array<MachineRow>({
    // machine, name, page, states, projection, family, key, sums, links, accounts
    {kLeg, "leg", "§3.3", "recorded out back signed", "inspections", "inspection", "", "", "rental vehicle"},
    {kDamage, "damage", "§3.3", "identified acknowledged disputed withdrawn decided", "inspections", "", "damageId", "",
     "inspection rental"},
});

constexpr auto kLifecycles = std::to_array<LifecycleRow>({
    // machine, state, event, kinds → next while something remains, next when nothing does; error on `decision`; finding
    {kLeg, kNone, "InspectionRecorded", kOfHandover, kLegRecorded, kLegRecorded},
    {kLeg, kLegRecorded, "InspectionRecorded", kOfHandover, kStay, kStay},
    {kLeg, kLegRecorded, "HandoverInspectionSigned", kAny, kOut, kOut},
    {kLeg, kOut, "InspectionRecorded", kOfReturn, kBack, kBack},
    {kLeg, kBack, "InspectionRecorded", kOfReturn, kStay, kStay},
    {kLeg, kBack, "NewDamageIdentified", kAny, kStay, kStay},
    {kLeg, kBack, "ReturnInspectionSigned", kAny, kLegSigned, kLegSigned},
    {kLeg, kLegSigned, "NewDamageIdentified", kAny, kStay, kStay, {}, "FoundAfterSignature"},
    // A note that guards read.
    {kLeg, kLegRecorded, "InspectionMediaAttached", kAny, kStay, kStay},
    {kLeg, kOut, "InspectionMediaAttached", kAny, kStay, kStay},
    {kLeg, kBack, "InspectionMediaAttached", kAny, kStay, kStay},
    {kLeg, kLegSigned, "InspectionMediaAttached", kAny, kStay, kStay},

    {kDamage, kNone, "NewDamageIdentified", kAny, kIdentified, kIdentified},
    {kDamage, kIdentified, "DamagePositionRecorded", kIfAcknowledged, kAcknowledged, kAcknowledged},
    {kDamage, kIdentified, "DamagePositionRecorded", kIfDisputed, kDisputed, kDisputed},
    {kDamage, kIdentified, "DamagePositionRecorded", kIfWithdrawn, kDamageWithdrawn, kDamageWithdrawn},
    {kDamage, kIdentified, "DamageAssessed", kAny, kStay, kStay},
    {kDamage, kDisputed, "DamagePositionRecorded", kIfDecided, kDecided, kDecided},
    {kDamage, kDisputed, "DamagePositionRecorded", kIfAcknowledged, kAcknowledged, kAcknowledged},
    {kDamage, kDisputed, "DamagePositionRecorded", kIfWithdrawn, kDamageWithdrawn, kDamageWithdrawn},
    {kDamage, kDisputed, "DamagePositionRecorded", kIfDisputed, kStay, kStay, "DisputeOpen"},
    {kDamage, kDisputed, "DamageAssessed", kAny, kStay, kStay},
    {kDamage, kAcknowledged, "DamageAssessed", kAny, kStay, kStay},
    {kDamage, kDecided, "DamageAssessed", kAny, kStay, kStay},
});

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kLeg, "InspectionRecorded", kOfHandover, kNone, ""},
    {kLeg, "InspectionRecorded", kOfReturn, kOut, "InspectionRecorded,HandoverInspectionSigned"},
    {kLeg, "InspectionMediaAttached", kAny, kLegRecorded, "InspectionRecorded"},
    {kLeg, "HandoverInspectionSigned", kAny, kLegRecorded, "InspectionRecorded"},
    {kLeg, "ReturnInspectionSigned", kAny, kBack, "InspectionRecorded,HandoverInspectionSigned"},
    {kLeg, "NewDamageIdentified", kAny, kBack, "InspectionRecorded,HandoverInspectionSigned"},
    {kDamage, "NewDamageIdentified", kAny, kNone, ""},
    {kDamage, "DamagePositionRecorded", kIfDecided, kDisputed, "NewDamageIdentified,DamagePositionRecorded"},
    {kDamage, "DamagePositionRecorded", kAny, kIdentified, "NewDamageIdentified"},
    {kDamage, "DamageAssessed", kAny, kIdentified, "NewDamageIdentified"},
});

constexpr auto kMarkRows = std::to_array<MarkRow>({
    {kLeg, "InspectionRecorded", 0},
    {kLeg, "HandoverInspectionSigned", 1},
    {kLeg, "ReturnInspectionSigned", 2},
    {kLeg, "InspectionMediaAttached", 3},
    {kDamage, "NewDamageIdentified", 0},
    {kDamage, "DamageAssessed", 1},
    {kDamage, "DamagePositionRecorded", 2},
});

constexpr Guard kOfRecorded[] = {&guard::kNotOnReport, &guard::kDocumentDigest, &guard::kChecklistWhole,
                                 &guard::kChecklistVersion, &guard::kOdometerOfLeg};
constexpr Guard kOfHandoverSigned[] = {&guard::kNotOnReport, &guard::kDocumentDigest, &guard::kSignatureThere,
                                       &guard::kInspectionDigest,
                                       &guard::kHandoverMedia};
constexpr Guard kOfReturnSigned[] = {&guard::kNotOnReport, &guard::kDocumentDigest, &guard::kInspectionDigest,
                                     &guard::kReturnEvidence, &guard::kCustomerAbsent};
constexpr Guard kOfDamage[] = {&guard::kDamageNew, &guard::kDamageEvidence, &guard::kComparedTo};

const std::array kGuards{
    GuardUse{"InspectionRecorded", kAny, kOfRecorded},
    GuardUse{"HandoverInspectionSigned", kAny, kOfHandoverSigned},
    GuardUse{"ReturnInspectionSigned", kAny, kOfReturnSigned},
    GuardUse{"NewDamageIdentified", kAny, kOfDamage},
};
// clang-format on

}  // namespace

FamilyTables inspection_family() {
  return {.events = kEvents,
          .fields = kFields,
          .machines = kMachines,
          .lifecycles = kLifecycles,
          .assumed = kAssumed,
          .marks = kMarkRows,
          .guards = kGuards};
}

}  // namespace carnet::rental
