// SPDX-License-Identifier: Apache-2.0
//
// ToyDomain: a trade of boxes with coins, small enough to be modelled by a map and two loops. Boxes are opened once;
// coins are put in and taken out (never more than is there, held coins counted), held and freed; a shut box is shut.
// Two inline projections.
#pragma once

#include <carnet/domain.hpp>
#include <carnet/ledger.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace toy {

enum class How : std::uint8_t { kPutIn = 1, kTakeOut = 2, kHold = 3, kFree = 4 };

/// Row of projection `toy.boxes`, by member of stream family `box`.
struct BoxRow {
  std::uint64_t state = 0;  ///< 0: never opened, 1: open, 2: shut
  std::uint64_t moves = 0;
  std::int64_t net = 0;  ///< Coins put in minus taken out.
};

const carnet::Domain& toy_domain();

/// Bumping it makes the engine rebuild (a domain with another projection version).
const carnet::Domain& toy_domain_version_2();

carnet::EventDraft box_opened(std::string_view box, std::string_view label = "a box", std::string_view owner = {});
carnet::EventDraft coins_moved(std::string_view box, How how, std::int64_t minor, std::string_view partner = {},
                               std::string_view memo = {});
carnet::EventDraft box_shut(std::string_view box);
carnet::EventDraft note_taken(std::string_view account, std::string_view plaintext);

/// A request of a test: any versions, channel `test`, actor `tester`.
carnet::Request request(std::string command, std::vector<carnet::EventDraft> events);

inline constexpr carnet::Timestamp kNoon{1'700'000'000'000'000'000};

}  // namespace toy
