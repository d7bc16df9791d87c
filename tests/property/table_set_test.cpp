// SPDX-License-Identifier: Apache-2.0
//
// Goal: whatever the order of writes, savepoints, publications, snapshots, checkpoints, reloads and evictions, every
// reader sees exactly the state that it should, and fingerprints are those of the state. Method: random operations
// against a model that copies whole maps: one of the published state, one with the overlay, one of the savepoint, one a
// snapshot. Tiny pages' budgets, so that pages come and go all the time.
#include "project/table_set.hpp"

#include "project/state_page.hpp"
#include "support/fake_views.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace carnet::project {
namespace {

constexpr std::array<std::uint32_t, 3> kRowBytes = {8, 40, 2048};
constexpr std::array<std::uint64_t, 3> kRows = {6000, 1200, 30};  // About a dozen pages each.

/// The state of all tables: rows by (table, index), absent when never written.
struct Model {
  std::map<std::pair<std::uint16_t, std::uint64_t>, std::string> rows;
  std::array<std::uint64_t, 3> counts{};

  void put(std::uint16_t table, std::uint64_t index, const std::string& bytes) {
    rows[{table, index}] = bytes;
    counts[table] = std::max(counts[table], index + 1);
  }

  [[nodiscard]] std::string get(std::uint16_t table, std::uint64_t index) const {
    const auto found = rows.find({table, index});
    return found == rows.end() ? std::string(kRowBytes[table], '\0') : found->second;
  }
};

class Run {
 public:
  Run(std::uint64_t seed, const TableSetOptions& options) : random_(seed), options_(options) { reopen(); }

  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  ~Run() {
    if (pending_) {
      set_->end_checkpoint(false);
    }
  }

  void step() {
    switch (roll(30)) {
      case 0:
      case 1:
        publish();
        break;
      case 2:
        set_->savepoint();
        savepoint_ = overlay_;
        break;
      case 3:
        set_->rollback();
        overlay_ = savepoint_;
        break;
      case 4:
        set_->discard();
        overlay_ = savepoint_ = published_;
        break;
      case 5:
        if (snapshots_.size() < 6) {
          snapshots_.push_back({set_->snapshot(), published_, position_});
        }
        break;
      case 6:
        drop_snapshot();
        break;
      case 7:
        checkpoint();
        break;
      case 8:
        direct_writes();
        break;
      case 9:
        if (roll(10) == 0) {
          reload();
        }
        break;
      case 10:
        check_fingerprints();
        break;
      case 11:
      case 12:
      case 13:
        check_snapshot();
        break;
      case 14:
      case 15:
        check_overlay();
        break;
      default:
        for (std::uint64_t n = roll(8); n > 0; --n) {
          write();
        }
    }
    BOOST_REQUIRE(set_->status().has_value());
  }

  void check_everything() {
    check_fingerprints();
    while (!snapshots_.empty()) {
      compare(*snapshots_.back().reader, snapshots_.back().model);
      drop_snapshot();
    }
    set_->discard();
    overlay_ = savepoint_ = published_;
    compare(set_->overlay(), published_);
    if (pending_) {
      end_checkpoint(true);
    }
  }

  [[nodiscard]] std::size_t expired() const { return expired_; }

 private:
  struct Taken {
    std::unique_ptr<Snapshot> reader;
    Model model;
    std::uint64_t position;
  };

  struct Pending {
    Model model;
    std::uint64_t position;
    std::map<std::string, std::string> pages;
    std::optional<std::string> state;
  };

  std::uint64_t roll(std::uint64_t sides) { return random_() % sides; }

  void reopen() {
    set_ = TableSet::make(&views_, 3, options_);
    for (std::uint16_t table = 0; table < kRowBytes.size(); ++table) {
      const TableId id = set_->add_table({.name = "table-" + std::to_string(table), .row_bytes = kRowBytes[table]});
      BOOST_REQUIRE_EQUAL(id.value, table);
    }
  }

  std::pair<std::uint16_t, std::uint64_t> any_row() {
    const auto table = static_cast<std::uint16_t>(roll(kRowBytes.size()));
    // Half of the choices fall on few rows: the same row is written again and again within one group.
    return {table, roll(2) == 0 ? roll(kRows[table]) : roll(3) * kRows[table] / 4};
  }

  std::string any_bytes(std::uint16_t table) {
    std::string bytes(kRowBytes[table], '\0');
    if (roll(8) != 0) {
      const std::uint64_t value = random_();
      std::memcpy(bytes.data(), &value, sizeof(value));
      bytes.back() = static_cast<char>(roll(256));
    }
    return bytes;
  }

  void write() {
    const auto [table, index] = any_row();
    const std::string bytes = any_bytes(table);
    std::memcpy(set_->overlay().mutable_row({table}, index), bytes.data(), bytes.size());
    overlay_.put(table, index, bytes);
  }

  void publish() {
    set_->publish(++position_);
    published_ = savepoint_ = overlay_;
  }

  void direct_writes() {
    publish();
    for (std::uint64_t n = roll(60); n > 0; --n) {
      const auto [table, index] = any_row();
      const std::string before = overlay_.get(table, index);
      BOOST_REQUIRE(std::memcmp(set_->direct().row({table}, index), before.data(), before.size()) == 0);
      const std::string bytes = any_bytes(table);
      std::memcpy(set_->direct().mutable_row({table}, index), bytes.data(), bytes.size());
      overlay_.put(table, index, bytes);
      if (!snapshots_.empty() && roll(8) == 0) {
        check_snapshot();
      }
    }
    publish();
  }

  void drop_snapshot() {
    if (!snapshots_.empty()) {
      std::swap(snapshots_[roll(snapshots_.size())], snapshots_.back());
      snapshots_.pop_back();
    }
  }

  // Begin, write (perhaps twice) and end are steps of their own: all else happens between them.
  void checkpoint() {
    if (!pending_) {
      const std::uint64_t position = set_->begin_checkpoint();
      BOOST_REQUIRE_EQUAL(position, position_);
      pending_ = Pending{published_, position, {}, {}};
    } else if (!pending_->state || roll(4) == 0) {
      pending_->pages.clear();
      std::string last_key;
      Result<std::string> state = set_->write_checkpoint([&](std::string_view key, std::string_view value) {
        BOOST_REQUIRE(last_key < key);
        last_key = key;
        pending_->pages.emplace(std::string(key), std::string(value));
      });
      BOOST_REQUIRE(state.has_value());
      pending_->state = *std::move(state);
    } else {
      end_checkpoint(roll(3) != 0);
    }
  }

  void end_checkpoint(bool publish_it) {
    if (publish_it && pending_->state) {
      views_.put_all(pending_->pages);
      stored_ = std::move(*pending_);
      set_->end_checkpoint(true);
    } else {
      set_->end_checkpoint(false);
    }
    pending_.reset();
  }

  void reload() {
    if (!stored_) {
      return;
    }
    snapshots_.clear();
    if (pending_) {
      end_checkpoint(false);
    }
    if (roll(2) == 0) {
      reopen();
    }
    BOOST_REQUIRE(set_->load(*stored_->state, stored_->position).has_value());
    position_ = stored_->position;
    published_ = overlay_ = savepoint_ = stored_->model;
    BOOST_REQUIRE_EQUAL(set_->position(), position_);
    compare(*set_->snapshot(), published_);
  }

  void check_snapshot() {
    if (snapshots_.empty()) {
      return;
    }
    Taken& taken = snapshots_[roll(snapshots_.size())];
    BOOST_REQUIRE_EQUAL(taken.reader->position(), taken.position);
    if (!taken.reader->status().has_value()) {
      BOOST_REQUIRE_EQUAL(taken.reader->status().error().name(), "ViewExpired");
      const auto [table, index] = any_row();
      BOOST_REQUIRE(taken.reader->row({table}, index)[0] == std::byte{0});
      ++expired_;
      return;
    }
    for (int n = 0; n < 5; ++n) {
      const auto [table, index] = any_row();
      const std::string expected = taken.model.get(table, index);
      BOOST_REQUIRE(std::memcmp(taken.reader->row({table}, index), expected.data(), expected.size()) == 0);
    }
    if (roll(20) == 0) {
      compare(*taken.reader, taken.model);
    }
  }

  void check_overlay() {
    for (int n = 0; n < 5; ++n) {
      const auto [table, index] = any_row();
      const std::string expected = overlay_.get(table, index);
      BOOST_REQUIRE(std::memcmp(set_->overlay().row({table}, index), expected.data(), expected.size()) == 0);
      BOOST_REQUIRE_EQUAL(set_->overlay().row_count({table}), overlay_.counts[table]);
    }
  }

  static void compare(TableReader& reader, const Model& model) {
    auto* const snapshot = dynamic_cast<Snapshot*>(&reader);
    if (snapshot != nullptr && !snapshot->status().has_value()) {
      return;  // Expired.
    }
    for (std::uint16_t table = 0; table < kRowBytes.size(); ++table) {
      BOOST_REQUIRE_EQUAL(reader.row_count({table}), model.counts[table]);
      for (std::uint64_t index = 0; index < kRows[table]; ++index) {
        const std::string expected = model.get(table, index);
        BOOST_REQUIRE(std::memcmp(reader.row({table}, index), expected.data(), expected.size()) == 0);
      }
    }
  }

  void check_fingerprints() {
    // The model's own: a set that took the published rows in one go.
    const auto twin = TableSet::make(nullptr, 1, {});
    for (std::uint16_t table = 0; table < kRowBytes.size(); ++table) {
      static_cast<void>(twin->add_table(set_->specs()[table]));
    }
    for (const auto& [place, bytes] : published_.rows) {
      std::memcpy(twin->direct().mutable_row({place.first}, place.second), bytes.data(), bytes.size());
    }
    twin->publish(1);
    for (std::uint16_t table = 0; table < kRowBytes.size(); ++table) {
      const Fingerprint live = set_->fingerprint({table});
      BOOST_REQUIRE((live == twin->fingerprint({table})));
      const Result<Fingerprint> recomputed = set_->recompute_fingerprint({table});
      BOOST_REQUIRE(recomputed.has_value());
      BOOST_REQUIRE((live == *recomputed));
    }
  }

  std::mt19937_64 random_;
  TableSetOptions options_;
  test::FakeViews views_;
  std::unique_ptr<TableSet> set_;
  std::vector<Taken> snapshots_;
  std::uint64_t position_ = 0;
  Model published_;
  Model overlay_;
  Model savepoint_;
  std::optional<Pending> pending_;
  std::optional<Pending> stored_;
  std::size_t expired_ = 0;
};

void run_many(const TableSetOptions& options, bool some_expire) {
  std::mt19937_64 seeds = test::seeded_engine();
  std::size_t expired = 0;
  for (int n = 0; n < 6; ++n) {
    const std::uint64_t seed = seeds();
    BOOST_TEST_CONTEXT("run " << n << " of CARNET_TEST_SEED=" << test::test_seed()) {
      Run run(seed, options);
      for (int step = 0; step < 3000; ++step) {
        run.step();
      }
      run.check_everything();
      expired += run.expired();
    }
  }
  BOOST_TEST((expired > 0) == some_expire);
}

BOOST_AUTO_TEST_SUITE(table_set)

BOOST_AUTO_TEST_CASE(agrees_with_the_model_with_memory_for_all) {
  run_many({}, false);
}

BOOST_AUTO_TEST_CASE(agrees_with_the_model_with_memory_for_five_pages) {
  run_many({.memory_bytes = 5 * sizeof(Page)}, false);
}

BOOST_AUTO_TEST_CASE(agrees_with_the_model_without_memory) {
  run_many({.memory_bytes = 0}, false);
}

BOOST_AUTO_TEST_CASE(agrees_with_the_model_while_snapshots_expire) {
  run_many({.memory_bytes = 5 * sizeof(Page), .snapshot_bytes_max = 12 * sizeof(Page)}, true);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::project
