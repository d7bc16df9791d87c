// SPDX-License-Identifier: Apache-2.0
//
// DOMAIN §3, the rows that the events of this release can reach. On `history` a lifecycle may be entered at any state:
// the second table says which one an event stands for.
#include "rental/rules.hpp"

#include <carnet/schema/violation.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

using Kind = schema::TrafficViolationAmended::Kind;
using BorneBy = schema::FinePaidToAuthority::BorneBy;

constexpr Kinds kFineKinds = kinds(Kind::EXPENSE, Kind::PENALTY, Kind::EARLY_DISCOUNT, Kind::REDUCED);
constexpr Kinds kCancelKinds = kinds(Kind::DISMISSED, Kind::SETTLED_BY_CUSTOMER, Kind::WITHDRAWN);
constexpr Kinds kContested = kinds(Kind::CONTESTED);
constexpr Kinds kParty = kinds(BorneBy::PARTY);
constexpr Kinds kCompany = kinds(BorneBy::COMPANY);
constexpr Kinds kAny = 0;

// clang-format off
constexpr auto kLifecycles = std::to_array<LifecycleRow>({
    // machine, state, event, kinds → next while something is due, next when nothing is; error on `decision`; finding
    // §3.9 Ledger
    {kLedger, kNone, "LedgerOpened", kAny, kOpen, kOpen},
    {kLedger, kOpen, "LedgerOpened", kAny, kStay, kStay, "NotFirstEvent"},
    // §3.9 Rule set (version)
    {kRuleSet, kNone, "RuleSetPublished", kAny, kPublished, kPublished},
    {kRuleSet, kPublished, "RuleSetPublished", kAny, kPublished, kPublished},

    // §3.5 Violation
    {kViolation, kNone, "TrafficViolationRecorded", kAny, kRecorded, kRecorded},

    {kViolation, kRecorded, "TrafficViolationCharged", kAny, kCharged, kSettled},
    {kViolation, kRecorded, "TrafficViolationAmended", kCancelKinds, kCancelled, kCancelled},
    {kViolation, kRecorded, "TrafficViolationAmended", kFineKinds | kContested, kStay, kStay},
    {kViolation, kRecorded, "FinePaidToAuthority", kCompany, kBorne, kBorne},
    {kViolation, kRecorded, "FinePaidToAuthority", kParty, kStay, kStay, "ViolationNotCharged"},
    {kViolation, kRecorded, "FineRefundedByAuthority", kAny, kStay, kStay, "ViolationNotCharged"},
    {kViolation, kRecorded, "PaymentReceived", kAny, kStay, kStay, "ViolationNotCharged"},
    {kViolation, kRecorded, "ReceivableAssigned", kAny, kStay, kStay, "ViolationNotCharged"},

    {kViolation, kCharged, "TrafficViolationAmended", kFineKinds, kCharged, kSettled},
    {kViolation, kCharged, "TrafficViolationAmended", kCancelKinds, kCharged, kCancelled},
    {kViolation, kCharged, "TrafficViolationAmended", kContested, kStay, kStay},
    {kViolation, kCharged, "PaymentReceived", kAny, kCharged, kSettled},
    {kViolation, kCharged, "ReceivableAssigned", kAny, kCharged, kAssigned},
    {kViolation, kCharged, "FinePaidToAuthority", kAny, kStay, kStay},
    {kViolation, kCharged, "FineRefundedByAuthority", kAny, kStay, kStay},

    {kViolation, kSettled, "TrafficViolationAmended", kFineKinds, kCharged, kStay},
    {kViolation, kSettled, "TrafficViolationAmended", kCancelKinds | kContested, kStay, kStay},
    {kViolation, kSettled, "ReceivableAssigned", kAny, kStay, kStay, {}, "NothingToAssign"},
    {kViolation, kSettled, "PaymentReceived", kAny, kStay, kStay},
    {kViolation, kSettled, "FinePaidToAuthority", kAny, kStay, kStay},
    {kViolation, kSettled, "FineRefundedByAuthority", kAny, kStay, kStay},

    {kViolation, kAssigned, "TrafficViolationAmended", kFineKinds, kCharged, kStay},
    {kViolation, kAssigned, "TrafficViolationAmended", kCancelKinds | kContested, kStay, kStay},
    {kViolation, kAssigned, "PaymentReceived", kAny, kStay, kStay, {}, "PaidAfterAssignment"},
    {kViolation, kAssigned, "FinePaidToAuthority", kAny, kStay, kStay},
    {kViolation, kAssigned, "FineRefundedByAuthority", kAny, kStay, kStay},

    {kViolation, kWrittenOff, "TrafficViolationAmended", kFineKinds, kCharged, kStay},
    {kViolation, kWrittenOff, "TrafficViolationAmended", kCancelKinds | kContested, kStay, kStay},
    {kViolation, kWrittenOff, "PaymentReceived", kAny, kStay, kStay, {}, "PaidAfterAssignment"},
    {kViolation, kWrittenOff, "FinePaidToAuthority", kAny, kStay, kStay},
    {kViolation, kWrittenOff, "FineRefundedByAuthority", kAny, kStay, kStay},

    {kViolation, kCancelled, "TrafficViolationAmended", kFineKinds, kCharged, kStay},
    {kViolation, kCancelled, "TrafficViolationAmended", kCancelKinds | kContested, kStay, kStay},
    {kViolation, kCancelled, "PaymentReceived", kAny, kStay, kStay},
    {kViolation, kCancelled, "ReceivableAssigned", kAny, kStay, kStay, {}, "NothingToAssign"},
    {kViolation, kCancelled, "FinePaidToAuthority", kAny, kStay, kStay},
    {kViolation, kCancelled, "FineRefundedByAuthority", kAny, kStay, kStay},

    {kViolation, kBorne, "FineRefundedByAuthority", kAny, kStay, kStay},
    {kViolation, kBorne, "TrafficViolationCharged", kAny, kCharged, kSettled, "ViolationBorne"},
    {kViolation, kBorne, "TrafficViolationAmended", kAny, kStay, kStay, "ViolationBorne"},
    {kViolation, kBorne, "FinePaidToAuthority", kAny, kStay, kStay, "ViolationBorne"},
    {kViolation, kBorne, "PaymentReceived", kAny, kStay, kStay, "ViolationBorne"},
    {kViolation, kBorne, "ReceivableAssigned", kAny, kStay, kStay, "ViolationBorne"},

    // §3.2 Contract and query
    {kContract, kSigned, "VehicleHandedOver", kAny, kInUse, kInUse},
    {kContract, kInUse, "VehicleReturned", kAny, kReturned, kReturned},
    {kQuery, kNone, "VehicleReturned", kAny, kQuerying, kQuerying},
    {kQuery, kQuerying, "VehicleReturned", kAny, kStay, kStay},

    // §3.6 Payment
    {kPayment, kNone, "PaymentReceived", kAny, kPaymentReceived, kPaymentReceived},

    // §3.8 Case
    {kCase, kNone, "FeedbackReceived", kAny, kCaseReceived, kCaseReceived},
    {kCase, kCaseReceived, "CaseReferred", kAny, kCloseCandidate, kCloseCandidate},
    {kCase, kCloseCandidate, "CaseReferred", kAny, kCloseCandidate, kCloseCandidate},
});

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kLedger, "LedgerOpened", kAny, kNone, ""},
    {kRuleSet, "RuleSetPublished", kAny, kNone, ""},
    {kViolation, "TrafficViolationRecorded", kAny, kNone, ""},
    {kViolation, "TrafficViolationCharged", kAny, kRecorded, "TrafficViolationRecorded"},
    {kViolation, "FinePaidToAuthority", kCompany, kRecorded, "TrafficViolationRecorded"},
    {kViolation, "FinePaidToAuthority", kParty, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
    {kViolation, "FineRefundedByAuthority", kAny, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
    {kViolation, "TrafficViolationAmended", kAny, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
    {kViolation, "PaymentReceived", kAny, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
    {kViolation, "ReceivableAssigned", kAny, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
    {kContract, "VehicleHandedOver", kAny, kSigned, "RentalContractDrafted,RentalContractSigned"},
    {kContract, "VehicleReturned", kAny, kInUse, "RentalContractDrafted,RentalContractSigned,VehicleHandedOver"},
    {kQuery, "VehicleReturned", kAny, kNone, ""},
    {kPayment, "PaymentReceived", kAny, kNone, ""},
    {kCase, "FeedbackReceived", kAny, kNone, ""},
    {kCase, "CaseReferred", kAny, kCaseReceived, "FeedbackReceived"},
});
// clang-format on

}  // namespace

std::span<const LifecycleRow> lifecycle_table() {
  return kLifecycles;
}

std::span<const AssumedRow> assumed_table() {
  return kAssumed;
}

std::string_view machine_name(Machine machine) noexcept {
  constexpr std::string_view kNames[] = {"ledger", "ruleSet", "violation", "contract", "query", "payment", "case"};
  static_assert(std::size(kNames) == kMachineCount);
  return kNames[static_cast<std::size_t>(machine)];
}

std::string_view machine_rule(Machine machine) noexcept {
  constexpr std::string_view kRules[] = {"§3.9", "§3.9", "§3.5", "§3.2", "§3.2", "§3.6", "§3.8"};
  static_assert(std::size(kRules) == kMachineCount);
  return kRules[static_cast<std::size_t>(machine)];
}

std::string_view state_name(Machine machine, State state) noexcept {
  constexpr std::size_t kStatesMax = 8;
  constexpr std::string_view kNames[kMachineCount][kStatesMax] = {
      {"none", "open"},
      {"none", "published"},
      {"none", "recorded", "charged", "settled", "assigned", "writtenOff", "cancelled", "borne"},
      {"none", "signed", "inUse", "returned"},
      {"none", "querying"},
      {"none", "received", "reversed"},
      {"none", "received", "closeCandidate"},
  };
  return state < kStatesMax ? kNames[static_cast<std::size_t>(machine)][state] : std::string_view{};
}

}  // namespace carnet::rental
