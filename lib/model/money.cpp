// SPDX-License-Identifier: Apache-2.0
//
// Currencies of ISO 4217 with their scales, checked arithmetic, amounts as text. The table below is part of the format
// in this sense: a code that stands in it stays, with its scale, because ledgers were written with it.
#include "base/check.hpp"
#include "base/int128.hpp"

#include <carnet/money.hpp>

#include <array>
#include <limits>

namespace carnet {

namespace {

/// Currencies and funds of ISO 4217 list one (as of amendment 179, 2025) by decimal places. Left out are the codes to
/// which ISO gives no minor unit (metals, bond market units, XDR, XSU, XUA, XTS, XXX): nothing can be kept in minor
/// units of them.
constexpr std::string_view kNoPlaces = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
constexpr std::string_view kTwoPlaces =
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY "
    "COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR "
    "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP "
    "STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG";
constexpr std::string_view kThreePlaces = "BHD IQD JOD KWD LYD OMR TND";
constexpr std::string_view kFourPlaces = "CLF UYW";
/// Withdrawn since 2022, all of two places: history in them is still brought in.
constexpr std::string_view kTwoPlacesWithdrawn = "ANG BGN CUC HRK SLL ZWL";
/// Points of a bonus scheme: a book of their own, never mixed with money.
constexpr std::string_view kPoints = "PTS";

constexpr std::size_t kCodeLetters = 3;
constexpr std::size_t kNoIndex = std::size_t{26} * 26 * 26;

constexpr std::uint32_t pack(std::string_view code) noexcept {
  std::uint32_t packed = 0;
  for (std::size_t i = 0; i < kCodeLetters; ++i) {
    packed |= static_cast<std::uint32_t>(static_cast<unsigned char>(code[i])) << (8 * i);
  }
  return packed;
}

/// A number below kNoIndex for three capital letters, and kNoIndex for everything else.
constexpr std::size_t index_of(std::uint32_t packed) noexcept {
  const std::uint32_t first = (packed & 0xffU) - 'A';
  const std::uint32_t second = ((packed >> 8U) & 0xffU) - 'A';
  const std::uint32_t third = (packed >> 16U) - 'A';  // together with the highest byte, which must be zero
  if (first >= 26 || second >= 26 || third >= 26) {
    return kNoIndex;
  }
  return (first * 26 + second) * 26 + third;
}

/// 1 + scale of each possible code; 0 where it is no currency.
using ScaleTable = std::array<std::uint8_t, kNoIndex + 1>;

constexpr void add_codes(ScaleTable& table, std::string_view codes, std::uint8_t scale) {
  for (std::size_t at = 0; at < codes.size(); at += kCodeLetters + 1) {
    table[index_of(pack(codes.substr(at, kCodeLetters)))] = static_cast<std::uint8_t>(scale + 1);
  }
}

constexpr ScaleTable make_scale_table() {
  ScaleTable table{};
  add_codes(table, kNoPlaces, 0);
  add_codes(table, kTwoPlaces, 2);
  add_codes(table, kThreePlaces, 3);
  add_codes(table, kFourPlaces, 4);
  add_codes(table, kTwoPlacesWithdrawn, 2);
  add_codes(table, kPoints, 0);
  return table;
}

constexpr ScaleTable kScales = make_scale_table();
static_assert(kScales[kNoIndex] == 0, "every code of the table is three capital letters");

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

Error currency_unknown() {
  return {ErrorCode::kInvalidArgument, "CurrencyUnknown",
          "not a currency of ISO 4217 that has a minor unit, in capital letters, nor PTS"};
}

Error bad_amount(Currency currency) {
  return {ErrorCode::kInvalidArgument,
          "BadAmount",
          "not a decimal amount with at most as many places as the currency has, or too large",
          {{"currency", currency.code()}, {"places", std::to_string(currency.scale())}}};
}

/// Adds decimal digits to `value`; false on overflow or when one is no digit.
bool append_digits(std::uint64_t& value, std::string_view digits) noexcept {
  for (const char c : digits) {
    if (!is_digit(c) || __builtin_mul_overflow(value, 10U, &value) ||
        __builtin_add_overflow(value, static_cast<std::uint64_t>(c - '0'), &value)) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<Currency> Currency::parse(std::string_view text) {
  if (text.size() != kCodeLetters || !Currency(pack(text)).is_known()) {
    return currency_unknown();
  }
  return Currency(pack(text));
}

bool Currency::is_known() const noexcept {
  return kScales[index_of(packed_)] != 0;
}

std::string Currency::code() const {
  if (is_none()) {
    return {};
  }
  if (index_of(packed_) == kNoIndex) {
    return "???";
  }
  return {static_cast<char>(packed_ & 0xffU), static_cast<char>((packed_ >> 8U) & 0xffU),
          static_cast<char>(packed_ >> 16U)};
}

int Currency::scale() const noexcept {
  const int stored = kScales[index_of(packed_)];
  CARNET_REQUIRE(stored != 0, "I-M3: the currency is known");
  return stored - 1;
}

std::optional<std::int64_t> checked_add(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::nullopt : std::optional(sum);
}

std::optional<std::int64_t> checked_sub(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t difference = 0;
  return __builtin_sub_overflow(a, b, &difference) ? std::nullopt : std::optional(difference);
}

std::optional<std::int64_t> checked_mul(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::nullopt : std::optional(product);
}

std::optional<std::int64_t> mul_div_half_even(std::int64_t value, std::int64_t numerator,
                                              std::int64_t denominator) noexcept {
  if (denominator <= 0) {
    return std::nullopt;
  }
  const base::Int128 product = static_cast<base::Int128>(value) * numerator;
  base::Int128 quotient = product / denominator;
  const base::Int128 remainder = product % denominator;
  const base::Int128 twice = 2 * (remainder < 0 ? -remainder : remainder);
  // Division cuts towards zero: rounding moves away from it.
  if (twice > denominator || (twice == denominator && quotient % 2 != 0)) {
    quotient += product < 0 ? -1 : 1;
  }
  if (quotient < std::numeric_limits<std::int64_t>::min() || quotient > std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(quotient);
}

Result<Money> parse_decimal(std::string_view text, Currency currency) {
  if (!currency.is_known()) {
    return currency_unknown();
  }
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) {
    text.remove_prefix(1);
  }
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view places = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  const auto scale = static_cast<std::size_t>(currency.scale());
  if (whole.empty() || (point != std::string_view::npos && places.empty()) || places.size() > scale) {
    return bad_amount(currency);
  }
  constexpr std::string_view kZeros = "0000";
  std::uint64_t minor = 0;
  if (!append_digits(minor, whole) || !append_digits(minor, places) ||
      !append_digits(minor, kZeros.substr(0, scale - places.size()))) {
    return bad_amount(currency);
  }
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (minor > kMax + (negative ? 1 : 0)) {
    return bad_amount(currency);
  }
  // Well defined since C++20, also for the lowest value.
  return Money{.minor = static_cast<std::int64_t>(negative ? 0 - minor : minor), .currency = currency};
}

std::string to_text(Money money) {
  std::string text = to_amount_text(money);
  if (!money.currency.is_none()) {
    text += ' ';
    text += money.currency.code();
  }
  return text;
}

std::string to_amount_text(Money money) {
  // Unsigned, because the lowest amount has no positive counterpart.
  auto minor = static_cast<std::uint64_t>(money.minor);
  if (money.minor < 0) {
    minor = 0 - minor;
  }
  const int scale = money.currency.is_known() ? money.currency.scale() : 0;
  char buffer[32];
  char* const end = buffer + sizeof(buffer);
  char* at = end;
  for (int place = 0; place < scale || minor != 0 || place == scale; ++place) {
    if (place == scale && scale > 0) {
      *--at = '.';
    }
    *--at = static_cast<char>('0' + minor % 10);
    minor /= 10;
  }
  if (money.minor < 0) {
    *--at = '-';
  }
  return {at, end};
}

}  // namespace carnet
