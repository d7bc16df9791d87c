// SPDX-License-Identifier: Apache-2.0
//
// The verbs of a ledger. Opening and creating it: engine_open.cpp; keys: engine_keys.cpp; background:
// engine_background.cpp.
#include "ledger/engine.hpp"

#include "base/check.hpp"
#include "base/process.hpp"
#include "ledger/reading.hpp"

#include <fmt/format.h>

namespace carnet {

Result<Ledger::Opened> Ledger::open(const std::filesystem::path& folder, const Domain* domain,
                                    const OpenOptions& options) {
  return ledger::Engine::open(folder, domain, options);
}

}  // namespace carnet

namespace carnet::ledger {

void Engine::check_process() const {
  CARNET_REQUIRE(process_ == base::process_generation(),
                 "a forked child does not use its parent's ledger: open it in the child, read-only");
}

void Engine::say(LogLevel level, const std::string& line) const {
  options_.log->log(level, line);
}

Error Engine::read_only_error() const {
  return {ErrorCode::kInvalidArgument, "ReadOnly", "the ledger was opened read-only: open it for writing to append"};
}

State::FrameLoader Engine::frame_loader() {
  return [this](std::uint64_t position, std::vector<std::uint64_t>& out) { return log_->frame_at(position, out); };
}

Result<Outcome> Engine::append(const Request& request) {
  check_process();
  const LatencyProbe probe(append_latency_);
  if (sequencer_ == nullptr) {
    return read_only_error();
  }
  for (const EventDraft& draft : request.events) {
    if (draft.type == "SubjectKeyCreated" || draft.type == "SubjectKeyRotated") {
      return append_with_keys(request);
    }
  }
  return sequencer_->append(request, false);
}

std::vector<Result<Outcome>> Engine::append_batch(std::span<const Request> requests, BatchMode mode) {
  check_process();
  const LatencyProbe probe(append_latency_);
  if (sequencer_ == nullptr) {
    return {requests.size(), read_only_error()};
  }
  const auto makes_keys = [](const Request& request) {
    for (const EventDraft& draft : request.events) {
      if (draft.type == "SubjectKeyCreated" || draft.type == "SubjectKeyRotated") {
        return true;
      }
    }
    return false;
  };
  std::vector<Result<Outcome>> results;
  std::size_t from = 0;
  while (from < requests.size()) {
    std::size_t to = from;
    while (to < requests.size() && !makes_keys(requests[to])) {
      ++to;
    }
    if (to > from) {
      auto part = sequencer_->append(requests.subspan(from, to - from), mode, false);
      if (results.empty() && to == requests.size()) {
        return part;
      }
      std::move(part.begin(), part.end(), std::back_inserter(results));
    }
    const auto stops = [&] {
      return mode == BatchMode::kStopAtRefusal && !results.empty() &&
             (!results.back() || std::holds_alternative<Refusal>(*results.back()));
    };
    if (to < requests.size() && !stops()) {
      results.push_back(append_with_keys(requests[to]));
      ++to;
    }
    if (stops()) {
      results.resize(requests.size(), not_reached());
      return results;
    }
    from = to;
  }
  return results;
}

namespace {

/// An append that was settled when it was asked for.
class SettledTicket final : public Ticket {
 public:
  explicit SettledTicket(Result<Outcome> result) : result_(std::move(result)) {}

  bool ready() const override { return true; }

  Result<Outcome> wait() override { return std::move(result_); }

 private:
  Result<Outcome> result_;
};

}  // namespace

std::unique_ptr<Ticket> Engine::append_async(Request request) {
  check_process();
  if (sequencer_ == nullptr) {
    return std::make_unique<SettledTicket>(read_only_error());
  }
  for (const EventDraft& draft : request.events) {
    if (draft.type == "SubjectKeyCreated" || draft.type == "SubjectKeyRotated") {
      return std::make_unique<SettledTicket>(append_with_keys(request));
    }
  }
  return sequencer_->append_async(std::move(request));
}

Result<DryRun> Engine::decide(const Request& request) {
  check_process();
  if (sequencer_ == nullptr) {
    return read_only_error();
  }
  return sequencer_->decide(request);
}

Result<std::optional<Receipt>> Engine::receipt(std::string_view command) {
  check_process();
  StoredCommit commit;
  CARNET_TRY(const bool landed, preparer_->find_command(command_hash(command), commit));
  if (!landed) {
    return std::optional<Receipt>{};
  }
  return std::optional(commit.receipt());
}

Result<std::uint64_t> Engine::source_position(std::string_view source) {
  check_process();
  const std::uint32_t code = state_->catalog->find_code(source);
  if (code == 0) {
    return std::uint64_t{0};
  }
  std::unique_ptr<project::Snapshot> rows;
  {
    const std::shared_lock lock(publish_mutex_);
    rows = state_->tables->snapshot();
  }
  const auto row = rows->get<SourceRow>(kSourceTable, code - 1);
  CARNET_TRY_VOID(rows->status());
  return row.position;
}

void Engine::accept_clock() {
  if (sequencer_ != nullptr) {
    sequencer_->accept_clock();
  }
}

Head Engine::head() {
  check_process();
  Head head;
  proof::CompactTree tree;
  {
    const std::shared_lock lock(publish_mutex_);
    head.position = state_->tip.position;
    head.commits = state_->tip.commits;
    head.recorded_at = state_->tip.recorded_at;
    tree = state_->tip.tree;
  }
  head.durable_position = durable_position();
  head.root = tree.root();
  head.ledger_id = ledger_id_;
  return head;
}

std::uint64_t Engine::durable_position() {
  return sequencer_ != nullptr ? sequencer_->durable_position() : floor_->mark().position;
}

Result<std::unique_ptr<View>> Engine::view() {
  check_process();
  return make_view(*this);
}

Result<std::unique_ptr<Subscription>> Engine::subscribe(const SubscribeOptions& options) {
  check_process();
  return make_subscription(*this, options);
}

void Engine::wait_for_head(std::uint64_t position, std::chrono::steady_clock::time_point until,
                           const std::stop_token& stop) {
  const auto beyond = [&] {
    const std::shared_lock lock(publish_mutex_);
    return state_->tip.position > position;
  };
  if (sequencer_ == nullptr) {
    // Another process writes: there is nothing to wait on but time.
    while (!beyond() && !stop.stop_requested() && std::chrono::steady_clock::now() < until) {
      if (!catch_up() || beyond()) {
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return;
  }
  std::unique_lock lock(head_mutex_);
  head_moved_.wait_until(lock, stop, until, beyond);
}

Status Engine::catch_up() {
  check_process();
  if (sequencer_ != nullptr) {
    return {};
  }
  const std::lock_guard checkpoint(checkpoint_mutex_);
  CARNET_TRY_VOID(log_->catch_up());
  CARNET_TRY(auto frames, log_->read(state_->tip.position));
  state_->set_fold_through_overlay(true);
  std::unique_lock lock(publish_mutex_);
  while (true) {
    CARNET_TRY(const auto frame, frames->next());
    if (frame.empty()) {
      break;
    }
    CARNET_TRY_VOID(state_->fold_frame(frame));
  }
  state_->publish_fold();
  lock.unlock();
  catch_up_->follow_now({});
  return {};
}

Result<std::vector<Fact>> Engine::stats() {
  check_process();
  std::vector<Fact> out;
  const auto add = [&](std::string name, auto value) { out.push_back({std::move(name), fmt::to_string(value)}); };
  const Head now = head();
  add("position", now.position);
  add("commits", now.commits);
  add("durablePosition", now.durable_position);
  const store::CatalogCounts counts = state_->catalog->counts();
  add("chains", counts.chains);
  add("accounts", counts.accounts);
  add("types", counts.types);
  add("codes", counts.codes);
  if (sequencer_ != nullptr) {
    const SequencerFigures figures = sequencer_->figures();
    add("groups", figures.groups);
    add("commitsAppended", figures.commits);
    add("eventsAppended", figures.events);
    add("refusals", figures.refusals);
    add("duplicates", figures.duplicates);
    add("clockClamped", figures.clock_clamped);
    out.push_back({"groupSizes", fmt::to_string(fmt::join(figures.group_sizes, " "))});
    add("appendLatency.buckets", append_latency_.text());
    add("appendLatency.sumNs", append_latency_.sum_ns());
  }
  for (const ProjectionStatus& projection : projections()) {
    if (projection.mode == ProjectionMode::kCatchUp) {
      add(fmt::format("projection.{}.position", projection.name), projection.position);
      add(fmt::format("projection.{}.lag", projection.name), projection.lag);
      add(fmt::format("projection.{}.parkedAt", projection.name), projection.parked_at);
    }
  }
  add("checkpointPosition", checkpoint_position_.load());
  add("sealedPosition", log_->sealed_position());
  add("pagesResidentBytes", state_->tables->resident_bytes());
  add("pagesDirtyBytes", state_->tables->dirty_bytes());
  add("indexNewestBytes", state_->chain_index->newest_bytes() + state_->command_index->newest_bytes());
  add("catalogNewestBytes", state_->catalog->newest_bytes());
  for (Fact& fact : log_->stats()) {
    out.push_back({"log." + fact.name, std::move(fact.value)});
  }
  for (Fact& fact : views_->stats()) {
    out.push_back({"views." + fact.name, std::move(fact.value)});
  }
  return out;
}

}  // namespace carnet::ledger
