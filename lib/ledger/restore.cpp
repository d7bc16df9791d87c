// SPDX-License-Identifier: Apache-2.0
//
// Restoring a backup: every file compared while it is copied into a folder beside the new ledger's, the copy checked as
// a ledger, then renamed.
#include "base/files.hpp"
#include "ledger/backup.hpp"
#include "store/backup.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace carnet::ledger {

namespace fs = std::filesystem;

namespace {

/// Stands in a folder that restore made and did not finish.
constexpr std::string_view kMarker = "RESTORING";

class Restorer {
 public:
  Restorer(const fs::path& folder, const fs::path& ledger, const RestoreOptions& options)
      : folder_(folder), ledger_(ledger), staging_(ledger.string() + ".restoring"), options_(options) {}

  [[nodiscard]] Result<RestoreReport> run() {
    CARNET_TRY(report_.info, find());
    CARNET_TRY(const BackupSums sums, read_backup_sums(report_.info.folder));
    CARNET_TRY_VOID(check_listed(sums));
    CARNET_TRY_VOID(check_target());
    CARNET_TRY_VOID(begin());
    auto done = restore(sums);
    if (!done) {
      std::error_code ignored;
      fs::remove_all(staging_, ignored);
      return std::move(done).error();
    }
    return report_;
  }

 private:
  [[nodiscard]] Result<BackupInfo> find() {
    CARNET_TRY(const std::vector<std::uint64_t> numbers, backup_numbers(folder_));
    const std::uint64_t number = options_.number != 0 || numbers.empty() ? options_.number : numbers.back();
    if (std::ranges::find(numbers, number) == numbers.end()) {
      return Error(ErrorCode::kNotFound, "NoSuchBackup", "the folder holds no such backup",
                   {{"path", folder_.string()}, {"number", fmt::to_string(number)}});
    }
    return read_backup_info(backup_path(folder_, number));
  }

  /// The backup is what its list says, no less and no more.
  [[nodiscard]] Status check_listed(const BackupSums& sums) const {
    std::error_code error;
    const fs::path& backup = report_.info.folder;
    for (fs::recursive_directory_iterator at(backup, error); !error && at != fs::recursive_directory_iterator();
         at.increment(error)) {
      const std::string name = at->path().lexically_relative(backup).string();
      if (!at->is_directory(error) && name != kBackupSumsFile && !sums.contains(name)) {
        return backup_damaged("the backup holds a file that its list does not name", at->path());
      }
    }
    return error ? Status(base::file_error("read the folder", backup.string(), error.value())) : Status();
  }

  [[nodiscard]] Status check_target() const {
    CARNET_TRY(const bool exists, base::path_exists(ledger_.string()));
    if (!exists) {
      return {};
    }
    const auto is_empty = base::is_empty_folder(ledger_.string());
    if (is_empty && *is_empty) {
      return {};
    }
    return Error(ErrorCode::kInvalidArgument, "NotEmpty",
                 "a ledger is restored into a new or empty folder: this one holds something; give another one",
                 {{"path", ledger_.string()}});
  }

  [[nodiscard]] Status begin() const {
    CARNET_TRY(const bool exists, base::path_exists(staging_.string()));
    std::error_code error;
    if (exists) {
      const auto is_empty = base::is_empty_folder(staging_.string());
      if (!fs::exists(staging_ / kMarker, error) && !(is_empty && *is_empty)) {
        return Error(ErrorCode::kInvalidArgument, "NotEmpty",
                     "the folder in which a ledger is restored first holds something: remove or rename it",
                     {{"path", staging_.string()}});
      }
      fs::remove_all(staging_, error);
    }
    fs::create_directories(staging_.parent_path(), error);
    CARNET_TRY_VOID(base::create_directory(staging_.string()));
    return base::write_file_synced((staging_ / kMarker).string(), "unfinished\n");
  }

  [[nodiscard]] Status restore(const BackupSums& sums) {
    CARNET_TRY_VOID(copy(sums));
    CARNET_TRY_VOID(check());
    CARNET_TRY_VOID(base::remove_file((staging_ / kMarker).string()));
    std::error_code error;
    fs::rename(staging_, ledger_, error);
    if (error) {
      return base::file_error("give the ledger its name", ledger_.string(), error.value());
    }
    return base::sync_directory(base::parent_folder(ledger_.string()));
  }

  [[nodiscard]] Status copy(const BackupSums& sums) {
    std::uint64_t done = 0;
    const auto step = [&](std::uint64_t bytes) -> Status {
      done += bytes;
      if (options_.common.progress) {
        options_.common.progress({"copy", done, std::max(done, report_.info.bytes)});
      }
      return options_.common.stop.stop_requested()
                 ? Status(Error(ErrorCode::kCancelled, "Cancelled", "restoring was stopped by its caller"))
                 : Status();
    };
    for (const char* database : {"log", "views"}) {
      if (std::ranges::any_of(sums, [&](const auto& entry) { return entry.first.starts_with(database); })) {
        CARNET_TRY_VOID(base::create_directory((staging_ / database).string()));
      }
    }
    for (const auto& [name, hash] : sums) {
      const fs::path source = report_.info.folder / name;
      if (name == kBackupInfoFile) {
        CARNET_TRY(const store::CopiedFile read, store::hash_file(source, {}));
        CARNET_TRY_VOID(compare(read, hash, source));
        continue;
      }
      auto copied = store::copy_file_hashed(source, staging_ / name, step);
      if (!copied) {
        return copied.error().code() == ErrorCode::kNotFound ? backup_damaged("a file of the backup is missing", source)
                                                             : std::move(copied).error();
      }
      CARNET_TRY_VOID(compare(*copied, hash, source));
      ++report_.files;
    }
    for (const char* database : {"log", "views"}) {
      if (fs::exists(staging_ / database)) {
        CARNET_TRY_VOID(base::sync_directory((staging_ / database).string()));
      }
    }
    return base::sync_directory(staging_.string());
  }

  [[nodiscard]] static Status compare(const store::CopiedFile& file, const base::Hash& hash, const fs::path& path) {
    return file.sha256 == hash ? Status()
                               : Status(backup_damaged("a file of the backup is not what was written", path));
  }

  [[nodiscard]] Status check() {
    const BackupInfo& info = report_.info;
    store::FloorMark mark{info.position, info.commits, info.root};
    auto copy = check_copy(staging_, mark, options_.common);
    if (!copy) {
      return copy.error().code() == ErrorCode::kCorruption ? backup_damaged(copy.error().to_line(), info.folder)
                                                           : std::move(copy).error();
    }
    if (copy->head.position != info.position || copy->head.commits != info.commits || copy->root != info.root ||
        copy->head.ledger_id != info.ledger_id) {
      return backup_damaged("the ledger in the backup is not the one that its description names", info.folder);
    }
    report_.views_rebuilt = copy->report.views_rebuilt;
    if (!report_.views_rebuilt && copy->fingerprints != info.fingerprints) {
      return backup_damaged("a table of the backup has another fingerprint than its description names", info.folder);
    }
    return options_.quick ? Status() : verify(*copy->ledger);
  }

  [[nodiscard]] Status verify(Ledger& ledger) {
    const auto progress = [&](const VerifyProgress& at) {
      if (options_.common.progress) {
        options_.common.progress({"verify", at.done, at.total});
      }
    };
    CARNET_TRY(const VerifyReport report, ledger.verify(progress, options_.common.stop));
    if (!report.ok()) {
      const VerifyFinding& first = report.findings.front();
      return backup_damaged(fmt::format("{} at position {}: {}", first.check, first.position, first.message),
                            report_.info.folder);
    }
    report_.verified = true;
    return {};
  }

  const fs::path folder_;
  const fs::path ledger_;
  const fs::path staging_;
  const RestoreOptions& options_;
  RestoreReport report_;
};

/// Without the slash at the end that a path may have.
fs::path clean(const fs::path& path) {
  const fs::path out = fs::absolute(path).lexically_normal();
  return out.has_filename() ? out : out.parent_path();
}

}  // namespace

}  // namespace carnet::ledger

namespace carnet {

Result<RestoreReport> restore_backup(const std::filesystem::path& folder, const std::filesystem::path& ledger,
                                     const RestoreOptions& options) {
  return ledger::Restorer(ledger::clean(folder), ledger::clean(ledger), options).run();
}

}  // namespace carnet
