# SPDX-License-Identifier: Apache-2.0
#
# Inspections: DOMAIN §2.6. One stream a custody leg: contract × vehicle × n.
@0xc5e835c7d2a4e1fe;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::schema");

enum InspectionSide {
  unspecified @0;
  handover @1;
  return @2;
}

struct InspectionRecorded $Core.fact $Core.streams(["inspection"]) $Core.streamId("inspectionId") {
  struct Item {
    item @0 :Text $Core.codes("checklistItem");
    state @1 :Text;
    note @2 :Core.Sealed $Core.optional $Core.personal("D5");
  }
  struct Damage {
    damageId @0 :Text $Core.id;
    part @1 :Text;
    kind @2 :Text;
    severity @3 :Text;
    media @4 :List(Data) $Core.digest;
  }
  inspectionId @0 :Text $Core.id;
  contractId @1 :Text $Core.id;
  vehicleId @2 :Text $Core.id;
  leg @3 :UInt16;
  accountId @4 :Text $Core.optional $Core.id;
  party @5 :Text $Core.optional $Core.name;
  # One of accountId and party; absent only on history, listed in `Assumed`.
  side @6 :InspectionSide;
  checklistVersion @7 :Text;
  odometer @8 :UInt32 $Core.unit("km");
  fuel @9 :UInt16 $Core.unit("perMille");
  items @10 :List(Item);
  damages @11 :List(Damage);
}

struct InspectionMediaAttached $Core.fact $Core.streams(["inspection"]) $Core.streamId("inspectionId") {
  enum Kind {
    unspecified @0;
    photo @1;
    video @2;
  }
  inspectionId @0 :Text $Core.id;
  contractId @1 :Text $Core.id;
  vehicleId @2 :Text $Core.id;
  leg @3 :UInt16;
  accountId @4 :Text $Core.optional $Core.id;
  party @5 :Text $Core.optional $Core.name;
  side @6 :InspectionSide;
  media @7 :Data $Core.digest;
  kind @8 :Kind;
  takenAt @9 :Int64 $Core.time;
}

struct HandoverInspectionSigned $Core.fact $Core.streams(["inspection"]) $Core.streamId("inspectionId") {
  inspectionId @0 :Text $Core.id;
  contractId @1 :Text $Core.id;
  vehicleId @2 :Text $Core.id;
  leg @3 :UInt16;
  accountId @4 :Text $Core.optional $Core.id;
  party @5 :Text $Core.optional $Core.name;
  inspectionDigest @6 :Data $Core.digest;
  signature @7 :Core.Sealed $Core.optional $Core.personal("D2");
  # Absent only where the party is external: it has no key.
  staffId @8 :Text $Core.id;
  customerPresent @9 :Bool;
}

struct ReturnInspectionSigned $Core.fact $Core.streams(["inspection"]) $Core.streamId("inspectionId") {
  inspectionId @0 :Text $Core.id;
  contractId @1 :Text $Core.id;
  vehicleId @2 :Text $Core.id;
  leg @3 :UInt16;
  accountId @4 :Text $Core.optional $Core.id;
  party @5 :Text $Core.optional $Core.name;
  inspectionDigest @6 :Data $Core.digest;
  signature @7 :Core.Sealed $Core.optional $Core.personal("D2");
  staffId @8 :Text $Core.id;
  customerPresent @9 :Bool;
}

struct NewDamageIdentified $Core.fact $Core.streams(["inspection"]) $Core.streamId("inspectionId") {
  inspectionId @0 :Text $Core.id;
  contractId @1 :Text $Core.id;
  vehicleId @2 :Text $Core.id;
  leg @3 :UInt16;
  accountId @4 :Text $Core.optional $Core.id;
  party @5 :Text $Core.optional $Core.name;
  damageId @6 :Text $Core.id;
  part @7 :Text;
  kind @8 :Text;
  media @9 :List(Data) $Core.digest;
  comparedTo @10 :Data $Core.digest;
}

struct DamagePositionRecorded $Core.fact $Core.streams(["inspection"]) $Core.streamId("inspectionId") {
  enum Position {
    unspecified @0;
    acknowledged @1;
    disputed @2;
    withdrawn @3;
    decided @4;
  }
  inspectionId @0 :Text $Core.id;
  contractId @1 :Text $Core.id;
  vehicleId @2 :Text $Core.id;
  leg @3 :UInt16;
  accountId @4 :Text $Core.optional $Core.id;
  party @5 :Text $Core.optional $Core.name;
  damageId @6 :Text $Core.id;
  position @7 :Position;
  by @8 :Text $Core.id;
  caseId @9 :Text $Core.optional $Core.id;
  statement @10 :Core.Sealed $Core.optional $Core.personal("D7");
}

struct DamageAssessed $Core.fact $Core.streams(["inspection"]) $Core.streamId("inspectionId") {
  inspectionId @0 :Text $Core.id;
  contractId @1 :Text $Core.id;
  vehicleId @2 :Text $Core.id;
  leg @3 :UInt16;
  accountId @4 :Text $Core.optional $Core.id;
  party @5 :Text $Core.optional $Core.name;
  damageId @6 :Text $Core.id;
  estimate @7 :Core.Money;
  basis @8 :Text $Core.codes("damageBasis");
  insurerShare @9 :Core.Money;
  deductible @10 :Core.Money;
}
