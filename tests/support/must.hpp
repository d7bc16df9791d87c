// SPDX-License-Identifier: Apache-2.0
//
// must(result): the value, or the test case ends and says the error in one line.
#pragma once

#include <carnet/result.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>

namespace carnet::test {

template <class T>
T must(Result<T> result) {
  const std::string line = result.has_value() ? std::string() : result.error().to_line();
  BOOST_REQUIRE_MESSAGE(result.has_value(), line);
  return *std::move(result);
}

inline void must(const Status& status) {
  const std::string line = status.has_value() ? std::string() : status.error().to_line();
  BOOST_REQUIRE_MESSAGE(status.has_value(), line);
}

}  // namespace carnet::test
