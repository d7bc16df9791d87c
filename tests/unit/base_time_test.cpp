// SPDX-License-Identifier: Apache-2.0
//
// Goal: times, durations and dates read and print exactly as RFC 3339 and ISO 8601 say, to the ends of their ranges.
// Method: tables of texts, a day-by-day walk through the calendar, random values against an independent calendar
// library.
#undef BOOST_TEST_MODULE  // main() is in base_test.cpp
#include "base/calendar.hpp"
#include "support/test_seed.hpp"

#include <carnet/time.hpp>

#include <boost/test/unit_test.hpp>
#include <date/date.h>

#include <limits>
#include <sstream>
#include <string>
#include <string_view>

namespace carnet {
namespace {

using test::seeded_engine;
using test::wide_int64;

constexpr std::int64_t kInt64Min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

BOOST_AUTO_TEST_SUITE(timestamp)

struct TimeRow {
  std::string_view text;
  std::int64_t ns;
  std::string_view canonical;  ///< Empty: the text itself.
};

constexpr TimeRow kTimes[] = {
    {"1970-01-01T00:00:00Z", 0, ""},
    {"1969-12-31T23:59:59.999999999Z", -1, ""},
    {"2024-01-01T08:00:00Z", 1'704'096'000'000'000'000, ""},
    {"2024-02-29T23:59:59.5Z", 1'709'251'199'500'000'000, ""},
    {"2000-02-29T00:00:00Z", 951'782'400'000'000'000, ""},
    {"2038-01-19T03:14:08Z", 2'147'483'648'000'000'000, ""},
    {"2024-01-01T10:30:00+02:30", 1'704'096'000'000'000'000, "2024-01-01T08:00:00Z"},
    {"2023-12-31T16:00:00-16:00", 1'704'096'000'000'000'000, "2024-01-01T08:00:00Z"},
    {"2024-01-01T08:00:00-00:00", 1'704'096'000'000'000'000, "2024-01-01T08:00:00Z"},
    {"2024-01-01T23:59:00+23:59", 1'704'067'200'000'000'000, "2024-01-01T00:00:00Z"},
    {"2024-01-01t08:00:00z", 1'704'096'000'000'000'000, "2024-01-01T08:00:00Z"},
    {"2024-01-01T08:00:00.000Z", 1'704'096'000'000'000'000, "2024-01-01T08:00:00Z"},
    {"2024-01-01T08:00:00.120300+00:00", 1'704'096'000'120'300'000, "2024-01-01T08:00:00.1203Z"},
    {"1970-01-01T00:00:00.000000001Z", 1, ""},
    {"1677-09-21T00:12:43.145224192Z", kInt64Min, ""},
    {"2262-04-11T23:47:16.854775807Z", kInt64Max, ""},
    {"2262-04-12T01:47:16.854775807+02:00", kInt64Max, "2262-04-11T23:47:16.854775807Z"},
    {"1678-01-01T00:00:00Z", -9'214'560'000'000'000'000, ""},
};

BOOST_AUTO_TEST_CASE(known_times_read_and_print) {
  for (const TimeRow& row : kTimes) {
    BOOST_TEST_CONTEXT(row.text) {
      const Result<Timestamp> time = parse_timestamp(row.text);
      BOOST_TEST_REQUIRE(time.has_value());
      BOOST_TEST(time->ns == row.ns);
      BOOST_TEST(to_text(Timestamp{row.ns}) == (row.canonical.empty() ? row.text : row.canonical));
    }
  }
}

constexpr std::string_view kBadTimes[] = {
    "",
    "2024-01-01",
    "2024-01-01T08:00:00",
    "2024-01-01 08:00:00Z",
    "2024-01-01T08:00Z",
    "2024-1-01T08:00:00Z",
    "2024-13-01T08:00:00Z",
    "2024-00-01T08:00:00Z",
    "2024-01-00T08:00:00Z",
    "2024-01-32T08:00:00Z",
    "2024-04-31T08:00:00Z",
    "2023-02-29T08:00:00Z",
    "1900-02-29T08:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T08:60:00Z",
    "2016-12-31T23:59:60Z",
    "2024-01-01T08:00:00.Z",
    "2024-01-01T08:00:00.1234567891Z",
    "2024-01-01T08:00:00,5Z",
    "2024-01-01T08:00:00.5",
    "2024-01-01T08:00:00+2:00",
    "2024-01-01T08:00:00+0200",
    "2024-01-01T08:00:00+02",
    "2024-01-01T08:00:00+24:00",
    "2024-01-01T08:00:00+02:60",
    "2024-01-01T08:00:00 +02:00",
    "2024-01-01T08:00:00ZZ",
    "2024-01-01T08:00:00Z ",
    " 2024-01-01T08:00:00Z",
    "2024-01-01T08-00-00Z",
    "2024/01/01T08:00:00Z",
    "+2024-01-01T08:00:00Z",
    "-024-01-01T08:00:00Z",
    "20 4-01-01T08:00:00Z",
    "2024-01-01T-8:00:00Z",
    "1677-09-21T00:12:43.145224191Z",
    "2262-04-11T23:47:16.854775808Z",
    "2262-04-11T23:47:16.854775807-00:01",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
};

BOOST_AUTO_TEST_CASE(what_is_no_time_is_refused_without_quoting_it) {
  for (const std::string_view text : kBadTimes) {
    BOOST_TEST_CONTEXT(text) {
      const Result<Timestamp> time = parse_timestamp(text);
      BOOST_TEST_REQUIRE(!time.has_value());
      BOOST_TEST((time.error().code() == ErrorCode::kInvalidArgument));
      BOOST_TEST(time.error().name() == "BadTime");
    }
  }
  BOOST_TEST(parse_timestamp("secret-13-secretZ").error().to_line().find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_time_with_one_byte_changed_never_reads_past_its_end) {
  const std::string good = "2024-02-29T23:59:59.123456789+23:59";
  for (std::size_t size = 0; size <= good.size(); ++size) {
    // A copy of exactly this size, so that the address sanitizer sees a read beyond it.
    const std::string cut(good.substr(0, size));
    BOOST_TEST(parse_timestamp(cut).has_value() == (size == good.size()));
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = good;
      changed[at] = static_cast<char>(byte);
      const Result<Timestamp> time = parse_timestamp(changed);
      if (time.has_value()) {
        const Result<Timestamp> again = parse_timestamp(to_text(*time));
        BOOST_TEST_REQUIRE(again.has_value());
        BOOST_TEST(again->ns == time->ns);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(random_times_agree_with_another_calendar_and_read_back) {
  std::mt19937_64 engine = seeded_engine();
  for (int i = 0; i < 20'000; ++i) {
    const Timestamp time{wide_int64(engine)};
    const std::string text = to_text(time);
    const Result<Timestamp> back = parse_timestamp(text);
    BOOST_REQUIRE(back.has_value());
    BOOST_REQUIRE_EQUAL(back->ns, time.ns);

    const std::int64_t seconds = base::floor_div(time.ns, kNsPerSecond);
    std::ostringstream theirs;
    theirs << date::format("%FT%T", date::sys_seconds(std::chrono::seconds(seconds)));
    BOOST_REQUIRE_EQUAL(text.substr(0, 19), theirs.str());
    BOOST_REQUIRE_EQUAL(text.size() == 20, time.ns % kNsPerSecond == 0);
    BOOST_REQUIRE_NE(text[text.size() - 2], text.size() == 20 ? 'Z' : '0');
  }
}

BOOST_AUTO_TEST_CASE(random_offsets_shift_the_time) {
  std::mt19937_64 engine = seeded_engine();
  for (int i = 0; i < 2'000; ++i) {
    const auto minutes = static_cast<std::int64_t>(engine() % 1440U);
    const bool east = engine() % 2 == 0;
    const std::int64_t local = static_cast<std::int64_t>(engine() % 4'000'000'000U) - 2'000'000'000;
    std::string text = to_text(Timestamp{local * kNsPerSecond});
    text.pop_back();
    text += east ? '+' : '-';
    text += static_cast<char>('0' + minutes / 600);
    text += static_cast<char>('0' + minutes / 60 % 10);
    text += ':';
    text += static_cast<char>('0' + minutes % 60 / 10);
    text += static_cast<char>('0' + minutes % 10);
    const Result<Timestamp> time = parse_timestamp(text);
    BOOST_REQUIRE(time.has_value());
    BOOST_REQUIRE_EQUAL(time->ns, (local - (east ? minutes : -minutes) * 60) * kNsPerSecond);
  }
}

BOOST_AUTO_TEST_CASE(utc_date_is_the_day_of_the_time) {
  BOOST_TEST(base::utc_date(Timestamp{0}).days == 0);
  BOOST_TEST(base::utc_date(Timestamp{-1}).days == -1);
  BOOST_TEST(to_text(base::utc_date(Timestamp{kInt64Min})) == "1677-09-21");
  BOOST_TEST(to_text(base::utc_date(Timestamp{kInt64Max})) == "2262-04-11");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(duration)

struct DurationRow {
  std::string_view text;
  std::int64_t seconds;
  std::string_view canonical;  ///< Empty: the text itself.
};

constexpr DurationRow kDurations[] = {
    {"PT0S", 0, ""},
    {"P0D", 0, "PT0S"},
    {"-PT0S", 0, "PT0S"},
    {"PT15M", 900, ""},
    {"P7D", 604'800, ""},
    {"P1W", 604'800, "P7D"},
    {"-P2W", -1'209'600, "-P14D"},
    {"-PT1S", -1, ""},
    {"P1DT2H3M4S", 93'784, ""},
    {"P1DT4S", 86'404, ""},
    {"PT36H", 129'600, "P1DT12H"},
    {"PT90M", 5'400, "PT1H30M"},
    {"PT3600S", 3'600, "PT1H"},
    {"P007DT00H", 604'800, "P7D"},
    {"PT9223372036854775807S", kInt64Max, "P106751991167300DT15H30M7S"},
    {"-PT9223372036854775808S", kInt64Min, "-P106751991167300DT15H30M8S"},
    {"P106751991167300DT15H30M7S", kInt64Max, ""},
    {"-P106751991167300DT15H30M8S", kInt64Min, ""},
};

BOOST_AUTO_TEST_CASE(known_durations_read_and_print) {
  for (const DurationRow& row : kDurations) {
    BOOST_TEST_CONTEXT(row.text) {
      const Result<Duration> duration = parse_duration(row.text);
      BOOST_TEST_REQUIRE(duration.has_value());
      BOOST_TEST(duration->seconds == row.seconds);
      BOOST_TEST(to_text(Duration{row.seconds}) == (row.canonical.empty() ? row.text : row.canonical));
    }
  }
}

constexpr std::string_view kBadDurations[] = {"",
                                              "P",
                                              "PT",
                                              "-P",
                                              "-",
                                              "T1S",
                                              "1D",
                                              "P1",
                                              "PD",
                                              "PW",
                                              "PTS",
                                              "P1DT",
                                              "P1H",
                                              "PT1D",
                                              "PT1W",
                                              "P1WT1H",
                                              "P1W1D",
                                              "P1D1W",
                                              "P1W1W",
                                              "P1Y",
                                              "P1M",
                                              "PT1S1M",
                                              "PT1M1M",
                                              "P1D1D",
                                              "PT1HT1M",
                                              "PT1.5S",
                                              "PT1,5S",
                                              "P-1D",
                                              "P+1D",
                                              "+P1D",
                                              "--P1D",
                                              "p1d",
                                              "P1d",
                                              " P1D",
                                              "P1D ",
                                              "P 1D",
                                              "PT9223372036854775808S",
                                              "-PT9223372036854775809S",
                                              "P106751991167300DT15H30M8S",
                                              "P106751991167301D",
                                              "P18446744073709551615D",
                                              "P18446744073709551616D",
                                              "P30500568904944W"};

BOOST_AUTO_TEST_CASE(what_is_no_duration_is_refused) {
  for (const std::string_view text : kBadDurations) {
    BOOST_TEST_CONTEXT(text) {
      const Result<Duration> duration = parse_duration(text);
      BOOST_TEST_REQUIRE(!duration.has_value());
      BOOST_TEST(duration.error().name() == "BadDuration");
    }
  }
}

BOOST_AUTO_TEST_CASE(random_durations_read_back) {
  std::mt19937_64 engine = seeded_engine();
  for (int i = 0; i < 20'000; ++i) {
    const Duration duration{wide_int64(engine)};
    const Result<Duration> back = parse_duration(to_text(duration));
    BOOST_REQUIRE(back.has_value());
    BOOST_REQUIRE_EQUAL(back->seconds, duration.seconds);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(local_date)

BOOST_AUTO_TEST_CASE(known_dates_read_and_print) {
  const std::pair<std::string_view, std::int32_t> rows[] = {
      {"1970-01-01", 0},        {"1969-12-31", -1},       {"2000-02-29", 11'016},   {"2024-12-31", 20'088},
      {"0000-01-01", -719'528}, {"0000-02-29", -719'469}, {"9999-12-31", 2'932'896}};
  for (const auto& [text, days] : rows) {
    const Result<LocalDate> date = parse_local_date(text);
    BOOST_TEST_REQUIRE(date.has_value());
    BOOST_TEST(date->days == days);
    BOOST_TEST(to_text(LocalDate{days}) == text);
  }
  BOOST_TEST((*parse_local_date("0000-01-01") == kLocalDateMin));
  BOOST_TEST((*parse_local_date("9999-12-31") == kLocalDateMax));
}

BOOST_AUTO_TEST_CASE(what_is_no_day_is_refused) {
  for (const std::string_view text :
       {"", "2024", "2024-01", "2024-01-1", "2024-01-001", "2024-02-30", "2023-02-29", "2024-00-10", "2024-13-10",
        "2024-01-00", "24-01-01", "2024-01-01Z", "2024-01-01T00:00:00Z", "20240101", "2024/01/01", "-024-01-01",
        "+2024-01-01", "2024-W01-1", "2024-0a-01"}) {
    BOOST_TEST_CONTEXT(text) {
      const Result<LocalDate> date = parse_local_date(text);
      BOOST_TEST_REQUIRE(!date.has_value());
      BOOST_TEST(date.error().name() == "BadDate");
    }
  }
}

BOOST_AUTO_TEST_CASE(dates_outside_four_digits_print_with_a_sign) {
  BOOST_TEST(to_text(LocalDate{kLocalDateMax.days + 1}) == "+10000-01-01");
  BOOST_TEST(to_text(LocalDate{kLocalDateMin.days - 1}) == "-0001-12-31");
  BOOST_TEST(to_text(LocalDate{std::numeric_limits<std::int32_t>::max()}) == "+5881580-07-11");
  BOOST_TEST(to_text(LocalDate{std::numeric_limits<std::int32_t>::min()}) == "-5877641-06-23");
}

BOOST_AUTO_TEST_CASE(a_walk_through_the_calendar_meets_every_day_once) {
  // Independent of the closed formulas: a calendar that only knows how to go to the next day.
  std::int64_t days = base::days_from_civil({.year = -1, .month = 1, .day = 1});
  for (std::int64_t year = -1; year <= 2401; ++year) {
    for (std::int32_t month = 1; month <= 12; ++month) {
      for (std::int32_t day = 1; day <= base::days_of_month(year, month); ++day, ++days) {
        const base::CivilDate date{.year = year, .month = month, .day = day};
        if (base::days_from_civil(date) != days || base::civil_from_days(days) != date) {
          BOOST_FAIL("wrong at day " << days);
        }
      }
    }
  }
  BOOST_TEST(days == base::days_from_civil({.year = 2402, .month = 1, .day = 1}));
}

BOOST_AUTO_TEST_CASE(random_dates_agree_with_another_calendar) {
  std::mt19937_64 engine = seeded_engine();
  for (int i = 0; i < 20'000; ++i) {
    // The other one keeps years in 16 bits.
    const auto days = static_cast<std::int32_t>(engine() % 22'000'000) - 11'000'000;
    const date::year_month_day theirs{date::sys_days(date::days(days))};
    const base::CivilDate ours = base::civil_from_days(days);
    BOOST_REQUIRE_EQUAL(ours.year, static_cast<int>(theirs.year()));
    BOOST_REQUIRE_EQUAL(ours.month, static_cast<std::int32_t>(static_cast<unsigned>(theirs.month())));
    BOOST_REQUIRE_EQUAL(ours.day, static_cast<std::int32_t>(static_cast<unsigned>(theirs.day())));
    BOOST_REQUIRE_EQUAL(base::days_from_civil(ours), days);
  }
}

BOOST_AUTO_TEST_CASE(append_text_adds_to_what_is_there) {
  std::string out = "[";
  base::append_text(out, Timestamp{0});
  out += ' ';
  base::append_text(out, Duration{60});
  out += ' ';
  base::append_text(out, LocalDate{0});
  BOOST_TEST(out == "[1970-01-01T00:00:00Z PT1M 1970-01-01");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet
