// SPDX-License-Identifier: Apache-2.0
//
// Appending, syncing, reading and closing. What RocksDB 7.8.3 promises of a write that failed, and what follows from
// it; tests/fault/local_log_fault_test.cpp holds it to that.
//
// Writing and syncing are two calls, never WriteOptions::sync, so that it is known which of them failed.
//
// A write that fails for lack of space left an incomplete record behind, or none: the file system took fewer bytes than
// the record has. RocksDB drops the rest of it, stops (a "hard" background error) and takes no further write. Resume()
// then flushes what is in memory and starts a new write-ahead log. So: nothing was written, and the log can go on.
// Before that, a crash finds the incomplete record as a torn write at the end, which opening cuts. A lack of space that
// RocksDB calls fatal (it could not even create a write-ahead log) is a failure like any other.
//
// Any other failure of a write, and every failed sync, may have reached the disk in part or whole: the outcome is
// unknown, and what the kernel dropped of earlier writes is unknown too. The log is poisoned until it is reopened.
//
// So that none of this happens to a disk that just fills up, appending and sealing ask for free space first and refuse
// while RocksDB still has room to flush: then nothing stopped, and everything works again once there is space. RocksDB
// would resume by itself too; rocks_hooks.hpp forbids that.
#include "base/check.hpp"
#include "base/process.hpp"
#include "store/local_log_impl.hpp"
#include "store/status.hpp"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace carnet::store {

namespace {

Error closed() {
  return {ErrorCode::kClosed, "LogClosed", "the log was closed: reopen the ledger"};
}

Error read_only() {
  return {ErrorCode::kInvalidArgument, "ReadOnly", "this opening only reads what another process writes"};
}

Error refused_frame(std::string_view reason) {
  return {ErrorCode::kInvalidArgument,
          "FrameRefused",
          "the frame does not go behind the log's tail",
          {{"reason", std::string(reason)}}};
}

bool is_full_disk(const rocksdb::Status& status) noexcept {
  return status.subcode() == rocksdb::Status::kNoSpace || status.subcode() == rocksdb::Status::kSpaceLimit;
}

}  // namespace

LocalLogImpl::LocalLogImpl(std::string folder, Role role, const LogOptions& options,
                           std::optional<base::FolderLock> lock, std::shared_ptr<LogDb> db, const LogEnds& ends)
    : folder_(std::move(folder)),
      role_(role),
      options_(options),
      side_files_(folder_),
      process_(base::process_generation()),
      lock_(std::move(lock)),
      db_(std::move(db)),
      tail_(ends.tail),
      durable_(ends.tail),
      epoch_(ends.epoch),
      sealed_(ends.sealed) {}

LocalLogImpl::~LocalLogImpl() {
  if (db_ && base::process_generation() != process_) {
    db_->abandon();
  }
}

void LocalLogImpl::check_process() const {
  CARNET_REQUIRE(base::process_generation() == process_, "a forked child must not use the log");
}

Status LocalLogImpl::check_open() const {
  return db_ ? Status() : Status(closed());
}

Status LocalLogImpl::check_writable() const {
  CARNET_TRY_VOID(check_open());
  if (role_ != Role::kWriter) {
    return read_only();
  }
  const std::lock_guard lock(mutex_);
  return poison_ ? Status(*poison_) : Status();
}

LogTail LocalLogImpl::known_tail() const {
  const std::lock_guard lock(mutex_);
  return tail_;
}

LogAppendOutcome LocalLogImpl::append(std::uint64_t epoch, const LogTail& expected, std::span<const std::byte> frame,
                                      LogDurability durability) {
  check_process();
  LogTail next;
  if (auto refused = refuse(epoch, expected, frame, next)) {
    return *std::move(refused);
  }
  if (Status status = check_space_for(frame.size()); !status) {
    return LogNotWritten{std::move(status).error()};
  }
  if (auto failed = resume_for_append()) {
    return *std::move(failed);
  }
  if (auto failed = write(next, frame)) {
    return *std::move(failed);
  }
  epoch_ = epoch;
  if (durability == LogDurability::kSynced) {
    if (Status status = sync_wal(); !status) {
      return poison(std::move(status).error());
    }
  }
  const std::lock_guard lock(mutex_);
  tail_ = next;
  if (durability == LogDurability::kSynced) {
    durable_ = next;
  }
  tail_bytes_ += frame.size();
  return LogAppended{next};
}

std::optional<LogAppendOutcome> LocalLogImpl::refuse(std::uint64_t epoch, const LogTail& expected,
                                                     std::span<const std::byte> frame, LogTail& next) const {
  if (!db_) {
    return LogNotWritten{closed()};
  }
  if (role_ != Role::kWriter) {
    return LogNotWritten{read_only()};
  }
  const std::lock_guard lock(mutex_);
  if (poison_) {
    return LogUnknown{*poison_};
  }
  if (epoch < epoch_) {
    return LogFenced{epoch_};
  }
  if (expected != tail_) {
    return LogConflict{tail_};
  }
  const auto header = codec::peek_frame(frame);
  if (!header || header->commit_count == 0 || header->event_count < header->commit_count) {
    return LogNotWritten{refused_frame("not a frame")};
  }
  if (header->first_position != tail_.position + 1 || header->first_commit != tail_.commits) {
    return LogNotWritten{refused_frame("it leaves a gap or overlaps")};
  }
  if (header->epoch != epoch) {
    return LogNotWritten{refused_frame("it names another epoch")};
  }
  next = {tail_.position + header->event_count, tail_.commits + header->commit_count};
  return std::nullopt;
}

Status LocalLogImpl::check_space(std::uint64_t bytes) const {
  std::uint64_t free = 0;
  const rocksdb::IOStatus status = db_->ingest_guard().GetFreeSpace(folder_, rocksdb::IOOptions(), &free, nullptr);
  // Two memtables may have to become tables, and a write-ahead log be made, before anything can be given back.
  const std::uint64_t wanted = bytes + 2 * options_.write_buffer_bytes;
  if (!status.ok() || free >= wanted) {
    return {};
  }
  return Error(ErrorCode::kOutOfSpace, "OutOfSpace", "the disk is full: free space, then retry",
               {{"free", std::to_string(free)}, {"wanted", std::to_string(wanted)}});
}

/// Asks the file system once for each megabyte, and each time while it is full.
Status LocalLogImpl::check_space_for(std::size_t frame_bytes) {
  constexpr std::uint64_t kEveryBytes = 1024 * 1024;
  if (unchecked_bytes_ > kEveryBytes) {
    CARNET_TRY_VOID(check_space(frame_bytes));
    unchecked_bytes_ = 0;
  }
  unchecked_bytes_ += frame_bytes;
  return {};
}

std::optional<LogAppendOutcome> LocalLogImpl::resume_for_append() {
  if (db_->events().stopped_by() == StoppedBy::kNothing) {
    return std::nullopt;
  }
  Status status = resume_if_stopped();
  if (status) {
    return std::nullopt;
  }
  if (db_->events().stopped_by() == StoppedBy::kFullDisk) {
    return LogNotWritten{std::move(status).error()};
  }
  return poison(std::move(status).error());
}

std::optional<LogAppendOutcome> LocalLogImpl::write(const LogTail& next, std::span<const std::byte> frame) {
  const FrameKey key(next.position);
  batch_.Clear();
  rocksdb::Status status = batch_.Put(db_->family(LogFamily::kTail), key.slice(), rocksdb::Slice(base::as_text(frame)));
  if (status.ok()) {
    status = db_->db().Write(rocksdb::WriteOptions(), &batch_);
  }
  if (status.ok()) {
    return std::nullopt;
  }
  Error cause = to_error(status, StoreCall::kWrite);
  if (is_full_disk(status) && db_->events().stopped_by() == StoppedBy::kFullDisk) {
    return LogNotWritten{std::move(cause)};
  }
  return poison(std::move(cause));
}

LogUnknown LocalLogImpl::poison(Error cause) {
  const std::lock_guard lock(mutex_);
  if (!poison_) {
    poison_ = std::move(cause);
  }
  return LogUnknown{*poison_};
}

Status LocalLogImpl::resume_if_stopped() {
  const std::lock_guard lock(resume_mutex_);
  NoResumeListener& events = db_->events();
  if (events.stopped_by() == StoppedBy::kNothing) {
    return {};
  }
  if (events.stopped_by() == StoppedBy::kFailure) {
    return Error(ErrorCode::kStorage, "StoreFailed", "the database failed: reopen the ledger, then retry");
  }
  rocksdb::DB& db = db_->db();
  const bool memory_is_empty = db_->number(LogFamily::kTail, rocksdb::DB::Properties::kNumEntriesActiveMemTable) == 0;
  events.on_resume();
  rocksdb::Status status = db.Resume();
  if (status.ok() && memory_is_empty) {
    // With nothing to flush Resume() keeps the write-ahead log whose last write failed, and the next write to it would
    // stop the process (an assertion of RocksDB). Removing a key that no frame has gives it something to flush.
    rocksdb::WriteOptions in_memory;
    in_memory.disableWAL = true;
    status = db.Delete(in_memory, db_->family(LogFamily::kTail), FrameKey(known_tail().position + 1).slice());
    if (status.ok()) {
      status = db.Resume();
    }
  }
  if (!status.ok() && events.stopped_by() == StoppedBy::kNothing) {
    events.on_failed_resume(status);
  }
  return to_status(status, StoreCall::kWrite);
}

Status LocalLogImpl::sync_wal() {
  return to_status(db_->db().SyncWAL(), StoreCall::kWrite);
}

Status LocalLogImpl::sync() {
  check_process();
  CARNET_TRY_VOID(check_writable());
  const LogTail target = known_tail();
  if (durable_tail() == target) {
    return {};
  }
  CARNET_TRY_VOID(resume_if_stopped());
  if (Status status = sync_wal(); !status) {
    return poison(std::move(status).error()).cause;
  }
  const std::lock_guard lock(mutex_);
  durable_ = std::max(durable_, target, [](const LogTail& a, const LogTail& b) { return a.position < b.position; });
  return {};
}

Result<std::unique_ptr<FrameCursor>> LocalLogImpl::read(std::uint64_t after) {
  check_process();
  CARNET_TRY_VOID(check_open());
  const std::shared_lock families(families_mutex_);
  return make_cursor(db_, after, known_tail().position);
}

Result<std::unique_ptr<FrameCursor>> LocalLogImpl::read_backwards(std::uint64_t position) {
  check_process();
  CARNET_TRY_VOID(check_open());
  const std::shared_lock families(families_mutex_);
  return make_backward_cursor(db_, std::min(position, known_tail().position));
}

Result<bool> LocalLogImpl::frame_at(std::uint64_t position, std::vector<std::uint64_t>& out) {
  check_process();
  CARNET_TRY_VOID(check_open());
  if (position == 0 || position > known_tail().position) {
    return false;
  }
  const std::shared_lock families(families_mutex_);
  CARNET_TRY_VOID(copy_frame_at(*db_, position, position <= sealed_, out));
  return true;
}

Result<LogTail> LocalLogImpl::tail() {
  check_process();
  CARNET_TRY_VOID(check_open());
  return known_tail();
}

LogTail LocalLogImpl::durable_tail() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}

Status LocalLogImpl::trim(std::uint64_t /*up_to*/) {
  return Error(ErrorCode::kInvalidArgument, "Unsupported", "a local log never forgets");
}

Status LocalLogImpl::catch_up() {
  check_process();
  CARNET_TRY_VOID(check_open());
  if (role_ == Role::kWriter) {
    return {};
  }
  // RocksDB reads the MANIFEST first and the write-ahead logs second. A flush in between takes frames out of a log that
  // is not read any more into a table that was not named yet. The second pass sees that table: a log is removed only
  // after the MANIFEST names what replaces it. So two passes show all that was there before the first one.
  constexpr int kPasses = 2;
  constexpr int kTriesMax = 200;
  constexpr auto kPause = std::chrono::milliseconds(1);
  Status last =
      Error(ErrorCode::kBusy, "StoreBusy", "the writer changed its files faster than they could be read: retry");
  int passes = 0;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    auto ends = catch_up_once();
    if (!ends) {
      last = std::move(ends).error();
      std::this_thread::sleep_for(kPause);
    } else if (++passes >= kPasses && !ends->has_gap) {
      return {};
    }
  }
  return last;
}

Result<LogEnds> LocalLogImpl::catch_up_once() {
  const std::unique_lock families(families_mutex_);
  CARNET_TRY_VOID(to_status(db_->db().TryCatchUpWithPrimary(), StoreCall::kRead));
  CARNET_TRY(LogEnds ends, read_ends(*db_, known_tail()));
  const std::lock_guard lock(mutex_);
  sealed_ = std::max(sealed_.load(), ends.sealed);
  if (ends.tail.position >= tail_.position) {
    tail_ = ends.tail;
    durable_ = ends.tail;
  }
  return ends;
}

std::uint64_t LocalLogImpl::sealed_position() const {
  return sealed_;
}

std::uint64_t LocalLogImpl::tail_bytes() const {
  return tail_bytes_;
}

Status LocalLogImpl::close() {
  check_process();
  CARNET_TRY_VOID(check_open());
  CARNET_REQUIRE(db_.use_count() == 1, "no cursor is left when the log is closed");
  const bool is_writer = role_ == Role::kWriter;
  Status persisted = is_writer ? persist_for_close() : Status();
  const Status ended = to_status(db_->close(), StoreCall::kWrite);
  db_.reset();
  if (is_writer && persisted) {
    persisted = side_files_.mark_clean();
  }
  lock_.reset();
  CARNET_TRY_VOID(std::move(persisted));
  // Whatever RocksDB met while closing its files: everything was synced before, so nothing is lost.
  ignore_error(ended, "all frames are on disk");
  return {};
}

/// Everything acknowledged is on disk when this returns success.
Status LocalLogImpl::persist_for_close() {
  {
    const std::lock_guard lock(mutex_);
    if (poison_) {
      return *poison_;
    }
  }
  if (db_->events().stopped_by() == StoppedBy::kFullDisk) {
    ignore_error(side_files_.free_reserve(), "then the disk stays full");
  }
  if (!resume_if_stopped()) {
    // No room even now, or tables cannot be written. What was acknowledged stands in the write-ahead logs: syncing them
    // needs no room.
    return sync_wal_files();
  }
  CARNET_TRY_VOID(sync_wal());
  // As tables the frames need no replay when the log is opened. If it does not work they are in the write-ahead log.
  rocksdb::FlushOptions flush;
  flush.allow_write_stall = true;
  if (db_->db().Flush(flush, db_->family(LogFamily::kTail)).ok()) {
    ignore_error(drop_sealed_tail(), "dropped by the next open");
  }
  return {};
}

Status LocalLogImpl::sync_wal_files() {
  rocksdb::FileSystem& files = *db_->db().GetFileSystem();
  const rocksdb::IOOptions io;
  std::vector<std::string> names;
  CARNET_TRY_VOID(to_status(files.GetChildren(folder_, io, &names, nullptr), StoreCall::kRead));
  for (const std::string& name : names) {
    if (!name.ends_with(".log")) {
      continue;
    }
    std::unique_ptr<rocksdb::FSWritableFile> file;
    CARNET_TRY_VOID(to_status(files.ReopenWritableFile(folder_ + "/" + name, rocksdb::FileOptions(), &file, nullptr),
                              StoreCall::kWrite));
    CARNET_TRY_VOID(to_status(file->Fsync(io, nullptr), StoreCall::kWrite));
    CARNET_TRY_VOID(to_status(file->Close(io, nullptr), StoreCall::kWrite));
  }
  return {};
}

Status LocalLogImpl::wait_for_rest() {
  check_process();
  CARNET_TRY_VOID(check_open());
  using Properties = rocksdb::DB::Properties;
  constexpr auto kPause = std::chrono::milliseconds(1);
  const auto is_busy = [&] {
    std::uint64_t running = db_->number(LogFamily::kTail, Properties::kNumRunningFlushes) +
                            db_->number(LogFamily::kTail, Properties::kNumRunningCompactions);
    for (const LogFamily family : {LogFamily::kTail, LogFamily::kSealed}) {
      running +=
          db_->number(family, Properties::kMemTableFlushPending) + db_->number(family, Properties::kCompactionPending);
    }
    return running > 0;
  };
  while (is_busy()) {
    CARNET_TRY_VOID(check_open());
    std::this_thread::sleep_for(kPause);
  }
  return {};
}

}  // namespace carnet::store
