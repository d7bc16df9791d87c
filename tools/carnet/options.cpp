// SPDX-License-Identifier: Apache-2.0
//
// Reading a command line, and what goes wrong with one. CLI11 is known here and in declarations.*, verb_options.*
// alone.
#include "options.hpp"

#include "base/limits.hpp"
#include "declarations.hpp"
#include "describe.hpp"
#include "help.hpp"
#include "verb_options.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace carnet::tool {

namespace {

VerbDefinition definition_of(const CLI::App& sub) {
  VerbDefinition out{sub.get_name(), {}};
  for (const CLI::Option* option : sub.get_options()) {
    if (option->get_group().empty() || option->get_positional() || option->check_name("--help")) {
      continue;
    }
    OptionDefinition one{option->get_name(), {}, {}, option->get_description()};
    if (option->get_expected_max() > 0) {
      one.word = option->get_type_name();
    }
    // A choice is written as its values: `stop|skip`. Words that stand for a value are in capitals.
    const bool is_choice = std::ranges::any_of(one.word, [](char c) { return c >= 'a' && c <= 'z'; });
    for (std::size_t at = 0; is_choice && at <= one.word.size();) {
      const std::size_t end = std::min(one.word.find('|', at), one.word.size());
      one.choices.push_back(one.word.substr(at, end - at));
      at = end + 1;
    }
    out.options.push_back(std::move(one));
  }
  return out;
}

/// A verb's help: usage and words from help.cpp, options from what was declared.
std::string help_of_verb(const CLI::App& sub) {
  const VerbHelp& help = verb_help(sub.get_name());
  std::string out = fmt::format("Usage: carnet {} {}\n\n{}\n", sub.get_name(), help.usage, help.what);
  std::string options;
  for (const OptionDefinition& option : definition_of(sub).options) {
    options += fmt::format("  {:<26} {}\n", option.name + (option.word.empty() ? "" : " " + option.word), option.what);
  }
  if (!options.empty()) {
    out += fmt::format("\n{}", options);
  }
  return out + fmt::format("\nExample:\n  {}\n", help.example);
}

/// What the verb does not take: the first option, or else the first word that is too many. Empty: something else is
/// wrong.
std::string unexpected(const CLI::App& app) {
  const std::vector<std::string> words = app.remaining(true);
  const auto option = std::ranges::find_if(words, [](const std::string& word) { return word.starts_with('-'); });
  if (option != words.end()) {
    return fmt::format("{} is no option of it", *option);
  }
  return words.empty() ? std::string() : fmt::format("{} is one word too many", words.front());
}

ParseEnd end_by_error(const CLI::App& app, const CLI::ParseError& error, bool json, std::string_view first_word) {
  const auto subs = app.get_subcommands();
  if (!subs.empty()) {
    const std::string verb = subs.front()->get_name();
    if (const auto extra = unexpected(app); !extra.empty()) {
      return {Exit::kUsage, json, fmt::format("{}: {}; `carnet {} --help` shows how", verb, extra, verb)};
    }
    return {Exit::kUsage, json, fmt::format("{}: {}; `carnet {} --help` shows how", verb, error.what(), verb)};
  }
  if (first_word.empty()) {
    return {Exit::kUsage, json, "no verb was given; `carnet --help` lists them"};
  }
  if (is_later_verb(first_word)) {
    return {Exit::kUsage, json, fmt::format("{}: not in this version; `carnet --help` lists what is", first_word)};
  }
  return {Exit::kUsage, json, fmt::format("{}: no such verb or option; `carnet --help` lists them", first_word)};
}

}  // namespace

std::vector<VerbDefinition> verb_definitions() {
  CLI::App app;
  app.set_help_flag("-h,--help");
  const DeclaredVerbs verbs = declare_verbs(app);
  std::vector<VerbDefinition> out;
  for (const VerbHelp& help : all_verb_help()) {
    out.push_back(definition_of(*app.get_subcommand(std::string(help.name))));
  }
  return out;
}

std::variant<Invocation, ParseEnd> parse_command_line(int argc, const char* const* argv) {
  Invocation out;
  CLI::App app;
  app.set_help_flag("-h,--help");
  app.add_flag("--json", out.common.json, "machine output");
  app.add_flag("--accept-clock", out.common.accept_clock, "confirm a clock that jumped");
  app.set_version_flag("--version", "");
  std::string describe;
  const auto take_description = [&describe](const std::string& form) {
    describe = description(form);
    if (describe.empty()) {
      refuse("--describe", "expected bash|zsh|man");
    }
    throw CLI::Success();
  };
  app.add_option_function<std::string>("--describe", take_description)->group("")->trigger_on_parse();
  app.require_subcommand(1, 1);
  app.prefix_command(false);
  const DeclaredVerbs verbs = declare_verbs(app);

  bool json = false;
  std::string_view first_word;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    json = json || word == "--json";
    if (first_word.empty() && word != "--json" && word != "--accept-clock") {
      first_word = word;
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion&) {
    return ParseEnd{Exit::kDone, json, fmt::format("carnet {} (ledger format {})\n", CARNET_VERSION, kFormatVersion)};
  } catch (const CLI::CallForHelp&) {
    const auto subs = app.get_subcommands();
    return ParseEnd{Exit::kDone, json, subs.empty() ? general_help() : help_of_verb(*subs.front())};
  } catch (const CLI::Success&) {
    return ParseEnd{Exit::kDone, json, std::move(describe)};
  } catch (const CLI::ParseError& error) {
    return end_by_error(app, error, json, first_word);
  }
  out.verb = app.get_subcommands().front()->get_name();
  out.command = verbs.take();
  return out;
}

}  // namespace carnet::tool
