// SPDX-License-Identifier: Apache-2.0
//
// What the key ring keeps about the provider's wrapping versions, what binds a wrapped key to its record, and the
// AES-256-GCM wrapping that both of Carnet's own providers use.
#pragma once

#include "base/sha256.hpp"
#include "seal/aead.hpp"
#include "seal/key_store.hpp"

#include <carnet/keys.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::seal {

/// Name under which the key store keeps the state.
inline constexpr std::string_view kWrappingMeta = "wrapping";

struct WrappingState {
  WrappingVersion current = 0;            ///< new keys are wrapped under it; 0: none yet
  std::string check;                      ///< a known key, wrapped under it: tells another provider's keys apart
  std::vector<WrappingVersion> retiring;  ///< to be destroyed when no key is wrapped under them any more
};

[[nodiscard]] std::string encode(const WrappingState& state);
/// Errors: kCorruption `KeyRecordDamaged`, kUnsupportedFormat `FormatTooNew`.
[[nodiscard]] Result<WrappingState> decode_wrapping_state(std::string_view bytes);

/// A new version of the provider, with its check.
[[nodiscard]] Result<WrappingState> make_wrapping(KeyProvider& provider);
/// Errors: kInvalidArgument `KeyProviderMismatch`; those of the provider.
[[nodiscard]] Status check_wrapping(KeyProvider& provider, const WrappingState& state);

/// wrap(), with the provider's answer held to its contract.
/// Errors: those of the provider; kInvalidArgument `WrappedKeyTooLong`.
[[nodiscard]] Result<std::string> wrap_checked(KeyProvider& provider, WrappingVersion version,
                                               std::span<const std::byte, kDataKeyBytes> data_key, ByteSpan context);

/// SHA-256 over subject, class and key id: the context of a key's wrapping.
[[nodiscard]] base::Hash wrapping_context(const KeyRecord& record);

/// format byte ‖ nonce ‖ AES-256-GCM of the key ‖ tag, with version and context as associated data.
[[nodiscard]] std::string wrap_with(KeySpan secret, const Nonce& nonce, WrappingVersion version,
                                    std::span<const std::byte, kDataKeyBytes> data_key, ByteSpan context);
/// Errors: kCorruption `WrappedKeyDamaged`.
[[nodiscard]] Status unwrap_with(KeySpan secret, WrappingVersion version, ByteSpan wrapped, ByteSpan context,
                                 std::span<std::byte, kDataKeyBytes> data_key);

/// The errors that the contract of KeyProvider names, with the fact `version`.
[[nodiscard]] Error wrapping_key_missing(WrappingVersion version);
[[nodiscard]] Error wrapping_key_destroyed(WrappingVersion version);

}  // namespace carnet::seal
