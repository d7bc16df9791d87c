// SPDX-License-Identifier: Apache-2.0
//
// The books as pure arithmetic (DESIGN §5): one transfer against two balances. Which transfers an event causes, and
// which accounts exist, is decided on higher floors.
#pragma once

#include <carnet/books.hpp>

#include <cstdint>
#include <string_view>

namespace carnet::model {

/// Why a transfer is refused. Persisted nowhere.
enum class TransferFault : std::uint8_t {
  kNone = 0,
  kAmountNotPositive,  ///< I-M2
  kUnitMismatch,  ///< I-M3: the accounts are kept in other units than the transfer; found by whoever knows the units.
  kSameAccount,   ///< Debit and credit are one account.
  kOverflow,      ///< I-M13: a column would leave 64 bits.
  kPendingNegative,      ///< I-M14: more is voided than is pending.
  kLimitExceededDebit,   ///< I-M14: the limit of the debited account.
  kLimitExceededCredit,  ///< I-M14: the limit of the credited account.
};

/// The name that a refusal carries: `AmountNotPositive`, `CurrencyMismatch`, `SameAccount`, `Overflow`,
/// `PendingNegative`, `LimitExceeded` (for both sides); empty for none.
[[nodiscard]] std::string_view to_string(TransferFault fault) noexcept;

/// Applies one transfer: posted adds `amount` to the posted debits of `debit` and the posted credits of `credit`,
/// pending to the pending columns, voided takes from them. Limits are checked on the balances after it, the debited
/// account first. On a fault both balances are as before.
///
/// Requires: no column of either balance is negative; `phase` is an enumerator.
/// Threads:  the two balances belong to the caller.
/// Cost:     no allocation, a few comparisons.
[[nodiscard]] TransferFault apply_transfer(Balance& debit, AccountLimit debit_limit, Balance& credit,
                                           AccountLimit credit_limit, std::int64_t amount, Phase phase) noexcept;

/// True when the columns keep `limit`.
[[nodiscard]] bool within_limit(const Balance& balance, AccountLimit limit) noexcept;

}  // namespace carnet::model
