// SPDX-License-Identifier: Apache-2.0
//
// See name_book.hpp. Values: by name: varint ordinal, then the payload as two varints (its upper and its lower half);
// by ordinal: varint scope, the payload, the name.
#include "store/name_book.hpp"

#include "base/bytes.hpp"
#include "base/check.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace carnet::store {

namespace {

constexpr unsigned kHalfBits = 32;

void append_payload(std::string& out, std::uint64_t payload) {
  base::append_varint(out, payload >> kHalfBits);
  base::append_varint(out, static_cast<std::uint32_t>(payload));
}

std::optional<std::uint64_t> take_payload(std::string_view& in) {
  const std::optional<std::uint64_t> upper = base::take_varint(in);
  const std::optional<std::uint64_t> lower = upper.has_value() ? base::take_varint(in) : std::nullopt;
  constexpr std::uint64_t kHalfMax = 0xFFFFFFFFU;
  if (!lower.has_value() || *upper > kHalfMax || *lower > kHalfMax) {
    return std::nullopt;
  }
  return *upper << kHalfBits | *lower;
}

Error damaged_entry() {
  return {ErrorCode::kCorruption, "ViewsDamaged", "an entry of the catalog is damaged or missing: rebuild the views"};
}

void append_scope(std::string& key, std::uint32_t scope, std::size_t bytes) {
  if (bytes == 1) {
    key.push_back(static_cast<char>(scope));
  } else {
    base::append_be(key, scope);
  }
}

/// The frozen names in the order of scope and name.
class ByNameSource final : public ViewRunSource {
 public:
  ByNameSource(FrozenParts parts, std::string prefix, std::size_t scope_bytes)
      : parts_(std::move(parts)), key_(std::move(prefix)), prefix_bytes_(key_.size()), scope_bytes_(scope_bytes) {
    for (const std::shared_ptr<NamePart>& part : parts_) {
      for (std::size_t at = 0; at < part->entry_count(); ++at) {
        const auto ordinal = static_cast<std::uint32_t>(part->first() + at);
        rows_.push_back({part->row(ordinal), ordinal});
      }
    }
    std::sort(rows_.begin(), rows_.end(), [](const Named& a, const Named& b) {
      return a.row->scope != b.row->scope ? a.row->scope < b.row->scope : a.row->text() < b.row->text();
    });
  }

  [[nodiscard]] bool next(std::string_view& key, std::string_view& value) override {
    if (next_ == rows_.size()) {
      return false;
    }
    const Named& named = rows_[next_++];
    key_.resize(prefix_bytes_);
    append_scope(key_, named.row->scope, scope_bytes_);
    key_.append(named.row->text());
    value_.clear();
    base::append_varint(value_, named.ordinal);
    append_payload(value_, named.row->payload);
    key = key_;
    value = value_;
    return true;
  }

 private:
  struct Named {
    const NamePart::Row* row;
    std::uint32_t ordinal;
  };

  FrozenParts parts_;
  std::vector<Named> rows_;
  std::size_t next_ = 0;
  std::string key_;
  std::size_t prefix_bytes_;
  std::size_t scope_bytes_;
  std::string value_;
};

class ByOrdinalSource final : public ViewRunSource {
 public:
  ByOrdinalSource(FrozenParts parts, std::string prefix)
      : parts_(std::move(parts)), key_(std::move(prefix)), prefix_bytes_(key_.size()) {}

  [[nodiscard]] bool next(std::string_view& key, std::string_view& value) override {
    while (part_ < parts_.size() && next_ == parts_[part_]->entry_count()) {
      ++part_;
      next_ = 0;
    }
    if (part_ == parts_.size()) {
      return false;
    }
    const auto ordinal = static_cast<std::uint32_t>(parts_[part_]->first() + next_++);
    const NamePart::Row& row = *parts_[part_]->row(ordinal);
    key_.resize(prefix_bytes_);
    base::append_be(key_, ordinal);
    value_.clear();
    base::append_varint(value_, row.scope);
    append_payload(value_, row.payload);
    value_.append(row.text());
    key = key_;
    value = value_;
    return true;
  }

 private:
  FrozenParts parts_;
  std::size_t part_ = 0;
  std::size_t next_ = 0;
  std::string key_;
  std::size_t prefix_bytes_;
  std::string value_;
};

}  // namespace

// ---- NamePart ----

namespace {

std::size_t shard_of(std::uint64_t hash) noexcept {
  return hash >> 58U;
}

std::size_t place_of(std::uint32_t hash, std::size_t capacity) noexcept {
  return (hash * capacity) >> 32U;
}

}  // namespace

void NamePart::add(const NameEntry& entry, std::uint64_t hash, std::string_view name) {
  if (count_ == 0) {
    first_ = entry.ordinal;
  }
  CARNET_REQUIRE(entry.ordinal == first_ + count_, "ordinals are dense");
  if (count_ % kBlockRows == 0) {
    blocks_.push_back(std::make_unique<Row[]>(kBlockRows));
    bytes_ += kBlockRows * sizeof(Row);
  }
  Row& row = blocks_.back()[count_ % kBlockRows];
  row.payload = entry.payload;
  row.name = names_.store(name).data();
  row.scope = entry.scope;
  row.size = static_cast<std::uint8_t>(name.size());
  ++count_;

  Shard& shard = shards_[shard_of(hash)];
  if (shard.used * 4 >= shard.slots.size() * 3) {
    grow(shard);
  }
  const auto tag = static_cast<std::uint32_t>(hash);
  std::size_t place = place_of(tag, shard.slots.size());
  while (shard.slots[place].number != 0) {
    place = place + 1 == shard.slots.size() ? 0 : place + 1;
  }
  shard.slots[place] = {tag, count_};
  ++shard.used;
}

void NamePart::grow(Shard& shard) {
  constexpr std::size_t kFirstCapacity = 8;
  const std::size_t capacity = shard.slots.empty() ? kFirstCapacity : shard.slots.size() + shard.slots.size() / 2;
  std::vector<Slot> slots(capacity);
  for (const Slot& old : shard.slots) {
    if (old.number != 0) {
      std::size_t place = place_of(old.hash, capacity);
      while (slots[place].number != 0) {
        place = place + 1 == capacity ? 0 : place + 1;
      }
      slots[place] = old;
    }
  }
  bytes_ += (capacity - shard.slots.size()) * sizeof(Slot);
  shard.slots = std::move(slots);
}

std::optional<NameEntry> NamePart::find(std::uint64_t hash, std::uint32_t scope, std::string_view name) const {
  const std::vector<Slot>& slots = shards_[shard_of(hash)].slots;
  if (slots.empty()) {
    return std::nullopt;
  }
  const auto tag = static_cast<std::uint32_t>(hash);
  std::size_t place = place_of(tag, slots.size());
  for (; slots[place].number != 0; place = place + 1 == slots.size() ? 0 : place + 1) {
    if (slots[place].hash == tag) {
      const Row& row = row_at(slots[place].number);
      if (row.scope == scope && row.text() == name) {
        return NameEntry{first_ + slots[place].number - 1, scope, row.payload};
      }
    }
  }
  return std::nullopt;
}

const NamePart::Row* NamePart::row(std::uint32_t ordinal) const noexcept {
  return ordinal >= first_ && ordinal - first_ < count_ ? &row_at(ordinal - first_ + 1) : nullptr;
}

void NamePart::copy_beyond(std::uint64_t ordinal, NamePart& other) const {
  for (std::uint32_t number = 1; number <= count_; ++number) {
    const std::uint32_t own = first_ + number - 1;
    if (own > ordinal) {
      const Row& row = row_at(number);
      other.add({own, row.scope, row.payload}, hash_name(row.scope, row.text()), row.text());
    }
  }
}

// ---- NameBook ----

NameBook::NameBook(ViewsDb* views, std::uint32_t generation, const NameBookKeys& keys, std::size_t cache_bytes)
    : views_(views), generation_(generation), keys_(keys), cache_(cache_bytes) {}

void NameBook::set_published(std::uint32_t count) {
  CARNET_REQUIRE(count_.load() == 0, "a catalog is loaded before anything is added");
  count_.store(count, std::memory_order_release);
  published_count_.store(count, std::memory_order_release);
}

std::string NameBook::name_key(std::uint32_t scope, std::string_view name) const {
  std::string key = view_prefix(keys_.by_name, generation_);
  append_scope(key, scope, keys_.scope_bytes);
  return key.append(name);
}

std::string NameBook::ordinal_key(std::uint32_t ordinal) const {
  std::string key = view_prefix(keys_.by_ordinal, generation_);
  base::append_be(key, ordinal);
  return key;
}

std::optional<NameEntry> NameBook::find_in_parts(std::uint64_t hash, std::uint32_t scope, std::string_view name) const {
  const std::lock_guard lock(lock_);
  for (const std::shared_ptr<NamePart>& part : parts_.all()) {
    if (const std::optional<NameEntry> found = part->find(hash, scope, name)) {
      return found;
    }
  }
  return std::nullopt;
}

std::optional<NameEntry> NameBook::find_newest(std::uint32_t scope, std::string_view name) const {
  const std::uint64_t hash = hash_name(scope, name);
  const std::optional<NameEntry> found = find_in_parts(hash, scope, name);
  return found.has_value() ? found : cache_.find(hash, scope, name);
}

Result<std::optional<NameEntry>> NameBook::find(std::uint32_t scope, std::string_view name) {
  if (const std::optional<NameEntry> found = find_newest(scope, name)) {
    return found;
  }
  // What was in no part a moment ago was published before that moment, or never added.
  if (views_ == nullptr || published_count_.load(std::memory_order_acquire) == 0) {
    return std::optional<NameEntry>();
  }
  CARNET_TRY(const std::optional<std::string> value, views_->get(ViewFamily::kChains, name_key(scope, name)));
  if (!value.has_value()) {
    return std::optional<NameEntry>();
  }
  std::string_view left = *value;
  const std::optional<std::uint64_t> ordinal = base::take_varint(left);
  const std::optional<std::uint64_t> payload = take_payload(left);
  if (!ordinal.has_value() || !payload.has_value() || *ordinal == 0 ||
      *ordinal > std::numeric_limits<std::uint32_t>::max()) {
    return damaged_entry();
  }
  const NameEntry entry{static_cast<std::uint32_t>(*ordinal), scope, *payload};
  if (entry.ordinal > published_count_.load(std::memory_order_acquire)) {
    // A reading process's views may be ahead of what it has been told of.
    return std::optional<NameEntry>();
  }
  cache_.put(entry, hash_name(scope, name), name);
  return std::optional<NameEntry>(entry);
}

Result<NameEntry> NameBook::entry(std::uint32_t ordinal, std::string* name) {
  if (ordinal == 0 || ordinal > count()) {
    return Error(ErrorCode::kCorruption, "IntroductionMissing", "an ordinal was never introduced");
  }
  {
    std::shared_ptr<NamePart> held;
    const NamePart::Row* row = nullptr;
    {
      const std::lock_guard lock(lock_);
      for (const std::shared_ptr<NamePart>& part : parts_.all()) {
        if ((row = part->row(ordinal)) != nullptr) {
          held = part;
          break;
        }
      }
    }
    if (row != nullptr) {
      if (name != nullptr) {
        name->append(row->text());
      }
      return NameEntry{ordinal, row->scope, row->payload};
    }
  }
  if (const std::optional<NameEntry> cached = cache_.find(ordinal, name)) {
    return *cached;
  }
  CARNET_REQUIRE(views_ != nullptr, "what is not in memory was published");
  CARNET_TRY(const std::optional<std::string> value, views_->get(ViewFamily::kChains, ordinal_key(ordinal)));
  if (!value.has_value()) {
    return damaged_entry();
  }
  std::string_view left = *value;
  const std::optional<std::uint64_t> scope = base::take_varint(left);
  const std::optional<std::uint64_t> payload = take_payload(left);
  constexpr std::size_t kNameBytesMax = 255;
  if (!scope.has_value() || !payload.has_value() || *scope > std::numeric_limits<std::uint32_t>::max() ||
      left.empty() || left.size() > kNameBytesMax) {
    return damaged_entry();
  }
  const NameEntry entry{ordinal, static_cast<std::uint32_t>(*scope), *payload};
  cache_.put(entry, hash_name(entry.scope, left), left);
  if (name != nullptr) {
    name->append(left);
  }
  return entry;
}

void NameBook::add(std::uint32_t scope, std::string_view name, std::uint64_t payload) {
  const std::uint64_t hash = hash_name(scope, name);
  const std::lock_guard lock(lock_);
  const std::uint32_t ordinal = count_.load(std::memory_order_relaxed) + 1;
  parts_.newest().add({ordinal, scope, payload}, hash, name);
  count_.store(ordinal, std::memory_order_release);
}

void NameBook::freeze() {
  auto fresh = std::make_shared<NamePart>();
  const std::lock_guard lock(lock_);
  parts_.freeze(std::numeric_limits<std::uint64_t>::max(), std::move(fresh));
  frozen_count_ = count_.load(std::memory_order_relaxed);
}

void NameBook::write(std::vector<ViewRun>& runs) {
  FrozenParts frozen;
  {
    const std::lock_guard lock(lock_);
    frozen.assign(parts_.frozen().begin(), parts_.frozen().end());
  }
  cache(frozen);
  ViewRun by_name;
  by_name.family = ViewFamily::kChains;
  by_name.source = std::make_unique<ByNameSource>(frozen, view_prefix(keys_.by_name, generation_), keys_.scope_bytes);
  runs.push_back(std::move(by_name));
  ViewRun by_ordinal;
  by_ordinal.family = ViewFamily::kChains;
  by_ordinal.source = std::make_unique<ByOrdinalSource>(std::move(frozen), view_prefix(keys_.by_ordinal, generation_));
  runs.push_back(std::move(by_ordinal));
}

/// What was introduced a moment ago is looked up next: without this, each name would be read back from views/ once.
void NameBook::cache(const FrozenParts& frozen) {
  std::size_t left = cache_.capacity() / 2;
  for (auto part = frozen.rbegin(); part != frozen.rend(); ++part) {
    const std::size_t count = std::min(left, (*part)->entry_count());
    left -= count;
    for (std::size_t at = (*part)->entry_count() - count; at < (*part)->entry_count(); ++at) {
      const auto ordinal = static_cast<std::uint32_t>((*part)->first() + at);
      const NamePart::Row& row = *(*part)->row(ordinal);
      cache_.put({ordinal, row.scope, row.payload}, hash_name(row.scope, row.text()), row.text());
    }
  }
}

void NameBook::thaw(bool published, std::atomic<std::uint64_t>& publish_count) {
  PartList<NamePart>::Parts dropped;  // Freed outside of the lock.
  const std::lock_guard lock(lock_);
  dropped = parts_.thaw(published);
  if (published) {
    published_count_.store(frozen_count_, std::memory_order_release);
    ++publish_count;
  }
}

std::size_t NameBook::newest_bytes() const {
  const std::lock_guard lock(lock_);
  std::size_t bytes = 0;
  for (const std::shared_ptr<NamePart>& part : parts_.not_frozen()) {
    bytes += part->bytes();
  }
  return bytes;
}

}  // namespace carnet::store
