// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 and HMAC-SHA-256 over libcrypto.
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace carnet::base {

using Hash = std::array<std::byte, 32>;

/// Incremental hash. Reusable after finish(). Threads: one at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(ByteSpan bytes);
  /// The hash of what was given since the last finish().
  [[nodiscard]] Hash finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One call. Threads: any.
[[nodiscard]] Hash sha256(ByteSpan bytes);
[[nodiscard]] Hash sha256(std::span<const ByteSpan> parts);
[[nodiscard]] Hash hmac_sha256(ByteSpan key, ByteSpan message);

/// Equal without leaking where they differ.
[[nodiscard]] bool equal_secret(ByteSpan a, ByteSpan b) noexcept;

}  // namespace carnet::base
