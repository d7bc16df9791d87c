// SPDX-License-Identifier: Apache-2.0
//
// The file system with faults, and its handles.
#include "support/faulty_env.hpp"

#include <rocksdb/system_clock.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace carnet::test {

namespace {

namespace fs = std::filesystem;

using rocksdb::DataVerificationInfo;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus error_of(FaultEffect effect) {
  return effect == FaultEffect::kNoSpace ? IOStatus::NoSpace("injected: no space left on device")
                                         : IOStatus::IOError("injected fault");
}

std::string folder_of(const std::string& path) {
  return fs::path(path).parent_path().string();
}

/// Does `call` as the fault wants it. `on_success` runs when what `call` does has happened.
template <class Call, class OnSuccess>
IOStatus guarded(FaultyFs& files, FaultOp op, const std::string& path, Call call, OnSuccess on_success) {
  const auto effect = files.next(op, path);
  if (effect == FaultEffect::kLie) {
    return IOStatus::OK();
  }
  if (effect && effect != FaultEffect::kLanded) {
    return error_of(*effect);
  }
  const IOStatus status = call();
  if (status.ok()) {
    on_success();
  }
  return effect ? error_of(*effect) : status;
}

class SequentialFile final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  SequentialFile(FaultyFs& files, std::string path, std::unique_ptr<rocksdb::FSSequentialFile> target)
      : FSSequentialFileOwnerWrapper(std::move(target)), files_(files), path_(std::move(path)) {}

  IOStatus Read(std::size_t bytes, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) override {
    if (const auto effect = files_.next(FaultOp::kRead, path_)) {
      return error_of(*effect);
    }
    return FSSequentialFileOwnerWrapper::Read(bytes, options, result, scratch, debug);
  }

 private:
  FaultyFs& files_;
  const std::string path_;
};

class RandomAccessFile final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  RandomAccessFile(FaultyFs& files, std::string path, std::unique_ptr<rocksdb::FSRandomAccessFile> target)
      : FSRandomAccessFileOwnerWrapper(std::move(target)), files_(files), path_(std::move(path)) {}

  IOStatus Read(std::uint64_t offset, std::size_t bytes, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) const override {
    if (const auto effect = files_.next(FaultOp::kRead, path_)) {
      return error_of(*effect);
    }
    return FSRandomAccessFileOwnerWrapper::Read(offset, bytes, options, result, scratch, debug);
  }

  IOStatus MultiRead(rocksdb::FSReadRequest* requests, std::size_t count, const IOOptions& options,
                     IODebugContext* debug) override {
    if (const auto effect = files_.next(FaultOp::kRead, path_)) {
      std::for_each(requests, requests + count, [&](auto& request) { request.status = error_of(*effect); });
      return error_of(*effect);
    }
    return FSRandomAccessFileOwnerWrapper::MultiRead(requests, count, options, debug);
  }

 private:
  FaultyFs& files_;
  const std::string path_;
};

class WritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WritableFile(FaultyFs& files, std::string path, std::shared_ptr<FaultyFs::FileState> state,
               std::unique_ptr<rocksdb::FSWritableFile> target)
      : FSWritableFileOwnerWrapper(std::move(target)),
        files_(files),
        path_(std::move(path)),
        state_(std::move(state)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return append(data, options, debug);
  }

  IOStatus Append(const Slice& data, const IOOptions& options, const DataVerificationInfo& /*info*/,
                  IODebugContext* debug) override {
    return append(data, options, debug);
  }

  IOStatus PositionedAppend(const Slice& data, std::uint64_t offset, const IOOptions& options,
                            IODebugContext* debug) override {
    return guarded(
        files_, FaultOp::kWrite, path_, [&] { return target()->PositionedAppend(data, offset, options, debug); },
        [&] { files_.on_written(*state_, offset + data.size()); });
  }

  IOStatus PositionedAppend(const Slice& data, std::uint64_t offset, const IOOptions& options,
                            const DataVerificationInfo& /*info*/, IODebugContext* debug) override {
    return PositionedAppend(data, offset, options, debug);
  }

  IOStatus Truncate(std::uint64_t bytes, const IOOptions& options, IODebugContext* debug) override {
    return guarded(
        files_, FaultOp::kWrite, path_, [&] { return target()->Truncate(bytes, options, debug); },
        [&] { files_.on_cut(*state_, bytes); });
  }

  IOStatus Sync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override { return sync(); }

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override { return sync(); }

  // Space is allocated by the base class through Allocate() of this object; the wrapper would let the target do it
  // unseen.
  void SetPreallocationBlockSize(std::size_t bytes) override { FSWritableFile::SetPreallocationBlockSize(bytes); }

  void GetPreallocationStatus(std::size_t* block_bytes, std::size_t* last_block) override {
    FSWritableFile::GetPreallocationStatus(block_bytes, last_block);
  }

  void PrepareWrite(std::size_t offset, std::size_t bytes, const IOOptions& options, IODebugContext* debug) override {
    FSWritableFile::PrepareWrite(offset, bytes, options, debug);
  }

  IOStatus Allocate(std::uint64_t offset, std::uint64_t bytes, const IOOptions& options,
                    IODebugContext* debug) override {
    return guarded(
        files_, FaultOp::kAllocate, path_, [&] { return target()->Allocate(offset, bytes, options, debug); }, [] {});
  }

 private:
  IOStatus append(const Slice& data, const IOOptions& options, IODebugContext* debug) {
    const auto effect = files_.next(FaultOp::kWrite, path_);
    if (effect == FaultEffect::kLie) {
      return IOStatus::OK();
    }
    if (effect == FaultEffect::kFail || effect == FaultEffect::kNoSpace) {
      return error_of(*effect);
    }
    const Slice part(data.data(), effect == FaultEffect::kTorn ? data.size() / 2 : data.size());
    const IOStatus status = target()->Append(part, options, debug);
    if (status.ok()) {
      files_.on_appended(*state_, part.size());
    }
    return effect ? error_of(*effect) : status;
  }

  IOStatus sync() {
    return guarded(
        files_, FaultOp::kSync, path_, [] { return IOStatus::OK(); }, [&] { files_.on_synced(*state_); });
  }

  FaultyFs& files_;
  const std::string path_;
  const std::shared_ptr<FaultyFs::FileState> state_;
};

class Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(FaultyFs& files, std::string path, std::unique_ptr<rocksdb::FSDirectory> target)
      : FSDirectoryWrapper(std::move(target)), files_(files), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override { return sync(); }

  IOStatus FsyncWithDirOptions(const IOOptions& /*options*/, IODebugContext* /*debug*/,
                               const rocksdb::DirFsyncOptions& /*reason*/) override {
    return sync();
  }

 private:
  IOStatus sync() {
    return guarded(
        files_, FaultOp::kSync, path_, [] { return IOStatus::OK(); }, [&] { files_.on_folder_synced(path_); });
  }

  FaultyFs& files_;
  const std::string path_;
};

}  // namespace

void FaultyFs::arm(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  matching_ = 0;
  has_fired_ = false;
}

void FaultyFs::disarm() {
  const std::lock_guard lock(mutex_);
  fault_.reset();
}

bool FaultyFs::has_fired() const {
  const std::lock_guard lock(mutex_);
  return has_fired_;
}

std::uint64_t FaultyFs::count(FaultOp op) const {
  const std::lock_guard lock(mutex_);
  return counts_.at(static_cast<std::size_t>(op));
}

bool FaultyFs::is_off() const {
  const std::lock_guard lock(mutex_);
  return is_off_;
}

void FaultyFs::power_off() {
  const std::lock_guard lock(mutex_);
  is_off_ = true;
}

std::optional<FaultEffect> FaultyFs::next(FaultOp op, const std::string& path) {
  const std::lock_guard lock(mutex_);
  counts_.at(static_cast<std::size_t>(op)) += 1;
  if (is_off_ && op != FaultOp::kRead) {
    return FaultEffect::kFail;
  }
  if (!fault_ || fault_->op != op || path.find(fault_->path_part) == std::string::npos) {
    return std::nullopt;
  }
  matching_ += 1;
  if (matching_ != fault_->nth && !(fault_->stays && matching_ > fault_->nth)) {
    return std::nullopt;
  }
  has_fired_ = true;
  return fault_->effect;
}

void FaultyFs::on_appended(FileState& state, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  state.bytes += bytes;
}

void FaultyFs::on_written(FileState& state, std::uint64_t end) {
  const std::lock_guard lock(mutex_);
  state.bytes = std::max(state.bytes, end);
}

void FaultyFs::on_cut(FileState& state, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  state.bytes = bytes;
  state.synced_bytes = std::min(state.synced_bytes, bytes);
}

void FaultyFs::on_synced(FileState& state) {
  const std::lock_guard lock(mutex_);
  state.synced_bytes = state.bytes;
}

void FaultyFs::on_folder_synced(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  // RocksDB names folders with and without a slash at the end.
  const auto found = undo_.find(fs::path(folder + "/x").lexically_normal().parent_path().string());
  if (found == undo_.end()) {
    return;
  }
  for (const Undo& undo : found->second) {
    if (!undo.kept_aside.empty()) {
      fs::remove(undo.kept_aside);
    }
  }
  undo_.erase(found);
}

void FaultyFs::crash(std::mt19937_64* engine) {
  const std::lock_guard lock(mutex_);
  for (const auto& [path, state] : states_) {
    if (engine != nullptr && state->bytes > state->synced_bytes) {
      state->synced_bytes += (*engine)() % (state->bytes - state->synced_bytes + 1);
    }
    if (state->bytes > state->synced_bytes && fs::exists(path)) {
      fs::resize_file(path, state->synced_bytes);
    }
    state->bytes = state->synced_bytes;
  }
  for (auto& [folder, changes] : undo_) {
    std::for_each(changes.rbegin(), changes.rend(), [](const Undo& undo) { undo.take_back(); });
  }
  undo_.clear();
  fault_.reset();
  is_off_ = false;
}

FaultyFs::State FaultyFs::state_of(const std::string& path) {
  State& state = states_[path];
  if (!state) {
    std::error_code missing;
    const std::uintmax_t bytes = fs::file_size(path, missing);
    state = std::make_shared<FileState>();
    state->bytes = missing ? 0 : bytes;
    state->synced_bytes = state->bytes;
  }
  return state;
}

void FaultyFs::remember(const std::string& path, Undo undo) {
  undo_[fs::path(folder_of(path) + "/x").lexically_normal().parent_path().string()].push_back(std::move(undo));
}

std::string FaultyFs::keep_aside(const std::string& path) {
  const std::string folder = folder_of(path) + ".unsynced";
  fs::create_directories(folder);
  kept_ += 1;
  const std::string aside = folder + "/" + std::to_string(kept_);
  fs::create_hard_link(path, aside);
  return aside;
}

void FaultyFs::remember_created(const std::string& path) {
  remember(path, {[this, path] {
                    fs::remove(path);
                    states_.erase(path);
                  },
                  {}});
}

IOStatus FaultyFs::NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                     std::unique_ptr<rocksdb::FSSequentialFile>* file, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSSequentialFile> target;
  const IOStatus status = target_->NewSequentialFile(path, options, &target, debug);
  if (status.ok()) {
    *file = std::make_unique<SequentialFile>(*this, path, std::move(target));
  }
  return status;
}

IOStatus FaultyFs::NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSRandomAccessFile>* file, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSRandomAccessFile> target;
  const IOStatus status = target_->NewRandomAccessFile(path, options, &target, debug);
  if (status.ok()) {
    *file = std::make_unique<RandomAccessFile>(*this, path, std::move(target));
  }
  return status;
}

IOStatus FaultyFs::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                   std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (const auto effect = next(FaultOp::kCreate, path); effect && effect != FaultEffect::kLie) {
    return error_of(*effect);
  }
  const std::lock_guard lock(mutex_);
  const bool is_new = !fs::exists(path);
  std::unique_ptr<rocksdb::FSWritableFile> target;
  const IOStatus status = target_->NewWritableFile(path, options, &target, debug);
  if (status.ok()) {
    states_[path] = std::make_shared<FileState>();
    if (is_new) {
      remember_created(path);
    }
    *file = std::make_unique<WritableFile>(*this, path, states_[path], std::move(target));
  }
  return status;
}

IOStatus FaultyFs::ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (const auto effect = next(FaultOp::kCreate, path); effect && effect != FaultEffect::kLie) {
    return error_of(*effect);
  }
  const std::lock_guard lock(mutex_);
  const bool is_new = !fs::exists(path);
  const State state = state_of(path);
  std::unique_ptr<rocksdb::FSWritableFile> target;
  const IOStatus status = target_->ReopenWritableFile(path, options, &target, debug);
  if (status.ok()) {
    if (is_new) {
      remember_created(path);
    }
    *file = std::make_unique<WritableFile>(*this, path, state, std::move(target));
  }
  return status;
}

IOStatus FaultyFs::NewDirectory(const std::string& path, const IOOptions& options,
                                std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> target;
  const IOStatus status = target_->NewDirectory(path, options, &target, debug);
  if (status.ok()) {
    *directory = std::make_unique<Directory>(*this, path, std::move(target));
  }
  return status;
}

IOStatus FaultyFs::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) {
  return guarded(
      *this, FaultOp::kRemove, path,
      [&] {
        const std::lock_guard lock(mutex_);
        if (!fs::exists(path)) {
          return target_->DeleteFile(path, options, debug);
        }
        const std::string aside = keep_aside(path);
        const State state = state_of(path);
        const IOStatus status = target_->DeleteFile(path, options, debug);
        if (status.ok()) {
          states_.erase(path);
          remember(path, {[this, path, aside, state] {
                            fs::rename(aside, path);
                            fs::resize_file(path, state->synced_bytes);
                            states_[path] = state;
                          },
                          aside});
        }
        return status;
      },
      [] {});
}

IOStatus FaultyFs::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                              IODebugContext* debug) {
  return guarded(
      *this, FaultOp::kRename, to,
      [&] {
        const std::lock_guard lock(mutex_);
        if (!fs::is_regular_file(from)) {
          return target_->RenameFile(from, to, options, debug);
        }
        const State moved = state_of(from);
        const bool replaces = fs::exists(to);
        const State replaced = replaces ? state_of(to) : nullptr;
        const std::string aside = replaces ? keep_aside(to) : std::string();
        const IOStatus status = target_->RenameFile(from, to, options, debug);
        if (status.ok()) {
          states_.erase(from);
          states_[to] = moved;
          remember(to, {[this, from, to, aside, moved, replaced] {
                          fs::rename(to, from);
                          states_.erase(to);
                          states_[from] = moved;
                          if (replaced) {
                            fs::rename(aside, to);
                            fs::resize_file(to, replaced->synced_bytes);
                            states_[to] = replaced;
                          }
                        },
                        aside});
        }
        return status;
      },
      [] {});
}

IOStatus FaultyFs::LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                            IODebugContext* debug) {
  return guarded(
      *this, FaultOp::kRename, to,
      [&] {
        const std::lock_guard lock(mutex_);
        const State state = state_of(from);
        const IOStatus status = target_->LinkFile(from, to, options, debug);
        if (status.ok()) {
          states_[to] = state;
          remember_created(to);
        }
        return status;
      },
      [] {});
}

namespace {

/// After a background job failed RocksDB sleeps for a second, also while it is being closed.
class SleeplessClock final : public rocksdb::SystemClockWrapper {
 public:
  SleeplessClock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}

  [[nodiscard]] const char* Name() const override { return "carnet.sleepless"; }

  void SleepForMicroseconds(int /*micros*/) override {}
};

class FaultyEnv final : public rocksdb::EnvWrapper {
 public:
  explicit FaultyEnv(const std::shared_ptr<FaultyFs>& files) : EnvWrapper(rocksdb::NewCompositeEnv(files)) {
    file_system_ = files;
    system_clock_ = std::make_shared<SleeplessClock>();
  }

  void SleepForMicroseconds(int /*micros*/) override {}
};

}  // namespace

std::unique_ptr<rocksdb::Env> make_faulty_env(const std::shared_ptr<FaultyFs>& files) {
  return std::make_unique<FaultyEnv>(files);
}

}  // namespace carnet::test
