// SPDX-License-Identifier: Apache-2.0
//
// What several guards and queries ask of an account: its marks, its lawful bases, what was verified of it.
#pragma once

#include "rental/decision.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::rental {

// Marks of an account's row.
inline constexpr std::uint8_t kOpenedMark = 0;
inline constexpr std::uint8_t kUpdateRequestedMark = 1;
inline constexpr std::uint8_t kClosureReviewedMark = 2;
inline constexpr std::uint8_t kClosedMark = 3;

/// Member of the account's tag plus 1; 0: nothing ever named it.
[[nodiscard]] std::uint32_t account_member(Decision& decision, std::string_view account);
/// The account that an event is about: its own `accountId`.
[[nodiscard]] SubjectRow account_row(Decision& decision);
/// The lawful basis for a purpose, as it stands; zeros: none was recorded.
[[nodiscard]] SubjectRow basis_row(Decision& decision, std::string_view account, std::string_view purpose);
[[nodiscard]] bool basis_in_force(Decision& decision, std::string_view account, std::string_view purpose);
/// The last verification of `what`; zeros: none.
[[nodiscard]] SubjectRow verification_row(Decision& decision, std::string_view account, std::string_view what);
/// A document of this kind and version was published.
[[nodiscard]] bool document_known(Decision& decision, std::string_view kind, std::string_view version);

/// A ledger account of a customer's money.
struct PartyMoney {
  std::uint32_t number = 0;
  LedgerAccount account;
};

/// Those of an account on which something stands, posted or pending, the newest first. Deposits bear no party's name:
/// they are whose tag the events bear.
[[nodiscard]] std::vector<PartyMoney> money_of(Decision& decision, std::string_view account);

/// A lifecycle of the account that has not ended.
struct OpenSubject {
  std::string_view kind;  ///< `contract`
  std::string stream;
};

/// Of the kinds that are asked for (words; empty: all of I-A4), the newest first.
[[nodiscard]] std::vector<OpenSubject> open_subjects(Decision& decision, std::string_view account,
                                                     std::string_view kinds = {});

}  // namespace carnet::rental
