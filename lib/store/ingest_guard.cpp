// SPDX-License-Identifier: Apache-2.0
//
// See ingest_guard.hpp.
#include "store/ingest_guard.hpp"

namespace carnet::store {

rocksdb::IOStatus IngestGuard::LinkFile(const std::string& from, const std::string& to,
                                        const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) {
  rocksdb::IOStatus status = FileSystemWrapper::LinkFile(from, to, options, debug);
  const std::lock_guard lock(mutex_);
  if (status.ok() && is_active_) {
    linked_.insert(to);
  }
  return status;
}

rocksdb::IOStatus IngestGuard::DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                                          rocksdb::IODebugContext* debug) {
  {
    const std::lock_guard lock(mutex_);
    if (linked_.contains(path)) {
      return rocksdb::IOStatus::OK();
    }
  }
  return FileSystemWrapper::DeleteFile(path, options, debug);
}

void IngestGuard::set_active(bool active) {
  const std::lock_guard lock(mutex_);
  is_active_ = active;
  linked_.clear();
}

}  // namespace carnet::store
