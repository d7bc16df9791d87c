// SPDX-License-Identifier: Apache-2.0
#include "rows.hpp"

#include "support/toy_domain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace bench {

using namespace carnet;

namespace {

constexpr std::uint64_t kTogether = 100;

void append_all(Ledger& ledger, std::span<const Request> requests) {
  for (std::size_t at = 0; at < requests.size(); at += kTogether) {
    for (const auto& result :
         ledger.append_batch(requests.subspan(at, std::min<std::size_t>(kTogether, requests.size() - at)))) {
      if (!result || !std::holds_alternative<Receipt>(*result)) {
        fail(result ? "a request of the workload was refused: " + std::get<Refusal>(*result).error
                    : result.error().to_line());
      }
    }
  }
}

}  // namespace

void append_and_die(const std::filesystem::path& folder, std::uint64_t events) {
  OpenOptions options;
  options.background_work = false;
  options.durability = Durability::kOs;
  auto ledger = open_ledger(folder, nullptr, options);
  // Behind every command and box of the rows before.
  constexpr std::uint64_t kFirst = 1'000'000'000;
  constexpr std::uint64_t kChunk = 20'000;
  const Workload workload;
  for (std::uint64_t from = 0; from < events; from += kChunk) {
    append_all(*ledger, workload.requests(kFirst + from, std::min(kChunk, events - from)));
  }
  ::_exit(0);
}

Row open_after_crash(const std::filesystem::path& folder, std::uint64_t events) {
  const std::string count = std::to_string(events);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl("/proc/self/exe", "carnet_bench", "--append-and-die", folder.c_str(), "--rows", count.c_str(),
            static_cast<char*>(nullptr));
    ::_exit(127);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) {
    fail("the process that was to die without closing its ledger could not do its work");
  }
  OpenReport report;
  const std::int64_t start = now_ns();
  auto ledger = open_ledger(folder, &report);
  const double seconds = seconds_since(start);
  if (report.replayed_events != events) {
    fail(fmt::format("{} events were replayed instead of {}", report.replayed_events, events));
  }
  const std::uint64_t position = ledger->head().position;
  if (!ledger->close()) {
    fail("the ledger cannot be closed");
  }
  return {.name = "open after a crash",
          .value = seconds,
          .unit = "s",
          .yardstick = {},
          .yardstick_name = {},
          .ratio = {},
          .target = 3.0,
          .less_is_better = true,
          .note = fmt::format("{} events of {} were in no checkpoint", events, position)};
}

namespace {

constexpr std::uint64_t kAccounts = 1'000;

std::vector<Request> mixed_requests(std::uint64_t count, bool sealed) {
  std::vector<Request> out;
  out.reserve(count);
  const std::string memo(90, 'm');
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i % 10 >= 3) {
      out.push_back(toy::request(fmt::format("m{}", i), {toy::coins_moved(fmt::format("b{}", i % 10'000),
                                                                          toy::How::kTakeOut, 1, "p1", memo)}));
      continue;
    }
    EventDraft note = toy::note_taken(fmt::format("A{}", i % kAccounts), "called about the scratch on the left door");
    if (!sealed) {
      note.personal.clear();
    }
    out.push_back(toy::request(fmt::format("m{}", i), {std::move(note)}));
  }
  return out;
}

double mixed_rate(const std::filesystem::path& folder, std::uint64_t events, bool sealed) {
  auto ledger = new_ledger(folder, Durability::kOs);
  Workload{.streams = 10'000}.open_boxes(*ledger);
  for (std::uint64_t i = 0; i < kAccounts; ++i) {
    const auto made = ledger->create_subject_key(fmt::format("A{}", i), "D7", toy::request("key", {}));
    if (!made || !std::holds_alternative<Receipt>(*made)) {
      fail("a key cannot be made");
    }
  }
  if (!ledger->checkpoint()) {
    fail("a checkpoint cannot be written");
  }
  const std::vector<Request> requests = mixed_requests(events, sealed);
  const std::int64_t start = now_ns();
  append_all(*ledger, requests);
  return static_cast<double>(events) / seconds_since(start);
}

}  // namespace

Row sealing(const std::filesystem::path& folder, std::uint64_t events) {
  const double without = mixed_rate(folder / "plain", events, false);
  const double with = mixed_rate(folder / "with", events, true);
  return {.name = "append with 0.3 sealed fields an event",
          .value = with,
          .unit = "events/s",
          .yardstick = without,
          .yardstick_name = "the same events with the field absent",
          .ratio = with / without,
          .target = 0.85};
}

Row peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return {.name = "peak memory of this program",
          .value = static_cast<double>(usage.ru_maxrss) / 1024.0,
          .unit = "MB",
          .yardstick = {},
          .yardstick_name = {},
          .ratio = {},
          .target = {},
          .less_is_better = true,
          .note = "ours and the yardsticks', requests of the workload included"};
}

}  // namespace bench
