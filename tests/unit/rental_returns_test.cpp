// SPDX-License-Identifier: Apache-2.0
//
// Goal: what comes back and what is given: refunds, chargebacks, vouchers by DOMAIN.md §2.10, §3.6, PR-04, PR-05,
// PR-20, PR-21, PR-72 … PR-75, I-M11, I-M19. Method: short flows on a real ledger.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_money.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

constexpr const char* kClaim = "asset/receivable/customer/external/X/order/O1";
constexpr const char* kCredit = "liability/customerCredit/external/X/order/O1";
constexpr const char* kClearing = "asset/pspClearing/none";

std::string moved(const std::string& from, const std::string& to, const std::string& rest) {
  return from + " → " + to + " " + rest;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_returns)

BOOST_FIXTURE_TEST_CASE(a_refund_is_approved_then_paid_in_parts, MoneyFixture) {
  prepay("P1", 1000);
  BOOST_TEST(no(refund_approved("F1", RefundOf::PAYMENT, "P1", 1001)) == "I-M11 RefundExceedsSource");
  BOOST_TEST(no(refund_approved("F1", RefundOf::PAYMENT, "P9", 10)) == "I-M11 RefundExceedsSource");
  BOOST_TEST(no(refund_paid("F1", RefundOf::PAYMENT, "P1", 10)) == "§3.6 IllegalTransition");
  approve_refund("F1", RefundOf::PAYMENT, "P1", 600);
  BOOST_TEST(refund_text("F1") == "approved 600 0 600");
  BOOST_TEST(payment_text("P1") == "received 1000 600 0 0 1000");
  BOOST_TEST(no(refund_approved("F2", RefundOf::PAYMENT, "P1", 500)) == "I-M11 RefundExceedsSource");
  pay_refund("F1", RefundOf::PAYMENT, "P1", 200);
  BOOST_TEST(refund_text("F1") == "approved 600 200 400");
  BOOST_TEST(payment_text("P1") == "partlyReturned 1000 600 200 0 800");
  BOOST_TEST(no(refund_paid("F1", RefundOf::PAYMENT, "P1", 401)) == "§3.6 RefundExceedsApproved");
  pay_refund("F1", RefundOf::PAYMENT, "P1", 400);
  BOOST_TEST(refund_text("F1") == "paid 600 600 0");
  approve_refund("F2", RefundOf::PAYMENT, "P1", 400);
  pay_refund("F2", RefundOf::PAYMENT, "P1", 400);
  BOOST_TEST(payment_text("P1") == "returned 1000 1000 1000 0 0");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(nothing_is_refunded_without_credit, MoneyFixture) {
  charge("C1", "rental", 1000);
  pay("P1", 1000, {{"C1", 1000}});
  BOOST_TEST(no(refund_approved("F1", RefundOf::PAYMENT, "P1", 1)) == "§3.6 NothingToRefund");
}

BOOST_FIXTURE_TEST_CASE(an_approval_can_be_taken_back, MoneyFixture) {
  prepay("P1", 1000);
  const EventDraft draft = refund_approved("F1", RefundOf::PAYMENT, "P1", 600);
  const auto position = decide(draft);
  decide(reversal_of(draft, position));
  BOOST_TEST(refund_text("F1") == "cancelled 0 0 0");
  BOOST_TEST(payment_text("P1") == "received 1000 0 0 0 1000");
  approve_refund("F2", RefundOf::PAYMENT, "P1", 1000);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_failed_refund_is_paid_anew, MoneyFixture) {
  prepay("P1", 1000);
  approve_refund("F1", RefundOf::PAYMENT, "P1", 600);
  decide(make_event<schema::RefundFailed>("payment/F1", day(2), [](auto event) {
    event.setRefundId("F1");
    event.setParty("external/X");
    event.setReasonCode("accountClosed");
  }));
  BOOST_TEST(refund_text("F1") == "failed 600 0 600");
  pay_refund("F1", RefundOf::PAYMENT, "P1", 600);
  BOOST_TEST(refund_text("F1") == "paid 600 600 0");
}

BOOST_FIXTURE_TEST_CASE(a_chargeback_makes_the_charge_due_again_and_is_won_back, MoneyFixture) {
  charge("C1", "rental", 700);
  pay("P1", 1000, {{"C1", 700}});
  BOOST_TEST(no(charged_back("B1", RefundOf::PAYMENT, "P1", 1001)) == "I-M11 RefundExceedsSource");
  const auto back = decide(charged_back("B1", RefundOf::PAYMENT, "P1", 1000));
  BOOST_TEST(transfers(back) == moved(kClaim, kClearing, "700 (PR-04); ") + moved(kCredit, kClearing, "300 (PR-04)"));
  BOOST_TEST(payment_text("P1") == "returned 1000 0 0 1000 0");
  BOOST_TEST(chargeback_text("B1") == "open 1000");
  BOOST_TEST(net(kClaim, "CNY") == 700);
  const auto won = decide(chargeback_closed("B1", true));
  BOOST_TEST(transfers(won) == moved(kClearing, kCredit, "300 (PR-05); ") + moved(kClearing, kClaim, "700 (PR-05)"));
  BOOST_TEST(chargeback_text("B1") == "won 1000");
  BOOST_TEST(payment_text("P1") == "partlyReturned 1000 0 0 0 1000");
  BOOST_TEST(net(kClaim, "CNY") == 0);
  BOOST_TEST(no(chargeback_closed("B1", false)) == "§3.6 IllegalTransition");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_lost_chargeback_leaves_the_debt_which_is_paid_again, MoneyFixture) {
  charge("C1", "rental", 700);
  pay("P1", 700, {{"C1", 700}});
  decide(charged_back("B1", RefundOf::PAYMENT, "P1", 700));
  BOOST_TEST(transfers(decide(chargeback_closed("B1", false))) == "");
  BOOST_TEST(chargeback_text("B1") == "lost 700");
  BOOST_TEST(net(kClaim, "CNY") == 700);
  pay("P2", 700, {{"C1", 700}});
  BOOST_TEST(net(kClaim, "CNY") == 0);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_chargeback_of_what_was_refunded_is_a_finding_on_report, MoneyFixture) {
  prepay("P1", 1000);
  approve_refund("F1", RefundOf::PAYMENT, "P1", 1000);
  pay_refund("F1", RefundOf::PAYMENT, "P1", 1000);
  BOOST_TEST(reported(charged_back("B1", RefundOf::PAYMENT, "P1", 1000)) == "RefundExceedsSource");
  BOOST_TEST(net(kClaim, "CNY") == 1000);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_disputed_capture_and_a_disputed_cash_deposit, MoneyFixture) {
  hold("D1", "S", 1000);
  charge("C1", "rental", 600);
  capture("D1", "S", "K1", 600, {{"C1", 600}}, {}, true);
  const auto back = decide(charged_back("B1", RefundOf::CAPTURE, "K1", 600));
  BOOST_TEST(transfers(back) == moved(kClaim, "asset/pspClearing/psp/psp1", "600 (PR-04)"));
  BOOST_TEST(no(charged_back("B2", RefundOf::CAPTURE, "K1", 1)) == "I-M11 RefundExceedsSource");
  decide(collected("D2", 500));
  const auto deposit = decide(charged_back("B3", RefundOf::DEPOSIT, "D2", 200));
  BOOST_TEST(transfers(deposit) == moved("liability/deposit/security/D2", "asset/cash", "200 (PR-04)"));
  BOOST_TEST(deposit_text("D2") == "cash held 500 0 0 200 300");
  decide(chargeback_closed("B3", true));
  BOOST_TEST(deposit_text("D2") == "cash held 500 0 0 0 500");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(credit_pays_a_charge_by_itself, MoneyFixture) {
  prepay("P1", 1000);
  const auto position = charge("C1", "rental", 400);
  BOOST_TEST(transfers(position) ==
             moved(kClaim, "revenue/rental", "400 (PR-10); ") + moved(kCredit, kClaim, "400 (PR-03)"));
  BOOST_TEST(charge_text("C1") == "posted 400 0 0 400 0");
  charge("C2", "rental", 900);
  BOOST_TEST(charge_text("C2") == "posted 900 0 0 600 300");
  BOOST_TEST(net(kCredit, "CNY") == 0);
  check_everything();
}

// ---- Vouchers ----

BOOST_FIXTURE_TEST_CASE(a_voucher_is_redeemed_up_to_its_value, MoneyFixture) {
  charge("C1", "rental", 900);
  issue_voucher("W1", 500);
  BOOST_TEST(voucher_text("W1") == "issued 500 0 0 500");
  BOOST_TEST(no(voucher_redeemed("W1", "C1", 501)) == "§3.6 VoucherExceedsRemaining");
  redeem_voucher("W1", "C1", 200);
  BOOST_TEST(voucher_text("W1") == "partlyRedeemed 500 200 0 300");
  BOOST_TEST(no(voucher_expired("W1", 200)) == "I-M19 VoucherExceedsRemaining");
  EventDraft late = voucher_redeemed("W1", "C1", 100);
  late.occurred_at = day(9, 1);
  BOOST_TEST(no(late) == "§3.6 VoucherPastExpiry");
  redeem_voucher("W1", "C1", 300);
  BOOST_TEST(voucher_text("W1") == "redeemed 500 500 0 0");
  BOOST_TEST(no(voucher_redeemed("W1", "C1", 1)) == "§3.6 AlreadyRedeemed");
  BOOST_TEST(no(voucher_expired("W1", 0)) == "§3.6 IllegalTransition");
  BOOST_TEST(charge_text("C1") == "posted 900 0 0 500 400");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_voucher_pays_no_more_than_is_owed, MoneyFixture) {
  charge("C1", "rental", 100);
  issue_voucher("W1", 500);
  BOOST_TEST(no(voucher_redeemed("W1", "C1", 101)) == "PR-73 AmountExceedsBalance");
}

BOOST_FIXTURE_TEST_CASE(a_voucher_is_revoked_only_while_whole, MoneyFixture) {
  charge("C1", "rental", 900);
  const EventDraft draft = voucher_issued("W1", 500);
  const auto position = decide(draft);
  const EventDraft redeemed = voucher_redeemed("W1", "C1", 200);
  const auto redemption = decide(redeemed);
  (void)refuse(reversal_of(draft, position));
  decide(reversal_of(redeemed, redemption));
  decide(reversal_of(draft, position));
  BOOST_TEST(voucher_text("W1") == "revoked 0 0 0 0");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_service_code_costs_its_list_price_when_used, MoneyFixture) {
  charge("C1", "designatedDriver", 600);
  BOOST_TEST(transfers(decide(voucher_issued("W1", 0, "freeTrip"))) == "");
  BOOST_TEST(transfers(decide(voucher_redeemed("W1", "C1", 600))) ==
             moved("expense/compensation", kClaim, "600 (PR-75)"));
  BOOST_TEST(voucher_text("W1").starts_with("redeemed "));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_coupon_is_a_discount_when_used, MoneyFixture) {
  charge("C1", "rental", 600);
  BOOST_TEST(transfers(decide(voucher_issued("W1", 100, {}, true))) == "");
  BOOST_TEST(transfers(decide(voucher_redeemed("W1", "C1", 100))) ==
             moved("contraRevenue/discount", kClaim, "100 (PR-13)"));
  BOOST_TEST(voucher_text("W1").starts_with("redeemed "));
  check_everything();
}

BOOST_AUTO_TEST_SUITE_END()
