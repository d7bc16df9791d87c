// SPDX-License-Identifier: Apache-2.0
//
// Goal: an event is added by a schema and rows alone; kinds that no real row has (obligations) work. Method:
// a domain with one event more (support/rental_test_domain.cpp), over the real engine.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "support/rental_fixture.hpp"
#include "support/rental_test_domain.hpp"

#include <boost/test/unit_test.hpp>

using namespace carnet;
using namespace carnet::test;

namespace {

const Violation kV;

struct Extended : RentalFixture {
  Extended() : RentalFixture(rental_test_domain()) {
    accept(decision({recorded(kV, eur(3500)), charged(kV, eur(3500))}));
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_extension)

BOOST_FIXTURE_TEST_CASE(a_write_off_counts_into_its_term, Extended) {
  decide(carnet::test::received("P1", eur(500)));
  decide(forgiven(kV, eur(1000)));
  BOOST_TEST(terms() == "charged 3500 500 0 0 0 1000 2000");
  const auto rest = decide(forgiven(kV, eur(2000)));
  BOOST_TEST(transfers(rest) == "expense/badDebt → asset/receivable/customer/external/V1/violation/V1 2000 (PR-90)");
  BOOST_TEST(terms() == "writtenOff 3500 500 0 0 0 3000 0");
  BOOST_TEST(codes(decide(carnet::test::received("P2", eur(100)))) == "PaidAfterAssignment");
  BOOST_TEST(terms() == "writtenOff 3500 600 100 0 0 3000 0");
  decide(reversal_of(forgiven(kV, eur(2000)), rest));
  BOOST_TEST(terms() == "charged 3500 600 0 0 0 1000 1900");
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(its_guards_refuse, Extended) {
  BOOST_TEST(refuse(forgiven(kV, eur(3501))).error == "AmountExceedsBalance");
  BOOST_TEST(refuse(forgiven(kV, eur(0))).error == "AmountNotPositive");
  decide(carnet::test::received("P1", eur(3500)));
  BOOST_TEST(refuse(forgiven(kV, eur(1))).error == "IllegalTransition");
}

BOOST_FIXTURE_TEST_CASE(its_obligation_is_opened_but_not_by_history, Extended) {
  BOOST_TEST(due_count(decide(forgiven(kV, eur(100)))) == 1U);
  BOOST_TEST(due_count(accept(history({forgiven(kV, eur(100))}))) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
