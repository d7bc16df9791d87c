// SPDX-License-Identifier: Apache-2.0
//
// Goal: ids, names and terminal text hold to DESIGN §11: what looks personal, what a name is, what a column is.
// Method: tables at every boundary; UTF-8 by encoding every code point, and every pair of leading bytes against it.
#undef BOOST_TEST_MODULE  // main() is in base_test.cpp
#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/text_width.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <string>
#include <string_view>

namespace carnet::base {
namespace {

/// The one well-formed encoding of a code point, written without looking at the decoder.
std::string encode(char32_t c) {
  std::string out;
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | (c >> 6U));
    put(0x80 | (c & 0x3fU));
  } else if (c < 0x10000) {
    put(0xe0 | (c >> 12U));
    put(0x80 | ((c >> 6U) & 0x3fU));
    put(0x80 | (c & 0x3fU));
  } else {
    put(0xf0 | (c >> 18U));
    put(0x80 | ((c >> 12U) & 0x3fU));
    put(0x80 | ((c >> 6U) & 0x3fU));
    put(0x80 | (c & 0x3fU));
  }
  return out;
}

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(every_code_point_decodes_and_no_surrogate_does) {
  for (char32_t c = 0; c <= 0x10ffff; ++c) {
    const std::string bytes = encode(c);
    std::string_view in = bytes;
    const std::optional<char32_t> decoded = take_code_point(in);
    const bool surrogate = c >= 0xd800 && c <= 0xdfff;
    const bool right = surrogate ? !decoded && in.size() == bytes.size() : decoded == c && in.empty();
    if (!right || is_utf8(bytes) == surrogate) {
      BOOST_FAIL("wrong at code point " << static_cast<std::uint32_t>(c));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_decodes_is_its_own_encoding) {
  const unsigned edges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      for (const unsigned third : edges) {
        for (const unsigned fourth : edges) {
          const char raw[] = {static_cast<char>(first), static_cast<char>(second), static_cast<char>(third),
                              static_cast<char>(fourth)};
          std::string_view in(raw, 4);
          const std::optional<char32_t> c = take_code_point(in);
          if (c ? encode(*c) != std::string_view(raw, 4 - in.size()) : in.size() != 4) {
            BOOST_FAIL("wrong at " << first << ' ' << second << ' ' << third << ' ' << fourth);
          }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_cut_sequence_is_ill_formed) {
  for (const std::string_view whole : {"\xc3\xa9", "\xe4\xba\xac", "\xf0\x9f\x9a\x97"}) {
    BOOST_TEST(is_utf8(whole));
    for (std::size_t size = 1; size < whole.size(); ++size) {
      BOOST_TEST(!is_utf8(std::string(whole.substr(0, size))));
      BOOST_TEST(!is_utf8("eight___bytes___" + std::string(whole.substr(0, size))));
    }
  }
  BOOST_TEST(is_utf8(""));
  BOOST_TEST(!is_utf8("12345678\x80"));
  BOOST_TEST(!is_utf8("\xc0\x80"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ids)

BOOST_AUTO_TEST_CASE(ids_are_1_to_64_plain_characters) {
  const IdRules rules;
  for (const std::string& id : {std::string("R1"), std::string("a"), std::string("ruleSet.codes"),
                                std::string("A-1_b:2.c"), std::string(64, 'x')}) {
    BOOST_TEST((check_id(id, rules) == IdFault::kNone));
  }
  for (const std::string& id :
       {std::string(), std::string(65, 'x'), std::string("a b"), std::string("a/b"), std::string("\xe4\xba\xac"),
        std::string("a\0b", 3), std::string("a\n"), std::string("a@b"), std::string("a+b")}) {
    BOOST_TEST((check_id(id, rules) == IdFault::kBadId));
  }
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool plain = std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-").find(c) !=
                       std::string_view::npos;
    BOOST_TEST((check_id(std::string(3, c), rules) == IdFault::kNone) == plain);
  }
}

struct PersonalRow {
  std::string_view id;
  bool personal;
};

// Numbers of nobody: made up, and of the form alone.
constexpr PersonalRow kPersonal[] = {
    {"13000000000", true},         {"19999999999", true},          {"12000000000", false},
    {"23000000000", false},        {"1300000000", false},          {"130000000000", false},
    {"1300000000a", false},        {"13000000000.", false},        {"00000000000000000X", true},
    {"00000000000000000x", true},  {"000000000000000000", true},   {"00000000000000000Y", false},
    {"0000000000000000X", false},  {"0000000000000000000", false}, {"0000000000000000XX", false},
    {"X00000000000000000", false}, {"C13000000000", false},
};

BOOST_AUTO_TEST_CASE(ids_of_the_form_of_personal_numbers_are_refused) {
  for (const PersonalRow& row : kPersonal) {
    BOOST_TEST_CONTEXT(row.id) {
      BOOST_TEST(looks_personal(row.id) == row.personal);
      BOOST_TEST((check_id(row.id, {}) != IdFault::kBadId));
      BOOST_TEST((check_id(row.id, {}) == IdFault::kLooksPersonal) == row.personal);
    }
  }
  BOOST_TEST(to_string(IdFault::kLooksPersonal) == "IdLooksPersonal");
  BOOST_TEST(to_string(IdFault::kBadId) == "BadId");
  BOOST_TEST(to_string(IdFault::kNone) == "");
}

BOOST_AUTO_TEST_CASE(a_registered_pattern_lets_its_ids_pass_and_no_others) {
  int asked = 0;
  const IdRules rules{.is_registered = [&](std::string_view id) {
    ++asked;
    return id.starts_with("150");
  }};
  BOOST_TEST((check_id("15000000000", rules) == IdFault::kNone));
  BOOST_TEST((check_id("15100000000", rules) == IdFault::kLooksPersonal));
  BOOST_TEST(asked == 2);
  BOOST_TEST((check_id("R1", rules) == IdFault::kNone));
  BOOST_TEST((check_id("150 0000000", rules) == IdFault::kBadId));
  BOOST_TEST(asked == 2);
}

BOOST_AUTO_TEST_CASE(names_are_family_and_id) {
  for (const std::string& name :
       {std::string("rental/R1"), std::string("document/ruleSet.codes"), std::string("a/b"), std::string("ledger/self"),
        std::string("vehicle/\xe4\xba\xac"), std::string("aB9/x y"), std::string("asset/receivable/customer"),
        "a/" + std::string(253, 'x')}) {
    BOOST_TEST((check_name(name) == NameFault::kNone));
  }
  const std::pair<std::string, NameFault> bad[] = {
      {"", NameFault::kLength},
      {"a/" + std::string(254, 'x'), NameFault::kLength},
      {"rental/\xff", NameFault::kNotUtf8},
      {"rental/\xed\xa0\x80", NameFault::kNotUtf8},
      {std::string("rental/R\0", 9), NameFault::kControlCharacter},
      {"rental/R\n", NameFault::kControlCharacter},
      {"rental/R\x7f", NameFault::kControlCharacter},
      {"rental/R\xc2\x80", NameFault::kControlCharacter},
      {"rental/R\xc2\x9f", NameFault::kControlCharacter},
      {"rental", NameFault::kNoFamily},
      {"rental/", NameFault::kNoFamily},
      {"/R1", NameFault::kNoFamily},
      {"Rental/R1", NameFault::kNoFamily},
      {"1rental/R1", NameFault::kNoFamily},
      {"ren-tal/R1", NameFault::kNoFamily},
      {"ren\xc3\xa9/R1", NameFault::kNoFamily},
  };
  for (const auto& [name, fault] : bad) {
    BOOST_TEST_CONTEXT(printable(name)) {
      BOOST_TEST((check_name(name) == fault));
      BOOST_TEST(!to_string(fault).empty());
    }
  }
  BOOST_TEST((check_name("rental/R\xc2\xa0") == NameFault::kNone));
}

BOOST_AUTO_TEST_CASE(a_name_splits_at_its_first_slash) {
  BOOST_TEST(split_name("document/ruleSet.codes").family == "document");
  BOOST_TEST(split_name("document/ruleSet.codes").id == "ruleSet.codes");
  BOOST_TEST(split_name("a/b/c").id == "b/c");
  BOOST_TEST(split_name("alone").family == "alone");
  BOOST_TEST(split_name("alone").id == "");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(columns)

template <std::size_t kSize>
void check_sorted(const CodePointRange (&ranges)[kSize]) {
  for (std::size_t i = 0; i < kSize; ++i) {
    BOOST_TEST((ranges[i].first <= ranges[i].last));
    BOOST_TEST((i == 0 || ranges[i - 1].last < ranges[i].first));
  }
}

BOOST_AUTO_TEST_CASE(width_tables_are_sorted) {
  check_sorted(kZeroWidth);
  check_sorted(kWide);
}

BOOST_AUTO_TEST_CASE(width_counts_places_of_a_terminal) {
  BOOST_TEST(display_width("") == 0U);
  BOOST_TEST(display_width("abc") == 3U);
  BOOST_TEST(display_width("caf\xc3\xa9") == 4U);
  BOOST_TEST(display_width("cafe\xcc\x81") == 4U);              // with a combining accent
  BOOST_TEST(display_width("\xe4\xba\xac\x41") == 3U);          // a CJK character and A
  BOOST_TEST(display_width("\xe3\x81\x82\xef\xbd\xb1") == 3U);  // hiragana A, half-width katakana A
  BOOST_TEST(display_width("\xed\x95\x9c\xef\xbc\xa1") == 4U);  // hangul, full-width A
  BOOST_TEST(display_width("\xf0\x9f\x9a\x97") == 2U);          // a car
  BOOST_TEST(display_width("\xff"
                           "a\x1b") == 3U);
  BOOST_TEST(code_point_width(0x10ffff) == 1U);
  BOOST_TEST(code_point_width(0x4e00) == 2U);
  BOOST_TEST(code_point_width(0x3fffd) == 1U);
}

BOOST_AUTO_TEST_CASE(what_could_command_a_terminal_is_replaced) {
  BOOST_TEST(printable("caf\xc3\xa9 \xe4\xba\xac") == "caf\xc3\xa9 \xe4\xba\xac");
  BOOST_TEST(printable("a\x1b[2J") == "a\xef\xbf\xbd[2J");
  BOOST_TEST(printable("a\n\tb\x7f") ==
             "a\xef\xbf\xbd\xef\xbf\xbd"
             "b\xef\xbf\xbd");
  BOOST_TEST(printable("\xc2\x9b"
                       "1m") ==
             "\xef\xbf\xbd"
             "1m");  // C1 control sequence introducer
  BOOST_TEST(printable("\xe2\x80\xae"
                       "x") ==
             "\xef\xbf\xbd"
             "x");  // right-to-left override
  BOOST_TEST(printable("\xe4\xba") == "\xef\xbf\xbd\xef\xbf\xbd");
}

BOOST_AUTO_TEST_CASE(fit_fills_and_cuts_to_the_width) {
  BOOST_TEST(fit("abc", 5) == "abc  ");
  BOOST_TEST(fit("abc", 5, Align::kRight) == "  abc");
  BOOST_TEST(fit("abc", 3) == "abc");
  BOOST_TEST(fit("abcd", 3) == "ab\xe2\x80\xa6");
  BOOST_TEST(fit("abcd", 1) == "\xe2\x80\xa6");
  BOOST_TEST(fit("abcd", 0) == "");
  BOOST_TEST(fit("", 2) == "  ");
  BOOST_TEST(fit("\xe4\xba\xac\xe4\xba\xac", 4) == "\xe4\xba\xac\xe4\xba\xac");
  BOOST_TEST(fit("\xe4\xba\xac\xe4\xba\xac", 3) == "\xe4\xba\xac\xe2\x80\xa6");
  BOOST_TEST(fit("\xe4\xba\xac\xe4\xba\xac\xe4\xba\xac", 4) == "\xe4\xba\xac\xe2\x80\xa6 ");
  BOOST_TEST(fit("\xe4\xba\xac", 1) == "\xe2\x80\xa6");
  BOOST_TEST(fit("e\xcc\x81", 1) == "e\xcc\x81");
}

BOOST_AUTO_TEST_CASE(fit_always_has_the_width_asked_for) {
  std::mt19937_64 engine = test::seeded_engine();
  const char32_t letters[] = {'a', 'z', 0x301, 0xe9, 0x4eac, 0xac00, 0x1f697, 0x1b, 0x202e};
  for (int i = 0; i < 3'000; ++i) {
    std::string text;
    for (std::size_t length = engine() % 12; length > 0; --length) {
      text += engine() % 20 == 0 ? std::string("\xff") : encode(letters[engine() % std::size(letters)]);
    }
    const std::size_t width = engine() % 10;
    const std::string fitted = fit(text, width, engine() % 2 == 0 ? Align::kLeft : Align::kRight);
    BOOST_REQUIRE_EQUAL(display_width(fitted), width);
    BOOST_REQUIRE(is_utf8(fitted));
    BOOST_REQUIRE_EQUAL(printable(fitted), fitted);
  }
}

BOOST_AUTO_TEST_CASE(thousands_are_grouped) {
  BOOST_TEST(group_thousands(std::int64_t{0}) == "0");
  BOOST_TEST(group_thousands(std::int64_t{999}) == "999");
  BOOST_TEST(group_thousands(std::int64_t{1000}) == "1,000");
  BOOST_TEST(group_thousands(std::int64_t{-1234567}) == "-1,234,567");
  BOOST_TEST(group_thousands(std::numeric_limits<std::int64_t>::min()) == "-9,223,372,036,854,775,808");
  BOOST_TEST(group_thousands("1234567.5678 EUR") == "1,234,567.5678 EUR");
  BOOST_TEST(group_thousands("-123456") == "-123,456");
  BOOST_TEST(group_thousands("") == "");
  BOOST_TEST(group_thousands("n/a") == "n/a");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::base
