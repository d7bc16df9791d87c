// SPDX-License-Identifier: Apache-2.0
//
// Goal: import takes good lines once, refuses bad ones by name, path and line, and survives whatever ends it.
#include "cli/runner.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <regex>
#include <sstream>
#include <thread>

using carnet::test::Background;
using carnet::test::number_of;
using carnet::test::Ran;
using carnet::test::sample;
using carnet::test::Shell;
using carnet::test::text_of;
using carnet::test::Words;

namespace {

/// The first line of the sample: a fine that is recorded and charged.
std::string fine() {
  const std::string all = sample("sample.ndjson");
  return all.substr(0, all.find('\n'));
}

std::string with(std::string line, std::string_view what, std::string_view by) {
  const std::size_t at = line.find(what);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, what << " is not in the line");
  return line.replace(at, what.size(), by);
}

std::string with_all(std::string line, std::string_view what, std::string_view by) {
  for (std::size_t at = line.find(what); at != std::string::npos; at = line.find(what, at + by.size())) {
    line.replace(at, what.size(), by);
  }
  return line;
}

/// Fines of made-up cases, a line each.
std::string many_fines(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    out += with_all(fine(), "A100", "M" + std::to_string(i)) + "\n";
  }
  return out;
}

std::vector<rapidjson::Document> results_of(const Shell& carnet, std::string_view name) {
  Ran ran;
  ran.out = carnet.read(name);
  return ran.lines();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_bad_line_is_rejected_with_name_path_and_line_and_writes_nothing) {
  const std::string good = fine();

  const struct {
    std::string line;
    const char* error;
    const char* path;
  } kRows[] = {
      // Syntax.
      {R"({"actor":)", "BadJson", ""},
      {good + " trailing", "BadJson", ""},
      {good.substr(0, good.size() - 1), "BadJson", ""},
      {"\xef\xbb\xbf" + good, "BadJson", ""},
      {with(good, "\"157\"", "\"\xff\xfe\""), "BadJson", ""},
      {with(good, "\"157\"", "\"\xed\xa0\x80\""), "BadJson", ""},
      {with(good, "\"157\"", R"("\ud800")"), "BadJson", ""},
      {with(good, "\"157\"", "\"a\tb\""), "BadJson", ""},
      {with(good, "3500", "0x10"), "BadJson", ""},
      {with(good, "3500", "NaN"), "BadJson", ""},
      {std::string(100'000, '['), "BadJson", ""},
      {"[]", "BadValue", ""},
      {"null", "BadValue", ""},
      // Keys.
      {"{}", "MissingKey", "actor"},
      {with(good, R"("channel":)", R"("chanel":)"), "UnknownKey", "chanel"},
      {with(good, R"("channel":"system")", R"("channel":"system","channel":"system")"), "DuplicateKey", "channel"},
      {with(good, R"(,"role":"migration")", ""), "MissingKey", "actor.role"},
      {with(good, R"("code":"157")", R"("article":"157")"), "UnknownKey", "events[0].data.article"},
      {with(good, R"("code":"157")", R"("code":"157","code":"157")"), "DuplicateKey", "events[0].data.code"},
      {with(good, R"("authorityRef":"A100",)", ""), "MissingKey", "events[0].data.authorityRef"},
      {with(good, R"("minor":3500,)", ""), "MissingKey", "events[0].data.fine.minor"},
      // Values.
      {with(good, "3500", "35.0"), "BadValue", "events[0].data.fine.minor"},
      {with(good, "3500", "3.5e3"), "BadValue", "events[0].data.fine.minor"},
      {with(good, "3500", "\"3500\""), "BadValue", "events[0].data.fine.minor"},
      {with(good, "3500", "9223372036854775808"), "BadValue", "events[0].data.fine.minor"},
      {with(good, "3500", "-9223372036854775809"), "BadValue", "events[0].data.fine.minor"},
      {with(good, "3500", "1" + std::string(30, '0')), "BadValue", "events[0].data.fine.minor"},
      {with(good, "3500", "1" + std::string(400, '0')), "BadJson", ""},
      {with(good, "EUR", "EURO"), "CurrencyUnknown", "events[0].data.fine.currency"},
      {with(good, "2012-12-31T23:00:00Z", "2012-12-31"), "BadTime", "events[0].occurredAt"},
      {with(good, "2012-12-31T23:00:00Z", "2013-02-29T00:00:00Z"), "BadTime", "events[0].occurredAt"},
      {with(good, "history", "rumour"), "BadValue", "basis"},
      {with(good, "TrafficViolationRecorded", "TrafficViolationImagined"), "UnknownEvent", "events[0].type"},
      {with(good, "\"157\"", "null"), "BadValue", "events[0].data.code"},
      // The envelope.
      {with(good, "\"fine-A100\"", "\"\""), "BadCommand", "command"},
      {with(good, "fine-A100", std::string(65, 'x')), "BadCommand", "command"},
      {with_all(good, "A100", "13812345678"), "IdLooksPersonal", "events[0].stream"},
      {with_all(good, "A100", "11010519491231002X"), "IdLooksPersonal", "events[0].stream"},
      {with_all(good, "A100", "A 100"), "BadId", "events[0].stream"},
      {with(good, "violation/A100", "violation/A200"), "WrongStream", "events[0].stream"},
      {with(good, "violation/A100", "rental/A100"), "WrongStream", "events[0].stream"},
      {with(good, R"("data":{)", R"("tags":["nofamily"],"data":{)"), "BadName", "events[0].tags"},
      {with(good, R"("code":"157")", R"("code":"157","place":"[sealed]")"), "SealedValue", "events[0].data.place"},
      {with(good, "\"157\"", "\"" + std::string(300'000, 'x') + "\""), "LimitExceeded", "events[0].data"},
      {"{\"x\":\"" + std::string(9'000'000, 'x') + "\"}", "LimitExceeded", ""},
  };

  Shell carnet;
  carnet.expect(0, {"init", "L"});
  const std::string root = text_of(carnet.expect(0, {"head", "L", "--json"}).json(), "root");
  std::string all;
  for (const auto& row : kRows) {
    all += row.line + "\n";
  }
  carnet.write("bad.ndjson", all);
  const Ran ran = carnet.expect(1, {"import", "L", "bad.ndjson", "--on-refusal", "skip", "--results", "results"});
  const auto results = results_of(carnet, "results");
  BOOST_REQUIRE_EQUAL(results.size(), std::size(kRows));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const std::string where = "line " + std::to_string(i + 1) + ": " + kRows[i].line.substr(0, 200);
    BOOST_TEST_CONTEXT(where) {
      BOOST_TEST(number_of(results[i], "line") == static_cast<std::int64_t>(i + 1));
      BOOST_TEST(text_of(results[i], "outcome") == "rejected");
      BOOST_TEST(text_of(results[i], "error") == kRows[i].error);
      BOOST_TEST((results[i].HasMember("path") ? text_of(results[i], "path") : "") == kRows[i].path);
    }
  }
  BOOST_TEST(number_of(ran.json(), "rejected") == static_cast<std::int64_t>(std::size(kRows)));
  BOOST_TEST(number_of(ran.json(), "lastPosition") == 4);
  BOOST_TEST(text_of(carnet.expect(0, {"head", "L", "--json"}).json(), "root") == root);
}

BOOST_AUTO_TEST_CASE(messages_of_bad_lines_hold_no_value_of_a_personal_field) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  carnet.write("bad.ndjson", with(fine(), R"("code":"157")", R"("code":"157","place":{"Rossi":"Via Roma 1"})") + "\n");
  const Ran ran = carnet.expect(1, {"import", "L", "bad.ndjson", "--results", "results"});
  BOOST_TEST((ran.out + ran.err + carnet.read("results")).find("Ro") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(integers_are_exact_over_64_bits_both_ways) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  const std::string line = with_all(fine(), "3500", "9223372036854775807");
  carnet.expect(0, {"import", "L", "-"}, {.in = line});
  const Ran ran = carnet.expect(0, {"violations", "L", "A100", "--json"});
  BOOST_TEST(ran.out.find(R"("due":{"minor":9223372036854775807,"currency":"EUR"})") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_first_bad_line_stops_unless_it_is_to_be_skipped) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  std::istringstream lines(many_fines(5));
  std::string text;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    text += (++number == 3 ? "{\n" : "") + line + "\n";
  }
  carnet.write("mixed.ndjson", text);
  Ran ran = carnet.expect(1, {"import", "L", "mixed.ndjson"});
  BOOST_TEST(text_of(ran.json(), "outcome") == "rejected");
  BOOST_TEST(number_of(ran.json(), "commits") == 2);
  BOOST_TEST(number_of(ran.json(), "lastPosition") == 8);
  BOOST_TEST(ran.err.find("mixed.ndjson: line 3: BadJson") != std::string::npos, ran.err);
  ran = carnet.expect(1, {"import", "L", "mixed.ndjson", "--on-refusal", "skip"});
  BOOST_TEST(number_of(ran.json(), "lines") == 6);
  BOOST_TEST(number_of(ran.json(), "commits") == 3);
  BOOST_TEST(number_of(ran.json(), "duplicates") == 2);
  BOOST_TEST(number_of(ran.json(), "rejected") == 1);
}

BOOST_AUTO_TEST_CASE(a_refusal_by_the_rules_carries_rule_state_and_stream) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  // A second record of the same fine, under another command: the lifecycle says no.
  const std::string twice = fine() + "\n" + with(with(fine(), "fine-A100", "again"), "history", "decision") + "\n";
  carnet.write("twice.ndjson", twice);
  const Ran ran = carnet.expect(1, {"import", "L", "twice.ndjson", "--results", "results"});
  const auto results = results_of(carnet, "results");
  BOOST_REQUIRE_EQUAL(results.size(), 2U);
  BOOST_TEST(text_of(results[1], "outcome") == "refused");
  BOOST_TEST(text_of(results[1], "stream") == "violation/A100");
  BOOST_TEST(text_of(results[1], "event") == "TrafficViolationRecorded");
  BOOST_TEST(!text_of(results[1], "rule").empty());
  BOOST_TEST(!text_of(results[1], "message").empty());
  BOOST_TEST(text_of(ran.json(), "outcome") == "refused");
  BOOST_TEST(number_of(ran.json(), "refused") == 1);
}

BOOST_AUTO_TEST_CASE(the_same_command_with_other_content_is_refused) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  carnet.expect(0, {"import", "L", "-"}, {.in = fine()});
  const Ran ran = carnet.expect(1, {"import", "L", "-"}, {.in = with_all(fine(), "3500", "3600")});
  BOOST_TEST(number_of(ran.json(), "refused") == 1);
  BOOST_TEST(number_of(ran.json(), "lastPosition") == 6);
}

BOOST_AUTO_TEST_CASE(a_dry_run_decides_and_writes_nothing) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  const Ran ran = carnet.expect(0, {"import", "L", "-", "--dry-run"}, {.in = many_fines(3)});
  BOOST_TEST(number_of(ran.json(), "commits") == 3);
  BOOST_TEST(number_of(ran.json(), "lastPosition") == 4);
  BOOST_TEST(number_of(carnet.expect(0, {"head", "L", "--json"}).json(), "position") == 4);
}

BOOST_AUTO_TEST_CASE(source_and_command_default_to_file_and_line) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  carnet.write("day.ndjson", "\n" + with(fine(), R"("command":"fine-A100",)", "") + "\n");
  carnet.expect(0, {"import", "L", "day.ndjson"});
  BOOST_TEST(
      number_of(carnet.expect(0, {"head", "L", "--command", "day.ndjson:2", "--json"}).json(), "firstPosition") == 5);
  const auto event = carnet.expect(0, {"events", "L", "--after", "4", "--limit", "1", "--json"}).json();
  BOOST_TEST(text_of(event["source"], "name") == "day.ndjson");
  BOOST_TEST(number_of(event["source"], "position") == 2);
  BOOST_TEST(text_of(carnet.expect(1, {"head", "L", "--command", "day.ndjson:3", "--json"}).json(), "outcome") ==
             "notFound");
}

BOOST_AUTO_TEST_CASE(an_input_or_results_file_that_cannot_be_opened_is_told) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  BOOST_TEST(text_of(carnet.expect(1, {"import", "L", "nowhere", "--json"}).json(), "error") == "NoSuchFile");
  BOOST_TEST(text_of(carnet.expect(1, {"import", "L", "L", "--json"}).json(), "error") == "NotAFile");
  carnet.write("one.ndjson", fine());
  carnet.expect(3, {"import", "L", "one.ndjson", "--results", "no/folder/results"});
  BOOST_TEST(number_of(carnet.expect(0, {"head", "L", "--json"}).json(), "position") == 4);
}

BOOST_AUTO_TEST_CASE(an_exported_ledger_imports_to_the_same_books) {
  Shell carnet;
  carnet.expect(0, {"init", "L", "--zone", "Europe/Rome"});
  carnet.expect(0, {"import", "L", "-"}, {.in = sample("sample.ndjson")});
  const Ran exported = carnet.expect(0, {"events", "L", "--export"});
  carnet.expect(0, {"init", "M", "--bare"});
  const auto summary = carnet.expect(0, {"import", "M", "-"}, {.in = exported.out}).json();
  BOOST_TEST(number_of(summary, "lastPosition") == 24);
  BOOST_TEST(number_of(summary, "refused") + number_of(summary, "rejected") == 0);
  for (const Words& words : {Words{"balances"}, Words{"violations"}, Words{"rentals"}, Words{"transfers"}}) {
    const auto of = [&](const char* ledger) { return carnet.expect(0, {words.front(), ledger, "--json"}).out; };
    BOOST_TEST(of("L") == of("M"), words.front());
  }
  // Of a command the log keeps a hash, which the export names as the command: only that differs.
  const auto without_commands = [](const std::string& lines) {
    return std::regex_replace(lines, std::regex(R"("command":"[0-9a-f]{32}",)"), "");
  };
  const std::string again = carnet.expect(0, {"events", "M", "--export"}).out;
  BOOST_TEST((without_commands(again) == without_commands(exported.out)));
  const auto left = carnet.expect(0, {"events", "L", "--json", "--after", "1"}).lines();
  const auto right = carnet.expect(0, {"events", "M", "--json", "--after", "1"}).lines();
  BOOST_REQUIRE_EQUAL(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    for (const auto& member : left[i].GetObject()) {
      const std::string key = member.name.GetString();
      if (key != "recordedAt" && key != "command" && key != "requestDigest") {
        BOOST_TEST((right[i].HasMember(key.c_str()) && right[i][key.c_str()] == member.value), key);
      }
    }
  }
  carnet.expect(0, {"verify", "M"});
  const auto fingerprints = [&](const char* ledger) { return carnet.expect(0, {"verify", ledger, "--json"}).json(); };
  BOOST_TEST((fingerprints("L")["fingerprints"] == fingerprints("M")["fingerprints"]));
}

BOOST_AUTO_TEST_CASE(a_killed_import_resumes_where_it_was) {
  constexpr int kLines = 6000;
  Shell carnet;
  carnet.write("many.ndjson", many_fines(kLines));
  carnet.expect(0, {"init", "once"});
  carnet.expect(0, {"import", "once", "many.ndjson"});
  carnet.expect(0, {"init", "killed"});
  int kills = 0;
  for (int round = 0; round < 8; ++round) {
    Background import(carnet, {"import", "killed", "many.ndjson"});
    std::this_thread::sleep_for(std::chrono::milliseconds(120 + 60 * round));
    import.send(SIGKILL);
    kills += import.wait().signal == SIGKILL ? 1 : 0;
  }
  BOOST_TEST(kills > 0);
  const auto summary = carnet.expect(0, {"import", "killed", "many.ndjson"}).json();
  BOOST_TEST(number_of(summary, "commits") + number_of(summary, "duplicates") == kLines);
  BOOST_TEST(number_of(summary, "lastPosition") == 4 + 2 * kLines);
  BOOST_TEST(carnet.expect(0, {"balances", "killed", "--json"}).out ==
             carnet.expect(0, {"balances", "once", "--json"}).out);
  carnet.expect(0, {"verify", "killed"});
}

BOOST_AUTO_TEST_CASE(a_second_writer_is_told_that_the_ledger_is_busy_and_readers_are_not) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  Background writer(carnet, {"import", "L", "-"});
  const std::string lines = many_fines(600);
  writer.feed(lines);
  // The writer holds the ledger from its opening until its input ends; until it has opened, the second one may win.
  Ran second;
  for (int i = 0; i < 200 && second.exit != 3; ++i) {
    second = carnet({"import", "L", "-", "--json"});
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  BOOST_REQUIRE_EQUAL(second.exit, 3);
  BOOST_TEST(text_of(second.json(), "outcome") == "error");
  BOOST_TEST(text_of(second.json(), "error") == "LedgerBusy");
  BOOST_TEST(text_of(second.json(), "retry") == "later");
  // What the writer appended is seen while it still holds the ledger.
  std::int64_t position = 0;
  for (int i = 0; i < 200 && position < 4 + 2 * 512; ++i) {
    position = number_of(carnet.expect(0, {"head", "L", "--json"}).json(), "position");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  BOOST_TEST(position >= 4 + 2 * 512);
  carnet.expect(0, {"verify", "L"});
  writer.close_input();
  const Ran ended = writer.wait();
  BOOST_TEST(ended.exit == 0, ended.err);
  BOOST_TEST(number_of(ended.json(), "commits") == 600);
}

BOOST_AUTO_TEST_CASE(an_interrupt_ends_an_import_in_order_and_by_the_signal) {
  Shell carnet;
  carnet.expect(0, {"init", "L"});
  carnet.write("many.ndjson", many_fines(30'000));
  Background import(carnet, {"import", "L", "many.ndjson"});
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  import.send(SIGINT);
  const Ran ran = import.wait();
  BOOST_TEST(ran.signal == SIGINT);
  BOOST_TEST(text_of(ran.json(), "outcome") == "stopped");
  const auto rest = carnet.expect(0, {"import", "L", "many.ndjson"}).json();
  BOOST_TEST(number_of(rest, "lastPosition") == 4 + 2 * 30'000);
  BOOST_TEST(number_of(rest, "duplicates") == number_of(ran.json(), "commits"));
}
