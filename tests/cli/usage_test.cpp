// SPDX-License-Identifier: Apache-2.0
//
// Goal: the command line says what it can do and refuses what it cannot, before anything is opened (exit code 2).
#include "cli/runner.hpp"

#include <boost/test/unit_test.hpp>

using carnet::test::number_of;
using carnet::test::Ran;
using carnet::test::Shell;
using carnet::test::text_of;
using carnet::test::Words;

namespace {

const Words kVerbs{"init",        "import",   "generate", "events",       "transfers",   "balances",
                   "violations",  "rentals",  "accounts", "reservations", "inspections", "deposits",
                   "settlements", "payments", "cases",    "findings",     "head",        "verify",
                   "backup",      "restore",  "recover",  "stats",        "kpi"};

}  // namespace

BOOST_AUTO_TEST_CASE(help_is_short_and_names_every_verb) {
  Shell carnet;
  const Ran ran = carnet.expect(0, {"--help"});
  BOOST_TEST(std::count(ran.out.begin(), ran.out.end(), '\n') < 50);
  for (const std::string& verb : kVerbs) {
    BOOST_TEST(ran.out.find("\n  " + verb + " ") != std::string::npos, verb);
  }
  BOOST_TEST(ran.err.empty());
}

BOOST_AUTO_TEST_CASE(every_verb_has_help_with_an_example_of_itself) {
  Shell carnet;
  for (const std::string& verb : kVerbs) {
    const Ran ran = carnet.expect(0, {verb, "--help"});
    const std::string first = verb == "restore" ? " DIR LEDGER" : " LEDGER";
    BOOST_TEST(ran.out.rfind("Usage: carnet " + verb + first, 0) == 0U, verb);
    BOOST_TEST(ran.out.find("Example:\n  carnet " + verb + (verb == "restore" ? " /backup/shop" : " shop")) !=
                   std::string::npos,
               verb);
    for (std::size_t at = 0; at < ran.out.size();) {
      const std::size_t end = ran.out.find('\n', at);
      BOOST_TEST(end - at <= 121U, verb + ": a line of help is too wide");
      at = end + 1;
    }
  }
}

BOOST_AUTO_TEST_CASE(version_names_program_and_format) {
  Shell carnet;
  const Ran ran = carnet.expect(0, {"--version"});
  BOOST_TEST(ran.out == "carnet " CARNET_TEST_VERSION " (ledger format 1)\n");
}

BOOST_AUTO_TEST_CASE(a_wrong_command_line_is_exit_code_2_with_one_line_that_says_why) {
  Shell carnet;

  const struct {
    Words words;
    const char* why;
  } kRows[] = {
      {{}, "no verb was given"},
      {{"frobnicate"}, "frobnicate: no such verb"},
      {{"--frobnicate"}, "no such verb or option"},
      {{"obligations", "L"}, "obligations: not in this version"},
      {{"kpi", "L", "--window", "2024-13"}, "a window is a year"},
      {{"init"}, "LEDGER is required"},
      {{"init", ""}, "must not be empty"},
      {{"init", "L", "--zone", "Mars/Olympus"}, "no time zone has this name"},
      {{"init", "L", "--currency", "EURO"}, "expected an ISO 4217 code"},
      {{"init", "L", "--jurisdiction", "italy"}, "two capital letters"},
      {{"init", "L", "--go-live", "yesterday"}, "expected a time"},
      {{"init", "L", "--bare", "--zone", "UTC"}, "writes no LedgerOpened"},
      {{"import", "L"}, "FILE is required"},
      {{"import", "L", "F", "--on-refusal", "hope"}, "expected stop|skip"},
      {{"events", "L", "--after", "-1"}, "expected a whole number"},
      {{"events", "L", "--after", "18446744073709551616"}, "expected a whole number"},
      {{"events", "L", "--limit", "0x10"}, "expected a whole number"},
      {{"events", "L", "--limit", "1e3"}, "expected a whole number"},
      {{"events", "L", "--stream", ""}, "must not be empty"},
      {{"events", "L", "--export", "--limit", "3"}, "takes no filter"},
      {{"events", "L", "--after", "1", "--after", "2"}, "--after"},
      {{"balances", "L", "--by", "week"}, "expected month|chart"},
      {{"balances", "L", "--as-of", "2024-02-30"}, "expected a time"},
      {{"balances", "L", "--known-at", "0001-01-01"}, "expected a position"},
      {{"violations", "L", "--as-of", "yesterday"}, "expected a time"},
      {{"rentals", "L", "--known-at", "-7"}, "expected a position"},
      {{"orders", "L"}, "orders: not in this version"},
      {{"deposits", "L", "D1", "--after", "D2"}, "names one"},
      {{"payments", "L", "--limit", "many"}, "expected a whole number"},
      {{"cases", "L", "--sum"}, "--sum is no option of it"},
      {{"violations", "L", "A1", "--limit", "3"}, "names one"},
      {{"violations", "L", "A1", "--sum"}, "sums all"},
      {{"recover", "L"}, "--accept-loss"},
      {{"recover", "L", "--accept-loss", "--approver", "the boss"}, "expected an id"},
      {{"findings", "L", "first"}, "expected a position"},
      {{"findings", "L", "7.x"}, "expected a position"},
      {{"findings", "L", "7.1", "--limit", "3"}, "names one"},
      {{"findings", "L", "--severity", "bad"}, "expected info|warning|breach"},
      {{"backup", "L"}, "DIR is required"},
      {{"restore", "D"}, "LEDGER: is required"},
      {{"restore", "D", "L", "--list"}, "restores nothing"},
      {{"head", "L", "M"}, "M is one word too many"},
      {{"head", "L", "--lmit", "3"}, "--lmit is no option of it"},
      {{"balances", "L", "--by", "chart", "--limit", "3"}, "adds up all"},
  };

  for (const auto& row : kRows) {
    const Ran ran = carnet.expect(2, row.words);
    BOOST_TEST(ran.err.find(row.why) != std::string::npos, ran.err);
    BOOST_TEST(ran.err.rfind("carnet: ", 0) == 0U, ran.err);
    BOOST_TEST(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
    BOOST_TEST(ran.out.empty());
  }
}

BOOST_AUTO_TEST_CASE(with_json_a_wrong_command_line_is_told_on_stdout_too) {
  Shell carnet;
  const Ran ran = carnet.expect(2, {"events", "L", "--limit", "many", "--json"});
  const auto json = ran.json();
  BOOST_TEST(text_of(json, "outcome") == "usage");
  BOOST_TEST(text_of(json, "message").find("--limit") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(numbers_are_decimal_and_options_may_stand_anywhere) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  BOOST_TEST(carnet.expect(0, {"events", "L", "--json", "--limit", "010"}).lines().size() == 4U);
  BOOST_TEST(carnet.expect(0, {"--json", "events", "--limit=2", "L"}).lines().size() == 2U);
  BOOST_TEST(carnet.expect(0, {"events", "--limit", "1", "--", "L"}).out.find("LedgerCreated") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_ledger_may_have_the_name_of_a_verb) {
  Shell carnet;
  carnet.expect(0, {"init", "events"});
  BOOST_TEST(number_of(carnet.expect(0, {"head", "events", "--json"}).json(), "position") == 4);
}
