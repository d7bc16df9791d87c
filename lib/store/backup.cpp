// SPDX-License-Identifier: Apache-2.0
//
// See backup.hpp. The order of one attempt: open the write-ahead logs, read CURRENT and open the MANIFEST it names,
// note its length, open the tables and what became write-ahead logs since; an open file stays whole although RocksDB
// removes its name. A write-ahead log that was made and removed in between is missed, and with it positions: the check
// sees it.
#include "store/backup.hpp"

#include "base/files.hpp"
#include "store/local_log_db.hpp"
#include "store/status.hpp"
#include "store/wal_scan.hpp"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/file_system.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace carnet::store {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20U;
constexpr std::size_t kTailBytesCompared = 4096;
constexpr std::size_t kOpenFilesMax = 512;  // of the 1,024 that a process may have by default
constexpr std::size_t kSmallFileBytesMax = 4096;
constexpr mode_t kFileMode = 0644;

class File {
 public:
  File() = default;

  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

  File& operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(path_, other.path_);
    return *this;
  }

  File(const File&) = delete;
  File& operator=(const File&) = delete;

  ~File() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  [[nodiscard]] static Result<File> open(const fs::path& path, int flags) {
    File file;
    file.path_ = path.string();
    file.fd_ = ::open(file.path_.c_str(), flags | O_CLOEXEC, kFileMode);
    if (file.fd_ < 0) {
      return base::file_error("open the file", file.path_, errno);
    }
    return file;
  }

  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }

  [[nodiscard]] Result<std::uint64_t> bytes() const {
    struct stat state {};

    if (::fstat(fd_, &state) != 0) {
      return base::file_error("look at the file", path_, errno);
    }
    return static_cast<std::uint64_t>(state.st_size);
  }

  /// As many bytes as there are up to `out.size()`.
  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) const {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t got =
          ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset) + static_cast<off_t>(done));
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        return base::file_error("read the file", path_, errno);
      }
      if (got == 0) {
        break;
      }
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  [[nodiscard]] Status write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
      if (put < 0 && errno != EINTR) {
        return base::file_error("write the file", path_, errno);
      }
      bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(put, 0)));
    }
    return {};
  }

  [[nodiscard]] Status sync() const {
    return ::fdatasync(fd_) == 0 ? Status() : Status(base::file_error("sync the file", path_, errno));
  }

 private:
  int fd_ = -1;
  std::string path_;
};

using Step = std::function<Status(std::uint64_t)>;

/// The first `bytes` of `source`, hashed and, where there is one, written to `target`.
Result<CopiedFile> pump(const File& source, std::uint64_t bytes, const File* target, const Step& step) {
  CopiedFile out;
  base::Sha256 hash;
  std::string block(std::min<std::uint64_t>(bytes, kBlockBytes), '\0');
  while (out.bytes < bytes) {
    const std::size_t wanted = std::min<std::uint64_t>(bytes - out.bytes, block.size());
    CARNET_TRY(const std::size_t got, source.read_at(out.bytes, {block.data(), wanted}));
    if (got < wanted) {
      return Error(ErrorCode::kStorage, "FileFailed", "a file became shorter while it was read");
    }
    const std::string_view part(block.data(), got);
    hash.update(base::as_bytes(part));
    if (target != nullptr) {
      CARNET_TRY_VOID(target->write(part));
    }
    out.bytes += got;
    if (step) {
      CARNET_TRY_VOID(step(got));
    }
  }
  out.sha256 = hash.finish();
  return out;
}

Result<CopiedFile> copy_prefix(const File& source, std::uint64_t bytes, const fs::path& path, const Step& step) {
  CARNET_TRY(const File target, File::open(path, O_WRONLY | O_CREAT | O_TRUNC));
  CARNET_TRY(const CopiedFile copied, pump(source, bytes, &target, step));
  CARNET_TRY_VOID(target.sync());
  return copied;
}

Error moved(std::string_view what) {
  return {ErrorCode::kBusy,
          "SourceMoved",
          "the ledger changed its files faster than they could be copied: try again",
          {{"detail", std::string(what)}}};
}

bool is_missing(const Error& error) {
  return error.code() == ErrorCode::kNotFound;
}

Result<std::vector<std::string>> names_in(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  if (error) {
    return base::file_error("read the folder", folder.string(), error.value());
  }
  std::ranges::sort(names);
  return names;
}

/// One attempt.
class DatabaseCopy {
 public:
  DatabaseCopy(const fs::path& source, const fs::path& target, const CopyOptions& options, CopiedFiles& files)
      : source_(source), target_(target), options_(options), files_(files) {}

  [[nodiscard]] Status run(bool has_wal) {
    CARNET_TRY_VOID(base::create_directory(target_.string()));
    CARNET_TRY_VOID(forget_what_changes());
    if (has_wal) {
      CARNET_TRY_VOID(open_all(".log", wals_));
    }
    CARNET_TRY_VOID(open_manifest());
    CARNET_TRY_VOID(open_all(".sst", tables_));
    if (has_wal) {
      CARNET_TRY_VOID(open_all(".log", wals_));
    }
    for (auto& [name, file] : tables_) {
      CARNET_TRY_VOID(copy_table(name, file));
      file = File();
    }
    CARNET_TRY_VOID(copy_wals());
    return copy_names();
  }

 private:
  /// An earlier attempt's tables are good for this one, nothing else of it is.
  [[nodiscard]] Status forget_what_changes() {
    CARNET_TRY(const std::vector<std::string> names, names_in(target_));
    for (const std::string& name : names) {
      if (!name.ends_with(".sst") || !files_.contains(name)) {
        CARNET_TRY_VOID(base::remove_file((target_ / name).string()));
        files_.erase(name);
      }
    }
    return {};
  }

  [[nodiscard]] Status open_all(std::string_view suffix, std::map<std::string, File>& out) {
    CARNET_TRY(const std::vector<std::string> names, names_in(source_));
    for (const std::string& name : names) {
      if (!name.ends_with(suffix) || out.contains(name)) {
        continue;
      }
      if (tables_.size() + wals_.size() >= kOpenFilesMax) {
        out.emplace(name, File());  // opened when its turn comes
        continue;
      }
      auto file = File::open(source_ / name, O_RDONLY);
      if (file) {
        out.emplace(name, *std::move(file));
      } else if (!is_missing(file.error())) {
        return std::move(file).error();
      }
    }
    return {};
  }

  [[nodiscard]] Status open_manifest() {
    auto current = base::read_file((source_ / "CURRENT").string(), kSmallFileBytesMax);
    if (!current) {
      return is_missing(current.error()) ? moved("CURRENT") : std::move(current).error();
    }
    current_ = *std::move(current);
    manifest_name_ = current_.substr(0, current_.find('\n'));
    if (!manifest_name_.starts_with("MANIFEST-") || manifest_name_.find('/') != std::string::npos) {
      return Error(ErrorCode::kCorruption, "LogDamaged", "CURRENT does not name a MANIFEST: restore a backup",
                   {{"path", (source_ / "CURRENT").string()}});
    }
    auto manifest = File::open(source_ / manifest_name_, O_RDONLY);
    if (!manifest) {
      return is_missing(manifest.error()) ? moved("MANIFEST") : std::move(manifest).error();
    }
    manifest_ = *std::move(manifest);
    CARNET_TRY(manifest_bytes_, manifest_.bytes());
    return manifest_.sync();
  }

  /// Tables end with their properties, in which RocksDB writes the session and the number that made them, and with
  /// checksums of their indexes: same length and same end are the same table.
  [[nodiscard]] static Result<bool> is_same_table(const File& a, const fs::path& other) {
    auto b = File::open(other, O_RDONLY);
    if (!b) {
      return false;
    }
    CARNET_TRY(const std::uint64_t bytes, a.bytes());
    CARNET_TRY(const std::uint64_t other_bytes, b->bytes());
    if (bytes != other_bytes) {
      return false;
    }
    const std::size_t compared = std::min<std::uint64_t>(bytes, kTailBytesCompared);
    std::string ends(2 * compared, '\0');
    CARNET_TRY(const std::size_t got_a, a.read_at(bytes - compared, {ends.data(), compared}));
    CARNET_TRY(const std::size_t got_b, b->read_at(bytes - compared, {ends.data() + compared, compared}));
    return got_a == compared && got_b == compared &&
           std::string_view(ends).substr(0, compared) == std::string_view(ends).substr(compared);
  }

  [[nodiscard]] Status copy_table(const std::string& name, File& file) {
    if (!file.is_open()) {
      auto opened = File::open(source_ / name, O_RDONLY);
      if (!opened) {
        return is_missing(opened.error()) ? moved(name) : std::move(opened).error();
      }
      file = *std::move(opened);
    }
    if (files_.contains(name)) {
      CARNET_TRY(const bool is_same, is_same_table(file, target_ / name));
      if (is_same) {
        return {};
      }
      CARNET_TRY_VOID(base::remove_file((target_ / name).string()));
      files_.erase(name);
    }
    CARNET_TRY(const bool linked, link_former(name, file));
    if (linked) {
      return {};
    }
    CARNET_TRY(const std::uint64_t bytes, file.bytes());
    CARNET_TRY(files_[name], copy_prefix(file, bytes, target_ / name, options_.step));
    return {};
  }

  [[nodiscard]] Result<bool> link_former(const std::string& name, const File& file) {
    if (options_.former_files == nullptr || !options_.former_files->contains(name)) {
      return false;
    }
    const fs::path former = options_.former / name;
    CARNET_TRY(const bool is_same, is_same_table(file, former));
    if (!is_same || ::link(former.c_str(), (target_ / name).c_str()) != 0) {
      return false;  // A file system without links, or too many of them: a copy is as good.
    }
    CopiedFile& entry = files_[name] = options_.former_files->at(name);
    entry.is_linked = true;
    if (options_.step) {
      CARNET_TRY_VOID(options_.step(entry.bytes));
    }
    return true;
  }

  /// From the newest to the oldest: what stands in a log is complete once a newer one was there.
  [[nodiscard]] Status copy_wals() {
    for (auto at = wals_.rbegin(); at != wals_.rend(); ++at) {
      auto& [name, file] = *at;
      if (!file.is_open()) {
        return moved(name);
      }
      CARNET_TRY(const std::uint64_t bytes, file.bytes());
      // What is copied is on disk at its source too, so that a power loss there cannot take back what a backup holds.
      CARNET_TRY_VOID(file.sync());
      CARNET_TRY(files_[name], copy_prefix(file, bytes, target_ / name, options_.step));
    }
    return {};
  }

  [[nodiscard]] Status copy_names() {
    CARNET_TRY(files_[manifest_name_], copy_prefix(manifest_, manifest_bytes_, target_ / manifest_name_, {}));
    CARNET_TRY_VOID(put("CURRENT", current_));
    auto identity = base::read_file((source_ / "IDENTITY").string(), kSmallFileBytesMax);
    if (identity) {
      CARNET_TRY_VOID(put("IDENTITY", *identity));
    }
    return base::sync_directory(target_.string());
  }

  [[nodiscard]] Status put(const std::string& name, std::string_view bytes) {
    CARNET_TRY_VOID(base::write_file_synced((target_ / name).string(), bytes));
    files_[name] = {bytes.size(), base::sha256(base::as_bytes(bytes)), false};
    return {};
  }

  const fs::path& source_;
  const fs::path& target_;
  const CopyOptions& options_;
  CopiedFiles& files_;
  std::map<std::string, File> wals_;
  std::map<std::string, File> tables_;
  File manifest_;
  std::string manifest_name_;
  std::string current_;
  std::uint64_t manifest_bytes_ = 0;
};

Status drop(const fs::path& target, const std::string& name, CopiedFiles& files) {
  files.erase(name);
  return base::remove_file((target / name).string());
}

class NoMessages final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;

  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

/// Names of the tables that the MANIFEST in `folder` names. Opening fails when one of them is not there.
Result<std::vector<std::string>> named_tables(const fs::path& folder) {
  rocksdb::Options options;
  options.info_log = std::make_shared<NoMessages>();
  options.max_open_files = 64;
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  std::vector<std::string> families;
  CARNET_TRY_VOID(to_status(rocksdb::DB::ListColumnFamilies(options, folder.string(), &families), StoreCall::kOpen));
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& family : families) {
    descriptors.emplace_back(family, options);
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  CARNET_TRY_VOID(
      to_status(rocksdb::DB::OpenForReadOnly(options, folder.string(), descriptors, &handles, &raw), StoreCall::kOpen));
  const std::unique_ptr<rocksdb::DB> db(raw);
  std::vector<rocksdb::LiveFileMetaData> live;
  db->GetLiveFilesMetaData(&live);
  std::vector<std::string> names;
  for (const rocksdb::LiveFileMetaData& file : live) {
    names.push_back(file.relative_filename);
  }
  for (rocksdb::ColumnFamilyHandle* const handle : handles) {
    db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  return names;
}

/// Drops tables that the MANIFEST does not name: those of a moment later, and those in the making.
Status keep_named(const fs::path& target, CopiedFiles& files) {
  auto named = named_tables(target);
  if (!named) {
    return named.error().code() == ErrorCode::kNotFound ? moved("tables") : std::move(named).error();
  }
  for (const std::string& name : *named) {
    if (!files.contains(name)) {
      return moved(name);
    }
  }
  CARNET_TRY(const std::vector<std::string> names, names_in(target));
  for (const std::string& name : names) {
    if (name.ends_with(".sst") && std::ranges::find(*named, name) == named->end()) {
      CARNET_TRY_VOID(drop(target, name, files));
    }
  }
  return {};
}

std::optional<PositionSpan> span_of(std::string_view key, std::string_view value) {
  const auto span = frame_span(key, value);
  return span ? std::optional(PositionSpan{span->header.first_position, span->last_position}) : std::nullopt;
}

}  // namespace

Status copy_log(const fs::path& source, const fs::path& target, std::uint64_t floor, const CopyOptions& options,
                CopiedFiles& files) {
  CARNET_TRY_VOID(DatabaseCopy(source, target, options, files).run(true));
  const LogFiles copy{rocksdb::FileSystem::Default(), target.string()};
  CARNET_TRY_VOID(keep_named(target, files));
  CARNET_TRY(const OpenPlan plan, plan_open(copy, floor, span_of));
  if (!plan.is_normal()) {
    const fs::path aside = target.string() + ".cut";
    CARNET_TRY_VOID(apply_plan(copy, plan, aside.string()));
    std::error_code ignored;
    fs::remove_all(aside, ignored);
    for (const WalCut& cut : plan.cuts) {
      CARNET_TRY(files[cut.name], hash_file(target / cut.name, {}));
    }
  }
  return base::sync_directory(target.string());
}

Status copy_views(const fs::path& source, const fs::path& target, const CopyOptions& options, CopiedFiles& files) {
  CARNET_TRY(const bool exists, base::path_exists((source / "CURRENT").string()));
  if (!exists) {
    return Error(ErrorCode::kNotFound, "ViewsMissing", "there are no views to copy", {{"path", source.string()}});
  }
  CARNET_TRY_VOID(DatabaseCopy(source, target, options, files).run(false));
  CARNET_TRY_VOID(keep_named(target, files));
  return base::sync_directory(target.string());
}

Result<CopiedFile> copy_file_hashed(const fs::path& source, const fs::path& target, const Step& step) {
  CARNET_TRY(const File file, File::open(source, O_RDONLY));
  CARNET_TRY(const std::uint64_t bytes, file.bytes());
  return copy_prefix(file, bytes, target, step);
}

Result<CopiedFile> hash_file(const fs::path& path, const Step& step) {
  CARNET_TRY(const File file, File::open(path, O_RDONLY));
  CARNET_TRY(const std::uint64_t bytes, file.bytes());
  return pump(file, bytes, nullptr, step);
}

}  // namespace carnet::store
