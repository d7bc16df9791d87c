# SPDX-License-Identifier: Apache-2.0
#
# Revision 3: a list of parts.
@0xe3b0c44298fc1c14;

using Core = import "/carnet/schema/core.capnp";

struct RepairReported @0xd7a8fbb307d78094 $Core.fact $Core.streams(["vehicle", "order"]) $Core.streamId("vehicleId") {
  enum Kind @0x9a4c2b1d6e8f7053 {
    unspecified @0;
    body @1;
    engine @2;
    glass @3;
  }
  struct Part @0xb19f5c6d2e7a8043 {
    name @0 :Text;
    cost @1 :Core.Money;
  }
  vehicleId @0 :Text $Core.id;
  kind @1 :Kind;
  cost @2 :Core.Money;
  odometer @3 :Core.OptionalUInt32 $Core.optional $Core.unit("km");
  parts @4 :List(Part) $Core.optional;
}
