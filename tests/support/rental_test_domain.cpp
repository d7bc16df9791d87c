// SPDX-License-Identifier: Apache-2.0
#include "support/rental_test_domain.hpp"

#include "rental/facts.hpp"
#include "rental/guards.hpp"
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

constexpr std::string_view kEvent = "ClaimForgiven";
constexpr Guard kGuards[] = {&guard::kOneCurrency, &guard::kAmountPositive, &guard::kAmountWithinDue};

/// The tables with the rows of DOMAIN §3.5, §4.2 (PR-90) and §10 for the event.
struct Tables {
  std::vector<EventRow> events = with(rental_tables().events, {event_row<test_schema::ClaimForgiven>()});
  std::vector<LifecycleRow> lifecycles =
      with(rental_tables().lifecycles,
           {{Machine::kViolation, state::kCharged, kEvent, 0, state::kCharged, state::kWrittenOff, {}, {}}});
  std::vector<AssumedRow> assumed =
      with(rental_tables().assumed, {{Machine::kViolation, kEvent, 0, state::kCharged, ""}});
  std::vector<GuardUse> guards = with(rental_tables().guards, {{kEvent, 0, kGuards}});
  std::vector<PostingRow> postings = with(rental_tables().postings, {{"PR-90",
                                                                      kEvent,
                                                                      Each::kOnce,
                                                                      {When::kAlways, When::kAlways},
                                                                      Phase::kPosted,
                                                                      {"E", "badDebt"},
                                                                      {"A3", "of"},
                                                                      Amount::kAmount}});
  std::vector<DueRow> dues{{kEvent, "O-99", Duration{86'400}}};
  RuleTables all = [this] {
    RuleTables tables = rental_tables();
    tables.events = events;
    tables.lifecycles = lifecycles;
    tables.assumed = assumed;
    tables.guards = guards;
    tables.postings = postings;
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

EventDraft forgiven(const Violation& violation, Money amount, Timestamp at) {
  return make_event<test_schema::ClaimForgiven>("violation/" + violation.id, at, [&](auto event) {
    event.setViolationId(violation.id.c_str());
    event.setParty(violation.party.c_str());
    event.setAuthority("police");
    set_money(event.initAmount(), amount);
    event.setApprover("S9");
  });
}

}  // namespace carnet::test
