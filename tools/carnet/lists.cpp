// SPDX-License-Identifier: Apache-2.0
//
// The engine of the verbs that list subjects of lifecycles.
#include "lists.hpp"

#include "json.hpp"
#include "table.hpp"
#include "verbs.hpp"

#include <carnet/rental/subjects.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace carnet::tool {

namespace {

const ListVerb& verb_named(std::string_view name) {
  const auto all = list_verbs();
  const auto found = std::ranges::find(all, name, &ListVerb::name);
  return found == all.end() ? all.front() : *found;
}

const ListKind* kind_of(std::span<const ListKind> kinds, const Subject& subject) {
  const auto found = std::ranges::find(kinds, subject.lifecycle->name, &ListKind::lifecycle);
  return found == kinds.end() ? nullptr : &*found;
}

/// Those that the domain has, and as parts those that can belong to the verb's subjects.
std::vector<std::string> known(std::span<const ListKind> kinds, std::string_view part_of = {}) {
  std::vector<std::string> out;
  for (const ListKind& kind : kinds) {
    const Lifecycle* lifecycle = find_lifecycle(kind.lifecycle);
    if (lifecycle == nullptr) {
      continue;
    }
    const bool belongs = (lifecycle->keyed && lifecycle->family == part_of) ||
                         std::ranges::find(lifecycle->links, part_of) != lifecycle->links.end();
    if (part_of.empty() || belongs) {
      out.emplace_back(kind.lifecycle);
    }
  }
  return out;
}

/// A formula's terms in the subject's currency; nothing where a term is not there, no amount was ever named, or the sum
/// leaves 64 bits.
std::optional<Money> amount_of(const ListAmount& amount, const Subject& subject) {
  if (subject.currency.is_none()) {
    return std::nullopt;
  }
  Money sum{0, subject.currency};
  const auto add = [&](const Subject& of, std::string_view name, bool is_less) {
    const auto term = of.sum(name);
    if (!term || (of.currency != subject.currency && *term != 0)) {
      return false;
    }
    std::int64_t& total = sum.minor;
    return is_less ? !__builtin_sub_overflow(total, *term, &total) : !__builtin_add_overflow(total, *term, &total);
  };
  for (std::string_view rest = amount.formula; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    std::string_view name = rest.substr(1, end - 1);
    const bool is_less = rest.front() == '-';
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos) {
      if (!add(subject, name, is_less)) {
        return std::nullopt;
      }
      continue;
    }
    for (const Subject& part : subject.parts) {
      if (part.lifecycle->name == name.substr(0, colon) && !add(part, name.substr(colon + 1), is_less)) {
        return std::nullopt;
      }
    }
  }
  return sum;
}

bool has_own_state(const Subject& subject) {
  return subject.state != "none";
}

/// What is made of parts alone has sums only where they are theirs.
std::optional<Money> shown_amount(const ListAmount& amount, const Subject& subject) {
  const bool is_own = amount.formula.find(':') == std::string_view::npos;
  return has_own_state(subject) || !is_own ? amount_of(amount, subject) : std::nullopt;
}

// ---- JSON ----

void add_amounts(JsonObject& object, const ListKind& kind, const Subject& subject) {
  if (kind.amounts.empty() && !subject.currency.is_none()) {
    for (const SubjectSum& sum : subject.sums) {
      object.money(sum.name, {sum.minor, subject.currency});
    }
    if (subject.remaining) {
      object.money("remaining", {*subject.remaining, subject.currency});
    }
  }
  for (const ListAmount& amount : kind.amounts) {
    if (const auto money = shown_amount(amount, subject)) {
      object.money(amount.key, *money);
    }
  }
}

/// `skip`: the family of what the subject is a part of.
void add_links(JsonObject& object, std::string_view id_key, const Subject& subject, std::string_view skip) {
  std::vector<std::string_view> taken{id_key};
  for (const SubjectLink& link : subject.links) {
    const bool is_free = std::ranges::find(taken, link.family) == taken.end();
    const std::string_view key = is_free ? link.family : link.field;
    if (link.family != skip && !key.empty()) {
      object.text(key, link.id);
      taken.push_back(key);
    }
  }
}

std::string json_of(const ListVerb& verb, const ListKind& kind, const Subject& subject, bool is_part) {
  std::string json;
  JsonObject object(json);
  const std::string_view id_key = is_part ? kind.part_key : kind.id_key;
  object.text(id_key, subject.id);
  if (!is_part && verb.kinds.size() > 1) {
    object.text("kind", kind.lifecycle);
  }
  if (!kind.nature_key.empty()) {
    object.text(kind.nature_key, has_own_state(subject) ? kind.nature : kind.nature_of_parts);
  }
  object.text("state", subject.state);
  if (has_own_state(subject)) {
    object.time("since", subject.since);
  }
  if (!subject.kind_name.empty() && subject.kind != "unspecified" && has_own_state(subject)) {
    object.text(subject.kind_name == "kind" ? fmt::format("{}Kind", kind.lifecycle) : std::string(subject.kind_name),
                subject.kind);
  }
  add_amounts(object, kind, subject);
  if (subject.kept_time) {
    object.time(subject.kept_name, *subject.kept_time);
  } else if (subject.kept_number) {
    object.number(subject.kept_name, *subject.kept_number);
  }
  for (const ListMark& mark : kind.marks) {
    const auto found = std::ranges::find(subject.marks, mark.event, &SubjectMark::event);
    if (found != subject.marks.end()) {
      object.number(mark.key, found->position);
    }
  }
  add_links(object, id_key, subject, is_part ? find_lifecycle(verb.kinds.front().lifecycle)->family : "");
  if (!is_part) {
    object.text_if_any("party", subject.party);
  }
  object.flag("assumed", subject.assumed);
  for (const ListKind& part_kind : verb.parts) {
    std::string parts;
    for (const Subject& part : subject.parts) {
      if (part.lifecycle->name == part_kind.lifecycle) {
        parts += (parts.empty() ? "" : ",") + json_of(verb, part_kind, part, true);
      }
    }
    if (!is_part && find_lifecycle(part_kind.lifecycle) != nullptr) {
      object.raw(part_kind.id_key, "[" + parts + "]");
    }
  }
  object.end();
  return json;
}

// ---- Tables ----

std::vector<Column> columns_of(const ListVerb& verb, const Zone& zone) {
  std::vector<Column> out{{std::string(verb.kinds.front().id_key), base::Align::kLeft, true}};
  if (verb.kinds.size() > 1) {
    out.push_back({"kind"});
  }
  out.push_back({"state"});
  out.push_back({fmt::format("since ({})", zone.name())});
  for (const std::string_view title : verb.titles) {
    out.push_back({std::string(title), base::Align::kRight});
  }
  if (!verb.titles.empty()) {
    out.push_back({"currency"});
  }
  for (const ListMark& mark : verb.kinds.front().marks) {
    if (!mark.title.empty()) {
      out.push_back({std::string(mark.title), base::Align::kRight});
    }
  }
  for (const std::string_view family : verb.links) {
    out.push_back({std::string(family), base::Align::kLeft, true});
  }
  out.push_back({"party", base::Align::kLeft, true});
  return out;
}

std::vector<std::string> cells_of(const ListVerb& verb, const ListKind& kind, const Subject& subject, bool is_part,
                                  Zone& zone) {
  std::vector<std::string> cells{(is_part ? "  " : "") + subject.id};
  if (verb.kinds.size() > 1) {
    cells.emplace_back(kind.lifecycle);
  }
  cells.push_back(has_own_state(subject) ? fmt::format("{}{}", subject.state, subject.assumed ? " (assumed)" : "")
                                         : std::string());
  cells.push_back(has_own_state(subject) ? zone.text(subject.since) : std::string());
  for (const std::string_view title : verb.titles) {
    const auto amount = std::ranges::find(kind.amounts, title, &ListAmount::title);
    const auto money = amount == kind.amounts.end() ? std::nullopt : shown_amount(*amount, subject);
    cells.push_back(money ? number_text(*money) : std::string());
  }
  if (!verb.titles.empty()) {
    cells.push_back(!subject.currency.is_none() ? subject.currency.code() : std::string());
  }
  for (const ListMark& mark : verb.kinds.front().marks) {
    if (!mark.title.empty()) {
      const auto found = std::ranges::find(subject.marks, mark.event, &SubjectMark::event);
      cells.push_back(found == subject.marks.end() ? std::string() : std::to_string(found->position));
    }
  }
  for (const std::string_view family : verb.links) {
    cells.emplace_back(is_part ? std::string_view() : subject.link(family));
  }
  cells.push_back(is_part ? std::string() : subject.party);
  return cells;
}

class SubjectPrinter {
 public:
  SubjectPrinter(const Session& session, const ListVerb& verb, Zone& zone)
      : session_(session), verb_(verb), zone_(zone), table_(session.out, columns_of(verb, zone)) {}

  bool add(const Subject& subject) {
    const ListKind& kind = *kind_of(verb_.kinds, subject);
    if (session_.json()) {
      session_.out.json_line(json_of(verb_, kind, subject, false));
    } else {
      table_.row(cells_of(verb_, kind, subject, false, zone_));
      for (const Subject& part : subject.parts) {
        table_.row(cells_of(verb_, *kind_of(verb_.parts, part), part, true, zone_));
      }
    }
    return session_.out.is_good() && !session_.stop.stop_requested();
  }

  void finish() {
    if (!session_.json() && !table_.finish()) {
      session_.console.say(fmt::format("{} {}: there is none", session_.verb, session_.ledger.string()));
    }
  }

 private:
  const Session& session_;
  const ListVerb& verb_;
  Zone& zone_;
  Table table_;
};

std::vector<std::string> projections_of(const SubjectQuery& query) {
  std::vector<std::string> out;
  for (const auto* names : {&query.lifecycles, &query.parts}) {
    for (const std::string& name : *names) {
      const std::string projection(find_lifecycle(name)->projection);
      if (std::ranges::find(out, projection) == out.end()) {
        out.push_back(projection);
      }
    }
  }
  return out;
}

}  // namespace

std::string_view bare_id(std::string_view id, std::string_view family) {
  if (id.starts_with(family) && id.size() > family.size() && id[family.size()] == '/') {
    id.remove_prefix(family.size() + 1);
  }
  return id;
}

Error no_such(std::string_view name, std::string_view what, std::string_view id) {
  return {ErrorCode::kNotFound,
          std::string(name),
          fmt::format("the ledger knows no {} of this id", what),
          {{"id", std::string(id)}}};
}

Result<Exit> run(const Session& session, const ListCommand& command) {
  const ListVerb& verb = verb_named(session.verb);
  CARNET_TRY(const Ledger::Opened opened, open_for_reading(session));
  CARNET_TRY(const std::unique_ptr<View> view, opened.ledger->view());
  CARNET_TRY(Zone zone, zone_for(session, *view, command.zone));
  SubjectPrinter printer(session, verb, zone);
  SubjectQuery query{.lifecycles = known(verb.kinds), .limit = command.limit};
  if (query.lifecycles.empty() && !command.id.empty()) {
    return no_such(verb.error, verb.noun, command.id);
  }
  if (query.lifecycles.empty() && !command.after.empty()) {
    return no_such("AfterUnknown", verb.noun, command.after);
  }
  if (!query.lifecycles.empty()) {
    const std::string_view family = find_lifecycle(query.lifecycles.front())->family;
    query.parts = known(verb.parts, family);
    query.after = bare_id(command.after, family);
    CARNET_TRY(const StatesThen then,
               StatesThen::make(session, *view, command.as_of, command.known_at, zone, projections_of(query)));
    if (command.id.empty()) {
      CARNET_TRY_VOID(list_subjects(then.get(), query, [&](const Subject& subject) { return printer.add(subject); }));
    } else {
      const std::string_view id = bare_id(command.id, family);
      CARNET_TRY(const auto found, find_subjects(then.get(), query, id));
      if (found.empty()) {
        return no_such(verb.error, verb.noun, id);
      }
      for (const Subject& subject : found) {
        printer.add(subject);
      }
    }
  }
  printer.finish();
  return Exit::kDone;
}

}  // namespace carnet::tool
