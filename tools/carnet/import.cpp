// SPDX-License-Identifier: Apache-2.0
//
// Verb import. Its summary goes to stdout with and without --json: the contract says that stdout ends with it.
#include "json.hpp"
#include "table.hpp"
#include "verbs.hpp"

#include <carnet/import.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <iostream>
#include <vector>

namespace carnet::tool {

namespace {

constexpr std::size_t kFileBufferBytes = std::size_t{1} << 20U;

Error file_error(std::string name, std::string message, const std::filesystem::path& path, ErrorCode code) {
  return {code, std::move(name), std::move(message), {{"path", path.string()}, {"errno", fmt::to_string(errno)}}};
}

/// The lines: a file, or standard input.
class Input {
 public:
  [[nodiscard]] Status open(const std::string& file) {
    if (file == "-") {
      std::ios::sync_with_stdio(false);
      source_ = "stdin";
      return {};
    }
    const std::filesystem::path path(file);
    buffer_.resize(kFileBufferBytes);
    file_.rdbuf()->pubsetbuf(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
      return Error(ErrorCode::kInvalidArgument, "NotAFile",
                   "the input is a folder: give a file of NDJSON, or - for standard input", {{"path", file}});
    }
    errno = 0;
    file_.open(path, std::ios::binary);
    if (!file_) {
      const bool is_missing = errno == ENOENT;
      return file_error(is_missing ? "NoSuchFile" : "InputFailed",
                        "the input cannot be opened: check its name and rights", path,
                        is_missing ? ErrorCode::kNotFound : ErrorCode::kStorage);
    }
    source_ = path.filename().string();
    bytes_ = std::filesystem::is_regular_file(path, error) ? std::filesystem::file_size(path, error) : 0;
    is_file_ = true;
    return {};
  }

  [[nodiscard]] std::istream& stream() { return is_file_ ? static_cast<std::istream&>(file_) : std::cin; }

  [[nodiscard]] const std::string& source() const noexcept { return source_; }

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  std::vector<char> buffer_;  // before the stream that uses it
  std::ifstream file_;
  std::string source_;
  std::uint64_t bytes_ = 0;
  bool is_file_ = false;
};

void print_summary(const Session& session, const ImportSummary& summary) {
  std::string json;
  JsonObject object(json);
  if (session.stop.stop_requested()) {
    object.text("outcome", "stopped");
  } else if (summary.refused + summary.rejected > 0) {
    object.text("outcome", summary.refused > 0 ? "refused" : "rejected");
  }
  object.number("lines", summary.lines)
      .number("commits", summary.commits)
      .number("events", summary.events)
      .number("duplicates", summary.duplicates)
      .number("refused", summary.refused)
      .number("rejected", summary.rejected)
      .number("lastPosition", summary.last_position)
      .end();
  session.out.json_line(json);
}

void tell(const Session& session, const ImportCommand& command, const ImportSummary& summary) {
  const std::uint64_t bad = summary.refused + summary.rejected;
  if (bad > 0) {
    const std::string_view what_next =
        command.on_refusal == OnRefusal::kStop
            ? "what stands before it landed; mend it and run again, or go on with --on-refusal skip"
            : "--results FILE tells of every line";
    session.console.say(fmt::format("{} {}: {}; {}{}", session.verb, command.file, summary.first_problem,
                                    bad > 1 ? fmt::format("{} in all were not taken; ", count_of(bad, "line")) : "",
                                    what_next));
  }
  if (session.stop.stop_requested()) {
    session.console.say(fmt::format("{} {}: stopped after {}; run it again to go on", session.verb, command.file,
                                    count_of(summary.lines, "line")));
  }
  if (session.console.is_terminal()) {
    session.console.say(fmt::format("{}{}, {}, {}; the ledger ends at position {}",
                                    command.dry_run ? "dry run, nothing written: " : "",
                                    count_of(summary.commits, "commit"), count_of(summary.events, "event"),
                                    count_of(summary.duplicates, "duplicate"), count_text(summary.last_position)));
  }
}

}  // namespace

Result<Exit> run(const Session& session, const ImportCommand& command) {
  Input input;
  CARNET_TRY_VOID(input.open(command.file));
  CARNET_TRY(const Ledger::Opened opened, open_for_writing(session, writing_options(session, command.keys)));
  std::ofstream results;
  if (!command.results.empty()) {
    errno = 0;
    results.open(command.results, std::ios::binary | std::ios::trunc);
    if (!results) {
      return file_error("ResultsFailed", "the file of results cannot be made: check its folder and rights",
                        command.results, ErrorCode::kStorage);
    }
  }
  ImportOptions options;
  options.source_name = input.source();
  options.on_refusal = command.on_refusal;
  options.dry_run = command.dry_run;
  options.results = command.results.empty() ? nullptr : &results;
  options.stop = session.stop;
  Progress progress(session.console, "import", "lines");
  options.progress = [&](std::uint64_t lines, std::uint64_t bytes) { progress.update(bytes, input.bytes(), lines); };
  CARNET_TRY(const ImportSummary summary, import_ndjson(*opened.ledger, input.stream(), options));
  session.console.clear_status();
  CARNET_TRY_VOID(opened.ledger->close());
  tell(session, command, summary);
  print_summary(session, summary);
  return summary.refused + summary.rejected > 0 ? Exit::kNo : Exit::kDone;
}

}  // namespace carnet::tool
