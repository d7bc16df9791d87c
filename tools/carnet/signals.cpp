// SPDX-License-Identifier: Apache-2.0
#include "signals.hpp"

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <pthread.h>
#include <unistd.h>

namespace carnet::tool {

namespace {

constexpr long kPollNs = 100'000'000;

sigset_t interrupts() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t set = interrupts();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A reader that went away is noticed at the write, after which the ledger is still closed in order.
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): it cannot fail for this signal
  thread_ = std::jthread([this](const std::stop_token& end) { run(end); });
}

Signals::~Signals() = default;

void Signals::run(const std::stop_token& end) {
  const sigset_t set = interrupts();
  const timespec pause{.tv_sec = 0, .tv_nsec = kPollNs};
  while (!end.stop_requested()) {
    const int signal = sigtimedwait(&set, nullptr, &pause);
    if (signal <= 0) {
      continue;
    }
    if (caught_.exchange(signal) != 0) {
      die_by(signal);
    }
    stop_.request_stop();
  }
}

void Signals::die_by(int signal) {
  std::signal(signal, SIG_DFL);  // NOLINT(cert-err33-c): the raise below ends the process or the exit does
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::kill(::getpid(), signal);
  std::_Exit(128 + signal);
}

}  // namespace carnet::tool
