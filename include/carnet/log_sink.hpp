// SPDX-License-Identifier: Apache-2.0
//
// Where the library's messages go. Carnet itself never prints.
// Stability: stable.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace carnet {

enum class LogLevel : std::uint8_t {
  kDebug = 1,    ///< For those who change Carnet.
  kInfo = 2,     ///< Opened, closed, rebuilt: what an operator likes to see.
  kWarning = 3,  ///< Works, but somebody should look: a dropped tail, a stepped clock.
  kError = 4,    ///< Something failed that no caller was waiting for.
};

/// `debug`, `info`, `warning`, `error`. Threads: any.
[[nodiscard]] std::string_view to_string(LogLevel level) noexcept;

/// Takes lines. Threads: `log` is called from any thread, several at once, and never under a lock of Carnet's.
class LogSink {
 public:
  virtual ~LogSink() = default;

  /// `line` is UTF-8 without an end of line and without personal data; it dies with the call. Must not throw.
  virtual void log(LogLevel level, std::string_view line) = 0;
};

/// Drops everything: the default. One instance, shared. Threads: any.
[[nodiscard]] std::shared_ptr<LogSink> null_log_sink();

}  // namespace carnet
