// SPDX-License-Identifier: Apache-2.0
//
// Questions about money to a rental ledger's head, or to it as of another time: deposits and their holds, settlements
// and their charges, payments, refunds, chargebacks, vouchers. They read tables, never the log; lists come in the order
// in which the things were first named. Amounts are minor units of `currency`. Stability: experimental until the domain
// is complete.
#pragma once

#include <carnet/rental/queries.hpp>

namespace carnet {

// Every function here: the view's ledger must be of rental_domain(). As of another time: the fold has the projections
// `deposits`, `settlements` or `payments`. Errors: those of the view (kCorruption, kStorage, kExpired); lists also
// kNotFound `AfterUnknown`: nothing has the id `page.after`. Threads: as the view. All states and names of enumerants
// are static text, as in DOMAIN.md §3.4 to §3.6.

/// One authorization of a deposit: frozen = captured + released + expired + remaining.
struct HoldSummary {
  std::string hold;
  std::string deposit;
  std::string_view state;  ///< `partiallyCaptured`
  std::string_view
      purpose;        ///< `security`, `violation`, `combined`; `unspecified`: it began in the middle, on `history`.
  Currency currency;  ///< None before it is frozen.
  std::int64_t frozen = 0;    ///< With increments.
  std::int64_t captured = 0;  ///< Out of the hold, less what was reversed.
  std::int64_t released = 0;  ///< Or voided: with a final or late capture, or when a capture was reversed.
  std::int64_t expired = 0;
  std::int64_t remaining = 0;
  std::int64_t beyond = 0;  ///< Captured late or in excess, beside the hold (PR-42, second form).
  std::optional<Timestamp> expires_at;
  bool assumed = false;  ///< Entered in the middle, on `history`.
};

/// A deposit: cash by its own amounts (collected = applied + released + charged_back + remaining), else by its holds.
struct DepositSummary {
  std::string deposit;
  std::string_view instrument;  ///< `cash`, `preAuthorization`.
  std::string_view state;       ///< Of cash: `held`; of holds `none`: each has its own.
  Currency currency;
  std::int64_t collected = 0;
  std::int64_t applied = 0;
  std::int64_t released = 0;
  std::int64_t charged_back = 0;
  std::int64_t remaining = 0;  ///< Of cash, or what is frozen now.
  std::string rental;          ///< Empty: not known.
  std::string order;
  std::string party;
  std::vector<HoldSummary> holds;  ///< In the order in which they began.
  bool assumed = false;
};

/// amount = reversed + discounted + paid + owed; owed below 0: more was paid than was left.
struct ChargeSummary {
  std::string charge;
  std::string_view state;  ///< `posted`
  std::string_view payer;  ///< `customer`, `platform`, `insurer`.
  Currency currency;
  std::int64_t amount = 0;  ///< Gross.
  std::int64_t tax = 0;     ///< The part of it that is tax.
  std::int64_t reversed = 0;
  std::int64_t discounted = 0;
  std::int64_t paid = 0;
  std::int64_t owed = 0;
};

/// What an order was charged: charged = sum of the charges less reversals and fuel credits.
struct SettlementSummary {
  std::string order;
  std::string_view state;  ///< `open`
  Currency currency;
  std::int64_t charged = 0;
  std::int64_t discounted = 0;
  std::int64_t charged_back = 0;  ///< Made due again by chargebacks.
  std::string rental;             ///< Empty: none.
  std::string party;
  std::vector<ChargeSummary> charges;  ///< In the order in which they were posted.
  bool assumed = false;
};

/// Money that came in: what is left of it may still be refunded, as far as no refund of it is approved.
struct PaymentSummary {
  std::string payment;
  std::string_view state;  ///< `received`
  Currency currency;
  std::int64_t amount = 0;
  std::int64_t approved = 0;  ///< Refunds of it, paid or not.
  std::int64_t refunded = 0;
  std::int64_t charged_back = 0;  ///< Less what was won.
  std::int64_t remaining = 0;     ///< amount less refunded and charged back.
  std::string order;
  std::string party;  ///< Empty: a partner's.
  bool assumed = false;
};

struct RefundSummary {
  std::string refund;
  std::string_view state;  ///< `approved`
  Currency currency;
  std::int64_t approved = 0;
  std::int64_t paid = 0;
  std::int64_t remaining = 0;
  std::string payment;  ///< It returns this one; empty: another source.
  std::string deposit;  ///< It returns this cash; empty: another source.
  std::string order;
  std::string party;
  bool assumed = false;
};

struct ChargebackSummary {
  std::string chargeback;
  std::string_view state;  ///< `open`, `won`, `lost`, `accepted`.
  Currency currency;
  std::int64_t amount = 0;
  std::string payment;  ///< What it disputes; empty: a capture or a deposit.
  std::string order;
  std::string party;
  bool assumed = false;
};

/// value = redeemed + expired + remaining; all 0 for service codes and coupons.
struct VoucherSummary {
  std::string voucher;
  std::string_view state;  ///< `issued`
  std::string_view kind;   ///< `remedy`, `coupon`; `unspecified`: not known.
  Currency currency;
  std::int64_t value = 0;
  std::int64_t redeemed = 0;
  std::int64_t expired = 0;
  std::int64_t remaining = 0;
  std::optional<Timestamp> expires_at;
  std::string party;
  bool assumed = false;
};

/// Called for each row; false ends the list.
using DepositVisitor = std::function<bool(const DepositSummary&)>;
using SettlementVisitor = std::function<bool(const SettlementSummary&)>;
using PaymentVisitor = std::function<bool(const PaymentSummary&)>;
using RefundVisitor = std::function<bool(const RefundSummary&)>;
using ChargebackVisitor = std::function<bool(const ChargebackSummary&)>;
using VoucherVisitor = std::function<bool(const VoucherSummary&)>;

/// One hold or charge, or nothing. Cost: a look-up.
[[nodiscard]] Result<std::optional<HoldSummary>> find_hold(const StateView& view, std::string_view deposit,
                                                           std::string_view hold);
[[nodiscard]] Result<std::optional<ChargeSummary>> find_charge(const StateView& view, std::string_view charge);

/// One deposit with its holds, one settlement with its charges, or nothing. Cost: a pass over the rows of all holds, or
/// of all charges.
[[nodiscard]] Result<std::optional<DepositSummary>> find_deposit(const StateView& view, std::string_view id);
[[nodiscard]] Result<std::optional<SettlementSummary>> find_settlement(const StateView& view, std::string_view order);
/// Cost: one such pass for the whole list, which keeps a number for each hold or charge.
[[nodiscard]] Status list_deposits(const StateView& view, const Page& page, const DepositVisitor& visit);
[[nodiscard]] Status list_settlements(const StateView& view, const Page& page, const SettlementVisitor& visit);

[[nodiscard]] Result<std::optional<PaymentSummary>> find_payment(const StateView& view, std::string_view id);
[[nodiscard]] Status list_payments(const StateView& view, const Page& page, const PaymentVisitor& visit);
[[nodiscard]] Result<std::optional<RefundSummary>> find_refund(const StateView& view, std::string_view id);
[[nodiscard]] Status list_refunds(const StateView& view, const Page& page, const RefundVisitor& visit);
[[nodiscard]] Result<std::optional<ChargebackSummary>> find_chargeback(const StateView& view, std::string_view id);
[[nodiscard]] Status list_chargebacks(const StateView& view, const Page& page, const ChargebackVisitor& visit);
[[nodiscard]] Result<std::optional<VoucherSummary>> find_voucher(const StateView& view, std::string_view id);
[[nodiscard]] Status list_vouchers(const StateView& view, const Page& page, const VoucherVisitor& visit);

}  // namespace carnet
