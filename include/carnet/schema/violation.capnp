# SPDX-License-Identifier: Apache-2.0
#
# Traffic violations: DOMAIN §2.8. Amounts: an expense adds to the fine; penalty, earlyDiscount and reduced replace it.
@0xc0b6e5f1a7d38925;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::schema");

struct TrafficViolationRecorded $Core.fact $Core.streams(["violation"]) $Core.streamId("violationId") {
  violationId @0 :Text $Core.id;
  party @1 :Text $Core.name;
  # account/{accountId} or external/{sourceId}.
  authority @2 :Text $Core.id;
  contractId @3 :Text $Core.optional $Core.id;
  vehicleId @4 :Text $Core.optional $Core.id;
  violationAt @5 :Int64 $Core.time;
  fine @6 :Core.Money;
  # May be 0 on history and report (finding AmountNotPositive).
  authorityRef @7 :Text;
  code @8 :Text $Core.optional;
  # The authority's article.
  points @9 :Core.OptionalUInt16 $Core.optional;
  place @10 :Core.Sealed $Core.optional $Core.personal("D6") $Core.personalOf("party");
  lawfulBasisRef @11 :Text $Core.optional;
}

struct TrafficViolationCharged $Core.fact $Core.streams(["violation"]) $Core.streamId("violationId") {
  violationId @0 :Text $Core.id;
  party @1 :Text $Core.name;
  authority @2 :Text $Core.id;
  contractId @3 :Text $Core.optional $Core.id;
  vehicleId @4 :Text $Core.optional $Core.id;
  fine @5 :Core.Money;
  expense @6 :Core.Money $Core.optional;
  chargeId @7 :Text $Core.optional $Core.id;
  # Admin fee, posted by ChargePosted.
}

struct TrafficViolationAmended $Core.fact $Core.streams(["violation"]) $Core.streamId("violationId") {
  enum Kind {
    unspecified @0;
    expense @1;
    penalty @2;
    earlyDiscount @3;
    reduced @4;
    contested @5;
    dismissed @6;
    settledByCustomer @7;
    withdrawn @8;
  }
  violationId @0 :Text $Core.id;
  party @1 :Text $Core.name;
  authority @2 :Text $Core.id;
  contractId @3 :Text $Core.optional $Core.id;
  vehicleId @4 :Text $Core.optional $Core.id;
  kind @5 :Kind;
  newFine @6 :Core.Money $Core.optional;
  expense @7 :Core.Money $Core.optional;
  codeAsGiven @8 :Text $Core.optional;
  caseId @9 :Text $Core.optional $Core.id;
  evidence @10 :Data $Core.optional $Core.digest;
}

struct FinePaidToAuthority $Core.fact $Core.streams(["violation"]) $Core.streamId("violationId") {
  enum BorneBy {
    unspecified @0;
    party @1;
    company @2;
  }
  violationId @0 :Text $Core.id;
  party @1 :Text $Core.name;
  authority @2 :Text $Core.id;
  contractId @3 :Text $Core.optional $Core.id;
  vehicleId @4 :Text $Core.optional $Core.id;
  amount @5 :Core.Money;
  receipt @6 :Text;
  borneBy @7 :BorneBy;
}

struct FineRefundedByAuthority $Core.fact $Core.streams(["violation"]) $Core.streamId("violationId") {
  violationId @0 :Text $Core.id;
  party @1 :Text $Core.name;
  authority @2 :Text $Core.id;
  contractId @3 :Text $Core.optional $Core.id;
  vehicleId @4 :Text $Core.optional $Core.id;
  amount @5 :Core.Money;
  receipt @6 :Text;
}

struct ReceivableAssigned $Core.fact $Core.streams(["violation", "settlement"]) {
  violationId @0 :Text $Core.optional $Core.id;
  orderId @1 :Text $Core.optional $Core.id;
  # In violation/ violationId, party and authority stand; in settlement/ orderId and one of accountId and party.
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  authority @4 :Text $Core.optional $Core.id;
  contractId @5 :Text $Core.optional $Core.id;
  vehicleId @6 :Text $Core.optional $Core.id;
  collector @7 :Text $Core.id $Core.marked("partnerId");
  amount @8 :Core.Money;
  # 0 only on history and report, where nothing is due (finding NothingToAssign).
}
