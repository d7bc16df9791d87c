// SPDX-License-Identifier: Apache-2.0
//
// The life of data keys. Every change is a read-modify-write of the store under mutation_mutex_, and reaches the cache
// once the store has it. Wrapping and unwrapping, which may ask a distant key management, happen outside the lock.
#include "seal/key_ring.hpp"

#include "base/check.hpp"
#include "base/sha256.hpp"
#include "seal/key_cache.hpp"
#include "seal/key_ring_detail.hpp"
#include "seal/wrapping.hpp"

#include <algorithm>
#include <utility>

namespace carnet::seal {
namespace {

const KeyRecord* find_state(const std::vector<KeyRecord>& records, KeyState state) {
  const auto found =
      std::find_if(records.begin(), records.end(), [state](const KeyRecord& record) { return record.state == state; });
  return found == records.end() ? nullptr : &*found;
}

// Why (subject, class) has no live key.
KeyRefusal absence(const std::vector<KeyRecord>& records) {
  return find_state(records, KeyState::kDestroyed) != nullptr ? KeyRefusal::kSubjectErased : KeyRefusal::kKeyMissing;
}

}  // namespace

std::string_view to_string(KeyRefusal refusal) noexcept {
  switch (refusal) {
    case KeyRefusal::kKeyMissing:
      return "KeyMissing";
    case KeyRefusal::kSubjectErased:
      return "SubjectErased";
    case KeyRefusal::kKeyExists:
      return "KeyExists";
    case KeyRefusal::kKeyIdTaken:
      return "KeyIdTaken";
  }
  return "Unknown";
}

// What a request of prepare() gets: the key that is there, or a new one with the record to write.
struct KeyRing::Draft {
  KeyHandle existing;
  std::shared_ptr<Key> made;
  KeyRecord record;
};

KeyRing::KeyRing(KeyStore& store, KeyProvider& provider, RandomSource& random, KeyRingOptions options)
    : store_(store),
      provider_(provider),
      random_(random),
      pool_(std::make_shared<LockedPool>()),
      cache_(std::make_unique<KeyCache>(options.cached_keys_max)),
      wrapping_(std::make_unique<Wrapping>()) {}

KeyRing::~KeyRing() = default;

Result<std::unique_ptr<KeyRing>> KeyRing::open(KeyStore& store, KeyProvider& provider, RandomSource& random,
                                               KeyRingOptions options) {
  CARNET_REQUIRE(options.cached_keys_max >= 2 && options.cached_keys_max <= (std::size_t{1} << 20U),
                 "the ring keeps 2 to 2^20 keys in memory");
  if (random.is_seeded() && !provider.is_for_tests()) {
    return Error(ErrorCode::kInvalidArgument, "SeededRandomRefused",
                 "a seeded random source is accepted only together with the test key provider; use os_random()");
  }
  std::unique_ptr<KeyRing> ring(new KeyRing(store, provider, random, options));
  CARNET_TRY_VOID(ring->start());
  return ring;
}

Status KeyRing::start() {
  CARNET_TRY(const KeyMeta meta, store_.meta(kWrappingMeta));
  if (const auto found = meta.find(kWrappingMeta); found != meta.end()) {
    CARNET_TRY(WrappingState state, decode_wrapping_state(found->second));
    static_cast<WrappingState&>(*wrapping_) = std::move(state);
    return check_wrapping(provider_, *wrapping_);
  }
  CARNET_TRY(const std::vector<KeyRecord> records, store_.scan(std::nullopt, 1));
  if (!records.empty()) {
    return Error(ErrorCode::kCorruption, "KeyRecordDamaged",
                 "the key store has keys but has lost its wrapping version; restore the key store");
  }
  return begin_version();
}

// Makes a wrapping version and has every key from now on wrapped under it.
Status KeyRing::begin_version() {
  CARNET_TRY(WrappingState next, make_wrapping(provider_));
  const std::lock_guard lock(mutation_mutex_);
  next.retiring = wrapping_->retiring;
  if (wrapping_->current != 0) {
    next.retiring.push_back(wrapping_->current);
  }
  KeyWrite write;
  write.meta.emplace(kWrappingMeta, encode(next));
  CARNET_TRY_VOID(store_.write(write));
  static_cast<WrappingState&>(*wrapping_) = std::move(next);
  return {};
}

WrappingVersion KeyRing::current_version() const {
  const std::lock_guard lock(mutation_mutex_);
  return wrapping_->current;
}

Result<KeyId> KeyRing::new_key_id() {
  KeyId key_id;
  CARNET_TRY_VOID(random_.fill(key_id));
  return key_id;
}

Result<Prepared> KeyRing::prepare(std::span<const KeyRequest> requests) {
  for (const KeyRequest& request : requests) {
    require_names(request.subject, request.data_class);
  }
  for (;;) {
    const WrappingVersion version = current_version();
    Result<std::optional<Prepared>> prepared = try_prepare(requests, version);
    if (!prepared && current_version() == version) {
      return std::move(prepared).error();
    }
    if (prepared && *prepared) {
      return **std::move(prepared);
    }
  }
}

// Nothing when the store changed under the drafts: a rewrap() moved the version, or somebody made or discarded a key.
Result<std::optional<Prepared>> KeyRing::try_prepare(std::span<const KeyRequest> requests, WrappingVersion version) {
  std::vector<Draft> drafts;
  drafts.reserve(requests.size());
  for (const KeyRequest& request : requests) {
    CARNET_TRY(Draft made, draft(request, version));
    drafts.push_back(std::move(made));
  }
  const std::lock_guard lock(mutation_mutex_);
  if (wrapping_->current != version) {
    return std::optional<Prepared>();
  }
  KeyWrite write;
  std::vector<KeyId> claimed;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    CARNET_TRY(const Granted<std::optional<KeyRecord>> admitted, admit(requests, i));
    if (const KeyRefusal* const refusal = std::get_if<KeyRefusal>(&admitted)) {
      return std::optional<Prepared>(PrepareRefusal{i, *refusal});
    }
    const std::optional<KeyRecord>& existing = std::get<0>(admitted);
    if (existing.has_value() != (drafts[i].existing != nullptr)) {
      return std::optional<Prepared>();
    }
    if (!existing) {
      write.put.push_back(drafts[i].record);
      write.meta.emplace(meta_name(kPreparedMeta, requests[i].key_id), kMark);
    }
    if (!existing || existing->state == KeyState::kPrepared) {
      claimed.push_back(requests[i].key_id);
    }
  }
  if (!write.put.empty()) {
    CARNET_TRY_VOID(store_.write(write));
  }
  std::vector<KeyHandle> handles;
  handles.reserve(drafts.size());
  for (Draft& one : drafts) {
    handles.push_back(one.existing != nullptr ? std::move(one.existing) : cache_->add_new(std::move(one.made)));
  }
  for (const KeyId& key_id : claimed) {
    ++claims_[key_id];
  }
  return std::optional<Prepared>(std::move(handles));
}

Result<KeyRing::Draft> KeyRing::draft(const KeyRequest& request, WrappingVersion version) {
  Draft draft;
  CARNET_TRY(Granted<KeyHandle> existing, key(request.key_id));
  if (KeyHandle* const handle = std::get_if<KeyHandle>(&existing)) {
    draft.existing = std::move(*handle);
    return draft;
  }
  draft.record = {.subject = request.subject,
                  .data_class = request.data_class,
                  .key_id = request.key_id,
                  .state = KeyState::kPrepared,
                  .created_at = request.at,
                  .wrapping_version = version,
                  .wrapped = {}};
  ScopedDataKey data_key;
  CARNET_TRY_VOID(random_.fill(data_key.bytes));
  CARNET_TRY(draft.record.wrapped, wrap_checked(provider_, version, data_key.bytes, wrapping_context(draft.record)));
  draft.made = std::make_shared<Key>(draft.record, data_key.bytes, pool_);
  return draft;
}

// The record that answers a resend, nothing where a key may be made, or the refusal. Under mutation_mutex_.
Result<Granted<std::optional<KeyRecord>>> KeyRing::admit(std::span<const KeyRequest> requests,
                                                         std::size_t index) const {
  using Admitted = Granted<std::optional<KeyRecord>>;
  const KeyRequest& request = requests[index];
  for (const KeyRequest& before : requests.first(index)) {
    if (before.subject == request.subject && before.data_class == request.data_class) {
      return Admitted(KeyRefusal::kKeyExists);
    }
    if (before.key_id == request.key_id) {
      return Admitted(KeyRefusal::kKeyIdTaken);
    }
  }
  CARNET_TRY(std::optional<KeyRecord> same_id, store_.get(request.key_id));
  if (same_id) {
    if (same_id->subject != request.subject || same_id->data_class != request.data_class) {
      return Admitted(KeyRefusal::kKeyIdTaken);
    }
    if (same_id->state == KeyState::kDestroyed) {
      return Admitted(KeyRefusal::kSubjectErased);
    }
    return Admitted(std::move(same_id));
  }
  CARNET_TRY(const std::vector<KeyRecord> records, store_.list(request.subject, request.data_class));
  const bool has_live = find_state(records, KeyState::kLive) != nullptr;
  switch (request.use) {
    case KeyUse::kFirst:
      if (!has_live && absence(records) == KeyRefusal::kSubjectErased) {
        return Admitted(KeyRefusal::kSubjectErased);
      }
      [[fallthrough]];
    case KeyUse::kAfterErasure:
      if (has_live) {
        return Admitted(KeyRefusal::kKeyExists);
      }
      break;
    case KeyUse::kRotation:
      if (!has_live) {
        return Admitted(absence(records));
      }
      break;
  }
  return Admitted(std::optional<KeyRecord>());
}

Result<Granted<KeyState>> KeyRing::activate(const KeyId& key_id) {
  const std::lock_guard lock(mutation_mutex_);
  CARNET_TRY(std::optional<KeyRecord> record, store_.get(key_id));
  if (!record) {
    return Granted<KeyState>(KeyRefusal::kKeyMissing);
  }
  if (record->state != KeyState::kPrepared) {
    return Granted<KeyState>(record->state);
  }
  KeyWrite write;
  CARNET_TRY(std::vector<KeyRecord> records, store_.list(record->subject, record->data_class));
  for (KeyRecord& other : records) {
    if (other.state == KeyState::kLive) {
      other.state = KeyState::kRetired;
      write.put.push_back(std::move(other));
    }
  }
  record->state = KeyState::kLive;
  write.put.push_back(*record);
  write.meta.emplace(meta_name(kPreparedMeta, key_id), "");
  // Not synced: whatever is lost of it, prepared() finds again.
  write.sync = false;
  CARNET_TRY_VOID(store_.write(write));
  claims_.erase(key_id);
  cache_->make_live(key_id, record->subject, record->data_class);
  return Granted<KeyState>(KeyState::kLive);
}

Status KeyRing::discard(const KeyId& key_id) {
  const std::lock_guard lock(mutation_mutex_);
  CARNET_TRY(const std::optional<KeyRecord> record, store_.get(key_id));
  if (!record || record->state != KeyState::kPrepared) {
    return {};
  }
  if (const auto claim = claims_.find(key_id); claim != claims_.end() && claim->second > 1) {
    --claim->second;
    return {};
  }
  KeyWrite write;
  write.erase.push_back(key_id);
  write.meta.emplace(meta_name(kPreparedMeta, key_id), "");
  // Not synced: a key that comes back is found by prepared() and discarded again.
  write.sync = false;
  CARNET_TRY_VOID(store_.write(write));
  claims_.erase(key_id);
  cache_->destroy(key_id);
  return {};
}

Result<std::vector<KeyRecord>> KeyRing::prepared() const {
  CARNET_TRY(const KeyMeta names, store_.meta(kPreparedMeta));
  std::vector<KeyRecord> records;
  for (const auto& [name, mark] : names) {
    const std::optional<std::string> bytes = base::from_hex(std::string_view(name).substr(kPreparedMeta.size()));
    KeyId key_id;
    if (!bytes || bytes->size() != key_id.size()) {
      return Error(ErrorCode::kCorruption, "KeyRecordDamaged",
                   "the key store names a prepared key that is no key id; restore the key store");
    }
    std::copy_n(base::as_bytes(*bytes).begin(), key_id.size(), key_id.begin());
    CARNET_TRY(std::optional<KeyRecord> record, store_.get(key_id));
    if (record && record->state == KeyState::kPrepared) {
      records.push_back(*std::move(record));
    }
  }
  return records;
}

Result<Granted<KeyHandle>> KeyRing::create_key(const KeyRequest& request) {
  CARNET_TRY(Prepared prepared, prepare(std::span(&request, 1)));
  if (const PrepareRefusal* const refused = std::get_if<PrepareRefusal>(&prepared)) {
    return Granted<KeyHandle>(refused->refusal);
  }
  CARNET_TRY(const Granted<KeyState> state, activate(request.key_id));
  if (const KeyRefusal* const refused = std::get_if<KeyRefusal>(&state)) {
    return Granted<KeyHandle>(*refused);
  }
  return Granted<KeyHandle>(std::move(std::get<0>(prepared).front()));
}

Result<std::shared_ptr<Key>> KeyRing::unwrap(const KeyRecord& record) const {
  ScopedDataKey data_key;
  CARNET_TRY_VOID(provider_.unwrap(record.wrapping_version, base::as_bytes(record.wrapped), wrapping_context(record),
                                   data_key.bytes));
  return std::make_shared<Key>(record, data_key.bytes, pool_);
}

// Reads a record, unwraps it and hands it to the cache, again when a mutation came between.
template <class Find>
Result<Granted<KeyHandle>> KeyRing::load(std::uint64_t changes, const Find& find) {
  for (;;) {
    CARNET_TRY(Granted<KeyRecord> found, find());
    if (const KeyRefusal* const refusal = std::get_if<KeyRefusal>(&found)) {
      return Granted<KeyHandle>(*refusal);
    }
    const KeyRecord& record = std::get<KeyRecord>(found);
    Result<std::shared_ptr<Key>> key = unwrap(record);
    if (!key) {
      // A rewrap() may have moved the key and ended the version with which it was read.
      CARNET_TRY(const std::optional<KeyRecord> now, store_.get(record.key_id));
      if (now == record) {
        return std::move(key).error();
      }
      continue;
    }
    if (KeyHandle kept = cache_->add_loaded(*std::move(key), record.state == KeyState::kLive, changes)) {
      return Granted<KeyHandle>(std::move(kept));
    }
    changes = cache_->find(record.key_id).changes;
  }
}

Result<Granted<KeyHandle>> KeyRing::live_key(std::string_view subject, std::string_view data_class) {
  require_names(subject, data_class);
  KeyCache::Found cached = cache_->find_live(subject, data_class);
  if (cached.key != nullptr) {
    return Granted<KeyHandle>(std::move(cached.key));
  }
  return load(cached.changes, [&]() -> Result<Granted<KeyRecord>> {
    CARNET_TRY(std::vector<KeyRecord> records, store_.list(subject, data_class));
    const KeyRecord* const live = find_state(records, KeyState::kLive);
    return live != nullptr ? Granted<KeyRecord>(*live) : Granted<KeyRecord>(absence(records));
  });
}

Result<Granted<KeyHandle>> KeyRing::key(const KeyId& key_id) {
  KeyCache::Found cached = cache_->find(key_id);
  if (cached.key != nullptr) {
    return Granted<KeyHandle>(std::move(cached.key));
  }
  return load(cached.changes, [&]() -> Result<Granted<KeyRecord>> {
    CARNET_TRY(std::optional<KeyRecord> record, store_.get(key_id));
    if (!record) {
      return Granted<KeyRecord>(KeyRefusal::kKeyMissing);
    }
    return record->state == KeyState::kDestroyed ? Granted<KeyRecord>(KeyRefusal::kSubjectErased)
                                                 : Granted<KeyRecord>(*std::move(record));
  });
}

Result<Granted<KeyState>> KeyRing::state(const KeyId& key_id) const {
  CARNET_TRY(const std::optional<KeyRecord> record, store_.get(key_id));
  return record ? Granted<KeyState>(record->state) : Granted<KeyState>(KeyRefusal::kKeyMissing);
}

}  // namespace carnet::seal
