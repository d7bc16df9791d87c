// SPDX-License-Identifier: Apache-2.0
//
// Steps: charges, statement, payments, chargebacks.
#include "steps.hpp"

#include <carnet/schema/payment.capnp.h>
#include <carnet/schema/settlement.capnp.h>

namespace carnet::generate::step {

namespace {

using Charge = schema::ChargePosted;
using Payment = schema::PaymentReceived;

constexpr std::int64_t kOvertimeHour = 15'00;
constexpr std::int64_t kMistake = 35'00;
constexpr std::int64_t kVoucherValue = 30'00;
constexpr std::int64_t kGoodwill = 15'00;
constexpr std::int64_t kThousandths = 1000;
constexpr const char* kPlatform = "platform.1";

std::string settlement_of(const Writer& write) {
  return "settlement/" + write.id("");
}

struct Price {
  std::int64_t qty = 1;
  std::int64_t unit = 0;
};

EventDraft& post(Writer& write, const Story& story, const StandingCharge& charge, Price price) {
  return write.add<Charge>(settlement_of(write), [&](auto event) {
    event.setChargeId(Writer::text(write.id(charge.suffix)));
    event.setKind(charge.kind);
    const bool platform = story.has(Variant::kPlatformOrder);
    event.setPayer(platform ? Charge::Payer::PLATFORM : Charge::Payer::CUSTOMER);
    if (platform) {
      event.setPayerId(kPlatform);
    }
    event.setQty(price.qty * kThousandths);
    write.set(event.initUnitPrice(), price.unit);
    write.set(event.initAmount(), charge.amount);
    event.setDisclosedRef(Writer::text(write.id(".fees")));
    if (std::string_view(charge.kind) == "damage") {
      event.setDamageId(Writer::text(write.id(".d1")));
    }
  });
}

void charge(Writer& write, Story& story, StandingCharge charge, Price price) {
  post(write, story, charge, price);
  story.charges.push_back(charge);
}

/// All that is due, to the charges.
template <class List>
void allocate(const Writer& write, const Story& story, List list) {
  unsigned i = 0;
  for (const StandingCharge& each : story.charges) {
    const std::int64_t less = i == 0 ? story.discounted + story.voucher_used : 0;
    list[i].setChargeId(Writer::text(write.id(each.suffix)));
    write.set(list[i].initAmount(), each.amount - less);
    ++i;
  }
}

EventDraft& pay(Writer& write, const Story& story, std::string_view suffix, bool allocated) {
  const std::string id = write.id(suffix);
  return write.add<Payment>("payment", id, [&](auto event) {
    event.setPaymentId(Writer::text(id));
    event.setPayer(Payment::Payer::CUSTOMER);
    event.setPurpose(Payment::Purpose::SETTLEMENT);
    event.setMethod("card");
    write.set(event.initAmount(), story.due());
    event.setPsp("psp1");
    event.setPspRef(Writer::text(id));
    if (allocated) {
      allocate(write, story, event.initAllocatedTo(static_cast<unsigned>(story.charges.size())));
    }
  });
}

void close_dispute(Writer& write, schema::ChargebackClosed::Outcome outcome) {
  write.add<schema::ChargebackClosed>("payment", write.id(".cb"), [&](auto event) {
    event.setChargebackId(Writer::text(write.id(".cb")));
    event.setOutcome(outcome);
  });
}

}  // namespace

void post_charges(Writer& write, Story& story) {
  charge(write, story, {"rental", ".c1", story.days * story.day_price}, {story.days, story.day_price});
  if (story.has(Variant::kLateReturn)) {
    const std::int64_t hours = (story.return_ns - story.term_end_ns + kHour - 1) / kHour;
    charge(write, story, {"overtime", ".c2", hours * kOvertimeHour}, {hours, kOvertimeHour});
  }
  if (story.has(Variant::kDamage)) {
    const std::int64_t repair = story.dice.between(4, 20) * 10'00;
    charge(write, story, {"damage", ".c3", repair}, {1, repair});
  }
  if (story.has(Variant::kDiscount)) {
    story.discounted = story.days * story.day_price / 10;
    write.add<schema::DiscountApplied>(settlement_of(write), [&](auto event) {
      event.setChargeId(Writer::text(write.id(".c1")));
      write.set(event.initAmount(), story.discounted);
      event.setSource("goodwill");
      event.setApprover("staff.9");
    });
  }
}

void post_by_mistake(Writer& write, Story& story) {
  story.mistake_at = write.next_position();
  post(write, story, {"fuelDifference", ".cx", kMistake}, {1, kMistake});
}

void reverse_mistaken_charge(Writer& write, Story& story) {
  EventDraft& event = post(write, story, {"fuelDifference", ".cx", kMistake}, {1, kMistake});
  event.corrects = {.position = story.mistake_at, .kind = CorrectionKind::kReversal};
}

void reverse_part_of_charge(Writer& write, Story&) {
  write.add<schema::ChargeReversed>(settlement_of(write), [&](auto event) {
    event.setChargeId(Writer::text(write.id(".c1")));
    write.set(event.initAmount(), kGoodwill);
    event.setReasonCode("goodwill");
  });
}

void redeem_voucher(Writer& write, Story& story) {
  story.voucher_used = kVoucherValue / 2;
  write.add<schema::VoucherRedeemed>("payment", write.id(".w"), [&](auto event) {
    event.setVoucherId(Writer::text(write.id(".w")));
    event.setChargeId(Writer::text(write.id(".c1")));
    write.set(event.initAmount(), story.voucher_used);
  });
}

void expire_voucher(Writer& write, Story& story) {
  write.add<schema::VoucherExpired>("payment", write.id(".w"), [&](auto event) {
    event.setVoucherId(Writer::text(write.id(".w")));
    write.set(event.initAmount(), kVoucherValue - story.voucher_used);
  });
}

void state(Writer& write, Story& story) {
  ++story.statements;
  write.add<schema::SettlementStatementIssued>(settlement_of(write), [&](auto event) {
    event.setStatementNo(Writer::text(write.id("-", story.statements)));
    event.setRevision(story.statements);
    auto lines = event.initLines(static_cast<unsigned>(story.charges.size()));
    for (unsigned i = 0; i < lines.size(); ++i) {
      const StandingCharge& each = story.charges[i];
      lines[i].setChargeId(Writer::text(write.id(each.suffix)));
      lines[i].setKind(each.kind);
      lines[i].setQty(kThousandths);
      write.set(lines[i].initUnitPrice(), each.amount);
      write.set(lines[i].initAmount(), each.amount);
    }
    write.set(event.initDiscounts(), story.discounted);
    write.set(event.initPayments(), story.voucher_used);
    write.set(event.initHoldsApplied(), 0);
    write.set(event.initTotalDue(), story.due());
  });
}

void accept(Writer& write, Story& story) {
  write.add<schema::SettlementAnswered>(settlement_of(write), [&](auto event) {
    event.setStatementNo(Writer::text(write.id("-", story.statements)));
    event.setAnswer(schema::SettlementAnswered::Answer::ACCEPTED);
  });
}

void finalize(Writer& write, Story& story) {
  using Ground = schema::SettlementFinalized::Ground;
  write.add<schema::SettlementFinalized>(settlement_of(write), [&](auto event) {
    event.setStatementNo(Writer::text(write.id("-", story.statements)));
    event.setGround(story.has(Variant::kSilentOnBill) ? Ground::NO_ANSWER : Ground::ACCEPTED);
  });
}

void pay_by_card(Writer& write, Story& story) {
  pay(write, story, ".p1", true);
}

void pay_twice(Writer& write, Story& story) {
  story.mistake_at = write.next_position();
  pay(write, story, ".p2", false);
}

void reverse_second_payment(Writer& write, Story& story) {
  EventDraft& event = pay(write, story, ".p2", false);
  event.corrects = {.position = story.mistake_at, .kind = CorrectionKind::kReversal};
}

void pay_as_platform(Writer& write, Story& story) {
  const std::string id = write.id(".p1");
  write.add<Payment>("payment", id, [&](auto event) {
    event.setPaymentId(Writer::text(id));
    event.disownParty();
    event.setPartnerId(kPlatform);
    event.setPayer(Payment::Payer::PLATFORM);
    event.setPayerId(kPlatform);
    event.setPurpose(Payment::Purpose::SETTLEMENT);
    event.setMethod("bankTransfer");
    const std::int64_t commission = story.due() / 10;
    write.set(event.initAmount(), story.due() - commission);
    auto deductions = event.initDeductions(1);
    deductions[0].setKind("commission");
    write.set(deductions[0].initAmount(), commission);
  });
}

void dispute_payment(Writer& write, Story& story) {
  write.as_report();
  write.add<schema::ChargebackReceived>("payment", write.id(".cb"), [&](auto event) {
    event.setChargebackId(Writer::text(write.id(".cb")));
    event.setSource(schema::ChargebackReceived::Source::PAYMENT);
    event.setSourceId(Writer::text(write.id(".p1")));
    write.set(event.initAmount(), story.due());
    event.setReason("cardDispute");
  });
}

void win_dispute(Writer& write, Story&) {
  write.as_report();
  close_dispute(write, schema::ChargebackClosed::Outcome::WON);
}

void lose_dispute(Writer& write, Story&) {
  write.as_report();
  close_dispute(write, schema::ChargebackClosed::Outcome::LOST);
}

void pay_again(Writer& write, Story& story) {
  pay(write, story, ".p3", true);
}

}  // namespace carnet::generate::step
