# SPDX-License-Identifier: Apache-2.0
#
# The rental contract and custody of the vehicle: DOMAIN §2.5.
@0xb7e49d02c5f1a683;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::schema");

struct VehicleHandedOver $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  # orderId, and one of accountId and party, are absent only on history, listed in `Assumed`.
  vehicleId @4 :Text $Core.id;
  branchId @5 :Text $Core.optional $Core.id;
  inspectionId @6 :Text $Core.optional $Core.id;
  at @7 :Int64 $Core.time;
  odometer @8 :Core.OptionalUInt32 $Core.optional $Core.unit("km");
  fuel @9 :Core.OptionalUInt16 $Core.optional $Core.unit("perMille");
  driverAccountId @10 :Text $Core.optional $Core.id;
  plannedReturn @11 :Core.OptionalTime $Core.optional;
  attended @12 :Bool;
}

struct VehicleReturned $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  vehicleId @4 :Text $Core.id;
  branchId @5 :Text $Core.optional $Core.id;
  at @6 :Int64 $Core.time;
  odometer @7 :Core.OptionalUInt32 $Core.optional $Core.unit("km");
  fuel @8 :Core.OptionalUInt16 $Core.optional $Core.unit("perMille");
  attended @9 :Bool;
  durationGiven @10 :Core.OptionalDuration $Core.optional;
  # As a source states it.
}
