// SPDX-License-Identifier: Apache-2.0
#include "support/rental_money.hpp"

#include <fmt/format.h>

#include <map>

namespace carnet::test {

namespace {

constexpr const char* kOrder = "O1";

/// Chart code of an account's path.
std::string chart_of(std::string_view path) {
  constexpr std::pair<std::string_view, std::string_view> kCodes[] = {
      {"asset/cash", "A1"},
      {"asset/pspClearing", "A2"},
      {"asset/receivable/customer", "A3"},
      {"asset/receivable/thirdParty", "A4"},
      {"expense", "E"},
      {"contraRevenue", "C1"},
      {"equity", "Q1"},
      {"liability/deposit/security", "L1"},
      {"liability/deposit/violation", "L2"},
      {"liability/customerCredit", "L3"},
      {"liability/refundPayable", "L4"},
      {"liability/finesPayable", "L5"},
      {"liability/compensationPayable", "L6"},
      {"liability/voucher", "L7"},
      {"liability/taxPayable", "L8"},
      {"liability/partnerPayable", "L9"},
      {"revenue", "R"},
  };
  for (const auto& [prefix, code] : kCodes) {
    if (path.starts_with(prefix)) {
      return std::string(code);
    }
  }
  return std::string(path);
}

}  // namespace

std::string MoneyFixture::columns() {
  auto view = ledger->view();
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> by_code;
  for (std::uint32_t i = 1; i <= (*view)->account_count(); ++i) {
    const auto account = (*view)->account(i);
    BOOST_REQUIRE(account);
    const Balance& balance = account->balance;
    BOOST_TEST((balance.pending_debits == 0 && balance.pending_credits == 0), account->path);
    auto& sums = by_code[chart_of(account->path)];
    sums.first += balance.posted_debits;
    sums.second += balance.posted_credits;
  }
  std::string out;
  for (const auto& [code, sums] : by_code) {
    if (sums.first != 0 || sums.second != 0) {
      out += fmt::format("{}{} {}/{}", out.empty() ? "" : " · ", code, sums.first, sums.second);
    }
  }
  return out;
}

std::int64_t MoneyFixture::sum() {
  auto view = ledger->view();
  std::int64_t debits = 0;
  std::int64_t credits = 0;
  for (std::uint32_t i = 1; i <= (*view)->account_count(); ++i) {
    const auto balance = (*view)->balance(i);
    debits += balance->posted_debits;
    credits += balance->posted_credits;
  }
  BOOST_TEST(debits == credits);
  return debits;
}

std::int64_t MoneyFixture::pending() {
  auto view = ledger->view();
  std::int64_t pending = 0;
  for (std::uint32_t i = 1; i <= (*view)->account_count(); ++i) {
    pending += (*view)->balance(i)->pending_debits;
  }
  return pending;
}

std::string MoneyFixture::hold_text(const std::string& deposit, const std::string& hold) {
  auto view = ledger->view();
  const auto found = find_hold(**view, deposit, hold);
  BOOST_REQUIRE((found && *found));
  const HoldSummary& now = **found;
  BOOST_TEST(now.frozen == now.captured + now.released + now.expired + now.remaining);
  return fmt::format("{} {} {} {} {} {}{}", now.state, now.frozen, now.captured, now.released, now.expired,
                     now.remaining, now.beyond == 0 ? "" : fmt::format(" beyond {}", now.beyond));
}

std::string MoneyFixture::deposit_text(const std::string& deposit) {
  auto view = ledger->view();
  const auto found = find_deposit(**view, deposit);
  BOOST_REQUIRE((found && *found));
  const DepositSummary& now = **found;
  return fmt::format("{} {} {} {} {} {} {}", now.instrument, now.state, now.collected, now.applied, now.released,
                     now.charged_back, now.remaining);
}

std::string MoneyFixture::charge_text(const std::string& charge) {
  auto view = ledger->view();
  const auto found = find_charge(**view, charge);
  BOOST_REQUIRE((found && *found));
  const ChargeSummary& now = **found;
  return fmt::format("{} {} {} {} {} {}", now.state, now.amount, now.reversed, now.discounted, now.paid, now.owed);
}

std::string MoneyFixture::payment_text(const std::string& payment) {
  auto view = ledger->view();
  const auto found = find_payment(**view, payment);
  BOOST_REQUIRE((found && *found));
  const PaymentSummary& now = **found;
  return fmt::format("{} {} {} {} {} {}", now.state, now.amount, now.approved, now.refunded, now.charged_back,
                     now.remaining);
}

std::string MoneyFixture::refund_text(const std::string& refund) {
  auto view = ledger->view();
  const auto found = find_refund(**view, refund);
  BOOST_REQUIRE((found && *found));
  return fmt::format("{} {} {} {}", (*found)->state, (*found)->approved, (*found)->paid, (*found)->remaining);
}

std::string MoneyFixture::chargeback_text(const std::string& chargeback) {
  auto view = ledger->view();
  const auto found = find_chargeback(**view, chargeback);
  BOOST_REQUIRE((found && *found));
  return fmt::format("{} {}", (*found)->state, (*found)->amount);
}

std::string MoneyFixture::voucher_text(const std::string& voucher) {
  auto view = ledger->view();
  const auto found = find_voucher(**view, voucher);
  BOOST_REQUIRE((found && *found));
  const VoucherSummary& now = **found;
  return fmt::format("{} {} {} {} {}", now.state, now.value, now.redeemed, now.expired, now.remaining);
}

std::string MoneyFixture::settlement_state() {
  auto view = ledger->view();
  const auto found = find_settlement(**view, kOrder);
  BOOST_REQUIRE((found && *found));
  return std::string((*found)->state);
}

std::string MoneyFixture::no(EventDraft event) {
  const Refusal refusal = refuse(std::move(event));
  return fmt::format("{} {}", refusal.rule, refusal.error);
}

std::string MoneyFixture::reported(EventDraft event) {
  return codes(accept(report({std::move(event)})));
}

}  // namespace carnet::test
