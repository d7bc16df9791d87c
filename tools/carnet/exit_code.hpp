// SPDX-License-Identifier: Apache-2.0
//
// Exit codes of `carnet`: part of the command line's contract (docs/reference/command-line.md).
#pragma once

#include <carnet/result.hpp>

#include <string_view>

namespace carnet::tool {

enum class Exit : int {
  kDone = 0,
  kNo = 1,     ///< Refused, not found, or verification failed.
  kUsage = 2,  ///< The command line itself is wrong.
  kWorld = 3,  ///< Storage, corruption, another process.
};

/// How a run ended without success, as exit code and as `outcome` of the JSON document.
struct Ending {
  Exit exit = Exit::kWorld;
  std::string_view outcome;
};

/// The one place that maps errors to exit codes.
[[nodiscard]] Ending ending_of(const Error& error);

}  // namespace carnet::tool
