// SPDX-License-Identifier: Apache-2.0
//
// Machines of DOMAIN §3 and their states by number. The names stand in the machine tables (table_lifecycles_*.cpp), in
// the order of the numbers. Tables store states: numbers are never reused, new ones come behind.
#pragma once

#include <cstddef>
#include <cstdint>

namespace carnet::rental {

/// Order is free: machines are stored nowhere.
enum class Machine : std::uint8_t {
  kLedger,
  kRuleSet,
  kViolation,
  kContract,
  kQuery,
  kPayment,
  kCase,
  kAccount,
  kLawfulBasis,
  kPriceList,
  kReservation,
  kSpecialRequest,
  kLeg,
  kDamage,
  kDeposit,
  kHold,
  kCapture,
  kSettlement,
  kCharge,
  kRefund,
  kChargeback,
  kPspSettlement,
  kCompensation,
  kVoucher,
  kCost,
  kDepositChargeback,
  kVerification,
  kNotice,
  kDocument,
  kBooking,
  kAction,
};
inline constexpr std::size_t kMachineCount = 31;

/// State of a machine. 0 is the state before the first event (DOMAIN: ∅).
using State = std::uint8_t;
inline constexpr State kNone = 0;
/// As `next`: the state remains.
inline constexpr State kStay = 0xff;

namespace state {

inline constexpr State kOpen = 1;       // Ledger.
inline constexpr State kPublished = 1;  // Rule set (version), price list.

inline constexpr State kRecorded = 1;  // Violation.
inline constexpr State kCharged = 2;
inline constexpr State kSettled = 3;
inline constexpr State kAssigned = 4;
inline constexpr State kWrittenOff = 5;
inline constexpr State kCancelled = 6;
inline constexpr State kBorne = 7;

inline constexpr State kSigned = 1;  // Contract.
inline constexpr State kInUse = 2;
inline constexpr State kReturned = 3;
inline constexpr State kDraft = 4;
inline constexpr State kInspecting = 5;
inline constexpr State kInspected = 6;
inline constexpr State kContractSettled = 7;
inline constexpr State kContractClosed = 8;
inline constexpr State kVoided = 9;

inline constexpr State kQuerying = 1;  // Query.

inline constexpr State kPaymentReceived = 1;  // Payment.
inline constexpr State kReversed = 2;
inline constexpr State kPaymentFailed = 3;
inline constexpr State kPartlyReturned = 4;
inline constexpr State kPaymentReturned = 5;

inline constexpr State kCaseReceived = 1;  // Case.
inline constexpr State kCloseCandidate = 2;
inline constexpr State kClassified = 3;
inline constexpr State kCaseAssigned = 4;
inline constexpr State kInvestigating = 5;
inline constexpr State kPlanPending = 6;
inline constexpr State kExecuting = 7;
inline constexpr State kAwaitingOpinion = 8;
inline constexpr State kUnanswered = 9;        // awaitingOpinion, and once no answer.
inline constexpr State kUnansweredTwice = 10;  // awaitingOpinion, and no answer on two days.
inline constexpr State kSatisfied = 11;
inline constexpr State kRework = 12;
inline constexpr State kResolved = 13;
inline constexpr State kCaseClosed = 14;
inline constexpr State kCaseArchived = 15;
inline constexpr State kCasePurged = 16;
inline constexpr State kDuplicate = 17;

inline constexpr State kRegistering = 1;  // Account.
inline constexpr State kVerificationFailed = 2;
inline constexpr State kActive = 3;
inline constexpr State kRestricted = 4;
inline constexpr State kClosing = 5;
inline constexpr State kAccountClosed = 6;
inline constexpr State kReopening = 7;
inline constexpr State kErased = 8;
inline constexpr State kMerged = 9;
inline constexpr State kClosingRestricted = 10;  // The restriction is still in force.

inline constexpr State kPassed = 1;  // Verification of an account, by what was verified.
inline constexpr State kNotPassed = 2;

inline constexpr State kPresented = 1;  // Privacy notice (version), of an account.

inline constexpr State kInForce = 1;  // Lawful basis.
inline constexpr State kWithdrawn = 2;

inline constexpr State kQuoted = 1;  // Reservation.
inline constexpr State kPlaced = 2;
inline constexpr State kConfirmed = 3;
inline constexpr State kReservationCancelled = 4;
inline constexpr State kNoShow = 5;
inline constexpr State kFulfilled = 6;

inline constexpr State kBooked = 1;  // Processor settlement; booking: the reservation of an order.

inline constexpr State kActionOpen = 1;  // Action.
inline constexpr State kActionCompleted = 2;

inline constexpr State kRequestOpen = 1;  // Special request.
inline constexpr State kPrepared = 2;
inline constexpr State kDeclined = 3;

inline constexpr State kLegRecorded = 1;  // Inspection leg.
inline constexpr State kOut = 2;
inline constexpr State kBack = 3;
inline constexpr State kLegSigned = 4;

inline constexpr State kIdentified = 1;  // Damage.
inline constexpr State kAcknowledged = 2;
inline constexpr State kDisputed = 3;
inline constexpr State kDamageWithdrawn = 4;
inline constexpr State kDecided = 5;

inline constexpr State kHeld = 1;  // Cash deposit.
inline constexpr State kExhausted = 2;
inline constexpr State kDepositReleased = 3;

inline constexpr State kRequested = 1;  // Hold.
inline constexpr State kFrozen = 2;
inline constexpr State kHoldDeclined = 3;
inline constexpr State kPartiallyCaptured = 4;
inline constexpr State kCaptured = 5;
inline constexpr State kHoldReleased = 6;
inline constexpr State kHoldClosed = 7;
inline constexpr State kExpired = 8;

inline constexpr State kCaptureMade = 1;  // Capture: what may be refunded or charged back.

inline constexpr State kSettlementOpen = 1;  // Settlement.
inline constexpr State kStated = 2;
inline constexpr State kAnswered = 3;
inline constexpr State kSettlementDisputed = 4;
inline constexpr State kFinalized = 5;

inline constexpr State kChargePosted = 1;  // Charge.
inline constexpr State kPartlyReversed = 2;
inline constexpr State kChargeReversed = 3;

inline constexpr State kApproved = 1;  // Refund.
inline constexpr State kPaid = 2;
inline constexpr State kRefundFailed = 3;
inline constexpr State kRefundCancelled = 4;
inline constexpr State kUnclaimed = 5;

inline constexpr State kChargebackOpen = 1;  // Chargeback.
inline constexpr State kWon = 2;
inline constexpr State kLost = 3;
inline constexpr State kAccepted = 4;

inline constexpr State kGranted = 1;  // Compensation.
inline constexpr State kCredited = 2;
inline constexpr State kVouchered = 3;
inline constexpr State kDone = 4;
inline constexpr State kCompensationPaid = 5;
inline constexpr State kRevoked = 6;

inline constexpr State kIssued = 1;  // Voucher.
inline constexpr State kPartlyRedeemed = 2;
inline constexpr State kRedeemed = 3;
inline constexpr State kVoucherExpired = 4;
inline constexpr State kVoucherRevoked = 5;

inline constexpr State kOwed = 1;  // Partner cost.
inline constexpr State kCostPaid = 2;

}  // namespace state

}  // namespace carnet::rental
