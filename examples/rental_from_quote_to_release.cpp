// SPDX-License-Identifier: Apache-2.0
//
// One rental, as a host tells it: an account with its lawful bases, a quote, a reservation, a contract with everything
// that must be disclosed, a deposit frozen, the vehicle out and back, what is charged, captured and released. Each step
// is one request; run twice, nothing happens the second time.
#include <carnet/ledger.hpp>
#include <carnet/rental/domain.hpp>
#include <carnet/rental/inspections.hpp>
#include <carnet/rental/subjects.hpp>
#include <carnet/schema/account.capnp.h>
#include <carnet/schema/deposit.capnp.h>
#include <carnet/schema/inspection.capnp.h>
#include <carnet/schema/ledger.capnp.h>
#include <carnet/schema/payment.capnp.h>
#include <carnet/schema/price.capnp.h>
#include <carnet/schema/privacy.capnp.h>
#include <carnet/schema/rental.capnp.h>
#include <carnet/schema/reservation.capnp.h>
#include <carnet/schema/settlement.capnp.h>
#include <carnet/typed.hpp>

#include <array>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace carnet;

constexpr std::int64_t kDay = 86'400;
constexpr Timestamp kMonday{1'767'603'600 * kNsPerSecond};  // 2026-01-05T09:00:00Z
constexpr std::array<std::byte, 32> kDocument{};            // Digests of papers that the host keeps.

/// Appends the rental's steps. What an event repeats of it (account, order, contract …) is filled in here.
class Rental {
 public:
  explicit Rental(Ledger& ledger) : ledger_(ledger) {}

  void at(std::int64_t days, std::int64_t hours = 0) {
    now_ = {kMonday.ns + (days * kDay + hours * 3'600) * kNsPerSecond};
  }

  [[nodiscard]] Timestamp now() const { return now_; }

  template <class Type, class Fill>
  EventDraft& add(std::string stream, Fill&& fill) {
    events_.push_back(make_event<Type>(std::move(stream), now_, [&](auto event) {
      if constexpr (requires { event.setAccountId(""); }) {
        event.setAccountId("A1");
      }
      if constexpr (requires { event.setOrderId(""); }) {
        event.setOrderId("O1");
      }
      if constexpr (requires { event.setContractId(""); }) {
        event.setContractId("C1");
      }
      if constexpr (requires { event.setReservationId(""); }) {
        event.setReservationId("B1");
      }
      if constexpr (requires {
                      event.setInspectionId("");
                      event.setVehicleId("");
                      event.setLeg(1);
                    }) {
        event.setInspectionId("I1"), event.setVehicleId("V1"), event.setLeg(1);
      }
      if constexpr (requires {
                      event.setHoldId("");
                      event.setDepositId("");
                    }) {
        event.setHoldId("H1");
      }
      if constexpr (requires {
                      event.setDepositId("");
                      event.setContractId("");
                    }) {
        event.setDepositId("D1");
      }
      fill(event);
    }));
    return events_.back();
  }

  /// What was added lands as one commit, or the program ends with the reason.
  void land(const std::string& step) {
    Request request = envelope(step);
    request.events = std::exchange(events_, {});
    must(ledger_.append(request), step);
    std::cout << step << '\n';
  }

  void make_key(const char* data_class) {
    const std::string step = std::string("key ") + data_class;
    must(ledger_.create_subject_key("A1", data_class, envelope(step)), step);
  }

 private:
  static Request envelope(const std::string& step) {
    Request request;
    request.command = "O1." + step.substr(0, step.find(':'));
    for (char& c : request.command) {
      c = c == ' ' ? '-' : c;
    }
    request.actor = {"staff.7", ActorKind::kStaff, "operations"};
    request.channel = "branch";
    request.versions = VersionPolicy::kAny;
    return request;
  }

  static void must(const Result<Outcome>& outcome, const std::string& step) {
    if (!outcome) {
      std::cerr << step << ": " << outcome.error().to_line() << '\n';
      std::exit(1);
    }
    if (const auto* refusal = std::get_if<Refusal>(&*outcome)) {
      std::cerr << step << ": " << refusal->rule << ' ' << refusal->error << ": " << refusal->message << '\n';
      std::exit(1);
    }
  }

  Ledger& ledger_;
  Timestamp now_ = kMonday;
  std::vector<EventDraft> events_;
};

void set_eur(schema::Money::Builder money, std::int64_t cents) {
  set_money(money, {cents, *Currency::parse("EUR")});
}

void open_account(Rental& rental) {
  for (const char* const data_class : {"D1", "D2", "D3"}) {
    rental.make_key(data_class);
  }
  rental.add<schema::DocumentPublished>("document/privacyPolicy", [&](auto event) {
    event.setKind("privacyPolicy"), event.setVersion("p1"), event.setEffectiveFrom(rental.now().ns);
    event.setAudience(schema::DocumentPublished::Audience::CUSTOMER), event.setLanguage("en");
    event.setDigest(as_data(kDocument));
  });
  rental.land("policy: the privacy policy is published");
  for (const char* const purpose : {"serviceProvision", "accountManagement"}) {
    rental.add<schema::LawfulBasisRecorded>("privacy/A1", [&](auto event) {
      event.setPurpose(purpose), event.setBasis(schema::LawfulBasisRecorded::Basis::CONTRACT);
      event.setNoticeVersion("p1"), event.setTermsVersion("t1"), event.setExplicit(true), event.setChannel("branch");
      event.setProof(as_data(kDocument));
    });
  }
  rental
      .add<schema::CustomerDataCollected>(
          "account/A1",
          [&](auto event) {
            event.setSource("office"), event.setLawfulBasisRef("serviceProvision");
            event.setProfile(schema::CustomerProfile::RENTAL), event.setLocale("en");
            const std::array<const char*, 5> given{"fullName", "phone", "licenceNo", "licenceExpiry", "paymentToken"};
            auto mask = event.initFieldMask(given.size());
            for (unsigned i = 0; i < given.size(); ++i) {
              mask.set(i, given.at(i));
            }
          })
      .personal = {{"fullName", "Ann Example"},
                   {"phone", "+49 30 0000000"},
                   {"licenceNo", "L-1"},
                   {"licenceExpiry", "2030-01-01"},
                   {"paymentToken", "tok-1"}};
  rental.land("customer: bases recorded, data collected under them");
  for (const char* const what : {"identity", "licence", "paymentMethod"}) {
    rental.add<schema::VerificationRecorded>("account/A1", [&](auto event) {
      event.disownContractId(), event.disownDepositId();  // Of the account, not of a contract or deposit.
      event.setWhat(what), event.setOutcome(schema::VerificationRecorded::Outcome::PASSED);
      event.setMethod("document"), event.setVerifiedBy("staff.7");
      set_box(event.initValidUntil(), LocalDate{21'915});  // 2030-01-01
      event.setEvidence(as_data(kDocument));
    });
  }
  rental.land("verified: identity, licence and card");
  rental.add<schema::AccountOpened>("account/A1", [&](auto event) {
    event.setAccountNo("10001"), event.setProfile(schema::CustomerProfile::RENTAL);
    event.setTermsVersion("t1"), event.setPrivacyVersion("p1"), event.setHomeTz("Europe/Berlin");
  });
  rental.land("opened: the account is open");
}

void reserve(Rental& rental) {
  const Timestamp pickup{kMonday.ns + 2 * kDay * kNsPerSecond};
  const Timestamp back{kMonday.ns + 5 * kDay * kNsPerSecond};
  rental.add<schema::PriceListPublished>("document/priceList", [&](auto event) {
    event.setVersion("2026"), event.setEffectiveFrom(rental.now().ns);
    auto items = event.initItems(1);
    items[0].setCode("compact"), items[0].setUnit("day"), items[0].setTaxIncluded(true);
    set_eur(items[0].initAmount(), 40'00);
    event.initChannels(0);
  });
  rental.land("prices: the price list is published");
  rental.add<schema::QuoteIssued>("reservation/B1", [&](auto event) {
    event.setQuoteId("Q1"), event.setPriceListVersion("2026"), event.setChannel("website"), event.setModel("compact");
    event.setFrom(pickup.ns), event.setTo(back.ns), event.initOptions(0);
    auto lines = event.initLines(1);
    lines[0].setCode("compact"), lines[0].setQty(3'000);
    set_eur(lines[0].initAmount(), 120'00), set_eur(event.initTotal(), 120'00);
  });
  rental.land("quoted: three days, 120.00");
  rental.add<schema::ReservationPlaced>("reservation/B1", [&](auto event) {
    event.setQuoteId("Q1"), event.setModel("compact");
    event.initPickup().setBranchId("berlin"), event.getPickup().setAt(pickup.ns);
    event.initReturn().setBranchId("berlin"), event.getReturn().setAt(back.ns);
  });
  rental.add<schema::ReservationConfirmed>("reservation/B1", [&](auto event) {
    event.setReservationNo("N-1"), event.setPickupBranchId("berlin"), event.setPickupAt(pickup.ns);
    event.setModel("compact"), set_eur(event.initEstimate(), 120'00), event.initFeeTerms(0);
  });
  rental.land("reserved: placed and confirmed");
}

void sign(Rental& rental) {
  rental.add<schema::RentalContractDrafted>("rental/C1", [&](auto event) {
    event.setCurrency(Currency::parse("EUR")->packed()), event.setVehicleClass("compact");
    event.setTermFrom(rental.now().ns), event.setTermTo(rental.now().ns + 3 * kDay * kNsPerSecond);
    event.setOvertimeRule("startedHour"), event.setFuelPolicy("fullToFull"), event.setPriceListVersion("2026");
  });
  rental.add<schema::ContractTermsExplained>("rental/C1", [&](auto event) {
    const std::array<const char*, 5> explained{"termCalculation", "overtimeFee", "insuranceCover", "exclusions",
                                               "penalty"};
    auto topics = event.initTopics(explained.size());
    for (unsigned i = 0; i < explained.size(); ++i) {
      topics.set(i, explained.at(i));
    }
    event.setLanguage("en"), event.setAcknowledged(true);
  });
  rental.add<schema::FeeScheduleDisclosed>("rental/C1", [&](auto event) {
    auto lines = event.initLines(2);
    lines[0].setChargeKind("rental"), lines[0].setBasis("day");
    set_eur(lines[0].initUnitPrice(), 40'00), set_eur(lines[0].initEstimate(), 120'00);
    lines[1].setChargeKind("fuelDifference"), lines[1].setBasis("perMille");
    set_eur(lines[1].initUnitPrice(), 10), set_eur(lines[1].initEstimate(), 0);
    set_eur(event.initTotal(), 120'00);
  });
  rental.add<schema::DepositTermsDisclosed>("rental/C1", [&](auto event) {
    auto item = event.initItems(1)[0];
    item.setPurpose(schema::DepositPurpose::SECURITY);
    item.setInstrument(schema::DepositReleased::Instrument::PRE_AUTHORIZATION);
    item.setWhen(schema::DepositTermsDisclosed::When::PICKUP), set_eur(item.initAmount(), 500'00);
    item.setReleaseConditionCode("settled"), item.setReleaseWithin(7 * kDay), item.setQueryPeriodDays(0);
    item.setRefundProcedure(as_data(kDocument));
  });
  rental.land("disclosed: terms, fees and deposit, before anything is signed");
  rental
      .add<schema::RentalContractSigned>("rental/C1",
                                         [&](auto event) {
                                           event.setContractNo("C-1"), event.setSignatureDigest(as_data(kDocument));
                                           event.setStaffId("staff.7"), event.setTermsVersion("t1");
                                         })
      .personal = {{"signature", "Ann Example"}};
  rental.add<schema::ReservationFulfilled>("reservation/B1", [](auto) {});
  rental.land("signed: the contract takes the reservation's place");
}

/// Records one side of the inspection; both sign its digest.
template <class Signed>
void inspect(Rental& rental, schema::InspectionSide side, std::uint32_t odometer, std::uint16_t fuel) {
  const EventDraft& recorded = rental.add<schema::InspectionRecorded>("inspection/I1", [&](auto event) {
    event.setSide(side), event.setChecklistVersion("v1"), event.setOdometer(odometer), event.setFuel(fuel);
    const std::array<const char*, 9> checklist{"body",  "interior", "tyres", "spareTyre", "lights", "airConditioning",
                                               "audio", "brakes",   "tools"};
    auto items = event.initItems(checklist.size());
    for (unsigned i = 0; i < checklist.size(); ++i) {
      items[i].setItem(checklist.at(i)), items[i].setState("ok");
    }
    event.initDamages(0);
  });
  const auto digest = inspection_digest(recorded);
  rental.add<schema::InspectionMediaAttached>("inspection/I1", [&](auto event) {
    event.setSide(side), event.setMedia(as_data(kDocument)), event.setTakenAt(rental.now().ns);
    event.setKind(schema::InspectionMediaAttached::Kind::PHOTO);
  });
  rental
      .add<Signed>("inspection/I1",
                   [&](auto event) {
                     event.setInspectionDigest(as_data(digest)), event.setStaffId("staff.7");
                     event.setCustomerPresent(true);
                   })
      .personal = {{"signature", "Ann Example"}};
}

void drive(Rental& rental) {
  rental
      .add<schema::PreAuthorizationRequested>("deposit/D1",
                                              [](auto event) {
                                                event.setPurpose(schema::DepositPurpose::SECURITY);
                                                set_eur(event.initAmount(), 500'00);
                                              })
      .personal = {{"paymentToken", "tok-1"}};
  rental.add<schema::PreAuthorizationFrozen>("deposit/D1", [&](auto event) {
    set_eur(event.initAmount(), 500'00), event.setPsp("acme"), event.setNetwork("visa"), event.setPspRef("psp-1");
    event.setExpiresAt(rental.now().ns + 20 * kDay * kNsPerSecond);
  });
  rental.land("frozen: 500.00 on the card");
  inspect<schema::HandoverInspectionSigned>(rental, schema::InspectionSide::HANDOVER, 12'000, 1'000);
  rental.add<schema::VehicleHandedOver>("rental/C1", [&](auto event) {
    event.setVehicleId("V1"), event.setBranchId("berlin"), event.setInspectionId("I1"), event.setAt(rental.now().ns);
    set_box(event.initOdometer(), 12'000U), event.setAttended(true);
    set_box(event.initPlannedReturn(), Timestamp{rental.now().ns + 3 * kDay * kNsPerSecond});
  });
  rental.land("out: inspected, signed, handed over");
  rental.at(5, 1);
  rental.add<schema::VehicleReturned>("rental/C1", [&](auto event) {
    event.setVehicleId("V1"), event.setBranchId("berlin"), event.setAt(rental.now().ns), event.setAttended(true);
    set_box(event.initOdometer(), 12'640U), set_box(event.initFuel(), std::uint16_t{700});
  });
  rental.land("back: 640 km later, the tank a third empty");
  inspect<schema::ReturnInspectionSigned>(rental, schema::InspectionSide::RETURN, 12'640, 700);
  rental.land("inspected: no new damage, both signed");
}

void charge(Rental& rental, const char* id, const char* kind, std::int64_t qty, std::int64_t unit, std::int64_t cents) {
  rental.add<schema::ChargePosted>("settlement/O1", [&](auto event) {
    event.setChargeId(id), event.setKind(kind), event.setPayer(schema::ChargePosted::Payer::CUSTOMER);
    event.setQty(qty), set_eur(event.initUnitPrice(), unit), set_eur(event.initAmount(), cents);
    event.setDisclosedRef("C1"), event.setExplanationCode(kind);
  });
}

void settle(Rental& rental) {
  rental.at(5, 2);
  charge(rental, "K1", "rental", 3'000, 40'00, 120'00);
  charge(rental, "K2", "fuelDifference", 300'000, 10, 30'00);
  rental.land("charged: 120.00 for the days, 30.00 for fuel");
  rental.add<schema::PaymentReceived>("payment/P1", [](auto event) {
    event.setPaymentId("P1"), event.setPayer(schema::PaymentReceived::Payer::CUSTOMER);
    event.setPurpose(schema::PaymentReceived::Purpose::SETTLEMENT), event.setMethod("card");
    set_eur(event.initAmount(), 120'00), event.setPsp("acme"), event.setPspRef("psp-2"), event.initDeductions(0);
    auto part = event.initAllocatedTo(1)[0];
    part.setChargeId("K1"), set_eur(part.initAmount(), 120'00);
  });
  rental.land("paid: the days, by card");
  rental.add<schema::PreAuthorizationCaptured>("deposit/D1", [](auto event) {
    event.setCaptureId("X1"), set_eur(event.initAmount(), 30'00), event.setPspRef("psp-3");
    auto part = event.initAppliedTo(1)[0];
    part.setChargeId("K2"), set_eur(part.initAmount(), 30'00);
  });
  rental.land("captured: the fuel, out of the hold");
  rental.add<schema::SettlementStatementIssued>("settlement/O1", [](auto event) {
    event.setStatementNo("S-1"), event.setRevision(1);
    auto lines = event.initLines(2);
    lines[0].setChargeId("K1"), lines[0].setKind("rental"), lines[0].setQty(3'000);
    set_eur(lines[0].initUnitPrice(), 40'00), set_eur(lines[0].initAmount(), 120'00);
    lines[1].setChargeId("K2"), lines[1].setKind("fuelDifference"), lines[1].setQty(300'000);
    set_eur(lines[1].initUnitPrice(), 10), set_eur(lines[1].initAmount(), 30'00);
    set_eur(event.initDiscounts(), 0), set_eur(event.initPayments(), 120'00);
    set_eur(event.initHoldsApplied(), 30'00), set_eur(event.initTotalDue(), 0);
  });
  rental.add<schema::SettlementAnswered>("settlement/O1", [](auto event) {
    event.setStatementNo("S-1"), event.setAnswer(schema::SettlementAnswered::Answer::ACCEPTED), event.initLines(0);
  });
  rental.add<schema::SettlementFinalized>("settlement/O1", [](auto event) {
    event.setStatementNo("S-1"), event.setGround(schema::SettlementFinalized::Ground::ACCEPTED);
  });
  rental.land("settled: statement issued, accepted, final");
  rental.at(6);
  rental.add<schema::DepositReleased>("deposit/D1", [](auto event) {
    event.setInstrument(schema::DepositReleased::Instrument::PRE_AUTHORIZATION);
    set_eur(event.initAmount(), 470'00), event.setReason("settled");
  });
  rental.add<schema::RentalContractClosed>("rental/C1", [](auto event) { event.setReasonCode("completed"); });
  rental.land("released: 470.00 are free again, the contract is closed");
}

}  // namespace

int main(int argc, char** argv) {
  OpenOptions create;
  create.if_missing = IfMissing::kCreate;
  auto opened =
      open_rental_ledger(argc > 1 ? argv[1] : "rental.ledger", create, {.now = kMonday, .go_live_at = kMonday});
  if (!opened) {
    return std::cerr << opened.error().to_line() << '\n', 1;
  }
  Rental rental(*opened->ledger);
  open_account(rental);
  reserve(rental);
  rental.at(2);
  sign(rental);
  drive(rental);
  settle(rental);

  auto view = opened->ledger->view();
  if (!view) {
    return std::cerr << view.error().to_line() << '\n', 1;
  }
  for (const char* const lifecycle :
       {"account", "reservation", "contract", "leg", "hold", "settlement", "charge", "payment"}) {
    const Status listed = list_subjects(**view, {.lifecycles = {lifecycle}}, [&](const Subject& subject) {
      std::cout << lifecycle << ' ' << subject.id << ": " << subject.state << '\n';
      return true;
    });
    if (!listed) {
      return std::cerr << listed.error().to_line() << '\n', 1;
    }
  }
  return 0;
}
