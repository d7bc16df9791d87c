# SPDX-License-Identifier: Apache-2.0
#
# The rental contract and custody of the vehicle: DOMAIN §2.5.
@0xb7e49d02c5f1a683;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
using Deposit = import "/carnet/schema/deposit.capnp";
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

struct RentalContractDrafted $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  currency @4 :UInt32 $Core.currency;
  vehicleClass @5 :Text;
  termFrom @6 :Int64 $Core.time;
  termTo @7 :Int64 $Core.time;
  mileageAllowance @8 :Core.OptionalUInt32 $Core.optional $Core.unit("km");
  overtimeRule @9 :Text;
  fuelPolicy @10 :Text $Core.codes("fuelPolicy");
  priceListVersion @11 :Text;
}

struct AdditionalDriverAdded $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  driverAccountId @4 :Text $Core.id;
  name @5 :Core.Sealed $Core.personal("D1") $Core.personalOf("driverAccountId");
  licence @6 :Core.Sealed $Core.personal("D2") $Core.personalOf("driverAccountId");
  verificationRef @7 :Text;
  lawfulBasisRef @8 :Text;
}

struct ContractTermsExplained $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  topics @4 :List(Text) $Core.codes("termsTopic");
  language @5 :Text;
  acknowledged @6 :Bool;
}

struct FeeScheduleDisclosed $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  struct Line {
    chargeKind @0 :Text $Core.codes("chargeKind");
    basis @1 :Text;
    unitPrice @2 :Core.Money;
    estimate @3 :Core.Money;
  }
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  lines @4 :List(Line);
  total @5 :Core.Money;
}

struct DepositTermsDisclosed $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  enum When {
    unspecified @0;
    pickup @1;
    return @2;
  }
  struct Item {
    purpose @0 :Deposit.DepositPurpose;
    instrument @1 :Deposit.DepositReleased.Instrument;
    when @2 :When;
    amount @3 :Core.Money;
    releaseConditionCode @4 :Text;
    releaseWithin @5 :Int64 $Core.duration;
    queryPeriodDays @6 :UInt16;
    refundProcedure @7 :Data $Core.digest;
  }
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  items @4 :List(Item);
  # Empty: no deposit.
}

struct AddOnDecided $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  enum Decision {
    unspecified @0;
    offered @1;
    selected @2;
    declined @3;
    removed @4;
  }
  enum SelectedBy {
    unspecified @0;
    customer @1;
  }
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  addOnId @4 :Text $Core.id;
  code @5 :Text $Core.codes("addOn");
  decision @6 :Decision;
  price @7 :Core.Money;
  unit @8 :Text $Core.codes("priceUnit");
  selectedBy @9 :SelectedBy;
  prechecked @10 :Bool;
  # Always false.
}

struct RentalContractSigned $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  contractNo @4 :Text;
  signature @5 :Core.Sealed $Core.optional $Core.personal("D2");
  # Absent only where the party is external: it has no key.
  signatureDigest @6 :Data $Core.digest;
  staffId @7 :Text $Core.id;
  termsVersion @8 :Text;
}

struct RentalContractAmended $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  kind @4 :Text $Core.codes("amendmentKind");
  newTermTo @5 :Core.OptionalTime $Core.optional;
  signedRef @6 :Data $Core.digest;
  estimateDelta @7 :Core.Money;
}

struct RentalContractVoided $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  reasonCode @4 :Text;
  chargeId @5 :Text $Core.optional $Core.id;
}

struct RentalContractClosed $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  reasonCode @4 :Text;
}

struct VehicleAssigned $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  vehicleId @4 :Text $Core.id;
  branchId @5 :Text $Core.optional $Core.id;
  inspectionId @6 :Text $Core.id;
}

struct VehicleOperationExplained $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  topics @4 :List(Text);
}

struct VehicleSwapped $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  branchId @4 :Text $Core.optional $Core.id;
  fromVehicleId @5 :Text $Core.id;
  toVehicleId @6 :Text $Core.id;
  at @7 :Int64 $Core.time;
  fromInspectionId @8 :Text $Core.id;
  toInspectionId @9 :Text $Core.id;
}

struct VehicleLost $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  vehicleId @4 :Text $Core.id;
  branchId @5 :Text $Core.optional $Core.id;
  kind @6 :Text $Core.codes("lossKind");
  evidence @7 :Data $Core.digest;
  reportedTo @8 :Text $Core.optional;
}

struct ViolationQueryPerformed $Core.fact $Core.streams(["rental"]) $Core.streamId("contractId") {
  contractId @0 :Text $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  vehicleId @4 :Text $Core.optional $Core.id;
  # Absent: of every vehicle that the contract had in custody.
  branchId @5 :Text $Core.optional $Core.id;
  authority @6 :Text $Core.id;
  queriedAt @7 :Int64 $Core.time;
  custodyFrom @8 :Int64 $Core.time;
  custodyUntil @9 :Int64 $Core.time;
  found @10 :UInt16;
  open @11 :UInt16;
  final @12 :Bool;
}
