# SPDX-License-Identifier: Apache-2.0
#
# The messages of a commit: one CommitHeader, the Introductions of what it uses first, one Event an event. Each is stored as one
# flat segment (no segment table), and those bytes are hashed: docs/reference/log-format.md. Nothing here is ever renamed,
# renumbered or reused. Ordinals are dense, 1-based and given in order of introduction; 0 means none.
@0xe4c1b7d2f0a85312;

using Cxx = import "/capnp/c++.capnp";
using Schema = import "/capnp/schema.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::schema");

enum Basis {
  unspecified @0;
  decision @1;
  report @2;
  history @3;
}

enum ActorKind {
  unspecified @0;
  staff @1;
  customer @2;
  driver @3;
  system @4;
  partner @5;
}

struct CommitHeader {
  number @0 :UInt64;
  # Of the commit, 0-based: the leaf index.
  firstPosition @1 :UInt64;
  # Of its first event, 1-based.
  recordedAt @2 :Int64 $Core.time;
  # Never below that of the commit before.
  command0 @3 :UInt64;
  command1 @4 :UInt64;
  # First 16 bytes of SHA-256 of the command's text: bytes 0-7 and 8-15, each as little-endian number.
  requestDigest0 @5 :UInt64;
  requestDigest1 @6 :UInt64;
  # First 16 bytes of the request digest, in the same way.
  causedBy @7 :UInt64;
  # Number of the causing commit, plus 1; 0: none.
  sourcePosition @8 :UInt64;
  # The source's own position; counts only where sourceName is not 0.
  sourceName @9 :UInt32;
  # Code ordinal.
  role @10 :UInt32;
  # Code ordinal.
  channel @11 :UInt32;
  # Code ordinal.
  basis @12 :Basis;
  actorKind @13 :ActorKind;
  actorId @14 :Text;
  rules @15 :List(RuleVersion);
  # Rule sets that the decision read, in order of first reading.
}

struct RuleVersion {
  family @0 :UInt32;
  # Code ordinal.
  version @1 :UInt32;
}

enum ChainKind {
  unspecified @0;
  stream @1;
  tag @2;
}

enum TypeNature {
  unspecified @0;
  fact @1;
  derived @2;
}

enum NormalSide {
  unspecified @0;
  debit @1;
  credit @2;
}

enum AccountLimit {
  none @0;
  debitsWithinCredits @1;
  # pendingDebits + postedDebits <= postedCredits
  creditsWithinDebits @2;
  # pendingCredits + postedCredits <= postedDebits
}

struct Introduction {
  ordinal @0 :UInt32;
  blind @1 :Data;
  # 16 random bytes in a commit of several events, else absent.
  union {
    unspecified @2 :Void;
    chain @3 :Chain;
    type @4 :Type;
    account @5 :Account;
    unit @6 :Unit;
    code @7 :Text;
  }

  struct Chain {
    kind @0 :ChainKind;
    name @1 :Text;
  }

  struct Type {
    name @0 :Text;
    revision @1 :UInt16;
    # 1-based; a later revision of a name keeps its ordinal.
    nature @2 :TypeNature;
    root @3 :UInt64;
    # Id of the payload's struct among the nodes.
    closure @4 :SchemaClosure;
  }

  struct Account {
    path @0 :Text;
    unit @1 :UInt32;
    # Unit ordinal. A ledger account is a path in one unit.
    normalSide @2 :NormalSide;
    limit @3 :AccountLimit;
    chart @4 :UInt32;
    # Code ordinal: its row in the chart of accounts (`A3`), which rules and queries read; the path is its label.
  }

  struct Unit {
    name @0 :Text;
    # ISO 4217 letters, or PTS.
    scale @1 :UInt8;
  }
}

struct SchemaClosure {
  nodes @0 :List(Schema.Node);
  # The root and every node it reaches, annotations that they use included, sorted by id.
}

enum CorrectionKind {
  unspecified @0;
  correction @1;
  reversal @2;
}

struct Event {
  type @0 :UInt32;
  # Type ordinal.
  revision @1 :UInt16;
  correctsKind @2 :CorrectionKind;
  correctsPosition @3 :UInt64;
  # 0: corrects nothing.
  occurredAt @4 :Int64 $Core.time;
  bookedAt @5 :Int64 $Core.time;
  chains @6 :List(ChainLink);
  # Its stream first, then its tags.
  findings @7 :List(Finding);
  due @8 :List(Due);
  transfers @9 :List(Transfer);
  blind @10 :Data;
  # 16 random bytes in a commit of several events, else absent.
  payload @11 :AnyPointer;
}

struct ChainLink {
  previous @0 :UInt64;
  # Position of the previous event of the chain; 0: none.
  chain @1 :UInt32;
  # Chain ordinal.
  version @2 :UInt32;
  # Count of events of the chain, this one included.
}

enum Severity {
  unspecified @0;
  info @1;
  warning @2;
  breach @3;
}

struct Finding {
  code @0 :UInt32;
  # Code ordinal.
  severity @1 :Severity;
  path @2 :Text;
  # Field of the payload or envelope (`data.amount.currency`); empty: the event as a whole.
  args @3 :List(Argument);
  # Without personal data.

  struct Argument {
    name @0 :Text;
    text @1 :Text;
  }
}

struct Due {
  rule @0 :UInt32;
  # Code ordinal (`O-15`).
  due @1 :Int64 $Core.time;
  subject @2 :Text;
}

enum Phase {
  unspecified @0;
  posted @1;
  pending @2;
  voided @3;
}

struct Transfer {
  amount @0 :Int64;
  # Minor units, greater than 0.
  debit @1 :UInt32;
  # Account ordinal.
  credit @2 :UInt32;
  # Account ordinal.
  rule @3 :UInt32;
  # Code ordinal (`PR-60`).
  unit @4 :UInt16;
  # Unit ordinal, that of both accounts.
  phase @5 :Phase;
}
