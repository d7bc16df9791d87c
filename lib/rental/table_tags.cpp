// SPDX-License-Identifier: Apache-2.0
//
// DOMAIN §0.5: which field of a payload gives which tag. The whole table, because a tag that is missing on an event can
// never be added later.
#include "rental/rules.hpp"

#include <array>

namespace carnet::rental {

namespace {

constexpr std::string_view kDeposit[] = {"deposit"};
constexpr std::string_view kPaymentSources[] = {"payment", "compensation"};
constexpr std::string_view kPartnerPayers[] = {"platform", "insurer", "collector"};

constexpr TagRule field(std::uint16_t row, std::string_view name, std::string_view family) {
  TagRule rule;
  rule.field = name;
  rule.family = family;
  rule.row = row;
  return rule;
}

constexpr TagRule marked(std::uint16_t row, std::string_view word, std::string_view family) {
  TagRule rule = field(row, word, family);
  rule.marked = true;
  return rule;
}

constexpr TagRule where(TagRule rule, std::string_view sibling, std::span<const std::string_view> values) {
  rule.when_field = sibling;
  rule.when_values = values;
  return rule;
}

// clang-format off
constexpr auto kTags = std::to_array<TagRule>({
    field(1, "contractId", "rental"),
    field(2, "reservationId", "reservation"),
    field(3, "inspectionId", "inspection"), field(3, "fromInspectionId", "inspection"), field(3, "toInspectionId", "inspection"),
    field(4, "orderId", "order"),
    field(5, "accountId", "account"), field(5, "driverAccountId", "account"), field(5, "surviving", "account"),
    field(5, "absorbed", "account"), field(5, "accounts", "account"),
    field(6, "party", ""),
    field(7, "caseId", "case"), field(7, "primaryCaseId", "case"), field(7, "newCaseId", "case"),
    field(8, "depositId", "deposit"), where(field(8, "sourceId", "deposit"), "source", kDeposit),
    field(9, "violationId", "violation"),
    field(10, "vehicleId", "vehicle"), field(10, "fromVehicleId", "vehicle"), field(10, "toVehicleId", "vehicle"),
    field(11, "branchId", "branch"), field(11, "pickupBranchId", "branch"),
    field(12, "paymentId", "payment"), field(12, "refundId", "payment"), field(12, "chargebackId", "payment"),
    field(12, "compensationId", "payment"), field(12, "voucherId", "payment"), field(12, "costId", "payment"),
    field(12, "pspSettlementId", "payment"), where(field(12, "sourceId", "payment"), "source", kPaymentSources),
    field(13, "partnerId", "partner"), marked(13, "partnerId", "partner"),
    where(field(13, "payerId", "partner"), "payer", kPartnerPayers),
    field(14, "authority", "authority"),
    field(15, "assistanceId", "assistance"),
    field(16, "incidentId", "security"),
    field(17, "staffId", "staff"), marked(17, "staffId", "staff"),
    field(18, "about", ""),
});
// clang-format on

}  // namespace

std::span<const TagRule> tag_table() {
  return kTags;
}

}  // namespace carnet::rental
