// SPDX-License-Identifier: Apache-2.0
//
// Tests that a projection's declarations hold, for a host's own tests: that it commutes. Header only; works on any open
// ledger whose log the projection can read. Stability: experimental, as the projection engine.
#pragma once

#include <carnet/ledger.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace carnet {

/// Tables in plain maps: rows are never shared, nothing is stored.
class PlainTables final : public TableWriter {
 public:
  explicit PlainTables(std::span<const TableSpec> specs) : tables_(specs.size()) {
    for (std::size_t i = 0; i < specs.size(); ++i) {
      tables_[i].words = specs[i].row_bytes / 8;
    }
  }

  const std::byte* row(TableId table, std::uint64_t index) override {
    Table& in = tables_[table.value];
    const auto found = in.rows.find(index);
    zeros_.assign(in.words, 0);
    return bytes_of(found == in.rows.end() ? zeros_ : found->second);
  }

  std::uint64_t row_count(TableId table) override {
    const Table& in = tables_[table.value];
    return in.rows.empty() ? 0 : in.rows.rbegin()->first + 1;
  }

  std::byte* mutable_row(TableId table, std::uint64_t index) override {
    Table& in = tables_[table.value];
    std::vector<std::uint64_t>& words = in.rows[index];
    words.resize(in.words);
    return bytes_of(words);
  }

  /// Adds another's rows to these, word by word.
  void add(const PlainTables& other) {
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      for (const auto& [index, words] : other.tables_[i].rows) {
        std::vector<std::uint64_t>& sum = tables_[i].rows[index];
        sum.resize(tables_[i].words);
        for (std::size_t word = 0; word < words.size(); ++word) {
          sum[word] += words[word];
        }
      }
    }
  }

  /// Table and row where they differ; nothing: they hold the same.
  [[nodiscard]] std::optional<std::pair<std::size_t, std::uint64_t>> difference(const PlainTables& other) const {
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      const auto mine = trimmed(tables_[i]);
      const auto theirs = trimmed(other.tables_[i]);
      const auto [a, b] = std::mismatch(mine.begin(), mine.end(), theirs.begin(), theirs.end());
      if (a != mine.end() || b != theirs.end()) {
        const std::uint64_t row = a == mine.end()     ? b->first
                                  : b == theirs.end() ? a->first
                                                      : std::min(a->first, b->first);
        return std::pair(i, row);
      }
    }
    return std::nullopt;
  }

 private:
  struct Table {
    std::size_t words = 0;
    std::map<std::uint64_t, std::vector<std::uint64_t>> rows;
  };

  static std::byte* bytes_of(std::vector<std::uint64_t>& words) { return reinterpret_cast<std::byte*>(words.data()); }

  /// A row of zeros is as good as none.
  static std::map<std::uint64_t, std::vector<std::uint64_t>> trimmed(const Table& table) {
    auto rows = table.rows;
    std::erase_if(rows, [](const auto& row) {
      return std::all_of(row.second.begin(), row.second.end(), [](std::uint64_t word) { return word == 0; });
    });
    return rows;
  }

  std::vector<Table> tables_;
  std::vector<std::uint64_t> zeros_;
};

struct CommuteFault {
  std::string table;
  std::uint64_t row = 0;
};

/// Folds the whole log in order, and again in `parts` shares dealt and ordered at random, whose rows are added up:
/// what Projection::commutes() promises is that both are the same. Nothing: they are. Errors: those of reading.
[[nodiscard]] inline Result<std::optional<CommuteFault>> check_commutes(Ledger& ledger, const Projection& projection,
                                                                        std::uint64_t seed, std::size_t parts = 3) {
  CARNET_TRY(const auto view, ledger.view());
  CARNET_TRY(const auto originals, ledger.view());
  std::mt19937_64 random(seed);
  const auto fold = [&](std::uint64_t position, TableWriter& rows) -> Status {
    CARNET_TRY(const AppliedEvent* event, view->applied(position));
    const AppliedEvent* original = nullptr;
    if (event != nullptr && event->corrects.kind != CorrectionKind::kNone) {
      CARNET_TRY(original, originals->applied(event->corrects.position));
    }
    if (event != nullptr && projection.reads(event->type)) {
      projection.apply(*event, original, TableId{0}, rows);
    }
    return {};
  };
  PlainTables whole(projection.tables());
  std::vector<std::vector<std::uint64_t>> shares(std::max<std::size_t>(parts, 1));
  for (std::uint64_t position = 1; position <= view->position(); ++position) {
    CARNET_TRY_VOID(fold(position, whole));
    shares[random() % shares.size()].push_back(position);
  }
  PlainTables merged(projection.tables());
  for (std::vector<std::uint64_t>& share : shares) {
    std::shuffle(share.begin(), share.end(), random);
    PlainTables part(projection.tables());
    for (const std::uint64_t position : share) {
      CARNET_TRY_VOID(fold(position, part));
    }
    merged.add(part);
  }
  if (const auto difference = whole.difference(merged)) {
    return std::optional(CommuteFault{projection.tables()[difference->first].name, difference->second});
  }
  return std::optional<CommuteFault>{};
}

}  // namespace carnet
