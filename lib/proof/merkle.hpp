// SPDX-License-Identifier: Apache-2.0
//
// The Merkle tree of RFC 6962 over the leaves of the log: its hashes, and the running tree as a compact range. Proofs
// and their verification are built on these; nothing here knows how a commit is stored.
#pragma once

#include "base/bytes.hpp"
#include "base/sha256.hpp"

#include <carnet/result.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace carnet::proof {

using base::ByteSpan;
using base::Hash;

/// SHA-256(0x00 ‖ the parts one after another).
/// Threads: any. Cost: one pass; no allocation after a thread's first call.
[[nodiscard]] Hash leaf_hash(std::span<const ByteSpan> parts);
[[nodiscard]] Hash leaf_hash(ByteSpan data);

/// SHA-256(0x01 ‖ left ‖ right).
/// Threads: any. Cost: two blocks of SHA-256.
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right);

/// The root of a tree without leaves: SHA-256 of nothing.
[[nodiscard]] Hash empty_root();

/// The leaf hash of a commit. Its leaf data is, as the log format has it for ever:
/// u32le length ‖ header ‖ u16le n ‖ n introduction digests ‖ u16le m ‖ m event digests.
///
/// Requires:  `header` is shorter than 4 GiB; at most 65,535 introductions and as many events (the format's own limits
///            are lower). A digest is SHA-256 over the stored bytes of the message.
/// Threads:   any.
/// Cost:      one pass over the leaf data, no allocation after a thread's first call.
[[nodiscard]] Hash commit_leaf_hash(ByteSpan header, std::span<const Hash> introductions, std::span<const Hash> events);

/// The root by RFC 6962's own recursive definition. O(n) hashes each call: for tests, and for checking a few leaves.
[[nodiscard]] Hash root_of(std::span<const Hash> leaves);

/// The running tree: the roots of the perfect subtrees that its leaves form, one for each set bit of the size.
///
/// A value: copy it to keep a savepoint (about 2 KB). Holds O(log n) hashes whatever the size.
/// Threads: one at a time, also for root().
class CompactTree {
 public:
  /// A tree without leaves.
  CompactTree() = default;

  /// Adds a leaf at index size(). Cost: one node hash on average, log2(size) at worst.
  /// Requires: size() < 2^63.
  void append(const Hash& leaf);

  /// Number of leaves.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// The root over all leaves. Kept until the next append, so that asking again is free.
  /// Cost: one node hash for each set bit of size() but one, when not kept.
  [[nodiscard]] const Hash& root();

  /// Like root(), without keeping it. Threads: any, while nobody changes the tree.
  [[nodiscard]] Hash compute_root() const;

  /// u64le size ‖ the subtree roots, that of the largest (leftmost) first.
  [[nodiscard]] std::string encode() const;

  /// Reads what encode() wrote.
  /// Errors: kCorruption `TreeStateDamaged` when the length does not fit the size. A changed hash cannot be seen here:
  ///         it shows as another root.
  [[nodiscard]] static Result<CompactTree> decode(std::string_view bytes);

  /// Same leaves (up to a collision of SHA-256).
  friend bool operator==(const CompactTree& a, const CompactTree& b);

 private:
  static constexpr unsigned kLevels = 64;

  [[nodiscard]] bool has_level(unsigned level) const noexcept { return ((size_ >> level) & 1U) != 0; }

  std::uint64_t size_ = 0;
  std::array<Hash, kLevels> levels_{};  // levels_[i] counts only while bit i of size_ is set
  std::optional<Hash> root_;
};

}  // namespace carnet::proof
