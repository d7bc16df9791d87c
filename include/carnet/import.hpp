// SPDX-License-Identifier: Apache-2.0
//
// Import and export of NDJSON by the contract of the command line: one commit a line (docs/reference/command-line.md).
// Stability: stable.
#pragma once

#include <carnet/ledger.hpp>

#include <cstdint>
#include <functional>
#include <istream>
#include <ostream>
#include <stop_token>
#include <string>

namespace carnet {

enum class OnRefusal : std::uint8_t { kStop, kSkip };

struct ImportOptions {
  std::string source_name;  ///< For lines without `source`: the file's base name, or `stdin`.
  OnRefusal on_refusal = OnRefusal::kStop;
  bool dry_run = false;
  std::ostream* results = nullptr;  ///< One JSON object a line.
  std::function<void(std::uint64_t lines, std::uint64_t bytes)> progress;
  std::stop_token stop;
};

struct ImportSummary {
  std::uint64_t lines = 0;
  std::uint64_t commits = 0;
  std::uint64_t events = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t refused = 0;
  std::uint64_t rejected = 0;
  std::uint64_t last_position = 0;
  bool stopped = false;       ///< Ended at the first refused or rejected line, or by the stop token.
  std::string first_problem;  ///< `line 7: events[0].data.amount: BadValue: …`; empty: none.
};

/// Appends every line of `in`. Resumable: lines that landed before are duplicates. Lines are read and prepared beside
/// the sequencer's work. Errors: those of Ledger::append; a bad line is no error.
[[nodiscard]] Result<ImportSummary> import_ndjson(Ledger& ledger, std::istream& in, const ImportOptions& options);

/// Writes every commit but the genesis as an import line. Errors: kInvalidArgument `SealedFields` when an event holds
/// personal fields that cannot be opened.
[[nodiscard]] Result<std::uint64_t> export_ndjson(View& view, std::ostream& out, std::stop_token stop);

}  // namespace carnet
