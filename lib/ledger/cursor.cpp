// SPDX-License-Identifier: Apache-2.0
#include "ledger/cursor.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <optional>

namespace carnet::ledger {

namespace {

/// What both cursors share: limits, matching, decoding.
class CursorBase : public EventCursor {
 public:
  CursorBase(State& state, std::vector<BoundItem> items, std::uint64_t end, const ReadOptions& options)
      : items_(std::move(items)), options_(options), end_(end), decoder_(state) {}

 protected:
  [[nodiscard]] bool spent() const noexcept { return options_.limit != 0 && given_ >= options_.limit; }

  [[nodiscard]] Status check_stop() const {
    if (options_.stop.stop_requested()) {
      return Error(ErrorCode::kCancelled, "Cancelled", "reading was stopped by its caller");
    }
    return {};
  }

  /// The event if it matches; null if it does not.
  [[nodiscard]] Result<const Event*> take(const FrameWindow& window, std::uint64_t position) {
    CARNET_TRY(const codec::StoredEvent* stored, decoder_.read(window, position));
    const bool wanted = items_.empty() || std::ranges::any_of(items_, [&](const BoundItem& item) {
                          return matches(item, stored->type, stored->chains);
                        });
    if (!wanted) {
      return nullptr;
    }
    ++given_;
    return decoder_.complete(window, position);
  }

  std::vector<BoundItem> items_;
  ReadOptions options_;
  std::uint64_t end_;
  std::uint64_t given_ = 0;
  EventDecoder decoder_;
};

class ScanCursor final : public CursorBase {
 public:
  ScanCursor(State& state, std::unique_ptr<FrameCursor> frames, std::vector<BoundItem> items, std::uint64_t end,
             const ReadOptions& options)
      : CursorBase(state, std::move(items), end, options), frames_(std::move(frames)) {}

  Result<const Event*> next() override {
    while (!spent()) {
      if (!window_.holds(at_)) {
        CARNET_TRY_VOID(check_stop());
        CARNET_TRY(const bool more, load_next());
        if (!more) {
          return nullptr;
        }
      }
      const std::uint64_t position = at_;
      at_ = options_.backwards ? at_ - 1 : at_ + 1;
      if (position >= end_) {
        if (options_.backwards) {
          continue;
        }
        return nullptr;
      }
      if (position <= options_.after) {
        if (options_.backwards) {
          return nullptr;
        }
        continue;
      }
      CARNET_TRY(const Event* event, take(window_, position));
      if (event != nullptr) {
        return event;
      }
    }
    return nullptr;
  }

 private:
  [[nodiscard]] Result<bool> load_next() {
    CARNET_TRY(const auto bytes, frames_->next());
    if (bytes.empty()) {
      return false;
    }
    CARNET_TRY_VOID(window_.load(bytes));
    at_ = options_.backwards ? window_.last() : window_.first();
    return true;
  }

  std::unique_ptr<FrameCursor> frames_;
  FrameWindow window_;
  std::uint64_t at_ = 0;
};

class IndexCursor final : public CursorBase {
 public:
  IndexCursor(State& state, store::LocalLog& log, std::vector<BoundItem> items, std::uint64_t end,
              const ReadOptions& options)
      : CursorBase(state, std::move(items), end, options), state_(state), log_(log) {}

  [[nodiscard]] Status start() {
    if (end_ <= 1) {
      return {};
    }
    const std::uint64_t up_to = end_ - 1;
    for (const BoundItem& item : items_) {
      if (item.never) {
        continue;
      }
      CARNET_TRY(const std::uint32_t chain, rarest(item));
      CARNET_TRY(auto cursor, state_.chain_index->positions(chain, options_.after, up_to, options_.backwards));
      CARNET_TRY(const std::uint64_t first, cursor->next());
      heads_.push_back({std::move(cursor), first});
    }
    return {};
  }

  Result<const Event*> next() override {
    while (!spent()) {
      CARNET_TRY(const std::uint64_t position, next_position());
      if (position == 0) {
        return nullptr;
      }
      CARNET_TRY_VOID(check_stop());
      if (!window_.holds(position)) {
        CARNET_TRY(const bool found, log_.frame_at(position, frame_));
        if (!found) {
          return Error(ErrorCode::kCorruption, "IndexDamaged",
                       "an index names a position that the log does not hold: remove views/, it is rebuilt");
        }
        CARNET_TRY_VOID(window_.load(std::as_bytes(std::span(frame_))));
      }
      CARNET_TRY(const Event* event, take(window_, position));
      if (event != nullptr) {
        return event;
      }
    }
    return nullptr;
  }

 private:
  struct HeadOfChain {
    std::unique_ptr<store::PositionCursor> cursor;
    std::uint64_t position = 0;
  };

  [[nodiscard]] Result<std::uint32_t> rarest(const BoundItem& item) {
    if (item.stream != 0) {
      return item.stream;
    }
    // Tags: the one with the fewest events, by the published heads.
    std::uint32_t best = item.tags.front();
    if (item.tags.size() > 1) {
      const auto snapshot = state_.tables->snapshot();
      std::uint32_t fewest = UINT32_MAX;
      for (const std::uint32_t tag : item.tags) {
        const auto row = snapshot->get<ChainRow>(kChainTable, tag - 1);
        if (row.version < fewest) {
          fewest = row.version;
          best = tag;
        }
      }
    }
    return best;
  }

  [[nodiscard]] Result<std::uint64_t> next_position() {
    std::uint64_t best = 0;
    for (const HeadOfChain& head : heads_) {
      if (head.position != 0 && (best == 0 || (options_.backwards ? head.position > best : head.position < best))) {
        best = head.position;
      }
    }
    for (HeadOfChain& head : heads_) {
      if (best != 0 && head.position == best) {
        CARNET_TRY(head.position, head.cursor->next());
      }
    }
    return best;
  }

  State& state_;
  store::LocalLog& log_;
  std::vector<HeadOfChain> heads_;
  std::vector<std::uint64_t> frame_;
  FrameWindow window_;
};

}  // namespace

Result<std::unique_ptr<EventCursor>> make_cursor(State& state, store::LocalLog& log, std::vector<BoundItem> items,
                                                 std::uint64_t end, const ReadOptions& options) {
  const std::uint64_t stop_at = options.before ? std::min(end, *options.before) : end;
  const bool indexed = !items.empty() && std::ranges::all_of(items, [](const BoundItem& item) {
    return item.never || item.has_chains();
  });
  if (indexed) {
    auto cursor = std::make_unique<IndexCursor>(state, log, std::move(items), stop_at, options);
    CARNET_TRY_VOID(cursor->start());
    return std::unique_ptr<EventCursor>(std::move(cursor));
  }
  std::unique_ptr<FrameCursor> frames;
  if (options.backwards) {
    CARNET_TRY(frames, log.read_backwards(stop_at == 0 ? 0 : stop_at - 1));
  } else {
    CARNET_TRY(frames, log.read(options.after));
  }
  return std::unique_ptr<EventCursor>(
      std::make_unique<ScanCursor>(state, std::move(frames), std::move(items), stop_at, options));
}

}  // namespace carnet::ledger
