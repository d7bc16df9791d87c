// SPDX-License-Identifier: Apache-2.0
//
// Postings over all that stands on an account: merge (PR-31), unclaimed balances (PR-96).
#include "rental/accounts_read.hpp"
#include "rental/money.hpp"

#include <carnet/schema/account.capnp.h>

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace carnet::rental {

namespace {

AccountSpec spec_of(const RuleBook& book, Symbol chart, std::string_view path) {
  const ChartRow& row = book.chart(book.symbols()[chart]);
  return {.path = path, .chart = chart, .normal = row.normal, .limit = row.limit};
}

bool is_deposit(const RuleBook& book, Symbol chart) {
  return chart == book.symbol("L1") || chart == book.symbol("L2");
}

}  // namespace

Check Poster::post_merged(Plans rows) {
  if (!in_kinds(rows.front().row->kinds, facts_.kind)) {
    return std::nullopt;
  }
  const std::string from = fmt::format("/account/{}", facts_.absorbed);
  for (const PartyMoney& each : money_of(decision_, facts_.absorbed)) {
    const LedgerAccount& account = each.account;
    const std::int64_t net = posted_net(account.balance, NormalSide::kDebit);
    if (is_deposit(book_, account.chart) || net == 0) {
      continue;  // Deposits bear no party's name.
    }
    std::string path = account.path;
    path.replace(path.find(from), from.size(), fmt::format("/account/{}", facts_.surviving));
    const AccountSpec theirs = spec_of(book_, account.chart, account.path);
    const AccountSpec ours = spec_of(book_, account.chart, path);
    const Money amount{.minor = net > 0 ? net : -net, .currency = account.unit};
    if (Check no = context_.transfer(net > 0 ? ours : theirs, net > 0 ? theirs : ours, amount, Phase::kPosted,
                                     rows.front().rule)) {
      return no;
    }
  }
  return std::nullopt;
}

Check Poster::post_unclaimed(Plans rows) {
  using From = schema::UnclaimedBalanceTransferred::From;
  const auto which = static_cast<From>(facts_.kind);
  const Symbol chart = book_.symbol(which == From::CUSTOMER_CREDIT  ? "L3"
                                    : which == From::REFUND_PAYABLE ? "L4"
                                                                    : "L6");
  std::string path;
  AccountSpec unclaimed;
  if (!resolve(rows.front().row->credit, rows.front().credit, {}, path, unclaimed)) {
    return decision_.refusal("§4.1", "FieldMissing", "data.jurisdiction", {.message = "state the jurisdiction"});
  }
  std::int64_t rest = facts_.amount ? facts_.amount->minor : 0;
  for (const PartyMoney& each : money_of(decision_, facts_.account_id)) {
    const LedgerAccount& account = each.account;
    if (account.chart != chart || account.unit != currency()) {
      continue;
    }
    const std::int64_t part = std::min(rest, posted_net(account.balance, NormalSide::kCredit));
    if (part <= 0) {
      continue;
    }
    rest -= part;
    if (Check no =
            context_.transfer(spec_of(book_, chart, account.path), unclaimed,
                              Money{.minor = part, .currency = account.unit}, Phase::kPosted, rows.front().rule)) {
      return no;
    }
  }
  if (rest > 0) {
    return decision_.refusal(
        "PR-96", "AmountExceedsBalance", "data.amount",
        {.message = "less stands there than is to be transferred", .values = {{"missing", minor_text(rest)}}});
  }
  return std::nullopt;
}

}  // namespace carnet::rental
