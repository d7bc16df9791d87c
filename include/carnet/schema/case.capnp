# SPDX-License-Identifier: Apache-2.0
#
# Cases (feedback, complaint, dispute): DOMAIN §2.12.
@0xf1c83a9b65d0e274;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::schema");

struct FeedbackReceived $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  enum OrderRef {
    unspecified @0;
    given @1;
    notApplicable @2;
    pending @3;
  }
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  referenceNo @6 :Text;
  channel @7 :Text $Core.codes("channel");
  intakeOrigin @8 :Text $Core.codes("intakeOrigin");
  customerVoicedAt @9 :Int64 $Core.time;
  fieldMask @10 :List(Text);
  # Of name, contact, content: which of them the customer gave.
  name @11 :Core.Sealed $Core.optional $Core.personal("D7");
  contact @12 :Core.Sealed $Core.optional $Core.personal("D7");
  content @13 :Core.Sealed $Core.optional $Core.personal("D7");
  orderRef @14 :OrderRef;
  firstResponsible @15 :Text $Core.optional $Core.id $Core.marked("staffId");
}

struct CaseReferred $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  authority @6 :Text $Core.id;
  ref @7 :Text;
}
