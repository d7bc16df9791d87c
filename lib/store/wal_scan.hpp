// SPDX-License-Identifier: Apache-2.0
//
// Decides, before RocksDB opens the log database for writing, what opening it may do. RocksDB 7.8.3 is not asked: its
// strictest mode, kAbsoluteConsistency, accepts one flipped bit that hides the rest of a write-ahead log, zeros in the
// place of records, and a MANIFEST that lost its end, and its open then deletes what the MANIFEST does not name. The
// experiments and the rule are in docs/adr/0005-write-ahead-log-recovery.md.
//
// Order in LocalLog::open, holding the folder's lock: plan_open → apply_plan → DB::Open with kAbsoluteConsistency and
// paranoid_checks on; create_if_missing, create_missing_column_families and track_and_verify_wals_in_manifest off (with
// a MANIFEST that tracks, RocksDB 7.8.3 stops the process when it opens the database read-only, as plan_open does).
//
// What the rule takes for granted of the writer: positions are gap-free; `tail` gets one put a frame, `sealed` gets
// ingested files only, `default` nothing; a range of `tail` is removed only after `sealed` holds it (its end key at
// most the sealed head plus one); files are never recycled and write-ahead logs never compressed; RocksDB never resumes
// after a background error.
#pragma once

#include "store/wal_records.hpp"
#include "store/wal_tables.hpp"

#include <carnet/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace carnet::store {

/// One write-ahead log. `records.first_bad_offset` may also stand at a sound record whose content cannot follow what
/// was read before (a gap in positions, not a batch of ours).
struct WalScan {
  std::string name;
  RecordScan records;
  std::optional<PositionSpan> positions;  ///< From the first frame to the last, before the first bad byte.
};

/// A file that is cut, with what the cut takes away.
struct WalCut {
  std::string name;
  std::uint64_t keep_bytes = 0;
  std::uint64_t drop_bytes = 0;
};

struct OpenPlan {
  std::uint64_t head = 0;              ///< Last position that the log will hold; 0: none.
  std::vector<WalCut> cuts;            ///< Empty: open as it stands.
  std::vector<std::string> set_aside;  ///< Tables to copy aside because opening deletes them; only with accepted loss.

  [[nodiscard]] bool is_normal() const noexcept { return cuts.empty(); }

  /// For `TailDropped{bytes}`.
  [[nodiscard]] std::uint64_t dropped_bytes() const noexcept;
};

/// A torn write at the end of the last write-ahead log that is not below the floor is to be cut and reported; anything
/// else that is not whole refuses.
///
/// Errors:    kCorruption `LogDamaged` {reason, file, firstBad, lastGood, floor, head} — bytes are not what was
///            written, or a piece is missing in the middle; nothing was changed. kCorruption `LogTruncated` {floor,
///            head} — what is there is whole and ends below `floor`. kStorage — a file cannot be read: retry.
/// Requires:  no other process has the log open for writing.
/// Cost:      reads every live write-ahead log once, and opens the tables read-only.
[[nodiscard]] Result<OpenPlan> plan_open(const LogFiles& log, std::uint64_t floor, const SpanOf& span_of);

/// `recover --accept-loss`: the plan that makes the longest whole prefix of what is there, wherever it ends.
///
/// Errors:    kCorruption `LogDamaged` — the tables or their list are damaged: only a backup helps. kStorage.
/// Requires:  no other process has the log open for writing.
[[nodiscard]] Result<OpenPlan> plan_accepted_loss(const LogFiles& log, const SpanOf& span_of);

/// Copies what the plan takes away into files in `aside_folder` (made if missing) and syncs them, then cuts and syncs.
/// A crash in between leaves a log for which the plan can be made again, with the same head.
///
/// Errors:    kOutOfSpace — nothing was cut; kStorage — call again after plan_open.
/// Durability: on disk on return.
[[nodiscard]] Status apply_plan(const LogFiles& log, const OpenPlan& plan, const std::string& aside_folder);

}  // namespace carnet::store
