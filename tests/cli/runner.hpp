// SPDX-License-Identifier: Apache-2.0
//
// Runs the carnet command as a user does: another process, its output in files, its exit code or signal.
#pragma once

#include "support/temp_folder.hpp"

#include <rapidjson/document.h>

#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace carnet::test {

/// How a run ended and what it said.
struct Ran {
  int exit = -1;   ///< -1: by a signal.
  int signal = 0;  ///< 0: none.
  std::string out;
  std::string err;

  /// The last line of stdout as JSON; a failed check when it is none.
  [[nodiscard]] rapidjson::Document json() const;
  /// Every line of stdout as JSON.
  [[nodiscard]] std::vector<rapidjson::Document> lines() const;
};

using Words = std::vector<std::string>;

struct RunOptions {
  std::string in = {};      ///< Standard input.
  std::string out = {};     ///< Path for standard output instead of a file that is read back.
  std::string folder = {};  ///< Working directory.
  Words environment = {};   ///< `NAME=value`, added.
};

/// A folder of a test's own with a ledger or two in it.
class Shell {
 public:
  /// `carnet WORDS`; LEDGER paths are relative to the folder.
  Ran operator()(const Words& words, RunOptions options = {});
  /// The same; fails the test case unless the exit code is `exit`.
  Ran expect(int exit, const Words& words, RunOptions options = {});

  [[nodiscard]] std::string at(std::string_view name) const { return folder_.at(name); }

  [[nodiscard]] const std::string& path() const noexcept { return folder_.path(); }

  void write(std::string_view name, std::string_view bytes) const;
  [[nodiscard]] std::string read(std::string_view name) const;

 private:
  TempFolder folder_;
  int runs_ = 0;
};

/// A carnet process that goes on while the test does something else. Killed when it is dropped.
class Background {
 public:
  /// Its standard input is a pipe: feed() and close_input().
  Background(const Shell& shell, const Words& words);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void feed(std::string_view text) const;
  void close_input();
  void send(int signal) const;
  [[nodiscard]] Ran wait();

 private:
  std::string out_;
  std::string err_;
  int input_ = -1;
  pid_t process_ = -1;
};

/// The text of tests/cli/data/NAME.
[[nodiscard]] std::string sample(std::string_view name);
/// Replaces what differs from run to run: hashes, ids of ledgers, times after 2025.
[[nodiscard]] std::string steady(std::string text);
/// Compares with tests/cli/golden/NAME; with CARNET_UPDATE_GOLDEN=1 in the environment writes it instead.
void check_golden(std::string_view name, const std::string& text);

/// A member of a JSON object, or a failed check and an empty value.
[[nodiscard]] std::string text_of(const rapidjson::Value& object, const char* key);
[[nodiscard]] std::int64_t number_of(const rapidjson::Value& object, const char* key);

}  // namespace carnet::test
