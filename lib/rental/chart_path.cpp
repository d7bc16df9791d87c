// SPDX-License-Identifier: Apache-2.0
#include "rental/chart_path.hpp"

#include "base/ids.hpp"

#include <algorithm>

namespace carnet::rental {

namespace {

bool is_id(std::string_view text) {
  return base::check_id(text, {}) == base::IdFault::kNone;
}

std::string_view take(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view part = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
  return part;
}

/// `family/id`, where the family is one of `families` (words).
bool take_name(std::string_view& rest, std::string_view families) {
  const std::string_view family = take(rest);
  bool known = false;
  while (!families.empty()) {
    const std::size_t space = families.find(' ');
    known = known || families.substr(0, space) == family;
    families = space == std::string_view::npos ? std::string_view{} : families.substr(space + 1);
  }
  return known && is_id(take(rest));
}

bool take_none(std::string_view& rest) {
  std::string_view ahead = rest;
  if (take(ahead) != "none" || !ahead.empty()) {
    return false;
  }
  rest = ahead;
  return true;
}

/// Takes what a placeholder stands for.
bool take_placeholder(std::string_view name, std::string_view& rest) {
  if (name == "{party}") {
    return take_name(rest, "account external");
  }
  if (name == "{of}") {
    return take_none(rest) || take_name(rest, "order violation");
  }
  if (name == "{psp}") {
    return take_none(rest) || take_name(rest, "psp");
  }
  if (name == "{partner}") {
    return take_name(rest, "partner authority psp collector");
  }
  // Cash has no hold.
  return (name == "{hold}" && rest.empty()) || is_id(take(rest));
}

bool is_of(const ChartRow& row, std::string_view path) {
  std::string_view pattern = row.path;
  while (!pattern.empty()) {
    const std::string_view part = take(pattern);
    const bool fits = part.starts_with('{') ? take_placeholder(part, path) : take(path) == part;
    if (!fits) {
      return false;
    }
  }
  return path.empty();
}

}  // namespace

const ChartRow* chart_of_path(std::span<const ChartRow> chart, std::string_view path) {
  const auto found = path.ends_with('/')
                         ? chart.end()
                         : std::ranges::find_if(chart, [&](const ChartRow& row) { return is_of(row, path); });
  return found == chart.end() ? nullptr : &*found;
}

std::string_view party_of_path(const ChartRow& row, std::string_view path) {
  const std::size_t at = row.path.find("{party}");
  if (at == std::string_view::npos) {
    return {};
  }
  const std::string_view from = path.substr(at);
  const std::size_t id = from.find('/') + 1;
  return from.substr(0, from.find('/', id));
}

}  // namespace carnet::rental
