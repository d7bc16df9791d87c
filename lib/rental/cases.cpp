// SPDX-License-Identifier: Apache-2.0
#include "rental/case_file.hpp"
#include "rental/subject_view.hpp"
#include "rental/view_lists.hpp"

#include <carnet/rental/cases.hpp>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace carnet {

namespace {

using rental::CaseFile;
using rental::Machine;
using rental::SubjectHistory;
using rental::SubjectRow;
using namespace rental::lists;

constexpr std::string_view kSeverities[] = {"unspecified", "minor", "normal", "serious", "major"};
constexpr std::string_view kBases[] = {"unspecified", "satisfied",           "withdrawn",
                                       "unreachable", "referredToAuthority", "noActionNeeded"};

template <std::size_t Size>
std::string_view named(const std::string_view (&names)[Size], std::size_t number) {
  return number < Size ? names[number] : names[0];
}

/// A file that reads its events from the view. `fault` keeps the first error.
CaseFile file_of(View& view, const SubjectRow& row, Status& fault) {
  return {rental::rental_book(), rental::subject_table(view, Machine::kCase), view.tables(), row,
          [&view, &fault](std::uint64_t position) -> const AppliedEvent* {
            auto event = view.applied(position);
            if (!event && fault) {
              fault = std::move(event).error();
            }
            return event ? *event : nullptr;
          }};
}

/// What was promised or extended last.
std::optional<Timestamp> due_of(const CaseFile& file) {
  const SubjectHistory::Entry* promised = file.history().last("FeedbackAcknowledged");
  const SubjectHistory::Entry* extended = file.history().last("DeadlineExtended");
  std::optional<Timestamp> due;
  // Entries stand in the order in which they were appended.
  if (extended != nullptr && (promised == nullptr || promised < extended)) {
    file.read<schema::DeadlineExtended>(extended, [&](auto event) { due = Timestamp{event.getNewDueAt()}; });
  } else {
    file.read<schema::FeedbackAcknowledged>(promised, [&](auto event) { due = Timestamp{event.getPromisedBy()}; });
  }
  return due;
}

void take_closing(const CaseFile& file, CaseSummary& summary) {
  const SubjectHistory::Entry* closed = file.history().last("CaseClosed");
  const SubjectHistory::Entry* answered = file.history().last("InquiryAnswered");
  if (file.row().state == rental::state::kDuplicate) {
    file.read<schema::CaseMarkedDuplicate>(file.history().last("CaseMarkedDuplicate"),
                                           [&](auto event) { summary.primary = as_text(event.getPrimaryCaseId()); });
  } else if (!summary.open && closed != nullptr && (answered == nullptr || answered < closed)) {
    summary.closed_at = Timestamp{closed->occurred_ns};
    summary.basis = named(kBases, closed->variant);
  } else if (!summary.open && answered != nullptr) {
    summary.closed_at = Timestamp{answered->occurred_ns};
  }
}

Result<std::string> linked(View& view, std::string_view family, std::uint32_t link) {
  return link == 0 ? Result<std::string>(std::string()) : member_id(view, family, link - 1);
}

Result<CaseSummary> case_of(View& view, std::uint32_t member, const SubjectRow& row) {
  Status fault;
  const CaseFile file = file_of(view, row, fault);
  CaseSummary summary;
  CARNET_TRY(summary.case_id, member_id(view, "case", member));
  summary.state = rental::state_name(Machine::kCase, row.state);
  summary.open = rental::is_open_case(row.state);
  summary.severity = named(kSeverities, file.severity());
  summary.own_volume = file.was_major();
  summary.owner = file.owner();
  summary.first_responsible = file.first_responsible();
  summary.responsible = file.responsible();
  summary.round = file.round();
  summary.due_by = due_of(file);
  summary.assumed = row.assumed != 0;
  const SubjectHistory::Entry* received = file.history().last("FeedbackReceived");
  file.read<schema::FeedbackReceived>(received, [&](auto event) {
    summary.reference_no = as_text(event.getReferenceNo());
    summary.received_at = Timestamp{received->occurred_ns};
  });
  file.read<schema::FeedbackClassified>(file.history().last("FeedbackClassified"), [&](auto event) {
    summary.category = as_text(event.getCategory());
    summary.topic = as_text(event.getTopic());
    summary.priority = event.getPriority();
  });
  file.read<schema::CaseEscalated>(file.history().last("CaseEscalated"),
                                   [&](auto event) { summary.escalation_level = event.getLevel(); });
  take_closing(file, summary);
  CARNET_TRY_VOID(std::move(fault));
  CARNET_TRY(summary.party, party_text(view, row.party));
  CARNET_TRY(summary.violation, linked(view, "violation", row.links[0]));
  CARNET_TRY(summary.order, linked(view, "order", row.links[1]));
  CARNET_TRY(summary.rental, linked(view, "rental", row.links[2]));
  return summary;
}

bool fits(const CaseFilter& filter, const SubjectRow& row) {
  // A case whose receipt was reversed is none.
  return row.first != 0 && (!filter.open_only || rental::is_open_case(row.state)) &&
         (filter.state.empty() || rental::state_name(Machine::kCase, row.state) == filter.state);
}

/// Place of a case in the queue: the smaller, the sooner.
using Rank = std::tuple<bool, int, std::int64_t, std::uint32_t>;

Result<Rank> rank_of(View& view, std::uint32_t member, const SubjectRow& row) {
  Status fault;
  const CaseFile file = file_of(view, row, fault);
  const auto due = due_of(file);
  CARNET_TRY_VOID(std::move(fault));
  return Rank{!file.is_complaint(), -static_cast<int>(file.severity()),
              due ? due->ns : std::numeric_limits<std::int64_t>::max(), member};
}

}  // namespace

Result<std::optional<CaseSummary>> find_case(View& view, std::string_view id) {
  CARNET_TRY(const auto member, member_of(view, "case", id));
  const SubjectRow row = member ? rental::subject_row(view, Machine::kCase, *member) : SubjectRow{};
  if (row.first == 0) {
    CARNET_TRY_VOID(view.status());
    return std::optional<CaseSummary>();
  }
  CARNET_TRY(CaseSummary summary, case_of(view, *member, row));
  CARNET_TRY_VOID(view.status());
  return std::optional(std::move(summary));
}

Status list_cases(View& view, const CaseFilter& filter, const Page& page, const CaseVisitor& visit) {
  const auto& states = rental::rental_book().machine(Machine::kCase).states;
  if (!filter.state.empty() && std::ranges::find(states, filter.state) == states.end()) {
    return Error(ErrorCode::kInvalidArgument, "StateUnknown", "no state of a case has that name");
  }
  return list_members(view, "case", page, [&](std::uint32_t member) -> Result<Visit> {
    const SubjectRow row = rental::subject_row(view, Machine::kCase, member);
    if (!fits(filter, row)) {
      return Visit::kSkipped;
    }
    CARNET_TRY(const CaseSummary summary, case_of(view, member, row));
    return visit(summary) ? Visit::kGiven : Visit::kEnough;
  });
}

Result<std::vector<CaseSummary>> case_queue(View& view, std::uint64_t limit) {
  std::vector<Rank> ranks;
  CARNET_TRY_VOID(for_each_member(view, "case", {}, [&](std::uint32_t member) -> Result<bool> {
    const SubjectRow row = rental::subject_row(view, Machine::kCase, member);
    if (fits({.state = {}, .open_only = true}, row)) {
      CARNET_TRY(const Rank rank, rank_of(view, member, row));
      ranks.push_back(rank);
    }
    return true;
  }));
  std::ranges::sort(ranks);
  std::vector<CaseSummary> queue;
  for (const Rank& rank : ranks) {
    if (limit != 0 && queue.size() == limit) {
      break;
    }
    const std::uint32_t member = std::get<std::uint32_t>(rank);
    CARNET_TRY(CaseSummary summary, case_of(view, member, rental::subject_row(view, Machine::kCase, member)));
    queue.push_back(std::move(summary));
  }
  CARNET_TRY_VOID(view.status());
  return queue;
}

}  // namespace carnet
