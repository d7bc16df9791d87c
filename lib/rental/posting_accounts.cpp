// SPDX-License-Identifier: Apache-2.0
//
// Where a transfer lies: the sides of posting rows become ledger accounts, by the chart's paths and what the event
// names.
#include "base/check.hpp"
#include "rental/chart_path.hpp"
#include "rental/money.hpp"

#include <carnet/schema/deposit.capnp.h>
#include <carnet/schema/ledger.capnp.h>
#include <carnet/schema/payment.capnp.h>
#include <carnet/schema/settlement.capnp.h>

#include <fmt/format.h>

#include <algorithm>

namespace carnet::rental {

namespace {

using Payer = schema::PaymentReceived::Payer;
using DepositPurpose = schema::DepositPurpose;

/// Settled money, not a processor's: DOMAIN PR-01.
bool is_settled_money(std::string_view method) noexcept {
  return method == "cash" || method == "bankTransfer" || method == "notStated";
}

std::string jurisdiction_of(const PayloadView& opened) {
  return std::string(as_text(payload_as<schema::LedgerOpened>(opened).getJurisdiction()));
}

}  // namespace

const ChartRow& Poster::chart_of(const Side& side, const ChartRow* chart) {
  if (side.use == "method" && is_settled_money(facts_.method)) {
    return book_.chart("A1");
  }
  if (side.chart == "Lx") {
    const bool violation = deposit_purpose(decision_) == static_cast<std::uint8_t>(DepositPurpose::VIOLATION);
    return book_.chart(violation ? "L2" : "L1");
  }
  if (side.use == "compensation") {
    const RuleSet* set = decision_.rules(RuleFamily::kPostingAccounts);
    const auto* postings = set == nullptr ? nullptr : std::get_if<PostingRules>(&set->rules);
    return book_.chart(postings != nullptr && postings->compensation == "C1" ? "C1" : "E");
  }
  if (side.use == "ledgerAccount") {
    const ChartRow* stated = chart_of_path(book_.tables().chart, facts_.ledger_account);
    CARNET_ASSERT(stated != nullptr, "a guard has checked the path");
    return *stated;
  }
  CARNET_ASSERT(chart != nullptr, "sides name rows of the chart");
  return *chart;
}

std::uint32_t Poster::booked_account(const Side& side, const Scope& scope) {
  const bool of_hold = side.use == "hold";
  if (!of_hold && side.use != "charge") {
    return 0;
  }
  const Subject* subject = of_hold ? decision_.subject(Machine::kHold) : charge_of(scope);
  if (subject == nullptr || !subject->exists()) {
    return 0;
  }
  // After a merge what the customer owes is claimed on the account that is left, by path.
  if (side.chart == "A3" && decision_.party_now(subject->row.party) != subject->row.party) {
    return 0;
  }
  constexpr std::string_view kPlaces[] = {"Lx A3 A4", "A2 R", "L8"};
  const auto found = std::ranges::find_if(
      kPlaces, [&](std::string_view charts) { return charts.find(side.chart) != std::string_view::npos; });
  const auto place = static_cast<std::size_t>(found - std::begin(kPlaces));
  return subject->row.accounts[place];
}

bool Poster::resolve(const Side& side, const ChartRow* chart, const Scope& scope, std::string& path,
                     AccountSpec& account) {
  const ChartRow& row = chart_of(side, chart);
  path.clear();
  if (side.use == "ledgerAccount") {
    path = facts_.ledger_account;
    account = {.path = path, .chart = book_.symbol(row.code), .normal = row.normal, .limit = row.limit};
    return true;
  }
  std::string_view rest = row.path;
  while (!rest.empty()) {
    const std::size_t open = rest.find('{');
    path += rest.substr(0, open);
    if (open == std::string_view::npos) {
      break;
    }
    const std::size_t close = rest.find('}', open);
    if (!append_placeholder(rest.substr(open + 1, close - open - 1), side, scope, path)) {
      return false;
    }
    rest = rest.substr(close + 1);
  }
  account = {.path = path, .chart = book_.symbol(row.code), .normal = row.normal, .limit = row.limit};
  return true;
}

std::string Poster::of_name(const Side& side, const Scope& scope) {
  if (!scope.place.empty()) {
    return scope.place;
  }
  if (side.use != "order" && scope.violation != nullptr) {
    return fmt::format("violation/{}", scope.violation->subject.id);
  }
  if (!facts_.order_id.empty()) {
    return fmt::format("order/{}", facts_.order_id);
  }
  if (side.use == "allocated" && scope.charge != nullptr) {
    const AppliedEvent* posted = context_.event_at(scope.charge->row.first);
    const std::string_view order = posted == nullptr
                                       ? std::string_view{}
                                       : as_text(payload_as<schema::ChargePosted>(posted->payload).getOrderId());
    return order.empty() ? std::string("none") : fmt::format("order/{}", order);
  }
  return "none";
}

std::string_view Poster::party_name(const Side& side, const Scope& scope) {
  if (side.use != "order" && scope.violation != nullptr) {
    return scope.violation->party;
  }
  if (side.use == "allocated" && scope.charge != nullptr && scope.charge->row.party != 0) {
    const std::uint32_t party = decision_.party_now(scope.charge->row.party);
    for (const ChainRef& chain : context_.event().chains) {
      if (party_code(chain, book_.known()) == party) {
        return chain.name;
      }
    }
    return {};
  }
  // The payload's party: its first tag, since the account stands before every other party in the tag table.
  const ChainRef* party = find_party(context_.event(), book_.known());
  return party == nullptr || (facts_.account_id.empty() && facts_.party.empty()) ? std::string_view{} : party->name;
}

std::string Poster::psp_name() {
  if (!facts_.psp.empty()) {
    return fmt::format("psp/{}", facts_.psp);
  }
  const std::string psp = psp_of_source(decision_);
  return psp.empty() ? std::string("none") : fmt::format("psp/{}", psp);
}

std::string Poster::partner_name(const Side& side) {
  const auto named = [&](std::string_view family, std::string_view id, std::string_view field) {
    missing_ = field;
    return id.empty() ? std::string{} : fmt::format("{}/{}", family, id);
  };
  if (side.use == "authority") {
    return named("authority", facts_.authority, "authority");
  }
  if (side.use == "collector") {
    return named("collector", facts_.collector, "collector");
  }
  if (side.use == "psp") {
    return named("psp", facts_.psp, "psp");
  }
  if (side.use == "charge") {
    const Subject* charge = decision_.subject(Machine::kCharge);
    const AppliedEvent* posted = charge == nullptr ? nullptr : context_.event_at(charge->row.marks[0]);
    return named("partner",
                 posted == nullptr ? std::string_view{}
                                   : as_text(payload_as<schema::ChargePosted>(posted->payload).getPayerId()),
                 "payerId");
  }
  const std::string_view id = facts_.payer_id.empty() ? facts_.partner_id : facts_.payer_id;
  return named(static_cast<Payer>(facts_.payer) == Payer::COLLECTOR ? "collector" : "partner", id, "payerId");
}

bool Poster::append_placeholder(std::string_view name, const Side& side, const Scope& scope, std::string& path) {
  std::string text;
  if (name == "party") {
    text = party_name(side, scope);
    missing_ = "accountId or party";
  } else if (name == "of") {
    text = of_name(side, scope);
  } else if (name == "psp") {
    text = psp_name();
  } else if (name == "authority") {
    text = facts_.authority;
    missing_ = "authority";
  } else if (name == "violation") {
    text = facts_.violation_id;
    missing_ = "violationId";
  } else if (name == "deposit") {
    text = facts_.deposit_id.empty() ? facts_.source_id : facts_.deposit_id;
    missing_ = "depositId";
  } else if (name == "hold") {
    // Cash has no hold: the part falls away with its slash.
    if (facts_.hold_id.empty()) {
      path.pop_back();
      return true;
    }
    text = facts_.hold_id;
  } else if (name == "voucher") {
    text = facts_.voucher_id;
    missing_ = "voucherId";
  } else if (name == "use") {
    if (side.use == "kind" || side.use == "charge") {
      text = revenue_use(decision_, facts_.kind_code);
    } else if (side.use == "costKind") {
      text = facts_.kind_code == "driver" ? "driverCost" : "roadside";
    } else {
      text = side.use;
    }
    missing_ = "kind";
  } else if (name == "jurisdiction" && !facts_.jurisdiction.empty()) {
    text = facts_.jurisdiction;
  } else if (name == "jurisdiction") {
    const auto ledger = decision_.tables().get<LedgerRow>(context_.table(kLedgerProjection), 0);
    const AppliedEvent* opened = context_.event_at(ledger.opened);
    text = opened == nullptr ? std::string{} : jurisdiction_of(opened->payload);
    missing_ = "jurisdiction";
  } else if (name == "partner") {
    text = partner_name(side);
  } else {
    CARNET_ASSERT(false, "posting rows of this release use no other placeholder");
  }
  path += text;
  return !text.empty();
}

}  // namespace carnet::rental
