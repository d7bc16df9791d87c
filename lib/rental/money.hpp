// SPDX-License-Identifier: Apache-2.0
//
// What guards and postings both ask about money: what is owed of a charge, whether a hold still covers a capture, on
// whose clearing account something lies.
#pragma once

#include "rental/decision.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace carnet::rental {

[[nodiscard]] inline bool in_list(std::string_view value, std::initializer_list<std::string_view> list) {
  for (const std::string_view each : list) {
    if (each == value) {
      return true;
    }
  }
  return false;
}

/// What is owed of a charge by its own sums; negative when more was paid.
[[nodiscard]] std::int64_t owed_of(const MachinePlan& charges, const SubjectRow& charge);
/// The same, with what chargebacks of its order made due again.
[[nodiscard]] std::int64_t payable_of(Decision& decision, const SubjectRow& charge);

/// What is captured lies within the hold, which stands and has not expired when the capture occurs (I-M5, I-M6).
[[nodiscard]] bool is_within_hold(Decision& decision, const Subject& hold);
[[nodiscard]] bool is_live(const SubjectRow& hold) noexcept;
[[nodiscard]] bool is_expired_at(const SubjectRow& hold, Timestamp time) noexcept;

/// schema::DepositPurpose of the deposit that the event concerns; 0: not known.
[[nodiscard]] std::uint8_t deposit_purpose(Decision& decision);
/// The profile of the hold's network, or the default one.
[[nodiscard]] PspProfile psp_profile(Decision& decision);
/// Processor of the hold, payment or capture that the event concerns; empty: none.
[[nodiscard]] std::string psp_of_source(Decision& decision);
/// Use of chart row R for the event's charge kind.
[[nodiscard]] std::string revenue_use(Decision& decision, std::string_view kind);

/// What a refund or chargeback returns: the event that brought it in.
struct SourceEvent {
  Machine machine = Machine::kPayment;
  SubjectRow row;
  std::uint64_t position = 0;  ///< 0: not known (opening balances, history).
};

[[nodiscard]] SourceEvent source_of(Decision& decision);

[[nodiscard]] std::string minor_text(std::int64_t minor);

}  // namespace carnet::rental
