// SPDX-License-Identifier: Apache-2.0
//
// Guards: what each event must meet beside its state, how a broken one is named (DOMAIN §3, §4.4), and how grave the
// names of findings are.
#include "rental/rules.hpp"

#include <carnet/schema/violation.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Guard;

using Kind = schema::TrafficViolationAmended::Kind;
constexpr Kinds kFineKinds = kinds(Kind::EXPENSE, Kind::PENALTY, Kind::EARLY_DISCOUNT, Kind::REDUCED);
constexpr Kinds kCancelKinds = kinds(Kind::DISMISSED, Kind::SETTLED_BY_CUSTOMER, Kind::WITHDRAWN);

constexpr Guard kOfLedgerOpened[] = {kFirstOfDomain};
constexpr Guard kOfRuleSet[] = {kRuleSetKnown, kRuleSetVersion, kRuleSetNotPast};
constexpr Guard kOfRecorded[] = {kFinePositive, kLawfulBasis, kWithinCustody};
constexpr Guard kOfCharged[] = {kOneCurrency, kFinePositive};
constexpr Guard kOfFineKinds[] = {kOneCurrency, kFinePositive};
constexpr Guard kOfCancelKinds[] = {kOneCurrency, kCancelsDownTo};
constexpr Guard kOfAuthorityMoney[] = {kOneCurrency, kAmountPositive};
constexpr Guard kOfAssigned[] = {kOneCurrency, kAmountPositive, kAmountWithinDue};
constexpr Guard kOfPayment[] = {kAmountPositive, kOneCurrency, kPspRefUnique, kAllocationWithin, kAllocationKnown};
constexpr Guard kOfFeedback[] = {kReferenceUnique, kFirstResponsible, kIntakeFields};
constexpr Guard kOfHandover[] = {kVehicleFree, kOdometer};
constexpr Guard kOfReturn[] = {kSameVehicle, kReturnAfterHandover, kVehicleFree, kOdometer};

// clang-format off
const std::array kUses{
    GuardUse{"LedgerOpened", 0, kOfLedgerOpened},
    GuardUse{"RuleSetPublished", 0, kOfRuleSet},
    GuardUse{"TrafficViolationRecorded", 0, kOfRecorded},
    GuardUse{"TrafficViolationCharged", 0, kOfCharged},
    GuardUse{"TrafficViolationAmended", kFineKinds, kOfFineKinds},
    GuardUse{"TrafficViolationAmended", kCancelKinds, kOfCancelKinds},
    GuardUse{"FinePaidToAuthority", 0, kOfAuthorityMoney},
    GuardUse{"FineRefundedByAuthority", 0, kOfAuthorityMoney},
    GuardUse{"ReceivableAssigned", 0, kOfAssigned},
    GuardUse{"PaymentReceived", 0, kOfPayment},
    GuardUse{"FeedbackReceived", 0, kOfFeedback},
    GuardUse{"VehicleHandedOver", 0, kOfHandover},
    GuardUse{"VehicleReturned", 0, kOfReturn},
};

constexpr auto kNames = std::to_array<GuardRow>({
    // guard, rule, error, path, refused on every basis, only a finding
    {kFirstOfDomain, "§0.1", "NotFirstEvent", "", true, false},
    {kRuleSetKnown, "§2.2", "RuleSetInvalid", "data.parameters", true, false},
    {kRuleSetVersion, "§3.9", "VersionNotIncreasing", "data.version", true, false},
    {kRuleSetNotPast, "§3.9", "EffectiveInPast", "data.effectiveFrom", false, true},
    {kFinePositive, "I-M2", "AmountNotPositive", "data.fine", false, false},
    {kAmountPositive, "I-M2", "AmountNotPositive", "data.amount", true, false},
    {kAmountWithinDue, "I-V2", "AmountExceedsBalance", "data.amount", false, false},
    {kCancelsDownTo, "§2.8", "AmountExceedsBalance", "data.newFine", false, false},
    {kWithinCustody, "§3.5", "ViolationOutsideCustody", "data.violationAt", false, false},
    {kLawfulBasis, "I-P1", "BasisMissing", "data.lawfulBasisRef", true, false},
    {kOneCurrency, "I-M3", "CurrencyMismatch", "data", true, false},
    {kAllocationKnown, "§3.6", "AllocationExceedsBalance", "data.allocatedTo", false, false},
    {kAllocationWithin, "§3.6", "AllocationExceedsAmount", "data.allocatedTo", true, false},
    {kPspRefUnique, "I-M21", "DuplicatePspRef", "data.pspRef", false, false},
    {kReferenceUnique, "I-F1", "ReferenceDuplicate", "data.referenceNo", false, false},
    {kFirstResponsible, "I-F2", "FirstResponsibleMissing", "data.firstResponsible", false, false},
    {kIntakeFields, "I-F12", "IntakeFieldMissing", "data.fieldMask", false, false},
    {kVehicleFree, "I-C7", "VehicleInCustody", "data.at", false, false},
    {kSameVehicle, "§3.2", "IllegalTransition", "data.vehicleId", false, false},
    {kReturnAfterHandover, "I-H8", "ReturnBeforeHandover", "data.at", false, false},
    {kOdometer, "I-H4", "OdometerDecreased", "data.odometer", false, false},
});
static_assert(kNames.size() == kGuardCount);

constexpr auto kFindings = std::to_array<FindingRow>({
    {"AllocationExceedsBalance", Severity::kWarning},
    {"AmbiguousLocalTime", Severity::kInfo},
    {"AmountExceedsBalance", Severity::kWarning},
    {"AmountNotPositive", Severity::kWarning},
    {"Assumed", Severity::kInfo},
    {"DuplicatePspRef", Severity::kBreach},
    {"DurationDisagrees", Severity::kWarning},
    {"EffectiveInPast", Severity::kWarning},
    {"FieldMissing", Severity::kWarning},
    {"FirstResponsibleMissing", Severity::kBreach},
    {"IllegalTransition", Severity::kBreach},
    {"ImplausibleValue", Severity::kWarning},
    {"IntakeFieldMissing", Severity::kWarning},
    {"NonexistentLocalTime", Severity::kWarning},
    {"NothingToAssign", Severity::kInfo},
    {"OdometerDecreased", Severity::kBreach},
    {"PaidAfterAssignment", Severity::kWarning},
    {"ReferenceDuplicate", Severity::kBreach},
    {"ReturnBeforeHandover", Severity::kBreach},
    {"TimeAssumed", Severity::kInfo},
    {"TotalDisagrees", Severity::kWarning},
    {"UnknownCode", Severity::kWarning},
    {"VehicleInCustody", Severity::kBreach},
    {"ViolationBorne", Severity::kBreach},
    {"ViolationNotCharged", Severity::kBreach},
    {"ViolationOutsideCustody", Severity::kBreach},
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

constexpr auto kDecided = std::to_array<std::string_view>({"LedgerOpened", "RuleSetPublished"});

}  // namespace

std::span<const GuardUse> guard_use_table() {
  return kUses;
}

std::span<const GuardRow> guard_table() {
  return kNames;
}

std::span<const FindingRow> finding_table() {
  return kFindings;
}

std::span<const BasisRow> basis_table() {
  return kBases;
}

std::span<const std::string_view> decided_table() {
  return kDecided;
}

}  // namespace carnet::rental
