// SPDX-License-Identifier: Apache-2.0
//
// Goal: a ledger whose process is killed keeps every acknowledged commit, in each durability mode, at any moment and at
// chosen points of the disk's and the sealing's work, and takes what was not acknowledged again, once. Method: this
// program runs itself as the writer (case `writer`, told by environment variables what to do) and kills it; the writer
// says each receipt through a pipe. CARNET_CRASH_ROUNDS multiplies the rounds.
#include "store/store_env.hpp"
#include "support/killing_fs.hpp"
#include "support/must.hpp"
#include "support/temp_folder.hpp"
#include "support/test_seed.hpp"
#include "support/toy_domain.hpp"

#include <carnet/ledger.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <random>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace carnet::test {
namespace {

using store::SealPoint;

constexpr const char* kFolder = "CARNET_KILL_FOLDER";
constexpr const char* kFirst = "CARNET_KILL_FIRST";    // number of the first request
constexpr const char* kMode = "CARNET_KILL_MODE";      // a Durability
constexpr const char* kPoint = "CARNET_KILL_POINT";    // a SealPoint at which it kills itself
constexpr const char* kChange = "CARNET_KILL_CHANGE";  // it kills itself before this change of the disk; 0: never
constexpr int kPipe = 3;
constexpr std::uint64_t kBoxes = 7;
constexpr std::uint64_t kThreads = 2;

/// A receipt, as it goes through the pipe: in one write, so that it is there whole or not at all.
struct Said {
  std::uint64_t number = 0;
  Receipt receipt;
};

static_assert(std::is_trivially_copyable_v<Said> && sizeof(Said) <= 512, "one atomic write to a pipe");

std::string command_of(std::uint64_t number) {
  return "request-" + std::to_string(number);
}

/// Always the same for the same number, and lands whatever landed before it: the boxes are opened by whoever is first.
Request request_of(std::uint64_t number) {
  const std::string box = "b" + std::to_string(number % kBoxes);
  const auto amount = static_cast<std::int64_t>(1 + number % 90);
  std::vector<EventDraft> events{toy::coins_moved(box, toy::How::kPutIn, amount + 1, "P" + std::to_string(number % 5)),
                                 toy::coins_moved(box, toy::How::kTakeOut, amount)};
  if (number % 3 == 0) {
    events.push_back(toy::coins_moved(box, toy::How::kHold, 1));
  }
  if (number % 11 == 0) {
    events.push_back(toy::box_opened("n" + std::to_string(number), std::string(number % 700, 'x')));
  }
  Request out = toy::request(command_of(number), std::move(events));
  out.basis = Basis::kReport;
  out.source = Source{"feed", number + 1};
  return out;
}

OpenOptions options(Durability mode) {
  OpenOptions out;
  out.durability = mode;
  out.sync_interval = std::chrono::milliseconds(3);
  out.checkpoint_events = 60;
  out.memory_bytes = 16UL << 20U;
  return out;
}

std::uint64_t number_of(const char* name) {
  const char* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it.
  return text == nullptr ? UINT64_MAX : std::strtoull(text, nullptr, 10);
}

[[noreturn]] void give_up(const Error& error) {
  const std::string line = error.to_line() + "\n";
  (void)!::write(STDERR_FILENO, line.data(), line.size());
  std::abort();
}

/// Runs until it is killed. Every failure ends it by a signal that the parent does not expect.
[[noreturn]] void write_until_killed() {
  const std::uint64_t first = number_of(kFirst);
  const auto files = std::make_shared<KillingFs>();
  const auto rocks_env = rocksdb::NewCompositeEnv(files);
  store::StoreEnv env;
  env.env = rocks_env.get();
  env.at_seal_point = [](SealPoint point) -> Status {
    if (static_cast<std::uint64_t>(point) == number_of(kPoint)) {
      ::kill(::getpid(), SIGKILL);
    }
    return {};
  };
  OpenOptions with = options(static_cast<Durability>(number_of(kMode)));
  with.store_env = &env;
  with.if_missing = IfMissing::kCreate;
  files->die_before(number_of(kChange));
  auto opened = Ledger::open(std::getenv(kFolder), &toy::toy_domain(), with);
  if (!opened) {
    give_up(opened.error());
  }
  Ledger& ledger = *opened->ledger;
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::uint64_t number = first + t;
      while (true) {
        std::vector<Request> requests;
        std::vector<std::uint64_t> numbers;
        for (std::uint64_t i = 0; i <= number % 4; ++i) {
          requests.push_back(request_of(number));
          numbers.push_back(number);
          number += kThreads;
        }
        const auto results = ledger.append_batch(requests);
        for (std::size_t i = 0; i < results.size(); ++i) {
          if (!results[i]) {
            give_up(results[i].error());
          }
          const auto* receipt = std::get_if<Receipt>(&*results[i]);
          if (receipt == nullptr) {
            give_up({ErrorCode::kInvalidArgument, std::get<Refusal>(*results[i]).error, "a request was refused"});
          }
          const Said said{numbers[i], *receipt};
          if (::write(kPipe, &said, sizeof said) != sizeof said) {
            std::abort();
          }
        }
      }
    });
  }
  while (true) {
    std::this_thread::sleep_for(std::chrono::milliseconds(4));
    if (auto done = ledger.checkpoint(); !done) {
      give_up(done.error());
    }
  }
}

/// What the parent knows of a ledger.
struct Known {
  std::map<std::uint64_t, Receipt> acknowledged;

  [[nodiscard]] std::uint64_t end() const { return acknowledged.empty() ? 0 : acknowledged.rbegin()->first + 1; }

  [[nodiscard]] std::uint64_t first_open() const {
    std::uint64_t number = 0;
    while (acknowledged.contains(number)) {
      ++number;
    }
    return number;
  }

  void take(const Said& said) {
    const auto [found, is_new] = acknowledged.emplace(said.number, said.receipt);
    if (!is_new) {
      BOOST_TEST(found->second.same_commit(said.receipt), "request " << said.number << " has another receipt now");
      BOOST_TEST(said.receipt.duplicate);
    }
  }
};

void drain(int pipe, Known& known) {
  std::array<char, 64 * sizeof(Said)> bytes{};
  std::size_t held = 0;
  while (true) {
    const ssize_t got = ::read(pipe, bytes.data() + held, bytes.size() - held);
    if (got <= 0) {
      BOOST_TEST(held == 0U);
      return;
    }
    held += static_cast<std::size_t>(got);
    std::size_t at = 0;
    for (; at + sizeof(Said) <= held; at += sizeof(Said)) {
      Said said;
      std::memcpy(&said, bytes.data() + at, sizeof said);
      known.take(said);
    }
    std::memmove(bytes.data(), bytes.data() + at, held - at);
    held -= at;
  }
}

struct Death {
  std::optional<SealPoint> at_point{};
  std::uint64_t before_change = 0;
  std::chrono::microseconds after{};  ///< Where neither of the two is given; else it is only a last resort.
};

/// Starts the writer and sees it die.
void run_writer(const std::string& folder, Durability mode, const Death& death, Known& known) {
  std::array<int, 2> pipe{};
  BOOST_REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  const std::string first = std::to_string(known.first_open());
  const std::string mode_text = std::to_string(static_cast<int>(mode));
  const std::string point = death.at_point ? std::to_string(static_cast<int>(*death.at_point)) : "99";
  const std::string change = std::to_string(death.before_change);
  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    ::setenv(kFolder, folder.c_str(), 1);
    ::setenv(kFirst, first.c_str(), 1);
    ::setenv(kMode, mode_text.c_str(), 1);
    ::setenv(kPoint, point.c_str(), 1);
    ::setenv(kChange, change.c_str(), 1);
    ::dup2(pipe[1], kPipe);
    ::fcntl(kPipe, F_SETFD, 0);
    ::execl("/proc/self/exe", "writer", "--run_test=writer", "--log_level=nothing", "--report_level=no", nullptr);
    ::_exit(127);
  }
  ::close(pipe[1]);
  const bool by_itself = death.at_point || death.before_change != 0;
  const auto life = by_itself ? std::chrono::microseconds(std::chrono::seconds(20)) : death.after;
  std::atomic<bool> ended{false};
  std::thread killer([&] {
    const auto until = std::chrono::steady_clock::now() + life;
    while (!ended && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
    if (!ended) {
      ::kill(child, SIGKILL);
    }
  });
  drain(pipe[0], known);
  ended = true;
  killer.join();
  ::close(pipe[0]);
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_REQUIRE_MESSAGE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
                        "the writer failed (status " << status << "), see above");
}

Receipt receipt_of(const Result<Outcome>& outcome) {
  const Outcome value = must(outcome);
  BOOST_REQUIRE(std::holds_alternative<Receipt>(value));
  return std::get<Receipt>(value);
}

/// Opens what the killed writer left, holds it against what it said, and sends again what it did not.
void check(const std::string& folder, Durability mode, Known& known) {
  OpenOptions with = options(mode);
  with.background_work = false;
  auto opened = must(Ledger::open(folder, &toy::toy_domain(), with));
  Ledger& ledger = *opened.ledger;
  const std::uint64_t head = ledger.head().position;
  for (const auto& [number, receipt] : known.acknowledged) {
    const auto found = must(ledger.receipt(command_of(number)));
    BOOST_REQUIRE_MESSAGE(found, "request " << number << " was acknowledged and is gone; the head is " << head);
    BOOST_TEST(found->same_commit(receipt), "request " << number);
    BOOST_TEST(receipt.first_position + receipt.event_count - 1 <= head);
  }
  const VerifyReport report = must(ledger.verify({}, {}));
  for (const VerifyFinding& finding : report.findings) {
    BOOST_ERROR(finding.check + ": " + finding.message);
  }
  // What may have been on its way: each thread has at most a batch of four.
  const std::uint64_t end = known.end() + 2 * 4 * kThreads;
  for (std::uint64_t number = 0; number < end; ++number) {
    if (known.acknowledged.contains(number)) {
      continue;
    }
    const bool had_landed = must(ledger.receipt(command_of(number))).has_value();
    const Receipt receipt = receipt_of(ledger.append(request_of(number)));
    BOOST_TEST(receipt.duplicate == had_landed);
    const Receipt again = receipt_of(ledger.append(request_of(number)));
    BOOST_TEST(again.duplicate);
    BOOST_TEST(again.same_commit(receipt));
    known.acknowledged.emplace(number, receipt);
  }
  BOOST_TEST(ledger.head().commits == known.acknowledged.size() + 1);
  std::uint64_t events = 1;
  for (const auto& [number, receipt] : known.acknowledged) {
    events += receipt.event_count;
  }
  BOOST_TEST(ledger.head().position == events);
  BOOST_TEST(must(ledger.source_position("feed")) == known.end());
  must(ledger.close());
}

void create(const std::string& folder) {
  OpenOptions with = options(Durability::kSync);
  with.if_missing = IfMissing::kCreate;
  must(must(Ledger::open(folder, &toy::toy_domain(), with)).ledger->close());
}

int rounds(int normal) {
  const char* const text = std::getenv("CARNET_CRASH_ROUNDS");  // NOLINT(concurrency-mt-unsafe): nobody sets it.
  return text == nullptr ? normal : normal * std::atoi(text);
}

constexpr std::array kModes{Durability::kSync, Durability::kInterval, Durability::kOs};

BOOST_AUTO_TEST_CASE(writer, *boost::unit_test::disabled()) {
  if (std::getenv(kFolder) != nullptr) {
    write_until_killed();
  }
}

BOOST_AUTO_TEST_CASE(killed_at_random_moments_every_acknowledged_commit_is_there) {
  std::mt19937_64 random = seeded_engine();
  std::size_t acknowledged = 0;
  for (const Durability mode : kModes) {
    std::unique_ptr<TempFolder> folder;
    Known known;
    for (int round = 0; round < rounds(30); ++round) {
      if (round % 10 == 0) {
        folder = std::make_unique<TempFolder>();
        create(folder->at("ledger"));
        known = {};
      }
      BOOST_TEST_CONTEXT("mode " << static_cast<int>(mode) << " round " << round) {
        run_writer(folder->at("ledger"), mode, {.after = std::chrono::microseconds(8'000 + random() % 90'000)}, known);
        // Now and then the next writer finds what this one left, before anybody tidied up.
        if (random() % 3 != 0 || round % 10 == 9) {
          acknowledged += known.acknowledged.size();
          check(folder->at("ledger"), mode, known);
        }
      }
    }
  }
  BOOST_TEST(acknowledged > 100U);
}

BOOST_AUTO_TEST_CASE(killed_before_the_nth_change_of_the_disk) {
  std::mt19937_64 random = seeded_engine();
  for (const Durability mode : kModes) {
    TempFolder folder;
    create(folder.at("ledger"));
    Known known;
    std::uint64_t change = 1 + random() % 3;
    for (int round = 0; round < rounds(20); ++round) {
      BOOST_TEST_CONTEXT("mode " << static_cast<int>(mode) << " change " << change) {
        run_writer(folder.at("ledger"), mode, {.before_change = change}, known);
        check(folder.at("ledger"), mode, known);
      }
      change = change + 1 + random() % (2 + change / 4);
    }
  }
}

BOOST_AUTO_TEST_CASE(killed_at_each_step_of_sealing) {
  TempFolder folder;
  create(folder.at("ledger"));
  Known known;
  for (int round = 0; round < rounds(2); ++round) {
    for (int point = 0; point <= static_cast<int>(SealPoint::kTailDropped); ++point) {
      for (const Durability mode : kModes) {
        BOOST_TEST_CONTEXT("point " << point << " mode " << static_cast<int>(mode)) {
          run_writer(folder.at("ledger"), mode, {.at_point = static_cast<SealPoint>(point)}, known);
          check(folder.at("ledger"), mode, known);
        }
      }
    }
  }
}

/// Until the first commit is durable there is no ledger: opening says so, and after the folder is removed it is made.
BOOST_AUTO_TEST_CASE(killed_while_it_is_created) {
  bool lived = false;
  int incomplete = 0;
  for (std::uint64_t change = 1; change < 400 && !lived; change += 1 + change / 8) {
    BOOST_TEST_CONTEXT("change " << change) {
      TempFolder folder;
      Known known;
      run_writer(folder.at("ledger"), Durability::kSync, {.before_change = change}, known);
      auto opened = Ledger::open(folder.at("ledger"), &toy::toy_domain(), options(Durability::kSync));
      if (!opened) {
        BOOST_TEST(known.acknowledged.empty());
        BOOST_TEST((opened.error().name() == "LedgerIncomplete" || opened.error().name() == "LedgerMissing"),
                   opened.error().to_line());
        ++incomplete;
        std::filesystem::remove_all(folder.at("ledger"));
        create(folder.at("ledger"));
        continue;
      }
      opened->ledger.reset();
      check(folder.at("ledger"), Durability::kSync, known);
      lived = !known.acknowledged.empty();
    }
  }
  BOOST_TEST(lived);
  BOOST_TEST(incomplete > 5);
}

}  // namespace
}  // namespace carnet::test
