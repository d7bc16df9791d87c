// SPDX-License-Identifier: Apache-2.0
//
// Finding personal fields in a payload by their path.
#pragma once

#include "codec/plan.hpp"

#include <optional>
#include <string_view>

namespace carnet::codec {

/// A personal field's place in one payload.
struct PersonalPlace {
  const FieldPlan* field = nullptr;
  wire::Struct parent;  ///< The struct that the field stands in.

  /// Null: nothing is sealed there.
  [[nodiscard]] const wire::Word* pointer() const noexcept { return parent.pointer(field->slot); }
};

/// Follows `path` (`name`, `passengers[0].name`); nothing when it does not lead to a personal field of this payload.
[[nodiscard]] std::optional<PersonalPlace> find_personal(const StructPlan& root, const wire::Struct& payload,
                                                         std::string_view path) noexcept;

}  // namespace carnet::codec
