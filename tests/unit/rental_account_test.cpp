// SPDX-License-Identifier: Apache-2.0
//
// Goal: accounts by DOMAIN.md §2.3, §3.1, I-A1 … I-A9. Method: short flows on a real ledger.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_accounts.hpp"

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

BOOST_AUTO_TEST_SUITE_END()
