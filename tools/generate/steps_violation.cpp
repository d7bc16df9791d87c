// SPDX-License-Identifier: Apache-2.0
//
// Steps: fines, and the query for them.
#include "steps.hpp"

#include <carnet/schema/deposit.capnp.h>
#include <carnet/schema/payment.capnp.h>
#include <carnet/schema/rental.capnp.h>
#include <carnet/schema/violation.capnp.h>

namespace carnet::generate::step {

namespace {

constexpr const char* kAuthority = "authority.1";

template <class Builder>
void set_violation(Writer& write, const Story& story, Builder& event) {
  event.setViolationId(Writer::text(write.id(".f")));
  event.setAuthority(kAuthority);
  event.setVehicleId(Writer::text(fmt::format("V{}", story.vehicle)));
}

std::string stream_of(const Writer& write) {
  return "violation/" + write.id(".f");
}

template <class List>
void allocate(const Writer& write, const Story& story, List list) {
  list[0].setViolationId(Writer::text(write.id(".f")));
  write.set(list[0].initAmount(), story.fine);
}

template <class Builder>
void set_refund(const Writer& write, const Story& story, Builder& event) {
  event.setRefundId(Writer::text(write.id(".rf")));
  event.setSource(schema::RefundSource::CAPTURE);
  event.setSourceId(Writer::text(write.id(".kf")));
  write.set(event.initAmount(), story.fine);
  event.setMethod("card");
}

}  // namespace

void query_violations(Writer& write, Story& story) {
  const bool found = story.has(Variant::kFine);
  write.add<schema::ViolationQueryPerformed>("rental/" + write.id(""), [&](auto event) {
    event.setAuthority(kAuthority);
    event.setQueriedAt(write.at_ns());
    event.setCustodyFrom(story.pickup_ns);
    event.setCustodyUntil(story.return_ns);
    event.setFound(found ? 1 : 0);
    event.setFinal(true);
  });
}

void record_fine(Writer& write, Story& story) {
  story.fine = story.dice.between(3, 18) * 10'00;
  write.add<schema::TrafficViolationRecorded>(stream_of(write), [&](auto event) {
    set_violation(write, story, event);
    event.setViolationAt(story.return_ns - kHour / 2);
    write.set(event.initFine(), story.fine);
    event.setAuthorityRef(Writer::text(write.id(".f")));
    if (!story.account.empty()) {
      event.setLawfulBasisRef("violationHandling");
    }
  });
  write.add<schema::TrafficViolationCharged>(stream_of(write), [&](auto event) {
    set_violation(write, story, event);
    write.set(event.initFine(), story.fine);
  });
}

void capture_fine(Writer& write, Story& story) {
  write.add<schema::PreAuthorizationCaptured>("deposit/" + write.id(".v"), [&](auto event) {
    event.setDepositId(Writer::text(write.id(".v")));
    event.setHoldId(Writer::text(write.id(".hv")));
    event.setCaptureId(Writer::text(write.id(".kf")));
    write.set(event.initAmount(), story.fine);
    allocate(write, story, event.initAppliedTo(1));
    event.setFinal(false);
  });
}

void pay_fine_by_card(Writer& write, Story& story) {
  using Payment = schema::PaymentReceived;
  write.add<Payment>("payment", write.id(".pf"), [&](auto event) {
    event.setPaymentId(Writer::text(write.id(".pf")));
    event.setPayer(Payment::Payer::CUSTOMER);
    event.setPurpose(Payment::Purpose::SETTLEMENT);
    event.setMethod("card");
    write.set(event.initAmount(), story.fine);
    event.setPsp("psp1");
    event.setPspRef(Writer::text(write.id(".pf")));
    allocate(write, story, event.initAllocatedTo(1));
  });
}

void pay_authority(Writer& write, Story& story) {
  write.add<schema::FinePaidToAuthority>(stream_of(write), [&](auto event) {
    set_violation(write, story, event);
    write.set(event.initAmount(), story.fine);
    event.setReceipt(Writer::text(write.id(".paid")));
    event.setBorneBy(schema::FinePaidToAuthority::BorneBy::PARTY);
  });
}

void dismiss_fine(Writer& write, Story& story) {
  write.add<schema::TrafficViolationAmended>(stream_of(write), [&](auto event) {
    set_violation(write, story, event);
    event.setKind(schema::TrafficViolationAmended::Kind::DISMISSED);
    write.set(event.initNewFine(), 0);
  });
  write.add<schema::FineRefundedByAuthority>(stream_of(write), [&](auto event) {
    set_violation(write, story, event);
    write.set(event.initAmount(), story.fine);
    event.setReceipt(Writer::text(write.id(".back")));
  });
}

void approve_fine_refund(Writer& write, Story& story) {
  write.add<schema::RefundApproved>("payment", write.id(".rf"), [&](auto event) {
    set_refund(write, story, event);
    event.setApprover("staff.9");
  });
}

void pay_fine_refund(Writer& write, Story& story) {
  write.add<schema::RefundPaid>("payment", write.id(".rf"), [&](auto event) { set_refund(write, story, event); });
}

}  // namespace carnet::generate::step
