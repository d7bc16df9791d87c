// SPDX-License-Identifier: Apache-2.0
//
// Goal: the floor is never lost to one fault, never lowered by raise(), and never false. Method: real files, one copy
// or both damaged at every byte; every write of a raise failed in each way.
#undef BOOST_TEST_MODULE  // main() is in wal_scan_test.cpp
#include "store/floor.hpp"

#include "base/bytes.hpp"
#include "support/faulty_files.hpp"
#include "support/log_fixture.hpp"
#include "support/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace carnet::store {
namespace {

namespace fs = std::filesystem;

using test::FaultyFiles;
using test::FileFault;
using test::TempFolder;

constexpr std::size_t kFloorBytes = 96;

LedgerId ledger_id(unsigned char fill = 7) {
  LedgerId id;
  id.fill(std::byte{fill});
  return id;
}

FloorMark mark_at(std::uint64_t position) {
  FloorMark mark{.position = position, .commits = position / 2, .root = {}};
  mark.root.fill(static_cast<std::byte>(position));
  return mark;
}

struct Folder {
  Folder() { BOOST_REQUIRE(Floor::create(files, folder.path(), ledger_id(), mark_at(2)).has_value()); }

  [[nodiscard]] Floor must_read() const {
    Result<Floor> floor = Floor::read(files, folder.path());
    BOOST_REQUIRE_MESSAGE(floor.has_value(), test::line_of(floor));
    return *std::move(floor);
  }

  [[nodiscard]] std::string a() const { return folder.at("FLOOR.a"); }

  [[nodiscard]] std::string b() const { return folder.at("FLOOR.b"); }

  TempFolder folder;
  std::shared_ptr<FaultyFiles> files = std::make_shared<FaultyFiles>();
};

void check_error(const Result<Floor>& floor, ErrorCode code, std::string_view name) {
  BOOST_REQUIRE(!floor.has_value());
  BOOST_TEST((floor.error().code() == code));
  BOOST_TEST(floor.error().name() == name);
}

BOOST_FIXTURE_TEST_SUITE(floor_file, Folder)

BOOST_AUTO_TEST_CASE(what_was_created_reads_back) {
  const Floor floor = must_read();
  BOOST_TEST((floor.mark() == mark_at(2)));
  BOOST_TEST((floor.ledger() == ledger_id()));
  BOOST_TEST(!floor.is_degraded());
}

BOOST_AUTO_TEST_CASE(the_bytes_are_those_of_the_format_page) {
  const std::string bytes = test::read_bytes(a());
  BOOST_TEST(base::to_hex(base::as_bytes(std::string_view(bytes).substr(0, 92))) ==
             "4341524e4554464c"  // CARNETFL
             "01000000"
             "60000000"                          // version 1, 96 bytes
             "07070707070707070707070707070707"  // ledger
             "0100000000000000"                  // sequence
             "0200000000000000"
             "0100000000000000"  // position, commits
             "0202020202020202020202020202020202020202020202020202020202020202"
             "00000000");
  BOOST_TEST(bytes == test::read_bytes(b()));
}

BOOST_AUTO_TEST_CASE(create_refuses_where_a_copy_stands) {
  for (const std::string& copy : {a(), b()}) {
    const std::string bytes = test::read_bytes(copy);
    fs::remove(copy);
    check_error(Floor::create(files, folder.path(), ledger_id(), mark_at(2)), ErrorCode::kInvalidArgument,
                "FloorExists");
    test::write_bytes(copy, bytes);
  }
}

BOOST_AUTO_TEST_CASE(raise_goes_up_only) {
  Floor floor = must_read();
  BOOST_TEST(floor.raise(mark_at(10)).has_value());
  BOOST_TEST((must_read().mark() == mark_at(10)));
  files->fail_write(0, FileFault::kFail);
  BOOST_TEST(floor.raise(mark_at(9)).has_value());
  BOOST_TEST(floor.raise(mark_at(10)).has_value());
  BOOST_TEST(files->writes() == 0U);  // cheap
  BOOST_TEST((floor.mark() == mark_at(10)));
  BOOST_TEST((must_read().mark() == mark_at(10)));
}

BOOST_AUTO_TEST_CASE(an_accepted_loss_lowers) {
  Floor floor = must_read();
  BOOST_REQUIRE(floor.raise(mark_at(10)).has_value());
  BOOST_TEST(floor.lower_after_accepted_loss(mark_at(4)).has_value());
  BOOST_TEST((must_read().mark() == mark_at(4)));
  BOOST_TEST(floor.raise(mark_at(6)).has_value());
  BOOST_TEST((must_read().mark() == mark_at(6)));
}

BOOST_AUTO_TEST_CASE(one_copy_damaged_anywhere_is_tolerated_reported_and_mended) {
  for (const std::string& copy : {a(), b()}) {
    const std::string whole = test::read_bytes(copy);
    for (std::size_t at = 0; at < kFloorBytes; ++at) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
      test::write_bytes(copy, bytes);
      BOOST_TEST_CONTEXT("flip at=" << at) {
        const Floor floor = must_read();
        BOOST_TEST((floor.mark() == mark_at(2)));
        BOOST_TEST(floor.is_degraded());
      }
      test::write_bytes(copy, whole.substr(0, at));
      BOOST_TEST(must_read().is_degraded());
    }
    test::write_bytes(copy, whole + "x");
    BOOST_TEST(must_read().is_degraded());
    test::write_bytes(copy, std::string(1'000'000, 'x'));
    BOOST_TEST(must_read().is_degraded());
    fs::remove(copy);
    Floor floor = must_read();
    BOOST_TEST(floor.is_degraded());
    BOOST_TEST(floor.raise(mark_at(2)).has_value());  // not higher, but one copy was missing
    BOOST_TEST(!floor.is_degraded());
    BOOST_TEST(test::read_bytes(copy) == whole);
  }
}

BOOST_AUTO_TEST_CASE(both_copies_lost_is_damage_and_no_fresh_start) {
  const auto spoil = [](const std::string& copy, int how) {
    if (how == 0) {
      fs::remove(copy);
    } else {
      test::write_bytes(copy, how == 1 ? std::string() : std::string(kFloorBytes, '\0'));
    }
  };
  for (int how_a = 0; how_a < 3; ++how_a) {
    for (int how_b = 0; how_b < 3; ++how_b) {
      spoil(a(), how_a);
      spoil(b(), how_b);
      check_error(Floor::read(files, folder.path()), ErrorCode::kCorruption, "LogDamaged");
    }
  }
}

BOOST_AUTO_TEST_CASE(copies_that_do_not_belong_together_are_damage) {
  const TempFolder other;
  BOOST_REQUIRE(Floor::create(files, other.path(), ledger_id(9), mark_at(2)).has_value());
  const std::string own = test::read_bytes(b());
  test::write_bytes(b(), test::read_bytes(other.at("FLOOR.b")));
  check_error(Floor::read(files, folder.path()), ErrorCode::kCorruption, "LogDamaged");
  fs::remove(other.at("FLOOR.a"));
  fs::remove(other.at("FLOOR.b"));
  BOOST_REQUIRE(Floor::create(files, other.path(), ledger_id(), mark_at(4)).has_value());
  test::write_bytes(b(), test::read_bytes(other.at("FLOOR.b")));  // same sequence, other mark
  check_error(Floor::read(files, folder.path()), ErrorCode::kCorruption, "LogDamaged");
  test::write_bytes(b(), own);
  BOOST_TEST(!must_read().is_degraded());
}

BOOST_AUTO_TEST_CASE(a_floor_of_a_newer_carnet_is_told_from_damage) {
  std::string bytes = test::read_bytes(a());
  bytes[8] = 2;
  bytes.insert(88, 8, 'n');
  bytes[12] = static_cast<char>(bytes.size());
  base::store_le(bytes.data() + bytes.size() - 4,
                 base::crc32c(base::as_bytes(std::string_view(bytes).substr(0, bytes.size() - 4))));
  test::write_bytes(a(), bytes);
  check_error(Floor::read(files, folder.path()), ErrorCode::kUnsupportedFormat, "FormatTooNew");
}

BOOST_AUTO_TEST_CASE(a_raise_that_fails_leaves_the_old_floor_or_the_new_one) {
  for (const FileFault fault : {FileFault::kFail, FileFault::kNoSpace, FileFault::kLanded}) {
    for (std::uint64_t nth = 1; nth <= 2; ++nth) {
      Floor floor = must_read();
      const FloorMark before = floor.mark();
      const FloorMark after = mark_at(before.position + 10);
      files->fail_write(nth, fault);
      BOOST_TEST(!floor.raise(after).has_value());
      const Floor read = must_read();
      BOOST_TEST((read.mark() == before || read.mark() == after));
      BOOST_TEST((nth == 1 && fault != FileFault::kLanded ? read.mark() == before : read.mark() == after));
      BOOST_TEST(!read.is_degraded());
      files->fail_write(0, fault);
      BOOST_TEST(floor.raise(after).has_value());  // the same call again brings both copies up
      BOOST_TEST((must_read().mark() == after));
      BOOST_TEST(test::read_bytes(a()) == test::read_bytes(b()));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_copy_that_stayed_behind_is_written_first) {
  Floor floor = must_read();
  files->fail_write(2, FileFault::kFail);
  BOOST_REQUIRE(!floor.raise(mark_at(10)).has_value());  // one copy is up, the other is not
  const bool a_is_newer = test::read_bytes(a()) > test::read_bytes(b());
  const std::string newer = test::read_bytes(a_is_newer ? a() : b());
  Floor again = must_read();
  files->fail_write(2, FileFault::kFail);
  BOOST_REQUIRE(!again.raise(mark_at(20)).has_value());
  BOOST_TEST(test::read_bytes(a_is_newer ? a() : b()) == newer);  // the only one at 10 was not risked
  BOOST_TEST((must_read().mark() == mark_at(20)));
}

BOOST_AUTO_TEST_CASE(one_unreadable_copy_is_tolerated_two_are_an_error_of_the_disk) {
  files->fail_reads_of("FLOOR.a");
  BOOST_TEST(must_read().is_degraded());
  files->fail_reads_of("");
  const auto blind = std::make_shared<FaultyFiles>();
  blind->fail_reads_of("");
  files->fail_reads_of("FLOOR.b");
  BOOST_TEST(must_read().is_degraded());
  fs::remove(a());
  check_error(Floor::read(files, folder.path()), ErrorCode::kStorage, "FileFailed");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::store
