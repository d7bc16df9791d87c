// SPDX-License-Identifier: Apache-2.0
//
// The ledger itself, notices, rule sets: DOMAIN §2.1, §2.2, §3.9.
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/ledger.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

using OpeningSide = schema::OpeningBalanceRecorded::Side;

constexpr Kinds kAny = 0;
constexpr Kinds kDebitSide = kinds(OpeningSide::DEBIT);
constexpr Kinds kCreditSide = kinds(OpeningSide::CREDIT);

const std::array kEvents{
    event_row<schema::LedgerOpened>(),     event_row<schema::RuleSetPublished>(),
    event_row<schema::NoticeSent>(),       event_row<schema::OpeningBalanceRecorded>(),
    event_row<schema::PeriodClosed>(),     event_row<schema::DocumentPublished>(),
    event_row<schema::ControlPerformed>(), event_row<schema::StaffRecordAdded>(),
};

constexpr std::string_view kNotes[] = {"NoticeSent", "ControlPerformed", "StaffRecordAdded"};
constexpr std::string_view kDecidedEvents[] = {"LedgerOpened", "RuleSetPublished", "PeriodClosed"};

constexpr Guard kOfLedgerOpened[] = {&guard::kFirstOfDomain};
constexpr Guard kOfRuleSet[] = {&guard::kRuleSetKnown, &guard::kRuleSetVersion, &guard::kRuleSetNotPast};

constexpr Guard kOfOpening[] = {&guard::kOnlyHistory, &guard::kAmountPositive, &guard::kOpeningAccount,
                                &guard::kOpeningParty};
constexpr Guard kOfPeriod[] = {&guard::kPeriodIncreasing, &guard::kPeriodOver};
constexpr Guard kOfDocument[] = {&guard::kDocumentStream, &guard::kVersionNew, &guard::kDocumentNotPast};
constexpr Guard kOfControl[] = {&guard::kControlStream};

// clang-format off
constexpr auto kMachines = std::to_array<MachineRow>({
    {kLedger, "ledger", "§3.9", "open", "", ""},
    {kRuleSet, "ruleSet", "§3.9", "published", "", ""},
    {kDocument, "document", "§3.9", "published", "documents", "document", "version"},
});

constexpr auto kLifecycles = std::to_array<LifecycleRow>({
    // machine, state, event, kinds → next while something is due, next when nothing is; error on `decision`; finding
    // §3.9 Ledger
    {kLedger, kNone, "LedgerOpened", kAny, kOpen, kOpen},
    {kLedger, kOpen, "LedgerOpened", kAny, kStay, kStay, "NotFirstEvent"},
    {kLedger, kOpen, "OpeningBalanceRecorded", kAny, kStay, kStay},
    {kLedger, kOpen, "PeriodClosed", kAny, kStay, kStay},
    // §3.9 Rule set (version)
    {kRuleSet, kNone, "RuleSetPublished", kAny, kPublished, kPublished},
    {kRuleSet, kPublished, "RuleSetPublished", kAny, kPublished, kPublished},
    // §3.9 Document (version)
    {kDocument, kNone, "DocumentPublished", kAny, kPublished, kPublished},
    {kDocument, kPublished, "DocumentPublished", kAny, kStay, kStay},
});

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kLedger, "LedgerOpened", kAny, kNone, ""},
    {kLedger, "OpeningBalanceRecorded", kAny, kOpen, "LedgerOpened"},
    {kLedger, "PeriodClosed", kAny, kOpen, "LedgerOpened"},
    {kRuleSet, "RuleSetPublished", kAny, kNone, ""},
    {kDocument, "DocumentPublished", kAny, kNone, ""},
});

const std::array kGuards{
    GuardUse{"LedgerOpened", kAny, kOfLedgerOpened},
    GuardUse{"RuleSetPublished", kAny, kOfRuleSet},
    GuardUse{"OpeningBalanceRecorded", kAny, kOfOpening},
    GuardUse{"PeriodClosed", kAny, kOfPeriod},
    GuardUse{"DocumentPublished", kAny, kOfDocument},
    GuardUse{"ControlPerformed", kAny, kOfControl},
};

constexpr auto kPostings = std::to_array<PostingRow>({
    // rule, event, each, when, phase, debit, credit, amount, kinds
    {"PR-97", "OpeningBalanceRecorded", Each::kOnce, {When::kAlways, When::kAlways}, Phase::kPosted, {"A1", "ledgerAccount"}, {"Q1"}, Amount::kAmount, kDebitSide},
    {"PR-97", "OpeningBalanceRecorded", Each::kOnce, {When::kAlways, When::kAlways}, Phase::kPosted, {"Q1"}, {"A1", "ledgerAccount"}, Amount::kAmount, kCreditSide},
});
// clang-format on

}  // namespace

FamilyTables ledger_family() {
  return {.events = kEvents,
          .notes = kNotes,
          .decided = kDecidedEvents,
          .machines = kMachines,
          .lifecycles = kLifecycles,
          .assumed = kAssumed,
          .guards = kGuards,
          .postings = kPostings};
}

}  // namespace carnet::rental
