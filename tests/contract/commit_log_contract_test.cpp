// SPDX-License-Identifier: Apache-2.0
//
// Goal: the local log and the fake one keep the same contract. Method: commit_log_contract.hpp with a harness each; the
// local log's troubles come from a file system that fails.
#include "contract/commit_log_contract.hpp"

#include "store/local_log.hpp"
#include "store/store_env.hpp"
#include "support/fake_log.hpp"
#include "support/faulty_env.hpp"
#include "support/must.hpp"
#include "support/temp_folder.hpp"

#include <memory>

namespace carnet::test {
namespace {

class FakeHarness {
 public:
  CommitLog& log() { return *log_; }

  void reopen() { log_ = std::make_unique<FakeLog>(store_); }

  void make_next_append(Trouble trouble) {
    switch (trouble) {
      case Trouble::kUnknownLanded:
        return store_->on_append(1, FakeOutcome::kUnknownLanded);
      case Trouble::kUnknownNotLanded:
        return store_->on_append(1, FakeOutcome::kUnknownNotLanded);
      case Trouble::kNotWritten:
        return store_->on_append(1, FakeOutcome::kNotWritten);
    }
  }

 private:
  std::shared_ptr<FakeLogStore> store_ = std::make_shared<FakeLogStore>();
  std::unique_ptr<FakeLog> log_ = std::make_unique<FakeLog>(store_);
};

class LocalHarness {
 public:
  LocalHarness() {
    env_.env = rocks_env_.get();
    options_.env = &env_;
    options_.reserve_bytes = 4096;
    log_ = must(store::LocalLog::create(folder_.at("log"), options_)).log;
  }

  CommitLog& log() { return *log_; }

  void reopen() {
    files_->disarm();
    ignore_error(log_->close(), "a poisoned log says its cause");
    log_.reset();
    log_ = must(store::LocalLog::open(folder_.at("log"), {}, false, options_)).log;
  }

  void make_next_append(Trouble trouble) {
    switch (trouble) {
      case Trouble::kUnknownLanded:  // Written, but the sync fails.
        return files_->arm(
            {.op = FaultOp::kSync, .nth = 1, .effect = FaultEffect::kFail, .stays = false, .path_part = ".log"});
      case Trouble::kUnknownNotLanded:  // Half of the record is written.
        return files_->arm(
            {.op = FaultOp::kWrite, .nth = 1, .effect = FaultEffect::kTorn, .stays = false, .path_part = ".log"});
      case Trouble::kNotWritten:
        return files_->arm(
            {.op = FaultOp::kWrite, .nth = 1, .effect = FaultEffect::kNoSpace, .stays = false, .path_part = ".log"});
    }
  }

 private:
  TempFolder folder_;
  std::shared_ptr<FaultyFs> files_ = std::make_shared<FaultyFs>();
  std::unique_ptr<rocksdb::Env> rocks_env_ = make_faulty_env(files_);
  store::StoreEnv env_;
  store::LogOptions options_;
  std::unique_ptr<store::LocalLog> log_;
};

CARNET_COMMIT_LOG_CONTRACT(local_log, LocalHarness)
CARNET_COMMIT_LOG_CONTRACT(fake_log, FakeHarness)

}  // namespace
}  // namespace carnet::test
