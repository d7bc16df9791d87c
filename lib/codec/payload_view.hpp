// SPDX-License-Identifier: Apache-2.0
//
// What a PayloadView holds: the address of the pointer word that points to the payload's struct, inside words that were
// validated (wire.hpp). Zero is no payload. include/carnet/typed.hpp reads the same.
#pragma once

#include "codec/wire.hpp"

#include <carnet/event.hpp>

namespace carnet::codec {

/// `pointer` may be null. Requires: what it reaches was validated and outlives the view.
[[nodiscard]] inline PayloadView make_view(const wire::Word* pointer) noexcept {
  PayloadView view;
  view.opaque[0] = reinterpret_cast<std::uintptr_t>(pointer);
  return view;
}

/// The pointer word, or null when there is no payload.
[[nodiscard]] inline const wire::Word* pointer_of(const PayloadView& view) noexcept {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the view keeps the address as a number so that no type of ours shows.
  const auto* pointer = reinterpret_cast<const wire::Word*>(static_cast<std::uintptr_t>(view.opaque[0]));
  return pointer == nullptr || *pointer == 0 ? nullptr : pointer;
}

/// The payload's struct. False: there is none.
[[nodiscard]] inline bool root_of(const PayloadView& view, wire::Struct& out) noexcept {
  const wire::Word* pointer = pointer_of(view);
  return pointer != nullptr && wire::read_struct(pointer, out);
}

}  // namespace carnet::codec
