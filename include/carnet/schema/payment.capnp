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
