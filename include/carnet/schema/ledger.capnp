# SPDX-License-Identifier: Apache-2.0
#
# Events of the ledger itself, notices and rule sets: DOMAIN §2.1 and §2.2.
@0xa8f3d9c4b2e17046;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::schema");

struct LedgerOpened $Core.fact $Core.streams(["ledger"]) {
  goLiveAt @0 :Int64 $Core.time;
  # History occurred before; period obligations start here.
  businessTz @1 :Text;
  # IANA name.
  businessLines @2 :List(Text) $Core.codes("businessLine");
  baseCurrency @3 :UInt32 $Core.currency;
  jurisdiction @4 :Text;
  # ISO 3166-1 alpha-2, or `unspecified`.
}

struct RuleSetPublished $Core.fact $Core.streams(["document"]) {
  family @0 :Text;
  # `codes`, `postingAccounts`, …; the stream is document/ruleSet.{family}.
  version @1 :UInt32;
  # Rising by 1 from 1 within a family.
  effectiveFrom @2 :Int64 $Core.time;
  parameters @3 :Text $Core.json;
  digest @4 :Data $Core.digest;
  # SHA-256 of parameters.
}

struct NoticeSent $Core.fact {
  enum Audience {
    unspecified @0;
    customer @1;
    staff @2;
    public @3;
    partner @4;
    authority @5;
  }
  kinds @0 :List(Text) $Core.codes("noticeKind");
  about @1 :Text $Core.name;
  # What the notice is about: a stream name; it is also a tag.
  party @2 :Text $Core.optional $Core.name;
  template @3 :Text $Core.optional;
  channel @4 :Text $Core.optional $Core.codes("channel");
  codeAsGiven @5 :Text $Core.optional;
  # As the source states it.
  lastSentAsGiven @6 :Text $Core.optional;
  audience @7 :Audience;
  purpose @8 :Text $Core.codes("noticePurpose");
  accountId @9 :Text $Core.optional $Core.id;
  deliveryRef @10 :Text $Core.optional;
  digest @11 :Data $Core.optional $Core.digest;
  text @12 :Core.Sealed $Core.optional $Core.personal("D7");
}

struct OpeningBalanceRecorded $Core.fact $Core.streams(["ledger"]) {
  enum Side {
    unspecified @0;
    debit @1;
    credit @2;
  }
  ledgerAccount @0 :Text;
  # Path of the account, by the chart of accounts.
  party @1 :Text $Core.optional $Core.name;
  side @2 :Side;
  amount @3 :Core.Money;
  document @4 :Data $Core.digest;
}

struct PeriodClosed $Core.fact $Core.streams(["ledger"]) {
  through @0 :Int64 $Core.time;
  position @1 :UInt64;
  trialBalanceDigest @2 :Data $Core.digest;
  approver @3 :Text $Core.id;
  yearEnd @4 :Bool;
}

struct VerificationRecorded $Core.fact $Core.streams(["account", "rental", "privacy", "deposit"]) {
  enum Outcome {
    unspecified @0;
    passed @1;
    failed @2;
  }
  accountId @0 :Text $Core.optional $Core.id;
  party @1 :Text $Core.optional $Core.name;
  # One of accountId and party.
  contractId @2 :Text $Core.optional $Core.id;
  # In rental/.
  depositId @3 :Text $Core.optional $Core.id;
  # In deposit/.
  what @4 :Text $Core.codes("verification");
  outcome @5 :Outcome;
  method @6 :Text;
  verifiedBy @7 :Text $Core.id;
  validUntil @8 :Core.OptionalDate $Core.optional;
  # Absent: without end.
  reasonCode @9 :Text $Core.optional;
  evidence @10 :Data $Core.digest;
}

struct ControlPerformed $Core.fact $Core.streams(["operations"]) {
  enum Outcome {
    unspecified @0;
    ok @1;
    failed @2;
    partial @3;
  }
  control @0 :Text $Core.codes("control");
  # The stream is operations/{control}.
  period @1 :Text;
  # ISO 8601: 2026-Q3, 2026-W40, 2026-09.
  scope @2 :Text;
  outcome @3 :Outcome;
  participants @4 :List(Text) $Core.id $Core.marked("staffId");
  count @5 :Core.OptionalUInt32 $Core.optional;
  score @6 :Core.OptionalInt64 $Core.optional;
  position @7 :Core.OptionalUInt64 $Core.optional;
  digest @8 :Data $Core.optional $Core.digest;
  approver @9 :Text $Core.optional $Core.id;
}

struct DocumentPublished $Core.fact $Core.streams(["document"]) {
  enum Audience {
    unspecified @0;
    customer @1;
    staff @2;
    both @3;
  }
  kind @0 :Text $Core.codes("documentKind");
  # The stream is document/{kind}.
  version @1 :Text;
  effectiveFrom @2 :Int64 $Core.time;
  audience @3 :Audience;
  language @4 :Text;
  # BCP 47.
  digest @5 :Data $Core.digest;
  supersedes @6 :Text $Core.optional;
}

struct StaffRecordAdded $Core.fact $Core.streams(["staff"]) $Core.streamId("staffId") {
  staffId @0 :Text $Core.id;
  kind @1 :Text $Core.codes("staffRecordKind");
  window @2 :Text $Core.optional;
  kpiRefs @3 :List(Text);
  caseId @4 :Text $Core.optional $Core.id;
  incidentId @5 :Text $Core.optional $Core.id;
  measure @6 :Core.Sealed $Core.optional $Core.personal("D14") $Core.personalOf("staffId");
}
