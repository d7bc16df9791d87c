// SPDX-License-Identifier: Apache-2.0
//
// Rows of the core's own tables, which every ledger has before those of its domain's projections.
#pragma once

#include <carnet/books.hpp>
#include <carnet/projection.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace carnet::ledger {

/// Head of a stream or tag, by chain ordinal - 1.
struct ChainRow {
  std::uint64_t last = 0;
  std::uint32_t version = 0;
  std::uint32_t member = 0;
  std::uint16_t family = 0;
  std::uint16_t kind = 0;
  std::uint32_t reserved = 0;
};

static_assert(sizeof(ChainRow) == 24);

/// Balance of a ledger account, by account ordinal - 1, with what every transfer needs of its introduction.
struct AccountRow {
  Balance balance;
  std::uint32_t chart = 0;  ///< Code ordinal.
  std::uint32_t unit = 0;   ///< Unit ordinal; 0: never used.
  std::uint8_t normal = 0;
  std::uint8_t limit = 0;
  std::uint16_t reserved = 0;
  std::uint32_t reserved2 = 0;
};

static_assert(sizeof(AccountRow) == 48);

/// Highest position of a source, by code ordinal - 1.
struct SourceRow {
  std::uint64_t position = 0;
};

/// By type ordinal - 1.
struct TypeRow {
  std::uint64_t last = 0;
  std::uint64_t count = 0;
};

inline constexpr TableId kChainTable{0};
inline constexpr TableId kAccountTable{1};
inline constexpr TableId kSourceTable{2};
inline constexpr TableId kTypeTable{3};

struct CoreTable {
  std::string_view name;
  std::uint32_t row_bytes;
};

inline constexpr std::array<CoreTable, 4> kCoreTables{{
    {"core.chains", sizeof(ChainRow)},
    {"core.accounts", sizeof(AccountRow)},
    {"core.sources", sizeof(SourceRow)},
    {"core.types", sizeof(TypeRow)},
}};

}  // namespace carnet::ledger
