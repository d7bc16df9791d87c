// SPDX-License-Identifier: Apache-2.0
//
// The contract of CommitLog, one suite for every implementation. An implementation brings a harness:
//
//   struct Harness {
//     CommitLog& log();                        // open for writing
//     void reopen();                           // closes as far as it goes, opens anew: a new handle
//     void make_next_append(Trouble trouble);  // how the next append shall end
//   };
//   CARNET_COMMIT_LOG_CONTRACT(my_log, Harness)
#pragma once

#include "support/log_frames.hpp"

#include <carnet/commit_log.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdint>
#include <thread>
#include <variant>

namespace carnet::test {

enum class Trouble : std::uint8_t {
  kUnknownLanded,
  kUnknownNotLanded,
  kNotWritten,
};

namespace contract {

inline constexpr std::uint64_t kEpoch = 3;

/// Appends `commits` commits behind `tail` in one frame; requires that it works.
inline LogTail must_append(CommitLog& log, FrameMaker& maker, const LogTail& tail, std::uint32_t commits = 1,
                           LogDurability durability = LogDurability::kBuffered) {
  const LogAppendOutcome outcome = log.append(kEpoch, tail, maker.frame(tail, commits, kEpoch), durability);
  const auto* const appended = std::get_if<LogAppended>(&outcome);
  BOOST_REQUIRE(appended != nullptr);
  BOOST_TEST((appended->tail == FrameMaker::after(tail, commits)));
  return appended->tail;
}

/// Frames of 1, 2 … `frames` commits.
inline LogTail fill(CommitLog& log, FrameMaker& maker, std::uint32_t frames) {
  LogTail tail;
  for (std::uint32_t i = 1; i <= frames; ++i) {
    tail = must_append(log, maker, tail, i);
  }
  return tail;
}

inline LogTail tail_of(CommitLog& log) {
  const Result<LogTail> tail = log.tail();
  BOOST_REQUIRE(tail.has_value());
  return *tail;
}

template <class Harness>
void an_empty_log_has_tail_zero_and_no_frames() {
  Harness harness;
  FrameMaker maker;
  BOOST_TEST((tail_of(harness.log()) == LogTail{}));
  BOOST_TEST((maker.check_log(harness.log()) == LogTail{}));
}

template <class Harness>
void frames_come_back_in_order_and_unchanged() {
  Harness harness;
  FrameMaker maker;
  const LogTail tail = fill(harness.log(), maker, 20);
  BOOST_TEST((tail_of(harness.log()) == tail));
  BOOST_TEST((maker.check_log(harness.log()) == tail));
}

template <class Harness>
void a_wrong_expected_tail_is_a_conflict_that_names_the_real_one() {
  Harness harness;
  FrameMaker maker;
  const LogTail tail = fill(harness.log(), maker, 3);
  const LogTail behind = FrameMaker::after({}, 3);
  const LogTail beyond = FrameMaker::after(tail, 2);
  for (const LogTail& wrong : {LogTail{}, behind, beyond, LogTail{tail.position, tail.commits + 1}}) {
    const auto outcome = harness.log().append(kEpoch, wrong, maker.frame(wrong, 1, kEpoch), LogDurability::kBuffered);
    const auto* const conflict = std::get_if<LogConflict>(&outcome);
    BOOST_REQUIRE(conflict != nullptr);
    BOOST_TEST((conflict->actual == tail));
  }
  BOOST_TEST((maker.check_log(harness.log()) == tail));
  BOOST_TEST((must_append(harness.log(), maker, tail) == FrameMaker::after(tail)));
}

template <class Harness>
void an_older_epoch_is_fenced_also_after_reopening() {
  Harness harness;
  FrameMaker maker;
  const LogTail tail = fill(harness.log(), maker, 3);
  for (int round = 0; round < 2; ++round) {
    const auto outcome =
        harness.log().append(kEpoch - 1, tail, maker.frame(tail, 1, kEpoch - 1), LogDurability::kBuffered);
    const auto* const fenced = std::get_if<LogFenced>(&outcome);
    BOOST_REQUIRE(fenced != nullptr);
    BOOST_TEST(fenced->epoch == kEpoch);
    BOOST_TEST((tail_of(harness.log()) == tail));
    harness.reopen();
  }
  const auto outcome =
      harness.log().append(kEpoch + 1, tail, maker.frame(tail, 1, kEpoch + 1), LogDurability::kBuffered);
  BOOST_TEST(std::holds_alternative<LogAppended>(outcome));
}

/// A frame that does not go behind the tail that its writer expects, rightly.
template <class Harness>
void a_frame_that_leaves_a_gap_or_overlaps_is_refused() {
  Harness harness;
  FrameMaker maker;
  const LogTail tail = fill(harness.log(), maker, 4);
  const LogTail beyond = FrameMaker::after(tail, 1);
  const LogTail before = FrameMaker::after({}, 9);
  const LogTail commit_gap{tail.position, tail.commits + 1};
  const auto refused = [&](std::span<const std::byte> frame) {
    const auto outcome = harness.log().append(kEpoch, tail, frame, LogDurability::kBuffered);
    const auto* const none = std::get_if<LogNotWritten>(&outcome);
    BOOST_REQUIRE(none != nullptr);
    BOOST_TEST((none->cause.code() == ErrorCode::kInvalidArgument));
  };
  refused(maker.frame(beyond, 1, kEpoch));
  refused(maker.frame(before, 1, kEpoch));
  refused(maker.frame(commit_gap, 1, kEpoch));
  refused(maker.frame(tail, 1, kEpoch + 1));  // names another epoch than the call
  refused({});
  BOOST_TEST((maker.check_log(harness.log()) == tail));
  must_append(harness.log(), maker, tail);
}

template <class Harness>
void reading_begins_with_the_frame_that_holds_the_next_position() {
  Harness harness;
  FrameMaker maker;
  std::vector<LogTail> tails{LogTail{}};
  for (std::uint32_t i = 1; i <= 8; ++i) {
    tails.push_back(must_append(harness.log(), maker, tails.back(), i));
  }
  for (std::size_t i = 0; i + 1 < tails.size(); ++i) {
    for (std::uint64_t after = tails[i].position; after < tails[i + 1].position; ++after) {
      auto cursor = harness.log().read(after);
      BOOST_REQUIRE(cursor.has_value());
      LogTail at = tails[i];
      for (std::size_t expected = i + 1; expected < tails.size(); ++expected) {
        const auto frame = (*cursor)->next();
        BOOST_REQUIRE(frame.has_value());
        at = maker.check(*frame, at);
        BOOST_TEST((at == tails[expected]));
      }
      BOOST_TEST((*cursor)->next()->empty());
    }
  }
}

template <class Harness>
void reading_behind_the_tail_gives_nothing_again_and_again() {
  Harness harness;
  FrameMaker maker;
  const LogTail tail = fill(harness.log(), maker, 3);
  for (const std::uint64_t after : {tail.position, tail.position + 1, tail.position + 1000, UINT64_MAX}) {
    auto cursor = harness.log().read(after);
    BOOST_REQUIRE(cursor.has_value());
    BOOST_TEST((*cursor)->next()->empty());
    BOOST_TEST((*cursor)->next()->empty());
  }
}

template <class Harness>
void a_cursor_ends_where_the_log_ended_when_it_was_made() {
  Harness harness;
  FrameMaker maker;
  const LogTail tail = fill(harness.log(), maker, 3);
  auto cursor = harness.log().read(0);
  BOOST_REQUIRE(cursor.has_value());
  must_append(harness.log(), maker, tail);
  LogTail at;
  while (true) {
    const auto frame = (*cursor)->next();
    BOOST_REQUIRE(frame.has_value());
    if (frame->empty()) {
      break;
    }
    at = maker.check(*frame, at);
  }
  BOOST_TEST((at == tail));
  BOOST_TEST((maker.check_log(harness.log()) == FrameMaker::after(tail)));
}

template <class Harness>
void another_thread_reads_whole_prefixes_while_one_appends() {
  Harness harness;
  FrameMaker maker;
  constexpr std::uint32_t kFrames = 400;
  std::atomic<bool> done = false;
  std::atomic<std::uint64_t> acknowledged = 0;
  std::string failure;
  std::uint64_t rounds = 0;
  std::thread reader([&] {
    FrameMaker checker;
    try {
      while (!done || rounds == 0) {
        const std::uint64_t before = acknowledged;
        const LogTail seen = checker.check_log(harness.log());
        if (seen.position < before) {
          failure = "an acknowledged frame was not there";
          return;
        }
        ++rounds;
      }
    } catch (const std::exception& error) {
      failure = error.what();
    }
  });
  LogTail tail;
  for (std::uint32_t i = 0; i < kFrames; ++i) {
    const auto outcome = harness.log().append(kEpoch, tail, maker.frame(tail, 1 + i % 7, kEpoch),
                                              i % 50 == 0 ? LogDurability::kSynced : LogDurability::kBuffered);
    if (!std::holds_alternative<LogAppended>(outcome)) {
      break;
    }
    tail = std::get<LogAppended>(outcome).tail;
    acknowledged = tail.position;
  }
  done = true;
  reader.join();
  BOOST_TEST(failure == "");
  BOOST_TEST(rounds > 0U);
  BOOST_TEST((maker.check_log(harness.log()) == tail));
}

template <class Harness>
void everything_is_there_after_reopening() {
  Harness harness;
  FrameMaker maker;
  LogTail tail = fill(harness.log(), maker, 6);
  for (int round = 0; round < 3; ++round) {
    harness.reopen();
    BOOST_TEST((tail_of(harness.log()) == tail));
    BOOST_TEST((maker.check_log(harness.log()) == tail));
    tail = must_append(harness.log(), maker, tail, 3, LogDurability::kSynced);
  }
}

/// Both ends of an unknown outcome: the handle is done, only what a new one reads decides, and the log goes on from
/// there.
template <class Harness>
void unknown_outcome(Trouble trouble, bool landed) {
  Harness harness;
  FrameMaker maker;
  const LogTail tail = fill(harness.log(), maker, 5);
  BOOST_REQUIRE(harness.log().sync().has_value());
  harness.make_next_append(trouble);
  const auto outcome = harness.log().append(kEpoch, tail, maker.frame(tail, 4, kEpoch), LogDurability::kSynced);
  const auto* const unknown = std::get_if<LogUnknown>(&outcome);
  BOOST_REQUIRE(unknown != nullptr);
  BOOST_TEST((tail_of(harness.log()) == tail));
  BOOST_TEST((maker.check_log(harness.log()) == tail));
  const auto again = harness.log().append(kEpoch, tail, maker.frame(tail, 1, kEpoch), LogDurability::kBuffered);
  const auto* const same = std::get_if<LogUnknown>(&again);
  BOOST_REQUIRE(same != nullptr);
  BOOST_TEST(same->cause.to_line() == unknown->cause.to_line());

  harness.reopen();
  const LogTail expected = landed ? FrameMaker::after(tail, 4) : tail;
  BOOST_TEST((maker.check_log(harness.log(), tail) == expected));
  BOOST_TEST((tail_of(harness.log()) == expected));
  const LogTail next = must_append(harness.log(), maker, expected, 2, LogDurability::kSynced);
  BOOST_TEST((maker.check_log(harness.log()) == next));
}

template <class Harness>
void an_unknown_that_landed_is_found_by_reading_anew() {
  unknown_outcome<Harness>(Trouble::kUnknownLanded, true);
}

template <class Harness>
void an_unknown_that_did_not_land_is_found_by_reading_anew() {
  unknown_outcome<Harness>(Trouble::kUnknownNotLanded, false);
}

/// In an empty log, in a filled one, and in one that was just opened.
template <class Harness>
void what_was_not_written_can_be_appended_again() {
  Harness harness;
  FrameMaker maker;
  LogTail tail;
  for (int round = 0; round < 6; ++round) {
    const LogDurability durability = round % 2 == 0 ? LogDurability::kBuffered : LogDurability::kSynced;
    harness.make_next_append(Trouble::kNotWritten);
    const auto outcome = harness.log().append(kEpoch, tail, maker.frame(tail, 4, kEpoch), durability);
    const auto* const none = std::get_if<LogNotWritten>(&outcome);
    BOOST_REQUIRE(none != nullptr);
    BOOST_TEST((none->cause.code() == ErrorCode::kOutOfSpace));
    BOOST_TEST((maker.check_log(harness.log()) == tail));
    // Another frame than the one that failed: nothing of that one may come back.
    tail = must_append(harness.log(), maker, tail, 2, durability);
    BOOST_TEST((maker.check_log(harness.log()) == tail));
    if (round % 3 == 2) {
      harness.reopen();
      BOOST_TEST((maker.check_log(harness.log()) == tail));
    }
  }
}

template <class Harness>
void sync_of_nothing_and_of_everything_works() {
  Harness harness;
  FrameMaker maker;
  BOOST_TEST(harness.log().sync().has_value());
  fill(harness.log(), maker, 2);
  BOOST_TEST(harness.log().sync().has_value());
  BOOST_TEST(harness.log().sync().has_value());
}

template <class Harness>
void trimming_is_unsupported_or_works() {
  Harness harness;
  FrameMaker maker;
  fill(harness.log(), maker, 2);
  const Status status = harness.log().trim(1);
  BOOST_TEST((status.has_value() ||
              (status.error().code() == ErrorCode::kInvalidArgument && status.error().name() == "Unsupported")));
}

}  // namespace contract
}  // namespace carnet::test

#define CARNET_DETAIL_CONTRACT_CASE(harness, behaviour) \
  BOOST_AUTO_TEST_CASE(behaviour) {                     \
    ::carnet::test::contract::behaviour<harness>();     \
  }

/// A suite `name` that runs the contract against `harness`, anew for each case.
#define CARNET_COMMIT_LOG_CONTRACT(name, harness)                                                   \
  BOOST_AUTO_TEST_SUITE(name)                                                                       \
  CARNET_DETAIL_CONTRACT_CASE(harness, an_empty_log_has_tail_zero_and_no_frames)                    \
  CARNET_DETAIL_CONTRACT_CASE(harness, frames_come_back_in_order_and_unchanged)                     \
  CARNET_DETAIL_CONTRACT_CASE(harness, a_wrong_expected_tail_is_a_conflict_that_names_the_real_one) \
  CARNET_DETAIL_CONTRACT_CASE(harness, an_older_epoch_is_fenced_also_after_reopening)               \
  CARNET_DETAIL_CONTRACT_CASE(harness, a_frame_that_leaves_a_gap_or_overlaps_is_refused)            \
  CARNET_DETAIL_CONTRACT_CASE(harness, reading_begins_with_the_frame_that_holds_the_next_position)  \
  CARNET_DETAIL_CONTRACT_CASE(harness, reading_behind_the_tail_gives_nothing_again_and_again)       \
  CARNET_DETAIL_CONTRACT_CASE(harness, a_cursor_ends_where_the_log_ended_when_it_was_made)          \
  CARNET_DETAIL_CONTRACT_CASE(harness, another_thread_reads_whole_prefixes_while_one_appends)       \
  CARNET_DETAIL_CONTRACT_CASE(harness, everything_is_there_after_reopening)                         \
  CARNET_DETAIL_CONTRACT_CASE(harness, an_unknown_that_landed_is_found_by_reading_anew)             \
  CARNET_DETAIL_CONTRACT_CASE(harness, an_unknown_that_did_not_land_is_found_by_reading_anew)       \
  CARNET_DETAIL_CONTRACT_CASE(harness, what_was_not_written_can_be_appended_again)                  \
  CARNET_DETAIL_CONTRACT_CASE(harness, sync_of_nothing_and_of_everything_works)                     \
  CARNET_DETAIL_CONTRACT_CASE(harness, trimming_is_unsupported_or_works)                            \
  BOOST_AUTO_TEST_SUITE_END()
