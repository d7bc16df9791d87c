// SPDX-License-Identifier: Apache-2.0
//
// Accounts and what was verified of them: DOMAIN §2.1 (VerificationRecorded), §2.3, §3.1, PR-31, PR-96.
#include "rental/accounts_read.hpp"
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/account.capnp.h>
#include <carnet/schema/ledger.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

using Outcome = schema::VerificationRecorded::Outcome;

constexpr Kinds kAny = 0;
constexpr Kinds kIfPassed = kinds(Outcome::PASSED);
constexpr Kinds kIfFailed = kinds(Outcome::FAILED);
constexpr Kinds kSurvivorCopy = Kinds{1} << kOfSurvivor;
constexpr Kinds kAbsorbedCopy = Kinds{1} << kOfAbsorbed;

const std::array kEvents{
    event_row<schema::CustomerDataCollected>(),       event_row<schema::AccountOpened>(),
    event_row<schema::OnboardingFollowUpCompleted>(), event_row<schema::AccountUpdateRequested>(),
    event_row<schema::AccountUpdateRejected>(),       event_row<schema::AccountInformationUpdated>(),
    event_row<schema::AccountInformationReviewed>(),  event_row<schema::AccountRestricted>(),
    event_row<schema::AccountRestrictionLifted>(),    event_row<schema::AccountClosureRequested>(),
    event_row<schema::AccountClosureCancelled>(),     event_row<schema::AccountClosureInitiatedByCompany>(),
    event_row<schema::AccountClosureReviewed>(),      event_row<schema::AccountClosed>(),
    event_row<schema::AccountReopeningRequested>(),   event_row<schema::AccountReopeningRejected>(),
    event_row<schema::AccountReactivated>(),          event_row<schema::AccountsMerged>(),
    event_row<schema::UnclaimedBalanceTransferred>(), event_row<schema::VerificationRecorded>(),
};

constexpr std::string_view kNotes[] = {"OnboardingFollowUpCompleted"};

// clang-format off
constexpr auto kFields = std::to_array<FieldRow>({
    // event, stream family, one of, listed in Assumed on history, refused on every basis
    {"VerificationRecorded", "", "accountId,party", false, false},
    {"VerificationRecorded", "account", "accountId", false, true},
    {"VerificationRecorded", "privacy", "accountId", false, true},
});

constexpr auto kMachines = std::to_array<MachineRow>({
    // machine, name, page, states, projection, family, key, sums, links
    {kAccount, "account", "§3.1",
     "registering verificationFailed active restricted closing closed reopening erased merged closing", "accounts",
     "account", "", "", "account:surviving"},
    {kVerification, "verification", "§2.1", "passed failed", "accounts", "account", "what"},
});

constexpr auto kLifecycles = std::to_array<LifecycleRow>({
    // machine, state, event, kinds → next, next; error on `decision`; finding
    {kAccount, kNone, "CustomerDataCollected", kAny, kRegistering, kRegistering},

    {kAccount, kRegistering, "VerificationRecorded", kIfPassed, kStay, kStay},
    {kAccount, kRegistering, "VerificationRecorded", kIfFailed, kVerificationFailed, kVerificationFailed},
    {kAccount, kRegistering, "CustomerDataCollected", kAny, kStay, kStay},
    {kAccount, kRegistering, "AccountOpened", kAny, kActive, kActive},

    {kAccount, kVerificationFailed, "CustomerDataCollected", kAny, kRegistering, kRegistering},
    {kAccount, kVerificationFailed, "VerificationRecorded", kIfPassed, kRegistering, kRegistering},

    {kAccount, kActive, "AccountUpdateRequested", kAny, kStay, kStay},
    {kAccount, kActive, "AccountUpdateRejected", kAny, kStay, kStay},
    {kAccount, kActive, "AccountInformationUpdated", kAny, kStay, kStay},
    {kAccount, kActive, "AccountInformationReviewed", kAny, kStay, kStay},
    {kAccount, kActive, "VerificationRecorded", kAny, kStay, kStay},
    {kAccount, kActive, "CustomerDataCollected", kAny, kStay, kStay},
    {kAccount, kActive, "AccountRestricted", kAny, kRestricted, kRestricted},
    {kAccount, kActive, "AccountClosureRequested", kAny, kClosing, kClosing},
    {kAccount, kActive, "AccountClosureInitiatedByCompany", kAny, kClosing, kClosing},
    {kAccount, kActive, "AccountsMerged", kSurvivorCopy, kStay, kStay},
    {kAccount, kActive, "AccountsMerged", kAbsorbedCopy, kMerged, kMerged},
    {kAccount, kActive, "UnclaimedBalanceTransferred", kAny, kStay, kStay},

    {kAccount, kRestricted, "AccountInformationUpdated", kAny, kStay, kStay},
    {kAccount, kRestricted, "AccountInformationReviewed", kAny, kStay, kStay},
    {kAccount, kRestricted, "VerificationRecorded", kAny, kStay, kStay},
    {kAccount, kRestricted, "UnclaimedBalanceTransferred", kAny, kStay, kStay},
    {kAccount, kRestricted, "AccountRestrictionLifted", kAny, kActive, kActive},
    {kAccount, kRestricted, "AccountClosureRequested", kAny, kClosingRestricted, kClosingRestricted},
    {kAccount, kRestricted, "AccountClosureInitiatedByCompany", kAny, kClosingRestricted, kClosingRestricted},

    {kAccount, kClosing, "AccountClosureReviewed", kAny, kStay, kStay},
    {kAccount, kClosing, "UnclaimedBalanceTransferred", kAny, kStay, kStay},
    {kAccount, kClosing, "AccountClosureCancelled", kAny, kActive, kActive},
    {kAccount, kClosing, "AccountClosed", kAny, kAccountClosed, kAccountClosed},
    {kAccount, kClosingRestricted, "AccountClosureReviewed", kAny, kStay, kStay},
    {kAccount, kClosingRestricted, "UnclaimedBalanceTransferred", kAny, kStay, kStay},
    {kAccount, kClosingRestricted, "AccountClosureCancelled", kAny, kRestricted, kRestricted},
    {kAccount, kClosingRestricted, "AccountClosed", kAny, kAccountClosed, kAccountClosed},

    {kAccount, kAccountClosed, "AccountReopeningRequested", kAny, kReopening, kReopening},

    {kAccount, kReopening, "VerificationRecorded", kAny, kStay, kStay},
    {kAccount, kReopening, "AccountInformationReviewed", kAny, kStay, kStay},
    {kAccount, kReopening, "AccountReactivated", kAny, kActive, kActive},
    {kAccount, kReopening, "AccountReopeningRejected", kAny, kAccountClosed, kAccountClosed},

    {kAccount, kErased, "AccountReopeningRequested", kAny, kReopening, kReopening},

    {kAccount, kMerged, "CustomerDataCollected", kAny, kStay, kStay, "AccountMerged"},
    {kAccount, kMerged, "AccountOpened", kAny, kStay, kStay, "AccountMerged"},
    {kAccount, kMerged, "AccountUpdateRequested", kAny, kStay, kStay, "AccountMerged"},
    {kAccount, kMerged, "AccountUpdateRejected", kAny, kStay, kStay, "AccountMerged"},
    {kAccount, kMerged, "AccountInformationUpdated", kAny, kStay, kStay, "AccountMerged"},
    {kAccount, kMerged, "AccountInformationReviewed", kAny, kStay, kStay, "AccountMerged"},
    {kAccount, kMerged, "VerificationRecorded", kAny, kStay, kStay, "AccountMerged"},
    {kAccount, kMerged, "AccountRestricted", kAny, kStay, kStay, "AccountMerged"},
    {kAccount, kMerged, "AccountClosureRequested", kAny, kStay, kStay, "AccountMerged"},
    {kAccount, kMerged, "AccountClosureInitiatedByCompany", kAny, kStay, kStay, "AccountMerged"},
    {kAccount, kMerged, "AccountReopeningRequested", kAny, kStay, kStay, "AccountMerged"},
    {kAccount, kMerged, "AccountsMerged", kAny, kStay, kStay, "AccountMerged"},
    {kAccount, kMerged, "UnclaimedBalanceTransferred", kAny, kStay, kStay, "AccountMerged"},

    {kVerification, kNone, "VerificationRecorded", kIfPassed, kPassed, kPassed},
    {kVerification, kNone, "VerificationRecorded", kIfFailed, kNotPassed, kNotPassed},
    {kVerification, kPassed, "VerificationRecorded", kIfPassed, kPassed, kPassed},
    {kVerification, kPassed, "VerificationRecorded", kIfFailed, kNotPassed, kNotPassed},
    {kVerification, kNotPassed, "VerificationRecorded", kIfPassed, kPassed, kPassed},
    {kVerification, kNotPassed, "VerificationRecorded", kIfFailed, kNotPassed, kNotPassed},
});

constexpr std::string_view kOpening = "CustomerDataCollected,AccountOpened";

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kAccount, "CustomerDataCollected", kAny, kNone, ""},
    {kAccount, "VerificationRecorded", kAny, kRegistering, "CustomerDataCollected"},
    {kAccount, "AccountOpened", kAny, kRegistering, "CustomerDataCollected"},
    {kAccount, "AccountUpdateRequested", kAny, kActive, kOpening},
    {kAccount, "AccountUpdateRejected", kAny, kActive, kOpening},
    {kAccount, "AccountInformationUpdated", kAny, kActive, kOpening},
    {kAccount, "AccountInformationReviewed", kAny, kActive, kOpening},
    {kAccount, "AccountRestricted", kAny, kActive, kOpening},
    {kAccount, "AccountRestrictionLifted", kAny, kRestricted, "CustomerDataCollected,AccountOpened,AccountRestricted"},
    {kAccount, "AccountClosureRequested", kAny, kActive, kOpening},
    {kAccount, "AccountClosureInitiatedByCompany", kAny, kActive, kOpening},
    {kAccount, "AccountClosureReviewed", kAny, kClosing, "CustomerDataCollected,AccountOpened,AccountClosureRequested"},
    {kAccount, "AccountClosureCancelled", kAny, kClosing, "CustomerDataCollected,AccountOpened,AccountClosureRequested"},
    {kAccount, "AccountClosed", kAny, kClosing, "CustomerDataCollected,AccountOpened,AccountClosureRequested"},
    {kAccount, "AccountReopeningRequested", kAny, kAccountClosed, "CustomerDataCollected,AccountOpened,AccountClosed"},
    {kAccount, "AccountReopeningRejected", kAny, kReopening, "CustomerDataCollected,AccountOpened,AccountClosed,AccountReopeningRequested"},
    {kAccount, "AccountReactivated", kAny, kReopening, "CustomerDataCollected,AccountOpened,AccountClosed,AccountReopeningRequested"},
    {kAccount, "AccountsMerged", kAny, kActive, kOpening},
    {kAccount, "UnclaimedBalanceTransferred", kAny, kActive, kOpening},
    {kVerification, "VerificationRecorded", kAny, kNone, ""},
});

constexpr auto kSubjects = std::to_array<SubjectRule>({
    {kAccount, "VerificationRecorded", "stream"},
});

constexpr auto kMarkRows = std::to_array<MarkRow>({
    {kAccount, "AccountOpened", kOpenedMark},
    {kAccount, "AccountUpdateRequested", kUpdateRequestedMark},
    {kAccount, "AccountClosureReviewed", kClosureReviewedMark},
    {kAccount, "AccountClosed", kClosedMark},
    {kVerification, "VerificationRecorded", 0},
});

constexpr auto kKeeps = std::to_array<KeepRow>({
    {kAccount, "CustomerDataCollected", Keep::kProfile},
    {kAccount, "AccountOpened", Keep::kProfile},
    {kVerification, "VerificationRecorded", Keep::kValidUntil},
});

constexpr auto kPostings = std::to_array<PostingRow>({
    // rule, event, each, when, phase, debit, credit, amount, kinds
    // Each balance keeps its chart and what it is of; the absorbed account's ends, the survivor's grows.
    {"PR-31", "AccountsMerged", Each::kMerged, {When::kAlways, When::kAlways}, Phase::kPosted, {"A3"}, {"A3"}, Amount::kAmount, kSurvivorCopy},
    {"PR-96", "UnclaimedBalanceTransferred", Each::kUnclaimed, {When::kAlways, When::kAlways}, Phase::kPosted, {"L3"}, {"L10"}, Amount::kAmount},
});

constexpr auto kTerms = std::to_array<TermRow>({
    // What was paid for a violation, and goes to the authority of unclaimed money.
    {"PR-96", kAny, Term::kPaid},
});

constexpr Guard kMergedGuards[] = {&guard::kMergeWhole, &guard::kMergeable};
constexpr Guard kUnclaimedGuards[] = {&guard::kAmountPositive, &guard::kContacted, &guard::kJurisdiction};
constexpr Guard kCollectedGuards[] = {&guard::kConsentGiven, &guard::kProfileFields};
constexpr Guard kOpenedGuards[] = {&guard::kConsentToOpen, &guard::kAcceptedNotice, &guard::kLicenceVerified,
                                   &guard::kPaymentMethodVerified};
constexpr Guard kUpdateGuards[] = {&guard::kBasisInForce};
constexpr Guard kUpdatedGuards[] = {&guard::kBasisInForce, &guard::kUpdateVerified};
constexpr Guard kByCompanyGuards[] = {&guard::kReasonStated, &guard::kExplained};
constexpr Guard kClosedGuards[] = {&guard::kClosureReviewed, &guard::kClosable};
constexpr Guard kReopeningGuards[] = {&guard::kReasonStated};
constexpr Guard kReactivatedGuards[] = {&guard::kIdentityVerified, &guard::kDetailsCurrent};

const std::array kGuards{
    GuardUse{"CustomerDataCollected", kAny, kCollectedGuards},
    GuardUse{"AccountOpened", kAny, kOpenedGuards},
    GuardUse{"AccountUpdateRequested", kAny, kUpdateGuards},
    GuardUse{"AccountInformationUpdated", kAny, kUpdatedGuards},
    GuardUse{"AccountClosureInitiatedByCompany", kAny, kByCompanyGuards},
    GuardUse{"AccountsMerged", kAny, kMergedGuards},
    GuardUse{"UnclaimedBalanceTransferred", kAny, kUnclaimedGuards},
    GuardUse{"AccountClosed", kAny, kClosedGuards},
    GuardUse{"AccountReopeningRequested", kAny, kReopeningGuards},
    GuardUse{"AccountReopeningRejected", kAny, kReopeningGuards},
    GuardUse{"AccountReactivated", kAny, kReactivatedGuards},
};
// clang-format on

}  // namespace

FamilyTables account_family() {
  return {.events = kEvents,
          .fields = kFields,
          .notes = kNotes,
          .machines = kMachines,
          .lifecycles = kLifecycles,
          .assumed = kAssumed,
          .subjects = kSubjects,
          .marks = kMarkRows,
          .keeps = kKeeps,
          .guards = kGuards,
          .postings = kPostings,
          .terms = kTerms};
}

}  // namespace carnet::rental
