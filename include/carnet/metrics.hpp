// SPDX-License-Identifier: Apache-2.0
//
// Metrics in the text format of Prometheus, for a host's own /metrics page (docs/operating/metrics.md lists them).
// Stability: a metric that is listed there keeps its name, type and unit; others may come and go.
#pragma once

#include <carnet/ledger.hpp>
#include <carnet/result.hpp>

#include <span>
#include <string>

namespace carnet {

struct MetricsSource {
  Ledger* ledger = nullptr;
  std::string name;  ///< Value of the label `ledger`; empty: the ledger's id in hex. No personal data.
};

/// All figures of Ledger::stats() of these ledgers as one page: text format 0.0.4, one HELP and TYPE a metric, lines
/// ending with a line feed. Counters begin at 0 with each opening.
///
/// Requires: no two sources have the same name.
/// Errors:   those of Ledger::stats().
/// Threads:  any, beside appends; takes no lock that an append waits for longer than a read of its counters.
/// Cost:     some RocksDB properties a ledger: a scrape every second is fine.
[[nodiscard]] Result<std::string> prometheus_text(std::span<const MetricsSource> sources);
[[nodiscard]] Result<std::string> prometheus_text(Ledger& ledger);

}  // namespace carnet
