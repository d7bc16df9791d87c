// SPDX-License-Identifier: Apache-2.0
//
// Postings that look for money that came in before: refunds (PR-20), chargebacks (PR-04, PR-05), and the lines of a
// processor's settlement (PR-06).
#include "rental/money.hpp"

#include <carnet/schema/payment.capnp.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace carnet::rental {

namespace {

/// An allocation of the source, with its own texts: the source's payload goes when another event is read.
struct Place {
  std::string of;
  std::int64_t amount = 0;
};

struct Source {
  std::vector<Place> places;  ///< Of its allocations, in their order.
  std::string rest;           ///< Of what was allocated to nothing.
  std::vector<AppliedTransfer> transfers;
};

Source read_source(Decision& decision, const SourceEvent& of) {
  Source source;
  const EventFacts& facts = decision.facts();
  source.rest = facts.order_id.empty() ? std::string("none") : fmt::format("order/{}", facts.order_id);
  const AppliedEvent* event = of.position == 0 ? nullptr : decision.context().event_at(of.position);
  if (event == nullptr) {
    return source;
  }
  EventFacts theirs;
  decision.book().read(event->type, event->payload, theirs);
  source.transfers.assign(event->transfers.begin(), event->transfers.end());
  if (!theirs.order_id.empty()) {
    source.rest = fmt::format("order/{}", theirs.order_id);
  }
  for (const AllocationFact& each : theirs.allocations) {
    source.places.push_back(
        {each.violation_id.empty() ? source.rest : fmt::format("violation/{}", each.violation_id), each.amount.minor});
  }
  return source;
}

}  // namespace

Check Poster::post_refund_places(Plans rows) {
  const Source source = read_source(decision_, source_of(decision_));
  std::vector<std::string> places{source.rest};
  for (const Place& each : source.places) {
    if (std::ranges::find(places, each.of) == places.end()) {
      places.push_back(each.of);
    }
  }
  std::int64_t rest = facts_.amount ? facts_.amount->minor : 0;
  for (const std::string& place : places) {
    Scope scope;
    scope.place = place;
    for (const std::string_view chart : {std::string_view("L3"), std::string_view("A3")}) {
      scope.line = std::min(rest, net(chart, "of", scope, NormalSide::kCredit));
      if (scope.line <= 0) {
        continue;
      }
      rest -= scope.line;
      PostingRow row = *rows.front().row;
      row.debit.chart = chart;
      PostingPlan plan = rows.front();
      plan.row = &row;
      plan.debit = &book_.chart(chart);
      if (Check no = post_row(plan, scope)) {
        return no;
      }
    }
  }
  if (rest > 0) {
    return decision_.refusal(
        "§3.6", "NothingToRefund", "data.amount",
        {.message = "the party has less credit there than is to be refunded",
         .values = {{"amount", minor_text(facts_.amount ? facts_.amount->minor : 0)}, {"missing", minor_text(rest)}}});
  }
  return std::nullopt;
}

Check Poster::post_returned(Plans rows) {
  const SourceEvent of = source_of(decision_);
  const Source source = read_source(decision_, of);
  const Symbol cash = book_.symbol("A1");
  const Symbol clearing = book_.symbol("A2");
  std::int64_t rest = facts_.amount ? facts_.amount->minor : 0;
  std::uint32_t paid_from = 0;
  for (const AppliedTransfer& each : source.transfers) {
    const bool from_money = each.debit_chart == cash || each.debit_chart == clearing;
    paid_from = paid_from == 0 && from_money && each.phase == Phase::kPosted ? each.debit : paid_from;
  }
  std::size_t place = 0;
  std::int64_t open = source.places.empty() ? 0 : source.places.front().amount;
  for (const AppliedTransfer& each : source.transfers) {
    const bool is_claim = each.credit_chart == book_.known().receivable;
    const bool is_credit = each.credit_chart == book_.known().credit;
    const bool is_deposit = of.machine == Machine::kDeposit;
    const bool is_partner =
        each.credit_chart == book_.symbol("A4") && (each.debit_chart == cash || each.debit_chart == clearing);
    if (each.phase != Phase::kPosted || (!is_claim && !is_credit && !is_deposit && !is_partner) || rest == 0) {
      continue;
    }
    Scope scope;
    scope.place = place < source.places.size() ? source.places[place].of : source.rest;
    if (place < source.places.size() && (open -= each.amount) <= 0) {
      open = ++place < source.places.size() ? source.places[place].amount : 0;
    }
    std::int64_t there = each.amount;
    if (is_credit) {
      there = net("L3", "of", scope, NormalSide::kCredit);
    } else if (is_deposit) {
      there = decision_.remains(Machine::kDeposit, of.row);
    }
    const std::int64_t part = std::min({rest, each.amount, std::max<std::int64_t>(0, there)});
    if (part > 0) {
      rest -= part;
      if (Check no = move(each.credit, paid_from, part, Phase::kPosted, rows.front().rule)) {
        return no;
      }
    }
  }
  if (rest == 0) {
    return std::nullopt;
  }
  Scope scope;
  scope.place = source.rest;
  scope.line = rest;
  return post_row(rows.front(), scope);
}

Check Poster::post_won_back(Plans rows) {
  const Subject* chargeback = decision_.subject(Machine::kChargeback);
  const bool won = in_kinds(rows.front().row->kinds, facts_.kind);
  if (!won || chargeback == nullptr || chargeback->row.marks[0] == 0) {
    return std::nullopt;
  }
  const AppliedEvent* received = context_.event_at(chargeback->row.marks[0]);
  if (received == nullptr) {
    return std::nullopt;
  }
  const std::vector<AppliedTransfer> transfers(received->transfers.begin(), received->transfers.end());
  for (auto transfer = transfers.rbegin(); transfer != transfers.rend(); ++transfer) {
    AppliedTransfer back = *transfer;
    back.rule = rows.front().rule;
    if (Check no = context_.mirror(back)) {
      return no;
    }
  }
  return std::nullopt;
}

Check Poster::post_psp_lines(Plans rows) {
  const auto settlement = payload_as<schema::PspSettlementReceived>(context_.event().payload);
  for (const auto line : settlement.getLines()) {
    Scope scope;
    scope.line = line.getAmount().getMinor();
    scope.line_kind = as_text(line.getKind());
    scope.line_out = line.getDirection() == schema::PspSettlementReceived::Direction::OUT;
    if (Check no = post_rows(rows, scope)) {
      return no;
    }
  }
  return std::nullopt;
}

}  // namespace carnet::rental
