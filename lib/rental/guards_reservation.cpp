// SPDX-License-Identifier: Apache-2.0
//
// Guards of price lists, quotes and reservations.
#include "rental/guards.hpp"
#include "rental/money.hpp"

#include <carnet/schema/price.capnp.h>
#include <carnet/schema/rental.capnp.h>
#include <carnet/schema/reservation.capnp.h>
#include <carnet/schema/settlement.capnp.h>

#include <fmt/format.h>

#include <string>

namespace carnet::rental {

namespace {

constexpr std::string_view kPriceStream = "document/priceList";

std::optional<Broken> price_list_stream(Decision& d) {
  if (d.context().stream_name() == kPriceStream) {
    return std::nullopt;
  }
  return Broken{.message = fmt::format("the stream of price lists is {}", kPriceStream),
                .values = {{"stream", std::string(d.context().stream_name())}}};
}

std::optional<Broken> price_list_not_past(Decision& d) {
  const bool first = d.table_of(Machine::kPriceList).count(d.tables()) == 0;
  if (first || d.facts().effective_from >= d.context().commit().recorded_at) {
    return std::nullopt;
  }
  return Broken{.message = "effective before it is published",
                .values = {{"effectiveFrom", to_text(d.facts().effective_from)}}};
}

/// Whether a list is for a channel: one without channels is for all of them.
bool is_for(Decision& d, const SubjectRow& list, std::string_view channel) {
  const auto published = d.payload_at<schema::PriceListPublished>(list.marks[0]);
  if (!published || published->getChannels().size() == 0) {
    return published.has_value();
  }
  for (const auto each : published->getChannels()) {
    if (as_text(each) == channel) {
      return true;
    }
  }
  return false;
}

/// A list that takes the place of `list` on the channel at that time.
bool is_superseded(Decision& d, const SubjectRow& list, std::string_view channel, Timestamp at) {
  const SubjectTable table = d.table_of(Machine::kPriceList);
  const auto count = static_cast<std::uint32_t>(table.count(d.tables()));
  for (std::uint32_t number = 1; number <= count; ++number) {
    const SubjectRow other = table.get(d.tables(), number);
    const bool later = other.value > list.value || (other.value == list.value && other.first > list.first);
    if (other.first != 0 && later && other.value <= at.ns && is_for(d, other, channel)) {
      return true;
    }
  }
  return false;
}

std::optional<Broken> price_published(Decision& d) {
  const std::string channel(as_text(d.payload<schema::QuoteIssued>().getChannel()));
  const SubjectRow list = d.row_by_key(Machine::kPriceList, 0, d.facts().price_list);
  const Timestamp at = d.event().occurred_at;
  if (list.first != 0 && list.value <= at.ns && is_for(d, list, channel) && !is_superseded(d, list, channel, at)) {
    return std::nullopt;
  }
  return Broken{.message = "the price list is not in force on this channel: quote from the one that is",
                .values = {{"priceListVersion", std::string(d.facts().price_list)}, {"channel", channel}}};
}

std::optional<Broken> confirmation_complete(Decision& d) {
  const auto confirmed = d.payload<schema::ReservationConfirmed>();
  std::string_view missing;
  if (confirmed.getReservationNo().size() == 0) {
    missing = "reservationNo";
  } else if (confirmed.getPickupBranchId().size() == 0) {
    missing = "pickupBranchId";
  } else if (confirmed.getPickupAt() == 0) {
    missing = "pickupAt";
  } else if (confirmed.getModel().size() == 0) {
    missing = "model";
  } else if (!confirmed.hasEstimate() || !to_money(confirmed.getEstimate()).currency.is_known()) {
    missing = "estimate";
  } else {
    return std::nullopt;
  }
  return Broken{.message = "a confirmation states number, place, time, model and estimate",
                .values = {{"field", std::string(missing)}}};
}

SubjectRow charge_named(Decision& d) {
  return d.row_by_key(Machine::kCharge, 0, d.facts().charge_id);
}

std::optional<Broken> fee_charge_known(Decision& d) {
  if (d.facts().charge_id.empty()) {
    return std::nullopt;
  }
  const SubjectRow charge = charge_named(d);
  const ChainRef* order = find_tag(d.event(), d.book().known().order);
  if (charge.first != 0 && (order == nullptr || charge.links[0] == order->member + 1)) {
    return std::nullopt;
  }
  return Broken{.message = "chargeId names a charge of this order",
                .values = {{"chargeId", std::string(d.facts().charge_id)}}};
}

/// The reservation that the event's order began with; zeros: none.
SubjectRow reservation_of(Decision& d) {
  if (const Subject* own = d.subject(Machine::kReservation); own != nullptr) {
    return own->row;
  }
  const SubjectRow booking = d.row_of(Machine::kBooking, "order", d.facts().order_id);
  return d.table_of(Machine::kReservation).get(d.tables(), booking.links[0]);
}

bool is_fee_term(Decision& d, const SubjectRow& reservation, std::string_view kind, Money amount) {
  const auto confirmed = d.payload_at<schema::ReservationConfirmed>(reservation.marks[0]);
  if (!confirmed) {
    return false;
  }
  for (const auto term : confirmed->getFeeTerms()) {
    const Money most = to_money(term.getAmount());
    if (as_text(term.getKind()) == kind && most.currency == amount.currency && amount.minor <= most.minor) {
      return true;
    }
  }
  return false;
}

bool is_fee_line(Decision& d, std::string_view kind) {
  const Subject* contract = d.subject(Machine::kContract);
  const auto fees =
      contract == nullptr ? std::nullopt : d.payload_at<schema::FeeScheduleDisclosed>(contract->row.marks[1]);
  if (!fees) {
    return false;
  }
  for (const auto line : fees->getLines()) {
    if (as_text(line.getChargeKind()) == kind) {
      return true;
    }
  }
  return false;
}

std::optional<Broken> fee_disclosed(Decision& d) {
  const SubjectRow charge = charge_named(d);
  const auto posted = d.payload_at<schema::ChargePosted>(charge.first);
  if (!posted) {
    return std::nullopt;  // Nothing is charged, or the charge is not known.
  }
  const std::string kind(as_text(posted->getKind()));
  const Money amount = to_money(posted->getAmount());
  if (is_fee_term(d, reservation_of(d), kind, amount) || is_fee_line(d, kind)) {
    return std::nullopt;
  }
  return Broken{
      .message = "the fee is none that was disclosed: a term of the confirmation covers kind and amount",
      .values = {{"chargeId", std::string(d.facts().charge_id)}, {"kind", kind}, {"amount", minor_text(amount.minor)}}};
}

std::optional<Broken> contract_known(Decision& d) {
  const SubjectRow contract = d.row_of(Machine::kContract, "rental", d.facts().contract_id);
  const ChainRef* order = find_tag(d.event(), d.book().known().order);
  const bool same_order = order == nullptr || contract.links[0] == 0 || contract.links[0] == order->member + 1;
  if (contract.first != 0 && same_order) {
    return std::nullopt;
  }
  return Broken{.message = "contractId names a contract of this order",
                .values = {{"contractId", std::string(d.facts().contract_id)}}};
}

}  // namespace

namespace guard {

const GuardRow kPriceListStream{"§2.2", "WrongStream", "stream", &price_list_stream, true};
const GuardRow kPriceListNotPast{"§3.9", "EffectiveInPast", "data.effectiveFrom", &price_list_not_past, false, true};
const GuardRow kPricePublished{"I-R1", "PriceNotPublished", "data.priceListVersion", &price_published};
const GuardRow kConfirmationComplete{"I-R2", "ConfirmationIncomplete", "data", &confirmation_complete};
const GuardRow kFeeChargeKnown{"§3.2", "ChargeUnknown", "data.chargeId", &fee_charge_known};
const GuardRow kFeeOfConfirmation{"§3.2", "FeeNotDisclosed", "data.chargeId", &fee_disclosed};
const GuardRow kContractKnown{"§3.2", "ContractUnknown", "data.contractId", &contract_known};

}  // namespace guard

}  // namespace carnet::rental
