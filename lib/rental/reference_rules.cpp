// SPDX-License-Identifier: Apache-2.0
//
// What must hold beside the state, the names of findings, and the open lists.
#include "rental/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

namespace carnet::rental {

namespace {

std::string_view severity_words(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kBreach:
      return "breach";
  }
  return {};
}

std::string_view basis_words(const GuardRow& guard) {
  if (guard.always_refused) {
    return "refused on every basis";
  }
  return guard.only_finding ? "finding on every basis" : "refused on `decision`, else a finding";
}

void append_guards(const RuleBook& book, std::string& page) {
  struct Rule {
    Guard guard;
    std::vector<std::string> events;
  };

  std::map<std::tuple<std::string_view, std::string_view, Guard>, Rule> rules;
  for (const GuardUse& use : book.tables().guards) {
    for (const Guard guard : use.guards) {
      Rule& rule = rules[{guard->rule, guard->error, guard}];
      rule.guard = guard;
      std::string event = event_words(book, use.event, use.kinds);
      if (std::ranges::find(rule.events, event) == rule.events.end()) {
        rule.events.push_back(std::move(event));
      }
    }
  }
  page += "## Beside the state\n\n| Rule | Error | Where | On | Events |\n|---|---|---|---|---|\n";
  for (const auto& [key, rule] : rules) {
    fmt::format_to(std::back_inserter(page), "| {} | `{}` | {} | {} | {} |\n", rule.guard->rule, rule.guard->error,
                   rule.guard->path.empty() ? std::string{} : fmt::format("`{}`", rule.guard->path),
                   basis_words(*rule.guard), comma_list(rule.events));
  }
}

void append_fields(const RuleBook& book, std::string& page) {
  page += "\n## Fields of which one stands\n\n| Event | One of | On |\n|---|---|---|\n";
  for (const FieldRow& row : book.tables().fields) {
    std::string names(row.any_of);
    std::ranges::replace(names, ',', ' ');
    fmt::format_to(std::back_inserter(page), "| {}{} | {} | {} |\n", row.event,
                   row.family.empty() ? std::string{} : fmt::format(" in `{}/`", row.family), names,
                   row.always_refused       ? "refused on every basis"
                   : row.assumed_on_history ? "refused on `decision`; on `history` listed in `Assumed`"
                                            : "refused on `decision`, else a finding");
  }
}

}  // namespace

std::string rules_page(const RuleBook& book) {
  std::string page =
      "# Rules\n\nRules by their ids, with the error of a refusal; the same name is that of the finding where an event "
      "is kept.\n\n";
  append_guards(book, page);
  append_fields(book, page);
  page += "\n## Findings\n\n| Finding | Severity |\n|---|---|\n";
  for (const FindingRow& row : book.tables().findings) {
    fmt::format_to(std::back_inserter(page), "| `{}` | {} |\n", row.code, severity_words(row.severity));
  }
  page += "\n## Basis\n\n| Basis | Role |\n|---|---|\n| decision | any |\n";
  for (const BasisRow& row : book.tables().bases) {
    fmt::format_to(std::back_inserter(page), "| {} | {} |\n", to_string(row.basis), row.role);
  }
  return page;
}

std::string codes_page(const RuleBook& book) {
  std::string page =
      "# Codes and tags\n\nOpen lists are rule set `codes`; these are its version 1. A code that is not listed is kept "
      "with finding `UnknownCode`; `notStated` belongs to every list.\n\n| List | Codes |\n|---|---|\n";
  auto out = std::back_inserter(page);
  for (const CodeList& list : code_table()) {
    fmt::format_to(out, "| {} | {} |\n", list.list, list.codes);
  }
  page += "\n## Tags\n\n| Field | Tag |\n|---|---|\n";
  for (const TagRule& rule : book.tables().tags) {
    std::vector<std::string> values;
    for (const std::string_view value : rule.when_values) {
      values.emplace_back(value);
    }
    fmt::format_to(
        out, "| {}{}{} | {} |\n", rule.marked ? "marked " : "", rule.field,
        values.empty() ? std::string{} : fmt::format(", where {} is {}", rule.when_field, comma_list(values)),
        rule.family.empty() ? std::string("the name itself") : fmt::format("`{}/`", rule.family));
  }
  return page;
}

}  // namespace carnet::rental
