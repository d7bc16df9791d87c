// SPDX-License-Identifier: Apache-2.0
//
// What both sides sign of an inspection: SHA-256 of its payload as JSON in RFC 8785 form.
#pragma once

#include <carnet/event.hpp>

#include <array>
#include <cstddef>

namespace carnet::generate {

inline constexpr std::array<const char*, 9> kChecklist{
    "body", "interior", "tyres", "spareTyre", "lights", "airConditioning", "audio", "brakes", "tools"};

/// Requires: an InspectionRecorded as the generator writes it: every item "ok", no notes, no damages.
[[nodiscard]] std::array<std::byte, 32> inspection_digest(const Payload& payload);

}  // namespace carnet::generate
