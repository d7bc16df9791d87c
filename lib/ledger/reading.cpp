// SPDX-License-Identifier: Apache-2.0
#include "ledger/reading.hpp"

#include "base/check.hpp"

#include <fmt/format.h>

namespace carnet::ledger {

namespace {

constexpr std::size_t kNamesMax = 4096;  // of one cursor; forgotten all at once

Error damaged(std::string_view what, std::uint64_t position) {
  return {ErrorCode::kCorruption,
          "LogDamaged",
          fmt::format("the log cannot be read at position {}: {}; restore a backup", position, what),
          {{"position", fmt::to_string(position)}}};
}

}  // namespace

Status FrameWindow::load(base::ByteSpan bytes) {
  clear();
  headers_.clear();
  events_.clear();
  codec::FrameReader reader;
  CARNET_TRY_VOID(reader.open(bytes));
  codec::CommitBytes commit;
  while (true) {
    CARNET_TRY(const bool more, reader.next(commit));
    if (!more) {
      break;
    }
    for (const base::ByteSpan event : commit.events) {
      events_.push_back({event, static_cast<std::uint32_t>(headers_.size())});
    }
    headers_.push_back({commit.header, static_cast<std::uint32_t>(commit.events.size())});
  }
  if (events_.empty()) {
    return damaged("a frame without events", reader.header().first_position);
  }
  first_ = reader.header().first_position;
  last_ = first_ + events_.size() - 1;
  return {};
}

Result<const codec::StoredEvent*> EventDecoder::read(const FrameWindow& window, std::uint64_t position) {
  CARNET_TRY(stored_, event_reader_.read(window.event(position)));
  if (stored_->chains.empty()) {
    return damaged("an event without a stream", position);
  }
  return stored_;
}

Result<std::string_view> EventDecoder::chain_name(std::uint32_t ordinal) {
  const auto found = chain_names_.find(ordinal);
  if (found != chain_names_.end()) {
    return std::string_view(found->second);
  }
  if (ordinal == 0 || ordinal > state_.catalog->counts().chains) {
    return damaged("an event names a chain that was not introduced", event_.position);
  }
  CARNET_TRY(auto name, state_.catalog->chain_name(ordinal));
  return std::string_view(chain_names_.emplace(ordinal, std::move(name)).first->second);
}

Result<std::string_view> EventDecoder::account_path(std::uint32_t ordinal) {
  const auto found = account_paths_.find(ordinal);
  if (found != account_paths_.end()) {
    return std::string_view(found->second);
  }
  if (ordinal == 0 || ordinal > state_.catalog->counts().accounts) {
    return damaged("a transfer names an account that was not introduced", event_.position);
  }
  CARNET_TRY(auto account, state_.catalog->account(ordinal));
  return std::string_view(account_paths_.emplace(ordinal, std::move(account.first)).first->second);
}

Status EventDecoder::fill_commit(const FrameWindow& window, std::uint64_t position) {
  CARNET_TRY(const codec::CommitHead* head, head_reader_.read(window.header_of(position)));
  const store::Catalog& catalog = *state_.catalog;
  event_.commit = head->number;
  event_.commit_first_position = head->first_position;
  event_.commit_event_count = window.commit_size(position);
  event_.recorded_at = head->recorded_at;
  event_.basis = head->basis;
  event_.source_name = head->source_name == 0 ? std::string_view{} : catalog.code(head->source_name);
  event_.source_position = head->source_position;
  event_.actor_id = head->actor_id;
  event_.actor_kind = head->actor_kind;
  event_.role = catalog.code(head->role);
  event_.channel = catalog.code(head->channel);
  event_.caused_by = head->caused_by;
  event_.command = head->command;
  event_.request_digest = head->request_digest;
  rules_.clear();
  for (const codec::RuleVersion& rule : head->rules) {
    rules_.push_back({catalog.code(rule.family), rule.version});
  }
  event_.rules = rules_;
  return {};
}

Status EventDecoder::fill_lists() {
  const store::Catalog& catalog = *state_.catalog;
  CARNET_TRY(const auto findings, event_reader_.findings());
  findings_.clear();
  args_.resize(std::max(args_.size(), findings.size()));
  for (std::size_t i = 0; i < findings.size(); ++i) {
    args_[i].assign(findings[i].args.begin(), findings[i].args.end());
    findings_.push_back({catalog.code(findings[i].code), findings[i].severity, findings[i].path, args_[i]});
  }
  event_.findings = findings_;
  CARNET_TRY(const auto dues, event_reader_.due());
  dues_.clear();
  for (const codec::StoredDue& due : dues) {
    dues_.push_back({catalog.code(due.rule), due.subject, due.due});
  }
  event_.due = dues_;
  transfers_.clear();
  for (const codec::StoredTransfer& transfer : stored_->transfers) {
    CARNET_TRY(const std::string_view debit, account_path(transfer.debit));
    CARNET_TRY(const std::string_view credit, account_path(transfer.credit));
    const store::UnitEntry* unit = catalog.unit(transfer.unit);
    transfers_.push_back({debit, credit, transfer.amount,
                          unit == nullptr ? std::string_view{} : std::string_view(unit->name), transfer.phase,
                          transfer.rule == 0 ? std::string_view{} : catalog.code(transfer.rule)});
  }
  event_.transfers = transfers_;
  return {};
}

Result<const Event*> EventDecoder::complete(const FrameWindow& window, std::uint64_t position) {
  if (chain_names_.size() > kNamesMax) {
    chain_names_.clear();
  }
  if (account_paths_.size() > kNamesMax) {
    account_paths_.clear();
  }
  event_.position = position;
  const store::TypeEntry* type = state_.catalog->type(stored_->type);
  if (type == nullptr) {
    return damaged("an event of a type that was not introduced", position);
  }
  event_.type = type->name;
  event_.revision = stored_->revision;
  event_.derived = type->derived;
  event_.occurred_at = stored_->occurred_at;
  event_.booked_at = stored_->booked_at;
  event_.corrects = stored_->corrects;
  event_.payload = stored_->payload;
  tags_.clear();
  for (const codec::ChainLink& link : stored_->chains) {
    CARNET_TRY(const std::string_view name, chain_name(link.chain));
    if (&link == stored_->chains.data()) {
      event_.stream = name;
      event_.stream_version = link.version;
      event_.stream_previous = link.previous;
    } else {
      tags_.push_back({name, link.version, link.previous});
    }
  }
  event_.tags = tags_;
  CARNET_TRY_VOID(fill_commit(window, position));
  CARNET_TRY_VOID(fill_lists());
  return &event_;
}

}  // namespace carnet::ledger
