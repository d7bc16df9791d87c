// SPDX-License-Identifier: Apache-2.0
//
// The plan of a story: which steps at which times, by its variants.
#include "steps.hpp"

#include <algorithm>

namespace carnet::generate {

namespace {

using enum Variant;
using namespace step;

constexpr std::int64_t kBillAfter = 2 * kHour;

class Plan {
 public:
  explicit Plan(Story& story) : story_(story) {}

  void at(std::int64_t at_ns, StepMaker make) { story_.steps.push_back({at_ns, make}); }

  void if_has(Variant variant, std::int64_t at_ns, StepMaker make) {
    if (story_.has(variant)) {
      at(at_ns, make);
    }
  }

  void finish() {
    std::stable_sort(story_.steps.begin(), story_.steps.end(),
                     [](const Step& a, const Step& b) { return a.at_ns < b.at_ns; });
  }

 private:
  Story& story_;
};

void agree(Story& story) {
  Dice& dice = story.dice;
  story.days = dice.between(1, 3) + (dice.chance(300) ? dice.between(1, 9) : 0);
  story.vehicle_class = static_cast<std::uint32_t>(dice.below(4));
  story.day_price = 35'00 + 15'00 * std::int64_t{story.vehicle_class};
  story.hold_amount = story.days * story.day_price + 600'00;
  story.pickup_ns = story.start_ns + dice.between(1, 72) * kHour + dice.between(1, 59) * kMinute;
  if (story.has(kExtended)) {
    ++story.days;  // One more than the quote said.
  }
  story.term_end_ns = story.pickup_ns + story.days * kDay;
  const std::int64_t late = dice.between(31, 360) * kMinute;
  const std::int64_t early = dice.between(0, 120) * kMinute;
  story.return_ns = story.term_end_ns + (story.has(kLateReturn) ? late : -early);
}

void plan_booking(Plan& plan, const Story& story) {
  const std::int64_t start = story.start_ns;
  if (story.new_account) {
    plan.at(start, &give_bases);
    plan.at(start + kMinute, &collect_data);
    plan.at(start + 2 * kMinute, &verify_customer);
    plan.at(start + 3 * kMinute, &open_account);
  }
  plan.if_has(kVoucher, start + 4 * kMinute, &issue_voucher);
  if (story.has(kWalkIn)) {
    return;
  }
  plan.if_has(kQuoted, start + 5 * kMinute, &quote);
  plan.at(start + 9 * kMinute, &place);
  plan.at(start + 20 * kMinute, &confirm);
  plan.if_has(kNoShow, start + 21 * kMinute, &prepay);
  plan.if_has(kCancelled, start + 40 * kMinute, &cancel);
  plan.if_has(kNoShow, story.pickup_ns + 3 * kHour, &mark_no_show);
  plan.if_has(kNoShow, story.pickup_ns + 27 * kHour, &approve_rest);
  plan.if_has(kNoShow, story.pickup_ns + 51 * kHour, &pay_rest);
}

void plan_contract(Plan& plan, const Story& story) {
  const std::int64_t pickup = story.pickup_ns;
  plan.at(pickup - 15 * kMinute, &draft);
  plan.at(pickup - 12 * kMinute, &disclose);
  plan.at(pickup - 8 * kMinute, &sign);
  plan.if_has(kHoldDeclined, pickup - 6 * kMinute, &decline_hold);
  plan.at(pickup - 5 * kMinute, &freeze_hold);
  plan.if_has(kVoided, pickup + kHour, &void_contract);
  plan.if_has(kVoided, pickup + 30 * kHour, &release_voided);
}

void plan_custody(Plan& plan, const Story& story) {
  const std::int64_t pickup = story.pickup_ns;
  const std::int64_t back = story.return_ns;
  plan.at(pickup - 4 * kMinute, &assign_vehicle);
  plan.at(pickup, &hand_over);
  plan.if_has(kCorrected, pickup + 3 * kHour, &correct_handover);
  plan.if_has(kExtended, pickup + 4 * kHour, &extend);
  plan.if_has(kHoldIncreased, pickup + 5 * kHour, &increase_hold);
  plan.if_has(kHoldReplaced, pickup + 6 * kHour, &replace_hold);
  plan.if_has(kSwapped, pickup + 8 * kHour, &swap_vehicle);
  plan.at(back, &take_back);
  plan.at(back + 20 * kMinute, &inspect_return);
  plan.if_has(kDamage, back + 30 * kMinute, &assess_damage);
  plan.at(back + 25 * kMinute, &freeze_violation_hold);
}

void plan_settlement(Plan& plan, const Story& story) {
  const std::int64_t bill = story.return_ns + kBillAfter;
  const bool silent = story.has(kSilentOnBill);
  const bool late = story.has(kLateCapture);
  const bool platform = story.has(kPlatformOrder);
  plan.at(bill, &post_charges);
  plan.if_has(kChargeReversed, bill + 10 * kMinute, &post_by_mistake);
  plan.if_has(kChargeReversed, bill + 30 * kMinute, &reverse_mistaken_charge);
  plan.if_has(kVoucher, bill + 40 * kMinute, &redeem_voucher);
  plan.if_has(kPartialRelease, bill + 50 * kMinute, &release_part);
  plan.at(bill + kHour, &state);
  if (!silent) {
    plan.at(bill + 20 * kHour, &accept);
  }
  const std::int64_t final_at = bill + (silent ? 3 * kDay + 2 * kHour : 21 * kHour);
  plan.at(final_at, &finalize);
  const std::int64_t pay = final_at + kHour;
  std::int64_t paid = pay;
  if (platform) {
    plan.at(pay, &release_hold);
    plan.at(pay + 14 * kDay, &pay_as_platform);
  } else if (story.has(kPaidByCard)) {
    plan.at(pay, &pay_by_card);
    plan.at(pay + 5 * kMinute, &release_hold);
  } else if (late) {
    const std::int64_t expiry = story.pickup_ns - 5 * kMinute + 30 * kDay;
    plan.at(expiry, &expire_hold);
    plan.at(expiry + kDay, &report_late_capture);
    paid = expiry + kDay;
  } else {
    plan.at(pay, &capture);
  }
  if (story.has(kOverCapture) || story.has(kCaptureRefunded)) {
    plan.if_has(kOverCapture, pay + kDay, &report_over_capture);
    plan.if_has(kCaptureRefunded, pay + kDay, &reverse_part_of_charge);
    plan.at(pay + 2 * kDay, &approve_capture_refund);
    plan.at(pay + 3 * kDay, &pay_capture_refund);
    paid = pay + 3 * kDay;
  }
  if (story.has(kChargebackWon) || story.has(kChargebackLost)) {
    plan.at(pay + 10 * kDay, &dispute_payment);
    plan.if_has(kChargebackWon, pay + 30 * kDay, &win_dispute);
    plan.if_has(kChargebackLost, pay + 30 * kDay, &lose_dispute);
    plan.if_has(kChargebackLost, pay + 35 * kDay, &pay_again);
    paid = pay + 35 * kDay;
  }
  plan.if_has(kPaymentReversed, pay + 10 * kMinute, &pay_twice);
  plan.if_has(kPaymentReversed, pay + 40 * kMinute, &reverse_second_payment);
  plan.if_has(kVoucher, story.start_ns + 95 * kDay, &expire_voucher);
  plan.at(paid + 2 * kHour, &close_contract);
}

void plan_violations(Plan& plan, const Story& story) {
  const std::int64_t back = story.return_ns;
  plan.if_has(kFine, back + 5 * kDay, &record_fine);
  plan.if_has(kFine, back + 6 * kDay, &capture_fine);
  plan.if_has(kFine, back + 7 * kDay, &pay_authority);
  plan.at(back + 11 * kDay, &query_violations);
  plan.at(back + 12 * kDay, &release_violation_hold);
  plan.if_has(kFineDismissed, back + 20 * kDay, &dismiss_fine);
  plan.if_has(kFineDismissed, back + 22 * kDay, &approve_fine_refund);
  plan.if_has(kFineDismissed, back + 24 * kDay, &pay_fine_refund);
  plan.if_has(kLateFine, back + 40 * kDay, &record_fine);
  plan.if_has(kLateFine, back + 45 * kDay, &pay_fine_by_card);
  plan.if_has(kLateFine, back + 46 * kDay, &pay_authority);
}

/// One round of a case that is being investigated since `at`. Returns when its result is told.
std::int64_t plan_round(Plan& plan, std::int64_t at) {
  plan.at(at + 5 * kHour, &conclude);
  plan.at(at + 6 * kHour, &propose);
  plan.at(at + 20 * kHour, &communicate);
  return at + 20 * kHour;
}

void plan_case(Plan& plan, const Story& story) {
  const std::int64_t begin = story.return_ns + 2 * kDay + 3 * kHour;
  plan.at(begin, &complain);
  plan.at(begin + kHour, &classify);
  plan.at(begin + 2 * kHour, &assign_case);
  plan.at(begin + 3 * kHour, &investigate);
  std::int64_t told = plan_round(plan, begin + 3 * kHour);
  if (story.has(kSilentComplainant)) {
    for (const std::int64_t day : {2, 4, 6}) {
      plan.at(told + day * kDay, &hear_nothing);
    }
    plan.at(told + 7 * kDay, &close_unanswered);
    return;
  }
  plan.at(told + kDay, &hear_satisfied);
  plan.at(told + kDay + kHour, &resolve);
  if (story.has(kReopened)) {
    plan.at(told + 4 * kDay, &reopen);
    told = plan_round(plan, told + 5 * kDay);
    plan.at(told + kDay, &hear_satisfied);
    plan.at(told + kDay + kHour, &resolve);
  }
  plan.at(told + 2 * kDay, &close_case);
}

}  // namespace

void plan(Story& story) {
  agree(story);
  Plan plan(story);
  plan_booking(plan, story);
  if (!story.has(kNoShow) && !story.has(kCancelled)) {
    plan_contract(plan, story);
    if (!story.has(kVoided)) {
      plan_custody(plan, story);
      plan_settlement(plan, story);
      plan_violations(plan, story);
    }
    if (story.has(kComplaint)) {
      plan_case(plan, story);
    }
  }
  plan.finish();
}

}  // namespace carnet::generate
