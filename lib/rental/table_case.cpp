// SPDX-License-Identifier: Apache-2.0
//
// Cases: DOMAIN §2.12, §3.8; ratings, which may stand in a case's stream: §2.11.
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/case.capnp.h>
#include <carnet/schema/order.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;
using Severity = schema::FeedbackClassified::Severity;
using Opinion = schema::CustomerOpinionRecorded::Result;
using ReworkCause = schema::ReworkStarted::Cause;
using Basis = schema::CaseClosed::Basis;

constexpr Kinds kAny = 0;
constexpr Kinds kIfComplaint = kinds(Severity::MINOR, Severity::NORMAL, Severity::SERIOUS, Severity::MAJOR)
                               << kComplaintVariant;
constexpr Kinds kIfSatisfied = kinds(Opinion::SATISFIED);
constexpr Kinds kIfDissatisfied = kinds(Opinion::DISSATISFIED);
constexpr Kinds kNoAnswer = kinds(Opinion::NO_ANSWER);
constexpr Kinds kReopened = kinds(ReworkCause::REOPENED);
constexpr Kinds kAsSatisfied = kinds(Basis::SATISFIED);
constexpr Kinds kNoAction = kinds(Basis::NO_ACTION_NEEDED);
constexpr Kinds kUnsatisfied = kinds(Basis::WITHDRAWN, Basis::UNREACHABLE, Basis::REFERRED_TO_AUTHORITY);

const std::array kEvents{
    event_row<schema::FeedbackReceived>(),
    event_row<schema::CaseReferred>(),
    event_row<schema::FeedbackDetailsCompleted>(),
    event_row<schema::FeedbackAcknowledged>(),
    event_row<schema::FeedbackClassified>(),
    event_row<schema::CaseAssigned>(),
    event_row<schema::ResponsibilityHandedOver>(),
    event_row<schema::ResponsibilityAccepted>(),
    event_row<schema::FirstResponseSent>(),
    event_row<schema::InquiryAnswered>(),
    event_row<schema::InvestigationStarted>(),
    event_row<schema::EvidenceCollected>(),
    event_row<schema::InvestigationCompleted>(),
    event_row<schema::ResolutionPlanProposed>(),
    event_row<schema::CaseEscalated>(),
    event_row<schema::EscalationAcknowledged>(),
    event_row<schema::DeadlineExtended>(),
    event_row<schema::ResolutionCommunicated>(),
    event_row<schema::CustomerOpinionRecorded>(),
    event_row<schema::ReworkStarted>(),
    event_row<schema::ComplaintResolved>(),
    event_row<schema::PostResolutionFollowUpCompleted>(),
    event_row<schema::CaseWithdrawn>(),
    event_row<schema::CaseMarkedDuplicate>(),
    event_row<schema::CaseClosed>(),
    event_row<schema::ComplaintFileArchived>(),
    event_row<schema::ComplaintFilePurged>(),
    event_row<schema::LegalHoldPlaced>(),
    event_row<schema::LegalHoldLifted>(),
    event_row<schema::DisputeReplayProduced>(),
    event_row<schema::RatingReceived>(),
};

/// Every event of §2.12 is of a customer.
constexpr std::string_view kOfCustomer[] = {"FeedbackReceived",
                                            "CaseReferred",
                                            "FeedbackDetailsCompleted",
                                            "FeedbackAcknowledged",
                                            "FeedbackClassified",
                                            "CaseAssigned",
                                            "ResponsibilityHandedOver",
                                            "ResponsibilityAccepted",
                                            "FirstResponseSent",
                                            "InquiryAnswered",
                                            "InvestigationStarted",
                                            "EvidenceCollected",
                                            "InvestigationCompleted",
                                            "ResolutionPlanProposed",
                                            "CaseEscalated",
                                            "EscalationAcknowledged",
                                            "DeadlineExtended",
                                            "ResolutionCommunicated",
                                            "CustomerOpinionRecorded",
                                            "ReworkStarted",
                                            "ComplaintResolved",
                                            "PostResolutionFollowUpCompleted",
                                            "CaseWithdrawn",
                                            "CaseMarkedDuplicate",
                                            "CaseClosed",
                                            "ComplaintFileArchived",
                                            "ComplaintFilePurged",
                                            "LegalHoldPlaced",
                                            "LegalHoldLifted",
                                            "DisputeReplayProduced"};

constexpr auto fields_of_customer() {
  std::array<FieldRow, std::size(kOfCustomer)> rows{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = {kOfCustomer[i], "", "accountId,party", false, false};
  }
  return rows;
}

constexpr auto kFields = fields_of_customer();

constexpr std::string_view kNotes[] = {"RatingReceived"};

// ---- "any open", "until planPending", "any but purged" (§3.8) ----

constexpr State kAwaiting[] = {kAwaitingOpinion, kUnanswered, kUnansweredTwice};
constexpr State kUntilPlanPending[] = {kCaseReceived, kClassified, kCaseAssigned, kInvestigating, kPlanPending};
constexpr State kAnyOpen[] = {kCaseReceived, kClassified,      kCaseAssigned,  kInvestigating,   kPlanPending,
                              kExecuting,    kAwaitingOpinion, kUnanswered,    kUnansweredTwice, kSatisfied,
                              kRework,       kResolved,        kCloseCandidate};
constexpr State kButPurged[] = {kCaseReceived,    kClassified, kCaseAssigned,    kInvestigating,
                                kPlanPending,     kExecuting,  kAwaitingOpinion, kUnanswered,
                                kUnansweredTwice, kSatisfied,  kRework,          kResolved,
                                kCloseCandidate,  kCaseClosed, kCaseArchived,    kDuplicate};

/// The rows once for each of the states.
template <std::size_t States, std::size_t Rows>
constexpr std::array<LifecycleRow, States * Rows> in_each(const State (&states)[States],
                                                          const std::array<LifecycleRow, Rows>& rows) {
  std::array<LifecycleRow, States * Rows> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = rows[i % Rows];
    all[i].from = states[i / Rows];
  }
  return all;
}

template <std::size_t... Sizes>
constexpr auto joined(const std::array<LifecycleRow, Sizes>&... parts) {
  std::array<LifecycleRow, (Sizes + ...)> all{};
  std::size_t at = 0;
  const auto add = [&](const auto& rows) {
    for (const LifecycleRow& row : rows) {
      all[at++] = row;
    }
  };
  (add(parts), ...);
  return all;
}

// clang-format off
constexpr auto kMachines = std::to_array<MachineRow>({
    // awaitingOpinion thrice: how often nobody answered
    {kCase, "case", "§3.8",
     "received closeCandidate classified assigned investigating planPending executing awaitingOpinion awaitingOpinion "
     "awaitingOpinion satisfied rework resolved closed archived purged duplicate",
     "cases", "case", "", "", "violation order rental"},
});

/// In every state named (`from` is filled in).
constexpr State kEach = kNone;

constexpr auto kOwnRows = std::to_array<LifecycleRow>({
    // machine, state, event, kinds → next (twice: no sums); error on `decision`; finding; follows; condition
    {kCase, kNone, "FeedbackReceived", kAny, kCaseReceived, kCaseReceived},

    {kCase, kCaseReceived, "FeedbackClassified", kAny, kClassified, kClassified},

    {kCase, kClassified, "CaseAssigned", kAny, kCaseAssigned, kCaseAssigned},
    {kCase, kClassified, "InquiryAnswered", kAny, kCaseClosed, kCaseClosed},
    {kCase, kClassified, "CaseClosed", kNoAction, kCaseClosed, kCaseClosed},
    {kCase, kClassified, "CaseClosed", kAny, kCaseClosed, kCaseClosed, "CloseBasisNotAllowed"},

    {kCase, kCaseAssigned, "CaseAssigned", kAny, kStay, kStay},
    {kCase, kCaseAssigned, "InvestigationStarted", kAny, kInvestigating, kInvestigating},
    {kCase, kCaseAssigned, "InquiryAnswered", kAny, kCaseClosed, kCaseClosed},
    {kCase, kCaseAssigned, "CaseClosed", kNoAction, kCaseClosed, kCaseClosed},
    {kCase, kCaseAssigned, "CaseClosed", kAny, kCaseClosed, kCaseClosed, "CloseBasisNotAllowed"},

    {kCase, kInvestigating, "CaseAssigned", kAny, kStay, kStay},
    {kCase, kInvestigating, "EvidenceCollected", kAny, kStay, kStay},
    {kCase, kInvestigating, "InvestigationCompleted", kAny, kPlanPending, kPlanPending},

    {kCase, kPlanPending, "ResolutionPlanProposed", kAny, kExecuting, kExecuting},
    {kCase, kPlanPending, "NoticeSent", kAny, kStay, kStay, {}, {}, kFollows},

    {kCase, kExecuting, "ResolutionPlanProposed", kAny, kStay, kStay},
    {kCase, kExecuting, "ResolutionCommunicated", kAny, kAwaitingOpinion, kAwaitingOpinion},

    {kCase, kAwaitingOpinion, "CustomerOpinionRecorded", kNoAnswer, kUnanswered, kUnanswered},
    {kCase, kUnanswered, "CustomerOpinionRecorded", kNoAnswer, kUnansweredTwice, kUnansweredTwice, {}, {}, false, If::kDayLater},
    {kCase, kUnanswered, "CustomerOpinionRecorded", kNoAnswer, kStay, kStay},
    {kCase, kUnansweredTwice, "CustomerOpinionRecorded", kNoAnswer, kCloseCandidate, kCloseCandidate, {}, {}, false, If::kDayLater},
    {kCase, kUnansweredTwice, "CustomerOpinionRecorded", kNoAnswer, kStay, kStay},

    {kCase, kRework, "ReworkStarted", kAny, kInvestigating, kInvestigating},
    {kCase, kRework, "CaseClosed", kAny, kCaseClosed, kCaseClosed, "ReworkRequired"},
    {kCase, kRework, "ComplaintResolved", kAny, kResolved, kResolved, "ReworkRequired"},

    {kCase, kSatisfied, "ComplaintResolved", kAny, kResolved, kResolved},
    {kCase, kSatisfied, "CaseClosed", kAsSatisfied, kCaseClosed, kCaseClosed},
    {kCase, kSatisfied, "CaseClosed", kAny, kCaseClosed, kCaseClosed, "CloseBasisNotAllowed"},

    {kCase, kResolved, "PostResolutionFollowUpCompleted", kAny, kStay, kStay},
    {kCase, kResolved, "CaseClosed", kAny, kCaseClosed, kCaseClosed},
    {kCase, kResolved, "ReworkStarted", kReopened, kInvestigating, kInvestigating},

    {kCase, kCloseCandidate, "CaseClosed", kUnsatisfied, kCaseClosed, kCaseClosed},
    {kCase, kCloseCandidate, "CaseClosed", kAny, kCaseClosed, kCaseClosed, "CloseBasisNotAllowed"},
    {kCase, kCloseCandidate, "CustomerOpinionRecorded", kIfSatisfied, kSatisfied, kSatisfied},
    {kCase, kCloseCandidate, "CustomerOpinionRecorded", kIfDissatisfied, kRework, kRework},

    {kCase, kCaseClosed, "PostResolutionFollowUpCompleted", kAny, kStay, kStay},
    {kCase, kCaseClosed, "ComplaintFileArchived", kAny, kCaseArchived, kCaseArchived},
    {kCase, kCaseClosed, "ReworkStarted", kReopened, kInvestigating, kInvestigating},

    {kCase, kCaseArchived, "ComplaintFilePurged", kAny, kCasePurged, kCasePurged},
    {kCase, kCaseArchived, "ReworkStarted", kReopened, kInvestigating, kInvestigating},
});

constexpr auto kWhileAwaiting = std::to_array<LifecycleRow>({
    {kCase, kEach, "CustomerOpinionRecorded", kIfSatisfied, kSatisfied, kSatisfied},
    {kCase, kEach, "CustomerOpinionRecorded", kIfDissatisfied, kRework, kRework},
    {kCase, kEach, "ComplaintResolved", kAny, kResolved, kResolved, "SatisfactionNotConfirmed"},
    {kCase, kEach, "CaseClosed", kAny, kCaseClosed, kCaseClosed, "SatisfactionNotConfirmed"},
});

constexpr auto kWhileOpen = std::to_array<LifecycleRow>({
    {kCase, kEach, "FeedbackClassified", kIfComplaint, kClassified, kClassified, {}, {}, false, If::kNewly},
    {kCase, kEach, "FeedbackClassified", kAny, kStay, kStay},
    {kCase, kEach, "FeedbackAcknowledged", kAny, kStay, kStay},
    {kCase, kEach, "FirstResponseSent", kAny, kStay, kStay},
    {kCase, kEach, "CaseEscalated", kAny, kStay, kStay},
    {kCase, kEach, "EscalationAcknowledged", kAny, kStay, kStay},
    {kCase, kEach, "DeadlineExtended", kAny, kStay, kStay},
    {kCase, kEach, "ResponsibilityHandedOver", kAny, kStay, kStay},
    {kCase, kEach, "ResponsibilityAccepted", kAny, kStay, kStay},
    {kCase, kEach, "CaseReferred", kAny, kCloseCandidate, kCloseCandidate},
    {kCase, kEach, "CaseWithdrawn", kAny, kCloseCandidate, kCloseCandidate},
});

constexpr auto kToDuplicate = std::to_array<LifecycleRow>({
    {kCase, kEach, "CaseMarkedDuplicate", kAny, kDuplicate, kDuplicate},
});

// The notes of §2.12 stand here too: they end with the case.
constexpr auto kUntilPurged = std::to_array<LifecycleRow>({
    {kCase, kEach, "LegalHoldPlaced", kAny, kStay, kStay},
    {kCase, kEach, "LegalHoldLifted", kAny, kStay, kStay},
    {kCase, kEach, "FeedbackDetailsCompleted", kAny, kStay, kStay},
    {kCase, kEach, "DisputeReplayProduced", kAny, kStay, kStay},
});

constexpr auto kLifecycles = joined(kOwnRows, in_each(kAwaiting, kWhileAwaiting), in_each(kAnyOpen, kWhileOpen),
                                    in_each(kUntilPlanPending, kToDuplicate), in_each(kButPurged, kUntilPurged));

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kCase, "FeedbackReceived", kAny, kNone, ""},
    {kCase, "CaseReferred", kAny, kCaseReceived, "FeedbackReceived"},
    {kCase, "FeedbackDetailsCompleted", kAny, kCaseReceived, "FeedbackReceived"},
    {kCase, "FeedbackAcknowledged", kAny, kCaseReceived, "FeedbackReceived"},
    {kCase, "FeedbackClassified", kAny, kCaseReceived, "FeedbackReceived"},
    {kCase, "ResponsibilityHandedOver", kAny, kCaseReceived, "FeedbackReceived"},
    {kCase, "ResponsibilityAccepted", kAny, kCaseReceived, "FeedbackReceived,ResponsibilityHandedOver"},
    {kCase, "FirstResponseSent", kAny, kCaseReceived, "FeedbackReceived"},
    {kCase, "CaseEscalated", kAny, kCaseReceived, "FeedbackReceived"},
    {kCase, "EscalationAcknowledged", kAny, kCaseReceived, "FeedbackReceived,CaseEscalated"},
    {kCase, "DeadlineExtended", kAny, kCaseReceived, "FeedbackReceived"},
    {kCase, "CaseWithdrawn", kAny, kCaseReceived, "FeedbackReceived"},
    {kCase, "CaseMarkedDuplicate", kAny, kCaseReceived, "FeedbackReceived"},
    {kCase, "LegalHoldPlaced", kAny, kCaseReceived, "FeedbackReceived"},
    {kCase, "LegalHoldLifted", kAny, kCaseReceived, "FeedbackReceived,LegalHoldPlaced"},
    {kCase, "DisputeReplayProduced", kAny, kCaseReceived, "FeedbackReceived"},
    {kCase, "CaseAssigned", kAny, kClassified, "FeedbackReceived,FeedbackClassified"},
    {kCase, "InquiryAnswered", kAny, kClassified, "FeedbackReceived,FeedbackClassified"},
    {kCase, "InvestigationStarted", kAny, kCaseAssigned, "FeedbackReceived,FeedbackClassified,CaseAssigned"},
    {kCase, "EvidenceCollected", kAny, kInvestigating, "FeedbackReceived,InvestigationStarted"},
    {kCase, "InvestigationCompleted", kAny, kInvestigating, "FeedbackReceived,InvestigationStarted"},
    {kCase, "ResolutionPlanProposed", kAny, kPlanPending, "FeedbackReceived,InvestigationCompleted"},
    {kCase, "ResolutionCommunicated", kAny, kExecuting, "FeedbackReceived,ResolutionPlanProposed"},
    {kCase, "CustomerOpinionRecorded", kAny, kAwaitingOpinion, "FeedbackReceived,ResolutionCommunicated"},
    {kCase, "ReworkStarted", kReopened, kCaseClosed, "FeedbackReceived,CaseClosed"},
    {kCase, "ReworkStarted", kAny, kRework, "FeedbackReceived,CustomerOpinionRecorded"},
    {kCase, "ComplaintResolved", kAny, kSatisfied, "FeedbackReceived,CustomerOpinionRecorded"},
    {kCase, "PostResolutionFollowUpCompleted", kAny, kResolved, "FeedbackReceived,ComplaintResolved"},
    {kCase, "CaseClosed", kNoAction, kClassified, "FeedbackReceived,FeedbackClassified"},
    {kCase, "CaseClosed", kUnsatisfied, kCloseCandidate, "FeedbackReceived"},
    {kCase, "CaseClosed", kAny, kSatisfied, "FeedbackReceived,CustomerOpinionRecorded"},
    {kCase, "ComplaintFileArchived", kAny, kCaseClosed, "FeedbackReceived,CaseClosed"},
    {kCase, "ComplaintFilePurged", kAny, kCaseArchived, "FeedbackReceived,CaseClosed,ComplaintFileArchived"},
});

// Found in the journal by SubjectHistory; events that move the case are journaled anyhow.
constexpr auto kMarkRows = std::to_array<MarkRow>({
    {kCase, "CaseAssigned", kJournaled},
    {kCase, "CaseEscalated", kJournaled},
    {kCase, "DeadlineExtended", kJournaled},
    {kCase, "FeedbackAcknowledged", kJournaled},
    {kCase, "LegalHoldLifted", kJournaled},
    {kCase, "LegalHoldPlaced", kJournaled},
    {kCase, "NoticeSent", kJournaled},
    {kCase, "ResponsibilityAccepted", kJournaled},
    {kCase, "ResponsibilityHandedOver", kJournaled},
});

// Severity, and whether it is a complaint.
constexpr auto kKeeps = std::to_array<KeepRow>({
    {kCase, "FeedbackClassified", Keep::kKind},
});

constexpr std::string_view kReferenced[] = {"FeedbackReceived"};
constexpr auto kUniques = std::to_array<UniqueRow>({
    {Unique::kReferenceNo, "cases", "", "referenceNo", kReferenced},
});

constexpr Guard kOfFeedback[] = {&guard::kReferenceUnique, &guard::kFirstResponsible, &guard::kIntakeFields};
constexpr Guard kOfDetails[] = {&guard::kIntakeFields};
constexpr Guard kOfAnswer[] = {&guard::kNotForComplaints};
constexpr Guard kOfInvestigation[] = {&guard::kOwner, &guard::kInvestigator};
constexpr Guard kOfPlan[] = {&guard::kPlanWhole, &guard::kRound, &guard::kApology};
constexpr Guard kOfEscalation[] = {&guard::kEscalationLevel};
constexpr Guard kOfHandover[] = {&guard::kHandoverFrom};
constexpr Guard kOfAcceptance[] = {&guard::kHandoverAccepted};
constexpr Guard kOfResult[] = {&guard::kRound, &guard::kByOwner};
constexpr Guard kOfOpinion[] = {&guard::kRound};
constexpr Guard kOfRework[] = {&guard::kNextRound, &guard::kOwner};
constexpr Guard kOfResolution[] = {&guard::kOnlyComplaints, &guard::kRound, &guard::kSatisfactionConfirmed};
constexpr Guard kOfDuplicate[] = {&guard::kNoDuplicateCycle};
constexpr Guard kOfClosing[] = {&guard::kNotForComplaints, &guard::kCloseApprover};
constexpr Guard kOfArchive[] = {&guard::kOwnVolume};
constexpr Guard kOfPurge[] = {&guard::kRetentionOver, &guard::kNoLegalHold};

const std::array kGuards{
    GuardUse{"FeedbackReceived", kAny, kOfFeedback},
    GuardUse{"FeedbackDetailsCompleted", kAny, kOfDetails},
    GuardUse{"InquiryAnswered", kAny, kOfAnswer},
    GuardUse{"InvestigationStarted", kAny, kOfInvestigation},
    GuardUse{"ResolutionPlanProposed", kAny, kOfPlan},
    GuardUse{"CaseEscalated", kAny, kOfEscalation},
    GuardUse{"ResponsibilityHandedOver", kAny, kOfHandover},
    GuardUse{"ResponsibilityAccepted", kAny, kOfAcceptance},
    GuardUse{"ResolutionCommunicated", kAny, kOfResult},
    GuardUse{"CustomerOpinionRecorded", kAny, kOfOpinion},
    GuardUse{"ReworkStarted", kAny, kOfRework},
    GuardUse{"ComplaintResolved", kAny, kOfResolution},
    GuardUse{"CaseMarkedDuplicate", kAny, kOfDuplicate},
    GuardUse{"CaseClosed", kAny, kOfClosing},
    GuardUse{"ComplaintFileArchived", kAny, kOfArchive},
    GuardUse{"ComplaintFilePurged", kAny, kOfPurge},
};
// clang-format on

}  // namespace

FamilyTables case_family() {
  return {.events = kEvents,
          .fields = kFields,
          .notes = kNotes,
          .machines = kMachines,
          .lifecycles = kLifecycles,
          .assumed = kAssumed,
          .marks = kMarkRows,
          .keeps = kKeeps,
          .uniques = kUniques,
          .guards = kGuards};
}

}  // namespace carnet::rental
