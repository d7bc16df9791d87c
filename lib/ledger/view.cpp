// SPDX-License-Identifier: Apache-2.0
#include "base/check.hpp"
#include "codec/json.hpp"
#include "ledger/as_of.hpp"
#include "ledger/cursor.hpp"
#include "ledger/engine.hpp"
#include "ledger/reading.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace carnet::ledger {

namespace {

/// What a view pins.
struct ViewRows {
  std::unique_ptr<project::Snapshot> own;  ///< Core and inline projections.
  std::shared_ptr<const State::Bindings> bindings;
  std::vector<FollowerRows> followers;
};

/// One reader over all of them: ids say where a table is.
class AllRows final : public TableReader {
 public:
  AllRows(TableReader& own, std::vector<FollowerRows> followers) : own_(own), followers_(std::move(followers)) {}

  const std::byte* row(TableId table, std::uint64_t index) override { return of(table).row(table, index); }

  std::uint64_t row_count(TableId table) override { return of(table).row_count(table); }

  [[nodiscard]] const std::vector<FollowerRows>& followers() const noexcept { return followers_; }

  [[nodiscard]] const FollowerRows* find(std::string_view projection) const noexcept {
    const auto found = std::ranges::find_if(
        followers_, [&](const FollowerRows& each) { return each.projection->name() == projection; });
    return found == followers_.end() ? nullptr : &*found;
  }

 private:
  TableReader& of(TableId table) {
    if (table.value < kCatchUpTables) {
      return own_;
    }
    for (const FollowerRows& each : followers_) {
      if (table.value >= each.first.value && table.value < each.first.value + each.projection->tables().size()) {
        return *each.rows;
      }
    }
    CARNET_REQUIRE(false, "the table is one of this view");
    return own_;
  }

  TableReader& own_;
  std::vector<FollowerRows> followers_;
};

class PinnedView final : public View {
 public:
  PinnedView(Engine& engine, Head head, ViewRows rows)
      : engine_(engine),
        state_(engine.state()),
        head_(head),
        rows_(std::move(rows.own)),
        bindings_(std::move(rows.bindings)),
        all_rows_(*rows_, std::move(rows.followers)) {}

  std::uint64_t position() const override { return head_.position; }

  const Head& head() const override { return head_; }

  Result<std::unique_ptr<EventCursor>> read(const Query& query, const ReadOptions& options) override {
    CARNET_TRY_VOID(rows_->status());
    std::vector<BoundItem> items;
    for (const QueryItem& item : query.any) {
      CARNET_TRY(auto bound, bind(state_, nullptr, item));
      items.push_back(std::move(bound));
    }
    return make_cursor(state_, engine_.log(), std::move(items), head_.position + 1, options);
  }

  Result<std::optional<ChainState>> chain(ChainKind kind, std::string_view name) override {
    CARNET_TRY(const auto entry, state_.catalog->find_chain(kind, name));
    if (!entry || entry->ordinal > rows_->row_count(kChainTable)) {
      return std::optional<ChainState>{};
    }
    const auto row = rows_->get<ChainRow>(kChainTable, entry->ordinal - 1);
    return std::optional(ChainState{entry->ordinal, entry->member, row.version, row.last});
  }

  Result<std::string> member_name(ChainKind kind, std::string_view family, std::uint32_t member) override {
    const auto number = state_.catalog->find_family(family);
    if (!number || member >= state_.catalog->member_count(kind, *number)) {
      return Error(ErrorCode::kNotFound, "NoSuchMember", "the family has no such member",
                   {{"family", std::string(family)}, {"member", fmt::to_string(member)}});
    }
    CARNET_TRY(const std::uint32_t ordinal, state_.catalog->chain_of_member(kind, *number, member));
    return state_.catalog->chain_name(ordinal);
  }

  std::uint32_t member_count(ChainKind kind, std::string_view family) override {
    const auto number = state_.catalog->find_family(family);
    if (!number) {
      return 0;
    }
    // The catalog knows what landed since; chains beyond the pinned rows are not of this view.
    std::uint32_t count = state_.catalog->member_count(kind, *number);
    const std::uint64_t chains = rows_->row_count(kChainTable);
    while (count > 0) {
      const auto ordinal = state_.catalog->chain_of_member(kind, *number, count - 1);
      if (!ordinal || *ordinal <= chains) {
        break;
      }
      --count;
    }
    return count;
  }

  Result<std::optional<AccountState>> account(std::string_view path, Currency unit) override {
    const std::uint32_t ordinal = state_.catalog->find_unit(unit.code());
    if (ordinal == 0) {
      return std::optional<AccountState>{};
    }
    CARNET_TRY(const auto entry, state_.catalog->find_account(path, ordinal));
    if (!entry || entry->ordinal > rows_->row_count(kAccountTable)) {
      return std::optional<AccountState>{};
    }
    CARNET_TRY(auto state, account(entry->ordinal));
    return std::optional(std::move(state));
  }

  Result<AccountState> account(std::uint32_t ordinal) override {
    CARNET_REQUIRE(ordinal >= 1 && ordinal <= rows_->row_count(kAccountTable), "the account is one of this view");
    CARNET_TRY(auto entry, state_.catalog->account(ordinal));
    const auto row = rows_->get<AccountRow>(kAccountTable, ordinal - 1);
    CARNET_TRY_VOID(rows_->status());
    AccountState out;
    out.path = std::move(entry.first);
    out.chart = row.chart == 0 ? std::string{} : std::string(state_.catalog->code(row.chart));
    out.unit = state_.currency_of_unit(row.unit);
    out.normal = static_cast<NormalSide>(row.normal);
    out.limit = static_cast<AccountLimit>(row.limit);
    out.balance = row.balance;
    return out;
  }

  Result<Balance> balance(std::uint32_t ordinal) override {
    CARNET_REQUIRE(ordinal >= 1, "ledger accounts are numbered from 1");
    if (ordinal > rows_->row_count(kAccountTable)) {
      return Balance{};
    }
    const Balance balance = rows_->get<AccountRow>(kAccountTable, ordinal - 1).balance;
    CARNET_TRY_VOID(rows_->status());
    return balance;
  }

  std::uint32_t account_count() override { return static_cast<std::uint32_t>(rows_->row_count(kAccountTable)); }

  TableReader& tables() override {
    return all_rows_.followers().empty() ? static_cast<TableReader&>(*rows_) : all_rows_;
  }

  TableId table(std::string_view projection) const override {
    if (const FollowerRows* const follower = all_rows_.find(projection)) {
      return follower->first;
    }
    for (const BoundProjection& bound : *bindings_) {
      if (bound.projection->name() == projection) {
        return bound.first;
      }
    }
    CARNET_REQUIRE(false, "the projection is one of this ledger");
    return {};
  }

  std::uint64_t projection_position(std::string_view projection) const override {
    const FollowerRows* const follower = all_rows_.find(projection);
    return follower == nullptr ? head_.position : follower->rows->position();
  }

  Result<std::unique_ptr<AsOfState>> as_of(const AsOfOptions& options) override {
    return fold_as_of(state_, *rows_, engine_.log(), engine_.frame_loader(), head_.position, options);
  }

  Result<const AppliedEvent*> applied(std::uint64_t position) override {
    if (position == 0 || position > head_.position) {
      return nullptr;
    }
    return state_.load_applied(position, *rows_, slot_);
  }

  Status append_json(const Event& event, std::string& out) override {
    const store::TypeEntry* entry = state_.catalog->find_type(event.type);
    CARNET_REQUIRE(entry != nullptr, "the event is one of this ledger");
    CARNET_TRY(const auto type, state_.types->stored(*entry, event.revision));
    codec::append_event_json(event, *type, {}, out);
    return {};
  }

  Result<std::uint32_t> append_export(std::uint64_t first_position, std::string& out) override;

  Status status() const override {
    for (const FollowerRows& follower : all_rows_.followers()) {
      CARNET_TRY_VOID(follower.rows->status());
    }
    return rows_->status();
  }

 private:
  Engine& engine_;
  State& state_;
  Head head_;
  std::unique_ptr<project::Snapshot> rows_;
  std::shared_ptr<const State::Bindings> bindings_;
  AllRows all_rows_;
  State::AppliedSlot slot_;
  std::vector<std::uint64_t> export_frame_;
  FrameWindow export_window_;
  std::vector<std::unique_ptr<EventDecoder>> decoders_;
};

/// Of an export: the tags of an event that its payload does not give.
std::vector<std::string_view> host_tags(const State& state, const codec::PayloadType& type, const Event& event) {
  std::vector<std::string> derived{std::string(event.stream)};
  if (state.domain != nullptr) {
    type.derive_tags(event.payload, state.domain->tag_rules(), derived);
  }
  std::vector<std::string_view> host;
  for (const TagVersion& tag : event.tags) {
    if (std::ranges::find(derived, tag.name) == derived.end()) {
      host.push_back(tag.name);
    }
  }
  return host;
}

Result<std::uint32_t> PinnedView::append_export(std::uint64_t first_position, std::string& out) {
  if (first_position == 0 || first_position > head_.position) {
    return Error(ErrorCode::kNotFound, "NoSuchCommit", "the view holds no event at this position",
                 {{"position", fmt::to_string(first_position)}});
  }
  if (!export_window_.holds(first_position)) {
    CARNET_TRY(const bool found, engine_.log().frame_at(first_position, export_frame_));
    if (!found) {
      return Error(ErrorCode::kCorruption, "LogDamaged", "the log does not hold a published position",
                   {{"position", fmt::to_string(first_position)}});
    }
    CARNET_TRY_VOID(export_window_.load(std::as_bytes(std::span(export_frame_))));
  }
  const std::uint32_t count = export_window_.commit_size(first_position);
  std::vector<codec::ExportEvent> lines;
  std::vector<std::shared_ptr<const codec::PayloadType>> types;
  std::vector<std::vector<std::string_view>> tags(count);
  while (decoders_.size() < count) {
    decoders_.push_back(std::make_unique<EventDecoder>(state_));
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    CARNET_TRY([[maybe_unused]] const auto* stored, decoders_[i]->read(export_window_, first_position + i));
    CARNET_TRY(const Event* event, decoders_[i]->complete(export_window_, first_position + i));
    const store::TypeEntry* entry = state_.catalog->find_type(event->type);
    CARNET_TRY(auto type, state_.types->stored(*entry, event->revision));
    std::vector<codec::PersonalSlot> slots;
    type->personal_slots(event->payload, {}, slots);
    if (!slots.empty()) {
      return Error(
          ErrorCode::kInvalidArgument, "SealedFields",
          fmt::format(
              "the event at position {} holds sealed personal fields: they are exported only with the key store "
              "and a principal who may open them",
              event->position),
          {{"position", fmt::to_string(event->position)}});
    }
    tags[i] = host_tags(state_, *type, *event);
    types.push_back(std::move(type));
    codec::ExportEvent line;
    line.event = event;
    line.type = types.back().get();
    line.host_tags = tags[i];
    // On a decision every finding is the rules' own; elsewhere the importer merges what the rules find again.
    line.stated_findings = event->basis == Basis::kDecision ? std::span<const FindingView>{} : event->findings;
    lines.push_back(line);
  }
  // Of the command only its hash is kept; its hex is as good a key.
  codec::append_export_line(lines, base::to_hex(lines.front().event->command), out);
  return count;
}

}  // namespace

Result<std::unique_ptr<View>> make_view(Engine& engine) {
  Head head;
  ViewRows rows;
  proof::CompactTree tree;
  {
    const std::shared_lock lock(engine.publish_mutex());
    State& state = engine.state();
    // Under the lock: what follows the log is never beyond what is pinned here.
    if (CatchUp* const followers = engine.followers(); followers != nullptr && !followers->empty()) {
      rows.followers = followers->snapshots();
    }
    rows.bindings = state.bindings();
    head.position = state.tip.position;
    head.commits = state.tip.commits;
    head.recorded_at = state.tip.recorded_at;
    tree = state.tip.tree;
    rows.own = state.tables->snapshot();
  }
  head.root = tree.root();
  const Head now = engine.head();
  head.durable_position = std::min(head.position, now.durable_position);
  head.ledger_id = now.ledger_id;
  return std::unique_ptr<View>(std::make_unique<PinnedView>(engine, head, std::move(rows)));
}

}  // namespace carnet::ledger
