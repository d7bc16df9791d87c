// SPDX-License-Identifier: Apache-2.0
//
// What one row of 64 bytes costs in lib/project, read and written, in a table of 16,384 rows (1 MB: it stays in the
// caches, so that the machinery shows and not the memory). The yardstick is a plain array of the same rows. Each case
// prints the time per row; the end state is checked.
#include "project/table_set.hpp"

#include <array>
#include <benchmark/benchmark.h>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

using carnet::TableId;
using carnet::TableWriter;
using carnet::project::Snapshot;
using carnet::project::TableSet;

struct Row {
  std::uint64_t count = 0;
  std::array<std::uint64_t, 7> rest{};
};

constexpr std::uint64_t kRows = 16'384;
constexpr std::size_t kGroup = 256;
constexpr std::size_t kVisits = 1 << 18;

std::vector<std::uint32_t> visits(bool random) {
  std::mt19937_64 engine(7);
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < kVisits; ++i) {
    rows.push_back(static_cast<std::uint32_t>((random ? engine() : i / 4) % kRows));
  }
  return rows;
}

void report(benchmark::State& state, std::uint64_t rows) {
  state.counters["per_row"] =
      benchmark::Counter(static_cast<double>(rows), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

struct Filled {
  Filled() : set(TableSet::make(nullptr, 1, {})), table(set->add_table({.name = "rows", .row_bytes = sizeof(Row)})) {
    for (std::uint64_t i = 0; i < kRows; ++i) {
      set->direct().put(table, i, Row{});
    }
    set->publish(1);
  }

  void check(benchmark::State& state, std::uint64_t written) const {
    const auto snapshot = set->snapshot();
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < kRows; ++i) {
      sum += snapshot->get<Row>(table, i).count;
    }
    if (sum != written) {
      state.SkipWithError("the table does not hold what was written");
    }
  }

  std::unique_ptr<TableSet> set;
  TableId table;
};

enum class Viewers { kNone, kOneForAll, kOneEachGroup };

// A group: each row read, changed and put back; then published.
void overlay(benchmark::State& state, bool random, Viewers viewers) {
  Filled filled;
  const std::vector<std::uint32_t> rows = visits(random);
  TableSet& set = *filled.set;
  TableWriter& tables = set.overlay();
  std::unique_ptr<Snapshot> snapshot = viewers == Viewers::kOneForAll ? set.snapshot() : nullptr;
  std::size_t at = 0;
  std::uint64_t written = 0;
  for (auto _ : state) {
    if (viewers == Viewers::kOneEachGroup) {
      snapshot = set.snapshot();
    }
    for (std::size_t n = 0; n < kGroup; ++n) {
      Row row = tables.get<Row>(filled.table, rows[at]);
      ++row.count;
      tables.put(filled.table, rows[at], row);
      at = (at + 1) % kVisits;
    }
    written += kGroup;
    set.publish(written);
  }
  snapshot.reset();
  report(state, written);
  filled.check(state, written);
}

// As above, with a savepoint before every fourth row, as requests of a group have.
void overlay_savepoints(benchmark::State& state) {
  Filled filled;
  const std::vector<std::uint32_t> rows = visits(true);
  TableSet& set = *filled.set;
  TableWriter& tables = set.overlay();
  std::size_t at = 0;
  std::uint64_t written = 0;
  for (auto _ : state) {
    for (std::size_t n = 0; n < kGroup; ++n) {
      if (n % 4 == 0) {
        set.savepoint();
      }
      Row row = tables.get<Row>(filled.table, rows[at]);
      ++row.count;
      tables.put(filled.table, rows[at], row);
      at = (at + 1) % kVisits;
    }
    written += kGroup;
    set.publish(written);
  }
  report(state, written);
  filled.check(state, written);
}

void direct(benchmark::State& state, bool random, bool viewer) {
  Filled filled;
  const std::vector<std::uint32_t> rows = visits(random);
  const std::unique_ptr<Snapshot> snapshot = viewer ? filled.set->snapshot() : nullptr;
  TableWriter& tables = filled.set->direct();
  std::uint64_t written = 0;
  for (auto _ : state) {
    for (const std::uint32_t index : rows) {
      std::byte* const bytes = tables.mutable_row(filled.table, index);
      std::uint64_t count = 0;
      std::memcpy(&count, bytes, sizeof(count));
      ++count;
      std::memcpy(bytes, &count, sizeof(count));
    }
    written += rows.size();
    filled.set->publish(written);
  }
  report(state, written);
  filled.check(state, written);
}

void plain_array(benchmark::State& state, bool random) {
  std::vector<Row> table(kRows);
  const std::vector<std::uint32_t> rows = visits(random);
  std::uint64_t written = 0;
  for (auto _ : state) {
    for (const std::uint32_t index : rows) {
      ++table[index].count;
      benchmark::ClobberMemory();
    }
    written += rows.size();
  }
  report(state, written);
}

void snapshot_read(benchmark::State& state, bool random, bool changed_since) {
  Filled filled;
  const std::vector<std::uint32_t> rows = visits(random);
  const auto snapshot = filled.set->snapshot();
  if (changed_since) {
    for (std::uint64_t i = 0; i < kRows; i += 8) {
      filled.set->overlay().put(filled.table, i, Row{.count = 1, .rest = {}});
    }
    filled.set->publish(2);
  }
  std::uint64_t sum = 0;
  std::uint64_t read = 0;
  for (auto _ : state) {
    for (const std::uint32_t index : rows) {
      std::uint64_t count = 0;
      std::memcpy(&count, snapshot->row(filled.table, index), sizeof(count));
      sum += count;
    }
    read += rows.size();
  }
  report(state, read);
  if (sum != 0) {
    state.SkipWithError("the snapshot saw a later state");
  }
}

// All 256 pages: hashed and encoded.
void checkpoint(benchmark::State& state) {
  Filled filled;
  std::uint64_t position = 1;
  std::uint64_t rows = 0;
  std::size_t bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (std::uint64_t i = 0; i < kRows; ++i) {
      filled.set->direct().put(filled.table, i, Row{.count = position, .rest = {}});
    }
    filled.set->publish(++position);
    state.ResumeTiming();
    benchmark::DoNotOptimize(filled.set->begin_checkpoint());
    if (!filled.set->write_checkpoint(
            [&](std::string_view key, std::string_view value) { bytes += key.size() + value.size(); })) {
      state.SkipWithError("the checkpoint failed");
    }
    filled.set->end_checkpoint(true);
    rows += kRows;
  }
  report(state, rows);
  benchmark::DoNotOptimize(bytes);
}

BENCHMARK_CAPTURE(plain_array, random, true)->Name("plain/array/random");
BENCHMARK_CAPTURE(plain_array, local, false)->Name("plain/array/local");
BENCHMARK_CAPTURE(direct, random, true, false)->Name("tables/direct/random");
BENCHMARK_CAPTURE(direct, local, false, false)->Name("tables/direct/local");
BENCHMARK_CAPTURE(direct, random_viewed, true, true)->Name("tables/direct/random/snapshot=held");
BENCHMARK_CAPTURE(overlay, random, true, Viewers::kNone)->Name("tables/overlay/random/group=256");
BENCHMARK_CAPTURE(overlay, local, false, Viewers::kNone)->Name("tables/overlay/local/group=256");
BENCHMARK(overlay_savepoints)->Name("tables/overlay/random/group=256/savepoint=4");
BENCHMARK_CAPTURE(overlay, held, true, Viewers::kOneForAll)->Name("tables/overlay/random/group=256/snapshot=held");
BENCHMARK_CAPTURE(overlay, fresh, true, Viewers::kOneEachGroup)->Name("tables/overlay/random/group=256/snapshot=fresh");
BENCHMARK_CAPTURE(overlay, local_fresh, false, Viewers::kOneEachGroup)
    ->Name("tables/overlay/local/group=256/snapshot=fresh");
BENCHMARK_CAPTURE(snapshot_read, random, true, false)->Name("tables/snapshot/random");
BENCHMARK_CAPTURE(snapshot_read, local, false, false)->Name("tables/snapshot/local");
BENCHMARK_CAPTURE(snapshot_read, random_old, true, true)->Name("tables/snapshot/random/changed_since");
BENCHMARK(checkpoint)->Name("tables/checkpoint/rows_of_64")->Iterations(20);

}  // namespace

BENCHMARK_MAIN();
