// SPDX-License-Identifier: Apache-2.0
#include "variants.hpp"

#include <array>

namespace carnet::generate {

namespace {

using enum Variant;

template <class... Each>
constexpr std::uint64_t of(Each... each) {
  return (Variants::mask(each) | ...);
}

constexpr std::uint64_t kNoCustody = of(kNoShow, kCancelled, kVoided);

// clang-format off
constexpr auto kTable = std::to_array<VariantRow>({
    // variant, name, per mille of those that may have it, only with, never with
    {kWalkIn, "walkIn", 350, 0, 0},
    {kQuoted, "quoted", 500, 0, of(kWalkIn)},
    {kNoShow, "noShow", 15, 0, of(kWalkIn)},
    {kCancelled, "cancelled", 80, 0, of(kNoShow, kWalkIn)},
    {kVoided, "voided", 10, 0, of(kNoShow, kCancelled)},
    {kPlatformOrder, "platformOrder", 50, 0, kNoCustody | of(kWalkIn)},
    {kExtended, "extended", 60, 0, kNoCustody},
    {kSwapped, "swapped", 15, 0, kNoCustody},
    {kLateReturn, "lateReturn", 120, 0, kNoCustody},
    {kDamage, "damage", 30, 0, kNoCustody},
    {kDiscount, "discount", 30, 0, kNoCustody | of(kPlatformOrder)},
    {kVoucher, "voucher", 20, 0, kNoCustody | of(kPlatformOrder)},
    {kHoldDeclined, "holdDeclined", 30, 0, of(kNoShow, kCancelled)},
    {kHoldReplaced, "holdReplaced", 30, 0, kNoCustody},
    {kHoldIncreased, "holdIncreased", 40, 0, kNoCustody},
    {kPartialRelease, "partialRelease", 60, 0, kNoCustody},
    {kPaidByCard, "paidByCard", 400, 0, kNoCustody | of(kPlatformOrder)},
    {kOverCapture, "overCapture", 5, 0, kNoCustody | of(kPaidByCard, kPlatformOrder)},
    {kLateCapture, "lateCapture", 5, 0, kNoCustody | of(kPaidByCard, kPlatformOrder, kOverCapture, kHoldReplaced)},
    {kCaptureRefunded, "captureRefunded", 25, 0, kNoCustody | of(kPaidByCard, kPlatformOrder, kOverCapture, kLateCapture)},
    {kChargebackWon, "chargebackWon", 10, of(kPaidByCard), 0},
    {kChargebackLost, "chargebackLost", 8, of(kPaidByCard), of(kChargebackWon)},
    {kChargeReversed, "chargeReversed", 15, 0, kNoCustody | of(kPlatformOrder)},
    {kPaymentReversed, "paymentReversed", 15, of(kPaidByCard), of(kChargebackWon, kChargebackLost)},
    {kCorrected, "corrected", 15, 0, kNoCustody},
    {kSilentOnBill, "silentOnBill", 150, 0, kNoCustody},
    {kFine, "fine", 90, 0, kNoCustody},
    {kLateFine, "lateFine", 20, 0, kNoCustody | of(kFine)},
    {kFineDismissed, "fineDismissed", 150, of(kFine), 0},
    {kComplaint, "complaint", 50, 0, of(kNoShow, kCancelled, kPlatformOrder)},
    {kSilentComplainant, "silentComplainant", 150, of(kComplaint), 0},
    {kReopened, "reopened", 100, of(kComplaint), of(kSilentComplainant)},
});
// clang-format on

}  // namespace

std::span<const VariantRow> variant_table() {
  return kTable;
}

Variants throw_variants(Dice& dice) {
  Variants thrown;
  for (const VariantRow& row : kTable) {
    const bool may = !thrown.any_of(row.never_with) && (row.only_with == 0 || thrown.any_of(row.only_with));
    if (dice.chance(row.per_mille) && may) {
      thrown.add(row.variant);
    }
  }
  return thrown;
}

}  // namespace carnet::generate
