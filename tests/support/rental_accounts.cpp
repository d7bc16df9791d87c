// SPDX-License-Identifier: Apache-2.0
#include "support/rental_accounts.hpp"

#include <array>
#include <cstddef>

namespace carnet::test {

namespace {

constexpr std::array<std::byte, 32> kDigest{};

template <class Type, class Fill>
EventDraft of_account(const std::string& account, Timestamp at, Fill&& fill, std::string_view family = "account/") {
  return make_event<Type>(std::string(family) + account, at, [&](auto event) {
    event.setAccountId(account.c_str());
    fill(event);
  });
}

template <class List>
void set_texts(List list, const std::vector<std::string>& texts) {
  for (unsigned i = 0; i < texts.size(); ++i) {
    list.set(i, texts[i].c_str());
  }
}

}  // namespace

LocalDate date_of(int number) {
  return {static_cast<std::int32_t>(day(number).ns / kNsPerSecond / 86'400)};
}

EventDraft policy(std::string version, Timestamp at) {
  return make_event<schema::DocumentPublished>("document/privacyPolicy", at, [&](auto event) {
    event.setKind("privacyPolicy");
    event.setVersion(version.c_str());
    event.setEffectiveFrom(at.ns);
    event.setAudience(schema::DocumentPublished::Audience::CUSTOMER);
    event.setLanguage("it");
    event.setDigest(as_data(kDigest));
  });
}

EventDraft presented(std::string account, std::string version, Timestamp at) {
  return of_account<schema::PrivacyNoticePresented>(
      account, at,
      [&](auto event) {
        event.setNoticeVersion(version.c_str());
        event.setLanguage("it");
        event.setChannel("branch");
        event.initPurposes(1).set(0, "marketing");
      },
      "privacy/");
}

EventDraft basis(std::string account, std::string purpose, BasisOf kind, std::string notice, std::string terms,
                 Timestamp at) {
  return of_account<schema::LawfulBasisRecorded>(
      account, at,
      [&](auto event) {
        event.setPurpose(purpose.c_str());
        event.setBasis(kind);
        event.setNoticeVersion(notice.c_str());
        if (!terms.empty()) {
          event.setTermsVersion(terms.c_str());
        }
        event.setExplicit(true);
        event.setChannel("branch");
        event.setProof(as_data(kDigest));
      },
      "privacy/");
}

EventDraft withdrawn(std::string account, std::string purpose, Timestamp at) {
  return of_account<schema::ConsentWithdrawn>(
      account, at, [&](auto event) { event.setPurpose(purpose.c_str()); }, "privacy/");
}

EventDraft collected(std::string account, Profile profile, std::string source, Timestamp at) {
  std::vector<std::string> given{"fullName", "phone"};
  if (profile != Profile::DESIGNATED_DRIVER) {
    given.insert(given.end(), {"licenceNo", "licenceExpiry", "paymentToken"});
  }
  EventDraft draft = of_account<schema::CustomerDataCollected>(account, at, [&](auto event) {
    event.setSource(source.c_str());
    event.setLawfulBasisRef("serviceProvision");
    event.setProfile(profile);
    set_texts(event.initFieldMask(static_cast<unsigned>(given.size())), given);
    event.setLocale("it");
  });
  for (const std::string& field : given) {
    draft.personal.push_back({field, "x-" + field});
  }
  return draft;
}

EventDraft verified(std::string stream, std::string account, std::string what, Verified outcome,
                    std::optional<LocalDate> until, Timestamp at) {
  return make_event<schema::VerificationRecorded>(std::move(stream), at, [&](auto event) {
    if (account.starts_with("external/")) {
      event.setParty(account.c_str());
    } else {
      event.setAccountId(account.c_str());
    }
    event.setWhat(what.c_str());
    event.setOutcome(outcome);
    event.setMethod("document");
    event.setVerifiedBy("S1");
    set_optional(until, [&] { return event.initValidUntil(); });
    event.setEvidence(as_data(kDigest));
  });
}

EventDraft opened(std::string account, Profile profile, std::string terms, std::string notice, Timestamp at) {
  return of_account<schema::AccountOpened>(account, at, [&](auto event) {
    event.setAccountNo(("no-" + account).c_str());
    event.setProfile(profile);
    event.setTermsVersion(terms.c_str());
    event.setPrivacyVersion(notice.c_str());
    event.setHomeTz("Europe/Rome");
  });
}

EventDraft update_requested(std::string account, Timestamp at) {
  EventDraft draft = of_account<schema::AccountUpdateRequested>(account, at, [&](auto event) {
    event.setVia("portal");
    event.initFieldMask(1).set(0, "phone");
    event.setCustomerReminded(true);
  });
  draft.personal = {{"phone", "x-phone-2"}};
  return draft;
}

EventDraft updated(std::string account, std::string cause, Timestamp at) {
  EventDraft draft = of_account<schema::AccountInformationUpdated>(account, at, [&](auto event) {
    event.initFieldMask(1).set(0, "phone");
    event.setCause(cause.c_str());
    event.setArchivedBy("S1");
    event.setSignificant(false);
  });
  draft.personal = {{"phone", "x-phone-2"}};
  return draft;
}

EventDraft restricted(std::string account, Timestamp at) {
  return of_account<schema::AccountRestricted>(account, at, [&](auto event) {
    event.setReason("arrears");
    event.setScope("newOrders");
    event.setApprover("S9");
  });
}

EventDraft restriction_lifted(std::string account, Timestamp at) {
  return of_account<schema::AccountRestrictionLifted>(account, at, [&](auto event) {
    event.setReason("arrears");
    event.setScope("newOrders");
    event.setApprover("S9");
  });
}

EventDraft closure_requested(std::string account, Timestamp at) {
  return of_account<schema::AccountClosureRequested>(account, at, [&](auto event) { event.setVia("portal"); });
}

EventDraft closure_cancelled(std::string account, Timestamp at) {
  return of_account<schema::AccountClosureCancelled>(account, at, [&](auto event) { event.setVia("portal"); });
}

EventDraft closure_by_company(std::string account, std::string code, std::string reason, Timestamp at) {
  EventDraft draft = of_account<schema::AccountClosureInitiatedByCompany>(account, at, [&](auto event) {
    event.setReason(reason.c_str());
    event.setExplanationCode(code.c_str());
  });
  draft.personal = {{"explanation", "x-explanation"}};
  return draft;
}

EventDraft closure_reviewed(std::string account, bool clear, Timestamp at) {
  return of_account<schema::AccountClosureReviewed>(account, at, [&](auto event) {
    auto blockers = event.initBlockers(clear ? 0 : 1);
    if (!clear) {
      blockers[0].setKind("contract");
      blockers[0].setRef("C1");
    }
    event.setClear(clear);
  });
}

EventDraft closed(std::string account, Timestamp at) {
  return of_account<schema::AccountClosed>(account, at, [&](auto event) {
    event.setReasonCode("customer");
    event.initRetentionPlan(0);
  });
}

EventDraft reopening_requested(std::string account, std::string reason, Timestamp at) {
  return of_account<schema::AccountReopeningRequested>(account, at, [&](auto event) {
    event.setReasonCode(reason.c_str());
    event.setVia("portal");
  });
}

EventDraft reopening_rejected(std::string account, Timestamp at) {
  return of_account<schema::AccountReopeningRejected>(account, at, [&](auto event) {
    event.setReasonCode("fraud");
    event.setVia("staff");
  });
}

EventDraft reactivated(std::string account, Timestamp reverified, Timestamp at) {
  return of_account<schema::AccountReactivated>(account, at, [&](auto event) {
    event.setRestored(schema::AccountReactivated::Restored::FROM_LIVE_KEYS);
    event.setDetailsReverifiedAt(reverified.ns);
  });
}

EventDraft reviewed(std::string account, Timestamp at) {
  return of_account<schema::AccountInformationReviewed>(account, at, [&](auto event) {
    event.setFieldsChecked(5);
    event.setFieldsIncorrect(0);
    event.initIncorrectMask(0);
    event.setMethod("contact");
    event.setConfirmedByCustomer(true);
  });
}

EventDraft merged(std::string of, std::string surviving, std::string absorbed, Timestamp at) {
  return of_account<schema::AccountsMerged>(of, at, [&](auto event) {
    event.setSurviving(surviving.c_str());
    event.setAbsorbed(absorbed.c_str());
    event.setEvidence(as_data(kDigest));
  });
}

AccountFixture::AccountFixture(const Domain& domain) : RentalFixture(domain) {
  decide(policy("p1"));
}

void AccountFixture::keys(const std::string& account) {
  for (const char* const data_class : {"D1", "D2", "D3", "D7"}) {
    auto outcome = ledger->create_subject_key(account, data_class, decision({}));
    BOOST_REQUIRE_MESSAGE(outcome, (outcome ? std::string() : outcome.error().to_line()));
    const auto* refusal = std::get_if<Refusal>(&*outcome);
    BOOST_REQUIRE_MESSAGE(refusal == nullptr, (refusal == nullptr ? std::string() : refusal->message));
  }
}

void AccountFixture::bases(const std::string& account) {
  decide(basis(account, "serviceProvision"));
  decide(basis(account, "accountManagement"));
}

void AccountFixture::registered(const std::string& account, Profile profile) {
  keys(account);
  bases(account);
  decide(collected(account, profile));
  decide(verified("account/" + account, account, "licence", Verified::PASSED, date_of(400)));
  decide(verified("account/" + account, account, "paymentMethod"));
}

void AccountFixture::active(const std::string& account, Profile profile) {
  registered(account, profile);
  decide(opened(account, profile));
}

void AccountFixture::closing(const std::string& account) {
  active(account);
  decide(closure_requested(account));
}

}  // namespace carnet::test
