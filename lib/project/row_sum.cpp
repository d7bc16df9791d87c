// SPDX-License-Identifier: Apache-2.0
//
// Row hashes (see row_sum.hpp).
#include "project/row_sum.hpp"

#include <bit>

namespace carnet::project {

namespace {

constexpr std::uint64_t kFactor1 = 0x87c37b91114253d5ULL;
constexpr std::uint64_t kFactor2 = 0x4cf5ad432745937fULL;

class RowHash {
 public:
  explicit RowHash(const Fingerprint& seed) noexcept : h1_(seed[0]), h2_(seed[1]) {}

  void block(std::uint64_t k1, std::uint64_t k2) noexcept {
    h1_ ^= std::rotl(k1 * kFactor1, 31) * kFactor2;
    h1_ = std::rotl(h1_, 27) + h2_;
    h1_ = h1_ * 5 + 0x52dce729ULL;
    h2_ ^= std::rotl(k2 * kFactor2, 33) * kFactor1;
    h2_ = std::rotl(h2_, 31) + h1_;
    h2_ = h2_ * 5 + 0x38495ab5ULL;
  }

  void words(const std::byte* from, std::size_t bytes) noexcept {
    std::size_t at = 0;
    for (; at + 16 <= bytes; at += 16) {
      block(base::load_le<std::uint64_t>(from + at), base::load_le<std::uint64_t>(from + at + 8));
    }
    if (at < bytes) {
      block(base::load_le<std::uint64_t>(from + at), 0);
    }
  }

  [[nodiscard]] Fingerprint end(std::uint64_t bytes) const noexcept {
    std::uint64_t a = h1_ ^ bytes;
    std::uint64_t b = h2_ ^ bytes;
    a += b;
    b += a;
    a = mix(a);
    b = mix(b);
    a += b;
    b += a;
    return {a, b};
  }

 private:
  static std::uint64_t mix(std::uint64_t k) noexcept {
    k ^= k >> 33U;
    k *= 0xff51afd7ed558ccdULL;
    k ^= k >> 33U;
    k *= 0xc4ceb9fe1a85ec53ULL;
    k ^= k >> 33U;
    return k;
  }

  std::uint64_t h1_;
  std::uint64_t h2_;
};

bool is_zero(const std::byte* row, std::uint32_t bytes) noexcept {
  std::uint64_t any = 0;
  for (std::uint32_t at = 0; at < bytes; at += 8) {
    any |= base::load_le<std::uint64_t>(row + at);
  }
  return any == 0;
}

}  // namespace

Fingerprint table_seed(std::string_view name, std::uint32_t row_bytes) noexcept {
  RowHash hash({row_bytes, name.size()});
  for (const char c : name) {
    hash.block(static_cast<unsigned char>(c), 0);
  }
  return hash.end(name.size());
}

Fingerprint sum_rows(const Fingerprint& seed, std::uint64_t first, const std::byte* rows, std::uint32_t row_count,
                     std::uint32_t row_bytes) noexcept {
  Fingerprint sum{};
  for (std::uint32_t i = 0; i < row_count; ++i) {
    const std::byte* const row = rows + std::size_t{i} * row_bytes;
    if (is_zero(row, row_bytes)) {
      continue;
    }
    RowHash hash(seed);
    hash.block(first + i, row_bytes);
    hash.words(row, row_bytes);
    add_to(sum, hash.end(row_bytes));
  }
  return sum;
}

}  // namespace carnet::project
