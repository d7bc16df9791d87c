// SPDX-License-Identifier: Apache-2.0
//
// The core's own event types by number: the order of core_event_types().
#pragma once

#include <carnet/domain.hpp>

#include <cstdint>
#include <span>

namespace carnet::core {

/// Index into codec::core_event_types(); an engine adds it to the count of its domain's types.
enum class Type : std::uint16_t {
  kLedgerCreated = 0,
  kLossAccepted = 1,
  kSubjectKeyCreated = 2,
  kSubjectKeyRotated = 3,
  kPersonalDataErased = 4,
  kPersonalDataOpened = 5,
  kAccessGranted = 6,
  kAccessRevoked = 7,
};

inline constexpr std::size_t kTypeCount = 8;

}  // namespace carnet::core
