// SPDX-License-Identifier: Apache-2.0
//
// CommandIndex: parts in memory above views/index, key (view, generation, first 8 bytes of the hash), value the varint
// positions of all commits with these 8 bytes. A publishing appends to what stands there, so that two commands of
// different publishings that share 8 bytes are both kept.
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "store/brief_lock.hpp"
#include "store/command_part.hpp"
#include "store/index.hpp"
#include "store/part_list.hpp"
#include "store/view_keys.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

namespace carnet::store {

// ---- CommandPart ----

namespace {

std::size_t shard_of(std::uint64_t hash) noexcept {
  return hash >> 58U;
}

/// Keeps the order of hashes: a greater hash never has a smaller place.
std::size_t place_of(std::uint64_t hash, std::size_t capacity) noexcept {
  const std::uint64_t bits = (hash << 6U) >> 32U;
  return (bits * capacity) >> 32U;
}

}  // namespace

void CommandPart::add(std::uint64_t hash, std::uint64_t position) {
  CARNET_REQUIRE(position != 0, "positions count from 1");
  const std::size_t number = shard_of(hash);
  Shard& shard = shards_[number];
  if (shard.used >= shard.used_max) {
    grow(shard, number);
  }
  while (!insert(shard, {hash, position})) {
    grow(shard, number);
  }
  ++entry_count_;
  last_ = std::max(last_, position);
}

bool CommandPart::insert(Shard& shard, const Entry& entry) {
  const std::size_t end = shard.end;
  std::size_t at = place_of(entry.hash, shard.capacity);
  while (at < end && shard.entries[at].position != 0 && shard.entries[at].hash <= entry.hash) {
    ++at;
  }
  std::size_t free = at;
  while (free < end && shard.entries[free].position != 0) {
    ++free;
  }
  if (free == end) {
    return false;
  }
  std::move_backward(&shard.entries[at], &shard.entries[free], &shard.entries[free] + 1);
  shard.entries[at] = entry;
  ++shard.used;
  return true;
}

void CommandPart::grow(Shard& shard, std::size_t number) {
  constexpr std::size_t kFirstCapacity = 8;
  constexpr std::size_t kRoom = 32;
  // Each shard fills up to another degree, so that they do not all grow at once: 65 to 80 of 100.
  constexpr std::size_t kFillMin = 65;
  constexpr std::size_t kFillRange = 15;
  Shard grown;
  for (std::size_t capacity = shard.capacity;;) {
    capacity = capacity == 0 ? kFirstCapacity : capacity + capacity / 2;
    grown.capacity = capacity;
    grown.end = capacity + kRoom + capacity / kRoom;
    grown.entries = std::make_unique<Entry[]>(grown.end);
    grown.used = 0;
    grown.used_max = capacity * (kFillMin + number * kFillRange / kShards) / 100;
    // In order, so that each goes to its place or right behind the one before.
    std::size_t free = 0;
    bool fits = true;
    for (std::size_t at = 0; at < shard.end && fits; ++at) {
      const Entry& entry = shard.entries[at];
      if (entry.position != 0) {
        free = std::max(free, place_of(entry.hash, capacity));
        fits = free < grown.end;
        if (fits) {
          grown.entries[free++] = entry;
          ++grown.used;
        }
      }
    }
    if (fits) {
      break;
    }
  }
  bytes_ += (grown.end - shard.end) * sizeof(Entry);
  shard = std::move(grown);
}

void CommandPart::find(std::uint64_t hash, std::vector<std::uint64_t>& out) const {
  const Shard& shard = shards_[shard_of(hash)];
  for (std::size_t at = place_of(hash, shard.capacity); at < shard.end; ++at) {
    const Entry& entry = shard.entries[at];
    if (entry.position == 0 || entry.hash > hash) {
      return;
    }
    if (entry.hash == hash && entry.position <= limit_) {
      out.push_back(entry.position);
    }
  }
}

void CommandPart::copy_beyond(std::uint64_t position, CommandPart& other) const {
  for (Walk walk(*this); walk.entry() != nullptr; walk.advance()) {
    if (walk.entry()->position > position) {
      other.add(walk.entry()->hash, walk.entry()->position);
    }
  }
}

void CommandPart::Walk::advance() noexcept {
  for (; shard_ < kShards; ++shard_, at_ = 0) {
    const Shard& shard = part_->shards_[shard_];
    while (at_ < shard.end) {
      const Entry& entry = shard.entries[at_++];
      if (entry.position != 0 && entry.position <= part_->limit_) {
        entry_ = &entry;
        return;
      }
    }
  }
  entry_ = nullptr;
}

namespace {

std::uint64_t hash_of(const Digest16& command) noexcept {
  return base::load_be<std::uint64_t>(command.data());
}

std::string command_key(std::uint32_t generation, std::uint64_t hash) {
  std::string key = view_prefix(View::kCommands, generation);
  base::append_be(key, hash);
  return key;
}

class CommandRunSource final : public ViewRunSource {
 public:
  CommandRunSource(std::vector<std::shared_ptr<CommandPart>> parts, std::uint32_t generation)
      : parts_(std::move(parts)), generation_(generation) {
    for (const std::shared_ptr<CommandPart>& part : parts_) {
      walks_.emplace_back(*part);
    }
  }

  [[nodiscard]] bool next(std::string_view& key, std::string_view& value) override {
    const CommandPart::Entry* least = nullptr;
    for (const CommandPart::Walk& walk : walks_) {
      if (walk.entry() != nullptr && (least == nullptr || walk.entry()->hash < least->hash)) {
        least = walk.entry();
      }
    }
    if (least == nullptr) {
      return false;
    }
    const std::uint64_t hash = least->hash;
    key_ = command_key(generation_, hash);
    value_.clear();
    for (CommandPart::Walk& walk : walks_) {
      for (; walk.entry() != nullptr && walk.entry()->hash == hash; walk.advance()) {
        base::append_varint(value_, walk.entry()->position);
      }
    }
    key = key_;
    value = value_;
    return true;
  }

 private:
  std::vector<std::shared_ptr<CommandPart>> parts_;
  std::vector<CommandPart::Walk> walks_;
  std::uint32_t generation_;
  std::string key_;
  std::string value_;
};

class MemoryCommandIndex final : public CommandIndex {
 public:
  MemoryCommandIndex(ViewsDb* views, std::uint32_t generation) : views_(views), generation_(generation) {}

  void add(const Digest16& command, std::uint64_t first_position) override {
    const std::lock_guard lock(lock_);
    parts_.newest().add(hash_of(command), first_position);
  }

  void find_newest(const Digest16& command, std::vector<std::uint64_t>& out) const override {
    const std::lock_guard lock(lock_);
    for (const std::shared_ptr<CommandPart>& part : parts_.all()) {
      part->find(hash_of(command), out);
    }
  }

  [[nodiscard]] Status find_published(const Digest16& command, std::vector<std::uint64_t>& out) override;

  [[nodiscard]] std::uint64_t publish_count() const override { return publish_count_.load(); }

  [[nodiscard]] std::size_t newest_bytes() const override {
    const std::lock_guard lock(lock_);
    std::size_t bytes = 0;
    for (const std::shared_ptr<CommandPart>& part : parts_.not_frozen()) {
      bytes += part->bytes();
    }
    return bytes;
  }

  void freeze(std::uint64_t position) override {
    auto fresh = std::make_shared<CommandPart>();
    const std::lock_guard lock(lock_);
    parts_.freeze(position, std::move(fresh));
  }

  void write(ViewBatch& batch, std::vector<ViewRun>& runs) override;

  void thaw(bool published) override {
    PartList<CommandPart>::Parts dropped;  // Freed outside of the lock.
    const std::lock_guard lock(lock_);
    dropped = parts_.thaw(published);
    if (published) {
      ++publish_count_;
    }
  }

 private:
  ViewsDb* views_;
  std::uint32_t generation_;
  mutable BriefLock lock_;
  PartList<CommandPart> parts_;
  std::atomic<std::uint64_t> publish_count_{0};
};

Status MemoryCommandIndex::find_published(const Digest16& command, std::vector<std::uint64_t>& out) {
  if (views_ == nullptr) {
    return {};
  }
  CARNET_TRY(const std::optional<std::string> value,
             views_->get(ViewFamily::kIndex, command_key(generation_, hash_of(command))));
  if (!value.has_value()) {
    return {};
  }
  const auto first = static_cast<std::ptrdiff_t>(out.size());
  for (std::string_view left = *value; !left.empty();) {
    const std::optional<std::uint64_t> position = base::take_varint(left);
    if (!position.has_value() || *position == 0) {
      return Error(ErrorCode::kCorruption, "ViewsDamaged", "an entry of the commands is damaged: rebuild the views");
    }
    // A publishing that failed after it had landed is repeated, and so are its positions.
    if (std::find(out.begin() + first, out.end(), *position) == out.end()) {
      out.push_back(*position);
    }
  }
  return {};
}

void MemoryCommandIndex::write(ViewBatch& /*batch*/, std::vector<ViewRun>& runs) {
  std::vector<std::shared_ptr<CommandPart>> frozen;
  {
    const std::lock_guard lock(lock_);
    frozen.assign(parts_.frozen().begin(), parts_.frozen().end());
  }
  CARNET_REQUIRE(!frozen.empty(), "write() follows freeze()");
  ViewRun run;
  run.family = ViewFamily::kIndex;
  run.source = std::make_unique<CommandRunSource>(std::move(frozen), generation_);
  run.concatenates = true;
  runs.push_back(std::move(run));
}

}  // namespace

std::unique_ptr<CommandIndex> CommandIndex::make(ViewsDb* views, std::uint32_t generation) {
  return std::make_unique<MemoryCommandIndex>(views, generation);
}

}  // namespace carnet::store
