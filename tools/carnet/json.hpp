// SPDX-License-Identifier: Apache-2.0
//
// JSON objects of the command line, key by key: exact integers, Money and times by the contract.
#pragma once

#include <carnet/money.hpp>
#include <carnet/time.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace carnet::tool {

/// Appends `text` as a JSON string. Bytes that are no UTF-8 become U+FFFD.
void append_json_text(std::string& out, std::string_view text);

/// Writes one object into a buffer: opened by the constructor, closed by end().
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }

  JsonObject& text(std::string_view key, std::string_view value);
  /// Left out when it is empty: an absent optional is an absent key.
  JsonObject& text_if_any(std::string_view key, std::string_view value);
  JsonObject& flag(std::string_view key, bool value);
  JsonObject& null(std::string_view key);
  JsonObject& money(std::string_view key, Money value);
  JsonObject& time(std::string_view key, Timestamp value);
  JsonObject& time_if_any(std::string_view key, const std::optional<Timestamp>& value);
  /// `json` is a value that is ready.
  JsonObject& raw(std::string_view key, std::string_view json);

  template <std::integral Number>
  JsonObject& number(std::string_view key, Number value) {
    begin(key);
    out_ += std::to_string(value);
    return *this;
  }

  void end() { out_ += '}'; }

 private:
  void begin(std::string_view key);

  std::string& out_;
  bool is_first_ = true;
};

}  // namespace carnet::tool
