// SPDX-License-Identifier: Apache-2.0
//
// The command line described for others than people at a prompt: shell completion and the manual page, made from the
// definitions that parsing and `--help` use.
#pragma once

#include <string>
#include <string_view>

namespace carnet::tool {

/// `form`: `bash`, `zsh` (scripts for completion), `man` (roff), or a page of the rental domain's reference (Markdown).
/// Empty for any other.
[[nodiscard]] std::string description(std::string_view form);

}  // namespace carnet::tool
