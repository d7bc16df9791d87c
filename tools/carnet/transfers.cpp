// SPDX-License-Identifier: Apache-2.0
//
// Verb transfers.
#include "books.hpp"
#include "json.hpp"
#include "table.hpp"
#include "verbs.hpp"

#include <fmt/format.h>

namespace carnet::tool {

namespace {

std::string amount_of(const TransferView& transfer) {
  const auto currency = Currency::parse(transfer.unit);
  return currency ? amount_text({transfer.amount, *currency}) : fmt::format("{} {}", transfer.amount, transfer.unit);
}

void print_json(Output& out, const Event& event, const TransferView& transfer, std::string& json) {
  json.clear();
  std::string amount;
  JsonObject(amount).number("minor", transfer.amount).text("currency", transfer.unit).end();
  JsonObject(json)
      .number("position", event.position)
      .time("occurredAt", event.occurred_at)
      .time("bookedAt", event.booked_at)
      .text("debit", transfer.debit)
      .text("credit", transfer.credit)
      .raw("amount", amount)
      .text("phase", to_string(transfer.phase))
      .text("event", event.type)
      .text("rule", transfer.rule)
      .end();
  out.json_line(json);
}

}  // namespace

Result<Exit> run(const Session& session, const TransfersCommand& command) {
  CARNET_TRY(const Ledger::Opened opened, open_for_reading(session));
  CARNET_TRY(const std::unique_ptr<View> view, opened.ledger->view());
  CARNET_TRY(Zone zone, zone_for(session, *view, command.zone));
  const std::optional<Timestamp> from = command.from ? std::optional(first_of(*command.from, zone)) : std::nullopt;
  const std::optional<Timestamp> to = command.to ? std::optional(last_of(*command.to, zone)) : std::nullopt;
  Query query;
  if (!command.tag.empty()) {
    query.any.push_back({.stream = {}, .tags = {command.tag}, .types = {}});
  }
  Table table(session.out, {{"position", base::Align::kRight},
                            {fmt::format("occurred ({})", zone.name())},
                            {"debit", base::Align::kLeft, true, true},
                            {"credit", base::Align::kLeft, true, true},
                            {"amount", base::Align::kRight},
                            {"phase"},
                            {"event"},
                            {"rule"}});
  ReadOptions options;
  options.stop = session.stop;
  options.after = command.after;
  std::uint64_t count = 0;
  std::string json;
  CARNET_TRY_VOID(for_each_event(*view, query, options, [&](const Event& event) -> Result<bool> {
    if ((from && event.occurred_at < *from) || (to && event.occurred_at > *to)) {
      return true;
    }
    for (const TransferView& transfer : event.transfers) {
      if (!command.account.empty() && !is_at_or_below(transfer.debit, command.account) &&
          !is_at_or_below(transfer.credit, command.account)) {
        continue;
      }
      if (command.limit > 0 && count == command.limit) {
        return false;
      }
      ++count;
      if (session.json()) {
        print_json(session.out, event, transfer, json);
      } else {
        table.row({fmt::to_string(event.position), zone.text(event.occurred_at), std::string(transfer.debit),
                   std::string(transfer.credit), amount_of(transfer), std::string(to_string(transfer.phase)),
                   std::string(event.type), std::string(transfer.rule)});
      }
    }
    return session.out.is_good();
  }));
  if (!session.json() && !table.finish()) {
    session.console.say(fmt::format("{} {}: no transfer matches", session.verb, session.ledger.string()));
  }
  return Exit::kDone;
}

}  // namespace carnet::tool
