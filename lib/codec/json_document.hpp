// SPDX-License-Identifier: Apache-2.0
//
// A parsed JSON text as one array of nodes: exact integers, views into its own copy of the text. RapidJSON parses; none
// of its types shows here. What the keys mean, and that none stands twice, is the business of the reader above.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::codec {

enum class JsonKind : std::uint8_t {
  kNull,
  kBool,
  kInteger,  ///< Any of int64 or uint64.
  kReal,     ///< With a point or an exponent, or beyond 64 bits: its value is not kept.
  kString,
  kArray,
  kObject,
};

struct JsonNode {
  JsonKind kind = JsonKind::kNull;
  bool is_negative = false;  ///< Of an integer: the bits are those of an int64.
  std::uint32_t count = 0;   ///< Bytes of a string, elements of an array, members of an object.
  std::uint32_t end = 0;     ///< Index of the node behind this one and what it holds.
  std::uint64_t bits = 0;    ///< Of an integer; a bool is 0 or 1; of a string: offset in the text.
};

class JsonDocument;

/// A value in a document. Valid until the document parses again or dies.
class JsonValue {
 public:
  JsonValue() = default;

  JsonValue(const JsonDocument& document, std::uint32_t index) noexcept : document_(&document), index_(index) {}

  [[nodiscard]] explicit operator bool() const noexcept { return document_ != nullptr; }

  [[nodiscard]] JsonKind kind() const noexcept { return node().kind; }

  /// Elements or members.
  [[nodiscard]] std::uint32_t count() const noexcept { return node().count; }

  /// Requires: a string.
  [[nodiscard]] std::string_view text() const noexcept;

  /// Requires: a bool.
  [[nodiscard]] bool flag() const noexcept { return node().bits != 0; }

  /// The integer when it is one that fits.
  [[nodiscard]] std::optional<std::int64_t> to_int64() const noexcept;
  [[nodiscard]] std::optional<std::uint64_t> to_uint64() const noexcept;

  /// The first node inside an array or object, and the one behind a node: `for (auto v = a.first(); v != a.behind();
  /// …)`.
  [[nodiscard]] JsonValue first() const noexcept { return {*document_, index_ + 1}; }

  [[nodiscard]] JsonValue behind() const noexcept { return {*document_, node().end}; }

  friend bool operator==(const JsonValue& a, const JsonValue& b) noexcept { return a.index_ == b.index_; }

 private:
  [[nodiscard]] const JsonNode& node() const noexcept;

  const JsonDocument* document_ = nullptr;
  std::uint32_t index_ = 0;
};

/// Calls `visit(element, index)` for each element until it returns false. False: it did. Requires: an array.
template <class Visit>
bool for_each_element(JsonValue array, Visit visit) {
  std::uint32_t index = 0;
  const JsonValue end = array.behind();
  for (JsonValue element = array.first(); element != end; element = element.behind()) {
    if (!visit(element, index++)) {
      return false;
    }
  }
  return true;
}

/// Calls `visit(key, value)` for each member until it returns false. False: it did. Requires: an object.
template <class Visit>
bool for_each_member(JsonValue object, Visit visit) {
  const JsonValue end = object.behind();
  for (JsonValue key = object.first(); key != end;) {
    const JsonValue value = key.behind();
    if (!visit(key.text(), value)) {
      return false;
    }
    key = value.behind();
  }
  return true;
}

/// An unknown key is no value, but somebody may have put one there: it is shown when it looks like a key of ours, so
/// that a typing error can be found.
[[nodiscard]] bool is_key_to_show(std::string_view key) noexcept;

/// Reusable; keeps its memory. Threads: one at a time.
class JsonDocument {
 public:
  struct Fault {
    std::size_t offset = 0;
    const char* what = "";
  };

  /// Parses `text` whole (one value, then nothing but white space).
  [[nodiscard]] std::optional<Fault> parse(std::string_view text);

  /// Requires: parse() returned nothing.
  [[nodiscard]] JsonValue root() const noexcept { return {*this, 0}; }

 private:
  friend class JsonValue;
  friend class JsonBuilder;

  std::string text_;
  std::vector<JsonNode> nodes_;
};

inline const JsonNode& JsonValue::node() const noexcept {
  return document_->nodes_[index_];
}

inline std::string_view JsonValue::text() const noexcept {
  const JsonNode& n = node();
  return {document_->text_.data() + n.bits, n.count};
}

}  // namespace carnet::codec
