# SPDX-License-Identifier: Apache-2.0
#
# Revision 2: another kind, an optional field, another family of streams.
@0xe3b0c44298fc1c14;

using Core = import "/carnet/schema/core.capnp";

struct RepairReported @0xd7a8fbb307d78094 $Core.fact $Core.streams(["vehicle", "order"]) $Core.streamId("vehicleId") {
  enum Kind @0x9a4c2b1d6e8f7053 {
    unspecified @0;
    body @1;
    engine @2;
    glass @3;
  }
  vehicleId @0 :Text $Core.id;
  kind @1 :Kind;
  cost @2 :Core.Money;
  odometer @3 :Core.OptionalUInt32 $Core.optional $Core.unit("km");
}
