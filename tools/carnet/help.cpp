// SPDX-License-Identifier: Apache-2.0
#include "help.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace carnet::tool {

namespace {

constexpr std::string_view kGeneral = R"(Usage: carnet [--json] [--accept-clock] VERB LEDGER ...

Carnet keeps the ledger of a vehicle rental: every event, the books that follow from it, and the proof that nothing
was altered. LEDGER is its folder.

Begin
  init         make a ledger
  import       append commits from NDJSON, one a line

Look
  events       what happened, in order; --export prints it for import
  transfers    every movement of the books
  balances     the trial balance
  violations   traffic violations: charged, paid, due
  rentals      who has which vehicle
  head         the last position and the root of the log; the receipt of a command

Care
  verify       check the log and everything derived from it
  recover      go on after a loss that no backup can undo
  stats        figures of the store

--json           one JSON document, or one object a line for the verbs that list; messages stay on stderr
--accept-clock   confirm a system clock that jumped
--help           also behind a verb: its options and an example
--version        the version of the program and of the ledger format

Exit code: 0 done; 1 refused, not found or verification failed; 2 wrong command line; 3 storage, corruption, or another
process holds the ledger.
)";

constexpr auto kVerbs = std::to_array<std::pair<std::string_view, VerbHelp>>({
    {"init",
     {"LEDGER [OPTIONS]",
      "Makes a ledger in a new or empty folder: LedgerCreated, then LedgerOpened and the first version of every rule "
      "set.",
      "carnet init shop --origin shop.example --zone Europe/Rome --currency EUR --jurisdiction IT"}},
    {"import",
     {"LEDGER FILE [OPTIONS]",
      "Appends one commit a line of FILE (`-`: standard input). Run it again after a stop: lines that landed are "
      "duplicates.\n"
      "Ends with {\"lines\",\"commits\",\"events\",\"duplicates\",\"refused\",\"rejected\",\"lastPosition\"} on "
      "stdout, and with exit\n"
      "code 1 when any line was refused (by the rules) or rejected (it is no request).",
      "carnet import shop day.ndjson --on-refusal skip --results day.results.ndjson"}},
    {"events",
     {"LEDGER [OPTIONS]", "Prints events in order of position. Filters are combined: all of them must hold.",
      "carnet events shop --tag violation/A100 --json"}},
    {"transfers",
     {"LEDGER [OPTIONS]", "Prints transfers in the order in which they were written.",
      "carnet transfers shop --account asset/receivable/customer/external/A100 --from 2024-01-01 --to 2024-01-31"}},
    {"balances",
     {"LEDGER [OPTIONS]",
      "Prints what each ledger account holds: debits and credits, pending and posted. As of the head it reads no log.",
      "carnet balances shop --by chart"}},
    {"violations",
     {"LEDGER [ID] [OPTIONS]",
      "Prints traffic violations, for each: charged + overpaid = paid + cancelled + assigned + writtenOff + due.",
      "carnet violations shop --sum"}},
    {"rentals",
     {"LEDGER [ID] [OPTIONS]", "Prints rentals with the custody of their vehicle.", "carnet rentals shop --limit 20"}},
    {"head",
     {"LEDGER [OPTIONS]", "Prints the end of the log and the root over all its commits, or where a command landed.",
      "carnet head shop --command day.ndjson:17"}},
    {"verify",
     {"LEDGER [OPTIONS]",
      "Recomputes structure, chains, root and every view from the commits' bytes and compares. Appends may go on "
      "meanwhile.",
      "carnet verify shop --json"}},
    {"recover",
     {"LEDGER --accept-loss [OPTIONS]",
      "Opens a ledger whose log ends below what was promised, and writes what was lost into a new commit. A backup is "
      "better.",
      "carnet recover shop --accept-loss --approver chief.accountant"}},
    {"stats", {"LEDGER [OPTIONS]", "Prints figures of the ledger and its store.", "carnet stats shop"}},
});

constexpr auto kLaterVerbs = std::to_array<std::string_view>(
    {"accounts", "reservations", "inspections", "deposits",  "settlements", "payments", "orders",      "assistance",
     "cases",    "registers",    "tiers",       "documents", "findings",    "kpi",      "obligations", "replay",
     "rebuild",  "checkpoint",   "prove",       "backup",    "restore",     "generate"});

}  // namespace

std::string_view general_help() {
  return kGeneral;
}

const VerbHelp& verb_help(std::string_view verb) {
  const auto* const found = std::ranges::find(kVerbs, verb, &std::pair<std::string_view, VerbHelp>::first);
  CARNET_REQUIRE(found != kVerbs.end(), "every verb has its help");
  return found->second;
}

bool is_later_verb(std::string_view word) {
  return std::ranges::find(kLaterVerbs, word) != kLaterVerbs.end();
}

}  // namespace carnet::tool
