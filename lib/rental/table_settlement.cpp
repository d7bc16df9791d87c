// SPDX-License-Identifier: Apache-2.0
//
// Charges and settlement: DOMAIN §2.9, §3.5, PR-03, PR-10 … PR-13, PR-90, PR-91, PR-99.
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/settlement.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

constexpr Kinds kAny = 0;

using enum Each;
using enum When;

using Answer = schema::SettlementAnswered::Answer;
using Ground = schema::SettlementFinalized::Ground;

constexpr Kinds kAcceptedAnswer = kinds(Answer::ACCEPTED);
constexpr Kinds kDisputedAnswer = kinds(Answer::DISPUTED);
constexpr Kinds kNoAnswer = kinds(Ground::NO_ANSWER);
constexpr Kinds kByDecision = kinds(Ground::DECIDED);
constexpr Kinds kNotByDecision = kinds(Ground::ACCEPTED, Ground::NO_ANSWER);
constexpr Kinds kNotForSilence = kinds(Ground::ACCEPTED, Ground::DECIDED);

const std::array kEvents{
    event_row<schema::ChargePosted>(),       event_row<schema::ChargeReversed>(),
    event_row<schema::FuelCreditPosted>(),   event_row<schema::DiscountApplied>(),
    event_row<schema::CreditApplied>(),      event_row<schema::SettlementStatementIssued>(),
    event_row<schema::SettlementAnswered>(), event_row<schema::SettlementFinalized>(),
    event_row<schema::BadDebtWrittenOff>(),  event_row<schema::BadDebtRecovered>(),
};

// clang-format off
constexpr auto kFields = std::to_array<FieldRow>({
    // event, stream family, one of, listed in Assumed on history, refused on every basis
    {"ChargePosted", "", "accountId,party", false, true},
    {"ChargeReversed", "", "accountId,party", false, true},
    {"FuelCreditPosted", "", "accountId,party", false, true},
    {"DiscountApplied", "", "accountId,party", false, true},
    {"CreditApplied", "", "accountId,party", false, true},
    {"CreditApplied", "", "chargeId,violationId", false, true},
    {"SettlementStatementIssued", "", "accountId,party", false, false},
    {"SettlementAnswered", "", "accountId,party", false, false},
    {"SettlementFinalized", "", "accountId,party", false, false},
    {"BadDebtWrittenOff", "violation", "violationId", false, true},
    {"BadDebtWrittenOff", "settlement", "orderId", false, true},
    {"BadDebtWrittenOff", "", "accountId,party", false, true},
    {"BadDebtRecovered", "violation", "violationId", false, true},
    {"BadDebtRecovered", "settlement", "orderId", false, true},
    {"BadDebtRecovered", "", "accountId,party", false, true},
});

constexpr auto kMachines = std::to_array<MachineRow>({
    // machine, name, page, states, projection, family, key, sums, links, accounts
    {kSettlement, "settlement", "§3.5", "open stated answered disputed finalized", "settlements", "order", "",
     ".charged .discounted .chargedBack", "rental"},
    {kCharge, "charge", "§3.5", "posted partlyReversed reversed", "settlements", "", "chargeId",
     "+amount -reversed .discounted .paid .tax", "order", "A3|A4 R L8"},
});

constexpr auto kLifecycles = std::to_array<LifecycleRow>({
    // machine, state, event, kinds → next while something remains, next when nothing does; error on `decision`; finding
    {kSettlement, kNone, "ChargePosted", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kNone, "ChargeReversed", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kNone, "FuelCreditPosted", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kNone, "DiscountApplied", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kNone, "CreditApplied", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kNone, "VoucherRedeemed", kAny, kSettlementOpen, kSettlementOpen, {}, {}, kFollows},
    {kSettlement, kSettlementOpen, "ChargePosted", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kSettlementOpen, "ChargeReversed", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kSettlementOpen, "FuelCreditPosted", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kSettlementOpen, "DiscountApplied", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kSettlementOpen, "CreditApplied", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kSettlementOpen, "VoucherRedeemed", kAny, kSettlementOpen, kSettlementOpen, {}, {}, kFollows},
    {kSettlement, kSettlementOpen, "ChargebackReceived", kAny, kStay, kStay, {}, {}, kFollows},
    {kSettlement, kStated, "ChargePosted", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kStated, "ChargeReversed", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kStated, "FuelCreditPosted", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kStated, "DiscountApplied", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kStated, "CreditApplied", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kStated, "VoucherRedeemed", kAny, kSettlementOpen, kSettlementOpen, {}, {}, kFollows},
    {kSettlement, kStated, "ChargebackReceived", kAny, kStay, kStay, {}, {}, kFollows},
    {kSettlement, kAnswered, "ChargePosted", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kAnswered, "ChargeReversed", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kAnswered, "FuelCreditPosted", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kAnswered, "DiscountApplied", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kAnswered, "CreditApplied", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kAnswered, "VoucherRedeemed", kAny, kSettlementOpen, kSettlementOpen, {}, {}, kFollows},
    {kSettlement, kAnswered, "ChargebackReceived", kAny, kStay, kStay, {}, {}, kFollows},
    {kSettlement, kSettlementDisputed, "ChargePosted", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kSettlementDisputed, "ChargeReversed", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kSettlementDisputed, "FuelCreditPosted", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kSettlementDisputed, "DiscountApplied", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kSettlementDisputed, "CreditApplied", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kSettlementDisputed, "VoucherRedeemed", kAny, kSettlementOpen, kSettlementOpen, {}, {}, kFollows},
    {kSettlement, kSettlementDisputed, "ChargebackReceived", kAny, kStay, kStay, {}, {}, kFollows},
    {kSettlement, kFinalized, "ChargePosted", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kFinalized, "ChargeReversed", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kFinalized, "FuelCreditPosted", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kFinalized, "DiscountApplied", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kFinalized, "CreditApplied", kAny, kSettlementOpen, kSettlementOpen},
    {kSettlement, kFinalized, "VoucherRedeemed", kAny, kSettlementOpen, kSettlementOpen, {}, {}, kFollows},
    {kSettlement, kFinalized, "ChargebackReceived", kAny, kStay, kStay, {}, {}, kFollows},

    {kSettlement, kSettlementOpen, "SettlementStatementIssued", kAny, kStated, kStated},
    {kSettlement, kStated, "SettlementAnswered", kAcceptedAnswer, kAnswered, kAnswered},
    {kSettlement, kStated, "SettlementAnswered", kDisputedAnswer, kSettlementDisputed, kSettlementDisputed},
    {kSettlement, kStated, "SettlementFinalized", kNoAnswer, kFinalized, kFinalized},
    {kSettlement, kStated, "SettlementFinalized", kNotForSilence, kFinalized, kFinalized, "AnswerPending"},
    {kSettlement, kAnswered, "SettlementFinalized", kAny, kFinalized, kFinalized},
    {kSettlement, kSettlementDisputed, "SettlementStatementIssued", kAny, kStated, kStated},
    {kSettlement, kSettlementDisputed, "SettlementFinalized", kByDecision, kFinalized, kFinalized},
    {kSettlement, kSettlementDisputed, "SettlementFinalized", kNotByDecision, kFinalized, kFinalized, "DisputeOpen"},
    {kSettlement, kFinalized, "ReceivableAssigned", kAny, kStay, kStay},
    {kSettlement, kFinalized, "BadDebtWrittenOff", kAny, kStay, kStay},
    {kSettlement, kFinalized, "BadDebtRecovered", kAny, kStay, kStay},

    {kCharge, kNone, "ChargePosted", kAny, kChargePosted, kChargePosted},
    {kCharge, kChargePosted, "ChargeReversed", kAny, kPartlyReversed, kChargeReversed},
    {kCharge, kChargePosted, "DiscountApplied", kAny, kStay, kStay},
    {kCharge, kChargePosted, "VoucherRedeemed", kAny, kStay, kStay},
    {kCharge, kPartlyReversed, "ChargeReversed", kAny, kStay, kChargeReversed},
    {kCharge, kPartlyReversed, "DiscountApplied", kAny, kStay, kStay},
    {kCharge, kPartlyReversed, "VoucherRedeemed", kAny, kStay, kStay},
    // What pays a charge moves no state.
    {kCharge, kChargePosted, "CreditApplied", kAny, kStay, kStay, {}, {}, kFollows},
    {kCharge, kChargePosted, "PaymentReceived", kAny, kStay, kStay, {}, {}, kFollows},
    {kCharge, kChargePosted, "PreAuthorizationCaptured", kAny, kStay, kStay, {}, {}, kFollows},
    {kCharge, kChargePosted, "DepositApplied", kAny, kStay, kStay, {}, {}, kFollows},

    // §3.5: credit applied and debts given up, of a violation.
    {kViolation, kCharged, "CreditApplied", kAny, kCharged, kSettled},
    {kViolation, kCharged, "BadDebtWrittenOff", kAny, kCharged, kWrittenOff},
    {kViolation, kAssigned, "BadDebtRecovered", kAny, kStay, kStay},
    {kViolation, kWrittenOff, "BadDebtRecovered", kAny, kStay, kStay},
});

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kSettlement, "ChargePosted", kAny, kNone, ""},
    {kSettlement, "ChargeReversed", kAny, kNone, ""},
    {kSettlement, "FuelCreditPosted", kAny, kNone, ""},
    {kSettlement, "DiscountApplied", kAny, kNone, ""},
    {kSettlement, "CreditApplied", kAny, kNone, ""},
    {kSettlement, "SettlementStatementIssued", kAny, kSettlementOpen, "ChargePosted"},
    {kSettlement, "SettlementAnswered", kAny, kStated, "ChargePosted,SettlementStatementIssued"},
    {kSettlement, "SettlementFinalized", kAny, kAnswered, "ChargePosted,SettlementStatementIssued"},
    {kSettlement, "ReceivableAssigned", kAny, kFinalized, "ChargePosted,SettlementFinalized"},
    {kSettlement, "BadDebtWrittenOff", kAny, kFinalized, "ChargePosted,SettlementFinalized"},
    {kSettlement, "BadDebtRecovered", kAny, kFinalized, "ChargePosted,SettlementFinalized"},
    {kCharge, "ChargePosted", kAny, kNone, ""},
    {kCharge, "ChargeReversed", kAny, kChargePosted, "ChargePosted"},
    {kCharge, "DiscountApplied", kAny, kChargePosted, "ChargePosted"},
    {kCharge, "VoucherRedeemed", kAny, kChargePosted, "ChargePosted"},
    {kViolation, "CreditApplied", kAny, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
    {kViolation, "BadDebtWrittenOff", kAny, kCharged, "TrafficViolationRecorded,TrafficViolationCharged"},
    {kViolation, "BadDebtRecovered", kAny, kWrittenOff, "TrafficViolationRecorded,TrafficViolationCharged,BadDebtWrittenOff"},
});

constexpr auto kSubjects = std::to_array<SubjectRule>({
    {kCharge, "PaymentReceived", "allocations"},
    {kCharge, "PreAuthorizationCaptured", "allocations"},
    {kCharge, "DepositApplied", "allocations"},
});

constexpr auto kSumRows = std::to_array<SumRow>({
    // machine, event, kinds, take, rule, phase, debit, credit, sum, sign
    {kSettlement, "", kAny, Take::kTransfers, "PR-10", Phase::kPosted, "A3|A4", "R|L8|L9", "charged"},
    {kSettlement, "", kAny, Take::kTransfers, "PR-11", Phase::kPosted, "R|L8|L9", "A3|A4", "charged", -1},
    {kSettlement, "", kAny, Take::kTransfers, "PR-12", Phase::kPosted, "R|L8", "A3", "charged", -1},
    {kSettlement, "", kAny, Take::kTransfers, "PR-13", Phase::kPosted, "C1|L8", "A3|A4", "discounted"},
    {kSettlement, "ChargebackReceived", kAny, Take::kTransfers, "PR-04", Phase::kPosted, "A3", "A1|A2", "chargedBack"},
    {kCharge, "ChargePosted", kAny, Take::kAmount, "", {}, "", "", "amount"},
    {kCharge, "ChargePosted", kAny, Take::kTax, "", {}, "", "", "tax"},
    {kCharge, "ChargePosted", kAny, Take::kTransfers, "PR-03", Phase::kPosted, "L3", "A3", "paid"},
    {kCharge, "ChargeReversed", kAny, Take::kAmount, "", {}, "", "", "reversed"},
    {kCharge, "DiscountApplied", kAny, Take::kAmount, "", {}, "", "", "discounted"},
    {kCharge, "VoucherRedeemed", kAny, Take::kAmount, "", {}, "", "", "paid"},
    {kCharge, "CreditApplied", kAny, Take::kAmount, "", {}, "", "", "paid"},
    {kCharge, "PaymentReceived", kAny, Take::kAllocation, "", {}, "", "", "paid"},
    {kCharge, "PreAuthorizationCaptured", kAny, Take::kAllocation, "", {}, "", "", "paid"},
    {kCharge, "DepositApplied", kAny, Take::kAllocation, "", {}, "", "", "paid"},
});

constexpr auto kMarkRows = std::to_array<MarkRow>({
    {kSettlement, "SettlementStatementIssued", 0},
    {kSettlement, "SettlementFinalized", 1},
    {kCharge, "ChargePosted", 0},
});

constexpr auto kKeeps = std::to_array<KeepRow>({
    {kCharge, "ChargePosted", Keep::kPayer, true},
});

constexpr Guard kChargeGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kTaxWithinAmount,
                                   &guard::kChargePayer, &guard::kChargeDisclosed, &guard::kDamageAcknowledged};
constexpr Guard kReversedGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kTaxWithinAmount,
                                     &guard::kReversalWithinCharge};
constexpr Guard kFuelGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kTaxWithinAmount};
constexpr Guard kDiscountGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kDiscountWithinCharge};
constexpr Guard kCreditGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kCreditWithinDue};
constexpr Guard kStatementGuards[] = {&guard::kStatementMatches};
constexpr Guard kFinalizedGuards[] = {&guard::kContractNamed};
constexpr Guard kSilentGuards[] = {&guard::kContractNamed, &guard::kSilenceLong};
constexpr Guard kDebtGuards[] = {&guard::kOneCurrency, &guard::kAmountPositive, &guard::kAmountWithinDue};
constexpr Guard kRecoveredGuards[] = {&guard::kOneCurrency, &guard::kAmountPositive};

const std::array kGuards{
    GuardUse{"ChargePosted", kAny, kChargeGuards},
    GuardUse{"ChargeReversed", kAny, kReversedGuards},
    GuardUse{"FuelCreditPosted", kAny, kFuelGuards},
    GuardUse{"DiscountApplied", kAny, kDiscountGuards},
    GuardUse{"CreditApplied", kAny, kCreditGuards},
    GuardUse{"SettlementStatementIssued", kAny, kStatementGuards},
    GuardUse{"SettlementFinalized", kNoAnswer, kSilentGuards},
    GuardUse{"SettlementFinalized", kNotForSilence, kFinalizedGuards},
    GuardUse{"BadDebtWrittenOff", kAny, kDebtGuards},
    GuardUse{"BadDebtRecovered", kAny, kRecoveredGuards},
};

constexpr auto kPostings = std::to_array<PostingRow>({
    // rule, event, each, when, phase, debit, credit, amount
    {"PR-10", "ChargePosted", kOnce, {kChargeOfParty, kAlways}, Phase::kPosted, {"A3", "order"}, {"R", "kind"}, Amount::kLessTax},
    {"PR-10", "ChargePosted", kOnce, {kChargeOfParty, kWithTax}, Phase::kPosted, {"A3", "order"}, {"L8"}, Amount::kTaxPart},
    {"PR-10", "ChargePosted", kOnce, {kChargeOfPartner, kAlways}, Phase::kPosted, {"A4", "payer"}, {"R", "kind"}, Amount::kLessTax},
    {"PR-10", "ChargePosted", kOnce, {kChargeOfPartner, kWithTax}, Phase::kPosted, {"A4", "payer"}, {"L8"}, Amount::kTaxPart},
    {"PR-03", "ChargePosted", kOnce, {kChargeOfParty, kCreditAutomatic}, Phase::kPosted, {"L3", "of"}, {"A3", "of"}, Amount::kCredit},

    {"PR-11", "ChargeReversed", kOnce, {kAlways, kAlways}, Phase::kPosted, {"R", "charge"}, {"A3", "charge"}, Amount::kLessTax},
    {"PR-11", "ChargeReversed", kOnce, {kWithTax, kAlways}, Phase::kPosted, {"L8", "charge"}, {"A3", "charge"}, Amount::kTaxPart},

    {"PR-12", "FuelCreditPosted", kOnce, {kAlways, kAlways}, Phase::kPosted, {"R", "fuelDifference"}, {"A3", "order"}, Amount::kLessTax},
    {"PR-12", "FuelCreditPosted", kOnce, {kWithTax, kAlways}, Phase::kPosted, {"L8"}, {"A3", "order"}, Amount::kTaxPart},

    {"PR-13", "DiscountApplied", kOnce, {kChargeOfParty, kAlways}, Phase::kPosted, {"C1"}, {"A3", "order"}, Amount::kLessTax},
    {"PR-13", "DiscountApplied", kOnce, {kChargeOfParty, kWithTax}, Phase::kPosted, {"L8"}, {"A3", "order"}, Amount::kTaxPart},
    {"PR-13", "DiscountApplied", kOnce, {kChargeOfPartner, kAlways}, Phase::kPosted, {"C1"}, {"A4", "charge"}, Amount::kLessTax},
    {"PR-13", "DiscountApplied", kOnce, {kChargeOfPartner, kWithTax}, Phase::kPosted, {"L8"}, {"A4", "charge"}, Amount::kTaxPart},

    {"PR-03", "CreditApplied", kOnce, {kAlways, kAlways}, Phase::kPosted, {"L3", "order"}, {"A3", "of"}, Amount::kAmount},

    {"PR-90", "BadDebtWrittenOff", kOnce, {kAlways, kAlways}, Phase::kPosted, {"E", "badDebt"}, {"A3", "of"}, Amount::kAmount},
    {"PR-91", "BadDebtRecovered", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A2", "method"}, {"E", "badDebt"}, Amount::kAmount},
});

constexpr auto kTerms = std::to_array<TermRow>({
    {"PR-90", kAny, Term::kWrittenOff},
});
// clang-format on

}  // namespace

FamilyTables settlement_family() {
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
