// SPDX-License-Identifier: Apache-2.0
//
// Goal: a caller can act on every failure of RocksDB without knowing RocksDB, and no text quotes data. Method: a table.
#undef BOOST_TEST_MODULE  // main() is in wal_scan_test.cpp
#include "store/status.hpp"
#include "support/log_fixture.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <rocksdb/status.h>

#include <memory>
#include <string>

namespace carnet::store {
namespace {

using RocksStatus = rocksdb::Status;

struct Row {
  RocksStatus status;
  StoreCall call;
  ErrorCode code;
  std::string_view name;
};

BOOST_AUTO_TEST_SUITE(store_status)

BOOST_AUTO_TEST_CASE(each_status_says_what_to_do) {
  using enum StoreCall;
  const Row rows[] = {
      {RocksStatus::Corruption("x"), kOpen, ErrorCode::kCorruption, "LogDamaged"},
      {RocksStatus::Corruption("x"), kRead, ErrorCode::kCorruption, "LogDamaged"},
      {RocksStatus::NotFound(), kOpen, ErrorCode::kCorruption, "LogDamaged"},
      {RocksStatus::NotFound(), kRead, ErrorCode::kNotFound, "FileNotFound"},
      {RocksStatus::InvalidArgument("x"), kOpen, ErrorCode::kCorruption, "LogDamaged"},
      {RocksStatus::InvalidArgument("x"), kWrite, ErrorCode::kStorage, "StoreFailed"},
      {RocksStatus::ColumnFamilyDropped(), kWrite, ErrorCode::kStorage, "StoreFailed"},
      {RocksStatus::NotSupported("x"), kOpen, ErrorCode::kUnsupportedFormat, "StoreFormatUnsupported"},
      {RocksStatus::IOError("x"), kOpen, ErrorCode::kStorage, "StoreFailed"},
      {RocksStatus::IOError("x"), kWrite, ErrorCode::kStorage, "StoreFailed"},
      {RocksStatus::PathNotFound("x"), kOpen, ErrorCode::kCorruption, "LogDamaged"},
      {RocksStatus::PathNotFound("x"), kRead, ErrorCode::kNotFound, "FileNotFound"},
      {RocksStatus::NoSpace(), kWrite, ErrorCode::kOutOfSpace, "OutOfSpace"},
      {RocksStatus::SpaceLimit(), kWrite, ErrorCode::kOutOfSpace, "OutOfSpace"},
      {RocksStatus::MemoryLimit(), kWrite, ErrorCode::kStorage, "StoreFailed"},
      {RocksStatus::Busy(), kWrite, ErrorCode::kBusy, "LedgerBusy"},
      {RocksStatus::TimedOut(), kWrite, ErrorCode::kBusy, "StoreBusy"},
      {RocksStatus::TryAgain(), kRead, ErrorCode::kBusy, "StoreBusy"},
      {RocksStatus::Incomplete(), kWrite, ErrorCode::kBusy, "StoreBusy"},
      {RocksStatus::Expired(), kRead, ErrorCode::kBusy, "StoreBusy"},
      {RocksStatus::ShutdownInProgress(), kWrite, ErrorCode::kClosed, "StoreClosed"},
      {RocksStatus::Aborted(), kWrite, ErrorCode::kStorage, "StoreFailed"},
      {RocksStatus::MergeInProgress(), kWrite, ErrorCode::kStorage, "StoreFailed"},
      {RocksStatus::CompactionTooLarge(), kWrite, ErrorCode::kStorage, "StoreFailed"},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.status.ToString()) {
      const Error error = to_error(row.status, row.call);
      BOOST_TEST((error.code() == row.code));
      BOOST_TEST(error.name() == row.name);
      BOOST_TEST(!error.message().empty());
      BOOST_TEST(!error.fact("status").empty());
      BOOST_TEST(!to_status(row.status, row.call).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(success_is_success) {
  BOOST_TEST(to_status(RocksStatus::OK(), StoreCall::kOpen).has_value());
}

BOOST_AUTO_TEST_CASE(the_caller_names_what_is_damaged) {
  BOOST_TEST(to_error(RocksStatus::Corruption("x"), StoreCall::kOpen, "ViewsDamaged").name() == "ViewsDamaged");
}

BOOST_AUTO_TEST_CASE(the_detail_names_files_and_never_keys) {
  const Error file =
      to_error(RocksStatus::Corruption("block checksum mismatch", "in 000012.sst offset 4096"), StoreCall::kRead);
  BOOST_TEST(file.fact("detail").find("000012.sst offset 4096") != std::string_view::npos);
  for (const char* const text : {"largest key: 'customer/4711'", "bad Value 31337", "overlapping ranges 31337"}) {
    const std::string line = to_error(RocksStatus::Corruption(text), StoreCall::kRead).to_line();
    BOOST_TEST(line.find("4711") == std::string::npos);
    BOOST_TEST(line.find("31337") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_second_open_is_busy) {
  const test::TempFolder folder;
  std::unique_ptr<test::LogDb> first;
  std::unique_ptr<test::LogDb> second;
  BOOST_REQUIRE(test::LogDb::open(folder.at("log"), {.create = true}, first).ok());
  const RocksStatus status = test::LogDb::open(folder.at("log"), {}, second);
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST(to_error(status, StoreCall::kOpen).name() == "LedgerBusy");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::store
