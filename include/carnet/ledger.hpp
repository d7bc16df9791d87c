// SPDX-License-Identifier: Apache-2.0
//
// Ledger: open, append, read, head. One process writes a ledger; any number of others read it.
// Stability: the three verbs and the guarantees are stable; names of options may still change before 1.0.
#pragma once

#include <carnet/clock.hpp>
#include <carnet/domain.hpp>
#include <carnet/keys.hpp>
#include <carnet/log_sink.hpp>
#include <carnet/projection.hpp>
#include <carnet/random.hpp>
#include <carnet/request.hpp>
#include <carnet/result.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carnet {

/// When `append` acknowledges.
enum class Durability : std::uint8_t {
  kSync,      ///< On disk: survives a power loss. Default.
  kInterval,  ///< Handed to the operating system (survives a kill), synced every `sync_interval`; see
              ///< durable_position().
  kOs,        ///< Handed to the operating system; synced by checkpoints and close().
};

enum class BatchMode : std::uint8_t { kEach, kStopAtRefusal };

enum class IfMissing : std::uint8_t { kFail, kCreate };

/// What opening does when an inline projection's version, tables or name are new to the ledger.
enum class ProjectionChange : std::uint8_t {
  kRebuild,  ///< Builds its tables from the log before the first append.
  kRefuse,   ///< kNeedsConfirmation `RebuildNeeded`: the host chooses the time.
};

/// What commit 0 says of a new ledger.
struct GenesisOptions {
  std::string origin = "carnet";  ///< Name of the operator or system, part of proofs; no personal data.
};

struct OpenOptions {
  IfMissing if_missing = IfMissing::kFail;
  GenesisOptions genesis;  ///< Only where the ledger is created.
  bool read_only = false;  ///< Another process may write. Holds no keys: personal fields read as `[sealed]`.
  Durability durability = Durability::kSync;
  std::chrono::milliseconds sync_interval{50};
  std::size_t memory_bytes = 256UL * 1024 * 1024;  ///< Everything included.
  bool accept_clock = false;                       ///< Confirms a `ClockJump` found at open.
  bool accept_loss = false;  ///< `recover --accept-loss`: writes LossAccepted when the head is below the floor.
  std::string accept_loss_approver = "operator";
  std::size_t condition_candidates_max = 10'000;  ///< More: refusal `ConditionTooBroad`.
  std::size_t group_requests_max = 4096;          ///< Requests decided in one group.
  std::uint64_t checkpoint_events = 500'000;      ///< Views are published at least this often.
  bool background_work = true;  ///< Checkpoints and sealing in a thread of the ledger; off: only on demand.

  /// Projections of the host beside those of the domain.
  std::vector<std::shared_ptr<const Projection>> projections;
  ProjectionChange on_projection_change = ProjectionChange::kRebuild;
  std::size_t rebuild_threads = 0;  ///< Of rebuilds that the ledger begins by itself; 0: one a core.

  std::filesystem::path key_folder;                  ///< Default: `L.keys` beside the ledger `L`.
  std::shared_ptr<KeyProvider> key_provider;         ///< Default: a FileKeyProvider in the key folder.
  bool (*id_exempt)(std::string_view id) = nullptr;  ///< Ids that are no personal numbers although they look so.
  std::shared_ptr<Clock> clock;                      ///< Default: the system's.
  std::shared_ptr<RandomSource> random;  ///< Default: the system's; a seeded one only with a TestKeyProvider.
  std::shared_ptr<LogSink> log;          ///< Default: none.
  void* store_env = nullptr;             ///< Private: fault-injecting storage for tests.
};

/// What opening found; never silent.
struct OpenReport {
  bool created = false;
  std::optional<std::uint64_t> tail_dropped_bytes;  ///< A torn write above the floor was cut off (`TailDropped`).
  std::uint64_t replayed_events = 0;                ///< Folded since the last published checkpoint.
  bool views_rebuilt = false;                       ///< views/ was missing, damaged or of another version.
  std::vector<std::string> projections_rebuilt;     ///< Inline projections that were new or of another version.
  bool loss_accepted = false;
};

struct Head {
  std::uint64_t position = 0;          ///< Of the last event.
  std::uint64_t commits = 0;           ///< Count; the size of the tree.
  std::uint64_t durable_position = 0;  ///< Safe from a power loss.
  Timestamp recorded_at;
  Hash32 root{};  ///< RFC 6962, over all leaves.
  Digest16 ledger_id{};
};

struct ReadOptions {
  std::uint64_t after = 0;              ///< Positions > after (forward) …
  std::optional<std::uint64_t> before;  ///< … and < before; default: the view's end.
  std::uint64_t limit = 0;              ///< 0: all.
  bool backwards = false;
  std::stop_token stop;
};

/// Events one by one. Not thread-safe; keeps its view alive.
class EventCursor {
 public:
  virtual ~EventCursor() = default;
  /// The next event, or null at the end. Valid until the next call.
  /// Errors: kCorruption `LogDamaged`; kStorage; kExpired `ViewExpired`; kCancelled.
  [[nodiscard]] virtual Result<const Event*> next() = 0;
};

/// A ledger account as a view shows it.
struct AccountState {
  std::string path;
  std::string chart;  ///< `A3`
  Currency unit;
  NormalSide normal = NormalSide::kDebit;
  AccountLimit limit = AccountLimit::kNone;
  Balance balance;
};

struct ChainState {
  std::uint32_t ordinal = 0;
  std::uint32_t member = 0;   ///< Row of the family's tables.
  std::uint32_t version = 0;  ///< Count of its events.
  std::uint64_t last = 0;     ///< Position of its last event.
};

/// As of T, known at P: events at positions ≤ P; the last correction's payload in the place of what it corrects, what
/// was reversed left out; of these, events that occurred at T or before, in the order of their positions. A correction
/// counts at the time of the event that it corrects.
struct AsOfOptions {
  Timestamp as_of{INT64_MAX};
  std::uint64_t known_at = 0;  ///< 0: the view's position. Beyond the view: as 0.
  /// Only events of this stream or tag; default: all. Then tables hold only what these events give.
  std::optional<std::pair<ChainKind, std::string>> chain;
  std::vector<std::string> projections;  ///< By name; empty: all.
  std::stop_token stop;
};

/// What a fold as of a time gave; in memory. Threads: one at a time. Lives on its own.
class AsOfState {
 public:
  virtual ~AsOfState() = default;
  [[nodiscard]] virtual TableReader& tables() = 0;
  /// First table of a projection that was folded. Requires: it was.
  [[nodiscard]] virtual TableId table(std::string_view projection) const = 0;
  /// Columns of a ledger account (by View's number): all transfers of events that occurred at T or before and are known
  /// at P. Transfers are never replaced: a reversal posts their mirror, at the time of what it reverses.
  [[nodiscard]] virtual Balance balance(std::uint32_t account) = 0;
  [[nodiscard]] virtual std::uint64_t events() const = 0;  ///< Events that took part.
};

/// Everything at one published position. Belongs to one thread at a time; dies before its Ledger. Never blocks the
/// writer.
class View {
 public:
  virtual ~View() = default;

  [[nodiscard]] virtual std::uint64_t position() const = 0;
  [[nodiscard]] virtual const Head& head() const = 0;

  /// Events that match, in order of position.
  [[nodiscard]] virtual Result<std::unique_ptr<EventCursor>> read(const Query& query, const ReadOptions& options) = 0;
  [[nodiscard]] virtual Result<std::optional<ChainState>> chain(ChainKind kind, std::string_view name) = 0;
  /// Name of the member-th chain of a family. Errors: kNotFound.
  [[nodiscard]] virtual Result<std::string> member_name(ChainKind kind, std::string_view family,
                                                        std::uint32_t member) = 0;
  [[nodiscard]] virtual std::uint32_t member_count(ChainKind kind, std::string_view family) = 0;

  /// One account, or nothing.
  [[nodiscard]] virtual Result<std::optional<AccountState>> account(std::string_view path, Currency unit) = 0;
  /// By number (AppliedTransfer::debit): 1 … account_count().
  [[nodiscard]] virtual Result<AccountState> account(std::uint32_t ordinal) = 0;
  /// Only the columns: no name is read.
  [[nodiscard]] virtual Result<Balance> balance(std::uint32_t ordinal) = 0;
  [[nodiscard]] virtual std::uint32_t account_count() = 0;

  /// Rows of a projection's tables; `projection` by its name. Requires: it is one of this ledger's domain.
  [[nodiscard]] virtual TableReader& tables() = 0;
  [[nodiscard]] virtual TableId table(std::string_view projection) const = 0;
  /// Position that a projection's rows show: this view's, or for one that catches up the position that it had reached
  /// (never beyond this view). Requires: it is one of this ledger.
  [[nodiscard]] virtual std::uint64_t projection_position(std::string_view projection) const = 0;
  /// Folds in memory. Cost: the whole log twice, or the events of the chain. Errors: kNotFound `NoSuchProjection`;
  /// kInvalidArgument `ProjectionFailed`; kCancelled; those of reading.
  [[nodiscard]] virtual Result<std::unique_ptr<AsOfState>> as_of(const AsOfOptions& options) = 0;
  /// Decodes one event by position for folds over few events; valid until the next call. Null: none.
  [[nodiscard]] virtual Result<const AppliedEvent*> applied(std::uint64_t position) = 0;

  /// The JSON object of `carnet events` for an event of this view. Personal fields print as `[sealed]`.
  [[nodiscard]] virtual Status append_json(const Event& event, std::string& out) = 0;
  /// The commit whose first event stands at `first_position`, as one import line (without end of line). Returns its
  /// count of events. Errors: kInvalidArgument `SealedFields` when one holds personal fields; kNotFound `NoSuchCommit`.
  [[nodiscard]] virtual Result<std::uint32_t> append_export(std::uint64_t first_position, std::string& out) = 0;
  /// kExpired `ViewExpired` once the view pinned too much.
  [[nodiscard]] virtual Status status() const = 0;
};

/// A running append. Waiting from several threads is not allowed.
class Ticket {
 public:
  virtual ~Ticket() = default;
  [[nodiscard]] virtual bool ready() const = 0;
  /// Blocks until it is done. Call once.
  [[nodiscard]] virtual Result<Outcome> wait() = 0;
};

struct SubscribeOptions {
  std::uint64_t after = 0;
  Query query;
  std::size_t batch_max = 256;  ///< Events handed over at once; the next batch is read only when they were taken.
};

/// Events from any position that go live at the end. Pull: back-pressure is the caller's pace.
class Subscription {
 public:
  virtual ~Subscription() = default;
  /// The next event; blocks until there is one, `stop` is asked for, or `timeout` passes (then null).
  [[nodiscard]] virtual Result<const Event*> next(std::chrono::milliseconds timeout, std::stop_token stop) = 0;
  /// Position up to which everything was handed over or skipped.
  [[nodiscard]] virtual std::uint64_t position() const = 0;
};

enum class ProjectionState : std::uint8_t {
  kLive,
  kRebuilding,  ///< Far behind: a generation is being built beside.
  kParked,      ///< An event could not be folded; the projection waits for Ledger::restart_projection().
};

struct ProjectionStatus {
  std::string name;
  std::uint32_t version = 0;
  ProjectionMode mode = ProjectionMode::kInline;
  ProjectionState state = ProjectionState::kLive;
  std::uint64_t position = 0;
  std::uint64_t lag = 0;               ///< Events between it and the head.
  std::uint64_t parked_at = 0;         ///< Position of the poison event.
  std::string reason;                  ///< Why it is parked; no personal data.
  std::vector<std::uint64_t> skipped;  ///< Positions left out by decision of its keeper.
};

struct RebuildOptions {
  std::string projection;                ///< Empty: all.
  std::size_t threads = 0;               ///< 0: one a core.
  std::uint64_t run_events = 8'000'000;  ///< At most so many events are folded again after a crash.
};

struct RebuildProgress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

struct RebuiltProjection {
  std::string name;
  std::uint32_t version = 0;
  std::string before;  ///< Fingerprint of what was live, at the same position; hex.
  std::string after;
  /// Where they differ: the first position whose event touches a row that differs; 0: no event does.
  std::optional<std::uint64_t> parted_at;
};

struct RebuildReport {
  std::vector<RebuiltProjection> projections;
  std::uint64_t position = 0;  ///< All of them stand here.
  std::uint64_t events = 0;    ///< Folded by this call; less than `position` when an interrupted rebuild went on.
  double seconds = 0;
};

struct VerifyProgress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

struct VerifyFinding {
  std::string check;  ///< `root`, `chains`, `structure`, `views`, `floor`
  std::uint64_t position = 0;
  std::string message;
};

struct VerifyReport {
  std::uint64_t events = 0;
  std::uint64_t commits = 0;
  Hash32 root{};
  std::vector<VerifyFinding> findings;                            ///< Empty: everything agrees.
  std::vector<std::pair<std::string, std::string>> fingerprints;  ///< Table → hex.

  [[nodiscard]] bool ok() const noexcept { return findings.empty(); }
};

/// A ledger in a folder. Safe from any thread. A forked child must not use it (checked).
class Ledger {
 public:
  struct Opened;

  /// Opens, or creates where the options allow. `domain` must outlive the ledger; null: the core's events only.
  /// Errors: kNotFound `LedgerMissing`; kBusy `LedgerBusy`; kCorruption `LogDamaged`, `LogTruncated`;
  /// kUnsupportedFormat `FormatTooNew`; kNeedsConfirmation `ClockJump`; kInvalidArgument `SchemaIncompatible`,
  /// `NotEmpty`; kStorage.
  [[nodiscard]] static Result<Opened> open(const std::filesystem::path& folder, const Domain* domain,
                                           const OpenOptions& options);
  virtual ~Ledger() = default;

  // ---- Append ----

  /// Decides and appends one business action; returns when it is as durable as the ledger's mode says.
  /// Returns:  the Receipt (also of an earlier identical request), or the Refusal: then nothing was written.
  /// Errors:   kOutcomeUnknown: reopen, then resend under the same command; kClosed: poisoned by an earlier failure,
  /// nothing
  ///           written; kOutOfSpace: nothing written, retry; kCancelled.
  [[nodiscard]] virtual Result<Outcome> append(const Request& request) = 0;
  /// Several requests, each decided on its own, in order, sharing frames and one sync. Outcomes in the same order. With
  /// kStopAtRefusal nothing behind the first refused or failed one is decided: those get kCancelled `NotReached`.
  [[nodiscard]] virtual std::vector<Result<Outcome>> append_batch(std::span<const Request> requests,
                                                                  BatchMode mode = BatchMode::kEach) = 0;
  /// Starts an append; the ticket tells its outcome. The request is taken over.
  [[nodiscard]] virtual std::unique_ptr<Ticket> append_async(Request request) = 0;
  /// Dry run: what an append would write now, or why it would be refused. Writes nothing.
  [[nodiscard]] virtual Result<DryRun> decide(const Request& request) = 0;
  /// Receipt of a command that landed; nothing if it did not.
  [[nodiscard]] virtual Result<std::optional<Receipt>> receipt(std::string_view command) = 0;
  /// Position up to which a source has been taken in (0: nothing).
  [[nodiscard]] virtual Result<std::uint64_t> source_position(std::string_view source) = 0;
  /// Confirms a clock jump reported by an append as `ClockJump`.
  virtual void accept_clock() = 0;

  // ---- Read ----

  [[nodiscard]] virtual Head head() = 0;
  /// Last position that survives a power loss.
  [[nodiscard]] virtual std::uint64_t durable_position() = 0;
  /// Pins the published state. Read-only ledgers: call catch_up() first to see what another process wrote.
  [[nodiscard]] virtual Result<std::unique_ptr<View>> view() = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<Subscription>> subscribe(const SubscribeOptions& options) = 0;
  /// Read-only: takes in what the writing process appended since. Writer: no effect.
  [[nodiscard]] virtual Status catch_up() = 0;

  // ---- Keys of data subjects ----

  /// Makes the key of (account, class) and appends SubjectKeyCreated. A second call returns the first outcome.
  [[nodiscard]] virtual Result<Outcome> create_subject_key(std::string_view account, std::string_view data_class,
                                                           const Request& envelope) = 0;

  // ---- Operation ----

  /// Publishes the views now and seals what is closed.
  [[nodiscard]] virtual Status checkpoint(std::stop_token stop = {}) = 0;
  /// Recomputes everything from the commits' bytes: structure, chains, root, views against a rebuild.
  [[nodiscard]] virtual Result<VerifyReport> verify(const std::function<void(const VerifyProgress&)>& progress,
                                                    std::stop_token stop = {}) = 0;
  /// Builds a new generation of projections from the log beside the live one, and switches to it when it stands at the
  /// head. Appends go on, except for the last moment; side effects there are none. An interrupted rebuild is taken up
  /// again by the next, at the last finished run. `progress` is called from any thread.
  /// Errors: kNotFound `NoSuchProjection`; kBusy `RebuildRunning`; kCancelled; kInvalidArgument `ProjectionFailed`.
  [[nodiscard]] virtual Result<RebuildReport> rebuild(const RebuildOptions& options,
                                                      const std::function<void(const RebuildProgress&)>& progress,
                                                      std::stop_token stop = {}) = 0;
  [[nodiscard]] virtual std::vector<ProjectionStatus> projections() = 0;
  /// Blocks until a catch-up projection has folded `position`. Inline ones have when the receipt is there.
  /// Errors: kCancelled `DeadlinePassed`; kInvalidArgument `ProjectionParked`; kNotFound `NoSuchProjection`.
  [[nodiscard]] virtual Status wait_for(std::string_view projection, std::uint64_t position,
                                        std::chrono::milliseconds timeout, std::stop_token stop = {}) = 0;
  /// A parked projection tries its event again, or leaves it out for ever (rebuilds leave it out, too).
  /// Errors: kInvalidArgument `NotParked`; kNotFound `NoSuchProjection`.
  [[nodiscard]] virtual Status restart_projection(std::string_view projection, bool skip_event) = 0;
  /// `name=value`, for people and programs; no personal data.
  [[nodiscard]] virtual Result<std::vector<Fact>> stats() = 0;
  [[nodiscard]] virtual const Domain* domain() const = 0;
  /// Publishes the views, syncs, marks the ledger clean. Later calls fail with kClosed. The destructor closes too, but
  /// cannot report.
  [[nodiscard]] virtual Status close() = 0;
};

struct Ledger::Opened {
  std::unique_ptr<Ledger> ledger;
  OpenReport report;
};

}  // namespace carnet
