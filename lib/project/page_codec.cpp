// SPDX-License-Identifier: Apache-2.0
//
// Pages and state as bytes (see page_codec.hpp).
#include "project/page_codec.hpp"

#include "base/bytes.hpp"
#include "base/check.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace carnet::project {

namespace {

constexpr char kView = 's';
constexpr std::string_view kStateMagic = "CTS1";
constexpr std::size_t kCrcBytes = sizeof(std::uint32_t);

Error damaged(std::string message, std::vector<Fact> facts = {}) {
  return {ErrorCode::kCorruption, "StateDamaged", std::move(message) + ": remove the views and let them be rebuilt",
          std::move(facts)};
}

/// Takes little-endian values off the front; after a short read every value is zero.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  T take() {
    T value{};
    if (rest_.size() < sizeof(T)) {
      short_ = true;
      rest_ = {};
      return value;
    }
    value = base::load_le<T>(rest_.data());
    rest_.remove_prefix(sizeof(T));
    return value;
  }

  std::string_view take_text() {
    const std::optional<std::uint64_t> size = base::take_varint(rest_);
    if (!size.has_value() || *size > rest_.size()) {
      short_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view text = rest_.substr(0, *size);
    rest_.remove_prefix(*size);
    return text;
  }

  [[nodiscard]] bool whole() const { return !short_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool short_ = false;
};

}  // namespace

void encode_page_key(std::string& out, std::uint32_t generation, std::uint16_t table, std::uint64_t number) {
  out.clear();
  out.push_back(kView);
  base::append_be(out, generation);
  base::append_be(out, table);
  base::append_be(out, number);
}

void encode_page(std::string& out, std::string_view key, const Page& page) {
  std::size_t size = kPageBytes;
  while (size > 0 && base::load_le<std::uint64_t>(page.bytes.data() + size - 8) == 0) {
    size -= 8;
  }
  const base::ByteSpan bytes(page.bytes.data(), size);
  out.assign(base::as_text(bytes));
  base::append_le(out, base::crc32c(bytes, base::crc32c(base::as_bytes(key))));
}

Status decode_page(std::string_view key, std::string_view value, Page& page) {
  const auto fail = [&](const char* message) -> Status {
    return damaged(message, {{"table", std::to_string(base::load_be<std::uint16_t>(key.data() + 5))},
                             {"page", std::to_string(base::load_be<std::uint64_t>(key.data() + 7))}});
  };
  if (value.size() < kCrcBytes || value.size() > kPageBytes + kCrcBytes || (value.size() - kCrcBytes) % 8 != 0) {
    return fail("a stored page has an impossible size");
  }
  const std::string_view bytes = value.substr(0, value.size() - kCrcBytes);
  const std::uint32_t crc = base::crc32c(base::as_bytes(bytes), base::crc32c(base::as_bytes(key)));
  if (crc != base::load_le<std::uint32_t>(value.data() + bytes.size())) {
    return fail("a stored page does not match its checksum");
  }
  std::memcpy(page.bytes.data(), bytes.data(), bytes.size());
  std::memset(page.bytes.data() + bytes.size(), 0, kPageBytes - bytes.size());
  return {};
}

std::string encode_state(std::span<const TableSpec> specs, std::span<const TableState> tables) {
  CARNET_ASSERT(specs.size() == tables.size(), "every table has a state");
  std::string out(kStateMagic);
  base::append_le(out, static_cast<std::uint32_t>(kPageBytes));
  base::append_le(out, static_cast<std::uint32_t>(specs.size()));
  for (std::size_t i = 0; i < specs.size(); ++i) {
    base::append_varint(out, specs[i].name.size());
    out += specs[i].name;
    base::append_le(out, specs[i].row_bytes);
    base::append_le(out, tables[i].row_count);
    base::append_le(out, tables[i].fingerprint[0]);
    base::append_le(out, tables[i].fingerprint[1]);
  }
  base::append_le(out, base::crc32c(base::as_bytes(out)));
  return out;
}

Result<std::vector<TableState>> decode_state(std::span<const TableSpec> specs, std::string_view state) {
  if (state.size() < kStateMagic.size() + kCrcBytes || !state.starts_with(kStateMagic)) {
    return damaged("the state of a checkpoint is no state of tables");
  }
  const std::string_view body = state.substr(0, state.size() - kCrcBytes);
  if (base::crc32c(base::as_bytes(body)) != base::load_le<std::uint32_t>(state.data() + body.size())) {
    return damaged("the state of a checkpoint does not match its checksum");
  }
  StateReader reader(body.substr(kStateMagic.size()));
  if (reader.take<std::uint32_t>() != kPageBytes || reader.take<std::uint32_t>() != specs.size()) {
    return damaged("the state of a checkpoint was written for other tables");
  }
  std::vector<TableState> tables;
  for (const TableSpec& spec : specs) {
    const std::string_view name = reader.take_text();
    const auto row_bytes = reader.take<std::uint32_t>();
    if (name != spec.name || row_bytes != spec.row_bytes) {
      return damaged("the state of a checkpoint was written for other tables", {{"table", spec.name}});
    }
    TableState table;
    table.row_count = reader.take<std::uint64_t>();
    table.fingerprint = {reader.take<std::uint64_t>(), reader.take<std::uint64_t>()};
    if (table.row_count > kRowsMax) {
      return damaged("the state of a checkpoint has an impossible row count", {{"table", spec.name}});
    }
    tables.push_back(table);
  }
  if (!reader.whole()) {
    return damaged("the state of a checkpoint has another length than its tables");
  }
  return tables;
}

}  // namespace carnet::project
