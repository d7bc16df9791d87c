// SPDX-License-Identifier: Apache-2.0
#include "ledger/conditions.hpp"

#include "ledger/stored_commit.hpp"

#include <algorithm>

namespace carnet::ledger {

namespace {

bool type_matches(const BoundItem& item, std::uint32_t type) {
  return item.types.empty() || std::ranges::find(item.types, type) != item.types.end();
}

/// Highest position that the item could match at, by heads alone.
std::uint64_t bound_by_heads(const BoundItem& item, TableReader& rows, std::uint32_t& rarest) {
  std::uint64_t bound = UINT64_MAX;
  std::uint32_t fewest = UINT32_MAX;
  const auto narrow = [&](std::uint32_t chain) {
    const auto row = rows.get<ChainRow>(kChainTable, chain - 1);
    bound = std::min(bound, row.last);
    if (row.version < fewest) {
      fewest = row.version;
      rarest = chain;
    }
  };
  if (item.stream != 0) {
    narrow(item.stream);
  }
  for (const std::uint32_t tag : item.tags) {
    narrow(tag);
  }
  if (!item.types.empty()) {
    std::uint64_t newest = 0;
    for (const std::uint32_t type : item.types) {
      newest = std::max(newest, rows.get<TypeRow>(kTypeTable, type - 1).last);
    }
    bound = std::min(bound, newest);
  }
  return bound;
}

/// The heads alone prove a match where the item names one thing only.
bool heads_decide(const BoundItem& item) {
  const std::size_t chains = (item.stream != 0 ? 1U : 0U) + item.tags.size();
  return (chains == 0) || (chains == 1 && item.types.empty());
}

}  // namespace

bool matches(const BoundItem& item, std::uint32_t type, std::span<const std::uint32_t> chains) {
  if (item.never || !type_matches(item, type) || (item.stream != 0 && chains.front() != item.stream)) {
    return false;
  }
  return std::ranges::all_of(item.tags,
                             [&](std::uint32_t tag) { return std::ranges::find(chains, tag) != chains.end(); });
}

bool matches(const BoundItem& item, std::uint32_t type, std::span<const codec::ChainLink> chains) {
  if (item.never || !type_matches(item, type) || (item.stream != 0 && chains.front().chain != item.stream)) {
    return false;
  }
  return std::ranges::all_of(item.tags, [&](std::uint32_t tag) {
    return std::ranges::find(chains, tag, &codec::ChainLink::chain) != chains.end();
  });
}

Result<BoundItem> bind(const State& state, const PendingNames* names, const QueryItem& item) {
  BoundItem bound;
  const auto find = [&](ChainKind kind, std::string_view name) -> Result<std::uint32_t> {
    CARNET_TRY(const auto entry,
               names != nullptr ? names->find_chain(kind, name) : state.catalog->find_chain(kind, name));
    if (!entry) {
      bound.never = true;
      return 0U;
    }
    return entry->ordinal;
  };
  if (item.stream) {
    CARNET_TRY(bound.stream, find(ChainKind::kStream, *item.stream));
  }
  for (const std::string& tag : item.tags) {
    CARNET_TRY(const std::uint32_t ordinal, find(ChainKind::kTag, tag));
    bound.tags.push_back(ordinal);
  }
  for (const std::string& name : item.types) {
    const store::TypeEntry* type = names == nullptr ? state.catalog->find_type(name) : nullptr;
    const std::uint32_t ordinal = names != nullptr ? names->find_type(name) : (type == nullptr ? 0 : type->ordinal);
    if (ordinal != 0) {
      bound.types.push_back(ordinal);
    }
  }
  bound.never = bound.never || (!item.types.empty() && bound.types.empty());
  return bound;
}

Result<ConditionAnswer> find_match(const State& state, const State::FrameLoader& load_frame, TableReader& rows,
                                   std::span<const BoundItem> items, std::uint64_t after, std::uint64_t tip,
                                   const GroupMemory* group, std::size_t candidates_max, std::uint64_t& match) {
  const std::uint64_t newest = group != nullptr && !group->events.empty() ? group->events.back().position : tip;
  std::size_t candidates = 0;
  StoredCommit commit;
  codec::EventReader reader;
  for (const BoundItem& item : items) {
    if (item.never) {
      continue;
    }
    std::uint32_t rarest = 0;
    const std::uint64_t bound = std::min(bound_by_heads(item, rows, rarest), newest);
    if (bound <= after) {
      continue;
    }
    if (heads_decide(item)) {
      match = bound;
      return ConditionAnswer::kMatch;
    }
    // Newest first and counted as below: in a group the answer is that of one request after the other.
    for (std::size_t i = group == nullptr ? 0 : group->events.size(); i > 0 && group->events[i - 1].position > after;
         --i) {
      const GroupEvent& event = group->events[i - 1];
      const auto chains = std::span(group->chain_ordinals).subspan(event.chains_from, event.chain_count);
      if (std::ranges::find(chains, rarest) == chains.end()) {
        continue;
      }
      if (++candidates > candidates_max) {
        return ConditionAnswer::kTooBroad;
      }
      if (matches(item, event.type, chains)) {
        match = event.position;
        return ConditionAnswer::kMatch;
      }
    }
    CARNET_TRY(auto cursor, state.chain_index->positions(rarest, after, tip, true));
    while (true) {
      CARNET_TRY(const std::uint64_t position, cursor->next());
      if (position == 0) {
        break;
      }
      if (++candidates > candidates_max) {
        return ConditionAnswer::kTooBroad;
      }
      CARNET_TRY(const bool found, commit.load(load_frame, position));
      if (!found) {
        continue;
      }
      CARNET_TRY(const codec::StoredEvent* event,
                 reader.read(commit.bytes().events[position - commit.head().first_position]));
      if (matches(item, event->type, event->chains)) {
        match = position;
        return ConditionAnswer::kMatch;
      }
    }
  }
  return ConditionAnswer::kNoMatch;
}

}  // namespace carnet::ledger
