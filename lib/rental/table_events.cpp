// SPDX-License-Identifier: Apache-2.0
//
// Event types that the domain registers (DOMAIN §2), and which fields each of them must carry one of. The order is the
// type index of AppliedEvent::type.
#include "rental/facts.hpp"
#include "rental/rules.hpp"

#include <carnet/schema/case.capnp.h>
#include <carnet/schema/ledger.capnp.h>
#include <carnet/schema/payment.capnp.h>
#include <carnet/schema/rental.capnp.h>
#include <carnet/schema/violation.capnp.h>

#include <array>

namespace carnet::rental {

namespace {

const std::array kEvents{
    event_row<schema::LedgerOpened>(),
    event_row<schema::RuleSetPublished>(),
    event_row<schema::NoticeSent>(),
    event_row<schema::VehicleHandedOver>(),
    event_row<schema::VehicleReturned>(),
    event_row<schema::TrafficViolationRecorded>(),
    event_row<schema::TrafficViolationCharged>(),
    event_row<schema::TrafficViolationAmended>(),
    event_row<schema::FinePaidToAuthority>(),
    event_row<schema::FineRefundedByAuthority>(),
    event_row<schema::ReceivableAssigned>(),
    event_row<schema::PaymentReceived>(),
    event_row<schema::FeedbackReceived>(),
    event_row<schema::CaseReferred>(),
};

// clang-format off
constexpr auto kFields = std::to_array<FieldRow>({
    // event, stream family, one of, listed in Assumed on history, refused on every basis
    {"VehicleHandedOver", "", "orderId", true, false},
    {"VehicleHandedOver", "", "accountId,party", true, false},
    {"VehicleReturned", "", "orderId", true, false},
    {"VehicleReturned", "", "accountId,party", true, false},
    {"ReceivableAssigned", "violation", "violationId", false, true},
    {"ReceivableAssigned", "violation", "party", false, true},
    {"ReceivableAssigned", "violation", "authority", false, false},
    {"ReceivableAssigned", "settlement", "orderId", false, true},
    {"ReceivableAssigned", "settlement", "accountId,party", false, true},
    {"PaymentReceived", "", "accountId,party,partnerId", false, true},
    {"FeedbackReceived", "", "accountId,party", false, false},
    {"CaseReferred", "", "accountId,party", false, false},
});
// clang-format on

}  // namespace

std::span<const EventRow> event_table() {
  return kEvents;
}

std::span<const FieldRow> field_table() {
  return kFields;
}

}  // namespace carnet::rental
