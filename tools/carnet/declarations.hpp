// SPDX-License-Identifier: Apache-2.0
//
// Every verb with its options, declared for CLI11.
#pragma once

#include "options.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>

namespace carnet::tool {

/// What the command line was read into; call `take` once, after parsing.
struct DeclaredVerbs {
  std::function<Command()> take;
};

/// Adds every verb to `app`, which must not outlive what is returned.
[[nodiscard]] DeclaredVerbs declare_verbs(CLI::App& app);

}  // namespace carnet::tool
