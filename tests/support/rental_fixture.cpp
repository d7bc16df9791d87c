// SPDX-License-Identifier: Apache-2.0
#include "support/rental_fixture.hpp"

#include "base/bytes.hpp"
#include "base/sha256.hpp"

#include <fmt/format.h>

#include <utility>

namespace carnet::test {

namespace {

constexpr std::int64_t kNewYear2024 = 1'704'067'200;  // 2024-01-01T00:00:00Z
constexpr std::int64_t kDaySeconds = 86'400;

template <class Builder>
void set_violation(Builder event, const Violation& violation) {
  event.setViolationId(violation.id.c_str());
  event.setParty(violation.party.c_str());
  event.setAuthority("police");
  if (!violation.contract.empty()) {
    event.setContractId(violation.contract.c_str());
  }
  if (!violation.vehicle.empty()) {
    event.setVehicleId(violation.vehicle.c_str());
  }
}

std::string stream_of(const Violation& violation) {
  return "violation/" + violation.id;
}

}  // namespace

Timestamp day(int number, int minutes) {
  return {(kNewYear2024 + number * kDaySeconds + minutes * 60) * kNsPerSecond};
}

Money eur(std::int64_t minor) {
  return {minor, *Currency::parse("EUR")};
}

EventDraft recorded(const Violation& violation, Money fine, Timestamp at) {
  return make_event<schema::TrafficViolationRecorded>(stream_of(violation), at, [&](auto event) {
    set_violation(event, violation);
    event.setViolationAt(at.ns);
    set_money(event.initFine(), fine);
    event.setAuthorityRef(("ref-" + violation.id).c_str());
  });
}

EventDraft charged(const Violation& violation, Money fine, std::optional<Money> expense, Timestamp at) {
  return make_event<schema::TrafficViolationCharged>(stream_of(violation), at, [&](auto event) {
    set_violation(event, violation);
    set_money(event.initFine(), fine);
    if (expense) {
      set_money(event.initExpense(), *expense);
    }
  });
}

EventDraft amended(const Violation& violation, Amend kind, std::optional<Money> amount, Timestamp at) {
  return make_event<schema::TrafficViolationAmended>(stream_of(violation), at, [&](auto event) {
    set_violation(event, violation);
    event.setKind(kind);
    if (amount && kind == Amend::EXPENSE) {
      set_money(event.initExpense(), *amount);
    } else if (amount) {
      set_money(event.initNewFine(), *amount);
    }
  });
}

EventDraft paid_to_authority(const Violation& violation, Money amount, BorneBy by, Timestamp at) {
  return make_event<schema::FinePaidToAuthority>(stream_of(violation), at, [&](auto event) {
    set_violation(event, violation);
    set_money(event.initAmount(), amount);
    event.setReceipt("r-1");
    event.setBorneBy(by);
  });
}

EventDraft refunded_by_authority(const Violation& violation, Money amount, Timestamp at) {
  return make_event<schema::FineRefundedByAuthority>(stream_of(violation), at, [&](auto event) {
    set_violation(event, violation);
    set_money(event.initAmount(), amount);
    event.setReceipt("r-2");
  });
}

EventDraft assigned(const Violation& violation, Money amount, Timestamp at) {
  return make_event<schema::ReceivableAssigned>(stream_of(violation), at, [&](auto event) {
    set_violation(event, violation);
    event.setCollector("C1");
    set_money(event.initAmount(), amount);
  });
}

EventDraft received(const Payment& payment, Timestamp at) {
  return make_event<schema::PaymentReceived>("payment/" + payment.id, at, [&](auto event) {
    event.setPaymentId(payment.id.c_str());
    const auto set = [](const std::string& text, auto setter) {
      if (!text.empty()) {
        setter(text.c_str());
      }
    };
    set(payment.party, [&](const char* text) { event.setParty(text); });
    set(payment.account, [&](const char* text) { event.setAccountId(text); });
    set(payment.partner, [&](const char* text) { event.setPartnerId(text); });
    set(payment.order, [&](const char* text) { event.setOrderId(text); });
    set(payment.payer_id, [&](const char* text) { event.setPayerId(text); });
    set(payment.psp, [&](const char* text) { event.setPsp(text); });
    set(payment.psp_ref, [&](const char* text) { event.setPspRef(text); });
    event.setPayer(payment.payer);
    event.setPurpose(payment.purpose);
    event.setMethod(payment.method.c_str());
    set_money(event.initAmount(), payment.amount);
    auto deductions = event.initDeductions(static_cast<unsigned>(payment.deductions.size()));
    for (unsigned i = 0; i < deductions.size(); ++i) {
      deductions[i].setKind(payment.deductions[i].first.c_str());
      set_money(deductions[i].initAmount(), payment.deductions[i].second);
    }
    const auto count = static_cast<unsigned>(payment.to_violations.size());
    auto allocations = event.initAllocatedTo(count + static_cast<unsigned>(payment.to_charges.size()));
    for (unsigned i = 0; i < allocations.size(); ++i) {
      const auto& [id, amount] = i < count ? payment.to_violations[i] : payment.to_charges[i - count];
      if (i < count) {
        allocations[i].setViolationId(id.c_str());
      } else {
        allocations[i].setChargeId(id.c_str());
      }
      set_money(allocations[i].initAmount(), amount);
    }
  });
}

EventDraft received(std::string id, Money amount, std::string violation, Timestamp at) {
  Payment payment;
  payment.id = std::move(id);
  payment.party = "external/" + violation;
  payment.amount = amount;
  payment.to_violations = {{violation, amount}};
  return received(payment, at);
}

EventDraft handed_over(std::string contract, std::string vehicle, Timestamp at, std::optional<std::uint32_t> odometer) {
  return make_event<schema::VehicleHandedOver>("rental/" + contract, at, [&](auto event) {
    event.setContractId(contract.c_str());
    event.setVehicleId(vehicle.c_str());
    event.setAt(at.ns);
    set_optional(odometer, [&] { return event.initOdometer(); });
  });
}

EventDraft returned(std::string contract, std::string vehicle, Timestamp at, std::optional<std::uint32_t> odometer) {
  return make_event<schema::VehicleReturned>("rental/" + contract, at, [&](auto event) {
    event.setContractId(contract.c_str());
    event.setVehicleId(vehicle.c_str());
    event.setAt(at.ns);
    set_optional(odometer, [&] { return event.initOdometer(); });
  });
}

EventDraft notice(std::string stream, std::string about, Timestamp at) {
  return make_event<schema::NoticeSent>(std::move(stream), at, [&](auto event) {
    event.initKinds(1).set(0, "violationNotice");
    event.setAbout(about.c_str());
    event.setParty("external/V1");
    event.setAudience(schema::NoticeSent::Audience::CUSTOMER);
    event.setPurpose("service");
  });
}

EventDraft feedback(std::string id, std::string reference, std::string responsible, Timestamp at) {
  return make_event<schema::FeedbackReceived>("case/" + id, at, [&](auto event) {
    event.setCaseId(id.c_str());
    event.setParty("external/V1");
    event.setReferenceNo(reference.c_str());
    event.setChannel("hotline");
    event.setIntakeOrigin("direct");
    event.setCustomerVoicedAt(at.ns);
    event.initFieldMask(0);
    event.setOrderRef(schema::FeedbackReceived::OrderRef::NOT_APPLICABLE);
    if (!responsible.empty()) {
      event.setFirstResponsible(responsible.c_str());
    }
  });
}

EventDraft referred(std::string id, Timestamp at) {
  return make_event<schema::CaseReferred>("case/" + id, at, [&](auto event) {
    event.setCaseId(id.c_str());
    event.setParty("external/V1");
    event.setAuthority("judge");
    event.setRef("x");
  });
}

EventDraft rule_set(std::string family, std::uint32_t version, std::string parameters, Timestamp effective_from) {
  return make_event<schema::RuleSetPublished>("document/ruleSet." + family, day(10), [&](auto event) {
    event.setFamily(family.c_str());
    event.setVersion(version);
    event.setEffectiveFrom(effective_from.ns);
    event.setParameters(parameters.c_str());
    event.setDigest(as_data(base::sha256(base::as_bytes(parameters))));
  });
}

EventDraft reversal_of(EventDraft event, std::uint64_t position) {
  event.corrects = {.position = position, .kind = CorrectionKind::kReversal};
  return event;
}

EventDraft correction_of(EventDraft event, std::uint64_t position) {
  event.corrects = {.position = position, .kind = CorrectionKind::kCorrection};
  return event;
}

RentalFixture::RentalFixture(const Domain& domain) : clock(std::make_shared<ManualClock>(day(10))) {
  OpenOptions options;
  options.if_missing = IfMissing::kCreate;
  options.clock = clock;
  options.durability = Durability::kOs;
  options.background_work = false;
  auto opened = Ledger::open(folder_.at("L"), &domain, options);
  BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string() : opened.error().to_line()));
  ledger = std::move(opened->ledger);
  OpeningOptions opening;
  opening.now = day(10);
  opening.go_live_at = day(100);
  opening.jurisdiction = "IT";
  auto requests = opening_requests(opening);
  BOOST_REQUIRE(requests);
  for (const Request& request : *requests) {
    accept(request);
  }
}

Request RentalFixture::decision(std::vector<EventDraft> events) {
  Request request;
  request.command = fmt::format("c-{}", ++commands_);
  request.actor = {.id = "S1", .kind = ActorKind::kStaff, .role = "operations"};
  request.channel = "branch";
  request.versions = VersionPolicy::kAny;
  request.events = std::move(events);
  return request;
}

Request RentalFixture::report(std::vector<EventDraft> events) {
  Request request = decision(std::move(events));
  request.basis = Basis::kReport;
  request.source = Source{.name = "authority-feed", .position = ++source_position_};
  request.actor = {.id = "feed", .kind = ActorKind::kPartner, .role = "integration"};
  return request;
}

Request RentalFixture::history(std::vector<EventDraft> events) {
  Request request = decision(std::move(events));
  request.basis = Basis::kHistory;
  request.source = Source{.name = "old-system", .position = ++source_position_};
  request.actor = {.id = "mover", .kind = ActorKind::kSystem, .role = "migration"};
  return request;
}

Outcome RentalFixture::append(const Request& request) {
  auto outcome = ledger->append(request);
  BOOST_REQUIRE_MESSAGE(outcome, (outcome ? std::string() : outcome.error().to_line()));
  return *std::move(outcome);
}

std::uint64_t RentalFixture::accept(const Request& request) {
  const Outcome outcome = append(request);
  const auto* refusal = std::get_if<Refusal>(&outcome);
  BOOST_REQUIRE_MESSAGE(refusal == nullptr, (refusal == nullptr ? std::string()
                                                                : refusal->rule + " " + refusal->error + ": " +
                                                                      refusal->message + " [" + refusal->path + "]"));
  return std::get<Receipt>(outcome).first_position;
}

Refusal RentalFixture::refuse(const Request& request) {
  const std::uint64_t before = ledger->head().position;
  const Outcome outcome = append(request);
  BOOST_REQUIRE_MESSAGE(std::holds_alternative<Refusal>(outcome), "it was accepted");
  BOOST_TEST(ledger->head().position == before, "a refusal writes nothing");
  return std::get<Refusal>(outcome);
}

template <class Visit>
void RentalFixture::visit_event(std::uint64_t position, Visit&& visit) {
  auto view = ledger->view();
  BOOST_REQUIRE(view);
  auto cursor = (*view)->read({}, {.after = position - 1, .before = {}, .limit = 1, .backwards = false, .stop = {}});
  BOOST_REQUIRE(cursor);
  auto event = (*cursor)->next();
  BOOST_REQUIRE(event && *event != nullptr && (*event)->position == position);
  visit(**event);
}

std::vector<Finding> RentalFixture::findings(std::uint64_t position) {
  std::vector<Finding> out;
  visit_event(position, [&](const Event& event) {
    for (const FindingView& finding : event.findings) {
      Finding& copy = out.emplace_back(Finding{std::string(finding.code), std::string(finding.path), {}});
      for (const Argument& arg : finding.args) {
        copy.args.push_back({std::string(arg.name), std::string(arg.text)});
      }
    }
  });
  return out;
}

std::string RentalFixture::codes(std::uint64_t position) {
  std::string out;
  for (const Finding& finding : findings(position)) {
    out += (out.empty() ? "" : ",") + finding.code;
  }
  return out;
}

std::string RentalFixture::transfers(std::uint64_t position) {
  std::string out;
  visit_event(position, [&](const Event& event) {
    for (const TransferView& transfer : event.transfers) {
      out += fmt::format("{}{} → {} {} ({})", out.empty() ? "" : "; ", transfer.debit, transfer.credit, transfer.amount,
                         transfer.rule);
    }
  });
  return out;
}

std::vector<std::string> RentalFixture::tags(std::uint64_t position) {
  std::vector<std::string> out;
  visit_event(position, [&](const Event& event) {
    for (const TagVersion& tag : event.tags) {
      out.emplace_back(tag.name);
    }
  });
  return out;
}

std::vector<std::pair<std::string, std::uint32_t>> RentalFixture::rules(std::uint64_t position) {
  std::vector<std::pair<std::string, std::uint32_t>> out;
  visit_event(position, [&](const Event& event) {
    for (const RuleVersionView& rule : event.rules) {
      out.emplace_back(std::string(rule.family), rule.version);
    }
  });
  return out;
}

std::size_t RentalFixture::due_count(std::uint64_t position) {
  std::size_t count = 0;
  visit_event(position, [&](const Event& event) { count = event.due.size(); });
  return count;
}

ViolationSummary RentalFixture::violation(std::string_view id) {
  auto view = ledger->view();
  BOOST_REQUIRE(view);
  auto found = find_violation(**view, id);
  BOOST_REQUIRE_MESSAGE(found && found->has_value(), "no violation " << id);
  return **found;
}

std::string RentalFixture::terms(std::string_view id) {
  const ViolationSummary v = violation(id);
  BOOST_TEST(identity_holds(v));
  return fmt::format("{} {} {} {} {} {} {} {}", v.state, v.charged, v.paid, v.overpaid, v.cancelled, v.assigned,
                     v.written_off, v.due);
}

RentalSummary RentalFixture::rental(std::string_view id) {
  auto view = ledger->view();
  auto found = find_rental(**view, id);
  BOOST_REQUIRE_MESSAGE(found && found->has_value(), "no rental " << id);
  return **found;
}

VehicleSummary RentalFixture::vehicle(std::string_view id) {
  auto view = ledger->view();
  auto found = find_vehicle(**view, id);
  BOOST_REQUIRE_MESSAGE(found && found->has_value(), "no vehicle " << id);
  return **found;
}

std::int64_t RentalFixture::net(std::string_view path, std::string_view currency) {
  auto view = ledger->view();
  auto account = (*view)->account(path, *Currency::parse(currency));
  BOOST_REQUIRE(account);
  return *account ? posted_net((*account)->balance, NormalSide::kDebit) : 0;
}

void RentalFixture::check_everything() {
  auto report = ledger->verify({});
  BOOST_REQUIRE_MESSAGE(report, (report ? std::string() : report.error().to_line()));
  for (const VerifyFinding& finding : report->findings) {
    BOOST_TEST(false, finding.check << " at " << finding.position << ": " << finding.message);
  }
  auto view = ledger->view();
  auto broken = check_violation_identity(**view);
  BOOST_REQUIRE(broken);
  BOOST_TEST(broken->empty());
}

}  // namespace carnet::test
