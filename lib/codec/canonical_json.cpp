// SPDX-License-Identifier: Apache-2.0
//
// RFC 8785 for JSON without floating point: keys sorted by UTF-16 code units, no white space, the shortest escapes.
// Integers keep all their 64 bits (the RFC's numbers end at 53).
#include "base/text.hpp"
#include "codec/json.hpp"
#include "codec/json_document.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace carnet::codec {
namespace {

// In UTF-16 a character beyond U+FFFF begins with 0xD800 … 0xDBFF, so it sorts before U+E000 … U+FFFF.
char32_t utf16_order(char32_t c) noexcept {
  return c >= 0xe000 && c <= 0xffff ? c + 0x200000 : c;
}

bool comes_before(std::string_view a, std::string_view b) noexcept {
  for (;;) {
    const auto left = base::take_code_point(a);
    const auto right = base::take_code_point(b);
    if (!left || !right) {
      return !left && right;
    }
    if (*left != *right) {
      return utf16_order(*left) < utf16_order(*right);
    }
  }
}

struct Member {
  std::string_view key;
  JsonValue value;
};

class CanonicalWriter {
 public:
  explicit CanonicalWriter(std::string& out) : out_(out) {}

  // False: the text has no canonical form here; what() says why.
  bool value(JsonValue value) {
    switch (value.kind()) {
      case JsonKind::kNull:
        out_ += "null";
        return true;
      case JsonKind::kBool:
        out_ += value.flag() ? "true" : "false";
        return true;
      case JsonKind::kInteger:
        integer(value);
        return true;
      case JsonKind::kReal:
        what_ = "a number that is no 64-bit integer";
        return false;
      case JsonKind::kString:
        append_json_string(out_, value.text());
        return true;
      case JsonKind::kArray:
        return array(value);
      case JsonKind::kObject:
        return object(value);
    }
    return false;
  }

  [[nodiscard]] const char* what() const noexcept { return what_; }

 private:
  void integer(JsonValue value) {
    if (const auto natural = value.to_uint64()) {
      out_ += fmt::format_int(*natural).str();
    } else {
      out_ += fmt::format_int(*value.to_int64()).str();
    }
  }

  bool array(JsonValue array) {
    out_.push_back('[');
    const bool whole = for_each_element(array, [&](JsonValue element, std::uint32_t index) {
      if (index > 0) {
        out_.push_back(',');
      }
      return value(element);
    });
    out_.push_back(']');
    return whole;
  }

  bool object(JsonValue object) {
    std::vector<Member> members;
    for_each_member(object, [&](std::string_view key, JsonValue value) {
      members.push_back({key, value});
      return true;
    });
    std::ranges::sort(members, comes_before, &Member::key);
    out_.push_back('{');
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) {
        if (members[i].key == members[i - 1].key) {
          what_ = "a key that stands twice";
          return false;
        }
        out_.push_back(',');
      }
      append_json_string(out_, members[i].key);
      out_.push_back(':');
      if (!value(members[i].value)) {
        return false;
      }
    }
    out_.push_back('}');
    return true;
  }

  std::string& out_;
  const char* what_ = "";
};

Error bad_json(const char* what, std::size_t offset) {
  return {ErrorCode::kInvalidArgument,
          "BadJson",
          fmt::format("the text is not JSON as Carnet takes it: {}", what),
          {{"offset", std::to_string(offset)}}};
}

}  // namespace

Result<std::string> canonical_json(std::string_view json) {
  JsonDocument document;
  if (const auto fault = document.parse(json)) {
    return bad_json(fault->what, fault->offset);
  }
  std::string out;
  CanonicalWriter writer(out);
  if (!writer.value(document.root())) {
    return bad_json(writer.what(), 0);
  }
  return out;
}

}  // namespace carnet::codec
