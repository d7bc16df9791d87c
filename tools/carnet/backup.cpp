// SPDX-License-Identifier: Apache-2.0
//
// Verbs backup and restore.
#include "base/bytes.hpp"
#include "json.hpp"
#include "table.hpp"
#include "verbs.hpp"

#include <carnet/backup.hpp>
#include <carnet/rental/domain.hpp>

#include <fmt/format.h>

namespace carnet::tool {

namespace {

/// One bar a phase.
class Phases {
 public:
  explicit Phases(const Session& session) : session_(session) {}

  void update(const BackupProgress& at) {
    if (!bar_ || at.phase != phase_) {
      phase_ = at.phase;
      bar_.emplace(session_.console, fmt::format("{} ({})", session_.verb, phase_),
                   at.phase == "copy" ? "bytes" : "events");
    }
    bar_->update(at.done, at.total, at.done);
  }

  void clear() {
    bar_.reset();
    session_.console.clear_status();
  }

 private:
  const Session& session_;
  std::string phase_;
  std::optional<Progress> bar_;
};

BackupOptions backup_options(const Session& session, Phases& phases) {
  BackupOptions options;
  options.domain = &rental_domain();
  options.log = std::make_shared<ConsoleLogSink>(session.console);
  options.progress = [&phases](const BackupProgress& at) { phases.update(at); };
  options.stop = session.stop;
  return options;
}

JsonObject& add_info(JsonObject& object, const BackupInfo& info) {
  return object.number("number", info.number)
      .text("folder", info.folder.string())
      .time("madeAt", info.made_at)
      .text("ledgerId", base::to_hex(info.ledger_id))
      .number("position", info.position)
      .number("commits", info.commits)
      .text("root", base::to_hex(info.root))
      .number("checkedCommits", info.checked_commits)
      .number("bytes", info.bytes);
}

Result<Exit> list(const Session& session, const RestoreCommand& command) {
  CARNET_TRY(const std::vector<BackupInfo> backups, list_backups(command.folder));
  if (session.json()) {
    for (const BackupInfo& info : backups) {
      std::string json;
      JsonObject object(json);
      add_info(object, info).end();
      session.out.json_line(json);
    }
    return Exit::kDone;
  }
  auto utc = Zone::find("UTC");
  CARNET_TRY(Zone zone, command.zone ? Result<Zone>(*command.zone) : std::move(utc));
  Table table(session.out, {{"number", base::Align::kRight},
                            {fmt::format("made ({})", zone.name())},
                            {"position", base::Align::kRight},
                            {"commits", base::Align::kRight},
                            {"bytes", base::Align::kRight},
                            {"root", base::Align::kLeft, true}});
  for (const BackupInfo& info : backups) {
    table.row({fmt::to_string(info.number), zone.text(info.made_at), count_text(info.position),
               count_text(info.commits), count_text(info.bytes), base::to_hex(info.root)});
  }
  table.finish();
  return Exit::kDone;
}

}  // namespace

Result<Exit> run(const Session& session, const BackupCommand& command) {
  Phases phases(session);
  auto made = make_backup(command.ledger, command.folder, backup_options(session, phases));
  phases.clear();
  CARNET_TRY(const BackupReport report, std::move(made));
  if (session.json()) {
    std::string json;
    JsonObject object(json);
    add_info(object.text("outcome", "made"), report.info)
        .number("files", report.files)
        .number("copiedBytes", report.copied_bytes)
        .number("linkedBytes", report.linked_bytes)
        .end();
    session.out.json_line(json);
    return Exit::kDone;
  }
  session.out.line(base::printable(fmt::format(
      "{}: {} up to position {}, root {}; {} bytes copied, {} shared with the backup before",
      report.info.folder.string(), count_of(report.info.commits, "commit"), count_text(report.info.position),
      base::to_hex(report.info.root), count_text(report.copied_bytes), count_text(report.linked_bytes))));
  return Exit::kDone;
}

Result<Exit> run(const Session& session, const RestoreCommand& command) {
  if (command.list) {
    return list(session, command);
  }
  Phases phases(session);
  RestoreOptions options;
  options.common = backup_options(session, phases);
  options.number = command.number;
  options.quick = command.quick;
  auto restored = restore_backup(command.folder, command.ledger, options);
  phases.clear();
  CARNET_TRY(const RestoreReport report, std::move(restored));
  if (session.json()) {
    std::string json;
    JsonObject object(json);
    add_info(object.text("outcome", "restored"), report.info)
        .text("ledger", command.ledger.string())
        .number("files", report.files)
        .flag("verified", report.verified)
        .flag("viewsRebuilt", report.views_rebuilt)
        .end();
    session.out.json_line(json);
    return Exit::kDone;
  }
  session.out.line(base::printable(fmt::format(
      "{}: restored from {}, {} up to position {}, root {}{}", command.ledger.string(), report.info.folder.string(),
      count_of(report.info.commits, "commit"), count_text(report.info.position), base::to_hex(report.info.root),
      report.verified ? "; verified" : "")));
  return Exit::kDone;
}

}  // namespace carnet::tool
