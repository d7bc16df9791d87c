// SPDX-License-Identifier: Apache-2.0
//
// Commits and frames for tests of logs. Everything of a commit follows from its number, its first position and the
// seed, so that a log can be checked without remembering what was written: no frame boundary enters.
#pragma once

#include "base/bytes.hpp"
#include "codec/frame.hpp"
#include "codec/messages.hpp"

#include <carnet/commit_log.hpp>

#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace carnet::test {

/// The messages of one commit.
struct TestCommit {
  std::vector<std::uint64_t> header;
  std::vector<std::vector<std::uint64_t>> introductions;
  std::vector<std::vector<std::uint64_t>> events;
};

class FrameMaker {
 public:
  explicit FrameMaker(std::uint64_t seed = 1) : seed_(seed) {}

  /// One to three events; every 97th commit has 40.
  [[nodiscard]] static std::uint32_t events_of(std::uint64_t commit) {
    return commit % 97 == 96 ? 40 : static_cast<std::uint32_t>(1 + commit % 3);
  }

  /// This commit gets a payload of 20 KB, more than a sealed frame holds.
  void make_large(std::uint64_t commit) { large_ = commit; }

  [[nodiscard]] TestCommit commit(std::uint64_t number, std::uint64_t first_position) {
    TestCommit made;
    codec::CommitHead head;
    head.number = number;
    head.first_position = first_position;
    head.recorded_at = {static_cast<std::int64_t>(number) * 1000};
    head.actor_id = "tester";
    codec::encode_commit_head(head, made.header);
    if (number % 5 == 0) {
      const std::string name = "test/" + std::to_string(number);
      const codec::Introduction chain{static_cast<std::uint32_t>(number / 5 + 1),
                                      codec::ChainIntroduction{ChainKind::kStream, name}};
      codec::encode_introduction(chain, {}, made.introductions.emplace_back());
    }
    for (std::uint32_t i = 0; i < events_of(number); ++i) {
      made.events.push_back(event(first_position + i, number == large_ && i == 0 ? 2500 : 16));
    }
    return made;
  }

  /// A frame of `commits` commits behind `tail`. Valid until the next call.
  [[nodiscard]] std::span<const std::byte> frame(const LogTail& tail, std::uint32_t commits = 1,
                                                 std::uint64_t epoch = 1) {
    builder_.begin(tail.position + 1, tail.commits, epoch);
    LogTail next = tail;
    for (std::uint32_t i = 0; i < commits; ++i) {
      next = add(next);
    }
    return builder_.finish();
  }

  /// The tail behind such a frame.
  [[nodiscard]] static LogTail after(LogTail tail, std::uint32_t commits = 1) {
    for (std::uint32_t i = 0; i < commits; ++i) {
      tail.position += events_of(tail.commits);
      tail.commits += 1;
    }
    return tail;
  }

  /// Checks that the frame holds the commits behind `tail`, whole and unchanged; returns the tail behind it.
  /// Throws std::runtime_error, because child processes without Boost.Test use it too.
  LogTail check(std::span<const std::byte> frame, LogTail tail) {
    codec::FrameReader reader;
    must(reader.open(frame).has_value(), "the frame opens");
    must(reader.header().first_position == tail.position + 1, "positions follow");
    must(reader.header().first_commit == tail.commits, "commits follow");
    codec::CommitBytes stored;
    while (true) {
      auto more = reader.next(stored);
      must(more.has_value(), "the frame is whole");
      if (!*more) {
        return tail;
      }
      const TestCommit wanted = commit(tail.commits, tail.position + 1);
      must(same(wanted.header, stored.header), "header is what was written");
      must(same(wanted.introductions, stored.introductions), "introductions are what was written");
      must(same(wanted.events, stored.events), "events are what was written");
      tail.position += wanted.events.size();
      tail.commits += 1;
    }
  }

  /// Reads all that is behind `from` and checks it; returns the tail.
  LogTail check_log(CommitLog& log, const LogTail& from = {}) {
    auto cursor = log.read(from.position);
    must(cursor.has_value(), "the log can be read");
    LogTail tail = from;
    while (true) {
      auto frame = (*cursor)->next();
      if (!frame) {
        throw std::runtime_error(frame.error().to_line());
      }
      if (frame->empty()) {
        return tail;
      }
      must(reinterpret_cast<std::uintptr_t>(frame->data()) % 8 == 0, "a frame is aligned");
      tail = check(*frame, tail);
    }
  }

 private:
  static void must(bool condition, const char* what) {
    if (!condition) {
      throw std::runtime_error(std::string("not so: ") + what);
    }
  }

  static bool same(const std::vector<std::uint64_t>& wanted, base::ByteSpan stored) {
    const auto bytes = std::as_bytes(std::span(wanted));
    return base::as_text(bytes) == base::as_text(stored);
  }

  static bool same(const std::vector<std::vector<std::uint64_t>>& wanted, std::span<const base::ByteSpan> stored) {
    bool equal = wanted.size() == stored.size();
    for (std::size_t i = 0; equal && i < wanted.size(); ++i) {
      equal = same(wanted[i], stored[i]);
    }
    return equal;
  }

  LogTail add(const LogTail& tail) {
    const TestCommit made = commit(tail.commits, tail.position + 1);
    const auto spans = [](const std::vector<std::vector<std::uint64_t>>& messages) {
      std::vector<base::ByteSpan> out;
      for (const auto& message : messages) {
        out.push_back(std::as_bytes(std::span(message)));
      }
      return out;
    };
    builder_.add(std::as_bytes(std::span(made.header)), spans(made.introductions), spans(made.events));
    return {tail.position + made.events.size(), tail.commits + 1};
  }

  /// A payload of data words only: the position, and bytes that compress about as well as real ones.
  [[nodiscard]] std::vector<std::uint64_t> event(std::uint64_t position, std::uint64_t data_words) {
    Payload payload;
    payload.words.push_back(data_words << 32U);  // A struct pointer: data right behind it.
    payload.words.push_back(position);
    std::uint64_t state = seed_ * 0x9e3779b97f4a7c15U + position;
    for (std::uint64_t i = 1; i < data_words; ++i) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      payload.words.push_back(state >> (i % 2 == 0 ? 56U : 40U));
    }
    const Timestamp at{static_cast<std::int64_t>(position) * 1'000'000};
    message_.prepare(payload, 1, at, at, {});
    message_.set_type(static_cast<std::uint32_t>(1 + position % 300), 1);
    message_.set_chain(0, {position - 1, 1, static_cast<std::uint32_t>(position)});
    const base::ByteSpan bytes = message_.finish();
    std::vector<std::uint64_t> words(bytes.size() / sizeof(std::uint64_t));
    std::memcpy(words.data(), bytes.data(), bytes.size());
    return words;
  }

  std::uint64_t seed_;
  std::uint64_t large_ = UINT64_MAX;
  codec::FrameBuilder builder_;
  codec::EventMessage message_;
};

}  // namespace carnet::test
