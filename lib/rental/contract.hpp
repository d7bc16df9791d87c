// SPDX-License-Identifier: Apache-2.0
//
// What guards ask of a rental contract: whether its terms stand in this ledger, what was disclosed of deposits and what
// of them is there, when its query period ends.
#pragma once

#include "rental/decision.hpp"

#include <carnet/money.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace carnet::rental {

/// The contract that the event names, as it stands before the event; zeros: none.
[[nodiscard]] SubjectRow contract_of(Decision& decision);

/// The contract of the deposit that the event concerns: the one named, or that of the deposit's first event.
struct DepositContract {
  SubjectRow row;
  std::uint32_t member = 0;  ///< Of tag family `rental`; 0 too where `row` is none.
};

[[nodiscard]] DepositContract contract_of_deposit(Decision& decision);

/// Drafted in this ledger. Of a contract that history entered in the middle nothing is known, and nothing is asked.
[[nodiscard]] bool has_terms(const SubjectRow& contract) noexcept;

/// An item of the last DepositTermsDisclosed.
struct DepositItem {
  std::uint16_t purpose = 0;     ///< schema::DepositPurpose
  std::uint16_t instrument = 0;  ///< schema::DepositReleased::Instrument
  bool at_pickup = false;
  Money amount;
  std::int64_t query_days = 0;
};

[[nodiscard]] std::vector<DepositItem> disclosed_items(Decision& decision, const SubjectRow& contract);

/// A hold or a cash deposit of the contract.
struct DepositHeld {
  std::uint16_t purpose = 0;
  std::uint16_t instrument = 0;
  bool live = false;        ///< Frozen or held when the event occurs.
  std::int64_t taken = 0;   ///< Frozen or collected, less what went back.
  std::uint64_t first = 0;  ///< Position of its first event.
  bool replaced = false;    ///< Another hold took its place.
};

[[nodiscard]] std::vector<DepositHeld> deposits_of(Decision& decision, const SubjectRow& contract);

/// End of the query period: the return (or loss) and the longest period disclosed; nothing: the vehicle is still out,
/// or never went out.
[[nodiscard]] std::optional<Timestamp> query_period_end(Decision& decision, const SubjectRow& contract,
                                                        std::uint32_t rental_member);

/// First item of the rule set's checklist that an inspection lacks; empty: none. Position 0: the event itself.
[[nodiscard]] std::string missing_checklist_item(Decision& decision, std::uint64_t inspection_position);

}  // namespace carnet::rental
