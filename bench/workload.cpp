// SPDX-License-Identifier: Apache-2.0
#include "workload.hpp"

#include "support/toy_domain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace bench {

using namespace carnet;

Zipf::Zipf(std::uint32_t n, double exponent, std::uint64_t seed) : cumulative_(n), state_(seed) {
  double sum = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    sum += 1.0 / std::pow(static_cast<double>(i + 1), exponent);
    cumulative_[i] = sum;
  }
  for (double& value : cumulative_) {
    value /= sum;
  }
}

std::uint32_t Zipf::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  z ^= z >> 31U;
  const double u = static_cast<double>(z >> 11U) * 0x1.0p-53;
  return static_cast<std::uint32_t>(std::lower_bound(cumulative_.begin(), cumulative_.end(), u) - cumulative_.begin());
}

namespace {

// A fixed shuffle, so that hot streams do not stand side by side.
std::uint32_t spread(std::uint32_t rank, std::uint32_t n) {
  return static_cast<std::uint32_t>(rank * 2'654'435'761ULL % n);
}

}  // namespace

void Workload::open_boxes(Ledger& ledger) const {
  constexpr std::uint32_t kTogether = 500;
  for (std::uint32_t from = 0; from < streams; from += kTogether) {
    std::vector<EventDraft> events;
    for (std::uint32_t i = from; i < std::min(streams, from + kTogether); ++i) {
      events.push_back(toy::box_opened(fmt::format("b{}", i)));
      events.push_back(toy::coins_moved(fmt::format("b{}", i), toy::How::kPutIn, 1'000'000'000));
    }
    auto outcome = ledger.append(toy::request(fmt::format("open-{}", from), std::move(events)));
    if (!outcome || !std::holds_alternative<Receipt>(*outcome)) {
      fail("the boxes cannot be opened");
    }
  }
}

std::vector<Request> Workload::requests(std::uint64_t from, std::uint64_t count, bool wide_spread) const {
  static Zipf zipf(streams, 0.99, seed);
  std::vector<Request> out;
  out.reserve(count);
  const std::string memo(90, 'm');
  for (std::uint64_t i = from; i < from + count; ++i) {
    const std::uint32_t box = spread(wide_spread ? static_cast<std::uint32_t>(i % streams) : zipf.next(), streams);
    out.push_back(toy::request(fmt::format("c{}", i), {toy::coins_moved(fmt::format("b{}", box), toy::How::kTakeOut,
                                                                        1 + static_cast<std::int64_t>(i % 7),
                                                                        fmt::format("p{}", box % 997), memo)}));
  }
  return out;
}

std::unique_ptr<Ledger> new_ledger(const std::filesystem::path& folder, Durability durability, OpenOptions options) {
  std::filesystem::remove_all(folder);
  std::filesystem::remove_all(folder.string() + ".keys");
  options.if_missing = IfMissing::kCreate;
  options.durability = durability;
  return open_ledger(folder, nullptr, options);
}

std::unique_ptr<Ledger> open_ledger(const std::filesystem::path& folder, OpenReport* report, OpenOptions options) {
  auto opened = Ledger::open(folder, &toy::toy_domain(), options);
  if (!opened) {
    fail(opened.error().to_line());
  }
  if (report != nullptr) {
    *report = opened->report;
  }
  return std::move(opened->ledger);
}

void fail(const std::string& what) {
  fmt::print(stderr, "carnet_bench: {}\n", what);
  std::exit(1);
}

std::uint64_t folder_bytes(const std::filesystem::path& folder) {
  std::uint64_t sum = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      sum += entry.file_size();
    }
  }
  return sum;
}

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double seconds_since(std::int64_t start_ns) {
  return static_cast<double>(now_ns() - start_ns) / 1e9;
}

}  // namespace bench
