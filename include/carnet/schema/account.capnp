# SPDX-License-Identifier: Apache-2.0
#
# Accounts, one data subject each: DOMAIN §2.3. fieldMask names the fields of a payload that were given; which of them
# a profile must have is a rule (I-A1), not a property of the schema.
@0xb46942a189d4ab9b;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::schema");

enum CustomerProfile {
  unspecified @0;
  rental @1;
  designatedDriver @2;
  both @3;
}

struct CustomerDataCollected $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  source @1 :Text $Core.codes("collectionSource");
  collector @2 :Text $Core.optional $Core.id $Core.marked("staffId");
  platform @3 :Text $Core.optional $Core.id $Core.marked("partnerId");
  externalRef @4 :Core.Sealed $Core.optional $Core.personal("D1");
  lawfulBasisRef @5 :Text;
  profile @6 :CustomerProfile;
  fieldMask @7 :List(Text);
  fullName @8 :Core.Sealed $Core.optional $Core.personal("D1");
  phone @9 :Core.Sealed $Core.optional $Core.personal("D1");
  email @10 :Core.Sealed $Core.optional $Core.personal("D1");
  address @11 :Core.Sealed $Core.optional $Core.personal("D1");
  birthday @12 :Core.Sealed $Core.optional $Core.personal("D13");
  needs @13 :Core.Sealed $Core.optional $Core.personal("D13");
  licenceNo @14 :Core.Sealed $Core.optional $Core.personal("D2");
  licenceClass @15 :Text $Core.optional;
  licenceExpiry @16 :Core.Sealed $Core.optional $Core.personal("D2");
  idNo @17 :Core.Sealed $Core.optional $Core.personal("D2");
  paymentToken @18 :Core.Sealed $Core.optional $Core.personal("D3");
  usualPickup @19 :Core.Sealed $Core.optional $Core.personal("D6");
  usualDropoff @20 :Core.Sealed $Core.optional $Core.personal("D6");
  locale @21 :Text;
}

struct AccountOpened $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  accountNo @1 :Text;
  profile @2 :CustomerProfile;
  termsVersion @3 :Text;
  privacyVersion @4 :Text;
  homeTz @5 :Text;
  # IANA name.
}

struct OnboardingFollowUpCompleted $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  enum Outcome {
    unspecified @0;
    setUpOk @1;
    helpGiven @2;
    unreachable @3;
  }
  accountId @0 :Text $Core.id;
  outcome @1 :Outcome;
  questions @2 :Core.Sealed $Core.optional $Core.personal("D7");
}

struct AccountUpdateRequested $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  via @1 :Text $Core.codes("via");
  fieldMask @2 :List(Text);
  customerReminded @3 :Bool;
  # From here on the new values.
  fullName @4 :Core.Sealed $Core.optional $Core.personal("D1");
  phone @5 :Core.Sealed $Core.optional $Core.personal("D1");
  email @6 :Core.Sealed $Core.optional $Core.personal("D1");
  address @7 :Core.Sealed $Core.optional $Core.personal("D1");
  birthday @8 :Core.Sealed $Core.optional $Core.personal("D13");
  needs @9 :Core.Sealed $Core.optional $Core.personal("D13");
  licenceNo @10 :Core.Sealed $Core.optional $Core.personal("D2");
  licenceClass @11 :Text $Core.optional;
  licenceExpiry @12 :Core.Sealed $Core.optional $Core.personal("D2");
  idNo @13 :Core.Sealed $Core.optional $Core.personal("D2");
  paymentToken @14 :Core.Sealed $Core.optional $Core.personal("D3");
  usualPickup @15 :Core.Sealed $Core.optional $Core.personal("D6");
  usualDropoff @16 :Core.Sealed $Core.optional $Core.personal("D6");
  locale @17 :Text $Core.optional;
}

struct AccountUpdateRejected $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  reasonCode @1 :Text;
  requestRef @2 :Text;
}

struct AccountInformationUpdated $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  fieldMask @1 :List(Text);
  # Then the values, up to locale.
  fullName @2 :Core.Sealed $Core.optional $Core.personal("D1");
  phone @3 :Core.Sealed $Core.optional $Core.personal("D1");
  email @4 :Core.Sealed $Core.optional $Core.personal("D1");
  address @5 :Core.Sealed $Core.optional $Core.personal("D1");
  birthday @6 :Core.Sealed $Core.optional $Core.personal("D13");
  needs @7 :Core.Sealed $Core.optional $Core.personal("D13");
  licenceNo @8 :Core.Sealed $Core.optional $Core.personal("D2");
  licenceClass @9 :Text $Core.optional;
  licenceExpiry @10 :Core.Sealed $Core.optional $Core.personal("D2");
  idNo @11 :Core.Sealed $Core.optional $Core.personal("D2");
  paymentToken @12 :Core.Sealed $Core.optional $Core.personal("D3");
  usualPickup @13 :Core.Sealed $Core.optional $Core.personal("D6");
  usualDropoff @14 :Core.Sealed $Core.optional $Core.personal("D6");
  locale @15 :Text $Core.optional;
  cause @16 :Text $Core.codes("updateCause");
  errorOrigin @17 :Text $Core.optional $Core.codes("errorOrigin");
  archivedBy @18 :Text $Core.id;
  significant @19 :Bool;
}

struct AccountInformationReviewed $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  fieldsChecked @1 :UInt16;
  fieldsIncorrect @2 :UInt16;
  incorrectMask @3 :List(Text);
  method @4 :Text $Core.codes("reviewMethod");
  confirmedByCustomer @5 :Bool;
}

struct AccountRestricted $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  reason @1 :Text $Core.codes("restrictionReason");
  scope @2 :Text;
  approver @3 :Text $Core.id;
}

struct AccountRestrictionLifted $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  reason @1 :Text $Core.codes("restrictionReason");
  scope @2 :Text;
  approver @3 :Text $Core.id;
}

struct AccountClosureRequested $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  via @1 :Text $Core.codes("via");
  reasonCode @2 :Text $Core.optional;
}

struct AccountClosureCancelled $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  via @1 :Text $Core.codes("via");
  reasonCode @2 :Text $Core.optional;
}

struct AccountClosureInitiatedByCompany $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  reason @1 :Text $Core.codes("closureReason");
  explanationCode @2 :Text;
  explanation @3 :Core.Sealed $Core.personal("D7");
}

struct AccountClosureReviewed $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  struct Blocker {
    kind @0 :Text;
    ref @1 :Text;
  }
  accountId @0 :Text $Core.id;
  blockers @1 :List(Blocker);
  clear @2 :Bool;
}

struct AccountClosed $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  struct Retention {
    class @0 :Text;
    deleteAfter @1 :Int64 $Core.time;
  }
  accountId @0 :Text $Core.id;
  reasonCode @1 :Text;
  retentionPlan @2 :List(Retention);
}

struct AccountReopeningRequested $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  reasonCode @1 :Text;
  via @2 :Text $Core.codes("via");
}

struct AccountReopeningRejected $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  reasonCode @1 :Text;
  via @2 :Text $Core.codes("via");
}

struct AccountReactivated $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  enum Restored {
    unspecified @0;
    fromLiveKeys @1;
    recollected @2;
  }
  accountId @0 :Text $Core.id;
  restored @1 :Restored;
  detailsReverifiedAt @2 :Int64 $Core.time;
}

struct AccountsMerged $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  # Of the stream: one event in each of both, in one commit.
  surviving @1 :Text $Core.id;
  absorbed @2 :Text $Core.id;
  evidence @3 :Data $Core.digest;
}

struct UnclaimedBalanceTransferred $Core.fact $Core.streams(["account"]) $Core.streamId("accountId") {
  enum From {
    unspecified @0;
    customerCredit @1;
    refundPayable @2;
    compensationPayable @3;
  }
  struct ContactAttempt {
    at @0 :Int64 $Core.time;
    channel @1 :Text $Core.codes("channel");
  }
  accountId @0 :Text $Core.id;
  amount @1 :Core.Money;
  from @2 :From;
  jurisdiction @3 :Text;
  contactAttempts @4 :List(ContactAttempt);
  approver @5 :Text $Core.id;
}
