// SPDX-License-Identifier: Apache-2.0
//
// Guards of cases.
#include "rental/case_file.hpp"
#include "rental/guards.hpp"
#include "rental/unique.hpp"

#include <carnet/schema/case.capnp.h>
#include <carnet/schema/ledger.capnp.h>

#include <fmt/format.h>

#include <array>
#include <set>
#include <string>

namespace carnet::rental {

namespace {

std::optional<Broken> reference_unique(Decision& d) {
  const std::uint64_t other = other_with(d, Unique::kReferenceNo);
  if (other == 0) {
    return std::nullopt;
  }
  return Broken{.message = "the reference number stands in another case",
                .values = {{"position", fmt::to_string(other)}}};
}

std::optional<Broken> first_responsible(Decision& d) {
  if (!d.facts().first_responsible.empty()) {
    return std::nullopt;
  }
  return Broken{.message = "somebody is responsible from receipt on: state firstResponsible"};
}

std::optional<Broken> intake_fields(Decision& d) {
  using OrderRef = schema::FeedbackReceived::OrderRef;
  for (const std::string_view name : d.facts().field_mask) {
    const bool there = (name == "name" && d.facts().has_name) || (name == "contact" && d.facts().has_contact) ||
                       (name == "content" && d.facts().has_content);
    if (!there) {
      return Broken{
          .message = "fieldMask says that the customer gave it: name, contact and content stand in their fields",
          .values = {{"field", std::string(name.substr(0, 16))}}};
    }
  }
  if (static_cast<OrderRef>(d.facts().order_ref) == OrderRef::GIVEN && d.facts().order_id.empty()) {
    return Broken{
        .message = "orderRef is given: state orderId", .values = {{"field", "orderId"}}, .path = "data.orderId"};
  }
  return std::nullopt;
}

// ---- Whom a case belongs to ----

/// The case as it stands before the event; nothing: the event is of none, or history begins with it.
std::optional<CaseFile> file_of(Decision& d) {
  const Subject* subject = d.subject(Machine::kCase);
  return subject != nullptr && subject->exists() ? std::optional(case_file(d, subject->row)) : std::nullopt;
}

std::optional<Broken> owner_missing(Decision& d) {
  const auto file = file_of(d);
  if (!file || file->row().assumed != 0 || !file->owner().empty()) {
    return std::nullopt;
  }
  return Broken{.message = "nobody owns the case: assign it first"};
}

std::optional<std::uint32_t> staff_member(Decision& d, std::string_view id) {
  const auto chain = d.context().chain(ChainKind::kTag, fmt::format("staff/{}", id));
  return chain && !id.empty() ? std::optional(chain->member) : std::nullopt;
}

/// Those complained about are the staff that the host tagged the feedback with, beside who received it.
std::optional<Broken> investigator_conflict(Decision& d) {
  const auto file = file_of(d);
  const auto investigator = staff_member(d, as_text(d.payload<schema::InvestigationStarted>().getInvestigator()));
  if (!file || !investigator) {
    return std::nullopt;
  }
  const auto received_by = staff_member(d, file->first_responsible());
  for (const SubjectHistory::Entry& entry : file->history().entries()) {
    const std::string_view name = d.book().event_name(entry.type);
    if (name != "FeedbackReceived" && name != "FeedbackClassified") {
      continue;
    }
    const AppliedEvent* feedback = file->event_at(entry.position);
    for (const ChainRef& chain : feedback == nullptr ? std::span<const ChainRef>{} : feedback->chains) {
      if (chain.kind == ChainKind::kTag && chain.family_symbol == d.book().known().staff &&
          chain.member == *investigator && investigator != received_by) {
        return Broken{.message = "the complaint is about the investigator: let somebody else investigate"};
      }
    }
  }
  return std::nullopt;
}

std::optional<Broken> not_by_owner(Decision& d) {
  const auto file = file_of(d);
  const std::string owner = file ? file->owner() : std::string();
  if (owner.empty() || owner == as_text(d.payload<schema::ResolutionCommunicated>().getBy())) {
    return std::nullopt;
  }
  return Broken{.message = "the owner of the case reports its result", .values = {{"owner", owner}}};
}

std::optional<Broken> handover_from(Decision& d) {
  const auto file = file_of(d);
  const std::string responsible = file ? file->responsible() : std::string();
  if (responsible.empty() || responsible == as_text(d.payload<schema::ResponsibilityHandedOver>().getFrom())) {
    return std::nullopt;
  }
  return Broken{.message = "who hands over is not responsible: a handover moves nothing before it is accepted",
                .values = {{"responsible", responsible}},
                .path = "data.from"};
}

std::optional<Broken> handover_accepted(Decision& d) {
  const auto file = file_of(d);
  if (!file || file->row().assumed != 0) {
    return std::nullopt;
  }
  const auto accepted = d.payload<schema::ResponsibilityAccepted>();
  const SubjectHistory::Entry* handed = file->history().last("ResponsibilityHandedOver");
  const SubjectHistory::Entry* before = file->history().last("ResponsibilityAccepted");
  // Entries stand in the order in which they were appended.
  bool open = handed != nullptr && (before == nullptr || before < handed);
  if (open) {
    file->read<schema::ResponsibilityHandedOver>(handed, [&](auto given) {
      open = as_text(given.getFrom()) == as_text(accepted.getFrom()) &&
             as_text(given.getTo()) == as_text(accepted.getTo());
    });
  }
  return open ? std::nullopt : std::optional(Broken{.message = "no such handover waits to be accepted"});
}

std::optional<Broken> escalation_level(Decision& d) {
  const auto file = file_of(d);
  std::uint32_t before = 0;
  if (file) {
    file->read<schema::CaseEscalated>(file->history().last("CaseEscalated"),
                                      [&](auto escalated) { before = escalated.getLevel(); });
  }
  const std::uint32_t level = d.payload<schema::CaseEscalated>().getLevel();
  if (level > before) {
    return std::nullopt;
  }
  return Broken{.message = "a case is escalated to a higher level than before",
                .values = {{"level", fmt::to_string(level)}, {"before", fmt::to_string(before)}}};
}

// ---- Rounds, plans, closing ----

std::optional<Broken> round_is(Decision& d, std::uint32_t expected) {
  const std::uint32_t stated = d.facts().round.value_or(0);
  if (expected == 0 || stated == expected) {
    return std::nullopt;
  }
  return Broken{.message = "that is not the round which the case is in",
                .values = {{"round", fmt::to_string(stated)}, {"expected", fmt::to_string(expected)}}};
}

std::optional<Broken> round_mismatch(Decision& d) {
  const auto file = file_of(d);
  return round_is(d, file ? file->round() : 0);
}

std::optional<Broken> next_round_mismatch(Decision& d) {
  const auto file = file_of(d);
  const std::uint32_t round = file ? file->round() : 0;
  return round_is(d, round == 0 ? 0 : round + 1);
}

std::optional<Broken> plan_incomplete(Decision& d) {
  const auto plan = d.payload<schema::ResolutionPlanProposed>();
  const auto lacks = [](std::string_view field, std::string_view path) {
    return Broken{.message = "a plan has measures, a time and a way to report back",
                  .values = {{"field", std::string(field)}},
                  .path = path};
  };
  if (plan.getMeasures().size() == 0) {
    return lacks("measures", "data.measures");
  }
  if (plan.getExpectedBy() == 0) {
    return lacks("expectedBy", "data.expectedBy");
  }
  if (plan.getFeedbackMethod().size() == 0) {
    return lacks("feedbackMethod", "data.feedbackMethod");
  }
  return std::nullopt;
}

bool apologized(const CaseFile& file, const RuleBook& book) {
  for (const SubjectHistory::Entry& entry : file.history().entries()) {
    bool apology = false;
    if (book.event_name(entry.type) == "NoticeSent") {
      file.read<schema::NoticeSent>(&entry, [&](auto notice) {
        for (const auto kind : notice.getKinds()) {
          apology = apology || as_text(kind) == "apology";
        }
      });
    }
    if (apology) {
      return true;
    }
  }
  return false;
}

std::optional<Broken> apology_missing(Decision& d) {
  using Liable = schema::InvestigationCompleted::Liable;
  const auto file = file_of(d);
  if (!file || file->row().state != state::kPlanPending) {
    return std::nullopt;
  }
  Liable liable = Liable::UNSPECIFIED;
  file->read<schema::InvestigationCompleted>(file->history().last("InvestigationCompleted"),
                                             [&](auto completed) { liable = completed.getLiable(); });
  if (liable != Liable::COMPANY || apologized(*file, d.book())) {
    return std::nullopt;
  }
  return Broken{.message = "the company is liable: a notice of apology goes before the plan"};
}

std::optional<Broken> not_for_complaints(Decision& d) {
  using Basis = schema::CaseClosed::Basis;
  const auto file = file_of(d);
  if (!file || !file->is_complaint()) {
    return std::nullopt;
  }
  const State from = file->row().state;
  const bool is_close = d.book().event_name(d.type()) == "CaseClosed";
  const bool no_action = is_close && static_cast<Basis>(d.facts().kind) == Basis::NO_ACTION_NEEDED;
  const bool unresolved = from == state::kClassified || from == state::kCaseAssigned || from == state::kSatisfied;
  if (!unresolved && !no_action) {
    return std::nullopt;
  }
  return Broken{.message = "a complaint is investigated and resolved before it is closed"};
}

std::optional<Broken> only_complaints(Decision& d) {
  const auto file = file_of(d);
  if (!file || file->row().assumed != 0 || file->is_complaint()) {
    return std::nullopt;
  }
  return Broken{.message = "the case is no complaint: close it", .values = {{"event", "ComplaintResolved"}}};
}

std::optional<Broken> satisfaction_unconfirmed(Decision& d) {
  using Result = schema::CustomerOpinionRecorded::Result;
  const auto resolved = d.payload<schema::ComplaintResolved>();
  const auto file = file_of(d);
  bool confirmed = resolved.getSatisfied();
  if (confirmed && file && file->row().assumed == 0) {
    confirmed = false;
    file->read<schema::CustomerOpinionRecorded>(file->history().last("CustomerOpinionRecorded"), [&](auto opinion) {
      confirmed = opinion.getResult() == Result::SATISFIED && opinion.getRound() == file->round();
    });
  }
  return confirmed ? std::nullopt
                   : std::optional(Broken{.message = "the customer has not said in this round that he is satisfied"});
}

std::optional<Broken> close_approver(Decision& d) {
  using Basis = schema::CaseClosed::Basis;
  const auto basis = static_cast<Basis>(d.facts().kind);
  const bool answered_for =
      basis == Basis::SATISFIED || basis == Basis::NO_ACTION_NEEDED || !d.facts().approver.empty();
  return answered_for ? std::nullopt
                      : std::optional(Broken{.message = "closed unsatisfied, somebody approves it: state approver"});
}

std::optional<Broken> duplicate_cycle(Decision& d) {
  const auto mark = d.payload<schema::CaseMarkedDuplicate>();
  const std::string_view primary = as_text(mark.getPrimaryCaseId());
  const SubjectRow row = d.row_of(Machine::kCase, "case", primary);
  const bool itself = primary == d.facts().case_id;
  const bool stands = row.first != 0 && row.state != state::kDuplicate && row.state != state::kCasePurged;
  if (stands && !itself) {
    return std::nullopt;
  }
  return Broken{.message = "a duplicate names another case, open or closed, that is no duplicate itself",
                .values = {{"primaryCaseId", std::string(primary)},
                           {"state", std::string(state_name(Machine::kCase, row.state))}}};
}

// ---- Archive ----

std::optional<Broken> volume_missing(Decision& d) {
  using Volume = schema::ComplaintFileArchived::Volume;
  const auto file = file_of(d);
  if (!file || !file->was_major() || d.payload<schema::ComplaintFileArchived>().getVolume() == Volume::OWN) {
    return std::nullopt;
  }
  return Broken{.message = "the case was major: archive it as a volume of its own"};
}

std::optional<Broken> retention_active(Decision& d) {
  constexpr std::int64_t kDay = 86'400 * kNsPerSecond;
  const auto file = file_of(d);
  std::int32_t until = kLocalDateMin.days;
  if (file) {
    file->read<schema::ComplaintFileArchived>(file->history().last("ComplaintFileArchived"),
                                              [&](auto archived) { until = archived.getRetainUntil(); });
  }
  if (d.event().occurred_at.ns >= until * kDay) {
    return std::nullopt;
  }
  return Broken{.message = "the file is kept until retainUntil",
                .values = {{"retainUntil", to_text(LocalDate{until})}}};
}

/// What is held: by ground, reference and class; class empty: every class.
using Holds = std::set<std::array<std::string, 3>>;

template <class Reader, class Each>
void each_class(const Reader& hold, Each&& each) {
  const auto classes = hold.getClasses();
  for (const auto name : classes) {
    each(std::string(as_text(name)));
  }
  if (classes.size() == 0) {
    each(std::string());
  }
}

Holds holds_of(const CaseFile& file, const RuleBook& book) {
  Holds holds;
  for (const SubjectHistory::Entry& entry : file.history().entries()) {
    const std::string_view name = book.event_name(entry.type);
    if (name == "LegalHoldPlaced") {
      file.read<schema::LegalHoldPlaced>(&entry, [&](auto hold) {
        each_class(hold, [&](const std::string& each) {
          holds.insert({std::string(as_text(hold.getGround())), std::string(as_text(hold.getAuthorityRef())), each});
        });
      });
    } else if (name == "LegalHoldLifted") {
      file.read<schema::LegalHoldLifted>(&entry, [&](auto lift) {
        each_class(lift, [&](const std::string& each) {
          std::erase_if(holds, [&](const auto& hold) {
            return hold[0] == as_text(lift.getGround()) && hold[1] == as_text(lift.getAuthorityRef()) &&
                   (each.empty() || hold[2] == each);
          });
        });
      });
    }
  }
  return holds;
}

std::optional<Broken> legal_hold(Decision& d) {
  const auto file = file_of(d);
  if (!file) {
    return std::nullopt;
  }
  const auto purge = d.payload<schema::ComplaintFilePurged>();
  for (const auto& hold : holds_of(*file, d.book())) {
    bool held = hold[2].empty();
    each_class(purge, [&](const std::string& each) { held = held || each.empty() || each == hold[2]; });
    if (held) {
      return Broken{.message = "a legal hold stands on what would be purged: lift it first",
                    .values = {{"class", hold[2].empty() ? "all" : hold[2]}}};
    }
  }
  return std::nullopt;
}

}  // namespace

CaseFile case_file(Decision& d, const SubjectRow& row) {
  return {d.book(), d.table_of(Machine::kCase), d.tables(), row,
          [&d](std::uint64_t position) { return d.context().event_at(position); }};
}

namespace guard {

const GuardRow kReferenceUnique{"I-F1", "ReferenceDuplicate", "data.referenceNo", &reference_unique};
const GuardRow kFirstResponsible{"I-F2", "FirstResponsibleMissing", "data.firstResponsible", &first_responsible};
const GuardRow kIntakeFields{"I-F12", "IntakeFieldMissing", "data.fieldMask", &intake_fields};
const GuardRow kNotForComplaints{"§3.8", "ComplaintNeedsResolution", "", &not_for_complaints};
const GuardRow kOnlyComplaints{"§3.8", "IllegalTransition", "", &only_complaints};
const GuardRow kOwner{"I-F3", "OwnerMissing", "", &owner_missing};
const GuardRow kInvestigator{"I-F8", "InvestigatorConflict", "data.investigator", &investigator_conflict};
const GuardRow kRound{"§3.8", "RoundMismatch", "data.round", &round_mismatch};
const GuardRow kNextRound{"§3.8", "RoundMismatch", "data.round", &next_round_mismatch};
const GuardRow kPlanWhole{"I-F5", "PlanIncomplete", "data", &plan_incomplete};
const GuardRow kApology{"§3.8", "ApologyMissing", "", &apology_missing, false, true};
const GuardRow kByOwner{"§3.8", "NotByOwner", "data.by", &not_by_owner, false, true};
const GuardRow kSatisfactionConfirmed{"I-F6", "SatisfactionNotConfirmed", "data.satisfied", &satisfaction_unconfirmed};
const GuardRow kCloseApprover{"I-F6", "ApproverMissing", "data.approver", &close_approver};
const GuardRow kEscalationLevel{"§3.8", "EscalationLevelNotIncreasing", "data.level", &escalation_level};
const GuardRow kHandoverFrom{"I-F4", "HandoverNotAccepted", "data.from", &handover_from};
const GuardRow kHandoverAccepted{"I-F4", "HandoverNotAccepted", "data", &handover_accepted};
const GuardRow kNoDuplicateCycle{"I-F10", "DuplicateCycle", "data.primaryCaseId", &duplicate_cycle};
const GuardRow kOwnVolume{"I-F11", "VolumeMissing", "data.volume", &volume_missing};
const GuardRow kRetentionOver{"I-P3", "RetentionActive", "occurredAt", &retention_active};
const GuardRow kNoLegalHold{"I-P3", "LegalHold", "data.classes", &legal_hold};

}  // namespace guard

}  // namespace carnet::rental
