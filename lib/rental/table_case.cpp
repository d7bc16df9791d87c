// SPDX-License-Identifier: Apache-2.0
//
// Cases: DOMAIN §2.12, §3.8.
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/case.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

constexpr Kinds kAny = 0;

const std::array kEvents{
    event_row<schema::FeedbackReceived>(),
    event_row<schema::CaseReferred>(),
};

// clang-format off
constexpr auto kFields = std::to_array<FieldRow>({
    {"FeedbackReceived", "", "accountId,party", false, false},
    {"CaseReferred", "", "accountId,party", false, false},
});

constexpr auto kMachines = std::to_array<MachineRow>({
    {kCase, "case", "§3.8", "received closeCandidate", "cases", "case", "", "", "violation order"},
});

constexpr auto kLifecycles = std::to_array<LifecycleRow>({
    {kCase, kNone, "FeedbackReceived", kAny, kCaseReceived, kCaseReceived},
    {kCase, kCaseReceived, "CaseReferred", kAny, kCloseCandidate, kCloseCandidate},
    {kCase, kCloseCandidate, "CaseReferred", kAny, kCloseCandidate, kCloseCandidate},
});

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kCase, "FeedbackReceived", kAny, kNone, ""},
    {kCase, "CaseReferred", kAny, kCaseReceived, "FeedbackReceived"},
});

constexpr std::string_view kReferenced[] = {"FeedbackReceived"};
constexpr auto kUniques = std::to_array<UniqueRow>({
    {Unique::kReferenceNo, "cases", "", "referenceNo", kReferenced},
});

constexpr Guard kOfFeedback[] = {&guard::kReferenceUnique, &guard::kFirstResponsible, &guard::kIntakeFields};

const std::array kGuards{
    GuardUse{"FeedbackReceived", kAny, kOfFeedback},
};
// clang-format on

}  // namespace

FamilyTables case_family() {
  return {.events = kEvents,
          .fields = kFields,
          .machines = kMachines,
          .lifecycles = kLifecycles,
          .assumed = kAssumed,
          .uniques = kUniques,
          .guards = kGuards};
}

}  // namespace carnet::rental
