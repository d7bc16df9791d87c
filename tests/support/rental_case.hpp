// SPDX-License-Identifier: Apache-2.0
//
// Short words for the events of a case (feedback, complaint): all of party external/X, one minute after what went
// before. S1 receives, S2 owns, S9 approves.
#pragma once

#include "support/rental_fixture.hpp"

#include <carnet/rental/cases.hpp>
#include <carnet/schema/order.capnp.h>

#include <cstdint>
#include <string>
#include <vector>

namespace carnet::test {

using Gravity = schema::FeedbackClassified::Severity;
using Opinion = schema::CustomerOpinionRecorded::Result;
using CloseBasis = schema::CaseClosed::Basis;
using ReworkCause = schema::ReworkStarted::Cause;
using Liable = schema::InvestigationCompleted::Liable;
using Volume = schema::ComplaintFileArchived::Volume;
using RemedyForm = schema::CompensationGranted::Form;

class CaseFixture : public RentalFixture {
 public:
  /// On day 300: far behind the events, which begin on day 20.
  CaseFixture();

  // Drafts; `id` is the case.
  [[nodiscard]] EventDraft voiced(const std::string& id, const std::string& responsible = "S1");
  [[nodiscard]] EventDraft details(const std::string& id);
  [[nodiscard]] EventDraft acknowledged(const std::string& id, Timestamp promised_by = day(40));
  [[nodiscard]] EventDraft classified(const std::string& id, const std::string& category = "complaint",
                                      Gravity severity = Gravity::NORMAL);
  [[nodiscard]] EventDraft assigned_to(const std::string& id, const std::string& owner = "S2");
  [[nodiscard]] EventDraft handed(const std::string& id, const std::string& from, const std::string& to);
  [[nodiscard]] EventDraft accepted(const std::string& id, const std::string& from, const std::string& to);
  [[nodiscard]] EventDraft first_response(const std::string& id);
  [[nodiscard]] EventDraft answered(const std::string& id);
  [[nodiscard]] EventDraft investigated_by(const std::string& id, const std::string& investigator = "S3");
  [[nodiscard]] EventDraft evidence(const std::string& id);
  [[nodiscard]] EventDraft found(const std::string& id, Liable liable = Liable::NONE);
  [[nodiscard]] EventDraft planned(const std::string& id, unsigned round = 1, const std::string& without = {});
  [[nodiscard]] EventDraft escalated(const std::string& id, unsigned level = 1);
  [[nodiscard]] EventDraft escalation_acknowledged(const std::string& id);
  [[nodiscard]] EventDraft extended(const std::string& id, Timestamp due, const std::string& approver = "S9");
  [[nodiscard]] EventDraft communicated(const std::string& id, unsigned round = 1, const std::string& by = "S2");
  [[nodiscard]] EventDraft opinion(const std::string& id, Opinion result, unsigned round = 1);
  [[nodiscard]] EventDraft reworked(const std::string& id, unsigned round = 2,
                                    ReworkCause cause = ReworkCause::DISSATISFIED);
  [[nodiscard]] EventDraft resolved(const std::string& id, unsigned round = 1, bool satisfied = true);
  [[nodiscard]] EventDraft followed_up(const std::string& id);
  [[nodiscard]] EventDraft referred_to_court(const std::string& id);
  [[nodiscard]] EventDraft withdrawn(const std::string& id);
  [[nodiscard]] EventDraft duplicate_of(const std::string& id, const std::string& primary);
  [[nodiscard]] EventDraft closed(const std::string& id, CloseBasis basis, const std::string& approver = "S9");
  [[nodiscard]] EventDraft archived(const std::string& id, Volume volume = Volume::OWN, Timestamp until = day(19));
  [[nodiscard]] EventDraft purged(const std::string& id, const std::vector<std::string>& classes = {"D7"});
  [[nodiscard]] EventDraft hold_placed(const std::string& id, const std::string& ground = "court",
                                       const std::vector<std::string>& classes = {});
  [[nodiscard]] EventDraft hold_lifted(const std::string& id, const std::string& ground = "court",
                                       const std::vector<std::string>& classes = {});
  [[nodiscard]] EventDraft replayed(const std::string& id);
  [[nodiscard]] EventDraft rated(const std::string& stream);
  [[nodiscard]] EventDraft apology(const std::string& id);
  [[nodiscard]] EventDraft granted(const std::string& compensation, const std::string& id, unsigned round = 1,
                                   std::int64_t minor = 500, RemedyForm form = RemedyForm::CASH);

  /// Decides the steps that lead the case to a state of DOMAIN §3.8 by the shortest way. `unanswered`: so often nobody
  /// answered, for `awaitingOpinion`.
  void bring_to(const std::string& id, const std::string& state, const std::string& category = "complaint",
                unsigned unanswered = 0);

  [[nodiscard]] CaseSummary summary(const std::string& id);

  [[nodiscard]] std::string state_of(const std::string& id) { return std::string(summary(id).state); }

  Timestamp tick() { return now = Timestamp{now.ns + 60 * kNsPerSecond}; }

  void wait_hours(std::int64_t hours) { now.ns += hours * 3600 * kNsPerSecond; }

  Timestamp now = day(20);

 private:
  template <class Type, class Fill>
  EventDraft of_case(const std::string& id, Fill&& fill);
};

}  // namespace carnet::test
