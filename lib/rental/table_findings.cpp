// SPDX-License-Identifier: Apache-2.0
//
// How grave the names of findings are, and who may state a basis.
#include "rental/rules.hpp"

#include <array>

namespace carnet::rental {

namespace {

// clang-format off
constexpr auto kFindings = std::to_array<FindingRow>({
    {"AccountMerged", Severity::kBreach},
    {"AccountNotActive", Severity::kBreach},
    {"AllocationExceedsBalance", Severity::kWarning},
    {"AllocationIncomplete", Severity::kWarning},
    {"AlreadyRedeemed", Severity::kBreach},
    {"AmbiguousLocalTime", Severity::kInfo},
    {"AmountExceedsBalance", Severity::kWarning},
    {"AmountNotPositive", Severity::kWarning},
    {"AnswerPending", Severity::kWarning},
    {"ApproverMissing", Severity::kBreach},
    {"Assumed", Severity::kInfo},
    {"BookedLate", Severity::kInfo},
    {"CaptureExceedsCharge", Severity::kBreach},
    {"CaptureExceedsHold", Severity::kBreach},
    {"ChargeNotDisclosed", Severity::kBreach},
    {"ClosureBlocked", Severity::kBreach},
    {"CompensationExceedsGrant", Severity::kBreach},
    {"DepositTerminal", Severity::kBreach},
    {"DetailsNotCurrent", Severity::kBreach},
    {"DiscountExceedsCharge", Severity::kBreach},
    {"DisputeOpen", Severity::kBreach},
    {"DuplicatePspRef", Severity::kBreach},
    {"DurationDisagrees", Severity::kWarning},
    {"EffectiveInPast", Severity::kWarning},
    {"ExpiryNotWhole", Severity::kWarning},
    {"ExplanationMissing", Severity::kBreach},
    {"FieldMissing", Severity::kWarning},
    {"FirstResponsibleMissing", Severity::kBreach},
    {"HoldExpired", Severity::kBreach},
    {"HoldTerminal", Severity::kBreach},
    {"HoldUnknown", Severity::kWarning},
    {"IdentityNotVerified", Severity::kBreach},
    {"IllegalTransition", Severity::kBreach},
    {"ImplausibleValue", Severity::kWarning},
    {"IncrementAfterCapture", Severity::kBreach},
    {"IncrementTotalMismatch", Severity::kWarning},
    {"IntakeFieldMissing", Severity::kWarning},
    {"LateCapture", Severity::kWarning},
    {"LicenceNotVerified", Severity::kBreach},
    {"MultiCaptureNotAllowed", Severity::kBreach},
    {"NetworkRule", Severity::kWarning},
    {"NoConsentToWithdraw", Severity::kBreach},
    {"NonexistentLocalTime", Severity::kWarning},
    {"NotHistory", Severity::kBreach},
    {"NothingToAssign", Severity::kInfo},
    {"NoticeVersionUnknown", Severity::kBreach},
    {"OdometerDecreased", Severity::kBreach},
    {"OverCapture", Severity::kBreach},
    {"PaidAfterAssignment", Severity::kWarning},
    {"PaymentExceedsCost", Severity::kBreach},
    {"PaymentMethodNotVerified", Severity::kBreach},
    {"PeriodNotIncreasing", Severity::kBreach},
    {"PeriodNotOver", Severity::kBreach},
    {"PurposeMismatch", Severity::kBreach},
    {"ReasonMissing", Severity::kBreach},
    {"ReferenceDuplicate", Severity::kBreach},
    {"RefundExceedsApproved", Severity::kBreach},
    {"RefundExceedsSource", Severity::kBreach},
    {"ReturnBeforeHandover", Severity::kBreach},
    {"ReversalExceedsCharge", Severity::kBreach},
    {"ReviewMissing", Severity::kBreach},
    {"StatementMismatch", Severity::kBreach},
    {"TimeAssumed", Severity::kInfo},
    {"TotalDisagrees", Severity::kWarning},
    {"UnknownCode", Severity::kWarning},
    {"UpdateNotVerified", Severity::kBreach},
    {"VehicleInCustody", Severity::kBreach},
    {"VersionNotIncreasing", Severity::kBreach},
    {"ViolationBorne", Severity::kBreach},
    {"ViolationNotCharged", Severity::kBreach},
    {"ViolationOutsideCustody", Severity::kBreach},
    {"VoucherExceedsRemaining", Severity::kBreach},
    {"VoucherPastExpiry", Severity::kWarning},
});
// clang-format on

// DOMAIN §0.1: `report` is for who tells us something from outside, `history` for bringing in what was before go-live.
constexpr auto kBases = std::to_array<BasisRow>({
    {Basis::kReport, "integration"},
    {Basis::kReport, "partner"},
    {Basis::kReport, "importer"},
    {Basis::kReport, "migration"},
    {Basis::kHistory, "migration"},
});

}  // namespace

std::span<const FindingRow> finding_table() {
  return kFindings;
}

std::span<const BasisRow> basis_table() {
  return kBases;
}

}  // namespace carnet::rental
