// SPDX-License-Identifier: Apache-2.0
//
// What KPIs are made of: rows (table_kpi.cpp). A row of an event names the term that it is an item of, whose item it is
// and what its value is; a row of a sum names the transfers that count; a definition says how terms give a KPI.
#pragma once

#include "rental/facts.hpp"
#include "rental/rules.hpp"

#include <carnet/projection.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace carnet::rental {

/// Numbers are stored: add behind.
enum class KpiTerm : std::uint16_t {
  kNoTerm,
  kRated,       ///< Value: step 1 … 5, 0: on no scale that counts. Key: of an anonymous rating.
  kReceived,    ///< Value: since when the case counts, in nanoseconds.
  kClassified,  ///< Value: 1: as a complaint.
  kDuplicate,
  kReworked,
  kResolved,  ///< Value: 1: to the customer's satisfaction.
  kPlaced,
  kVoided,
  kBegun,  ///< Custody or a trip. Value: when, in nanoseconds.
  kEnded,
  kPlannedEnd,    ///< Value: nanoseconds.
  kMerged,        ///< Value: the surviving account, plus 1.
  kDepositMoved,  ///< Value: by what the deposit became more. Key: KpiMove, and the contract.
  kRefunded,      ///< Value: minor units.
  kFinalized,     ///< The settlement.
  kCalledOff,     ///< The reservation, or nobody came.
  kSigned,        ///< The inspection of a return.
  kRequested,
  kDispatched,
  kQueryPeriod,  ///< Value: days that were disclosed.
  kFined,        ///< Key: the violation, plus 1.
  kClaimMoved,   ///< Value: by what the claim became more. Key: 1: the company bore it.
  kReturned,     ///< Of an order. Value: when, in nanoseconds.
};

/// Tag families whose members items are about; numbers are stored.
enum class KpiGroup : std::uint8_t { kNoGroup, kAccount, kCase, kOrder, kRental, kDeposit, kAssistance, kViolation };

/// What moved a deposit, in the lowest byte of its items' key; the contract's member plus 1 stands above.
enum class KpiMove : std::uint8_t { kOther, kReleased, kReleasedCash, kReplaced, kExpired };
inline constexpr unsigned kKpiMoveBits = 8;
/// Beside the move: the deposit is for violations.
inline constexpr std::uint64_t kKpiForViolations = std::uint64_t{1} << 63U;

struct KpiReading {
  std::int64_t value = 0;
  std::uint64_t key = 0;
};

/// An item that an event gives.
struct KpiItemRule {
  std::string_view event;
  KpiTerm term;
  KpiGroup group;
  KpiReading (*read)(const AppliedEvent& event, const EventFacts& facts) = nullptr;  ///< Null: zeros.
};

/// Sums of transfers, by bookedAt; numbers are stored.
enum class KpiSum : std::uint16_t {
  kFrozen,
  kHeld,
  kCaptured,
  kReleased,
  kExpired,
  kRevenue,
  kCompensation,
  kRefunds,
  kChargebacks,
  kFinesCharged,
  kFinesPaid,
  kFinesCancelled,
  kFinesAssigned,
  kFinesWrittenOff,
};

/// Transfers that count into a sum: `sign` where they go from `debit` to `credit`, backwards where they are mirrored
/// (posted: sides swapped; pending: voided).
struct KpiSumRule {
  KpiSum sum;
  std::string_view rule;  ///< Empty: any.
  Phase phase;
  std::string_view debit;  ///< `A|B`; empty: any.
  std::string_view credit;
  int sign = 1;
};

/// How a KPI is made of terms.
enum class KpiMethod : std::uint8_t {
  kSatisfiedShare,
  kResolutionTime,
  kComplaintRate,
  kRetention,
  kReleaseTime,
  kElapsed,  ///< From the last `from` of the subject before each `to` in the window.
  kLateness,
  kBalance,  ///< Of `sum` at the window's end.
  kSumWithin,
};

struct KpiDefinition {
  std::string_view id;
  std::string_view name;
  std::string_view name_zh;
  std::string_view unit;  ///< `share`, `s`, `per100`, `minor`
  KpiMethod method;
  std::uint8_t variant = 0;  ///< Resolution time: percentile, 0: mean; complaint rate: 1: complaints per 100 orders.
  KpiTerm from = KpiTerm::kNoTerm;
  KpiTerm to = KpiTerm::kNoTerm;
  KpiGroup group = KpiGroup::kNoGroup;
  KpiSum sum = KpiSum::kFrozen;
};

[[nodiscard]] std::span<const KpiItemRule> kpi_item_table();
[[nodiscard]] std::span<const KpiSumRule> kpi_sum_table();
[[nodiscard]] std::span<const KpiDefinition> kpi_table();
/// Tag family of a group.
[[nodiscard]] std::string_view kpi_family(KpiGroup group) noexcept;

}  // namespace carnet::rental
