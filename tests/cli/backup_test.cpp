// SPDX-License-Identifier: Apache-2.0
//
// Goal: an operator backs a ledger up while another process writes it, and restores it elsewhere, with the command
// alone.
#include "cli/runner.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

using carnet::test::Background;
using carnet::test::number_of;
using carnet::test::Ran;
using carnet::test::sample;
using carnet::test::Shell;
using carnet::test::text_of;

BOOST_AUTO_TEST_CASE(a_ledger_is_backed_up_while_another_process_writes_it) {
  Shell carnet;
  carnet.expect(0, {"init", "shop"});
  Background writer(carnet, {"import", "shop", "-"});
  writer.feed(sample("sample.ndjson"));
  const Ran made = carnet.expect(0, {"backup", "shop", "backups", "--json"});
  BOOST_TEST(text_of(made.json(), "outcome") == "made");
  BOOST_TEST(number_of(made.json(), "number") == 1);
  BOOST_TEST(number_of(made.json(), "position") >= 4);
  writer.close_input();
  BOOST_TEST(writer.wait().exit == 0);

  carnet.expect(0, {"backup", "shop", "backups"});
  const Ran restored = carnet.expect(0, {"restore", "backups", "copy", "--json"});
  BOOST_TEST(text_of(restored.json(), "outcome") == "restored");
  BOOST_TEST(restored.json()["verified"].GetBool());
  const std::string root = text_of(carnet.expect(0, {"head", "shop", "--json"}).json(), "root");
  BOOST_TEST(text_of(restored.json(), "root") == root);
  BOOST_TEST(text_of(carnet.expect(0, {"head", "copy", "--json"}).json(), "root") == root);
  for (const char* verb : {"balances", "violations", "events"}) {
    BOOST_TEST(carnet.expect(0, {verb, "copy", "--json"}).out == carnet.expect(0, {verb, "shop", "--json"}).out);
  }
  // A backup can be looked at in its place.
  BOOST_TEST(carnet.expect(0, {"balances", "backups/000002", "--json"}).out ==
             carnet.expect(0, {"balances", "shop", "--json"}).out);
  BOOST_TEST(carnet.expect(0, {"restore", "backups", "--list", "--json"}).lines().size() == 2U);
  BOOST_TEST(carnet.expect(0, {"restore", "backups", "--list"}).out.find("position") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_restored_is_told_with_its_exit_code) {
  Shell carnet;
  carnet.expect(0, {"init", "shop"});
  carnet.expect(0, {"backup", "shop", "backups"});
  BOOST_TEST(text_of(carnet.expect(1, {"restore", "backups", "shop", "--json"}).json(), "error") == "NotEmpty");
  BOOST_TEST(text_of(carnet.expect(1, {"restore", "nowhere", "copy", "--json"}).json(), "error") == "NoSuchBackup");
  BOOST_TEST(text_of(carnet.expect(1, {"restore", "backups", "copy", "--number", "9", "--json"}).json(), "error") ==
             "NoSuchBackup");
  BOOST_TEST(text_of(carnet.expect(1, {"backup", "shop", "shop/b", "--json"}).json(), "error") == "BackupInsideLedger");
  std::ofstream(carnet.at("backups/000001/BACKUP.json"), std::ios::app) << " ";
  const Ran ran = carnet.expect(3, {"restore", "backups", "copy", "--json"});
  BOOST_TEST(text_of(ran.json(), "error") == "BackupDamaged");
  BOOST_TEST(!std::filesystem::exists(carnet.at("copy")));
}
