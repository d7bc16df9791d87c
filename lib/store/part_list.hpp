// SPDX-License-Identifier: Apache-2.0
//
// The parts of an index that are in memory, oldest first; the last one grows. A checkpoint freezes all of them and
// begins a new one; thaw() drops the frozen ones, or just lets them be. Private to the indexes of lib/store.
#pragma once

#include "base/check.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace carnet::store {

/// `Part` has: last(), limit(), set_limit(), entry_count(), is_empty(), copy_beyond(position, Part&), copy_all(Part&).
/// Not safe in itself: every call under the index's lock. What a call returns is to be destroyed outside of it.
template <class Part>
class PartList {
 public:
  using Parts = std::vector<std::shared_ptr<Part>>;

  PartList() { parts_.push_back(std::make_shared<Part>()); }

  [[nodiscard]] Part& newest() noexcept { return *parts_.back(); }

  [[nodiscard]] const Parts& all() const noexcept { return parts_; }

  [[nodiscard]] std::span<const std::shared_ptr<Part>> frozen() const noexcept {
    return std::span(parts_).first(frozen_count_);
  }

  [[nodiscard]] std::span<const std::shared_ptr<Part>> not_frozen() const noexcept {
    return std::span(parts_).subspan(frozen_count_);
  }

  /// `fresh` is empty and becomes the newest. Cost: O(1) when `position` is the last added, else a pass over the
  /// newest.
  void freeze(std::uint64_t position, std::shared_ptr<Part> fresh) {
    CARNET_REQUIRE(frozen_count_ == 0, "one checkpoint at a time");
    Part& grown = newest();
    if (grown.last() > position) {
      grown.copy_beyond(position, *fresh);
      grown.set_limit(position);
    }
    frozen_count_ = parts_.size();
    parts_.push_back(std::move(fresh));
  }

  [[nodiscard]] Parts thaw(bool published) {
    CARNET_REQUIRE(frozen_count_ > 0, "thaw() follows freeze()");
    Parts dropped;
    if (published) {
      const auto end = parts_.begin() + static_cast<std::ptrdiff_t>(frozen_count_);
      dropped.assign(std::make_move_iterator(parts_.begin()), std::make_move_iterator(end));
      parts_.erase(parts_.begin(), end);
    } else if (can_fold()) {
      // Else a disk that stays full would leave one more part with every attempt.
      parts_.back()->copy_all(*parts_[parts_.size() - 2]);
      dropped.push_back(std::move(parts_.back()));
      parts_.pop_back();
    }
    frozen_count_ = 0;
    return dropped;
  }

 private:
  [[nodiscard]] bool can_fold() const {
    constexpr std::size_t kEntriesMax = 64UL * 1024;
    const Part& before = *parts_[parts_.size() - 2];
    return parts_.back()->entry_count() <= kEntriesMax && before.last() <= before.limit();
  }

  Parts parts_;
  std::size_t frozen_count_ = 0;
};

}  // namespace carnet::store
