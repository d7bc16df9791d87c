// SPDX-License-Identifier: Apache-2.0
//
// RuleBook: the tables of a domain, looked up by number. Made once; then read by deciding and by every fold. Rows are
// sorted by event type and machine when it is made: an event costs what its own rows cost.
#pragma once

#include "codec/payload_type.hpp"
#include "rental/facts.hpp"
#include "rental/rows.hpp"
#include "rental/rules.hpp"

#include <carnet/domain.hpp>
#include <carnet/projection.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::rental {

/// Families of chains that rules look for, and charts that folds look for, as symbols.
struct KnownSymbols {
  Symbol account = kForeignSymbol;
  Symbol external = kForeignSymbol;
  Symbol payment = kForeignSymbol;
  Symbol rental = kForeignSymbol;
  Symbol staff = kForeignSymbol;
  Symbol vehicle = kForeignSymbol;
  Symbol violation = kForeignSymbol;
  Symbol order = kForeignSymbol;
  Symbol receivable = kForeignSymbol;    ///< A3
  Symbol credit = kForeignSymbol;        ///< L3
  Symbol apply_credit = kForeignSymbol;  ///< PR-03
  Symbol pay_refund = kForeignSymbol;    ///< PR-21
  Symbol merge = kForeignSymbol;         ///< PR-31
};

/// Where an event finds a machine.
struct Transition {
  const LifecycleRow* row = nullptr;    ///< Null: the machine only follows the event, and not in this state.
  const AssumedRow* assumed = nullptr;  ///< The event is not legal in the state: the one it stands for.
  State from = kNone;                   ///< The state it acts in: the given one, or the assumed one.
};

/// A few symbols of which a transfer's side must be one; empty: any.
struct SymbolSet {
  std::array<Symbol, 3> symbols{kForeignSymbol, kForeignSymbol, kForeignSymbol};
  std::uint8_t count = 0;

  [[nodiscard]] bool holds(Symbol symbol) const noexcept {
    for (std::uint8_t i = 0; i < count; ++i) {
      if (symbols[i] == symbol) {
        return true;
      }
    }
    return count == 0;
  }
};

struct SumPlan {
  const SumRow* row = nullptr;
  std::uint8_t sum = 0;
  Symbol rule = kForeignSymbol;
  SymbolSet debit;
  SymbolSet credit;
};

/// Whose member a row notes: the first tag of the family, or that of a field's id.
struct LinkPlan {
  Symbol family = kForeignSymbol;
  TextField field = nullptr;
};

/// Where a machine's rows are, and what they hold.
struct MachinePlan {
  const MachineRow* row = nullptr;  ///< Null: this domain has no such machine.
  Symbol family = kForeignSymbol;
  std::vector<std::string_view> states;  ///< By number; `none` first.
  std::vector<std::string_view> sums;
  std::array<std::int8_t, kSums> weights{};  ///< Of the sums in what remains.
  std::vector<LinkPlan> links;
  std::vector<SymbolSet> accounts;
  TextField key = nullptr;
  // Tables by their number within the projection; of a machine without key only `rows` and `journal`.
  std::uint16_t rows = 0;
  std::uint16_t keys = 0;
  std::uint16_t buckets = 0;
  std::uint16_t journal = 0;

  [[nodiscard]] bool has_sums() const noexcept { return !sums.empty(); }
};

/// How an event finds its subjects of one machine.
enum class Finding : std::uint8_t { kFirstTag, kOwnStream, kTagOfField, kKey, kAllocations, kLink };

/// A machine that an event concerns.
struct Concern {
  Machine machine = Machine::kLedger;
  Finding finding = Finding::kFirstTag;
  bool follows = false;   ///< It never refuses, and begins no subject.
  bool may_move = false;  ///< Some row leads to another state, or what remains may change.
  Kinds kinds = 0;        ///< Of all its rows; 0: any.
  TextField field = nullptr;
  Machine via = Machine::kLedger;
  std::uint8_t link = 0;
  std::vector<SumPlan> sums;
  std::vector<const MarkRow*> marks;
  std::vector<const KeepRow*> keeps;
};

/// A posting row with its accounts looked up.
struct PostingPlan {
  const PostingRow* row = nullptr;
  const ChartRow* debit = nullptr;  ///< Null: by purpose or rule set.
  const ChartRow* credit = nullptr;
  Symbol rule = kForeignSymbol;
};

struct UniquePlan {
  const UniqueRow* row = nullptr;
  TextField scope = nullptr;
  TextField field = nullptr;
  std::uint16_t buckets = 0;  ///< Table within the projection; entries follow.
};

/// Threads: immutable after construction; any number of readers.
class RuleBook {
 public:
  /// Requires: rows name events, machines, charts and fields that are there; every event that a machine guards has an
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

  // ---- Machines ----

  [[nodiscard]] const MachinePlan& machine(Machine machine) const noexcept {
    return machines_[static_cast<std::size_t>(machine)];
  }

  /// Machines that an event type concerns, in the order of their rows.
  [[nodiscard]] std::span<const Concern> concerns_of(std::uint16_t type) const noexcept {
    return type < concerns_.size() ? std::span<const Concern>(concerns_[type]) : std::span<const Concern>();
  }

  [[nodiscard]] const Concern* concern(Machine machine, std::uint16_t type) const noexcept;

  /// Whether a machine has rows of an event.
  [[nodiscard]] bool concerns(Machine machine, std::uint16_t type) const noexcept {
    return concern(machine, type) != nullptr;
  }

  /// Requires: concerns(machine, type).
  [[nodiscard]] Transition transition(Machine machine, State state, std::uint16_t type, std::uint16_t variant,
                                      const Standing& standing = {}) const;
  /// State after the event. `due`: something remains after it.
  [[nodiscard]] State next_state(Machine machine, State state, std::uint16_t type, std::uint16_t variant, bool due,
                                 const Standing& standing = {}) const;

  /// The name of a type as journals keep it, the same in every release; never JournalCode::kForeign.
  [[nodiscard]] std::uint32_t journal_name(std::uint16_t type) const noexcept { return journal_names_[type]; }

  /// kForeignType: no type of this domain.
  [[nodiscard]] std::uint16_t journal_type(JournalCode code) const noexcept;
  /// State after a reversal whose standing events lead to `state`.
  [[nodiscard]] State state_after_reversal(Machine machine, State state, bool due) const;

  // ---- Projections made of machine rows ----

  struct ProjectionPlan {
    std::string_view name;
    std::vector<Machine> machines;
    std::vector<Unique> uniques;
    std::vector<TableSpec> tables;
  };

  [[nodiscard]] std::span<const ProjectionPlan> projections() const noexcept { return projections_; }

  [[nodiscard]] const UniquePlan& unique(Unique unique) const noexcept {
    return uniques_[static_cast<std::size_t>(unique)];
  }

  /// Whether an event bears the unique text.
  [[nodiscard]] bool bears(Unique unique, std::uint16_t type) const noexcept {
    return type < event_count() && bears_[static_cast<std::size_t>(unique)][type];
  }

  // ---- What else an event's rows say ----

  /// An event after which the fine in force is another: a charge, or an amendment that replaces it.
  [[nodiscard]] bool replaces_fine(std::uint16_t type, std::uint16_t variant) const noexcept;

  /// An event that hands a vehicle over.
  [[nodiscard]] bool begins_custody(std::uint16_t type) const noexcept {
    return type != kForeignType && (type == handover_ || type == swap_);
  }

  /// An event after which a vehicle is out no more: returned, swapped for another, lost.
  [[nodiscard]] bool ends_custody(std::uint16_t type) const noexcept {
    return type != kForeignType && (type == return_ || type == swap_ || type == loss_);
  }

  [[nodiscard]] bool is_custody(std::uint16_t type) const noexcept {
    return begins_custody(type) || ends_custody(type);
  }

  /// The event takes one vehicle back and hands another over.
  [[nodiscard]] bool swaps_custody(std::uint16_t type) const noexcept { return type != kForeignType && type == swap_; }

  /// An event whose amount may be 0 where nothing is due.
  [[nodiscard]] bool may_assign_nothing(std::uint16_t type) const noexcept;

  [[nodiscard]] std::span<const Guard> guards(std::uint16_t type, std::uint16_t variant) const noexcept;

  [[nodiscard]] std::span<const FieldRow* const> fields(std::uint16_t type) const noexcept { return fields_[type]; }

  [[nodiscard]] std::span<const DueRow* const> dues(std::uint16_t type) const noexcept { return dues_[type]; }

  /// Ours alone: only on `decision`.
  [[nodiscard]] bool is_decided(std::uint16_t type) const noexcept { return decided_[type]; }

  [[nodiscard]] Severity severity(std::string_view code) const noexcept;

  [[nodiscard]] std::span<const PostingPlan> postings(std::uint16_t type) const noexcept { return postings_[type]; }

  /// Those after the mirrors of a reversal of any event.
  [[nodiscard]] std::span<const PostingPlan> reversal_postings() const noexcept { return reversal_postings_; }

  [[nodiscard]] const ChartRow& chart(std::string_view code) const noexcept;
  [[nodiscard]] Term term(Symbol rule, std::uint16_t variant) const noexcept;

  /// Fields of the payload whose ids are tags of a family, for finding one of several.
  [[nodiscard]] std::span<const TextField> tag_fields(Symbol family) const noexcept;

  /// The field that the stream's id repeats; null: none of the vocabulary.
  [[nodiscard]] TextField stream_field(std::uint16_t type) const noexcept { return stream_fields_[type]; }

 private:
  void index_events();
  void index_symbols();
  void index_machines();
  void index_concerns();
  void add_concern(const LifecycleRow& row);
  void index_sums();
  void index_projections();
  void index_rows();
  void index_postings();
  [[nodiscard]] std::uint16_t type_named(std::string_view event) const;
  [[nodiscard]] SymbolSet symbol_set(std::string_view alternatives) const;

  RuleTables tables_;
  std::vector<EventTypeSpec> specs_;
  std::vector<std::shared_ptr<const codec::PayloadType>> payload_types_;
  std::vector<TextField> stream_fields_;
  std::vector<std::uint32_t> journal_names_;
  std::vector<std::string_view> symbols_;
  KnownSymbols known_;
  std::array<MachinePlan, kMachineCount> machines_;
  std::vector<std::vector<Concern>> concerns_;
  std::array<std::vector<std::vector<const LifecycleRow*>>, kMachineCount> by_machine_;
  std::array<std::vector<std::vector<const AssumedRow*>>, kMachineCount> assumed_;
  std::array<std::vector<const LifecycleRow*>, kMachineCount> after_reversal_;
  std::vector<ProjectionPlan> projections_;
  std::array<UniquePlan, kUniqueCount> uniques_;
  std::array<std::vector<bool>, kUniqueCount> bears_;
  std::vector<std::vector<const GuardUse*>> guard_uses_;
  std::vector<std::vector<const FieldRow*>> fields_;
  std::vector<std::vector<const DueRow*>> dues_;
  std::vector<bool> decided_;
  std::vector<std::vector<PostingPlan>> postings_;
  std::vector<PostingPlan> reversal_postings_;
  std::vector<std::vector<const TermRow*>> terms_;  ///< By symbol of the rule.
  std::vector<std::pair<Symbol, std::vector<TextField>>> tag_fields_;
  std::uint16_t handover_ = kForeignType;
  std::uint16_t return_ = kForeignType;
  std::uint16_t swap_ = kForeignType;
  std::uint16_t loss_ = kForeignType;
};

/// First chain of kind tag and family, or null. Tags of one family stand in the order of their names.
[[nodiscard]] const ChainRef* find_tag(const AppliedEvent& event, Symbol family) noexcept;
/// The tag of a family that has this id; null: the event has none. Names are not at hand at replay: the order of tags
/// says which one it is.
[[nodiscard]] const ChainRef* find_tag_of(const RuleBook& book, const AppliedEvent& event, const EventFacts& facts,
                                          Symbol family, std::string_view id);
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

/// `a b c`: calls `visit` with each.
template <class Visit>
void for_each_word(std::string_view list, char separator, Visit&& visit) {
  while (!list.empty()) {
    const std::size_t end = list.find(separator);
    visit(list.substr(0, end));
    list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
  }
}

}  // namespace carnet::rental
