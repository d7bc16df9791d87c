// SPDX-License-Identifier: Apache-2.0
//
// AES-256-GCM through EVP. A libcrypto without the cipher, or without memory for a context, is treated as out of
// memory: the process stops.
#include "seal/aead.hpp"

#include "base/check.hpp"
#include "base/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <cstring>
#include <limits>
#include <memory>
#include <string>

namespace carnet::seal {
namespace {

const unsigned char* raw(ByteSpan bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

const unsigned char* raw(const Nonce& nonce) {
  return reinterpret_cast<const unsigned char*>(nonce.data());
}

const unsigned char* raw(KeySpan key) {
  return reinterpret_cast<const unsigned char*>(key.data());
}

unsigned char* raw(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

const EVP_CIPHER* cipher() {
  // Never freed: fields may be sealed until the very end of the process.
  static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  CARNET_ASSERT(fetched != nullptr, "libcrypto provides AES-256-GCM");
  return fetched;
}

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

// The calling thread's context. Resetting it wipes the key schedule, and costs no more than setting the next key over
// it.
class Context {
 public:
  Context() : context_(thread_context()) {}

  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  ~Context() { EVP_CIPHER_CTX_reset(context_); }

  [[nodiscard]] EVP_CIPHER_CTX* get() const noexcept { return context_; }

 private:
  static EVP_CIPHER_CTX* thread_context() {
    static thread_local const std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter> context(EVP_CIPHER_CTX_new());
    CARNET_ASSERT(context != nullptr, "libcrypto gives a cipher context");
    return context.get();
  }

  EVP_CIPHER_CTX* context_;
};

int size_of(ByteSpan bytes) {
  CARNET_REQUIRE(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()),
                 "libcrypto counts bytes with an int");
  return static_cast<int>(bytes.size());
}

}  // namespace

Tag aes256gcm_seal(const AeadCall& call, ByteSpan head, ByteSpan tail, std::span<std::byte> ciphertext) {
  CARNET_REQUIRE(ciphertext.size() == head.size() + tail.size(), "the ciphertext is as long as what it seals");
  const Context context;
  Tag tag{};
  int done = 0;
  bool good = EVP_EncryptInit_ex2(context.get(), cipher(), raw(call.key), raw(call.nonce), nullptr) == 1;
  if (!call.associated.empty()) {
    good =
        good && EVP_EncryptUpdate(context.get(), nullptr, &done, raw(call.associated), size_of(call.associated)) == 1;
  }
  if (!head.empty()) {
    good = good && EVP_EncryptUpdate(context.get(), raw(ciphertext.data()), &done, raw(head), size_of(head)) == 1;
  }
  if (!tail.empty()) {
    std::byte* const rest = ciphertext.data() + head.size();
    good = good && EVP_EncryptUpdate(context.get(), raw(rest), &done, raw(tail), size_of(tail)) == 1;
  }
  std::array<std::byte, kTagBytes> nothing{};
  good = good && EVP_EncryptFinal_ex(context.get(), raw(nothing.data()), &done) == 1 && done == 0;
  good = good && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag.data()) == 1;
  CARNET_ASSERT(good, "AES-256-GCM encrypts");
  return tag;
}

bool aes256gcm_open(const AeadCall& call, ByteSpan ciphertext, const Tag& tag, std::span<std::byte> plaintext) {
  CARNET_REQUIRE(plaintext.size() == ciphertext.size(), "the plaintext is as long as what seals it");
  const Context context;
  Tag expected = tag;
  int done = 0;
  bool good = EVP_DecryptInit_ex2(context.get(), cipher(), raw(call.key), raw(call.nonce), nullptr) == 1;
  good = good && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, expected.data()) == 1;
  if (!call.associated.empty()) {
    good =
        good && EVP_DecryptUpdate(context.get(), nullptr, &done, raw(call.associated), size_of(call.associated)) == 1;
  }
  if (!ciphertext.empty()) {
    good = good &&
           EVP_DecryptUpdate(context.get(), raw(plaintext.data()), &done, raw(ciphertext), size_of(ciphertext)) == 1;
  }
  CARNET_ASSERT(good, "AES-256-GCM decrypts");
  std::array<std::byte, kTagBytes> nothing{};
  // A host may use libcrypto itself on this thread: a tag that does not fit leaves nothing in its error queue.
  ERR_set_mark();
  const bool authentic = EVP_DecryptFinal_ex(context.get(), raw(nothing.data()), &done) == 1;
  ERR_pop_to_mark();
  if (!authentic) {
    OPENSSL_cleanse(plaintext.data(), plaintext.size());
    return false;
  }
  return true;
}

void hkdf_sha256(ByteSpan key_material, ByteSpan salt, std::string_view info, std::span<std::byte, 32> out) {
  // One block of output: T(1) = HMAC(PRK, info ‖ 0x01). libcrypto's own HKDF looks its digest up anew for each key.
  base::Hash extracted = base::hmac_sha256(salt, key_material);
  std::string block(info);
  block.push_back('\x01');
  base::Hash expanded = base::hmac_sha256(extracted, base::as_bytes(block));
  std::memcpy(out.data(), expanded.data(), expanded.size());
  OPENSSL_cleanse(extracted.data(), extracted.size());
  OPENSSL_cleanse(expanded.data(), expanded.size());
}

}  // namespace carnet::seal
