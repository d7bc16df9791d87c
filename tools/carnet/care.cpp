// SPDX-License-Identifier: Apache-2.0
//
// Verbs that look after a ledger as a whole: head, verify, stats.
#include "base/bytes.hpp"
#include "json.hpp"
#include "table.hpp"
#include "verbs.hpp"

#include <carnet/metrics.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace carnet::tool {

namespace {

/// Name and value in two columns.
class Sheet {
 public:
  explicit Sheet(Output& out) : out_(out) {}

  void add(std::string name, std::string value) { rows_.emplace_back(std::move(name), std::move(value)); }

  void print() const {
    std::size_t width = 0;
    for (const auto& [name, value] : rows_) {
      width = std::max(width, base::display_width(name));
    }
    for (const auto& [name, value] : rows_) {
      out_.line(fmt::format("{}  {}", base::fit(name, width), base::printable(value)));
    }
  }

 private:
  Output& out_;
  std::vector<std::pair<std::string, std::string>> rows_;
};

Result<Exit> print_receipt(const Session& session, const HeadCommand& command, Ledger& ledger, View& view) {
  CARNET_TRY(const auto receipt, ledger.receipt(command.command));
  if (!receipt) {
    return Error(ErrorCode::kNotFound, "NoSuchCommand", "no commit of this ledger was made by the command",
                 {{"command", command.command}});
  }
  if (session.json()) {
    std::string json;
    JsonObject(json)
        .text("outcome", "found")
        .text("command", command.command)
        .number("commit", receipt->commit)
        .number("firstPosition", receipt->first_position)
        .number("events", receipt->event_count)
        .time("recordedAt", receipt->recorded_at)
        .text("leafHash", base::to_hex(receipt->leaf_hash))
        .end();
    session.out.json_line(json);
    return Exit::kDone;
  }
  CARNET_TRY(Zone zone, zone_for(session, view, command.zone));
  Sheet sheet(session.out);
  sheet.add("commit", count_text(receipt->commit));
  sheet.add("first position", count_text(receipt->first_position));
  sheet.add("events", count_text(receipt->event_count));
  sheet.add("recorded", zone.text(receipt->recorded_at));
  sheet.add("leaf hash", base::to_hex(receipt->leaf_hash));
  sheet.print();
  return Exit::kDone;
}

void print_verify_json(const Session& session, const VerifyReport& report) {
  std::string findings = "[";
  for (const VerifyFinding& finding : report.findings) {
    findings += findings.size() > 1 ? "," : "";
    JsonObject(findings)
        .text("check", finding.check)
        .number("position", finding.position)
        .text("message", finding.message)
        .end();
  }
  findings += "]";
  std::string fingerprints;
  JsonObject tables(fingerprints);
  for (const auto& [table, fingerprint] : report.fingerprints) {
    tables.text(table, fingerprint);
  }
  tables.end();
  std::string json;
  JsonObject(json)
      .text("outcome", report.ok() ? "verified" : "verificationFailed")
      .number("events", report.events)
      .number("commits", report.commits)
      .text("root", base::to_hex(report.root))
      .raw("findings", findings)
      .raw("fingerprints", fingerprints)
      .end();
  session.out.json_line(json);
}

void print_verify_text(const Session& session, const VerifyReport& report) {
  Sheet sheet(session.out);
  sheet.add("outcome", report.ok() ? "verified" : "verification failed");
  sheet.add("events", count_text(report.events));
  sheet.add("commits", count_text(report.commits));
  sheet.add("root", base::to_hex(report.root));
  sheet.add("tables", count_text(report.fingerprints.size()));
  sheet.print();
  for (const VerifyFinding& finding : report.findings) {
    session.out.line(
        base::printable(fmt::format("{} at position {}: {}", finding.check, finding.position, finding.message)));
  }
}

bool is_number(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

}  // namespace

Result<Exit> run(const Session& session, const HeadCommand& command) {
  CARNET_TRY(const Ledger::Opened opened, open_for_reading(session));
  CARNET_TRY(const std::unique_ptr<View> view, opened.ledger->view());
  if (!command.command.empty()) {
    return print_receipt(session, command, *opened.ledger, *view);
  }
  const Head head = opened.ledger->head();
  if (session.json()) {
    std::string json;
    JsonObject(json)
        .number("position", head.position)
        .number("commits", head.commits)
        .time("recordedAt", head.recorded_at)
        .text("root", base::to_hex(head.root))
        .text("ledgerId", base::to_hex(head.ledger_id))
        .end();
    session.out.json_line(json);
    return Exit::kDone;
  }
  CARNET_TRY(Zone zone, zone_for(session, *view, command.zone));
  Sheet sheet(session.out);
  sheet.add("position", count_text(head.position));
  sheet.add("commits", count_text(head.commits));
  sheet.add("recorded", zone.text(head.recorded_at));
  sheet.add("root", base::to_hex(head.root));
  sheet.add("ledger", base::to_hex(head.ledger_id));
  sheet.print();
  return Exit::kDone;
}

Result<Exit> run(const Session& session, const VerifyCommand& /*command*/) {
  CARNET_TRY(const Ledger::Opened opened, open_for_reading(session));
  Progress progress(session.console, "verify", "events");
  CARNET_TRY(const VerifyReport report,
             opened.ledger->verify([&](const VerifyProgress& at) { progress.update(at.done, at.total, at.done); },
                                   session.stop));
  session.console.clear_status();
  if (session.json()) {
    print_verify_json(session, report);
  } else {
    print_verify_text(session, report);
  }
  if (report.ok()) {
    return Exit::kDone;
  }
  session.console.say(
      fmt::format("{} {}: {} found; keep the folder as it is, and restore a backup or follow what stands there",
                  session.verb, session.ledger.string(), count_of(report.findings.size(), "contradiction")));
  return Exit::kNo;
}

Result<Exit> run(const Session& session, const StatsCommand& command) {
  CARNET_TRY(const Ledger::Opened opened, open_for_reading(session));
  if (command.prometheus) {
    CARNET_TRY(const std::string page, prometheus_text(*opened.ledger));
    session.out.write(page);
    return Exit::kDone;
  }
  CARNET_TRY(const std::vector<Fact> facts, opened.ledger->stats());
  if (session.json()) {
    std::string json;
    JsonObject object(json);
    for (const Fact& fact : facts) {
      is_number(fact.value) ? object.raw(fact.name, fact.value) : object.text(fact.name, fact.value);
    }
    object.end();
    session.out.json_line(json);
    return Exit::kDone;
  }
  Sheet sheet(session.out);
  for (const Fact& fact : facts) {
    sheet.add(fact.name, is_number(fact.value) ? base::group_thousands(std::string_view(fact.value)) : fact.value);
  }
  sheet.print();
  return Exit::kDone;
}

}  // namespace carnet::tool
