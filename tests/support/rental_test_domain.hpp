// SPDX-License-Identifier: Apache-2.0
//
// The rental domain with one event more, BadDebtWrittenOff (rental_test.capnp): its schema, its rows, and no code. It
// shows the term writtenOff and an obligation, which no event of this release has.
#pragma once

#include "support/rental_fixture.hpp"

#include <carnet/domain.hpp>

namespace carnet::test {

[[nodiscard]] const Domain& rental_test_domain();

[[nodiscard]] EventDraft forgiven(const Violation& violation, Money amount, Timestamp at = day(9));

}  // namespace carnet::test
