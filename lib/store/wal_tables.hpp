// SPDX-License-Identifier: Apache-2.0
//
// A look at what the log database holds in its tables alone, as its MANIFEST names them, without replaying a
// write-ahead log and without changing a byte in the folder. RocksDB's own open for writing deletes tables that its
// MANIFEST does not name, so whether a MANIFEST is the newest state must be known before.
#pragma once

#include <carnet/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class FileSystem;
}

namespace carnet::store {

/// Ids that RocksDB gives by order of creation: init makes `default`, `tail`, `sealed`, and nothing is made later.
inline constexpr std::uint32_t kTailFamilyId = 1;
inline constexpr std::uint32_t kSealedFamilyId = 2;

/// The folder `log/` and the file system through which RocksDB sees it.
struct LogFiles {
  std::shared_ptr<rocksdb::FileSystem> files;
  std::string folder;
};

/// Positions that one frame holds, both ends included.
struct PositionSpan {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

/// Reads a frame's header. Nothing: this is no frame of ours. Called for entries of `tail` and `sealed`.
using SpanOf = std::function<std::optional<PositionSpan>(std::string_view key, std::string_view value)>;

struct UnnamedTable {
  std::string name;
  std::uint64_t last_position = 0;  ///< 0: not a readable table of frames.
};

struct TablesHead {
  std::uint64_t tail = 0;     ///< Last position in tables of `tail`; 0: none.
  std::uint64_t sealed = 0;   ///< Last position in tables of `sealed`; 0: none.
  std::uint64_t wal_min = 0;  ///< Write-ahead logs with a lower number hold nothing that the tables lack.
  /// Tables that lie in the folder and that the MANIFEST does not name: leftovers of an interrupted flush, seal or
  /// compaction, or the sign of a MANIFEST that lost its end.
  std::vector<UnnamedTable> unnamed;

  [[nodiscard]] std::uint64_t head() const noexcept { return tail > sealed ? tail : sealed; }
};

/// Errors: kCorruption `LogDamaged` — CURRENT, MANIFEST or a table is missing, cut or damaged; kStorage.
/// Requires: no other process writes. Cost: opens the database read-only; a table that is not named is opened too.
[[nodiscard]] Result<TablesHead> read_tables_head(const LogFiles& log, const SpanOf& span_of);

}  // namespace carnet::store
