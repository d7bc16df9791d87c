// SPDX-License-Identifier: Apache-2.0
//
// Lawful bases and consents: DOMAIN §2.13, §3.9.
#include "rental/facts.hpp"
#include "rental/rules.hpp"
#include "rental/tables.hpp"

namespace carnet::rental {

FamilyTables privacy_family() {
  return {};
}

}  // namespace carnet::rental
