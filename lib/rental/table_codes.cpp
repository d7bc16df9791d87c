// SPDX-License-Identifier: Apache-2.0
//
// Version 1 of rule set `codes`: the open lists (DOMAIN §2, `⟨…⟩`) of its events. `notStated` belongs
// to every list and is not repeated.
#include "rental/rules.hpp"

#include <array>

namespace carnet::rental {

namespace {

// clang-format off
constexpr auto kCodes = std::to_array<CodeList>({
    {"actionKind", "improvement actionPlan"},
    {"addOn", "extraInsurance roadsideUpgrade navigation oneWay childSeat"},
    {"amendmentKind", "extension vehicleClass returnBranch driver other"},
    {"businessLine", "rental designatedDriver"},
    {"caseCause",
     "serviceProcess staffConduct driverQuality vehicleCondition billing system demandChange customerExpectation "
     "thirdParty"},
    {"channel",
     "website mobileApp hotline email onlineChat branch socialMedia thirdPartyPlatform driver offlineEvent post "
     "system"},
    {"chargeKind",
     "rental insurance handlingFee addOn overtime excessMileage fuelDifference damage oneWay cancellation "
     "penalty violationAdminFee roadside designatedDriver other"},
    {"chargebackReason", "cardDispute bankReturn fraud other"},
    {"checklistItem", "body interior tyres spareTyre lights airConditioning audio brakes tools"},
    {"closureReason", "inactivity policyViolation other"},
    {"collectionSource", "registration portal driver office eventPoint thirdPartyPlatform inboundCall"},
    {"control",
     "accessReview backup restoreTest securityAudit serviceAudit incidentPlanReview incidentDrill "
     "annualFileSummary careListPrepared storageMaintenance retentionReview policyReview sopReview legalReview "
     "complianceReview encryptionReview feedbackAnalysis feedbackReviewMeeting training mysteryShopper "
     "stakeholderInput appreciationEvent"},
    {"damageBasis", "priceTable repairInvoice"},
    {"deductionKind", "commission fee tax"},
    {"discountSource", "tier goodwill points"},
    {"documentKind",
     "contract terms privacyPolicy complaintInstructions sop checklist feedbackTemplate classificationStandard "
     "responseTimeTarget emergencyNumber partnerTerms"},
    {"errorOrigin", "dataEntry customer import"},
    {"escalationReason", "deadlineNear deadlineMissed major customerRequest secondDissatisfaction"},
    {"evidenceKind", "order serviceRecord driverStatement partyConsulted media logReplay"},
    {"feeTermKind", "cancellation penalty"},
    {"feedbackCategory", "suggestion complaint praise inquiry other"},
    {"feedbackNature", "technical serviceQuality other"},
    {"feedbackTopic", "accountManagement rental deposit damage driver billing violation privacy other"},
    {"fuelPolicy", "fullToFull sameLevel prepaid"},
    {"intakeOrigin", "direct forwardedByHeadOffice driver platform"},
    {"lossKind", "theft totalLoss notReturned"},
    {"noticeKind",
     "welcome accountDetails progress supportAvailability apology accountChange reactivation survey "
     "detailsConfirmationRequest improvement policyChangeCustomer policyChangeStaff dataRequestAcknowledged "
     "closureAcknowledged closureInitiated partnerErasure closureConfirmed securityAlert personalDataBreach "
     "reservationConfirmation passwordGuidance emergencyHotline birthdayGreeting holidayGreeting yearEndGreeting "
     "serviceUpdate proactiveOutreach promotion tip eventInvitation wallNotice violationNotice"},
    {"noticePurpose", "service marketing"},
    {"partnerCostKind", "driver towing insurer other"},
    {"paymentMethod", "card cash bankTransfer wallet alipay weChatPay notStated"},
    {"priceUnit", "day hour km perMille flat"},
    {"pspLineKind", "sale refund chargeback chargebackWon fee chargebackFee reserve"},
    {"purpose",
     "accountManagement serviceProvision marketing analytics partnerSharing driverCollectedExtra "
     "violationHandling"},
    {"releaseReason", "settled queryPeriodEnded cancelled finalCapture replaced captureReversed goodwill"},
    {"restrictionReason", "fraud security arrears legal"},
    {"reviewMethod", "contact document sample"},
    {"specialRequestKind", "childSeat additionalDriver oneWayReturn other"},
    {"staffRecordKind", "onboarded offboarded confidentialityBreach sanction appraisal reward"},
    {"termsTopic",
     "termCalculation overtimeFee mileageLimit insuranceCover exclusions penalty fuelPolicy violationHandling"},
    {"updateCause", "customerRequest review staffDetected import correction"},
    {"verification",
     "identity licence paymentMethod accountUpdate reopeningIdentity dataRequestIdentity additionalDriver "
     "issuerRelease"},
    {"via", "portal support staff detected"},
});
// clang-format on

}  // namespace

std::span<const CodeList> code_table() {
  return kCodes;
}

}  // namespace carnet::rental
