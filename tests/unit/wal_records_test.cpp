// SPDX-License-Identifier: Apache-2.0
//
// Goal: the physical scan takes exactly what a writer of the format makes, and says where and why it stops at anything
// else. Method: files written record by record by a writer of our own, then damaged by hand.
#undef BOOST_TEST_MODULE  // main() is in wal_scan_test.cpp
#include "store/wal_records.hpp"

#include "base/bytes.hpp"
#include "support/log_fixture.hpp"
#include "support/temp_folder.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>
#include <rocksdb/file_system.h>

#include <string>
#include <vector>

namespace carnet::store {
namespace {

using test::TempFolder;

/// The writer of the format, as simple as it goes.
class Writer {
 public:
  void add(std::string_view payload) {
    bool begins = true;
    do {
      const std::size_t room = kWalBlockBytes - bytes_.size() % kWalBlockBytes;
      if (room < kWalHeaderBytes) {
        bytes_.append(room, '\0');
        continue;
      }
      const std::string_view part = payload.substr(0, room - kWalHeaderBytes);
      payload.remove_prefix(part.size());
      const bool ends = payload.empty();
      physical(begins ? (ends ? 1 : 2) : (ends ? 4 : 3), part);
      begins = false;
      if (ends) {
        return;
      }
    } while (true);
  }

  void physical(std::uint8_t type, std::string_view part) {
    std::string covered(1, static_cast<char>(type));
    covered.append(part);
    base::append_le(bytes_, base::mask_crc32c(base::crc32c(base::as_bytes(covered))));
    base::append_le(bytes_, static_cast<std::uint16_t>(part.size()));
    bytes_.append(covered);
  }

  [[nodiscard]] std::string& bytes() noexcept { return bytes_; }

 private:
  std::string bytes_;
};

struct Scanned {
  RecordScan scan;
  std::vector<std::string> payloads;
};

Scanned scan(std::string_view bytes) {
  const TempFolder folder;
  test::write_bytes(folder.at("f"), bytes);
  Scanned result;
  const auto scanned = scan_records(*rocksdb::FileSystem::Default(), folder.at("f"),
                                    [&](std::uint64_t /*offset*/, std::string_view payload) -> std::string_view {
                                      result.payloads.emplace_back(payload);
                                      return {};
                                    });
  BOOST_REQUIRE(scanned.has_value());
  result.scan = *scanned;
  BOOST_TEST(result.scan.file_bytes == bytes.size());
  BOOST_TEST(result.scan.records == result.payloads.size());
  return result;
}

void check_bad(const Scanned& result, std::uint64_t first_bad, std::uint64_t last_good, std::string_view reason) {
  BOOST_REQUIRE(result.scan.first_bad_offset.has_value());
  BOOST_TEST(*result.scan.first_bad_offset == first_bad);
  BOOST_TEST(result.scan.last_good_offset == last_good);
  BOOST_TEST(result.scan.reason == reason);
}

BOOST_AUTO_TEST_SUITE(wal_records)

BOOST_AUTO_TEST_CASE(an_empty_file_is_clean) {
  const Scanned result = scan("");
  BOOST_TEST(result.scan.is_clean());
  BOOST_TEST(result.scan.bytes_after_good() == 0U);
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_an_error) {
  const TempFolder folder;
  const auto scanned = scan_records(*rocksdb::FileSystem::Default(), folder.at("none"), {});
  BOOST_REQUIRE(!scanned.has_value());
  BOOST_TEST((scanned.error().code() == ErrorCode::kNotFound));
}

BOOST_AUTO_TEST_CASE(records_of_any_size_come_back) {
  std::mt19937_64 engine = test::seeded_engine();
  Writer writer;
  std::vector<std::string> written;
  for (int i = 0; i < 300; ++i) {
    written.emplace_back(engine() % (engine() % 8 == 0 ? 100'000 : 500), static_cast<char>(engine()));
    writer.add(written.back());
  }
  const Scanned result = scan(writer.bytes());
  BOOST_TEST(result.scan.is_clean());
  BOOST_TEST((result.payloads == written));
  BOOST_TEST(result.scan.last_good_offset == writer.bytes().size());
}

BOOST_AUTO_TEST_CASE(every_room_left_in_a_block_is_handled) {
  for (std::size_t left = 0; left <= 9; ++left) {
    Writer writer;
    writer.add(std::string(kWalBlockBytes - kWalHeaderBytes - left, 'x'));
    writer.add(std::string(100, 'y'));
    const Scanned result = scan(writer.bytes());
    BOOST_TEST_CONTEXT("left=" << left) {
      BOOST_TEST(result.scan.is_clean());
      BOOST_TEST(result.payloads.size() == 2U);
    }
  }
}

BOOST_AUTO_TEST_CASE(padding_is_no_record_whatever_it_holds) {
  Writer writer;
  writer.add(std::string(kWalBlockBytes - kWalHeaderBytes - 5, 'x'));
  writer.add("next");
  writer.bytes()[kWalBlockBytes - 2] = 'z';
  const Scanned result = scan(writer.bytes());
  BOOST_TEST(result.scan.is_clean());
  BOOST_TEST(result.payloads.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_cut_is_clean_at_ends_of_records_only) {
  Writer writer;
  std::vector<std::size_t> ends = {0};
  for (const std::size_t size : {100U, 70'000U, 0U, 300U}) {
    writer.add(std::string(size, 'x'));
    ends.push_back(writer.bytes().size());
  }
  const std::string whole = writer.bytes();
  std::size_t next_end = 1;
  for (std::size_t cut = 0; cut < whole.size(); cut += cut < 200 || cut > 70'100 ? 1 : 997) {
    while (ends[next_end] <= cut) {
      ++next_end;
    }
    const Scanned result = scan(whole.substr(0, cut));
    BOOST_TEST_CONTEXT("cut=" << cut) {
      BOOST_TEST(result.scan.last_good_offset == ends[next_end - 1]);
      BOOST_TEST(result.scan.is_clean() == (cut == ends[next_end - 1]));
      BOOST_TEST(!result.scan.valid_after_bad_offset.has_value());
      BOOST_TEST(result.scan.bytes_after_good() == cut - ends[next_end - 1]);
    }
  }
}

BOOST_AUTO_TEST_CASE(zeros_at_the_end_are_not_clean) {
  Writer writer;
  writer.add("first");
  const std::size_t end = writer.bytes().size();
  for (const std::size_t zeros : {1U, 6U, 7U, 8U, 4096U, 100'000U}) {
    const Scanned result = scan(writer.bytes() + std::string(zeros, '\0'));
    check_bad(result, end, end, zeros < 7 ? "record header is cut" : "zeros where a record should begin");
    BOOST_TEST(!result.scan.valid_after_bad_offset.has_value());
    BOOST_TEST(result.scan.bytes_after_good() == zeros);
  }
}

BOOST_AUTO_TEST_CASE(a_hole_of_zeros_is_seen_with_what_stands_behind_it) {
  Writer writer;
  for (int i = 0; i < 200; ++i) {
    writer.add(std::string(1024 - kWalHeaderBytes, 'x'));  // 32 to a block: a whole block can go without a trace
  }
  writer.bytes().replace(kWalBlockBytes, kWalBlockBytes, kWalBlockBytes, '\0');
  const Scanned result = scan(writer.bytes());
  check_bad(result, kWalBlockBytes, kWalBlockBytes, "zeros where a record should begin");
  BOOST_TEST(*result.scan.valid_after_bad_offset == 2 * kWalBlockBytes);
}

BOOST_AUTO_TEST_CASE(each_type_that_we_never_write_is_bad) {
  for (int type = 0; type < 256; ++type) {
    if (type >= 1 && type <= 4) {
      continue;
    }
    Writer writer;
    writer.add("first");
    const std::size_t end = writer.bytes().size();
    writer.physical(static_cast<std::uint8_t>(type), "payload");
    check_bad(scan(writer.bytes()), end, end, "unexpected record type");
  }
}

BOOST_AUTO_TEST_CASE(fragments_out_of_order_are_bad_and_evidence) {
  const auto check = [](std::initializer_list<std::uint8_t> types, std::size_t bad_index, std::string_view reason) {
    Writer writer;
    std::size_t bad_offset = 0;
    for (const std::uint8_t type : types) {
      if (bad_index-- == 0) {
        bad_offset = writer.bytes().size();
      }
      writer.physical(type, "part");
    }
    const Scanned result = scan(writer.bytes());
    check_bad(result, bad_offset, 0, reason);
    BOOST_TEST(result.scan.valid_after_bad_offset.value_or(0) == bad_offset);
  };
  check({2, 1}, 1, "record begins inside another");
  check({2, 3, 2}, 2, "record begins inside another");
  check({3}, 0, "fragment without a beginning");
  check({4, 1}, 0, "fragment without a beginning");
}

BOOST_AUTO_TEST_CASE(a_record_without_an_end_is_dropped_whole) {
  Writer writer;
  writer.add("first");
  const std::size_t good = writer.bytes().size();
  writer.physical(2, std::string(kWalBlockBytes - good - kWalHeaderBytes, 'a'));
  writer.physical(3, std::string(kWalBlockBytes - kWalHeaderBytes, 'b'));
  const Scanned result = scan(writer.bytes());
  check_bad(result, writer.bytes().size(), good, "last record has no end");
  BOOST_TEST(!result.scan.valid_after_bad_offset.has_value());
}

BOOST_AUTO_TEST_CASE(a_record_is_found_at_any_offset_after_the_first_bad_byte) {
  for (std::size_t shift = 0; shift < 40; ++shift) {
    Writer writer;
    writer.add("first");
    const std::size_t end = writer.bytes().size();
    writer.bytes().append(shift + 1, '\x55');
    writer.physical(1, "a record that nothing announces");
    const Scanned result = scan(writer.bytes());
    BOOST_TEST(*result.scan.first_bad_offset == end);
    BOOST_TEST(result.scan.valid_after_bad_offset.value_or(0) == end + shift + 1);
  }
}

BOOST_AUTO_TEST_CASE(an_empty_record_is_evidence_at_the_end_of_a_block_only) {
  for (const bool at_end : {true, false}) {
    Writer writer;
    writer.bytes().append(kWalBlockBytes - kWalHeaderBytes - (at_end ? 0 : 1), '\x55');
    writer.physical(2, "");
    writer.bytes().append(at_end ? 0 : 1, '\x55');
    BOOST_TEST(writer.bytes().size() == kWalBlockBytes);
    const Scanned result = scan(writer.bytes());
    BOOST_TEST(*result.scan.first_bad_offset == 0U);
    BOOST_TEST(result.scan.valid_after_bad_offset.has_value() == at_end);
  }
}

BOOST_AUTO_TEST_CASE(noise_holds_no_evidence) {
  std::mt19937_64 engine = test::seeded_engine();
  std::string noise(200'000, '\0');
  for (char& c : noise) {
    c = static_cast<char>(engine());
  }
  const Scanned result = scan(noise);
  BOOST_TEST(!result.scan.is_clean());
  BOOST_TEST(!result.scan.valid_after_bad_offset.has_value());
}

BOOST_AUTO_TEST_CASE(every_flipped_byte_is_seen) {
  Writer writer;
  writer.add(std::string(50, 'a'));
  writer.add(std::string(50, 'b'));
  writer.add(std::string(50, 'c'));
  const std::size_t record = kWalHeaderBytes + 50;
  for (std::size_t at = 0; at < writer.bytes().size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string bytes = writer.bytes();
      bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << bit));
      const Scanned result = scan(bytes);
      BOOST_TEST_CONTEXT("at=" << at << " bit=" << bit) {
        BOOST_REQUIRE(!result.scan.is_clean());
        BOOST_TEST(*result.scan.first_bad_offset == at / record * record);
        BOOST_TEST(result.scan.last_good_offset == at / record * record);
        BOOST_TEST(result.scan.valid_after_bad_offset.has_value() == (at < 2 * record));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_sink_can_refuse_a_record) {
  const TempFolder folder;
  Writer writer;
  writer.add("good");
  const std::size_t good = writer.bytes().size();
  writer.add(std::string(40'000, 'x'));
  writer.add("after");
  test::write_bytes(folder.at("f"), writer.bytes());
  std::uint64_t seen = 0;
  const auto scanned = scan_records(*rocksdb::FileSystem::Default(), folder.at("f"),
                                    [&](std::uint64_t /*offset*/, std::string_view payload) -> std::string_view {
                                      seen += 1;
                                      return payload == "good" ? "" : "not wanted";
                                    });
  BOOST_REQUIRE(scanned.has_value());
  BOOST_TEST(seen == 2U);
  BOOST_TEST(*scanned->first_bad_offset == good);
  BOOST_TEST(*scanned->valid_after_bad_offset == good);
  BOOST_TEST(scanned->last_good_offset == good);
  BOOST_TEST(scanned->reason == "not wanted");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::store
