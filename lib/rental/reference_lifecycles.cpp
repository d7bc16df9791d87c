// SPDX-License-Identifier: Apache-2.0
//
// The lifecycles: a diagram and a table of each.
#include "rental/reference.hpp"

#include <fmt/format.h>

#include <iterator>
#include <set>

namespace carnet::rental {

namespace {

std::string_view name_in(const LifecycleRow& row, State state) {
  return state == kStay ? state_name(row.machine, row.from) : state_name(row.machine, state);
}

std::string diagram_state(std::string_view name) {
  return name == "none" ? "[*]" : std::string(name);
}

std::string next_words(const LifecycleRow& row, bool sums) {
  const std::string_view next = row.next == kStay ? "stays" : name_in(row, row.next);
  const std::string_view clear = row.clear == kStay ? "stays" : name_in(row, row.clear);
  if (next == clear || !sums) {
    return std::string(next);
  }
  return fmt::format("{}; {} when nothing remains", next, clear);
}

std::string condition_words(const LifecycleRow& row) {
  std::vector<std::string> words;
  if (!row.error.empty()) {
    words.push_back(fmt::format("`{}` on `decision`", row.error));
  }
  if (!row.finding.empty()) {
    words.push_back(fmt::format("finding `{}`", row.finding));
  }
  if (row.follows) {
    words.emplace_back("follows");
  }
  return comma_list(words);
}

void append_diagram(const MachineRow& machine, const RuleBook& book, std::string& page) {
  std::set<std::string> edges;  // Kinds of one event may lead the same way.
  for (const LifecycleRow& row : book.tables().lifecycles) {
    if (row.machine != machine.machine || row.event.empty()) {
      continue;
    }
    for (const State next : {row.next, row.clear}) {
      if (next != kStay && next != row.from) {
        edges.insert(fmt::format("  {} --> {}: {}\n", diagram_state(state_name(row.machine, row.from)),
                                 name_in(row, next), row.event));
      }
    }
  }
  if (edges.empty()) {
    return;
  }
  page += "```mermaid\nstateDiagram-v2\n";
  for (const std::string& edge : edges) {
    page += edge;
  }
  page += "```\n\n";
}

}  // namespace

std::string lifecycles_page(const RuleBook& book) {
  std::string page =
      "# Lifecycles\n\nA row: a state, an event that moves it or is legal in it, where that leads. An event in a state "
      "that does not name it is refused `IllegalTransition` on `decision`, kept with a finding of that name on "
      "`report`; on `history` the state before is assumed. *Follows*: the event belongs to another lifecycle, this one "
      "moves with it where it can. What else must hold stands under [rules](rules.md).\n";
  auto out = std::back_inserter(page);
  for (const MachineRow& machine : book.tables().machines) {
    const bool sums = !machine.sums.empty();
    fmt::format_to(out, "\n## {}\n\n{}, of `{}`{}.", machine.name, machine.rule, machine.family,
                   machine.key.empty() ? std::string{} : fmt::format(", one for each `{}`", machine.key));
    if (sums) {
      fmt::format_to(out, " Sums (`+` and `-` make up what remains): {}.", machine.sums);
    }
    page += "\n\n";
    append_diagram(machine, book, page);
    page += "| State | Event | Next | |\n|---|---|---|---|\n";
    for (const LifecycleRow& row : book.tables().lifecycles) {
      if (row.machine == machine.machine) {
        fmt::format_to(out, "| {} | {} | {} | {} |\n", state_name(row.machine, row.from),
                       row.event.empty() ? "after a reversal" : event_words(book, row.event, row.kinds),
                       next_words(row, sums || machine.projection.empty()), condition_words(row));
      }
    }
  }
  return page;
}

}  // namespace carnet::rental
