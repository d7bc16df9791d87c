// SPDX-License-Identifier: Apache-2.0
//
// What tests of the views stand on: a log that is nothing but a tail, a FLOOR in the case's folder, and short forms.
#pragma once

#include "base/files.hpp"
#include "store/floor.hpp"
#include "store/views_db.hpp"
#include "support/must.hpp"
#include "support/temp_folder.hpp"

#include <carnet/commit_log.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace carnet::test {

inline std::string error_name(const Status& status) {
  return status ? "none" : status.error().name();
}

template <class T>
std::string error_name(const Result<T>& result) {
  return result ? "none" : result.error().name();
}

/// Ends wherever the views want it to; only its tail and its sync are ever used.
class TailOnlyLog final : public CommitLog {
 public:
  LogAppendOutcome append(std::uint64_t /*epoch*/, const LogTail& /*expected*/, std::span<const std::byte> /*frame*/,
                          LogDurability /*durability*/) override {
    return LogNotWritten{unsupported()};
  }

  Result<std::unique_ptr<FrameCursor>> read(std::uint64_t /*after*/) override { return unsupported(); }

  Result<LogTail> tail() override { return tail_; }

  Status sync() override {
    ++syncs;
    return on_sync ? on_sync() : Status();
  }

  Status trim(std::uint64_t /*up_to*/) override { return unsupported(); }

  std::uint64_t syncs = 0;
  std::function<Status()> on_sync = {};

 private:
  static Error unsupported() { return {ErrorCode::kInvalidArgument, "Unsupported", "not in this test"}; }

  LogTail tail_{.position = std::numeric_limits<std::uint64_t>::max(),
                .commits = std::numeric_limits<std::uint64_t>::max()};
};

inline store::Floor make_floor(const std::string& folder,
                               std::shared_ptr<base::FileSystem> files = base::real_file_system()) {
  return must(store::Floor::create(std::move(files), folder, store::LedgerId{}, store::FloorMark{}));
}

inline store::ViewCheckpoint checkpoint_at(std::uint64_t position, std::string state = {}) {
  store::ViewCheckpoint checkpoint;
  checkpoint.position = position;
  checkpoint.commits = position;
  checkpoint.root.fill(static_cast<std::byte>(position));
  checkpoint.state = std::move(state);
  return checkpoint;
}

}  // namespace carnet::test
