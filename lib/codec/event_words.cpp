// SPDX-License-Identifier: Apache-2.0
//
// The words of an envelope (basis, actor kind, correction, severity) as JSON and tables print them.
#include <carnet/event.hpp>

namespace carnet {

std::string_view to_string(Basis basis) noexcept {
  switch (basis) {
    case Basis::kDecision:
      return "decision";
    case Basis::kReport:
      return "report";
    case Basis::kHistory:
      return "history";
  }
  return "unspecified";
}

std::string_view to_string(ActorKind kind) noexcept {
  switch (kind) {
    case ActorKind::kStaff:
      return "staff";
    case ActorKind::kCustomer:
      return "customer";
    case ActorKind::kDriver:
      return "driver";
    case ActorKind::kSystem:
      return "system";
    case ActorKind::kPartner:
      return "partner";
  }
  return "unspecified";
}

std::string_view to_string(CorrectionKind kind) noexcept {
  switch (kind) {
    case CorrectionKind::kNone:
      return "none";
    case CorrectionKind::kCorrection:
      return "correction";
    case CorrectionKind::kReversal:
      return "reversal";
  }
  return "unspecified";
}

std::string_view to_string(Severity severity) noexcept {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kBreach:
      return "breach";
  }
  return "unspecified";
}

}  // namespace carnet
