// SPDX-License-Identifier: Apache-2.0
#include "yardsticks.hpp"

#include "base/bytes.hpp"
#include "workload.hpp"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <sqlite3.h>
#include <thread>

namespace bench {

namespace {

/// Half random, half constant: compresses about as events do.
std::string record(std::size_t bytes, std::uint64_t seed) {
  std::string out(bytes, 'x');
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i + 8 <= bytes / 2; i += 8) {
    const std::uint64_t word = random();
    carnet::base::store_le(out.data() + i, word);
  }
  return out;
}

std::unique_ptr<rocksdb::DB> open_rocksdb(const std::filesystem::path& folder) {
  std::filesystem::remove_all(folder);
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kLZ4Compression;
  options.write_buffer_size = 32U << 20U;
  rocksdb::DB* db = nullptr;
  if (!rocksdb::DB::Open(options, folder.string(), &db).ok()) {
    fail("RocksDB cannot be opened");
  }
  return std::unique_ptr<rocksdb::DB>(db);
}

std::string key_of(std::uint64_t i) {
  std::string key(8, '\0');
  carnet::base::store_be(key.data(), i);
  return key;
}

void check(int code, int expected, const char* what) {
  if (code != expected) {
    fail(fmt::format("SQLite: {} failed with {}", what, code));
  }
}

}  // namespace

Timed percentiles(std::vector<double>& micros, double seconds) {
  Timed out;
  out.per_second = static_cast<double>(micros.size()) / seconds;
  if (!micros.empty()) {
    std::sort(micros.begin(), micros.end());
    out.p50_us = micros[micros.size() / 2];
    out.p99_us = micros[micros.size() * 99 / 100];
  }
  return out;
}

Timed rocksdb_puts(const std::filesystem::path& folder, std::uint64_t rows, std::size_t bytes, int threads, bool sync) {
  auto db = open_rocksdb(folder);
  rocksdb::WriteOptions options;
  options.sync = sync;
  std::atomic<std::uint64_t> next{0};
  std::vector<std::vector<double>> micros(static_cast<std::size_t>(threads));
  std::vector<std::string> records;
  for (std::uint64_t i = 0; i < 64; ++i) {
    records.push_back(record(bytes, i));
  }
  const std::int64_t start = now_ns();
  const auto work = [&](std::size_t self) {
    for (std::uint64_t i = next++; i < rows; i = next++) {
      const std::int64_t from = now_ns();
      if (!db->Put(options, key_of(i), records[i % records.size()]).ok()) {
        fail("RocksDB cannot be written");
      }
      micros[self].push_back(static_cast<double>(now_ns() - from) / 1e3);
    }
  };
  std::vector<std::thread> pool;
  for (int t = 1; t < threads; ++t) {
    pool.emplace_back(work, static_cast<std::size_t>(t));
  }
  work(0);
  for (std::thread& thread : pool) {
    thread.join();
  }
  const double seconds = seconds_since(start);
  std::vector<double> all;
  for (const auto& part : micros) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return percentiles(all, seconds);
}

double rocksdb_scan(const std::filesystem::path& folder, std::uint64_t rows, std::size_t bytes) {
  auto db = open_rocksdb(folder);
  for (std::uint64_t i = 0; i < rows; ++i) {
    if (!db->Put(rocksdb::WriteOptions(), key_of(i), record(bytes, i % 64)).ok()) {
      fail("RocksDB cannot be written");
    }
  }
  if (!db->Flush(rocksdb::FlushOptions()).ok() ||
      !db->CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr).ok()) {
    fail("RocksDB cannot be compacted");
  }
  double best = 0;
  for (int round = 0; round < 2; ++round) {
    const std::int64_t start = now_ns();
    std::uint64_t seen = 0;
    std::uint64_t sum = 0;
    rocksdb::ReadOptions options;
    options.readahead_size = 2U << 20U;
    const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator(options));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      sum += static_cast<unsigned char>(it->value()[0]);
      ++seen;
    }
    if (seen != rows || sum == 0) {
      fail("the RocksDB scan did not see every row");
    }
    best = std::max(best, static_cast<double>(rows) / seconds_since(start));
  }
  return best;
}

double sqlite_inserts(const std::filesystem::path& folder, std::uint64_t rows, std::size_t bytes, std::uint32_t streams,
                      int together, std::uint64_t& file_bytes) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "events.sqlite").string();
  sqlite3* db = nullptr;
  check(sqlite3_open(path.c_str(), &db), SQLITE_OK, "open");
  for (const char* sql :
       {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA cache_size=-262144",
        "CREATE TABLE events(position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, id BLOB NOT "
        "NULL UNIQUE, type TEXT NOT NULL, payload BLOB NOT NULL, UNIQUE(stream, version))"}) {
    check(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK, sql);
  }
  sqlite3_stmt* insert = nullptr;
  check(sqlite3_prepare_v2(db, "INSERT INTO events(stream, version, id, type, payload) VALUES(?,?,?,?,?)", -1, &insert,
                           nullptr),
        SQLITE_OK, "prepare");
  Zipf zipf(streams, 0.99, 42);
  std::vector<std::uint32_t> versions(streams);
  const std::string payload = record(bytes, 1);
  const std::int64_t start = now_ns();
  for (std::uint64_t i = 0; i < rows; ++i) {
    if (i % static_cast<std::uint64_t>(together) == 0) {
      check(sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK, "begin");
    }
    const std::uint32_t stream = zipf.next();
    const std::string name = fmt::format("box/b{}", stream);
    std::string id(16, '\0');
    carnet::base::store_le(id.data(), i * 0x9e3779b97f4a7c15ULL);
    carnet::base::store_le(id.data() + 8, i);
    sqlite3_bind_text(insert, 1, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
    sqlite3_bind_int64(insert, 2, ++versions[stream]);
    sqlite3_bind_blob(insert, 3, id.data(), static_cast<int>(id.size()), SQLITE_STATIC);
    sqlite3_bind_text(insert, 4, "CoinsMoved", -1, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 5, payload.data(), static_cast<int>(payload.size()), SQLITE_STATIC);
    check(sqlite3_step(insert), SQLITE_DONE, "insert");
    sqlite3_reset(insert);
    if ((i + 1) % static_cast<std::uint64_t>(together) == 0 || i + 1 == rows) {
      check(sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK, "commit");
    }
  }
  const double seconds = seconds_since(start);
  sqlite3_finalize(insert);
  check(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", nullptr, nullptr, nullptr), SQLITE_OK, "checkpoint");
  sqlite3_close(db);
  file_bytes = folder_bytes(folder);
  return static_cast<double>(rows) / seconds;
}

double json_parse(const std::vector<std::string>& lines) {
  const std::int64_t start = now_ns();
  std::uint64_t members = 0;
  std::vector<char> memory(1U << 16U);
  for (const std::string& line : lines) {
    rapidjson::MemoryPoolAllocator<> pool(memory.data(), memory.size());
    rapidjson::Document document(&pool);
    document.Parse<rapidjson::kParseValidateEncodingFlag>(line.data(), line.size());
    if (document.HasParseError()) {
      fail("the JSON parser refuses a line of the workload");
    }
    members += document.MemberCount();
  }
  if (members == 0) {
    fail("the JSON parser saw nothing");
  }
  return static_cast<double>(lines.size()) / seconds_since(start);
}

}  // namespace bench
