// SPDX-License-Identifier: Apache-2.0
//
// Small files and folders over POSIX, with results, and the seam that lets tests fail the Nth of them. Not for the log
// itself: that is RocksDB's business. Errors of all functions here, with the fact `path`: kNotFound `FileNotFound`,
// kOutOfSpace `OutOfSpace`, kStorage `FileAccessDenied` and `FileFailed` (with the fact `errno`).
#pragma once

#include <carnet/result.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace carnet::base {

/// Who may read what is created; the process's umask can take away more.
enum class FileMode : std::uint8_t { kShared, kPrivate };

/// The error of a failed system call. `action` completes "cannot …" (`"open the file"`).
[[nodiscard]] Error file_error(std::string_view action, const std::string& path, int error_number);

/// The bytes of a regular file. Errors: also kInvalidArgument `FileTooLarge` over `bytes_max`.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

/// Puts `bytes` in the place of the file, all or nothing: written to `path.tmp`, synced, renamed, the folder synced.
/// Requires: nobody else writes this path.
/// Errors: after any but the next one the old file stands untouched; kOutcomeUnknown `FileOutcomeUnknown` — the new
/// file is in place, but a power loss may bring the old one back. Durability: on disk on return.
[[nodiscard]] Status write_file_synced(const std::string& path, std::string_view bytes,
                                       FileMode mode = FileMode::kShared);

/// Makes entries of the folder (created, renamed, removed) last.
[[nodiscard]] Status sync_directory(const std::string& path);
/// Makes the folder (not its parents) and syncs its parent; one that exists is fine.
/// Errors: also kInvalidArgument `NotAFolder` when something else has the name.
[[nodiscard]] Status create_directory(const std::string& path, FileMode mode = FileMode::kShared);
/// Errors: also kInvalidArgument `NotAFolder`.
[[nodiscard]] Result<bool> is_empty_folder(const std::string& path);
[[nodiscard]] Result<std::uint64_t> file_size(const std::string& path);
/// True when something has this name.
[[nodiscard]] Result<bool> path_exists(const std::string& path);
/// Removes a file and syncs its folder; one that is not there is fine.
[[nodiscard]] Status remove_file(const std::string& path);
/// The folder that holds `path`: `a/b` for `a/b/c` and for `a/b/c/`, `.` for `c`.
[[nodiscard]] std::string parent_folder(std::string_view path);

/// An exclusive claim on a folder, held by a lock on a file in it until destroyed or the process ends, however it ends.
/// A second claim fails also within one process. The file stays behind and holds the number of the last process that
/// held it. A forked child shares the claim until it ends or calls exec.
class FolderLock {
 public:
  /// `busy_name` is the name of the kBusy error when somebody else holds the lock (`LedgerBusy`).
  [[nodiscard]] static Result<FolderLock> acquire(const std::string& lock_path, std::string_view busy_name);

  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) noexcept : fd_(fd) {}

  int fd_;
};

/// The seam: the few files that Carnet itself keeps beside its databases. Each call is what the function of that name
/// above does. Threads: any.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  [[nodiscard]] virtual Result<std::string> read_file(const std::string& path, std::size_t bytes_max) = 0;
  [[nodiscard]] virtual Status write_file_synced(const std::string& path, std::string_view bytes, FileMode mode) = 0;
  [[nodiscard]] virtual Result<bool> exists(const std::string& path) = 0;
  [[nodiscard]] virtual Status remove(const std::string& path) = 0;
};

/// The functions above. One instance, shared. Threads: any.
[[nodiscard]] std::shared_ptr<FileSystem> real_file_system();

}  // namespace carnet::base
