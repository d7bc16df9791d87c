// SPDX-License-Identifier: Apache-2.0
//
// Goal: what a savepoint, a publication, a snapshot, a checkpoint and the memory budget promise, one behaviour a case.
// Method: small tables over a views/ in memory; the random counterpart is property/table_set_test.cpp.
#include "project/table_set.hpp"

#include "base/bytes.hpp"
#include "project/page_codec.hpp"
#include "project/row_sum.hpp"
#include "project/state_page.hpp"
#include "support/fake_views.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace carnet::project {
namespace {

struct Row {
  std::int64_t a = 0;
  std::int64_t b = 0;

  friend bool operator==(const Row&, const Row&) = default;

  friend std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.a << '/' << row.b; }
};

constexpr std::uint64_t kRowsPerPage = kPageBytes / sizeof(Row);

/// A table set with two tables of Row over its own views/.
struct Tables {
  explicit Tables(const TableSetOptions& options = {}, std::shared_ptr<test::FakeViews> views_db = nullptr)
      : views(views_db ? std::move(views_db) : std::make_shared<test::FakeViews>()),
        set(TableSet::make(views.get(), 7, options)),
        first(set->add_table({.name = "first", .row_bytes = sizeof(Row)})),
        second(set->add_table({.name = "second", .row_bytes = sizeof(Row)})) {}

  void put(std::uint64_t index, Row row) { set->overlay().put(first, index, row); }

  [[nodiscard]] Row get(std::uint64_t index) { return set->overlay().get<Row>(first, index); }

  void put_and_publish(std::uint64_t index, Row row) {
    put(index, row);
    set->publish(set->position() + 1);
  }

  /// Writes a checkpoint; into views/ when `land`.
  std::string checkpoint(bool land = true) {
    static_cast<void>(set->begin_checkpoint());
    return finish_checkpoint(land);
  }

  std::string finish_checkpoint(bool land = true) {
    std::map<std::string, std::string> pages;
    const Result<std::string> state = set->write_checkpoint(
        [&](std::string_view key, std::string_view value) { pages.emplace(std::string(key), std::string(value)); });
    BOOST_REQUIRE(state.has_value());
    if (land) {
      views->put_all(pages);
    }
    set->end_checkpoint(land);
    pages_written = pages.size();
    return *state;
  }

  std::shared_ptr<test::FakeViews> views;
  std::unique_ptr<TableSet> set;
  TableId first;
  TableId second;
  std::size_t pages_written = 0;
};

Row number_row(std::uint64_t i) {
  return {static_cast<std::int64_t>(i) + 1, -static_cast<std::int64_t>(i)};
}

TableSetOptions pages_in_memory(std::size_t pages) {
  return {.memory_bytes = pages * sizeof(Page)};
}

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

BOOST_AUTO_TEST_SUITE(checkpoints)

BOOST_AUTO_TEST_CASE(a_checkpoint_is_loaded_as_it_was_begun) {
  Tables tables;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    tables.put(i, number_row(i));
  }
  tables.set->overlay().put(tables.second, 5, Row{5, 5});
  tables.set->publish(42);
  const Fingerprint first = tables.set->fingerprint(tables.first);
  BOOST_TEST(tables.set->begin_checkpoint() == 42U);
  tables.put_and_publish(0, {-7, -7});
  tables.put_and_publish(5000, {-8, -8});
  const std::string state = tables.finish_checkpoint();
  BOOST_TEST(tables.pages_written == 9U);
  BOOST_TEST(tables.set->dirty_bytes() == 2 * kPageBytes);

  Tables loaded({}, tables.views);
  BOOST_REQUIRE(loaded.set->load(state, 42).has_value());
  BOOST_TEST(loaded.set->position() == 42U);
  BOOST_TEST(loaded.set->overlay().row_count(loaded.first) == 2000U);
  BOOST_TEST(loaded.set->overlay().row_count(loaded.second) == 6U);
  for (std::uint64_t i = 0; i < 2000; ++i) {
    BOOST_REQUIRE(loaded.get(i) == number_row(i));
  }
  BOOST_TEST((loaded.set->fingerprint(loaded.first) == first));
  BOOST_TEST((*loaded.set->recompute_fingerprint(loaded.first) == first));
  BOOST_TEST(loaded.set->dirty_bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(only_pages_changed_since_the_last_checkpoint_are_written) {
  Tables tables;
  for (std::uint64_t page = 0; page < 10; ++page) {
    tables.put(page * kRowsPerPage, {1, 1});
  }
  tables.set->publish(1);
  tables.checkpoint();
  BOOST_TEST(tables.pages_written == 10U);
  tables.put_and_publish(0, {2, 2});
  tables.checkpoint();
  BOOST_TEST(tables.pages_written == 1U);
  tables.checkpoint();
  BOOST_TEST(tables.pages_written == 0U);
}

BOOST_AUTO_TEST_CASE(pages_of_a_failed_checkpoint_are_written_by_the_next) {
  Tables tables;
  tables.put(0, {1, 1});
  tables.put_and_publish(kRowsPerPage, {1, 1});
  static_cast<void>(tables.set->begin_checkpoint());
  tables.put(0, {2, 2});
  tables.put_and_publish(2 * kRowsPerPage, {2, 2});
  tables.finish_checkpoint(false);
  BOOST_TEST(tables.set->dirty_bytes() == 3 * kPageBytes);
  const std::string state = tables.checkpoint();
  BOOST_TEST(tables.pages_written == 3U);
  Tables loaded({}, tables.views);
  BOOST_REQUIRE(loaded.set->load(state, 2).has_value());
  BOOST_TEST(loaded.get(0) == (Row{2, 2}));
  BOOST_TEST(loaded.get(kRowsPerPage) == (Row{1, 1}));
  BOOST_TEST((loaded.set->fingerprint(loaded.first) == tables.set->fingerprint(tables.first)));
}

BOOST_AUTO_TEST_CASE(a_checkpoint_that_was_never_written_can_end) {
  Tables tables;
  tables.put_and_publish(0, {1, 1});
  static_cast<void>(tables.set->begin_checkpoint());
  tables.set->end_checkpoint(false);
  BOOST_TEST(tables.set->dirty_bytes() == kPageBytes);
  BOOST_TEST((*tables.set->recompute_fingerprint(tables.first) == tables.set->fingerprint(tables.first)));
}

BOOST_AUTO_TEST_CASE(old_pages_of_a_running_checkpoint_expire_nobody) {
  Tables tables({.snapshot_bytes_max = 4 * sizeof(Page)});
  for (std::uint64_t page = 0; page < 20; ++page) {
    tables.put(page * kRowsPerPage, {1, 1});
  }
  tables.set->publish(1);
  static_cast<void>(tables.set->begin_checkpoint());
  for (std::uint64_t page = 0; page < 19; ++page) {
    tables.put_and_publish(page * kRowsPerPage, {2, 2});
  }
  const auto snapshot = tables.set->snapshot();
  tables.put_and_publish(19 * kRowsPerPage, {2, 2});
  BOOST_TEST(snapshot->status().has_value());
  tables.finish_checkpoint();
  BOOST_TEST(snapshot->status().has_value());
  BOOST_TEST(snapshot->get<Row>(tables.first, 19 * kRowsPerPage) == (Row{1, 1}));
  BOOST_TEST(tables.set->resident_bytes() == 21 * sizeof(Page));
}

BOOST_AUTO_TEST_CASE(state_of_other_tables_or_with_a_flipped_byte_is_damaged) {
  Tables tables;
  tables.put_and_publish(0, {1, 1});
  const std::string state = tables.checkpoint();

  const auto other = TableSet::make(tables.views.get(), 7, {});
  static_cast<void>(other->add_table({.name = "first", .row_bytes = 16}));
  BOOST_TEST(!other->load(state, 1).has_value());
  static_cast<void>(other->add_table({.name = "second", .row_bytes = 24}));
  BOOST_TEST(!other->load(state, 1).has_value());

  for (std::size_t at = 0; at < state.size(); ++at) {
    std::string bad = state;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    const Status status = tables.set->load(bad, 1);
    BOOST_REQUIRE(!status.has_value());
    BOOST_TEST(status.error().name() == "StateDamaged");
    BOOST_REQUIRE(!tables.set->load(std::string_view(state).substr(0, at), 1).has_value());
  }
  BOOST_TEST(tables.get(0) == (Row{1, 1}), "a load that fails changes nothing");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(memory)

BOOST_AUTO_TEST_CASE(clean_pages_beyond_the_budget_go_and_come_back) {
  Tables tables(pages_in_memory(8));
  constexpr std::uint64_t kRows = 100 * kRowsPerPage;
  for (std::uint64_t i = 0; i < kRows; ++i) {
    tables.put(i, number_row(i));
  }
  tables.set->publish(1);
  BOOST_TEST(tables.set->resident_bytes() == 100 * sizeof(Page), "dirty pages stay");
  tables.checkpoint();
  BOOST_TEST(tables.set->resident_bytes() == 8 * sizeof(Page));
  const auto snapshot = tables.set->snapshot();
  for (std::uint64_t i = 0; i < kRows; i += 37) {
    BOOST_REQUIRE(snapshot->get<Row>(tables.first, i) == number_row(i));
    BOOST_REQUIRE(tables.get(kRows - 1 - i) == number_row(kRows - 1 - i));
  }
  BOOST_TEST(tables.set->resident_bytes() <= 10 * sizeof(Page));
  BOOST_TEST(tables.set->status().has_value());
  BOOST_TEST(snapshot->status().has_value());
}

BOOST_AUTO_TEST_CASE(a_page_in_use_stays_while_others_come_and_go) {
  Tables tables(pages_in_memory(4));
  for (std::uint64_t i = 0; i < 40; ++i) {
    tables.put(i * kRowsPerPage, number_row(i));
  }
  tables.set->publish(1);
  tables.checkpoint();
  const auto reader = tables.set->snapshot();
  const auto other = tables.set->snapshot();
  const std::byte* const held = reader->row(tables.first, 0);
  for (std::uint64_t i = 0; i < 40; ++i) {
    BOOST_REQUIRE(other->get<Row>(tables.first, i * kRowsPerPage) == number_row(i));
  }
  Row still;
  std::memcpy(&still, held, sizeof(still));
  BOOST_TEST(still == number_row(0));
}

BOOST_AUTO_TEST_CASE(a_group_may_touch_more_pages_than_memory_holds) {
  Tables tables(pages_in_memory(4));
  for (std::uint64_t i = 0; i < 40; ++i) {
    tables.put(i * kRowsPerPage, number_row(i));
  }
  tables.set->publish(1);
  tables.checkpoint();
  for (std::uint64_t i = 0; i < 40; ++i) {
    tables.put(i * kRowsPerPage + 1, number_row(i));
  }
  tables.set->publish(2);
  for (std::uint64_t i = 0; i < 40; ++i) {
    BOOST_REQUIRE(tables.get(i * kRowsPerPage) == number_row(i));
    BOOST_REQUIRE(tables.get(i * kRowsPerPage + 1) == number_row(i));
  }
  tables.set->discard();  // The group that read them ends: it holds no page any more.
  tables.checkpoint();
  BOOST_TEST(tables.set->resident_bytes() == 4 * sizeof(Page));
}

BOOST_AUTO_TEST_CASE(a_growing_table_reads_nothing) {
  Tables tables;
  for (std::uint64_t i = 0; i < 20; ++i) {
    tables.put_and_publish(i * kRowsPerPage, {1, 1});
    BOOST_TEST(tables.get(100 * kRowsPerPage) == Row{});
  }
  BOOST_TEST(tables.views->reads() == 0U);
}

BOOST_AUTO_TEST_CASE(a_page_that_cannot_be_read_is_reported_and_reads_as_zeros) {
  Tables tables;
  tables.put(0, {1, 1});
  tables.put_and_publish(kRowsPerPage, {1, 1});
  const std::string state = tables.checkpoint();
  const auto all = tables.views->contents();

  Tables loaded({}, tables.views);
  BOOST_REQUIRE(loaded.set->load(state, 1).has_value());
  auto snapshot = loaded.set->snapshot();
  loaded.views->fail_reads(true);
  BOOST_TEST(snapshot->get<Row>(loaded.first, 0) == Row{});
  BOOST_REQUIRE(!snapshot->status().has_value());
  BOOST_TEST(snapshot->status().error().name() == "ReadFailed");
  BOOST_REQUIRE(!loaded.set->status().has_value());
  BOOST_TEST(loaded.set->status().error().name() == "ReadFailed");
  BOOST_TEST(!loaded.set->recompute_fingerprint(loaded.first).has_value());
  loaded.put(0, {9, 9});
  loaded.set->discard();
  loaded.views->fail_reads(false);
  BOOST_TEST(loaded.get(0) == (Row{1, 1}), "what failed once is read again");
  snapshot.reset();

  std::string damaged = all.begin()->second;
  damaged[0] = static_cast<char>(damaged[0] ^ 1);
  loaded.views->put(all.begin()->first, damaged);
  BOOST_REQUIRE(loaded.set->load(state, 1).has_value());
  BOOST_TEST(loaded.set->status().has_value());
  BOOST_TEST(loaded.get(0) == Row{});
  BOOST_REQUIRE(!loaded.set->status().has_value());
  BOOST_TEST(loaded.set->status().error().name() == "StateDamaged");
  loaded.set->discard();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(fingerprints)

// Stored beside checkpoints: if this fails, the function changed, and every ledger rebuilds its views.
BOOST_AUTO_TEST_CASE(the_function_is_final) {
  Tables tables;
  tables.put_and_publish(3, {1, 2});
  const Fingerprint sum = tables.set->fingerprint(tables.first);
  BOOST_TEST(sum[0] == 0x73f83cafdee5487aULL);
  BOOST_TEST(sum[1] == 0x6a049944d40b452bULL);
}

BOOST_AUTO_TEST_CASE(the_order_of_writing_does_not_matter) {
  Tables forward;
  Tables backward;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    forward.put(i, number_row(i));
    backward.put_and_publish(2999 - i, {4, 4});
    backward.put(2999 - i, number_row(2999 - i));
  }
  forward.set->publish(1);
  backward.set->publish(1);
  BOOST_TEST((forward.set->fingerprint(forward.first) == backward.set->fingerprint(backward.first)));
}

BOOST_AUTO_TEST_CASE(swapped_rows_tables_and_single_bits_show) {
  const auto sum_of = [](std::uint64_t x, Row row_x, std::uint64_t y, Row row_y, bool second = false) {
    Tables tables;
    const TableId id = second ? tables.second : tables.first;
    tables.set->overlay().put(id, x, row_x);
    tables.set->overlay().put(id, y, row_y);
    tables.set->publish(1);
    return tables.set->fingerprint(id);
  };
  const Fingerprint plain = sum_of(1, {1, 2}, 2, {3, 4});
  BOOST_TEST((plain == sum_of(2, {3, 4}, 1, {1, 2})));
  BOOST_TEST((plain != sum_of(1, {3, 4}, 2, {1, 2})));
  BOOST_TEST((plain != sum_of(1, {2, 1}, 2, {3, 4})));
  BOOST_TEST((plain != sum_of(1, {1, 2}, 2, {3, 4}, true)));
  BOOST_TEST((plain != sum_of(1, {1, 2}, 3, {3, 4})));
  for (int bit = 0; bit < 63; ++bit) {
    BOOST_REQUIRE((plain != sum_of(1, {1 ^ (std::int64_t{1} << bit), 2}, 2, {3, 4})));
  }
}

BOOST_AUTO_TEST_CASE(a_row_of_zeros_is_a_row_never_written) {
  Tables tables;
  BOOST_TEST((tables.set->fingerprint(tables.first) == Fingerprint{}));
  tables.put_and_publish(77, {1, 1});
  BOOST_TEST((tables.set->fingerprint(tables.first) != Fingerprint{}));
  tables.put_and_publish(77, {0, 0});
  BOOST_TEST((tables.set->fingerprint(tables.first) == Fingerprint{}));
  BOOST_TEST(tables.set->overlay().row_count(tables.first) == 78U);
}

BOOST_AUTO_TEST_CASE(it_is_that_of_the_published_state_while_a_checkpoint_runs) {
  Tables tables;
  Tables twin;
  for (std::uint64_t i = 0; i < 1000; i += 10) {
    tables.put(i, number_row(i));
    twin.put(i, i < 500 ? Row{6, 6} : number_row(i));
  }
  tables.set->publish(1);
  twin.set->publish(1);
  static_cast<void>(tables.set->begin_checkpoint());
  for (std::uint64_t i = 0; i < 500; i += 10) {
    tables.put_and_publish(i, {6, 6});
  }
  const Fingerprint expected = twin.set->fingerprint(twin.first);
  BOOST_TEST((tables.set->fingerprint(tables.first) == expected));
  tables.put(0, {7, 7});
  BOOST_TEST((tables.set->fingerprint(tables.first) == expected), "the overlay does not count");
  tables.set->discard();
  tables.finish_checkpoint();
  BOOST_TEST((tables.set->fingerprint(tables.first) == expected));
  BOOST_TEST((*tables.set->recompute_fingerprint(tables.first) == expected));
}

BOOST_AUTO_TEST_CASE(recomputing_finds_rot_behind_a_page_in_memory) {
  Tables tables;
  tables.put(0, {1, 1});
  tables.put_and_publish(kRowsPerPage, {2, 2});
  tables.checkpoint();
  auto pages = tables.views->contents();
  const std::string old_second = std::next(pages.begin())->second;
  tables.put_and_publish(kRowsPerPage, {3, 3});
  tables.checkpoint();
  BOOST_TEST((*tables.set->recompute_fingerprint(tables.first) == tables.set->fingerprint(tables.first)));

  tables.views->put(std::next(pages.begin())->first, old_second);  // A lost write: the checksum is right.
  BOOST_TEST((*tables.set->recompute_fingerprint(tables.first) != tables.set->fingerprint(tables.first)));
  std::string flipped = pages.begin()->second;
  flipped[3] = static_cast<char>(flipped[3] ^ 4);
  tables.views->put(pages.begin()->first, flipped);
  const Result<Fingerprint> found = tables.set->recompute_fingerprint(tables.first);
  BOOST_REQUIRE(!found.has_value());
  BOOST_TEST(found.error().name() == "StateDamaged");
  BOOST_TEST(tables.get(0) == (Row{1, 1}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::project
