// SPDX-License-Identifier: Apache-2.0
//
// The projection engine through the public API: rebuild, catch-up, parking, upgrades, as-of, commuting.
#include "support/must.hpp"
#include "support/temp_folder.hpp"
#include "support/toy_domain.hpp"
#include "support/toy_projections.hpp"

#include <carnet/ledger.hpp>
#include <carnet/projection_check.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

using namespace carnet;
using namespace carnet::test;
using toy::How;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  TempFolder folder;
  OpenOptions options;
  std::unique_ptr<Ledger> ledger;
  OpenReport report;
  int number = 0;

  Fixture() {
    options.if_missing = IfMissing::kCreate;
    options.durability = Durability::kOs;
    options.memory_bytes = 32UL << 20U;
  }

  std::filesystem::path path() const { return std::filesystem::path(folder.path()) / "ledger"; }

  void open(const Domain& domain = toy::toy_domain()) {
    ledger.reset();
    auto opened = must(Ledger::open(path(), &domain, options));
    ledger = std::move(opened.ledger);
    report = opened.report;
  }

  void close() {
    must(ledger->close());
    ledger.reset();
  }

  std::uint64_t append(std::vector<EventDraft> events) {
    auto request = toy::request("c" + std::to_string(++number), std::move(events));
    request.basis = Basis::kReport;
    request.source = Source{"feed", static_cast<std::uint64_t>(number)};
    const Outcome outcome = must(ledger->append(request));
    const auto* receipt = std::get_if<Receipt>(&outcome);
    const auto* refusal = std::get_if<Refusal>(&outcome);
    BOOST_REQUIRE_MESSAGE(receipt != nullptr, (refusal == nullptr ? std::string() : refusal->error));
    return receipt->first_position;
  }

  /// Boxes b0 … with many moves.
  void fill(int boxes, int moves) {
    for (int i = 0; i < boxes; ++i) {
      append({toy::box_opened("b" + std::to_string(i)), toy::coins_moved("b" + std::to_string(i), How::kPutIn, 1000)});
    }
    for (int i = 0; i < moves; ++i) {
      EventDraft draft = toy::coins_moved("b" + std::to_string(i % boxes), How::kPutIn, i + 1);
      if (i % 5 == 0) {
        draft.tags = {"box/b" + std::to_string((i / 5) % boxes)};
      }
      append({std::move(draft)});
    }
  }

  toy::SumRow sum(std::uint64_t member) {
    const auto view = must(ledger->view());
    return view->tables().get<toy::SumRow>(view->table("test.sums"), member);
  }

  ProjectionStatus status(std::string_view name) {
    for (const ProjectionStatus& each : ledger->projections()) {
      if (each.name == name) {
        return each;
      }
    }
    BOOST_FAIL("no such projection");
    return {};
  }

  void check_rebuild(const RebuildOptions& with = {}) {
    for (const ProjectionStatus& each : ledger->projections()) {
      must(ledger->wait_for(each.name, ledger->head().position, 10s));
    }
    const RebuildReport rebuilt = must(ledger->rebuild(with, {}));
    BOOST_TEST(rebuilt.position == ledger->head().position);
    for (const RebuiltProjection& each : rebuilt.projections) {
      BOOST_TEST(each.before == each.after, each.name);
      BOOST_TEST(!each.parted_at.has_value());
    }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(projections, Fixture)

BOOST_AUTO_TEST_CASE(a_rebuild_reaches_the_live_fingerprints_and_appends_go_on) {
  options.projections = {toy::sums(ProjectionMode::kInline), toy::pairs(ProjectionMode::kCatchUp)};
  open();
  fill(5, 60);
  const toy::SumRow before = sum(2);
  for (const std::size_t threads : {1U, 2U, 3U}) {
    RebuildOptions with;
    with.threads = threads;
    with.run_events = threads * 20;
    check_rebuild(with);
  }
  BOOST_TEST(sum(2).net == before.net);
  append({toy::coins_moved("b2", How::kPutIn, 5)});
  BOOST_TEST(sum(2).net == before.net + 5);
  BOOST_TEST(must(ledger->verify({}, {})).ok());
  must(ledger->close());
  open();
  BOOST_TEST(!report.views_rebuilt);
  BOOST_TEST(report.replayed_events == 0U);
  BOOST_TEST(sum(2).net == before.net + 5);
  check_rebuild();
}

BOOST_AUTO_TEST_CASE(one_projection_is_rebuilt_by_name_and_shards_meet_at_barriers) {
  options.projections = {toy::pairs(ProjectionMode::kInline)};
  open();
  fill(7, 300);
  RebuildOptions with;
  with.projection = "test.pairs";
  for (with.threads = 1; with.threads <= 4; ++with.threads) {
    const RebuildReport rebuilt = must(ledger->rebuild(with, {}));
    BOOST_REQUIRE(rebuilt.projections.size() == 1U);
    BOOST_TEST(rebuilt.projections.front().before == rebuilt.projections.front().after);
    BOOST_TEST(rebuilt.events == ledger->head().position);
  }
  with.projection = "test.nobody";
  const auto missing = ledger->rebuild(with, {});
  BOOST_REQUIRE(!missing);
  BOOST_TEST(missing.error().name() == "NoSuchProjection");
}

BOOST_AUTO_TEST_CASE(a_cancelled_rebuild_goes_on_where_it_was) {
  options.projections = {toy::sums(ProjectionMode::kInline)};
  open();
  fill(4, 100);
  RebuildOptions with;
  with.run_events = 30;
  std::stop_source stop;
  const auto cancelled = ledger->rebuild(
      with, [&](const RebuildProgress&) { stop.request_stop(); }, stop.get_token());
  BOOST_REQUIRE(!cancelled);
  BOOST_TEST(cancelled.error().name() == "Cancelled");
  must(ledger->close());
  open();
  const RebuildReport rebuilt = must(ledger->rebuild(with, {}));
  BOOST_TEST(rebuilt.events < ledger->head().position);
  BOOST_TEST(rebuilt.events > 0U);
  for (const RebuiltProjection& each : rebuilt.projections) {
    BOOST_TEST(each.before == each.after, each.name);
  }
}

BOOST_AUTO_TEST_CASE(a_view_keeps_the_generation_that_it_saw) {
  options.projections = {toy::sums(ProjectionMode::kInline), toy::pairs(ProjectionMode::kCatchUp)};
  open();
  fill(3, 40);
  must(ledger->checkpoint());
  must(ledger->wait_for("test.pairs", ledger->head().position, 10s));
  const auto view = must(ledger->view());
  const auto net = view->tables().get<toy::SumRow>(view->table("test.sums"), 1).net;
  const auto digest = view->tables().get<toy::PairRow>(view->table("test.pairs"), 1).digest;
  for (int i = 0; i < 3; ++i) {
    check_rebuild();
    append({toy::coins_moved("b1", How::kPutIn, 7)});
    must(ledger->checkpoint());
  }
  BOOST_TEST(view->tables().get<toy::SumRow>(view->table("test.sums"), 1).net == net);
  BOOST_TEST(view->tables().get<toy::PairRow>(view->table("test.pairs"), 1).digest == digest);
  BOOST_TEST(view->projection_position("test.pairs") == view->position());
  must(view->status());
}

BOOST_AUTO_TEST_CASE(former_generations_make_room_for_the_next) {
  options.projections = {toy::sums(ProjectionMode::kInline)};
  open();
  fill(2, 10);
  for (int i = 0; i < 40; ++i) {
    must(ledger->rebuild({}, {}));
  }
  check_rebuild();
  const auto view = must(ledger->view());
  BOOST_TEST(view->table("test.sums").value < 40U);
}

BOOST_AUTO_TEST_CASE(a_projection_that_catches_up_reaches_what_an_inline_one_shows) {
  options.projections = {toy::sums(ProjectionMode::kCatchUp)};
  open();
  fill(4, 50);
  must(ledger->wait_for("test.sums", ledger->head().position, 10s));
  const toy::SumRow row = sum(3);
  BOOST_TEST(row.count == 13U);
  must(ledger->close());
  open();
  BOOST_TEST(status("test.sums").position == ledger->head().position);
  BOOST_TEST(sum(3).net == row.net);
  BOOST_TEST((status("test.sums").mode == ProjectionMode::kCatchUp));
  const auto late = ledger->wait_for("test.sums", ledger->head().position + 1, 20ms);
  BOOST_REQUIRE(!late);
  BOOST_TEST(late.error().name() == "DeadlinePassed");
  const auto nobody = ledger->wait_for("test.nobody", 1, 1ms);
  BOOST_REQUIRE(!nobody);
  BOOST_TEST(nobody.error().name() == "NoSuchProjection");
}

BOOST_AUTO_TEST_CASE(a_projection_without_a_thread_follows_when_it_is_waited_for) {
  options.projections = {toy::sums(ProjectionMode::kCatchUp)};
  options.background_work = false;
  open();
  fill(2, 20);
  BOOST_TEST(status("test.sums").lag > 0U);
  must(ledger->wait_for("test.sums", ledger->head().position, 0ms));
  BOOST_TEST(status("test.sums").lag == 0U);
  must(ledger->close());
  options.read_only = true;
  options.background_work = true;
  open();
  BOOST_TEST(sum(1).count == 11U);
}

BOOST_AUTO_TEST_CASE(a_poison_event_parks_one_projection_and_the_others_run_on) {
  const auto poison = std::make_shared<std::atomic<std::int64_t>>(666);
  options.projections = {toy::choosy(poison), toy::sums(ProjectionMode::kCatchUp)};
  open();
  fill(2, 10);
  const std::uint64_t bad = append({toy::coins_moved("b0", How::kPutIn, 666)});
  const std::uint64_t after = append({toy::coins_moved("b0", How::kPutIn, 1)});
  must(ledger->wait_for("test.sums", after, 10s));
  const auto parked = ledger->wait_for("test.choosy", after, 10s);
  BOOST_REQUIRE(!parked);
  BOOST_TEST(parked.error().name() == "ProjectionParked");
  ProjectionStatus now = status("test.choosy");
  BOOST_TEST((now.state == ProjectionState::kParked));
  BOOST_TEST(now.parked_at == bad);
  BOOST_TEST(now.position == bad - 1);
  BOOST_TEST(now.lag == 2U);
  BOOST_TEST(now.reason.find("never heard of") != std::string::npos);
  // Not mended: parked again at the same event, with nothing of it in the rows.
  must(ledger->restart_projection("test.choosy", false));
  BOOST_TEST(!ledger->wait_for("test.choosy", after, 10s));
  const auto count = [&] {
    const auto view = must(ledger->view());
    return view->tables().get<std::uint64_t>(view->table("test.choosy"), 0);
  };
  BOOST_TEST(count() == bad - 1);
  must(ledger->restart_projection("test.choosy", true));
  must(ledger->wait_for("test.choosy", after, 10s));
  BOOST_TEST(count() == after - 1);
  BOOST_TEST(!ledger->restart_projection("test.choosy", true));
  must(ledger->close());
  open();
  BOOST_TEST(status("test.choosy").skipped == std::vector<std::uint64_t>{bad}, boost::test_tools::per_element());
  // A rebuild leaves it out, too.
  RebuildOptions with;
  with.projection = "test.choosy";
  const RebuildReport rebuilt = must(ledger->rebuild(with, {}));
  BOOST_TEST(rebuilt.projections.front().before == rebuilt.projections.front().after);
  BOOST_TEST(count() == after - 1);
}

BOOST_AUTO_TEST_CASE(a_changed_inline_projection_is_built_before_the_first_append_or_refused) {
  options.projections = {toy::sums(ProjectionMode::kInline)};
  open();
  fill(3, 30);
  const toy::SumRow row = sum(1);
  close();
  options.projections = {toy::sums(ProjectionMode::kInline, 2), toy::pairs(ProjectionMode::kInline)};
  options.on_projection_change = ProjectionChange::kRefuse;
  const auto refused = Ledger::open(path(), &toy::toy_domain(), options);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().name() == "RebuildNeeded");
  options.on_projection_change = ProjectionChange::kRebuild;
  open();
  BOOST_TEST(!report.views_rebuilt);
  BOOST_TEST(report.projections_rebuilt.size() == 2U);
  BOOST_TEST(sum(1).net == row.net);
  BOOST_TEST(must(ledger->verify({}, {})).ok());
  close();
  options.projections = {toy::sums(ProjectionMode::kInline, 1)};
  const auto older = Ledger::open(path(), &toy::toy_domain(), options);
  BOOST_REQUIRE(!older);
  BOOST_TEST(older.error().name() == "ProjectionTooOld");
}

BOOST_AUTO_TEST_CASE(a_changed_projection_that_catches_up_begins_anew) {
  options.projections = {toy::sums(ProjectionMode::kCatchUp)};
  open();
  fill(3, 30);
  must(ledger->wait_for("test.sums", ledger->head().position, 10s));
  const toy::SumRow row = sum(1);
  must(ledger->close());
  options.projections = {toy::sums(ProjectionMode::kCatchUp, 2)};
  open();
  must(ledger->wait_for("test.sums", ledger->head().position, 10s));
  BOOST_TEST(sum(1).net == row.net);
  close();
  options.projections = {toy::sums(ProjectionMode::kCatchUp, 1)};
  const auto older = Ledger::open(path(), &toy::toy_domain(), options);
  BOOST_REQUIRE(!older);
  BOOST_TEST(older.error().name() == "ProjectionTooOld");
}

BOOST_AUTO_TEST_CASE(a_projection_that_was_away_takes_in_what_it_missed) {
  options.projections = {toy::sums(ProjectionMode::kInline)};
  open();
  fill(3, 30);
  must(ledger->close());
  options.projections.clear();
  open();
  append({toy::coins_moved("b1", How::kPutIn, 9)});
  must(ledger->close());
  options.projections = {toy::sums(ProjectionMode::kInline)};
  open();
  BOOST_TEST(report.projections_rebuilt.size() == 1U);
  BOOST_TEST(sum(1).count == 12U);
  check_rebuild();
}

BOOST_AUTO_TEST_CASE(two_projections_of_one_name_are_refused) {
  options.projections = {toy::sums(ProjectionMode::kInline), toy::sums(ProjectionMode::kCatchUp)};
  const auto opened = Ledger::open(path(), &toy::toy_domain(), options);
  BOOST_REQUIRE(!opened);
  BOOST_TEST(opened.error().name() == "DuplicateProjection");
}

BOOST_AUTO_TEST_CASE(verify_names_the_first_position_where_rebuild_and_live_part) {
  // A projection that changes without a new version: the mistake that verify is for.
  options.projections = {toy::counts(ProjectionMode::kInline)};
  open();
  const std::uint64_t first = append({toy::box_opened("b0")});
  append({toy::coins_moved("b0", How::kPutIn, 5)});
  must(ledger->close());
  options.projections = {toy::counts(ProjectionMode::kInline, true)};
  open();
  const VerifyReport found = must(ledger->verify({}, {}));
  BOOST_REQUIRE(!found.ok());
  const auto is_projection = [](const VerifyFinding& each) { return each.check == "projection"; };
  const auto finding = std::ranges::find_if(found.findings, is_projection);
  BOOST_REQUIRE(finding != found.findings.end());
  BOOST_TEST(finding->position == first);
  RebuildOptions with;
  with.projection = "test.counts";
  const RebuildReport rebuilt = must(ledger->rebuild(with, {}));
  BOOST_TEST(rebuilt.projections.front().before != rebuilt.projections.front().after);
  BOOST_TEST(rebuilt.projections.front().parted_at.value_or(0) == first);
  BOOST_TEST(must(ledger->verify({}, {})).ok());
}

BOOST_AUTO_TEST_CASE(as_of_takes_a_correction_at_the_time_of_what_it_corrects) {
  options.projections = {toy::sums(ProjectionMode::kInline)};
  open();
  append({toy::box_opened("b")});
  const auto at = [](EventDraft draft, std::int64_t seconds, Corrects corrects = {}) {
    draft.occurred_at = {toy::kNoon.ns + seconds * kNsPerSecond};
    draft.booked_at = draft.occurred_at;
    draft.corrects = corrects;
    return draft;
  };
  const auto first = append({at(toy::coins_moved("b", How::kPutIn, 100), 10)});
  append({at(toy::coins_moved("b", How::kPutIn, 50), 20)});
  const auto mended = append({at(toy::coins_moved("b", How::kPutIn, 70), 99, {first, CorrectionKind::kCorrection})});
  const auto undone = append({at(toy::coins_moved("b", How::kPutIn, 100), 99, {first, CorrectionKind::kReversal})});
  const auto view = must(ledger->view());
  const auto net = [&](std::int64_t seconds, std::uint64_t known_at, bool chain) {
    AsOfOptions options_of;
    options_of.as_of = {toy::kNoon.ns + seconds * kNsPerSecond};
    options_of.known_at = known_at;
    options_of.projections = {"test.sums"};
    if (chain) {
      options_of.chain = {ChainKind::kStream, "box/b"};
    }
    const auto state = must(view->as_of(options_of));
    return state->tables().get<toy::SumRow>(state->table("test.sums"), 0).net;
  };
  for (const bool chain : {false, true}) {
    BOOST_TEST(net(9, 0, chain) == 0);
    BOOST_TEST(net(15, first, chain) == 100);
    BOOST_TEST(net(15, mended, chain) == 70);
    BOOST_TEST(net(25, mended, chain) == 120);
    BOOST_TEST(net(25, undone, chain) == 50);
    BOOST_TEST(net(1000, 0, chain) == 50);
  }
  AsOfOptions nobody;
  nobody.projections = {"test.nobody"};
  BOOST_TEST(!view->as_of(nobody));
}

BOOST_AUTO_TEST_CASE(books_as_of_the_end_are_the_books) {
  open();
  fill(3, 30);
  const auto view = must(ledger->view());
  const auto state = must(view->as_of({}));
  for (std::uint32_t account = 1; account <= view->account_count(); ++account) {
    BOOST_TEST((state->balance(account) == must(view->balance(account))));
  }
}

BOOST_AUTO_TEST_CASE(a_projection_that_does_not_commute_is_found_out) {
  open();
  fill(3, 40);
  const auto honest = toy::counts(ProjectionMode::kInline);
  const auto liar = toy::counts(ProjectionMode::kInline, true);
  BOOST_TEST(honest->commutes());
  BOOST_TEST(!must(check_commutes(*ledger, *honest, 1)).has_value());
  const auto fault = must(check_commutes(*ledger, *liar, 1));
  BOOST_REQUIRE(fault.has_value());
  BOOST_TEST(fault->table == "test.counts");
}

BOOST_AUTO_TEST_CASE(rebuilds_and_views_run_beside_appends) {
  options.projections = {toy::sums(ProjectionMode::kInline), toy::pairs(ProjectionMode::kCatchUp)};
  options.checkpoint_events = 100;
  open();
  fill(4, 20);
  std::atomic<bool> done{false};
  std::atomic<int> faults{0};
  std::thread reader([&] {
    while (!done) {
      const auto view = ledger->view();
      if (!view) {
        ++faults;
        continue;
      }
      // Every box was filled by the same moves that the books hold.
      std::int64_t net = 0;
      const std::uint32_t boxes = (*view)->member_count(ChainKind::kStream, "box");
      for (std::uint32_t box = 0; box < boxes; ++box) {
        net += (*view)->tables().get<toy::SumRow>((*view)->table("test.sums"), box).net;
      }
      const auto pool = (*view)->account("pool", *Currency::parse("EUR"));
      const bool sums = pool && *pool && posted_net((*pool)->balance, NormalSide::kDebit) == net;
      faults += sums && (*view)->projection_position("test.pairs") <= (*view)->position() && (*view)->status() ? 0 : 1;
    }
  });
  std::thread rebuilder([&] {
    RebuildOptions with;
    with.threads = 2;
    with.run_events = 50;
    while (!done) {
      const auto rebuilt = ledger->rebuild(with, {});
      if (!rebuilt) {
        ++faults;
        continue;
      }
      for (const RebuiltProjection& each : rebuilt->projections) {
        faults += each.before.empty() || each.before == each.after ? 0 : 1;
      }
    }
  });
  for (int i = 0; i < 300; ++i) {
    append({toy::coins_moved("b" + std::to_string(i % 4), How::kPutIn, i + 1)});
  }
  done = true;
  reader.join();
  rebuilder.join();
  BOOST_TEST(faults == 0);
  check_rebuild();
}

BOOST_AUTO_TEST_SUITE_END()
