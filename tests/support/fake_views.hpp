// SPDX-License-Identifier: Apache-2.0
//
// A views/ in memory for rooms above the store: keys and values of family kState, a count of reads, and reads that fail
// on demand. A checkpoint's pages go in through put(), which stands for a publish_view that succeeded.
#pragma once

#include "store/views_db.hpp"

#include <carnet/result.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carnet::test {

class FakeViews final : public store::ViewsDb {
 public:
  void put(std::string_view key, std::string_view value) {
    const std::lock_guard lock(mutex_);
    state_.insert_or_assign(std::string(key), std::string(value));
  }

  /// Puts all or nothing in, as one publication.
  void put_all(const std::map<std::string, std::string>& pages) {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, value] : pages) {
      state_.insert_or_assign(key, value);
    }
  }

  [[nodiscard]] std::map<std::string, std::string> contents() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }

  [[nodiscard]] std::size_t reads() const {
    const std::lock_guard lock(mutex_);
    return reads_;
  }

  void fail_reads(bool fail) {
    const std::lock_guard lock(mutex_);
    failing_ = fail;
  }

  Result<std::optional<std::string>> get(store::ViewFamily /*family*/, std::string_view key) override {
    const std::lock_guard lock(mutex_);
    ++reads_;
    if (failing_) {
      return Error(ErrorCode::kStorage, "ReadFailed", "the test wants this read to fail");
    }
    const auto found = state_.find(std::string(key));
    return found == state_.end() ? std::optional<std::string>() : std::optional<std::string>(found->second);
  }

  // Nothing of what follows is used by tables.
  Result<std::optional<store::ViewCheckpoint>> checkpoint() override { return std::optional<store::ViewCheckpoint>(); }

  Status publish_view(const store::ViewCheckpoint& /*checkpoint*/, store::ViewBatch&& /*batch*/,
                      std::vector<store::ViewRun>&& /*runs*/, CommitLog& /*log*/, store::Floor& /*floor*/) override {
    return {};
  }

  std::unique_ptr<store::ViewCursor> cursor(store::ViewFamily /*family*/) override { return nullptr; }

  Status catch_up() override { return {}; }

  std::vector<Fact> stats() override { return {}; }

  Status close() override { return {}; }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> state_;
  std::size_t reads_ = 0;
  bool failing_ = false;
};

}  // namespace carnet::test
