// SPDX-License-Identifier: Apache-2.0
//
// Lets the publisher of views wait for compaction. Private to the views of lib/store: includes RocksDB.
#pragma once

#include <rocksdb/listener.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace carnet::store {

/// Wakes whoever waits for compaction to get ahead, and remembers the worst that happened in the background.
class CompactionWatch final : public rocksdb::EventListener {
 public:
  using Severity = rocksdb::Status::Severity;

  void OnCompactionCompleted(rocksdb::DB* /*db*/, const rocksdb::CompactionJobInfo& /*info*/) override {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }

  void OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status* error) override {
    const std::lock_guard lock(mutex_);
    worst_ = std::max(worst_, error->severity());
    changed_.notify_all();
  }

  [[nodiscard]] Severity worst() const {
    const std::lock_guard lock(mutex_);
    return worst_;
  }

  void forget() {
    const std::lock_guard lock(mutex_);
    worst_ = Severity::kNoError;
  }

  /// Returns when something changed, or after `time`; false when background work has failed.
  [[nodiscard]] bool wait(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    if (worst_ == Severity::kNoError) {
      changed_.wait_for(lock, time);
    }
    return worst_ == Severity::kNoError;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Severity worst_ = Severity::kNoError;
};

}  // namespace carnet::store
