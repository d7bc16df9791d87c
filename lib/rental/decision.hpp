// SPDX-License-Identifier: Apache-2.0
//
// Decision: one event decided by the rows of a RuleBook. Sources: decision.cpp (basis, fields, lifecycles, codes,
// corrections), guards.cpp (what must hold beside the state), posting.cpp (transfers). Lives on the sequencer's stack.
#pragma once

#include "rental/custody_fold.hpp"
#include "rental/rows.hpp"
#include "rental/rule_book.hpp"
#include "rental/rule_sets.hpp"
#include "rental/violation_fold.hpp"

#include <carnet/domain.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::rental {

/// What came of a check: nothing, or the refusal that ends the request.
using Check = std::optional<Refusal>;

/// A violation that the event concerns, as it stands before the event.
struct ViolationCase {
  ViolationSubject subject;
  ViolationRow row;
  std::string_view party{};  ///< Name; its ledger accounts are this party's.
  Transition transition{};
};

/// Something that does not hold. `path` empty: the guard's own.
struct Broken {
  std::string message;
  std::vector<Fact> values{};
  std::string_view path{};
  bool always_refused = false;  ///< Beyond what the guard's row says.
};

class Decision {
 public:
  Decision(const RuleBook& book, RuleSetCache& cache, DecideContext& context)
      : book_(book), cache_(cache), context_(context), type_(context.event().type) {}

  [[nodiscard]] Check run();

 private:
  friend class Poster;

  // decision.cpp
  [[nodiscard]] Check check_opened();
  [[nodiscard]] Check check_basis();
  [[nodiscard]] Check check_stream();
  [[nodiscard]] Check check_fields();
  void list_missing(std::string& missing) const;
  [[nodiscard]] Check load_violations();
  [[nodiscard]] Check check_transitions();
  [[nodiscard]] Check check_transition(Machine machine, State state, const Transition& transition,
                                       std::string_view stream, bool own_stream, bool known_as_assumed);
  [[nodiscard]] Check check_note();
  [[nodiscard]] Check decide_correction();
  [[nodiscard]] Check decide_reversal();
  [[nodiscard]] Check check_reversal_order();
  void check_codes();
  [[nodiscard]] Check check_identity();
  void open_dues();

  /// Refuses on `decision` (and where `always`), else keeps the event with a finding of that name.
  [[nodiscard]] Check broken(std::string_view rule, std::string_view error, std::string_view path, Broken what,
                             bool always = false, bool only_finding = false, std::string_view state = {},
                             std::string_view stream = {});
  void finding(std::string_view code, std::string_view path, const std::vector<Fact>& args);
  [[nodiscard]] Refusal refusal(std::string_view rule, std::string_view error, std::string_view path, Broken what);

  // guards.cpp
  [[nodiscard]] Check check_guards();
  [[nodiscard]] std::optional<Broken> test(Guard guard);
  [[nodiscard]] std::optional<Broken> test_rule_set() const;
  [[nodiscard]] std::optional<Broken> test_rule_set_version();
  [[nodiscard]] std::optional<Broken> test_fine() const;
  [[nodiscard]] std::optional<Broken> test_amount() const;
  [[nodiscard]] std::optional<Broken> test_amount_within_due() const;
  [[nodiscard]] std::optional<Broken> test_cancels_down_to() const;
  [[nodiscard]] std::optional<Broken> test_within_custody();
  [[nodiscard]] std::optional<Broken> test_currency() const;
  [[nodiscard]] std::optional<Broken> test_allocations() const;
  [[nodiscard]] std::optional<Broken> test_psp_ref();
  [[nodiscard]] std::optional<Broken> test_reference();
  [[nodiscard]] std::optional<Broken> test_intake() const;
  [[nodiscard]] std::optional<Broken> test_vehicle_free();
  [[nodiscard]] std::optional<Broken> test_same_vehicle();
  [[nodiscard]] std::optional<Broken> test_return_order();
  [[nodiscard]] std::optional<Broken> test_odometer();
  /// Number of the handover that this return closes; 0: none is known.
  [[nodiscard]] std::uint32_t handover_of_return();

  [[nodiscard]] const AppliedEvent& event() const { return context_.event(); }

  [[nodiscard]] TableReader& tables() { return context_.tables(); }

  [[nodiscard]] CustodyState custody() {
    return CustodyState(book_, context_.tables(), context_.table(kCustodyProjection));
  }

  [[nodiscard]] Basis basis() const { return context_.commit().basis; }

  /// The parsed rule set in force when the event occurred; null: none.
  [[nodiscard]] const RuleSet* rules(RuleFamily family);

  [[nodiscard]] bool begins_stream() const { return event().stream().version <= 1; }

  const RuleBook& book_;
  RuleSetCache& cache_;
  DecideContext& context_;
  std::uint16_t type_;
  EventFacts facts_;
  std::vector<ViolationCase> violations_;
};

/// Writes the transfers of an event's posting rows.
class Poster {
 public:
  explicit Poster(Decision& decision) : decision_(decision), context_(decision.context_), facts_(decision.facts_) {}

  /// The rows of the event's type.
  [[nodiscard]] Check post();
  /// Of a reversal: the mirrors, then credit that pays what it raised.
  [[nodiscard]] Check post_reversal(const AppliedEvent& original);

 private:
  struct Scope {
    const ViolationCase* violation = nullptr;
    const AllocationFact* allocation = nullptr;
    const DeductionFact* deduction = nullptr;
    std::int64_t allocated_due = 0;  ///< Of the allocation, what was due when its rows began.
  };

  [[nodiscard]] Check post_row(const PostingRow& row, const Scope& scope);
  [[nodiscard]] Check post_each(Each each, std::span<const PostingRow* const> rows);
  [[nodiscard]] bool holds(When when, const Scope& scope);
  [[nodiscard]] std::int64_t amount_of(Amount amount, const Scope& scope);
  [[nodiscard]] std::int64_t decrease_of(const Scope& scope);
  /// The ledger account of a side; nothing: the field that is missing is in `missing_`.
  [[nodiscard]] bool resolve(const Side& side, const Scope& scope, std::string& path, AccountSpec& account);
  [[nodiscard]] bool append_placeholder(std::string_view name, const Side& side, const Scope& scope, std::string& path);
  [[nodiscard]] std::string of_name(const Side& side, const Scope& scope) const;
  [[nodiscard]] std::string_view party_name(const Side& side, const Scope& scope) const;
  [[nodiscard]] std::int64_t net(std::string_view chart, const Scope& scope, NormalSide side);
  [[nodiscard]] std::int64_t due_of(const Scope& scope);
  [[nodiscard]] Currency currency() const;

  Decision& decision_;
  DecideContext& context_;
  const EventFacts& facts_;
  std::string_view missing_;
};

}  // namespace carnet::rental
