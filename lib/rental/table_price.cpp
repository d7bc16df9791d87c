// SPDX-License-Identifier: Apache-2.0
//
// Price lists and actions: DOMAIN §2.2, §3.9.
#include "rental/facts.hpp"
#include "rental/guards.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

#include <carnet/schema/price.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

using enum Machine;
using namespace state;

constexpr Kinds kAny = 0;

const std::array kEvents{
    event_row<schema::PriceListPublished>(),
    event_row<schema::ActionOpened>(),
    event_row<schema::ActionCompleted>(),
};

// clang-format off
constexpr auto kMachines = std::to_array<MachineRow>({
    // A version is superseded from the time on at which a later one takes effect: guards compare times.
    {kPriceList, "priceList", "§3.9", "published", "prices", "", "version"},
    {kAction, "action", "§3.9", "open completed", "actions", "operations"},
});

constexpr auto kLifecycles = std::to_array<LifecycleRow>({
    // machine, state, event, kinds → next while something remains, next when nothing does; error on `decision`; finding
    {kPriceList, kNone, "PriceListPublished", kAny, kPublished, kPublished},
    {kPriceList, kPublished, "PriceListPublished", kAny, kStay, kStay, "VersionNotIncreasing"},
    {kAction, kNone, "ActionOpened", kAny, kActionOpen, kActionOpen},
    {kAction, kActionOpen, "ActionCompleted", kAny, kActionCompleted, kActionCompleted},
});

constexpr auto kAssumed = std::to_array<AssumedRow>({
    {kPriceList, "PriceListPublished", kAny, kNone, ""},
    {kAction, "ActionOpened", kAny, kNone, ""},
    {kAction, "ActionCompleted", kAny, kActionOpen, "ActionOpened"},
});

constexpr auto kMarkRows = std::to_array<MarkRow>({
    {kPriceList, "PriceListPublished", 0},
});

constexpr auto kKeeps = std::to_array<KeepRow>({
    {kPriceList, "PriceListPublished", Keep::kEffectiveFrom},
});

constexpr Guard kOfPriceList[] = {&guard::kPriceListStream, &guard::kPriceListNotPast};

const std::array kGuards{
    GuardUse{"PriceListPublished", kAny, kOfPriceList},
};
// clang-format on

}  // namespace

FamilyTables price_family() {
  return {.events = kEvents,
          .machines = kMachines,
          .lifecycles = kLifecycles,
          .assumed = kAssumed,
          .marks = kMarkRows,
          .keeps = kKeeps,
          .guards = kGuards};
}

}  // namespace carnet::rental
