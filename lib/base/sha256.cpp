// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 through libcrypto's low-level interface: the same code as behind EVP (it uses the processor's SHA
// instructions), without a context to allocate and to look up. Every event is hashed three times on its way in, and
// EVP's share of that was a third. The interface is deprecated in OpenSSL 3, not gone; it is named in this file only.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/sha256.hpp"

#include "base/check.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstring>

namespace carnet::base {

namespace {

constexpr std::size_t kBlockBytes = 64;

void start(SHA256_CTX& context) {
  CARNET_ASSERT(SHA256_Init(&context) == 1, "SHA-256 starts");
}

void feed(SHA256_CTX& context, ByteSpan bytes) {
  CARNET_ASSERT(SHA256_Update(&context, bytes.data(), bytes.size()) == 1, "SHA-256 takes bytes");
}

Hash end(SHA256_CTX& context) {
  Hash hash;
  CARNET_ASSERT(SHA256_Final(reinterpret_cast<unsigned char*>(hash.data()), &context) == 1,
                "SHA-256 ends with 32 bytes");
  return hash;
}

}  // namespace

struct Sha256::Impl {
  SHA256_CTX context;
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
  start(impl_->context);
}

Sha256::~Sha256() = default;

void Sha256::update(ByteSpan bytes) {
  feed(impl_->context, bytes);
}

Hash Sha256::finish() {
  const Hash hash = end(impl_->context);
  start(impl_->context);
  return hash;
}

Hash sha256(ByteSpan bytes) {
  SHA256_CTX context;
  start(context);
  feed(context, bytes);
  return end(context);
}

Hash sha256(std::span<const ByteSpan> parts) {
  SHA256_CTX context;
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
  SHA256_CTX context;
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
  const Hash outer = end(context);
  OPENSSL_cleanse(&context, sizeof(context));
  return outer;
}

bool equal_secret(ByteSpan a, ByteSpan b) noexcept {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace carnet::base
