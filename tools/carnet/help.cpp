// SPDX-License-Identifier: Apache-2.0
#include "help.hpp"

#include "base/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace carnet::tool {

namespace {

constexpr auto kGlobals = std::to_array<GlobalOption>({
    {"--json", "one JSON document, or one object a line for the verbs that list; messages stay on stderr"},
    {"--accept-clock", "confirm a system clock that jumped"},
    {"--help", "also behind a verb: its options and an example"},
    {"--version", "the version of the program and of the ledger format"},
});

constexpr auto kVerbs = std::to_array<VerbHelp>({
    {"init", VerbGroup::kBegin, "make a ledger", "LEDGER [OPTIONS]",
     "Makes a ledger in a new or empty folder: LedgerCreated, then LedgerOpened and the first version of every rule "
     "set.",
     "carnet init shop --origin shop.example --zone Europe/Rome --currency EUR --jurisdiction IT"},
    {"import", VerbGroup::kBegin, "append commits from NDJSON, one a line", "LEDGER FILE [OPTIONS]",
     "Appends one commit a line of FILE (`-`: standard input). Run it again after a stop: lines that landed are "
     "duplicates.\n"
     "Ends with {\"lines\",\"commits\",\"events\",\"duplicates\",\"refused\",\"rejected\",\"lastPosition\"} on "
     "stdout, and with exit\n"
     "code 1 when any line was refused (by the rules) or rejected (it is no request).",
     "carnet import shop day.ndjson --on-refusal skip --results day.results.ndjson"},
    {"generate", VerbGroup::kBegin, "make a ledger with a made-up history, for trials", "LEDGER [OPTIONS]",
     "Makes a ledger in a new or empty folder and tells rentals from quote to close, with what goes wrong in some of "
     "them.\n"
     "The same seed gives the same ledger on every machine. Nobody and nothing in it exists; its keys are no secrets.",
     "carnet generate shop --rentals 2000 --seed 7"},
    {"events", VerbGroup::kLook, "what happened, in order; --export prints it for import", "LEDGER [OPTIONS]",
     "Prints events in order of position. Filters are combined: all of them must hold.",
     "carnet events shop --tag violation/A100 --json"},
    {"transfers", VerbGroup::kLook, "every movement of the books", "LEDGER [OPTIONS]",
     "Prints transfers in the order in which they were written.",
     "carnet transfers shop --account asset/receivable/customer/external/A100 --from 2024-01-01 --to 2024-01-31"},
    {"balances", VerbGroup::kLook, "the trial balance", "LEDGER [OPTIONS]",
     "Prints what each ledger account holds: debits and credits, pending and posted. As of the head it reads no log.",
     "carnet balances shop --by chart"},
    {"violations", VerbGroup::kLook, "traffic violations: charged, paid, due", "LEDGER [ID] [OPTIONS]",
     "Prints traffic violations, for each: charged + overpaid = paid + cancelled + assigned + writtenOff + due.",
     "carnet violations shop --sum"},
    {"rentals", VerbGroup::kLook, "who has which vehicle", "LEDGER [ID] [OPTIONS]",
     "Prints rentals with the custody of their vehicle.", "carnet rentals shop --limit 20"},
    {"accounts", VerbGroup::kLook, "customers' accounts and their state", "LEDGER [ID] [OPTIONS]",
     "Prints customers' accounts. Names and contacts are never in it.", "carnet accounts shop --limit 20"},
    {"reservations", VerbGroup::kLook, "reservations and special requests", "LEDGER [ID] [OPTIONS]",
     "Prints reservations; under each its special requests.", "carnet reservations shop --as-of 2024-06-30"},
    {"inspections", VerbGroup::kLook, "vehicles out and back, and new damage", "LEDGER [ID] [OPTIONS]",
     "Prints inspections by leg of custody; under each the new damage.", "carnet inspections shop --limit 20"},
    {"deposits", VerbGroup::kLook, "deposits and holds: taken, used, released", "LEDGER [ID] [OPTIONS]",
     "Prints deposits of cash, and those of pre-authorizations with their holds, for each hold:\n"
     "frozen = captured + released + expired + remaining.",
     "carnet deposits shop --as-of 2024-06-30"},
    {"settlements", VerbGroup::kLook, "what each order was charged, paid, and owes", "LEDGER [ID] [OPTIONS]",
     "Prints settlements of orders; under each its charges. ID is the order.", "carnet settlements shop --json"},
    {"payments", VerbGroup::kLook, "payments, refunds, chargebacks, compensations, vouchers", "LEDGER [ID] [OPTIONS]",
     "Prints what came in, what went back and what was given, in one list.", "carnet payments shop --known-at 1000"},
    {"cases", VerbGroup::kLook, "feedback, complaints and disputes", "LEDGER [ID] [OPTIONS]",
     "Prints cases and where they stand. What people wrote is never in it.", "carnet cases shop"},
    {"kpi", VerbGroup::kLook, "figures of a month, beside the month before", "LEDGER [KPI] [OPTIONS]",
     "Prints KPIs of a window on the business's calendar, each an exact fraction, and those of the window before.\n"
     "Without --window: the month in which the ledger was written last. A KPI without anything to divide by has no "
     "value.",
     "carnet kpi shop K-16 --window 2024-01 --include-history"},
    {"findings", VerbGroup::kLook, "what contradicted a rule and was kept", "LEDGER [ID] [OPTIONS]",
     "Prints findings of events in order of position. ID is the event's position and the finding's number among its "
     "own.",
     "carnet findings shop --severity breach"},
    {"head", VerbGroup::kLook, "the last position and the root of the log; the receipt of a command",
     "LEDGER [OPTIONS]", "Prints the end of the log and the root over all its commits, or where a command landed.",
     "carnet head shop --command day.ndjson:17"},
    {"verify", VerbGroup::kCare, "check the log and everything derived from it", "LEDGER [OPTIONS]",
     "Recomputes structure, chains, root and every view from the commits' bytes and compares. Appends may go on "
     "meanwhile.",
     "carnet verify shop --json"},
    {"rebuild", VerbGroup::kCare, "build projections anew from the log, beside the live ones", "LEDGER [OPTIONS]",
     "Folds the log into a new generation of projections, switches to it and compares fingerprints with what was "
     "live.\n"
     "Interrupted, it goes on where it was when it is run again. Exit code 1 when a fingerprint differs.",
     "carnet rebuild shop --projection violations"},
    {"backup", VerbGroup::kCare, "add a backup of a ledger in use to a folder of backups", "LEDGER DIR [OPTIONS]",
     "Adds a backup to DIR, also while another process writes the ledger. Only what changed since the last one is "
     "copied.\n"
     "A backup is kept when the root recomputed from it is that of a checkpoint made before. Keys of personal data "
     "are "
     "not in\n"
     "it: they stay in their own folder.",
     "carnet backup shop /backup/shop"},
    {"restore", VerbGroup::kCare, "make a ledger from a backup, and verify it", "DIR LEDGER [OPTIONS]",
     "Makes the new ledger LEDGER from a backup in DIR: every file, the root, structure and tables are checked. One "
     "that is\n"
     "damaged is refused.",
     "carnet restore /backup/shop shop"},
    {"recover", VerbGroup::kCare, "go on after a loss that no backup can undo", "LEDGER --accept-loss [OPTIONS]",
     "Opens a ledger whose log ends below what was promised, and writes what was lost into a new commit. A backup is "
     "better.",
     "carnet recover shop --accept-loss --approver chief.accountant"},
    {"stats", VerbGroup::kCare, "figures of the store", "LEDGER [OPTIONS]",
     "Prints figures of the ledger and its store.", "carnet stats shop"},
});

constexpr auto kLaterVerbs = std::to_array<std::string_view>(
    {"orders", "assistance", "registers", "tiers", "documents", "obligations", "replay", "checkpoint", "prove"});

}  // namespace

std::span<const GlobalOption> global_options() {
  return kGlobals;
}

std::span<const VerbHelp> all_verb_help() {
  return kVerbs;
}

std::string_view group_title(VerbGroup group) {
  switch (group) {
    case VerbGroup::kBegin:
      return "Begin";
    case VerbGroup::kLook:
      return "Look";
    case VerbGroup::kCare:
      return "Care";
  }
  return "";
}

std::string general_help() {
  std::string out = fmt::format("Usage: carnet [--json] [--accept-clock] VERB LEDGER ...\n\n{}\n", kProgramSummary);
  std::optional<VerbGroup> group;
  for (const VerbHelp& verb : kVerbs) {
    if (group != verb.group) {
      group = verb.group;
      out += fmt::format("\n{}\n", group_title(verb.group));
    }
    out += fmt::format("  {:<13} {}\n", verb.name, verb.summary);
  }
  out += '\n';
  for (const GlobalOption& option : kGlobals) {
    out += fmt::format("{:<16} {}\n", option.name, option.what);
  }
  return out + fmt::format("\nExit code: {}\n", kExitCodes);
}

const VerbHelp& verb_help(std::string_view verb) {
  const auto* const found = std::ranges::find(kVerbs, verb, &VerbHelp::name);
  CARNET_REQUIRE(found != kVerbs.end(), "every verb has its help");
  return *found;
}

bool is_later_verb(std::string_view word) {
  return std::ranges::find(kLaterVerbs, word) != kLaterVerbs.end();
}

}  // namespace carnet::tool
