// SPDX-License-Identifier: Apache-2.0
//
// Two objects that every database of ours is opened with: RocksDB's messages go to the host's LogSink instead of a file
// in the ledger, and RocksDB never resumes by itself after a background error.
#pragma once

#include <carnet/log_sink.hpp>

#include <rocksdb/env.h>
#include <rocksdb/listener.h>

#include <atomic>
#include <cstdarg>
#include <cstdint>

namespace carnet::store {

/// Passes warnings and errors on, drops the rest. RocksDB's warnings name files and states, never keys or values.
class SinkLogger final : public rocksdb::Logger {
 public:
  /// `sink` may be null: everything is dropped. It outlives the database.
  explicit SinkLogger(LogSink* sink) : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), sink_(sink) {}

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override;
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override;

 private:
  LogSink* sink_;
};

/// Why RocksDB takes no writes any more.
enum class StoppedBy : std::uint8_t {
  kNothing,   ///< It takes writes.
  kFullDisk,  ///< DB::Resume() may start it again.
  kFailure,   ///< Only a new open helps.
};

/// Refuses every automatic recovery: max_bgerror_resume_count = 0 does so for retryable errors, but a full disk is
/// watched by RocksDB's own SstFileManager, which resumes as soon as it sees free space. Counts what stats() shows.
class NoResumeListener final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error, bool* auto_recovery) override;
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) override;

  [[nodiscard]] StoppedBy stopped_by() const noexcept { return stopped_by_; }

  /// True once Resume() was tried. RocksDB 7.8.3 does not take back its own flag then, and until it is opened anew
  /// Flush() may return before it flushed and IngestExternalFile() stops the process (an assertion).
  [[nodiscard]] bool was_resumed() const noexcept { return was_resumed_; }

  /// Call before Resume(): an error that comes while it runs counts again.
  void on_resume() noexcept {
    stopped_by_ = StoppedBy::kNothing;
    was_resumed_ = true;
  }

  /// Resume() gave this and no background error: RocksDB is as stopped as before.
  void on_failed_resume(const rocksdb::Status& status) noexcept;

  [[nodiscard]] std::uint64_t background_errors() const noexcept { return background_errors_; }

  /// Times that writes were slowed down or stopped.
  [[nodiscard]] std::uint64_t stalls() const noexcept { return stalls_; }

 private:
  std::atomic<StoppedBy> stopped_by_ = StoppedBy::kNothing;
  std::atomic<bool> was_resumed_ = false;
  std::atomic<std::uint64_t> background_errors_ = 0;
  std::atomic<std::uint64_t> stalls_ = 0;
};

}  // namespace carnet::store
