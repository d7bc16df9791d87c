// SPDX-License-Identifier: Apache-2.0
//
// Backups of a ledger while it is in use, and restoring one (docs/operating/backup.md). A folder of backups holds
// numbered folders 000001, 000002, …; each is a whole ledger, readable in its place, with BACKUP.json (what it is) and
// SHA256SUMS (what it consists of; `sha256sum -c` checks it without Carnet). Tables that did not change are shared
// between them by hard links, so that any of them may be removed. No backup holds keys of personal data: they stay in
// the key store's own folder. Stability: the folder's form is stable.
#pragma once

#include <carnet/clock.hpp>
#include <carnet/domain.hpp>
#include <carnet/event.hpp>
#include <carnet/log_sink.hpp>
#include <carnet/result.hpp>
#include <carnet/time.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carnet {

struct BackupProgress {
  std::string_view phase;   ///< `copy`, `check`, `verify`.
  std::uint64_t done = 0;   ///< Bytes, or events.
  std::uint64_t total = 0;  ///< An estimate while the ledger grows.
};

struct BackupOptions {
  const Domain* domain = nullptr;  ///< Of the ledger; outlives the call. Null: the core's events only.
  std::shared_ptr<LogSink> log;    ///< Default: none.
  std::shared_ptr<Clock> clock;    ///< Default: the system's.
  std::size_t memory_bytes = 256UL * 1024 * 1024;
  std::function<void(const BackupProgress&)> progress;
  std::stop_token stop;
};

/// What a backup is.
struct BackupInfo {
  std::uint64_t number = 0;
  std::filesystem::path folder;
  Timestamp made_at;
  Digest16 ledger_id{};
  std::uint64_t position = 0;  ///< Of its last event.
  std::uint64_t commits = 0;
  Hash32 root{};                      ///< Recomputed from the copied commits' bytes.
  std::uint64_t checked_commits = 0;  ///< The tree of this size had the root of a checkpoint that was made before.
  std::uint64_t bytes = 0;
  std::vector<std::pair<std::string, std::string>> fingerprints;  ///< Table → hex.
};

struct BackupReport {
  BackupInfo info;
  std::uint64_t files = 0;
  std::uint64_t copied_bytes = 0;
  std::uint64_t linked_bytes = 0;  ///< Shared with the backup before.
};

struct RestoreReport {
  BackupInfo info;
  std::uint64_t files = 0;
  bool verified = false;       ///< By verify(), not only by its root and its files.
  bool views_rebuilt = false;  ///< The backup's views were written by other projections.
};

/// Adds a backup of the ledger to `folder` (made if missing). The ledger may be open, in this process too, and written
/// to: views are copied first, then the log, so that the log reaches at least as far. Everything in the backup is on
/// disk in the ledger too. The copy is opened, its root recomputed from its commits' bytes and compared with the newest
/// checkpoint made before; only then it gets its number. Killed at any point, no unfinished backup has one.
///
/// Errors:     kNotFound `LedgerMissing`. kInvalidArgument `NotABackupFolder` — it holds something else;
///             `BackupOfAnotherLedger`; `BackupInsideLedger`. kBusy `BackupBusy` — another process makes one there;
///             `SourceMoved` — try again. kCorruption `LogDamaged`, `RootDiffers` — the ledger itself is damaged:
///             verify it. kOutOfSpace, kStorage, kCancelled.
/// Durability: on disk on return.
/// Threads:    any.
/// Cost:       writes what changed since the last backup; reads the whole log once.
[[nodiscard]] Result<BackupReport> make_backup(const std::filesystem::path& ledger, const std::filesystem::path& folder,
                                               const BackupOptions& options);

/// The backups in a folder, oldest first; one that cannot be read is left out. Errors: kNotFound `NoSuchBackup` when
/// the folder is missing or holds none.
[[nodiscard]] Result<std::vector<BackupInfo>> list_backups(const std::filesystem::path& folder);

struct RestoreOptions {
  BackupOptions common;
  std::uint64_t number = 0;  ///< 0: the newest.
  bool quick = false;        ///< Files and root are checked, tables by their fingerprints, but nothing is folded anew.
};

/// Makes a ledger from a backup, in a new or empty folder. Every file is compared with SHA256SUMS while it is copied,
/// the root recomputed, structure and tables verified; a backup that fails any of it is refused and nothing is left
/// behind. Personal fields open with the key store that the ledger had, given as OpenOptions::key_folder.
///
/// Errors:     kNotFound `NoSuchBackup`. kInvalidArgument `NotEmpty`. kCorruption `BackupDamaged` {path} — take
///             another one (RestoreOptions::number). kOutOfSpace, kStorage, kCancelled, kUnsupportedFormat.
/// Durability: on disk on return.
[[nodiscard]] Result<RestoreReport> restore_backup(const std::filesystem::path& folder,
                                                   const std::filesystem::path& ledger, const RestoreOptions& options);

}  // namespace carnet
