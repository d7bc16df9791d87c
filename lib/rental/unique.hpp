// SPDX-License-Identifier: Apache-2.0
//
// Texts that stand once in a ledger, asked while deciding.
#pragma once

#include "rental/decision.hpp"

#include <cstdint>

namespace carnet::rental {

/// Position of another event that bears this event's unique text; 0: there is none, or the event has no such text.
[[nodiscard]] std::uint64_t other_with(Decision& decision, Unique unique);

}  // namespace carnet::rental
