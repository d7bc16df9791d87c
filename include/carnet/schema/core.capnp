# SPDX-License-Identifier: Apache-2.0
#
# What every payload schema is written with (annotations, Money, Sealed, boxes for optional scalars) and the core's own
# events. All of it enters leaf bytes: fields are only ever added, never renamed, renumbered or reused.
#
# Rules for payload types (the registry refuses others): integers, Bool, Text, Data, enums, structs and lists of these; no
# unions, floats, AnyPointer, interfaces or generics. Enumerant 0 of an enum is `unspecified` and refused on append. An
# optional field is a pointer (`$optional`): absent is a null pointer; an optional scalar sits in a box.
@0xd1a5c7a3e0b94f11;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("carnet::schema");

# ---- Annotations of types ----
annotation fact @0xb5a0b9e2b3f4c901 (struct) :Void;
# The event states something that happened; a counter-factual replay keeps it.
annotation derived @0xb5a0b9e2b3f4c902 (struct) :Void;
# The event follows from earlier facts and the rule sets in force; a counter-factual replay drops and decides it again.
annotation streams @0xb5a0b9e2b3f4c903 (struct) :List(Text);
# Stream families that may carry the event; absent: any.
annotation streamId @0xb5a0b9e2b3f4c904 (struct) :Text;
# The payload field that the id of the stream repeats.
annotation box @0xb5a0b9e2b3f4c905 (struct) :Void;
# Stands in JSON for its one field `value`.

# ---- Annotations of fields ----
annotation optional @0xb5a0b9e2b3f4c910 (field) :Void;
# May be absent (null pointer, absent key).
annotation personal @0xb5a0b9e2b3f4c911 (field) :Text;
# Personal data of this class (`D1` … `D14`); the field has the type Sealed.
annotation personalOf @0xb5a0b9e2b3f4c912 (field) :Text;
# The field that names the account whose key seals it, where that is not `accountId`.
annotation time @0xb5a0b9e2b3f4c913 (field) :Void;
# Int64: nanoseconds since the Unix epoch, UTC. JSON: RFC 3339.
annotation duration @0xb5a0b9e2b3f4c914 (field) :Void;
# Int64: whole seconds. JSON: ISO 8601.
annotation date @0xb5a0b9e2b3f4c915 (field) :Void;
# Int32: days since 1970-01-01. JSON: YYYY-MM-DD.
annotation currency @0xb5a0b9e2b3f4c916 (field) :Void;
# UInt32: ISO 4217 letters, first letter in the lowest byte. JSON: the letters.
annotation digest @0xb5a0b9e2b3f4c917 (field) :Void;
# Data of exactly 32 bytes: SHA-256 of something kept elsewhere.
annotation id @0xb5a0b9e2b3f4c918 (field) :Void;
# Text (or each element): an id, 1 to 64 bytes of [A-Za-z0-9._:-].
annotation name @0xb5a0b9e2b3f4c919 (field) :Void;
# Text: a stream or tag name, family/id.
annotation codes @0xb5a0b9e2b3f4c91a (field) :Text;
# Text (or each element): a code of this open list; an unknown one is kept with finding UnknownCode.
annotation marked @0xb5a0b9e2b3f4c91b (field) :Text;
# Text: stands for this field of the tag table (`staffId`, `partnerId`).
annotation unit @0xb5a0b9e2b3f4c91c (field) :Text;
# Unit of a number, for readers (`km`, `perMille`, `bp`).
annotation json @0xb5a0b9e2b3f4c91d (field) :Void;
# Text: UTF-8 JSON in RFC 8785 form.

# ---- Values ----
struct Money {
  minor @0 :Int64;
  currency @1 :UInt32 $currency;
}

struct Sealed {
  # A personal field: AES-256-GCM under the key of (subject, class). docs/reference/log-format.md, "Sealed".
  version @0 :UInt16;
  keyId @1 :Data;
  # 16 bytes: the key at first use.
  nonce @2 :Data;
  # 12 bytes.
  ciphertext @3 :Data;
  # Of 16 random bytes, then the plaintext.
  tag @4 :Data;
  # 16 bytes.
  commitment @5 :Data;
  # 32 bytes: SHA-256 over the 16 random bytes and the plaintext.
}

struct OptionalBool $box { value @0 :Bool; }
struct OptionalUInt8 $box { value @0 :UInt8; }
struct OptionalUInt16 $box { value @0 :UInt16; }
struct OptionalUInt32 $box { value @0 :UInt32; }
struct OptionalUInt64 $box { value @0 :UInt64; }
struct OptionalInt64 $box { value @0 :Int64; }
struct OptionalTime $box { value @0 :Int64 $time; }
struct OptionalDuration $box { value @0 :Int64 $duration; }
struct OptionalDate $box { value @0 :Int32 $date; }

# ---- Events of the core ----
struct LedgerCreated $fact $streams(["ledger"]) {
  formatVersion @0 :UInt16;
  ledgerId @1 :Data;
  # 16 random bytes.
  origin @2 :Text;
  hashSuite @3 :Text;
  # "sha-256": RFC 6962 hashing.
  createdAt @4 :Int64 $time;
  schemas @5 :Data;
  # A flat message of log.capnp:SchemaClosure: CommitHeader, Introduction, Event and all that they reach.
}

struct LossAccepted $fact $streams(["ledger"]) {
  floorPosition @0 :UInt64;
  floorCommits @1 :UInt64;
  headPosition @2 :UInt64;
  headCommits @3 :UInt64;
  approver @4 :Text $id;
}

struct SubjectKeyCreated $fact $streams(["privacy"]) $streamId("accountId") {
  accountId @0 :Text $id;
  class @1 :Text;
  keyId @2 :Data;
  algorithm @3 :Text;
}

struct SubjectKeyRotated $fact $streams(["privacy"]) $streamId("accountId") {
  accountId @0 :Text $id;
  class @1 :Text;
  keyId @2 :Data;
  algorithm @3 :Text;
}

struct PersonalDataErased $fact $streams(["privacy"]) $streamId("accountId") {
  accountId @0 :Text $id;
  classes @1 :List(Text);
  keysDestroyed @2 :List(Data);
  backupsExpireBy @3 :OptionalTime $optional;
}

struct PersonalDataOpened $fact $streams(["staff"]) $streamId("staffId") {
  enum Outcome {
    unspecified @0;
    allowed @1;
    denied @2;
  }
  staffId @0 :Text $id;
  accounts @1 :List(Text) $id;
  classes @2 :List(Text);
  fieldMask @3 :List(Text);
  purpose @4 :Text $codes("purpose");
  businessNeed @5 :Text $optional;
  ticket @6 :Text $optional $id;
  caseId @7 :Text $optional $id;
  outcome @8 :Outcome;
  count @9 :OptionalUInt32 $optional;
  digest @10 :Data $optional $digest;
}

struct AccessGranted $fact $streams(["staff"]) $streamId("staffId") {
  staffId @0 :Text $id;
  grantId @1 :Text $id;
  role @2 :Text;
  classes @3 :List(Text);
  purposes @4 :List(Text) $codes("purpose");
  expiresAt @5 :Int64 $time;
  supersedes @6 :Text $optional $id;
}

struct AccessRevoked $fact $streams(["staff"]) $streamId("staffId") {
  staffId @0 :Text $id;
  grantId @1 :Text $id;
  reasonCode @2 :Text $codes("reason");
}
