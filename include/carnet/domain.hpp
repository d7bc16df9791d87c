// SPDX-License-Identifier: Apache-2.0
//
// Domain: the one plug for rules. A domain names its event types, says which tags a payload gives, decides requests and
// folds events. The engine under it knows neither rental nor any other trade. The rental domain
// (carnet/rental/domain.hpp) and a host's own plug in the same way. Stability: experimental until the rental domain is
// complete.
#pragma once

#include <carnet/projection.hpp>
#include <carnet/request.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet {

/// A payload's schema: compiled in (carnet/typed.hpp makes one of a generated type) or loaded as stored nodes.
struct SchemaHandle {
  const void* compiled = nullptr;            ///< capnp::_::RawSchema of a generated struct.
  std::vector<std::uint64_t> closure_words;  ///< Else: a flat message of log.capnp:SchemaClosure …
  std::uint64_t root = 0;                    ///< … and the struct's id in it.
};

struct EventTypeSpec {
  std::string name;  ///< PascalCase, the struct's name.
  SchemaHandle schema;
};

/// One row of the tag table (DOMAIN.md §0.5): a field that gives a tag wherever it stands in a payload.
struct TagRule {
  std::string_view field;                           ///< Field name, or the word of its `$marked` annotation.
  std::string_view family;                          ///< Tag family; empty: the field's text is the whole name.
  bool marked = false;                              ///< Only fields marked with `field`.
  std::string_view when_field;                      ///< Sibling enum or code field that must have …
  std::span<const std::string_view> when_values{};  ///< … one of these values; empty: no condition.
  std::uint16_t row = 0;                            ///< Order: by row, then names by bytes.
};

/// A ledger account as a rule names it. Side and limit are fixed by its first use.
struct AccountSpec {
  std::string_view path;
  Symbol chart = kForeignSymbol;  ///< Its row in the chart of accounts.
  NormalSide normal = NormalSide::kDebit;
  AccountLimit limit = AccountLimit::kNone;
};

/// What deciding sees of the commit it is part of.
struct CommitInfo {
  Basis basis = Basis::kDecision;
  const std::optional<Source>* source = nullptr;
  const Actor* actor = nullptr;
  std::string_view channel;
  Timestamp recorded_at;          ///< The time that the commit will carry.
  std::uint32_t event_count = 0;  ///< Of the request.
  bool first_commit = false;      ///< Nothing but the genesis precedes it.
};

/// An event kept by number, as `original` and as answers of DecideContext.
struct EventRef {
  const AppliedEvent* event = nullptr;  ///< Null: no such event. Valid until the next call that returns one.
};

/// A ledger account by its number, as it stands.
struct LedgerAccount {
  std::string path;
  Symbol chart = kForeignSymbol;
  Currency unit;
  Balance balance;
};

/// Everything that a decision may read, and the only way in which it may write. One context serves one event of one
/// request; what it wrote is visible to the request's later events and is rolled back when one of them is refused.
class DecideContext {
 public:
  virtual ~DecideContext() = default;

  [[nodiscard]] virtual const CommitInfo& commit() const = 0;
  /// 0-based number of the event within its request.
  [[nodiscard]] virtual std::uint32_t event_index() const = 0;
  /// The event; its transfers are those written so far.
  [[nodiscard]] virtual const AppliedEvent& event() const = 0;
  [[nodiscard]] virtual std::string_view type_name() const = 0;
  [[nodiscard]] virtual std::string_view stream_name() const = 0;
  /// The event that this one corrects, or null (then it corrects nothing; the core has checked that it exists).
  [[nodiscard]] virtual const AppliedEvent* original() = 0;

  /// State, the overlay included.
  [[nodiscard]] virtual TableReader& tables() = 0;
  /// First table of a projection of this domain, by its name. Requires: it exists.
  [[nodiscard]] virtual TableId table(std::string_view projection) = 0;
  /// A stream or tag by name, with its version now; nothing if it was never used.
  [[nodiscard]] virtual std::optional<ChainRef> chain(ChainKind kind, std::string_view name) = 0;
  [[nodiscard]] virtual Balance balance(std::string_view account_path, Currency unit) = 0;
  /// By its number (AppliedTransfer::debit), those of this request included. Cost: its path is read from the catalog.
  [[nodiscard]] virtual LedgerAccount ledger_account(std::uint32_t number) = 0;
  /// Name of a stream or tag by ChainRef::ordinal. Cost: as ledger_account().
  [[nodiscard]] virtual std::string chain_name(std::uint32_t ordinal) = 0;
  /// An event of the log or of this request by position (first position of the request + its index); null if there is
  /// none.
  [[nodiscard]] virtual const AppliedEvent* event_at(std::uint64_t position) = 0;

  /// Replaces the event's bookedAt (DOMAIN.md PR-98).
  virtual void set_booked_at(Timestamp time) = 0;
  /// Notes that the decision read this version of a rule set.
  virtual void used_rules(std::string_view family, std::uint32_t version) = 0;
  /// Writes a transfer and moves both balances at once. Returns the refusal if a law of the books forbids it; the
  /// decision must return it (or may undo nothing: the engine rolls back).
  [[nodiscard]] virtual std::optional<Refusal> transfer(const AccountSpec& debit, const AccountSpec& credit,
                                                        Money amount, Phase phase, Symbol rule) = 0;
  /// Mirrors one transfer of an earlier event between the same ledger accounts (DOMAIN.md §0.3).
  [[nodiscard]] virtual std::optional<Refusal> mirror(const AppliedTransfer& of) = 0;
  virtual void finding(std::string_view code, Severity severity, std::string_view path,
                       std::span<const Argument> args) = 0;
  virtual void due(std::string_view rule, std::string_view subject, Timestamp time) = 0;
  /// A refusal with the event's stream and type filled in.
  [[nodiscard]] virtual Refusal refuse(std::string_view rule, std::string_view error, std::string_view message) = 0;
};

class Domain {
 public:
  virtual ~Domain() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Order is the type index of AppliedEvent::type. The core's own types are added behind them by the engine.
  [[nodiscard]] virtual std::span<const EventTypeSpec> event_types() const = 0;
  [[nodiscard]] virtual std::span<const TagRule> tag_rules() const = 0;
  /// Texts that rules and folds know by number: posting rules (`PR-60`), rows of the chart of accounts (`A3`), and
  /// families of streams and tags (`violation`).
  [[nodiscard]] virtual std::span<const std::string_view> symbols() const = 0;
  /// Inline ones are applied before the receipt, and deciding may read their tables; the others follow by themselves.
  [[nodiscard]] virtual std::span<const std::unique_ptr<Projection>> projections() const = 0;
  /// Decides one event: returns a refusal, or writes transfers, findings and due times through `context`. Called inside
  /// the sequencer: no I/O, no locks, no clock.
  [[nodiscard]] virtual std::optional<Refusal> decide(DecideContext& context) const = 0;
};

}  // namespace carnet
