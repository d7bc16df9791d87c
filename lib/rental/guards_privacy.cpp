// SPDX-License-Identifier: Apache-2.0
//
// Guards of lawful bases, consents and privacy notices (DOMAIN §0.1, §2.13, I-P1).
#include "rental/accounts_read.hpp"
#include "rental/guards.hpp"

#include <carnet/schema/account.capnp.h>
#include <carnet/schema/privacy.capnp.h>

namespace carnet::rental {

namespace {

using BasisKind = schema::LawfulBasisRecorded::Basis;

/// A privacy policy of this version was published, or a notice of it presented to the account.
std::optional<Broken> known_to(Decision& d, std::string_view version) {
  const std::uint32_t account = account_member(d, d.facts().account_id);
  const bool presented = account != 0 && d.row_by_key(Machine::kNotice, account, version).first != 0;
  if (presented || document_known(d, "privacyPolicy", version)) {
    return std::nullopt;
  }
  return Broken{.message = "no privacy policy of this version was published, nor presented to the account",
                .values = {{"version", std::string(version.substr(0, 64))}}};
}

std::optional<Broken> notice_known(Decision& d) {
  return known_to(d, d.facts().notice_version);
}

std::optional<Broken> accepted_notice(Decision& d) {
  return known_to(d, as_text(d.payload<schema::AccountOpened>().getPrivacyVersion()));
}

std::optional<Broken> consent_own(Decision& d) {
  const bool consent = static_cast<BasisKind>(d.facts().kind) == BasisKind::CONSENT;
  if (!consent || d.basis() != Basis::kReport) {
    return std::nullopt;
  }
  return Broken{.message = "consent is evidence of ours: record it as a decision, with its time"};
}

std::optional<Broken> disclosure_own(Decision& d) {
  if (d.basis() == Basis::kDecision) {
    return std::nullopt;
  }
  return Broken{.message = "a disclosure is evidence of ours: record it as a decision, with its time"};
}

std::optional<Broken> consent_stands(Decision& d) {
  const Subject* basis = d.subject(Machine::kLawfulBasis);
  const bool consent = basis != nullptr && static_cast<BasisKind>(basis->row.value) == BasisKind::CONSENT;
  const bool assumed = d.basis() == Basis::kHistory && (basis == nullptr || basis->row.value == 0);
  if (consent || assumed) {
    return std::nullopt;
  }
  return Broken{.message = "only a consent can be withdrawn: the purpose rests on something else, or on nothing"};
}

}  // namespace

namespace guard {

const GuardRow kNoticeKnown{"I-P1", "NoticeVersionUnknown", "data.noticeVersion", &notice_known};
const GuardRow kAcceptedNotice{"I-P1", "NoticeVersionUnknown", "data.privacyVersion", &accepted_notice};
const GuardRow kConsentOwn{"I-E11", "EvidenceMissing", "basis", &consent_own, true};
const GuardRow kDisclosureOwn{"I-E11", "EvidenceMissing", "basis", &disclosure_own, true};
const GuardRow kConsentStands{"§3.9", "NoConsentToWithdraw", "data.purpose", &consent_stands};

}  // namespace guard

}  // namespace carnet::rental
