// SPDX-License-Identifier: Apache-2.0
//
// DOMAIN §5: which event gives which item of which KPI, and how KPIs are made of items. Rows of events that are not
// registered are passed over.
#include "rental/key_index.hpp"
#include "rental/kpi_rules.hpp"

#include <carnet/schema/case.capnp.h>
#include <carnet/schema/deposit.capnp.h>
#include <carnet/schema/order.capnp.h>
#include <carnet/schema/rental.capnp.h>
#include <carnet/typed.hpp>

#include <algorithm>
#include <array>

namespace carnet::rental {

namespace {

using enum KpiTerm;
using enum KpiGroup;
using enum KpiMethod;

KpiReading read_rating(const AppliedEvent& event, const EventFacts& /*facts*/) {
  const auto rating = payload_as<schema::RatingReceived>(event.payload);
  const auto step = rating.hasStep() ? static_cast<std::int64_t>(rating.getStep().getValue()) : 0;
  return {.value = step, .key = text_hash(as_text(rating.getRatingId()))};
}

KpiReading read_opinion(const AppliedEvent& event, const EventFacts& /*facts*/) {
  constexpr std::array<std::string_view, 5> kSteps{"verySatisfied", "satisfied", "neutral", "dissatisfied",
                                                   "veryDissatisfied"};
  const std::string_view scale = as_text(payload_as<schema::CustomerOpinionRecorded>(event.payload).getScale());
  const auto* const found = std::ranges::find(kSteps, scale);
  return {.value = found == kSteps.end() ? 0 : found - kSteps.begin() + 1};
}

/// A driver hands on what the customer told him: the case counts since then.
KpiReading read_feedback(const AppliedEvent& event, const EventFacts& /*facts*/) {
  const auto feedback = payload_as<schema::FeedbackReceived>(event.payload);
  const bool relayed = as_text(feedback.getIntakeOrigin()) == "driver" && feedback.getCustomerVoicedAt() != 0;
  return {.value = relayed ? feedback.getCustomerVoicedAt() : event.occurred_at.ns};
}

KpiReading read_category(const AppliedEvent& event, const EventFacts& /*facts*/) {
  return {.value = as_text(payload_as<schema::FeedbackClassified>(event.payload).getCategory()) == "complaint" ? 1 : 0};
}

KpiReading read_resolved(const AppliedEvent& event, const EventFacts& /*facts*/) {
  return {.value = payload_as<schema::ComplaintResolved>(event.payload).getSatisfied() ? 1 : 0};
}

KpiReading read_at(const AppliedEvent& event, const EventFacts& facts) {
  return {.value = facts.at.ns != 0 ? facts.at.ns : event.occurred_at.ns};
}

KpiReading read_planned(const AppliedEvent& event, const EventFacts& /*facts*/) {
  const auto handover = payload_as<schema::VehicleHandedOver>(event.payload);
  return {.value = handover.hasPlannedReturn() ? handover.getPlannedReturn().getValue() : 0};
}

KpiReading read_term(const AppliedEvent& event, const EventFacts& /*facts*/) {
  return {.value = payload_as<schema::RentalContractDrafted>(event.payload).getTermTo()};
}

KpiReading read_new_term(const AppliedEvent& event, const EventFacts& /*facts*/) {
  const auto amended = payload_as<schema::RentalContractAmended>(event.payload);
  return {.value = amended.hasNewTermTo() ? amended.getNewTermTo().getValue() : 0};
}

KpiReading read_query_period(const AppliedEvent& event, const EventFacts& /*facts*/) {
  std::int64_t days = 0;
  for (const auto item : payload_as<schema::DepositTermsDisclosed>(event.payload).getItems()) {
    if (item.getPurpose() != schema::DepositPurpose::SECURITY) {
      days = std::max<std::int64_t>(days, item.getQueryPeriodDays());
    }
  }
  return {.value = days};
}

KpiReading read_release(const AppliedEvent& event, const EventFacts& facts) {
  const auto released = payload_as<schema::DepositReleased>(event.payload);
  if (as_text(released.getReason()) == "replaced") {
    return {.key = static_cast<std::uint64_t>(KpiMove::kReplaced)};
  }
  const bool cash = facts.kind == static_cast<std::uint16_t>(schema::DepositReleased::Instrument::CASH);
  return {.key = static_cast<std::uint64_t>(cash ? KpiMove::kReleasedCash : KpiMove::kReleased)};
}

KpiReading read_expiry(const AppliedEvent& /*event*/, const EventFacts& /*facts*/) {
  return {.key = static_cast<std::uint64_t>(KpiMove::kExpired)};
}

KpiReading read_amount(const AppliedEvent& /*event*/, const EventFacts& facts) {
  return {.value = facts.amount ? facts.amount->minor : 0};
}

/// Of the ways an assistance goes on, the first is that someone was sent.
KpiReading read_progress(const AppliedEvent& /*event*/, const EventFacts& facts) {
  return {.value = facts.kind == 1 ? 1 : 0};
}

// clang-format off
constexpr auto kItemRules = std::to_array<KpiItemRule>({
    // event, term, group, value
    {"RatingReceived", kRated, kAccount, &read_rating},
    {"CustomerOpinionRecorded", kRated, kAccount, &read_opinion},
    {"AccountsMerged", kMerged, kAccount},
    {"FeedbackReceived", kReceived, kCase, &read_feedback},
    {"FeedbackClassified", kClassified, kCase, &read_category},
    {"CaseMarkedDuplicate", kDuplicate, kCase},
    {"ReworkStarted", kReworked, kCase},
    {"ComplaintResolved", kResolved, kCase, &read_resolved},
    {"DriverOrderPlaced", kPlaced, kOrder},
    {"ReservationConfirmed", kPlaced, kOrder},
    {"RentalContractSigned", kPlaced, kOrder},
    {"RentalContractVoided", kVoided, kOrder},
    {"RentalContractVoided", kVoided, kRental},
    {"ReservationCancelled", kCalledOff, kOrder},
    {"ReservationMarkedNoShow", kCalledOff, kOrder},
    {"VehicleHandedOver", kBegun, kRental, &read_at},
    {"VehicleHandedOver", kPlannedEnd, kRental, &read_planned},
    {"RentalContractDrafted", kPlannedEnd, kRental, &read_term},
    {"RentalContractAmended", kPlannedEnd, kRental, &read_new_term},
    {"VehicleReturned", kEnded, kRental, &read_at},
    {"VehicleReturned", kReturned, kOrder, &read_at},
    {"VehicleLost", kEnded, kRental, &read_at},
    {"DriverTripStarted", kBegun, kOrder, &read_at},
    {"DriverTripCompleted", kEnded, kOrder, &read_at},
    {"ReturnInspectionSigned", kSigned, kRental},
    {"SettlementFinalized", kFinalized, kOrder},
    {"SettlementFinalized", kFinalized, kRental},
    {"DepositTermsDisclosed", kQueryPeriod, kRental, &read_query_period},
    {"TrafficViolationRecorded", kFined, kRental},
    {"PreAuthorizationFrozen", kDepositMoved, kDeposit},
    {"PreAuthorizationChanged", kDepositMoved, kDeposit},
    {"PreAuthorizationCaptured", kDepositMoved, kDeposit},
    {"PreAuthorizationExpired", kDepositMoved, kDeposit, &read_expiry},
    {"DepositCollected", kDepositMoved, kDeposit},
    {"DepositApplied", kDepositMoved, kDeposit},
    {"DepositReleased", kDepositMoved, kDeposit, &read_release},
    {"ChargebackReceived", kDepositMoved, kDeposit},
    {"ChargebackClosed", kDepositMoved, kDeposit},
    {"RefundPaid", kRefunded, kDeposit, &read_amount},
    {"RoadsideAssistanceRequested", kRequested, kAssistance},
    {"AssistanceProgressed", kDispatched, kAssistance, &read_progress},
});

constexpr auto kSumRules = std::to_array<KpiSumRule>({
    // sum, rule, phase, debit, credit, sign
    {KpiSum::kFrozen, "", Phase::kPending, "", "L1|L2"},
    {KpiSum::kHeld, "", Phase::kPosted, "", "L1|L2"},
    {KpiSum::kCaptured, "PR-42", Phase::kPosted, "", "A3|L3"},
    {KpiSum::kReleased, "PR-44", Phase::kVoided, "", "L1|L2"},
    {KpiSum::kReleased, "PR-52", Phase::kPosted, "L1|L2", ""},
    {KpiSum::kExpired, "PR-45", Phase::kVoided, "", "L1|L2"},
    {KpiSum::kRevenue, "", Phase::kPosted, "", "R"},
    {KpiSum::kCompensation, "PR-70", Phase::kPosted, "E|C1", ""},
    {KpiSum::kCompensation, "PR-72", Phase::kPosted, "E|C1", ""},
    {KpiSum::kCompensation, "PR-74", Phase::kPosted, "", "E|C1", -1},
    {KpiSum::kCompensation, "PR-75", Phase::kPosted, "E|C1", ""},
    {KpiSum::kRefunds, "PR-21", Phase::kPosted, "L4", ""},
    {KpiSum::kRefunds, "PR-53", Phase::kPosted, "L4", ""},
    {KpiSum::kChargebacks, "PR-04", Phase::kPosted, "", "A1|A2"},
    {KpiSum::kChargebacks, "PR-05", Phase::kPosted, "A1|A2", "", -1},
});

constexpr auto kKpis = std::to_array<KpiDefinition>({
    {"K-02", "Customer satisfaction, satisfied share", "客户满意度", "share", kSatisfiedShare},
    {"K-05", "Complaint resolution time, mean", "投诉解决时间", "s", kResolutionTime},
    {"K-05.p50", "Complaint resolution time, median", "投诉解决时间中位数", "s", kResolutionTime, 50},
    {"K-05.p90", "Complaint resolution time, 90th percentile", "投诉解决时间第90百分位", "s", kResolutionTime, 90},
    {"K-07", "Complaint rate, complained orders", "投诉率", "share", kComplaintRate},
    {"K-07b", "Complaints per 100 orders", "每百单投诉数", "per100", kComplaintRate, 1},
    {"K-08", "Customer retention", "客户保留率", "share", kRetention},
    {"K-11", "Deposit release time, mean", "押金释放时间", "s", kReleaseTime},
    {"K-15.inspection", "Wait for the return inspection", "还车验车等待时间", "s", kElapsed, 0, kEnded, kSigned, kRental},
    {"K-15.settlement", "Settlement lead time", "结算时间", "s", kElapsed, 0, kReturned, kFinalized, kOrder},
    {"K-15.dispatch", "Roadside dispatch", "道路救援派遣时间", "s", kElapsed, 0, kRequested, kDispatched, kAssistance},
    {"K-15.lateness", "Lateness of return", "还车延误", "s", kLateness, 0, kPlannedEnd, kEnded, kRental},
    {"K-16.frozen", "Holds frozen at the end", "期末预授权冻结额", "minor", kBalance, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kFrozen},
    {"K-16.held", "Cash deposits held at the end", "期末现金押金", "minor", kBalance, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kHeld},
    {"K-16.captured", "Captured", "预授权扣款", "minor", kSumWithin, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kCaptured},
    {"K-16.released", "Deposits released", "押金释放", "minor", kSumWithin, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kReleased},
    {"K-16.expired", "Holds expired", "预授权到期", "minor", kSumWithin, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kExpired},
    {"K-16.revenue", "Revenue by kind", "收入", "minor", kSumWithin, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kRevenue},
    {"K-16.compensation", "Compensation", "补偿", "minor", kSumWithin, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kCompensation},
    {"K-16.refunds", "Refunds paid", "退款", "minor", kSumWithin, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kRefunds},
    {"K-16.chargebacks", "Chargebacks not won", "拒付", "minor", kSumWithin, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kChargebacks},
    {"K-16.finesCharged", "Fines charged", "违章罚款计收", "minor", kSumWithin, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kFinesCharged},
    {"K-16.finesPaid", "Fines paid", "违章罚款已付", "minor", kSumWithin, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kFinesPaid},
    {"K-16.finesCancelled", "Fines cancelled", "违章罚款撤销", "minor", kSumWithin, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kFinesCancelled},
    {"K-16.finesAssigned", "Fines assigned to collection", "违章罚款转让", "minor", kSumWithin, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kFinesAssigned},
    {"K-16.finesWrittenOff", "Fines written off", "违章罚款核销", "minor", kSumWithin, 0, kNoTerm, kNoTerm, kNoGroup, KpiSum::kFinesWrittenOff},
});
// clang-format on

}  // namespace

std::span<const KpiItemRule> kpi_item_table() {
  return kItemRules;
}

std::span<const KpiSumRule> kpi_sum_table() {
  return kSumRules;
}

std::span<const KpiDefinition> kpi_table() {
  return kKpis;
}

std::string_view kpi_family(KpiGroup group) noexcept {
  constexpr std::array<std::string_view, 8> kFamilies{"",       "account", "case",       "order",
                                                      "rental", "deposit", "assistance", "violation"};
  return kFamilies[static_cast<std::size_t>(group)];
}

}  // namespace carnet::rental
