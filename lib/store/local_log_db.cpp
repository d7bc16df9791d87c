// SPDX-License-Identifier: Apache-2.0
//
// Options of the log database, each with its reason.
#include "store/local_log_db.hpp"

#include "base/limits.hpp"
#include "store/status.hpp"
#include "store/store_env.hpp"

#include <rocksdb/table.h>

#include <utility>

namespace carnet::store {

namespace {

constexpr std::array<const char*, 3> kFamilyNames = {"default", "tail", "sealed"};

std::shared_ptr<rocksdb::FileSystem> files_for(const LogOptions& options) {
  const bool is_injected = options.env != nullptr && options.env->env != nullptr;
  return is_injected ? options.env->env->GetFileSystem() : rocksdb::FileSystem::Default();
}

rocksdb::DBOptions db_options_for(const LogOptions& options, LogDb::Open how, rocksdb::Env* env) {
  rocksdb::DBOptions db;
  db.env = env;
  // Families are made by create() and never later: a new one breaks every running secondary for good.
  db.create_if_missing = how == LogDb::Open::kCreate;
  db.error_if_exists = how == LogDb::Open::kCreate;
  db.create_missing_column_families = how == LogDb::Open::kCreate;

  // Nothing is dropped silently, nothing goes on by itself (wal_scan.hpp decides before the open).
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kAbsoluteConsistency;
  db.paranoid_checks = true;
  db.max_bgerror_resume_count = 0;

  // One writer, in the order of the keys. A log file is never recycled: old records behind the end would look valid.
  db.recycle_log_file_num = 0;
  db.manual_wal_flush = false;
  db.avoid_flush_during_shutdown = true;  // close() flushes; letting go without it is meant to be like a kill.
  db.wal_compression = rocksdb::kNoCompression;
  db.allow_concurrent_memtable_write = false;
  db.enable_write_thread_adaptive_yield = false;
  db.enable_pipelined_write = false;
  db.unordered_write = false;
  db.two_write_queues = false;

  // With every table open a secondary goes on reading tables that the writer has dropped since.
  db.max_open_files = -1;
  db.max_background_jobs = 2;
  // A flush is written back as it goes instead of in one burst at its end, which a synced append would wait for.
  db.bytes_per_sync = 1024 * 1024;
  db.skip_stats_update_on_db_open = true;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.info_log = std::make_shared<SinkLogger>(options.log);
  return db;
}

rocksdb::BlockBasedTableOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.format_version = 5;
  // Two levels of index, the lower one in the cache: with every table open, plain indexes would grow with the log.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.cache_index_and_filter_blocks = true;
  table.pin_top_level_index_and_filter = true;
  table.initial_auto_readahead_size = 64 * 1024;
  table.max_auto_readahead_size = 1024 * 1024;
  return table;
}

/// What both families share: tables that are written once and moved.
rocksdb::ColumnFamilyOptions family_options() {
  rocksdb::ColumnFamilyOptions family;
  family.compaction_style = rocksdb::kCompactionStyleLevel;
  family.ttl = 0;
  family.periodic_compaction_seconds = 0;
  family.soft_pending_compaction_bytes_limit = 0;
  family.hard_pending_compaction_bytes_limit = 0;
  family.force_consistency_checks = true;
  return family;
}

/// Frames arrive in order and are dropped soon. Each flushed table is moved down at once (trigger 1), without being
/// rewritten because none overlaps another: only there can whole tables be dropped (DeleteFilesInRange).
rocksdb::ColumnFamilyOptions tail_options_for(const LogOptions& options, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions tail = family_options();
  tail.write_buffer_size = options.write_buffer_bytes;
  tail.max_write_buffer_number = 3;
  tail.compression = rocksdb::kLZ4Compression;
  tail.level_compaction_dynamic_level_bytes = true;
  tail.level0_file_num_compaction_trigger = 1;
  tail.level0_slowdown_writes_trigger = 1 << 20;
  tail.level0_stop_writes_trigger = 1 << 20;
  rocksdb::BlockBasedTableOptions table = table_options(cache);
  table.block_size = 16 * 1024;
  tail.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return tail;
}

/// Tables that do not overlap are ingested at the bottom and stay as they are.
rocksdb::ColumnFamilyOptions sealed_options_for(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions sealed = family_options();
  sealed.disable_auto_compactions = true;
  sealed.write_buffer_size = 64 * 1024;  // Never written, but a family has a memtable.
  sealed.compression = rocksdb::kZSTD;
  // On blocks of 16 KB of Cap'n Proto level 1 packs as well as the default 3, and reads 15 % faster.
  sealed.compression_opts.level = 1;
  rocksdb::BlockBasedTableOptions table = table_options(cache);
  // A block is closed by the first entry that reaches half a frame: one full frame a block, several small ones share.
  table.block_size = kFrameRawBytesMax / 2;
  table.block_size_deviation = 0;
  sealed.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return sealed;
}

rocksdb::ColumnFamilyOptions default_options() {
  rocksdb::ColumnFamilyOptions unused;
  unused.write_buffer_size = 64 * 1024;
  return unused;
}

}  // namespace

std::optional<FrameSpan> frame_span(std::string_view key, std::string_view value) noexcept {
  const auto header = codec::peek_frame(base::as_bytes(value));
  if (!header || key.size() != sizeof(std::uint64_t) || header->first_position == 0 || header->commit_count == 0 ||
      header->event_count < header->commit_count || value.size() % sizeof(std::uint64_t) != 0) {
    return std::nullopt;
  }
  const std::uint64_t last = header->first_position + header->event_count - 1;
  if (last < header->first_position || base::load_be<std::uint64_t>(key.data()) != last) {
    return std::nullopt;
  }
  return FrameSpan{*header, last};
}

LogDb::LogDb(const LogOptions& options, Open how)
    : cache_(rocksdb::NewLRUCache(options.cache_bytes)),
      listener_(std::make_shared<NoResumeListener>()),
      guard_(std::make_shared<IngestGuard>(files_for(options))),
      env_(rocksdb::NewCompositeEnv(guard_)),
      db_options_(db_options_for(options, how, env_.get())),
      tail_options_(tail_options_for(options, cache_)),
      sealed_options_(db_options_, sealed_options_for(cache_)) {
  db_options_.listeners.push_back(listener_);
}

LogDb::~LogDb() {
  if (db_) {
    close().PermitUncheckedError();
  }
}

std::vector<rocksdb::ColumnFamilyDescriptor> LogDb::descriptors() const {
  return {{kFamilyNames[0], default_options()},
          {kFamilyNames[1], tail_options_},
          {kFamilyNames[2], rocksdb::ColumnFamilyOptions(sealed_options_)}};
}

/// The ids that wal_tables.hpp reads write-ahead logs by.
Status LogDb::check_families() const {
  for (std::size_t i = 0; i < kFamilyNames.size(); ++i) {
    if (families_[i]->GetID() != i) {
      return Error(ErrorCode::kCorruption, "LogDamaged", "the families of the log are not those that init makes");
    }
  }
  return {};
}

Result<std::shared_ptr<LogDb>> LogDb::open(const std::string& folder, Open how, const LogOptions& options) {
  std::shared_ptr<LogDb> log(new LogDb(options, how));
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(log->db_options_, folder, log->descriptors(), &log->families_, &db);
  log->db_.reset(db);
  CARNET_TRY_VOID(to_status(status, how == Open::kCreate ? StoreCall::kWrite : StoreCall::kOpen));
  CARNET_TRY_VOID(log->check_families());
  return log;
}

Result<std::shared_ptr<LogDb>> LogDb::open_secondary(const std::string& folder, const std::string& scratch,
                                                     const LogOptions& options) {
  std::shared_ptr<LogDb> log(new LogDb(options, Open::kExisting));
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::OpenAsSecondary(log->db_options_, folder, scratch, log->descriptors(), &log->families_, &db);
  log->db_.reset(db);
  CARNET_TRY_VOID(to_status(status, StoreCall::kOpen));
  CARNET_TRY_VOID(log->check_families());
  return log;
}

std::uint64_t LogDb::number(LogFamily family, const std::string& property) const {
  std::uint64_t value = 0;
  return db_->GetIntProperty(this->family(family), property, &value) ? value : 0;
}

rocksdb::Status LogDb::close() {
  for (rocksdb::ColumnFamilyHandle* const family : families_) {
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  families_.clear();
  const rocksdb::Status status = db_->Close();
  db_.reset();
  return status;
}

void LogDb::abandon() noexcept {
  families_.clear();
  static_cast<void>(db_.release());
}

rocksdb::ReadOptions scan_options() {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.adaptive_readahead = true;
  return options;
}

rocksdb::ReadOptions point_options() {
  return {};
}

}  // namespace carnet::store
