// SPDX-License-Identifier: Apache-2.0
//
// A server in small: several threads append without waiting for each answer, a monitor reads metrics and the lag of a
// projection, and the program ends cleanly when its work is done or it is asked to (Ctrl-C).
#include "garage/garage.hpp"

#include <carnet/ledger.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <deque>
#include <iostream>
#include <thread>

namespace {

using namespace carnet;

constexpr int kThreads = 4;
constexpr int kRequests = 250;              // of each thread
constexpr std::size_t kWithoutAnswer = 16;  // of each thread: more would only wait in the ledger's queue

volatile std::sig_atomic_t asked_to_stop = 0;

struct Tally {
  std::atomic<int> committed{0};
  std::atomic<int> refused{0};
  std::atomic<int> failed{0};

  void count(const Result<Outcome>& outcome) {
    std::atomic<int>& what = !outcome ? failed : std::holds_alternative<Receipt>(*outcome) ? committed : refused;
    ++what;
  }
};

/// What a connection of a real server would do: send on, and take answers in the order in which it asked.
void serve(Ledger& ledger, int thread, const std::stop_token& stop, Tally& tally) {
  std::deque<std::unique_ptr<Ticket>> open;
  const Timestamp at{1'767'603'600 * kNsPerSecond};  // part of the request: sent again, it lands once
  for (int i = 0; i < kRequests && !stop.stop_requested(); ++i) {
    if (open.size() == kWithoutAnswer) {
      tally.count(open.front()->wait());
      open.pop_front();
    }
    const std::string command = std::to_string(thread) + "-" + std::to_string(i);
    open.push_back(ledger.append_async(garage::wash(command, "c" + std::to_string(i % 10), i % 50 == 49 ? 0 : 10, at)));
  }
  for (const auto& ticket : open) {
    tally.count(ticket->wait());
  }
}

void monitor(Ledger& ledger, const std::stop_token& stop, std::atomic<int>& looks) {
  while (!stop.stop_requested()) {
    const auto stats = ledger.stats();
    const bool known = stats && std::ranges::any_of(*stats, [](const Fact& fact) {
                         return fact.name == "projection.garage.washes.lag";
                       });
    looks += known ? 1 : 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

int main(int argc, char** argv) {
  static_cast<void>(std::signal(SIGINT, [](int) { asked_to_stop = 1; }));
  static_cast<void>(std::signal(SIGTERM, [](int) { asked_to_stop = 1; }));
  const garage::Garage domain;
  OpenOptions options;
  options.if_missing = IfMissing::kCreate;
  auto opened = Ledger::open(argc > 1 ? argv[1] : "server.ledger", &domain, options);
  if (!opened) {
    std::cerr << opened.error().to_line() << '\n';
    return 1;
  }
  Ledger& ledger = *opened->ledger;

  Tally tally;
  std::atomic<int> looks{0};
  std::atomic<int> running{kThreads};
  std::jthread watcher([&](const std::stop_token& stop) { monitor(ledger, stop, looks); });
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i](const std::stop_token& stop) {
        serve(ledger, i, stop, tally);
        --running;
      });
    }
    while (running > 0 && asked_to_stop == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }  // asks the threads to stop; each still takes the answers that it waits for
  const auto caught_up = ledger.wait_for("garage.washes", ledger.head().position, std::chrono::seconds(30));
  watcher.request_stop();
  watcher.join();
  // Publishes the views, syncs, marks the ledger clean: the next opening replays nothing.
  const auto closed = ledger.close();
  if (!caught_up || !closed) {
    std::cerr << (caught_up ? closed : caught_up).error().to_line() << '\n';
    return 1;
  }
  std::cout << "committed " << tally.committed << ", refused " << tally.refused << ", failed " << tally.failed << '\n'
            << "metrics were " << (looks > 0 ? "read" : "never read") << ", closed cleanly\n";
  return 0;
}
