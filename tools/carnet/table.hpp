// SPDX-License-Identifier: Apache-2.0
//
// Tables for people: columns as wide as what stands in them. Where a terminal is too narrow, names are cut with an
// ellipsis; where that is not enough, a row takes several lines, and so does the line of titles.
#pragma once

#include "base/text.hpp"
#include "output.hpp"

#include <carnet/money.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::tool {

struct Column {
  std::string title;
  base::Align align = base::Align::kLeft;
  bool may_shrink = false;  ///< Names and ids; never amounts, times or states.
  bool keeps_end = false;   ///< A path: it is cut at its beginning, because paths differ at their ends.
};

/// Streams rows: the first ones set the widths, a longer cell later on moves its own line only. A list that was ended
/// early or is empty still ends well. One thread at a time.
class Table {
 public:
  Table(Output& output, std::vector<Column> columns);

  void row(std::vector<std::string> cells);
  /// A line across the table, before a total.
  void rule();
  /// A line of text among the rows, indented under the row before it; cut to the terminal.
  void note(std::string_view text);
  /// Prints what is held back. False: there was no row, and nothing was printed.
  bool finish();

 private:
  enum class Kind : std::uint8_t { kRow, kRule, kNote };

  struct Line {
    Kind kind = Kind::kRow;
    std::vector<std::string> cells;
  };

  void add(Line line);
  void settle();
  void print(const Line& line);
  void print_row(const std::vector<std::string>& cells);
  [[nodiscard]] std::string cell_text(std::size_t column, const std::string& cell) const;
  [[nodiscard]] std::size_t total_width() const;
  [[nodiscard]] std::size_t rule_width() const;
  void shrink();
  void wrap();

  Output& output_;
  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<bool> begins_line_;  // of a column: a row goes on in a new line before it
  std::vector<Line> held_;
  bool is_settled_ = false;
  bool has_rows_ = false;
};

/// `1,234.50 EUR`
[[nodiscard]] std::string amount_text(Money money);
/// `1,234.50`, for columns beside a currency.
[[nodiscard]] std::string number_text(Money money);
/// `1,234`
[[nodiscard]] std::string count_text(std::uint64_t count);
/// `1 event`, `1,234 events`
[[nodiscard]] std::string count_of(std::uint64_t count, std::string_view what);

}  // namespace carnet::tool
