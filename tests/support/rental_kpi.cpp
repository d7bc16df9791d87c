// SPDX-License-Identifier: Apache-2.0
#include "support/rental_kpi.hpp"

#include "rental/facts.hpp"
#include "rental/projections.hpp"
#include "rental/rule_book.hpp"

#include <carnet/schema/account.capnp.h>
#include <carnet/schema/inspection.capnp.h>
#include <carnet/schema/reservation.capnp.h>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace carnet::test {

namespace {

using namespace rental;

constexpr std::array<std::byte, 32> kNoDigest{};

/// Events alone: whatever is well-formed is taken.
struct Tables {
  std::vector<EventRow> events{event_row<schema::LedgerOpened>(),
                               event_row<schema::RuleSetPublished>(),
                               event_row<schema::RatingReceived>(),
                               event_row<schema::FeedbackReceived>(),
                               event_row<schema::FeedbackClassified>(),
                               event_row<schema::CaseMarkedDuplicate>(),
                               event_row<schema::ReworkStarted>(),
                               event_row<schema::ComplaintResolved>(),
                               event_row<schema::CustomerOpinionRecorded>(),
                               event_row<schema::ReservationConfirmed>(),
                               event_row<schema::RentalContractSigned>(),
                               event_row<schema::RentalContractVoided>(),
                               event_row<schema::VehicleHandedOver>(),
                               event_row<schema::VehicleReturned>(),
                               event_row<schema::ReturnInspectionSigned>(),
                               event_row<schema::AccountsMerged>()};
  std::vector<MachineRow> machines{{Machine::kLedger, "ledger", "§3.9", "open", "", ""},
                                   {Machine::kRuleSet, "ruleSet", "§3.9", "published", "", ""}};
  std::vector<LifecycleRow> lifecycles{
      {Machine::kLedger, kNone, "LedgerOpened", 0, state::kOpen, state::kOpen},
      {Machine::kRuleSet, kNone, "RuleSetPublished", 0, state::kPublished, state::kPublished}};
  std::vector<AssumedRow> assumed{{Machine::kLedger, "LedgerOpened", 0, kNone, ""},
                                  {Machine::kRuleSet, "RuleSetPublished", 0, kNone, ""}};
  RuleTables all = [this] {
    const RuleTables& tables = rental_tables();
    RuleTables out;
    out.name = "kpiTest";
    out.events = events;
    out.machines = machines;
    out.lifecycles = lifecycles;
    out.assumed = assumed;
    out.findings = tables.findings;
    out.bases = tables.bases;
    out.chart = tables.chart;
    out.tags = tables.tags;
    return out;
  }();
};

class OpenDomain final : public Domain {
 public:
  OpenDomain() : book_(tables_.all), projections_(make_projections(book_)) {}

  [[nodiscard]] std::string_view name() const override { return "kpiTest"; }

  [[nodiscard]] std::span<const EventTypeSpec> event_types() const override { return book_.specs(); }

  [[nodiscard]] std::span<const TagRule> tag_rules() const override { return tables_.all.tags; }

  [[nodiscard]] std::span<const std::string_view> symbols() const override { return book_.symbols(); }

  [[nodiscard]] std::span<const std::unique_ptr<Projection>> projections() const override { return projections_; }

  [[nodiscard]] std::optional<Refusal> decide(DecideContext& /*context*/) const override { return std::nullopt; }

 private:
  Tables tables_;
  RuleBook book_;
  std::vector<std::unique_ptr<Projection>> projections_;
};

template <class Builder>
void set_party(Builder event, const std::string& party) {
  if (party.starts_with("account/")) {
    event.setAccountId(party.substr(8).c_str());
  } else if (!party.empty()) {
    event.setParty(party.c_str());
  }
}

template <class Event, class Fill>
EventDraft of_case_event(const std::string& of_case, const std::string& party, Timestamp when, Fill&& fill) {
  return make_event<Event>("case/" + of_case, when, [&](auto event) {
    event.setCaseId(of_case.c_str());
    set_party(event, party);
    fill(event);
  });
}

}  // namespace

const Domain& kpi_test_domain() {
  static const OpenDomain domain;
  return domain;
}

Timestamp at(std::string_view text) {
  const auto time = parse_timestamp(text);
  BOOST_REQUIRE(time);
  return *time;
}

EventDraft rated(const std::string& rating, const std::string& party, Step step, Timestamp when) {
  return make_event<schema::RatingReceived>("operations/ratings", when, [&](auto event) {
    event.setRatingId(rating.c_str());
    set_party(event, party);
    event.setScope(schema::RatingReceived::Scope::OVERALL);
    event.setRef("all");
    event.setScaleMin(1);
    event.setScaleMax(5);
    event.setScore(5);
    if (step != Step::UNSPECIFIED) {
      event.initStep().setValue(step);
    }
  });
}

EventDraft complained(const std::string& of_case, const std::string& party, const std::string& order, Timestamp when) {
  return of_case_event<schema::FeedbackReceived>(of_case, party, when, [&](auto event) {
    if (!order.empty()) {
      event.setOrderId(order.c_str());
    }
    event.setReferenceNo(of_case.c_str());
    event.setChannel("hotline");
    event.setIntakeOrigin("direct");
    event.setCustomerVoicedAt(when.ns);
    event.initFieldMask(0);
    event.setOrderRef(schema::FeedbackReceived::OrderRef::GIVEN);
  });
}

EventDraft classified(const std::string& of_case, const std::string& party, const std::string& category,
                      Timestamp when) {
  return of_case_event<schema::FeedbackClassified>(of_case, party, when, [&](auto event) {
    event.setCategory(category.c_str());
    event.setTopic("rental");
    event.setNature("other");
    event.setSeverity(schema::FeedbackClassified::Severity::NORMAL);
  });
}

EventDraft duplicate(const std::string& of_case, const std::string& primary, const std::string& party, Timestamp when) {
  return of_case_event<schema::CaseMarkedDuplicate>(of_case, party, when,
                                                    [&](auto event) { event.setPrimaryCaseId(primary.c_str()); });
}

EventDraft resolved(const std::string& of_case, const std::string& party, bool satisfied, Timestamp when) {
  return of_case_event<schema::ComplaintResolved>(of_case, party, when, [&](auto event) {
    event.setRound(1);
    event.setOutcome(schema::ComplaintResolved::Outcome::UPHELD);
    event.setSatisfied(satisfied);
  });
}

EventDraft reworked(const std::string& of_case, const std::string& party, Timestamp when) {
  return of_case_event<schema::ReworkStarted>(of_case, party, when, [&](auto event) {
    event.setRound(2);
    event.setCause(schema::ReworkStarted::Cause::REOPENED);
    event.setReasonCode("r");
  });
}

EventDraft opined(const std::string& of_case, const std::string& party, const std::string& scale, Timestamp when) {
  return of_case_event<schema::CustomerOpinionRecorded>(of_case, party, when, [&](auto event) {
    event.setRound(1);
    event.setResult(schema::CustomerOpinionRecorded::Result::SATISFIED);
    event.setScale(scale.c_str());
  });
}

EventDraft order_confirmed(const std::string& order, const std::string& party, Timestamp when) {
  return make_event<schema::ReservationConfirmed>("reservation/R" + order, when, [&](auto event) {
    event.setReservationId(("R" + order).c_str());
    event.setOrderId(order.c_str());
    set_party(event, party);
    event.setReservationNo("1");
    event.setPickupBranchId("B1");
    event.setPickupAt(when.ns);
    event.setModel("m");
    set_money(event.initEstimate(), eur(1));
    event.initFeeTerms(0);
  });
}

EventDraft contract_signed(const std::string& order, const std::string& party, Timestamp when) {
  return make_event<schema::RentalContractSigned>("rental/C" + order, when, [&](auto event) {
    event.setContractId(("C" + order).c_str());
    event.setOrderId(order.c_str());
    set_party(event, party);
    event.setContractNo("1");
    event.setSignatureDigest(as_data(kNoDigest));
    event.setStaffId("S1");
    event.setTermsVersion("1");
  });
}

EventDraft order_voided(const std::string& order, const std::string& party, Timestamp when) {
  return make_event<schema::RentalContractVoided>("rental/C" + order, when, [&](auto event) {
    event.setContractId(("C" + order).c_str());
    event.setOrderId(order.c_str());
    set_party(event, party);
    event.setReasonCode("r");
  });
}

EventDraft took(const std::string& contract, const std::string& party, Timestamp when,
                std::optional<Timestamp> planned) {
  return make_event<schema::VehicleHandedOver>("rental/" + contract, when, [&](auto event) {
    event.setContractId(contract.c_str());
    set_party(event, party);
    event.setVehicleId("V1");
    event.setAt(when.ns);
    if (planned) {
      event.initPlannedReturn().setValue(planned->ns);
    }
  });
}

EventDraft gave_back(const std::string& contract, const std::string& party, Timestamp when) {
  return make_event<schema::VehicleReturned>("rental/" + contract, when, [&](auto event) {
    event.setContractId(contract.c_str());
    set_party(event, party);
    event.setVehicleId("V1");
    event.setAt(when.ns);
  });
}

EventDraft inspected(const std::string& contract, const std::string& party, Timestamp when) {
  return make_event<schema::ReturnInspectionSigned>("inspection/I" + contract, when, [&](auto event) {
    event.setInspectionId(("I" + contract).c_str());
    event.setContractId(contract.c_str());
    set_party(event, party);
    event.setVehicleId("V1");
    event.setLeg(1);
    event.setInspectionDigest(as_data(kNoDigest));
    event.setStaffId("S1");
    event.setCustomerPresent(true);
  });
}

EventDraft merged_into(const std::string& stream_of, const std::string& surviving, const std::string& absorbed,
                       Timestamp when) {
  return make_event<schema::AccountsMerged>("account/" + stream_of, when, [&](auto event) {
    event.setAccountId(stream_of.c_str());
    event.setSurviving(surviving.c_str());
    event.setAbsorbed(absorbed.c_str());
    event.setEvidence(as_data(kNoDigest));
  });
}

std::string kpi_text(Ledger& ledger, std::string_view id, std::string_view window, std::string_view zone,
                     std::optional<std::uint64_t> known_at, bool include_history) {
  KpiQuery query;
  query.ids = {std::string(id)};
  query.known_at = known_at;
  query.include_history = include_history;
  auto span = parse_window(window, zone);
  BOOST_REQUIRE_MESSAGE(span, (span ? std::string() : span.error().to_line()));
  query.window = *std::move(span);
  auto view = ledger.view();
  BOOST_REQUIRE(view);
  const auto values = compute_kpis(**view, query);
  BOOST_REQUIRE_MESSAGE(values, (values ? std::string() : values.error().to_line()));
  std::string out;
  for (const KpiValue& value : *values) {
    out += out.empty() ? "" : "; ";
    out += value.id;
    out += value.slice.empty() ? "" : "[" + value.slice + "]";
    out += fmt::format(" {}/{} n={}", value.numerator, value.denominator, value.n);
    out += value.aside == 0 ? "" : fmt::format(" aside={}", value.aside);
    out += value.currency.is_none() ? "" : " " + value.currency.code();
  }
  return out;
}

void KpiFixture::check_tables() {
  auto report = ledger->verify({});
  BOOST_REQUIRE_MESSAGE(report, (report ? std::string() : report.error().to_line()));
  for (const VerifyFinding& finding : report->findings) {
    BOOST_TEST(false, finding.check << " at " << finding.position << ": " << finding.message);
  }
}

}  // namespace carnet::test
