// SPDX-License-Identifier: Apache-2.0
//
// The two ways through the log: along its frames, and along the positions of chains.
#pragma once

#include "ledger/reading.hpp"

namespace carnet::ledger {

/// Events of positions in (after, end) that match any of `items` (no items: all). `end` lies within what is published.
[[nodiscard]] Result<std::unique_ptr<EventCursor>> make_cursor(State& state, store::LocalLog& log,
                                                               std::vector<BoundItem> items, std::uint64_t end,
                                                               const ReadOptions& options);

}  // namespace carnet::ledger
