// SPDX-License-Identifier: Apache-2.0
//
// What goes on beside appends: syncs of the interval mode, checkpoints of the views, sealing. Also closing, which does
// it all once.
#include "base/check.hpp"
#include "ledger/engine.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace carnet::ledger {

namespace {

constexpr std::size_t kNewestBytesMax = 16UL * 1024 * 1024;  // an index run is worth its file from here on
constexpr std::uint64_t kTailBytesMax = 64UL * 1024 * 1024;  // frames of the tail before some are sealed
constexpr auto kBackgroundBeat = std::chrono::milliseconds(200);

}  // namespace

bool Engine::checkpoint_due() {
  std::uint64_t position = 0;
  {
    const std::shared_lock lock(publish_mutex_);
    position = state_->tip.position;
  }
  if (position == checkpoint_position_) {
    return false;
  }
  const std::size_t newest =
      state_->chain_index->newest_bytes() + state_->command_index->newest_bytes() + state_->catalog->newest_bytes();
  return position - checkpoint_position_ >= options_.checkpoint_events || newest >= 2 * kNewestBytesMax ||
         state_->tables->dirty_bytes() >= options_.memory_bytes / 4;
}

Status Engine::checkpoint(std::stop_token stop) {
  check_process();
  if (sequencer_ == nullptr) {
    return read_only_error();
  }
  const std::lock_guard lock(checkpoint_mutex_);
  CARNET_TRY_VOID(publish_checkpoint());
  CARNET_TRY([[maybe_unused]] const std::uint64_t sealed, log_->seal(checkpoint_position_, stop));
  return {};
}

void Engine::background(const std::stop_token& stop) {
  const bool interval = options_.durability == Durability::kInterval;
  const auto beat =
      interval ? std::min<std::chrono::milliseconds>(kBackgroundBeat, options_.sync_interval) : kBackgroundBeat;
  std::optional<std::string> last_complaint;
  const auto complain = [&](std::string_view what, const Status& status) {
    if (status) {
      last_complaint.reset();
      return;
    }
    // A condition that stays is told once, not at every beat.
    if (last_complaint != status.error().name()) {
      last_complaint = status.error().name();
      say(LogLevel::kError, fmt::format("{} failed: {}", what, status.error().to_line()));
    }
  };
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(background_mutex_);
      background_wake_.wait_for(lock, stop, beat, [] { return false; });
    }
    if (stop.stop_requested() || sequencer_->poison()) {
      continue;
    }
    if (interval && sequencer_->durable_position() < head_position()) {
      complain("sync", sequencer_->sync());
    }
    if (checkpoint_due()) {
      const std::lock_guard lock(checkpoint_mutex_);
      complain("checkpoint", publish_checkpoint());
    }
    if (log_->tail_bytes() > kTailBytesMax && log_->sealed_position() < checkpoint_position_) {
      const std::lock_guard lock(checkpoint_mutex_);
      const auto sealed = log_->seal(checkpoint_position_, stop);
      complain("sealing", sealed ? Status{} : Status(sealed.error()));
    }
  }
}

std::uint64_t Engine::head_position() {
  const std::shared_lock lock(publish_mutex_);
  return state_->tip.position;
}

Status Engine::close() {
  const std::lock_guard closing(close_mutex_);
  if (closed_) {
    return {};
  }
  closed_ = true;
  stopping_.request_stop();
  if (catch_up_ != nullptr) {
    catch_up_->stop();
  }
  if (background_.joinable()) {
    background_.request_stop();
    background_wake_.notify_all();
    background_.join();
  }
  Status result;
  const auto keep_first = [&](Status status) {
    if (!status && result) {
      result = std::move(status);
    }
  };
  if (sequencer_ != nullptr) {
    const bool healthy = !sequencer_->poison();
    sequencer_->stop(Error(ErrorCode::kClosed, "LedgerClosed", "the ledger was closed by its host"));
    if (healthy) {
      const std::lock_guard lock(checkpoint_mutex_);
      sequencer_->exclusively([&] {
        keep_first(sequencer_->sync());
        if (result) {
          keep_first(publish_checkpoint());
          const store::FloorMark mark{state_->tip.position, state_->tip.commits, state_->tip.tree.compute_root()};
          if (result) {
            keep_first(floor_->raise(mark));
          }
        }
      });
    }
  }
  if (views_ != nullptr) {
    keep_first(views_->close());
  }
  if (log_ != nullptr) {
    keep_first(log_->close());
  }
  return result;
}

}  // namespace carnet::ledger
