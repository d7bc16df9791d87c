// SPDX-License-Identifier: Apache-2.0
//
// Projections: pure folds of events into tables of fixed-size rows. Rows are addressed by dense numbers: an event's
// stream and tags come with their number within (kind, family), given in order of first use, so a table needs no map.
// Stability: experimental until the projection engine is complete.
#pragma once

#include <carnet/event.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace carnet {

/// Index into Domain::symbols(): a rule, a row of the chart of accounts or a chain family, by the domain's own count.
using Symbol = std::uint16_t;
inline constexpr Symbol kForeignSymbol = 0xffff;

/// A stream or tag in place. `member` is its 0-based number among the chains of its kind and family: the row it owns.
struct ChainRef {
  std::uint32_t ordinal = 0;  ///< 1-based, over all chains; 0: none.
  std::uint32_t member = 0;
  std::uint16_t family = 0;  ///< Number of the family name within this ledger (FamilyId).
  ChainKind kind = ChainKind::kStream;
  Symbol family_symbol = kForeignSymbol;  ///< The family's name among Domain::symbols(), the same in every ledger.
  std::uint32_t version = 0;              ///< After this event.
  std::uint64_t previous = 0;             ///< Position of the chain's event before; 0: none.
  std::string_view name;                  ///< Only where the engine has it at hand (deciding); else empty.
};

/// A transfer by numbers. Ledger accounts are numbered as the ledger counts them (1-based).
struct AppliedTransfer {
  std::int64_t amount = 0;
  std::uint32_t debit = 0;
  std::uint32_t credit = 0;
  Symbol debit_chart = kForeignSymbol;   ///< Chart row of the debit account (`A3`).
  Symbol credit_chart = kForeignSymbol;  ///< Chart row of the credit account.
  Symbol rule = kForeignSymbol;
  Phase phase = Phase::kPosted;
  Currency unit;
};

inline constexpr std::uint16_t kForeignType = 0xffff;

/// An event as a projection sees it, the same when it is appended and at every replay.
struct AppliedEvent {
  std::uint64_t position = 0;
  std::uint64_t commit = 0;
  std::uint16_t type = kForeignType;  ///< Index into Domain::event_types(); kForeignType: this binary does not know it.
  std::uint16_t revision = 0;
  Basis basis = Basis::kDecision;
  Timestamp occurred_at;
  Timestamp booked_at;
  Timestamp recorded_at;
  Corrects corrects;
  std::span<const ChainRef> chains;  ///< The stream first, then the tags.
  std::span<const AppliedTransfer> transfers;
  PayloadView payload;

  [[nodiscard]] const ChainRef& stream() const noexcept { return chains.front(); }
};

/// Names a table of a projection; given by the engine in the order of Projection::tables().
struct TableId {
  std::uint16_t value = 0;

  friend constexpr auto operator<=>(const TableId&, const TableId&) = default;
};

struct TableSpec {
  std::string name;             ///< Unique in the ledger; part of the fingerprint.
  std::uint32_t row_bytes = 0;  ///< 8 … 2048, a multiple of 8. A row never written reads as zeros.
};

/// Rows of tables. Inside `apply` and `decide` it shows the overlay of the commit being made.
class TableReader {
 public:
  virtual ~TableReader() = default;

  /// The row's bytes (zeros if never written). Valid until the next call on this object.
  [[nodiscard]] virtual const std::byte* row(TableId table, std::uint64_t index) = 0;
  /// One past the highest row ever written.
  [[nodiscard]] virtual std::uint64_t row_count(TableId table) = 0;

  template <class Row>
  [[nodiscard]] Row get(TableId table, std::uint64_t index) {
    static_assert(std::is_trivially_copyable_v<Row> && sizeof(Row) % 8 == 0);
    Row value;
    std::memcpy(static_cast<void*>(&value), row(table, index), sizeof(Row));
    return value;
  }
};

class TableWriter : public TableReader {
 public:
  /// The row's bytes, writable, in the overlay. Valid until the next call on this object.
  [[nodiscard]] virtual std::byte* mutable_row(TableId table, std::uint64_t index) = 0;

  template <class Row>
  void put(TableId table, std::uint64_t index, const Row& value) {
    static_assert(std::is_trivially_copyable_v<Row> && sizeof(Row) % 8 == 0);
    std::memcpy(mutable_row(table, index), &value, sizeof(Row));
  }
};

enum class ProjectionMode : std::uint8_t {
  kInline,   ///< Applied before the receipt: reads its own writes, and deciding may read it.
  kCatchUp,  ///< Follows the log in the background, with a position of its own (Ledger::wait_for).
};

/// Whose rows an event touches, for folds on several threads.
struct Shard {
  enum class Kind : std::uint8_t {
    kNone,  ///< Nobody's: apply() would change nothing.
    kKey,   ///< Those of `key`.
    kAll,   ///< Those of several keys: a barrier, folded while no other event is.
  };

  Kind kind = Kind::kAll;
  std::uint64_t key = 0;

  [[nodiscard]] static constexpr Shard none() noexcept { return {Kind::kNone, 0}; }

  [[nodiscard]] static constexpr Shard of(std::uint64_t key) noexcept { return {Kind::kKey, key}; }

  [[nodiscard]] static constexpr Shard all() noexcept { return {Kind::kAll, 0}; }
};

/// The shard of an event whose key is its chain of a kind and family: none without such a chain, a barrier with two.
[[nodiscard]] inline Shard shard_by_chain(const AppliedEvent& event, ChainKind kind, Symbol family) noexcept {
  Shard shard = Shard::none();
  for (const ChainRef& chain : event.chains) {
    if (chain.kind == kind && chain.family_symbol == family) {
      if (shard.kind != Shard::Kind::kNone) {
        return Shard::all();
      }
      shard = Shard::of(chain.member);
    }
  }
  return shard;
}

/// A fold. Objects are immutable and shared by threads; all state is in the tables.
class Projection {
 public:
  virtual ~Projection() = default;

  [[nodiscard]] virtual ProjectionMode mode() const { return ProjectionMode::kInline; }

  /// False: apply() does nothing with events of this type (index into Domain::event_types(); the core's types follow).
  [[nodiscard]] virtual bool reads(std::uint16_t /*type*/) const { return true; }

  /// True: shard() says how a rebuild may divide events among threads. Then apply() touches only rows that belong to
  /// the event's key, and never asks for row_count(); rows of two keys may lie side by side.
  [[nodiscard]] virtual bool is_sharded() const { return false; }

  [[nodiscard]] virtual Shard shard(const AppliedEvent& /*event*/) const { return Shard::all(); }

  /// True: rows are sums of 64-bit words, to which an event adds whatever they hold. Events folded apart, in any order,
  /// and the rows added up give the same (carnet/projection_check.hpp tests it).
  [[nodiscard]] virtual bool commutes() const { return false; }

  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Raised whenever apply() or a row's layout changes: state of another version is rebuilt.
  [[nodiscard]] virtual std::uint32_t version() const = 0;
  [[nodiscard]] virtual std::span<const TableSpec> tables() const = 0;
  /// Folds one event. `first` is the id of this projection's first table; the others follow. `original` is the event
  /// that `event.corrects` names, or null. Must be pure: no clock, no randomness, no state of its own, no failure.
  virtual void apply(const AppliedEvent& event, const AppliedEvent* original, TableId first,
                     TableWriter& tables) const = 0;
};

}  // namespace carnet
