// SPDX-License-Identifier: Apache-2.0
//
// The RocksDB database behind LocalLog: its options and the handle that holds it open. Private to lib/store.
//
// One writer puts frames into `tail`, in the order of their keys; sealed ranges become tables that are ingested into
// `sealed`. Both families move tables from level to level and never rewrite one.
#pragma once

#include "codec/frame.hpp"
#include "store/ingest_guard.hpp"
#include "store/local_log.hpp"
#include "store/rocks_hooks.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::store {

/// Key of a frame: its last position, big-endian. So the frame that holds a position is the first entry at or after
/// that position: one seek, one block. With first positions it would be the last entry at or before, and RocksDB reads
/// two blocks for that, because the separator of a block in the index lies right behind the block's last key.
class FrameKey {
 public:
  explicit FrameKey(std::uint64_t last_position) noexcept { base::store_be(bytes_.data(), last_position); }

  [[nodiscard]] rocksdb::Slice slice() const noexcept { return {bytes_.data(), bytes_.size()}; }

 private:
  std::array<char, sizeof(std::uint64_t)> bytes_{};
};

/// What the header of an entry says. Nothing: it is no frame, or does not fit its key.
struct FrameSpan {
  codec::FrameHeader header;
  std::uint64_t last_position = 0;
};

[[nodiscard]] std::optional<FrameSpan> frame_span(std::string_view key, std::string_view value) noexcept;

enum class LogFamily : std::uint8_t { kDefault, kTail, kSealed };

/// An open database. Cursors share it: it is closed by close() or with its last owner.
class LogDb {
 public:
  enum class Open : std::uint8_t { kCreate, kExisting };

  [[nodiscard]] static Result<std::shared_ptr<LogDb>> open(const std::string& folder, Open how,
                                                           const LogOptions& options);
  [[nodiscard]] static Result<std::shared_ptr<LogDb>> open_secondary(const std::string& folder,
                                                                     const std::string& scratch,
                                                                     const LogOptions& options);
  LogDb(const LogDb&) = delete;
  LogDb& operator=(const LogDb&) = delete;
  ~LogDb();

  [[nodiscard]] rocksdb::DB& db() const noexcept { return *db_; }

  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(LogFamily family) const noexcept {
    return families_[static_cast<std::size_t>(family)];
  }

  [[nodiscard]] NoResumeListener& events() const noexcept { return *listener_; }

  [[nodiscard]] IngestGuard& ingest_guard() const noexcept { return *guard_; }

  [[nodiscard]] const rocksdb::Cache& cache() const noexcept { return *cache_; }

  /// Options of a table file for `sealed`.
  [[nodiscard]] const rocksdb::Options& sealed_table_options() const noexcept { return sealed_options_; }

  /// A property of a family, 0 when RocksDB does not know it.
  [[nodiscard]] std::uint64_t number(LogFamily family, const std::string& property) const;

  /// Requires: no iterator is left. Errors: what RocksDB says; it is closed all the same.
  [[nodiscard]] rocksdb::Status close();
  /// In a forked child: forgets the database without touching it, its threads do not exist there.
  void abandon() noexcept;

 private:
  LogDb(const LogOptions& options, Open how);

  [[nodiscard]] std::vector<rocksdb::ColumnFamilyDescriptor> descriptors() const;
  [[nodiscard]] Status check_families() const;

  std::shared_ptr<rocksdb::Cache> cache_;
  std::shared_ptr<NoResumeListener> listener_;
  std::shared_ptr<IngestGuard> guard_;
  std::unique_ptr<rocksdb::Env> env_;
  rocksdb::DBOptions db_options_;
  rocksdb::ColumnFamilyOptions tail_options_;
  rocksdb::Options sealed_options_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

/// For walking through frames: many blocks, each once, so they do not push others out of the cache; RocksDB reads ahead
/// more and more as long as blocks follow each other.
[[nodiscard]] rocksdb::ReadOptions scan_options();
/// For one frame.
[[nodiscard]] rocksdb::ReadOptions point_options();

}  // namespace carnet::store
