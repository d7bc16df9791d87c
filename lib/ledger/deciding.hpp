// SPDX-License-Identifier: Apache-2.0
//
// Deciding: turns one prepared request into the bytes of a commit on the overlay, event by event: chains, rules, folds,
// messages. A refusal leaves no trace: the caller rolls back to the savepoint that it took before.
#pragma once

#include "codec/frame.hpp"
#include "codec/messages.hpp"
#include "ledger/pending.hpp"
#include "ledger/prepare.hpp"
#include "ledger/state.hpp"

#include <carnet/domain.hpp>
#include <carnet/random.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace carnet::ledger {

/// An event of the group that has not landed yet.
struct GroupEvent {
  std::uint64_t position = 0;
  std::uint32_t type = 0;  ///< Type ordinal.
  std::uint16_t type_index = kForeignType;
  std::uint32_t stream = 0;     ///< Chain ordinal.
  std::size_t chains_from = 0;  ///< Into GroupMemory::chain_ordinals.
  std::size_t chain_count = 0;
  base::ByteSpan bytes;    ///< Its finished message.
  codec::CommitHead head;  ///< Of its commit, as far as folds read it.
  Corrects corrects;
};

/// What one group gathers beside the frame.
struct GroupMemory {
  std::vector<GroupEvent> events;
  std::vector<std::uint32_t> chain_ordinals;
  std::vector<store::IndexedEvent> indexed;  ///< The same, as the index takes them.
  std::vector<std::uint64_t> candidates;     ///< Of a command look-up.
};

/// What the sequencer knows when a request's turn comes.
struct CommitSlot {
  std::uint64_t number = 0;
  std::uint64_t first_position = 0;
  Timestamp recorded_at;
  bool clock_stepped = false;  ///< The first event gets finding ClockStepped.
};

/// The finished commit of one request: spans into memory of the Deciding and of the prepared events.
struct DecidedCommit {
  base::ByteSpan header;
  std::vector<base::ByteSpan> introductions;
  std::vector<base::ByteSpan> events;
  base::Hash leaf{};
};

/// Threads: the sequencer's leader only.
class Deciding final : public DecideContext {
 public:
  Deciding(State& state, PendingNames& names, GroupMemory& group, State::FrameLoader load_frame, RandomSource& random);
  ~Deciding() override;

  /// Decides every event of `prepared`. Returns the refusal, or nothing: then `out` holds the commit and the overlay
  /// its effects. Errors: of reading (kStorage, kCorruption) and of the random source.
  [[nodiscard]] Result<std::optional<Refusal>> run(Prepared& prepared, const CommitSlot& slot, DecidedCommit& out);
  /// What the last run() decided, for a dry run.
  [[nodiscard]] Decided decided() const;

  /// The chain a name stands for now, pending ones included. `use.entry` is filled in when it was found.
  [[nodiscard]] Result<std::optional<store::ChainEntry>> resolve(NameUse& use);

  // DecideContext
  [[nodiscard]] const CommitInfo& commit() const override { return info_; }

  [[nodiscard]] std::uint32_t event_index() const override { return index_; }

  [[nodiscard]] const AppliedEvent& event() const override { return event_; }

  [[nodiscard]] std::string_view type_name() const override { return current_->draft->type; }

  [[nodiscard]] std::string_view stream_name() const override { return current_->draft->stream; }

  [[nodiscard]] const AppliedEvent* original() override { return original_; }

  [[nodiscard]] TableReader& tables() override { return rows_; }

  [[nodiscard]] TableId table(std::string_view projection) override { return state_.table_of(projection); }

  [[nodiscard]] std::optional<ChainRef> chain(ChainKind kind, std::string_view name) override;
  [[nodiscard]] Balance balance(std::string_view account_path, Currency unit) override;
  [[nodiscard]] LedgerAccount ledger_account(std::uint32_t number) override;
  [[nodiscard]] std::string chain_name(std::uint32_t ordinal) override;
  [[nodiscard]] const AppliedEvent* event_at(std::uint64_t position) override;
  void set_booked_at(Timestamp time) override;
  void used_rules(std::string_view family, std::uint32_t version) override;
  [[nodiscard]] std::optional<Refusal> transfer(const AccountSpec& debit, const AccountSpec& credit, Money amount,
                                                Phase phase, Symbol rule) override;
  [[nodiscard]] std::optional<Refusal> mirror(const AppliedTransfer& of) override;
  void finding(std::string_view code, Severity severity, std::string_view path,
               std::span<const Argument> args) override;
  void due(std::string_view rule, std::string_view subject, Timestamp time) override;
  [[nodiscard]] Refusal refuse(std::string_view rule, std::string_view error, std::string_view message) override;

 private:
  struct FindingEntry {
    std::uint32_t event = 0;
    std::string code;
    Severity severity = Severity::kInfo;
    std::string path;
    std::vector<Fact> args;
  };

  [[nodiscard]] std::optional<Refusal> decide_event(PreparedEvent& event, std::uint32_t index);
  [[nodiscard]] std::optional<Refusal> link_chains(PreparedEvent& event);
  [[nodiscard]] std::optional<Refusal> check_correction(const PreparedEvent& event);
  [[nodiscard]] std::optional<Refusal> check_repeats_original(const PreparedEvent& event);
  [[nodiscard]] bool is_reversed(std::uint64_t position, std::uint32_t stream);
  [[nodiscard]] std::optional<Refusal> move(std::uint32_t debit, std::uint32_t credit, std::int64_t amount,
                                            std::uint32_t unit, Phase phase, Symbol rule, std::string_view debit_path,
                                            std::string_view credit_path);
  [[nodiscard]] std::string account_path(std::uint32_t ordinal);
  [[nodiscard]] std::optional<Refusal> account(const AccountSpec& spec, std::uint32_t unit, store::AccountEntry& out);
  void write_message(PreparedEvent& event, const WrittenAs& type);
  void apply(const WrittenAs& type);
  [[nodiscard]] Status finish(Prepared& prepared, DecidedCommit& out, std::size_t first_introduction);
  [[nodiscard]] std::span<const std::byte> next_blind();
  [[nodiscard]] const AppliedEvent* load(std::uint64_t position, State::AppliedSlot& slot);

  State& state_;
  PendingNames& names_;
  GroupMemory& group_;
  State::FrameLoader load_frame_;
  RandomSource& random_;
  TableWriter& rows_;

  const Prepared* prepared_ = nullptr;
  CommitSlot slot_;
  CommitInfo info_;
  codec::CommitHead head_;
  PreparedEvent* current_ = nullptr;
  std::uint32_t index_ = 0;
  AppliedEvent event_;
  const AppliedEvent* original_ = nullptr;
  std::vector<ChainRef> chains_;
  std::vector<codec::ChainLink> links_;
  std::vector<AppliedTransfer> transfers_;
  std::vector<codec::StoredTransfer> stored_transfers_;
  std::vector<FindingEntry> findings_;
  std::vector<DueDraft> dues_;
  std::vector<TransferDraft> transfer_drafts_;
  std::vector<codec::RuleVersion> rules_;
  std::size_t findings_from_ = 0;
  std::size_t dues_from_ = 0;
  bool keep_drafts_ = false;
  std::optional<Error> error_;  // a read failed under a call that cannot report it
  State::AppliedSlot original_slot_;
  State::AppliedSlot event_slot_;
  std::vector<std::uint64_t> words_;
  std::vector<std::size_t> word_ends_;
  std::vector<base::Hash> hashes_;
  std::vector<std::byte> random_pool_;
  std::size_t random_used_ = 0;
  std::string scratch_a_;
  std::string scratch_b_;

 public:
  /// For dry runs: keep texts of transfers.
  void keep_drafts(bool on) noexcept { keep_drafts_ = on; }
};

}  // namespace carnet::ledger
