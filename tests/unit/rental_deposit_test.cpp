// SPDX-License-Identifier: Apache-2.0
//
// Goal: deposits and holds by DOMAIN.md §2.7, §3.4, PR-40 … PR-53, I-M4 … I-M9, I-M18, I-M20, I-M21. Method: short
// flows on a real ledger; a hold reads `state frozen captured released expired remaining`.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_money.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

BOOST_AUTO_TEST_SUITE(rental_deposit)

BOOST_FIXTURE_TEST_CASE(a_hold_begins_by_a_request, MoneyFixture) {
  BOOST_TEST(no(frozen("D1", "S", 1000)) == "§3.4 IllegalTransition");
  BOOST_TEST(no(requested("D1", "S", 0)) == "I-M2 AmountNotPositive");
  decide(requested("D1", "S", 1000));
  BOOST_TEST(hold_text("D1", "S") == "requested 0 0 0 0 0");
  BOOST_TEST(no(requested("D1", "S", 1000)) == "§3.4 IllegalTransition");
  BOOST_TEST(no(captured("D1", "S", "K1", 10, {})) == "§3.4 IllegalTransition");
  BOOST_TEST(no(frozen("D1", "S", 0)) == "I-M2 AmountNotPositive");
  decide(frozen("D1", "S", 1000));
  BOOST_TEST(hold_text("D1", "S") == "frozen 1000 0 0 0 1000");
  BOOST_TEST(pending() == 1000);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_declined_hold_freezes_nothing, MoneyFixture) {
  decide(requested("D1", "S", 1000));
  decide(make_event<schema::PreAuthorizationDeclined>("deposit/D1", day(2), [](auto event) {
    event.setDepositId("D1");
    event.setHoldId("S");
    event.setReasonCode("noFunds");
  }));
  BOOST_TEST(hold_text("D1", "S") == "declined 0 0 0 0 0");
  BOOST_TEST(no(frozen("D1", "S", 1000)) == "§3.4 IllegalTransition");
  BOOST_TEST(pending() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_processor_reference_freezes_once, MoneyFixture) {
  decide(requested("D1", "S", 1000));
  const auto first = decide(frozen("D1", "S", 1000));
  decide(requested("D2", "S", 1000));
  BOOST_TEST(no(frozen("D2", "S", 1000)) == "I-M21 DuplicatePspRef");
  BOOST_TEST(reported(frozen("D2", "S", 1000)) == "DuplicatePspRef");
  BOOST_TEST(first > 0U);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_hold_that_replaces_names_one_of_its_deposit, MoneyFixture) {
  hold("D1", "S", 1000);
  decide(requested("D1", "T", 1000));
  BOOST_TEST(no(frozen("D1", "T", 1000, "unknown")) == "A-26 HoldUnknown");
  decide(frozen("D1", "T", 1000, "S"));
  BOOST_TEST(hold_text("D1", "T") == "frozen 1000 0 0 0 1000");
  BOOST_TEST(deposit_text("D1") == "preAuthorization none 0 0 0 0 2000");
}

BOOST_FIXTURE_TEST_CASE(an_increment_states_the_new_total, MoneyFixture) {
  hold("D1", "S", 1000);
  BOOST_TEST(no(changed("D1", "S", 200, 1300)) == "I-M20 IncrementTotalMismatch");
  BOOST_TEST(no(changed("D1", "S", -200, 800)) == "§3.4 AmountNotPositive");
  change("D1", "S", 200, 1200);
  release("D1", "S", 300);
  change("D1", "S", 100, 1000);
  BOOST_TEST(hold_text("D1", "S") == "frozen 1300 0 300 0 1000");
  // On report the delta governs the books.
  BOOST_TEST(reported(changed("D1", "S", 50, 9999)) == "IncrementTotalMismatch");
  BOOST_TEST(hold_text("D1", "S") == "frozen 1350 0 300 0 1050");
  BOOST_TEST(pending() == 1050);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_capture_stays_within_the_hold_and_its_charges, MoneyFixture) {
  hold("D1", "S", 1000);
  charge("C1", "rental", 1500);
  charge("C2", "overtime", 300);
  BOOST_TEST(no(captured("D1", "S", "K1", 1200, {{"C1", 1200}})) == "I-M5 CaptureExceedsHold");
  BOOST_TEST(no(captured("D1", "S", "K1", 400, {{"C2", 400}})) == "I-M5 CaptureExceedsCharge");
  BOOST_TEST(no(captured("D1", "S", "K1", 400, {{"C1", 300}})) == "I-M5 AllocationIncomplete");
  BOOST_TEST(no(captured("D1", "S", "K1", 400, {{"C1", 500}})) == "§3.6 AllocationExceedsAmount");
  const auto position = decide(captured("D1", "S", "K1", 600, {{"C1", 300}, {"C2", 300}}));
  const std::string lx = "liability/deposit/security/D1/S";
  const std::string a3 = "asset/receivable/customer/external/X/order/O1";
  BOOST_TEST(transfers(position) == "asset/pspClearing/psp/psp1 → " + lx +
                                        " 600 (PR-42); asset/pspClearing/psp/psp1 → " + lx + " 600 (PR-42); " + lx +
                                        " → " + a3 + " 300 (PR-42); " + lx + " → " + a3 + " 300 (PR-42)");
  BOOST_TEST(hold_text("D1", "S") == "partiallyCaptured 1000 600 0 0 400");
  BOOST_TEST(charge_text("C2") == "posted 300 0 0 300 0");
  BOOST_TEST(net(lx, "CNY") == 0);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_final_capture_voids_the_rest, MoneyFixture) {
  hold("D1", "S", 1000);
  charge("C1", "rental", 600);
  capture("D1", "S", "K1", 600, {{"C1", 600}}, {}, true);
  BOOST_TEST(hold_text("D1", "S") == "captured 1000 600 400 0 0");
  BOOST_TEST(pending() == 0);
  BOOST_TEST(no(released("D1", "S", 1)) == "§3.4 HoldTerminal");
  BOOST_TEST(no(changed("D1", "S", 1, 601)) == "§3.4 HoldTerminal");
  BOOST_TEST(no(captured("D1", "S", "K2", 1, {})) == "§3.4 HoldTerminal");
  BOOST_TEST(no(expired("D1", "S", 0)) == "§3.4 IllegalTransition");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_capture_of_all_ends_the_hold, MoneyFixture) {
  hold("D1", "S", 1000);
  charge("C1", "rental", 1000);
  capture("D1", "S", "K1", 1000, {{"C1", 1000}});
  BOOST_TEST(hold_text("D1", "S") == "captured 1000 1000 0 0 0");
}

BOOST_FIXTURE_TEST_CASE(after_a_capture_the_profile_decides, MoneyFixture) {
  hold("D1", "S", 1000);
  charge("C1", "rental", 900);
  capture("D1", "S", "K1", 200, {{"C1", 200}});
  BOOST_TEST(no(changed("D1", "S", 100, 1100)) == "I-M18 IncrementAfterCapture");
  change("D1", "S", 0, 1000);
  decide(rule_set("pspProfile", 1, R"({"default":{"incrementAfterCapture":true,"multiCapture":false}})", day(1)));
  BOOST_TEST(no(captured("D1", "S", "K2", 200, {{"C1", 200}})) == "§3.4 MultiCaptureNotAllowed");
  decide(rule_set("pspProfile", 2, R"({"default":{"incrementAfterCapture":true,"multiCapture":true}})", day(1, 1)));
  capture("D1", "S", "K2", 200, {{"C1", 200}});
  change("D1", "S", 100, 1100);
  BOOST_TEST(hold_text("D1", "S") == "partiallyCaptured 1100 400 0 0 700");
  release("D1", "S", 700);
  BOOST_TEST(hold_text("D1", "S") == "closed 1100 400 700 0 0");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_hold_is_released_in_parts_up_to_what_remains, MoneyFixture) {
  hold("D1", "S", 1000);
  release("D1", "S", 400);
  BOOST_TEST(hold_text("D1", "S") == "frozen 1000 0 400 0 600");
  BOOST_TEST(no(released("D1", "S", 601)) == "I-M4 ReleaseExceedsHold");
  release("D1", "S", 600);
  BOOST_TEST(hold_text("D1", "S") == "released 1000 0 1000 0 0");
  BOOST_TEST(no(released("D1", "S", 1)) == "§3.4 HoldTerminal");
}

BOOST_FIXTURE_TEST_CASE(an_expiry_takes_all_that_is_left_and_can_be_taken_back, MoneyFixture) {
  hold("D1", "S", 1000);
  release("D1", "S", 100);
  BOOST_TEST(no(expired("D1", "S", 800)) == "I-M7 ExpiryNotWhole");
  const EventDraft draft = expired("D1", "S", 900);
  const auto position = decide(draft);
  BOOST_TEST(hold_text("D1", "S") == "expired 1000 0 100 900 0");
  BOOST_TEST(pending() == 0);
  BOOST_TEST(no(released("D1", "S", 1)) == "§3.4 HoldTerminal");
  const auto back = decide(reversal_of(draft, position));
  BOOST_TEST(transfers(back) == "asset/pspClearing/psp/psp1 → liability/deposit/security/D1/S 900 (PR-45)");
  BOOST_TEST(hold_text("D1", "S") == "frozen 1000 0 100 0 900");
  BOOST_TEST(pending() == 900);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_hold_past_its_time_is_not_touched_by_decision, MoneyFixture) {
  hold("D1", "S", 1000);
  charge("C1", "rental", 1000);
  EventDraft late = captured("D1", "S", "K1", 100, {{"C1", 100}});
  late.occurred_at = day(9);
  BOOST_TEST(no(late) == "I-M6 HoldExpired");
  BOOST_TEST(hold_text("D1", "S") == "frozen 1000 0 0 0 1000");
}

BOOST_FIXTURE_TEST_CASE(a_capture_after_expiry_is_booked_in_full_on_report, MoneyFixture) {
  hold("D1", "S", 1000);
  charge("C1", "rental", 700);
  expire("D1", "S", 1000);
  const EventDraft late = captured("D1", "S", "K1", 1000, {{"C1", 700}});
  BOOST_TEST(no(late).ends_with("HoldTerminal"));
  const auto position = accept(report({late}));
  BOOST_TEST(codes(position).starts_with("LateCapture"), codes(position));
  const std::string a3 = "asset/receivable/customer/external/X/order/O1";
  BOOST_TEST(transfers(position) == "asset/pspClearing/psp/psp1 → " + a3 +
                                        " 700 (PR-42); asset/pspClearing/psp/psp1 → "
                                        "liability/customerCredit/external/X/order/O1 300 (PR-42)");
  BOOST_TEST(hold_text("D1", "S") == "expired 1000 0 0 1000 0 beyond 1000");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_capture_of_more_than_the_hold_is_booked_in_full_on_report, MoneyFixture) {
  hold("D1", "S", 1000);
  charge("C1", "rental", 1500);
  const auto position = accept(report({captured("D1", "S", "K1", 1200, {{"C1", 1200}})}));
  BOOST_TEST(codes(position) == "OverCapture");
  const std::string a3 = "asset/receivable/customer/external/X/order/O1";
  BOOST_TEST(transfers(position) ==
             "asset/pspClearing/psp/psp1 → liability/deposit/security/D1/S 1000 (PR-42); "
             "asset/pspClearing/psp/psp1 → " +
                 a3 + " 1200 (PR-42)");
  BOOST_TEST(hold_text("D1", "S") == "captured 1000 0 1000 0 0 beyond 1200");
  BOOST_TEST(pending() == 0);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_reversed_capture_gives_the_hold_free, MoneyFixture) {
  hold("D1", "S", 1000);
  charge("C1", "rental", 600);
  const EventDraft draft = captured("D1", "S", "K1", 600, {{"C1", 600}});
  const auto position = decide(draft);
  release("D1", "S", 400);
  BOOST_TEST(hold_text("D1", "S") == "closed 1000 600 400 0 0");
  const auto back = decide(reversal_of(draft, position));
  const std::string a2 = "asset/pspClearing/psp/psp1";
  const std::string lx = "liability/deposit/security/D1/S";
  BOOST_TEST(transfers(back) == "asset/receivable/customer/external/X/order/O1 → " + lx + " 600 (PR-42); " + lx +
                                    " → " + a2 + " 600 (PR-42); " + a2 + " → " + lx + " 600 (PR-42); " + a2 + " → " +
                                    lx + " 600 (PR-43)");
  BOOST_TEST(hold_text("D1", "S") == "released 1000 0 1000 0 0");
  BOOST_TEST(charge_text("C1") == "posted 600 0 0 0 600");
  BOOST_TEST(pending() == 0);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_reversed_capture_restores_the_hold_where_the_profile_says_so, MoneyFixture) {
  decide(rule_set("pspProfile", 1, R"({"default":{"captureReversalRestoresHold":true}})", day(1)));
  hold("D1", "S", 1000);
  charge("C1", "rental", 600);
  const EventDraft draft = captured("D1", "S", "K1", 600, {{"C1", 600}}, {}, true);
  const auto position = decide(draft);
  BOOST_TEST(hold_text("D1", "S") == "captured 1000 600 400 0 0");
  decide(reversal_of(draft, position));
  BOOST_TEST(hold_text("D1", "S") == "frozen 1000 0 0 0 1000");
  BOOST_TEST(pending() == 1000);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_violation_deposit_pays_fines_and_their_fee, MoneyFixture) {
  hold("D1", "V", 1000, HoldPurpose::VIOLATION);
  charge("C1", "rental", 500);
  charge("C2", "violationAdminFee", 50);
  fine("V1", 300);
  BOOST_TEST(no(captured("D1", "V", "K1", 500, {{"C1", 500}})) == "I-M9 PurposeMismatch");
  BOOST_TEST(no(captured("D1", "V", "K1", 400, {}, {{"V1", 400}})) == "I-M5 CaptureExceedsCharge");
  capture("D1", "V", "K1", 350, {{"C2", 50}}, {{"V1", 300}});
  BOOST_TEST(std::string(violation().state) == "settled");
  BOOST_TEST(net("liability/deposit/violation/D1/V", "CNY") == 0);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(another_currency_is_refused, MoneyFixture) {
  hold("D1", "S", 1000);
  charge("C1", "rental", 600);
  currency = "EUR";
  BOOST_TEST(no(changed("D1", "S", 200, 1200)) == "I-M3 CurrencyMismatch");
  BOOST_TEST(no(captured("D1", "S", "K1", 600, {{"C1", 600}})) == "I-M3 CurrencyMismatch");
  BOOST_TEST(no(released("D1", "S", 200)) == "I-M3 CurrencyMismatch");
  BOOST_TEST(no(expired("D1", "S", 1000)) == "I-M3 CurrencyMismatch");
}

// ---- Cash ----

BOOST_FIXTURE_TEST_CASE(cash_pays_charges_until_it_is_used_up, MoneyFixture) {
  const auto in = decide(collected("D1", 1000));
  BOOST_TEST(transfers(in) == "asset/cash → liability/deposit/security/D1 1000 (PR-50)");
  BOOST_TEST(no(collected("D1", 10)) == "§3.4 IllegalTransition");
  charge("C1", "rental", 1200);
  BOOST_TEST(no(applied("D1", 1100, {{"C1", 1100}})) == "I-M8 DepositInsufficient");
  const EventDraft draft = applied("D1", 1000, {{"C1", 1000}});
  const auto position = decide(draft);
  BOOST_TEST(deposit_text("D1") == "cash exhausted 1000 1000 0 0 0");
  BOOST_TEST(no(applied("D1", 1, {{"C1", 1}})) == "§3.4 DepositTerminal");
  decide(reversal_of(draft, position));
  BOOST_TEST(deposit_text("D1") == "cash held 1000 0 0 0 1000");
  BOOST_TEST(charge_text("C1") == "posted 1200 0 0 0 1200");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(cash_goes_back_by_a_refund, MoneyFixture) {
  decide(collected("D1", 1000));
  BOOST_TEST(no(given_back("D1", "F1", 1001)) == "I-M8 DepositInsufficient");
  BOOST_TEST(no(given_back("D1", "", 100)) == "§2.7 FieldMissing");
  BOOST_TEST(transfers(decide(given_back("D1", "F1", 600))) ==
             "liability/deposit/security/D1 → liability/refundPayable/external/X 600 (PR-52)");
  BOOST_TEST(refund_text("F1") == "approved 600 0 600");
  BOOST_TEST(deposit_text("D1") == "cash held 1000 0 600 0 400");
  decide(given_back("D1", "F2", 400));
  BOOST_TEST(deposit_text("D1") == "cash released 1000 0 1000 0 0");
  BOOST_TEST(no(refund_paid("F1", RefundOf::DEPOSIT, "D1", 700)) == "§3.6 RefundExceedsApproved");
  const auto paid = decide(refund_paid("F1", RefundOf::DEPOSIT, "D1", 600));
  BOOST_TEST(transfers(paid).starts_with("liability/refundPayable/external/X → asset/"));
  BOOST_TEST(transfers(paid).ends_with(" 600 (PR-53)"));
  BOOST_TEST(refund_text("F1") == "paid 600 600 0");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(money_left_by_a_reversal_keeps_the_hold_alive, MoneyFixture) {
  hold("D1", "S", 1000);
  const EventDraft grown = changed("D1", "S", 300, 1300);
  const auto first = accept(decision({grown}));
  release("D1", "S", 1000);
  change("D1", "S", 500, 800);
  accept(decision({reversal_of(grown, first)}));  // Without it the release had been the end of the hold.
  const auto view = ledger->view();
  const auto now = find_hold(**view, "D1", "S");
  BOOST_REQUIRE((now && now->has_value()));
  BOOST_TEST((*now)->state == "frozen");
  BOOST_TEST((*now)->remaining == 500);
  release("D1", "S", 500);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(deposits_are_listed_with_their_holds, MoneyFixture) {
  hold("D1", "S", 1000);
  hold("D2", "A", 300, HoldPurpose::VIOLATION);
  hold("D2", "B", 200, HoldPurpose::VIOLATION);
  decide(collected("D3", 50));
  auto view = ledger->view();
  std::string out;
  const auto each = [&](const DepositSummary& deposit) {
    out += deposit.deposit + ":" + std::to_string(deposit.remaining);
    for (const HoldSummary& hold : deposit.holds) {
      out += "," + hold.hold + "/" + std::string(hold.purpose);
    }
    BOOST_TEST(deposit.order == "O1");
    BOOST_TEST(deposit.rental == "R1");
    BOOST_TEST(deposit.party == "external/X");
    out += " ";
    return true;
  };
  BOOST_REQUIRE(list_deposits(**view, {}, each));
  BOOST_TEST(out == "D1:1000,S/security D2:500,A/violation,B/violation D3:50 ");
  out.clear();
  BOOST_REQUIRE(list_deposits(**view, {.after = "D1", .limit = 1}, each));
  BOOST_TEST(out == "D2:500,A/violation,B/violation ");
  BOOST_TEST(list_deposits(**view, {.after = "D9", .limit = 0}, each).error().name() == "AfterUnknown");
  BOOST_TEST(!find_hold(**view, "D1", "A")->has_value());
  BOOST_TEST(!find_deposit(**view, "D9")->has_value());
}

BOOST_AUTO_TEST_SUITE_END()
