# SPDX-License-Identifier: Apache-2.0
#
# Quotes and reservations: DOMAIN §2.4.
@0xe5109f90503fb22f;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::schema");

struct QuoteIssued $Core.fact $Core.streams(["reservation"]) $Core.streamId("reservationId") {
  struct Line {
    code @0 :Text;
    # Of the price list.
    qty @1 :Int64;
    # Scaled as in ChargePosted.
    amount @2 :Core.Money;
  }
  reservationId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  # One of accountId and party, in all of these.
  quoteId @3 :Text $Core.id;
  priceListVersion @4 :Text;
  channel @5 :Text $Core.codes("channel");
  model @6 :Text;
  from @7 :Int64 $Core.time;
  to @8 :Int64 $Core.time;
  options @9 :List(Text);
  lines @10 :List(Line);
  total @11 :Core.Money;
}

struct ReservationPlaced $Core.fact $Core.streams(["reservation"]) $Core.streamId("reservationId") {
  struct Stop {
    branchId @0 :Text $Core.id;
    at @1 :Int64 $Core.time;
  }
  reservationId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  # Allocated here; absent only on history, listed in `Assumed`, from here on.
  quoteId @4 :Text $Core.optional $Core.id;
  pickup @5 :Stop;
  return @6 :Stop;
  model @7 :Text;
}

struct ReservationConfirmed $Core.fact $Core.streams(["reservation"]) $Core.streamId("reservationId") {
  struct FeeTerm {
    kind @0 :Text $Core.codes("feeTermKind");
    when @1 :Text;
    # From when on, or on what condition, the fee is due.
    amount @2 :Core.Money;
  }
  reservationId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  reservationNo @4 :Text;
  pickupBranchId @5 :Text $Core.id;
  pickupAt @6 :Int64 $Core.time;
  model @7 :Text;
  estimate @8 :Core.Money;
  feeTerms @9 :List(FeeTerm);
}

struct ReservationAmended $Core.fact $Core.streams(["reservation"]) $Core.streamId("reservationId") {
  struct Change {
    field @0 :Text;
    # A field of ReservationPlaced or ReservationConfirmed; of a struct with its path, as pickup.at.
    value @1 :Text;
    # The new value as JSON shows it.
  }
  reservationId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  changes @4 :List(Change);
  estimate @5 :Core.Money;
}

struct ReservationCancelled $Core.fact $Core.streams(["reservation"]) $Core.streamId("reservationId") {
  enum By {
    unspecified @0;
    customer @1;
    company @2;
  }
  reservationId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  by @4 :By;
  reasonCode @5 :Text;
  chargeId @6 :Text $Core.optional $Core.id;
}

struct ReservationMarkedNoShow $Core.fact $Core.streams(["reservation"]) $Core.streamId("reservationId") {
  reservationId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  reasonCode @4 :Text;
  chargeId @5 :Text $Core.optional $Core.id;
}

struct ReservationFulfilled $Core.fact $Core.streams(["reservation"]) $Core.streamId("reservationId") {
  reservationId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.id;
}

struct SpecialRequestRecorded $Core.fact $Core.streams(["reservation"]) $Core.streamId("reservationId") {
  reservationId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  requestId @4 :Text $Core.id;
  kind @5 :Text $Core.codes("specialRequestKind");
  note @6 :Core.Sealed $Core.optional $Core.personal("D13");
}

struct SpecialRequestResolved $Core.fact $Core.streams(["reservation"]) $Core.streamId("reservationId") {
  enum Result {
    unspecified @0;
    prepared @1;
    declined @2;
  }
  reservationId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  requestId @4 :Text $Core.id;
  result @5 :Result;
  reasonCode @6 :Text $Core.optional;
}
