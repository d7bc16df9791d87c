// SPDX-License-Identifier: Apache-2.0
//
// Steps: quote and reservation, and how one ends without a contract.
#include "steps.hpp"

#include <carnet/schema/payment.capnp.h>
#include <carnet/schema/reservation.capnp.h>
#include <carnet/schema/settlement.capnp.h>

namespace carnet::generate::step {

namespace {

constexpr std::int64_t kPrepaid = 100'00;
constexpr std::int64_t kPenalty = 60'00;
constexpr std::int64_t kVoucherValue = 30'00;
constexpr const char* kPriceList = "2012";
constexpr const char* kBranches[] = {"branch.north", "branch.south", "branch.airport", "branch.station"};

std::string stream_of(const Writer& write) {
  return "reservation/" + write.id("");
}

const char* channel_of(const Story& story) {
  constexpr const char* kChannels[] = {"website", "mobileApp", "branch", "hotline"};
  return story.has(Variant::kPlatformOrder) ? "thirdPartyPlatform" : kChannels[story.number % 4];
}

std::string model_of(const Story& story) {
  return fmt::format("class{}", story.vehicle_class);
}

template <class Builder>
void set_rest(const Writer& write, Builder& event) {
  event.setRefundId(Writer::text(write.id(".r1")));
  event.setSource(schema::RefundSource::PAYMENT);
  event.setSourceId(Writer::text(write.id(".pp")));
  write.set(event.initAmount(), kPrepaid - kPenalty);
  event.setMethod("card");
}

}  // namespace

void quote(Writer& write, Story& story) {
  write.as("customer", ActorKind::kCustomer, "customer", channel_of(story));
  write.add<schema::QuoteIssued>(stream_of(write), [&](auto event) {
    event.setQuoteId(Writer::text(write.id(".q")));
    event.setPriceListVersion(kPriceList);
    event.setChannel(channel_of(story));
    event.setModel(Writer::text(model_of(story)));
    event.setFrom(story.pickup_ns);
    event.setTo(story.term_end_ns);
    auto lines = event.initLines(1);
    lines[0].setCode(Writer::text(model_of(story)));
    lines[0].setQty(story.days * 1000);
    write.set(lines[0].initAmount(), story.days * story.day_price);
    write.set(event.initTotal(), story.days * story.day_price);
  });
}

void place(Writer& write, Story& story) {
  write.as("customer", ActorKind::kCustomer, "customer", channel_of(story));
  write.add<schema::ReservationPlaced>(stream_of(write), [&](auto event) {
    if (story.has(Variant::kQuoted)) {
      event.setQuoteId(Writer::text(write.id(".q")));
    }
    auto pickup = event.initPickup();
    pickup.setBranchId(kBranches[story.number % 4]);
    pickup.setAt(story.pickup_ns);
    auto back = event.initReturn();
    back.setBranchId(kBranches[story.number / 4 % 4]);
    back.setAt(story.term_end_ns);
    event.setModel(Writer::text(model_of(story)));
  });
}

void confirm(Writer& write, Story& story) {
  write.add<schema::ReservationConfirmed>(stream_of(write), [&](auto event) {
    event.setReservationNo(Writer::text(write.id("")));
    event.setPickupBranchId(kBranches[story.number % 4]);
    event.setPickupAt(story.pickup_ns);
    event.setModel(Writer::text(model_of(story)));
    write.set(event.initEstimate(), story.days * story.day_price);
    auto terms = event.initFeeTerms(1);
    terms[0].setKind("penalty");
    terms[0].setWhen("noShow");
    write.set(terms[0].initAmount(), kPenalty);
  });
}

void prepay(Writer& write, Story&) {
  using Payment = schema::PaymentReceived;
  write.add<Payment>("payment", write.id(".pp"), [&](auto event) {
    event.setPaymentId(Writer::text(write.id(".pp")));
    event.setPayer(Payment::Payer::CUSTOMER);
    event.setPurpose(Payment::Purpose::PREPAYMENT);
    event.setMethod("card");
    write.set(event.initAmount(), kPrepaid);
    event.setPsp("psp1");
    event.setPspRef(Writer::text(write.id(".pp")));
  });
}

void cancel(Writer& write, Story&) {
  write.add<schema::ReservationCancelled>(stream_of(write), [&](auto event) {
    event.setBy(schema::ReservationCancelled::By::CUSTOMER);
    event.setReasonCode("changeOfPlans");
  });
}

void mark_no_show(Writer& write, Story&) {
  using Charge = schema::ChargePosted;
  write.add<Charge>("settlement/" + write.id(""), [&](auto event) {
    event.disownContractId();  // There is none.
    event.setChargeId(Writer::text(write.id(".c0")));
    event.setKind("penalty");
    event.setPayer(Charge::Payer::CUSTOMER);
    event.setQty(1000);
    write.set(event.initUnitPrice(), kPenalty);
    write.set(event.initAmount(), kPenalty);
    event.setDisclosedRef(Writer::text(write.id("")));
  });
  write.add<schema::ReservationMarkedNoShow>(stream_of(write), [&](auto event) {
    event.setReasonCode("notSeen");
    event.setChargeId(Writer::text(write.id(".c0")));
  });
}

void approve_rest(Writer& write, Story&) {
  write.add<schema::RefundApproved>("payment", write.id(".r1"), [&](auto event) {
    set_rest(write, event);
    event.setApprover("staff.9");
  });
}

void pay_rest(Writer& write, Story&) {
  write.add<schema::RefundPaid>("payment", write.id(".r1"), [&](auto event) { set_rest(write, event); });
}

void issue_voucher(Writer& write, Story&) {
  write.add<schema::VoucherIssued>("payment", write.id(".w"), [&](auto event) {
    event.setVoucherId(Writer::text(write.id(".w")));
    event.setKind(schema::VoucherIssued::Kind::REMEDY);
    event.setApprover("staff.9");
    write.set(event.initValue(), kVoucherValue);
    event.setExpiresAt(write.at_ns() + 90 * kDay);
  });
}

}  // namespace carnet::generate::step
