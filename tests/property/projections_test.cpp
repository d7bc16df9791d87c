// SPDX-License-Identifier: Apache-2.0
//
// Goal: at every prefix of random histories full of corrections and reversals, live projections show what the
// definition of "as of T, known at P" gives, and a rebuild reaches the live fingerprints. Method: the definition a
// second time, by the longest way round, over the events as a reader sees them. A case prints its seed.
#include "support/must.hpp"
#include "support/temp_folder.hpp"
#include "support/test_seed.hpp"
#include "support/toy_domain.hpp"
#include "support/toy_projections.hpp"

#include <carnet/ledger.hpp>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <map>

namespace carnet::test {
namespace {

using toy::How;

struct Said {
  std::uint64_t position = 0;
  std::string stream;
  std::int64_t occurred_ns = 0;
  std::int64_t delta = 0;
  Corrects corrects;
  bool moves = false;
};

/// The definition, without a thought for cost.
class Definition {
 public:
  explicit Definition(std::vector<Said> events) : events_(std::move(events)) {}

  [[nodiscard]] std::map<std::string, toy::SumRow> sums(std::int64_t as_of, std::uint64_t known_at) const {
    std::map<std::string, toy::SumRow> out;
    for (const Said& event : events_) {
      if (event.position > known_at || !event.moves || event.corrects.position != 0 || event.occurred_ns > as_of ||
          removed(event.position, known_at)) {
        continue;
      }
      std::int64_t delta = event.delta;
      // The last that corrects it, or corrects what corrects it, and was not taken back on the way.
      for (const Said& other : events_) {
        if (other.position <= known_at && other.position > event.position &&
            leads_to(other, event.position, known_at)) {
          delta = other.delta;
        }
      }
      toy::SumRow& row = out[event.stream];
      row.count += 1;
      row.net += delta;
    }
    return out;
  }

 private:
  [[nodiscard]] const Said& at(std::uint64_t position) const {
    for (const Said& event : events_) {
      if (event.position == position) {
        return event;
      }
    }
    BOOST_FAIL("an event is missing");
    return events_.front();
  }

  [[nodiscard]] bool removed(std::uint64_t position, std::uint64_t known_at) const {
    for (const Said& event : events_) {
      if (event.position <= known_at && event.corrects.kind == CorrectionKind::kReversal &&
          event.corrects.position == position && !removed(event.position, known_at)) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool leads_to(const Said& event, std::uint64_t root, std::uint64_t known_at) const {
    for (const Said* next = &event; next->corrects.position != 0; next = &at(next->corrects.position)) {
      if (next->corrects.kind != CorrectionKind::kCorrection || removed(next->position, known_at)) {
        return false;
      }
      if (next->corrects.position == root) {
        return true;
      }
    }
    return false;
  }

  std::vector<Said> events_;
};

class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed) {
    options_.if_missing = IfMissing::kCreate;
    options_.durability = Durability::kOs;
    options_.memory_bytes = 16UL << 20U;
    options_.checkpoint_events = 10 + below(50);
    options_.projections = {toy::sums(ProjectionMode::kInline), toy::pairs(ProjectionMode::kCatchUp),
                            toy::counts(ProjectionMode::kCatchUp)};
    open();
    for (int box = 0; box < kBoxes; ++box) {
      append(toy::box_opened(name(box)), {});
      append(toy::coins_moved(name(box), How::kPutIn, 1'000'000), {});
    }
  }

  void open() {
    ledger.reset();
    ledger = must(Ledger::open(std::filesystem::path(folder_.path()) / "ledger", &toy::toy_domain(), options_)).ledger;
  }

  /// One more event, most of the time; what the rules refuse is left out.
  void step() {
    const std::string box = name(static_cast<int>(below(kBoxes)));
    const auto amount = static_cast<std::int64_t>(1 + below(90));
    EventDraft draft = toy::coins_moved(box, below(3) == 0 ? How::kTakeOut : How::kPutIn, amount);
    if (below(4) == 0) {
      draft.tags = {"box/" + name(static_cast<int>(below(kBoxes)))};
    }
    Corrects corrects;
    if (!drafts_.empty() && below(2) == 0) {
      auto target = drafts_.begin();
      std::advance(target, static_cast<std::ptrdiff_t>(below(drafts_.size())));
      corrects = {target->first, below(2) == 0 ? CorrectionKind::kCorrection : CorrectionKind::kReversal};
      if (corrects.kind == CorrectionKind::kReversal) {
        draft = target->second;
      } else {
        draft = toy::coins_moved(target->second.stream.substr(4), below(2) == 0 ? How::kTakeOut : How::kPutIn, amount);
      }
    }
    draft.occurred_at = {toy::kNoon.ns + static_cast<std::int64_t>(below(50)) * kNsPerSecond};
    draft.booked_at = draft.occurred_at;
    append(std::move(draft), corrects);
  }

  [[nodiscard]] std::vector<Said> events(View& view) const {
    std::vector<Said> out;
    for (std::uint64_t position = 1; position <= view.position(); ++position) {
      const AppliedEvent* event = must(view.applied(position));
      Said said{position, "", event->occurred_at.ns, 0, event->corrects, event->type == toy::kCoinsMovedType};
      said.stream = std::to_string(event->stream().member);
      said.delta = said.moves ? toy::delta_of(*event) : 0;
      out.push_back(std::move(said));
    }
    return out;
  }

  [[nodiscard]] std::uint64_t below(std::uint64_t end) { return random_() % end; }

  static constexpr int kBoxes = 3;
  std::unique_ptr<Ledger> ledger;

 private:
  static std::string name(int box) { return "b" + std::to_string(box); }

  void append(EventDraft draft, Corrects corrects) {
    draft.corrects = corrects;
    auto request = toy::request("c" + std::to_string(++number_), {draft});
    const Outcome outcome = must(ledger->append(request));
    if (const auto* receipt = std::get_if<Receipt>(&outcome); receipt != nullptr && draft.type == "CoinsMoved") {
      drafts_[receipt->first_position] = std::move(draft);
    }
  }

  std::mt19937_64 random_;
  TempFolder folder_;
  OpenOptions options_;
  std::map<std::uint64_t, EventDraft> drafts_;
  int number_ = 0;
};

std::map<std::string, toy::SumRow> rows_of(TableReader& rows, TableId table) {
  std::map<std::string, toy::SumRow> out;
  for (std::uint64_t box = 0; box < History::kBoxes; ++box) {
    if (const auto row = rows.get<toy::SumRow>(table, box); row.count != 0) {
      out[std::to_string(box)] = row;
    }
  }
  return out;
}

void check_same(const std::map<std::string, toy::SumRow>& expected, const std::map<std::string, toy::SumRow>& actual,
                const std::string& about) {
  BOOST_TEST_INFO_SCOPE(about);
  BOOST_REQUIRE(expected.size() == actual.size());
  for (const auto& [box, row] : expected) {
    BOOST_REQUIRE(actual.contains(box));
    BOOST_TEST(actual.at(box).count == row.count);
    BOOST_TEST(actual.at(box).net == row.net);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(projections)

BOOST_AUTO_TEST_CASE(live_state_and_as_of_are_what_the_definition_says_at_every_prefix) {
  std::mt19937_64 random = seeded_engine();
  for (int round = 0; round < 4; ++round) {
    History history(random());
    std::map<std::uint64_t, std::map<std::string, toy::SumRow>> live;
    for (int i = 0; i < 50; ++i) {
      history.step();
      const auto view = must(history.ledger->view());
      live[view->position()] = rows_of(view->tables(), view->table("test.sums"));
    }
    const auto view = must(history.ledger->view());
    const Definition definition(history.events(*view));
    for (const auto& [known_at, rows] : live) {
      check_same(definition.sums(INT64_MAX, known_at), rows, "live at " + std::to_string(known_at));
      for (const std::int64_t as_of :
           {INT64_MAX, toy::kNoon.ns + static_cast<std::int64_t>(history.below(50)) * kNsPerSecond}) {
        AsOfOptions options;
        options.known_at = known_at;
        options.as_of = {as_of};
        options.projections = {"test.sums"};
        auto state = must(view->as_of(options));
        const auto expected = definition.sums(as_of, known_at);
        check_same(expected, rows_of(state->tables(), state->table("test.sums")),
                   "as of " + std::to_string(as_of) + " known at " + std::to_string(known_at));
        // One chain gives that chain's row.
        options.chain = {ChainKind::kStream, "box/b1"};
        state = must(view->as_of(options));
        const auto row = state->tables().get<toy::SumRow>(state->table("test.sums"), 1);
        const auto found = expected.find("1");
        BOOST_TEST(row.net == (found == expected.end() ? 0 : found->second.net));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_rebuild_equals_live_at_every_prefix) {
  std::mt19937_64 random = seeded_engine();
  for (int round = 0; round < 2; ++round) {
    History history(random());
    for (int i = 0; i < 40; ++i) {
      history.step();
      if (history.below(8) == 0) {
        history.open();
      }
      for (const ProjectionStatus& each : history.ledger->projections()) {
        must(history.ledger->wait_for(each.name, history.ledger->head().position, std::chrono::seconds(20)));
      }
      RebuildOptions options;
      options.threads = 1 + history.below(3);
      options.run_events = 1 + history.below(60);
      const RebuildReport rebuilt = must(history.ledger->rebuild(options, {}));
      BOOST_TEST(rebuilt.projections.size() == 5U);
      for (const RebuiltProjection& each : rebuilt.projections) {
        BOOST_TEST(each.before == each.after, each.name << " at " << rebuilt.position);
      }
    }
    BOOST_TEST(must(history.ledger->verify({}, {})).ok());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::test
