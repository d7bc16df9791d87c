// SPDX-License-Identifier: Apache-2.0
//
// Goal: what a checkpoint, the memory budget and a fingerprint promise, one behaviour a case. Method: small tables over
// a views/ in memory that can lose, damage and refuse.
#undef BOOST_TEST_MODULE  // main() is in table_set_test.cpp
#include "project/state_page.hpp"
#include "project/table_set.hpp"
#include "support/table_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <iterator>
#include <memory>
#include <string>

namespace carnet::project {
namespace {

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
