// SPDX-License-Identifier: Apache-2.0
//
// Verbs that list states: violations, rentals.
#include "json.hpp"
#include "lists.hpp"
#include "table.hpp"
#include "verbs.hpp"

#include <carnet/rental/queries.hpp>

#include <fmt/format.h>

namespace carnet::tool {

namespace {

std::string json_of(const ViolationSummary& row, bool is_sum) {
  std::string json;
  JsonObject object(json);
  if (is_sum) {
    object.null("violation").null("state");
  } else {
    object.text("violation", row.violation).text("state", row.state);
  }
  object.money("charged", {row.charged, row.currency})
      .money("paid", {row.paid, row.currency})
      .money("overpaid", {row.overpaid, row.currency})
      .money("cancelled", {row.cancelled, row.currency})
      .money("assigned", {row.assigned, row.currency})
      .money("writtenOff", {row.written_off, row.currency})
      .money("due", {row.due, row.currency})
      .end();
  return json;
}

class ViolationTable {
 public:
  explicit ViolationTable(Output& out)
      : table_(out, {{"violation", base::Align::kLeft, true},
                     {"state"},
                     {"charged", base::Align::kRight},
                     {"paid", base::Align::kRight},
                     {"overpaid", base::Align::kRight},
                     {"cancelled", base::Align::kRight},
                     {"assigned", base::Align::kRight},
                     {"written off", base::Align::kRight},
                     {"due", base::Align::kRight},
                     {"currency"}}) {}

  void add(const ViolationSummary& row, std::string name) {
    std::vector<std::string> cells{std::move(name), std::string(row.state)};
    for (const std::int64_t amount :
         {row.charged, row.paid, row.overpaid, row.cancelled, row.assigned, row.written_off, row.due}) {
      cells.push_back(number_text({amount, row.currency}));
    }
    cells.push_back(row.currency.code());
    table_.row(std::move(cells));
  }

  bool finish() { return table_.finish(); }

 private:
  Table table_;
};

class ViolationPrinter {
 public:
  explicit ViolationPrinter(const Session& session) : session_(session), table_(session.out) {}

  bool add(const ViolationSummary& row, bool is_sum) {
    if (session_.json()) {
      session_.out.json_line(json_of(row, is_sum));
    } else {
      table_.add(row, is_sum ? "all" : row.violation);
    }
    return session_.out.is_good() && !session_.stop.stop_requested();
  }

  void finish() {
    if (!session_.json() && !table_.finish()) {
      session_.console.say(fmt::format("{} {}: there is none", session_.verb, session_.ledger.string()));
    }
  }

 private:
  const Session& session_;
  ViolationTable table_;
};

std::string json_of(const RentalSummary& row) {
  std::string json;
  JsonObject(json)
      .text("rental", row.rental)
      .text("state", row.state)
      .text("queryState", row.query_state)
      .text_if_any("vehicle", row.vehicle)
      .time_if_any("handedOverAt", row.handed_over_at)
      .time_if_any("returnedAt", row.returned_at)
      .text_if_any("party", row.party)
      .flag("assumed", row.assumed)
      .end();
  return json;
}

class RentalPrinter {
 public:
  RentalPrinter(const Session& session, Zone& zone)
      : session_(session),
        zone_(zone),
        table_(session.out, {{"rental", base::Align::kLeft, true},
                             {"state"},
                             {"vehicle", base::Align::kLeft, true},
                             {fmt::format("handed over ({})", zone.name())},
                             {"returned"},
                             {"party", base::Align::kLeft, true}}) {}

  bool add(const RentalSummary& row) {
    if (session_.json()) {
      session_.out.json_line(json_of(row));
    } else {
      table_.row({row.rental, std::string(row.state) + (row.assumed ? " (assumed)" : ""), row.vehicle,
                  time_text(row.handed_over_at), time_text(row.returned_at), row.party});
    }
    return session_.out.is_good() && !session_.stop.stop_requested();
  }

  void finish() {
    if (!session_.json() && !table_.finish()) {
      session_.console.say(fmt::format("{} {}: there is none", session_.verb, session_.ledger.string()));
    }
  }

 private:
  std::string time_text(const std::optional<Timestamp>& time) { return time ? zone_.text(*time) : std::string(); }

  const Session& session_;
  Zone& zone_;
  Table table_;
};

}  // namespace

Result<Exit> run(const Session& session, const ViolationsCommand& command) {
  CARNET_TRY(const Ledger::Opened opened, open_for_reading(session));
  CARNET_TRY(const std::unique_ptr<View> view, opened.ledger->view());
  CARNET_TRY(const Zone zone, zone_for(session, *view, command.zone));
  CARNET_TRY(const StatesThen then,
             StatesThen::make(session, *view, command.as_of, command.known_at, zone, {"violations"}));
  const StateView states = then.get();
  ViolationPrinter printer(session);
  if (command.sum) {
    CARNET_TRY(const auto sums, sum_violations(states));
    for (const ViolationSummary& row : sums) {
      printer.add(row, true);
    }
  } else if (!command.id.empty()) {
    const std::string_view id = bare_id(command.id, "violation");
    CARNET_TRY(const auto found, find_violation(states, id));
    if (!found) {
      return no_such("NoSuchViolation", "violation", id);
    }
    printer.add(*found, false);
  } else {
    const Page page{std::string(bare_id(command.after, "violation")), command.limit};
    CARNET_TRY_VOID(
        list_violations(states, page, [&](const ViolationSummary& row) { return printer.add(row, false); }));
  }
  printer.finish();
  return Exit::kDone;
}

Result<Exit> run(const Session& session, const RentalsCommand& command) {
  CARNET_TRY(const Ledger::Opened opened, open_for_reading(session));
  CARNET_TRY(const std::unique_ptr<View> view, opened.ledger->view());
  CARNET_TRY(Zone zone, zone_for(session, *view, command.zone));
  CARNET_TRY(const StatesThen then,
             StatesThen::make(session, *view, command.as_of, command.known_at, zone, {"contracts", "custody"}));
  const StateView states = then.get();
  RentalPrinter printer(session, zone);
  if (!command.id.empty()) {
    const std::string_view id = bare_id(command.id, "rental");
    CARNET_TRY(const auto found, find_rental(states, id));
    if (!found) {
      return no_such("NoSuchRental", "rental", id);
    }
    printer.add(*found);
  } else {
    const Page page{std::string(bare_id(command.after, "rental")), command.limit};
    CARNET_TRY_VOID(list_rentals(states, page, [&](const RentalSummary& row) { return printer.add(row); }));
  }
  printer.finish();
  return Exit::kDone;
}

}  // namespace carnet::tool
