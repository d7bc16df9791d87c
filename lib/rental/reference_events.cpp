// SPDX-License-Identifier: Apache-2.0
//
// The event catalogue: by stream family, what each event carries, moves and posts.
#include "rental/reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

namespace carnet::rental {

namespace {

/// Lifecycles that the event moves or is guarded by.
std::string lifecycles_of(const RuleBook& book, std::uint16_t type) {
  std::vector<std::string> names;
  for (const Concern& concern : book.concerns_of(type)) {
    names.push_back(fmt::format("{}{}", machine_name(concern.machine), concern.follows ? " (follows)" : ""));
  }
  return names.empty() ? "note" : comma_list(names);
}

std::string postings_of(const RuleBook& book, std::uint16_t type) {
  std::vector<std::string> rules;
  for (const PostingPlan& plan : book.postings(type)) {
    if (std::ranges::find(rules, plan.row->rule) == rules.end()) {
      rules.emplace_back(plan.row->rule);
    }
  }
  return rules.empty() ? "—" : comma_list(rules);
}

std::string family_of(const codec::PayloadType& type) {
  std::vector<std::string> families;
  for (const std::string& family : type.stream_families()) {
    families.push_back("`" + family + "/`");
  }
  return families.empty() ? "any stream" : comma_list(families);
}

}  // namespace

std::string events_page(const RuleBook& book) {
  std::map<std::string, std::vector<std::uint16_t>> families;
  for (std::uint16_t type = 0; type < book.event_count(); ++type) {
    families[family_of(book.payload_type(type))].push_back(type);
  }
  std::string page = fmt::format(
      "# Events\n\n{} types of the rental domain. Payloads are written so: ids have no type, `?` is optional, `[]` a "
      "list, `{{a|b}}` a closed enum, `⟨list⟩` a code of an open list ([codes](codes.md)), `*@D7` personal data of a "
      "class, sealed. *Derived* events follow from earlier facts and the rule sets in force.\n",
      book.event_count());
  auto out = std::back_inserter(page);
  for (const auto& [family, types] : families) {
    fmt::format_to(out, "\n## {}\n\n| Event | Payload | Lifecycle | Posting |\n|---|---|---|---|\n", family);
    for (const std::uint16_t type : types) {
      const codec::PayloadType& payload = book.payload_type(type);
      std::string outline = payload.outline();
      for (std::size_t at = 0; (at = outline.find('|', at)) != std::string::npos; at += 2) {
        outline.insert(at, "\\");
      }
      fmt::format_to(out, "| {}{} | {} | {} | {} |\n", book.event_name(type), payload.derived() ? " *(derived)*" : "",
                     outline, lifecycles_of(book, type), postings_of(book, type));
    }
  }
  return page;
}

}  // namespace carnet::rental
