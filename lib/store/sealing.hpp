// SPDX-License-Identifier: Apache-2.0
//
// A sorted table of sealed frames in the making: commits of frames from `tail`, cut again into frames of at most
// kFrameRawBytesMax that carry a summary, written to a file of its own and checked leaf by leaf. Private to lib/store.
#pragma once

#include "base/sha256.hpp"
#include "codec/frame.hpp"
#include "codec/messages.hpp"

#include <carnet/result.hpp>

#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace carnet::store {

/// Raw bytes that one table takes. Every table stays open as long as the log is: 100 M events are some 500 tables.
inline constexpr std::size_t kSealStepBytes = 64UL * 1024 * 1024;

/// Leaf hashes of commits as they are stored. Reuses its memory.
class LeafHasher {
 public:
  [[nodiscard]] base::Hash leaf_of(const codec::CommitBytes& commit);

 private:
  std::vector<base::Hash> introductions_;
  std::vector<base::Hash> events_;
};

class SealedTable {
 public:
  /// Requires: the folder of `path` exists.
  SealedTable(const rocksdb::Options& options, std::string path);

  /// Takes a whole frame that follows the one before. Requires: 8-byte aligned.
  /// Errors: kCorruption — it is not what was written; kOutOfSpace, kStorage.
  [[nodiscard]] Status add(base::ByteSpan frame);

  /// Bytes of frames taken.
  [[nodiscard]] std::uint64_t taken_bytes() const noexcept { return taken_bytes_; }

  /// Last position taken; 0: nothing was.
  [[nodiscard]] std::uint64_t last_position() const noexcept { return last_position_; }

  /// Last position of the first frame written: the table's smallest key.
  [[nodiscard]] std::uint64_t first_key_position() const noexcept { return first_key_position_; }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// Writes what is left and syncs the file. Requires: something was taken.
  [[nodiscard]] Status finish();

  /// Reads the file back: every commit has the leaf hash that it had in `tail`, in the same order, none more or less.
  /// Errors: kCorruption `LogDamaged`.
  [[nodiscard]] Status check() const;

 private:
  [[nodiscard]] Status add_commit(const codec::CommitBytes& commit);
  [[nodiscard]] Result<codec::FrameSummary> summary_of(const codec::CommitBytes& commit);
  void begin_frame();
  [[nodiscard]] Status write_frame();

  const rocksdb::Options& options_;
  const std::string path_;
  rocksdb::SstFileWriter writer_;
  bool is_open_ = false;

  codec::FrameReader source_;
  codec::EventReader events_;
  LeafHasher hasher_;
  codec::FrameBuilder frame_;
  codec::FrameSummary summary_;
  std::uint64_t epoch_ = 0;
  std::uint64_t next_position_ = 0;
  std::uint64_t next_commit_ = 0;

  std::vector<base::Hash> leaves_;
  std::uint64_t first_commit_ = 0;
  std::uint64_t first_key_position_ = 0;
  std::uint64_t last_position_ = 0;
  std::uint64_t taken_bytes_ = 0;
};

}  // namespace carnet::store
