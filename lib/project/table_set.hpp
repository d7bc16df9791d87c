// SPDX-License-Identifier: Apache-2.0
//
// TableSet: tables of fixed-size rows on pages of 4 KiB over dense row numbers. One mechanism serves the overlay of the
// commit being made (savepoint, rollback, publish), views that stay as they were (copy-on-write, only of pages changed
// since), checkpoints in the background (a view plus the set of dirty pages) and the memory budget (clean pages can
// go). Reasons, and what was rejected: docs/adr/0006-state-pages.md.
//
// Pages. A page holds floor(4096 / row_bytes) rows. A table's directory is a row of segments of doubling size, each an
// array of slots (atomic page pointer, writer's pin): it grows without moving, so readers need no lock. The published
// state is the pages; each carries the epoch (number of the publication) that changed it last.
//
// Overlay. One hash map (table, row) to a copy of the row in an arena; a stamp empties it. A savepoint is a number: a
// row first touched since is saved to an undo arena, a row added since is taken off the end again.
//
// Publish. Copies the overlay's rows into the pages, under the one mutex. A page that a live snapshot can see is copied
// first: the copy takes the slot, the page hangs behind it as an old version. Any other page is changed in place.
//
// Snapshot. An epoch. It reads the newest version with an epoch not above its own: nearly always the one in the slot,
// without the mutex. An old version is freed with the last snapshot that can see it: it hangs on the list of the
// youngest such snapshot, and moves to the next older one or goes when that one ends.
//
// Hazards. A reader names the one page that it reads. A page so named is neither freed nor changed in place, which
// keeps a read safe against eviction and against the expiry of its own snapshot in the middle of it.
//
// Memory. A miss loads a page from views/state. A sweep (second chance) drops pages over the budget that are clean and
// have no old versions: all living snapshots see such a page as it is, hence as it is on disk. Pages that the writer
// touched in its group are pinned by a stamp in the slot.
//
// Dirty pages, those changed since the last checkpoint, are on a list. begin_checkpoint() pins a snapshot and starts a
// new list; what is published meanwhile copies pages, so those of the pinned list stay as they were until written.
//
// On disk: key = 's', generation (u32 BE), table (u16 BE), page number (u64 BE); value = page bytes without the zero
// words at the end, then CRC32C (u32 LE) over key and bytes.
//
// Fingerprint: the sum over all rows that are not all zero of a 128-bit hash of (table, row number, row). INV-1: a
// table's base total is the sum of its pages' base sums, and a page that differs from its base sum is on a dirty list.
// So a fingerprint costs the dirty pages only.
//
// Threads: one writer; any number of snapshots, each used by one thread at a time; one checkpoint, in any thread.
#pragma once

#include "store/views_db.hpp"

#include <carnet/projection.hpp>
#include <carnet/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::project {

/// A pinned published state. Reading never blocks the writer. Dies before its TableSet.
/// Threads: one at a time; different snapshots are independent.
class Snapshot : public TableReader {
 public:
  /// Published position that it shows.
  [[nodiscard]] virtual std::uint64_t position() const = 0;
  /// kExpired `ViewExpired` once old pages took more memory than the set allows; rows then read as zeros. Also the
  /// first error met while reading a page through this snapshot; rows of such a page read as zeros.
  [[nodiscard]] virtual Status status() const = 0;
};

/// Order-free 128-bit sum over all non-zero rows of a table: equal states have equal fingerprints; never signed.
using Fingerprint = std::array<std::uint64_t, 2>;

/// What a checkpoint says of a table beside its pages.
struct TableState {
  std::uint64_t row_count = 0;
  Fingerprint fingerprint{};
};

/// Takes one page of a checkpoint: its key and value in family kState. Keys rise strictly.
using PageSink = std::function<void(std::string_view key, std::string_view value)>;

struct TableSetOptions {
  /// Current pages resident; clean ones beyond it are dropped. Old versions come on top (next line).
  std::size_t memory_bytes = 96UL * 1024 * 1024;
  /// Old versions kept for all snapshots together (those that a running checkpoint needs do not count). Over it the
  /// oldest snapshot expires, which is the one that holds most.
  std::size_t snapshot_bytes_max = 256UL * 1024 * 1024;
  /// Ids of this set begin here. Sets over one store have ids of their own: an id is part of a page's key.
  std::uint16_t first_table = 0;
};

class TableSet {
 public:
  /// Pages are read from and written to views/state under (generation, table, page). `views` may be null (memory only).
  [[nodiscard]] static std::unique_ptr<TableSet> make(store::ViewsDb* views, std::uint32_t generation,
                                                      const TableSetOptions& options);
  virtual ~TableSet() = default;

  /// Before any use. Ids count from the first in order. Requires: row_bytes is 8 … 2048 and a multiple of 8.
  [[nodiscard]] virtual TableId add_table(const TableSpec& spec) = 0;
  /// The same under an id of the caller's choice that is not taken.
  virtual void add_table(TableId id, const TableSpec& spec) = 0;
  /// Of the tables that are there and not retired, in the order of their ids.
  [[nodiscard]] virtual std::vector<TableSpec> specs() const = 0;

  // ---- Generations: tables that another set built under the same store ----

  /// Adds a table whose pages are in views/state already. Requires: the id is free; no direct write awaits publish().
  /// Threads: the writer's, while it decides nothing; readers go on, and older snapshots see no rows of it.
  virtual void attach(TableId id, const TableSpec& spec, const TableState& state) = 0;
  /// The table is no longer part of checkpoints; snapshots taken before go on reading it. Nobody writes it any more.
  virtual void retire(TableId id) = 0;
  /// Drops a retired table from memory, unless an older snapshot or a checkpoint still needs it: then false. Its pages
  /// on disk may go after that, and its id be used again. True also when there is no such table.
  [[nodiscard]] virtual bool remove(TableId id) = 0;

  // ---- The writer (one thread at a time: the sequencer's leader, or a replay) ----

  /// Rows with the overlay on top. A row pointer is valid until the next call. Row numbers are dense and below 2^48:
  /// the directory takes memory for every row below the highest. Requires: no direct write awaits publish().
  [[nodiscard]] virtual TableWriter& overlay() = 0;
  /// A point to return to. Nesting is not supported: a savepoint ends the one before.
  virtual void savepoint() = 0;
  /// Undoes what the overlay took since the last savepoint, or since the group began if none was set. The savepoint
  /// stays.
  virtual void rollback() = 0;
  /// Moves the whole overlay into the published state, in one step for readers; and what direct() wrote.
  /// Requires: status() was good after the last call on overlay() or direct(). Else the group must be discarded, and a
  /// replay that wrote directly must start over from load().
  virtual void publish(std::uint64_t position) = 0;
  /// Drops the overlay (the group failed). Requires: no direct write awaits publish().
  virtual void discard() = 0;
  /// Replays: writes straight into pages; no savepoint, nothing published until publish(). Snapshots that are alive
  /// stay as they are. Requires: the overlay is empty; between the first write and publish() nobody calls snapshot(),
  /// begin_checkpoint(), fingerprint() or recompute_fingerprint().
  [[nodiscard]] virtual TableWriter& direct() = 0;
  /// As direct(), for several threads at once: each writes through a lane of its own, and no two touch the same row
  /// before publish(). row_count() sees what this lane wrote beside what was published. Requires: as direct(), and no
  /// snapshot and no checkpoint lives while lanes write.
  /// Threads: making lanes and publish() while no lane is in use; a lane by one thread at a time.
  [[nodiscard]] virtual TableWriter& lane(std::size_t number) = 0;

  // ---- Readers ----

  /// Threads: any. Cost: one short lock, a copy of the row counts.
  [[nodiscard]] virtual std::unique_ptr<Snapshot> snapshot() = 0;
  /// Threads: any.
  [[nodiscard]] virtual std::uint64_t position() const = 0;

  // ---- Checkpoint (one at a time, in the background) ----

  /// Pins the published state and its dirty pages; returns its position. Threads: any.
  [[nodiscard]] virtual std::uint64_t begin_checkpoint() = 0;
  /// Gives the pinned dirty pages to `sink` in the order of their keys, and returns row counts and fingerprints as
  /// bytes for load(). May be repeated. Threads: the checkpoint's; the writer goes on.
  [[nodiscard]] virtual Result<std::string> write_checkpoint(const PageSink& sink) = 0;
  /// The same; what it returns is one state a table, in the order of specs() at begin_checkpoint().
  [[nodiscard]] virtual std::vector<TableState> write_pages(const PageSink& sink) = 0;

  /// The same into `batch`.
  [[nodiscard]] Result<std::string> write_checkpoint(store::ViewBatch& batch) {
    return write_checkpoint(PageSink(
        [&batch](std::string_view key, std::string_view value) { batch.put(store::ViewFamily::kState, key, value); }));
  }

  /// `published`: the pages are in views/state now, and those not changed since are clean; else they are dirty as
  /// before.
  virtual void end_checkpoint(bool published) = 0;
  /// State as the checkpoint left it; pages follow on demand. Drops whatever the set held. Requires: no snapshot is
  /// alive, no checkpoint runs. Errors: kCorruption `StateDamaged` (nothing changed).
  [[nodiscard]] virtual Status load(std::string_view state, std::uint64_t position) = 0;
  /// The same of what write_pages() returned. Requires: one state a table.
  virtual void load(std::span<const TableState> states, std::uint64_t position) = 0;

  /// Of the published state. Threads: any. Cost: the pages changed since the last checkpoint, once each.
  [[nodiscard]] virtual Fingerprint fingerprint(TableId table) const = 0;
  /// The same, computed from every page now: clean ones as they are on disk (finds rot). Threads: any; while a writer
  /// publishes it is that of the moment of the call. Errors: kCorruption `StateDamaged`; what ViewsDb::get reports.
  [[nodiscard]] virtual Result<Fingerprint> recompute_fingerprint(TableId table) = 0;
  /// Pages changed since the last checkpoint. Threads: any.
  [[nodiscard]] virtual std::size_t dirty_bytes() const = 0;
  /// All pages in memory, old versions included. Threads: any.
  [[nodiscard]] virtual std::size_t resident_bytes() const = 0;
  /// First I/O error met while reading pages (kCorruption `StateDamaged` for bytes that are not what was written); the
  /// engine checks it after each commit and each fold. Threads: any.
  [[nodiscard]] virtual Status status() const = 0;
};

}  // namespace carnet::project
