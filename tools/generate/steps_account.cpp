// SPDX-License-Identifier: Apache-2.0
//
// Steps: an account, from the notice to its opening. Personal fields are made up and sealed by the ledger.
#include "steps.hpp"

#include <carnet/schema/account.capnp.h>
#include <carnet/schema/ledger.capnp.h>
#include <carnet/schema/privacy.capnp.h>

#include <array>
#include <cstddef>

namespace carnet::generate::step {

namespace {

constexpr std::array<std::byte, 32> kProof{std::byte{0xb5}};
constexpr const char* kVersion = "2012";

void seal(EventDraft& event, const char* path, std::string text) {
  event.personal.push_back({.path = path, .plaintext = std::move(text)});
}

}  // namespace

void give_bases(Writer& write, Story& story) {
  using Recorded = schema::LawfulBasisRecorded;
  write.as("customer", ActorKind::kCustomer, "customer", "mobileApp");
  const std::string stream = "privacy/" + story.account;
  constexpr const char* kPurposes[] = {"accountManagement", "serviceProvision", "violationHandling"};
  constexpr Recorded::Basis kBases[] = {Recorded::Basis::CONTRACT, Recorded::Basis::CONTRACT,
                                        Recorded::Basis::LEGITIMATE_INTEREST};
  for (std::size_t i = 0; i < std::size(kPurposes); ++i) {
    write.add<Recorded>(stream, [&](auto event) {
      event.setPurpose(kPurposes[i]);
      event.setBasis(kBases[i]);
      event.setNoticeVersion(kVersion);
      event.setTermsVersion(kVersion);
      event.setExplicit(true);
      event.setChannel("mobileApp");
      event.setProof(as_data(kProof));
    });
  }
}

void collect_data(Writer& write, Story& story) {
  constexpr const char* kFields[] = {"fullName", "phone", "licenceNo", "licenceExpiry", "paymentToken", "licenceClass"};
  EventDraft& draft = write.add<schema::CustomerDataCollected>("account", story.account, [&](auto event) {
    event.setSource("registration");
    event.setLawfulBasisRef("serviceProvision");
    event.setProfile(schema::CustomerProfile::RENTAL);
    auto mask = event.initFieldMask(static_cast<unsigned>(std::size(kFields)));
    for (unsigned i = 0; i < mask.size(); ++i) {
      mask.set(i, kFields[i]);
    }
    event.setLicenceClass("B");
    event.setLocale("en");
  });
  seal(draft, "fullName", fmt::format("Customer {}", story.account));
  seal(draft, "phone", fmt::format("+00 555 {:07}", story.number));
  seal(draft, "licenceNo", fmt::format("L{:09}", story.number));
  seal(draft, "licenceExpiry", "2049-12-31");
  seal(draft, "paymentToken", fmt::format("tok-{}", story.number));
}

void verify_customer(Writer& write, Story& story) {
  for (const char* const what : {"licence", "paymentMethod"}) {
    write.add<schema::VerificationRecorded>("account", story.account, [&](auto event) {
      event.disownContractId();
      event.setWhat(what);
      event.setOutcome(schema::VerificationRecorded::Outcome::PASSED);
      event.setMethod("document");
      event.setVerifiedBy("staff.2");
      event.setEvidence(as_data(kProof));
    });
  }
}

void open_account(Writer& write, Story& story) {
  write.add<schema::AccountOpened>("account", story.account, [&](auto event) {
    event.setAccountNo(Writer::text(story.account));
    event.setProfile(schema::CustomerProfile::RENTAL);
    event.setTermsVersion(kVersion);
    event.setPrivacyVersion(kVersion);
    event.setHomeTz("UTC");
  });
}

}  // namespace carnet::generate::step
