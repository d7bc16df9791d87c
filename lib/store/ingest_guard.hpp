// SPDX-License-Identifier: Apache-2.0
//
// A file system for the log database that keeps a table which RocksDB wants to give up too early.
//
// When IngestExternalFile fails, RocksDB 7.8.3 deletes the table that it linked into its folder. If what failed was the
// sync of the MANIFEST, the record that names the table may be on disk all the same, and then the database does not
// open any more. So a table that was linked during an ingestion is not deleted during it. The next open (or resume)
// deletes it, if its MANIFEST does not name it.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace carnet::store {

/// Threads: any; one ingestion at a time.
class IngestGuard final : public rocksdb::FileSystemWrapper {
 public:
  explicit IngestGuard(std::shared_ptr<rocksdb::FileSystem> files) : FileSystemWrapper(std::move(files)) {}

  [[nodiscard]] const char* Name() const override { return "carnet.ingest_guard"; }

  /// Guards while it lives.
  class Scope {
   public:
    explicit Scope(IngestGuard& guard) : guard_(guard) { guard_.set_active(true); }

    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

    ~Scope() { guard_.set_active(false); }

   private:
    IngestGuard& guard_;
  };

  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  void set_active(bool active);

  std::mutex mutex_;
  bool is_active_ = false;
  std::set<std::string> linked_;
};

}  // namespace carnet::store
