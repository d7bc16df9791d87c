// SPDX-License-Identifier: Apache-2.0
//
// Lawful bases and consents: DOMAIN §2.13, §3.9.
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/privacy.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

constexpr Kinds kAny = 0;

const std::array kEvents{
    event_row<schema::PrivacyNoticePresented>(),
    event_row<schema::LawfulBasisRecorded>(),
    event_row<schema::ConsentWithdrawn>(),
};

// clang-format off
constexpr auto kMachines = std::to_array<MachineRow>({
    // machine, name, page, states, projection, family, key
    {kLawfulBasis, "lawfulBasis", "§3.9", "inForce withdrawn", "accounts", "account", "purpose"},
    {kNotice, "privacyNotice", "§2.13", "presented", "accounts", "account", "noticeVersion"},
});

constexpr auto kLifecycles = std::to_array<LifecycleRow>({
    // machine, state, event, kinds → next, next; error on `decision`; finding
    // §3.9 Basis(purpose)
    {kLawfulBasis, kNone, "LawfulBasisRecorded", kAny, kInForce, kInForce},
    {kLawfulBasis, kNone, "ConsentWithdrawn", kAny, kStay, kStay, "NoConsentToWithdraw"},
    {kLawfulBasis, kInForce, "LawfulBasisRecorded", kAny, kInForce, kInForce},
    {kLawfulBasis, kInForce, "ConsentWithdrawn", kAny, kWithdrawn, kWithdrawn},
    {kLawfulBasis, kWithdrawn, "LawfulBasisRecorded", kAny, kInForce, kInForce},
    {kLawfulBasis, kWithdrawn, "ConsentWithdrawn", kAny, kStay, kStay, "NoConsentToWithdraw"},

    {kNotice, kNone, "PrivacyNoticePresented", kAny, kPresented, kPresented},
    {kNotice, kPresented, "PrivacyNoticePresented", kAny, kStay, kStay},
});

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kLawfulBasis, "LawfulBasisRecorded", kAny, kNone, ""},
    {kLawfulBasis, "ConsentWithdrawn", kAny, kInForce, "LawfulBasisRecorded"},
    {kNotice, "PrivacyNoticePresented", kAny, kNone, ""},
});

constexpr auto kMarkRows = std::to_array<MarkRow>({
    {kLawfulBasis, "LawfulBasisRecorded", 0},
    {kNotice, "PrivacyNoticePresented", 0},
});

constexpr auto kKeeps = std::to_array<KeepRow>({
    {kLawfulBasis, "LawfulBasisRecorded", Keep::kKind},
});

constexpr Guard kPresentedGuards[] = {&guard::kDisclosureOwn};
constexpr Guard kRecordedGuards[] = {&guard::kConsentOwn, &guard::kNoticeKnown};
constexpr Guard kWithdrawnGuards[] = {&guard::kConsentStands};

const std::array kGuards{
    GuardUse{"PrivacyNoticePresented", kAny, kPresentedGuards},
    GuardUse{"LawfulBasisRecorded", kAny, kRecordedGuards},
    GuardUse{"ConsentWithdrawn", kAny, kWithdrawnGuards},
};
// clang-format on

}  // namespace

FamilyTables privacy_family() {
  return {.events = kEvents,
          .machines = kMachines,
          .lifecycles = kLifecycles,
          .assumed = kAssumed,
          .marks = kMarkRows,
          .keeps = kKeeps,
          .guards = kGuards};
}

}  // namespace carnet::rental
