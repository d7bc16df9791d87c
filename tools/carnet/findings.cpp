// SPDX-License-Identifier: Apache-2.0
//
// Verb findings: what contradicted a rule and was kept, read from the events that carry it.
#include "books.hpp"
#include "json.hpp"
#include "table.hpp"
#include "verbs.hpp"

#include <fmt/format.h>

#include <charconv>

namespace carnet::tool {

namespace {

/// `633.1`; without a number: all findings of the position.
struct FindingId {
  std::uint64_t position = 0;
  std::optional<std::uint64_t> number;
};

/// Requires: the form that the command line checked.
FindingId id_of(std::string_view text) {
  FindingId id;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, id.position);
  if (parsed.ptr != end) {
    std::from_chars(parsed.ptr + 1, end, id.number.emplace());
  }
  return id;
}

std::string args_json(const FindingView& finding) {
  std::string out;
  JsonObject object(out);
  for (const Argument& argument : finding.args) {
    object.text(argument.name, argument.text);
  }
  object.end();
  return out;
}

class FindingPrinter {
 public:
  FindingPrinter(const Session& session, Zone& zone)
      : session_(session),
        zone_(zone),
        table_(session.out, {{"finding", base::Align::kRight},
                             {"severity"},
                             {"code"},
                             {"stream", base::Align::kLeft, true, true},
                             {"type", base::Align::kLeft, true},
                             {fmt::format("occurred ({})", zone.name())}}) {}

  void add(const Event& event, std::size_t index) {
    const FindingView& finding = event.findings[index];
    const std::string id = fmt::format("{}.{}", event.position, index + 1);
    if (session_.json()) {
      std::string json;
      JsonObject(json)
          .text("finding", id)
          .number("position", event.position)
          .text("code", finding.code)
          .text("severity", to_string(finding.severity))
          .text_if_any("path", finding.path)
          .raw("args", args_json(finding))
          .text("stream", event.stream)
          .text("type", event.type)
          .time("occurredAt", event.occurred_at)
          .time("recordedAt", event.recorded_at)
          .end();
      session_.out.json_line(json);
      return;
    }
    table_.row({id, std::string(to_string(finding.severity)), std::string(finding.code), std::string(event.stream),
                std::string(event.type), zone_.text(event.occurred_at)});
    std::string note(finding.path);
    for (const Argument& argument : finding.args) {
      note += fmt::format("{}{}={}", note.empty() ? "" : " ", argument.name, argument.text);
    }
    if (!note.empty()) {
      table_.note(note);
    }
  }

  bool finish() { return table_.finish(); }

 private:
  const Session& session_;
  Zone& zone_;
  Table table_;
};

bool is_wanted(const FindingView& finding, const FindingsCommand& command) {
  return (command.code.empty() || finding.code == command.code) &&
         (command.severity.empty() || to_string(finding.severity) == command.severity);
}

}  // namespace

Result<Exit> run(const Session& session, const FindingsCommand& command) {
  CARNET_TRY(const Ledger::Opened opened, open_for_reading(session));
  CARNET_TRY(const std::unique_ptr<View> view, opened.ledger->view());
  CARNET_TRY(Zone zone, zone_for(session, *view, command.zone));
  const std::optional<Timestamp> as_of = command.as_of ? std::optional(last_of(*command.as_of, zone)) : std::nullopt;
  const FindingId after = id_of(command.after);
  const FindingId wanted = id_of(command.id);
  Query query;
  if (!command.tag.empty()) {
    query.any.push_back({.stream = {}, .tags = {command.tag}, .types = {}});
  }
  ReadOptions options;
  options.stop = session.stop;
  if (!command.after.empty()) {
    // With a number the rest of its event's findings is still to come.
    options.after = after.position - (after.number && after.position > 0 ? 1 : 0);
  }
  if (command.known_at) {
    CARNET_TRY(const std::uint64_t last, position_known_at(*view, *command.known_at, zone));
    options.before = std::min(last, view->position()) + 1;
  }
  if (!command.id.empty()) {
    options.after = wanted.position == 0 ? view->position() : wanted.position - 1;
    options.before = std::min(options.before.value_or(wanted.position + 1), wanted.position + 1);
  }
  FindingPrinter printer(session, zone);
  Progress progress(session.console, "findings", "events");
  std::uint64_t count = 0;
  CARNET_TRY_VOID(for_each_event(*view, query, options, [&](const Event& event) -> Result<bool> {
    constexpr std::uint64_t kProgressStep = 4096;
    if (event.position % kProgressStep == 0) {
      progress.update(event.position, view->position(), event.position);
    }
    if (event.findings.empty()) {
      return true;
    }
    if (as_of) {
      CARNET_TRY(const Timestamp time, effective_time(*view, event));
      if (time > *as_of) {
        return true;
      }
    }
    for (std::size_t i = 0; i < event.findings.size(); ++i) {
      const bool is_behind = event.position > after.position || !after.number || i + 1 > *after.number;
      const bool is_named = !wanted.number || i + 1 == *wanted.number;
      if (!is_behind || !is_named || !is_wanted(event.findings[i], command)) {
        continue;
      }
      if (command.limit > 0 && count == command.limit) {
        return false;
      }
      ++count;
      printer.add(event, i);
      if (!command.id.empty()) {
        return false;
      }
    }
    return session.out.is_good();
  }));
  session.console.clear_status();
  if (!command.id.empty() && count == 0) {
    return Error(ErrorCode::kNotFound, "NoSuchFinding", "the ledger has no finding of this id", {{"id", command.id}});
  }
  if (!session.json() && !printer.finish()) {
    session.console.say(fmt::format("{} {}: no finding matches", session.verb, session.ledger.string()));
  }
  return Exit::kDone;
}

}  // namespace carnet::tool
