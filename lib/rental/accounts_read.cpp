// SPDX-License-Identifier: Apache-2.0
#include "rental/accounts_read.hpp"

#include "rental/party_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace carnet::rental {

namespace {

/// When a lifecycle of an account keeps it open. A machine that this domain lacks keeps nothing open.
struct OpenRow {
  std::string_view family;
  Machine machine;
  std::string_view kind;
  std::string_view ended;  ///< States, separated by spaces.
};

// clang-format off
constexpr OpenRow kOpenRows[] = {
    {"rental", Machine::kContract, "contract", "closed voided"},
    {"rental", Machine::kQuery, "queryPeriod", "ended"},
    {"reservation", Machine::kReservation, "reservation", "quoted cancelled noShow fulfilled"},
    {"violation", Machine::kViolation, "violation", "settled assigned writtenOff cancelled borne"},
    {"case", Machine::kCase, "case", "closed archived duplicate purged"},
    {"payment", Machine::kRefund, "refund", "paid cancelled unclaimed"},
    {"payment", Machine::kChargeback, "chargeback", "won lost accepted"},
};

// clang-format on

bool has_word(std::string_view list, std::string_view word) {
  bool has = false;
  for_each_word(list, ' ', [&](std::string_view each) { has = has || each == word; });
  return has;
}

State state_of(Decision& d, const OpenRow& row, std::uint32_t member) {
  if (row.machine == Machine::kViolation) {
    return d.tables().get<ViolationRow>(d.context().table(kViolationProjection), member).state;
  }
  return d.table_of(row.machine).get(d.tables(), member + 1).state;
}

bool is_open(Decision& d, const OpenRow& row, std::uint32_t member) {
  const MachinePlan& plan = d.book().machine(row.machine);
  // A period that no event of this domain ends keeps nothing open.
  if (plan.row == nullptr || (row.machine == Machine::kQuery && plan.states.size() <= 2)) {
    return false;
  }
  const State state = state_of(d, row, member);
  return state != kNone && !has_word(row.ended, state_name(row.machine, state));
}

/// `…/account/A1` or `…/account/A1/…`; deposits (L1, L2) bear no party's name.
bool is_path_of(std::string_view path, std::string_view account) {
  if (path.starts_with("liability/deposit/")) {
    return true;
  }
  const std::string part = fmt::format("/account/{}", account);
  const std::size_t at = path.find(part);
  return at != std::string_view::npos && (at + part.size() == path.size() || path[at + part.size()] == '/');
}

PartyRow party_row(Decision& d, std::string_view account) {
  const std::uint32_t member = account_member(d, account);
  return member == 0 ? PartyRow{} : d.tables().get<PartyRow>(d.context().table(kPartyProjection), member - 1);
}

template <class Visit>
void for_each_node(Decision& d, std::uint32_t head, Visit&& visit) {
  const TableId nodes = table_at(d.context().table(kPartyProjection), 1);
  for (std::uint32_t next = head; next != 0;) {
    const auto node = d.tables().get<PartyNodeRow>(nodes, next - 1);
    visit(node);
    next = node.next;
  }
}

}  // namespace

std::uint32_t account_member(Decision& decision, std::string_view account) {
  const auto chain =
      account.empty() ? std::nullopt : decision.context().chain(ChainKind::kTag, fmt::format("account/{}", account));
  return chain ? chain->member + 1 : 0;
}

SubjectRow account_row(Decision& decision) {
  if (const Subject* account = decision.subject(Machine::kAccount); account != nullptr) {
    return account->row;
  }
  return decision.row_of(Machine::kAccount, "account", decision.facts().account_id);
}

SubjectRow basis_row(Decision& decision, std::string_view account, std::string_view purpose) {
  const std::uint32_t member = account_member(decision, account);
  return member == 0 ? SubjectRow{} : decision.row_by_key(Machine::kLawfulBasis, member, purpose);
}

bool basis_in_force(Decision& decision, std::string_view account, std::string_view purpose) {
  return basis_row(decision, account, purpose).state == state::kInForce;
}

SubjectRow verification_row(Decision& decision, std::string_view account, std::string_view what) {
  const std::uint32_t member = account_member(decision, account);
  return member == 0 ? SubjectRow{} : decision.row_by_key(Machine::kVerification, member, what);
}

bool document_known(Decision& decision, std::string_view kind, std::string_view version) {
  const auto chain = decision.context().chain(ChainKind::kTag, fmt::format("document/{}", kind));
  return chain && decision.row_by_key(Machine::kDocument, chain->member + 1, version).first != 0;
}

std::vector<PartyMoney> money_of(Decision& decision, std::string_view account) {
  std::vector<PartyMoney> money;
  for_each_node(decision, party_row(decision, account).ledger_accounts, [&](const PartyNodeRow& node) {
    PartyMoney each{.number = node.number, .account = decision.context().ledger_account(node.number)};
    const Balance& balance = each.account.balance;
    const bool something =
        posted_net(balance, NormalSide::kDebit) != 0 || balance.pending_debits != 0 || balance.pending_credits != 0;
    if (something && is_path_of(each.account.path, account)) {
      money.push_back(std::move(each));
    }
  });
  return money;
}

std::vector<OpenSubject> open_subjects(Decision& decision, std::string_view account, std::string_view kinds) {
  std::vector<OpenSubject> open;
  for_each_node(decision, party_row(decision, account).streams, [&](const PartyNodeRow& node) {
    for (const OpenRow& row : kOpenRows) {
      const bool asked = kinds.empty() || has_word(kinds, row.kind);
      if (asked && row.family == kPartyFamilies[node.family - 1] && is_open(decision, row, node.member)) {
        open.push_back({.kind = row.kind, .stream = decision.context().chain_name(node.number)});
      }
    }
  });
  return open;
}

}  // namespace carnet::rental
