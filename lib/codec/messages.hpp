// SPDX-License-Identifier: Apache-2.0
//
// The three messages of a commit as plain numbers and texts: encode for the sequencer, decode for readers and folds. No
// Cap'n Proto type shows here. Every message is one flat segment whose size is a multiple of 8.
#pragma once

#include "base/bytes.hpp"

#include <carnet/event.hpp>
#include <carnet/projection.hpp>
#include <carnet/result.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace carnet::codec {

struct RuleVersion {
  std::uint32_t family = 0;  ///< Code ordinal.
  std::uint32_t version = 0;
};

struct CommitHead {
  std::uint64_t number = 0;
  std::uint64_t first_position = 0;
  Timestamp recorded_at;
  Digest16 command{};
  Digest16 request_digest{};
  std::optional<std::uint64_t> caused_by;
  std::uint64_t source_position = 0;
  std::uint32_t source_name = 0;  ///< Code ordinal; 0: no source.
  std::uint32_t role = 0;
  std::uint32_t channel = 0;
  Basis basis = Basis::kDecision;
  ActorKind actor_kind = ActorKind::kSystem;
  std::string_view actor_id;
  std::span<const RuleVersion> rules;
};

struct ChainIntroduction {
  ChainKind kind = ChainKind::kStream;
  std::string_view name;
};

struct TypeIntroduction {
  std::string_view name;
  std::uint16_t revision = 1;
  bool derived = false;
  std::uint64_t root = 0;
  std::span<const std::uint64_t> closure;  ///< A flat message of SchemaClosure.
};

struct AccountIntroduction {
  std::string_view path;
  std::uint32_t unit = 0;
  NormalSide normal = NormalSide::kDebit;
  AccountLimit limit = AccountLimit::kNone;
  std::uint32_t chart = 0;  ///< Code ordinal of its row in the chart of accounts; 0: none.
};

/// A transfer as stored: every number is an ordinal of this ledger.
struct StoredTransfer {
  std::int64_t amount = 0;
  std::uint32_t debit = 0;
  std::uint32_t credit = 0;
  std::uint32_t rule = 0;
  std::uint16_t unit = 0;
  Phase phase = Phase::kPosted;
};

struct UnitIntroduction {
  std::string_view name;
  std::uint8_t scale = 0;
};

struct CodeIntroduction {
  std::string_view text;
};

struct Introduction {
  std::uint32_t ordinal = 0;
  std::variant<ChainIntroduction, TypeIntroduction, AccountIntroduction, UnitIntroduction, CodeIntroduction> what;
};

struct ChainLink {
  std::uint64_t previous = 0;
  std::uint32_t chain = 0;
  std::uint32_t version = 0;
};

struct StoredFinding {
  std::uint32_t code = 0;
  Severity severity = Severity::kInfo;
  std::string_view path;
  std::span<const Argument> args;
};

struct StoredDue {
  std::uint32_t rule = 0;
  Timestamp due;
  std::string_view subject;
};

/// 16 random bytes, or empty in a commit of one event.
using Blind = std::span<const std::byte>;

/// Appends the message's words to `out`; returns their count.
std::size_t encode_commit_head(const CommitHead& head, std::vector<std::uint64_t>& out);
std::size_t encode_introduction(const Introduction& introduction, Blind blind, std::vector<std::uint64_t>& out);

/// An event message in the making. The caller's thread prepares what it knows; the sequencer fills in the rest.
/// Movable. Threads: one at a time.
class EventMessage {
 public:
  EventMessage();
  ~EventMessage();
  EventMessage(EventMessage&&) noexcept;
  EventMessage& operator=(EventMessage&&) noexcept;

  /// Starts anew: copies `payload` in and reserves `chain_count` links. Memory is reused.
  void prepare(const Payload& payload, std::size_t chain_count, Timestamp occurred_at, Timestamp booked_at,
               const Corrects& corrects);
  void set_type(std::uint32_t ordinal, std::uint16_t revision);
  void set_chain(std::size_t index, const ChainLink& link);
  void set_booked_at(Timestamp time);
  void set_findings(std::span<const StoredFinding> findings);
  void set_due(std::span<const StoredDue> due);
  void set_transfers(std::span<const StoredTransfer> transfers);
  void set_blind(Blind blind);
  /// The payload in place; valid until prepare() or finish().
  [[nodiscard]] PayloadView payload() const;
  /// The flat segment. Valid until prepare(). A request that was refused after finish() is prepared again.
  [[nodiscard]] base::ByteSpan finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A view of a payload that stands alone. `payload` must outlive it and stay as it is. Words that are no message give a
/// view of nothing, which PayloadType::check() refuses. Cost: one walk over the payload.
class PayloadHolder {
 public:
  explicit PayloadHolder(const Payload& payload);
  explicit PayloadHolder(Payload&& payload) = delete;

  [[nodiscard]] PayloadView view() const noexcept { return view_; }

 private:
  PayloadView view_;
};

/// Decodes a header message. The texts and rules of `out` are valid until the next call.
/// Errors of all readers: kCorruption `MessageDamaged` {what}. Hostile bytes are safe: traversal limit 8 × words,
/// nesting 32.
class HeadReader {
 public:
  HeadReader();
  ~HeadReader();
  HeadReader(HeadReader&&) noexcept;
  HeadReader& operator=(HeadReader&&) noexcept;
  [[nodiscard]] Result<const CommitHead*> read(base::ByteSpan message);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class IntroductionReader {
 public:
  IntroductionReader();
  ~IntroductionReader();
  IntroductionReader(IntroductionReader&&) noexcept;
  IntroductionReader& operator=(IntroductionReader&&) noexcept;
  [[nodiscard]] Result<const Introduction*> read(base::ByteSpan message);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct StoredEvent {
  std::uint32_t type = 0;
  std::uint16_t revision = 0;
  Corrects corrects;
  Timestamp occurred_at;
  Timestamp booked_at;
  std::span<const ChainLink> chains;
  std::span<const StoredTransfer> transfers;
  PayloadView payload;
};

/// Decodes event messages, one after the other, reusing its memory: the hot path of every fold.
class EventReader {
 public:
  EventReader();
  ~EventReader();
  EventReader(EventReader&&) noexcept;
  EventReader& operator=(EventReader&&) noexcept;
  /// Valid until the next call. Findings and due times are decoded only when asked for.
  [[nodiscard]] Result<const StoredEvent*> read(base::ByteSpan message);
  [[nodiscard]] Result<std::span<const StoredFinding>> findings();
  [[nodiscard]] Result<std::span<const StoredDue>> due();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace carnet::codec
