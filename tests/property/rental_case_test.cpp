// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever is tried on a case, it is accepted exactly where DOMAIN.md §3.8 has it, and leads where the page says;
// taking back the last event leads back; a rebuild from the log gives the same tables. Method: random drafts against a
// model of a few lines that knows the page and not the tables.
#undef BOOST_TEST_MODULE  // main() is in rental_test.cpp
#include "support/rental_case.hpp"

#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace carnet;
using namespace carnet::test;

namespace {

/// A case, as the page tells it.
struct Model {
  std::string state = "none";
  bool complaint = false;
  bool major = false;
  unsigned round = 1;
  unsigned silent = 0;
  std::int64_t asked_ns = 0;  ///< The last time that counted.
  unsigned level = 0;
  std::string owner = "S1";
  std::string responsible = "S1";
  std::string offered{};  ///< To whom responsibility was handed over; empty: to nobody.

  [[nodiscard]] bool is(std::string_view states) const {
    return (" " + std::string(states) + " ").find(" " + state + " ") != std::string::npos;
  }

  [[nodiscard]] bool open() const { return !is("none closed archived purged duplicate"); }

  bool to(std::string_view next) {
    state = next;
    return true;
  }

  bool classify(bool as_complaint, Gravity gravity) {
    if (!open()) {
      return false;
    }
    if (state == "received" || (as_complaint && !complaint)) {
      state = "classified";
    }
    complaint = as_complaint;
    major = major || gravity == Gravity::MAJOR;
    return true;
  }

  bool say(Opinion result, unsigned in_round, std::int64_t at_ns) {
    const bool candidate = state == "closeCandidate" && result != Opinion::NO_ANSWER;
    if ((state != "awaitingOpinion" && !candidate) || in_round != round) {
      return false;
    }
    if (result == Opinion::NO_ANSWER) {
      const bool counts = silent == 0 || at_ns - asked_ns >= 24 * 3600 * kNsPerSecond;
      silent += counts ? 1 : 0;
      asked_ns = counts ? at_ns : asked_ns;
      return silent < 3 || to("closeCandidate");
    }
    return to(result == Opinion::SATISFIED ? "satisfied" : "rework");
  }

  bool close(CloseBasis basis, bool approved) {
    const bool unsatisfied = basis != CloseBasis::SATISFIED && basis != CloseBasis::NO_ACTION_NEEDED;
    const bool legal = (is("classified assigned") && basis == CloseBasis::NO_ACTION_NEEDED && !complaint) ||
                       (is("satisfied") && basis == CloseBasis::SATISFIED && !complaint) ||
                       (is("resolved") && (basis != CloseBasis::NO_ACTION_NEEDED || !complaint)) ||
                       (is("closeCandidate") && unsatisfied);
    return legal && (approved || !unsatisfied) && to("closed");
  }

  bool rework(unsigned in_round, ReworkCause cause) {
    const bool again = is("resolved closed archived") && cause == ReworkCause::REOPENED;
    if ((state != "rework" && !again) || in_round != round + 1) {
      return false;
    }
    ++round;
    return to("investigating");
  }

  bool communicate(unsigned in_round) {
    silent = state == "executing" && in_round == round ? 0 : silent;
    return state == "executing" && in_round == round && to("awaitingOpinion");
  }
};

class CaseRun : public CaseFixture {
 public:
  explicit CaseRun(std::mt19937_64& random) : random_(random) { decide(voiced("K0")); }

  void step() {
    if (pick(6) == 0) {
      wait_hours(static_cast<std::int64_t>(1 + pick(30)));
    }
    if (!past_.empty() && pick(8) == 0) {
      take_back();
      return;
    }
    Model next = model_;
    auto [draft, legal] = any_event(next);
    const Outcome outcome = append(decision({draft}));
    const auto* receipt = std::get_if<Receipt>(&outcome);
    BOOST_TEST((receipt != nullptr) == legal, draft.type << " in " << model_.state);
    if (receipt != nullptr && legal) {
      past_.push_back({std::move(draft), receipt->first_position, model_});
      model_ = next;
      ++accepted;
      reached.emplace_back(model_.state);
      check();
    }
  }

  unsigned accepted = 0;
  unsigned reversals = 0;
  std::vector<std::string> reached;

 private:
  struct Past {
    EventDraft draft;
    std::uint64_t position;
    Model before;
  };

  std::uint64_t pick(std::uint64_t count) { return random_() % count; }

  void take_back() {
    const Past last = std::move(past_.back());
    past_.pop_back();
    decide(reversal_of(last.draft, last.position));
    model_ = last.before;
    ++reversals;
    check();
  }

  void check() {
    if (model_.state == "none") {
      return;
    }
    const CaseSummary s = summary("K1");
    BOOST_TEST(s.state == model_.state);
    BOOST_TEST(s.open == model_.open());
    BOOST_TEST((s.category == "complaint") == model_.complaint);
    BOOST_TEST(s.own_volume == model_.major);
    BOOST_TEST(s.round == model_.round);
    BOOST_TEST(+s.escalation_level == model_.level);
    BOOST_TEST(s.owner == model_.owner);
    BOOST_TEST(s.responsible == model_.responsible);
  }

  std::string staff() { return "S" + std::to_string(1 + pick(4)); }

  unsigned near_round(unsigned round) { return pick(6) == 0 ? round + 1 : round; }

  using Tried = std::pair<EventDraft, bool>;

  /// A draft, and whether the page has it where the case is; `m` is then the case after it.
  Tried any_event(Model& m) {
    // What leads on is tried most, so that late states are reached.
    const bool ends = m.is("satisfied resolved closeCandidate closed archived") && pick(2) == 0;
    const std::uint64_t which = ends ? 1 : pick(5) < 3 ? 0 : 1 + pick(3);
    return which == 0 ? of_way(m) : which == 1 ? of_ending(m) : which == 2 ? of_people(m) : of_notes(m);
  }

  Tried of_way(Model& m) {
    const unsigned round = near_round(m.round);
    const auto result = static_cast<Opinion>(1 + pick(3));
    constexpr std::string_view kWay[] = {"none",        "received",  "classified",      "assigned", "investigating",
                                         "planPending", "executing", "awaitingOpinion", "rework"};
    const auto* on = std::ranges::find(kWay, m.state);
    const bool leads = on != std::end(kWay) && pick(2) == 0;
    switch (leads ? static_cast<std::uint64_t>(on - std::begin(kWay)) : pick(9)) {
      case 0:
        return {voiced("K1"), m.is("none") && m.to("received")};
      case 1: {
        const bool complaint = pick(3) != 0;
        const auto gravity = static_cast<Gravity>(1 + pick(4));
        EventDraft draft = classified("K1", complaint ? "complaint" : "inquiry", gravity);
        return {std::move(draft), m.classify(complaint, gravity)};
      }
      case 2: {
        const std::string owner = staff();
        const bool legal = m.is("classified assigned investigating");
        m.owner = legal ? owner : m.owner;
        m.state = m.state == "classified" ? "assigned" : m.state;
        return {assigned_to("K1", owner), legal};
      }
      case 3:
        return {investigated_by("K1"), m.is("assigned") && m.to("investigating")};
      case 4:
        return {found("K1"), m.is("investigating") && m.to("planPending")};
      case 5:
        return {planned("K1", round), m.is("planPending executing") && round == m.round && m.to("executing")};
      case 6:
        return {communicated("K1", round, m.owner), m.communicate(round)};
      case 7: {
        EventDraft draft = opinion("K1", result, round);
        return {std::move(draft), m.say(result, round, now.ns)};
      }
      default: {
        const unsigned next = near_round(m.round + 1);
        const auto cause = static_cast<ReworkCause>(1 + pick(2));
        return {reworked("K1", next, cause), m.rework(next, cause)};
      }
    }
  }

  Tried of_ending(Model& m) {
    const unsigned round = near_round(m.round);
    switch (pick(8)) {
      case 0: {
        const auto basis = static_cast<CloseBasis>(1 + pick(5));
        const bool approved = pick(3) != 0;
        return {closed("K1", basis, approved ? "S9" : ""), m.close(basis, approved)};
      }
      case 1:
        return {resolved("K1", round), m.is("satisfied") && m.complaint && round == m.round && m.to("resolved")};
      case 2:
        return {answered("K1"), m.is("classified assigned") && !m.complaint && m.to("closed")};
      case 3:
        return pick(3) == 0 ? Tried{withdrawn("K1"), m.open() && m.to("closeCandidate")}
                            : Tried{resolved("K1", m.round), m.is("satisfied") && m.complaint && m.to("resolved")};
      case 4:
        return pick(2) == 0 ? Tried{archived("K1", Volume::OWN), m.is("closed") && m.to("archived")}
                            : Tried{purged("K1"), m.is("archived") && m.to("purged")};
      case 5:
        return {archived("K1", Volume::GENERAL), m.is("closed") && !m.major && m.to("archived")};
      case 6:
        return {duplicate_of("K1", "K0"),
                m.is("received classified assigned investigating planPending") && m.to("duplicate")};
      default:
        return {followed_up("K1"), m.is("resolved closed")};
    }
  }

  Tried of_people(Model& m) {
    const std::string from = pick(4) == 0 ? staff() : m.responsible;
    const std::string to = staff();
    if (pick(2) == 0) {
      const bool legal = m.open() && from == m.responsible;
      m.offered = legal ? to : m.offered;
      return {handed("K1", from, to), legal};
    }
    const std::string by = pick(3) == 0 || m.offered.empty() ? to : m.offered;
    const bool legal = m.open() && !m.offered.empty() && from == m.responsible && by == m.offered;
    EventDraft draft = accepted_by(from, by);
    m.responsible = legal ? by : m.responsible;
    m.offered = legal ? "" : m.offered;
    return {std::move(draft), legal};
  }

  EventDraft accepted_by(const std::string& from, const std::string& by) {
    return CaseFixture::accepted("K1", from, by);
  }

  Tried of_notes(Model& m) {
    const auto level = static_cast<unsigned>(pick(5));
    switch (pick(6)) {
      case 0: {
        const bool legal = m.open() && level > m.level;
        m.level = legal ? level : m.level;
        return {escalated("K1", level), legal};
      }
      case 1:
        return {evidence("K1"), m.is("investigating")};
      case 2:
        return {acknowledged("K1"), m.open()};
      case 3:
        return {granted("C" + std::to_string(++grants_), "K1", m.round), m.is("executing")};
      case 4:
        return {details("K1"), !m.is("none purged")};
      default:
        return {extended("K1", day(60)), m.open()};
    }
  }

  std::mt19937_64& random_;
  Model model_;
  std::vector<Past> past_;
  unsigned grants_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_case_property)

BOOST_AUTO_TEST_CASE(a_case_goes_where_the_page_says_and_back) {
  const std::uint64_t seed = test_seed();
  std::mt19937_64 random(seed);
  unsigned accepted = 0;
  unsigned reversals = 0;
  std::vector<std::string> reached;
  BOOST_TEST_CONTEXT("seed " << seed) {
    for (int run = 0; run < 60; ++run) {
      CaseRun one(random);
      for (int step = 0; step < 250; ++step) {
        one.step();
      }
      one.check_everything();
      accepted += one.accepted;
      reversals += one.reversals;
      reached.insert(reached.end(), one.reached.begin(), one.reached.end());
    }
  }
  BOOST_TEST(accepted > 1000);
  BOOST_TEST(reversals > 100);
  for (const std::string state :
       {"received", "classified", "assigned", "investigating", "planPending", "executing", "awaitingOpinion",
        "satisfied", "rework", "resolved", "closeCandidate", "closed", "archived", "purged", "duplicate"}) {
    BOOST_TEST((std::ranges::find(reached, state) != reached.end()), state);
  }
}

BOOST_AUTO_TEST_SUITE_END()
