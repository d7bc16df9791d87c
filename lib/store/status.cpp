// SPDX-License-Identifier: Apache-2.0
//
// The mapping from RocksDB's status codes. Both switches name every code, so that a new one is a compiler warning.
#include "store/status.hpp"

#include "base/check.hpp"

#include <rocksdb/status.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

namespace carnet::store {

namespace {

using RocksStatus = rocksdb::Status;

bool contains(std::string_view text, std::string_view part) noexcept {
  return text.find(part) != std::string_view::npos;
}

std::string_view text_of(const RocksStatus& status) noexcept {
  const char* const text = status.getState();
  return text == nullptr ? std::string_view() : std::string_view(text);
}

/// RocksDB reports a held lock as an I/O error and tells it from others by its text alone.
bool is_lock_failure(const RocksStatus& status) noexcept {
  const std::string_view text = text_of(status);
  return contains(text, "lock hold by current process") ||
         (contains(text, "While lock file") && contains(text, "temporarily unavailable"));
}

/// RocksDB's texts name files, offsets and system errors; some of those about order and versions also quote keys.
bool may_quote_data(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return contains(lower, "key") || contains(lower, "value") || contains(lower, "range");
}

std::string_view name_of(RocksStatus::Code code) noexcept {
  switch (code) {
    case RocksStatus::kOk:
      return "Ok";
    case RocksStatus::kNotFound:
      return "NotFound";
    case RocksStatus::kCorruption:
      return "Corruption";
    case RocksStatus::kNotSupported:
      return "NotSupported";
    case RocksStatus::kInvalidArgument:
      return "InvalidArgument";
    case RocksStatus::kIOError:
      return "IOError";
    case RocksStatus::kMergeInProgress:
      return "MergeInProgress";
    case RocksStatus::kIncomplete:
      return "Incomplete";
    case RocksStatus::kShutdownInProgress:
      return "ShutdownInProgress";
    case RocksStatus::kTimedOut:
      return "TimedOut";
    case RocksStatus::kAborted:
      return "Aborted";
    case RocksStatus::kBusy:
      return "Busy";
    case RocksStatus::kExpired:
      return "Expired";
    case RocksStatus::kTryAgain:
      return "TryAgain";
    case RocksStatus::kCompactionTooLarge:
      return "CompactionTooLarge";
    case RocksStatus::kColumnFamilyDropped:
      return "ColumnFamilyDropped";
    case RocksStatus::kMaxCode:
      break;
  }
  return "Unknown";
}

/// An error before its facts.
struct Kind {
  ErrorCode code;
  std::string_view name;
  std::string_view message;
};

constexpr Kind kFailed{ErrorCode::kStorage, "StoreFailed", "the database failed: reopen the ledger, then retry"};
constexpr Kind kStoreBusy{ErrorCode::kBusy, "StoreBusy", "the database is busy: retry"};
constexpr Kind kLedgerBusy{ErrorCode::kBusy, "LedgerBusy",
                           "somebody else has the ledger open for writing: retry later"};
constexpr Kind kNoSpace{ErrorCode::kOutOfSpace, "OutOfSpace", "the disk is full: free space, then retry"};
constexpr Kind kFileMissing{ErrorCode::kNotFound, "FileNotFound", "a file of the database is missing"};
constexpr Kind kUnsupported{ErrorCode::kUnsupportedFormat, "StoreFormatUnsupported",
                            "the database uses something that this build of RocksDB does not know: upgrade"};
constexpr Kind kClosed{ErrorCode::kClosed, "StoreClosed", "the database is being closed: reopen the ledger"};

Kind kind_of_io_error(const RocksStatus& status, StoreCall call, const Kind& damaged) {
  if (status.subcode() == RocksStatus::kNoSpace || status.subcode() == RocksStatus::kSpaceLimit) {
    return kNoSpace;
  }
  if (is_lock_failure(status)) {
    return kLedgerBusy;
  }
  if (status.subcode() == RocksStatus::kPathNotFound) {
    return call == StoreCall::kOpen ? damaged : kFileMissing;
  }
  return kFailed;
}

Kind kind_of(const RocksStatus& status, StoreCall call, std::string_view damaged_name) {
  const Kind damaged{ErrorCode::kCorruption, damaged_name,
                     "bytes of the database are not what was written: restore a backup, or recover"};
  const bool opens = call == StoreCall::kOpen;
  switch (status.code()) {
    case RocksStatus::kCorruption:
      return damaged;
    case RocksStatus::kIOError:
      return kind_of_io_error(status, call, damaged);
    case RocksStatus::kNotFound:
      return opens ? damaged : kFileMissing;
    case RocksStatus::kInvalidArgument:
    case RocksStatus::kColumnFamilyDropped:
      return opens ? damaged : kFailed;
    case RocksStatus::kNotSupported:
      return kUnsupported;
    case RocksStatus::kBusy:
      return kLedgerBusy;
    case RocksStatus::kTimedOut:
    case RocksStatus::kTryAgain:
    case RocksStatus::kIncomplete:
    case RocksStatus::kExpired:
      return kStoreBusy;
    case RocksStatus::kShutdownInProgress:
      return kClosed;
    case RocksStatus::kAborted:
    case RocksStatus::kMergeInProgress:
    case RocksStatus::kCompactionTooLarge:
      return status.subcode() == RocksStatus::kNoSpace ? kNoSpace : kFailed;
    case RocksStatus::kOk:
    case RocksStatus::kMaxCode:
      break;
  }
  return kFailed;
}

}  // namespace

Error to_error(const rocksdb::Status& status, StoreCall call, std::string_view damaged_name) {
  CARNET_REQUIRE(!status.ok(), "to_error takes a failed status");
  const Kind kind = kind_of(status, call, damaged_name);
  std::vector<Fact> facts{{"status", std::string(name_of(status.code()))}};
  if (const std::string_view text = text_of(status); !text.empty() && !may_quote_data(text)) {
    facts.push_back({"detail", std::string(text)});
  }
  return {kind.code, std::string(kind.name), std::string(kind.message), std::move(facts)};
}

carnet::Status to_status(const rocksdb::Status& status, StoreCall call, std::string_view damaged_name) {
  if (status.ok()) {
    return {};
  }
  return to_error(status, call, damaged_name);
}

}  // namespace carnet::store
