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

struct FeedbackDetailsCompleted $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  fieldMask @6 :List(Text);
  # Of name, contact, content: those given now.
  name @7 :Core.Sealed $Core.optional $Core.personal("D7");
  contact @8 :Core.Sealed $Core.optional $Core.personal("D7");
  content @9 :Core.Sealed $Core.optional $Core.personal("D7");
}

struct FeedbackAcknowledged $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  stepsVersion @6 :Text;
  promisedBy @7 :Int64 $Core.time;
}

struct FeedbackClassified $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  enum Severity {
    unspecified @0;
    minor @1;
    normal @2;
    serious @3;
    major @4;
  }
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  category @6 :Text $Core.codes("feedbackCategory");
  topic @7 :Text $Core.codes("feedbackTopic");
  nature @8 :Text $Core.codes("feedbackNature");
  severity @9 :Severity;
  priority @10 :UInt8;
}

struct CaseAssigned $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  department @6 :Text;
  owner @7 :Text $Core.id $Core.marked("staffId");
  reasonCode @8 :Text;
}

struct ResponsibilityHandedOver $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  from @6 :Text $Core.id;
  to @7 :Text $Core.id;
  reasonCode @8 :Text;
}

struct ResponsibilityAccepted $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  from @6 :Text $Core.id;
  to @7 :Text $Core.id;
  reasonCode @8 :Text;
}

struct FirstResponseSent $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  channel @6 :Text $Core.codes("channel");
  template @7 :Text;
  automated @8 :Bool;
}

struct InquiryAnswered $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  channel @6 :Text $Core.codes("channel");
  answer @7 :Data $Core.digest;
}

struct InvestigationStarted $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  investigator @6 :Text $Core.id $Core.marked("staffId");
}

struct EvidenceCollected $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  # party beside accountId: the one that was consulted.
  kind @6 :Text $Core.codes("evidenceKind");
  ref @7 :Text;
  digest @8 :Data $Core.digest;
}

struct InvestigationCompleted $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  enum Liable {
    unspecified @0;
    company @1;
    driver @2;
    customer @3;
    thirdParty @4;
    none @5;
  }
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  cause @6 :Text $Core.codes("caseCause");
  liable @7 :Liable;
}

struct ResolutionPlanProposed $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  round @6 :UInt8;
  measures @7 :List(Text);
  expectedBy @8 :Int64 $Core.time;
  feedbackMethod @9 :Text;
  compensationId @10 :Text $Core.optional $Core.id;
}

struct CaseEscalated $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  level @6 :UInt8;
  to @7 :Text $Core.id;
  reason @8 :Text $Core.codes("escalationReason");
}

struct EscalationAcknowledged $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  level @6 :UInt8;
}

struct DeadlineExtended $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  oldDueAt @6 :Int64 $Core.time;
  newDueAt @7 :Int64 $Core.time;
  reasonCode @8 :Text;
  approver @9 :Text $Core.id;
}

struct ResolutionCommunicated $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  round @6 :UInt8;
  explanationCode @7 :Text;
  followUpMeasures @8 :List(Text);
  by @9 :Text $Core.id $Core.marked("staffId");
}

struct CustomerOpinionRecorded $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  enum Result {
    unspecified @0;
    satisfied @1;
    dissatisfied @2;
    noAnswer @3;
  }
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  round @6 :UInt8;
  result @7 :Result;
  scale @8 :Text $Core.optional;
  opinion @9 :Core.Sealed $Core.optional $Core.personal("D7");
}

struct ReworkStarted $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  enum Cause {
    unspecified @0;
    dissatisfied @1;
    reopened @2;
  }
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  round @6 :UInt8;
  cause @7 :Cause;
  reasonCode @8 :Text;
}

struct ComplaintResolved $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  enum Outcome {
    unspecified @0;
    upheld @1;
    partlyUpheld @2;
    rejected @3;
  }
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  round @6 :UInt8;
  outcome @7 :Outcome;
  satisfied @8 :Bool;
}

struct PostResolutionFollowUpCompleted $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  outcome @6 :Text;
  newCaseId @7 :Text $Core.optional $Core.id;
}

struct CaseWithdrawn $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  by @6 :Text $Core.id;
}

struct CaseMarkedDuplicate $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  primaryCaseId @6 :Text $Core.id;
}

struct CaseClosed $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  enum Basis {
    unspecified @0;
    satisfied @1;
    withdrawn @2;
    unreachable @3;
    referredToAuthority @4;
    noActionNeeded @5;
  }
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  basis @6 :Basis;
  approver @7 :Text $Core.optional $Core.id;
}

struct ComplaintFileArchived $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  enum Volume {
    unspecified @0;
    general @1;
    own @2;
  }
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  retainUntil @6 :Int32 $Core.date;
  volume @7 :Volume;
}

struct ComplaintFilePurged $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  classes @6 :List(Text);
  keys @7 :List(Data);
}

struct LegalHoldPlaced $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  ground @6 :Text;
  authorityRef @7 :Text;
  classes @8 :List(Text);
}

struct LegalHoldLifted $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  ground @6 :Text;
  authorityRef @7 :Text;
  classes @8 :List(Text);
}

struct DisputeReplayProduced $Core.fact $Core.streams(["case"]) $Core.streamId("caseId") {
  caseId @0 :Text $Core.id;
  accountId @1 :Text $Core.optional $Core.id;
  party @2 :Text $Core.optional $Core.name;
  orderId @3 :Text $Core.optional $Core.id;
  contractId @4 :Text $Core.optional $Core.id;
  violationId @5 :Text $Core.optional $Core.id;
  subject @6 :Text $Core.name;
  # The stream whose timeline was produced.
  asOfOccurred @7 :Int64 $Core.time;
  knownAt @8 :UInt64;
  # Position.
  digest @9 :Data $Core.digest;
  recipient @10 :Text $Core.id;
  classesDisclosed @11 :List(Text);
}
