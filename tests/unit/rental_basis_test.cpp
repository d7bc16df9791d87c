// SPDX-License-Identifier: Apache-2.0
//
// Goal: basis, opening, rule sets, open lists, corrections of them (DOMAIN.md §0.1 … §0.3, §2.1, §2.2). Method: short
// flows on a real ledger.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "rental/rule_sets.hpp"
#include "support/rental_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

const Violation kV;

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_basis)

BOOST_FIXTURE_TEST_CASE(opening_is_position_2_and_rule_sets_follow, RentalFixture) {
  BOOST_TEST((tags(2) == std::vector<std::string>{"ledger/self"}));
  BOOST_TEST(codes(2).empty(), "businessLines are codes of version 1");
  BOOST_TEST((tags(3) == std::vector<std::string>{"document/ruleSet.codes"}));
  BOOST_TEST((tags(4) == std::vector<std::string>{"document/ruleSet.postingAccounts"}));
  BOOST_TEST(ledger->head().position == 4U);
  OpeningOptions again;
  again.now = day(10);
  again.go_live_at = day(10);
  BOOST_TEST(refuse(decision({opening_requests(again)->front().events.front()})).error == "NotFirstEvent");
}

BOOST_AUTO_TEST_CASE(nothing_comes_before_the_opening) {
  const TempFolder folder;
  OpenOptions options;
  options.if_missing = IfMissing::kCreate;
  auto opened = Ledger::open(folder.at("L"), &rental_domain(), options);
  BOOST_REQUIRE(opened);
  Request request;
  request.command = "x";
  request.actor = {.id = "S1", .kind = ActorKind::kStaff, .role = "operations"};
  request.channel = "branch";
  request.versions = VersionPolicy::kAny;
  request.events = {recorded(kV, eur(100))};
  const auto outcome = opened->ledger->append(request);
  BOOST_REQUIRE(outcome);
  const auto& refusal = std::get<Refusal>(*outcome);
  BOOST_TEST(refusal.error == "IllegalTransition");
  BOOST_TEST(refusal.stream == "ledger/self");
}

BOOST_AUTO_TEST_CASE(opening_a_folder_makes_a_rental_ledger_once) {
  const TempFolder folder;
  OpenOptions options;
  options.if_missing = IfMissing::kCreate;
  OpeningOptions opening;
  opening.now = day(1);
  opening.go_live_at = day(1);
  {
    auto opened = open_rental_ledger(folder.at("L"), options, opening);
    BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string() : opened.error().to_line()));
    BOOST_TEST(opened->report.created);
    BOOST_TEST(opened->ledger->head().position == 4U);
    BOOST_TEST(opened->ledger->close().has_value());
  }
  opening.now = day(2);
  auto again = open_rental_ledger(folder.at("L"), options, opening);
  BOOST_REQUIRE(again);
  BOOST_TEST(again->ledger->head().position == 4U);
}

BOOST_AUTO_TEST_CASE(opening_options_are_checked) {
  OpeningOptions options;
  options.zone = "Mars/Olympus";
  BOOST_TEST(opening_requests(options).error().name() == "ZoneUnknown");
  options.zone = "Asia/Shanghai";
  options.jurisdiction = "china";
  BOOST_TEST(opening_requests(options).error().name() == "JurisdictionUnknown");
  options.jurisdiction = "CN";
  options.currency = "XXY";
  BOOST_TEST(opening_requests(options).error().name() == "CurrencyUnknown");
  options.currency = "CNY";
  BOOST_TEST(opening_requests(options)->size() == 3U);
}

BOOST_FIXTURE_TEST_CASE(a_report_or_history_names_its_source_and_comes_from_a_role_that_may, RentalFixture) {
  Request without_source = report({recorded(kV, eur(100))});
  without_source.source.reset();
  BOOST_TEST(refuse(without_source).error == "SourceMissing");
  Request by_sales = report({recorded(kV, eur(100))});
  by_sales.actor.role = "sales";
  BOOST_TEST(refuse(by_sales).error == "BasisNotAllowed");
  Request by_feed = history({recorded(kV, eur(100))});
  by_feed.actor.role = "integration";
  BOOST_TEST(refuse(by_feed).error == "BasisNotAllowed");
  for (const char* const role : {"integration", "partner", "importer", "migration"}) {
    Request request = report({recorded({.id = role, .party = "external/X", .contract = {}, .vehicle = {}}, eur(100))});
    request.actor.role = role;
    accept(request);
  }
}

BOOST_FIXTURE_TEST_CASE(history_is_before_go_live, RentalFixture) {
  clock->advance(Duration{95 * 86'400});
  BOOST_TEST(refuse(history({recorded(kV, eur(100), day(100))})).error == "BasisNotAllowed");
  accept(history({recorded(kV, eur(100), day(99, 1439))}));
}

BOOST_FIXTURE_TEST_CASE(our_own_decisions_are_not_reported, RentalFixture) {
  BOOST_TEST(refuse(report({rule_set("codes", 2, R"({"channel":["fax"]})")})).error == "BasisNotAllowed");
  BOOST_TEST(refuse(history({rule_set("codes", 2, R"({"channel":["fax"]})")})).error == "BasisNotAllowed");
}

BOOST_FIXTURE_TEST_CASE(history_enters_a_lifecycle_at_any_state_once_a_stream, RentalFixture) {
  const auto penalty = accept(history({amended(kV, Amend::PENALTY, eur(7000))}));
  const auto found = findings(penalty);
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST(found[0].code == "Assumed");
  BOOST_TEST(found[0].args[0].value == "charged");
  BOOST_TEST(found[0].args[1].value == "TrafficViolationRecorded,TrafficViolationCharged");
  BOOST_TEST(terms() == "charged 7000 0 0 0 0 0 7000");
  BOOST_TEST(violation().assumed);
  BOOST_TEST(codes(accept(history({amended(kV, Amend::EXPENSE, eur(100))}))).empty());
  BOOST_TEST(codes(accept(history({charged(kV, eur(100))}))) == "IllegalTransition");
  BOOST_TEST(terms() == "charged 7200 0 0 0 0 0 7200");

  const auto paid = accept(history({carnet::test::received("P1", eur(500), "V2")}));
  BOOST_TEST(codes(paid) == "Assumed");
  BOOST_TEST(terms("V2") == "settled 0 500 500 0 0 0 0");
  const auto owed =
      accept(history({assigned({.id = "V3", .party = "external/V3", .contract = {}, .vehicle = {}}, eur(0))}));
  BOOST_TEST(codes(owed) == "Assumed");
  const auto late =
      accept(history({recorded({.id = "V3", .party = "external/V3", .contract = {}, .vehicle = {}}, eur(100))}));
  BOOST_TEST(codes(late) == "IllegalTransition");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_report_keeps_what_breaks_a_rule_with_a_finding_of_its_name, RentalFixture) {
  BOOST_TEST(codes(accept(report({charged(kV, eur(100))}))) == "IllegalTransition");
  BOOST_TEST(terms() == "charged 100 0 0 0 0 0 100");
}

BOOST_FIXTURE_TEST_CASE(unknown_codes_are_kept_with_a_finding, RentalFixture) {
  Payment payment;
  payment.method = "shells";
  payment.amount = eur(100);
  const auto position = decide(carnet::test::received(payment));
  const auto found = findings(position);
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST(found[0].code == "UnknownCode");
  BOOST_TEST(found[0].path == "data.method");
  BOOST_TEST(found[0].args[0].value == "paymentMethod");
  BOOST_TEST(found[0].args[1].value == "shells");
  const std::vector<std::pair<std::string, std::uint32_t>> read{{"codes", 1}};
  BOOST_TEST((rules(position) == read));
  payment.id = "P2";
  payment.method = "notStated";
  BOOST_TEST(codes(decide(carnet::test::received(payment))).empty());
}

BOOST_FIXTURE_TEST_CASE(a_rule_set_rules_from_its_effective_time_on, RentalFixture) {
  const auto second = decide(rule_set("codes", 2, R"({"paymentMethod":["shells"]})", day(20)));
  BOOST_TEST(codes(second).empty());
  Payment payment;
  payment.method = "shells";
  payment.amount = eur(100);
  BOOST_TEST(codes(decide(carnet::test::received(payment, day(9)))) == "UnknownCode");
  clock->advance(Duration{15 * 86'400});
  payment.id = "P2";
  const auto later = decide(carnet::test::received(payment, day(21)));
  BOOST_TEST(codes(later).empty());
  const std::vector<std::pair<std::string, std::uint32_t>> read{{"codes", 2}};
  BOOST_TEST((rules(later) == read));
}

BOOST_FIXTURE_TEST_CASE(rule_sets_are_checked_before_they_rule, RentalFixture) {
  BOOST_TEST(refuse(rule_set("codes", 3, R"({})")).error == "VersionNotIncreasing");
  BOOST_TEST(refuse(rule_set("codes", 1, R"({})")).error == "VersionNotIncreasing");
  BOOST_TEST(refuse(rule_set("codes", 2, R"({"a": []})")).error == "BadJson", "not in RFC 8785 form");
  BOOST_TEST(refuse(rule_set("codes", 2, R"({"a":1})")).error == "RuleSetInvalid");
  const Refusal family = refuse(rule_set("obligations", 1, R"({})"));
  BOOST_TEST(family.error == "RuleSetInvalid");
  BOOST_TEST(family.path == "data.family");
  EventDraft other_stream = rule_set("codes", 2, R"({})");
  other_stream.stream = "document/ruleSet.other";
  BOOST_TEST(refuse(other_stream).path == "stream");
  const auto past = decide(rule_set("codes", 2, R"({})", day(5)));
  BOOST_TEST(codes(past) == "EffectiveInPast");
}

BOOST_FIXTURE_TEST_CASE(a_rule_set_may_be_taken_back_or_restated, RentalFixture) {
  const auto second = decide(rule_set("codes", 2, R"({"paymentMethod":["shells"]})", day(5)));
  decide(correction_of(rule_set("codes", 2, R"({"paymentMethod":["beads"]})", day(5)), second));
  BOOST_TEST(refuse(correction_of(rule_set("codes", 3, R"({})", day(5)), second)).error == "BadCorrection");
  BOOST_TEST(refuse(correction_of(rule_set("codes", 2, R"([])", day(5)), second)).error == "RuleSetInvalid");
  Payment payment;
  payment.method = "beads";
  payment.amount = eur(100);
  BOOST_TEST(codes(decide(carnet::test::received(payment, day(9)))).empty());
  decide(reversal_of(rule_set("codes", 2, R"({"paymentMethod":["shells"]})", day(5)), second));
  payment.id = "P2";
  BOOST_TEST(codes(decide(carnet::test::received(payment, day(9)))) == "UnknownCode");
  decide(rule_set("codes", 2, R"({"paymentMethod":["beads"]})", day(5)));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(stated_findings_are_kept_and_never_on_a_decision, RentalFixture) {
  EventDraft draft = recorded(kV, eur(100));
  draft.findings.push_back(
      {.code = "TotalDisagrees", .severity = Severity::kWarning, .path = "data.fine", .args = {{"stated", "1"}}});
  BOOST_TEST(codes(accept(report({draft}))) == "TotalDisagrees");
  draft.stream = "violation/V2";
  refuse(decision({draft}));
}

BOOST_AUTO_TEST_SUITE_END()
