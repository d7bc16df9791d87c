// SPDX-License-Identifier: Apache-2.0
//
// A LocalLog in a folder of its own, over the file system with faults, and what is in that folder.
#pragma once

#include "store/local_log.hpp"
#include "store/store_env.hpp"
#include "support/faulty_env.hpp"
#include "support/log_frames.hpp"
#include "support/must.hpp"
#include "support/temp_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>

namespace carnet::test {

class TestLog {
 public:
  /// Creates the log. Small memtables, so that there are tables.
  explicit TestLog(std::size_t write_buffer_bytes = 256UL * 1024) {
    env.env = rocks_env_.get();
    options.env = &env;
    options.write_buffer_bytes = write_buffer_bytes;
    options.cache_bytes = 4UL * 1024 * 1024;
    options.reserve_bytes = 64UL * 1024;
    log_ = must(store::LocalLog::create(folder(), options)).log;
  }

  store::LocalLog& operator*() { return *log_; }

  store::LocalLog* operator->() { return log_.get(); }

  /// Appends a frame of `commits` commits behind the tail; requires that it works.
  LogTail append(std::uint32_t commits = 1, LogDurability durability = LogDurability::kBuffered,
                 std::uint64_t epoch = 1) {
    const LogAppendOutcome outcome = try_append(commits, durability, epoch);
    BOOST_REQUIRE(std::holds_alternative<LogAppended>(outcome));
    return std::get<LogAppended>(outcome).tail;
  }

  LogAppendOutcome try_append(std::uint32_t commits = 1, LogDurability durability = LogDurability::kBuffered,
                              std::uint64_t epoch = 1) {
    const LogTail tail = must(log_->tail());
    return log_->append(epoch, tail, maker.frame(tail, commits, epoch), durability);
  }

  /// Frames of some sizes up to `position`.
  LogTail fill(std::uint64_t position) {
    LogTail tail = must(log_->tail());
    for (std::uint32_t i = 0; tail.position < position; ++i) {
      tail = append(1 + i % 40);
    }
    return tail;
  }

  std::uint64_t seal(std::uint64_t up_to = UINT64_MAX) { return must(log_->seal(up_to, {})); }

  LogTail check() { return maker.check_log(*log_); }

  void close() { must(log_->close()); }

  /// Lets go of the log as a kill would: nothing is synced or flushed.
  void drop() { log_.reset(); }

  Result<store::LocalLog::Opened> try_open(const store::LogFloor& floor = {}, bool accept_loss = false) {
    log_.reset();
    return store::LocalLog::open(folder(), floor, accept_loss, options);
  }

  store::LogOpenReport open(const store::LogFloor& floor = {}, bool accept_loss = false) {
    auto opened = must(try_open(floor, accept_loss));
    log_ = std::move(opened.log);
    return opened.report;
  }

  /// Loses power, then opens.
  store::LogOpenReport lose_power(const store::LogFloor& floor = {}) {
    files->power_off();
    log_.reset();
    files->crash();
    return open(floor);
  }

  [[nodiscard]] std::string folder() const { return temp_.at("log"); }

  [[nodiscard]] std::string scratch(const std::string& name) const { return temp_.at(name); }

  /// Names in the folder that end so.
  [[nodiscard]] std::set<std::string> names(const std::string& suffix = "") const {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder())) {
      if (const std::string name = entry.path().filename().string(); name.ends_with(suffix)) {
        found.insert(name);
      }
    }
    return found;
  }

  [[nodiscard]] std::size_t files_in_sealing() const {
    const std::filesystem::path sealing = folder() + "/sealing";
    return std::filesystem::exists(sealing)
               ? static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(sealing), {}))
               : 0;
  }

  [[nodiscard]] std::uint64_t figure(const std::string& name) {
    for (const Fact& fact : log_->stats()) {
      if (fact.name == name) {
        return std::stoull(fact.value);
      }
    }
    BOOST_FAIL("no such figure: " + name);
    return 0;
  }

 private:
  TempFolder temp_;

 public:
  std::shared_ptr<FaultyFs> files = std::make_shared<FaultyFs>();

 private:
  std::unique_ptr<rocksdb::Env> rocks_env_ = make_faulty_env(files);

 public:
  store::StoreEnv env;
  store::LogOptions options;
  FrameMaker maker;

 private:
  std::unique_ptr<store::LocalLog> log_;
};

}  // namespace carnet::test
