// SPDX-License-Identifier: Apache-2.0
//
// Goal: inspections of a custody leg and the damage between handover and return (DOMAIN.md §2.6, §3.3, I-H*). Method:
// each row legal and refused on a real ledger.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "rental/subject_view.hpp"
#include "support/rental_contract.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

struct Inspection : ContractFixture {
  /// State of the first damage or leg.
  std::string state(rental::Machine machine) {
    auto view = ledger->view();
    return std::string(rental::state_name(machine, rental::subject_row(**view, machine, 0).state));
  }

  std::string leg() { return state(rental::Machine::kLeg); }

  std::string damage_state() { return state(rental::Machine::kDamage); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_inspection)

BOOST_FIXTURE_TEST_CASE(a_leg_is_inspected_and_signed_on_both_sides, Inspection) {
  decide(drafted());
  BOOST_TEST(no(media("I1", Side::HANDOVER)) == "§3.3 IllegalTransition");
  BOOST_TEST(no(signed_out("I1", 0)) == "§3.3 IllegalTransition");
  BOOST_TEST(no(inspected("I1", Side::RETURN)) == "§3.3 IllegalTransition");
  const auto first = decide(inspected("I1", Side::HANDOVER));
  BOOST_TEST(leg() == "recorded");
  const auto second = decide(inspected("I1", Side::HANDOVER, 1001));
  BOOST_TEST(no(signed_out("I1", first)) == "I-H2 DigestMismatch", "the last inspection is signed");
  BOOST_TEST(no(inspected("I1", Side::RETURN)) == "§3.3 IllegalTransition");
  decide(media("I1", Side::HANDOVER));
  BOOST_TEST(codes(decide(signed_out("I1", second))).empty());
  BOOST_TEST(leg() == "out");
  BOOST_TEST(no(inspected("I1", Side::HANDOVER)) == "§3.3 IllegalTransition");
  BOOST_TEST(no(signed_back("I1", 0)) == "§3.3 IllegalTransition");
  const auto third = decide(inspected("I1", Side::RETURN, 1100));
  BOOST_TEST(leg() == "back");
  BOOST_TEST(no(signed_back("I1", second)) == "I-H2 DigestMismatch");
  const auto fourth = decide(inspected("I1", Side::RETURN, 1101));
  BOOST_TEST(no(signed_back("I1", third)) == "I-H2 DigestMismatch");
  const EventDraft signature = signed_back("I1", fourth);
  const auto position = decide(signature);
  BOOST_TEST(codes(position).empty());
  BOOST_TEST(leg() == "signed");
  BOOST_TEST(no(inspected("I1", Side::RETURN, 1102)) == "§3.3 IllegalTransition");
  decide(media("I1", Side::RETURN));
  decide(reversal_of(signature, position));
  BOOST_TEST(leg() == "back");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(the_checklist_is_whole_and_of_one_version_within_a_leg, Inspection) {
  const Refusal refusal = refuse(inspected("I1", Side::HANDOVER, 1000, {}, {"brakes"}));
  BOOST_TEST(refusal.rule == "I-H1");
  BOOST_TEST(refusal.error == "ChecklistIncomplete");
  BOOST_TEST(refusal.values.at(0).value == "brakes");
  inspect_out("I1");
  BOOST_TEST(no(inspected("I1", Side::RETURN, 1100, {}, {"tools"})) == "I-H1 ChecklistIncomplete");
  BOOST_TEST(no(inspected("I1", Side::RETURN, 1100, {}, {}, "v2")) == "I-H5 ChecklistVersionMismatch");
  decide(inspected("I1", Side::RETURN, 1100));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(the_odometer_of_a_return_is_not_below_that_of_the_handover, Inspection) {
  inspect_out("I1");
  BOOST_TEST(no(inspected("I1", Side::RETURN, 999)) == "I-H4 OdometerDecreased");
  decide(inspected("I1", Side::RETURN, 1000));
}

BOOST_FIXTURE_TEST_CASE(inspections_are_decided_never_reported, Inspection) {
  BOOST_TEST(refuse(report({inspected("I1", Side::HANDOVER)})).error == "BasisNotAllowed");
  BOOST_TEST(refuse(history({inspected("I1", Side::HANDOVER)})).error == "EvidenceMissing");
  const auto position = accept(history({inspected("I1", Side::RETURN, 1100, {"D1"})}));
  BOOST_TEST(codes(position) == "Assumed");
  BOOST_TEST(findings(position)[0].args[0].value == "out");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_handover_without_photos_is_kept_with_a_finding, Inspection) {
  const auto position = decide(inspected("I1", Side::HANDOVER));
  BOOST_TEST(codes(decide(signed_out("I1", position))) == "MediaMissing");
}

BOOST_FIXTURE_TEST_CASE(without_the_customer_a_return_needs_photos, Inspection) {
  inspect_out("I1");
  const auto position = decide(inspected("I1", Side::RETURN, 1100));
  BOOST_TEST(no(signed_back("I1", position, false)) == "I-H2 EvidenceMissing", "those of the handover do not count");
  decide(media("I1", Side::RETURN));
  BOOST_TEST(codes(decide(signed_back("I1", position, false))) == "CustomerAbsent");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_new_damage_is_none_of_the_handover_and_is_shown, Inspection) {
  inspect_out("I1", {"D9"});
  BOOST_TEST(no(damage("D1")) == "§3.3 IllegalTransition");
  decide(inspected("I1", Side::RETURN, 1100));
  BOOST_TEST(no(damage("D9")) == "I-H6 DamagePreExisting");
  BOOST_TEST(no(damage("D1", false)) == "I-H6 EvidenceMissing");
  const auto signed_digest = handover_digest;
  handover_digest = {};
  BOOST_TEST(no(damage("D1")) == "I-H6 DigestMismatch", "compared to another handover");
  handover_digest = signed_digest;
  BOOST_TEST(codes(decide(damage("D1"))).empty());
  BOOST_TEST(no(damage("D1")) == "§3.3 IllegalTransition");
  BOOST_TEST(damage_state() == "identified");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_damage_found_after_the_signature_is_kept_with_a_finding, Inspection) {
  inspect_out("I1");
  inspect_back("I1");
  BOOST_TEST(codes(decide(damage("D1"))) == "FoundAfterSignature");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_damage_is_acknowledged_or_disputed_and_decided, Inspection) {
  inspect_out("I1");
  decide(inspected("I1", Side::RETURN, 1100));
  BOOST_TEST(no(assessed("D1")) == "§3.3 IllegalTransition");
  BOOST_TEST(no(position("D1", Position::ACKNOWLEDGED)) == "§3.3 IllegalTransition");
  decide(damage("D1"));
  decide(assessed("D1"));
  BOOST_TEST(no(position("D1", Position::DECIDED)) == "§3.3 IllegalTransition");
  decide(position("D1", Position::DISPUTED));
  BOOST_TEST(damage_state() == "disputed");
  BOOST_TEST(no(position("D1", Position::DISPUTED)) == "§3.3 DisputeOpen");
  decide(assessed("D1"));
  const EventDraft decided = position("D1", Position::DECIDED);
  const auto at = decide(decided);
  BOOST_TEST(damage_state() == "decided");
  BOOST_TEST(no(position("D1", Position::WITHDRAWN)) == "§3.3 IllegalTransition");
  decide(reversal_of(decided, at));
  BOOST_TEST(damage_state() == "disputed");
  decide(position("D1", Position::WITHDRAWN));
  BOOST_TEST(damage_state() == "withdrawn");
  BOOST_TEST(no(assessed("D1")) == "§3.3 IllegalTransition");
  check_everything();
}

BOOST_AUTO_TEST_SUITE_END()
