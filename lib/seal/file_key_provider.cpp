// SPDX-License-Identifier: Apache-2.0
//
// The key provider over a directory. A version N is the file `wrapping-N.key` (56 bytes: magic, u32le format, u64le
// version, secret, u32le CRC-32C); once destroyed, the empty file `wrapping-N.destroyed`. While both stand, a
// destruction was interrupted: the tombstone is written first.
#include "base/files.hpp"
#include "seal/fields.hpp"
#include "seal/locked_memory.hpp"
#include "seal/wrapping.hpp"

#include <carnet/keys.hpp>
#include <carnet/random.hpp>

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace carnet {
namespace {

constexpr std::string_view kMagic = "CARNETWK";
constexpr std::uint32_t kFileFormat = 1;
constexpr std::size_t kSecretSize = 32;
constexpr std::size_t kFileBytes = 8 + 4 + 8 + kSecretSize + 4;

constexpr std::string_view kPrefix = "wrapping-";
constexpr std::string_view kKeySuffix = ".key";
constexpr std::string_view kDestroyedSuffix = ".destroyed";
constexpr std::string_view kTemporarySuffix = ".tmp";

// Bytes of a key file on their way: never left behind in the heap.
class SecretText {
 public:
  explicit SecretText(std::string text) : text_(std::move(text)) {}

  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;

  ~SecretText() { OPENSSL_cleanse(text_.data(), text_.size()); }

  [[nodiscard]] std::string& text() noexcept { return text_; }

 private:
  std::string text_;
};

Error key_file_damaged(const std::string& path) {
  return {ErrorCode::kCorruption,
          "KeyFileDamaged",
          "a file of the key directory is not what was written; restore it from its own backup",
          {{"path", path}}};
}

std::optional<WrappingVersion> version_of(std::string_view name, std::string_view suffix) {
  if (!name.starts_with(kPrefix) || !name.ends_with(suffix) || name.size() <= kPrefix.size() + suffix.size()) {
    return std::nullopt;
  }
  const std::string_view digits = name.substr(kPrefix.size(), name.size() - kPrefix.size() - suffix.size());
  WrappingVersion version = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (problem != std::errc() || end != digits.data() + digits.size() || version == 0) {
    return std::nullopt;
  }
  return version;
}

Status check_private(const std::string& path) {
  struct stat status {};

  if (::lstat(path.c_str(), &status) != 0) {
    return base::file_error("inspect a part of the key directory", path, errno);
  }
  const bool is_right_kind = S_ISREG(status.st_mode) || S_ISDIR(status.st_mode);
  if (!is_right_kind || status.st_uid != ::geteuid() || (status.st_mode & 077U) != 0) {
    return Error(ErrorCode::kInvalidArgument, "KeyFileExposed",
                 "keys must belong to the user who runs this and be closed to group and others (chmod 700 for the "
                 "directory, 600 for its files); consider who may have read them",
                 {{"path", path}});
  }
  return {};
}

// Overwrites the bytes where they lie, then removes the file.
Status wipe_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) {
    return errno == ENOENT ? Status() : Status(base::file_error("overwrite a key file", path, errno));
  }
  const std::string zeros(kFileBytes, '\0');
  const bool good =
      ::pwrite(file, zeros.data(), zeros.size(), 0) == static_cast<::ssize_t>(zeros.size()) && ::fsync(file) == 0;
  const int problem = errno;
  ::close(file);
  if (!good) {
    return base::file_error("overwrite a key file", path, problem);
  }
  return base::remove_file(path);
}

Result<std::vector<std::string>> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code problem;
  std::filesystem::directory_iterator at(directory, problem);
  while (!problem && at != std::filesystem::directory_iterator()) {
    names.push_back(at->path().filename().string());
    at.increment(problem);
  }
  if (problem) {
    return base::file_error("list the key directory", directory, problem.value());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

struct FileKeyProvider::Impl {
  std::string directory;
  std::optional<base::FolderLock> lock;
  const std::shared_ptr<seal::LockedPool> pool = std::make_shared<seal::LockedPool>();
  const std::shared_ptr<RandomSource> random = os_random();

  std::mutex writing;  // one creation or destruction at a time; taken before `mutex`
  mutable std::shared_mutex mutex;
  std::map<WrappingVersion, std::shared_ptr<const seal::Secret>> versions;  // null: destroyed; guarded by mutex
  WrappingVersion last = 0;                                                 // highest number ever used; by mutex

  [[nodiscard]] std::string path_of(WrappingVersion version, std::string_view suffix) const {
    return fmt::format("{}/{}{:08}{}", directory, kPrefix, version, suffix);
  }

  Result<std::shared_ptr<const seal::Secret>> secret_of(WrappingVersion version) const {
    const std::shared_lock guard(mutex);
    const auto found = versions.find(version);
    if (found == versions.end()) {
      return seal::wrapping_key_missing(version);
    }
    if (found->second == nullptr) {
      return seal::wrapping_key_destroyed(version);
    }
    return found->second;
  }

  void keep(WrappingVersion version, std::shared_ptr<const seal::Secret> secret) {
    const std::unique_lock guard(mutex);
    versions.insert_or_assign(version, std::move(secret));
    last = std::max(last, version);
  }

  Status load();
  Result<std::shared_ptr<const seal::Secret>> read(WrappingVersion version) const;
  Status write(WrappingVersion version, seal::KeySpan secret) const;
};

namespace {

seal::KeySpan key_of(const seal::Secret& secret) {
  return std::span(secret.bytes()).first<kSecretSize>();
}

}  // namespace

Status FileKeyProvider::Impl::load() {
  CARNET_TRY(const std::vector<std::string> names, names_in(directory));
  for (const std::string& name : names) {
    if (name.starts_with(kPrefix) && name.ends_with(kTemporarySuffix)) {
      // A creation that a crash interrupted: its number was never given.
      CARNET_TRY_VOID(wipe_file(directory + "/" + name));
    } else if (const auto destroyed = version_of(name, kDestroyedSuffix)) {
      CARNET_TRY_VOID(wipe_file(path_of(*destroyed, kKeySuffix)));
      keep(*destroyed, nullptr);
    }
  }
  for (const std::string& name : names) {
    const std::optional<WrappingVersion> version = version_of(name, kKeySuffix);
    if (version && !versions.contains(*version)) {
      CARNET_TRY(std::shared_ptr<const seal::Secret> secret, read(*version));
      keep(*version, std::move(secret));
    }
  }
  return {};
}

Result<std::shared_ptr<const seal::Secret>> FileKeyProvider::Impl::read(WrappingVersion version) const {
  const std::string path = path_of(version, kKeySuffix);
  CARNET_TRY_VOID(check_private(path));
  CARNET_TRY(const std::uint64_t size, base::file_size(path));
  if (size != kFileBytes) {
    return key_file_damaged(path);
  }
  CARNET_TRY(std::string bytes, base::read_file(path, kFileBytes));
  SecretText file(std::move(bytes));
  const std::optional<std::string_view> body = seal::checked_body(file.text());
  if (!body) {
    return key_file_damaged(path);
  }
  seal::Fields fields(*body);
  const bool is_key_file = fields.take(kMagic.size()) == kMagic;
  const auto format = fields.number<std::uint32_t>();
  const auto stored_version = fields.number<WrappingVersion>();
  const std::string_view key = fields.take(kSecretSize);
  if (!is_key_file || format != kFileFormat || stored_version != version || !fields.at_end()) {
    return key_file_damaged(path);
  }
  const auto secret = std::make_shared<seal::Secret>(pool);
  const base::ByteSpan from = base::as_bytes(key);
  std::copy(from.begin(), from.end(), secret->bytes().begin());
  return std::shared_ptr<const seal::Secret>(secret);
}

Status FileKeyProvider::Impl::write(WrappingVersion version, seal::KeySpan secret) const {
  SecretText file{std::string()};
  std::string& bytes = file.text();
  bytes.reserve(kFileBytes);
  bytes.append(kMagic);
  base::append_le(bytes, kFileFormat);
  base::append_le(bytes, version);
  bytes.append(base::as_text(secret));
  seal::append_crc(bytes);
  return base::write_file_synced(path_of(version, kKeySuffix), bytes, base::FileMode::kPrivate);
}

FileKeyProvider::FileKeyProvider(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

FileKeyProvider::~FileKeyProvider() = default;

Result<std::unique_ptr<FileKeyProvider>> FileKeyProvider::open(const std::filesystem::path& directory) {
  auto impl = std::make_unique<Impl>();
  impl->directory = directory.string();
  CARNET_TRY_VOID(base::create_directory(impl->directory, base::FileMode::kPrivate));
  CARNET_TRY_VOID(check_private(impl->directory));
  CARNET_TRY(impl->lock, base::FolderLock::acquire(impl->directory + "/LOCK", "KeyDirectoryBusy"));
  CARNET_TRY_VOID(impl->load());
  return std::unique_ptr<FileKeyProvider>(new FileKeyProvider(std::move(impl)));
}

Result<WrappingVersion> FileKeyProvider::create_version() {
  const std::lock_guard one_at_a_time(impl_->writing);
  WrappingVersion version = 0;
  {
    const std::unique_lock guard(impl_->mutex);
    version = ++impl_->last;
  }
  const auto secret = std::make_shared<seal::Secret>(impl_->pool);
  CARNET_TRY_VOID(impl_->random->fill(std::span(secret->bytes()).first<kSecretSize>()));
  CARNET_TRY_VOID(impl_->write(version, key_of(*secret)));
  impl_->keep(version, secret);
  return version;
}

Result<std::string> FileKeyProvider::wrap(WrappingVersion version, std::span<const std::byte, kDataKeyBytes> data_key,
                                          std::span<const std::byte> context) {
  CARNET_TRY(const std::shared_ptr<const seal::Secret> secret, impl_->secret_of(version));
  seal::Nonce nonce;
  CARNET_TRY_VOID(impl_->random->fill(nonce));
  return seal::wrap_with(key_of(*secret), nonce, version, data_key, context);
}

Status FileKeyProvider::unwrap(WrappingVersion version, std::span<const std::byte> wrapped,
                               std::span<const std::byte> context, std::span<std::byte, kDataKeyBytes> data_key) {
  CARNET_TRY(const std::shared_ptr<const seal::Secret> secret, impl_->secret_of(version));
  return seal::unwrap_with(key_of(*secret), version, wrapped, context, data_key);
}

Status FileKeyProvider::destroy_version(WrappingVersion version) {
  const std::lock_guard one_at_a_time(impl_->writing);
  {
    const std::unique_lock guard(impl_->mutex);
    const auto found = impl_->versions.find(version);
    if (found == impl_->versions.end()) {
      return seal::wrapping_key_missing(version);
    }
    found->second = nullptr;
  }
  CARNET_TRY_VOID(base::write_file_synced(impl_->path_of(version, kDestroyedSuffix), "", base::FileMode::kPrivate));
  return wipe_file(impl_->path_of(version, kKeySuffix));
}

}  // namespace carnet
