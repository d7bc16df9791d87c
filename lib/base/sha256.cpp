// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 through libcrypto's EVP interface. Looking up the digest and making a context cost more than hashing an
// event, so the digest is fetched once a process and each thread keeps its context. A libcrypto without SHA-256, or
// without memory for a context, is treated as out of memory: the process stops.
#include "base/sha256.hpp"

#include "base/check.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstring>

namespace carnet::base {

namespace {

constexpr std::size_t kBlockBytes = 64;

const EVP_MD* digest_algorithm() {
  // Never freed: hashes may be taken until the very end of the process.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CARNET_ASSERT(algorithm != nullptr, "libcrypto provides SHA-256");
  return algorithm;
}

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

using Context = std::unique_ptr<EVP_MD_CTX, ContextDeleter>;

Context make_context() {
  Context context(EVP_MD_CTX_new());
  CARNET_ASSERT(context != nullptr, "libcrypto gives a digest context");
  return context;
}

EVP_MD_CTX* thread_context() {
  static thread_local const Context context = make_context();
  return context.get();
}

void start(EVP_MD_CTX* context) {
  CARNET_ASSERT(EVP_DigestInit_ex2(context, digest_algorithm(), nullptr) == 1, "SHA-256 starts");
}

void feed(EVP_MD_CTX* context, ByteSpan bytes) {
  CARNET_ASSERT(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1, "SHA-256 takes bytes");
}

Hash end(EVP_MD_CTX* context) {
  Hash hash;
  unsigned size = 0;
  CARNET_ASSERT(
      EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(hash.data()), &size) == 1 && size == hash.size(),
      "SHA-256 ends with 32 bytes");
  return hash;
}

}  // namespace

struct Sha256::Impl {
  Context context = make_context();
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
  start(impl_->context.get());
}

Sha256::~Sha256() = default;

void Sha256::update(ByteSpan bytes) {
  feed(impl_->context.get(), bytes);
}

Hash Sha256::finish() {
  const Hash hash = end(impl_->context.get());
  start(impl_->context.get());
  return hash;
}

Hash sha256(ByteSpan bytes) {
  EVP_MD_CTX* const context = thread_context();
  start(context);
  feed(context, bytes);
  return end(context);
}

Hash sha256(std::span<const ByteSpan> parts) {
  EVP_MD_CTX* const context = thread_context();
  start(context);
  for (const ByteSpan part : parts) {
    feed(context, part);
  }
  return end(context);
}

Hash hmac_sha256(ByteSpan key, ByteSpan message) {
  // RFC 2104 by hand: libcrypto's own HMAC looks its digest up anew for each key.
  std::array<std::byte, kBlockBytes> pad{};
  if (key.size() > kBlockBytes) {
    const Hash short_key = sha256(key);
    std::memcpy(pad.data(), short_key.data(), short_key.size());
  } else if (!key.empty()) {
    std::memcpy(pad.data(), key.data(), key.size());
  }
  for (std::byte& byte : pad) {
    byte ^= std::byte{0x36};
  }
  EVP_MD_CTX* const context = thread_context();
  start(context);
  feed(context, pad);
  feed(context, message);
  const Hash inner = end(context);

  for (std::byte& byte : pad) {
    byte ^= std::byte{0x36} ^ std::byte{0x5c};
  }
  start(context);
  feed(context, pad);
  feed(context, inner);
  OPENSSL_cleanse(pad.data(), pad.size());
  return end(context);
}

bool equal_secret(ByteSpan a, ByteSpan b) noexcept {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace carnet::base
