// SPDX-License-Identifier: Apache-2.0
//
// A frame: what one record of the log database holds, one or more commits with a checked header. Frames are local
// packing; the unit of proof is the commit. Layout: docs/reference/log-format.md, "Frame". No RocksDB, no Cap'n Proto
// reading here.
#pragma once

#include "base/bytes.hpp"
#include "base/sha256.hpp"

#include <carnet/result.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace carnet::codec {

enum class FrameFlag : std::uint16_t {
  kCarriesTree = 1U << 0U,     ///< tree size and root before are given (replicated logs)
  kCarriesSummary = 1U << 1U,  ///< sealed: type bitmap and time range follow the header
};

/// What a sealed frame says of its events, so that a scan can skip it.
struct FrameSummary {
  std::uint64_t type_bits[4] = {};  ///< Bit (type ordinal mod 256).
  std::int64_t occurred_min_ns = 0;
  std::int64_t occurred_max_ns = 0;
};

struct FrameHeader {
  std::uint16_t flags = 0;
  std::uint32_t commit_count = 0;
  std::uint32_t event_count = 0;
  std::uint64_t first_position = 0;
  std::uint64_t first_commit = 0;
  std::uint64_t epoch = 0;
  std::uint64_t tree_size_before = 0;
  base::Hash root_before{};
  FrameSummary summary;
};

/// Stored bytes of one commit. Spans point into the frame; each begins at an 8-byte boundary of it.
struct CommitBytes {
  base::ByteSpan header;
  std::span<const base::ByteSpan> introductions;
  std::span<const base::ByteSpan> events;
};

/// Collects commits into one aligned buffer. Reusable; keeps its capacity.
class FrameBuilder {
 public:
  void begin(std::uint64_t first_position, std::uint64_t first_commit, std::uint64_t epoch);
  /// Copies the commit's messages. Every span has a size that is a multiple of 8.
  void add(base::ByteSpan header, std::span<const base::ByteSpan> introductions,
           std::span<const base::ByteSpan> events);
  void carry_tree(std::uint64_t size_before, const base::Hash& root_before);
  /// The first call makes room in the header: marks taken before it are void.
  void carry_summary(const FrameSummary& summary);
  [[nodiscard]] std::size_t bytes() const noexcept;
  [[nodiscard]] std::uint32_t commit_count() const noexcept;
  /// Drops the last commit added (a refused request leaves no trace). Requires: nothing else was added since `mark`.
  [[nodiscard]] std::size_t mark() const noexcept;
  void rewind(std::size_t mark, std::uint32_t commit_count, std::uint32_t event_count) noexcept;
  [[nodiscard]] std::uint32_t event_count() const noexcept;
  /// Header and CRC filled in: the frame's bytes, valid until begin(). Requires: at least one commit.
  [[nodiscard]] base::ByteSpan finish();

 private:
  std::vector<std::uint64_t> words_;
  FrameHeader header_;
};

/// Bytes of the frame header alone, without walking it: for seeks. Nothing when they are not a frame header.
[[nodiscard]] std::optional<FrameHeader> peek_frame(base::ByteSpan bytes) noexcept;

/// Walks a frame: open() checks CRC, length and flags, next() every length inside. Reusable. Threads: one at a time.
class FrameReader {
 public:
  /// Requires: `bytes` are 8-byte aligned and outlive the reader.
  /// Errors: kCorruption `FrameDamaged` {what, offset}; kUnsupportedFormat `FormatTooNew` for unknown flag bits.
  [[nodiscard]] Status open(base::ByteSpan bytes);

  [[nodiscard]] const FrameHeader& header() const noexcept { return header_; }

  /// The next commit, or false at the end. `out`'s inner spans are valid until the next call.
  /// Errors: kCorruption `FrameDamaged` (a length or a count is wrong although the CRC is right).
  [[nodiscard]] Result<bool> next(CommitBytes& out);

 private:
  [[nodiscard]] const char* read_parts(std::size_t parts);

  base::ByteSpan bytes_;
  FrameHeader header_;
  std::size_t at_ = 0;
  std::uint32_t done_ = 0;
  std::uint32_t events_left_ = 0;
  std::vector<base::ByteSpan> parts_;  // header, introductions, events
};

}  // namespace carnet::codec
