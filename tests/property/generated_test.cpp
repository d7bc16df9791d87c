// SPDX-License-Identifier: Apache-2.0
//
// Goal: every prefix of a made-up history keeps the books: debits equal credits in both phases, and nothing pending is
// below zero. Method: histories of several seeds over the real engine, looked at again and again on the way.
#include "dice.hpp"
#include "history.hpp"
#include "support/temp_folder.hpp"
#include "support/test_seed.hpp"

#include <carnet/clock.hpp>
#include <carnet/rental/domain.hpp>
#include <carnet/rental/queries.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <memory>
#include <random>

using namespace carnet;

namespace {

void check_books(Ledger& ledger) {
  const auto view = ledger.view();
  BOOST_REQUIRE(view);
  Balance all;
  for (std::uint32_t i = 1; i <= (*view)->account_count(); ++i) {
    const auto balance = (*view)->balance(i);
    BOOST_REQUIRE(balance);
    all.pending_debits += balance->pending_debits;
    all.pending_credits += balance->pending_credits;
    all.posted_debits += balance->posted_debits;
    all.posted_credits += balance->posted_credits;
    BOOST_REQUIRE((balance->pending_debits >= 0 && balance->pending_credits >= 0));
  }
  BOOST_TEST(all.pending_debits == all.pending_credits);
  BOOST_TEST(all.posted_debits == all.posted_credits);
  BOOST_TEST(check_violation_identity(**view)->empty());
}

class Told {
 public:
  explicit Told(std::uint64_t seed) : maker_({.rentals = 150, .seed = seed, .rentals_a_day = 50}) {
    OpenOptions options;
    options.if_missing = IfMissing::kCreate;
    options.durability = Durability::kOs;
    options.clock = clock_;
    options.random = std::make_shared<SeededRandom>(seed);
    options.key_provider = std::make_shared<TestKeyProvider>(seed);
    OpeningOptions opening;
    opening.now = generate::kHistoryBegin;
    opening.go_live_at = generate::kHistoryBegin;
    auto opened = open_rental_ledger(folder_.at("L"), options, opening);
    BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string() : opened.error().to_line()));
    ledger_ = std::move(opened->ledger);
    for (const Request& each : maker_.preface()) {
      append(each);
    }
  }

  /// False: the history is told.
  bool step() {
    generate::HistoryCommit commit;
    if (!maker_.next(commit, ledger_->head().position + 1)) {
      return false;
    }
    clock_->advance_ns(commit.at.ns - clock_->now().ns);
    append(commit.request);
    return true;
  }

  Ledger& ledger() { return *ledger_; }

 private:
  void append(const Request& request) {
    const auto outcome = ledger_->append(request);
    BOOST_REQUIRE(outcome);
    const auto* refusal = std::get_if<Refusal>(&*outcome);
    BOOST_REQUIRE_MESSAGE(refusal == nullptr, request.command << ": " << refusal->event << " " << refusal->error << ": "
                                                              << refusal->message);
  }

  test::TempFolder folder_;
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>(generate::kHistoryBegin);
  generate::HistoryMaker maker_;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(generated)

BOOST_AUTO_TEST_CASE(dice_fall_the_same_on_every_machine) {
  generate::Dice dice(7, 3);
  for (const std::uint64_t expected : {604'180U, 456'450U, 175'669U, 203'922U}) {
    BOOST_TEST(dice.below(1'000'000) == expected);
  }
}

BOOST_AUTO_TEST_CASE(customers_follow_zipf) {
  generate::Dice dice(7, 3);
  constexpr int kThrows = 10'000;
  int first = 0;
  int second = 0;
  int last_octave = 0;
  for (int i = 0; i < kThrows; ++i) {
    const std::uint64_t rank = dice.zipf(15);
    BOOST_REQUIRE((rank >= 1 && rank <= 15));
    first += rank == 1;
    second += rank == 2;
    last_octave += rank >= 8;
  }
  BOOST_TEST(std::abs(first - kThrows / 4) < 200);
  BOOST_TEST(std::abs(second - kThrows / 8) < 150);
  BOOST_TEST(std::abs(last_octave - kThrows / 4) < 200);
}

BOOST_AUTO_TEST_CASE(every_prefix_keeps_the_books_balanced) {
  auto random = test::seeded_engine();
  for (int round = 0; round < 3; ++round) {
    Told told(random());
    unsigned commits = 0;
    while (told.step()) {
      if (++commits % 20 == 0) {
        check_books(told.ledger());
      }
    }
    BOOST_TEST(commits > 1500U);
    check_books(told.ledger());
    const auto verified = told.ledger().verify({});
    BOOST_REQUIRE(verified);
    BOOST_TEST(verified->ok());
  }
}

BOOST_AUTO_TEST_SUITE_END()
