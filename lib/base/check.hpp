// SPDX-License-Identifier: Apache-2.0
//
// Assertions that stay on in release builds. CARNET_ASSERT: our bug. CARNET_REQUIRE: the caller broke a contract.
// Both print expression, place and a static note, then stop the process. No values are printed: they may be personal.
#pragma once

namespace carnet::base {

/// Called with a one-line text before the process stops. Installable by tests and hosts.
using CheckHandler = void (*)(const char* text);

/// Installs `handler` (null: standard error) and returns the one before. Threads: any.
CheckHandler set_check_handler(CheckHandler handler) noexcept;

[[noreturn]] void check_failed(const char* kind, const char* expression, const char* file, int line,
                               const char* note) noexcept;

}  // namespace carnet::base

#define CARNET_DETAIL_CHECK(kind, expression, note)                              \
  do {                                                                           \
    if (!(expression)) [[unlikely]] {                                            \
      ::carnet::base::check_failed(kind, #expression, __FILE__, __LINE__, note); \
    }                                                                            \
  } while (false)

/// Our invariant. `note` names it (`"I-M15: trial balance is zero"`).
#define CARNET_ASSERT(expression, note) CARNET_DETAIL_CHECK("invariant", expression, note)
/// The caller's obligation, as the function's contract states it.
#define CARNET_REQUIRE(expression, note) CARNET_DETAIL_CHECK("contract", expression, note)
