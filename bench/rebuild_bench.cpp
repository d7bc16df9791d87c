// SPDX-License-Identifier: Apache-2.0
//
// Rate of a rebuild of all projections, on one core and on two, beside the scan of a bare RocksDB that holds the same
// count of records. Usage: rebuild_bench [--rows N] [--folder DIR] [--keep]; the folder is used again when it is there.
#include "workload.hpp"
#include "yardsticks.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>

namespace {

using namespace carnet;

constexpr std::size_t kStoredBytes = 300;

void fill(Ledger& ledger, std::uint64_t rows) {
  const bench::Workload workload;
  workload.open_boxes(ledger);
  constexpr std::uint64_t kBatch = 10'000;
  for (std::uint64_t from = 0; from < rows; from += kBatch) {
    const auto requests = workload.requests(from, std::min(kBatch, rows - from));
    for (const auto& outcome : ledger.append_batch(requests)) {
      if (!outcome || !std::holds_alternative<Receipt>(*outcome)) {
        bench::fail("an append failed");
      }
    }
  }
  if (!ledger.checkpoint()) {
    bench::fail("the checkpoint failed");
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t rows = 2'000'000;
  std::string folder = (std::filesystem::temp_directory_path() / "carnet-rebuild-bench").string();
  bool keep = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--rows") == 0 && i + 1 < argc) {
      rows = std::strtoull(argv[++i], nullptr, 10);
    } else if (std::strcmp(argv[i], "--folder") == 0 && i + 1 < argc) {
      folder = argv[++i];
    } else if (std::strcmp(argv[i], "--keep") == 0) {
      keep = true;
    } else {
      std::fputs("usage: rebuild_bench [--rows N] [--folder DIR] [--keep]\n", stderr);
      return 2;
    }
  }
  const bool is_there = std::filesystem::exists(folder + "/ledger");
  auto ledger = is_there ? bench::open_ledger(folder + "/ledger", nullptr)
                         : bench::new_ledger(folder + "/ledger", Durability::kOs);
  if (!is_there) {
    fill(*ledger, rows);
    static_cast<void>(bench::rocksdb_puts(folder + "/bare", rows, kStoredBytes, 1, false));
  }
  const double scan = bench::rocksdb_scan(folder + "/bare", rows, kStoredBytes);
  fmt::print("bare RocksDB scan, one record an event: {:.2f} M/s\n", scan / 1e6);
  double one = 0;
  for (const std::size_t threads : {1U, 2U, 1U, 2U}) {
    RebuildOptions options;
    options.threads = threads;
    const std::clock_t cpu_before = std::clock();
    const auto report = ledger->rebuild(options, {});
    const double cpu = static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC;
    if (!report) {
      bench::fail(report.error().to_line());
    }
    for (const RebuiltProjection& projection : report->projections) {
      if (projection.before != projection.after) {
        bench::fail(projection.name + " differs from what the log gives");
      }
    }
    const double rate = static_cast<double>(report->events) / report->seconds;
    one = threads == 1 ? rate : one;
    fmt::print("rebuild of all, {} thread(s): {:.2f} M events/s ({:.2f} M per CPU second), {:.2f} x the scan{}\n",
               threads, rate / 1e6, static_cast<double>(report->events) / cpu / 1e6, rate / scan,
               threads == 1 ? std::string() : fmt::format(", {:.2f} x one thread", rate / one));
  }
  ledger.reset();
  if (!keep) {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  return 0;
}
