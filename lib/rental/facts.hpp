// SPDX-License-Identifier: Apache-2.0
//
// EventFacts: what rules and folds ask of a payload, by the one vocabulary of DOMAIN.md. A generated reader is taken
// apart at compile time: a field that a type has is read, any other stays absent. So a new event needs no code here, as
// long as its fields bear the names of the vocabulary.
#pragma once

#include "rental/rules.hpp"

#include <carnet/money.hpp>
#include <carnet/time.hpp>
#include <carnet/typed.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

namespace carnet::rental {

struct AllocationFact {
  std::string_view charge_id;
  std::string_view violation_id;
  Money amount;
};

struct DeductionFact {
  std::string_view kind;
  Money amount;
};

/// Texts are views into the payload; an absent field is empty.
struct EventFacts {
  std::string_view account_id;
  std::string_view authority;
  std::string_view collector;
  std::string_view contract_id;
  std::string_view case_id;
  std::string_view family;
  std::string_view lawful_basis_ref;
  std::string_view first_responsible;
  std::string_view method;
  std::string_view order_id;
  std::string_view parameters;
  std::string_view partner_id;
  std::string_view party;
  std::string_view payer_id;
  std::string_view payment_id;
  std::string_view psp;
  std::string_view psp_ref;
  std::string_view reference_no;
  std::string_view vehicle_id;
  std::string_view violation_id;
  std::optional<Money> amount;
  std::optional<Money> fine;
  std::optional<Money> expense;
  std::optional<Money> new_fine;
  std::optional<std::uint32_t> odometer;
  Timestamp at;
  Timestamp violation_at;
  Timestamp go_live_at;
  Timestamp effective_from;
  std::span<const std::byte> digest;
  Currency base_currency;
  std::uint32_t version = 0;
  std::uint16_t kind = 0;     ///< Enumerant of `kind`, or of `borneBy`.
  std::uint16_t payer = 0;    ///< schema::PaymentReceived::Payer
  std::uint16_t purpose = 0;  ///< Where it is a closed enum.
  std::uint16_t order_ref = 0;
  bool has_name = false;
  bool has_contact = false;
  bool has_content = false;
  std::vector<AllocationFact> allocations;
  std::vector<DeductionFact> deductions;
  std::vector<std::string_view> field_mask;
};

/// A text of the vocabulary by its field name, for rows that name fields. Empty: absent, or not of the vocabulary.
[[nodiscard]] std::string_view text_fact(const EventFacts& facts, std::string_view field) noexcept;

// One line a field: `get` and `has` are those of the generated reader.
#define CARNET_RENTAL_TEXT(member, getter)       \
  if constexpr (requires { reader.getter(); }) { \
    facts.member = as_text(reader.getter());     \
  }
#define CARNET_RENTAL_MONEY(member, has, getter) \
  if constexpr (requires { reader.getter(); }) { \
    if (reader.has()) {                          \
      facts.member = to_money(reader.getter());  \
    }                                            \
  }
#define CARNET_RENTAL_TIME(member, getter)       \
  if constexpr (requires { reader.getter(); }) { \
    facts.member = Timestamp{reader.getter()};   \
  }
#define CARNET_RENTAL_HAS(member, has)        \
  if constexpr (requires { reader.has(); }) { \
    facts.member = reader.has();              \
  }

template <class Type>
void read_facts(const PayloadView& payload, EventFacts& facts) {
  const typename Type::Reader reader = payload_as<Type>(payload);
  CARNET_RENTAL_TEXT(account_id, getAccountId)
  CARNET_RENTAL_TEXT(authority, getAuthority)
  CARNET_RENTAL_TEXT(collector, getCollector)
  CARNET_RENTAL_TEXT(contract_id, getContractId)
  CARNET_RENTAL_TEXT(case_id, getCaseId)
  CARNET_RENTAL_TEXT(family, getFamily)
  CARNET_RENTAL_TEXT(lawful_basis_ref, getLawfulBasisRef)
  CARNET_RENTAL_TEXT(first_responsible, getFirstResponsible)
  CARNET_RENTAL_TEXT(method, getMethod)
  CARNET_RENTAL_TEXT(order_id, getOrderId)
  CARNET_RENTAL_TEXT(parameters, getParameters)
  CARNET_RENTAL_TEXT(partner_id, getPartnerId)
  CARNET_RENTAL_TEXT(party, getParty)
  CARNET_RENTAL_TEXT(payer_id, getPayerId)
  CARNET_RENTAL_TEXT(payment_id, getPaymentId)
  CARNET_RENTAL_TEXT(psp, getPsp)
  CARNET_RENTAL_TEXT(psp_ref, getPspRef)
  CARNET_RENTAL_TEXT(reference_no, getReferenceNo)
  CARNET_RENTAL_TEXT(vehicle_id, getVehicleId)
  CARNET_RENTAL_TEXT(violation_id, getViolationId)
  CARNET_RENTAL_MONEY(amount, hasAmount, getAmount)
  CARNET_RENTAL_MONEY(fine, hasFine, getFine)
  CARNET_RENTAL_MONEY(expense, hasExpense, getExpense)
  CARNET_RENTAL_MONEY(new_fine, hasNewFine, getNewFine)
  CARNET_RENTAL_TIME(at, getAt)
  CARNET_RENTAL_TIME(violation_at, getViolationAt)
  CARNET_RENTAL_TIME(go_live_at, getGoLiveAt)
  CARNET_RENTAL_TIME(effective_from, getEffectiveFrom)
  CARNET_RENTAL_HAS(has_name, hasName)
  CARNET_RENTAL_HAS(has_contact, hasContact)
  CARNET_RENTAL_HAS(has_content, hasContent)
  if constexpr (requires { reader.getOdometer(); }) {
    if (reader.hasOdometer()) {
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
  if constexpr (requires { reader.getKind(); }) {
    if constexpr (std::is_enum_v<decltype(reader.getKind())>) {
      facts.kind = static_cast<std::uint16_t>(reader.getKind());
    }
  }
  if constexpr (requires { reader.getBorneBy(); }) {
    facts.kind = static_cast<std::uint16_t>(reader.getBorneBy());
  }
  if constexpr (requires { reader.getPayer(); }) {
    facts.payer = static_cast<std::uint16_t>(reader.getPayer());
  }
  if constexpr (requires { reader.getPurpose(); }) {
    if constexpr (std::is_enum_v<decltype(reader.getPurpose())>) {
      facts.purpose = static_cast<std::uint16_t>(reader.getPurpose());
    }
  }
  if constexpr (requires { reader.getOrderRef(); }) {
    facts.order_ref = static_cast<std::uint16_t>(reader.getOrderRef());
  }
  if constexpr (requires { reader.getFieldMask(); }) {
    for (const auto name : reader.getFieldMask()) {
      facts.field_mask.push_back(as_text(name));
    }
  }
  if constexpr (requires { reader.getAllocatedTo(); }) {
    for (const auto each : reader.getAllocatedTo()) {
      facts.allocations.push_back({.charge_id = as_text(each.getChargeId()),
                                   .violation_id = as_text(each.getViolationId()),
                                   .amount = to_money(each.getAmount())});
    }
  }
  if constexpr (requires { reader.getDeductions(); }) {
    for (const auto each : reader.getDeductions()) {
      facts.deductions.push_back({.kind = as_text(each.getKind()), .amount = to_money(each.getAmount())});
    }
  }
}

#undef CARNET_RENTAL_TEXT
#undef CARNET_RENTAL_MONEY
#undef CARNET_RENTAL_TIME
#undef CARNET_RENTAL_HAS

/// A line of the event table; the type's name is the struct's.
template <class Type>
[[nodiscard]] EventRow event_row() {
  return {.spec = &event_type<Type>, .read = &read_facts<Type>};
}

}  // namespace carnet::rental
