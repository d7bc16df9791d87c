// SPDX-License-Identifier: Apache-2.0
//
// Steps: the security hold and the hold for violations.
#include "steps.hpp"

#include <carnet/schema/deposit.capnp.h>
#include <carnet/schema/payment.capnp.h>

namespace carnet::generate::step {

namespace {

using Purpose = schema::DepositPurpose;
using Instrument = schema::DepositReleased::Instrument;
using Source = schema::RefundSource;

constexpr std::int64_t kValidity = 30 * kDay;
constexpr std::int64_t kViolationHold = 200'00;
constexpr std::int64_t kIncrement = 150'00;
constexpr std::int64_t kPart = 50'00;
constexpr std::int64_t kTooMuch = 20'00;
constexpr std::int64_t kGoodwill = 15'00;

std::string stream_of(const Writer& write) {
  return "deposit/" + write.id(".s");
}

std::string hold_id(const Writer& write, const Story& story) {
  return write.id(".h", story.hold);
}

template <class Builder>
void set_hold(Writer& write, const Story& story, Builder& event) {
  event.setDepositId(Writer::text(write.id(".s")));
  event.setHoldId(Writer::text(hold_id(write, story)));
}

void freeze(Writer& write, Story& story, std::int64_t amount, const std::string& replaces) {
  story.hold_left = amount;
  story.hold_ends_ns = write.at_ns() + kValidity;
  write.add<schema::PreAuthorizationRequested>(stream_of(write), [&](auto event) {
    set_hold(write, story, event);
    event.setPurpose(Purpose::SECURITY);
    write.set(event.initAmount(), amount);
  });
  write.add<schema::PreAuthorizationFrozen>(stream_of(write), [&](auto event) {
    set_hold(write, story, event);
    if (!replaces.empty()) {
      event.setReplaces(Writer::text(replaces));
    }
    write.set(event.initAmount(), amount);
    event.setPsp("psp1");
    event.setNetwork(story.number % 3 == 0 ? "mastercard" : "visa");
    event.setPspRef(Writer::text(hold_id(write, story)));
    event.setExpiresAt(story.hold_ends_ns);
    event.setDisclosedRef(Writer::text(write.id(".terms")));
  });
}

void release(Writer& write, Story& story, std::int64_t amount, const char* reason) {
  write.add<schema::DepositReleased>(stream_of(write), [&](auto event) {
    set_hold(write, story, event);
    event.setInstrument(Instrument::PRE_AUTHORIZATION);
    write.set(event.initAmount(), amount);
    event.setReason(reason);
  });
  story.hold_left -= amount;
}

template <class List>
void allocate(const Writer& write, const Story& story, List list) {
  unsigned i = 0;
  for (const StandingCharge& charge : story.charges) {
    const std::int64_t less = i == 0 ? story.discounted + story.voucher_used : 0;
    list[i].setChargeId(Writer::text(write.id(charge.suffix)));
    write.set(list[i].initAmount(), charge.amount - less);
    ++i;
  }
}

void capture_due(Writer& write, Story& story, bool is_final) {
  write.add<schema::PreAuthorizationCaptured>(stream_of(write), [&](auto event) {
    set_hold(write, story, event);
    event.setCaptureId(Writer::text(write.id(".k1")));
    write.set(event.initAmount(), story.due());
    allocate(write, story, event.initAppliedTo(static_cast<unsigned>(story.charges.size())));
    event.setFinal(is_final);
  });
  story.captured = story.due();
  story.hold_left = 0;
}

}  // namespace

void decline_hold(Writer& write, Story& story) {
  write.add<schema::PreAuthorizationRequested>(stream_of(write), [&](auto event) {
    set_hold(write, story, event);
    event.setPurpose(Purpose::SECURITY);
    write.set(event.initAmount(), story.hold_amount);
  });
  write.add<schema::PreAuthorizationDeclined>(stream_of(write), [&](auto event) {
    set_hold(write, story, event);
    event.setReasonCode("insufficientFunds");
  });
  ++story.hold;
}

void freeze_hold(Writer& write, Story& story) {
  freeze(write, story, story.hold_amount, {});
}

void increase_hold(Writer& write, Story& story) {
  story.hold_left += kIncrement;
  write.add<schema::PreAuthorizationChanged>(stream_of(write), [&](auto event) {
    set_hold(write, story, event);
    write.set(event.initDelta(), kIncrement);
    write.set(event.initNewTotal(), story.hold_left);
  });
}

void replace_hold(Writer& write, Story& story) {
  const std::string old = hold_id(write, story);
  const std::int64_t amount = story.hold_left;
  release(write, story, amount, "replaced");
  ++story.hold;
  freeze(write, story, amount, old);
}

void release_part(Writer& write, Story& story) {
  release(write, story, kPart, "goodwill");
}

void release_hold(Writer& write, Story& story) {
  release(write, story, story.hold_left, "settled");
}

void release_voided(Writer& write, Story& story) {
  release(write, story, story.hold_left, "cancelled");
}

void expire_hold(Writer& write, Story& story) {
  write.add<schema::PreAuthorizationExpired>(stream_of(write), [&](auto event) {
    set_hold(write, story, event);
    write.set(event.initAmount(), story.hold_left);
  });
  story.hold_left = 0;
}

void capture(Writer& write, Story& story) {
  capture_due(write, story, true);
}

void report_late_capture(Writer& write, Story& story) {
  write.as_report();
  capture_due(write, story, true);
}

void report_over_capture(Writer& write, Story& story) {
  write.as_report();
  write.add<schema::PreAuthorizationCaptured>(stream_of(write), [&](auto event) {
    set_hold(write, story, event);
    event.setCaptureId(Writer::text(write.id(".k2")));
    write.set(event.initAmount(), kTooMuch);
    event.setFinal(true);
  });
}

void approve_capture_refund(Writer& write, Story& story) {
  const bool over = story.has(Variant::kOverCapture);
  write.add<schema::RefundApproved>("payment", write.id(".r1"), [&](auto event) {
    event.setRefundId(Writer::text(write.id(".r1")));
    event.setSource(Source::CAPTURE);
    event.setSourceId(Writer::text(write.id(over ? ".k2" : ".k1")));
    write.set(event.initAmount(), over ? kTooMuch : kGoodwill);
    event.setMethod("card");
    event.setApprover("staff.9");
  });
}

void pay_capture_refund(Writer& write, Story& story) {
  const bool over = story.has(Variant::kOverCapture);
  write.add<schema::RefundPaid>("payment", write.id(".r1"), [&](auto event) {
    event.setRefundId(Writer::text(write.id(".r1")));
    event.setSource(Source::CAPTURE);
    event.setSourceId(Writer::text(write.id(over ? ".k2" : ".k1")));
    write.set(event.initAmount(), over ? kTooMuch : kGoodwill);
    event.setMethod("card");
  });
}

void freeze_violation_hold(Writer& write, Story& story) {
  const std::string stream = "deposit/" + write.id(".v");
  const auto set = [&](auto& event) {
    event.setDepositId(Writer::text(write.id(".v")));
    event.setHoldId(Writer::text(write.id(".hv")));
    write.set(event.initAmount(), kViolationHold);
  };
  write.add<schema::PreAuthorizationRequested>(stream, [&](auto event) {
    set(event);
    event.setPurpose(Purpose::VIOLATION);
  });
  write.add<schema::PreAuthorizationFrozen>(stream, [&](auto event) {
    set(event);
    event.setPsp("psp1");
    event.setNetwork(story.number % 3 == 0 ? "mastercard" : "visa");
    event.setPspRef(Writer::text(write.id(".hv")));
    event.setExpiresAt(write.at_ns() + kValidity);
    event.setDisclosedRef(Writer::text(write.id(".terms")));
  });
}

void release_violation_hold(Writer& write, Story& story) {
  const std::int64_t left = kViolationHold - (story.has(Variant::kFine) ? story.fine : 0);
  write.add<schema::DepositReleased>("deposit/" + write.id(".v"), [&](auto event) {
    event.setDepositId(Writer::text(write.id(".v")));
    event.setHoldId(Writer::text(write.id(".hv")));
    event.setInstrument(Instrument::PRE_AUTHORIZATION);
    write.set(event.initAmount(), left);
    event.setReason("queryPeriodEnded");
  });
}

}  // namespace carnet::generate::step
