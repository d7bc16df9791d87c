// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.hpp"
#include "rental/rule_sets.hpp"
#include "rental/rules.hpp"

#include <carnet/rental/domain.hpp>
#include <carnet/schema/ledger.capnp.h>
#include <carnet/typed.hpp>

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <variant>

namespace carnet {

namespace {

bool is_zone(const std::string& name) {
  try {
    return date::locate_zone(name) != nullptr;
  } catch (const std::exception&) {
    return false;  // The zone library's way of saying that it knows no such name.
  }
}

bool is_jurisdiction(const std::string& code) {
  return code == "unspecified" ||
         (code.size() == 2 && std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; }));
}

Request opening_request(std::string_view what, EventDraft draft) {
  Request request;
  request.command = fmt::format("init:{}", what);
  request.actor = {.id = "init", .kind = ActorKind::kSystem, .role = "system"};
  request.channel = "system";
  request.versions = VersionPolicy::kAny;
  request.events.push_back(std::move(draft));
  return request;
}

Request rule_set_request(rental::RuleFamily family, Timestamp now) {
  const std::string parameters = rental::default_parameters(family);
  const std::string name = fmt::format("ruleSet.{}", rental::to_string(family));
  return opening_request(name, make_event<schema::RuleSetPublished>("document/" + name, now, [&](auto set) {
                           const std::string family_name(rental::to_string(family));
                           set.setFamily(family_name.c_str());
                           set.setVersion(1);
                           set.setEffectiveFrom(0);  // 1970: it rules history too.
                           set.setParameters(parameters.c_str());
                           set.setDigest(as_data(base::sha256(base::as_bytes(parameters))));
                         }));
}

}  // namespace

const Domain& rental_domain() {
  static const std::unique_ptr<Domain> domain = rental::make_rule_domain(rental::rental_tables());
  return *domain;
}

Result<std::vector<Request>> opening_requests(const OpeningOptions& options) {
  if (!is_zone(options.zone)) {
    return Error(ErrorCode::kInvalidArgument, "ZoneUnknown", "the time zone is not a name of the IANA database");
  }
  if (!is_jurisdiction(options.jurisdiction)) {
    return Error(ErrorCode::kInvalidArgument, "JurisdictionUnknown",
                 "the jurisdiction is two capital letters of ISO 3166-1, or unspecified");
  }
  CARNET_TRY(const Currency currency, Currency::parse(options.currency));
  std::vector<Request> requests;
  requests.push_back(
      opening_request("LedgerOpened", make_event<schema::LedgerOpened>("ledger/self", options.now, [&](auto opened) {
                        opened.setGoLiveAt(options.go_live_at.ns);
                        opened.setBusinessTz(options.zone.c_str());
                        auto lines = opened.initBusinessLines(static_cast<unsigned>(options.business_lines.size()));
                        for (unsigned i = 0; i < lines.size(); ++i) {
                          lines.set(i, options.business_lines[i].c_str());
                        }
                        opened.setBaseCurrency(currency.packed());
                        opened.setJurisdiction(options.jurisdiction.c_str());
                      })));
  requests.push_back(rule_set_request(rental::RuleFamily::kCodes, options.now));
  requests.push_back(rule_set_request(rental::RuleFamily::kPostingAccounts, options.now));
  return requests;
}

Result<Ledger::Opened> open_rental_ledger(const std::filesystem::path& folder, const OpenOptions& options,
                                          const OpeningOptions& opening) {
  CARNET_TRY(const std::vector<Request> requests, opening_requests(opening));
  CARNET_TRY(Ledger::Opened opened, Ledger::open(folder, &rental_domain(), options));
  // One event each behind the genesis: a head beyond them has them all.
  if (options.read_only || opened.ledger->head().position > requests.size()) {
    return opened;
  }
  for (const Request& request : requests) {
    CARNET_TRY(const std::optional<Receipt> landed, opened.ledger->receipt(request.command));
    if (landed) {
      continue;
    }
    CARNET_TRY(const Outcome outcome, opened.ledger->append(request));
    if (const auto* refusal = std::get_if<Refusal>(&outcome); refusal != nullptr) {
      return Error(ErrorCode::kInvalidArgument, "OpeningRefused", refusal->message, {{"error", refusal->error}});
    }
  }
  return opened;
}

}  // namespace carnet
