// SPDX-License-Identifier: Apache-2.0
//
// Goal: the page of metrics is the text format of Prometheus, counts what happened, and holds what docs/operating
// promises. Method: a small strict reader of the format over the page of a ledger that appended, refused and repeated.
#include "support/must.hpp"
#include "support/temp_folder.hpp"
#include "support/toy_domain.hpp"

#include <carnet/ledger.hpp>
#include <carnet/metrics.hpp>

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

using namespace carnet;
using namespace toy;
using carnet::test::must;

namespace {

struct Page {
  std::map<std::string, std::string> types;
  std::map<std::string, double> samples;  ///< By name and labels as printed.
  std::vector<std::string> order;         ///< Families in the order of their HELP.
};

/// Family of a sample: a histogram's samples carry suffixes.
std::string family_of(const Page& page, const std::string& sample) {
  for (const char* suffix : {"_bucket", "_sum", "_count"}) {
    const std::string base = sample.substr(0, sample.size() - std::min(sample.size(), std::string(suffix).size()));
    if (sample == base + suffix && page.types.contains(base) && page.types.at(base) == "histogram") {
      return base;
    }
  }
  return sample;
}

/// Checks every rule of the format on the way.
Page read_page(const std::string& text) {
  static const std::regex help(R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) [^\n]+)");
  static const std::regex type(R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))");
  static const std::regex sample(
      R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)+\}) (-?[0-9.e+-]+))re");
  Page page;
  BOOST_REQUIRE(!text.empty());
  BOOST_TEST(text.back() == '\n');
  std::istringstream lines(text);
  std::string line;
  std::string open_family;
  while (std::getline(lines, line)) {
    std::smatch match;
    if (std::regex_match(line, match, help)) {
      open_family = match[1];
      BOOST_TEST(std::ranges::count(page.order, open_family) == 0, "HELP stands twice: " + line);
      page.order.push_back(open_family);
    } else if (std::regex_match(line, match, type)) {
      BOOST_TEST(match[1].str() == open_family, line);
      BOOST_TEST(page.types.emplace(match[1], match[2]).second, line);
      BOOST_TEST((match[2] != "counter" || open_family.ends_with("_total")), line);
    } else {
      BOOST_REQUIRE_MESSAGE(std::regex_match(line, match, sample), line);
      BOOST_TEST(family_of(page, match[1]) == open_family, line);
      BOOST_TEST(page.samples.emplace(match[1].str() + match[2].str(), std::stod(match[3])).second, "twice: " + line);
    }
  }
  return page;
}

struct Fixture {
  test::TempFolder folder;

  std::unique_ptr<Ledger> open(std::string_view name) {
    OpenOptions options;
    options.if_missing = IfMissing::kCreate;
    options.durability = Durability::kOs;
    return must(Ledger::open(folder.at(name), &toy_domain(), options)).ledger;
  }
};

std::string of(std::string_view metric, std::string_view ledger, std::string_view more = {}) {
  return std::string(metric) + "{ledger=\"" + std::string(ledger) + "\"" + (more.empty() ? "" : ",") +
         std::string(more) + "}";
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(metrics, Fixture)

BOOST_AUTO_TEST_CASE(a_page_counts_what_happened) {
  const auto ledger = open("a");
  for (int i = 0; i < 20; ++i) {
    must(ledger->append(request("c" + std::to_string(i), {box_opened("B" + std::to_string(i))})));
  }
  must(ledger->append(request("c3", {box_opened("B3")})));     // landed before
  must(ledger->append(request("again", {box_opened("B3")})));  // refused
  const MetricsSource source{ledger.get(), "shop"};
  Page page = read_page(must(prometheus_text(std::span(&source, 1))));
  BOOST_TEST(page.samples[of("carnet_append_commits_total", "shop")] == 21);  // the genesis too
  BOOST_TEST(page.samples[of("carnet_append_refusals_total", "shop")] == 1);
  BOOST_TEST(page.samples[of("carnet_append_duplicates_total", "shop")] == 1);
  BOOST_TEST(page.samples[of("carnet_position", "shop")] == 21);
  BOOST_TEST(page.samples[of("carnet_append_seconds_count", "shop")] == 22);
  BOOST_TEST(page.samples[of("carnet_append_seconds_sum", "shop")] > 0);
}

BOOST_AUTO_TEST_CASE(buckets_of_a_histogram_rise_to_its_count) {
  const auto ledger = open("a");
  for (int i = 0; i < 50; ++i) {
    must(ledger->append(request("c" + std::to_string(i), {box_opened("B" + std::to_string(i))})));
  }
  const std::string text = must(prometheus_text(*ledger));
  static const std::regex bucket(R"re(carnet_append_seconds_bucket\{ledger="[0-9a-f]{32}",le="([^"]+)"\} ([0-9]+))re");
  double bound = 0;
  std::uint64_t count = 0;
  std::string last;
  for (std::sregex_iterator at(text.begin(), text.end(), bucket), end; at != end; ++at) {
    const std::string le = (*at)[1];
    BOOST_TEST(std::stoull((*at)[2]) >= count);
    count = std::stoull((*at)[2]);
    BOOST_TEST((le == "+Inf" || std::stod(le) > bound));
    bound = le == "+Inf" ? bound : std::stod(le);
    last = le;
  }
  BOOST_TEST(last == "+Inf");
  BOOST_TEST(count == 50U);
  BOOST_TEST(bound > 1.0);
}

BOOST_AUTO_TEST_CASE(several_ledgers_share_one_page_and_labels_are_escaped) {
  const auto a = open("a");
  const auto b = open("b");
  const std::vector<MetricsSource> sources{{a.get(), "one"}, {b.get(), "t\"w\\o\n"}};
  const Page page = read_page(must(prometheus_text(sources)));
  BOOST_TEST(page.samples.contains(of("carnet_position", "one")));
  BOOST_TEST(page.samples.contains(of("carnet_position", R"(t\"w\\o\n)")));
}

BOOST_AUTO_TEST_CASE(the_documented_metrics_are_there_with_their_types) {
  const auto ledger = open("a");
  const Page page = read_page(must(prometheus_text(*ledger)));
  std::ifstream document(std::string(CARNET_SOURCE_FOLDER) + "/docs/operating/metrics.md");
  static const std::regex row(R"(\| `(carnet_[a-z_]+)`[^|]*\| (counter|gauge|histogram)[^|]*\|.*)");
  std::string line;
  int rows = 0;
  while (std::getline(document, line)) {
    std::smatch match;
    if (!std::regex_match(line, match, row) || line.find("catch-up") != std::string::npos) {
      continue;
    }
    ++rows;
    BOOST_TEST(page.types.contains(match[1]), line);
    BOOST_TEST(page.types.at(match[1]) == match[2].str(), line);
  }
  BOOST_TEST(rows > 20);
}

BOOST_AUTO_TEST_CASE(another_process_sees_sizes_but_no_counters_of_appends) {
  open("a");
  OpenOptions options;
  options.read_only = true;
  const auto reader = must(Ledger::open(folder.at("a"), &toy_domain(), options)).ledger;
  const Page page = read_page(must(prometheus_text(*reader)));
  BOOST_TEST(page.types.contains("carnet_table_bytes"));
  BOOST_TEST(!page.types.contains("carnet_append_commits_total"));
}

BOOST_AUTO_TEST_SUITE_END()
