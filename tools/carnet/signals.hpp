// SPDX-License-Identifier: Apache-2.0
//
// Interrupts: the running verb is asked to stop, cleans up, and the process then ends by the signal, as shells expect.
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace carnet::tool {

/// Made first of all, so that every thread inherits its mask. A second interrupt ends the process at once.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Asked to stop by SIGINT, SIGTERM or SIGHUP.
  [[nodiscard]] std::stop_token stop() const noexcept { return stop_.get_token(); }

  /// The signal that asked; 0: none.
  [[nodiscard]] int caught() const noexcept { return caught_.load(); }

  /// Ends the process by `signal`.
  [[noreturn]] static void die_by(int signal);

 private:
  void run(const std::stop_token& end);

  std::stop_source stop_;
  std::atomic<int> caught_{0};
  std::jthread thread_;
};

}  // namespace carnet::tool
