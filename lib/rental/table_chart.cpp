// SPDX-License-Identifier: Apache-2.0
//
// DOMAIN §4.1, the chart of accounts.
#include "rental/rules.hpp"

#include <array>

namespace carnet::rental {

namespace {

using enum NormalSide;
using enum AccountLimit;

// clang-format off
constexpr auto kChart = std::to_array<ChartRow>({
    {"A1", "asset/cash", kDebit, kNone},
    {"A2", "asset/pspClearing/{psp}", kDebit, kNone},
    {"A3", "asset/receivable/customer/{party}/{of}", kDebit, kNone},
    {"A4", "asset/receivable/thirdParty/{partner}", kDebit, kNone},
    {"L1", "liability/deposit/security/{deposit}/{hold}", kCredit, kDebitsWithinCredits},
    {"L2", "liability/deposit/violation/{deposit}/{hold}", kCredit, kDebitsWithinCredits},
    {"L3", "liability/customerCredit/{party}/{of}", kCredit, kDebitsWithinCredits},
    {"L4", "liability/refundPayable/{party}", kCredit, kDebitsWithinCredits},
    {"L5", "liability/finesPayable/{authority}/{violation}", kCredit, kDebitsWithinCredits},
    {"L6", "liability/compensationPayable/{party}", kCredit, kDebitsWithinCredits},
    {"L7", "liability/voucher/{party}/{voucher}", kCredit, kDebitsWithinCredits},
    {"L8", "liability/taxPayable/{jurisdiction}", kCredit, kNone},
    {"L9", "liability/partnerPayable/{partner}", kCredit, kDebitsWithinCredits},
    {"L10", "liability/unclaimed/{jurisdiction}", kCredit, kDebitsWithinCredits},
    {"R", "revenue/{use}", kCredit, kNone},
    {"C1", "contraRevenue/discount", kDebit, kNone},
    {"E", "expense/{use}", kDebit, kNone},
    {"Q1", "equity/opening", kCredit, kNone},
    {"X1", "points/issuance", kDebit, kNone},
    {"X2", "points/customer/{account}", kCredit, kDebitsWithinCredits},
});

// clang-format on

}  // namespace

std::span<const ChartRow> chart_table() {
  return kChart;
}

}  // namespace carnet::rental
