// SPDX-License-Identifier: Apache-2.0
//
// Why a copy is replaced by rename and not overwritten in place: in place, a power loss inside the write leaves one
// copy torn, and the other is then the only one; a second fault would take it. By rename both copies are whole at every
// moment. The price is a new file each time, so that a full disk fails the raise; the floor then stays where it is,
// which is always true.
#include "store/floor.hpp"

#include "base/bytes.hpp"
#include "base/check.hpp"

#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace carnet::store {

namespace {

constexpr std::string_view kMagic = "CARNETFL";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFloorBytes = 96;
constexpr std::size_t kFileBytesMax = 4096;  // A later version may be longer: its version must still be readable.
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kLengthAt = 12;
constexpr std::size_t kLedgerAt = 16;
constexpr std::size_t kSequenceAt = 32;
constexpr std::size_t kPositionAt = 40;
constexpr std::size_t kCommitsAt = 48;
constexpr std::size_t kRootAt = 56;
constexpr std::size_t kZeroAt = 88;
constexpr std::size_t kCrcAt = 92;

struct Decoded {
  LedgerId ledger{};
  std::uint64_t sequence = 0;
  FloorMark mark;
};

std::string encode(const Decoded& floor) {
  std::string bytes(kFloorBytes, '\0');
  char* const to = bytes.data();
  std::memcpy(to, kMagic.data(), kMagic.size());
  base::store_le(to + kVersionAt, kVersion);
  base::store_le(to + kLengthAt, static_cast<std::uint32_t>(kFloorBytes));
  std::memcpy(to + kLedgerAt, floor.ledger.data(), floor.ledger.size());
  base::store_le(to + kSequenceAt, floor.sequence);
  base::store_le(to + kPositionAt, floor.mark.position);
  base::store_le(to + kCommitsAt, floor.mark.commits);
  std::memcpy(to + kRootAt, floor.mark.root.data(), floor.mark.root.size());
  base::store_le(to + kCrcAt, base::crc32c(base::as_bytes(std::string_view(bytes).substr(0, kCrcAt))));
  return bytes;
}

/// Every version begins with magic, version and its length, and ends with a CRC32C of all before: so a copy that a
/// newer Carnet wrote is told from a damaged one.
bool is_whole(std::string_view bytes) noexcept {
  if (bytes.size() < kFloorBytes || !bytes.starts_with(kMagic) ||
      base::load_le<std::uint32_t>(bytes.data() + kLengthAt) != bytes.size()) {
    return false;
  }
  const std::string_view covered = bytes.substr(0, bytes.size() - sizeof(std::uint32_t));
  return base::load_le<std::uint32_t>(bytes.data() + covered.size()) == base::crc32c(base::as_bytes(covered));
}

/// Nothing: damaged. Errors: kUnsupportedFormat.
Result<std::optional<Decoded>> decode(std::string_view bytes) {
  if (!is_whole(bytes)) {
    return std::optional<Decoded>();
  }
  const auto version = base::load_le<std::uint32_t>(bytes.data() + kVersionAt);
  if (version > kVersion) {
    return Error(ErrorCode::kUnsupportedFormat, "FormatTooNew", "the floor was written by a newer Carnet: upgrade",
                 {{"version", std::to_string(version)}, {"known", std::to_string(kVersion)}});
  }
  if (version != kVersion || bytes.size() != kFloorBytes || base::load_le<std::uint32_t>(bytes.data() + kZeroAt) != 0) {
    return std::optional<Decoded>();
  }
  Decoded floor;
  std::memcpy(floor.ledger.data(), bytes.data() + kLedgerAt, floor.ledger.size());
  floor.sequence = base::load_le<std::uint64_t>(bytes.data() + kSequenceAt);
  floor.mark.position = base::load_le<std::uint64_t>(bytes.data() + kPositionAt);
  floor.mark.commits = base::load_le<std::uint64_t>(bytes.data() + kCommitsAt);
  std::memcpy(floor.mark.root.data(), bytes.data() + kRootAt, floor.mark.root.size());
  return std::optional<Decoded>(floor);
}

Error floor_damaged(std::string_view reason, const std::string& folder) {
  return {ErrorCode::kCorruption,
          "LogDamaged",
          "the floor of the ledger is not what was written: restore both copies from a backup",
          {{"reason", std::string(reason)}, {"folder", folder}}};
}

}  // namespace

/// What reading one copy gave.
struct Floor::Read {
  std::optional<Decoded> floor;
  std::optional<Error> failure;  ///< The file could not be read; a missing one is no failure.

  static Result<Read> from(base::FileSystem& files, const std::string& path) {
    auto bytes = files.read_file(path, kFileBytesMax);
    if (bytes) {
      CARNET_TRY(auto floor, decode(*bytes));
      return Read{.floor = floor, .failure = {}};
    }
    const ErrorCode code = bytes.error().code();
    if (code == ErrorCode::kNotFound || code == ErrorCode::kInvalidArgument) {
      return Read{};  // Missing, or too large to be one.
    }
    return Read{.floor = {}, .failure = std::move(bytes).error()};
  }
};

Floor::Floor(std::shared_ptr<base::FileSystem> files, const std::string& folder)
    : files_(std::move(files)), copies_{Copy{.path = folder + "/FLOOR.a"}, Copy{.path = folder + "/FLOOR.b"}} {}

Result<Floor> Floor::create(std::shared_ptr<base::FileSystem> files, const std::string& folder, const LedgerId& ledger,
                            const FloorMark& mark) {
  Floor floor(std::move(files), folder);
  for (const Copy& copy : floor.copies_) {
    CARNET_TRY(const bool exists, floor.files_->exists(copy.path));
    if (exists) {
      return Error(ErrorCode::kInvalidArgument, "FloorExists", "the folder already holds a ledger's floor",
                   {{"path", copy.path}});
    }
  }
  floor.ledger_ = ledger;
  floor.mark_ = mark;
  floor.sequence_ = 1;
  CARNET_TRY_VOID(floor.write_both());
  return floor;
}

Result<Floor> Floor::read(std::shared_ptr<base::FileSystem> files, const std::string& folder) {
  Floor floor(std::move(files), folder);
  std::optional<Error> failure;
  std::optional<Decoded> newest;
  for (Copy& copy : floor.copies_) {
    CARNET_TRY(Read read, Read::from(*floor.files_, copy.path));
    if (read.failure) {
      failure = std::move(read.failure);
    }
    if (!read.floor) {
      continue;
    }
    copy.is_whole = true;
    copy.sequence = read.floor->sequence;
    if (newest && newest->ledger != read.floor->ledger) {
      return floor_damaged("the copies are of two ledgers", folder);
    }
    if (newest && newest->sequence == read.floor->sequence && newest->mark != read.floor->mark) {
      return floor_damaged("the copies contradict each other", folder);
    }
    if (!newest || read.floor->sequence > newest->sequence) {
      newest = read.floor;
    }
  }
  if (!newest) {
    return failure ? *std::move(failure) : floor_damaged("no copy is whole", folder);
  }
  floor.ledger_ = newest->ledger;
  floor.sequence_ = newest->sequence;
  floor.mark_ = newest->mark;
  return floor;
}

Status Floor::raise(const FloorMark& mark) {
  const bool is_higher = mark.position > mark_.position;
  CARNET_REQUIRE(!is_higher || mark.commits >= mark_.commits, "a higher floor holds no fewer commits");
  if (is_higher) {
    mark_ = mark;
    sequence_ += 1;
  }
  return is_settled() ? Status() : write_both();
}

Status Floor::lower_after_accepted_loss(const FloorMark& mark) {
  mark_ = mark;
  sequence_ += 1;
  return write_both();
}

bool Floor::is_settled() const noexcept {
  return !is_degraded() && copies_[0].sequence == sequence_ && copies_[1].sequence == sequence_;
}

/// The copy that would be missed least goes first: one that is not whole, else the older one.
Status Floor::write_both() {
  const bool second_first = copies_[0].is_whole && (!copies_[1].is_whole || copies_[1].sequence < copies_[0].sequence);
  for (Copy* const copy : {&copies_[second_first ? 1 : 0], &copies_[second_first ? 0 : 1]}) {
    if (!copy->is_whole || copy->sequence != sequence_) {
      CARNET_TRY_VOID(write(*copy));
    }
  }
  return {};
}

Status Floor::write(Copy& copy) {
  CARNET_TRY_VOID(files_->write_file_synced(
      copy.path, encode({.ledger = ledger_, .sequence = sequence_, .mark = mark_}), base::FileMode::kShared));
  copy.is_whole = true;
  copy.sequence = sequence_;
  return {};
}

}  // namespace carnet::store
