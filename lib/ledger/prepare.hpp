// SPDX-License-Identifier: Apache-2.0
//
// Preparation of a request in its caller's thread: envelope and payload checks, tags, sealing, digests, look-ups that
// need I/O. What comes out is all that the sequencer needs, and nothing of it depends on the order of requests.
#pragma once

#include "base/ids.hpp"
#include "codec/messages.hpp"
#include "ledger/request_digest.hpp"
#include "ledger/state.hpp"
#include "ledger/stored_commit.hpp"
#include "seal/sealer.hpp"

#include <carnet/ledger.hpp>
#include <carnet/request.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace carnet::ledger {

struct NameUse {
  ChainKind kind = ChainKind::kStream;
  std::string_view name;
  std::optional<store::ChainEntry> entry;  ///< Nothing: it had not landed when it was looked up.
};

struct PreparedEvent {
  const EventDraft* draft = nullptr;
  std::uint16_t type = 0;
  std::vector<std::string> tags;  ///< In their final order, the stream's own name first.
  std::vector<NameUse> chains;    ///< The stream, then the tags.
  codec::EventMessage message;
  Payload sealed_payload;  ///< Only where personal fields were sealed.
};

struct Prepared {
  const Request* request = nullptr;
  Digest16 command{};
  Digest16 digest{};
  std::vector<PreparedEvent> events;
  std::optional<Outcome> settled;       ///< Known without the sequencer: a duplicate, a conflict, a malformed request.
  std::optional<Error> failed;          ///< The world failed while preparing.
  std::uint64_t command_publishes = 0;  ///< CommandIndex::publish_count() of the look-up.
  std::uint64_t condition_checked_to = 0;
};

struct PrepareOptions {
  bool (*id_exempt)(std::string_view) = nullptr;
  Digest16 ledger_id{};
};

/// Threads: prepare() from any thread, concurrently.
class Preparer {
 public:
  /// The ledger's keys, opened at first use; null: there is no key store (yet), so that no subject has a key.
  using Keys = std::function<Result<seal::KeyRing*>()>;

  Preparer(State& state, State::FrameLoader load_frame, Keys keys, PrepareOptions options);

  /// Fills `out`, whose memory is reused. `request` must outlive it. `internal`: the engine's own requests, which may
  /// hold every core event; a host's may hold those of keys and grants only.
  void prepare(const Request& request, Prepared& out, bool internal = false) const;

  /// The commit of a command, if it landed. Loads it into `commit`.
  [[nodiscard]] Result<bool> find_command(const Digest16& command, StoredCommit& commit,
                                          std::uint64_t* publishes = nullptr) const;

 private:
  [[nodiscard]] std::optional<Refusal> check_envelope(const Request& request) const;
  [[nodiscard]] std::optional<Refusal> check_name(std::string_view name) const;
  [[nodiscard]] std::optional<Refusal> prepare_event(const Request& request, std::uint32_t index, PreparedEvent& out,
                                                     bool internal) const;
  [[nodiscard]] Status settle(const Request& request, Prepared& out) const;
  /// Seals the personal fields of every event; `hmacs` receives what stands for them in the digest.
  [[nodiscard]] Result<std::optional<Refusal>> seal_fields(Prepared& out, std::vector<std::vector<std::string>>& paths,
                                                           std::vector<std::vector<base::Hash>>& hmacs) const;
  [[nodiscard]] Result<std::optional<Refusal>> digest_resend(const Request& request, Prepared& out,
                                                             StoredCommit& commit, bool& unchecked) const;
  [[nodiscard]] Result<Digest16> digest_of(const Prepared& prepared, const std::vector<std::vector<std::string>>& paths,
                                           const std::vector<std::vector<base::Hash>>& hmacs) const;

  State& state_;
  State::FrameLoader load_frame_;
  Keys keys_;
  PrepareOptions options_;
  base::IdRules ids_;
  std::vector<codec::TagPlan> tag_plans_;  ///< By type index.
};

/// A refusal of a malformed request.
[[nodiscard]] Refusal reject(std::string_view rule, std::string_view error, std::string path, std::string message);

}  // namespace carnet::ledger
