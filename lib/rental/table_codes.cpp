// SPDX-License-Identifier: Apache-2.0
//
// Version 1 of rule set `codes`: the open lists (DOMAIN §2, `⟨…⟩`) that the registered events use. `notStated` belongs
// to every list and is not repeated.
#include "rental/rules.hpp"

#include <array>

namespace carnet::rental {

namespace {

// clang-format off
constexpr auto kCodes = std::to_array<CodeList>({
    {"businessLine", "rental designatedDriver"},
    {"channel", "website mobileApp hotline email onlineChat branch socialMedia thirdPartyPlatform driver offlineEvent post system"},
    {"deductionKind", "commission fee tax"},
    {"intakeOrigin", "direct forwardedByHeadOffice driver platform"},
    {"noticeKind",
     "welcome accountDetails progress supportAvailability apology accountChange reactivation survey "
     "detailsConfirmationRequest improvement policyChangeCustomer policyChangeStaff dataRequestAcknowledged "
     "closureAcknowledged closureInitiated partnerErasure closureConfirmed securityAlert personalDataBreach "
     "reservationConfirmation passwordGuidance emergencyHotline birthdayGreeting holidayGreeting yearEndGreeting "
     "serviceUpdate proactiveOutreach promotion tip eventInvitation wallNotice violationNotice"},
    {"noticePurpose", "service marketing"},
    {"chargeKind",
     "rental insurance handlingFee addOn overtime excessMileage fuelDifference damage oneWay cancellation penalty "
     "violationAdminFee roadside designatedDriver other"},
    {"chargebackReason", "cardDispute bankReturn fraud other"},
    {"discountSource", "tier goodwill points"},
    {"partnerCostKind", "driver towing insurer other"},
    {"pspLineKind", "sale refund chargeback chargebackWon fee chargebackFee reserve"},
    {"releaseReason",
     "settled queryPeriodEnded cancelled finalCapture replaced captureReversed goodwill"},
    {"paymentMethod", "card cash bankTransfer wallet alipay weChatPay notStated"},
});
// clang-format on

}  // namespace

std::span<const CodeList> code_table() {
  return kCodes;
}

}  // namespace carnet::rental
