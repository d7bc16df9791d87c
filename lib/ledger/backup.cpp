// SPDX-License-Identifier: Apache-2.0
//
// Making a backup: copy into the folder `partial`, check the copy as a ledger of its own, describe it, give it its
// number by a rename.
#include "ledger/backup.hpp"

#include "base/bytes.hpp"
#include "base/files.hpp"
#include "codec/frame.hpp"
#include "proof/merkle.hpp"
#include "store/backup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace carnet::ledger {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kProgressStep = 16'384;
constexpr int kTriesMax = 20;
constexpr int kDamagedTriesMax = 3;  // a copy that looks damaged may have met a change of files
constexpr auto kPause = std::chrono::milliseconds(20);
constexpr std::string_view kPartial = "partial";
constexpr std::string_view kLock = "LOCK";

Error cancelled() {
  return {ErrorCode::kCancelled, "Cancelled", "the backup was stopped by its caller; nothing of it stays"};
}

Error root_differs(std::string_view what, std::uint64_t commits) {
  return {ErrorCode::kCorruption,
          "RootDiffers",
          fmt::format("the root recomputed from the commits differs from {}: verify the ledger", what),
          {{"commits", fmt::to_string(commits)}}};
}

/// Hashes every commit of an opened copy, in order.
Status recompute(Engine& engine, const store::FloorMark& checkpoint, const BackupOptions& options, CheckedCopy& out) {
  proof::CompactTree tree;
  std::vector<base::Hash> hashes;
  codec::CommitBytes commit;
  std::uint64_t told = 0;
  CARNET_TRY(const auto frames, engine.log().read(0));
  while (true) {
    CARNET_TRY(const auto frame, frames->next());
    if (frame.empty()) {
      break;
    }
    codec::FrameReader reader;
    CARNET_TRY_VOID(reader.open(frame));
    const std::uint64_t position = reader.header().first_position + reader.header().event_count - 1;
    while (true) {
      CARNET_TRY(const bool more, reader.next(commit));
      if (!more) {
        break;
      }
      tree.append(leaf_of(commit, hashes));
      if (tree.size() == checkpoint.commits) {
        if (tree.root() != checkpoint.root) {
          return root_differs("the checkpoint made before", tree.size());
        }
        out.checked_commits = tree.size();
      }
    }
    if (position - told >= kProgressStep) {
      told = position;
      if (options.stop.stop_requested()) {
        return cancelled();
      }
      if (options.progress) {
        options.progress({"check", position, out.head.position});
      }
    }
  }
  out.root = tree.compute_root();
  if (tree.size() != out.head.commits || out.root != out.head.root) {
    return root_differs("the running one", tree.size());
  }
  if (out.checked_commits != checkpoint.commits) {
    return root_differs("the checkpoint made before, which names more commits", tree.size());
  }
  return {};
}

std::uint64_t bytes_in(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    const fs::path extension = at->path().extension();
    if (extension == ".sst" || extension == ".log") {
      bytes += at->file_size(error);
    }
  }
  return bytes;
}

/// True when `inner` is `outer` or lies in it.
bool lies_in(const fs::path& inner, const fs::path& outer) {
  const fs::path relative = fs::weakly_canonical(inner).lexically_relative(fs::weakly_canonical(outer));
  return !relative.empty() && *relative.begin() != "..";
}

class BackupMaker {
 public:
  BackupMaker(const fs::path& ledger, const fs::path& folder, const BackupOptions& options)
      : ledger_(ledger), folder_(folder), partial_(folder / kPartial), options_(options) {}

  [[nodiscard]] Result<BackupReport> run() {
    CARNET_TRY_VOID(look_at_both());
    CARNET_TRY(const base::FolderLock lock, base::FolderLock::acquire((folder_ / kLock).string(), "BackupBusy"));
    CARNET_TRY_VOID(look_at_former());
    CARNET_TRY_VOID(clear_partial());
    CARNET_TRY_VOID(base::create_directory(partial_.string()));
    auto report = make();
    if (!report) {
      ignore_error(clear_partial(), "the next backup clears it");
    }
    return report;
  }

 private:
  [[nodiscard]] Status look_at_both() {
    CARNET_TRY(const bool exists, base::path_exists((ledger_ / "log").string()));
    if (!exists) {
      return Error(ErrorCode::kNotFound, "LedgerMissing", "there is no ledger in the folder",
                   {{"path", ledger_.string()}});
    }
    if (lies_in(folder_, ledger_)) {
      return Error(ErrorCode::kInvalidArgument, "BackupInsideLedger",
                   "a backup is not kept in the ledger's own folder: give another one", {{"path", folder_.string()}});
    }
    // Before anything is copied: the checkpoint that the copy is held against.
    CARNET_TRY(const store::Floor floor, store::Floor::read(base::real_file_system(), ledger_.string()));
    ledger_id_ = floor.ledger();
    checkpoint_ = floor.mark();
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) {
      return base::file_error("make the folder", folder_.string(), error.value());
    }
    for (fs::directory_iterator at(folder_, error); !error && at != fs::directory_iterator(); at.increment(error)) {
      const std::string name = at->path().filename().string();
      const bool is_ours =
          name == kLock || name == kPartial || std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
      if (!is_ours) {
        return Error(ErrorCode::kInvalidArgument, "NotABackupFolder",
                     "the folder holds something else than backups: give a new or empty one",
                     {{"path", at->path().string()}});
      }
    }
    return {};
  }

  [[nodiscard]] Status look_at_former() {
    CARNET_TRY(const std::vector<std::uint64_t> numbers, backup_numbers(folder_));
    number_ = numbers.empty() ? 1 : numbers.back() + 1;
    for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
      const fs::path path = backup_path(folder_, *number);
      const auto info = read_backup_info(path);
      auto sums = read_backup_sums(path);
      if (!info || !sums) {
        continue;  // Damaged: restore says so; nothing is shared with it.
      }
      if (info->ledger_id != ledger_id_) {
        return Error(ErrorCode::kInvalidArgument, "BackupOfAnotherLedger",
                     "the folder holds backups of another ledger: give each ledger its own",
                     {{"path", path.string()}, {"ledgerId", base::to_hex(info->ledger_id)}});
      }
      former_ = path;
      note_former(*sums);
      return {};
    }
    return {};
  }

  void note_former(const BackupSums& sums) {
    for (const auto& [path, hash] : sums) {
      const std::size_t slash = path.find('/');
      std::error_code error;
      const std::uint64_t bytes = fs::file_size(former_ / path, error);
      if (slash != std::string::npos && !error) {
        former_files_[path.substr(0, slash)][path.substr(slash + 1)] = {bytes, hash, false};
      }
    }
  }

  [[nodiscard]] Status clear_partial() const {
    std::error_code error;
    fs::remove_all(partial_, error);
    return error ? Status(base::file_error("remove the unfinished backup", partial_.string(), error.value()))
                 : Status();
  }

  [[nodiscard]] store::CopyOptions copy_options(const std::string& database) {
    store::CopyOptions out;
    if (const auto found = former_files_.find(database); found != former_files_.end()) {
      out.former = former_ / database;
      out.former_files = &found->second;
    }
    out.step = [this](std::uint64_t bytes) -> Status {
      done_ += bytes;
      if (options_.progress) {
        options_.progress({"copy", done_, std::max(done_, total_)});
      }
      return options_.stop.stop_requested() ? Status(cancelled()) : Status();
    };
    return out;
  }

  /// Views first: whatever is published meanwhile, the log that is copied afterwards reaches at least as far.
  [[nodiscard]] Status copy_both() {
    done_ = 0;
    total_ = bytes_in(ledger_ / "views") + bytes_in(ledger_ / "log");
    const Status views = store::copy_views(ledger_ / "views", partial_ / "views", copy_options("views"), views_);
    if (!views) {
      if (views.error().name() != "ViewsMissing" && views.error().code() != ErrorCode::kCorruption) {
        return views;
      }
      CARNET_TRY_VOID(leave_views_out());
    }
    return store::copy_log(ledger_ / "log", partial_ / "log", checkpoint_.position, copy_options("log"), log_);
  }

  /// Views are never what makes a backup good: restoring it builds them anew.
  [[nodiscard]] Status leave_views_out() {
    views_.clear();
    std::error_code error;
    fs::remove_all(partial_ / "views", error);
    return error ? Status(base::file_error("remove the folder", (partial_ / "views").string(), error.value()))
                 : Status();
  }

  [[nodiscard]] Result<CheckedCopy> copy_and_check() {
    CARNET_TRY_VOID(copy_both());
    for (const char* name : {"FLOOR.a", "FLOOR.b"}) {
      CARNET_TRY_VOID(base::remove_file((partial_ / name).string()));
    }
    CARNET_TRY([[maybe_unused]] const store::Floor floor,
               store::Floor::create(base::real_file_system(), partial_.string(), ledger_id_, checkpoint_));
    return check_copy(partial_, checkpoint_, options_);
  }

  [[nodiscard]] Result<CheckedCopy> copy_until_good() {
    int damaged = 0;
    for (int tries = 1;; ++tries) {
      auto copy = copy_and_check();
      if (copy) {
        return copy;
      }
      const bool is_damaged = copy.error().code() == ErrorCode::kCorruption;
      damaged += is_damaged ? 1 : 0;
      const bool may_pass = copy.error().name() == "SourceMoved" || (is_damaged && damaged < kDamagedTriesMax);
      if (!may_pass || tries == kTriesMax) {
        return copy;
      }
      if (is_damaged) {
        // Nothing of a copy that proved wrong is kept.
        CARNET_TRY_VOID(clear_partial());
        CARNET_TRY_VOID(base::create_directory(partial_.string()));
        views_.clear();
        log_.clear();
      }
      std::this_thread::sleep_for(kPause);
    }
  }

  [[nodiscard]] Result<BackupReport> make() {
    CARNET_TRY(CheckedCopy copy, copy_until_good());
    if (copy.report.views_rebuilt && !views_.empty()) {
      CARNET_TRY_VOID(copy.ledger->close());
      CARNET_TRY_VOID(leave_views_out());
    }
    BackupReport report;
    report.info.number = number_;
    report.info.folder = backup_path(folder_, number_);
    report.info.made_at = (options_.clock ? options_.clock : system_clock())->now();
    std::ranges::copy(ledger_id_, report.info.ledger_id.begin());
    report.info.position = copy.head.position;
    report.info.commits = copy.head.commits;
    report.info.root = copy.root;
    report.info.checked_commits = copy.checked_commits;
    report.info.fingerprints = std::move(copy.fingerprints);
    copy.ledger.reset();
    CARNET_TRY(store::Floor floor, store::Floor::read(base::real_file_system(), partial_.string()));
    CARNET_TRY_VOID(floor.raise({report.info.position, report.info.commits, report.info.root}));
    CARNET_TRY_VOID(describe(report));
    CARNET_TRY_VOID(finish(report.info.folder));
    return report;
  }

  [[nodiscard]] Status describe(BackupReport& report) {
    BackupSums sums;
    for (const auto& [database, files] : {std::pair{std::string("log/"), &log_}, {std::string("views/"), &views_}}) {
      for (const auto& [name, file] : *files) {
        sums.emplace(database + name, file.sha256);
        report.info.bytes += file.bytes;
        (file.is_linked ? report.linked_bytes : report.copied_bytes) += file.bytes;
      }
    }
    for (const char* name : {"FLOOR.a", "FLOOR.b"}) {
      CARNET_TRY(const store::CopiedFile file, store::hash_file(partial_ / name, {}));
      sums.emplace(name, file.sha256);
      report.info.bytes += file.bytes;
      report.copied_bytes += file.bytes;
    }
    const std::string json = backup_json(report.info);
    sums.emplace(kBackupInfoFile, base::sha256(base::as_bytes(json)));
    report.files = sums.size();
    CARNET_TRY_VOID(base::write_file_synced((partial_ / kBackupInfoFile).string(), json));
    return base::write_file_synced((partial_ / kBackupSumsFile).string(), sums_text(sums));
  }

  [[nodiscard]] Status finish(const fs::path& final_path) const {
    CARNET_TRY_VOID(base::sync_directory(partial_.string()));
    std::error_code error;
    fs::rename(partial_, final_path, error);
    if (error) {
      return base::file_error("give the backup its name", final_path.string(), error.value());
    }
    return base::sync_directory(folder_.string());
  }

  const fs::path ledger_;
  const fs::path folder_;
  const fs::path partial_;
  const BackupOptions& options_;
  store::LedgerId ledger_id_{};
  store::FloorMark checkpoint_;
  std::uint64_t number_ = 0;
  fs::path former_;
  std::map<std::string, store::CopiedFiles> former_files_;
  store::CopiedFiles views_;
  store::CopiedFiles log_;
  std::uint64_t done_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace

Result<CheckedCopy> check_copy(const fs::path& folder, const store::FloorMark& checkpoint,
                               const BackupOptions& options) {
  OpenOptions open;
  open.read_only = true;
  open.memory_bytes = options.memory_bytes;
  open.log = options.log;
  CARNET_TRY(Ledger::Opened opened, Engine::open(folder, options.domain, open));
  auto& engine = static_cast<Engine&>(*opened.ledger);
  CheckedCopy out;
  out.ledger = std::move(opened.ledger);
  out.report = opened.report;
  out.head = out.ledger->head();
  CARNET_TRY_VOID(recompute(engine, checkpoint, options, out));
  const auto note = [&](std::string_view name, std::size_t table) {
    const project::Fingerprint print = engine.state().tables->fingerprint(TableId{static_cast<std::uint16_t>(table)});
    out.fingerprints.emplace_back(name, fmt::format("{:016x}{:016x}", print[0], print[1]));
  };
  for (std::size_t i = 0; i < kCoreTables.size(); ++i) {
    note(kCoreTables[i].name, i);
  }
  for (const BoundProjection& bound : engine.state().projections()) {
    for (std::size_t i = 0; i < bound.projection->tables().size(); ++i) {
      note(bound.projection->tables()[i].name, bound.first.value + i);
    }
  }
  return out;
}

}  // namespace carnet::ledger

namespace carnet {

Result<BackupReport> make_backup(const std::filesystem::path& ledger, const std::filesystem::path& folder,
                                 const BackupOptions& options) {
  return ledger::BackupMaker(std::filesystem::absolute(ledger).lexically_normal(),
                             std::filesystem::absolute(folder).lexically_normal(), options)
      .run();
}

Result<std::vector<BackupInfo>> list_backups(const std::filesystem::path& folder) {
  CARNET_TRY(const std::vector<std::uint64_t> numbers, ledger::backup_numbers(folder));
  std::vector<BackupInfo> out;
  for (const std::uint64_t number : numbers) {
    if (auto info = ledger::read_backup_info(ledger::backup_path(folder, number))) {
      out.push_back(*std::move(info));
    }
  }
  if (out.empty()) {
    return Error(ErrorCode::kNotFound, "NoSuchBackup", "the folder holds no backup", {{"path", folder.string()}});
  }
  return out;
}

}  // namespace carnet
