// SPDX-License-Identifier: Apache-2.0
#include "ledger/deciding.hpp"

#include "base/check.hpp"
#include "base/limits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace carnet::ledger {

Deciding::Deciding(State& state, PendingNames& names, GroupMemory& group, State::FrameLoader load_frame,
                   RandomSource& random)
    : state_(state),
      names_(names),
      group_(group),
      load_frame_(std::move(load_frame)),
      random_(random),
      rows_(state.tables->overlay()),
      random_pool_(4096),
      random_used_(random_pool_.size()) {}

Deciding::~Deciding() = default;

Result<std::optional<store::ChainEntry>> Deciding::resolve(NameUse& use) {
  if (!use.entry) {
    CARNET_TRY(use.entry, names_.find_chain(use.kind, use.name));
  }
  return use.entry;
}

std::span<const std::byte> Deciding::next_blind() {
  constexpr std::size_t kBlind = 16;
  if (random_used_ + kBlind > random_pool_.size()) {
    if (auto filled = random_.fill(random_pool_); !filled) {
      error_ = std::move(filled).error();
      return {};
    }
    random_used_ = 0;
  }
  random_used_ += kBlind;
  return std::span(random_pool_).subspan(random_used_ - kBlind, kBlind);
}

Refusal Deciding::refuse(std::string_view rule, std::string_view error, std::string_view message) {
  Refusal refusal;
  refusal.rule = rule;
  refusal.error = error;
  refusal.stream = current_->draft->stream;
  refusal.event = current_->draft->type;
  refusal.message = message;
  return refusal;
}

std::optional<ChainRef> Deciding::chain(ChainKind kind, std::string_view name) {
  auto found = names_.find_chain(kind, name);
  if (!found) {
    error_ = std::move(found).error();
    return std::nullopt;
  }
  if (!*found) {
    return std::nullopt;
  }
  const store::ChainEntry& entry = **found;
  const auto row = rows_.get<ChainRow>(kChainTable, entry.ordinal - 1);
  return ChainRef{.ordinal = entry.ordinal,
                  .member = entry.member,
                  .family = entry.family,
                  .kind = kind,
                  .family_symbol = state_.symbol_of_family(entry.family),
                  .version = row.version,
                  .previous = row.last,
                  .name = {}};
}

Balance Deciding::balance(std::string_view account_path, Currency unit) {
  const std::uint32_t unit_ordinal = names_.unit(unit);
  auto found = names_.find_account(account_path, unit_ordinal);
  if (!found) {
    error_ = std::move(found).error();
    return {};
  }
  return *found ? rows_.get<AccountRow>(kAccountTable, (*found)->ordinal - 1).balance : Balance{};
}

const AppliedEvent* Deciding::load(std::uint64_t position, State::AppliedSlot& slot) {
  // Of this group: from its finished message.
  if (!group_.events.empty() && position >= group_.events.front().position) {
    const auto found = std::ranges::find(group_.events, position, &GroupEvent::position);
    if (found == group_.events.end()) {
      return nullptr;
    }
    auto stored = slot.event_reader.read(found->bytes);
    CARNET_ASSERT(stored.has_value(), "the engine reads what it wrote");
    const Status status =
        state_.to_applied(**stored, found->head, position, rows_, slot.chains, slot.transfers, slot.event);
    CARNET_ASSERT(status.has_value(), "the engine reads what it wrote");
    slot.event.type = found->type_index;  // a type that this very group introduces is not in the map yet
    return &slot.event;
  }
  if (position == 0 || position > state_.tip.position) {
    return nullptr;
  }
  auto loaded = state_.load_applied(position, rows_, slot);
  if (!loaded) {
    error_ = std::move(loaded).error();
    return nullptr;
  }
  return *loaded;
}

const AppliedEvent* Deciding::event_at(std::uint64_t position) {
  return load(position, event_slot_);
}

void Deciding::set_booked_at(Timestamp time) {
  event_.booked_at = time;
}

void Deciding::used_rules(std::string_view family, std::uint32_t version) {
  const std::uint32_t code = names_.code(family);
  const bool known = std::ranges::any_of(
      rules_, [&](const codec::RuleVersion& rule) { return rule.family == code && rule.version == version; });
  if (!known) {
    rules_.push_back({code, version});
  }
}

void Deciding::finding(std::string_view code, Severity severity, std::string_view path,
                       std::span<const Argument> args) {
  FindingEntry entry{index_, std::string(code), severity, std::string(path), {}};
  for (const Argument& arg : args) {
    entry.args.push_back({std::string(arg.name), std::string(arg.text)});
  }
  // What the writer stated already, or a rule found twice, stands once.
  for (std::size_t i = findings_from_; i < findings_.size(); ++i) {
    const FindingEntry& other = findings_[i];
    if (other.code == entry.code && other.path == entry.path && other.args == entry.args) {
      return;
    }
  }
  findings_.push_back(std::move(entry));
}

void Deciding::due(std::string_view rule, std::string_view subject, Timestamp time) {
  dues_.push_back({index_, std::string(rule), std::string(subject), time});
}

std::optional<Refusal> Deciding::link_chains(PreparedEvent& event) {
  chains_.clear();
  links_.clear();
  for (NameUse& use : event.chains) {
    auto found = resolve(use);
    if (!found) {
      error_ = std::move(found).error();
      return refuse("engine", "StorageFailed", "the catalog cannot be read");
    }
    if (!*found) {
      use.entry = names_.add_chain(use.kind, use.name);
      put_chain_row(rows_, *use.entry);
    }
    auto row = rows_.get<ChainRow>(kChainTable, use.entry->ordinal - 1);
    links_.push_back({row.last, use.entry->ordinal, row.version + 1});
    row.last = event_.position;
    ++row.version;
    rows_.put(kChainTable, use.entry->ordinal - 1, row);
    chains_.push_back({.ordinal = use.entry->ordinal,
                       .member = row.member,
                       .family = row.family,
                       .kind = use.kind,
                       .family_symbol = state_.symbol_of_family(row.family),
                       .version = row.version,
                       .previous = links_.back().previous,
                       .name = use.name});
  }
  return std::nullopt;
}

bool Deciding::is_reversed(std::uint64_t position, std::uint32_t stream) {
  for (const GroupEvent& other : group_.events) {
    if (other.stream == stream && other.corrects.kind == CorrectionKind::kReversal &&
        other.corrects.position == position) {
      return true;
    }
  }
  auto cursor = state_.chain_index->positions(stream, position, state_.tip.position, false);
  if (!cursor) {
    error_ = std::move(cursor).error();
    return false;
  }
  while (true) {
    auto next = (*cursor)->next();
    if (!next || *next == 0) {
      if (!next) {
        error_ = std::move(next).error();
      }
      return false;
    }
    const AppliedEvent* later = load(*next, event_slot_);
    if (later != nullptr && later->corrects.kind == CorrectionKind::kReversal && later->corrects.position == position) {
      return true;
    }
  }
}

std::optional<Refusal> Deciding::check_repeats_original(const PreparedEvent& event) {
  // Sealed values differ by nonce and key: zeros stand for them on both sides.
  static constexpr base::Hash kNoDigest{};
  const codec::PayloadType& type = state_.types->type(event.type);
  const auto canonical = [&](const PayloadView& payload, std::string& out) {
    std::vector<codec::PersonalSlot> slots;
    type.personal_slots(payload, {}, slots);
    std::vector<codec::SealedDigest> digests;
    for (const codec::PersonalSlot& slot : slots) {
      digests.push_back({slot.path, kNoDigest});
    }
    out.clear();
    return type.append_canonical(payload, digests, out);
  };
  const bool same_type = original_->type == event.type;
  if (!same_type || !canonical(event.message.payload(), scratch_a_) || !canonical(original_->payload, scratch_b_) ||
      scratch_a_ != scratch_b_) {
    return refuse("I-E8", "BadCorrection", "a reversal has the type of what it reverses and repeats its payload");
  }
  return std::nullopt;
}

std::optional<Refusal> Deciding::check_correction(const PreparedEvent& event) {
  const Corrects& corrects = event.draft->corrects;
  const auto bad = [&](std::string_view message) {
    Refusal refusal = refuse("I-E8", "BadCorrection", message);
    refusal.path = fmt::format("events[{}].corrects.position", index_);
    refusal.values.push_back({"position", fmt::to_string(corrects.position)});
    return refusal;
  };
  original_ = corrects.position < event_.position ? load(corrects.position, original_slot_) : nullptr;
  if (original_ == nullptr) {
    return bad("there is no event at the position that is corrected");
  }
  if (original_->chains.front().ordinal != chains_.front().ordinal) {
    return bad("the event that is corrected is of another stream");
  }
  if (original_->type != event.type) {
    return bad("a correction has the type of what it corrects");
  }
  if (is_reversed(corrects.position, chains_.front().ordinal)) {
    return bad("the event was reversed already");
  }
  return corrects.kind == CorrectionKind::kReversal ? check_repeats_original(event) : std::nullopt;
}

void Deciding::apply(const WrittenAs& type) {
  auto type_row = rows_.get<TypeRow>(kTypeTable, type.ordinal - 1);
  type_row.last = event_.position;
  ++type_row.count;
  rows_.put(kTypeTable, type.ordinal - 1, type_row);
  for (const BoundProjection& bound : state_.projections()) {
    bound.projection->apply(event_, original_, bound.first, rows_);
  }
}

void Deciding::write_message(PreparedEvent& event, const WrittenAs& type) {
  codec::EventMessage& message = event.message;
  message.set_type(type.ordinal, type.revision);
  for (std::size_t i = 0; i < links_.size(); ++i) {
    message.set_chain(i, links_[i]);
  }
  message.set_booked_at(event_.booked_at);
  if (!stored_transfers_.empty()) {
    message.set_transfers(stored_transfers_);
  }
  if (findings_.size() > findings_from_) {
    std::vector<codec::StoredFinding> stored;
    std::vector<std::vector<Argument>> args;
    for (std::size_t i = findings_from_; i < findings_.size(); ++i) {
      const FindingEntry& finding = findings_[i];
      auto& of_finding = args.emplace_back();
      for (const Fact& arg : finding.args) {
        of_finding.push_back({arg.name, arg.value});
      }
      stored.push_back({names_.code(finding.code), finding.severity, finding.path, {}});
    }
    for (std::size_t i = 0; i < stored.size(); ++i) {
      stored[i].args = args[i];
    }
    message.set_findings(stored);
  }
  if (dues_.size() > dues_from_) {
    std::vector<codec::StoredDue> stored;
    for (std::size_t i = dues_from_; i < dues_.size(); ++i) {
      stored.push_back({names_.code(dues_[i].rule), dues_[i].due, dues_[i].subject});
    }
    message.set_due(stored);
  }
  if (prepared_->events.size() > 1) {
    message.set_blind(next_blind());
  }
}

std::optional<Refusal> Deciding::decide_event(PreparedEvent& event, std::uint32_t index) {
  current_ = &event;
  index_ = index;
  original_ = nullptr;
  transfers_.clear();
  stored_transfers_.clear();
  findings_from_ = findings_.size();
  dues_from_ = dues_.size();

  const EventDraft& draft = *event.draft;
  const bool known_to_domain = event.type < state_.types->domain_count();
  event_.position = slot_.first_position + index;
  event_.commit = slot_.number;
  event_.type = event.type;
  event_.basis = info_.basis;
  event_.occurred_at = draft.occurred_at;
  event_.booked_at = draft.booked_at.value_or(draft.occurred_at);
  event_.recorded_at = slot_.recorded_at;
  event_.corrects = draft.corrects;
  event_.payload = event.message.payload();
  event_.transfers = {};

  if (draft.occurred_at.ns > slot_.recorded_at.ns + kFutureToleranceSeconds * kNsPerSecond) {
    Refusal refusal =
        refuse("I-E4", "FutureEvent", "the event occurred after now: check the clock of whoever states it");
    refusal.path = fmt::format("events[{}].occurredAt", index);
    refusal.values = {{"occurredAt", to_text(draft.occurred_at)}, {"now", to_text(slot_.recorded_at)}};
    return refusal;
  }
  if (auto refusal = link_chains(event)) {
    return refusal;
  }
  event_.chains = chains_;
  const WrittenAs type = names_.type(event.type);
  event_.revision = type.revision;
  if (draft.corrects.kind != CorrectionKind::kNone) {
    if (auto refusal = check_correction(event)) {
      return refusal;
    }
  }
  if (slot_.clock_stepped && index == 0) {
    finding("ClockStepped", Severity::kInfo, "recordedAt", {});
  }
  for (const StatedFinding& stated : draft.findings) {
    std::vector<Argument> args;
    for (const Fact& arg : stated.args) {
      args.push_back({arg.name, arg.value});
    }
    finding(stated.code, stated.severity, stated.path, args);
  }
  if (state_.domain != nullptr && known_to_domain) {
    if (auto refusal = state_.domain->decide(*this)) {
      return refusal;
    }
  }
  event_.transfers = transfers_;
  apply(type);
  write_message(event, type);

  GroupEvent landed{.position = event_.position,
                    .type = type.ordinal,
                    .type_index = event.type,
                    .stream = chains_.front().ordinal,
                    .chains_from = group_.chain_ordinals.size(),
                    .chain_count = chains_.size(),
                    .bytes = event.message.finish(),
                    .head = head_,
                    .corrects = draft.corrects};
  for (const ChainRef& ref : chains_) {
    group_.chain_ordinals.push_back(ref.ordinal);
  }
  const std::size_t bytes = landed.bytes.size();
  group_.events.push_back(std::move(landed));
  if (bytes > kEventBytesMax) {
    Refusal refusal = refuse("limit", "LimitExceeded", "the event with its transfers and findings is too large");
    refusal.values = {{"bytes", fmt::to_string(bytes)}, {"limit", fmt::to_string(kEventBytesMax)}};
    refusal.rejected = true;
    return refusal;
  }
  return std::nullopt;
}

Result<std::optional<Refusal>> Deciding::run(Prepared& prepared, const CommitSlot& slot, DecidedCommit& out) {
  prepared_ = &prepared;
  slot_ = slot;
  error_.reset();
  findings_.clear();
  dues_.clear();
  rules_.clear();
  transfer_drafts_.clear();
  const Request& request = *prepared.request;
  info_.basis = request.basis;
  info_.source = &request.source;
  info_.actor = &request.actor;
  info_.channel = request.channel;
  info_.recorded_at = slot.recorded_at;
  info_.event_count = static_cast<std::uint32_t>(request.events.size());
  info_.first_commit = slot.number == 1;

  const std::size_t first_introduction = names_.mark();
  head_ = {};
  head_.number = slot.number;
  head_.first_position = slot.first_position;
  head_.recorded_at = slot.recorded_at;
  head_.command = prepared.command;
  head_.request_digest = prepared.digest;
  head_.caused_by = request.caused_by;
  head_.basis = request.basis;
  head_.actor_kind = request.actor.kind;
  head_.actor_id = request.actor.id;
  head_.role = names_.code(request.actor.role);
  head_.channel = names_.code(request.channel);
  if (request.source) {
    head_.source_name = names_.code(request.source->name);
    head_.source_position = request.source->position;
  }
  for (std::uint32_t i = 0; i < prepared.events.size(); ++i) {
    auto refusal = decide_event(prepared.events[i], i);
    if (error_) {
      return std::move(*error_);
    }
    if (refusal) {
      return refusal;
    }
  }
  if (head_.source_name != 0) {
    auto row = rows_.get<SourceRow>(kSourceTable, head_.source_name - 1);
    row.position = std::max(row.position, head_.source_position);
    rows_.put(kSourceTable, head_.source_name - 1, row);
  }
  CARNET_TRY_VOID(finish(prepared, out, first_introduction));
  std::size_t total = out.header.size();
  for (const auto& parts : {out.introductions, out.events}) {
    for (const base::ByteSpan part : parts) {
      total += part.size();
    }
  }
  if (total > kCommitBytesMax) {
    Refusal refusal = refuse("limit", "LimitExceeded", "the commit is too large: split the request");
    refusal.values = {{"bytes", fmt::to_string(total)}, {"limit", fmt::to_string(kCommitBytesMax)}};
    refusal.rejected = true;
    return std::optional(std::move(refusal));
  }
  return std::optional<Refusal>{};
}

Status Deciding::finish(Prepared& prepared, DecidedCommit& out, std::size_t first_introduction) {
  head_.rules = rules_;
  words_.clear();
  word_ends_.clear();
  codec::encode_commit_head(head_, words_);
  word_ends_.push_back(words_.size());
  const bool blind = prepared.events.size() > 1;
  for (std::size_t i = first_introduction; i < names_.count(); ++i) {
    codec::encode_introduction(names_.at(i), blind ? next_blind() : std::span<const std::byte>{}, words_);
    word_ends_.push_back(words_.size());
  }
  if (error_) {
    return std::move(*error_);
  }
  const base::ByteSpan all = std::as_bytes(std::span(words_));
  out.header = all.first(word_ends_[0] * 8);
  out.introductions.clear();
  out.events.clear();
  hashes_.clear();
  for (std::size_t i = 1; i < word_ends_.size(); ++i) {
    out.introductions.push_back(all.subspan(word_ends_[i - 1] * 8, (word_ends_[i] - word_ends_[i - 1]) * 8));
    hashes_.push_back(base::sha256(out.introductions.back()));
  }
  const std::size_t first_event = group_.events.size() - prepared.events.size();
  for (std::size_t i = 0; i < prepared.events.size(); ++i) {
    out.events.push_back(group_.events[first_event + i].bytes);
    hashes_.push_back(base::sha256(out.events.back()));
  }
  const std::span hashes(hashes_);
  out.leaf = proof::commit_leaf_hash(out.header, hashes.first(out.introductions.size()),
                                     hashes.subspan(out.introductions.size()));
  return {};
}

Decided Deciding::decided() const {
  Decided out;
  for (const FindingEntry& finding : findings_) {
    out.findings.push_back({finding.event, finding.code, finding.severity, finding.path, finding.args});
  }
  out.due = dues_;
  out.transfers = transfer_drafts_;
  return out;
}

}  // namespace carnet::ledger
