// SPDX-License-Identifier: Apache-2.0
//
// What the fines file says of each fine, computed from its text alone: plain sums in cents, no events, no books, no
// library of ours. It shares nothing with the importer or the domain, so that agreeing with it means something.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace carnet::test {

struct OracleFine {
  std::int64_t fine = 0;
  std::int64_t expenses = 0;
  std::int64_t paid = 0;
  std::int64_t cancelled = 0;
  std::int64_t assigned = 0;

  [[nodiscard]] std::int64_t charged() const { return fine + expenses; }

  [[nodiscard]] std::int64_t net() const { return charged() - paid - cancelled - assigned; }

  [[nodiscard]] std::int64_t due() const { return net() > 0 ? net() : 0; }

  [[nodiscard]] std::int64_t overpaid() const { return net() < 0 ? -net() : 0; }
};

struct OracleResult {
  std::map<std::string, OracleFine> fines;
  std::uint64_t rows = 0;
  std::uint64_t impossible = 0;  ///< Payments of nothing: the only rows of the source that cannot be true.
};

/// Reads a `.csv` or `.csv.gz` whose fields hold no quotes. Requires: the source's header.
[[nodiscard]] OracleResult read_fines(const std::string& path);

}  // namespace carnet::test
