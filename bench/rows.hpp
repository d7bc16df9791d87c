// SPDX-License-Identifier: Apache-2.0
//
// Rows of the table that need ledgers of their own; the others are in carnet_bench.cpp.
#pragma once

#include "report.hpp"
#include "workload.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace bench {

/// Appends `events` to the ledger in `folder` in a process of its own, which dies without closing it and without a
/// checkpoint; then opens it. Needs the program's own path, to start it again with `--append-and-die`.
[[nodiscard]] Row open_after_crash(const std::filesystem::path& folder, std::uint64_t events);

/// What that process does. Never returns.
[[noreturn]] void append_and_die(const std::filesystem::path& folder, std::uint64_t events);

/// Appends of which three of ten carry a sealed field, against the same with the field absent.
[[nodiscard]] Row sealing(const std::filesystem::path& folder, std::uint64_t events);

/// Most memory that this process ever had resident.
[[nodiscard]] Row peak_memory();

}  // namespace bench
