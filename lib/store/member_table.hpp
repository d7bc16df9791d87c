// SPDX-License-Identifier: Apache-2.0
//
// Which chain is the n-th of its kind and family: the members that are not published yet, and how many there are.
// Private to the catalog.
#pragma once

#include "base/check.hpp"
#include "store/brief_lock.hpp"

#include <carnet/event.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace carnet::store {

/// By kind: streams, tags.
using MemberCounts = std::array<std::uint32_t, 2>;

/// Threads: one writer, any number of readers.
class MemberTable {
 public:
  void add_family() { set_published({0, 0}); }

  /// After opening, for one family after the other.
  void set_published(const MemberCounts& counts) {
    const std::lock_guard lock(lock_);
    Family& family = families_.emplace_back();
    for (std::size_t kind = 0; kind < family.size(); ++kind) {
      family[kind].first = counts[kind];
    }
  }

  /// Returns the new member's number.
  std::uint32_t add(ChainKind kind, std::uint16_t family, std::uint32_t ordinal) {
    const std::lock_guard lock(lock_);
    Members& members = of(kind, family);
    members.ordinals.push_back(ordinal);
    ++in_memory_;
    return members.count() - 1;
  }

  [[nodiscard]] std::uint32_t count(ChainKind kind, std::uint16_t family) const {
    const std::lock_guard lock(lock_);
    return family < families_.size() ? of(kind, family).count() : 0;
  }

  /// The ordinal; 0: no such member; nothing: only the published part knows.
  [[nodiscard]] std::optional<std::uint32_t> find(ChainKind kind, std::uint16_t family, std::uint32_t member) const {
    const std::lock_guard lock(lock_);
    if (family >= families_.size() || member >= of(kind, family).count()) {
      return 0;
    }
    const Members& members = of(kind, family);
    return member < members.first ? std::nullopt : std::optional(members.ordinals[member - members.first]);
  }

  /// Returns what is frozen, by family.
  [[nodiscard]] std::vector<MemberCounts> freeze() {
    std::vector<MemberCounts> counts;
    const std::lock_guard lock(lock_);
    for (Family& family : families_) {
      MemberCounts& frozen = counts.emplace_back();
      for (std::size_t kind = 0; kind < family.size(); ++kind) {
        frozen[kind] = family[kind].frozen_end = family[kind].count();
      }
    }
    return counts;
  }

  void thaw(bool published) {
    const std::lock_guard lock(lock_);
    for (Family& family : families_) {
      for (Members& members : family) {
        // A family that began after the freeze has nothing frozen.
        if (published && members.frozen_end > members.first) {
          const auto gone = members.frozen_end - members.first;
          members.ordinals.erase(members.ordinals.begin(),
                                 members.ordinals.begin() + static_cast<std::ptrdiff_t>(gone));
          members.first = members.frozen_end;
          in_memory_ -= gone;
        }
        members.frozen_end = 0;
      }
    }
  }

  /// A slice of the frozen members: those from `from` on that are frozen, at most `count`. The first frozen one when
  /// `from` is below it; returns its number.
  std::uint32_t copy_frozen(ChainKind kind, std::uint16_t family, std::uint32_t from, std::size_t count,
                            std::vector<std::uint32_t>& out) const {
    const std::lock_guard lock(lock_);
    const Members& members = of(kind, family);
    const std::uint32_t begin = std::max(from, members.first);
    const std::uint32_t end = std::max(begin, members.frozen_end);
    const std::size_t wanted = std::min<std::size_t>(count, end - begin);
    const auto first = members.ordinals.begin() + static_cast<std::ptrdiff_t>(begin - members.first);
    out.assign(first, first + static_cast<std::ptrdiff_t>(wanted));
    return begin;
  }

  [[nodiscard]] std::size_t bytes() const {
    const std::lock_guard lock(lock_);
    return in_memory_ * sizeof(std::uint32_t);
  }

 private:
  struct Members {
    std::uint32_t first = 0;  ///< Those below it are published.
    std::uint32_t frozen_end = 0;
    std::deque<std::uint32_t> ordinals;

    [[nodiscard]] std::uint32_t count() const { return first + static_cast<std::uint32_t>(ordinals.size()); }
  };

  using Family = std::array<Members, 2>;

  [[nodiscard]] const Members& of(ChainKind kind, std::uint16_t family) const {
    CARNET_REQUIRE(family < families_.size(), "a family is named before it has members");
    return families_[family][kind == ChainKind::kStream ? 0 : 1];
  }

  [[nodiscard]] Members& of(ChainKind kind, std::uint16_t family) {
    return const_cast<Members&>(std::as_const(*this).of(kind, family));
  }

  mutable BriefLock lock_;
  std::deque<Family> families_;
  std::size_t in_memory_ = 0;
};

}  // namespace carnet::store
