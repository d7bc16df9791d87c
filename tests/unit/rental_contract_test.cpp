// SPDX-License-Identifier: Apache-2.0
//
// Goal: the rental contract (DOMAIN.md §2.5, §3.2, I-C*, I-H3): what must be disclosed, signed and there before it goes
// on, and how events of other streams lead it. Method: each row legal and refused on a real ledger.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_contract.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

const Codes kMandatory{"termCalculation", "overtimeFee", "insuranceCover", "exclusions", "penalty"};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_contract)

BOOST_FIXTURE_TEST_CASE(a_contract_is_signed_after_its_disclosures, ContractFixture) {
  BOOST_TEST(no(contract_signed()) == "§3.2 IllegalTransition");
  decide(drafted());
  BOOST_TEST(no(drafted()) == "§3.2 IllegalTransition");
  EventDraft unsigned_one = contract_signed();
  unsigned_one.personal.clear();
  BOOST_TEST(no(unsigned_one) == "§2.5 FieldMissing");
  BOOST_TEST(refuse(contract_signed()).error == "TermsNotExplained");
  decide(explained({"termCalculation", "overtimeFee", "insuranceCover", "exclusions"}));
  const EventDraft unheard = explained({"penalty"}, false);
  decide(unheard);
  const Refusal refusal = refuse(contract_signed());
  BOOST_TEST(refusal.rule == "I-C2");
  BOOST_TEST(refusal.values.at(0).value == "penalty", "explained, but not acknowledged");
  decide(explained({"penalty"}));
  BOOST_TEST(no(contract_signed()) == "I-C3 FeesNotDisclosed");
  BOOST_TEST(no(fees(301)) == "I-C3 FeesNotDisclosed", "the lines sum to 300");
  decide(fees(300));
  BOOST_TEST(no(contract_signed()) == "I-C4 DepositTermsNotDisclosed");
  decide(deposit_terms({}));
  const EventDraft signature = contract_signed();
  const auto position = decide(signature);
  BOOST_TEST(contract_text() == "signed none");
  BOOST_TEST(no(explained(kMandatory)) == "§3.2 IllegalTransition");
  BOOST_TEST(no(fees(300)) == "§3.2 IllegalTransition");
  decide(reversal_of(signature, position));
  BOOST_TEST(contract_text() == "draft none");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_mileage_allowance_is_explained_and_a_reversed_explanation_does_not_count, ContractFixture) {
  decide(drafted(true));
  const EventDraft draft = explained(kMandatory);
  const auto position = decide(draft);
  decide(fees(300));
  decide(deposit_terms({}));
  BOOST_TEST(refuse(contract_signed()).values.at(0).value == "mileageLimit");
  decide(explained({"mileageLimit"}));
  decide(reversal_of(draft, position));
  BOOST_TEST(refuse(contract_signed()).values.at(0).value == "termCalculation");
  decide(explained(kMandatory));
  decide(contract_signed());
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(an_add_on_is_the_customers_choice_at_the_published_price, ContractFixture) {
  BOOST_TEST(no(add_on("navigation", Choice::OFFERED, 20)) == "§3.2 IllegalTransition");
  decide(drafted());
  BOOST_TEST(no(add_on("navigation", Choice::SELECTED, 20)) == "I-C6 AddOnNotSelected", "no price list is published");
  decide(price_list("p1", day(0)));
  BOOST_TEST(no(add_on("navigation", Choice::SELECTED, 21)) == "I-C6 AddOnNotSelected");
  BOOST_TEST(no(add_on("childSeat", Choice::SELECTED, 20)) == "I-C6 AddOnNotSelected");
  BOOST_TEST(no(add_on("navigation", Choice::SELECTED, 20, true, true)) == "I-C6 AddOnNotSelected");
  decide(add_on("navigation", Choice::OFFERED, 20));
  decide(add_on("navigation", Choice::SELECTED, 20));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(evidence_of_ours_is_decided_and_on_history_rests_on_a_document, ContractFixture) {
  BOOST_TEST(refuse(report({contract_signed()})).error == "BasisNotAllowed");
  BOOST_TEST(refuse(report({fees(300)})).error == "BasisNotAllowed");
  BOOST_TEST(refuse(history({fees(300)})).error == "EvidenceMissing");
  const auto position = accept(history({contract_signed()}));
  BOOST_TEST(codes(position) == "Assumed");
  BOOST_TEST(contract_text() == "signed none");
  // Of a contract that history entered in the middle nothing more is asked.
  decide(out());
  BOOST_TEST(contract_text() == "inUse none");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_vehicle_goes_out_after_its_inspection_is_signed, ContractFixture) {
  decide(drafted());
  BOOST_TEST(no(out()) == "§3.2 IllegalTransition");
  decide(explained(kMandatory));
  decide(fees(300));
  decide(deposit_terms({}));
  decide(contract_signed());
  BOOST_TEST(no(out()) == "I-H3 InspectionUnsigned");
  decide(assigned_vehicle("C1", "I1"));
  BOOST_TEST(no(out()) == "I-H3 InspectionUnsigned");
  inspect_out("I1");
  BOOST_TEST(no(out("C2")) == "I-H3 InspectionUnsigned", "the inspection is of C1");
  decide(out());
  BOOST_TEST(contract_text() == "inUse none");
  BOOST_TEST(no(out()) == "§3.2 IllegalTransition");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_vehicle_that_is_reported_out_keeps_what_was_missing, ContractFixture) {
  sign_contract({Item{}});
  BOOST_TEST(reported(out()) == "InspectionUnsigned,DepositMissing");
  BOOST_TEST(contract_text() == "inUse none");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_deposit_due_at_pickup_is_there_before_the_handover, ContractFixture) {
  sign_contract({Item{}, Item{.purpose = HoldPurpose::VIOLATION, .at_pickup = false}});
  decide(assigned_vehicle("C1", "I1"));
  inspect_out("I1");
  BOOST_TEST(no(out()) == "I-H3 DepositMissing");
  decide(requested("D1", "S", 1000));
  BOOST_TEST(no(out()) == "I-H3 DepositMissing", "requested is not frozen");
  decide(frozen("D1", "S", 1000));
  decide(out());
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(cash_is_held_before_the_handover, ContractFixture) {
  sign_contract({Item{.instrument = Instrument::CASH}});
  decide(assigned_vehicle("C1", "I1"));
  inspect_out("I1");
  BOOST_TEST(no(out()) == "I-H3 DepositMissing");
  decide(collected("D1", 1000));
  decide(out());
}

BOOST_FIXTURE_TEST_CASE(a_special_request_is_resolved_before_the_handover, ContractFixture) {
  decide(placed());
  decide(requested_specially("Q1"));
  decide(confirmed());
  sign_contract();
  decide(assigned_vehicle("C1", "I1"));
  inspect_out("I1");
  BOOST_TEST(no(out()) == "I-R3 SpecialRequestOpen");
  decide(resolved("Q1"));
  decide(out());
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_draft_or_a_signed_contract_is_voided, ContractFixture) {
  decide(placed());
  decide(confirmed("N-1", 50));
  sign_contract();
  BOOST_TEST(no(voided("F1")) == "§3.2 ChargeUnknown");
  charge("F1", "penalty", 50);
  BOOST_TEST(no(voided("F1")) == "§3.2 FeeNotDisclosed");
  charge("F2", "cancellation", 50);
  decide(voided("F2"));
  BOOST_TEST(contract_text() == "voided none");
  BOOST_TEST(no(out()) == "§3.2 IllegalTransition");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(inspection_and_settlement_lead_the_contract_to_its_end, ContractFixture) {
  hand_over();
  BOOST_TEST(no(back("C2")) == "§3.2 IllegalTransition");
  BOOST_TEST(no(queried()) == "§3.2 IllegalTransition");
  decide(back());
  BOOST_TEST(contract_text() == "returned querying");
  decide(queried());
  const EventDraft again = inspected("I1", Side::RETURN, 1100);
  const auto recorded = decide(again);
  BOOST_TEST(contract_text() == "inspecting querying");
  const EventDraft signature = signed_back("I1", recorded);
  const auto position = decide(signature);
  BOOST_TEST(contract_text() == "inspected querying");
  decide(reversal_of(signature, position));
  BOOST_TEST(contract_text() == "inspecting querying");
  decide(signed_back("I1", recorded));
  BOOST_TEST(no(closed()) == "§3.2 IllegalTransition");
  charge("C1", "rental", 300);
  state_and_accept({{"C1", 300}}, 300);
  BOOST_TEST(no(finalized(false)) == "§2.9 FieldMissing", "the contract is named");
  decide(finalized(true));
  BOOST_TEST(contract_text() == "settled querying");
  BOOST_TEST(no(closed()) == "§3.2 BalanceNotZero");
  pay("P1", 300, {{"C1", 300}});
  decide(closed());
  BOOST_TEST(contract_text() == "closed querying");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_swap_hands_one_vehicle_over_for_another, ContractFixture) {
  hand_over();
  BOOST_TEST(no(swapped("C1", "C2")) == "§3.2 InspectionUnsigned");
  const auto there = decide(inspected("I2", Side::HANDOVER));
  const auto here = decide(inspected("I1", Side::RETURN, 1100));
  const EventDraft swap = swapped("C1", "C2");
  const auto first =
      accept(decision({signed_back("I1", here), signed_out("I2", there), media("I2", Side::HANDOVER), swap}));
  BOOST_TEST(contract_text() == "inUse none");
  BOOST_TEST(vehicle("C1").state == "in");
  BOOST_TEST(vehicle("C2").state == "out");
  BOOST_TEST(vehicle("C2").rental == "R1");
  BOOST_TEST(rental("R1").vehicle == "C2");
  BOOST_TEST(!rental("R1").returned_at.has_value());
  BOOST_TEST(no(back("C1")) == "§3.2 IllegalTransition");
  decide(reversal_of(swap, first + 3));
  BOOST_TEST(vehicle("C1").state == "out");
  BOOST_TEST(rental("R1").vehicle == "C1");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(after_a_swap_the_second_vehicle_returns, ContractFixture) {
  hand_over();
  const auto there = decide(inspected("I2", Side::HANDOVER));
  const auto here = decide(inspected("I1", Side::RETURN, 1100));
  accept(decision({signed_back("I1", here), signed_out("I2", there), swapped("C1", "C2")}));
  const auto handed_over = rental("R1").handed_over_at;
  decide(back("C2"));
  BOOST_TEST((rental("R1").handed_over_at == handed_over), "the rental began with the first vehicle");
  BOOST_TEST(contract_text() == "returned querying");
  inspect_back("I2");
  BOOST_TEST(contract_text() == "inspected querying");
  BOOST_TEST(vehicle("C2").state == "in");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_lost_vehicle_needs_no_inspection, ContractFixture) {
  hand_over();
  BOOST_TEST(no(lost("C2")) == "§3.2 IllegalTransition");
  const EventDraft loss = lost();
  const auto position = decide(loss);
  BOOST_TEST(codes(position) == "InspectionWaived");
  BOOST_TEST(contract_text() == "inspected querying");
  BOOST_TEST(vehicle("C1").state == "in");
  decide(reversal_of(loss, position));
  BOOST_TEST(contract_text() == "inUse none");
  BOOST_TEST(vehicle("C1").state == "out");
  check_everything();
}

BOOST_AUTO_TEST_SUITE_END()
