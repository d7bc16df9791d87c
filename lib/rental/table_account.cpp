// SPDX-License-Identifier: Apache-2.0
//
// Accounts: DOMAIN §2.3, §3.1.
#include "rental/facts.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

namespace carnet::rental {

FamilyTables account_family() {
  return {};
}

}  // namespace carnet::rental
