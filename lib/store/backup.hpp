// SPDX-License-Identifier: Apache-2.0
//
// Copies of a database that another opening, in this process or another one, goes on writing. Nothing is asked of the
// writer: tables never change once the MANIFEST names them, MANIFEST and write-ahead logs only grow. So a MANIFEST cut
// at the length it had at one moment, the tables that it names and the write-ahead logs up to a synced length are the
// database of that moment; whether all of them were still there is checked afterwards, and a caller tries again if not.
#pragma once

#include "base/sha256.hpp"

#include <carnet/result.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace carnet::store {

struct CopiedFile {
  std::uint64_t bytes = 0;
  base::Hash sha256{};
  bool is_linked = false;  ///< Shared with the former copy: it was neither read nor written.
};

/// By name within the database's folder.
using CopiedFiles = std::map<std::string, CopiedFile>;

struct CopyOptions {
  std::filesystem::path former;               ///< The same database in an earlier copy; empty: there is none.
  const CopiedFiles* former_files = nullptr;  ///< What is known of the files there.
  /// Told how many bytes more are done; an error ends the copy with it.
  std::function<Status(std::uint64_t bytes)> step;
};

/// Copies log/ into `target` (made if missing), up to a position that is on disk in `source` too, then cuts a frame
/// that was being written. A table that `former` has is linked from there. `files` keeps what an attempt that failed
/// has copied already.
///
/// Errors:     kBusy `SourceMoved` — files went away while they were read: call again. kCorruption `LogDamaged` — the
///             copy is not a whole log up to `floor`: when it stays so, the source is damaged. kStorage, kOutOfSpace.
/// Durability: on disk on return, but for the entry of `target` in its parent.
/// Cost:       reads and writes every table that `former` does not have.
[[nodiscard]] Status copy_log(const std::filesystem::path& source, const std::filesystem::path& target,
                              std::uint64_t floor, const CopyOptions& options, CopiedFiles& files);

/// The same for views/, which has no write-ahead log. Errors: also kNotFound `ViewsMissing`.
[[nodiscard]] Status copy_views(const std::filesystem::path& source, const std::filesystem::path& target,
                                const CopyOptions& options, CopiedFiles& files);

/// Copies one file while it is hashed; `target` must not exist. Durability: its bytes are on disk on return.
[[nodiscard]] Result<CopiedFile> copy_file_hashed(const std::filesystem::path& source,
                                                  const std::filesystem::path& target,
                                                  const std::function<Status(std::uint64_t bytes)>& step);
/// Hashes one file.
[[nodiscard]] Result<CopiedFile> hash_file(const std::filesystem::path& path,
                                           const std::function<Status(std::uint64_t bytes)>& step);

}  // namespace carnet::store
