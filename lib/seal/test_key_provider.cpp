// SPDX-License-Identifier: Apache-2.0
//
// The key provider for tests: secrets and nonces are hashes of what goes in, so that every run gives the same bytes.
#include "base/sha256.hpp"
#include "seal/wrapping.hpp"

#include <carnet/keys.hpp>

#include <algorithm>
#include <mutex>
#include <set>

namespace carnet {

struct TestKeyProvider::Impl {
  std::uint64_t seed = 0;
  bool can_destroy = true;
  std::mutex mutex;
  WrappingVersion last = 0;             // highest version seen; guarded by mutex
  std::set<WrappingVersion> destroyed;  // guarded by mutex

  Result<base::Hash> secret_of(WrappingVersion version) {
    const std::lock_guard lock(mutex);
    if (version == 0) {
      return seal::wrapping_key_missing(version);
    }
    if (destroyed.contains(version)) {
      return seal::wrapping_key_destroyed(version);
    }
    last = std::max(last, version);
    std::string text = "carnet/test-key-provider/1";
    base::append_le(text, seed);
    base::append_le(text, version);
    return base::sha256(base::as_bytes(text));
  }
};

TestKeyProvider::TestKeyProvider(std::uint64_t seed, bool can_destroy) : impl_(std::make_unique<Impl>()) {
  impl_->seed = seed;
  impl_->can_destroy = can_destroy;
}

TestKeyProvider::~TestKeyProvider() = default;

Result<WrappingVersion> TestKeyProvider::create_version() {
  const std::lock_guard lock(impl_->mutex);
  return ++impl_->last;
}

Result<std::string> TestKeyProvider::wrap(WrappingVersion version, std::span<const std::byte, kDataKeyBytes> data_key,
                                          std::span<const std::byte> context) {
  CARNET_TRY(const base::Hash secret, impl_->secret_of(version));
  // A nonce that depends on all that is wrapped comes twice only with the same text.
  std::string text(base::as_text(data_key));
  text.append(base::as_text(context));
  const base::Hash hash = base::hmac_sha256(secret, base::as_bytes(text));
  seal::Nonce nonce;
  std::copy_n(hash.begin(), nonce.size(), nonce.begin());
  return seal::wrap_with(secret, nonce, version, data_key, context);
}

Status TestKeyProvider::unwrap(WrappingVersion version, std::span<const std::byte> wrapped,
                               std::span<const std::byte> context, std::span<std::byte, kDataKeyBytes> data_key) {
  CARNET_TRY(const base::Hash secret, impl_->secret_of(version));
  return seal::unwrap_with(secret, version, wrapped, context, data_key);
}

bool TestKeyProvider::can_destroy() const noexcept {
  return impl_->can_destroy;
}

Status TestKeyProvider::destroy_version(WrappingVersion version) {
  if (!impl_->can_destroy) {
    return Error(ErrorCode::kInvalidArgument, "DestroyUnsupported", "this key provider cannot destroy versions");
  }
  const std::lock_guard lock(impl_->mutex);
  impl_->last = std::max(impl_->last, version);
  impl_->destroyed.insert(version);
  return {};
}

}  // namespace carnet
