// SPDX-License-Identifier: Apache-2.0
//
// See local_log_cursor.hpp.
#include "store/local_log_cursor.hpp"

#include "store/status.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace carnet::store {

namespace {

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

/// The entry an iterator stands at, as a frame.
Result<FrameSpan> frame_of(const rocksdb::Iterator& at, std::uint64_t position) {
  const auto span = frame_span(at.key().ToStringView(), at.value().ToStringView());
  if (!span) {
    return frames_damaged("an entry is not a frame", position);
  }
  return *span;
}

/// An aligned copy of a value. Grows and never shrinks, so that no byte is cleared before it is overwritten.
class FrameBuffer {
 public:
  std::span<const std::byte> copy(const rocksdb::Slice& value) {
    const std::size_t words = value.size() / kWordBytes;
    if (words_.size() < words) {
      words_.resize(words);
    }
    std::memcpy(words_.data(), value.data(), value.size());
    return std::as_bytes(std::span(words_).first(words));
  }

 private:
  std::vector<std::uint64_t> words_;
};

class ForwardCursor final : public FrameCursor {
 public:
  ForwardCursor(std::shared_ptr<LogDb> log, std::uint64_t after, std::uint64_t up_to)
      : log_(std::move(log)), families_(*log_, scan_options()), next_(std::min(after, up_to) + 1), up_to_(up_to) {}

  Result<std::span<const std::byte>> next() override {
    if (next_ > up_to_) {
      return std::span<const std::byte>();
    }
    CARNET_TRY(rocksdb::Iterator* const at, advance());
    CARNET_TRY(const FrameSpan span, frame_of(*at, next_));
    const bool is_first = !next_commit_.has_value();
    if (is_first ? span.header.first_position > next_
                 : span.header.first_position != next_ || span.header.first_commit != *next_commit_) {
      return frames_damaged("frames are missing before this one", next_);
    }
    next_ = span.last_position + 1;
    next_commit_ = span.header.first_commit + span.header.commit_count;
    return buffer_.copy(at->value());
  }

 private:
  enum class Place : std::uint8_t { kStart, kSealed, kTail };

  /// The iterator that stands at the frame after the last one given.
  Result<rocksdb::Iterator*> advance() {
    if (place_ == Place::kTail) {
      families_.tail->Next();
      return standing(*families_.tail);
    }
    if (place_ == Place::kStart) {
      families_.sealed->Seek(FrameKey(next_).slice());
    } else {
      families_.sealed->Next();
    }
    place_ = Place::kSealed;
    CARNET_TRY_VOID(to_status(families_.sealed->status(), StoreCall::kRead));
    if (families_.sealed->Valid()) {
      return families_.sealed.get();
    }
    place_ = Place::kTail;
    families_.tail->Seek(FrameKey(next_).slice());
    return standing(*families_.tail);
  }

  Result<rocksdb::Iterator*> standing(rocksdb::Iterator& at) const {
    CARNET_TRY_VOID(to_status(at.status(), StoreCall::kRead));
    if (!at.Valid()) {
      return frames_damaged("the log ends before its head", next_);
    }
    return &at;
  }

  std::shared_ptr<LogDb> log_;
  FamilyIterators families_;
  FrameBuffer buffer_;
  std::uint64_t next_;
  std::uint64_t up_to_;
  std::optional<std::uint64_t> next_commit_;
  Place place_ = Place::kStart;
};

class BackwardCursor final : public FrameCursor {
 public:
  BackwardCursor(std::shared_ptr<LogDb> log, std::uint64_t from)
      : log_(std::move(log)), families_(*log_, scan_options()), wanted_(from) {}

  Result<std::span<const std::byte>> next() override {
    if (wanted_ == 0) {
      return std::span<const std::byte>();
    }
    CARNET_TRY(const rocksdb::Iterator* const at, advance());
    CARNET_TRY(const FrameSpan span, frame_of(*at, wanted_));
    const bool is_first = !commits_left_.has_value();
    if (span.header.first_position > wanted_ ||
        (!is_first &&
         (span.last_position != wanted_ || span.header.first_commit + span.header.commit_count != *commits_left_))) {
      return frames_damaged("frames are missing after this one", wanted_);
    }
    wanted_ = span.header.first_position - 1;
    commits_left_ = span.header.first_commit;
    return buffer_.copy(at->value());
  }

 private:
  enum class Place : std::uint8_t { kStart, kTail, kSealed };

  /// The iterator that stands at the frame that holds `wanted_`. What is left in `tail` of a sealed range may have
  /// holes, so `sealed` comes first.
  Result<const rocksdb::Iterator*> advance() {
    rocksdb::Iterator& sealed = *families_.sealed;
    if (place_ == Place::kStart) {
      sealed.SeekToLast();
      CARNET_TRY_VOID(to_status(sealed.status(), StoreCall::kRead));
      if (sealed.Valid()) {
        CARNET_TRY(const FrameSpan last, frame_of(sealed, wanted_));
        sealed_end_ = last.last_position;
      }
    }
    const Place place = wanted_ <= sealed_end_ ? Place::kSealed : Place::kTail;
    rocksdb::Iterator& at = place == Place::kSealed ? sealed : *families_.tail;
    if (place == place_) {
      at.Prev();
    } else {
      at.Seek(FrameKey(wanted_).slice());
    }
    place_ = place;
    CARNET_TRY_VOID(to_status(at.status(), StoreCall::kRead));
    if (!at.Valid()) {
      return frames_damaged("frames are missing", wanted_);
    }
    return &at;
  }

  std::shared_ptr<LogDb> log_;
  FamilyIterators families_;
  FrameBuffer buffer_;
  std::uint64_t wanted_;
  std::uint64_t sealed_end_ = 0;
  std::optional<std::uint64_t> commits_left_;
  Place place_ = Place::kStart;
};

/// Copies the frame that holds `position`; false: this family does not hold it.
Result<bool> copy_from(rocksdb::Iterator& at, std::uint64_t position, std::vector<std::uint64_t>& out) {
  at.Seek(FrameKey(position).slice());
  CARNET_TRY_VOID(to_status(at.status(), StoreCall::kRead));
  if (!at.Valid()) {
    return false;
  }
  CARNET_TRY(const FrameSpan span, frame_of(at, position));
  if (span.header.first_position > position) {
    return false;
  }
  const rocksdb::Slice value = at.value();
  out.resize(value.size() / kWordBytes);
  std::memcpy(out.data(), value.data(), value.size());
  return true;
}

std::unique_ptr<rocksdb::Iterator> iterator(const LogDb& log, LogFamily family, const rocksdb::ReadOptions& options) {
  return std::unique_ptr<rocksdb::Iterator>(log.db().NewIterator(options, log.family(family)));
}

/// Takes the end that `at` stands at, its last frame checked by checksum.
Status take_end(const rocksdb::Iterator& at, LogEnds& ends) {
  CARNET_TRY(const FrameSpan span, frame_of(at, ends.tail.position + 1));
  FrameBuffer buffer;
  codec::FrameReader reader;
  if (Status status = reader.open(buffer.copy(at.value())); !status) {
    if (status.error().code() == ErrorCode::kUnsupportedFormat) {
      return status;
    }
    return frames_damaged("the last frame fails its checksum", span.last_position);
  }
  ends.tail = {span.last_position, span.header.first_commit + span.header.commit_count};
  ends.epoch = span.header.epoch;
  return {};
}

Status take_end_at(rocksdb::Iterator& tail, std::uint64_t position, LogEnds& ends) {
  tail.Seek(FrameKey(position).slice());
  CARNET_TRY_VOID(to_status(tail.status(), StoreCall::kRead));
  if (!tail.Valid()) {
    return frames_damaged("the last frame is missing", position);
  }
  return take_end(tail, ends);
}

/// Last position of the last frame that tables of `tail` hold; 0: none.
Result<std::uint64_t> last_frame_of_tables(const LogDb& log, rocksdb::Iterator& tail) {
  rocksdb::ColumnFamilyMetaData family;
  log.db().GetColumnFamilyMetaData(log.family(LogFamily::kTail), &family);
  std::uint64_t end = 0;
  for (const rocksdb::LevelMetaData& level : family.levels) {
    for (const rocksdb::SstFileMetaData& table : level.files) {
      if (table.largestkey.size() == sizeof(std::uint64_t)) {
        end = std::max(end, base::load_be<std::uint64_t>(table.largestkey.data()));
      }
    }
  }
  // That key may be one that was removed and never had a frame (LocalLogImpl::resume_if_stopped).
  tail.SeekForPrev(FrameKey(end).slice());
  CARNET_TRY_VOID(to_status(tail.status(), StoreCall::kRead));
  if (!tail.Valid()) {
    return std::uint64_t{0};
  }
  CARNET_TRY(const FrameSpan span, frame_of(tail, end));
  return span.last_position;
}

/// Stands `tail` at the frame that holds `position`; false: there is none.
Result<bool> seek_to(rocksdb::Iterator& tail, std::uint64_t position) {
  tail.Seek(FrameKey(position).slice());
  CARNET_TRY_VOID(to_status(tail.status(), StoreCall::kRead));
  if (!tail.Valid()) {
    return false;
  }
  CARNET_TRY(const FrameSpan span, frame_of(tail, position));
  return span.header.first_position <= position;
}

/// Goes on from the end found so far, by headers, as long as no position is missing. The last frame is checked whole,
/// the others when they are read.
Status walk(rocksdb::Iterator& tail, LogEnds& ends) {
  bool walked = false;
  for (tail.Seek(FrameKey(ends.tail.position + 1).slice()); tail.Valid(); tail.Next()) {
    CARNET_TRY(const FrameSpan span, frame_of(tail, ends.tail.position + 1));
    if (span.header.first_position != ends.tail.position + 1 || span.header.first_commit != ends.tail.commits) {
      ends.has_gap = true;
      break;
    }
    ends.tail = {span.last_position, span.header.first_commit + span.header.commit_count};
    walked = true;
  }
  CARNET_TRY_VOID(to_status(tail.status(), StoreCall::kRead));
  if (!walked) {
    return {};
  }
  return take_end_at(tail, ends.tail.position, ends);
}

}  // namespace

FamilyIterators::FamilyIterators(const LogDb& log, const rocksdb::ReadOptions& options)
    : tail(iterator(log, LogFamily::kTail, options)), sealed(iterator(log, LogFamily::kSealed, options)) {}

Error frames_damaged(std::string_view reason, std::uint64_t position) {
  return {ErrorCode::kCorruption,
          "LogDamaged",
          "frames of the log are not what was written: restore a backup, or run recover --accept-loss",
          {{"reason", std::string(reason)}, {"position", std::to_string(position)}}};
}

std::unique_ptr<FrameCursor> make_cursor(std::shared_ptr<LogDb> log, std::uint64_t after, std::uint64_t up_to) {
  return std::make_unique<ForwardCursor>(std::move(log), after, up_to);
}

std::unique_ptr<FrameCursor> make_backward_cursor(std::shared_ptr<LogDb> log, std::uint64_t from) {
  return std::make_unique<BackwardCursor>(std::move(log), from);
}

Status copy_frame_at(const LogDb& log, std::uint64_t position, bool sealed_hint, std::vector<std::uint64_t>& out) {
  if (!sealed_hint) {
    CARNET_TRY(const bool found, copy_from(*iterator(log, LogFamily::kTail, point_options()), position, out));
    if (found) {
      return {};
    }
  }
  CARNET_TRY(const bool found, copy_from(*iterator(log, LogFamily::kSealed, point_options()), position, out));
  if (!found) {
    return frames_damaged("a frame is missing", position);
  }
  return {};
}

Result<LogEnds> read_ends(const LogDb& log, const LogTail& known) {
  const FamilyIterators families(log, scan_options());
  rocksdb::Iterator& tail = *families.tail;
  LogEnds ends;
  families.sealed->SeekToLast();
  CARNET_TRY_VOID(to_status(families.sealed->status(), StoreCall::kRead));
  if (families.sealed->Valid()) {
    CARNET_TRY_VOID(take_end(*families.sealed, ends));
    ends.sealed = ends.tail.position;
  }
  if (known.position > ends.tail.position) {
    ends.tail = known;
  }
  // Tables of `tail` were flushed in order: only behind them, in what came out of write-ahead logs, can there be a gap.
  CARNET_TRY(const std::uint64_t tables_end, last_frame_of_tables(log, tail));
  if (tables_end > ends.tail.position) {
    CARNET_TRY(const bool follows, seek_to(tail, ends.tail.position + 1));
    if (!follows) {
      ends.has_gap = true;
      return ends;
    }
    CARNET_TRY_VOID(take_end_at(tail, tables_end, ends));
  }
  CARNET_TRY_VOID(walk(tail, ends));
  return ends;
}

}  // namespace carnet::store
