// SPDX-License-Identifier: Apache-2.0
//
// Goal: what is published is there, in this process, after reopening and in another process. Method: publishings with
// known contents, and batches at random against maps in memory.
#include "store/view_keys.hpp"
#include "store/views_db.hpp"
#include "support/faulty_files.hpp"
#include "support/test_seed.hpp"
#include "support/view_samples.hpp"

#include <algorithm>
#include <filesystem>

namespace {

using namespace carnet;
using namespace carnet::store;
using namespace carnet::test;

BOOST_AUTO_TEST_SUITE(views)

BOOST_AUTO_TEST_CASE(opening_tells_missing_from_damaged_and_creating_spares_what_is_there) {
  const TempFolder folder;
  const std::string path = folder.at("views");
  BOOST_TEST(error_name(ViewsDb::open(path, {})) == "ViewsMissing");
  BOOST_TEST(error_name(ViewsDb::open_secondary(path, folder.at("scratch"), {})) == "ViewsMissing");
  std::filesystem::create_directory(path);
  BOOST_TEST(error_name(ViewsDb::open(path, {})) == "ViewsMissing");

  must(must(ViewsDb::create(path, {}))->close());
  BOOST_TEST(error_name(ViewsDb::create(path, {})) == "ViewsExist");
  {
    const auto views = must(ViewsDb::open(path, {}));
    BOOST_TEST(!must(views->checkpoint()).has_value());
    BOOST_TEST(error_name(ViewsDb::open(path, {})) == "LedgerBusy");
  }
  std::filesystem::remove(path + "/CURRENT");
  BOOST_TEST(error_name(ViewsDb::open(path, {})) == "ViewsDamaged");
}

BOOST_AUTO_TEST_CASE(families_are_fixed_and_all_there_after_create) {
  const TempFolder folder;
  const auto views = must(ViewsDb::create(folder.at("views"), {}));
  for (const ViewFamily family : kFamilies) {
    BOOST_TEST(!must(views->get(family, text_key("x"))).has_value());
  }
}

BOOST_AUTO_TEST_CASE(published_rows_and_checkpoint_are_there_after_reopening) {
  const TempFolder folder;
  Floor floor = make_floor(folder.path());
  {
    const auto views = must(ViewsDb::create(folder.at("views"), {}));
    for (std::uint64_t number = 1; number <= 12; ++number) {
      must(publish(*views, number, floor));
      BOOST_TEST(require_whole(*views) == number);
    }
    must(views->wait_for_rest());
    BOOST_TEST(require_whole(*views) == 12U);
    must(views->close());
  }
  const auto views = must(ViewsDb::open(folder.at("views"), {}));
  BOOST_TEST(require_whole(*views) == 12U);
  BOOST_TEST(floor.mark().position == 12U);
  BOOST_TEST(std::filesystem::is_empty(folder.at("views/incoming")));
}

BOOST_AUTO_TEST_CASE(opening_again_and_again_leaves_no_files_behind) {
  const TempFolder folder;
  Floor floor = make_floor(folder.path());
  must(must(ViewsDb::create(folder.at("views"), {}))->close());
  std::vector<std::size_t> files;
  for (std::uint64_t number = 1; number <= 12; ++number) {
    {
      const auto views = must(ViewsDb::open(folder.at("views"), {}));
      must(publish(*views, number, floor));
      must(views->wait_for_rest());
    }
    const std::filesystem::directory_iterator all(folder.at("views"));
    files.push_back(static_cast<std::size_t>(
        std::count_if(begin(all), end(all), [](const auto& file) { return file.path().extension() != ".sst"; })));
  }
  BOOST_TEST(files.back() == files[2]);
}

BOOST_AUTO_TEST_CASE(publishing_is_refused_by_a_reading_process_and_seen_by_it_after_catching_up) {
  const TempFolder folder;
  Floor floor = make_floor(folder.path());
  const auto primary = must(ViewsDb::create(folder.at("views"), {}));
  must(publish(*primary, 1, floor));
  const auto secondary = must(ViewsDb::open_secondary(folder.at("views"), folder.at("scratch"), {}));
  BOOST_TEST(error_name(publish(*secondary, 2, floor)) == "ViewsReadOnly");
  for (std::uint64_t number = 2; number <= 10; ++number) {
    const auto before = secondary->cursor(ViewFamily::kChains);
    must(publish(*primary, number, floor));
    BOOST_TEST(require_whole(*secondary) == number - 1);
    must(secondary->catch_up());
    BOOST_TEST(require_whole(*secondary) == number);
    before->seek(text_key("shared"));
    BOOST_TEST(before->value() == std::to_string(number - 1));
  }
}

BOOST_AUTO_TEST_CASE(the_log_is_synced_first_and_a_failed_sync_publishes_nothing) {
  const TempFolder folder;
  Floor floor = make_floor(folder.path());
  const auto views = must(ViewsDb::create(folder.at("views"), {}));
  TailOnlyLog log;
  log.on_sync = [&] {
    BOOST_TEST(published_position(*views) == 0U);
    return Status(Error(ErrorCode::kStorage, "Injected", "injected"));
  };
  Change made = change(1);
  BOOST_TEST(error_name(views->publish_view(checkpoint_at(1, "state 1"), std::move(made.batch), std::move(made.runs),
                                            log, floor)) == "Injected");
  BOOST_TEST(log.syncs == 1U);
  BOOST_TEST(require_whole(*views) == 0U);
  BOOST_TEST(floor.mark().position == 0U);
}

BOOST_AUTO_TEST_CASE(publishing_again_after_a_floor_that_failed_is_harmless) {
  const TempFolder folder;
  const auto files = std::make_shared<FaultyFiles>();
  Floor floor = make_floor(folder.path(), files);
  const auto views = must(ViewsDb::create(folder.at("views"), {}));
  must(publish(*views, 1, floor));
  files->fail_write(1, FileFault::kNoSpace);
  BOOST_TEST(error_name(publish(*views, 2, floor)) == "Injected");
  TailOnlyLog log;
  Change made = change(2);
  ViewBatch batch;
  batch.put(ViewFamily::kTree, text_key("shared"), "2");
  must(views->publish_view(checkpoint_at(2, "state 2"), std::move(batch), std::move(made.runs), log, floor));
  BOOST_TEST(require_whole(*views) == 2U);
  BOOST_TEST(floor.mark().position == 2U);
}

BOOST_AUTO_TEST_CASE(a_batch_lands_in_the_order_in_which_it_was_filled) {
  const TempFolder folder;
  Floor floor = make_floor(folder.path());
  const auto views = must(ViewsDb::create(folder.at("views"), {}));
  std::mt19937_64 random = seeded_engine();
  AllRows model;
  const auto any_key = [&] { return text_key(std::to_string(random() % 40)); };
  for (std::uint64_t number = 1; number <= 60; ++number) {
    ViewBatch batch;
    const std::size_t ops = random() % 30;
    for (std::size_t op = 0; op < ops; ++op) {
      const std::size_t at = random() % kFamilies.size();
      const std::string key = any_key();
      const std::string value = std::to_string(random() % 1000);
      switch (random() % 4) {
        case 0:
          batch.put(kFamilies[at], key, value);
          model[at][key] = value;
          break;
        case 1:
          batch.concatenate(kFamilies[at], key, value);
          model[at][key] += value;
          break;
        case 2:
          batch.erase(kFamilies[at], key);
          model[at].erase(key);
          break;
        default:
          const std::string end = any_key();
          if (key < end) {
            batch.erase_range(kFamilies[at], key, end);
            model[at].erase(model[at].lower_bound(key), model[at].lower_bound(end));
          }
          break;
      }
    }
    TailOnlyLog log;
    must(views->publish_view(checkpoint_at(number), std::move(batch), {}, log, floor));
    if (number % 10 == 0) {
      BOOST_REQUIRE((rows_of(*views) == model));
    }
  }
  must(views->wait_for_rest());
  BOOST_REQUIRE((rows_of(*views) == model));
}

BOOST_AUTO_TEST_CASE(a_dropped_generation_is_gone_and_the_next_one_is_untouched) {
  const TempFolder folder;
  Floor floor = make_floor(folder.path());
  const auto views = must(ViewsDb::create(folder.at("views"), {}));
  TailOnlyLog log;
  for (std::uint32_t generation = 1; generation <= 2; ++generation) {
    ViewRun run;
    run.family = ViewFamily::kChains;
    for (std::uint32_t row = 0; row < 1000; ++row) {
      std::string key = view_prefix(View::kCodes, generation);
      base::append_be(key, row);
      run.entries.emplace_back(std::move(key), std::string(50, 'x'));
    }
    std::vector<ViewRun> runs;
    runs.push_back(std::move(run));
    must(views->publish_view(checkpoint_at(generation), {}, std::move(runs), log, floor));
  }
  const std::string begin = view_prefix(View::kCodes, 1);
  const std::string end = view_prefix(View::kCodes, 2);
  ViewBatch batch;
  batch.erase_range(ViewFamily::kChains, begin, end);
  must(views->publish_view(checkpoint_at(3), std::move(batch), {}, log, floor));
  must(views->drop_range(ViewFamily::kChains, begin, end));
  const Rows rows = rows_of(*views, ViewFamily::kChains);
  BOOST_TEST(rows.size() == 1000U);
  BOOST_TEST(rows.begin()->first.starts_with(end));
}

BOOST_AUTO_TEST_CASE(a_prefix_cursor_moves_within_its_chain) {
  const TempFolder folder;
  Floor floor = make_floor(folder.path());
  const auto views = must(ViewsDb::create(folder.at("views"), {}));
  const auto key = [](std::uint32_t chain, std::uint64_t position) {
    std::string made = view_prefix(View::kChainPositions, 1);
    base::append_be(made, chain);
    base::append_be(made, position);
    return made;
  };
  for (std::uint64_t number = 1; number <= 9; ++number) {
    std::vector<ViewRun> runs(1);
    for (std::uint32_t chain = 1; chain <= 50; ++chain) {
      if (chain % number == 0) {
        runs[0].entries.emplace_back(key(chain, number * 10), "");
      }
    }
    TailOnlyLog log;
    must(views->publish_view(checkpoint_at(number), {}, std::move(runs), log, floor));
  }
  for (std::uint32_t chain = 1; chain <= 50; ++chain) {
    std::vector<std::string> expected;
    for (std::uint64_t number = 1; number <= 9; ++number) {
      if (chain % number == 0) {
        expected.push_back(key(chain, number * 10));
      }
    }
    std::vector<std::string> forward;
    const auto cursor = views->prefix_cursor(ViewFamily::kIndex);
    for (cursor->seek(key(chain, 0)); cursor->valid(); cursor->next()) {
      forward.emplace_back(cursor->key());
    }
    BOOST_TEST(forward == expected);
    std::vector<std::string> backward;
    for (cursor->seek_for_prev(key(chain, 1000)); cursor->valid(); cursor->prev()) {
      backward.emplace_back(cursor->key());
    }
    std::reverse(backward.begin(), backward.end());
    BOOST_TEST(backward == expected);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
