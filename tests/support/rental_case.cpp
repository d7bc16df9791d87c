// SPDX-License-Identifier: Apache-2.0
#include "support/rental_case.hpp"

#include <carnet/schema/ledger.capnp.h>

#include <utility>

namespace carnet::test {

namespace {

const std::vector<unsigned char> kDigest(32, 7);

capnp::Data::Reader digest() {
  return {kDigest.data(), kDigest.size()};
}

template <class List>
void fill(List list, const std::vector<std::string>& texts) {
  for (unsigned i = 0; i < texts.size(); ++i) {
    list.set(i, texts[i].c_str());
  }
}

unsigned size_of(const std::vector<std::string>& texts) {
  return static_cast<unsigned>(texts.size());
}

template <class Event>
void set_hold(Event event, const std::string& ground, const std::vector<std::string>& classes) {
  event.setGround(ground.c_str());
  event.setAuthorityRef("4 C 12/24");
  fill(event.initClasses(size_of(classes)), classes);
}

}  // namespace

CaseFixture::CaseFixture() {
  clock->advance({.seconds = 290 * std::int64_t{86'400}});
}

template <class Type, class Fill>
EventDraft CaseFixture::of_case(const std::string& id, Fill&& fill_in) {
  return make_event<Type>("case/" + id, tick(), [&](auto event) {
    event.setCaseId(id.c_str());
    event.setParty("external/X");
    fill_in(event);
  });
}

EventDraft CaseFixture::voiced(const std::string& id, const std::string& responsible) {
  return of_case<schema::FeedbackReceived>(id, [&](auto event) {
    event.setReferenceNo(("N-" + id).c_str());
    event.setChannel("hotline");
    event.setIntakeOrigin("direct");
    event.setCustomerVoicedAt(now.ns);
    event.initFieldMask(0);
    event.setOrderRef(schema::FeedbackReceived::OrderRef::GIVEN);
    event.setOrderId("O1");
    if (!responsible.empty()) {
      event.setFirstResponsible(responsible.c_str());
    }
  });
}

EventDraft CaseFixture::details(const std::string& id) {
  return of_case<schema::FeedbackDetailsCompleted>(id, [](auto event) { event.initFieldMask(0); });
}

EventDraft CaseFixture::acknowledged(const std::string& id, Timestamp promised_by) {
  return of_case<schema::FeedbackAcknowledged>(id, [&](auto event) {
    event.setStepsVersion("1");
    event.setPromisedBy(promised_by.ns);
  });
}

EventDraft CaseFixture::classified(const std::string& id, const std::string& category, Gravity severity) {
  return of_case<schema::FeedbackClassified>(id, [&](auto event) {
    event.setCategory(category.c_str());
    event.setTopic("billing");
    event.setNature("serviceQuality");
    event.setSeverity(severity);
    event.setPriority(2);
  });
}

EventDraft CaseFixture::assigned_to(const std::string& id, const std::string& owner) {
  return of_case<schema::CaseAssigned>(id, [&](auto event) {
    event.setDepartment("service");
    event.setOwner(owner.c_str());
    event.setReasonCode("routing");
  });
}

EventDraft CaseFixture::handed(const std::string& id, const std::string& from, const std::string& to) {
  return of_case<schema::ResponsibilityHandedOver>(id, [&](auto event) {
    event.setFrom(from.c_str());
    event.setTo(to.c_str());
    event.setReasonCode("shift");
  });
}

EventDraft CaseFixture::accepted(const std::string& id, const std::string& from, const std::string& to) {
  return of_case<schema::ResponsibilityAccepted>(id, [&](auto event) {
    event.setFrom(from.c_str());
    event.setTo(to.c_str());
    event.setReasonCode("shift");
  });
}

EventDraft CaseFixture::first_response(const std::string& id) {
  return of_case<schema::FirstResponseSent>(id, [](auto event) {
    event.setChannel("email");
    event.setTemplate("standard");
  });
}

EventDraft CaseFixture::answered(const std::string& id) {
  return of_case<schema::InquiryAnswered>(id, [](auto event) {
    event.setChannel("email");
    event.setAnswer(digest());
  });
}

EventDraft CaseFixture::investigated_by(const std::string& id, const std::string& investigator) {
  return of_case<schema::InvestigationStarted>(id, [&](auto event) { event.setInvestigator(investigator.c_str()); });
}

EventDraft CaseFixture::evidence(const std::string& id) {
  return of_case<schema::EvidenceCollected>(id, [](auto event) {
    event.setKind("serviceRecord");
    event.setRef("trip-7");
    event.setDigest(digest());
  });
}

EventDraft CaseFixture::found(const std::string& id, Liable liable) {
  return of_case<schema::InvestigationCompleted>(id, [&](auto event) {
    event.setCause("billing");
    event.setLiable(liable);
  });
}

EventDraft CaseFixture::planned(const std::string& id, unsigned round, const std::string& without) {
  return of_case<schema::ResolutionPlanProposed>(id, [&](auto event) {
    event.setRound(static_cast<std::uint8_t>(round));
    fill(event.initMeasures(without == "measures" ? 0 : 1),
         without == "measures" ? std::vector<std::string>{} : std::vector<std::string>{"refund"});
    event.setExpectedBy(without == "expectedBy" ? 0 : day(50).ns);
    event.setFeedbackMethod(without == "feedbackMethod" ? "" : "call");
  });
}

EventDraft CaseFixture::escalated(const std::string& id, unsigned level) {
  return of_case<schema::CaseEscalated>(id, [&](auto event) {
    event.setLevel(static_cast<std::uint8_t>(level));
    event.setTo("S8");
    event.setReason("deadlineNear");
  });
}

EventDraft CaseFixture::escalation_acknowledged(const std::string& id) {
  return of_case<schema::EscalationAcknowledged>(id, [](auto event) { event.setLevel(1); });
}

EventDraft CaseFixture::extended(const std::string& id, Timestamp due, const std::string& approver) {
  return of_case<schema::DeadlineExtended>(id, [&](auto event) {
    event.setOldDueAt(day(40).ns);
    event.setNewDueAt(due.ns);
    event.setReasonCode("thirdParty");
    event.setApprover(approver.c_str());
  });
}

EventDraft CaseFixture::communicated(const std::string& id, unsigned round, const std::string& by) {
  return of_case<schema::ResolutionCommunicated>(id, [&](auto event) {
    event.setRound(static_cast<std::uint8_t>(round));
    event.setExplanationCode("billingCorrected");
    event.initFollowUpMeasures(0);
    event.setBy(by.c_str());
  });
}

EventDraft CaseFixture::opinion(const std::string& id, Opinion result, unsigned round) {
  return of_case<schema::CustomerOpinionRecorded>(id, [&](auto event) {
    event.setRound(static_cast<std::uint8_t>(round));
    event.setResult(result);
  });
}

EventDraft CaseFixture::reworked(const std::string& id, unsigned round, ReworkCause cause) {
  return of_case<schema::ReworkStarted>(id, [&](auto event) {
    event.setRound(static_cast<std::uint8_t>(round));
    event.setCause(cause);
    event.setReasonCode("again");
  });
}

EventDraft CaseFixture::resolved(const std::string& id, unsigned round, bool satisfied) {
  return of_case<schema::ComplaintResolved>(id, [&](auto event) {
    event.setRound(static_cast<std::uint8_t>(round));
    event.setOutcome(schema::ComplaintResolved::Outcome::UPHELD);
    event.setSatisfied(satisfied);
  });
}

EventDraft CaseFixture::followed_up(const std::string& id) {
  return of_case<schema::PostResolutionFollowUpCompleted>(id, [](auto event) { event.setOutcome("content"); });
}

EventDraft CaseFixture::referred_to_court(const std::string& id) {
  return of_case<schema::CaseReferred>(id, [](auto event) {
    event.setAuthority("court");
    event.setRef("4 C 12/24");
  });
}

EventDraft CaseFixture::withdrawn(const std::string& id) {
  return of_case<schema::CaseWithdrawn>(id, [](auto event) { event.setBy("X"); });
}

EventDraft CaseFixture::duplicate_of(const std::string& id, const std::string& primary) {
  return of_case<schema::CaseMarkedDuplicate>(id, [&](auto event) { event.setPrimaryCaseId(primary.c_str()); });
}

EventDraft CaseFixture::closed(const std::string& id, CloseBasis basis, const std::string& approver) {
  return of_case<schema::CaseClosed>(id, [&](auto event) {
    event.setBasis(basis);
    if (!approver.empty()) {
      event.setApprover(approver.c_str());
    }
  });
}

EventDraft CaseFixture::archived(const std::string& id, Volume volume, Timestamp until) {
  return of_case<schema::ComplaintFileArchived>(id, [&](auto event) {
    event.setRetainUntil(static_cast<std::int32_t>(until.ns / (86'400 * kNsPerSecond)));
    event.setVolume(volume);
  });
}

EventDraft CaseFixture::purged(const std::string& id, const std::vector<std::string>& classes) {
  return of_case<schema::ComplaintFilePurged>(id, [&](auto event) {
    fill(event.initClasses(size_of(classes)), classes);
    event.initKeys(0);
  });
}

EventDraft CaseFixture::hold_placed(const std::string& id, const std::string& ground,
                                    const std::vector<std::string>& classes) {
  return of_case<schema::LegalHoldPlaced>(id, [&](auto event) { set_hold(event, ground, classes); });
}

EventDraft CaseFixture::hold_lifted(const std::string& id, const std::string& ground,
                                    const std::vector<std::string>& classes) {
  return of_case<schema::LegalHoldLifted>(id, [&](auto event) { set_hold(event, ground, classes); });
}

EventDraft CaseFixture::replayed(const std::string& id) {
  return of_case<schema::DisputeReplayProduced>(id, [&](auto event) {
    event.setSubject(("case/" + id).c_str());
    event.setAsOfOccurred(now.ns);
    event.setKnownAt(1);
    event.setDigest(digest());
    event.setRecipient("court");
    event.initClassesDisclosed(0);
  });
}

EventDraft CaseFixture::rated(const std::string& stream) {
  return make_event<schema::RatingReceived>(stream, tick(), [&](auto event) {
    event.setRatingId("RT1");
    event.setParty("external/X");
    event.setScope(schema::RatingReceived::Scope::CASE);
    event.setRef(stream.c_str());
    event.setScaleMin(1);
    event.setScaleMax(5);
    event.setScore(4);
  });
}

EventDraft CaseFixture::apology(const std::string& id) {
  return make_event<schema::NoticeSent>("case/" + id, tick(), [&](auto event) {
    event.initKinds(1).set(0, "apology");
    event.setAbout(("case/" + id).c_str());
    event.setParty("external/X");
    event.setAudience(schema::NoticeSent::Audience::CUSTOMER);
    event.setPurpose("service");
  });
}

EventDraft CaseFixture::granted(const std::string& compensation, const std::string& id, unsigned round,
                                std::int64_t minor, RemedyForm form) {
  return make_event<schema::CompensationGranted>("payment/" + compensation, tick(), [&](auto event) {
    event.setCompensationId(compensation.c_str());
    event.setParty("external/X");
    event.setOrderId("O1");
    if (!id.empty()) {
      event.setCaseId(id.c_str());
    }
    event.setRound(static_cast<std::uint8_t>(round));
    event.setForm(form);
    set_money(event.initAmount(), eur(minor));
    event.setApprover("S9");
  });
}

void CaseFixture::bring_to(const std::string& id, const std::string& state, const std::string& category,
                           unsigned unanswered) {
  using Step = std::pair<std::string, EventDraft (*)(CaseFixture&, const std::string&, const std::string&)>;
  using Words = const std::string&;
  static const std::vector<Step> kWay{
      {"received", [](CaseFixture& f, Words of, Words) { return f.voiced(of); }},
      {"classified", [](CaseFixture& f, Words of, Words as) { return f.classified(of, as); }},
      {"assigned", [](CaseFixture& f, Words of, Words) { return f.assigned_to(of); }},
      {"investigating", [](CaseFixture& f, Words of, Words) { return f.investigated_by(of); }},
      {"planPending", [](CaseFixture& f, Words of, Words) { return f.found(of); }},
      {"executing", [](CaseFixture& f, Words of, Words) { return f.planned(of); }},
      {"awaitingOpinion", [](CaseFixture& f, Words of, Words) { return f.communicated(of); }},
      {"satisfied", [](CaseFixture& f, Words of, Words) { return f.opinion(of, Opinion::SATISFIED); }},
      {"resolved", [](CaseFixture& f, Words of, Words) { return f.resolved(of); }},
      {"closed", [](CaseFixture& f, Words of, Words) { return f.closed(of, CloseBasis::SATISFIED); }},
      {"archived", [](CaseFixture& f, Words of, Words) { return f.archived(of); }},
      {"purged", [](CaseFixture& f, Words of, Words) { return f.purged(of); }}};
  const std::string by_way = state == "rework"           ? "awaitingOpinion"
                             : state == "closeCandidate" ? "executing"
                             : state == "duplicate"      ? "received"
                                                         : state;
  for (const auto& [reached, step] : kWay) {
    if (by_way == "none") {
      break;
    }
    decide(step(*this, id, category));
    if (reached == by_way) {
      break;
    }
  }
  if (state == "rework") {
    decide(opinion(id, Opinion::DISSATISFIED));
  } else if (state == "closeCandidate") {
    decide(withdrawn(id));
  } else if (state == "duplicate") {
    decide(voiced(id + "-primary"));
    decide(duplicate_of(id, id + "-primary"));
  }
  for (; unanswered > 0; --unanswered) {
    decide(opinion(id, Opinion::NO_ANSWER));
    wait_hours(unanswered > 1 ? 24 : 0);
  }
  BOOST_REQUIRE(state == "none" || state_of(id) == state);
}

CaseSummary CaseFixture::summary(const std::string& id) {
  auto view = ledger->view();
  BOOST_REQUIRE(view);
  auto found_case = find_case(**view, id);
  BOOST_REQUIRE_MESSAGE(found_case && found_case->has_value(), "no case " << id);
  return **found_case;
}

}  // namespace carnet::test
