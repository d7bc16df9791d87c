// SPDX-License-Identifier: Apache-2.0
//
// LocalLog over an open LogDb. local_log_open.cpp makes it, local_log.cpp appends and reads, sealing.cpp moves ranges
// from `tail` to `sealed`.
#pragma once

#include "base/files.hpp"
#include "store/local_log_cursor.hpp"
#include "store/local_log_db.hpp"
#include "store/log_files.hpp"
#include "store/store_env.hpp"

#include <rocksdb/write_batch.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <sys/types.h>
#include <vector>

namespace carnet::store {

class SealedTable;

class LocalLogImpl final : public LocalLog {
 public:
  enum class Role : std::uint8_t { kWriter, kSecondary };

  /// `lock` is the writer's; a secondary has none.
  LocalLogImpl(std::string folder, Role role, const LogOptions& options, std::optional<base::FolderLock> lock,
               std::shared_ptr<LogDb> db, const LogEnds& ends);
  ~LocalLogImpl() override;

  [[nodiscard]] LogAppendOutcome append(std::uint64_t epoch, const LogTail& expected, std::span<const std::byte> frame,
                                        LogDurability durability) override;
  [[nodiscard]] Result<std::unique_ptr<FrameCursor>> read(std::uint64_t after) override;
  [[nodiscard]] Result<LogTail> tail() override;
  [[nodiscard]] Status sync() override;
  [[nodiscard]] Status trim(std::uint64_t up_to) override;

  [[nodiscard]] Status catch_up() override;
  [[nodiscard]] Result<bool> frame_at(std::uint64_t position, std::vector<std::uint64_t>& out) override;
  [[nodiscard]] Result<std::unique_ptr<FrameCursor>> read_backwards(std::uint64_t position) override;
  [[nodiscard]] LogTail durable_tail() const override;
  [[nodiscard]] Result<std::uint64_t> seal(std::uint64_t up_to, std::stop_token stop) override;
  [[nodiscard]] std::uint64_t sealed_position() const override;
  [[nodiscard]] std::uint64_t tail_bytes() const override;
  [[nodiscard]] std::vector<Fact> stats() override;
  [[nodiscard]] Status wait_for_rest() override;
  [[nodiscard]] Status close() override;

  /// Drops tables of `tail` that hold sealed positions only. Requires: the writer.
  [[nodiscard]] Status drop_sealed_tail();
  /// Bytes of frames in `tail` beyond the sealed head, by the properties of its tables.
  void estimate_tail_bytes();

 private:
  void check_process() const;
  [[nodiscard]] Status check_open() const;
  [[nodiscard]] Status check_writable() const;
  [[nodiscard]] LogTail known_tail() const;

  // Append, in the order of its checks. What they return ends the append.
  [[nodiscard]] std::optional<LogAppendOutcome> refuse(std::uint64_t epoch, const LogTail& expected,
                                                       std::span<const std::byte> frame, LogTail& next) const;
  [[nodiscard]] std::optional<LogAppendOutcome> resume_for_append();
  [[nodiscard]] std::optional<LogAppendOutcome> write(const LogTail& next, std::span<const std::byte> frame);
  /// After this nothing is written any more; the first cause stays.
  LogUnknown poison(Error cause);

  [[nodiscard]] Result<LogEnds> catch_up_once();
  [[nodiscard]] Status sync_wal();
  /// Errors: kOutOfSpace — after `bytes` more the disk would hold less than RocksDB may need to go on.
  [[nodiscard]] Status check_space(std::uint64_t bytes) const;
  [[nodiscard]] Status check_space_for(std::size_t frame_bytes);
  [[nodiscard]] Status check_sealable() const;
  /// Starts RocksDB again if a full disk stopped it. Errors: kOutOfSpace — still full; kStorage, kClosed — reopen.
  [[nodiscard]] Status resume_if_stopped();
  [[nodiscard]] Status persist_for_close();
  [[nodiscard]] Status sync_wal_files();
  [[nodiscard]] Status at_seal_point(SealPoint point) const;
  [[nodiscard]] Result<bool> seal_step(std::uint64_t target, const std::stop_token& stop);
  [[nodiscard]] Status ingest(const SealedTable& table);
  [[nodiscard]] Status check_ingested(const SealedTable& table);

  const std::string folder_;
  const Role role_;
  const LogOptions options_;
  const LogSideFiles side_files_;
  const std::uint64_t process_;
  std::optional<base::FolderLock> lock_;

  /// A secondary changes both families while it catches up; a pair of iterators must see them before or after.
  std::shared_mutex families_mutex_;
  std::shared_ptr<LogDb> db_;

  mutable std::mutex mutex_;  ///< Guards the three below.
  LogTail tail_;
  LogTail durable_;
  std::optional<Error> poison_;
  std::mutex resume_mutex_;

  std::uint64_t epoch_;  ///< Highest seen. One caller appends at a time.
  rocksdb::WriteBatch batch_;
  std::uint64_t unchecked_bytes_ = UINT64_MAX;  ///< Appended since the disk was last found to have room.
  std::atomic<std::uint64_t> sealed_;
  std::atomic<std::uint64_t> tail_bytes_ = 0;
};

}  // namespace carnet::store
