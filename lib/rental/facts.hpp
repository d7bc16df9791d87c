// SPDX-License-Identifier: Apache-2.0
//
// EventFacts: what rules and folds ask of a payload, by the one vocabulary of DOMAIN.md (vocabulary.hpp). A generated
// reader is taken apart at compile time: a field that a type has is read, any other stays absent. So a new event needs
// no code here, as long as its fields bear the names of the vocabulary.
#pragma once

#include "rental/rules.hpp"
#include "rental/vocabulary.hpp"

#include <carnet/money.hpp>
#include <carnet/time.hpp>
#include <carnet/typed.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace carnet::rental {

/// Of allocatedTo or appliedTo: a part of the amount, for one charge or one violation.
struct AllocationFact {
  std::string_view charge_id;
  std::string_view violation_id;
  Money amount;
};

struct DeductionFact {
  std::string_view kind;
  Money amount;
};

/// What validUntil says where it is absent.
inline constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();

/// Variants of AccountsMerged: the copy of the account that stays, and that of the one that ends.
inline constexpr std::uint16_t kOfSurvivor = 1;
inline constexpr std::uint16_t kOfAbsorbed = 2;

/// Texts are views into the payload; an absent field is empty.
struct EventFacts {
#define CARNET_RENTAL_MEMBER(member, getter, name) std::string_view member;
  CARNET_RENTAL_TEXTS(CARNET_RENTAL_MEMBER)
#undef CARNET_RENTAL_MEMBER
#define CARNET_RENTAL_MEMBER(member, getter, name) std::optional<Money> member;
  CARNET_RENTAL_MONEYS(CARNET_RENTAL_MEMBER)
#undef CARNET_RENTAL_MEMBER
#define CARNET_RENTAL_MEMBER(member, getter, name) Timestamp member;
  CARNET_RENTAL_TIMES(CARNET_RENTAL_MEMBER)
#undef CARNET_RENTAL_MEMBER
#define CARNET_RENTAL_MEMBER(member, getter, name) std::uint16_t member = 0;
  CARNET_RENTAL_ENUMS(CARNET_RENTAL_MEMBER)
#undef CARNET_RENTAL_MEMBER
#define CARNET_RENTAL_MEMBER(member, getter, name) bool member = false;
  CARNET_RENTAL_FLAGS(CARNET_RENTAL_MEMBER)
#undef CARNET_RENTAL_MEMBER
  std::uint16_t kind = 0;  ///< Enumerant of the event's variant (vocabulary.hpp).
  std::optional<std::uint32_t> odometer;
  std::uint32_t version = 0;
  std::optional<std::uint32_t> round;
  std::int64_t valid_until = 0;  ///< Days since 1970-01-01, or kNoEnd.
  Currency base_currency;
  std::span<const std::byte> digest;
  bool has_name = false;
  bool has_contact = false;
  bool has_content = false;
  std::vector<AllocationFact> allocations;
  std::vector<DeductionFact> deductions;
  std::vector<std::string_view> field_mask;

  /// The event's currency: that of the first money field it has; none where it has none.
  [[nodiscard]] Currency currency() const noexcept;
};

/// A text of the vocabulary, found once by its field name and then read by offset.
using TextField = std::string_view EventFacts::*;
/// Null: not of the vocabulary.
[[nodiscard]] TextField text_field(std::string_view name) noexcept;

/// A classification has no one enum that tells rows apart: its variant is its severity, and this beside it where the
/// category is a complaint.
inline constexpr std::uint16_t kComplaintVariant = 8;

template <class Reader>
[[nodiscard]] std::uint16_t variant_of(const Reader& reader) {
  if constexpr (requires {
                  reader.getCategory();
                  reader.getSeverity();
                }) {
    const bool complaint = as_text(reader.getCategory()) == "complaint";
    return static_cast<std::uint16_t>(static_cast<unsigned>(reader.getSeverity()) |
                                      (complaint ? kComplaintVariant : 0U));
  }
#define CARNET_RENTAL_VARIANT(getter)                               \
  if constexpr (requires { reader.get##getter(); }) {               \
    if constexpr (std::is_enum_v<decltype(reader.get##getter())>) { \
      return static_cast<std::uint16_t>(reader.get##getter());      \
    }                                                               \
  }
  CARNET_RENTAL_VARIANTS(CARNET_RENTAL_VARIANT)
#undef CARNET_RENTAL_VARIANT
  if constexpr (requires { reader.getAbsorbed(); }) {
    return as_text(reader.getAccountId()) == as_text(reader.getAbsorbed()) ? kOfAbsorbed : kOfSurvivor;
  }
  return 0;
}

template <class List>
void read_allocations(const List& list, EventFacts& facts) {
  for (const auto each : list) {
    facts.allocations.push_back({.charge_id = as_text(each.getChargeId()),
                                 .violation_id = as_text(each.getViolationId()),
                                 .amount = to_money(each.getAmount())});
  }
}

template <class Type>
void read_facts(const PayloadView& payload, EventFacts& facts) {
  const typename Type::Reader reader = payload_as<Type>(payload);
#define CARNET_RENTAL_READ(member, getter, name)                                         \
  if constexpr (requires { reader.get##getter(); }) {                                    \
    if constexpr (std::is_same_v<decltype(reader.get##getter()), capnp::Text::Reader>) { \
      facts.member = as_text(reader.get##getter());                                      \
    }                                                                                    \
  }
  CARNET_RENTAL_TEXTS(CARNET_RENTAL_READ)
#undef CARNET_RENTAL_READ
#define CARNET_RENTAL_READ(member, getter, name)                                           \
  if constexpr (requires { reader.get##getter(); }) {                                      \
    if constexpr (std::is_same_v<decltype(reader.get##getter()), schema::Money::Reader>) { \
      if (reader.has##getter()) {                                                          \
        facts.member = to_money(reader.get##getter());                                     \
      }                                                                                    \
    }                                                                                      \
  }
  CARNET_RENTAL_MONEYS(CARNET_RENTAL_READ)
#undef CARNET_RENTAL_READ
#define CARNET_RENTAL_READ(member, getter, name)                        \
  if constexpr (requires { reader.get##getter(); }) {                   \
    if constexpr (std::is_integral_v<decltype(reader.get##getter())>) { \
      facts.member = Timestamp{reader.get##getter()};                   \
    } else if (reader.has##getter()) {                                  \
      facts.member = Timestamp{reader.get##getter().getValue()};        \
    }                                                                   \
  }
  CARNET_RENTAL_TIMES(CARNET_RENTAL_READ)
#undef CARNET_RENTAL_READ
#define CARNET_RENTAL_READ(member, getter, name)                       \
  if constexpr (requires { reader.get##getter(); }) {                  \
    if constexpr (std::is_enum_v<decltype(reader.get##getter())>) {    \
      facts.member = static_cast<std::uint16_t>(reader.get##getter()); \
    }                                                                  \
  }
  CARNET_RENTAL_ENUMS(CARNET_RENTAL_READ)
#undef CARNET_RENTAL_READ
#define CARNET_RENTAL_READ(member, getter, name)                          \
  if constexpr (requires { reader.get##getter(); }) {                     \
    if constexpr (std::is_same_v<decltype(reader.get##getter()), bool>) { \
      facts.member = reader.get##getter();                                \
    }                                                                     \
  }
  CARNET_RENTAL_FLAGS(CARNET_RENTAL_READ)
#undef CARNET_RENTAL_READ
  facts.kind = variant_of(reader);
  if constexpr (requires { reader.getOdometer(); }) {
    if constexpr (std::is_integral_v<decltype(reader.getOdometer())>) {
      facts.odometer = reader.getOdometer();
    } else if (reader.hasOdometer()) {
      facts.odometer = reader.getOdometer().getValue();
    }
  }
  if constexpr (requires { reader.getDigest(); }) {
    facts.digest = as_bytes(reader.getDigest());
  }
  if constexpr (requires { reader.getBaseCurrency(); }) {
    facts.base_currency = Currency(reader.getBaseCurrency());
  }
  if constexpr (requires { reader.getVersion(); }) {
    if constexpr (std::is_integral_v<decltype(reader.getVersion())>) {
      facts.version = static_cast<std::uint32_t>(reader.getVersion());
    }
  }
  if constexpr (requires { reader.getRound(); }) {
    facts.round = reader.getRound();
  }
  if constexpr (requires { reader.getValidUntil().getValue(); }) {
    facts.valid_until = reader.hasValidUntil() ? reader.getValidUntil().getValue() : kNoEnd;
  }
  if constexpr (requires { reader.hasContact(); }) {
    facts.has_name = reader.hasName();
    facts.has_contact = reader.hasContact();
    facts.has_content = reader.hasContent();
  }
  if constexpr (requires { reader.getFieldMask(); }) {
    for (const auto name : reader.getFieldMask()) {
      facts.field_mask.push_back(as_text(name));
    }
  }
  if constexpr (requires { reader.getAllocatedTo(); }) {
    read_allocations(reader.getAllocatedTo(), facts);
  }
  if constexpr (requires { reader.getAppliedTo(); }) {
    read_allocations(reader.getAppliedTo(), facts);
  }
  if constexpr (requires { reader.getDeductions(); }) {
    for (const auto each : reader.getDeductions()) {
      facts.deductions.push_back({.kind = as_text(each.getKind()), .amount = to_money(each.getAmount())});
    }
  }
}

template <class Enum>
[[nodiscard]] EnumField enum_field(std::string_view getter) {
  EnumField field{.name = std::string(getter), .values = {}};
  field.name.front() = static_cast<char>(field.name.front() - 'A' + 'a');
  const auto values = capnp::Schema::from<Enum>().getEnumerants();
  for (const auto value : values) {
    const kj::StringPtr name = value.getProto().getName();  // Of the compiled schema: it lives for ever.
    field.values.emplace_back(name.begin(), name.size());
  }
  return field;
}

/// Which enum of the type a KeepRow means.
template <class Type>
[[nodiscard]] EnumField kept_enum(Keep keep) {
#define CARNET_RENTAL_KEPT(getter)                                                  \
  if constexpr (requires(typename Type::Reader reader) { reader.get##getter(); }) { \
    using Value = decltype(std::declval<typename Type::Reader>().get##getter());    \
    if constexpr (std::is_enum_v<Value>) {                                          \
      return enum_field<Value>(#getter);                                            \
    }                                                                               \
  }
  if (keep == Keep::kPurpose) {
    CARNET_RENTAL_KEPT(Purpose)
  } else if (keep == Keep::kPayer) {
    CARNET_RENTAL_KEPT(Payer)
  } else if (keep == Keep::kKind) {
    CARNET_RENTAL_VARIANTS(CARNET_RENTAL_KEPT)
  }
#undef CARNET_RENTAL_KEPT
  return {};
}

/// A line of the event table; the type's name is the struct's.
template <class Type>
[[nodiscard]] EventRow event_row() {
  return {.spec = &event_type<Type>, .read = &read_facts<Type>, .kept = &kept_enum<Type>};
}

}  // namespace carnet::rental
