// SPDX-License-Identifier: Apache-2.0
#include "rental/accounts_read.hpp"

#include <fmt/format.h>

namespace carnet::rental {

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

}  // namespace carnet::rental
