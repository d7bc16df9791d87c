// SPDX-License-Identifier: Apache-2.0
//
// Goal: escalation, deadlines, closing, archive, duplicates and remedies of cases (DOMAIN.md §3.8, §3.6, I-F9 to I-F11,
// I-M17), and the queries of cases.hpp. Method: as rental_case_test.cpp.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_case.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace carnet;
using namespace carnet::test;

namespace {

std::string ids(const std::vector<CaseSummary>& cases) {
  std::string out;
  for (const CaseSummary& each : cases) {
    out += (out.empty() ? "" : " ") + each.case_id;
  }
  return out;
}

std::string listed(CaseFixture& f, const CaseFilter& filter, const Page& page = {}) {
  auto view = f.ledger->view();
  std::vector<CaseSummary> cases;
  const Status status = list_cases(**view, filter, page, [&](const CaseSummary& each) {
    cases.push_back(each);
    return true;
  });
  return status ? ids(cases) : status.error().name();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_case_close)

BOOST_FIXTURE_TEST_CASE(a_case_is_escalated_upwards, CaseFixture) {
  bring_to("K1", "assigned");
  BOOST_TEST(refuse(escalated("K1", 0)).error == "EscalationLevelNotIncreasing");
  decide(escalated("K1", 1));
  const Refusal again = refuse(escalated("K1", 1));
  BOOST_TEST(again.error == "EscalationLevelNotIncreasing");
  BOOST_TEST(again.path == "data.level");
  const auto second = escalated("K1", 2);
  const auto position = decide(second);
  BOOST_TEST(+summary("K1").escalation_level == 2);
  decide(reversal_of(second, position));
  BOOST_TEST(+summary("K1").escalation_level == 1);
  BOOST_TEST(codes(accept(report({escalated("K1", 1)}))) == "EscalationLevelNotIncreasing");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_deadline_is_what_was_promised_or_extended_last, CaseFixture) {
  bring_to("K1", "assigned");
  decide(acknowledged("K1", day(40)));
  BOOST_TEST((summary("K1").due_by == day(40)));
  BOOST_TEST(refuse(extended("K1", day(60), "")).error == "BadId", "whoever approves it is required");
  const auto longer = extended("K1", day(60));
  const auto position = decide(longer);
  BOOST_TEST((summary("K1").due_by == day(60)));
  decide(correction_of(extended("K1", day(55)), position));
  BOOST_TEST((summary("K1").due_by == day(55)));
  decide(correction_of(extended("K1", day(56)), position));
  BOOST_TEST((summary("K1").due_by == day(56)));
  decide(reversal_of(longer, position));
  BOOST_TEST((summary("K1").due_by == day(40)));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_case_closes_unsatisfied_on_few_grounds_and_with_approval, CaseFixture) {
  bring_to("K1", "closeCandidate");
  for (const CloseBasis basis : {CloseBasis::SATISFIED, CloseBasis::NO_ACTION_NEEDED}) {
    BOOST_TEST(refuse(closed("K1", basis)).error == "CloseBasisNotAllowed");
  }
  for (const CloseBasis basis : {CloseBasis::WITHDRAWN, CloseBasis::UNREACHABLE, CloseBasis::REFERRED_TO_AUTHORITY}) {
    BOOST_TEST(refuse(closed("K1", basis, "")).error == "ApproverMissing");
  }
  decide(closed("K1", CloseBasis::WITHDRAWN));
  BOOST_TEST(summary("K1").basis == "withdrawn");
  bring_to("K2", "rework");
  BOOST_TEST(refuse(closed("K2", CloseBasis::WITHDRAWN)).error == "ReworkRequired");
  bring_to("K3", "awaitingOpinion");
  BOOST_TEST(refuse(closed("K3", CloseBasis::SATISFIED)).error == "SatisfactionNotConfirmed");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(what_was_major_once_has_its_own_volume, CaseFixture) {
  bring_to("K1", "executing");
  const auto major = classified("K1", "complaint", Gravity::MAJOR);
  const auto position = decide(major);
  decide(classified("K1", "complaint", Gravity::MINOR));
  BOOST_TEST(summary("K1").severity == "minor");
  BOOST_TEST(summary("K1").own_volume);
  decide(withdrawn("K1"));
  decide(closed("K1", CloseBasis::WITHDRAWN));
  const Refusal refusal = refuse(archived("K1", Volume::GENERAL));
  BOOST_TEST(refusal.error == "VolumeMissing");
  BOOST_TEST(refusal.rule == "I-F11");
  const auto file = archived("K1", Volume::OWN);
  const auto archived_at = decide(file);
  decide(reversal_of(file, archived_at));
  decide(reversal_of(major, position));
  BOOST_TEST(!summary("K1").own_volume);
  decide(archived("K1", Volume::GENERAL));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_file_is_purged_after_its_time_and_without_a_hold, CaseFixture) {
  bring_to("K1", "closed");
  decide(archived("K1", Volume::OWN, day(30)));
  const Refusal early = refuse(purged("K1"));
  BOOST_TEST(early.error == "RetentionActive");
  BOOST_TEST(early.rule == "I-P3");
  now = day(30);
  decide(hold_placed("K1", "court", {"D7", "D8"}));
  decide(hold_placed("K1", "audit", {"D5"}));
  BOOST_TEST(refuse(purged("K1")).error == "LegalHold");
  decide(hold_lifted("K1", "court", {"D8"}));
  BOOST_TEST(refuse(purged("K1")).error == "LegalHold");
  decide(hold_lifted("K1", "court"));
  BOOST_TEST(refuse(purged("K1", {"D5", "D7"})).error == "LegalHold");
  BOOST_TEST(refuse(purged("K1", {})).error == "LegalHold");
  decide(hold_placed("K1", "all"));
  BOOST_TEST(refuse(purged("K1")).error == "LegalHold");
  decide(hold_lifted("K1", "all"));
  decide(purged("K1"));
  BOOST_TEST(refuse(hold_placed("K1")).error == "IllegalTransition");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_duplicate_names_a_case_that_is_none, CaseFixture) {
  for (const std::string id : {"K1", "K2", "K3"}) {
    decide(voiced(id));
  }
  for (const std::string primary : {"K1", "K9"}) {
    const Refusal refusal = refuse(duplicate_of("K1", primary));
    BOOST_TEST(refusal.error == "DuplicateCycle");
    BOOST_TEST(refusal.rule == "I-F10");
  }
  const auto second = duplicate_of("K2", "K1");
  const auto position = decide(second);
  BOOST_TEST(summary("K2").primary == "K1");
  BOOST_TEST(summary("K1").primary == "");
  BOOST_TEST(refuse(duplicate_of("K1", "K2")).error == "DuplicateCycle");
  BOOST_TEST(refuse(duplicate_of("K3", "K2")).error == "DuplicateCycle");
  BOOST_TEST(codes(accept(report({duplicate_of("K3", "K2")}))) == "DuplicateCycle");
  decide(reversal_of(second, position));
  BOOST_TEST(state_of("K2") == "received");
  BOOST_TEST(tags(position).size() == 3U);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_remedy_is_granted_in_a_case_that_is_being_remedied, CaseFixture) {
  const Refusal no_case = refuse(granted("C1", ""));
  BOOST_TEST(no_case.error == "CaseMissing");
  BOOST_TEST(no_case.rule == "I-M17");
  BOOST_TEST(no_case.path == "data.caseId");
  BOOST_TEST(refuse(granted("C1", "K9")).error == "CaseMissing");
  bring_to("K1", "planPending");
  const Refusal early = refuse(granted("C1", "K1"));
  BOOST_TEST(early.error == "IllegalTransition");
  BOOST_TEST(early.path == "data.caseId");
  decide(planned("K1"));
  const Refusal round = refuse(granted("C1", "K1", 2));
  BOOST_TEST(round.error == "RoundMismatch");
  BOOST_TEST(round.rule == "I-F9");
  const auto remedy = granted("C1", "K1");
  const auto position = decide(remedy);
  BOOST_TEST(transfers(position) == "expense/compensation → liability/compensationPayable/external/X 500 (PR-70)");
  decide(reversal_of(remedy, position));
  BOOST_TEST(net("liability/compensationPayable/external/X") == 0);
  decide(communicated("K1"));
  BOOST_TEST(refuse(granted("C2", "K1")).error == "IllegalTransition");
  BOOST_TEST(codes(accept(report({granted("C3", "K1", 4)}))) == "IllegalTransition,RoundMismatch");
  BOOST_TEST(codes(accept(report({granted("C4", "")}))) == "CaseMissing");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_remedy_is_within_what_the_role_may_grant, CaseFixture) {
  bring_to("K1", "executing");
  decide(granted("C1", "K1", 1, 1'000'000));
  Timestamp from = day(20);
  accept(decision(
      {rule_set("compensationLimits", 1, R"({"default":{"EUR":100},"operations":{"EUR":700,"USD":1}})", from)}));
  const auto within = decide(granted("C2", "K1", 1, 700));
  const auto used = rules(within);
  BOOST_TEST(std::ranges::any_of(used, [](const auto& each) { return each.first == "compensationLimits"; }));
  const Refusal refusal = refuse(granted("C3", "K1", 1, 701));
  BOOST_TEST(refusal.error == "LimitExceeded");
  BOOST_TEST(refusal.rule == "I-M17");
  BOOST_TEST(refusal.path == "data.amount");
  Request by_other = decision({granted("C4", "K1", 1, 101)});
  by_other.actor.role = "customerService";
  BOOST_TEST(refuse(by_other).error == "LimitExceeded");
  BOOST_TEST(codes(accept(report({granted("C5", "K1", 1, 101)}))) == "LimitExceeded");
  for (const std::string bad :
       {R"({"operations":700})", R"({"operations":{"EUR":-1}})", R"({"operations":{"euro":1}})"}) {
    BOOST_TEST(refuse(rule_set("compensationLimits", 2, bad)).error == "RuleSetInvalid", bad);
  }
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(details_that_are_said_to_be_given_are_there, CaseFixture) {
  decide(voiced("K1"));
  EventDraft missing = make_event<schema::FeedbackDetailsCompleted>("case/K1", tick(), [](auto event) {
    event.setCaseId("K1");
    event.setParty("external/X");
    event.initFieldMask(1).set(0, "contact");
  });
  BOOST_TEST(refuse(missing).error == "IntakeFieldMissing");
  decide(details("K1"));
  BOOST_TEST(refuse(details("K9")).error == "IllegalTransition");
}

BOOST_FIXTURE_TEST_CASE(a_rating_is_a_note_of_what_has_begun, CaseFixture) {
  BOOST_TEST(refuse(rated("case/K1")).error == "IllegalTransition");
  decide(voiced("K1"));
  BOOST_TEST(codes(decide(rated("case/K1"))) == "");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(history_may_begin_a_case_anywhere, CaseFixture) {
  const auto opinion_of_old = accept(history({opinion("K1", Opinion::SATISFIED, 3)}));
  BOOST_TEST(codes(opinion_of_old) == "Assumed");
  BOOST_TEST(state_of("K1") == "satisfied");
  const CaseSummary s = summary("K1");
  BOOST_TEST(s.assumed);
  BOOST_TEST(s.round == 0U);
  BOOST_TEST(s.reference_no == "");
  BOOST_TEST(codes(accept(history({resolved("K1", 3)}))) == "");
  BOOST_TEST(state_of("K1") == "resolved");
  BOOST_TEST(codes(accept(history({closed("K2", CloseBasis::UNREACHABLE)}))) == "Assumed");
  BOOST_TEST(state_of("K2") == "closed");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(cases_are_listed_by_state_and_page, CaseFixture) {
  bring_to("K1", "executing");
  bring_to("K2", "closed");
  bring_to("K3", "received");
  bring_to("K4", "awaitingOpinion", "complaint", 1);
  bring_to("K5", "awaitingOpinion");
  BOOST_TEST(listed(*this, {}) == "K1 K2 K3 K4 K5");
  BOOST_TEST(listed(*this, {.state = {}, .open_only = true}) == "K1 K3 K4 K5");
  BOOST_TEST(listed(*this, {.state = "awaitingOpinion", .open_only = false}) == "K4 K5");
  BOOST_TEST(listed(*this, {.state = {}, .open_only = true}, {.after = "K1", .limit = 2}) == "K3 K4");
  BOOST_TEST(listed(*this, {.state = "asleep", .open_only = false}) == "StateUnknown");
  BOOST_TEST(listed(*this, {}, {.after = "K9", .limit = 0}) == "AfterUnknown");
  auto view = ledger->view();
  auto none = find_case(**view, "K9");
  BOOST_TEST((none && !none->has_value()));
}

BOOST_FIXTURE_TEST_CASE(the_queue_is_complaints_then_severity_then_promise, CaseFixture) {
  const auto open = [&](const std::string& id, const std::string& category, Gravity gravity, int due) {
    decide(voiced(id));
    decide(classified(id, category, gravity));
    if (due != 0) {
      decide(acknowledged(id, day(due)));
    }
  };
  decide(voiced("new"));
  open("inquiry", "inquiry", Gravity::MAJOR, 30);
  open("late", "complaint", Gravity::SERIOUS, 50);
  open("unpromised", "complaint", Gravity::SERIOUS, 0);
  open("soon", "complaint", Gravity::SERIOUS, 40);
  open("major", "complaint", Gravity::MAJOR, 90);
  open("done", "inquiry", Gravity::NORMAL, 0);
  decide(answered("done"));
  auto view = ledger->view();
  auto queue = case_queue(**view, 0);
  BOOST_REQUIRE(queue);
  BOOST_TEST(ids(*queue) == "major soon late unpromised inquiry new");
  auto head = case_queue(**view, 2);
  BOOST_REQUIRE(head);
  BOOST_TEST(ids(*head) == "major soon");
}

BOOST_AUTO_TEST_SUITE_END()
