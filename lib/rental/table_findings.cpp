// SPDX-License-Identifier: Apache-2.0
//
// How grave the names of findings are, and who may state a basis.
#include "rental/rules.hpp"

#include <array>

namespace carnet::rental {

namespace {

// clang-format off
constexpr auto kFindings = std::to_array<FindingRow>({
    {"AllocationExceedsBalance", Severity::kWarning},
    {"AllocationIncomplete", Severity::kWarning},
    {"AlreadyRedeemed", Severity::kBreach},
    {"AmbiguousLocalTime", Severity::kInfo},
    {"AmountExceedsBalance", Severity::kWarning},
    {"AmountNotPositive", Severity::kWarning},
    {"AnswerPending", Severity::kWarning},
    {"ApologyMissing", Severity::kWarning},
    {"ApproverMissing", Severity::kBreach},
    {"Assumed", Severity::kInfo},
    {"BookedLate", Severity::kInfo},
    {"CaptureExceedsCharge", Severity::kBreach},
    {"CaptureExceedsHold", Severity::kBreach},
    {"CaseMissing", Severity::kBreach},
    {"ChargeNotDisclosed", Severity::kBreach},
    {"CloseBasisNotAllowed", Severity::kBreach},
    {"CompensationExceedsGrant", Severity::kBreach},
    {"ComplaintNeedsResolution", Severity::kBreach},
    {"DepositTerminal", Severity::kBreach},
    {"DiscountExceedsCharge", Severity::kBreach},
    {"DisputeOpen", Severity::kBreach},
    {"DuplicateCycle", Severity::kBreach},
    {"DuplicatePspRef", Severity::kBreach},
    {"DurationDisagrees", Severity::kWarning},
    {"EffectiveInPast", Severity::kWarning},
    {"EscalationLevelNotIncreasing", Severity::kWarning},
    {"ExpiryNotWhole", Severity::kWarning},
    {"FieldMissing", Severity::kWarning},
    {"FirstResponsibleMissing", Severity::kBreach},
    {"HandoverNotAccepted", Severity::kBreach},
    {"HoldExpired", Severity::kBreach},
    {"HoldTerminal", Severity::kBreach},
    {"HoldUnknown", Severity::kWarning},
    {"IllegalTransition", Severity::kBreach},
    {"ImplausibleValue", Severity::kWarning},
    {"IncrementAfterCapture", Severity::kBreach},
    {"IncrementTotalMismatch", Severity::kWarning},
    {"IntakeFieldMissing", Severity::kWarning},
    {"InvestigatorConflict", Severity::kBreach},
    {"LateCapture", Severity::kWarning},
    {"LegalHold", Severity::kBreach},
    {"LimitExceeded", Severity::kBreach},
    {"MultiCaptureNotAllowed", Severity::kBreach},
    {"NetworkRule", Severity::kWarning},
    {"NonexistentLocalTime", Severity::kWarning},
    {"NotByOwner", Severity::kWarning},
    {"NotHistory", Severity::kBreach},
    {"NothingToAssign", Severity::kInfo},
    {"OdometerDecreased", Severity::kBreach},
    {"OverCapture", Severity::kBreach},
    {"OwnerMissing", Severity::kBreach},
    {"PaidAfterAssignment", Severity::kWarning},
    {"PaymentExceedsCost", Severity::kBreach},
    {"PlanIncomplete", Severity::kBreach},
    {"PurposeMismatch", Severity::kBreach},
    {"ReferenceDuplicate", Severity::kBreach},
    {"RefundExceedsApproved", Severity::kBreach},
    {"RefundExceedsSource", Severity::kBreach},
    {"RetentionActive", Severity::kBreach},
    {"ReturnBeforeHandover", Severity::kBreach},
    {"ReversalExceedsCharge", Severity::kBreach},
    {"ReworkRequired", Severity::kBreach},
    {"RoundMismatch", Severity::kBreach},
    {"SatisfactionNotConfirmed", Severity::kBreach},
    {"StatementMismatch", Severity::kBreach},
    {"TimeAssumed", Severity::kInfo},
    {"TotalDisagrees", Severity::kWarning},
    {"UnknownCode", Severity::kWarning},
    {"VehicleInCustody", Severity::kBreach},
    {"ViolationBorne", Severity::kBreach},
    {"ViolationNotCharged", Severity::kBreach},
    {"ViolationOutsideCustody", Severity::kBreach},
    {"VolumeMissing", Severity::kBreach},
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
