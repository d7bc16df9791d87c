// SPDX-License-Identifier: Apache-2.0
//
// Goal: a killed process never leaves half a publishing. Method: a child killed before each change of the file system
// that a publishing makes, and at random while it publishes on; then a look at whether the views are one checkpoint,
// whole.
#include "store/views_db.hpp"
#include "support/killing_fs.hpp"
#include "support/test_seed.hpp"
#include "support/view_samples.hpp"

#include <cstdlib>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace carnet;
using namespace carnet::store;
using namespace carnet::test;

BOOST_AUTO_TEST_SUITE(views_crash)

/// The process that dies: `CARNET_VIEWS_CHILD` is the folder, `CARNET_VIEWS_STEP` before which change of the second
/// publishing; 0: publishes on until it is killed from outside.
BOOST_AUTO_TEST_CASE(child_process, *boost::unit_test::disabled()) {
  const std::string folder = std::getenv("CARNET_VIEWS_CHILD");
  const std::uint64_t step = std::strtoull(std::getenv("CARNET_VIEWS_STEP"), nullptr, 10);
  const auto files = std::make_shared<KillingFs>();
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  StoreEnv store_env;
  store_env.env = env.get();
  const auto views = must(step != 0 ? ViewsDb::create(folder + "/views", small_options(&store_env))
                                    : ViewsDb::open(folder + "/views", small_options(&store_env)));
  Floor floor = must(Floor::read(base::real_file_system(), folder));
  if (step == 0) {
    for (std::uint64_t number = require_whole(*views) + 1; number < 100'000; ++number) {
      must(publish(*views, number, floor));
    }
    return;
  }
  must(publish(*views, 1, floor));
  files->die_before(step);
  must(publish(*views, 2, floor));
  files->die_before(0);
}

pid_t start_child(const std::string& folder, std::uint64_t step) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("CARNET_VIEWS_CHILD", folder.c_str(), 1);
    ::setenv("CARNET_VIEWS_STEP", std::to_string(step).c_str(), 1);
    ::execl("/proc/self/exe", "views_crash", "--run_test=views_crash/child_process", "--log_level=nothing",
            "--report_level=no", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  BOOST_REQUIRE(child > 0);
  return child;
}

/// True when it was killed, false when it ended well.
bool was_killed(pid_t child) {
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_REQUIRE((WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0));
  return WIFSIGNALED(status);
}

BOOST_AUTO_TEST_CASE(a_process_killed_at_any_step_of_publishing_leaves_one_of_the_two_checkpoints) {
  bool killed = true;
  std::uint64_t step = 1;
  for (; killed; ++step) {
    BOOST_REQUIRE(step < 1000);
    const TempFolder folder;
    static_cast<void>(make_floor(folder.path()));
    killed = was_killed(start_child(folder.path(), step));
    const auto views = must(ViewsDb::open(folder.at("views"), small_options()));
    const std::uint64_t position = require_whole(*views);
    BOOST_TEST((killed ? position >= 1U : position == 2U));
    Floor floor = must(Floor::read(base::real_file_system(), folder.path()));
    BOOST_TEST(floor.mark().position <= position);
    must(publish(*views, position + 1, floor));
    BOOST_TEST(require_whole(*views) == position + 1);
    BOOST_TEST(std::filesystem::is_empty(folder.at("views/incoming")));
  }
  BOOST_TEST_MESSAGE("steps: " << step - 1);
  BOOST_TEST(step > 10U);
}

BOOST_AUTO_TEST_CASE(a_process_killed_at_random_never_leaves_half_a_publishing) {
  std::mt19937_64 random = seeded_engine();
  const TempFolder folder;
  static_cast<void>(make_floor(folder.path()));
  must(must(ViewsDb::create(folder.at("views"), small_options()))->close());
  std::uint64_t before = 0;
  for (int round = 0; round < 12; ++round) {
    const pid_t child = start_child(folder.path(), 0);
    ::usleep(static_cast<useconds_t>(200'000 + random() % 400'000));
    BOOST_REQUIRE(::kill(child, SIGKILL) == 0);
    BOOST_TEST(was_killed(child));
    const auto views = must(ViewsDb::open(folder.at("views"), small_options()));
    const std::uint64_t position = require_whole(*views);
    const Floor floor = must(Floor::read(base::real_file_system(), folder.path()));
    BOOST_TEST(floor.mark().position <= position);
    BOOST_TEST(position >= before);
    before = position;
  }
  BOOST_TEST(before > 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
