// SPDX-License-Identifier: Apache-2.0
//
// Stored forms around wrapping keys.
#include "seal/wrapping.hpp"

#include "base/check.hpp"
#include "seal/fields.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>

namespace carnet::seal {
namespace {

constexpr std::uint8_t kStateFormat = 1;
constexpr std::uint8_t kWrappedFormat = 1;
constexpr std::size_t kWrappedBytes = 1 + kNonceBytes + kDataKeyBytes + kTagBytes;

Error damaged() {
  return {ErrorCode::kCorruption, "KeyRecordDamaged",
          "the wrapping version in the key store is not what was written; restore the key store"};
}

// A key that everybody knows: it protects nothing, its wrapped form tells whose wrapping key made it.
base::Hash check_key() {
  return base::sha256(base::as_bytes("carnet/wrapping-check-key/1"));
}

base::Hash check_context() {
  return base::sha256(base::as_bytes("carnet/wrapping-check/1"));
}

std::string associated_data(WrappingVersion version, ByteSpan context) {
  std::string associated = "carnet/wrap/1";
  base::append_le(associated, version);
  associated.append(base::as_text(context));
  return associated;
}

Error with_version(ErrorCode code, std::string name, std::string message, WrappingVersion version) {
  return {code, std::move(name), std::move(message), {{"version", std::to_string(version)}}};
}

}  // namespace

std::string encode(const WrappingState& state) {
  CARNET_REQUIRE(state.check.size() <= kWrappedBytesMax && state.retiring.size() <= 0xffff,
                 "the wrapping state keeps the limits of its parts");
  std::string out;
  base::append_le(out, kStateFormat);
  base::append_le(out, state.current);
  base::append_le(out, static_cast<std::uint16_t>(state.check.size()));
  out.append(state.check);
  base::append_le(out, static_cast<std::uint16_t>(state.retiring.size()));
  for (const WrappingVersion version : state.retiring) {
    base::append_le(out, version);
  }
  append_crc(out);
  return out;
}

Result<WrappingState> decode_wrapping_state(std::string_view bytes) {
  const std::optional<std::string_view> body = checked_body(bytes);
  if (!body) {
    return damaged();
  }
  Fields fields(*body);
  if (fields.number<std::uint8_t>() > kStateFormat) {
    return format_too_new();
  }
  WrappingState state;
  state.current = fields.number<WrappingVersion>();
  const auto check_bytes = fields.number<std::uint16_t>();
  state.check = fields.take(check_bytes);
  const auto retiring_count = fields.number<std::uint16_t>();
  for (std::size_t i = 0; i < retiring_count && fields.is_whole(); ++i) {
    state.retiring.push_back(fields.number<WrappingVersion>());
  }
  if (!fields.at_end() || state.current == 0) {
    return damaged();
  }
  return state;
}

Result<WrappingState> make_wrapping(KeyProvider& provider) {
  WrappingState state;
  CARNET_TRY(state.current, provider.create_version());
  CARNET_TRY(state.check, wrap_checked(provider, state.current, check_key(), check_context()));
  return state;
}

Status check_wrapping(KeyProvider& provider, const WrappingState& state) {
  base::Hash unwrapped{};
  Status status = provider.unwrap(state.current, base::as_bytes(state.check), check_context(), unwrapped);
  if (!status && status.error().name() != "WrappingKeyMissing" && status.error().name() != "WrappedKeyDamaged") {
    return status;
  }
  if (!status || unwrapped != check_key()) {
    return with_version(ErrorCode::kInvalidArgument, "KeyProviderMismatch",
                        "the key store was written with the keys of another key provider; open it with that one",
                        state.current);
  }
  return {};
}

Result<std::string> wrap_checked(KeyProvider& provider, WrappingVersion version,
                                 std::span<const std::byte, kDataKeyBytes> data_key, ByteSpan context) {
  CARNET_TRY(std::string wrapped, provider.wrap(version, data_key, context));
  if (wrapped.empty() || wrapped.size() > kWrappedBytesMax) {
    return Error(ErrorCode::kInvalidArgument, "WrappedKeyTooLong",
                 "the key provider returned no wrapped key, or one of more than 4,096 bytes; correct the provider");
  }
  return wrapped;
}

base::Hash wrapping_context(const KeyRecord& record) {
  std::string text = "carnet/data-key/1";
  text.append(base::as_text(record.key_id));
  base::append_le(text, static_cast<std::uint8_t>(record.data_class.size()));
  text.append(record.data_class).append(record.subject);
  return base::sha256(base::as_bytes(text));
}

std::string wrap_with(KeySpan secret, const Nonce& nonce, WrappingVersion version,
                      std::span<const std::byte, kDataKeyBytes> data_key, ByteSpan context) {
  const std::string associated = associated_data(version, context);
  std::string wrapped;
  wrapped.reserve(kWrappedBytes);
  base::append_le(wrapped, kWrappedFormat);
  wrapped.append(base::as_text(nonce));
  const std::size_t at = wrapped.size();
  wrapped.resize(at + data_key.size());
  const Tag tag = aes256gcm_seal({secret, nonce, base::as_bytes(associated)}, data_key, {},
                                 std::as_writable_bytes(std::span(wrapped).subspan(at)));
  wrapped.append(base::as_text(tag));
  return wrapped;
}

Status unwrap_with(KeySpan secret, WrappingVersion version, ByteSpan wrapped, ByteSpan context,
                   std::span<std::byte, kDataKeyBytes> data_key) {
  const auto damaged_key = [version] {
    return with_version(ErrorCode::kCorruption, "WrappedKeyDamaged",
                        "a wrapped key is not what this provider wrapped for it; restore the key store", version);
  };
  if (wrapped.size() != kWrappedBytes || wrapped.front() != std::byte{kWrappedFormat}) {
    return damaged_key();
  }
  const std::string associated = associated_data(version, context);
  Nonce nonce{};
  Tag tag{};
  std::copy_n(wrapped.begin() + 1, nonce.size(), nonce.begin());
  std::copy_n(wrapped.end() - kTagBytes, tag.size(), tag.begin());
  if (!aes256gcm_open({secret, nonce, base::as_bytes(associated)}, wrapped.subspan(1 + kNonceBytes, kDataKeyBytes), tag,
                      data_key)) {
    return damaged_key();
  }
  return {};
}

Error wrapping_key_missing(WrappingVersion version) {
  return with_version(ErrorCode::kNotFound, "WrappingKeyMissing",
                      "this key provider never made this version of the wrapping key; use the one that did", version);
}

Error wrapping_key_destroyed(WrappingVersion version) {
  return with_version(ErrorCode::kNotFound, "WrappingKeyDestroyed",
                      "this version of the wrapping key was destroyed, and with it every copy of the key store made "
                      "under it; restore the newest copy",
                      version);
}

}  // namespace carnet::seal
