# SPDX-License-Identifier: Apache-2.0
#
# Notices of privacy, lawful bases and consents: DOMAIN §2.13. Keys and erasure are the core's (core.capnp).
@0xf1868a74b3d276c1;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::schema");

struct PrivacyNoticePresented $Core.fact $Core.streams(["privacy"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  noticeVersion @1 :Text;
  language @2 :Text;
  channel @3 :Text $Core.codes("channel");
  purposes @4 :List(Text) $Core.codes("purpose");
}

struct LawfulBasisRecorded $Core.fact $Core.streams(["privacy"]) $Core.streamId("accountId") {
  enum Basis {
    unspecified @0;
    consent @1;
    contract @2;
    legalObligation @3;
    legitimateInterest @4;
    partnerProof @5;
  }
  accountId @0 :Text $Core.id;
  purpose @1 :Text $Core.codes("purpose");
  basis @2 :Basis;
  noticeVersion @3 :Text;
  termsVersion @4 :Text $Core.optional;
  explicit @5 :Bool;
  channel @6 :Text $Core.codes("channel");
  proof @7 :Data $Core.digest;
}

struct ConsentWithdrawn $Core.fact $Core.streams(["privacy"]) $Core.streamId("accountId") {
  accountId @0 :Text $Core.id;
  purpose @1 :Text $Core.codes("purpose");
  # Only where its basis is consent.
}
