// SPDX-License-Identifier: Apache-2.0
//
// carnet: the command line of a ledger (docs/reference/command-line.md is its contract).
#include "json.hpp"
#include "options.hpp"
#include "session.hpp"
#include "signals.hpp"
#include "verbs.hpp"

#include <fmt/format.h>

#include <csignal>
#include <unistd.h>

namespace carnet::tool {

namespace {

const std::filesystem::path& ledger_of(const Command& command) {
  return std::visit([](const auto& one) -> const std::filesystem::path& { return one.ledger; }, command);
}

Exit end_early(const ParseEnd& end, Output& out, Console& console) {
  if (end.exit == Exit::kDone) {
    out.write(end.text);
    return end.exit;
  }
  console.say(end.text);
  if (end.json) {
    std::string json;
    JsonObject(json).text("outcome", "usage").text("message", end.text).end();
    out.json_line(json);
  }
  return end.exit;
}

/// What was printed is part of the work: a full disk under it is a failure, a reader that has seen enough is none.
Exit flush(Output& out, Console& console, Exit exit) {
  if (const Status flushed = out.flush(); !flushed) {
    if (out.is_broken_pipe()) {
      Signals::die_by(SIGPIPE);
    }
    console.say(flushed.error().to_line());
    return Exit::kWorld;
  }
  return exit;
}

Exit run_all(int argc, const char* const* argv) {
  Output out;
  Console console;
  const auto parsed = parse_command_line(argc, argv);
  if (const auto* end = std::get_if<ParseEnd>(&parsed)) {
    return flush(out, console, end_early(*end, out, console));
  }
  const auto& invocation = std::get<Invocation>(parsed);
  Exit exit = Exit::kWorld;
  int signal = 0;
  {
    const Signals signals;
    const Session session{invocation.common, invocation.verb, ledger_of(invocation.command), out,
                          console,           signals.stop()};
    const auto result = std::visit([&](const auto& command) { return run(session, command); }, invocation.command);
    signal = signals.caught();
    if (result) {
      exit = *result;
    } else if (!out.is_broken_pipe()) {
      exit = report(session, result.error());
    }
  }
  exit = flush(out, console, exit);
  if (signal != 0) {
    Signals::die_by(signal);
  }
  return exit;
}

}  // namespace

}  // namespace carnet::tool

int main(int argc, char** argv) {
  // Nothing of Carnet throws; what the libraries of the command line do (no memory, a broken locale) ends here.
  try {
    return static_cast<int>(carnet::tool::run_all(argc, argv));
  } catch (...) {
    constexpr std::string_view kText = "carnet: the program cannot go on: out of memory?\n";
    static_cast<void>(::write(STDERR_FILENO, kText.data(), kText.size()));
    return static_cast<int>(carnet::tool::Exit::kWorld);
  }
}
