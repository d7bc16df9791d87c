// SPDX-License-Identifier: Apache-2.0
//
// views/: everything that can be rebuilt from the log, in its own RocksDB without write-ahead log. One writer function,
// publish_view(): it syncs the log first, then lands batch, runs and checkpoint together, then raises the FLOOR.
// Nothing ever goes through a memtable: a publishing is one table file a family, and all of them are ingested by one
// atomic record of the manifest. So there is nothing to flush, nothing half in force after a crash, and no stall.
// No RocksDB type shows here.
#pragma once

#include "base/sha256.hpp"

#include <carnet/commit_log.hpp>
#include <carnet/log_sink.hpp>
#include <carnet/result.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carnet::store {

class Floor;
struct StoreEnv;  ///< Injected RocksDB environment (lib/store/store_env.hpp); null: the real one.

/// Fixed for ever: made by create() and never later (a new family breaks every running secondary).
enum class ViewFamily : std::uint8_t { kIndex, kState, kTree, kChains };

/// Up to where the views are complete. `state` is the engine's own bytes (tree, counters, versions).
struct ViewCheckpoint {
  std::uint64_t position = 0;
  std::uint64_t commits = 0;
  base::Hash root{};
  std::string state;
};

/// Small changes that land together, in the order given. Keys begin with a view byte and a generation (view_keys.hpp).
class ViewBatch {
 public:
  ViewBatch();
  ~ViewBatch();
  ViewBatch(ViewBatch&&) noexcept;
  ViewBatch& operator=(ViewBatch&&) noexcept;
  void put(ViewFamily family, std::string_view key, std::string_view value);
  /// Appends `value` to what the key holds.
  void concatenate(ViewFamily family, std::string_view key, std::string_view value);
  void erase(ViewFamily family, std::string_view key);
  /// [begin, end).
  void erase_range(ViewFamily family, std::string_view begin, std::string_view end);
  [[nodiscard]] std::size_t bytes() const noexcept;

  struct Impl;

  [[nodiscard]] Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// Makes a run's entries one after the other, so that a run never stands in memory as a whole.
class ViewRunSource {
 public:
  virtual ~ViewRunSource() = default;
  /// False at the end. The views are valid until the next call.
  [[nodiscard]] virtual bool next(std::string_view& key, std::string_view& value) = 0;
};

/// A sorted run for one family: strictly rising keys, none of them in the batch or in another run of the same
/// publishing. Written into the family's table file and ingested with the checkpoint.
struct ViewRun {
  ViewFamily family = ViewFamily::kIndex;
  std::vector<std::pair<std::string, std::string>> entries;
  /// Instead of `entries`. Called from within publish_view().
  std::unique_ptr<ViewRunSource> source = nullptr;
  /// Values are appended to what the family holds under their keys, instead of taking its place.
  bool concatenates = false;
};

class ViewCursor {
 public:
  virtual ~ViewCursor() = default;
  virtual void seek(std::string_view key) = 0;
  /// Last key ≤ `key`.
  virtual void seek_for_prev(std::string_view key) = 0;
  virtual void next() = 0;
  virtual void prev() = 0;
  [[nodiscard]] virtual bool valid() const = 0;
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual std::string_view value() const = 0;
  [[nodiscard]] virtual Status status() const = 0;
};

struct ViewsOptions {
  /// Blocks, indexes and filters together.
  std::size_t cache_bytes = 64UL * 1024 * 1024;
  /// Table files up to this size keep their filters in the cache for good: the runs that compaction has not merged yet.
  std::size_t write_buffer_bytes = 16UL * 1024 * 1024;
  LogSink* log = nullptr;
  StoreEnv* env = nullptr;
};

class ViewsDb {
 public:
  /// Makes the folder with all families. Errors: kInvalidArgument when it exists.
  [[nodiscard]] static Result<std::unique_ptr<ViewsDb>> create(const std::filesystem::path& folder,
                                                               const ViewsOptions& options);
  /// Errors: kNotFound `ViewsMissing`; kCorruption `ViewsDamaged` (the caller removes the folder and rebuilds).
  [[nodiscard]] static Result<std::unique_ptr<ViewsDb>> open(const std::filesystem::path& folder,
                                                             const ViewsOptions& options);
  /// Reads what another process has published; `scratch` is this process's own folder.
  [[nodiscard]] static Result<std::unique_ptr<ViewsDb>> open_secondary(const std::filesystem::path& folder,
                                                                       const std::filesystem::path& scratch,
                                                                       const ViewsOptions& options);
  virtual ~ViewsDb() = default;

  /// The newest published checkpoint; nothing when none was published.
  [[nodiscard]] virtual Result<std::optional<ViewCheckpoint>> checkpoint() = 0;
  /// The only writer. Order: log.sync() up to the checkpoint; runs and batch with the checkpoint, all or nothing after
  /// a crash, and on disk before it returns; then floor.raise(). May wait for compaction to get ahead.
  ///
  /// Requires: the log holds what the checkpoint names.
  /// Errors:   those of log and floor; kOutOfSpace, kStorage; kStorage `StoreFailed` again and again — RocksDB gave up,
  ///           only reopening helps; kInvalidArgument `ViewsReadOnly` on a secondary. The former checkpoint stays in
  ///           force, but when the floor failed, the new one is; publishing the same again, or more, is harmless then.
  ///           When the manifest's own write failed, a reopening finds the former one or the new one.
  /// Threads:  one caller at a time; readers go on.
  [[nodiscard]] virtual Status publish_view(const ViewCheckpoint& checkpoint, ViewBatch&& batch,
                                            std::vector<ViewRun>&& runs, CommitLog& log, Floor& floor) = 0;
  [[nodiscard]] virtual Result<std::optional<std::string>> get(ViewFamily family, std::string_view key) = 0;
  /// Consistent as of its making. Dies before the database.
  [[nodiscard]] virtual std::unique_ptr<ViewCursor> cursor(ViewFamily family) = 0;

  /// The same, but it moves only among keys that share the sought key's filter prefix (view_keys.hpp) and skips runs
  /// that have none of them.
  [[nodiscard]] virtual std::unique_ptr<ViewCursor> prefix_cursor(ViewFamily family) { return cursor(family); }

  /// Gives back the disk space of a range at once, as far as whole files of it can go; the rest goes with compaction.
  /// Requires: a published batch erased the range, and nothing was put there since.
  [[nodiscard]] virtual Status drop_range(ViewFamily /*family*/, std::string_view /*begin*/, std::string_view /*end*/) {
    return {};
  }

  /// Secondary only: sees what was published since. On a primary: no effect.
  [[nodiscard]] virtual Status catch_up() = 0;
  /// Figures for stats: `index.bytes`, `state.youngRuns`, `cache.bytes` ….
  [[nodiscard]] virtual std::vector<Fact> stats() = 0;

  /// Waits until compaction is at rest (benchmarks).
  [[nodiscard]] virtual Status wait_for_rest() { return {}; }

  /// Ends background work and closes; nothing is lost by leaving it out. Nothing else may be called afterwards.
  [[nodiscard]] virtual Status close() = 0;
};

}  // namespace carnet::store
