// SPDX-License-Identifier: Apache-2.0
#include "support/rental_money.hpp"

#include <carnet/schema/inspection.capnp.h>

#include <fmt/format.h>

namespace carnet::test {

namespace {

constexpr const char* kOrder = "O1";

template <class Builder>
void set_order(Builder event, const std::string& party) {
  event.setOrderId(kOrder);
  event.setParty(party.c_str());
}

template <class Builder>
void set_deposit(Builder event, const std::string& deposit, const std::string& party) {
  event.setDepositId(deposit.c_str());
  event.setContractId("R1");
  set_order(event, party);
}

std::string stream(std::string_view family, const std::string& id) {
  return fmt::format("{}/{}", family, id);
}

}  // namespace

MoneyFixture::MoneyFixture(bool has_old_contract) {
  if (has_old_contract) {
    accept(history({handed_over("R1", "C1", day(0))}));
  }
}

Money MoneyFixture::money(std::int64_t minor) const {
  return {minor, *Currency::parse(currency)};
}

template <class List>
void MoneyFixture::fill(List allocations, const Parts& charges, const Parts& violations) const {
  unsigned i = 0;
  for (const auto& [id, amount] : charges) {
    allocations[i].setChargeId(id.c_str());
    set_money(allocations[i++].initAmount(), money(amount));
  }
  for (const auto& [id, amount] : violations) {
    allocations[i].setViolationId(id.c_str());
    set_money(allocations[i++].initAmount(), money(amount));
  }
}

// ---- Deposits ----

EventDraft MoneyFixture::requested(const std::string& deposit, const std::string& hold, std::int64_t amount,
                                   HoldPurpose purpose) {
  return make_event<schema::PreAuthorizationRequested>(stream("deposit", deposit), tick(), [&](auto event) {
    set_deposit(event, deposit, party);
    event.setHoldId(hold.c_str());
    event.setPurpose(purpose);
    set_money(event.initAmount(), money(amount));
  });
}

EventDraft MoneyFixture::frozen(const std::string& deposit, const std::string& hold, std::int64_t amount,
                                const std::string& replaces) {
  return make_event<schema::PreAuthorizationFrozen>(stream("deposit", deposit), tick(), [&](auto event) {
    set_deposit(event, deposit, party);
    event.setHoldId(hold.c_str());
    if (!replaces.empty()) {
      event.setReplaces(replaces.c_str());
    }
    set_money(event.initAmount(), money(amount));
    event.setPsp("psp1");
    event.setNetwork("visa");
    event.setPspRef(("ref-" + hold).c_str());
    event.setExpiresAt(day(8).ns);
  });
}

EventDraft MoneyFixture::changed(const std::string& deposit, const std::string& hold, std::int64_t delta,
                                 std::int64_t total) {
  return make_event<schema::PreAuthorizationChanged>(stream("deposit", deposit), tick(), [&](auto event) {
    set_deposit(event, deposit, party);
    event.setHoldId(hold.c_str());
    set_money(event.initDelta(), money(delta));
    set_money(event.initNewTotal(), money(total));
  });
}

EventDraft MoneyFixture::captured(const std::string& deposit, const std::string& hold, const std::string& capture,
                                  std::int64_t amount, const Parts& charges, const Parts& violations, bool is_final) {
  return make_event<schema::PreAuthorizationCaptured>(stream("deposit", deposit), tick(), [&](auto event) {
    set_deposit(event, deposit, party);
    event.setHoldId(hold.c_str());
    event.setCaptureId(capture.c_str());
    set_money(event.initAmount(), money(amount));
    fill(event.initAppliedTo(static_cast<unsigned>(charges.size() + violations.size())), charges, violations);
    event.setFinal(is_final);
  });
}

EventDraft MoneyFixture::expired(const std::string& deposit, const std::string& hold, std::int64_t amount) {
  return make_event<schema::PreAuthorizationExpired>(stream("deposit", deposit), tick(), [&](auto event) {
    set_deposit(event, deposit, party);
    event.setHoldId(hold.c_str());
    set_money(event.initAmount(), money(amount));
  });
}

EventDraft MoneyFixture::released(const std::string& deposit, const std::string& hold, std::int64_t amount) {
  return make_event<schema::DepositReleased>(stream("deposit", deposit), tick(), [&](auto event) {
    set_deposit(event, deposit, party);
    event.setInstrument(schema::DepositReleased::Instrument::PRE_AUTHORIZATION);
    event.setHoldId(hold.c_str());
    set_money(event.initAmount(), money(amount));
    event.setReason("settled");
  });
}

EventDraft MoneyFixture::collected(const std::string& deposit, std::int64_t amount, HoldPurpose purpose) {
  return make_event<schema::DepositCollected>(stream("deposit", deposit), tick(), [&](auto event) {
    set_deposit(event, deposit, party);
    set_money(event.initAmount(), money(amount));
    event.setMethod("cash");
    event.setReceiptNo("r-1");
    event.setPurpose(purpose);
  });
}

EventDraft MoneyFixture::applied(const std::string& deposit, std::int64_t amount, const Parts& charges) {
  return make_event<schema::DepositApplied>(stream("deposit", deposit), tick(), [&](auto event) {
    set_deposit(event, deposit, party);
    set_money(event.initAmount(), money(amount));
    fill(event.initAppliedTo(static_cast<unsigned>(charges.size())), charges, {});
  });
}

EventDraft MoneyFixture::given_back(const std::string& deposit, const std::string& refund, std::int64_t amount) {
  return make_event<schema::DepositReleased>(stream("deposit", deposit), tick(), [&](auto event) {
    set_deposit(event, deposit, party);
    event.setInstrument(schema::DepositReleased::Instrument::CASH);
    if (!refund.empty()) {
      event.setRefundId(refund.c_str());
    }
    set_money(event.initAmount(), money(amount));
    event.setReason("settled");
  });
}

// ---- Charges ----

EventDraft MoneyFixture::charged_with(const std::string& charge, const std::string& kind, std::int64_t amount,
                                      std::int64_t tax, const std::string& platform) {
  return make_event<schema::ChargePosted>(stream("settlement", kOrder), tick(), [&](auto event) {
    set_order(event, party);
    event.setChargeId(charge.c_str());
    event.setKind(kind.c_str());
    event.setPayer(platform.empty() ? schema::ChargePosted::Payer::CUSTOMER : schema::ChargePosted::Payer::PLATFORM);
    if (!platform.empty()) {
      event.setPayerId(platform.c_str());
    }
    event.setQty(1);
    set_money(event.initUnitPrice(), money(amount));
    set_money(event.initAmount(), money(amount));
    if (tax != 0) {
      set_money(event.initTax(), money(tax));
    }
    event.setDisclosedRef("fees-1");
    if (kind == "damage") {
      event.setDamageId(("D-" + charge).c_str());
    }
  });
}

EventDraft MoneyFixture::charge_reversed(const std::string& charge, std::int64_t amount, std::int64_t tax) {
  return make_event<schema::ChargeReversed>(stream("settlement", kOrder), tick(), [&](auto event) {
    set_order(event, party);
    event.setChargeId(charge.c_str());
    set_money(event.initAmount(), money(amount));
    if (tax != 0) {
      set_money(event.initTax(), money(tax));
    }
    event.setReasonCode("overturned");
  });
}

EventDraft MoneyFixture::discounted(const std::string& charge, std::int64_t amount) {
  return make_event<schema::DiscountApplied>(stream("settlement", kOrder), tick(), [&](auto event) {
    set_order(event, party);
    event.setChargeId(charge.c_str());
    set_money(event.initAmount(), money(amount));
    event.setSource("goodwill");
  });
}

EventDraft MoneyFixture::stated(const Parts& charges, std::int64_t discounts, std::int64_t payments, std::int64_t holds,
                                std::int64_t total) {
  return make_event<schema::SettlementStatementIssued>(stream("settlement", kOrder), tick(), [&](auto event) {
    set_order(event, party);
    event.setStatementNo("S-1");
    event.setRevision(1);
    auto lines = event.initLines(static_cast<unsigned>(charges.size()));
    for (unsigned i = 0; i < lines.size(); ++i) {
      lines[i].setChargeId(charges[i].first.c_str());
      lines[i].setKind("rental");
      lines[i].setQty(1);
      set_money(lines[i].initUnitPrice(), money(charges[i].second));
      set_money(lines[i].initAmount(), money(charges[i].second));
    }
    set_money(event.initDiscounts(), money(discounts));
    set_money(event.initPayments(), money(payments));
    set_money(event.initHoldsApplied(), money(holds));
    set_money(event.initTotalDue(), money(total));
  });
}

// ---- Payments ----

EventDraft MoneyFixture::paid(const std::string& payment, std::int64_t amount, const Parts& charges,
                              const Parts& violations, Purpose purpose) {
  Payment draft;
  draft.id = payment;
  draft.party = party;
  draft.order = kOrder;
  draft.purpose = purpose;
  draft.amount = money(amount);
  for (const auto& [id, part] : charges) {
    draft.to_charges.emplace_back(id, money(part));
  }
  for (const auto& [id, part] : violations) {
    draft.to_violations.emplace_back(id, money(part));
  }
  return carnet::test::received(draft, tick());
}

EventDraft MoneyFixture::refund_approved(const std::string& refund, RefundOf of, const std::string& source,
                                         std::int64_t amount) {
  return make_event<schema::RefundApproved>(stream("payment", refund), tick(), [&](auto event) {
    event.setRefundId(refund.c_str());
    set_order(event, party);
    event.setSource(of);
    event.setSourceId(source.c_str());
    set_money(event.initAmount(), money(amount));
    event.setMethod("card");
    event.setApprover("S9");
  });
}

EventDraft MoneyFixture::refund_paid(const std::string& refund, RefundOf of, const std::string& source,
                                     std::int64_t amount) {
  return make_event<schema::RefundPaid>(stream("payment", refund), tick(), [&](auto event) {
    event.setRefundId(refund.c_str());
    set_order(event, party);
    event.setSource(of);
    event.setSourceId(source.c_str());
    set_money(event.initAmount(), money(amount));
    event.setMethod("card");
  });
}

EventDraft MoneyFixture::charged_back(const std::string& chargeback, RefundOf of, const std::string& source,
                                      std::int64_t amount) {
  return make_event<schema::ChargebackReceived>(stream("payment", chargeback), tick(), [&](auto event) {
    event.setChargebackId(chargeback.c_str());
    set_order(event, party);
    event.setSource(static_cast<schema::ChargebackReceived::Source>(of));
    event.setSourceId(source.c_str());
    set_money(event.initAmount(), money(amount));
    event.setReason("cardDispute");
  });
}

EventDraft MoneyFixture::chargeback_closed(const std::string& chargeback, bool won) {
  return make_event<schema::ChargebackClosed>(stream("payment", chargeback), tick(), [&](auto event) {
    event.setChargebackId(chargeback.c_str());
    set_order(event, party);
    event.setOutcome(won ? schema::ChargebackClosed::Outcome::WON : schema::ChargebackClosed::Outcome::LOST);
  });
}

EventDraft MoneyFixture::voucher_issued(const std::string& voucher, std::int64_t value, const std::string& service_code,
                                        bool coupon) {
  using Kind = schema::VoucherIssued::Kind;
  return make_event<schema::VoucherIssued>(stream("payment", voucher), tick(), [&](auto event) {
    event.setVoucherId(voucher.c_str());
    event.setParty(party.c_str());
    event.setKind(coupon ? Kind::COUPON : Kind::REMEDY);
    if (service_code.empty()) {
      set_money(event.initValue(), money(value));
    } else {
      event.setServiceCode(service_code.c_str());
    }
    event.setExpiresAt(day(9).ns);
    event.setApprover("S9");
  });
}

EventDraft MoneyFixture::voucher_redeemed(const std::string& voucher, const std::string& charge, std::int64_t amount) {
  return make_event<schema::VoucherRedeemed>(stream("payment", voucher), tick(), [&](auto event) {
    event.setVoucherId(voucher.c_str());
    set_order(event, party);
    event.setChargeId(charge.c_str());
    set_money(event.initAmount(), money(amount));
  });
}

EventDraft MoneyFixture::voucher_expired(const std::string& voucher, std::int64_t amount) {
  return make_event<schema::VoucherExpired>(stream("payment", voucher), tick(), [&](auto event) {
    event.setVoucherId(voucher.c_str());
    event.setParty(party.c_str());
    set_money(event.initAmount(), money(amount));
  });
}

// ---- Steps ----

void MoneyFixture::hold(const std::string& deposit, const std::string& hold, std::int64_t amount, HoldPurpose purpose) {
  accept(decision({requested(deposit, hold, amount, purpose), frozen(deposit, hold, amount)}));
}

void MoneyFixture::change(const std::string& deposit, const std::string& hold, std::int64_t delta, std::int64_t total) {
  decide(changed(deposit, hold, delta, total));
}

std::uint64_t MoneyFixture::capture(const std::string& deposit, const std::string& hold, const std::string& capture,
                                    std::int64_t amount, const Parts& charges, const Parts& violations, bool is_final) {
  return decide(captured(deposit, hold, capture, amount, charges, violations, is_final));
}

void MoneyFixture::expire(const std::string& deposit, const std::string& hold, std::int64_t amount) {
  decide(expired(deposit, hold, amount));
}

void MoneyFixture::release(const std::string& deposit, const std::string& hold, std::int64_t amount) {
  decide(released(deposit, hold, amount));
}

std::uint64_t MoneyFixture::charge(const std::string& charge, const std::string& kind, std::int64_t amount) {
  if (kind == "damage") {
    // The customer acknowledged it before this ledger began.
    accept(history({make_event<schema::DamagePositionRecorded>("inspection/I0", day(0), [&](auto event) {
      event.setInspectionId("I0");
      event.setContractId("R1");
      event.setVehicleId("C1");
      event.setLeg(1);
      event.setDamageId(("D-" + charge).c_str());
      event.setPosition(schema::DamagePositionRecorded::Position::ACKNOWLEDGED);
      event.setBy("S1");
    })}));
  }
  return decide(charged_with(charge, kind, amount));
}

void MoneyFixture::charge_platform(const std::string& charge, const std::string& kind, std::int64_t amount) {
  decide(charged_with(charge, kind, amount, 0, "plat"));
}

void MoneyFixture::reverse_charge(const std::string& charge, std::int64_t amount) {
  decide(charge_reversed(charge, amount));
}

std::uint64_t MoneyFixture::pay(const std::string& payment, std::int64_t amount, const Parts& charges,
                                const Parts& violations) {
  return decide(paid(payment, amount, charges, violations));
}

void MoneyFixture::prepay(const std::string& payment, std::int64_t amount) {
  decide(paid(payment, amount, {}, {}, Purpose::PREPAYMENT));
}

void MoneyFixture::pay_platform(const std::string& payment, std::int64_t amount, std::int64_t commission) {
  Payment draft;
  draft.id = payment;
  draft.party.clear();
  draft.partner = "plat";
  draft.order = kOrder;
  draft.payer = Payer::PLATFORM;
  draft.payer_id = "plat";
  draft.method = "bankTransfer";
  draft.amount = money(amount);
  draft.deductions = {{"commission", money(commission)}};
  decide(carnet::test::received(draft, tick()));
}

void MoneyFixture::approve_refund(const std::string& refund, RefundOf of, const std::string& source,
                                  std::int64_t amount) {
  decide(refund_approved(refund, of, source, amount));
}

void MoneyFixture::pay_refund(const std::string& refund, RefundOf of, const std::string& source, std::int64_t amount) {
  decide(refund_paid(refund, of, source, amount));
}

void MoneyFixture::fine(const std::string& violation, std::int64_t amount) {
  const Violation of{.id = violation, .party = party, .contract = {}, .vehicle = {}};
  accept(decision({recorded(of, money(amount), tick()), carnet::test::charged(of, money(amount), {}, tick())}));
}

void MoneyFixture::pay_fine(const std::string& violation, std::int64_t amount) {
  const Violation of{.id = violation, .party = party, .contract = {}, .vehicle = {}};
  decide(paid_to_authority(of, money(amount), BorneBy::PARTY, tick()));
}

void MoneyFixture::settle(const std::string& settlement, std::int64_t sale, std::int64_t fee) {
  using Direction = schema::PspSettlementReceived::Direction;
  decide(make_event<schema::PspSettlementReceived>(stream("payment", settlement), tick(), [&](auto event) {
    event.setPspSettlementId(settlement.c_str());
    event.setPsp("psp1");
    auto lines = event.initLines(2);
    lines[0].setKind("sale");
    set_money(lines[0].initAmount(), money(sale));
    lines[0].setDirection(Direction::IN);
    lines[1].setKind("fee");
    set_money(lines[1].initAmount(), money(fee));
    lines[1].setDirection(Direction::OUT);
    set_money(event.initNet(), money(sale - fee));
    event.setDirection(Direction::IN);
  }));
}

void MoneyFixture::issue_voucher(const std::string& voucher, std::int64_t value) {
  decide(voucher_issued(voucher, value));
}

void MoneyFixture::redeem_voucher(const std::string& voucher, const std::string& charge, std::int64_t amount) {
  decide(voucher_redeemed(voucher, charge, amount));
}

void MoneyFixture::expire_voucher(const std::string& voucher, std::int64_t amount) {
  decide(voucher_expired(voucher, amount));
}

}  // namespace carnet::test
