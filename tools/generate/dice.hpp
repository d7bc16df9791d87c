// SPDX-License-Identifier: Apache-2.0
//
// Dice: random choices in integers alone, so that a seed gives the same history on every machine.
#pragma once

#include <cstdint>

namespace carnet::generate {

class Dice {
 public:
  /// Dice of one story: the same for the same two numbers, whatever is thrown elsewhere.
  Dice(std::uint64_t seed, std::uint64_t story) noexcept : state_(mixed(seed ^ mixed(story + 1))) {}

  /// 0 … n - 1. Requires: n > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t n) noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((Wide{next()} * n) >> 64U);
  }

  /// first … last.
  [[nodiscard]] std::int64_t between(std::int64_t first, std::int64_t last) noexcept {
    return first + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(last - first + 1)));
  }

  [[nodiscard]] bool chance(unsigned per_mille) noexcept { return below(1000) < per_mille; }

  /// 1 … n by Zipf's law with exponent 1, in octaves: each doubling of the rank has the same share, ranks within it are
  /// alike. Requires: n > 0.
  [[nodiscard]] std::uint64_t zipf(std::uint64_t n) noexcept {
    std::uint64_t octaves = 0;
    for (std::uint64_t rest = n; rest > 0; rest >>= 1U) {
      ++octaves;
    }
    while (true) {
      const std::uint64_t low = std::uint64_t{1} << below(octaves);
      if (const std::uint64_t rank = low + below(low); rank <= n) {
        return rank;
      }
    }
  }

 private:
  /// The finalizer of SplitMix64.
  [[nodiscard]] static std::uint64_t mixed(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
  }

  [[nodiscard]] std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15U;
    return mixed(state_);
  }

  std::uint64_t state_;
};

}  // namespace carnet::generate
