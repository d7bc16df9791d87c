// SPDX-License-Identifier: Apache-2.0
//
// CatchUp: projections that follow the log in the background, each with tables and a position of its own. One thread
// serves them all in turn. A projection that cannot fold an event is parked there; the others run on.
#pragma once

#include "ledger/generations.hpp"
#include "ledger/replay_batch.hpp"
#include "ledger/state.hpp"
#include "project/table_set.hpp"
#include "store/local_log.hpp"
#include "store/views_db.hpp"

#include <carnet/ledger.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace carnet::ledger {

/// Rows of one catch-up projection as a view holds them.
struct FollowerRows {
  const Projection* projection = nullptr;
  TableId first;
  std::shared_ptr<project::TableSet> tables;  ///< Outlives `rows`.
  std::unique_ptr<project::Snapshot> rows;
};

class CatchUp {
 public:
  struct Host {
    State* state = nullptr;
    store::LocalLog* log = nullptr;
    store::ViewsDb* views = nullptr;
    std::shared_mutex* publish_mutex = nullptr;
    State::FrameLoader load_frame;
    std::size_t memory_bytes = 0;  ///< For each projection.
    /// Rebuilds one projection beside, on several threads, and calls adopt(). For one that is far behind.
    std::function<Status(const Projection&, const std::stop_token&)> rebuild;
    /// Blocks until the head lies beyond a position, or for a while.
    std::function<void(std::uint64_t, const std::stop_token&)> wait_for_head;
    std::function<void(LogLevel, const std::string&)> say;
  };

  explicit CatchUp(Host host) : host_(std::move(host)) {}

  ~CatchUp() { stop(); }

  CatchUp(const CatchUp&) = delete;
  CatchUp& operator=(const CatchUp&) = delete;

  /// Takes over what the checkpoint left. Errors: kUnsupportedFormat `ProjectionTooOld`; kStorage `TooManyTables`.
  [[nodiscard]] Status load();
  void start();
  void stop();

  [[nodiscard]] bool empty() const noexcept { return followers_.empty(); }

  /// Folds up to the published head, in the caller's thread. For ledgers without a thread of their own.
  void follow_now(const std::stop_token& stop);

  // ---- Any thread ----

  [[nodiscard]] std::vector<FollowerRows> snapshots();
  void add_status(std::uint64_t head, std::vector<ProjectionStatus>& out);

  [[nodiscard]] bool has(std::string_view name) const noexcept { return find(name) != nullptr; }

  [[nodiscard]] Status wait_for(std::string_view name, std::uint64_t position,
                                std::chrono::steady_clock::time_point until, const std::stop_token& stop);
  /// Under the checkpoint mutex.
  [[nodiscard]] Status restart(std::string_view name, bool skip_event);
  /// Fingerprint of a projection at the position where it stands.
  [[nodiscard]] std::pair<std::uint64_t, project::Fingerprint> fingerprint(std::string_view name);

  // ---- Checkpoints, under the checkpoint mutex ----

  [[nodiscard]] bool has_unpublished() const;
  void begin_checkpoint();
  void write_checkpoint(store::ViewBatch& batch);
  void end_checkpoint(bool published);
  /// Another generation takes the place of a projection's; its pages are published.
  void adopt(const Projection& projection, const Generation& generation);
  /// Ids of former generations that nobody reads any more.
  [[nodiscard]] bool is_released(const IdRange& range);

 private:
  struct Follower {
    const Projection* projection = nullptr;
    std::mutex step_mutex;  ///< Held while its tables are written or replaced.

    // Under mutex_.
    std::shared_ptr<project::TableSet> tables;
    Generation generation;
    std::uint64_t position = 0;
    std::optional<Error> parked;
    std::uint64_t parked_at = 0;
    bool rebuilding = false;
    bool no_rebuild = false;  ///< It failed: event by event, so that it is known where.
    std::uint64_t checkpointed = 0;

    // Of a checkpoint.
    std::shared_ptr<project::TableSet> pinned;
    std::uint64_t pinned_position = 0;
  };

  [[nodiscard]] Follower* find(std::string_view name) const noexcept;
  [[nodiscard]] std::shared_ptr<project::TableSet> open_tables(const Generation& generation) const;
  void run(const std::stop_token& stop);
  /// True: there is more to do.
  [[nodiscard]] bool step(Follower& follower, const std::stop_token& stop);
  [[nodiscard]] Status fold(Follower& follower, project::Snapshot& core, std::uint64_t head,
                            const std::stop_token& stop);
  /// Folds a batch up to its end or to a poison event.
  [[nodiscard]] Status fold_batch(Follower& follower, const ReplayBatch& batch, const std::vector<bool>& reads);
  void moved_to(Follower& follower, std::uint64_t position);
  void park(Follower& follower, std::uint64_t position, Error reason);

  Host host_;
  std::vector<std::unique_ptr<Follower>> followers_;  ///< Fixed by load().
  mutable std::mutex mutex_;
  std::condition_variable_any moved_;
  std::vector<std::pair<IdRange, std::weak_ptr<project::TableSet>>> former_;
  std::jthread thread_;
};

}  // namespace carnet::ledger
