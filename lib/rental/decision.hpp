// SPDX-License-Identifier: Apache-2.0
//
// Decision: one event decided by the rows of a RuleBook. Sources: decision.cpp (basis, fields, lifecycles, codes),
// corrections.cpp (reversals and corrections), guards_*.cpp (what must hold beside the state), posting.cpp (transfers).
// Lives on the sequencer's stack.
#pragma once

#include "rental/custody_fold.hpp"
#include "rental/rows.hpp"
#include "rental/rule_book.hpp"
#include "rental/rule_sets.hpp"
#include "rental/subjects.hpp"
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

/// A subject of a machine made of rows, as it stands before the event.
struct Subject {
  const Concern* concern = nullptr;
  SubjectRef ref;
  SubjectRow row;

  [[nodiscard]] bool exists() const noexcept { return row.first != 0; }
};

class Decision {
 public:
  Decision(const RuleBook& book, RuleSetCache& cache, DecideContext& context)
      : book_(book), cache_(cache), context_(context), type_(context.event().type) {}

  [[nodiscard]] Check run();

  // ---- What guards ask ----

  [[nodiscard]] const RuleBook& book() const { return book_; }

  [[nodiscard]] DecideContext& context() { return context_; }

  [[nodiscard]] const AppliedEvent& event() const { return context_.event(); }

  [[nodiscard]] std::uint16_t type() const { return type_; }

  [[nodiscard]] const EventFacts& facts() const { return facts_; }

  [[nodiscard]] Basis basis() const { return context_.commit().basis; }

  [[nodiscard]] TableReader& tables() { return context_.tables(); }

  [[nodiscard]] CustodyState custody() {
    return CustodyState(book_, context_.tables(), context_.table(kCustodyProjection));
  }

  [[nodiscard]] const std::vector<ViolationCase>& violations() const { return violations_; }

  [[nodiscard]] const std::vector<Subject>& subjects() const { return subjects_; }

  /// First subject of the machine that the event concerns; null: none.
  [[nodiscard]] const Subject* subject(Machine machine) const;
  /// Tables of a machine made of rows.
  [[nodiscard]] SubjectTable table_of(Machine machine);
  /// The row of a subject that the event need not concern: by tag name (`rental/R1`). Zeros: there is none.
  [[nodiscard]] SubjectRow row_of(Machine machine, std::string_view family, std::string_view id);
  /// By key, of the whole ledger (scope 0) or within a parent.
  [[nodiscard]] SubjectRow row_by_key(Machine machine, std::uint32_t scope, std::string_view id);

  /// Positions of a type's events that moved the subject or are marked, and still stand; the first one first.
  [[nodiscard]] std::vector<std::uint64_t> standing(Machine machine, const SubjectRow& row, std::string_view event,
                                                    Kinds kinds = 0);

  /// Payload of an event of that type; nothing: none stands at the position. Valid until the next event is asked for.
  template <class Type>
  [[nodiscard]] std::optional<typename Type::Reader> payload_at(std::uint64_t position) {
    const AppliedEvent* event = position == 0 ? nullptr : context_.event_at(position);
    return event == nullptr ? std::nullopt : std::optional(payload_as<Type>(event->payload));
  }

  /// Remaining of a subject's row by its machine's sums.
  [[nodiscard]] std::int64_t remains(Machine machine, const SubjectRow& row) const {
    return remaining(book_.machine(machine), row);
  }

  [[nodiscard]] std::int64_t sum(Machine machine, const SubjectRow& row, std::string_view name) const {
    return sum_of(book_.machine(machine), row, name);
  }

  /// A payload of this event as its type.
  template <class Type>
  [[nodiscard]] typename Type::Reader payload() const {
    return payload_as<Type>(context_.event().payload);
  }

  /// The parsed rule set in force when the event occurred; null: none.
  [[nodiscard]] const RuleSet* rules(RuleFamily family);

  /// The party that a party's money is with now: of an account that was merged, the one that absorbed it.
  [[nodiscard]] std::uint32_t party_now(std::uint32_t party);

  /// The last instant of the periods that are closed; nothing: none is.
  [[nodiscard]] std::optional<Timestamp> closed_through();

  [[nodiscard]] bool begins_stream() const { return event().stream().version <= 1; }

  void finding(std::string_view code, std::string_view path, const std::vector<Fact>& args);

 private:
  friend class Poster;

  // decision.cpp
  [[nodiscard]] bool opens_ledger() const;
  [[nodiscard]] Check check_opened();
  void book_late();
  [[nodiscard]] Check check_basis();
  [[nodiscard]] Check check_stream();
  [[nodiscard]] Check check_fields();
  void list_missing(std::string& missing) const;
  [[nodiscard]] bool has_one_of(const FieldRow& row) const;
  void load_subjects();
  [[nodiscard]] Check load_violations();
  [[nodiscard]] Check check_transitions();
  [[nodiscard]] Check check_transition(Machine machine, State state, const Transition& transition,
                                       std::string_view stream, bool own_stream, bool known_as_assumed);
  [[nodiscard]] std::string subject_name(const Subject& subject) const;
  [[nodiscard]] Check check_note();
  [[nodiscard]] Check check_guards();
  void check_codes();
  [[nodiscard]] Check check_identity();
  void open_dues();

  // corrections.cpp
  [[nodiscard]] Check decide_correction();
  [[nodiscard]] Check decide_reversal();
  [[nodiscard]] Check check_reversal_order();

  /// Refuses on `decision` (and where `always`), else keeps the event with a finding of that name.
  [[nodiscard]] Check broken(std::string_view rule, std::string_view error, std::string_view path, Broken what,
                             bool always = false, bool only_finding = false, std::string_view state = {},
                             std::string_view stream = {});
  [[nodiscard]] Refusal refusal(std::string_view rule, std::string_view error, std::string_view path, Broken what);

  const RuleBook& book_;
  RuleSetCache& cache_;
  DecideContext& context_;
  std::uint16_t type_;
  EventFacts facts_;
  std::vector<ViolationCase> violations_;
  std::vector<Subject> subjects_;
};

/// Writes the transfers of an event's posting rows.
class Poster {
 public:
  explicit Poster(Decision& decision)
      : decision_(decision), book_(decision.book_), context_(decision.context_), facts_(decision.facts_) {}

  /// The rows of the event's type.
  [[nodiscard]] Check post();
  /// Of a reversal: the mirrors, then credit that pays what it raised.
  [[nodiscard]] Check post_reversal(const AppliedEvent& original);

 private:
  struct Scope {
    const ViolationCase* violation = nullptr;
    const AllocationFact* allocation = nullptr;
    const Subject* charge = nullptr;
    const DeductionFact* deduction = nullptr;
    std::int64_t allocated_due = 0;  ///< Of the allocation, what was due when its rows began.
    std::string place{};             ///< `order/O1` or `violation/V1`: of a refund.
    std::int64_t line = 0;           ///< Amount of a place or line.
    std::string_view line_kind{};
    bool line_out = false;
  };

  using Plans = std::span<const PostingPlan>;

  [[nodiscard]] Check post_each(Each each, Plans rows);
  [[nodiscard]] Check post_rows(Plans rows, const Scope& scope);
  [[nodiscard]] Check post_row(const PostingPlan& plan, const Scope& scope);
  [[nodiscard]] Check post_allocations(Plans rows);
  // posting_returns.cpp
  [[nodiscard]] Check post_refund_places(Plans rows);
  [[nodiscard]] Check post_returned(Plans rows);
  [[nodiscard]] Check post_won_back(Plans rows);
  [[nodiscard]] Check post_psp_lines(Plans rows);
  // posting_parties.cpp
  [[nodiscard]] Check post_merged(Plans rows);
  [[nodiscard]] Check post_unclaimed(Plans rows);

  [[nodiscard]] bool holds(When when, const Scope& scope);
  [[nodiscard]] std::int64_t amount_of(Amount amount, const Scope& scope);
  [[nodiscard]] std::int64_t decrease_of(const Scope& scope);
  [[nodiscard]] std::int64_t tax_part(const Scope& scope) const;
  [[nodiscard]] std::uint16_t charge_payer(const Scope& scope) const;

  [[nodiscard]] static bool line_is(const Scope& scope, std::string_view kind) { return scope.line_kind == kind; }

  /// What remains of the hold or voucher after the transfers written so far.
  [[nodiscard]] std::int64_t remaining_now(Machine machine);
  /// The ledger account of a side; nothing: the field that is missing is in `missing_`.
  [[nodiscard]] bool resolve(const Side& side, const ChartRow* chart, const Scope& scope, std::string& path,
                             AccountSpec& account);
  /// The same where `booked` is not 0: by that account's own path.
  [[nodiscard]] bool resolve_booked(const Side& side, const ChartRow* chart, std::uint32_t booked, const Scope& scope,
                                    std::string& path, AccountSpec& account);
  [[nodiscard]] bool append_placeholder(std::string_view name, const Side& side, const Scope& scope, std::string& path);
  [[nodiscard]] const ChartRow& chart_of(const Side& side, const ChartRow* chart);
  [[nodiscard]] std::string of_name(const Side& side, const Scope& scope);
  [[nodiscard]] std::string_view party_name(const Side& side, const Scope& scope);
  [[nodiscard]] std::string psp_name();
  [[nodiscard]] std::string partner_name(const Side& side);
  [[nodiscard]] const Subject* charge_of(const Scope& scope) const;
  /// Number of the account that a side was booked on before; 0: by path.
  [[nodiscard]] std::uint32_t booked_account(const Side& side, const Scope& scope);
  [[nodiscard]] Check move(std::uint32_t debit, std::uint32_t credit, std::int64_t amount, Phase phase, Symbol rule);
  [[nodiscard]] std::int64_t net(std::string_view chart, std::string_view use, const Scope& scope, NormalSide side);
  [[nodiscard]] std::int64_t due_of(const Scope& scope);
  [[nodiscard]] Currency currency() const;

  Decision& decision_;
  const RuleBook& book_;
  DecideContext& context_;
  const EventFacts& facts_;
  std::string_view missing_;
};

}  // namespace carnet::rental
