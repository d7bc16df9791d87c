// SPDX-License-Identifier: Apache-2.0
//
// Goal: KPIs of money by DOMAIN.md §5 (K-11, K-16) on the real domain. Method: short flows with values by hand. Steps
// of the fixture are minutes of 2024-01-02.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_kpi.hpp"
#include "support/rental_money.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

class KpiMoney : public MoneyFixture {
 public:
  [[nodiscard]] std::string kpi(std::string_view id, std::string_view window = "2024-01",
                                std::optional<std::uint64_t> known_at = {}) {
    return kpi_text(*ledger, id, window, "UTC", known_at);
  }

  void finalize() {
    decide(stated({{"C1", 21000}}, 0, 0, 0, 21000));
    decide(make_event<schema::SettlementFinalized>("settlement/O1", day(5), [&](auto event) {
      event.setOrderId("O1");
      event.setParty("external/X");
      event.setStatementNo("S-1");
      event.setGround(schema::SettlementFinalized::Ground::NO_ANSWER);
    }));
  }

  EventDraft released_at(const std::string& hold, std::int64_t amount, Timestamp when) {
    EventDraft draft = released("D1", hold, amount);
    draft.occurred_at = when;
    return draft;
  }
};

/// Committed on day 2, heard of later.
EventDraft noticed(const Violation& violation, Money fine, Timestamp when) {
  EventDraft draft = recorded(violation, fine, day(2));
  draft.occurred_at = when;
  return draft;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_kpi_money)

BOOST_FIXTURE_TEST_CASE(sums_are_by_transfer_and_balances_stand_at_the_end, KpiMoney) {
  hold("D1", "H1", 500000);
  charge("C1", "rental", 21000);
  charge("C2", "damage", 4000);
  const std::uint64_t cut = ledger->head().position;
  const std::uint64_t position = capture("D1", "H1", "K1", 21000, {{"C1", 21000}});
  release("D1", "H1", 100000);
  BOOST_TEST(kpi("K-16.frozen") == "K-16.frozen 379000/1 n=3 CNY");
  BOOST_TEST(kpi("K-16.captured") == "K-16.captured 21000/1 n=1 CNY");
  BOOST_TEST(kpi("K-16.released") == "K-16.released 100000/1 n=1 CNY");
  BOOST_TEST(kpi("K-16.revenue") == "K-16.revenue[damage] 4000/1 n=1 CNY; K-16.revenue[rental] 21000/1 n=1 CNY");
  BOOST_TEST(kpi("K-16.frozen", "2024-01", cut) == "K-16.frozen 500000/1 n=1 CNY");
  BOOST_TEST(kpi("K-16.captured", "2024-01", cut) == "K-16.captured 0/1 n=0 EUR");
  // A balance is carried on; a sum is not.
  BOOST_TEST(kpi("K-16.frozen", "2025") == "K-16.frozen 379000/1 n=3 CNY");
  BOOST_TEST(kpi("K-16.frozen", "2023") == "K-16.frozen 0/1 n=0 EUR");
  BOOST_TEST(kpi("K-16.captured", "2025") == "K-16.captured 0/1 n=0 EUR");
  // Within the day, transfer by transfer.
  BOOST_TEST(kpi("K-16.captured", "2024-01-02..2024-01-03") == "K-16.captured 21000/1 n=1 CNY");
  BOOST_TEST(kpi("K-16.captured", "2024-01-03..2024-01-04") == "K-16.captured 0/1 n=0 EUR");
  BOOST_TEST(position > 0U);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(currencies_are_never_added, KpiMoney) {
  fine("V7", 700);
  decide(recorded({}, eur(500)));
  decide(charged({}, eur(500)));
  BOOST_TEST(kpi("K-16.finesCharged") == "K-16.finesCharged 700/1 n=1 CNY; K-16.finesCharged 500/1 n=1 EUR");
}

BOOST_FIXTURE_TEST_CASE(a_reversal_mirrors_what_it_takes_back, KpiMoney) {
  hold("D1", "H1", 500000);
  charge("C1", "rental", 21000);
  const EventDraft draft = captured("D1", "H1", "K1", 21000, {{"C1", 21000}});
  const std::uint64_t position = decide(draft);
  decide(reversal_of(draft, position));
  BOOST_TEST(kpi("K-16.captured") == "K-16.captured 0/1 n=2 CNY");
  reverse_charge("C1", 21000);
  BOOST_TEST(kpi("K-16.revenue") == "K-16.revenue[rental] 0/1 n=2 CNY");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_deposit_is_released_when_nothing_of_it_is_left, KpiMoney) {
  hold("D1", "H1", 500000);
  charge("C1", "rental", 21000);
  finalize();  // On day 5.
  decide(released_at("H1", 200000, day(6)));
  BOOST_TEST(kpi("K-11") == "K-11 0/0 n=0");
  const std::uint64_t cut = ledger->head().position;
  const EventDraft last = released_at("H1", 300000, day(7));
  const std::uint64_t position = decide(last);
  BOOST_TEST(kpi("K-11") == "K-11 172800/1 n=1");  // Two days.
  BOOST_TEST(kpi("K-11", "2024-01", cut) == "K-11 0/0 n=0");
  BOOST_TEST(kpi("K-11", "2024-02") == "K-11 0/0 n=0");
  decide(reversal_of(last, position));
  BOOST_TEST(kpi("K-11") == "K-11 0/0 n=0");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(an_early_release_counts_as_none_and_is_told_aside, KpiMoney) {
  hold("D1", "H1", 500000);
  charge("C1", "rental", 21000);
  decide(released_at("H1", 500000, day(3)));
  finalize();
  BOOST_TEST(kpi("K-11") == "K-11 0/1 n=1 aside=1");
}

BOOST_FIXTURE_TEST_CASE(a_violation_deposit_waits_for_the_return_and_the_last_violation, KpiMoney) {
  const Violation fined{.id = "V9", .party = "external/X", .contract = "R1", .vehicle = "car"};
  const Money owed{300, *Currency::parse("CNY")};
  accept(report({handed_over("R1", "car", day(1))}));
  hold("D1", "H1", 500000, HoldPurpose::VIOLATION);
  accept(report({returned("R1", "car", day(2, 600))}));
  decide(noticed(fined, owed, day(3)));
  decide(charged(fined, owed, {}, day(3)));
  Payment payment;
  payment.id = "P9";
  payment.party = "external/X";
  payment.amount = owed;
  payment.to_violations = {{"V9", owed}};
  decide(received(payment, day(4)));
  decide(released_at("H1", 500000, day(6)));
  BOOST_TEST(kpi("K-11") == "K-11 172800/1 n=1");  // From the payment of day 4 on.
  const std::uint64_t cut = ledger->head().position;
  const Violation later{.id = "V10", .party = "external/X", .contract = "R1", .vehicle = "car"};
  decide(noticed(later, owed, day(7)));
  decide(charged(later, owed, {}, day(7)));
  BOOST_TEST(kpi("K-11") == "K-11 172800/1 n=1");  // It could not hold what had gone back.
  const Violation open{.id = "V11", .party = "external/X", .contract = "R1", .vehicle = "car"};
  decide(noticed(open, owed, day(5)));
  decide(charged(open, owed, {}, day(5)));
  BOOST_TEST(kpi("K-11") == "K-11 0/1 n=1 aside=1");  // One that was open then: it was too early.
  BOOST_TEST(kpi("K-11", "2024-01", cut) == "K-11 172800/1 n=1");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(what_expired_or_was_captured_in_full_was_not_released, KpiMoney) {
  hold("D1", "H1", 21000);
  hold("D2", "H2", 500);
  charge("C1", "rental", 21000);
  capture("D1", "H1", "K1", 21000, {{"C1", 21000}});
  expire("D2", "H2", 500);
  BOOST_TEST(kpi("K-11") == "K-11 0/0 n=0");
  BOOST_TEST(kpi("K-16.expired") == "K-16.expired 500/1 n=1 CNY");
}

BOOST_FIXTURE_TEST_CASE(cash_is_released_when_it_is_paid_back, KpiMoney) {
  decide(collected("D1", 1000));
  charge("C1", "rental", 21000);
  finalize();
  BOOST_TEST(kpi("K-16.held") == "K-16.held 1000/1 n=1 CNY");
  decide(given_back("D1", "R1", 1000));
  BOOST_TEST(kpi("K-11") == "K-11 0/0 n=0");
  EventDraft refund = refund_paid("R1", RefundOf::DEPOSIT, "D1", 1000);
  refund.occurred_at = day(6);
  decide(refund);
  BOOST_TEST(kpi("K-11") == "K-11 86400/1 n=1");
  BOOST_TEST(kpi("K-16.held") == "K-16.held 0/1 n=2 CNY");
  BOOST_TEST(kpi("K-16.refunds") == "K-16.refunds 1000/1 n=1 CNY");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(fines_are_what_the_terms_of_violations_say, KpiMoney) {
  decide(recorded({}, eur(100)));
  decide(charged({}, eur(100), eur(10)));
  decide(amended({}, Amend::PENALTY, eur(150)));
  decide(received("P1", eur(90)));
  decide(assigned({}, eur(70), day(8)));
  BOOST_TEST(terms() == "assigned 160 90 0 0 70 0 0");
  BOOST_TEST(kpi("K-16.fines") ==
             "K-16.finesCharged 160/1 n=2 EUR; K-16.finesPaid 90/1 n=1 EUR; K-16.finesCancelled 0/1 n=0 EUR; "
             "K-16.finesAssigned 70/1 n=1 EUR; K-16.finesWrittenOff 0/1 n=0 EUR");
  check_everything();
}

BOOST_AUTO_TEST_SUITE_END()
