// SPDX-License-Identifier: Apache-2.0
//
// Money: an integer count of minor units with its ISO 4217 currency. No floating point, no implicit exchange.
// Stability: stable.
#pragma once

#include <carnet/result.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carnet {

/// An ISO 4217 alphabetic code, packed: first letter in the lowest byte. 0 is no currency.
/// The same packing is used in stored payloads (docs/reference/log-format.md).
class Currency {
 public:
  constexpr Currency() = default;

  constexpr explicit Currency(std::uint32_t packed) : packed_(packed) {}

  /// Errors: kInvalidArgument `CurrencyUnknown` for a text that is not an ISO 4217 code in use with a minor unit (or
  /// `PTS`, points). A code stays known after ISO withdraws it: old books keep using it.
  [[nodiscard]] static Result<Currency> parse(std::string_view text);

  [[nodiscard]] constexpr std::uint32_t packed() const noexcept { return packed_; }

  [[nodiscard]] constexpr bool is_none() const noexcept { return packed_ == 0; }

  /// True for a code of ISO 4217, or points.
  [[nodiscard]] bool is_known() const noexcept;
  /// Three letters; empty for none; `???` when the packed value is not three letters.
  [[nodiscard]] std::string code() const;
  /// Decimal places of the minor unit (JPY 0, EUR 2, KWD 3). Requires: is_known().
  [[nodiscard]] int scale() const noexcept;

  friend constexpr auto operator<=>(const Currency&, const Currency&) = default;

 private:
  std::uint32_t packed_ = 0;
};

struct Money {
  std::int64_t minor = 0;
  Currency currency;

  friend constexpr bool operator==(const Money&, const Money&) = default;
};

/// Sums, or nothing on overflow of 64 bits.
[[nodiscard]] std::optional<std::int64_t> checked_add(std::int64_t a, std::int64_t b) noexcept;
[[nodiscard]] std::optional<std::int64_t> checked_sub(std::int64_t a, std::int64_t b) noexcept;
[[nodiscard]] std::optional<std::int64_t> checked_mul(std::int64_t a, std::int64_t b) noexcept;

/// `value × numerator / denominator`, rounded half to even, through 128 bits; nothing on overflow or denominator ≤ 0.
[[nodiscard]] std::optional<std::int64_t> mul_div_half_even(std::int64_t value, std::int64_t numerator,
                                                            std::int64_t denominator) noexcept;

/// Reads a decimal amount (`35.0`, `-7`, `+0.50`; `1,204`, `.5` and `5.` are refused) into minor units of `currency`.
/// Errors: kInvalidArgument `BadAmount` when it is no decimal, has more places than the currency, or overflows;
/// `CurrencyUnknown` when the currency is none of ours. The text is not quoted in the message.
[[nodiscard]] Result<Money> parse_decimal(std::string_view text, Currency currency);

/// `1234.50 EUR` with the currency's scale; an unknown currency is printed with none.
[[nodiscard]] std::string to_text(Money money);
/// `1234.50`: the amount alone.
[[nodiscard]] std::string to_amount_text(Money money);

}  // namespace carnet
