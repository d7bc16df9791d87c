// SPDX-License-Identifier: Apache-2.0
//
// From an account to what is its: the ledger accounts that events with its tag touched, and the streams whose events
// bear its tag. Lists only grow; whether money is left or a lifecycle has ended, the books and the subjects say.
#pragma once

#include "rental/rule_book.hpp"

#include <carnet/projection.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace carnet::rental {

inline constexpr std::string_view kPartyProjection = "parties";  // rows, nodes, ledger accounts, streams

/// By member of tag family `account`: heads of its lists.
struct PartyRow {
  std::uint32_t ledger_accounts = 0;  ///< Node, plus 1.
  std::uint32_t streams = 0;
};

struct PartyNodeRow {
  std::uint32_t number = 0;  ///< Of the ledger account, or the ordinal of the stream's own tag.
  std::uint32_t member = 0;  ///< Of that tag.
  std::uint32_t next = 0;    ///< Node, plus 1.
  std::uint32_t family = 0;  ///< Of a stream: its place in kPartyFamilies, plus 1.
};

/// By ledger account number, and by ordinal of a stream's own tag.
struct PartyOwnerRow {
  std::uint32_t account = 0;  ///< Member of the account noted last, plus 1.
  std::uint32_t reserved = 0;
};

/// Families whose streams are noted. Places are stored: a new one comes behind.
inline constexpr std::array<std::string_view, 7> kPartyFamilies{"rental",  "reservation", "violation", "case",
                                                                "payment", "order",       "assistance"};

/// What makes the lists.
class PartyIndex {
 public:
  explicit PartyIndex(const RuleBook& book);

  void apply(const AppliedEvent& event, TableId first, TableWriter& tables) const;

 private:
  void merge(const AppliedEvent& event, TableId first, TableWriter& tables) const;
  void note_streams(const AppliedEvent& event, std::uint32_t account, TableId first, TableWriter& tables) const;
  void note_ledger_account(const AppliedEvent& event, std::uint32_t number, TableId first, TableWriter& tables) const;

  Symbol account_ = kForeignSymbol;
  std::uint16_t merged_ = kForeignType;
  const RuleBook& book_;
  std::array<Symbol, 8> charts_{};
  std::array<Symbol, kPartyFamilies.size()> families_{};
};

}  // namespace carnet::rental
