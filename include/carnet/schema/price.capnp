# SPDX-License-Identifier: Apache-2.0
#
# Price lists and actions: DOMAIN §2.2.
@0xc739196d8f848b83;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::schema");

struct PriceListPublished $Core.fact $Core.streams(["document"]) {
  struct Item {
    code @0 :Text;
    unit @1 :Text $Core.codes("priceUnit");
    amount @2 :Core.Money;
    taxIncluded @3 :Bool;
    taxRate @4 :UInt16 $Core.unit("bp");
  }
  version @0 :Text;
  # As quotes and contracts cite it; the stream is document/priceList.
  effectiveFrom @1 :Int64 $Core.time;
  items @2 :List(Item);
  channels @3 :List(Text) $Core.codes("channel");
}

struct ActionOpened $Core.fact $Core.streams(["operations"]) $Core.streamId("actionId") {
  actionId @0 :Text $Core.id;
  kind @1 :Text $Core.codes("actionKind");
  sourceCases @2 :List(Text) $Core.id;
  kpi @3 :Text $Core.optional;
  owner @4 :Text $Core.id;
  dueAt @5 :Int64 $Core.time;
}

struct ActionCompleted $Core.fact $Core.streams(["operations"]) $Core.streamId("actionId") {
  actionId @0 :Text $Core.id;
  outcome @1 :Text;
  effect @2 :Data $Core.digest;
}
