// SPDX-License-Identifier: Apache-2.0
//
// Goal: lawful bases, consents, privacy notices, documents (DOMAIN.md §0.1, §2.1, §2.13, §3.9, I-P1). Method: short
// flows on a real ledger.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_accounts.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

BOOST_AUTO_TEST_SUITE(rental_privacy)

BOOST_FIXTURE_TEST_CASE(a_basis_cites_a_notice_that_was_published_or_presented, AccountFixture) {
  const Refusal unknown = refuse(basis("A1", "marketing", BasisOf::CONSENT, "p2"));
  BOOST_TEST(unknown.error == "NoticeVersionUnknown");
  BOOST_TEST(unknown.rule == "I-P1");
  decide(presented("A2", "p2"));
  BOOST_TEST(refuse(basis("A1", "marketing", BasisOf::CONSENT, "p2")).error == "NoticeVersionUnknown",
             "it was presented to another account");
  decide(presented("A1", "p2"));
  BOOST_TEST(codes(decide(basis("A1", "marketing", BasisOf::CONSENT, "p2"))).empty());
  decide(policy("p3"));
  decide(basis("A3", "marketing", BasisOf::CONSENT, "p3"));
  BOOST_TEST(codes(accept(report({basis("A4", "serviceProvision", BasisOf::CONTRACT, "p9")}))) ==
             "NoticeVersionUnknown");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(only_consent_is_withdrawn, AccountFixture) {
  BOOST_TEST(refuse(withdrawn("A1", "marketing")).error == "NoConsentToWithdraw");
  decide(basis("A1", "serviceProvision"));
  BOOST_TEST(refuse(withdrawn("A1", "serviceProvision")).error == "NoConsentToWithdraw");
  decide(basis("A1", "marketing", BasisOf::CONSENT));
  BOOST_TEST(refuse(withdrawn("A1", "analytics")).error == "NoConsentToWithdraw");
  BOOST_TEST(refuse(withdrawn("A2", "marketing")).error == "NoConsentToWithdraw", "consent is each account's own");
  decide(withdrawn("A1", "marketing"));
  const Refusal twice = refuse(withdrawn("A1", "marketing"));
  BOOST_TEST(twice.error == "NoConsentToWithdraw");
  BOOST_TEST(twice.state == "withdrawn");
  decide(basis("A1", "marketing", BasisOf::CONSENT));
  decide(withdrawn("A1", "marketing"));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(taking_back_a_withdrawal_restores_consent, AccountFixture) {
  decide(basis("A1", "serviceProvision", BasisOf::CONSENT));
  keys("A1");
  const auto taken = decide(withdrawn("A1", "serviceProvision"));
  BOOST_TEST(refuse(collected("A1")).error == "ConsentMissing");
  decide(reversal_of(withdrawn("A1", "serviceProvision"), taken));
  decide(collected("A1"));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(evidence_of_ours_is_no_report, AccountFixture) {
  const Refusal consent = refuse(report({basis("A1", "marketing", BasisOf::CONSENT)}));
  BOOST_TEST(consent.error == "EvidenceMissing");
  BOOST_TEST(consent.rule == "I-E11");
  accept(report({basis("A1", "partnerSharing", BasisOf::PARTNER_PROOF)}));
  accept(history({basis("A1", "marketing", BasisOf::CONSENT)}));
  BOOST_TEST(refuse(report({presented("A1", "p1")})).error == "EvidenceMissing");
  BOOST_TEST(refuse(history({presented("A1", "p1")})).error == "EvidenceMissing", "it has no digest to rest on");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_withdrawal_of_history_assumes_the_consent, AccountFixture) {
  accept(history({basis("A1", "marketing", BasisOf::CONSENT)}));
  BOOST_TEST(codes(accept(history({withdrawn("A1", "marketing")}))).empty());
  BOOST_TEST(codes(accept(history({withdrawn("A1", "marketing")}))) == "NoConsentToWithdraw");
}

BOOST_FIXTURE_TEST_CASE(a_correction_stays_with_its_purpose, AccountFixture) {
  const auto recorded_at = decide(basis("A1", "marketing", BasisOf::CONSENT));
  BOOST_TEST(refuse(correction_of(basis("A1", "analytics", BasisOf::CONSENT), recorded_at)).error == "BadCorrection");
  decide(correction_of(basis("A1", "marketing", BasisOf::CONTRACT), recorded_at));
  BOOST_TEST(refuse(withdrawn("A1", "marketing")).error == "NoConsentToWithdraw", "it is restated as a contract");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_document_version_is_published_once_on_the_stream_of_its_kind, AccountFixture) {
  BOOST_TEST(refuse(policy("p1")).error == "VersionNotIncreasing");
  EventDraft elsewhere = policy("p2");
  elsewhere.stream = "document/terms";
  BOOST_TEST(refuse(elsewhere).error == "WrongStream");
  BOOST_TEST(refuse(policy(std::string(65, 'v'))).error == "LimitExceeded");
  BOOST_TEST(codes(decide(policy("p2"))).empty());
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(controls_and_staff_records_are_notes, AccountFixture) {
  const auto control = [](std::string stream) {
    return make_event<schema::ControlPerformed>(std::move(stream), day(5), [](auto event) {
      event.setControl("backup");
      event.setPeriod("2024-W01");
      event.setScope("all");
      event.setOutcome(schema::ControlPerformed::Outcome::OK);
      event.initParticipants(1).set(0, "S4");
    });
  };
  const auto performed = decide(control("operations/backup"));
  BOOST_TEST(codes(performed).empty());
  BOOST_TEST((tags(performed) == std::vector<std::string>{"operations/backup", "staff/S4"}));
  BOOST_TEST(refuse(control("operations/restoreTest")).error == "WrongStream");
  const auto record = make_event<schema::StaffRecordAdded>("staff/S4", day(5), [](auto event) {
    event.setStaffId("S4");
    event.setKind("onboarded");
    event.initKpiRefs(0);
  });
  BOOST_TEST(codes(decide(record)).empty());
  check_everything();
}

BOOST_AUTO_TEST_SUITE_END()
