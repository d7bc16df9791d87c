// SPDX-License-Identifier: Apache-2.0
//
// How views/ uses RocksDB: options of the database and its families, and the two small functions that every opening of
// it must know (filter prefix, concatenation). Private to the views of lib/store: includes RocksDB.
#pragma once

#include "store/view_batch.hpp"
#include "store/views_db.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace carnet::store {

/// By ViewFamily.
inline constexpr std::array<const char*, kViewFamilyCount> kViewFamilyNames = {"index", "state", "tree", "chains"};

struct ViewsRocksOptions {
  rocksdb::Options database;
  std::array<rocksdb::ColumnFamilyOptions, kViewFamilyCount> families;
  std::shared_ptr<rocksdb::Cache> cache;

  /// RocksDB's own `default`, which stays empty, then the four.
  [[nodiscard]] std::vector<rocksdb::ColumnFamilyDescriptor> descriptors() const;
  /// For the table files of a publishing.
  [[nodiscard]] rocksdb::Options table_options(ViewFamily family) const;
};

[[nodiscard]] ViewsRocksOptions make_views_options(const ViewsOptions& options);

}  // namespace carnet::store
