// SPDX-License-Identifier: Apache-2.0
//
// What every importer of a CSV file does: options, opening the ledger, two threads (one reads rows and makes requests,
// one appends), results a row, progress on a terminal, a summary. An importer adds how a row becomes events.
#pragma once

#include "csv.hpp"

#include <carnet/ledger.hpp>
#include <carnet/rental/domain.hpp>
#include <carnet/request.hpp>
#include <carnet/result.hpp>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace example {

/// An option that only one importer has.
struct FeedOption {
  std::string_view name;                 ///< `--base`
  std::string_view value;                ///< Word of its value in `--help`; empty: it takes none.
  std::string_view help;                 ///< One line.
  bool (*valid)(std::string_view text);  ///< Of the value; null where it takes none.
};

/// What is fixed about a feed.
struct Feed {
  std::string_view program;  ///< `import_fines`
  std::string_view what;     ///< What it takes in, for `--help`.
  std::string_view source;   ///< The set's folder: source name of every commit.
  std::string_view zone;     ///< Business zone.
  std::string_view currency;
  std::string_view jurisdiction;
  std::span<const std::string_view> columns;  ///< That the importer reads; the result names the others once.
  std::span<const FeedOption> options = {};
  std::size_t guides =
      0;  ///< So many of the last columns only guide the importer: the result names them as not mapped.
};

struct Arguments {
  std::string ledger;
  std::string file;
  std::string results;
  std::optional<carnet::Timestamp> go_live;
  std::map<std::string, std::string, std::less<>> others;  ///< By the names of Feed::options.
  bool quiet = false;
  bool help = false;
};

/// Why a row cannot be taken in.
struct Rejection {
  std::string error;   ///< PascalCase.
  std::string column;  ///< May be empty.
  std::string message;
};

/// A row's request, on its way to the ledger.
struct RowRequest {
  std::uint64_t line = 0;
  std::optional<Rejection> rejection;  ///< Then there is no request.
  carnet::Request request;
  bool keep_receipt = false;  ///< Later rows ask for its positions.
};

class ImportHost {
 public:
  explicit ImportHost(const Feed& feed) : feed_(feed) {}

  ImportHost(const ImportHost&) = delete;
  ImportHost& operator=(const ImportHost&) = delete;
  ~ImportHost();

  /// Reads options, opens file and ledger. Returns an exit code when it ends here.
  [[nodiscard]] std::optional<int> start(int argc, char** argv);

  [[nodiscard]] const std::string& file() const noexcept { return arguments_.file; }

  /// Value of one of Feed::options; nothing where it was not given.
  [[nodiscard]] std::optional<std::string> option(std::string_view name) const;

  /// Adds `"key":value` to the summary; `json` is valid JSON.
  void state(std::string_view key, std::string json);

  /// Fields of the current row, by the order of Feed::columns. Valid until next_row().
  [[nodiscard]] bool next_row();
  [[nodiscard]] std::string_view field(std::size_t column) const;

  [[nodiscard]] std::uint64_t line() const noexcept { return record_.line(); }

  /// What is wrong with the row as CSV.
  [[nodiscard]] std::optional<Rejection> row_fault() const;

  [[nodiscard]] carnet::Timestamp go_live() const noexcept { return go_live_; }

  /// Envelope of a row's commit: history, by the migration role, source and command from the row.
  [[nodiscard]] carnet::Request new_request() const;
  /// False: the row was rejected, because it is not before go-live.
  bool submit(carnet::Request request, bool keep_receipt = false);
  void reject(Rejection rejection);
  /// Waits until everything submitted is answered; then the receipt of an earlier row is known (nothing: it was
  /// refused).
  [[nodiscard]] std::optional<carnet::Receipt> receipt_of(std::uint64_t line);

  /// Ends: waits, closes the ledger, prints the summary. Returns the exit code.
  [[nodiscard]] int finish();

 private:
  struct Problem {
    std::uint64_t line = 0;
    std::string outcome;
    std::string error;
    std::string column;
    std::string message;
  };

  [[nodiscard]] bool parse(int argc, char** argv, std::string& fault);
  /// A word that is no option of every importer: one of the feed's own?
  [[nodiscard]] bool parse_own(int argc, char** argv, int& i, std::string& fault);
  void print_help() const;
  [[nodiscard]] bool bind_columns(std::string& fault);
  [[nodiscard]] carnet::Status open_ledger();
  void push(RowRequest row);
  void flush();
  void append_loop();
  void append(std::vector<RowRequest>& batch);
  void note(const RowRequest& row, const carnet::Result<carnet::Outcome>& outcome);
  void write_result(const RowRequest& row, std::string_view outcome, const carnet::Receipt* receipt,
                    const Problem* problem);
  void show_progress(bool last);
  [[nodiscard]] carnet::Result<std::map<std::string, std::uint64_t>> count_findings();
  [[nodiscard]] std::string summary(const std::map<std::string, std::uint64_t>& findings) const;

  const Feed& feed_;
  Arguments arguments_;
  CsvReader reader_;
  CsvRecord record_;
  std::vector<std::string> header_;
  std::vector<std::size_t> places_;
  std::vector<std::string> unread_;
  std::string stated_;
  std::unique_ptr<carnet::Ledger> ledger_;
  carnet::Timestamp go_live_;
  std::ofstream results_;
  std::uint64_t file_bytes_ = 0;
  bool terminal_ = false;

  std::vector<RowRequest> batch_;
  std::uint64_t rows_ = 0;

  // Between the two threads.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<RowRequest>> queue_;
  bool busy_ = false;
  bool ending_ = false;
  std::optional<carnet::Error> failure_;
  std::map<std::uint64_t, carnet::Receipt> receipts_;
  std::thread appender_;

  // Of the appending thread until it ended.
  std::uint64_t commits_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t rejected_ = 0;
  std::vector<Problem> problems_;
};

/// `text` as a JSON string with quotes.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace example
