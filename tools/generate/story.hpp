// SPDX-License-Identifier: Apache-2.0
//
// A story: one rental from quote to close as a list of steps, each a commit. What a step needs of earlier ones stands
// here; nothing else is remembered of a rental.
#pragma once

#include "dice.hpp"
#include "variants.hpp"

#include <carnet/time.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace carnet::generate {

class Writer;
struct Story;

/// Writes one commit, or nothing: then the story goes on with its next step.
using StepMaker = void (*)(Writer& write, Story& story);

struct Step {
  std::int64_t at_ns = 0;
  StepMaker make = nullptr;
};

/// A charge of the order that stands. Amounts are cents.
struct StandingCharge {
  const char* kind = "";
  const char* suffix = "";  ///< Of its id.
  std::int64_t amount = 0;
};

struct Story {
  Story(std::uint64_t seed, std::uint64_t of) : number(of), dice(seed, of), variants(throw_variants(dice)) {}

  std::uint64_t number;
  Dice dice;
  Variants variants;
  std::string id;       ///< Of order, contract, reservation: `1001`.
  std::string account;  ///< Empty: the party is external.
  bool new_account = false;

  // What was agreed.
  std::int64_t start_ns = 0;
  std::int64_t pickup_ns = 0;
  std::int64_t term_end_ns = 0;
  std::int64_t return_ns = 0;  ///< Late, or as agreed.
  std::int64_t days = 0;
  std::int64_t day_price = 0;
  std::int64_t hold_amount = 0;
  std::uint32_t vehicle_class = 0;

  // What became of it.
  std::uint32_t vehicle = 0;
  std::uint16_t leg = 1;
  std::uint32_t odometer = 0;
  std::uint64_t handover_at = 0;                ///< Position, for a correction.
  std::array<std::byte, 32> handover_digest{};  ///< What both signed.
  std::vector<StandingCharge> charges;
  std::uint16_t statements = 0;
  std::int64_t discounted = 0;
  std::int64_t voucher_used = 0;
  std::int64_t captured = 0;   ///< From the security hold.
  std::int64_t hold_left = 0;  ///< Of the live security hold.
  std::int64_t hold_ends_ns = 0;
  std::uint16_t hold = 1;  ///< Number of the live one.
  std::int64_t fine = 0;
  std::uint8_t round = 1;        ///< Of its case.
  std::uint64_t mistake_at = 0;  ///< Position of what is reversed.

  std::vector<Step> steps;  ///< In order of time.
  std::size_t next = 0;

  [[nodiscard]] bool has(Variant variant) const noexcept { return variants.has(variant); }

  [[nodiscard]] std::int64_t charged() const noexcept {
    std::int64_t sum = 0;
    for (const StandingCharge& charge : charges) {
      sum += charge.amount;
    }
    return sum;
  }

  /// Of all charges, less discounts and vouchers.
  [[nodiscard]] std::int64_t due() const noexcept { return charged() - discounted - voucher_used; }
};

inline constexpr std::int64_t kSecond = kNsPerSecond;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;

/// Gives the story its steps, by its variants.
void plan(Story& story);

}  // namespace carnet::generate
