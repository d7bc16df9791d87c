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
