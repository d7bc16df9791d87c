// SPDX-License-Identifier: Apache-2.0
//
// Steps of stories, by what they are about. Each writes one commit; plan.cpp says when.
#pragma once

#include "writer.hpp"

namespace carnet::generate::step {

// steps_account.cpp
void give_bases(Writer& write, Story& story);
void collect_data(Writer& write, Story& story);
void verify_customer(Writer& write, Story& story);
void open_account(Writer& write, Story& story);

// steps_booking.cpp
void quote(Writer& write, Story& story);
void place(Writer& write, Story& story);
void confirm(Writer& write, Story& story);
void prepay(Writer& write, Story& story);
void cancel(Writer& write, Story& story);
void mark_no_show(Writer& write, Story& story);
void approve_rest(Writer& write, Story& story);
void pay_rest(Writer& write, Story& story);
void issue_voucher(Writer& write, Story& story);

// steps_contract.cpp
void draft(Writer& write, Story& story);
void disclose(Writer& write, Story& story);
void sign(Writer& write, Story& story);
void void_contract(Writer& write, Story& story);
void assign_vehicle(Writer& write, Story& story);
void hand_over(Writer& write, Story& story);
void correct_handover(Writer& write, Story& story);
void extend(Writer& write, Story& story);
void swap_vehicle(Writer& write, Story& story);
void take_back(Writer& write, Story& story);
void inspect_return(Writer& write, Story& story);
void assess_damage(Writer& write, Story& story);
void close_contract(Writer& write, Story& story);

// steps_deposit.cpp
void decline_hold(Writer& write, Story& story);
void freeze_hold(Writer& write, Story& story);
void increase_hold(Writer& write, Story& story);
void replace_hold(Writer& write, Story& story);
void release_part(Writer& write, Story& story);
void release_hold(Writer& write, Story& story);
void release_voided(Writer& write, Story& story);
void expire_hold(Writer& write, Story& story);
void capture(Writer& write, Story& story);
void report_late_capture(Writer& write, Story& story);
void report_over_capture(Writer& write, Story& story);
void approve_capture_refund(Writer& write, Story& story);
void pay_capture_refund(Writer& write, Story& story);
void freeze_violation_hold(Writer& write, Story& story);
void release_violation_hold(Writer& write, Story& story);

// steps_settlement.cpp
void post_charges(Writer& write, Story& story);
void post_by_mistake(Writer& write, Story& story);
void reverse_mistaken_charge(Writer& write, Story& story);
void reverse_part_of_charge(Writer& write, Story& story);
void redeem_voucher(Writer& write, Story& story);
void expire_voucher(Writer& write, Story& story);
void state(Writer& write, Story& story);
void accept(Writer& write, Story& story);
void finalize(Writer& write, Story& story);
void pay_by_card(Writer& write, Story& story);
void pay_twice(Writer& write, Story& story);
void reverse_second_payment(Writer& write, Story& story);
void pay_as_platform(Writer& write, Story& story);
void dispute_payment(Writer& write, Story& story);
void win_dispute(Writer& write, Story& story);
void lose_dispute(Writer& write, Story& story);
void pay_again(Writer& write, Story& story);

// steps_violation.cpp
void query_violations(Writer& write, Story& story);
void record_fine(Writer& write, Story& story);
void capture_fine(Writer& write, Story& story);
void pay_fine_by_card(Writer& write, Story& story);
void pay_authority(Writer& write, Story& story);
void dismiss_fine(Writer& write, Story& story);
void approve_fine_refund(Writer& write, Story& story);
void pay_fine_refund(Writer& write, Story& story);

// steps_case.cpp
void complain(Writer& write, Story& story);
void classify(Writer& write, Story& story);
void assign_case(Writer& write, Story& story);
void investigate(Writer& write, Story& story);
void conclude(Writer& write, Story& story);
void propose(Writer& write, Story& story);
void communicate(Writer& write, Story& story);
void hear_satisfied(Writer& write, Story& story);
void hear_nothing(Writer& write, Story& story);
void resolve(Writer& write, Story& story);
void close_case(Writer& write, Story& story);
void close_unanswered(Writer& write, Story& story);
void reopen(Writer& write, Story& story);

}  // namespace carnet::generate::step
