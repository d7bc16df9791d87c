# SPDX-License-Identifier: Apache-2.0
#
# A host's own event type.
@0xe2b4a1c7d9f03568;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("workshop");

struct RepairDone $Core.fact $Core.streams(["repair"]) $Core.streamId("repairId") {
  repairId @0 :Text $Core.id;
  vehicleId @1 :Text $Core.id;
  cost @2 :Core.Money;
  note @3 :Text $Core.optional;
}
