# SPDX-License-Identifier: Apache-2.0
#
# Charges and settlement: DOMAIN §2.9. Every amount is gross; tax is the part of it that goes to the tax account.
@0xd6f02b8c4e91a735;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::schema");

struct ChargePosted $Core.derived $Core.streams(["settlement"]) $Core.streamId("orderId") {
  enum Payer {
    unspecified @0;
    customer @1;
    platform @2;
    insurer @3;
  }
  orderId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  contractId @3 :Text $Core.optional $Core.id;
  chargeId @4 :Text $Core.id;
  kind @5 :Text $Core.codes("chargeKind");
  payer @6 :Payer;
  payerId @7 :Text $Core.optional $Core.id;
  qty @8 :Int64;
  # In thousandths of the fee's unit: 2 days are 2000.
  unitPrice @9 :Core.Money;
  amount @10 :Core.Money;
  tax @11 :Core.Money $Core.optional;
  ruleVersion @12 :Core.OptionalUInt32 $Core.optional;
  # Of the rule that computed the amount; absent: a person decided it by hand.
  disclosedRef @13 :Text $Core.optional;
  # Absent only on report and history (finding ChargeNotDisclosed).
  damageId @14 :Text $Core.optional $Core.id;
  explanationCode @15 :Text $Core.optional;
  approver @16 :Text $Core.optional $Core.id;
}

struct ChargeReversed $Core.fact $Core.streams(["settlement"]) $Core.streamId("orderId") {
  orderId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  contractId @3 :Text $Core.optional $Core.id;
  chargeId @4 :Text $Core.id;
  amount @5 :Core.Money;
  tax @6 :Core.Money $Core.optional;
  reasonCode @7 :Text;
  caseId @8 :Text $Core.optional $Core.id;
}

struct FuelCreditPosted $Core.derived $Core.streams(["settlement"]) $Core.streamId("orderId") {
  orderId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  contractId @3 :Text $Core.optional $Core.id;
  amount @4 :Core.Money;
  tax @5 :Core.Money $Core.optional;
  basis @6 :Text;
  ruleVersion @7 :Core.OptionalUInt32 $Core.optional;
  # Of the rule that computed the amount; absent: a person decided it by hand.
  approver @8 :Text $Core.optional $Core.id;
}

struct DiscountApplied $Core.derived $Core.streams(["settlement"]) $Core.streamId("orderId") {
  orderId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  contractId @3 :Text $Core.optional $Core.id;
  chargeId @4 :Text $Core.id;
  amount @5 :Core.Money;
  source @6 :Text $Core.codes("discountSource");
  pointsRef @7 :Text $Core.optional;
  ruleVersion @8 :Core.OptionalUInt32 $Core.optional;
  # Of the rule that computed the amount; absent: a person decided it by hand.
  approver @9 :Text $Core.optional $Core.id;
}

struct CreditApplied $Core.derived $Core.streams(["settlement"]) $Core.streamId("orderId") {
  orderId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  contractId @3 :Text $Core.optional $Core.id;
  amount @4 :Core.Money;
  chargeId @5 :Text $Core.optional $Core.id;
  violationId @6 :Text $Core.optional $Core.id;
  # One of chargeId and violationId.
}

struct SettlementStatementIssued $Core.derived $Core.streams(["settlement"]) $Core.streamId("orderId") {
  struct Line {
    chargeId @0 :Text $Core.id;
    kind @1 :Text $Core.codes("chargeKind");
    qty @2 :Int64;
    # In thousandths, as in the charge.
    unitPrice @3 :Core.Money;
    amount @4 :Core.Money;
    tax @5 :Core.Money $Core.optional;
    explanationCode @6 :Text $Core.optional;
  }
  orderId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  contractId @3 :Text $Core.optional $Core.id;
  statementNo @4 :Text;
  revision @5 :UInt16;
  invoiceNo @6 :Text $Core.optional;
  lines @7 :List(Line);
  discounts @8 :Core.Money;
  payments @9 :Core.Money;
  holdsApplied @10 :Core.Money;
  totalDue @11 :Core.Money;
}

struct SettlementAnswered $Core.fact $Core.streams(["settlement"]) $Core.streamId("orderId") {
  enum Answer {
    unspecified @0;
    accepted @1;
    disputed @2;
  }
  orderId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  contractId @3 :Text $Core.optional $Core.id;
  statementNo @4 :Text;
  answer @5 :Answer;
  lines @6 :List(Text) $Core.id;
  # Charges that are disputed.
  caseId @7 :Text $Core.optional $Core.id;
}

struct SettlementFinalized $Core.fact $Core.streams(["settlement"]) $Core.streamId("orderId") {
  enum Ground {
    unspecified @0;
    accepted @1;
    noAnswer @2;
    decided @3;
  }
  orderId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  contractId @3 :Text $Core.optional $Core.id;
  statementNo @4 :Text;
  ground @5 :Ground;
}

struct BadDebtWrittenOff $Core.fact $Core.streams(["settlement", "violation"]) {
  orderId @0 :Text $Core.optional $Core.id;
  violationId @1 :Text $Core.optional $Core.id;
  # In violation/ violationId and party stand; in settlement/ orderId and one of accountId and party.
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  authority @4 :Text $Core.optional $Core.id;
  contractId @5 :Text $Core.optional $Core.id;
  vehicleId @6 :Text $Core.optional $Core.id;
  amount @7 :Core.Money;
  approver @8 :Text $Core.id;
}

struct BadDebtRecovered $Core.fact $Core.streams(["settlement", "violation"]) {
  orderId @0 :Text $Core.optional $Core.id;
  violationId @1 :Text $Core.optional $Core.id;
  accountId @2 :Text $Core.optional $Core.id;
  party @3 :Text $Core.optional $Core.name;
  authority @4 :Text $Core.optional $Core.id;
  contractId @5 :Text $Core.optional $Core.id;
  vehicleId @6 :Text $Core.optional $Core.id;
  amount @7 :Core.Money;
  approver @8 :Text $Core.id;
  method @9 :Text $Core.optional $Core.codes("paymentMethod");
}
