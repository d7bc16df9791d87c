// SPDX-License-Identifier: Apache-2.0
//
// State: everything that follows from the log: catalog, indexes, tables, running tree. Two ways lead into it, which do
// the same: the sequencer publishes what it decided, and fold() takes in stored frames (open, rebuild, read-only,
// verify).
#pragma once

#include "base/sha256.hpp"
#include "codec/frame.hpp"
#include "codec/messages.hpp"
#include "ledger/core_tables.hpp"
#include "ledger/generations.hpp"
#include "ledger/types.hpp"
#include "project/table_set.hpp"
#include "proof/merkle.hpp"
#include "store/catalog.hpp"
#include "store/index.hpp"
#include "store/views_db.hpp"

#include <carnet/domain.hpp>
#include <carnet/ledger.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::ledger {

/// Where a projection's tables begin.
struct BoundProjection {
  const Projection* projection = nullptr;
  TableId first;
};

/// What is known at the end of the published log.
struct Tip {
  std::uint64_t position = 0;
  std::uint64_t commits = 0;
  Timestamp recorded_at;
  proof::CompactTree tree;
};

class State {
 public:
  /// `views` may be null: everything in memory (verification). `memory_bytes` is the share of the budget for pages and
  /// caches.
  /// `more`: projections of the host beside the domain's. Next comes begin_empty() or load().
  [[nodiscard]] static Result<std::unique_ptr<State>> make(
      const Domain* domain, store::ViewsDb* views, std::size_t memory_bytes,
      std::span<const std::shared_ptr<const Projection>> more = {});

  /// Nothing is known: every inline projection gets its tables.
  void begin_empty();
  /// Takes over what a checkpoint left. Inline projections that are not in it as they are now are left out of folds:
  /// stale(). Errors: kNotFound `ViewsOfAnotherVersion` when another engine wrote the views: rebuild;
  /// kUnsupportedFormat `ProjectionTooOld` when a projection of a later version did.
  [[nodiscard]] Status load(const store::ViewCheckpoint& checkpoint);

  /// Inline projections whose tables must be built before anything is decided.
  [[nodiscard]] std::span<const Projection* const> stale() const noexcept { return stale_; }

  [[nodiscard]] std::span<const Projection* const> catch_up_projections() const noexcept { return catch_up_; }

  [[nodiscard]] std::span<const Projection* const> inline_projections() const noexcept { return inline_; }

  /// Generations whose tables are in other sets, and garbage: what the next checkpoint says of them. Changed by whoever
  /// holds the ledger's checkpoint mutex.
  GenerationBook& others() noexcept { return others_; }

  /// Ids for a new generation, as GenerationBook::allocate().
  [[nodiscard]] std::uint16_t allocate(std::size_t count, bool catch_up) const;
  /// A generation that was built beside takes the place of the live one, whose tables become garbage.
  /// Requires: nothing is decided or checkpointed meanwhile; its pages are published.
  void switch_to(const Projection& projection, const Generation& generation);

  /// Folds one stored commit that follows the tip. Checks numbers, chains and transfers on the way.
  /// Errors: kCorruption `ChainBroken`, `LogDamaged` {position}.
  [[nodiscard]] Status fold(const codec::CommitBytes& commit);
  /// Folds every commit of a frame that lies beyond the tip.
  [[nodiscard]] Status fold_frame(base::ByteSpan frame);
  /// Makes what fold() did visible.
  void publish_fold();

  /// Everything that a checkpoint at the published tip holds, in the order of the steps of its parts.
  /// begin: under the ledger's publish lock. write: beside appends. end: under the lock again.
  void begin_checkpoint();
  /// The record of generations is that of others() and of the live inline projections.
  [[nodiscard]] Result<store::ViewCheckpoint> write_checkpoint(store::ViewBatch& batch,
                                                               std::vector<store::ViewRun>& runs);
  void end_checkpoint(bool published);

  [[nodiscard]] std::span<const BoundProjection> projections() const noexcept { return projections_; }

  /// The same for whoever must not see a switch. Replaced as a whole.
  using Bindings = std::vector<BoundProjection>;

  [[nodiscard]] std::shared_ptr<const Bindings> bindings() const noexcept { return bindings_; }

  [[nodiscard]] TableId table_of(std::string_view projection) const;
  [[nodiscard]] bool has_table(std::string_view projection) const noexcept;

  /// Symbol of a code; kForeignSymbol when the domain has none for it.
  /// Threads: any.
  [[nodiscard]] Symbol symbol_of_code(std::uint32_t code) const noexcept {
    // Stored plus 1, so that memory never touched reads as foreign.
    return code >= kCodesMax ? kForeignSymbol
                             : static_cast<Symbol>(symbol_of_code_[code].load(std::memory_order_relaxed) - 1U);
  }

  /// Code ordinal of a symbol; 0: not introduced yet.
  [[nodiscard]] std::uint32_t code_of_symbol(Symbol symbol) const noexcept { return code_of_symbol_[symbol]; }

  [[nodiscard]] std::string_view symbol_text(Symbol symbol) const noexcept { return symbols_[symbol]; }

  [[nodiscard]] Currency currency_of_unit(std::uint32_t unit) const noexcept {
    return unit >= kUnitsMax ? Currency{} : Currency(currency_of_unit_[unit].load(std::memory_order_relaxed));
  }

  /// Symbol of a chain family's name; kForeignSymbol when the domain has none for it. Threads: any.
  [[nodiscard]] Symbol symbol_of_family(std::uint16_t family) const noexcept {
    return static_cast<Symbol>(symbol_of_family_[family].load(std::memory_order_relaxed) - 1U);
  }

  /// Called for every family that gets a number; one that a refused request had may go to another name. Threads: the
  /// writer.
  void note_family(std::uint16_t family, std::string_view name);
  /// Called for every code and unit that is introduced, and when a refused request takes it back. Threads: the writer.
  void note_code(std::uint32_t ordinal, std::string_view text);
  void note_unit(std::uint32_t ordinal, std::string_view name);
  void forget_code(std::uint32_t ordinal);
  /// Adds an introduction to the catalog and to everything that follows it.
  [[nodiscard]] Status introduce(const codec::Introduction& introduction, TableWriter* rows);

  /// Numbers of a stored event for folds. `chains` and `transfers` are the caller's memory.
  [[nodiscard]] Status to_applied(const codec::StoredEvent& stored, const codec::CommitHead& head,
                                  std::uint64_t position, TableReader& tables, std::vector<ChainRef>& chains,
                                  std::vector<AppliedTransfer>& transfers, AppliedEvent& out) const;

  /// Where stored frames come from when a fold meets a correction: the frame that holds a position, into `out`.
  using FrameLoader = std::function<Result<bool>(std::uint64_t position, std::vector<std::uint64_t>& out)>;

  void set_frame_loader(FrameLoader loader) { load_frame_ = std::move(loader); }

  /// While snapshots may be alive (a read-only ledger that follows): folds go through the overlay.
  void set_fold_through_overlay(bool on) noexcept { fold_through_overlay_ = on; }

  /// Decodes one event of the log by position; null: there is none. Valid until the next call on `slot`.
  struct AppliedSlot {
    std::vector<std::uint64_t> frame;
    codec::FrameReader frame_reader;
    codec::CommitBytes commit;
    codec::HeadReader head_reader;
    codec::EventReader event_reader;
    std::vector<ChainRef> chains;
    std::vector<AppliedTransfer> transfers;
    AppliedEvent event;
  };

  [[nodiscard]] Result<const AppliedEvent*> load_applied(std::uint64_t position, TableReader& rows,
                                                         AppliedSlot& slot) const;

  const Domain* domain = nullptr;
  std::unique_ptr<TypeMap> types;
  std::unique_ptr<store::Catalog> catalog;
  std::unique_ptr<store::ChainIndex> chain_index;
  std::unique_ptr<store::CommandIndex> command_index;
  std::unique_ptr<project::TableSet> tables;
  Tip tip;

 private:
  [[nodiscard]] Status fold_event(const codec::CommitHead& head, std::uint64_t position, base::ByteSpan bytes,
                                  TableWriter& rows);
  [[nodiscard]] Status check_names() const;
  [[nodiscard]] Status load_tables(GenerationBook book, std::uint64_t position);
  [[nodiscard]] GenerationBook book_of(std::span<const project::TableState> states) const;
  void bind(const Projection& projection, TableId first);
  void note_bindings();
  /// Core and live inline projections as of the checkpoint.
  [[nodiscard]] std::vector<Generation> own_generations() const;

  std::vector<const Projection*> inline_;
  std::vector<const Projection*> catch_up_;
  std::vector<const Projection*> stale_;
  std::vector<BoundProjection> projections_;
  std::shared_ptr<const Bindings> bindings_ = std::make_shared<const Bindings>();
  GenerationBook others_;
  std::vector<std::string_view> symbols_;
  std::vector<std::uint32_t> code_of_symbol_;
  static constexpr std::uint32_t kCodesMax = 1U << 20U;
  static constexpr std::uint32_t kUnitsMax = 1U << 10U;
  static constexpr std::uint32_t kFamiliesMax = 1U << 16U;
  std::unique_ptr<std::atomic<std::uint16_t>[]> symbol_of_code_ { new std::atomic<std::uint16_t>[ kCodesMax ]() };
  std::unique_ptr<std::atomic<std::uint16_t>[]> symbol_of_family_ { new std::atomic<std::uint16_t>[ kFamiliesMax ]() };
  std::uint32_t families_noted_ = 0;  ///< Of the catalog.
  std::unique_ptr<std::atomic<std::uint32_t>[]> currency_of_unit_ { new std::atomic<std::uint32_t>[ kUnitsMax ]() };
  FrameLoader load_frame_;
  bool fold_through_overlay_ = false;
  AppliedSlot original_;

  // Memory of fold().
  codec::HeadReader head_reader_;
  codec::IntroductionReader introduction_reader_;
  codec::EventReader event_reader_;
  std::vector<ChainRef> chains_;
  std::vector<AppliedTransfer> transfers_;
  std::vector<base::Hash> part_hashes_;
  std::vector<std::uint32_t> ordinals_;
  std::vector<std::uint32_t> chain_ordinals_;

  // Of a checkpoint that is being written.
  std::string catalog_state_;
  Tip checkpoint_tip_;
};

/// The refusal to open tables that a later version of a projection wrote.
[[nodiscard]] Error projection_too_old(const Projection& projection);

/// First rows of what was just introduced, so that every later look needs no name.
void put_chain_row(TableWriter& rows, const store::ChainEntry& entry);
void put_account_row(TableWriter& rows, const store::AccountEntry& entry);

/// Recomputes a stored commit's leaf hash. `hashes` is the caller's memory.
[[nodiscard]] base::Hash leaf_of(const codec::CommitBytes& commit, std::vector<base::Hash>& hashes);

}  // namespace carnet::ledger
