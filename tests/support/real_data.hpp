// SPDX-License-Identifier: Apache-2.0
//
// Where the real data sets lie: the folder CARNET_REAL_DATA, by default ../shared/data beside the source folder. A test
// of a set that is not there is skipped, and says which set and where the public finds it.
#pragma once

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/wait.h>

namespace carnet::test {

[[nodiscard]] inline std::optional<std::string> real_data(const std::string& file, const std::string& source) {
  const char* const given = std::getenv("CARNET_REAL_DATA");
  const std::filesystem::path folder = given != nullptr
                                           ? std::filesystem::path(given)
                                           : std::filesystem::path(CARNET_SOURCE_FOLDER) / ".." / "shared" / "data";
  const std::filesystem::path path = folder / file;
  if (std::filesystem::exists(path)) {
    return path.string();
  }
  BOOST_TEST_MESSAGE("skipped: " << file << " is not in " << folder.string()
                                 << " (set CARNET_REAL_DATA); its source: " << source);
  return std::nullopt;
}

/// Runs a program with a shell; returns its exit code. Requires: arguments without quotes.
[[nodiscard]] inline int run(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace carnet::test
