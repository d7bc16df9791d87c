// SPDX-License-Identifier: Apache-2.0
#include "base/limits.hpp"
#include "codec/json.hpp"
#include "ledger/engine.hpp"

#include <carnet/import.hpp>

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace carnet {

namespace {

constexpr std::size_t kBatchLines = 256;
constexpr std::size_t kBatchesAhead = 4;
constexpr std::size_t kLineBytesMax = 8 * kCommitBytesMax;  // JSON is larger than what it says

struct Line {
  std::uint64_t number = 0;
  std::variant<Request, codec::LineFault> parsed;
};

struct Batch {
  std::vector<Line> lines;
  std::uint64_t bytes = 0;
  bool last = false;
  std::optional<Error> failed;
};

/// Reads and parses beside the sequencer's work; a few batches ahead, no more.
class LineSource {
 public:
  LineSource(std::istream& in, std::string source_name, codec::TypeLookup types)
      : in_(in),
        source_name_(std::move(source_name)),
        types_(std::move(types)),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}

  ~LineSource() {
    thread_.request_stop();
    space_.notify_all();
  }

  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;

  Batch take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return !batches_.empty(); });
    Batch batch = std::move(batches_.front());
    batches_.pop_front();
    space_.notify_one();
    return batch;
  }

 private:
  void run(const std::stop_token& stop) {
    codec::LineReader reader;
    std::string text;
    std::uint64_t number = 0;
    bool more = true;
    while (more && !stop.stop_requested()) {
      Batch batch;
      while (batch.lines.size() < kBatchLines && (more = static_cast<bool>(std::getline(in_, text)))) {
        ++number;
        batch.bytes += text.size() + 1;
        if (text.empty() || text == "\r") {
          continue;
        }
        Line line;
        line.number = number;
        if (text.size() > kLineBytesMax) {
          line.parsed = codec::LineFault{"LimitExceeded", "", fmt::format("a line is at most {} bytes", kLineBytesMax)};
        } else {
          line.parsed = reader.read(text, {source_name_, number}, types_);
        }
        batch.lines.push_back(std::move(line));
      }
      batch.last = !more;
      if (in_.bad()) {
        batch.failed = Error(ErrorCode::kStorage, "InputFailed", "the input cannot be read to its end");
        batch.last = true;
      }
      std::unique_lock lock(mutex_);
      space_.wait(lock, stop, [&] { return batches_.size() < kBatchesAhead; });
      batches_.push_back(std::move(batch));
      filled_.notify_one();
    }
  }

  std::istream& in_;
  std::string source_name_;
  codec::TypeLookup types_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable_any space_;
  std::deque<Batch> batches_;
  std::jthread thread_;
};

class Import {
 public:
  Import(Ledger& ledger, const ImportOptions& options) : ledger_(ledger), options_(options) {}

  Result<ImportSummary> run(std::istream& in, codec::TypeLookup types) {
    LineSource source(in, options_.source_name, std::move(types));
    std::uint64_t bytes = 0;
    std::vector<Request> requests;
    while (true) {
      Batch batch = source.take();
      bytes += batch.bytes;
      if (batch.failed) {
        return std::move(*batch.failed);
      }
      std::size_t at = 0;
      while (at < batch.lines.size()) {
        CARNET_TRY(const bool go_on, step(batch, at, requests));
        if (!go_on) {
          return finish(true);
        }
      }
      if (options_.progress) {
        options_.progress(lines_, bytes);
      }
      if (batch.last) {
        return finish(false);
      }
      if (options_.stop.stop_requested()) {
        return finish(true);
      }
    }
  }

 private:
  /// One run of good lines, or one bad line. False: stop here.
  Result<bool> step(Batch& batch, std::size_t& at, std::vector<Request>& requests) {
    Line& line = batch.lines[at];
    if (auto* fault = std::get_if<codec::LineFault>(&line.parsed)) {
      ++at;
      ++lines_;
      Refusal refusal;
      refusal.error = std::move(fault->error);
      refusal.path = std::move(fault->path);
      refusal.message = std::move(fault->message);
      refusal.rejected = true;
      return take_refusal(line.number, refusal);
    }
    requests.clear();
    const std::size_t first = at;
    while (at < batch.lines.size() && std::holds_alternative<Request>(batch.lines[at].parsed)) {
      requests.push_back(std::get<Request>(std::move(batch.lines[at].parsed)));
      ++at;
    }
    if (options_.dry_run) {
      return dry_run(batch, first, requests);
    }
    auto results = ledger_.append_batch(
        requests, options_.on_refusal == OnRefusal::kStop ? BatchMode::kStopAtRefusal : BatchMode::kEach);
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (!results[i]) {
        return std::move(results[i]).error();
      }
      ++lines_;
      if (auto* refusal = std::get_if<Refusal>(&*results[i])) {
        CARNET_TRY(const bool go_on, take_refusal(batch.lines[first + i].number, *refusal));
        if (!go_on) {
          return false;
        }
      } else {
        take_receipt(batch.lines[first + i].number, std::get<Receipt>(*results[i]));
      }
    }
    return true;
  }

  Result<bool> dry_run(const Batch& batch, std::size_t first, const std::vector<Request>& requests) {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      CARNET_TRY(auto decided, ledger_.decide(requests[i]));
      ++lines_;
      const std::uint64_t number = batch.lines[first + i].number;
      if (auto* refusal = std::get_if<Refusal>(&decided)) {
        CARNET_TRY(const bool go_on, take_refusal(number, *refusal));
        if (!go_on) {
          return false;
        }
        continue;
      }
      const bool duplicate = std::get<Decided>(decided).duplicate;
      summary_.duplicates += duplicate ? 1 : 0;
      summary_.commits += duplicate ? 0 : 1;
      summary_.events += duplicate ? 0 : requests[i].events.size();
      write_result(number, duplicate ? "duplicate" : "committed", nullptr, nullptr);
    }
    return true;
  }

  void take_receipt(std::uint64_t number, const Receipt& receipt) {
    if (receipt.duplicate) {
      ++summary_.duplicates;
    } else {
      ++summary_.commits;
      summary_.events += receipt.event_count;
    }
    write_result(number, receipt.duplicate ? "duplicate" : "committed", &receipt, nullptr);
  }

  Result<bool> take_refusal(std::uint64_t number, const Refusal& refusal) {
    ++(refusal.rejected ? summary_.rejected : summary_.refused);
    if (summary_.first_problem.empty()) {
      summary_.first_problem = fmt::format("line {}: {}{}{}: {}", number, refusal.path,
                                           refusal.path.empty() ? "" : ": ", refusal.error, refusal.message);
    }
    write_result(number, refusal.rejected ? "rejected" : "refused", nullptr, &refusal);
    return options_.on_refusal == OnRefusal::kSkip;
  }

  void write_result(std::uint64_t number, std::string_view outcome, const Receipt* receipt, const Refusal* refusal) {
    if (options_.results == nullptr) {
      return;
    }
    text_.clear();
    codec::JsonWriter json(text_);
    json.begin_object().key("line").value(number).key("outcome").value(outcome);
    if (receipt != nullptr) {
      json.key("commit").value(receipt->commit).key("firstPosition").value(receipt->first_position);
    }
    if (refusal != nullptr) {
      const auto field = [&](std::string_view key, std::string_view value) {
        if (!value.empty()) {
          json.key(key).value(value);
        }
      };
      field("rule", refusal->rule);
      field("error", refusal->error);
      field("stream", refusal->stream);
      field("state", refusal->state);
      field("event", refusal->event);
      field("path", refusal->path);
      field("message", refusal->message);
      if (!refusal->values.empty()) {
        json.key("values").begin_object();
        for (const Fact& fact : refusal->values) {
          json.key(fact.name).value(fact.value);
        }
        json.end_object();
      }
    }
    json.end_object();
    text_ += '\n';
    options_.results->write(text_.data(), static_cast<std::streamsize>(text_.size()));
  }

  Result<ImportSummary> finish(bool stopped) {
    if (options_.results != nullptr) {
      options_.results->flush();
      if (options_.results->fail()) {
        return Error(ErrorCode::kStorage, "ResultsFailed",
                     "the results cannot be written; what was imported stays imported");
      }
    }
    summary_.lines = lines_;
    summary_.stopped = stopped;
    summary_.last_position = ledger_.head().position;
    return std::move(summary_);
  }

  Ledger& ledger_;
  const ImportOptions& options_;
  ImportSummary summary_;
  std::uint64_t lines_ = 0;
  std::string text_;
};

}  // namespace

Result<ImportSummary> import_ndjson(Ledger& ledger, std::istream& in, const ImportOptions& options) {
  auto* engine = dynamic_cast<ledger::Engine*>(&ledger);
  if (engine == nullptr) {
    return Error(ErrorCode::kInvalidArgument, "NotALocalLedger",
                 "import needs the event types of a ledger in a folder");
  }
  const ledger::TypeMap& types = *engine->state().types;
  return Import(ledger, options).run(in, [&types](std::string_view name) -> const codec::PayloadType* {
    const auto index = types.find(name);
    return index ? &types.type(*index) : nullptr;
  });
}

Result<std::uint64_t> export_ndjson(View& view, std::ostream& out, std::stop_token stop) {
  std::string line;
  std::uint64_t commits = 0;
  std::uint64_t position = 2;  // the genesis is made by init
  while (position <= view.position()) {
    if (stop.stop_requested()) {
      return Error(ErrorCode::kCancelled, "Cancelled", "the export was stopped by its caller");
    }
    line.clear();
    CARNET_TRY(const std::uint32_t events, view.append_export(position, line));
    line += '\n';
    out.write(line.data(), static_cast<std::streamsize>(line.size()));
    if (!out) {
      return Error(ErrorCode::kStorage, "OutputFailed", "the export cannot be written");
    }
    position += events;
    ++commits;
  }
  return commits;
}

}  // namespace carnet
