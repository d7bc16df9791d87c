// SPDX-License-Identifier: Apache-2.0
//
// Goal: money and the books are exact: no rounding but the stated one, no overflow unseen, no half of a transfer.
// Method: tables at the boundaries, random cases against 128-bit arithmetic and a second, plain model of a balance.
#include "base/int128.hpp"
#include "model/ledger_model.hpp"
#include "support/test_seed.hpp"

#include <carnet/books.hpp>
#include <carnet/money.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <limits>
#include <string>
#include <string_view>

namespace carnet {
namespace {

using base::Int128;
using test::seeded_engine;
using test::wide_int64;

constexpr std::int64_t kInt64Min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

Currency currency(std::string_view code) {
  const Result<Currency> parsed = Currency::parse(code);
  BOOST_REQUIRE_MESSAGE(parsed.has_value(), code << " is a currency");
  return *parsed;
}

std::optional<std::int64_t> narrowed(Int128 value) {
  if (value < kInt64Min || value > kInt64Max) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value);
}

BOOST_AUTO_TEST_SUITE(currencies)

BOOST_AUTO_TEST_CASE(scales_are_those_of_iso_4217) {
  const std::pair<std::string_view, int> rows[] = {
      {"JPY", 0}, {"KRW", 0}, {"VND", 0}, {"XOF", 0}, {"CLP", 0}, {"ISK", 0}, {"UGX", 0}, {"UYI", 0},
      {"EUR", 2}, {"USD", 2}, {"CNY", 2}, {"HKD", 2}, {"MGA", 2}, {"MRU", 2}, {"XCG", 2}, {"XAD", 2},
      {"BHD", 3}, {"KWD", 3}, {"TND", 3}, {"IQD", 3}, {"CLF", 4}, {"UYW", 4}, {"PTS", 0}, {"BGN", 2}};
  for (const auto& [code, scale] : rows) {
    BOOST_TEST_CONTEXT(code) {
      BOOST_TEST(currency(code).scale() == scale);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_known_code_round_trips_and_their_number_is_known) {
  std::array<int, 5> count_by_scale{};
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) {
      for (char c = 'A'; c <= 'Z'; ++c) {
        const std::string code = {a, b, c};
        if (const Result<Currency> parsed = Currency::parse(code)) {
          BOOST_TEST(parsed->is_known());
          BOOST_TEST(parsed->code() == code);
          ++count_by_scale.at(static_cast<std::size_t>(parsed->scale()));
        }
      }
    }
  }
  // 165 of list one with a minor unit, six withdrawn of late, points.
  BOOST_TEST(count_by_scale == (std::array<int, 5>{18, 0, 145, 7, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_first_letter_lies_in_the_lowest_byte) {
  BOOST_TEST(currency("EUR").packed() == 0x00525545U);
  BOOST_TEST((currency("EUR") == Currency(0x00525545U)));
  BOOST_TEST(Currency().is_none());
  BOOST_TEST(Currency().code() == "");
  BOOST_TEST(!Currency().is_known());
}

BOOST_AUTO_TEST_CASE(what_is_no_currency_is_unknown) {
  for (const std::string_view text :
       {"", "E", "EU", "EURO", "eur", "Eur", "EU1", "XXX", "XTS", "XAU", "ABC", "\xff\xff\xff", " EU", "DEM"}) {
    const Result<Currency> parsed = Currency::parse(text);
    BOOST_TEST_REQUIRE(!parsed.has_value());
    BOOST_TEST((parsed.error().code() == ErrorCode::kInvalidArgument));
    BOOST_TEST(parsed.error().name() == "CurrencyUnknown");
  }
  // The same letters with something in the highest byte are not that currency.
  BOOST_TEST(!Currency(0x01525545U).is_known());
  BOOST_TEST(Currency(0x01525545U).code() == "???");
  BOOST_TEST(!Currency(0xffffffffU).is_known());
  BOOST_TEST(Currency(0x00434241U).code() == "ABC");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(arithmetic)

BOOST_AUTO_TEST_CASE(checked_operations_agree_with_128_bits) {
  std::mt19937_64 engine = seeded_engine();
  for (int i = 0; i < 50'000; ++i) {
    const std::int64_t a = wide_int64(engine);
    const std::int64_t b = wide_int64(engine);
    BOOST_REQUIRE((checked_add(a, b) == narrowed(static_cast<Int128>(a) + b)));
    BOOST_REQUIRE((checked_sub(a, b) == narrowed(static_cast<Int128>(a) - b)));
    BOOST_REQUIRE((checked_mul(a, b) == narrowed(static_cast<Int128>(a) * b)));
  }
}

BOOST_AUTO_TEST_CASE(checked_operations_at_the_ends_of_the_range) {
  BOOST_TEST((checked_add(kInt64Max, 0) == kInt64Max));
  BOOST_TEST(!checked_add(kInt64Max, 1).has_value());
  BOOST_TEST(!checked_add(kInt64Min, -1).has_value());
  BOOST_TEST(!checked_sub(0, kInt64Min).has_value());
  BOOST_TEST((checked_sub(-1, kInt64Min) == kInt64Max));
  BOOST_TEST(!checked_mul(kInt64Min, -1).has_value());
}

struct RoundingRow {
  std::int64_t value;
  std::int64_t numerator;
  std::int64_t denominator;
  std::int64_t expected;
};

constexpr RoundingRow kRounding[] = {
    {1, 1, 2, 0},
    {3, 1, 2, 2},
    {5, 1, 2, 2},
    {7, 1, 2, 4},
    {-1, 1, 2, 0},
    {-3, 1, 2, -2},
    {-5, 1, 2, -2},
    {5, -1, 2, -2},
    {-5, -1, 2, 2},
    {1, 1, 3, 0},
    {2, 1, 3, 1},
    {-2, 1, 3, -1},
    {25, 1, 10, 2},
    {35, 1, 10, 4},
    {-25, 1, 10, -2},
    {26, 1, 10, 3},
    {24, 1, 10, 2},
    {0, 7, 9, 0},
    {10000, 825, 10000, 825},
    {kInt64Max, kInt64Max, kInt64Max, kInt64Max},
    {kInt64Min, 1, 1, kInt64Min},
    {kInt64Min, kInt64Max, kInt64Max, kInt64Min},
    {kInt64Max, 1, 2, 4'611'686'018'427'387'904},
};

BOOST_AUTO_TEST_CASE(half_goes_to_even) {
  for (const RoundingRow& row : kRounding) {
    BOOST_TEST_CONTEXT(row.value << " * " << row.numerator << " / " << row.denominator) {
      BOOST_TEST((mul_div_half_even(row.value, row.numerator, row.denominator) == row.expected));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_or_divides_by_nothing_is_nothing) {
  BOOST_TEST(!mul_div_half_even(1, 1, 0).has_value());
  BOOST_TEST(!mul_div_half_even(1, 1, -2).has_value());
  BOOST_TEST(!mul_div_half_even(kInt64Max, 2, 1).has_value());
  BOOST_TEST(!mul_div_half_even(kInt64Min, -1, 1).has_value());
  BOOST_TEST(!mul_div_half_even(kInt64Max, kInt64Max, 1).has_value());
  BOOST_TEST(!mul_div_half_even(kInt64Min, kInt64Min, kInt64Max).has_value());
}

BOOST_AUTO_TEST_CASE(a_rounded_quotient_is_the_nearest_and_even_on_a_tie) {
  std::mt19937_64 engine = seeded_engine();
  for (int i = 0; i < 50'000; ++i) {
    const std::int64_t value = wide_int64(engine);
    const std::int64_t numerator = wide_int64(engine);
    auto denominator = static_cast<std::int64_t>(engine() >> (2 + engine() % 61)) + 1;
    if (i % 3 == 0) {
      denominator = 1 + static_cast<std::int64_t>(engine() % 20);  // ties and exact quotients
    }
    const Int128 product = static_cast<Int128>(value) * numerator;
    const std::optional<std::int64_t> quotient = mul_div_half_even(value, numerator, denominator);
    if (quotient) {
      const Int128 distance_twice = 2 * (product - static_cast<Int128>(*quotient) * denominator);
      BOOST_REQUIRE(distance_twice <= denominator && distance_twice >= -static_cast<Int128>(denominator));
      const bool tie = distance_twice == denominator || distance_twice == -static_cast<Int128>(denominator);
      BOOST_REQUIRE(!tie || *quotient % 2 == 0);
    } else {
      // Outside after rounding: the highest value is odd, so that half a unit above it is out; the lowest is even.
      const Int128 cut = product / denominator;
      const Int128 rest_twice = 2 * (product % denominator);
      BOOST_REQUIRE(cut > kInt64Max || cut < kInt64Min || (cut == kInt64Max && rest_twice >= denominator) ||
                    (cut == kInt64Min && -rest_twice > denominator));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(amounts)

struct AmountRow {
  std::string_view text;
  std::string_view code;
  std::int64_t minor;
  std::string_view canonical;
};

constexpr AmountRow kAmounts[] = {
    {"35.0", "EUR", 3500, "35.00"},
    {"35", "EUR", 3500, "35.00"},
    {"35.05", "EUR", 3505, "35.05"},
    {"0", "EUR", 0, "0.00"},
    {"-0", "EUR", 0, "0.00"},
    {"0.01", "EUR", 1, "0.01"},
    {"-0.01", "EUR", -1, "-0.01"},
    {"+7.5", "EUR", 750, "7.50"},
    {"000123.40", "EUR", 12340, "123.40"},
    {"1234", "JPY", 1234, "1234"},
    {"0", "JPY", 0, "0"},
    {"1.234", "KWD", 1234, "1.234"},
    {"1.2", "KWD", 1200, "1.200"},
    {"-12.3456", "CLF", -123456, "-12.3456"},
    {"500", "PTS", 500, "500"},
    {"92233720368547758.07", "EUR", kInt64Max, "92233720368547758.07"},
    {"-92233720368547758.08", "EUR", kInt64Min, "-92233720368547758.08"},
    {"-9223372036854775808", "JPY", kInt64Min, "-9223372036854775808"},
};

BOOST_AUTO_TEST_CASE(decimals_read_and_print_exactly) {
  for (const AmountRow& row : kAmounts) {
    BOOST_TEST_CONTEXT(row.text << ' ' << row.code) {
      const Result<Money> money = parse_decimal(row.text, currency(row.code));
      BOOST_TEST_REQUIRE(money.has_value());
      BOOST_TEST(money->minor == row.minor);
      BOOST_TEST((money->currency == currency(row.code)));
      BOOST_TEST(to_amount_text(*money) == row.canonical);
      BOOST_TEST(to_text(*money) == std::string(row.canonical) + " " + std::string(row.code));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_amount_of_the_currency_is_refused) {
  const std::pair<std::string_view, std::string_view> bad[] = {{"", "EUR"},
                                                               {"-", "EUR"},
                                                               {"+", "EUR"},
                                                               {".", "EUR"},
                                                               {".5", "EUR"},
                                                               {"5.", "EUR"},
                                                               {"1,204", "EUR"},
                                                               {"1 204", "EUR"},
                                                               {"1e3", "EUR"},
                                                               {"0x10", "EUR"},
                                                               {"--1", "EUR"},
                                                               {"+-1", "EUR"},
                                                               {"1.2.3", "EUR"},
                                                               {"1.-2", "EUR"},
                                                               {" 1", "EUR"},
                                                               {"1 ", "EUR"},
                                                               {"1.234", "EUR"},
                                                               {"1.000", "EUR"},
                                                               {"1.0", "JPY"},
                                                               {"1.2345", "KWD"},
                                                               {"NaN", "EUR"},
                                                               {"\xef\xbc\x91", "EUR"},
                                                               {"92233720368547758.08", "EUR"},
                                                               {"-92233720368547758.09", "EUR"},
                                                               {"92233720368547759", "EUR"},
                                                               {"184467440737095516.16", "EUR"},
                                                               {"99999999999999999999999999", "JPY"}};
  for (const auto& [text, code] : bad) {
    BOOST_TEST_CONTEXT(text << ' ' << code) {
      const Result<Money> money = parse_decimal(text, currency(code));
      BOOST_TEST_REQUIRE(!money.has_value());
      BOOST_TEST(money.error().name() == "BadAmount");
      BOOST_TEST(money.error().fact("currency") == code);
    }
  }
  BOOST_TEST(parse_decimal("1", Currency()).error().name() == "CurrencyUnknown");
}

BOOST_AUTO_TEST_CASE(every_amount_prints_and_reads_back) {
  std::mt19937_64 engine = seeded_engine();
  for (const std::string_view code : {"JPY", "EUR", "KWD", "CLF"}) {
    for (int i = 0; i < 5'000; ++i) {
      const Money money{.minor = wide_int64(engine), .currency = currency(code)};
      const Result<Money> back = parse_decimal(to_amount_text(money), money.currency);
      BOOST_REQUIRE(back.has_value());
      BOOST_REQUIRE_EQUAL(back->minor, money.minor);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_currency_prints_without_a_scale) {
  BOOST_TEST(to_text(Money{.minor = 1234, .currency = {}}) == "1234");
  BOOST_TEST(to_text(Money{.minor = -5, .currency = Currency(0xffffffffU)}) == "-5 ???");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(transfers)

using model::apply_transfer;
using model::TransferFault;

constexpr auto kNone = AccountLimit::kNone;
constexpr auto kDrWithinCr = AccountLimit::kDebitsWithinCredits;
constexpr auto kCrWithinDr = AccountLimit::kCreditsWithinDebits;

struct TransferRow {
  const char* what = "";
  Balance debit;
  AccountLimit debit_limit = kNone;
  Balance credit;
  AccountLimit credit_limit = kNone;
  std::int64_t amount = 0;
  Phase phase = Phase::kPosted;
  TransferFault fault = TransferFault::kNone;
  Balance debit_after;
  Balance credit_after;
};

// Columns: pending debits, pending credits, posted debits, posted credits.
const TransferRow kRows[] = {
    {"posted adds to the posted columns",
     {1, 2, 3, 4},
     kNone,
     {5, 6, 7, 8},
     kNone,
     10,
     Phase::kPosted,
     TransferFault::kNone,
     {1, 2, 13, 4},
     {5, 6, 7, 18}},
    {"pending adds to the pending columns",
     {1, 2, 3, 4},
     kNone,
     {5, 6, 7, 8},
     kNone,
     10,
     Phase::kPending,
     TransferFault::kNone,
     {11, 2, 3, 4},
     {5, 16, 7, 8}},
    {"voided takes from the pending columns",
     {11, 2, 3, 4},
     kNone,
     {5, 16, 7, 8},
     kNone,
     10,
     Phase::kVoided,
     TransferFault::kNone,
     {1, 2, 3, 4},
     {5, 6, 7, 8}},
    {"all that is pending can be voided",
     {10, 0, 0, 0},
     kNone,
     {0, 10, 0, 0},
     kNone,
     10,
     Phase::kVoided,
     TransferFault::kNone,
     {},
     {}},
    {"zero is no amount", {}, kNone, {}, kNone, 0, Phase::kPosted, TransferFault::kAmountNotPositive, {}, {}},
    {"a negative amount is none", {}, kNone, {}, kNone, -1, Phase::kPending, TransferFault::kAmountNotPositive, {}, {}},
    {"voiding more than pends on the debit side",
     {9, 0, 0, 0},
     kNone,
     {0, 10, 0, 0},
     kNone,
     10,
     Phase::kVoided,
     TransferFault::kPendingNegative,
     {},
     {}},
    {"voiding more than pends on the credit side",
     {10, 0, 0, 0},
     kNone,
     {0, 9, 0, 0},
     kNone,
     10,
     Phase::kVoided,
     TransferFault::kPendingNegative,
     {},
     {}},
    {"pending on the other side cannot be voided",
     {0, 10, 0, 0},
     kNone,
     {10, 0, 0, 0},
     kNone,
     10,
     Phase::kVoided,
     TransferFault::kPendingNegative,
     {},
     {}},
    {"a debit column at its end",
     {0, 0, kInt64Max, 0},
     kNone,
     {},
     kNone,
     1,
     Phase::kPosted,
     TransferFault::kOverflow,
     {},
     {}},
    {"a credit column at its end",
     {},
     kNone,
     {0, kInt64Max, 0, 0},
     kNone,
     1,
     Phase::kPending,
     TransferFault::kOverflow,
     {},
     {}},
    {"the last amount that fits",
     {0, 0, kInt64Max - 1, 0},
     kNone,
     {},
     kNone,
     1,
     Phase::kPosted,
     TransferFault::kNone,
     {0, 0, kInt64Max, 0},
     {0, 0, 0, 1}},
    {"a deposit is used up to what is there",
     {0, 0, 5, 15},
     kDrWithinCr,
     {},
     kNone,
     10,
     Phase::kPosted,
     TransferFault::kNone,
     {0, 0, 15, 15},
     {0, 0, 0, 10}},
    {"a deposit is not overspent",
     {0, 0, 5, 15},
     kDrWithinCr,
     {},
     kNone,
     11,
     Phase::kPosted,
     TransferFault::kLimitExceededDebit,
     {},
     {}},
    {"pending debits count against the limit",
     {6, 0, 0, 15},
     kDrWithinCr,
     {},
     kNone,
     10,
     Phase::kPosted,
     TransferFault::kLimitExceededDebit,
     {},
     {}},
    {"pending credits do not widen the limit",
     {0, 100, 0, 0},
     kDrWithinCr,
     {},
     kNone,
     1,
     Phase::kPosted,
     TransferFault::kLimitExceededDebit,
     {},
     {}},
    {"a pending debit is limited too",
     {0, 0, 0, 9},
     kDrWithinCr,
     {},
     kNone,
     10,
     Phase::kPending,
     TransferFault::kLimitExceededDebit,
     {},
     {}},
    {"a credit to an account that limits debits passes",
     {},
     kNone,
     {0, 0, 0, 0},
     kDrWithinCr,
     10,
     Phase::kPending,
     TransferFault::kNone,
     {10, 0, 0, 0},
     {0, 10, 0, 0}},
    {"credits within debits, up to them",
     {},
     kNone,
     {0, 2, 15, 3},
     kCrWithinDr,
     10,
     Phase::kPosted,
     TransferFault::kNone,
     {0, 0, 10, 0},
     {0, 2, 15, 13}},
    {"credits within debits, beyond",
     {},
     kNone,
     {0, 2, 15, 3},
     kCrWithinDr,
     11,
     Phase::kPosted,
     TransferFault::kLimitExceededCredit,
     {},
     {}},
    {"the debited account is judged first",
     {},
     kDrWithinCr,
     {},
     kCrWithinDr,
     1,
     Phase::kPosted,
     TransferFault::kLimitExceededDebit,
     {},
     {}},
    {"a sum of columns beyond 63 bits is over every limit",
     {kInt64Max, 0, kInt64Max - 1, kInt64Max},
     kDrWithinCr,
     {},
     kNone,
     1,
     Phase::kPosted,
     TransferFault::kLimitExceededDebit,
     {},
     {}},
};

BOOST_AUTO_TEST_CASE(transfers_by_table) {
  for (const TransferRow& row : kRows) {
    BOOST_TEST_CONTEXT(row.what) {
      Balance debit = row.debit;
      Balance credit = row.credit;
      const TransferFault fault =
          apply_transfer(debit, row.debit_limit, credit, row.credit_limit, row.amount, row.phase);
      BOOST_TEST((fault == row.fault));
      BOOST_TEST((debit == (row.fault == TransferFault::kNone ? row.debit_after : row.debit)));
      BOOST_TEST((credit == (row.fault == TransferFault::kNone ? row.credit_after : row.credit)));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_account_does_not_pay_itself) {
  Balance balance{.pending_debits = 1, .pending_credits = 2, .posted_debits = 3, .posted_credits = 4};
  const Balance before = balance;
  BOOST_TEST((apply_transfer(balance, kNone, balance, kNone, 1, Phase::kPosted) == TransferFault::kSameAccount));
  BOOST_TEST((balance == before));
}

BOOST_AUTO_TEST_CASE(faults_have_the_names_of_the_domain) {
  BOOST_TEST(to_string(TransferFault::kNone) == "");
  BOOST_TEST(to_string(TransferFault::kAmountNotPositive) == "AmountNotPositive");
  BOOST_TEST(to_string(TransferFault::kUnitMismatch) == "CurrencyMismatch");
  BOOST_TEST(to_string(TransferFault::kSameAccount) == "SameAccount");
  BOOST_TEST(to_string(TransferFault::kOverflow) == "Overflow");
  BOOST_TEST(to_string(TransferFault::kPendingNegative) == "PendingNegative");
  BOOST_TEST(to_string(TransferFault::kLimitExceededDebit) == "LimitExceeded");
  BOOST_TEST(to_string(TransferFault::kLimitExceededCredit) == "LimitExceeded");
  BOOST_TEST(to_string(Phase::kVoided) == "voided");
  BOOST_TEST(to_string(NormalSide::kCredit) == "credit");
  BOOST_TEST(to_string(AccountLimit::kDebitsWithinCredits) == "debitsWithinCredits");
  BOOST_TEST(to_string(static_cast<Phase>(0)) == "unknown");
}

BOOST_AUTO_TEST_CASE(posted_net_stands_on_the_normal_side) {
  const Balance balance{.pending_debits = 90, .pending_credits = 80, .posted_debits = 5, .posted_credits = 12};
  BOOST_TEST(posted_net(balance, NormalSide::kDebit) == -7);
  BOOST_TEST(posted_net(balance, NormalSide::kCredit) == 7);
  BOOST_TEST(posted_net(Balance{.posted_credits = kInt64Max}, NormalSide::kDebit) == -kInt64Max);
}

/// A balance and its rules said a second time, in 128 bits and without a thought for speed.
struct PlainBalance {
  std::array<Int128, 4> columns{};  ///< pending debits, pending credits, posted debits, posted credits

  [[nodiscard]] bool fits() const {
    return std::all_of(columns.begin(), columns.end(), [](Int128 column) { return column <= kInt64Max; });
  }

  [[nodiscard]] bool keeps(AccountLimit limit) const {
    return (limit != kDrWithinCr || columns[0] + columns[2] <= columns[3]) &&
           (limit != kCrWithinDr || columns[1] + columns[3] <= columns[2]);
  }

  [[nodiscard]] bool has_negative() const {
    return std::any_of(columns.begin(), columns.end(), [](Int128 column) { return column < 0; });
  }

  [[nodiscard]] bool equals(const Balance& balance) const {
    return columns == std::array<Int128, 4>{balance.pending_debits, balance.pending_credits, balance.posted_debits,
                                            balance.posted_credits};
  }
};

void move_plain(PlainBalance& debit, PlainBalance& credit, std::int64_t amount, Phase phase) {
  const std::size_t pair = phase == Phase::kPosted ? 2 : 0;
  const Int128 signed_amount = phase == Phase::kVoided ? -static_cast<Int128>(amount) : amount;
  debit.columns[pair] += signed_amount;
  credit.columns[pair + 1] += signed_amount;
}

TransferFault plain_fault(const PlainBalance& debit, AccountLimit debit_limit, const PlainBalance& credit,
                          AccountLimit credit_limit) {
  if (debit.has_negative() || credit.has_negative()) {
    return TransferFault::kPendingNegative;
  }
  if (!debit.fits() || !credit.fits()) {
    return TransferFault::kOverflow;
  }
  if (!debit.keeps(debit_limit)) {
    return TransferFault::kLimitExceededDebit;
  }
  return credit.keeps(credit_limit) ? TransferFault::kNone : TransferFault::kLimitExceededCredit;
}

BOOST_AUTO_TEST_CASE(random_books_agree_with_the_plain_model_and_stay_balanced) {
  std::mt19937_64 engine = seeded_engine();
  constexpr std::size_t kAccounts = 6;
  const AccountLimit limits[kAccounts] = {kNone, kNone, kNone, kDrWithinCr, kDrWithinCr, kCrWithinDr};
  std::array<int, 8> seen{};
  for (int round = 0; round < 40; ++round) {
    std::array<Balance, kAccounts> books{};
    std::array<PlainBalance, kAccounts> plain{};
    for (int step = 0; step < 500; ++step) {
      const std::size_t from = engine() % kAccounts;
      const std::size_t to = (from + 1 + engine() % (kAccounts - 1)) % kAccounts;
      // Rounds of large amounts reach the ends of the columns.
      const auto amount = static_cast<std::int64_t>(engine() >> (round % 4 == 0 ? 2U : 55U)) + 1;
      const auto phase = static_cast<Phase>(1 + engine() % 3);
      PlainBalance debit = plain[from];
      PlainBalance credit = plain[to];
      move_plain(debit, credit, amount, phase);
      const TransferFault expected = plain_fault(debit, limits[from], credit, limits[to]);
      if (expected == TransferFault::kNone) {
        plain[from] = debit;
        plain[to] = credit;
      }
      const TransferFault fault = apply_transfer(books[from], limits[from], books[to], limits[to], amount, phase);
      BOOST_REQUIRE(fault == expected);
      BOOST_REQUIRE(plain[from].equals(books[from]) && plain[to].equals(books[to]));
      ++seen.at(static_cast<std::size_t>(fault));
    }
    PlainBalance total;
    for (const PlainBalance& balance : plain) {
      for (std::size_t column = 0; column < 4; ++column) {
        total.columns[column] += balance.columns[column];
      }
    }
    BOOST_REQUIRE(total.columns[0] == total.columns[1] && total.columns[2] == total.columns[3]);  // I-M15
  }
  for (const TransferFault fault : {TransferFault::kNone, TransferFault::kOverflow, TransferFault::kPendingNegative,
                                    TransferFault::kLimitExceededDebit, TransferFault::kLimitExceededCredit}) {
    BOOST_TEST(seen.at(static_cast<std::size_t>(fault)) > 50);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet
