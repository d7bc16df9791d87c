// SPDX-License-Identifier: Apache-2.0
//
// The few files that LocalLog keeps in its folder beside those of RocksDB: WRITER (lock), CLEAN (closed as it should
// be), RESERVE (disk space to close with), and the folder `sealing` with tables in the making.
#pragma once

#include <carnet/result.hpp>

#include <cstddef>
#include <string>

namespace carnet::store {

class LogSideFiles {
 public:
  explicit LogSideFiles(std::string folder) : folder_(std::move(folder)) {}

  [[nodiscard]] std::string lock_path() const { return folder_ + "/WRITER"; }

  [[nodiscard]] std::string sealing_folder() const { return folder_ + "/sealing"; }

  /// Whether the last close was clean.
  [[nodiscard]] Result<bool> is_clean() const;
  /// Durability: on disk on return.
  [[nodiscard]] Status mark_clean() const;
  [[nodiscard]] Status unmark_clean() const;

  /// Makes the reserve as large as asked, with blocks of the disk behind it. Errors: kOutOfSpace, kStorage.
  [[nodiscard]] Status make_reserve(std::size_t bytes) const;
  /// Gives the reserve back to the file system. Returns whether there was one.
  [[nodiscard]] Result<bool> free_reserve() const;

  /// Removes what an interrupted sealing left.
  [[nodiscard]] Status sweep_sealing() const;

 private:
  std::string folder_;
};

}  // namespace carnet::store
