// SPDX-License-Identifier: Apache-2.0
#include "rental/reference.hpp"

#include <carnet/rental/reference.hpp>

#include <algorithm>
#include <array>

namespace carnet::rental {

namespace {

struct Page {
  std::string_view name;
  std::string (*write)(const RuleBook& book);
};

constexpr Page kPages[] = {
    {"events", &events_page}, {"lifecycles", &lifecycles_page}, {"postings", &postings_page},
    {"rules", &rules_page},   {"codes", &codes_page},
};

/// The closed enum by which an event's rows are told apart: the first of the variants that its type has.
std::span<const std::string> variants_of(const codec::PayloadType& type) {
  constexpr std::string_view kVariants[] = {
#define CARNET_RENTAL_ENTRY(getter) #getter,
      CARNET_RENTAL_VARIANTS(CARNET_RENTAL_ENTRY)
#undef CARNET_RENTAL_ENTRY
  };
  for (const std::string_view getter : kVariants) {
    std::string field(getter);
    field.front() = static_cast<char>(field.front() - 'A' + 'a');
    if (const auto names = type.enumerants(field); !names.empty()) {
      return names;
    }
  }
  return {};
}

}  // namespace

std::string comma_list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += text.empty() ? "" : ", ";
    text += word;
  }
  return text;
}

std::string event_words(const RuleBook& book, std::string_view event, Kinds kinds) {
  const std::uint16_t type = book.type_of(event);
  if (kinds == 0 || type == kForeignType) {
    return std::string(event);
  }
  const auto names = variants_of(book.payload_type(type));
  std::vector<std::string> of;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (in_kinds(kinds, static_cast<std::uint16_t>(i))) {
      of.push_back(names[i]);
    }
  }
  return std::string(event) + " (" + comma_list(of) + ")";
}

std::span<const std::string_view> reference_pages() noexcept {
  static constexpr auto kNames = [] {
    std::array<std::string_view, std::size(kPages)> names;
    std::ranges::transform(kPages, names.begin(), &Page::name);
    return names;
  }();
  return kNames;
}

std::string reference_page(std::string_view page) {
  const auto* const found = std::ranges::find(kPages, page, &Page::name);
  return found == std::end(kPages) ? std::string{} : found->write(RuleBook(rental_tables()));
}

}  // namespace carnet::rental
