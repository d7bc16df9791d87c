// SPDX-License-Identifier: Apache-2.0
#include "rental/party_index.hpp"

#include <algorithm>

namespace carnet::rental {

namespace {

/// Charts of a customer's money.
constexpr std::array<std::string_view, 8> kCharts{"A3", "L1", "L2", "L3", "L4", "L6", "L7", "X2"};

void add(TableWriter& tables, TableId first, std::uint32_t account, std::uint32_t PartyRow::*list, PartyNodeRow node) {
  auto row = tables.get<PartyRow>(first, account);
  node.next = row.*list;
  const TableId nodes = table_at(first, 1);
  const std::uint64_t index = tables.row_count(nodes);
  tables.put(nodes, index, node);
  row.*list = static_cast<std::uint32_t>(index + 1);
  tables.put(first, account, row);
}

}  // namespace

PartyIndex::PartyIndex(const RuleBook& book)
    : account_(book.known().account), merged_(book.type_of("AccountsMerged")), book_(book) {
  std::ranges::transform(kCharts, charts_.begin(), [&](std::string_view code) { return book.symbol(code); });
  std::ranges::transform(kPartyFamilies, families_.begin(), [&](std::string_view name) { return book.symbol(name); });
}

void PartyIndex::apply(const AppliedEvent& event, TableId first, TableWriter& tables) const {
  const ChainRef* account = find_tag(event, account_);
  if (account == nullptr || account_ == kForeignSymbol) {
    return;
  }
  if (event.type == merged_ && merged_ != kForeignType && event.corrects.kind == CorrectionKind::kNone) {
    merge(event, first, tables);
  }
  note_streams(event, account->member, first, tables);
  const auto is_party_chart = [&](Symbol chart) {
    return chart != kForeignSymbol && std::ranges::find(charts_, chart) != charts_.end();
  };
  for (const AppliedTransfer& transfer : event.transfers) {
    if (is_party_chart(transfer.debit_chart)) {
      note_ledger_account(event, transfer.debit, first, tables);
    }
    if (is_party_chart(transfer.credit_chart)) {
      note_ledger_account(event, transfer.credit, first, tables);
    }
  }
}

void PartyIndex::merge(const AppliedEvent& event, TableId first, TableWriter& tables) const {
  EventFacts facts;
  book_.read(event.type, event.payload, facts);
  const ChainRef* absorbed = find_tag_of(book_, event, facts, account_, facts.absorbed);
  const ChainRef* survivor = find_tag(event, account_);
  if (facts.kind != kOfSurvivor || absorbed == nullptr || absorbed->member == survivor->member) {
    return;
  }
  const auto theirs = tables.get<PartyRow>(first, absorbed->member);
  for (std::uint32_t PartyRow::*const list : {&PartyRow::ledger_accounts, &PartyRow::streams}) {
    for (std::uint32_t next = theirs.*list; next != 0;) {
      const auto node = tables.get<PartyNodeRow>(table_at(first, 1), next - 1);
      add(tables, first, survivor->member, list, node);
      next = node.next;
    }
  }
}

void PartyIndex::note_streams(const AppliedEvent& event, std::uint32_t account, TableId first,
                              TableWriter& tables) const {
  const Symbol family = event.stream().family_symbol;
  const auto place = std::ranges::find(families_, family);
  const ChainRef* own = family == kForeignSymbol || place == families_.end() ? nullptr : find_tag(event, family);
  if (own == nullptr) {
    return;
  }
  const TableId owners = table_at(first, 3);
  if (tables.get<PartyOwnerRow>(owners, own->ordinal).account == account + 1) {
    return;
  }
  tables.put(owners, own->ordinal, PartyOwnerRow{.account = account + 1});
  add(tables, first, account, &PartyRow::streams,
      {.number = own->ordinal,
       .member = own->member,
       .family = static_cast<std::uint32_t>(place - families_.begin()) + 1});
}

void PartyIndex::note_ledger_account(const AppliedEvent& event, std::uint32_t number, TableId first,
                                     TableWriter& tables) const {
  // Every event that touches a party's account bears its tag (I-M23), so it is among those of the first one; which of
  // them, its path says.
  const TableId seen = table_at(first, 2);
  if (tables.get<PartyOwnerRow>(seen, number).account != 0) {
    return;
  }
  for (const ChainRef& chain : event.chains) {
    if (chain.kind == ChainKind::kTag && chain.family_symbol == account_) {
      tables.put(seen, number, PartyOwnerRow{.account = chain.member + 1});
      add(tables, first, chain.member, &PartyRow::ledger_accounts, {.number = number});
    }
  }
}

}  // namespace carnet::rental
