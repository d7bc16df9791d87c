// SPDX-License-Identifier: Apache-2.0
//
// Publishings with known contents, and the look at whether views are exactly one of them.
#pragma once

#include "store/store_env.hpp"
#include "store/views_db.hpp"
#include "support/view_fixture.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace carnet::test {

inline constexpr std::array kFamilies = {store::ViewFamily::kIndex, store::ViewFamily::kState, store::ViewFamily::kTree,
                                         store::ViewFamily::kChains};

using namespace store;  // NOLINT(google-build-using-namespace): a header of tests only.

using Rows = std::map<std::string, std::string>;
using AllRows = std::array<Rows, 4>;

inline std::string text_key(const std::string& text) {
  return "\x30" + text;
}

/// Everything but the checkpoint's record.
inline Rows rows_of(ViewsDb& views, ViewFamily family) {
  Rows rows;
  const auto cursor = views.cursor(family);
  for (cursor->seek(std::string_view("\x01", 1)); cursor->valid(); cursor->next()) {
    rows.emplace(cursor->key(), cursor->value());
  }
  must(cursor->status());
  return rows;
}

inline AllRows rows_of(ViewsDb& views) {
  AllRows all;
  for (std::size_t at = 0; at < kFamilies.size(); ++at) {
    all[at] = rows_of(views, kFamilies[at]);
  }
  return all;
}

/// What publishing number `number` writes: rows of its own in each family, rows that all of them share, a range that
/// the one before had.
struct Change {
  ViewBatch batch;
  std::vector<ViewRun> runs;
};

inline Change change(std::uint64_t number) {
  Change made;
  for (const ViewFamily family : kFamilies) {
    made.batch.put(family, text_key("shared"), std::to_string(number));
    made.batch.erase_range(family, text_key("run" + std::to_string(number - 1)),
                           text_key("run" + std::to_string(number - 1) + "~"));
    made.batch.concatenate(family, text_key("all"), std::to_string(number) + ",");
    ViewRun run;
    run.family = family;
    for (int row = 100; row < 160; ++row) {
      run.entries.emplace_back(text_key("run" + std::to_string(number) + "/" + std::to_string(row)),
                               std::string(100, static_cast<char>('a' + number % 26)));
    }
    made.runs.push_back(std::move(run));
  }
  return made;
}

inline AllRows expected_after(std::uint64_t number) {
  AllRows all;
  for (Rows& rows : all) {
    if (number == 0) {
      continue;
    }
    std::string joined;
    for (std::uint64_t at = 1; at <= number; ++at) {
      joined += std::to_string(at) + ",";
    }
    rows[text_key("shared")] = std::to_string(number);
    rows[text_key("all")] = joined;
    for (int row = 100; row < 160; ++row) {
      rows[text_key("run" + std::to_string(number) + "/" + std::to_string(row))] =
          std::string(100, static_cast<char>('a' + number % 26));
    }
  }
  return all;
}

inline Status publish(ViewsDb& views, std::uint64_t number, Floor& floor) {
  TailOnlyLog log;
  Change made = change(number);
  return views.publish_view(checkpoint_at(number, "state " + std::to_string(number)), std::move(made.batch),
                            std::move(made.runs), log, floor);
}

inline std::uint64_t published_position(ViewsDb& views) {
  const std::optional<ViewCheckpoint> checkpoint = must(views.checkpoint());
  if (!checkpoint.has_value()) {
    return 0;
  }
  BOOST_TEST(checkpoint->state == "state " + std::to_string(checkpoint->position));
  BOOST_TEST((checkpoint->root == checkpoint_at(checkpoint->position).root));
  return checkpoint->position;
}

/// The views are one checkpoint, whole; returns which.
inline std::uint64_t require_whole(ViewsDb& views) {
  const std::uint64_t position = published_position(views);
  BOOST_REQUIRE((rows_of(views) == expected_after(position)));
  return position;
}

inline ViewsOptions small_options(StoreEnv* env = nullptr) {
  ViewsOptions options;
  options.cache_bytes = 4UL * 1024 * 1024;
  options.env = env;
  return options;
}

}  // namespace carnet::test
