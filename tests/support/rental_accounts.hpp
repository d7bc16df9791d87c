// SPDX-License-Identifier: Apache-2.0
//
// Accounts of a test case: their events in short words, and a fixture that opens them.
#pragma once

#include "support/rental_fixture.hpp"

#include <carnet/schema/account.capnp.h>
#include <carnet/schema/privacy.capnp.h>

#include <optional>
#include <string>
#include <vector>

namespace carnet::test {

using Profile = schema::CustomerProfile;
using BasisOf = schema::LawfulBasisRecorded::Basis;
using Verified = schema::VerificationRecorded::Outcome;

/// Days since 1970 of a day after 2024-01-01.
[[nodiscard]] LocalDate date_of(int number);

[[nodiscard]] EventDraft policy(std::string version, Timestamp at = day(1));
[[nodiscard]] EventDraft presented(std::string account, std::string version, Timestamp at = day(1));
[[nodiscard]] EventDraft basis(std::string account, std::string purpose, BasisOf kind = BasisOf::CONTRACT,
                               std::string notice = "p1", std::string terms = "t1", Timestamp at = day(1));
[[nodiscard]] EventDraft withdrawn(std::string account, std::string purpose, Timestamp at = day(2));
/// fullName, phone; of a profile that drives itself also licenceNo, licenceExpiry, paymentToken.
[[nodiscard]] EventDraft collected(std::string account, Profile profile = Profile::RENTAL,
                                   std::string source = "registration", Timestamp at = day(2));
[[nodiscard]] EventDraft verified(std::string stream, std::string account, std::string what,
                                  Verified outcome = Verified::PASSED, std::optional<LocalDate> until = {},
                                  Timestamp at = day(3));
[[nodiscard]] EventDraft opened(std::string account, Profile profile = Profile::RENTAL, std::string terms = "t1",
                                std::string notice = "p1", Timestamp at = day(4));
[[nodiscard]] EventDraft update_requested(std::string account, Timestamp at = day(5));
[[nodiscard]] EventDraft updated(std::string account, std::string cause = "customerRequest", Timestamp at = day(6));
[[nodiscard]] EventDraft restricted(std::string account, Timestamp at = day(6));
[[nodiscard]] EventDraft restriction_lifted(std::string account, Timestamp at = day(7));
[[nodiscard]] EventDraft closure_requested(std::string account, Timestamp at = day(7));
[[nodiscard]] EventDraft closure_cancelled(std::string account, Timestamp at = day(7));
[[nodiscard]] EventDraft closure_by_company(std::string account, std::string code = "inactive",
                                            std::string reason = "inactivity", Timestamp at = day(7));
[[nodiscard]] EventDraft closure_reviewed(std::string account, bool clear = true, Timestamp at = day(8));
[[nodiscard]] EventDraft closed(std::string account, Timestamp at = day(9));
[[nodiscard]] EventDraft reopening_requested(std::string account, std::string reason = "back", Timestamp at = day(9));
[[nodiscard]] EventDraft reopening_rejected(std::string account, Timestamp at = day(9));
[[nodiscard]] EventDraft reactivated(std::string account, Timestamp reverified, Timestamp at = day(9, 30));
[[nodiscard]] EventDraft reviewed(std::string account, Timestamp at = day(9));
/// The copy of the account `of`, which is one of both.
[[nodiscard]] EventDraft merged(std::string of, std::string surviving, std::string absorbed, Timestamp at = day(9));

struct AccountFixture : RentalFixture {
  explicit AccountFixture(const Domain& domain = rental_domain());

  /// Keys of all classes that accounts are sealed with.
  void keys(const std::string& account);
  /// Bases for the service and the account; a policy `p1` is published.
  void bases(const std::string& account);
  /// Registered and verified, not open yet.
  void registered(const std::string& account, Profile profile = Profile::RENTAL);
  void active(const std::string& account, Profile profile = Profile::RENTAL);
  void closing(const std::string& account);
};

}  // namespace carnet::test
