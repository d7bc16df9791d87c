// SPDX-License-Identifier: Apache-2.0
//
// What the catalog stores beside its books of names: how far it had come at a checkpoint, and the revisions of types.
// Private to the catalog.
#pragma once

#include "store/catalog.hpp"
#include "store/member_table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::store {

/// How far the catalog had come when it was frozen.
struct CatalogMark {
  CatalogCounts counts;
  std::vector<std::uint32_t> revisions;  ///< By type.
  std::vector<MemberCounts> members;     ///< By family.
};

/// u8 version, then varints: the counts, the revisions of each type, streams and tags of each family.
[[nodiscard]] std::string encode_mark(const CatalogMark& mark);
/// Nothing when it is damaged.
[[nodiscard]] std::optional<CatalogMark> decode_mark(std::string_view state);

/// Takes a count off the front; nothing when there is none.
[[nodiscard]] std::optional<std::uint32_t> take_count(std::string_view& state);

/// Varint length of the name, name, u8 derived, u64le root, words of the closure. `revision` counts from 0.
[[nodiscard]] std::string encode_revision(const TypeEntry& type, std::size_t revision);
/// Adds the revision to `type`; false when the value is damaged or of another type.
[[nodiscard]] bool decode_revision(std::string_view value, TypeEntry& type);

}  // namespace carnet::store
