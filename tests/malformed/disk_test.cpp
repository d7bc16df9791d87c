// SPDX-License-Identifier: Apache-2.0
//
// Goal: one flipped byte or one cut in any file of a ledger never loses an acknowledged commit silently. A ledger that
// was closed opens with every commit, or refuses; one that was killed never opens below its floor, and what it drops
// above it is reported; damage in views/ and in one copy of FLOOR loses nothing. Method: two images of one ledger, one
// byte or one length changed at a time, at each CARNET_DISK_STEP-th offset (default 1,000) of every file and at the
// bytes of record headers in the last block of the write-ahead log (each CARNET_DISK_RECORDS-th record and the last
// ones; 1: all).
//
// Tables are not read as a whole at each opening: damage inside of one is found by whoever reads it, and by verify, and
// never given out as data. In views/ removing the folder mends it.
//
// A file that is cut exactly at the end of a record above the floor cannot be told from a crash at that moment: such a
// cut may lose what stood behind it without a word (docs/reference/guarantees.md).
#include "store/store_env.hpp"
#include "store/wal_records.hpp"
#include "support/faulty_env.hpp"
#include "support/log_fixture.hpp"
#include "support/must.hpp"
#include "support/temp_folder.hpp"
#include "support/test_seed.hpp"
#include "support/toy_domain.hpp"

#include <carnet/ledger.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>

namespace carnet::test {
namespace {

namespace fs = std::filesystem;

std::uint64_t number_of(const char* name, std::uint64_t normal) {
  const char* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it.
  return text == nullptr ? normal : std::max<std::uint64_t>(1, std::strtoull(text, nullptr, 10));
}

std::string command_of(std::uint64_t number) {
  return "request-" + std::to_string(number);
}

/// What a ledger acknowledged.
struct Written {
  std::vector<Receipt> receipts;                 ///< By number of the request.
  std::map<std::uint64_t, Hash32> roots;         ///< By position.
  std::map<std::uint64_t, std::int64_t> in_box;  ///< What box b1 holds, by position.
  std::uint64_t floor = 0;
  std::uint64_t head = 0;
};

struct Damage {
  std::string file;  ///< Below the ledger's folder.
  std::uint64_t offset = 0;
  bool is_cut = false;
};

std::ostream& operator<<(std::ostream& out, const Damage& damage) {
  return out << (damage.is_cut ? "cut " : "flip ") << damage.file << " at " << damage.offset;
}

struct Counts {
  std::size_t whole = 0;
  std::size_t refused = 0;
  std::size_t reported = 0;
  std::size_t found_later = 0;  ///< In a table, by reading it.
  std::size_t silent = 0;       ///< Cuts at the end of a record.
};

class Images {
 public:
  Images() : random_(seeded_engine()) {
    env_.env = rocks_env_.get();
    auto ledger = must(Ledger::open(live(), &toy::toy_domain(), options(IfMissing::kCreate))).ledger;
    for (std::uint64_t number = 0; number < kRequests; ++number) {
      append(*ledger, number);
      if (number == kRequests / 4) {
        must(ledger->checkpoint());
        written.floor = ledger->head().position;
      }
    }
    written.head = ledger->head().position;
    copy(live(), folder_.at("killed"));
    must(ledger->close());
    ledger.reset();
    copy(live(), folder_.at("closed"));
  }

  [[nodiscard]] std::string image(bool closed) const { return folder_.at(closed ? "closed" : "killed"); }

  /// Every file of an image but those that hold nothing.
  [[nodiscard]] std::vector<std::string> files(bool closed) const {
    std::vector<std::string> out;
    const fs::path root = image(closed);
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.is_regular_file() && entry.file_size() > 0) {
        out.push_back(fs::relative(entry.path(), root).string());
      }
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  void check(bool closed, const Damage& damage) {
    BOOST_TEST_CONTEXT((closed ? "closed: " : "killed: ") << damage) {
      const std::string victim = folder_.at("victim");
      fs::remove_all(victim);
      copy(image(closed), victim);
      const std::string path = victim + "/" + damage.file;
      std::string bytes = read_bytes(path);
      if (damage.is_cut) {
        bytes.resize(damage.offset);
      } else {
        bytes[damage.offset] = static_cast<char>(bytes[damage.offset] ^ (1 << (random_() % 8)));
      }
      write_bytes(path, bytes);
      judge(closed, damage, victim);
    }
  }

  Written written;
  Counts counts;

 private:
  static constexpr std::uint64_t kRequests = 64;

  [[nodiscard]] std::string live() const { return folder_.at("live"); }

  OpenOptions options(IfMissing missing) {
    OpenOptions out;
    out.if_missing = missing;
    out.background_work = false;
    out.memory_bytes = 8UL << 20U;
    out.store_env = &env_;
    return out;
  }

  void append(Ledger& ledger, std::uint64_t number) {
    std::vector<EventDraft> events;
    if (number == 0) {
      events.push_back(toy::box_opened("b1"));
    }
    events.push_back(toy::coins_moved("b1", toy::How::kPutIn, static_cast<std::int64_t>(number + 1)));
    std::string label(200 + number * 9, 'x');
    std::generate(label.begin(), label.end(), [&] { return static_cast<char>('a' + random_() % 26); });
    events.push_back(toy::box_opened("n" + std::to_string(number), label));
    const Outcome outcome = must(ledger.append(toy::request(command_of(number), std::move(events))));
    BOOST_REQUIRE(std::holds_alternative<Receipt>(outcome));
    written.receipts.push_back(std::get<Receipt>(outcome));
    const Head head = ledger.head();
    written.roots[head.position] = head.root;
    in_box_ += static_cast<std::int64_t>(number + 1);
    written.in_box[head.position] = in_box_;
  }

  static void copy(const std::string& from, const std::string& to) {
    fs::create_directories(to);
    for (const auto& entry : fs::recursive_directory_iterator(from)) {
      const fs::path target = fs::path(to) / fs::relative(entry.path(), from);
      if (entry.is_directory()) {
        fs::create_directories(target);
      } else if (entry.path().filename() != "RESERVE" && entry.path().filename() != "LOCK") {
        fs::copy_file(entry.path(), target);
      }
    }
  }

  void judge(bool closed, const Damage& damage, const std::string& victim) {
    const bool in_log = damage.file.starts_with("log/");
    auto opened = Ledger::open(victim, &toy::toy_domain(), options(IfMissing::kFail));
    if (!opened) {
      const Error& error = opened.error();
      BOOST_TEST((error.code() == ErrorCode::kCorruption || error.code() == ErrorCode::kStorage ||
                  error.code() == ErrorCode::kNotFound),
                 error.to_line());
      BOOST_TEST(in_log, "only damage of the log refuses: " << error.to_line());
      ++counts.refused;
      return;
    }
    Ledger& ledger = *opened->ledger;
    const Head head = ledger.head();
    const bool reported = opened->report.tail_dropped_bytes.value_or(0) > 0;
    BOOST_TEST(head.position >= written.floor, "opened below the floor, at " << head.position);
    if (closed || !in_log) {
      BOOST_TEST(head.position == written.head);
      BOOST_TEST(!reported);
    }
    if (head.position == written.head) {
      ++counts.whole;
    } else if (reported) {
      ++counts.reported;
    } else {
      ++counts.silent;
      BOOST_TEST(is_end_of_record(closed, damage), "dropped " << written.head - head.position << " without a word");
    }
    BOOST_REQUIRE(written.roots.contains(head.position));
    BOOST_TEST((written.roots.at(head.position) == head.root));
    const bool is_sound = check_receipts(ledger, head.position);
    if (is_sound) {
      const auto view = must(ledger.view());
      const auto box = view->account("box/box/b1", *Currency::parse("EUR"));
      BOOST_TEST((box ? (*box)->balance.posted_credits == written.in_box.at(head.position)
                      : box.error().code() == ErrorCode::kCorruption));
    }
    const auto report = ledger.verify({}, {});
    if (report && is_sound) {
      for (const VerifyFinding& finding : report->findings) {
        BOOST_ERROR(finding.check + ": " + finding.message);
      }
      must(ledger.append(toy::request("after", {toy::coins_moved("b1", toy::How::kTakeOut, 1)})));
      must(ledger.close());
      return;
    }
    // A table is too large to be read as a whole at each opening: what is wrong in it is found when it is read.
    ++counts.found_later;
    BOOST_TEST(damage.file.ends_with(".sst"));
    BOOST_TEST((report ? !report->ok() : report.error().code() == ErrorCode::kCorruption),
               "verify does not see what a read met");
    opened->ledger.reset();
    if (!in_log) {
      fs::remove_all(victim + "/views");
      auto again = must(Ledger::open(victim, &toy::toy_domain(), options(IfMissing::kFail)));
      BOOST_TEST(again.report.views_rebuilt);
      BOOST_TEST(again.ledger->head().position == written.head);
      BOOST_TEST(check_receipts(*again.ledger, written.head));
      BOOST_TEST(must(again.ledger->verify({}, {})).ok());
    }
  }

  /// Receipts of all requests, as far as the head goes. False: a read said that it met damage.
  bool check_receipts(Ledger& ledger, std::uint64_t head) {
    for (std::uint64_t number = 0; number < written.receipts.size(); ++number) {
      const Receipt& receipt = written.receipts[number];
      const auto found = ledger.receipt(command_of(number));
      if (!found) {
        BOOST_TEST((found.error().code() == ErrorCode::kCorruption), found.error().to_line());
        return false;
      }
      BOOST_TEST(found->has_value() == (receipt.first_position <= head), "request " << number);
      BOOST_TEST((!*found || (*found)->same_commit(receipt)));
    }
    return true;
  }

  [[nodiscard]] bool is_end_of_record(bool closed, const Damage& damage) const {
    if (!damage.is_cut || !damage.file.ends_with(".log")) {
      return false;
    }
    const auto records = physical_records(read_bytes(image(closed) + "/" + damage.file));
    return damage.offset == 0 ||
           std::any_of(records.begin(), records.end(), [&](const auto& one) { return one.end == damage.offset; });
  }

  TempFolder folder_;
  std::mt19937_64 random_;
  std::shared_ptr<FaultyFs> files_ = std::make_shared<FaultyFs>();  // syncs are noted only: quick
  std::unique_ptr<rocksdb::Env> rocks_env_ = make_faulty_env(files_);
  store::StoreEnv env_;
  std::int64_t in_box_ = 0;
};

/// Files that nobody reads back when a ledger opens.
bool is_read_back(const std::string& file) {
  return file.find("/OPTIONS-") == std::string::npos && !file.ends_with("/IDENTITY");
}

BOOST_AUTO_TEST_CASE(no_damage_loses_an_acknowledged_commit_silently) {
  const std::uint64_t step = number_of("CARNET_DISK_STEP", 1000);
  Images images;
  for (const bool closed : {true, false}) {
    images.counts = {};
    for (const std::string& file : images.files(closed)) {
      const std::uint64_t bytes = fs::file_size(images.image(closed) + "/" + file);
      // One look at what nobody reads is enough.
      const std::uint64_t stride = is_read_back(file) ? step : std::max(step, bytes);
      for (std::uint64_t offset = 0; offset < bytes; offset += stride) {
        images.check(closed, {file, offset, false});
        images.check(closed, {file, offset, true});
      }
      images.check(closed, {file, bytes - 1, false});
      images.check(closed, {file, bytes - 1, true});
    }
    BOOST_TEST_MESSAGE((closed ? "closed: " : "killed: ")
                       << images.counts.whole << " whole, " << images.counts.refused << " refused, "
                       << images.counts.reported << " reported, " << images.counts.found_later << " found later, "
                       << images.counts.silent << " at the end of a record");
    BOOST_TEST(images.counts.refused > 0U);
    BOOST_TEST(images.counts.whole > 0U);
  }
}

BOOST_AUTO_TEST_CASE(damaged_headers_in_the_last_block_are_found_or_reported) {
  const std::uint64_t every = number_of("CARNET_DISK_RECORDS", 1);
  Images images;
  for (const bool closed : {true, false}) {
    images.counts = {};
    const std::vector<std::string> wals = wal_paths(images.image(closed) + "/log");
    BOOST_REQUIRE(!wals.empty());
    const std::string name = "log/" + fs::path(wals.back()).filename().string();
    const std::string bytes = read_bytes(wals.back());
    const std::uint64_t block = bytes.size() / store::kWalBlockBytes * store::kWalBlockBytes;
    std::vector<std::uint64_t> headers;
    for (const PhysicalRecord& record : physical_records(bytes)) {
      if (record.offset >= block) {
        headers.push_back(record.offset);
      }
    }
    // A clean close leaves nothing in the write-ahead log.
    BOOST_TEST((closed || headers.size() > 3));
    for (std::size_t i = 0; i < headers.size(); ++i) {
      if (i % every != 0 && i + 2 < headers.size()) {
        continue;
      }
      for (std::uint64_t offset = headers[i]; offset < headers[i] + store::kWalHeaderBytes; ++offset) {
        images.check(closed, {name, offset, false});
        images.check(closed, {name, offset, true});
      }
    }
    BOOST_TEST_MESSAGE((closed ? "closed: " : "killed: ")
                       << headers.size() << " records in the last block; " << images.counts.whole << " whole, "
                       << images.counts.refused << " refused, " << images.counts.reported << " reported, "
                       << images.counts.silent << " at the end of a record");
  }
}

/// Both copies of FLOOR are gone: the ledger does not pretend that nothing was promised.
BOOST_AUTO_TEST_CASE(without_both_floors_it_refuses) {
  Images images;
  TempFolder folder;
  for (const bool closed : {true, false}) {
    const std::string victim = folder.at(closed ? "closed" : "killed");
    fs::copy(images.image(closed), victim, fs::copy_options::recursive);
    fs::remove(victim + "/FLOOR.a");
    fs::remove(victim + "/FLOOR.b");
    OpenOptions options;
    options.background_work = false;
    auto refused = Ledger::open(victim, &toy::toy_domain(), options);
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().code() == ErrorCode::kCorruption), refused.error().to_line());
    options.accept_loss = true;
    const auto accepted = must(Ledger::open(victim, &toy::toy_domain(), options));
    BOOST_TEST(accepted.report.loss_accepted);
    BOOST_TEST(accepted.ledger->head().position == images.written.head + 1);
    BOOST_TEST(must(accepted.ledger->verify({}, {})).ok());
  }
}

}  // namespace
}  // namespace carnet::test
