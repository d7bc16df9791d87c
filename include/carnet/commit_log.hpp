// SPDX-License-Identifier: Apache-2.0
//
// CommitLog: the one interface between the sequencer and a log (DESIGN: "beyond one machine"). The local RocksDB log is
// its first implementation; every implementation passes the same contract test (tests/contract). Stability:
// experimental.
#pragma once

#include <carnet/result.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>

namespace carnet {

/// End of a log: what the next frame must build on.
struct LogTail {
  std::uint64_t position = 0;  ///< Of the last event; 0: empty.
  std::uint64_t commits = 0;   ///< Count.

  friend bool operator==(const LogTail&, const LogTail&) = default;
};

enum class LogDurability : std::uint8_t {
  kBuffered,  ///< Survives the process (handed to the operating system).
  kSynced,    ///< Survives a power loss.
};

struct LogAppended {
  LogTail tail;
};

/// The log does not end where the caller believes: nothing was written.
struct LogConflict {
  LogTail actual;
};

/// A writer of a later epoch exists: nothing was written, and this one must stop.
struct LogFenced {
  std::uint64_t epoch = 0;
};

/// The frame may or may not have landed. Only read() of a log opened anew decides: until then this one shows the log as
/// it was before, and answers every append with the same cause.
struct LogUnknown {
  Error cause;
};

/// Nothing was written, and the log can go on (a full disk: kOutOfSpace). Also a frame that does not go behind the
/// tail, or names another epoch than the call: kInvalidArgument `FrameRefused`; and a log that only reads: `ReadOnly`.
struct LogNotWritten {
  Error cause;
};

using LogAppendOutcome = std::variant<LogAppended, LogConflict, LogFenced, LogUnknown, LogNotWritten>;

/// Frames in order. A frame's bytes are valid until the next call and are 8-byte aligned.
class FrameCursor {
 public:
  virtual ~FrameCursor() = default;
  /// The next frame, or an empty span at the end. Errors: kCorruption `LogDamaged`, kStorage.
  [[nodiscard]] virtual Result<std::span<const std::byte>> next() = 0;
};

class CommitLog {
 public:
  virtual ~CommitLog() = default;

  /// Appends one frame (lib/codec/frame.hpp) whose first position and first commit follow `expected` and whose epoch is
  /// `epoch`. Checked in this order: unknown outcome before, epoch (Fenced), expected tail (Conflict), the frame.
  /// Threads: one caller at a time.
  [[nodiscard]] virtual LogAppendOutcome append(std::uint64_t epoch, const LogTail& expected,
                                                std::span<const std::byte> frame, LogDurability durability) = 0;
  /// Frames that hold positions > `after`, each position exactly once; the first frame may begin at or before it.
  /// Sees everything appended before the call. Threads: any.
  [[nodiscard]] virtual Result<std::unique_ptr<FrameCursor>> read(std::uint64_t after) = 0;
  [[nodiscard]] virtual Result<LogTail> tail() = 0;
  /// Makes everything appended so far survive a power loss.
  [[nodiscard]] virtual Status sync() = 0;
  /// Forgets positions ≤ `up_to`. Errors: kInvalidArgument `Unsupported` (the local log never forgets).
  [[nodiscard]] virtual Status trim(std::uint64_t up_to) = 0;
};

}  // namespace carnet
