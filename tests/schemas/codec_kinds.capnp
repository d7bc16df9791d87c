# SPDX-License-Identifier: Apache-2.0
#
# Test types of lib/codec: one with every kind of field that a payload may have, one with personal fields in every position, and
# one for each thing that a payload may not be.
@0xf7a1c3d5e9b20468;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::test::schema");

struct EveryKind $Core.fact $Core.streams(["rental", "order"]) $Core.streamId("rentalId") {
  enum Colour {
    unspecified @0;
    red @1;
    darkBlue @2;
  }
  struct Part {
    vehicleId @0 :Text $Core.id;
    price @1 :Core.Money $Core.optional;
    flag @2 :Bool;
    reasons @3 :List(Text) $Core.codes("reason");
  }
  rentalId @0 :Text $Core.id;
  flag @1 :Bool;
  int8 @2 :Int8;
  int16 @3 :Int16;
  int32 @4 :Int32;
  int64 @5 :Int64;
  uint8 @6 :UInt8;
  uint16 @7 :UInt16;
  uint32 @8 :UInt32;
  uint64 @9 :UInt64;
  colour @10 :Colour;
  text @11 :Text;
  data @12 :Data;
  digest @13 :Data $Core.digest;
  at @14 :Int64 $Core.time;
  lasts @15 :Int64 $Core.duration;
  day @16 :Int32 $Core.date;
  currency @17 :UInt32 $Core.currency;
  money @18 :Core.Money;
  party @19 :Text $Core.name;
  channel @20 :Text $Core.codes("channel");
  rules @21 :Text $Core.json;
  parts @22 :List(Part);
  part @23 :Part $Core.optional;
  flags @24 :List(Bool);
  numbers @25 :List(Int64);
  small @26 :List(UInt8);
  colours @27 :List(Colour);
  texts @28 :List(Text);
  blobs @29 :List(Data);
  days @30 :List(Int32) $Core.date;
  times @31 :List(Int64) $Core.time;
  accounts @32 :List(Text) $Core.id;
  maybeText @33 :Text $Core.optional;
  maybeList @34 :List(UInt32) $Core.optional;
  maybeBool @35 :Core.OptionalBool $Core.optional;
  maybeUInt8 @36 :Core.OptionalUInt8 $Core.optional;
  maybeUInt16 @37 :Core.OptionalUInt16 $Core.optional $Core.unit("perMille");
  maybeUInt32 @38 :Core.OptionalUInt32 $Core.optional;
  maybeUInt64 @39 :Core.OptionalUInt64 $Core.optional;
  maybeInt64 @40 :Core.OptionalInt64 $Core.optional;
  maybeTime @41 :Core.OptionalTime $Core.optional;
  maybeDuration @42 :Core.OptionalDuration $Core.optional;
  maybeDate @43 :Core.OptionalDate $Core.optional;
  collector @44 :Text $Core.optional $Core.id $Core.marked("partnerId");
}

struct WithPersonal $Core.derived {
  struct Passenger {
    name @0 :Core.Sealed $Core.personal("D1");
    seat @1 :UInt16;
    licence @2 :Core.Sealed $Core.optional $Core.personal("D2") $Core.personalOf("driverAccountId");
    driverAccountId @3 :Text $Core.optional $Core.id;
  }
  accountId @0 :Text $Core.optional $Core.id;
  party @1 :Text $Core.optional $Core.name;
  note @2 :Core.Sealed $Core.optional $Core.personal("D7");
  place @3 :Core.Sealed $Core.optional $Core.personal("D6") $Core.personalOf("party");
  passengers @4 :List(Passenger);
  leader @5 :Passenger $Core.optional;
}

struct Empty $Core.fact {}

# ---- What a payload may not be ----

struct NoNature { a @0 :Text; }
struct TwoNatures $Core.fact $Core.derived { a @0 :Text; }
struct WithUnion $Core.fact {
  union {
    a @0 :Text;
    b @1 :Text;
  }
}
struct WithGroup $Core.fact { g :group { a @0 :Text; } }
struct WithFloat $Core.fact { a @0 :Float64; }
struct WithVoid $Core.fact { a @0 :Void; }
struct WithAnyPointer $Core.fact { a @0 :AnyPointer; }
struct WithNestedList $Core.fact { a @0 :List(List(UInt8)); }
struct WithDefault $Core.fact { a @0 :UInt32 = 7; }
struct WithTextDefault $Core.fact { a @0 :Text = "x"; }
struct WithOptionalNumber $Core.fact { a @0 :UInt32 $Core.optional; }
struct WithPlainPersonal $Core.fact { accountId @0 :Text; a @1 :Text $Core.personal("D1"); }
struct WithBareSealed $Core.fact { accountId @0 :Text; a @1 :Core.Sealed; }
struct WithSealedList $Core.fact { accountId @0 :Text; a @1 :List(Core.Sealed) $Core.personal("D1"); }
struct WithNobodysField $Core.fact { a @0 :Core.Sealed $Core.personal("D1"); }
struct WithBadEnum $Core.fact {
  enum Colour { red @0; }
  a @0 :Colour;
}
struct WithTimeOfText $Core.fact { a @0 :Text $Core.time; }
struct WithTwoFormats $Core.fact { a @0 :Text $Core.id $Core.name; }
struct WithStreamIdOfNothing $Core.fact $Core.streamId("b") { a @0 :Text; }
struct WithLoop $Core.fact { a @0 :WithLoop $Core.optional; }
struct WithGeneric $Core.fact {
  struct Box(T) { value @0 :T; }
  a @0 :Box(Text);
}
struct WithInterface $Core.fact {
  interface I {}
  a @0 :I;
}
struct WithBadBox $Core.fact {
  struct Pair $Core.box { value @0 :UInt8; other @1 :UInt8; }
  a @0 :Pair;
}
