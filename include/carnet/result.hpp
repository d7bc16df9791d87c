// SPDX-License-Identifier: Apache-2.0
//
// Result<T>: a value or an Error. The only way a fallible call of Carnet reports a failure of the world (disk, format,
// another process); refusals by the rules are values (see refusal.hpp), bugs stop the process (see DESIGN in
// docs/adr/0001). Stability: stable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace carnet {

/// What a caller should do about a failure. A code exists only where some caller acts differently on it.
/// Persisted nowhere; printed by name.
enum class ErrorCode : std::uint16_t {
  kInvalidArgument = 1,     ///< The call itself is wrong: fix the call.
  kNotFound = 2,            ///< The thing named does not exist.
  kBusy = 3,                ///< Somebody else holds it: retry later.
  kOutOfSpace = 4,          ///< Nothing was written: free space, then retry.
  kStorage = 5,             ///< The device or RocksDB failed: reopen, then retry.
  kCorruption = 6,          ///< Bytes are not what was written: repair or restore.
  kUnsupportedFormat = 7,   ///< Written by something newer: upgrade Carnet.
  kOutcomeUnknown = 8,      ///< The write may have landed: reopen and resend under the same command.
  kClosed = 9,              ///< Closed or poisoned by an earlier failure: reopen.
  kCancelled = 10,          ///< A stop token or a deadline ended it; nothing was changed by the rest.
  kExpired = 11,            ///< The view, iterator or ticket is too old: take a new one.
  kNeedsConfirmation = 12,  ///< An operator must decide (clock jump, accepted loss).
};

/// When the same call may succeed.
enum class RetryAdvice : std::uint8_t {
  kNow,          ///< At once, with a fresh view, iterator, ticket or deadline.
  kLater,        ///< Once others are done or space is free; nothing need be reopened.
  kAfterRepair,  ///< After somebody acted: reopened, restored, confirmed.
  kNever,        ///< Not with these arguments and this version of Carnet.
};

/// The code's name without its prefix: `InvalidArgument`, `Busy` …. Threads: any.
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;
/// The one place that says what a code means for a retry. Threads: any.
[[nodiscard]] RetryAdvice retry_advice(ErrorCode code) noexcept;

/// One named value of an error or a refusal. Never personal data.
struct Fact {
  std::string name;
  std::string value;

  friend bool operator==(const Fact&, const Fact&) = default;
};

/// A failure of the world. `name` is the PascalCase name that the documentation lists (`LogDamaged`, `LedgerBusy` …),
/// `message` says what happened and what to do, `facts` hold the values (positions, offsets, paths).
class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string name, std::string message, std::vector<Fact> facts = {})
      : code_(code), name_(std::move(name)), message_(std::move(message)), facts_(std::move(facts)) {}

  [[nodiscard]] ErrorCode code() const noexcept { return code_; }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  [[nodiscard]] const std::string& message() const noexcept { return message_; }

  [[nodiscard]] const std::vector<Fact>& facts() const noexcept { return facts_; }

  /// Value of a fact, or an empty text.
  [[nodiscard]] std::string_view fact(std::string_view name) const noexcept {
    for (const Fact& fact : facts_) {
      if (fact.name == name) {
        return fact.value;
      }
    }
    return {};
  }

  /// `Name: message (fact=value, …)`: one line for logs and terminals; a control character in it is printed as `?`.
  [[nodiscard]] std::string to_line() const;

 private:
  ErrorCode code_;
  std::string name_;
  std::string message_;
  std::vector<Fact> facts_;
};

/// Value or Error, in the shape of std::expected. Ignoring one is a compiler warning.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // NOLINTNEXTLINE(google-explicit-constructor): `return value;` is the point of the type.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}

  // NOLINTNEXTLINE(google-explicit-constructor): `return Error{…};` is the point of the type.
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }

  explicit operator bool() const noexcept { return has_value(); }

  /// Requires: has_value().
  [[nodiscard]] T& operator*() & noexcept { return *std::get_if<0>(&state_); }

  [[nodiscard]] const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }

  [[nodiscard]] T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }

  [[nodiscard]] T* operator->() noexcept { return std::get_if<0>(&state_); }

  [[nodiscard]] const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  /// Requires: !has_value().
  [[nodiscard]] const Error& error() const& noexcept { return *std::get_if<1>(&state_); }

  [[nodiscard]] Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

  [[nodiscard]] T value_or(T other) && { return has_value() ? std::move(**this) : std::move(other); }

 private:
  std::variant<T, Error> state_;
};

/// Success or Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;

  // NOLINTNEXTLINE(google-explicit-constructor): `return Error{…};` is the point of the type.
  Result(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return !error_.has_value(); }

  explicit operator bool() const noexcept { return has_value(); }

  /// Requires: !has_value().
  [[nodiscard]] const Error& error() const& noexcept { return *error_; }

  [[nodiscard]] Error&& error() && noexcept { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

/// Drops a result on purpose; `reason` is for the reader.
template <class T>
void ignore_error(const Result<T>& /*result*/, const char* /*reason*/) noexcept {}

}  // namespace carnet

#define CARNET_DETAIL_JOIN2(a, b) a##b
#define CARNET_DETAIL_JOIN(a, b) CARNET_DETAIL_JOIN2(a, b)

/// `CARNET_TRY(auto x, expr);` binds the value of `expr` to `x`, or returns its error from the enclosing function.
#define CARNET_TRY(declaration, ...) \
  CARNET_DETAIL_TRY(CARNET_DETAIL_JOIN(carnet_try_, __LINE__), declaration, __VA_ARGS__)
#define CARNET_DETAIL_TRY(result, declaration, ...) \
  auto result = (__VA_ARGS__);                      \
  if (!(result)) {                                  \
    return std::move(result).error();               \
  }                                                 \
  declaration = *std::move(result)

/// `CARNET_TRY_VOID(expr);` returns the error of `expr`, if it has one.
#define CARNET_TRY_VOID(...)                                        \
  if (auto carnet_try_status = (__VA_ARGS__); !carnet_try_status) { \
    return std::move(carnet_try_status).error();                    \
  }                                                                 \
  static_assert(true, "")
