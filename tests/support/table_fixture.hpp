// SPDX-License-Identifier: Apache-2.0
//
// A small table set over a views/ in memory, for the unit tests of lib/project.
#pragma once

#include "project/state_page.hpp"
#include "project/table_set.hpp"
#include "support/fake_views.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

namespace carnet::project {

struct Row {
  std::int64_t a = 0;
  std::int64_t b = 0;

  friend bool operator==(const Row&, const Row&) = default;

  friend std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.a << '/' << row.b; }
};

inline constexpr std::uint64_t kRowsPerPage = kPageBytes / sizeof(Row);

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

inline Row number_row(std::uint64_t i) {
  return {static_cast<std::int64_t>(i) + 1, -static_cast<std::int64_t>(i)};
}

inline TableSetOptions pages_in_memory(std::size_t pages) {
  return {.memory_bytes = pages * sizeof(Page)};
}

}  // namespace carnet::project
