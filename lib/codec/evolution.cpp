// SPDX-License-Identifier: Apache-2.0
//
// Whether a schema may follow another under the same type name. Stricter than Cap'n Proto: what stands keeps its
// meaning, what comes anew is optional, so that an event of the older schema never looks as if it had stated the new.
#include "codec/payload_type.hpp"
#include "codec/payload_type_impl.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace carnet::codec {
namespace {

class Comparison {
 public:
  // Empty: compatible.
  std::string structures(const StructPlan& older, const StructPlan& newer) {
    if (!compared_.insert({&older, &newer}).second) {
      return {};
    }
    if (older.role != newer.role) {
      return fmt::format("struct {} changed what it stands for", older.name);
    }
    for (std::size_t i = 0; i < older.fields.size(); ++i) {
      if (i >= newer.fields.size()) {
        return fmt::format("field {} is gone", older.fields[i].name);
      }
      if (std::string reason = fields(older.fields[i], newer.fields[i]); !reason.empty()) {
        return reason;
      }
    }
    for (std::size_t i = older.fields.size(); i < newer.fields.size(); ++i) {
      if (!newer.fields[i].is_optional) {
        return fmt::format("field {} is new and not optional", newer.fields[i].name);
      }
    }
    return {};
  }

 private:
  std::string fields(const FieldPlan& older, const FieldPlan& newer) {
    if (older.name != newer.name) {
      return fmt::format("field {} stands where {} stood", newer.name, older.name);
    }
    if (older.base != newer.base || older.is_list != newer.is_list) {
      return fmt::format("field {} changed its type", older.name);
    }
    if (older.slot != newer.slot) {
      return fmt::format("field {} changed its place", older.name);
    }
    if (older.is_optional != newer.is_optional || older.format != newer.format || older.codes != newer.codes ||
        older.marked != newer.marked || older.unit != newer.unit || older.data_class != newer.data_class ||
        older.subject != newer.subject) {
      return fmt::format("field {} changed its annotations", older.name);
    }
    if (older.enumeration != nullptr) {
      const std::vector<std::string>& before = older.enumeration->names;
      const std::vector<std::string>& after = newer.enumeration->names;
      if (before.size() > after.size() || !std::equal(before.begin(), before.end(), after.begin())) {
        return fmt::format("field {} lost or renamed a value of its enum", older.name);
      }
    }
    if (older.structure != nullptr) {
      if (older.structure->name != newer.structure->name) {
        return fmt::format("field {} changed its type", older.name);
      }
      if (std::string reason = structures(*older.structure, *newer.structure); !reason.empty()) {
        return fmt::format("in {}: {}", older.name, reason);
      }
    }
    return {};
  }

  std::set<std::pair<const StructPlan*, const StructPlan*>> compared_;
};

// Families may be added: what stood in the log stays where it may stand.
std::string streams(const Plan& older, const Plan& newer) {
  if (older.stream_id_field() != newer.stream_id_field()) {
    return "$streamId names another field";
  }
  const auto before = older.stream_families();
  const auto after = newer.stream_families();
  const auto is_kept = [&](const std::string& family) { return std::ranges::find(after, family) != after.end(); };
  if (!after.empty() && (before.empty() || !std::ranges::all_of(before, is_kept))) {
    return "$streams leaves out a family";
  }
  return {};
}

}  // namespace

EvolutionResult PayloadType::compare_with(const PayloadType& older) const {
  if (std::ranges::equal(closure(), older.closure()) && root() == older.root()) {
    return {.evolution = Evolution::kSame, .reason = {}};
  }
  std::string reason;
  if (name() != older.name()) {
    reason = "it has another name";
  } else if (derived() != older.derived()) {
    reason = "$fact and $derived changed places";
  } else {
    reason = streams(*older.impl_->plan, *impl_->plan);
  }
  if (reason.empty()) {
    reason = Comparison().structures(older.impl_->plan->root(), impl_->plan->root());
  }
  const Evolution evolution = reason.empty() ? Evolution::kCompatible : Evolution::kIncompatible;
  return {.evolution = evolution, .reason = std::move(reason)};
}

}  // namespace carnet::codec
