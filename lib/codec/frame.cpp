// SPDX-License-Identifier: Apache-2.0
//
// Frames. Little-endian, every part at an 8-byte boundary:
//
//   0  u32  magic "CRNF"             40  u64  tree size before (0 when not carried)
//   4  u16  header length in bytes   48  32 bytes root before (zeros when not carried)
//   6  u16  flags                    80  u32  masked CRC-32C over bytes 0-79 and 84-end
//   8  u32  commit count             84  u32  length of the frame in words
//  12  u32  event count              88  with kCarriesSummary: 4 × u64 type bits, i64 min and i64 max of occurredAt
//  16  u64  first position           then the commits
//  24  u64  first commit
//  32  u64  epoch
//
// A commit: u32 words of the header message, u16 introductions, u16 events, then u32 words of each introduction and
// event (zero padding to 8 bytes), then the messages. Magic, CRC and their places are those of every later format too,
// so that a damaged frame can be told from one that is newer.
#include "codec/frame.hpp"

#include "base/check.hpp"
#include "codec/wire.hpp"

#include <limits>

namespace carnet::codec {
namespace {

using wire::kWordBytes;

constexpr std::uint32_t kMagic = 0x464e5243;  // "CRNF"
constexpr std::size_t kFixedBytes = 88;
constexpr std::size_t kSummaryBytes = 48;
constexpr std::size_t kCrcAt = 80;
constexpr std::size_t kAfterCrc = kCrcAt + 4;
constexpr std::uint16_t kKnownFlags =
    static_cast<std::uint16_t>(FrameFlag::kCarriesTree) | static_cast<std::uint16_t>(FrameFlag::kCarriesSummary);
constexpr std::size_t kCommitFixedBytes = 8;

bool has(const FrameHeader& header, FrameFlag flag) noexcept {
  return (header.flags & static_cast<std::uint16_t>(flag)) != 0;
}

void add(FrameHeader& header, FrameFlag flag) noexcept {
  header.flags = static_cast<std::uint16_t>(header.flags | static_cast<std::uint16_t>(flag));
}

std::size_t header_bytes(const FrameHeader& header) noexcept {
  return kFixedBytes + (has(header, FrameFlag::kCarriesSummary) ? kSummaryBytes : 0);
}

void store_header(const FrameHeader& header, std::size_t total_bytes, std::byte* to) noexcept {
  base::store_le(to, kMagic);
  base::store_le(to + 4, static_cast<std::uint16_t>(header_bytes(header)));
  base::store_le(to + 6, header.flags);
  base::store_le(to + 8, header.commit_count);
  base::store_le(to + 12, header.event_count);
  base::store_le(to + 16, header.first_position);
  base::store_le(to + 24, header.first_commit);
  base::store_le(to + 32, header.epoch);
  base::store_le(to + 40, header.tree_size_before);
  std::memcpy(to + 48, header.root_before.data(), header.root_before.size());
  base::store_le(to + kCrcAt, std::uint32_t{0});
  base::store_le(to + kAfterCrc, static_cast<std::uint32_t>(total_bytes / kWordBytes));
  if (has(header, FrameFlag::kCarriesSummary)) {
    std::byte* at = to + kFixedBytes;
    for (const std::uint64_t bits : header.summary.type_bits) {
      base::store_le(at, bits);
      at += 8;
    }
    base::store_le(at, header.summary.occurred_min_ns);
    base::store_le(at + 8, header.summary.occurred_max_ns);
  }
}

/// Requires: kFixedBytes of `bytes`, and the summary if the flags say so.
FrameHeader load_header(base::ByteSpan bytes) noexcept {
  const std::byte* from = bytes.data();
  FrameHeader header;
  header.flags = base::load_le<std::uint16_t>(from + 6);
  header.commit_count = base::load_le<std::uint32_t>(from + 8);
  header.event_count = base::load_le<std::uint32_t>(from + 12);
  header.first_position = base::load_le<std::uint64_t>(from + 16);
  header.first_commit = base::load_le<std::uint64_t>(from + 24);
  header.epoch = base::load_le<std::uint64_t>(from + 32);
  header.tree_size_before = base::load_le<std::uint64_t>(from + 40);
  std::memcpy(header.root_before.data(), from + 48, header.root_before.size());
  if (has(header, FrameFlag::kCarriesSummary)) {
    const std::byte* at = from + kFixedBytes;
    for (std::uint64_t& bits : header.summary.type_bits) {
      bits = base::load_le<std::uint64_t>(at);
      at += 8;
    }
    header.summary.occurred_min_ns = base::load_le<std::int64_t>(at);
    header.summary.occurred_max_ns = base::load_le<std::int64_t>(at + 8);
  }
  return header;
}

bool begins_like_a_frame(base::ByteSpan bytes) noexcept {
  return bytes.size() >= kFixedBytes && base::load_le<std::uint32_t>(bytes.data()) == kMagic;
}

std::uint16_t flags_of(base::ByteSpan bytes) noexcept {
  return base::load_le<std::uint16_t>(bytes.data() + 6);
}

/// The header's stated length is the one its flags give, and it is all there.
bool header_is_whole(base::ByteSpan bytes) noexcept {
  FrameHeader only_flags;
  only_flags.flags = flags_of(bytes);
  const std::size_t length = header_bytes(only_flags);
  return base::load_le<std::uint16_t>(bytes.data() + 4) == length && bytes.size() >= length;
}

std::uint32_t checksum(base::ByteSpan bytes) noexcept {
  return base::mask_crc32c(base::crc32c(bytes.subspan(kAfterCrc), base::crc32c(bytes.first(kCrcAt))));
}

/// Bytes of a commit's table of lengths, padded.
std::size_t table_bytes(std::size_t parts) noexcept {
  return (kCommitFixedBytes + parts * 4 + kWordBytes - 1) / kWordBytes * kWordBytes;
}

Error damaged(const char* what, std::size_t offset) {
  return {ErrorCode::kCorruption,
          "FrameDamaged",
          "the bytes are no frame of the log",
          {{"what", what}, {"offset", std::to_string(offset)}}};
}

std::byte* put_message(std::byte* to, base::ByteSpan message) noexcept {
  std::memcpy(to, message.data(), message.size());
  return to + message.size();
}

std::uint32_t words_of(base::ByteSpan message) noexcept {
  CARNET_REQUIRE(!message.empty() && message.size() % kWordBytes == 0, "a message is whole words");
  return static_cast<std::uint32_t>(message.size() / kWordBytes);
}

}  // namespace

void FrameBuilder::begin(std::uint64_t first_position, std::uint64_t first_commit, std::uint64_t epoch) {
  header_ = FrameHeader{};
  header_.first_position = first_position;
  header_.first_commit = first_commit;
  header_.epoch = epoch;
  words_.assign(kFixedBytes / kWordBytes, 0);
}

void FrameBuilder::add(base::ByteSpan header, std::span<const base::ByteSpan> introductions,
                       std::span<const base::ByteSpan> events) {
  constexpr std::size_t kCountMax = std::numeric_limits<std::uint16_t>::max();
  CARNET_REQUIRE(introductions.size() <= kCountMax && events.size() <= kCountMax,
                 "parts of a commit are counted by u16");
  const std::size_t parts = introductions.size() + events.size();
  std::size_t bytes = table_bytes(parts) + header.size();
  for (const auto& list : {introductions, events}) {
    for (const base::ByteSpan& message : list) {
      bytes += message.size();
    }
  }
  const std::size_t at = words_.size();
  words_.resize(at + bytes / kWordBytes);
  auto* table = reinterpret_cast<std::byte*>(words_.data() + at);
  std::byte* body = table + table_bytes(parts);
  base::store_le(table, words_of(header));
  base::store_le(table + 4, static_cast<std::uint16_t>(introductions.size()));
  base::store_le(table + 6, static_cast<std::uint16_t>(events.size()));
  table += kCommitFixedBytes;
  body = put_message(body, header);
  for (const auto& list : {introductions, events}) {
    for (const base::ByteSpan& message : list) {
      base::store_le(table, words_of(message));
      table += 4;
      body = put_message(body, message);
    }
  }
  ++header_.commit_count;
  header_.event_count += static_cast<std::uint32_t>(events.size());
}

void FrameBuilder::carry_tree(std::uint64_t size_before, const base::Hash& root_before) {
  carnet::codec::add(header_, FrameFlag::kCarriesTree);
  header_.tree_size_before = size_before;
  header_.root_before = root_before;
}

void FrameBuilder::carry_summary(const FrameSummary& summary) {
  if (!has(header_, FrameFlag::kCarriesSummary)) {
    words_.insert(words_.begin() + static_cast<std::ptrdiff_t>(kFixedBytes / kWordBytes), kSummaryBytes / kWordBytes,
                  0);
    carnet::codec::add(header_, FrameFlag::kCarriesSummary);
  }
  header_.summary = summary;
}

std::size_t FrameBuilder::bytes() const noexcept {
  return words_.size() * kWordBytes;
}

std::uint32_t FrameBuilder::commit_count() const noexcept {
  return header_.commit_count;
}

std::uint32_t FrameBuilder::event_count() const noexcept {
  return header_.event_count;
}

std::size_t FrameBuilder::mark() const noexcept {
  return words_.size();
}

void FrameBuilder::rewind(std::size_t mark, std::uint32_t commit_count, std::uint32_t event_count) noexcept {
  CARNET_REQUIRE(mark <= words_.size() && mark * kWordBytes >= header_bytes(header_), "the mark is of this frame");
  words_.resize(mark);
  header_.commit_count = commit_count;
  header_.event_count = event_count;
}

base::ByteSpan FrameBuilder::finish() {
  CARNET_REQUIRE(header_.commit_count > 0, "a frame holds at least one commit");
  CARNET_REQUIRE(words_.size() <= wire::kMessageWordsMax, "a frame's length is stated in words");
  auto* bytes = reinterpret_cast<std::byte*>(words_.data());
  store_header(header_, words_.size() * kWordBytes, bytes);
  const base::ByteSpan whole = wire::as_bytes(words_);
  base::store_le(bytes + kCrcAt, checksum(whole));
  return whole;
}

std::optional<FrameHeader> peek_frame(base::ByteSpan bytes) noexcept {
  if (!begins_like_a_frame(bytes) || (flags_of(bytes) & ~kKnownFlags) != 0 || !header_is_whole(bytes)) {
    return std::nullopt;
  }
  return load_header(bytes);
}

Status FrameReader::open(base::ByteSpan bytes) {
  CARNET_REQUIRE(reinterpret_cast<std::uintptr_t>(bytes.data()) % kWordBytes == 0,
                 "a frame is read at an aligned address");
  bytes_ = {};
  at_ = 0;
  done_ = 0;
  events_left_ = 0;
  header_ = {};
  if (!begins_like_a_frame(bytes)) {
    return damaged("magic", 0);
  }
  if (base::load_le<std::uint32_t>(bytes.data() + kAfterCrc) != bytes.size() / kWordBytes ||
      bytes.size() % kWordBytes != 0) {
    return damaged("length", kAfterCrc);
  }
  if (base::load_le<std::uint32_t>(bytes.data() + kCrcAt) != checksum(bytes)) {
    return damaged("checksum", kCrcAt);
  }
  if ((flags_of(bytes) & ~kKnownFlags) != 0) {
    return Error(ErrorCode::kUnsupportedFormat, "FormatTooNew",
                 "a frame has flags that this version does not know: upgrade Carnet",
                 {{"flags", std::to_string(flags_of(bytes))}});
  }
  if (!header_is_whole(bytes)) {
    return damaged("header length", 4);
  }
  const FrameHeader header = load_header(bytes);
  if (header.commit_count == 0) {
    return damaged("commit count", 8);
  }
  header_ = header;
  bytes_ = bytes;
  at_ = header_bytes(header);
  events_left_ = header.event_count;
  return {};
}

// A commit's parts from its table of lengths, each length held against what is left. Null: they fit.
const char* FrameReader::read_parts(std::size_t parts) {
  const std::size_t left = bytes_.size() - at_;
  if (table_bytes(parts) > left) {
    return "table of lengths";
  }
  const std::byte* table = bytes_.data() + at_;
  const std::size_t header_words = base::load_le<std::uint32_t>(table);
  std::size_t body = at_ + table_bytes(parts);
  parts_.clear();
  for (std::size_t i = 0; i <= parts; ++i) {
    const std::size_t words =
        i == 0 ? header_words : base::load_le<std::uint32_t>(table + kCommitFixedBytes + (i - 1) * 4);
    if (words == 0 || words > (bytes_.size() - body) / kWordBytes) {
      return "length of a message";
    }
    parts_.push_back(bytes_.subspan(body, words * kWordBytes));
    body += words * kWordBytes;
  }
  at_ = body;
  return nullptr;
}

Result<bool> FrameReader::next(CommitBytes& out) {
  if (done_ == header_.commit_count) {
    if (at_ != bytes_.size()) {
      return damaged("bytes behind the last commit", at_);
    }
    if (events_left_ != 0) {
      return damaged("event count", 12);
    }
    return false;
  }
  if (bytes_.size() - at_ < kCommitFixedBytes) {
    return damaged("commit", at_);
  }
  const std::size_t introductions = base::load_le<std::uint16_t>(bytes_.data() + at_ + 4);
  const std::size_t events = base::load_le<std::uint16_t>(bytes_.data() + at_ + 6);
  if (events == 0 || events > events_left_) {
    return damaged("event count", at_ + 6);
  }
  const std::size_t commit_at = at_;
  if (const char* what = read_parts(introductions + events); what != nullptr) {
    return damaged(what, commit_at);
  }
  events_left_ -= static_cast<std::uint32_t>(events);
  ++done_;
  out.header = parts_[0];
  out.introductions = std::span<const base::ByteSpan>(parts_).subspan(1, introductions);
  out.events = std::span<const base::ByteSpan>(parts_).subspan(1 + introductions, events);
  return true;
}

}  // namespace carnet::codec
