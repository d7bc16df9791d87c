// SPDX-License-Identifier: Apache-2.0
//
// carnet_bench: the table of the README. Every row checks its end state; a row whose state is wrong ends the program.
#include "growth.hpp"
#include "report.hpp"
#include "rows.hpp"
#include "support/toy_domain.hpp"
#include "workload.hpp"
#include "yardsticks.hpp"

#include <carnet/import.hpp>

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <sstream>
#include <string_view>
#include <thread>

namespace {

using namespace bench;
using namespace carnet;

struct Options {
  std::uint64_t rows = 1'000'000;
  std::uint64_t synced_rows = 40'000;
  std::string folder = (std::filesystem::temp_directory_path() / "carnet-bench").string();
  std::string json;
  std::string only;
  std::uint64_t grow_to = 0;
  std::string plot;
};

constexpr std::uint64_t kChunk = 20'000;
constexpr std::size_t kStoredBytes = 400;  // header, event and lengths of one commit of this workload; measured below

void check_landed(const std::vector<Result<Outcome>>& results) {
  for (const auto& result : results) {
    if (!result || !std::holds_alternative<Receipt>(*result)) {
      fail(result ? "a request of the workload was refused: " + std::get<Refusal>(*result).error
                  : result.error().to_line());
    }
  }
}

void check_head(Ledger& ledger, std::uint64_t position) {
  if (ledger.head().position != position) {
    fail(fmt::format("the ledger ends at {} instead of {}", ledger.head().position, position));
  }
}

/// Boxes to move coins in and out of; what follows from them is at rest before the clock starts.
void set_up(Ledger& ledger, const Workload& workload) {
  workload.open_boxes(ledger);
  if (!ledger.checkpoint()) {
    fail("the boxes cannot be written to the views");
  }
}

Row append_one_thread(const Options& options, const Workload& workload) {
  auto ledger = new_ledger(options.folder + "/one", Durability::kOs);
  set_up(*ledger, workload);
  const std::uint64_t before = ledger->head().position;
  double seconds = 0;
  for (std::uint64_t from = 0; from < options.rows; from += kChunk) {
    const auto requests = workload.requests(from, std::min(kChunk, options.rows - from));
    const std::int64_t start = now_ns();
    for (const Request& request : requests) {
      const auto outcome = ledger->append(request);
      if (!outcome || !std::holds_alternative<Receipt>(*outcome)) {
        fail("a request of the workload was refused");
      }
    }
    seconds += seconds_since(start);
  }
  check_head(*ledger, before + options.rows);
  const Timed bare = rocksdb_puts(options.folder + "/bare", options.rows, kStoredBytes, 1, false);
  const double rate = static_cast<double>(options.rows) / seconds;
  return {.name = "append, one thread, os, full path",
          .value = rate,
          .unit = "events/s",
          .yardstick = bare.per_second,
          .yardstick_name = "bare RocksDB Put of as many bytes, LZ4",
          .ratio = rate / bare.per_second,
          .target = 0.5};
}

Row append_synced(const Options& options, const Workload& workload, std::vector<Row>& more) {
  constexpr int kThreads = 64;
  auto ledger = new_ledger(options.folder + "/synced", Durability::kSync);
  set_up(*ledger, workload);
  const auto requests = workload.requests(0, options.synced_rows);
  std::atomic<std::size_t> next{0};
  std::vector<std::vector<double>> micros(kThreads);
  const std::int64_t start = now_ns();
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = next++; i < requests.size(); i = next++) {
        const std::int64_t from = now_ns();
        const auto outcome = ledger->append(requests[i]);
        if (!outcome || !std::holds_alternative<Receipt>(*outcome)) {
          fail("a request of the workload was refused");
        }
        micros[t].push_back(static_cast<double>(now_ns() - from) / 1e3);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const double seconds = seconds_since(start);
  std::vector<double> all;
  for (const auto& part : micros) {
    all.insert(all.end(), part.begin(), part.end());
  }
  const Timed ours = percentiles(all, seconds);
  ledger.reset();
  const Timed bare = rocksdb_puts(options.folder + "/bare", options.synced_rows, kStoredBytes, kThreads, true);
  more.push_back({.name = "  its p99",
                  .value = ours.p99_us,
                  .unit = "µs",
                  .yardstick = bare.p99_us,
                  .yardstick_name = "its p99",
                  .ratio = bare.p99_us / ours.p99_us,
                  .target = 0.5,
                  .note = fmt::format("p50 {:.0f} µs against {:.0f} µs", ours.p50_us, bare.p50_us)});
  return {.name = "append, 64 threads, sync",
          .value = ours.per_second,
          .unit = "events/s",
          .yardstick = bare.per_second,
          .yardstick_name = "bare RocksDB synced Put, 64 threads",
          .ratio = ours.per_second / bare.per_second,
          .target = 1.0};
}

void append_batches(const Options& options, const Workload& workload, std::vector<Row>& rows) {
  auto ledger = new_ledger(options.folder + "/batches", Durability::kOs);
  set_up(*ledger, workload);
  const std::uint64_t before = ledger->head().position;
  double seconds = 0;
  for (std::uint64_t from = 0; from < options.rows; from += kChunk) {
    const std::uint64_t count = std::min(kChunk, options.rows - from);
    const auto requests = workload.requests(from, count);
    std::atomic<std::uint64_t> next{0};
    const std::int64_t start = now_ns();
    const auto work = [&] {
      constexpr std::uint64_t kTogether = 100;
      for (std::uint64_t at = next.fetch_add(kTogether); at < count; at = next.fetch_add(kTogether)) {
        check_landed(ledger->append_batch(std::span(requests).subspan(at, std::min(kTogether, count - at))));
      }
    };
    std::thread other(work);
    work();
    other.join();
    seconds += seconds_since(start);
  }
  check_head(*ledger, before + options.rows);
  const double rate = static_cast<double>(options.rows) / seconds;
  const std::uint64_t events = ledger->head().position;
  if (!ledger->checkpoint() || !ledger->close()) {
    fail("the ledger cannot be closed");
  }
  ledger.reset();
  const double disk = static_cast<double>(folder_bytes(options.folder + "/batches"));
  const double log_bytes = static_cast<double>(folder_bytes(options.folder + "/batches/log"));
  std::uint64_t sqlite_bytes = 0;
  const double sqlite =
      sqlite_inserts(options.folder + "/sqlite", options.rows, 180, workload.streams, 100, sqlite_bytes);
  rows.push_back({.name = "batches of 100 commits, two threads, os",
                  .value = rate,
                  .unit = "events/s",
                  .yardstick = sqlite,
                  .yardstick_name = "SQLite, 100 rows a transaction",
                  .ratio = rate / sqlite,
                  .target = 10.0});
  rows.push_back({.name = "  the same, absolute",
                  .value = rate,
                  .unit = "events/s",
                  .yardstick = {},
                  .yardstick_name = {},
                  .ratio = {},
                  .target = 600'000.0});
  const double per_event = disk / static_cast<double>(events);
  const double sqlite_per_event = static_cast<double>(sqlite_bytes) / static_cast<double>(options.rows);
  rows.push_back({.name = "disk, one-event commits, all views",
                  .value = per_event,
                  .unit = "B/event",
                  .yardstick = sqlite_per_event,
                  .yardstick_name = "the SQLite file",
                  .ratio = sqlite_per_event / per_event,
                  .target = 2.0});
  rows.push_back({.name = "  log alone",
                  .value = log_bytes / static_cast<double>(events),
                  .unit = "B/event",
                  .yardstick = {},
                  .yardstick_name = {},
                  .ratio = {},
                  .target = 100.0,
                  .less_is_better = true});
}

/// All projections from the log, books and chains left alone: on one thread (twice: the first fills the file cache),
/// then on two.
void rebuild_projections(const std::filesystem::path& folder, double scan, std::vector<Row>& rows) {
  auto ledger = open_ledger(folder, nullptr);
  std::array<double, 2> rates{};
  for (const std::size_t threads : {1UL, 1UL, 2UL}) {
    RebuildOptions options;
    options.threads = threads;
    const auto report = ledger->rebuild(options, {});
    if (!report) {
      fail(report.error().to_line());
    }
    for (const RebuiltProjection& projection : report->projections) {
      if (projection.before != projection.after) {
        fail("a rebuilt projection differs: " + projection.name);
      }
    }
    rates.at(threads - 1) = static_cast<double>(report->events) / report->seconds;
  }
  rows.push_back({.name = "rebuild of all projections, two cores",
                  .value = rates[1],
                  .unit = "events/s",
                  .yardstick = scan,
                  .yardstick_name = "RocksDB scan, one record an event",
                  .ratio = rates[1] / scan,
                  .target = 0.3});
  rows.push_back({.name = "  the same, absolute",
                  .value = rates[1],
                  .unit = "events/s",
                  .yardstick = {},
                  .yardstick_name = {},
                  .ratio = {},
                  .target = 1'500'000.0});
  rows.push_back({.name = "  against one core",
                  .value = rates[1],
                  .unit = "events/s",
                  .yardstick = rates[0],
                  .yardstick_name = "one core",
                  .ratio = rates[1] / rates[0],
                  .target = 1.6});
}

void open_and_rebuild(const Options& options, std::vector<Row>& rows) {
  const std::filesystem::path folder = options.folder + "/batches";
  const auto timed_open = [&](OpenReport& report) {
    const std::int64_t start = now_ns();
    auto ledger = open_ledger(folder, &report);
    const double seconds = seconds_since(start);
    if (!ledger->close()) {
      fail("the ledger cannot be closed");
    }
    return seconds;
  };
  OpenReport report;
  const double clean = timed_open(report);
  if (report.replayed_events != 0) {
    fail("a clean open replayed events");
  }
  rows.push_back({.name = "open, clean",
                  .value = clean,
                  .unit = "s",
                  .yardstick = {},
                  .yardstick_name = {},
                  .ratio = {},
                  .target = 0.3,
                  .less_is_better = true});
  std::filesystem::remove_all(folder / "views");
  const double rebuild = timed_open(report);
  if (!report.views_rebuilt) {
    fail("the views were not rebuilt");
  }
  const double rate = static_cast<double>(report.replayed_events) / rebuild;
  const double scan = rocksdb_scan(options.folder + "/bare", options.rows, kStoredBytes);
  rows.push_back({.name = "rebuild of everything in views/, one core",
                  .value = rate,
                  .unit = "events/s",
                  .yardstick = scan,
                  .yardstick_name = "RocksDB scan, one record an event",
                  .ratio = rate / scan,
                  .target = 0.3,
                  .note = fmt::format("{} events, catalog, indexes, tables, tree, written", report.replayed_events)});

  rebuild_projections(folder, scan, rows);
}

Row import_lines(const Options& options, const Workload& workload) {
  const std::uint64_t count = std::min<std::uint64_t>(options.rows, 300'000);
  std::vector<std::string> lines;
  std::string text;
  Zipf zipf(workload.streams, 0.99, 7);
  const std::string memo(90, 'm');
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint32_t box = zipf.next();
    lines.push_back(fmt::format(
        R"({{"command":"i{}","actor":{{"id":"tester","kind":"staff","role":"operations"}},"channel":"test","events":[{{"stream":"box/b{}","type":"CoinsMoved","occurredAt":"2023-11-14T22:13:20Z","data":{{"boxId":"b{}","how":"takeOut","amount":{{"minor":{},"currency":"EUR"}},"partner":"p{}","memo":"{}"}}}}]}})",
        i, box, box, 1 + i % 7, box % 997, memo));
    text += lines.back();
    text += '\n';
  }
  auto ledger = new_ledger(options.folder + "/import", Durability::kSync);
  set_up(*ledger, workload);
  std::istringstream in(text);
  ImportOptions import;
  import.source_name = "bench";
  const std::int64_t start = now_ns();
  const auto summary = import_ndjson(*ledger, in, import);
  const double seconds = seconds_since(start);
  if (!summary || summary->commits != count) {
    fail(summary ? "the import did not take every line: " + summary->first_problem : summary.error().to_line());
  }
  const double rate = static_cast<double>(count) / seconds;
  const double parser = json_parse(lines);
  return {.name = "import of NDJSON, sync",
          .value = rate,
          .unit = "lines/s",
          .yardstick = parser,
          .yardstick_name = "the JSON parser alone (RapidJSON)",
          .ratio = rate / parser,
          .target = 0.5};
}

Row read_stream(const Options& options) {
  OpenReport report;
  auto ledger = open_ledger(options.folder + "/batches", &report);
  auto view = ledger->view();
  QueryItem item;
  std::vector<double> micros;
  Zipf zipf(200'000, 0.2, 3);
  for (int i = 0; i < 2'000; ++i) {
    item.stream = fmt::format("box/b{}", zipf.next());
    ReadOptions read;
    read.limit = 100;
    const std::int64_t start = now_ns();
    auto cursor = (*view)->read({{item}}, read);
    std::uint64_t seen = 0;
    while (const Event* event = *(*cursor)->next()) {
      seen += event->position != 0 ? 1 : 0;
    }
    if (seen == 0) {
      fail("a stream of the workload is empty");
    }
    micros.push_back(static_cast<double>(now_ns() - start) / 1e3);
  }
  const Timed timed = percentiles(micros, 1);
  return {.name = "read of a stream, up to 100 events, p99",
          .value = timed.p99_us / 1e3,
          .unit = "ms",
          .yardstick = {},
          .yardstick_name = {},
          .ratio = {},
          .target = 5.0,
          .less_is_better = true,
          .note = fmt::format("p50 {:.3f} ms", timed.p50_us / 1e3)};
}

/// The rows of the README's table.
std::vector<Row> table(const Options& options) {
  const Workload workload;
  std::vector<Row> rows;
  const auto wanted = [&](std::string_view name) { return options.only.empty() || options.only == name; };
  const auto tell = [](std::string_view what) { fmt::print(stderr, "measuring: {} …\n", what); };
  if (wanted("append")) {
    tell("append, one thread");
    rows.push_back(append_one_thread(options, workload));
  }
  if (wanted("synced")) {
    tell("append, 64 threads, sync");
    std::vector<Row> more;
    rows.push_back(append_synced(options, workload, more));
    rows.insert(rows.end(), more.begin(), more.end());
  }
  if (wanted("batches")) {
    tell("batches, disk, open, rebuild, reads");
    append_batches(options, workload, rows);
    rows.push_back(open_after_crash(options.folder + "/batches", std::min<std::uint64_t>(options.rows, 1'000'000)));
    open_and_rebuild(options, rows);
    rows.push_back(read_stream(options));
  }
  if (wanted("import")) {
    tell("import");
    rows.push_back(import_lines(options, workload));
  }
  if (wanted("sealing")) {
    tell("sealed fields");
    rows.push_back(sealing(options.folder + "/sealing", std::min<std::uint64_t>(options.rows, 300'000)));
  }
  return rows;
}

std::vector<Row> growth(const Options& options) {
  Growth grown = grow(options.folder + "/growing", options.grow_to);
  if (!options.plot.empty() &&
      !write_svg(options.plot, "Rate against volume: " + environment(options.folder), grown.curves)) {
    fail("the plot cannot be written");
  }
  return std::move(grown.rows);
}

int usage() {
  fmt::print(
      "usage: carnet_bench [--rows N] [--synced-rows N] [--folder DIR] [--only append|synced|batches|import|sealing] "
      "[--json "
      "FILE] [--grow-to N [--plot FILE]]\n"
      "  --rows N         events of the unsynced rows (default 1000000)\n"
      "  --synced-rows N  events of the synced row (default 40000)\n"
      "  --folder DIR     where ledgers and yardsticks are written and removed (default: a folder for temporary "
      "files)\n"
      "  --json FILE      writes the rows as an array of objects\n"
      "  --grow-to N      instead of the table: one ledger grown to N events, its rates on the way\n"
      "  --plot FILE      those rates against volume, as SVG\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  std::string append_and_die_in;  // Of open_after_crash().
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (i + 1 >= argc) {
      return usage();
    }
    const std::string value = argv[++i];
    if (name == "--rows") {
      options.rows = std::stoull(value);
    } else if (name == "--synced-rows") {
      options.synced_rows = std::stoull(value);
    } else if (name == "--folder") {
      options.folder = value;
    } else if (name == "--only") {
      options.only = value;
    } else if (name == "--append-and-die") {
      append_and_die_in = value;
    } else if (name == "--grow-to") {
      options.grow_to = std::stoull(value);
    } else if (name == "--plot") {
      options.plot = value;
    } else if (name == "--json") {
      options.json = value;
    } else {
      return usage();
    }
  }
  if (!append_and_die_in.empty()) {
    append_and_die(append_and_die_in, options.rows);
  }
  std::filesystem::create_directories(options.folder);
  std::vector<Row> rows = options.grow_to == 0 ? table(options) : growth(options);
  rows.push_back(peak_memory());
  print_table(rows, environment(options.folder));
  if (!options.json.empty() && !write_json(options.json, rows, options.folder, "os, sync where a row says so")) {
    fail("the JSON file cannot be written");
  }
  std::error_code ignored;
  std::filesystem::remove_all(options.folder, ignored);
  return 0;
}
