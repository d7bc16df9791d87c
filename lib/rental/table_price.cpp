// SPDX-License-Identifier: Apache-2.0
//
// Price lists and actions: DOMAIN §2.2, §3.9.
#include "rental/facts.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

namespace carnet::rental {

FamilyTables price_family() {
  return {};
}

}  // namespace carnet::rental
