// SPDX-License-Identifier: Apache-2.0
//
// Verb balances: the trial balance.
#include "books.hpp"
#include "json.hpp"
#include "table.hpp"
#include "verbs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace carnet::tool {

namespace {

using Rows = std::vector<BalanceRow>;

Result<Rows> head_balances(View& view, std::string_view account) {
  Rows rows;
  for (std::uint32_t ordinal = 1; ordinal <= view.account_count(); ++ordinal) {
    CARNET_TRY(AccountState state, view.account(ordinal));
    if (!account.empty() && !is_at_or_below(state.path, account)) {
      continue;
    }
    BalanceRow row;
    row.account = std::move(state.path);
    row.chart = std::move(state.chart);
    row.unit = state.unit;
    row.balance = state.balance;
    rows.push_back(std::move(row));
  }
  std::ranges::sort(rows, [](const BalanceRow& a, const BalanceRow& b) {
    return std::tuple(std::string_view(a.account), a.unit.code()) <
           std::tuple(std::string_view(b.account), b.unit.code());
  });
  return rows;
}

[[nodiscard]] Status add_to(Balance& sum, const Balance& more) {
  for (const auto column :
       {&Balance::pending_debits, &Balance::pending_credits, &Balance::posted_debits, &Balance::posted_credits}) {
    const auto added = checked_add(sum.*column, more.*column);
    if (!added) {
      return Error(ErrorCode::kCorruption, "SumTooLarge",
                   "the sum of the accounts leaves 64 bits: ask for single accounts");
    }
    sum.*column = *added;
  }
  return {};
}

/// Part of `a` that `b` shares, cut where a name of a path ends.
std::string common_path(std::string_view a, std::string_view b) {
  const auto parted = std::ranges::mismatch(a, b);
  auto size = static_cast<std::size_t>(parted.in1 - a.begin());
  if (size == a.size() && (size == b.size() || b[size] == '/')) {
    return std::string(a);
  }
  size = a.substr(0, size).rfind('/');
  return std::string(size == std::string_view::npos ? std::string_view() : a.substr(0, size));
}

/// Rows of the chart in the order of the accounts; `account` becomes the path that a row's accounts share.
Result<Rows> group_by_chart(const Rows& rows) {
  Rows out;
  std::map<std::pair<std::string, std::uint32_t>, std::size_t> places;
  for (const BalanceRow& row : rows) {
    const auto [place, is_new] = places.try_emplace({row.chart, row.unit.packed()}, out.size());
    if (is_new) {
      out.push_back(row);
      continue;
    }
    BalanceRow& sum = out[place->second];
    sum.account = common_path(sum.account, row.account);
    ++sum.accounts;
    CARNET_TRY_VOID(add_to(sum.balance, row.balance));
  }
  return out;
}

void print_json(const Session& session, const Rows& rows, BalancesBy by) {
  std::string json;
  for (const BalanceRow& row : rows) {
    json.clear();
    JsonObject object(json);
    if (by == BalancesBy::kMonth) {
      object.text("month", row.month);
    }
    if (by == BalancesBy::kChart) {
      object.text("chart", row.chart).number("accounts", row.accounts);
    }
    object.text("account", row.account)
        .text("currency", row.unit.code())
        .number("pendingDebits", row.balance.pending_debits)
        .number("pendingCredits", row.balance.pending_credits)
        .number("postedDebits", row.balance.posted_debits)
        .number("postedCredits", row.balance.posted_credits)
        .end();
    session.out.json_line(json);
  }
}

/// Pending columns stand in the table only where something is pending.
class BalanceTable {
 public:
  BalanceTable(const Session& session, BalancesBy by, bool has_pending)
      : by_(by), has_pending_(has_pending), table_(session.out, columns(by, has_pending)) {}

  void add(const BalanceRow& row) { print(row, row.month, row.account); }

  [[nodiscard]] Status total(const Rows& rows) {
    std::map<std::string, BalanceRow> sums;
    for (const BalanceRow& row : rows) {
      BalanceRow& sum = sums[row.unit.code()];
      sum.unit = row.unit;
      sum.accounts += row.accounts;
      CARNET_TRY_VOID(add_to(sum.balance, row.balance));
    }
    table_.rule();
    for (auto& [code, sum] : sums) {
      --sum.accounts;  // a row counts for one before anything is added
      print(sum, "", "total");
    }
    return {};
  }

  bool finish() { return table_.finish(); }

 private:
  static std::vector<Column> columns(BalancesBy by, bool has_pending) {
    std::vector<Column> out;
    if (by == BalancesBy::kMonth) {
      out.push_back({"month"});
    }
    if (by == BalancesBy::kChart) {
      out.push_back({"chart"});
    }
    out.push_back({"account", base::Align::kLeft, true, true});
    if (by == BalancesBy::kChart) {
      out.push_back({"accounts", base::Align::kRight});
    }
    if (has_pending) {
      out.push_back({"pending debits", base::Align::kRight});
      out.push_back({"pending credits", base::Align::kRight});
    }
    out.push_back({"posted debits", base::Align::kRight});
    out.push_back({"posted credits", base::Align::kRight});
    out.push_back({"currency"});
    return out;
  }

  void print(const BalanceRow& row, const std::string& month, const std::string& account) {
    std::vector<std::string> cells;
    if (by_ == BalancesBy::kMonth) {
      cells.push_back(month);
    }
    if (by_ == BalancesBy::kChart) {
      cells.push_back(row.chart);
    }
    cells.push_back(account);
    if (by_ == BalancesBy::kChart) {
      cells.push_back(count_text(row.accounts));
    }
    if (has_pending_) {
      cells.push_back(number_text({row.balance.pending_debits, row.unit}));
      cells.push_back(number_text({row.balance.pending_credits, row.unit}));
    }
    cells.push_back(number_text({row.balance.posted_debits, row.unit}));
    cells.push_back(number_text({row.balance.posted_credits, row.unit}));
    cells.push_back(row.unit.code());
    table_.row(std::move(cells));
  }

  BalancesBy by_;
  bool has_pending_;
  Table table_;
};

/// Chart rows of folded accounts: a path has the same one whatever its balance is.
Status name_charts(View& view, Rows& rows) {
  for (BalanceRow& row : rows) {
    CARNET_TRY(const auto state, view.account(row.account, row.unit));
    row.chart = state ? state->chart : std::string();
  }
  return {};
}

/// An account of several currencies has a row each, which stay together behind --after.
Status take_page(Rows& rows, const BalancesCommand& command) {
  if (!command.after.empty()) {
    if (std::ranges::find(rows, command.after, &BalanceRow::account) == rows.end()) {
      return Error(ErrorCode::kNotFound, "AfterUnknown", "no account has the path that the list begins after",
                   {{"account", command.after}});
    }
    std::erase_if(rows, [&](const BalanceRow& row) { return row.account <= command.after; });
  }
  if (command.limit > 0 && rows.size() > command.limit) {
    rows.resize(command.limit);
  }
  return {};
}

Result<Rows> balances(const Session& session, View& view, const BalancesCommand& command) {
  if (command.by != BalancesBy::kMonth && !command.as_of && !command.known_at) {
    return head_balances(view, command.account);
  }
  CARNET_TRY(Zone zone, zone_for(session, view, command.zone));
  FoldOptions options;
  options.account = command.account;
  options.by_month = command.by == BalancesBy::kMonth;
  options.known_at = std::numeric_limits<std::uint64_t>::max() - 1;
  if (command.as_of) {
    options.as_of = last_of(*command.as_of, zone);
  }
  if (command.known_at) {
    CARNET_TRY(options.known_at, position_known_at(view, *command.known_at, zone));
  }
  CARNET_TRY(Rows rows, fold_balances(session, view, zone, options));
  if (command.by == BalancesBy::kChart) {
    CARNET_TRY_VOID(name_charts(view, rows));
  }
  return rows;
}

}  // namespace

Result<Exit> run(const Session& session, const BalancesCommand& command) {
  CARNET_TRY(const Ledger::Opened opened, open_for_reading(session));
  CARNET_TRY(const std::unique_ptr<View> view, opened.ledger->view());
  CARNET_TRY(Rows rows, balances(session, *view, command));
  if (command.by == BalancesBy::kChart) {
    CARNET_TRY(rows, group_by_chart(rows));
  }
  CARNET_TRY_VOID(take_page(rows, command));
  if (session.json()) {
    print_json(session, rows, command.by);
    return Exit::kDone;
  }
  const bool has_pending = std::ranges::any_of(
      rows, [](const BalanceRow& row) { return row.balance.pending_debits != 0 || row.balance.pending_credits != 0; });
  BalanceTable table(session, command.by, has_pending);
  for (const BalanceRow& row : rows) {
    table.add(row);
  }
  if (!rows.empty() && command.after.empty() && command.limit == 0) {
    CARNET_TRY_VOID(table.total(rows));
  }
  if (!table.finish()) {
    session.console.say(fmt::format("{} {}: no account {}", session.verb, session.ledger.string(),
                                    command.account.empty() ? "has a transfer" : "matches"));
  }
  return Exit::kDone;
}

}  // namespace carnet::tool
