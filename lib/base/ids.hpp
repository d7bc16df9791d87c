// SPDX-License-Identifier: Apache-2.0
//
// What ids and names may look like (DESIGN §11, DOMAIN §0.2). Answers are small values: the caller turns them into
// refusals and says where the id stood.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace carnet::base {

/// What the host may widen.
struct IdRules {
  /// Says of an id that looks like a telephone or identity number that it is none. Empty: no such id is accepted.
  /// Called from any thread, only for ids that look personal.
  std::function<bool(std::string_view id)> is_registered;
};

enum class IdFault : std::uint8_t {
  kNone = 0,
  kBadId = 1,          ///< Not 1–64 bytes of `[A-Za-z0-9._:-]`.
  kLooksPersonal = 2,  ///< A Chinese mobile or identity number: ids, tags and names are never erased.
};

/// `BadId`, `IdLooksPersonal`; empty for none.
[[nodiscard]] std::string_view to_string(IdFault fault) noexcept;

/// Threads: any. Cost: one pass, no allocation.
[[nodiscard]] IdFault check_id(std::string_view id, const IdRules& rules);

/// True for an id that is, whole, a mobile number `1[3-9]` and nine digits, or 17 digits and a digit, `X` or `x`.
[[nodiscard]] bool looks_personal(std::string_view id) noexcept;

enum class NameFault : std::uint8_t {
  kNone = 0,
  kLength = 1,            ///< Not 1–255 bytes.
  kNotUtf8 = 2,           ///< Ill-formed UTF-8.
  kControlCharacter = 3,  ///< U+0000–U+001F, U+007F–U+009F.
  kNoFamily = 4,          ///< Not `family/id` with a family of `[a-z][A-Za-z0-9]*` and an id that is not empty.
};

/// A phrase for messages (`not of the form family/id`); empty for none.
[[nodiscard]] std::string_view to_string(NameFault fault) noexcept;

/// Whether `name` can be the name of a stream or a tag. What its id may hold beyond that is the business of check_id.
/// Threads: any. Cost: one pass, no allocation.
[[nodiscard]] NameFault check_name(std::string_view name) noexcept;

/// The two sides of the first `/`: `document/ruleSet.codes` is `document` and `ruleSet.codes`.
struct NameParts {
  std::string_view family;
  std::string_view id;
};

/// Views into `name`; without a `/` the id is empty and the family is the whole.
[[nodiscard]] NameParts split_name(std::string_view name) noexcept;

}  // namespace carnet::base
