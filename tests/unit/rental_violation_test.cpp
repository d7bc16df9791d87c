// SPDX-License-Identifier: Apache-2.0
//
// Goal: violations by DOMAIN.md §2.8, §3.5, PR-03, PR-60 … PR-63, PR-95 and the terms of §10: amounts to the cent,
// states, refusals. Method: short flows on a real ledger. terms() reads: state charged paid overpaid cancelled assigned
// writtenOff due.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

const Violation kV;
constexpr const char* kReceivable = "asset/receivable/customer/external/V1/violation/V1";
constexpr const char* kCredit = "liability/customerCredit/external/V1/violation/V1";
constexpr const char* kPayable = "liability/finesPayable/police/V1";

struct Charged : RentalFixture {
  std::uint64_t record = decide(recorded(kV, eur(3500)));
  std::uint64_t charge = decide(charged(kV, eur(3500), eur(1100)));
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_violation)

BOOST_FIXTURE_TEST_CASE(a_charge_is_a_receivable_against_what_is_owed_to_the_authority, Charged) {
  BOOST_TEST(transfers(record).empty());
  BOOST_TEST(transfers(charge) == std::string(kReceivable) + " → " + kPayable + " 4600 (PR-60)");
  BOOST_TEST(terms() == "charged 4600 0 0 0 0 0 4600");
  BOOST_TEST(violation().party == "external/V1");
  BOOST_TEST((tags(charge) == std::vector<std::string>{"violation/V1", "external/V1", "authority/police"}));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(expense_adds_and_penalty_replaces_the_fine, Charged) {
  decide(amended(kV, Amend::EXPENSE, eur(400)));
  BOOST_TEST(terms() == "charged 5000 0 0 0 0 0 5000");
  const auto penalty = decide(amended(kV, Amend::PENALTY, eur(7000)));
  BOOST_TEST(terms() == "charged 8500 0 0 0 0 0 8500");
  BOOST_TEST(transfers(penalty) == std::string(kReceivable) + " → " + kPayable + " 3500 (PR-62)");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(early_discount_and_reduction_lower_the_claim, Charged) {
  const auto discount = decide(amended(kV, Amend::EARLY_DISCOUNT, eur(2450)));
  BOOST_TEST(transfers(discount) == std::string(kPayable) + " → " + kReceivable + " 1050 (PR-62)");
  BOOST_TEST(terms() == "charged 3550 0 0 0 0 0 3550");
  decide(amended(kV, Amend::REDUCED, eur(1000)));
  BOOST_TEST(terms() == "charged 2100 0 0 0 0 0 2100");
}

BOOST_FIXTURE_TEST_CASE(a_reduction_below_what_was_paid_leaves_credit_and_settles, Charged) {
  decide(carnet::test::received("P1", eur(4600)));
  BOOST_TEST(terms() == "settled 4600 4600 0 0 0 0 0");
  decide(amended(kV, Amend::REDUCED, eur(500)));
  BOOST_TEST(terms() == "settled 1600 4600 3000 0 0 0 0");
  BOOST_TEST(net(kReceivable) == -3000, "the receivable is in credit");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_reduction_of_a_fine_already_paid_over_is_due_from_the_authority, Charged) {
  decide(paid_to_authority(kV, eur(4600), BorneBy::PARTY));
  BOOST_TEST(net(kPayable) == 0);
  const auto reduced = decide(amended(kV, Amend::REDUCED, eur(500)));
  BOOST_TEST(transfers(reduced) ==
             std::string("asset/receivable/thirdParty/authority/police → ") + kReceivable + " 3000 (PR-62)");
  const auto refund = decide(refunded_by_authority(kV, eur(3000)));
  BOOST_TEST(transfers(refund) == "asset/cash → asset/receivable/thirdParty/authority/police 3000 (PR-63)");
  BOOST_TEST(terms() == "charged 1600 0 0 0 0 0 1600");
}

BOOST_FIXTURE_TEST_CASE(a_reduction_takes_from_the_payable_up_to_its_balance, Charged) {
  decide(paid_to_authority(kV, eur(3000), BorneBy::PARTY));
  const auto reduced = decide(amended(kV, Amend::REDUCED, eur(500)));
  BOOST_TEST(transfers(reduced) == std::string(kPayable) + " → " + kReceivable + " 1600 (PR-62); " +
                                       "asset/receivable/thirdParty/authority/police → " + kReceivable +
                                       " 1400 (PR-62)");
}

BOOST_FIXTURE_TEST_CASE(a_dismissal_cancels_what_is_open_and_nothing_more, Charged) {
  decide(carnet::test::received("P1", eur(1000)));
  decide(amended(kV, Amend::DISMISSED));
  BOOST_TEST(terms() == "cancelled 4600 1000 0 3600 0 0 0");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_cancellation_with_newFine_cancels_down_to_it_and_the_paid_part_becomes_credit, Charged) {
  decide(carnet::test::received("P1", eur(1000)));
  decide(amended(kV, Amend::WITHDRAWN, eur(600)));
  BOOST_TEST(terms() == "cancelled 4600 1000 400 4000 0 0 0");
  BOOST_TEST(refuse(amended(kV, Amend::WITHDRAWN, eur(700))).error == "AmountExceedsBalance");
}

BOOST_AUTO_TEST_CASE(what_is_dismissed_before_it_is_charged_moves_no_money) {
  RentalFixture ledger;
  ledger.decide(recorded(kV, eur(3500)));
  const auto dismissed = ledger.decide(amended(kV, Amend::DISMISSED));
  BOOST_TEST(ledger.transfers(dismissed).empty());
  BOOST_TEST(ledger.terms() == "cancelled 0 0 0 0 0 0 0");
  ledger.decide(amended(kV, Amend::PENALTY, eur(7000)));
  BOOST_TEST(ledger.terms() == "charged 7000 0 0 0 0 0 7000");
}

BOOST_FIXTURE_TEST_CASE(payment_beyond_what_is_due_is_credit_of_the_violation, Charged) {
  const auto paid = decide(carnet::test::received("P1", eur(5000)));
  BOOST_TEST(transfers(paid) == std::string("asset/pspClearing/none → ") + kReceivable +
                                    " 4600 (PR-01); asset/pspClearing/none → " + kCredit + " 400 (PR-01)");
  BOOST_TEST(codes(paid).empty());
  BOOST_TEST(terms() == "settled 4600 5000 400 0 0 0 0");
}

BOOST_FIXTURE_TEST_CASE(credit_nets_with_a_later_raise_in_the_same_commit, Charged) {
  decide(carnet::test::received("P1", eur(5000)));
  const auto penalty = decide(amended(kV, Amend::PENALTY, eur(3700)));
  BOOST_TEST(transfers(penalty) == std::string(kReceivable) + " → " + kPayable + " 200 (PR-62); " + kCredit + " → " +
                                       kReceivable + " 200 (PR-03)");
  BOOST_TEST(terms() == "settled 4800 5000 200 0 0 0 0");
  const std::vector<std::pair<std::string, std::uint32_t>> read{{"postingAccounts", 1}};
  BOOST_TEST((rules(penalty) == read), "the switch of PR-03 was read");
  decide(amended(kV, Amend::PENALTY, eur(7000)));
  BOOST_TEST(terms() == "charged 8100 5000 0 0 0 0 3100");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(the_switch_of_PR_03_is_the_version_in_force_when_it_occurred, Charged) {
  decide(rule_set("postingAccounts", 2, R"({"applyCredit":false})", day(20)));
  decide(carnet::test::received("P1", eur(5000)));
  decide(amended(kV, Amend::EXPENSE, eur(100), day(9)));
  BOOST_TEST(terms() == "settled 4700 5000 300 0 0 0 0");
  clock->advance(Duration{11 * 86'400});
  const auto later = decide(amended(kV, Amend::EXPENSE, eur(200), day(21)));
  BOOST_TEST(terms() == "charged 4900 5000 300 0 0 0 200", "credit and due stand side by side while the rule is off");
  const std::vector<std::pair<std::string, std::uint32_t>> read{{"postingAccounts", 2}};
  BOOST_TEST((rules(later) == read));
}

BOOST_FIXTURE_TEST_CASE(assignment_of_all_and_of_a_part, Charged) {
  decide(assigned(kV, eur(600)));
  BOOST_TEST(terms() == "charged 4600 0 0 0 600 0 4000");
  const auto rest = decide(assigned(kV, eur(4000)));
  BOOST_TEST(transfers(rest) ==
             std::string("asset/receivable/thirdParty/collector/C1 → ") + kReceivable + " 4000 (PR-95)");
  BOOST_TEST(terms() == "assigned 4600 0 0 0 4600 0 0");
  const auto late = decide(carnet::test::received("P1", eur(100)));
  BOOST_TEST(codes(late) == "PaidAfterAssignment");
  BOOST_TEST(terms() == "assigned 4600 100 100 0 4600 0 0");
  decide(amended(kV, Amend::EXPENSE, eur(500)));
  BOOST_TEST(terms() == "charged 5100 100 0 0 4600 0 400");
}

BOOST_FIXTURE_TEST_CASE(more_than_is_due_is_not_assigned, Charged) {
  const Refusal refusal = refuse(assigned(kV, eur(4601)));
  BOOST_TEST(refusal.rule == "I-V2");
  BOOST_TEST(refusal.error == "AmountExceedsBalance");
  BOOST_TEST(refusal.path == "data.amount");
  const auto reported = accept(report({assigned(kV, eur(5000))}));
  BOOST_TEST(codes(reported) == "AmountExceedsBalance");
  BOOST_TEST(terms() == "assigned 4600 0 0 0 4600 0 0");
}

BOOST_FIXTURE_TEST_CASE(nothing_due_is_assigned_without_a_transfer, Charged) {
  decide(carnet::test::received("P1", eur(4600)));
  const auto nothing = decide(assigned(kV, eur(0)));
  BOOST_TEST(codes(nothing) == "NothingToAssign");
  BOOST_TEST(transfers(nothing).empty());
  BOOST_TEST(terms() == "settled 4600 4600 0 0 0 0 0");
  BOOST_TEST(refuse(assigned(kV, eur(-1))).error == "AmountNotPositive");
}

BOOST_FIXTURE_TEST_CASE(a_fine_of_nothing_is_kept_on_history_and_refused_on_decision, RentalFixture) {
  BOOST_TEST(refuse(recorded(kV, eur(0))).error == "AmountNotPositive");
  BOOST_TEST(refuse(report({recorded(kV, eur(-5))})).error == "AmountNotPositive");
  const auto first = accept(history({recorded(kV, eur(0)), charged(kV, eur(0))}));
  BOOST_TEST(codes(first) == "AmountNotPositive");
  BOOST_TEST(codes(first + 1).empty(), "said once");
  BOOST_TEST(transfers(first + 1).empty());
  BOOST_TEST(terms() == "settled 0 0 0 0 0 0 0");
  decide(amended(kV, Amend::EXPENSE, eur(900)));
  BOOST_TEST(terms() == "charged 900 0 0 0 0 0 900");
}

BOOST_FIXTURE_TEST_CASE(the_company_may_bear_a_fine, RentalFixture) {
  decide(recorded(kV, eur(3500)));
  const auto borne = decide(paid_to_authority(kV, eur(3500), BorneBy::COMPANY));
  BOOST_TEST(transfers(borne) == "expense/fine → asset/cash 3500 (PR-61)");
  BOOST_TEST(terms() == "borne 0 0 0 0 0 0 0");
  BOOST_TEST(refuse(charged(kV, eur(3500))).error == "ViolationBorne");
  const auto refund = decide(refunded_by_authority(kV, eur(500)));
  BOOST_TEST(transfers(refund) == "asset/cash → expense/fine 500 (PR-63)");
  decide(reversal_of(paid_to_authority(kV, eur(3500), BorneBy::COMPANY), borne));
  BOOST_TEST(violation().state == "recorded");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(more_than_is_owed_to_the_authority_breaks_a_limit_on_every_basis, Charged) {
  BOOST_TEST(refuse(paid_to_authority(kV, eur(4700), BorneBy::PARTY)).rule == "I-M14");
  BOOST_TEST(refuse(report({paid_to_authority(kV, eur(4700), BorneBy::PARTY)})).error == "LimitExceeded");
}

BOOST_FIXTURE_TEST_CASE(one_currency_a_violation, Charged) {
  const Money dollars{100, *Currency::parse("USD")};
  BOOST_TEST(refuse(amended(kV, Amend::EXPENSE, dollars)).error == "CurrencyMismatch");
  BOOST_TEST(refuse(report({carnet::test::received("P1", dollars)})).error == "CurrencyMismatch");
}

BOOST_FIXTURE_TEST_CASE(an_account_as_party_needs_a_lawful_basis, RentalFixture) {
  const Violation of_account{.id = "V2", .party = "account/A1", .contract = {}, .vehicle = {}};
  BOOST_TEST(refuse(recorded(of_account, eur(100))).error == "BasisMissing");
  BOOST_TEST(refuse(report({recorded(of_account, eur(100))})).error == "BasisMissing", "never relaxed");
}

BOOST_FIXTURE_TEST_CASE(an_event_names_the_party_whose_account_it_touches, Charged) {
  Violation other = kV;
  other.party = "external/V9";
  BOOST_TEST(refuse(amended(other, Amend::EXPENSE, eur(100))).error == "PartyTagMissing");
  EventDraft tagged = amended(other, Amend::EXPENSE, eur(100));
  tagged.tags.emplace_back("external/V1");
  const auto position = decide(tagged);
  BOOST_TEST(transfers(position).starts_with(kReceivable), "the violation's own party owes it");
}

BOOST_FIXTURE_TEST_CASE(amendments_state_their_amount, Charged) {
  const Refusal refusal = refuse(report({amended(kV, Amend::PENALTY)}));
  BOOST_TEST(refusal.path == "data.newFine");
  BOOST_TEST(refuse(report({amended(kV, Amend::EXPENSE)})).path == "data.expense");
}

// ---- Reversals and corrections (§0.3) ----

BOOST_FIXTURE_TEST_CASE(a_reversal_mirrors_transfers_in_reverse_order_and_returns_to_the_state_before, Charged) {
  decide(carnet::test::received("P1", eur(5000)));
  const auto penalty = decide(amended(kV, Amend::PENALTY, eur(4100)));
  BOOST_TEST(terms() == "charged 5200 5000 0 0 0 0 200");
  const auto reversal = decide(reversal_of(amended(kV, Amend::PENALTY, eur(4100)), penalty));
  BOOST_TEST(transfers(reversal) == std::string(kReceivable) + " → " + kCredit + " 400 (PR-03); " + kPayable + " → " +
                                        kReceivable + " 600 (PR-62)");
  BOOST_TEST(terms() == "settled 4600 5000 400 0 0 0 0");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(reversing_a_dismissal_revives_the_claim_and_credit_pays_it, Charged) {
  const auto dismissed = decide(amended(kV, Amend::DISMISSED));
  decide(carnet::test::received("P1", eur(1000)));
  BOOST_TEST(terms() == "cancelled 4600 1000 1000 4600 0 0 0");
  const auto reversal = decide(reversal_of(amended(kV, Amend::DISMISSED), dismissed));
  BOOST_TEST(transfers(reversal) == std::string(kReceivable) + " → " + kPayable + " 4600 (PR-62); " + kCredit + " → " +
                                        kReceivable + " 1000 (PR-03)");
  BOOST_TEST(terms() == "charged 4600 1000 0 0 0 0 3600");
  decide(carnet::test::received("P2", eur(3600)));
  BOOST_TEST(terms() == "settled 4600 4600 0 0 0 0 0");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(two_dismissals_are_reversed_one_by_one, Charged) {
  const auto first = decide(amended(kV, Amend::DISMISSED));
  decide(amended(kV, Amend::EXPENSE, eur(500)));
  const auto second = decide(amended(kV, Amend::DISMISSED));
  BOOST_TEST(terms() == "cancelled 5100 0 0 5100 0 0 0");
  decide(reversal_of(amended(kV, Amend::DISMISSED), first));
  BOOST_TEST(terms() == "charged 5100 0 0 500 0 0 4600");
  decide(reversal_of(amended(kV, Amend::DISMISSED), second));
  BOOST_TEST(terms() == "charged 5100 0 0 0 0 0 5100");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_reversal_in_the_middle_leads_to_the_state_that_the_others_give, Charged) {
  const auto part = decide(carnet::test::received("P1", eur(2600)));
  decide(carnet::test::received("P2", eur(2000)));
  BOOST_TEST(violation().state == "settled");
  decide(reversal_of(carnet::test::received("P1", eur(2600)), part));
  BOOST_TEST(terms() == "charged 4600 2000 0 0 0 0 2600");
  decide(assigned(kV, eur(2600)));
  BOOST_TEST(violation().state == "assigned");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(events_that_others_build_on_are_reversed_last_first, Charged) {
  const auto penalty = decide(amended(kV, Amend::PENALTY, eur(7000)));
  BOOST_TEST(refuse(reversal_of(charged(kV, eur(3500), eur(1100)), charge)).error == "BadCorrection");
  BOOST_TEST(refuse(reversal_of(recorded(kV, eur(3500)), record)).error == "BadCorrection");
  decide(reversal_of(amended(kV, Amend::PENALTY, eur(7000)), penalty));
  decide(reversal_of(charged(kV, eur(3500), eur(1100)), charge));
  BOOST_TEST(terms() == "recorded 0 0 0 0 0 0 0");
  decide(charged(kV, eur(4000)));
  BOOST_TEST(terms() == "charged 4000 0 0 0 0 0 4000");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_reversal_repeats_the_payload_and_happens_once, Charged) {
  const auto expense = decide(amended(kV, Amend::EXPENSE, eur(400)));
  BOOST_TEST(refuse(reversal_of(amended(kV, Amend::EXPENSE, eur(401)), expense)).error == "BadCorrection");
  const auto reversal = decide(reversal_of(amended(kV, Amend::EXPENSE, eur(400)), expense));
  BOOST_TEST(refuse(reversal_of(amended(kV, Amend::EXPENSE, eur(400)), expense)).error == "BadCorrection");
  BOOST_TEST(refuse(reversal_of(amended(kV, Amend::EXPENSE, eur(400)), reversal)).error == "BadCorrection");
  BOOST_TEST(terms() == "charged 4600 0 0 0 0 0 4600");
}

BOOST_FIXTURE_TEST_CASE(a_payment_cannot_be_taken_back_once_its_credit_was_used, Charged) {
  const auto paid = decide(carnet::test::received("P1", eur(5000)));
  decide(amended(kV, Amend::EXPENSE, eur(400)));
  BOOST_TEST(refuse(reversal_of(carnet::test::received("P1", eur(5000)), paid)).rule == "I-M14");
}

BOOST_FIXTURE_TEST_CASE(money_is_corrected_by_reversal_alone, Charged) {
  BOOST_TEST(refuse(correction_of(charged(kV, eur(9999)), charge)).error == "CorrectMoneyByReversal");
  const auto nothing =
      accept(history({recorded({.id = "V2", .party = "external/V2", .contract = {}, .vehicle = {}}, eur(0)),
                      charged({.id = "V2", .party = "external/V2", .contract = {}, .vehicle = {}}, eur(0))}));
  BOOST_TEST(refuse(correction_of(charged({.id = "V2", .party = "external/V2", .contract = {}, .vehicle = {}}, eur(10)),
                                  nothing + 1))
                     .error == "CorrectMoneyByReversal",
             "also where the event moved none");
  const auto corrected = decide(correction_of(recorded(kV, eur(3600)), record));
  BOOST_TEST(transfers(corrected).empty());
  BOOST_TEST(terms() == "charged 4600 0 0 0 0 0 4600");
}

BOOST_FIXTURE_TEST_CASE(several_events_of_one_commit_see_each_other, RentalFixture) {
  accept(decision({recorded(kV, eur(3500)), charged(kV, eur(3500)), carnet::test::received("P1", eur(3500))}));
  BOOST_TEST(terms() == "settled 3500 3500 0 0 0 0 0");
  // The third is refused: nothing of the first two stands.
  const Violation second{.id = "V2", .party = "external/V2", .contract = {}, .vehicle = {}};
  refuse(decision({recorded(second, eur(100)), charged(second, eur(100)), charged(second, eur(100))}));
  auto view = ledger->view();
  BOOST_TEST(!find_violation(**view, "V2")->has_value());
  decide(recorded(second, eur(100)));
  check_everything();
}

BOOST_AUTO_TEST_SUITE_END()
