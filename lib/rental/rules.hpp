// SPDX-License-Identifier: Apache-2.0
//
// What the rules of the rental domain are made of: rows. A lifecycle, a posting, a ledger account, a tag, a finding is
// a line of a table that stands as DOMAIN.md has it (table_*.cpp); the code beside it only evaluates rows. An event is
// added by its schema, a line in the event table and the rows that name it.
#pragma once

#include "rental/states.hpp"

#include <carnet/domain.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::rental {

struct EventFacts;
class Decision;

/// A closed enum of a payload: its field, and its values by number.
struct EnumField {
  std::string name;  ///< Empty: there is none.
  std::vector<std::string_view> values;
};

enum class Keep : std::uint8_t;

/// One event type: its name and schema, and the reader that takes out of a payload what rules ask for (facts.hpp).
struct EventRow {
  EventTypeSpec (*spec)() = nullptr;
  void (*read)(const PayloadView& payload, EventFacts& facts) = nullptr;
  EnumField (*kept)(Keep keep) = nullptr;  ///< The enum that a row keeps a value of.
};

// ---- Lifecycles (DOMAIN §3) ----

/// A lifecycle: whose it is, what its states are called, what is summed up beside the state.
struct MachineRow {
  Machine machine;
  std::string_view name;        ///< As in refusals (`hold`).
  std::string_view rule;        ///< Where DOMAIN has it (`§3.4`).
  std::string_view states;      ///< Names from number 1 on, separated by spaces.
  std::string_view projection;  ///< Whose tables hold its rows; empty: kept by a fold of its own.
  std::string_view family;      ///< Tag family whose members are its subjects; of a keyed machine, that of the parent.
  std::string_view key{};       ///< Keyed machine: the field whose id names a subject within its parent.
  std::string_view sums{};      ///< At most kSums, separated by spaces; `+` and `-` make up what remains, `.` do not.
  std::string_view links{};     ///< At most kLinks of `family` or `family:field`: the member is noted in the row.
  std::string_view accounts{};  ///< At most kAccounts places `A|B`: ledger account that a first transfer shows.
};

inline constexpr std::size_t kSums = 6;
inline constexpr std::size_t kLinks = 3;
inline constexpr std::size_t kAccounts = 3;
inline constexpr std::size_t kMarks = 4;

/// Set of enumerants of an event's closed `kind` (or of `borneBy`), by number; 0: whatever it is.
using Kinds = std::uint32_t;

template <class... Enumerant>
[[nodiscard]] constexpr Kinds kinds(Enumerant... each) noexcept {
  return ((Kinds{1} << static_cast<unsigned>(each)) | ...);
}

/// Something that does not hold. `path` empty: the guard's own.
struct Broken {
  std::string message;
  std::vector<Fact> values{};
  std::string_view path{};
  bool always_refused = false;  ///< Beyond what the guard's row says.
};

/// What must hold beside the state: a function, how its breach is named, and whether `report` and `history` keep the
/// event with a finding of that name. One function may serve several rows (guards.hpp).
struct GuardRow {
  std::string_view rule;   ///< Id in DOMAIN (`I-C7`).
  std::string_view error;  ///< `VehicleInCustody`
  std::string_view path;
  std::optional<Broken> (*test)(Decision& decision);
  bool always_refused = false;  ///< Accounting identities, lawful basis: kept on no basis.
  bool only_finding = false;    ///< Kept with the finding on `decision` too.
};

using Guard = const GuardRow*;

/// What a row asks for beside state and kind. Of the rows of a state and event, the first that fits counts: a row with
/// a condition stands before the one without.
enum class If : std::uint8_t {
  kAlways,
  kDayLater,  ///< The event occurred 24 h after its state began, or later.
  kNewly,     ///< What the subject keeps (KeepRow) was not of the row's kinds.
};

/// How a subject stands when an event comes to it, as conditions ask.
struct Standing {
  std::int64_t value = 0;        ///< KeepRow.
  std::int64_t since_ns = 0;     ///< Its state began.
  std::int64_t occurred_ns = 0;  ///< The event.
};

/// One line of DOMAIN §3: a state, an event that moves it or is guarded by it, where it leads.
struct LifecycleRow {
  Machine machine;
  State from;
  std::string_view event;      ///< Empty: after a reversal, by what the events that still stand have left.
  Kinds kinds;                 ///< 0: any.
  State next;                  ///< While something remains after the event; for machines without sums: always.
  State clear;                 ///< When nothing remains after it.
  std::string_view error{};    ///< The event is legal here only on `report` and `history`, with a finding of this name.
  std::string_view finding{};  ///< Kept with the event on every basis.
  bool follows = false;  ///< The machine follows the event where it can; elsewhere the event is none of its business.
  If condition = If::kAlways;
};

/// Marker for rows of a machine that follows: LifecycleRow{…, {}, {}, kFollows}.
inline constexpr bool kFollows = true;

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

/// Which subject of a machine an event concerns, where it is not the first tag of the family or the machine's own key.
struct SubjectRule {
  Machine machine;
  std::string_view event;
  std::string_view field;          ///< The id stands in this field; `allocations`: in each allocation; `stream`: the
                                   ///< stream's own, where it is of the machine's family.
  Machine via = Machine::kLedger;  ///< With `link`: the subject that a row of this machine is linked to.
  std::uint8_t link = 0xff;
};

/// What a sum takes from an event.
enum class Take : std::uint8_t {
  kTransfers,  ///< Transfers of `rule` from `debit` to `credit` (empty: any); mirrors count backwards.
  kAmount,     ///< The payload's amount; backwards on a reversal.
  kTax,
  kAllocation,  ///< The allocation that names the subject.
};

/// What an event adds to a sum of a subject that it concerns.
struct SumRow {
  Machine machine;
  std::string_view event;  ///< Empty: any.
  Kinds kinds;
  Take take;
  std::string_view rule;
  Phase phase;
  std::string_view debit;
  std::string_view credit;
  std::string_view sum;
  int sign = 1;
};

/// The position of the last event of a type is noted in the row.
struct MarkRow {
  Machine machine;
  std::string_view event;
  std::uint8_t mark;  ///< kJournaled: no place in the row, SubjectHistory finds the event.
};

inline constexpr std::uint8_t kJournaled = 0xff;

/// A number that a row keeps from the last event which has it (`value`), or from the first (`tag`).
enum class Keep : std::uint8_t {
  kExpiresAt,
  kAt,
  kPurpose,
  kKind,
  kVersion,
  kPayer,
  kOccurred,
  kProfile,
  kValidUntil,
  kEffectiveFrom,
};

struct KeepRow {
  Machine machine;
  std::string_view event;  ///< Empty: any.
  Keep keep;
  bool as_tag = false;  ///< Of the first event, one byte; else of the last, 64 bits.
};

/// A text that stands once: events that bear it.
enum class Unique : std::uint8_t { kPspRef, kReferenceNo };
inline constexpr std::size_t kUniqueCount = 2;

struct UniqueRow {
  Unique unique;
  std::string_view projection;
  std::string_view scope;  ///< Field beside it; empty: none.
  std::string_view field;
  std::span<const std::string_view> events;
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

/// Once for the event, or for each element of a list. Rows run in the order of the table; neighbours with the same
/// `each` run together for each element.
enum class Each : std::uint8_t {
  kOnce,
  kAllocation,
  kDeduction,
  kRefundPlace,  ///< Where the money that is refunded lies: credit of the order or violation, then its receivable.
  kChargedBack,  ///< What the source of a chargeback credited, as far as still there, then the receivable.
  kWonBack,      ///< What the chargeback took, mirrored.
  kPspLine,
  kMerged,     ///< Ledger accounts of the absorbed account on which something stands, but for deposits.
  kUnclaimed,  ///< Those of the account that `from` names, until the amount is reached.
};

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
  kWithinHold,       ///< What is captured lies within the hold, which still stands.
  kBeyondHold,       ///< The second form of PR-42.
  kFinal,
  kNotRestored,      ///< Rule set pspProfile: captureReversalRestoresHold is off.
  kChargeOfParty,    ///< The charge named is on the party's account …
  kChargeOfPartner,  ///< … or on that of a platform or insurer.
  kAllocationOwed,   ///< The allocation is to a violation or to a charge that is known.
  kWithTax,
  kVoucherOfValue,  ///< The voucher redeemed is one with a value, a service code, a coupon.
  kVoucherOfService,
  kVoucherCoupon,
  kLineFee,
  kLineChargebackFee,
  kLineReserveOut,
  kLineReserveIn,
};

enum class Amount : std::uint8_t {
  kAmount,
  kFineAndExpense,
  kExpense,          ///< What TrafficViolationAmended adds as expense.
  kIncrease,         ///< By what it raises the fine.
  kDecreasePayable,  ///< By what it lowers or cancels it, up to what is still owed to the authority.
  kDecreaseBeyond,   ///< The rest of it.
  kAllocatedDue,     ///< Of an allocation: at most what is due of the violation or owed of the charge.
  kAllocatedRest,    ///< The rest of it.
  kAllocated,        ///< All of it.
  kUnallocated,
  kDeduction,
  kAmountDue,  ///< amount, at most what is due.
  kCredit,     ///< At most the credit, at most what is due.
  kDelta,
  kValue,
  kLessTax,          ///< amount less its tax.
  kTaxPart,          ///< Its tax: stated, or the charge's pro rata (PR-99).
  kRemaining,        ///< Of the hold or voucher, after the rows before.
  kWithinRemaining,  ///< amount, at most what remains of the hold.
  kGivenBack,        ///< What a reversal of a capture has put back into the hold.
  kPlace,            ///< Of a refund: what lies there, at most the rest of amount.
  kLine,
  kNetIn,   ///< Net of a processor's settlement, where it comes in …
  kNetOut,  ///< … or goes out.
};

/// Where a side of a transfer lies: a chart code and, where the row has several uses, which one. Charts `Lx` is L1 or
/// L2 by the purpose of the deposit. Uses: `of` (what the event is about), `allocated`, `order`, `method` (A1 for
/// settled money), `hold` and `charge` (the accounts that they were booked on), `payer`, `collector`, `authority`,
/// `kind` (revenue of the charge's kind), `compensation` (chart by rule set), `ledgerAccount` (the path that the event
/// states); else the text itself fills `{use}`.
struct Side {
  std::string_view chart;
  std::string_view use{};
};

/// One line of DOMAIN §4.2.
struct PostingRow {
  std::string_view rule;
  std::string_view event;  ///< `reversal`: after the mirrors of a reversal, whatever it reverses.
  Each each;
  When when[2];
  Phase phase;
  Side debit;
  Side credit;
  Amount amount;
  Kinds kinds = 0;        ///< Of the event's variant; 0: any.
  bool reversal = false;  ///< After the mirrors of the event's reversal.
};

/// Which term of DOMAIN §10 a posting rule's transfers on A3 and L3 of a violation count into.
enum class Term : std::uint8_t { kCharged, kPaid, kCancelled, kAssigned, kWrittenOff, kRefunding, kNothing };

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
  std::span<const MachineRow> machines;
  std::span<const LifecycleRow> lifecycles;
  std::span<const SubjectRule> subjects;
  std::span<const SumRow> sums;
  std::span<const MarkRow> marks;
  std::span<const KeepRow> keeps;
  std::span<const UniqueRow> uniques;
  std::span<const GuardUse> guards;
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
  std::span<const std::string_view> notes;  ///< Events without a lifecycle: legal once their stream has begun.
};

/// The part of the tables that one family of events brings along (table_*_{family}.cpp).
struct FamilyTables {
  std::span<const EventRow> events;
  std::span<const FieldRow> fields{};
  std::span<const std::string_view> notes{};
  std::span<const std::string_view> decided{};
  std::span<const MachineRow> machines{};
  std::span<const LifecycleRow> lifecycles{};
  std::span<const AssumedRow> assumed{};
  std::span<const SubjectRule> subjects{};
  std::span<const SumRow> sums{};
  std::span<const MarkRow> marks{};
  std::span<const KeepRow> keeps{};
  std::span<const UniqueRow> uniques{};
  std::span<const GuardUse> guards{};
  std::span<const PostingRow> postings{};
  std::span<const TermRow> terms{};
  std::span<const DueRow> dues{};
};

/// The tables of carnet/rental/domain.hpp.
[[nodiscard]] const RuleTables& rental_tables();

/// Families in the order of the event table; a new family comes behind.
[[nodiscard]] std::span<const FamilyTables> family_tables();

// Tables that all families share, one source file each.
[[nodiscard]] std::span<const FindingRow> finding_table();
[[nodiscard]] std::span<const BasisRow> basis_table();
[[nodiscard]] std::span<const ChartRow> chart_table();
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
