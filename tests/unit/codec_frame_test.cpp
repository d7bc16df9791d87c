// SPDX-License-Identifier: Apache-2.0
//
// Goal: a frame gives back the commits it was given, and refuses whatever was changed in it. Method: frames of random
// commits; each documented place of the layout; each length and count broken with the checksum made right again.
#undef BOOST_TEST_MODULE  // main() is in codec_messages_test.cpp
#include "codec/frame.hpp"
#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>

namespace carnet::codec {
namespace {

using base::ByteSpan;
using Words = std::vector<std::uint64_t>;

ByteSpan bytes_of(const Words& words) {
  return std::as_bytes(std::span(words));
}

/// A commit's messages as words that own themselves.
struct OwnedCommit {
  Words header;
  std::vector<Words> introductions;
  std::vector<Words> events;
};

Words random_message(std::mt19937_64& engine) {
  Words words(1 + engine() % 9);
  for (std::uint64_t& word : words) {
    word = engine();
  }
  return words;
}

OwnedCommit random_commit(std::mt19937_64& engine) {
  OwnedCommit commit;
  commit.header = random_message(engine);
  for (std::uint64_t i = engine() % 4; i > 0; --i) {
    commit.introductions.push_back(random_message(engine));
  }
  for (std::uint64_t i = 1 + engine() % 4; i > 0; --i) {
    commit.events.push_back(random_message(engine));
  }
  return commit;
}

void add(FrameBuilder& builder, const OwnedCommit& commit) {
  std::vector<ByteSpan> introductions;
  std::vector<ByteSpan> events;
  for (const Words& words : commit.introductions) {
    introductions.push_back(bytes_of(words));
  }
  for (const Words& words : commit.events) {
    events.push_back(bytes_of(words));
  }
  builder.add(bytes_of(commit.header), introductions, events);
}

bool same(const OwnedCommit& commit, const CommitBytes& read) {
  const auto equal = [](const std::vector<Words>& mine, std::span<const ByteSpan> theirs) {
    return std::ranges::equal(mine, theirs,
                              [](const Words& a, ByteSpan b) { return std::ranges::equal(bytes_of(a), b); });
  };
  return std::ranges::equal(bytes_of(commit.header), read.header) && equal(commit.introductions, read.introductions) &&
         equal(commit.events, read.events);
}

Words copy_of(ByteSpan bytes) {
  Words words(bytes.size() / 8);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

std::byte* at(Words& words, std::size_t offset) {
  return reinterpret_cast<std::byte*>(words.data()) + offset;
}

void seal(Words& frame) {
  const ByteSpan whole = bytes_of(frame);
  base::store_le(at(frame, 80), base::mask_crc32c(base::crc32c(whole.subspan(84), base::crc32c(whole.first(80)))));
}

/// One commit: header of 2 words, an introduction of 1, an event of 3.
Words small_frame() {
  FrameBuilder builder;
  builder.begin(10, 4, 1);
  add(builder, {.header = {1, 2}, .introductions = {{3}}, .events = {{4, 5, 6}}});
  return copy_of(builder.finish());
}

/// Reads to the end; the error, or nothing when all was well.
std::optional<Error> read_all(const Words& frame) {
  FrameReader reader;
  if (const Status opened = reader.open(bytes_of(frame)); !opened) {
    return opened.error();
  }
  CommitBytes commit;
  for (;;) {
    const Result<bool> more = reader.next(commit);
    if (!more) {
      return more.error();
    }
    if (!*more) {
      return std::nullopt;
    }
  }
}

void expect_damage(const Words& frame, std::string_view what) {
  const auto error = read_all(frame);
  BOOST_REQUIRE_MESSAGE(error.has_value(), what << " was not seen");
  BOOST_TEST((error->code() == ErrorCode::kCorruption));
  BOOST_TEST(error->name() == "FrameDamaged");
  BOOST_TEST(error->fact("what") == what);
  BOOST_TEST(!error->fact("offset").empty());
}

/// Damage that the checksum does not see, because it was made again.
template <class T>
void expect_structural_damage(std::size_t offset, T value, std::string_view what) {
  Words frame = small_frame();
  base::store_le(at(frame, offset), value);
  seal(frame);
  expect_damage(frame, what);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(frame)

BOOST_AUTO_TEST_CASE(commits_come_back_in_order) {
  std::mt19937_64 engine = test::seeded_engine();
  FrameBuilder builder;
  FrameReader reader;
  for (int round = 0; round < 100; ++round) {
    std::vector<OwnedCommit> commits(1 + engine() % 20);
    builder.begin(7, 3, 9);
    std::uint32_t events = 0;
    for (OwnedCommit& commit : commits) {
      commit = random_commit(engine);
      add(builder, commit);
      events += static_cast<std::uint32_t>(commit.events.size());
    }
    BOOST_REQUIRE(builder.commit_count() == commits.size());
    BOOST_REQUIRE(builder.event_count() == events);
    const ByteSpan frame = builder.finish();
    BOOST_REQUIRE(frame.size() == builder.bytes());
    BOOST_REQUIRE(reader.open(frame).has_value());
    BOOST_REQUIRE(reader.header().first_position == 7U);
    BOOST_REQUIRE(reader.header().first_commit == 3U);
    BOOST_REQUIRE(reader.header().epoch == 9U);
    BOOST_REQUIRE(reader.header().event_count == events);
    CommitBytes read;
    for (const OwnedCommit& commit : commits) {
      const Result<bool> more = reader.next(read);
      BOOST_REQUIRE(more.has_value());
      BOOST_REQUIRE(*more);
      BOOST_REQUIRE(same(commit, read));
      BOOST_REQUIRE(reinterpret_cast<std::uintptr_t>(read.header.data()) % 8 == 0);
    }
    const Result<bool> end = reader.next(read);
    BOOST_REQUIRE(end.has_value());
    BOOST_REQUIRE(!*end);
  }
}

BOOST_AUTO_TEST_CASE(header_stands_where_the_format_says) {
  const Words frame = small_frame();
  const std::byte* bytes = bytes_of(frame).data();
  BOOST_TEST(base::as_text({bytes, 4}) == "CRNF");
  BOOST_TEST(base::load_le<std::uint16_t>(bytes + 4) == 88U);
  BOOST_TEST(base::load_le<std::uint16_t>(bytes + 6) == 0U);
  BOOST_TEST(base::load_le<std::uint32_t>(bytes + 8) == 1U);
  BOOST_TEST(base::load_le<std::uint32_t>(bytes + 12) == 1U);
  BOOST_TEST(base::load_le<std::uint64_t>(bytes + 16) == 10U);
  BOOST_TEST(base::load_le<std::uint64_t>(bytes + 24) == 4U);
  BOOST_TEST(base::load_le<std::uint64_t>(bytes + 32) == 1U);
  BOOST_TEST(base::load_le<std::uint32_t>(bytes + 84) == frame.size());
  // The commit: table of lengths, then header, introduction, event.
  BOOST_TEST(base::load_le<std::uint32_t>(bytes + 88) == 2U);
  BOOST_TEST(base::load_le<std::uint16_t>(bytes + 92) == 1U);
  BOOST_TEST(base::load_le<std::uint16_t>(bytes + 94) == 1U);
  BOOST_TEST(base::load_le<std::uint32_t>(bytes + 96) == 1U);
  BOOST_TEST(base::load_le<std::uint32_t>(bytes + 100) == 3U);
  BOOST_TEST(base::load_le<std::uint64_t>(bytes + 104) == 1U);
  BOOST_TEST(frame.size() * 8 == 88U + 16U + 6U * 8U);
}

BOOST_AUTO_TEST_CASE(tree_and_summary_travel_along) {
  FrameBuilder builder;
  base::Hash root{};
  root.fill(std::byte{0x5a});
  builder.begin(1, 0, 2);
  const OwnedCommit commit{.header = {1}, .introductions = {}, .events = {{2}, {3}}};
  add(builder, commit);
  builder.carry_tree(77, root);
  FrameSummary summary;
  summary.type_bits[3] = 1U << 5U;
  summary.occurred_min_ns = -5;
  summary.occurred_max_ns = 6;
  builder.carry_summary(summary);
  summary.type_bits[0] = 2;
  builder.carry_summary(summary);
  const ByteSpan frame = builder.finish();
  const auto peeked = peek_frame(frame);
  BOOST_REQUIRE(peeked.has_value());
  FrameReader reader;
  BOOST_REQUIRE(reader.open(frame).has_value());
  for (const FrameHeader& header : {*peeked, reader.header()}) {
    BOOST_TEST(header.flags == 3U);
    BOOST_TEST(header.tree_size_before == 77U);
    BOOST_TEST((header.root_before == root));
    BOOST_TEST(header.summary.type_bits[0] == 2U);
    BOOST_TEST(header.summary.type_bits[3] == 32U);
    BOOST_TEST(header.summary.occurred_min_ns == -5);
    BOOST_TEST(header.summary.occurred_max_ns == 6);
    BOOST_TEST(header.event_count == 2U);
  }
  CommitBytes read;
  BOOST_REQUIRE(*reader.next(read));
  BOOST_TEST(same(commit, read));
}

BOOST_AUTO_TEST_CASE(rewinding_leaves_no_trace) {
  std::mt19937_64 engine = test::seeded_engine();
  const OwnedCommit kept = random_commit(engine);
  FrameBuilder plain;
  plain.begin(1, 0, 0);
  add(plain, kept);
  FrameBuilder rewound;
  rewound.begin(1, 0, 0);
  add(rewound, kept);
  const std::size_t mark = rewound.mark();
  const std::uint32_t events = rewound.event_count();
  add(rewound, random_commit(engine));
  rewound.rewind(mark, 1, events);
  BOOST_TEST(std::ranges::equal(plain.finish(), rewound.finish()));
}

BOOST_AUTO_TEST_CASE(a_builder_is_used_again_without_a_trace) {
  FrameBuilder builder;
  std::mt19937_64 engine = test::seeded_engine();
  builder.begin(9, 9, 9);
  add(builder, random_commit(engine));
  builder.carry_summary({});
  BOOST_TEST(builder.finish().size() > 0U);
  builder.begin(10, 4, 1);
  add(builder, {.header = {1, 2}, .introductions = {{3}}, .events = {{4, 5, 6}}});
  BOOST_TEST(std::ranges::equal(builder.finish(), bytes_of(small_frame())));
}

BOOST_AUTO_TEST_CASE(every_changed_bit_is_seen) {
  const Words frame = small_frame();
  for (std::size_t bit = 0; bit < frame.size() * 64; ++bit) {
    Words broken = frame;
    broken[bit / 64] ^= std::uint64_t{1} << (bit % 64);
    BOOST_REQUIRE_MESSAGE(read_all(broken).has_value(), "bit " << bit);
  }
}

BOOST_AUTO_TEST_CASE(every_cut_is_seen) {
  const Words frame = small_frame();
  for (std::size_t bytes = 0; bytes < frame.size() * 8; ++bytes) {
    FrameReader reader;
    BOOST_REQUIRE_MESSAGE(!reader.open(bytes_of(frame).first(bytes)).has_value(), "cut at " << bytes);
  }
}

BOOST_AUTO_TEST_CASE(bytes_behind_the_frame_are_seen) {
  Words frame = small_frame();
  frame.push_back(0);
  expect_damage(frame, "length");
  base::store_le(at(frame, 84), static_cast<std::uint32_t>(frame.size()));
  seal(frame);
  expect_damage(frame, "bytes behind the last commit");
}

BOOST_AUTO_TEST_CASE(lengths_and_counts_are_checked_behind_a_right_checksum) {
  expect_structural_damage<std::uint32_t>(0, 0x12345678, "magic");
  expect_structural_damage<std::uint16_t>(4, 80, "header length");
  expect_structural_damage<std::uint32_t>(8, 0, "commit count");
  expect_structural_damage<std::uint32_t>(8, 2, "commit");
  expect_structural_damage<std::uint32_t>(12, 2, "event count");
  expect_structural_damage<std::uint32_t>(12, 0, "event count");
  expect_structural_damage<std::uint32_t>(88, 0, "length of a message");
  expect_structural_damage<std::uint32_t>(88, 0xffffffff, "length of a message");
  expect_structural_damage<std::uint32_t>(88, 3, "length of a message");
  expect_structural_damage<std::uint16_t>(92, 0xffff, "table of lengths");
  expect_structural_damage<std::uint16_t>(94, 0, "event count");
  expect_structural_damage<std::uint32_t>(96, 0, "length of a message");
  expect_structural_damage<std::uint32_t>(100, 2, "bytes behind the last commit");
}

BOOST_AUTO_TEST_CASE(unknown_flags_are_a_newer_format) {
  Words frame = small_frame();
  base::store_le(at(frame, 6), std::uint16_t{4});
  BOOST_TEST(!peek_frame(bytes_of(frame)).has_value());
  // Without the checksum made again it is damage, not a newer format.
  expect_damage(frame, "checksum");
  seal(frame);
  const auto error = read_all(frame);
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST((error->code() == ErrorCode::kUnsupportedFormat));
  BOOST_TEST(error->name() == "FormatTooNew");
}

BOOST_AUTO_TEST_CASE(summary_flag_without_a_summary_is_damage) {
  Words frame = small_frame();
  base::store_le(at(frame, 6), std::uint16_t{2});
  seal(frame);
  expect_damage(frame, "header length");
  BOOST_TEST(!peek_frame(bytes_of(frame)).has_value());
}

BOOST_AUTO_TEST_CASE(peek_needs_the_header_only) {
  const Words frame = small_frame();
  BOOST_TEST(peek_frame(bytes_of(frame).first(88)).has_value());
  BOOST_TEST(!peek_frame(bytes_of(frame).first(87)).has_value());
  BOOST_TEST(!peek_frame({}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::codec
