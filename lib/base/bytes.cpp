// SPDX-License-Identifier: Apache-2.0
//
// Varints, hex, UTF-8 well-formedness and CRC-32C. The CRC has two forms: eight bytes an instruction where the
// processor has one, and eight table look-ups for eight bytes elsewhere.
#include "base/bytes.hpp"

#include "base/check.hpp"
#include "base/text.hpp"

#include <array>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace carnet::base {

namespace {

constexpr std::uint32_t kCrc32cPolynomialReflected = 0x82f63b78U;

using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

/// Table k gives what a byte does to the CRC when k more bytes follow it.
constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kCrc32cPolynomialReflected : 0U);
    }
    tables[0][byte] = crc;
  }
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    for (std::size_t k = 1; k < tables.size(); ++k) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8U) ^ tables[0][before & 0xffU];
    }
  }
  return tables;
}

constexpr CrcTables kCrcTables = make_crc_tables();

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return -1;
}

}  // namespace

void append_varint(std::string& out, std::uint64_t value) {
  char buffer[10];
  std::size_t size = 0;
  while (value >= 0x80U) {
    buffer[size++] = static_cast<char>((value & 0x7fU) | 0x80U);
    value >>= 7U;
  }
  buffer[size++] = static_cast<char>(value);
  out.append(buffer, size);
}

std::optional<std::uint64_t> take_varint(std::string_view& in) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < in.size() && i < 10; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    if (i == 9 && byte > 1) {
      return std::nullopt;
    }
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << (7U * i);
    if (byte < 0x80U) {
      in.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::string to_hex(ByteSpan bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out(bytes.size() * 2, '\0');
  char* to = out.data();
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    *to++ = kDigits[value >> 4U];
    *to++ = kDigits[value & 0xfU];
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) {
    return std::nullopt;
  }
  std::string out(hex.size() / 2, '\0');
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(hex[2 * i]);
    const int low = hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    out[i] = static_cast<char>(high * 16 + low);
  }
  return out;
}

namespace detail {

std::uint32_t crc32c_portable(ByteSpan bytes, std::uint32_t seed) noexcept {
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint32_t crc = ~seed;
  for (; left >= 8; at += 8, left -= 8) {
    const std::uint64_t word = load_le<std::uint64_t>(at) ^ crc;
    crc = kCrcTables[7][word & 0xffU] ^ kCrcTables[6][(word >> 8U) & 0xffU] ^ kCrcTables[5][(word >> 16U) & 0xffU] ^
          kCrcTables[4][(word >> 24U) & 0xffU] ^ kCrcTables[3][(word >> 32U) & 0xffU] ^
          kCrcTables[2][(word >> 40U) & 0xffU] ^ kCrcTables[1][(word >> 48U) & 0xffU] ^ kCrcTables[0][word >> 56U];
  }
  for (; left > 0; ++at, --left) {
    crc = (crc >> 8U) ^ kCrcTables[0][(crc ^ std::to_integer<std::uint32_t>(*at)) & 0xffU];
  }
  return ~crc;
}

#if defined(__x86_64__)

bool has_crc32c_instruction() noexcept {
  return __builtin_cpu_supports("sse4.2") != 0;
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_hardware(ByteSpan bytes, std::uint32_t seed) noexcept {
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t crc = static_cast<std::uint32_t>(~seed);
  for (; left >= 8; at += 8, left -= 8) {
    crc = _mm_crc32_u64(crc, load_le<std::uint64_t>(at));
  }
  auto crc32 = static_cast<std::uint32_t>(crc);
  for (; left > 0; ++at, --left) {
    crc32 = _mm_crc32_u8(crc32, std::to_integer<std::uint8_t>(*at));
  }
  return ~crc32;
}

#else

bool has_crc32c_instruction() noexcept {
  return false;
}

std::uint32_t crc32c_hardware(ByteSpan /*bytes*/, std::uint32_t /*seed*/) noexcept {
  check_failed("contract", "has_crc32c_instruction()", __FILE__, __LINE__, "this build has no CRC32C instruction");
}

#endif

}  // namespace detail

std::uint32_t crc32c(ByteSpan bytes, std::uint32_t seed) noexcept {
  static const bool hardware = detail::has_crc32c_instruction();
  return hardware ? detail::crc32c_hardware(bytes, seed) : detail::crc32c_portable(bytes, seed);
}

bool is_utf8(std::string_view text) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  while (!text.empty()) {
    if (text.size() >= 8 && (load_le<std::uint64_t>(text.data()) & kHighBits) == 0) {
      text.remove_prefix(8);
    } else if (!take_code_point(text)) {
      return false;
    }
  }
  return true;
}

}  // namespace carnet::base
