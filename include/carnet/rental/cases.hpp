// SPDX-License-Identifier: Apache-2.0
//
// Questions about cases (feedback, complaints, disputes) to a View of a rental ledger: one case, lists, and the queue
// of work. A summary reads the case's row and the few events that it quotes. Personal fields are never among them.
// Stability: experimental until the domain is complete.
#pragma once

#include <carnet/rental/queries.hpp>

namespace carnet {

// Every function here: the view's ledger must be of rental_domain(). Errors: those of the view (kCorruption, kStorage,
// kExpired) and what is stated. Threads: as the view. States, severities and bases are static text, as in DOMAIN.md
// §2.12 and §3.8; codes of open lists are as they were given.

struct CaseSummary {
  std::string case_id;
  std::string reference_no;  ///< Empty: it began in the middle, on `history`.
  std::string_view state;    ///< `received` … `purged`, `duplicate`.
  bool open = false;         ///< Neither closed (archived, purged) nor a duplicate.
  // Of the last classification; empty, `unspecified` and 0 before it.
  std::string category;       ///< `complaint`
  std::string topic;          ///< `billing`
  std::string_view severity;  ///< `unspecified`, `minor`, `normal`, `serious`, `major`.
  std::uint8_t priority = 0;
  bool own_volume = false;  ///< It was major once (I-F11).
  // Staff ids; empty: not known.
  std::string owner;              ///< The first responsible until it is assigned.
  std::string first_responsible;  ///< Who received it; never changes.
  std::string responsible;        ///< Who answers for it: moved by accepted handovers only.
  std::uint32_t round = 0;        ///< From 1; 0: not known.
  std::uint8_t escalation_level = 0;
  std::optional<Timestamp> received_at;
  std::optional<Timestamp> due_by;     ///< As promised to the customer, or as extended since.
  std::optional<Timestamp> closed_at;  ///< Of a case that is not open again.
  std::string_view basis;              ///< `withdrawn`; empty: not closed, or closed by the answer to an inquiry.
  std::string primary;                 ///< Of a duplicate: the case that counts.
  std::string party;
  std::string order;  ///< Empty: none is known; so are rental and violation.
  std::string rental;
  std::string violation;
  bool assumed = false;  ///< Entered in the middle, on `history`.
};

/// Which cases a list gives.
struct CaseFilter {
  std::string state;       ///< `executing`; empty: any.
  bool open_only = false;  ///< Leaves out closed, archived, purged and duplicate ones.
};

/// Called for each case; false ends the list.
using CaseVisitor = std::function<bool(const CaseSummary&)>;

/// One case, or nothing.
[[nodiscard]] Result<std::optional<CaseSummary>> find_case(View& view, std::string_view id);

/// In the order in which the cases were first named; `page.limit` counts those that fit the filter. Errors: kNotFound
/// `AfterUnknown`: no case has the id `page.after`; kInvalidArgument `StateUnknown`: no state has that name.
[[nodiscard]] Status list_cases(View& view, const CaseFilter& filter, const Page& page, const CaseVisitor& visit);

/// Open cases as they are to be worked on: complaints first, then by severity, then by what was promised first (cases
/// without a promise behind those with one), then in the order in which they were named. `limit` 0: all. Cost: a pass
/// over the rows of all cases, the journal of each open one, and the summaries that are returned.
[[nodiscard]] Result<std::vector<CaseSummary>> case_queue(View& view, std::uint64_t limit);

}  // namespace carnet
