// SPDX-License-Identifier: Apache-2.0
//
// Goal: the golden vectors of DOMAIN.md §4.3, to the minor unit: posted debits and credits by chart code, pending
// columns empty, the sum over all accounts. Method: each flow on a real ledger, as decisions.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_money.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

BOOST_AUTO_TEST_SUITE(rental_vectors)

BOOST_FIXTURE_TEST_CASE(v1_rental_with_security_and_violation_deposit, MoneyFixture) {
  hold("D1", "S", 500'000);
  charge("C1", "rental", 90'000);
  charge("C2", "insurance", 15'000);
  charge("C3", "handlingFee", 2'000);
  charge("C4", "fuelDifference", 6'000);
  charge("C5", "overtime", 8'000);
  pay("P1", 100'000, {{"C1", 90'000}, {"C2", 10'000}});
  capture("D1", "S", "K1", 21'000, {{"C2", 5'000}, {"C3", 2'000}, {"C4", 6'000}, {"C5", 8'000}});
  release("D1", "S", 479'000);
  hold("D2", "V", 200'000, HoldPurpose::VIOLATION);
  fine("V1", 20'000);
  charge("C6", "violationAdminFee", 5'000);
  capture("D2", "V", "K2", 25'000, {{"C6", 5'000}}, {{"V1", 20'000}});
  release("D2", "V", 175'000);
  pay_fine("V1", 20'000);
  BOOST_TEST(
      columns() ==
      "A1 0/20000 · A2 146000/0 · A3 146000/146000 · L1 21000/21000 · L2 25000/25000 · L5 20000/20000 · R 0/126000");
  BOOST_TEST(sum() == 358'000);
  settle("N1", 146'000, 1'460);
  BOOST_TEST(columns() ==
             "A1 144540/20000 · A2 146000/146000 · A3 146000/146000 · E 1460/0 · L1 21000/21000 · L2 25000/25000 · "
             "L5 20000/20000 · R 0/126000");
  BOOST_TEST(sum() == 504'000);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(v2_increment_then_capture, MoneyFixture) {
  hold("D1", "S", 500'000);
  change("D1", "S", 100'000, 600'000);
  charge("C1", "rental", 550'000);
  capture("D1", "S", "K1", 550'000, {{"C1", 550'000}});
  release("D1", "S", 50'000);
  BOOST_TEST(columns() == "A2 550000/0 · A3 550000/550000 · L1 550000/550000 · R 0/550000");
  BOOST_TEST(sum() == 1'650'000);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(v3_damage_captured_later_overturned, MoneyFixture) {
  hold("D1", "S", 500'000);
  charge("C1", "damage", 21'000);
  capture("D1", "S", "K1", 21'000, {{"C1", 21'000}});
  release("D1", "S", 479'000);
  reverse_charge("C1", 21'000);
  approve_refund("F1", RefundOf::CAPTURE, "K1", 21'000);
  pay_refund("F1", RefundOf::CAPTURE, "K1", 21'000);
  BOOST_TEST(columns() == "A2 21000/21000 · A3 42000/42000 · L1 21000/21000 · L4 21000/21000 · R 21000/21000");
  BOOST_TEST(sum() == 126'000);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(v4_no_show_prepaid, MoneyFixture) {
  prepay("P1", 90'000);
  charge("C1", "cancellation", 30'000);
  approve_refund("F1", RefundOf::PAYMENT, "P1", 60'000);
  pay_refund("F1", RefundOf::PAYMENT, "P1", 60'000);
  BOOST_TEST(columns() == "A2 90000/60000 · A3 30000/30000 · L3 90000/90000 · L4 60000/60000 · R 0/30000");
  BOOST_TEST(sum() == 270'000);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(v5_voucher_redeemed_in_part, MoneyFixture) {
  issue_voucher("W1", 10'000);
  charge("C1", "designatedDriver", 6'000);
  redeem_voucher("W1", "C1", 6'000);
  expire_voucher("W1", 4'000);
  BOOST_TEST(columns() == "A3 6000/6000 · E 10000/4000 · L7 10000/10000 · R 0/6000");
  BOOST_TEST(sum() == 26'000);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(v6_fine_after_the_hold_expired_paid_by_card, MoneyFixture) {
  hold("D2", "V", 200'000, HoldPurpose::VIOLATION);
  expire("D2", "V", 200'000);
  fine("V1", 20'000);
  charge("C1", "violationAdminFee", 5'000);
  pay("P1", 25'000, {{"C1", 5'000}}, {{"V1", 20'000}});
  pay_fine("V1", 20'000);
  BOOST_TEST(columns() == "A1 0/20000 · A2 25000/0 · A3 25000/25000 · L5 20000/20000 · R 0/5000");
  BOOST_TEST(sum() == 70'000);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(v7_platform_order, MoneyFixture) {
  charge_platform("C1", "designatedDriver", 8'000);
  pay_platform("P1", 6'400, 1'600);
  BOOST_TEST(columns() == "A1 6400/0 · A4 8000/8000 · E 1600/0 · R 0/8000");
  BOOST_TEST(sum() == 16'000);
  check_everything();
}

BOOST_AUTO_TEST_SUITE_END()
