// SPDX-License-Identifier: Apache-2.0
//
// Goal: a made-up history is a ledger like any other: it verifies, its books balance, and its seed alone says what it
// holds. Method: the command as a user runs it.
#include "cli/runner.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <string>

using carnet::test::number_of;
using carnet::test::Ran;
using carnet::test::Shell;
using carnet::test::text_of;

namespace {

std::string fingerprints(const Ran& verified) {
  return verified.out.substr(verified.out.find("\"fingerprints\""));
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_ledger_and_another_seed_another) {
  Shell carnet;
  const Ran first = carnet.expect(0, {"generate", "A", "--rentals", "2000", "--seed", "7", "--json"});
  const Ran second = carnet.expect(0, {"generate", "B", "--rentals", "2000", "--seed", "7", "--json"});
  const Ran other = carnet.expect(0, {"generate", "C", "--rentals", "2000", "--seed", "8", "--json"});
  const std::string root = text_of(first.json(), "root");
  BOOST_TEST(root == text_of(second.json(), "root"));
  BOOST_TEST(root != text_of(other.json(), "root"));

  const Ran a = carnet.expect(0, {"verify", "A", "--json"});
  const Ran b = carnet.expect(0, {"verify", "B", "--json"});
  const Ran c = carnet.expect(0, {"verify", "C", "--json"});
  BOOST_TEST(text_of(a.json(), "outcome") == "verified");
  BOOST_TEST(text_of(a.json(), "root") == root);
  BOOST_TEST(fingerprints(a) == fingerprints(b));
  BOOST_TEST(fingerprints(a) != fingerprints(c));
}

BOOST_AUTO_TEST_CASE(a_history_has_the_sizes_and_the_mishaps_of_a_rental_company) {
  Shell carnet;
  const Ran ran = carnet.expect(0, {"generate", "L", "--rentals", "3000", "--seed", "3", "--json"});
  const auto events = number_of(ran.json(), "events");
  BOOST_TEST(events >= 25 * 3000);
  BOOST_TEST(events <= 30 * 3000);
  const auto accounts = number_of(ran.json(), "accounts");
  BOOST_TEST(accounts >= 3000 / 5);
  BOOST_TEST(accounts <= 3000 / 3);

  std::map<std::string, int> count;
  for (const auto& event : carnet.expect(0, {"events", "L", "--json"}).lines()) {
    ++count[text_of(event, "type")];
  }
  BOOST_TEST(count["FeedbackReceived"] >= 3000 * 3 / 100);
  BOOST_TEST(count["FeedbackReceived"] <= 3000 * 6 / 100);
  for (const char* const type :
       {"ReservationMarkedNoShow", "ReservationCancelled", "RentalContractVoided", "VehicleSwapped",
        "PreAuthorizationDeclined", "PreAuthorizationChanged", "PreAuthorizationExpired", "DiscountApplied",
        "VoucherRedeemed", "VoucherExpired", "ChargebackReceived", "RefundPaid", "FineRefundedByAuthority",
        "ChargeReversed", "DamageAssessed", "ReworkStarted", "RentalContractClosed"}) {
    BOOST_TEST(count[type] > 0, type);
  }
  // What is told from outside may break a rule; nothing else does.
  std::map<std::string, int> findings;
  for (const auto& finding : carnet.expect(0, {"findings", "L", "--json"}).lines()) {
    ++findings[text_of(finding, "code")];
  }
  BOOST_TEST(findings["OverCapture"] > 0);
  BOOST_TEST(findings["LateCapture"] > 0);
  findings.erase("OverCapture");
  findings.erase("LateCapture");
  findings.erase("AllocationIncomplete");
  BOOST_TEST(findings.empty());
}

BOOST_AUTO_TEST_CASE(a_ledger_that_is_there_and_a_wrong_number_are_refused) {
  Shell carnet;
  carnet.expect(2, {"generate", "L"});
  carnet.expect(2, {"generate", "L", "--rentals", "0"});
  carnet.expect(2, {"generate", "L", "--rentals", "5", "--per-day", "0"});
  carnet.expect(1, {"generate", "L", "--rentals", "9000000"});
  carnet.expect(0, {"generate", "L", "--rentals", "5"});
  carnet.expect(1, {"generate", "L", "--rentals", "5"});
}
