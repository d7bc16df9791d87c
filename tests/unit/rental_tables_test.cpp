// SPDX-License-Identifier: Apache-2.0
//
// Goal: the tables are whole and say what DOMAIN.md says. Method: each row of a lifecycle is played on a real ledger;
// the rest is held against the page.
#include "rental/rule_book.hpp"
#include "rental/rule_sets.hpp"
#include "rental/rules.hpp"
#include "support/rental_fixture.hpp"
#include "support/rental_test_domain.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

using namespace carnet;
using namespace carnet::test;
using namespace carnet::rental;

namespace {

const Violation kV;

/// Brings violation V1 into a state.
void bring_to(RentalFixture& ledger, State state) {
  if (state == kNone) {
    return;
  }
  ledger.decide(recorded(kV, eur(3500)));
  if (state == state::kRecorded) {
    return;
  }
  if (state == state::kBorne) {
    ledger.decide(paid_to_authority(kV, eur(3500), BorneBy::COMPANY));
    return;
  }
  ledger.decide(charged(kV, eur(3500)));
  switch (state) {
    case state::kSettled:
      ledger.decide(carnet::test::received("P0", eur(3500)));
      break;
    case state::kAssigned:
      ledger.decide(assigned(kV, eur(3500)));
      break;
    case state::kWrittenOff:
      ledger.decide(forgiven(kV, eur(3500)));
      break;
    case state::kCancelled:
      ledger.decide(amended(kV, Amend::DISMISSED));
      break;
    default:
      break;
  }
  BOOST_REQUIRE(ledger.violation().state == state_name(Machine::kViolation, state));
}

/// One draft for each kind that a row is for.
std::vector<EventDraft> drafts_of(const LifecycleRow& row) {
  const auto amount_of = [](Amend kind) -> std::optional<Money> {
    switch (kind) {
      case Amend::EXPENSE:
        return eur(1000);
      case Amend::PENALTY:
        return eur(7000);
      case Amend::EARLY_DISCOUNT:
      case Amend::REDUCED:
        return eur(2000);
      default:
        return std::nullopt;
    }
  };
  std::vector<EventDraft> drafts;
  if (row.event == "TrafficViolationAmended") {
    for (unsigned kind = 1; kind <= static_cast<unsigned>(Amend::WITHDRAWN); ++kind) {
      if (in_kinds(row.kinds, static_cast<std::uint16_t>(kind))) {
        drafts.push_back(amended(kV, static_cast<Amend>(kind), amount_of(static_cast<Amend>(kind))));
      }
    }
  } else if (row.event == "FinePaidToAuthority") {
    for (const BorneBy by : {BorneBy::PARTY, BorneBy::COMPANY}) {
      if (in_kinds(row.kinds, static_cast<std::uint16_t>(by))) {
        drafts.push_back(paid_to_authority(kV, eur(3500), by));
      }
    }
  } else if (row.event == "TrafficViolationRecorded") {
    drafts.push_back(recorded(kV, eur(3500)));
  } else if (row.event == "TrafficViolationCharged") {
    drafts.push_back(charged(kV, eur(3500)));
  } else if (row.event == "FineRefundedByAuthority") {
    drafts.push_back(refunded_by_authority(kV, eur(3500)));
  } else if (row.event == "ReceivableAssigned") {
    const bool has_due = row.from == state::kCharged || row.from == rental::kNone;
    drafts.push_back(assigned(kV, eur(has_due ? 3500 : 0)));
  } else if (row.event == "PaymentReceived") {
    drafts.push_back(carnet::test::received("P1", eur(3500)));
  } else if (row.event == "ClaimForgiven") {
    drafts.push_back(forgiven(kV, eur(3500)));
  }
  return drafts;
}

void play(const LifecycleRow& row, const EventDraft& draft) {
  BOOST_TEST_CONTEXT(state_name(Machine::kViolation, row.from) << " " << row.event) {
    RentalFixture ledger(rental_test_domain());
    bring_to(ledger, row.from);
    if (!row.error.empty()) {
      const Refusal refusal = ledger.refuse(draft);
      BOOST_TEST(refusal.error == row.error);
      BOOST_TEST(refusal.state == state_name(Machine::kViolation, row.from));
      BOOST_TEST(refusal.stream == "violation/V1");
    }
    // FinePaidToAuthority by the party needs a payable, which nothing charged has: the books refuse it on every basis.
    const bool no_payable = row.event == "FinePaidToAuthority" && row.from != state::kCharged &&
                            row.from != state::kSettled && row.from != state::kAssigned &&
                            row.from != state::kWrittenOff && draft.type == row.event && !row.error.empty();
    if (no_payable) {
      return;
    }
    Request request = row.error.empty() ? ledger.decision({draft}) : ledger.report({draft});
    const bool cancelled_payable = row.event == "FinePaidToAuthority" && row.from == state::kCancelled;
    if (cancelled_payable) {
      return;  // Its payable is 0: see the test of I-M14.
    }
    const std::uint64_t position = ledger.accept(request);
    const ViolationSummary after = ledger.violation();
    State next = after.due > 0 ? row.next : row.clear;
    next = next == kStay ? row.from : next;
    BOOST_TEST(after.state == state_name(Machine::kViolation, next));
    const std::string found = ledger.codes(position);
    if (!row.finding.empty()) {
      BOOST_TEST(found.find(row.finding) != std::string::npos, found);
    }
    if (!row.error.empty()) {
      BOOST_TEST(found.find(row.error) != std::string::npos, found);
    }
    if (row.error.empty() && row.finding.empty()) {
      BOOST_TEST(found.empty(), found);
    }
    BOOST_TEST(identity_holds(after));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_rows)

BOOST_AUTO_TEST_CASE(every_row_of_the_violation_lifecycle_does_what_it_says) {
  const RuleBook book(rental_tables());
  for (const LifecycleRow& row : rental_tables().lifecycles) {
    if (row.machine == Machine::kViolation) {
      const auto drafts = drafts_of(row);
      for (const EventDraft& draft : drafts) {
        play(row, draft);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_state_without_a_row_refuses_with_IllegalTransition) {
  for (const LifecycleRow& row : rental_tables().lifecycles) {
    if (row.machine != Machine::kViolation || row.event == "PaymentReceived") {
      continue;
    }
    for (State from = kNone; from <= state::kBorne; ++from) {
      for (const EventDraft& draft : drafts_of(row)) {
        const bool listed = std::ranges::any_of(rental_tables().lifecycles, [&](const LifecycleRow& other) {
          return other.machine == row.machine && other.event == row.event && other.from == from;
        });
        if (listed || from == state::kWrittenOff) {
          continue;
        }
        BOOST_TEST_CONTEXT(state_name(Machine::kViolation, from) << " " << row.event) {
          RentalFixture ledger;
          bring_to(ledger, from);
          BOOST_TEST(ledger.refuse(draft).error == "IllegalTransition");
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_event_is_in_a_lifecycle_or_is_a_note) {
  const std::set<std::string_view> notes(rental_tables().notes.begin(), rental_tables().notes.end());
  const RuleBook book(rental_tables());
  for (std::uint16_t type = 0; type < book.event_count(); ++type) {
    const bool moves = std::ranges::any_of(rental_tables().lifecycles, [&](const LifecycleRow& row) {
      return row.event == book.event_name(type) && !row.follows;
    });
    BOOST_TEST(moves != notes.contains(book.event_name(type)), book.event_name(type));
  }
}

BOOST_AUTO_TEST_CASE(every_name_of_a_finding_has_a_gravity) {
  std::set<std::string_view> known;
  for (const FindingRow& row : rental_tables().findings) {
    BOOST_TEST(known.insert(row.code).second, row.code);
  }
  for (const LifecycleRow& row : rental_tables().lifecycles) {
    BOOST_TEST((row.error.empty() || row.error == "NotFirstEvent" || !row.finding.empty() || known.contains(row.error)),
               row.error);
    BOOST_TEST((row.finding.empty() || known.contains(row.finding)), row.finding);
  }
  for (const GuardUse& use : rental_tables().guards) {
    for (const Guard guard : use.guards) {
      BOOST_TEST((guard->always_refused || known.contains(guard->error)), guard->error);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_chart_has_every_account_of_the_page) {
  std::set<std::string_view> codes;
  for (const ChartRow& row : rental_tables().chart) {
    codes.insert(row.code);
    const bool limited = row.limit == AccountLimit::kDebitsWithinCredits;
    const bool liability = row.code.starts_with("L") || row.code == "X2";
    BOOST_TEST(limited == (liability && row.code != "L8"), row.code);
  }
  const std::set<std::string_view> page{"A1", "A2", "A3", "A4",  "L1", "L2", "L3", "L4", "L5", "L6",
                                        "L7", "L8", "L9", "L10", "R",  "C1", "E",  "Q1", "X1", "X2"};
  BOOST_TEST(codes == page);
}

BOOST_AUTO_TEST_CASE(every_posting_rule_touches_the_chart_and_every_receivable_rule_has_a_term) {
  const RuleBook book(rental_tables());
  for (const PostingRow& row : rental_tables().postings) {
    for (const Side& side : {row.debit, row.credit}) {
      BOOST_TEST((side.chart == "Lx" || !book.chart(side.chart).path.empty()));
    }
    const auto of_claim = [](const Side& side) {
      return side.chart == "A3" && (side.use == "of" || side.use == "allocated");
    };
    const bool touches_claim = of_claim(row.debit) || of_claim(row.credit);
    if (touches_claim) {
      const bool has_term =
          std::ranges::any_of(rental_tables().terms, [&](const TermRow& term) { return term.rule == row.rule; });
      BOOST_TEST(has_term, row.rule);
    }
  }
}

BOOST_AUTO_TEST_CASE(default_rule_sets_are_canonical_and_parse) {
  for (const RuleFamily family :
       {RuleFamily::kCodes, RuleFamily::kPostingAccounts, RuleFamily::kPspProfile, RuleFamily::kCompensationLimits}) {
    std::string fault;
    BOOST_TEST(parse_rule_set(family, default_parameters(family), fault).has_value(), fault);
  }
  std::string fault;
  const auto codes = parse_rule_set(RuleFamily::kCodes, default_parameters(RuleFamily::kCodes), fault);
  const auto& rules = std::get<CodeRules>(codes->rules);
  BOOST_TEST(rules.knows("channel", "hotline"));
  BOOST_TEST(rules.knows("channel", "notStated"));
  BOOST_TEST(rules.knows("noSuchList", "notStated"));
  BOOST_TEST(!rules.knows("channel", "pigeon"));
  BOOST_TEST(rules.knows("noticeKind", "violationNotice"));
}

BOOST_AUTO_TEST_CASE(malformed_rule_sets_are_told_apart) {
  const auto fault_of = [](RuleFamily family, std::string_view parameters) {
    std::string fault;
    BOOST_TEST(!parse_rule_set(family, parameters, fault).has_value(), parameters);
    return fault;
  };
  BOOST_TEST(fault_of(RuleFamily::kCodes, R"({"a": ["x"]})") == "the parameters must be JSON in RFC 8785 form");
  BOOST_TEST(fault_of(RuleFamily::kCodes, R"(["a"])") == "the parameters must be a JSON object");
  BOOST_TEST(fault_of(RuleFamily::kCodes, R"({"a":1})") == "a must be a list of codes");
  BOOST_TEST(fault_of(RuleFamily::kCodes, R"({"a":[1]})") == "a must hold texts");
  BOOST_TEST(fault_of(RuleFamily::kPostingAccounts, R"({})") == "applyCredit is missing");
  BOOST_TEST(fault_of(RuleFamily::kPostingAccounts, R"({"applyCredit":1})") ==
             "applyCredit is no parameter of postingAccounts, or not of its form");
}

BOOST_AUTO_TEST_SUITE_END()
