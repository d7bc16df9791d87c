// SPDX-License-Identifier: Apache-2.0
//
// Goal: the engine's verbs do what include/carnet/ledger.hpp promises. Method: a toy trade, one behaviour a case.
#include "support/temp_folder.hpp"
#include "support/toy_domain.hpp"

#include <carnet/import.hpp>
#include <carnet/ledger.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <sstream>
#include <thread>

using namespace carnet;
using namespace toy;

namespace {

struct Fixture {
  carnet::test::TempFolder folder;
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>(Timestamp{kNoon.ns + 60 * kNsPerSecond});
  std::unique_ptr<Ledger> ledger;
  OpenReport report;

  OpenOptions options() const {
    OpenOptions out;
    out.if_missing = IfMissing::kCreate;
    out.clock = clock;
    out.durability = Durability::kOs;
    out.background_work = false;
    return out;
  }

  std::filesystem::path path() const { return std::filesystem::path(folder.path()) / "ledger"; }

  Ledger& open(const Domain& domain = toy_domain()) { return open(domain, options()); }

  Ledger& open(const Domain& domain, const OpenOptions& with) {
    ledger.reset();
    auto opened = Ledger::open(path(), &domain, with);
    BOOST_REQUIRE_MESSAGE(opened, (opened ? std::string() : opened.error().to_line()));
    ledger = std::move(opened->ledger);
    report = opened->report;
    return *ledger;
  }

  Outcome append(const Request& request) {
    auto result = ledger->append(request);
    BOOST_REQUIRE_MESSAGE(result, (result ? std::string() : result.error().to_line()));
    return *std::move(result);
  }

  Receipt receipt(const Request& request) {
    Outcome outcome = append(request);
    const auto* refusal = std::get_if<Refusal>(&outcome);
    BOOST_REQUIRE_MESSAGE(
        refusal == nullptr,
        (refusal == nullptr ? std::string() : refusal->error + ": " + refusal->message + " " + refusal->path));
    return std::get<Receipt>(outcome);
  }

  Refusal refusal(const Request& request) {
    Outcome outcome = append(request);
    BOOST_REQUIRE(std::holds_alternative<Refusal>(outcome));
    return std::get<Refusal>(outcome);
  }

  std::vector<std::uint64_t> positions(const Query& query, const ReadOptions& options = {}) {
    auto view = ledger->view();
    BOOST_REQUIRE(view);
    auto cursor = (*view)->read(query, options);
    BOOST_REQUIRE(cursor);
    std::vector<std::uint64_t> out;
    while (true) {
      auto event = (*cursor)->next();
      BOOST_REQUIRE_MESSAGE(event, (event ? std::string() : event.error().to_line()));
      if (*event == nullptr) {
        return out;
      }
      out.push_back((*event)->position);
    }
  }

  Balance balance(std::string_view path_of_account) {
    auto view = ledger->view();
    auto account = (*view)->account(path_of_account, *Currency::parse("EUR"));
    BOOST_REQUIRE(account);
    return *account ? (*account)->balance : Balance{};
  }
};

Query of_stream(std::string name) {
  QueryItem item;
  item.stream = std::move(name);
  return {{item}};
}

Query of_tag(std::string name) {
  QueryItem item;
  item.tags.push_back(std::move(name));
  return {{item}};
}

Query of_type(std::string name) {
  QueryItem item;
  item.types.push_back(std::move(name));
  return {{item}};
}

using Positions = std::vector<std::uint64_t>;

}  // namespace

BOOST_AUTO_TEST_SUITE(ledger)

BOOST_FIXTURE_TEST_CASE(a_new_ledger_holds_its_genesis, Fixture) {
  open();
  BOOST_TEST(report.created);
  const Head head = ledger->head();
  BOOST_TEST(head.position == 1U);
  BOOST_TEST(head.commits == 1U);
  auto view = ledger->view();
  auto cursor = (*view)->read({}, {});
  auto event = (*cursor)->next();
  BOOST_REQUIRE(event);
  BOOST_TEST((*event)->type == "LedgerCreated");
  BOOST_TEST((*event)->stream == "ledger/self");
  BOOST_TEST((*event)->actor_id == "init");
}

BOOST_FIXTURE_TEST_CASE(an_event_is_read_back_with_its_envelope, Fixture) {
  open();
  Request asked = request("c1", {box_opened("b1", "first", "A7")});
  asked.basis = Basis::kReport;
  asked.source = Source{"feed", 42};
  asked.events[0].tags = {"zone/z1", "city/c9"};
  const Receipt got = receipt(asked);
  BOOST_TEST(got.first_position == 2U);
  BOOST_TEST(got.event_count == 1U);
  auto view = ledger->view();
  auto cursor = (*view)->read(of_stream("box/b1"), {});
  auto next = (*cursor)->next();
  BOOST_REQUIRE(next);
  const Event& event = **next;
  BOOST_TEST(event.position == 2U);
  BOOST_TEST(event.commit == 1U);
  BOOST_TEST(event.type == "BoxOpened");
  BOOST_TEST(event.stream_version == 1U);
  BOOST_TEST(event.source_name == "feed");
  BOOST_TEST(event.source_position == 42U);
  BOOST_TEST(event.role == "operations");
  BOOST_TEST(event.channel == "test");
  std::vector<std::string> tags;
  for (const TagVersion& tag : event.tags) {
    tags.emplace_back(tag.name);
  }
  const std::vector<std::string> expected{"box/b1", "account/A7", "city/c9", "zone/z1"};
  BOOST_TEST(tags == expected, boost::test_tools::per_element());
  BOOST_TEST(*ledger->source_position("feed") == 42U);
}

BOOST_FIXTURE_TEST_CASE(the_same_command_gives_the_first_receipt_for_ever, Fixture) {
  open();
  const Request asked = request("open-b1", {box_opened("b1")});
  const Receipt first = receipt(asked);
  const Receipt again = receipt(asked);
  BOOST_TEST(again.duplicate);
  BOOST_TEST(again.same_commit(first));
  BOOST_REQUIRE(ledger->close());
  open();
  const Receipt reopened = receipt(asked);
  BOOST_TEST(reopened.duplicate);
  BOOST_TEST(reopened.same_commit(first));
  auto found = ledger->receipt("open-b1");
  BOOST_REQUIRE(found && *found);
  BOOST_TEST((*found)->same_commit(first));
  BOOST_TEST(!*ledger->receipt("never"));
  BOOST_TEST(ledger->head().position == 2U);
}

BOOST_FIXTURE_TEST_CASE(the_same_command_with_other_content_is_a_conflict, Fixture) {
  open();
  receipt(request("c", {box_opened("b1")}));
  BOOST_TEST(refusal(request("c", {box_opened("b2")})).error == "IdempotencyConflict");
  BOOST_TEST(refusal(request("c", {box_opened("b1"), box_opened("b3")})).error == "IdempotencyConflict");
}

BOOST_FIXTURE_TEST_CASE(a_refused_request_leaves_no_trace, Fixture) {
  open();
  receipt(request("c1", {box_opened("b1")}));
  const auto before = *ledger->stats();
  const Head head = ledger->head();
  const Refusal refused = refusal(request("c2", {box_opened("fresh"), coins_moved("fresh", How::kTakeOut, 5)}));
  BOOST_TEST(refused.rule == "I-M14");
  BOOST_TEST(refused.error == "LimitExceeded");
  BOOST_TEST(refused.event == "CoinsMoved");
  BOOST_TEST(ledger->head().position == head.position);
  BOOST_TEST((ledger->head().root == head.root));
  const auto after = *ledger->stats();
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].name == "chains" || before[i].name == "accounts" || before[i].name == "codes" ||
        before[i].name == "types") {
      BOOST_TEST(before[i].value == after[i].value, before[i].name);
    }
  }
  // The command stays free.
  receipt(request("c2", {box_opened("fresh")}));
}

BOOST_FIXTURE_TEST_CASE(a_request_sees_what_its_earlier_events_did, Fixture) {
  open();
  receipt(request("c", {box_opened("b"), coins_moved("b", How::kPutIn, 100), coins_moved("b", How::kHold, 60),
                        coins_moved("b", How::kTakeOut, 40)}));
  const Balance balance_of_box = balance("box/box/b");
  BOOST_TEST(balance_of_box.posted_credits == 100);
  BOOST_TEST(balance_of_box.posted_debits == 40);
  BOOST_TEST(balance_of_box.pending_debits == 60);
  BOOST_TEST(refusal(request("d", {coins_moved("b", How::kTakeOut, 1)})).error == "LimitExceeded");
  BOOST_TEST(refusal(request("e", {coins_moved("b", How::kFree, 61)})).error == "PendingNegative");
}

BOOST_FIXTURE_TEST_CASE(expected_versions_are_checked_also_for_streams_only_read, Fixture) {
  open();
  Request asked = request("c1", {box_opened("b1")});
  asked.versions = VersionPolicy::kExplicit;
  BOOST_TEST(refusal(asked).error == "VersionNotStated");
  asked.expect = {{"box/b1", 1}};
  const Refusal conflict = refusal(asked);
  BOOST_TEST(conflict.error == "VersionConflict");
  BOOST_REQUIRE(!conflict.current_versions.empty());
  BOOST_TEST(conflict.current_versions[0].version == 0U);
  asked.expect = {{"box/b1", 0}};
  receipt(asked);
  Request reader = request("c2", {box_opened("b2")});
  reader.expect = {{"box/b1", 0}};
  BOOST_TEST(refusal(reader).error == "VersionConflict");
  reader.expect = {{"box/b1", 1}};
  receipt(reader);
}

BOOST_FIXTURE_TEST_CASE(a_condition_fails_when_a_later_event_matches, Fixture) {
  open();
  receipt(request("c1", {box_opened("b1", "x", "A1")}));
  const auto with = [&](std::string command, std::uint64_t after, QueryItem item) {
    Request asked = request(std::move(command), {box_opened("n" + std::to_string(after))});
    asked.condition = AppendCondition{after, {std::move(item)}};
    return asked;
  };
  QueryItem tag;
  tag.tags = {"account/A1"};
  BOOST_TEST(refusal(with("d1", 1, tag)).error == "ConditionFailed");
  QueryItem both = tag;
  both.types = {"CoinsMoved"};
  receipt(with("d2", 1, both));
  QueryItem type;
  type.types = {"BoxOpened"};
  BOOST_TEST(refusal(with("d3", 1, type)).error == "ConditionFailed");
  QueryItem two_tags;
  two_tags.tags = {"account/A1", "box/b1"};
  BOOST_TEST(refusal(with("d4", 1, two_tags)).error == "ConditionFailed");
  two_tags.tags = {"account/A1", "box/n1"};
  receipt(with("d5", 2, two_tags));
  QueryItem unknown;
  unknown.stream = "box/never";
  receipt(with("d6", 3, unknown));
}

BOOST_FIXTURE_TEST_CASE(reads_go_both_ways_by_stream_tag_type_and_limit, Fixture) {
  open();
  for (int i = 0; i < 10; ++i) {
    const std::string box = "b" + std::to_string(i % 3);
    receipt(request("c" + std::to_string(i),
                    i < 3 ? std::vector{box_opened(box)} : std::vector{coins_moved(box, How::kPutIn, 10, "P1")}));
  }
  BOOST_TEST(positions(of_stream("box/b0")) == (Positions{2, 5, 8, 11}), boost::test_tools::per_element());
  ReadOptions backwards;
  backwards.backwards = true;
  BOOST_TEST(positions(of_stream("box/b0"), backwards) == (Positions{11, 8, 5, 2}), boost::test_tools::per_element());
  ReadOptions some;
  some.after = 5;
  some.limit = 2;
  BOOST_TEST(positions(of_tag("partner/P1"), some) == (Positions{6, 7}), boost::test_tools::per_element());
  some.backwards = true;
  some.after = 0;
  BOOST_TEST(positions(of_tag("partner/P1"), some) == (Positions{11, 10}), boost::test_tools::per_element());
  BOOST_TEST(positions(of_type("BoxOpened")) == (Positions{2, 3, 4}), boost::test_tools::per_element());
  BOOST_TEST(positions({}).size() == 11U);
  BOOST_TEST(positions({}, backwards).front() == 11U);
  BOOST_TEST(positions(of_stream("box/none")).empty());
  Query either = of_stream("box/b1");
  either.any.push_back(of_type("BoxOpened").any[0]);
  BOOST_TEST(positions(either) == (Positions{2, 3, 4, 6, 9}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_view_stays_as_it_was, Fixture) {
  open();
  receipt(request("c1", {box_opened("b"), coins_moved("b", How::kPutIn, 100)}));
  auto view = ledger->view();
  receipt(request("c2", {coins_moved("b", How::kPutIn, 11), box_opened("later")}));
  BOOST_TEST((*view)->position() == 3U);
  BOOST_TEST((*(*view)->account("box/box/b", *Currency::parse("EUR")))->balance.posted_credits == 100);
  BOOST_TEST(!*(*view)->chain(ChainKind::kStream, "box/later"));
  BOOST_TEST((*view)->member_count(ChainKind::kStream, "box") == 1U);
  BOOST_TEST((*(*view)->chain(ChainKind::kStream, "box/b"))->version == 2U);
  auto cursor = (*view)->read({}, {});
  std::uint64_t last = 0;
  while (const Event* event = *(*cursor)->next()) {
    last = event->position;
  }
  BOOST_TEST(last == 3U);
  BOOST_TEST(balance("box/box/b").posted_credits == 111);
}

BOOST_FIXTURE_TEST_CASE(views_that_were_removed_are_rebuilt, Fixture) {
  open();
  for (int i = 0; i < 50; ++i) {
    receipt(request("c" + std::to_string(i),
                    {box_opened("b" + std::to_string(i)), coins_moved("b" + std::to_string(i), How::kPutIn, i + 1)}));
  }
  const auto before = ledger->verify({}, {});
  BOOST_REQUIRE(before);
  BOOST_TEST(before->ok());
  BOOST_REQUIRE(ledger->close());
  ledger.reset();
  std::filesystem::remove_all(path() / "views");
  open();
  BOOST_TEST(report.views_rebuilt);
  BOOST_TEST(report.replayed_events == 101U);
  const auto after = ledger->verify({}, {});
  BOOST_REQUIRE(after);
  BOOST_TEST(after->ok());
  BOOST_TEST((after->fingerprints == before->fingerprints));
  BOOST_TEST((after->root == before->root));
}

BOOST_FIXTURE_TEST_CASE(a_projection_of_another_version_is_rebuilt, Fixture) {
  open();
  receipt(request("c", {box_opened("b")}));
  BOOST_REQUIRE(ledger->close());
  open(toy_domain_version_2());
  BOOST_TEST(!report.views_rebuilt);
  BOOST_TEST(report.projections_rebuilt == std::vector<std::string>{"toy.boxes"}, boost::test_tools::per_element());
  BOOST_TEST(ledger->verify({}, {})->ok());
}

BOOST_FIXTURE_TEST_CASE(a_clean_reopening_replays_nothing, Fixture) {
  open();
  receipt(request("c", {box_opened("b"), coins_moved("b", How::kPutIn, 7)}));
  const Head head = ledger->head();
  BOOST_REQUIRE(ledger->close());
  open();
  BOOST_TEST(report.replayed_events == 0U);
  BOOST_TEST(!report.views_rebuilt);
  BOOST_TEST((ledger->head().root == head.root));
  BOOST_TEST(balance("box/box/b").posted_credits == 7);
  BOOST_TEST(positions(of_stream("box/b")).size() == 2U);
  receipt(request("d", {coins_moved("b", How::kTakeOut, 7)}));
  BOOST_TEST(ledger->verify({}, {})->ok());
}

BOOST_FIXTURE_TEST_CASE(a_reversal_mirrors_and_is_made_once, Fixture) {
  open();
  receipt(request("c1", {box_opened("b"), coins_moved("b", How::kPutIn, 30), coins_moved("b", How::kHold, 10)}));
  EventDraft back = coins_moved("b", How::kHold, 10);
  back.corrects = {4, CorrectionKind::kReversal};
  receipt(request("c2", {back}));
  BOOST_TEST(balance("box/box/b").pending_debits == 0);
  BOOST_TEST(refusal(request("c3", {back})).error == "BadCorrection");
  EventDraft other = coins_moved("b", How::kPutIn, 31);
  other.corrects = {3, CorrectionKind::kReversal};
  BOOST_TEST(refusal(request("c4", {other})).error == "BadCorrection");
  EventDraft nowhere = coins_moved("b", How::kPutIn, 30);
  nowhere.corrects = {99, CorrectionKind::kReversal};
  BOOST_TEST(refusal(request("c5", {nowhere})).error == "BadCorrection");
  EventDraft in_one = coins_moved("b", How::kPutIn, 30);
  in_one.corrects = {6, CorrectionKind::kReversal};
  receipt(request("c6", {coins_moved("b", How::kPutIn, 30), in_one}));
  BOOST_TEST(ledger->verify({}, {})->ok());
}

BOOST_FIXTURE_TEST_CASE(a_dry_run_says_what_would_be_written_and_writes_nothing, Fixture) {
  open();
  receipt(request("c1", {box_opened("b"), coins_moved("b", How::kPutIn, 30)}));
  const Head head = ledger->head();
  auto dry = ledger->decide(request("c2", {coins_moved("b", How::kTakeOut, 20), box_shut("b")}));
  BOOST_REQUIRE(dry);
  const auto& decided = std::get<Decided>(*dry);
  BOOST_REQUIRE(decided.transfers.size() == 1U);
  BOOST_TEST(decided.transfers[0].debit == "box/box/b");
  BOOST_TEST(decided.transfers[0].credit == "pool");
  BOOST_TEST(decided.transfers[0].unit == "EUR");
  BOOST_REQUIRE(decided.due.size() == 1U);
  BOOST_TEST(decided.due[0].rule == "O-T1");
  BOOST_TEST((ledger->head().root == head.root));
  auto refused = ledger->decide(request("c2", {coins_moved("b", How::kTakeOut, 31)}));
  BOOST_TEST(std::holds_alternative<Refusal>(*refused));
}

BOOST_FIXTURE_TEST_CASE(tickets_and_batches_land_in_order, Fixture) {
  open();
  std::vector<std::unique_ptr<Ticket>> tickets;
  for (int i = 0; i < 20; ++i) {
    tickets.push_back(ledger->append_async(request("t" + std::to_string(i), {box_opened("t" + std::to_string(i))})));
  }
  for (auto& ticket : tickets) {
    auto outcome = ticket->wait();
    BOOST_REQUIRE(outcome);
    BOOST_TEST(std::holds_alternative<Receipt>(*outcome));
  }
  std::vector<Request> batch;
  for (int i = 0; i < 10; ++i) {
    batch.push_back(request("b" + std::to_string(i),
                            {i == 5 ? coins_moved("nowhere", How::kPutIn, 1) : box_opened("b" + std::to_string(i))}));
  }
  auto stopped = ledger->append_batch(batch, BatchMode::kStopAtRefusal);
  BOOST_TEST(std::holds_alternative<Receipt>(*stopped[4]));
  BOOST_TEST(std::get<Refusal>(*stopped[5]).error == "BoxNotOpen");
  BOOST_TEST(!stopped[6]);
  BOOST_TEST(ledger->head().position == 26U);
  auto each = ledger->append_batch(batch);
  BOOST_TEST(std::get<Receipt>(*each[0]).duplicate);
  BOOST_TEST(!std::get<Receipt>(*each[9]).duplicate);
}

BOOST_FIXTURE_TEST_CASE(many_threads_share_groups, Fixture) {
  open();
  receipt(request("start", {box_opened("shared"), coins_moved("shared", How::kPutIn, 1'000)}));
  std::vector<std::thread> threads;
  std::atomic<int> landed{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        auto outcome = ledger->append(
            request("t" + std::to_string(t) + "." + std::to_string(i), {coins_moved("shared", How::kTakeOut, 5)}));
        if (outcome && std::holds_alternative<Receipt>(*outcome)) {
          ++landed;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  BOOST_TEST(landed == 200);
  BOOST_TEST(balance("box/box/shared").posted_debits == 1'000);
  BOOST_TEST(ledger->verify({}, {})->ok());
}

BOOST_FIXTURE_TEST_CASE(a_subscription_goes_live, Fixture) {
  open();
  receipt(request("c1", {box_opened("b1")}));
  SubscribeOptions options;
  options.query = of_type("BoxOpened");
  options.batch_max = 2;
  auto subscription = ledger->subscribe(options);
  BOOST_REQUIRE(subscription);
  using std::chrono::milliseconds;
  BOOST_TEST((*(*subscription)->next(milliseconds(100), {}))->position == 2U);
  BOOST_TEST(*(*subscription)->next(milliseconds(1), {}) == nullptr);
  std::atomic<int> written{0};  // The test framework's checks are for one thread.
  std::thread writer([&] {
    for (int i = 0; i < 5; ++i) {
      const auto outcome =
          ledger->append(request("w" + std::to_string(i), {box_opened("w" + std::to_string(i)),
                                                           coins_moved("w" + std::to_string(i), How::kPutIn, 1)}));
      written += outcome && std::holds_alternative<Receipt>(*outcome) ? 1 : 0;
    }
  });
  std::vector<std::uint64_t> seen;
  while (seen.size() < 5) {
    auto next = (*subscription)->next(milliseconds(2000), {});
    BOOST_REQUIRE(next && *next != nullptr);
    seen.push_back((*next)->position);
  }
  writer.join();
  BOOST_TEST(written == 5);
  BOOST_TEST(seen == (Positions{3, 5, 7, 9, 11}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_second_writer_is_refused_and_a_reader_follows, Fixture) {
  open();
  receipt(request("c1", {box_opened("b1"), coins_moved("b1", How::kPutIn, 5)}));
  auto second = Ledger::open(path(), &toy_domain(), options());
  BOOST_REQUIRE(!second);
  BOOST_TEST(second.error().name() == "LedgerBusy");
  OpenOptions reading = options();
  reading.if_missing = IfMissing::kFail;
  reading.read_only = true;
  auto reader = Ledger::open(path(), &toy_domain(), reading);
  BOOST_REQUIRE_MESSAGE(reader, (reader ? std::string() : reader.error().to_line()));
  BOOST_TEST(reader->ledger->head().position == 3U);
  receipt(request("c2", {coins_moved("b1", How::kPutIn, 6)}));
  BOOST_REQUIRE(reader->ledger->catch_up());
  BOOST_TEST(reader->ledger->head().position == 4U);
  BOOST_TEST((reader->ledger->head().root == ledger->head().root));
  auto view = reader->ledger->view();
  BOOST_TEST((*(*view)->account("box/box/b1", *Currency::parse("EUR")))->balance.posted_credits == 11);
  BOOST_TEST(reader->ledger->append(request("c3", {box_opened("x")})).error().name() == "ReadOnly");
}

BOOST_FIXTURE_TEST_CASE(personal_fields_are_sealed_under_the_subjects_key, Fixture) {
  open();
  const Request note = request("n1", {note_taken("A1", "the secret of A1")});
  BOOST_TEST(refusal(note).error == "KeyMissing");
  auto made = ledger->create_subject_key("A1", "D7", request("ignored", {}));
  BOOST_REQUIRE_MESSAGE(made, (made ? std::string() : made.error().to_line()));
  BOOST_REQUIRE(std::holds_alternative<Receipt>(*made));
  auto again = ledger->create_subject_key("A1", "D7", request("ignored", {}));
  BOOST_TEST(std::get<Receipt>(*again).duplicate);
  const Receipt first = receipt(note);
  const Receipt resend = receipt(note);
  BOOST_TEST(resend.duplicate);
  BOOST_TEST(resend.same_commit(first));
  BOOST_TEST(!resend.digest_unchecked);
  BOOST_TEST(refusal(request("n1", {note_taken("A1", "another text")})).error == "IdempotencyConflict");
  auto view = ledger->view();
  auto cursor = (*view)->read(of_stream("note/A1"), {});
  std::string json;
  BOOST_REQUIRE((*view)->append_json(**(*cursor)->next(), json));
  BOOST_TEST(json.find("[sealed]") != std::string::npos);
  BOOST_TEST(json.find("secret") == std::string::npos);
  cursor->reset();
  view->reset();
  BOOST_REQUIRE(ledger->close());
  open();
  BOOST_TEST(receipt(note).same_commit(first));
}

BOOST_FIXTURE_TEST_CASE(malformed_requests_are_rejected_with_their_path, Fixture) {
  open();
  const auto error_of = [&](Request asked) {
    const Refusal refused = refusal(asked);
    BOOST_TEST(refused.rejected);
    return refused.error;
  };
  Request asked = request("", {box_opened("b")});
  BOOST_TEST(error_of(asked) == "BadCommand");
  BOOST_TEST(error_of(request("c", {})) == "NoEvents");
  asked = request("c", {box_opened("b")});
  asked.events[0].type = "NoSuchEvent";
  BOOST_TEST(error_of(asked) == "UnknownEvent");
  asked = request("c", {box_opened("b")});
  asked.events[0].stream = "box/other";
  BOOST_TEST(error_of(asked) == "WrongStream");
  asked.events[0].stream = "crate/b";
  BOOST_TEST(error_of(asked) == "WrongStream");
  asked = request("c", {box_opened("13812345678")});
  BOOST_TEST(error_of(asked) == "IdLooksPersonal");
  asked = request("c", {box_opened("b")});
  asked.events[0].tags = {"no-family"};
  BOOST_TEST(error_of(asked) == "BadName");
  asked.events[0].tags.clear();
  for (int i = 0; i < 70; ++i) {
    asked.events[0].tags.push_back("t/" + std::to_string(i));
  }
  BOOST_TEST(error_of(asked) == "LimitExceeded");
  asked = request("c", {box_opened("b")});
  asked.basis = Basis::kHistory;
  BOOST_TEST(error_of(asked) == "SourceMissing");
  asked = request("c", {box_opened("b")});
  asked.events[0].occurred_at = {clock->now().ns + 301 * kNsPerSecond};
  BOOST_TEST(refusal(asked).error == "FutureEvent");
  asked = request("c", {box_opened("b", std::string(300'000, 'x'))});
  BOOST_TEST(error_of(asked) == "LimitExceeded");
}

BOOST_FIXTURE_TEST_CASE(recorded_times_never_step_back, Fixture) {
  open();
  const Receipt first = receipt(request("c1", {box_opened("b1")}));
  clock->set({clock->now().ns - 5 * kNsPerSecond});
  const Receipt second = receipt(request("c2", {box_opened("b2")}));
  BOOST_TEST(second.recorded_at.ns == first.recorded_at.ns);
  auto view = ledger->view();
  auto cursor = (*view)->read(of_stream("box/b2"), {});
  const Event& event = **(*cursor)->next();
  BOOST_REQUIRE(event.findings.size() == 1U);
  BOOST_TEST(event.findings[0].code == "ClockStepped");
}

BOOST_FIXTURE_TEST_CASE(a_clock_that_jumps_needs_confirmation, Fixture) {
  open();
  clock->set({clock->now().ns + 7200 * kNsPerSecond});
  auto jumped = ledger->append(request("c1", {box_opened("b1")}));
  BOOST_REQUIRE(!jumped);
  BOOST_TEST(jumped.error().name() == "ClockJump");
  ledger->accept_clock();
  receipt(request("c1", {box_opened("b1")}));
  BOOST_REQUIRE(ledger->close());
  ledger.reset();
  clock->set({clock->now().ns - 2 * 7200 * kNsPerSecond});
  auto reopened = Ledger::open(path(), &toy_domain(), options());
  BOOST_REQUIRE(!reopened);
  BOOST_TEST(reopened.error().name() == "ClockJump");
  OpenOptions accepting = options();
  accepting.accept_clock = true;
  BOOST_TEST(Ledger::open(path(), &toy_domain(), accepting).has_value());
}

BOOST_FIXTURE_TEST_CASE(an_export_rebuilds_the_ledger, Fixture) {
  open();
  receipt(request("c1", {box_opened("b1", "a \"quoted\" label", "A1"), coins_moved("b1", How::kPutIn, 500)}));
  Request reported = request("c2", {coins_moved("b9", How::kPutIn, 9)});
  reported.basis = Basis::kReport;
  reported.source = Source{"feed", 3};
  reported.events[0].tags = {"host/tag"};
  receipt(reported);
  EventDraft back = coins_moved("b1", How::kPutIn, 500);
  back.corrects = {3, CorrectionKind::kReversal};
  receipt(request("c3", {back}));
  std::ostringstream exported;
  auto view = ledger->view();
  auto commits = export_ndjson(**view, exported, {});
  BOOST_REQUIRE_MESSAGE(commits, (commits ? std::string() : commits.error().to_line()));
  BOOST_TEST(*commits == 3U);
  const auto before = ledger->verify({}, {});
  view->reset();

  Fixture other;
  other.open();
  std::istringstream in(exported.str());
  ImportOptions options;
  options.source_name = "export";
  auto imported = import_ndjson(*other.ledger, in, options);
  BOOST_REQUIRE(imported);
  BOOST_TEST(imported->first_problem == "");
  BOOST_TEST(imported->commits == 3U);
  BOOST_TEST(imported->last_position == 5U);
  const auto after = other.ledger->verify({}, {});
  BOOST_TEST((after->fingerprints == before->fingerprints));
  std::ostringstream twice;
  auto other_view = other.ledger->view();
  BOOST_REQUIRE(export_ndjson(**other_view, twice, {}));
  BOOST_TEST(twice.str().size() == exported.str().size());
}

BOOST_AUTO_TEST_SUITE_END()
