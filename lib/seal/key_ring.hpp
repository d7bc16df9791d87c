// SPDX-License-Identifier: Apache-2.0
//
// KeyRing: the life of data keys (prepared, live, retired, destroyed) over a key store and the host's key provider, and
// the unwrapped keys in locked memory. Sealing with them is in sealer.hpp.
#pragma once

#include "seal/key.hpp"
#include "seal/key_store.hpp"

#include <carnet/keys.hpp>
#include <carnet/random.hpp>
#include <carnet/result.hpp>
#include <carnet/time.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace carnet::seal {

class KeyCache;

/// Why there is no key for it. A refusal, not an error: the caller names the field and the subject.
enum class KeyRefusal : std::uint8_t {
  kKeyMissing,     ///< There never was such a key.
  kSubjectErased,  ///< There was one, and it was destroyed.
  kKeyExists,      ///< The (subject, class) has a live key already: rotate it.
  kKeyIdTaken,     ///< The key id names the key of another (subject, class).
};

/// `KeyMissing`, as rules and documentation name it.
[[nodiscard]] std::string_view to_string(KeyRefusal refusal) noexcept;

/// A value, or the refusal.
template <class T>
using Granted = std::variant<T, KeyRefusal>;

/// What a new key is for; decides which states of (subject, class) allow it.
enum class KeyUse : std::uint8_t {
  kFirst,         ///< (subject, class) has no key and never had one.
  kAfterErasure,  ///< As kFirst, but destroyed ones do not count: the account was reopened.
  kRotation,      ///< There is a live key, which the new one will replace for new fields.
};

struct KeyRequest {
  std::string subject;
  std::string data_class;
  KeyId key_id{};
  KeyUse use = KeyUse::kFirst;
  Timestamp at;
};

/// The first request that cannot be met.
struct PrepareRefusal {
  std::size_t index = 0;
  KeyRefusal refusal = KeyRefusal::kKeyMissing;
};

using Prepared = std::variant<std::vector<KeyHandle>, PrepareRefusal>;

struct DestroyedKeys {
  /// By this call.
  std::vector<KeyId> now;
  /// Tombstones that were there: of a call whose outcome was lost, or of an earlier erasure.
  std::vector<KeyId> before;
};

struct RewrapReport {
  WrappingVersion version = 0;             ///< what every living key is wrapped under now
  std::uint64_t rewrapped = 0;             ///< records written
  std::vector<WrappingVersion> destroyed;  ///< versions that the provider destroyed
  std::vector<WrappingVersion> left;       ///< versions that it cannot destroy
};

struct KeyRingOptions {
  /// Unwrapped keys kept in memory (64 bytes each locked, about 400 in all). 2 … 2^20. Not stored.
  std::size_t cached_keys_max = 32'768;
};

/// The keys of one ledger.
///
/// Errors of every call: those of the store and of the provider, unchanged; what each leaves behind stands at the call.
/// Threads: every call from any thread, concurrently. No call waits while another's key is wrapped or unwrapped.
class KeyRing {
 public:
  /// Opens the ring on a store, which a new one is prepared for use. `store`, `provider` and `random` outlive the ring.
  ///
  /// Errors: kInvalidArgument `SeededRandomRefused` when `random` is not the operating system's and the provider is not
  ///         the one for tests; kInvalidArgument `KeyProviderMismatch` when the store was written with another
  ///         provider's keys; kCorruption `KeyRecordDamaged` when the ring's own records are damaged;
  ///         kNotFound `WrappingKeyDestroyed` (of the provider) when the store is a copy older than the last
  ///         rewrap(): restore the newest copy.
  [[nodiscard]] static Result<std::unique_ptr<KeyRing>> open(KeyStore& store, KeyProvider& provider,
                                                             RandomSource& random, KeyRingOptions options = {});
  KeyRing(const KeyRing&) = delete;
  KeyRing& operator=(const KeyRing&) = delete;
  ~KeyRing();

  /// 16 random bytes.
  [[nodiscard]] Result<KeyId> new_key_id();

  // -- Making keys. A key comes to life in two steps, around the commit that carries its SubjectKeyCreated or
  //    SubjectKeyRotated: prepare() before, so that no sealed field can land without its key; activate() after.

  /// Makes keys for one request, all or none. Until activate() only the returned handles and key() know them.
  /// Asking again for a key id of the same (subject, class) gives that key and claims it once more: a resend.
  ///
  /// Requires:   subjects of 1 … 255 bytes, classes of 1 … 64 bytes.
  /// Returns:    one handle a request, in order; or the first refusal, and nothing was made.
  /// Durability: on disk once this returns.
  /// Cost:       one wrap() a key and one synced write a call.
  [[nodiscard]] Result<Prepared> prepare(std::span<const KeyRequest> requests);

  /// The commit landed: the key becomes live, the live one before it retired. On a key past that, no effect: a replay.
  /// Returns:    the key's state afterwards; kKeyMissing.
  /// Durability: a power loss may turn the key back to prepared; prepared() tells at the next opening.
  [[nodiscard]] Result<Granted<KeyState>> activate(const KeyId& key_id);

  /// The request was refused: gives back one claim of prepare(), and removes the key with the last one. No effect on a
  /// key that is not prepared.
  /// Requires: no commit that introduces the key has landed or still can.
  [[nodiscard]] Status discard(const KeyId& key_id);

  /// Keys that a crash left between prepare() and activate() or discard(). At opening the caller looks for each in the
  /// log and does the one or the other.
  [[nodiscard]] Result<std::vector<KeyRecord>> prepared() const;

  /// prepare() of one key, then activate(): where no commit can fail in between.
  [[nodiscard]] Result<Granted<KeyHandle>> create_key(const KeyRequest& request);

  // -- Using keys.

  /// The key for new fields. Cost: a hash look-up; on a miss one read and one unwrap().
  /// Returns: the handle; kKeyMissing; kSubjectErased.
  [[nodiscard]] Result<Granted<KeyHandle>> live_key(std::string_view subject, std::string_view data_class);

  /// The key of this id, whatever its state: for opening, and for the digest of a resend. Cost: as live_key().
  /// Returns: the handle; kKeyMissing; kSubjectErased.
  [[nodiscard]] Result<Granted<KeyHandle>> key(const KeyId& key_id);

  /// The state of a key, tombstones included; kKeyMissing. Reads the store.
  [[nodiscard]] Result<Granted<KeyState>> state(const KeyId& key_id) const;

  // -- Ending keys.

  /// Destroys every key of `subject` in `classes`, prepared and retired ones too, and leaves tombstones; then purges
  /// the store. Handles know it at once; their memory is overwritten when they go.
  ///
  /// Errors: after one, the keys may be gone and the store not yet purged: call again until it succeeds.
  [[nodiscard]] Result<DestroyedKeys> destroy(std::string_view subject, std::span<const std::string> classes);

  /// Wraps every living key anew under a new wrapping version, then has the provider destroy the ones before, so that
  /// every older copy of the key store is dead. Belongs after destroy(), for one or many subjects.
  /// Errors: after one, call again: it goes on where it stopped.
  /// Cost:   an unwrap() and a wrap() a key.
  [[nodiscard]] Result<RewrapReport> rewrap();

  /// False when the system refused to lock memory: keys may reach swap.
  [[nodiscard]] bool is_memory_locked() const { return pool_->is_locked(); }

  [[nodiscard]] RandomSource& random() noexcept { return random_; }

 private:
  struct Wrapping;
  struct Draft;

  KeyRing(KeyStore& store, KeyProvider& provider, RandomSource& random, KeyRingOptions options);

  [[nodiscard]] Status start();
  [[nodiscard]] Status begin_version();
  [[nodiscard]] WrappingVersion current_version() const;

  [[nodiscard]] Result<Draft> draft(const KeyRequest& request, WrappingVersion version);
  [[nodiscard]] Result<Granted<std::optional<KeyRecord>>> admit(std::span<const KeyRequest> requests,
                                                                std::size_t index) const;
  [[nodiscard]] Result<std::optional<Prepared>> try_prepare(std::span<const KeyRequest> requests,
                                                            WrappingVersion version);
  [[nodiscard]] Result<std::shared_ptr<Key>> unwrap(const KeyRecord& record) const;
  template <class Find>
  [[nodiscard]] Result<Granted<KeyHandle>> load(std::uint64_t changes, const Find& find);
  [[nodiscard]] Result<std::uint64_t> rewrap_records(WrappingVersion version);
  [[nodiscard]] Result<std::uint64_t> rewrap_batch(std::vector<KeyRecord> records, WrappingVersion version);

  KeyStore& store_;
  KeyProvider& provider_;
  RandomSource& random_;
  const std::shared_ptr<LockedPool> pool_;
  const std::unique_ptr<KeyCache> cache_;

  std::mutex rewrap_mutex_;                // one rewrap at a time; taken before mutation_mutex_
  mutable std::mutex mutation_mutex_;      // read-modify-write of the store; taken before the cache's own
  std::unique_ptr<Wrapping> wrapping_;     // guarded by mutation_mutex_
  std::map<KeyId, std::uint32_t> claims_;  // on prepared keys, of this process; guarded by mutation_mutex_
};

}  // namespace carnet::seal
