// SPDX-License-Identifier: Apache-2.0
//
// BACKUP.json and SHA256SUMS: how they are written, and read by somebody who trusts neither.
#include "base/bytes.hpp"
#include "base/files.hpp"
#include "base/limits.hpp"
#include "codec/json.hpp"
#include "codec/json_document.hpp"
#include "ledger/backup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace carnet::ledger {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kBackupFormat = 1;
constexpr std::size_t kInfoBytesMax = std::size_t{1} << 20U;
constexpr std::size_t kSumsBytesMax = std::size_t{64} << 20U;
constexpr std::size_t kNumberDigits = 6;

template <std::size_t kSize>
std::optional<std::array<std::byte, kSize>> bytes_of(std::string_view hex) {
  const auto text = base::from_hex(hex);
  if (!text || text->size() != kSize || base::to_hex(base::as_bytes(*text)) != hex) {
    return std::nullopt;
  }
  std::array<std::byte, kSize> out{};
  std::memcpy(out.data(), text->data(), kSize);
  return out;
}

std::optional<std::uint64_t> number_of(std::string_view name) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool is_number = error == std::errc() && end == name.data() + name.size() && name.size() >= kNumberDigits;
  return is_number && number > 0 ? std::optional(number) : std::nullopt;
}

/// Takes the members that it knows; false: one of them is not what it should be.
class InfoReader {
 public:
  explicit InfoReader(BackupInfo& info) : info_(info) {}

  bool take(std::string_view key, codec::JsonValue value) {
    if (key == "fingerprints") {
      return value.kind() == codec::JsonKind::kObject &&
             codec::for_each_member(value, [&](std::string_view table, codec::JsonValue text) {
               info_.fingerprints.emplace_back(std::string(table), is_text(text) ? std::string(text.text()) : "");
               return is_text(text);
             });
    }
    if (is_text(value)) {
      return take_text(key, value.text());
    }
    const auto number = value.kind() == codec::JsonKind::kInteger ? value.to_uint64() : std::nullopt;
    return number && take_number(key, *number);
  }

  [[nodiscard]] bool is_whole() const noexcept { return found_ == kMembers; }

  [[nodiscard]] std::uint64_t format() const noexcept { return format_; }

 private:
  static constexpr int kMembers = 9;

  static bool is_text(codec::JsonValue value) { return value.kind() == codec::JsonKind::kString; }

  bool take_text(std::string_view key, std::string_view text) {
    ++found_;
    if (key == "madeAt") {
      const auto time = parse_timestamp(text);
      info_.made_at = time ? *time : Timestamp{};
      return time.has_value();
    }
    if (key == "ledgerId") {
      const auto id = bytes_of<sizeof(Digest16)>(text);
      info_.ledger_id = id.value_or(Digest16{});
      return id.has_value();
    }
    if (key == "root") {
      const auto root = bytes_of<sizeof(Hash32)>(text);
      info_.root = root.value_or(Hash32{});
      return root.has_value();
    }
    return false;
  }

  bool take_number(std::string_view key, std::uint64_t number) {
    ++found_;
    for (const auto& [name, place] : {std::pair<std::string_view, std::uint64_t*>{"format", &format_},
                                      {"number", &info_.number},
                                      {"position", &info_.position},
                                      {"commits", &info_.commits},
                                      {"checkedCommits", &info_.checked_commits},
                                      {"bytes", &info_.bytes}}) {
      if (key == name) {
        *place = number;
        return true;
      }
    }
    return false;
  }

  BackupInfo& info_;
  std::uint64_t format_ = 0;
  int found_ = 0;
};

}  // namespace

Error backup_damaged(std::string message, const fs::path& path) {
  return {ErrorCode::kCorruption,
          "BackupDamaged",
          fmt::format("{}: take another backup", std::move(message)),
          {{"path", path.string()}}};
}

Result<std::vector<std::uint64_t>> backup_numbers(const fs::path& folder) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    if (const auto number = number_of(at->path().filename().string())) {
      numbers.push_back(*number);
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return base::file_error("read the folder", folder.string(), error.value());
  }
  std::ranges::sort(numbers);
  return numbers;
}

fs::path backup_path(const fs::path& folder, std::uint64_t number) {
  return folder / fmt::format("{:06}", number);
}

std::string backup_json(const BackupInfo& info) {
  std::string out =
      fmt::format(R"({{"format":{},"number":{},"madeAt":"{}","ledgerId":"{}","position":{},"commits":{},"root":"{}",)"
                  R"("checkedCommits":{},"bytes":{},"fingerprints":{{)",
                  kBackupFormat, info.number, to_text(info.made_at), base::to_hex(info.ledger_id), info.position,
                  info.commits, base::to_hex(info.root), info.checked_commits, info.bytes);
  for (const auto& [table, fingerprint] : info.fingerprints) {
    out += out.back() == '{' ? "" : ",";
    codec::append_json_string(out, table);
    out += fmt::format(":\"{}\"", fingerprint);
  }
  return out + "}}\n";
}

Result<BackupInfo> read_backup_info(const fs::path& backup) {
  const fs::path path = backup / kBackupInfoFile;
  auto text = base::read_file(path.string(), kInfoBytesMax);
  if (!text) {
    const ErrorCode code = text.error().code();
    const bool is_absent = code == ErrorCode::kNotFound || code == ErrorCode::kInvalidArgument;
    return is_absent ? backup_damaged("the backup has no description", path) : std::move(text).error();
  }
  codec::JsonDocument document;
  BackupInfo info;
  InfoReader reader(info);
  const bool is_read = !document.parse(*text) && document.root().kind() == codec::JsonKind::kObject &&
                       codec::for_each_member(document.root(), [&](std::string_view key, codec::JsonValue value) {
                         return reader.take(key, value);
                       });
  if (reader.format() > kBackupFormat) {
    return Error(ErrorCode::kUnsupportedFormat, "FormatTooNew", "the backup was made by a newer Carnet: upgrade Carnet",
                 {{"path", path.string()}});
  }
  if (!is_read || !reader.is_whole()) {
    return backup_damaged("the backup's description is not what was written", path);
  }
  info.folder = backup;
  return info;
}

std::string sums_text(const BackupSums& sums) {
  std::string out;
  for (const auto& [path, hash] : sums) {
    out += fmt::format("{}  {}\n", base::to_hex(hash), path);
  }
  return out;
}

Result<BackupSums> read_backup_sums(const fs::path& backup) {
  const fs::path path = backup / kBackupSumsFile;
  auto text = base::read_file(path.string(), kSumsBytesMax);
  if (!text) {
    return text.error().code() == ErrorCode::kNotFound ? backup_damaged("the backup has no list of its files", path)
                                                       : std::move(text).error();
  }
  constexpr std::size_t kHexBytes = 2 * sizeof(base::Hash);
  constexpr std::string_view kGap = "  ";
  BackupSums sums;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    const bool has_shape = end != std::string_view::npos && line.size() > kHexBytes + kGap.size() &&
                           line.substr(kHexBytes, kGap.size()) == kGap;
    const auto hash = has_shape ? bytes_of<sizeof(base::Hash)>(line.substr(0, kHexBytes)) : std::nullopt;
    const std::string name(has_shape ? line.substr(kHexBytes + kGap.size()) : std::string_view());
    // Names are ours: no way leads out of the folder.
    const bool is_inside = !name.starts_with('/') && name.find("..") == std::string::npos;
    if (!hash || !is_inside || !sums.emplace(name, *hash).second) {
      return backup_damaged("the list of the backup's files is not what was written", path);
    }
    rest.remove_prefix(end + 1);
  }
  if (!sums.contains(std::string(kBackupInfoFile))) {
    return backup_damaged("the list of the backup's files is cut", path);
  }
  return sums;
}

}  // namespace carnet::ledger
