// SPDX-License-Identifier: Apache-2.0
//
// Steps: the contract with what is disclosed before it, the vehicle, its inspections.
#include "steps.hpp"

#include <carnet/rental/inspections.hpp>
#include <carnet/schema/inspection.capnp.h>
#include <carnet/schema/rental.capnp.h>
#include <carnet/schema/reservation.capnp.h>

#include <array>
#include <cstddef>

namespace carnet::generate::step {

namespace {

using Side = schema::InspectionSide;

constexpr const char* kTopics[] = {"termCalculation", "overtimeFee", "mileageLimit", "insuranceCover",
                                   "exclusions",      "penalty",     "fuelPolicy",   "violationHandling"};
constexpr const char* kChecklist[] = {"body",  "interior", "tyres", "spareTyre", "lights", "airConditioning",
                                      "audio", "brakes",   "tools"};
constexpr std::int64_t kViolationHold = 200'00;
constexpr std::int64_t kQueryDays = 10;
constexpr std::uint32_t kKmADay = 180;

std::string stream_of(const Writer& write) {
  return "rental/" + write.id("");
}

std::string vehicle_of(const Story& story) {
  return fmt::format(FMT_COMPILE("V{}"), story.vehicle);
}

std::string inspection_of(const Writer& write, const Story& story) {
  return write.id(".i", story.leg);
}

capnp::Data::Reader digest_data(const std::array<std::byte, 32>& digest) {
  return as_data(digest);
}

/// Some digest of a document that is kept elsewhere.
std::array<std::byte, 32> document_of(Story& story) {
  std::array<std::byte, 32> digest{};
  for (std::byte& each : digest) {
    each = static_cast<std::byte>(story.dice.below(256));
  }
  return digest;
}

template <class Builder>
void set_leg(const Writer& write, const Story& story, Builder& event) {
  event.setInspectionId(Writer::text(inspection_of(write, story)));
  event.setVehicleId(Writer::text(vehicle_of(story)));
  event.setLeg(story.leg);
}

/// Both sides sign: the customer by a sealed signature, where there is a key to seal it.
void sign_by(EventDraft& event, const Story& story) {
  if (!story.account.empty()) {
    event.personal.push_back({.path = "signature", .plaintext = "signed"});
  }
}

/// Inspection with photo and signature of one side of a leg.
std::array<std::byte, 32> record(Writer& write, Story& story, Side side) {
  const auto photo = document_of(story);
  const EventDraft& recorded =
      write.add<schema::InspectionRecorded>("inspection", inspection_of(write, story), [&](auto event) {
        set_leg(write, story, event);
        event.setSide(side);
        event.setChecklistVersion("1");
        event.setOdometer(story.odometer);
        event.setFuel(1000);
        auto items = event.initItems(static_cast<unsigned>(std::size(kChecklist)));
        for (unsigned i = 0; i < items.size(); ++i) {
          items[i].setItem(kChecklist[i]);
          items[i].setState("ok");
        }
      });
  const auto digest = carnet::inspection_digest(recorded);
  if (side == Side::RETURN) {
    return digest;
  }
  write.add<schema::InspectionMediaAttached>("inspection", inspection_of(write, story), [&](auto event) {
    set_leg(write, story, event);
    event.setSide(side);
    event.setMedia(digest_data(photo));
    event.setKind(schema::InspectionMediaAttached::Kind::PHOTO);
    event.setTakenAt(write.at_ns());
  });
  return digest;
}

void sign_handover(Writer& write, Story& story) {
  sign_by(write.add<schema::HandoverInspectionSigned>("inspection", inspection_of(write, story),
                                                      [&](auto event) {
                                                        set_leg(write, story, event);
                                                        event.setInspectionDigest(digest_data(story.handover_digest));
                                                        event.setStaffId("staff.3");
                                                        event.setCustomerPresent(true);
                                                      }),
          story);
}

void sign_return(Writer& write, Story& story, const std::array<std::byte, 32>& digest) {
  sign_by(write.add<schema::ReturnInspectionSigned>("inspection", inspection_of(write, story),
                                                    [&](auto event) {
                                                      set_leg(write, story, event);
                                                      event.setInspectionDigest(digest_data(digest));
                                                      event.setStaffId("staff.3");
                                                      event.setCustomerPresent(true);
                                                    }),
          story);
}

EventDraft& add_handover(Writer& write, Story& story, const char* branch, std::int64_t at_ns) {
  EventDraft& draft = write.add<schema::VehicleHandedOver>(stream_of(write), [&](auto event) {
    event.setVehicleId(Writer::text(vehicle_of(story)));
    event.setBranchId(branch);
    event.setInspectionId(Writer::text(inspection_of(write, story)));
    event.setAt(at_ns);
    set_box(event.initOdometer(), story.odometer);
    set_box(event.initFuel(), std::uint16_t{1000});
    set_box(event.initPlannedReturn(), Timestamp{story.term_end_ns});
    event.setAttended(true);
  });
  draft.occurred_at = {at_ns};
  return draft;
}

void drive(Writer& write, Story& story, std::int64_t days) {
  story.odometer += static_cast<std::uint32_t>(story.dice.between(20, kKmADay)) * static_cast<std::uint32_t>(days);
  write.fleet.odometers[story.vehicle] = story.odometer;
}

}  // namespace

void draft(Writer& write, Story& story) {
  write.add<schema::RentalContractDrafted>(stream_of(write), [&](auto event) {
    event.setCurrency(write.fleet.currency.packed());
    event.setVehicleClass(Writer::text(fmt::format("class{}", story.vehicle_class)));
    event.setTermFrom(story.pickup_ns);
    event.setTermTo(story.term_end_ns);
    event.setOvertimeRule("startedHour");
    event.setFuelPolicy("fullToFull");
    event.setPriceListVersion("2012");
  });
}

void disclose(Writer& write, Story& story) {
  write.add<schema::ContractTermsExplained>(stream_of(write), [&](auto event) {
    auto topics = event.initTopics(static_cast<unsigned>(std::size(kTopics)));
    for (unsigned i = 0; i < topics.size(); ++i) {
      topics.set(i, kTopics[i]);
    }
    event.setLanguage("en");
    event.setAcknowledged(true);
  });

  struct Fee {
    const char* kind;
    const char* basis;
    std::int64_t unit;
    std::int64_t estimate;
  };

  const std::int64_t rental = story.days * story.day_price;
  const Fee fees[] = {{"rental", "day", story.day_price, rental},
                      {"overtime", "hour", 15'00, 0},
                      {"damage", "repair", 200'00, 0},
                      {"fuelDifference", "litre", 2'00, 0},
                      {"penalty", "noShow", 60'00, 0}};
  write.add<schema::FeeScheduleDisclosed>(stream_of(write), [&](auto event) {
    auto lines = event.initLines(static_cast<unsigned>(std::size(fees)));
    for (unsigned i = 0; i < lines.size(); ++i) {
      lines[i].setChargeKind(fees[i].kind);
      lines[i].setBasis(fees[i].basis);
      write.set(lines[i].initUnitPrice(), fees[i].unit);
      write.set(lines[i].initEstimate(), fees[i].estimate);
    }
    write.set(event.initTotal(), rental);
  });
  write.add<schema::DepositTermsDisclosed>(stream_of(write), [&](auto event) {
    const auto procedure = document_of(story);
    auto items = event.initItems(2);
    for (unsigned i = 0; i < 2; ++i) {
      const bool security = i == 0;
      items[i].setPurpose(security ? schema::DepositPurpose::SECURITY : schema::DepositPurpose::VIOLATION);
      items[i].setInstrument(schema::DepositReleased::Instrument::PRE_AUTHORIZATION);
      items[i].setWhen(security ? schema::DepositTermsDisclosed::When::PICKUP
                                : schema::DepositTermsDisclosed::When::RETURN);
      write.set(items[i].initAmount(), security ? story.hold_amount + 150'00 : kViolationHold);
      items[i].setReleaseConditionCode(security ? "settled" : "queryPeriodEnded");
      items[i].setReleaseWithin(kQueryDays * kDay / kSecond);
      items[i].setQueryPeriodDays(security ? 0 : kQueryDays);
      items[i].setRefundProcedure(digest_data(procedure));
    }
  });
}

void sign(Writer& write, Story& story) {
  const auto signature = document_of(story);
  sign_by(write.add<schema::RentalContractSigned>(stream_of(write),
                                                  [&](auto event) {
                                                    event.setContractNo(Writer::text(write.id("")));
                                                    event.setSignatureDigest(digest_data(signature));
                                                    event.setStaffId("staff.3");
                                                    event.setTermsVersion("2012");
                                                  }),
          story);
  if (!story.has(Variant::kWalkIn)) {
    write.add<schema::ReservationFulfilled>("reservation/" + write.id(""), [&](auto) {});
  }
}

void void_contract(Writer& write, Story&) {
  write.add<schema::RentalContractVoided>(stream_of(write), [&](auto event) { event.setReasonCode("changeOfPlans"); });
}

// ---- Custody ----

void assign_vehicle(Writer& write, Story& story) {
  story.vehicle = write.fleet.take();
  story.odometer = write.fleet.odometers[story.vehicle];
  if (!story.has(Variant::kWalkIn)) {
    write.add<schema::VehicleAssigned>(stream_of(write), [&](auto event) {
      event.setVehicleId(Writer::text(vehicle_of(story)));
      event.setInspectionId(Writer::text(inspection_of(write, story)));
    });
  }
  story.handover_digest = record(write, story, Side::HANDOVER);
}

void hand_over(Writer& write, Story& story) {
  sign_handover(write, story);
  story.handover_at = write.next_position();
  story.pickup_ns = write.at_ns();
  add_handover(write, story, "branch.north", write.at_ns());
}

/// The branch was typed wrong. The correction stands at the time of what it corrects.
void correct_handover(Writer& write, Story& story) {
  EventDraft& event = add_handover(write, story, "branch.south", story.pickup_ns);
  event.corrects = {.position = story.handover_at, .kind = CorrectionKind::kCorrection};
}

void extend(Writer& write, Story& story) {
  const auto paper = document_of(story);
  write.add<schema::RentalContractAmended>(stream_of(write), [&](auto event) {
    event.setKind("extension");
    set_box(event.initNewTermTo(), Timestamp{story.term_end_ns});
    event.setSignedRef(digest_data(paper));
    write.set(event.initEstimateDelta(), story.day_price);
  });
}

void swap_vehicle(Writer& write, Story& story) {
  drive(write, story, 1);
  const std::uint32_t old = story.vehicle;
  const std::string from = inspection_of(write, story);
  sign_return(write, story, record(write, story, Side::RETURN));
  story.vehicle = write.fleet.take();
  story.odometer = write.fleet.odometers[story.vehicle];
  ++story.leg;
  story.handover_digest = record(write, story, Side::HANDOVER);
  sign_handover(write, story);
  write.add<schema::VehicleSwapped>(stream_of(write), [&](auto event) {
    event.setFromVehicleId(Writer::text(fmt::format("V{}", old)));
    event.setToVehicleId(Writer::text(vehicle_of(story)));
    event.setAt(write.at_ns());
    event.setFromInspectionId(Writer::text(from));
    event.setToInspectionId(Writer::text(inspection_of(write, story)));
  });
  write.fleet.parked.push_back(old);
}

void take_back(Writer& write, Story& story) {
  drive(write, story, story.days);
  story.return_ns = write.at_ns();
  write.add<schema::VehicleReturned>(stream_of(write), [&](auto event) {
    event.setVehicleId(Writer::text(vehicle_of(story)));
    event.setBranchId("branch.north");
    event.setAt(write.at_ns());
    set_box(event.initOdometer(), story.odometer);
    set_box(event.initFuel(), std::uint16_t{1000});
    event.setAttended(true);
  });
  write.fleet.parked.push_back(story.vehicle);
}

void inspect_return(Writer& write, Story& story) {
  const auto digest = record(write, story, Side::RETURN);
  if (story.has(Variant::kDamage)) {
    const auto photo = document_of(story);
    write.add<schema::NewDamageIdentified>("inspection", inspection_of(write, story), [&](auto event) {
      set_leg(write, story, event);
      event.setDamageId(Writer::text(write.id(".d1")));
      event.setPart("rearBumper");
      event.setKind("scratch");
      event.initMedia(1).set(0, digest_data(photo));
      event.setComparedTo(digest_data(story.handover_digest));
    });
  }
  sign_return(write, story, digest);
}

void assess_damage(Writer& write, Story& story) {
  write.add<schema::DamagePositionRecorded>("inspection", inspection_of(write, story), [&](auto event) {
    set_leg(write, story, event);
    event.setDamageId(Writer::text(write.id(".d1")));
    event.setPosition(schema::DamagePositionRecorded::Position::ACKNOWLEDGED);
    event.setBy("customer");
  });
  write.add<schema::DamageAssessed>("inspection", inspection_of(write, story), [&](auto event) {
    set_leg(write, story, event);
    event.setDamageId(Writer::text(write.id(".d1")));
    write.set(event.initEstimate(), 200'00);
    event.setBasis("priceTable");
    write.set(event.initInsurerShare(), 0);
    write.set(event.initDeductible(), 200'00);
  });
}

void close_contract(Writer& write, Story&) {
  write.add<schema::RentalContractClosed>(stream_of(write), [&](auto event) { event.setReasonCode("settled"); });
}

}  // namespace carnet::generate::step
