// SPDX-License-Identifier: Apache-2.0
//
// Character by character: these run for every id and name of every event.
#include "base/ids.hpp"

#include "base/limits.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <optional>

namespace carnet::base {

namespace {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool is_small_letter(char c) noexcept {
  return c >= 'a' && c <= 'z';
}

constexpr bool is_letter_or_digit(char c) noexcept {
  return is_digit(c) || is_small_letter(c) || (c >= 'A' && c <= 'Z');
}

constexpr bool is_id_character(char c) noexcept {
  return is_letter_or_digit(c) || c == '.' || c == '_' || c == ':' || c == '-';
}

constexpr bool is_control(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f);
}

bool all_digits(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

std::string_view to_string(IdFault fault) noexcept {
  switch (fault) {
    case IdFault::kNone:
      return "";
    case IdFault::kBadId:
      return "BadId";
    case IdFault::kLooksPersonal:
      return "IdLooksPersonal";
  }
  return "";
}

std::string_view to_string(NameFault fault) noexcept {
  switch (fault) {
    case NameFault::kNone:
      return "";
    case NameFault::kLength:
      return "not 1 to 255 bytes long";
    case NameFault::kNotUtf8:
      return "not UTF-8";
    case NameFault::kControlCharacter:
      return "with a control character";
    case NameFault::kNoFamily:
      return "not of the form family/id";
  }
  return "";
}

bool looks_personal(std::string_view id) noexcept {
  constexpr std::size_t kMobileBytes = 11;
  constexpr std::size_t kIdentityBytes = 18;
  if (id.size() == kMobileBytes) {
    return id[0] == '1' && id[1] >= '3' && all_digits(id);
  }
  if (id.size() == kIdentityBytes) {
    const char last = id.back();
    return (is_digit(last) || last == 'X' || last == 'x') && all_digits(id.substr(0, kIdentityBytes - 1));
  }
  return false;
}

IdFault check_id(std::string_view id, const IdRules& rules) {
  if (id.empty() || id.size() > kIdBytesMax || !std::all_of(id.begin(), id.end(), is_id_character)) {
    return IdFault::kBadId;
  }
  if (looks_personal(id) && !(rules.is_registered && rules.is_registered(id))) {
    return IdFault::kLooksPersonal;
  }
  return IdFault::kNone;
}

NameFault check_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > kNameBytesMax) {
    return NameFault::kLength;
  }
  for (std::string_view left = name; !left.empty();) {
    const std::optional<char32_t> c = take_code_point(left);
    if (!c) {
      return NameFault::kNotUtf8;
    }
    if (is_control(*c)) {
      return NameFault::kControlCharacter;
    }
  }
  const NameParts parts = split_name(name);
  if (parts.id.empty() || parts.family.empty() || !is_small_letter(parts.family.front()) ||
      !std::all_of(parts.family.begin(), parts.family.end(), is_letter_or_digit)) {
    return NameFault::kNoFamily;
  }
  return NameFault::kNone;
}

NameParts split_name(std::string_view name) noexcept {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) {
    return {.family = name, .id = {}};
  }
  return {.family = name.substr(0, slash), .id = name.substr(slash + 1)};
}

}  // namespace carnet::base
