// SPDX-License-Identifier: Apache-2.0
//
// Pages of the reference, one function each (reference_*.cpp), and the words that they share.
#pragma once

#include "rental/rule_book.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace carnet::rental {

[[nodiscard]] std::string events_page(const RuleBook& book);
[[nodiscard]] std::string lifecycles_page(const RuleBook& book);
[[nodiscard]] std::string postings_page(const RuleBook& book);
[[nodiscard]] std::string rules_page(const RuleBook& book);
[[nodiscard]] std::string codes_page(const RuleBook& book);

/// `PreAuthorizationCaptured`, or with kinds `DepositReleased (cash)`. Events that are not registered: the name alone.
[[nodiscard]] std::string event_words(const RuleBook& book, std::string_view event, Kinds kinds);

/// `a, b`
[[nodiscard]] std::string comma_list(const std::vector<std::string>& words);

}  // namespace carnet::rental
