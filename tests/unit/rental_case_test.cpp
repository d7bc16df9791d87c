// SPDX-License-Identifier: Apache-2.0
//
// Goal: what must hold of a case beside its state (DOMAIN.md §3.8, I-F1 to I-F13, I-M17), and what its queries say.
// Method: short flows on a real ledger; each guard once met and once broken, on `decision` and on `report`.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_case.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

/// What `decision` refuses, `report` keeps with a finding of the same name.
void check_guard(CaseFixture& f, const EventDraft& draft, const std::string& rule, const std::string& error,
                 const std::string& path) {
  const Refusal refusal = f.refuse(draft);
  BOOST_TEST(refusal.error == error);
  BOOST_TEST(refusal.rule == rule);
  BOOST_TEST(refusal.path == path);
  BOOST_TEST(f.codes(f.accept(f.report({draft}))) == error);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_case)

BOOST_FIXTURE_TEST_CASE(a_complaint_goes_from_receipt_to_archive, CaseFixture) {
  bring_to("K1", "archived");
  const CaseSummary s = summary("K1");
  BOOST_TEST(s.reference_no == "N-K1");
  BOOST_TEST(s.category == "complaint");
  BOOST_TEST(s.topic == "billing");
  BOOST_TEST(s.severity == "normal");
  BOOST_TEST(s.priority == 2);
  BOOST_TEST(s.owner == "S2");
  BOOST_TEST(s.first_responsible == "S1");
  BOOST_TEST(s.responsible == "S1");
  BOOST_TEST(s.round == 1U);
  BOOST_TEST(s.basis == "satisfied");
  BOOST_TEST(s.party == "external/X");
  BOOST_TEST(s.order == "O1");
  BOOST_TEST(s.closed_at.has_value());
  BOOST_TEST(!s.due_by.has_value());
  BOOST_TEST(!s.open);
  BOOST_TEST(!s.assumed);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_complaint_is_not_answered_away, CaseFixture) {
  bring_to("K1", "classified");
  check_guard(*this, answered("K1"), "§3.8", "ComplaintNeedsResolution", "");
  BOOST_TEST(state_of("K1") == "closed");  // It was answered: `report` says what is.
  bring_to("K2", "assigned");
  BOOST_TEST(refuse(answered("K2")).error == "ComplaintNeedsResolution");
  BOOST_TEST(refuse(closed("K2", CloseBasis::NO_ACTION_NEEDED)).error == "ComplaintNeedsResolution");
  bring_to("K3", "satisfied");
  BOOST_TEST(refuse(closed("K3", CloseBasis::SATISFIED)).error == "ComplaintNeedsResolution");
  bring_to("K4", "resolved");
  BOOST_TEST(refuse(closed("K4", CloseBasis::NO_ACTION_NEEDED)).error == "ComplaintNeedsResolution");
  bring_to("K5", "assigned", "inquiry");
  decide(answered("K5"));
  BOOST_TEST(state_of("K5") == "closed");
  BOOST_TEST(summary("K5").basis == "");
  BOOST_TEST(summary("K5").closed_at.has_value());
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(only_a_complaint_is_resolved_as_one, CaseFixture) {
  bring_to("K1", "satisfied", "suggestion");
  BOOST_TEST(refuse(resolved("K1")).error == "IllegalTransition");
  decide(closed("K1", CloseBasis::SATISFIED, ""));
  BOOST_TEST(summary("K1").basis == "satisfied");
}

BOOST_FIXTURE_TEST_CASE(what_becomes_a_complaint_is_classified_anew_and_once, CaseFixture) {
  bring_to("K1", "executing", "inquiry");
  decide(classified("K1", "suggestion"));
  BOOST_TEST(state_of("K1") == "executing");
  const auto newly = classified("K1", "complaint", Gravity::SERIOUS);
  const auto position = decide(newly);
  BOOST_TEST(state_of("K1") == "classified");
  decide(reversal_of(newly, position));
  BOOST_TEST(state_of("K1") == "executing");
  BOOST_TEST(summary("K1").category == "suggestion");
  decide(newly);
  decide(assigned_to("K1"));
  decide(classified("K1", "complaint", Gravity::MAJOR));
  BOOST_TEST(state_of("K1") == "assigned");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_correction_of_the_category_counts_and_moves_nothing, CaseFixture) {
  decide(voiced("K1"));
  const auto first = decide(classified("K1", "inquiry"));
  decide(assigned_to("K1"));
  decide(correction_of(classified("K1", "complaint", Gravity::SERIOUS), first));
  BOOST_TEST(state_of("K1") == "assigned");
  BOOST_TEST(summary("K1").category == "complaint");
  BOOST_TEST(summary("K1").severity == "serious");
  BOOST_TEST(refuse(answered("K1")).error == "ComplaintNeedsResolution");
  decide(correction_of(classified("K1", "praise", Gravity::MINOR), first));
  BOOST_TEST(summary("K1").category == "praise");
  decide(answered("K1"));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_case_without_anybody_is_not_investigated, CaseFixture) {
  accept(report({voiced("K1", "")}));
  decide(classified("K1", "inquiry"));
  decide(answered("K1"));
  check_guard(*this, reworked("K1", 2, ReworkCause::REOPENED), "I-F3", "OwnerMissing", "");
  BOOST_TEST(summary("K1").owner == "");
  decide(assigned_to("K1"));
  BOOST_TEST(summary("K1").owner == "S2");
}

BOOST_FIXTURE_TEST_CASE(nobody_investigates_a_complaint_about_himself, CaseFixture) {
  EventDraft about = voiced("K1");
  about.tags = {"staff/S5"};
  decide(about);
  decide(classified("K1"));
  decide(assigned_to("K1"));
  check_guard(*this, investigated_by("K1", "S5"), "I-F8", "InvestigatorConflict", "data.investigator");
  bring_to("K2", "assigned");
  decide(investigated_by("K2", "S1"));  // Who received it is no party to it.
}

BOOST_FIXTURE_TEST_CASE(a_plan_is_whole, CaseFixture) {
  bring_to("K1", "planPending");
  for (const std::string field : {"measures", "expectedBy"}) {
    const Refusal refusal = refuse(planned("K1", 1, field));
    BOOST_TEST(refusal.error == "PlanIncomplete");
    BOOST_TEST(refusal.rule == "I-F5");
    BOOST_TEST(refusal.path == "data." + field);
  }
  BOOST_TEST(codes(accept(report({planned("K1", 1, "measures")}))) == "PlanIncomplete");
}

BOOST_FIXTURE_TEST_CASE(a_company_that_is_liable_apologizes_first, CaseFixture) {
  for (const bool sorry : {false, true}) {
    const std::string id = sorry ? "K1" : "K2";
    bring_to(id, "investigating");
    decide(found(id, Liable::COMPANY));
    if (sorry) {
      decide(apology(id));
    }
    BOOST_TEST(codes(decide(planned(id))) == (sorry ? "" : "ApologyMissing"));
    decide(planned(id));
  }
  BOOST_TEST(refuse(apology("K9")).error == "IllegalTransition", "a note needs a case that has begun");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(the_owner_reports_the_result, CaseFixture) {
  bring_to("K1", "executing");
  const auto by_other = communicated("K1", 1, "S7");
  const auto position = decide(by_other);
  BOOST_TEST(codes(position) == "NotByOwner");
  decide(reversal_of(by_other, position));
  BOOST_TEST(codes(decide(communicated("K1"))) == "");
}

BOOST_FIXTURE_TEST_CASE(rounds_count_the_rework, CaseFixture) {
  bring_to("K1", "executing");
  check_guard(*this, planned("K1", 2), "§3.8", "RoundMismatch", "data.round");
  BOOST_TEST(refuse(communicated("K1", 2)).error == "RoundMismatch");
  decide(communicated("K1"));
  BOOST_TEST(refuse(opinion("K1", Opinion::SATISFIED, 2)).error == "RoundMismatch");
  decide(opinion("K1", Opinion::DISSATISFIED));
  BOOST_TEST(refuse(closed("K1", CloseBasis::UNREACHABLE)).error == "ReworkRequired");
  BOOST_TEST(refuse(reworked("K1", 3)).error == "RoundMismatch");
  const auto second = reworked("K1");
  const auto position = decide(second);
  BOOST_TEST(summary("K1").round == 2U);
  decide(reversal_of(second, position));
  BOOST_TEST(summary("K1").round == 1U);
  BOOST_TEST(state_of("K1") == "rework");
  decide(second);
  decide(found("K1"));
  BOOST_TEST(refuse(planned("K1", 1)).error == "RoundMismatch");
  decide(planned("K1", 2));
  decide(communicated("K1", 2));
  decide(opinion("K1", Opinion::SATISFIED, 2));
  decide(resolved("K1", 2));
  decide(closed("K1", CloseBasis::SATISFIED, ""));
  decide(reworked("K1", 3, ReworkCause::REOPENED));
  BOOST_TEST(summary("K1").round == 3U);
  BOOST_TEST(!summary("K1").closed_at.has_value());
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(satisfaction_is_confirmed_before_a_complaint_is_resolved, CaseFixture) {
  bring_to("K1", "satisfied");
  check_guard(*this, resolved("K1", 1, false), "I-F6", "SatisfactionNotConfirmed", "data.satisfied");
  bring_to("K2", "awaitingOpinion");
  BOOST_TEST(refuse(resolved("K2")).error == "SatisfactionNotConfirmed");
  accept(report({opinion("K2", Opinion::SATISFIED, 7)}));  // Of another round, as somebody tells us.
  BOOST_TEST(refuse(resolved("K2")).error == "SatisfactionNotConfirmed");
}

BOOST_FIXTURE_TEST_CASE(three_days_without_an_answer_make_a_case_ready_to_close, CaseFixture) {
  bring_to("K1", "awaitingOpinion");
  const auto silent = [&] {
    decide(opinion("K1", Opinion::NO_ANSWER));
    return state_of("K1");
  };
  BOOST_TEST(silent() == "awaitingOpinion");
  BOOST_TEST(silent() == "awaitingOpinion");
  wait_hours(23);
  BOOST_TEST(silent() == "awaitingOpinion");
  BOOST_TEST(silent() == "awaitingOpinion");
  wait_hours(1);
  BOOST_TEST(silent() == "awaitingOpinion");  // The second that counts.
  BOOST_TEST(silent() == "awaitingOpinion");
  wait_hours(24);
  const auto third = opinion("K1", Opinion::NO_ANSWER);
  const auto position = decide(third);
  BOOST_TEST(state_of("K1") == "closeCandidate");
  decide(reversal_of(third, position));
  BOOST_TEST(state_of("K1") == "awaitingOpinion");
  decide(third);
  check_guard(*this, closed("K1", CloseBasis::UNREACHABLE, ""), "I-F6", "ApproverMissing", "data.approver");
  BOOST_TEST(summary("K1").basis == "unreachable");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_new_round_asks_three_times_again, CaseFixture) {
  bring_to("K1", "awaitingOpinion", "complaint", 2);
  decide(opinion("K1", Opinion::DISSATISFIED));
  decide(reworked("K1"));
  decide(found("K1"));
  decide(planned("K1", 2));
  decide(communicated("K1", 2));
  wait_hours(48);
  decide(opinion("K1", Opinion::NO_ANSWER, 2));
  BOOST_TEST(state_of("K1") == "awaitingOpinion");
}

BOOST_FIXTURE_TEST_CASE(responsibility_moves_when_it_is_accepted, CaseFixture) {
  bring_to("K1", "assigned");
  check_guard(*this, accepted("K1", "S1", "S4"), "I-F4", "HandoverNotAccepted", "data");
  bring_to("K2", "assigned");
  decide(handed("K2", "S1", "S4"));
  BOOST_TEST(summary("K2").responsible == "S1");
  BOOST_TEST(refuse(handed("K2", "S4", "S6")).error == "HandoverNotAccepted");
  BOOST_TEST(refuse(accepted("K2", "S1", "S6")).error == "HandoverNotAccepted");
  const auto taken = accepted("K2", "S1", "S4");
  const auto position = decide(taken);
  BOOST_TEST(summary("K2").responsible == "S4");
  BOOST_TEST(summary("K2").first_responsible == "S1");
  BOOST_TEST(refuse(accepted("K2", "S1", "S4")).error == "HandoverNotAccepted");
  decide(reversal_of(taken, position));
  BOOST_TEST(summary("K2").responsible == "S1");
  decide(taken);
  decide(handed("K2", "S4", "S6"));
  BOOST_TEST(summary("K2").owner == "S2", "the owner is another role (A-13)");
  check_everything();
}

BOOST_AUTO_TEST_SUITE_END()
