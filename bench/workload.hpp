// SPDX-License-Identifier: Apache-2.0
//
// The events of all rows: coins moved between boxes, 200,000 streams chosen by Zipf 0.99, three chains an event,
// payloads of about 150 bytes, one transfer an event. Fixed seed: every run appends the same.
#pragma once

#include <carnet/ledger.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bench {

/// Zipf-distributed numbers in [0, n), by rejection-free inversion over a precomputed table.
class Zipf {
 public:
  Zipf(std::uint32_t n, double exponent, std::uint64_t seed);
  [[nodiscard]] std::uint32_t next();

 private:
  std::vector<double> cumulative_;
  std::uint64_t state_;
};

struct Workload {
  std::uint32_t streams = 200'000;
  std::uint64_t seed = 42;

  /// Opens every box, many a commit: not part of what is measured.
  void open_boxes(carnet::Ledger& ledger) const;
  /// Requests `from` … `from + count - 1`: one event each.
  [[nodiscard]] std::vector<carnet::Request> requests(std::uint64_t from, std::uint64_t count,
                                                      bool wide_spread = false) const;
};

/// A ledger over the toy trade; removes what stood in the folder.
[[nodiscard]] std::unique_ptr<carnet::Ledger> new_ledger(const std::filesystem::path& folder,
                                                         carnet::Durability durability,
                                                         carnet::OpenOptions options = {});
[[nodiscard]] std::unique_ptr<carnet::Ledger> open_ledger(const std::filesystem::path& folder,
                                                          carnet::OpenReport* report, carnet::OpenOptions options = {});
/// Stops the program with the error's text: a benchmark whose end state is wrong measured nothing.
[[noreturn]] void fail(const std::string& what);
/// Bytes of all files below.
[[nodiscard]] std::uint64_t folder_bytes(const std::filesystem::path& folder);
[[nodiscard]] double seconds_since(std::int64_t start_ns);
[[nodiscard]] std::int64_t now_ns();

}  // namespace bench
