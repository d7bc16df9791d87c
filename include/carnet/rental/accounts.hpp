// SPDX-License-Identifier: Apache-2.0
//
// Questions about accounts to a View of a rental ledger: state, what was verified, on what their data rests. They read
// tables, never the log, and nothing personal. Stability: experimental until the domain is complete.
#pragma once

#include <carnet/rental/queries.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carnet {

// Both functions: the view's ledger must be of rental_domain(). Errors: those of the view (kCorruption, kStorage,
// kExpired); the list also kNotFound `AfterUnknown`: no account has the id `page.after`. Threads: as the view. States
// and names of enumerants are static text, as in DOMAIN.md §2.3, §2.13, §3.1 and §3.9.

/// The last verification of a kind.
struct AccountVerification {
  std::string what;                      ///< Code of the list `verification`: `licence`.
  std::string_view state;                ///< `passed`, `failed`.
  std::optional<LocalDate> valid_until;  ///< None: without end.
  std::uint64_t position = 0;            ///< Of VerificationRecorded, or of its last correction.
};

/// On what the processing for a purpose rests.
struct AccountBasis {
  std::string purpose;     ///< Code of the list `purpose`: `marketing`.
  std::string_view state;  ///< `inForce`, `withdrawn`; `none`: a withdrawal that found nothing (`report`, `history`).
  std::string_view basis;  ///< `consent`, `contract`, `legalObligation`, `legitimateInterest`, `partnerProof`.
  Timestamp since;         ///< When it came into this state.
  std::uint64_t position = 0;  ///< Of LawfulBasisRecorded, or of its last correction; 0: none.
};

struct AccountSummary {
  std::string account;
  std::string_view state;                          ///< `active`
  std::string_view profile;                        ///< `rental`, `designatedDriver`, `both`; `unspecified`: not known.
  bool restricted = false;                         ///< A restriction is in force, also while the account is closing.
  Timestamp since;                                 ///< When it came into its state.
  std::uint64_t opened = 0;                        ///< Position of AccountOpened; 0: not opened, or before the ledger.
  std::uint64_t closed = 0;                        ///< Position of the last AccountClosed; 0: none.
  std::string survivor;                            ///< Of a merged account: the one that has its money now.
  std::vector<AccountVerification> verifications;  ///< In the order in which they began.
  std::vector<AccountBasis> bases;                 ///< The same.
  bool assumed = false;                            ///< Entered in the middle, on `history`.
};

/// Called for each row; false ends the list.
using AccountVisitor = std::function<bool(const AccountSummary&)>;

/// One account, or nothing: no event of its lifecycle is there. Cost: a pass over the rows of all verifications and
/// lawful bases.
[[nodiscard]] Result<std::optional<AccountSummary>> find_account(View& view, std::string_view id);
/// In the order in which accounts were first named. Cost: one such pass for the whole list, which keeps a number for
/// each of these rows.
[[nodiscard]] Status list_accounts(View& view, const Page& page, const AccountVisitor& visit);

}  // namespace carnet
