// SPDX-License-Identifier: Apache-2.0
//
// What an event is, to those who write one (EventDraft) and to those who read one (Event).
// Stability: stable.
#pragma once

#include <carnet/books.hpp>
#include <carnet/money.hpp>
#include <carnet/result.hpp>
#include <carnet/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet {

/// What a commit rests on (DOMAIN.md §0.1).
enum class Basis : std::uint8_t { kDecision = 1, kReport = 2, kHistory = 3 };

enum class ActorKind : std::uint8_t { kStaff = 1, kCustomer = 2, kDriver = 3, kSystem = 4, kPartner = 5 };

enum class CorrectionKind : std::uint8_t { kNone = 0, kCorrection = 1, kReversal = 2 };

enum class Severity : std::uint8_t { kInfo = 1, kWarning = 2, kBreach = 3 };

enum class ChainKind : std::uint8_t { kStream = 1, kTag = 2 };

[[nodiscard]] std::string_view to_string(Basis basis) noexcept;
[[nodiscard]] std::string_view to_string(ActorKind kind) noexcept;
[[nodiscard]] std::string_view to_string(CorrectionKind kind) noexcept;
[[nodiscard]] std::string_view to_string(Severity severity) noexcept;

struct Actor {
  std::string id;  ///< An id: 1–64 bytes of [A-Za-z0-9._:-].
  ActorKind kind = ActorKind::kSystem;
  std::string role;  ///< A role of DOMAIN.md §7, as the host states it.
};

/// A feed and its own position. The highest position taken in is kept (Ledger::source_position), so that a feed resumes
/// where it was; exactly once is the command's business.
struct Source {
  std::string name;
  std::uint64_t position = 0;

  friend bool operator==(const Source&, const Source&) = default;
};

struct Corrects {
  std::uint64_t position = 0;
  CorrectionKind kind = CorrectionKind::kNone;

  friend bool operator==(const Corrects&, const Corrects&) = default;
};

/// 128 bits that open a hash: of a command, of a request.
using Digest16 = std::array<std::byte, 16>;
using Hash32 = std::array<std::byte, 32>;

/// One Cap'n Proto message in one segment, without segment table, root pointer first. Made by the typed header
/// (carnet/typed.hpp) or from JSON.
struct Payload {
  std::vector<std::uint64_t> words;
};

/// Plain text of a personal field, to be sealed before anything is written. `path` names the field in the payload
/// (`name`, `passengers[0].name`).
struct PersonalField {
  std::string path;
  std::string plaintext;
};

/// A finding that the writer brings along (an importer that saw its source contradict itself). Only on `report` and
/// `history`.
struct StatedFinding {
  std::string code;
  Severity severity = Severity::kWarning;
  std::string path;        ///< Field concerned (`data.amount`); empty: the event.
  std::vector<Fact> args;  ///< Without personal data.
};

/// An event as its writer states it.
struct EventDraft {
  std::string stream;  ///< family/id
  std::string type;
  Timestamp occurred_at;
  std::optional<Timestamp> booked_at;  ///< Default: occurred_at.
  std::vector<std::string> tags;       ///< The host's own, beside those derived from the payload.
  Corrects corrects;
  Payload payload;
  std::vector<PersonalField> personal;
  std::vector<StatedFinding> findings;
};

/// A payload in place. Copyable; valid as long as the event it came from. Opened by carnet/typed.hpp.
class PayloadView {
 public:
  /// Storage of a Cap'n Proto pointer reader; what it holds is private to Carnet.
  std::array<std::uint64_t, 6> opaque{};
};

struct TagVersion {
  std::string_view name;
  std::uint32_t version = 0;
  std::uint64_t previous = 0;  ///< Position of the chain's event before; 0: none.
};

struct Argument {
  std::string_view name;
  std::string_view text;
};

struct FindingView {
  std::string_view code;
  Severity severity = Severity::kInfo;
  std::string_view path;
  std::span<const Argument> args;
};

struct DueView {
  std::string_view rule;
  std::string_view subject;
  Timestamp due;
};

struct TransferView {
  std::string_view debit;
  std::string_view credit;
  std::int64_t amount = 0;
  std::string_view unit;
  Phase phase = Phase::kPosted;
  std::string_view rule;
};

struct RuleVersionView {
  std::string_view family;
  std::uint32_t version = 0;
};

/// An event as it stands in the log, with its commit. All views are valid until the cursor moves or dies.
struct Event {
  std::uint64_t position = 0;
  std::string_view stream;
  std::uint32_t stream_version = 0;
  std::uint64_t stream_previous = 0;
  std::string_view type;
  std::uint16_t revision = 0;
  bool derived = false;
  Timestamp occurred_at;
  Timestamp booked_at;
  Corrects corrects;
  std::span<const TagVersion> tags;  ///< The stream's own name first.
  std::span<const FindingView> findings;
  std::span<const DueView> due;
  std::span<const TransferView> transfers;
  PayloadView payload;

  // Of the commit.
  std::uint64_t commit = 0;
  std::uint64_t commit_first_position = 0;
  std::uint32_t commit_event_count = 0;
  Timestamp recorded_at;
  Basis basis = Basis::kDecision;
  std::string_view source_name;  ///< Empty: no source.
  std::uint64_t source_position = 0;
  std::string_view actor_id;
  ActorKind actor_kind = ActorKind::kSystem;
  std::string_view role;
  std::string_view channel;
  std::optional<std::uint64_t> caused_by;
  Digest16 command{};
  Digest16 request_digest{};
  std::span<const RuleVersionView> rules;
};

}  // namespace carnet
