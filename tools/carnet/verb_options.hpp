// SPDX-License-Identifier: Apache-2.0
//
// How a verb's options are declared. Numbers and times are read here, not by CLI11: it takes octal and floats.
#pragma once

#include "options.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace carnet::tool {

/// Ends parsing: the command line is wrong.
[[noreturn]] void refuse(std::string_view option, std::string_view why);

/// A whole decimal number; nothing: it is none.
[[nodiscard]] std::optional<std::uint64_t> natural(std::string_view text);

void parse_into(std::string_view option, const std::string& text, std::uint64_t& out);
void parse_into(std::string_view option, const std::string& text, std::optional<Moment>& out);
void parse_into(std::string_view option, const std::string& text, std::optional<KnownAt>& out);
void parse_into(std::string_view option, const std::string& text, std::optional<Zone>& out);

/// One verb's options, each with the word that stands for its value.
class VerbOptions {
 public:
  explicit VerbOptions(CLI::App& app) : app_(app) {}

  VerbOptions& ledger(std::filesystem::path& out, bool is_required = true) {
    app_.add_option("LEDGER", out)->required(is_required)->check(not_empty());
    return *this;
  }

  VerbOptions& positional(const char* name, std::string& out, bool is_required) {
    app_.add_option(name, out)->required(is_required)->check(not_empty());
    return *this;
  }

  VerbOptions& flag(const char* name, bool& out, const char* what) {
    app_.add_flag(name, out, what);
    return *this;
  }

  template <class Value>
  VerbOptions& value(const char* name, Value& out, const char* word, const char* what) {
    CLI::Option* option = nullptr;
    if constexpr (std::is_same_v<Value, std::string> || std::is_same_v<Value, std::filesystem::path>) {
      option = app_.add_option(name, out, what)->check(not_empty());
    } else {
      const auto parse = [name, &out](const std::string& text) { parse_into(name, text, out); };
      option = app_.add_option_function<std::string>(name, parse, what);
    }
    option->type_name(word)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    return *this;
  }

  template <class Value>
  VerbOptions& choice(const char* name, Value& out, const char* word, const char* what,
                      std::vector<std::pair<std::string, Value>> values) {
    const auto parse = [name, &out, word, values = std::move(values)](const std::string& text) {
      const auto found = std::ranges::find(values, text, &std::pair<std::string, Value>::first);
      if (found == values.end()) {
        refuse(name, fmt::format("expected {}", word));
      }
      out = found->second;
    };
    app_.add_option_function<std::string>(name, parse, what)->type_name(word);
    return *this;
  }

  VerbOptions& zone(std::optional<Zone>& out) {
    return value("--zone", out, "IANA", "zone of times, days and months (default: the ledger's business zone)");
  }

  /// Another time than the head's.
  VerbOptions& at(std::optional<Moment>& as_of, std::optional<KnownAt>& known_at) {
    value("--as-of", as_of, "TIME", "only what had occurred by TIME; a day: by its end");
    return value("--known-at", known_at, "POSITION|TIME", "only what was recorded by then");
  }

  /// A part of a list.
  VerbOptions& page(std::string& after, std::uint64_t& limit) {
    value("--after", after, "ID", "begin behind this one");
    return value("--limit", limit, "N", "at most N");
  }

 private:
  /// An empty text is a shell variable that was not set, never a wish.
  static CLI::Validator not_empty() {
    return {[](const std::string& text) { return std::string(text.empty() ? "must not be empty" : ""); }, ""};
  }

  CLI::App& app_;
};

}  // namespace carnet::tool
