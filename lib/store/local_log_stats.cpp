// SPDX-License-Identifier: Apache-2.0
//
// Figures of the log database.
#include "store/local_log_impl.hpp"

#include <rocksdb/metadata.h>
#include <rocksdb/table_properties.h>
#include <rocksdb/transaction_log.h>

#include <string>

namespace carnet::store {

namespace {

using Properties = rocksdb::DB::Properties;

void add(std::vector<Fact>& facts, std::string name, std::uint64_t value) {
  facts.push_back({std::move(name), std::to_string(value)});
}

/// Bytes and number of tables, and how many stand on each level.
void add_family(std::vector<Fact>& facts, const LogDb& log, LogFamily family, const std::string& name) {
  rocksdb::ColumnFamilyMetaData data;
  log.db().GetColumnFamilyMetaData(log.family(family), &data);
  std::string levels;
  for (const rocksdb::LevelMetaData& level : data.levels) {
    levels += (levels.empty() ? "" : " ") + std::to_string(level.files.size());
  }
  add(facts, name + "TableBytes", data.size);
  add(facts, name + "Tables", data.file_count);
  facts.push_back({name + "TablesByLevel", levels});
  add(facts, name + "PendingCompactionBytes", log.number(family, Properties::kEstimatePendingCompactionBytes));
  add(facts, name + "IndexBytes", log.number(family, Properties::kEstimateTableReadersMem));
}

std::uint64_t wal_bytes(rocksdb::DB& db) {
  rocksdb::VectorLogPtr files;
  std::uint64_t bytes = 0;
  if (db.GetSortedWalFiles(files).ok()) {
    for (const auto& file : files) {
      bytes += file->SizeFileBytes();
    }
  }
  return bytes;
}

}  // namespace

std::vector<Fact> LocalLogImpl::stats() {
  check_process();
  std::vector<Fact> facts;
  if (!check_open()) {
    return facts;
  }
  const LogTail tail = known_tail();
  add(facts, "position", tail.position);
  add(facts, "commits", tail.commits);
  add(facts, "durablePosition", durable_tail().position);
  add(facts, "sealedPosition", sealed_position());
  add(facts, "tailFrameBytes", tail_bytes());
  add_family(facts, *db_, LogFamily::kTail, "tail");
  add_family(facts, *db_, LogFamily::kSealed, "sealed");
  add(facts, "memtableBytes", db_->number(LogFamily::kTail, Properties::kCurSizeAllMemTables));
  add(facts, "writeAheadLogBytes", role_ == Role::kWriter ? wal_bytes(db_->db()) : 0);
  add(facts, "runningCompactions", db_->number(LogFamily::kTail, Properties::kNumRunningCompactions));
  add(facts, "cacheBytes", db_->cache().GetUsage());
  add(facts, "cacheBytesMax", db_->cache().GetCapacity());
  add(facts, "cachePinnedBytes", db_->cache().GetPinnedUsage());
  add(facts, "stalls", db_->events().stalls());
  add(facts, "backgroundErrors", db_->events().background_errors());
  return facts;
}

void LocalLogImpl::estimate_tail_bytes() {
  const FrameKey begin(sealed_ + 1);
  const FrameKey end(UINT64_MAX);
  const rocksdb::Range range(begin.slice(), end.slice());
  rocksdb::TablePropertiesCollection tables;
  std::uint64_t bytes = 0;
  if (db_->db().GetPropertiesOfTablesInRange(db_->family(LogFamily::kTail), &range, 1, &tables).ok()) {
    for (const auto& [name, properties] : tables) {
      bytes += properties->raw_value_size;
    }
  }
  tail_bytes_ = bytes;
}

}  // namespace carnet::store
