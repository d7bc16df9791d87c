# SPDX-License-Identifier: Apache-2.0
#
# Events that only tests register: one that gives up a claim, with an obligation that it opens.
@0xe3b1f07a5c9d2846;

using Cxx = import "/capnp/c++.capnp";
using Core = import "/carnet/schema/core.capnp";
$Cxx.namespace("carnet::test_schema");

struct ClaimForgiven $Core.fact $Core.streams(["violation"]) $Core.streamId("violationId") {
  violationId @0 :Text $Core.id;
  party @1 :Text $Core.name;
  authority @2 :Text $Core.id;
  amount @3 :Core.Money;
  approver @4 :Text $Core.id;
}
