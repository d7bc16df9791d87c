// SPDX-License-Identifier: Apache-2.0
//
// Byte spans, hex, fixed-width integers in both orders, variable-length integers, CRC32C.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace carnet::base {

static_assert(std::endian::native == std::endian::little,
              "Carnet stores Cap'n Proto words as they lie in memory: a big-endian host is not supported");

using ByteSpan = std::span<const std::byte>;

[[nodiscard]] inline ByteSpan as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span(text.data(), text.size()));
}

[[nodiscard]] inline std::string_view as_text(ByteSpan bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Unaligned loads and stores. `le`: little-endian (frames, leaf data), `be`: big-endian (keys, so that they sort).
template <class T>
[[nodiscard]] T load_le(const void* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

template <class T>
void store_le(void* to, T value) noexcept {
  std::memcpy(to, &value, sizeof(T));
}

template <class T>
[[nodiscard]] constexpr T byteswap(T value) noexcept {
  if constexpr (sizeof(T) == 8) {
    return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  } else if constexpr (sizeof(T) == 4) {
    return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  } else if constexpr (sizeof(T) == 2) {
    return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  } else {
    return value;
  }
}

template <class T>
[[nodiscard]] T load_be(const void* from) noexcept {
  return byteswap(load_le<T>(from));
}

template <class T>
void store_be(void* to, T value) noexcept {
  store_le(to, byteswap(value));
}

template <class T>
void append_le(std::string& out, T value) {
  const std::size_t at = out.size();
  out.resize(at + sizeof(T));
  store_le(out.data() + at, value);
}

template <class T>
void append_be(std::string& out, T value) {
  append_le(out, byteswap(value));
}

/// LEB128, at most ten bytes.
void append_varint(std::string& out, std::uint64_t value);
/// Takes a varint off the front of `in`; nothing when `in` ends early or it is longer than 64 bits.
[[nodiscard]] std::optional<std::uint64_t> take_varint(std::string_view& in) noexcept;

/// Lower-case hex.
[[nodiscard]] std::string to_hex(ByteSpan bytes);
/// Bytes of lower- or upper-case hex; nothing when it is not hex of an even length.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view hex);

/// CRC-32C (Castagnoli), as RocksDB, iSCSI and ext4 use it. `seed` is the CRC of what came before (0 at the start).
[[nodiscard]] std::uint32_t crc32c(ByteSpan bytes, std::uint32_t seed = 0) noexcept;

namespace detail {

/// The two forms behind crc32c(), equal for every input; apart so that tests can compare them.
[[nodiscard]] std::uint32_t crc32c_portable(ByteSpan bytes, std::uint32_t seed) noexcept;
/// True when the processor has the CRC32C instruction and this build can use it.
[[nodiscard]] bool has_crc32c_instruction() noexcept;
/// Requires: has_crc32c_instruction().
[[nodiscard]] std::uint32_t crc32c_hardware(ByteSpan bytes, std::uint32_t seed) noexcept;

}  // namespace detail

/// RocksDB's masking of a CRC that is stored beside its data.
[[nodiscard]] constexpr std::uint32_t mask_crc32c(std::uint32_t crc) noexcept {
  return ((crc >> 15U) | (crc << 17U)) + 0xa282ead8U;
}

/// True for well-formed UTF-8 (no surrogates, no overlong forms, ≤ U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace carnet::base
