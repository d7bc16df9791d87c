// SPDX-License-Identifier: Apache-2.0
//
// The physical layer of RocksDB's log format, read by ourselves: write-ahead logs and MANIFEST share it. Blocks of 32
// KiB hold records of masked crc (4), length (2), type (1), payload; a record does not cross a block, a longer payload
// is fragmented; the last bytes of a block that cannot hold a header are skipped. Stricter than RocksDB 7.8.3 on
// purpose, see docs/adr/0005-write-ahead-log-recovery.md.
#pragma once

#include <carnet/result.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rocksdb {
class FileSystem;
}

namespace carnet::store {

inline constexpr std::size_t kWalBlockBytes = 32 * 1024;
inline constexpr std::size_t kWalHeaderBytes = 7;

/// What one pass over a file found.
struct RecordScan {
  std::uint64_t file_bytes = 0;
  std::uint64_t records = 0;           ///< Complete ones, before the first bad byte.
  std::uint64_t last_good_offset = 0;  ///< End of the last complete record: cut here, the file is clean.
  std::optional<std::uint64_t> first_bad_offset;
  std::string_view reason;  ///< Why it is bad: a static phrase.
  /// The first offset at or after the first bad one where a record (type, length, masked CRC) stands. Then something
  /// was written after what is bad, and it is damage, not a torn write.
  std::optional<std::uint64_t> valid_after_bad_offset;

  [[nodiscard]] bool is_clean() const noexcept { return !first_bad_offset.has_value(); }

  /// What a cut at the last good offset takes away; the fragments of a record without an end are among it.
  [[nodiscard]] std::uint64_t bytes_after_good() const noexcept {
    return is_clean() ? 0 : file_bytes - last_good_offset;
  }
};

/// Takes each complete record. What it returns says why the content cannot be what was written (a static phrase), or is
/// empty; then the record counts as bad and the pass ends.
using RecordSink = std::function<std::string_view(std::uint64_t offset, std::string_view payload)>;

/// Reads the whole file once, block by block.
/// Errors: kNotFound, kStorage — the file cannot be read; what is wrong inside is a result, not an error.
/// Cost: one CRC over every byte; after a first bad byte, one at each offset that could be a header.
[[nodiscard]] Result<RecordScan> scan_records(rocksdb::FileSystem& files, const std::string& path,
                                              const RecordSink& sink);

}  // namespace carnet::store
