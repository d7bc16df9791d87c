// SPDX-License-Identifier: Apache-2.0
//
// What goes into `append` and what comes out: requests, queries, receipts, refusals.
// Stability: stable.
#pragma once

#include <carnet/event.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace carnet {

/// One line of a query: everything that it names must hold (tags: all of them; types: one of them).
struct QueryItem {
  std::optional<std::string> stream;
  std::vector<std::string> tags;
  std::vector<std::string> types;
};

/// Events that match any of the items; no items: every event.
struct Query {
  std::vector<QueryItem> any;
};

/// Fails the request when an event after `after` matches.
struct AppendCondition {
  std::uint64_t after = 0;
  std::vector<QueryItem> any;
};

/// Version a stream must have before the request (0: it must not exist). Also for streams that are only read.
struct Expect {
  std::string stream;
  std::uint32_t version = 0;
};

enum class VersionPolicy : std::uint8_t {
  kExplicit,  ///< Every stream written must stand in `expect`; else a refusal `VersionNotStated`.
  kAny,       ///< Streams that do not stand in `expect` may have any version.
};

/// One business action: all its events land or none.
struct Request {
  std::string command;  ///< Idempotency key, 1–64 bytes; the same key and content gives the first receipt for ever.
  Basis basis = Basis::kDecision;
  std::optional<Source> source;
  std::optional<std::uint64_t> caused_by;  ///< Number of an earlier commit.
  Actor actor;
  std::string channel;
  VersionPolicy versions = VersionPolicy::kExplicit;
  std::vector<Expect> expect;
  std::optional<AppendCondition> condition;
  std::vector<EventDraft> events;
};

/// Proof of a commit to its writer. The same command gives it again, byte for byte.
struct Receipt {
  std::uint64_t commit = 0;
  std::uint64_t first_position = 0;
  std::uint32_t event_count = 0;
  Timestamp recorded_at;
  Hash32 leaf_hash{};
  bool duplicate = false;         ///< This call wrote nothing: the command had landed before.
  bool digest_unchecked = false;  ///< A subject of it was erased since: the key alone decided.

  /// Same commit (the two flags say how it was obtained and do not count).
  [[nodiscard]] bool same_commit(const Receipt& other) const noexcept {
    return commit == other.commit && first_position == other.first_position && event_count == other.event_count &&
           recorded_at == other.recorded_at && leaf_hash == other.leaf_hash;
  }
};

/// The rules said no. Nothing was written, and the command stays free.
struct Refusal {
  std::string rule;     ///< Id of the rule (`I-M5`), or `limit`, `envelope`.
  std::string error;    ///< PascalCase name (`CaptureExceedsHold`).
  std::string stream;   ///< Stream concerned; may be empty.
  std::string state;    ///< State of the lifecycle; may be empty.
  std::string event;    ///< Type of the event refused; may be empty.
  std::string path;     ///< Field (`data.amount`); may be empty.
  std::string message;  ///< What was compared and what to do.
  std::vector<Fact> values;
  std::vector<Expect> current_versions;  ///< Of the request's streams, as they are now.
  bool rejected = false;                 ///< The request is malformed (syntax, schema, limits), whatever the state.
};

using Outcome = std::variant<Receipt, Refusal>;

struct FindingDraft {
  std::uint32_t event_index = 0;
  std::string code;
  Severity severity = Severity::kWarning;
  std::string path;
  std::vector<Fact> args;
};

struct DueDraft {
  std::uint32_t event_index = 0;
  std::string rule;
  std::string subject;
  Timestamp due;
};

struct TransferDraft {
  std::uint32_t event_index = 0;
  std::string debit;
  std::string credit;
  std::int64_t amount = 0;
  std::string unit;
  Phase phase = Phase::kPosted;
  std::string rule;
};

/// What a dry run says an append would write.
struct Decided {
  std::vector<FindingDraft> findings;
  std::vector<DueDraft> due;
  std::vector<TransferDraft> transfers;
  bool duplicate = false;
};

using DryRun = std::variant<Decided, Refusal>;

}  // namespace carnet
