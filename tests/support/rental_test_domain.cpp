// SPDX-License-Identifier: Apache-2.0
#include "support/rental_test_domain.hpp"

#include "rental/facts.hpp"
#include "rental/rules.hpp"
#include "rental_test.capnp.h"

#include <array>
#include <memory>
#include <vector>

namespace carnet::test {

namespace {

using namespace rental;

template <class Row>
std::vector<Row> with(std::span<const Row> rows, std::initializer_list<Row> more) {
  std::vector<Row> all(rows.begin(), rows.end());
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

constexpr std::string_view kEvent = "BadDebtWrittenOff";
constexpr Guard kGuards[] = {Guard::kOneCurrency, Guard::kAmountPositive, Guard::kAmountWithinDue};

/// The tables with the rows of DOMAIN §3.5, §4.2 (PR-90) and §10 for the event.
struct Tables {
  std::vector<EventRow> events = with(event_table(), {event_row<test_schema::BadDebtWrittenOff>()});
  std::vector<LifecycleRow> lifecycles =
      with(lifecycle_table(),
           {{Machine::kViolation, state::kCharged, kEvent, 0, state::kCharged, state::kWrittenOff, {}, {}}});
  std::vector<AssumedRow> assumed = with(assumed_table(), {{Machine::kViolation, kEvent, 0, state::kCharged, ""}});
  std::vector<GuardUse> guards = with(guard_use_table(), {{kEvent, 0, kGuards}});
  std::vector<PostingRow> postings = with(posting_table(), {{"PR-90",
                                                             kEvent,
                                                             Each::kOnce,
                                                             {When::kAlways, When::kAlways},
                                                             Phase::kPosted,
                                                             {"E", "badDebt"},
                                                             {"A3", "of"},
                                                             Amount::kAmount}});
  std::vector<TermRow> terms = with(term_table(), {{"PR-90", 0, Term::kWrittenOff}});
  std::vector<DueRow> dues{{kEvent, "O-99", Duration{86'400}}};
  RuleTables all = [this] {
    RuleTables tables = rental_tables();
    tables.events = events;
    tables.lifecycles = lifecycles;
    tables.assumed = assumed;
    tables.guards = guards;
    tables.postings = postings;
    tables.terms = terms;
    tables.dues = dues;
    return tables;
  }();
};

}  // namespace

const Domain& rental_test_domain() {
  static const Tables tables;
  static const std::unique_ptr<Domain> domain = make_rule_domain(tables.all);
  return *domain;
}

EventDraft written_off(const Violation& violation, Money amount, Timestamp at) {
  return make_event<test_schema::BadDebtWrittenOff>("violation/" + violation.id, at, [&](auto event) {
    event.setViolationId(violation.id.c_str());
    event.setParty(violation.party.c_str());
    event.setAuthority("police");
    set_money(event.initAmount(), amount);
    event.setApprover("S9");
  });
}

}  // namespace carnet::test
