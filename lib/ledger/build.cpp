// SPDX-License-Identifier: Apache-2.0
#include "ledger/build.hpp"

#include "base/check.hpp"
#include "project/row_sum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>

namespace carnet::ledger {

namespace {

constexpr std::uint32_t kGeneration = 1;
constexpr std::size_t kDifferencesMax = 10'000;

Error too_many_tables() {
  return {ErrorCode::kStorage, "TooManyTables",
          "former generations of projections still hold all table numbers: end old views or reopen the ledger"};
}

}  // namespace

Result<std::unique_ptr<Build>> Build::make(State& state, store::ViewsDb* views, std::size_t memory_bytes,
                                           std::span<const Projection* const> projections) {
  auto build = std::make_unique<Build>();
  build->dirty_max_ = memory_bytes / 2;
  std::vector<Generation>& known = state.others().generations;
  for (const Projection* projection : projections) {
    const bool catches_up = projection->mode() == ProjectionMode::kCatchUp;
    const auto resumes = [&](const Generation& each) {
      const bool aside = !each.live || !catches_up;  // a live one of a catch-up projection is in use
      return aside && each.is_of(*projection);
    };
    auto found = std::ranges::find_if(known, resumes);
    if (found == known.end()) {
      Generation fresh = generation_of(*projection);
      fresh.live = false;
      fresh.first = {state.allocate(fresh.tables.size(), catches_up)};
      if (fresh.first.value == 0) {
        return too_many_tables();
      }
      for (const Generation& each : known) {
        if (each.name == fresh.name && each.version == fresh.version) {
          fresh.skipped = each.skipped;
        }
      }
      known.push_back(std::move(fresh));
      found = known.end() - 1;
    }
    found->live = false;
    build->parts_.push_back({projection, *found});
  }
  std::array<std::uint16_t, 2> first{UINT16_MAX, UINT16_MAX};
  for (const Part& part : build->parts_) {
    const TableId id = part.generation.first;
    std::uint16_t& least = first.at(id.value >= kCatchUpTables ? 1 : 0);
    least = std::min(least, id.value);
  }
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first.at(i) != UINT16_MAX) {
      build->sets_.at(i) = project::TableSet::make(
          views, kGeneration,
          {.memory_bytes = memory_bytes, .snapshot_bytes_max = memory_bytes, .first_table = first.at(i)});
    }
  }
  build->position_ = UINT64_MAX;
  for (const Part& part : build->parts_) {
    for (std::size_t i = 0; i < part.generation.tables.size(); ++i) {
      build->tables_of(part).add_table({static_cast<std::uint16_t>(part.generation.first.value + i)},
                                       part.generation.tables[i]);
    }
    build->position_ = std::min(build->position_, part.generation.position);
  }
  for (std::size_t i = 0; i < first.size(); ++i) {
    std::vector<const Generation*> mine;
    for (const Part& part : build->parts_) {
      if ((part.generation.first.value >= kCatchUpTables) == (i == 1)) {
        mine.push_back(&part.generation);
      }
    }
    std::ranges::sort(mine, {}, [](const Generation* each) { return each->first.value; });
    std::vector<project::TableState> states;
    for (const Generation* generation : mine) {
      states.insert(states.end(), generation->states.begin(), generation->states.end());
    }
    if (build->sets_.at(i) != nullptr) {
      build->sets_.at(i)->load(states, build->position_);
    }
  }
  return build;
}

Status Build::run(const State& state, TableReader& core, store::LocalLog& log, const State::FrameLoader& load_frame,
                  const ReplayOptions& options) {
  if (parts_.empty() || position_ >= options.up_to) {
    return {};
  }
  ReplayDecoder decoder(state, core, load_frame, ReplayDecoder::kLargeCache);
  std::vector<ReplayTarget> targets;
  std::vector<bool> wanted;
  for (const Part& part : parts_) {
    targets.push_back({.projection = part.projection,
                       .first = part.generation.first,
                       .tables = &tables_of(part),
                       .after = part.generation.position,
                       .skipped = part.generation.skipped});
    const std::vector<bool> reads = decoder.types_read_by(*part.projection);
    wanted.resize(reads.size());
    for (std::size_t i = 0; i < reads.size(); ++i) {
      wanted[i] = wanted[i] || reads[i];
    }
  }
  decoder.want_only(std::move(wanted));
  Replay replay(decoder, targets);
  ReplayOptions pass = options;
  pass.is_full = [&] {
    std::size_t dirty = 0;
    for (const auto& set : sets_) {
      dirty += set == nullptr ? 0 : set->dirty_bytes();
    }
    return dirty >= dirty_max_ || (options.is_full && options.is_full());
  };
  CARNET_TRY(auto frames, log.read(position_));
  CARNET_TRY(const std::uint64_t reached, replay.run(*frames, position_, pass));
  for (const auto& set : sets_) {
    if (set != nullptr) {
      set->publish(reached);
    }
  }
  folded_ += reached - position_;
  position_ = reached;
  for (Part& part : parts_) {
    part.generation.position = std::max(part.generation.position, reached);
  }
  return {};
}

void Build::begin_checkpoint() {
  for (const auto& set : sets_) {
    if (set != nullptr) {
      static_cast<void>(set->begin_checkpoint());
    }
  }
}

void Build::write_checkpoint(State& state, store::ViewBatch& batch) {
  for (std::size_t i = 0; i < sets_.size(); ++i) {
    if (sets_.at(i) == nullptr) {
      continue;
    }
    const std::vector<project::TableState> states = sets_.at(i)->write_pages(
        [&batch](std::string_view key, std::string_view value) { batch.put(store::ViewFamily::kState, key, value); });
    std::vector<Part*> mine;
    for (Part& part : parts_) {
      if ((part.generation.first.value >= kCatchUpTables) == (i == 1)) {
        mine.push_back(&part);
      }
    }
    std::ranges::sort(mine, {}, [](const Part* part) { return part->generation.first.value; });
    std::size_t next = 0;
    for (Part* part : mine) {
      for (project::TableState& table : part->generation.states) {
        table = states[next++];
      }
      for (Generation& known : state.others().generations) {
        if (known.first == part->generation.first) {
          known = part->generation;
        }
      }
    }
  }
}

void Build::end_checkpoint(bool published) {
  for (const auto& set : sets_) {
    if (set != nullptr) {
      set->end_checkpoint(published);
    }
  }
}

project::Fingerprint Build::fingerprint(const Part& part) {
  return fingerprint_of(tables_of(part), part.generation.first, part.generation.tables.size());
}

project::Fingerprint fingerprint_of(const project::TableSet& tables, TableId first, std::size_t count) {
  project::Fingerprint sum{};
  for (std::size_t i = 0; i < count; ++i) {
    project::add_to(sum, tables.fingerprint({static_cast<std::uint16_t>(first.value + i)}));
  }
  return sum;
}

std::string to_hex(const project::Fingerprint& fingerprint) {
  return fmt::format("{:016x}{:016x}", fingerprint[0], fingerprint[1]);
}

namespace {

/// Notes the first write to one of the rows that differ.
class TracingTables final : public TableWriter {
 public:
  TracingTables(TableWriter& rows, const std::set<std::pair<std::uint16_t, std::uint64_t>>& differing, TableId first)
      : rows_(rows), differing_(differing), first_(first) {}

  const std::byte* row(TableId table, std::uint64_t index) override { return rows_.row(table, index); }

  std::uint64_t row_count(TableId table) override { return rows_.row_count(table); }

  std::byte* mutable_row(TableId table, std::uint64_t index) override {
    touched_ = touched_ || differing_.contains({static_cast<std::uint16_t>(table.value - first_.value), index});
    return rows_.mutable_row(table, index);
  }

  [[nodiscard]] bool touched() const noexcept { return touched_; }

 private:
  TableWriter& rows_;
  const std::set<std::pair<std::uint16_t, std::uint64_t>>& differing_;
  TableId first_;
  bool touched_ = false;
};

}  // namespace

Result<std::uint64_t> first_difference(const State& state, TableReader& core, store::LocalLog& log,
                                       const State::FrameLoader& load_frame, std::uint64_t up_to,
                                       const Projection& projection, TableReader& rebuilt, TableId rebuilt_first,
                                       TableReader& other, TableId other_first) {
  std::set<std::pair<std::uint16_t, std::uint64_t>> differing;
  auto tables = project::TableSet::make(nullptr, 0, {});
  for (std::uint16_t i = 0; i < projection.tables().size(); ++i) {
    static_cast<void>(tables->add_table(projection.tables()[i]));
    const TableId a{static_cast<std::uint16_t>(rebuilt_first.value + i)};
    const TableId b{static_cast<std::uint16_t>(other_first.value + i)};
    const std::uint64_t rows = std::max(rebuilt.row_count(a), other.row_count(b));
    for (std::uint64_t row = 0; row < rows && differing.size() < kDifferencesMax; ++row) {
      if (std::memcmp(rebuilt.row(a, row), other.row(b, row), projection.tables()[i].row_bytes) != 0) {
        differing.emplace(i, row);
      }
    }
  }
  ReplayDecoder decoder(state, core, load_frame, ReplayDecoder::kLargeCache);
  decoder.want_only(decoder.types_read_by(projection));
  TracingTables traced(tables->direct(), differing, {0});
  CARNET_TRY(auto frames, log.read(0));
  ReplayBatch batch;
  while (!differing.empty()) {
    CARNET_TRY(const bool more, decoder.fill(*frames, batch.last, up_to, 1024, batch));
    if (!more) {
      break;
    }
    for (const ReplayBatch::Item& item : batch.items) {
      projection.apply(item.event, item.original, {0}, traced);
      if (traced.touched()) {
        return item.event.position;
      }
    }
  }
  return std::uint64_t{0};
}

}  // namespace carnet::ledger
