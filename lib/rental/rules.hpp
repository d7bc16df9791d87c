// SPDX-License-Identifier: Apache-2.0
//
// What the rules of the rental domain are made of: rows. A lifecycle, a posting, a ledger account, a tag, a finding is
// a line of a table that stands as DOMAIN.md has it (table_*.cpp); the code beside it only evaluates rows. An event is
// added by its schema, a line in the event table and the rows that name it.
#pragma once

#include <carnet/domain.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::rental {

struct EventFacts;

/// One event type: its name and schema, and the reader that takes out of a payload what rules ask for (facts.hpp).
struct EventRow {
  EventTypeSpec (*spec)() = nullptr;
  void (*read)(const PayloadView& payload, EventFacts& facts) = nullptr;
};

// ---- Lifecycles (DOMAIN §3) ----

enum class Machine : std::uint8_t { kLedger, kRuleSet, kViolation, kContract, kQuery, kPayment, kCase };
inline constexpr std::size_t kMachineCount = 7;

/// State of a machine. Stored in tables: numbers are never reused. 0 is the state before the first event (DOMAIN: ∅).
using State = std::uint8_t;
inline constexpr State kNone = 0;
/// As `next`: the state remains.
inline constexpr State kStay = 0xff;

namespace state {
inline constexpr State kOpen = 1;       // Ledger.
inline constexpr State kPublished = 1;  // Rule set (version).

inline constexpr State kRecorded = 1;  // Violation.
inline constexpr State kCharged = 2;
inline constexpr State kSettled = 3;
inline constexpr State kAssigned = 4;
inline constexpr State kWrittenOff = 5;
inline constexpr State kCancelled = 6;
inline constexpr State kBorne = 7;

inline constexpr State kSigned = 1;  // Contract.
inline constexpr State kInUse = 2;
inline constexpr State kReturned = 3;

inline constexpr State kQuerying = 1;  // Query.

inline constexpr State kPaymentReceived = 1;  // Payment.
inline constexpr State kReversed = 2;

inline constexpr State kCaseReceived = 1;  // Case.
inline constexpr State kCloseCandidate = 2;
}  // namespace state

/// Set of enumerants of an event's closed `kind` (or of `borneBy`), by number; 0: whatever it is.
using Kinds = std::uint32_t;

template <class... Enumerant>
[[nodiscard]] constexpr Kinds kinds(Enumerant... each) noexcept {
  return ((Kinds{1} << static_cast<unsigned>(each)) | ...);
}

/// What must hold beside the state. Each is a function in guards.cpp and a line in table_guards.cpp.
enum class Guard : std::uint8_t {
  kFirstOfDomain,        ///< LedgerOpened stands before every other event of the domain.
  kRuleSetKnown,         ///< Its family is one of this release, its parameters are of the family's form.
  kRuleSetVersion,       ///< One more than the version before.
  kRuleSetNotPast,       ///< From version 2 on: not effective before it is published.
  kFinePositive,         ///< fine, newFine or expense above 0.
  kAmountPositive,       ///< amount above 0.
  kAmountWithinDue,      ///< amount is at most what is due.
  kCancelsDownTo,        ///< newFine of a cancellation is not above what is claimed.
  kWithinCustody,        ///< violationAt lies in the custody of the contract named.
  kLawfulBasis,          ///< An account as party needs lawfulBasisRef.
  kOneCurrency,          ///< The currency of what the event is about.
  kAllocationKnown,      ///< Allocations to charges are at most what is owed of them.
  kAllocationWithin,     ///< The allocations sum to at most the amount.
  kPspRefUnique,         ///< One payment for (psp, pspRef).
  kReferenceUnique,      ///< One case for referenceNo.
  kFirstResponsible,     ///< Somebody is responsible from receipt on.
  kIntakeFields,         ///< What fieldMask names is there.
  kVehicleFree,          ///< Custody intervals of the vehicle are disjoint.
  kSameVehicle,          ///< The vehicle that returns is the one that went out.
  kReturnAfterHandover,  ///< at is not before the handover.
  kOdometer,             ///< The odometer of a vehicle never falls.
};
inline constexpr std::size_t kGuardCount = 21;

/// How a broken guard is named, and whether `report` and `history` keep the event with a finding of that name.
struct GuardRow {
  Guard guard;
  std::string_view rule;   ///< Id in DOMAIN (`I-C7`).
  std::string_view error;  ///< `VehicleInCustody`
  std::string_view path;
  bool always_refused = false;  ///< Accounting identities, lawful basis: kept on no basis.
  bool only_finding = false;    ///< Kept with the finding on `decision` too.
};

/// One line of DOMAIN §3: a state, an event that moves it or is guarded by it, where it leads.
struct LifecycleRow {
  Machine machine;
  State from;
  std::string_view event;
  Kinds kinds;                 ///< 0: any.
  State next;                  ///< While something is due after the event; for machines without money: always.
  State clear;                 ///< When nothing is due after it.
  std::string_view error{};    ///< The event is legal here only on `report` and `history`, with a finding of this name.
  std::string_view finding{};  ///< Kept with the event on every basis.
};

/// Guards of an event in every state where it is legal.
struct GuardUse {
  std::string_view event;
  Kinds kinds;  ///< 0: any.
  std::span<const Guard> guards;
};

/// On `history` a lifecycle may be entered at any state: which one an event stands for, and what then is missing.
struct AssumedRow {
  Machine machine;
  std::string_view event;
  Kinds kinds;
  State state;
  std::string_view missing;  ///< Events, separated by commas.
};

/// A field of which an event carries one ("accountId or party").
struct FieldRow {
  std::string_view event;
  std::string_view family;  ///< Only on streams of this family; empty: any.
  std::string_view any_of;  ///< Field names, separated by commas: one of them stands.
  bool assumed_on_history;  ///< Absent on `history`: listed in Assumed.missing, no finding of its own.
  bool always_refused;      ///< Without it the event cannot be booked.
};

/// A name of an error or finding and how grave it is as a finding.
struct FindingRow {
  std::string_view code;
  Severity severity;
};

/// Who may state a basis (DOMAIN §0.1); `decision` is everybody's.
struct BasisRow {
  Basis basis;
  std::string_view role;
};

// ---- Books (DOMAIN §4) ----

/// A row of the chart of accounts. Placeholders of the path are filled in from the event (posting.cpp).
struct ChartRow {
  std::string_view code;
  std::string_view path;
  NormalSide normal;
  AccountLimit limit;
};

/// Once for the event, or for each element of a list.
enum class Each : std::uint8_t { kOnce, kAllocation, kDeduction };

enum class When : std::uint8_t {
  kAlways,
  kPayerIsCustomer,  ///< Payer customer or other: money of the party.
  kPayerIsPartner,   ///< Payer platform, insurer or collector.
  kPrepayment,
  kNotPrepayment,
  kCommission,  ///< Of a deduction.
  kTax,
  kFee,  ///< Any other deduction.
  kBorneByParty,
  kBorneByCompany,
  kFineWasBorne,  ///< The violation's fine was borne by the company.
  kFineNotBorne,
  kCreditAutomatic,  ///< Rule set postingAccounts: applyCredit.
};

enum class Amount : std::uint8_t {
  kAmount,
  kFineAndExpense,
  kExpense,          ///< What TrafficViolationAmended adds as expense.
  kIncrease,         ///< By what it raises the fine.
  kDecreasePayable,  ///< By what it lowers or cancels it, up to what is still owed to the authority.
  kDecreaseBeyond,   ///< The rest of it.
  kAllocatedDue,     ///< Of an allocation to a violation: at most what is due.
  kAllocatedRest,    ///< The rest of it; all of an allocation to a charge that nothing is owed of.
  kUnallocated,
  kDeduction,
  kAmountDue,  ///< amount, at most what is due.
  kCredit,     ///< At most the credit, at most what is due.
};

/// Where a side of a transfer lies: a chart code and, where the row has several uses, which one.
struct Side {
  std::string_view chart;
  std::string_view use{};
};

/// One line of DOMAIN §4.2.
struct PostingRow {
  std::string_view rule;
  std::string_view event;  ///< Empty: after the mirrors of a reversal, whatever it reverses.
  Each each;
  When when[2];
  Phase phase;
  Side debit;
  Side credit;
  Amount amount;
};

/// Which term of DOMAIN §10 a posting rule's transfers on A3 and L3 of a violation count into.
enum class Term : std::uint8_t { kCharged, kPaid, kCancelled, kAssigned, kWrittenOff, kNothing };

struct TermRow {
  std::string_view rule;
  Kinds kinds;  ///< Of the event's kind; 0: any.
  Term term;
};

/// An obligation that an event opens, due a fixed time after it occurred. No family of this release has one; hosts'
/// may.
struct DueRow {
  std::string_view event;
  std::string_view rule;
  Duration after;
};

// ---- Rule sets ----

/// An open list and its codes (DOMAIN §2, `⟨…⟩`).
struct CodeList {
  std::string_view list;
  std::string_view codes;  ///< Separated by spaces; `notStated` belongs to every list.
};

/// Everything that a domain is made of. Rows are views: what they look at outlives the domain.
struct RuleTables {
  std::string_view name;
  std::span<const EventRow> events;
  std::span<const LifecycleRow> lifecycles;
  std::span<const GuardUse> guards;
  std::span<const GuardRow> guard_names;
  std::span<const AssumedRow> assumed;
  std::span<const FieldRow> fields;
  std::span<const FindingRow> findings;
  std::span<const BasisRow> bases;
  std::span<const std::string_view> decided;  ///< Events that are ours alone: only on `decision`.
  std::span<const ChartRow> chart;
  std::span<const PostingRow> postings;
  std::span<const TermRow> terms;
  std::span<const DueRow> dues;
  std::span<const TagRule> tags;
};

/// The tables of carnet/rental/domain.hpp.
[[nodiscard]] const RuleTables& rental_tables();

// Its parts, one source file each.
[[nodiscard]] std::span<const EventRow> event_table();
[[nodiscard]] std::span<const LifecycleRow> lifecycle_table();
[[nodiscard]] std::span<const GuardUse> guard_use_table();
[[nodiscard]] std::span<const GuardRow> guard_table();
[[nodiscard]] std::span<const AssumedRow> assumed_table();
[[nodiscard]] std::span<const FieldRow> field_table();
[[nodiscard]] std::span<const FindingRow> finding_table();
[[nodiscard]] std::span<const BasisRow> basis_table();
[[nodiscard]] std::span<const std::string_view> decided_table();
[[nodiscard]] std::span<const ChartRow> chart_table();
[[nodiscard]] std::span<const PostingRow> posting_table();
[[nodiscard]] std::span<const TermRow> term_table();
[[nodiscard]] std::span<const TagRule> tag_table();
[[nodiscard]] std::span<const CodeList> code_table();

/// `charged`, as in DOMAIN and JSON; `none` for ∅.
[[nodiscard]] std::string_view state_name(Machine machine, State state) noexcept;
[[nodiscard]] std::string_view machine_name(Machine machine) noexcept;
/// Where DOMAIN has its lifecycle (`§3.5`).
[[nodiscard]] std::string_view machine_rule(Machine machine) noexcept;

/// A domain made of rows. The tables must outlive it. Requires: they are consistent (checked).
[[nodiscard]] std::unique_ptr<Domain> make_rule_domain(const RuleTables& tables);

}  // namespace carnet::rental
