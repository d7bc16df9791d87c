// SPDX-License-Identifier: Apache-2.0
#include "import_host.hpp"

#include <carnet/schema/ledger.capnp.h>
#include <carnet/typed.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <unistd.h>
#include <utility>
#include <variant>

namespace example {

namespace {

constexpr std::size_t kBatchRows = 512;
constexpr std::size_t kQueueBatches = 4;
constexpr std::size_t kProblemsShown = 1000;
constexpr std::uint64_t kProgressRows = 8192;
constexpr std::size_t kHelpIndent = 16;

constexpr std::string_view kHelp = R"(Usage: {program} LEDGER FILE.csv[.gz] [OPTIONS]

Takes in {what}, on basis history, one commit a row.
LEDGER is made when it is missing (zone {zone}, currency {currency}). Run it again after a stop: rows that landed are
duplicates.

  --go-live TIME   of a new ledger: what occurred before is history (RFC 3339; default: now)
  --results FILE   write one JSON object a row: what became of it
  --json           no progress on a terminal
{own}
Ends with one JSON document on stdout: counts, findings by code, problems with line and reason, columns that are not
mapped. Exit code: 0 done; 1 the rules refused a row; 2 wrong command line or file; 3 storage.
)";

enum ExitCode : int { kDone = 0, kRefused = 1, kUsage = 2, kStorage = 3 };

void complain(std::string_view program, std::string_view text) {
  fmt::print(stderr, "{}: {}\n", program, text);
}

carnet::Timestamp clock_now() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

ImportHost::~ImportHost() {
  if (appender_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    appender_.join();
  }
}

// ---- Beginning ----

bool ImportHost::parse(int argc, char** argv, std::string& fault) {
  std::vector<std::string> places;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const bool has_value = i + 1 < argc;
    if (argument == "--help" || argument == "-h") {
      arguments_.help = true;
      return true;
    }
    if (argument == "--json") {
      arguments_.quiet = true;
    } else if (argument == "--results" && has_value) {
      arguments_.results = argv[++i];
    } else if (argument == "--go-live" && has_value) {
      const auto time = carnet::parse_timestamp(argv[++i]);
      if (!time) {
        fault = "--go-live takes a time as RFC 3339 has it, such as 2024-01-01T00:00:00Z";
        return false;
      }
      arguments_.go_live = *time;
    } else if (argument.starts_with("-")) {
      if (!parse_own(argc, argv, i, fault)) {
        return false;
      }
    } else {
      places.emplace_back(argument);
    }
  }
  if (places.size() != 2) {
    fault = "a ledger and a file are wanted";
    return false;
  }
  arguments_.ledger = places[0];
  arguments_.file = places[1];
  return true;
}

bool ImportHost::parse_own(int argc, char** argv, int& i, std::string& fault) {
  const std::string_view argument = argv[i];
  for (const FeedOption& option : feed_.options) {
    if (option.name != argument) {
      continue;
    }
    std::string value;
    if (!option.value.empty()) {
      if (i + 1 == argc || !option.valid(argv[i + 1])) {
        fault = fmt::format("{} takes {}", option.name, option.help);
        return false;
      }
      value = argv[++i];
    }
    arguments_.others[std::string(argument)] = value;
    return true;
  }
  fault = fmt::format("{} is no option, or lacks its value", argument);
  return false;
}

void ImportHost::print_help() const {
  std::string own;
  for (const FeedOption& option : feed_.options) {
    const std::string name = fmt::format("{} {}", option.name, option.value);
    own += fmt::format("  {}{}{}\n", name, name.size() > kHelpIndent ? "\n" : "",
                       std::string(name.size() > kHelpIndent ? kHelpIndent + 3 : kHelpIndent + 1 - name.size(), ' ') +
                           std::string(option.help));
  }
  fmt::print(kHelp, fmt::arg("program", feed_.program), fmt::arg("what", feed_.what), fmt::arg("zone", feed_.zone),
             fmt::arg("currency", feed_.currency), fmt::arg("own", own));
}

std::optional<std::string> ImportHost::option(std::string_view name) const {
  const auto found = arguments_.others.find(name);
  return found == arguments_.others.end() ? std::nullopt : std::optional(found->second);
}

void ImportHost::state(std::string_view key, std::string json) {
  stated_ += fmt::format(",{}:{}", json_string(key), json);
}

bool ImportHost::bind_columns(std::string& fault) {
  if (!reader_.next(record_)) {
    fault = "the file is empty";
    return false;
  }
  const CsvColumns columns(record_);
  header_ = columns.names();
  for (const std::string_view name : feed_.columns) {
    const auto place = columns.find(name);
    if (!place) {
      fault = fmt::format("the header has no column {}", name);
      return false;
    }
    places_.push_back(*place);
  }
  const auto mapped = feed_.columns.first(feed_.columns.size() - feed_.guides);
  for (const std::string& name : header_) {
    if (std::ranges::find(mapped, name) == mapped.end()) {
      unread_.push_back(name);
    }
  }
  return true;
}

carnet::Status ImportHost::open_ledger() {
  carnet::OpenOptions options;
  options.if_missing = carnet::IfMissing::kCreate;
  // A row that was acknowledged survives a kill; the file itself is the other copy.
  options.durability = carnet::Durability::kInterval;
  carnet::OpeningOptions opening;
  opening.now = clock_now();
  opening.go_live_at = arguments_.go_live.value_or(opening.now);
  opening.zone = feed_.zone;
  opening.currency = feed_.currency;
  opening.jurisdiction = feed_.jurisdiction;
  CARNET_TRY(auto opened, carnet::open_rental_ledger(arguments_.ledger, options, opening));
  ledger_ = std::move(opened.ledger);
  constexpr std::uint64_t kLedgerOpened = 2;  // Always the first event of the domain.
  CARNET_TRY(const auto view, ledger_->view());
  CARNET_TRY(const carnet::AppliedEvent* event, view->applied(kLedgerOpened));
  if (event == nullptr) {
    return carnet::Error(carnet::ErrorCode::kInvalidArgument, "LedgerNotOpened", "the ledger was made with --bare");
  }
  go_live_ = {carnet::payload_as<carnet::schema::LedgerOpened>(event->payload).getGoLiveAt()};
  return {};
}

std::optional<int> ImportHost::start(int argc, char** argv) {
  std::string fault;
  if (!parse(argc, argv, fault)) {
    complain(feed_.program, fault);
    fmt::print(stderr, "usage: {} LEDGER FILE.csv[.gz] [OPTIONS]; --help tells more\n", feed_.program);
    return kUsage;
  }
  if (arguments_.help) {
    print_help();
    return kDone;
  }
  if (!reader_.open(arguments_.file)) {
    complain(feed_.program, fmt::format("{} cannot be read", arguments_.file));
    return kUsage;
  }
  if (!bind_columns(fault)) {
    complain(feed_.program, fmt::format("{}: {}", arguments_.file, fault));
    return kUsage;
  }
  if (!arguments_.results.empty()) {
    results_.open(arguments_.results, std::ios::trunc);
    if (!results_) {
      complain(feed_.program, fmt::format("{} cannot be written", arguments_.results));
      return kUsage;
    }
  }
  if (const carnet::Status opened = open_ledger(); !opened) {
    complain(feed_.program, opened.error().to_line());
    return opened.error().code() == carnet::ErrorCode::kInvalidArgument ? kUsage : kStorage;
  }
  std::error_code ignored;
  file_bytes_ = std::filesystem::file_size(arguments_.file, ignored);
  terminal_ = !arguments_.quiet && ::isatty(STDERR_FILENO) == 1;
  appender_ = std::thread([this] { append_loop(); });
  return std::nullopt;
}

// ---- Rows ----

bool ImportHost::next_row() {
  {
    const std::lock_guard lock(mutex_);
    if (failure_) {
      return false;
    }
  }
  if (!reader_.next(record_)) {
    return false;
  }
  if (++rows_ % kProgressRows == 0) {
    show_progress(false);
  }
  return true;
}

std::string_view ImportHost::field(std::size_t column) const {
  return record_.field(places_[column]);
}

std::optional<Rejection> ImportHost::row_fault() const {
  if (!record_.fault().empty()) {
    return Rejection{.error = "BadRow", .column = {}, .message = std::string(record_.fault())};
  }
  if (record_.size() != header_.size()) {
    return Rejection{.error = "BadRow",
                     .column = {},
                     .message = fmt::format("{} fields, the header has {}", record_.size(), header_.size())};
  }
  return std::nullopt;
}

carnet::Request ImportHost::new_request() const {
  carnet::Request request;
  request.command = fmt::format("{}:{}", feed_.source, line());
  request.basis = carnet::Basis::kHistory;
  request.source = carnet::Source{.name = std::string(feed_.source), .position = line()};
  request.actor = {.id = std::string(feed_.program), .kind = carnet::ActorKind::kSystem, .role = "migration"};
  request.channel = "system";
  request.versions = carnet::VersionPolicy::kAny;
  return request;
}

bool ImportHost::submit(carnet::Request request, bool keep_receipt) {
  for (const carnet::EventDraft& event : request.events) {
    if (event.occurred_at >= go_live_) {
      reject({.error = "BasisNotAllowed",
              .column = {},
              .message = fmt::format("the row is of {}, not before go-live at {}", carnet::to_text(event.occurred_at),
                                     carnet::to_text(go_live_))});
      return false;
    }
  }
  push({.line = line(), .rejection = {}, .request = std::move(request), .keep_receipt = keep_receipt});
  return true;
}

void ImportHost::reject(Rejection rejection) {
  push({.line = line(), .rejection = std::move(rejection), .request = {}, .keep_receipt = false});
}

void ImportHost::push(RowRequest row) {
  batch_.push_back(std::move(row));
  if (batch_.size() >= kBatchRows) {
    flush();
  }
}

void ImportHost::flush() {
  if (batch_.empty()) {
    return;
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return queue_.size() < kQueueBatches || failure_.has_value(); });
  queue_.push_back(std::move(batch_));
  lock.unlock();
  changed_.notify_all();
  batch_.clear();
}

std::optional<carnet::Receipt> ImportHost::receipt_of(std::uint64_t line) {
  flush();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return (queue_.empty() && !busy_) || failure_.has_value(); });
  const auto found = receipts_.find(line);
  return found == receipts_.end() ? std::nullopt : std::optional(found->second);
}

// ---- The appending thread ----

void ImportHost::append_loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return !queue_.empty() || ending_; });
    if (queue_.empty()) {
      return;
    }
    std::vector<RowRequest> batch = std::move(queue_.front());
    queue_.pop_front();
    busy_ = true;
    const bool broken = failure_.has_value();
    lock.unlock();
    changed_.notify_all();
    if (!broken) {
      append(batch);
    }
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

void ImportHost::append(std::vector<RowRequest>& batch) {
  std::vector<carnet::Request> requests;
  requests.reserve(batch.size());
  for (RowRequest& row : batch) {
    if (!row.rejection) {
      requests.push_back(std::move(row.request));
      row.request = {};
    }
  }
  const std::vector<carnet::Result<carnet::Outcome>> outcomes = ledger_->append_batch(requests);
  std::size_t next = 0;
  for (RowRequest& row : batch) {
    if (row.rejection) {
      ++rejected_;
      const Problem problem{row.line, "rejected", row.rejection->error, row.rejection->column, row.rejection->message};
      write_result(row, "rejected", nullptr, &problem);
      problems_.push_back(problem);
      continue;
    }
    const auto& outcome = outcomes[next++];
    if (!outcome) {
      const std::lock_guard lock(mutex_);
      failure_ = failure_ ? failure_ : std::optional(outcome.error());
      return;
    }
    note(row, outcome);
  }
}

void ImportHost::note(const RowRequest& row, const carnet::Result<carnet::Outcome>& outcome) {
  if (const auto* receipt = std::get_if<carnet::Receipt>(&*outcome); receipt != nullptr) {
    (receipt->duplicate ? duplicates_ : commits_) += 1;
    events_ += receipt->duplicate ? 0 : receipt->event_count;
    if (row.keep_receipt) {
      const std::lock_guard lock(mutex_);
      receipts_.emplace(row.line, *receipt);
    }
    write_result(row, receipt->duplicate ? "duplicate" : "committed", receipt, nullptr);
    return;
  }
  const auto& refusal = std::get<carnet::Refusal>(*outcome);
  (refusal.rejected ? rejected_ : refused_) += 1;
  const Problem problem{row.line, refusal.rejected ? "rejected" : "refused", refusal.error, refusal.path,
                        refusal.message};
  write_result(row, problem.outcome, nullptr, &problem);
  problems_.push_back(problem);
}

void ImportHost::write_result(const RowRequest& row, std::string_view outcome, const carnet::Receipt* receipt,
                              const Problem* problem) {
  if (!results_.is_open()) {
    return;
  }
  std::string text = fmt::format(R"({{"line":{},"outcome":"{}")", row.line, outcome);
  if (receipt != nullptr) {
    text += fmt::format(R"(,"commit":{},"firstPosition":{})", receipt->commit, receipt->first_position);
  }
  if (problem != nullptr) {
    text += fmt::format(R"(,"error":{},"path":{},"message":{})", json_string(problem->error),
                        json_string(problem->column), json_string(problem->message));
  }
  results_ << text << "}\n";
}

// ---- End ----

void ImportHost::show_progress(bool last) {
  if (!terminal_) {
    return;
  }
  const double share =
      last || file_bytes_ == 0 ? 1.0 : static_cast<double>(reader_.bytes_read()) / static_cast<double>(file_bytes_);
  fmt::print(stderr, "\r{:>3.0f} %  {} rows{}", share * 100.0, rows_, last ? "\n" : "");
}

carnet::Result<std::map<std::string, std::uint64_t>> ImportHost::count_findings() {
  std::map<std::string, std::uint64_t> counts;
  CARNET_TRY(const auto view, ledger_->view());
  CARNET_TRY(const auto cursor, view->read({}, {}));
  while (true) {
    CARNET_TRY(const carnet::Event* event, cursor->next());
    if (event == nullptr) {
      return counts;
    }
    if (event->source_name == feed_.source) {
      for (const carnet::FindingView& finding : event->findings) {
        ++counts[std::string(finding.code)];
      }
    }
  }
}

std::string ImportHost::summary(const std::map<std::string, std::uint64_t>& findings) const {
  std::string text = fmt::format(
      R"({{"lines":{},"commits":{},"events":{},"duplicates":{},"refused":{},"rejected":{},"lastPosition":{})", rows_,
      commits_, events_, duplicates_, refused_, rejected_, ledger_->head().position);
  text += R"(,"findings":{)";
  bool first = true;
  for (const auto& [code, count] : findings) {
    text += fmt::format("{}{}:{}", first ? "" : ",", json_string(code), count);
    first = false;
  }
  text += R"(},"problems":[)";
  for (std::size_t i = 0; i < std::min(problems_.size(), kProblemsShown); ++i) {
    const Problem& problem = problems_[i];
    text += fmt::format(R"({}{{"line":{},"outcome":"{}","error":{},"path":{},"message":{}}})", i == 0 ? "" : ",",
                        problem.line, problem.outcome, json_string(problem.error), json_string(problem.column),
                        json_string(problem.message));
  }
  text += R"(],"unmapped":[)";
  for (std::size_t i = 0; i < unread_.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ",", json_string(unread_[i]));
  }
  return text + "]" + stated_ + "}";
}

int ImportHost::finish() {
  flush();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  appender_.join();
  show_progress(true);
  if (failure_) {
    complain(feed_.program, failure_->to_line());
    return kStorage;
  }
  if (reader_.failed()) {
    complain(feed_.program, fmt::format("{} is damaged or cut behind line {}", arguments_.file, record_.line()));
    return kStorage;
  }
  const auto findings = count_findings();
  if (!findings) {
    complain(feed_.program, findings.error().to_line());
    return kStorage;
  }
  const std::string text = summary(*findings);
  if (const carnet::Status closed = ledger_->close(); !closed) {
    complain(feed_.program, closed.error().to_line());
    return kStorage;
  }
  fmt::print("{}\n", text);
  // Rows that cannot be true are named and left out: that is done. What the rules refused is not.
  return refused_ == 0 ? kDone : kRefused;
}

}  // namespace example
