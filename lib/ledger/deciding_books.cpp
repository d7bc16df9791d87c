// SPDX-License-Identifier: Apache-2.0
//
// The part of deciding that moves money: every law of the books that holds for every domain is checked here.
#include "base/check.hpp"
#include "ledger/deciding.hpp"
#include "model/ledger_model.hpp"

#include <fmt/format.h>

namespace carnet::ledger {

namespace {

struct FaultRule {
  std::string_view rule;
  std::string_view message;
};

FaultRule rule_of(model::TransferFault fault) {
  switch (fault) {
    case model::TransferFault::kNone:
      break;
    case model::TransferFault::kAmountNotPositive:
      return {"I-M2", "a transfer moves more than nothing"};
    case model::TransferFault::kUnitMismatch:
      return {"I-M3", "the account is kept in another currency"};
    case model::TransferFault::kSameAccount:
      return {"I-M1", "debit and credit are the same account"};
    case model::TransferFault::kOverflow:
      return {"I-M13", "the balance would leave 64 bits"};
    case model::TransferFault::kPendingNegative:
      return {"I-M14", "more would be voided than is pending"};
    case model::TransferFault::kLimitExceededDebit:
    case model::TransferFault::kLimitExceededCredit:
      return {"I-M14", "the account's limit would be broken: more is taken than is there, pending money counted"};
  }
  return {"I-M1", "the transfer is not balanced"};
}

}  // namespace

std::optional<Refusal> Deciding::account(const AccountSpec& spec, std::uint32_t unit, store::AccountEntry& out) {
  auto found = names_.find_account(spec.path, unit);
  if (!found) {
    error_ = std::move(found).error();
    return refuse("engine", "StorageFailed", "the catalog cannot be read");
  }
  if (*found) {
    out = **found;
    if (out.normal != spec.normal || out.limit != spec.limit) {
      Refusal refusal =
          refuse("I-M14", "AccountDiffers", "side and limit of a ledger account are fixed by its first use");
      refusal.values.push_back({"account", std::string(spec.path)});
      return refusal;
    }
    return std::nullopt;
  }
  const std::uint32_t chart = spec.chart == kForeignSymbol ? 0 : names_.code(spec.chart);
  out = names_.add_account(spec.path, unit, spec.normal, spec.limit, chart);
  put_account_row(rows_, out);
  return std::nullopt;
}

std::optional<Refusal> Deciding::move(std::uint32_t debit, std::uint32_t credit, std::int64_t amount,
                                      std::uint32_t unit, Phase phase, Symbol rule, std::string_view debit_path,
                                      std::string_view credit_path) {
  auto debit_row = rows_.get<AccountRow>(kAccountTable, debit - 1);
  auto credit_row = rows_.get<AccountRow>(kAccountTable, credit - 1);
  const Balance before_debit = debit_row.balance;
  const Balance before_credit = credit_row.balance;
  model::TransferFault fault = model::TransferFault::kNone;
  if (debit == credit) {
    fault = model::TransferFault::kSameAccount;
  } else if (debit_row.unit != unit || credit_row.unit != unit) {
    fault = model::TransferFault::kUnitMismatch;
  } else {
    fault = model::apply_transfer(debit_row.balance, static_cast<AccountLimit>(debit_row.limit), credit_row.balance,
                                  static_cast<AccountLimit>(credit_row.limit), amount, phase);
  }
  if (fault != model::TransferFault::kNone) {
    const FaultRule broken = rule_of(fault);
    Refusal refusal = refuse(broken.rule, model::to_string(fault), broken.message);
    const bool on_credit = fault == model::TransferFault::kLimitExceededCredit;
    const Balance& balance = on_credit ? before_credit : before_debit;
    refusal.values = {{"account", std::string(on_credit ? credit_path : debit_path)},
                      {"amount", fmt::to_string(amount)},
                      {"pendingDebits", fmt::to_string(balance.pending_debits)},
                      {"pendingCredits", fmt::to_string(balance.pending_credits)},
                      {"postedDebits", fmt::to_string(balance.posted_debits)},
                      {"postedCredits", fmt::to_string(balance.posted_credits)}};
    return refusal;
  }
  rows_.put(kAccountTable, debit - 1, debit_row);
  rows_.put(kAccountTable, credit - 1, credit_row);
  const std::uint32_t rule_code = rule == kForeignSymbol ? 0 : names_.code(rule);
  stored_transfers_.push_back({amount, debit, credit, rule_code, static_cast<std::uint16_t>(unit), phase});
  transfers_.push_back({.amount = amount,
                        .debit = debit,
                        .credit = credit,
                        .debit_chart = state_.symbol_of_code(debit_row.chart),
                        .credit_chart = state_.symbol_of_code(credit_row.chart),
                        .rule = rule,
                        .phase = phase,
                        .unit = state_.currency_of_unit(unit)});
  event_.transfers = transfers_;
  if (keep_drafts_) {
    transfer_drafts_.push_back({index_, std::string(debit_path), std::string(credit_path), amount,
                                state_.currency_of_unit(unit).code(), phase,
                                rule == kForeignSymbol ? std::string{} : std::string(state_.symbol_text(rule))});
  }
  return std::nullopt;
}

std::optional<Refusal> Deciding::transfer(const AccountSpec& debit, const AccountSpec& credit, Money amount,
                                          Phase phase, Symbol rule) {
  if (!amount.currency.is_known()) {
    return refuse("I-M3", "CurrencyMismatch", "the amount has no currency of ISO 4217");
  }
  const std::uint32_t unit = names_.unit(amount.currency);
  store::AccountEntry debit_entry;
  store::AccountEntry credit_entry;
  if (auto refusal = account(debit, unit, debit_entry)) {
    return refusal;
  }
  if (auto refusal = account(credit, unit, credit_entry)) {
    return refusal;
  }
  return move(debit_entry.ordinal, credit_entry.ordinal, amount.minor, unit, phase, rule, debit.path, credit.path);
}

std::optional<Refusal> Deciding::mirror(const AppliedTransfer& of) {
  const auto row = rows_.get<AccountRow>(kAccountTable, of.debit - 1);
  std::uint32_t debit = of.debit;
  std::uint32_t credit = of.credit;
  Phase phase = of.phase;
  switch (of.phase) {
    case Phase::kPosted:
      std::swap(debit, credit);
      break;
    case Phase::kPending:
      phase = Phase::kVoided;
      break;
    case Phase::kVoided:
      phase = Phase::kPending;
      break;
  }
  // Corrections are rare: both names are read, whether or not somebody asks for them.
  return move(debit, credit, of.amount, row.unit, phase, of.rule, account_path(debit), account_path(credit));
}

std::string Deciding::account_path(std::uint32_t ordinal) {
  if (ordinal <= state_.catalog->counts().accounts) {
    auto found = state_.catalog->account(ordinal);
    if (!found) {
      error_ = std::move(found).error();
      return {};
    }
    return std::move(found->first);
  }
  for (std::size_t i = 0; i < names_.count(); ++i) {
    const auto* pending = std::get_if<codec::AccountIntroduction>(&names_.at(i).what);
    if (pending != nullptr && names_.at(i).ordinal == ordinal) {
      return std::string(pending->path);
    }
  }
  return {};
}

LedgerAccount Deciding::ledger_account(std::uint32_t number) {
  const auto row = rows_.get<AccountRow>(kAccountTable, number - 1);
  return {.path = account_path(number),
          .chart = state_.symbol_of_code(row.chart),
          .unit = state_.currency_of_unit(row.unit),
          .balance = row.balance};
}

std::string Deciding::chain_name(std::uint32_t ordinal) {
  if (ordinal <= state_.catalog->counts().chains) {
    auto found = state_.catalog->chain_name(ordinal);
    if (!found) {
      error_ = std::move(found).error();
      return {};
    }
    return *std::move(found);
  }
  for (std::size_t i = 0; i < names_.count(); ++i) {
    const auto* pending = std::get_if<codec::ChainIntroduction>(&names_.at(i).what);
    if (pending != nullptr && names_.at(i).ordinal == ordinal) {
      return std::string(pending->name);
    }
  }
  return {};
}

}  // namespace carnet::ledger
