// SPDX-License-Identifier: Apache-2.0
//
// UTF-8 decoding by Unicode's table of well-formed byte sequences, and display width by ranges of code points.
#include "base/text.hpp"

#include "base/text_width.hpp"

#include <algorithm>
#include <iterator>

namespace carnet::base {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";     // U+2026

template <std::size_t kSize>
bool contains(const CodePointRange (&ranges)[kSize], char32_t c) noexcept {
  const auto* const after =
      std::upper_bound(std::begin(ranges), std::end(ranges), c,
                       [](char32_t value, const CodePointRange& range) { return value < range.first; });
  return after != std::begin(ranges) && c <= std::prev(after)->last;
}

/// Marks and overrides of writing direction: they would reorder the columns beside them.
constexpr bool turns_direction(char32_t c) noexcept {
  return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/// U+2028 and U+2029 end a line where a program counts them as such.
constexpr bool is_printable(char32_t c) noexcept {
  return c >= 0x20 && !(c >= 0x7f && c <= 0x9f) && c != 0x2028 && c != 0x2029 && !turns_direction(c);
}

/// What stands for the next code point, or the next bad byte, of a text on a terminal.
struct Glyph {
  std::string_view bytes;
  std::size_t width = 1;
};

Glyph take_glyph(std::string_view& text) noexcept {
  const std::string_view before = text;
  const std::optional<char32_t> c = take_code_point(text);
  if (!c) {
    text.remove_prefix(1);
    return {.bytes = kReplacement};
  }
  if (!is_printable(*c)) {
    return {.bytes = kReplacement};
  }
  return {.bytes = before.substr(0, before.size() - text.size()), .width = code_point_width(*c)};
}

}  // namespace

std::optional<char32_t> take_code_point(std::string_view& in) noexcept {
  const auto byte_at = [&](std::size_t i) { return static_cast<unsigned char>(in[i]); };
  if (in.empty()) {
    return std::nullopt;
  }
  const unsigned lead = byte_at(0);
  if (lead < 0x80U) {
    in.remove_prefix(1);
    return lead;
  }
  // The second byte's range depends on the first: that is what keeps overlong forms, surrogates and too large ones out.
  std::size_t size = 0;
  unsigned second_min = 0x80;
  unsigned second_max = 0xbf;
  if (lead >= 0xc2U && lead <= 0xdfU) {
    size = 2;
  } else if (lead >= 0xe0U && lead <= 0xefU) {
    size = 3;
    second_min = lead == 0xe0U ? 0xa0 : 0x80;
    second_max = lead == 0xedU ? 0x9f : 0xbf;
  } else if (lead >= 0xf0U && lead <= 0xf4U) {
    size = 4;
    second_min = lead == 0xf0U ? 0x90 : 0x80;
    second_max = lead == 0xf4U ? 0x8f : 0xbf;
  }
  if (size == 0 || in.size() < size || byte_at(1) < second_min || byte_at(1) > second_max) {
    return std::nullopt;
  }
  char32_t c = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const unsigned byte = byte_at(i);
    if ((byte & 0xc0U) != 0x80U) {
      return std::nullopt;
    }
    c = (c << 6U) | (byte & 0x3fU);
  }
  in.remove_prefix(size);
  return c;
}

std::size_t code_point_width(char32_t c) noexcept {
  if (c < kZeroWidth[0].first) {
    return 1;
  }
  if (contains(kZeroWidth, c)) {
    return 0;
  }
  return contains(kWide, c) ? 2 : 1;
}

std::size_t display_width(std::string_view text) noexcept {
  std::size_t width = 0;
  while (!text.empty()) {
    width += take_glyph(text).width;
  }
  return width;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    out += take_glyph(text).bytes;
  }
  return out;
}

std::string fit(std::string_view text, std::size_t width, Align align) {
  std::string out;
  std::size_t used = 0;
  // What stands before the last glyph that still leaves a place for the ellipsis.
  std::size_t cut_bytes = 0;
  std::size_t cut_width = 0;
  while (!text.empty()) {
    const Glyph glyph = take_glyph(text);
    if (used + glyph.width > width) {
      out.resize(cut_bytes);
      used = cut_width;
      if (width > 0) {
        out += kEllipsis;
        ++used;
      }
      break;
    }
    out += glyph.bytes;
    used += glyph.width;
    if (used < width) {
      cut_bytes = out.size();
      cut_width = used;
    }
  }
  const std::string fill(width - used, ' ');
  return align == Align::kLeft ? out + fill : fill + out;
}

std::string group_thousands(std::int64_t value) {
  return group_thousands(std::string_view(std::to_string(value)));
}

std::string group_thousands(std::string_view decimal) {
  const std::size_t sign = !decimal.empty() && (decimal[0] == '-' || decimal[0] == '+') ? 1 : 0;
  const std::size_t end = std::min(decimal.find_first_not_of("0123456789", sign), decimal.size());
  std::string out(decimal.substr(0, sign));
  for (std::size_t i = sign; i < end; ++i) {
    if (i > sign && (end - i) % 3 == 0) {
      out += ',';
    }
    out += decimal[i];
  }
  out += decimal.substr(end);
  return out;
}

}  // namespace carnet::base
