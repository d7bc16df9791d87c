// SPDX-License-Identifier: Apache-2.0
//
// TypeMap: event types of this binary (the domain's, then the core's) beside those of the log. A binary's schema that
// differs from the newest revision in the log is a new revision, or the older one that it equals; an incompatible one
// is refused.
#pragma once

#include "codec/payload_type.hpp"
#include "store/catalog.hpp"

#include <carnet/domain.hpp>
#include <carnet/result.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carnet::ledger {

/// How an event of a binary's type is written: ordinal 0 or a revision beyond the log's: it must be introduced.
struct WrittenAs {
  std::uint32_t ordinal = 0;
  std::uint16_t revision = 0;
};

/// Threads: bind() and on_introduced() by the writer; everything else from any thread.
class TypeMap {
 public:
  /// Loads the schemas of `domain` (may be null) and of the core.
  /// Errors: kInvalidArgument `SchemaNotSupported`, `DuplicateType`.
  [[nodiscard]] static Result<std::unique_ptr<TypeMap>> make(const Domain* domain);

  [[nodiscard]] std::size_t count() const noexcept { return types_.size(); }

  /// Number of the domain's types; the core's follow.
  [[nodiscard]] std::size_t domain_count() const noexcept { return domain_count_; }

  [[nodiscard]] const codec::PayloadType& type(std::size_t index) const { return *types_[index]; }

  [[nodiscard]] std::optional<std::uint16_t> find(std::string_view name) const;

  /// Compares with what the log knows already. Errors: kInvalidArgument `SchemaIncompatible` {type, reason}.
  [[nodiscard]] Status bind(const store::Catalog& catalog);
  /// The type's place in the log now.
  [[nodiscard]] WrittenAs written_as(std::size_t index) const;
  /// A type introduction landed (or was folded).
  [[nodiscard]] Status on_introduced(const store::TypeEntry& entry);
  /// Binary's index of a log type; kForeignType when this binary does not know it.
  [[nodiscard]] std::uint16_t index_of(std::uint32_t ordinal) const;
  /// The revision as the log states it, for printing.
  [[nodiscard]] Result<std::shared_ptr<const codec::PayloadType>> stored(const store::TypeEntry& entry,
                                                                         std::uint16_t revision);

 private:
  Status bind_one(std::size_t index, const store::TypeEntry& entry);

  std::vector<std::shared_ptr<const codec::PayloadType>> types_;
  std::size_t domain_count_ = 0;
  std::map<std::string, std::uint16_t, std::less<>> by_name_;
  mutable std::shared_mutex mutex_;
  std::vector<WrittenAs> written_;
  std::vector<std::uint16_t> index_of_ordinal_;  // [ordinal - 1]
  std::map<std::pair<std::uint32_t, std::uint16_t>, std::shared_ptr<const codec::PayloadType>> stored_;
};

}  // namespace carnet::ledger
