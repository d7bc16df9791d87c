// SPDX-License-Identifier: Apache-2.0
//
// Deposits and holds: DOMAIN §2.7, §3.4, PR-40 … PR-46, PR-50 … PR-52.
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/deposit.capnp.h>
#include <carnet/schema/payment.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

constexpr Kinds kAny = 0;

using enum Each;
using enum When;

using Instrument = schema::DepositReleased::Instrument;
using Source = schema::RefundSource;
using Disputed = schema::ChargebackReceived::Source;
using Outcome = schema::ChargebackClosed::Outcome;

constexpr Kinds kOfHold = kinds(Instrument::PRE_AUTHORIZATION);
constexpr Kinds kOfCash = kinds(Instrument::CASH);
constexpr Kinds kOfCapture = kinds(Source::CAPTURE);
constexpr Kinds kDisputedCapture = kinds(Disputed::CAPTURE);
constexpr Kinds kDisputedDeposit = kinds(Disputed::DEPOSIT);
constexpr Kinds kIfWon = kinds(Outcome::WON);

const std::array kEvents{
    event_row<schema::PreAuthorizationRequested>(), event_row<schema::PreAuthorizationDeclined>(),
    event_row<schema::PreAuthorizationFrozen>(),    event_row<schema::PreAuthorizationChanged>(),
    event_row<schema::PreAuthorizationCaptured>(),  event_row<schema::PreAuthorizationExpired>(),
    event_row<schema::DepositCollected>(),          event_row<schema::DepositApplied>(),
    event_row<schema::DepositReleased>(),
};

// clang-format off
constexpr auto kFields = std::to_array<FieldRow>({
    // event, stream family, one of, listed in Assumed on history, refused on every basis
    {"PreAuthorizationRequested", "", "contractId", true, false},
    {"PreAuthorizationRequested", "", "orderId", true, false},
    {"PreAuthorizationRequested", "", "accountId,party", true, false},
    {"PreAuthorizationFrozen", "", "orderId", true, false},
    {"PreAuthorizationFrozen", "", "accountId,party", true, false},
    {"PreAuthorizationCaptured", "", "accountId,party", false, true},
    {"DepositCollected", "", "contractId", true, false},
    {"DepositCollected", "", "orderId", true, false},
    {"DepositCollected", "", "accountId,party", true, false},
    {"DepositApplied", "", "accountId,party", false, true},
    {"DepositReleased", "", "accountId,party", true, false},
});

constexpr auto kMachines = std::to_array<MachineRow>({
    // machine, name, page, states, projection, family, key, sums, links, accounts
    {kDeposit, "deposit", "§3.4", "held exhausted released", "deposits", "deposit", "",
     "+collected -applied -released -chargedBack", "rental order", "L1|L2 A1|A2"},
    {kHold, "hold", "§3.4", "requested frozen declined partiallyCaptured captured released closed expired", "deposits",
     "deposit", "holdId", "+frozen .captured -voided -released -expired .late", "deposit rental order", "L1|L2 A2"},
    {kCapture, "capture", "§3.6", "made", "deposits", "", "captureId", "+amount .approved -refunded -chargedBack",
     "deposit order"},
    {kDepositChargeback, "depositChargeback", "§3.4", "open closed", "deposits", "payment", "", "", "deposit:sourceId"},
});

constexpr auto kLifecycles = std::to_array<LifecycleRow>({
    // machine, state, event, kinds → next while something remains, next when nothing does; error on `decision`; finding
    {kHold, kNone, "PreAuthorizationRequested", kAny, kRequested, kRequested},
    {kHold, kRequested, "PreAuthorizationFrozen", kAny, kFrozen, kFrozen},
    {kHold, kRequested, "PreAuthorizationDeclined", kAny, kHoldDeclined, kHoldDeclined},

    {kHold, kFrozen, "PreAuthorizationChanged", kAny, kStay, kStay},
    {kHold, kFrozen, "PreAuthorizationCaptured", kAny, kPartiallyCaptured, kCaptured},
    {kHold, kFrozen, "DepositReleased", kOfHold, kStay, kHoldReleased},
    {kHold, kFrozen, "PreAuthorizationExpired", kAny, kExpired, kExpired},

    {kHold, kPartiallyCaptured, "PreAuthorizationChanged", kAny, kStay, kStay},
    {kHold, kPartiallyCaptured, "PreAuthorizationCaptured", kAny, kStay, kCaptured},
    {kHold, kPartiallyCaptured, "DepositReleased", kOfHold, kStay, kHoldClosed},
    {kHold, kPartiallyCaptured, "PreAuthorizationExpired", kAny, kExpired, kExpired},

    {kHold, kExpired, "PreAuthorizationCaptured", kAny, kStay, kStay, "HoldTerminal", "LateCapture"},
    {kHold, kCaptured, "PreAuthorizationCaptured", kAny, kStay, kStay, "HoldTerminal", "OverCapture"},
    {kHold, kHoldReleased, "PreAuthorizationCaptured", kAny, kStay, kStay, "HoldTerminal", "OverCapture"},
    {kHold, kHoldClosed, "PreAuthorizationCaptured", kAny, kStay, kStay, "HoldTerminal", "OverCapture"},
    {kHold, kExpired, "DepositReleased", kOfHold, kStay, kStay, "HoldTerminal"},
    {kHold, kCaptured, "DepositReleased", kOfHold, kStay, kStay, "HoldTerminal"},
    {kHold, kHoldReleased, "DepositReleased", kOfHold, kStay, kStay, "HoldTerminal"},
    {kHold, kHoldClosed, "DepositReleased", kOfHold, kStay, kStay, "HoldTerminal"},
    {kHold, kExpired, "PreAuthorizationChanged", kAny, kStay, kStay, "HoldTerminal"},
    {kHold, kCaptured, "PreAuthorizationChanged", kAny, kStay, kStay, "HoldTerminal"},
    {kHold, kHoldReleased, "PreAuthorizationChanged", kAny, kStay, kStay, "HoldTerminal"},
    {kHold, kHoldClosed, "PreAuthorizationChanged", kAny, kStay, kStay, "HoldTerminal"},
    // After a reversal: where PR-43 also voids and nothing is left.
    {kHold, kFrozen, "", kAny, kStay, kHoldReleased},
    {kHold, kPartiallyCaptured, "", kAny, kStay, kHoldClosed},

    {kCapture, kNone, "PreAuthorizationCaptured", kAny, kCaptureMade, kCaptureMade},
    {kCapture, kCaptureMade, "RefundApproved", kOfCapture, kStay, kStay, {}, {}, kFollows},
    {kCapture, kCaptureMade, "RefundPaid", kOfCapture, kStay, kStay, {}, {}, kFollows},
    {kCapture, kCaptureMade, "ChargebackReceived", kDisputedCapture, kStay, kStay, {}, {}, kFollows},

    {kDeposit, kNone, "DepositCollected", kAny, kHeld, kHeld},
    {kDeposit, kHeld, "DepositApplied", kAny, kStay, kExhausted},
    {kDeposit, kHeld, "DepositReleased", kOfCash, kStay, kDepositReleased},
    {kDeposit, kHeld, "ChargebackReceived", kDisputedDeposit, kStay, kExhausted, {}, {}, kFollows},
    {kDeposit, kHeld, "ChargebackClosed", kIfWon, kStay, kStay, {}, {}, kFollows},
    {kDeposit, kExhausted, "ChargebackClosed", kIfWon, kHeld, kStay, {}, {}, kFollows},
    {kDeposit, kExhausted, "DepositApplied", kAny, kStay, kStay, "DepositTerminal"},
    {kDeposit, kDepositReleased, "DepositApplied", kAny, kStay, kStay, "DepositTerminal"},
    {kDeposit, kExhausted, "DepositReleased", kOfCash, kStay, kStay, "DepositTerminal"},
    {kDeposit, kDepositReleased, "DepositReleased", kOfCash, kStay, kStay, "DepositTerminal"},

    {kDepositChargeback, kNone, "ChargebackReceived", kDisputedDeposit, kOpen, kOpen},
    {kDepositChargeback, kOpen, "ChargebackClosed", kAny, kStay, kStay, {}, {}, kFollows},

    // §3.5: what is paid out of a deposit settles a violation.
    {kViolation, kCharged, "PreAuthorizationCaptured", kAny, kCharged, kSettled},
    {kViolation, kCharged, "DepositApplied", kAny, kCharged, kSettled},
});

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kHold, "PreAuthorizationRequested", kAny, kNone, ""},
    {kHold, "PreAuthorizationDeclined", kAny, kRequested, "PreAuthorizationRequested"},
    {kHold, "PreAuthorizationFrozen", kAny, kRequested, "PreAuthorizationRequested"},
    {kHold, "PreAuthorizationChanged", kAny, kFrozen, "PreAuthorizationRequested,PreAuthorizationFrozen"},
    {kHold, "PreAuthorizationCaptured", kAny, kFrozen, "PreAuthorizationRequested,PreAuthorizationFrozen"},
    {kHold, "PreAuthorizationExpired", kAny, kFrozen, "PreAuthorizationRequested,PreAuthorizationFrozen"},
    {kHold, "DepositReleased", kOfHold, kFrozen, "PreAuthorizationRequested,PreAuthorizationFrozen"},
    {kCapture, "PreAuthorizationCaptured", kAny, kNone, ""},
    {kDeposit, "DepositCollected", kAny, kNone, ""},
    {kDeposit, "DepositApplied", kAny, kHeld, "DepositCollected"},
    {kDeposit, "DepositReleased", kOfCash, kHeld, "DepositCollected"},
    {kDepositChargeback, "ChargebackReceived", kAny, kNone, ""},
    {kViolation, "PreAuthorizationCaptured", kAny, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
    {kViolation, "DepositApplied", kAny, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
});

constexpr auto kSubjects = std::to_array<SubjectRule>({
    {kCapture, "RefundApproved", "sourceId"},
    {kCapture, "RefundPaid", "sourceId"},
    {kCapture, "ChargebackReceived", "sourceId"},
    {kDeposit, "ChargebackReceived", "sourceId"},
    {kDeposit, "ChargebackClosed", "", kDepositChargeback, 0},
});

constexpr auto kSumRows = std::to_array<SumRow>({
    // machine, event, kinds, take, rule, phase, debit, credit, sum
    {kHold, "", kAny, Take::kTransfers, "PR-40", Phase::kPending, "A2", "L1|L2", "frozen"},
    {kHold, "", kAny, Take::kTransfers, "PR-41", Phase::kPending, "A2", "L1|L2", "frozen"},
    {kHold, "", kAny, Take::kTransfers, "PR-42", Phase::kPosted, "A2", "L1|L2", "captured"},
    {kHold, "", kAny, Take::kTransfers, "PR-42", Phase::kPosted, "A2", "A3|L3", "late"},
    {kHold, "", kAny, Take::kTransfers, "PR-42", Phase::kVoided, "A2", "L1|L2", "voided"},
    {kHold, "", kAny, Take::kTransfers, "PR-43", Phase::kVoided, "A2", "L1|L2", "voided"},
    {kHold, "", kAny, Take::kTransfers, "PR-44", Phase::kVoided, "A2", "L1|L2", "released"},
    {kHold, "", kAny, Take::kTransfers, "PR-45", Phase::kVoided, "A2", "L1|L2", "expired"},
    {kCapture, "PreAuthorizationCaptured", kAny, Take::kAmount, "", {}, "", "", "amount"},
    {kCapture, "RefundApproved", kOfCapture, Take::kAmount, "", {}, "", "", "approved"},
    {kCapture, "RefundPaid", kOfCapture, Take::kAmount, "", {}, "", "", "refunded"},
    {kCapture, "ChargebackReceived", kDisputedCapture, Take::kAmount, "", {}, "", "", "chargedBack"},
    {kDeposit, "DepositCollected", kAny, Take::kAmount, "", {}, "", "", "collected"},
    {kDeposit, "DepositApplied", kAny, Take::kAmount, "", {}, "", "", "applied"},
    {kDeposit, "DepositReleased", kOfCash, Take::kAmount, "", {}, "", "", "released"},
    {kDeposit, "ChargebackReceived", kDisputedDeposit, Take::kTransfers, "PR-04", Phase::kPosted, "L1|L2", "A1|A2", "chargedBack"},
    {kDeposit, "ChargebackClosed", kIfWon, Take::kTransfers, "PR-05", Phase::kPosted, "A1|A2", "L1|L2", "chargedBack", -1},
});

constexpr auto kMarkRows = std::to_array<MarkRow>({
    {kHold, "PreAuthorizationRequested", 1},
    {kHold, "PreAuthorizationFrozen", 0},
    {kCapture, "PreAuthorizationCaptured", 0},
    {kDeposit, "DepositCollected", 0},
});

constexpr auto kKeeps = std::to_array<KeepRow>({
    {kHold, "PreAuthorizationRequested", Keep::kPurpose, true},
    {kDeposit, "DepositCollected", Keep::kPurpose, true},
    {kHold, "PreAuthorizationFrozen", Keep::kExpiresAt},
    {kHold, "PreAuthorizationChanged", Keep::kExpiresAt},
});

constexpr Guard kRequestedGuards[] = {&guard::kAmountPositive, &guard::kTermsKnown, &guard::kBeforeQueryEnd,
                                      &guard::kPurposeDisclosed, &guard::kWithinDisclosed};
constexpr Guard kFrozenGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kPspRefUnique,
                                   &guard::kHoldReplaced, &guard::kWithinDisclosed};
constexpr Guard kChangedGuards[] = {&guard::kOneCurrency, &guard::kHoldLive, &guard::kDeltaNotNegative,
                                    &guard::kHoldUnexpired, &guard::kIncrementTotal, &guard::kIncrementAfterCapture,
                                    &guard::kWithinDisclosed};
constexpr Guard kCapturedGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kAllocationWithin,
                                     &guard::kAllocationWhole, &guard::kMultiCapture, &guard::kHoldUnexpired,
                                     &guard::kCaptureWithinHold, &guard::kCaptureWithinCharge,
                                     &guard::kDepositPurpose};
constexpr Guard kExpiredGuards[] = {&guard::kOneCurrency, &guard::kExpiresWhole};
constexpr Guard kCollectedGuards[] = {&guard::kAmountPositive, &guard::kTermsKnown, &guard::kPurposeDisclosed,
                                      &guard::kWithinDisclosed};
constexpr Guard kAppliedGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kAllocationWithin,
                                    &guard::kAllocationWhole, &guard::kWithinDeposit, &guard::kCaptureWithinCharge,
                                    &guard::kDepositPurpose};
constexpr Guard kReleasedHoldGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kReleaseNamesHold,
                                         &guard::kReleaseWithinHold, &guard::kQueryOver, &guard::kNoViolationOpen};
constexpr Guard kReleasedCashGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kReleaseNamesRefund,
                                         &guard::kWithinDeposit, &guard::kQueryOver, &guard::kNoViolationOpen};

const std::array kGuards{
    GuardUse{"PreAuthorizationRequested", kAny, kRequestedGuards},
    GuardUse{"PreAuthorizationFrozen", kAny, kFrozenGuards},
    GuardUse{"PreAuthorizationChanged", kAny, kChangedGuards},
    GuardUse{"PreAuthorizationCaptured", kAny, kCapturedGuards},
    GuardUse{"PreAuthorizationExpired", kAny, kExpiredGuards},
    GuardUse{"DepositCollected", kAny, kCollectedGuards},
    GuardUse{"DepositApplied", kAny, kAppliedGuards},
    GuardUse{"DepositReleased", kOfHold, kReleasedHoldGuards},
    GuardUse{"DepositReleased", kOfCash, kReleasedCashGuards},
};

constexpr auto kPostings = std::to_array<PostingRow>({
    // rule, event, each, when, phase, debit, credit, amount
    {"PR-40", "PreAuthorizationFrozen", kOnce, {kAlways, kAlways}, Phase::kPending, {"A2"}, {"Lx"}, Amount::kAmount},
    {"PR-41", "PreAuthorizationChanged", kOnce, {kAlways, kAlways}, Phase::kPending, {"A2", "hold"}, {"Lx", "hold"}, Amount::kDelta},

    {"PR-42", "PreAuthorizationCaptured", kOnce, {kWithinHold, kAlways}, Phase::kVoided, {"A2", "hold"}, {"Lx", "hold"}, Amount::kAmount},
    {"PR-42", "PreAuthorizationCaptured", kOnce, {kWithinHold, kAlways}, Phase::kPosted, {"A2", "hold"}, {"Lx", "hold"}, Amount::kAmount},
    {"PR-42", "PreAuthorizationCaptured", kOnce, {kBeyondHold, kAlways}, Phase::kVoided, {"A2", "hold"}, {"Lx", "hold"}, Amount::kWithinRemaining},
    {"PR-42", "PreAuthorizationCaptured", kAllocation, {kWithinHold, kAlways}, Phase::kPosted, {"Lx", "hold"}, {"A3", "allocated"}, Amount::kAllocatedDue},
    {"PR-42", "PreAuthorizationCaptured", kAllocation, {kWithinHold, kAlways}, Phase::kPosted, {"Lx", "hold"}, {"L3", "allocated"}, Amount::kAllocatedRest},
    {"PR-42", "PreAuthorizationCaptured", kAllocation, {kBeyondHold, kAlways}, Phase::kPosted, {"A2", "hold"}, {"A3", "allocated"}, Amount::kAllocatedDue},
    {"PR-42", "PreAuthorizationCaptured", kAllocation, {kBeyondHold, kAlways}, Phase::kPosted, {"A2", "hold"}, {"L3", "allocated"}, Amount::kAllocatedRest},
    {"PR-42", "PreAuthorizationCaptured", kOnce, {kWithinHold, kAlways}, Phase::kPosted, {"Lx", "hold"}, {"L3", "order"}, Amount::kUnallocated},
    {"PR-42", "PreAuthorizationCaptured", kOnce, {kBeyondHold, kAlways}, Phase::kPosted, {"A2", "hold"}, {"L3", "order"}, Amount::kUnallocated},
    {"PR-42", "PreAuthorizationCaptured", kOnce, {kFinal, kAlways}, Phase::kVoided, {"A2", "hold"}, {"Lx", "hold"}, Amount::kRemaining},
    {"PR-43", "PreAuthorizationCaptured", kOnce, {kNotRestored, kAlways}, Phase::kVoided, {"A2", "hold"}, {"Lx", "hold"}, Amount::kGivenBack, kAny, true},

    {"PR-44", "DepositReleased", kOnce, {kAlways, kAlways}, Phase::kVoided, {"A2", "hold"}, {"Lx", "hold"}, Amount::kAmount, kOfHold},
    {"PR-45", "PreAuthorizationExpired", kOnce, {kAlways, kAlways}, Phase::kVoided, {"A2", "hold"}, {"Lx", "hold"}, Amount::kRemaining},

    {"PR-50", "DepositCollected", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A2", "method"}, {"Lx"}, Amount::kAmount},
    {"PR-51", "DepositApplied", kAllocation, {kAlways, kAlways}, Phase::kPosted, {"Lx"}, {"A3", "allocated"}, Amount::kAllocatedDue},
    {"PR-51", "DepositApplied", kAllocation, {kAlways, kAlways}, Phase::kPosted, {"Lx"}, {"L3", "allocated"}, Amount::kAllocatedRest},
    {"PR-51", "DepositApplied", kOnce, {kAlways, kAlways}, Phase::kPosted, {"Lx"}, {"L3", "order"}, Amount::kUnallocated},
    {"PR-52", "DepositReleased", kOnce, {kAlways, kAlways}, Phase::kPosted, {"Lx"}, {"L4"}, Amount::kAmount, kOfCash},
});

constexpr auto kTerms = std::to_array<TermRow>({
    {"PR-42", kAny, Term::kPaid},
    {"PR-51", kAny, Term::kPaid},
});
// clang-format on

}  // namespace

FamilyTables deposit_family() {
  return {.events = kEvents,
          .fields = kFields,
          .machines = kMachines,
          .lifecycles = kLifecycles,
          .assumed = kAssumed,
          .subjects = kSubjects,
          .sums = kSumRows,
          .marks = kMarkRows,
          .keeps = kKeeps,
          .guards = kGuards,
          .postings = kPostings,
          .terms = kTerms};
}

}  // namespace carnet::rental
