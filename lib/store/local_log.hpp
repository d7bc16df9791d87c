// SPDX-License-Identifier: Apache-2.0
//
// LocalLog: the log of one ledger in a RocksDB database of its own (families `tail` and `sealed`), the first
// implementation of CommitLog. Keys are the big-endian last position of a frame: the frame that holds a position is the
// first entry at or after it. docs/reference/log-format.md, "Databases". No RocksDB type shows here.
#pragma once

#include "base/bytes.hpp"

#include <carnet/commit_log.hpp>
#include <carnet/log_sink.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace carnet::store {

struct StoreEnv;

struct LogOptions {
  std::size_t cache_bytes = 64UL * 1024 * 1024;
  std::size_t write_buffer_bytes = 16UL * 1024 * 1024;
  std::size_t reserve_bytes =
      4UL * 1024 * 1024;  ///< A reserve file: freed when the disk is full, so that close() works.
  LogSink* log = nullptr;
  StoreEnv* env = nullptr;
};

/// What opening found and did; never silent.
struct LogOpenReport {
  std::optional<std::uint64_t> tail_dropped_bytes;  ///< `TailDropped`: a torn write above the floor was cut off.
  bool was_clean = false;                           ///< The last close was clean.
};

/// What the FLOOR guarantees, given to open(): a head below it is `LogTruncated`.
struct LogFloor {
  std::uint64_t position = 0;
  std::uint64_t commits = 0;
};

class LocalLog : public CommitLog {
 public:
  struct Opened {
    std::unique_ptr<LocalLog> log;
    LogOpenReport report;
  };

  /// Errors: kInvalidArgument when the folder holds anything.
  [[nodiscard]] static Result<Opened> create(const std::filesystem::path& folder, const LogOptions& options);
  /// For writing: kAbsoluteConsistency; when RocksDB refuses, our own scan of the write-ahead log decides
  /// (wal_scan.hpp). Errors: kBusy `LedgerBusy`; kCorruption `LogDamaged` {first bad, last good}, `LogTruncated`
  /// {floor, head}; kStorage. `accept_loss`: opens what is readable although it is below the floor or damaged (`recover
  /// --accept-loss` only); the dropped bytes are kept beside the log.
  [[nodiscard]] static Result<Opened> open(const std::filesystem::path& folder, const LogFloor& floor, bool accept_loss,
                                           const LogOptions& options);
  /// Reads while another process writes. `scratch` is this process's own folder. append() is refused.
  [[nodiscard]] static Result<Opened> open_secondary(const std::filesystem::path& folder,
                                                     const std::filesystem::path& scratch, const LogOptions& options);

  /// Secondary: sees what was appended since. Primary: no effect.
  [[nodiscard]] virtual Status catch_up() = 0;
  /// The frame that holds `position`, copied into `out` (aligned); false: beyond the tail.
  [[nodiscard]] virtual Result<bool> frame_at(std::uint64_t position, std::vector<std::uint64_t>& out) = 0;
  /// Frames backwards from the one that holds `position`.
  [[nodiscard]] virtual Result<std::unique_ptr<FrameCursor>> read_backwards(std::uint64_t position) = 0;
  /// What survives a power loss now. A secondary does not know: what it sees.
  [[nodiscard]] virtual LogTail durable_tail() const = 0;
  /// Copies closed frames of `tail` into sorted files of frames of at most kFrameRawBytesMax, checks their leaf hashes,
  /// ingests them into `sealed`, and only then drops them from `tail`. Seals positions ≤ `up_to`, in steps of 64 MB of
  /// frames, one table each: call it when tail_bytes() is beyond that, or the log becomes many small tables. Every
  /// crash point shows each commit once. Returns the position up to which the log is sealed now; a stop ends it early.
  /// Errors: kCorruption `LogDamaged` — a frame or a written table fails its check, it was not dropped; kOutOfSpace,
  /// kStorage — what was sealed before stays sealed; kStorage `SealingUnavailable` — RocksDB met a full or failing disk
  /// during this opening: the log goes on, nothing is sealed until it is reopened. Threads: one at a time, beside
  /// append.
  [[nodiscard]] virtual Result<std::uint64_t> seal(std::uint64_t up_to, std::stop_token stop) = 0;
  [[nodiscard]] virtual std::uint64_t sealed_position() const = 0;
  /// Bytes of frames in `tail`, to decide when to seal.
  [[nodiscard]] virtual std::uint64_t tail_bytes() const = 0;
  [[nodiscard]] virtual std::vector<Fact> stats() = 0;
  /// Waits until compaction is at rest (benchmarks).
  [[nodiscard]] virtual Status wait_for_rest() = 0;
  /// Syncs and closes; frees the reserve when the disk is full. A log that is not closed was killed. After it every
  /// call fails with kClosed `LogClosed`. Errors: the cause of an unknown outcome; kStorage — the next open decides
  /// what was kept. Requires: no cursor is left, no other call runs.
  [[nodiscard]] virtual Status close() = 0;
};

}  // namespace carnet::store
