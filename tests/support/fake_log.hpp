// SPDX-License-Identifier: Apache-2.0
//
// FakeLog: a CommitLog in memory that keeps the contract, and lies or fails on demand. What is stored lives in a
// FakeLogStore, so that it survives the handle: open another FakeLog on it to reopen, or to be a second writer.
//
//   auto store = std::make_shared<FakeLogStore>();
//   FakeLog log(store);
//   store->on_append(3, FakeOutcome::kUnknownLanded);  // the third append from now on
#pragma once

#include "base/bytes.hpp"
#include "codec/frame.hpp"

#include <carnet/commit_log.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace carnet::test {

enum class FakeOutcome : std::uint8_t {
  kUnknownLanded,
  kUnknownNotLanded,
  kNotWritten,  ///< A full disk: the next append works.
  kConflict,
  kFenced,
};

/// Threads: any.
class FakeLogStore {
 public:
  /// Append number `nth` from now on, counted from 1, ends so. One at a time.
  void on_append(std::uint64_t nth, FakeOutcome outcome) {
    const std::lock_guard lock(mutex_);
    countdown_ = nth;
    outcome_ = outcome;
  }

  /// Every sync from now on fails (true) or works again.
  void fail_syncs(bool fail) {
    const std::lock_guard lock(mutex_);
    fails_syncs_ = fail;
  }

  /// Forgets what was not synced. Requires: handles are not used any more.
  void lose_power() {
    const std::lock_guard lock(mutex_);
    frames_.resize(synced_);
  }

  [[nodiscard]] std::size_t frame_count() const {
    const std::lock_guard lock(mutex_);
    return frames_.size();
  }

  [[nodiscard]] std::size_t synced_frame_count() const {
    const std::lock_guard lock(mutex_);
    return synced_;
  }

 private:
  friend class FakeLog;
  friend class FakeCursor;

  struct Stored {
    std::shared_ptr<const std::vector<std::uint64_t>> words;
    codec::FrameHeader header;

    [[nodiscard]] std::uint64_t last() const { return header.first_position + header.event_count - 1; }
  };

  [[nodiscard]] LogTail tail() const {
    if (frames_.empty()) {
      return {};
    }
    const Stored& last = frames_.back();
    return {last.last(), last.header.first_commit + last.header.commit_count};
  }

  std::optional<FakeOutcome> injected() {
    if (countdown_ == 0 || --countdown_ > 0) {
      return std::nullopt;
    }
    return outcome_;
  }

  mutable std::mutex mutex_;
  std::vector<Stored> frames_;
  std::size_t synced_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint64_t countdown_ = 0;
  FakeOutcome outcome_ = FakeOutcome::kNotWritten;
  bool fails_syncs_ = false;
};

class FakeCursor final : public FrameCursor {
 public:
  FakeCursor(std::shared_ptr<FakeLogStore> store, std::uint64_t after, std::uint64_t up_to)
      : store_(std::move(store)), after_(after), up_to_(up_to) {}

  Result<std::span<const std::byte>> next() override {
    if (after_ >= up_to_) {
      return std::span<const std::byte>();
    }
    const std::lock_guard lock(store_->mutex_);
    const auto found = std::partition_point(store_->frames_.begin(), store_->frames_.end(),
                                            [&](const auto& frame) { return frame.last() <= after_; });
    if (found == store_->frames_.end()) {
      return Error(ErrorCode::kCorruption, "LogDamaged", "frames were lost under a reader");
    }
    current_ = found->words;
    after_ = found->last();
    return std::as_bytes(std::span(*current_));
  }

 private:
  std::shared_ptr<FakeLogStore> store_;
  std::shared_ptr<const std::vector<std::uint64_t>> current_;
  std::uint64_t after_;
  std::uint64_t up_to_;
};

/// One writer's handle. Like the local log it is poisoned by an unknown outcome, until another handle is made.
class FakeLog final : public CommitLog {
 public:
  explicit FakeLog(std::shared_ptr<FakeLogStore> store) : store_(std::move(store)) {}

  LogAppendOutcome append(std::uint64_t epoch, const LogTail& expected, std::span<const std::byte> frame,
                          LogDurability durability) override {
    const std::lock_guard lock(store_->mutex_);
    if (poison_) {
      return LogUnknown{*poison_};
    }
    if (epoch < store_->epoch_) {
      return LogFenced{store_->epoch_};
    }
    const LogTail tail = store_->tail();
    if (expected != tail) {
      return LogConflict{tail};
    }
    const auto header = codec::peek_frame(frame);
    if (!header || header->commit_count == 0 || header->event_count < header->commit_count ||
        header->first_position != tail.position + 1 || header->first_commit != tail.commits || header->epoch != epoch) {
      return LogNotWritten{
          {ErrorCode::kInvalidArgument, "FrameRefused", "the frame does not go behind the log's tail"}};
    }
    if (const auto outcome = store_->injected()) {
      return inject(*outcome, epoch, *header, frame);
    }
    if (durability == LogDurability::kSynced && store_->fails_syncs_) {
      return inject(FakeOutcome::kUnknownLanded, epoch, *header, frame);
    }
    store(epoch, *header, frame);
    if (durability == LogDurability::kSynced) {
      store_->synced_ = store_->frames_.size();
    }
    return LogAppended{store_->tail()};
  }

  Result<std::unique_ptr<FrameCursor>> read(std::uint64_t after) override {
    const std::lock_guard lock(store_->mutex_);
    return std::unique_ptr<FrameCursor>(
        std::make_unique<FakeCursor>(store_, after, poison_ ? known_.position : store_->tail().position));
  }

  Result<LogTail> tail() override {
    const std::lock_guard lock(store_->mutex_);
    return poison_ ? known_ : store_->tail();
  }

  Status sync() override {
    const std::lock_guard lock(store_->mutex_);
    if (poison_) {
      return *poison_;
    }
    if (store_->fails_syncs_) {
      return poisoned().cause;
    }
    store_->synced_ = store_->frames_.size();
    return {};
  }

  Status trim(std::uint64_t /*up_to*/) override {
    return Error(ErrorCode::kInvalidArgument, "Unsupported", "a fake log never forgets");
  }

 private:
  LogAppendOutcome inject(FakeOutcome outcome, std::uint64_t epoch, const codec::FrameHeader& header,
                          std::span<const std::byte> frame) {
    switch (outcome) {
      case FakeOutcome::kUnknownLanded: {
        LogUnknown unknown = poisoned();
        store(epoch, header, frame);
        return unknown;
      }
      case FakeOutcome::kUnknownNotLanded:
        return poisoned();
      case FakeOutcome::kNotWritten:
        return LogNotWritten{{ErrorCode::kOutOfSpace, "OutOfSpace", "injected"}};
      case FakeOutcome::kConflict:
        return LogConflict{store_->tail()};
      case FakeOutcome::kFenced:
        store_->epoch_ = epoch + 1;
        return LogFenced{store_->epoch_};
    }
    return poisoned();
  }

  void store(std::uint64_t epoch, const codec::FrameHeader& header, std::span<const std::byte> frame) {
    auto words = std::make_shared<std::vector<std::uint64_t>>(frame.size() / sizeof(std::uint64_t));
    std::memcpy(words->data(), frame.data(), frame.size());
    store_->frames_.push_back({std::move(words), header});
    store_->epoch_ = std::max(store_->epoch_, epoch);
  }

  /// From now on this handle shows the log as it was before the append that nobody knows of.
  LogUnknown poisoned() {
    known_ = store_->tail();
    poison_ = Error(ErrorCode::kStorage, "StoreFailed", "injected");
    return LogUnknown{*poison_};
  }

  std::shared_ptr<FakeLogStore> store_;
  std::optional<Error> poison_;
  LogTail known_;
};

}  // namespace carnet::test
