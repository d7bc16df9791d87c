// SPDX-License-Identifier: Apache-2.0
//
// The one place that knows RapidJSON: its reader calls back for each value, and nodes are appended. Strings are
// unescaped in place.
#include "codec/json_document.hpp"

#include "base/bytes.hpp"

#if defined(__SSE2__)
#define RAPIDJSON_SSE2
#endif
#include <rapidjson/error/error.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <limits>

namespace carnet::codec {
namespace {

// The reader recurses once a level: far more than any line of ours, far less than a stack.
constexpr std::size_t kDepthMax = 64;
// RapidJSON's vector instructions read whole 16-byte blocks, also behind the text's end.
constexpr std::size_t kPaddingBytes = 32;

}  // namespace

class JsonBuilder {
 public:
  JsonBuilder(JsonDocument& document) : text_(document.text_.data()), nodes_(document.nodes_) { nodes_.clear(); }

  // The names below are RapidJSON's.
  bool Null() { return add(JsonKind::kNull, 0); }

  bool Bool(bool flag) { return add(JsonKind::kBool, flag ? 1 : 0); }

  bool Int(int value) { return Int64(value); }

  bool Uint(unsigned value) { return add(JsonKind::kInteger, value); }

  bool Int64(std::int64_t value) {
    add(JsonKind::kInteger, static_cast<std::uint64_t>(value));
    nodes_.back().is_negative = value < 0;
    return true;
  }

  bool Uint64(std::uint64_t value) { return add(JsonKind::kInteger, value); }

  bool Double(double /*value*/) { return add(JsonKind::kReal, 0); }

  bool RawNumber(const char* /*text*/, unsigned /*length*/, bool /*copy*/) { return false; }

  bool String(const char* text, unsigned length, bool /*copy*/) {
    add(JsonKind::kString, static_cast<std::uint64_t>(text - text_));
    nodes_.back().count = length;
    return true;
  }

  bool Key(const char* text, unsigned length, bool copy) { return String(text, length, copy); }

  bool StartObject() { return start(JsonKind::kObject); }

  bool StartArray() { return start(JsonKind::kArray); }

  bool EndObject(unsigned count) { return end(count); }

  bool EndArray(unsigned count) { return end(count); }

  [[nodiscard]] bool was_too_deep() const noexcept { return too_deep_; }

 private:
  bool add(JsonKind kind, std::uint64_t bits) {
    nodes_.push_back({.kind = kind, .is_negative = false, .count = 0, .end = next(), .bits = bits});
    return true;
  }

  [[nodiscard]] std::uint32_t next() const noexcept { return static_cast<std::uint32_t>(nodes_.size()) + 1; }

  bool start(JsonKind kind) {
    if (open_.size() == kDepthMax) {
      too_deep_ = true;
      return false;
    }
    open_.push_back(static_cast<std::uint32_t>(nodes_.size()));
    return add(kind, 0);
  }

  bool end(unsigned count) {
    JsonNode& node = nodes_[open_.back()];
    open_.pop_back();
    node.count = count;
    node.end = static_cast<std::uint32_t>(nodes_.size());
    return true;
  }

  const char* text_;
  std::vector<JsonNode>& nodes_;
  std::vector<std::uint32_t> open_;
  bool too_deep_ = false;
};

std::optional<JsonDocument::Fault> JsonDocument::parse(std::string_view text) {
  nodes_.clear();
  if (text.size() >= std::numeric_limits<std::uint32_t>::max()) {
    return Fault{.offset = 0, .what = "the text is too long"};
  }
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    return Fault{.offset = zero, .what = "a zero byte"};
  }
  if (!base::is_utf8(text)) {
    return Fault{.offset = 0, .what = "the text is not UTF-8"};
  }
  text_.assign(text);
  text_.append(kPaddingBytes, '\0');
  JsonBuilder builder(*this);
  rapidjson::InsituStringStream stream(text_.data());
  rapidjson::Reader reader;
  const rapidjson::ParseResult result = reader.Parse<rapidjson::kParseInsituFlag>(stream, builder);
  if (result.IsError()) {
    return Fault{.offset = result.Offset(),
                 .what = builder.was_too_deep() ? "it is nested too deep" : "the text is no JSON"};
  }
  return std::nullopt;
}

bool is_key_to_show(std::string_view key) noexcept {
  constexpr std::size_t kBytesMax = 64;
  constexpr std::ptrdiff_t kDigitsMax = 4;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !key.empty() && key.size() <= kBytesMax && is_letter(key[0]) &&
         std::ranges::all_of(key, [&](char c) { return is_letter(c) || is_digit(c); }) &&
         std::ranges::count_if(key, is_digit) <= kDigitsMax;
}

std::optional<std::int64_t> JsonValue::to_int64() const noexcept {
  const JsonNode& n = node();
  if (n.kind != JsonKind::kInteger ||
      (!n.is_negative && n.bits > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(n.bits);
}

std::optional<std::uint64_t> JsonValue::to_uint64() const noexcept {
  const JsonNode& n = node();
  return n.kind != JsonKind::kInteger || n.is_negative ? std::nullopt : std::optional(n.bits);
}

}  // namespace carnet::codec
