// SPDX-License-Identifier: Apache-2.0
//
// POSIX behind files.hpp. What must last is synced twice: the file for its bytes, the folder for its name.
#include "base/files.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace carnet::base {

namespace {

constexpr std::size_t kReadBytesMax = 1 << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }

  [[nodiscard]] int get() const noexcept { return fd_; }

  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// The result of `call`, again while a signal interrupts it.
template <class Call>
auto retried(Call call) noexcept {
  auto result = call();
  while (result < 0 && errno == EINTR) {
    result = call();
  }
  return result;
}

Descriptor open_path(const std::string& path, int flags, mode_t mode = 0) noexcept {
  return Descriptor(retried([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); }));
}

mode_t file_bits(FileMode mode) noexcept {
  return mode == FileMode::kPrivate ? 0600 : 0644;
}

mode_t folder_bits(FileMode mode) noexcept {
  return mode == FileMode::kPrivate ? 0700 : 0755;
}

Error too_large(const std::string& path, std::size_t bytes_max) {
  return {ErrorCode::kInvalidArgument,
          "FileTooLarge",
          "the file is larger than what belongs there",
          {{"path", path}, {"bytesMax", std::to_string(bytes_max)}}};
}

Error not_a_folder(const std::string& path) {
  return {ErrorCode::kInvalidArgument, "NotAFolder", "something that is no folder has this name", {{"path", path}}};
}

Status write_all(const Descriptor& file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = retried([&] { return ::write(file.get(), bytes.data(), bytes.size()); });
    if (written < 0) {
      return file_error("write the file", path, errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status write_new_file_synced(const std::string& path, std::string_view bytes, FileMode mode) {
  const Descriptor file = open_path(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, file_bits(mode));
  if (!file.is_open()) {
    return file_error("create the file", path, errno);
  }
  CARNET_TRY_VOID(write_all(file, bytes, path));
  if (retried([&] { return ::fsync(file.get()); }) != 0) {
    return file_error("sync the file", path, errno);
  }
  return {};
}

/// The process number that the holder of a lock wrote into its file; empty when it cannot be read.
std::string holder_of(const Descriptor& file) {
  char text[24];
  const ssize_t got = retried([&] { return ::pread(file.get(), text, sizeof(text), 0); });
  std::string holder;
  for (ssize_t i = 0; i < got && text[i] >= '0' && text[i] <= '9'; ++i) {
    holder.push_back(text[i]);
  }
  return holder;
}

class RealFileSystem final : public FileSystem {
 public:
  Result<std::string> read_file(const std::string& path, std::size_t bytes_max) override {
    return base::read_file(path, bytes_max);
  }

  Status write_file_synced(const std::string& path, std::string_view bytes, FileMode mode) override {
    return base::write_file_synced(path, bytes, mode);
  }

  Result<bool> exists(const std::string& path) override { return path_exists(path); }

  Status remove(const std::string& path) override { return remove_file(path); }
};

}  // namespace

Error file_error(std::string_view action, const std::string& path, int error_number) {
  ErrorCode code = ErrorCode::kStorage;
  std::string name = "FileFailed";
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      code = ErrorCode::kNotFound;
      name = "FileNotFound";
      break;
    case ENOSPC:
    case EDQUOT:
      code = ErrorCode::kOutOfSpace;
      name = "OutOfSpace";
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      name = "FileAccessDenied";
      break;
    default:
      break;
  }
  std::string message = "cannot ";
  message += action;
  message += ": ";
  message += std::generic_category().message(error_number);
  return {code, std::move(name), std::move(message), {{"path", path}, {"errno", std::to_string(error_number)}}};
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const Descriptor file = open_path(path, O_RDONLY);
  if (!file.is_open()) {
    return file_error("open the file", path, errno);
  }

  struct stat about {};

  if (::fstat(file.get(), &about) != 0) {
    return file_error("look at the file", path, errno);
  }
  if (S_ISDIR(about.st_mode)) {
    return file_error("read the file", path, EISDIR);
  }
  std::string bytes;
  // The size is a hint only: the file may grow while it is read, and some files do not tell their size.
  std::size_t room = std::min(bytes_max, static_cast<std::size_t>(about.st_size)) + 1;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + std::min(room, kReadBytesMax));
    const ssize_t got = retried([&] { return ::read(file.get(), bytes.data() + before, bytes.size() - before); });
    if (got < 0) {
      return file_error("read the file", path, errno);
    }
    bytes.resize(before + static_cast<std::size_t>(got));
    if (bytes.size() > bytes_max) {
      return too_large(path, bytes_max);
    }
    if (got == 0) {
      return bytes;
    }
    room = bytes_max - bytes.size() + 1;
  }
}

Status write_file_synced(const std::string& path, std::string_view bytes, FileMode mode) {
  const std::string temporary = path + ".tmp";
  // What a crash left there may have other rights than this file is to have.
  if (::unlink(temporary.c_str()) != 0 && errno != ENOENT) {
    return file_error("remove the old temporary file", temporary, errno);
  }
  if (Status written = write_new_file_synced(temporary, bytes, mode); !written) {
    ::unlink(temporary.c_str());
    return written;
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    return file_error("put the new file in its place", path, reason);
  }
  if (const Status synced = sync_directory(parent_folder(path)); !synced) {
    return Error(ErrorCode::kOutcomeUnknown, "FileOutcomeUnknown",
                 "the new file is in place, but a power loss may bring the old one back: " + synced.error().message(),
                 {{"path", path}});
  }
  return {};
}

Status sync_directory(const std::string& path) {
  const Descriptor folder = open_path(path, O_RDONLY | O_DIRECTORY);
  if (!folder.is_open()) {
    return file_error("open the folder", path, errno);
  }
  // EINVAL: a file system without this operation, where there is nothing more that could be done.
  if (retried([&] { return ::fsync(folder.get()); }) != 0 && errno != EINVAL) {
    return file_error("sync the folder", path, errno);
  }
  return {};
}

Status create_directory(const std::string& path, FileMode mode) {
  if (::mkdir(path.c_str(), folder_bits(mode)) != 0) {
    if (errno != EEXIST) {
      return file_error("make the folder", path, errno);
    }

    struct stat about {};

    if (::stat(path.c_str(), &about) != 0) {
      return file_error("look at the folder", path, errno);
    }
    if (!S_ISDIR(about.st_mode)) {
      return not_a_folder(path);
    }
  }
  return sync_directory(parent_folder(path));
}

Result<bool> is_empty_folder(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), &::closedir);
  if (folder == nullptr) {
    return errno == ENOTDIR ? not_a_folder(path) : file_error("open the folder", path, errno);
  }
  for (;;) {
    errno = 0;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this call's own.
    const dirent* const entry = ::readdir(folder.get());
    if (entry == nullptr) {
      if (errno != 0) {
        return file_error("read the folder", path, errno);
      }
      return true;
    }
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") {
      return false;
    }
  }
}

Result<std::uint64_t> file_size(const std::string& path) {
  struct stat about {};

  if (::stat(path.c_str(), &about) != 0) {
    return file_error("look at the file", path, errno);
  }
  return static_cast<std::uint64_t>(about.st_size);
}

Result<bool> path_exists(const std::string& path) {
  struct stat about {};

  if (::lstat(path.c_str(), &about) == 0) {
    return true;
  }
  if (errno == ENOENT || errno == ENOTDIR) {
    return false;
  }
  return file_error("look at the file", path, errno);
}

Status remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) {
      return {};
    }
    return file_error("remove the file", path, errno);
  }
  return sync_directory(parent_folder(path));
}

std::string parent_folder(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') {
    path.remove_suffix(1);
  }
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) {
    return ".";
  }
  return std::string(path.substr(0, std::max<std::size_t>(slash, 1)));
}

Result<FolderLock> FolderLock::acquire(const std::string& lock_path, std::string_view busy_name) {
  Descriptor file = open_path(lock_path, O_RDWR | O_CREAT, file_bits(FileMode::kShared));
  if (!file.is_open()) {
    return file_error("open the lock file", lock_path, errno);
  }
  if (retried([&] { return ::flock(file.get(), LOCK_EX | LOCK_NB); }) != 0) {
    if (errno != EWOULDBLOCK) {
      return file_error("lock the file", lock_path, errno);
    }
    return Error(ErrorCode::kBusy, std::string(busy_name),
                 "another process or handle has it open for writing: close that one, then retry",
                 {{"path", lock_path}, {"process", holder_of(file)}});
  }
  // Only help for whoever finds the folder busy: a failure to write it is no failure to lock.
  char text[24];
  char* const end = std::to_chars(text, text + sizeof(text) - 1, static_cast<std::int64_t>(::getpid())).ptr;
  *end = '\n';
  const auto length = end + 1 - text;
  [[maybe_unused]] const bool noted =
      ::ftruncate(file.get(), 0) == 0 && ::pwrite(file.get(), text, static_cast<std::size_t>(length), 0) == length;
  return FolderLock(file.release());
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

std::shared_ptr<FileSystem> real_file_system() {
  static const auto file_system = std::make_shared<RealFileSystem>();
  return file_system;
}

}  // namespace carnet::base
