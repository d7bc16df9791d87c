// SPDX-License-Identifier: Apache-2.0
//
// Goal: custody of vehicles (DOMAIN.md §2.5, §3.2, I-C7, I-H4, I-H8): disjoint intervals whatever order they arrive in,
// and states that a reversal or correction leads to. Method: history on a real ledger, since no event of this release
// signs a contract.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

struct Custody : RentalFixture {
  /// A trip in one commit; returns the findings of both events (`A|B`).
  std::string trip(const std::string& contract, const std::string& vehicle, int from, int until) {
    const auto first =
        accept(history({handed_over(contract, vehicle, day(1, from)), returned(contract, vehicle, day(1, until))}));
    return codes(first) + "|" + codes(first + 1);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_custody)

BOOST_FIXTURE_TEST_CASE(history_enters_in_the_middle_with_one_finding_a_stream, Custody) {
  const auto first = accept(history({handed_over("R1", "C1", day(1)), returned("R1", "C1", day(2))}));
  const auto found = findings(first);
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST(found[0].code == "Assumed");
  BOOST_TEST(found[0].args[0].value == "signed");
  BOOST_TEST(found[0].args[1].value == "RentalContractDrafted,RentalContractSigned,orderId,party");
  BOOST_TEST(codes(first + 1).empty());
  BOOST_TEST((tags(first) == std::vector<std::string>{"rental/R1", "vehicle/C1"}));
  const RentalSummary summary = rental("R1");
  BOOST_TEST(summary.state == "returned");
  BOOST_TEST(summary.query_state == "querying");
  BOOST_TEST(summary.vehicle == "C1");
  BOOST_TEST(summary.assumed);
  BOOST_TEST((summary.handed_over_at == day(1) && summary.returned_at == day(2)));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_decision_needs_a_signed_contract, Custody) {
  BOOST_TEST(refuse(handed_over("R1", "C1", day(1))).error == "FieldMissing");
  const auto with_party = [](EventDraft draft) {
    draft.payload = make_payload<schema::VehicleHandedOver>([](auto event) {
      event.setContractId("R1");
      event.setVehicleId("C1");
      event.setOrderId("O1");
      event.setParty("external/X");
      event.setAt(day(1).ns);
    });
    return draft;
  };
  BOOST_TEST(refuse(with_party(handed_over("R1", "C1", day(1)))).error == "IllegalTransition");
  BOOST_TEST(codes(accept(report({with_party(handed_over("R1", "C1", day(1)))}))) == "IllegalTransition");
  BOOST_TEST(rental("R1").state == "inUse");
  BOOST_TEST(rental("R1").party == "external/X");
}

BOOST_FIXTURE_TEST_CASE(a_return_without_its_handover, Custody) {
  const auto position = accept(history({returned("R1", "C1", day(2))}));
  BOOST_TEST(findings(position)[0].args[0].value == "inUse");
  BOOST_TEST(rental("R1").state == "returned");
  BOOST_TEST(!rental("R1").handed_over_at.has_value());
  BOOST_TEST(codes(accept(history({returned("R1", "C1", day(3))}))) == "IllegalTransition");
}

BOOST_FIXTURE_TEST_CASE(intervals_that_touch_do_not_overlap, Custody) {
  BOOST_TEST(trip("R1", "C1", 0, 10) == "Assumed|");
  BOOST_TEST(trip("R2", "C1", 10, 20) == "Assumed|");
  BOOST_TEST(trip("R3", "C2", 5, 15) == "Assumed|");
  BOOST_TEST(trip("R4", "C1", 20, 20) == "Assumed|", "an empty one overlaps nothing");
}

BOOST_FIXTURE_TEST_CASE(an_overlap_is_found_once_in_whatever_order_it_arrives, Custody) {
  BOOST_TEST(trip("R1", "C1", 50, 60) == "Assumed|");
  BOOST_TEST(trip("R2", "C1", 55, 70) == "Assumed,VehicleInCustody|", "begins inside an earlier one");
  BOOST_TEST(trip("R3", "C1", 10, 20) == "Assumed|", "late, but free");
  BOOST_TEST(trip("R4", "C1", 30, 52) == "Assumed|VehicleInCustody", "begins free, ends inside a later one");
  BOOST_TEST(trip("R5", "C1", 15, 18) == "Assumed,VehicleInCustody|");
  BOOST_TEST(trip("R6", "C1", 19, 21) == "Assumed,VehicleInCustody|", "the longer one of two that began before");
  BOOST_TEST(trip("R7", "C1", 71, 72) == "Assumed|");
  BOOST_TEST(vehicle("C1").handovers == 7U);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_vehicle_that_is_out_cannot_go_out, Custody) {
  accept(history({handed_over("R1", "C1", day(1))}));
  BOOST_TEST(vehicle("C1").state == "out");
  BOOST_TEST(vehicle("C1").rental == "R1");
  const auto second = accept(history({handed_over("R2", "C1", day(2))}));
  BOOST_TEST(codes(second) == "Assumed,VehicleInCustody");
  BOOST_TEST(vehicle("C1").rental == "R2");
  accept(history({returned("R2", "C1", day(3))}));
  BOOST_TEST(vehicle("C1").state == "out", "R1 has it still");
  BOOST_TEST(vehicle("C1").rental == "R1");
  accept(history({returned("R1", "C1", day(4))}));
  BOOST_TEST(vehicle("C1").state == "in");
  BOOST_TEST((vehicle("C1").since == day(4)));
}

BOOST_FIXTURE_TEST_CASE(a_return_before_the_handover_and_of_another_vehicle, Custody) {
  accept(history({handed_over("R1", "C1", day(3))}));
  BOOST_TEST(codes(accept(history({returned("R1", "C1", day(2))}))) == "ReturnBeforeHandover");
  accept(history({handed_over("R2", "C1", day(5))}));
  const auto other = accept(history({returned("R2", "C9", day(6))}));
  BOOST_TEST(codes(other) == "IllegalTransition");
  BOOST_TEST(findings(other)[0].path == "data.vehicleId");
}

BOOST_FIXTURE_TEST_CASE(the_odometer_never_falls, Custody) {
  accept(history({handed_over("R1", "C1", day(1), 1000), returned("R1", "C1", day(2), 1200)}));
  BOOST_TEST(codes(accept(history({handed_over("R2", "C1", day(3), 1199)}))) == "Assumed,OdometerDecreased");
  BOOST_TEST(codes(accept(history({returned("R2", "C1", day(4), 1150)}))) == "OdometerDecreased");
  BOOST_TEST(codes(accept(history({handed_over("R3", "C1", day(0), 900)}))) == "Assumed", "earlier in time");
}

BOOST_FIXTURE_TEST_CASE(a_reversal_gives_the_vehicle_back_and_a_correction_moves_the_interval, Custody) {
  const auto out = accept(history({handed_over("R1", "C1", day(1, 0))}));
  const auto back = accept(history({returned("R1", "C1", day(1, 10))}));
  decide(reversal_of(returned("R1", "C1", day(1, 10)), back));
  BOOST_TEST(rental("R1").state == "inUse");
  BOOST_TEST(!rental("R1").returned_at.has_value());
  BOOST_TEST(vehicle("C1").state == "out");
  decide(correction_of(handed_over("R1", "C2", day(1, 5)), out));
  BOOST_TEST(vehicle("C2").rental == "R1");
  BOOST_TEST((rental("R1").handed_over_at == day(1, 5)));
  auto view = ledger->view();
  BOOST_TEST(!find_vehicle(**view, "C1")->has_value(), "no handover of it stands");
  decide(correction_of(handed_over("R1", "C2", day(1, 6)), out));
  BOOST_TEST((rental("R1").handed_over_at == day(1, 6)), "the last correction counts");
  decide(reversal_of(handed_over("R1", "C1", day(1, 0)), out));
  view = ledger->view();
  BOOST_TEST(!find_rental(**view, "R1")->has_value());
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_violation_lies_in_the_custody_of_the_contract_it_names, Custody) {
  accept(history({handed_over("R1", "C1", day(1)), returned("R1", "C1", day(3))}));
  const auto by_contract = [](std::string id, std::string vehicle) {
    return Violation{.id = std::move(id), .party = "external/X", .contract = "R1", .vehicle = std::move(vehicle)};
  };
  decide(recorded(by_contract("V1", "C1"), eur(100), day(2)));
  decide(recorded(by_contract("V2", ""), eur(100), day(2)));
  BOOST_TEST(refuse(recorded(by_contract("V3", "C1"), eur(100), day(4))).error == "ViolationOutsideCustody");
  BOOST_TEST(refuse(recorded(by_contract("V3", "C7"), eur(100), day(2))).error == "ViolationOutsideCustody");
  BOOST_TEST(codes(accept(report({recorded(by_contract("V3", "C1"), eur(100), day(4))}))) == "ViolationOutsideCustody");
}

BOOST_FIXTURE_TEST_CASE(lists_are_in_order_and_paged, Custody) {
  for (const char* const id : {"R3", "R1", "R2"}) {
    trip(id, "C1", id[1] * 20, id[1] * 20 + 5);
  }
  auto view = ledger->view();
  std::string seen;
  const auto list = [&](const Page& page) {
    seen.clear();
    return list_rentals(**view, page, [&](const RentalSummary& each) {
      seen += each.rental;
      return true;
    });
  };
  BOOST_TEST(list({}).has_value());
  BOOST_TEST(seen == "R3R1R2");
  BOOST_TEST(list({.after = "R3", .limit = 1}).has_value());
  BOOST_TEST(seen == "R1");
  BOOST_TEST(list({.after = "R9", .limit = 0}).error().name() == "AfterUnknown");
}

BOOST_AUTO_TEST_SUITE_END()
