# SPDX-License-Identifier: Apache-2.0
#
# The event family of the examples own_events and server: a garage that washes cars.
@0xc0d1f4a7b2e86351;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("garage");

struct CarWashed $Core.fact $Core.streams(["car"]) $Core.streamId("carId") {
  carId @0 :Text $Core.id;
  minutes @1 :UInt32;
}
