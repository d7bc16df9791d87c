// SPDX-License-Identifier: Apache-2.0
//
// Goal: every row of the car-rental file is a custody or a cancellation; the times keep what the file says of delays
// and gaps and make up no overlap; a second run changes nothing; what is invented is asked for and tagged. Method: the
// importer as people run it, against an independent reading of the file.
#include "support/real_data.hpp"
#include "support/temp_folder.hpp"

#include <carnet/rental/domain.hpp>
#include <carnet/rental/queries.hpp>
#include <carnet/schema/rental.capnp.h>
#include <carnet/typed.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>
#include <zlib.h>

using namespace carnet;

namespace {

constexpr const char* kSource = "Getaround's delay analysis, published with its data science challenge";
constexpr std::int64_t kMinute = 60 * kNsPerSecond;
constexpr std::int64_t kTwelveHours = 12 * 60 * kMinute;

struct Row {
  std::string rental;
  std::string car;
  bool mobile = false;
  bool ended = false;
  std::string delay;
  std::string previous;
  std::string gap;
};

/// The file has no quotes and no commas in fields.
std::vector<Row> read_rows(const std::string& path) {
  std::string text;
  const gzFile file = gzopen(path.c_str(), "rb");
  char buffer[65536];
  for (int got = gzread(file, buffer, sizeof buffer); got > 0; got = gzread(file, buffer, sizeof buffer)) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  gzclose(file);
  std::istringstream lines(text);
  std::vector<Row> rows;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    line.erase(std::remove(line.begin(), line.end(), '\r'), line.end());
    std::vector<std::string> fields(1);
    for (const char c : line) {
      if (c == ',') {
        fields.emplace_back();
      } else {
        fields.back() += c;
      }
    }
    rows.push_back(
        {fields[0], fields[1], fields[2] == "mobile", fields[3] == "ended", fields[4], fields[5], fields[6]});
  }
  return rows;
}

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

std::int64_t minutes(const std::string& text) {
  return text.empty() ? 0 : std::stoll(text);
}

struct Custody {
  std::string car;
  std::int64_t start = 0;
  std::int64_t planned_end = 0;
  std::int64_t end = 0;
  bool out_attended = false;
  bool in_attended = false;
};

struct Imported {
  std::map<std::string, Custody> custodies;
  std::uint64_t cancelled = 0;
  std::uint64_t invented = 0;  ///< Events tagged so.
};

Imported read_ledger(const std::string& folder) {
  OpenOptions options;
  options.read_only = true;
  auto opened = Ledger::open(folder, &rental_domain(), options);
  BOOST_REQUIRE(opened);
  auto view = opened->ledger->view();
  auto cursor = (*view)->read({}, {});
  BOOST_REQUIRE(cursor);
  Imported out;
  for (auto event = (*cursor)->next(); event && *event != nullptr; event = (*cursor)->next()) {
    const Event& e = **event;
    if (e.type == "VehicleHandedOver") {
      const auto handover = payload_as<schema::VehicleHandedOver>(e.payload);
      Custody& custody = out.custodies[std::string(as_text(handover.getContractId()))];
      BOOST_REQUIRE(as_text(handover.getParty()) == "external/" + std::string(as_text(handover.getContractId())));
      custody.car = as_text(handover.getVehicleId());
      custody.start = handover.getAt();
      custody.planned_end = handover.getPlannedReturn().getValue();
      custody.out_attended = handover.getAttended();
    } else if (e.type == "VehicleReturned") {
      const auto back = payload_as<schema::VehicleReturned>(e.payload);
      Custody& custody = out.custodies[std::string(as_text(back.getContractId()))];
      custody.end = back.getAt();
      custody.in_attended = back.getAttended();
    } else if (e.type == "ReservationCancelled") {
      ++out.cancelled;
    }
    out.invented +=
        std::any_of(e.tags.begin(), e.tags.end(), [](const auto& tag) { return tag.name == "data/invented"; });
  }
  return out;
}

/// What contradicts custody: a handover while another contract has the car, a return behind another's handover.
std::uint64_t count_overlaps(const std::vector<Row>& rows, const Imported& imported) {
  std::map<std::string, std::vector<Custody>> before;
  std::uint64_t overlaps = 0;
  for (const Row& row : rows) {
    if (!row.ended) {
      continue;
    }
    const Custody& own = imported.custodies.at(row.rental);
    auto& others = before[row.car];
    overlaps += std::any_of(others.begin(), others.end(),
                            [&](const Custody& o) { return o.start <= own.start && own.start < o.end; });
    overlaps += std::any_of(others.begin(), others.end(),
                            [&](const Custody& o) { return own.start < o.start && o.start < own.end; });
    others.push_back(own);
  }
  return overlaps;
}

/// Delays and gaps are those of the file, and rentals without a known gap lie far apart.
void check_times(const std::vector<Row>& rows, const Imported& imported) {
  std::map<std::string, std::vector<std::pair<std::string, Custody>>> of_car;
  std::map<std::string, std::string> chain;  // Rental → first of its chain.
  for (const Row& row : rows) {
    chain[row.rental] = row.previous;
  }
  const auto head = [&](std::string rental) {
    while (!chain.at(rental).empty()) {
      rental = chain.at(rental);
    }
    return rental;
  };
  for (const Row& row : rows) {
    if (!row.ended) {
      continue;
    }
    const Custody& custody = imported.custodies.at(row.rental);
    BOOST_REQUIRE_EQUAL(custody.car, row.car);
    BOOST_REQUIRE((custody.out_attended == row.mobile && custody.in_attended == row.mobile));
    BOOST_REQUIRE_EQUAL(custody.end - custody.planned_end, minutes(row.delay) * kMinute);
    BOOST_REQUIRE(custody.end > custody.start);
    if (!row.previous.empty()) {
      BOOST_REQUIRE_EQUAL(custody.start - imported.custodies.at(row.previous).planned_end, minutes(row.gap) * kMinute);
    }
    for (const auto& [other, of_other] : of_car[row.car]) {
      if (head(other) != head(row.rental)) {
        BOOST_REQUIRE((custody.start > std::max(of_other.end, of_other.planned_end) + kTwelveHours ||
                       of_other.start > std::max(custody.end, custody.planned_end) + kTwelveHours));
      }
    }
    of_car[row.car].emplace_back(row.rental, custody);
  }
}

struct Run {
  const carnet::test::TempFolder folder;
  std::string file;

  std::string import(const std::string& ledger, const std::string& options = {}) {
    const std::string out = folder.at("out.json");
    BOOST_REQUIRE_EQUAL(carnet::test::run(std::string(CARNET_BINARY_FOLDER) + "/examples/import_rentals " +
                                          folder.at(ledger) + " " + file + " --json " + options + " > " + out),
                        0);
    return text_of(out);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rentals)

BOOST_AUTO_TEST_CASE(the_whole_file) {
  const auto file = carnet::test::real_data("getaround/get_around_delay_analysis.csv.gz", kSource);
  if (!file) {
    return;
  }
  Run run{.folder = {}, .file = *file};
  const std::vector<Row> rows = read_rows(*file);
  const auto count = [&](auto&& of) { return static_cast<std::uint64_t>(std::count_if(rows.begin(), rows.end(), of)); };
  const std::uint64_t ended = count([](const Row& row) { return row.ended; });
  BOOST_REQUIRE_EQUAL(rows.size(), 21'310U);

  const std::string first = run.import("L");
  BOOST_TEST(number_behind(first, "lines") == rows.size());
  BOOST_TEST(number_behind(first, "commits") == rows.size());
  BOOST_TEST(number_behind(first, "events") == rows.size() + ended);
  BOOST_TEST(number_behind(first, "refused") + number_behind(first, "rejected") == 0U);
  BOOST_TEST(number_behind(first, "Assumed") == rows.size(), "one a stream");
  BOOST_TEST(number_behind(first, "TimeAssumed") ==
             count([](const Row& row) { return row.ended && row.delay.empty(); }));
  BOOST_TEST(number_behind(first, "ImplausibleValue") == count([](const Row& row) {
               return !row.delay.empty() && (!row.ended || std::abs(minutes(row.delay)) > 24 * 60);
             }));
  BOOST_TEST(first.find(R"("clock":"Row n)") != std::string::npos);
  BOOST_TEST(first.find(R"("unmapped":["previous_ended_rental_id","time_delta_with_previous_rental_in_minutes"])") !=
             std::string::npos);

  const Imported imported = read_ledger(run.folder.at("L"));
  BOOST_TEST(imported.custodies.size() == ended);
  BOOST_TEST(imported.cancelled == rows.size() - ended);
  BOOST_TEST(imported.invented == 0U);
  check_times(rows, imported);
  BOOST_TEST(number_behind(first, "VehicleInCustody") == count_overlaps(rows, imported));

  const std::string second = run.import("L");
  BOOST_TEST(number_behind(second, "duplicates") == rows.size());
  BOOST_TEST(number_behind(second, "lastPosition") == number_behind(first, "lastPosition"));
}

BOOST_AUTO_TEST_CASE(what_is_invented_is_asked_for_and_tagged) {
  const auto file = carnet::test::real_data("getaround/get_around_delay_analysis.csv.gz", kSource);
  if (!file) {
    return;
  }
  Run run{.folder = {}, .file = *file};
  std::uint64_t ended = 0;
  std::uint64_t late = 0;
  for (const Row& row : read_rows(*file)) {
    ended += row.ended;
    late += row.ended && minutes(row.delay) > 0;
  }
  const std::string out = run.import("L", "--overtime-rate 12.50 --invent-holds");
  BOOST_TEST(number_behind(out, "ChargeNotDisclosed") == late);
  BOOST_TEST(out.find(R"("inventedOvertimeRate":"12.50 EUR an hour")") != std::string::npos);
  BOOST_TEST(out.find(R"("inventedHold":"500.00 EUR")") != std::string::npos);
  BOOST_TEST(read_ledger(run.folder.at("L")).invented == late + 3 * ended, "requested, frozen, released or expired");
}

BOOST_AUTO_TEST_SUITE_END()
