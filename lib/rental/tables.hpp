// SPDX-License-Identifier: Apache-2.0
//
// One function a family of events: the part of the tables that it brings along. Each stands in table_{family}.cpp, row
// by row beside DOMAIN.md; families.cpp puts them together.
#pragma once

#include "rental/rules.hpp"

namespace carnet::rental {

[[nodiscard]] FamilyTables ledger_family();       ///< §2.1, §2.2
[[nodiscard]] FamilyTables rental_family();       ///< §2.5
[[nodiscard]] FamilyTables violation_family();    ///< §2.8
[[nodiscard]] FamilyTables payment_family();      ///< §2.10
[[nodiscard]] FamilyTables case_family();         ///< §2.12
[[nodiscard]] FamilyTables deposit_family();      ///< §2.7
[[nodiscard]] FamilyTables settlement_family();   ///< §2.9
[[nodiscard]] FamilyTables account_family();      ///< §2.3
[[nodiscard]] FamilyTables privacy_family();      ///< §2.13
[[nodiscard]] FamilyTables price_family();        ///< §2.2
[[nodiscard]] FamilyTables reservation_family();  ///< §2.4
[[nodiscard]] FamilyTables inspection_family();   ///< §2.6

}  // namespace carnet::rental
