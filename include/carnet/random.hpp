// SPDX-License-Identifier: Apache-2.0
//
// The seam through which Carnet draws random bytes: ledger ids, blinds, nonces, keys.
// Stability: stable.
#pragma once

#include <carnet/result.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace carnet {

/// Threads: implementations are safe from any thread and do not throw.
class RandomSource {
 public:
  virtual ~RandomSource() = default;

  /// Fills `out` whole. Errors: whatever the source can fail with; `out` is then not to be used.
  [[nodiscard]] virtual Status fill(std::span<std::byte> out) = 0;

  /// True when the bytes can be foretold. Such a source is accepted only together with the test key provider.
  [[nodiscard]] virtual bool is_seeded() const noexcept { return false; }
};

/// The operating system's generator (getrandom). One instance, shared.
/// Errors of fill: kStorage `RandomUnavailable`. Threads: any. Cost: one system call for each 256 bytes.
[[nodiscard]] std::shared_ptr<RandomSource> os_random();

/// The same bytes for the same seed and the same sequence of calls, for tests and golden files. Not for secrets: a
/// ledger accepts it only together with the test key provider. Threads: any; concurrent callers get disjoint pieces in
/// the order in which they came.
class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(std::uint64_t seed) noexcept : state_(seed) {}

  [[nodiscard]] Status fill(std::span<std::byte> out) override;

  [[nodiscard]] bool is_seeded() const noexcept override { return true; }

 private:
  std::atomic<std::uint64_t> state_;
};

}  // namespace carnet
