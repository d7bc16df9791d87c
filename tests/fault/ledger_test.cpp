// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever call of the file system fails, and whenever the power goes, a ledger keeps its promises: acknowledged
// commits survive, a failed append says what its caller may do, nothing half-done is seen, and sending again what
// failed gives exactly one commit. Method: one fixed workload; the Nth write, sync, … below the databases fails, for
// each N. CARNET_FAULT_STEP=1 takes every N (default: a growing step).
#include "store/store_env.hpp"
#include "support/faulty_env.hpp"
#include "support/must.hpp"
#include "support/temp_folder.hpp"
#include "support/test_seed.hpp"
#include "support/toy_domain.hpp"

#include <carnet/ledger.hpp>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdlib>
#include <map>
#include <ostream>
#include <random>

namespace carnet::test {

// Boost.Test prints data by argument-dependent lookup.
std::ostream& operator<<(std::ostream& out, const Fault& fault) {
  return out << "op " << static_cast<int>(fault.op) << " effect " << static_cast<int>(fault.effect)
             << (fault.stays ? " stays" : "");
}

namespace {

constexpr std::uint64_t kBoxes = 5;
constexpr std::uint64_t kRequests = 36;

Fault fault_of(FaultOp op, FaultEffect effect, bool stays = false) {
  return {.op = op, .nth = 1, .effect = effect, .stays = stays, .path_part = {}};
}

const std::vector<Fault> kFaults = {
    fault_of(FaultOp::kWrite, FaultEffect::kFail),       fault_of(FaultOp::kWrite, FaultEffect::kNoSpace),
    fault_of(FaultOp::kWrite, FaultEffect::kTorn),       fault_of(FaultOp::kWrite, FaultEffect::kLanded),
    fault_of(FaultOp::kSync, FaultEffect::kFail),        fault_of(FaultOp::kSync, FaultEffect::kLanded),
    fault_of(FaultOp::kAllocate, FaultEffect::kNoSpace), fault_of(FaultOp::kCreate, FaultEffect::kFail),
    fault_of(FaultOp::kRename, FaultEffect::kFail),      fault_of(FaultOp::kRemove, FaultEffect::kFail),
    fault_of(FaultOp::kRead, FaultEffect::kFail),        fault_of(FaultOp::kWrite, FaultEffect::kNoSpace, true),
    fault_of(FaultOp::kWrite, FaultEffect::kFail, true),
};

std::uint64_t next_nth(std::uint64_t nth, std::uint64_t divisor) {
  const char* const text = std::getenv("CARNET_FAULT_STEP");  // NOLINT(concurrency-mt-unsafe): nobody sets it.
  return nth + (text == nullptr ? 1 + nth / divisor : std::strtoull(text, nullptr, 10));
}

std::string command_of(std::uint64_t number) {
  return "request-" + std::to_string(number);
}

/// Lands whatever landed before it.
Request request_of(std::uint64_t number) {
  const std::string box = "b" + std::to_string(number % kBoxes);
  std::vector<EventDraft> events{toy::coins_moved(box, toy::How::kPutIn, static_cast<std::int64_t>(2 + number), "P1"),
                                 toy::coins_moved(box, toy::How::kTakeOut, static_cast<std::int64_t>(1 + number))};
  if (number % 4 == 0) {
    events.push_back(toy::box_opened("n" + std::to_string(number), std::string(number * 20, 'x')));
  }
  Request out = toy::request(command_of(number), std::move(events));
  out.basis = Basis::kReport;
  out.source = Source{"feed", number + 1};
  return out;
}

/// What the ledger has said so far.
struct Said {
  std::map<std::uint64_t, Receipt> landed;
  std::map<std::uint64_t, Error> failed;
  bool poisoned = false;
};

/// A ledger over the file system with faults.
class FaultyLedger {
 public:
  explicit FaultyLedger(Durability mode = Durability::kSync) : mode_(mode) {
    env_.env = rocks_env_.get();
    open();
  }

  OpenOptions options() {
    OpenOptions out;
    out.if_missing = IfMissing::kCreate;
    out.durability = mode_;
    out.sync_interval = std::chrono::milliseconds(1);
    out.background_work = mode_ == Durability::kInterval;  // the others have nothing to do beside appends
    out.memory_bytes = 8UL << 20U;
    out.store_env = &env_;
    return out;
  }

  Result<Ledger::Opened> try_open() {
    ledger.reset();
    return Ledger::open(folder_.at("ledger"), &toy::toy_domain(), options());
  }

  void open() {
    auto opened = must(try_open());
    ledger = std::move(opened.ledger);
    report = opened.report;
  }

  void append(std::uint64_t number, Said& said) {
    const Head before = ledger->head();
    const Result<Outcome> got = ledger->append(request_of(number));
    if (got) {
      BOOST_REQUIRE(std::holds_alternative<Receipt>(*got));
      BOOST_REQUIRE_MESSAGE(!said.poisoned, "a stopped ledger appends");
      said.landed.emplace(number, std::get<Receipt>(*got));
      said.failed.erase(number);
      return;
    }
    const Error& error = got.error();
    BOOST_TEST((ledger->head().root == before.root), "a failed append moved the head");
    BOOST_TEST(ledger->head().position == before.position);
    BOOST_TEST(!error.message().empty());
    if (said.poisoned) {
      BOOST_TEST((error.code() == ErrorCode::kClosed), error.to_line());
      BOOST_TEST(!error.fact("cause").empty());
    } else if (error.code() == ErrorCode::kOutcomeUnknown) {
      said.poisoned = true;
    } else {
      // It says that nothing was written and the same call may work: now, later or after a reopening.
      BOOST_TEST((error.code() == ErrorCode::kOutOfSpace || error.code() == ErrorCode::kStorage ||
                  error.code() == ErrorCode::kCorruption),
                 error.to_line());
      const Result<Outcome> retried = ledger->append(request_of(number));
      if (retried) {
        said.landed.emplace(number, std::get<Receipt>(*retried));
        return;
      }
      said.poisoned =
          retried.error().code() == ErrorCode::kClosed || retried.error().code() == ErrorCode::kOutcomeUnknown;
    }
    said.failed.emplace(number, error);
  }

  /// Appends, publishes and seals; goes on after failures, to see more of them.
  void work(Said& said) {
    for (std::uint64_t number = 0; number < kRequests; ++number) {
      append(number, said);
      if (number % 9 == 8) {
        ignore_error(ledger->checkpoint(), "it may fail; what it left is checked");
      }
    }
  }

  /// Everything acknowledged is there, the rest once it is sent again, and nothing else.
  void check(Said& said) {
    for (const auto& [number, receipt] : said.landed) {
      const auto found = must(ledger->receipt(command_of(number)));
      BOOST_REQUIRE_MESSAGE(found, "request " << number << " was acknowledged and is gone");
      BOOST_TEST(found->same_commit(receipt));
    }
    check_structure();
    for (std::uint64_t number = 0; number < kRequests; ++number) {
      const Outcome first = must(ledger->append(request_of(number)));
      const Outcome again = must(ledger->append(request_of(number)));
      BOOST_TEST((std::get<Receipt>(first).duplicate || !said.landed.contains(number)));
      BOOST_TEST(std::get<Receipt>(again).duplicate);
      BOOST_TEST(std::get<Receipt>(again).same_commit(std::get<Receipt>(first)));
    }
    BOOST_TEST(ledger->head().commits == 1 + kRequests);
    check_structure();
  }

  void check_structure() {
    const VerifyReport found = must(ledger->verify({}, {}));
    for (const VerifyFinding& finding : found.findings) {
      BOOST_ERROR(finding.check + ": " + finding.message);
    }
  }

  /// Loses power, then opens.
  void lose_power(std::mt19937_64* random) {
    files->power_off();
    ledger.reset();
    files->crash(random);
    open();
  }

 private:
  TempFolder folder_;
  Durability mode_;

 public:
  std::shared_ptr<FaultyFs> files = std::make_shared<FaultyFs>();

 private:
  std::unique_ptr<rocksdb::Env> rocks_env_ = make_faulty_env(files);
  store::StoreEnv env_;

 public:
  std::unique_ptr<Ledger> ledger;
  OpenReport report;
};

BOOST_AUTO_TEST_SUITE(nth_call)

BOOST_DATA_TEST_CASE(fails_while_appending, kFaults, fault) {
  std::uint64_t fired = 0;
  for (std::uint64_t nth = 1; nth < 3000; nth = next_nth(nth, 3)) {
    BOOST_TEST_CONTEXT("nth " << nth) {
      FaultyLedger bench;
      Said said;
      Fault armed = fault;
      armed.nth = nth;
      bench.files->arm(armed);
      bench.work(said);
      const bool has_fired = bench.files->has_fired();
      if (nth % 2 == 0) {
        ignore_error(bench.ledger->close(), "it may fail");
      }
      bench.files->disarm();
      bench.open();
      bench.check(said);
      if (!has_fired) {
        BOOST_TEST(said.failed.empty());
        nth = 3000;
      }
      fired += has_fired ? 1U : 0U;
    }
  }
  BOOST_TEST_MESSAGE(fired << " runs met the fault");
}

/// A shift of the pair above: opening and closing meet the fault too.
BOOST_DATA_TEST_CASE(fails_while_opening_and_closing, kFaults, fault) {
  FaultyLedger bench;
  Said said;
  bench.work(said);
  BOOST_REQUIRE(said.landed.size() == kRequests);
  bool closes = true;
  for (std::uint64_t nth = 1; nth < 600; nth = next_nth(nth, 3)) {
    BOOST_TEST_CONTEXT("nth " << nth) {
      bench.ledger.reset();
      Fault armed = fault;
      armed.nth = nth;
      bench.files->arm(armed);
      auto opened = bench.try_open();
      if (opened) {
        ignore_error(opened->ledger->append(
                         toy::request("more-" + std::to_string(nth), {toy::box_opened("m" + std::to_string(nth))})),
                     "it may fail");
        const Status closed = opened->ledger->close();
        closes = closed.has_value();
        opened->ledger.reset();
      } else {
        BOOST_TEST(
            (opened.error().code() == ErrorCode::kStorage || opened.error().code() == ErrorCode::kOutOfSpace ||
             opened.error().code() == ErrorCode::kOutcomeUnknown || opened.error().code() == ErrorCode::kCorruption),
            opened.error().to_line());
      }
      const bool has_fired = bench.files->has_fired();
      bench.files->disarm();
      bench.open();
      for (const auto& [number, receipt] : said.landed) {
        const auto found = must(bench.ledger->receipt(command_of(number)));
        BOOST_REQUIRE(found);
        BOOST_TEST(found->same_commit(receipt));
      }
      bench.check_structure();
      if (!has_fired) {
        BOOST_TEST(opened.has_value());
        BOOST_TEST(closes);
        nth = 600;
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(first_cause)

BOOST_AUTO_TEST_CASE(after_a_failed_sync_appends_say_the_first_cause_and_reads_go_on) {
  FaultyLedger bench;
  Said said;
  for (std::uint64_t number = 0; number < 5; ++number) {
    bench.append(number, said);
  }
  bench.files->arm(fault_of(FaultOp::kSync, FaultEffect::kFail));
  const auto unknown = bench.ledger->append(request_of(5));
  bench.files->disarm();
  BOOST_REQUIRE(!unknown);
  BOOST_TEST((unknown.error().code() == ErrorCode::kOutcomeUnknown));
  for (std::uint64_t number = 6; number < 9; ++number) {
    const auto closed = bench.ledger->append(request_of(number));
    BOOST_REQUIRE(!closed);
    BOOST_TEST((closed.error().code() == ErrorCode::kClosed));
    BOOST_TEST(closed.error().fact("cause") == unknown.error().name());
    BOOST_TEST(closed.error().message().find(unknown.error().name()) != std::string::npos);
  }
  const auto ticket = bench.ledger->append_async(request_of(9));
  BOOST_TEST((ticket->wait().error().code() == ErrorCode::kClosed));
  BOOST_TEST((bench.ledger->decide(request_of(9)).error().code() == ErrorCode::kClosed));
  {
    const auto view = must(bench.ledger->view());
    const auto cursor = must(view->read({}, {}));
    std::uint64_t last = 0;
    while (const Event* event = must(cursor->next())) {
      last = event->position;
    }
    BOOST_TEST(last == bench.ledger->head().position);
    BOOST_TEST(must(bench.ledger->receipt(command_of(4))).has_value());
    BOOST_TEST(!must(bench.ledger->receipt(command_of(5))).has_value());
  }
  bench.open();
  bench.check(said);
}

BOOST_AUTO_TEST_CASE(a_group_that_fails_fails_as_a_whole) {
  FaultyLedger bench;
  std::vector<Request> requests;
  for (std::uint64_t number = 0; number < kRequests; ++number) {
    requests.push_back(request_of(number));
  }
  const Head before = bench.ledger->head();
  bench.files->arm(fault_of(FaultOp::kSync, FaultEffect::kFail));
  const auto results = bench.ledger->append_batch(requests);
  bench.files->disarm();
  for (const auto& result : results) {
    BOOST_REQUIRE(!result);
    BOOST_TEST((result.error().code() == ErrorCode::kOutcomeUnknown));
  }
  BOOST_TEST((bench.ledger->head().root == before.root));
  bench.open();
  const std::uint64_t commits = bench.ledger->head().commits;
  BOOST_TEST((commits == 1 || commits == 1 + kRequests), "the frame landed in part: " << commits);
  Said said;
  bench.check(said);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(full_disk)

BOOST_AUTO_TEST_CASE(a_full_disk_is_retryable_and_the_ledger_closes) {
  for (const bool still_full : {false, true}) {
    FaultyLedger bench;
    Said said;
    for (std::uint64_t number = 0; number < 12; ++number) {
      bench.append(number, said);
    }
    must(bench.ledger->checkpoint());
    bench.append(12, said);
    bench.files->arm(fault_of(FaultOp::kWrite, FaultEffect::kNoSpace, true));
    for (int i = 0; i < 3; ++i) {
      const auto full = bench.ledger->append(request_of(13));
      BOOST_REQUIRE(!full);
      BOOST_TEST((full.error().code() == ErrorCode::kOutOfSpace), full.error().to_line());
      BOOST_TEST((retry_advice(full.error().code()) == RetryAdvice::kLater));
    }
    BOOST_TEST(!must(bench.ledger->receipt(command_of(13))).has_value());
    if (!still_full) {
      bench.files->disarm();
      bench.append(13, said);
      BOOST_TEST(said.landed.contains(13));
      must(bench.ledger->close());
    } else {
      // Here even the reserve gives no room: views cannot be published, but that is all that may fail.
      const Status closed = bench.ledger->close();
      BOOST_TEST((closed || closed.error().code() == ErrorCode::kOutOfSpace),
                 (closed ? std::string() : closed.error().to_line()));
      bench.files->disarm();
    }
    bench.open();
    BOOST_TEST(!bench.report.tail_dropped_bytes.has_value());
    bench.check(said);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(power_loss)

/// The power goes at the Nth write or sync, or between two requests.
BOOST_AUTO_TEST_CASE(takes_nothing_that_was_durable) {
  std::mt19937_64 random = seeded_engine();
  std::uint64_t lost = 0;
  for (const Durability mode : {Durability::kSync, Durability::kInterval, Durability::kOs}) {
    for (int round = 0; round < 28; ++round) {
      BOOST_TEST_CONTEXT("mode " << static_cast<int>(mode) << " round " << round) {
        FaultyLedger bench(mode);
        Said said;
        std::uint64_t durable = 0;
        const std::uint64_t end = random() % (kRequests + 1);
        const std::uint64_t checkpoint_every = 3 + random() % 10;
        for (std::uint64_t number = 0; number < end; ++number) {
          bench.append(number, said);
          if (number % checkpoint_every == checkpoint_every - 1) {
            must(bench.ledger->checkpoint());
          }
        }
        const bool mid_air = round % 2 == 0;
        if (mid_air) {
          bench.files->arm({.op = round % 4 == 0 ? FaultOp::kWrite : FaultOp::kSync,
                            .nth = 1 + random() % 4,
                            .effect = FaultEffect::kFail,
                            .stays = true,
                            .path_part = {}});
          for (std::uint64_t number = end; number < kRequests; ++number) {
            bench.append(number, said);
          }
          ignore_error(bench.ledger->checkpoint(), "it may fail");
        }
        durable = bench.ledger->durable_position();
        const std::uint64_t head = bench.ledger->head().position;
        BOOST_TEST(durable <= head);
        if (mode == Durability::kSync) {
          BOOST_TEST(durable == head);
        }
        bench.files->disarm();
        bench.lose_power(round % 3 == 0 ? nullptr : &random);
        BOOST_TEST(bench.ledger->head().position >= durable);
        lost += bench.ledger->head().position < head ? 1U : 0U;
        std::erase_if(said.landed, [&](const auto& one) {
          return one.second.first_position + one.second.event_count - 1 > durable;
        });
        bench.check(said);
      }
    }
  }
  BOOST_TEST(lost > 0U);  // else nothing was simulated
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::test
