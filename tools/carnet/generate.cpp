// SPDX-License-Identifier: Apache-2.0
//
// Verb generate: a ledger with a made-up history. Clock, random bytes and keys come from the seed, so that the same
// seed gives the same root.
#include "base/bytes.hpp"
#include "history.hpp"
#include "json.hpp"
#include "table.hpp"
#include "verbs.hpp"

#include <carnet/clock.hpp>
#include <carnet/rental/domain.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

namespace carnet::tool {

namespace {

using generate::HistoryCommit;
using generate::HistoryMaker;
using generate::HistoryOptions;

// A batch is one frame of the log, and guards that look at an earlier event read its whole frame.
constexpr std::size_t kBatch = 32;

/// A refusal is an error of the history, not of who asked for it.
Error refused(const Request& request, const Refusal& refusal) {
  std::vector<Fact> facts = refusal.values;
  facts.push_back({"command", request.command});
  facts.push_back({"event", refusal.event});
  facts.push_back({"rule", refusal.rule});
  facts.push_back({"path", refusal.path});
  return Error(ErrorCode::kInvalidArgument, refusal.error,
               fmt::format("the ledger refuses what was generated: {}", refusal.message), std::move(facts));
}

/// Appends in batches; the clock follows the history.
class Teller {
 public:
  Teller(Ledger& ledger, ManualClock& clock) : ledger_(ledger), clock_(clock), position_(ledger.head().position) {
    batch_.reserve(kBatch);
  }

  [[nodiscard]] std::uint64_t next_position() const noexcept { return position_ + 1; }

  [[nodiscard]] std::uint64_t commits() const noexcept { return commits_; }

  Status add(Request request, Timestamp at) {
    last_ = std::max(last_, at);
    position_ += request.events.size();
    batch_.push_back(std::move(request));
    return batch_.size() < kBatch ? Status() : flush();
  }

  Status flush() {
    follow();
    const std::vector<Result<Outcome>> outcomes = ledger_.append_batch(batch_, BatchMode::kStopAtRefusal);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (!outcomes[i]) {
        return outcomes[i].error();
      }
      if (const auto* refusal = std::get_if<Refusal>(&*outcomes[i])) {
        return refused(batch_[i], *refusal);
      }
    }
    commits_ += batch_.size();
    batch_.clear();
    return {};
  }

 private:
  void follow() { clock_.advance_ns(std::max<std::int64_t>(0, last_.ns - clock_.now().ns)); }

  Ledger& ledger_;
  ManualClock& clock_;
  std::uint64_t position_;
  std::uint64_t commits_ = 0;
  Timestamp last_{INT64_MIN};
  std::vector<Request> batch_;
};

Status open_books(Teller& teller, const HistoryMaker& maker) {
  OpeningOptions opening;
  opening.now = generate::kHistoryBegin;
  opening.go_live_at = generate::kHistoryBegin;
  CARNET_TRY(std::vector<Request> requests, opening_requests(opening));
  for (Request& each : maker.preface()) {
    requests.push_back(std::move(each));
  }
  for (Request& each : requests) {
    CARNET_TRY_VOID(teller.add(std::move(each), generate::kHistoryBegin));
  }
  return teller.flush();
}

Status tell(const Session& session, Teller& teller, HistoryMaker& maker, std::uint64_t rentals) {
  Progress progress(session.console, "generate", "events");
  HistoryCommit commit;
  while (maker.next(commit, teller.next_position())) {
    if (session.stop.stop_requested()) {
      return Error(ErrorCode::kCancelled, "Stopped", "the history ends in the middle: remove the folder");
    }
    CARNET_TRY_VOID(teller.add(std::move(commit.request), commit.at));
    progress.update(maker.rentals_begun(), rentals, teller.next_position() - 1);
  }
  return teller.flush();
}

}  // namespace

Result<Exit> run(const Session& session, const GenerateCommand& command) {
  CARNET_TRY_VOID(refuse_what_is_there(command.ledger));
  CARNET_TRY_VOID(refuse_what_is_there(command.ledger.string() + ".keys"));
  const HistoryOptions history{.rentals = command.rentals, .seed = command.seed, .rentals_a_day = command.a_day};
  if (HistoryMaker::end_of(history) > system_clock()->now()) {
    return Error(ErrorCode::kInvalidArgument, "HistoryTooLong",
                 "the history would end after now: take more rentals a day (--per-day)",
                 {{"rentals", fmt::to_string(command.rentals)}, {"perDay", fmt::to_string(command.a_day)}});
  }
  const auto clock = std::make_shared<ManualClock>(generate::kHistoryBegin);
  OpenOptions options = writing_options(session, {});
  options.if_missing = IfMissing::kCreate;
  options.clock = clock;
  options.random = std::make_shared<SeededRandom>(command.seed);
  options.key_provider = std::make_shared<TestKeyProvider>(command.seed);
  CARNET_TRY(const Ledger::Opened opened, open_for_writing(session, options));
  CARNET_TRY_VOID(note_generated_keys(session, command.seed));
  HistoryMaker maker(history);
  Teller teller(*opened.ledger, *clock);
  const auto begin = std::chrono::steady_clock::now();
  CARNET_TRY_VOID(open_books(teller, maker));
  CARNET_TRY_VOID(tell(session, teller, maker, command.rentals));
  const Head head = opened.ledger->head();
  CARNET_TRY_VOID(opened.ledger->close());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (session.json()) {
    std::string json;
    JsonObject(json)
        .text("outcome", "generated")
        .number("rentals", command.rentals)
        .number("seed", command.seed)
        .number("accounts", maker.accounts())
        .number("commits", teller.commits())
        .number("events", head.position)
        .raw("seconds", fmt::format("{:.3f}", seconds))
        .text("root", base::to_hex(head.root))
        .end();
    session.out.json_line(json);
  } else {
    session.out.line(fmt::format("{} of {} with {} of {}, in {:.1f} s", count_of(head.position, "event"),
                                 count_of(command.rentals, "rental"), count_of(teller.commits(), "commit"),
                                 count_of(maker.accounts(), "account"), seconds));
    session.out.line(fmt::format("root {}", base::to_hex(head.root)));
  }
  return Exit::kDone;
}

}  // namespace carnet::tool
