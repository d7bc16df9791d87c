// SPDX-License-Identifier: Apache-2.0
#include "ledger/sequencer.hpp"

#include "base/check.hpp"
#include "base/limits.hpp"
#include "ledger/conditions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace carnet::ledger {

Sequencer::Sequencer(State& state, CommitLog& log, const Preparer& preparer, State::FrameLoader load_frame,
                     Clock& clock, RandomSource& random, std::shared_mutex& publish_mutex,
                     const SequencerOptions& options)
    : state_(state),
      log_(log),
      preparer_(preparer),
      load_frame_(load_frame),
      clock_(clock),
      publish_mutex_(publish_mutex),
      options_(options),
      names_(state),
      deciding_(state, names_, group_memory_, std::move(load_frame), random) {
  clock_accepted_ = options.accept_clock;
}

Sequencer::~Sequencer() {
  {
    const std::lock_guard lock(queue_mutex_);
    async_stop_ = true;
    async_wake_.notify_one();
  }
  if (async_thread_.joinable()) {
    async_thread_.join();
  }
}

std::optional<Error> Sequencer::poison() const {
  const std::lock_guard lock(poison_mutex_);
  return poison_;
}

void Sequencer::stop(const Error& why) {
  const std::lock_guard lock(poison_mutex_);
  if (!poison_) {
    poison_ = why;
  }
}

SequencerFigures Sequencer::figures() const {
  const std::lock_guard lock(figures_mutex_);
  return figures_;
}

Status Sequencer::start_clock() {
  const std::int64_t now = clock_.now().ns;
  clock_offset_ns_ = now - clock_.boot_ns();
  if (now < state_.tip.recorded_at.ns - kClockJumpSeconds * kNsPerSecond && !clock_accepted_) {
    return Error(ErrorCode::kNeedsConfirmation, "ClockJump",
                 "the clock stands more than an hour before the last recorded time: set it right, or confirm it with "
                 "accept_clock "
                 "(`--accept-clock`); times are clamped until it catches up",
                 {{"now", to_text(Timestamp{now})}, {"lastRecordedAt", to_text(state_.tip.recorded_at)}});
  }
  return {};
}

Status Sequencer::sync() {
  std::uint64_t position = 0;
  {
    const std::shared_lock lock(publish_mutex_);
    position = state_.tip.position;
  }
  if (auto synced = log_.sync(); !synced) {
    stop(synced.error());
    return std::move(synced).error();
  }
  std::uint64_t durable = durable_.load(std::memory_order_acquire);
  while (durable < position && !durable_.compare_exchange_weak(durable, position)) {
  }
  return {};
}

Status Sequencer::begin_group() {
  if (auto cause = poison()) {
    return Error(ErrorCode::kClosed, "LedgerClosed",
                 fmt::format("nothing was written: the ledger was stopped by an earlier failure ({}); reopen it",
                             cause->to_line()),
                 {{"cause", cause->name()}});
  }
  const std::int64_t now = clock_.now().ns;
  const std::int64_t ahead = (now - clock_.boot_ns()) - clock_offset_ns_;
  if (ahead > kClockJumpSeconds * kNsPerSecond) {
    if (!clock_accepted_.exchange(false)) {
      return Error(
          ErrorCode::kNeedsConfirmation, "ClockJump",
          "nothing was written: the clock is more than an hour ahead of the time that passed since the ledger was "
          "opened: set it right, or confirm it with accept_clock (`--accept-clock`)",
          {{"aheadSeconds", fmt::to_string(ahead / kNsPerSecond)}});
    }
    clock_offset_ns_ = now - clock_.boot_ns();
  }
  group_position_ = state_.tip.position;
  group_commits_ = state_.tip.commits;
  group_time_ = std::max(Timestamp{now}, state_.tip.recorded_at);
  const bool behind = now < state_.tip.recorded_at.ns - kNsPerSecond;
  group_clock_stepped_ = behind && !clock_behind_;
  clock_behind_ = behind;
  if (Timestamp{now} < state_.tip.recorded_at) {
    const std::lock_guard lock(figures_mutex_);
    ++figures_.clock_clamped;
  }
  group_error_.reset();
  group_commands_.clear();
  landed_.clear();
  group_memory_.events.clear();
  group_memory_.chain_ordinals.clear();
  frame_.begin(group_position_ + 1, group_commits_, options_.epoch);
  return {};
}

std::uint32_t Sequencer::version_of(std::string_view stream) {
  auto found = names_.find_chain(ChainKind::kStream, stream);
  if (!found) {
    group_error_ = std::move(found).error();
    return 0;
  }
  return *found ? state_.tables->overlay().get<ChainRow>(kChainTable, (*found)->ordinal - 1).version : 0;
}

void Sequencer::fill_versions(const Job& job, Refusal& refusal) {
  for (const PreparedEvent& event : job.prepared.events) {
    const std::string& stream = event.draft->stream;
    const bool there =
        std::ranges::any_of(refusal.current_versions, [&](const Expect& e) { return e.stream == stream; });
    if (!there) {
      refusal.current_versions.push_back({stream, version_of(stream)});
    }
  }
  for (const Expect& expect : job.prepared.request->expect) {
    const bool there =
        std::ranges::any_of(refusal.current_versions, [&](const Expect& e) { return e.stream == expect.stream; });
    if (!there) {
      refusal.current_versions.push_back({expect.stream, version_of(expect.stream)});
    }
  }
}

std::optional<Refusal> Sequencer::check_versions(Job& job) {
  const Request& request = *job.prepared.request;
  for (const Expect& expect : request.expect) {
    const std::uint32_t version = version_of(expect.stream);
    if (version != expect.version) {
      Refusal refusal;
      refusal.rule = "I-E1";
      refusal.error = "VersionConflict";
      refusal.stream = expect.stream;
      refusal.message = "the stream moved on since it was read: read it again, decide again, resend";
      refusal.values = {{"expected", fmt::to_string(expect.version)}, {"actual", fmt::to_string(version)}};
      return refusal;
    }
  }
  if (request.versions == VersionPolicy::kAny) {
    return std::nullopt;
  }
  for (const EventDraft& draft : request.events) {
    const bool stated = std::ranges::any_of(request.expect, [&](const Expect& e) { return e.stream == draft.stream; });
    if (!stated) {
      Refusal refusal = reject(
          "I-E1", "VersionNotStated", "expect",
          "state the expected version of every stream that is written (0: it must be new), or opt in to any version");
      refusal.stream = draft.stream;
      return refusal;
    }
  }
  return std::nullopt;
}

Result<std::optional<Refusal>> Sequencer::check_condition(Job& job) {
  const Request& request = *job.prepared.request;
  if (!request.condition) {
    return std::optional<Refusal>{};
  }
  std::vector<BoundItem> items;
  for (const QueryItem& item : request.condition->any) {
    CARNET_TRY(auto bound, bind(state_, &names_, item));
    items.push_back(std::move(bound));
  }
  const std::uint64_t after = std::max(request.condition->after, job.prepared.condition_checked_to);
  std::uint64_t match = 0;
  CARNET_TRY(const ConditionAnswer answer,
             find_match(state_, load_frame_, state_.tables->overlay(), items, after, state_.tip.position,
                        &group_memory_, options_.condition_candidates_max, match));
  if (answer == ConditionAnswer::kNoMatch) {
    return std::optional<Refusal>{};
  }
  Refusal refusal;
  refusal.rule = "condition";
  if (answer == ConditionAnswer::kMatch) {
    refusal.error = "ConditionFailed";
    refusal.message =
        "an event that the append condition excludes came in after the position it names: read on, decide again";
    refusal.values = {{"after", fmt::to_string(request.condition->after)}, {"match", fmt::to_string(match)}};
  } else {
    refusal.error = "ConditionTooBroad";
    refusal.message =
        "too many events would have to be read to check the condition: name a narrower tag or a later position";
    refusal.values = {{"candidatesMax", fmt::to_string(options_.condition_candidates_max)}};
  }
  return std::optional(std::move(refusal));
}

Result<bool> Sequencer::find_duplicate(Job& job) {
  Prepared& prepared = job.prepared;
  const auto conflict = [](std::uint64_t commit) {
    Refusal refusal;
    refusal.rule = "I-E2";
    refusal.error = "IdempotencyConflict";
    refusal.message = "the command landed with other content: use a new command for another business action";
    refusal.values.push_back({"commit", fmt::to_string(commit)});
    return Outcome(std::move(refusal));
  };
  if (const auto found = group_commands_.find(prepared.command); found != group_commands_.end()) {
    const Landed& landed = landed_[found->second];
    if (landed.digest == prepared.digest) {
      job.same_as = found->second;
    } else {
      job.result = conflict(landed.receipt.commit);
    }
    return true;
  }
  std::vector<std::uint64_t>& candidates = group_memory_.candidates;
  candidates.clear();
  state_.command_index->find_newest(prepared.command, candidates);
  if (state_.command_index->publish_count() != prepared.command_publishes) {
    CARNET_TRY_VOID(state_.command_index->find_published(prepared.command, candidates));
  }
  for (const std::uint64_t position : candidates) {
    CARNET_TRY(const bool found, stored_commit_.load(load_frame_, position));
    if (found && stored_commit_.head().first_position == position &&
        stored_commit_.head().command == prepared.command) {
      if (stored_commit_.head().request_digest == prepared.digest) {
        Receipt receipt = stored_commit_.receipt();
        receipt.duplicate = true;
        job.result = Outcome(receipt);
      } else {
        job.result = conflict(stored_commit_.head().number);
      }
      return true;
    }
  }
  return false;
}

Result<std::optional<Refusal>> Sequencer::check_request(Job& job) {
  const Request& request = *job.prepared.request;
  if (request.caused_by && *request.caused_by >= group_commits_) {
    return std::optional(reject("envelope", "UnknownCause", "causedBy", "the causing commit does not exist"));
  }
  if (auto refusal = check_versions(job)) {
    return refusal;
  }
  return check_condition(job);
}

Error not_reached() {
  return {ErrorCode::kCancelled, "NotReached", "nothing was written: a request before this one ended the batch"};
}

void Sequencer::process(Job& job) {
  if (job.stopped != nullptr && *job.stopped) {
    job.result = not_reached();
    return;
  }
  job.result = Outcome(Receipt{});
  decide_job(job);
  if (job.stopped != nullptr && (!job.result || std::holds_alternative<Refusal>(*job.result))) {
    *job.stopped = true;
  }
}

void Sequencer::decide_job(Job& job) {
  const auto fail = [&](Error&& error) {
    job.result = std::move(error);
    job.done = true;
  };
  auto duplicate = find_duplicate(job);
  if (!duplicate) {
    fail(std::move(duplicate).error());
    return;
  }
  if (*duplicate) {
    const std::lock_guard lock(figures_mutex_);
    ++figures_.duplicates;
    return;
  }
  state_.tables->savepoint();
  const std::size_t names_mark = names_.mark();
  const std::size_t events_mark = group_memory_.events.size();
  const std::size_t ordinals_mark = group_memory_.chain_ordinals.size();
  const auto roll_back = [&] {
    state_.tables->rollback();
    names_.rewind(names_mark);
    group_memory_.events.resize(events_mark);
    group_memory_.chain_ordinals.resize(ordinals_mark);
  };
  const CommitSlot slot{group_commits_, group_position_ + 1, group_time_, group_clock_stepped_};
  deciding_.keep_drafts(job.dry_run);
  auto refusal = check_request(job);
  if (refusal && !*refusal) {
    refusal = deciding_.run(job.prepared, slot, commit_);
  }
  if (refusal && group_error_) {
    refusal = std::move(*group_error_);
    group_error_.reset();
  }
  if (refusal && !state_.tables->status()) {
    refusal = state_.tables->status().error();
  }
  if (!refusal) {
    roll_back();
    fail(std::move(refusal).error());
    return;
  }
  if (*refusal) {
    roll_back();
    fill_versions(job, **refusal);
    job.result = Outcome(std::move(**refusal));
    const std::lock_guard lock(figures_mutex_);
    ++figures_.refusals;
    return;
  }
  if (job.dry_run) {
    job.decided = deciding_.decided();
    job.result = Outcome(Receipt{});
    roll_back();
    return;
  }
  frame_.add(commit_.header, commit_.introductions, commit_.events);
  Receipt receipt{.commit = group_commits_,
                  .first_position = group_position_ + 1,
                  .event_count = static_cast<std::uint32_t>(commit_.events.size()),
                  .recorded_at = group_time_,
                  .leaf_hash = commit_.leaf};
  group_commands_.emplace(job.prepared.command, landed_.size());
  landed_.push_back({job.prepared.digest, receipt, &job, commit_.leaf});
  group_position_ += receipt.event_count;
  ++group_commits_;
  group_clock_stepped_ = false;
}

void Sequencer::process_group(std::span<Waiter* const> group) {
  const std::lock_guard lock(leader_mutex_);
  group_jobs_.clear();
  for (const Waiter* waiter : group) {
    group_jobs_.insert(group_jobs_.end(), waiter->jobs.begin(), waiter->jobs.end());
  }
  std::size_t from = 0;
  while (from < group_jobs_.size()) {
    if (auto begun = begin_group(); !begun) {
      for (std::size_t i = from; i < group_jobs_.size(); ++i) {
        group_jobs_[i]->result = begun.error();
      }
      return;
    }
    // A frame is bounded: what does not fit goes into the next one, after this one landed.
    std::size_t to = from;
    while (to < group_jobs_.size() && frame_.bytes() + kCommitBytesMax <= kGroupBytesMax) {
      process(*group_jobs_[to]);
      ++to;
    }
    const std::size_t first = from;
    from = to;
    land_group();
    for (std::size_t i = first; i < to; ++i) {
      Job& job = *group_jobs_[i];
      if (job.same_as) {
        job.result = landed_[*job.same_as].job->result;
        if (job.result) {
          Receipt& receipt = std::get<Receipt>(*job.result);
          receipt.duplicate = true;
        }
      }
    }
  }
}

void Sequencer::land_group() {
  if (landed_.empty()) {
    state_.tables->discard();
    names_.rewind(0);
    return;
  }
  if (options_.carry_tree) {
    frame_.carry_tree(state_.tip.commits, state_.tip.tree.root());
  }
  const LogTail expected{state_.tip.position, state_.tip.commits};
  const bool synced = options_.durability == Durability::kSync;
  LogAppendOutcome outcome = log_.append(options_.epoch, expected, frame_.finish(),
                                         synced ? LogDurability::kSynced : LogDurability::kBuffered);
  if (const auto* appended = std::get_if<LogAppended>(&outcome)) {
    CARNET_ASSERT((appended->tail == LogTail{group_position_, group_commits_}), "the log ends where the group ends");
    publish_group();
    if (synced) {
      set_durable(group_position_);
    }
    for (const Landed& landed : landed_) {
      landed.job->result = Outcome(landed.receipt);
    }
    if (on_published_) {
      on_published_();
    }
    return;
  }
  if (const auto* not_written = std::get_if<LogNotWritten>(&outcome)) {
    fail_group(not_written->cause, false);
  } else if (const auto* unknown = std::get_if<LogUnknown>(&outcome)) {
    fail_group(Error(ErrorCode::kOutcomeUnknown, "OutcomeUnknown",
                     fmt::format("the write may have landed ({}): reopen the ledger and resend under the same command",
                                 unknown->cause.to_line()),
                     {{"cause", unknown->cause.name()}}),
               true);
  } else if (const auto* fenced = std::get_if<LogFenced>(&outcome)) {
    fail_group(Error(ErrorCode::kClosed, "Fenced", "nothing was written: a later writer has taken over this log",
                     {{"epoch", fmt::to_string(fenced->epoch)}}),
               true);
  } else {
    const LogTail& actual = std::get<LogConflict>(outcome).actual;
    fail_group(Error(ErrorCode::kClosed, "LogMoved",
                     "nothing was written: the log ends elsewhere than this writer believes; reopen",
                     {{"expected", fmt::to_string(expected.position)}, {"actual", fmt::to_string(actual.position)}}),
               true);
  }
}

void Sequencer::fail_group(const Error& error, bool poison) {
  state_.tables->discard();
  names_.rewind(0);
  for (const Landed& landed : landed_) {
    landed.job->result = error;
    if (landed.job->stopped != nullptr) {
      *landed.job->stopped = true;
    }
  }
  if (poison) {
    stop(error);
  }
}

void Sequencer::publish_group() {
  {
    const std::unique_lock lock(publish_mutex_);
    for (std::size_t i = 0; i < names_.count(); ++i) {
      const Status added = state_.introduce(names_.at(i), nullptr);
      CARNET_ASSERT(added.has_value(), "the catalog takes what the sequencer numbered");
    }
    auto& indexed = group_memory_.indexed;
    indexed.clear();
    for (const GroupEvent& event : group_memory_.events) {
      indexed.push_back({event.position, group_memory_.chain_ordinals.data() + event.chains_from, event.chain_count});
    }
    state_.chain_index->add(indexed.data(), indexed.size());
    for (const Landed& landed : landed_) {
      state_.command_index->add(landed.job->prepared.command, landed.receipt.first_position);
      state_.tip.tree.append(landed.leaf);
    }
    state_.tables->publish(group_position_);
    state_.tip.position = group_position_;
    state_.tip.commits = group_commits_;
    state_.tip.recorded_at = group_time_;
  }
  names_.clear();
  const std::lock_guard lock(figures_mutex_);
  ++figures_.groups;
  const auto size = static_cast<std::size_t>(std::bit_width(landed_.size()));
  ++figures_.group_sizes[std::min(size, figures_.group_sizes.size()) - 1];
  figures_.commits += landed_.size();
  figures_.events += group_memory_.events.size();
}

}  // namespace carnet::ledger
