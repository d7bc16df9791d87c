// SPDX-License-Identifier: Apache-2.0
//
// Queries over chains: which events match, and does any event after a position match (append conditions). The common
// case is answered by the heads of chains and types alone.
#pragma once

#include "ledger/deciding.hpp"
#include "ledger/state.hpp"

#include <carnet/request.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace carnet::ledger {

/// A QueryItem by ordinals. `never`: it names a chain or type that was never used.
struct BoundItem {
  bool never = false;
  std::uint32_t stream = 0;
  std::vector<std::uint32_t> tags;
  std::vector<std::uint32_t> types;

  [[nodiscard]] bool has_chains() const noexcept { return stream != 0 || !tags.empty(); }
};

/// Does an event with these chain ordinals (the stream first) and this type match?
[[nodiscard]] bool matches(const BoundItem& item, std::uint32_t type, std::span<const std::uint32_t> chains);
[[nodiscard]] bool matches(const BoundItem& item, std::uint32_t type, std::span<const codec::ChainLink> chains);

enum class ConditionAnswer : std::uint8_t { kNoMatch, kMatch, kTooBroad };

/// Binds names through the catalog; pending ones through `names` (may be null).
[[nodiscard]] Result<BoundItem> bind(const State& state, const PendingNames* names, const QueryItem& item);

/// Looks for an event with position in (after, state.tip] or in `group` that matches any item. `rows` shows the heads
/// of chains, the overlay included for the sequencer. `match` receives its position.
[[nodiscard]] Result<ConditionAnswer> find_match(const State& state, const State::FrameLoader& load_frame,
                                                 TableReader& rows, std::span<const BoundItem> items,
                                                 std::uint64_t after, std::uint64_t tip, const GroupMemory* group,
                                                 std::size_t candidates_max, std::uint64_t& match);

}  // namespace carnet::ledger
