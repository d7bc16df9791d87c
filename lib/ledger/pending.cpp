// SPDX-License-Identifier: Apache-2.0
#include "ledger/pending.hpp"

#include "base/check.hpp"
#include "base/ids.hpp"

namespace carnet::ledger {

namespace {

std::string account_key(std::string_view path, std::uint32_t unit) {
  std::string key(path);
  key.push_back('\0');
  key.append(std::to_string(unit));
  return key;
}

int slot_of(ChainKind kind) {
  return kind == ChainKind::kStream ? 0 : 1;
}

}  // namespace

std::optional<store::ChainEntry> PendingNames::find_pending_chain(ChainKind kind, std::string_view name) const {
  const ChainMap& map = chains_[slot_of(kind)];
  if (map.empty()) {
    return std::nullopt;
  }
  const auto found = map.find(name);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

Result<std::optional<store::ChainEntry>> PendingNames::find_chain(ChainKind kind, std::string_view name) const {
  if (auto pending = find_pending_chain(kind, name)) {
    return pending;
  }
  return state_.catalog->find_chain(kind, name);
}

Result<std::optional<store::AccountEntry>> PendingNames::find_account(std::string_view path, std::uint32_t unit) const {
  if (!accounts_.empty()) {
    if (const auto found = accounts_.find(account_key(path, unit)); found != accounts_.end()) {
      return std::optional(found->second);
    }
  }
  return state_.catalog->find_account(path, unit);
}

std::uint32_t PendingNames::find_type(std::string_view name) const {
  if (const store::TypeEntry* entry = state_.catalog->find_type(name)) {
    return entry->ordinal;
  }
  for (const auto& [index, written] : types_) {
    if (state_.types->type(index).name() == name) {
      return written.ordinal;
    }
  }
  return 0;
}

PendingNames::Entry& PendingNames::push(std::string_view text) {
  Entry& entry = pending_.emplace_back();
  entry.text = text;
  return entry;
}

std::uint16_t PendingNames::family_of(std::string_view name) {
  const std::string_view family = base::split_name(name).family;
  if (const auto known = state_.catalog->find_family(family)) {
    return *known;
  }
  if (const auto found = families_.find(family); found != families_.end()) {
    return found->second;
  }
  const auto number = static_cast<std::uint16_t>(state_.catalog->counts().families + families_.size());
  families_.emplace(family, number);
  state_.note_family(number, family);
  return number;
}

store::ChainEntry PendingNames::add_chain(ChainKind kind, std::string_view name) {
  Entry& entry = push(name);
  store::ChainEntry chain;
  chain.ordinal = state_.catalog->counts().chains + ++new_chains_;
  chain.kind = kind;
  chain.family = family_of(name);
  std::uint32_t& members = members_[{slot_of(kind), chain.family}];
  const bool family_has_landed = chain.family < state_.catalog->counts().families;
  chain.member = members + (family_has_landed ? state_.catalog->member_count(kind, chain.family) : 0);
  ++members;
  entry.extra = chain.family;
  entry.introduction = {chain.ordinal, codec::ChainIntroduction{kind, entry.text}};
  chains_[slot_of(kind)].emplace(entry.text, chain);
  return chain;
}

store::AccountEntry PendingNames::add_account(std::string_view path, std::uint32_t unit, NormalSide normal,
                                              AccountLimit limit, std::uint32_t chart) {
  Entry& entry = push(path);
  const store::AccountEntry account{state_.catalog->counts().accounts + ++new_accounts_, unit, normal, limit, chart};
  entry.introduction = {account.ordinal, codec::AccountIntroduction{entry.text, unit, normal, limit, chart}};
  accounts_.emplace(account_key(path, unit), account);
  return account;
}

std::uint32_t PendingNames::code(std::string_view text) {
  if (const std::uint32_t known = state_.catalog->find_code(text); known != 0) {
    return known;
  }
  if (const auto found = codes_.find(text); found != codes_.end()) {
    return found->second;
  }
  Entry& entry = push(text);
  const auto ordinal = static_cast<std::uint32_t>(state_.catalog->counts().codes + codes_.size() + 1);
  entry.introduction = {ordinal, codec::CodeIntroduction{entry.text}};
  codes_.emplace(entry.text, ordinal);
  state_.note_code(ordinal, entry.text);
  return ordinal;
}

std::uint32_t PendingNames::code(Symbol symbol) {
  if (const std::uint32_t known = state_.code_of_symbol(symbol); known != 0) {
    return known;
  }
  return code(state_.symbol_text(symbol));
}

std::uint32_t PendingNames::unit(Currency currency) {
  const std::string name = currency.code();
  if (const std::uint32_t known = state_.catalog->find_unit(name); known != 0) {
    return known;
  }
  if (const auto found = units_.find(currency.packed()); found != units_.end()) {
    return found->second;
  }
  Entry& entry = push(name);
  const auto ordinal = static_cast<std::uint32_t>(state_.catalog->counts().units + units_.size() + 1);
  entry.introduction = {ordinal, codec::UnitIntroduction{entry.text, static_cast<std::uint8_t>(currency.scale())}};
  entry.extra = currency.packed();
  units_.emplace(currency.packed(), ordinal);
  state_.note_unit(ordinal, entry.text);
  return ordinal;
}

WrittenAs PendingNames::type(std::size_t index) {
  WrittenAs written = state_.types->written_as(index);
  if (written.ordinal != 0) {
    const store::TypeEntry* entry = state_.catalog->type(written.ordinal);
    if (written.revision <= entry->revisions.size()) {
      return written;
    }
  }
  if (const auto found = types_.find(index); found != types_.end()) {
    return found->second;
  }
  const codec::PayloadType& type = state_.types->type(index);
  if (written.ordinal == 0) {
    written = {state_.catalog->counts().types + ++new_types_, 1};
  }
  Entry& entry = push(type.name());
  entry.extra = static_cast<std::uint32_t>(index);
  entry.introduction = {written.ordinal, codec::TypeIntroduction{entry.text, written.revision, type.derived(),
                                                                 type.root(), type.closure()}};
  types_.emplace(index, written);
  return written;
}

void PendingNames::rewind(std::size_t mark) {
  while (pending_.size() > mark) {
    const Entry& entry = pending_.back();
    if (const auto* chain = std::get_if<codec::ChainIntroduction>(&entry.introduction.what)) {
      --members_[{slot_of(chain->kind), static_cast<std::uint16_t>(entry.extra)}];
      chains_[slot_of(chain->kind)].erase(entry.text);
      --new_chains_;
    } else if (const auto* account = std::get_if<codec::AccountIntroduction>(&entry.introduction.what)) {
      accounts_.erase(account_key(account->path, account->unit));
      --new_accounts_;
    } else if (std::holds_alternative<codec::CodeIntroduction>(entry.introduction.what)) {
      state_.forget_code(entry.introduction.ordinal);
      codes_.erase(entry.text);
    } else if (std::holds_alternative<codec::UnitIntroduction>(entry.introduction.what)) {
      units_.erase(entry.extra);
    } else if (const auto* type = std::get_if<codec::TypeIntroduction>(&entry.introduction.what)) {
      if (type->revision == 1) {
        --new_types_;
      }
      types_.erase(entry.extra);
    }
    pending_.pop_back();
  }
  // Families that no pending chain uses any more give their numbers back, or a refused request would leave a trace.
  const std::uint32_t landed = state_.catalog->counts().families;
  for (auto family = families_.begin(); family != families_.end();) {
    const auto of_kind = [&](int slot) {
      const auto found = members_.find({slot, family->second});
      return found == members_.end() ? 0U : found->second;
    };
    const bool used = family->second < landed || of_kind(0) + of_kind(1) > 0;
    family = used ? std::next(family) : families_.erase(family);
  }
}

void PendingNames::clear() {
  chains_[0].clear();
  chains_[1].clear();
  accounts_.clear();
  codes_.clear();
  units_.clear();
  types_.clear();
  families_.clear();
  members_.clear();
  new_chains_ = new_accounts_ = new_types_ = 0;
  pending_.clear();
}

}  // namespace carnet::ledger
