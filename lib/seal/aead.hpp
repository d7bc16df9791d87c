// SPDX-License-Identifier: Apache-2.0
//
// AES-256-GCM and HKDF-SHA-256 over libcrypto. The cipher is fetched once a process, each thread keeps a context, and
// no key stays in it after a call.
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace carnet::seal {

using base::ByteSpan;

inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

using KeySpan = std::span<const std::byte, 32>;
using Nonce = std::array<std::byte, kNonceBytes>;
using Tag = std::array<std::byte, kTagBytes>;

/// What both directions share.
struct AeadCall {
  KeySpan key;
  const Nonce& nonce;
  ByteSpan associated;
};

/// Encrypts `head ‖ tail` into `ciphertext` and returns the tag. A nonce must never be used twice under one key.
/// Requires: ciphertext.size() == head.size() + tail.size() < 2^31, no overlap.
/// Threads: any. Cost: about 0.5 µs for short texts; one small allocation inside libcrypto.
[[nodiscard]] Tag aes256gcm_seal(const AeadCall& call, ByteSpan head, ByteSpan tail, std::span<std::byte> ciphertext);

/// Decrypts into `plaintext`; false when the tag does not fit, and `plaintext` is zeroed then.
/// Requires: plaintext.size() == ciphertext.size() < 2^31, no overlap.
/// Threads: any.
[[nodiscard]] bool aes256gcm_open(const AeadCall& call, ByteSpan ciphertext, const Tag& tag,
                                  std::span<std::byte> plaintext);

/// HKDF-SHA-256 (RFC 5869) with 32 bytes of output: enough for one key.
void hkdf_sha256(ByteSpan key_material, ByteSpan salt, std::string_view info, std::span<std::byte, 32> out);

}  // namespace carnet::seal
