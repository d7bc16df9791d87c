// SPDX-License-Identifier: Apache-2.0
//
// Short words for one rental: reservation B1, contract R1 of order O1 and party account/A1, vehicles, inspections,
// damage. One minute passes from event to event.
#pragma once

#include "support/rental_money.hpp"

#include <carnet/schema/inspection.capnp.h>
#include <carnet/schema/price.capnp.h>
#include <carnet/schema/reservation.capnp.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace carnet::test {

using Side = schema::InspectionSide;
using Instrument = schema::DepositReleased::Instrument;
using Choice = schema::AddOnDecided::Decision;
using Position = schema::DamagePositionRecorded::Position;
using Codes = std::vector<std::string>;

struct Item {
  HoldPurpose purpose = HoldPurpose::SECURITY;
  Instrument instrument = Instrument::PRE_AUTHORIZATION;
  bool at_pickup = true;
  std::int64_t amount = 1000;
  std::uint16_t query_days = 2;
};

class ContractFixture : public MoneyFixture {
 public:
  /// With the key that signatures are sealed under.
  ContractFixture();

  // Prices and reservation.
  [[nodiscard]] EventDraft price_list(const std::string& version, Timestamp from, const Codes& channels = {});
  [[nodiscard]] EventDraft quoted(const std::string& version, const std::string& channel = "branch");
  [[nodiscard]] EventDraft placed(const std::string& account = {});
  [[nodiscard]] EventDraft confirmed(const std::string& number = "N-1", std::int64_t cancellation_fee = 50);
  [[nodiscard]] EventDraft reservation_cancelled(const std::string& charge = {});
  [[nodiscard]] EventDraft no_show(const std::string& charge = {});
  [[nodiscard]] EventDraft fulfilled();
  [[nodiscard]] EventDraft requested_specially(const std::string& request);
  [[nodiscard]] EventDraft resolved(const std::string& request, bool prepared = true);

  // Contract.
  [[nodiscard]] EventDraft drafted(bool mileage_limit = false);
  [[nodiscard]] EventDraft explained(const Codes& topics, bool acknowledged = true);
  [[nodiscard]] EventDraft fees(std::int64_t total);
  [[nodiscard]] EventDraft deposit_terms(const std::vector<Item>& items);
  [[nodiscard]] EventDraft add_on(const std::string& code, Choice choice, std::int64_t price, bool by_customer = true,
                                  bool prechecked = false);
  [[nodiscard]] EventDraft contract_signed();
  [[nodiscard]] EventDraft voided(const std::string& charge = {});
  [[nodiscard]] EventDraft closed();
  [[nodiscard]] EventDraft assigned_vehicle(const std::string& vehicle, const std::string& inspection);
  [[nodiscard]] EventDraft out(const std::string& vehicle = "C1", std::uint32_t odometer = 1000);
  [[nodiscard]] EventDraft back(const std::string& vehicle = "C1", std::uint32_t odometer = 1100);
  [[nodiscard]] EventDraft swapped(const std::string& from, const std::string& to);
  [[nodiscard]] EventDraft lost(const std::string& vehicle = "C1");
  [[nodiscard]] EventDraft queried();

  // Inspections; I1 is of C1, I2 of C2.
  [[nodiscard]] EventDraft inspected(const std::string& inspection, Side side, std::uint32_t odometer = 1000,
                                     const Codes& damages = {}, const Codes& without = {},
                                     const std::string& version = "v1");
  [[nodiscard]] EventDraft media(const std::string& inspection, Side side);
  [[nodiscard]] EventDraft signed_out(const std::string& inspection, std::uint64_t inspection_position);
  [[nodiscard]] EventDraft signed_back(const std::string& inspection, std::uint64_t inspection_position,
                                       bool customer_present = true);
  [[nodiscard]] EventDraft damage(const std::string& id, bool with_media = true);
  [[nodiscard]] EventDraft position(const std::string& id, Position position);
  [[nodiscard]] EventDraft assessed(const std::string& id);
  /// A charge of kind damage for a damage.
  [[nodiscard]] EventDraft damage_charge(const std::string& charge, const std::string& damage);

  [[nodiscard]] EventDraft finalized(bool names_contract = true);

  // Steps that must be accepted.
  /// The statement of the order's charges, and its acceptance.
  void state_and_accept(const Parts& charges, std::int64_t total);
  void sign_contract(const std::vector<Item>& items = {});
  /// Inspection and signature of the handover; returns the position of the inspection.
  std::uint64_t inspect_out(const std::string& inspection, const Codes& damages = {});
  std::uint64_t inspect_back(const std::string& inspection, std::uint32_t odometer = 1100);
  /// A signed contract, and the vehicle handed over.
  void hand_over(const std::vector<Item>& items = {});
  /// Brings it back and signs the return.
  void take_back();

  /// `contract query`
  [[nodiscard]] std::string contract_text();

  /// SHA-256 of the payload at a position, as JSON in RFC 8785 form.
  [[nodiscard]] std::array<std::byte, 32> digest_at(std::uint64_t position);

  std::array<std::byte, 32> handover_digest{};  ///< Of the last handover that inspect_out() signed.

 private:
  template <class Type, class Fill>
  EventDraft of(std::string stream, Fill&& fill);
  template <class Type, class Fill>
  EventDraft of_inspection(const std::string& inspection, Fill&& fill);
};

}  // namespace carnet::test
