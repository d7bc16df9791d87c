// SPDX-License-Identifier: Apache-2.0
//
// A log database as the store makes it (families, order of creation, WAL options) holding stand-ins for frames: a
// header that says which positions it holds, then bytes that follow from them. For tests of what stands below the
// store's own interfaces.
#pragma once

#include "store/wal_scan.hpp"
#include "support/temp_folder.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::test {

/// A stand-in for a frame of `bytes` bytes that holds `events` positions from `first` on.
[[nodiscard]] std::string fake_frame(std::uint64_t first, std::uint32_t events, std::size_t bytes);
/// store::SpanOf for these.
[[nodiscard]] std::optional<store::PositionSpan> fake_span(std::string_view key, std::string_view value);
/// Whether every byte is what fake_frame made.
[[nodiscard]] bool is_fake_frame(std::string_view value);
[[nodiscard]] std::string position_key(std::uint64_t position);

struct LogDbOptions {
  bool create = false;
  std::size_t write_buffer_bytes = 16UL * 1024 * 1024;
  rocksdb::Env* env = nullptr;  ///< Null: over unsynced_files().
  rocksdb::WALRecoveryMode mode = rocksdb::WALRecoveryMode::kAbsoluteConsistency;
};

/// The database, open for writing.
class LogDb {
 public:
  static rocksdb::Status open(const std::string& folder, const LogDbOptions& options, std::unique_ptr<LogDb>& opened);
  LogDb() = default;
  LogDb(const LogDb&) = delete;
  LogDb& operator=(const LogDb&) = delete;
  ~LogDb();

  /// Appends a frame after the last one.
  rocksdb::Status append(std::uint32_t events, std::size_t bytes, bool sync);
  /// Copies frames of positions ≤ `up_to` into `sealed` and drops them from `tail`.
  void seal(std::uint64_t up_to, const std::string& scratch);

  [[nodiscard]] std::uint64_t head() const noexcept { return next_ - 1; }

  [[nodiscard]] rocksdb::DB& db() noexcept { return *db_; }

  [[nodiscard]] rocksdb::ColumnFamilyHandle* tail() noexcept { return families_.at(store::kTailFamilyId); }

  [[nodiscard]] rocksdb::ColumnFamilyHandle* sealed() noexcept { return families_.at(store::kSealedFamilyId); }

  /// Last position when all that is there is whole: every position once from 1 on, every byte right. Else nothing.
  [[nodiscard]] std::optional<std::uint64_t> whole_head();

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  std::uint64_t next_ = 1;
};

/// The real file system, but a sync is not passed on to the disk: a kill is a copy of the files here.
[[nodiscard]] const std::shared_ptr<rocksdb::FileSystem>& unsynced_files();
/// Through `files`.
[[nodiscard]] store::LogFiles log_files(const std::string& folder,
                                        std::shared_ptr<rocksdb::FileSystem> files = unsynced_files());

/// The error in one line, for a message that is made whether or not there is one.
template <class T>
[[nodiscard]] std::string line_of(const Result<T>& result) {
  return result.has_value() ? std::string("no error") : result.error().to_line();
}

[[nodiscard]] std::string read_bytes(const std::string& path);
void write_bytes(const std::string& path, std::string_view bytes);
/// What a kill leaves: the files as the page cache has them.
void copy_folder(const std::string& from, const std::string& to);
/// Paths of `*.log`, by rising number.
[[nodiscard]] std::vector<std::string> wal_paths(const std::string& folder);
[[nodiscard]] std::string manifest_path(const std::string& folder);

/// One physical record, read without checking anything: for tests that know that the bytes are sound.
struct PhysicalRecord {
  std::size_t offset = 0;
  std::uint8_t type = 0;
  std::size_t end = 0;
};

[[nodiscard]] std::vector<PhysicalRecord> physical_records(std::string_view file);

}  // namespace carnet::test
