// SPDX-License-Identifier: Apache-2.0
//
// A rental ledger of a test case's own, over the real engine, with short words for its events. Times are days after
// 2024-01-01.
#pragma once

#include "support/temp_folder.hpp"

#include <carnet/ledger.hpp>
#include <carnet/rental/domain.hpp>
#include <carnet/rental/queries.hpp>
#include <carnet/schema/case.capnp.h>
#include <carnet/schema/ledger.capnp.h>
#include <carnet/schema/payment.capnp.h>
#include <carnet/schema/rental.capnp.h>
#include <carnet/schema/violation.capnp.h>
#include <carnet/typed.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::test {

using Amend = schema::TrafficViolationAmended::Kind;
using BorneBy = schema::FinePaidToAuthority::BorneBy;
using Payer = schema::PaymentReceived::Payer;
using Purpose = schema::PaymentReceived::Purpose;

[[nodiscard]] Timestamp day(int number, int minutes = 0);
[[nodiscard]] Money eur(std::int64_t minor);

// ---- Events. The party of violation V is external/V unless it is said ----

struct Violation {
  std::string id = "V1";
  std::string party = "external/V1";
  std::string contract;
  std::string vehicle;
};

[[nodiscard]] EventDraft recorded(const Violation& violation, Money fine, Timestamp at = day(1));
[[nodiscard]] EventDraft charged(const Violation& violation, Money fine, std::optional<Money> expense = {},
                                 Timestamp at = day(2));
[[nodiscard]] EventDraft amended(const Violation& violation, Amend kind, std::optional<Money> amount = {},
                                 Timestamp at = day(3));
[[nodiscard]] EventDraft paid_to_authority(const Violation& violation, Money amount, BorneBy by, Timestamp at = day(4));
[[nodiscard]] EventDraft refunded_by_authority(const Violation& violation, Money amount, Timestamp at = day(5));
[[nodiscard]] EventDraft assigned(const Violation& violation, Money amount, Timestamp at = day(6));

struct Payment {
  std::string id = "P1";
  std::string party = "external/V1";
  std::string account;
  std::string partner;
  std::string order;
  std::string payer_id;
  Payer payer = Payer::CUSTOMER;
  Purpose purpose = Purpose::SETTLEMENT;
  std::string method = "card";
  std::string psp;
  std::string psp_ref;
  Money amount = eur(0);
  std::vector<std::pair<std::string, Money>> to_violations;
  std::vector<std::pair<std::string, Money>> to_charges;
  std::vector<std::pair<std::string, Money>> deductions;
};

[[nodiscard]] EventDraft received(const Payment& payment, Timestamp at = day(7));
/// All of it for V1.
[[nodiscard]] EventDraft received(std::string id, Money amount, std::string violation = "V1", Timestamp at = day(7));

[[nodiscard]] EventDraft handed_over(std::string contract, std::string vehicle, Timestamp at,
                                     std::optional<std::uint32_t> odometer = {});
[[nodiscard]] EventDraft returned(std::string contract, std::string vehicle, Timestamp at,
                                  std::optional<std::uint32_t> odometer = {});
[[nodiscard]] EventDraft notice(std::string stream, std::string about, Timestamp at = day(3));
[[nodiscard]] EventDraft feedback(std::string id, std::string reference, std::string responsible = "S1",
                                  Timestamp at = day(8));
[[nodiscard]] EventDraft referred(std::string id, Timestamp at = day(9));
[[nodiscard]] EventDraft rule_set(std::string family, std::uint32_t version, std::string parameters,
                                  Timestamp effective_from = day(20));

/// The same event once more, taking back what stands at `position`.
[[nodiscard]] EventDraft reversal_of(EventDraft event, std::uint64_t position);
[[nodiscard]] EventDraft correction_of(EventDraft event, std::uint64_t position);

struct Finding {
  std::string code;
  std::string path;
  std::vector<Fact> args;
};

class RentalFixture {
 public:
  /// Opened on day 10, with go-live on day 100, so that days before it may be history.
  explicit RentalFixture(const Domain& domain = rental_domain());

  // Envelopes.
  [[nodiscard]] Request decision(std::vector<EventDraft> events);
  [[nodiscard]] Request report(std::vector<EventDraft> events);
  [[nodiscard]] Request history(std::vector<EventDraft> events);

  [[nodiscard]] Outcome append(const Request& request);
  /// First position of what must be accepted.
  std::uint64_t accept(const Request& request);

  std::uint64_t decide(EventDraft event) { return accept(decision({std::move(event)})); }

  /// The refusal of what must be refused.
  Refusal refuse(const Request& request);

  Refusal refuse(EventDraft event) { return refuse(decision({std::move(event)})); }

  [[nodiscard]] std::vector<Finding> findings(std::uint64_t position);
  [[nodiscard]] std::string codes(std::uint64_t position);  ///< `A,B`
  /// `debit → credit amount (rule)`, separated by `; `.
  [[nodiscard]] std::string transfers(std::uint64_t position);
  [[nodiscard]] std::vector<std::string> tags(std::uint64_t position);
  [[nodiscard]] std::vector<std::pair<std::string, std::uint32_t>> rules(std::uint64_t position);
  [[nodiscard]] std::size_t due_count(std::uint64_t position);

  [[nodiscard]] ViolationSummary violation(std::string_view id = "V1");
  /// `state charged paid overpaid cancelled assigned writtenOff due`
  [[nodiscard]] std::string terms(std::string_view id = "V1");
  [[nodiscard]] RentalSummary rental(std::string_view id);
  [[nodiscard]] VehicleSummary vehicle(std::string_view id);
  /// Net of a ledger account, debits less credits.
  [[nodiscard]] std::int64_t net(std::string_view path, std::string_view currency = "EUR");

  /// Views recomputed from the log say the same, and I-V1 holds for every violation.
  void check_everything();

  std::shared_ptr<ManualClock> clock;
  std::unique_ptr<Ledger> ledger;

 private:
  template <class Visit>
  void visit_event(std::uint64_t position, Visit&& visit);

  TempFolder folder_;
  std::uint64_t commands_ = 0;
  std::uint64_t source_position_ = 0;
};

}  // namespace carnet::test
