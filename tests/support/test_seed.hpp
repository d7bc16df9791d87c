// SPDX-License-Identifier: Apache-2.0
//
// The seed of a random test: fixed unless CARNET_TEST_SEED says otherwise (0: a fresh one). Each case that
// uses it says it as a message, and a fresh one is printed in any case, so that a run can be repeated.
#pragma once

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>

namespace carnet::test {

inline std::uint64_t test_seed() {
  static const std::uint64_t seed = [] {
    constexpr std::uint64_t kDefaultSeed = 20'240'229;
    const char* const given = std::getenv("CARNET_TEST_SEED");  // NOLINT(concurrency-mt-unsafe): nobody sets it.
    const std::uint64_t wanted = given == nullptr ? kDefaultSeed : std::strtoull(given, nullptr, 10);
    if (wanted != 0) {
      return wanted;
    }
    const std::uint64_t fresh = (std::uint64_t{std::random_device{}()} << 32U) | std::random_device{}();
    // Said at any log level: a fresh seed that nobody saw cannot be repeated.
    std::cerr << "repeat with CARNET_TEST_SEED=" << fresh << std::endl;
    return fresh;
  }();
  return seed;
}

/// A generator for one test case; prints how to repeat it.
inline std::mt19937_64 seeded_engine() {
  BOOST_TEST_MESSAGE("repeat with CARNET_TEST_SEED=" << test_seed());
  return std::mt19937_64(test_seed());
}

/// Values of all magnitudes alike, both signs, and the ends of the range now and then.
inline std::int64_t wide_int64(std::mt19937_64& engine) {
  const std::uint64_t bits = engine();
  const std::uint64_t size = engine() >> (bits % 64);
  if (bits % 61 == 0) {
    return bits % 2 == 0 ? INT64_MIN : INT64_MAX;
  }
  return static_cast<std::int64_t>((bits >> 32U) % 2 == 0 ? size : 0 - size);
}

}  // namespace carnet::test
