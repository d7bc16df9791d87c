// SPDX-License-Identifier: Apache-2.0
#include "ledger/catch_up.hpp"

#include "base/check.hpp"
#include "ledger/build.hpp"
#include "ledger/replay.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace carnet::ledger {

namespace {

constexpr std::uint32_t kGeneration = 1;
constexpr std::size_t kBatchEvents = 512;
constexpr std::uint64_t kEventsAStep = 16'384;        // then it is another projection's turn
constexpr std::uint64_t kFarBehind = 200'000;         // from here on several threads are worth a generation of its own
constexpr auto kBeat = std::chrono::milliseconds(2);  // between steps at the head: events gather meanwhile

Error no_such_projection(std::string_view name) {
  return {ErrorCode::kNotFound,
          "NoSuchProjection",
          "the ledger was opened with no catch-up projection of this name",
          {{"projection", std::string(name)}}};
}

}  // namespace

CatchUp::Follower* CatchUp::find(std::string_view name) const noexcept {
  for (const auto& follower : followers_) {
    if (follower->projection->name() == name) {
      return follower.get();
    }
  }
  return nullptr;
}

std::shared_ptr<project::TableSet> CatchUp::open_tables(const Generation& generation) const {
  std::shared_ptr<project::TableSet> tables = project::TableSet::make(host_.views, kGeneration,
                                                                      {.memory_bytes = host_.memory_bytes,
                                                                       .snapshot_bytes_max = host_.memory_bytes,
                                                                       .first_table = generation.first.value});
  for (const TableSpec& spec : generation.tables) {
    static_cast<void>(tables->add_table(spec));
  }
  tables->load(generation.states, generation.position);
  return tables;
}

Status CatchUp::load() {
  State& state = *host_.state;
  for (const Projection* projection : state.catch_up_projections()) {
    std::vector<Generation>& known = state.others().generations;
    const bool newer = std::ranges::any_of(known, [&](const Generation& each) {
      return each.name == projection->name() && each.version > projection->version();
    });
    if (newer) {
      return projection_too_old(*projection);
    }
    // What another version of it folded means nothing to this one; a log that lost its end is behind some of it.
    std::erase_if(known, [&](const Generation& each) {
      const bool goes =
          each.name == projection->name() && (!each.is_of(*projection) || each.position > state.tip.position);
      if (goes) {
        state.others().garbage.push_back({each.first.value, static_cast<std::uint16_t>(each.tables.size())});
      }
      return goes;
    });
    auto found = std::ranges::find_if(
        known, [&](const Generation& each) { return each.live && each.name == projection->name(); });
    if (found == known.end()) {
      Generation fresh = generation_of(*projection);
      fresh.first = {state.allocate(fresh.tables.size(), true)};
      if (fresh.first.value == 0) {
        return Error(ErrorCode::kStorage, "TooManyTables",
                     "former generations of projections still hold all table numbers: open the ledger for writing");
      }
      known.push_back(std::move(fresh));
      found = known.end() - 1;
    }
    auto follower = std::make_unique<Follower>();
    follower->projection = projection;
    follower->generation = *found;
    follower->position = found->position;
    follower->checkpointed = found->position;
    follower->tables = open_tables(*found);
    followers_.push_back(std::move(follower));
  }
  return {};
}

void CatchUp::start() {
  if (!followers_.empty()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
}

void CatchUp::stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
}

void CatchUp::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bool more = false;
    std::uint64_t least = UINT64_MAX;
    for (const auto& follower : followers_) {
      more = step(*follower, stop) || more;
      const std::lock_guard lock(mutex_);
      if (!follower->parked) {
        least = std::min(least, follower->position);
      }
    }
    if (!more && !stop.stop_requested()) {
      host_.wait_for_head(least, stop);
      std::unique_lock lock(mutex_);
      moved_.wait_for(lock, stop, kBeat, [] { return false; });
    }
  }
}

void CatchUp::follow_now(const std::stop_token& stop) {
  for (const auto& follower : followers_) {
    while (step(*follower, stop) && !stop.stop_requested()) {
    }
  }
}

bool CatchUp::step(Follower& follower, const std::stop_token& stop) {
  std::unique_ptr<project::Snapshot> core;
  std::uint64_t head = 0;
  {
    const std::shared_lock lock(*host_.publish_mutex);
    head = host_.state->tip.position;
    core = host_.state->tables->snapshot();
  }
  bool far_behind = false;
  {
    const std::lock_guard lock(mutex_);
    if (follower.parked || follower.position >= head) {
      return false;
    }
    far_behind = host_.rebuild && !follower.no_rebuild && follower.position == 0 && head >= kFarBehind;
    follower.rebuilding = far_behind;
  }
  if (far_behind) {
    core.reset();
    const Status rebuilt = host_.rebuild(*follower.projection, stop);
    const std::lock_guard lock(mutex_);
    follower.rebuilding = false;
    follower.no_rebuild =
        !rebuilt && rebuilt.error().code() != ErrorCode::kBusy && rebuilt.error().code() != ErrorCode::kCancelled;
    return rebuilt || follower.no_rebuild;
  }
  const std::lock_guard step_lock(follower.step_mutex);
  if (auto folded = fold(follower, *core, head, stop); !folded) {
    std::uint64_t position = 0;
    {
      const std::lock_guard lock(mutex_);
      position = follower.position + 1;
    }
    park(follower, position, folded.error());
    return false;
  }
  const std::lock_guard lock(mutex_);
  return follower.position < head;
}

Status CatchUp::fold(Follower& follower, project::Snapshot& core, std::uint64_t head, const std::stop_token& stop) {
  ReplayDecoder decoder(*host_.state, core, host_.load_frame);
  const std::vector<bool> reads = decoder.types_read_by(*follower.projection);
  decoder.want_only(reads);
  std::uint64_t position = follower.position;
  const std::uint64_t end = std::min(head, position + kEventsAStep);
  CARNET_TRY(auto frames, host_.log->read(position));
  ReplayBatch batch;
  while (position < end && !stop.stop_requested()) {
    CARNET_TRY(const bool more, decoder.fill(*frames, position, head, kBatchEvents, batch));
    if (!more) {
      break;
    }
    CARNET_TRY_VOID(core.status());
    CARNET_TRY_VOID(fold_batch(follower, batch, reads));
    position = batch.last;
  }
  return {};
}

Status CatchUp::fold_batch(Follower& follower, const ReplayBatch& batch, const std::vector<bool>& reads) {
  project::TableSet& tables = *follower.tables;
  TableWriter& rows = tables.overlay();
  std::vector<std::uint64_t>& skipped = follower.generation.skipped;
  for (const ReplayBatch::Item& item : batch.items) {
    const AppliedEvent& event = item.event;
    if (!(event.type < reads.size() ? reads[event.type] : reads.back()) ||
        std::ranges::find(skipped, event.position) != skipped.end()) {
      continue;
    }
    tables.savepoint();
    try {
      follower.projection->apply(event, item.original, follower.generation.first, rows);
    } catch (const std::exception& fault) {
      tables.rollback();
      tables.publish(event.position - 1);
      moved_to(follower, event.position - 1);
      return projection_failed(follower.projection->name(), event.position, fault.what());
    }
  }
  if (auto status = tables.status(); !status) {
    tables.discard();
    return status;
  }
  tables.publish(batch.last);
  moved_to(follower, batch.last);
  return {};
}

void CatchUp::moved_to(Follower& follower, std::uint64_t position) {
  const std::lock_guard lock(mutex_);
  follower.position = position;
  moved_.notify_all();
}

void CatchUp::park(Follower& follower, std::uint64_t position, Error reason) {
  host_.say(LogLevel::kError, fmt::format("ProjectionParked: {}", reason.to_line()));
  const std::lock_guard lock(mutex_);
  follower.parked = std::move(reason);
  follower.parked_at = position;
  moved_.notify_all();
}

std::vector<FollowerRows> CatchUp::snapshots() {
  std::vector<FollowerRows> out;
  const std::lock_guard lock(mutex_);
  for (const auto& follower : followers_) {
    out.push_back({follower->projection, follower->generation.first, follower->tables, follower->tables->snapshot()});
  }
  return out;
}

void CatchUp::add_status(std::uint64_t head, std::vector<ProjectionStatus>& out) {
  const std::lock_guard lock(mutex_);
  for (const auto& follower : followers_) {
    ProjectionStatus status;
    status.name = follower->projection->name();
    status.version = follower->projection->version();
    status.mode = ProjectionMode::kCatchUp;
    status.position = follower->position;
    status.lag = head - std::min(head, follower->position);
    status.skipped = follower->generation.skipped;
    if (follower->parked) {
      status.state = ProjectionState::kParked;
      status.parked_at = follower->parked_at;
      status.reason = follower->parked->to_line();
    } else if (follower->rebuilding) {
      status.state = ProjectionState::kRebuilding;
    }
    out.push_back(std::move(status));
  }
}

Status CatchUp::wait_for(std::string_view name, std::uint64_t position, std::chrono::steady_clock::time_point until,
                         const std::stop_token& stop) {
  Follower* const follower = find(name);
  if (follower == nullptr) {
    return no_such_projection(name);
  }
  std::unique_lock lock(mutex_);
  const auto settled = [&] { return follower->position >= position || follower->parked.has_value(); };
  if (!moved_.wait_until(lock, stop, until, settled)) {
    return Error(
        ErrorCode::kCancelled, stop.stop_requested() ? "Cancelled" : "DeadlinePassed",
        fmt::format("projection {} stands at position {}: wait longer, or look at its lag", name, follower->position),
        {{"projection", std::string(name)}, {"position", fmt::to_string(follower->position)}});
  }
  if (follower->position >= position) {
    return {};
  }
  return Error(ErrorCode::kInvalidArgument, "ProjectionParked",
               fmt::format("projection {} is parked at position {}: {}; mend it, then restart it or skip the event",
                           name, follower->parked_at, follower->parked->message()),
               {{"projection", std::string(name)}, {"position", fmt::to_string(follower->parked_at)}});
}

Status CatchUp::restart(std::string_view name, bool skip_event) {
  Follower* const follower = find(name);
  if (follower == nullptr) {
    return no_such_projection(name);
  }
  const std::lock_guard step_lock(follower->step_mutex);
  const std::lock_guard lock(mutex_);
  if (!follower->parked) {
    return Error(ErrorCode::kInvalidArgument, "NotParked", "the projection is not parked: there is nothing to restart",
                 {{"projection", std::string(name)}});
  }
  if (skip_event) {
    follower->generation.skipped.push_back(follower->parked_at);
    follower->checkpointed = UINT64_MAX;  // the next checkpoint must say so
    for (Generation& known : host_.state->others().generations) {
      if (known.name == name) {
        known.skipped = follower->generation.skipped;
      }
    }
  }
  follower->parked.reset();
  moved_.notify_all();
  return {};
}

std::pair<std::uint64_t, project::Fingerprint> CatchUp::fingerprint(std::string_view name) {
  Follower* const follower = find(name);
  CARNET_REQUIRE(follower != nullptr, "the projection is one of this ledger");
  const std::lock_guard step_lock(follower->step_mutex);
  return {follower->position,
          fingerprint_of(*follower->tables, follower->generation.first, follower->generation.tables.size())};
}

// ---- Checkpoints ----

bool CatchUp::has_unpublished() const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(followers_, [](const auto& each) { return each->position != each->checkpointed; });
}

void CatchUp::begin_checkpoint() {
  const std::lock_guard lock(mutex_);
  for (const auto& follower : followers_) {
    follower->pinned = follower->tables;
    follower->pinned_position = follower->tables->begin_checkpoint();
  }
}

void CatchUp::write_checkpoint(store::ViewBatch& batch) {
  for (const auto& follower : followers_) {
    const std::vector<project::TableState> states = follower->pinned->write_pages(
        [&batch](std::string_view key, std::string_view value) { batch.put(store::ViewFamily::kState, key, value); });
    const std::lock_guard lock(mutex_);
    for (Generation& known : host_.state->others().generations) {
      if (known.first == follower->generation.first) {
        known.states = states;
        known.position = follower->pinned_position;
        known.skipped = follower->generation.skipped;
      }
    }
  }
}

void CatchUp::end_checkpoint(bool published) {
  for (const auto& follower : followers_) {
    follower->pinned->end_checkpoint(published);
    follower->pinned.reset();
    const std::lock_guard lock(mutex_);
    if (published) {
      follower->checkpointed = follower->pinned_position;
    }
  }
}

void CatchUp::adopt(const Projection& projection, const Generation& generation) {
  Follower* const follower = find(projection.name());
  CARNET_REQUIRE(follower != nullptr, "the projection is one of this ledger");
  const std::lock_guard step_lock(follower->step_mutex);
  auto tables = open_tables(generation);
  GenerationBook& book = host_.state->others();
  const std::lock_guard lock(mutex_);
  std::erase_if(book.generations, [&](const Generation& each) {
    const bool goes = each.name == generation.name && each.first != generation.first;
    if (goes) {
      const IdRange range{each.first.value, static_cast<std::uint16_t>(each.tables.size())};
      book.garbage.push_back(range);
      if (each.first == follower->generation.first) {
        former_.emplace_back(range, follower->tables);
      }
    }
    return goes;
  });
  for (Generation& each : book.generations) {
    each.live = each.live || each.first == generation.first;
  }
  follower->generation = generation;
  follower->generation.live = true;
  follower->position = generation.position;
  follower->checkpointed = UINT64_MAX;
  follower->parked.reset();
  follower->tables = std::move(tables);
  moved_.notify_all();
}

bool CatchUp::is_released(const IdRange& range) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(former_, range, &std::pair<IdRange, std::weak_ptr<project::TableSet>>::first);
  if (found == former_.end()) {
    return true;
  }
  if (!found->second.expired()) {
    return false;
  }
  former_.erase(found);
  return true;
}

}  // namespace carnet::ledger
