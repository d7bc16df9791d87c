// SPDX-License-Identifier: Apache-2.0
#include "books.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace carnet::tool {

namespace {

constexpr std::uint64_t kProgressStep = 4096;

Error overflow(std::string_view account) {
  return {ErrorCode::kCorruption,
          "LogDamaged",
          "the transfers of an account leave 64 bits: verify the ledger",
          {{"account", std::string(account)}}};
}

/// What a transfer adds to a column; a void takes from the pending ones.
struct Move {
  std::int64_t Balance::*debit = nullptr;
  std::int64_t Balance::*credit = nullptr;
  bool is_taken = false;
};

Move move_of(Phase phase) {
  if (phase == Phase::kPosted) {
    return {&Balance::posted_debits, &Balance::posted_credits};
  }
  return {&Balance::pending_debits, &Balance::pending_credits, phase == Phase::kVoided};
}

class Fold {
 public:
  Fold(View& view, Zone& zone, const FoldOptions& options) : view_(view), zone_(zone), options_(options) {}

  [[nodiscard]] Status add(const Event& event) {
    if (event.transfers.empty()) {
      return {};
    }
    if (options_.as_of) {
      CARNET_TRY(const Timestamp time, effective_time(view_, event));
      if (time > *options_.as_of) {
        return {};
      }
    }
    const std::string month = options_.by_month ? zone_.month(event.booked_at) : std::string();
    for (const TransferView& transfer : event.transfers) {
      const Move move = move_of(transfer.phase);
      CARNET_TRY_VOID(add(month, transfer.debit, transfer, move.debit, move.is_taken));
      CARNET_TRY_VOID(add(month, transfer.credit, transfer, move.credit, move.is_taken));
    }
    return {};
  }

  [[nodiscard]] std::vector<BalanceRow> take() {
    std::vector<BalanceRow> out;
    out.reserve(rows_.size());
    for (auto& [key, balance] : rows_) {
      const auto& [month, account, unit] = key;
      BalanceRow row;
      row.month = month;
      row.account = account;
      row.unit = unit_of(unit);
      row.balance = balance;
      out.push_back(std::move(row));
    }
    return out;
  }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // month, account, unit

  static Currency unit_of(std::string_view code) {
    auto currency = Currency::parse(code);
    return currency ? *currency : Currency();
  }

  Status add(const std::string& month, std::string_view account, const TransferView& transfer,
             std::int64_t Balance::*column, bool is_taken) {
    if (!options_.account.empty() && !is_at_or_below(account, options_.account)) {
      return {};
    }
    std::int64_t& value = rows_[Key(month, account, transfer.unit)].*column;
    const auto sum = is_taken ? checked_sub(value, transfer.amount) : checked_add(value, transfer.amount);
    if (!sum) {
      return overflow(account);
    }
    value = *sum;
    return {};
  }

  View& view_;
  Zone& zone_;
  const FoldOptions& options_;
  std::map<Key, Balance> rows_;
};

}  // namespace

bool is_at_or_below(std::string_view path, std::string_view account) {
  while (account.ends_with('/')) {
    account.remove_suffix(1);
  }
  return path.starts_with(account) && (path.size() == account.size() || path[account.size()] == '/');
}

Result<Timestamp> effective_time(View& view, const Event& event) {
  Timestamp time = event.occurred_at;
  std::uint64_t original = event.corrects.kind == CorrectionKind::kNone ? 0 : event.corrects.position;
  while (original != 0) {
    ReadOptions options;
    options.after = original - 1;
    options.limit = 1;
    const std::uint64_t wanted = original;
    original = 0;
    CARNET_TRY_VOID(for_each_event(view, {}, options, [&](const Event& found) -> Result<bool> {
      if (found.position == wanted) {
        time = found.occurred_at;
        original = found.corrects.kind == CorrectionKind::kNone ? 0 : found.corrects.position;
      }
      return false;
    }));
  }
  return time;
}

Result<std::vector<BalanceRow>> fold_balances(const Session& session, View& view, Zone& zone,
                                              const FoldOptions& options) {
  Fold fold(view, zone, options);
  Progress progress(session.console, "balances", "events");
  const std::uint64_t last = std::min(options.known_at, view.position());
  ReadOptions read;
  read.before = last + 1;
  read.stop = session.stop;
  const auto take = [&](const Event& event) -> Result<bool> {
    CARNET_TRY_VOID(fold.add(event));
    if (event.position % kProgressStep == 0) {
      progress.update(event.position, last, event.position);
    }
    return true;
  };
  CARNET_TRY_VOID(for_each_event(view, {}, read, take));
  return fold.take();
}

}  // namespace carnet::tool
