// SPDX-License-Identifier: Apache-2.0
//
// Verb rebuild.
#include "json.hpp"
#include "table.hpp"
#include "verbs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

namespace carnet::tool {

namespace {

bool is_same(const RebuiltProjection& one) {
  return one.before == one.after;
}

void print_json(const Session& session, const RebuildReport& report, bool all_same) {
  std::string projections = "[";
  for (const RebuiltProjection& one : report.projections) {
    projections += projections.size() > 1 ? "," : "";
    JsonObject object(projections);
    object.text("name", one.name)
        .number("version", one.version)
        .text_if_any("before", one.before)
        .text("after", one.after);
    if (one.parted_at) {
      object.number("partedAt", *one.parted_at);
    }
    object.end();
  }
  projections += "]";
  std::string json;
  JsonObject(json)
      .text("outcome", all_same ? "rebuilt" : "differs")
      .number("position", report.position)
      .number("events", report.events)
      .raw("seconds", fmt::format("{:.3f}", report.seconds))
      .raw("projections", projections)
      .end();
  session.out.json_line(json);
}

}  // namespace

Result<Exit> run(const Session& session, const RebuildCommand& command) {
  CARNET_TRY(const Ledger::Opened opened, open_for_writing(session, writing_options(session, command.keys)));
  RebuildOptions options;
  options.projection = command.projection;
  Progress progress(session.console, "rebuild", "events");
  std::mutex told;  // several threads fold
  const auto tell = [&](const RebuildProgress& at) {
    const std::lock_guard lock(told);
    progress.update(at.done, at.total, at.done);
  };
  CARNET_TRY(const RebuildReport report, opened.ledger->rebuild(options, tell, session.stop));
  session.console.clear_status();
  CARNET_TRY_VOID(opened.ledger->close());
  const bool all_same = std::ranges::all_of(report.projections, is_same);
  if (session.json()) {
    print_json(session, report, all_same);
  } else {
    Table table(session.out,
                {{"projection", base::Align::kLeft, true}, {"version", base::Align::kRight}, {"fingerprint"}, {"is"}});
    for (const RebuiltProjection& one : report.projections) {
      const std::string is = is_same(one)    ? "as it was live"
                             : one.parted_at ? fmt::format("different from position {}", count_text(*one.parted_at))
                                             : "different";
      table.row({one.name, fmt::to_string(one.version), one.after, is});
    }
    table.finish();
    session.out.line(fmt::format("{} folded up to position {} in {:.2f} s", count_of(report.events, "event"),
                                 count_text(report.position), report.seconds));
  }
  if (!all_same) {
    session.console.say(
        fmt::format("{} {}: what was live differed from what the log gives; the rebuilt rows are in force",
                    session.verb, session.ledger.string()));
  }
  return all_same ? Exit::kDone : Exit::kNo;
}

}  // namespace carnet::tool
