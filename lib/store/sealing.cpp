// SPDX-License-Identifier: Apache-2.0
//
// See sealing.hpp, and LocalLogImpl::seal, which decides the order of the steps.
#include "store/sealing.hpp"

#include "base/check.hpp"
#include "base/files.hpp"
#include "base/limits.hpp"
#include "proof/merkle.hpp"
#include "store/local_log_impl.hpp"
#include "store/status.hpp"

#include <rocksdb/convenience.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <utility>

namespace carnet::store {

namespace {

void digests_of(std::span<const base::ByteSpan> messages, std::vector<base::Hash>& out) {
  out.clear();
  for (const base::ByteSpan& message : messages) {
    out.push_back(base::sha256(message));
  }
}

codec::FrameSummary merged(codec::FrameSummary a, const codec::FrameSummary& b, bool a_is_empty) {
  if (a_is_empty) {
    return b;
  }
  for (std::size_t i = 0; i < std::size(a.type_bits); ++i) {
    a.type_bits[i] |= b.type_bits[i];
  }
  a.occurred_min_ns = std::min(a.occurred_min_ns, b.occurred_min_ns);
  a.occurred_max_ns = std::max(a.occurred_max_ns, b.occurred_max_ns);
  return a;
}

Error not_the_same(std::uint64_t position) {
  return frames_damaged("a sealed table does not hold the commits that were given to it", position);
}

}  // namespace

base::Hash LeafHasher::leaf_of(const codec::CommitBytes& commit) {
  digests_of(commit.introductions, introductions_);
  digests_of(commit.events, events_);
  return proof::commit_leaf_hash(commit.header, introductions_, events_);
}

SealedTable::SealedTable(const rocksdb::Options& options, std::string path)
    : options_(options), path_(std::move(path)), writer_(rocksdb::EnvOptions(options), options) {}

Status SealedTable::add(base::ByteSpan frame) {
  if (Status status = source_.open(frame); !status) {
    return frames_damaged("a frame fails its check", next_position_);
  }
  const codec::FrameHeader& header = source_.header();
  if (!is_open_) {
    CARNET_TRY_VOID(to_status(writer_.Open(path_), StoreCall::kWrite));
    is_open_ = true;
    first_commit_ = header.first_commit;
    next_position_ = header.first_position;
    next_commit_ = header.first_commit;
    epoch_ = header.epoch;
    begin_frame();
  }
  CARNET_ASSERT(header.first_position == next_position_ && header.first_commit == next_commit_,
                "frames follow each other");
  if (header.epoch != epoch_) {
    CARNET_TRY_VOID(write_frame());
    epoch_ = header.epoch;
    begin_frame();
  }
  codec::CommitBytes commit;
  while (true) {
    auto more = source_.next(commit);
    if (!more) {
      return frames_damaged("a frame fails its check", next_position_);
    }
    if (!*more) {
      break;
    }
    CARNET_TRY_VOID(add_commit(commit));
  }
  taken_bytes_ += frame.size();
  last_position_ = next_position_ - 1;
  return {};
}

Status SealedTable::add_commit(const codec::CommitBytes& commit) {
  CARNET_TRY(const codec::FrameSummary summary, summary_of(commit));
  const std::size_t mark = frame_.mark();
  const std::uint32_t commits = frame_.commit_count();
  const std::uint32_t events = frame_.event_count();
  frame_.add(commit.header, commit.introductions, commit.events);
  if (frame_.bytes() > kFrameRawBytesMax && commits > 0) {
    frame_.rewind(mark, commits, events);
    CARNET_TRY_VOID(write_frame());
    begin_frame();
    frame_.add(commit.header, commit.introductions, commit.events);
  }
  summary_ = merged(summary_, summary, frame_.commit_count() == 1);
  leaves_.push_back(hasher_.leaf_of(commit));
  next_position_ += commit.events.size();
  ++next_commit_;
  return {};
}

Result<codec::FrameSummary> SealedTable::summary_of(const codec::CommitBytes& commit) {
  codec::FrameSummary summary;
  bool is_empty = true;
  for (const base::ByteSpan& message : commit.events) {
    auto event = events_.read(message);
    if (!event) {
      return frames_damaged("an event message fails its check", next_position_);
    }
    constexpr std::uint32_t kBits = 64;
    codec::FrameSummary one;
    one.type_bits[(*event)->type / kBits % std::size(one.type_bits)] = std::uint64_t{1} << ((*event)->type % kBits);
    one.occurred_min_ns = (*event)->occurred_at.ns;
    one.occurred_max_ns = (*event)->occurred_at.ns;
    summary = merged(summary, one, is_empty);
    is_empty = false;
  }
  return summary;
}

void SealedTable::begin_frame() {
  frame_.begin(next_position_, next_commit_, epoch_);
  frame_.carry_summary({});  // Makes its room in the header, so that sizes and marks count it.
}

Status SealedTable::write_frame() {
  frame_.carry_summary(summary_);
  const FrameKey key(next_position_ - 1);
  const base::ByteSpan bytes = frame_.finish();
  if (first_key_position_ == 0) {
    first_key_position_ = next_position_ - 1;
  }
  return to_status(writer_.Put(key.slice(), rocksdb::Slice(base::as_text(bytes))), StoreCall::kWrite);
}

Status SealedTable::finish() {
  CARNET_REQUIRE(is_open_, "a table holds at least one frame");
  CARNET_TRY_VOID(write_frame());
  return to_status(writer_.Finish(), StoreCall::kWrite);
}

Status SealedTable::check() const {
  rocksdb::SstFileReader reader(options_);
  CARNET_TRY_VOID(to_status(reader.Open(path_), StoreCall::kRead));
  CARNET_TRY_VOID(to_status(reader.VerifyChecksum(), StoreCall::kRead));
  const std::unique_ptr<rocksdb::Iterator> at(reader.NewIterator(scan_options()));
  std::vector<std::uint64_t> words;
  codec::FrameReader frame;
  codec::CommitBytes commit;
  LeafHasher hasher;
  std::size_t checked = 0;
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const rocksdb::Slice value = at->value();
    const auto span = frame_span(at->key().ToStringView(), value.ToStringView());
    if (!span || span->header.first_commit != first_commit_ + checked) {
      return not_the_same(span ? span->header.first_position : 0);
    }
    words.resize(value.size() / sizeof(std::uint64_t));
    std::memcpy(words.data(), value.data(), value.size());
    CARNET_TRY_VOID(frame.open(std::as_bytes(std::span(words))));
    while (true) {
      CARNET_TRY(const bool more, frame.next(commit));
      if (!more) {
        break;
      }
      if (checked == leaves_.size() || hasher.leaf_of(commit) != leaves_[checked]) {
        return not_the_same(span->header.first_position);
      }
      ++checked;
    }
  }
  CARNET_TRY_VOID(to_status(at->status(), StoreCall::kRead));
  if (checked != leaves_.size()) {
    return not_the_same(last_position_);
  }
  // Into the cache with both ends: RocksDB looks at them while it ingests, and trusts that this cannot fail.
  const std::unique_ptr<rocksdb::Iterator> ends(reader.NewIterator(point_options()));
  ends->SeekToFirst();
  CARNET_TRY_VOID(to_status(ends->status(), StoreCall::kRead));
  ends->SeekToLast();
  return to_status(ends->status(), StoreCall::kRead);
}

// LocalLogImpl's part: what happens in which order.

Status LocalLogImpl::at_seal_point(SealPoint point) const {
  if (options_.env == nullptr || !options_.env->at_seal_point) {
    return {};
  }
  return options_.env->at_seal_point(point);
}

Status LocalLogImpl::check_sealable() const {
  const NoResumeListener& events = db_->events();
  if (events.stopped_by() != StoppedBy::kNothing || events.was_resumed()) {
    return Error(ErrorCode::kStorage, "SealingUnavailable",
                 "the disk was full or failed: the log goes on, but nothing is sealed until the ledger is reopened");
  }
  const std::uint64_t step = std::min<std::uint64_t>(tail_bytes_, kSealStepBytes);
  return check_space(step);
}

Result<std::uint64_t> LocalLogImpl::seal(std::uint64_t up_to, std::stop_token stop) {
  check_process();
  CARNET_TRY_VOID(check_writable());
  CARNET_TRY_VOID(check_sealable());
  const std::uint64_t target = std::min(up_to, known_tail().position);
  if (target <= sealed_) {
    return sealed_.load();
  }
  // A sealed range is on disk at once, so what it was made of must be too: nothing may outlive what it follows from.
  // And only tables can be dropped from `tail`, so what is in memory becomes one.
  CARNET_TRY_VOID(sync());
  CARNET_TRY_VOID(
      to_status(db_->db().Flush(rocksdb::FlushOptions(), db_->family(LogFamily::kTail)), StoreCall::kWrite));
  CARNET_TRY_VOID(base::create_directory(side_files_.sealing_folder()));
  CARNET_TRY_VOID(at_seal_point(SealPoint::kBegun));
  Result<bool> more = true;
  while (more && *more && !stop.stop_requested()) {
    more = seal_step(target, stop);
  }
  ignore_error(side_files_.sweep_sealing(), "swept again by the next open");
  if (!more) {
    return std::move(more).error();
  }
  return sealed_.load();
}

/// One table. False: there is nothing left to seal, or it was stopped.
Result<bool> LocalLogImpl::seal_step(std::uint64_t target, const std::stop_token& stop) {
  SealedTable table(db_->sealed_table_options(),
                    side_files_.sealing_folder() + "/" + std::to_string(sealed_ + 1) + ".sst");
  const std::unique_ptr<FrameCursor> frames = make_cursor(db_, sealed_, target);
  while (table.taken_bytes() < kSealStepBytes) {
    CARNET_TRY(const std::span<const std::byte> frame, frames->next());
    if (frame.empty()) {
      break;
    }
    const auto header = codec::peek_frame(frame);
    CARNET_ASSERT(header.has_value(), "a cursor gives frames");
    if (header->first_position + header->event_count - 1 > target) {
      break;
    }
    CARNET_TRY_VOID(table.add(frame));
    if (stop.stop_requested()) {
      return false;
    }
  }
  if (table.taken_bytes() == 0) {
    return false;
  }
  CARNET_TRY_VOID(table.finish());
  CARNET_TRY_VOID(at_seal_point(SealPoint::kFileWritten));
  CARNET_TRY_VOID(table.check());
  CARNET_TRY_VOID(at_seal_point(SealPoint::kFileChecked));
  CARNET_TRY_VOID(ingest(table));
  CARNET_TRY_VOID(at_seal_point(SealPoint::kFileIngested));
  CARNET_TRY_VOID(drop_sealed_tail());
  CARNET_TRY_VOID(at_seal_point(SealPoint::kTailDropped));
  return true;
}

Status LocalLogImpl::ingest(const SealedTable& table) {
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  // The table overlaps nothing, so it gets sequence number 0 and the bottom level; if it ever did overlap, refuse.
  options.snapshot_consistency = false;
  options.allow_global_seqno = false;
  options.allow_blocking_flush = false;
  options.write_global_seqno = false;
  CARNET_TRY_VOID(check_sealable());
  {
    const IngestGuard::Scope guard(db_->ingest_guard());
    CARNET_TRY_VOID(to_status(db_->db().IngestExternalFile(db_->family(LogFamily::kSealed), {table.path()}, options),
                              StoreCall::kWrite));
  }
  CARNET_TRY_VOID(check_ingested(table));
  sealed_ = table.last_position();
  const std::uint64_t bytes = tail_bytes_;
  tail_bytes_ -= std::min(bytes, table.taken_bytes());
  return {};
}

/// RocksDB does not look whether reading the bounds of the table worked: with wrong ones in its MANIFEST the table's
/// frames are there and cannot be found. Then the table is taken out again; `tail` still holds everything.
Status LocalLogImpl::check_ingested(const SealedTable& table) {
  const FrameKey first(table.first_key_position());
  const FrameKey last(table.last_position());
  rocksdb::ColumnFamilyMetaData family;
  db_->db().GetColumnFamilyMetaData(db_->family(LogFamily::kSealed), &family);
  Status removed;
  for (const rocksdb::LevelMetaData& level : family.levels) {
    for (const rocksdb::SstFileMetaData& file : level.files) {
      if (file.smallestkey == first.slice().ToStringView() && file.largestkey == last.slice().ToStringView()) {
        return {};
      }
      if (file.smallestkey.size() != last.slice().size() || file.largestkey.size() != last.slice().size()) {
        removed = to_status(db_->db().DeleteFile(file.name), StoreCall::kWrite);
      }
    }
  }
  CARNET_TRY_VOID(std::move(removed));
  return Error(ErrorCode::kStorage, "StoreFailed", "a sealed table could not be read while it was taken in: retry");
}

Status LocalLogImpl::drop_sealed_tail() {
  rocksdb::DB& db = db_->db();
  rocksdb::ColumnFamilyHandle* const tail = db_->family(LogFamily::kTail);
  const FrameKey end(sealed_);
  const rocksdb::Slice end_slice = end.slice();
  if (db_->number(LogFamily::kTail, rocksdb::DB::Properties::kNumFilesAtLevelPrefix + "0") > 0) {
    // Tables are dropped below level 0 only. They do not overlap, so this moves them.
    rocksdb::CompactRangeOptions down;
    down.exclusive_manual_compaction = false;
    CARNET_TRY_VOID(to_status(db.CompactRange(down, tail, nullptr, &end_slice), StoreCall::kWrite));
  }
  // Not DeleteRange: that goes through the write-ahead log, and a secondary reads the MANIFEST first and the log
  // second. It would see a range dropped from `tail` before it sees the table that replaces it.
  return to_status(rocksdb::DeleteFilesInRange(&db, tail, nullptr, &end_slice), StoreCall::kWrite);
}

}  // namespace carnet::store
