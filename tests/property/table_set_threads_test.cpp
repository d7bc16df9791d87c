// SPDX-License-Identifier: Apache-2.0
//
// Goal: readers see whole publications and nothing else, while one thread writes, one makes checkpoints, pages come and
// go and snapshots expire under their readers. Method: amounts move between rows in all directions; in every published
// state they add up to zero, and the rows' counts of moves to twice the number that the state itself carries. Says most
// under the thread and address sanitizers.
#undef BOOST_TEST_MODULE  // main() is in table_set_test.cpp
#include "project/state_page.hpp"
#include "project/table_set.hpp"
#include "support/fake_views.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace carnet::project {
namespace {

struct Account {
  std::int64_t balance = 0;
  std::int64_t moves = 0;
  std::array<std::int64_t, 30> filling{};  // 16 accounts a page.
};

constexpr std::uint64_t kAccounts = 400;
constexpr std::size_t kScansMin = 1000;

struct Bank {
  explicit Bank(const TableSetOptions& options)
      : set(TableSet::make(&views, 1, options)),
        accounts(set->add_table({.name = "accounts", .row_bytes = sizeof(Account)})),
        totals(set->add_table({.name = "totals", .row_bytes = 8})) {}

  void move(TableWriter& tables, std::mt19937_64& random) {
    const auto amount = static_cast<std::int64_t>(random() % 1000);
    const std::uint64_t from = random() % kAccounts;
    const std::uint64_t to = (from + 1 + random() % (kAccounts - 1)) % kAccounts;
    for (const auto& [index, change] : {std::pair(from, -amount), std::pair(to, amount)}) {
      auto account = tables.get<Account>(accounts, index);
      account.balance += change;
      account.moves += 1;
      account.filling.fill(account.moves);
      tables.put(accounts, index, account);
    }
    tables.put(totals, 0, tables.get<std::int64_t>(totals, 0) + 1);
  }

  // Writer: groups of one to eight requests, some of them refused, some groups failed, some written directly.
  void write(std::uint64_t seed, std::uint64_t groups) {
    std::mt19937_64 random(seed);
    // Goes on until the readers have seen something too.
    for (std::uint64_t group = 1; group <= groups || whole.load() + expired.load() < kScansMin; ++group) {
      for (std::uint64_t n = 1 + random() % 8; n > 0; --n) {
        set->savepoint();
        move(set->overlay(), random);
        if (random() % 5 == 0) {
          set->rollback();
        }
      }
      if (random() % 16 == 0) {
        set->discard();
      } else {
        set->publish(group);
      }
      if (status_failed()) {
        return;
      }
    }
  }

  // Reader: whole scans, then again by single rows. A snapshot that expired on the way proves nothing but must not
  // crash.
  void read(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    while (!done.load()) {
      const auto snapshot = set->snapshot();
      std::vector<std::int64_t> seen;
      std::int64_t sum = 0;
      std::int64_t moves = 0;
      bool torn = false;
      for (std::uint64_t i = 0; i < kAccounts; ++i) {
        const auto account = snapshot->get<Account>(accounts, i);
        sum += account.balance;
        moves += account.moves;
        torn = torn || account.filling.front() != account.moves || account.filling.back() != account.moves;
        seen.push_back(account.balance);
      }
      const auto total = snapshot->get<std::int64_t>(totals, 0);
      bool changed = false;
      for (int n = 0; n < 100; ++n) {
        const std::uint64_t i = random() % kAccounts;
        changed = changed || snapshot->get<Account>(accounts, i).balance != seen[i];
      }
      if (!snapshot->status().has_value()) {
        expired.fetch_add(1);
        continue;
      }
      whole.fetch_add(1);
      if (sum != 0 || moves != 2 * total || torn || changed) {
        wrong.fetch_add(1);
      }
    }
  }

  // Checkpoints: one in four is not published. Every published one, and live fingerprints, are those of some state.
  void keep(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    while (!done.load()) {
      const std::uint64_t position = set->begin_checkpoint();
      std::map<std::string, std::string> pages;
      const Result<std::string> written = set->write_checkpoint(
          [&](std::string_view key, std::string_view value) { pages.emplace(std::string(key), std::string(value)); });
      static_cast<void>(set->fingerprint(accounts));
      if (!written || random() % 4 == 0) {
        set->end_checkpoint(false);
        continue;
      }
      views.put_all(pages);
      set->end_checkpoint(true);
      state = *written;
      state_position = position;
      if (random() % 8 == 0 && !set->recompute_fingerprint(accounts)) {
        wrong.fetch_add(1);
      }
    }
  }

  [[nodiscard]] bool status_failed() const { return !set->status().has_value(); }

  test::FakeViews views;
  std::unique_ptr<TableSet> set;
  TableId accounts;
  TableId totals;
  std::atomic<bool> done{false};
  std::atomic<std::size_t> whole{0};
  std::atomic<std::size_t> expired{0};
  std::atomic<std::size_t> wrong{0};
  std::string state;
  std::uint64_t state_position = 0;
};

void run_bank(Bank& bank, std::uint64_t groups) {
  std::mt19937_64 seeds = test::seeded_engine();
  std::vector<std::thread> others;
  others.emplace_back([&bank, seed = seeds()] { bank.read(seed); });
  others.emplace_back([&bank, seed = seeds()] { bank.read(seed); });
  others.emplace_back([&bank, seed = seeds()] { bank.keep(seed); });
  bank.write(seeds(), groups);
  bank.done.store(true);
  for (std::thread& other : others) {
    other.join();
  }
  BOOST_TEST(bank.wrong.load() == 0U);
  BOOST_TEST(!bank.status_failed());
  BOOST_TEST_MESSAGE(bank.whole.load() << " whole scans, " << bank.expired.load() << " expired");
  const Fingerprint live = bank.set->fingerprint(bank.accounts);
  BOOST_TEST((live == *bank.set->recompute_fingerprint(bank.accounts)));
  if (!bank.state.empty()) {
    BOOST_REQUIRE(bank.set->load(bank.state, bank.state_position).has_value());
    BOOST_TEST((bank.set->fingerprint(bank.accounts) == *bank.set->recompute_fingerprint(bank.accounts)));
  }
}

constexpr std::uint64_t kGroups = 20000;

BOOST_AUTO_TEST_SUITE(table_set_threads)

BOOST_AUTO_TEST_CASE(readers_see_whole_publications) {
  Bank bank({});
  run_bank(bank, kGroups);
  BOOST_TEST(bank.expired.load() == 0U);
  BOOST_TEST(bank.whole.load() > 0U);
}

BOOST_AUTO_TEST_CASE(readers_see_whole_publications_while_pages_come_and_go) {
  Bank bank({.memory_bytes = 6 * sizeof(Page)});
  run_bank(bank, kGroups);
  BOOST_TEST(bank.expired.load() == 0U);
}

BOOST_AUTO_TEST_CASE(readers_see_whole_publications_or_expire) {
  Bank bank({.memory_bytes = 6 * sizeof(Page), .snapshot_bytes_max = 2 * sizeof(Page)});
  run_bank(bank, kGroups);
  BOOST_TEST(bank.expired.load() > 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::project
