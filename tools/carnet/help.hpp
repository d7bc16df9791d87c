// SPDX-License-Identifier: Apache-2.0
//
// Words of `--help`.
#pragma once

#include <string_view>

namespace carnet::tool {

struct VerbHelp {
  std::string_view usage;    ///< Behind `carnet VERB`.
  std::string_view what;     ///< What it does, in whole sentences.
  std::string_view example;  ///< A command that works as it stands.
};

[[nodiscard]] std::string_view general_help();
/// Requires: a verb of this version.
[[nodiscard]] const VerbHelp& verb_help(std::string_view verb);
/// True for verbs that the contract names and a later version brings.
[[nodiscard]] bool is_later_verb(std::string_view word);

}  // namespace carnet::tool
