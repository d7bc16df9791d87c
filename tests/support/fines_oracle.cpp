// SPDX-License-Identifier: Apache-2.0
#include "support/fines_oracle.hpp"

#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <vector>
#include <zlib.h>

namespace carnet::test {

namespace {

/// `35.0` → 3500, by cutting the text: no floating point.
std::int64_t cents(const std::string& text) {
  const std::size_t point = text.find('.');
  std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
  fraction.resize(2, '0');
  return std::strtoll((text.substr(0, point) + fraction).c_str(), nullptr, 10);
}

std::string read_all(const std::string& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    throw std::runtime_error("cannot read " + path);
  }
  std::string text;
  std::vector<char> buffer(1U << 20U);
  for (int got = 0; (got = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  gzclose(file);
  return text;
}

}  // namespace

OracleResult read_fines(const std::string& path) {
  OracleResult result;
  std::map<std::string, std::string> governing;               // the last dismissing code of a fine
  std::map<std::string, std::vector<std::int64_t>> standing;  // what each standing dismissal cancelled
  std::istringstream lines(read_all(path));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    ++result.rows;
    std::vector<std::string> f;
    std::istringstream fields(line + ",");
    for (std::string field; std::getline(fields, field, ',');) {
      f.push_back(field);
    }
    const std::string &id = f.at(0), &activity = f.at(1), &code = f.at(5);
    if (activity == "Payment" && cents(f.at(14)) == 0) {
      ++result.impossible;
      continue;
    }
    OracleFine& fine = result.fines[id];
    if (activity == "Create Fine") {
      fine.fine += cents(f.at(3));  // a source that charges twice is owed twice, with a finding
    } else if (activity == "Add penalty") {
      fine.fine = cents(f.at(3));
    } else if (activity == "Send Fine" && !f.at(11).empty()) {
      fine.expenses += cents(f.at(11));
    } else if (activity == "Payment") {
      fine.paid += cents(f.at(14));
    } else if (activity == "Send for Credit Collection") {
      fine.assigned += fine.due();
    }
    if (code == "NIL") {
      for (const std::int64_t amount : standing[id]) {
        fine.cancelled -= amount;
      }
      standing[id].clear();
      governing[id].clear();
    } else if (!code.empty()) {
      governing[id] = code == "#" || code == "G" ? code : "";
    }
    if (!governing[id].empty() && (fine.due() > 0 || !code.empty())) {
      standing[id].push_back(fine.due());
      fine.cancelled += fine.due();
    }
  }
  return result;
}

}  // namespace carnet::test
