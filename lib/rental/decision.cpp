// SPDX-License-Identifier: Apache-2.0
#include "rental/decision.hpp"

#include "base/check.hpp"
#include "base/ids.hpp"

#include <carnet/schema/payment.capnp.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace carnet::rental {

namespace {

/// Families in whose streams a note is legal at once (DOMAIN §3).
constexpr std::string_view kNoteFamilies[] = {"privacy", "tier", "staff", "operations", "document"};

/// A code is named in a finding as far as a code can be long.
constexpr std::size_t kCodeTextMax = 64;

std::string_view family_of(std::string_view name) noexcept {
  return base::split_name(name).family;
}

}  // namespace

Check Decision::run() {
  if (Check no = check_basis()) {
    return no;
  }
  book_.read(type_, event().payload, facts_);
  if (Check no = check_opened()) {
    return no;
  }
  if (Check no = check_stream()) {
    return no;
  }
  check_codes();
  switch (event().corrects.kind) {
    case CorrectionKind::kCorrection:
      return decide_correction();
    case CorrectionKind::kReversal:
      return decide_reversal();
    case CorrectionKind::kNone:
      break;
  }
  if (Check no = load_violations()) {
    return no;
  }
  load_subjects();
  // Fields come first: `Assumed` lists those that history lacks.
  if (Check no = check_fields()) {
    return no;
  }
  if (Check no = check_transitions()) {
    return no;
  }
  if (Check no = check_guards()) {
    return no;
  }
  if (Check no = Poster(*this).post()) {
    return no;
  }
  book_late();
  open_dues();
  return check_identity();
}

// ---- How a broken rule is said ----

Refusal Decision::refusal(std::string_view rule, std::string_view error, std::string_view path, Broken what) {
  Refusal no = context_.refuse(rule, error, what.message);
  no.path = path;
  no.values = std::move(what.values);
  return no;
}

void Decision::finding(std::string_view code, std::string_view path, const std::vector<Fact>& args) {
  std::vector<Argument> views;
  views.reserve(args.size());
  for (const Fact& fact : args) {
    views.push_back({.name = fact.name, .text = fact.value});
  }
  context_.finding(code, book_.severity(code), path, views);
}

Check Decision::broken(std::string_view rule, std::string_view error, std::string_view path, Broken what, bool always,
                       bool only_finding, std::string_view state, std::string_view stream) {
  const std::string_view where = what.path.empty() ? path : what.path;
  const bool refuses = always || what.always_refused || (basis() == Basis::kDecision && !only_finding);
  if (!refuses) {
    finding(error, where, what.values);
    return std::nullopt;
  }
  Refusal no = refusal(rule, error, where, std::move(what));
  no.state = state;
  if (!stream.empty()) {
    no.stream = stream;
  }
  return no;
}

// ---- Basis, opening, stream, fields ----

Check Decision::check_basis() {
  const CommitInfo& commit = context_.commit();
  if (commit.basis == Basis::kDecision) {
    return std::nullopt;
  }
  const std::string_view name = to_string(commit.basis);
  if (commit.source == nullptr || !commit.source->has_value()) {
    return refusal("I-E11", "SourceMissing", "source",
                   {.message = fmt::format("basis {} needs a source: state its name and position", name)});
  }
  const auto& bases = book_.tables().bases;
  const bool role_may = std::ranges::any_of(
      bases, [&](const BasisRow& row) { return row.basis == commit.basis && row.role == commit.actor->role; });
  if (!role_may) {
    return refusal("I-E11", "BasisNotAllowed", "basis",
                   {.message = fmt::format("the role may not state basis {}: decide it, or use a role of migration or "
                                           "integration",
                                           name),
                    .values = {{"basis", std::string(name)}, {"role", commit.actor->role}}});
  }
  if (book_.is_decided(type_)) {
    return refusal("I-E11", "BasisNotAllowed", "basis",
                   {.message = fmt::format("{} is our own decision: no source can report it", book_.event_name(type_)),
                    .values = {{"basis", std::string(name)}}});
  }
  if (commit.basis == Basis::kHistory) {
    const auto ledger = tables().get<LedgerRow>(context_.table(kLedgerProjection), 0);
    if (ledger.opened != 0 && event().occurred_at.ns >= ledger.go_live_ns) {
      return refusal("I-E11", "BasisNotAllowed", "occurredAt",
                     {.message = "history is what occurred before go-live: report or decide what is later",
                      .values = {{"occurredAt", to_text(event().occurred_at)},
                                 {"goLiveAt", to_text(Timestamp{ledger.go_live_ns})}}});
    }
  }
  return std::nullopt;
}

bool Decision::opens_ledger() const {
  return book_.concerns(Machine::kLedger, type_) &&
         book_.transition(Machine::kLedger, kNone, type_, facts_.kind).assumed == nullptr;
}

std::optional<Timestamp> Decision::closed_through() {
  const TableId periods = table_at(context_.table(kLedgerProjection), 2);
  for (std::uint64_t i = tables().row_count(periods); i-- > 0;) {
    const auto row = tables().get<PeriodRow>(periods, i);
    if (row.live != 0) {
      return Timestamp{row.through_ns};
    }
  }
  return std::nullopt;
}

std::uint32_t Decision::party_now(std::uint32_t party) {
  if (party == 0 || (party & kExternalParty) != 0 || book_.machine(Machine::kAccount).row == nullptr) {
    return party;
  }
  const SubjectTable accounts = table_of(Machine::kAccount);
  SubjectRow row = accounts.get(tables(), party);
  // An account is merged once, into one that is active: the chain ends.
  while (row.state == state::kMerged && row.links[0] != 0) {
    party = row.links[0];
    row = accounts.get(tables(), party);
  }
  return party;
}

void Decision::book_late() {
  // PR-98: a closed period's books stay as they were.
  const std::optional<Timestamp> through = event().transfers.empty() ? std::nullopt : closed_through();
  if (!through || event().booked_at > *through) {
    return;
  }
  context_.set_booked_at(Timestamp{through->ns + 1});
  finding("BookedLate", "bookedAt", {{"through", to_text(*through)}});
}

Check Decision::check_opened() {
  if (opens_ledger()) {
    return std::nullopt;
  }
  const auto ledger = tables().get<LedgerRow>(context_.table(kLedgerProjection), 0);
  if (ledger.opened != 0) {
    return std::nullopt;
  }
  Refusal no = refusal("§0.1", "IllegalTransition", "",
                       {.message = "the ledger is not open: LedgerOpened comes before every other event"});
  no.stream = "ledger/self";
  no.state = state_name(Machine::kLedger, kNone);
  return no;
}

Check Decision::check_stream() {
  // Types that live in two families: the stream's id is that of the field which its family names. Types of one family
  // are checked by the core.
  const std::string_view stream = context_.stream_name();
  const auto [family, id] = base::split_name(stream);
  std::string_view expected;
  if (family == "violation") {
    expected = facts_.violation_id;
  } else if (family == "settlement") {
    expected = facts_.order_id;
  } else {
    return std::nullopt;
  }
  if (!book_.concerns(Machine::kViolation, type_) || expected.empty() || expected == id) {
    return std::nullopt;
  }
  return refusal(
      "I-E12", "WrongStream", family == "violation" ? "data.violationId" : "data.orderId",
      {.message = "the stream's id is not that of the payload", .values = {{"stream", std::string(stream)}}});
}

Check Decision::check_fields() {
  for (const Concern& concern : book_.concerns_of(type_)) {
    if (concern.finding == Finding::kKey && (facts_.*concern.field).size() > kKeyTextMax) {
      return refusal("limit", "LimitExceeded", "data",
                     {.message = "what tells subjects apart is at most 64 bytes long",
                      .values = {{"limit", fmt::to_string(kKeyTextMax)}}});
    }
  }
  const auto rows = book_.fields(type_);
  if (rows.empty()) {
    return std::nullopt;
  }
  const std::string_view family = family_of(context_.stream_name());
  for (const FieldRow* row : rows) {
    if (!row->family.empty() && row->family != family) {
      continue;
    }
    if (has_one_of(*row) || (row->assumed_on_history && basis() == Basis::kHistory)) {
      continue;
    }
    Broken what{.message = fmt::format("one of these fields must stand: {}", row->any_of),
                .values = {{"field", std::string(row->any_of)}}};
    if (Check no = broken("§2", "FieldMissing", "data", std::move(what), row->always_refused)) {
      return no;
    }
  }
  return std::nullopt;
}

bool Decision::has_one_of(const FieldRow& row) const {
  bool there = false;
  for_each_word(row.any_of, ',', [&](std::string_view name) {
    const TextField field = text_field(name);
    there = there || (field != nullptr && !(facts_.*field).empty());
  });
  return there;
}

void Decision::list_missing(std::string& missing) const {
  for (const FieldRow* row : book_.fields(type_)) {
    if (row->assumed_on_history && !has_one_of(*row)) {
      // Of several that would do, the last is the general one (`party`).
      const std::size_t comma = row->any_of.rfind(',');
      missing += missing.empty() ? "" : ",";
      missing += comma == std::string_view::npos ? row->any_of : row->any_of.substr(comma + 1);
    }
  }
}

// ---- Subjects ----

void Decision::load_subjects() {
  subjects_.clear();
  std::vector<SubjectRef> found;
  for (const Concern& concern : book_.concerns_of(type_)) {
    const std::string_view projection = book_.machine(concern.machine).row->projection;
    if (projection.empty()) {
      continue;
    }
    find_subjects(book_, concern, event(), facts_, tables(), context_.table(projection), found);
    for (const SubjectRef& each : found) {
      subjects_.push_back(
          {.concern = &concern, .ref = each, .row = table_of(concern.machine).get(tables(), each.number)});
    }
  }
}

const Subject* Decision::subject(Machine machine) const {
  const auto found =
      std::ranges::find_if(subjects_, [&](const Subject& each) { return each.concern->machine == machine; });
  return found == subjects_.end() ? nullptr : &*found;
}

SubjectTable Decision::table_of(Machine machine) {
  const MachinePlan& plan = book_.machine(machine);
  return {plan, context_.table(plan.row->projection)};
}

SubjectRow Decision::row_of(Machine machine, std::string_view family, std::string_view id) {
  if (id.empty()) {
    return {};
  }
  const auto chain = context_.chain(ChainKind::kTag, fmt::format("{}/{}", family, id));
  return chain ? table_of(machine).get(tables(), chain->member + 1) : SubjectRow{};
}

SubjectRow Decision::row_by_key(Machine machine, std::uint32_t scope, std::string_view id) {
  const SubjectTable table = table_of(machine);
  return id.empty() ? SubjectRow{} : table.get(tables(), table.find(tables(), scope, id));
}

std::vector<std::uint64_t> Decision::standing(Machine machine, const SubjectRow& row, std::string_view event,
                                              Kinds kinds) {
  std::vector<std::uint64_t> positions;
  const std::uint16_t type = book_.type_of(event);
  CARNET_ASSERT(type != kForeignType, "guards name registered events");
  const TableId journal = table_of(machine).journal();
  for (std::uint32_t next = row.journal; next != 0;) {
    const auto entry = tables().get<SubjectJournalRow>(journal, next - 1);
    if (entry.code.live() && entry.code.name() == book_.journal_name(type) && in_kinds(kinds, entry.code.variant())) {
      positions.push_back(entry.position);
    }
    next = entry.previous;
  }
  std::ranges::reverse(positions);
  return positions;
}

Check Decision::load_violations() {
  violations_.clear();
  if (!book_.concerns(Machine::kViolation, type_)) {
    return std::nullopt;
  }
  std::vector<ViolationSubject> subjects;
  violation_subjects(book_, event(), facts_, subjects);
  const TableId table = context_.table(kViolationProjection);
  for (const ViolationSubject& subject : subjects) {
    ViolationCase each{.subject = subject, .row = tables().get<ViolationRow>(table, subject.tag->member)};
    each.transition = book_.transition(Machine::kViolation, each.row.state, type_, facts_.kind);
    // Its ledger accounts are those of the party that it began with, and a party's account is complete only when every
    // event that touches it bears the party's tag (I-M23).
    for (const ChainRef& chain : event().chains) {
      if (chain.kind == ChainKind::kTag && party_code(chain, book_.known()) != 0 &&
          (each.row.party == 0 || party_code(chain, book_.known()) == each.row.party)) {
        each.party = chain.name;
        break;
      }
    }
    if (each.party.empty() && pays_for_party(facts_)) {
      return refusal("I-M23", "PartyTagMissing", "tags",
                     {.message = "the event touches the account of a party that is not among its tags: add the tag",
                      .values = {{"violation", std::string(subject.id)}}});
    }
    violations_.push_back(each);
  }
  return std::nullopt;
}

Check Decision::check_transition(Machine machine, State state, const Transition& transition, std::string_view stream,
                                 bool own_stream, bool known_as_assumed) {
  const LifecycleRow& row = *transition.row;
  const std::string_view event_name = book_.event_name(type_);
  if (transition.assumed != nullptr) {
    const bool enters = basis() == Basis::kHistory && state == kNone && transition.assumed->state != kNone;
    if (enters) {
      const bool first = own_stream ? begins_stream() : !known_as_assumed;
      if (first) {
        std::string missing(transition.assumed->missing);
        list_missing(missing);
        finding("Assumed", "", {{"state", std::string(state_name(machine, transition.from))}, {"missing", missing}});
      }
      return std::nullopt;
    }
    const std::string_view name = state_name(machine, state);
    return broken(
        machine_rule(machine), "IllegalTransition", "",
        {.message = fmt::format("{} is not possible for {} in state {}", event_name, stream, name),
         .values = {{"stream", std::string(stream)}, {"state", std::string(name)}, {"event", std::string(event_name)}}},
        false, false, name, stream);
  }
  if (!row.error.empty()) {
    const std::string_view name = state_name(machine, state);
    const bool kept = basis() != Basis::kDecision && !row.finding.empty();
    return broken(machine_rule(machine), kept ? row.finding : row.error, "",
                  {.message = fmt::format("{} is not possible for {} in state {}", event_name, stream, name),
                   .values = {{"stream", std::string(stream)}, {"state", std::string(name)}}},
                  false, false, name, stream);
  }
  if (!row.finding.empty()) {
    finding(row.finding, "", {{"stream", std::string(stream)}, {"state", std::string(state_name(machine, state))}});
  }
  return std::nullopt;
}

std::string Decision::subject_name(const Subject& subject) const {
  const MachinePlan& plan = book_.machine(subject.concern->machine);
  if (plan.key != nullptr) {
    return fmt::format("{} {}", plan.row->name, subject.ref.id);
  }
  for (const ChainRef& chain : event().chains) {
    if (chain.kind == ChainKind::kTag && chain.family_symbol == plan.family && chain.member + 1 == subject.ref.number) {
      return std::string(chain.name);
    }
  }
  return std::string(context_.stream_name());
}

Check Decision::check_transitions() {
  bool moves = false;
  if (book_.concerns(Machine::kLedger, type_)) {
    moves = true;
    const auto row = tables().get<LedgerRow>(context_.table(kLedgerProjection), 0);
    const State state = row.opened == 0 ? kNone : state::kOpen;
    if (Check no =
            check_transition(Machine::kLedger, state, book_.transition(Machine::kLedger, state, type_, facts_.kind),
                             context_.stream_name(), true, false)) {
      return no;
    }
  }
  moves = moves || book_.concerns(Machine::kRuleSet, type_);  // Its versions are a guard's business.
  for (const Subject& each : subjects_) {
    if (each.concern->follows) {
      continue;
    }
    moves = true;
    const Machine machine = each.concern->machine;
    const MachinePlan& plan = book_.machine(machine);
    // A machine of another family than the stream's is told apart by its subject.
    const bool own = plan.key == nullptr && plan.family == event().stream().family_symbol;
    if (Check no = check_transition(machine, each.row.state,
                                    book_.transition(machine, each.row.state, type_, facts_.kind,
                                                     {each.row.value, each.row.since_ns, event().occurred_at.ns}),
                                    own ? std::string(context_.stream_name()) : subject_name(each), own,
                                    each.row.assumed != 0)) {
      return no;
    }
  }
  for (const ViolationCase& each : violations_) {
    moves = true;
    const std::string stream = fmt::format("violation/{}", each.subject.id);
    if (Check no = check_transition(Machine::kViolation, each.row.state, each.transition, stream,
                                    stream == context_.stream_name(), each.row.assumed != 0)) {
      return no;
    }
  }
  const bool is_note = std::ranges::all_of(book_.concerns_of(type_), &Concern::follows);
  return moves || !is_note ? std::nullopt : check_note();
}

Check Decision::check_guards() {
  for (const Guard guard : book_.guards(type_, facts_.kind)) {
    std::optional<Broken> what = guard->test(*this);
    if (!what) {
      continue;
    }
    if (Check no = broken(guard->rule, guard->error, guard->path, *std::move(what), guard->always_refused,
                          guard->only_finding)) {
      return no;
    }
  }
  return std::nullopt;
}

Check Decision::check_note() {
  const std::string_view family = family_of(context_.stream_name());
  if (!begins_stream() || std::ranges::find(kNoteFamilies, family) != std::end(kNoteFamilies)) {
    return std::nullopt;
  }
  const std::string_view event_name = book_.event_name(type_);
  if (basis() == Basis::kHistory) {
    finding("Assumed", "",
            {{"state", "begun"}, {"missing", fmt::format("the first event of {}", context_.stream_name())}});
    return std::nullopt;
  }
  return broken("§3", "IllegalTransition", "",
                {.message = fmt::format("{} is a note: {} must have begun", event_name, context_.stream_name()),
                 .values = {{"stream", std::string(context_.stream_name())},
                            {"state", "none"},
                            {"event", std::string(event_name)}}},
                false, false, "none");
}

// ---- Codes, dues, identity ----

const RuleSet* Decision::rules(RuleFamily family) {
  const TableId sets = table_at(context_.table(kLedgerProjection), 1);
  const auto row = rules_in_force(tables(), sets, family, event().occurred_at);
  if (!row) {
    return nullptr;
  }
  context_.used_rules(to_string(family), row->version);
  if (const RuleSet* known = cache_.find(row->digest); known != nullptr) {
    return known;
  }
  const AppliedEvent* published = context_.event_at(row->position);
  CARNET_ASSERT(published != nullptr, "a rule set in force stands in the log");
  EventFacts facts;
  book_.read(published->type, published->payload, facts);
  std::string fault;
  auto set = parse_rule_set(family, facts.parameters, fault);
  CARNET_ASSERT(set.has_value(), "rule sets are checked before they are published");
  set->digest = row->digest;
  return &cache_.add(*std::move(set));
}

void Decision::check_codes() {
  std::vector<codec::PayloadType::CodeUse> uses;
  book_.payload_type(type_).list_codes(event().payload, uses);
  if (uses.empty()) {
    return;
  }
  const RuleSet* set = rules(RuleFamily::kCodes);
  const auto* codes = set == nullptr ? nullptr : std::get_if<CodeRules>(&set->rules);
  CodeRules defaults;
  if (codes == nullptr && book_.concerns(Machine::kLedger, type_)) {
    // LedgerOpened comes before every rule set: version 1 is known all the same.
    std::string fault;
    if (auto first = parse_rule_set(RuleFamily::kCodes, default_parameters(RuleFamily::kCodes), fault)) {
      defaults = std::get<CodeRules>(first->rules);
    }
  }
  const CodeRules& known = codes == nullptr ? defaults : *codes;
  for (const auto& use : uses) {
    if (!known.knows(use.list, use.code)) {
      finding("UnknownCode", use.path,
              {{"list", std::string(use.list)}, {"code", std::string(use.code.substr(0, kCodeTextMax))}});
    }
  }
}

void Decision::open_dues() {
  if (basis() == Basis::kHistory) {
    return;
  }
  for (const DueRow* row : book_.dues(type_)) {
    context_.due(row->rule, context_.stream_name(),
                 Timestamp{event().occurred_at.ns + row->after.seconds * kNsPerSecond});
  }
}

Check Decision::check_identity() {
  for (Subject& each : subjects_) {
    if (!add_sums(*each.concern, event(), facts_, each.ref, each.row)) {
      return refusal("I-M13", "Overflow", "data", {.message = "a sum of the subject would leave 64 bits"});
    }
  }
  for (const ViolationCase& each : violations_) {
    ViolationRow row = each.row;
    bool fits = true;
    if (event().corrects.kind == CorrectionKind::kReversal) {
      fits = add_effect(effect_on(book_, event(), facts_, row), row);
    } else {
      learn_accounts(book_, event(), facts_, each.subject.id, row);
      fits = advance(book_, event(), facts_, effect_on(book_, event(), facts_, row), row);
    }
    if (!fits) {
      return refusal("I-M13", "Overflow", "data", {.message = "a sum of the violation would leave 64 bits"});
    }
    CARNET_ASSERT(identity_holds(row), "I-V1");
  }
  return std::nullopt;
}

}  // namespace carnet::rental
