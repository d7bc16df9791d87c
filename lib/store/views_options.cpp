// SPDX-License-Identifier: Apache-2.0
//
// The options of views/, each with its reason.
#include "store/views_options.hpp"

#include "store/rocks_hooks.hpp"
#include "store/store_env.hpp"
#include "store/view_keys.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <climits>

namespace carnet::store {

namespace {

/// Stored by name in the table files: a change of what it does needs another name.
class FilterPrefix final : public rocksdb::SliceTransform {
 public:
  [[nodiscard]] const char* Name() const override { return "carnet.views.1"; }

  [[nodiscard]] rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), filter_prefix_bytes({key.data(), key.size()})};
  }

  [[nodiscard]] bool InDomain(const rocksdb::Slice& /*key*/) const override { return true; }
};

class Concatenation final : public rocksdb::AssociativeMergeOperator {
 public:
  [[nodiscard]] const char* Name() const override { return "carnet.concatenation.1"; }

  bool Merge(const rocksdb::Slice& /*key*/, const rocksdb::Slice* held, const rocksdb::Slice& value,
             std::string* joined, rocksdb::Logger* /*log*/) const override {
    if (held != nullptr) {
      joined->assign(held->data(), held->size());
    }
    joined->append(value.data(), value.size());
    return true;
  }
};

rocksdb::BlockBasedTableOptions table_format(const std::shared_ptr<rocksdb::Cache>& cache, std::size_t block_bytes,
                                             bool is_large) {
  using rocksdb::PinningTier;
  using Decision = rocksdb::CacheEntryRoleOptions::Decision;
  rocksdb::BlockBasedTableOptions format;
  format.block_cache = cache;
  format.block_size = block_bytes;
  format.format_version = 5;
  // Everything that grows with the data is charged to the one cache. What could fill it comes and goes in partitions of
  // 4 KiB; only their small top levels and the young runs' own stay.
  format.cache_index_and_filter_blocks = true;
  format.cache_index_and_filter_blocks_with_high_priority = true;
  format.metadata_block_size = 4096;
  format.metadata_cache_options.top_level_index_pinning = PinningTier::kAll;
  format.metadata_cache_options.partition_pinning = PinningTier::kFlushedAndSimilar;
  format.metadata_cache_options.unpartitioned_pinning = is_large ? PinningTier::kFlushedAndSimilar : PinningTier::kAll;
  if (is_large) {
    format.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    format.partition_filters = true;
  }
  for (const auto role :
       {rocksdb::CacheEntryRole::kFilterConstruction, rocksdb::CacheEntryRole::kCompressionDictionaryBuildingBuffer,
        rocksdb::CacheEntryRole::kBlockBasedTableReader, rocksdb::CacheEntryRole::kFileMetadata}) {
    rocksdb::CacheEntryRoleOptions charged;
    charged.charged = Decision::kEnabled;
    format.cache_usage_options.options_overrides.insert({role, charged});
  }
  // Ribbon saves a third of the bits where most keys end up, and is built seldom there; Bloom is four times cheaper to
  // build on the way down.
  constexpr double kBitsPerKey = 10;
  constexpr int kLastLevel = 6;
  format.filter_policy.reset(rocksdb::NewRibbonFilterPolicy(kBitsPerKey, kLastLevel));
  format.optimize_filters_for_memory = true;
  format.whole_key_filtering = false;  // The prefix of a key that is looked up whole is the whole key.
  return format;
}

rocksdb::ColumnFamilyOptions family_options(ViewFamily family, const std::shared_ptr<rocksdb::Cache>& cache,
                                            const ViewsOptions& given, bool is_large) {
  rocksdb::ColumnFamilyOptions options;
  const bool pages = family == ViewFamily::kState || family == ViewFamily::kTree;
  constexpr std::size_t kIndexBlock = 8UL * 1024;
  constexpr std::size_t kPageBlock = 16UL * 1024;
  options.table_factory.reset(
      rocksdb::NewBlockBasedTableFactory(table_format(cache, pages ? kPageBlock : kIndexBlock, is_large)));
  options.prefix_extractor = std::make_shared<FilterPrefix>();
  options.merge_operator = std::make_shared<Concatenation>();
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  options.write_buffer_size = given.write_buffer_bytes;

  options.compaction_style = rocksdb::kCompactionStyleUniversal;
  constexpr int kRunsBeforeMerge = 4;
  options.level0_file_num_compaction_trigger = kRunsBeforeMerge;
  // Nothing is ever written through a memtable, so these stop nobody; publish_view() has its own brake.
  options.level0_slowdown_writes_trigger = INT_MAX;
  options.level0_stop_writes_trigger = INT_MAX;
  options.soft_pending_compaction_bytes_limit = 0;
  options.hard_pending_compaction_bytes_limit = 0;
  // Pages are overwritten, so that old runs are dead weight; entries of the indexes hardly ever are, and merging them
  // all for the sake of space would save none.
  constexpr unsigned kPageAmplification = 60;
  constexpr unsigned kIndexAmplification = 400;
  options.compaction_options_universal.max_size_amplification_percent =
      pages ? kPageAmplification : kIndexAmplification;
  options.compaction_options_universal.allow_trivial_move = true;
  return options;
}

}  // namespace

std::vector<rocksdb::ColumnFamilyDescriptor> ViewsRocksOptions::descriptors() const {
  std::vector<rocksdb::ColumnFamilyDescriptor> all;
  all.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  for (std::size_t family = 0; family < kViewFamilyCount; ++family) {
    all.emplace_back(kViewFamilyNames.at(family), families.at(family));
  }
  return all;
}

rocksdb::Options ViewsRocksOptions::table_options(ViewFamily family) const {
  rocksdb::Options options(database, families.at(static_cast<std::size_t>(family)));
  // A table file's writer takes every file for a bottommost one; these are the youngest.
  options.bottommost_compression = rocksdb::kDisableCompressionOption;
  return options;
}

ViewsRocksOptions make_views_options(const ViewsOptions& given, std::uint64_t table_bytes) {
  // A filter takes about a twelfth of what it is for: it fills no more than a third of the cache.
  constexpr std::uint64_t kLargeTimesCache = 4;
  const bool is_large = table_bytes / kLargeTimesCache > given.cache_bytes;
  ViewsRocksOptions all;
  rocksdb::LRUCacheOptions cache;
  cache.capacity = given.cache_bytes;
  // Not strict: a full cache would then fail reads. It goes over only by what is pinned at that moment.
  cache.strict_capacity_limit = false;
  cache.high_pri_pool_ratio = 0.5;
  all.cache = rocksdb::NewLRUCache(cache);

  rocksdb::Options& database = all.database;
  const bool is_injected = given.env != nullptr && given.env->env != nullptr;
  all.guard =
      std::make_shared<IngestGuard>(is_injected ? given.env->env->GetFileSystem() : rocksdb::FileSystem::Default());
  all.env = rocksdb::NewCompositeEnv(all.guard);
  database.env = all.env.get();
  database.max_open_files = -1;  // Secondaries need it: a file that the primary deletes stays readable.
  database.max_background_jobs = 2;
  database.max_file_opening_threads = 2;
  database.max_bgerror_resume_count = 0;  // publish_view() resumes, nobody else.
  database.wal_bytes_per_sync = 0;
  database.bytes_per_sync = 1024UL * 1024;
  database.max_manifest_file_size = 16UL * 1024 * 1024;
  database.info_log = std::make_shared<SinkLogger>(given.log);
  database.listeners.push_back(std::make_shared<NoResumeListener>());
  database.stats_dump_period_sec = 0;
  database.stats_persist_period_sec = 0;
  for (std::size_t family = 0; family < kViewFamilyCount; ++family) {
    all.families.at(family) = family_options(static_cast<ViewFamily>(family), all.cache, given, is_large);
  }
  return all;
}

}  // namespace carnet::store
