// SPDX-License-Identifier: Apache-2.0
//
// Verbs that list subjects of lifecycles are rows of a table (list_table.cpp): which lifecycles, in which columns. One
// engine prints them all (lists.cpp). A lifecycle that the domain does not have (yet) is left out.
#pragma once

#include <carnet/result.hpp>

#include <span>
#include <string_view>

namespace carnet::tool {

/// An amount that a row shows.
struct ListAmount {
  std::string_view key;      ///< In JSON.
  std::string_view title;    ///< Of the column that it stands in; empty: in JSON alone.
  std::string_view formula;  ///< `+frozen -voided`: sums of the subject; `+charge:paid`: of its parts of a lifecycle.
};

/// A position that a row shows: of the last event of a type.
struct ListMark {
  std::string_view key;
  std::string_view title;
  std::string_view event;
};

/// Subjects of one lifecycle.
struct ListKind {
  std::string_view lifecycle;
  std::string_view id_key;                ///< In JSON; of a part, its list's key.
  std::string_view part_key{};            ///< Of a part: its id's key.
  std::span<const ListAmount> amounts{};  ///< None: in JSON all its sums, by their own names.
  std::span<const ListMark> marks{};
  // What tells one with a state of its own from one that has only parts.
  std::string_view nature_key{};
  std::string_view nature{};
  std::string_view nature_of_parts{};
};

/// A verb.
struct ListVerb {
  std::string_view name;
  std::string_view noun;                       ///< As in messages (`deposit`).
  std::string_view error;                      ///< When an id is not there (`NoSuchDeposit`).
  std::span<const ListKind> kinds;             ///< Of one tag family. Several: a column says which one.
  std::span<const ListKind> parts{};           ///< Shown under what they belong to.
  std::span<const std::string_view> titles{};  ///< Columns of amounts.
  std::span<const std::string_view> links{};   ///< Columns of links, by tag family.
};

/// In the order of `carnet --help`.
[[nodiscard]] std::span<const ListVerb> list_verbs();

/// `violation/A1` names the same as `A1`.
[[nodiscard]] std::string_view bare_id(std::string_view id, std::string_view family);
[[nodiscard]] Error no_such(std::string_view name, std::string_view what, std::string_view id);

}  // namespace carnet::tool
