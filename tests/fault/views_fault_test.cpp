// SPDX-License-Identifier: Apache-2.0
//
// Goal: what is published is there, all of it or nothing, whatever the disk does. Method: a publishing that meets a
// fault, or the loss of power, at each call to the file system, and a flipped byte all over the files; then a look at
// whether the views are one of the two checkpoints, whole.
#include "store/views_db.hpp"
#include "support/faulty_env.hpp"
#include "support/view_samples.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace {

using namespace carnet;
using namespace carnet::store;
using namespace carnet::test;

BOOST_AUTO_TEST_SUITE(views_fault)

BOOST_AUTO_TEST_CASE(a_flipped_byte_is_found_or_harmless) {
  const TempFolder folder;
  const std::string path = folder.at("views");
  Floor floor = make_floor(folder.path());
  {
    const auto views = must(ViewsDb::create(path, small_options()));
    must(publish(*views, 1, floor));
    must(publish(*views, 2, floor));
    must(views->close());
  }
  // Options and identity are not read back: any damage to them is harmless.
  std::size_t found = 0;
  std::size_t harmless = 0;
  const std::string copy = folder.at("copy");
  for (const auto& file : std::filesystem::directory_iterator(path)) {
    const std::string name = file.path().filename();
    const bool is_manifest = name.starts_with("MANIFEST");
    if (!is_manifest && !name.starts_with("CURRENT") && !name.ends_with(".sst")) {
      continue;
    }
    const std::uintmax_t bytes = file.file_size();
    const std::uintmax_t step = is_manifest ? 53 : std::max<std::uintmax_t>(bytes / 12, 5);
    for (std::uintmax_t offset = 0; offset < bytes; offset += step) {
      std::filesystem::remove_all(copy);
      std::filesystem::copy(path, copy, std::filesystem::copy_options::recursive);
      {
        std::fstream out(copy / file.path().filename(), std::ios::in | std::ios::out | std::ios::binary);
        out.seekg(static_cast<std::streamoff>(offset));
        const char flipped = static_cast<char>(out.get() ^ 0x20);
        out.seekp(static_cast<std::streamoff>(offset));
        out.put(flipped);
      }
      const auto opened = ViewsDb::open(copy, small_options());
      if (!opened) {
        BOOST_TEST(opened.error().name() == "ViewsDamaged");
        ++found;
        continue;
      }
      bool is_damaged = false;
      AllRows seen;
      for (std::size_t at = 0; at < kFamilies.size() && !is_damaged; ++at) {
        const auto cursor = (*opened)->cursor(kFamilies[at]);
        for (cursor->seek(std::string_view("\x01", 1)); cursor->valid(); cursor->next()) {
          seen[at].emplace(cursor->key(), cursor->value());
        }
        is_damaged = !cursor->status();
      }
      const auto checkpoint = (*opened)->checkpoint();
      is_damaged = is_damaged || !checkpoint;
      if (is_damaged) {
        ++found;
        continue;
      }
      const std::uint64_t position = checkpoint->has_value() ? (*checkpoint)->position : 0;
      BOOST_REQUIRE((seen == expected_after(position)));
      ++harmless;
    }
  }
  BOOST_TEST_MESSAGE("found " << found << ", harmless " << harmless);
  BOOST_TEST(found > harmless);
}

std::size_t table_count(const std::string& folder) {
  const std::filesystem::directory_iterator all(folder);
  return static_cast<std::size_t>(
      std::count_if(begin(all), end(all), [](const auto& file) { return file.path().extension() == ".sst"; }));
}

/// Publishes 1, lets `fault` happen while 2 is published, and looks at what there is: in the process, after publishing
/// on, and after reopening. False when the fault did not happen.
bool publish_through(const Fault& fault) {
  const TempFolder folder;
  Floor floor = make_floor(folder.path());
  const auto files = std::make_shared<FaultyFs>();
  const auto env = make_faulty_env(files);
  StoreEnv store_env;
  store_env.env = env.get();
  auto views = must(ViewsDb::create(folder.at("views"), small_options(&store_env)));
  must(publish(*views, 1, floor));

  files->arm(fault);
  const Status second = publish(*views, 2, floor);
  const bool has_fired = files->has_fired();
  files->disarm();
  std::uint64_t last = require_whole(*views);
  BOOST_TEST(last == (second ? 2U : 1U));
  BOOST_TEST((second || !second.error().name().empty()));
  if (second) {
    last = 3;
    must(publish(*views, 3, floor));
  } else if (publish(*views, 2, floor)) {
    last = 2;
    BOOST_TEST(table_count(folder.at("views")) <= 8U);
  }
  views.reset();
  views = must(ViewsDb::open(folder.at("views"), small_options(&store_env)));
  // What failed in the manifest may have landed after all.
  const std::uint64_t reopened = require_whole(*views);
  BOOST_TEST((reopened == last || (last == 1 && reopened == 2)));
  must(publish(*views, reopened + 1, floor));
  BOOST_TEST(require_whole(*views) == reopened + 1);
  return has_fired;
}

BOOST_AUTO_TEST_CASE(every_fault_leaves_one_of_the_two_checkpoints) {
  for (const FaultOp op : {FaultOp::kWrite, FaultOp::kSync, FaultOp::kCreate, FaultOp::kRename, FaultOp::kRead}) {
    for (const FaultEffect effect : {FaultEffect::kFail, FaultEffect::kNoSpace, FaultEffect::kTorn}) {
      std::uint64_t nth = 1;
      for (; publish_through({.op = op, .nth = nth, .effect = effect, .stays = false, .path_part = {}});
           nth += effect == FaultEffect::kFail && op != FaultOp::kRead ? 1 : 4) {
        BOOST_REQUIRE(nth < 500);
      }
      BOOST_TEST(nth > 1U);
    }
  }
}

BOOST_AUTO_TEST_CASE(power_lost_at_any_call_leaves_one_of_the_two_checkpoints) {
  bool has_fired = true;
  for (std::uint64_t nth = 1; has_fired; ++nth) {
    BOOST_REQUIRE(nth < 500);
    has_fired = false;
    for (const FaultOp op : {FaultOp::kWrite, FaultOp::kSync, FaultOp::kRename}) {
      const TempFolder folder;
      Floor floor = make_floor(folder.path());
      const auto files = std::make_shared<FaultyFs>();
      const auto env = make_faulty_env(files);
      StoreEnv store_env;
      store_env.env = env.get();
      auto views = must(ViewsDb::create(folder.at("views"), small_options(&store_env)));
      must(publish(*views, 1, floor));
      files->arm({.op = op, .nth = nth, .effect = FaultEffect::kFail, .stays = true, .path_part = {}});
      const bool published = publish(*views, 2, floor).has_value();
      has_fired = has_fired || files->has_fired();
      files->power_off();
      views.reset();
      files->crash();
      views = must(ViewsDb::open(folder.at("views"), small_options(&store_env)));
      const std::uint64_t reopened = require_whole(*views);
      BOOST_TEST((published ? reopened == 2U : reopened >= 1U));
      BOOST_TEST(floor.mark().position <= reopened);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
