// SPDX-License-Identifier: Apache-2.0
//
// PendingNames: what the group being decided introduces, over the catalog of what has landed. A refused request takes
// its introductions back; a group that lands hands them to the catalog.
#pragma once

#include "codec/messages.hpp"
#include "ledger/state.hpp"
#include "store/catalog.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace carnet::ledger {

/// Threads: the sequencer's leader only.
class PendingNames {
 public:
  explicit PendingNames(State& state) : state_(state) {}

  /// Landed or pending; nothing: never used. Errors: kStorage, kCorruption of the published part.
  [[nodiscard]] Result<std::optional<store::ChainEntry>> find_chain(ChainKind kind, std::string_view name) const;
  [[nodiscard]] Result<std::optional<store::AccountEntry>> find_account(std::string_view path,
                                                                        std::uint32_t unit) const;
  /// Pending ones only.
  [[nodiscard]] std::optional<store::ChainEntry> find_pending_chain(ChainKind kind, std::string_view name) const;

  /// Ordinal of a type by name, pending ones included; 0: never used.
  [[nodiscard]] std::uint32_t find_type(std::string_view name) const;

  /// Introduces. Requires: it is not there yet.
  store::ChainEntry add_chain(ChainKind kind, std::string_view name);
  store::AccountEntry add_account(std::string_view path, std::uint32_t unit, NormalSide normal, AccountLimit limit,
                                  std::uint32_t chart);
  /// Finds or introduces.
  std::uint32_t code(std::string_view text);
  std::uint32_t code(Symbol symbol);
  std::uint32_t unit(Currency currency);
  /// The type's ordinal and revision; introduces type or revision where the log does not know it.
  WrittenAs type(std::size_t index);

  [[nodiscard]] std::size_t mark() const noexcept { return pending_.size(); }

  void rewind(std::size_t mark);

  /// Introductions since `mark`, in order; views are valid until clear() or rewind().
  [[nodiscard]] std::size_t count() const noexcept { return pending_.size(); }

  [[nodiscard]] const codec::Introduction& at(std::size_t i) const { return pending_[i].introduction; }

  /// The group landed: the catalog has them now. (A group that failed is rewound to 0.)
  void clear();

 private:
  struct Entry {
    std::string text;
    codec::Introduction introduction;
    std::uint32_t extra = 0;  // of a chain: family | of a type: index
  };

  struct Unit {
    std::uint32_t ordinal;
    Currency currency;
  };

  using ChainMap = std::unordered_map<std::string_view, store::ChainEntry>;

  Entry& push(std::string_view text);
  [[nodiscard]] std::uint16_t family_of(std::string_view name);

  State& state_;
  std::deque<Entry> pending_;
  ChainMap chains_[2];
  std::unordered_map<std::string, store::AccountEntry> accounts_;
  std::unordered_map<std::string_view, std::uint32_t> codes_;
  std::map<std::uint32_t, std::uint32_t> units_;  // packed currency → ordinal
  std::map<std::size_t, WrittenAs> types_;
  std::map<std::string, std::uint16_t, std::less<>> families_;
  std::map<std::pair<int, std::uint16_t>, std::uint32_t> members_;  // pending members of (kind, family)
  std::uint32_t new_chains_ = 0;
  std::uint32_t new_accounts_ = 0;
  std::uint32_t new_types_ = 0;
};

}  // namespace carnet::ledger
