// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever is asked of a ledger, in whatever grouping and across whatever reopenings, it answers as a model does
// that is too simple to be wrong. Method: random requests to the toy trade; a case prints its seed.
#include "support/must.hpp"
#include "support/temp_folder.hpp"
#include "support/test_seed.hpp"
#include "support/toy_model.hpp"

#include <carnet/ledger.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

namespace carnet::test {
namespace {

using toy::Answer;
using toy::Plan;
using toy::PlanMaker;
using toy::ToyModel;

Currency euro() {
  return *Currency::parse("EUR");
}

/// Rounds of a case, multiplied by CARNET_PROPERTY_ROUNDS.
std::uint64_t rounds(std::uint64_t normal) {
  const char* const text = std::getenv("CARNET_PROPERTY_ROUNDS");  // NOLINT(concurrency-mt-unsafe): nobody sets it.
  return normal * (text == nullptr ? 1 : std::strtoull(text, nullptr, 10));
}

class Bench {
 public:
  explicit Bench(std::uint64_t seed) : make_(seed) { open(); }

  OpenOptions options() {
    OpenOptions out;
    out.if_missing = IfMissing::kCreate;
    out.clock = clock;
    out.durability = static_cast<Durability>(make_.below(3));
    out.sync_interval = std::chrono::milliseconds(5);
    out.checkpoint_events = 20 + make_.below(200);
    out.group_requests_max = 1 + make_.below(50);
    out.background_work = make_.chance(50);
    out.memory_bytes = 32UL << 20U;
    return out;
  }

  void open() {
    auto opened = must(Ledger::open(path(), &toy::toy_domain(), options()));
    ledger = std::move(opened.ledger);
    report = opened.report;
  }

  std::filesystem::path path() const { return std::filesystem::path(folder_.path()) / "ledger"; }

  void reopen() {
    if (make_.chance(70)) {
      must(ledger->close());
    }
    ledger.reset();
    const bool removed = make_.chance(30);
    if (removed) {
      std::filesystem::remove_all(path() / "views");
    }
    open();
    BOOST_TEST(report.views_rebuilt == removed);
    BOOST_TEST(!report.tail_dropped_bytes.has_value());
    check_head();
  }

  void check(const Plan& plan, const Answer& expected, const Result<Outcome>& got) {
    const std::string about = plan.command + " " + plan.content();
    if (expected.not_reached) {
      BOOST_REQUIRE_MESSAGE(!got && got.error().name() == "NotReached", "must not be reached: " << about);
      return;
    }
    BOOST_REQUIRE_MESSAGE(got, (got ? std::string() : got.error().to_line()) << ": " << about);
    if (const auto* refusal = std::get_if<Refusal>(&*got)) {
      BOOST_REQUIRE_MESSAGE(refusal->error == expected.error, "refused as " << refusal->error << " " << refusal->message
                                                                            << ", expected '" << expected.error
                                                                            << "': " << about);
      BOOST_TEST(refusal->rejected == expected.rejected, refusal->error << ": " << about);
      for (const Expect& now : refusal->current_versions) {
        BOOST_TEST(now.version == model.version(now.stream), now.stream);
      }
      BOOST_TEST((!expected.prepared || !refusal->current_versions.empty()), about);
      return;
    }
    const Receipt& receipt = std::get<Receipt>(*got);
    BOOST_REQUIRE_MESSAGE(expected.error.empty(), "landed, expected " << expected.error << ": " << about);
    BOOST_TEST(receipt.duplicate == expected.duplicate, about);
    BOOST_TEST(!receipt.digest_unchecked);
    BOOST_REQUIRE(receipt.commit == expected.commit);
    BOOST_REQUIRE(receipt.first_position == expected.first_position);
    BOOST_REQUIRE(receipt.event_count == expected.count);
    BOOST_REQUIRE(receipt.recorded_at.ns == expected.recorded_ns);
    const auto [found, is_new] = receipts_.emplace(plan.command, receipt);
    BOOST_TEST(is_new != expected.duplicate);
    BOOST_TEST(found->second.same_commit(receipt), about);
  }

  void check_head() {
    const Head head = ledger->head();
    BOOST_REQUIRE(head.position == model.position());
    BOOST_REQUIRE(head.commits == model.commits());
    BOOST_TEST(head.durable_position <= head.position);
  }

  void check_read(View& view) {
    const Query query = make_.query(model);
    ReadOptions options;
    options.backwards = make_.chance(50);
    options.after = make_.chance(50) ? 0 : make_.below(model.position() + 3);
    if (make_.chance(40)) {
      options.before = make_.below(model.position() + 3);
    }
    options.limit = make_.chance(50) ? 0 : 1 + make_.below(20);
    Plan said;  // only to say the query
    said.condition = AppendCondition{options.after, query.any};
    BOOST_TEST_INFO_SCOPE("query " << said.content() << " before "
                                   << (options.before ? std::to_string(*options.before) : "-") << " limit "
                                   << options.limit << (options.backwards ? " backwards" : ""));
    auto cursor = must(view.read(query, options));
    for (const toy::ModelEvent* expected : model.read(query, options)) {
      const Event* event = must(cursor->next());
      BOOST_REQUIRE(event != nullptr);
      BOOST_REQUIRE(event->position == expected->position);
      BOOST_TEST(event->commit == expected->commit);
      BOOST_TEST(event->stream == expected->stream);
      BOOST_TEST(event->stream_version == expected->stream_version);
      BOOST_TEST(event->stream_previous == expected->stream_previous);
      BOOST_TEST(event->type == expected->type);
      BOOST_TEST((event->corrects == expected->corrects));
      BOOST_TEST(event->transfers.size() == expected->transfers.size());
      BOOST_TEST(event->findings.size() == expected->findings);
      BOOST_REQUIRE(event->tags.size() == expected->tags.size());
      for (std::size_t i = 0; i < expected->tags.size(); ++i) {
        BOOST_TEST(event->tags[i].name == expected->tags[i].name);
        BOOST_TEST(event->tags[i].version == expected->tags[i].version);
        BOOST_TEST(event->tags[i].previous == expected->tags[i].previous);
      }
    }
    BOOST_REQUIRE(must(cursor->next()) == nullptr);
  }

  void check_state(View& view) {
    BOOST_TEST(view.position() == model.position());
    std::uint32_t accounts = 0;
    for (const auto& [path, balance] : model.balances()) {
      const auto account = must(view.account(path, euro()));
      BOOST_TEST(((account ? account->balance : Balance{}) == balance), path);
      accounts += account ? 1U : 0U;
    }
    BOOST_TEST(view.account_count() == accounts);
    for (const auto& [kind, chains] :
         {std::pair(ChainKind::kStream, &model.streams()), std::pair(ChainKind::kTag, &model.tags())}) {
      for (const auto& [name, head] : *chains) {
        const auto chain = must(view.chain(kind, name));
        BOOST_REQUIRE_MESSAGE(chain, name);
        BOOST_TEST(chain->version == head.version, name);
        BOOST_TEST(chain->last == head.last, name);
        const std::string family = name.substr(0, name.find('/'));
        BOOST_TEST(must(view.member_name(kind, family, chain->member)) == name);
      }
    }
    const TableId boxes = view.table("toy.boxes");
    for (const auto& [stream, expected] : model.boxes()) {
      const auto chain = must(view.chain(ChainKind::kStream, stream));
      if (!chain) {
        BOOST_TEST(expected.state == 0U);
        continue;
      }
      const auto row = view.tables().get<toy::BoxRow>(boxes, chain->member);
      BOOST_TEST(row.state == expected.state, stream);
      BOOST_TEST(row.moves == expected.moves, stream);
      BOOST_TEST(row.net == expected.net, stream);
    }
    for (std::uint64_t hour = 0; hour < 24; ++hour) {
      const auto found = model.hours().find(hour);
      BOOST_TEST(view.tables().get<std::uint64_t>(view.table("toy.hours"), hour) ==
                 (found == model.hours().end() ? 0 : found->second));
    }
    for (const auto& [name, position] : model.sources()) {
      BOOST_TEST(must(ledger->source_position(name)) == position, name);
    }
    must(view.status());
  }

  void check_receipts() {
    for (const auto& [command, receipt] : receipts_) {
      const auto found = must(ledger->receipt(command));
      BOOST_REQUIRE_MESSAGE(found, command);
      BOOST_TEST(found->same_commit(receipt), command);
    }
    BOOST_TEST(!must(ledger->receipt("never sent")));
  }

  void verify() {
    const VerifyReport found = must(ledger->verify({}, {}));
    for (const VerifyFinding& finding : found.findings) {
      BOOST_ERROR(finding.check + ": " + finding.message);
    }
    BOOST_TEST(found.events == model.position());
    BOOST_TEST(found.commits == model.commits());
    BOOST_TEST((found.root == ledger->head().root));
  }

  void one() {
    const Plan plan = make_.plan(model, clock->now().ns);
    const auto got = ledger->append(toy::to_request(plan));
    check(plan, model.append(plan, clock->now().ns), got);
  }

  /// Plans that were made before any of them was decided.
  std::vector<Plan> some() {
    std::vector<Plan> plans;
    const std::uint64_t count = 1 + make_.below(30);
    for (std::uint64_t i = 0; i < count; ++i) {
      plans.push_back(make_.plan(model, clock->now().ns));
      if (make_.chance(10)) {
        plans.push_back(plans[make_.below(plans.size())]);
        if (make_.chance(30)) {
          plans.back().steps.front().occurred_ns += 1;
        }
      }
    }
    return plans;
  }

  void batch() {
    const std::vector<Plan> plans = some();
    std::vector<Request> requests;
    for (const Plan& plan : plans) {
      requests.push_back(toy::to_request(plan));
    }
    const BatchMode mode = make_.chance(30) ? BatchMode::kStopAtRefusal : BatchMode::kEach;
    const auto got = ledger->append_batch(requests, mode);
    BOOST_REQUIRE(got.size() == plans.size());
    bool stopped = false;
    for (std::size_t i = 0; i < plans.size(); ++i) {
      Answer expected;
      if (stopped) {
        expected.not_reached = true;
      } else {
        expected = model.append(plans[i], clock->now().ns);
      }
      check(plans[i], expected, got[i]);
      stopped = stopped || (mode == BatchMode::kStopAtRefusal && !expected.error.empty());
    }
  }

  void tickets() {
    const std::vector<Plan> plans = some();
    std::vector<std::unique_ptr<Ticket>> tickets;
    for (const Plan& plan : plans) {
      tickets.push_back(ledger->append_async(toy::to_request(plan)));
    }
    for (std::size_t i = 0; i < plans.size(); ++i) {
      check(plans[i], model.append(plans[i], clock->now().ns), tickets[i]->wait());
    }
  }

  void dry_run() {
    const Plan plan = make_.plan(model, clock->now().ns);
    const Answer expected = model.append(plan, clock->now().ns, true);
    const Head before = ledger->head();
    const DryRun got = must(ledger->decide(toy::to_request(plan)));
    BOOST_TEST((ledger->head().root == before.root));
    if (const auto* refusal = std::get_if<Refusal>(&got)) {
      BOOST_TEST(refusal->error == expected.error, plan.content());
      return;
    }
    BOOST_REQUIRE_MESSAGE(expected.error.empty(), "dry run lands, expected " << expected.error << plan.content());
    const Decided& decided = std::get<Decided>(got);
    BOOST_TEST(decided.duplicate == expected.duplicate);
    if (!expected.duplicate) {
      BOOST_REQUIRE(decided.transfers.size() == model.dry_transfers().size());
      for (std::size_t i = 0; i < decided.transfers.size(); ++i) {
        BOOST_TEST(decided.transfers[i].amount == model.dry_transfers()[i].amount);
        BOOST_TEST(decided.transfers[i].debit == model.dry_transfers()[i].debit);
        BOOST_TEST(decided.transfers[i].credit == model.dry_transfers()[i].credit);
        BOOST_TEST((decided.transfers[i].phase == model.dry_transfers()[i].phase));
      }
    }
  }

  void step() {
    clock->advance_ns(static_cast<std::int64_t>(make_.below(3)) * 1'000'000);
    const std::uint64_t what = make_.below(1000);
    if (what < 650) {
      one();
    } else if (what < 760) {
      batch();
    } else if (what < 830) {
      tickets();
    } else if (what < 900) {
      dry_run();
    } else if (what < 915) {
      must(ledger->checkpoint());
    } else if (what < 920) {
      reopen();
    } else if (what < 923) {
      verify();
    } else {
      const auto view = must(ledger->view());
      if (what < 935) {
        check_state(*view);
      }
      check_read(*view);
    }
    if (ledger->head().position != model.position()) {
      BOOST_FAIL("the heads differ");
    }
  }

  void finish() {
    verify();
    check_receipts();
    {
      const auto view = must(ledger->view());
      check_state(*view);
    }
    must(ledger->close());
    ledger.reset();
    std::filesystem::remove_all(path() / "views");
    open();
    BOOST_TEST(report.replayed_events == model.position());
    verify();
    check_receipts();
    const auto view = must(ledger->view());
    check_state(*view);
    for (int i = 0; i < 30; ++i) {
      check_read(*view);
    }
  }

 private:
  TempFolder folder_;
  PlanMaker make_;

 public:
  std::shared_ptr<ManualClock> clock =
      std::make_shared<ManualClock>(Timestamp{toy::kNoon.ns + 24 * 3600 * kNsPerSecond});
  ToyModel model{clock->now().ns};
  std::unique_ptr<Ledger> ledger;
  OpenReport report;

 private:
  std::map<std::string, Receipt> receipts_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(ledger)

BOOST_AUTO_TEST_CASE(it_answers_as_the_model_does) {
  std::mt19937_64 seeds = seeded_engine();
  for (std::uint64_t round = 0; round < rounds(12); ++round) {
    const std::uint64_t seed = seeds();
    BOOST_TEST_CONTEXT("round " << round) {
      Bench bench(seed);
      for (int i = 0; i < 600; ++i) {
        BOOST_TEST_CONTEXT("step " << i) {
          bench.step();
        }
      }
      bench.finish();
      BOOST_TEST_MESSAGE("round " << round << ": " << bench.model.position() << " events, " << bench.model.commits()
                                  << " commits");
    }
  }
}

/// One ledger takes every request by itself, the other one takes them in groups: each answer, each table and each index
/// must be the same. The requests are hostile to grouping: they use the same boxes, commands and conditions.
BOOST_AUTO_TEST_CASE(a_group_gives_what_serial_execution_gives) {
  std::mt19937_64 seeds = seeded_engine();
  for (std::uint64_t round = 0; round < rounds(6); ++round) {
    const std::uint64_t seed = seeds();
    BOOST_TEST_CONTEXT("round " << round) {
      TempFolder folder;
      PlanMaker make(seed);
      const auto clock = std::make_shared<ManualClock>(Timestamp{toy::kNoon.ns + 24 * 3600 * kNsPerSecond});
      OpenOptions options;
      options.if_missing = IfMissing::kCreate;
      options.clock = clock;
      options.durability = Durability::kOs;
      options.checkpoint_events = 100;
      options.memory_bytes = 32UL << 20U;
      options.condition_candidates_max = round % 2 == 0 ? 10'000 : 1 + make.below(6);
      const auto serial = must(Ledger::open(folder.at("serial"), &toy::toy_domain(), options)).ledger;
      const auto grouped = must(Ledger::open(folder.at("grouped"), &toy::toy_domain(), options)).ledger;
      ToyModel model(clock->now().ns);  // only makes the plans sensible
      std::uint64_t landed = 0;
      for (int group = 0; group < 60; ++group) {
        clock->advance_ns(1'000'000);
        std::vector<Plan> plans;
        const std::uint64_t count = 2 + make.below(60);
        for (std::uint64_t i = 0; i < count; ++i) {
          plans.push_back(make.chance(12) && !plans.empty() ? plans[make.below(plans.size())]
                                                            : make.plan(model, clock->now().ns));
          if (make.chance(60)) {
            // Half of the plans know what those before them in the group did.
            model.append(plans.back(), clock->now().ns);
          }
        }
        std::vector<Request> requests;
        for (const Plan& plan : plans) {
          requests.push_back(toy::to_request(plan));
        }
        const auto together = grouped->append_batch(requests);
        BOOST_REQUIRE(together.size() == requests.size());
        for (std::size_t i = 0; i < requests.size(); ++i) {
          const Outcome alone = must(serial->append(requests[i]));
          const Outcome in_group = must(Result<Outcome>(together[i]));
          const std::string about = plans[i].command + " " + plans[i].content();
          BOOST_REQUIRE_MESSAGE(alone.index() == in_group.index(), about);
          if (const auto* refusal = std::get_if<Refusal>(&alone)) {
            const auto& other = std::get<Refusal>(in_group);
            BOOST_TEST(refusal->error == other.error, about);
            BOOST_TEST(refusal->rule == other.rule, about);
            BOOST_TEST(refusal->stream == other.stream, about);
            BOOST_TEST(refusal->path == other.path, about);
            BOOST_TEST((refusal->values == other.values), about << refusal->error);
            BOOST_TEST(refusal->rejected == other.rejected, about);
          } else {
            const auto& receipt = std::get<Receipt>(alone);
            const auto& other = std::get<Receipt>(in_group);
            BOOST_REQUIRE(receipt.commit == other.commit);
            BOOST_REQUIRE(receipt.first_position == other.first_position);
            BOOST_TEST(receipt.event_count == other.event_count);
            BOOST_TEST(receipt.recorded_at.ns == other.recorded_at.ns);
            BOOST_TEST(receipt.duplicate == other.duplicate, about);
            landed += receipt.duplicate ? 0 : 1;
          }
        }
      }
      const VerifyReport a = must(serial->verify({}, {}));
      const VerifyReport b = must(grouped->verify({}, {}));
      BOOST_TEST(a.ok());
      BOOST_TEST(b.ok());
      BOOST_TEST(a.events == b.events);
      BOOST_TEST((a.fingerprints == b.fingerprints));
      BOOST_TEST(landed > 80U);
    }
  }
}

/// Columns of all accounts, added up.
Balance sum(View& view) {
  Balance total;
  for (std::uint32_t account = 1; account <= view.account_count(); ++account) {
    const Balance one = must(view.balance(account));
    total.pending_debits += one.pending_debits;
    total.pending_credits += one.pending_credits;
    total.posted_debits += one.posted_debits;
    total.posted_credits += one.posted_credits;
  }
  return total;
}

BOOST_AUTO_TEST_CASE(threads_conserve_money_and_every_view_balances) {
  constexpr int kThreads = 4;
  constexpr int kRequests = 300;
  constexpr std::uint64_t kBoxes = 6;
  constexpr std::int64_t kStart = 2'000;
  std::mt19937_64 seeds = seeded_engine();
  TempFolder folder;
  OpenOptions options;
  options.if_missing = IfMissing::kCreate;
  options.durability = Durability::kOs;
  options.checkpoint_events = 150;
  options.memory_bytes = 32UL << 20U;
  const auto ledger = must(Ledger::open(folder.at("ledger"), &toy::toy_domain(), options)).ledger;
  for (std::uint64_t box = 0; box < kBoxes; ++box) {
    const std::string name = "b" + std::to_string(box);
    must(ledger->append(
        toy::request("open" + name, {toy::box_opened(name), toy::coins_moved(name, toy::How::kPutIn, kStart)})));
  }
  std::atomic<std::int64_t> taken{0};
  std::atomic<std::int64_t> put{0};
  std::atomic<int> failures{0};
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t, seed = seeds()] {
      std::mt19937_64 random(seed);
      for (int i = 0; i < kRequests; ++i) {
        const std::string from = "b" + std::to_string(random() % kBoxes);
        const std::string to = "b" + std::to_string(random() % kBoxes);
        const auto amount = static_cast<std::int64_t>(1 + random() % 60);
        const std::string command = std::to_string(t) + "." + std::to_string(i);
        const std::uint64_t what = random() % 4;
        std::vector<EventDraft> events{toy::coins_moved(
            from, what == 1 ? toy::How::kHold : (what == 2 ? toy::How::kFree : toy::How::kTakeOut), amount)};
        if (what == 3) {
          events.push_back(toy::coins_moved(to, toy::How::kPutIn, amount));
        }
        const auto outcome = ledger->append(toy::request(command, std::move(events)));
        if (!outcome) {
          ++failures;
        } else if (std::holds_alternative<Receipt>(*outcome)) {
          taken += what == 0 || what == 3 ? amount : 0;
          put += what == 3 ? amount : 0;
        }
      }
      --running;
    });
  }
  // Boost.Test is not for several threads: what the views say is gathered and checked by this one.
  int views = 0;
  std::uint64_t last = 0;
  while (running > 0 || views == 0) {
    const auto view = must(ledger->view());
    const Balance total = sum(*view);
    BOOST_TEST(total.posted_debits == total.posted_credits);
    BOOST_TEST(total.pending_debits == total.pending_credits);
    BOOST_TEST(view->position() >= last);
    last = view->position();
    // The projection and the books are of the same position.
    std::int64_t net = 0;
    for (std::uint64_t box = 0; box < kBoxes; ++box) {
      net += view->tables().get<toy::BoxRow>(view->table("toy.boxes"), box).net;
    }
    const auto pool = must(view->account("pool", euro()));
    BOOST_REQUIRE(pool);
    BOOST_TEST(net == pool->balance.posted_debits - pool->balance.posted_credits);
    if (views % 16 == 0) {
      ReadOptions newest;
      newest.backwards = true;
      newest.limit = 1;
      BOOST_TEST(must(must(view->read({}, newest))->next())->position == view->position());
    }
    ++views;
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  BOOST_TEST(failures == 0);
  const auto view = must(ledger->view());
  const auto pool = must(view->account("pool", euro()));
  BOOST_TEST(pool->balance.posted_debits == static_cast<std::int64_t>(kBoxes) * kStart + put);
  BOOST_TEST(pool->balance.posted_credits == taken);
  for (std::uint64_t box = 0; box < kBoxes; ++box) {
    const Balance one = must(view->account("box/box/b" + std::to_string(box), euro()))->balance;
    BOOST_TEST(one.pending_debits + one.posted_debits <= one.posted_credits);
  }
  BOOST_TEST(must(ledger->verify({}, {})).ok());
  BOOST_TEST_MESSAGE(views << " views, " << ledger->head().position << " events");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::test
