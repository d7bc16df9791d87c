// SPDX-License-Identifier: Apache-2.0
#include "ledger/replay_batch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace carnet::ledger {

namespace {

// A batch of events that are few and far between ends all the same: the frames on the way stay in memory.
constexpr std::uint64_t kReachFactor = 16;

Error broken(std::string_view what, std::uint64_t position) {
  return {ErrorCode::kCorruption,
          "ChainBroken",
          fmt::format("the log contradicts itself at position {}: {}; run `carnet verify`, then restore a backup",
                      position, what),
          {{"position", fmt::to_string(position)}}};
}

}  // namespace

base::ByteSpan WordArena::store(base::ByteSpan bytes) {
  const std::size_t words = bytes.size() / 8;
  while (chunk_ < chunks_.size() && used_ + words > chunks_[chunk_].size) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) {
    const std::size_t size = std::max(words, kChunkWords);
    chunks_.push_back({std::make_unique_for_overwrite<std::uint64_t[]>(size), size});
    used_ = 0;
  }
  std::uint64_t* const to = chunks_[chunk_].words.get() + used_;
  std::memcpy(to, bytes.data(), bytes.size());
  used_ += words;
  return std::as_bytes(std::span(to, words));
}

void WordArena::clear() noexcept {
  chunk_ = 0;
  used_ = 0;
}

void ReplayBatch::clear() {
  items.clear();
  words.clear();
  chains.clear();
  transfers.clear();
  originals.clear();
}

ReplayDecoder::ReplayDecoder(const State& state, TableReader& core, State::FrameLoader load_frame,
                             std::size_t cache_pages)
    : state_(state),
      core_(core),
      load_frame_(std::move(load_frame)),
      chain_rows_(core.row_count(kChainTable)),
      account_rows_(core.row_count(kAccountTable)),
      chains_(chain_rows_ + 1, cache_pages),
      accounts_(account_rows_ + 1, cache_pages) {
  const std::uint32_t types = state.catalog->counts().types;
  types_.push_back(kForeignType);
  for (std::uint32_t ordinal = 1; ordinal <= types; ++ordinal) {
    types_.push_back(state.types->index_of(ordinal));
  }
}

const ReplayDecoder::ChainNumbers& ReplayDecoder::chain(std::uint32_t ordinal) {
  return chains_.get(ordinal, [this](std::uint64_t number) {
    ChainNumbers out;
    if (number != 0 && number <= chain_rows_) {
      const auto row = core_.get<ChainRow>(kChainTable, number - 1);
      out.member = row.member;
      out.family = row.family;
      out.kind = row.kind;
      out.symbol = state_.symbol_of_family(row.family);
    }
    return out;
  });
}

const ReplayDecoder::AccountNumbers& ReplayDecoder::account(std::uint32_t ordinal) {
  return accounts_.get(ordinal, [this](std::uint64_t number) {
    AccountNumbers out;
    if (number != 0 && number <= account_rows_) {
      const auto row = core_.get<AccountRow>(kAccountTable, number - 1);
      out.unit = row.unit;
      out.chart = state_.symbol_of_code(row.chart);
    }
    return out;
  });
}

std::vector<bool> ReplayDecoder::types_read_by(const Projection& projection) const {
  std::vector<bool> reads;
  for (std::size_t type = 0; type < state_.types->count(); ++type) {
    reads.push_back(projection.reads(static_cast<std::uint16_t>(type)));
  }
  reads.push_back(projection.reads(kForeignType));
  return reads;
}

bool ReplayDecoder::is_wanted(std::uint16_t type) const noexcept {
  if (wanted_.empty()) {
    return true;
  }
  return type < wanted_.size() - 1 ? wanted_[type] : wanted_.back();
}

Status ReplayDecoder::numbers(const codec::StoredEvent& stored, std::uint64_t position, std::vector<ChainRef>& chains,
                              std::vector<AppliedTransfer>& transfers) {
  for (const codec::ChainLink& link : stored.chains) {
    const ChainNumbers& known = chain(link.chain);
    if (known.kind == 0) {
      return broken("an event names a chain that was not introduced", position);
    }
    chains.push_back({.ordinal = link.chain,
                      .member = known.member,
                      .family = known.family,
                      .kind = static_cast<ChainKind>(known.kind),
                      .family_symbol = known.symbol,
                      .version = link.version,
                      .previous = link.previous,
                      .name = {}});
  }
  for (const codec::StoredTransfer& transfer : stored.transfers) {
    const AccountNumbers debit = account(transfer.debit);
    const AccountNumbers credit = account(transfer.credit);
    if (debit.unit == 0 || credit.unit == 0) {
      return broken("a transfer names an account that was not introduced", position);
    }
    transfers.push_back({.amount = transfer.amount,
                         .debit = transfer.debit,
                         .credit = transfer.credit,
                         .debit_chart = debit.chart,
                         .credit_chart = credit.chart,
                         .rule = state_.symbol_of_code(transfer.rule),
                         .phase = transfer.phase,
                         .unit = state_.currency_of_unit(transfer.unit)});
  }
  return {};
}

void ReplayDecoder::fill_event(const codec::StoredEvent& stored, const codec::CommitHead& head, std::uint64_t position,
                               AppliedEvent& out) const {
  out.position = position;
  out.commit = head.number;
  out.type = stored.type < types_.size() ? types_[stored.type] : kForeignType;
  out.revision = stored.revision;
  out.basis = head.basis;
  out.occurred_at = stored.occurred_at;
  out.booked_at = stored.booked_at;
  out.recorded_at = head.recorded_at;
  out.corrects = stored.corrects;
  out.payload = stored.payload;
}

Status ReplayDecoder::take_frame(base::ByteSpan frame, std::uint64_t after, std::uint64_t up_to, ReplayBatch& out) {
  CARNET_TRY_VOID(frame_reader_.open(out.words.store(frame)));
  std::uint64_t position = frame_reader_.header().first_position - 1;
  while (position < up_to) {
    CARNET_TRY(const bool more, frame_reader_.next(commit_));
    if (!more) {
      break;
    }
    if (position + commit_.events.size() <= after) {
      position += commit_.events.size();
      continue;
    }
    CARNET_TRY(const codec::CommitHead* head, head_reader_.read(commit_.header));
    for (const base::ByteSpan part : commit_.events) {
      ++position;
      if (position <= after || position > up_to) {
        continue;
      }
      CARNET_TRY(const codec::StoredEvent* stored, event_reader_.read(part));
      const std::uint16_t type = stored->type < types_.size() ? types_[stored->type] : kForeignType;
      if (!is_wanted(type)) {
        continue;
      }
      CARNET_TRY_VOID(numbers(*stored, position, out.chains, out.transfers));
      fill_event(*stored, *head, position, out.items.emplace_back().event);
      chain_ends_.push_back(static_cast<std::uint32_t>(out.chains.size()));
      transfer_ends_.push_back(static_cast<std::uint32_t>(out.transfers.size()));
    }
  }
  out.last = std::min(position, up_to);
  return {};
}

void ReplayDecoder::settle(ReplayBatch& batch, const std::vector<std::uint32_t>& chain_ends,
                           const std::vector<std::uint32_t>& transfer_ends) {
  const std::span<const ChainRef> chains(batch.chains);
  const std::span<const AppliedTransfer> transfers(batch.transfers);
  std::size_t chain = 0;
  std::size_t transfer = 0;
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    AppliedEvent& event = batch.items[i].event;
    event.chains = chains.subspan(chain, chain_ends[i] - chain);
    event.transfers = transfers.subspan(transfer, transfer_ends[i] - transfer);
    chain = chain_ends[i];
    transfer = transfer_ends[i];
  }
}

Result<bool> ReplayDecoder::load(std::uint64_t position, ReplayBatch::Original& out) {
  CARNET_TRY(const bool found, load_frame_(position, out.frame));
  if (!found) {
    return false;
  }
  // Readers of its own: a batch may be half-way through a frame.
  codec::FrameReader reader;
  CARNET_TRY_VOID(reader.open(std::as_bytes(std::span(out.frame))));
  std::uint64_t first = reader.header().first_position;
  codec::CommitBytes commit;
  while (true) {
    CARNET_TRY(const bool more, reader.next(commit));
    if (!more || position < first) {
      return false;
    }
    if (position < first + commit.events.size()) {
      break;
    }
    first += commit.events.size();
  }
  codec::HeadReader head_reader;
  codec::EventReader event_reader;
  CARNET_TRY(const codec::CommitHead* head, head_reader.read(commit.header));
  CARNET_TRY(const codec::StoredEvent* stored, event_reader.read(commit.events[position - first]));
  out.chains.clear();
  out.transfers.clear();
  CARNET_TRY_VOID(numbers(*stored, position, out.chains, out.transfers));
  fill_event(*stored, *head, position, out.event);
  out.event.chains = out.chains;
  out.event.transfers = out.transfers;
  return true;
}

Status ReplayDecoder::find_originals(ReplayBatch& batch) {
  const auto by_position = [](const ReplayBatch::Item& item, std::uint64_t position) {
    return item.event.position < position;
  };
  for (ReplayBatch::Item& item : batch.items) {
    if (item.event.corrects.kind == CorrectionKind::kNone) {
      continue;
    }
    const std::uint64_t position = item.event.corrects.position;
    const auto found = std::lower_bound(batch.items.begin(), batch.items.end(), position, by_position);
    if (found != batch.items.end() && found->event.position == position) {
      item.original = &found->event;
      continue;
    }
    ReplayBatch::Original& original = batch.originals.emplace_back();
    CARNET_TRY(const bool there, load(position, original));
    item.original = there ? &original.event : nullptr;
  }
  return {};
}

Result<bool> ReplayDecoder::fill(FrameCursor& frames, std::uint64_t after, std::uint64_t up_to, std::size_t events_min,
                                 ReplayBatch& out) {
  out.clear();
  out.last = after;
  chain_ends_.clear();
  transfer_ends_.clear();
  const std::uint64_t reach = after + kReachFactor * events_min;
  while (out.items.size() < events_min && out.last < std::min(up_to, reach)) {
    CARNET_TRY(const auto frame, frames.next());
    if (frame.empty()) {
      break;
    }
    CARNET_TRY_VOID(take_frame(frame, after, up_to, out));
  }
  settle(out, chain_ends_, transfer_ends_);
  CARNET_TRY_VOID(find_originals(out));
  return out.last > after;
}

}  // namespace carnet::ledger
