// SPDX-License-Identifier: Apache-2.0
//
// RuleBook: the tables of a domain, looked up by number. Made once; then read by deciding and by every fold.
#pragma once

#include "codec/payload_type.hpp"
#include "rental/facts.hpp"
#include "rental/rules.hpp"

#include <carnet/domain.hpp>
#include <carnet/projection.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace carnet::rental {

/// Families of chains that rules look for, and charts that folds look for, as symbols.
struct KnownSymbols {
  Symbol account = kForeignSymbol;
  Symbol external = kForeignSymbol;
  Symbol payment = kForeignSymbol;
  Symbol rental = kForeignSymbol;
  Symbol vehicle = kForeignSymbol;
  Symbol violation = kForeignSymbol;
  Symbol case_family = kForeignSymbol;
  Symbol receivable = kForeignSymbol;  ///< A3
  Symbol credit = kForeignSymbol;      ///< L3
};

/// Where an event finds a machine.
struct Transition {
  const LifecycleRow* row = nullptr;    ///< Always set.
  const AssumedRow* assumed = nullptr;  ///< The event is not legal in the state: the one it stands for.
  State from = kNone;                   ///< The state it acts in: the given one, or the assumed one.
};

/// Threads: immutable after construction; any number of readers.
class RuleBook {
 public:
  /// Requires: rows name events, guards, charts and findings that are there; every event that a machine knows has an
  /// assumed state.
  explicit RuleBook(const RuleTables& tables);

  [[nodiscard]] const RuleTables& tables() const noexcept { return tables_; }

  [[nodiscard]] std::span<const EventTypeSpec> specs() const noexcept { return specs_; }

  [[nodiscard]] std::span<const std::string_view> symbols() const noexcept { return symbols_; }

  [[nodiscard]] const KnownSymbols& known() const noexcept { return known_; }

  [[nodiscard]] Symbol symbol(std::string_view text) const noexcept;  ///< kForeignSymbol: none.

  [[nodiscard]] std::uint16_t type_of(std::string_view event) const noexcept;  ///< kForeignType: none.

  [[nodiscard]] std::uint16_t event_count() const noexcept { return static_cast<std::uint16_t>(specs_.size()); }

  [[nodiscard]] std::string_view event_name(std::uint16_t type) const noexcept { return specs_[type].name; }

  [[nodiscard]] const codec::PayloadType& payload_type(std::uint16_t type) const noexcept {
    return *payload_types_[type];
  }

  void read(std::uint16_t type, const PayloadView& payload, EventFacts& facts) const {
    tables_.events[type].read(payload, facts);
  }

  /// Whether a machine has rows of an event.
  [[nodiscard]] bool concerns(Machine machine, std::uint16_t type) const noexcept {
    return type < event_count() && !by_machine_[static_cast<std::size_t>(machine)][type].empty();
  }

  /// Requires: concerns(machine, type).
  [[nodiscard]] Transition transition(Machine machine, State state, std::uint16_t type, std::uint16_t variant) const;
  /// State after the event. `due`: something is due after it.
  [[nodiscard]] State next_state(Machine machine, State state, std::uint16_t type, std::uint16_t variant,
                                 bool due) const;

  /// An event after which the fine in force is another: a charge, or an amendment that replaces it.
  [[nodiscard]] bool replaces_fine(std::uint16_t type, std::uint16_t variant) const noexcept;

  /// An event that hands a vehicle over; the others of the contract's lifecycle take it back.
  [[nodiscard]] bool opens_custody(std::uint16_t type) const;
  /// An event whose amount may be 0 where nothing is due.
  [[nodiscard]] bool may_assign_nothing(std::uint16_t type) const noexcept;

  [[nodiscard]] std::span<const Guard> guards(std::uint16_t type, std::uint16_t variant) const noexcept;

  [[nodiscard]] const GuardRow& guard(Guard guard) const noexcept { return *guards_[static_cast<std::size_t>(guard)]; }

  [[nodiscard]] Severity severity(std::string_view code) const noexcept;

  [[nodiscard]] std::span<const PostingRow* const> postings(std::uint16_t type) const noexcept {
    return postings_[type];
  }

  /// Those after the mirrors of a reversal.
  [[nodiscard]] std::span<const PostingRow* const> reversal_postings() const noexcept { return reversal_postings_; }

  [[nodiscard]] const ChartRow& chart(std::string_view code) const noexcept;
  [[nodiscard]] Term term(Symbol rule, std::uint16_t variant) const noexcept;

 private:
  void index_events();
  void index_symbols();
  void index_rows();

  RuleTables tables_;
  std::vector<EventTypeSpec> specs_;
  std::vector<std::shared_ptr<const codec::PayloadType>> payload_types_;
  std::vector<std::string_view> symbols_;
  KnownSymbols known_;
  std::array<std::vector<std::vector<const LifecycleRow*>>, kMachineCount> by_machine_;
  std::array<std::vector<std::vector<const AssumedRow*>>, kMachineCount> assumed_;
  std::vector<std::vector<const GuardUse*>> guard_uses_;
  std::array<const GuardRow*, kGuardCount> guards_{};
  std::vector<std::vector<const PostingRow*>> postings_;
  std::vector<const PostingRow*> reversal_postings_;
  std::vector<std::vector<const TermRow*>> terms_;  ///< By symbol of the rule.
};

/// First chain of kind tag and family, or null. Tags of one family stand in the order of their names.
[[nodiscard]] const ChainRef* find_tag(const AppliedEvent& event, Symbol family) noexcept;
/// The party that an event names: its first tag account/ or external/, or null.
[[nodiscard]] const ChainRef* find_party(const AppliedEvent& event, const KnownSymbols& known) noexcept;

/// A party in one number that tables can keep: member of its tag family plus 1, the highest bit for `external`. 0: the
/// chain is no party's tag.
[[nodiscard]] std::uint32_t party_code(const ChainRef& chain, const KnownSymbols& known) noexcept;
inline constexpr std::uint32_t kExternalParty = 0x8000'0000U;

/// True when `set` is empty or holds `variant`.
[[nodiscard]] constexpr bool in_kinds(Kinds set, std::uint16_t variant) noexcept {
  return set == 0 || (variant < 32 && ((set >> variant) & 1U) != 0);
}

}  // namespace carnet::rental
