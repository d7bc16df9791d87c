// SPDX-License-Identifier: Apache-2.0
//
// Standard error: messages, and on a terminal a status line for work that takes time.
#pragma once

#include "exit_code.hpp"

#include <carnet/log_sink.hpp>
#include <carnet/result.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace carnet::tool {

/// Threads: any.
class Console {
 public:
  Console();

  [[nodiscard]] bool is_terminal() const noexcept { return is_terminal_; }

  /// `carnet: TEXT`, one line; control characters are replaced.
  void say(std::string_view text);
  /// Replaces the status line; nothing happens where nobody looks at a terminal.
  void show_status(std::string_view text);
  void clear_status();

 private:
  std::mutex mutex_;
  bool is_terminal_ = false;
  bool has_status_ = false;
  std::size_t width_ = 0;
};

/// Takes the library's messages: warnings and errors always, what an operator likes to see on a terminal only.
class ConsoleLogSink final : public LogSink {
 public:
  explicit ConsoleLogSink(Console& console) : console_(console) {}

  void log(LogLevel level, std::string_view line) override;

 private:
  Console& console_;
};

/// A bar with rate and time left; its first line comes after a moment, so that short work shows none.
class Progress {
 public:
  /// `unit` names what is counted beside the total (`lines`).
  Progress(Console& console, std::string label, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `total` 0: unknown. `count` is what `unit` names.
  void update(std::uint64_t done, std::uint64_t total, std::uint64_t count);

 private:
  using SteadyClock = std::chrono::steady_clock;

  Console& console_;
  std::string label_;
  std::string unit_;
  SteadyClock::time_point begin_;
  SteadyClock::time_point shown_;
};

/// Shows for how long something without measurable progress has been running, until it dies.
class Waiting {
 public:
  Waiting(Console& console, std::string label);
  ~Waiting();
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  void run(const std::stop_token& stop);

  Console& console_;
  std::string label_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace carnet::tool
