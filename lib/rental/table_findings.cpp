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
    {"AddOnNotSelected", Severity::kBreach},
    {"AllocationExceedsBalance", Severity::kWarning},
    {"AllocationIncomplete", Severity::kWarning},
    {"AlreadyRedeemed", Severity::kBreach},
    {"AmbiguousLocalTime", Severity::kInfo},
    {"AmountExceedsBalance", Severity::kWarning},
    {"AmountExceedsDisclosed", Severity::kBreach},
    {"AmountNotPositive", Severity::kWarning},
    {"AnswerPending", Severity::kWarning},
    {"ApologyMissing", Severity::kWarning},
    {"ApproverMissing", Severity::kBreach},
    {"Assumed", Severity::kInfo},
    {"BalanceNotZero", Severity::kBreach},
    {"BookedLate", Severity::kInfo},
    {"CaptureExceedsCharge", Severity::kBreach},
    {"CaptureExceedsHold", Severity::kBreach},
    {"CaseMissing", Severity::kBreach},
    {"ChargeNotDisclosed", Severity::kBreach},
    {"ChargeUnknown", Severity::kWarning},
    {"ChecklistIncomplete", Severity::kBreach},
    {"ChecklistVersionMismatch", Severity::kBreach},
    {"CloseBasisNotAllowed", Severity::kBreach},
    {"ClosureBlocked", Severity::kBreach},
    {"CompensationExceedsGrant", Severity::kBreach},
    {"ComplaintNeedsResolution", Severity::kBreach},
    {"ConfirmationIncomplete", Severity::kBreach},
    {"ContractUnknown", Severity::kWarning},
    {"CustomerAbsent", Severity::kInfo},
    {"DamageNotAcknowledged", Severity::kBreach},
    {"DamagePreExisting", Severity::kBreach},
    {"DepositMissing", Severity::kBreach},
    {"DepositTerminal", Severity::kBreach},
    {"DepositTermsNotDisclosed", Severity::kBreach},
    {"DetailsNotCurrent", Severity::kBreach},
    {"DigestMismatch", Severity::kBreach},
    {"DiscountExceedsCharge", Severity::kBreach},
    {"DisputeOpen", Severity::kBreach},
    {"DuplicateCycle", Severity::kBreach},
    {"DuplicatePspRef", Severity::kBreach},
    {"DurationDisagrees", Severity::kWarning},
    {"EffectiveInPast", Severity::kWarning},
    {"EscalationLevelNotIncreasing", Severity::kWarning},
    {"EvidenceMissing", Severity::kBreach},
    {"ExpiryNotWhole", Severity::kWarning},
    {"ExplanationMissing", Severity::kBreach},
    {"FeeNotDisclosed", Severity::kBreach},
    {"FeesNotDisclosed", Severity::kBreach},
    {"FieldMissing", Severity::kWarning},
    {"FirstResponsibleMissing", Severity::kBreach},
    {"FoundAfterSignature", Severity::kWarning},
    {"HandoverNotAccepted", Severity::kBreach},
    {"HoldExpired", Severity::kBreach},
    {"HoldTerminal", Severity::kBreach},
    {"HoldUnknown", Severity::kWarning},
    {"IdentityNotVerified", Severity::kBreach},
    {"IllegalTransition", Severity::kBreach},
    {"ImplausibleValue", Severity::kWarning},
    {"IncrementAfterCapture", Severity::kBreach},
    {"IncrementTotalMismatch", Severity::kWarning},
    {"InspectionUnsigned", Severity::kBreach},
    {"InspectionWaived", Severity::kWarning},
    {"IntakeFieldMissing", Severity::kWarning},
    {"InvestigatorConflict", Severity::kBreach},
    {"LateCapture", Severity::kWarning},
    {"LegalHold", Severity::kBreach},
    {"LicenceNotVerified", Severity::kBreach},
    {"LimitExceeded", Severity::kBreach},
    {"MediaMissing", Severity::kWarning},
    {"MultiCaptureNotAllowed", Severity::kBreach},
    {"NetworkRule", Severity::kWarning},
    {"NoConsentToWithdraw", Severity::kBreach},
    {"NonexistentLocalTime", Severity::kWarning},
    {"NotByOwner", Severity::kWarning},
    {"NotHistory", Severity::kBreach},
    {"NothingToAssign", Severity::kInfo},
    {"NoticeVersionUnknown", Severity::kBreach},
    {"OdometerDecreased", Severity::kBreach},
    {"OverCapture", Severity::kBreach},
    {"OwnerMissing", Severity::kBreach},
    {"PaidAfterAssignment", Severity::kWarning},
    {"PaymentExceedsCost", Severity::kBreach},
    {"PaymentMethodNotVerified", Severity::kBreach},
    {"PeriodNotIncreasing", Severity::kBreach},
    {"PeriodNotOver", Severity::kBreach},
    {"PlanIncomplete", Severity::kBreach},
    {"PriceNotPublished", Severity::kBreach},
    {"PurposeMismatch", Severity::kBreach},
    {"PurposeNotDisclosed", Severity::kBreach},
    {"QueryPeriodOpen", Severity::kBreach},
    {"QueryPeriodOver", Severity::kBreach},
    {"ReasonMissing", Severity::kBreach},
    {"ReferenceDuplicate", Severity::kBreach},
    {"RefundExceedsApproved", Severity::kBreach},
    {"RefundExceedsSource", Severity::kBreach},
    {"RequestUnknown", Severity::kWarning},
    {"RetentionActive", Severity::kBreach},
    {"ReturnBeforeHandover", Severity::kBreach},
    {"ReversalExceedsCharge", Severity::kBreach},
    {"ReviewMissing", Severity::kBreach},
    {"ReworkRequired", Severity::kBreach},
    {"RoundMismatch", Severity::kBreach},
    {"SatisfactionNotConfirmed", Severity::kBreach},
    {"SpecialRequestOpen", Severity::kBreach},
    {"StatementMismatch", Severity::kBreach},
    {"TermsNotExplained", Severity::kBreach},
    {"TimeAssumed", Severity::kInfo},
    {"TotalDisagrees", Severity::kWarning},
    {"UnknownCode", Severity::kWarning},
    {"UpdateNotVerified", Severity::kBreach},
    {"VehicleInCustody", Severity::kBreach},
    {"VersionNotIncreasing", Severity::kBreach},
    {"ViolationBorne", Severity::kBreach},
    {"ViolationNotCharged", Severity::kBreach},
    {"ViolationOpen", Severity::kBreach},
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
