// SPDX-License-Identifier: Apache-2.0
//
// The FLOOR: what the ledger has promised to hold, kept outside of the databases so that it can contradict them. Two
// files, FLOOR.a and FLOOR.b, each whole and checked on its own. Layout (little-endian, 96 bytes;
// docs/reference/log-format.md):
//   0 magic "CARNETFL" · 8 version u32 · 12 length u32 · 16 ledger id (16) · 32 sequence u64 · 40 position u64
//   48 commits u64 · 56 tree root (32) · 88 zero u32 · 92 CRC32C u32 of the bytes before it
#pragma once

#include "base/files.hpp"
#include "base/sha256.hpp"

#include <carnet/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace carnet::store {

using LedgerId = std::array<std::byte, 16>;

/// A ledger whose head is below `position` is not the ledger that was promised.
struct FloorMark {
  std::uint64_t position = 0;  ///< Of the last event that is guaranteed; 0: none.
  std::uint64_t commits = 0;   ///< Count up to and with that event.
  base::Hash root{};           ///< RFC 6962 root over these commits.

  friend bool operator==(const FloorMark&, const FloorMark&) = default;
};

/// The two copies of one ledger. Threads: one at a time. Requires: the ledger's folder lock is held to write.
class Floor {
 public:
  /// Makes both copies.
  /// Errors: kInvalidArgument `FloorExists` — a copy is there already, nothing was written; those of the file system.
  /// Durability: on disk on return.
  [[nodiscard]] static Result<Floor> create(std::shared_ptr<base::FileSystem> files, const std::string& folder,
                                            const LedgerId& ledger, const FloorMark& mark);

  /// The newest copy that is whole. One copy that is damaged or missing is tolerated and reported by is_degraded().
  /// Errors: kCorruption `LogDamaged` — no copy is whole, or they are of two ledgers; kUnsupportedFormat
  /// `FormatTooNew`; kStorage — neither copy can be read now.
  [[nodiscard]] static Result<Floor> read(std::shared_ptr<base::FileSystem> files, const std::string& folder);

  [[nodiscard]] const FloorMark& mark() const noexcept { return mark_; }

  [[nodiscard]] const LedgerId& ledger() const noexcept { return ledger_; }

  /// One copy is damaged or missing. The next raise() mends it, also one that is not higher.
  [[nodiscard]] bool is_degraded() const noexcept { return !copies_[0].is_whole || !copies_[1].is_whole; }

  /// Promises `mark`. Never lowers: a mark that is not higher changes nothing, but brings a copy that stayed behind or
  /// was damaged up to the floor that holds.
  ///
  /// Requires:   the log is durable up to mark.position.
  /// Errors:     those of the file system. The old floor or the new one holds then, on disk and in mark(), both true.
  /// Durability: on disk, twice, on return.
  /// Cost:       nothing when not higher; else two files written, each with a sync of itself and of the folder.
  [[nodiscard]] Status raise(const FloorMark& mark);

  /// Only for `recover --accept-loss`, after an operator accepted that the log ends at `mark`: may lower.
  /// Errors, Durability: as raise().
  [[nodiscard]] Status lower_after_accepted_loss(const FloorMark& mark);

 private:
  struct Copy {
    std::string path;
    bool is_whole = false;
    std::uint64_t sequence = 0;
  };

  struct Read;

  Floor(std::shared_ptr<base::FileSystem> files, const std::string& folder);

  [[nodiscard]] Status write_both();
  [[nodiscard]] Status write(Copy& copy);
  [[nodiscard]] bool is_settled() const noexcept;

  std::shared_ptr<base::FileSystem> files_;
  std::array<Copy, 2> copies_;
  LedgerId ledger_{};
  std::uint64_t sequence_ = 0;
  FloorMark mark_;
};

}  // namespace carnet::store
