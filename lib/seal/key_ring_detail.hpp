// SPDX-License-Identifier: Apache-2.0
//
// What the two halves of the key ring share: making and using keys (key_ring.cpp), ending them (key_ring_ending.cpp).
#pragma once

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "seal/key_ring.hpp"
#include "seal/wrapping.hpp"

#include <openssl/crypto.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace carnet::seal {

/// Names of meta records: a key between prepare() and its end of that state; a purge that is due.
inline constexpr std::string_view kPreparedMeta = "prepared/";
inline constexpr std::string_view kPurgeMeta = "purge/";
inline constexpr std::string_view kMark = "1";

struct KeyRing::Wrapping : WrappingState {};

/// A data key on the stack, overwritten at the end of its scope.
struct ScopedDataKey {
  ScopedDataKey() = default;
  ScopedDataKey(const ScopedDataKey&) = delete;
  ScopedDataKey& operator=(const ScopedDataKey&) = delete;

  ~ScopedDataKey() { OPENSSL_cleanse(bytes.data(), bytes.size()); }

  std::array<std::byte, kDataKeyBytes> bytes{};
};

[[nodiscard]] inline std::string meta_name(std::string_view prefix, const KeyId& key_id) {
  return std::string(prefix) + base::to_hex(key_id);
}

inline void require_names(std::string_view subject, std::string_view data_class) {
  CARNET_REQUIRE(!subject.empty() && subject.size() <= kSubjectBytesMax, "a subject has 1 to 255 bytes");
  CARNET_REQUIRE(!data_class.empty() && data_class.size() <= kClassBytesMax, "a data class has 1 to 64 bytes");
}

}  // namespace carnet::seal
