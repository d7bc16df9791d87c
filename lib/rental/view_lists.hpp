// SPDX-License-Identifier: Apache-2.0
//
// What every list of a View is made of: members of a tag family in the order of first use, and their names.
#pragma once

#include "rental/rule_book.hpp"

#include <carnet/ledger.hpp>
#include <carnet/rental/queries.hpp>
#include <carnet/rental/state_view.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace carnet::rental::lists {

/// The id of a tag: its name without the family.
inline std::string id_of(std::string name) {
  const std::size_t slash = name.find('/');
  return slash == std::string::npos ? name : name.substr(slash + 1);
}

inline Result<std::string> member_id(const StateView& view, std::string_view family, std::uint32_t member) {
  CARNET_TRY(std::string name, view.member_name(ChainKind::kTag, family, member));
  return id_of(std::move(name));
}

inline Result<std::string> party_text(const StateView& view, std::uint32_t party) {
  if (party == 0) {
    return std::string();
  }
  const bool external = (party & kExternalParty) != 0;
  return view.member_name(ChainKind::kTag, external ? "external" : "account", (party & ~kExternalParty) - 1);
}

inline Result<std::optional<std::uint32_t>> member_of(const StateView& view, std::string_view family,
                                                      std::string_view id) {
  CARNET_TRY(const auto chain, view.chain(ChainKind::kTag, fmt::format("{}/{}", family, id)));
  return chain ? std::optional(chain->member) : std::nullopt;
}

/// Calls `each(member)` for the members of a page; it returns false where the list ends.
template <class Each>
Status for_each_member(const StateView& view, std::string_view family, const Page& page, Each&& each) {
  std::uint32_t member = 0;
  if (!page.after.empty()) {
    CARNET_TRY(const auto after, member_of(view, family, page.after));
    if (!after) {
      return Error(ErrorCode::kNotFound, "AfterUnknown",
                   fmt::format("no {} has the id that the list begins after", family));
    }
    member = *after + 1;
  }
  const std::uint32_t count = view.member_count(ChainKind::kTag, family);
  for (std::uint64_t taken = 0; member < count && (page.limit == 0 || taken < page.limit); ++member) {
    CARNET_TRY(const bool counted, each(member));
    taken += counted ? 1 : 0;
  }
  return view.status();
}

/// What a list's row came to: it is none, it was given, or the visitor has had enough.
enum class Visit : std::uint8_t { kSkipped, kGiven, kEnough };

template <class Give>
Status list_members(const StateView& view, std::string_view family, const Page& page, Give&& give) {
  bool enough = false;
  return for_each_member(view, family, page, [&](std::uint32_t member) -> Result<bool> {
    if (enough) {
      return false;
    }
    CARNET_TRY(const Visit visit, give(member));
    enough = visit == Visit::kEnough;
    return visit != Visit::kSkipped;
  });
}

}  // namespace carnet::rental::lists
