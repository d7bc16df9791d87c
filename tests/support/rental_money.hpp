// SPDX-License-Identifier: Apache-2.0
//
// Short words for money flows of one order: holds, charges, payments, refunds, vouchers, fines. Everything is a
// decision about order O1 of one party, external/X, one minute after what went before.
#pragma once

#include "support/rental_fixture.hpp"

#include <carnet/rental/money_queries.hpp>
#include <carnet/schema/deposit.capnp.h>
#include <carnet/schema/settlement.capnp.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace carnet::test {

using HoldPurpose = schema::DepositPurpose;
using RefundOf = schema::RefundSource;
using Parts = std::vector<std::pair<std::string, std::int64_t>>;  ///< Id → minor units.

class MoneyFixture : public RentalFixture {
 public:
  /// Contract R1 is one of before this ledger, unless a test makes its own: nothing is known of its terms.
  explicit MoneyFixture(bool has_old_contract = true);

  // Drafts, for refusals and other bases.
  [[nodiscard]] EventDraft requested(const std::string& deposit, const std::string& hold, std::int64_t amount,
                                     HoldPurpose purpose = HoldPurpose::SECURITY);
  [[nodiscard]] EventDraft frozen(const std::string& deposit, const std::string& hold, std::int64_t amount,
                                  const std::string& replaces = {});
  [[nodiscard]] EventDraft changed(const std::string& deposit, const std::string& hold, std::int64_t delta,
                                   std::int64_t total);
  [[nodiscard]] EventDraft captured(const std::string& deposit, const std::string& hold, const std::string& capture,
                                    std::int64_t amount, const Parts& charges, const Parts& violations = {},
                                    bool is_final = false);
  [[nodiscard]] EventDraft expired(const std::string& deposit, const std::string& hold, std::int64_t amount);
  [[nodiscard]] EventDraft released(const std::string& deposit, const std::string& hold, std::int64_t amount);
  [[nodiscard]] EventDraft collected(const std::string& deposit, std::int64_t amount,
                                     HoldPurpose purpose = HoldPurpose::SECURITY);
  [[nodiscard]] EventDraft applied(const std::string& deposit, std::int64_t amount, const Parts& charges);
  [[nodiscard]] EventDraft given_back(const std::string& deposit, const std::string& refund, std::int64_t amount);
  [[nodiscard]] EventDraft charged_with(const std::string& charge, const std::string& kind, std::int64_t amount,
                                        std::int64_t tax = 0, const std::string& platform = {});
  [[nodiscard]] EventDraft charge_reversed(const std::string& charge, std::int64_t amount, std::int64_t tax = 0);
  [[nodiscard]] EventDraft discounted(const std::string& charge, std::int64_t amount);
  [[nodiscard]] EventDraft paid(const std::string& payment, std::int64_t amount, const Parts& charges,
                                const Parts& violations = {}, Purpose purpose = Purpose::SETTLEMENT);
  [[nodiscard]] EventDraft refund_approved(const std::string& refund, RefundOf of, const std::string& source,
                                           std::int64_t amount);
  [[nodiscard]] EventDraft refund_paid(const std::string& refund, RefundOf of, const std::string& source,
                                       std::int64_t amount);
  [[nodiscard]] EventDraft charged_back(const std::string& chargeback, RefundOf of, const std::string& source,
                                        std::int64_t amount);
  [[nodiscard]] EventDraft chargeback_closed(const std::string& chargeback, bool won);
  [[nodiscard]] EventDraft voucher_issued(const std::string& voucher, std::int64_t value,
                                          const std::string& service_code = {}, bool coupon = false);
  [[nodiscard]] EventDraft voucher_redeemed(const std::string& voucher, const std::string& charge, std::int64_t amount);
  [[nodiscard]] EventDraft voucher_expired(const std::string& voucher, std::int64_t amount);
  [[nodiscard]] EventDraft stated(const Parts& charges, std::int64_t discounts, std::int64_t payments,
                                  std::int64_t holds, std::int64_t total);

  // Steps that must be accepted.
  void hold(const std::string& deposit, const std::string& hold, std::int64_t amount,
            HoldPurpose purpose = HoldPurpose::SECURITY);
  void change(const std::string& deposit, const std::string& hold, std::int64_t delta, std::int64_t total);
  std::uint64_t capture(const std::string& deposit, const std::string& hold, const std::string& capture,
                        std::int64_t amount, const Parts& charges, const Parts& violations = {}, bool is_final = false);
  void expire(const std::string& deposit, const std::string& hold, std::int64_t amount);
  void release(const std::string& deposit, const std::string& hold, std::int64_t amount);
  std::uint64_t charge(const std::string& charge, const std::string& kind, std::int64_t amount);
  void charge_platform(const std::string& charge, const std::string& kind, std::int64_t amount);
  void reverse_charge(const std::string& charge, std::int64_t amount);
  std::uint64_t pay(const std::string& payment, std::int64_t amount, const Parts& charges,
                    const Parts& violations = {});
  void prepay(const std::string& payment, std::int64_t amount);
  void pay_platform(const std::string& payment, std::int64_t amount, std::int64_t commission);
  void approve_refund(const std::string& refund, RefundOf of, const std::string& source, std::int64_t amount);
  void pay_refund(const std::string& refund, RefundOf of, const std::string& source, std::int64_t amount);
  void fine(const std::string& violation, std::int64_t amount);
  void pay_fine(const std::string& violation, std::int64_t amount);
  void settle(const std::string& settlement, std::int64_t sale, std::int64_t fee);
  void issue_voucher(const std::string& voucher, std::int64_t value);
  void redeem_voucher(const std::string& voucher, const std::string& charge, std::int64_t amount);
  void expire_voucher(const std::string& voucher, std::int64_t amount);

  /// `A2 posted debits/credits · …` of every chart code that was used, in order; fails where a pending column is not 0.
  [[nodiscard]] std::string columns();
  /// Posted debits of all accounts; fails where credits differ.
  [[nodiscard]] std::int64_t sum();
  /// Pending debits of all accounts.
  [[nodiscard]] std::int64_t pending();

  // What the tables say, the amounts in the order of the summaries.
  [[nodiscard]] std::string hold_text(const std::string& deposit, const std::string& hold);
  [[nodiscard]] std::string deposit_text(const std::string& deposit);
  [[nodiscard]] std::string charge_text(const std::string& charge);
  [[nodiscard]] std::string payment_text(const std::string& payment);
  [[nodiscard]] std::string refund_text(const std::string& refund);
  [[nodiscard]] std::string chargeback_text(const std::string& chargeback);
  [[nodiscard]] std::string voucher_text(const std::string& voucher);
  [[nodiscard]] std::string settlement_state();
  /// `rule error` of a decision that must be refused.
  std::string no(EventDraft event);
  /// Names of the findings of a report that must be kept.
  std::string reported(EventDraft event);

  std::string currency = "CNY";
  std::string party = "external/X";
  int minute = 0;

 protected:
  [[nodiscard]] Money money(std::int64_t minor) const;

  [[nodiscard]] Timestamp tick() { return day(1, ++minute); }

 private:
  template <class List>
  void fill(List allocations, const Parts& charges, const Parts& violations) const;
};

}  // namespace carnet::test
