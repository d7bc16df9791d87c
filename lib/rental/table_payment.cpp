// SPDX-License-Identifier: Apache-2.0
//
// Money movements: DOMAIN §2.10, §3.6, PR-01 … PR-06, PR-20, PR-21, PR-53, PR-70 … PR-75, PR-92, PR-93.
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/payment.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

constexpr Kinds kAny = 0;

using enum Each;
using enum When;

using Source = schema::RefundSource;
using Disputed = schema::ChargebackReceived::Source;
using Outcome = schema::ChargebackClosed::Outcome;
using Form = schema::CompensationGranted::Form;

constexpr Kinds kOfPayment = kinds(Source::PAYMENT);
constexpr Kinds kOfDeposit = kinds(Source::DEPOSIT);
constexpr Kinds kNotOfDeposit = kinds(Source::PAYMENT, Source::CAPTURE, Source::COMPENSATION, Source::OPENING);
constexpr Kinds kDisputedPayment = kinds(Disputed::PAYMENT);
constexpr Kinds kIfWon = kinds(Outcome::WON);
constexpr Kinds kIfLost = kinds(Outcome::LOST);
constexpr Kinds kIfAccepted = kinds(Outcome::ACCEPTED);
constexpr Kinds kInCash = kinds(Form::CASH);
constexpr Kinds kAsCredit = kinds(Form::ACCOUNT_CREDIT);
constexpr Kinds kAsVoucher = kinds(Form::VOUCHER, Form::SERVICE_CODE);
constexpr Kinds kOtherwise = kinds(Form::OTHER);
constexpr Kinds kOfRemedy = kinds(schema::VoucherIssued::Kind::REMEDY);
constexpr Kinds kReleasedCash = Kinds{1} << 2U;  // DepositReleased::Instrument::CASH

const std::array kEvents{
    event_row<schema::PaymentReceived>(),     event_row<schema::PaymentFailed>(),
    event_row<schema::RefundApproved>(),      event_row<schema::RefundPaid>(),
    event_row<schema::RefundFailed>(),        event_row<schema::ChargebackReceived>(),
    event_row<schema::ChargebackClosed>(),    event_row<schema::PspSettlementReceived>(),
    event_row<schema::CompensationGranted>(), event_row<schema::CompensationPaid>(),
    event_row<schema::VoucherIssued>(),       event_row<schema::VoucherRedeemed>(),
    event_row<schema::VoucherExpired>(),      event_row<schema::PartnerCostAccrued>(),
    event_row<schema::PartnerPaid>(),
};

// clang-format off
constexpr auto kFields = std::to_array<FieldRow>({
    // event, stream family, one of, listed in Assumed on history, refused on every basis
    {"PaymentReceived", "", "accountId,party,partnerId", false, true},
    {"PaymentFailed", "", "accountId,party,partnerId", false, false},
    {"RefundApproved", "", "accountId,party", false, true},
    {"RefundPaid", "", "accountId,party", false, true},
    {"RefundFailed", "", "accountId,party", false, false},
    {"ChargebackReceived", "", "accountId,party,partnerId", false, true},
    {"ChargebackClosed", "", "accountId,party,partnerId", false, true},
    {"CompensationGranted", "", "accountId,party", false, true},
    {"CompensationPaid", "", "accountId,party", false, true},
    {"VoucherIssued", "", "accountId,party", false, true},
    {"VoucherRedeemed", "", "accountId,party", false, true},
    {"VoucherExpired", "", "accountId,party", false, true},
});

constexpr auto kMachines = std::to_array<MachineRow>({
    // machine, name, page, states, projection, family, key, sums, links, accounts
    {kPayment, "payment", "§3.6", "received reversed failed partlyReturned returned", "payments", "payment", "",
     "+amount .approved -refunded -chargedBack", "order"},
    {kRefund, "refund", "§3.6", "approved paid failed cancelled unclaimed", "payments", "payment", "",
     "+approved -paid", "payment:sourceId order deposit"},
    {kChargeback, "chargeback", "§3.6", "open won lost accepted", "payments", "payment", "", ".amount",
     "payment:sourceId order"},
    {kPspSettlement, "pspSettlement", "§3.6", "booked", "payments", "payment", "", ".net"},
    {kCompensation, "compensation", "§3.6", "granted credited vouchered done paid revoked", "payments", "payment", "",
     "+granted -paid", "case order"},
    {kVoucher, "voucher", "§3.6", "issued partlyRedeemed redeemed expired revoked", "payments", "payment", "",
     "+value -redeemed -expired", "case"},
    {kCost, "cost", "§3.6", "owed paid", "payments", "payment", "", "+owed -paid", "order"},
});

constexpr auto kLifecycles = std::to_array<LifecycleRow>({
    // machine, state, event, kinds → next while something remains, next when nothing does; error on `decision`; finding
    {kPayment, kNone, "PaymentReceived", kAny, kPaymentReceived, kPaymentReceived},
    {kPayment, kNone, "PaymentFailed", kAny, kPaymentFailed, kPaymentFailed},
    {kPayment, kPaymentFailed, "PaymentReceived", kAny, kPaymentReceived, kPaymentReceived},
    {kPayment, kPaymentReceived, "RefundApproved", kOfPayment, kStay, kStay, {}, {}, kFollows},
    {kPayment, kPaymentReceived, "RefundPaid", kOfPayment, kPartlyReturned, kPaymentReturned, {}, {}, kFollows},
    {kPayment, kPaymentReceived, "ChargebackReceived", kDisputedPayment, kPartlyReturned, kPaymentReturned, {}, {}, kFollows},
    {kPayment, kPaymentReceived, "ChargebackClosed", kIfWon, kStay, kStay, {}, {}, kFollows},
    {kPayment, kPartlyReturned, "RefundPaid", kOfPayment, kStay, kPaymentReturned, {}, {}, kFollows},
    {kPayment, kPartlyReturned, "ChargebackReceived", kDisputedPayment, kStay, kPaymentReturned, {}, {}, kFollows},
    {kPayment, kPartlyReturned, "ChargebackClosed", kIfWon, kStay, kStay, {}, {}, kFollows},
    {kPayment, kPaymentReturned, "ChargebackClosed", kIfWon, kPartlyReturned, kStay, {}, {}, kFollows},
    {kPayment, kNone, "", kAny, kReversed, kReversed},

    {kRefund, kNone, "RefundApproved", kAny, kApproved, kApproved},
    {kRefund, kNone, "DepositReleased", kReleasedCash, kApproved, kApproved},
    {kRefund, kApproved, "RefundPaid", kAny, kStay, kPaid},
    {kRefund, kApproved, "RefundFailed", kAny, kRefundFailed, kRefundFailed},
    {kRefund, kRefundFailed, "RefundPaid", kAny, kStay, kPaid},
    {kRefund, kNone, "", kAny, kRefundCancelled, kRefundCancelled},

    {kChargeback, kNone, "ChargebackReceived", kAny, kChargebackOpen, kChargebackOpen},
    {kChargeback, kChargebackOpen, "ChargebackClosed", kIfWon, kWon, kWon},
    {kChargeback, kChargebackOpen, "ChargebackClosed", kIfLost, kLost, kLost},
    {kChargeback, kChargebackOpen, "ChargebackClosed", kIfAccepted, kAccepted, kAccepted},

    {kPspSettlement, kNone, "PspSettlementReceived", kAny, kBooked, kBooked},

    {kCompensation, kNone, "CompensationGranted", kInCash, kGranted, kGranted},
    {kCompensation, kNone, "CompensationGranted", kAsCredit, kCredited, kCredited},
    {kCompensation, kNone, "CompensationGranted", kAsVoucher, kVouchered, kVouchered},
    {kCompensation, kNone, "CompensationGranted", kOtherwise, kDone, kDone},
    {kCompensation, kGranted, "CompensationPaid", kAny, kStay, kCompensationPaid},
    {kCompensation, kNone, "", kAny, kRevoked, kRevoked},

    {kVoucher, kNone, "VoucherIssued", kAny, kIssued, kIssued},
    {kVoucher, kIssued, "VoucherRedeemed", kAny, kPartlyRedeemed, kRedeemed},
    {kVoucher, kIssued, "VoucherExpired", kAny, kVoucherExpired, kVoucherExpired},
    {kVoucher, kPartlyRedeemed, "VoucherRedeemed", kAny, kStay, kRedeemed},
    {kVoucher, kPartlyRedeemed, "VoucherExpired", kAny, kVoucherExpired, kVoucherExpired},
    {kVoucher, kRedeemed, "VoucherRedeemed", kAny, kStay, kStay, "AlreadyRedeemed"},
    {kVoucher, kNone, "", kAny, kVoucherRevoked, kVoucherRevoked},

    {kCost, kNone, "PartnerCostAccrued", kAny, kOwed, kOwed},
    {kCost, kOwed, "PartnerPaid", kAny, kStay, kCostPaid},
});

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kPayment, "PaymentReceived", kAny, kNone, ""},
    {kPayment, "PaymentFailed", kAny, kNone, ""},
    {kRefund, "RefundApproved", kAny, kNone, ""},
    {kRefund, "DepositReleased", kReleasedCash, kNone, ""},
    {kRefund, "RefundPaid", kAny, kApproved, "RefundApproved"},
    {kRefund, "RefundFailed", kAny, kApproved, "RefundApproved"},
    {kChargeback, "ChargebackReceived", kAny, kNone, ""},
    {kChargeback, "ChargebackClosed", kAny, kChargebackOpen, "ChargebackReceived"},
    {kPspSettlement, "PspSettlementReceived", kAny, kNone, ""},
    {kCompensation, "CompensationGranted", kAny, kNone, ""},
    {kCompensation, "CompensationPaid", kAny, kGranted, "CompensationGranted"},
    {kVoucher, "VoucherIssued", kAny, kNone, ""},
    {kVoucher, "VoucherRedeemed", kAny, kIssued, "VoucherIssued"},
    {kVoucher, "VoucherExpired", kAny, kIssued, "VoucherIssued"},
    {kCost, "PartnerCostAccrued", kAny, kNone, ""},
    {kCost, "PartnerPaid", kAny, kOwed, "PartnerCostAccrued"},
});

constexpr auto kSubjects = std::to_array<SubjectRule>({
    {kPayment, "RefundApproved", "sourceId"},
    {kPayment, "RefundPaid", "sourceId"},
    {kPayment, "ChargebackReceived", "sourceId"},
    {kPayment, "ChargebackClosed", "", kChargeback, 0},
    {kRefund, "DepositReleased", "refundId"},
});

constexpr auto kSumRows = std::to_array<SumRow>({
    // machine, event, kinds, take, rule, phase, debit, credit, sum
    {kPayment, "PaymentReceived", kAny, Take::kAmount, "", {}, "", "", "amount"},
    {kPayment, "RefundApproved", kOfPayment, Take::kAmount, "", {}, "", "", "approved"},
    {kPayment, "RefundPaid", kOfPayment, Take::kAmount, "", {}, "", "", "refunded"},
    {kPayment, "ChargebackReceived", kDisputedPayment, Take::kAmount, "", {}, "", "", "chargedBack"},
    {kPayment, "ChargebackClosed", kIfWon, Take::kTransfers, "PR-05", Phase::kPosted, "A1|A2", "", "chargedBack", -1},
    {kRefund, "RefundApproved", kAny, Take::kAmount, "", {}, "", "", "approved"},
    {kRefund, "DepositReleased", kReleasedCash, Take::kAmount, "", {}, "", "", "approved"},
    {kRefund, "RefundPaid", kAny, Take::kAmount, "", {}, "", "", "paid"},
    {kChargeback, "ChargebackReceived", kAny, Take::kAmount, "", {}, "", "", "amount"},
    {kPspSettlement, "PspSettlementReceived", kAny, Take::kTransfers, "PR-06", Phase::kPosted, "A1", "A2", "net"},
    {kCompensation, "CompensationGranted", kAny, Take::kAmount, "", {}, "", "", "granted"},
    {kCompensation, "CompensationPaid", kAny, Take::kAmount, "", {}, "", "", "paid"},
    {kVoucher, "VoucherIssued", kAny, Take::kTransfers, "PR-72", Phase::kPosted, "", "L7", "value"},
    {kVoucher, "VoucherRedeemed", kAny, Take::kTransfers, "PR-73", Phase::kPosted, "L7", "A3", "redeemed"},
    {kVoucher, "VoucherExpired", kAny, Take::kTransfers, "PR-74", Phase::kPosted, "L7", "", "expired"},
    {kCost, "PartnerCostAccrued", kAny, Take::kAmount, "", {}, "", "", "owed"},
    {kCost, "PartnerPaid", kAny, Take::kAmount, "", {}, "", "", "paid"},
});

constexpr auto kMarkRows = std::to_array<MarkRow>({
    {kPayment, "PaymentReceived", 0},
    {kChargeback, "ChargebackReceived", 0},
});

constexpr auto kKeeps = std::to_array<KeepRow>({
    {kRefund, "RefundApproved", Keep::kKind, true},
    {kVoucher, "VoucherIssued", Keep::kKind, true},
    {kVoucher, "VoucherIssued", Keep::kExpiresAt},
});

constexpr std::string_view kProcessed[] = {"PaymentReceived", "PreAuthorizationFrozen"};
constexpr auto kUniques = std::to_array<UniqueRow>({
    {Unique::kPspRef, "payments", "psp", "pspRef", kProcessed},
});

constexpr Guard kPaymentReceivedGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kPspRefUnique,
                                    &guard::kAllocationWithin, &guard::kAllocationKnown};
constexpr Guard kRefundApprovedGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kRefundWithinSource};
constexpr Guard kRefundPaidGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kRefundWithinApproved};
constexpr Guard kChargebackGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kChargebackWithinSource};
constexpr Guard kPspSettlementGuards[] = {&guard::kPspNet};
constexpr Guard kCompensationGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kRemedyCase,
                                         &guard::kRemedyExecuting, &guard::kRemedyRound, &guard::kRemedyLimit};
constexpr Guard kCompensationPaidGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency,
                                             &guard::kPaidWithinGrant};
constexpr Guard kVoucherIssuedGuards[] = {&guard::kVoucherForm, &guard::kRemedyApprover};
constexpr Guard kVoucherRedeemedGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kVoucherUnexpired,
                                            &guard::kVoucherWithin, &guard::kVoucherWithinCharge};
constexpr Guard kVoucherExpiredGuards[] = {&guard::kOneCurrency, &guard::kVoucherWhole};
constexpr Guard kCostGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency};
constexpr Guard kPartnerPaidGuards[] = {&guard::kAmountPositive, &guard::kOneCurrency, &guard::kPaidWithinCost};

const std::array kGuards{
    GuardUse{"PaymentReceived", kAny, kPaymentReceivedGuards},
    GuardUse{"RefundApproved", kAny, kRefundApprovedGuards},
    GuardUse{"RefundPaid", kAny, kRefundPaidGuards},
    GuardUse{"ChargebackReceived", kAny, kChargebackGuards},
    GuardUse{"PspSettlementReceived", kAny, kPspSettlementGuards},
    GuardUse{"CompensationGranted", kAny, kCompensationGuards},
    GuardUse{"CompensationPaid", kAny, kCompensationPaidGuards},
    GuardUse{"VoucherIssued", kAny, kVoucherIssuedGuards},
    GuardUse{"VoucherRedeemed", kAny, kVoucherRedeemedGuards},
    GuardUse{"VoucherExpired", kAny, kVoucherExpiredGuards},
    GuardUse{"PartnerCostAccrued", kAny, kCostGuards},
    GuardUse{"PartnerPaid", kAny, kPartnerPaidGuards},
};

// Side uses stand in rules.hpp.
constexpr auto kPostings = std::to_array<PostingRow>({
    // rule, event, each, when, phase, debit, credit, amount
    {"PR-01", "PaymentReceived", kAllocation, {kPayerIsCustomer, kAlways}, Phase::kPosted, {"A2", "method"}, {"A3", "allocated"}, Amount::kAllocatedDue},
    {"PR-01", "PaymentReceived", kAllocation, {kPayerIsCustomer, kAlways}, Phase::kPosted, {"A2", "method"}, {"L3", "allocated"}, Amount::kAllocatedRest},
    {"PR-01", "PaymentReceived", kOnce, {kPayerIsCustomer, kNotPrepayment}, Phase::kPosted, {"A2", "method"}, {"L3", "order"}, Amount::kUnallocated},
    {"PR-02", "PaymentReceived", kOnce, {kPayerIsCustomer, kPrepayment}, Phase::kPosted, {"A2", "method"}, {"L3", "order"}, Amount::kUnallocated},
    {"PR-01", "PaymentReceived", kOnce, {kPayerIsPartner, kAlways}, Phase::kPosted, {"A2", "method"}, {"A4", "payer"}, Amount::kAmount},
    {"PR-01", "PaymentReceived", kDeduction, {kCommission, kPayerIsPartner}, Phase::kPosted, {"E", "platformFee"}, {"A4", "payer"}, Amount::kDeduction},
    {"PR-01", "PaymentReceived", kDeduction, {kFee, kPayerIsPartner}, Phase::kPosted, {"E", "pspFee"}, {"A4", "payer"}, Amount::kDeduction},
    {"PR-01", "PaymentReceived", kDeduction, {kTax, kPayerIsPartner}, Phase::kPosted, {"L8"}, {"A4", "payer"}, Amount::kDeduction},
    {"PR-01", "PaymentReceived", kDeduction, {kCommission, kPayerIsCustomer}, Phase::kPosted, {"E", "platformFee"}, {"A3", "order"}, Amount::kDeduction},
    {"PR-01", "PaymentReceived", kDeduction, {kFee, kPayerIsCustomer}, Phase::kPosted, {"E", "pspFee"}, {"A3", "order"}, Amount::kDeduction},
    {"PR-01", "PaymentReceived", kDeduction, {kTax, kPayerIsCustomer}, Phase::kPosted, {"L8"}, {"A3", "order"}, Amount::kDeduction},

    {"PR-04", "ChargebackReceived", kChargedBack, {kAlways, kAlways}, Phase::kPosted, {"A3", "of"}, {"A2", "method"}, Amount::kPlace},
    {"PR-05", "ChargebackClosed", kWonBack, {kAlways, kAlways}, Phase::kPosted, {"A2"}, {"A3"}, Amount::kPlace, kIfWon},

    {"PR-06", "PspSettlementReceived", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A1"}, {"A2"}, Amount::kNetIn},
    {"PR-06", "PspSettlementReceived", kOnce, {kAlways, kAlways}, Phase::kPosted, {"A2"}, {"A1"}, Amount::kNetOut},
    {"PR-06", "PspSettlementReceived", kPspLine, {kLineFee, kAlways}, Phase::kPosted, {"E", "pspFee"}, {"A2"}, Amount::kLine},
    {"PR-06", "PspSettlementReceived", kPspLine, {kLineChargebackFee, kAlways}, Phase::kPosted, {"E", "chargebackFee"}, {"A2"}, Amount::kLine},
    {"PR-06", "PspSettlementReceived", kPspLine, {kLineReserveOut, kAlways}, Phase::kPosted, {"A4", "psp"}, {"A2"}, Amount::kLine},
    {"PR-06", "PspSettlementReceived", kPspLine, {kLineReserveIn, kAlways}, Phase::kPosted, {"A2"}, {"A4", "psp"}, Amount::kLine},

    {"PR-20", "RefundApproved", kRefundPlace, {kAlways, kAlways}, Phase::kPosted, {"L3", "of"}, {"L4"}, Amount::kPlace},
    {"PR-21", "RefundPaid", kOnce, {kAlways, kAlways}, Phase::kPosted, {"L4"}, {"A2", "method"}, Amount::kAmount, kNotOfDeposit},
    {"PR-53", "RefundPaid", kOnce, {kAlways, kAlways}, Phase::kPosted, {"L4"}, {"A2", "method"}, Amount::kAmount, kOfDeposit},

    {"PR-70", "CompensationGranted", kOnce, {kAlways, kAlways}, Phase::kPosted, {"E", "compensation"}, {"L6"}, Amount::kAmount, kInCash},
    {"PR-70", "CompensationGranted", kOnce, {kAlways, kAlways}, Phase::kPosted, {"E", "compensation"}, {"L3", "order"}, Amount::kAmount, kAsCredit},
    {"PR-71", "CompensationPaid", kOnce, {kAlways, kAlways}, Phase::kPosted, {"L6"}, {"A2", "method"}, Amount::kAmount},

    {"PR-72", "VoucherIssued", kOnce, {kAlways, kAlways}, Phase::kPosted, {"E", "compensation"}, {"L7"}, Amount::kValue, kOfRemedy},
    {"PR-73", "VoucherRedeemed", kOnce, {kVoucherOfValue, kAlways}, Phase::kPosted, {"L7"}, {"A3", "order"}, Amount::kAmount},
    {"PR-75", "VoucherRedeemed", kOnce, {kVoucherOfService, kAlways}, Phase::kPosted, {"E", "compensation"}, {"A3", "order"}, Amount::kAmount},
    {"PR-13", "VoucherRedeemed", kOnce, {kVoucherCoupon, kAlways}, Phase::kPosted, {"C1"}, {"A3", "order"}, Amount::kLessTax},
    {"PR-13", "VoucherRedeemed", kOnce, {kVoucherCoupon, kWithTax}, Phase::kPosted, {"L8"}, {"A3", "order"}, Amount::kTaxPart},
    {"PR-74", "VoucherExpired", kOnce, {kAlways, kAlways}, Phase::kPosted, {"L7"}, {"E", "compensation"}, Amount::kAmount},

    {"PR-92", "PartnerCostAccrued", kOnce, {kAlways, kAlways}, Phase::kPosted, {"E", "costKind"}, {"L9", "partner"}, Amount::kAmount},
    {"PR-93", "PartnerPaid", kOnce, {kAlways, kAlways}, Phase::kPosted, {"L9", "partner"}, {"A1"}, Amount::kAmount},

    // Of a reversal, where it leaves something due beside credit.
    {"PR-03", "reversal", kOnce, {kCreditAutomatic, kAlways}, Phase::kPosted, {"L3", "of"}, {"A3", "of"}, Amount::kCredit},
});

constexpr auto kTerms = std::to_array<TermRow>({
    {"PR-01", kAny, Term::kPaid},
    {"PR-04", kAny, Term::kPaid},
    {"PR-05", kAny, Term::kPaid},
    {"PR-20", kAny, Term::kRefunding},
});
// clang-format on

}  // namespace

FamilyTables payment_family() {
  return {.events = kEvents,
          .fields = kFields,
          .machines = kMachines,
          .lifecycles = kLifecycles,
          .assumed = kAssumed,
          .subjects = kSubjects,
          .sums = kSumRows,
          .marks = kMarkRows,
          .keeps = kKeeps,
          .uniques = kUniques,
          .guards = kGuards,
          .postings = kPostings,
          .terms = kTerms};
}

}  // namespace carnet::rental
