// SPDX-License-Identifier: Apache-2.0
//
// ChainIndex: parts in memory above runs in views/index. A run holds, for each chain that got events since the run
// before, one or more blocks of at most 4 KiB: key (view, generation, chain, first position), value the varint
// differences of the positions after the first. Runs, frozen and newest parts cover ranges of positions that do not
// overlap, in this order.
//
// A published run becomes visible before the part that it was made of is dropped. Readers take no position from runs
// that is not below the first one in memory, so that this moment, a publishing that failed half-way and a reading
// process that catches up between two publishings show each position once.
#include "base/bytes.hpp"
#include "store/brief_lock.hpp"
#include "store/chain_part.hpp"
#include "store/index.hpp"
#include "store/part_list.hpp"
#include "store/view_keys.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

namespace carnet::store {

namespace {

constexpr std::size_t kBlockBytesMax = 4096;
constexpr std::size_t kVarintBytesMax = 10;

std::string chain_key(std::uint32_t generation, std::uint32_t chain) {
  std::string key = view_prefix(View::kChainPositions, generation);
  base::append_be(key, chain);
  return key;
}

Error damaged_block() {
  return {ErrorCode::kCorruption, "ViewsDamaged", "a block of chain positions is damaged: rebuild the views"};
}

/// Positions of one chain in the runs.
class PublishedPositions {
 public:
  PublishedPositions(ViewsDb* views, std::uint32_t generation, std::uint32_t chain, std::uint64_t after,
                     std::uint64_t up_to, bool backwards)
      : views_(views), prefix_(chain_key(generation, chain)), after_(after), up_to_(up_to), backwards_(backwards) {}

  /// 0 at the end.
  [[nodiscard]] Result<std::uint64_t> next() {
    if (views_ == nullptr || after_ >= up_to_) {
      return std::uint64_t{0};
    }
    while (block_.empty()) {
      CARNET_TRY(const bool more, next_block());
      if (!more) {
        return std::uint64_t{0};
      }
    }
    const std::uint64_t position = block_.back();
    block_.pop_back();
    return position;
  }

 private:
  [[nodiscard]] Result<bool> next_block() {
    if (cursor_ == nullptr) {
      cursor_ = views_->prefix_cursor(ViewFamily::kIndex);
      seek_first();
    } else if (backwards_) {
      cursor_->prev();
    } else {
      cursor_->next();
    }
    if (!cursor_->valid() || !cursor_->key().starts_with(prefix_) || is_past_) {
      CARNET_TRY_VOID(cursor_->status());
      return false;
    }
    CARNET_TRY_VOID(decode_block());
    return true;
  }

  void seek_first() {
    // The wanted position may stand in the middle of the block that begins at or before it.
    std::string key = prefix_;
    base::append_be(key, backwards_ ? up_to_ : after_ + 1);
    if (!backwards_ && after_ == 0) {
      cursor_->seek(key);
      return;
    }
    cursor_->seek_for_prev(key);
    if (!backwards_ && (!cursor_->valid() || !cursor_->key().starts_with(prefix_))) {
      cursor_->seek(key);
    }
  }

  [[nodiscard]] Status decode_block() {
    const std::string_view key = cursor_->key();
    std::string_view value = cursor_->value();
    if (key.size() != prefix_.size() + sizeof(std::uint64_t)) {
      return damaged_block();
    }
    auto position = base::load_be<std::uint64_t>(key.data() + prefix_.size());
    is_past_ = backwards_ ? position <= after_ : position > up_to_;
    while (position <= up_to_) {
      if (position > after_) {
        block_.push_back(position);
      }
      if (value.empty()) {
        break;
      }
      const std::optional<std::uint64_t> difference = base::take_varint(value);
      if (!difference.has_value() || *difference == 0 ||
          *difference > std::numeric_limits<std::uint64_t>::max() - position) {
        return damaged_block();
      }
      position += *difference;
    }
    if (!backwards_) {
      std::reverse(block_.begin(), block_.end());
    }
    return {};
  }

  ViewsDb* views_;
  std::string prefix_;
  std::uint64_t after_;
  std::uint64_t up_to_;
  bool backwards_;
  bool is_past_ = false;  ///< No block beyond this one is wanted.
  std::unique_ptr<ViewCursor> cursor_;
  std::vector<std::uint64_t> block_;  ///< The next one is the last.
};

/// What one part in memory knew of the chain when the cursor was made.
struct PartLook {
  std::shared_ptr<const ChainPart> part;
  ChainPart::Look look;
  std::uint64_t up_to = 0;
};

class ChainPositions final : public PositionCursor {
 public:
  ChainPositions(PublishedPositions published, std::vector<PartLook> parts, std::uint64_t after, bool backwards)
      : published_(std::move(published)), parts_(std::move(parts)), after_(after), backwards_(backwards) {
    // Parts go from the back of the vector, in the order of the walk.
    if (!backwards_) {
      std::reverse(parts_.begin(), parts_.end());
    }
  }

  [[nodiscard]] Result<std::uint64_t> next() override {
    if (!backwards_ && !published_ended_) {
      CARNET_TRY(const std::uint64_t position, next_published());
      if (position != 0) {
        return position;
      }
    }
    if (const std::uint64_t position = next_in_memory(); position != 0) {
      return position;
    }
    return backwards_ && !published_ended_ ? next_published() : Result<std::uint64_t>(0);
  }

 private:
  [[nodiscard]] Result<std::uint64_t> next_published() {
    CARNET_TRY(const std::uint64_t position, published_.next());
    published_ended_ = position == 0;
    return position;
  }

  [[nodiscard]] std::uint64_t next_in_memory() {
    for (;;) {
      if (walked_ != nullptr) {
        if (const std::uint64_t position = walk_.next(); position != 0) {
          return position;
        }
        walked_.reset();
      }
      if (parts_.empty()) {
        return 0;
      }
      walk_.start(*parts_.back().part, parts_.back().look, after_, parts_.back().up_to, backwards_);
      walked_ = std::move(parts_.back().part);
      parts_.pop_back();
    }
  }

  PublishedPositions published_;
  bool published_ended_ = false;
  std::vector<PartLook> parts_;
  std::shared_ptr<const ChainPart> walked_;
  PartPositions walk_;
  std::uint64_t after_;
  bool backwards_;
};

/// The frozen parts as a run: chains in order, each in blocks.
class ChainRunSource final : public ViewRunSource {
 public:
  ChainRunSource(std::vector<std::shared_ptr<ChainPart>> parts, std::uint32_t generation)
      : parts_(std::move(parts)), generation_(generation) {
    for (const std::shared_ptr<ChainPart>& part : parts_) {
      const std::vector<std::uint32_t> chains = part->chains();
      chains_.insert(chains_.end(), chains.begin(), chains.end());
    }
    std::sort(chains_.begin(), chains_.end());
    chains_.erase(std::unique(chains_.begin(), chains_.end()), chains_.end());
  }

  [[nodiscard]] bool next(std::string_view& key, std::string_view& value) override {
    while (pending_ == 0) {
      if (next_chain_ == chains_.size()) {
        return false;
      }
      next_part_ = 0;
      is_walking_ = false;
      pending_ = next_position(chains_[next_chain_++]);
    }
    const std::uint32_t chain = chains_[next_chain_ - 1];
    key_ = chain_key(generation_, chain);
    base::append_be(key_, pending_);
    value_.clear();
    std::uint64_t position = pending_;
    while ((pending_ = next_position(chain)) != 0 && value_.size() + kVarintBytesMax <= kBlockBytesMax) {
      base::append_varint(value_, pending_ - position);
      position = pending_;
    }
    key = key_;
    value = value_;
    return true;
  }

 private:
  [[nodiscard]] std::uint64_t next_position(std::uint32_t chain) {
    for (;;) {
      if (is_walking_) {
        if (const std::uint64_t position = walk_.next(); position != 0) {
          return position;
        }
        is_walking_ = false;
      }
      if (next_part_ == parts_.size()) {
        return 0;
      }
      const ChainPart& part = *parts_[next_part_++];
      walk_.start(part, part.find(chain), 0, part.limit(), false);
      is_walking_ = true;
    }
  }

  std::vector<std::shared_ptr<ChainPart>> parts_;
  std::uint32_t generation_;
  std::vector<std::uint32_t> chains_;
  std::size_t next_chain_ = 0;
  std::size_t next_part_ = 0;
  bool is_walking_ = false;
  PartPositions walk_;
  std::uint64_t pending_ = 0;  ///< Begins the next block of the chain.
  std::string key_;
  std::string value_;
};

class MemoryChainIndex final : public ChainIndex {
 public:
  MemoryChainIndex(ViewsDb* views, std::uint32_t generation) : views_(views), generation_(generation) {}

  void add(const IndexedEvent* events, std::size_t count) override;
  [[nodiscard]] Result<std::unique_ptr<PositionCursor>> positions(std::uint32_t chain, std::uint64_t after,
                                                                  std::uint64_t up_to, bool backwards) override;
  [[nodiscard]] std::size_t newest_bytes() const override;
  void freeze(std::uint64_t position) override;
  void write(ViewBatch& batch, std::vector<ViewRun>& runs) override;
  void thaw(bool published) override;

 private:
  ViewsDb* views_;
  std::uint32_t generation_;
  mutable BriefLock lock_;
  PartList<ChainPart> parts_;
};

void MemoryChainIndex::add(const IndexedEvent* events, std::size_t count) {
  // The lock goes to a waiting reader now and then, and the processor fetches a batch's slots while it fills the one
  // before.
  constexpr std::size_t kEntriesAtOnce = 128;
  const IndexedEvent* const end = events + count;
  while (events != end) {
    const std::lock_guard lock(lock_);
    ChainPart& part = parts_.newest();
    const IndexedEvent* batch_end = events;
    for (std::size_t entries = 0; batch_end != end && entries < kEntriesAtOnce; ++batch_end) {
      for (std::size_t at = 0; at < batch_end->chain_count; ++at) {
        part.prefetch(batch_end->chains[at]);
      }
      entries += batch_end->chain_count + 1;
    }
    for (; events != batch_end; ++events) {
      for (std::size_t at = 0; at < events->chain_count; ++at) {
        part.add(events->chains[at], events->position);
      }
    }
  }
}

Result<std::unique_ptr<PositionCursor>> MemoryChainIndex::positions(std::uint32_t chain, std::uint64_t after,
                                                                    std::uint64_t up_to, bool backwards) {
  std::uint64_t published_up_to = up_to;
  std::vector<PartLook> looks;
  looks.reserve(2);
  if (after < up_to) {
    const std::lock_guard lock(lock_);
    bool is_first = true;
    for (const std::shared_ptr<ChainPart>& part : parts_.all()) {
      if (part->is_empty()) {
        continue;
      }
      if (std::exchange(is_first, false)) {
        published_up_to = std::min(up_to, part->first() - 1);
      }
      if (part->first() > up_to || part->last() <= after) {
        continue;
      }
      if (const ChainPart::Look look = part->find(chain); !look.is_empty()) {
        looks.push_back({part, look, std::min(up_to, part->limit())});
      }
    }
  }
  PublishedPositions published(views_, generation_, chain, after, published_up_to, backwards);
  return std::unique_ptr<PositionCursor>(
      std::make_unique<ChainPositions>(std::move(published), std::move(looks), after, backwards));
}

std::size_t MemoryChainIndex::newest_bytes() const {
  const std::lock_guard lock(lock_);
  std::size_t bytes = 0;
  for (const std::shared_ptr<ChainPart>& part : parts_.not_frozen()) {
    bytes += part->bytes();
  }
  return bytes;
}

void MemoryChainIndex::freeze(std::uint64_t position) {
  auto fresh = std::make_shared<ChainPart>();
  const std::lock_guard lock(lock_);
  parts_.freeze(position, std::move(fresh));
}

void MemoryChainIndex::write(ViewBatch& /*batch*/, std::vector<ViewRun>& runs) {
  std::vector<std::shared_ptr<ChainPart>> frozen;
  {
    const std::lock_guard lock(lock_);
    frozen.assign(parts_.frozen().begin(), parts_.frozen().end());
  }
  CARNET_REQUIRE(!frozen.empty(), "write() follows freeze()");
  ViewRun run;
  run.family = ViewFamily::kIndex;
  run.source = std::make_unique<ChainRunSource>(std::move(frozen), generation_);
  runs.push_back(std::move(run));
}

void MemoryChainIndex::thaw(bool published) {
  PartList<ChainPart>::Parts dropped;  // Freed outside of the lock.
  const std::lock_guard lock(lock_);
  dropped = parts_.thaw(published);
}

}  // namespace

std::unique_ptr<ChainIndex> ChainIndex::make(ViewsDb* views, std::uint32_t generation) {
  return std::make_unique<MemoryChainIndex>(views, generation);
}

}  // namespace carnet::store
