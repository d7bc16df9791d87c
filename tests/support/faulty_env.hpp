// SPDX-License-Identifier: Apache-2.0
//
// FaultyFs: the real file system below RocksDB, with faults. It fails the Nth call of a kind, and it can lose power:
// then everything is gone that was not synced, bytes and names. Files that were there before it saw them count as
// synced.
//
//   auto files = std::make_shared<FaultyFs>();
//   auto env = make_faulty_env(files);               // options.env = env.get(); env outlives the database
//   files->arm({.op = FaultOp::kSync, .nth = 3});    // or: files->power_off(); close the database; files->crash();
//
// A sync is only noted, not passed on to the disk: the power that is lost is simulated, and the tests are quick.
//
// What power loss takes: bytes of a file beyond its length at its last successful sync; names created, replaced or
// removed since the last successful sync of their folder (a removed file comes back). Overwritten bytes and lengths
// changed by a cut are taken as they are; folders stay. For the files beside the databases (FLOOR) see
// faulty_files.hpp.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace carnet::test {

enum class FaultOp : std::uint8_t {
  kWrite,  ///< Append or cut of a file.
  kSync,   ///< Of a file or of a folder.
  kRead,
  kAllocate,  ///< Disk space ahead of a write. RocksDB ignores its failure: a full disk shows at the write.
  kCreate,    ///< A file for writing, new or opened again.
  kRename,    ///< Also hard links.
  kRemove,
};
inline constexpr std::size_t kFaultOps = 7;

enum class FaultEffect : std::uint8_t {
  kFail,     ///< An I/O error; nothing happened.
  kNoSpace,  ///< The disk is full; nothing happened.
  kTorn,     ///< An I/O error after half of the bytes (writes only).
  kLanded,   ///< An I/O error, although it happened.
  kLie,      ///< Success, although it did not happen.
};

struct Fault {
  FaultOp op = FaultOp::kWrite;
  std::uint64_t nth = 1;  ///< Counted from arm(); only calls whose path matches.
  FaultEffect effect = FaultEffect::kFail;
  bool stays = false;     ///< All later ones too.
  std::string path_part;  ///< Only paths that contain it (`.log`); empty: all.
};

/// Threads: any.
class FaultyFs final : public rocksdb::FileSystemWrapper {
 public:
  FaultyFs() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  /// One fault at a time; replaces the one before.
  void arm(const Fault& fault);
  void disarm();
  /// Whether the armed fault happened.
  [[nodiscard]] bool has_fired() const;
  /// Calls of a kind since the start, those that failed included.
  [[nodiscard]] std::uint64_t count(FaultOp op) const;

  /// From now on nothing reaches the disk: all calls that would change it fail.
  void power_off();
  /// Takes what was not synced, then works again. With `engine` each file keeps a part of its unsynced bytes, from the
  /// front, as when some had been written back already. Requires: nothing has a file open.
  void crash(std::mt19937_64* engine = nullptr);

  [[nodiscard]] const char* Name() const override { return "carnet.faulty"; }

  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;

  /// What is known of one file. Shared by its names and its open handles; guarded by the file system's lock.
  struct FileState {
    std::uint64_t bytes = 0;
    std::uint64_t synced_bytes = 0;
  };

  // For the file handles.

  /// What the next call of this kind must do. Nothing: go on as usual.
  [[nodiscard]] std::optional<FaultEffect> next(FaultOp op, const std::string& path);
  /// True after power_off().
  [[nodiscard]] bool is_off() const;
  void on_appended(FileState& state, std::uint64_t bytes);
  void on_written(FileState& state, std::uint64_t end);
  void on_cut(FileState& state, std::uint64_t bytes);
  void on_synced(FileState& state);
  void on_folder_synced(const std::string& folder);

 private:
  using State = std::shared_ptr<FileState>;

  /// Takes back one change of names.
  struct Undo {
    std::function<void()> take_back;
    std::string kept_aside;  ///< A file that take_back() would bring back; removed once the folder is synced.
  };

  [[nodiscard]] State state_of(const std::string& path);
  void remember(const std::string& path, Undo undo);
  /// Gives the file another name outside of its folder, so that it can come back.
  [[nodiscard]] std::string keep_aside(const std::string& path);
  void remember_created(const std::string& path);

  mutable std::mutex mutex_;
  std::optional<Fault> fault_;
  std::uint64_t matching_ = 0;
  bool has_fired_ = false;
  bool is_off_ = false;
  std::array<std::uint64_t, kFaultOps> counts_{};
  std::map<std::string, State> states_;
  std::map<std::string, std::vector<Undo>> undo_;  ///< By folder, oldest first.
  std::uint64_t kept_ = 0;
};

/// An Env over `files` for rocksdb::DBOptions::env. Outlives every database that uses it.
[[nodiscard]] std::unique_ptr<rocksdb::Env> make_faulty_env(const std::shared_ptr<FaultyFs>& files);

}  // namespace carnet::test
