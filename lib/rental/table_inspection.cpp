// SPDX-License-Identifier: Apache-2.0
//
// Inspections and damage: DOMAIN §2.6, §3.3.
#include "rental/facts.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

namespace carnet::rental {

FamilyTables inspection_family() {
  return {};
}

}  // namespace carnet::rental
