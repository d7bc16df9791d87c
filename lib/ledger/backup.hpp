// SPDX-License-Identifier: Apache-2.0
//
// What making and restoring a backup share: the two files that describe one, and the check of a copy.
#pragma once

#include "base/sha256.hpp"
#include "ledger/engine.hpp"
#include "store/floor.hpp"

#include <carnet/backup.hpp>

#include <map>
#include <optional>
#include <string>

namespace carnet::ledger {

inline constexpr std::string_view kBackupInfoFile = "BACKUP.json";
inline constexpr std::string_view kBackupSumsFile = "SHA256SUMS";

/// Path within the backup → hash of the file.
using BackupSums = std::map<std::string, base::Hash>;

[[nodiscard]] Error backup_damaged(std::string message, const std::filesystem::path& path);
/// Numbers of the backups in a folder, rising; those in the making have none.
[[nodiscard]] Result<std::vector<std::uint64_t>> backup_numbers(const std::filesystem::path& folder);
[[nodiscard]] std::filesystem::path backup_path(const std::filesystem::path& folder, std::uint64_t number);

[[nodiscard]] std::string backup_json(const BackupInfo& info);
/// Errors: kCorruption `BackupDamaged`; kUnsupportedFormat `FormatTooNew`.
[[nodiscard]] Result<BackupInfo> read_backup_info(const std::filesystem::path& backup);
[[nodiscard]] std::string sums_text(const BackupSums& sums);
/// Errors: kCorruption `BackupDamaged`.
[[nodiscard]] Result<BackupSums> read_backup_sums(const std::filesystem::path& backup);

/// A copy that was opened to be read.
struct CheckedCopy {
  std::unique_ptr<Ledger> ledger;
  OpenReport report;
  Head head;
  Hash32 root{};                      ///< Recomputed from the commits' bytes.
  std::uint64_t checked_commits = 0;  ///< The root over these is that of the checkpoint.
  std::vector<std::pair<std::string, std::string>> fingerprints;
};

/// Opens the ledger in `folder` read-only and recomputes its root.
/// Errors: of Ledger::open; kCorruption `RootDiffers` when it is not the running one, or over the checkpoint's commits
/// not the checkpoint's; kCancelled.
[[nodiscard]] Result<CheckedCopy> check_copy(const std::filesystem::path& folder, const store::FloorMark& checkpoint,
                                             const BackupOptions& options);

}  // namespace carnet::ledger
