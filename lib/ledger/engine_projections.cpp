// SPDX-License-Identifier: Apache-2.0
//
// Projections of a ledger as a whole: built at open, rebuilt on demand, followed in the background, checkpointed.
#include "base/check.hpp"
#include "ledger/engine.hpp"
#include "project/page_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace carnet::ledger {

namespace {

constexpr std::uint32_t kGeneration = 1;
constexpr std::uint64_t kNearHead = 20'000;  // events folded while appends wait

std::size_t thread_count(std::size_t wanted) {
  return wanted != 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
}

std::pair<std::string, std::string> page_keys(const IdRange& range) {
  std::pair<std::string, std::string> keys;
  project::encode_page_key(keys.first, kGeneration, range.first, 0);
  project::encode_page_key(keys.second, kGeneration, static_cast<std::uint16_t>(range.first + range.count), 0);
  return keys;
}

}  // namespace

// ---- Checkpoints ----

void Engine::collect_garbage(store::ViewBatch& batch, std::vector<IdRange>& erased) {
  std::erase_if(state_->others().garbage, [&](const IdRange& range) {
    bool free = true;
    if (range.first >= kCatchUpTables) {
      free = catch_up_ == nullptr || catch_up_->is_released(range);
    } else {
      for (std::uint16_t i = 0; i < range.count; ++i) {
        free = state_->tables->remove({static_cast<std::uint16_t>(range.first + i)}) && free;
      }
    }
    if (free) {
      const auto [begin, end] = page_keys(range);
      batch.erase_range(store::ViewFamily::kState, begin, end);
      erased.push_back(range);
    }
    return free;
  });
}

Status Engine::publish_checkpoint() {
  const bool more = published_build_ != nullptr || !state_->others().garbage.empty() ||
                    (catch_up_ != nullptr && catch_up_->has_unpublished());
  store::ViewBatch batch;
  std::vector<store::ViewRun> runs;
  std::vector<IdRange> erased;
  std::uint64_t position = 0;
  {
    const std::unique_lock lock(publish_mutex_);
    if (state_->tip.position == checkpoint_position_ && !more) {
      return {};
    }
    collect_garbage(batch, erased);
    position = state_->tip.position;
    state_->begin_checkpoint();
    if (catch_up_ != nullptr) {
      catch_up_->begin_checkpoint();
    }
    if (published_build_ != nullptr) {
      published_build_->begin_checkpoint();
    }
  }
  const auto publish = [&]() -> Status {
    if (catch_up_ != nullptr) {
      catch_up_->write_checkpoint(batch);
    }
    if (published_build_ != nullptr) {
      published_build_->write_checkpoint(*state_, batch);
    }
    CARNET_TRY(const store::ViewCheckpoint checkpoint, state_->write_checkpoint(batch, runs));
    return views_->publish_view(checkpoint, std::move(batch), std::move(runs), *log_, *floor_);
  };
  auto published = publish();
  {
    const std::unique_lock lock(publish_mutex_);
    state_->end_checkpoint(published.has_value());
    if (catch_up_ != nullptr) {
      catch_up_->end_checkpoint(published.has_value());
    }
    if (published_build_ != nullptr) {
      published_build_->end_checkpoint(published.has_value());
    }
  }
  if (!published) {
    state_->others().garbage.insert(state_->others().garbage.end(), erased.begin(), erased.end());
    return published;
  }
  for (const IdRange& range : erased) {
    const auto [begin, end] = page_keys(range);
    ignore_error(views_->drop_range(store::ViewFamily::kState, begin, end), "compaction gives the space back later");
  }
  checkpoint_position_ = position;
  if (sequencer_ != nullptr && sequencer_->durable_position() < position) {
    sequencer_->set_durable(position);
  }
  return published;
}

// ---- Opening ----

Status Engine::open_projections(OpenReport& report) {
  if (!state_->stale().empty()) {
    const std::vector<const Projection*> stale(state_->stale().begin(), state_->stale().end());
    if (options_.on_projection_change == ProjectionChange::kRefuse) {
      return Error(
          ErrorCode::kNeedsConfirmation, "RebuildNeeded",
          fmt::format("projection {} is new to this ledger or was changed: open with ProjectionChange::kRebuild",
                      stale.front()->name()),
          {{"projection", std::string(stale.front()->name())}});
    }
    RebuildOptions options;
    options.threads = options_.rebuild_threads;
    CARNET_TRY(const RebuildReport rebuilt, rebuild_some(stale, options, {}, {}));
    for (const RebuiltProjection& each : rebuilt.projections) {
      report.projections_rebuilt.push_back(each.name);
      say(LogLevel::kInfo, fmt::format("projection {} was built from the log", each.name));
    }
  }
  CatchUp::Host host;
  host.state = state_.get();
  host.log = log_.get();
  host.views = views_.get();
  host.publish_mutex = &publish_mutex_;
  host.load_frame = frame_loader();
  host.memory_bytes = options_.memory_bytes / 16;
  host.say = [this](LogLevel level, const std::string& line) { say(level, line); };
  host.wait_for_head = [this](std::uint64_t position, const std::stop_token& stop) {
    wait_for_head(position, std::chrono::steady_clock::now() + std::chrono::milliseconds(200), stop);
  };
  if (!options_.read_only) {
    host.rebuild = [this](const Projection& projection, const std::stop_token& stop) -> Status {
      RebuildOptions options;
      options.threads = options_.rebuild_threads;
      const Projection* const one[] = {&projection};
      CARNET_TRY([[maybe_unused]] const RebuildReport rebuilt, rebuild_some(one, options, {}, stop));
      return {};
    };
  }
  catch_up_ = std::make_unique<CatchUp>(std::move(host));
  return catch_up_->load();
}

// ---- Rebuilding ----

std::vector<const Projection*> Engine::find_projections(std::string_view name) const {
  std::vector<const Projection*> out;
  for (const BoundProjection& bound : state_->projections()) {
    out.push_back(bound.projection);
  }
  const auto catch_up = state_->catch_up_projections();
  out.insert(out.end(), catch_up.begin(), catch_up.end());
  if (!name.empty()) {
    std::erase_if(out, [&](const Projection* each) { return each->name() != name; });
  }
  return out;
}

Result<RebuildReport> Engine::rebuild(const RebuildOptions& options,
                                      const std::function<void(const RebuildProgress&)>& progress,
                                      std::stop_token stop) {
  check_process();
  if (sequencer_ == nullptr) {
    return read_only_error();
  }
  const std::vector<const Projection*> projections = find_projections(options.projection);
  if (projections.empty() && !options.projection.empty()) {
    return Error(ErrorCode::kNotFound, "NoSuchProjection", "the ledger was opened with no projection of this name",
                 {{"projection", options.projection}});
  }
  return rebuild_some(projections, options, progress, stop);
}

Result<RebuildReport> Engine::rebuild_some(std::span<const Projection* const> projections,
                                           const RebuildOptions& options,
                                           const std::function<void(const RebuildProgress&)>& progress,
                                           const std::stop_token& stop) {
  const std::unique_lock one(rebuild_mutex_, std::try_to_lock);
  if (!one.owns_lock()) {
    return Error(ErrorCode::kBusy, "RebuildRunning", "another rebuild runs: wait for it");
  }
  const auto begin = std::chrono::steady_clock::now();
  RebuildReport report;
  std::unique_ptr<Build> build;
  {
    const std::lock_guard lock(checkpoint_mutex_);
    CARNET_TRY(build, Build::make(*state_, views_.get(), options_.memory_bytes / 4, projections));
  }
  CARNET_TRY_VOID(build_up(*build, options, progress, stop));
  CARNET_TRY_VOID(switch_over(*build, options, report, stop));
  report.events = build->folded();
  report.position = build->position();
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (progress) {
    progress({report.position, report.position});
  }
  return report;
}

Status Engine::build_pass(Build& build, std::uint64_t up_to_at_most, const RebuildOptions& options,
                          const std::function<void(const RebuildProgress&)>& progress, const std::stop_token& stop) {
  std::unique_ptr<project::Snapshot> core;
  std::uint64_t head = 0;
  {
    const std::shared_lock lock(publish_mutex_);
    head = state_->tip.position;
    core = state_->tables->snapshot();
  }
  ReplayOptions pass;
  pass.up_to = std::min(head, up_to_at_most);
  pass.threads = thread_count(options.threads);
  pass.stop = stop;
  const std::stop_token closing = stopping_.get_token();
  pass.is_full = [&closing] { return closing.stop_requested(); };
  if (progress) {
    pass.progress = [&](std::uint64_t done) { progress({done, head}); };
  }
  CARNET_TRY_VOID(build.run(*state_, *core, *log_, frame_loader(), pass));
  if (closing.stop_requested()) {
    return Error(ErrorCode::kClosed, "LedgerClosed", "the ledger is being closed: the rebuild goes on after reopening");
  }
  return core->status();
}

Status Engine::publish_build(Build& build) {
  published_build_ = &build;
  auto published = publish_checkpoint();
  published_build_ = nullptr;
  return published;
}

Status Engine::build_up(Build& build, const RebuildOptions& options,
                        const std::function<void(const RebuildProgress&)>& progress, const std::stop_token& stop) {
  while (true) {
    const std::uint64_t from = build.position();
    const std::uint64_t run = std::max<std::uint64_t>(options.run_events, 1);
    if (head_position() - from <= std::min(kNearHead, run)) {
      return {};
    }
    CARNET_TRY_VOID(build_pass(build, from + run, options, progress, stop));
    {
      const std::lock_guard lock(checkpoint_mutex_);
      CARNET_TRY_VOID(publish_build(build));
    }
    if (progress) {
      progress({build.position(), head_position()});
    }
  }
}

Status Engine::switch_over(Build& build, const RebuildOptions& options, RebuildReport& report,
                           const std::stop_token& stop) {
  const std::lock_guard lock(checkpoint_mutex_);
  if (sequencer_ == nullptr) {
    return switch_now(build, options, report, stop);
  }
  Status status;
  sequencer_->exclusively([&] { status = switch_now(build, options, report, stop); });
  return status;
}

Status Engine::switch_now(Build& build, const RebuildOptions& options, RebuildReport& report,
                          const std::stop_token& stop) {
  while (build.position() < head_position()) {
    CARNET_TRY_VOID(build_pass(build, UINT64_MAX, options, {}, stop));
    CARNET_TRY_VOID(publish_build(build));
  }
  // The pages are on disk before any table is known by them.
  CARNET_TRY_VOID(publish_build(build));
  std::unique_ptr<project::Snapshot> live;
  {
    const std::unique_lock lock(publish_mutex_);
    live = state_->tables->snapshot();
  }
  for (const Build::Part& part : build.parts()) {
    RebuiltProjection& line = report.projections.emplace_back();
    line.name = part.projection->name();
    line.version = part.projection->version();
    const project::Fingerprint after = build.fingerprint(part);
    line.after = to_hex(after);
    if (part.projection->mode() == ProjectionMode::kCatchUp) {
      if (catch_up_ != nullptr) {
        const auto [position, before] = catch_up_->fingerprint(part.projection->name());
        line.before = position == build.position() ? to_hex(before) : std::string();
        catch_up_->adopt(*part.projection, part.generation);
      }
      continue;
    }
    const auto bound = std::ranges::find(state_->projections(), part.projection, &BoundProjection::projection);
    if (bound != state_->projections().end()) {
      const std::size_t count = part.generation.tables.size();
      const project::Fingerprint before = fingerprint_of(*state_->tables, bound->first, count);
      line.before = to_hex(before);
      if (before != after) {
        const auto rebuilt = build.tables_of(part).snapshot();
        CARNET_TRY(line.parted_at,
                   first_difference(*state_, *live, *log_, frame_loader(), build.position(), *part.projection, *rebuilt,
                                    part.generation.first, *live, bound->first));
      }
    }
    const std::unique_lock lock(publish_mutex_);
    state_->switch_to(*part.projection, part.generation);
  }
  live.reset();
  return publish_checkpoint();
}

// ---- Following ----

std::vector<ProjectionStatus> Engine::projections() {
  check_process();
  std::vector<ProjectionStatus> out;
  const std::uint64_t head = head_position();
  const auto bindings = [&] {
    const std::shared_lock lock(publish_mutex_);
    return state_->bindings();
  }();
  for (const BoundProjection& bound : *bindings) {
    ProjectionStatus status;
    status.name = bound.projection->name();
    status.version = bound.projection->version();
    status.position = head;
    out.push_back(std::move(status));
  }
  catch_up_->add_status(head, out);
  return out;
}

Status Engine::wait_for(std::string_view projection, std::uint64_t position, std::chrono::milliseconds timeout,
                        std::stop_token stop) {
  check_process();
  const auto is_it = [&](const BoundProjection& bound) { return bound.projection->name() == projection; };
  if (const auto bindings = state_->bindings(); std::ranges::any_of(*bindings, is_it)) {
    wait_for_head(position == 0 ? 0 : position - 1, std::chrono::steady_clock::now() + timeout, stop);
    if (head_position() >= position) {
      return {};
    }
    return Error(ErrorCode::kCancelled, "DeadlinePassed", "the ledger does not reach the position yet",
                 {{"position", fmt::to_string(position)}});
  }
  if (sequencer_ == nullptr || !options_.background_work) {
    catch_up_->follow_now(stop);
  }
  return catch_up_->wait_for(projection, position, std::chrono::steady_clock::now() + timeout, stop);
}

Status Engine::restart_projection(std::string_view projection, bool skip_event) {
  check_process();
  const std::lock_guard lock(checkpoint_mutex_);
  return catch_up_->restart(projection, skip_event);
}

}  // namespace carnet::ledger
