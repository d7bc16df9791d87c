// SPDX-License-Identifier: Apache-2.0
#include "json.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace carnet::tool {

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::string_view before = text;
    const std::optional<char32_t> c = base::take_code_point(text);
    if (!c) {
      text.remove_prefix(1);
      out += "\\ufffd";
    } else if (*c == U'"' || *c == U'\\') {
      out += '\\';
      out += static_cast<char>(*c);
    } else if (*c < 0x20 || *c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(*c));
    } else {
      out += before.substr(0, before.size() - text.size());
    }
  }
  out += '"';
}

void JsonObject::begin(std::string_view key) {
  if (!is_first_) {
    out_ += ',';
  }
  is_first_ = false;
  append_json_text(out_, key);
  out_ += ':';
}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) {
  begin(key);
  append_json_text(out_, value);
  return *this;
}

JsonObject& JsonObject::text_if_any(std::string_view key, std::string_view value) {
  return value.empty() ? *this : text(key, value);
}

JsonObject& JsonObject::flag(std::string_view key, bool value) {
  return raw(key, value ? "true" : "false");
}

JsonObject& JsonObject::null(std::string_view key) {
  return raw(key, "null");
}

JsonObject& JsonObject::money(std::string_view key, Money value) {
  begin(key);
  JsonObject(out_).number("minor", value.minor).text("currency", value.currency.code()).end();
  return *this;
}

JsonObject& JsonObject::time(std::string_view key, Timestamp value) {
  return text(key, to_text(value));
}

JsonObject& JsonObject::time_if_any(std::string_view key, const std::optional<Timestamp>& value) {
  return value ? time(key, *value) : *this;
}

JsonObject& JsonObject::raw(std::string_view key, std::string_view json) {
  begin(key);
  out_ += json;
  return *this;
}

}  // namespace carnet::tool
