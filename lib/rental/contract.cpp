// SPDX-License-Identifier: Apache-2.0
#include "rental/contract.hpp"

#include "rental/money.hpp"

#include <carnet/schema/deposit.capnp.h>
#include <carnet/schema/inspection.capnp.h>
#include <carnet/schema/rental.capnp.h>

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace carnet::rental {

namespace {

using Instrument = schema::DepositReleased::Instrument;

constexpr std::int64_t kDayNs = 86'400 * kNsPerSecond;

struct HoldName {
  std::string deposit;
  std::string hold;
};

std::uint32_t deposit_scope(Decision& d, std::string_view deposit) {
  const auto chain = d.context().chain(ChainKind::kTag, fmt::format("deposit/{}", deposit));
  return chain ? chain->member + 1 : 0;
}

DepositHeld hold_held(Decision& d, const SubjectRow& hold) {
  return {.purpose = hold.tag,
          .instrument = static_cast<std::uint16_t>(Instrument::PRE_AUTHORIZATION),
          .live = is_live(hold) && !is_expired_at(hold, d.event().occurred_at),
          .taken = d.remains(Machine::kHold, hold) + d.sum(Machine::kHold, hold, "captured"),
          .first = hold.first,
          .replaced = false};
}

}  // namespace

SubjectRow contract_of(Decision& decision) {
  const ChainRef* tag = find_tag(decision.event(), decision.book().known().rental);
  return tag == nullptr ? SubjectRow{} : decision.table_of(Machine::kContract).get(decision.tables(), tag->member + 1);
}

DepositContract contract_of_deposit(Decision& decision) {
  std::uint32_t number = 0;
  if (const ChainRef* tag = find_tag(decision.event(), decision.book().known().rental); tag != nullptr) {
    number = tag->member + 1;
  } else if (const Subject* hold = decision.subject(Machine::kHold); hold != nullptr) {
    number = hold->row.links[1];
  } else if (const Subject* deposit = decision.subject(Machine::kDeposit); deposit != nullptr) {
    number = deposit->row.links[0];
  }
  return {.row = decision.table_of(Machine::kContract).get(decision.tables(), number),
          .member = number == 0 ? 0 : number - 1};
}

bool has_terms(const SubjectRow& contract) noexcept {
  return contract.first != 0 && contract.assumed == 0 && contract.marks[2] != 0;
}

std::vector<DepositItem> disclosed_items(Decision& decision, const SubjectRow& contract) {
  std::vector<DepositItem> items;
  const auto disclosed = decision.payload_at<schema::DepositTermsDisclosed>(contract.marks[0]);
  if (!disclosed) {
    return items;
  }
  for (const auto item : disclosed->getItems()) {
    items.push_back({.purpose = static_cast<std::uint16_t>(item.getPurpose()),
                     .instrument = static_cast<std::uint16_t>(item.getInstrument()),
                     .at_pickup = item.getWhen() == schema::DepositTermsDisclosed::When::PICKUP,
                     .amount = to_money(item.getAmount()),
                     .query_days = item.getQueryPeriodDays()});
  }
  return items;
}

std::vector<DepositHeld> deposits_of(Decision& decision, const SubjectRow& contract) {
  std::vector<HoldName> names;
  for (const std::uint64_t position : decision.standing(Machine::kContract, contract, "PreAuthorizationRequested")) {
    const auto requested = decision.payload_at<schema::PreAuthorizationRequested>(position);
    if (requested) {
      names.push_back({std::string(as_text(requested->getDepositId())), std::string(as_text(requested->getHoldId()))});
    }
  }
  std::vector<DepositHeld> all;
  for (const HoldName& name : names) {
    const SubjectRow hold = decision.row_by_key(Machine::kHold, deposit_scope(decision, name.deposit), name.hold);
    if (hold.first == 0) {
      continue;
    }
    all.push_back(hold_held(decision, hold));
  }
  // A hold that takes the place of another is not added to it.
  for (const HoldName& name : names) {
    const std::uint32_t scope = deposit_scope(decision, name.deposit);
    const SubjectRow hold = decision.row_by_key(Machine::kHold, scope, name.hold);
    const auto frozen = decision.payload_at<schema::PreAuthorizationFrozen>(hold.marks[0]);
    const std::string replaces(frozen ? as_text(frozen->getReplaces()) : std::string_view{});
    const SubjectRow replaced = decision.row_by_key(Machine::kHold, scope, replaces);
    for (DepositHeld& each : all) {
      each.replaced = each.replaced || (replaced.first != 0 && each.first == replaced.first);
    }
  }
  for (const std::uint64_t position : decision.standing(Machine::kContract, contract, "DepositCollected")) {
    const auto collected = decision.payload_at<schema::DepositCollected>(position);
    const std::string deposit(collected ? as_text(collected->getDepositId()) : std::string_view{});
    const SubjectRow row = decision.row_of(Machine::kDeposit, "deposit", deposit);
    if (row.first != 0) {
      all.push_back({.purpose = row.tag,
                     .instrument = static_cast<std::uint16_t>(Instrument::CASH),
                     .live = row.state == state::kHeld,
                     .taken = decision.sum(Machine::kDeposit, row, "collected") -
                              decision.sum(Machine::kDeposit, row, "released"),
                     .first = row.first,
                     .replaced = false});
    }
  }
  return all;
}

std::optional<Timestamp> query_period_end(Decision& decision, const SubjectRow& contract, std::uint32_t rental_member) {
  const RentalRow custody = decision.custody().rental(rental_member);
  if (custody.has_return == 0) {
    return std::nullopt;
  }
  std::int64_t days = 0;
  for (const DepositItem& item : disclosed_items(decision, contract)) {
    days = std::max(days, item.query_days);
  }
  return Timestamp{custody.returned_ns + days * kDayNs};
}

std::string missing_checklist_item(Decision& decision, std::uint64_t inspection_position) {
  const RuleSet* set = decision.rules(RuleFamily::kCodes);
  const auto* codes = set == nullptr ? nullptr : std::get_if<CodeRules>(&set->rules);
  if (codes == nullptr || !codes->lists.contains("checklistItem")) {
    return {};
  }
  const auto recorded = inspection_position == 0 ? std::optional(decision.payload<schema::InspectionRecorded>())
                                                 : decision.payload_at<schema::InspectionRecorded>(inspection_position);
  if (!recorded) {
    return {};
  }
  for (const std::string& wanted : codes->lists.find("checklistItem")->second) {
    bool there = false;
    for (const auto item : recorded->getItems()) {
      there = there || as_text(item.getItem()) == wanted;
    }
    if (!there) {
      return wanted;
    }
  }
  return {};
}

}  // namespace carnet::rental
