// SPDX-License-Identifier: Apache-2.0
//
// Bytes that stay where they are until the arena dies. Append-only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace carnet::store {

/// Threads: one writer; what was stored may be read from any thread that learned of it through a lock.
class Arena {
 public:
  explicit Arena(std::size_t slab_bytes = 64UL * 1024) : slab_bytes_(slab_bytes) {}

  /// Room for `size` bytes, not initialised.
  [[nodiscard]] char* allocate(std::size_t size) {
    if (size > left_) {
      add_slab(size);
    }
    char* const at = next_;
    next_ += size;
    left_ -= size;
    return at;
  }

  [[nodiscard]] std::string_view store(std::string_view text) {
    if (text.empty()) {
      return {};
    }
    char* const at = allocate(text.size());
    std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
  }

  /// Taken from the system.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  void add_slab(std::size_t size) {
    const std::size_t wanted = std::max(size, slab_bytes_);
    slabs_.push_back(std::make_unique_for_overwrite<char[]>(wanted));
    next_ = slabs_.back().get();
    left_ = wanted;
    bytes_ += wanted;
  }

  std::size_t slab_bytes_;
  std::vector<std::unique_ptr<char[]>> slabs_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace carnet::store
