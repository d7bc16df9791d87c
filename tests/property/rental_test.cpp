// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever happens to violations, I-V1 holds at every position, tables and books agree, amounts are those of a
// model, and a rebuild from the log gives the same state. Method: random events on every basis, reversals and refusals
// among them, against plain sums.
#include "support/rental_fixture.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>

using namespace carnet;
using namespace carnet::test;

namespace {

/// What the model keeps of an accepted event, so that it can be reversed.
struct Past {
  EventDraft draft;
  std::uint64_t position = 0;
  std::string violation;
  bool reversed = false;
};

class Run {
 public:
  Run(std::mt19937_64& random, bool only_decisions) : random_(random), only_decisions_(only_decisions) {}

  void step() {
    const std::string id = "V" + std::to_string(pick(4));
    const Violation violation{.id = id, .party = "external/" + id, .contract = {}, .vehicle = {}};
    if (!past_.empty() && pick(6) == 0) {
      reverse(past_[pick(past_.size())]);
      return;
    }
    EventDraft draft = any_event(violation);
    const bool is_report = !only_decisions_ && pick(3) == 0;
    const Request request = is_report                          ? ledger.report({draft})
                            : !only_decisions_ && pick(3) == 0 ? ledger.history({draft})
                                                               : ledger.decision({draft});
    const Outcome outcome = ledger.append(request);
    if (const auto* receipt = std::get_if<Receipt>(&outcome); receipt != nullptr) {
      ++accepted;
      last_ = draft.type + (is_report ? " reported" : " stated");
      past_.push_back({std::move(draft), receipt->first_position, id, false});
      check(id);
    }
  }

  RentalFixture ledger;
  std::uint64_t accepted = 0;
  std::uint64_t reversals = 0;

 private:
  std::uint64_t pick(std::uint64_t count) { return random_() % count; }

  Money amount() { return eur(static_cast<std::int64_t>(pick(60)) * 100); }

  EventDraft any_event(const Violation& violation) {
    switch (pick(9)) {
      case 0:
        return recorded(violation, amount());
      case 1:
        return charged(violation, amount(), pick(2) == 0 ? std::optional(amount()) : std::nullopt);
      case 2:
      case 3:
        return amended(violation, static_cast<Amend>(1 + pick(5)), amount());
      case 4:
        return amended(violation, static_cast<Amend>(6 + pick(3)),
                       pick(3) == 0 ? std::optional(amount()) : std::nullopt);
      case 5:
        return assigned(violation, amount());
      case 6:
        return pick(2) == 0 ? paid_to_authority(violation, amount(), pick(4) == 0 ? BorneBy::COMPANY : BorneBy::PARTY)
                            : refunded_by_authority(violation, amount());
      default:
        return carnet::test::received("P" + std::to_string(++payments_), amount(), violation.id);
    }
  }

  void reverse(Past& past) {
    const Outcome outcome = ledger.append(ledger.decision({reversal_of(past.draft, past.position)}));
    const auto* refusal = std::get_if<Refusal>(&outcome);
    BOOST_TEST((refusal == nullptr || !past.reversed || refusal->error == "BadCorrection"));
    if (refusal == nullptr) {
      BOOST_TEST(!past.reversed);
      past.reversed = true;
      last_ = past.draft.type + " reversed";
      ++reversals;
      check(past.violation);
    }
  }

  void check(const std::string& id) {
    auto view = ledger.ledger->view();
    const auto found = find_violation(**view, id);
    BOOST_REQUIRE(found);
    if (!found->has_value()) {
      return;
    }
    const ViolationSummary& now = **found;
    BOOST_TEST(identity_holds(now), id << " at " << (*view)->position());
    BOOST_TEST((now.overpaid == 0 || now.due == 0), "PR-03 nets them");
    if (now.due > 0) {
      BOOST_TEST(now.state == "charged", id << " after " << last_ << history_of(id));
    } else if (only_decisions_) {
      // A report that breaks rules may name a violation charged of which nothing is due; a decision never does.
      BOOST_TEST(now.state != "charged", id << " after " << last_ << history_of(id));
    }
    // Payments are the one term that a model knows without any rule: what was received and not taken back.
    std::int64_t paid = 0;
    for (const Past& past : past_) {
      if (past.violation == id && !past.reversed && past.draft.type == "PaymentReceived") {
        const codec_free_amount amount(past.draft);
        paid += amount.minor;
      }
    }
    BOOST_TEST(now.paid == paid);
  }

  /// The accepted events of a violation, for a failure's message.
  std::string history_of(const std::string& id) const {
    std::string out;
    for (const Past& past : past_) {
      if (past.violation == id) {
        out += "\n  " + past.draft.type + (past.reversed ? " (reversed)" : "");
      }
    }
    return out;
  }

  struct codec_free_amount {
    explicit codec_free_amount(const EventDraft& draft) {
      PayloadView view;
      view.opaque[0] = reinterpret_cast<std::uintptr_t>(draft.payload.words.data());
      minor = payload_as<schema::PaymentReceived>(view).getAmount().getMinor();
    }

    std::int64_t minor = 0;
  };

  std::mt19937_64& random_;
  bool only_decisions_ = false;
  std::vector<Past> past_;
  std::string last_;
  std::uint64_t payments_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental)

BOOST_AUTO_TEST_CASE(the_identity_of_violations_holds_after_every_event) {
  auto random = seeded_engine();
  for (int round = 0; round < 12; ++round) {
    Run run(random, round % 3 == 0);
    for (int i = 0; i < 250; ++i) {
      run.step();
    }
    BOOST_TEST(run.accepted > 30U);
    BOOST_TEST(run.reversals > 0U);
    run.ledger.check_everything();
  }
}

BOOST_AUTO_TEST_CASE(custody_found_by_lists_is_custody_found_by_looking_at_all) {
  struct Interval {
    int from = 0;
    int until = 0;
    std::string vehicle;
  };

  auto random = seeded_engine();
  for (int round = 0; round < 8; ++round) {
    RentalFixture ledger;
    std::vector<Interval> known;
    for (int i = 0; i < 120; ++i) {
      Interval next;
      next.from = static_cast<int>(random() % 1000);
      next.until = next.from + static_cast<int>(random() % 60);
      next.vehicle = "C" + std::to_string(random() % 3);
      const std::string contract = "R" + std::to_string(i);
      const auto first = ledger.accept(ledger.history({handed_over(contract, next.vehicle, day(1, next.from)),
                                                       returned(contract, next.vehicle, day(1, next.until))}));
      const bool found = (ledger.codes(first) + ledger.codes(first + 1)).find("VehicleInCustody") != std::string::npos;
      const bool expected = std::ranges::any_of(known, [&](const Interval& other) {
        const bool starts_inside = other.from <= next.from && next.from < other.until;
        const bool covers_start = next.from <= other.from && other.from < next.until && other.from < other.until;
        return other.vehicle == next.vehicle && (starts_inside || covers_start);
      });
      BOOST_TEST(found == expected, contract << " " << next.from << "–" << next.until);
      known.push_back(next);
    }
    ledger.check_everything();
  }
}

BOOST_AUTO_TEST_SUITE_END()
