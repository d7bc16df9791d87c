// SPDX-License-Identifier: Apache-2.0
//
// One ledger that grows, measured on its way: does a rate depend on what is there already?
#pragma once

#include "plot.hpp"
#include "report.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace bench {

struct Growth {
  std::vector<Row> rows;      ///< At 1 M, 10 M, 100 M … events, and at the end.
  std::vector<Curve> curves;  ///< Events/s of appending, of rebuilding with one thread and with two.
};

/// Appends `events` in batches to a new ledger in `folder`, twenty steps a factor of ten; at each power of ten from
/// 100,000 on, and at the end, it is closed, opened, and all its projections are rebuilt with one thread and with two.
[[nodiscard]] Growth grow(const std::filesystem::path& folder, std::uint64_t events);

}  // namespace bench
