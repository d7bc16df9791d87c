// SPDX-License-Identifier: Apache-2.0
//
// Goal: what every verb prints, for people and for programs, is what stands in tests/cli/golden. Method: one small
// ledger, imported from data/sample.ndjson; CARNET_UPDATE_GOLDEN=1 writes the files anew, to be read in the diff.
#include "cli/runner.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <map>

using carnet::test::Background;
using carnet::test::check_golden;
using carnet::test::number_of;
using carnet::test::Ran;
using carnet::test::sample;
using carnet::test::Shell;
using carnet::test::text_of;
using carnet::test::Words;

namespace {

/// One ledger for all cases: they only read it.
Shell& shop() {
  static Shell shell;
  static const bool is_ready = [] {
    shell.expect(0, {"init", "shop", "--origin", "shop.example", "--zone", "Europe/Rome", "--currency", "EUR",
                     "--jurisdiction", "IT"});
    shell.write("sample.ndjson", sample("sample.ndjson"));
    shell.expect(0, {"import", "shop", "sample.ndjson"});
    return true;
  }();
  BOOST_REQUIRE(is_ready);
  return shell;
}

std::string printed(const Words& words, carnet::test::RunOptions options = {}) {
  return shop().expect(0, words, std::move(options)).out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(init_prints_what_it_made) {
  Shell carnet;
  check_golden("init.txt", carnet.expect(0, {"init", "a"}).out);
  check_golden("init.json", carnet.expect(0, {"init", "b", "--json", "--bare", "--origin", "b.example"}).out);
}

BOOST_AUTO_TEST_CASE(tables_are_as_they_were) {
  check_golden("events.txt", printed({"events", "shop", "--after", "4"}));
  check_golden("transfers.txt", printed({"transfers", "shop"}));
  check_golden("balances.txt", printed({"balances", "shop"}));
  check_golden("balances-chart.txt", printed({"balances", "shop", "--by", "chart"}));
  check_golden("balances-month.txt", printed({"balances", "shop", "--by", "month"}));
  check_golden("violations.txt", printed({"violations", "shop"}));
  check_golden("violations-sum.txt", printed({"violations", "shop", "--sum"}));
  check_golden("rentals.txt", printed({"rentals", "shop"}));
  check_golden("kpi.txt", printed({"kpi", "shop", "--window", "2013-H1", "--include-history"}));
  check_golden("findings.txt", printed({"findings", "shop"}));
  check_golden("head.txt", printed({"head", "shop"}));
  check_golden("verify.txt", printed({"verify", "shop"}));
}

BOOST_AUTO_TEST_CASE(json_is_as_it_was) {
  check_golden("events.json", printed({"events", "shop", "--after", "4", "--json"}));
  check_golden("transfers.json", printed({"transfers", "shop", "--json"}));
  check_golden("balances.json", printed({"balances", "shop", "--json"}));
  check_golden("balances-chart.json", printed({"balances", "shop", "--by", "chart", "--json"}));
  check_golden("balances-month.json", printed({"balances", "shop", "--by", "month", "--json"}));
  check_golden("violations.json", printed({"violations", "shop", "--json"}));
  check_golden("violations-sum.json", printed({"violations", "shop", "--sum", "--json"}));
  check_golden("rentals.json", printed({"rentals", "shop", "--json"}));
  check_golden("kpi.json", printed({"kpi", "shop", "K-16", "--window", "2013-H1", "--include-history", "--json"}));
  check_golden("findings.json", printed({"findings", "shop", "--json"}));
  check_golden("head.json", printed({"head", "shop", "--json"}));
  check_golden("receipt.json", printed({"head", "shop", "--json", "--command", "fine-A100"}));
}

BOOST_AUTO_TEST_CASE(a_narrow_terminal_cuts_names_and_never_amounts) {
  const std::string out = printed({"balances", "shop"}, {.environment = {"COLUMNS=90"}});
  check_golden("balances-narrow.txt", out);
  BOOST_TEST(out.find("…") != std::string::npos);
  BOOST_TEST(out.find("381.50") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_table_fits_a_terminal_of_80_places) {
  for (const char* verb : {"balances", "transfers", "violations", "rentals", "findings", "events"}) {
    const std::string out = printed({verb, "shop"}, {.environment = {"COLUMNS=80"}});
    for (std::size_t at = 0; at < out.size();) {
      const std::size_t end = out.find('\n', at);
      const auto width =
          std::count_if(out.begin() + static_cast<std::ptrdiff_t>(at), out.begin() + static_cast<std::ptrdiff_t>(end),
                        [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
      BOOST_TEST(width <= 80, std::string(verb) + ": " + out.substr(at, end - at));
      at = end + 1;
    }
  }
}

BOOST_AUTO_TEST_CASE(pages_of_balances_and_transfers_make_the_whole) {
  for (const char* verb : {"balances", "transfers"}) {
    const char* const place = std::string_view(verb) == "balances" ? "account" : "position";
    const std::string whole = printed({verb, "shop", "--json"});
    const std::string first = printed({verb, "shop", "--json", "--limit", "1"});
    BOOST_TEST(whole.rfind(first, 0) == 0U);
    const Ran ran = shop().expect(0, {verb, "shop", "--json", "--limit", "1"});
    const auto json = ran.json();
    const std::string after = json[place].IsString() ? json[place].GetString() : std::to_string(json[place].GetInt());
    BOOST_TEST(first + printed({verb, "shop", "--json", "--after", after}) == whole, verb);
  }
  BOOST_TEST(text_of(shop().expect(1, {"balances", "shop", "--after", "asset/none", "--json"}).json(), "error") ==
             "AfterUnknown");
}

BOOST_AUTO_TEST_CASE(findings_can_be_paged_chosen_and_named) {
  const auto all = shop().expect(0, {"findings", "shop", "--json"}).lines();
  BOOST_REQUIRE(all.size() >= 2U);
  const std::string first = text_of(all.front(), "finding");
  BOOST_TEST(shop().expect(0, {"findings", "shop", first, "--json"}).lines().size() == 1U);
  const auto rest = shop().expect(0, {"findings", "shop", "--after", first, "--json"}).lines();
  BOOST_TEST(rest.size() + 1 == all.size());
  const std::string code = text_of(all.front(), "code");
  for (const auto& line : shop().expect(0, {"findings", "shop", "--code", code, "--json"}).lines()) {
    BOOST_TEST(text_of(line, "code") == code);
  }
  BOOST_TEST(shop().expect(0, {"findings", "shop", "--known-at", "0", "--json"}).out.empty());
  BOOST_TEST(shop().expect(0, {"findings", "shop", "--as-of", "1999-01-01", "--json"}).out.empty());
  BOOST_TEST(text_of(shop().expect(1, {"findings", "shop", "999999.1", "--json"}).json(), "error") == "NoSuchFinding");
}

BOOST_AUTO_TEST_CASE(kpis_are_of_a_window_as_it_was_known) {
  const auto fines = [](const Words& more) {
    Words words{"kpi", "shop", "K-16.finesCharged", "--window", "2013-01-01..2014-01-01", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return shop().expect(0, words).json();
  };
  const auto all = fines({"--include-history"});
  BOOST_TEST(text_of(all, "previousWindow") == "2012-01-02..2013-01-01");
  BOOST_TEST(number_of(all["value"], "numerator") > 0);
  BOOST_TEST(number_of(fines({})["value"], "numerator") == 0);
  BOOST_TEST(number_of(fines({"--include-history", "--known-at", "4"})["value"], "numerator") == 0);
  BOOST_TEST(text_of(shop().expect(1, {"kpi", "shop", "K-99", "--json"}).json(), "error") == "KpiUnknown");
}

BOOST_AUTO_TEST_CASE(a_rebuild_reaches_the_same_fingerprints) {
  Shell carnet;
  carnet.expect(0, {"init", "L", "--zone", "Europe/Rome", "--currency", "EUR"});
  carnet.write("sample.ndjson", sample("sample.ndjson"));
  carnet.expect(0, {"import", "L", "sample.ndjson"});
  const auto json = carnet.expect(0, {"rebuild", "L", "--json"}).json();
  BOOST_TEST(text_of(json, "outcome") == "rebuilt");
  BOOST_TEST(json["projections"].Size() > 2U);
  for (const auto& one : json["projections"].GetArray()) {
    BOOST_TEST(text_of(one, "before") == text_of(one, "after"));
  }
  BOOST_TEST(carnet.expect(0, {"rebuild", "L", "--projection", "violations"}).out.find("as it was live") !=
             std::string::npos);
  BOOST_TEST(text_of(carnet.expect(1, {"rebuild", "L", "--projection", "none", "--json"}).json(), "error") ==
             "NoSuchProjection");
}

BOOST_AUTO_TEST_CASE(an_id_gives_one_line_or_is_not_found) {
  BOOST_TEST(shop().expect(0, {"violations", "shop", "A101", "--json"}).lines().size() == 1U);
  BOOST_TEST(text_of(shop().expect(0, {"violations", "shop", "violation/A101", "--json"}).json(), "violation") ==
             "A101");
  BOOST_TEST(text_of(shop().expect(0, {"rentals", "shop", "R1", "--json"}).json(), "returnedAt") ==
             "2014-01-01T08:25:00Z");
  for (const char* verb : {"violations", "rentals"}) {
    const Ran ran = shop().expect(1, {verb, "shop", "X999", "--json"});
    BOOST_TEST(text_of(ran.json(), "outcome") == "notFound");
    BOOST_TEST(ran.err.find("X999") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(lists_are_paged_by_the_last_id_seen) {
  const auto all = shop().expect(0, {"violations", "shop", "--json"}).lines();
  std::vector<std::string> ids;
  for (std::string after;;) {
    Words words{"violations", "shop", "--json", "--limit", "2"};
    if (!after.empty()) {
      words.insert(words.end(), {"--after", after});
    }
    const auto page = shop().expect(0, words).lines();
    if (page.empty()) {
      break;
    }
    BOOST_TEST(page.size() <= 2U);
    for (const auto& row : page) {
      ids.push_back(text_of(row, "violation"));
    }
    after = ids.back();
  }
  BOOST_REQUIRE_EQUAL(ids.size(), all.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    BOOST_TEST(ids[i] == text_of(all[i], "violation"));
  }
  BOOST_TEST(text_of(shop().expect(1, {"violations", "shop", "--after", "X999", "--json"}).json(), "outcome") ==
             "notFound");
}

BOOST_AUTO_TEST_CASE(filters_of_events_are_combined) {
  const auto count = [](const Words& more) {
    Words words{"events", "shop", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return shop().expect(0, words).lines().size();
  };
  BOOST_TEST(count({"--stream", "violation/A101"}) == 5U);
  BOOST_TEST(count({"--tag", "violation/A101"}) == 6U);
  BOOST_TEST(count({"--tag", "violation/A101", "--type", "PaymentReceived"}) == 1U);
  BOOST_TEST(count({"--tag", "violation/A101", "--after", "11"}) == 2U);
  BOOST_TEST(count({"--type", "TrafficViolationCharged", "--limit", "3"}) == 3U);
  BOOST_TEST(count({"--stream", "violation/nobody"}) == 0U);
}

BOOST_AUTO_TEST_CASE(filters_of_transfers_are_combined_and_ends_of_days_are_inclusive) {
  const auto count = [](const Words& more) {
    Words words{"transfers", "shop", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return shop().expect(0, words).lines().size();
  };
  BOOST_TEST(count({"--account", "asset/cash"}) == 3U);
  BOOST_TEST(count({"--account", "asset/receivable/customer/external/A101"}) == 4U);
  BOOST_TEST(count({"--account", "asset/receivable/customer/external/A10"}) == 0U);
  BOOST_TEST(count({"--account", "asset"}) == count({}));
  BOOST_TEST(count({"--tag", "external/A101", "--account", "asset/cash"}) == 2U);
  // 2012-12-31T23:00:00Z is the first moment of 2013 in Rome, the ledger's zone.
  BOOST_TEST(count({"--from", "2013-01-01", "--to", "2013-01-01"}) == 1U);
  BOOST_TEST(count({"--to", "2012-12-31"}) == 0U);
  BOOST_TEST(count({"--to", "2012-12-31", "--zone", "UTC"}) == 1U);
  BOOST_TEST(count({"--to", "2012-12-31T23:00:00Z"}) == 1U);
  BOOST_TEST(count({"--to", "2012-12-31T22:59:59.999999999Z"}) == 0U);
}

BOOST_AUTO_TEST_CASE(folded_balances_agree_with_those_of_the_head) {
  const std::string head = printed({"balances", "shop", "--json"});
  BOOST_TEST(printed({"balances", "shop", "--json", "--as-of", "2100-01-01"}) == head);
  BOOST_TEST(printed({"balances", "shop", "--json", "--known-at", "24"}) == head);
  BOOST_TEST(printed({"balances", "shop", "--json", "--known-at", "2100-01-01T00:00:00Z"}) == head);
  BOOST_TEST(printed({"balances", "shop", "--json", "--known-at", "4"}).empty());
  BOOST_TEST(printed({"balances", "shop", "--json", "--known-at", "2020-01-01"}).empty());
  BOOST_TEST(printed({"balances", "shop", "--json", "--as-of", "2012-12-31"}).empty());
  BOOST_TEST(printed({"balances", "shop", "--json", "--by", "chart", "--known-at", "24"}) ==
             printed({"balances", "shop", "--json", "--by", "chart"}));
  // Months add up to the whole.
  std::map<std::string, std::int64_t> months;
  for (const auto& row : shop().expect(0, {"balances", "shop", "--json", "--by", "month"}).lines()) {
    months[text_of(row, "account")] += number_of(row, "postedDebits") - number_of(row, "postedCredits");
  }
  for (const auto& row : shop().expect(0, {"balances", "shop", "--json"}).lines()) {
    BOOST_TEST(months.at(text_of(row, "account")) == number_of(row, "postedDebits") - number_of(row, "postedCredits"));
  }
}

BOOST_AUTO_TEST_CASE(as_of_takes_time_and_known_at_takes_positions) {
  const auto cash = [](const Words& more) -> std::int64_t {
    Words words{"balances", "shop", "--json", "--account", "asset/cash"};
    words.insert(words.end(), more.begin(), more.end());
    const auto rows = shop().expect(0, words).lines();
    return rows.empty() ? 0 : number_of(rows.front(), "postedDebits");
  };
  BOOST_TEST(cash({}) == 13'500);
  BOOST_TEST(cash({"--as-of", "2013-01-20"}) == 0);
  BOOST_TEST(cash({"--as-of", "2013-01-21"}) == 3'500);
  BOOST_TEST(cash({"--known-at", "6"}) == 0);
  BOOST_TEST(cash({"--known-at", "7"}) == 3'500);
  BOOST_TEST(cash({"--known-at", "13", "--as-of", "2013-04-30"}) == 3'500);
}

BOOST_AUTO_TEST_CASE(a_reversal_counts_when_what_it_reverses_occurred) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  carnet.expect(0, {"import", "L", "-"}, {.in = sample("reversal.ndjson")});
  const auto cash = [&](const Words& more) {
    Words words{"balances", "L", "--json", "--account", "asset/cash"};
    words.insert(words.end(), more.begin(), more.end());
    const auto row = carnet.expect(0, words).json();
    return number_of(row, "postedDebits") - number_of(row, "postedCredits");
  };
  BOOST_TEST(cash({}) == 0);
  BOOST_TEST(cash({"--as-of", "2013-01-31"}) == 0);
  BOOST_TEST(cash({"--as-of", "2013-01-31", "--known-at", "7"}) == 3'500);
}

BOOST_AUTO_TEST_CASE(data_cannot_command_a_terminal) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  std::string line = sample("sample.ndjson");
  line.resize(line.find('\n') + 1);
  line.replace(line.find("\"157\""), 5, "\"\\u001b]0;owned\\u0007\\u009b31m\xe2\x80\xae\"");
  carnet.expect(0, {"import", "L", "-"}, {.in = line});
  const std::string table = carnet.expect(0, {"events", "L"}).out;
  for (const char* bad : {"\x1b", "\x07", "\xc2\x9b", "\xe2\x80\xae"}) {
    BOOST_TEST(table.find(bad) == std::string::npos);
  }
  const std::string json = carnet.expect(0, {"events", "L", "--json"}).out;
  BOOST_TEST(json.find('\x1b') == std::string::npos);
  BOOST_TEST(carnet.expect(1, {"violations", "L", "\x1b[31m"}).err.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_full_disk_under_the_output_is_exit_code_3) {
  for (const Words& words :
       {Words{"events", "shop", "--json"}, Words{"head", "shop"}, Words{"events", "shop", "--export"}}) {
    const Ran ran = shop().expect(3, words, {.out = "/dev/full"});
    BOOST_TEST(ran.err.find("OutputFailed") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_ledger_that_is_not_there_is_not_found) {
  Shell carnet;
  for (const Words& words : {Words{"head", "L"}, Words{"events", "L"}, Words{"balances", "L"}, Words{"verify", "L"},
                             Words{"recover", "L", "--accept-loss"}, Words{"stats", "L"}, Words{"import", "L", "-"}}) {
    Words with_json = words;
    with_json.emplace_back("--json");
    const Ran ran = carnet.expect(1, with_json);
    BOOST_TEST(text_of(ran.json(), "outcome") == "notFound");
    BOOST_TEST(text_of(ran.json(), "error") == "LedgerMissing");
    BOOST_TEST(ran.err.find("carnet: " + words.front() + " L: LedgerMissing: ") == 0U, ran.err);
  }
  BOOST_TEST(!std::filesystem::exists(carnet.at("L")));
}

BOOST_AUTO_TEST_CASE(init_refuses_a_folder_that_holds_anything) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  BOOST_TEST(text_of(carnet.expect(1, {"init", "L", "--json"}).json(), "error") == "NotEmpty");
  std::filesystem::create_directory(carnet.at("empty"));
  carnet.expect(0, {"init", "empty"});
  std::filesystem::create_directory(carnet.at("full"));
  carnet.write("full/note", "mine");
  carnet.expect(1, {"init", "full"});
  BOOST_TEST(carnet.read("full/note") == "mine");
  carnet.write("file", "mine");
  carnet.expect(1, {"init", "file"});
}

BOOST_AUTO_TEST_CASE(a_reader_leaves_nothing_behind) {
  Shell carnet;
  const std::string scratch = carnet.at("tmp");
  std::filesystem::create_directory(scratch);
  carnet.expect(0, {"init", "L"});
  for (const Words& words : {Words{"events", "L"}, Words{"verify", "L"}, Words{"violations", "L", "none"}}) {
    static_cast<void>(carnet(words, {.environment = {"TMPDIR=" + scratch}}));
    BOOST_TEST(std::filesystem::is_empty(scratch));
  }
}

BOOST_AUTO_TEST_CASE(stats_are_numbers_for_programs) {
  const auto json = shop().expect(0, {"stats", "shop", "--json"}).json();
  BOOST_TEST(number_of(json, "position") == 24);
  BOOST_TEST(number_of(json, "accounts") > 0);
}
