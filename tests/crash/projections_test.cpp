// SPDX-License-Identifier: Apache-2.0
//
// Goal: a process that dies at any change of the disk while it checkpoints, rebuilds or switches leaves a ledger whose
// projections are what the log gives. Method: a child that dies before its n-th change, for rising n; the parent looks.
#include "store/store_env.hpp"
#include "support/killing_fs.hpp"
#include "support/must.hpp"
#include "support/temp_folder.hpp"
#include "support/test_seed.hpp"
#include "support/toy_domain.hpp"
#include "support/toy_projections.hpp"

#include <carnet/ledger.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace carnet::test {
namespace {

constexpr const char* kFolder = "CARNET_KILL_FOLDER";
constexpr const char* kChange = "CARNET_KILL_CHANGE";  // it dies before this change of the disk

OpenOptions options() {
  OpenOptions out;
  out.if_missing = IfMissing::kCreate;
  out.memory_bytes = 16UL << 20U;
  out.durability = Durability::kOs;
  out.projections = {toy::sums(ProjectionMode::kInline), toy::pairs(ProjectionMode::kCatchUp)};
  return out;
}

void append(Ledger& ledger, int from, int count) {
  for (int i = from; i < from + count; ++i) {
    const std::string box = "b" + std::to_string(i % 3);
    auto request = toy::request("c" + std::to_string(i), {toy::coins_moved(box, toy::How::kPutIn, i + 1)});
    request.basis = Basis::kReport;
    request.source = Source{"feed", static_cast<std::uint64_t>(i + 1)};
    const auto outcome = ledger.append(request);
    if (!outcome || !std::holds_alternative<Receipt>(*outcome)) {
      ::_exit(3);
    }
  }
}

/// The child's work; how it ends is the parent's to see.
[[noreturn]] void work(const std::filesystem::path& folder, std::uint64_t dies_before) {
  const auto files = std::make_shared<KillingFs>();
  const auto rocks_env = rocksdb::NewCompositeEnv(files);
  store::StoreEnv env;
  env.env = rocks_env.get();
  OpenOptions with = options();
  with.store_env = &env;
  auto opened = Ledger::open(folder, &toy::toy_domain(), with);
  if (!opened) {
    ::_exit(4);
  }
  Ledger& ledger = *opened->ledger;
  append(ledger, 60, 20);
  files->die_before(dies_before);
  RebuildOptions rebuild;
  rebuild.threads = 2;
  rebuild.run_events = 25;
  if (!ledger.rebuild(rebuild, {}) || !ledger.checkpoint()) {
    ::_exit(5);
  }
  append(ledger, 80, 10);
  if (!ledger.close()) {
    ::_exit(6);
  }
  ::_exit(0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(projections)

BOOST_AUTO_TEST_CASE(worker, *boost::unit_test::disabled()) {
  work(std::getenv(kFolder), std::strtoull(std::getenv(kChange), nullptr, 10));  // NOLINT(concurrency-mt-unsafe)
}

BOOST_AUTO_TEST_CASE(a_kill_during_rebuild_and_switch_leaves_what_the_log_gives) {
  std::mt19937_64 random = seeded_engine();
  const TempFolder folder;
  const std::filesystem::path origin = std::filesystem::path(folder.path()) / "origin";
  {
    auto opened = must(Ledger::open(origin, &toy::toy_domain(), options()));
    append(*opened.ledger, 0, 60);
    must(opened.ledger->close());
  }
  bool finished = false;
  std::uint64_t killed = 0;
  for (std::uint64_t n = 1; !finished; n += 1 + n / 10 + random() % 4) {
    const std::filesystem::path copy = std::filesystem::path(folder.path()) / "copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(origin, copy, std::filesystem::copy_options::recursive);
    const pid_t child = ::fork();
    if (child == 0) {
      // A program of its own: RocksDB's threads do not live on in a fork.
      ::setenv(kFolder, copy.c_str(), 1);
      ::setenv(kChange, std::to_string(n).c_str(), 1);
      ::execl("/proc/self/exe", "test_crash_projections", "--run_test=projections/worker", "--log_level=nothing",
              "--report_level=no", static_cast<char*>(nullptr));
      ::_exit(127);
    }
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    finished = WIFEXITED(status);
    BOOST_TEST_MESSAGE("change " << n << (finished ? ": past the end" : ""));
    BOOST_TEST_INFO_SCOPE("killed before change " << n);
    BOOST_REQUIRE(finished ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
    killed += finished ? 0 : 1;
    auto opened = must(Ledger::open(copy, &toy::toy_domain(), options()));
    Ledger& ledger = *opened.ledger;
    BOOST_TEST(!opened.report.views_rebuilt);
    BOOST_TEST(ledger.head().position >= 81U);
    must(ledger.wait_for("test.pairs", ledger.head().position, std::chrono::seconds(20)));
    const VerifyReport verified = must(ledger.verify({}, {}));
    for (const VerifyFinding& finding : verified.findings) {
      BOOST_ERROR(finding.check << " " << finding.position << " " << finding.message);
    }
    const RebuildReport rebuilt = must(ledger.rebuild({}, {}));
    for (const RebuiltProjection& each : rebuilt.projections) {
      BOOST_TEST(each.before == each.after, each.name);
    }
    must(ledger.close());
  }
  BOOST_TEST(killed > 5U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::test
