// SPDX-License-Identifier: Apache-2.0
//
// What the tests of lib/seal share: unpacking of results, a random source that says what it is told to, a key store
// that fails on demand, a ring over both.
#pragma once

#include "seal/key_ring.hpp"
#include "seal/sealer.hpp"

#include <carnet/keys.hpp>
#include <carnet/random.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace carnet::test {

template <class T>
T must(Result<T> result) {
  if (!result) {
    BOOST_FAIL(result.error().to_line());
  }
  return *std::move(result);
}

inline void must(const Status& status) {
  if (!status) {
    BOOST_FAIL(status.error().to_line());
  }
}

/// The value of a call that must neither fail nor refuse.
template <class T>
T granted(Result<seal::Granted<T>> result) {
  seal::Granted<T> value = must(std::move(result));
  const seal::KeyRefusal* const refusal = std::get_if<seal::KeyRefusal>(&value);
  if (refusal != nullptr) {
    BOOST_FAIL("refused: " << seal::to_string(*refusal));
  }
  return std::get<T>(std::move(value));
}

/// The name of the refusal; `granted` when there is none.
template <class T>
std::string_view refusal_of(Result<seal::Granted<T>> result) {
  const seal::Granted<T> value = must(std::move(result));
  const seal::KeyRefusal* const refusal = std::get_if<seal::KeyRefusal>(&value);
  return refusal == nullptr ? "granted" : seal::to_string(*refusal);
}

/// The name of the error; `success` when there is none.
template <class T>
std::string error_of(const Result<T>& result) {
  return result.has_value() ? "success" : result.error().name();
}

inline seal::KeyId key_id(std::uint8_t number) {
  seal::KeyId id{};
  id.fill(std::byte{number});
  return id;
}

inline seal::KeyRequest request(std::string subject, std::string data_class, std::uint8_t number,
                                seal::KeyUse use = seal::KeyUse::kFirst) {
  return {.subject = std::move(subject),
          .data_class = std::move(data_class),
          .key_id = key_id(number),
          .use = use,
          .at = Timestamp{1'700'000'000'000'000'000}};
}

/// Gives out prepared bytes, then fails. Not safe from several threads.
class StubRandom final : public RandomSource {
 public:
  void push(std::uint8_t first, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      bytes_.push_back(static_cast<std::byte>(first + i));
    }
  }

  [[nodiscard]] Status fill(std::span<std::byte> out) override {
    if (out.size() > bytes_.size()) {
      return Error(ErrorCode::kStorage, "RandomUnavailable", "no more prepared bytes");
    }
    for (std::byte& byte : out) {
      byte = bytes_.front();
      bytes_.pop_front();
    }
    return {};
  }

  [[nodiscard]] bool is_seeded() const noexcept override { return true; }

 private:
  std::deque<std::byte> bytes_;
};

/// A key store over another one, whose next calls fail when told so: before or after the change landed.
class FaultyKeyStore final : public seal::KeyStore {
 public:
  enum class Fault { kNone, kBefore, kAfter };

  Fault next_write = Fault::kNone;
  Fault next_purge = Fault::kNone;
  int writes = 0;
  std::vector<std::string> purged;

  [[nodiscard]] Result<std::optional<seal::KeyRecord>> get(const seal::KeyId& id) const override {
    return below_.get(id);
  }

  [[nodiscard]] Result<std::vector<seal::KeyRecord>> list(std::string_view subject,
                                                          std::string_view data_class) const override {
    return below_.list(subject, data_class);
  }

  [[nodiscard]] Result<std::vector<seal::KeyRecord>> scan(const std::optional<seal::KeyId>& after,
                                                          std::size_t limit) const override {
    return below_.scan(after, limit);
  }

  [[nodiscard]] Result<seal::KeyMeta> meta(std::string_view prefix) const override { return below_.meta(prefix); }

  [[nodiscard]] Status write(const seal::KeyWrite& write) override {
    ++writes;
    const Fault fault = std::exchange(next_write, Fault::kNone);
    if (fault != Fault::kBefore) {
      must(below_.write(write));
    }
    return fault == Fault::kNone ? Status() : broken();
  }

  [[nodiscard]] Status purge(std::span<const std::string> gone) override {
    if (std::exchange(next_purge, Fault::kNone) != Fault::kNone) {
      return broken();
    }
    purged.insert(purged.end(), gone.begin(), gone.end());
    return below_.purge(gone);
  }

 private:
  static Status broken() { return Error(ErrorCode::kStorage, "StoreBroken", "a test broke the store"); }

  seal::MemoryKeyStore below_;
};

/// A ring over memory.
struct RingFixture {
  FaultyKeyStore store;
  TestKeyProvider provider;
  SeededRandom random{1};
  std::unique_ptr<seal::KeyRing> ring = must(seal::KeyRing::open(store, provider, random));

  void reopen() {
    ring.reset();
    ring = must(seal::KeyRing::open(store, provider, random));
  }
};

}  // namespace carnet::test
