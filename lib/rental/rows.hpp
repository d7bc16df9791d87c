// SPDX-License-Identifier: Apache-2.0
//
// Rows of the domain's tables: fixed size, no padding (they are fingerprinted as bytes), zeros for "never written".
// Numbers of other rows are stored plus 1, so that 0 means none. A change of a row raises its projection's version.
#pragma once

#include "rental/rules.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace carnet::rental {

// Names of projections that have a fold of their own; each owns the tables listed behind it, in this order. All others
// are made of machine rows (subjects.hpp).
inline constexpr std::string_view kLedgerProjection = "ledger";         // state, rule sets, periods
inline constexpr std::string_view kViolationProjection = "violations";  // rows, journal, accounts, refunds
inline constexpr std::string_view kCustodyProjection = "custody";       // rentals, vehicles, events

[[nodiscard]] constexpr TableId table_at(TableId first, std::uint16_t index) noexcept {
  return {static_cast<std::uint16_t>(first.value + index)};
}

/// The one row of table `ledger.state`.
struct LedgerRow {
  std::uint64_t opened = 0;  ///< Position of LedgerOpened.
  std::int64_t go_live_ns = 0;
  std::uint32_t base_currency = 0;
  std::uint32_t reserved = 0;
};

/// A closed period, in the order of closing. The last one that stands counts.
struct PeriodRow {
  std::uint64_t position = 0;
  std::int64_t through_ns = 0;
  std::uint64_t live = 0;
};

/// A published version, in order of publication.
struct RuleSetRow {
  std::uint64_t position = 0;   ///< Of the event that holds its parameters.
  std::uint64_t published = 0;  ///< Of the event that published it first.
  std::int64_t effective_from_ns = 0;
  std::uint32_t version = 0;
  std::uint16_t family = 0;  ///< RuleFamily
  std::uint16_t live = 0;
  std::array<std::byte, 32> digest{};
};

/// What a journal keeps of an event: its type's name as a number (type indices are of one release only), its variant,
/// and whether it stands.
struct JournalCode {
  std::uint32_t bits = 0;

  static constexpr std::uint32_t kLive = 0x20;
  static constexpr std::uint32_t kVariants = 0x1f;
  static constexpr std::uint32_t kForeign = 0;

  [[nodiscard]] constexpr std::uint32_t name() const noexcept { return bits >> 6U; }

  [[nodiscard]] constexpr bool foreign() const noexcept { return name() == kForeign; }

  [[nodiscard]] constexpr std::uint16_t variant() const noexcept { return bits & kVariants; }

  [[nodiscard]] constexpr bool live() const noexcept { return (bits & kLive) != 0; }

  constexpr void end() noexcept { bits &= ~kLive; }
};

[[nodiscard]] constexpr JournalCode journal_code(std::uint32_t name, std::uint16_t variant) noexcept {
  return {(name << 6U) | JournalCode::kLive | (variant & JournalCode::kVariants)};
}

/// By member of tag family `violation`. Amounts in minor units of `currency`.
struct ViolationRow {
  std::uint64_t recorded = 0;  ///< Position of the first event that moved it.
  std::int64_t fine = 0;       ///< In force and charged.
  std::int64_t expenses = 0;
  std::int64_t paid = 0;
  std::int64_t cancelled = 0;
  std::int64_t assigned = 0;
  std::int64_t written_off = 0;
  std::int64_t receivable = 0;  ///< A3, debits less credits; the books say the same.
  std::int64_t credit = 0;      ///< L3, credits less debits.
  std::int64_t refunding = 0;   ///< Refunds approved and not yet paid.
  std::uint32_t currency = 0;
  std::uint32_t receivable_account = 0;  ///< Ledger account numbers, as AppliedTransfer has them.
  std::uint32_t credit_account = 0;
  std::uint32_t party = 0;    ///< As party_code() gives it.
  std::uint32_t journal = 0;  ///< Last row of its journal, plus 1.
  std::uint16_t borne = 0;    ///< Fines paid by the company itself.
  State state = kNone;
  std::uint8_t assumed = 0;  ///< It was entered in the middle, on `history`.

  [[nodiscard]] std::int64_t charged() const noexcept { return fine + expenses; }
};

/// An event that moved a violation, so that a reversal in the middle leads to the state that the others give.
struct JournalRow {
  std::uint64_t position = 0;
  std::int64_t receivable = 0;  ///< What it did to A3.
  std::uint32_t previous = 0;   ///< Row before it, plus 1.
  JournalCode code;             ///< Foreign: a reversal that applied credit.
};

/// A subject of a machine: by member of its tag family, or by key. Amounts in minor units of `currency`.
struct SubjectRow {
  std::uint64_t first = 0;    ///< Position of the first event that stands; 0: there is no such subject.
  std::uint64_t moved = 0;    ///< Position of the event that led to its state.
  std::int64_t since_ns = 0;  ///< When that occurred.
  std::int64_t value = 0;     ///< KeepRow.
  std::array<std::int64_t, kSums> sums{};
  std::array<std::uint64_t, kMarks> marks{};
  std::array<std::uint32_t, kLinks> links{};        ///< Members, plus 1.
  std::array<std::uint32_t, kAccounts> accounts{};  ///< Ledger account numbers.
  std::uint32_t journal = 0;                        ///< Last row of its journal, plus 1.
  std::uint32_t currency = 0;
  std::uint32_t party = 0;   ///< As party_code() gives it.
  std::uint32_t parent = 0;  ///< Keyed: member of the family, plus 1.
  State state = kNone;
  std::uint8_t assumed = 0;  ///< It was entered in the middle, on `history`.
  std::uint8_t tag = 0;      ///< KeepRow.
  std::uint8_t reserved[5]{};
};

/// An event that could move a subject.
struct SubjectJournalRow {
  std::uint64_t position = 0;
  std::int64_t occurred_ns = 0;
  std::int64_t remains = 0;    ///< What it did to what remains.
  std::int64_t value = 0;      ///< KeepRow; counts where it is not 0. Of a correction: position of what it corrects.
  std::uint32_t previous = 0;  ///< Row before it, plus 1.
  JournalCode code;            ///< Foreign: a reversal that did more than its mirror, or (not live) a correction.
};

inline constexpr std::size_t kKeyTextMax = 64;

/// Key of a keyed subject; the same number as its row.
struct KeyRow {
  std::uint64_t hash = 0;
  std::uint32_t next = 0;   ///< In its bucket, plus 1.
  std::uint32_t scope = 0;  ///< Member of the parent's family, plus 1; 0: of the whole ledger.
  std::array<char, kKeyTextMax> text{};
  std::uint64_t size = 0;
};

/// Hash index over a text that must be unique (unique_index.hpp).
struct BucketRow {
  std::uint32_t head = 0;  ///< Entry, plus 1.
  std::uint32_t reserved = 0;
};

struct EntryRow {
  std::uint64_t hash = 0;
  std::uint64_t position = 0;
  std::uint32_t next = 0;
  std::uint32_t live = 0;
};

/// By member of tag family `rental`.
struct RentalRow {
  std::int64_t handed_over_ns = 0;
  std::int64_t returned_ns = 0;
  std::uint32_t vehicle = 0;  ///< Member of tag family `vehicle`, plus 1: the last one handed over or returned.
  std::uint32_t last = 0;     ///< Last row of its custody events, plus 1.
  std::uint8_t has_handover = 0;
  std::uint8_t has_return = 0;
  std::uint8_t reserved[6]{};
};

/// By member of tag family `vehicle`.
struct VehicleRow {
  std::int64_t since_ns = 0;    ///< It is out, or in, since then.
  std::uint32_t latest = 0;     ///< Its handover that began last, plus 1: tail of the list in order of time.
  std::uint32_t out = 0;        ///< Handover that it is out with, plus 1; 0: it is in.
  std::uint32_t handovers = 0;  ///< Living ones.
  std::uint32_t reserved = 0;
};

/// A handover or a return. A handover is also a custody interval in the vehicle's list, ordered by time, then by row.
struct CustodyRow {
  std::uint64_t position = 0;
  std::int64_t at_ns = 0;
  std::int64_t max_until_ns = 0;  ///< Handover: latest end of this and all earlier intervals of the vehicle.
  std::uint32_t rental = 0;       ///< Member.
  std::uint32_t vehicle = 0;      ///< Member.
  std::uint32_t previous = 0;     ///< Custody event of the same rental before it, plus 1.
  std::uint32_t closing = 0;      ///< Handover: its return, plus 1.
  std::uint32_t before = 0;       ///< Handover: neighbours in the vehicle's list, plus 1.
  std::uint32_t after = 0;
  std::uint32_t odometer = 0;      ///< 0: not read.
  std::uint32_t max_odometer = 0;  ///< Handover: highest reading of this and all earlier intervals.
  std::uint8_t handover = 0;
  std::uint8_t live = 0;
  std::uint8_t linked = 0;  ///< Stands in the vehicle's list.
  std::uint8_t swap = 0;    ///< One of the two rows of a swap.
  std::uint8_t reserved[4]{};
};

/// By ledger account number: whose claim it is.
struct ClaimRow {
  std::uint32_t violation = 0;  ///< Member, plus 1.
  std::uint32_t reserved = 0;
};

/// By member of tag family `payment`: a refund that takes from a violation's credit.
struct ViolationRefundRow {
  std::int64_t approved = 0;
  std::uint32_t violation = 0;  ///< Member, plus 1.
  std::uint32_t reserved = 0;
};

template <class... Row>
constexpr bool rows_are_plain() {
  return (
      (std::is_trivially_copyable_v<Row> && std::has_unique_object_representations_v<Row> && sizeof(Row) % 8 == 0) &&
      ...);
}

static_assert(
    rows_are_plain<LedgerRow, PeriodRow, RuleSetRow, ViolationRow, JournalRow, SubjectRow, SubjectJournalRow, KeyRow,
                   BucketRow, EntryRow, RentalRow, VehicleRow, CustodyRow, ClaimRow, ViolationRefundRow>(),
    "rows are compared as bytes");

}  // namespace carnet::rental
