// SPDX-License-Identifier: Apache-2.0
#include "ledger/replay.hpp"

#include "base/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace carnet::ledger {

namespace {

constexpr std::size_t kBatchEvents = 1024;
constexpr std::size_t kBatchesMax = 8;
constexpr std::size_t kLanesMax = 64;
constexpr std::uint64_t kProgressStep = 100'000;

// Where an event of a sharded projection goes, if not to a lane.
constexpr std::uint8_t kNobody = 0xff;
constexpr std::uint8_t kBarrier = 0xfe;

std::size_t lane_of(std::uint64_t key, std::size_t lanes) noexcept {
  return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15ULL) >> 32U) % lanes;
}

}  // namespace

Error projection_failed(std::string_view projection, std::uint64_t position, std::string_view reason) {
  return {ErrorCode::kInvalidArgument,
          "ProjectionFailed",
          fmt::format("projection {} cannot fold the event at position {}: {}", projection, position, reason),
          {{"projection", std::string(projection)}, {"position", fmt::to_string(position)}}};
}

/// A projection and how far it has come.
struct Replay::Target {
  ReplayTarget what;
  std::size_t lanes = 1;
  std::vector<TableWriter*> writers;  ///< One a lane.
  std::vector<bool> reads;            ///< By type index; the last for types beyond.

  std::uint64_t batch = 0;  ///< Number of the batch that is folded, or comes next.
  std::size_t running = 0;  ///< Tasks of it that run now.
  bool planned = false;     ///< `plan` is that of `batch`.
  std::vector<std::uint8_t> plan;
  std::size_t from = 0;  ///< The part between barriers that is folded: [from, to).
  std::size_t to = 0;
  std::size_t next_lane = 0;  ///< Of the part.

  [[nodiscard]] bool wants(const AppliedEvent& event) const {
    if (event.position <= what.after || (event.type < reads.size() ? !reads[event.type] : !reads.back())) {
      return false;
    }
    return what.skipped.empty() || !std::ranges::binary_search(what.skipped, event.position);
  }

  /// Null, or what went wrong.
  [[nodiscard]] std::optional<Error> apply(const ReplayBatch::Item& item, std::size_t lane) {
    try {
      what.projection->apply(item.event, item.original, what.first, *writers[lane]);
      return std::nullopt;
    } catch (const std::exception& fault) {
      return projection_failed(what.projection->name(), item.event.position, fault.what());
    }
  }
};

struct Replay::Task {
  enum class Kind : std::uint8_t { kNone, kRead, kPlan, kFold, kPart, kBarrier };

  Kind kind = Kind::kNone;
  Target* target = nullptr;
  ReplayBatch* batch = nullptr;
  std::size_t lane = 0;
};

/// One run: batches in a ring, and who does what next.
class Replay::Pass {
 public:
  Pass(Replay& replay, FrameCursor& frames, std::uint64_t after, const ReplayOptions& options)
      : replay_(replay), frames_(frames), options_(options), read_to_(after), told_(after) {}

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      const Task task = choose();
      if (task.kind == Task::Kind::kNone) {
        if (is_over()) {
          moved_.notify_all();
          return;
        }
        moved_.wait(lock);
        continue;
      }
      lock.unlock();
      auto done = perform(task);
      lock.lock();
      finish(task, std::move(done));
      moved_.notify_all();
    }
  }

  [[nodiscard]] Result<std::uint64_t> result() {
    if (error_) {
      return *error_;
    }
    for (const auto& target : replay_.targets_) {
      CARNET_TRY_VOID(target->what.tables->status());
    }
    return read_to_;
  }

 private:
  [[nodiscard]] std::uint64_t oldest_needed() const {
    std::uint64_t oldest = batches_read_;
    for (const auto& target : replay_.targets_) {
      oldest = std::min(oldest, target->batch);
    }
    return oldest;
  }

  [[nodiscard]] bool is_over() const { return error_ ? running_ == 0 : end_ && oldest_needed() == batches_read_; }

  [[nodiscard]] Task choose() {
    if (error_) {
      return {};
    }
    // Whoever is furthest behind first, so that batches are done with while they are warm; but a reader always.
    if (!end_ && !reading_ && batches_read_ - oldest_needed() < kBatchesMax) {
      if (options_.stop.stop_requested()) {
        error_ = Error(ErrorCode::kCancelled, "Cancelled", "the rebuild was stopped by its caller");
        return {};
      }
      if (options_.is_full && options_.is_full()) {
        end_ = true;
      } else {
        reading_ = true;
        ++running_;
        return {Task::Kind::kRead, nullptr, &ring_[batches_read_ % kBatchesMax], 0};
      }
    }
    Target* next = nullptr;
    for (const auto& target : replay_.targets_) {
      if (target->batch < batches_read_ && can_start(*target) && (next == nullptr || target->batch < next->batch)) {
        next = target.get();
      }
    }
    return next == nullptr ? Task{} : start(*next);
  }

  [[nodiscard]] static bool can_start(const Target& target) {
    return target.running == 0 || (target.planned && target.next_lane < target.lanes && target.from < target.to);
  }

  [[nodiscard]] Task start(Target& target) {
    ReplayBatch* const batch = &ring_[target.batch % kBatchesMax];
    ++target.running;
    ++running_;
    if (target.lanes == 1) {
      return {Task::Kind::kFold, &target, batch, 0};
    }
    if (!target.planned) {
      return {Task::Kind::kPlan, &target, batch, 0};
    }
    if (target.from < target.to) {
      return {Task::Kind::kPart, &target, batch, target.next_lane++};
    }
    return {Task::Kind::kBarrier, &target, batch, 0};
  }

  [[nodiscard]] Result<bool> perform(const Task& task) {
    switch (task.kind) {
      case Task::Kind::kRead:
        return replay_.decoder_.fill(frames_, read_to_, options_.up_to, kBatchEvents, *task.batch);
      case Task::Kind::kPlan:
        plan(*task.target, *task.batch);
        return true;
      case Task::Kind::kFold:
        return fold(*task.target, *task.batch);
      case Task::Kind::kPart:
        return fold_part(*task.target, *task.batch, task.lane);
      case Task::Kind::kBarrier: {
        if (auto fault = task.target->apply(task.batch->items[task.target->to], 0)) {
          return *std::move(fault);
        }
        return true;
      }
      case Task::Kind::kNone:
        break;
    }
    return true;
  }

  [[nodiscard]] static Result<bool> fold(Target& target, const ReplayBatch& batch) {
    for (const ReplayBatch::Item& item : batch.items) {
      if (target.wants(item.event)) {
        if (auto fault = target.apply(item, 0)) {
          return *std::move(fault);
        }
      }
    }
    return true;
  }

  static void plan(Target& target, const ReplayBatch& batch) {
    target.plan.assign(batch.items.size(), kNobody);
    for (std::size_t i = 0; i < batch.items.size(); ++i) {
      const AppliedEvent& event = batch.items[i].event;
      if (!target.wants(event)) {
        continue;
      }
      const Shard shard = target.what.projection->shard(event);
      if (shard.kind == Shard::Kind::kAll) {
        target.plan[i] = kBarrier;
      } else if (shard.kind == Shard::Kind::kKey) {
        target.plan[i] = static_cast<std::uint8_t>(lane_of(shard.key, target.lanes));
      }
    }
  }

  [[nodiscard]] static Result<bool> fold_part(Target& target, const ReplayBatch& batch, std::size_t lane) {
    for (std::size_t i = target.from; i < target.to; ++i) {
      if (target.plan[i] == lane) {
        if (auto fault = target.apply(batch.items[i], lane)) {
          return *std::move(fault);
        }
      }
    }
    return true;
  }

  void finish(const Task& task, Result<bool> done) {
    --running_;
    if (task.target != nullptr) {
      --task.target->running;
    }
    if (!done) {
      if (!error_) {
        error_ = std::move(done).error();
      }
      return;
    }
    switch (task.kind) {
      case Task::Kind::kRead:
        reading_ = false;
        if (*done) {
          read_to_ = task.batch->last;
          ++batches_read_;
          tell();
        }
        end_ = end_ || !*done || read_to_ >= options_.up_to;
        break;
      case Task::Kind::kFold:
        ++task.target->batch;
        break;
      case Task::Kind::kPlan:
        task.target->planned = true;
        begin_part(*task.target, 0);
        break;
      case Task::Kind::kPart:
        if (task.target->running == 0 && task.target->next_lane == task.target->lanes) {
          end_part(*task.target);
        }
        break;
      case Task::Kind::kBarrier:
        begin_part(*task.target, task.target->to + 1);
        break;
      case Task::Kind::kNone:
        break;
    }
  }

  static void begin_part(Target& target, std::size_t from) {
    target.from = from;
    target.to = from;
    target.next_lane = 0;
    while (target.to < target.plan.size() && target.plan[target.to] != kBarrier) {
      ++target.to;
    }
    if (target.from == target.to) {
      end_part(target);
    }
  }

  /// All lanes did their part: a barrier follows, or the next batch.
  static void end_part(Target& target) {
    target.from = target.to;
    if (target.to == target.plan.size()) {
      target.planned = false;
      ++target.batch;
    }
  }

  void tell() {
    if (options_.progress && read_to_ - told_ >= kProgressStep) {
      told_ = read_to_;
      options_.progress(told_);
    }
  }

  Replay& replay_;
  FrameCursor& frames_;
  const ReplayOptions& options_;
  std::array<ReplayBatch, kBatchesMax> ring_;

  std::mutex mutex_;
  std::condition_variable moved_;
  std::uint64_t read_to_;
  std::uint64_t told_;
  std::uint64_t batches_read_ = 0;
  std::size_t running_ = 0;
  bool reading_ = false;
  bool end_ = false;
  std::optional<Error> error_;
};

Replay::Replay(ReplayDecoder& decoder, std::span<const ReplayTarget> targets) : decoder_(decoder) {
  for (const ReplayTarget& what : targets) {
    auto target = std::make_unique<Target>();
    target->what = what;
    std::ranges::sort(target->what.skipped);
    targets_.push_back(std::move(target));
  }
}

Replay::~Replay() = default;

Result<std::uint64_t> Replay::run(FrameCursor& frames, std::uint64_t after, const ReplayOptions& options) {
  const std::size_t threads = std::clamp<std::size_t>(options.threads, 1, kLanesMax);
  // Whole projections keep the threads busy already when there are enough of them; shards cost a look at each event.
  const bool use_shards = threads > 1 && targets_.size() < 2 * threads;
  std::size_t lane = 0;
  for (const auto& target : targets_) {
    const Projection& projection = *target->what.projection;
    target->lanes = use_shards && projection.is_sharded() ? threads : 1;
    target->batch = 0;
    target->planned = false;
    target->writers.clear();
    for (std::size_t i = 0; i < target->lanes; ++i) {
      target->writers.push_back(&target->what.tables->lane(lane++));
    }
    target->reads = decoder_.types_read_by(projection);
  }
  Pass pass(*this, frames, after, options);
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < threads; ++i) {
      helpers.emplace_back([&pass] { pass.work(); });
    }
    pass.work();
  }
  return pass.result();
}

}  // namespace carnet::ledger
