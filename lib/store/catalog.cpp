// SPDX-License-Identifier: Apache-2.0
//
// The catalog: two books of names that may be many (chains, accounts), four tables of names that are few, and the
// members of each kind and family of chains. What a chain's name carries in its book: family (upper half) and member
// (lower); an account's: chart (upper), limit and normal side (second and first byte of the lower).
#include "store/catalog.hpp"

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/ids.hpp"
#include "base/limits.hpp"
#include "store/catalog_state.hpp"
#include "store/member_table.hpp"
#include "store/name_book.hpp"
#include "store/symbol_table.hpp"
#include "store/view_keys.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <utility>

namespace carnet::store {

namespace {

constexpr unsigned kHalfBits = 32;
constexpr unsigned kByteBits = 8;
constexpr std::size_t kFamiliesMax = std::numeric_limits<std::uint16_t>::max();
constexpr std::array<ChainKind, 2> kChainKinds = {ChainKind::kStream, ChainKind::kTag};

Error damaged_introduction(std::string_view what) {
  return {ErrorCode::kCorruption,
          "IntroductionDamaged",
          "an introduction contradicts those before it",
          {{"what", std::string(what)}}};
}

Error damaged_views() {
  return {ErrorCode::kCorruption, "ViewsDamaged",
          "the catalog's state or an entry of it is damaged: rebuild the views"};
}

std::uint64_t chain_payload(std::uint16_t family, std::uint32_t member) {
  return std::uint64_t{family} << kHalfBits | member;
}

std::uint64_t account_payload(NormalSide normal, AccountLimit limit, std::uint32_t chart) {
  return std::uint64_t{chart} << kHalfBits | std::uint64_t{static_cast<std::uint8_t>(limit)} << kByteBits |
         static_cast<std::uint8_t>(normal);
}

Result<ChainEntry> to_chain(const NameEntry& entry) {
  const bool fits = entry.scope >= static_cast<std::uint32_t>(ChainKind::kStream) &&
                    entry.scope <= static_cast<std::uint32_t>(ChainKind::kTag) &&
                    entry.payload >> kHalfBits <= kFamiliesMax;
  if (!fits) {
    return damaged_views();
  }
  return ChainEntry{.ordinal = entry.ordinal,
                    .member = static_cast<std::uint32_t>(entry.payload),
                    .family = static_cast<std::uint16_t>(entry.payload >> kHalfBits),
                    .kind = static_cast<ChainKind>(entry.scope)};
}

Result<AccountEntry> to_account(const NameEntry& entry) {
  const auto normal = static_cast<std::uint8_t>(entry.payload);
  const auto limit = static_cast<std::uint32_t>(entry.payload) >> kByteBits;
  if (normal < static_cast<std::uint8_t>(NormalSide::kDebit) ||
      normal > static_cast<std::uint8_t>(NormalSide::kCredit) ||
      limit > static_cast<std::uint32_t>(AccountLimit::kCreditsWithinDebits)) {
    return damaged_views();
  }
  return AccountEntry{.ordinal = entry.ordinal,
                      .unit = entry.scope,
                      .normal = static_cast<NormalSide>(normal),
                      .limit = static_cast<AccountLimit>(limit),
                      .chart = static_cast<std::uint32_t>(entry.payload >> kHalfBits)};
}

template <class T>
Result<std::optional<T>> to_optional(const Result<std::optional<NameEntry>>& found,
                                     Result<T> (*convert)(const NameEntry&)) {
  if (!found) {
    return found.error();
  }
  if (!found->has_value()) {
    return std::optional<T>();
  }
  CARNET_TRY(T entry, convert(**found));
  return std::optional<T>(std::move(entry));
}

/// Entries in memory were made here: they always convert.
template <class T>
std::optional<T> in_memory(const std::optional<NameEntry>& found, Result<T> (*convert)(const NameEntry&)) {
  if (!found.has_value()) {
    return std::nullopt;
  }
  Result<T> entry = convert(*found);
  return entry ? std::optional<T>(*std::move(entry)) : std::nullopt;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax;
}

std::string member_key(std::uint32_t generation, ChainKind kind, std::uint16_t family, std::uint32_t member) {
  std::string key = view_prefix(View::kChainByMember, generation);
  key.push_back(static_cast<char>(kind));
  base::append_be(key, family);
  base::append_be(key, member);
  return key;
}

/// The frozen members, by kind, family and number.
class MemberSource final : public ViewRunSource {
 public:
  MemberSource(const MemberTable& members, std::size_t families, std::uint32_t generation)
      : members_(&members), families_(families), generation_(generation) {}

  [[nodiscard]] bool next(std::string_view& key, std::string_view& value) override {
    while (at_ == slice_.size()) {
      if (!next_slice()) {
        return false;
      }
    }
    key_ = member_key(generation_, kChainKinds[kind_], static_cast<std::uint16_t>(family_), member_++);
    value_.clear();
    base::append_varint(value_, slice_[at_++]);
    key = key_;
    value = value_;
    return true;
  }

 private:
  [[nodiscard]] bool next_slice() {
    constexpr std::size_t kSliceMembers = 1024;
    for (; kind_ < kChainKinds.size(); ++kind_, family_ = 0, member_ = 0) {
      for (; family_ < families_; ++family_, member_ = 0) {
        member_ = members_->copy_frozen(kChainKinds[kind_], static_cast<std::uint16_t>(family_), member_, kSliceMembers,
                                        slice_);
        at_ = 0;
        if (!slice_.empty()) {
          return true;
        }
      }
    }
    return false;
  }

  const MemberTable* members_;
  std::size_t families_;
  std::uint32_t generation_;
  std::size_t kind_ = 0;
  std::size_t family_ = 0;
  std::uint32_t member_ = 0;
  std::vector<std::uint32_t> slice_;
  std::size_t at_ = 0;
  std::string key_;
  std::string value_;
};

class ViewCatalog final : public Catalog {
 public:
  ViewCatalog(ViewsDb* views, std::uint32_t generation, std::size_t cache_bytes)
      : views_(views),
        generation_(generation),
        chains_(views, generation, {View::kChainByName, View::kChainByOrdinal, 1}, cache_bytes / 4 * 3),
        accounts_(views, generation, {View::kAccountByPath, View::kAccountByOrdinal, 4}, cache_bytes / 4) {}

  [[nodiscard]] CatalogCounts counts() const override {
    return {.chains = chains_.count(),
            .accounts = accounts_.count(),
            .types = types_.size(),
            .units = units_.size(),
            .codes = codes_.size(),
            .families = families_.size()};
  }

  [[nodiscard]] Result<std::optional<ChainEntry>> find_chain(ChainKind kind, std::string_view name) override {
    return to_optional(chains_.find(static_cast<std::uint32_t>(kind), name), to_chain);
  }

  [[nodiscard]] Result<std::optional<AccountEntry>> find_account(std::string_view path, std::uint32_t unit) override {
    return to_optional(accounts_.find(unit, path), to_account);
  }

  [[nodiscard]] std::optional<ChainEntry> find_chain_newest(ChainKind kind, std::string_view name) const override {
    return in_memory(chains_.find_newest(static_cast<std::uint32_t>(kind), name), to_chain);
  }

  [[nodiscard]] std::optional<AccountEntry> find_account_newest(std::string_view path,
                                                                std::uint32_t unit) const override {
    return in_memory(accounts_.find_newest(unit, path), to_account);
  }

  [[nodiscard]] const TypeEntry* find_type(std::string_view name) const override {
    const std::uint32_t ordinal = types_.find(name);
    return ordinal == 0 ? nullptr : types_.at(ordinal - 1);
  }

  [[nodiscard]] std::uint32_t find_unit(std::string_view name) const override { return units_.find(name); }

  [[nodiscard]] std::uint32_t find_code(std::string_view text) const override { return codes_.find(text); }

  [[nodiscard]] std::optional<std::uint16_t> find_family(std::string_view name) const override {
    const std::uint32_t found = families_.find(name);
    return found == 0 ? std::nullopt : std::optional(static_cast<std::uint16_t>(found - 1));
  }

  [[nodiscard]] std::uint64_t publish_count() const override { return publish_count_.load(); }

  [[nodiscard]] Result<std::string> chain_name(std::uint32_t ordinal) override {
    std::string name;
    CARNET_TRY_VOID(to_status(chains_.entry(ordinal, &name)));
    return name;
  }

  [[nodiscard]] Result<ChainEntry> chain_entry(std::uint32_t ordinal) override {
    CARNET_TRY(const NameEntry entry, chains_.entry(ordinal, nullptr));
    return to_chain(entry);
  }

  [[nodiscard]] Result<std::pair<std::string, AccountEntry>> account(std::uint32_t ordinal) override {
    std::string path;
    CARNET_TRY(const NameEntry entry, accounts_.entry(ordinal, &path));
    CARNET_TRY(const AccountEntry account, to_account(entry));
    return std::pair(std::move(path), account);
  }

  [[nodiscard]] const TypeEntry* type(std::uint32_t ordinal) const override { return types_.at(ordinal - 1); }

  [[nodiscard]] const UnitEntry* unit(std::uint32_t ordinal) const override { return units_.at(ordinal - 1); }

  [[nodiscard]] std::string_view code(std::uint32_t ordinal) const override {
    const Symbol* const code = codes_.at(ordinal - 1);
    return code == nullptr ? std::string_view() : code->name;
  }

  [[nodiscard]] std::string_view family_name(std::uint16_t family) const override {
    const Symbol* const found = families_.at(family);
    return found == nullptr ? std::string_view() : found->name;
  }

  [[nodiscard]] Result<std::uint32_t> chain_of_member(ChainKind kind, std::uint16_t family,
                                                      std::uint32_t member) override;

  [[nodiscard]] std::uint32_t member_count(ChainKind kind, std::uint16_t family) const override {
    return members_.count(kind, family);
  }

  [[nodiscard]] Status add(const codec::Introduction& introduction) override {
    return std::visit([&](const auto& what) { return add_one(introduction.ordinal, what); }, introduction.what);
  }

  void freeze() override;
  void write(ViewBatch& batch, std::vector<ViewRun>& runs) override;
  void thaw(bool published) override;

  [[nodiscard]] std::size_t newest_bytes() const override {
    return chains_.newest_bytes() + accounts_.newest_bytes() + members_.bytes();
  }

  [[nodiscard]] Status load(std::string_view state) override;

  [[nodiscard]] std::string encode_state() const override {
    CARNET_REQUIRE(frozen_.has_value(), "the state is that of a frozen catalog");
    return encode_mark(*frozen_);
  }

 private:
  [[nodiscard]] static Status to_status(const Result<NameEntry>& found) {
    return found ? Status() : Status(found.error());
  }

  [[nodiscard]] Status add_one(std::uint32_t ordinal, const codec::ChainIntroduction& chain);
  [[nodiscard]] Status add_one(std::uint32_t ordinal, const codec::TypeIntroduction& type);
  [[nodiscard]] Status add_one(std::uint32_t ordinal, const codec::AccountIntroduction& account);
  [[nodiscard]] Status add_one(std::uint32_t ordinal, const codec::UnitIntroduction& unit);
  [[nodiscard]] Status add_one(std::uint32_t ordinal, const codec::CodeIntroduction& code);

  [[nodiscard]] std::string row_key(View view, std::uint32_t ordinal) const {
    std::string key = view_prefix(view, generation_);
    base::append_be(key, ordinal);
    return key;
  }

  [[nodiscard]] std::string revision_key(std::uint32_t ordinal, std::uint32_t revision) const {
    std::string key = row_key(View::kTypes, ordinal);
    base::append_be(key, revision);
    return key;
  }

  [[nodiscard]] Result<std::string> read(const std::string& key) const;
  [[nodiscard]] Status load_types(const std::vector<std::uint32_t>& revisions);
  [[nodiscard]] Status load_units(std::uint32_t count);
  [[nodiscard]] Status load_symbols(View view, std::uint32_t count, SymbolTable<Symbol>& table);

  ViewsDb* views_;
  std::uint32_t generation_;
  NameBook chains_;
  NameBook accounts_;
  MemberTable members_;
  SymbolTable<TypeEntry> types_;
  SymbolTable<UnitEntry> units_;
  SymbolTable<Symbol> codes_;
  SymbolTable<Symbol> families_;
  CatalogMark published_;
  std::optional<CatalogMark> frozen_;
  std::atomic<std::uint64_t> publish_count_{0};
};

Result<std::uint32_t> ViewCatalog::chain_of_member(ChainKind kind, std::uint16_t family, std::uint32_t member) {
  if (const std::optional<std::uint32_t> ordinal = members_.find(kind, family, member)) {
    return *ordinal;
  }
  CARNET_REQUIRE(views_ != nullptr, "what is not in memory was published");
  CARNET_TRY(const std::string value, read(member_key(generation_, kind, family, member)));
  std::string_view left = value;
  const std::optional<std::uint32_t> ordinal = take_count(left);
  if (!ordinal.has_value()) {
    return damaged_views();
  }
  return *ordinal;
}

Status ViewCatalog::add_one(std::uint32_t ordinal, const codec::ChainIntroduction& chain) {
  if (!is_name(chain.name) || ordinal != chains_.count() + 1) {
    return damaged_introduction("chain");
  }
  const auto kind = static_cast<std::uint32_t>(chain.kind);
  CARNET_TRY(const std::optional<NameEntry> standing, chains_.find(kind, chain.name));
  if (standing.has_value()) {
    return damaged_introduction("chain");
  }
  const std::string_view family_name = base::split_name(chain.name).family;
  std::uint32_t family = families_.find(family_name);
  if (family == 0) {
    if (families_.size() == kFamiliesMax) {
      return damaged_introduction("families");
    }
    members_.add_family();
    families_.push({std::string(family_name)});
    family = families_.size();
  }
  const auto number = static_cast<std::uint16_t>(family - 1);
  const std::uint32_t member = members_.add(chain.kind, number, ordinal);
  chains_.add(kind, chain.name, chain_payload(number, member));
  return {};
}

Status ViewCatalog::add_one(std::uint32_t ordinal, const codec::TypeIntroduction& type) {
  const std::uint32_t known = types_.find(type.name);
  TypeEntry entry;
  if (known == 0) {
    if (!is_name(type.name) || ordinal != types_.size() + 1 || type.revision != 1) {
      return damaged_introduction("type");
    }
    entry.ordinal = ordinal;
    entry.name = type.name;
    entry.derived = type.derived;
  } else {
    entry = *types_.at(known - 1);
    if (ordinal != known || type.revision != entry.revisions.size() + 1 || type.derived != entry.derived) {
      return damaged_introduction("type");
    }
  }
  entry.revisions.emplace_back(type.root, std::vector(type.closure.begin(), type.closure.end()));
  if (known == 0) {
    types_.push(std::move(entry));
  } else {
    types_.replace(known - 1, std::move(entry));
  }
  return {};
}

Status ViewCatalog::add_one(std::uint32_t ordinal, const codec::AccountIntroduction& account) {
  if (!is_name(account.path) || ordinal != accounts_.count() + 1) {
    return damaged_introduction("account");
  }
  CARNET_TRY(const std::optional<NameEntry> standing, accounts_.find(account.unit, account.path));
  if (standing.has_value()) {
    return damaged_introduction("account");
  }
  accounts_.add(account.unit, account.path, account_payload(account.normal, account.limit, account.chart));
  return {};
}

Status ViewCatalog::add_one(std::uint32_t ordinal, const codec::UnitIntroduction& unit) {
  if (!is_name(unit.name) || ordinal != units_.size() + 1 || units_.find(unit.name) != 0) {
    return damaged_introduction("unit");
  }
  units_.push({.ordinal = ordinal, .name = std::string(unit.name), .scale = unit.scale});
  return {};
}

Status ViewCatalog::add_one(std::uint32_t ordinal, const codec::CodeIntroduction& code) {
  if (!is_name(code.text) || ordinal != codes_.size() + 1 || codes_.find(code.text) != 0) {
    return damaged_introduction("code");
  }
  codes_.push({std::string(code.text)});
  return {};
}

void ViewCatalog::freeze() {
  CARNET_REQUIRE(!frozen_.has_value(), "one checkpoint at a time");
  chains_.freeze();
  accounts_.freeze();
  CatalogMark mark;
  mark.members = members_.freeze();
  mark.counts = counts();
  for (std::uint32_t type = 0; type < mark.counts.types; ++type) {
    mark.revisions.push_back(static_cast<std::uint32_t>(types_.at(type)->revisions.size()));
  }
  frozen_ = std::move(mark);
}

void ViewCatalog::write(ViewBatch& batch, std::vector<ViewRun>& runs) {
  CARNET_REQUIRE(frozen_.has_value(), "write() follows freeze()");
  const CatalogMark& mark = *frozen_;
  for (std::uint32_t type = 0; type < mark.counts.types; ++type) {
    const std::uint32_t written = type < published_.revisions.size() ? published_.revisions[type] : 0;
    for (std::uint32_t revision = written; revision < mark.revisions[type]; ++revision) {
      batch.put(ViewFamily::kChains, revision_key(type + 1, revision + 1), encode_revision(*types_.at(type), revision));
    }
  }
  for (std::uint32_t unit = published_.counts.units; unit < mark.counts.units; ++unit) {
    const UnitEntry& entry = *units_.at(unit);
    batch.put(ViewFamily::kChains, row_key(View::kUnits, unit + 1), static_cast<char>(entry.scale) + entry.name);
  }
  for (std::uint32_t code = published_.counts.codes; code < mark.counts.codes; ++code) {
    batch.put(ViewFamily::kChains, row_key(View::kCodes, code + 1), codes_.at(code)->name);
  }
  for (std::uint32_t family = published_.counts.families; family < mark.counts.families; ++family) {
    batch.put(ViewFamily::kChains, row_key(View::kFamilies, family + 1), families_.at(family)->name);
  }
  chains_.write(runs);
  accounts_.write(runs);
  ViewRun by_member;
  by_member.family = ViewFamily::kChains;
  by_member.source = std::make_unique<MemberSource>(members_, mark.members.size(), generation_);
  runs.push_back(std::move(by_member));
}

void ViewCatalog::thaw(bool published) {
  CARNET_REQUIRE(frozen_.has_value(), "thaw() follows freeze()");
  members_.thaw(published);
  chains_.thaw(published, publish_count_);
  accounts_.thaw(published, publish_count_);
  if (published) {
    published_ = std::move(*frozen_);
  }
  frozen_.reset();
}

Result<std::string> ViewCatalog::read(const std::string& key) const {
  CARNET_TRY(std::optional<std::string> value, views_->get(ViewFamily::kChains, key));
  if (!value.has_value()) {
    return damaged_views();
  }
  return *std::move(value);
}

Status ViewCatalog::load(std::string_view state) {
  CARNET_REQUIRE(views_ != nullptr && counts().types == 0, "a catalog is loaded once, before anything is added");
  std::optional<CatalogMark> mark = decode_mark(state);
  if (!mark.has_value()) {
    return damaged_views();
  }
  CARNET_TRY_VOID(load_types(mark->revisions));
  CARNET_TRY_VOID(load_units(mark->counts.units));
  CARNET_TRY_VOID(load_symbols(View::kCodes, mark->counts.codes, codes_));
  CARNET_TRY_VOID(load_symbols(View::kFamilies, mark->counts.families, families_));
  for (const MemberCounts& members : mark->members) {
    members_.set_published(members);
  }
  chains_.set_published(mark->counts.chains);
  accounts_.set_published(mark->counts.accounts);
  published_ = *std::move(mark);
  return {};
}

Status ViewCatalog::load_types(const std::vector<std::uint32_t>& revisions) {
  for (std::size_t at = 0; at < revisions.size(); ++at) {
    TypeEntry type;
    type.ordinal = static_cast<std::uint32_t>(at + 1);
    for (std::uint32_t revision = 1; revision <= revisions[at]; ++revision) {
      CARNET_TRY(const std::string value, read(revision_key(type.ordinal, revision)));
      if (!decode_revision(value, type)) {
        return damaged_views();
      }
    }
    types_.push(std::move(type));
  }
  return {};
}

Status ViewCatalog::load_units(std::uint32_t count) {
  for (std::uint32_t unit = 1; unit <= count; ++unit) {
    CARNET_TRY(const std::string value, read(row_key(View::kUnits, unit)));
    if (value.size() < 2) {
      return damaged_views();
    }
    units_.push({.ordinal = unit, .name = value.substr(1), .scale = static_cast<std::uint8_t>(value.front())});
  }
  return {};
}

Status ViewCatalog::load_symbols(View view, std::uint32_t count, SymbolTable<Symbol>& table) {
  for (std::uint32_t number = 1; number <= count; ++number) {
    CARNET_TRY(std::string value, read(row_key(view, number)));
    table.push({std::move(value)});
  }
  return {};
}

}  // namespace

std::unique_ptr<Catalog> Catalog::make(ViewsDb* views, std::uint32_t generation, std::size_t cache_bytes) {
  return std::make_unique<ViewCatalog>(views, generation, cache_bytes);
}

}  // namespace carnet::store
