// SPDX-License-Identifier: Apache-2.0
#include "ledger/generations.hpp"

#include <algorithm>
#include <optional>

namespace carnet::ledger {

namespace {

constexpr std::uint16_t kLedgerTablesEnd = 4096;  // what one table set holds

Error damaged() {
  return {ErrorCode::kCorruption, "ViewsDamaged",
          "the record of projections in the views cannot be read: remove views/, it is rebuilt"};
}

void put_text(std::string& out, std::string_view text) {
  base::append_le(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

/// Reads in place; `good` turns false at the first thing that is not there.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}

  template <class Int>
  Int take() {
    if (in_.size() < sizeof(Int)) {
      good_ = false;
      return 0;
    }
    const auto value = base::load_le<Int>(in_.data());
    in_.remove_prefix(sizeof(Int));
    return value;
  }

  std::string take_text() {
    const auto size = take<std::uint32_t>();
    if (in_.size() < size) {
      good_ = false;
      return {};
    }
    std::string text(in_.substr(0, size));
    in_.remove_prefix(size);
    return text;
  }

  /// A count of things that take at least a byte each.
  std::size_t take_count() {
    const auto count = take<std::uint32_t>();
    good_ = good_ && count <= in_.size();
    return good_ ? count : 0;
  }

  [[nodiscard]] bool good() const noexcept { return good_; }

  [[nodiscard]] bool whole() const noexcept { return good_ && in_.empty(); }

 private:
  std::string_view in_;
  bool good_ = true;
};

void put_generation(std::string& out, const Generation& generation) {
  put_text(out, generation.name);
  base::append_le(out, generation.version);
  base::append_le(out, static_cast<std::uint8_t>(generation.live ? 1 : 0));
  base::append_le(out, generation.first.value);
  base::append_le(out, generation.position);
  base::append_le(out, static_cast<std::uint32_t>(generation.tables.size()));
  for (std::size_t i = 0; i < generation.tables.size(); ++i) {
    put_text(out, generation.tables[i].name);
    base::append_le(out, generation.tables[i].row_bytes);
    const project::TableState state = i < generation.states.size() ? generation.states[i] : project::TableState{};
    base::append_le(out, state.row_count);
    base::append_le(out, state.fingerprint[0]);
    base::append_le(out, state.fingerprint[1]);
  }
  base::append_le(out, static_cast<std::uint32_t>(generation.skipped.size()));
  for (const std::uint64_t position : generation.skipped) {
    base::append_le(out, position);
  }
}

Generation take_generation(Reader& in) {
  Generation out;
  out.name = in.take_text();
  out.version = in.take<std::uint32_t>();
  out.live = in.take<std::uint8_t>() != 0;
  out.first = {in.take<std::uint16_t>()};
  out.position = in.take<std::uint64_t>();
  for (std::size_t left = in.take_count(); left > 0 && in.good(); --left) {
    TableSpec spec;
    spec.name = in.take_text();
    spec.row_bytes = in.take<std::uint32_t>();
    out.tables.push_back(std::move(spec));
    project::TableState state;
    state.row_count = in.take<std::uint64_t>();
    state.fingerprint[0] = in.take<std::uint64_t>();
    state.fingerprint[1] = in.take<std::uint64_t>();
    out.states.push_back(state);
  }
  for (std::size_t left = in.take_count(); left > 0 && in.good(); --left) {
    out.skipped.push_back(in.take<std::uint64_t>());
  }
  return out;
}

}  // namespace

bool Generation::is_of(const Projection& projection) const {
  const auto same = [](const TableSpec& a, const TableSpec& b) {
    return a.name == b.name && a.row_bytes == b.row_bytes;
  };
  return name == projection.name() && version == projection.version() &&
         std::ranges::equal(tables, projection.tables(), same);
}

std::uint16_t GenerationBook::allocate(std::size_t count, bool catch_up) const {
  std::vector<IdRange> taken = garbage;
  for (const Generation& generation : generations) {
    taken.push_back({generation.first.value, static_cast<std::uint16_t>(generation.tables.size())});
  }
  std::ranges::sort(taken, {}, &IdRange::first);
  std::size_t free = catch_up ? kCatchUpTables : 1;
  const std::size_t end = catch_up ? UINT16_MAX : kLedgerTablesEnd;
  for (const IdRange& range : taken) {
    if (range.first >= free + count) {
      break;
    }
    free = std::max<std::size_t>(free, std::size_t{range.first} + range.count);
  }
  return free + count <= end ? static_cast<std::uint16_t>(free) : 0;
}

std::string encode_book(const GenerationBook& book) {
  std::string out;
  base::append_le(out, static_cast<std::uint32_t>(book.generations.size()));
  for (const Generation& generation : book.generations) {
    put_generation(out, generation);
  }
  base::append_le(out, static_cast<std::uint32_t>(book.garbage.size()));
  for (const IdRange& range : book.garbage) {
    base::append_le(out, range.first);
    base::append_le(out, range.count);
  }
  base::append_le(out, base::crc32c(base::as_bytes(out)));
  return out;
}

Result<GenerationBook> decode_book(std::string_view bytes) {
  if (bytes.size() < 4) {
    return damaged();
  }
  const std::string_view body = bytes.substr(0, bytes.size() - 4);
  if (base::crc32c(base::as_bytes(body)) != base::load_le<std::uint32_t>(bytes.data() + body.size())) {
    return damaged();
  }
  Reader in(body);
  GenerationBook book;
  for (std::size_t left = in.take_count(); left > 0 && in.good(); --left) {
    book.generations.push_back(take_generation(in));
  }
  for (std::size_t left = in.take_count(); left > 0 && in.good(); --left) {
    IdRange range;
    range.first = in.take<std::uint16_t>();
    range.count = in.take<std::uint16_t>();
    book.garbage.push_back(range);
  }
  if (!in.whole()) {
    return damaged();
  }
  return book;
}

Generation generation_of(const Projection& projection) {
  Generation out;
  out.name = projection.name();
  out.version = projection.version();
  out.tables.assign(projection.tables().begin(), projection.tables().end());
  out.states.resize(out.tables.size());
  return out;
}

}  // namespace carnet::ledger
