// SPDX-License-Identifier: Apache-2.0
//
// What may happen in a rental beside the happy path, and how often: data of the history maker.
#pragma once

#include "dice.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace carnet::generate {

enum class Variant : std::uint8_t {
  kWalkIn,           ///< No reservation: the contract allots the order.
  kQuoted,           ///< The reservation began with a quote.
  kNoShow,           ///< Prepaid; the fee is kept, the rest goes back.
  kCancelled,        ///< The reservation, before a contract.
  kVoided,           ///< A signed contract with a live hold.
  kPlatformOrder,    ///< Came through a platform, which pays; the party is external.
  kExtended,         ///< Contract amended by days.
  kSwapped,          ///< Another vehicle in the middle.
  kLateReturn,       ///< Overtime is charged.
  kDamage,           ///< Found at return, acknowledged, charged.
  kDiscount,         ///< Goodwill.
  kVoucher,          ///< Redeemed in part, the rest later expires.
  kHoldDeclined,     ///< At first; another card takes it.
  kHoldReplaced,     ///< A new authorization before the old one runs out.
  kHoldIncreased,    ///< An increment.
  kPartialRelease,   ///< A part of the hold goes back before settlement.
  kPaidByCard,       ///< The statement is paid, the hold released whole; else captured from the hold.
  kOverCapture,      ///< The processor reports more than was left.
  kLateCapture,      ///< The processor reports one after expiry.
  kCaptureRefunded,  ///< A part of what was captured.
  kChargebackWon,    ///< Of the card payment.
  kChargebackLost,   ///< Of the card payment.
  kChargeReversed,   ///< Posted by mistake: event reversed, posted right.
  kPaymentReversed,  ///< Booked by mistake: event reversed.
  kCorrected,        ///< The handover's branch was recorded wrong: a correction.
  kSilentOnBill,     ///< The statement is never answered.
  kFine,             ///< In custody, known before the violation hold ends.
  kLateFine,         ///< Known after it ended: paid by card.
  kFineDismissed,    ///< After it was paid.
  kComplaint,        ///< Resolved to satisfaction.
  kSilentComplainant,
  kReopened,  ///< A resolved complaint.
  kCount
};

class Variants {
 public:
  [[nodiscard]] bool has(Variant variant) const noexcept { return ((bits_ >> bit(variant)) & 1U) != 0; }

  [[nodiscard]] bool any_of(std::uint64_t bits) const noexcept { return (bits_ & bits) != 0; }

  void add(Variant variant) noexcept { bits_ |= mask(variant); }

  [[nodiscard]] static constexpr std::uint64_t mask(Variant variant) noexcept {
    return std::uint64_t{1} << bit(variant);
  }

 private:
  [[nodiscard]] static constexpr unsigned bit(Variant variant) noexcept { return static_cast<unsigned>(variant); }

  std::uint64_t bits_ = 0;
};

struct VariantRow {
  Variant variant;
  std::string_view name;
  unsigned per_mille;       ///< Of the rentals that may have it.
  std::uint64_t only_with;  ///< It needs one of these, thrown before (0: none).
  std::uint64_t never_with;
};

/// In the order in which they are thrown.
[[nodiscard]] std::span<const VariantRow> variant_table();
[[nodiscard]] Variants throw_variants(Dice& dice);

}  // namespace carnet::generate
