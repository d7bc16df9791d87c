// SPDX-License-Identifier: Apache-2.0
//
// What Carnet is held against, with fixed code: bare RocksDB, SQLite, the JSON parser alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bench {

struct Timed {
  double per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
};

/// Puts of `bytes` each under rising keys, LZ4, write-ahead log on. Latencies are of single puts.
[[nodiscard]] Timed rocksdb_puts(const std::filesystem::path& folder, std::uint64_t rows, std::size_t bytes,
                                 int threads, bool sync);
/// Scan of `rows` records of `bytes`, one record an event, warm.
[[nodiscard]] double rocksdb_scan(const std::filesystem::path& folder, std::uint64_t rows, std::size_t bytes);
/// Inserts of events with unique (stream, version) and unique id, WAL NORMAL, cache 256 MB, `together` rows a
/// transaction. `file_bytes` receives the database's size after a checkpoint.
[[nodiscard]] double sqlite_inserts(const std::filesystem::path& folder, std::uint64_t rows, std::size_t bytes,
                                    std::uint32_t streams, int together, std::uint64_t& file_bytes);
/// Lines a second that the JSON parser of `carnet import` parses, and nothing else.
[[nodiscard]] double json_parse(const std::vector<std::string>& lines);
[[nodiscard]] Timed percentiles(std::vector<double>& micros, double seconds);

}  // namespace bench
