// SPDX-License-Identifier: Apache-2.0
//
// Goal: price lists, quotes, reservations and special requests (DOMAIN.md §2.2, §2.4, §3.2). Method: each row of their
// lifecycles once where it is legal and once where it is refused, on a real ledger.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "rental/subject_view.hpp"
#include "support/rental_contract.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

struct Reservation : ContractFixture {
  std::string state() {
    auto view = ledger->view();
    return std::string(rental::state_name(rental::Machine::kReservation,
                                          rental::subject_row(**view, rental::Machine::kReservation, 0).state));
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_reservation)

BOOST_FIXTURE_TEST_CASE(a_quote_cites_the_price_list_in_force_on_its_channel, Reservation) {
  BOOST_TEST(no(quoted("p1")) == "I-R1 PriceNotPublished");
  decide(price_list("p1", day(0)));
  BOOST_TEST(no(price_list("p1", day(2))) == "§3.9 VersionNotIncreasing");
  EventDraft elsewhere = price_list("p9", day(2));
  elsewhere.stream = "document/prices";
  BOOST_TEST(no(elsewhere) == "§2.2 WrongStream");
  decide(quoted("p1"));
  BOOST_TEST(state() == "quoted");
  // Not in force yet, then for another channel only, then instead of the one before.
  BOOST_TEST(codes(decide(price_list("p2", day(30)))).empty());
  BOOST_TEST(no(quoted("p2")) == "I-R1 PriceNotPublished");
  BOOST_TEST(codes(decide(price_list("p3", day(0, 1), {"website"}))) == "EffectiveInPast");
  BOOST_TEST(no(quoted("p3")) == "I-R1 PriceNotPublished");
  decide(quoted("p1"));
  BOOST_TEST(no(quoted("p1", "website")) == "I-R1 PriceNotPublished");
  decide(quoted("p3", "website"));
  BOOST_TEST(reported(quoted("p2")) == "PriceNotPublished");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_price_list_taken_back_is_in_force_no_more, Reservation) {
  const EventDraft list = price_list("p1", day(0));
  const auto position = decide(list);
  decide(quoted("p1"));
  decide(reversal_of(list, position));
  BOOST_TEST(no(quoted("p1")) == "I-R1 PriceNotPublished");
  decide(price_list("p1", day(0)));
  decide(quoted("p1"));
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_reservation_is_placed_confirmed_and_fulfilled, Reservation) {
  BOOST_TEST(no(confirmed()) == "§3.2 IllegalTransition");
  decide(placed());
  BOOST_TEST(state() == "placed");
  BOOST_TEST(no(placed()) == "§3.2 IllegalTransition");
  BOOST_TEST(no(no_show()) == "§3.2 IllegalTransition");
  BOOST_TEST(no(confirmed("")) == "I-R2 ConfirmationIncomplete");
  decide(confirmed());
  BOOST_TEST(state() == "confirmed");
  BOOST_TEST(no(confirmed()) == "§3.2 IllegalTransition");
  BOOST_TEST(no(quoted("p1")) == "§3.2 IllegalTransition");
  BOOST_TEST(no(fulfilled()) == "§3.2 ContractUnknown");
  decide(drafted());
  const EventDraft last = fulfilled();
  const auto position = decide(last);
  BOOST_TEST(state() == "fulfilled");
  BOOST_TEST(no(reservation_cancelled()) == "§3.2 IllegalTransition");
  decide(reversal_of(last, position));
  BOOST_TEST(state() == "confirmed");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_reservation_without_its_order_is_history_only, Reservation) {
  EventDraft draft = placed();
  draft.payload = make_payload<schema::ReservationPlaced>([](auto event) {
    event.setReservationId("B1");
    event.setParty("external/X");
    event.initPickup().setBranchId("S1");
    event.initReturn().setBranchId("S1");
    event.setModel("small");
  });
  BOOST_TEST(no(draft) == "§2 FieldMissing");
  BOOST_TEST(reported(draft) == "FieldMissing");
  EventDraft later = confirmed();
  later.stream = "reservation/B2";
  later.payload = make_payload<schema::ReservationConfirmed>([&](auto event) {
    event.setReservationId("B2");
    event.setParty("external/X");
    event.initFeeTerms(0);
    event.setReservationNo("N-2");
    event.setPickupBranchId("S1");
    event.setPickupAt(day(3).ns);
    event.setModel("small");
    set_money(event.initEstimate(), money(300));
  });
  const auto found = findings(accept(history({later})));
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST(found[0].code == "Assumed");
  BOOST_TEST(found[0].args[1].value == "ReservationPlaced,orderId");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_fee_of_a_cancellation_was_a_term_of_the_confirmation, Reservation) {
  decide(placed());
  decide(confirmed("N-1", 50));
  BOOST_TEST(no(reservation_cancelled("F1")) == "§3.2 ChargeUnknown");
  charge("F1", "cancellation", 60);
  BOOST_TEST(no(reservation_cancelled("F1")) == "§3.2 FeeNotDisclosed");
  charge("F2", "penalty", 40);
  BOOST_TEST(no(no_show("F2")) == "§3.2 FeeNotDisclosed");
  charge("F3", "cancellation", 50);
  decide(reservation_cancelled("F3"));
  BOOST_TEST(state() == "cancelled");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(a_reservation_is_marked_as_a_no_show_only_after_confirmation, Reservation) {
  decide(placed());
  decide(confirmed());
  decide(no_show());
  BOOST_TEST(state() == "noShow");
  BOOST_TEST(no(reservation_cancelled()) == "§3.2 IllegalTransition");
}

BOOST_FIXTURE_TEST_CASE(a_special_request_is_recorded_before_it_is_resolved, Reservation) {
  BOOST_TEST(no(requested_specially("Q1")) == "§3.2 IllegalTransition");
  decide(placed());
  decide(requested_specially("Q1"));
  BOOST_TEST(no(resolved("Q1")) == "§3.2 IllegalTransition", "the reservation is not confirmed");
  decide(confirmed());
  BOOST_TEST(no(resolved("Q2")) == "§3.2 RequestUnknown");
  decide(requested_specially("Q1"));
  const EventDraft answer = resolved("Q1", false);
  const auto position = decide(answer);
  BOOST_TEST(no(resolved("Q1")) == "§3.2 IllegalTransition");
  decide(reversal_of(answer, position));
  decide(resolved("Q1"));
  BOOST_TEST(reported(resolved("Q3")) == "RequestUnknown");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(an_action_is_opened_before_it_is_completed, Reservation) {
  const EventDraft completed = make_event<schema::ActionCompleted>("operations/A1", tick(), [](auto event) {
    event.setActionId("A1");
    event.setOutcome("done");
    event.setEffect(as_data(std::array<std::byte, 32>{}));
  });
  BOOST_TEST(no(completed) == "§3.9 IllegalTransition");
  const EventDraft opened = make_event<schema::ActionOpened>("operations/A1", tick(), [](auto event) {
    event.setActionId("A1");
    event.setKind("improvement");
    event.initSourceCases(0);
    event.setOwner("S1");
    event.setDueAt(day(9).ns);
  });
  decide(opened);
  BOOST_TEST(no(opened) == "§3.9 IllegalTransition");
  decide(completed);
  check_everything();
}

BOOST_AUTO_TEST_SUITE_END()
