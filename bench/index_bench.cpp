// SPDX-License-Identifier: Apache-2.0
//
// Indexes and catalog alone. Published cases read one million events (three chains each: a stream, its tag, a customer
// out of 200,000) in ten publishings, before compaction has been waited for and after.
#include "base/check.hpp"
#include "store/catalog.hpp"
#include "store/floor.hpp"
#include "store/index.hpp"
#include "store/views_db.hpp"

#include <array>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <random>
#include <string>

namespace {

using namespace carnet;
using namespace carnet::store;

constexpr std::uint32_t kEvents = 1'000'000;
constexpr std::uint32_t kPublishings = 10;
constexpr std::uint32_t kEventsOfRental = 20;
constexpr std::uint32_t kRentals = kEvents / kEventsOfRental;
constexpr std::uint32_t kCustomers = 200'000;
constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();

/// Rentals run beside each other, a thousand at a time.
std::array<std::uint32_t, 3> chains_of(std::uint64_t position) {
  constexpr std::uint64_t kBeside = 1'000;
  const std::uint64_t wave = position / (kBeside * kEventsOfRental);
  const auto rental = static_cast<std::uint32_t>(wave * kBeside + position % kBeside);
  const auto customer = static_cast<std::uint32_t>(rental * 2'654'435'761ULL % kCustomers);
  return {1 + kCustomers + 2 * rental, 2 + kCustomers + 2 * rental, 1 + customer};
}

Digest16 command_of(std::uint64_t number) {
  Digest16 digest{};
  const std::uint64_t mixed = (number + 1) * 0x9E3779B97F4A7C15ULL;
  base::store_be(digest.data(), mixed ^ (mixed >> 29U));
  return digest;
}

std::string name_of(std::uint32_t rental) {
  return "rental/R" + std::to_string(rental);
}

class NoLog final : public CommitLog {
 public:
  LogAppendOutcome append(std::uint64_t, const LogTail&, std::span<const std::byte>, LogDurability) override {
    return LogNotWritten{none()};
  }

  Result<std::unique_ptr<FrameCursor>> read(std::uint64_t) override { return none(); }

  Result<LogTail> tail() override { return LogTail{kEnd, kEnd}; }

  Status sync() override { return {}; }

  Status trim(std::uint64_t) override { return none(); }

 private:
  static Error none() { return {ErrorCode::kInvalidArgument, "Unsupported", "not here"}; }
};

/// Everything published once for all cases.
class Published {
 public:
  static Published& instance() {
    static Published published;
    return published;
  }

  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;

  ~Published() {
    catalog.reset();
    commands.reset();
    chains.reset();
    views.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::unique_ptr<ViewsDb> views;
  std::unique_ptr<ChainIndex> chains;
  std::unique_ptr<CommandIndex> commands;
  std::unique_ptr<Catalog> catalog;
  double publish_seconds = 0;

  void rest() { CARNET_REQUIRE(views->wait_for_rest(), "compaction"); }

  std::uint64_t bytes(std::string_view family) const {
    for (const Fact& fact : views->stats()) {
      if (fact.name == std::string(family) + ".bytes") {
        return std::strtoull(fact.value.c_str(), nullptr, 10);
      }
    }
    return 0;
  }

 private:
  Published() {
    std::string form = (std::filesystem::temp_directory_path() / "carnet-bench-XXXXXX").string();
    CARNET_REQUIRE(::mkdtemp(form.data()) != nullptr, "a folder for the views");
    folder_ = form;
    Result<Floor> floor = Floor::create(base::real_file_system(), folder_, LedgerId{}, FloorMark{});
    auto made = ViewsDb::create(folder_ + "/views", {});
    CARNET_REQUIRE(floor && made, "views");
    views = *std::move(made);
    chains = ChainIndex::make(views.get(), 1);
    commands = CommandIndex::make(views.get(), 1);
    catalog = Catalog::make(views.get(), 1, 16UL * 1024 * 1024);
    std::uint32_t rentals = 0;
    for (std::uint64_t position = 1; position <= kEvents; ++position) {
      const auto mine = chains_of(position);
      const IndexedEvent event{.position = position, .chains = mine.data(), .chain_count = mine.size()};
      chains->add(&event, 1);
      commands->add(command_of(position), position);
      if (position % kEventsOfRental == 0) {
        const std::string name = name_of(++rentals);
        const codec::ChainIntroduction introduction{.kind = ChainKind::kStream, .name = name};
        CARNET_REQUIRE(catalog->add({rentals, introduction}), "a new name");
      }
      if (position % (kEvents / kPublishings) == 0) {
        publish(position, *floor);
      }
    }
  }

  void publish(std::uint64_t position, Floor& floor) {
    chains->freeze(position);
    commands->freeze(position);
    catalog->freeze();
    const auto start = std::chrono::steady_clock::now();
    ViewBatch batch;
    std::vector<ViewRun> runs;
    chains->write(batch, runs);
    commands->write(batch, runs);
    catalog->write(batch, runs);
    NoLog log;
    ViewCheckpoint checkpoint;
    checkpoint.position = position;
    checkpoint.commits = position;
    checkpoint.state = catalog->encode_state();
    CARNET_REQUIRE(views->publish_view(checkpoint, std::move(batch), std::move(runs), log, floor), "publish");
    publish_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    chains->thaw(true);
    commands->thaw(true);
    catalog->thaw(true);
  }

  std::string folder_;
};

void chain_add(benchmark::State& state) {
  std::uint64_t entries = 0;
  double bytes = 0;
  for (auto _ : state) {
    const auto index = ChainIndex::make(nullptr, 1);
    constexpr std::size_t kGroup = 16;
    std::array<std::array<std::uint32_t, 3>, kGroup> chains{};
    std::array<IndexedEvent, kGroup> group{};
    for (std::uint64_t position = 1; position <= kEvents; position += kGroup) {
      for (std::size_t at = 0; at < kGroup; ++at) {
        chains[at] = chains_of(position + at);
        group[at] = {.position = position + at, .chains = chains[at].data(), .chain_count = 3};
      }
      index->add(group.data(), kGroup);
      entries += kGroup * 3;
    }
    bytes = static_cast<double>(index->newest_bytes()) / (3.0 * kEvents);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(entries));
  state.counters["bytes/entry"] = bytes;
}

void command_add(benchmark::State& state) {
  double bytes = 0;
  for (auto _ : state) {
    const auto index = CommandIndex::make(nullptr, 1);
    for (std::uint64_t position = 1; position <= kEvents; ++position) {
      index->add(command_of(position), position);
    }
    bytes = static_cast<double>(index->newest_bytes()) / kEvents;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kEvents);
  state.counters["bytes/entry"] = bytes;
}

void command_find_newest(benchmark::State& state) {
  const bool hits = state.range(0) != 0;
  const auto index = CommandIndex::make(nullptr, 1);
  for (std::uint64_t position = 1; position <= kEvents; ++position) {
    index->add(command_of(position), position);
  }
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> found;
  for (auto _ : state) {
    found.clear();
    index->find_newest(command_of(1 + random() % kEvents + (hits ? 0 : kEvents)), found);
    CARNET_REQUIRE(found.size() == (hits ? 1 : 0), "found what was put");
  }
}

void command_find_published(benchmark::State& state) {
  Published& published = Published::instance();
  const bool hits = state.range(0) != 0;
  if (state.range(1) != 0) {
    published.rest();
  }
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> found;
  for (auto _ : state) {
    found.clear();
    CARNET_REQUIRE(published.commands->find_published(command_of(1 + random() % kEvents + (hits ? 0 : kEvents)), found),
                   "read");
    CARNET_REQUIRE(found.size() == (hits ? 1 : 0), "found what was put");
  }
}

void chain_positions_published(benchmark::State& state) {
  Published& published = Published::instance();
  const bool backwards = state.range(0) != 0;
  if (state.range(1) != 0) {
    published.rest();
  }
  std::mt19937_64 random(1);
  for (auto _ : state) {
    const auto rental = static_cast<std::uint32_t>(random() % (kRentals - 1'000) + 1'000);
    auto cursor = published.chains->positions(1 + kCustomers + 2 * rental, 0, kEnd, backwards);
    std::size_t count = 0;
    while (*(*cursor)->next() != 0) {
      ++count;
    }
    CARNET_REQUIRE(count == kEventsOfRental, "all events of the rental");
  }
}

void chain_positions_newest(benchmark::State& state) {
  const auto index = ChainIndex::make(nullptr, 1);
  for (std::uint64_t position = 1; position <= kEvents; ++position) {
    const auto mine = chains_of(position);
    const IndexedEvent event{.position = position, .chains = mine.data(), .chain_count = mine.size()};
    index->add(&event, 1);
  }
  std::mt19937_64 random(1);
  for (auto _ : state) {
    const auto rental = static_cast<std::uint32_t>(random() % (kRentals - 1'000) + 1'000);
    auto cursor = index->positions(1 + kCustomers + 2 * rental, 0, kEnd, false);
    std::size_t count = 0;
    while (*(*cursor)->next() != 0) {
      ++count;
    }
    CARNET_REQUIRE(count == kEventsOfRental, "all events of the rental");
  }
}

void catalog_add(benchmark::State& state) {
  double bytes = 0;
  for (auto _ : state) {
    const auto catalog = Catalog::make(nullptr, 1, 1024);
    for (std::uint32_t rental = 1; rental <= kRentals; ++rental) {
      const std::string name = name_of(rental);
      const codec::ChainIntroduction introduction{.kind = ChainKind::kStream, .name = name};
      CARNET_REQUIRE(catalog->add({rental, introduction}), "a new name");
    }
    bytes = static_cast<double>(catalog->newest_bytes()) / kRentals;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kRentals);
  state.counters["bytes/name"] = bytes;
}

/// 0: cached names, 1: names that only the database knows now and then, 2: names that nobody knows.
void catalog_find(benchmark::State& state) {
  Published& published = Published::instance();
  std::mt19937_64 random(1);
  const auto kind = state.range(0);
  for (auto _ : state) {
    const auto rental =
        static_cast<std::uint32_t>(1 + random() % (kind == 0 ? 1'000 : kRentals) + (kind == 2 ? kRentals : 0));
    const auto found = published.catalog->find_chain(ChainKind::kStream, name_of(rental));
    CARNET_REQUIRE(found && found->has_value() == (kind != 2), "found what was introduced");
  }
}

void published_size(benchmark::State& state) {
  Published& published = Published::instance();
  published.rest();
  for (auto _ : state) {
    benchmark::DoNotOptimize(published.views.get());
  }
  state.counters["index B/event"] = static_cast<double>(published.bytes("index")) / kEvents;
  state.counters["chains B/name"] = static_cast<double>(published.bytes("chains")) / kRentals;
  state.counters["publish us/event"] = published.publish_seconds / kEvents * 1e6;
}

BENCHMARK(chain_add)->Name("chain/add")->Unit(benchmark::kMillisecond);
BENCHMARK(command_add)->Name("command/add")->Unit(benchmark::kMillisecond);
BENCHMARK(catalog_add)->Name("catalog/add")->Unit(benchmark::kMillisecond);
BENCHMARK(command_find_newest)->Name("command/find_newest")->ArgName("hit")->Arg(0)->Arg(1);
BENCHMARK(chain_positions_newest)->Name("chain/positions_newest/count=20");
BENCHMARK(command_find_published)
    ->Name("command/find_published")
    ->ArgNames({"hit", "rest"})
    ->Args({0, 0})
    ->Args({1, 0});
BENCHMARK(chain_positions_published)
    ->Name("chain/positions_published/count=20")
    ->ArgNames({"back", "rest"})
    ->Args({0, 0});
BENCHMARK(command_find_published)
    ->Name("command/find_published")
    ->ArgNames({"hit", "rest"})
    ->Args({0, 1})
    ->Args({1, 1});
BENCHMARK(chain_positions_published)
    ->Name("chain/positions_published/count=20")
    ->ArgNames({"back", "rest"})
    ->Args({0, 1})
    ->Args({1, 1});
BENCHMARK(catalog_find)->Name("catalog/find")->ArgName("kind")->Arg(0)->Arg(1)->Arg(2);
BENCHMARK(published_size)->Name("published/size")->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
