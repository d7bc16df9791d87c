// SPDX-License-Identifier: Apache-2.0
//
// The vocabulary of the books: phases of a transfer, sides and limits of a ledger account, the four columns of a
// balance. Stability: stable.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace carnet {

/// What a transfer does to the columns of its two accounts. Stored in the log: numbers are never reused.
enum class Phase : std::uint8_t {
  kPosted = 1,   ///< Adds to the posted columns.
  kPending = 2,  ///< Adds to the pending columns.
  kVoided = 3,   ///< Takes from the pending columns.
};

/// The side on which a ledger account's balance stands normally. Stored in the log.
enum class NormalSide : std::uint8_t { kDebit = 1, kCredit = 2 };

/// What must hold for a ledger account after every transfer. Fixed with the account. Stored in the log.
enum class AccountLimit : std::uint8_t {
  kNone = 0,
  kDebitsWithinCredits = 1,  ///< pendingDebits + postedDebits <= postedCredits
  kCreditsWithinDebits = 2,  ///< pendingCredits + postedCredits <= postedDebits
};

/// The columns of one ledger account in one unit, in minor units. No column is ever negative.
struct Balance {
  std::int64_t pending_debits = 0;
  std::int64_t pending_credits = 0;
  std::int64_t posted_debits = 0;
  std::int64_t posted_credits = 0;

  friend constexpr bool operator==(const Balance&, const Balance&) = default;
};

static_assert(sizeof(Balance) == 32 && std::is_trivially_copyable_v<Balance>,
              "state pages hold balances as they lie in memory");

/// Names as in JSON: `posted`, `pending`, `voided`; `debit`, `credit`; `none`, `debitsWithinCredits`,
/// `creditsWithinDebits`. A value that is none of the enumerators has the name `unknown`. Threads: any.
[[nodiscard]] std::string_view to_string(Phase phase) noexcept;
[[nodiscard]] std::string_view to_string(NormalSide side) noexcept;
[[nodiscard]] std::string_view to_string(AccountLimit limit) noexcept;

/// What stands on the account, posted only: debits less credits for `kDebit`, credits less debits for `kCredit`. Cannot
/// overflow, as no column is negative.
[[nodiscard]] constexpr std::int64_t posted_net(const Balance& balance, NormalSide side) noexcept {
  return side == NormalSide::kDebit ? balance.posted_debits - balance.posted_credits
                                    : balance.posted_credits - balance.posted_debits;
}

}  // namespace carnet
