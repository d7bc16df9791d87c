// SPDX-License-Identifier: Apache-2.0
//
// RFC 6962 §2.1 hashing, the leaf data of a commit, and the compact range.
#include "proof/merkle.hpp"

#include "base/check.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace carnet::proof {
namespace {

constexpr std::byte kLeafPrefix{0x00};
constexpr std::byte kNodePrefix{0x01};

// Most leaves are a few hundred bytes in five parts, and a call into libcrypto costs as much as hashing a short part.
// So parts are gathered and handed over at once.
class LeafHasher {
 public:
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): on every leaf; what is read of the buffer is written.
  LeafHasher() { add_byte(kLeafPrefix); }

  void add(ByteSpan bytes) {
    if (bytes.size() > buffer_.size() - used_) {
      flush();
      if (bytes.size() > buffer_.size()) {
        context().update(bytes);
        return;
      }
    }
    if (!bytes.empty()) {
      std::memcpy(buffer_.data() + used_, bytes.data(), bytes.size());
      used_ += bytes.size();
    }
  }

  template <class T>
  void add_le(T value) {
    std::array<std::byte, sizeof(T)> bytes{};
    base::store_le(bytes.data(), value);
    add(bytes);
  }

  [[nodiscard]] Hash finish() {
    flush();
    return context().finish();
  }

 private:
  static base::Sha256& context() {
    static thread_local base::Sha256 context;
    return context;
  }

  void add_byte(std::byte value) { add(ByteSpan(&value, 1)); }

  void flush() {
    context().update(ByteSpan(buffer_.data(), used_));
    used_ = 0;
  }

  std::array<std::byte, 1024> buffer_;
  std::size_t used_ = 0;
};

ByteSpan bytes_of(std::span<const Hash> hashes) {
  static_assert(sizeof(Hash) == 32);
  return std::as_bytes(hashes);
}

}  // namespace

Hash leaf_hash(std::span<const ByteSpan> parts) {
  LeafHasher hasher;
  for (const ByteSpan part : parts) {
    hasher.add(part);
  }
  return hasher.finish();
}

Hash leaf_hash(ByteSpan data) {
  return leaf_hash(std::span<const ByteSpan>(&data, 1));
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<std::byte, 1 + 2 * sizeof(Hash)> data{};
  data[0] = kNodePrefix;
  std::memcpy(data.data() + 1, left.data(), left.size());
  std::memcpy(data.data() + 1 + left.size(), right.data(), right.size());
  return base::sha256(ByteSpan(data));
}

Hash empty_root() {
  return base::sha256(ByteSpan());
}

Hash commit_leaf_hash(ByteSpan header, std::span<const Hash> introductions, std::span<const Hash> events) {
  CARNET_REQUIRE(header.size() <= std::numeric_limits<std::uint32_t>::max(), "a header's length is stored in 32 bits");
  CARNET_REQUIRE(introductions.size() <= 0xffff && events.size() <= 0xffff, "counts in a leaf are stored in 16 bits");
  LeafHasher hasher;
  hasher.add_le(static_cast<std::uint32_t>(header.size()));
  hasher.add(header);
  hasher.add_le(static_cast<std::uint16_t>(introductions.size()));
  hasher.add(bytes_of(introductions));
  hasher.add_le(static_cast<std::uint16_t>(events.size()));
  hasher.add(bytes_of(events));
  return hasher.finish();
}

Hash root_of(std::span<const Hash> leaves) {
  if (leaves.empty()) {
    return empty_root();
  }
  if (leaves.size() == 1) {
    return leaves[0];
  }
  // k is the largest power of two smaller than n.
  const std::size_t k = std::bit_floor(leaves.size() - 1);
  return node_hash(root_of(leaves.first(k)), root_of(leaves.subspan(k)));
}

void CompactTree::append(const Hash& leaf) {
  CARNET_REQUIRE(size_ < std::uint64_t{1} << (kLevels - 1), "a tree holds at most 2^63 leaves");
  Hash node = leaf;
  unsigned level = 0;
  while (has_level(level)) {
    node = node_hash(levels_[level], node);
    ++level;
  }
  levels_[level] = node;
  ++size_;
  root_.reset();
}

const Hash& CompactTree::root() {
  if (!root_) {
    root_ = compute_root();
  }
  return *root_;
}

Hash CompactTree::compute_root() const {
  if (root_) {
    return *root_;
  }
  if (size_ == 0) {
    return empty_root();
  }
  unsigned level = static_cast<unsigned>(std::countr_zero(size_));
  Hash node = levels_[level];
  for (++level; level < kLevels; ++level) {
    if (has_level(level)) {
      node = node_hash(levels_[level], node);
    }
  }
  return node;
}

std::string CompactTree::encode() const {
  std::string out;
  out.reserve(sizeof(size_) + static_cast<std::size_t>(std::popcount(size_)) * sizeof(Hash));
  base::append_le(out, size_);
  for (unsigned level = kLevels; level-- > 0;) {
    if (has_level(level)) {
      out.append(base::as_text(levels_[level]));
    }
  }
  return out;
}

Result<CompactTree> CompactTree::decode(std::string_view bytes) {
  const auto damaged = [] {
    return Error(ErrorCode::kCorruption, "TreeStateDamaged",
                 "a stored tree state has not the length that its size asks for; rebuild the views");
  };
  if (bytes.size() < sizeof(size_)) {
    return damaged();
  }
  CompactTree tree;
  tree.size_ = base::load_le<std::uint64_t>(bytes.data());
  bytes.remove_prefix(sizeof(size_));
  if (bytes.size() != static_cast<std::size_t>(std::popcount(tree.size_)) * sizeof(Hash) ||
      tree.size_ > std::uint64_t{1} << (kLevels - 1)) {
    return damaged();
  }
  for (unsigned level = kLevels; level-- > 0;) {
    if (tree.has_level(level)) {
      std::memcpy(tree.levels_[level].data(), bytes.data(), sizeof(Hash));
      bytes.remove_prefix(sizeof(Hash));
    }
  }
  return tree;
}

bool operator==(const CompactTree& a, const CompactTree& b) {
  if (a.size_ != b.size_) {
    return false;
  }
  for (unsigned level = 0; level < CompactTree::kLevels; ++level) {
    if (a.has_level(level) && a.levels_[level] != b.levels_[level]) {
      return false;
    }
  }
  return true;
}

}  // namespace carnet::proof
