// SPDX-License-Identifier: Apache-2.0
//
// Guards of the ledger itself: opening, rule sets, periods.
#include "base/bytes.hpp"
#include "base/sha256.hpp"
#include "rental/chart_path.hpp"
#include "rental/guards.hpp"
#include "rental/money.hpp"

#include <carnet/schema/ledger.capnp.h>
#include <carnet/typed.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace carnet::rental {

namespace {

std::optional<Broken> first_of_domain(Decision& d) {
  if (d.context().commit().first_commit && d.context().event_index() == 0) {
    return std::nullopt;
  }
  return Broken{.message = "LedgerOpened is the first event after the genesis, and stands once"};
}

std::optional<Broken> rule_set_known(Decision& d) {
  const RuleFamily family = rule_family(d.facts().family);
  if (family == RuleFamily::kUnknown) {
    return Broken{
        .message = fmt::format("rule set family {} is not one of this release: codes, postingAccounts, pspProfile",
                               d.facts().family),
        .values = {{"family", std::string(d.facts().family)}},
        .path = "data.family"};
  }
  if (d.context().stream_name() != fmt::format("document/ruleSet.{}", d.facts().family)) {
    return Broken{.message = "the stream of a rule set is document/ruleSet.{family}",
                  .values = {{"stream", std::string(d.context().stream_name())}},
                  .path = "stream"};
  }
  std::string fault;
  if (!parse_rule_set(family, d.facts().parameters, fault)) {
    return Broken{.message = std::move(fault), .values = {{"family", std::string(d.facts().family)}}};
  }
  const base::Hash digest = base::sha256(base::as_bytes(d.facts().parameters));
  if (!std::ranges::equal(digest, d.facts().digest)) {
    return Broken{.message = "the digest is not that of the parameters", .path = "data.digest"};
  }
  return std::nullopt;
}

std::optional<Broken> rule_set_version(Decision& d) {
  const TableId sets = table_at(d.context().table(kLedgerProjection), 1);
  const auto family = static_cast<std::uint16_t>(rule_family(d.facts().family));
  std::uint32_t highest = 0;
  const std::uint64_t count = d.tables().row_count(sets);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto row = d.tables().get<RuleSetRow>(sets, i);
    if (row.live != 0 && row.family == family) {
      highest = std::max(highest, row.version);
    }
  }
  if (d.facts().version == highest + 1) {
    return std::nullopt;
  }
  return Broken{.message = fmt::format("the next version of {} is {}", d.facts().family, highest + 1),
                .values = {{"version", fmt::to_string(d.facts().version)}, {"published", fmt::to_string(highest)}}};
}

std::optional<Broken> rule_set_not_past(Decision& d) {
  if (d.facts().version < 2 || d.facts().effective_from >= d.context().commit().recorded_at) {
    return std::nullopt;
  }
  return Broken{.message = "effective before it is published",
                .values = {{"effectiveFrom", to_text(d.facts().effective_from)}}};
}

std::optional<Broken> document_stream(Decision& d) {
  if (d.context().stream_name() == fmt::format("document/{}", d.facts().kind_code)) {
    return std::nullopt;
  }
  return Broken{.message = "the stream of a document is document/{kind}",
                .values = {{"stream", std::string(d.context().stream_name())}}};
}

std::optional<Broken> control_stream(Decision& d) {
  const std::string_view control = as_text(d.payload<schema::ControlPerformed>().getControl());
  if (d.context().stream_name() == fmt::format("operations/{}", control)) {
    return std::nullopt;
  }
  return Broken{.message = "the stream of a control is operations/{control}",
                .values = {{"stream", std::string(d.context().stream_name())}}};
}

std::optional<Broken> version_new(Decision& d) {
  const Subject* document = d.subject(Machine::kDocument);
  if (document == nullptr || !document->exists()) {
    return std::nullopt;
  }
  return Broken{.message = "this version was published before: publish the next one",
                .values = {{"kind", std::string(d.facts().kind_code)}}};
}

std::optional<Broken> document_not_past(Decision& d) {
  const bool first = !d.payload<schema::DocumentPublished>().hasSupersedes();
  if (first || d.facts().effective_from >= d.context().commit().recorded_at) {
    return std::nullopt;
  }
  return Broken{.message = "effective before it is published",
                .values = {{"effectiveFrom", to_text(d.facts().effective_from)}}};
}

// ---- Opening balances and periods ----

std::optional<Broken> only_history(Decision& d) {
  if (d.basis() == Basis::kHistory) {
    return std::nullopt;
  }
  return Broken{.message = "an opening balance is of the time before go-live: state it on basis history"};
}

/// What is kept by subject (violations, deposits, vouchers, points) is opened by the events of that subject.
bool opened_otherwise(const ChartRow& row, std::string_view path) {
  constexpr std::string_view kCharts[] = {"L1", "L2", "L7", "Q1", "X1", "X2"};
  const bool of_violation = (row.code == "A3" || row.code == "L3") && path.find("/violation/") != path.npos;
  return of_violation || std::ranges::find(kCharts, row.code) != std::end(kCharts);
}

std::optional<Broken> opening_account(Decision& d) {
  const std::string_view path = d.facts().ledger_account;
  const ChartRow* row = chart_of_path(d.book().tables().chart, path);
  if (row == nullptr) {
    return Broken{.message = "the path is none of the chart of accounts"};
  }
  if (opened_otherwise(*row, path)) {
    return Broken{.message = "violations, deposits, vouchers and points are opened by their own events on history",
                  .values = {{"chart", std::string(row->code)}}};
  }
  return std::nullopt;
}

std::optional<Broken> opening_party(Decision& d) {
  const ChartRow* row = chart_of_path(d.book().tables().chart, d.facts().ledger_account);
  const std::string_view party = row == nullptr ? std::string_view{} : party_of_path(*row, d.facts().ledger_account);
  if (party == d.facts().party) {
    return std::nullopt;
  }
  return Broken{.message = "the event bears the party whose account it is, and no other"};
}

std::optional<Broken> period_increasing(Decision& d) {
  const std::optional<Timestamp> before = d.closed_through();
  if (!before || d.facts().through > *before) {
    return std::nullopt;
  }
  return Broken{.message = "a period ends after the one that was closed before",
                .values = {{"through", to_text(d.facts().through)}, {"closed", to_text(*before)}}};
}

std::optional<Broken> period_over(Decision& d) {
  const std::uint64_t position = d.payload<schema::PeriodClosed>().getPosition();
  if (d.facts().through <= d.context().commit().recorded_at && position < d.event().position) {
    return std::nullopt;
  }
  return Broken{.message = "a period is closed when it has ended, and cites a position that is there",
                .values = {{"through", to_text(d.facts().through)}, {"position", fmt::to_string(position)}}};
}

}  // namespace

namespace guard {

const GuardRow kFirstOfDomain{"§0.1", "NotFirstEvent", "", &first_of_domain, true};
const GuardRow kRuleSetKnown{"§2.2", "RuleSetInvalid", "data.parameters", &rule_set_known, true};
const GuardRow kRuleSetVersion{"§3.9", "VersionNotIncreasing", "data.version", &rule_set_version, true};
const GuardRow kRuleSetNotPast{"§3.9", "EffectiveInPast", "data.effectiveFrom", &rule_set_not_past, false, true};
const GuardRow kDocumentStream{"§2.1", "WrongStream", "stream", &document_stream, true};
const GuardRow kControlStream{"§2.1", "WrongStream", "stream", &control_stream, true};
const GuardRow kVersionNew{"§3.9", "VersionNotIncreasing", "data.version", &version_new};
const GuardRow kDocumentNotPast{"§3.9", "EffectiveInPast", "data.effectiveFrom", &document_not_past, false, true};
const GuardRow kOnlyHistory{"§3.9", "NotHistory", "basis", &only_history, true};
const GuardRow kOpeningAccount{"PR-97", "NotOpeningAccount", "data.ledgerAccount", &opening_account, true};
const GuardRow kOpeningParty{"I-M23", "PartyTagMissing", "data.party", &opening_party, true};
const GuardRow kPeriodIncreasing{"§3.9", "PeriodNotIncreasing", "data.through", &period_increasing};
const GuardRow kPeriodOver{"§3.9", "PeriodNotOver", "data.through", &period_over};

}  // namespace guard

}  // namespace carnet::rental
