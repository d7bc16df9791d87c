// SPDX-License-Identifier: Apache-2.0
//
// Look-ups take the lock shared; what moves a key between generations takes it alone.
#include "seal/key_cache.hpp"

#include "base/check.hpp"
#include "seal/aead.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

namespace carnet::seal {
namespace {

// Class and subject in one text, without a collision between two pairs and without an allocation.
class LiveName {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): on every look-up; what is read of the buffer is written.
  LiveName(std::string_view subject, std::string_view data_class) {
    CARNET_REQUIRE(subject.size() <= kSubjectBytesMax && data_class.size() <= kClassBytesMax,
                   "subjects and classes keep their limits");
    buffer_[0] = static_cast<char>(data_class.size());
    char* const end = std::copy(data_class.begin(), data_class.end(), buffer_.data() + 1);
    size_ = static_cast<std::size_t>(std::copy(subject.begin(), subject.end(), end) - buffer_.data());
  }

  explicit LiveName(const Key& key) : LiveName(key.subject(), key.data_class()) {}

  [[nodiscard]] std::string_view text() const noexcept { return {buffer_.data(), size_}; }

 private:
  std::array<char, 1 + kClassBytesMax + kSubjectBytesMax> buffer_;
  std::size_t size_ = 0;
};

}  // namespace

Key::Key(const KeyRecord& record, std::span<const std::byte, kDataKeyBytes> data_key, std::shared_ptr<LockedPool> pool)
    : id_(record.key_id), subject_(record.subject), data_class_(record.data_class), secret_(std::move(pool)) {
  const std::span working(secret_.bytes());
  hkdf_sha256(data_key, id_, "carnet/seal/1", working.first<32>());
  hkdf_sha256(data_key, id_, "carnet/digest/1", working.last<32>());
}

KeyCache::Found KeyCache::find(const KeyId& key_id) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = young_.by_id.find(key_id); found != young_.by_id.end()) {
      return {found->second, changes_};
    }
  }
  const std::unique_lock lock(mutex_);
  return {known(key_id), changes_};
}

KeyCache::Found KeyCache::find_live(std::string_view subject, std::string_view data_class) {
  const LiveName name(subject, data_class);
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = young_.live.find(name.text()); found != young_.live.end()) {
      return {found->second, changes_};
    }
  }
  const std::unique_lock lock(mutex_);
  for (const Generation* generation : {&young_, &old_}) {
    if (const auto found = generation->live.find(name.text()); found != generation->live.end()) {
      return {known(found->second->id()), changes_};
    }
  }
  return {nullptr, changes_};
}

KeyCache::SharedKey KeyCache::add_loaded(SharedKey key, bool live, std::uint64_t changes) {
  const std::unique_lock lock(mutex_);
  if (changes != changes_) {
    return nullptr;
  }
  if (SharedKey before = known(key->id())) {
    key = std::move(before);
  }
  keep(key, live);
  return key;
}

KeyCache::SharedKey KeyCache::add_new(SharedKey key) {
  const std::unique_lock lock(mutex_);
  if (SharedKey before = known(key->id())) {
    return before;  // somebody read it from the store already
  }
  keep(key, false);
  return key;
}

void KeyCache::make_live(const KeyId& key_id, std::string_view subject, std::string_view data_class) {
  const std::unique_lock lock(mutex_);
  ++changes_;
  drop_live(LiveName(subject, data_class).text());
  if (const SharedKey key = known(key_id)) {
    keep(key, true);
  }
}

void KeyCache::destroy(const KeyId& key_id) {
  const std::unique_lock lock(mutex_);
  ++changes_;
  const SharedKey key = known(key_id);
  if (key == nullptr) {
    return;
  }
  key->mark_destroyed();
  if (is_live(young_, key)) {
    drop_live(LiveName(*key).text());
  }
  young_.by_id.erase(key_id);
}

bool KeyCache::is_live(const Generation& generation, const SharedKey& key) {
  const auto live = generation.live.find(LiveName(*key).text());
  return live != generation.live.end() && live->second == key;
}

// The key in either generation, moved to the young one.
KeyCache::SharedKey KeyCache::known(const KeyId& key_id) {
  if (const auto found = young_.by_id.find(key_id); found != young_.by_id.end()) {
    return found->second;
  }
  const auto found = old_.by_id.find(key_id);
  if (found == old_.by_id.end()) {
    return nullptr;
  }
  SharedKey key = found->second;
  const bool live = is_live(old_, key);
  if (live) {
    drop_live(LiveName(*key).text());
  }
  old_.by_id.erase(found);
  keep(key, live);
  return key;
}

// Requires: the key stands in the young generation or in none.
void KeyCache::keep(const SharedKey& key, bool live) {
  if (!young_.by_id.contains(key->id())) {
    if (young_.by_id.size() >= young_max_) {
      turn();
    }
    young_.by_id.emplace(key->id(), key);
  }
  if (live) {
    young_.live.insert_or_assign(std::string(LiveName(*key).text()), key);
  }
}

void KeyCache::drop_live(std::string_view name) {
  for (Generation* generation : {&young_, &old_}) {
    if (const auto live = generation->live.find(name); live != generation->live.end()) {
      generation->live.erase(live);
    }
  }
}

void KeyCache::turn() {
  Generation dropped = std::exchange(old_, std::exchange(young_, Generation()));
  // A key that somebody holds stays, so that there is never a second object for its id.
  for (const auto& [key_id, key] : dropped.by_id) {
    const bool live = is_live(dropped, key);
    if (key.use_count() > (live ? 2 : 1)) {
      young_.by_id.insert_or_assign(key_id, key);
      if (live) {
        young_.live.insert_or_assign(std::string(LiveName(*key).text()), key);
      }
    }
  }
}

}  // namespace carnet::seal
