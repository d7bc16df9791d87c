// SPDX-License-Identifier: Apache-2.0
#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace carnet::tool {

namespace {

constexpr std::size_t kRowsHeld = 1000;
constexpr std::size_t kGap = 2;
constexpr std::size_t kIndent = 4;  // of the lines that go on with a row
constexpr std::size_t kNarrowest = 8;
constexpr std::size_t kNarrowestPath = 20;

std::size_t narrowest(const Column& column) {
  return column.keeps_end ? kNarrowestPath : kNarrowest;
}

/// The end of `text` in `width` places, behind an ellipsis.
std::string end_of(std::string_view text, std::size_t width) {
  std::size_t at = base::display_width(text);
  while (at >= width && !text.empty()) {
    static_cast<void>(base::take_code_point(text));
    at = base::display_width(text);
  }
  return base::fit(fmt::format("…{}", text), width);
}

}  // namespace

Table::Table(Output& output, std::vector<Column> columns) : output_(output), columns_(std::move(columns)) {
  widths_.reserve(columns_.size());
  for (const Column& column : columns_) {
    widths_.push_back(base::display_width(column.title));
  }
  begins_line_.resize(columns_.size(), false);
}

void Table::row(std::vector<std::string> cells) {
  has_rows_ = true;
  add({Kind::kRow, std::move(cells)});
}

void Table::rule() {
  add({Kind::kRule, {}});
}

void Table::note(std::string_view text) {
  add({Kind::kNote, {std::string(text)}});
}

void Table::add(Line line) {
  if (is_settled_) {
    print(line);
    return;
  }
  held_.push_back(std::move(line));
  if (held_.size() >= kRowsHeld) {
    settle();
  }
}

std::size_t Table::total_width() const {
  std::size_t total = kGap * (widths_.size() - 1);
  for (const std::size_t width : widths_) {
    total += width;
  }
  return total;
}

/// The widest column that may shrink gives one place at a time: columns of names end up alike.
void Table::shrink() {
  while (output_.width() > 0 && total_width() > output_.width()) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].may_shrink && widths_[i] > narrowest(columns_[i]) &&
          (widest == columns_.size() || widths_[i] > widths_[widest])) {
        widest = i;
      }
    }
    if (widest == columns_.size()) {
      break;
    }
    --widths_[widest];
  }
}

void Table::wrap() {
  if (output_.width() == 0 || total_width() <= output_.width()) {
    return;
  }
  std::size_t used = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    begins_line_[i] = i > 0 && used + kGap + widths_[i] > output_.width();
    used = begins_line_[i] ? kIndent + widths_[i] : used + widths_[i] + (i > 0 ? kGap : 0);
  }
}

std::size_t Table::rule_width() const {
  return output_.width() > 0 ? std::min(total_width(), output_.width()) : total_width();
}

void Table::settle() {
  is_settled_ = true;
  for (const Line& line : held_) {
    for (std::size_t i = 0; line.kind == Kind::kRow && i < line.cells.size(); ++i) {
      widths_[i] = std::max(widths_[i], base::display_width(line.cells[i]));
    }
  }
  shrink();
  wrap();
  std::vector<std::string> titles;
  titles.reserve(columns_.size());
  for (const Column& column : columns_) {
    titles.push_back(column.title);
  }
  if (has_rows_) {
    print_row(titles);
    print({Kind::kRule, {}});
  }
  for (const Line& line : held_) {
    print(line);
  }
  held_.clear();
}

void Table::print(const Line& line) {
  switch (line.kind) {
    case Kind::kRow:
      print_row(line.cells);
      break;
    case Kind::kRule: {
      std::string text;
      for (std::size_t i = 0; i < rule_width(); ++i) {
        text += "─";
      }
      output_.line(text);
      break;
    }
    case Kind::kNote: {
      const std::string text = fmt::format("  {}", line.cells.front());
      const bool is_too_wide = output_.width() > 0 && base::display_width(text) > output_.width();
      output_.line(is_too_wide ? base::fit(text, output_.width()) : base::printable(text));
      break;
    }
  }
}

std::string Table::cell_text(std::size_t column, const std::string& cell) const {
  const Column& how = columns_[column];
  const std::size_t width = base::display_width(cell);
  if (!how.may_shrink || output_.width() == 0) {
    return base::fit(cell, std::max(widths_[column], width), how.align);
  }
  return how.keeps_end && width > widths_[column] ? end_of(cell, widths_[column])
                                                  : base::fit(cell, widths_[column], how.align);
}

void Table::print_row(const std::vector<std::string>& cells) {
  std::string text;
  const auto end_line = [&] {
    text.erase(text.find_last_not_of(' ') + 1);
    output_.line(text);
    text.clear();
  };
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (begins_line_[i]) {
      end_line();
    }
    text.append(begins_line_[i] ? kIndent : i > 0 ? kGap : 0, ' ');
    text += cell_text(i, cells[i]);
  }
  end_line();
}

bool Table::finish() {
  if (!is_settled_) {
    settle();
  }
  return has_rows_;
}

std::string number_text(Money money) {
  const std::string text = to_text(money);
  return base::group_thousands(std::string_view(text).substr(0, text.find(' ')));
}

std::string amount_text(Money money) {
  return fmt::format("{} {}", number_text(money), money.currency.code());
}

std::string count_text(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3; at -= 3) {
    digits.insert(at - 3, 1, ',');
  }
  return digits;
}

std::string count_of(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count_text(count), what, count == 1 ? "" : "s");
}

}  // namespace carnet::tool
