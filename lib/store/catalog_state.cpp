// SPDX-License-Identifier: Apache-2.0
//
// See catalog_state.hpp.
#include "store/catalog_state.hpp"

#include "base/bytes.hpp"
#include "base/limits.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

namespace carnet::store {

namespace {

constexpr std::uint8_t kStateVersion = 1;

}  // namespace

std::string encode_mark(const CatalogMark& mark) {
  std::string state(1, static_cast<char>(kStateVersion));
  const CatalogCounts& counts = mark.counts;
  for (const std::uint32_t count :
       {counts.chains, counts.accounts, counts.types, counts.units, counts.codes, counts.families}) {
    base::append_varint(state, count);
  }
  for (const std::uint32_t revisions : mark.revisions) {
    base::append_varint(state, revisions);
  }
  for (const MemberCounts& members : mark.members) {
    for (const std::uint32_t count : members) {
      base::append_varint(state, count);
    }
  }
  return state;
}

std::optional<std::uint32_t> take_count(std::string_view& state) {
  const std::optional<std::uint64_t> count = base::take_varint(state);
  if (!count.has_value() || *count > std::numeric_limits<std::uint32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*count);
}

std::optional<CatalogMark> decode_mark(std::string_view state) {
  if (state.empty() || static_cast<std::uint8_t>(state.front()) != kStateVersion) {
    return std::nullopt;
  }
  state.remove_prefix(1);
  CatalogMark mark;
  CatalogCounts& counts = mark.counts;
  for (std::uint32_t* const count :
       {&counts.chains, &counts.accounts, &counts.types, &counts.units, &counts.codes, &counts.families}) {
    const std::optional<std::uint32_t> taken = take_count(state);
    if (!taken.has_value()) {
      return std::nullopt;
    }
    *count = *taken;
  }
  for (std::uint32_t type = 0; type < counts.types; ++type) {
    const std::optional<std::uint32_t> revisions = take_count(state);
    if (!revisions.has_value() || *revisions == 0) {
      return std::nullopt;
    }
    mark.revisions.push_back(*revisions);
  }
  for (std::uint32_t family = 0; family < counts.families; ++family) {
    MemberCounts members{};
    for (std::uint32_t& count : members) {
      const std::optional<std::uint32_t> taken = take_count(state);
      if (!taken.has_value()) {
        return std::nullopt;
      }
      count = *taken;
    }
    mark.members.push_back(members);
  }
  return state.empty() ? std::optional(std::move(mark)) : std::nullopt;
}

std::string encode_revision(const TypeEntry& type, std::size_t revision) {
  std::string value;
  base::append_varint(value, type.name.size());
  value.append(type.name);
  value.push_back(type.derived ? 1 : 0);
  const auto& [root, closure] = type.revisions.at(revision);
  base::append_le(value, root);
  value.append(base::as_text(std::as_bytes(std::span(closure))));
  return value;
}

bool decode_revision(std::string_view value, TypeEntry& type) {
  const std::optional<std::uint64_t> name_bytes = base::take_varint(value);
  constexpr std::size_t kFixedBytes = 1 + 8;
  if (!name_bytes.has_value() || *name_bytes > kNameBytesMax || value.size() < *name_bytes + kFixedBytes) {
    return false;
  }
  const std::string_view name = value.substr(0, *name_bytes);
  value.remove_prefix(*name_bytes);
  const bool derived = value.front() != 0;
  const auto root = base::load_le<std::uint64_t>(value.data() + 1);
  value.remove_prefix(kFixedBytes);
  if (value.size() % sizeof(std::uint64_t) != 0 ||
      (!type.revisions.empty() && (type.name != name || type.derived != derived))) {
    return false;
  }
  type.name = name;
  type.derived = derived;
  std::vector<std::uint64_t> closure(value.size() / sizeof(std::uint64_t));
  std::copy_n(value.data(), value.size(), reinterpret_cast<char*>(closure.data()));
  type.revisions.emplace_back(root, std::move(closure));
  return true;
}

}  // namespace carnet::store
