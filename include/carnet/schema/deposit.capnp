# SPDX-License-Identifier: Apache-2.0
#
# Deposits and holds: DOMAIN §2.7. A deposit is {purpose, instrument, currency}; a hold is one authorization of it.
@0xa94d1e7f60b3c825;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
using Payment = import "/carnet/schema/payment.capnp";
$Cxx.namespace("carnet::schema");

enum DepositPurpose {
  unspecified @0;
  security @1;
  violation @2;
  combined @3;
}

struct PreAuthorizationRequested $Core.fact $Core.streams(["deposit"]) $Core.streamId("depositId") {
  depositId @0 :Text $Core.id;
  contractId @1 :Text $Core.optional $Core.id;
  orderId @2 :Text $Core.optional $Core.id;
  accountId @3 :Text $Core.optional $Core.id;
  party @4 :Text $Core.optional $Core.name;
  # contractId, orderId and one of accountId and party; absent only on history.
  holdId @5 :Text $Core.id;
  purpose @6 :DepositPurpose;
  amount @7 :Core.Money;
  paymentToken @8 :Core.Sealed $Core.optional $Core.personal("D3");
}

struct PreAuthorizationDeclined $Core.fact $Core.streams(["deposit"]) $Core.streamId("depositId") {
  depositId @0 :Text $Core.id;
  contractId @1 :Text $Core.optional $Core.id;
  orderId @2 :Text $Core.optional $Core.id;
  accountId @3 :Text $Core.optional $Core.id;
  party @4 :Text $Core.optional $Core.name;
  holdId @5 :Text $Core.id;
  reasonCode @6 :Text;
}

struct PreAuthorizationFrozen $Core.fact $Core.streams(["deposit"]) $Core.streamId("depositId") {
  depositId @0 :Text $Core.id;
  contractId @1 :Text $Core.optional $Core.id;
  orderId @2 :Text $Core.optional $Core.id;
  accountId @3 :Text $Core.optional $Core.id;
  party @4 :Text $Core.optional $Core.name;
  holdId @5 :Text $Core.id;
  replaces @6 :Text $Core.optional $Core.id;
  # The hold whose place it takes: the disclosed cap counts once.
  amount @7 :Core.Money;
  psp @8 :Text $Core.id;
  network @9 :Text;
  pspRef @10 :Text;
  authCode @11 :Text $Core.optional;
  expiresAt @12 :Int64 $Core.time;
  disclosedRef @13 :Text $Core.optional;
}

struct PreAuthorizationChanged $Core.fact $Core.streams(["deposit"]) $Core.streamId("depositId") {
  depositId @0 :Text $Core.id;
  contractId @1 :Text $Core.optional $Core.id;
  orderId @2 :Text $Core.optional $Core.id;
  accountId @3 :Text $Core.optional $Core.id;
  party @4 :Text $Core.optional $Core.name;
  holdId @5 :Text $Core.id;
  delta @6 :Core.Money;
  # 0 or more; it governs the books.
  newTotal @7 :Core.Money;
  # Frozen less released plus delta.
  expiresAt @8 :Core.OptionalTime $Core.optional;
  pspRef @9 :Text $Core.optional;
}

struct PreAuthorizationCaptured $Core.fact $Core.streams(["deposit"]) $Core.streamId("depositId") {
  depositId @0 :Text $Core.id;
  contractId @1 :Text $Core.optional $Core.id;
  orderId @2 :Text $Core.optional $Core.id;
  accountId @3 :Text $Core.optional $Core.id;
  party @4 :Text $Core.optional $Core.name;
  holdId @5 :Text $Core.id;
  captureId @6 :Text $Core.id;
  amount @7 :Core.Money;
  appliedTo @8 :List(Payment.Allocation);
  final @9 :Bool;
  # The same event voids what remains.
  pspRef @10 :Text $Core.optional;
}

struct PreAuthorizationExpired $Core.fact $Core.streams(["deposit"]) $Core.streamId("depositId") {
  depositId @0 :Text $Core.id;
  contractId @1 :Text $Core.optional $Core.id;
  orderId @2 :Text $Core.optional $Core.id;
  accountId @3 :Text $Core.optional $Core.id;
  party @4 :Text $Core.optional $Core.name;
  holdId @5 :Text $Core.id;
  amount @6 :Core.Money;
  # What remained.
}

struct DepositCollected $Core.fact $Core.streams(["deposit"]) $Core.streamId("depositId") {
  depositId @0 :Text $Core.id;
  contractId @1 :Text $Core.optional $Core.id;
  orderId @2 :Text $Core.optional $Core.id;
  accountId @3 :Text $Core.optional $Core.id;
  party @4 :Text $Core.optional $Core.name;
  amount @5 :Core.Money;
  method @6 :Text $Core.codes("paymentMethod");
  receiptNo @7 :Text;
  psp @8 :Text $Core.optional $Core.id;
  pspRef @9 :Text $Core.optional;
  purpose @10 :DepositPurpose;
  # Of cash nothing else says it: a contract may disclose both a security and a violation deposit in cash.
}

struct DepositApplied $Core.fact $Core.streams(["deposit"]) $Core.streamId("depositId") {
  depositId @0 :Text $Core.id;
  contractId @1 :Text $Core.optional $Core.id;
  orderId @2 :Text $Core.optional $Core.id;
  accountId @3 :Text $Core.optional $Core.id;
  party @4 :Text $Core.optional $Core.name;
  amount @5 :Core.Money;
  appliedTo @6 :List(Payment.Allocation);
}

struct DepositReleased $Core.fact $Core.streams(["deposit"]) $Core.streamId("depositId") {
  enum Instrument {
    unspecified @0;
    preAuthorization @1;
    cash @2;
  }
  depositId @0 :Text $Core.id;
  contractId @1 :Text $Core.optional $Core.id;
  orderId @2 :Text $Core.optional $Core.id;
  accountId @3 :Text $Core.optional $Core.id;
  party @4 :Text $Core.optional $Core.name;
  instrument @5 :Instrument;
  holdId @6 :Text $Core.optional $Core.id;
  refundId @7 :Text $Core.optional $Core.id;
  # Of cash: the refund that pays it back.
  amount @8 :Core.Money;
  reason @9 :Text $Core.codes("releaseReason");
  approver @10 :Text $Core.optional $Core.id;
}
