// SPDX-License-Identifier: Apache-2.0
#include "support/toy_model.hpp"

#include <algorithm>
#include <array>

namespace toy {

using namespace carnet;

namespace {

constexpr std::int64_t kFutureNs = 300 * kNsPerSecond;

void append_items(std::string& out, const std::vector<QueryItem>& items) {
  for (const QueryItem& item : items) {
    out += "{" + item.stream.value_or("-");
    for (const std::string& tag : item.tags) {
      out += "#" + tag;
    }
    for (const std::string& type : item.types) {
      out += "!" + type;
    }
    out += "}";
  }
}

bool matches(const ModelEvent& event, const QueryItem& item) {
  if (item.stream && *item.stream != event.stream) {
    return false;
  }
  for (const std::string& tag : item.tags) {
    if (std::none_of(event.tags.begin(), event.tags.end(), [&](const ModelTag& has) { return has.name == tag; })) {
      return false;
    }
  }
  return item.types.empty() || std::find(item.types.begin(), item.types.end(), event.type) != item.types.end();
}

std::uint64_t hour_of(std::int64_t ns) {
  return static_cast<std::uint64_t>(ns / (3600 * kNsPerSecond)) % 24;
}

bool add(std::int64_t& column, std::int64_t amount) {
  return !__builtin_add_overflow(column, amount, &column);
}

}  // namespace

std::string Step::type() const {
  return kind == Kind::kOpened ? "BoxOpened" : (kind == Kind::kShut ? "BoxShut" : "CoinsMoved");
}

std::string Step::payload() const {
  return type() + "|" + box + "|" + who + "|" +
         (kind == Kind::kMoved ? std::to_string(static_cast<int>(how)) + "|" + std::to_string(amount) : "");
}

std::string Plan::content() const {
  std::string out;
  for (const Step& step : steps) {
    out += "(" + step.payload() + "@" + std::to_string(step.occurred_ns) + "^" +
           std::to_string(step.corrects.position) + "/" + std::to_string(static_cast<int>(step.corrects.kind));
    for (const std::string& tag : step.tags) {
      out += "#" + tag;
    }
    out += ")";
  }
  out += std::to_string(static_cast<int>(basis));
  out += source ? source->name + ":" + std::to_string(source->position) : "-";
  for (const Expect& one : expect) {
    out += "=" + one.stream + ":" + std::to_string(one.version);
  }
  if (condition) {
    out += ">" + std::to_string(condition->after);
    append_items(out, condition->any);
  }
  return out;
}

Request to_request(const Plan& plan) {
  std::vector<EventDraft> events;
  for (const Step& step : plan.steps) {
    EventDraft draft = step.kind == Kind::kOpened ? box_opened(step.box, "a box", step.who)
                       : step.kind == Kind::kShut ? box_shut(step.box)
                                                  : coins_moved(step.box, step.how, step.amount, step.who);
    draft.occurred_at = {step.occurred_ns};
    draft.tags = step.tags;
    draft.corrects = step.corrects;
    events.push_back(std::move(draft));
  }
  Request out = request(plan.command, std::move(events));
  out.basis = plan.basis;
  out.source = plan.source;
  out.caused_by = plan.caused_by;
  out.versions = plan.versions;
  out.expect = plan.expect;
  out.condition = plan.condition;
  switch (plan.defect) {
    case Defect::kNone:
      break;
    case Defect::kNoCommand:
      out.command.clear();
      break;
    case Defect::kNoEvents:
      out.events.clear();
      break;
    case Defect::kUnknownEvent:
      out.events.back().type = "BoxPainted";
      break;
    case Defect::kWrongStream:
      out.events.back().stream = "crate/c1";
      break;
    case Defect::kBadTag:
      out.events.back().tags = {"tag-without-family"};
      break;
    case Defect::kNoSource:
      out.basis = Basis::kHistory;
      out.source.reset();
      break;
  }
  return out;
}

ToyModel::ToyModel(std::int64_t created_ns) {
  ModelEvent genesis;
  genesis.position = 1;
  genesis.stream = "ledger/self";
  genesis.stream_version = 1;
  genesis.type = "LedgerCreated";
  genesis.tags = {{"ledger/self", 1, 0}};
  events_.push_back(genesis);
  now_.streams["ledger/self"] = {1, 1};
  now_.tags["ledger/self"] = {1, 1};
  ++now_.hours[hour_of(created_ns)];
}

std::uint32_t ToyModel::version(const std::string& stream) const {
  const auto found = now_.streams.find(stream);
  return found == now_.streams.end() ? 0 : found->second.version;
}

std::vector<const ModelEvent*> ToyModel::read(const Query& query, const ReadOptions& options) const {
  std::vector<const ModelEvent*> out;
  for (const ModelEvent& event : events_) {
    const bool wanted = query.any.empty() || std::any_of(query.any.begin(), query.any.end(),
                                                         [&](const QueryItem& item) { return matches(event, item); });
    if (wanted && event.position > options.after && event.position < options.before.value_or(UINT64_MAX)) {
      out.push_back(&event);
    }
  }
  if (options.backwards) {
    std::reverse(out.begin(), out.end());
  }
  if (options.limit != 0 && out.size() > options.limit) {
    out.resize(options.limit);
  }
  return out;
}

bool ToyModel::condition_fails(const AppendCondition& condition) const {
  return std::any_of(events_.begin(), events_.end(), [&](const ModelEvent& event) {
    return event.position > condition.after && std::any_of(condition.any.begin(), condition.any.end(),
                                                           [&](const QueryItem& item) { return matches(event, item); });
  });
}

std::string ToyModel::book(ModelEvent& event, const ModelTransfer& transfer) {
  if (transfer.amount <= 0) {
    return "AmountNotPositive";
  }
  Balance debit = now_.balances[transfer.debit];
  Balance credit = now_.balances[transfer.credit];
  if (transfer.phase == Phase::kPosted) {
    if (!add(debit.posted_debits, transfer.amount) || !add(credit.posted_credits, transfer.amount)) {
      return "Overflow";
    }
  } else if (transfer.phase == Phase::kPending) {
    if (!add(debit.pending_debits, transfer.amount) || !add(credit.pending_credits, transfer.amount)) {
      return "Overflow";
    }
  } else {
    debit.pending_debits -= transfer.amount;
    credit.pending_credits -= transfer.amount;
    if (debit.pending_debits < 0 || credit.pending_credits < 0) {
      return "PendingNegative";
    }
  }
  const auto within = [](const std::string& path, const Balance& balance) {
    return path == "pool" ||
           static_cast<std::uint64_t>(balance.pending_debits) + static_cast<std::uint64_t>(balance.posted_debits) <=
               static_cast<std::uint64_t>(balance.posted_credits);
  };
  if (!within(transfer.debit, debit) || !within(transfer.credit, credit)) {
    return "LimitExceeded";
  }
  now_.balances[transfer.debit] = debit;
  now_.balances[transfer.credit] = credit;
  event.transfers.push_back(transfer);
  return {};
}

std::string ToyModel::decide(const Plan& plan, const Step& step) {
  ModelEvent event;
  event.position = events_.size() + 1;
  event.commit = commits_;
  event.stream = step.stream();
  event.type = step.type();
  event.payload = step.payload();
  event.corrects = step.corrects;
  if (step.occurred_ns > recorded_ns_ + kFutureNs) {
    return "FutureEvent";
  }
  std::vector<std::string> names{event.stream};
  if (!step.who.empty()) {
    names.push_back((step.kind == Kind::kOpened ? "account/" : "partner/") + step.who);
  }
  std::vector<std::string> host = step.tags;
  std::sort(host.begin(), host.end());
  for (const std::string& tag : host) {
    if (std::find(names.begin(), names.end(), tag) == names.end()) {
      names.push_back(tag);
    }
  }
  ChainHead& stream = now_.streams[event.stream];
  event.stream_previous = stream.last;
  event.stream_version = ++stream.version;
  stream.last = event.position;
  for (const std::string& name : names) {
    ChainHead& tag = now_.tags[name];
    event.tags.push_back({name, tag.version + 1, tag.last});
    tag = {tag.version + 1, event.position};
  }
  const bool reversal = step.corrects.kind == CorrectionKind::kReversal;
  if (step.corrects.kind != CorrectionKind::kNone) {
    if (step.corrects.position == 0 || step.corrects.position > events_.size()) {
      return "BadCorrection";
    }
    const ModelEvent& original = events_[step.corrects.position - 1];
    const bool reversed = std::any_of(events_.begin(), events_.end(), [&](const ModelEvent& other) {
      return other.corrects.kind == CorrectionKind::kReversal && other.corrects.position == original.position;
    });
    if (original.stream != event.stream || original.type != event.type || reversed ||
        (reversal && original.payload != event.payload)) {
      return "BadCorrection";
    }
  }
  BoxRow& box = now_.boxes[event.stream];
  if (reversal) {
    const std::vector<ModelTransfer> transfers = events_[step.corrects.position - 1].transfers;
    for (auto it = transfers.rbegin(); it != transfers.rend(); ++it) {
      ModelTransfer back = *it;
      if (back.phase == Phase::kPosted) {
        std::swap(back.debit, back.credit);
      } else {
        back.phase = back.phase == Phase::kPending ? Phase::kVoided : Phase::kPending;
      }
      if (auto error = book(event, back); !error.empty()) {
        return error;
      }
    }
  } else if (step.kind == Kind::kOpened) {
    if (box.state != 0) {
      return "BoxIsThere";
    }
  } else if (step.kind == Kind::kShut) {
    if (box.state != 1) {
      return "BoxNotOpen";
    }
  } else {
    if (box.state != 1) {
      if (plan.basis == Basis::kDecision) {
        return "BoxNotOpen";
      }
      ++event.findings;
    }
    const std::string path = "box/" + event.stream;
    const bool in = step.how == How::kPutIn;
    const Phase phase = step.how == How::kHold   ? Phase::kPending
                        : step.how == How::kFree ? Phase::kVoided
                                                 : Phase::kPosted;
    if (auto error = book(event, {in ? "pool" : path, in ? path : "pool", step.amount, phase}); !error.empty()) {
      return error;
    }
  }
  const std::int64_t sign = reversal ? -1 : 1;
  if (step.kind == Kind::kOpened) {
    box.state = reversal ? 0 : 1;
  } else if (step.kind == Kind::kShut) {
    box.state = reversal ? 1 : 2;
  } else {
    ++box.moves;
    box.net += step.how == How::kPutIn ? sign * step.amount : (step.how == How::kTakeOut ? -sign * step.amount : 0);
  }
  ++now_.hours[hour_of(step.occurred_ns)];
  events_.push_back(std::move(event));
  return {};
}

Answer ToyModel::append(const Plan& plan, std::int64_t now_ns, bool dry_run) {
  static constexpr std::array kDefects{"",        "BadCommand",   "NoEvents", "UnknownEvent", "WrongStream",
                                       "BadName", "SourceMissing"};
  Answer out;
  if (plan.defect != Defect::kNone) {
    out.error = kDefects.at(static_cast<std::size_t>(plan.defect));
    out.rejected = true;
    out.prepared = false;
    return out;
  }
  if (const auto found = commands_.find(plan.command); found != commands_.end()) {
    if (found->second.first == plan.content()) {
      out = found->second.second;
      out.duplicate = true;
    } else {
      out.error = "IdempotencyConflict";
      out.prepared = false;
    }
    return out;
  }
  if (plan.caused_by && *plan.caused_by >= commits_) {
    out.error = "UnknownCause";
    out.rejected = true;
    return out;
  }
  for (const Expect& expect : plan.expect) {
    if (version(expect.stream) != expect.version) {
      out.error = "VersionConflict";
      return out;
    }
  }
  if (plan.versions == VersionPolicy::kExplicit) {
    for (const Step& step : plan.steps) {
      if (std::none_of(plan.expect.begin(), plan.expect.end(),
                       [&](const Expect& expect) { return expect.stream == step.stream(); })) {
        out.error = "VersionNotStated";
        out.rejected = true;
        return out;
      }
    }
  }
  if (plan.condition && condition_fails(*plan.condition)) {
    out.error = "ConditionFailed";
    return out;
  }
  const State before = now_;
  const std::size_t events_before = events_.size();
  const std::int64_t recorded_before = recorded_ns_;
  recorded_ns_ = std::max(recorded_ns_, now_ns);
  const auto roll_back = [&] {
    now_ = before;
    events_.resize(events_before);
    recorded_ns_ = recorded_before;
  };
  for (const Step& step : plan.steps) {
    out.error = decide(plan, step);
    if (!out.error.empty()) {
      roll_back();
      return out;
    }
  }
  if (plan.source) {
    auto& position = now_.sources[plan.source->name];
    position = std::max(position, plan.source->position);
  }
  if (dry_run) {
    dry_transfers_.clear();
    for (std::size_t i = events_before; i < events_.size(); ++i) {
      dry_transfers_.insert(dry_transfers_.end(), events_[i].transfers.begin(), events_[i].transfers.end());
    }
    roll_back();
    return out;
  }
  out.commit = commits_++;
  out.first_position = events_before + 1;
  out.count = static_cast<std::uint32_t>(plan.steps.size());
  out.recorded_ns = recorded_ns_;
  commands_[plan.command] = {plan.content(), out};
  landed_.push_back(plan);
  return out;
}

Step PlanMaker::step(const ToyModel& model, std::int64_t now_ns) {
  Step out;
  out.box = box();
  out.occurred_ns = kNoon.ns + static_cast<std::int64_t>(below(30)) * 3600 * kNsPerSecond / 4;
  if (chance(2)) {
    out.occurred_ns = now_ns + kFutureNs + (chance(50) ? 0 : 1);
  }
  const std::uint64_t kind = below(100);
  const auto found = model.boxes().find(out.stream());
  const std::uint64_t state = found == model.boxes().end() ? 0 : found->second.state;
  if (state != 1 ? kind < 70 : kind < 4) {
    out.kind = Kind::kOpened;
    out.who = chance(50) ? "A" + std::to_string(below(5)) : "";
  } else if (kind >= 96) {
    out.kind = Kind::kShut;
  } else {
    out.how = static_cast<How>(1 + below(4));
    out.amount = static_cast<std::int64_t>(1 + below(out.how == How::kPutIn ? 100 : 40));
    if (chance(2)) {
      out.amount = -static_cast<std::int64_t>(below(2));
    } else if (chance(2) && out.how != How::kPutIn) {
      out.amount = INT64_MAX - static_cast<std::int64_t>(below(3));
    } else if (const auto pool = model.balances().find("pool");
               chance(1) && pool != model.balances().end() && pool->second.posted_debits > 0) {
      out.how = How::kPutIn;
      out.amount = INT64_MAX;
    }
    out.who = chance(40) ? "P" + std::to_string(below(4)) : "";
  }
  while (chance(25)) {
    out.tags.push_back(chance(50) ? "zone/z" + std::to_string(below(4)) : "box/" + box());
  }
  if (chance(12) && model.events().size() > 1) {
    // About an event that is there, mostly with its own payload.
    const Plan& plan = model.landed()[below(model.landed().size())];
    const Answer& landed = model.commands().at(plan.command).second;
    const std::size_t which = below(plan.steps.size());
    Step other = plan.steps[which];
    other.tags = out.tags;
    other.occurred_ns = out.occurred_ns;
    other.corrects = {landed.first_position + which,
                      chance(80) ? CorrectionKind::kReversal : CorrectionKind::kCorrection};
    if (chance(15)) {
      other.amount += 1;
    }
    if (chance(5)) {
      other.corrects.position += 1 + below(5);
    }
    return other;
  }
  return out;
}

Query PlanMaker::query(const ToyModel& model) {
  Query out;
  const std::uint64_t items = below(3);
  for (std::uint64_t i = 0; i < items; ++i) {
    QueryItem item;
    if (chance(40)) {
      item.stream = "box/" + (chance(8) ? std::string("never") : box());
    }
    while (chance(35)) {
      const std::uint64_t family = below(4);
      item.tags.push_back(family == 0   ? "zone/z" + std::to_string(below(5))
                          : family == 1 ? "partner/P" + std::to_string(below(5))
                          : family == 2 ? "account/A" + std::to_string(below(6))
                                        : "box/" + box());
    }
    while (chance(30)) {
      static const std::array<std::string, 5> kTypes{"BoxOpened", "CoinsMoved", "BoxShut", "NoteTaken", "Nonsense"};
      item.types.push_back(kTypes[below(kTypes.size())]);
    }
    out.any.push_back(std::move(item));
  }
  (void)model;
  return out;
}

Plan PlanMaker::plan(const ToyModel& model, std::int64_t now_ns) {
  if (chance(8) && !model.landed().empty()) {
    Plan again = model.landed()[below(model.landed().size())];
    if (chance(35)) {
      again.steps.back().occurred_ns += 1;
    } else if (chance(15)) {
      again.basis = again.basis == Basis::kReport ? Basis::kHistory : Basis::kReport;
      again.source = Source{"feed/x", 1};
    }
    return again;
  }
  Plan out;
  out.command = "c" + std::to_string(next_command_++);
  const std::uint64_t count = chance(70) ? 1 : 1 + below(5);
  for (std::uint64_t i = 0; i < count; ++i) {
    out.steps.push_back(step(model, now_ns));
    if (i > 0 && chance(60)) {
      out.steps.back().box = out.steps.front().box;
      out.steps.back().corrects = {};
    }
  }
  if (chance(20)) {
    out.basis = chance(50) ? Basis::kReport : Basis::kHistory;
    out.source = Source{"feed/" + std::to_string(below(3)), below(1000)};
  }
  if (chance(10)) {
    out.caused_by = below(model.commits() + (chance(20) ? 3 : 0));
  }
  if (chance(30)) {
    out.versions = VersionPolicy::kExplicit;
    std::set<std::string> named;
    for (const Step& step : out.steps) {
      if (named.insert(step.stream()).second && !chance(6)) {
        out.expect.push_back({step.stream(), model.version(step.stream())});
      }
    }
  }
  if (chance(15)) {
    const std::string read = "box/" + box();
    out.expect.push_back({read, model.version(read)});
  }
  if (!out.expect.empty() && chance(10)) {
    out.expect.back().version += static_cast<std::uint32_t>(1 + below(2));
  }
  if (chance(25)) {
    AppendCondition condition;
    const std::uint64_t head = model.position();
    condition.after =
        chance(50) ? head : (chance(80) ? head - below(std::min<std::uint64_t>(head, 40)) : head + below(5));
    condition.any = query(model).any;
    if (!condition.any.empty()) {
      out.condition = std::move(condition);
    }
  }
  if (chance(5)) {
    out.defect = static_cast<Defect>(1 + below(6));
  }
  return out;
}

}  // namespace toy
