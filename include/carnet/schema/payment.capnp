# SPDX-License-Identifier: Apache-2.0
#
# Money movements: DOMAIN §2.10.
@0x9d2f7c61e8b4a350;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::schema");

struct Allocation {
  # One of chargeId and violationId.
  chargeId @0 :Text $Core.optional $Core.id;
  violationId @1 :Text $Core.optional $Core.id;
  amount @2 :Core.Money;
}

struct PaymentReceived $Core.fact $Core.streams(["payment"]) $Core.streamId("paymentId") {
  enum Payer {
    unspecified @0;
    customer @1;
    platform @2;
    insurer @3;
    collector @4;
    other @5;
  }
  enum Purpose {
    unspecified @0;
    settlement @1;
    prepayment @2;
    collection @3;
  }
  struct Deduction {
    kind @0 :Text $Core.codes("deductionKind");
    amount @1 :Core.Money;
  }
  paymentId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  partnerId @3 :Text $Core.optional $Core.id;
  # One of accountId, party, partnerId.
  orderId @4 :Text $Core.optional $Core.id;
  caseId @5 :Text $Core.optional $Core.id;
  payer @6 :Payer;
  payerId @7 :Text $Core.optional $Core.id;
  purpose @8 :Purpose;
  method @9 :Text $Core.codes("paymentMethod");
  amount @10 :Core.Money;
  deductions @11 :List(Deduction);
  psp @12 :Text $Core.optional $Core.id;
  pspRef @13 :Text $Core.optional;
  allocatedTo @14 :List(Allocation);
  # For a violation the whole amount paid for it.
}

struct PaymentFailed $Core.fact $Core.streams(["payment"]) $Core.streamId("paymentId") {
  paymentId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  partnerId @3 :Text $Core.optional $Core.id;
  orderId @4 :Text $Core.optional $Core.id;
  caseId @5 :Text $Core.optional $Core.id;
  reasonCode @6 :Text;
  pspRef @7 :Text $Core.optional;
}

enum RefundSource {
  unspecified @0;
  payment @1;
  capture @2;
  deposit @3;
  compensation @4;
  opening @5;
}

struct RefundApproved $Core.fact $Core.streams(["payment"]) $Core.streamId("refundId") {
  refundId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  caseId @4 :Text $Core.optional $Core.id;
  source @5 :RefundSource;
  sourceId @6 :Text $Core.id;
  amount @7 :Core.Money;
  method @8 :Text $Core.codes("paymentMethod");
  approver @9 :Text $Core.id;
  partnerId @10 :Text $Core.optional $Core.id;
}

struct RefundPaid $Core.fact $Core.streams(["payment"]) $Core.streamId("refundId") {
  refundId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  caseId @4 :Text $Core.optional $Core.id;
  source @5 :RefundSource;
  sourceId @6 :Text $Core.id;
  amount @7 :Core.Money;
  method @8 :Text $Core.codes("paymentMethod");
  psp @9 :Text $Core.optional $Core.id;
  pspRef @10 :Text $Core.optional;
  partnerId @11 :Text $Core.optional $Core.id;
}

struct RefundFailed $Core.fact $Core.streams(["payment"]) $Core.streamId("refundId") {
  refundId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  caseId @4 :Text $Core.optional $Core.id;
  reasonCode @5 :Text;
  partnerId @6 :Text $Core.optional $Core.id;
}

struct ChargebackReceived $Core.fact $Core.streams(["payment"]) $Core.streamId("chargebackId") {
  enum Source {
    unspecified @0;
    payment @1;
    capture @2;
    deposit @3;
  }
  chargebackId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  partnerId @3 :Text $Core.optional $Core.id;
  orderId @4 :Text $Core.optional $Core.id;
  caseId @5 :Text $Core.optional $Core.id;
  source @6 :Source;
  sourceId @7 :Text $Core.id;
  amount @8 :Core.Money;
  reason @9 :Text $Core.codes("chargebackReason");
  answerBy @10 :Core.OptionalTime $Core.optional;
  pspRef @11 :Text $Core.optional;
}

struct ChargebackClosed $Core.fact $Core.streams(["payment"]) $Core.streamId("chargebackId") {
  enum Outcome {
    unspecified @0;
    won @1;
    lost @2;
    accepted @3;
  }
  chargebackId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  partnerId @3 :Text $Core.optional $Core.id;
  orderId @4 :Text $Core.optional $Core.id;
  caseId @5 :Text $Core.optional $Core.id;
  outcome @6 :Outcome;
}

struct PspSettlementReceived $Core.fact $Core.streams(["payment"]) $Core.streamId("pspSettlementId") {
  enum Direction {
    unspecified @0;
    in @1;
    out @2;
  }
  struct Line {
    kind @0 :Text $Core.codes("pspLineKind");
    amount @1 :Core.Money;
    direction @2 :Direction;
    pspRef @3 :Text $Core.optional;
  }
  pspSettlementId @0 :Text $Core.id;
  partnerId @1 :Text $Core.optional $Core.id;
  orderId @2 :Text $Core.optional $Core.id;
  psp @3 :Text $Core.id;
  lines @4 :List(Line);
  net @5 :Core.Money;
  direction @6 :Direction;
  accountId @7 :Text $Core.optional $Core.id;
  party @8 :Text $Core.optional $Core.name;
  caseId @9 :Text $Core.optional $Core.id;
}

struct CompensationGranted $Core.fact $Core.streams(["payment"]) $Core.streamId("compensationId") {
  enum Form {
    unspecified @0;
    cash @1;
    accountCredit @2;
    voucher @3;
    serviceCode @4;
    other @5;
  }
  compensationId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  caseId @4 :Text $Core.optional $Core.id;
  # Always there on `decision` (CaseMissing).
  round @5 :UInt8;
  form @6 :Form;
  amount @7 :Core.Money;
  # The list price of a service code.
  voucherId @8 :Text $Core.optional $Core.id;
  approver @9 :Text $Core.id;
  limitRule @10 :Text $Core.optional;
  partnerId @11 :Text $Core.optional $Core.id;
}

struct CompensationPaid $Core.fact $Core.streams(["payment"]) $Core.streamId("compensationId") {
  compensationId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  caseId @4 :Text $Core.optional $Core.id;
  amount @5 :Core.Money;
  method @6 :Text $Core.codes("paymentMethod");
  psp @7 :Text $Core.optional $Core.id;
  pspRef @8 :Text $Core.optional;
  partnerId @9 :Text $Core.optional $Core.id;
}

struct VoucherIssued $Core.fact $Core.streams(["payment"]) $Core.streamId("voucherId") {
  enum Kind {
    unspecified @0;
    remedy @1;
    coupon @2;
  }
  voucherId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  caseId @4 :Text $Core.optional $Core.id;
  kind @5 :Kind;
  value @6 :Core.Money $Core.optional;
  serviceCode @7 :Text $Core.optional;
  # One of value and serviceCode.
  expiresAt @8 :Int64 $Core.time;
  approver @9 :Text $Core.optional $Core.id;
  partnerId @10 :Text $Core.optional $Core.id;
}

struct VoucherRedeemed $Core.fact $Core.streams(["payment"]) $Core.streamId("voucherId") {
  voucherId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  caseId @4 :Text $Core.optional $Core.id;
  chargeId @5 :Text $Core.id;
  amount @6 :Core.Money;
  partnerId @7 :Text $Core.optional $Core.id;
}

struct VoucherExpired $Core.derived $Core.streams(["payment"]) $Core.streamId("voucherId") {
  voucherId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  caseId @4 :Text $Core.optional $Core.id;
  amount @5 :Core.Money;
  # What remained.
  partnerId @6 :Text $Core.optional $Core.id;
}

struct PartnerCostAccrued $Core.fact $Core.streams(["payment"]) $Core.streamId("costId") {
  costId @0 :Text $Core.id;
  partnerId @1 :Text $Core.id;
  orderId @2 :Text $Core.optional $Core.id;
  assistanceId @3 :Text $Core.optional $Core.id;
  caseId @4 :Text $Core.optional $Core.id;
  kind @5 :Text $Core.codes("partnerCostKind");
  amount @6 :Core.Money;
}

struct PartnerPaid $Core.fact $Core.streams(["payment"]) $Core.streamId("costId") {
  costId @0 :Text $Core.id;
  partnerId @1 :Text $Core.id;
  orderId @2 :Text $Core.optional $Core.id;
  caseId @3 :Text $Core.optional $Core.id;
  amount @4 :Core.Money;
}
