// SPDX-License-Identifier: Apache-2.0
//
// Goal: the lifecycle of a case is that of DOMAIN.md §3.8, row by row. Method: each row of the table is played on a
// case of its own; in every state each event without a row is refused. The table is held against the page in a list of
// its own, so that a row that is lost or added fails.
#undef BOOST_TEST_MODULE  // main() is in rental_tables_test.cpp
#include "rental/rule_book.hpp"
#include "rental/rules.hpp"
#include "support/rental_case.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

using namespace carnet;
using namespace carnet::test;
using carnet::rental::If;
using carnet::rental::LifecycleRow;
using carnet::rental::Machine;
using carnet::rental::rental_tables;
using carnet::rental::State;
using carnet::rental::state_name;

namespace {

namespace state = carnet::rental::state;

using Draft = EventDraft (*)(CaseFixture& f, const std::string& id, unsigned kind);

template <class Enum>
Enum as(unsigned kind) {
  return static_cast<Enum>(kind);
}

/// A legal draft of each event, for a case that is in its first round.
const std::map<std::string_view, Draft>& drafts() {
  using F = CaseFixture;
  using Id = const std::string&;
  static const std::map<std::string_view, Draft> all{
      {"FeedbackReceived", [](F& f, Id id, unsigned) { return f.voiced(id); }},
      {"FeedbackDetailsCompleted", [](F& f, Id id, unsigned) { return f.details(id); }},
      {"FeedbackAcknowledged", [](F& f, Id id, unsigned) { return f.acknowledged(id); }},
      {"FeedbackClassified",
       [](F& f, Id id, unsigned kind) {
         return f.classified(id, kind >= 8 ? "complaint" : "inquiry", as<Gravity>(kind % 8));
       }},
      {"CaseAssigned", [](F& f, Id id, unsigned) { return f.assigned_to(id); }},
      {"ResponsibilityHandedOver", [](F& f, Id id, unsigned) { return f.handed(id, "S1", "S4"); }},
      {"ResponsibilityAccepted", [](F& f, Id id, unsigned) { return f.accepted(id, "S1", "S4"); }},
      {"FirstResponseSent", [](F& f, Id id, unsigned) { return f.first_response(id); }},
      {"InquiryAnswered", [](F& f, Id id, unsigned) { return f.answered(id); }},
      {"InvestigationStarted", [](F& f, Id id, unsigned) { return f.investigated_by(id); }},
      {"EvidenceCollected", [](F& f, Id id, unsigned) { return f.evidence(id); }},
      {"InvestigationCompleted", [](F& f, Id id, unsigned) { return f.found(id); }},
      {"ResolutionPlanProposed", [](F& f, Id id, unsigned) { return f.planned(id); }},
      {"CaseEscalated", [](F& f, Id id, unsigned) { return f.escalated(id); }},
      {"EscalationAcknowledged", [](F& f, Id id, unsigned) { return f.escalation_acknowledged(id); }},
      {"DeadlineExtended", [](F& f, Id id, unsigned) { return f.extended(id, day(45)); }},
      {"ResolutionCommunicated", [](F& f, Id id, unsigned) { return f.communicated(id); }},
      {"CustomerOpinionRecorded", [](F& f, Id id, unsigned kind) { return f.opinion(id, as<Opinion>(kind)); }},
      {"ReworkStarted", [](F& f, Id id, unsigned kind) { return f.reworked(id, 2, as<ReworkCause>(kind)); }},
      {"ComplaintResolved", [](F& f, Id id, unsigned) { return f.resolved(id); }},
      {"PostResolutionFollowUpCompleted", [](F& f, Id id, unsigned) { return f.followed_up(id); }},
      {"CaseReferred", [](F& f, Id id, unsigned) { return f.referred_to_court(id); }},
      {"CaseWithdrawn", [](F& f, Id id, unsigned) { return f.withdrawn(id); }},
      {"CaseMarkedDuplicate", [](F& f, Id id, unsigned) { return f.duplicate_of(id, "K0"); }},
      {"CaseClosed", [](F& f, Id id, unsigned kind) { return f.closed(id, as<CloseBasis>(kind)); }},
      {"ComplaintFileArchived", [](F& f, Id id, unsigned) { return f.archived(id); }},
      {"ComplaintFilePurged", [](F& f, Id id, unsigned) { return f.purged(id); }},
      {"LegalHoldPlaced", [](F& f, Id id, unsigned) { return f.hold_placed(id); }},
      {"LegalHoldLifted", [](F& f, Id id, unsigned) { return f.hold_lifted(id); }},
      {"DisputeReplayProduced", [](F& f, Id id, unsigned) { return f.replayed(id); }},
  };
  return all;
}

/// Variants of an event that are to be played.
std::vector<unsigned> variants(std::string_view event) {
  if (event == "FeedbackClassified") {
    return {2, 4, 8 + 1, 8 + 4};
  }
  if (event == "CustomerOpinionRecorded") {
    return {1, 2, 3};
  }
  if (event == "ReworkStarted") {
    return {1, 2};
  }
  return event == "CaseClosed" ? std::vector<unsigned>{1, 2, 3, 4, 5} : std::vector<unsigned>{0};
}

const LifecycleRow* row_for(State from, std::string_view event, unsigned kind) {
  for (const LifecycleRow& row : rental_tables().lifecycles) {
    if (row.machine == Machine::kCase && row.from == from && row.event == event && row.condition == If::kAlways &&
        rental::in_kinds(row.kinds, static_cast<std::uint16_t>(kind))) {
      return &row;
    }
  }
  return nullptr;
}

void bring(CaseFixture& f, const std::string& id, State from, const std::string& category) {
  const unsigned unanswered = from == state::kUnanswered ? 1 : from == state::kUnansweredTwice ? 2 : 0;
  f.bring_to(id, std::string(state_name(Machine::kCase, from)), category, unanswered);
}

/// Complaints are resolved; only what is none may be answered, or closed without.
bool needs_no_complaint(const LifecycleRow& row, unsigned kind) {
  const bool early = row.from == state::kClassified || row.from == state::kCaseAssigned;
  const bool closes = row.event == "InquiryAnswered" || (row.event == "CaseClosed" && row.error.empty());
  return closes && (early || row.from == state::kSatisfied) && kind != 0xff;
}

class RowPlay : public CaseFixture {
 public:
  void play(const LifecycleRow& row, unsigned kind) {
    const std::string id = fmt::format("K{}", ++count_);
    const bool newly = row.condition == If::kNewly;
    const bool resolved_on = row.from == state::kResolved || row.from == state::kCaseClosed ||
                             row.from == state::kCaseArchived || row.from == state::kCasePurged;
    bring(*this, id, row.from, needs_no_complaint(row, kind) || (newly && !resolved_on) ? "inquiry" : "complaint");
    if (newly && resolved_on) {
      decide(classified(id, "praise"));
    }
    if (row.event == "ResponsibilityAccepted") {
      decide(handed(id, "S1", "S4"));
    }
    if (row.condition == If::kDayLater) {
      wait_hours(24);
    }
    const EventDraft draft = drafts().at(row.event)(*this, id, kind);
    if (!row.error.empty()) {
      BOOST_TEST(refuse(draft).error == row.error);
      const std::uint64_t kept = accept(report({draft}));
      BOOST_TEST(codes(kept).find(row.error) != std::string::npos, codes(kept));
    } else {
      const std::uint64_t position = decide(draft);
      BOOST_TEST(codes(position) == "");
      check_reversal(row, id, draft, position);
    }
    const State next = row.next == rental::kStay ? row.from : row.next;
    BOOST_TEST(state_of(id) == state_name(Machine::kCase, next));
  }

 private:
  /// Once it is taken back, the case is where it was, and the event may come again.
  void check_reversal(const LifecycleRow& row, const std::string& id, const EventDraft& draft, std::uint64_t position) {
    if (row.from == rental::kNone) {
      return;
    }
    decide(reversal_of(draft, position));
    BOOST_TEST(state_of(id) == state_name(Machine::kCase, row.from));
    decide(draft);
  }

  unsigned count_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_case_rows)

BOOST_FIXTURE_TEST_CASE(every_row_of_the_case_lifecycle_does_what_it_says, RowPlay) {
  decide(voiced("K0"));
  unsigned played = 0;
  for (const LifecycleRow& row : rental_tables().lifecycles) {
    if (row.machine != Machine::kCase || row.follows) {
      continue;
    }
    for (const unsigned kind : variants(row.event)) {
      const bool first = row.condition != If::kAlways || row_for(row.from, row.event, kind) == &row;
      // A resolved complaint is not closed without action: a guard says so.
      const bool guarded = row.event == "CaseClosed" && row.from == state::kResolved && kind == 5;
      const bool fits = row.kinds == 0 || (kind != 0 && rental::in_kinds(row.kinds, static_cast<std::uint16_t>(kind)));
      if (first && !guarded && fits) {
        BOOST_TEST_CONTEXT(state_name(Machine::kCase, row.from) << " " << row.event << " " << kind) {
          play(row, kind);
          ++played;
        }
      }
    }
  }
  BOOST_TEST(played > 200);
  check_everything();
}

BOOST_FIXTURE_TEST_CASE(what_has_no_row_is_refused_in_every_state, CaseFixture) {
  decide(voiced("K0"));
  unsigned refused = 0;
  for (State from = state::kCaseReceived; from <= state::kDuplicate; ++from) {
    const std::string id = fmt::format("K{}", from);
    bring(*this, id, from, "complaint");
    const std::string name(state_name(Machine::kCase, from));
    for (const auto& [event, make] : drafts()) {
      for (const unsigned kind : variants(event)) {
        if (row_for(from, event, kind) != nullptr) {
          continue;
        }
        BOOST_TEST_CONTEXT(name << " " << event << " " << kind) {
          const Refusal refusal = refuse(make(*this, id, kind));
          BOOST_TEST(refusal.error == "IllegalTransition");
          BOOST_TEST(refusal.rule == "§3.8");
          BOOST_TEST(refusal.state == name);
          ++refused;
        }
      }
    }
  }
  BOOST_TEST(refused > 200);
}

BOOST_AUTO_TEST_CASE(any_open_state_takes_what_the_page_says) {
  const std::set<std::string_view> anytime{"FeedbackClassified",     "FeedbackAcknowledged", "FirstResponseSent",
                                           "CaseEscalated",          "DeadlineExtended",     "ResponsibilityHandedOver",
                                           "ResponsibilityAccepted", "CaseReferred",         "CaseWithdrawn",
                                           "EscalationAcknowledged"};
  const std::set<std::string_view> ended{"closed", "archived", "purged", "duplicate"};
  for (State from = state::kCaseReceived; from <= state::kDuplicate; ++from) {
    const std::string_view name = state_name(Machine::kCase, from);
    for (const std::string_view event : anytime) {
      BOOST_TEST((row_for(from, event, 1) != nullptr) == !ended.contains(name), name << " " << event);
    }
    BOOST_TEST((row_for(from, "LegalHoldPlaced", 0) != nullptr) == (name != "purged"), name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
