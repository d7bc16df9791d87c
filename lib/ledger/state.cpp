// SPDX-License-Identifier: Apache-2.0
#include "ledger/state.hpp"

#include "base/check.hpp"
#include "model/ledger_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace carnet::ledger {

namespace {

constexpr std::uint32_t kGeneration = 1;
constexpr std::uint32_t kEngineStateVersion = 2;  // raised when a core table or the fold changes
constexpr std::string_view kCoreName = "core";

Error broken(std::string_view what, std::uint64_t position) {
  return {ErrorCode::kCorruption,
          "ChainBroken",
          fmt::format("the log contradicts itself at position {}: {}; run `carnet verify`, then restore a backup",
                      position, what),
          {{"position", fmt::to_string(position)}}};
}

void append_part(std::string& out, std::string_view part) {
  base::append_le<std::uint32_t>(out, static_cast<std::uint32_t>(part.size()));
  out += part;
}

std::optional<std::string_view> take_part(std::string_view& in) {
  if (in.size() < 4) {
    return std::nullopt;
  }
  const auto size = base::load_le<std::uint32_t>(in.data());
  if (in.size() - 4 < size) {
    return std::nullopt;
  }
  const std::string_view part = in.substr(4, size);
  in.remove_prefix(4 + size);
  return part;
}

}  // namespace

Error projection_too_old(const Projection& projection) {
  return {ErrorCode::kUnsupportedFormat,
          "ProjectionTooOld",
          fmt::format("projection {} was stored by a later version than {}: use the program that wrote it, or a newer "
                      "one",
                      projection.name(), projection.version()),
          {{"projection", std::string(projection.name())}, {"version", fmt::to_string(projection.version())}}};
}

void put_chain_row(TableWriter& rows, const store::ChainEntry& entry) {
  ChainRow row;
  row.member = entry.member;
  row.family = entry.family;
  row.kind = static_cast<std::uint16_t>(entry.kind);
  rows.put(kChainTable, entry.ordinal - 1, row);
}

void put_account_row(TableWriter& rows, const store::AccountEntry& entry) {
  AccountRow row;
  row.chart = entry.chart;
  row.unit = entry.unit;
  row.normal = static_cast<std::uint8_t>(entry.normal);
  row.limit = static_cast<std::uint8_t>(entry.limit);
  rows.put(kAccountTable, entry.ordinal - 1, row);
}

base::Hash leaf_of(const codec::CommitBytes& commit, std::vector<base::Hash>& hashes) {
  hashes.clear();
  for (const base::ByteSpan part : commit.introductions) {
    hashes.push_back(base::sha256(part));
  }
  for (const base::ByteSpan part : commit.events) {
    hashes.push_back(base::sha256(part));
  }
  const std::span all(hashes);
  return proof::commit_leaf_hash(commit.header, all.first(commit.introductions.size()),
                                 all.subspan(commit.introductions.size()));
}

Result<std::unique_ptr<State>> State::make(const Domain* domain, store::ViewsDb* views, std::size_t memory_bytes,
                                           std::span<const std::shared_ptr<const Projection>> more) {
  auto state = std::make_unique<State>();
  state->domain = domain;
  CARNET_TRY(state->types, TypeMap::make(domain));
  state->catalog = store::Catalog::make(views, kGeneration, memory_bytes / 4);
  state->chain_index = store::ChainIndex::make(views, kGeneration);
  state->command_index = store::CommandIndex::make(views, kGeneration);
  state->tables = project::TableSet::make(views, kGeneration,
                                          {.memory_bytes = memory_bytes / 2, .snapshot_bytes_max = memory_bytes});
  for (const CoreTable& table : kCoreTables) {
    const TableId id = state->tables->add_table({std::string(table.name), table.row_bytes});
    CARNET_ASSERT(id.value == static_cast<std::size_t>(&table - kCoreTables.data()),
                  "core tables come first, in order");
  }
  const auto take = [&](const Projection* projection) {
    (projection->mode() == ProjectionMode::kInline ? state->inline_ : state->catch_up_).push_back(projection);
  };
  if (domain != nullptr) {
    for (const auto& projection : domain->projections()) {
      take(projection.get());
    }
    state->symbols_.assign(domain->symbols().begin(), domain->symbols().end());
    state->code_of_symbol_.resize(state->symbols_.size());
  }
  for (const auto& projection : more) {
    take(projection.get());
  }
  CARNET_TRY_VOID(state->check_names());
  return state;
}

Status State::check_names() const {
  std::set<std::string_view> names;
  for (const auto& list : {inline_, catch_up_}) {
    for (const Projection* projection : list) {
      if (!names.insert(projection->name()).second || projection->name() == kCoreName) {
        return Error(
            ErrorCode::kInvalidArgument, "DuplicateProjection",
            fmt::format("projection {} is registered twice: give one of them another name", projection->name()),
            {{"projection", std::string(projection->name())}});
      }
    }
  }
  return {};
}

void State::begin_empty() {
  for (const Projection* projection : inline_) {
    const std::uint16_t first = allocate(projection->tables().size(), false);
    CARNET_REQUIRE(first != 0, "a domain has fewer than four thousand tables");
    for (std::size_t i = 0; i < projection->tables().size(); ++i) {
      tables->add_table({static_cast<std::uint16_t>(first + i)}, projection->tables()[i]);
    }
    bind(*projection, {first});
  }
  note_bindings();
}

void State::bind(const Projection& projection, TableId first) {
  projections_.push_back({&projection, first});
}

void State::note_bindings() {
  // In the order in which the domain names them: they are applied in it.
  const auto rank = [this](const BoundProjection& bound) { return std::ranges::find(inline_, bound.projection); };
  std::ranges::sort(projections_, {}, rank);
  bindings_ = std::make_shared<const Bindings>(projections_);
}

std::uint16_t State::allocate(std::size_t count, bool catch_up) const {
  GenerationBook book = others_;
  for (Generation& generation : own_generations()) {
    book.generations.push_back(std::move(generation));
  }
  return book.allocate(count, catch_up);
}

std::vector<Generation> State::own_generations() const {
  std::vector<Generation> out;
  Generation core;
  core.name = kCoreName;
  core.version = kEngineStateVersion;
  for (const CoreTable& table : kCoreTables) {
    core.tables.push_back({std::string(table.name), table.row_bytes});
  }
  core.states.resize(core.tables.size());
  out.push_back(std::move(core));
  for (const BoundProjection& bound : projections_) {
    Generation generation = generation_of(*bound.projection);
    generation.first = bound.first;
    out.push_back(std::move(generation));
  }
  return out;
}

void State::switch_to(const Projection& projection, const Generation& generation) {
  for (std::size_t i = 0; i < generation.tables.size(); ++i) {
    tables->attach({static_cast<std::uint16_t>(generation.first.value + i)}, generation.tables[i],
                   generation.states[i]);
  }
  const auto count = static_cast<std::uint16_t>(generation.tables.size());
  for (std::size_t i = 0; i < projections_.size(); ++i) {
    const BoundProjection bound = projections_[i];
    if (bound.projection == &projection) {
      for (std::uint16_t table = 0; table < count; ++table) {
        tables->retire({static_cast<std::uint16_t>(bound.first.value + table)});
      }
      others_.garbage.push_back({bound.first.value, count});
      projections_.erase(projections_.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
  }
  std::erase_if(others_.generations, [&](const Generation& each) {
    if (each.name != generation.name) {
      return false;
    }
    if (each.first != generation.first) {
      others_.garbage.push_back({each.first.value, static_cast<std::uint16_t>(each.tables.size())});
    }
    return true;
  });
  std::erase(stale_, &projection);
  bind(projection, generation.first);
  note_bindings();
}

TableId State::table_of(std::string_view projection) const {
  for (const BoundProjection& bound : projections_) {
    if (bound.projection->name() == projection) {
      return bound.first;
    }
  }
  CARNET_REQUIRE(false, "the projection is one of this ledger's domain");
  return {};
}

bool State::has_table(std::string_view projection) const noexcept {
  return std::ranges::any_of(projections_,
                             [&](const BoundProjection& bound) { return bound.projection->name() == projection; });
}

void State::note_code(std::uint32_t ordinal, std::string_view text) {
  if (ordinal >= kCodesMax) {
    return;
  }
  for (std::size_t i = 0; i < symbols_.size(); ++i) {
    if (symbols_[i] == text) {
      symbol_of_code_[ordinal].store(static_cast<std::uint16_t>(i + 1), std::memory_order_relaxed);
      code_of_symbol_[i] = ordinal;
      return;
    }
  }
}

void State::forget_code(std::uint32_t ordinal) {
  if (const Symbol symbol = symbol_of_code(ordinal); symbol != kForeignSymbol) {
    symbol_of_code_[ordinal].store(0, std::memory_order_relaxed);
    code_of_symbol_[symbol] = 0;
  }
}

void State::note_family(std::uint16_t family, std::string_view name) {
  const auto found = std::ranges::find(symbols_, name);
  const std::ptrdiff_t number = found == symbols_.end() ? 0 : found - symbols_.begin() + 1;
  symbol_of_family_[family].store(static_cast<std::uint16_t>(number), std::memory_order_relaxed);
}

void State::note_unit(std::uint32_t ordinal, std::string_view name) {
  const auto currency = Currency::parse(name);
  if (currency && ordinal < kUnitsMax) {
    currency_of_unit_[ordinal].store(currency->packed(), std::memory_order_relaxed);
  }
}

Status State::introduce(const codec::Introduction& introduction, TableWriter* rows) {
  CARNET_TRY_VOID(catalog->add(introduction));
  for (; families_noted_ < catalog->counts().families; ++families_noted_) {
    const auto family = static_cast<std::uint16_t>(families_noted_);
    note_family(family, catalog->family_name(family));
  }
  if (const auto* code = std::get_if<codec::CodeIntroduction>(&introduction.what)) {
    note_code(introduction.ordinal, code->text);
  } else if (const auto* unit = std::get_if<codec::UnitIntroduction>(&introduction.what)) {
    note_unit(introduction.ordinal, unit->name);
  } else if (const auto* type = std::get_if<codec::TypeIntroduction>(&introduction.what)) {
    CARNET_TRY_VOID(types->on_introduced(*catalog->find_type(type->name)));
  } else if (const auto* chain = std::get_if<codec::ChainIntroduction>(&introduction.what);
             chain != nullptr && rows != nullptr) {
    const auto entry = catalog->find_chain_newest(chain->kind, chain->name);
    CARNET_ASSERT(entry.has_value() && entry->ordinal == introduction.ordinal, "what was just added is found");
    put_chain_row(*rows, *entry);
  } else if (const auto* account = std::get_if<codec::AccountIntroduction>(&introduction.what);
             account != nullptr && rows != nullptr) {
    put_account_row(*rows, {introduction.ordinal, account->unit, account->normal, account->limit, account->chart});
  }
  return {};
}

Status State::to_applied(const codec::StoredEvent& stored, const codec::CommitHead& head, std::uint64_t position,
                         TableReader& rows, std::vector<ChainRef>& chains, std::vector<AppliedTransfer>& transfers,
                         AppliedEvent& out) const {
  if (stored.chains.empty()) {
    return broken("an event without a stream", position);
  }
  const std::uint64_t chain_rows = rows.row_count(kChainTable);
  chains.clear();
  for (const codec::ChainLink& link : stored.chains) {
    if (link.chain == 0 || link.chain > chain_rows) {
      return broken("an event names a chain that was not introduced", position);
    }
    const auto row = rows.get<ChainRow>(kChainTable, link.chain - 1);
    chains.push_back({.ordinal = link.chain,
                      .member = row.member,
                      .family = row.family,
                      .kind = static_cast<ChainKind>(row.kind),
                      .family_symbol = symbol_of_family(row.family),
                      .version = link.version,
                      .previous = link.previous,
                      .name = {}});
  }
  transfers.clear();
  const std::uint64_t account_rows = rows.row_count(kAccountTable);
  for (const codec::StoredTransfer& transfer : stored.transfers) {
    if (transfer.debit == 0 || transfer.credit == 0 || transfer.debit > account_rows ||
        transfer.credit > account_rows) {
      return broken("a transfer names an account that was not introduced", position);
    }
    const auto debit = rows.get<AccountRow>(kAccountTable, transfer.debit - 1);
    const auto credit = rows.get<AccountRow>(kAccountTable, transfer.credit - 1);
    transfers.push_back({.amount = transfer.amount,
                         .debit = transfer.debit,
                         .credit = transfer.credit,
                         .debit_chart = symbol_of_code(debit.chart),
                         .credit_chart = symbol_of_code(credit.chart),
                         .rule = symbol_of_code(transfer.rule),
                         .phase = transfer.phase,
                         .unit = currency_of_unit(transfer.unit)});
  }
  out.position = position;
  out.commit = head.number;
  out.type = types->index_of(stored.type);
  out.revision = stored.revision;
  out.basis = head.basis;
  out.occurred_at = stored.occurred_at;
  out.booked_at = stored.booked_at;
  out.recorded_at = head.recorded_at;
  out.corrects = stored.corrects;
  out.chains = chains;
  out.transfers = transfers;
  out.payload = stored.payload;
  return {};
}

Result<const AppliedEvent*> State::load_applied(std::uint64_t position, TableReader& rows, AppliedSlot& slot) const {
  CARNET_ASSERT(load_frame_ != nullptr, "a fold over corrections has a frame loader");
  CARNET_TRY(const bool found, load_frame_(position, slot.frame));
  if (!found) {
    return nullptr;
  }
  CARNET_TRY_VOID(slot.frame_reader.open(std::as_bytes(std::span(slot.frame))));
  std::uint64_t first = slot.frame_reader.header().first_position;
  while (true) {
    CARNET_TRY(const bool more, slot.frame_reader.next(slot.commit));
    if (!more) {
      return nullptr;
    }
    if (position < first + slot.commit.events.size()) {
      break;
    }
    first += slot.commit.events.size();
  }
  if (position < first) {
    return nullptr;
  }
  CARNET_TRY(const codec::CommitHead* head, slot.head_reader.read(slot.commit.header));
  CARNET_TRY(const codec::StoredEvent* stored, slot.event_reader.read(slot.commit.events[position - first]));
  CARNET_TRY_VOID(to_applied(*stored, *head, position, rows, slot.chains, slot.transfers, slot.event));
  return &slot.event;
}

Status State::fold_event(const codec::CommitHead& head, std::uint64_t position, base::ByteSpan bytes,
                         TableWriter& rows) {
  CARNET_TRY(const codec::StoredEvent* stored, event_reader_.read(bytes));
  AppliedEvent event;
  CARNET_TRY_VOID(to_applied(*stored, head, position, rows, chains_, transfers_, event));

  chain_ordinals_.clear();
  for (const codec::ChainLink& link : stored->chains) {
    auto row = rows.get<ChainRow>(kChainTable, link.chain - 1);
    if (link.previous != row.last || link.version != row.version + 1) {
      return broken(fmt::format("version {} of a chain follows version {}", link.version, row.version), position);
    }
    row.last = position;
    row.version = link.version;
    rows.put(kChainTable, link.chain - 1, row);
    chain_ordinals_.push_back(link.chain);
  }
  for (const codec::StoredTransfer& transfer : stored->transfers) {
    auto debit = rows.get<AccountRow>(kAccountTable, transfer.debit - 1);
    auto credit = rows.get<AccountRow>(kAccountTable, transfer.credit - 1);
    const auto fault =
        debit.unit != transfer.unit || credit.unit != transfer.unit
            ? model::TransferFault::kUnitMismatch
            : model::apply_transfer(debit.balance, static_cast<AccountLimit>(debit.limit), credit.balance,
                                    static_cast<AccountLimit>(credit.limit), transfer.amount, transfer.phase);
    if (fault != model::TransferFault::kNone) {
      return broken(fmt::format("a stored transfer breaks the books ({})", model::to_string(fault)), position);
    }
    rows.put(kAccountTable, transfer.debit - 1, debit);
    rows.put(kAccountTable, transfer.credit - 1, credit);
  }
  if (stored->type == 0 || catalog->type(stored->type) == nullptr) {
    return broken("an event of a type that was not introduced", position);
  }
  auto type_row = rows.get<TypeRow>(kTypeTable, stored->type - 1);
  type_row.last = position;
  ++type_row.count;
  rows.put(kTypeTable, stored->type - 1, type_row);

  const AppliedEvent* original = nullptr;
  if (stored->corrects.kind != CorrectionKind::kNone) {
    CARNET_TRY(original, load_applied(stored->corrects.position, rows, original_));
  }
  for (const BoundProjection& bound : projections_) {
    bound.projection->apply(event, original, bound.first, rows);
  }
  const store::IndexedEvent indexed{position, chain_ordinals_.data(), chain_ordinals_.size()};
  chain_index->add(&indexed, 1);
  return {};
}

Status State::fold(const codec::CommitBytes& commit) {
  CARNET_TRY(const codec::CommitHead* head, head_reader_.read(commit.header));
  if (head->number != tip.commits || head->first_position != tip.position + 1 || commit.events.empty() ||
      head->recorded_at < tip.recorded_at) {
    return broken(fmt::format("commit {} (first position {}) does not follow commit count {} at position {}",
                              head->number, head->first_position, tip.commits, tip.position),
                  tip.position + 1);
  }
  TableWriter& rows = fold_through_overlay_ ? tables->overlay() : tables->direct();
  for (const base::ByteSpan part : commit.introductions) {
    CARNET_TRY(const codec::Introduction* introduction, introduction_reader_.read(part));
    CARNET_TRY_VOID(introduce(*introduction, &rows));
  }
  for (const base::ByteSpan part : commit.events) {
    ++tip.position;
    CARNET_TRY_VOID(fold_event(*head, tip.position, part, rows));
  }
  if (head->source_name != 0) {
    auto row = rows.get<SourceRow>(kSourceTable, head->source_name - 1);
    row.position = std::max(row.position, head->source_position);
    rows.put(kSourceTable, head->source_name - 1, row);
  }
  command_index->add(head->command, head->first_position);
  tip.tree.append(leaf_of(commit, part_hashes_));
  ++tip.commits;
  tip.recorded_at = head->recorded_at;
  return tables->status();
}

Status State::fold_frame(base::ByteSpan frame) {
  codec::FrameReader reader;
  CARNET_TRY_VOID(reader.open(frame));
  std::uint64_t number = reader.header().first_commit;
  codec::CommitBytes commit;
  while (true) {
    CARNET_TRY(const bool more, reader.next(commit));
    if (!more) {
      return {};
    }
    if (number >= tip.commits) {
      CARNET_TRY_VOID(fold(commit));
    }
    ++number;
  }
}

void State::publish_fold() {
  tables->publish(tip.position);
}

void State::begin_checkpoint() {
  const std::uint64_t position = tables->begin_checkpoint();
  CARNET_ASSERT(position == tip.position, "a checkpoint is taken of the published tip");
  chain_index->freeze(position);
  command_index->freeze(position);
  catalog->freeze();
  catalog_state_ = catalog->encode_state();
  checkpoint_tip_ = tip;
}

Result<store::ViewCheckpoint> State::write_checkpoint(store::ViewBatch& batch, std::vector<store::ViewRun>& runs) {
  const std::vector<project::TableState> states = tables->write_pages(
      [&batch](std::string_view key, std::string_view value) { batch.put(store::ViewFamily::kState, key, value); });
  chain_index->write(batch, runs);
  command_index->write(batch, runs);
  catalog->write(batch, runs);
  store::ViewCheckpoint checkpoint;
  checkpoint.position = checkpoint_tip_.position;
  checkpoint.commits = checkpoint_tip_.commits;
  checkpoint.root = checkpoint_tip_.tree.root();
  base::append_le<std::uint32_t>(checkpoint.state, kEngineStateVersion);
  append_part(checkpoint.state, encode_book(book_of(states)));
  append_part(checkpoint.state, catalog_state_);
  append_part(checkpoint.state, checkpoint_tip_.tree.encode());
  base::append_le<std::int64_t>(checkpoint.state, checkpoint_tip_.recorded_at.ns);
  return checkpoint;
}

GenerationBook State::book_of(std::span<const project::TableState> states) const {
  GenerationBook book;
  book.generations = own_generations();
  // States come in the order of ids, generations in that of the domain.
  std::ranges::sort(book.generations, {}, [](const Generation& each) { return each.first.value; });
  std::size_t next = 0;
  for (Generation& generation : book.generations) {
    generation.position = checkpoint_tip_.position;
    for (project::TableState& state : generation.states) {
      state = states[next++];
    }
  }
  CARNET_ASSERT(next == states.size(), "every table is some projection's");
  book.generations.insert(book.generations.end(), others_.generations.begin(), others_.generations.end());
  book.garbage = others_.garbage;
  return book;
}

void State::end_checkpoint(bool published) {
  tables->end_checkpoint(published);
  chain_index->thaw(published);
  command_index->thaw(published);
  catalog->thaw(published);
}

Status State::load_tables(GenerationBook book, std::uint64_t position) {
  std::vector<Generation> loaded;
  const auto take = [&](const auto& pick) -> bool {
    const auto found = std::ranges::find_if(book.generations, pick);
    if (found == book.generations.end()) {
      return false;
    }
    loaded.push_back(std::move(*found));
    book.generations.erase(found);
    return true;
  };
  if (!take(
          [](const Generation& each) { return each.name == kCoreName && each.states.size() == kCoreTables.size(); })) {
    return Error(ErrorCode::kCorruption, "ViewsDamaged",
                 "the checkpoint of the views holds no books: remove views/, it is rebuilt");
  }
  for (const Projection* projection : inline_) {
    const bool newer = std::ranges::any_of(book.generations, [&](const Generation& each) {
      return each.name == projection->name() && each.live && each.version > projection->version();
    });
    if (newer) {
      return projection_too_old(*projection);
    }
    const auto is_it = [&](const Generation& each) {
      return each.live && each.position == position && each.is_of(*projection);
    };
    if (!take(is_it)) {
      stale_.push_back(projection);
      continue;
    }
    for (std::size_t i = 0; i < loaded.back().tables.size(); ++i) {
      tables->add_table({static_cast<std::uint16_t>(loaded.back().first.value + i)}, loaded.back().tables[i]);
    }
    bind(*projection, loaded.back().first);
  }
  note_bindings();
  std::ranges::sort(loaded, {}, [](const Generation& each) { return each.first.value; });
  std::vector<project::TableState> states;
  for (const Generation& generation : loaded) {
    states.insert(states.end(), generation.states.begin(), generation.states.end());
  }
  tables->load(states, position);
  others_ = std::move(book);
  return {};
}

Status State::load(const store::ViewCheckpoint& checkpoint) {
  std::string_view in = checkpoint.state;
  if (in.size() < 4 || base::load_le<std::uint32_t>(in.data()) != kEngineStateVersion) {
    return Error(ErrorCode::kNotFound, "ViewsOfAnotherVersion",
                 "the views were written by another version of Carnet: they are rebuilt from the log");
  }
  in.remove_prefix(4);
  const auto book_bytes = take_part(in);
  const auto catalog_state = take_part(in);
  const auto tree_state = take_part(in);
  if (!book_bytes || !catalog_state || !tree_state || in.size() != 8) {
    return Error(ErrorCode::kCorruption, "ViewsDamaged",
                 "the checkpoint of the views cannot be read: remove views/, it is rebuilt");
  }
  CARNET_TRY(GenerationBook book, decode_book(*book_bytes));
  CARNET_TRY_VOID(catalog->load(*catalog_state));
  for (std::uint32_t code = 1; code <= catalog->counts().codes; ++code) {
    note_code(code, catalog->code(code));
  }
  for (std::uint32_t unit = 1; unit <= catalog->counts().units; ++unit) {
    note_unit(unit, catalog->unit(unit)->name);
  }
  for (families_noted_ = 0; families_noted_ < catalog->counts().families; ++families_noted_) {
    const auto family = static_cast<std::uint16_t>(families_noted_);
    note_family(family, catalog->family_name(family));
  }
  CARNET_TRY_VOID(types->bind(*catalog));
  CARNET_TRY_VOID(load_tables(std::move(book), checkpoint.position));
  CARNET_TRY(tip.tree, proof::CompactTree::decode(*tree_state));
  tip.position = checkpoint.position;
  tip.commits = checkpoint.commits;
  tip.recorded_at = {base::load_le<std::int64_t>(in.data())};
  if (tip.tree.size() != tip.commits || tip.tree.root() != checkpoint.root) {
    return Error(ErrorCode::kCorruption, "ViewsDamaged",
                 "the checkpoint's tree is not that of its root: remove views/, it is rebuilt");
  }
  return {};
}

}  // namespace carnet::ledger
