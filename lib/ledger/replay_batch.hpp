// SPDX-License-Identifier: Apache-2.0
//
// Replay, the reading half: stored frames become batches of AppliedEvents that folds can read on any thread. What an
// event needs besides its own bytes (family and member of a chain, chart row of an account) comes from the core's
// published tables through small caches: no index, no tree and no name is touched.
#pragma once

#include "codec/frame.hpp"
#include "codec/messages.hpp"
#include "ledger/core_tables.hpp"
#include "ledger/state.hpp"

#include <carnet/commit_log.hpp>
#include <carnet/projection.hpp>
#include <carnet/result.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

namespace carnet::ledger {

/// Words that stay where they are until clear(), which keeps the memory.
class WordArena {
 public:
  /// Copies `bytes` in; their size is a multiple of 8.
  [[nodiscard]] base::ByteSpan store(base::ByteSpan bytes);
  void clear() noexcept;

 private:
  static constexpr std::size_t kChunkWords = 32UL * 1024;

  struct Chunk {
    std::unique_ptr<std::uint64_t[]> words;
    std::size_t size = 0;
  };

  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;
  std::size_t used_ = 0;
};

/// Events in a row, decoded. Reusable; owns everything that they point to.
struct ReplayBatch {
  struct Item {
    AppliedEvent event;
    const AppliedEvent* original = nullptr;
  };

  std::vector<Item> items;
  std::uint64_t last = 0;  ///< Position up to which the log is in this batch or was skipped.

  WordArena words;
  std::vector<ChainRef> chains;
  std::vector<AppliedTransfer> transfers;

  struct Original {
    std::vector<std::uint64_t> frame;
    std::vector<ChainRef> chains;
    std::vector<AppliedTransfer> transfers;
    AppliedEvent event;
  };

  std::deque<Original> originals;

  void clear();
};

/// Rows of a core table, shortened to what a fold needs, in small pages that replace one another: bounded, whatever the
/// count of rows.
template <class Entry>
class NumberCache {
 public:
  /// For rows below `rows`, in at most `pages_max` pages: a power of two.
  NumberCache(std::uint64_t rows, std::size_t pages_max)
      : pages_(std::min<std::uint64_t>(std::bit_ceil(rows / kEntries + 1), pages_max)),
        numbers_(pages_),
        entries_(std::make_unique_for_overwrite<Entry[]>(pages_ * kEntries)) {}

  /// `load` gives one entry.
  template <class Load>
  const Entry& get(std::uint64_t row, const Load& load) {
    const std::uint64_t number = row / kEntries + 1;
    const std::size_t page = number & (pages_ - 1);
    Entry* const entries = entries_.get() + page * kEntries;
    if (numbers_[page] != number) {
      const std::uint64_t first = row - row % kEntries;
      for (std::size_t i = 0; i < kEntries; ++i) {
        entries[i] = load(first + i);
      }
      numbers_[page] = number;
    }
    return entries[row % kEntries];
  }

 private:
  static constexpr std::size_t kEntries = 16;

  std::size_t pages_;
  std::vector<std::uint64_t> numbers_;  ///< Plus 1; 0: empty.
  std::unique_ptr<Entry[]> entries_;
};

/// Threads: one at a time.
class ReplayDecoder {
 public:
  /// `core` shows the core's tables as of a position at or behind everything that will be decoded.
  /// `cache_pages`: of 16 chains or accounts each, at most; a power of two.
  ReplayDecoder(const State& state, TableReader& core, State::FrameLoader load_frame,
                std::size_t cache_pages = kSmallCache);

  static constexpr std::size_t kSmallCache = 1U << 10U;  ///< 300 KB.
  static constexpr std::size_t kLargeCache = 1U << 16U;  ///< 20 MB, for passes over much of the log.

  /// By type index, the last for types unknown here.
  [[nodiscard]] std::vector<bool> types_read_by(const Projection& projection) const;

  /// Only events of types for which `wanted` holds are decoded; the same form.
  void want_only(std::vector<bool> wanted) { wanted_ = std::move(wanted); }

  /// Takes in whole frames until there are `events_min` events beyond `after`, or the log ends at `up_to`. False: there
  /// is nothing behind `after`. Errors: kCorruption.
  [[nodiscard]] Result<bool> fill(FrameCursor& frames, std::uint64_t after, std::uint64_t up_to, std::size_t events_min,
                                  ReplayBatch& out);
  /// One event by position, into memory of its own; false: there is none.
  [[nodiscard]] Result<bool> load(std::uint64_t position, ReplayBatch::Original& out);

 private:
  struct ChainNumbers {
    std::uint32_t member = 0;
    std::uint16_t family = 0;
    std::uint16_t kind = 0;  ///< 0: no such chain.
    Symbol symbol = kForeignSymbol;
  };

  struct AccountNumbers {
    std::uint32_t unit = 0;  ///< 0: no such account.
    Symbol chart = kForeignSymbol;
  };

  [[nodiscard]] Status take_frame(base::ByteSpan frame, std::uint64_t after, std::uint64_t up_to, ReplayBatch& out);
  [[nodiscard]] Status numbers(const codec::StoredEvent& stored, std::uint64_t position, std::vector<ChainRef>& chains,
                               std::vector<AppliedTransfer>& transfers);
  void fill_event(const codec::StoredEvent& stored, const codec::CommitHead& head, std::uint64_t position,
                  AppliedEvent& out) const;
  [[nodiscard]] const ChainNumbers& chain(std::uint32_t ordinal);
  [[nodiscard]] const AccountNumbers& account(std::uint32_t ordinal);
  [[nodiscard]] bool is_wanted(std::uint16_t type) const noexcept;
  static void settle(ReplayBatch& batch, const std::vector<std::uint32_t>& chain_ends,
                     const std::vector<std::uint32_t>& transfer_ends);
  [[nodiscard]] Status find_originals(ReplayBatch& batch);

  const State& state_;
  TableReader& core_;
  State::FrameLoader load_frame_;
  std::uint64_t chain_rows_;
  std::uint64_t account_rows_;
  std::vector<std::uint16_t> types_;  ///< By ordinal.
  std::vector<bool> wanted_;
  NumberCache<ChainNumbers> chains_;
  NumberCache<AccountNumbers> accounts_;

  codec::FrameReader frame_reader_;
  codec::CommitBytes commit_;
  codec::HeadReader head_reader_;
  codec::EventReader event_reader_;
  std::vector<std::uint32_t> chain_ends_;
  std::vector<std::uint32_t> transfer_ends_;
};

}  // namespace carnet::ledger
