// SPDX-License-Identifier: Apache-2.0
//
// Steps: a complaint from receipt to close.
#include "steps.hpp"

#include <carnet/schema/case.capnp.h>
#include <carnet/schema/ledger.capnp.h>

#include <array>
#include <cstddef>

namespace carnet::generate::step {

namespace {

constexpr const char* kOwner = "staff.4";
constexpr const char* kInvestigator = "staff.5";
constexpr std::array<std::byte, 32> kEvidence{std::byte{0xe1}};

template <class Type, class Fill>
EventDraft& of_case(Writer& write, Fill&& fill) {
  const std::string id = write.id(".g");
  return write.add<Type>("case", id, [&](auto event) {
    event.setCaseId(Writer::text(id));
    fill(event);
  });
}

}  // namespace

void complain(Writer& write, Story&) {
  of_case<schema::FeedbackReceived>(write, [&](auto event) {
    event.setReferenceNo(Writer::text(write.id(".g")));
    event.setChannel("hotline");
    event.setIntakeOrigin("direct");
    event.setCustomerVoicedAt(write.at_ns());
    event.setOrderRef(schema::FeedbackReceived::OrderRef::GIVEN);
    event.setFirstResponsible(kOwner);
  });
  of_case<schema::FeedbackAcknowledged>(write, [&](auto event) {
    event.setStepsVersion("1");
    event.setPromisedBy(write.at_ns() + 3 * kDay);
  });
}

void classify(Writer& write, Story& story) {
  constexpr const char* kTopics[] = {"billing", "rental", "deposit", "damage"};
  of_case<schema::FeedbackClassified>(write, [&](auto event) {
    event.setCategory("complaint");
    event.setTopic(kTopics[story.number % 4]);
    event.setNature("serviceQuality");
    event.setSeverity(schema::FeedbackClassified::Severity::NORMAL);
    event.setPriority(2);
  });
}

void assign_case(Writer& write, Story&) {
  of_case<schema::CaseAssigned>(write, [&](auto event) {
    event.setDepartment("customerService");
    event.setOwner(kOwner);
    event.setReasonCode("topic");
  });
  of_case<schema::FirstResponseSent>(write, [&](auto event) {
    event.setChannel("email");
    event.setTemplate("firstResponse");
    event.setAutomated(false);
  });
}

void investigate(Writer& write, Story&) {
  of_case<schema::InvestigationStarted>(write, [&](auto event) { event.setInvestigator(kInvestigator); });
  of_case<schema::EvidenceCollected>(write, [&](auto event) {
    event.setKind("order");
    event.setRef(Writer::text(write.id("")));
    event.setDigest(as_data(kEvidence));
  });
}

void conclude(Writer& write, Story&) {
  of_case<schema::InvestigationCompleted>(write, [&](auto event) {
    event.setCause("customerExpectation");
    event.setLiable(schema::InvestigationCompleted::Liable::NONE);
  });
}

void propose(Writer& write, Story& story) {
  of_case<schema::ResolutionPlanProposed>(write, [&](auto event) {
    event.setRound(story.round);
    event.initMeasures(1).set(0, "explain");
    event.setExpectedBy(write.at_ns() + kDay);
    event.setFeedbackMethod("phone");
  });
}

void communicate(Writer& write, Story& story) {
  of_case<schema::ResolutionCommunicated>(write, [&](auto event) {
    event.setRound(story.round);
    event.setExplanationCode("explained");
    event.setBy(kOwner);
  });
}

void hear_satisfied(Writer& write, Story& story) {
  of_case<schema::CustomerOpinionRecorded>(write, [&](auto event) {
    event.setRound(story.round);
    event.setResult(schema::CustomerOpinionRecorded::Result::SATISFIED);
  });
}

void hear_nothing(Writer& write, Story& story) {
  of_case<schema::CustomerOpinionRecorded>(write, [&](auto event) {
    event.setRound(story.round);
    event.setResult(schema::CustomerOpinionRecorded::Result::NO_ANSWER);
  });
}

void resolve(Writer& write, Story& story) {
  of_case<schema::ComplaintResolved>(write, [&](auto event) {
    event.setRound(story.round);
    event.setOutcome(story.number % 3 == 0 ? schema::ComplaintResolved::Outcome::REJECTED
                                           : schema::ComplaintResolved::Outcome::UPHELD);
    event.setSatisfied(true);
  });
}

void close_case(Writer& write, Story&) {
  of_case<schema::CaseClosed>(write, [&](auto event) { event.setBasis(schema::CaseClosed::Basis::SATISFIED); });
}

void close_unanswered(Writer& write, Story&) {
  of_case<schema::CaseClosed>(write, [&](auto event) {
    event.setBasis(schema::CaseClosed::Basis::UNREACHABLE);
    event.setApprover("staff.9");
  });
}

void reopen(Writer& write, Story& story) {
  ++story.round;
  of_case<schema::ReworkStarted>(write, [&](auto event) {
    event.setRound(story.round);
    event.setCause(schema::ReworkStarted::Cause::REOPENED);
    event.setReasonCode("newFacts");
  });
}

}  // namespace carnet::generate::step
