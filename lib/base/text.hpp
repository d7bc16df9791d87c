// SPDX-License-Identifier: Apache-2.0
//
// UTF-8 one code point at a time, and text in columns for terminals: CJK takes two places, combining marks none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carnet::base {

/// Takes a code point off the front of `in`; nothing, and `in` as it was, when `in` is empty or ill-formed there.
[[nodiscard]] std::optional<char32_t> take_code_point(std::string_view& in) noexcept;

/// Places of a terminal that a code point takes: 0, 1 or 2 (Unicode 14; ambiguous ones count 1). Control characters: 1,
/// because printable() replaces them.
[[nodiscard]] std::size_t code_point_width(char32_t c) noexcept;

/// Places that printable(text) takes.
[[nodiscard]] std::size_t display_width(std::string_view text) noexcept;

/// `text` with U+FFFD for each control character, each mark that turns the direction of writing, and each byte that is
/// no UTF-8: what a terminal can show without being commanded by it.
[[nodiscard]] std::string printable(std::string_view text);

enum class Align : std::uint8_t { kLeft, kRight };

/// printable(text) in exactly `width` places: filled up with spaces, or cut and ended with `…`.
[[nodiscard]] std::string fit(std::string_view text, std::size_t width, Align align = Align::kLeft);

/// `-1,234,567`.
[[nodiscard]] std::string group_thousands(std::int64_t value);
/// The digits before the point of a decimal grouped: `1234.50` becomes `1,234.50`. A text that starts with no digits
/// (after a sign) is returned as it is.
[[nodiscard]] std::string group_thousands(std::string_view decimal);

}  // namespace carnet::base
