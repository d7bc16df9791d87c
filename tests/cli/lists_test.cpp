// SPDX-License-Identifier: Apache-2.0
//
// Goal: the verbs that list subjects of lifecycles print what stands in tests/cli/golden, in pages, by id, in any zone
// and as of another time; violations and rentals can be asked for another time, too. Method: one small ledger of two
// orders, imported from data/money.ndjson.
#include "cli/runner.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>

using carnet::test::check_golden;
using carnet::test::number_of;
using carnet::test::Ran;
using carnet::test::sample;
using carnet::test::Shell;
using carnet::test::text_of;
using carnet::test::Words;

namespace {

const Words kVerbs{"accounts", "reservations", "inspections", "deposits", "settlements", "payments", "cases"};
/// Those of which the ledger has something, and how many.
const std::map<std::string, std::size_t> kListed{{"deposits", 2}, {"settlements", 2}, {"payments", 5}, {"cases", 1}};

/// One ledger for all cases: they only read it.
Shell& shop() {
  static Shell shell;
  static const bool is_ready = [] {
    shell.expect(0, {"init", "shop", "--zone", "Asia/Shanghai", "--currency", "CNY", "--jurisdiction", "CN"});
    shell.write("money.ndjson", sample("money.ndjson"));
    shell.expect(0, {"import", "shop", "money.ndjson"});
    shell.expect(0, {"init", "fines", "--zone", "Europe/Rome", "--currency", "EUR"});
    shell.write("sample.ndjson", sample("sample.ndjson"));
    shell.expect(0, {"import", "fines", "sample.ndjson"});
    return true;
  }();
  BOOST_REQUIRE(is_ready);
  return shell;
}

std::string printed(Words words, carnet::test::RunOptions options = {}) {
  return shop().expect(0, words, std::move(options)).out;
}

/// `state` of the one line that an id gives.
std::string state_of(Words words) {
  words.emplace_back("--json");
  return text_of(shop().expect(0, words).json(), "state");
}

}  // namespace

BOOST_AUTO_TEST_CASE(lists_are_as_they_were) {
  for (const auto& [verb, count] : kListed) {
    check_golden(verb + ".txt", printed({verb, "shop"}));
    check_golden(verb + ".json", printed({verb, "shop", "--json"}));
    BOOST_TEST(shop().expect(0, {verb, "shop", "--json"}).lines().size() == count, verb);
  }
  check_golden("deposits-as-of.txt", printed({"deposits", "shop", "--as-of", "2024-03-06"}));
}

BOOST_AUTO_TEST_CASE(a_list_without_rows_says_so) {
  for (const char* verb : {"accounts", "reservations", "inspections"}) {
    const Ran ran = shop().expect(0, {verb, "shop"});
    BOOST_TEST(ran.out.empty());
    BOOST_TEST(ran.err.find("there is none") != std::string::npos, ran.err);
    BOOST_TEST(shop().expect(0, {verb, "shop", "--json"}).out.empty());
    BOOST_TEST(shop().expect(0, {verb, "shop", "--as-of", "2024-03-06", "--json"}).out.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_list_fits_a_terminal_of_80_places) {
  for (const std::string& verb : kVerbs) {
    const std::string out = printed({verb, "shop"}, {.environment = {"COLUMNS=80"}});
    for (std::size_t at = 0; at < out.size();) {
      const std::size_t end = out.find('\n', at);
      const auto width =
          std::count_if(out.begin() + static_cast<std::ptrdiff_t>(at), out.begin() + static_cast<std::ptrdiff_t>(end),
                        [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
      BOOST_TEST(width <= 80, verb + ": " + out.substr(at, end - at));
      at = end + 1;
    }
  }
}

BOOST_AUTO_TEST_CASE(an_id_gives_one_line_or_is_not_found) {
  BOOST_TEST(shop().expect(0, {"deposits", "shop", "D1", "--json"}).lines().size() == 1U);
  BOOST_TEST(text_of(shop().expect(0, {"deposits", "shop", "deposit/D1", "--json"}).json(), "deposit") == "D1");
  BOOST_TEST(text_of(shop().expect(0, {"payments", "shop", "F1", "--json"}).json(), "kind") == "refund");
  BOOST_TEST(text_of(shop().expect(0, {"settlements", "shop", "O2", "--json"}).json(), "order") == "O2");
  for (const std::string& verb : kVerbs) {
    const Ran ran = shop().expect(1, {verb, "shop", "X999", "--json"});
    BOOST_TEST(text_of(ran.json(), "outcome") == "notFound", verb);
    BOOST_TEST(text_of(ran.json(), "error").rfind("NoSuch", 0) == 0U, verb);
    BOOST_TEST(text_of(shop().expect(1, {verb, "shop", "--after", "X999", "--json"}).json(), "error") == "AfterUnknown",
               verb);
  }
}

BOOST_AUTO_TEST_CASE(pages_make_the_whole) {
  const std::string whole = printed({"payments", "shop", "--json"});
  const std::string first = printed({"payments", "shop", "--json", "--limit", "2"});
  BOOST_TEST(std::count(first.begin(), first.end(), '\n') == 2);
  BOOST_TEST(first + printed({"payments", "shop", "--json", "--after", "P2"}) == whole);
  BOOST_TEST(printed({"payments", "shop", "--json", "--after", "W1"}).empty());
}

BOOST_AUTO_TEST_CASE(times_are_shown_in_the_zone_that_was_asked_for) {
  BOOST_TEST(printed({"cases", "shop"}).find("2024-03-12T16:00:00+08:00") != std::string::npos);
  BOOST_TEST(printed({"cases", "shop", "--zone", "UTC"}).find("2024-03-12T08:00:00Z") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_end_of_time_known_at_the_end_is_the_head) {
  for (const std::string& verb : kVerbs) {
    const std::string head = printed({verb, "shop", "--json"});
    BOOST_TEST(printed({verb, "shop", "--json", "--as-of", "2100-01-01"}) == head, verb);
    BOOST_TEST(printed({verb, "shop", "--json", "--known-at", "23"}) == head, verb);
    BOOST_TEST(printed({verb, "shop", "--json", "--known-at", "2100-01-01"}) == head, verb);
    BOOST_TEST(printed({verb, "shop", "--json", "--known-at", "0"}).empty(), verb);
    BOOST_TEST(printed({verb, "shop", "--json", "--as-of", "2020-01-01"}).empty(), verb);
  }
  for (const Words& words :
       {Words{"violations", "fines"}, Words{"violations", "fines", "--sum"}, Words{"rentals", "fines"}}) {
    Words then = words;
    then.insert(then.end(), {"--as-of", "2100-01-01"});
    BOOST_TEST(printed(then) == printed(words));
  }
}

BOOST_AUTO_TEST_CASE(states_are_those_of_the_time_asked_for) {
  BOOST_TEST(state_of({"deposits", "shop", "D2"}) == "held");
  // 2024-03-02T08:00Z is four in the afternoon in Shanghai.
  BOOST_TEST(state_of({"deposits", "shop", "D2", "--as-of", "2024-03-02"}) == "held");
  BOOST_TEST(text_of(shop().expect(1, {"deposits", "shop", "D2", "--as-of", "2024-03-02T07:59:59Z", "--json"}).json(),
                     "error") == "NoSuchDeposit");
  BOOST_TEST(state_of({"settlements", "shop", "O1"}) == "stated");
  BOOST_TEST(state_of({"settlements", "shop", "O1", "--as-of", "2024-03-12"}) == "open");
  BOOST_TEST(state_of({"settlements", "shop", "O1", "--known-at", "22"}) == "open");
  BOOST_TEST(state_of({"payments", "shop", "P2"}) == "partlyReturned");
  BOOST_TEST(state_of({"payments", "shop", "P2", "--as-of", "2024-03-08"}) == "received");
}

BOOST_AUTO_TEST_CASE(violations_and_rentals_can_be_asked_for_another_time) {
  BOOST_TEST(state_of({"violations", "fines", "A100"}) == "settled");
  BOOST_TEST(state_of({"violations", "fines", "A100", "--as-of", "2013-01-20"}) == "charged");
  BOOST_TEST(state_of({"violations", "fines", "A100", "--known-at", "6"}) == "charged");
  const auto due = [](const Words& more) {
    Words words{"violations", "fines", "--sum", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return number_of(shop().expect(0, words).json()["due"], "minor");
  };
  BOOST_TEST(due({"--as-of", "2013-01-01"}) == 3500);
  BOOST_TEST(printed({"violations", "fines", "--as-of", "2012-12-31"}).empty());
  BOOST_TEST(state_of({"rentals", "fines", "R1"}) == "returned");
  BOOST_TEST(state_of({"rentals", "fines", "R1", "--as-of", "2014-01-01T08:24:59Z"}) == "inUse");
}

BOOST_AUTO_TEST_CASE(what_was_reversed_had_never_been) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  carnet.expect(0, {"import", "L", "-"}, {.in = sample("reversal.ndjson")});
  const auto violation = [&](const Words& more) {
    Words words{"violations", "L", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return text_of(carnet.expect(0, words).json(), "state");
  };
  BOOST_TEST(violation({}) == "charged");
  BOOST_TEST(violation({"--as-of", "2013-01-31"}) == "charged");
  BOOST_TEST(violation({"--as-of", "2013-01-31", "--known-at", "7"}) == "settled");
}
