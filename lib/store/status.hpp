// SPDX-License-Identifier: Apache-2.0
//
// rocksdb::Status in, carnet::Error out: the one place that decides what a caller should do about a failure of RocksDB.
// Messages and facts never hold keys or values.
#pragma once

#include <carnet/result.hpp>

#include <cstdint>
#include <string_view>

namespace rocksdb {
class Status;
}

namespace carnet::store {

/// What was being done: the same status means different things.
enum class StoreCall : std::uint8_t {
  kOpen,   ///< Opening a database: what is missing or does not fit together is damage.
  kRead,   ///< Reading from an open one, or a file of it.
  kWrite,  ///< Appending, flushing, syncing, ingesting.
};

/// Errors by status: kCorruption `damaged_name` — bytes are not what was written; when opening, also parts that are
/// missing or do not belong together. kBusy `LedgerBusy` — another process or handle holds the database; kBusy
/// `StoreBusy` — it may work in a moment. kOutOfSpace `OutOfSpace`. kNotFound `FileNotFound`. kUnsupportedFormat
/// `StoreFormatUnsupported`. kClosed `StoreClosed`. kStorage `StoreFailed` — the rest. The facts are `status` and
/// `detail` (RocksDB's text: files and system errors; left out where it could quote a key). Requires: `status` is not
/// OK.
[[nodiscard]] Error to_error(const rocksdb::Status& status, StoreCall call,
                             std::string_view damaged_name = "LogDamaged");

/// Success, or to_error().
[[nodiscard]] Status to_status(const rocksdb::Status& status, StoreCall call,
                               std::string_view damaged_name = "LogDamaged");

}  // namespace carnet::store
