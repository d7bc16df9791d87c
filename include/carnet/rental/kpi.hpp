// SPDX-License-Identifier: Apache-2.0
//
// KPIs of a rental ledger (DOMAIN.md §5): exact rationals over a window of the local calendar, as known at a position.
// They read tables, never the log: a window costs what lies in it. Stability: experimental until the domain is
// complete.
#pragma once

#include <carnet/ledger.hpp>
#include <carnet/money.hpp>
#include <carnet/result.hpp>
#include <carnet/time.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet {

enum class WindowKind : std::uint8_t { kWeek, kMonth, kQuarter, kHalfYear, kYear, kCustom };

/// Days [first, end) of the local calendar of `zone`: instants from the first moment of `first` to that of `end`.
struct KpiWindow {
  WindowKind kind = WindowKind::kMonth;
  LocalDate first;
  LocalDate end;
  std::string zone;  ///< IANA name.
};

// Threads: any, for the functions about windows.

/// Reads `2026-W40` (ISO week, from Monday), `2026-09`, `2026-Q3`, `2026-H2`, `2026`, or `2026-09-01..2026-09-15` (its
/// last day excluded). Errors: kInvalidArgument `BadWindow` (also for years outside 1678 … 2261), `ZoneUnknown`.
[[nodiscard]] Result<KpiWindow> parse_window(std::string_view text, std::string_view zone);
/// The window of a kind that holds a day; of kCustom: that day. Errors: as parse_window.
[[nodiscard]] Result<KpiWindow> window_of(WindowKind kind, LocalDate day, std::string_view zone);
/// The window before it, of the same kind; of kCustom: as many days. Errors: kInvalidArgument `BadWindow`.
[[nodiscard]] Result<KpiWindow> previous_window(const KpiWindow& window);
/// As parse_window reads it.
[[nodiscard]] std::string to_text(const KpiWindow& window);
/// The local day of a time. Errors: kInvalidArgument `ZoneUnknown`.
[[nodiscard]] Result<LocalDate> local_day(Timestamp time, std::string_view zone);

/// A KPI that can be asked for.
struct KpiInfo {
  std::string_view id;       ///< `K-05.p50`; of DOMAIN.md's K-05. Static text.
  std::string_view name;     ///< English. Static text.
  std::string_view name_zh;  ///< Chinese. Static text.
  std::string_view unit;     ///< `share`, `s`, `per100`, `minor` (of the value's currency). Static text.
};

/// All of them, in order of ids. Lives until exit.
[[nodiscard]] std::span<const KpiInfo> kpi_catalogue();

struct KpiQuery {
  std::vector<std::string> ids;  ///< `K-05.p50`, or `K-05` for all of it; empty: every KPI.
  KpiWindow window;
  std::optional<std::uint64_t> known_at;  ///< Only what is known at this position; default: at the view's.
  bool include_history = false;
};

/// numerator / denominator, exact. Of K-16 a sum: denominator 1.
struct KpiValue {
  std::string_view id;  ///< Static text.
  std::string slice;    ///< Business line (K-08), kind of revenue (K-16.revenue); else empty.
  Currency currency;    ///< K-16.
  std::int64_t numerator = 0;
  std::int64_t denominator = 0;  ///< 0: there is no value.
  std::uint64_t n = 0;           ///< How many things the value is of; of K-16: transfers.
  std::uint64_t aside =
      0;  ///< Counted aside: K-05 closed unsatisfied, K-07 complaints without an order, K-11 released early.

  [[nodiscard]] bool is_null() const noexcept { return denominator == 0; }

  friend bool operator==(const KpiValue&, const KpiValue&) = default;
};

/// Values in the order of the catalogue; K-08 one a business line, K-16 one a currency (and kind of revenue), in the
/// order of their texts, with zeros in the ledger's own where nothing was moved.
///
/// Requires:  the view's ledger is of rental_domain().
/// Errors:    kInvalidArgument `KpiUnknown`, `ZoneUnknown`, `BadWindow`, `Overflow`; those of the view.
/// Cost:      what lies in the window; balances (K-16.frozen, K-16.held) one look-up a day from the first one on; with
///            `known_at`, also what was returned since.
/// Threads:   as the view.
[[nodiscard]] Result<std::vector<KpiValue>> compute_kpis(View& view, const KpiQuery& query);

/// IANA name that LedgerOpened gives; `UTC` where there is none.
[[nodiscard]] Result<std::string> business_zone(View& view);

}  // namespace carnet
