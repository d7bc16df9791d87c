// SPDX-License-Identifier: Apache-2.0
//
// What both sides sign of an inspection.
#pragma once

#include <carnet/event.hpp>

#include <array>
#include <cstddef>

namespace carnet {

/// `inspectionDigest` of HandoverInspectionSigned and ReturnInspectionSigned (I-H2): SHA-256 of the payload of
/// InspectionRecorded as JSON in RFC 8785 form, notes shown as `[sealed]`: the same before and after sealing.
///
/// Requires:  an InspectionRecorded: one that stands in the log, or the draft of one.
/// Threads:   any.  Cost: some ten microseconds.
[[nodiscard]] std::array<std::byte, 32> inspection_digest(const PayloadView& recorded);
[[nodiscard]] std::array<std::byte, 32> inspection_digest(const EventDraft& recorded);

}  // namespace carnet
