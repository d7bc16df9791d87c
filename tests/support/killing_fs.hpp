// SPDX-License-Identifier: Apache-2.0
//
// The real file system below RocksDB, in a process that dies: SIGKILL just before the Nth call that would change the
// disk.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace carnet::test {

class KillingFs final : public rocksdb::FileSystemWrapper {
 public:
  KillingFs() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  /// Dies before the `nth` change from now on; 0: lives.
  void die_before(std::uint64_t nth) { left_ = nth; }

  void step() {
    if (left_ != 0 && --left_ == 0) {
      ::raise(SIGKILL);
    }
  }

  [[nodiscard]] const char* Name() const override { return "carnet.killing"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    step();
    return wrap(FileSystemWrapper::NewWritableFile(path, options, file, debug), file);
  }

  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override {
    step();
    return wrap(FileSystemWrapper::ReopenWritableFile(path, options, file, debug), file);
  }

  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
    step();
    return FileSystemWrapper::LinkFile(from, to, options, debug);
  }

  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    step();
    return FileSystemWrapper::RenameFile(from, to, options, debug);
  }

  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override {
    step();
    return FileSystemWrapper::DeleteFile(path, options, debug);
  }

 private:
  class File final : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile>&& file, KillingFs* files)
        : FSWritableFileOwnerWrapper(std::move(file)), files_(files) {}

    using FSWritableFileOwnerWrapper::Append;

    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      files_->step();
      return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }

    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      files_->step();
      return FSWritableFileOwnerWrapper::Sync(options, debug);
    }

    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      files_->step();
      return FSWritableFileOwnerWrapper::Fsync(options, debug);
    }

   private:
    KillingFs* files_;
  };

  rocksdb::IOStatus wrap(rocksdb::IOStatus status, std::unique_ptr<rocksdb::FSWritableFile>* file) {
    if (status.ok()) {
      *file = std::make_unique<File>(std::move(*file), this);
    }
    return status;
  }

  std::atomic<std::uint64_t> left_{0};
};

}  // namespace carnet::test
