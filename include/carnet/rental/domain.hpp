// SPDX-License-Identifier: Apache-2.0
//
// The rental domain: vehicle rental's events, lifecycles and postings (DOMAIN.md) as a Domain for Ledger::open, and how
// a ledger of it begins. Rules are rows of tables; docs/architecture.md shows where each table stands. Stability:
// experimental until the domain is complete; event names, fields and codes are final.
#pragma once

#include <carnet/ledger.hpp>
#include <carnet/request.hpp>
#include <carnet/result.hpp>
#include <carnet/time.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace carnet {

/// The domain, one object for all ledgers of the process; lives until exit. Threads: any.
[[nodiscard]] const Domain& rental_domain();

/// What LedgerOpened says of a new ledger.
struct OpeningOptions {
  Timestamp now;                             ///< occurredAt of the opening events: the host's clock.
  Timestamp go_live_at;                      ///< What occurred before may come in as `history`.
  std::string zone = "UTC";                  ///< IANA name of the business's time zone.
  std::string currency = "EUR";              ///< ISO 4217
  std::string jurisdiction = "unspecified";  ///< ISO 3166-1 alpha-2.
  std::vector<std::string> business_lines{"rental"};
};

/// Requests that open a ledger, to be appended in order before any other: LedgerOpened, then version 1 of each default
/// rule set, in force from 1970 on so that it rules history too. Actor {init, system, system}; commands
/// `init:LedgerOpened`, `init:ruleSet.codes`, `init:ruleSet.postingAccounts`. The same options give the same requests.
/// Errors: kInvalidArgument `ZoneUnknown`, `CurrencyUnknown`, `JurisdictionUnknown`.
[[nodiscard]] Result<std::vector<Request>> opening_requests(const OpeningOptions& options);

/// Opens a ledger of the rental domain, creating it where `options` allow; a ledger that holds nothing but its genesis,
/// or was left while it was being opened, gets the opening requests that it lacks. Errors: as Ledger::open and
/// opening_requests; kInvalidArgument `OpeningRefused` when the ledger's rules refuse them.
[[nodiscard]] Result<Ledger::Opened> open_rental_ledger(const std::filesystem::path& folder, const OpenOptions& options,
                                                        const OpeningOptions& opening);

}  // namespace carnet
