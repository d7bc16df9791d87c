// SPDX-License-Identifier: Apache-2.0
#include "support/rental_contract.hpp"

#include "base/bytes.hpp"
#include "base/sha256.hpp"
#include "codec/json.hpp"
#include "rental/subject_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

namespace carnet::test {

namespace {

constexpr const char* kChecklist[] = {"body",  "interior", "tyres", "spareTyre", "lights", "airConditioning",
                                      "audio", "brakes",   "tools"};
constexpr const char* kTopics[] = {"termCalculation", "overtimeFee", "insuranceCover", "exclusions", "penalty"};

std::string vehicle_of(const std::string& inspection) {
  return "C" + inspection.substr(1);
}

EventDraft with_signature(EventDraft draft) {
  draft.personal.push_back({.path = "signature", .plaintext = "signed by hand"});
  return draft;
}

std::array<std::byte, 32> some_digest(std::string_view text) {
  return base::sha256(base::as_bytes(text));
}

}  // namespace

ContractFixture::ContractFixture() : MoneyFixture(false) {
  party = "account/A1";
  auto made = ledger->create_subject_key("A1", "D2", decision({}));
  BOOST_REQUIRE_MESSAGE(made, (made ? std::string() : made.error().to_line()));
  BOOST_REQUIRE(std::holds_alternative<Receipt>(*made));
}

template <class Type, class Fill>
EventDraft ContractFixture::of(std::string stream, Fill&& fill) {
  return make_event<Type>(std::move(stream), tick(), [&](auto event) {
    if constexpr (requires { event.setReservationId(""); }) {
      event.setReservationId("B1");
    }
    if constexpr (requires { event.setContractId(""); }) {
      event.setContractId("R1");
    }
    if constexpr (requires { event.setOrderId(""); }) {
      event.setOrderId("O1");
    }
    if constexpr (requires { event.setParty(""); }) {
      event.setParty(party.c_str());
    }
    fill(event);
  });
}

template <class Type, class Fill>
EventDraft ContractFixture::of_inspection(const std::string& inspection, Fill&& fill) {
  return of<Type>("inspection/" + inspection, [&](auto event) {
    event.setInspectionId(inspection.c_str());
    event.setVehicleId(vehicle_of(inspection).c_str());
    event.setLeg(1);
    fill(event);
  });
}

// ---- Prices and reservation ----

EventDraft ContractFixture::price_list(const std::string& version, Timestamp from, const Codes& channels) {
  return make_event<schema::PriceListPublished>("document/priceList", tick(), [&](auto event) {
    event.setVersion(version.c_str());
    event.setEffectiveFrom(from.ns);
    auto items = event.initItems(1);
    items[0].setCode("navigation");
    items[0].setUnit("day");
    set_money(items[0].initAmount(), money(20));
    auto list = event.initChannels(static_cast<unsigned>(channels.size()));
    for (unsigned i = 0; i < channels.size(); ++i) {
      list.set(i, channels[i].c_str());
    }
  });
}

EventDraft ContractFixture::quoted(const std::string& version, const std::string& channel) {
  return of<schema::QuoteIssued>("reservation/B1", [&](auto event) {
    event.setQuoteId("Q1");
    event.setPriceListVersion(version.c_str());
    event.setChannel(channel.c_str());
    event.setModel("small");
    event.setFrom(day(3).ns);
    event.setTo(day(5).ns);
    event.initOptions(0);
    event.initLines(0);
    set_money(event.initTotal(), money(300));
  });
}

EventDraft ContractFixture::placed(const std::string& account) {
  return of<schema::ReservationPlaced>("reservation/B1", [&](auto event) {
    if (!account.empty()) {
      event.disownParty();
      event.setAccountId(account.c_str());
    }
    auto pickup = event.initPickup();
    pickup.setBranchId("S1");
    pickup.setAt(day(3).ns);
    auto stop = event.initReturn();
    stop.setBranchId("S1");
    stop.setAt(day(5).ns);
    event.setModel("small");
  });
}

EventDraft ContractFixture::confirmed(const std::string& number, std::int64_t cancellation_fee) {
  return of<schema::ReservationConfirmed>("reservation/B1", [&](auto event) {
    event.setReservationNo(number.c_str());
    event.setPickupBranchId("S1");
    event.setPickupAt(day(3).ns);
    event.setModel("small");
    set_money(event.initEstimate(), money(300));
    auto terms = event.initFeeTerms(1);
    terms[0].setKind("cancellation");
    terms[0].setWhen("oneDayBefore");
    set_money(terms[0].initAmount(), money(cancellation_fee));
  });
}

EventDraft ContractFixture::reservation_cancelled(const std::string& charge) {
  return of<schema::ReservationCancelled>("reservation/B1", [&](auto event) {
    event.setBy(schema::ReservationCancelled::By::CUSTOMER);
    event.setReasonCode("plans");
    if (!charge.empty()) {
      event.setChargeId(charge.c_str());
    }
  });
}

EventDraft ContractFixture::no_show(const std::string& charge) {
  return of<schema::ReservationMarkedNoShow>("reservation/B1", [&](auto event) {
    event.setReasonCode("noShow");
    if (!charge.empty()) {
      event.setChargeId(charge.c_str());
    }
  });
}

EventDraft ContractFixture::fulfilled() {
  return of<schema::ReservationFulfilled>("reservation/B1", [](auto) {});
}

EventDraft ContractFixture::requested_specially(const std::string& request) {
  return of<schema::SpecialRequestRecorded>("reservation/B1", [&](auto event) {
    event.setRequestId(request.c_str());
    event.setKind("childSeat");
  });
}

EventDraft ContractFixture::resolved(const std::string& request, bool prepared) {
  using Result = schema::SpecialRequestResolved::Result;
  return of<schema::SpecialRequestResolved>("reservation/B1", [&](auto event) {
    event.setRequestId(request.c_str());
    event.setResult(prepared ? Result::PREPARED : Result::DECLINED);
  });
}

// ---- Contract ----

EventDraft ContractFixture::drafted(bool mileage_limit) {
  return of<schema::RentalContractDrafted>("rental/R1", [&](auto event) {
    event.setCurrency(Currency::parse(currency)->packed());
    event.setVehicleClass("small");
    event.setTermFrom(day(1).ns);
    event.setTermTo(day(5).ns);
    if (mileage_limit) {
      set_box(event.initMileageAllowance(), 500U);
    }
    event.setOvertimeRule("hourly");
    event.setFuelPolicy("fullToFull");
    event.setPriceListVersion("p1");
  });
}

EventDraft ContractFixture::explained(const Codes& topics, bool acknowledged) {
  return of<schema::ContractTermsExplained>("rental/R1", [&](auto event) {
    auto list = event.initTopics(static_cast<unsigned>(topics.size()));
    for (unsigned i = 0; i < topics.size(); ++i) {
      list.set(i, topics[i].c_str());
    }
    event.setLanguage("en");
    event.setAcknowledged(acknowledged);
  });
}

EventDraft ContractFixture::fees(std::int64_t total) {
  return of<schema::FeeScheduleDisclosed>("rental/R1", [&](auto event) {
    auto lines = event.initLines(2);
    const std::int64_t parts[] = {200, 100};
    for (unsigned i = 0; i < 2; ++i) {
      lines[i].setChargeKind(i == 0 ? "rental" : "insurance");
      lines[i].setBasis("day");
      set_money(lines[i].initUnitPrice(), money(parts[i]));
      set_money(lines[i].initEstimate(), money(parts[i]));
    }
    set_money(event.initTotal(), money(total));
  });
}

EventDraft ContractFixture::deposit_terms(const std::vector<Item>& items) {
  using When = schema::DepositTermsDisclosed::When;
  return of<schema::DepositTermsDisclosed>("rental/R1", [&](auto event) {
    auto list = event.initItems(static_cast<unsigned>(items.size()));
    for (unsigned i = 0; i < items.size(); ++i) {
      list[i].setPurpose(items[i].purpose);
      list[i].setInstrument(items[i].instrument);
      list[i].setWhen(items[i].at_pickup ? When::PICKUP : When::RETURN);
      set_money(list[i].initAmount(), money(items[i].amount));
      list[i].setReleaseConditionCode("returned");
      list[i].setQueryPeriodDays(items[i].query_days);
      list[i].setRefundProcedure(as_data(some_digest("procedure")));
    }
  });
}

EventDraft ContractFixture::add_on(const std::string& code, Choice choice, std::int64_t price, bool by_customer,
                                   bool prechecked) {
  return of<schema::AddOnDecided>("rental/R1", [&](auto event) {
    event.setAddOnId("X1");
    event.setCode(code.c_str());
    event.setDecision(choice);
    set_money(event.initPrice(), money(price));
    event.setUnit("day");
    if (by_customer) {
      event.setSelectedBy(schema::AddOnDecided::SelectedBy::CUSTOMER);
    }
    event.setPrechecked(prechecked);
  });
}

EventDraft ContractFixture::contract_signed() {
  return with_signature(of<schema::RentalContractSigned>("rental/R1", [&](auto event) {
    event.setContractNo("K-1");
    event.setSignatureDigest(as_data(some_digest("signature")));
    event.setStaffId("S1");
    event.setTermsVersion("t1");
  }));
}

EventDraft ContractFixture::voided(const std::string& charge) {
  return of<schema::RentalContractVoided>("rental/R1", [&](auto event) {
    event.setReasonCode("plans");
    if (!charge.empty()) {
      event.setChargeId(charge.c_str());
    }
  });
}

EventDraft ContractFixture::closed() {
  return of<schema::RentalContractClosed>("rental/R1", [](auto event) { event.setReasonCode("done"); });
}

EventDraft ContractFixture::assigned_vehicle(const std::string& vehicle, const std::string& inspection) {
  return of<schema::VehicleAssigned>("rental/R1", [&](auto event) {
    event.setVehicleId(vehicle.c_str());
    event.setInspectionId(inspection.c_str());
  });
}

EventDraft ContractFixture::out(const std::string& vehicle, std::uint32_t odometer) {
  return of<schema::VehicleHandedOver>("rental/R1", [&](auto event) {
    event.setVehicleId(vehicle.c_str());
    event.setAt(day(1, minute).ns);
    set_box(event.initOdometer(), odometer);
  });
}

EventDraft ContractFixture::back(const std::string& vehicle, std::uint32_t odometer) {
  return of<schema::VehicleReturned>("rental/R1", [&](auto event) {
    event.setVehicleId(vehicle.c_str());
    event.setAt(day(1, minute).ns);
    set_box(event.initOdometer(), odometer);
  });
}

EventDraft ContractFixture::swapped(const std::string& from, const std::string& to) {
  return of<schema::VehicleSwapped>("rental/R1", [&](auto event) {
    event.setFromVehicleId(from.c_str());
    event.setToVehicleId(to.c_str());
    event.setAt(day(1, minute).ns);
    event.setFromInspectionId(("I" + from.substr(1)).c_str());
    event.setToInspectionId(("I" + to.substr(1)).c_str());
  });
}

EventDraft ContractFixture::lost(const std::string& vehicle) {
  return of<schema::VehicleLost>("rental/R1", [&](auto event) {
    event.setVehicleId(vehicle.c_str());
    event.setKind("theft");
    event.setEvidence(as_data(some_digest("report")));
  });
}

EventDraft ContractFixture::queried() {
  return of<schema::ViolationQueryPerformed>("rental/R1", [&](auto event) {
    event.setAuthority("police");
    event.setQueriedAt(day(4).ns);
    event.setCustodyFrom(day(1).ns);
    event.setCustodyUntil(day(2).ns);
    event.setFinal(true);
  });
}

// ---- Inspections ----

EventDraft ContractFixture::inspected(const std::string& inspection, Side side, std::uint32_t odometer,
                                      const Codes& damages, const Codes& without, const std::string& version) {
  return of_inspection<schema::InspectionRecorded>(inspection, [&](auto event) {
    event.setSide(side);
    event.setChecklistVersion(version.c_str());
    event.setOdometer(odometer);
    event.setFuel(1000);
    Codes present;
    for (const char* const item : kChecklist) {
      if (std::ranges::find(without, item) == without.end()) {
        present.emplace_back(item);
      }
    }
    auto items = event.initItems(static_cast<unsigned>(present.size()));
    for (unsigned i = 0; i < present.size(); ++i) {
      items[i].setItem(present[i].c_str());
      items[i].setState("good");
    }
    auto list = event.initDamages(static_cast<unsigned>(damages.size()));
    for (unsigned i = 0; i < damages.size(); ++i) {
      list[i].setDamageId(damages[i].c_str());
      list[i].setPart("door");
      list[i].setKind("scratch");
      list[i].setSeverity("light");
      list[i].initMedia(1).set(0, as_data(some_digest("photo")));
    }
  });
}

EventDraft ContractFixture::media(const std::string& inspection, Side side) {
  return of_inspection<schema::InspectionMediaAttached>(inspection, [&](auto event) {
    event.setSide(side);
    event.setMedia(as_data(some_digest("photo")));
    event.setKind(schema::InspectionMediaAttached::Kind::PHOTO);
    event.setTakenAt(day(1, minute).ns);
  });
}

EventDraft ContractFixture::signed_out(const std::string& inspection, std::uint64_t inspection_position) {
  const auto digest = inspection_position == 0 ? some_digest("other") : digest_at(inspection_position);
  return with_signature(of_inspection<schema::HandoverInspectionSigned>(inspection, [&](auto event) {
    event.setInspectionDigest(as_data(digest));
    event.setStaffId("S1");
    event.setCustomerPresent(true);
  }));
}

EventDraft ContractFixture::signed_back(const std::string& inspection, std::uint64_t inspection_position,
                                        bool customer_present) {
  const auto digest = inspection_position == 0 ? some_digest("other") : digest_at(inspection_position);
  return with_signature(of_inspection<schema::ReturnInspectionSigned>(inspection, [&](auto event) {
    event.setInspectionDigest(as_data(digest));
    event.setStaffId("S1");
    event.setCustomerPresent(customer_present);
  }));
}

EventDraft ContractFixture::damage(const std::string& id, bool with_media) {
  return of_inspection<schema::NewDamageIdentified>("I1", [&](auto event) {
    event.setDamageId(id.c_str());
    event.setPart("bumper");
    event.setKind("dent");
    event.initMedia(with_media ? 1 : 0);
    if (with_media) {
      event.getMedia().set(0, as_data(some_digest("photo")));
    }
    event.setComparedTo(as_data(handover_digest));
  });
}

EventDraft ContractFixture::position(const std::string& id, Position position) {
  return of_inspection<schema::DamagePositionRecorded>("I1", [&](auto event) {
    event.setDamageId(id.c_str());
    event.setPosition(position);
    event.setBy("S1");
  });
}

EventDraft ContractFixture::assessed(const std::string& id) {
  return of_inspection<schema::DamageAssessed>("I1", [&](auto event) {
    event.setDamageId(id.c_str());
    set_money(event.initEstimate(), money(400));
    event.setBasis("priceTable");
    set_money(event.initInsurerShare(), money(0));
    set_money(event.initDeductible(), money(0));
  });
}

EventDraft ContractFixture::damage_charge(const std::string& charge, const std::string& damage) {
  return of<schema::ChargePosted>("settlement/O1", [&](auto event) {
    event.setChargeId(charge.c_str());
    event.setKind("damage");
    event.setPayer(schema::ChargePosted::Payer::CUSTOMER);
    event.setQty(1);
    set_money(event.initUnitPrice(), money(400));
    set_money(event.initAmount(), money(400));
    set_money(event.initTax(), money(0));
    event.setDisclosedRef("terms");
    if (!damage.empty()) {
      event.setDamageId(damage.c_str());
    }
    event.setExplanationCode("damage");
  });
}

EventDraft ContractFixture::finalized(bool names_contract) {
  return of<schema::SettlementFinalized>("settlement/O1", [&](auto event) {
    if (!names_contract) {
      event.disownContractId();
    }
    event.setStatementNo("S-1");
    event.setGround(schema::SettlementFinalized::Ground::ACCEPTED);
  });
}

// ---- Steps ----

void ContractFixture::state_and_accept(const Parts& charges, std::int64_t total) {
  decide(stated(charges, 0, 0, 0, total));
  decide(of<schema::SettlementAnswered>("settlement/O1", [](auto event) {
    event.setStatementNo("S-1");
    event.setAnswer(schema::SettlementAnswered::Answer::ACCEPTED);
    event.initLines(0);
  }));
}

void ContractFixture::sign_contract(const std::vector<Item>& items) {
  decide(drafted());
  decide(explained({std::begin(kTopics), std::end(kTopics)}));
  decide(fees(300));
  decide(deposit_terms(items));
  decide(contract_signed());
}

std::uint64_t ContractFixture::inspect_out(const std::string& inspection, const Codes& damages) {
  const std::uint64_t position = decide(inspected(inspection, Side::HANDOVER, 1000, damages));
  decide(media(inspection, Side::HANDOVER));
  decide(signed_out(inspection, position));
  handover_digest = digest_at(position);
  return position;
}

std::uint64_t ContractFixture::inspect_back(const std::string& inspection, std::uint32_t odometer) {
  const std::uint64_t position = decide(inspected(inspection, Side::RETURN, odometer));
  decide(signed_back(inspection, position));
  return position;
}

void ContractFixture::hand_over(const std::vector<Item>& items) {
  sign_contract(items);
  decide(assigned_vehicle("C1", "I1"));
  inspect_out("I1");
  decide(out());
}

void ContractFixture::take_back() {
  decide(back());
  inspect_back("I1");
}

std::string ContractFixture::contract_text() {
  const RentalSummary summary = rental("R1");
  return fmt::format("{} {}", summary.state, summary.query_state);
}

std::array<std::byte, 32> ContractFixture::digest_at(std::uint64_t position) {
  auto view = ledger->view();
  BOOST_REQUIRE(view);
  auto cursor = (*view)->read({}, {.after = position - 1, .before = {}, .limit = 1, .backwards = false, .stop = {}});
  BOOST_REQUIRE(cursor);
  auto event = (*cursor)->next();
  BOOST_REQUIRE(event && *event != nullptr && (*event)->position == position);
  const rental::RuleBook& book = rental::rental_book();
  std::string json;
  book.payload_type(book.type_of((*event)->type)).append_json((*event)->payload, {}, json);
  const auto canonical = codec::canonical_json(json);
  BOOST_REQUIRE(canonical);
  return base::sha256(base::as_bytes(*canonical));
}

}  // namespace carnet::test
