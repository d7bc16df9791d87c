// SPDX-License-Identifier: Apache-2.0
//
// views/ over RocksDB. publish_view() writes one table file a family into `incoming/` (a folder of ours that RocksDB
// does not look at) and has RocksDB take all of them in by one atomic group of its manifest: before that record is on
// disk the old checkpoint is in force, after it the new one, each with exactly its own entries. What a crash leaves in
// `incoming/` or unreferenced beside the tables is removed at the next opening. When a write of the manifest failed,
// only a reopening knows whether it names the new tables: they are kept until then (ingest_guard.hpp).
#include "store/views_db.hpp"

#include "base/check.hpp"
#include "base/files.hpp"
#include "store/compaction_watch.hpp"
#include "store/floor.hpp"
#include "store/status.hpp"
#include "store/view_checkpoint.hpp"
#include "store/views_options.hpp"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

namespace carnet::store {

namespace {

constexpr const char* kDamaged = "ViewsDamaged";
constexpr const char* kIncoming = "incoming";

/// Views can always be rebuilt: what this build of RocksDB cannot read is damage, not a reason to upgrade.
Error views_error(const rocksdb::Status& status, StoreCall call) {
  if (status.IsNotSupported() && call != StoreCall::kWrite) {
    return to_error(rocksdb::Status::Corruption(status.getState() == nullptr ? "" : status.getState()), call, kDamaged);
  }
  if (status.IsPathNotFound() && call == StoreCall::kRead) {
    return to_error(rocksdb::Status::Corruption("a table file is missing"), call, kDamaged);
  }
  return to_error(status, call, kDamaged);
}

Status views_status(const rocksdb::Status& status, StoreCall call) {
  if (status.ok()) {
    return {};
  }
  return views_error(status, call);
}

rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}

std::string_view text(const rocksdb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

class RocksCursor final : public ViewCursor {
 public:
  explicit RocksCursor(std::unique_ptr<rocksdb::Iterator> rows) : rows_(std::move(rows)) {}

  void seek(std::string_view key) override { rows_->Seek(slice(key)); }

  void seek_for_prev(std::string_view key) override { rows_->SeekForPrev(slice(key)); }

  void next() override { rows_->Next(); }

  void prev() override { rows_->Prev(); }

  [[nodiscard]] bool valid() const override { return rows_->Valid(); }

  [[nodiscard]] std::string_view key() const override { return text(rows_->key()); }

  [[nodiscard]] std::string_view value() const override { return text(rows_->value()); }

  [[nodiscard]] Status status() const override { return views_status(rows_->status(), StoreCall::kRead); }

 private:
  std::unique_ptr<rocksdb::Iterator> rows_;
};

class RocksViews final : public ViewsDb {
 public:
  enum class Mode : std::uint8_t { kCreate, kWrite, kSecondary };

  RocksViews(const ViewsOptions& options, std::uint64_t table_bytes)
      : options_(make_views_options(options, table_bytes)), watch_(std::make_shared<CompactionWatch>()) {
    options_.database.listeners.push_back(watch_);
  }

  RocksViews(const RocksViews&) = delete;
  RocksViews& operator=(const RocksViews&) = delete;

  ~RocksViews() override {
    ignore_error(close(), "nothing is lost: the views can be rebuilt, and nothing was pending");
  }

  [[nodiscard]] Status open(Mode mode, const std::filesystem::path& folder, const std::filesystem::path& scratch);

  [[nodiscard]] Result<std::optional<ViewCheckpoint>> checkpoint() override;
  [[nodiscard]] Status publish_view(const ViewCheckpoint& checkpoint, ViewBatch&& batch, std::vector<ViewRun>&& runs,
                                    CommitLog& log, Floor& floor) override;
  [[nodiscard]] Result<std::optional<std::string>> get(ViewFamily family, std::string_view key) override;
  [[nodiscard]] std::unique_ptr<ViewCursor> cursor(ViewFamily family) override;
  [[nodiscard]] std::unique_ptr<ViewCursor> prefix_cursor(ViewFamily family) override;
  [[nodiscard]] Status drop_range(ViewFamily family, std::string_view begin, std::string_view end) override;
  [[nodiscard]] Status catch_up() override;
  [[nodiscard]] std::vector<Fact> stats() override;
  [[nodiscard]] Status wait_for_rest() override;
  [[nodiscard]] Status close() override;

 private:
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(ViewFamily family) const {
    CARNET_REQUIRE(db_ != nullptr, "closed views are not used");
    return handles_.at(static_cast<std::size_t>(family) + 1);
  }

  [[nodiscard]] std::uint64_t figure(ViewFamily family, const std::string& property) const;
  void remove_empty_wals();
  [[nodiscard]] Status remove_incoming();
  [[nodiscard]] Status resume_if_failed();
  void wait_for_merges();
  /// The table file of one family; empty when the family has nothing to publish.
  [[nodiscard]] Result<std::string> write_table(ViewFamily family, ViewBatch::Impl& batch,
                                                const std::vector<ViewRun*>& runs);
  [[nodiscard]] Status ingest(const std::array<std::string, kViewFamilyCount>& files);
  [[nodiscard]] Status publish_tables(ViewBatch& batch, std::vector<ViewRun>& runs);

  ViewsRocksOptions options_;
  std::shared_ptr<CompactionWatch> watch_;
  std::string folder_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  bool is_secondary_ = false;
};

Status RocksViews::open(Mode mode, const std::filesystem::path& folder, const std::filesystem::path& scratch) {
  folder_ = folder.string();
  is_secondary_ = mode == Mode::kSecondary;
  rocksdb::Options database = options_.database;
  database.create_if_missing = mode == Mode::kCreate;
  database.create_missing_column_families = mode == Mode::kCreate;
  rocksdb::DB* db = nullptr;
  rocksdb::Status status;
  if (mode == Mode::kSecondary) {
    // The primary may replace files that were named a moment ago; then the next look finds the new ones.
    constexpr int kLooks = 5;
    for (int look = 0; look < kLooks; ++look) {
      status =
          rocksdb::DB::OpenAsSecondary(database, folder_, scratch.string(), options_.descriptors(), &handles_, &db);
      if (status.ok() || status.IsInvalidArgument()) {
        break;
      }
    }
  } else {
    remove_empty_wals();
    status = rocksdb::DB::Open(database, folder_, options_.descriptors(), &handles_, &db);
  }
  if (!status.ok()) {
    handles_.clear();
    return views_error(status, StoreCall::kOpen);
  }
  db_.reset(db);
  return is_secondary_ ? Status() : remove_incoming();
}

/// RocksDB makes a write-ahead log at each opening and removes it after a flush, and nothing here is ever flushed: one
/// more empty file with each opening. What cannot be removed now goes next time.
void RocksViews::remove_empty_wals() {
  rocksdb::Env* const env = options_.database.env;
  std::vector<std::string> names;
  env->GetChildren(folder_, &names).PermitUncheckedError();
  for (const std::string& name : names) {
    std::uint64_t bytes = 0;
    if (name.ends_with(".log") && env->GetFileSize(folder_ + "/" + name, &bytes).ok() && bytes == 0) {
      env->DeleteFile(folder_ + "/" + name).PermitUncheckedError();
    }
  }
}

Status RocksViews::remove_incoming() {
  rocksdb::Env* const env = options_.database.env;
  const std::string incoming = folder_ + "/" + kIncoming;
  CARNET_TRY_VOID(views_status(env->CreateDirIfMissing(incoming), StoreCall::kWrite));
  std::vector<std::string> left;
  CARNET_TRY_VOID(views_status(env->GetChildren(incoming, &left), StoreCall::kWrite));
  for (const std::string& name : left) {
    if (name != "." && name != "..") {
      CARNET_TRY_VOID(views_status(env->DeleteFile(incoming + "/" + name), StoreCall::kWrite));
    }
  }
  return {};
}

Result<std::optional<ViewCheckpoint>> RocksViews::checkpoint() {
  CARNET_TRY(const std::optional<std::string> bytes, get(ViewFamily::kState, checkpoint_key()));
  if (!bytes.has_value()) {
    return std::optional<ViewCheckpoint>();
  }
  CARNET_TRY(ViewCheckpoint checkpoint, decode_checkpoint(*bytes));
  return std::optional<ViewCheckpoint>(std::move(checkpoint));
}

Status RocksViews::publish_view(const ViewCheckpoint& checkpoint, ViewBatch&& batch, std::vector<ViewRun>&& runs,
                                CommitLog& log, Floor& floor) {
  CARNET_REQUIRE(db_ != nullptr, "closed views are not used");
  if (is_secondary_) {
    return Error(ErrorCode::kInvalidArgument, "ViewsReadOnly", "another process writes these views");
  }
  CARNET_TRY_VOID(resume_if_failed());
  wait_for_merges();

  CARNET_TRY_VOID(log.sync());
  CARNET_TRY(const LogTail tail, log.tail());
  CARNET_REQUIRE(tail.position >= checkpoint.position && tail.commits >= checkpoint.commits,
                 "views never outrun the log");

  ViewBatch landing = std::move(batch);
  std::vector<ViewRun> landing_runs = std::move(runs);
  landing.put(ViewFamily::kState, checkpoint_key(), encode_checkpoint(checkpoint));
  CARNET_TRY_VOID(publish_tables(landing, landing_runs));

  return floor.raise({checkpoint.position, checkpoint.commits, checkpoint.root});
}

/// A soft error (a compaction that found the disk full) is cleared and compaction goes on. After a hard one the
/// database has to be reopened: RocksDB 7.8.3 clears the error but not its own mark that the database is stopped, and
/// then ingests without reserving file numbers first, over whatever has the numbers from 0 on.
Status RocksViews::resume_if_failed() {
  const CompactionWatch::Severity worst = watch_->worst();
  if (worst > CompactionWatch::Severity::kSoftError) {
    return Error(ErrorCode::kStorage, "StoreFailed",
                 "the database of the views failed before: reopen the ledger, then retry");
  }
  if (worst == CompactionWatch::Severity::kNoError) {
    return {};
  }
  watch_->forget();
  return views_status(db_->Resume(), StoreCall::kWrite);
}

/// Holds the publisher up, and nobody else, while a family has so many runs that every lookup would suffer.
void RocksViews::wait_for_merges() {
  constexpr std::uint64_t kRunsMax = 24;
  constexpr int kTurnsMax = 300;
  constexpr std::chrono::milliseconds kTurn(100);
  const auto crowded = [this] {
    for (std::size_t family = 0; family < kViewFamilyCount; ++family) {
      if (figure(static_cast<ViewFamily>(family), "rocksdb.num-files-at-level0") >= kRunsMax) {
        return true;
      }
    }
    return false;
  };
  for (int turn = 0; turn < kTurnsMax && crowded(); ++turn) {
    if (!watch_->wait(kTurn)) {
      return;
    }
  }
}

Status RocksViews::publish_tables(ViewBatch& batch, std::vector<ViewRun>& runs) {
  std::array<std::string, kViewFamilyCount> files;
  Status status;
  for (std::size_t at = 0; at < kViewFamilyCount && status; ++at) {
    const auto family = static_cast<ViewFamily>(at);
    std::vector<ViewRun*> mine;
    for (ViewRun& run : runs) {
      if (run.family == family) {
        mine.push_back(&run);
      }
    }
    Result<std::string> file = write_table(family, batch.impl(), mine);
    if (file) {
      files.at(at) = *std::move(file);
    } else {
      status = std::move(file).error();
    }
  }
  if (status) {
    status = ingest(files);
  }
  if (!status) {
    ignore_error(remove_incoming(), "the next opening removes them");
  }
  return status;
}

Result<std::string> RocksViews::write_table(ViewFamily family, ViewBatch::Impl& batch,
                                            const std::vector<ViewRun*>& runs) {
  ViewBatch::Impl::Family& given = batch.of(family);
  const std::vector<ViewRange> ranges = given.ranges;
  ViewStream stream(resolve_ops(given, batch.arena), runs);
  const ViewOp* op = stream.next();
  if (op == nullptr && ranges.empty()) {
    return std::string();
  }
  std::string path = folder_ + "/" + kIncoming + "/" + kViewFamilyNames.at(static_cast<std::size_t>(family)) + ".sst";
  const rocksdb::Options options = options_.table_options(family);
  rocksdb::SstFileWriter table(rocksdb::EnvOptions(options), options, handle(family));
  CARNET_TRY_VOID(views_status(table.Open(path), StoreCall::kWrite));
  // A range and the keys of one file land under one sequence number, and a range covers only what is older.
  for (const ViewRange& range : ranges) {
    CARNET_TRY_VOID(views_status(table.DeleteRange(slice(range.begin), slice(range.end)), StoreCall::kWrite));
  }
  for (; op != nullptr; op = stream.next()) {
    rocksdb::Status status;
    switch (op->kind) {
      case ViewOpKind::kPut:
        status = table.Put(slice(op->key), slice(op->value));
        break;
      case ViewOpKind::kConcatenate:
        status = table.Merge(slice(op->key), slice(op->value));
        break;
      case ViewOpKind::kErase:
        status = table.Delete(slice(op->key));
        break;
    }
    CARNET_TRY_VOID(views_status(status, StoreCall::kWrite));
  }
  CARNET_TRY_VOID(views_status(table.Finish(), StoreCall::kWrite));
  return path;
}

Status RocksViews::ingest(const std::array<std::string, kViewFamilyCount>& files) {
  std::vector<rocksdb::IngestExternalFileArg> all;
  for (std::size_t family = 0; family < kViewFamilyCount; ++family) {
    if (!files.at(family).empty()) {
      rocksdb::IngestExternalFileArg one;
      one.column_family = handle(static_cast<ViewFamily>(family));
      one.external_files = {files.at(family)};
      one.options.move_files = true;
      one.options.write_global_seqno = false;
      all.push_back(std::move(one));
    }
  }
  rocksdb::Status status;
  {
    const IngestGuard::Scope guard(*options_.guard);
    status = db_->IngestExternalFiles(all);
  }
  if (!status.ok() && watch_->worst() == CompactionWatch::Severity::kNoError) {
    // The manifest was not reached, so the guard kept the tables for nothing: this makes RocksDB look for orphans.
    db_->DisableFileDeletions().PermitUncheckedError();
    db_->EnableFileDeletions(false).PermitUncheckedError();
  }
  return views_status(status, StoreCall::kWrite);
}

Result<std::optional<std::string>> RocksViews::get(ViewFamily family, std::string_view key) {
  std::string value;
  const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), handle(family), slice(key), &value);
  if (status.IsNotFound()) {
    return std::optional<std::string>();
  }
  CARNET_TRY_VOID(views_status(status, StoreCall::kRead));
  return std::optional<std::string>(std::move(value));
}

std::unique_ptr<ViewCursor> RocksViews::cursor(ViewFamily family) {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  return std::make_unique<RocksCursor>(std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, handle(family))));
}

std::unique_ptr<ViewCursor> RocksViews::prefix_cursor(ViewFamily family) {
  rocksdb::ReadOptions options;
  options.prefix_same_as_start = true;
  return std::make_unique<RocksCursor>(std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, handle(family))));
}

Status RocksViews::drop_range(ViewFamily family, std::string_view begin, std::string_view end) {
  const rocksdb::Slice first = slice(begin);
  const rocksdb::Slice last = slice(end);
  return views_status(rocksdb::DeleteFilesInRange(db_.get(), handle(family), &first, &last, false), StoreCall::kWrite);
}

Status RocksViews::catch_up() {
  CARNET_REQUIRE(db_ != nullptr, "closed views are not used");
  return is_secondary_ ? views_status(db_->TryCatchUpWithPrimary(), StoreCall::kRead) : Status();
}

std::uint64_t RocksViews::figure(ViewFamily family, const std::string& property) const {
  std::string value;
  return db_->GetProperty(handle(family), property, &value) ? std::strtoull(value.c_str(), nullptr, 10) : 0;
}

std::vector<Fact> RocksViews::stats() {
  std::vector<Fact> facts;
  const auto add = [&](const std::string& name, std::uint64_t value) {
    facts.push_back({name, std::to_string(value)});
  };
  for (std::size_t at = 0; at < kViewFamilyCount; ++at) {
    const auto family = static_cast<ViewFamily>(at);
    const std::string name = kViewFamilyNames.at(at);
    add(name + ".bytes", figure(family, "rocksdb.live-sst-files-size"));
    add(name + ".youngRuns", figure(family, "rocksdb.num-files-at-level0"));
    add(name + ".tableReaderBytes", figure(family, "rocksdb.estimate-table-readers-mem"));
    add(name + ".compactions", figure(family, "rocksdb.num-running-compactions"));
  }
  add("cache.bytes", options_.cache->GetUsage());
  add("cache.pinnedBytes", options_.cache->GetPinnedUsage());
  add("cache.capacity", options_.cache->GetCapacity());
  return facts;
}

Status RocksViews::wait_for_rest() {
  constexpr std::chrono::milliseconds kTurn(5);
  const auto busy = [this] {
    for (std::size_t at = 0; at < kViewFamilyCount; ++at) {
      const auto family = static_cast<ViewFamily>(at);
      if (figure(family, "rocksdb.compaction-pending") + figure(family, "rocksdb.num-running-compactions") > 0) {
        return true;
      }
    }
    return false;
  };
  while (!is_secondary_ && busy()) {
    if (!watch_->wait(kTurn)) {
      return Error(ErrorCode::kStorage, "StoreFailed", "compaction of the views failed: free space or reopen");
    }
  }
  return {};
}

Status RocksViews::close() {
  if (db_ == nullptr) {
    return {};
  }
  rocksdb::CancelAllBackgroundWork(db_.get(), true);
  rocksdb::Status status;
  for (rocksdb::ColumnFamilyHandle* const family : handles_) {
    const rocksdb::Status destroyed = db_->DestroyColumnFamilyHandle(family);
    status = status.ok() ? destroyed : status;
  }
  handles_.clear();
  const rocksdb::Status closed = db_->Close();
  db_.reset();
  return views_status(status.ok() ? closed : status, StoreCall::kWrite);
}

std::uint64_t table_bytes_in(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator file(folder, error), end; !error && file != end; file.increment(error)) {
    std::error_code ignored;
    const std::uintmax_t size = file->path().extension() == ".sst" ? file->file_size(ignored) : 0;
    bytes += ignored ? 0 : size;
  }
  return bytes;
}

Result<std::unique_ptr<ViewsDb>> open_views(RocksViews::Mode mode, const std::filesystem::path& folder,
                                            const std::filesystem::path& scratch, const ViewsOptions& options) {
  auto views = std::make_unique<RocksViews>(options, table_bytes_in(folder));
  CARNET_TRY_VOID(views->open(mode, folder, scratch));
  return std::unique_ptr<ViewsDb>(std::move(views));
}

/// Nothing there, or a folder with nothing in it.
Result<bool> is_missing(const std::string& folder) {
  CARNET_TRY(const bool exists, base::path_exists(folder));
  if (!exists) {
    return true;
  }
  return base::is_empty_folder(folder);
}

Error missing_error() {
  return {ErrorCode::kNotFound, "ViewsMissing", "there are no views: rebuild them from the log"};
}

}  // namespace

Result<std::unique_ptr<ViewsDb>> ViewsDb::create(const std::filesystem::path& folder, const ViewsOptions& options) {
  CARNET_TRY(const bool missing, is_missing(folder.string()));
  if (!missing) {
    return Error(ErrorCode::kInvalidArgument, "ViewsExist", "something stands where the views would be made");
  }
  CARNET_TRY_VOID(base::create_directory(folder.string()));
  return open_views(RocksViews::Mode::kCreate, folder, {}, options);
}

Result<std::unique_ptr<ViewsDb>> ViewsDb::open(const std::filesystem::path& folder, const ViewsOptions& options) {
  CARNET_TRY(const bool missing, is_missing(folder.string()));
  if (missing) {
    return missing_error();
  }
  return open_views(RocksViews::Mode::kWrite, folder, {}, options);
}

Result<std::unique_ptr<ViewsDb>> ViewsDb::open_secondary(const std::filesystem::path& folder,
                                                         const std::filesystem::path& scratch,
                                                         const ViewsOptions& options) {
  CARNET_TRY(const bool missing, is_missing(folder.string()));
  if (missing) {
    return missing_error();
  }
  CARNET_TRY_VOID(base::create_directory(scratch.string()));
  return open_views(RocksViews::Mode::kSecondary, folder, scratch, options);
}

}  // namespace carnet::store
