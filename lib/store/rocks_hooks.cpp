// SPDX-License-Identifier: Apache-2.0
//
// See rocks_hooks.hpp.
#include "store/rocks_hooks.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

namespace carnet::store {

void SinkLogger::Logv(const char* format, va_list arguments) {
  Logv(rocksdb::InfoLogLevel::INFO_LEVEL, format, arguments);
}

void SinkLogger::Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) {
  if (sink_ == nullptr || level < rocksdb::InfoLogLevel::WARN_LEVEL || level == rocksdb::InfoLogLevel::HEADER_LEVEL) {
    return;
  }
  constexpr std::size_t kLineBytesMax = 1024;
  constexpr std::string_view kPrefix = "rocksdb: ";
  std::array<char, kLineBytesMax> line{};
  kPrefix.copy(line.data(), kPrefix.size());
  // The format is RocksDB's own, checked where it stands.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  std::vsnprintf(line.data() + kPrefix.size(), line.size() - kPrefix.size(), format, arguments);
#pragma GCC diagnostic pop
  sink_->log(level >= rocksdb::InfoLogLevel::ERROR_LEVEL ? LogLevel::kError : LogLevel::kWarning, line.data());
}

void NoResumeListener::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status error,
                                            bool* auto_recovery) {
  error.PermitUncheckedError();
  *auto_recovery = false;
}

void NoResumeListener::OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status* error) {
  ++background_errors_;
  if (error->severity() < rocksdb::Status::kHardError) {
    return;  // A compaction that will be tried again; writes go on.
  }
  const bool is_full =
      error->subcode() == rocksdb::Status::kNoSpace || error->subcode() == rocksdb::Status::kSpaceLimit;
  const bool can_resume = is_full && error->severity() == rocksdb::Status::kHardError;
  stopped_by_ = std::max(stopped_by_.load(), can_resume ? StoppedBy::kFullDisk : StoppedBy::kFailure);
}

void NoResumeListener::on_failed_resume(const rocksdb::Status& status) noexcept {
  const bool is_full =
      status.subcode() == rocksdb::Status::kNoSpace && status.severity() < rocksdb::Status::kFatalError;
  stopped_by_ = is_full ? StoppedBy::kFullDisk : StoppedBy::kFailure;
}

void NoResumeListener::OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) {
  if (info.condition.cur != rocksdb::WriteStallCondition::kNormal) {
    ++stalls_;
  }
}

}  // namespace carnet::store
