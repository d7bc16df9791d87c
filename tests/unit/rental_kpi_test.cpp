// SPDX-License-Identifier: Apache-2.0
//
// Goal: KPIs by DOMAIN.md §5: windows on the local calendar, what counts where, what is known when, who never counts.
// Method: short logs with values computed by hand.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_kpi.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

std::string window_text(std::string_view text, std::string_view zone = "UTC") {
  const auto window = parse_window(text, zone);
  return window ? to_text(window->first) + " " + to_text(window->end) + " " + to_text(*window) : window.error().name();
}

std::string before(std::string_view text) {
  const auto window = previous_window(*parse_window(text, "UTC"));
  return window ? to_text(*window) : window.error().name();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_kpi)

BOOST_AUTO_TEST_CASE(windows_are_days_of_the_calendar) {
  BOOST_TEST(window_text("2024-02") == "2024-02-01 2024-03-01 2024-02");
  BOOST_TEST(window_text("2024-12") == "2024-12-01 2025-01-01 2024-12");
  BOOST_TEST(window_text("2024-Q3") == "2024-07-01 2024-10-01 2024-Q3");
  BOOST_TEST(window_text("2024-H2") == "2024-07-01 2025-01-01 2024-H2");
  BOOST_TEST(window_text("2024") == "2024-01-01 2025-01-01 2024");
  BOOST_TEST(window_text("2024-03-05..2024-03-09") == "2024-03-05 2024-03-09 2024-03-05..2024-03-09");
  // ISO 8601: week 1 of 2026 begins in 2025, week 53 of 2020 ends in 2021.
  BOOST_TEST(window_text("2026-W01") == "2025-12-29 2026-01-05 2026-W01");
  BOOST_TEST(window_text("2020-W53") == "2020-12-28 2021-01-04 2020-W53");
}

BOOST_AUTO_TEST_CASE(the_window_before_is_of_the_same_kind) {
  BOOST_TEST(before("2024-01") == "2023-12");
  BOOST_TEST(before("2024-Q1") == "2023-Q4");
  BOOST_TEST(before("2024-H1") == "2023-H2");
  BOOST_TEST(before("2021-W01") == "2020-W53");
  BOOST_TEST(before("2024") == "2023");
  BOOST_TEST(before("2024-03-05..2024-03-09") == "2024-03-01..2024-03-05");
  BOOST_TEST(before("1678") == "BadWindow");
}

BOOST_AUTO_TEST_CASE(what_is_no_window_is_refused) {
  for (const char* text :
       {"", "24", "2024-13", "2024-00", "2024-Q5", "2024-H3", "2024-W54", "2025-W53", "2024-W00", "2024-1", "2024/01",
        "2024-03-09..2024-03-05", "2024-03-05..2024-03-05", "2024-02-30..2025", "1677", "2262", "2024-Q", "2024-"}) {
    BOOST_TEST(window_text(text) == "BadWindow", text);
  }
  BOOST_TEST(window_text("2024", "Moon/Base") == "ZoneUnknown");
}

BOOST_FIXTURE_TEST_CASE(an_empty_ledger_has_no_values, KpiFixture) {
  BOOST_TEST(kpi("K-02", "2024-03") == "K-02 0/0 n=0");
  BOOST_TEST(kpi("K-05", "2024-03") == "K-05 0/0 n=0; K-05.p50 0/0 n=0; K-05.p90 0/0 n=0");
  BOOST_TEST(kpi("K-07", "2024-03") == "K-07 0/0 n=0; K-07b 0/0 n=0");
  BOOST_TEST(kpi("K-08", "2024-03") == "K-08[rental] 0/0 n=0");
  auto view = ledger->view();
  KpiQuery query;
  query.window = *parse_window("2024-03", "UTC");
  query.ids = {"K-99"};
  BOOST_TEST(compute_kpis(**view, query).error().name() == "KpiUnknown");
}

BOOST_FIXTURE_TEST_CASE(a_window_ends_where_the_local_month_does, KpiFixture) {
  // Berlin, March 2024: from 2024-02-29T23:00Z to 2024-03-31T22:00Z, an hour short by the change to summer time.
  decide(rated("1", "account/A", Step::SATISFIED, at("2024-02-29T22:59:59.999999999Z")));
  decide(rated("2", "account/B", Step::SATISFIED, at("2024-02-29T23:00:00Z")));
  decide(rated("3", "account/C", Step::NEUTRAL, at("2024-03-31T21:59:59.999999999Z")));
  decide(rated("4", "account/D", Step::SATISFIED, at("2024-03-31T22:00:00Z")));
  BOOST_TEST(kpi("K-02", "2024-03", "Europe/Berlin") == "K-02 1/2 n=2");
  BOOST_TEST(kpi("K-02", "2024-03") == "K-02 1/2 n=2");
  BOOST_TEST(kpi("K-02", "2024-04", "Europe/Berlin") == "K-02 1/1 n=1");
  BOOST_TEST(kpi("K-02", "2024-04") == "K-02 0/0 n=0");
  // The day of the change has 23 hours.
  BOOST_TEST(kpi("K-02", "2024-03-31..2024-04-01", "Europe/Berlin") == "K-02 0/1 n=1");
  check_tables();
}

BOOST_FIXTURE_TEST_CASE(a_customer_counts_once_with_the_latest_rating, KpiFixture) {
  decide(rated("1", "account/A", Step::DISSATISFIED, at("2024-03-05T00:00:00Z")));
  decide(rated("2", "account/A", Step::VERY_SATISFIED, at("2024-03-09T00:00:00Z")));
  decide(rated("3", "account/A", Step::NEUTRAL, at("2024-03-07T00:00:00Z")));  // Late, and not the latest.
  decide(opined("F1", "account/B", "dissatisfied", at("2024-03-07T00:00:00Z")));
  decide(opined("F2", "account/B", "4 of 5", at("2024-03-08T00:00:00Z")));  // On no scale that counts.
  BOOST_TEST(kpi("K-02", "2024-03") == "K-02 1/2 n=2");
}

BOOST_FIXTURE_TEST_CASE(unknown_persons_never_count_and_anonymous_ratings_do_by_their_id, KpiFixture) {
  decide(rated("1", "external/X", Step::SATISFIED, at("2024-03-05T00:00:00Z")));
  BOOST_TEST(kpi("K-02", "2024-03") == "K-02 0/0 n=0");
  decide(rated("2", "", Step::SATISFIED, at("2024-03-05T00:00:00Z")));
  decide(rated("3", "", Step::DISSATISFIED, at("2024-03-05T00:00:00Z")));
  decide(rated("3", "", Step::NEUTRAL, at("2024-03-06T00:00:00Z")));
  BOOST_TEST(kpi("K-02", "2024-03") == "K-02 1/2 n=2");
  decide(complained("F1", "external/X", "O1", at("2024-03-05T00:00:00Z")));
  decide(classified("F1", "external/X", "complaint", at("2024-03-05T00:00:00Z")));
  decide(order_confirmed("O1", "external/X", at("2024-03-05T00:00:00Z")));
  BOOST_TEST(kpi("K-07", "2024-03") == "K-07 0/0 n=0; K-07b 0/0 n=0");
  decide(took("C1", "external/X", at("2024-02-05T00:00:00Z")));
  BOOST_TEST(kpi("K-08", "2024-03") == "K-08[rental] 0/0 n=0");
  check_tables();
}

BOOST_FIXTURE_TEST_CASE(a_late_event_restates_and_leaves_what_was_known, KpiFixture) {
  decide(rated("1", "account/A", Step::SATISFIED, at("2024-03-05T00:00:00Z")));
  const std::uint64_t cut = here();
  decide(rated("2", "account/B", Step::NEUTRAL, at("2024-03-06T00:00:00Z")));
  BOOST_TEST(kpi("K-02", "2024-03") == "K-02 1/2 n=2");
  BOOST_TEST(kpi("K-02", "2024-03", "UTC", cut) == "K-02 1/1 n=1");
  BOOST_TEST(kpi("K-02", "2024-03", "UTC", 0) == "K-02 0/0 n=0");
  BOOST_TEST(kpi("K-02", "2024-03", "UTC", cut + 100) == "K-02 1/2 n=2");
}

BOOST_FIXTURE_TEST_CASE(a_correction_replaces_at_the_original_time, KpiFixture) {
  const EventDraft draft = rated("1", "account/A", Step::SATISFIED, at("2024-03-05T00:00:00Z"));
  const std::uint64_t first = decide(draft);
  const std::uint64_t cut = here();
  EventDraft better = rated("1", "account/A", Step::NEUTRAL, at("2024-04-05T00:00:00Z"));
  decide(correction_of(better, first));
  BOOST_TEST(kpi("K-02", "2024-03") == "K-02 0/1 n=1");
  BOOST_TEST(kpi("K-02", "2024-04") == "K-02 0/0 n=0");
  BOOST_TEST(kpi("K-02", "2024-03", "UTC", cut) == "K-02 1/1 n=1");
  const std::uint64_t corrected = here();
  // The last correction counts; a reversal takes all of it back.
  decide(correction_of(rated("1", "account/A", Step::VERY_SATISFIED, at("2024-04-05T00:00:00Z")), first));
  BOOST_TEST(kpi("K-02", "2024-03") == "K-02 1/1 n=1");
  BOOST_TEST(kpi("K-02", "2024-03", "UTC", corrected) == "K-02 0/1 n=1");
  decide(reversal_of(draft, first));
  BOOST_TEST(kpi("K-02", "2024-03") == "K-02 0/0 n=0");
  BOOST_TEST(kpi("K-02", "2024-03", "UTC", corrected) == "K-02 0/1 n=1");
  check_tables();
}

BOOST_FIXTURE_TEST_CASE(history_counts_only_when_it_is_asked_for, KpiFixture) {
  accept(history({rated("1", "account/A", Step::SATISFIED, at("2024-01-05T00:00:00Z"))}));
  accept(report({rated("2", "account/B", Step::NEUTRAL, at("2024-01-05T00:00:00Z"))}));
  BOOST_TEST(kpi("K-02", "2024-01") == "K-02 0/1 n=1");
  BOOST_TEST(kpi("K-02", "2024-01", "UTC", {}, true) == "K-02 1/2 n=2");
}

BOOST_FIXTURE_TEST_CASE(absorbed_accounts_are_the_survivor_from_the_cut_on, KpiFixture) {
  decide(rated("1", "account/A", Step::SATISFIED, at("2024-03-05T00:00:00Z")));
  decide(rated("2", "account/B", Step::NEUTRAL, at("2024-03-06T00:00:00Z")));
  const std::uint64_t cut = here();
  accept(decision({merged_into("A", "A", "B", at("2024-05-01T00:00:00Z")),
                   merged_into("B", "A", "B", at("2024-05-01T00:00:00Z"))}));
  BOOST_TEST(kpi("K-02", "2024-03") == "K-02 0/1 n=1");
  BOOST_TEST(kpi("K-02", "2024-03", "UTC", cut) == "K-02 1/2 n=2");
}

BOOST_FIXTURE_TEST_CASE(resolution_time_is_from_the_start_to_the_last_resolution, KpiFixture) {
  const auto start = at("2024-03-01T00:00:00Z");
  for (const char* id : {"F1", "F2", "F3", "F4"}) {
    decide(complained(id, "account/A", "O1", start));
  }
  decide(resolved("F1", "account/A", true, at("2024-03-01T00:01:40.9Z")));  // 100 s, truncated.
  decide(resolved("F2", "account/A", true, at("2024-03-01T00:05:00Z")));    // 300 s
  decide(resolved("F3", "account/A", false, at("2024-03-02T00:00:00Z")));
  BOOST_TEST(kpi("K-05", "2024-03") ==
             "K-05 400/2 n=2 aside=1; K-05.p50 100/1 n=2 aside=1; K-05.p90 300/1 n=2 aside=1");
  const std::uint64_t cut = here();
  // A duplicate, a case that was opened again, and one that was resolved again in the next month.
  decide(resolved("F4", "account/A", true, at("2024-03-03T00:00:00Z")));
  decide(duplicate("F4", "F1", "account/A", at("2024-03-04T00:00:00Z")));
  decide(reworked("F2", "account/A", at("2024-03-10T00:00:00Z")));
  decide(reworked("F1", "account/A", at("2024-03-10T00:00:00Z")));
  decide(resolved("F1", "account/A", true, at("2024-04-01T00:00:00Z")));
  BOOST_TEST(kpi("K-05.p50", "2024-03") == "K-05.p50 0/0 n=0 aside=1");
  BOOST_TEST(kpi("K-05.p50", "2024-04") == "K-05.p50 2678400/1 n=1");  // 31 days
  BOOST_TEST(kpi("K-05.p90", "2024-03", "UTC", cut) == "K-05.p90 300/1 n=2 aside=1");
  check_tables();
}

BOOST_FIXTURE_TEST_CASE(an_order_is_complained_of_once_and_placed_once, KpiFixture) {
  for (const char* order : {"O1", "O2", "O3", "O4"}) {
    decide(order_confirmed(order, "account/A", at("2024-03-02T00:00:00Z")));
  }
  decide(order_confirmed("O1", "account/A", at("2024-03-05T00:00:00Z")));  // The same order.
  for (const char* id : {"F1", "F2", "F3"}) {
    decide(complained(id, "account/A", "O1", at("2024-03-06T00:00:00Z")));
    decide(classified(id, "account/A", "complaint", at("2024-03-06T00:00:00Z")));
  }
  decide(complained("F4", "account/A", "", at("2024-03-06T00:00:00Z")));
  decide(classified("F4", "account/A", "complaint", at("2024-03-06T00:00:00Z")));
  decide(complained("F5", "account/A", "O2", at("2024-03-06T00:00:00Z")));
  decide(classified("F5", "account/A", "praise", at("2024-03-06T00:00:00Z")));
  BOOST_TEST(kpi("K-07", "2024-03") == "K-07 1/4 n=4 aside=1; K-07b 300/4 n=4 aside=1");
  const std::uint64_t cut = here();
  decide(duplicate("F2", "F1", "account/A", at("2024-03-07T00:00:00Z")));
  decide(classified("F5", "account/A", "complaint", at("2024-04-07T00:00:00Z")));
  decide(order_voided("O4", "account/A", at("2024-04-07T00:00:00Z")));
  BOOST_TEST(kpi("K-07", "2024-03") == "K-07 2/3 n=3 aside=1; K-07b 300/3 n=3 aside=1");
  BOOST_TEST(kpi("K-07", "2024-03", "UTC", cut) == "K-07 1/4 n=4 aside=1; K-07b 300/4 n=4 aside=1");
  BOOST_TEST(kpi("K-07", "2024-04") == "K-07 0/0 n=0; K-07b 0/0 n=0");
  check_tables();
}

BOOST_FIXTURE_TEST_CASE(a_contract_places_an_order_only_where_no_reservation_did, KpiFixture) {
  decide(order_confirmed("O1", "account/A", at("2024-02-20T00:00:00Z")));
  decide(contract_signed("O1", "account/A", at("2024-03-02T00:00:00Z")));
  decide(contract_signed("O2", "account/A", at("2024-03-02T00:00:00Z")));  // A walk-in.
  BOOST_TEST(kpi("K-07", "2024-02") == "K-07 0/1 n=1; K-07b 0/1 n=1");
  BOOST_TEST(kpi("K-07", "2024-03") == "K-07 0/1 n=1; K-07b 0/1 n=1");
  check_tables();
}

BOOST_FIXTURE_TEST_CASE(customers_are_kept_whose_custody_reaches_into_both_windows, KpiFixture) {
  decide(took("C1", "account/A", at("2024-01-20T00:00:00Z")));  // Into May, without an event in between.
  decide(took("C2", "account/B", at("2024-02-10T00:00:00Z")));
  decide(gave_back("C2", "account/B", at("2024-03-01T00:00:00Z")));  // Ends as March begins.
  decide(took("C3", "account/C", at("2024-02-10T00:00:00Z")));
  decide(gave_back("C3", "account/C", at("2024-03-01T00:00:01Z")));
  decide(took("C4", "account/D", at("2024-03-10T00:00:00Z")));
  BOOST_TEST(kpi("K-08", "2024-03") == "K-08[rental] 2/3 n=3");  // A and C of A, B, C.
  BOOST_TEST(kpi("K-08", "2024-01") == "K-08[rental] 0/0 n=0");  // The first period has none before it.
  BOOST_TEST(kpi("K-08", "2024-12") == "K-08[rental] 2/2 n=2");  // Still out: A and D.
  const std::uint64_t cut = here();
  const EventDraft back = gave_back("C1", "account/A", at("2024-05-10T00:00:00Z"));
  const std::uint64_t returned = decide(back);
  BOOST_TEST(kpi("K-08", "2024-04") == "K-08[rental] 2/3 n=3");  // March: A, C, D; April: A, D.
  BOOST_TEST(kpi("K-08", "2024-12") == "K-08[rental] 1/1 n=1");
  BOOST_TEST(kpi("K-08", "2024-12", "UTC", cut) == "K-08[rental] 2/2 n=2");
  decide(reversal_of(back, returned));
  BOOST_TEST(kpi("K-08", "2024-12") == "K-08[rental] 2/2 n=2");
  BOOST_TEST(kpi("K-08", "2024-12", "UTC", cut + 1) == "K-08[rental] 1/1 n=1");
  check_tables();
}

BOOST_FIXTURE_TEST_CASE(service_times_are_elapsed_seconds_across_a_change_of_clocks, KpiFixture) {
  // Berlin sets its clocks on in the night to 2024-03-31: from 18:00 to 08:00 are 13 hours.
  decide(took("C1", "account/A", at("2024-03-29T09:00:00+01:00"), at("2024-03-30T17:00:00+01:00")));
  decide(gave_back("C1", "account/A", at("2024-03-30T18:00:00+01:00")));
  decide(inspected("C1", "account/A", at("2024-03-31T08:00:00+02:00")));
  decide(took("C2", "account/B", at("2024-03-29T09:00:00+01:00"), at("2024-03-30T17:00:00+01:00")));
  decide(gave_back("C2", "account/B", at("2024-03-30T16:00:00+01:00")));  // Early: not late, and no less than that.
  decide(took("C3", "account/B", at("2024-03-29T09:00:00+01:00")));
  decide(gave_back("C3", "account/B", at("2024-03-30T16:00:00+01:00")));  // Nothing was planned.
  BOOST_TEST(kpi("K-15.inspection", "2024-03", "Europe/Berlin") == "K-15.inspection 46800/1 n=1");
  BOOST_TEST(kpi("K-15.lateness", "2024-03", "Europe/Berlin") == "K-15.lateness 3600/2 n=2");
  BOOST_TEST(kpi("K-15.inspection", "2024-03-30..2024-03-31", "Europe/Berlin") == "K-15.inspection 0/0 n=0");
  check_tables();
}

BOOST_AUTO_TEST_SUITE_END()
