// SPDX-License-Identifier: Apache-2.0
#include "ledger/as_of.hpp"

#include "base/check.hpp"
#include "ledger/replay.hpp"
#include "project/table_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>

namespace carnet::ledger {

namespace {

constexpr std::size_t kBatchEvents = 1024;

/// Corrections and reversals among the events that count, and what they come to.
class Corrections {
 public:
  void add(const AppliedEvent& event) {
    by_target_[event.corrects.position].push_back({event.position, event.corrects.kind});
    targets_[event.position] = event.corrects.position;
  }

  [[nodiscard]] bool touches(std::uint64_t position) const { return by_target_.contains(position); }

  /// The event itself that a chain of corrections is about.
  [[nodiscard]] std::uint64_t root(std::uint64_t position) const {
    for (auto found = targets_.find(position); found != targets_.end(); found = targets_.find(position)) {
      position = found->second;
    }
    return position;
  }

  /// Reversed, by a reversal that was not reversed itself.
  [[nodiscard]] bool is_removed(std::uint64_t position) const {
    const auto found = by_target_.find(position);
    return found != by_target_.end() && std::ranges::any_of(found->second, [this](const Change& change) {
             return change.kind == CorrectionKind::kReversal && !is_removed(change.position);
           });
  }

  /// Position of the payload that counts for an event: of the last correction in force, or the event's own.
  [[nodiscard]] std::uint64_t payload_of(std::uint64_t position) const {
    std::uint64_t last = position;
    visit(position, last);
    return last;
  }

 private:
  struct Change {
    std::uint64_t position;
    CorrectionKind kind;
  };

  void visit(std::uint64_t position, std::uint64_t& last) const {
    const auto found = by_target_.find(position);
    if (found == by_target_.end()) {
      return;
    }
    for (const Change& change : found->second) {
      if (change.kind == CorrectionKind::kCorrection && !is_removed(change.position)) {
        last = std::max(last, change.position);
        visit(change.position, last);
      }
    }
  }

  std::unordered_map<std::uint64_t, std::vector<Change>> by_target_;
  std::unordered_map<std::uint64_t, std::uint64_t> targets_;
};

class FoldedState final : public AsOfState {
 public:
  TableReader& tables() override { return *snapshot_; }

  TableId table(std::string_view projection) const override {
    const auto found = std::ranges::find_if(
        folded_, [&](const BoundProjection& bound) { return bound.projection->name() == projection; });
    CARNET_REQUIRE(found != folded_.end(), "the projection was folded");
    return found->first;
  }

  Balance balance(std::uint32_t account) override {
    const auto found = balances_.find(account);
    return found == balances_.end() ? Balance{} : found->second;
  }

  std::uint64_t events() const override { return events_; }

  /// Adds tables for a projection.
  void add(const Projection& projection) {
    const TableId first{static_cast<std::uint16_t>(tables_->specs().size())};
    for (const TableSpec& spec : projection.tables()) {
      static_cast<void>(tables_->add_table(spec));
    }
    folded_.push_back({&projection, first});
  }

  [[nodiscard]] std::optional<Error> apply(const AppliedEvent& event) {
    ++events_;
    for (const BoundProjection& bound : folded_) {
      try {
        bound.projection->apply(event, nullptr, bound.first, tables_->direct());
      } catch (const std::exception& fault) {
        return projection_failed(bound.projection->name(), event.position, fault.what());
      }
    }
    return std::nullopt;
  }

  /// Transfers of the log kept every law when they were decided; without later ones on the way some columns may stand
  /// below zero for a while, which is no fault here.
  void book(const AppliedEvent& event) {
    for (const AppliedTransfer& transfer : event.transfers) {
      Balance& debit = balances_[transfer.debit];
      Balance& credit = balances_[transfer.credit];
      switch (transfer.phase) {
        case Phase::kPosted:
          debit.posted_debits += transfer.amount;
          credit.posted_credits += transfer.amount;
          break;
        case Phase::kPending:
          debit.pending_debits += transfer.amount;
          credit.pending_credits += transfer.amount;
          break;
        case Phase::kVoided:
          debit.pending_debits -= transfer.amount;
          credit.pending_credits -= transfer.amount;
          break;
      }
    }
  }

  void end(std::uint64_t position) {
    tables_->publish(position);
    snapshot_ = tables_->snapshot();
  }

 private:
  std::unique_ptr<project::TableSet> tables_ = project::TableSet::make(nullptr, 0, {});
  std::vector<BoundProjection> folded_;
  std::unique_ptr<project::Snapshot> snapshot_;
  std::map<std::uint32_t, Balance> balances_;
  std::uint64_t events_ = 0;
};

class Folder {
 public:
  Folder(const State& state, TableReader& core, store::LocalLog& log, const State::FrameLoader& load_frame,
         std::uint64_t known_at, const AsOfOptions& options)
      : state_(state), log_(log), decoder_(state, core, load_frame), known_at_(known_at), options_(options) {}

  [[nodiscard]] Status choose(FoldedState& out) const {
    std::size_t found = 0;
    for (const auto& all : {state_.catch_up_projections(), state_.inline_projections()}) {
      for (const Projection* projection : all) {
        const auto& names = options_.projections;
        if (names.empty() || std::ranges::find(names, projection->name()) != names.end()) {
          out.add(*projection);
          ++found;
        }
      }
    }
    if (found < options_.projections.size()) {
      return Error(ErrorCode::kNotFound, "NoSuchProjection", "the ledger was opened with no projection of this name");
    }
    return {};
  }

  [[nodiscard]] Status fold(FoldedState& out) {
    CARNET_TRY_VOID(each_event([&](const AppliedEvent& event) -> Status {
      if (event.corrects.kind != CorrectionKind::kNone) {
        corrections_.add(event);
      }
      return {};
    }));
    CARNET_TRY_VOID(each_event([&](const AppliedEvent& event) { return take(event, out); }));
    out.end(known_at_);
    return {};
  }

 private:
  using Use = std::function<Status(const AppliedEvent&)>;

  [[nodiscard]] Status take(const AppliedEvent& event, FoldedState& out) {
    Timestamp effective = event.occurred_at;
    if (event.corrects.kind != CorrectionKind::kNone) {
      CARNET_TRY(effective, time_of(corrections_.root(event.position)));
    }
    if (effective > options_.as_of) {
      return {};
    }
    out.book(event);
    if (event.corrects.kind != CorrectionKind::kNone || corrections_.is_removed(event.position)) {
      return {};
    }
    AppliedEvent counted = event;
    if (corrections_.touches(event.position)) {
      if (const std::uint64_t at = corrections_.payload_of(event.position); at != event.position) {
        CARNET_TRY(const bool there, decoder_.load(at, correction_));
        CARNET_ASSERT(there, "a correction was read a moment ago");
        counted.payload = correction_.event.payload;
        counted.revision = correction_.event.revision;
      }
    }
    if (auto fault = out.apply(counted)) {
      return *std::move(fault);
    }
    return {};
  }

  [[nodiscard]] Result<Timestamp> time_of(std::uint64_t position) {
    const auto [found, is_new] = times_.try_emplace(position);
    if (is_new) {
      CARNET_TRY([[maybe_unused]] const bool there, decoder_.load(position, correction_));
      found->second = correction_.event.occurred_at;
    }
    return found->second;
  }

  [[nodiscard]] Status each_event(const Use& use) { return options_.chain ? each_of_chain(use) : each_of_all(use); }

  [[nodiscard]] Status each_of_all(const Use& use) {
    CARNET_TRY(auto frames, log_.read(0));
    ReplayBatch batch;
    while (true) {
      if (options_.stop.stop_requested()) {
        return Error(ErrorCode::kCancelled, "Cancelled", "the fold was stopped by its caller");
      }
      CARNET_TRY(const bool more, decoder_.fill(*frames, batch.last, known_at_, kBatchEvents, batch));
      if (!more) {
        return {};
      }
      for (const ReplayBatch::Item& item : batch.items) {
        CARNET_TRY_VOID(use(item.event));
      }
    }
  }

  [[nodiscard]] Status each_of_chain(const Use& use) {
    CARNET_TRY(const auto entry, state_.catalog->find_chain(options_.chain->first, options_.chain->second));
    if (!entry) {
      return {};
    }
    CARNET_TRY(auto positions, state_.chain_index->positions(entry->ordinal, 0, known_at_, false));
    ReplayBatch::Original one;
    while (true) {
      CARNET_TRY(const std::uint64_t position, positions->next());
      if (position == 0) {
        return {};
      }
      CARNET_TRY([[maybe_unused]] const bool there, decoder_.load(position, one));
      CARNET_TRY_VOID(use(one.event));
    }
  }

  const State& state_;
  store::LocalLog& log_;
  ReplayDecoder decoder_;
  std::uint64_t known_at_;
  const AsOfOptions& options_;
  Corrections corrections_;
  ReplayBatch::Original correction_;
  std::unordered_map<std::uint64_t, Timestamp> times_;
};

}  // namespace

Result<std::unique_ptr<AsOfState>> fold_as_of(const State& state, TableReader& core, store::LocalLog& log,
                                              const State::FrameLoader& load_frame, std::uint64_t head,
                                              const AsOfOptions& options) {
  const std::uint64_t known_at = options.known_at == 0 ? head : std::min(options.known_at, head);
  auto out = std::make_unique<FoldedState>();
  Folder folder(state, core, log, load_frame, known_at, options);
  CARNET_TRY_VOID(folder.choose(*out));
  CARNET_TRY_VOID(folder.fold(*out));
  return std::unique_ptr<AsOfState>(std::move(out));
}

}  // namespace carnet::ledger
