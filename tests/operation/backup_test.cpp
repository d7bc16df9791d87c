// SPDX-License-Identifier: Apache-2.0
//
// Goal: a backup of a ledger in use is a whole ledger at a position that was on disk, shares what did not change, is
// never half there, and is refused when a byte of it is not what was written. Method: the toy trade appended by a
// thread while backups are made; processes killed while they make one; one byte flipped in every file.
#include "support/must.hpp"
#include "support/temp_folder.hpp"
#include "support/test_seed.hpp"
#include "support/toy_domain.hpp"

#include <carnet/backup.hpp>
#include <carnet/ledger.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <csignal>
#include <fstream>
#include <map>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace carnet;
using namespace toy;
using carnet::test::must;
namespace fs = std::filesystem;

namespace {

BackupOptions backup_options() {
  BackupOptions options;
  options.domain = &toy_domain();
  return options;
}

RestoreOptions restore_options(std::uint64_t number = 0) {
  RestoreOptions options;
  options.common = backup_options();
  options.number = number;
  return options;
}

struct Fixture {
  test::TempFolder folder;
  std::unique_ptr<Ledger> ledger;
  std::uint64_t boxes = 0;

  fs::path path() const { return fs::path(folder.path()) / "ledger"; }

  fs::path backups() const { return fs::path(folder.path()) / "backups"; }

  fs::path restored() const { return fs::path(folder.path()) / "restored"; }

  void open(std::uint64_t checkpoint_events = 500'000) {
    ledger.reset();
    OpenOptions options;
    options.if_missing = IfMissing::kCreate;
    options.durability = Durability::kOs;
    options.checkpoint_events = checkpoint_events;
    ledger = must(Ledger::open(path(), &toy_domain(), options)).ledger;
  }

  void append_box() {
    const std::string box = "B" + std::to_string(++boxes);
    const Outcome outcome =
        must(ledger->append(request("open-" + box, {box_opened(box), coins_moved(box, How::kPutIn, 100)})));
    BOOST_REQUIRE(std::holds_alternative<Receipt>(outcome));
  }

  void append_boxes(int count) {
    for (int i = 0; i < count; ++i) {
      append_box();
    }
  }
};

/// Root of the first `commits` commits, taken while the ledger grew.
using Roots = std::map<std::uint64_t, Hash32>;

std::vector<fs::path> files_of(const fs::path& backup) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(backup)) {
    if (entry.is_regular_file()) {
      out.push_back(entry.path());
    }
  }
  std::ranges::sort(out);
  return out;
}

void flip(const fs::path& path, std::uint64_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const char byte = static_cast<char>(file.get());
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x10));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(backup, Fixture)

BOOST_AUTO_TEST_CASE(a_restored_ledger_is_the_one_that_was_backed_up_and_goes_on) {
  open();
  append_boxes(300);
  const BackupReport made = must(make_backup(path(), backups(), backup_options()));
  const Head head = ledger->head();
  BOOST_TEST(made.info.position == head.position);
  BOOST_TEST((made.info.root == head.root));
  append_boxes(10);

  const RestoreReport restored_report = must(restore_backup(backups(), restored(), restore_options()));
  BOOST_TEST(restored_report.verified);
  BOOST_TEST(!restored_report.views_rebuilt);
  const auto opened = must(Ledger::open(restored(), &toy_domain(), OpenOptions{}));
  BOOST_TEST(!opened.report.tail_dropped_bytes.has_value());
  BOOST_TEST(opened.ledger->head().commits == head.commits);
  BOOST_TEST((opened.ledger->head().root == head.root));
  BOOST_REQUIRE(must(opened.ledger->append(request("more", {box_opened("X1")}))).index() == 0U);
  BOOST_TEST(must(opened.ledger->verify({})).ok());
}

BOOST_AUTO_TEST_CASE(backups_made_under_load_are_prefixes_that_were_acknowledged) {
  open(2'000);
  append_boxes(10);
  Roots roots;
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop) {
      append_box();
      const Head head = ledger->head();
      roots[head.commits] = head.root;
      if (boxes % 1'500 == 0) {
        must(ledger->checkpoint());  // seals and drops tables while they are copied
      }
    }
  });
  std::vector<std::pair<std::uint64_t, BackupReport>> made;
  for (int i = 0; i < 6; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    const std::uint64_t before = ledger->durable_position();
    auto report = make_backup(path(), backups(), backup_options());
    if (!report) {
      stop = true;
      writer.join();
    }
    made.emplace_back(before, must(std::move(report)));
  }
  stop = true;
  writer.join();

  std::uint64_t former = 0;
  for (const auto& [before, report] : made) {
    BOOST_TEST(report.info.position >= before);
    BOOST_TEST(report.info.position > former);
    former = report.info.position;
    BOOST_REQUIRE(roots.contains(report.info.commits));
    BOOST_TEST((roots[report.info.commits] == report.info.root));
    fs::remove_all(restored());
    const RestoreReport back = must(restore_backup(backups(), restored(), restore_options(report.info.number)));
    BOOST_TEST(back.verified);
    BOOST_TEST(must(Ledger::open(restored(), &toy_domain(), OpenOptions{})).ledger->head().commits ==
               report.info.commits);
  }
}

BOOST_AUTO_TEST_CASE(what_did_not_change_is_shared_and_any_backup_may_be_removed) {
  open();
  append_boxes(3'000);
  must(ledger->close());
  open();
  must(make_backup(path(), backups(), backup_options()));
  append_boxes(5);
  const BackupReport second = must(make_backup(path(), backups(), backup_options()));
  BOOST_TEST(second.linked_bytes > 10 * second.copied_bytes);
  BOOST_TEST(second.info.number == 2U);
  BOOST_TEST(must(list_backups(backups())).size() == 2U);
  fs::remove_all(backups() / "000001");
  BOOST_TEST(must(restore_backup(backups(), restored(), restore_options())).verified);
}

BOOST_AUTO_TEST_CASE(a_flipped_byte_in_any_file_is_refused_and_nothing_stays) {
  open();
  append_boxes(400);
  must(ledger->close());
  open();
  append_boxes(50);
  const BackupReport made = must(make_backup(path(), backups(), backup_options()));
  auto random = test::seeded_engine();
  for (const fs::path& file : files_of(made.info.folder)) {
    for (int i = 0; i < 3 && fs::file_size(file) > 0; ++i) {
      const std::uint64_t at = random() % fs::file_size(file);
      flip(file, at);
      const auto restored_report = restore_backup(backups(), restored(), restore_options());
      BOOST_TEST(!restored_report.has_value(), file.string() + " at " + std::to_string(at));
      if (!restored_report) {
        BOOST_TEST(restored_report.error().name() == "BackupDamaged", restored_report.error().to_line());
      }
      BOOST_TEST(!fs::exists(restored()));
      BOOST_TEST(!fs::exists(restored().string() + ".restoring"));
      flip(file, at);
    }
  }
  BOOST_TEST(must(restore_backup(backups(), restored(), restore_options())).verified);
}

BOOST_AUTO_TEST_CASE(a_missing_and_an_added_file_are_refused) {
  open();
  append_boxes(20);
  must(ledger->close());
  const BackupReport made = must(make_backup(path(), backups(), backup_options()));
  std::ofstream(made.info.folder / "log" / "000099.sst") << "not ours";
  BOOST_TEST(restore_backup(backups(), restored(), restore_options()).error().name() == "BackupDamaged");
  fs::remove(made.info.folder / "log" / "000099.sst");
  fs::remove(made.info.folder / "log" / "CURRENT");
  BOOST_TEST(restore_backup(backups(), restored(), restore_options()).error().name() == "BackupDamaged");
}

BOOST_AUTO_TEST_CASE(a_killed_backup_leaves_none_that_is_not_whole) {
  open();
  append_boxes(2'000);
  must(ledger->close());
  ledger.reset();
  auto random = test::seeded_engine();
  int killed = 0;
  for (int i = 0; i < 12; ++i) {
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
      const auto made = make_backup(path(), backups(), backup_options());
      ::_exit(made ? 0 : 1);
    }
    ::usleep(static_cast<useconds_t>(random() % 60'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    killed += WIFSIGNALED(status) ? 1 : 0;
    BOOST_TEST((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
  }
  BOOST_TEST_MESSAGE(killed << " of 12 killed");
  must(make_backup(path(), backups(), backup_options()));
  for (const BackupInfo& info : must(list_backups(backups()))) {
    fs::remove_all(restored());
    BOOST_TEST(must(restore_backup(backups(), restored(), restore_options(info.number))).verified);
  }
  BOOST_TEST(!fs::exists(backups() / "partial"));
}

BOOST_AUTO_TEST_CASE(views_that_are_missing_or_damaged_do_not_keep_a_ledger_from_being_backed_up) {
  open();
  append_boxes(50);
  must(ledger->close());
  ledger.reset();
  fs::remove_all(path() / "views");
  const BackupReport made = must(make_backup(path(), backups(), backup_options()));
  BOOST_TEST(!fs::exists(made.info.folder / "views"));
  const RestoreReport back = must(restore_backup(backups(), restored(), restore_options()));
  BOOST_TEST(back.verified);
}

BOOST_AUTO_TEST_CASE(a_damaged_ledger_gives_no_backup) {
  open();
  append_boxes(500);
  must(ledger->close());
  ledger.reset();
  std::uintmax_t largest = 0;
  fs::path table;
  for (const fs::path& file : files_of(path() / "log")) {
    if (file.extension() == ".sst" && fs::file_size(file) > largest) {
      largest = fs::file_size(file);
      table = file;
    }
  }
  BOOST_REQUIRE(!table.empty());
  flip(table, largest / 2);
  const auto made = make_backup(path(), backups(), backup_options());
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code() == ErrorCode::kCorruption), made.error().to_line());
  BOOST_TEST(list_backups(backups()).error().name() == "NoSuchBackup");
}

BOOST_AUTO_TEST_CASE(folders_that_are_not_for_backups_are_refused) {
  open();
  append_boxes(3);
  BOOST_TEST(make_backup(path(), path() / "backups", backup_options()).error().name() == "BackupInsideLedger");
  BOOST_TEST(make_backup(path(), folder.path(), backup_options()).error().name() == "NotABackupFolder");
  BOOST_TEST(make_backup(folder.at("none"), backups(), backup_options()).error().name() == "LedgerMissing");
  BOOST_TEST(restore_backup(backups(), restored(), restore_options()).error().name() == "NoSuchBackup");
  must(make_backup(path(), backups(), backup_options()));
  BOOST_TEST(restore_backup(backups(), path(), restore_options()).error().name() == "NotEmpty");
  BOOST_TEST(restore_backup(backups(), restored(), restore_options(7)).error().name() == "NoSuchBackup");

  OpenOptions other;
  other.if_missing = IfMissing::kCreate;
  must(Ledger::open(folder.at("other"), &toy_domain(), other));
  BOOST_TEST(make_backup(folder.at("other"), backups(), backup_options()).error().name() == "BackupOfAnotherLedger");
}

BOOST_AUTO_TEST_CASE(a_stopped_backup_leaves_nothing) {
  open();
  append_boxes(100);
  std::stop_source source;
  source.request_stop();
  BackupOptions options = backup_options();
  options.stop = source.get_token();
  const auto made = make_backup(path(), backups(), options);
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code() == ErrorCode::kCancelled));
  BOOST_TEST(!fs::exists(backups() / "partial"));
}

BOOST_AUTO_TEST_SUITE_END()
