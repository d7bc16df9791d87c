// SPDX-License-Identifier: Apache-2.0
//
// The end of keys: tombstones and the purge of the store, and the wrapping version that takes every older copy along.
#include "base/check.hpp"
#include "seal/key_cache.hpp"
#include "seal/key_ring.hpp"
#include "seal/key_ring_detail.hpp"
#include "seal/wrapping.hpp"

#include <algorithm>
#include <utility>

namespace carnet::seal {
namespace {

constexpr std::size_t kRewrapBatch = 256;

}  // namespace

Result<DestroyedKeys> KeyRing::destroy(std::string_view subject, std::span<const std::string> classes) {
  DestroyedKeys destroyed;
  std::vector<std::string> gone;
  KeyWrite purged;
  {
    const std::lock_guard lock(mutation_mutex_);
    CARNET_TRY(purged.meta, store_.meta(kPurgeMeta));
    KeyWrite write;
    for (const std::string& data_class : classes) {
      require_names(subject, data_class);
      CARNET_TRY(std::vector<KeyRecord> records, store_.list(subject, data_class));
      for (KeyRecord& record : records) {
        if (record.state == KeyState::kDestroyed) {
          destroyed.before.push_back(record.key_id);
          continue;
        }
        destroyed.now.push_back(record.key_id);
        write.meta.emplace(meta_name(kPreparedMeta, record.key_id), "");
        gone.push_back(std::exchange(record.wrapped, {}));
        record.state = KeyState::kDestroyed;
        record.wrapping_version = 0;
        write.put.push_back(std::move(record));
      }
    }
    if (!write.put.empty()) {
      // Says until the purge is done that one is due: it outlives a crash in between.
      const std::string due = meta_name(kPurgeMeta, destroyed.now.front());
      write.meta.emplace(due, kMark);
      purged.meta.emplace(due, kMark);
      CARNET_TRY_VOID(store_.write(write));
    }
    // Also those of before: the call that destroyed them may have failed after its write landed.
    for (const std::vector<KeyId>* const ids : {&destroyed.now, &destroyed.before}) {
      for (const KeyId& key_id : *ids) {
        claims_.erase(key_id);
        cache_->destroy(key_id);
      }
    }
  }
  if (!purged.meta.empty()) {
    CARNET_TRY_VOID(store_.purge(gone));
    for (auto& [name, mark] : purged.meta) {
      mark.clear();
    }
    CARNET_TRY_VOID(store_.write(purged));
  }
  return destroyed;
}

Result<RewrapReport> KeyRing::rewrap() {
  const std::lock_guard one_at_a_time(rewrap_mutex_);
  RewrapReport report;
  std::vector<WrappingVersion> retiring;
  {
    const std::lock_guard lock(mutation_mutex_);
    retiring = wrapping_->retiring;
  }
  if (retiring.empty()) {
    CARNET_TRY_VOID(begin_version());
    const std::lock_guard lock(mutation_mutex_);
    retiring = wrapping_->retiring;
  }
  report.version = current_version();
  // The pass that finds nothing left is the proof that no key is lost with the old version.
  for (;;) {
    CARNET_TRY(const std::uint64_t count, rewrap_records(report.version));
    if (count == 0) {
      break;
    }
    report.rewrapped += count;
  }
  for (const WrappingVersion version : retiring) {
    if (provider_.can_destroy()) {
      CARNET_TRY_VOID(provider_.destroy_version(version));
      report.destroyed.push_back(version);
    } else {
      report.left.push_back(version);
    }
  }
  const std::lock_guard lock(mutation_mutex_);
  WrappingState next = *wrapping_;
  next.retiring.clear();
  KeyWrite write;
  write.meta.emplace(kWrappingMeta, encode(next));
  CARNET_TRY_VOID(store_.write(write));
  wrapping_->retiring.clear();
  return report;
}

Result<std::uint64_t> KeyRing::rewrap_records(WrappingVersion version) {
  std::uint64_t count = 0;
  std::optional<KeyId> after;
  for (;;) {
    CARNET_TRY(std::vector<KeyRecord> records, store_.scan(after, kRewrapBatch));
    if (records.empty()) {
      return count;
    }
    after = records.back().key_id;
    std::erase_if(records, [version](const KeyRecord& record) {
      return record.state == KeyState::kDestroyed || record.wrapping_version == version;
    });
    CARNET_TRY(const std::uint64_t written, rewrap_batch(std::move(records), version));
    count += written;
  }
}

Result<std::uint64_t> KeyRing::rewrap_batch(std::vector<KeyRecord> records, WrappingVersion version) {
  std::vector<std::string> rewrapped;
  rewrapped.reserve(records.size());
  for (const KeyRecord& record : records) {
    const base::Hash context = wrapping_context(record);
    ScopedDataKey data_key;
    CARNET_TRY_VOID(provider_.unwrap(record.wrapping_version, base::as_bytes(record.wrapped), context, data_key.bytes));
    CARNET_TRY(std::string wrapped, wrap_checked(provider_, version, data_key.bytes, context));
    rewrapped.push_back(std::move(wrapped));
  }
  const std::lock_guard lock(mutation_mutex_);
  KeyWrite write;
  for (std::size_t i = 0; i < records.size(); ++i) {
    // Its state may have moved since it was read; a tombstone stays one.
    CARNET_TRY(std::optional<KeyRecord> now, store_.get(records[i].key_id));
    if (now && now->wrapped == records[i].wrapped) {
      now->wrapped = std::move(rewrapped[i]);
      now->wrapping_version = version;
      write.put.push_back(*std::move(now));
    }
  }
  if (!write.put.empty()) {
    CARNET_TRY_VOID(store_.write(write));
  }
  return write.put.size();
}

}  // namespace carnet::seal
