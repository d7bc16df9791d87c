// SPDX-License-Identifier: Apache-2.0
//
// The sealing of one field.
#include "seal/sealer.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>

namespace carnet::seal {
namespace {

using AssociatedData = std::array<std::byte, 16 + 16 + 4 + 8>;

AssociatedData associated_data(const FieldPlace& place) {
  AssociatedData data;
  std::memcpy(data.data(), place.ledger.data(), 16);
  std::memcpy(data.data() + 16, place.command.data(), 16);
  base::store_le(data.data() + 32, place.event_index);
  base::store_le(data.data() + 36, place.field);
  return data;
}

Commitment commitment_of(ByteSpan blind, ByteSpan plaintext) {
  const std::array<ByteSpan, 2> parts{blind, plaintext};
  return base::sha256(parts);
}

std::span<std::byte> writable(std::string& text) {
  return std::as_writable_bytes(std::span(text));
}

Error damaged(const FieldPlace& place) {
  return {ErrorCode::kCorruption,
          "SealedFieldDamaged",
          "a sealed field is not what was sealed at this place; verify the ledger",
          {{"eventIndex", std::to_string(place.event_index)}, {"field", std::to_string(place.field)}}};
}

// Starts from a value: GCC 12 with sanitizers takes the alternative that is not there for an uninitialized one.
template <class T>
Result<Granted<T>> refused(KeyRefusal refusal) {
  Granted<T> answer;
  answer = refusal;
  return answer;
}

template <std::size_t kSize>
bool copy_exactly(ByteSpan from, std::array<std::byte, kSize>& to) {
  if (from.size() != kSize) {
    return false;
  }
  std::copy_n(from.begin(), kSize, to.begin());
  return true;
}

}  // namespace

std::uint64_t field_id(std::string_view path) {
  return base::load_le<std::uint64_t>(base::sha256(base::as_bytes(path)).data());
}

SealedView view_of(const SealedParts& parts) {
  return {.version = parts.version,
          .key_id = parts.key_id,
          .nonce = parts.nonce,
          .ciphertext = base::as_bytes(parts.ciphertext),
          .tag = parts.tag,
          .commitment = parts.commitment};
}

Result<Granted<SealedParts>> Sealer::seal(ByteSpan plaintext, const Key& key, const FieldPlace& place) const {
  if (plaintext.size() > kSealedPlaintextBytesMax) {
    return Error(ErrorCode::kInvalidArgument, "FieldTooLong",
                 "a personal field has at most 262,144 bytes; keep larger things outside and seal their digest",
                 {{"bytes", std::to_string(plaintext.size())}});
  }
  if (key.is_destroyed()) {
    return refused<SealedParts>(KeyRefusal::kSubjectErased);
  }
  // One request to the random source: it may be a system call.
  std::array<std::byte, kNonceBytes + kBlindBytes> random{};
  CARNET_TRY_VOID(ring_.random().fill(random));
  const ByteSpan blind = std::span(random).subspan<kNonceBytes>();

  SealedParts parts;
  parts.key_id = key.id();
  std::copy_n(random.begin(), kNonceBytes, parts.nonce.begin());
  parts.commitment = commitment_of(blind, plaintext);
  parts.ciphertext.resize(kBlindBytes + plaintext.size());
  parts.tag = aes256gcm_seal({key.sealing_key(), parts.nonce, associated_data(place)}, blind, plaintext,
                             writable(parts.ciphertext));
  OPENSSL_cleanse(random.data(), random.size());
  return Granted<SealedParts>(std::move(parts));
}

Result<Granted<OpenedField>> Sealer::open(const SealedView& sealed, const FieldPlace& place) const {
  if (sealed.version > kSealVersion) {
    return Error(ErrorCode::kUnsupportedFormat, "FormatTooNew", "a field was sealed by a newer Carnet; upgrade Carnet");
  }
  KeyId key_id;
  Nonce nonce;
  Tag tag;
  Commitment commitment;
  if (sealed.version != kSealVersion || !copy_exactly(sealed.key_id, key_id) || !copy_exactly(sealed.nonce, nonce) ||
      !copy_exactly(sealed.tag, tag) || !copy_exactly(sealed.commitment, commitment) ||
      sealed.ciphertext.size() < kBlindBytes || sealed.ciphertext.size() > kBlindBytes + kSealedPlaintextBytesMax) {
    return damaged(place);
  }
  CARNET_TRY(const Granted<KeyHandle> key, ring_.key(key_id));
  if (const KeyRefusal* const refusal = std::get_if<KeyRefusal>(&key)) {
    return refused<OpenedField>(*refusal);
  }
  OpenedField opened;
  std::string text(sealed.ciphertext.size(), '\0');
  const bool authentic = aes256gcm_open({std::get<KeyHandle>(key)->sealing_key(), nonce, associated_data(place)},
                                        sealed.ciphertext, tag, writable(text));
  if (authentic) {
    const ByteSpan bytes = base::as_bytes(text);
    std::copy_n(bytes.begin(), kBlindBytes, opened.blind.begin());
    opened.plaintext.assign(text, kBlindBytes);
  }
  OPENSSL_cleanse(text.data(), text.size());
  if (!authentic || !verify_disclosure(commitment, opened.blind, base::as_bytes(opened.plaintext))) {
    OPENSSL_cleanse(opened.plaintext.data(), opened.plaintext.size());
    return damaged(place);
  }
  return Granted<OpenedField>(std::move(opened));
}

Result<Granted<base::Hash>> Sealer::digest(ByteSpan plaintext, const KeyId& key_id) const {
  CARNET_TRY(const Granted<KeyHandle> key, ring_.key(key_id));
  if (const KeyRefusal* const refusal = std::get_if<KeyRefusal>(&key)) {
    return refused<base::Hash>(*refusal);
  }
  return Granted<base::Hash>(digest_of_field(plaintext, *std::get<KeyHandle>(key)));
}

base::Hash digest_of_field(ByteSpan plaintext, const Key& key) {
  return base::hmac_sha256(key.digest_key(), plaintext);
}

bool verify_disclosure(ByteSpan commitment, const Blind& blind, ByteSpan plaintext) {
  return base::equal_secret(commitment, commitment_of(blind, plaintext));
}

}  // namespace carnet::seal
