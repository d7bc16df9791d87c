// SPDX-License-Identifier: Apache-2.0
//
// What the toy trade must do, written a second time in the simplest way: maps, and loops over all events. A Plan says a
// request in the model's own words; to_request() says it in the engine's.
#pragma once

#include "support/toy_domain.hpp"

#include <carnet/ledger.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace toy {

enum class Kind : std::uint8_t { kOpened, kMoved, kShut };

/// An event, as planned.
struct Step {
  Kind kind = Kind::kMoved;
  std::string box;
  How how = How::kPutIn;
  std::int64_t amount = 1;
  std::string who;  ///< Owner or partner.
  std::vector<std::string> tags;
  std::int64_t occurred_ns = kNoon.ns;
  carnet::Corrects corrects;

  [[nodiscard]] std::string stream() const { return "box/" + box; }

  [[nodiscard]] std::string type() const;
  /// Equal for equal payloads.
  [[nodiscard]] std::string payload() const;
};

/// What is wrong with the form of a request.
enum class Defect : std::uint8_t { kNone, kNoCommand, kNoEvents, kUnknownEvent, kWrongStream, kBadTag, kNoSource };

struct Plan {
  std::string command;
  carnet::Basis basis = carnet::Basis::kDecision;
  std::optional<carnet::Source> source;
  std::optional<std::uint64_t> caused_by;
  carnet::VersionPolicy versions = carnet::VersionPolicy::kAny;
  std::vector<carnet::Expect> expect;
  std::optional<carnet::AppendCondition> condition;
  std::vector<Step> steps;
  Defect defect = Defect::kNone;

  /// What the engine must compare when the command comes again.
  [[nodiscard]] std::string content() const;
};

[[nodiscard]] carnet::Request to_request(const Plan& plan);

struct ModelTransfer {
  std::string debit;
  std::string credit;
  std::int64_t amount = 0;
  carnet::Phase phase = carnet::Phase::kPosted;
};

struct ModelTag {
  std::string name;
  std::uint32_t version = 0;
  std::uint64_t previous = 0;
};

struct ModelEvent {
  std::uint64_t position = 0;
  std::uint64_t commit = 0;
  std::string stream;
  std::uint32_t stream_version = 0;
  std::uint64_t stream_previous = 0;
  std::string type;
  std::vector<ModelTag> tags;
  std::string payload;
  carnet::Corrects corrects;
  std::vector<ModelTransfer> transfers;
  std::size_t findings = 0;
};

/// What a request comes to.
struct Answer {
  std::string error;  ///< Of a refusal; empty: it landed.
  bool rejected = false;
  bool prepared = true;  ///< False: refused for its form, before the sequencer saw it.
  bool not_reached = false;
  bool duplicate = false;
  std::uint64_t commit = 0;
  std::uint64_t first_position = 0;
  std::uint32_t count = 0;
  std::int64_t recorded_ns = 0;
};

struct ChainHead {
  std::uint32_t version = 0;
  std::uint64_t last = 0;
};

class ToyModel {
 public:
  /// A new ledger, created at this time.
  explicit ToyModel(std::int64_t created_ns);

  /// Decides and, if it lands and this is no dry run, writes.
  Answer append(const Plan& plan, std::int64_t now_ns, bool dry_run = false);

  [[nodiscard]] const std::vector<ModelEvent>& events() const { return events_; }

  [[nodiscard]] std::uint64_t position() const { return events_.size(); }

  [[nodiscard]] std::uint64_t commits() const { return commits_; }

  [[nodiscard]] std::uint32_t version(const std::string& stream) const;
  /// Matches of a query in the order of `options`.
  [[nodiscard]] std::vector<const ModelEvent*> read(const carnet::Query& query,
                                                    const carnet::ReadOptions& options) const;

  [[nodiscard]] const std::map<std::string, carnet::Balance>& balances() const { return now_.balances; }

  [[nodiscard]] const std::map<std::string, BoxRow>& boxes() const { return now_.boxes; }

  [[nodiscard]] const std::map<std::string, ChainHead>& streams() const { return now_.streams; }

  [[nodiscard]] const std::map<std::string, ChainHead>& tags() const { return now_.tags; }

  [[nodiscard]] const std::map<std::uint64_t, std::uint64_t>& hours() const { return now_.hours; }

  [[nodiscard]] const std::map<std::string, std::uint64_t>& sources() const { return now_.sources; }

  /// Commands that landed.
  [[nodiscard]] const std::map<std::string, std::pair<std::string, Answer>>& commands() const { return commands_; }

  [[nodiscard]] const std::vector<Plan>& landed() const { return landed_; }

  /// Transfers and due times of the last dry run.
  [[nodiscard]] const std::vector<ModelTransfer>& dry_transfers() const { return dry_transfers_; }

 private:
  struct State {
    std::map<std::string, BoxRow> boxes;  ///< By stream.
    std::map<std::string, carnet::Balance> balances;
    std::map<std::string, ChainHead> streams;
    std::map<std::string, ChainHead> tags;
    std::map<std::uint64_t, std::uint64_t> hours;
    std::map<std::string, std::uint64_t> sources;
  };

  [[nodiscard]] std::string decide(const Plan& plan, const Step& step);
  [[nodiscard]] std::string book(ModelEvent& event, const ModelTransfer& transfer);
  [[nodiscard]] bool condition_fails(const carnet::AppendCondition& condition) const;

  std::vector<ModelEvent> events_;
  std::uint64_t commits_ = 1;
  std::int64_t recorded_ns_ = 0;
  State now_;
  std::map<std::string, std::pair<std::string, Answer>> commands_;
  std::vector<Plan> landed_;
  std::vector<ModelTransfer> dry_transfers_;
};

/// Makes requests that are mostly sensible, about what the model holds.
class PlanMaker {
 public:
  explicit PlanMaker(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] Plan plan(const ToyModel& model, std::int64_t now_ns);
  [[nodiscard]] carnet::Query query(const ToyModel& model);

  [[nodiscard]] std::uint64_t below(std::uint64_t end) { return random_() % end; }

  [[nodiscard]] bool chance(std::uint64_t percent) { return below(100) < percent; }

 private:
  [[nodiscard]] Step step(const ToyModel& model, std::int64_t now_ns);

  [[nodiscard]] std::string box() { return "b" + std::to_string(below(9)); }

  std::mt19937_64 random_;
  std::uint64_t next_command_ = 0;
};

}  // namespace toy
