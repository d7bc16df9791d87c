// SPDX-License-Identifier: Apache-2.0
//
// Goal: a hostile import line is rejected with the path of what is wrong, writes nothing, and harms no line around it.
// Method: a table of bad lines between good ones, and good lines with random damage.
#include "support/must.hpp"
#include "support/temp_folder.hpp"
#include "support/test_seed.hpp"
#include "support/toy_domain.hpp"

#include <carnet/import.hpp>
#include <carnet/ledger.hpp>

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace carnet::test {
namespace {

constexpr const char* kActor = R"({"id":"S-1","kind":"staff","role":"clerk"})";

std::string event(const std::string& stream, const std::string& type, const std::string& data,
                  const std::string& more = "") {
  return R"({"stream":")" + stream + R"(","type":")" + type + R"(","occurredAt":"2023-11-14T22:13:20Z",)" + more +
         R"("data":)" + data + "}";
}

std::string line_of(const std::string& command, const std::string& events, const std::string& more = "") {
  return R"({"command":")" + command + R"(","actor":)" + kActor + R"(,"channel":"test",)" + more + R"("events":)" +
         events + "}";
}

std::string box(const std::string& id, const std::string& label = "\"a box\"") {
  return event("box/" + id, "BoxOpened", R"({"boxId":")" + id + R"(","label":)" + label + "}");
}

std::string coins(const std::string& amount, const std::string& how = "\"putIn\"", const std::string& more = "") {
  return event("box/good0", "CoinsMoved", R"({"boxId":"good0","how":)" + how + R"(,"amount":)" + amount + more + "}");
}

std::string with_events(const std::string& events) {
  return line_of("bad", events);
}

std::string good_line(int number) {
  const std::string id = "good" + std::to_string(number);
  return line_of("good-" + std::to_string(number),
                 "[" + box(id) + "," +
                     event("box/" + id, "CoinsMoved",
                           R"({"boxId":")" + id + R"(","how":"putIn","amount":{"minor":7,"currency":"EUR"}})") +
                     "]");
}

struct Bad {
  std::string line;
  std::string path;   ///< Must stand at the start of the path; `-`: none, the line is no JSON.
  std::string error;  ///< Empty: any.
};

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

std::vector<Bad> bad_lines() {
  const std::string one = "[" + box("never") + "]";
  const std::string deep = repeated("[", 100'000) + repeated("]", 100'000);
  const std::string id = R"({"boxId":"never","label":"x"})";
  return {
      // No JSON.
      {"{", "-", "BadJson"},
      {"}", "-", "BadJson"},
      {"nonsense", "-", "BadJson"},
      {line_of("bad", one) + "x", "-", "BadJson"},
      {line_of("bad", one) + line_of("bad2", one), "-", "BadJson"},
      {"\xef\xbb\xbf" + line_of("bad", one), "-", "BadJson"},
      {std::string("{\"command\":\"a\0b\"}", 17), "-", "BadJson"},
      {"{\"command\":\"\xff\xfe\"}", "-", "BadJson"},
      {"{\"command\":\"\\ud800\"}", "-", "BadJson"},
      {"{\"command\":\"tab\there\"}", "-", "BadJson"},
      {"{'command':'x'}", "-", "BadJson"},
      {"{\"causedBy\":01}", "-", "BadJson"},
      {"{\"causedBy\":NaN}", "-", "BadJson"},
      {"{\"causedBy\":1,}", "-", "BadJson"},
      {"// comment", "-", "BadJson"},
      {deep, "-", ""},
      {repeated("x", 9'000'000), "-", "LimitExceeded"},
      // Not the shape of a line.
      {"[]", "-", "BadValue"},
      {"null", "-", "BadValue"},
      {"17", "-", "BadValue"},
      {"{}", "actor", "MissingKey"},
      {R"({"actor":{"id":"S-1","kind":"staff","role":"clerk"},"channel":"test"})", "events", "MissingKey"},
      {line_of("bad", one, R"("channel":"again",)"), "channel", "DuplicateKey"},
      {line_of("bad", one, R"("colour":1,)"), "colour", "UnknownKey"},
      {line_of("bad", one, R"("basis":"guess",)"), "basis", "BadValue"},
      {line_of("bad", one, R"("causedBy":-1,)"), "causedBy", "BadValue"},
      {line_of("bad", one, R"("causedBy":18446744073709551616,)"), "causedBy", "BadValue"},
      {line_of("bad", one, R"("causedBy":1.5,)"), "causedBy", "BadValue"},
      {line_of("bad", one, R"("causedBy":999999,)"), "causedBy", "UnknownCause"},
      {line_of("bad", one, R"("source":{"name":"x"},)"), "source.position", "MissingKey"},
      {line_of("bad", one, R"("source":{"name":"","position":1},)"), "source.name", "BadSource"},
      {line_of("bad", one, R"("expect":[],)"), "expect", "BadValue"},
      {line_of("bad", one, R"("expect":{"box/never":4294967296},)"), "expect", "BadValue"},
      {line_of("bad", one, R"("expect":{"box/never":0,"box/never":0},)"), "expect", "DuplicateKey"},
      {line_of("bad", one, R"("expect":{"nofamily":0},)"), "expect[0]", "BadName"},
      {line_of("bad", one, R"("condition":{"any":[]},)"), "condition.after", "MissingKey"},
      {line_of("bad", one, R"("condition":{"after":0,"any":[{"tags":"x"}]},)"), "condition.any[0].tags", "BadValue"},
      {line_of("", one), "command", "BadCommand"},
      {line_of(repeated("c", 65), one), "command", "BadCommand"},
      {R"({"command":7,"actor":{"id":"S-1","kind":"staff","role":"clerk"},"channel":"test","events":[]})", "command",
       "BadValue"},
      {R"({"command":"bad","actor":{"id":"S 1","kind":"staff","role":"clerk"},"channel":"test","events":)" + one + "}",
       "actor.id", "BadId"},
      {R"({"command":"bad","actor":{"id":"S-1","kind":"boss","role":"clerk"},"channel":"test","events":)" + one + "}",
       "actor.kind", "BadValue"},
      {R"({"command":"bad","actor":{"id":"S-1","kind":"staff","role":"two words"},"channel":"test","events":)" + one +
           "}",
       "actor.role", "BadRole"},
      // Events.
      {with_events("[]"), "events", "NoEvents"},
      {with_events("{}"), "events", "BadValue"},
      {with_events("[1]"), "events[0]", "BadValue"},
      {with_events("[" + box("never") + ",{}]"), "events[1].stream", "MissingKey"},
      {with_events("[" + repeated(box("never") + ",", 4096) + box("never") + "]"), "events", "LimitExceeded"},
      {with_events("[" + event("box/never", "BoxPainted", id) + "]"), "events[0].type", "UnknownEvent"},
      {with_events("[" + event("box/never", "LedgerCreated", "{}") + "]"), "events[0]", ""},
      {with_events("[" + event("box/other", "BoxOpened", id) + "]"), "events[0].stream", "WrongStream"},
      {with_events("[" + event("crate/never", "BoxOpened", id) + "]"), "events[0].stream", "WrongStream"},
      {with_events("[" + event("never", "BoxOpened", id) + "]"), "events[0].stream", "BadName"},
      {with_events("[" + event("box/" + repeated("n", 300), "BoxOpened", id) + "]"), "events[0].stream", "BadName"},
      {with_events("[" + event("box/13812345678", "BoxOpened", R"({"boxId":"13812345678","label":"x"})") + "]"),
       "events[0].stream", "IdLooksPersonal"},
      {with_events("[" + event("box/never", "BoxOpened", id, R"("tags":["no-family"],)") + "]"), "events[0].tags",
       "BadName"},
      {with_events("[" + event("box/never", "BoxOpened", id, R"("tags":["a/\u0007"],)") + "]"), "events[0].tags", ""},
      {with_events("[" + event("box/never", "BoxOpened", id, R"("tags":[7],)") + "]"), "events[0].tags[0]", "BadValue"},
      {with_events("[" + event("box/never", "BoxOpened", id, R"("corrects":{"position":0,"kind":"reversal"},)") + "]"),
       "events[0].corrects.position", "BadValue"},
      {with_events("[" + event("box/never", "BoxOpened", id, R"("corrects":{"position":2,"kind":"undo"},)") + "]"),
       "events[0].corrects.kind", "BadValue"},
      {with_events("[" + event("box/never", "BoxOpened", id, R"("bookedAt":"yesterday",)") + "]"), "events[0].bookedAt",
       "BadTime"},
      {with_events("[" + event("box/never", "BoxOpened", id, R"("bookedAt":"2023-02-30T00:00:00Z",)") + "]"),
       "events[0].bookedAt", "BadTime"},
      {with_events("[" + event("box/never", "BoxOpened", id, R"("findings":[{"code":"X","severity":"info"}],)") + "]"),
       "events[0].findings", ""},
      // Payloads.
      {with_events("[" + event("box/never", "BoxOpened", "[]") + "]"), "events[0].data", ""},
      {with_events("[" + event("box/never", "BoxOpened", "null") + "]"), "events[0].data", ""},
      {with_events("[" + event("box/never", "BoxOpened", R"({"label":"x"})") + "]"), "events[0]", ""},
      {with_events("[" + event("box/never", "BoxOpened", R"({"boxId":"never"})") + "]"), "events[0].data.label", ""},
      {with_events("[" + event("box/never", "BoxOpened", R"({"boxId":"never","label":7})") + "]"),
       "events[0].data.label", ""},
      {with_events("[" + event("box/never", "BoxOpened", R"({"boxId":"never","label":"x","size":1})") + "]"),
       "events[0].data.size", ""},
      {with_events("[" + event("box/never", "BoxOpened", R"({"boxId":"never","label":"x","label":"y"})") + "]"),
       "events[0].data.label", "DuplicateKey"},
      {with_events("[" + box("never", "\"" + repeated("x", 300'000) + "\"") + "]"), "events[0].data", "LimitExceeded"},
      {with_events("[" + coins(R"({"minor":9223372036854775808,"currency":"EUR"})") + "]"),
       "events[0].data.amount.minor", ""},
      {with_events("[" + coins(R"({"minor":1.5,"currency":"EUR"})") + "]"), "events[0].data.amount.minor", ""},
      {with_events("[" + coins(R"({"minor":"1","currency":"EUR"})") + "]"), "events[0].data.amount.minor", ""},
      {with_events("[" + coins(R"({"minor":1,"currency":"XXY"})") + "]"), "events[0].data.amount", ""},
      {with_events("[" + coins("7") + "]"), "events[0].data.amount", ""},
      {with_events("[" + coins(R"({"minor":1,"currency":"EUR"})", "\"steal\"") + "]"), "events[0].data.how", ""},
      {with_events("[" + coins(R"({"minor":1,"currency":"EUR"})", "3") + "]"), "events[0].data.how", ""},
      {with_events("[" + coins(R"({"minor":1,"currency":"EUR"})", "\"putIn\"", R"(,"partner":"no id!")") + "]"),
       "events[0].data.partner", ""},
      {with_events("[" + event("note/A1", "NoteTaken", R"({"accountId":"A1","about":"x","note":{"version":1}})") + "]"),
       "events[0].data.note", ""},
  };
}

struct Fixture {
  TempFolder folder;
  std::unique_ptr<Ledger> ledger;

  Fixture() {
    OpenOptions options;
    options.if_missing = IfMissing::kCreate;
    options.durability = Durability::kOs;
    options.background_work = false;
    options.memory_bytes = 32UL << 20U;
    ledger = must(Ledger::open(folder.at("ledger"), &toy::toy_domain(), options)).ledger;
  }

  /// One JSON object a line, by the number of the line.
  std::map<std::uint64_t, std::string> results;
  ImportSummary summary;

  void import(const std::string& text, OnRefusal on_refusal = OnRefusal::kSkip, bool dry_run = false) {
    std::istringstream in(text);
    std::ostringstream out;
    ImportOptions options;
    options.source_name = "hostile.ndjson";
    options.on_refusal = on_refusal;
    options.results = &out;
    options.dry_run = dry_run;
    summary = must(import_ndjson(*ledger, in, options));
    results.clear();
    std::istringstream lines(out.str());
    std::string one;
    while (std::getline(lines, one)) {
      BOOST_REQUIRE(one.starts_with("{\"line\":"));
      BOOST_TEST(results.emplace(std::stoull(one.substr(8)), one).second, "two results for a line");
    }
  }

  [[nodiscard]] bool has(std::uint64_t line, const std::string& part) {
    const auto found = results.find(line);
    return found != results.end() && found->second.find(part) != std::string::npos;
  }
};

BOOST_FIXTURE_TEST_CASE(each_bad_line_is_rejected_with_its_path_and_the_good_ones_land, Fixture) {
  const std::vector<Bad> bad = bad_lines();
  std::string text;
  int good = 0;
  for (const Bad& one : bad) {
    text += good_line(good++) + "\n" + one.line + "\n";
  }
  text += good_line(good++);  // without an end of line
  import(text);
  for (std::size_t i = 0; i < bad.size(); ++i) {
    const std::string about = bad[i].line.substr(0, 200);
    BOOST_TEST(has(2 * i + 1, R"("outcome":"committed")"), results[2 * i + 1]);
    const std::uint64_t line = 2 * i + 2;
    BOOST_TEST(has(line, R"("outcome":"rejected")"), about << "\n -> " << results[line]);
    if (!bad[i].error.empty()) {
      BOOST_TEST(has(line, R"("error":")" + bad[i].error + "\""), about << "\n -> " << results[line]);
    }
    if (bad[i].path == "-") {
      BOOST_TEST(!has(line, "\"path\":"), about << "\n -> " << results[line]);
    } else {
      BOOST_TEST(has(line, R"("path":")" + bad[i].path), about << "\n -> " << results[line]);
    }
    BOOST_TEST(has(line, R"("message":")"), about);
  }
  BOOST_TEST(summary.lines == 2 * bad.size() + 1);
  BOOST_TEST(summary.commits == static_cast<std::uint64_t>(good));
  BOOST_TEST(summary.events == 2 * static_cast<std::uint64_t>(good));
  BOOST_TEST(summary.rejected == bad.size());
  BOOST_TEST(summary.refused == 0U);
  BOOST_TEST(!summary.stopped);
  BOOST_TEST(summary.first_problem.starts_with("line 2: "));
  BOOST_TEST(ledger->head().position == 1 + 2 * static_cast<std::uint64_t>(good));
  // Nothing of a bad line was introduced.
  const auto view = must(ledger->view());
  BOOST_TEST(view->member_count(ChainKind::kStream, "box") == static_cast<std::uint32_t>(good));
  BOOST_TEST(view->member_count(ChainKind::kStream, "crate") == 0U);
  BOOST_TEST(!must(view->chain(ChainKind::kTag, "box/never")));
  BOOST_TEST(!must(ledger->receipt("bad")));
  BOOST_TEST(must(ledger->verify({}, {})).ok());
}

BOOST_FIXTURE_TEST_CASE(a_bad_line_stops_an_import_that_is_not_to_skip, Fixture) {
  for (const Bad& bad : {Bad{"{", "", ""}, Bad{with_events("[]"), "", ""}}) {
    const int from = static_cast<int>(ledger->head().commits);
    import(good_line(from) + "\n" + bad.line + "\n" + good_line(from + 1) + "\n", OnRefusal::kStop);
    BOOST_TEST(summary.stopped);
    BOOST_TEST(summary.commits == 1U);
    BOOST_TEST(summary.rejected == 1U);
    BOOST_TEST(results.size() == 2U);
    BOOST_TEST(!must(ledger->receipt("good-" + std::to_string(from + 1))));
  }
}

BOOST_FIXTURE_TEST_CASE(a_dry_run_finds_the_same_bad_lines_and_writes_nothing, Fixture) {
  std::string text;
  const std::vector<Bad> bad = bad_lines();
  for (const Bad& one : bad) {
    text += one.line + "\n";
  }
  const Head before = ledger->head();
  import(text + good_line(0) + "\n", OnRefusal::kSkip, true);
  BOOST_TEST(summary.rejected == bad.size());
  BOOST_TEST(summary.commits == 1U);
  BOOST_TEST((ledger->head().root == before.root));
}

/// Whatever a line becomes, it has one outcome; the lines around it land; what is rejected left nothing.
BOOST_FIXTURE_TEST_CASE(random_damage_has_one_outcome_a_line, Fixture) {
  std::mt19937_64 random = seeded_engine();
  constexpr int kLines = 1500;
  std::string text;
  int good = 0;
  std::vector<std::uint64_t> damaged;
  for (int i = 0; i < kLines; ++i) {
    if (i % 3 == 0) {
      text += good_line(good++) + "\n";
      continue;
    }
    std::string line =
        line_of("r" + std::to_string(i), "[" + box("r" + std::to_string(i)) + "]",
                i % 2 == 0 ? R"("expect":{"box/x":0},"condition":{"after":3,"any":[{"tags":["a/b"]}]},)" : "");
    for (std::uint64_t times = 1 + random() % 3; times > 0 && !line.empty(); --times) {
      const std::size_t at = random() % line.size();
      switch (random() % 5) {
        case 0:
          line[at] = static_cast<char>(random());
          break;
        case 1:
          line.erase(at, 1 + random() % 20);
          break;
        case 2:
          line.resize(at);
          break;
        case 3:
          line.insert(at, line.substr(random() % line.size(), 1 + random() % 20));
          break;
        default:
          line.insert(at, 1, std::string_view("{}[]\",:\\0-e")[random() % 11]);
      }
    }
    for (char& c : line) {
      c = c == '\n' ? ' ' : c;
    }
    const bool is_blank = line.empty() || line == "\r";
    if (!is_blank) {
      damaged.push_back(static_cast<std::uint64_t>(i) + 1);
    }
    text += line + "\n";
  }
  import(text);
  BOOST_TEST(results.size() == damaged.size() + static_cast<std::size_t>(good));
  std::uint64_t committed = 0;
  for (const auto& [line, result] : results) {
    const bool is_commit = has(line, R"("outcome":"committed")");
    committed += is_commit ? 1U : 0U;
    BOOST_TEST((is_commit || has(line, R"("outcome":"rejected")") || has(line, R"("outcome":"refused")") ||
                has(line, R"("outcome":"duplicate")")),
               result);
    if (line % 3 == 1) {
      BOOST_TEST(is_commit, result);
    }
  }
  BOOST_TEST(summary.commits == committed);
  BOOST_TEST(ledger->head().commits == 1 + committed);
  BOOST_TEST(summary.rejected > 500U);
  BOOST_TEST(must(ledger->verify({}, {})).ok());
  // All of it again changes nothing.
  const Head before = ledger->head();
  import(text);
  BOOST_TEST((ledger->head().root == before.root));
  BOOST_TEST(summary.commits == 0U);
}

}  // namespace
}  // namespace carnet::test
