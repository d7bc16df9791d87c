// SPDX-License-Identifier: Apache-2.0
//
// Indexes of the log: positions of a chain, position of a command. The newest part is in memory; older parts are runs
// in views/index, one entry a (chain, run). All of it can be rebuilt from the log.
#pragma once

#include "store/views_db.hpp"

#include <carnet/event.hpp>
#include <carnet/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace carnet::store {

/// Positions of one chain, rising or falling.
class PositionCursor {
 public:
  virtual ~PositionCursor() = default;
  /// 0 at the end (positions are 1-based).
  [[nodiscard]] virtual Result<std::uint64_t> next() = 0;
};

/// One event's entries, as the sequencer or a replay gives them.
struct IndexedEvent {
  std::uint64_t position = 0;
  const std::uint32_t* chains = nullptr;  ///< Chain ordinals.
  std::size_t chain_count = 0;
};

class ChainIndex {
 public:
  /// `generation` is part of every key: a rebuild writes a new one.
  [[nodiscard]] static std::unique_ptr<ChainIndex> make(ViewsDb* views, std::uint32_t generation);
  virtual ~ChainIndex() = default;

  /// Adds events with rising positions to the newest part. Threads: one writer; readers go on.
  virtual void add(const IndexedEvent* events, std::size_t count) = 0;
  /// Positions in (after, up_to], falling when `backwards`. Safe from any thread; sees all that was added before.
  [[nodiscard]] virtual Result<std::unique_ptr<PositionCursor>> positions(std::uint32_t chain, std::uint64_t after,
                                                                          std::uint64_t up_to, bool backwards) = 0;
  /// Bytes of the newest part (what is frozen does not count), for the memory budget and to decide when to checkpoint.
  [[nodiscard]] virtual std::size_t newest_bytes() const = 0;

  /// Checkpoint, in three steps: freeze() sets the newest part with positions ≤ `position` aside (still readable; later
  /// adds go to a fresh part); write() adds runs that make its entries one by one while they are published, so that it
  /// takes no memory of its own; thaw(published) drops the frozen part, or takes it back when publishing failed.
  /// Cost of freeze(): O(1) when `position` is the last added, else a pass over the newest part. Threads: these three
  /// and add() may come from different threads.
  virtual void freeze(std::uint64_t position) = 0;
  virtual void write(ViewBatch& batch, std::vector<ViewRun>& runs) = 0;
  virtual void thaw(bool published) = 0;
};

/// First 8 bytes of a command's hash → first positions of commits. Candidates are checked against the commit by the
/// caller.
class CommandIndex {
 public:
  [[nodiscard]] static std::unique_ptr<CommandIndex> make(ViewsDb* views, std::uint32_t generation);
  virtual ~CommandIndex() = default;

  virtual void add(const Digest16& command, std::uint64_t first_position) = 0;
  /// Newest part only: no I/O, for the sequencer. Appends candidates.
  virtual void find_newest(const Digest16& command, std::vector<std::uint64_t>& out) const = 0;
  /// Published part only. Appends candidates; find_newest() may give the same ones. Safe from any thread.
  [[nodiscard]] virtual Status find_published(const Digest16& command, std::vector<std::uint64_t>& out) = 0;
  /// Rises whenever a thaw(true) moves entries from newest to published: an answer of find_published() is complete
  /// together with find_newest() only if this did not change in between.
  [[nodiscard]] virtual std::uint64_t publish_count() const = 0;
  [[nodiscard]] virtual std::size_t newest_bytes() const = 0;

  virtual void freeze(std::uint64_t position) = 0;
  virtual void write(ViewBatch& batch, std::vector<ViewRun>& runs) = 0;
  virtual void thaw(bool published) = 0;
};

}  // namespace carnet::store
