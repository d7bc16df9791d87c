// SPDX-License-Identifier: Apache-2.0
//
// Goal: charges and settlements by DOMAIN.md §2.9, §3.5, PR-10, PR-11, PR-13, PR-99, I-M12. Method: short flows on a
// real ledger; a charge reads `state amount reversed discounted paid owed`.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_money.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

using Answer = schema::SettlementAnswered::Answer;
using Ground = schema::SettlementFinalized::Ground;

EventDraft answered(Answer answer) {
  return make_event<schema::SettlementAnswered>("settlement/O1", day(2), [&](auto event) {
    event.setOrderId("O1");
    event.setParty("external/X");
    event.setStatementNo("S-1");
    event.setAnswer(answer);
    event.initLines(0);
  });
}

EventDraft finalized(Ground ground, Timestamp at = day(3)) {
  return make_event<schema::SettlementFinalized>("settlement/O1", at, [&](auto event) {
    event.setOrderId("O1");
    event.setParty("external/X");
    event.setStatementNo("S-1");
    event.setGround(ground);
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_settlement)

BOOST_FIXTURE_TEST_CASE(a_charge_is_reversed_and_discounted_up_to_itself, MoneyFixture) {
  charge("C1", "rental", 1000);
  BOOST_TEST(no(charged_with("C1", "rental", 5)) == "§3.5 IllegalTransition");
  BOOST_TEST(no(charge_reversed("C1", 1001)) == "§3.5 ReversalExceedsCharge");
  decide(charge_reversed("C1", 300));
  BOOST_TEST(charge_text("C1") == "partlyReversed 1000 300 0 0 700");
  BOOST_TEST(no(discounted("C1", 701)) == "§3.5 DiscountExceedsCharge");
  decide(discounted("C1", 200));
  BOOST_TEST(charge_text("C1") == "partlyReversed 1000 300 200 0 500");
  decide(charge_reversed("C1", 700));
  BOOST_TEST(charge_text("C1").starts_with("reversed "));
  BOOST_TEST(no(charge_reversed("C1", 1)) == "§3.5 IllegalTransition");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(tax_goes_with_its_charge, MoneyFixture) {
  BOOST_TEST(no(charged_with("C1", "rental", 100, 101)) == "PR-99 TaxExceedsAmount");
  const std::string claim = "asset/receivable/customer/external/X/order/O1";
  const auto position = decide(charged_with("C1", "rental", 1190, 190));
  BOOST_TEST(
      transfers(position).starts_with(claim + " → revenue/rental 1000 (PR-10); " + claim + " → liability/taxPayable/"));
  const auto back = decide(charge_reversed("C1", 595));
  BOOST_TEST(transfers(back).starts_with("revenue/rental → " + claim + " 500 (PR-11); liability/taxPayable/"));
  BOOST_TEST(transfers(back).ends_with(" 95 (PR-11)"));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_statement_repeats_the_books, MoneyFixture) {
  charge("C1", "rental", 1000);
  charge("C2", "overtime", 200);
  decide(discounted("C1", 100));
  BOOST_TEST(no(stated({{"C1", 1000}}, 100, 0, 0, 900)) == "I-M12 StatementMismatch");
  BOOST_TEST(no(stated({{"C1", 1000}, {"C2", 200}}, 0, 0, 0, 1200)) == "I-M12 StatementMismatch");
  decide(stated({{"C1", 1000}, {"C2", 200}}, 100, 0, 0, 1100));
  BOOST_TEST(settlement_state() == "stated");
  BOOST_TEST(no(finalized(Ground::ACCEPTED)) == "§3.5 AnswerPending");
  BOOST_TEST(no(finalized(Ground::NO_ANSWER, day(2))) == "§3.5 AnswerPending");
  decide(finalized(Ground::NO_ANSWER, day(5)));
  BOOST_TEST(settlement_state() == "finalized");
  charge("C3", "damage", 50);
  BOOST_TEST(settlement_state() == "open");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_disputed_statement_is_decided, MoneyFixture) {
  BOOST_TEST(no(answered(Answer::ACCEPTED)) == "§3.5 IllegalTransition");
  charge("C1", "rental", 1000);
  decide(stated({{"C1", 1000}}, 0, 0, 0, 1000));
  decide(answered(Answer::DISPUTED));
  BOOST_TEST(settlement_state() == "disputed");
  BOOST_TEST(no(finalized(Ground::ACCEPTED)) == "§3.5 DisputeOpen");
  decide(finalized(Ground::DECIDED));
  BOOST_TEST(settlement_state() == "finalized");
}

BOOST_FIXTURE_TEST_CASE(an_accepted_statement_is_final, MoneyFixture) {
  charge("C1", "rental", 1000);
  decide(stated({{"C1", 1000}}, 0, 0, 0, 1000));
  decide(answered(Answer::ACCEPTED));
  BOOST_TEST(settlement_state() == "answered");
  decide(finalized(Ground::ACCEPTED));
  BOOST_TEST(settlement_state() == "finalized");
}

BOOST_FIXTURE_TEST_CASE(an_undisclosed_charge_is_refused_and_kept_on_report, MoneyFixture) {
  EventDraft draft = make_event<schema::ChargePosted>("settlement/O1", day(1), [](auto event) {
    event.setOrderId("O1");
    event.setParty("external/X");
    event.setChargeId("C1");
    event.setKind("rental");
    event.setPayer(schema::ChargePosted::Payer::CUSTOMER);
    event.setQty(1);
    set_money(event.initUnitPrice(), eur(100));
    set_money(event.initAmount(), eur(100));
  });
  BOOST_TEST(no(draft) == "I-C5 ChargeNotDisclosed");
  BOOST_TEST(reported(draft) == "ChargeNotDisclosed");
}

BOOST_FIXTURE_TEST_CASE(settlements_are_listed_with_their_charges, MoneyFixture) {
  charge("C1", "rental", 1000);
  charge("C2", "overtime", 200);
  auto view = ledger->view();
  std::string out;
  BOOST_REQUIRE(list_settlements(**view, {}, [&](const SettlementSummary& settlement) {
    out += settlement.order + " " + settlement.party + " " + std::to_string(settlement.charged);
    for (const ChargeSummary& charge : settlement.charges) {
      out += " " + charge.charge + ":" + std::to_string(charge.owed);
    }
    return true;
  }));
  BOOST_TEST(out == "O1 external/X 1200 C1:1000 C2:200");
}

BOOST_AUTO_TEST_SUITE_END()
