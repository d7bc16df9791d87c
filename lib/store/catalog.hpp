// SPDX-License-Identifier: Apache-2.0
//
// Catalog: names and ordinals of everything that commits introduce: chains, event types, ledger accounts, units, codes.
// Chains and accounts may be many: their published part is read from views/chains through a bounded cache. Types, units
// and codes are few and kept whole. Ordinals are 1-based and dense.
#pragma once

#include "codec/messages.hpp"
#include "store/views_db.hpp"

#include <carnet/event.hpp>
#include <carnet/result.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::store {

struct ChainEntry {
  std::uint32_t ordinal = 0;
  std::uint32_t member = 0;  ///< 0-based among chains of its kind and family, by order of introduction.
  std::uint16_t family = 0;  ///< 0-based number of the family name, by order of first introduction.
  ChainKind kind = ChainKind::kStream;
};

struct AccountEntry {
  std::uint32_t ordinal = 0;
  std::uint32_t unit = 0;
  NormalSide normal = NormalSide::kDebit;
  AccountLimit limit = AccountLimit::kNone;
  std::uint32_t chart = 0;  ///< Code ordinal.
};

struct TypeEntry {
  std::uint32_t ordinal = 0;
  std::string name;
  bool derived = false;
  /// Revisions in order, [0] is revision 1: (root, closure words).
  std::vector<std::pair<std::uint64_t, std::vector<std::uint64_t>>> revisions;
};

struct UnitEntry {
  std::uint32_t ordinal = 0;
  std::string name;
  std::uint8_t scale = 0;
};

struct CatalogCounts {
  std::uint32_t chains = 0;
  std::uint32_t accounts = 0;
  std::uint32_t types = 0;
  std::uint32_t units = 0;
  std::uint32_t codes = 0;
  std::uint32_t families = 0;
};

/// Threads: one writer (add, freeze, thaw); any number of readers at the same time. Nothing ever changes once added.
class Catalog {
 public:
  [[nodiscard]] static std::unique_ptr<Catalog> make(ViewsDb* views, std::uint32_t generation, std::size_t cache_bytes);
  virtual ~Catalog() = default;

  [[nodiscard]] virtual CatalogCounts counts() const = 0;

  // By name. Nothing: never introduced. The `_newest` forms look at memory only (newest part and cache), so that
  // nothing may also mean that only I/O could tell: for the sequencer, after the caller's thread has looked everything
  // up. Errors: kCorruption `ViewsDamaged`; kStorage.
  [[nodiscard]] virtual Result<std::optional<ChainEntry>> find_chain(ChainKind kind, std::string_view name) = 0;
  [[nodiscard]] virtual Result<std::optional<AccountEntry>> find_account(std::string_view path, std::uint32_t unit) = 0;
  [[nodiscard]] virtual std::optional<ChainEntry> find_chain_newest(ChainKind kind, std::string_view name) const = 0;
  [[nodiscard]] virtual std::optional<AccountEntry> find_account_newest(std::string_view path,
                                                                        std::uint32_t unit) const = 0;
  [[nodiscard]] virtual const TypeEntry* find_type(std::string_view name) const = 0;
  [[nodiscard]] virtual std::uint32_t find_unit(std::string_view name) const = 0;  ///< 0: none.
  [[nodiscard]] virtual std::uint32_t find_code(std::string_view text) const = 0;  ///< 0: none.
  [[nodiscard]] virtual std::optional<std::uint16_t> find_family(std::string_view name) const = 0;
  /// As CommandIndex::publish_count().
  [[nodiscard]] virtual std::uint64_t publish_count() const = 0;

  // By ordinal. Errors: kCorruption `IntroductionMissing` when it was never added; kCorruption `ViewsDamaged`;
  // kStorage. What cannot fail gives null or an empty text instead. Views stay valid for the life of the catalog where
  // they are of types, units, codes or families; names of chains and accounts are copied out.
  [[nodiscard]] virtual Result<std::string> chain_name(std::uint32_t ordinal) = 0;
  [[nodiscard]] virtual Result<ChainEntry> chain_entry(std::uint32_t ordinal) = 0;
  [[nodiscard]] virtual Result<std::pair<std::string, AccountEntry>> account(std::uint32_t ordinal) = 0;
  [[nodiscard]] virtual const TypeEntry* type(std::uint32_t ordinal) const = 0;  ///< Null: no such type.
  [[nodiscard]] virtual const UnitEntry* unit(std::uint32_t ordinal) const = 0;
  [[nodiscard]] virtual std::string_view code(std::uint32_t ordinal) const = 0;
  [[nodiscard]] virtual std::string_view family_name(std::uint16_t family) const = 0;
  /// Ordinal of the member-th chain of a kind and family; 0: none.
  [[nodiscard]] virtual Result<std::uint32_t> chain_of_member(ChainKind kind, std::uint16_t family,
                                                              std::uint32_t member) = 0;
  [[nodiscard]] virtual std::uint32_t member_count(ChainKind kind, std::uint16_t family) const = 0;

  /// Adds an introduction of a commit that landed. Errors: kCorruption `IntroductionDamaged` when its ordinal is not
  /// the next of its kind (or for a type: neither the next, nor a known one with the next revision), or its name stands
  /// already; kCorruption `ViewsDamaged` and kStorage when the published part cannot say whether it does. Nothing was
  /// added then. Cost: a filter of the published part is asked, whose blocks the caller's own lookup has just used.
  [[nodiscard]] virtual Status add(const codec::Introduction& introduction) = 0;

  /// Checkpoint, as ChainIndex: freeze() sets aside all that was added so far. The catalog outlives the runs.
  virtual void freeze() = 0;
  virtual void write(ViewBatch& batch, std::vector<ViewRun>& runs) = 0;
  virtual void thaw(bool published) = 0;
  [[nodiscard]] virtual std::size_t newest_bytes() const = 0;
  /// Reads counters, types, units, codes and families of the published part. `state` is what encode_state() gave for
  /// the checkpoint (called between freeze and thaw).
  [[nodiscard]] virtual Status load(std::string_view state) = 0;
  [[nodiscard]] virtual std::string encode_state() const = 0;
};

}  // namespace carnet::store
