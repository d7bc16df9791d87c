// SPDX-License-Identifier: Apache-2.0
//
// Words of `--help`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace carnet::tool {

/// Where a verb stands in `carnet --help` and in the manual page.
enum class VerbGroup : std::uint8_t { kBegin, kLook, kCare };

struct VerbHelp {
  std::string_view name;
  VerbGroup group = VerbGroup::kLook;
  std::string_view summary;  ///< A few words.
  std::string_view usage;    ///< Behind `carnet VERB`.
  std::string_view what;     ///< What it does, in whole sentences.
  std::string_view example;  ///< A command that works as it stands.
};

inline constexpr std::string_view kProgramSummary =
    "Carnet keeps the ledger of a vehicle rental: every event, the books that follow from it, and the proof that "
    "nothing\nwas altered. LEDGER is its folder.";
inline constexpr std::string_view kExitCodes =
    "0 done; 1 refused, not found or verification failed; 2 wrong command line; 3 storage, corruption, or another\n"
    "process holds the ledger.";

struct GlobalOption {
  std::string_view name;
  std::string_view what;
};

[[nodiscard]] std::span<const GlobalOption> global_options();
/// In the order of `carnet --help`.
[[nodiscard]] std::span<const VerbHelp> all_verb_help();
[[nodiscard]] std::string_view group_title(VerbGroup group);

[[nodiscard]] std::string general_help();
/// Requires: a verb of this version.
[[nodiscard]] const VerbHelp& verb_help(std::string_view verb);
/// True for verbs that the contract names and a later version brings.
[[nodiscard]] bool is_later_verb(std::string_view word);

}  // namespace carnet::tool
