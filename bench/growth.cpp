// SPDX-License-Identifier: Apache-2.0
#include "growth.hpp"

#include "workload.hpp"

#include <carnet/ledger.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>

namespace bench {

using namespace carnet;

namespace {

constexpr std::uint64_t kChunk = 20'000;
constexpr std::uint64_t kTogether = 100;
constexpr std::uint64_t kFirstStop = 100'000;

class GrowingLedger {
 public:
  GrowingLedger(std::filesystem::path folder, Growth& out)
      : folder_(std::move(folder)), out_(out), ledger_(new_ledger(folder_, Durability::kOs)) {
    workload_.open_boxes(*ledger_);
    out_.curves = {{"append, batches of 100", {}}, {"rebuild, one thread", {}}, {"rebuild, two threads", {}}};
  }

  /// Appends until `total` requests are in; their rate is a point of the first curve.
  void append_until(std::uint64_t total) {
    double seconds = 0;
    const std::uint64_t begin = appended_;
    while (appended_ < total) {
      const auto requests = workload_.requests(appended_, std::min(kChunk, total - appended_));
      const std::int64_t start = now_ns();
      for (std::size_t at = 0; at < requests.size(); at += kTogether) {
        land(std::span(requests).subspan(at, std::min<std::size_t>(kTogether, requests.size() - at)));
      }
      seconds += seconds_since(start);
      appended_ += requests.size();
    }
    out_.curves[0].points.push_back(
        {static_cast<double>(total), static_cast<double>(total - begin) / std::max(seconds, 1e-9)});
  }

  void stop() {
    const double events = static_cast<double>(appended_);
    const std::string volume = fmt::format("{} M events: ", events / 1e6);
    if (!ledger_->checkpoint() || !ledger_->close()) {
      fail("the ledger cannot be closed");
    }
    ledger_.reset();
    row(volume + "disk", static_cast<double>(folder_bytes(folder_)) / events, "B/event");
    const std::int64_t start = now_ns();
    ledger_ = open_ledger(folder_, nullptr);
    row(volume + "open, clean", seconds_since(start), "s");
    row(volume + "append", out_.curves[0].points.back().rate, "events/s");
    for (const std::size_t threads : {1UL, 2UL}) {
      RebuildOptions options;
      options.threads = threads;
      const auto report = ledger_->rebuild(options, {});
      if (!report) {
        fail(report.error().to_line());
      }
      const double rate = static_cast<double>(report->events) / report->seconds;
      out_.curves[threads].points.push_back({events, rate});
      row(volume + (threads == 1 ? "rebuild, one thread" : "rebuild, two threads"), rate, "events/s");
    }
  }

  [[nodiscard]] std::uint64_t appended() const { return appended_; }

 private:
  void land(std::span<const Request> requests) {
    for (const auto& result : ledger_->append_batch(requests)) {
      if (!result || !std::holds_alternative<Receipt>(*result)) {
        fail(result ? "a request of the workload was refused: " + std::get<Refusal>(*result).error
                    : result.error().to_line());
      }
    }
  }

  void row(std::string name, double value, std::string unit) {
    out_.rows.push_back({.name = std::move(name), .value = value, .unit = std::move(unit)});
  }

  std::filesystem::path folder_;
  Growth& out_;
  Workload workload_;
  std::unique_ptr<Ledger> ledger_;
  std::uint64_t appended_ = 0;
};

}  // namespace

Growth grow(const std::filesystem::path& folder, std::uint64_t events) {
  Growth out;
  GrowingLedger ledger(folder, out);
  const double factor = std::pow(10.0, 1.0 / 20);
  std::uint64_t stop = kFirstStop;
  double next = static_cast<double>(std::min(kFirstStop, events));
  while (ledger.appended() < events) {
    const std::uint64_t total = std::min({events, stop, static_cast<std::uint64_t>(std::llround(next))});
    ledger.append_until(total);
    next = std::max(next * factor, static_cast<double>(total + 1));
    fmt::print(stderr, "  {:>11} events, {:>7.0f} a second\n", total, out.curves[0].points.back().rate);
    if (total == stop || total == events) {
      stop *= total == stop ? 10 : 1;
      ledger.stop();
    }
  }
  return out;
}

}  // namespace bench
