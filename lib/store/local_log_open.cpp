// SPDX-License-Identifier: Apache-2.0
//
// Making and opening a log. The order of open(): lock, sweep, plan (wal_scan.hpp), cut if the plan says so, RocksDB,
// and then what RocksDB made of it is held against the plan.
#include "base/check.hpp"
#include "store/local_log_impl.hpp"
#include "store/status.hpp"
#include "store/wal_scan.hpp"

#include <rocksdb/file_system.h>

#include <chrono>
#include <thread>
#include <utility>

namespace carnet::store {

namespace {

namespace fs = std::filesystem;

LogFiles files_of(const std::string& folder, const LogOptions& options) {
  const bool injected = options.env != nullptr && options.env->env != nullptr;
  return {injected ? options.env->env->GetFileSystem() : rocksdb::FileSystem::Default(), folder};
}

std::optional<PositionSpan> span_of(std::string_view key, std::string_view value) {
  const auto span = frame_span(key, value);
  return span ? std::optional(PositionSpan{span->header.first_position, span->last_position}) : std::nullopt;
}

void say(const LogOptions& options, LogLevel level, const std::string& line) {
  if (options.log != nullptr) {
    options.log->log(level, line);
  }
}

/// A log works without its reserve; only a clean close on a full disk may not.
void make_reserve(const LogSideFiles& files, const LogOptions& options) {
  if (Status status = files.make_reserve(options.reserve_bytes); !status) {
    say(options, LogLevel::kWarning, "no reserve for a full disk: " + status.error().to_line());
  }
}

/// The head that RocksDB shows is the one that was planned, and keeps what was promised.
Status check_head(const LogEnds& ends, const OpenPlan& plan, const LogFloor& floor, bool accept_loss) {
  if (ends.has_gap || ends.tail.position != plan.head) {
    return frames_damaged(ends.has_gap ? "frames are missing" : "the head is not the one that the files show",
                          ends.tail.position + 1);
  }
  const bool below = ends.tail.position < floor.position || ends.tail.commits < floor.commits;
  if (below && !accept_loss) {
    return Error(ErrorCode::kCorruption, "LogTruncated",
                 "the log ends before what was guaranteed: restore a backup, or run recover --accept-loss",
                 {{"floor", std::to_string(floor.position)}, {"head", std::to_string(ends.tail.position)}});
  }
  return {};
}

/// The folder beside the log where dropped bytes are kept.
std::string aside_folder(const std::string& folder) {
  return folder + ".dropped";
}

/// Without the slash at the end that a path may have.
std::string name_of(const fs::path& folder) {
  return folder.has_filename() ? folder.string() : folder.parent_path().string();
}

}  // namespace

Result<LocalLog::Opened> LocalLog::create(const fs::path& path, const LogOptions& options) {
  const std::string folder = name_of(path);
  CARNET_TRY_VOID(base::create_directory(folder));
  CARNET_TRY(const bool is_empty, base::is_empty_folder(folder));
  if (!is_empty) {
    return Error(ErrorCode::kInvalidArgument, "FolderNotEmpty", "a log is made in an empty folder", {{"path", folder}});
  }
  const LogSideFiles side_files(folder);
  CARNET_TRY(base::FolderLock lock, base::FolderLock::acquire(side_files.lock_path(), "LedgerBusy"));
  CARNET_TRY(std::shared_ptr<LogDb> db, LogDb::open(folder, LogDb::Open::kCreate, options));
  make_reserve(side_files, options);
  CARNET_TRY_VOID(base::sync_directory(folder));
  return Opened{std::make_unique<LocalLogImpl>(folder, LocalLogImpl::Role::kWriter, options, std::move(lock),
                                               std::move(db), LogEnds{}),
                LogOpenReport{.tail_dropped_bytes = {}, .was_clean = true}};
}

Result<LocalLog::Opened> LocalLog::open(const fs::path& path, const LogFloor& floor, bool accept_loss,
                                        const LogOptions& options) {
  const std::string folder = name_of(path);
  const LogSideFiles side_files(folder);
  CARNET_TRY(base::FolderLock lock, base::FolderLock::acquire(side_files.lock_path(), "LedgerBusy"));
  CARNET_TRY_VOID(side_files.sweep_sealing());

  const LogFiles files = files_of(folder, options);
  CARNET_TRY(const OpenPlan plan,
             accept_loss ? plan_accepted_loss(files, span_of) : plan_open(files, floor.position, span_of));
  CARNET_TRY_VOID(apply_plan(files, plan, aside_folder(folder)));
  CARNET_TRY(std::shared_ptr<LogDb> db, LogDb::open(folder, LogDb::Open::kExisting, options));
  CARNET_TRY(const LogEnds ends, read_ends(*db, {}));
  CARNET_TRY_VOID(check_head(ends, plan, floor, accept_loss));

  Opened opened;
  CARNET_TRY(opened.report.was_clean, side_files.is_clean());
  CARNET_TRY_VOID(side_files.unmark_clean());
  if (!plan.is_normal()) {
    opened.report.tail_dropped_bytes = plan.dropped_bytes();
  }
  auto log = std::make_unique<LocalLogImpl>(folder, LocalLogImpl::Role::kWriter, options, std::move(lock),
                                            std::move(db), ends);
  make_reserve(side_files, options);
  ignore_error(log->drop_sealed_tail(), "dropped by the next seal or open; readers ignore it");
  log->estimate_tail_bytes();
  opened.log = std::move(log);
  return opened;
}

Result<LocalLog::Opened> LocalLog::open_secondary(const fs::path& path, const fs::path& scratch,
                                                  const LogOptions& options) {
  const std::string folder = name_of(path);
  CARNET_TRY(const bool exists, base::path_exists(folder));
  if (!exists) {
    return Error(ErrorCode::kNotFound, "FileNotFound", "there is no log", {{"path", folder}});
  }
  CARNET_TRY_VOID(base::create_directory(name_of(scratch)));
  // The writer may drop a file between the moment that it is named and the moment that it is opened.
  constexpr int kTriesMax = 50;
  constexpr auto kPause = std::chrono::milliseconds(2);
  Result<std::shared_ptr<LogDb>> db = LogDb::open_secondary(folder, name_of(scratch), options);
  for (int tries = 1; !db && tries < kTriesMax; ++tries) {
    std::this_thread::sleep_for(kPause);
    db = LogDb::open_secondary(folder, name_of(scratch), options);
  }
  if (!db) {
    return std::move(db).error();
  }
  auto log = std::make_unique<LocalLogImpl>(folder, LocalLogImpl::Role::kSecondary, options, std::nullopt,
                                            *std::move(db), LogEnds{});
  CARNET_TRY_VOID(log->catch_up());
  log->estimate_tail_bytes();
  const bool was_clean = LogSideFiles(folder).is_clean().value_or(false);
  return Opened{std::move(log), LogOpenReport{.tail_dropped_bytes = {}, .was_clean = was_clean}};
}

}  // namespace carnet::store
