// SPDX-License-Identifier: Apache-2.0
//
// Reads the tables of the log database through a file system that hides the write-ahead logs and refuses every change.
#include "store/wal_tables.hpp"

#include "store/status.hpp"
#include "store/wal_records.hpp"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table_properties.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace carnet::store {

namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr std::array<const char*, 3> kFamilies = {"default", "tail", "sealed"};
constexpr std::size_t kCurrentBytesMax = 64;

IOStatus refuse_change() {
  return IOStatus::NotSupported("read-only look at the tables");
}

/// What RocksDB sees of the folder: no write-ahead logs, no way to write.
class TablesOnlyFiles final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;

  const char* Name() const override { return "carnet.tables_only"; }

  IOStatus GetChildren(const std::string& folder, const IOOptions& options, std::vector<std::string>* names,
                       IODebugContext* debug) override {
    const IOStatus status = target_->GetChildren(folder, options, names, debug);
    std::erase_if(*names, [](const std::string& name) { return name.ends_with(".log"); });
    return status;
  }

  IOStatus NewWritableFile(const std::string& /*path*/, const rocksdb::FileOptions& /*options*/,
                           std::unique_ptr<rocksdb::FSWritableFile>* /*file*/, IODebugContext* /*debug*/) override {
    return refuse_change();
  }

  IOStatus ReopenWritableFile(const std::string& /*path*/, const rocksdb::FileOptions& /*options*/,
                              std::unique_ptr<rocksdb::FSWritableFile>* /*file*/, IODebugContext* /*debug*/) override {
    return refuse_change();
  }

  IOStatus DeleteFile(const std::string& /*path*/, const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    return refuse_change();
  }

  IOStatus RenameFile(const std::string& /*from*/, const std::string& /*to*/, const IOOptions& /*options*/,
                      IODebugContext* /*debug*/) override {
    return refuse_change();
  }

  IOStatus Truncate(const std::string& /*path*/, std::size_t /*bytes*/, const IOOptions& /*options*/,
                    IODebugContext* /*debug*/) override {
    return refuse_change();
  }
};

/// RocksDB would write its own log of messages into the folder.
class NoMessages final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;

  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

Error damaged(std::string_view reason, const std::string& file) {
  return {ErrorCode::kCorruption,
          "LogDamaged",
          "the log's list of tables is not what was written: restore a backup",
          {{"reason", std::string(reason)}, {"file", file}}};
}

/// CURRENT names the MANIFEST in one line. RocksDB reads a MANIFEST with tolerance for a damaged tail: a flipped length
/// or type hides all that follows it. So we read it first, by the rule that holds for write-ahead logs.
Status check_manifest(const LogFiles& log) {
  std::string current;
  CARNET_TRY_VOID(
      to_status(rocksdb::ReadFileToString(log.files.get(), log.folder + "/CURRENT", &current), StoreCall::kOpen));
  constexpr std::string_view kPrefix = "MANIFEST-";
  const bool is_sound =
      current.size() > kPrefix.size() + 1 && current.size() <= kCurrentBytesMax && current.starts_with(kPrefix) &&
      current.back() == '\n' &&
      std::all_of(current.begin() + kPrefix.size(), current.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_sound) {
    return damaged("CURRENT does not name a MANIFEST", "CURRENT");
  }
  current.pop_back();
  auto scanned = scan_records(*log.files, log.folder + "/" + current, {});
  if (!scanned) {
    return scanned.error().code() == ErrorCode::kNotFound ? damaged("MANIFEST is missing", current)
                                                          : std::move(scanned).error();
  }
  if (scanned->valid_after_bad_offset) {
    return damaged(scanned->reason, current);
  }
  return {};
}

/// A database that was opened read-only, its handles and the environment it lives in.
struct ReadOnlyDb {
  std::unique_ptr<rocksdb::Env> env;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;

  ReadOnlyDb() = default;
  ReadOnlyDb(const ReadOnlyDb&) = delete;
  ReadOnlyDb& operator=(const ReadOnlyDb&) = delete;

  ~ReadOnlyDb() {
    for (rocksdb::ColumnFamilyHandle* const family : families) {
      const rocksdb::Status status = db->DestroyColumnFamilyHandle(family);
      status.PermitUncheckedError();
    }
  }
};

rocksdb::Options options_for(rocksdb::Env* env) {
  rocksdb::Options options;
  options.env = env;
  options.info_log = std::make_shared<NoMessages>();
  options.max_open_files = 64;  // A look at the ends of two families must not open every table of a long log.
  options.skip_stats_update_on_db_open = true;
  options.max_file_opening_threads = 1;
  options.stats_dump_period_sec = 0;  // These two start threads.
  options.stats_persist_period_sec = 0;
  return options;
}

Status open_read_only(const LogFiles& log, ReadOnlyDb& opened) {
  opened.env = rocksdb::NewCompositeEnv(std::make_shared<TablesOnlyFiles>(log.files));
  const rocksdb::Options options = options_for(opened.env.get());
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const char* const name : kFamilies) {
    descriptors.emplace_back(name, options);
  }
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, log.folder, descriptors, &opened.families, &db);
  opened.db.reset(db);
  CARNET_TRY_VOID(to_status(status, StoreCall::kOpen));
  for (std::size_t i = 0; i < kFamilies.size(); ++i) {
    if (opened.families[i]->GetID() != i) {
      return damaged("column families are not in the order of init", "MANIFEST");
    }
  }
  return {};
}

/// Last position of the last entry; 0: there is none.
Result<std::uint64_t> last_position(rocksdb::Iterator& entries, const SpanOf& span_of) {
  entries.SeekToLast();
  CARNET_TRY_VOID(to_status(entries.status(), StoreCall::kRead));
  if (!entries.Valid()) {
    return std::uint64_t{0};
  }
  const auto span = span_of(entries.key().ToStringView(), entries.value().ToStringView());
  if (!span) {
    return damaged("last entry is not a frame", "tables");
  }
  return span->last;
}

/// Last position of a table that the MANIFEST does not name. A table that cannot be read is the torn output of a job
/// that was interrupted: RocksDB names a table only after it was synced.
std::uint64_t last_position_unnamed(const rocksdb::Options& options, const std::string& path, const SpanOf& span_of) {
  rocksdb::SstFileReader reader(options);
  if (!reader.Open(path).ok()) {
    return 0;
  }
  const std::string& family = reader.GetTableProperties()->column_family_name;
  if (family != kFamilies[kTailFamilyId] && family != kFamilies[kSealedFamilyId] && !family.empty()) {
    return 0;
  }
  const std::unique_ptr<rocksdb::Iterator> entries(reader.NewIterator(rocksdb::ReadOptions()));
  return last_position(*entries, span_of).value_or(0);
}

Result<std::vector<UnnamedTable>> unnamed_tables(const LogFiles& log, const ReadOnlyDb& opened, const SpanOf& span_of) {
  std::vector<std::string> names;
  CARNET_TRY_VOID(to_status(log.files->GetChildren(log.folder, IOOptions(), &names, nullptr), StoreCall::kOpen));
  std::vector<rocksdb::LiveFileMetaData> live;
  opened.db->GetLiveFilesMetaData(&live);
  const rocksdb::Options options = options_for(opened.env.get());
  std::vector<UnnamedTable> unnamed;
  for (const std::string& name : names) {
    const bool is_named = std::any_of(live.begin(), live.end(), [&](const rocksdb::LiveFileMetaData& file) {
      return file.relative_filename == name;
    });
    if (name.ends_with(".sst") && !is_named) {
      unnamed.push_back({name, last_position_unnamed(options, log.folder + "/" + name, span_of)});
    }
  }
  return unnamed;
}

}  // namespace

Result<TablesHead> read_tables_head(const LogFiles& log, const SpanOf& span_of) {
  CARNET_TRY_VOID(check_manifest(log));
  ReadOnlyDb opened;
  CARNET_TRY_VOID(open_read_only(log, opened));
  TablesHead head;
  if (!opened.db->GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &head.wal_min)) {
    head.wal_min = 0;
  }
  for (const std::uint32_t family : {kTailFamilyId, kSealedFamilyId}) {
    const std::unique_ptr<rocksdb::Iterator> entries(
        opened.db->NewIterator(rocksdb::ReadOptions(), opened.families[family]));
    CARNET_TRY((family == kTailFamilyId ? head.tail : head.sealed), last_position(*entries, span_of));
  }
  CARNET_TRY(head.unnamed, unnamed_tables(log, opened, span_of));
  return head;
}

}  // namespace carnet::store
