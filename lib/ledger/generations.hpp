// SPDX-License-Identifier: Apache-2.0
//
// Generations: which tables on disk are whose. A projection's tables stand under ids that were given to one generation
// of it; a rebuild fills another one beside, and the switch is the one record that says which is live. The record is
// part of every checkpoint.
#pragma once

#include "base/bytes.hpp"
#include "project/table_set.hpp"

#include <carnet/projection.hpp>
#include <carnet/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::ledger {

/// Ids of tables in the ledger's own set (core and inline projections) lie below, those of catch-up projections above.
inline constexpr std::uint16_t kCatchUpTables = 0x8000;

struct Generation {
  std::string name;
  std::uint32_t version = 0;
  bool live = true;  ///< False: being built.
  TableId first;
  std::vector<TableSpec> tables;
  std::uint64_t position = 0;               ///< Everything up to here is folded.
  std::vector<project::TableState> states;  ///< As of the checkpoint.
  std::vector<std::uint64_t> skipped;       ///< Poison events that its keeper left out.

  [[nodiscard]] bool is_of(const Projection& projection) const;
};

/// Ids whose pages nobody reads any more.
struct IdRange {
  std::uint16_t first = 0;
  std::uint16_t count = 0;

  friend bool operator==(const IdRange&, const IdRange&) = default;
};

struct GenerationBook {
  std::vector<Generation> generations;
  std::vector<IdRange> garbage;

  /// The first free ids of a region: count together. 0: there are none left.
  [[nodiscard]] std::uint16_t allocate(std::size_t count, bool catch_up) const;
};

[[nodiscard]] std::string encode_book(const GenerationBook& book);
/// Errors: kCorruption `ViewsDamaged`.
[[nodiscard]] Result<GenerationBook> decode_book(std::string_view bytes);

/// A new one for a projection, without ids.
[[nodiscard]] Generation generation_of(const Projection& projection);

}  // namespace carnet::ledger
