// SPDX-License-Identifier: Apache-2.0
//
// Verbs that make and mend a ledger: init, recover.
#include "base/bytes.hpp"
#include "json.hpp"
#include "table.hpp"
#include "verbs.hpp"

#include <carnet/clock.hpp>
#include <carnet/rental/domain.hpp>

#include <fmt/format.h>

namespace carnet::tool {

namespace {

/// LedgerOpened and the rule sets. A refusal of these is an error of the options.
Status append_opening(Ledger& ledger, const InitCommand& command) {
  CARNET_TRY(const Zone zone, Zone::find(command.zone));
  OpeningOptions opening;
  opening.now = system_clock()->now();
  opening.go_live_at = command.go_live ? first_of(*command.go_live, zone) : opening.now;
  opening.zone = command.zone;
  opening.currency = command.currency;
  opening.jurisdiction = command.jurisdiction;
  CARNET_TRY(const std::vector<Request> requests, opening_requests(opening));
  for (const Request& request : requests) {
    CARNET_TRY(const Outcome outcome, ledger.append(request));
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
      return Error(ErrorCode::kInvalidArgument, refusal->error, refusal->message, refusal->values);
    }
  }
  return {};
}

}  // namespace

Status refuse_what_is_there(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::exists(folder, error) && !error) {
    return {};
  }
  if (!error && std::filesystem::is_directory(folder, error) && std::filesystem::is_empty(folder, error) && !error) {
    return {};
  }
  if (error) {
    return Error(ErrorCode::kStorage, "FolderUnreadable", "the folder cannot be looked into: check its rights",
                 {{"path", folder.string()}, {"errno", fmt::to_string(error.value())}});
  }
  return Error(ErrorCode::kInvalidArgument, "NotEmpty",
               "a ledger is made in a new or empty folder: this one holds something; give another one",
               {{"path", folder.string()}});
}

Result<Exit> run(const Session& session, const InitCommand& command) {
  CARNET_TRY_VOID(refuse_what_is_there(command.ledger));
  OpenOptions options = writing_options(session, command.keys);
  options.if_missing = IfMissing::kCreate;
  options.genesis.origin = command.origin;
  CARNET_TRY(const Ledger::Opened opened, open_for_writing(session, options));
  if (!command.bare) {
    CARNET_TRY_VOID(append_opening(*opened.ledger, command));
  }
  const Head head = opened.ledger->head();
  CARNET_TRY_VOID(opened.ledger->close());
  if (session.json()) {
    std::string json;
    JsonObject(json)
        .text("outcome", "created")
        .text("ledgerId", base::to_hex(head.ledger_id))
        .text("origin", command.origin)
        .number("position", head.position)
        .number("commits", head.commits)
        .text("root", base::to_hex(head.root))
        .end();
    session.out.json_line(json);
  } else {
    session.out.line(base::printable(fmt::format("{}: a new ledger with {}, id {}", command.ledger.string(),
                                                 count_of(head.position, "event"), base::to_hex(head.ledger_id))));
  }
  return Exit::kDone;
}

Result<Exit> run(const Session& session, const RecoverCommand& command) {
  OpenOptions options = writing_options(session, command.keys);
  options.accept_loss = true;
  options.accept_loss_approver = command.approver;
  CARNET_TRY(const Ledger::Opened opened, open_for_writing(session, options));
  const Head head = opened.ledger->head();
  const OpenReport& report = opened.report;
  CARNET_TRY_VOID(opened.ledger->close());
  const std::string_view outcome = report.loss_accepted ? "lossAccepted" : "nothingLost";
  if (session.json()) {
    std::string json;
    JsonObject object(json);
    object.text("outcome", outcome)
        .number("position", head.position)
        .number("commits", head.commits)
        .text("root", base::to_hex(head.root));
    if (report.tail_dropped_bytes) {
      object.number("tailDroppedBytes", *report.tail_dropped_bytes);
    }
    object.flag("viewsRebuilt", report.views_rebuilt).end();
    session.out.json_line(json);
    return Exit::kDone;
  }
  session.out.line(
      report.loss_accepted
          ? fmt::format("the loss is accepted and written down; the ledger goes on behind position {}",
                        count_text(head.position))
          : fmt::format("nothing is lost: the ledger is whole up to position {}", count_text(head.position)));
  return Exit::kDone;
}

}  // namespace carnet::tool
