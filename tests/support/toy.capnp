# SPDX-License-Identifier: Apache-2.0
#
# Events of a small trade that has nothing to do with rental: what the engine's own tests append.
@0xbc5ad9b8c1f3e720;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("toy::schema");

struct BoxOpened $Core.fact $Core.streams(["box"]) $Core.streamId("boxId") {
  boxId @0 :Text $Core.id;
  label @1 :Text;
  owner @2 :Text $Core.optional $Core.id;
}

struct CoinsMoved $Core.fact $Core.streams(["box"]) $Core.streamId("boxId") {
  enum How {
    unspecified @0;
    putIn @1;
    takeOut @2;
    hold @3;
    free @4;
  }
  boxId @0 :Text $Core.id;
  how @1 :How;
  amount @2 :Core.Money;
  partner @3 :Text $Core.optional $Core.id;
  memo @4 :Text $Core.optional;
}

struct BoxShut $Core.derived $Core.streams(["box"]) $Core.streamId("boxId") {
  boxId @0 :Text $Core.id;
  dueAt @1 :Core.OptionalTime $Core.optional;
}

struct NoteTaken $Core.fact $Core.streams(["note"]) {
  accountId @0 :Text $Core.id;
  note @1 :Core.Sealed $Core.optional $Core.personal("D7");
  about @2 :Text;
}
