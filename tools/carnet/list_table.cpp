// SPDX-License-Identifier: Apache-2.0
//
// The verbs that list, row by row. What is released of a hold is what no capture took out of it.
#include "lists.hpp"

#include <array>

namespace carnet::tool {

namespace {

using std::string_view;

// clang-format off
constexpr auto kDepositAmounts = std::to_array<ListAmount>({
    {"collected", "taken", "+collected"},
    {"applied", "used", "+applied"},
    {"released", "released", "+released"},
    {"chargedBack", "charged back", "+chargedBack"},
    {"remaining", "remaining", "+remaining +hold:remaining"},
});
constexpr auto kHoldAmounts = std::to_array<ListAmount>({
    {"frozen", "taken", "+frozen"},
    {"captured", "used", "+captured"},
    {"released", "released", "+released +voided -captured"},
    {"expired", "expired", "+expired"},
    {"remaining", "remaining", "+remaining"},
    {"beyond", "", "+late"},
});
constexpr auto kSettlementAmounts = std::to_array<ListAmount>({
    {"charged", "charged", "+charged"},
    {"discounted", "discounted", "+discounted"},
    {"paid", "paid", "+charge:paid"},
    {"due", "due", "+charge:remaining -charge:discounted -charge:paid"},
    {"chargedBack", "charged back", "+chargedBack"},
});
constexpr auto kSettlementMarks = std::to_array<ListMark>({
    {"statement", "statement", "SettlementStatementIssued"},
    {"finalized", "", "SettlementFinalized"},
});
constexpr auto kChargeAmounts = std::to_array<ListAmount>({
    {"amount", "charged", "+remaining"},
    {"discounted", "discounted", "+discounted"},
    {"paid", "paid", "+paid"},
    {"due", "due", "+remaining -discounted -paid"},
    {"tax", "", "+tax"},
    {"reversed", "", "+reversed"},
});
constexpr auto kPaymentAmounts = std::to_array<ListAmount>({
    {"amount", "amount", "+amount"},
    {"approved", "", "+approved"},
    {"refunded", "used", "+refunded"},
    {"chargedBack", "charged back", "+chargedBack"},
    {"remaining", "remaining", "+remaining"},
});
constexpr auto kRefundAmounts = std::to_array<ListAmount>({
    {"approved", "amount", "+approved"},
    {"paid", "used", "+paid"},
    {"remaining", "remaining", "+remaining"},
});
constexpr auto kChargebackAmounts = std::to_array<ListAmount>({
    {"amount", "amount", "+amount"},
});
constexpr auto kCompensationAmounts = std::to_array<ListAmount>({
    {"granted", "amount", "+granted"},
    {"paid", "used", "+paid"},
    {"remaining", "remaining", "+remaining"},
});
constexpr auto kVoucherAmounts = std::to_array<ListAmount>({
    {"value", "amount", "+value"},
    {"redeemed", "used", "+redeemed"},
    {"expired", "", "+expired"},
    {"remaining", "remaining", "+remaining"},
});

constexpr auto kAccounts = std::to_array<ListKind>({{"account", "account"}});
constexpr auto kReservations = std::to_array<ListKind>({{"reservation", "reservation"}});
constexpr auto kReservationParts = std::to_array<ListKind>({{"specialRequest", "requests", "request"}});
constexpr auto kInspections = std::to_array<ListKind>({{"leg", "inspection"}});
constexpr auto kInspectionParts = std::to_array<ListKind>({{"damage", "damages", "damage"}});
constexpr auto kDeposits = std::to_array<ListKind>({
    {"deposit", "deposit", "", kDepositAmounts, {}, "instrument", "cash", "preAuthorization"},
});
constexpr auto kDepositParts = std::to_array<ListKind>({{"hold", "holds", "hold", kHoldAmounts}});
constexpr auto kSettlements = std::to_array<ListKind>({
    {"settlement", "order", "", kSettlementAmounts, kSettlementMarks},
});
constexpr auto kSettlementParts = std::to_array<ListKind>({{"charge", "charges", "charge", kChargeAmounts}});
constexpr auto kPayments = std::to_array<ListKind>({
    {"payment", "payment", "", kPaymentAmounts},
    {"refund", "refund", "", kRefundAmounts},
    {"chargeback", "chargeback", "", kChargebackAmounts},
    {"compensation", "compensation", "", kCompensationAmounts},
    {"voucher", "voucher", "", kVoucherAmounts},
});
constexpr auto kCases = std::to_array<ListKind>({{"case", "case"}});

constexpr auto kDepositTitles = std::to_array<string_view>({"taken", "used", "released", "expired", "charged back", "remaining"});
constexpr auto kSettlementTitles = std::to_array<string_view>({"charged", "discounted", "paid", "due", "charged back"});
constexpr auto kPaymentTitles = std::to_array<string_view>({"amount", "used", "charged back", "remaining"});

constexpr auto kOfOrder = std::to_array<string_view>({"order"});
constexpr auto kOfRental = std::to_array<string_view>({"rental"});
constexpr auto kOfVehicle = std::to_array<string_view>({"rental", "vehicle"});
constexpr auto kOfViolation = std::to_array<string_view>({"violation", "order"});

constexpr auto kVerbs = std::to_array<ListVerb>({
    // verb, noun, error, kinds, parts, columns of amounts, of links
    {"accounts", "account", "NoSuchAccount", kAccounts},
    {"reservations", "reservation", "NoSuchReservation", kReservations, kReservationParts, {}, kOfOrder},
    {"inspections", "inspection", "NoSuchInspection", kInspections, kInspectionParts, {}, kOfVehicle},
    {"deposits", "deposit", "NoSuchDeposit", kDeposits, kDepositParts, kDepositTitles, kOfOrder},
    {"settlements", "settlement", "NoSuchSettlement", kSettlements, kSettlementParts, kSettlementTitles, kOfRental},
    {"payments", "payment", "NoSuchPayment", kPayments, {}, kPaymentTitles, kOfOrder},
    {"cases", "case", "NoSuchCase", kCases, {}, {}, kOfViolation},
});
// clang-format on

}  // namespace

std::span<const ListVerb> list_verbs() {
  return kVerbs;
}

}  // namespace carnet::tool
