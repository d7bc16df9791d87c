// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever happens to holds, charges, payments, refunds and vouchers, books balance in every phase, what is
// frozen in the books is what the holds say, F = C + R + X + remaining, and a rebuild from the log gives the same
// tables. Method: random drafts, most of them refused, on decision and report, reversals among them.
#undef BOOST_TEST_MODULE  // main() is in rental_test.cpp
#include "support/rental_money.hpp"

#include "support/test_seed.hpp"

#include <carnet/rental/subjects.hpp>

#include <boost/test/unit_test.hpp>

#include <random>
#include <utility>
#include <vector>

using namespace carnet;
using namespace carnet::test;

namespace {

class MoneyRun : public MoneyFixture {
 public:
  explicit MoneyRun(std::mt19937_64& random) : random_(random) {}

  void step() {
    const bool takes_back = !past_.empty() && pick(8) == 0;
    const std::size_t which = takes_back ? pick(past_.size()) : 0;
    EventDraft draft = takes_back ? reversal_of(past_[which].first, past_[which].second) : any_event();
    const bool on_report = !takes_back && pick(4) == 0;
    const Outcome outcome = append(on_report ? report({draft}) : decision({draft}));
    if (const auto* receipt = std::get_if<Receipt>(&outcome); receipt != nullptr) {
      ++accepted;
      reversals += takes_back ? 1 : 0;
      if (!takes_back) {
        past_.emplace_back(std::move(draft), receipt->first_position);
      }
      check();
    }
  }

  unsigned accepted = 0;
  unsigned reversals = 0;

 private:
  std::uint64_t pick(std::uint64_t count) { return random_() % count; }

  std::int64_t amount() { return 100 * static_cast<std::int64_t>(1 + pick(8)); }

  std::string id(const char* prefix, std::uint64_t count) { return prefix + std::to_string(pick(count)); }

  EventDraft of_hold() {
    const std::string deposit = id("D", 2);
    const std::string hold = deposit + id("H", 3);
    const std::int64_t part = amount();
    switch (pick(7)) {
      case 0:
        return requested(deposit, hold, 1000);
      case 1:
        return frozen(deposit, hold, 800 + part);
      case 2:
        return changed(deposit, hold, part, 1000 + part);
      case 3:
        return released(deposit, hold, part);
      case 4:
        return expired(deposit, hold, part);
      default:
        return captured(deposit, hold, "K" + std::to_string(++serial_), part, {{id("C", 6), part}}, {}, pick(3) == 0);
    }
  }

  EventDraft any_event() {
    const std::int64_t part = amount();
    const std::string charge = id("C", 6);
    switch (pick(14)) {
      case 0:
        return charged_with(charge, "rental", 2 * part);
      case 1:
        return pick(2) == 0 ? charge_reversed(charge, part) : discounted(charge, part);
      case 2:
        return paid(id("P", 6), part, {{charge, part}});
      case 3:
        return paid(id("P", 6), part, {}, {}, Purpose::PREPAYMENT);
      case 4:
        return refund_approved(id("F", 4), RefundOf::PAYMENT, id("P", 6), part);
      case 5:
        return refund_paid(id("F", 4), RefundOf::PAYMENT, id("P", 6), part);
      case 6:
        return charged_back(id("B", 3), RefundOf::PAYMENT, id("P", 6), part);
      case 7:
        return chargeback_closed(id("B", 3), pick(2) == 0);
      case 8:
        return pick(2) == 0 ? voucher_issued(id("W", 3), part) : voucher_redeemed(id("W", 3), charge, part);
      case 9:
        return pick(2) == 0 ? collected("E1", 900) : applied("E1", part, {{charge, part}});
      default:
        return of_hold();
    }
  }

  void check() {
    auto view = ledger->view();
    Balance all;
    for (std::uint32_t i = 1; i <= (*view)->account_count(); ++i) {
      const auto balance = (*view)->balance(i);
      all.pending_debits += balance->pending_debits;
      all.pending_credits += balance->pending_credits;
      all.posted_debits += balance->posted_debits;
      all.posted_credits += balance->posted_credits;
      BOOST_TEST((balance->pending_debits >= 0 && balance->pending_credits >= 0));
    }
    BOOST_TEST(all.pending_debits == all.pending_credits);
    BOOST_TEST(all.posted_debits == all.posted_credits);
    std::int64_t frozen = 0;
    BOOST_REQUIRE(list_deposits(**view, {}, [&](const DepositSummary& deposit) {
      for (const HoldSummary& hold : deposit.holds) {
        frozen += hold.remaining;
        BOOST_TEST(hold.frozen == hold.captured + hold.released + hold.expired + hold.remaining);
        const bool ended = hold.state != "requested" && hold.state != "frozen" && hold.state != "partiallyCaptured";
        BOOST_TEST((hold.remaining > 0 || ended || hold.state == "requested"), hold.hold << " " << hold.state);
        BOOST_TEST((hold.remaining == 0 || !ended), hold.hold << " " << hold.state);
      }
      BOOST_TEST(deposit.remaining >= 0);
      return true;
    }));
    BOOST_TEST(frozen == all.pending_debits);
  }

 public:
  /// At any time, known at any position, every question is answered, and a hold's parts make up the whole.
  void check_other_times() {
    std::mt19937_64 random(past_.size());  // Of its own: the flow stays the one that the seed gives.
    const auto choose = [&](std::uint64_t count) { return random() % count; };
    const auto view = ledger->view();
    BOOST_REQUIRE(view);
    for (int i = 0; i < 12; ++i) {
      AsOfOptions options;
      options.as_of =
          choose(3) == 0 ? Timestamp{INT64_MAX} : day(1, static_cast<int>(choose(static_cast<std::uint64_t>(minute))));
      options.known_at = 1 + choose((*view)->position());
      const auto fold = (*view)->as_of(options);
      BOOST_REQUIRE(fold);
      const StateView then(**view, **fold);
      for (const Lifecycle& lifecycle : lifecycles()) {
        SubjectQuery query;
        query.lifecycles.emplace_back(lifecycle.name);
        BOOST_TEST(list_subjects(then, query, [&](const Subject& subject) {
                     BOOST_TEST(subject.first <= options.known_at);
                     BOOST_TEST((subject.since <= options.as_of));
                     return true;
                   }).has_value());
      }
      BOOST_REQUIRE(list_deposits(then, {}, [&](const DepositSummary& deposit) {
        for (const HoldSummary& hold : deposit.holds) {
          BOOST_TEST(hold.frozen == hold.captured + hold.released + hold.expired + hold.remaining);
        }
        return true;
      }));
      const auto broken = check_violation_identity(then);
      BOOST_REQUIRE(broken);
      BOOST_TEST(broken->empty());
    }
  }

 private:
  std::mt19937_64& random_;
  std::vector<std::pair<EventDraft, std::uint64_t>> past_;
  unsigned serial_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_money)

BOOST_AUTO_TEST_CASE(money_is_conserved_after_every_event) {
  auto random = seeded_engine();
  for (int round = 0; round < 10; ++round) {
    MoneyRun run(random);
    for (int i = 0; i < 300; ++i) {
      run.step();
    }
    BOOST_TEST(run.accepted > 30U);
    BOOST_TEST(run.reversals > 0U);
    run.check_everything();
    run.check_other_times();
  }
}

BOOST_AUTO_TEST_SUITE_END()
