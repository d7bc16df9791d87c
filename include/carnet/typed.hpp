// SPDX-License-Identifier: Apache-2.0
//
// Typed payloads: writing and reading them through the classes that `capnp` generates. The one public header that needs
// Cap'n Proto; include it where payloads are made or opened, and nowhere else.
//
//   EventDraft draft = make_event<schema::FinePaidToAuthority>("violation/V1", now, [&](auto fine) {
//     fine.setViolationId("V1");
//     set_money(fine.initAmount(), {3500, eur});
//   });
//   …
//   auto fine = payload_as<schema::FinePaidToAuthority>(event.payload);   // in place, nothing is copied
//
// Cap'n Proto throws kj::Exception when a builder is misused (a text over 512 MB, an index out of range) and when a
// payload is read as a type that it is not. Carnet calls nothing of its own from `fill` and throws nothing itself.
// Stability: stable.
#pragma once

#include <carnet/domain.hpp>
#include <carnet/event.hpp>
#include <carnet/money.hpp>
#include <carnet/schema/core.capnp.h>
#include <carnet/time.hpp>

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/schema.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace carnet {

namespace detail {

/// The builder's message in one segment. Unused words and replaced values may still lie in it: they are not stored.
inline Payload flatten(capnp::MessageBuilder& builder) {
  const auto copy = [](kj::ArrayPtr<const capnp::word> words) {
    Payload payload;
    payload.words.resize(words.size());
    std::memcpy(payload.words.data(), words.begin(), words.size() * sizeof(capnp::word));
    return payload;
  };
  const auto segments = builder.getSegmentsForOutput();
  if (segments.size() == 1) {
    return copy(segments[0]);
  }
  const capnp::AnyPointer::Reader root = builder.getRoot<capnp::AnyPointer>().asReader();
  const auto words = static_cast<unsigned>(root.targetSize().wordCount) + 1;
  capnp::MallocMessageBuilder flat(words, capnp::AllocationStrategy::FIXED_SIZE);
  flat.setRoot(root);
  return copy(flat.getSegmentsForOutput()[0]);
}

}  // namespace detail

/// The type's spec for Domain::event_types(): the struct's own name and its compiled schema.
template <class T>
[[nodiscard]] EventTypeSpec event_type() {
  const capnp::StructSchema schema = capnp::Schema::from<T>();
  const kj::StringPtr name = schema.getShortDisplayName();
  return {.name = std::string(name.begin(), name.size()),
          .schema = {.compiled = &capnp::_::rawSchema<T>(), .closure_words = {}, .root = 0}};
}

/// Makes a payload: calls `fill(T::Builder)` once. The builder dies when this returns.
/// Cost: no allocation but that of the payload while it stays below 1 KB.
template <class T, class Fill>
[[nodiscard]] Payload make_payload(Fill&& fill) {
  constexpr std::size_t kScratchWords = 128;
  capnp::word scratch[kScratchWords];
  std::memset(static_cast<void*>(scratch), 0, sizeof(scratch));
  capnp::MallocMessageBuilder builder(kj::arrayPtr(scratch, kScratchWords));
  std::forward<Fill>(fill)(builder.initRoot<T>());
  return detail::flatten(builder);
}

/// Makes a draft of an event of the type T with its payload. Personal fields are not set here: they go into
/// EventDraft::personal as plain text and are sealed by the engine.
template <class T, class Fill>
[[nodiscard]] EventDraft make_event(std::string stream, Timestamp occurred_at, Fill&& fill) {
  EventDraft draft;
  draft.stream = std::move(stream);
  const kj::StringPtr type = capnp::Schema::from<T>().getShortDisplayName();
  draft.type.assign(type.begin(), type.size());
  draft.occurred_at = occurred_at;
  draft.payload = make_payload<T>(std::forward<Fill>(fill));
  return draft;
}

/// Reads a payload in place as a T. A view that holds no payload gives one with every field absent.
///
/// Requires:  the event's type is T's (any revision of it: fields that it did not have read as absent).
/// Lifetime:  the reader, and every text and list got from it, is valid as long as the view.
/// Cost:      a few nanoseconds; fields are read where they lie, without further checks: Carnet checked the payload's
///            structure when it opened the event.
template <class T>
[[nodiscard]] typename T::Reader payload_as(const PayloadView& view) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the view keeps an address (lib/codec/payload_view.hpp).
  const auto* pointer = reinterpret_cast<const capnp::word*>(static_cast<std::uintptr_t>(view.opaque[0]));
  return pointer == nullptr ? typename T::Reader() : capnp::readMessageUnchecked<T>(pointer);
}

// ---- Values ----

/// Views: valid as long as the reader's message.
[[nodiscard]] inline std::string_view as_text(capnp::Text::Reader text) noexcept {
  return {text.begin(), text.size()};
}

[[nodiscard]] inline std::span<const std::byte> as_bytes(capnp::Data::Reader data) noexcept {
  return std::as_bytes(std::span(data.begin(), data.size()));
}

/// For set…(): copied by the builder.
[[nodiscard]] inline capnp::Data::Reader as_data(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

inline void set_money(schema::Money::Builder money, Money value) {
  money.setMinor(value.minor);
  money.setCurrency(value.currency.packed());
}

[[nodiscard]] inline Money to_money(schema::Money::Reader money) {
  return {.minor = money.getMinor(), .currency = Currency(money.getCurrency())};
}

// Optional numbers stand in boxes (OptionalInt64, OptionalTime …), which are absent or hold one value.

/// `set_box(payload.initOdometer(), 10'500)`
template <class Box, class Value>
void set_box(Box box, Value value) {
  box.setValue(value);
}

template <class Box>
void set_box(Box box, Timestamp value) {
  box.setValue(value.ns);
}

template <class Box>
void set_box(Box box, Duration value) {
  box.setValue(value.seconds);
}

template <class Box>
void set_box(Box box, LocalDate value) {
  box.setValue(value.days);
}

/// Sets the box only when there is a value: `set_optional(odometer, [&] { return payload.initOdometer(); })`
template <class Value, class Init>
void set_optional(const std::optional<Value>& value, Init&& init) {
  if (value) {
    set_box(std::forward<Init>(init)(), *value);
  }
}

/// `to_optional(payload.hasOdometer(), payload.getOdometer())`
template <class Reader>
[[nodiscard]] auto to_optional(bool has, Reader box) -> std::optional<decltype(box.getValue())> {
  return has ? std::optional(box.getValue()) : std::nullopt;
}

}  // namespace carnet
