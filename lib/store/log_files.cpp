// SPDX-License-Identifier: Apache-2.0
//
// See log_files.hpp.
#include "store/log_files.hpp"

#include "base/files.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace carnet::store {

namespace {

constexpr const char* kClean = "/CLEAN";
constexpr const char* kReserve = "/RESERVE";
constexpr int kMode = 0644;

}  // namespace

Result<bool> LogSideFiles::is_clean() const {
  return base::path_exists(folder_ + kClean);
}

Status LogSideFiles::mark_clean() const {
  return base::write_file_synced(folder_ + kClean, "closed\n");
}

Status LogSideFiles::unmark_clean() const {
  return base::remove_file(folder_ + kClean);
}

Status LogSideFiles::make_reserve(std::size_t bytes) const {
  const std::string path = folder_ + kReserve;
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kMode);
  if (fd < 0) {
    return base::file_error("make the reserve file", path, errno);
  }
  // What is allocated already costs nothing; posix_fallocate returns its error.
  const int error = bytes == 0 ? 0 : ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  ::close(fd);
  if (error != 0) {
    CARNET_TRY_VOID(base::remove_file(path));
    return base::file_error("make the reserve file", path, error);
  }
  return {};
}

Result<bool> LogSideFiles::free_reserve() const {
  const std::string path = folder_ + kReserve;
  CARNET_TRY(const bool exists, base::path_exists(path));
  if (exists) {
    CARNET_TRY_VOID(base::remove_file(path));
  }
  return exists;
}

Status LogSideFiles::sweep_sealing() const {
  std::error_code error;
  std::filesystem::directory_iterator at(sealing_folder(), error);
  if (error == std::errc::no_such_file_or_directory) {
    return {};
  }
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    std::filesystem::remove(at->path(), error);
    if (error) {
      break;
    }
  }
  if (error) {
    return base::file_error("remove what an interrupted sealing left", sealing_folder(), error.value());
  }
  return {};
}

}  // namespace carnet::store
