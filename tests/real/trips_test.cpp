// SPDX-License-Identifier: Apache-2.0
//
// Goal: every trip of the bike-share file is a handover and a return, overlaps are findings, a second run changes
// nothing. Method: the importer as people run it, on the whole file where it is, and on the cut that the repository
// carries.
#include "support/real_data.hpp"
#include "support/temp_folder.hpp"

#include <carnet/rental/domain.hpp>
#include <carnet/rental/queries.hpp>

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <map>
#include <sstream>

using namespace carnet;

namespace {

constexpr const char* kSource = "the R package bikeshare14 (CC0), from Bay Area Bike Share open data";

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

void import_and_check(const std::string& file, std::uint64_t lines) {
  const carnet::test::TempFolder folder;
  const std::string import =
      std::string(CARNET_BINARY_FOLDER) + "/examples/import_trips " + folder.at("L") + " " + file + " --json > ";
  BOOST_REQUIRE_EQUAL(carnet::test::run(import + folder.at("1.json")), 0);
  const std::string first = text_of(folder.at("1.json"));
  BOOST_TEST(number_behind(first, "lines") == lines);
  BOOST_TEST(number_behind(first, "refused") == 0U);
  const std::uint64_t commits = number_behind(first, "commits");
  BOOST_TEST(commits + number_behind(first, "rejected") == lines);
  BOOST_TEST(number_behind(first, "events") == 2 * commits);
  BOOST_TEST(number_behind(first, "Assumed") == commits, "one a stream");

  BOOST_REQUIRE_EQUAL(carnet::test::run(import + folder.at("2.json")), 0);
  const std::string second = text_of(folder.at("2.json"));
  BOOST_TEST(number_behind(second, "duplicates") == commits);
  BOOST_TEST(number_behind(second, "lastPosition") == number_behind(first, "lastPosition"));

  OpenOptions options;
  options.read_only = true;
  auto opened = Ledger::open(folder.at("L"), &rental_domain(), options);
  BOOST_REQUIRE(opened);
  auto view = opened->ledger->view();
  BOOST_REQUIRE(view);
  std::uint64_t rentals = 0;
  BOOST_TEST(list_rentals(**view, {}, [&](const RentalSummary& rental) {
               ++rentals;
               BOOST_REQUIRE(rental.state == "returned");
               BOOST_REQUIRE(rental.handed_over_at && rental.returned_at &&
                             *rental.handed_over_at <= *rental.returned_at);
               return true;
             }).has_value());
  BOOST_TEST(rentals == commits);
  std::uint64_t handovers = 0;
  BOOST_TEST(list_vehicles(**view, {}, [&](const VehicleSummary& vehicle) {
               handovers += vehicle.handovers;
               BOOST_REQUIRE(vehicle.state == "in");
               return true;
             }).has_value());
  BOOST_TEST(handovers == commits);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(trips)

BOOST_AUTO_TEST_CASE(the_whole_file) {
  if (const auto file = carnet::test::real_data("bikeshare/batrips.csv.gz", kSource)) {
    import_and_check(*file, 326'339);
  }
}

BOOST_AUTO_TEST_SUITE_END()
