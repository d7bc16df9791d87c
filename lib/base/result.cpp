// SPDX-License-Identifier: Apache-2.0
//
// Names of error codes, what they mean for a retry, and an error as one line.
#include <carnet/result.hpp>

namespace carnet {

namespace {

void append_line_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(byte < 0x20U || byte == 0x7fU ? '?' : c);
  }
}

}  // namespace

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "InvalidArgument";
    case ErrorCode::kNotFound:
      return "NotFound";
    case ErrorCode::kBusy:
      return "Busy";
    case ErrorCode::kOutOfSpace:
      return "OutOfSpace";
    case ErrorCode::kStorage:
      return "Storage";
    case ErrorCode::kCorruption:
      return "Corruption";
    case ErrorCode::kUnsupportedFormat:
      return "UnsupportedFormat";
    case ErrorCode::kOutcomeUnknown:
      return "OutcomeUnknown";
    case ErrorCode::kClosed:
      return "Closed";
    case ErrorCode::kCancelled:
      return "Cancelled";
    case ErrorCode::kExpired:
      return "Expired";
    case ErrorCode::kNeedsConfirmation:
      return "NeedsConfirmation";
  }
  return "Unknown";
}

RetryAdvice retry_advice(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kCancelled:
    case ErrorCode::kExpired:
      return RetryAdvice::kNow;
    case ErrorCode::kBusy:
    case ErrorCode::kOutOfSpace:
      return RetryAdvice::kLater;
    case ErrorCode::kStorage:
    case ErrorCode::kCorruption:
    case ErrorCode::kOutcomeUnknown:
    case ErrorCode::kClosed:
    case ErrorCode::kNeedsConfirmation:
      return RetryAdvice::kAfterRepair;
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kUnsupportedFormat:
      return RetryAdvice::kNever;
  }
  return RetryAdvice::kNever;
}

std::string Error::to_line() const {
  std::string line;
  append_line_text(line, name_);
  line += ": ";
  append_line_text(line, message_);
  if (!facts_.empty()) {
    const char* separator = " (";
    for (const Fact& fact : facts_) {
      line += separator;
      append_line_text(line, fact.name);
      line += '=';
      append_line_text(line, fact.value);
      separator = ", ";
    }
    line += ')';
  }
  return line;
}

}  // namespace carnet
