// SPDX-License-Identifier: Apache-2.0
//
// Goal: the indexes know every position, once, in order, wherever it stands at that moment: newest part, frozen part,
// runs. Method: random sequences of adding, freezing, publishing, failing and reopening against maps in memory; one
// writer with readers beside it; a second process's view.
#include "store/index.hpp"

#include "store/chain_part.hpp"
#include "store/views_db.hpp"
#include "support/faulty_files.hpp"
#include "support/test_seed.hpp"
#include "support/view_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <thread>

namespace {

using namespace carnet;
using namespace carnet::store;
using namespace carnet::test;

constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();

std::vector<std::uint64_t> drain(Result<std::unique_ptr<PositionCursor>> cursor) {
  const std::unique_ptr<PositionCursor> positions = must(std::move(cursor));
  std::vector<std::uint64_t> all;
  while (const std::uint64_t position = must(positions->next())) {
    all.push_back(position);
  }
  BOOST_TEST(must(positions->next()) == 0U);
  return all;
}

void add(ChainIndex& index, std::uint64_t position, std::initializer_list<std::uint32_t> chains) {
  const IndexedEvent event{.position = position, .chains = chains.begin(), .chain_count = chains.size()};
  index.add(&event, 1);
}

Digest16 command(std::uint64_t number) {
  // The first 8 bytes come from few values, so that many commands share them.
  Digest16 digest{};
  base::store_be(digest.data(), (number % 97) * 0x0123'4567'89ab'cdefULL);
  base::store_be(digest.data() + 8, number);
  return digest;
}

std::vector<std::uint64_t> candidates(CommandIndex& index, const Digest16& digest) {
  std::vector<std::uint64_t> found;
  index.find_newest(digest, found);
  must(index.find_published(digest, found));
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

/// Both indexes over one database, with what they must know.
class Subject {
 public:
  /// `cache_bytes`: with a small one, filters are written in partitions once there is something published.
  explicit Subject(const std::string& folder, std::size_t cache_bytes = 64UL * 1024 * 1024)
      : folder_(folder),
        files_(std::make_shared<FaultyFiles>()),
        floor_(make_floor(folder, files_)),
        options_{.cache_bytes = cache_bytes, .write_buffer_bytes = 64UL * 1024, .log = nullptr, .env = nullptr},
        views_(must(ViewsDb::create(folder + "/views", options_))) {
    make_indexes();
  }

  ChainIndex& chains() { return *chains_; }

  CommandIndex& commands() { return *commands_; }

  ViewsDb& views() { return *views_; }

  std::uint64_t last() const { return last_; }

  void add_event(const std::vector<std::uint32_t>& chains) {
    ++last_;
    feed(last_, chains);
    for (const std::uint32_t chain : chains) {
      model_[chain].push_back(last_);
    }
    events_[last_] = chains;
  }

  void freeze(std::uint64_t position) {
    frozen_at_ = position;
    chains_->freeze(position);
    commands_->freeze(position);
  }

  /// Whether the floor fails after the views have landed.
  void publish(bool floor_fails) {
    ViewBatch batch;
    std::vector<ViewRun> runs;
    chains_->write(batch, runs);
    commands_->write(batch, runs);
    // A floor that is not raised writes nothing.
    floor_fails = floor_fails && frozen_at_ > floor_.mark().position;
    files_->fail_write(floor_fails ? 1 : 0, FileFault::kFail);
    TailOnlyLog log;
    const Status published =
        views_->publish_view(checkpoint_at(frozen_at_), std::move(batch), std::move(runs), log, floor_);
    BOOST_TEST(published.has_value() == !floor_fails);
  }

  void thaw(bool published) {
    const std::uint64_t before = commands_->publish_count();
    chains_->thaw(published);
    commands_->thaw(published);
    BOOST_TEST(commands_->publish_count() == before + (published ? 1 : 0));
  }

  /// As after a restart: only what was published is there, and the log's rest is fed again.
  void reopen() {
    chains_.reset();
    commands_.reset();
    views_.reset();
    views_ = must(ViewsDb::open(folder_ + "/views", options_));
    make_indexes();
    const auto checkpoint = must(views_->checkpoint());
    const std::uint64_t from = checkpoint.has_value() ? checkpoint->position : 0;
    for (auto event = events_.upper_bound(from); event != events_.end(); ++event) {
      feed(event->first, event->second);
    }
  }

  void check_chain(std::uint32_t chain, std::uint64_t after, std::uint64_t up_to) {
    std::vector<std::uint64_t> expected;
    for (const std::uint64_t position : model_[chain]) {
      if (position > after && position <= up_to) {
        expected.push_back(position);
      }
    }
    BOOST_REQUIRE((drain(chains_->positions(chain, after, up_to, false)) == expected));
    std::reverse(expected.begin(), expected.end());
    BOOST_REQUIRE((drain(chains_->positions(chain, after, up_to, true)) == expected));
  }

  void check_command(std::uint64_t number) {
    std::vector<std::uint64_t> expected;
    for (std::uint64_t position = 1; position <= last_; ++position) {
      if (position % 97 == number % 97) {
        expected.push_back(position);
      }
    }
    BOOST_REQUIRE((candidates(*commands_, command(number)) == expected));
  }

  void check_all() {
    for (const auto& [chain, positions] : model_) {
      check_chain(chain, 0, kEnd);
    }
    for (std::uint64_t number = 0; number < 97; ++number) {
      check_command(number);
    }
  }

 private:
  void make_indexes() {
    chains_ = ChainIndex::make(views_.get(), 7);
    commands_ = CommandIndex::make(views_.get(), 7);
  }

  void feed(std::uint64_t position, const std::vector<std::uint32_t>& chains) {
    const IndexedEvent event{.position = position, .chains = chains.data(), .chain_count = chains.size()};
    chains_->add(&event, 1);
    commands_->add(command(position), position);
  }

  std::string folder_;
  std::shared_ptr<FaultyFiles> files_;
  Floor floor_;
  ViewsOptions options_;
  std::unique_ptr<ViewsDb> views_;
  std::unique_ptr<ChainIndex> chains_;
  std::unique_ptr<CommandIndex> commands_;
  std::uint64_t last_ = 0;
  std::uint64_t frozen_at_ = 0;
  std::map<std::uint32_t, std::vector<std::uint64_t>> model_;
  std::map<std::uint64_t, std::vector<std::uint32_t>> events_;
};

BOOST_AUTO_TEST_SUITE(index)

BOOST_AUTO_TEST_CASE(positions_are_found_in_memory_within_bounds_both_ways) {
  const auto index = ChainIndex::make(nullptr, 0);
  for (std::uint64_t position = 1; position <= 10'000; ++position) {
    add(*index, position, {1, static_cast<std::uint32_t>(2 + position % 1000)});
  }
  BOOST_TEST(drain(index->positions(1, 0, kEnd, false)).size() == 10'000U);
  BOOST_TEST(drain(index->positions(1, 9'998, kEnd, false)) == (std::vector<std::uint64_t>{9'999, 10'000}),
             boost::test_tools::per_element());
  BOOST_TEST(drain(index->positions(1, 9'000, 9'002, true)) == (std::vector<std::uint64_t>{9'002, 9'001}),
             boost::test_tools::per_element());
  BOOST_TEST(drain(index->positions(5, 0, 2'500, true)) == (std::vector<std::uint64_t>{2'003, 1'003, 3}),
             boost::test_tools::per_element());
  BOOST_TEST(drain(index->positions(5, 7, 7, false)).empty());
  BOOST_TEST(drain(index->positions(5, kEnd, kEnd, false)).empty());
  BOOST_TEST(drain(index->positions(4'000'000'000U, 0, kEnd, false)).empty());
}

BOOST_AUTO_TEST_CASE(a_cursor_keeps_to_what_was_there_or_came_before_its_end) {
  const auto index = ChainIndex::make(nullptr, 0);
  for (std::uint64_t position = 1; position <= 100; ++position) {
    add(*index, position, {1});
  }
  const auto cursor = must(index->positions(1, 0, kEnd, false));
  for (std::uint64_t position = 101; position <= 100'000; ++position) {
    add(*index, position, {1});
  }
  index->freeze(100'000);
  index->thaw(true);
  for (std::uint64_t position = 1; position <= 100; ++position) {
    BOOST_TEST(must(cursor->next()) == position);
  }
}

BOOST_AUTO_TEST_CASE(every_way_through_checkpoints_gives_every_position_once) {
  std::mt19937_64 random = seeded_engine();
  for (int round = 0; round < 4; ++round) {
    const TempFolder folder;
    Subject subject(folder.path(), round < 2 ? 64UL * 1024 * 1024 : 4UL * 1024);
    bool is_frozen = false;
    const std::uint32_t chain_count = round % 2 == 0 ? 12 : 3'000;
    const auto random_chain = [&] {
      // A few are hot.
      return static_cast<std::uint32_t>(1 + (random() % 3 == 0 ? random() % 3 : random() % chain_count));
    };
    for (int step = 0; step < 120; ++step) {
      const std::uint64_t kind = random() % 10;
      if (kind < 4) {
        const std::size_t count = random() % (random() % 5 == 0 ? 3'000 : 100);
        for (std::size_t at = 0; at < count; ++at) {
          std::vector<std::uint32_t> chains;
          for (std::uint64_t left = random() % 4; left > 0; --left) {
            const std::uint32_t chain = random_chain();
            if (std::find(chains.begin(), chains.end(), chain) == chains.end()) {
              chains.push_back(chain);
            }
          }
          subject.add_event(chains);
        }
      } else if (kind < 7 && is_frozen) {
        const std::uint64_t outcome = random() % 4;
        if (outcome == 0) {
          subject.thaw(false);
        } else if (outcome == 1) {
          subject.publish(true);
          subject.thaw(false);
        } else {
          subject.publish(false);
          if (random() % 2 == 0) {
            subject.check_chain(random_chain(), 0, kEnd);
          }
          subject.thaw(true);
        }
        is_frozen = false;
      } else if (kind < 7) {
        // A position that the sequencer has gone beyond now and then, but never one that is published.
        const std::uint64_t back = random() % 3 == 0 ? random() % 50 : 0;
        const auto checkpoint = must(subject.views().checkpoint());
        const std::uint64_t published = checkpoint.has_value() ? checkpoint->position : 0;
        subject.freeze(std::max(published, subject.last() - std::min(subject.last(), back)));
        is_frozen = true;
      } else if (kind == 7 && random() % 3 == 0) {
        subject.reopen();
        is_frozen = false;
      } else {
        for (int query = 0; query < 20; ++query) {
          const std::uint64_t after = random() % (subject.last() + 10);
          const std::uint64_t up_to = random() % 3 == 0 ? kEnd : after + random() % 1'000;
          subject.check_chain(random_chain(), random() % 2 == 0 ? 0 : after, up_to);
        }
        subject.check_command(random());
      }
    }
    subject.check_all();
    subject.reopen();
    subject.check_all();
  }
}

BOOST_AUTO_TEST_CASE(a_hot_chain_lies_in_blocks_and_is_read_from_its_middle) {
  const TempFolder folder;
  Subject subject(folder.path());
  for (int publishing = 0; publishing < 3; ++publishing) {
    for (int event = 0; event < 50'000; ++event) {
      subject.add_event({1, 2 + static_cast<std::uint32_t>(event % 100)});
    }
    subject.freeze(subject.last());
    subject.publish(false);
    subject.thaw(true);
  }
  std::size_t blocks = 0;
  std::size_t longest = 0;
  const auto cursor = subject.views().cursor(ViewFamily::kIndex);
  for (cursor->seek(std::string_view("\x10", 1)); cursor->valid() && cursor->key().front() == '\x10'; cursor->next()) {
    longest = std::max(longest, cursor->value().size());
    ++blocks;
  }
  BOOST_TEST(longest <= 4096U);
  BOOST_TEST(blocks > 300U);
  for (const std::uint64_t after : {0U, 1U, 4'095U, 49'999U, 50'000U, 50'001U, 100'000U, 149'999U, 150'000U}) {
    subject.check_chain(1, after, after + 10);
    subject.check_chain(1, after, kEnd);
    subject.check_chain(50, after, after + 1'000);
  }
}

BOOST_AUTO_TEST_CASE(generations_do_not_see_each_other) {
  const TempFolder folder;
  Subject subject(folder.path());
  subject.add_event({1});
  subject.freeze(1);
  subject.publish(false);
  subject.thaw(true);
  const auto other = ChainIndex::make(&subject.views(), 8);
  BOOST_TEST(drain(other->positions(1, 0, kEnd, false)).empty());
  BOOST_TEST(candidates(*CommandIndex::make(&subject.views(), 8), command(1)).empty());
}

BOOST_AUTO_TEST_CASE(another_process_sees_each_position_once_while_publishings_go_on) {
  const TempFolder folder;
  Subject subject(folder.path());
  for (int event = 0; event < 100; ++event) {
    subject.add_event({1});
  }
  subject.freeze(100);
  subject.publish(false);
  subject.thaw(true);
  const auto views = must(ViewsDb::open_secondary(folder.at("views"), folder.at("scratch"), {}));
  const auto chains = ChainIndex::make(views.get(), 7);
  std::vector<std::uint64_t> expected;
  for (std::uint64_t position = 1; position <= 100; ++position) {
    expected.push_back(position);
  }
  BOOST_TEST(drain(chains->positions(1, 0, kEnd, false)) == expected, boost::test_tools::per_element());
  for (std::uint64_t position = 101; position <= 200; ++position) {
    subject.add_event({1});
    add(*chains, position, {1});
    expected.push_back(position);
    if (position % 20 == 0) {
      subject.freeze(position);
      subject.publish(false);
      subject.thaw(true);
    }
    if (position % 30 == 0) {
      must(views->catch_up());
    }
    BOOST_REQUIRE((drain(chains->positions(1, 0, kEnd, false)) == expected));
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_block_is_reported) {
  const TempFolder folder;
  Floor floor = make_floor(folder.path());
  const auto views = must(ViewsDb::create(folder.at("views"), {}));
  const auto index = ChainIndex::make(views.get(), 1);
  std::string key("\x10\0\0\0\1\0\0\0\5\0\0\0\0\0\0\0\7", 17);
  for (const std::string& value : {std::string("\x80"), std::string("\x01\x00", 2), std::string(11, '\xff')}) {
    ViewBatch batch;
    batch.put(ViewFamily::kIndex, key, value);
    TailOnlyLog log;
    must(views->publish_view(checkpoint_at(1), std::move(batch), {}, log, floor));
    const auto cursor = must(index->positions(5, 0, kEnd, false));
    BOOST_TEST(error_name(cursor->next()) == "ViewsDamaged");
  }
}

BOOST_AUTO_TEST_CASE(the_newest_part_is_small) {
  // Two million entries: streams and tags with 1 to 5 positions, and one hot chain.
  const auto index = ChainIndex::make(nullptr, 0);
  std::uint64_t position = 0;
  std::size_t entries = 0;
  for (std::uint32_t rental = 0; rental < 100'000; ++rental) {
    for (std::uint32_t event = 0; event <= rental % 5; ++event) {
      add(*index, ++position, {2 + 3 * rental, 3 + 3 * rental, 1});
      entries += 3;
    }
  }
  BOOST_TEST_MESSAGE("bytes an entry: " << static_cast<double>(index->newest_bytes()) / static_cast<double>(entries));
  BOOST_TEST(index->newest_bytes() < 13 * entries);
  index->freeze(position);
  BOOST_TEST(index->newest_bytes() == 0U);
  index->thaw(true);

  const auto commands = CommandIndex::make(nullptr, 0);
  std::mt19937_64 random = seeded_engine();
  for (std::uint64_t at = 1; at <= 200'000; ++at) {
    Digest16 digest{};
    base::store_le(digest.data(), random());
    commands->add(digest, at);
  }
  BOOST_TEST_MESSAGE("bytes a command: " << static_cast<double>(commands->newest_bytes()) / 200'000);
  BOOST_TEST(commands->newest_bytes() < 32U * 200'000);
}

BOOST_AUTO_TEST_CASE(commands_that_share_all_their_bits_are_all_kept) {
  const auto commands = CommandIndex::make(nullptr, 0);
  Digest16 same{};
  same.fill(std::byte{0xff});
  for (std::uint64_t position = 1; position <= 500; ++position) {
    commands->add(same, position);
    Digest16 other{};
    base::store_be(other.data(), position << 58U | position);
    commands->add(other, 1000 + position);
  }
  std::vector<std::uint64_t> found;
  commands->find_newest(same, found);
  BOOST_TEST(found.size() == 500U);
}

// ---- Threads ----

/// Chain c has the positions that leave c - 1 when divided by kChains.
constexpr std::uint32_t kChains = 7;

void read_while(const std::atomic<bool>& goes_on, const std::atomic<std::uint64_t>& visible, ChainIndex& index,
                CommandIndex& commands, std::uint64_t seed, std::atomic<std::uint64_t>& failures) {
  std::mt19937_64 random(seed);
  while (goes_on.load()) {
    const std::uint64_t up_to = visible.load();
    const auto chain = static_cast<std::uint32_t>(1 + random() % kChains);
    const std::uint64_t after = random() % 2 == 0 ? 0 : random() % (up_to + 1);
    const bool backwards = random() % 2 == 0;
    const auto positions = index.positions(chain, after, up_to, backwards);
    std::vector<std::uint64_t> found;
    for (;;) {
      const auto position = (*positions)->next();
      if (!position || *position == 0) {
        failures += position ? 0 : 1;
        break;
      }
      found.push_back(*position);
    }
    if (backwards) {
      std::reverse(found.begin(), found.end());
    }
    std::size_t at = 0;
    for (std::uint64_t position = after + 1; position <= up_to; ++position) {
      if (position % kChains == chain - 1 && (at >= found.size() || found[at++] != position)) {
        ++failures;
        break;
      }
    }
    failures += at == found.size() ? 0 : 1;
    if (up_to > 0) {
      // The reader's own order: newest, then published; what moves in between is told by the count.
      const std::uint64_t wanted = 1 + random() % up_to;
      std::vector<std::uint64_t> candidates;
      commands.find_newest(command(wanted), candidates);
      failures += commands.find_published(command(wanted), candidates) ? 0 : 1;
      failures += std::find(candidates.begin(), candidates.end(), wanted) != candidates.end() ? 0 : 1;
    }
  }
}

BOOST_AUTO_TEST_CASE(readers_beside_the_writer_and_checkpoints_see_every_position) {
  const std::uint64_t seed = seeded_engine()();
  const TempFolder folder;
  Floor floor = make_floor(folder.path());
  const auto views = must(ViewsDb::create(folder.at("views"), {}));
  const auto chains = ChainIndex::make(views.get(), 1);
  const auto commands = CommandIndex::make(views.get(), 1);
  std::atomic<bool> goes_on{true};
  std::atomic<std::uint64_t> visible{0};
  std::atomic<std::uint64_t> failures{0};
  std::vector<std::thread> readers;
  for (std::uint64_t reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&, reader] { read_while(goes_on, visible, *chains, *commands, seed + reader, failures); });
  }
  std::thread checkpoints([&] {
    bool fails = false;
    while (goes_on.load()) {
      const std::uint64_t position = visible.load();
      chains->freeze(position);
      commands->freeze(position);
      ViewBatch batch;
      std::vector<ViewRun> runs;
      chains->write(batch, runs);
      commands->write(batch, runs);
      TailOnlyLog log;
      const bool published =
          !fails && views->publish_view(checkpoint_at(position), std::move(batch), std::move(runs), log, floor);
      failures += published == !fails ? 0 : 1;
      chains->thaw(published);
      commands->thaw(published);
      fails = !fails;
    }
  });
  for (std::uint64_t position = 1; position <= 20'000; ++position) {
    add(*chains, position,
        {static_cast<std::uint32_t>(1 + position % kChains), 1'000 + static_cast<std::uint32_t>(position)});
    commands->add(command(position), position);
    visible.store(position);
    if (position % 1'000 == 0) {
      std::this_thread::yield();
    }
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  goes_on = false;
  checkpoints.join();
  for (std::thread& reader : readers) {
    reader.join();
  }
  BOOST_TEST(failures.load() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
