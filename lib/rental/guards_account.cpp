// SPDX-License-Identifier: Apache-2.0
//
// Guards of accounts (DOMAIN §3.1, I-A1 … I-A9, I-P1).
#include "base/calendar.hpp"
#include "rental/accounts_read.hpp"
#include "rental/guards.hpp"

#include <carnet/schema/account.capnp.h>
#include <carnet/schema/privacy.capnp.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace carnet::rental {

namespace {

using schema::CustomerProfile;

constexpr std::string_view kAccountManagement = "accountManagement";
constexpr std::string_view kServiceProvision = "serviceProvision";

/// The day on which the event occurred, UTC.
std::int64_t day_of(const Decision& d) noexcept {
  const std::int64_t seconds = d.event().occurred_at.ns / kNsPerSecond;
  const std::int64_t days = seconds / base::kSecondsPerDay;
  return seconds % base::kSecondsPerDay < 0 ? days - 1 : days;
}

bool drives_itself(std::uint16_t profile) noexcept {
  const auto which = static_cast<CustomerProfile>(profile);
  return which == CustomerProfile::RENTAL || which == CustomerProfile::BOTH;
}

// ---- Lawful basis ----

std::optional<Broken> consent_given(Decision& d) {
  const std::string_view account = d.facts().account_id;
  const std::string_view source = d.facts().source_code;
  bool stands = false;
  if (source == "driver") {
    stands = basis_in_force(d, account, "driverCollectedExtra");
  } else {
    const bool partner = source == "thirdPartyPlatform" && basis_in_force(d, account, "partnerSharing");
    stands = partner || basis_in_force(d, account, kAccountManagement) || basis_in_force(d, account, kServiceProvision);
  }
  if (stands && !d.facts().lawful_basis_ref.empty()) {
    return std::nullopt;
  }
  return Broken{.message = "a lawful basis for the purpose comes before personal data, and lawfulBasisRef names it"};
}

std::optional<Broken> consent_to_open(Decision& d) {
  const std::string_view account = d.facts().account_id;
  const auto opened = d.payload<schema::AccountOpened>();
  const SubjectRow service = basis_row(d, account, kServiceProvision);
  const bool management = basis_in_force(d, account, kAccountManagement);
  if (service.state != state::kInForce || !management) {
    return Broken{.message = "an account needs lawful bases for serviceProvision and for accountManagement",
                  .values = {{"missing", std::string(management ? kServiceProvision : kAccountManagement)}}};
  }
  const AppliedEvent* recorded = d.context().event_at(service.marks[0]);
  const std::string_view accepted =
      recorded == nullptr ? std::string_view{}
                          : as_text(payload_as<schema::LawfulBasisRecorded>(recorded->payload).getTermsVersion());
  if (accepted == as_text(opened.getTermsVersion())) {
    return std::nullopt;
  }
  return Broken{.message = "the basis for serviceProvision is for another version of the terms",
                .values = {{"accepted", std::string(accepted.substr(0, 64))}},
                .path = "data.termsVersion"};
}

std::optional<Broken> basis_stands(Decision& d) {
  const std::string_view account = d.facts().account_id;
  if (basis_in_force(d, account, kAccountManagement) || basis_in_force(d, account, kServiceProvision)) {
    return std::nullopt;
  }
  return Broken{.message = "no lawful basis for the account stands: none was recorded, or it was withdrawn"};
}

// ---- Fields ----

struct GivenField {
  std::string_view name;
  bool there;
};

std::optional<Broken> missing_field(std::string_view name, std::string_view message) {
  return Broken{.message = std::string(message), .values = {{"field", std::string(name.substr(0, 32))}}};
}

std::optional<Broken> profile_fields(Decision& d) {
  const auto data = d.payload<schema::CustomerDataCollected>();
  const std::array<GivenField, 14> given{{{"externalRef", data.hasExternalRef()},
                                          {"fullName", data.hasFullName()},
                                          {"phone", data.hasPhone()},
                                          {"email", data.hasEmail()},
                                          {"address", data.hasAddress()},
                                          {"birthday", data.hasBirthday()},
                                          {"needs", data.hasNeeds()},
                                          {"licenceNo", data.hasLicenceNo()},
                                          {"licenceClass", data.hasLicenceClass()},
                                          {"licenceExpiry", data.hasLicenceExpiry()},
                                          {"idNo", data.hasIdNo()},
                                          {"paymentToken", data.hasPaymentToken()},
                                          {"usualPickup", data.hasUsualPickup()},
                                          {"usualDropoff", data.hasUsualDropoff()}}};
  const auto& mask = d.facts().field_mask;
  const auto masked = [&](std::string_view name) { return std::ranges::find(mask, name) != mask.end(); };
  for (const std::string_view name : mask) {
    const auto field = std::ranges::find(given, name, &GivenField::name);
    if (name != "locale" && (field == given.end() || !field->there)) {
      return missing_field(name, "fieldMask says that the field was given: its value stands in the payload");
    }
  }
  for (const GivenField& field : given) {
    if (field.there && !masked(field.name)) {
      return missing_field(field.name, "a field that was given stands in fieldMask");
    }
  }
  const Subject* account = d.subject(Machine::kAccount);
  if (account != nullptr && account->exists()) {
    return std::nullopt;  // What is collected later adds to it.
  }
  if (!masked("fullName")) {
    return missing_field("fullName", "the profile needs the customer's name");
  }
  if (!masked("phone") && !masked("email")) {
    return missing_field("phone", "the profile needs a phone number or an e-mail address");
  }
  for (const std::string_view name : {"licenceNo", "licenceExpiry", "paymentToken"}) {
    if (drives_itself(d.facts().profile) && !masked(name)) {
      return missing_field(name, "who rents a vehicle states licence and means of payment");
    }
  }
  return std::nullopt;
}

// ---- Verifications ----

/// Verified, and valid on the day of the event.
bool verified(Decision& d, std::string_view what) {
  const SubjectRow row = verification_row(d, d.facts().account_id, what);
  return row.state == state::kPassed && row.value >= day_of(d);
}

std::optional<Broken> verified_for_rental(Decision& d, std::string_view what) {
  if (!drives_itself(d.facts().profile) || verified(d, what)) {
    return std::nullopt;
  }
  return Broken{.message = fmt::format("the profile needs a verified {}, valid on the day of opening", what)};
}

std::optional<Broken> licence_verified(Decision& d) {
  return verified_for_rental(d, "licence");
}

std::optional<Broken> payment_method_verified(Decision& d) {
  return verified_for_rental(d, "paymentMethod");
}

std::optional<Broken> update_verified(Decision& d) {
  const auto cause = as_text(d.payload<schema::AccountInformationUpdated>().getCause());
  const SubjectRow row = verification_row(d, d.facts().account_id, "accountUpdate");
  const bool since_request = row.marks[0] > account_row(d).marks[kUpdateRequestedMark];
  if (cause == "import" || (row.state == state::kPassed && since_request)) {
    return std::nullopt;
  }
  return Broken{.message =
                    "an update comes after VerificationRecorded of accountUpdate, passed since it was requested"};
}

std::optional<Broken> identity_verified(Decision& d) {
  const SubjectRow row = verification_row(d, d.facts().account_id, "reopeningIdentity");
  if (row.state == state::kPassed && row.marks[0] > account_row(d).moved) {
    return std::nullopt;
  }
  return Broken{.message = "reopening needs the identity verified since it was requested"};
}

std::optional<Broken> details_current(Decision& d) {
  const std::int64_t reverified = d.payload<schema::AccountReactivated>().getDetailsReverifiedAt();
  if (reverified >= account_row(d).since_ns && reverified <= d.event().occurred_at.ns) {
    return std::nullopt;
  }
  return Broken{.message = "the details are reverified between the request to reopen and the reactivation",
                .values = {{"detailsReverifiedAt", to_text(Timestamp{reverified})}}};
}

// ---- Reasons ----

bool is_stated(std::string_view code) noexcept {
  return !code.empty() && code != "notStated";
}

std::optional<Broken> reason_stated(Decision& d) {
  const std::string_view code = d.facts().reason.empty() ? d.facts().reason_code : d.facts().reason;
  return is_stated(code) ? std::nullopt : std::optional(Broken{.message = "state the reason"});
}

std::optional<Broken> explained(Decision& d) {
  const auto closure = d.payload<schema::AccountClosureInitiatedByCompany>();
  if (is_stated(as_text(closure.getExplanationCode())) && closure.hasExplanation()) {
    return std::nullopt;
  }
  return Broken{.message = "a closure by the company is explained to the customer"};
}

// ---- New orders ----

/// The account behind an order: `accountId`, or `party` where that is one. An external party has no account.
std::string_view party_account(const Decision& d) noexcept {
  constexpr std::string_view kFamily = "account/";
  if (!d.facts().account_id.empty()) {
    return d.facts().account_id;
  }
  const std::string_view party = d.facts().party;
  return party.starts_with(kFamily) ? party.substr(kFamily.size()) : std::string_view{};
}

std::optional<Broken> account_active(Decision& d) {
  const std::string_view account = party_account(d);
  if (account.empty()) {
    return std::nullopt;
  }
  const State found = d.row_of(Machine::kAccount, "account", account).state;
  if (found == state::kActive) {
    return std::nullopt;
  }
  return Broken{.message = "only an active account places an order",
                .values = {{"state", std::string(state_name(Machine::kAccount, found))}}};
}

}  // namespace

namespace guard {

const GuardRow kConsentGiven{"I-P1", "ConsentMissing", "data.lawfulBasisRef", &consent_given, true};
const GuardRow kProfileFields{"I-A1", "FieldMissing", "data.fieldMask", &profile_fields};
const GuardRow kConsentToOpen{"I-A2", "ConsentMissing", "", &consent_to_open, true};
const GuardRow kLicenceVerified{"I-A3", "LicenceNotVerified", "", &licence_verified};
const GuardRow kPaymentMethodVerified{"I-A3", "PaymentMethodNotVerified", "", &payment_method_verified};
const GuardRow kBasisInForce{"I-P1", "BasisMissing", "", &basis_stands, true};
const GuardRow kUpdateVerified{"I-A7", "UpdateNotVerified", "", &update_verified};
const GuardRow kReasonStated{"I-A8", "ReasonMissing", "data", &reason_stated};
const GuardRow kExplained{"I-A8", "ExplanationMissing", "data.explanationCode", &explained};
const GuardRow kIdentityVerified{"I-A5", "IdentityNotVerified", "", &identity_verified};
const GuardRow kDetailsCurrent{"§3.1", "DetailsNotCurrent", "data.detailsReverifiedAt", &details_current};
const GuardRow kAccountActive{"I-A9", "AccountNotActive", "", &account_active};

}  // namespace guard

}  // namespace carnet::rental
