// SPDX-License-Identifier: Apache-2.0
//
// Goal: the importers as people run them, on the files that the repository carries: every row of DOMAIN.md §10's table,
// each finding and each rejection; balances that an independent count agrees with; a second run that changes nothing; a
// killed run that goes on.
#include "support/fines_oracle.hpp"
#include "support/real_data.hpp"
#include "support/temp_folder.hpp"

#include <carnet/rental/domain.hpp>
#include <carnet/rental/queries.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <map>
#include <set>
#include <signal.h>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace carnet;
using carnet::test::run;
using carnet::test::TempFolder;

namespace {

const std::string kExamples = std::string(CARNET_BINARY_FOLDER) + "/examples/";
const std::string kFines = std::string(CARNET_SOURCE_FOLDER) + "/examples/data/fines-sample.csv";
const std::string kRentals = std::string(CARNET_SOURCE_FOLDER) + "/examples/data/rentals-sample.csv";
const std::string kTrips = std::string(CARNET_SOURCE_FOLDER) + "/examples/data/trips-sample.csv.gz";

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::uint64_t number_behind(const std::string& text, const std::string& key) {
  const std::size_t at = text.find("\"" + key + "\":");
  return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + key.size() + 3, nullptr, 10);
}

std::unique_ptr<Ledger> open(const std::string& folder) {
  OpenOptions options;
  options.read_only = true;
  auto opened = Ledger::open(folder, &rental_domain(), options);
  BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string() : opened.error().to_line()));
  return std::move(opened->ledger);
}

/// line → error, of the rejected and refused ones.
std::map<std::uint64_t, std::string> problems_of(const std::string& results) {
  std::map<std::uint64_t, std::string> out;
  std::istringstream lines(results);
  for (std::string line; std::getline(lines, line);) {
    if (const std::size_t at = line.find("\"error\":\""); at != std::string::npos) {
      out[number_behind(line, "line")] = line.substr(at + 9, line.find('"', at + 9) - at - 9);
    }
  }
  return out;
}

/// The rows that the ledger took, in a file that the oracle can read; those with quotes are given plainly.
void write_accepted_rows(const std::string& from, const std::map<std::uint64_t, std::string>& problems,
                         const std::string& to) {
  std::ifstream in(from);
  std::ofstream out(to);
  std::uint64_t number = 0;
  for (std::string line; std::getline(in, line);) {
    if (problems.contains(++number)) {
      continue;
    }
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') {
        quoted = !quoted;
      } else if (!(quoted && c == ',')) {
        out << c;
      }
    }
    out << '\n';
  }
}

struct Imported {
  TempFolder folder;
  std::string ledger = folder.at("L");
  std::string command = kExamples + "import_fines " + ledger + " " + kFines + " --results " + folder.at("results") +
                        " > " + folder.at("out");
  int code = run(command);
  std::string out = text_of(folder.at("out"));
  std::string results = text_of(folder.at("results"));
};

}  // namespace

BOOST_AUTO_TEST_SUITE(importers)

BOOST_FIXTURE_TEST_CASE(the_sample_shows_every_finding_and_every_rejection, Imported) {
  BOOST_TEST(code == 0);
  BOOST_TEST(number_behind(out, "refused") == 0U, out);
  for (const char* const finding : {"AmbiguousLocalTime", "AmountNotPositive", "Assumed", "FirstResponsibleMissing",
                                    "IllegalTransition", "NonexistentLocalTime", "NothingToAssign",
                                    "PaidAfterAssignment", "TimeAssumed", "TotalDisagrees", "UnknownCode"}) {
    BOOST_TEST(number_behind(out, finding) > 0U, finding);
  }
  std::set<std::string> errors;
  for (const auto& [line, error] : problems_of(results)) {
    errors.insert(error);
  }
  const std::set<std::string> expected{"AmountNotPositive", "BadAmount",      "BadId",           "BadRow",
                                       "BadTime",           "BadValue",       "BasisNotAllowed", "FieldMissing",
                                       "IdLooksPersonal",   "UnknownActivity"};
  BOOST_TEST(errors == expected, boost::test_tools::per_element());
  BOOST_TEST(out.find(R"("unmapped":["org:resource","vehicleClass","lifecycle:transition","matricola"])") !=
             std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(the_sample_has_the_balances_that_its_text_says, Imported) {
  write_accepted_rows(kFines, problems_of(results), folder.at("plain.csv"));
  const auto oracle = carnet::test::read_fines(folder.at("plain.csv"));
  BOOST_TEST(oracle.fines.size() >= 95U);
  const auto reader = open(ledger);
  auto view = reader->view();
  BOOST_REQUIRE(view);
  std::uint64_t seen = 0;
  BOOST_TEST(list_violations(**view, {}, [&](const ViolationSummary& got) {
               ++seen;
               const auto want = oracle.fines.find(got.violation);
               BOOST_REQUIRE_MESSAGE(want != oracle.fines.end(), got.violation);
               BOOST_TEST_CONTEXT(got.violation) {
                 BOOST_TEST(got.charged == want->second.charged());
                 BOOST_TEST(got.paid == want->second.paid);
                 BOOST_TEST(got.overpaid == want->second.overpaid());
                 BOOST_TEST(got.cancelled == want->second.cancelled);
                 BOOST_TEST(got.assigned == want->second.assigned);
                 BOOST_TEST(got.due == want->second.due());
                 BOOST_TEST(identity_holds(got));
               }
               return true;
             }).has_value());
  BOOST_TEST(seen > 90U);
  BOOST_TEST(check_violation_identity(**view)->empty());
  std::set<std::string_view> states;
  BOOST_TEST(list_violations(**view, {}, [&](const ViolationSummary& got) {
               states.insert(got.state);
               return true;
             }).has_value());
  BOOST_TEST((states == std::set<std::string_view>{"assigned", "cancelled", "charged", "settled"}));
}

BOOST_FIXTURE_TEST_CASE(a_second_run_changes_nothing, Imported) {
  const Hash32 root = open(ledger)->head().root;
  BOOST_TEST(run(command) == 0);
  const std::string again = text_of(folder.at("out"));
  BOOST_TEST(number_behind(again, "commits") == 0U);
  BOOST_TEST(number_behind(again, "duplicates") == number_behind(out, "commits"));
  BOOST_TEST(number_behind(again, "rejected") == number_behind(out, "rejected"));
  BOOST_TEST((open(ledger)->head().root == root));
}

BOOST_AUTO_TEST_CASE(bad_calls_end_with_2_and_a_damaged_file_with_3) {
  const TempFolder folder;
  const auto quietly = [&](const std::string& arguments) {
    return run(kExamples + "import_fines " + arguments + " > /dev/null 2> " + folder.at("err"));
  };
  BOOST_TEST(quietly("") == 2);
  BOOST_TEST(quietly(folder.at("L") + " " + folder.at("missing.csv")) == 2);
  BOOST_TEST(quietly(folder.at("L") + " " + kTrips) == 2);
  BOOST_TEST(text_of(folder.at("err")).find("no column case:concept:name") != std::string::npos);
  BOOST_TEST(quietly(folder.at("L") + " " + kFines + " --go-live tomorrow") == 2);
  BOOST_TEST(run("gzip -c " + kFines + " | head -c 3000 > " + folder.at("cut.csv.gz")) == 0);
  BOOST_TEST(quietly(folder.at("L") + " " + folder.at("cut.csv.gz")) == 3);
}

BOOST_AUTO_TEST_CASE(a_killed_run_goes_on_to_the_same_root_and_balances) {
  // Long enough to be killed in the middle: the sample many times over, each time with other ids.
  const TempFolder folder;
  const std::string many = folder.at("many.csv");
  {
    std::istringstream sample(text_of(kFines));
    std::string header;
    std::getline(sample, header);
    std::vector<std::string> rows;
    for (std::string row; std::getline(sample, row);) {
      rows.push_back(row);
    }
    std::ofstream file(many);
    file << header << '\n';
    for (int copy = 0; copy < 60; ++copy) {
      for (const std::string& row : rows) {
        file << (row.front() == 'S' ? "C" + std::to_string(copy) + row : row) << '\n';
      }
    }
  }
  const auto import = [&](const std::string& to) {
    return kExamples + "import_fines " + folder.at(to) + " " + many + " --json > " + folder.at(to + ".out");
  };
  BOOST_REQUIRE_EQUAL(run(import("whole")), 0);
  int kills = 0;
  for (int delay_ms = 60; delay_ms < 2000; delay_ms += 170) {
    const pid_t child = ::fork();
    if (child == 0) {
      const std::string program = kExamples + "import_fines";
      const std::string ledger = folder.at("killed");
      ::close(STDOUT_FILENO);
      ::execl(program.c_str(), program.c_str(), ledger.c_str(), many.c_str(), "--json", static_cast<char*>(nullptr));
      ::_exit(127);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) {
      break;  // It was done before the kill.
    }
    ++kills;
  }
  BOOST_TEST(kills > 0);
  BOOST_REQUIRE_EQUAL(run(import("killed")), 0);
  BOOST_TEST(number_behind(text_of(folder.at("killed.out")), "commits") +
                 number_behind(text_of(folder.at("killed.out")), "duplicates") ==
             number_behind(text_of(folder.at("whole.out")), "commits"));
  const auto sums_of = [&](const std::string& name) {
    const auto ledger = open(folder.at(name));
    auto view = ledger->view();
    const auto sums = sum_violations(**view);
    BOOST_REQUIRE_MESSAGE(sums, (sums ? std::string() : sums.error().to_line()));
    BOOST_REQUIRE_EQUAL(sums->size(), 1U);
    const ViolationSummary& s = sums->front();
    return std::vector<std::int64_t>{
        s.charged,  s.paid,        s.overpaid, s.cancelled,
        s.assigned, s.written_off, s.due,      static_cast<std::int64_t>(ledger->head().position)};
  };
  BOOST_TEST(sums_of("killed") == sums_of("whole"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(trips_are_custody_with_their_night_of_the_clock) {
  const TempFolder folder;
  const std::string command = kExamples + "import_trips " + folder.at("L") + " " + kTrips + " > " + folder.at("out");
  BOOST_REQUIRE_EQUAL(run(command), 0);
  const std::string out = text_of(folder.at("out"));
  const std::uint64_t commits = number_behind(out, "commits");
  BOOST_TEST(commits + number_behind(out, "rejected") == number_behind(out, "lines"));
  BOOST_TEST(number_behind(out, "Assumed") == commits);
  for (const char* const finding :
       {"AmbiguousLocalTime", "DurationDisagrees", "NonexistentLocalTime", "VehicleInCustody"}) {
    BOOST_TEST(number_behind(out, finding) > 0U, finding);
  }
  BOOST_TEST(out.find("ReturnBeforeHandover") != std::string::npos);
  const auto ledger = open(folder.at("L"));
  auto view = ledger->view();
  std::uint64_t rentals = 0;
  BOOST_TEST(list_rentals(**view, {}, [&](const RentalSummary& rental) {
               ++rentals;
               BOOST_REQUIRE(rental.state == "returned");
               return true;
             }).has_value());
  BOOST_TEST(rentals == commits);
}

BOOST_AUTO_TEST_CASE(rentals_without_times_follow_the_stated_clock) {
  const TempFolder folder;
  const std::string command = kExamples + "import_rentals " + folder.at("L") + " " + kRentals + " --results " +
                              folder.at("results") + " --base 2018-03-01T00:00:00Z > " + folder.at("out");
  BOOST_REQUIRE_EQUAL(run(command), 0);
  const std::string out = text_of(folder.at("out"));
  const std::map<std::uint64_t, std::string> expected{{11, "BadValue"}, {12, "BadValue"}, {13, "BadValue"},
                                                      {14, "BadRow"},   {15, "BadId"},    {16, "IdLooksPersonal"}};
  BOOST_TEST((problems_of(text_of(folder.at("results"))) == expected), text_of(folder.at("results")));
  BOOST_TEST(number_behind(out, "VehicleInCustody") == 3U, "R001, R005 and R008 are late");
  BOOST_TEST(number_behind(out, "TimeAssumed") == 1U);
  BOOST_TEST(number_behind(out, "ImplausibleValue") == 3U);
  const auto ledger = open(folder.at("L"));
  auto view = ledger->view();
  const auto handed_over = [&](const char* rental) { return to_text(*(*find_rental(**view, rental))->handed_over_at); };
  BOOST_TEST(handed_over("R001") == "2018-03-01T00:00:00Z");
  BOOST_TEST(handed_over("R002") == "2018-03-02T00:00:00Z", "the planned end of R001");
  BOOST_TEST(handed_over("R008") == "2018-03-01T01:10:00Z", "it begins its chain, in line 9");
  BOOST_TEST(handed_over("R007") == "2018-03-02T01:40:00Z");
  BOOST_TEST(handed_over("R016") == "2018-03-01T02:30:00Z", "a previous rental that is not there does not count");
}

BOOST_AUTO_TEST_CASE(importers_refuse_options_of_others) {
  const TempFolder folder;
  const auto quietly = [&](const std::string& arguments) {
    return run(kExamples + "import_rentals " + folder.at("L") + " " + kRentals + " " + arguments + " > /dev/null 2> " +
               folder.at("err"));
  };
  BOOST_TEST(quietly("--overtime-rate 0") == 2);
  BOOST_TEST(quietly("--overtime-rate") == 2);
  BOOST_TEST(quietly("--base noon") == 2);
  BOOST_TEST(run(kExamples + "import_trips " + folder.at("T") + " " + kTrips + " --invent-holds > /dev/null 2>&1") ==
             2);
}

BOOST_AUTO_TEST_SUITE_END()
