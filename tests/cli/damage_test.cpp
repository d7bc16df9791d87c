// SPDX-License-Identifier: Apache-2.0
//
// Goal: what the command says and does when files under it are gone, older than promised, or changed.
#include "cli/runner.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

using carnet::test::number_of;
using carnet::test::Ran;
using carnet::test::sample;
using carnet::test::Shell;
using carnet::test::text_of;
using carnet::test::Words;

namespace fs = std::filesystem;

namespace {

void make_ledger(Shell& carnet) {
  carnet.expect(0, {"init", "L"});
  carnet.expect(0, {"import", "L", "-"}, {.in = sample("sample.ndjson")});
}

/// The ledger as it was put aside, under a floor that was raised since.
void roll_back(Shell& carnet) {
  make_ledger(carnet);
  fs::copy(carnet.at("L"), carnet.at("old"), fs::copy_options::recursive);
  std::string more = sample("sample.ndjson");
  more.resize(more.find('\n') + 1);
  for (std::size_t at = more.find("A100"); at != std::string::npos; at = more.find("A100", at)) {
    more.replace(at, 4, "B200");
  }
  carnet.expect(0, {"import", "L", "-"}, {.in = more});
  for (const char* part : {"log", "views"}) {
    fs::remove_all(carnet.at("L") + "/" + part);
    fs::copy(carnet.at("old") + "/" + part, carnet.at("L") + "/" + part, fs::copy_options::recursive);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(views_may_be_removed_at_any_time) {
  Shell carnet;
  make_ledger(carnet);
  const std::string balances = carnet.expect(0, {"balances", "L", "--json"}).out;
  fs::remove_all(carnet.at("L/views"));
  BOOST_TEST(carnet.expect(0, {"balances", "L", "--json"}).out == balances);
  carnet.expect(0, {"verify", "L"});
  carnet.expect(0, {"import", "L", "-"}, {.in = ""});
  BOOST_TEST(carnet.expect(0, {"balances", "L", "--json"}).out == balances);
  carnet.expect(0, {"verify", "L"});
}

BOOST_AUTO_TEST_CASE(a_log_below_its_floor_does_not_open_and_recover_goes_on_and_says_so) {
  Shell carnet;
  roll_back(carnet);
  for (const Words& words :
       {Words{"import", "L", "-", "--json"}, Words{"head", "L", "--json"}, Words{"verify", "L", "--json"}}) {
    const Ran ran = carnet.expect(3, words);
    BOOST_TEST(text_of(ran.json(), "error") == "LogTruncated", words.front());
    BOOST_TEST(ran.err.find("recover") != std::string::npos);
  }
  carnet.expect(2, {"recover", "L"});
  const auto recovered = carnet.expect(0, {"recover", "L", "--accept-loss", "--approver", "chief-1", "--json"}).json();
  BOOST_TEST(text_of(recovered, "outcome") == "lossAccepted");
  BOOST_TEST(number_of(recovered, "position") == 25);
  const auto event = carnet.expect(0, {"events", "L", "--type", "LossAccepted", "--json"}).json();
  BOOST_TEST(number_of(event["data"], "floorPosition") == 26);
  BOOST_TEST(number_of(event["data"], "headPosition") == 24);
  BOOST_TEST(text_of(event["data"], "approver") == "chief-1");
  carnet.expect(0, {"verify", "L"});
  BOOST_TEST(text_of(carnet.expect(0, {"recover", "L", "--accept-loss", "--json"}).json(), "outcome") == "nothingLost");
  BOOST_TEST(number_of(carnet.expect(0, {"head", "L", "--json"}).json(), "position") == 25);
}

BOOST_AUTO_TEST_CASE(a_changed_byte_in_the_log_is_never_taken_for_good) {
  Shell carnet;
  make_ledger(carnet);
  const std::string root = text_of(carnet.expect(0, {"head", "L", "--json"}).json(), "root");
  fs::path largest;
  for (const auto& entry : fs::directory_iterator(carnet.at("L/log"))) {
    if (entry.path().extension() == ".sst" && (largest.empty() || entry.file_size() > fs::file_size(largest))) {
      largest = entry.path();
    }
  }
  BOOST_REQUIRE(!largest.empty());
  {
    std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
    const auto middle = static_cast<std::streamoff>(fs::file_size(largest) / 3);
    file.seekg(middle);
    const char byte = static_cast<char>(file.get());
    file.seekp(middle);
    file.put(static_cast<char>(byte ^ 1));
  }
  const Ran ran = carnet({"verify", "L", "--json"});
  BOOST_TEST((ran.exit == 1 || ran.exit == 3), ran.err);
  BOOST_TEST(text_of(ran.json(), "outcome") == (ran.exit == 1 ? "verificationFailed" : "error"));
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_no_ledger_is_left_alone) {
  Shell carnet;
  fs::create_directory(carnet.at("L"));
  carnet.write("L/note", "mine");
  carnet.expect(1, {"head", "L"});
  carnet.expect(1, {"import", "L", "-"});
  BOOST_TEST(carnet.read("L/note") == "mine");
  BOOST_TEST(std::distance(fs::directory_iterator(carnet.at("L")), fs::directory_iterator()) == 1);
}
