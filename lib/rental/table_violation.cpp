// SPDX-License-Identifier: Apache-2.0
//
// Traffic violations: DOMAIN §2.8, §3.5, PR-60 … PR-63, PR-95; §10: the term that a posting rule counts into.
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/violation.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

constexpr Kinds kAny = 0;

using enum NormalSide;
using enum Each;
using enum When;

using Kind = schema::TrafficViolationAmended::Kind;
using BorneBy = schema::FinePaidToAuthority::BorneBy;

constexpr Kinds kFineKinds = kinds(Kind::EXPENSE, Kind::PENALTY, Kind::EARLY_DISCOUNT, Kind::REDUCED);
constexpr Kinds kCancelKinds = kinds(Kind::DISMISSED, Kind::SETTLED_BY_CUSTOMER, Kind::WITHDRAWN);
constexpr Kinds kContested = kinds(Kind::CONTESTED);
constexpr Kinds kParty = kinds(BorneBy::PARTY);
constexpr Kinds kCompany = kinds(BorneBy::COMPANY);

const std::array kEvents{
    event_row<schema::TrafficViolationRecorded>(), event_row<schema::TrafficViolationCharged>(),
    event_row<schema::TrafficViolationAmended>(),  event_row<schema::FinePaidToAuthority>(),
    event_row<schema::FineRefundedByAuthority>(),  event_row<schema::ReceivableAssigned>(),
};

// clang-format off
constexpr auto kFields = std::to_array<FieldRow>({
    {"ReceivableAssigned", "violation", "violationId", false, true},
    {"ReceivableAssigned", "violation", "party", false, true},
    {"ReceivableAssigned", "violation", "authority", false, false},
    {"ReceivableAssigned", "settlement", "orderId", false, true},
    {"ReceivableAssigned", "settlement", "accountId,party", false, true},
});

constexpr auto kMachines = std::to_array<MachineRow>({
    {kViolation, "violation", "§3.5", "recorded charged settled assigned writtenOff cancelled borne", "", "violation"},
});

constexpr auto kLifecycles = std::to_array<LifecycleRow>({
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
});

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kViolation, "TrafficViolationRecorded", kAny, kNone, ""},
    {kViolation, "TrafficViolationCharged", kAny, kRecorded, "TrafficViolationRecorded"},
    {kViolation, "FinePaidToAuthority", kCompany, kRecorded, "TrafficViolationRecorded"},
    {kViolation, "FinePaidToAuthority", kParty, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
    {kViolation, "FineRefundedByAuthority", kAny, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
    {kViolation, "TrafficViolationAmended", kAny, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
    {kViolation, "PaymentReceived", kAny, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
    {kViolation, "ReceivableAssigned", kAny, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
});

constexpr Guard kOfRecorded[] = {&guard::kFinePositive, &guard::kLawfulBasis, &guard::kWithinCustody};
constexpr Guard kOfCharged[] = {&guard::kOneCurrency, &guard::kFinePositive};
constexpr Guard kOfFineKinds[] = {&guard::kOneCurrency, &guard::kFinePositive};
constexpr Guard kOfCancelKinds[] = {&guard::kOneCurrency, &guard::kCancelsDownTo};
constexpr Guard kOfAuthorityMoney[] = {&guard::kOneCurrency, &guard::kAmountPositive};
constexpr Guard kOfAssigned[] = {&guard::kOneCurrency, &guard::kAmountPositive, &guard::kAmountWithinDue};

const std::array kGuards{
    GuardUse{"TrafficViolationRecorded", kAny, kOfRecorded},
    GuardUse{"TrafficViolationCharged", kAny, kOfCharged},
    GuardUse{"TrafficViolationAmended", kFineKinds, kOfFineKinds},
    GuardUse{"TrafficViolationAmended", kCancelKinds, kOfCancelKinds},
    GuardUse{"FinePaidToAuthority", kAny, kOfAuthorityMoney},
    GuardUse{"FineRefundedByAuthority", kAny, kOfAuthorityMoney},
    GuardUse{"ReceivableAssigned", kAny, kOfAssigned},
};

constexpr auto kPostings = std::to_array<PostingRow>({
    // rule, event, each, when, phase, debit, credit, amount
    {"PR-60", "TrafficViolationCharged", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A3", "of"}, {"L5"}, Amount::kFineAndExpense},
    {"PR-03", "TrafficViolationCharged", kOnce, {kCreditAutomatic, kAlways}, Phase::kPosted, {"L3", "of"}, {"A3", "of"}, Amount::kCredit},

    {"PR-61", "FinePaidToAuthority", kOnce, {kBorneByParty, kAlways}, Phase::kPosted, {"L5"}, {"A1"}, Amount::kAmount},
    {"PR-61", "FinePaidToAuthority", kOnce, {kBorneByCompany, kAlways}, Phase::kPosted, {"E", "fine"}, {"A1"}, Amount::kAmount},

    {"PR-62", "TrafficViolationAmended", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A3", "of"}, {"L5"}, Amount::kExpense},
    {"PR-62", "TrafficViolationAmended", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A3", "of"}, {"L5"}, Amount::kIncrease},
    {"PR-62", "TrafficViolationAmended", kOnce, {kAlways, kAlways}, Phase::kPosted, {"L5"}, {"A3", "of"}, Amount::kDecreasePayable},
    {"PR-62", "TrafficViolationAmended", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A4", "authority"}, {"A3", "of"}, Amount::kDecreaseBeyond},
    {"PR-03", "TrafficViolationAmended", kOnce, {kCreditAutomatic, kAlways}, Phase::kPosted, {"L3", "of"}, {"A3", "of"}, Amount::kCredit},

    {"PR-63", "FineRefundedByAuthority", kOnce, {kFineNotBorne, kAlways}, Phase::kPosted, {"A1"}, {"A4", "authority"}, Amount::kAmount},
    {"PR-63", "FineRefundedByAuthority", kOnce, {kFineWasBorne, kAlways}, Phase::kPosted, {"A1"}, {"E", "fine"}, Amount::kAmount},

    {"PR-95", "ReceivableAssigned", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A4", "collector"}, {"A3", "of"}, Amount::kAmountDue},
});

constexpr auto kTerms = std::to_array<TermRow>({
    {"PR-60", kAny, Term::kCharged},
    {"PR-62", kFineKinds, Term::kCharged},
    {"PR-62", kCancelKinds, Term::kCancelled},
    {"PR-95", kAny, Term::kAssigned},
    {"PR-03", kAny, Term::kPaid},  // Own credit takes off nothing; credit from elsewhere pays.
});
// clang-format on

}  // namespace

FamilyTables violation_family() {
  return {.events = kEvents,
          .fields = kFields,
          .machines = kMachines,
          .lifecycles = kLifecycles,
          .assumed = kAssumed,
          .guards = kGuards,
          .postings = kPostings,
          .terms = kTerms};
}

}  // namespace carnet::rental
