// SPDX-License-Identifier: Apache-2.0
//
// Goal: the one question for all lifecycles (carnet/rental/subjects.hpp) says what the typed questions say, in the
// order of first use, for every page and filter, at the head and as of another time. Method: short flows on a real
// ledger.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/must.hpp"
#include "support/rental_money.hpp"

#include <carnet/rental/subjects.hpp>

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

using namespace carnet;
using namespace carnet::test;

namespace {

/// `id state sum sum …`, parts in brackets; an id within a parent as `parent/id`.
std::string text_of(const Subject& subject) {
  std::string out = subject.parent.empty() ? subject.id : subject.parent + "/" + subject.id;
  out += fmt::format(" {}", subject.state);
  for (const SubjectSum& sum : subject.sums) {
    out += fmt::format(" {}", sum.minor);
  }
  for (const Subject& part : subject.parts) {
    out += fmt::format(" [{}]", text_of(part));
  }
  return out;
}

class SubjectFixture : public MoneyFixture {
 public:
  std::string listed(const SubjectQuery& query) {
    const auto view = must(ledger->view());
    return listed(StateView(*view), query);
  }

  static std::string listed(const StateView& view, const SubjectQuery& query) {
    std::string out;
    const Status status = list_subjects(view, query, [&](const Subject& subject) {
      out += (out.empty() ? "" : "; ") + text_of(subject);
      return true;
    });
    return status ? out : status.error().name();
  }

  std::string ids(const SubjectQuery& query) {
    const auto view = must(ledger->view());
    std::string out;
    must(list_subjects(*view, query, [&](const Subject& subject) {
      out += (out.empty() ? "" : " ") + subject.id;
      return true;
    }));
    return out;
  }

  Subject one(std::string_view lifecycle, std::string_view id) {
    const auto view = must(ledger->view());
    auto found = must(find_subject(*view, lifecycle, id));
    BOOST_REQUIRE(found.has_value());
    return *std::move(found);
  }

  /// As of a minute of day 1.
  std::string as_of(int at, const SubjectQuery& query, std::uint64_t known_at = 0) {
    const auto view = must(ledger->view());
    AsOfOptions options;
    options.as_of = day(1, at);
    options.known_at = known_at;
    const auto state = must(view->as_of(options));
    return listed(StateView(*view, *state), query);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_subjects)

BOOST_AUTO_TEST_CASE(every_lifecycle_that_is_kept_as_rows_is_described) {
  for (const Lifecycle& each : lifecycles()) {
    BOOST_TEST(find_lifecycle(each.name) == &each);
    BOOST_TEST(each.section.starts_with("§"));
    BOOST_TEST(!each.projection.empty());
    BOOST_REQUIRE(each.states.size() >= 2U);
    BOOST_TEST(each.states.front() == "none");
    BOOST_TEST((each.keyed || !each.family.empty()));
  }
  const Lifecycle* hold = find_lifecycle("hold");
  BOOST_REQUIRE(hold != nullptr);
  BOOST_TEST(hold->keyed);
  BOOST_TEST(hold->family == "deposit");
  BOOST_TEST(hold->states[2] == "frozen");
  BOOST_TEST(hold->sums.front() == "frozen");
  BOOST_TEST(find_lifecycle("ledger") == nullptr);  // kept by a fold of its own
  BOOST_TEST(find_lifecycle("unicorn") == nullptr);
}

BOOST_FIXTURE_TEST_CASE(a_subject_is_shown_with_all_that_its_row_holds, SubjectFixture) {
  hold("D1", "S", 1000);
  charge("C1", "rental", 600);
  const auto captured_at = capture("D1", "S", "K1", 300, {{"C1", 300}});
  const Subject found = one("hold", "D1/S");
  BOOST_TEST(found.id == "S");
  BOOST_TEST(found.parent == "D1");
  BOOST_TEST(found.state == "partiallyCaptured");
  BOOST_TEST(found.moved == captured_at);
  BOOST_TEST(found.first < found.moved);
  BOOST_TEST(found.since.ns == day(1, minute).ns);
  BOOST_TEST(found.party == "external/X");
  BOOST_TEST(found.currency.code() == "CNY");
  BOOST_TEST(found.sum("captured").value() == 300);
  BOOST_TEST(found.sum("remaining").value() == 700);
  BOOST_TEST(!found.sum("unicorns").has_value());
  BOOST_TEST(found.link("deposit") == "D1");
  BOOST_TEST(found.link("order") == "O1");
  BOOST_TEST(found.link("vehicle").empty());
  BOOST_TEST(found.kind_name == "purpose");
  BOOST_TEST(found.kind == "security");
  BOOST_TEST(found.kept_name == "expiresAt");
  BOOST_TEST(!found.assumed);
  BOOST_TEST(one("charge", "C1").kind == "customer");
  BOOST_TEST(one("charge", "C1").marks.front().event == "ChargePosted");
}

BOOST_FIXTURE_TEST_CASE(lists_come_in_the_order_of_first_use_and_in_pages, SubjectFixture) {
  for (const char* id : {"P3", "P1", "P2"}) {
    prepay(id, 1000);
  }
  SubjectQuery query{.lifecycles = {"payment"}};
  BOOST_TEST(ids(query) == "P3 P1 P2");
  query.limit = 2;
  BOOST_TEST(ids(query) == "P3 P1");
  query.after = "P1";
  BOOST_TEST(ids(query) == "P2");
  query.after = "P9";
  BOOST_TEST(listed(query) == "AfterUnknown");
}

BOOST_FIXTURE_TEST_CASE(keyed_subjects_are_listed_in_pages_too, SubjectFixture) {
  hold("D1", "S", 1000);
  hold("D2", "U", 2000);
  hold("D1", "T", 3000);
  SubjectQuery query{.lifecycles = {"hold"}};
  BOOST_TEST(listed(query) == "D1/S frozen 1000 0 0 0 0 0; D2/U frozen 2000 0 0 0 0 0; D1/T frozen 3000 0 0 0 0 0");
  query.after = "D2/U";
  BOOST_TEST(ids(query) == "T");
  query = {.lifecycles = {"hold"}, .limit = 1};
  BOOST_TEST(ids(query) == "S");
  query = {.lifecycles = {"hold"}, .within = "deposit/D1"};
  BOOST_TEST(ids(query) == "S T");
  const auto view = must(ledger->view());
  BOOST_TEST(!must(find_subject(*view, "hold", "S")).has_value());
  BOOST_TEST(!must(find_subject(*view, "hold", "D9/S")).has_value());
  BOOST_TEST(!must(find_subject(*view, "charge", "O1/C1")).has_value());
}

BOOST_FIXTURE_TEST_CASE(filters_leave_what_matches_all_of_them, SubjectFixture) {
  prepay("P1", 1000);
  prepay("P2", 1000);
  approve_refund("F1", RefundOf::PAYMENT, "P1", 600);
  pay_refund("F1", RefundOf::PAYMENT, "P1", 600);
  const auto filtered = [&](std::string state, std::string of, std::string within) {
    return ids({.lifecycles = {"payment", "refund"},
                .state = std::move(state),
                .party = std::move(of),
                .within = std::move(within)});
  };
  BOOST_TEST(filtered("", "", "") == "P1 P2 F1");
  BOOST_TEST(filtered("partlyReturned", "", "") == "P1");
  BOOST_TEST(filtered("paid", "", "") == "F1");
  BOOST_TEST(filtered("", "external/X", "order/O1") == "P1 P2 F1");
  BOOST_TEST(filtered("", "external/Y", "") == "");
  BOOST_TEST(filtered("", "order/O1", "") == "");
  BOOST_TEST(filtered("", "", "payment/P1") == "F1");
  BOOST_TEST(filtered("received", "external/X", "order/O1") == "P2");
  BOOST_TEST(filtered("", "", "order/O9") == "");
}

BOOST_FIXTURE_TEST_CASE(parts_stand_with_what_they_belong_to, SubjectFixture) {
  charge("C1", "rental", 600);
  charge("C2", "overtime", 100);
  hold("D1", "S", 1000);
  hold("D1", "T", 500);
  decide(collected("D2", 300));
  BOOST_TEST(listed({.lifecycles = {"settlement"}, .parts = {"charge"}}) ==
             "O1 open 700 0 0 [C1 posted 600 0 0 0 0] [C2 posted 100 0 0 0 0]");
  // A deposit that consists of holds has no lifecycle of its own.
  const SubjectQuery deposits{.lifecycles = {"deposit"}, .parts = {"hold"}};
  BOOST_TEST(listed(deposits) ==
             "D1 none 0 0 0 0 [D1/S frozen 1000 0 0 0 0 0] [D1/T frozen 500 0 0 0 0 0]; D2 held 300 0 0 0");
  const auto view = must(ledger->view());
  const auto found = must(find_subjects(*view, deposits, "D1"));
  BOOST_REQUIRE_EQUAL(found.size(), 1U);
  BOOST_TEST(found.front().parts.size() == 2U);
  BOOST_TEST(found.front().party == "external/X");
  BOOST_TEST(found.front().link("order") == "O1");
  BOOST_TEST(found.front().currency.code() == "CNY");
  BOOST_TEST(must(find_subjects(*view, deposits, "D9")).empty());
  BOOST_TEST(listed({.lifecycles = {"deposit"}, .parts = {"hold"}, .state = "held"}) == "D2 held 300 0 0 0");
}

BOOST_FIXTURE_TEST_CASE(a_query_that_cannot_be_answered_is_refused, SubjectFixture) {
  BOOST_TEST(listed({.lifecycles = {}}) == "NoSuchLifecycle");
  BOOST_TEST(listed({.lifecycles = {"unicorn"}}) == "NoSuchLifecycle");
  BOOST_TEST(listed({.lifecycles = {"violation"}}) == "NoSuchLifecycle");
  BOOST_TEST(listed({.lifecycles = {"payment", "case"}}) == "LifecyclesDiffer");
  BOOST_TEST(listed({.lifecycles = {"deposit", "hold"}}) == "LifecyclesDiffer");
  BOOST_TEST(listed({.lifecycles = {"hold"}, .parts = {"capture"}}) == "LifecyclesDiffer");
  BOOST_TEST(listed({.lifecycles = {"payment"}, .parts = {"hold"}}) == "NoPartOfIt");
}

BOOST_FIXTURE_TEST_CASE(what_was_reversed_is_still_there_where_its_lifecycle_says_so, SubjectFixture) {
  prepay("P1", 1000);
  const EventDraft draft = refund_approved("F1", RefundOf::PAYMENT, "P1", 600);
  const auto position = decide(draft);
  decide(reversal_of(draft, position));
  BOOST_TEST(listed({.lifecycles = {"refund"}}) == "F1 cancelled 0 0");
  BOOST_TEST(one("refund", "F1").first == 0U);
}

BOOST_FIXTURE_TEST_CASE(as_of_a_time_shows_the_rows_of_that_time, SubjectFixture) {
  const SubjectQuery deposits{.lifecycles = {"deposit"}, .parts = {"hold"}};
  hold("D1", "S", 1000);
  const int frozen_at = minute;
  charge("C1", "rental", 600);
  const auto known = capture("D1", "S", "K1", 300, {{"C1", 300}});
  const int captured_at = minute;
  release("D1", "S", 700);
  BOOST_TEST(as_of(frozen_at, deposits) == "D1 none 0 0 0 0 [D1/S frozen 1000 0 0 0 0 0]");
  BOOST_TEST(as_of(captured_at, deposits) == "D1 none 0 0 0 0 [D1/S partiallyCaptured 1000 300 300 0 0 0]");
  BOOST_TEST(as_of(minute, deposits, known) == as_of(captured_at, deposits));
  BOOST_TEST(as_of(minute, deposits) == listed(deposits));
  BOOST_TEST(as_of(0, deposits) == "");
}

BOOST_FIXTURE_TEST_CASE(as_of_a_time_violations_and_rentals_stand_as_they_stood, SubjectFixture) {
  currency = "EUR";
  fine("V1", 3500);
  const int charged_at = minute;
  pay("P1", 3500, {}, {{"V1", 3500}});
  accept(history({handed_over("R1", "W1", day(2))}));
  accept(history({returned("R1", "W1", day(3))}));
  const auto view = must(ledger->view());
  const auto at = [&](Timestamp time) {
    AsOfOptions options;
    options.as_of = time;
    return must(view->as_of(options));
  };
  const auto charged = at(day(1, charged_at));
  const auto due = must(find_violation(StateView(*view, *charged), "V1"));
  BOOST_REQUIRE(due.has_value());
  BOOST_TEST(due->state == "charged");
  BOOST_TEST(due->due == 3500);
  BOOST_TEST(identity_holds(*due));
  BOOST_TEST(must(find_violation(*view, "V1"))->due == 0);
  BOOST_TEST(must(sum_violations(StateView(*view, *charged))).front().due == 3500);
  BOOST_TEST(must(check_violation_identity(StateView(*view, *charged))).empty());
  const auto out = at(day(2));
  BOOST_TEST(must(find_rental(StateView(*view, *out), "R1"))->state == "inUse");
  BOOST_TEST(must(find_vehicle(StateView(*view, *out), "W1"))->state == "out");
  BOOST_TEST(must(find_rental(*view, "R1"))->state == "returned");
  const auto before = at(day(0));
  BOOST_TEST(!must(find_violation(StateView(*view, *before), "V1")).has_value());
  BOOST_TEST(!must(find_rental(StateView(*view, *before), "R1")).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
