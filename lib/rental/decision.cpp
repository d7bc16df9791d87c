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

/// `accountId,party`: calls `visit` with each.
template <class Visit>
void for_each_name(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    visit(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
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
  const auto& decided = book_.tables().decided;
  if (std::ranges::find(decided, book_.event_name(type_)) != decided.end()) {
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

Check Decision::check_opened() {
  if (book_.concerns(Machine::kLedger, type_)) {
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
  const std::string_view family = family_of(context_.stream_name());
  for (const FieldRow& row : book_.tables().fields) {
    if (row.event != book_.event_name(type_) || (!row.family.empty() && row.family != family)) {
      continue;
    }
    bool there = false;
    for_each_name(row.any_of, [&](std::string_view field) { there = there || !text_fact(facts_, field).empty(); });
    if (there || (row.assumed_on_history && basis() == Basis::kHistory)) {
      continue;
    }
    Broken what{.message = fmt::format("one of these fields must stand: {}", row.any_of),
                .values = {{"field", std::string(row.any_of)}}};
    if (Check no = broken("§2", "FieldMissing", "data", std::move(what), row.always_refused)) {
      return no;
    }
  }
  return std::nullopt;
}

void Decision::list_missing(std::string& missing) const {
  for (const FieldRow& row : book_.tables().fields) {
    if (row.event != book_.event_name(type_) || !row.assumed_on_history) {
      continue;
    }
    bool there = false;
    for_each_name(row.any_of, [&](std::string_view field) { there = there || !text_fact(facts_, field).empty(); });
    if (!there) {
      // Of several that would do, the last is the general one (`party`).
      const std::size_t comma = row.any_of.rfind(',');
      missing += missing.empty() ? "" : ",";
      missing += comma == std::string_view::npos ? row.any_of : row.any_of.substr(comma + 1);
    }
  }
}

// ---- Lifecycles ----

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
    return broken(machine_rule(machine), row.error, "",
                  {.message = fmt::format("{} is not possible for {} in state {}", event_name, stream, name),
                   .values = {{"stream", std::string(stream)}, {"state", std::string(name)}}},
                  false, false, name, stream);
  }
  if (!row.finding.empty()) {
    finding(row.finding, "", {{"stream", std::string(stream)}, {"state", std::string(state_name(machine, state))}});
  }
  return std::nullopt;
}

Check Decision::check_transitions() {
  bool moves = false;
  const auto check = [&](Machine machine, State state, bool assumed) -> Check {
    moves = true;
    return check_transition(machine, state, book_.transition(machine, state, type_, facts_.kind),
                            context_.stream_name(), true, assumed);
  };
  const KnownSymbols& known = book_.known();
  if (book_.concerns(Machine::kLedger, type_)) {
    const auto row = tables().get<LedgerRow>(context_.table(kLedgerProjection), 0);
    if (Check no = check(Machine::kLedger, row.opened == 0 ? kNone : state::kOpen, false)) {
      return no;
    }
  }
  moves = moves || book_.concerns(Machine::kRuleSet, type_);  // Its versions are a guard's business.
  if (book_.concerns(Machine::kContract, type_)) {
    const RentalRow row = custody().rental(find_tag(event(), known.rental)->member);
    if (Check no = check(Machine::kContract, row.contract, row.assumed != 0)) {
      return no;
    }
  }
  if (book_.concerns(Machine::kPayment, type_)) {
    const auto row =
        tables().get<PaymentRow>(context_.table(kPaymentProjection), find_tag(event(), known.payment)->member);
    if (Check no = check(Machine::kPayment, row.state, false)) {
      return no;
    }
  }
  if (book_.concerns(Machine::kCase, type_)) {
    const auto row =
        tables().get<CaseRow>(context_.table(kCaseProjection), find_tag(event(), known.case_family)->member);
    if (Check no = check(Machine::kCase, row.state, row.assumed != 0)) {
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
  if (moves) {
    return std::nullopt;
  }
  return book_.concerns(Machine::kViolation, type_) ? check(Machine::kViolation, kNone, false) : check_note();
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

// ---- Corrections (DOMAIN §0.3); the core has checked that the original is there, of the same stream and type, not
// reversed yet, and that a reversal repeats its payload ----

Check Decision::decide_correction() {
  const AppliedEvent* original = context_.original();
  CARNET_ASSERT(original != nullptr, "I-E8: what is corrected exists");
  const auto bad = [&](std::string_view message) {
    return refusal("I-E8", "BadCorrection", "corrects", {.message = std::string(message)});
  };
  if (original->corrects.kind == CorrectionKind::kReversal) {
    return bad("a reversal cannot be corrected: append what is right anew");
  }
  if (!original->transfers.empty()) {
    return refusal("§0.3", "CorrectMoneyByReversal", "corrects",
                   {.message = "the event moved money: reverse it, then append what is right"});
  }
  EventFacts before;
  book_.read(type_, original->payload, before);
  const bool is_correction = original->corrects.kind == CorrectionKind::kCorrection;
  const bool money = before.amount != facts_.amount || before.fine != facts_.fine || before.expense != facts_.expense ||
                     before.new_fine != facts_.new_fine || before.kind != facts_.kind;
  if (money && !book_.postings(type_).empty()) {
    return refusal("§0.3", "CorrectMoneyByReversal", "corrects",
                   {.message = "the correction would move money: reverse the event, then append what is right"});
  }
  if (book_.concerns(Machine::kRuleSet, type_)) {
    if (before.family != facts_.family || before.version != facts_.version) {
      return bad("a rule set's family and version cannot be corrected: publish a new version");
    }
    if (std::optional<Broken> what = test_rule_set()) {
      return refusal("§2.2", "RuleSetInvalid", "data.parameters", *std::move(what));
    }
  }
  if (is_correction) {
    const AppliedEvent* first = context_.event_at(original->corrects.position);
    if (first != nullptr && first->corrects.kind != CorrectionKind::kNone) {
      return bad("name the event itself: its last correction counts");
    }
  }
  return std::nullopt;
}

Check Decision::check_reversal_order() {
  const std::uint64_t position = event().corrects.position;
  const TableId journal = table_at(context_.table(kViolationProjection), 1);
  for (const ViolationCase& each : violations_) {
    bool later_sets_fine = false;
    bool later = false;
    bool sets_fine = false;
    for (std::uint32_t next = each.row.journal; next != 0;) {
      const auto entry = tables().get<JournalRow>(journal, next - 1);
      next = entry.previous;
      if (entry.live == 0 || entry.type == kForeignType) {
        continue;
      }
      const bool sets = book_.replaces_fine(entry.type, entry.variant);
      if (entry.position == position) {
        sets_fine = sets;
      } else if (entry.position > position) {
        later = true;
        later_sets_fine = later_sets_fine || sets;
      }
    }
    const bool begins = each.row.recorded == position && book_.postings(type_).empty();
    if ((sets_fine && later_sets_fine) || (begins && later)) {
      return refusal("I-E8", "BadCorrection", "corrects",
                     {.message = "later events build on this one: reverse the last one first",
                      .values = {{"violation", std::string(each.subject.id)}}});
    }
  }
  return std::nullopt;
}

Check Decision::decide_reversal() {
  const AppliedEvent* original = context_.original();
  CARNET_ASSERT(original != nullptr, "I-E8: what is reversed exists");
  const auto bad = [&](std::string_view message) {
    return refusal("I-E8", "BadCorrection", "corrects", {.message = std::string(message)});
  };
  if (original->corrects.kind != CorrectionKind::kNone) {
    return bad("a correction or reversal cannot be reversed: correct again, or append anew");
  }
  if (book_.concerns(Machine::kLedger, type_)) {
    return bad("a ledger cannot be closed by reversing its opening");
  }
  if (Check no = load_violations()) {
    return no;
  }
  if (Check no = check_reversal_order()) {
    return no;
  }
  if (facts_.method == "cash" && context_.commit().actor->kind != ActorKind::kStaff) {
    if (Check no = broken("§0.3", "ApproverMissing", "actor",
                          {.message = "taking back cash needs a person who answers for it: append it as staff"})) {
      return no;
    }
  }
  if (Check no = Poster(*this).post_reversal(*original)) {
    return no;
  }
  return check_identity();
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
  for (const DueRow& row : book_.tables().dues) {
    if (row.event == book_.event_name(type_)) {
      context_.due(row.rule, context_.stream_name(),
                   Timestamp{event().occurred_at.ns + row.after.seconds * kNsPerSecond});
    }
  }
}

Check Decision::check_identity() {
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
