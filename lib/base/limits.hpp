// SPDX-License-Identifier: Apache-2.0
//
// Every limit of the format and the engine, each with its reason. A limit of the format never grows within a format
// version.
#pragma once

#include <cstddef>
#include <cstdint>

namespace carnet {

// Format (docs/reference/log-format.md, "Limits").
inline constexpr std::uint16_t kFormatVersion = 1;
inline constexpr std::size_t kCommitEventsMax = 4096;      ///< u16 count in the leaf; a business action is small.
inline constexpr std::size_t kCommitBytesMax = 1'000'000;  ///< one message of a replicated log stays below 1 MiB.
inline constexpr std::size_t kEventBytesMax = 262'144;     ///< attachments live outside, by digest.
inline constexpr std::size_t kEventTagsMax = 64;   ///< host tags and derived tags together, the stream's own included.
inline constexpr std::size_t kNameBytesMax = 255;  ///< a name is part of a key.
inline constexpr std::size_t kIdBytesMax = 64;     ///< DOMAIN.md §0.2.
inline constexpr std::size_t kCommandBytesMax = 64;
inline constexpr std::size_t kFrameRawBytesMax = std::size_t{16} * 1024;  ///< sealed frames: one read serves one query.
inline constexpr std::size_t kGroupBytesMax =
    std::size_t{4} * 1024 * 1024;                     ///< one group of concurrent callers in one frame.
inline constexpr std::uint64_t kTraversalFactor = 8;  ///< hostile messages: words read ≤ 8 × words held.
inline constexpr int kNestingMax = 32;

static_assert(kCommitEventsMax <= 0xffff);
static_assert(kEventBytesMax < kCommitBytesMax);
static_assert(kCommitBytesMax < kGroupBytesMax);

// Engine.
inline constexpr std::int64_t kFutureToleranceSeconds = 300;  ///< I-E4.
inline constexpr std::int64_t kClockJumpSeconds = 3600;       ///< DESIGN: a clock an hour off needs confirmation.

}  // namespace carnet
