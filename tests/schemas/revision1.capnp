# SPDX-License-Identifier: Apache-2.0
#
# Revision 1 of a type that the tests know through its schema alone: nothing is generated from these files.
@0xe3b0c44298fc1c14;

using Core = import "/carnet/schema/core.capnp";

struct RepairReported @0xd7a8fbb307d78094 $Core.fact $Core.streams(["vehicle"]) $Core.streamId("vehicleId") {
  enum Kind @0x9a4c2b1d6e8f7053 {
    unspecified @0;
    body @1;
    engine @2;
  }
  vehicleId @0 :Text $Core.id;
  kind @1 :Kind;
  cost @2 :Core.Money;
}
