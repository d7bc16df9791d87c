// SPDX-License-Identifier: Apache-2.0
//
// How callers become groups: the queue, leadership and its handing over, tickets.
#include "base/check.hpp"
#include "ledger/sequencer.hpp"

namespace carnet::ledger {

class Sequencer::AsyncTicket final : public Ticket {
 public:
  AsyncTicket(Sequencer& sequencer, Request request) : sequencer_(sequencer), request_(std::move(request)) {
    sequencer_.prepare_job(request_, job_, false);
    waiter_.has_thread = false;
    if (job_.done) {
      waiter_.turn = Turn::kDone;
      return;
    }
    waiter_.jobs = std::span<Job* const>(&job_pointer_, 1);
    const std::lock_guard lock(sequencer_.queue_mutex_);
    sequencer_.queue_.push_back(&waiter_);
    if (!sequencer_.leading_) {
      sequencer_.leading_ = true;
      sequencer_.wake_async();
    }
  }

  // The sequencer holds pointers into this object until it is done.
  ~AsyncTicket() override { sequencer_.wait_for_turn(waiter_); }

  bool ready() const override { return waiter_.turn.load(std::memory_order_acquire) == Turn::kDone; }

  Result<Outcome> wait() override {
    sequencer_.wait_for_turn(waiter_);
    return std::move(job_.result);
  }

 private:
  Sequencer& sequencer_;
  Request request_;
  Job job_;
  Job* job_pointer_ = &job_;
  Waiter waiter_;
};

std::unique_ptr<Ticket> Sequencer::append_async(Request request) {
  {
    const std::lock_guard lock(queue_mutex_);
    if (!async_thread_.joinable()) {
      async_thread_ = std::jthread([this] { serve_async(); });
    }
  }
  return std::make_unique<AsyncTicket>(*this, std::move(request));
}

void Sequencer::wake_async() {
  async_lead_ = true;
  async_wake_.notify_one();
}

void Sequencer::serve_async() {
  std::unique_lock lock(queue_mutex_);
  while (true) {
    async_wake_.wait(lock, [&] { return async_lead_ || async_stop_; });
    if (!async_lead_) {
      return;
    }
    async_lead_ = false;
    lock.unlock();
    lead(nullptr);
    lock.lock();
  }
}

void Sequencer::wait_for_turn(Waiter& waiter) {
  Turn turn = waiter.turn.load(std::memory_order_acquire);
  while (turn == Turn::kWaiting) {
    waiter.turn.wait(turn, std::memory_order_acquire);
    turn = waiter.turn.load(std::memory_order_acquire);
  }
}

void Sequencer::run(Waiter& waiter) {
  bool leads = false;
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.push_back(&waiter);
    if (!leading_) {
      leading_ = true;
      leads = true;
    }
  }
  if (!leads) {
    wait_for_turn(waiter);
    leads = waiter.turn.load(std::memory_order_acquire) == Turn::kLead;
  }
  if (leads) {
    lead(&waiter);
  }
}

/// Leads until `own` is done (null: until nobody without a thread waits in front), then hands over.
void Sequencer::lead(Waiter* own) {
  std::vector<Waiter*> group;
  while (true) {
    group.clear();
    std::size_t requests = 0;
    {
      const std::lock_guard lock(queue_mutex_);
      while (!queue_.empty() &&
             (group.empty() || requests + queue_.front()->jobs.size() <= options_.group_requests_max)) {
        requests += queue_.front()->jobs.size();
        group.push_back(queue_.front());
        queue_.pop_front();
      }
    }
    if (!group.empty()) {
      process_group(group);
    }
    bool own_done = own == nullptr;
    for (Waiter* waiter : group) {
      if (waiter == own) {
        own_done = true;
        continue;
      }
      // After this store the waiter may be gone.
      waiter->turn.store(Turn::kDone, std::memory_order_release);
      waiter->turn.notify_one();
    }
    if (own_done) {
      break;
    }
  }
  if (own != nullptr) {
    own->turn.store(Turn::kDone, std::memory_order_release);
  }
  hand_over();
}

void Sequencer::hand_over() {
  const std::lock_guard lock(queue_mutex_);
  if (queue_.empty()) {
    leading_ = false;
    return;
  }
  Waiter* next = queue_.front();
  if (next->has_thread) {
    next->turn.store(Turn::kLead, std::memory_order_release);
    next->turn.notify_one();
  } else {
    wake_async();
  }
}

void Sequencer::prepare_job(const Request& request, Job& job, bool internal) {
  preparer_.prepare(request, job.prepared, internal);
  if (job.prepared.failed) {
    job.result = std::move(*job.prepared.failed);
    job.done = true;
  } else if (job.prepared.settled) {
    if (auto* refusal = std::get_if<Refusal>(&*job.prepared.settled)) {
      job.result = Outcome(std::move(*refusal));
      const std::lock_guard lock(figures_mutex_);
      ++figures_.refusals;
    } else {
      job.result = std::move(*job.prepared.settled);
      const std::lock_guard lock(figures_mutex_);
      ++figures_.duplicates;
    }
    job.done = true;
  }
}

Result<Outcome> Sequencer::append(const Request& request, bool internal) {
  thread_local std::vector<std::unique_ptr<Job>> pool;
  std::unique_ptr<Job> job;
  if (pool.empty()) {
    job = std::make_unique<Job>();
  } else {
    job = std::move(pool.back());
    pool.pop_back();
    job->done = false;
    job->same_as.reset();
    job->stopped = nullptr;
  }
  prepare_job(request, *job, internal);
  if (!job->done) {
    Job* pointer = job.get();
    Waiter waiter;
    waiter.jobs = std::span<Job* const>(&pointer, 1);
    run(waiter);
  }
  Result<Outcome> result = std::move(job->result);
  pool.push_back(std::move(job));
  return result;
}

std::vector<Result<Outcome>> Sequencer::append(std::span<const Request> requests, BatchMode mode, bool internal) {
  thread_local std::vector<std::unique_ptr<Job>> pool;
  while (pool.size() < requests.size()) {
    pool.push_back(std::make_unique<Job>());
  }
  bool stopped = false;
  bool ended = false;
  std::vector<Job*> jobs;
  jobs.reserve(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    Job& job = *pool[i];
    job.done = false;
    job.same_as.reset();
    job.stopped = mode == BatchMode::kStopAtRefusal ? &stopped : nullptr;
    if (ended) {
      job.result = not_reached();
      continue;
    }
    prepare_job(requests[i], job, internal);
    if (!job.done) {
      jobs.push_back(&job);
    } else {
      // Requests before it run first: it only ends what follows.
      ended = mode == BatchMode::kStopAtRefusal && (!job.result || std::holds_alternative<Refusal>(*job.result));
    }
  }
  if (!jobs.empty()) {
    Waiter waiter;
    waiter.jobs = jobs;
    run(waiter);
  }
  // What was settled beforehand, a duplicate or a refusal, stands behind a request that ended the batch after all.
  bool is_behind = false;
  for (std::size_t i = 0; stopped && i < requests.size(); ++i) {
    Job& job = *pool[i];
    const auto* receipt = job.result ? std::get_if<Receipt>(&*job.result) : nullptr;
    if (is_behind && job.result && (receipt == nullptr || receipt->duplicate)) {
      job.result = not_reached();
    }
    is_behind = is_behind || receipt == nullptr;
  }
  std::vector<Result<Outcome>> results;
  results.reserve(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    results.push_back(std::move(pool[i]->result));
  }
  return results;
}

Result<DryRun> Sequencer::decide(const Request& request) {
  Job job;
  prepare_job(request, job, false);
  if (!job.done) {
    job.dry_run = true;
    Job* pointer = &job;
    Waiter waiter;
    waiter.jobs = std::span<Job* const>(&pointer, 1);
    run(waiter);
  }
  if (!job.result) {
    return std::move(job.result).error();
  }
  if (auto* refusal = std::get_if<Refusal>(&*job.result)) {
    return DryRun(std::move(*refusal));
  }
  if (job.decided) {
    return DryRun(std::move(*job.decided));
  }
  Decided duplicate;
  duplicate.duplicate = true;
  return DryRun(std::move(duplicate));
}

void Sequencer::exclusively(const std::function<void()>& work) {
  const std::lock_guard lock(leader_mutex_);
  work();
}

}  // namespace carnet::ledger
