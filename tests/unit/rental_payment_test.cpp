// SPDX-License-Identifier: Apache-2.0
//
// Goal: payments by DOMAIN.md §2.10, §3.6, PR-01, PR-02; cases by §3.8. Method: short flows on a real ledger.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

const Violation kV;

Payment of_order(std::int64_t minor) {
  Payment payment;
  payment.order = "O1";
  payment.amount = eur(minor);
  return payment;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_payment)

BOOST_FIXTURE_TEST_CASE(what_is_allocated_to_nothing_is_credit_of_the_order, RentalFixture) {
  const auto settled = decide(carnet::test::received(of_order(900)));
  BOOST_TEST(transfers(settled) ==
             "asset/pspClearing/none → liability/customerCredit/external/V1/order/O1 900 (PR-01)");
  Payment prepaid = of_order(500);
  prepaid.id = "P2";
  prepaid.purpose = Purpose::PREPAYMENT;
  prepaid.psp = "psp1";
  const auto prepayment = decide(carnet::test::received(prepaid));
  BOOST_TEST(transfers(prepayment) ==
             "asset/pspClearing/psp/psp1 → liability/customerCredit/external/V1/order/O1 500 (PR-02)");
}

BOOST_FIXTURE_TEST_CASE(cash_and_bank_money_is_settled_at_once, RentalFixture) {
  for (const std::string method : {"cash", "bankTransfer", "notStated"}) {
    Payment payment = of_order(100);
    payment.id = "P-" + method;
    payment.method = method;
    BOOST_TEST(transfers(decide(carnet::test::received(payment))).starts_with("asset/cash → "), method);
  }
}

BOOST_FIXTURE_TEST_CASE(a_platform_pays_its_own_account_with_its_commission, RentalFixture) {
  Payment payment = of_order(6400);
  payment.party.clear();
  payment.partner = "plat";
  payment.payer = Payer::PLATFORM;
  payment.payer_id = "plat";
  payment.method = "bankTransfer";
  payment.deductions = {{"commission", eur(1600)}, {"fee", eur(10)}, {"tax", eur(20)}, {"toll", eur(1)}};
  const auto position = decide(carnet::test::received(payment));
  const std::string account = "asset/receivable/thirdParty/partner/plat";
  BOOST_TEST(transfers(position) == "asset/cash → " + account + " 6400 (PR-01); expense/platformFee → " + account +
                                        " 1600 (PR-01); expense/pspFee → " + account +
                                        " 10 (PR-01); liability/taxPayable/IT → " + account +
                                        " 20 (PR-01); expense/pspFee → " + account + " 1 (PR-01)");
  BOOST_TEST(codes(position) == "UnknownCode");
}

BOOST_FIXTURE_TEST_CASE(one_payment_may_pay_several_violations, RentalFixture) {
  Payment payment;
  payment.party = "external/X";
  payment.amount = eur(1000);
  for (const std::string id : {"V3", "V1", "V2"}) {
    const Violation violation{.id = id, .party = "external/X", .contract = {}, .vehicle = {}};
    accept(decision({recorded(violation, eur(300)), charged(violation, eur(300))}));
    payment.to_violations.emplace_back(id, eur(id == "V2" ? 400 : 300));
  }
  const auto position = decide(carnet::test::received(payment));
  BOOST_TEST(terms("V1") == "settled 300 300 0 0 0 0 0");
  BOOST_TEST(terms("V2") == "settled 300 400 100 0 0 0 0");
  BOOST_TEST(terms("V3") == "settled 300 300 0 0 0 0 0");
  decide(reversal_of(carnet::test::received(payment), position));
  BOOST_TEST(terms("V1") == "charged 300 0 0 0 0 0 300");
  BOOST_TEST(terms("V2") == "charged 300 0 0 0 0 0 300");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(allocations_stay_within_the_amount, RentalFixture) {
  Payment payment = of_order(100);
  payment.to_violations = {{"V1", eur(101)}};
  BOOST_TEST(refuse(report({carnet::test::received(payment)})).error == "AllocationExceedsAmount");
  payment.to_violations = {{"V1", eur(0)}};
  BOOST_TEST(refuse(report({carnet::test::received(payment)})).error == "AllocationExceedsAmount");
}

BOOST_FIXTURE_TEST_CASE(nothing_is_owed_of_a_charge_that_nobody_posted, RentalFixture) {
  Payment payment = of_order(100);
  payment.to_charges = {{"CH1", eur(100)}};
  BOOST_TEST(refuse(carnet::test::received(payment)).error == "AllocationExceedsBalance");
  const auto reported = accept(report({carnet::test::received(payment)}));
  BOOST_TEST(codes(reported) == "AllocationExceedsBalance");
  BOOST_TEST(transfers(reported) ==
             "asset/pspClearing/none → liability/customerCredit/external/V1/order/O1 100 (PR-01)");
}

BOOST_FIXTURE_TEST_CASE(a_payment_of_nothing_is_refused_on_every_basis, RentalFixture) {
  BOOST_TEST(refuse(report({carnet::test::received(of_order(0))})).error == "AmountNotPositive");
  BOOST_TEST(refuse(history({carnet::test::received(of_order(-5))})).error == "AmountNotPositive");
}

BOOST_FIXTURE_TEST_CASE(a_payment_is_of_somebody, RentalFixture) {
  Payment payment = of_order(100);
  payment.party.clear();
  BOOST_TEST(refuse(report({carnet::test::received(payment)})).error == "FieldMissing");
  payment.partner = "plat";
  BOOST_TEST(refuse(carnet::test::received(payment)).error == "FieldMissing", "a customer's money needs the customer");
}

BOOST_FIXTURE_TEST_CASE(a_processor_reference_stands_once, RentalFixture) {
  Payment payment = of_order(100);
  payment.psp = "psp1";
  payment.psp_ref = "r-77";
  const auto first = decide(carnet::test::received(payment));
  payment.id = "P2";
  BOOST_TEST(refuse(carnet::test::received(payment)).error == "DuplicatePspRef");
  BOOST_TEST(codes(accept(report({carnet::test::received(payment)}))) == "DuplicatePspRef");
  payment.id = "P3";
  payment.psp = "psp2";
  decide(carnet::test::received(payment));
  // Once it was taken back, the reference is free; the second payment's is not.
  payment.id = "P1";
  payment.psp = "psp1";
  decide(reversal_of(carnet::test::received(payment), first));
  payment.id = "P4";
  BOOST_TEST(refuse(carnet::test::received(payment)).error == "DuplicatePspRef");
}

BOOST_FIXTURE_TEST_CASE(a_payment_is_received_once_and_cash_is_taken_back_by_a_person, RentalFixture) {
  Payment payment = of_order(100);
  payment.method = "cash";
  const auto first = decide(carnet::test::received(payment));
  BOOST_TEST(refuse(carnet::test::received(payment)).error == "IllegalTransition");
  BOOST_TEST(codes(accept(report({carnet::test::received(payment)}))) == "IllegalTransition");
  Request by_machine = decision({reversal_of(carnet::test::received(payment), first)});
  by_machine.actor.kind = ActorKind::kSystem;
  BOOST_TEST(refuse(by_machine).error == "ApproverMissing");
  decide(reversal_of(carnet::test::received(payment), first));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_violation_that_is_not_charged_takes_no_payment, RentalFixture) {
  BOOST_TEST(refuse(carnet::test::received("P1", eur(100))).error == "IllegalTransition");
  decide(recorded(kV, eur(3500)));
  const Refusal refusal = refuse(carnet::test::received("P1", eur(100)));
  BOOST_TEST(refusal.error == "ViolationNotCharged");
  BOOST_TEST(refusal.state == "recorded");
  BOOST_TEST(refusal.stream == "violation/V1");
  BOOST_TEST(codes(accept(report({carnet::test::received("P1", eur(100))}))) == "ViolationNotCharged");
  BOOST_TEST(terms() == "recorded 0 100 100 0 0 0 0");
  decide(charged(kV, eur(3500)));
  BOOST_TEST(terms() == "charged 3500 100 0 0 0 0 3400");
}

// ---- Cases and notices ----

BOOST_FIXTURE_TEST_CASE(a_case_is_received_once_and_referred, RentalFixture) {
  decide(feedback("K1", "N-1"));
  BOOST_TEST(refuse(feedback("K1", "N-2")).error == "IllegalTransition");
  BOOST_TEST(refuse(feedback("K2", "N-1")).error == "ReferenceDuplicate");
  BOOST_TEST(codes(accept(report({feedback("K2", "N-1")}))) == "ReferenceDuplicate");
  decide(referred("K1"));
  decide(referred("K1"));
  BOOST_TEST(refuse(referred("K9")).error == "IllegalTransition");
}

BOOST_FIXTURE_TEST_CASE(somebody_is_responsible_from_receipt_on, RentalFixture) {
  BOOST_TEST(refuse(feedback("K1", "N-1", "")).error == "FirstResponsibleMissing");
  BOOST_TEST(codes(accept(report({feedback("K1", "N-1", "")}))) == "FirstResponsibleMissing");
}

BOOST_FIXTURE_TEST_CASE(a_notice_needs_something_that_has_begun, RentalFixture) {
  BOOST_TEST(refuse(notice("violation/V1", "violation/V1")).error == "IllegalTransition");
  BOOST_TEST(codes(accept(history({notice("violation/V1", "violation/V1")}))) == "Assumed");
  decide(notice("violation/V1", "violation/V1"));
  BOOST_TEST((tags(decide(notice("document/notices", "violation/V1"))) ==
              std::vector<std::string>{"document/notices", "external/V1", "violation/V1"}));
}

BOOST_AUTO_TEST_SUITE_END()
