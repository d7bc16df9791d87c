// SPDX-License-Identifier: Apache-2.0
//
// What events do to a violation's row: the same arithmetic for deciding (which checks I-V1 against the books before
// anything is written) and for every replay. Amounts follow from transfers alone, so a reversal, which mirrors them,
// needs no memory.
#pragma once

#include "rental/rows.hpp"
#include "rental/rule_book.hpp"

#include <carnet/projection.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace carnet::rental {

/// What the transfers of one event do to one violation.
struct ViolationEffect {
  std::int64_t receivable = 0;
  std::int64_t credit = 0;
  std::int64_t fine = 0;
  std::int64_t expenses = 0;
  std::int64_t paid = 0;
  std::int64_t cancelled = 0;
  std::int64_t assigned = 0;
  std::int64_t written_off = 0;
  std::int64_t refunding = 0;
};

/// A violation that an event concerns.
struct ViolationSubject {
  const ChainRef* tag = nullptr;  ///< Its row is tag->member.
  std::string_view id;            ///< As the payload has it.
};

/// Members of family `violation` that the event's rules are about: its violationId, or those it is allocated to.
void violation_subjects(const RuleBook& book, const AppliedEvent& event, const EventFacts& facts,
                        std::vector<ViolationSubject>& out);

/// True when an allocation is to the party's debt: payers platform, insurer and collector settle their own account.
[[nodiscard]] bool pays_for_party(const EventFacts& facts) noexcept;

/// Notes in `row` which ledger accounts are the violation's receivable and credit, where this event is the first to
/// show.
void learn_accounts(const RuleBook& book, const AppliedEvent& event, const EventFacts& facts,
                    std::string_view violation, ViolationRow& row);

[[nodiscard]] ViolationEffect effect_on(const RuleBook& book, const AppliedEvent& event, const EventFacts& facts,
                                        const ViolationRow& row);

/// The row after an event that is no reversal and no correction. False: a sum left 64 bits (the row is then of no use).
[[nodiscard]] bool advance(const RuleBook& book, const AppliedEvent& event, const EventFacts& facts,
                           const ViolationEffect& effect, ViolationRow& row);

/// Amounts alone. False: a sum left 64 bits.
[[nodiscard]] bool add_effect(const ViolationEffect& effect, ViolationRow& row) noexcept;

/// State that the living events of the journal lead to.
[[nodiscard]] State replay_journal(const RuleBook& book, TableReader& tables, TableId journal, const ViolationRow& row);

/// I-V1, from the row alone: charged + overpaid = paid + cancelled + assigned + writtenOff + due.
[[nodiscard]] bool identity_holds(const ViolationRow& row) noexcept;

}  // namespace carnet::rental
