// SPDX-License-Identifier: Apache-2.0
//
// Both balances are worked out as copies and stored together, so that a fault leaves no half of a transfer behind.
#include "model/ledger_model.hpp"

#include "base/check.hpp"

namespace carnet {

std::string_view to_string(Phase phase) noexcept {
  switch (phase) {
    case Phase::kPosted:
      return "posted";
    case Phase::kPending:
      return "pending";
    case Phase::kVoided:
      return "voided";
  }
  return "unknown";
}

std::string_view to_string(NormalSide side) noexcept {
  switch (side) {
    case NormalSide::kDebit:
      return "debit";
    case NormalSide::kCredit:
      return "credit";
  }
  return "unknown";
}

std::string_view to_string(AccountLimit limit) noexcept {
  switch (limit) {
    case AccountLimit::kNone:
      return "none";
    case AccountLimit::kDebitsWithinCredits:
      return "debitsWithinCredits";
    case AccountLimit::kCreditsWithinDebits:
      return "creditsWithinDebits";
  }
  return "unknown";
}

}  // namespace carnet

namespace carnet::model {

namespace {

/// Negative exactly when one of the columns is.
std::int64_t any_negative(const Balance& balance) noexcept {
  return balance.pending_debits | balance.pending_credits | balance.posted_debits | balance.posted_credits;
}

/// Sum of two columns: below 2^64, because each is below 2^63.
std::uint64_t column_sum(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b);
}

TransferFault move_column(std::int64_t& debit_column, std::int64_t& credit_column, std::int64_t amount,
                          Phase phase) noexcept {
  if (phase == Phase::kVoided) {
    debit_column -= amount;
    credit_column -= amount;
    return debit_column < 0 || credit_column < 0 ? TransferFault::kPendingNegative : TransferFault::kNone;
  }
  const bool overflow = __builtin_add_overflow(debit_column, amount, &debit_column) ||
                        __builtin_add_overflow(credit_column, amount, &credit_column);
  return overflow ? TransferFault::kOverflow : TransferFault::kNone;
}

}  // namespace

std::string_view to_string(TransferFault fault) noexcept {
  switch (fault) {
    case TransferFault::kNone:
      return "";
    case TransferFault::kAmountNotPositive:
      return "AmountNotPositive";
    case TransferFault::kUnitMismatch:
      return "CurrencyMismatch";
    case TransferFault::kSameAccount:
      return "SameAccount";
    case TransferFault::kOverflow:
      return "Overflow";
    case TransferFault::kPendingNegative:
      return "PendingNegative";
    case TransferFault::kLimitExceededDebit:
    case TransferFault::kLimitExceededCredit:
      return "LimitExceeded";
  }
  return "";
}

bool within_limit(const Balance& balance, AccountLimit limit) noexcept {
  switch (limit) {
    case AccountLimit::kNone:
      return true;
    case AccountLimit::kDebitsWithinCredits:
      return column_sum(balance.pending_debits, balance.posted_debits) <=
             static_cast<std::uint64_t>(balance.posted_credits);
    case AccountLimit::kCreditsWithinDebits:
      return column_sum(balance.pending_credits, balance.posted_credits) <=
             static_cast<std::uint64_t>(balance.posted_debits);
  }
  CARNET_REQUIRE(false, "an account limit is one of its enumerators");
  return false;
}

// NOLINTNEXTLINE(readability-function-size): these six are what a transfer is.
TransferFault apply_transfer(Balance& debit, AccountLimit debit_limit, Balance& credit, AccountLimit credit_limit,
                             std::int64_t amount, Phase phase) noexcept {
  if (amount <= 0) {
    return TransferFault::kAmountNotPositive;
  }
  if (&debit == &credit) {
    return TransferFault::kSameAccount;
  }
  CARNET_REQUIRE((any_negative(debit) | any_negative(credit)) >= 0, "I-M14: no column is negative");
  Balance debit_after = debit;
  Balance credit_after = credit;
  TransferFault fault = TransferFault::kNone;
  switch (phase) {
    case Phase::kPosted:
      fault = move_column(debit_after.posted_debits, credit_after.posted_credits, amount, phase);
      break;
    case Phase::kPending:
    case Phase::kVoided:
      fault = move_column(debit_after.pending_debits, credit_after.pending_credits, amount, phase);
      break;
    default:
      CARNET_REQUIRE(false, "a phase is one of its enumerators");
  }
  if (fault != TransferFault::kNone) {
    return fault;
  }
  if (!within_limit(debit_after, debit_limit)) {
    return TransferFault::kLimitExceededDebit;
  }
  if (!within_limit(credit_after, credit_limit)) {
    return TransferFault::kLimitExceededCredit;
  }
  debit = debit_after;
  credit = credit_after;
  return TransferFault::kNone;
}

}  // namespace carnet::model
