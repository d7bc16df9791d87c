// SPDX-License-Identifier: Apache-2.0
//
// Goal: sealing moves commits and changes none; wherever it is interrupted the log shows each commit once and nothing
// stays behind. Method: stop it at each of its points by an injected error, reopen, read everything.
#undef BOOST_TEST_MODULE  // main() is in local_log_test.cpp
#include "base/limits.hpp"
#include "store/local_log.hpp"
#include "support/test_log.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <fstream>
#include <limits>
#include <thread>

namespace carnet::test {
namespace {

using store::SealPoint;

/// The headers of all frames.
std::vector<codec::FrameHeader> headers(TestLog& log) {
  std::vector<codec::FrameHeader> found;
  const auto cursor = must(log->read(0));
  for (auto frame = must(cursor->next()); !frame.empty(); frame = must(cursor->next())) {
    found.push_back(*codec::peek_frame(frame));
  }
  return found;
}

BOOST_AUTO_TEST_SUITE(sealing)

BOOST_AUTO_TEST_CASE(a_sealed_log_reads_the_same) {
  TestLog log;
  const LogTail tail = log.fill(5000);
  BOOST_TEST(log.seal() == tail.position);
  BOOST_TEST(log->sealed_position() == tail.position);
  BOOST_TEST(log->tail_bytes() == 0U);
  BOOST_TEST(log.figure("tailTables") == 0U);
  BOOST_TEST(log.figure("sealedTables") == 1U);
  BOOST_TEST(log.files_in_sealing() == 0U);
  BOOST_TEST((log.check() == tail));
  log.drop();
  log.open();
  BOOST_TEST(log->sealed_position() == tail.position);
  BOOST_TEST((must(log->tail()) == tail));
  const LogTail more = log.fill(6000);
  BOOST_TEST((log.check() == more));
}

BOOST_AUTO_TEST_CASE(sealed_frames_are_small_and_carry_a_true_summary) {
  TestLog log;
  log.fill(5000);
  log.seal();
  const auto cursor = must(log->read(0));
  std::size_t frames = 0;
  codec::EventReader events;
  for (auto frame = must(cursor->next()); !frame.empty(); frame = must(cursor->next())) {
    codec::FrameReader reader;
    must(reader.open(frame));
    const codec::FrameHeader& header = reader.header();
    BOOST_TEST((frame.size() <= kFrameRawBytesMax || header.commit_count == 1));
    BOOST_TEST(header.flags == static_cast<std::uint16_t>(codec::FrameFlag::kCarriesSummary));
    std::uint64_t bits[4] = {};
    std::int64_t low = std::numeric_limits<std::int64_t>::max();
    std::int64_t high = std::numeric_limits<std::int64_t>::min();
    codec::CommitBytes commit;
    while (must(reader.next(commit))) {
      for (const base::ByteSpan message : commit.events) {
        const codec::StoredEvent& event = *must(events.read(message));
        bits[event.type % 256 / 64] |= std::uint64_t{1} << (event.type % 64);
        low = std::min(low, event.occurred_at.ns);
        high = std::max(high, event.occurred_at.ns);
      }
    }
    BOOST_TEST(std::equal(std::begin(bits), std::end(bits), std::begin(header.summary.type_bits)));
    BOOST_TEST(header.summary.occurred_min_ns == low);
    BOOST_TEST(header.summary.occurred_max_ns == high);
    ++frames;
  }
  BOOST_TEST(frames > 10U);
}

BOOST_AUTO_TEST_CASE(small_frames_are_packed_together) {
  TestLog log;
  for (int i = 0; i < 600; ++i) {
    log.append(1);
  }
  log.seal();
  const std::vector<codec::FrameHeader> frames = headers(log);
  BOOST_TEST(frames.size() < 60U);
  log.check();
}

BOOST_AUTO_TEST_CASE(a_commit_beyond_the_limit_stands_alone) {
  TestLog log;
  log.maker.make_large(150);  // some 20 KB in one commit
  log.append(300);
  log.seal();
  std::size_t alone = 0;
  for (const codec::FrameHeader& header : headers(log)) {
    const bool has_large = header.first_commit <= 150 && 150 < header.first_commit + header.commit_count;
    alone += has_large && header.commit_count == 1 ? 1 : 0;
  }
  BOOST_TEST(alone == 1U);
  log.check();
}

BOOST_AUTO_TEST_CASE(epochs_are_not_mixed_in_a_frame) {
  TestLog log;
  for (std::uint64_t epoch = 1; epoch <= 5; ++epoch) {
    log.append(2, LogDurability::kBuffered, epoch);
    log.append(2, LogDurability::kBuffered, epoch);
  }
  log.seal();
  const std::vector<codec::FrameHeader> frames = headers(log);
  BOOST_REQUIRE(frames.size() == 5U);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    BOOST_TEST(frames[i].epoch == i + 1);
  }
  log.close();
  log.open();
  BOOST_TEST(std::holds_alternative<LogFenced>(log.try_append(1, LogDurability::kBuffered, 4)));
}

BOOST_AUTO_TEST_CASE(only_whole_frames_up_to_the_limit_are_sealed) {
  TestLog log;
  const LogTail first = log.append(10);
  const LogTail second = log.append(10);
  BOOST_TEST(log.seal(first.position - 1) == 0U);
  BOOST_TEST(log.seal(second.position - 1) == first.position);
  BOOST_TEST(log.seal(second.position - 1) == first.position);
  log.check();
  BOOST_TEST(log.seal(second.position) == second.position);
  BOOST_TEST(log.seal(0) == second.position);
  log.check();
}

BOOST_AUTO_TEST_CASE(tail_bytes_are_counted_and_found_again) {
  TestLog log;
  log.fill(2000);
  const std::uint64_t all = log->tail_bytes();
  BOOST_TEST(all > 100'000U);
  log.close();
  log.open();
  BOOST_TEST(log->tail_bytes() == all);
  log.seal(1000);
  BOOST_TEST(log->tail_bytes() < all);
  BOOST_TEST(log->tail_bytes() > 0U);
  log.seal();
  BOOST_TEST(log->tail_bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(many_rounds_of_append_and_seal_stay_one_log) {
  TestLog log;
  for (std::uint64_t round = 1; round <= 15; ++round) {
    const LogTail tail = log.fill(round * 700);
    log.seal(tail.position - round * 20);
    BOOST_TEST((log.check() == tail));
    if (round % 4 == 0) {
      log.close();
      log.open();
    } else if (round % 4 == 2) {
      log.drop();
      log.open();
    }
  }
  BOOST_TEST(log.figure("sealedTables") == 15U);
  BOOST_TEST(log.names(".sst").size() == log.figure("sealedTables") + log.figure("tailTables"));
}

BOOST_AUTO_TEST_CASE(a_stop_ends_it_early_and_nothing_stays_behind) {
  TestLog log;
  const LogTail tail = log.fill(2000);
  std::stop_source source;
  source.request_stop();
  BOOST_TEST(must(log->seal(UINT64_MAX, source.get_token())) == 0U);
  BOOST_TEST(log.files_in_sealing() == 0U);
  BOOST_TEST((log.check() == tail));
  BOOST_TEST(log.seal() == tail.position);
}

BOOST_AUTO_TEST_CASE(others_append_and_read_meanwhile) {
  TestLog log;
  log.fill(200);
  std::atomic<bool> done = false;
  std::string failure;
  std::thread sealer([&] {
    while (!done) {
      if (auto sealed = log->seal(UINT64_MAX, {}); !sealed) {
        failure = sealed.error().to_line();
        return;
      }
    }
  });
  std::string read_failure;
  std::thread reader([&] {
    FrameMaker checker;
    std::vector<std::uint64_t> words;
    try {
      while (!done) {
        const LogTail tail = checker.check_log(*log);
        for (std::uint64_t position = 1; position <= tail.position; position += 101) {
          if (auto found = log->frame_at(position, words); !found || !*found) {
            throw std::runtime_error(found ? "position not found" : found.error().to_line());
          }
        }
        auto backwards = log->read_backwards(tail.position);
        std::uint64_t expected = tail.position;
        while (expected > 0) {
          auto frame = (*backwards)->next();
          if (!frame) {
            throw std::runtime_error(frame.error().to_line());
          }
          expected = codec::peek_frame(*frame)->first_position - 1;
        }
      }
    } catch (const std::runtime_error& error) {
      read_failure = error.what();
    }
  });
  const LogTail tail = log.fill(25'000);
  done = true;
  sealer.join();
  reader.join();
  BOOST_TEST(failure == "");
  BOOST_TEST(read_failure == "");
  BOOST_TEST((log.check() == tail));
}

BOOST_AUTO_TEST_CASE(a_table_that_is_not_what_was_written_is_not_ingested) {
  TestLog log;
  const LogTail tail = log.fill(2000);
  std::uint64_t tried = 0;
  for (std::uint64_t at = 0; at < 3; ++at) {
    log.env.at_seal_point = [&](SealPoint point) -> Status {
      if (point == SealPoint::kFileWritten) {
        const std::string path = std::filesystem::directory_iterator(log.folder() + "/sealing")->path().string();
        const auto bytes = std::filesystem::file_size(path);
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        const auto where = static_cast<std::streamoff>(at == 0 ? 100 : bytes * at / 3);
        file.seekg(where);
        const auto byte = static_cast<char>(file.get() ^ 1);
        file.seekp(where);
        file.put(byte);
        ++tried;
      }
      return {};
    };
    const auto sealed = log->seal(UINT64_MAX, {});
    BOOST_REQUIRE(!sealed.has_value());
    BOOST_TEST(sealed.error().name() == "LogDamaged");
    BOOST_TEST(log->sealed_position() == 0U);
    BOOST_TEST(log.files_in_sealing() == 0U);
    BOOST_TEST((log.check() == tail));
  }
  BOOST_TEST(tried == 3U);
}

const auto kPoints =
    boost::unit_test::data::xrange(static_cast<int>(SealPoint::kBegun), static_cast<int>(SealPoint::kTailDropped) + 1);

/// The error lets the log live on; dropping it afterwards is what a kill leaves.
BOOST_DATA_TEST_CASE(interrupted_at_any_point_each_commit_is_there_once, kPoints, number) {
  const auto point = static_cast<SealPoint>(number);
  for (const bool reopen : {false, true}) {
    TestLog log;
    LogTail tail = log.fill(1500);
    log.seal(500);
    log.env.at_seal_point = [point](SealPoint at) -> Status {
      return at == point ? Status(Error(ErrorCode::kStorage, "Interrupted", "by the test")) : Status();
    };
    tail = log.fill(3000);
    const auto sealed = log->seal(UINT64_MAX, {});
    BOOST_REQUIRE(!sealed.has_value());
    BOOST_TEST(sealed.error().name() == "Interrupted");
    log.env.at_seal_point = {};
    BOOST_TEST((log.check() == tail));
    BOOST_TEST((log->sealed_position() == tail.position) == (point >= SealPoint::kFileIngested));
    if (reopen) {
      log.drop();
      log.open();
      BOOST_TEST((log->sealed_position() == tail.position) == (point >= SealPoint::kFileIngested));
      BOOST_TEST((log.check() == tail));
    }
    BOOST_TEST(log.files_in_sealing() == 0U);
    BOOST_TEST(log.seal() == tail.position);
    tail = log.fill(3500);
    BOOST_TEST((log.check() == tail));
    BOOST_TEST(log.figure("sealedTables") == 2U);
  }
}

/// A copy of the files at the point is what a kill there leaves.
BOOST_DATA_TEST_CASE(killed_at_any_point_each_commit_is_there_once, kPoints, number) {
  const auto point = static_cast<SealPoint>(number);
  TestLog log;
  log.fill(1500);
  log.seal(500);
  const LogTail tail = log.fill(3000);
  const std::string copy = log.scratch("copy");
  log.env.at_seal_point = [&](SealPoint at) -> Status {
    if (at == point) {
      std::filesystem::copy(log.folder(), copy, std::filesystem::copy_options::recursive);
    }
    return {};
  };
  log.seal();
  store::LogOptions options = log.options;
  options.env = nullptr;
  const auto opened = must(store::LocalLog::open(copy, {tail.position, tail.commits}, false, options));
  BOOST_TEST((log.maker.check_log(*opened.log) == tail));
  BOOST_TEST(std::filesystem::is_empty(copy + "/sealing"));
  BOOST_TEST(must(opened.log->seal(UINT64_MAX, {})) == tail.position);
  BOOST_TEST((log.maker.check_log(*opened.log) == tail));
  must(opened.log->close());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace carnet::test
