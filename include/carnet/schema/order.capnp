# SPDX-License-Identifier: Apache-2.0
#
# Designated-driver orders and what customers say of a service: DOMAIN §2.11.
@0xbe5d16a3c08f7294;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::schema");

struct RatingReceived $Core.fact {
  enum Scope {
    unspecified @0;
    overall @1;
    order @2;
    case @3;
    visit @4;
  }
  enum Step {
    unspecified @0;
    verySatisfied @1;
    satisfied @2;
    neutral @3;
    dissatisfied @4;
    veryDissatisfied @5;
  }
  struct OptionalStep $Core.box {
    value @0 :Step;
  }
  ratingId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  # One of accountId and party; both absent: anonymous.
  orderId @3 :Text $Core.optional $Core.id;
  caseId @4 :Text $Core.optional $Core.id;
  scope @5 :Scope;
  ref @6 :Text;
  # What is rated, in the words of its scope: an order, a case, a visit.
  scaleMin @7 :Int32;
  scaleMax @8 :Int32;
  score @9 :Int32;
  step @10 :OptionalStep $Core.optional;
  # Where the scale is the five steps themselves or a published mapping says so.
  comment @11 :Core.Sealed $Core.optional $Core.personal("D7");
}
