// SPDX-License-Identifier: Apache-2.0
//
// The table and its JSON form: one row a measurement.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bench {

struct Row {
  std::string name = {};
  double value = 0;
  std::string unit = {};
  std::optional<double> yardstick = {};
  std::string yardstick_name = {};
  std::optional<double> ratio = {};   ///< Ours to the yardstick's, so that more is better.
  std::optional<double> target = {};  ///< Of the ratio, or of the value where there is no yardstick.
  bool less_is_better = false;        ///< Of the value, where there is no yardstick.
  std::string note = {};

  [[nodiscard]] std::optional<bool> met() const;
};

/// Machine, compiler, file system of `folder`.
[[nodiscard]] std::string environment(const std::string& folder);
void print_table(const std::vector<Row>& rows, const std::string& environment);
/// An array of objects; false: the file cannot be written.
[[nodiscard]] bool write_json(const std::string& path, const std::vector<Row>& rows, const std::string& folder,
                              const std::string& durability);

}  // namespace bench
