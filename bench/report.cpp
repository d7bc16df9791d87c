// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <string_view>
#include <sys/vfs.h>
#include <thread>

namespace bench {

namespace {

std::string number(double value) {
  if (value >= 1e6) {
    return fmt::format("{:.2f} M", value / 1e6);
  }
  if (value >= 1e4) {
    return fmt::format("{:.1f} k", value / 1e3);
  }
  return fmt::format("{:.3g}", value);
}

std::string processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) {
      return line.substr(line.find(':') + 2);
    }
  }
  return "unknown";
}

std::string file_system(const std::string& folder) {
  struct statfs info {};

  if (statfs(folder.c_str(), &info) != 0) {
    return "unknown";
  }
  switch (static_cast<unsigned long>(info.f_type)) {
    case 0xEF53:
      return "ext4";
    case 0x58465342:
      return "xfs";
    case 0x01021994:
      return "tmpfs";
    case 0x9123683E:
      return "btrfs";
    default:
      return fmt::format("0x{:x}", info.f_type);
  }
}

constexpr std::string_view kCompiler =
#if defined(__clang__)
    "clang " __clang_version__;
#else
    "gcc " __VERSION__;
#endif

}  // namespace

std::optional<bool> Row::met() const {
  if (!target) {
    return std::nullopt;
  }
  if (ratio) {
    return *ratio >= *target;
  }
  return less_is_better ? value <= *target : value >= *target;
}

std::string environment(const std::string& folder) {
  return fmt::format("{} · {} threads of hardware · {} · {}", processor(), std::thread::hardware_concurrency(),
                     kCompiler, file_system(folder));
}

void print_table(const std::vector<Row>& rows, const std::string& environment) {
  fmt::print("{}\n\n", environment);
  fmt::print("{:<44} {:>11} {:<10} {:>11} {:>8} {:>8}  {}\n", "", "ours", "", "yardstick", "ratio", "at least", "met");
  for (const Row& row : rows) {
    const std::string target = !row.target ? ""
                               : row.ratio ? fmt::format("{:.2f} ×", *row.target)
                                           : (row.less_is_better ? "≤ " : "") + number(*row.target);
    fmt::print("{:<44} {:>11} {:<10} {:>11} {:>8} {:>8}  {}\n", row.name, number(row.value), row.unit,
               row.yardstick ? number(*row.yardstick) : "", row.ratio ? fmt::format("{:.2f} ×", *row.ratio) : "",
               target,
               !row.met()   ? ""
               : *row.met() ? "yes"
                            : "no");
    if (!row.yardstick_name.empty() || !row.note.empty()) {
      fmt::print("{:<4}{}{}{}\n", "", row.yardstick_name.empty() ? "" : "against " + row.yardstick_name,
                 row.yardstick_name.empty() || row.note.empty() ? "" : "; ", row.note);
    }
  }
}

bool write_json(const std::string& path, const std::vector<Row>& rows, const std::string& folder,
                const std::string& durability) {
  std::ofstream out(path);
  const auto optional = [](const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : std::string("null");
  };
  out << "[\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    out << fmt::format(
        R"(  {{"name":"{}","value":{},"unit":"{}","yardstick":{},"yardstickName":"{}","ratio":{},"target":{},"met":{},"machine":"{}","compiler":"{}","fileSystem":"{}","durability":"{}"}}{})",
        row.name, row.value, row.unit, optional(row.yardstick), row.yardstick_name, optional(row.ratio),
        optional(row.target),
        !row.met()   ? "null"
        : *row.met() ? "true"
                     : "false",
        processor(), kCompiler, file_system(folder), durability, i + 1 < rows.size() ? ",\n" : "\n");
  }
  out << "]\n";
  return out.good();
}

}  // namespace bench
