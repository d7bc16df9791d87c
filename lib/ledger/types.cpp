// SPDX-License-Identifier: Apache-2.0
#include "ledger/types.hpp"

#include "base/check.hpp"

#include <fmt/format.h>

namespace carnet::ledger {

namespace {

/// 1-based revision whose schema is that of `type`; 0: none.
std::uint16_t revision_equal_to(const codec::PayloadType& type, const store::TypeEntry& entry) {
  for (std::size_t i = entry.revisions.size(); i > 0; --i) {
    const auto& closure = entry.revisions[i - 1].second;
    if (std::ranges::equal(closure, type.closure())) {
      return static_cast<std::uint16_t>(i);
    }
  }
  return 0;
}

}  // namespace

Result<std::unique_ptr<TypeMap>> TypeMap::make(const Domain* domain) {
  auto map = std::make_unique<TypeMap>();
  const auto add = [&](const EventTypeSpec& spec) -> Status {
    CARNET_TRY(auto type, codec::PayloadType::create(spec.name, spec.schema));
    const auto index = static_cast<std::uint16_t>(map->types_.size());
    if (!map->by_name_.emplace(spec.name, index).second) {
      return Error(ErrorCode::kInvalidArgument, "DuplicateType",
                   fmt::format("event type {} is registered twice: give one of them another name", spec.name),
                   {{"type", spec.name}});
    }
    map->types_.push_back(std::move(type));
    return {};
  };
  if (domain != nullptr) {
    for (const EventTypeSpec& spec : domain->event_types()) {
      CARNET_TRY_VOID(add(spec));
    }
  }
  map->domain_count_ = map->types_.size();
  for (const EventTypeSpec& spec : codec::core_event_types()) {
    CARNET_TRY_VOID(add(spec));
  }
  map->written_.resize(map->types_.size());
  return map;
}

std::optional<std::uint16_t> TypeMap::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

Status TypeMap::bind_one(std::size_t index, const store::TypeEntry& entry) {
  const codec::PayloadType& mine = *types_[index];
  if (const std::uint16_t same = revision_equal_to(mine, entry); same != 0) {
    written_[index] = {entry.ordinal, same};
    return {};
  }
  const auto newest = static_cast<std::uint16_t>(entry.revisions.size());
  const auto& [root, closure] = entry.revisions.back();
  CARNET_TRY(auto older, codec::PayloadType::create(entry.name, {.closure_words = closure, .root = root}));
  const codec::EvolutionResult change = mine.compare_with(*older);
  if (change.evolution == codec::Evolution::kIncompatible) {
    return Error(ErrorCode::kInvalidArgument, "SchemaIncompatible",
                 fmt::format("event type {} differs from revision {} of this ledger in a way that changes its meaning "
                             "({}): keep the old fields as they are, or use another type name",
                             entry.name, newest, change.reason),
                 {{"type", entry.name}, {"reason", change.reason}});
  }
  written_[index] = {entry.ordinal, static_cast<std::uint16_t>(newest + 1)};
  return {};
}

Status TypeMap::bind(const store::Catalog& catalog) {
  const std::uint32_t known = catalog.counts().types;
  const std::unique_lock lock(mutex_);
  index_of_ordinal_.assign(known, kForeignType);
  for (std::uint32_t ordinal = 1; ordinal <= known; ++ordinal) {
    const store::TypeEntry* entry = catalog.type(ordinal);
    CARNET_ASSERT(entry != nullptr, "types have dense ordinals");
    if (const auto index = find(entry->name)) {
      index_of_ordinal_[ordinal - 1] = *index;
      CARNET_TRY_VOID(bind_one(*index, *entry));
    }
  }
  return {};
}

WrittenAs TypeMap::written_as(std::size_t index) const {
  const std::shared_lock lock(mutex_);
  return written_[index];
}

Status TypeMap::on_introduced(const store::TypeEntry& entry) {
  const std::unique_lock lock(mutex_);
  if (index_of_ordinal_.size() < entry.ordinal) {
    index_of_ordinal_.resize(entry.ordinal, kForeignType);
  }
  if (const auto index = find(entry.name)) {
    index_of_ordinal_[entry.ordinal - 1] = *index;
    return bind_one(*index, entry);
  }
  return {};
}

std::uint16_t TypeMap::index_of(std::uint32_t ordinal) const {
  const std::shared_lock lock(mutex_);
  return ordinal == 0 || ordinal > index_of_ordinal_.size() ? kForeignType : index_of_ordinal_[ordinal - 1];
}

Result<std::shared_ptr<const codec::PayloadType>> TypeMap::stored(const store::TypeEntry& entry,
                                                                  std::uint16_t revision) {
  if (revision == 0 || revision > entry.revisions.size()) {
    return Error(
        ErrorCode::kCorruption, "LogDamaged",
        fmt::format("an event states revision {} of type {}, which the log does not introduce", revision, entry.name),
        {{"type", entry.name}});
  }
  const std::pair key(entry.ordinal, revision);
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = stored_.find(key); found != stored_.end()) {
      return found->second;
    }
  }
  const auto& [root, closure] = entry.revisions[revision - 1];
  CARNET_TRY(auto type, codec::PayloadType::create(entry.name, {.closure_words = closure, .root = root}));
  const std::unique_lock lock(mutex_);
  return stored_.emplace(key, std::move(type)).first->second;
}

}  // namespace carnet::ledger
