// SPDX-License-Identifier: Apache-2.0
//
// Goal: what a savepoint, a publication, a snapshot and a direct write promise, one behaviour a case. Method: small
// tables over a views/ in memory; table_set_disk_test.cpp goes on, and the random counterpart is
// property/table_set_test.cpp.
#include "project/table_set.hpp"

#include "base/bytes.hpp"
#include "project/page_codec.hpp"
#include "project/row_sum.hpp"
#include "project/state_page.hpp"
#include "support/table_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace carnet::project {
namespace {

BOOST_AUTO_TEST_SUITE(layout)

BOOST_AUTO_TEST_CASE(every_row_of_every_size_has_its_own_place) {
  for (std::uint32_t row_bytes = 8; row_bytes <= kRowBytesMax; row_bytes += 8) {
    const Table table({.name = "t", .row_bytes = row_bytes}, 0);
    const std::uint64_t rows = kPageBytes / row_bytes;
    for (const std::uint64_t row : {std::uint64_t{0}, std::uint64_t{1}, rows - 1, rows, rows + 1, 2 * rows - 1,
                                    std::uint64_t{1'000'003}, kRowsMax - rows, kRowsMax - 1}) {
      const RowPlace place = table.place(row);
      BOOST_REQUIRE_EQUAL(place.number, row / rows);
      BOOST_REQUIRE_EQUAL(place.offset, row % rows * row_bytes);
    }
  }
}

BOOST_AUTO_TEST_CASE(slots_stay_where_they_are_while_the_directory_grows) {
  Directory directory;
  BOOST_TEST((directory.find(0) == nullptr));
  std::vector<Slot*> slots;
  for (std::uint64_t number = 0; number < 5000; ++number) {
    slots.push_back(&directory.ensure(number));
    slots.back()->pin.store(number);
  }
  for (std::uint64_t number = 0; number < 5000; ++number) {
    BOOST_REQUIRE(directory.find(number) == slots[number]);
    BOOST_REQUIRE_EQUAL(slots[number]->pin.load(), number);
  }
}

BOOST_AUTO_TEST_CASE(page_keys_sort_by_generation_table_and_number) {
  std::string key;
  encode_page_key(key, 0x01020304, 0x0506, 0x0708090a0b0c0d0eULL);
  BOOST_TEST(base::to_hex(base::as_bytes(key)) ==
             "73"
             "01020304"
             "0506"
             "0708090a0b0c0d0e");
}

BOOST_AUTO_TEST_CASE(pages_are_stored_without_zeros_at_the_end_and_with_a_checksum) {
  std::string key;
  encode_page_key(key, 1, 2, 3);
  Page page;
  page.bytes.fill(std::byte{0});
  std::string value;
  encode_page(value, key, page);
  BOOST_TEST(value.size() == 4U);
  page.bytes[17] = std::byte{5};
  encode_page(value, key, page);
  BOOST_TEST(base::to_hex(base::as_bytes(value)) ==
             "00000000000000000000000000000000"
             "0005000000000000"
             "d4301154");

  Page back;
  BOOST_TEST(decode_page(key, value, back).has_value());
  BOOST_TEST((back.bytes == page.bytes));
}

BOOST_AUTO_TEST_CASE(a_page_with_a_flipped_bit_or_under_another_key_is_damaged) {
  std::string key;
  encode_page_key(key, 1, 2, 3);
  Page page;
  page.bytes.fill(std::byte{9});
  std::string value;
  encode_page(value, key, page);
  for (std::size_t at = 0; at < value.size(); at += 97) {
    std::string bad = value;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    const Status status = decode_page(key, bad, page);
    BOOST_REQUIRE(!status.has_value());
    BOOST_TEST(status.error().name() == "StateDamaged");
    BOOST_TEST(status.error().fact("page") == "3");
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{4}, std::size_t{12}, value.size() - 1}) {
    BOOST_TEST(!decode_page(key, std::string_view(value).substr(0, size), page).has_value());
  }
  std::string other;
  encode_page_key(other, 1, 2, 4);
  BOOST_TEST(!decode_page(other, value, page).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(overlay)

BOOST_AUTO_TEST_CASE(a_row_never_written_reads_as_zeros) {
  Tables tables;
  BOOST_TEST(tables.get(0) == Row{});
  BOOST_TEST(tables.get(1'000'000'000) == Row{});
  BOOST_TEST(tables.set->overlay().row_count(tables.first) == 0U);
  BOOST_TEST(tables.set->resident_bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(the_overlay_sees_its_writes_and_nobody_else_does) {
  Tables tables;
  tables.put_and_publish(3, {1, 2});
  tables.put(3, {5, 6});
  tables.put(200, {7, 8});
  const auto snapshot = tables.set->snapshot();
  BOOST_TEST(tables.get(3) == (Row{5, 6}));
  BOOST_TEST(tables.set->overlay().row_count(tables.first) == 201U);
  BOOST_TEST(snapshot->get<Row>(tables.first, 3) == (Row{1, 2}));
  BOOST_TEST(snapshot->get<Row>(tables.first, 200) == Row{});
  BOOST_TEST(snapshot->row_count(tables.first) == 4U);
  BOOST_TEST(tables.set->overlay().get<Row>(tables.second, 3) == Row{});
}

BOOST_AUTO_TEST_CASE(rollback_returns_to_the_savepoint) {
  Tables tables;
  tables.put_and_publish(0, {1, 1});
  tables.put(0, {2, 2});
  tables.put(1, {3, 3});
  tables.set->savepoint();
  tables.put(0, {4, 4});
  tables.put(0, {5, 5});
  tables.put(9000, {6, 6});
  tables.set->rollback();
  BOOST_TEST(tables.get(0) == (Row{2, 2}));
  BOOST_TEST(tables.get(1) == (Row{3, 3}));
  BOOST_TEST(tables.get(9000) == Row{});
  BOOST_TEST(tables.set->overlay().row_count(tables.first) == 2U);

  tables.put(0, {7, 7});
  tables.put(9000, {8, 8});
  tables.set->rollback();  // The savepoint is still there.
  BOOST_TEST(tables.get(0) == (Row{2, 2}));
  BOOST_TEST(tables.set->overlay().row_count(tables.first) == 2U);

  tables.set->publish(2);
  const auto snapshot = tables.set->snapshot();
  BOOST_TEST(snapshot->get<Row>(tables.first, 0) == (Row{2, 2}));
  BOOST_TEST(snapshot->get<Row>(tables.first, 9000) == Row{});
}

BOOST_AUTO_TEST_CASE(a_savepoint_ends_the_one_before) {
  Tables tables;
  tables.set->savepoint();
  tables.put(0, {1, 1});
  tables.set->savepoint();
  tables.put(0, {2, 2});
  tables.set->rollback();
  tables.set->rollback();
  BOOST_TEST(tables.get(0) == (Row{1, 1}));
}

BOOST_AUTO_TEST_CASE(rollback_without_a_savepoint_undoes_the_group) {
  Tables tables;
  tables.put_and_publish(0, {1, 1});
  tables.set->savepoint();
  tables.put_and_publish(1, {2, 2});
  tables.put(0, {3, 3});
  tables.put(500, {3, 3});
  tables.set->rollback();
  BOOST_TEST(tables.get(0) == (Row{1, 1}));
  BOOST_TEST(tables.get(1) == (Row{2, 2}));
  BOOST_TEST(tables.set->overlay().row_count(tables.first) == 2U);
}

BOOST_AUTO_TEST_CASE(discard_drops_the_group) {
  Tables tables;
  tables.put_and_publish(0, {1, 1});
  tables.put(0, {2, 2});
  tables.put(300, {3, 3});
  tables.set->discard();
  BOOST_TEST(tables.get(0) == (Row{1, 1}));
  BOOST_TEST(tables.get(300) == Row{});
  BOOST_TEST(tables.set->overlay().row_count(tables.first) == 1U);
  BOOST_TEST(tables.set->position() == 1U);
  tables.put_and_publish(301, {4, 4});
  BOOST_TEST(tables.get(300) == Row{});
}

// The map grows in the middle of a savepoint and forgets the rows after it, many times over.
BOOST_AUTO_TEST_CASE(rollback_survives_growth_of_the_overlay) {
  Tables tables;
  for (int round = 0; round < 3; ++round) {
    for (std::uint64_t i = 0; i < 700; ++i) {
      tables.put(i * 3, number_row(i));
    }
    tables.set->savepoint();
    for (std::uint64_t i = 0; i < 9000; ++i) {
      tables.put(i, {-1, -1});
    }
    tables.set->rollback();
    for (std::uint64_t i = 0; i < 2100; ++i) {
      BOOST_REQUIRE(tables.get(i) == (i % 3 == 0 ? number_row(i / 3) : Row{}));
    }
    BOOST_TEST(tables.set->overlay().row_count(tables.first) == 2098U);
    if (round == 1) {
      tables.set->discard();
    }
  }
}

BOOST_AUTO_TEST_CASE(a_row_of_2048_bytes_and_one_of_8_live_side_by_side) {
  const auto set = TableSet::make(nullptr, 1, {});
  const TableId wide = set->add_table({.name = "wide", .row_bytes = 2048});
  const TableId narrow = set->add_table({.name = "narrow", .row_bytes = 8});
  for (std::uint64_t i = 0; i < 1000; ++i) {
    std::memset(set->overlay().mutable_row(wide, i), static_cast<int>(i % 251), 2048);
    set->overlay().put(narrow, i, i);
  }
  set->publish(1);
  const auto snapshot = set->snapshot();
  std::array<char, 2048> expected;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    expected.fill(static_cast<char>(i % 251));
    BOOST_REQUIRE(std::memcmp(snapshot->row(wide, i), expected.data(), expected.size()) == 0);
    BOOST_REQUIRE_EQUAL(snapshot->get<std::uint64_t>(narrow, i), i);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(snapshots)

BOOST_AUTO_TEST_CASE(a_snapshot_stays_as_it_was) {
  Tables tables;
  std::vector<std::unique_ptr<Snapshot>> snapshots;
  for (std::int64_t i = 0; i < 50; ++i) {
    snapshots.push_back(tables.set->snapshot());
    tables.put(static_cast<std::uint64_t>(i % 7), {i, i});
    tables.put_and_publish(kRowsPerPage * 3, {i, -i});
  }
  for (std::size_t n = 1; n < snapshots.size(); ++n) {
    BOOST_REQUIRE_EQUAL(snapshots[n]->position(), n);
    const auto last = static_cast<std::int64_t>(n) - 1;
    BOOST_REQUIRE(snapshots[n]->get<Row>(tables.first, static_cast<std::uint64_t>(last % 7)) == (Row{last, last}));
    BOOST_REQUIRE(snapshots[n]->get<Row>(tables.first, kRowsPerPage * 3) == (Row{last, -last}));
    BOOST_REQUIRE(snapshots[n]->status().has_value());
  }
  BOOST_TEST(snapshots[0]->row_count(tables.first) == 0U);
}

BOOST_AUTO_TEST_CASE(a_snapshot_pins_the_pages_changed_since_and_no_more) {
  Tables tables;
  for (std::uint64_t page = 0; page < 20; ++page) {
    tables.put(page * kRowsPerPage, {1, 1});
  }
  tables.set->publish(1);
  const std::size_t before = tables.set->resident_bytes();
  BOOST_TEST(before == 20 * sizeof(Page));
  auto snapshot = tables.set->snapshot();
  for (std::int64_t i = 0; i < 100; ++i) {
    tables.put_and_publish(0, {i, i});
    tables.put_and_publish(kRowsPerPage, {i, i});
  }
  BOOST_TEST(tables.set->resident_bytes() == before + 2 * sizeof(Page));
  snapshot.reset();
  BOOST_TEST(tables.set->resident_bytes() == before);
}

BOOST_AUTO_TEST_CASE(short_snapshots_do_not_pile_up_versions_under_a_long_one) {
  Tables tables;
  tables.put_and_publish(0, {-1, -1});
  const auto keeper = tables.set->snapshot();
  for (std::int64_t i = 0; i < 1000; ++i) {
    const auto brief = tables.set->snapshot();
    tables.put_and_publish(0, {i, i});
    BOOST_REQUIRE(brief->get<Row>(tables.first, 0) == (Row{i - 1, i - 1}));
  }
  BOOST_TEST(tables.set->resident_bytes() <= 3 * sizeof(Page));
  BOOST_TEST(keeper->get<Row>(tables.first, 0) == (Row{-1, -1}));
}

BOOST_AUTO_TEST_CASE(versions_outlive_a_younger_snapshot_for_an_older_one) {
  Tables tables;
  tables.put_and_publish(0, {1, 1});
  auto older = tables.set->snapshot();
  tables.put_and_publish(kRowsPerPage, {9, 9});
  auto younger = tables.set->snapshot();  // Sees the same version of page 0.
  tables.put_and_publish(0, {2, 2});
  younger.reset();
  BOOST_TEST(older->get<Row>(tables.first, 0) == (Row{1, 1}));
  older.reset();
  BOOST_TEST(tables.set->resident_bytes() == 2 * sizeof(Page));
}

BOOST_AUTO_TEST_CASE(the_oldest_snapshot_expires_when_old_pages_take_too_much) {
  Tables tables({.snapshot_bytes_max = 10 * sizeof(Page)});
  for (std::uint64_t page = 0; page < 20; ++page) {
    tables.put(page * kRowsPerPage, {1, 1});
  }
  tables.set->publish(1);
  const auto oldest = tables.set->snapshot();
  for (std::uint64_t page = 0; page < 10; ++page) {
    tables.put_and_publish(page * kRowsPerPage, {2, 2});
  }
  BOOST_TEST(oldest->status().has_value());
  BOOST_TEST(oldest->get<Row>(tables.first, 0) == (Row{1, 1}));
  const auto younger = tables.set->snapshot();
  const std::byte* const held = oldest->row(tables.first, 5 * kRowsPerPage);

  tables.put_and_publish(10 * kRowsPerPage, {2, 2});
  BOOST_REQUIRE(!oldest->status().has_value());
  BOOST_TEST(oldest->status().error().name() == "ViewExpired");
  BOOST_TEST((oldest->status().error().code() == ErrorCode::kExpired));
  Row still;
  std::memcpy(&still, held, sizeof(still));
  BOOST_TEST(still == (Row{1, 1}), "a row in hand stays readable and as it was");
  BOOST_TEST(oldest->get<Row>(tables.first, 5 * kRowsPerPage) == Row{});
  BOOST_TEST(oldest->get<Row>(tables.first, 0) == Row{});

  BOOST_TEST(younger->status().has_value());
  BOOST_TEST(younger->get<Row>(tables.first, 10 * kRowsPerPage) == (Row{1, 1}));
  tables.put_and_publish(0, {3, 3});
  BOOST_TEST(tables.set->resident_bytes() == (20 + 2) * sizeof(Page), "the expired snapshot pins nothing");
}

BOOST_AUTO_TEST_CASE(a_row_in_hand_of_an_expired_snapshot_is_not_overwritten) {
  Tables tables({.snapshot_bytes_max = 0});
  tables.put(0, {1, 1});
  tables.put_and_publish(kRowsPerPage, {1, 1});
  const auto snapshot = tables.set->snapshot();
  const std::byte* const held = snapshot->row(tables.first, 0);
  tables.put_and_publish(kRowsPerPage, {2, 2});  // Expires it, by the other page.
  BOOST_TEST(!snapshot->status().has_value());
  tables.put_and_publish(0, {3, 3});
  Row still;
  std::memcpy(&still, held, sizeof(still));
  BOOST_TEST(still == (Row{1, 1}));
  BOOST_TEST(tables.get(0) == (Row{3, 3}));
  BOOST_TEST(tables.set->resident_bytes() == 3 * sizeof(Page));
  BOOST_TEST(snapshot->get<Row>(tables.first, 0) == Row{});
  tables.put_and_publish(1, {4, 4});
  BOOST_TEST(tables.set->resident_bytes() == 2 * sizeof(Page));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(direct)

BOOST_AUTO_TEST_CASE(direct_writes_are_published_like_others) {
  Tables tables;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    tables.set->direct().put(tables.first, i, number_row(i));
    tables.set->direct().put(tables.second, 999 - i, number_row(i));
  }
  BOOST_TEST(tables.set->direct().get<Row>(tables.first, 7) == number_row(7));
  BOOST_TEST(tables.set->direct().row_count(tables.first) == 1000U);
  tables.set->publish(5);
  const auto snapshot = tables.set->snapshot();
  BOOST_TEST(snapshot->position() == 5U);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    BOOST_REQUIRE(snapshot->get<Row>(tables.first, i) == number_row(i));
    BOOST_REQUIRE(snapshot->get<Row>(tables.second, i) == number_row(999 - i));
  }
  tables.put_and_publish(0, {0, 9});
  tables.set->direct().put(tables.first, 1, Row{0, 8});
  tables.set->publish(7);
  BOOST_TEST(tables.get(0) == (Row{0, 9}));
  BOOST_TEST(tables.get(1) == (Row{0, 8}));
}

BOOST_AUTO_TEST_CASE(direct_writes_leave_living_snapshots_alone) {
  Tables tables;
  tables.put_and_publish(0, {1, 1});
  const auto snapshot = tables.set->snapshot();
  tables.set->direct().put(tables.first, 0, Row{2, 2});
  tables.set->direct().put(tables.first, 1, Row{2, 2});
  BOOST_TEST(snapshot->get<Row>(tables.first, 0) == (Row{1, 1}));
  tables.set->publish(2);
  BOOST_TEST(snapshot->get<Row>(tables.first, 0) == (Row{1, 1}));
  BOOST_TEST(snapshot->get<Row>(tables.first, 1) == Row{});
  BOOST_TEST(tables.get(0) == (Row{2, 2}));
}

BOOST_AUTO_TEST_CASE(direct_writes_stay_within_the_memory_budget_between_checkpoints) {
  Tables tables(pages_in_memory(8));
  for (std::uint64_t round = 0; round < 10; ++round) {
    for (std::uint64_t page = 0; page < 40; ++page) {
      const std::uint64_t row = (page * 13 + round) % 40 * kRowsPerPage;
      Row value = tables.set->direct().get<Row>(tables.first, row);
      value.a += 1;
      value.b += static_cast<std::int64_t>(row);
      tables.set->direct().put(tables.first, row, value);
      if (page % 4 == 3) {
        tables.set->publish(round * 40 + page);
        tables.checkpoint();
        BOOST_REQUIRE_LE(tables.set->resident_bytes(), 8 * sizeof(Page));
      }
    }
  }
  for (std::uint64_t page = 0; page < 40; ++page) {
    const auto row = static_cast<std::int64_t>(page * kRowsPerPage);
    BOOST_REQUIRE(tables.get(page * kRowsPerPage) == (Row{10, 10 * row}));
  }
  BOOST_TEST(tables.set->status().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::project
