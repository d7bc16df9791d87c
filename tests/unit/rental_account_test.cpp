// SPDX-License-Identifier: Apache-2.0
//
// Goal: accounts by DOMAIN.md §2.3, §3.1, I-A1 … I-A9. Method: short flows on a real ledger.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "support/rental_accounts.hpp"

#include <carnet/rental/accounts.hpp>
#include <carnet/schema/settlement.capnp.h>

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

EventDraft of(const char* what, Verified outcome = Verified::PASSED, std::optional<LocalDate> until = {},
              Timestamp at = day(3)) {
  return verified("account/A1", "A1", what, outcome, until, at);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_account)

BOOST_FIXTURE_TEST_CASE(personal_data_needs_a_basis_before_it_or_earlier_in_the_commit, AccountFixture) {
  keys("A1");
  const Refusal none = refuse(collected("A1"));
  BOOST_TEST(none.error == "ConsentMissing");
  BOOST_TEST(none.rule == "I-P1");
  BOOST_TEST(refuse(report({collected("A1")})).error == "ConsentMissing", "on no basis is it relaxed");
  BOOST_TEST(refuse(decision({collected("A1"), basis("A1", "serviceProvision")})).error == "ConsentMissing");
  accept(decision({basis("A1", "serviceProvision"), collected("A1")}));
  keys("A2");
  decide(basis("A2", "serviceProvision"));
  BOOST_TEST(refuse(collected("A2", Profile::RENTAL, "driver")).error == "ConsentMissing");
  decide(basis("A2", "driverCollectedExtra", BasisOf::CONSENT));
  decide(collected("A2", Profile::RENTAL, "driver"));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(keys_come_before_sealed_fields, AccountFixture) {
  bases("A1");
  BOOST_TEST(refuse(collected("A1")).error == "KeyMissing");
}

BOOST_FIXTURE_TEST_CASE(a_profile_has_its_fields_and_the_mask_names_them, AccountFixture) {
  keys("A1");
  bases("A1");
  const auto with_mask = [](Profile profile, const std::vector<std::string>& mask,
                            const std::vector<std::string>& values) {
    EventDraft draft = collected("A1", profile);
    draft.payload = make_payload<schema::CustomerDataCollected>([&](auto event) {
      event.setAccountId("A1");
      event.setSource("office");
      event.setLawfulBasisRef("serviceProvision");
      event.setProfile(profile);
      auto names = event.initFieldMask(static_cast<unsigned>(mask.size()));
      for (unsigned i = 0; i < mask.size(); ++i) {
        names.set(i, mask[i].c_str());
      }
      event.setLocale("it");
    });
    draft.personal.clear();
    for (const std::string& field : values) {
      draft.personal.push_back({field, "x"});
    }
    return draft;
  };
  const auto missing = [&](const EventDraft& draft) {
    const Refusal refusal = refuse(draft);
    BOOST_TEST(refusal.error == "FieldMissing");
    BOOST_TEST(refusal.rule == "I-A1");
    return refusal.values.at(0).value;
  };
  const Profile driver = Profile::DESIGNATED_DRIVER;
  BOOST_TEST(missing(with_mask(driver, {"phone"}, {"phone"})) == "fullName");
  BOOST_TEST(missing(with_mask(driver, {"fullName"}, {"fullName"})) == "phone");
  BOOST_TEST(missing(with_mask(driver, {"fullName", "phone"}, {"fullName"})) == "phone");
  BOOST_TEST(missing(with_mask(driver, {"fullName", "email"}, {"fullName", "email", "phone"})) == "phone");
  BOOST_TEST(missing(with_mask(driver, {"fullName", "email", "shoeSize"}, {"fullName", "email"})) == "shoeSize");
  for (const Profile profile : {Profile::RENTAL, Profile::BOTH}) {
    BOOST_TEST(missing(with_mask(profile, {"fullName", "phone"}, {"fullName", "phone"})) == "licenceNo");
  }
  BOOST_TEST(codes(accept(report({with_mask(driver, {"fullName"}, {"fullName"})}))) == "FieldMissing");
  BOOST_TEST(codes(decide(with_mask(driver, {"phone"}, {"phone"}))).empty(), "what comes later adds to it");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(opening_needs_bases_with_the_accepted_terms, AccountFixture) {
  keys("A1");
  decide(basis("A1", "serviceProvision"));
  decide(collected("A1", Profile::DESIGNATED_DRIVER));
  const Refusal management = refuse(opened("A1", Profile::DESIGNATED_DRIVER));
  BOOST_TEST(management.error == "ConsentMissing");
  BOOST_TEST(management.rule == "I-A2");
  decide(basis("A1", "accountManagement", BasisOf::CONSENT));
  BOOST_TEST(refuse(opened("A1", Profile::DESIGNATED_DRIVER, "t2")).path == "data.termsVersion");
  BOOST_TEST(refuse(opened("A1", Profile::DESIGNATED_DRIVER, "t1", "p7")).error == "NoticeVersionUnknown");
  decide(withdrawn("A1", "accountManagement"));
  BOOST_TEST(refuse(report({opened("A1", Profile::DESIGNATED_DRIVER)})).error == "ConsentMissing");
  decide(basis("A1", "accountManagement", BasisOf::CONSENT));
  decide(opened("A1", Profile::DESIGNATED_DRIVER));
  BOOST_TEST(refuse(opened("A1", Profile::DESIGNATED_DRIVER)).error == "IllegalTransition");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(who_rents_has_licence_and_means_of_payment_verified_and_valid, AccountFixture) {
  keys("A1");
  bases("A1");
  decide(collected("A1"));
  const Refusal licence = refuse(opened("A1"));
  BOOST_TEST(licence.error == "LicenceNotVerified");
  BOOST_TEST(licence.rule == "I-A3");
  decide(of("licence", Verified::PASSED, date_of(3)));
  BOOST_TEST(refuse(opened("A1")).error == "LicenceNotVerified", "it ran out the day before");
  decide(of("licence", Verified::PASSED, date_of(4)));
  BOOST_TEST(refuse(opened("A1")).error == "PaymentMethodNotVerified");
  const auto method = decide(of("paymentMethod"));
  decide(reversal_of(of("paymentMethod"), method));
  BOOST_TEST(refuse(opened("A1")).error == "PaymentMethodNotVerified");
  BOOST_TEST(codes(accept(report({opened("A1")}))) == "PaymentMethodNotVerified");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_verification_is_restated_by_its_correction, AccountFixture) {
  keys("A1");
  bases("A1");
  decide(collected("A1"));
  decide(of("paymentMethod"));
  const auto licence = decide(of("licence", Verified::PASSED, date_of(3)));
  decide(correction_of(of("licence", Verified::PASSED, date_of(300)), licence));
  decide(opened("A1"));
  BOOST_TEST(refuse(correction_of(of("identity"), licence)).error == "BadCorrection");
  BOOST_TEST(refuse(correction_of(of("licence", Verified::FAILED), licence)).error == "BadCorrection",
             "what moves a state is reversed");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_failed_verification_holds_registration_up, AccountFixture) {
  keys("A1");
  bases("A1");
  BOOST_TEST(refuse(of("licence")).error == "IllegalTransition", "nothing was collected");
  decide(collected("A1", Profile::DESIGNATED_DRIVER));
  decide(of("identity", Verified::FAILED));
  const Refusal failed = refuse(opened("A1", Profile::DESIGNATED_DRIVER));
  BOOST_TEST(failed.error == "IllegalTransition");
  BOOST_TEST(failed.state == "verificationFailed");
  decide(collected("A1", Profile::DESIGNATED_DRIVER));
  const auto again = decide(of("identity", Verified::FAILED));
  decide(reversal_of(of("identity", Verified::FAILED), again));
  decide(of("identity", Verified::FAILED));
  decide(of("identity"));
  decide(opened("A1", Profile::DESIGNATED_DRIVER));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(verifications_of_other_streams_move_no_account, AccountFixture) {
  registered("A1");
  decide(verified("rental/C1", "A1", "identity", Verified::FAILED));
  decide(verified("rental/C1", "external/X", "licence", Verified::FAILED));
  decide(opened("A1"));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(an_update_comes_after_its_verification, AccountFixture) {
  active("A1");
  BOOST_TEST(refuse(updated("A1")).error == "UpdateNotVerified");
  decide(of("accountUpdate"));
  decide(update_requested("A1"));
  const Refusal stale = refuse(updated("A1"));
  BOOST_TEST(stale.error == "UpdateNotVerified", "it was verified before it was requested");
  BOOST_TEST(stale.rule == "I-A7");
  decide(of("accountUpdate", Verified::FAILED));
  BOOST_TEST(refuse(updated("A1")).error == "UpdateNotVerified");
  decide(of("accountUpdate"));
  decide(updated("A1"));
  decide(update_requested("A1"));
  BOOST_TEST(codes(accept(report({updated("A1")}))) == "UpdateNotVerified");
  BOOST_TEST(codes(decide(updated("A1", "import"))).empty());
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(updates_need_a_basis_that_stands, AccountFixture) {
  keys("A1");
  decide(basis("A1", "serviceProvision", BasisOf::CONSENT));
  decide(basis("A1", "accountManagement", BasisOf::CONSENT));
  decide(collected("A1", Profile::DESIGNATED_DRIVER));
  decide(opened("A1", Profile::DESIGNATED_DRIVER));
  decide(withdrawn("A1", "serviceProvision"));
  decide(update_requested("A1"));
  decide(withdrawn("A1", "accountManagement"));
  BOOST_TEST(refuse(update_requested("A1")).error == "BasisMissing");
  BOOST_TEST(refuse(report({updated("A1")})).error == "BasisMissing");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_restriction_is_in_force_until_it_is_lifted, AccountFixture) {
  active("A1");
  BOOST_TEST(refuse(restriction_lifted("A1")).error == "IllegalTransition");
  decide(restricted("A1"));
  BOOST_TEST(refuse(restricted("A1")).error == "IllegalTransition");
  BOOST_TEST(refuse(update_requested("A1")).state == "restricted");
  decide(closure_requested("A1"));
  decide(closure_cancelled("A1"));
  decide(restriction_lifted("A1"));
  decide(closure_requested("A1"));
  BOOST_TEST(refuse(restricted("A1")).state == "closing");
  decide(closure_cancelled("A1"));
  decide(restricted("A1"));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_closure_by_the_company_has_reason_and_explanation, AccountFixture) {
  active("A1");
  const Refusal reason = refuse(closure_by_company("A1", "inactive", "notStated"));
  BOOST_TEST(reason.error == "ReasonMissing");
  BOOST_TEST(reason.rule == "I-A8");
  BOOST_TEST(refuse(closure_by_company("A1", "")).error == "ExplanationMissing");
  decide(closure_by_company("A1"));
  BOOST_TEST(refuse(closure_by_company("A1")).state == "closing");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(reopening_needs_reason_identity_and_current_details, AccountFixture) {
  closing("A1");
  decide(closure_reviewed("A1"));
  decide(closed("A1"));
  BOOST_TEST(refuse(update_requested("A1")).state == "closed");
  BOOST_TEST(refuse(reopening_requested("A1", "notStated")).error == "ReasonMissing");
  decide(reopening_requested("A1"));
  decide(reopening_rejected("A1"));
  decide(reopening_requested("A1"));
  BOOST_TEST(refuse(reactivated("A1", day(9, 10))).error == "IdentityNotVerified");
  decide(of("reopeningIdentity", Verified::FAILED, {}, day(9, 5)));
  BOOST_TEST(refuse(reactivated("A1", day(9, 10))).error == "IdentityNotVerified");
  decide(of("reopeningIdentity", Verified::PASSED, {}, day(9, 6)));
  decide(reviewed("A1"));
  BOOST_TEST(refuse(reactivated("A1", day(8))).error == "DetailsNotCurrent");
  BOOST_TEST(refuse(reactivated("A1", day(9, 31))).error == "DetailsNotCurrent", "that is still to come");
  decide(reactivated("A1", day(9, 10)));
  decide(closure_requested("A1", day(9, 40)));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(history_enters_an_account_at_any_state, AccountFixture) {
  const auto entered = accept(history({restricted("A1")}));
  const auto found = findings(entered);
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST(found[0].code == "Assumed");
  BOOST_TEST(found[0].args[0].value == "active");
  BOOST_TEST(found[0].args[1].value == "CustomerDataCollected,AccountOpened");
  decide(restriction_lifted("A1"));
  check_everything();
}

namespace {

Payment paid_by(std::string id, std::int64_t minor) {
  Payment payment;
  payment.id = std::move(id);
  payment.party.clear();
  payment.account = "A1";
  payment.order = "O1";
  payment.amount = eur(minor);
  return payment;
}

EventDraft complaint(std::string id) {
  EventDraft draft = feedback(std::move(id), "ref-1");
  draft.payload = make_payload<schema::FeedbackReceived>([&](auto event) {
    event.setCaseId(draft.stream.substr(5).c_str());
    event.setAccountId("A1");
    event.setReferenceNo("ref-1");
    event.setChannel("hotline");
    event.setIntakeOrigin("direct");
    event.setCustomerVoicedAt(day(8).ns);
    event.initFieldMask(0);
    event.setOrderRef(schema::FeedbackReceived::OrderRef::NOT_APPLICABLE);
    event.setFirstResponsible("S1");
  });
  return draft;
}

EventDraft fined(std::string id) {
  return make_event<schema::TrafficViolationRecorded>("violation/" + id, day(7), [&](auto event) {
    event.setViolationId(id.c_str());
    event.setParty("account/A1");
    event.setAuthority("police");
    event.setViolationAt(day(6).ns);
    set_money(event.initFine(), eur(100));
    event.setAuthorityRef("ref");
    event.setLawfulBasisRef("violationHandling");
  });
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_closure_is_reviewed_first, AccountFixture) {
  closing("A1");
  BOOST_TEST(refuse(closed("A1")).error == "ReviewMissing");
  decide(closure_reviewed("A1", false));
  BOOST_TEST(refuse(closed("A1")).error == "ReviewMissing", "it found something");
  decide(closure_reviewed("A1"));
  decide(closure_cancelled("A1"));
  decide(closure_requested("A1"));
  BOOST_TEST(refuse(closed("A1")).error == "ReviewMissing", "that was of the closure before");
  decide(closure_reviewed("A1"));
  decide(closed("A1"));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(closing_is_blocked_by_what_is_open, AccountFixture) {
  closing("A1");
  decide(closure_reviewed("A1"));
  const auto blockers = [&] {
    const Refusal refusal = refuse(closed("A1"));
    BOOST_TEST(refusal.error == "ClosureBlocked");
    BOOST_TEST(refusal.rule == "I-A4");
    std::string all;
    for (const Fact& fact : refusal.values) {
      all += fact.name + " " + fact.value + ";";
    }
    return all;
  };
  const EventDraft payment = carnet::test::received(paid_by("P1", 700));
  const auto paid = decide(payment);
  BOOST_TEST(blockers() == "customerCredit liability/customerCredit/account/A1/order/O1;");
  decide(reversal_of(payment, paid));
  const auto voiced = decide(complaint("K1"));
  const auto recorded_at = decide(fined("V1"));
  BOOST_TEST(blockers() == "violation violation/V1;case case/K1;");
  decide(reversal_of(complaint("K1"), voiced));
  BOOST_TEST(blockers() == "violation violation/V1;");
  BOOST_TEST(codes(accept(report({closed("A1")}))) == "ClosureBlocked");
  decide(reversal_of(fined("V1"), recorded_at));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(what_others_owe_blocks_nobody_else, AccountFixture) {
  closing("A1");
  decide(closure_reviewed("A1"));
  Payment payment = paid_by("P1", 700);
  payment.account = "A11";
  decide(carnet::test::received(payment));
  payment = paid_by("P2", 700);
  payment.account = "";
  payment.party = "external/A1";
  decide(carnet::test::received(payment));
  decide(closed("A1"));
  check_everything();
}

namespace {

EventDraft charge_of_a2(Money amount) {
  return make_event<schema::TrafficViolationCharged>("violation/V2", day(8), [&](auto event) {
    event.setViolationId("V2");
    event.setParty("account/A2");
    event.setAuthority("police");
    set_money(event.initFine(), amount);
  });
}

EventDraft fine_of_a2() {
  EventDraft draft = fined("V2");
  draft.payload = make_payload<schema::TrafficViolationRecorded>([&](auto event) {
    event.setViolationId("V2");
    event.setParty("account/A2");
    event.setAuthority("police");
    event.setViolationAt(day(6).ns);
    set_money(event.initFine(), eur(100));
    event.setAuthorityRef("ref");
    event.setLawfulBasisRef("violationHandling");
  });
  return draft;
}

EventDraft unclaimed(schema::UnclaimedBalanceTransferred::From from, Money amount, bool contacted = true) {
  return make_event<schema::UnclaimedBalanceTransferred>("account/A1", day(9), [&](auto event) {
    event.setAccountId("A1");
    set_money(event.initAmount(), amount);
    event.setFrom(from);
    event.setJurisdiction("IT");
    auto attempts = event.initContactAttempts(contacted ? 1 : 0);
    if (contacted) {
      attempts[0].setAt(day(8).ns);
      attempts[0].setChannel("post");
    }
    event.setApprover("S9");
  });
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_merge_moves_what_stands_on_the_absorbed_account, AccountFixture) {
  active("A1");
  active("A2");
  Payment payment = paid_by("P2", 300);
  payment.account = "A2";
  decide(carnet::test::received(payment));
  decide(fine_of_a2());
  decide(charge_of_a2(eur(100)));
  const EventDraft ours = merged("A1", "A1", "A2");
  const EventDraft theirs = merged("A2", "A1", "A2");
  const auto first = accept(decision({ours, theirs}));
  const std::string due = "asset/receivable/customer/account/";
  const std::string credit = "liability/customerCredit/account/";
  BOOST_TEST(transfers(first) == due + "A1/violation/V2 → " + due + "A2/violation/V2 100 (PR-31); " + credit +
                                     "A2/order/O1 → " + credit + "A1/order/O1 300 (PR-31)");
  BOOST_TEST(transfers(first + 1).empty());
  BOOST_TEST((tags(first) == std::vector<std::string>{"account/A1", "account/A2"}));
  BOOST_TEST(terms("V2") == "charged 100 0 0 0 0 0 100");
  BOOST_TEST(violation("V2").party == "account/A1");
  const Refusal merged_away = refuse(update_requested("A2"));
  BOOST_TEST(merged_away.error == "AccountMerged");
  BOOST_TEST(merged_away.state == "merged");

  Payment settles = paid_by("P3", 100);
  settles.order.clear();
  settles.to_violations = {{"V2", eur(100)}};
  const EventDraft settling = carnet::test::received(settles);
  const auto paid = decide(settling);
  BOOST_TEST(terms("V2") == "settled 100 100 0 0 0 0 0");
  BOOST_TEST(net(due + "A1/violation/V2") == 0);
  decide(reversal_of(settling, paid));

  decide(closure_requested("A1"));
  decide(closure_reviewed("A1"));
  BOOST_TEST(refuse(closed("A1")).error == "ClosureBlocked");
  decide(closure_cancelled("A1"));
  check_everything();

  decide(reversal_of(theirs, first + 1));
  decide(reversal_of(ours, first));
  BOOST_TEST(net(due + "A2/violation/V2") == 100);
  BOOST_TEST(net(credit + "A2/order/O1") == -300);
  BOOST_TEST(violation("V2").party == "account/A2");
  settles.id = "P4";
  settles.account = "A2";
  decide(carnet::test::received(settles));
  BOOST_TEST(terms("V2") == "settled 100 100 0 0 0 0 0");
  decide(update_requested("A2"));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(after_a_merge_charges_are_paid_and_reversed_on_the_account_that_is_left, AccountFixture) {
  active("A1");
  active("A2");
  const auto posted = [](const std::string& charge) {
    return make_event<schema::ChargePosted>("settlement/O1", day(8), [&](auto event) {
      event.setOrderId("O1");
      event.setAccountId("A2");
      event.setChargeId(charge.c_str());
      event.setKind("rental");
      event.setPayer(schema::ChargePosted::Payer::CUSTOMER);
      event.setQty(1);
      set_money(event.initUnitPrice(), eur(500));
      set_money(event.initAmount(), eur(500));
      event.setDisclosedRef("fees-1");
    });
  };
  decide(posted("CH1"));
  decide(posted("CH2"));
  accept(decision({merged("A1", "A1", "A2"), merged("A2", "A1", "A2")}));
  Payment payment = paid_by("P1", 500);
  payment.to_charges = {{"CH1", eur(500)}};
  const auto paid = decide(carnet::test::received(payment));
  const std::string due = "asset/receivable/customer/account/A1/order/O1";
  BOOST_TEST(transfers(paid) == "asset/pspClearing/none → " + due + " 500 (PR-01)");
  const auto reversed = decide(make_event<schema::ChargeReversed>("settlement/O1", day(9), [](auto event) {
    event.setOrderId("O1");
    event.setAccountId("A1");
    event.setChargeId("CH2");
    set_money(event.initAmount(), eur(200));
    event.setReasonCode("overturned");
  }));
  BOOST_TEST(transfers(reversed) == "revenue/rental → " + due + " 200 (PR-11)");
  BOOST_TEST(net(due) == 300);
  BOOST_TEST(net("asset/receivable/customer/account/A2/order/O1") == 0);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(unclaimed_credit_of_a_violation_is_no_longer_paid_for_it, AccountFixture) {
  active("A1");
  decide(fined("V1"));
  Payment payment = paid_by("P1", 250);
  payment.order.clear();
  payment.to_violations = {{"V1", eur(250)}};
  accept(report({carnet::test::received(payment)}));
  BOOST_TEST(violation("V1").overpaid == 250);
  decide(unclaimed(schema::UnclaimedBalanceTransferred::From::CUSTOMER_CREDIT, eur(250)));
  BOOST_TEST(violation("V1").overpaid == 0);
  BOOST_TEST(violation("V1").paid == 0);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_merge_is_one_event_in_each_stream, AccountFixture) {
  active("A1");
  active("A2");
  registered("A3");
  const auto error = [&](std::vector<EventDraft> events) { return refuse(decision(std::move(events))).error; };
  BOOST_TEST(error({merged("A1", "A1", "A2")}) == "MergeIncomplete");
  BOOST_TEST(error({merged("A2", "A1", "A2")}) == "MergeIncomplete");
  BOOST_TEST(error({merged("A2", "A1", "A2"), merged("A1", "A1", "A2")}) == "MergeIncomplete");
  BOOST_TEST(error({merged("A1", "A1", "A1"), merged("A1", "A1", "A1")}) == "MergeIncomplete");
  BOOST_TEST(error({merged("A1", "A1", "A2"), merged("A2", "A3", "A2")}) == "MergeIncomplete");
  BOOST_TEST(error({merged("A1", "A1", "A3"), merged("A3", "A1", "A3")}) == "MergeBlocked", "A3 is not open yet");
  BOOST_TEST(error({merged("A3", "A3", "A1"), merged("A1", "A3", "A1")}) == "IllegalTransition");
  accept(history({make_event<schema::VehicleHandedOver>("rental/C9", day(8), [](auto event) {
    event.setContractId("C9");
    event.setVehicleId("W1");
    event.setAccountId("A2");
    event.setOrderId("O9");
    event.setAt(day(8).ns);
  })}));
  const Refusal blocked = refuse(decision({merged("A1", "A1", "A2"), merged("A2", "A1", "A2")}));
  BOOST_TEST(blocked.error == "MergeBlocked");
  BOOST_TEST(blocked.values.at(0).value == "rental/C9");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(unclaimed_money_goes_to_its_authority, AccountFixture) {
  using From = schema::UnclaimedBalanceTransferred::From;
  active("A1");
  decide(carnet::test::received(paid_by("P1", 300)));
  Payment second = paid_by("P2", 200);
  second.order = "O2";
  decide(carnet::test::received(second));
  const Refusal nobody = refuse(unclaimed(From::CUSTOMER_CREDIT, eur(400), false));
  BOOST_TEST(nobody.error == "ApproverMissing");
  BOOST_TEST(nobody.rule == "I-A10");
  BOOST_TEST(refuse(unclaimed(From::CUSTOMER_CREDIT, eur(501))).error == "AmountExceedsBalance");
  BOOST_TEST(refuse(unclaimed(From::REFUND_PAYABLE, eur(1))).error == "AmountExceedsBalance");
  BOOST_TEST(refuse(unclaimed(From::COMPENSATION_PAYABLE, eur(1))).error == "AmountExceedsBalance");
  BOOST_TEST(refuse(unclaimed(From::CUSTOMER_CREDIT, eur(0))).error == "AmountNotPositive");
  const EventDraft most = unclaimed(From::CUSTOMER_CREDIT, eur(400));
  const auto gone = decide(most);
  BOOST_TEST(transfers(gone) ==
             "liability/customerCredit/account/A1/order/O2 → liability/unclaimed/IT 200 (PR-96); "
             "liability/customerCredit/account/A1/order/O1 → liability/unclaimed/IT 200 (PR-96)");
  decide(reversal_of(most, gone));
  BOOST_TEST(net("liability/unclaimed/IT") == 0);
  check_everything();
}

namespace {

/// The domain with the guard of new orders on an event of cases.
const Domain& guarded_domain() {
  static constexpr rental::Guard kGuards[] = {&rental::guard::kAccountActive};
  static const std::vector<rental::GuardUse> guards = [] {
    const auto rows = rental::rental_tables().guards;
    std::vector<rental::GuardUse> all(rows.begin(), rows.end());
    all.push_back({"CaseReferred", 0, kGuards});
    return all;
  }();
  static const std::unique_ptr<Domain> domain = [] {
    rental::RuleTables tables = rental::rental_tables();
    tables.guards = guards;
    return rental::make_rule_domain(tables);
  }();
  return *domain;
}

struct GuardedFixture : AccountFixture {
  GuardedFixture() : AccountFixture(guarded_domain()) {}
};

EventDraft referred_by(std::string party) {
  return make_event<schema::CaseReferred>("case/K1", day(9), [&](auto event) {
    event.setCaseId("K1");
    event.setParty(party.c_str());
    event.setAuthority("judge");
    event.setRef("x");
  });
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(new_orders_are_of_active_accounts, GuardedFixture) {
  active("A1");
  decide(complaint("K1"));
  decide(referred_by("account/A1"));
  decide(referred_by("external/X"));
  decide(restricted("A1"));
  const Refusal restricted_now = refuse(referred_by("account/A1"));
  BOOST_TEST(restricted_now.error == "AccountNotActive");
  BOOST_TEST(restricted_now.rule == "I-A9");
  BOOST_TEST(restricted_now.values.at(0).value == "restricted");
  BOOST_TEST(refuse(referred_by("account/A9")).error == "AccountNotActive", "nobody opened it");
  BOOST_TEST(codes(accept(report({referred_by("account/A1")}))) == "AccountNotActive");
}

BOOST_FIXTURE_TEST_CASE(accounts_are_found_and_listed, AccountFixture) {
  active("A1", Profile::BOTH);
  registered("A2");
  decide(basis("A1", "marketing", BasisOf::CONSENT));
  decide(withdrawn("A1", "marketing"));
  decide(restricted("A1"));
  decide(closure_requested("A1"));
  decide(basis("A3", "serviceProvision"));
  auto view = ledger->view();
  BOOST_REQUIRE(view);
  const auto found = find_account(**view, "A1");
  BOOST_REQUIRE((found && found->has_value()));
  const AccountSummary& a1 = **found;
  BOOST_TEST(a1.state == "closing");
  BOOST_TEST(a1.restricted);
  BOOST_TEST(a1.profile == "both");
  BOOST_TEST((a1.since.ns == day(7).ns));
  BOOST_TEST(a1.opened > 0U);
  BOOST_TEST(a1.closed == 0U);
  BOOST_TEST(a1.survivor.empty());
  BOOST_REQUIRE_EQUAL(a1.verifications.size(), 2U);
  BOOST_TEST(a1.verifications[0].what == "licence");
  BOOST_TEST(a1.verifications[0].state == "passed");
  BOOST_REQUIRE(a1.verifications[0].valid_until.has_value());
  BOOST_TEST(a1.verifications[0].valid_until->days == date_of(400).days);
  BOOST_TEST(!a1.verifications[1].valid_until.has_value());
  BOOST_REQUIRE_EQUAL(a1.bases.size(), 3U);
  BOOST_TEST(a1.bases[0].purpose == "serviceProvision");
  BOOST_TEST(a1.bases[0].state == "inForce");
  BOOST_TEST(a1.bases[0].basis == "contract");
  BOOST_TEST(a1.bases[2].purpose == "marketing");
  BOOST_TEST(a1.bases[2].state == "withdrawn");
  BOOST_TEST(a1.bases[2].basis == "consent");
  const auto listed = [&](const Page& page) {
    std::string ids;
    const Status status = list_accounts(**view, page, [&](const AccountSummary& each) {
      ids += each.account + " " + std::string(each.state) + ";";
      return true;
    });
    return status ? ids : status.error().name();
  };
  BOOST_TEST(listed({}) == "A1 closing;A2 registering;");
  BOOST_TEST(listed({.after = "A1", .limit = 0}) == "A2 registering;");
  BOOST_TEST(listed({.after = "", .limit = 1}) == "A1 closing;");
  BOOST_TEST(listed({.after = "A9", .limit = 0}) == "AfterUnknown");
  const auto none = find_account(**view, "A3");
  BOOST_TEST((none && !none->has_value()), "it has a basis, but nothing began its account");
}

BOOST_AUTO_TEST_SUITE_END()
