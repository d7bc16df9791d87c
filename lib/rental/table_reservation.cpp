// SPDX-License-Identifier: Apache-2.0
//
// Quotes and reservations: DOMAIN §2.4, §3.2.
#include "rental/facts.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

namespace carnet::rental {

FamilyTables reservation_family() {
  return {};
}

}  // namespace carnet::rental
