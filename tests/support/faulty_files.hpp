// SPDX-License-Identifier: Apache-2.0
//
// base::FileSystem with faults: the Nth write fails, before, in the middle or after it landed. For what Carnet keeps
// beside its databases; faulty_env.hpp is the one below RocksDB.
#pragma once

#include "base/files.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace carnet::test {

enum class FileFault : std::uint8_t {
  kFail,     ///< Nothing happened.
  kNoSpace,  ///< Nothing happened.
  kLanded,   ///< It happened; the outcome is reported as unknown.
};

class FaultyFiles final : public base::FileSystem {
 public:
  /// Write number `nth` from now on fails, counted from 1; 0: none.
  void fail_write(std::uint64_t nth, FileFault fault) {
    nth_ = nth;
    fault_ = fault;
    writes_ = 0;
  }

  /// Every read of a path that ends so fails.
  void fail_reads_of(std::string suffix) { unreadable_ = std::move(suffix); }

  [[nodiscard]] std::uint64_t writes() const noexcept { return writes_; }

  Result<std::string> read_file(const std::string& path, std::size_t bytes_max) override {
    if (!unreadable_.empty() && path.ends_with(unreadable_)) {
      return base::file_error("read the file", path, 5);
    }
    return files_->read_file(path, bytes_max);
  }

  Status write_file_synced(const std::string& path, std::string_view bytes, base::FileMode mode) override {
    writes_ += 1;
    if (writes_ != nth_) {
      return files_->write_file_synced(path, bytes, mode);
    }
    if (fault_ == FileFault::kLanded) {
      CARNET_TRY_VOID(files_->write_file_synced(path, bytes, mode));
      return Error(ErrorCode::kOutcomeUnknown, "FileOutcomeUnknown", "injected");
    }
    return Error(fault_ == FileFault::kNoSpace ? ErrorCode::kOutOfSpace : ErrorCode::kStorage, "Injected", "injected");
  }

  Result<bool> exists(const std::string& path) override { return files_->exists(path); }

  Status remove(const std::string& path) override { return files_->remove(path); }

 private:
  std::shared_ptr<base::FileSystem> files_ = base::real_file_system();
  std::uint64_t nth_ = 0;
  FileFault fault_ = FileFault::kFail;
  std::uint64_t writes_ = 0;
  std::string unreadable_;
};

}  // namespace carnet::test
