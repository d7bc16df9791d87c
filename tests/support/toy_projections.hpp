// SPDX-License-Identifier: Apache-2.0
//
// Projections over the toy trade that a host brings along: sums by box that know corrections, pairs of boxes with
// barriers, a count that commutes, and one that chokes on a poison event.
#pragma once

#include <carnet/projection.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

namespace toy {

/// Row of `test.sums`, by member of stream family `box`.
struct SumRow {
  std::uint64_t count = 0;  ///< CoinsMoved that count: not reversed.
  std::int64_t net = 0;     ///< Put in minus taken out, as last corrected.
};

/// Its second table `test.sums.events`, by position: what every CoinsMoved says, and who corrects it.
std::shared_ptr<const carnet::Projection> sums(carnet::ProjectionMode mode, std::uint32_t version = 1);

/// Row of `test.pairs`, by member of tag family `box`: depends on the order in which events of two boxes come.
struct PairRow {
  std::uint64_t count = 0;
  std::uint64_t digest = 0;
};

/// Sharded by box; an event of two boxes is a barrier.
std::shared_ptr<const carnet::Projection> pairs(carnet::ProjectionMode mode);

/// `test.counts`: events by type. Commutes; with `lies` it says so but does not.
std::shared_ptr<const carnet::Projection> counts(carnet::ProjectionMode mode, bool lies = false);

/// `test.choosy`: counts events; throws at CoinsMoved of `*poison` coins.
std::shared_ptr<const carnet::Projection> choosy(std::shared_ptr<std::atomic<std::int64_t>> poison);

/// What SumRow shows for one payload.
std::int64_t delta_of(const carnet::AppliedEvent& event);

inline constexpr std::uint16_t kCoinsMovedType = 1;  ///< Index into the toy's event types.

}  // namespace toy
