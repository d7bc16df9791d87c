// SPDX-License-Identifier: Apache-2.0
//
// Balances folded from the log's transfers: for a month, for a time, for what was known at a position. At the head the
// ledger has them ready.
#pragma once

#include "session.hpp"
#include "zone.hpp"

#include <carnet/books.hpp>
#include <carnet/ledger.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::tool {

/// True for the account itself and those below it.
[[nodiscard]] bool is_at_or_below(std::string_view path, std::string_view account);

struct BalanceRow {
  std::string month;  ///< `2024-01`; empty where rows are not by month.
  std::string account;
  std::string chart;
  Currency unit;
  Balance balance;  ///< Of a month: what was booked in it; a void makes pending columns smaller, below zero too.
  std::uint64_t accounts = 1;
};

struct FoldOptions {
  std::string account;  ///< Only this one and those below it; empty: all.
  bool by_month = false;
  std::optional<Timestamp> as_of;  ///< Only events whose effective time is at most this.
  std::uint64_t known_at = 0;      ///< Last position to look at.
};

/// When an event counts as of a time: a correction when what it corrects occurred, and so does a correction of a
/// correction.
[[nodiscard]] Result<Timestamp> effective_time(View& view, const Event& event);

/// Folds transfers, in order of position. The effective time of an event that corrects another is that of the other
/// (docs/architecture.md, "As of"). Rows in order of month, account, unit.
[[nodiscard]] Result<std::vector<BalanceRow>> fold_balances(const Session& session, View& view, Zone& zone,
                                                            const FoldOptions& options);

}  // namespace carnet::tool
