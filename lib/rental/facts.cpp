// SPDX-License-Identifier: Apache-2.0
#include "rental/facts.hpp"

#include <utility>

namespace carnet::rental {

TextField text_field(std::string_view name) noexcept {
  constexpr std::pair<std::string_view, TextField> kTexts[] = {
#define CARNET_RENTAL_ENTRY(member, getter, text) {text, &EventFacts::member},
      CARNET_RENTAL_TEXTS(CARNET_RENTAL_ENTRY)
#undef CARNET_RENTAL_ENTRY
  };
  for (const auto& [text, member] : kTexts) {
    if (text == name) {
      return member;
    }
  }
  return nullptr;
}

Currency EventFacts::currency() const noexcept {
  for (const std::optional<Money>* money :
       {&amount, &fine, &new_fine, &expense, &delta, &new_total, &net, &value, &total, &total_due, &tax}) {
    if (money->has_value()) {
      return (*money)->currency;
    }
  }
  return {};
}

}  // namespace carnet::rental
