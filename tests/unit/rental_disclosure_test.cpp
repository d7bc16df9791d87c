// SPDX-License-Identifier: Apache-2.0
//
// Goal: deposits against what their contract disclosed (DOMAIN.md §3.4, I-C4, I-M9, I-M10) and damage charges (I-H7).
// Method: a contract with its disclosures on a real ledger; each guard once met and once broken.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_contract.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

const Item kViolationItem{.purpose = HoldPurpose::VIOLATION, .at_pickup = false, .query_days = 2};

EventDraft at(EventDraft draft, Timestamp time) {
  draft.occurred_at = time;
  return draft;
}

struct Disclosure : ContractFixture {
  EventDraft violation_of(const std::string& id, const std::string& vehicle, Timestamp when) {
    return make_event<schema::TrafficViolationRecorded>("violation/" + id, tick(), [&](auto event) {
      event.setViolationId(id.c_str());
      event.setParty("account/A1");
      event.setAuthority("police");
      event.setContractId("R1");
      event.setVehicleId(vehicle.c_str());
      event.setViolationAt(when.ns);
      set_money(event.initFine(), money(300));
      event.setAuthorityRef(("ref-" + id).c_str());
      event.setLawfulBasisRef("b1");
    });
  }

  EventDraft charge_violation(const std::string& id) {
    return carnet::test::charged(Violation{.id = id, .party = "account/A1", .contract = {}, .vehicle = {}}, money(300),
                                 {}, tick());
  }

  EventDraft approved_release(const std::string& deposit, const std::string& hold, std::int64_t amount) {
    return make_event<schema::DepositReleased>("deposit/" + deposit, tick(), [&](auto event) {
      event.setDepositId(deposit.c_str());
      event.setContractId("R1");
      event.setOrderId("O1");
      event.setParty("account/A1");
      event.setInstrument(Instrument::PRE_AUTHORIZATION);
      event.setHoldId(hold.c_str());
      set_money(event.initAmount(), money(amount));
      event.setReason("goodwill");
      event.setApprover("S9");
    });
  }

  /// The vehicle is back, and a hold of 1000 stands for violations.
  void bring_back_with_hold() {
    hand_over({kViolationItem});
    decide(back());
    hold("D1", "V", 1000, HoldPurpose::VIOLATION);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_disclosure)

BOOST_FIXTURE_TEST_CASE(a_deposit_is_taken_of_a_signed_contract, Disclosure) {
  BOOST_TEST(no(requested("D1", "S", 1000)) == "§3.4 DepositTermsNotDisclosed");
  BOOST_TEST(no(collected("D2", 1000)) == "§3.4 DepositTermsNotDisclosed");
  BOOST_TEST(reported(collected("D3", 1000)) == "DepositTermsNotDisclosed");
  decide(drafted());
  BOOST_TEST(no(requested("D1", "S", 1000)) == "§3.4 DepositTermsNotDisclosed", "a draft");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(purpose_and_instrument_were_disclosed, Disclosure) {
  sign_contract({Item{}});
  BOOST_TEST(no(requested("D1", "V", 100, HoldPurpose::VIOLATION)) == "I-C4 PurposeNotDisclosed");
  BOOST_TEST(no(collected("D1", 100)) == "I-C4 PurposeNotDisclosed");
  BOOST_TEST(reported(collected("D2", 100)) == "PurposeNotDisclosed");
  decide(requested("D1", "S", 100));
  // Terms that are disclosed anew take the place of those before.
  decide(deposit_terms({kViolationItem}));
  decide(requested("D1", "V", 100, HoldPurpose::VIOLATION));
  BOOST_TEST(no(requested("D1", "T", 100)) == "I-C4 PurposeNotDisclosed");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(holds_sum_to_at_most_what_was_disclosed, Disclosure) {
  sign_contract({Item{}});
  BOOST_TEST(no(requested("D1", "S", 1001)) == "I-C4 AmountExceedsDisclosed");
  hold("D1", "S", 600);
  decide(requested("D2", "T", 600));
  BOOST_TEST(no(frozen("D2", "T", 401)) == "I-C4 AmountExceedsDisclosed");
  decide(frozen("D2", "T", 300));
  BOOST_TEST(no(changed("D2", "T", 101, 401)) == "I-C4 AmountExceedsDisclosed");
  change("D2", "T", 100, 400);
  BOOST_TEST(reported(changed("D2", "T", 1, 401)) == "AmountExceedsDisclosed");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_hold_that_replaces_another_is_not_added_to_it, Disclosure) {
  sign_contract({Item{}});
  hold("D1", "S", 1000);
  decide(requested("D1", "T", 1000));
  BOOST_TEST(no(frozen("D1", "T", 1000)) == "I-C4 AmountExceedsDisclosed");
  decide(frozen("D1", "T", 1000, "S"));
  BOOST_TEST(no(changed("D1", "T", 1, 1001)) == "I-C4 AmountExceedsDisclosed");
  release("D1", "S", 1000);
  decide(requested("D1", "U", 1000));
  decide(frozen("D1", "U", 1000, "T"));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(cash_sums_to_at_most_what_was_disclosed, Disclosure) {
  sign_contract({Item{.instrument = Instrument::CASH}});
  BOOST_TEST(no(collected("D1", 1001)) == "I-C4 AmountExceedsDisclosed");
  decide(collected("D1", 600));
  BOOST_TEST(no(collected("D2", 401)) == "I-C4 AmountExceedsDisclosed");
  decide(collected("D2", 400));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(nothing_is_frozen_after_the_query_period, Disclosure) {
  hand_over({kViolationItem});
  decide(requested("D1", "V", 100, HoldPurpose::VIOLATION));
  decide(back());
  decide(at(requested("D1", "W", 100, HoldPurpose::VIOLATION), day(2)));
  BOOST_TEST(no(at(requested("D1", "X", 100, HoldPurpose::VIOLATION), day(4))) == "§3.4 QueryPeriodOver");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_violation_deposit_waits_for_the_query_period, Disclosure) {
  hand_over({kViolationItem});
  hold("D1", "V", 1000, HoldPurpose::VIOLATION);
  BOOST_TEST(no(released("D1", "V", 100)) == "I-M10 QueryPeriodOpen", "the vehicle is out");
  decide(back());
  BOOST_TEST(no(released("D1", "V", 100)) == "I-M10 QueryPeriodOpen");
  decide(approved_release("D1", "V", 100));
  BOOST_TEST(reported(released("D1", "V", 100)) == "QueryPeriodOpen");
  decide(at(released("D1", "V", 800), day(4)));
  BOOST_TEST(hold_text("D1", "V") == "released 1000 0 1000 0 0");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_violation_deposit_waits_for_open_violations, Disclosure) {
  bring_back_with_hold();
  decide(violation_of("V1", "C1", *rental("R1").handed_over_at));
  BOOST_TEST(no(at(released("D1", "V", 1000), day(4))) == "I-M10 ViolationOpen");
  decide(charge_violation("V1"));
  BOOST_TEST(no(at(released("D1", "V", 1000), day(4))) == "I-M10 ViolationOpen");
  capture("D1", "V", "K1", 300, {}, {{"V1", 300}});
  decide(at(released("D1", "V", 700), day(4)));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_hold_that_was_replaced_is_released_at_once, Disclosure) {
  bring_back_with_hold();
  decide(requested("D1", "W", 1000, HoldPurpose::VIOLATION));
  decide(frozen("D1", "W", 1000, "V"));
  decide(released("D1", "V", 1000));
  BOOST_TEST(no(released("D1", "W", 1000)) == "I-M10 QueryPeriodOpen");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_violation_deposit_pays_those_of_its_own_custody, Disclosure) {
  bring_back_with_hold();
  const Timestamp out_at = *rental("R1").handed_over_at;
  decide(violation_of("V1", "C1", out_at));
  decide(charge_violation("V1"));
  accept(report({violation_of("V2", "C1", day(3))}));
  decide(charge_violation("V2"));
  BOOST_TEST(no(captured("D1", "V", "K1", 300, {}, {{"V2", 300}})) == "I-M9 PurposeMismatch");
  decide(captured("D1", "V", "K1", 300, {}, {{"V1", 300}}));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_damage_is_charged_once_it_is_acknowledged_or_decided, Disclosure) {
  hand_over();
  decide(back());
  decide(inspected("I1", Side::RETURN, 1100));
  BOOST_TEST(no(damage_charge("C1", "")) == "I-H7 DamageNotAcknowledged");
  BOOST_TEST(no(damage_charge("C1", "G1")) == "I-H7 DamageNotAcknowledged");
  decide(damage("G1"));
  BOOST_TEST(no(damage_charge("C1", "G1")) == "I-H7 DamageNotAcknowledged");
  decide(position("G1", Position::DISPUTED));
  BOOST_TEST(no(damage_charge("C1", "G1")) == "I-H7 DamageNotAcknowledged");
  BOOST_TEST(reported(damage_charge("C0", "G1")) == "DamageNotAcknowledged");
  decide(position("G1", Position::DECIDED));
  decide(damage_charge("C1", "G1"));
  check_everything();
}

BOOST_AUTO_TEST_SUITE_END()
