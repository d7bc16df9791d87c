// SPDX-License-Identifier: Apache-2.0
//
// KeyStore: where the key ring keeps its records, as an interface. A record holds a wrapped key, never a key. The store
// gives no meaning to what it keeps. MemoryKeyStore is the form for tests; the RocksDB form is in lib/store.
#pragma once

#include "base/bytes.hpp"

#include <carnet/keys.hpp>
#include <carnet/result.hpp>
#include <carnet/time.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::seal {

using base::ByteSpan;

/// 16 bytes that name one key for ever; chosen at random, never given twice.
using KeyId = std::array<std::byte, 16>;

inline constexpr std::size_t kSubjectBytesMax = 255;
inline constexpr std::size_t kClassBytesMax = 64;
inline constexpr std::size_t kWrappedBytesMax = 4096;

/// Stored by number: never renumbered or reused.
enum class KeyState : std::uint8_t {
  kPrepared = 1,   ///< Made for a request whose commit has not landed: only that request seals under it.
  kLive = 2,       ///< New fields are sealed under it. At most one of a (subject, class).
  kRetired = 3,    ///< Rotated away: opens what was sealed under it, and answers resends.
  kDestroyed = 4,  ///< A tombstone: `wrapped` is empty, for ever.
};

/// `live`, as in messages and tables.
[[nodiscard]] std::string_view to_string(KeyState state) noexcept;

struct KeyRecord {
  std::string subject;     ///< 1 … 255 bytes, what the ledger calls the person: an id, never personal data
  std::string data_class;  ///< 1 … 64 bytes (`D1`)
  KeyId key_id{};
  KeyState state = KeyState::kLive;
  Timestamp created_at;
  WrappingVersion wrapping_version = 0;
  std::string wrapped;  ///< as the provider returned it

  friend bool operator==(const KeyRecord&, const KeyRecord&) = default;
};

/// The bytes a store keeps of a record: a format byte, the fields, CRC-32C.
[[nodiscard]] std::string encode(const KeyRecord& record);

/// Reads what encode() wrote.
/// Errors: kCorruption `KeyRecordDamaged`, kUnsupportedFormat `FormatTooNew`.
[[nodiscard]] Result<KeyRecord> decode_key_record(std::string_view bytes);

/// Name → value of what the ring keeps beside the records. Names are ≤ 255 bytes, values ≤ 64 KiB.
using KeyMeta = std::map<std::string, std::string, std::less<>>;

/// What one write changes. A key id or a name stands at most once in it.
struct KeyWrite {
  std::vector<KeyId> erase;    ///< removes the record; one that is not there is no error
  std::vector<KeyRecord> put;  ///< adds, or replaces the record of the same key id (subject and class never change)
  KeyMeta meta;                ///< sets; an empty value removes the name
  bool sync = true;            ///< false: may be lost by a power loss (not by a kill), together with all after it
};

/// Errors of every call: those of the store's device (kStorage, kOutOfSpace, kCorruption, kClosed).
/// Threads: every call from any thread, concurrently. Reads see whole writes only.
class KeyStore {
 public:
  KeyStore() = default;
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;
  virtual ~KeyStore() = default;

  /// The record of a key, tombstones included.
  [[nodiscard]] virtual Result<std::optional<KeyRecord>> get(const KeyId& key_id) const = 0;

  /// All records of (subject, class), tombstones included, by key id. A few: one for each rotation.
  [[nodiscard]] virtual Result<std::vector<KeyRecord>> list(std::string_view subject,
                                                            std::string_view data_class) const = 0;

  /// At most `limit` records with a key id above `after` (none: from the first), by key id.
  [[nodiscard]] virtual Result<std::vector<KeyRecord>> scan(const std::optional<KeyId>& after,
                                                            std::size_t limit) const = 0;

  /// Every name that begins with `prefix`.
  [[nodiscard]] virtual Result<KeyMeta> meta(std::string_view prefix) const = 0;

  /// Lands whole or not at all.
  /// Durability: with `sync`, on disk once this returns success, and every write before it too; after an error it may
  /// or
  ///             may not have landed.
  [[nodiscard]] virtual Status write(const KeyWrite& write) = 0;

  /// Removes from the store's own files, its log included, every byte of records that were erased or replaced before
  /// the call; returns success only after making sure that none of `gone` stands in any file any more.
  /// Cost: may rewrite the whole store.
  /// Errors: further kBusy `KeyStorePinned` while a snapshot, iterator or other reader holds old bytes; call again.
  [[nodiscard]] virtual Status purge(std::span<const std::string> gone) = 0;
};

/// In memory, for tests.
class MemoryKeyStore final : public KeyStore {
 public:
  [[nodiscard]] Result<std::optional<KeyRecord>> get(const KeyId& key_id) const override;
  [[nodiscard]] Result<std::vector<KeyRecord>> list(std::string_view subject,
                                                    std::string_view data_class) const override;
  [[nodiscard]] Result<std::vector<KeyRecord>> scan(const std::optional<KeyId>& after,
                                                    std::size_t limit) const override;
  [[nodiscard]] Result<KeyMeta> meta(std::string_view prefix) const override;
  [[nodiscard]] Status write(const KeyWrite& write) override;
  [[nodiscard]] Status purge(std::span<const std::string> gone) override;

 private:
  mutable std::mutex mutex_;
  std::map<KeyId, std::string> records_;
  KeyMeta meta_;
};

}  // namespace carnet::seal
