// SPDX-License-Identifier: Apache-2.0
#include "ledger/engine.hpp"
#include "ledger/reading.hpp"

#include <algorithm>

namespace carnet::ledger {

namespace {

/// A chain of short views: each hands over at most one batch, so that a slow reader pins little.
class FollowingSubscription final : public Subscription {
 public:
  FollowingSubscription(Engine& engine, const SubscribeOptions& options)
      : engine_(engine), options_(options), position_(options.after) {}

  Result<const Event*> next(std::chrono::milliseconds timeout, std::stop_token stop) override {
    const auto until = std::chrono::steady_clock::now() + timeout;
    while (true) {
      if (cursor_ != nullptr) {
        CARNET_TRY(const Event* event, cursor_->next());
        if (event != nullptr) {
          ++given_;
          position_ = event->position;
          return event;
        }
        const bool batch_full = given_ >= options_.batch_max;
        if (!batch_full) {
          position_ = view_->position();
        }
        cursor_.reset();
        view_.reset();
      }
      engine_.wait_for_head(position_, until, stop);
      CARNET_TRY(auto view, engine_.view());
      if (view->position() <= position_) {
        if (stop.stop_requested() || std::chrono::steady_clock::now() >= until) {
          return nullptr;
        }
        continue;
      }
      view_ = std::move(view);
      given_ = 0;
      ReadOptions read;
      read.after = position_;
      read.limit = options_.batch_max;
      CARNET_TRY(cursor_, view_->read(options_.query, read));
    }
  }

  std::uint64_t position() const override { return position_; }

 private:
  Engine& engine_;
  SubscribeOptions options_;
  std::uint64_t position_;
  std::unique_ptr<View> view_;
  std::unique_ptr<EventCursor> cursor_;
  std::uint64_t given_ = 0;
};

}  // namespace

std::unique_ptr<Subscription> make_subscription(Engine& engine, const SubscribeOptions& options) {
  SubscribeOptions bounded = options;
  bounded.batch_max = std::max<std::size_t>(options.batch_max, 1);
  return std::make_unique<FollowingSubscription>(engine, bounded);
}

}  // namespace carnet::ledger
