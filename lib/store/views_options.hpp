// SPDX-License-Identifier: Apache-2.0
//
// How views/ uses RocksDB: options of the database and its families, and the two small functions that every opening of
// it must know (filter prefix, concatenation). Private to the views of lib/store: includes RocksDB.
#pragma once

#include "store/ingest_guard.hpp"
#include "store/view_batch.hpp"
#include "store/views_db.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace carnet::store {

/// By ViewFamily.
inline constexpr std::array<const char*, kViewFamilyCount> kViewFamilyNames = {"index", "state", "tree", "chains"};

/// Outlives the database that is opened with it.
struct ViewsRocksOptions {
  std::shared_ptr<IngestGuard> guard;
  std::unique_ptr<rocksdb::Env> env;
  rocksdb::Options database;
  std::array<rocksdb::ColumnFamilyOptions, kViewFamilyCount> families;
  std::shared_ptr<rocksdb::Cache> cache;

  /// RocksDB's own `default`, which stays empty, then the four.
  [[nodiscard]] std::vector<rocksdb::ColumnFamilyDescriptor> descriptors() const;
  /// For the table files of a publishing.
  [[nodiscard]] rocksdb::Options table_options(ViewFamily family) const;
};

/// `table_bytes`: of the table files that stand there now. Filters of views that are small beside the cache are kept in
/// it whole, so that asking for what is not there takes no cache lookup; those of large views come and go in
/// partitions.
[[nodiscard]] ViewsRocksOptions make_views_options(const ViewsOptions& options, std::uint64_t table_bytes);

}  // namespace carnet::store
