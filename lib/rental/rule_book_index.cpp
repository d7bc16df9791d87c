// SPDX-License-Identifier: Apache-2.0
//
// How a RuleBook is made: rows of the tables are sorted by event type, machine and projection, and checked.
#include "base/check.hpp"
#include "rental/rows.hpp"
#include "rental/rule_book.hpp"

#include <algorithm>
#include <utility>

namespace carnet::rental {

namespace {

constexpr std::string_view kFamilies[] = {"account",   "external", "payment", "rental",  "staff",     "vehicle",
                                          "violation", "order",    "case",    "deposit", "assistance"};

/// 26 bits of FNV-1a, never 0.
std::uint32_t journal_hash(std::string_view name) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  const auto bits = static_cast<std::uint32_t>((hash >> 38U) ^ hash) & 0x3ff'ffffU;
  return bits == JournalCode::kForeign ? 1 : bits;
}

template <class Rows>
auto& slot(Rows& rows, Machine machine) noexcept {
  return rows[static_cast<std::size_t>(machine)];
}

}  // namespace

RuleBook::RuleBook(const RuleTables& tables) : tables_(tables) {
  index_events();
  index_symbols();
  index_machines();
  index_concerns();
  index_sums();
  index_projections();
  index_rows();
  index_postings();
}

void RuleBook::index_events() {
  for (const EventRow& row : tables_.events) {
    EventTypeSpec spec = row.spec();
    auto type = codec::PayloadType::create(spec.name, spec.schema);
    CARNET_ASSERT(type.has_value(), "schemas of registered events are supported");
    stream_fields_.push_back(text_field((*type)->stream_id_field()));
    payload_types_.push_back(*std::move(type));
    const std::uint32_t name = journal_hash(spec.name);
    CARNET_ASSERT(std::ranges::find(journal_names_, name) == journal_names_.end(), "names of types differ in journals");
    journal_names_.push_back(name);
    specs_.push_back(std::move(spec));
  }
  handover_ = type_of("VehicleHandedOver");
  return_ = type_of("VehicleReturned");
  swap_ = type_of("VehicleSwapped");
  loss_ = type_of("VehicleLost");
}

void RuleBook::index_symbols() {
  const auto add = [&](std::string_view text) {
    if (std::ranges::find(symbols_, text) == symbols_.end()) {
      symbols_.push_back(text);
    }
  };
  for (const ChartRow& row : tables_.chart) {
    add(row.code);
  }
  for (const PostingRow& row : tables_.postings) {
    add(row.rule);
  }
  for (const std::string_view family : kFamilies) {
    add(family);
  }
  for (const MachineRow& row : tables_.machines) {
    if (!row.family.empty()) {
      add(row.family);
    }
    for_each_word(row.links, ' ', [&](std::string_view link) { add(link.substr(0, link.find(':'))); });
  }
  known_ = {.account = symbol("account"),
            .external = symbol("external"),
            .payment = symbol("payment"),
            .rental = symbol("rental"),
            .staff = symbol("staff"),
            .vehicle = symbol("vehicle"),
            .violation = symbol("violation"),
            .order = symbol("order"),
            .receivable = symbol("A3"),
            .credit = symbol("L3"),
            .apply_credit = symbol("PR-03"),
            .pay_refund = symbol("PR-21"),
            .merge = symbol("PR-31")};
  for (std::size_t i = 0; i < symbols_.size(); ++i) {
    std::vector<TextField> fields;
    for (const TagRule& rule : tables_.tags) {
      const TextField field = rule.marked ? nullptr : text_field(rule.field);
      if (rule.family == symbols_[i] && field != nullptr) {
        fields.push_back(field);
      }
    }
    if (!fields.empty()) {
      tag_fields_.emplace_back(static_cast<Symbol>(i), std::move(fields));
    }
  }
}

SymbolSet RuleBook::symbol_set(std::string_view alternatives) const {
  SymbolSet set;
  for_each_word(alternatives, '|', [&](std::string_view code) {
    CARNET_ASSERT(set.count < set.symbols.size() && symbol(code) != kForeignSymbol, "rows name rows of the chart");
    set.symbols[set.count++] = symbol(code);
  });
  return set;
}

std::uint16_t RuleBook::type_named(std::string_view event) const {
  const std::uint16_t type = type_of(event);
  CARNET_ASSERT(type != kForeignType, "rows name registered events");
  return type;
}

void RuleBook::index_machines() {
  for (const MachineRow& row : tables_.machines) {
    MachinePlan& plan = slot(machines_, row.machine);
    CARNET_ASSERT(plan.row == nullptr, "a machine has one row");
    plan.row = &row;
    plan.family = row.family.empty() ? kForeignSymbol : symbol(row.family);
    plan.states.emplace_back("none");
    for_each_word(row.states, ' ', [&](std::string_view name) { plan.states.push_back(name); });
    for_each_word(row.sums, ' ', [&](std::string_view name) {
      CARNET_ASSERT(plan.sums.size() < kSums, "a row keeps so many sums");
      const char sign = name.front();
      plan.weights[plan.sums.size()] = static_cast<std::int8_t>(sign == '+' ? 1 : sign == '-' ? -1 : 0);
      plan.sums.push_back(name.substr(1));
    });
    for_each_word(row.links, ' ', [&](std::string_view link) {
      CARNET_ASSERT(plan.links.size() < kLinks, "a row keeps so many links");
      const std::size_t colon = link.find(':');
      plan.links.push_back({.family = symbol(link.substr(0, colon)),
                            .field = colon == std::string_view::npos ? nullptr : text_field(link.substr(colon + 1))});
    });
    for_each_word(row.accounts, ' ', [&](std::string_view charts) {
      CARNET_ASSERT(plan.accounts.size() < kAccounts, "a row keeps so many accounts");
      plan.accounts.push_back(symbol_set(charts));
    });
    if (!row.key.empty()) {
      plan.key = text_field(row.key);
      CARNET_ASSERT(plan.key != nullptr, "keys are fields of the vocabulary");
    }
  }
}

void RuleBook::add_concern(const LifecycleRow& row) {
  auto& concerns = concerns_[type_named(row.event)];
  const MachinePlan& plan = slot(machines_, row.machine);
  CARNET_ASSERT(plan.row != nullptr, "lifecycle rows name machines that are there");
  auto found = std::ranges::find(concerns, row.machine, &Concern::machine);
  if (found == concerns.end()) {
    Concern concern;
    concern.machine = row.machine;
    concern.finding = plan.key == nullptr ? Finding::kFirstTag : Finding::kKey;
    concern.follows = true;
    concern.kinds = row.kinds;
    concern.field = plan.key;
    concerns.push_back(std::move(concern));
    found = concerns.end() - 1;
  }
  found->follows = found->follows && row.follows;
  found->kinds = found->kinds == 0 || row.kinds == 0 ? 0 : found->kinds | row.kinds;
  found->may_move = found->may_move || row.next != kStay || row.clear != kStay;
}

void RuleBook::index_concerns() {
  concerns_.resize(specs_.size());
  for (std::size_t i = 0; i < kMachineCount; ++i) {
    by_machine_[i].resize(specs_.size());
    assumed_[i].resize(specs_.size());
  }
  for (const LifecycleRow& row : tables_.lifecycles) {
    if (row.event.empty()) {
      slot(after_reversal_, row.machine).push_back(&row);
      continue;
    }
    slot(by_machine_, row.machine)[type_named(row.event)].push_back(&row);
    add_concern(row);
  }
  for (const AssumedRow& row : tables_.assumed) {
    slot(assumed_, row.machine)[type_named(row.event)].push_back(&row);
  }
  for (const SubjectRule& rule : tables_.subjects) {
    auto& concerns = concerns_[type_named(rule.event)];
    const auto found = std::ranges::find(concerns, rule.machine, &Concern::machine);
    CARNET_ASSERT(found != concerns.end(), "a subject rule is of an event that the machine has rows of");
    if (rule.link != 0xff) {
      found->finding = Finding::kLink;
      found->via = rule.via;
      found->link = rule.link;
    } else if (rule.field == "stream") {
      found->finding = Finding::kOwnStream;
    } else if (rule.field == "allocations") {
      found->finding = Finding::kAllocations;
    } else {
      found->field = text_field(rule.field);
      CARNET_ASSERT(found->field != nullptr, "subject rules name fields of the vocabulary");
      found->finding = slot(machines_, rule.machine).key == nullptr ? Finding::kTagOfField : Finding::kKey;
    }
  }
}

void RuleBook::index_sums() {
  const auto concerned = [&](Machine machine, std::string_view event, auto&& add) {
    for (std::uint16_t type = 0; type < event_count(); ++type) {
      if (event.empty() || event == event_name(type)) {
        const auto found = std::ranges::find(concerns_[type], machine, &Concern::machine);
        CARNET_ASSERT(found != concerns_[type].end() || event.empty(),
                      "sums and marks are of events with a lifecycle row");
        if (found != concerns_[type].end()) {
          add(*found);
        }
      }
    }
  };
  for (const SumRow& row : tables_.sums) {
    const MachinePlan& plan = slot(machines_, row.machine);
    const auto sum = std::ranges::find(plan.sums, row.sum);
    CARNET_ASSERT(sum != plan.sums.end(), "rows name sums of their machine");
    SumPlan compiled{.row = &row,
                     .sum = static_cast<std::uint8_t>(sum - plan.sums.begin()),
                     .rule = row.rule.empty() ? kForeignSymbol : symbol(row.rule),
                     .debit = symbol_set(row.debit),
                     .credit = symbol_set(row.credit)};
    CARNET_ASSERT(row.rule.empty() || compiled.rule != kForeignSymbol, "sums name posting rules");
    concerned(row.machine, row.event, [&](Concern& concern) {
      concern.sums.push_back(compiled);
      concern.may_move = concern.may_move || plan.weights[compiled.sum] != 0;
    });
  }
  for (const MarkRow& row : tables_.marks) {
    concerned(row.machine, row.event, [&](Concern& concern) {
      if (row.mark != kJournaled) {
        concern.marks.push_back(&row);
      }
      concern.may_move = true;  // Journaled, so that a reversal finds the mark before it.
    });
  }
  for (const KeepRow& row : tables_.keeps) {
    concerned(row.machine, row.event, [&](Concern& concern) {
      concern.keeps.push_back(&row);
      concern.may_move = concern.may_move || !row.as_tag;
    });
  }
}

void RuleBook::index_projections() {
  const auto plan_of = [&](std::string_view name) -> ProjectionPlan& {
    auto found = std::ranges::find(projections_, name, &ProjectionPlan::name);
    if (found != projections_.end()) {
      return *found;
    }
    projections_.emplace_back().name = name;
    return projections_.back();
  };
  const auto add_table = [](ProjectionPlan& plan, std::string_view what, std::string_view suffix, std::size_t bytes) {
    std::string name(plan.name);
    name += '.';
    name += what;
    name += suffix;
    plan.tables.push_back({.name = std::move(name), .row_bytes = static_cast<std::uint32_t>(bytes)});
    return static_cast<std::uint16_t>(plan.tables.size() - 1);
  };
  for (const MachineRow& row : tables_.machines) {
    if (row.projection.empty()) {
      continue;
    }
    ProjectionPlan& plan = plan_of(row.projection);
    plan.machines.push_back(row.machine);
    MachinePlan& machine = slot(machines_, row.machine);
    machine.rows = add_table(plan, row.name, "", sizeof(SubjectRow));
    machine.journal = add_table(plan, row.name, "Journal", sizeof(SubjectJournalRow));
    if (!row.key.empty()) {
      machine.keys = add_table(plan, row.name, "Keys", sizeof(KeyRow));
      machine.buckets = add_table(plan, row.name, "Buckets", sizeof(BucketRow));
    }
  }
  for (const UniqueRow& row : tables_.uniques) {
    const auto index = static_cast<std::size_t>(row.unique);
    ProjectionPlan& plan = plan_of(row.projection);
    plan.uniques.push_back(row.unique);
    UniquePlan& compiled = uniques_[index];
    compiled.row = &row;
    compiled.scope = row.scope.empty() ? nullptr : text_field(row.scope);
    compiled.field = text_field(row.field);
    CARNET_ASSERT(compiled.field != nullptr, "what is unique is a field of the vocabulary");
    compiled.buckets = add_table(plan, row.field, "Buckets", sizeof(BucketRow));
    add_table(plan, row.field, "Entries", sizeof(EntryRow));
    bears_[index].resize(specs_.size());
    for (const std::string_view event : row.events) {
      bears_[index][type_named(event)] = true;
    }
  }
  for (auto& bears : bears_) {
    bears.resize(specs_.size());
  }
}

void RuleBook::index_rows() {
  guard_uses_.resize(specs_.size());
  for (const GuardUse& use : tables_.guards) {
    guard_uses_[type_named(use.event)].push_back(&use);
  }
  fields_.resize(specs_.size());
  for (const FieldRow& row : tables_.fields) {
    fields_[type_named(row.event)].push_back(&row);
  }
  dues_.resize(specs_.size());
  for (const DueRow& row : tables_.dues) {
    dues_[type_named(row.event)].push_back(&row);
  }
  decided_.resize(specs_.size());
  for (const std::string_view event : tables_.decided) {
    decided_[type_named(event)] = true;
  }
  terms_.resize(symbols_.size());
  for (const TermRow& row : tables_.terms) {
    const Symbol rule = symbol(row.rule);
    CARNET_ASSERT(rule != kForeignSymbol, "terms name posting rules");
    terms_[rule].push_back(&row);
  }
}

void RuleBook::index_postings() {
  postings_.resize(specs_.size());
  const auto chart_of = [&](const Side& side) -> const ChartRow* {
    const auto found = std::ranges::find(tables_.chart, side.chart, &ChartRow::code);
    return found == tables_.chart.end() ? nullptr : &*found;
  };
  for (const PostingRow& row : tables_.postings) {
    const PostingPlan plan{
        .row = &row, .debit = chart_of(row.debit), .credit = chart_of(row.credit), .rule = symbol(row.rule)};
    if (row.event == "reversal") {
      reversal_postings_.push_back(plan);
    } else {
      postings_[type_named(row.event)].push_back(plan);
    }
  }
}

}  // namespace carnet::rental
