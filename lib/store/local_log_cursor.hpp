// SPDX-License-Identifier: Apache-2.0
//
// Reading frames out of the two families as one log. A frame that both hold is given once.
//
// No snapshot: an iterator on `tail` is made before the one on `sealed`. A range is dropped from `tail` only after
// `sealed` holds it, so what the first does not show any more, the second does.
#pragma once

#include "store/local_log_db.hpp"

#include <carnet/commit_log.hpp>

#include <rocksdb/iterator.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace carnet::store {

/// `tail` first, see above. The database outlives it.
struct FamilyIterators {
  std::unique_ptr<rocksdb::Iterator> tail;
  std::unique_ptr<rocksdb::Iterator> sealed;

  FamilyIterators(const LogDb& log, const rocksdb::ReadOptions& options);
};

/// `LogDamaged` at a position.
[[nodiscard]] Error frames_damaged(std::string_view reason, std::uint64_t position);

/// Frames that hold positions in (after, up_to], rising. Requires: the log reached `up_to` when `log` was last looked
/// at.
[[nodiscard]] std::unique_ptr<FrameCursor> make_cursor(std::shared_ptr<LogDb> log, std::uint64_t after,
                                                       std::uint64_t up_to);
/// Frames from the one that holds `from` down to the first. Requires: as above for `from`; 0: none.
[[nodiscard]] std::unique_ptr<FrameCursor> make_backward_cursor(std::shared_ptr<LogDb> log, std::uint64_t from);

/// Copies the frame that holds `position` into `out`. `sealed_hint`: `sealed` reached it at some time before.
/// Requires: the log reached `position`.
[[nodiscard]] Status copy_frame_at(const LogDb& log, std::uint64_t position, bool sealed_hint,
                                   std::vector<std::uint64_t>& out);

/// What the ends of both families say.
struct LogEnds {
  std::uint64_t sealed = 0;  ///< Last sealed position.
  LogTail tail;              ///< End of the whole frames that follow each other without a gap.
  std::uint64_t epoch = 0;   ///< Of the last frame.
  bool has_gap = false;      ///< More stands in `tail` behind a gap: seen by a secondary that is half-way.
};

/// The head of the log. Frames of `tail` from `known` on are walked through; the last frame's checksum is verified.
/// Errors: kCorruption `LogDamaged` — the last frame is not what was written, or no frame at all; kStorage.
[[nodiscard]] Result<LogEnds> read_ends(const LogDb& log, const LogTail& known);

}  // namespace carnet::store
