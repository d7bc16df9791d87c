// SPDX-License-Identifier: Apache-2.0
//
// How keys of views/ begin: view byte, then generation (u32, big-endian). A rebuild writes a new generation beside the
// old one and drops the old by range. Values of View are stored: never renumber.
#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace carnet::store {

/// What an entry belongs to. Zero is the checkpoint's own record and nothing else.
enum class View : std::uint8_t {
  kCheckpoint = 0x00,  ///< state: no generation; one record for the whole database.

  kChainPositions = 0x10,  ///< index: chain u32be, first position u64be → deltas of the positions after it.
  kCommands = 0x11,        ///< index: first 8 bytes of the command → varint positions.

  kChainByName = 0x20,       ///< chains: kind u8, name → ordinal, payload.
  kChainByOrdinal = 0x21,    ///< chains: ordinal u32be → kind, payload, name.
  kChainByMember = 0x22,     ///< chains: kind u8, family u16be, member u32be → ordinal.
  kAccountByPath = 0x23,     ///< chains: unit u32be, path → ordinal, payload.
  kAccountByOrdinal = 0x24,  ///< chains: ordinal u32be → unit, payload, path.
  kTypes = 0x25,             ///< chains: ordinal u32be, revision u16be.
  kUnits = 0x26,             ///< chains: ordinal u32be.
  kCodes = 0x27,             ///< chains: ordinal u32be.
  kFamilies = 0x28,          ///< chains: family u16be.
};

inline constexpr std::size_t kViewPrefixBytes = 1 + 4;

/// The prefix of all keys of a view's generation.
[[nodiscard]] inline std::string view_prefix(View view, std::uint32_t generation) {
  std::string key;
  key.reserve(32);
  key.push_back(static_cast<char>(view));
  base::append_be(key, generation);
  return key;
}

/// Bytes of `key` by which filters are made and prefix cursors move. Consecutive ordinals share a filter entry, since
/// runs hold them in ranges; a chain's blocks share one; everything else has one of its own.
[[nodiscard]] inline std::size_t filter_prefix_bytes(std::string_view key) noexcept {
  constexpr std::size_t kChainPrefixBytes = kViewPrefixBytes + 4;
  constexpr std::size_t kOrdinalKeyBytes = kViewPrefixBytes + 4;
  constexpr std::size_t kMemberKeyBytes = kViewPrefixBytes + 1 + 2 + 4;
  const auto all = key.size();
  if (all == 0) {
    return 0;
  }
  const auto view = static_cast<std::uint8_t>(key.front());
  if (view == static_cast<std::uint8_t>(View::kChainPositions)) {
    return all < kChainPrefixBytes ? all : kChainPrefixBytes;
  }
  const bool by_ordinal = view == static_cast<std::uint8_t>(View::kChainByOrdinal) ||
                          view == static_cast<std::uint8_t>(View::kAccountByOrdinal);
  if (by_ordinal && all == kOrdinalKeyBytes) {
    return all - 1;
  }
  if (view == static_cast<std::uint8_t>(View::kChainByMember) && all == kMemberKeyBytes) {
    return all - 1;
  }
  return all;
}

}  // namespace carnet::store
