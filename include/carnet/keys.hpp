// SPDX-License-Identifier: Apache-2.0
//
// KeyProvider: the host's key management. Personal data is sealed under data keys, one for each (subject, class); the
// ledger's key store holds them only wrapped, under a wrapping key that never leaves the provider. Destroying a version
// of the wrapping key kills every copy of the key store that was made under it, wherever it lies.
// Stability: stable.
#pragma once

#include <carnet/result.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace carnet {

/// Names one version of a provider's wrapping key. Stored beside what it wraps; 0 is none.
using WrappingVersion = std::uint64_t;

/// Bytes of a data key.
inline constexpr std::size_t kDataKeyBytes = 32;

/// Wraps and unwraps data keys. Implement it over your KMS or HSM, or take FileKeyProvider.
///
/// `context` goes with every wrapped key: 32 bytes, a hash that tells nothing about the subject. An implementation
/// authenticates it (associated data, encryption context), so that a wrapped key cannot be put in another's place.
///
/// Several key stores may share one provider: each works under versions that it created itself and destroys no others.
///
/// Errors of every call: kStorage or kBusy when the key management cannot be reached (`KeyProviderUnavailable`, or a
/// name of the implementation's own). Neither names, messages nor facts may hold key material.
/// Threads: every call from any thread, concurrently.
class KeyProvider {
 public:
  KeyProvider() = default;
  KeyProvider(const KeyProvider&) = delete;
  KeyProvider& operator=(const KeyProvider&) = delete;
  virtual ~KeyProvider() = default;

  /// Makes a new version of the wrapping key and returns its number, which was never given before and never will be
  /// again, not even after its destruction.
  /// Durability: the version survives a power loss once this returns.
  [[nodiscard]] virtual Result<WrappingVersion> create_version() = 0;

  /// Encrypts `data_key` under `version`, bound to `context`. The result is opaque to Carnet; at most 4,096 bytes.
  /// Errors: kNotFound `WrappingKeyMissing` or `WrappingKeyDestroyed`.
  [[nodiscard]] virtual Result<std::string> wrap(WrappingVersion version,
                                                 std::span<const std::byte, kDataKeyBytes> data_key,
                                                 std::span<const std::byte> context) = 0;

  /// Decrypts what wrap() returned for this version and context into `data_key`.
  /// Errors: kNotFound `WrappingKeyMissing` (never made here: another provider's) or `WrappingKeyDestroyed`;
  ///         kCorruption `WrappedKeyDamaged` when `wrapped` or `context` is not what was wrapped. `data_key` is
  ///         unspecified then.
  [[nodiscard]] virtual Status unwrap(WrappingVersion version, std::span<const std::byte> wrapped,
                                      std::span<const std::byte> context,
                                      std::span<std::byte, kDataKeyBytes> data_key) = 0;

  /// True when destroy_version() really ends a version, beyond any backup of the provider. If not, an erasure depends
  /// on the copies of the key store being gone.
  [[nodiscard]] virtual bool can_destroy() const noexcept = 0;

  /// Ends a version for ever. Repeating it is no error: a destruction whose outcome was lost is called again.
  /// Errors:     kInvalidArgument `DestroyUnsupported` when can_destroy() is false; kNotFound `WrappingKeyMissing`.
  /// Durability: destroyed also after a power loss once this returns.
  [[nodiscard]] virtual Status destroy_version(WrappingVersion version) = 0;

  /// True for a provider whose keys anybody can compute. Only together with such a one does a ledger accept a random
  /// source that is not the operating system's.
  [[nodiscard]] virtual bool is_for_tests() const noexcept { return false; }
};

/// Wrapping keys in a directory of the local file system: one file a version, 32 bytes from the operating system's
/// generator, read and written by the owner only; AES-256-GCM wrapping.
///
/// Whoever can read the directory can open everything, so keep it on another volume than the ledger and out of the
/// ledger's backups. Destroying a version overwrites its file, removes it, syncs the directory and leaves an empty
/// `.destroyed` file as its tombstone. That is the end of the key only where the file system overwrites in place and
/// nobody copied the directory: on copy-on-write file systems, flash with wear levelling or snapshotted volumes put an
/// encrypted volume below it, or use a KMS.
class FileKeyProvider final : public KeyProvider {
 public:
  /// Opens `directory` and holds it alone until destroyed; makes it (mode 0700), but not its parents, if it does not
  /// exist. Reads every version into locked memory and completes destructions that a crash interrupted. Several ledgers
  /// of one process share one provider.
  ///
  /// Errors: kBusy `KeyDirectoryBusy` when another provider, in this process or another, has it open;
  ///         kInvalidArgument `KeyFileExposed` when the directory or a key file belongs to another user or can be
  ///         reached by group or others (fact `path`): chmod it, and consider who may have read it;
  ///         kCorruption `KeyFileDamaged` when a key file is not what was written (fact `path`);
  ///         kNotFound, kStorage, kOutOfSpace of the file system (facts `path`, `errno`).
  [[nodiscard]] static Result<std::unique_ptr<FileKeyProvider>> open(const std::filesystem::path& directory);

  ~FileKeyProvider() override;

  /// Further errors: those of the file system and kStorage `RandomUnavailable`; the number is not used again then.
  [[nodiscard]] Result<WrappingVersion> create_version() override;
  [[nodiscard]] Result<std::string> wrap(WrappingVersion version, std::span<const std::byte, kDataKeyBytes> data_key,
                                         std::span<const std::byte> context) override;
  [[nodiscard]] Status unwrap(WrappingVersion version, std::span<const std::byte> wrapped,
                              std::span<const std::byte> context,
                              std::span<std::byte, kDataKeyBytes> data_key) override;

  [[nodiscard]] bool can_destroy() const noexcept override { return true; }

  /// Further errors: those of the file system: the version is unusable here from now on, but its bytes may still be on
  /// the disk; call again.
  [[nodiscard]] Status destroy_version(WrappingVersion version) override;

 private:
  struct Impl;
  explicit FileKeyProvider(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

/// For tests: wrapping keys computed from seed and version, the same bytes in every run. Every version above 0 is there
/// without being made, so that a store outlives the instance; only which ones were destroyed ends with it.
class TestKeyProvider final : public KeyProvider {
 public:
  explicit TestKeyProvider(std::uint64_t seed = 1, bool can_destroy = true);
  ~TestKeyProvider() override;

  [[nodiscard]] Result<WrappingVersion> create_version() override;
  [[nodiscard]] Result<std::string> wrap(WrappingVersion version, std::span<const std::byte, kDataKeyBytes> data_key,
                                         std::span<const std::byte> context) override;
  [[nodiscard]] Status unwrap(WrappingVersion version, std::span<const std::byte> wrapped,
                              std::span<const std::byte> context,
                              std::span<std::byte, kDataKeyBytes> data_key) override;
  [[nodiscard]] bool can_destroy() const noexcept override;
  [[nodiscard]] Status destroy_version(WrappingVersion version) override;

  [[nodiscard]] bool is_for_tests() const noexcept override { return true; }

 private:
  struct Impl;

  std::unique_ptr<Impl> impl_;
};

}  // namespace carnet
