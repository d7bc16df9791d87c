// SPDX-License-Identifier: Apache-2.0
//
// The domain's inline projections: rule sets (P-DOC), violations (P-VIO), payments (P-PAY), custody (P-CON), cases
// (P-CASE).
#pragma once

#include "rental/rule_book.hpp"

#include <carnet/projection.hpp>

#include <memory>
#include <vector>

namespace carnet::rental {

/// `book` must outlive them.
[[nodiscard]] std::vector<std::unique_ptr<Projection>> make_projections(const RuleBook& book);

}  // namespace carnet::rental
