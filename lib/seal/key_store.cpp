// SPDX-License-Identifier: Apache-2.0
//
// The stored form of a key record, and the key store in memory.
#include "seal/key_store.hpp"

#include "base/check.hpp"
#include "seal/fields.hpp"

#include <algorithm>
#include <cstring>

namespace carnet::seal {
namespace {

constexpr std::uint8_t kRecordFormat = 1;

bool is_state(std::uint8_t value) {
  return value >= static_cast<std::uint8_t>(KeyState::kPrepared) &&
         value <= static_cast<std::uint8_t>(KeyState::kDestroyed);
}

Error damaged() {
  return {ErrorCode::kCorruption, "KeyRecordDamaged",
          "a record of the key store is not what was written; restore the key store"};
}

}  // namespace

std::string_view to_string(KeyState state) noexcept {
  switch (state) {
    case KeyState::kPrepared:
      return "prepared";
    case KeyState::kLive:
      return "live";
    case KeyState::kRetired:
      return "retired";
    case KeyState::kDestroyed:
      return "destroyed";
  }
  return "unknown";
}

std::string encode(const KeyRecord& record) {
  CARNET_REQUIRE(record.subject.size() <= kSubjectBytesMax && record.data_class.size() <= kClassBytesMax &&
                     record.wrapped.size() <= kWrappedBytesMax,
                 "a key record keeps the limits of its parts");
  std::string out;
  out.reserve(64 + record.subject.size() + record.data_class.size() + record.wrapped.size());
  base::append_le(out, kRecordFormat);
  base::append_le(out, static_cast<std::uint8_t>(record.state));
  out.append(base::as_text(record.key_id));
  base::append_le(out, record.created_at.ns);
  base::append_le(out, record.wrapping_version);
  base::append_le(out, static_cast<std::uint8_t>(record.subject.size()));
  base::append_le(out, static_cast<std::uint8_t>(record.data_class.size()));
  base::append_le(out, static_cast<std::uint16_t>(record.wrapped.size()));
  out.append(record.subject).append(record.data_class).append(record.wrapped);
  append_crc(out);
  return out;
}

Result<KeyRecord> decode_key_record(std::string_view bytes) {
  const std::optional<std::string_view> body = checked_body(bytes);
  if (!body) {
    return damaged();
  }
  Fields fields(*body);
  if (fields.number<std::uint8_t>() > kRecordFormat) {
    return format_too_new();
  }
  KeyRecord record;
  const auto state = fields.number<std::uint8_t>();
  const std::string_view key_id = fields.take(record.key_id.size());
  record.created_at.ns = fields.number<std::int64_t>();
  record.wrapping_version = fields.number<WrappingVersion>();
  const auto subject_bytes = fields.number<std::uint8_t>();
  const auto class_bytes = fields.number<std::uint8_t>();
  const auto wrapped_bytes = fields.number<std::uint16_t>();
  record.subject = fields.take(subject_bytes);
  record.data_class = fields.take(class_bytes);
  record.wrapped = fields.take(wrapped_bytes);
  if (!fields.at_end() || !is_state(state)) {
    return damaged();
  }
  std::memcpy(record.key_id.data(), key_id.data(), key_id.size());
  record.state = static_cast<KeyState>(state);
  return record;
}

Result<std::optional<KeyRecord>> MemoryKeyStore::get(const KeyId& key_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(key_id);
  if (found == records_.end()) {
    return std::optional<KeyRecord>();
  }
  CARNET_TRY(KeyRecord record, decode_key_record(found->second));
  return std::optional<KeyRecord>(std::move(record));
}

Result<std::vector<KeyRecord>> MemoryKeyStore::list(std::string_view subject, std::string_view data_class) const {
  const std::lock_guard lock(mutex_);
  std::vector<KeyRecord> records;
  for (const auto& [key_id, bytes] : records_) {
    CARNET_TRY(KeyRecord record, decode_key_record(bytes));
    if (record.subject == subject && record.data_class == data_class) {
      records.push_back(std::move(record));
    }
  }
  return records;
}

Result<std::vector<KeyRecord>> MemoryKeyStore::scan(const std::optional<KeyId>& after, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<KeyRecord> records;
  for (auto at = after ? records_.upper_bound(*after) : records_.begin();
       at != records_.end() && records.size() < limit; ++at) {
    CARNET_TRY(KeyRecord record, decode_key_record(at->second));
    records.push_back(std::move(record));
  }
  return records;
}

Result<KeyMeta> MemoryKeyStore::meta(std::string_view prefix) const {
  const std::lock_guard lock(mutex_);
  KeyMeta found;
  for (auto at = meta_.lower_bound(prefix); at != meta_.end() && at->first.starts_with(prefix); ++at) {
    found.insert(*at);
  }
  return found;
}

Status MemoryKeyStore::write(const KeyWrite& write) {
  const std::lock_guard lock(mutex_);
  for (const KeyId& key_id : write.erase) {
    records_.erase(key_id);
  }
  for (const KeyRecord& record : write.put) {
    records_.insert_or_assign(record.key_id, encode(record));
  }
  for (const auto& [name, value] : write.meta) {
    if (value.empty()) {
      meta_.erase(name);
    } else {
      meta_.insert_or_assign(name, value);
    }
  }
  return {};
}

Status MemoryKeyStore::purge(std::span<const std::string> gone) {
  const std::lock_guard lock(mutex_);
  for (const auto& [key_id, bytes] : records_) {
    for (const std::string& secret : gone) {
      CARNET_REQUIRE(bytes.find(secret) == std::string::npos, "only records that were erased or replaced are purged");
    }
  }
  return {};
}

}  // namespace carnet::seal
