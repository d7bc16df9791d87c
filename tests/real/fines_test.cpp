// SPDX-License-Identifier: Apache-2.0
//
// Goal: after import_fines the books say for every fine of the real file, to the cent, what an independent count of its
// text says; a second run changes nothing. Method: the importer as people run it, then queries over the ledger.
#include "support/fines_oracle.hpp"
#include "support/real_data.hpp"
#include "support/temp_folder.hpp"

#include <carnet/rental/domain.hpp>
#include <carnet/rental/kpi.hpp>
#include <carnet/rental/queries.hpp>

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <map>
#include <sstream>

using namespace carnet;
using carnet::test::OracleFine;
using carnet::test::OracleResult;

namespace {

constexpr const char* kSource = "4TU.ResearchData, doi 10.4121/uuid:270fd440-1057-4fb9-89a9-b699b47990f5";

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::unique_ptr<Ledger> open(const std::string& folder) {
  OpenOptions options;
  options.read_only = true;
  auto opened = Ledger::open(folder, &rental_domain(), options);
  BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string() : opened.error().to_line()));
  return std::move(opened->ledger);
}

std::string differences(const ViolationSummary& got, const OracleFine& want) {
  std::ostringstream out;
  const auto compare = [&](const char* term, std::int64_t a, std::int64_t b) {
    if (a != b) {
      out << ' ' << term << ' ' << a << " instead of " << b;
    }
  };
  compare("charged", got.charged, want.charged());
  compare("paid", got.paid, want.paid);
  compare("overpaid", got.overpaid, want.overpaid());
  compare("cancelled", got.cancelled, want.cancelled);
  compare("assigned", got.assigned, want.assigned);
  compare("writtenOff", got.written_off, 0);
  compare("due", got.due, want.due());
  return out.str();
}

/// K-16 over all years, and the sum of its years, are what the fines' own rows say.
void check_kpis(View& view, const OracleFine& total) {
  KpiQuery query;
  query.ids = {"K-16.fines"};
  query.include_history = true;
  std::map<std::string_view, std::int64_t> sums;
  std::map<std::string_view, std::int64_t> of_years;
  const auto add = [&](std::string_view window, auto& into) {
    query.window = *parse_window(window, "Europe/Rome");
    const auto values = compute_kpis(view, query);
    BOOST_REQUIRE(values);
    for (const KpiValue& value : *values) {
      into[value.id] += value.numerator;
    }
  };
  add("1990-01-01..2030-01-01", sums);
  for (int year = 1990; year < 2030; ++year) {
    add(std::to_string(year), of_years);
  }
  BOOST_TEST(sums["K-16.finesCharged"] == total.fine);
  BOOST_TEST(sums["K-16.finesPaid"] == total.paid);
  BOOST_TEST(sums["K-16.finesCancelled"] == total.cancelled);
  BOOST_TEST(sums["K-16.finesAssigned"] == total.assigned);
  BOOST_TEST((sums == of_years));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fines)

BOOST_AUTO_TEST_CASE(every_fine_agrees_with_its_rows_to_the_cent) {
  const auto file = carnet::test::real_data("road-traffic-fines/road_traffic_fines.csv.gz", kSource);
  if (!file) {
    return;
  }
  const carnet::test::TempFolder folder;
  const std::string ledger_folder = folder.at("L");
  const std::string import =
      std::string(CARNET_BINARY_FOLDER) + "/examples/import_fines " + ledger_folder + " " + *file;
  BOOST_REQUIRE_EQUAL(carnet::test::run(import + " --json > " + folder.at("first.json")), 0);

  const OracleResult oracle = carnet::test::read_fines(*file);
  BOOST_TEST(oracle.fines.size() == 150'370U);
  const std::string first = text_of(folder.at("first.json"));
  std::ostringstream counts;
  counts << "{\"lines\":" << oracle.rows << ",\"commits\":" << oracle.rows - oracle.impossible;
  BOOST_TEST(first.starts_with(counts.str()), first.substr(0, 200));
  BOOST_TEST(first.find("\"refused\":0,\"rejected\":" + std::to_string(oracle.impossible)) != std::string::npos);
  BOOST_TEST(first.find("IllegalTransition") == std::string::npos);

  {
    const auto ledger = open(ledger_folder);
    auto view = ledger->view();
    BOOST_REQUIRE(view);
    std::uint64_t seen = 0;
    std::uint64_t wrong = 0;
    const Status listed = list_violations(**view, {}, [&](const ViolationSummary& got) {
      ++seen;
      const auto want = oracle.fines.find(got.violation);
      const std::string text = want == oracle.fines.end() ? " not in the file" : differences(got, want->second);
      if (!text.empty() || !identity_holds(got)) {
        ++wrong;
        BOOST_TEST(false, got.violation << text);
      }
      return wrong < 20;
    });
    BOOST_TEST(listed.has_value());
    BOOST_TEST(seen == oracle.fines.size());
    const auto broken = check_violation_identity(**view);
    BOOST_REQUIRE(broken);
    BOOST_TEST(broken->empty());

    OracleFine total;
    std::int64_t due = 0;
    std::int64_t overpaid = 0;
    for (const auto& [id, fine] : oracle.fines) {
      total.fine += fine.charged();
      total.paid += fine.paid;
      total.cancelled += fine.cancelled;
      total.assigned += fine.assigned;
      due += fine.due();
      overpaid += fine.overpaid();
    }
    const auto verified = ledger->verify({});
    BOOST_REQUIRE_MESSAGE(verified, (verified ? std::string() : verified.error().to_line()));
    BOOST_TEST(verified->ok(), "a rebuild from the log gives the same tables");
    for (const VerifyFinding& finding : verified->findings) {
      BOOST_TEST_MESSAGE(finding.check << " at " << finding.position << ": " << finding.message);
    }
    const auto sums = sum_violations(**view);
    BOOST_REQUIRE(sums);
    BOOST_REQUIRE_EQUAL(sums->size(), 1U);
    BOOST_TEST(sums->front().currency.code() == "EUR");
    BOOST_TEST(sums->front().charged == total.fine);
    BOOST_TEST(sums->front().paid == total.paid);
    BOOST_TEST(sums->front().cancelled == total.cancelled);
    BOOST_TEST(sums->front().assigned == total.assigned);
    BOOST_TEST(sums->front().due == due);
    BOOST_TEST(sums->front().overpaid == overpaid);
    check_kpis(**view, total);
  }

  const std::string head_before = [&] {
    const Head head = open(ledger_folder)->head();
    return std::string(reinterpret_cast<const char*>(head.root.data()), head.root.size());
  }();
  BOOST_REQUIRE_EQUAL(carnet::test::run(import + " --json > " + folder.at("second.json")), 0);
  const std::string second = text_of(folder.at("second.json"));
  BOOST_TEST(second.find("\"commits\":0,\"events\":0,\"duplicates\":" +
                         std::to_string(oracle.rows - oracle.impossible)) != std::string::npos,
             second.substr(0, 200));
  const Head head = open(ledger_folder)->head();
  BOOST_TEST(head_before == std::string(reinterpret_cast<const char*>(head.root.data()), head.root.size()));
}

BOOST_AUTO_TEST_SUITE_END()
