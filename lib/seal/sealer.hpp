// SPDX-License-Identifier: Apache-2.0
//
// Sealing of personal fields: AES-256-GCM under the key of (subject, class), a commitment by which a permitted field
// can be shown to an outsider without the key, and the keyed digest that stands for a field in the request digest. What
// is computed here enters leaf bytes: final.
#pragma once

#include "base/limits.hpp"
#include "base/sha256.hpp"
#include "seal/aead.hpp"
#include "seal/key_ring.hpp"

#include <carnet/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace carnet::seal {

/// `Sealed.version`: what the other parts mean. A reader refuses a higher one.
inline constexpr std::uint16_t kSealVersion = 1;
/// What SubjectKeyCreated names as the algorithm.
inline constexpr std::string_view kSealAlgorithm = "aes-256-gcm";

inline constexpr std::size_t kBlindBytes = 16;
inline constexpr std::size_t kSealedPlaintextBytesMax = kEventBytesMax;

using Blind = std::array<std::byte, kBlindBytes>;
using Commitment = base::Hash;

/// Where a field stands. Bound to the ciphertext as associated data:
/// ledger id ‖ command ‖ u32le event index ‖ u64le field id (44 bytes).
struct FieldPlace {
  std::array<std::byte, 16> ledger{};
  std::array<std::byte, 16> command{};  ///< hash of the command's text, as in the commit header
  std::uint32_t event_index = 0;        ///< 0-based, within the commit
  std::uint64_t field = 0;              ///< field_id(); another for each element of a list
};

/// First 8 bytes, little-endian, of SHA-256 of the field's path in the payload (`name`, `passengers[0].name`).
[[nodiscard]] std::uint64_t field_id(std::string_view path);

/// The parts of a `Sealed`.
struct SealedParts {
  std::uint16_t version = kSealVersion;
  KeyId key_id{};
  Nonce nonce{};
  std::string ciphertext;  ///< of blind ‖ plaintext, as long as these
  Tag tag{};
  Commitment commitment{};  ///< SHA-256(blind ‖ plaintext)
};

/// The parts as they lie in a message: for opening. Sizes are checked there.
struct SealedView {
  std::uint16_t version = 0;
  ByteSpan key_id;
  ByteSpan nonce;
  ByteSpan ciphertext;
  ByteSpan tag;
  ByteSpan commitment;
};

[[nodiscard]] SealedView view_of(const SealedParts& parts);

struct OpenedField {
  std::string plaintext;
  Blind blind{};  ///< with the plaintext, proves the commitment: show it only to whom the plaintext is shown
};

/// Seals and opens with the keys of one ring.
///
/// Errors: never hold plaintext, subjects or key material; those of the ring and its random source pass unchanged.
/// Threads: every call from any thread, concurrently.
class Sealer {
 public:
  /// `ring` outlives the sealer. Nonces and blinds come from the ring's random source.
  explicit Sealer(KeyRing& ring) noexcept : ring_(ring) {}

  /// Seals `plaintext`, which may be empty, under `key`.
  ///
  /// Returns: the parts; kSubjectErased when the key was destroyed after the handle was taken.
  /// Errors:  kInvalidArgument `FieldTooLong` over kSealedPlaintextBytesMax.
  /// Cost:    about a microsecond; one allocation.
  [[nodiscard]] Result<Granted<SealedParts>> seal(ByteSpan plaintext, const Key& key, const FieldPlace& place) const;

  /// Opens a field: finds its key, checks tag and commitment.
  ///
  /// Returns: plaintext and blind; kKeyMissing; kSubjectErased.
  /// Errors:  kCorruption `SealedFieldDamaged` when any part, or the place, is not what was sealed (facts `eventIndex`,
  ///          `field`); kUnsupportedFormat `FormatTooNew` for a higher version.
  [[nodiscard]] Result<Granted<OpenedField>> open(const SealedView& sealed, const FieldPlace& place) const;

  /// digest_of_field() under the key `key_id`: for a resend, with the key that the first use recorded.
  /// Returns: the digest; kKeyMissing; kSubjectErased (then the command alone decides).
  [[nodiscard]] Result<Granted<base::Hash>> digest(ByteSpan plaintext, const KeyId& key_id) const;

 private:
  KeyRing& ring_;
};

/// HMAC-SHA-256 of the plaintext under the digest key: what stands for the field in a request digest. The same
/// plaintext under the same key gives the same digest, wherever it stands; without the key nothing can be tried against
/// it.
[[nodiscard]] base::Hash digest_of_field(ByteSpan plaintext, const Key& key);

/// True when `commitment` was made of this blind and plaintext. Needs no key: for an outsider to whom a field is shown.
[[nodiscard]] bool verify_disclosure(ByteSpan commitment, const Blind& blind, ByteSpan plaintext);

}  // namespace carnet::seal
