// SPDX-License-Identifier: Apache-2.0
//
// Reading the small records of this room: fields in a row, and the CRC-32C at the end of each.
#pragma once

#include "base/bytes.hpp"

#include <carnet/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carnet::seal {

/// A reader that remembers having run out, so that fields can be read in a row and checked once.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] std::string_view take(std::size_t size) {
    if (size > bytes_.size()) {
      whole_ = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  template <class T>
  [[nodiscard]] T number() {
    const std::string_view taken = take(sizeof(T));
    return taken.size() == sizeof(T) ? base::load_le<T>(taken.data()) : T{};
  }

  /// False once a field was asked for that is not there.
  [[nodiscard]] bool is_whole() const { return whole_; }

  [[nodiscard]] bool at_end() const { return whole_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool whole_ = true;
};

inline void append_crc(std::string& record) {
  base::append_le(record, base::crc32c(base::as_bytes(record)));
}

/// The record without its CRC; nothing when that does not fit.
[[nodiscard]] inline std::optional<std::string_view> checked_body(std::string_view record) {
  if (record.size() < sizeof(std::uint32_t)) {
    return std::nullopt;
  }
  const std::string_view body = record.substr(0, record.size() - sizeof(std::uint32_t));
  if (base::load_le<std::uint32_t>(body.data() + body.size()) != base::crc32c(base::as_bytes(body))) {
    return std::nullopt;
  }
  return body;
}

[[nodiscard]] inline Error format_too_new() {
  return {ErrorCode::kUnsupportedFormat, "FormatTooNew", "the key store was written by a newer Carnet; upgrade Carnet"};
}

}  // namespace carnet::seal
