// SPDX-License-Identifier: Apache-2.0
#include "rental/facts.hpp"

#include <utility>

namespace carnet::rental {

std::string_view text_fact(const EventFacts& facts, std::string_view field) noexcept {
  constexpr std::pair<std::string_view, std::string_view EventFacts::*> kTexts[] = {
      {"accountId", &EventFacts::account_id},   {"authority", &EventFacts::authority},
      {"caseId", &EventFacts::case_id},         {"collector", &EventFacts::collector},
      {"contractId", &EventFacts::contract_id}, {"orderId", &EventFacts::order_id},
      {"partnerId", &EventFacts::partner_id},   {"party", &EventFacts::party},
      {"payerId", &EventFacts::payer_id},       {"paymentId", &EventFacts::payment_id},
      {"vehicleId", &EventFacts::vehicle_id},   {"violationId", &EventFacts::violation_id},
  };
  for (const auto& [name, member] : kTexts) {
    if (name == field) {
      return facts.*member;
    }
  }
  return {};
}

}  // namespace carnet::rental
