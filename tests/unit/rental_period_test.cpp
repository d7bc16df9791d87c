// SPDX-License-Identifier: Apache-2.0
//
// Goal: opening balances (PR-97) and closed periods (PR-98). Method: short flows on a real ledger.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>

using namespace carnet;
using namespace carnet::test;

namespace {

using Side = schema::OpeningBalanceRecorded::Side;

constexpr std::array<std::byte, 32> kDigest{};

EventDraft opening(std::string path, std::string party, Side side, Money amount) {
  return make_event<schema::OpeningBalanceRecorded>("ledger/self", day(5), [&](auto event) {
    event.setLedgerAccount(path.c_str());
    if (!party.empty()) {
      event.setParty(party.c_str());
    }
    event.setSide(side);
    set_money(event.initAmount(), amount);
    event.setDocument(as_data(kDigest));
  });
}

EventDraft period(Timestamp through, std::uint64_t position = 2) {
  return make_event<schema::PeriodClosed>("ledger/self", day(10), [&](auto event) {
    event.setThrough(through.ns);
    event.setPosition(position);
    event.setTrialBalanceDigest(as_data(kDigest));
    event.setApprover("S9");
    event.setYearEnd(false);
  });
}

Payment of_order(std::string id) {
  Payment payment;
  payment.id = std::move(id);
  payment.order = "O1";
  payment.amount = eur(100);
  return payment;
}

struct Books : RentalFixture {
  Timestamp booked(std::uint64_t position) {
    auto view = ledger->view();
    auto cursor = (*view)->read({}, {.after = position - 1, .before = {}, .limit = 1, .backwards = false, .stop = {}});
    BOOST_REQUIRE(cursor);
    auto event = (*cursor)->next();
    BOOST_REQUIRE(event && *event != nullptr);
    return (*event)->booked_at;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_period)

BOOST_FIXTURE_TEST_CASE(an_opening_balance_stands_against_opening_equity, Books) {
  const std::string receivable = "asset/receivable/customer/external/X/order/O7";
  const EventDraft owed = opening(receivable, "external/X", Side::DEBIT, eur(500));
  const auto debit = accept(history({owed}));
  BOOST_TEST(transfers(debit) == receivable + " → equity/opening 500 (PR-97)");
  BOOST_TEST((tags(debit) == std::vector<std::string>{"ledger/self", "external/X"}));
  BOOST_TEST(codes(debit).empty());
  const auto credit =
      accept(history({opening("liability/refundPayable/external/X", "external/X", Side::CREDIT, eur(70))}));
  BOOST_TEST(transfers(credit) == "equity/opening → liability/refundPayable/external/X 70 (PR-97)");
  accept(history({opening("asset/cash", "", Side::DEBIT, eur(1000))}));
  accept(history({opening("asset/pspClearing/psp/p1", "", Side::DEBIT, eur(10))}));
  accept(history({opening("asset/pspClearing/none", "", Side::CREDIT, eur(10))}));
  BOOST_TEST(net("equity/opening") == -1430);
  accept(history({reversal_of(owed, debit)}));
  BOOST_TEST(net(receivable) == 0);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(an_opening_balance_is_history, Books) {
  const EventDraft cash = opening("asset/cash", "", Side::DEBIT, eur(1000));
  const Refusal decided = refuse(cash);
  BOOST_TEST(decided.error == "NotHistory");
  BOOST_TEST(decided.rule == "§3.9");
  BOOST_TEST(refuse(report({cash})).error == "NotHistory");
  BOOST_TEST(refuse(history({opening("asset/cash", "", Side::DEBIT, eur(0))})).error == "AmountNotPositive");
}

BOOST_FIXTURE_TEST_CASE(an_opening_balance_names_an_account_of_the_chart_and_its_party, Books) {
  const auto error = [&](const char* path, const char* party) {
    return refuse(history({opening(path, party, Side::DEBIT, eur(1))})).error;
  };
  for (const char* const path :
       {"asset/gold", "asset", "asset/cash/", "asset/cash/x", "", "/asset/cash", "asset/pspClearing/p1",
        "asset/receivable/customer/external/X", "asset/receivable/customer/staff/X/none",
        "asset/receivable/customer/external/X/none/none", "asset/receivable/thirdParty/bank/x",
        "liability/refundPayable/external/13812345678", "revenue/"}) {
    BOOST_TEST(error(path, "external/X") == "NotOpeningAccount", path);
  }
  for (const char* const path :
       {"asset/receivable/customer/external/X/violation/V1", "liability/customerCredit/external/X/violation/V1",
        "liability/deposit/security/D1", "liability/deposit/violation/D1/H1", "liability/voucher/external/X/VO1",
        "equity/opening"}) {
    BOOST_TEST(error(path, "external/X") == "NotOpeningAccount", path);
  }
  BOOST_TEST(error("liability/refundPayable/external/X", "") == "PartyTagMissing");
  BOOST_TEST(error("liability/refundPayable/external/X", "external/Y") == "PartyTagMissing");
  BOOST_TEST(error("asset/cash", "external/Y") == "PartyTagMissing");
}

BOOST_FIXTURE_TEST_CASE(nothing_is_booked_into_a_closed_period, Books) {
  BOOST_TEST(codes(decide(carnet::test::received(of_order("P1"), day(4)))).empty());
  decide(period(day(5)));
  const auto late = decide(carnet::test::received(of_order("P2"), day(5)));
  const auto found = findings(late);
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST(found[0].code == "BookedLate");
  BOOST_TEST(found[0].args[0].value == to_text(day(5)));
  BOOST_TEST(booked(late).ns == day(5).ns + 1);
  const auto in_time = decide(carnet::test::received(of_order("P3"), day(5, 1)));
  BOOST_TEST(codes(in_time).empty());
  BOOST_TEST(booked(in_time).ns == day(5, 1).ns);
  EventDraft stated = carnet::test::received(of_order("P4"), day(4));
  stated.booked_at = day(6);
  const auto elsewhere = decide(stated);
  BOOST_TEST(codes(elsewhere).empty(), "the host has booked it later itself");
  BOOST_TEST(booked(elsewhere).ns == day(6).ns);
  const auto notice_at = decide(recorded({}, eur(100), day(1)));
  BOOST_TEST(codes(notice_at).empty(), "it moves no money");
  BOOST_TEST(booked(notice_at).ns == day(1).ns);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_reversal_is_booked_after_the_closed_period, Books) {
  const EventDraft payment = carnet::test::received(of_order("P1"), day(4));
  const auto paid = decide(payment);
  decide(period(day(5)));
  const auto back = decide(reversal_of(payment, paid));
  BOOST_TEST(codes(back) == "BookedLate");
  BOOST_TEST(booked(back).ns == day(5).ns + 1);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(periods_end_one_after_the_other, Books) {
  decide(period(day(5)));
  const Refusal same = refuse(period(day(5)));
  BOOST_TEST(same.error == "PeriodNotIncreasing");
  BOOST_TEST(same.rule == "§3.9");
  BOOST_TEST(refuse(period(day(4))).error == "PeriodNotIncreasing");
  BOOST_TEST(refuse(period(day(11))).error == "PeriodNotOver");
  BOOST_TEST(refuse(period(day(6), 1'000)).error == "PeriodNotOver");
  BOOST_TEST(refuse(report({period(day(6))})).error == "BasisNotAllowed");
  const auto later = decide(period(day(6)));
  BOOST_TEST(refuse(correction_of(period(day(7)), later)).error == "BadCorrection");
  decide(reversal_of(period(day(6)), later));
  BOOST_TEST(codes(decide(carnet::test::received(of_order("P1"), day(5, 1)))).empty());
  BOOST_TEST(codes(decide(carnet::test::received(of_order("P2"), day(4)))) == "BookedLate");
  decide(period(day(6)));
  check_everything();
}

BOOST_AUTO_TEST_SUITE_END()
