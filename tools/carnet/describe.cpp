// SPDX-License-Identifier: Apache-2.0
#include "describe.hpp"

#include "help.hpp"
#include "options.hpp"

#include <carnet/rental/reference.hpp>

#include <fmt/format.h>

#include <vector>

namespace carnet::tool {

namespace {

bool is_path(std::string_view word) {
  return word == "FILE" || word == "DIR";
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out += out.empty() ? word : " " + word;
  }
  return out;
}

std::string names_of_globals() {
  std::string out;
  for (const GlobalOption& option : global_options()) {
    out += fmt::format("{}{}", out.empty() ? "" : " ", option.name);
  }
  return out;
}

// ---- bash ----

std::string bash_completion() {
  std::string verbs;
  std::string options;
  std::string values;
  for (const VerbDefinition& verb : verb_definitions()) {
    verbs += fmt::format("{}{}", verbs.empty() ? "" : " ", verb.name);
    std::string names;
    for (const OptionDefinition& option : verb.options) {
      names += fmt::format(" {}", option.name);
      if (option.word.empty()) {
        continue;
      }
      const std::string reply = !option.choices.empty()
                                    ? fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))", joined(option.choices))
                                : is_path(option.word) ? std::string("compopt -o default")
                                                       : std::string(":");
      values += fmt::format("    '{} {}') {}; return ;;\n", verb.name, option.name, reply);
    }
    options += fmt::format("      {}) words='{}{}' ;;\n", verb.name, names_of_globals(), names);
  }
  return fmt::format(R"sh(# bash completion of carnet, made by `carnet --describe bash`
_carnet() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} verb='' words='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in
      -*) ;;
      *) verb=${{COMP_WORDS[i]}}; break ;;
    esac
  done
  case "$verb $prev" in
{}  esac
  if [[ $cur == -* ]]; then
    case $verb in
{}      *) words='{}' ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  elif [[ -z $verb ]]; then
    COMPREPLY=($(compgen -W '{}' -- "$cur"))
  else
    compopt -o default
  fi
}}
complete -F _carnet carnet
)sh",
                     values, options, names_of_globals(), verbs);
}

// ---- zsh ----

/// Inside single quotes, and inside the brackets of _arguments.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += R"('\'')";
    } else if (c == '[' || c == ']' || c == ':' || c == '\\') {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

std::string zsh_completion() {
  std::string verbs;
  std::string cases;
  std::string globals;
  for (const GlobalOption& option : global_options()) {
    globals += fmt::format(" '{}[{}]'", option.name, zsh_text(option.what));
  }
  for (const VerbDefinition& verb : verb_definitions()) {
    verbs += fmt::format("    '{}:{}'\n", verb.name, zsh_text(verb_help(verb.name).summary));
    std::string options;
    for (const OptionDefinition& option : verb.options) {
      std::string value;
      if (!option.choices.empty()) {
        value = fmt::format(":{}:({})", zsh_text(option.word), joined(option.choices));
      } else if (!option.word.empty()) {
        value = fmt::format(":{}:{}", zsh_text(option.word), is_path(option.word) ? "_files" : " ");
      }
      options += fmt::format(" \\\n        '{}[{}]{}'", option.name, zsh_text(option.what), value);
    }
    cases += fmt::format("    {})\n      _arguments $globals{} \\\n        '*:file:_files' ;;\n", verb.name, options);
  }
  return fmt::format(R"sh(#compdef carnet
# zsh completion of carnet, made by `carnet --describe zsh`
_carnet() {{
  local -a verbs globals
  local verb word
  verbs=(
{}  )
  globals=({})
  for word in ${{words[2,CURRENT-1]}}; do
    [[ $word == -* ]] || {{ verb=$word; break }}
  done
  case $verb in
    '')
      _describe -t verbs verb verbs
      _arguments $globals ;;
{}  esac
}}
_carnet "$@"
)sh",
                     verbs, globals, cases);
}

// ---- man ----

std::string roff(std::string_view text) {
  std::string out;
  bool begins_line = true;
  for (const char c : text) {
    if (begins_line && (c == '.' || c == '\'')) {
      out += "\\&";
    }
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    begins_line = c == '\n';
  }
  return out;
}

std::string man_page() {
  std::string out = fmt::format(R"(.TH CARNET 1 "" "carnet {}"
.ad l
.nh
.SH NAME
carnet \- the ledger of a vehicle rental
.SH SYNOPSIS
.B carnet
.RB [ \-\-json ]
.RB [ \-\-accept\-clock ]
.I VERB LEDGER
\&...
.SH DESCRIPTION
{}
.SH OPTIONS
)",
                                CARNET_VERSION, roff(kProgramSummary));
  for (const GlobalOption& option : global_options()) {
    out += fmt::format(".TP\n.B {}\n{}\n", roff(option.name), roff(option.what));
  }
  out += ".SH VERBS\n";
  for (const VerbDefinition& verb : verb_definitions()) {
    const VerbHelp& help = verb_help(verb.name);
    out += fmt::format(".SS carnet {} {}\n{}\n", roff(verb.name), roff(help.usage), roff(help.what));
    for (const OptionDefinition& option : verb.options) {
      out += fmt::format(".TP\n.B {}{}\n{}\n", roff(option.name),
                         option.word.empty() ? "" : fmt::format(" \\fI{}\\fR", roff(option.word)), roff(option.what));
    }
    out += fmt::format(".PP\nExample:\n.nf\n    {}\n.fi\n", roff(help.example));
  }
  return out + fmt::format(".SH EXIT STATUS\n{}\n", roff(kExitCodes));
}

}  // namespace

std::string description(std::string_view form) {
  if (form == "bash") {
    return bash_completion();
  }
  if (form == "zsh") {
    return zsh_completion();
  }
  return form == "man" ? man_page() : rental::reference_page(form);
}

}  // namespace carnet::tool
