// SPDX-License-Identifier: Apache-2.0
//
// Sequencer: the one writer of a ledger. Concurrent callers form a group; one of them leads: it decides each request on
// the overlay, builds one frame, appends it through CommitLog, and publishes the overlay in one step. It knows no log
// but that interface.
#pragma once

#include "codec/frame.hpp"
#include "ledger/deciding.hpp"
#include "ledger/pending.hpp"
#include "ledger/prepare.hpp"
#include "ledger/state.hpp"

#include <carnet/clock.hpp>
#include <carnet/commit_log.hpp>
#include <carnet/ledger.hpp>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <thread>
#include <vector>

namespace carnet::ledger {

struct SequencerOptions {
  Durability durability = Durability::kSync;
  std::size_t condition_candidates_max = 10'000;
  std::size_t group_requests_max = 4096;
  bool accept_clock = false;
  std::uint64_t epoch = 1;
  bool carry_tree = false;  ///< Replicated logs: every frame carries size and root of the tree before it.
};

/// What the sequencer counts.
struct SequencerFigures {
  std::uint64_t groups = 0;
  std::uint64_t commits = 0;
  std::uint64_t events = 0;
  std::uint64_t refusals = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t clock_clamped = 0;
  /// Groups that landed by how many requests they had: [i] counts those of 2^i up to 2^(i+1) - 1.
  std::array<std::uint64_t, 13> group_sizes{};
};

/// Of requests behind one that ended its batch.
[[nodiscard]] Error not_reached();

class Sequencer {
 public:
  /// `publish_mutex` is held exclusively while a group becomes visible; whoever takes a view holds it shared.
  Sequencer(State& state, CommitLog& log, const Preparer& preparer, State::FrameLoader load_frame, Clock& clock,
            RandomSource& random, std::shared_mutex& publish_mutex, const SequencerOptions& options);
  ~Sequencer();
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  /// Threads: any.
  [[nodiscard]] std::vector<Result<Outcome>> append(std::span<const Request> requests, BatchMode mode, bool internal);
  [[nodiscard]] Result<Outcome> append(const Request& request, bool internal);
  [[nodiscard]] std::unique_ptr<Ticket> append_async(Request request);
  [[nodiscard]] Result<DryRun> decide(const Request& request);

  void accept_clock() noexcept { clock_accepted_ = true; }

  /// First cause of a poisoning; nothing while all is well.
  [[nodiscard]] std::optional<Error> poison() const;
  /// Later appends fail with kClosed.
  void stop(const Error& why);
  /// Syncs what was appended. Errors poison.
  [[nodiscard]] Status sync();

  [[nodiscard]] std::uint64_t durable_position() const noexcept { return durable_.load(std::memory_order_acquire); }

  void set_durable(std::uint64_t position) noexcept { durable_.store(position, std::memory_order_release); }

  [[nodiscard]] SequencerFigures figures() const;

  /// Called after each group that became visible, without locks.
  void set_on_published(std::function<void()> callback) { on_published_ = std::move(callback); }

  /// The checks against clock jumps start here. Errors: kNeedsConfirmation `ClockJump` when the clock stands an hour
  /// before the last recorded time.
  [[nodiscard]] Status start_clock();
  /// Waits until no group is being decided and runs `work` in between.
  void exclusively(const std::function<void()>& work);

 private:
  struct Job {
    Prepared prepared;
    Result<Outcome> result = Error(ErrorCode::kClosed, "NotRun", "");
    bool dry_run = false;
    std::optional<Decided> decided;
    std::optional<std::size_t> same_as;  // duplicate of a commit of this group: index into landed_
    bool* stopped = nullptr;             // shared by a batch that stops at its first refusal
    bool done = false;
  };

  enum class Turn : std::uint32_t { kWaiting, kLead, kDone };

  struct Waiter {
    std::span<Job* const> jobs;
    std::atomic<Turn> turn{Turn::kWaiting};
    bool has_thread = true;
  };

  struct Landed {
    Digest16 digest{};
    Receipt receipt;
    Job* job = nullptr;
    base::Hash leaf{};
  };

  class AsyncTicket;

  void run(Waiter& waiter);
  void wait_for_turn(Waiter& waiter);
  void lead(Waiter* own);
  void hand_over();
  void serve_async();
  void wake_async();
  void process_group(std::span<Waiter* const> group);
  [[nodiscard]] Status begin_group();
  void process(Job& job);
  void decide_job(Job& job);
  [[nodiscard]] Result<std::optional<Refusal>> check_request(Job& job);
  [[nodiscard]] std::optional<Refusal> check_versions(Job& job);
  [[nodiscard]] Result<std::optional<Refusal>> check_condition(Job& job);
  [[nodiscard]] Result<bool> find_duplicate(Job& job);
  void land_group();
  void publish_group();
  void fail_group(const Error& error, bool poison);
  void fill_versions(const Job& job, Refusal& refusal);
  void prepare_job(const Request& request, Job& job, bool internal);
  [[nodiscard]] std::uint32_t version_of(std::string_view stream);

  State& state_;
  CommitLog& log_;
  const Preparer& preparer_;
  State::FrameLoader load_frame_;
  Clock& clock_;
  std::shared_mutex& publish_mutex_;
  SequencerOptions options_;
  std::function<void()> on_published_;

  // The queue.
  std::mutex queue_mutex_;
  std::deque<Waiter*> queue_;
  bool leading_ = false;
  std::condition_variable async_wake_;
  bool async_lead_ = false;
  bool async_stop_ = false;
  std::jthread async_thread_;

  // The leader's memory.
  std::mutex leader_mutex_;  // held while a group is decided and lands
  PendingNames names_;
  GroupMemory group_memory_;
  Deciding deciding_;
  codec::FrameBuilder frame_;
  DecidedCommit commit_;
  StoredCommit stored_commit_;
  std::vector<Landed> landed_;
  std::map<Digest16, std::size_t> group_commands_;
  std::uint64_t group_position_ = 0;
  std::uint64_t group_commits_ = 0;
  Timestamp group_time_;
  bool group_clock_stepped_ = false;
  std::optional<Error> group_error_;
  std::vector<Job*> group_jobs_;

  std::atomic<bool> clock_accepted_{false};
  std::int64_t clock_offset_ns_ = 0;  // wall clock minus boot-time clock when the checks started
  bool clock_behind_ = false;

  std::atomic<std::uint64_t> durable_{0};
  mutable std::mutex poison_mutex_;
  std::optional<Error> poison_;
  mutable std::mutex figures_mutex_;
  SequencerFigures figures_;
};

}  // namespace carnet::ledger
